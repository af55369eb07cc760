// The other connections of a download: how many there are, and what each does.
#pragma once

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "client/lane.h"

namespace sampan::client {

/// Lanes on threads of their own, beside the first. Thread: one, which must not be one of them.
class crew {
 public:
  /// @param wanted  connections in all; 0: as many as help
  crew(download& all, const watch::limits& bounds, rate_limit& rate, unsigned wanted, std::uint64_t seed)
      : all_(all), bounds_(bounds), rate_(rate), wanted_(wanted), seed_(seed) {}
  ~crew() { end(); }
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  /// The file's first bytes are coming: begins others where a number was asked for.
  void begin();
  /// Now and then: adds another while that makes the whole faster by a seventh, and there is enough left to fetch.
  void consider();
  /// How many are at work.
  unsigned count() const noexcept { return running_; }
  /// What one of them found that ends the download.
  std::optional<error> failure() const;
  /// Tells all to end, and waits for that.
  void end();

  static constexpr unsigned most = 16;  ///< connections; more of them to one server is rude, and brings nothing

 private:
  using clock = std::chrono::steady_clock;
  void add();
  void work(unsigned number);
  bool worth_another(double speed) const;

  download& all_;
  const watch::limits bounds_;
  rate_limit& rate_;
  const unsigned wanted_;
  const std::uint64_t seed_;
  std::vector<std::thread> threads_;
  std::atomic<unsigned> running_{0};
  std::atomic<bool> refused_{false};  // a server does not want more
  std::optional<error> failure_;      // under the download's mutex
  clock::time_point measured_at_{};
  std::uint64_t measured_came_ = 0;
  double best_ = 0;        // bytes a second, before the last was added
  bool settling_ = false;  // the last was added just now
  bool grown_ = false;     // another would not help
};

}  // namespace sampan::client
