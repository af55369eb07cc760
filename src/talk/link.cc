#include "talk/link.h"

namespace sampan::talk {

namespace {
constexpr std::size_t read_bytes = 16 * 1024;
constexpr int last_reads = 64;  // 1 MiB: what a peer that goes on sending is given before it gets its reset
}  // namespace

link::link(net::tcp_stream stream, std::string peer, text::decoder decoder, text::encoder encoder)
    : stream_(std::move(stream)), peer_(std::move(peer)), decoder_(std::move(decoder)), encoder_(std::move(encoder)) {}

result<link> link::open(const client_options& options) {
  const auto which = text::find_encoding(options.encoding);
  if (!which) return which.error();
  auto decoder = text::decoder::open(*which);
  if (!decoder) return decoder.error();
  auto encoder = text::encoder::open(*which);
  if (!encoder) return encoder.error();
  const auto limits = net::patience::lasting(options.connect_timeout, options.interrupt_fd);
  auto made = net::connect_to({options.host, options.port}, limits);
  if (!made) return made.error();
  return link(net::tcp_stream(std::move(made->fd)), made->peer.to_string(), std::move(*decoder), std::move(*encoder));
}

got link::receive(std::string& out) {
  std::array<char, read_bytes> block;
  const auto moved = stream_.receive(block);
  if (moved.would_block()) return got::nothing_yet;
  if (moved.bytes != 0) {
    decoder_.feed({block.data(), moved.bytes}, out);
    return got::text;
  }
  decoder_.finish(out);
  return moved.error != 0 || broken_ ? got::reset : got::end;
}

bool link::flush() {
  const std::size_t before = sent_;
  while (has_queued()) {
    const auto moved = stream_.send(std::string_view(queue_).substr(sent_));
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
  stream_.finish_sending();
  std::array<char, read_bytes> block;
  for (int i = 0; i < last_reads && stream_.receive(block).bytes != 0; ++i) {
  }
  stream_.close();
}

error reset_by(const link& peer) { return error::make(errc::connection_reset, "receive from", peer.peer()); }

}  // namespace sampan::talk
