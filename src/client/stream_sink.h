// A download into a stream that takes bytes in their order only: stdout, a fifo, a device.
#pragma once

#include "base/unique_fd.h"
#include "client/sink.h"

namespace sampan::client {

/// Nothing is kept or published; the last bytes can be read back, to go on behind them after a cut. Thread: one.
class stream_sink final : public sink {
 public:
  /// @param fd  open already, and only lent; -1: opens the path
  static result<std::unique_ptr<sink>> open(const std::string& path, int fd = -1);
  /// Whether this path is there and is no regular file or folder.
  static bool is_stream(const std::string& path);

  const std::optional<journal_state>& found() const override { return none_; }
  const char* note() const override { return ""; }
  result<void> begin(const journal_header&) override { return {}; }
  result<void> resume(const journal_header&) override { return {}; }
  result<void> write(std::uint64_t offset, std::span<const char> bytes) override;
  result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;
  std::uint64_t readable_from() const override { return written_ - tail_.size(); }
  int fd() const override { return -1; }
  void wrote(interval) override {}
  void forget(interval) override {}
  intervals held() const override;
  result<void> checkpoint() override { return {}; }
  result<void> check_space(std::uint64_t) override { return {}; }
  result<void> publish(const publish_wishes&) override { return {}; }
  result<void> keep_as_bad() override { return {}; }
  const std::string& path() const override { return path_; }
  std::string kept_path() const override { return {}; }
  std::string bad_path() const override { return {}; }
  const target_place* place() const override { return nullptr; }
  bool in_order() const override { return true; }

 private:
  void remember(std::span<const char> bytes);

  std::optional<journal_state> none_;
  base::unique_fd fd_;
  std::string path_;
  std::uint64_t written_ = 0;
  std::string tail_;  // the last bytes that were written
};

}  // namespace sampan::client
