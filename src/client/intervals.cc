#include "client/intervals.h"

#include <algorithm>

namespace sampan::client {

namespace {

bool ends_before(const interval& one, std::uint64_t place) { return one.end < place; }
bool begins_after(std::uint64_t place, const interval& one) { return place < one.begin; }

}  // namespace

void intervals::add(interval added) {
  if (added.empty()) return;
  // All that overlap or touch become one.
  const auto first = std::lower_bound(all_.begin(), all_.end(), added.begin, ends_before);
  const auto last = std::upper_bound(first, all_.end(), added.end, begins_after);
  if (first == last) {
    all_.insert(first, added);
    return;
  }
  first->begin = std::min(first->begin, added.begin);
  first->end = std::max(std::prev(last)->end, added.end);
  all_.erase(std::next(first), last);
}

void intervals::remove(interval removed) {
  if (removed.empty()) return;
  std::vector<interval> rest;
  for (const interval& one : all_) {
    const interval before{one.begin, std::min(one.end, removed.begin)};
    const interval after{std::max(one.begin, removed.end), one.end};
    if (!before.empty()) rest.push_back(before);
    if (!after.empty()) rest.push_back(after);
  }
  all_ = std::move(rest);
}

bool intervals::covers(interval asked) const { return first_gap(asked.begin, asked.end).empty(); }

std::uint64_t intervals::bytes() const {
  std::uint64_t sum = 0;
  for (const interval& one : all_) sum += one.end - one.begin;
  return sum;
}

interval intervals::first_gap(std::uint64_t from, std::uint64_t to) const {
  auto next = std::upper_bound(all_.begin(), all_.end(), from, begins_after);
  if (next != all_.begin() && std::prev(next)->end > from) from = std::prev(next)->end;
  if (from >= to) return {to, to};
  return {from, next == all_.end() ? to : std::min(to, next->begin)};
}

}  // namespace sampan::client
