#include "text/escape.h"

#include "text/utf8.h"

namespace sampan::text {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

/// Characters beyond ASCII that show nothing, or change how others are shown.
bool is_hidden(char32_t c) noexcept {
  return (c >= 0x80 && c <= 0x9f)         // C1: a terminal may take U+009B for CSI
         || c == 0x061c || c == 0x180e    // Arabic letter mark, Mongolian vowel separator
         || (c >= 0x200b && c <= 0x200f)  // zero-width, and the left-to-right and right-to-left marks
         || (c >= 0x2028 && c <= 0x202e)  // line and paragraph separator, bidi embeddings and overrides
         || (c >= 0x2060 && c <= 0x206f)  // word joiner, invisible operators, bidi isolates, deprecated controls
         || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb)  // byte order mark, interlinear annotation
         || c == 0xfffe || c == 0xffff                   // no characters at all, and not allowed in XML
         || (c >= 0xe0000 && c <= 0xe007f);              // tags: ASCII text that nobody sees
}

void append_byte(std::string& out, unsigned char b) {
  out += "\\x";
  out += hex_digits[b >> 4];
  out += hex_digits[b & 15U];
}

void append_byte_in_capitals(std::string& out, unsigned char b) {
  constexpr char digits[] = "0123456789ABCDEF";
  out += "\\x";
  out += digits[b >> 4];
  out += digits[b & 15U];
}

/// Moves the printable ASCII at the front, but for `"` and `\`, to `out`: nearly all of nearly every log line. False when nothing is left.
bool move_plain(std::string_view& bytes, std::string& out) {
  std::size_t length = 0;
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  while (length < bytes.size() && plain(bytes[length])) ++length;
  out += bytes.substr(0, length);
  bytes.remove_prefix(length);
  return !bytes.empty();
}

void append_code_point(std::string& out, char32_t c) {
  out += "\\u{";
  int shift = 20;
  while (shift > 0 && (c >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) out += hex_digits[(c >> shift) & 15U];
  out += '}';
}

void append_control(std::string& out, unsigned char c) {
  switch (c) {
    case '\0': out += "\\0"; break;
    case '\t': out += "\\t"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    default: append_byte(out, c);
  }
}

/// Takes one character (or one broken byte) from the front of `bytes`.
void escape_one(std::string_view& bytes, std::string& out) {
  const utf8_char c = decode_utf8(bytes);
  if (c.status != utf8_status::ok) {
    append_byte(out, static_cast<unsigned char>(bytes.front()));
    bytes.remove_prefix(1);
    return;
  }
  if (c.code_point < 0x20 || c.code_point == 0x7f) {
    append_control(out, static_cast<unsigned char>(c.code_point));
  } else if (is_hidden(c.code_point)) {
    append_code_point(out, c.code_point);
  } else {
    out += bytes.substr(0, c.length);
  }
  bytes.remove_prefix(c.length);
}

void append_utf16(std::string& out, char32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex_digits[(unit >> shift) & 15U];
}

/// JSON writes what lies beyond U+FFFF as two UTF-16 surrogates (RFC 8259 7).
void append_json_escape(std::string& out, char32_t c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\t': out += "\\t"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    default: break;
  }
  if (c > 0xffff) {
    append_utf16(out, 0xd800 + ((c - 0x10000) >> 10));
    c = 0xdc00 + (c & 0x3ff);
  }
  append_utf16(out, c);
}

}  // namespace

std::string escape_terminal(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) escape_one(bytes, out);
  return out;
}

std::string escape_log(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  append_escaped_log(out, bytes);
  return out;
}

void append_escaped_log(std::string& out, std::string_view bytes) {
  while (move_plain(bytes, out)) {
    if (bytes.front() == '\\') {
      out += "\\\\";
      bytes.remove_prefix(1);
    } else {
      escape_one(bytes, out);
    }
  }
}

void append_escaped_quoted(std::string& out, std::string_view bytes) {
  while (move_plain(bytes, out)) {
    const utf8_char c = decode_utf8(bytes);
    const bool shown = c.status == utf8_status::ok && c.code_point >= 0x80 && !is_hidden(c.code_point);
    const std::string_view whole = bytes.substr(0, c.status == utf8_status::ok ? c.length : 1);
    if (shown) {
      out += whole;
    } else {
      for (const char byte : whole) append_byte_in_capitals(out, static_cast<unsigned char>(byte));
    }
    bytes.remove_prefix(whole.size());
  }
}

std::string escape_html(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  const auto put = [&](std::string_view reference) {
    out += reference;
    bytes.remove_prefix(1);
  };
  while (!bytes.empty()) {
    switch (bytes.front()) {
      case '&': put("&amp;"); break;
      case '<': put("&lt;"); break;
      case '>': put("&gt;"); break;
      case '"': put("&quot;"); break;
      case '\'': put("&#39;"); break;
      default: escape_one(bytes, out);
    }
  }
  return out;
}

std::string escape_json(std::string_view bytes) {
  constexpr char32_t replacement = 0xfffd;
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const utf8_char c = decode_utf8(bytes);
    const bool whole = c.status == utf8_status::ok;
    const std::size_t length = whole ? c.length : 1;
    const char32_t is = whole ? c.code_point : replacement;
    const bool control = is < 0x20 || is == 0x7f;
    if (!whole || control || is == '"' || is == '\\' || is_hidden(is)) {
      append_json_escape(out, is);
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length);
  }
  return out;
}

void stream_escaper::feed(std::string_view utf8, std::string& out) {
  while (!utf8.empty()) {
    const char c = utf8.front();
    if (held_cr_) {
      if (c != '\n') out += "\\r";
      held_cr_ = false;
    }
    if (c == '\r') {
      held_cr_ = true;
      utf8.remove_prefix(1);
    } else if (c == '\n' || c == '\t') {
      out += c;
      utf8.remove_prefix(1);
    } else {
      escape_one(utf8, out);
    }
  }
}

void stream_escaper::finish(std::string& out) {
  if (held_cr_) out += "\\r";
  held_cr_ = false;
}

}  // namespace sampan::text
