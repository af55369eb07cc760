#include "text/encoder.h"

#include <array>
#include <cstdio>
#include <optional>

#include "text/converter.h"
#include "text/utf8.h"

namespace sampan::text {
namespace {

error bad_byte(std::string_view byte) {
  std::array<char, 16> detail;
  std::snprintf(detail.data(), detail.size(), "byte 0x%02X",
                static_cast<unsigned>(static_cast<unsigned char>(byte.front())));
  return error::make(errc::not_encodable, "encode", byte.substr(0, 1), detail.data());
}

error bad_character(std::string_view utf8, char32_t c) {
  std::array<char, 16> detail;
  std::snprintf(detail.data(), detail.size(), "U+%04X", static_cast<unsigned>(c));
  return error::make(errc::not_encodable, "encode", utf8, detail.data());
}

/// Single bytes that glibc's multi-byte tables produce and that only their own kin reads: GBK's 0x80 for €, C1 controls in the EUCs.
bool is_stray_byte(std::string_view bytes) noexcept {
  const unsigned b = static_cast<unsigned char>(bytes.front());
  return bytes.size() == 1 && ((b >= 0x80 && b <= 0xa0) || b > 0xfc);
}

}  // namespace

struct encoder::tables {
  encoding which;
  std::optional<converter> to;      // none for UTF-8
  std::optional<converter> back;    // the same table read backwards
  std::optional<converter> gb2312;  // the standard's own table: which code points it has
  std::string bytes, again;         // scratch

  /// Appends one character; false: a strict peer would not read the same one.
  /// Decoding back finds what glibc's tables map one way only, e.g. ¥ to the backslash's byte in CP932.
  bool put(std::string_view utf8, std::string& out) {
    if (!to->convert_all(utf8, bytes) || bytes.empty()) return false;
    if (is_multibyte(which) && is_stray_byte(bytes)) return false;
    if (!back->convert_all(bytes, again) || again != utf8) return false;
    if (gb2312 && !gb2312->convert_all(bytes, again)) return false;
    out += bytes;
    return true;
  }
};

result<encoder> encoder::open(encoding which) {
  auto shared = std::make_shared<tables>();
  shared->which = which;
  if (const char* name = iconv_name(which)) {
    auto to = converter::open(name, "UTF-8");
    if (!to) return to.error();
    auto back = converter::open("UTF-8", name);
    if (!back) return back.error();
    shared->to = std::move(*to);
    shared->back = std::move(*back);
  }
  if (which == encoding::gb2312) {
    auto narrow = converter::open("UTF-8", "EUC-CN");
    if (!narrow) return narrow.error();
    shared->gb2312 = std::move(*narrow);
  }
  return encoder(std::move(shared));
}

encoder encoder::another() const { return encoder(tables_); }

result<void> encoder::encode(std::string_view utf8, std::string& out) {
  std::string joined;
  if (held_size_ != 0) {
    joined.assign(held_, held_size_);
    joined += utf8;
    utf8 = joined;
    held_size_ = 0;
  }
  const std::size_t before = out.size();
  const bool ascii_as_is = has_ascii(tables_->which);
  while (!utf8.empty()) {
    const utf8_char c = decode_utf8(utf8);
    if (c.status == utf8_status::incomplete) break;
    const std::string_view bytes = utf8.substr(0, c.length);
    if (c.status == utf8_status::invalid) {
      out.resize(before);
      return bad_byte(bytes);
    }
    if (!tables_->to || (ascii_as_is && c.code_point < 0x80)) {
      out += bytes;
    } else if (!tables_->put(bytes, out)) {
      out.resize(before);
      return bad_character(bytes, c.code_point);
    }
    utf8.remove_prefix(c.length);
  }
  held_size_ = static_cast<unsigned char>(utf8.copy(held_, sizeof held_));
  return {};
}

result<void> encoder::finish() {
  if (held_size_ == 0) return {};
  held_size_ = 0;
  return bad_byte({held_, 1});
}

result<std::string> encode_text(encoding which, std::string_view utf8) {
  auto stream = encoder::open(which);
  if (!stream) return stream.error();
  std::string bytes;
  if (auto done = stream->encode(utf8, bytes); !done) return done.error();
  if (auto done = stream->finish(); !done) return done.error();
  return bytes;
}

}  // namespace sampan::text
