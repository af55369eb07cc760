// The bare-name protocol on a connection: one name, the file's bytes, the end.
#pragma once

#include <string>

#include "server/connection.h"
#include "server/exchange.h"

namespace sampan::serving {

/// Source: docs/bare-protocol.md.
class bare_exchange final : public exchange {
 public:
  bare_exchange(connection& client, std::string name) : client_(client), name_(std::move(name)) {}

  void on_input(bool) override;
  void on_deadline() override {}
  void on_sent() override { client_.linger(serve_outcome::sent); }
  bool is_idle() const override { return false; }
  bool describe(serve_record& about) override;

 private:
  void opened(result<store::object> file);

  connection& client_;
  std::string name_;
  bool asked_ = false;
};

}  // namespace sampan::serving
