#include "client/fetch.h"

#include <ctime>

#include "client/backoff.h"
#include "client/mending.h"
#include "client/url.h"
#include "client/words.h"
#include "http/content_disposition.h"
#include "http/date.h"
#include "http/digest_fields.h"

namespace sampan::client {

namespace {

// Up to this size a download that cannot be proved to go on with the same file begins anew: it costs less than a wrong file.
constexpr std::uint64_t small_enough_to_begin_anew = 64 << 20;
// A file that changes faster than it can be fetched is not fetched by trying for ever.
constexpr unsigned most_restarts = 3;
// So much has come: the next failure is a new one.
constexpr std::uint64_t counts_as_progress = 16 * 1024;
// Smaller ones that came at once had no time to change meanwhile.
constexpr std::uint64_t worth_looking_again = 64 * 1024;
constexpr std::chrono::seconds long_enough_to_change{1};

std::int64_t now_in_seconds() { return std::time(nullptr); }

watch::limits limits_of(const get_options& options) {
  return {options.connect_timeout, options.idle_timeout, options.low_speed, options.low_speed_time,
          options.interrupt_fd};
}

}  // namespace

fetch::fetch(origin& whom, const get_source& source, const get_options& options, rate_limit& rate, sink_maker make,
             small_publisher& small, std::uint64_t seed)
    : all_(whom, source, options),
      make_(std::move(make)),
      small_(small),
      random_(seed),
      crew_(all_, limits_of(options), rate, options.connections, seed),
      first_(
          all_, 0, watch(limits_of(options), rate, [this] { return glance(); }),
          [this](const char* what, const error* why) { note(what, why); }, seed) {
  if (!options.sha256.empty()) all_.verify.expect({base::digest_algorithm::sha256, options.sha256}, "--sha256");
}

// --- what is told ----------------------------------------------------------------------------------------------------

void fetch::tell(get_event what) {
  if (!all_.options.on_event) return;
  if (all_.file) what.path = all_.file->path();
  what.connections = 1 + crew_.count();
  all_.options.on_event(what);
}

void fetch::note(const char* what, const error* why) {
  get_event event;
  event.now = get_event::kind::note;
  event.what = what;
  event.why = why;
  tell(event);
}

result<void> fetch::glance() {
  if (!begun_) return {};
  if (!keeper_.runs()) keeper_.begin(*all_.file);
  if (const auto bad = keeper_.tell(all_.came)) return *bad;
  if (const auto bad = crew_.failure()) return *bad;
  crew_.consider();
  tell_bytes(get_event::kind::progress);
  return {};
}

void fetch::tell_bytes(get_event::kind now) {
  get_event event;
  event.now = now;
  event.bytes = all_.file->held().bytes();
  event.size = all_.known->total;
  tell(event);
}

// --- the tries -------------------------------------------------------------------------------------------------------

void fetch::run(callback done) {
  done_ = std::move(done);
  if (auto outcome = fetch_it()) done_(std::move(*outcome));
}

// @return  nothing where the publisher of small files tells the outcome
std::optional<result<get_outcome>> fetch::fetch_it() {
  auto opened = make_({});
  if (!opened) return result<get_outcome>(opened.error());
  all_.file = std::move(*opened);
  if (all_.file) take_up_journal();
  for (unsigned tries = 0, mendings = 0;;) {
    const std::uint64_t before = all_.came;
    auto done = attempt();
    if (done) done = look_again();
    if (done) {
      auto finished = finish();
      if (finished && body_) return {};
      if (finished) return finished;
      done = finished.error();
    }
    const error why = done.error();
    if (why.code() == errc::digest_mismatch && mended_ > mendings) {
      mendings = mended_;
      if (mended_ > 1) first_.use_next_place();
      note("pieces of the file are wrong, and are fetched again", &why);
      continue;
    }
    if (why.code() == errc::changed && may_restart()) {
      restart(why);
      continue;
    }
    if (all_.came - before >= counts_as_progress) tries = 0;
    if (!may_try_again(why) || tries++ >= all_.options.retries) {
      if (!may_go_elsewhere(why) || !go_elsewhere(why)) return result<get_outcome>(failed(why));
      tries = 0;
      continue;
    }
    if (auto good = pause(why, tries); !good) return result<get_outcome>(failed(good.error()));
    proved_ = !begun_;
    first_.begin_again();
    if (begun_ && begins_anew_on_weak_evidence()) {
      begun_ = false;
      first_.begin_anew();
    }
  }
}

result<void> fetch::attempt() {
  if (new_file_) return take_first(std::move(new_file_));
  if (begun_) return fetch_rest();
  auto got = first_.ask_first();
  if (!got) return got.error();
  return take_first(std::move(*got));
}

result<void> fetch::fetch_rest() {
  if (!proved_) {
    if (auto good = first_.prove(); !good) return good;
    proved_ = true;
  }
  for (;;) {
    if (auto done = first_.fetch_parts(); !done) return done;
    {
      const std::lock_guard guard(all_.mutex);
      if (all_.parts.complete()) return {};
    }
    // The others have what is left.
    constexpr std::chrono::milliseconds moment{20};
    if (auto good = first_.patience().pause(moment, {}); !good) return good;
  }
}

result<void> fetch::pause(const error& why, unsigned tries) {
  get_event event;
  event.now = get_event::kind::retry;
  event.why = &why;
  const auto full = pause_before(tries, first_.retry_after(), std::uniform_real_distribution<double>(0, 1)(random_));
  event.pause = full * all_.options.retry_pause.count() / 1000;
  tell(event);
  return first_.patience().pause(event.pause, subject_of(all_.source));
}

// Who was never reached is not there, or misspelt.
bool fetch::may_try_again(const error& why) const {
  if (!may_pass(why)) return false;
  return why.code() != errc::system || begun_;
}

// Another place may have what this one does not give; what is wrong on this side is so everywhere.
bool fetch::may_go_elsewhere(const error& why) const {
  switch (why.code()) {
    case errc::interrupted:
    case errc::unproved:
    case errc::target_exists:
    case errc::target_busy:
    case errc::target_is_directory:
    case errc::part_not_ours:
    case errc::bad_name: return false;
    case errc::system:
      if (!is_of_connection(why)) return false;
      break;
    case errc::digest_mismatch:
      if (mismatches_ > 1) return false;  // once more, but not from each of many mirrors
      break;
    default: break;
  }
  return !(begun_ && all_.file->in_order());
}

bool fetch::go_elsewhere(const error& why) {
  if (!first_.use_next_place()) return false;
  note("going on with a mirror", &why);
  if (begun_ && all_.file->held().bytes() > 0) {
    proved_ = true;  // by the mirror's own rules
    return true;
  }
  begun_ = false;
  all_.known.reset();
  all_.primary = first_.place();
  return true;
}

bool fetch::may_restart() const {
  if (first_.asks_mirror()) return false;
  return !all_.options.no_restart && restarts_ < most_restarts && !(begun_ && all_.file->in_order());
}

void fetch::restart(const error& why) {
  ++restarts_;
  crew_.end();
  keeper_.end();
  new_file_ = first_.take_new_file();
  begun_ = false;
  looked_again_ = false;
  proved_ = true;
  first_.begin_anew();
  get_event event;
  event.now = get_event::kind::restart;
  event.why = &why;
  tell(event);
}

// Of a file with a wrong digest only the wrong pieces are fetched again, where it is known which those are.
// @return  whether there is something to fetch
result<bool> fetch::mend() {
  constexpr unsigned most_times = 2;
  if (body_ || all_.file->in_order() || mended_ == most_times) return false;
  const std::uint64_t total = all_.file->held().bytes();
  get_pieces known = all_.options.pieces;
  if (known.length == 0) {
    known = described_pieces(all_.whom, all_.place(all_.primary), first_head_, total, first_.patience());
  }
  const auto wrong = wrong_pieces(*all_.file, total, known);
  if (!wrong || wrong->empty()) return wrong ? result<bool>(false) : wrong.error();
  ++mended_;
  for (const interval& piece : *wrong) all_.file->forget(piece);
  if (auto good = all_.file->checkpoint(); !good) return good.error();
  const std::lock_guard guard(all_.mutex);
  all_.parts = pieces(total, all_.file->held());
  all_.verify.begin_again();
  first_.begin_again();
  return true;
}

// Without a validator that proves it, bytes of before are joined only where fetching them again would cost much. On a connection that
// breaks again and again that has to be good enough the second time.
bool fetch::begins_anew_on_weak_evidence() {
  if (has_strong_evidence(*all_.known) || all_.file->held().bytes() == 0) return false;
  const bool small = !all_.known->total || *all_.known->total <= small_enough_to_begin_anew;
  const bool may = !all_.file->in_order() && !all_.options.no_restart;
  if (may && (small || all_.options.strict) && !std::exchange(began_anew_on_weak_, true)) {
    note("the server cannot prove that the file is still the same; it is fetched anew");
    return true;
  }
  joined_on_weak_ = true;
  note("the server cannot prove that the file is still the same; going on, since what was compared is");
  return false;
}

// --- beginning -------------------------------------------------------------------------------------------------------

journal_header fetch::header() const {
  journal_header made;
  made.url = journal_url(url_of(all_.source));
  made.etag = all_.known->etag;
  made.last_modified = all_.known->last_modified;
  made.media_type = all_.known->media_type;
  made.total = all_.known->total;
  made.final_url = journal_url(url_of(first_.redirected_to().value_or(all_.place(first_.place()))));
  return made;
}

bool fetch::take_up_journal() {
  const auto& found = all_.file->found();
  if (!found) {
    if (*all_.file->note() != '\0') note(all_.file->note());
    return false;
  }
  if (found->header.url != journal_url(url_of(all_.source))) {
    note("the unfinished file is of another URL; it is kept until this one is complete");
    return false;
  }
  identity known;
  known.etag = found->header.etag;
  known.last_modified = found->header.last_modified;
  known.modified = http::parse_date(known.last_modified, now_in_seconds());
  known.media_type = found->header.media_type;
  known.total = found->header.total;
  all_.known = known;
  if (begins_anew_on_weak_evidence()) return false;
  if (auto good = all_.file->resume(header()); !good) return false;
  all_.parts = pieces(known.total.value_or(UINT64_MAX), found->held);
  all_.length_told = known.total.has_value();
  begun_ = true;
  proved_ = false;
  body_began_ = std::chrono::steady_clock::now();
  tell_bytes(get_event::kind::begin);
  return true;
}

// @return  whether it is another one than before
result<bool> fetch::choose_sink(const response& got) {
  if (restarts_ > 0) return 0;
  std::string proposed;
  for (const auto value : got.head.values("Content-Disposition")) {
    if (proposed.empty()) proposed = http::disposition_file_name(value);
  }
  auto made = make_(proposed);
  if (!made) return made.error();
  if (!*made) return false;
  all_.file = std::move(*made);
  return true;
}

result<void> fetch::take_first(std::unique_ptr<response> got) {
  if (const auto& place = first_.redirected_to()) {
    get_event event;
    event.now = get_event::kind::moved;
    const std::string url = url_of(*place);
    event.url = url;
    tell(event);
  }
  const auto seen = judge(got->head, got->framing, {}, subject_of(all_.source));
  if (!seen) return seen.error();
  const identity told = identity_of(got->head, seen->size, now_in_seconds());
  const auto chosen = choose_sink(*got);
  if (!chosen) return chosen.error();
  if (*chosen && take_up_journal()) {
    got.reset();
    return fetch_rest();
  }
  if (got->framing.end == http::body_end::chunked && !got->head.values("Content-Length").empty()) {
    note("the server tells a length beside chunks; the chunks count");  // RFC 9112 6.3
  }
  if (all_.known && is_page_instead(*all_.known, told)) {
    return all_.problem(errc::unexpected_answer, "a page instead of the file: Content-Type: " + told.media_type);
  }
  joined_on_weak_ = false;
  know(*got, told);
  const auto came = take_small(*got);
  if (!came) return came.error();
  if (body_) return {};
  if (*came == 0) {
    if (auto good = begin(told); !good) return good;
  }
  if (auto done = first_.take_from(*got, *came); !done) return done;
  got.reset();
  return fetch_rest();
}

// A small file that comes at once needs no part and no journal: it stays in memory until it is whole.
// @return  how much of the body came; where that is not all, it was written the usual way
result<std::size_t> fetch::take_small(response& got) {
  constexpr std::chrono::milliseconds at_once{100};
  const auto& total = all_.known->total;
  if (!total || *total > most_small_file_bytes || all_.file->place() == nullptr || restarts_ > 0) return 0;
  std::string body(static_cast<std::size_t>(*total), '\0');
  std::size_t came = 0;
  first_.patience().hurry(std::chrono::steady_clock::now() + at_once);
  result<std::size_t> read = 0;
  while (came < body.size()) {
    read = got.read(std::span(body).subspan(came), first_.patience());
    if (!read || *read == 0) break;
    came += *read;
  }
  const bool hurried = first_.patience().hurried();
  first_.patience().hurry({});
  if (came == body.size()) {
    all_.verify.wrote(0, body);
    body_ = std::move(body);
    all_.length_told = true;
    all_.came += came;
    if (got.surplus()) all_.surplus = true;
    return came;
  }
  if (came == 0) return read || hurried ? result<std::size_t>(0) : read.error();
  if (auto good = begin(*all_.known); !good) return good.error();
  if (auto good = all_.file->write(0, std::span(body).first(came)); !good) return good.error();
  all_.verify.wrote(0, std::span(body).first(came));
  if (!read && !hurried) return read.error();
  return came;
}

// Digests and validators of a new file are those to hold it against.
void fetch::know(response& got, const identity& seen) {
  all_.known = seen;
  first_head_ = got.head;
  by_name_ = got.by_name;
  body_.reset();
  body_began_ = std::chrono::steady_clock::now();
  all_.verify.begin_again();
  if (const auto passed_over = all_.verify.expect_from(got.head); !passed_over.empty()) {
    const error why = all_.problem(errc::unexpected_answer, passed_over);
    note("a digest of the server's is passed over", &why);
  }
  get_event event;
  event.now = get_event::kind::begin;
  event.size = seen.total;
  tell(event);
}

result<void> fetch::begin(const identity& seen) {
  if (auto good = all_.file->begin(header()); !good) return good;
  {
    const std::lock_guard guard(all_.mutex);
    all_.parts = pieces(seen.total.value_or(UINT64_MAX), {});
  }
  begun_ = true;
  proved_ = true;
  body_began_ = std::chrono::steady_clock::now();
  if (seen.total) {
    if (auto good = all_.file->check_space(*seen.total); !good) return good;
  }
  crew_.begin();
  return {};
}

// --- ending ----------------------------------------------------------------------------------------------------------

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

error fetch::failed(const error& why) {
  crew_.end();
  keeper_.end();
  if (!begun_ || why.what_came()) return why;
  if (all_.file->in_order()) return why.with_unfinished({{}, all_.file->held().bytes(), all_.known->total});
  // What came is worth its place in the journal, whatever the trouble is.
  const auto kept = all_.file->checkpoint();
  return why.with_unfinished({all_.file->kept_path(), all_.file->held().bytes(), all_.known->total});
}

}  // namespace sampan::client
