// Checking a file against digests, in the same pass where the bytes come in order.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/digest.h"
#include "client/sink.h"
#include "http/digest_fields.h"
#include "http/response.h"

namespace sampan::client {

/// Thread: any; begin_again() and finish() alone.
class verifier {
 public:
  /// Forgets what it has hashed, but not what is expected.
  void begin_again();
  /// One more digest that the file has to have. @param source  who says so: a literal, for messages
  void expect(const http::digest& wanted, const char* source);
  /// Those that an answer tells of the whole file. @return  what of them was passed over and why; empty: nothing
  std::string expect_from(const http::response_head& head);
  bool expects_any() const noexcept { return any_; }

  /// Whether bytes from there are the next to be hashed.
  bool is_next(std::uint64_t offset);
  /// Bytes that were written: hashed now, where they are the next ones.
  void wrote(std::uint64_t offset, std::span<const char> bytes);
  /// Reads what was not hashed yet, and compares. @return the strongest algorithm's name
  /// @error digest_mismatch; as sink::read()
  result<const char*> finish(sink& file, std::uint64_t total);

 private:
  struct check {
    http::digest wanted;
    const char* source;
    base::hasher sum;
  };
  void add(const http::digest& wanted, const char* source);
  void hash(std::span<const char> bytes);

  std::mutex mutex_;
  std::atomic<bool> any_{false};
  std::vector<check> checks_;
  std::uint64_t hashed_ = 0;
};

}  // namespace sampan::client
