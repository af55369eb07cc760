#include "client/pieces.h"

#include <algorithm>

namespace sampan::client {

pieces::lease_of* pieces::find(unsigned lane) {
  const auto found =
      std::find_if(leases_.begin(), leases_.end(), [&](const lease_of& one) { return one.lane == lane; });
  return found == leases_.end() ? nullptr : &*found;
}

const pieces::lease_of* pieces::find(unsigned lane) const { return const_cast<pieces*>(this)->find(lane); }

void pieces::take(unsigned lane, interval part) {
  release(lane);
  leases_.push_back({lane, part, part.begin, next_order_++});
}

std::optional<interval> pieces::first_free() const {
  std::uint64_t at = 0;
  while (at < total_) {
    const interval gap = held_.first_gap(at, total_);
    if (gap.begin >= gap.end) return {};
    interval free = gap;
    for (const auto& one : leases_) {
      if (one.part.begin <= free.begin && free.begin < one.part.end) free.begin = one.part.end;
    }
    for (const auto& one : leases_) {
      if (one.part.begin > free.begin && one.part.begin < free.end) free.end = one.part.begin;
    }
    if (free.begin < std::min(free.end, gap.end)) return interval{free.begin, std::min(free.end, gap.end)};
    at = std::max(free.begin, gap.begin + 1);
  }
  return {};
}

std::optional<interval> pieces::lease(unsigned lane) {
  release(lane);
  if (const auto free = first_free()) {
    take(lane, *free);
    return free;
  }
  lease_of* longest = nullptr;
  const auto left = [](const lease_of& one) { return one.part.end - one.part.begin; };
  for (auto& one : leases_) {
    if (left(one) > 0 && (longest == nullptr || left(one) > left(*longest))) longest = &one;
  }
  if (longest == nullptr || total_ == unknown) return {};
  if (left(*longest) < 2 * worth_splitting) {
    const interval again = longest->part;  // twice at most, or many lanes would fetch the same
    const auto same =
        std::count_if(leases_.begin(), leases_.end(), [&](const lease_of& one) { return one.part.end == again.end; });
    if (same > 1) return {};
    take(lane, again);
    return again;
  }
  const std::uint64_t middle = longest->part.begin + left(*longest) / 2;
  const interval second{middle, longest->part.end};
  longest->part.end = middle;
  take(lane, second);
  return second;
}

std::uint64_t pieces::limit(unsigned lane) const {
  const auto* mine = find(lane);
  if (mine == nullptr) return 0;
  // Another lane may have fetched the same bytes.
  return held_.covers(mine->part) ? mine->part.begin : mine->part.end;
}

void pieces::advance(unsigned lane, std::uint64_t at) {
  auto* mine = find(lane);
  if (mine == nullptr || at <= mine->part.begin) return;
  held_.add({mine->part.begin, at});
  mine->part.begin = std::min(at, mine->part.end);
}

void pieces::forget(unsigned lane, interval part) {
  held_.remove(part);
  if (auto* mine = find(lane)) mine->part.begin = std::min(mine->part.begin, part.begin);
}

void pieces::release(unsigned lane) {
  const auto* mine = find(lane);
  if (mine == nullptr) return;
  const interval rest = mine->part;
  std::erase_if(leases_, [&](const lease_of& one) { return one.lane == lane; });
  for (auto& one : leases_) {
    const bool before = one.part.end == rest.begin && one.part.begin < one.part.end && rest.begin < rest.end;
    if (before && held_.first_gap(rest.begin, rest.end).begin == rest.begin) {
      one.part.end = rest.end;
      return;
    }
  }
}

bool pieces::complete() const { return total_ != unknown && held_.covers({0, total_}); }

}  // namespace sampan::client
