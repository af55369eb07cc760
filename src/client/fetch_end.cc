// How a download ends: one more look at the server, the digests, the file's name.
#include "client/clock.h"
#include "client/fetch.h"
#include "client/mending.h"
#include "client/url.h"
#include "client/words.h"

namespace sampan::client {

namespace {

// Smaller ones that came at once had no time to change meanwhile.
constexpr std::uint64_t worth_looking_again = 64 * 1024;
constexpr std::chrono::seconds long_enough_to_change{1};

}  // namespace

result<identity> fetch::ask_for_identity(bool head) {
  request what;
  what.head = head;
  if (!head) what.range = interval{0, 1};
  auto got = all_.whom.ask(all_.place(all_.primary), what, first_.patience());
  if (!got) return got.error();
  const auto framing = http::framing_of((*got)->head);
  if (head && (*got)->head.status == 200) {
    const bool told = framing.end == http::body_end::length && *framing.problem == '\0';
    return identity_of((*got)->head, told ? std::optional(framing.length) : std::nullopt, now_in_seconds());
  }
  const auto seen = judge((*got)->head, (*got)->framing, what, subject_of(all_.source));
  if (!seen) return seen.error();
  if (head || seen->is == verdict::kind::unsatisfied) return all_.problem(errc::unexpected_answer);
  return identity_of((*got)->head, seen->size, now_in_seconds());
}

// A file that was written to while it came has the right length, and bytes of both. What speaks of it now then is another validator.
result<void> fetch::look_again() {
  crew_.end();
  if (by_name_ || looked_again_ || (all_.known->etag.empty() && all_.known->last_modified.empty())) return {};
  const auto took = std::chrono::steady_clock::now() - body_began_;
  const std::uint64_t bytes = body_ ? body_->size() : all_.file->held().bytes();
  if (bytes <= worth_looking_again && took < long_enough_to_change) return {};
  looked_again_ = true;
  std::optional<identity> before;
  for (const bool head : {true, false}) {  // some servers have other fields for HEAD
    const auto now = ask_for_identity(head);
    if (!now && now.error().code() == errc::interrupted) return now.error();
    if (!now || is_page_instead(*all_.known, *now)) return {};  // that says nothing about the file
    const auto is_other = [&](const identity& than) {
      const auto how = compare(than, *now);
      return how == sameness::changed || how == sameness::other_tag;
    };
    // Each time another tag: so it is with replicas that make their own, and says nothing either.
    if (!is_other(*all_.known) || (before && before->total == all_.known->total && is_other(*before))) return {};
    before = *now;
  }
  return all_.problem(errc::changed, "while it was fetched");
}

result<get_outcome> fetch::finish() {
  keeper_.end();
  const std::uint64_t total = body_ ? body_->size() : all_.file->held().bytes();
  if (!body_) tell_bytes(get_event::kind::progress);
  const auto checked = all_.verify.finish(*all_.file, total);
  if (!checked) {
    if (checked.error().code() != errc::digest_mismatch) return checked.error();
    const auto mended = mend();
    if (!mended) return mended.error();
    if (*mended) return checked.error();
    if (body_) {
      if (auto good = begin(*all_.known); !good) return good.error();
      if (auto good = all_.file->write(0, *body_); !good) return good.error();
      body_.reset();
    }
    const auto kept = all_.file->keep_as_bad();
    if (!kept) return kept.error();
    const error bad = checked.error().with_unfinished({all_.file->bad_path(), total, all_.known->total});
    begun_ = false;
    ++mismatches_;
    return bad;
  }
  const bool verified = **checked != '\0';
  if (all_.options.strict && !verified && (!all_.length_told || joined_on_weak_))
    return all_.problem(errc::unproved, "--strict");
  publish_wishes wishes;
  wishes.sync = all_.options.sync;
  if (all_.options.keep_time) wishes.modified = all_.known->modified;
  if (all_.options.note_origin) wishes.origin_url = url_of(all_.source);
  if (verified) {
    get_event event;
    event.now = get_event::kind::verified;
    event.what = *checked;
    tell(event);
  }
  const bool fell_back = by_name_ && all_.source.protocol != get_protocol::bare;
  const get_outcome outcome{all_.file->path(), total, fell_back, all_.length_told, all_.surplus, verified};
  if (body_) {
    const auto tell_outcome = [done = done_, outcome](const result<std::string>& path) {
      done(path ? result<get_outcome>(outcome) : path.error());
    };
    if (auto good = small_.add(*all_.file->place(), *body_, wishes, tell_outcome); !good) return good.error();
  } else if (auto done = all_.file->publish(wishes); !done) {
    return done.error();
  }
  return outcome;
}

}  // namespace sampan::client
