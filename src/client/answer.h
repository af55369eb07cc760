// The answer on a connection, and what becomes of the connection behind it.
#pragma once

#include <functional>

#include "client/exchange.h"
#include "client/http_connection.h"

namespace sampan::client {

/// Gives the connection to `keep` when it goes, if the body was read to its end. Thread: one.
class connection_answer : public response {
 public:
  using keeper = std::function<void(std::unique_ptr<http_connection>)>;
  /// @param keep  may be empty
  connection_answer(std::unique_ptr<http_connection> connection, http::response_head read_head, get_source from,
                    bool to_head, keeper keep)
      : connection_(std::move(connection)), keep_(std::move(keep)) {
    head = std::move(read_head);
    source = std::move(from);
    framing = http::framing_of(head, to_head);
    connection_->expect(framing);
  }
  ~connection_answer() override {
    if (keep_ && *framing.problem == '\0' && connection_->at_end()) keep_(std::move(connection_));
  }

  result<std::size_t> read(std::span<char> into, watch& patience) override { return connection_->read(into, patience); }
  result<std::optional<std::size_t>> move(int file, std::uint64_t offset, std::size_t most, watch& patience) override {
    return connection_->move(file, offset, most, patience);
  }
  bool surplus() override { return connection_->surplus(); }

 private:
  std::unique_ptr<http_connection> connection_;
  keeper keep_;
};

}  // namespace sampan::client
