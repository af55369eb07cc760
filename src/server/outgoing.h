// What one answer sends, in order: bytes from memory and pieces of one file. Knows no protocol.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "net/tcp_stream.h"
#include "store/local_dir.h"

namespace sampan::serving {

/// A queue of pieces and how far it has gone. Used again after clear(), which keeps the memory. Thread: its worker's.
class outgoing {
 public:
  /// Bytes that one client may send before the others of its worker have their turn: 0.2 ms of sendfile on loopback, and
  /// a thousandth of a turn's fixed cost (docs/benchmarks.md).
  static constexpr std::uint64_t turn_budget = 1 << 20;

  enum class step {
    done,       ///< all is with the kernel
    blocked,    ///< the socket is full
    turn_over,  ///< the budget is used up
    cold,       ///< the next bytes have to come from the disk: see cold_offset()
    shrank,     ///< the file is shorter than it was
    changed,    ///< the file was written to since it was opened
    failed,     ///< number() holds errno; EPIPE and ECONNRESET: the client left
  };

  void clear();
  bool empty() const noexcept { return pieces_.empty(); }

  /// Where to append what add_text() then queues. Until the next add_text() nothing else may be queued.
  std::string& text() noexcept { return text_; }
  /// Queues all that was appended to text() since the last time.
  /// @param is_content  counts as content_sent()
  void add_text(bool is_content);
  /// The file of all add_file() pieces; `owner` keeps its descriptor open.
  void set_file(std::shared_ptr<const base::unique_fd> owner, const store::stamp& state);
  void add_file(std::uint64_t offset, std::uint64_t length);

  /// Sends as much as goes. With `more_follows` the last bytes may wait for others.
  step send(net::tcp_stream& to, bool more_follows = false);

  int number() const noexcept { return number_; }
  /// Bytes of content handed to the kernel, and of everything.
  std::uint64_t content_sent() const noexcept { return content_sent_; }
  std::uint64_t sent() const noexcept { return sent_; }

  // For step::cold: what the pool has to read; then warmed().
  const std::shared_ptr<const base::unique_fd>& file() const noexcept { return file_; }
  std::uint64_t cold_offset() const noexcept;
  std::uint64_t cold_length() const noexcept;
  void warmed() noexcept;

 private:
  struct piece {
    std::uint64_t offset;  // into text_ or the file
    std::uint64_t length;
    bool from_file;
    bool is_content;
  };

  step send_text(net::tcp_stream& to, bool more_follows);
  step send_file(piece& next, net::tcp_stream& to, std::uint64_t& budget);
  bool is_last_of_file() const noexcept;
  bool was_changed() const noexcept;
  void advance(piece& next, std::uint64_t bytes) noexcept;

  std::string text_;
  std::size_t queued_text_ = 0;
  std::vector<piece> pieces_;
  std::size_t next_ = 0;
  std::shared_ptr<const base::unique_fd> file_;
  store::stamp state_;
  std::uint64_t warm_from_ = 0;  // what is in the page cache as far as is known
  std::uint64_t warm_until_ = 0;
  bool interrupted_ = false;  // the file's bytes did not all go out at once
  std::uint64_t sent_ = 0;
  std::uint64_t content_sent_ = 0;
  int number_ = 0;
};

}  // namespace sampan::serving
