#include "client/crew.h"

#include <algorithm>

namespace sampan::client {

namespace {

// Long enough for a new connection to come to its speed on most ways, short against the downloads for which it matters.
constexpr std::chrono::milliseconds between_measures{1000};
// Beyond the noise of one second's speed.
constexpr double helps = 1.15;
// So many connections of its own accord; who wants more says so.
constexpr unsigned most_by_itself = 8;
// Less than this is there before another connection has come about.
constexpr double worthwhile_seconds = 2;
constexpr int most_failures = 3;

}  // namespace

void crew::begin() {
  measured_at_ = clock::now();
  measured_came_ = all_.came;
  if (!all_.known->total || all_.file->in_order()) return;
  const std::uint64_t parts = *all_.known->total / pieces::worth_splitting;
  const unsigned others = wanted_ > 1 ? wanted_ - 1 : 0;
  for (unsigned i = 0; i < others && i < parts; ++i) add();
}

bool crew::worth_another(double speed) const {
  if (wanted_ != 0 || grown_ || refused_ || !all_.ranges_work || threads_.size() + 1 >= most_by_itself) return false;
  if (!all_.known->total || all_.file->in_order() || rate_.limits()) return false;
  const std::uint64_t left = *all_.known->total - std::min(*all_.known->total, all_.file->held().bytes());
  return static_cast<double>(left) > worthwhile_seconds * speed && left > 4 * pieces::worth_splitting;
}

void crew::consider() {
  const auto now = clock::now();
  if (now - measured_at_ < between_measures) return;
  const std::uint64_t came = all_.came;
  const double speed =
      static_cast<double>(came - measured_came_) / std::chrono::duration<double>(now - measured_at_).count();
  measured_at_ = now;
  measured_came_ = came;
  if (std::exchange(settling_, false)) return;  // half of this second went into connecting
  if (best_ > 0 && speed < helps * best_) grown_ = true;
  if (!worth_another(speed)) return;
  best_ = speed;
  settling_ = true;
  add();
}

void crew::add() {
  ++running_;
  threads_.emplace_back([this, number = static_cast<unsigned>(threads_.size()) + 1] {
    work(number);
    --running_;
  });
}

void crew::work(unsigned number) {
  const auto stopped = [this]() -> result<void> {
    if (all_.stop) return all_.problem(errc::interrupted);
    return {};
  };
  lane mine(
      all_, number, watch(bounds_, rate_, stopped), [](const char*, const error*) {}, seed_ + number);
  for (int failures = 1; !all_.stop && all_.ranges_work; ++failures) {
    const auto done = mine.fetch_parts();
    if (done || all_.stop) return;
    const error& why = done.error();
    if (why.code() == errc::system && !is_of_connection(why)) {  // the disk's trouble is everybody's
      const std::lock_guard guard(all_.mutex);
      if (!failure_) failure_ = why;
      all_.stop = true;
      return;
    }
    const bool busy = why.code() == errc::refused_by_peer;
    if (busy || !may_pass(why) || failures == most_failures) {
      refused_ = true;  // one connection too many, or to another file: go on with those that work
      return;
    }
    mine.begin_again();
    if (!mine.patience().pause(std::chrono::seconds(failures), {})) return;
  }
}

std::optional<error> crew::failure() const {
  const std::lock_guard guard(all_.mutex);
  return failure_;
}

void crew::end() {
  if (threads_.empty()) return;
  all_.stop = true;
  for (auto& one : threads_) one.join();
  threads_.clear();
  all_.stop = false;
}

}  // namespace sampan::client
