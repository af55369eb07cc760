#include "client/transfer.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "http/chunked.h"

namespace sampan::client {

namespace {

// How often a transfer is looked at: for the progress line, and for bytes that are too few to wake poll(2) by themselves.
constexpr std::chrono::milliseconds glance{100};
// Of chunked bytes at once: as the receiver's portions.
constexpr std::size_t chunked_portion = 1 << 20;

// Takes the chunked coding out of `bytes`, in place, so that one write(2) serves any number of small chunks. Afterwards they
// begin with the body's bytes.
struct decoded {
  std::size_t body = 0;
  http::chunked_decoder::state now = http::chunked_decoder::state::more;
  bool surplus = false;
};
decoded decode(http::chunked_decoder& decoder, std::span<char> bytes) {
  decoded made;
  std::string_view rest(bytes.data(), bytes.size());
  while (!rest.empty() && made.now == http::chunked_decoder::state::more) {
    const auto step = decoder.feed(rest);
    if (!step.body.empty()) std::memmove(bytes.data() + made.body, step.body.data(), step.body.size());
    made.body += step.body.size();
    made.now = step.now;
    rest.remove_prefix(step.taken);
  }
  made.surplus = made.now == http::chunked_decoder::state::done && !rest.empty();
  return made;
}

}  // namespace

result<void> transfer::until_end(std::string_view came) {
  if (auto good = into_.write(came); !good) return good.error();
  receiver bytes(socket_);
  net::set_receive_low_water(socket_, receiver::worthwhile);
  return repeat([&] { return bytes.move(into_); });
}

result<void> transfer::exactly(std::uint64_t length, std::string_view came) {
  size_ = length;
  const auto mine = came.substr(0, std::min<std::uint64_t>(came.size(), length));
  surplus_ = mine.size() < came.size();
  if (auto good = into_.write(mine); !good) return good.error();
  std::uint64_t left = length - mine.size();
  std::optional<receiver> bytes;
  if (left > 0) {
    bytes.emplace(socket_);
    net::set_receive_low_water(socket_, receiver::worthwhile);
  }
  auto all = repeat([&]() -> result<receiver::step> {
    if (left == 0) return receiver::step::ended;
    // Nothing behind the last bytes would wake poll(2).
    if (left < receiver::worthwhile) net::set_receive_low_water(socket_, static_cast<int>(left));
    const auto before = into_.written();
    auto step = bytes->move(into_, left);
    left -= into_.written() - before;
    if (step && *step == receiver::step::ended) return server_.receive_failed(errc::cut_short);
    return step;
  });
  char one;
  surplus_ = surplus_ || net::peek_some(socket_, {&one, 1}).bytes > 0;
  return all;
}

result<void> transfer::chunked(std::string came) {
  http::chunked_decoder decoder;
  std::vector<char> buffer;
  const auto take = [&](std::span<char> coded) -> result<receiver::step> {
    const auto found = decode(decoder, coded);
    surplus_ = found.surplus;
    if (auto good = into_.write(coded.first(found.body)); !good) return good.error();
    switch (found.now) {
      case http::chunked_decoder::state::malformed: return server_.receive_failed(errc::malformed_answer, "bad chunk");
      case http::chunked_decoder::state::done: return receiver::step::ended;
      case http::chunked_decoder::state::more: break;
    }
    return receiver::step::moved;
  };
  net::set_receive_low_water(socket_, receiver::worthwhile);
  return repeat([&]() -> result<receiver::step> {
    if (buffer.empty()) {
      buffer.resize(chunked_portion);
      return take(came);
    }
    const auto got = net::receive_some(socket_, buffer);
    if (got.would_block()) return receiver::step::drained;
    if (got.error != 0) return server_.receive_failed(got.error);
    if (got.bytes == 0) return server_.receive_failed(errc::cut_short);
    return take(std::span(buffer).first(got.bytes));
  });
}

result<void> transfer::repeat(const std::function<result<receiver::step>()>& move) {
  const get_options& options = server_.options();
  auto last_byte = std::chrono::steady_clock::now();
  auto last_glance = last_byte;
  for (;;) {
    const auto step = move();
    if (!step) return step.error();
    const auto now = std::chrono::steady_clock::now();
    if (*step == receiver::step::moved) last_byte = now;
    if (now - last_glance >= glance || *step == receiver::step::ended) {
      last_glance = now;
      if (options.on_progress) options.on_progress(into_.written(), size_);
      if (net::wait_for(-1, POLLIN, server_.lasting({})) == net::waited::interrupted) return server_.interrupted();
    }
    if (*step == receiver::step::ended) return {};
    if (*step == receiver::step::moved) continue;
    if (now - last_byte >= options.idle_timeout) return server_.receive_failed(errc::stalled);
    if (net::wait_for(socket_, POLLIN, server_.lasting(glance)) == net::waited::interrupted) {
      return server_.interrupted();
    }
  }
}

}  // namespace sampan::client
