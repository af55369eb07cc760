// The text client's end of a connection: bytes and their text, both ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/connect.h"
#include "net/tcp_stream.h"
#include "sampan/talk.h"
#include "talk/recorder.h"
#include "text/decoder.h"

namespace sampan::talk {

/// What one receive() met.
enum class got { text, nothing_yet, end, reset };

/// Thread: one at a time.
class link {
 public:
  /// Connects. @param record  told of all traffic; may be empty
  /// @error as net::connect_to
  static result<link> open(const client_options& options, const text::decoder& decoder, const recorder::sink& record);

  int fd() const noexcept { return stream_.fd(); }
  const std::string& peer() const noexcept { return peer_; }

  /// One read. `out` is what became text by it; at `end` and `reset` also what was held of a broken character.
  /// @param raw  the bytes themselves, until the next call
  got receive(std::string& out, std::string_view& raw);
  got receive(std::string& out);
  /// No more is waited for: what is held of a broken character becomes text.
  void finish_text(std::string& out) { decoder_.finish(out); }
  bool half_character() const noexcept { return decoder_.pending() != 0; }

  /// From the next byte on; what is held of a broken character becomes text.
  void use(const text::decoder& decoder, std::string& out);

  /// Bytes to send; flush() sends as many as go.
  void queue(std::string_view bytes);
  bool has_queued() const noexcept { return sent_ < queue_.size(); }
  /// Returns whether any went. When the peer has cut the connection the queue is dropped; receive() says so in the end.
  bool flush();
  void finish_sending() noexcept { stream_.finish_sending(); }
  /// Whether the peer was found to have cut the connection while sending to it.
  bool broken() const noexcept { return broken_; }

  /// What came belongs together: the gap between records has passed.
  void finish_record();
  bool waits_for_gap() const noexcept { return recorder_ && recorder_->waits_for_gap(); }

  /// Says the end, takes what has come so that closing does not turn into a reset, and closes.
  void leave();

 private:
  link(bool datagram, net::tcp_stream stream, std::string peer, text::decoder decoder);

  bool datagram_;
  net::tcp_stream stream_;
  std::string peer_;
  std::string block_;  // what the last read gave
  text::decoder decoder_;
  std::optional<recorder> recorder_;
  std::string queue_;
  std::size_t sent_ = 0;
  bool broken_ = false;
};

/// `10 s` or `500 ms`.
std::string words_for(milliseconds length);
/// The error for got::reset.
error reset_by(const link& peer);

}  // namespace sampan::talk
