#include "text/decoder.h"

#include <cassert>
#include <optional>

#include "text/converter.h"
#include "text/utf8.h"

namespace sampan::text {
namespace {

constexpr unsigned byte_at(std::string_view in, std::size_t i) { return static_cast<unsigned char>(in[i]); }

void mark_byte(std::string_view& in, std::string& out) {
  constexpr char digits[] = "0123456789abcdef";
  const unsigned b = byte_at(in, 0);
  out += "\\x";
  out += digits[b >> 4];
  out += digits[b & 15U];
  in.remove_prefix(1);
}

stop run_utf8(std::string_view& in, std::string& out) {
  std::size_t whole = 0;
  stop why = stop::end;
  while (whole < in.size() && why == stop::end) {
    const utf8_char c = decode_utf8(in.substr(whole));
    if (c.status == utf8_status::ok) {
      whole += c.length;
    } else {
      why = c.status == utf8_status::incomplete ? stop::incomplete : stop::invalid;
    }
  }
  out += in.substr(0, whole);
  in.remove_prefix(whole);
  return why;
}

/// Is `in` the beginning of GB 18030's four-byte form: 81-fe, 30-39, 81-fe, 30-39? end: yes, all four are there.
stop four_byte_form(std::string_view in) noexcept {
  const auto fits = [in](std::size_t i) {
    const unsigned b = byte_at(in, i);
    return i % 2 == 0 ? b >= 0x81 && b <= 0xfe : b >= 0x30 && b <= 0x39;
  };
  for (std::size_t i = 0; i < 4; ++i) {
    if (i == in.size()) return stop::incomplete;
    if (!fits(i)) return stop::invalid;
  }
  return stop::end;
}

bool is_private(char32_t c) noexcept { return c >= 0xe000 && c <= 0xf8ff; }

/// glibc's tables for Big5, CP932, EUC-JP and EUC-KR let some bytes 80-9f through as C1 controls, which those encodings do not have.
/// Nothing else becomes C1 there, so the bytes can be told from the output.
void mark_c1(std::string& out, std::size_t from) {
  for (std::size_t i = from; (i = out.find('\xc2', i)) != std::string::npos && i + 1 < out.size(); ++i) {
    std::string_view c1 = std::string_view(out).substr(i + 1, 1);
    if (byte_at(c1, 0) > 0x9f) continue;
    std::string mark;
    mark_byte(c1, mark);
    out.replace(i, 2, mark);
  }
}

}  // namespace

struct decoder::tables {
  encoding which;
  std::optional<converter> main;     // none for UTF-8
  std::optional<converter> gb18030;  // what gbk and gb2312 take beyond GBK
  bool has_false_c1;

  stop run(std::string_view& in, std::string& out) {
    if (!main) return run_utf8(in, out);
    const std::size_t before = out.size();
    const stop why = main->run(in, out);
    if (has_false_c1) mark_c1(out, before);
    return why;
  }

  /// `in` begins with what GBK does not know. Takes a GB 18030 character from it; end: taken.
  /// A pair that GB 18030 only gives a private-use code point is no character (its second byte may be ASCII that must not be lost).
  stop run_extension(std::string_view& in, std::string& out) {
    const stop four = four_byte_form(in);
    if (four == stop::incomplete) return stop::incomplete;
    const std::string_view candidate = in.substr(0, four == stop::end ? 4 : 2);
    std::string utf8;
    if (!gb18030->convert_all(candidate, utf8)) return stop::invalid;
    const utf8_char c = decode_utf8(utf8);
    if (c.length != utf8.size() || (candidate.size() == 2 && is_private(c.code_point))) return stop::invalid;
    out += utf8;
    in.remove_prefix(candidate.size());
    return stop::end;
  }
};

result<decoder> decoder::open(encoding which) {
  auto shared = std::make_shared<tables>();
  shared->which = which;
  shared->has_false_c1 = is_multibyte(which) && which >= encoding::big5;
  if (const char* name = iconv_name(which)) {
    auto main = converter::open("UTF-8", name);
    if (!main) return main.error();
    shared->main = std::move(*main);
  }
  if (which == encoding::gbk || which == encoding::gb2312) {
    auto more = converter::open("UTF-8", "GB18030");
    if (!more) return more.error();
    shared->gb18030 = std::move(*more);
  }
  return decoder(std::move(shared));
}

decoder decoder::another() const { return decoder(tables_); }

void decoder::run(std::string_view& in, std::string& out, bool ended) {
  const std::size_t unit = has_ascii(tables_->which) ? 1 : 2;
  while (!in.empty()) {
    stop why = tables_->run(in, out);
    if (why == stop::end) return;
    if (why == stop::invalid && tables_->gb18030) why = tables_->run_extension(in, out);
    if (why == stop::end) continue;
    if (why == stop::incomplete && !ended) return;
    mark_byte(in, out);
    if (unit == 2 && !in.empty()) mark_byte(in, out);
  }
}

void decoder::feed(std::string_view bytes, std::string& utf8_out) {
  std::string joined;
  if (held_size_ != 0) {
    joined.assign(held_, held_size_);
    joined += bytes;
    bytes = joined;
  }
  run(bytes, utf8_out, false);
  assert(bytes.size() <= sizeof held_);
  held_size_ = static_cast<unsigned char>(bytes.copy(held_, sizeof held_));
}

void decoder::finish(std::string& utf8_out) {
  std::string_view rest(held_, held_size_);
  run(rest, utf8_out, true);
  held_size_ = 0;
}

}  // namespace sampan::text
