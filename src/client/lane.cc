#include "client/lane.h"

#include <algorithm>

#include "client/clock.h"
#include "client/url.h"
#include "client/words.h"
#include "http/retry_after.h"

namespace sampan::client {

namespace {

// What is compared at one place: more than a block of any file system, and little against what it saves.
constexpr std::uint64_t compared = 64 * 1024;
// Besides the end of what is held. A change in one place is met by chance only, a file that was made anew surely.
constexpr std::size_t random_places = 8;
constexpr std::size_t places_of_others = 2;
// How often one part is asked for before the whole file is.
constexpr int most_asks = 4;
constexpr int most_bad_parts = 2;

}  // namespace

result<std::unique_ptr<response>> lane::ask(const request& what) {
  const get_source& home = all_.place(which_);
  request first = what;
  first.redirected = redirected_to_ && !same_origin(*redirected_to_, home);
  auto got = all_.whom.ask(redirected_to_ ? *redirected_to_ : home, first, patience_);
  // What a redirect led to may have been good for a while only.
  if (redirected_to_ && (!got || (*got)->head.status >= 400) && !all_.stop) got = all_.whom.ask(home, what, patience_);
  if (!got) return got;
  const auto later = (*got)->head.values("Retry-After");
  retry_after_ = later.empty() ? std::nullopt : http::parse_retry_after(later.front(), now_in_seconds());
  redirected_to_.reset();
  if (url_of((*got)->source) != url_of(home)) redirected_to_ = (*got)->source;
  return got;
}

result<std::unique_ptr<response>> lane::ask_first() { return ask({}); }

result<void> lane::take_from(response& got, std::uint64_t from) {
  const bool told = got.framing.end != http::body_end::close;
  const std::uint64_t end = got.framing.end == http::body_end::length ? got.framing.length
                            : got.framing.end == http::body_end::none ? 0
                                                                      : UINT64_MAX;
  {
    const std::lock_guard guard(all_.mutex);
    all_.parts.take(number_, {0, end});
    all_.parts.advance(number_, from);
  }
  if (told) all_.length_told = true;
  auto done = receive(got, {from, from, end});
  const std::lock_guard guard(all_.mutex);
  all_.parts.release(number_);
  return done;
}

// A mirror has validators of its own. Its first word has to agree about the size; its bytes are compared before they are joined.
sameness lane::compare_with(const identity& told) {
  if (which_ == all_.primary || mine_) return compare(expected(), told);
  if (!told.total || all_.known->total != told.total) return sameness::changed;
  mine_ = told;
  return sameness::unproved;
}

bool lane::use_next_place() {
  if (which_ + 1 >= all_.places()) return false;
  ++which_;
  mine_.reset();
  redirected_to_.reset();
  begin_anew();
  other_tag_seen_ = false;
  bad_parts_ = 0;
  return true;
}

// Another server, or another connection, may have another file: what is held is compared first.
result<void> lane::prove_other() {
  if (other_proved_ || (number_ == 0 && !asks_mirror())) return {};
  // With less to compare only a digest tells whether it is the same file.
  while (all_.file->held().bytes() <= compared && !all_.verify.expects_any()) {
    if (auto good = patience_.pause(std::chrono::milliseconds(50), {}); !good) return good;
  }
  if (auto good = prove(); !good) return good;
  other_proved_ = true;
  return {};
}

// --- what is asked for next ------------------------------------------------------------------------------------------

// How much of what is held lies just before `at`: the end of it is compared again before anything is joined.
std::uint64_t lane::overlap_before(std::uint64_t at) const {
  if (smooth_) return 0;
  const intervals held = all_.file->held();
  for (const interval& one : held.all()) {
    if (one.end == at) return std::min(compared, at - std::max(one.begin, all_.file->readable_from()));
  }
  return 0;
}

// Places of what is held: the whole number the first time, two for each connection that follows it in the same run. Little that is
// held has small places, or comparing would use up connections that do not last.
void lane::choose_places(const intervals& held) {
  constexpr std::uint64_t smallest_place = 4 * 1024;
  const std::uint64_t size = std::clamp(held.bytes() / 16, smallest_place, compared);
  const bool first_time = number_ == 0 && !std::exchange(places_chosen_, true);
  const std::size_t count = first_time ? random_places : places_of_others;
  for (std::size_t i = 0; i < count && held.bytes() > compared; ++i) {
    // A byte of those that are held, each as likely as the others, and what follows it.
    std::uint64_t nth = std::uniform_int_distribution<std::uint64_t>(0, held.bytes() - 1)(random_);
    for (const interval& one : held.all()) {
      const std::uint64_t length = one.end - one.begin;
      if (nth < length) {
        const std::uint64_t begin = one.begin + std::min(nth, length - std::min(length, size));
        to_compare_.push_back({begin, std::min(one.end, begin + size)});
        break;
      }
      nth -= length;
    }
  }
  // The end is compared with the first part that is fetched; where nothing is to be fetched, here.
  const std::lock_guard guard(all_.mutex);
  if (held.all().empty() || !all_.parts.complete()) return;
  const interval last = held.all().back();
  to_compare_.push_back({last.end - std::min(compared, last.end - last.begin), last.end});
}

// A place that was compared stays so when the connection breaks at the next.
result<void> lane::prove() {
  if (all_.file->in_order()) return {};  // its end is compared with the first part that is fetched
  const intervals held = all_.file->held();
  if (to_compare_.empty()) choose_places(held);
  for (; !to_compare_.empty(); to_compare_.pop_back()) {
    const interval place = to_compare_.back();
    if (!held.covers(place)) continue;  // forgotten meanwhile
    for (int i = 0;; ++i) {
      if (i == most_asks) return all_.problem(errc::unexpected_answer, "no part of it is to be had");
      const auto then = ask_part(place, place.end, place.end);
      if (!then) return then.error();
      if (*then == next::done) break;
      if (*then == next::whole) return fetch_whole();
    }
    if (!all_.ranges_work) break;  // the whole was sent, and compared on its way
  }
  smooth_ = false;
  return {};
}

void lane::begin_anew() {
  begin_again();
  to_compare_.clear();
  places_chosen_ = false;
}

result<void> lane::fetch_parts() {
  if (auto good = prove_other(); !good) return good;
  while (!all_.stop) {
    std::optional<interval> part;
    {
      const std::lock_guard guard(all_.mutex);
      if (all_.parts.complete()) return {};
      part = all_.parts.lease(number_);
    }
    if (!part) return {};
    auto done = fetch_part(*part);
    const std::lock_guard guard(all_.mutex);
    all_.parts.release(number_);
    if (!done) return done;
  }
  return {};
}

result<void> lane::fetch_part(interval part) {
  for (int i = 0; i < most_asks && all_.ranges_work; ++i) {
    const std::uint64_t from = part.begin - overlap_before(part.begin);
    const auto then = ask_part({from, part.end}, part.begin, part.end);
    if (!then) return then.error();
    smooth_ = *then == next::done;
    if (*then == next::done) return {};
    if (*then == next::whole) break;
  }
  return fetch_whole();
}

// Asks for a part. What lies before `write_from` is compared, the rest written.
result<lane::next> lane::ask_part(interval asked, std::uint64_t write_from, std::uint64_t end) {
  request what;
  what.range = asked;
  if (all_.known->total && asked.end == *all_.known->total) what.range->end = UINT64_MAX;
  if (all_.use_if_range && has_strong_tag(expected())) what.if_range = expected().etag;
  auto got = ask(what);
  if (!got) return got.error();
  const auto seen = judge((*got)->head, (*got)->framing, what, subject_of(all_.source));
  if (!seen) return seen.error();
  switch (seen->is) {
    case verdict::kind::whole: return take_whole(std::move(*got), *seen, !what.if_range.empty());
    case verdict::kind::part: return take_part(**got, *seen, asked, write_from, end);
    case verdict::kind::unusable: return bad_part(seen->why);
    case verdict::kind::changed: return all_.problem(errc::changed, status_words((*got)->head));
    case verdict::kind::unsatisfied: return take_unsatisfied(**got, *seen);
  }
  return next::whole;
}

// What validators say. Only bytes outweigh another tag, and only where the user said so.
result<lane::next> lane::weigh(sameness how, const response& got) {
  switch (how) {
    case sameness::same:
    case sameness::unproved: return next::done;
    case sameness::other_tag:
      if (all_.options.trust_overlap) return next::done;
      if (std::exchange(other_tag_seen_, true)) break;
      return next::again;
    case sameness::changed: break;
  }
  return changed(got);
}

error lane::changed(const response& got) const {
  const auto tags = got.head.values("ETag");
  return all_.problem(errc::changed, tags.empty() ? status_words(got.head) : "ETag " + quoted(tags.front()));
}

// A size that is told late, with the first part, must not contradict what is held, and be the same from then on.
bool lane::agree_on_total(std::uint64_t size) {
  const intervals held = all_.file->held();
  if (!held.all().empty() && held.all().back().end > size) return false;
  const std::lock_guard guard(all_.mutex);
  if (all_.parts.total() && *all_.parts.total() != size) return false;
  all_.parts.set_total(size);
  all_.length_told = true;
  return true;
}

// RFC 9110 15.3.7: what is joined has to be of one representation, and where it says it is.
result<lane::next> lane::take_part(response& got, const verdict& seen, interval asked, std::uint64_t write_from,
                                   std::uint64_t end) {
  const identity told = identity_of(got.head, seen.size, now_in_seconds());
  const auto how = compare_with(told);
  auto weighed = weigh(how, got);
  if (!weighed || *weighed != next::done) return weighed;
  if (!seen.size && how != sameness::same) return bad_part("206 that does not repeat the size");
  if (seen.size && !expected().total && !agree_on_total(*seen.size)) return changed(got);
  const std::uint64_t first = seen.range.first;
  const std::uint64_t body_end = std::min(seen.range.last + 1, end);
  const bool hole = first > asked.begin || (first < asked.begin && !all_.file->held().covers({first, write_from}));
  if (hole || body_end <= first) return bad_part("another part than the one that was asked for");
  all_.verify.expect_from(got.head);
  const auto done = receive(got, {first, write_from, body_end});
  if (done) return next::done;
  if (done.error().code() != errc::malformed_answer) return done.error();
  // It was longer or shorter than it said: nothing of it can be trusted.
  if (write_from < body_end) {
    if (auto undone = undo({write_from, body_end}); !undone) return undone.error();
  }
  return bad_part(done.error().detail());
}

// One may be an accident on the way; a server that goes on like that is asked for the whole file.
lane::next lane::bad_part(const std::string& why) {
  const error what = all_.problem(errc::unexpected_answer, why);
  tell_("an answer is of no use, and passed over", &what);
  return ++bad_parts_ < most_bad_parts ? next::again : next::whole;
}

// The journal forgets it, too, before other bytes come to the same place.
result<void> lane::undo(interval part) {
  {
    const std::lock_guard guard(all_.mutex);
    all_.file->forget(part);
    all_.parts.forget(number_, part);
  }
  return all_.file->checkpoint();
}

// RFC 9110 15.5.17. It proves nothing by itself but that the size is another.
result<lane::next> lane::take_unsatisfied(const response& got, const verdict& seen) {
  const auto size = seen.size;
  if (size && expected().total && *size != *expected().total) {
    return all_.problem(errc::changed, "Content-Range " + quoted(got.head.values("Content-Range").front()));
  }
  const std::lock_guard guard(all_.mutex);
  // All is held, and the server agrees about the size and the tag: it has no part to compare.
  const identity told = identity_of(got.head, size, now_in_seconds());
  const bool agrees = size && all_.parts.complete() && compare(expected(), told) == sameness::same;
  return agrees ? next::done : next::whole;
}

// --- the whole file instead of a part --------------------------------------------------------------------------------

result<void> lane::fetch_whole() {
  if (number_ != 0) return all_.problem(errc::unexpected_answer, "no part of it is to be had");
  for (int i = 0; i < most_asks; ++i) {
    auto got = ask({});
    if (!got) return got.error();
    const auto seen = judge((*got)->head, (*got)->framing, {}, subject_of(all_.source));
    if (!seen) return seen.error();
    const auto then = take_whole(std::move(*got), *seen, false);
    if (!then) return then.error();
    if (*then == next::done) return {};
  }
  return all_.problem(errc::changed, "it is another one each time");
}

// What is held is compared on the way, all of it, and the body goes on behind it.
result<lane::next> lane::take_whole(std::unique_ptr<response> got, const verdict& seen, bool conditional) {
  const identity told = identity_of(got->head, seen.size, now_in_seconds());
  const auto how = compare_with(told);
  if (how != sameness::same && is_page_instead(*all_.known, told)) {
    return all_.problem(errc::unexpected_answer, "a page instead of the file: Content-Type: " + told.media_type);
  }
  if (how == sameness::changed || (how == sameness::other_tag && !all_.options.trust_overlap)) {
    const error why = changed(*got);
    new_file_ = std::move(got);
    return why;
  }
  if (conditional) {
    all_.use_if_range = false;  // it sent the whole for the condition's sake, though that holds
    return next::again;
  }
  if (all_.ranges_work.exchange(false)) tell_("the server ignores ranges, and sends the whole file", nullptr);
  return number_ == 0 ? go_on_with_whole(*got, seen) : next::done;
}

result<lane::next> lane::go_on_with_whole(response& got, const verdict& seen) {
  const std::uint64_t end = seen.size.value_or(all_.known->total.value_or(UINT64_MAX));
  const std::uint64_t kept = all_.file->held().first_gap(0, end).begin;
  {
    const std::lock_guard guard(all_.mutex);
    // Parts behind the first gap come again with the rest.
    all_.file->forget({kept, UINT64_MAX});
    intervals before;
    if (kept > 0) before.add({0, kept});
    all_.parts = pieces(end, before);
    all_.parts.take(number_, {kept, end});
  }
  if (auto good = all_.file->checkpoint(); !good) return good.error();
  if (got.framing.end != http::body_end::close) all_.length_told = true;
  if (auto done = receive(got, {0, kept, end}); !done) return done.error();
  return next::done;
}

}  // namespace sampan::client
