#include "http/chunked.h"

#include <algorithm>

#include "text/hex.h"

namespace sampan::http {

namespace {

// 16 digits hold 2^63 - 1; more could only be zeros in front, of which there would be no end.
constexpr int most_digits = 16;
constexpr std::uint64_t largest_chunk = INT64_MAX;  // what file offsets hold

}  // namespace

chunked_decoder::at chunked_decoder::next_of_size(char c) {
  const int value = text::hex_value(c);
  if (value >= 0) {
    left_ = left_ << 4 | static_cast<unsigned>(value);
    return ++digits_ > most_digits || left_ > largest_chunk ? at::bad : at::size;
  }
  if (digits_ == 0) return at::bad;
  skipped_ = 0;
  return next_of_extension(c);
}

// RFC 9112 7.1.1: unknown extensions are passed over. Blanks without an extension are tolerated too, as some servers fill up the
// line with them: the line still ends where it ends.
chunked_decoder::at chunked_decoder::next_of_extension(char c) {
  if (c == '\r') return at::size_lf;
  if (++skipped_ > longest_extension || c == '\n' || c == '\0') return at::bad;
  if (at_ == at::extension || c == ';') return at::extension;
  return c == ' ' || c == '\t' ? at::blank : at::bad;
}

chunked_decoder::at chunked_decoder::next_of_trailer(char c) {
  if (++skipped_ > longest_trailer || c == '\n' || c == '\0') return at::bad;
  if (c != '\r') return at::trailer;
  return at_ == at::line_start ? at::last_lf : at::trailer_lf;
}

chunked_decoder::at chunked_decoder::next(char c) {
  switch (at_) {
    case at::size: return next_of_size(c);
    case at::blank:
    case at::extension: return next_of_extension(c);
    case at::size_lf:
      if (c != '\n') return at::bad;
      digits_ = 0;
      skipped_ = 0;
      return left_ > 0 ? at::data : at::line_start;
    case at::data_cr: return c == '\r' ? at::data_lf : at::bad;
    case at::data_lf: return c == '\n' ? at::size : at::bad;
    case at::line_start:
    case at::trailer: return next_of_trailer(c);
    case at::trailer_lf: return c == '\n' ? at::line_start : at::bad;
    case at::last_lf: return c == '\n' ? at::end : at::bad;
    case at::data:
    case at::end:
    case at::bad: break;
  }
  return at_;
}

chunked_decoder::step chunked_decoder::feed(std::string_view bytes) {
  step made;
  while (made.taken < bytes.size() && at_ != at::end && at_ != at::bad) {
    if (at_ == at::data) {
      made.body = bytes.substr(made.taken, std::min<std::uint64_t>(left_, bytes.size() - made.taken));
      made.taken += made.body.size();
      left_ -= made.body.size();
      if (left_ == 0) at_ = at::data_cr;
      break;
    }
    at_ = next(bytes[made.taken]);
    if (at_ != at::bad) ++made.taken;
  }
  if (at_ == at::end) made.now = state::done;
  if (at_ == at::bad) made.now = state::malformed;
  return made;
}

}  // namespace sampan::http
