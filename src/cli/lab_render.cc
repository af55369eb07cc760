#include "cli/lab_render.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/i18n.h"
#include "cli/lab_texts.h"
#include "text/escape.h"
#include "text/utf8.h"

namespace sampan::cli {

namespace {

constexpr std::size_t step_indent = 2;
constexpr std::size_t name_width = 9;    // the longest client's name
constexpr std::size_t arrow_width = 36;  // room for the longest text on an arrow

// A piece of text that stays together: a wide character, or what lies between blanks and wide characters.
std::string_view next_piece(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && text[length] != ' ') {
    const std::size_t one = text::decode_utf8(text.substr(length)).length;
    const bool wide = text::display_width(text.substr(length, one)) == 2;
    if (wide && length > 0) break;
    length += one;
    if (wide) break;
  }
  return text.substr(0, length);
}

// What must not begin a line in Chinese.
bool closes(std::string_view piece) {
  for (const char* const mark : {"，", "。", "：", "；", "、", "）", "！", "？"}) {
    if (piece.starts_with(mark)) return true;
  }
  return false;
}

std::string address_text(const net::address& where) {
  return where.port() == 0 ? where.ip() + ":*" : where.to_string();
}

std::string segment_text(const lab::segment& one) {
  using kind = lab::segment::kind;
  switch (one.what) {
    case kind::syn: return "SYN";
    case kind::syn_ack: return "SYN, ACK";
    case kind::ack: return "ACK";
    case kind::fin: return "FIN";
    case kind::rst: return "RST";
    case kind::data: break;
  }
  return fmt::format(fmt::runtime(_("{} bytes")), one.bytes);
}

const char* segment_name(lab::segment::kind what) {
  constexpr const char* names[] = {"syn", "syn-ack", "ack", "data", "fin", "rst"};
  return names[static_cast<std::size_t>(what)];
}

struct as_text {
  std::string operator()(const lab::call& one) const {
    return wrapped(fmt::format("{} = {}", one.text, text::escape_terminal(one.answer)), std::string(step_indent, ' '),
                   2 * step_indent);
  }

  std::string operator()(const lab::table& rows) const {
    std::string all = fmt::format("\n  {:<10} {:<6} {:<6} {:<16} {}\n", "State", "Recv-Q", "Send-Q", "Local", "Peer");
    for (const auto& row : rows) {
      all += fmt::format("  {:<10} {:<6} {:<6} {:<16} {}\n", net::name_of(row.state), row.receive_queue, row.send_queue,
                         address_text(row.local), address_text(row.remote));
    }
    return rows.empty() ? std::string() : all + '\n';
  }

  std::string operator()(const lab::observation& one) const {
    const std::string claim = lab_claim(one.id);
    if (one.holds) return wrapped(fmt::format("{} ({})", claim, text::escape_terminal(one.seen)), "✓ ", step_indent);
    return wrapped(fmt::format("{} [{}]", claim, one.id), "✗ ", step_indent) +
           wrapped(fmt::format(fmt::runtime(_("expected: {}")), one.expected), "    ", 2 * step_indent) +
           wrapped(fmt::format(fmt::runtime(_("seen: {}")), text::escape_terminal(one.seen)), "    ", 2 * step_indent);
  }

  // Each line has the names of its own ends: with several clients, columns would not fit.
  std::string operator()(const lab::drawing& all) const {
    std::string text = "\n";
    for (const lab::segment& one : all) {
      const std::string label = ' ' + segment_text(one) + ' ';
      const std::size_t dashes = arrow_width - std::min(text::display_width(label), arrow_width - 2);
      const std::string left(dashes / 2, '-'), right(dashes - dashes / 2, '-');
      std::string arrow = left + label + right;
      (one.to_server ? arrow.back() : arrow.front()) = one.to_server ? '>' : '<';
      text += fmt::format("  {:<{}} |{}| server\n", one.client, name_width, arrow);
    }
    return text;
  }
};

struct as_json {
  static std::string quoted(std::string_view text) { return '"' + text::escape_json(text) + '"'; }

  std::string operator()(const lab::call& one) const {
    return fmt::format(R"("call":{},"answer":{})", quoted(one.text), quoted(one.answer));
  }
  std::string operator()(const lab::table& rows) const {
    std::string all;
    for (const auto& row : rows) {
      all += fmt::format(R"({}{{"state":"{}","recv_q":{},"send_q":{},"local":"{}","peer":"{}"}})",
                         all.empty() ? "" : ",", net::name_of(row.state), row.receive_queue, row.send_queue,
                         row.local.to_string(), row.remote.to_string());
    }
    return R"("table":[)" + all + ']';
  }
  std::string operator()(const lab::observation& one) const {
    return fmt::format(R"("claim":"{}","text":{},"expected":{},"seen":{},"holds":{})", one.id,
                       quoted(lab_claim(one.id)), quoted(one.expected), quoted(one.seen), one.holds);
  }
  std::string operator()(const lab::drawing& segments) const {
    std::string all;
    for (const lab::segment& one : segments) {
      all += fmt::format(R"({}{{"client":"{}","to_server":{},"kind":"{}","bytes":{}}})", all.empty() ? "" : ",",
                         one.client, one.to_server, segment_name(one.what), one.bytes);
    }
    return R"("segments":[)" + all + ']';
  }
};

}  // namespace

std::string wrapped(std::string_view text, std::string_view first, std::size_t indent) {
  std::string all(first);
  std::size_t column = text::display_width(first);
  bool begun = false;  // the line has a piece already
  while (!text.empty()) {
    const bool blank = text.front() == ' ';
    if (blank) text.remove_prefix(1);
    const std::string_view piece = next_piece(text);
    text.remove_prefix(piece.size());
    std::size_t needed = text::display_width(piece);
    if (closes(next_piece(text))) needed += 2;  // the mark has to come along
    if (begun && column + (blank ? 1 : 0) + needed > lab_width && !closes(piece)) {
      all += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (blank && begun) {
      all += ' ';
      ++column;
    }
    all += piece;
    column += text::display_width(piece);
    begun = true;
  }
  return all + '\n';
}

std::string lab_text(const lab::step& one) { return std::visit(as_text{}, one); }

std::string lab_json(std::string_view experiment, std::string_view sabotage, const lab::step& one) {
  const std::string broken = sabotage.empty() ? "" : fmt::format(R"("sabotage":"{}",)", sabotage);
  return fmt::format(R"({{"experiment":"{}",{}{}}})", experiment, broken, std::visit(as_json{}, one)) + '\n';
}

}  // namespace sampan::cli
