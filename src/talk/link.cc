#include "talk/link.h"

#include <array>

#include "net/datagram.h"
#include "net/unix_socket.h"

namespace sampan::talk {

namespace {
constexpr std::size_t read_bytes = 64 * 1024;  // no datagram is longer
// UDP: for the message that nobody listens, from the other side of the world.
constexpr std::chrono::seconds longest_refusal{1};
constexpr int last_reads = 64;  // 1 MiB: what a peer that goes on sending is given before it gets its reset

struct connected {
  base::unique_fd fd;
  std::string peer;
};

int family_of(ip_family only) {
  if (only == ip_family::any) return AF_UNSPEC;
  return only == ip_family::v4 ? AF_INET : AF_INET6;
}

result<connected> connect(const client_options& options) {
  const auto limits = net::patience::lasting(options.connect_timeout, options.interrupt_fd);
  if (!options.unix_path.empty()) {
    auto made = net::connect_unix(options.unix_path, limits);
    if (!made) return made.error();
    return connected{std::move(*made), options.unix_path};
  }
  auto made = net::connect_to(
      {options.host, options.port}, limits,
      {options.datagram, family_of(options.only), options.numeric, options.source, options.source_port});
  if (!made) return made.error();
  return connected{std::move(made->fd), made->peer.to_string()};
}
}  // namespace

link::link(bool datagram, net::tcp_stream stream, std::string peer, text::decoder decoder)
    : datagram_(datagram), stream_(std::move(stream)), peer_(std::move(peer)), decoder_(std::move(decoder)) {}

result<link> link::open(const client_options& options, const text::decoder& decoder, const recorder::sink& record) {
  auto made = connect(options);
  if (!made) return made.error();
  link one(options.datagram, net::tcp_stream(std::move(made->fd)), made->peer, decoder.another());
  if (record) one.recorder_.emplace(options.frames, decoder.another(), 0, one.peer_, record);
  return one;
}

result<std::string> check_port(const client_options& options) {
  auto made = connect(options);
  if (!made) return made.error();
  if (options.datagram) {
    net::tcp_stream asking(std::move(made->fd));
    asking.send(std::string_view("\0", 1));
    const auto limits = net::patience::lasting(longest_refusal, options.interrupt_fd);
    std::array<char, 1> byte;
    if (net::wait_for(asking.fd(), POLLIN, limits) == net::waited::interrupted) {
      return error::make(errc::interrupted, "connect to", made->peer);
    }
    const auto answer = asking.receive(byte);
    if (answer.error != 0 && !answer.would_block()) return error::system(answer.error, "connect to", made->peer);
  }
  return std::move(made->peer);
}

void link::use(const text::decoder& decoder, std::string& out) {
  decoder_.finish(out);
  decoder_ = decoder.another();
  if (recorder_) recorder_->use(decoder.another());
}

void link::queue(std::string_view bytes) {
  queue_ += bytes;
  if (recorder_) recorder_->went(bytes);
}

void link::finish_record() {
  if (recorder_) recorder_->finish();
}

got link::receive(std::string& out) {
  std::string_view raw;
  return receive(out, raw);
}

got link::receive(std::string& out, std::string_view& raw) {
  block_.resize(read_bytes);
  const auto moved = stream_.receive(block_);
  raw = {block_.data(), moved.bytes};
  if (moved.would_block() || (datagram_ && moved.bytes == 0 && moved.error == 0)) return got::nothing_yet;
  if (moved.bytes != 0) {
    decoder_.feed(raw, out);
    if (recorder_) recorder_->came(raw);
    return got::text;
  }
  decoder_.finish(out);
  finish_record();
  return moved.error != 0 || broken_ ? got::reset : got::end;
}

bool link::flush() {
  const std::size_t before = sent_;
  while (has_queued()) {
    const auto moved =
        stream_.send(std::string_view(queue_).substr(sent_, datagram_ ? net::longest_datagram : queue_.size()));
    if (moved.would_block()) return sent_ != before;
    if (moved.error != 0) {
      broken_ = true;  // remembered, since this send took the socket's error away
      break;
    }
    sent_ += moved.bytes;
  }
  queue_.clear();
  sent_ = 0;
  return !broken_;
}

void link::leave() {
  finish_record();
  stream_.finish_sending();
  std::array<char, read_bytes> block;
  for (int i = 0; i < last_reads && stream_.receive(block).bytes != 0; ++i) {
  }
  stream_.close();
}

std::string words_for(milliseconds length) {
  if (length.count() % 1000 != 0) return std::to_string(length.count()) + " ms";
  return std::to_string(length.count() / 1000) + " s";
}

error reset_by(const link& peer) { return error::make(errc::connection_reset, "receive from", peer.peer()); }

}  // namespace sampan::talk
