// How a download begins: with what an earlier run left, or with the first answer.
#include "client/clock.h"
#include "client/fetch.h"
#include "client/url.h"
#include "client/words.h"
#include "http/content_disposition.h"
#include "http/date.h"

namespace sampan::client {

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

}  // namespace sampan::client
