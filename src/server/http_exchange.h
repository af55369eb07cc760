// HTTP/1.1 on a connection: takes the requests one after the other, and has the responder answer them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/chunked.h"
#include "http/request.h"
#include "server/connection.h"
#include "server/exchange.h"
#include "server/responder.h"

namespace sampan::serving {

/// One request at a time; those that came with it wait. Between two requests it holds no buffer.
/// Source: RFC 9112.
class http_exchange final : public exchange {
 public:
  /// @param first  what has come already
  http_exchange(connection& client, std::string first) : client_(client), responder_(client), held_(std::move(first)) {}

  ~http_exchange() override;

  void on_input(bool ended) override;
  void on_deadline() override;
  void on_sent() override;
  void on_client_gone() override { responder_.cancel(); }
  bool is_idle() const override { return phase_ == phase::head && held_.empty(); }
  bool describe(serve_record& about) override;
  /// The turn in which worker::put_off() was called is over.
  void answer_now(std::string_view request);

 private:
  enum class phase : unsigned char { head, body, answering };
  enum class after {
    next,     ///< there may be another request in the same bytes
    starved,  ///< more bytes are needed
    later,    ///< an answer is under way
    over,     ///< the connection has ended, and this object with it
  };

  /// @param taken  requests of this turn so far
  after process(std::string_view bytes, int& taken);
  after take_request(std::string_view& bytes);
  void expect_body(const http::request_head& head);
  after skip_body(std::string_view& bytes);
  void end_body();
  bool ends_here() const;
  /// After an answer: its request's body, or the next request.
  void begin_next();
  after refuse(int status, const char* why, std::string_view current);
  after answer(const http::request_head& head, std::string_view current, std::string_view rest, bool may_put_off);
  /// What follows a step of the responder (done or later) whose request is `current`, with `rest` after it.
  after settle(sending how, std::string_view current, std::string_view rest);
  /// The same for a request that is in held_.
  void settle_held(sending how);
  bool body_is_too_long() const noexcept;
  /// The request in held_, parsed again: while an answer waited, the worker's scratch memory served others.
  const http::request_head& held_head();

  connection& client_;
  responder responder_;
  std::string held_;             // an unfinished head; or the request under way and what came after it
  std::size_t head_length_ = 0;  // of the request under way, in held_
  http::parse_progress progress_;
  phase phase_ = phase::head;
  bool drained_ = false;    // the socket had no more when it was last read
  bool put_off_ = false;    // the worker holds the request
  bool unseen_ = true;      // held_ has bytes that were not looked at
  bool closing_ = false;    // the connection ends with this answer
  std::uint64_t body_ = 0;  // of a Content-Length what is left, of a chunked body what came, framing included
  std::unique_ptr<http::chunked_decoder> chunks_;
  const http::request_head* head_ = nullptr;  // while a call works on it
};

}  // namespace sampan::serving
