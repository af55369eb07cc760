#include "client/fetch.h"

#include "client/backoff.h"
#include "client/mending.h"
#include "client/url.h"
#include "client/words.h"

namespace sampan::client {

namespace {

// Up to this size a download that cannot be proved to go on with the same file begins anew: it costs less than a wrong file.
constexpr std::uint64_t small_enough_to_begin_anew = 64 << 20;
// A file that changes faster than it can be fetched is not fetched by trying for ever.
constexpr unsigned most_restarts = 3;
// So much has come: the next failure is a new one.
constexpr std::uint64_t counts_as_progress = 16 * 1024;

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
