// A download into a regular file.
#pragma once

#include "client/part_file.h"
#include "client/sink.h"

namespace sampan::client {

class file_sink final : public sink {
 public:
  file_sink(part_file file, target_place where) : file_(std::move(file)), place_(std::move(where)) {}

  const std::optional<journal_state>& found() const override { return file_.found(); }
  const char* note() const override { return file_.note(); }
  result<void> begin(const journal_header& about) override { return file_.begin(about); }
  result<void> resume(const journal_header& about) override { return file_.resume(about); }
  result<void> write(std::uint64_t offset, std::span<const char> bytes) override { return file_.write(offset, bytes); }
  result<std::size_t> read(std::uint64_t offset, std::span<char> into) override { return file_.read(offset, into); }
  std::uint64_t readable_from() const override { return 0; }
  int fd() const override { return file_.fd(); }
  void wrote(interval part) override { file_.wrote(part); }
  void forget(interval part) override { file_.forget(part); }
  intervals held() const override { return file_.held(); }
  result<void> checkpoint() override { return file_.checkpoint(); }
  result<void> check_space(std::uint64_t total) override { return file_.check_space(total); }
  result<void> publish(const publish_wishes& wishes) override { return file_.publish(wishes); }
  result<void> keep_as_bad() override { return file_.keep_as_bad(); }
  const std::string& path() const override { return file_.path(); }
  std::string kept_path() const override { return file_.part_path(); }
  std::string bad_path() const override { return file_.bad_path(); }
  const target_place* place() const override { return file_.fd() < 0 ? &place_ : nullptr; }
  bool in_order() const override { return false; }

 private:
  part_file file_;
  target_place place_;
};

}  // namespace sampan::client
