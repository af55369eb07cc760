// The text client's end of a connection: bytes and their text, both ways.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "net/connect.h"
#include "net/tcp_stream.h"
#include "sampan/talk.h"
#include "text/decoder.h"
#include "text/encoder.h"

namespace sampan::talk {

/// What one receive() met.
enum class got { text, nothing_yet, end, reset };

/// Thread: one at a time.
class link {
 public:
  /// Opens the tables, then connects, so that a wrong name costs the peer nothing.
  /// @error errc::unknown_encoding, system; as net::connect_to
  static result<link> open(const client_options& options);

  int fd() const noexcept { return stream_.fd(); }
  const std::string& peer() const noexcept { return peer_; }

  /// One read. `out` is what became text by it; at `end` and `reset` also what was held of a broken character.
  got receive(std::string& out);
  /// No more is waited for: what is held of a broken character becomes text.
  void finish_text(std::string& out) { decoder_.finish(out); }
  bool half_character() const noexcept { return decoder_.pending() != 0; }

  text::encoder& encoder() noexcept { return encoder_; }
  /// Bytes to send; flush() sends as many as go.
  void queue(std::string_view bytes) { queue_ += bytes; }
  bool has_queued() const noexcept { return sent_ < queue_.size(); }
  /// Returns whether any went. When the peer has cut the connection the queue is dropped; receive() says so in the end.
  bool flush();
  void finish_sending() noexcept { stream_.finish_sending(); }
  /// Whether the peer was found to have cut the connection while sending to it.
  bool broken() const noexcept { return broken_; }

  /// Says the end, takes what has come so that closing does not turn into a reset, and closes.
  void leave();

 private:
  link(net::tcp_stream stream, std::string peer, text::decoder decoder, text::encoder encoder);

  net::tcp_stream stream_;
  std::string peer_;
  text::decoder decoder_;
  text::encoder encoder_;
  std::string queue_;
  std::size_t sent_ = 0;
  bool broken_ = false;
};

/// The error for got::reset.
error reset_by(const link& peer);

}  // namespace sampan::talk
