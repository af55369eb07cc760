// One client of the server: from its first byte to the end of the file, as a state machine on its worker's loop.
#pragma once

#include <string>

#include "net/address.h"
#include "net/loop.h"
#include "net/tcp_stream.h"
#include "sampan/serve.h"
#include "server/sniff.h"
#include "store/local_dir.h"

namespace sampan::serving {

class worker;

/// Owned by its worker, which destroys it after finished(). About 300 bytes and no buffer while it is idle.
class connection final : public net::handler, public boost::intrusive::list_base_hook<> {
 public:
  connection(worker& home, base::unique_fd fd, const net::address& peer);

  /// Watches the socket; what has come already is reported at once.
  void begin();
  /// The server stops: ends unless a request is under way, or waits in the socket.
  void end_if_idle();
  /// The grace time is over.
  void abort();

  const net::address& peer() const noexcept { return peer_; }
  int fd() const noexcept { return stream_.fd(); }

 private:
  enum class state : unsigned char { naming, waiting_for_disk, sending, lingering, over };

  void on_ready(std::uint32_t events) override;
  void on_deadline() override;

  void read_name();
  bool decide(bool quiet);
  void open_file();
  void opened(result<store::object> file);
  void send_more();
  bool piece_is_warm();
  void warm_up();
  void refuse_http();

  /// Sends the end, then waits for the client's: closing with unread bytes would reset what it has not read yet.
  void linger(serve_outcome outcome);
  void drain();
  void reset(serve_outcome outcome, int number = 0);
  void finish(serve_outcome outcome, std::uint64_t bytes, int number = 0);

  worker& worker_;
  net::tcp_stream stream_;
  state state_ = state::naming;
  serve_outcome outcome_ = serve_outcome::no_name;
  bool ended_ = false;  // the client has shut down its side
  unsigned segments_ = 0;
  net::address peer_;
  net::clock::time_point connected_;
  std::chrono::microseconds took_{0};
  std::string name_;
  store::object file_;
  std::uint64_t offset_ = 0;      // sent so far
  std::uint64_t warm_until_ = 0;  // in the page cache as far as is known
  std::uint64_t progress_mark_ = 0;
};

}  // namespace sampan::serving
