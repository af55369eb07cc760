// A lane and the bytes of an answer: compared with what is held, or written.
#include <algorithm>
#include <cstring>

#include "client/lane.h"

namespace sampan::client {

namespace {

// Of a body at once, where it is copied.
constexpr std::size_t portion = 256 * 1024;

}  // namespace

result<void> lane::compare_held(std::uint64_t at, std::span<const char> bytes) {
  held_buffer_.resize(portion);
  // What a stream has passed on is gone, but for its end.
  const std::uint64_t gone = all_.file->readable_from() > at ? all_.file->readable_from() - at : 0;
  bytes = bytes.subspan(static_cast<std::size_t>(std::min<std::uint64_t>(gone, bytes.size())));
  at += gone;
  while (!bytes.empty()) {
    const auto most = std::min(bytes.size(), held_buffer_.size());
    const auto got = all_.file->read(at, std::span(held_buffer_).first(most));
    if (!got) return got.error();
    if (*got == 0) return all_.problem(errc::changed, "what is kept cannot be read back");
    if (std::memcmp(held_buffer_.data(), bytes.data(), *got) != 0) {
      return all_.problem(errc::changed, "its bytes are not those that are kept");
    }
    at += *got;
    bytes = bytes.subspan(*got);
  }
  return {};
}

// One portion of a body whose next byte belongs to `at` of the file: what lies before `write_from` is compared, the rest written, and
// nothing is taken beyond `limit`. 0: the body's end.
result<std::size_t> lane::take_some(response& got, std::uint64_t at, std::uint64_t write_from, std::uint64_t limit) {
  const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(limit - at, SIZE_MAX / 2));
  if (at >= write_from && all_.file->fd() >= 0) {
    const auto moved = got.move(all_.file->fd(), at, room, patience_);
    if (!moved) return moved.error();
    if (*moved) {
      if (**moved > 0) all_.file->wrote({at, at + **moved});
      if (auto good = hash_back(at, at + **moved); !good) return good.error();
      return **moved;
    }
  }
  buffer_.resize(portion);
  auto read = got.read(std::span(buffer_).first(std::min(room, portion)), patience_);
  if (!read || *read == 0) return read;
  const std::span<const char> bytes(buffer_.data(), *read);
  const auto old =
      at >= write_from ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), write_from - at));
  if (auto same = compare_held(at, bytes.first(old)); !same) return same.error();
  if (old == bytes.size()) return *read;
  if (auto good = all_.file->write(at + old, bytes.subspan(old)); !good) return good.error();
  all_.verify.wrote(at + old, bytes.subspan(old));
  return *read;
}

// What the kernel moved is read back from its cache to be hashed: that costs a fifth less than to receive and write it.
result<void> lane::hash_back(std::uint64_t from, std::uint64_t to) {
  while (from < to && all_.verify.is_next(from)) {
    buffer_.resize(portion);
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(portion, to - from));
    const auto got = all_.file->read(from, std::span(buffer_).first(most));
    if (!got) return got.error();
    if (*got == 0) return all_.problem(errc::changed, "what was written cannot be read back");
    all_.verify.wrote(from, std::span<const char>(buffer_).first(*got));
    from += *got;
  }
  return {};
}

std::uint64_t lane::limit_of(const body& where) const {
  if (where.write_from >= where.end) return where.end;  // nothing is written: there is no lease
  const std::lock_guard guard(all_.mutex);
  return std::min(where.end, all_.parts.limit(number_));
}

result<void> lane::receive(response& got, body where) {
  // With chunks the end has to be heard, which also shows that they were not too many.
  const bool hears_end = got.framing.end == http::body_end::chunked;
  for (;;) {
    const std::uint64_t limit = limit_of(where);
    if (where.at >= limit) break;
    const auto bytes = take_some(got, where.at, where.write_from, limit);
    if (!bytes) return bytes.error();
    if (*bytes == 0 && where.end != UINT64_MAX) {
      return all_.problem(got.framing.end == http::body_end::close ? errc::cut_short : errc::malformed_answer,
                          "fewer bytes than the range");
    }
    if (*bytes == 0) {
      const std::lock_guard guard(all_.mutex);
      all_.parts.set_total(where.at);
      break;
    }
    where.at += *bytes;
    if (where.at <= where.write_from || where.write_from >= where.end) continue;
    all_.came += std::min<std::uint64_t>(*bytes, where.at - where.write_from);
    const std::lock_guard guard(all_.mutex);
    all_.parts.advance(number_, where.at);
  }
  if (hears_end && where.at == where.end) {
    char one;
    const auto more = got.read({&one, 1}, patience_);
    if (!more) return more.error();
    if (*more > 0) return all_.problem(errc::malformed_answer, "more bytes than the range");
  }
  if (got.surplus()) all_.surplus = true;
  return {};
}

}  // namespace sampan::client
