#include "talk/escapes.h"

#include "text/hex_dump.h"

namespace sampan::talk {

namespace {

void append(std::vector<typed_piece>& pieces, bool raw, std::string_view bytes) {
  if (pieces.empty() || pieces.back().raw != raw) pieces.push_back({raw, {}});
  pieces.back().bytes += bytes;
}

// Takes one escape, which begins with its backslash, from the front.
result<void> take_escape(std::string_view& typed, std::vector<typed_piece>& pieces) {
  const auto fail = [&](std::size_t length) {
    return error::make(errc::bad_value, "read", typed.substr(0, length), "known are \\xHH \\r \\n \\t \\0 \\\\");
  };
  if (typed.size() < 2) return fail(1);
  std::size_t length = 2;
  switch (typed[1]) {
    case 'r': append(pieces, true, "\r"); break;
    case 'n': append(pieces, true, "\n"); break;
    case 't': append(pieces, true, "\t"); break;
    case '0': append(pieces, true, std::string_view("\0", 1)); break;
    case '\\': append(pieces, false, "\\"); break;
    case 'x': {
      length = 4;
      const auto byte = text::typed_hex(typed.substr(2, 2));
      if (!byte || byte->size() != 1) return fail(length);
      append(pieces, true, *byte);
      break;
    }
    default: return fail(length);
  }
  typed.remove_prefix(length);
  return {};
}

}  // namespace

result<std::vector<typed_piece>> read_escapes(std::string_view typed) {
  std::vector<typed_piece> pieces;
  while (!typed.empty()) {
    const std::string_view plain = typed.substr(0, typed.find('\\'));
    if (!plain.empty()) append(pieces, false, plain);
    typed.remove_prefix(plain.size());
    if (typed.empty()) break;
    if (auto taken = take_escape(typed, pieces); !taken) return taken.error();
  }
  return pieces;
}

result<void> encode_escaped(std::string_view typed, text::encoder& encoder, std::string& out) {
  const auto pieces = read_escapes(typed);
  if (!pieces) return pieces.error();
  std::string bytes;
  for (const typed_piece& one : *pieces) {
    if (one.raw) {
      bytes += one.bytes;
    } else if (auto done = encoder.encode(one.bytes, bytes); !done) {
      return done.error();
    }
  }
  out += bytes;
  return {};
}

}  // namespace sampan::talk
