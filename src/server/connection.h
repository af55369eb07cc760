// One client of the server: the socket from its first byte to its end, as a state machine on its worker's loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/address.h"
#include "net/loop.h"
#include "net/pool.h"
#include "net/tcp_stream.h"
#include "sampan/serve.h"
#include "server/exchange.h"
#include "server/outgoing.h"

namespace sampan::serving {

class worker;

/// How far an answer is.
enum class sending {
  done,     ///< all is with the kernel
  later,    ///< on_sent() will follow, unless the connection ends
  over,     ///< the connection has ended, and with it the exchange
  put_off,  ///< nothing was done yet: to be asked again when all that came in this turn has been received
};

/// Owned by its worker, which destroys it after finished(). No buffer while it is idle.
class connection final : public net::handler, public boost::intrusive::list_base_hook<> {
 public:
  connection(worker& home, base::unique_fd fd, const net::address& peer);
  ~connection() override;

  /// Takes what has come already, which may end it. Then watch().
  void begin();
  void watch();
  /// The server stops: ends unless a request is under way, or waits in the socket.
  void end_if_idle();
  /// The grace time is over.
  void abort();

  const net::address& peer() const noexcept { return peer_; }
  int fd() const noexcept { return stream_.fd(); }

  // For its exchange.
  worker& home() noexcept { return worker_; }
  net::tcp_stream& stream() noexcept { return stream_; }
  /// The queue of the answer under way; comes empty from the worker's stock when there is none.
  outgoing& out();
  /// Sends out().
  /// @param more_follows  there will be more as soon as this is sent
  sending send(bool more_follows = false);
  /// Sends bytes of memory that may change afterwards. @param content  how many of them, at the end, are content
  sending send(std::string_view bytes, std::size_t content);
  /// Runs `work` on a thread of the pool, then `done` here. Until then nothing is read, and the exchange is kept.
  void wait_for_disk(net::pool& pool, std::function<void()> work, std::function<void()> done);
  /// Nothing is read or sent until resume(), which the end of the deadline calls, too, and the client's shutting down its side.
  void hold_back(net::deadline_list& until);
  /// Calls on_sent(): what was waited for has come.
  void resume();
  /// Calls on_sent() after the other clients have had their turn.
  sending next_turn();
  /// Has the next on_input() come in the next turn of the loop, though nothing new may have arrived.
  void look_again();
  /// For a protocol with several requests: one begins now.
  void request_begins() noexcept;
  /// Its answer is with the kernel: tells of it, and out() goes back into the stock.
  void request_ends(std::uint64_t content_bytes);

  /// Sends the end, then waits for the client's: closing with unread bytes would reset what it has not read yet.
  void linger(serve_outcome outcome);
  /// The client has reset the connection.
  void leave() { finish(serve_outcome::client_left); }
  /// Closes at once: right only where no unread bytes can turn that into a reset.
  void close(serve_outcome outcome = serve_outcome::sent);
  /// Cuts the connection, so that nobody takes what came for the whole.
  void reset(serve_outcome outcome, int number = 0);

 private:
  enum class state : unsigned char { naming, speaking, waiting_for_disk, held_back, sending, lingering, over };

  void on_ready(std::uint32_t events) override;
  void on_deadline() override;

  void read_first();
  bool decide(bool quiet);
  void speak(std::unique_ptr<exchange> what);
  void send_more();
  sending after(outgoing::step took);
  void drain();
  void tell(serve_outcome outcome, std::uint64_t bytes, int number = 0);
  void finish(serve_outcome outcome);
  std::uint64_t content_sent() const noexcept;

  worker& worker_;
  net::tcp_stream stream_;
  state state_ = state::naming;
  serve_outcome outcome_ = serve_outcome::no_name;
  bool ended_ = false;  // the client has shut down its side, of the first bytes
  bool more_follows_ = false;
  bool told_ = false;           // the log knows of the last request
  unsigned char segments_ = 0;  // of the first bytes; counts to 2
  net::address peer_;
  net::clock::time_point began_;  // the connection; later the request
  std::chrono::microseconds took_{0};
  std::uint64_t progress_mark_ = 0;
  std::unique_ptr<std::string> first_;  // while it is not known what the client speaks
  std::unique_ptr<exchange> exchange_;
  std::unique_ptr<outgoing> out_;
};

}  // namespace sampan::serving
