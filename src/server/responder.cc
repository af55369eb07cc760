#include "server/responder.h"

#include <fmt/format.h>

#include <cerrno>

#include "http/digest_fields.h"
#include "http/host.h"
#include "http/multipart.h"
#include "http/negotiate.h"
#include "http/range.h"
#include "http/status.h"
#include "server/error_page.h"
#include "server/page.h"
#include "server/worker.h"
#include "text/percent.h"

namespace sampan::serving {

using may = store::local_dir::may;
using http::known;

namespace {

constexpr std::string_view allowed = "Allow: GET, HEAD, OPTIONS\r\n";

// A request without any of the fields that can change its answer.
bool is_plain(const http::request_head& head) {
  return !head.has(known::range) && !head.has(known::if_none_match) && !head.has(known::if_modified_since) &&
         !head.has(known::if_match) && !head.has(known::if_unmodified_since) && !head.has(known::want_repr_digest);
}

// The values of all lines of that name, in `joined` where there are several, which is rare.
std::string_view all_values(const http::request_head& head, known which, std::string& joined) {
  if (!head.repeated(which)) return head.value(which);
  return joined = head.combined(which);
}

std::string_view path_part(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

sending responder::answer(const http::request_head& head, persistence then, bool may_put_off) {
  head_ = &head;
  then_ = then;
  status_ = 0;
  problem_ = "";
  content_ = 0;
  is_head_ = head.verb == http::method::head;
  const auto target = http::split_target(head.method_name, head.target);
  const bool host_is_valid = !head.has(known::host) || http::is_valid_host(head.value(known::host));
  if (!target || !host_is_valid) {
    then_ = persistence::ends;  // whoever sent this may have meant something else by its framing, too
    return bad_request(target ? "no valid Host" : "no valid target");
  }
  if (head.unknown_expectation) return answer_error(417);
  switch (head.verb) {
    case http::method::unknown: return answer_error(501);
    case http::method::other: return answer_error(405, allowed);
    case http::method::options: return answer_options();
    case http::method::get:
    case http::method::head: return answer_target(*target, may_put_off);
  }
  return answer_error(501);
}

sending responder::refuse(int status, const char* why, bool is_head) {
  head_ = nullptr;
  is_head_ = is_head;
  content_ = 0;
  then_ = persistence::ends;
  problem_ = why;
  return answer_error(status);
}

sending responder::bad_request(const char* why) {
  problem_ = why;
  return answer_error(400);
}

sending responder::go_on(const http::request_head& head) {
  head_ = &head;
  if (found_) {
    const auto what = std::move(found_);
    return answer_found(std::move(*what));
  }
  if (held_back_) return go_on_after_hold();
  if (!page_) return sending::done;
  return page_is_read_ ? send_piece() : read_folder();
}

void responder::cancel() {
  if (page_) page_->cancel();
  wait_.reset();
}

// --- finding ----------------------------------------------------------------------------------------------------------

sending responder::answer_target(const http::target& target, bool may_put_off) {
  worker& home = client_.home();
  // The key of what is remembered: the path as it came, and the codings that may be sent.
  std::string joined;
  metalink_ = target.query == "metalink";  // which is about the file itself
  const coding_preference accepted(metalink_ ? "" : all_values(*head_, known::accept_encoding, joined));
  std::string& key = home.key();
  key.assign(target.path);
  if (!accepted.order().empty()) key += '\n';
  for (const http::coding one : accepted.order()) key += static_cast<char>('0' + static_cast<int>(one));
  if (may_put_off && home.files().contains(key)) return sending::put_off;
  if (const auto* file = home.files().find(key, home.loop().now())) return answer_file(*file);

  const shared_parts& parts = home.parts();
  if (parts.options.health && target.path == "/healthz") return answer_health();
  switch (http::decode_path(target.path, name_)) {
    case http::path_problem::none: break;
    case http::path_problem::malformed: return bad_request("no valid path");
    case http::path_problem::outside: return bad_request("a path that leads above the root");
    case http::path_problem::absent: return answer_error(404);
  }
  const look_up_options how{parts.options.index, parts.options.etag};
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
  found what = look_up(parts.files, name_, accepted, how, may::only_use_caches, now);
  const bool must_wait = !what.file && !what.folder && what.why.is_system(EAGAIN);
  if (!must_wait) return answer_found(std::move(what));

  found_ = std::make_shared<found>();
  client_.wait_for_disk(
      parts.disk,
      [answer = found_, &files = parts.files, name = name_, accepted, how, now] {
        *answer = look_up(files, name, accepted, how, may::block, now);
      },
      [this, key] {
        client_.home().key() = key;
        client_.resume();
      });
  return sending::later;
}

sending responder::answer_found(found what) {
  worker& home = client_.home();
  if (what.file) {
    make_ready(*what.file, home.unix_time(), home.http());
    home.remember(what.file);
    return answer_file(what.file);
  }
  if (what.folder) return answer_folder(std::move(what.folder));
  problem_ = "";
  if (what.why.code() == errc::no_such_file) return answer_error(404);
  switch (what.why.number()) {
    case EAGAIN:  // somebody has a lease on the file
    case EMFILE:
    case ENFILE:
    case ENOMEM: return answer_error(503, "Retry-After: 1\r\n");
    default: return answer_error(500);
  }
}

// --- files ------------------------------------------------------------------------------------------------------------

sending responder::answer_file(const std::shared_ptr<served_file>& file, bool waited) {
  if (metalink_) return answer_metalink(file, waited);
  if (is_plain(*head_)) return answer_plain(file);
  std::array<std::string, 7> joined;
  std::size_t used = 0;
  const auto value = [&](known which) { return all_values(*head_, which, joined[used++]); };
  const asked request{is_head_,
                      {value(known::if_match), value(known::if_none_match), value(known::if_modified_since),
                       value(known::if_unmodified_since), value(known::if_range)},
                      value(known::range)};
  plan& made = client_.home().made();
  decide(request, {file->etag, file->modified}, file->size, client_.home().unix_time(), made);
  std::string lines;
  // RFC 9530 3: of the whole representation, for a range of it, too.
  if (made.status < 300 && http::wants_sha256(value(known::want_repr_digest))) {
    if (!waited && hold_back(file, false, client_.home().digest_deadline())) return sending::later;
    lines = digest_lines(*file);
  }
  switch (made.status) {
    case 206: return answer_parts(file, made, lines);
    case 304:
      begin_head(304).identify(*file).end();
      client_.out().add_text(false);
      return send_last();
    case 412: return answer_error(412);
    case 416: return answer_error(416, "Content-Range: " + http::content_range_unsatisfied(file->size) + "\r\n");
    default: return lines.empty() ? answer_plain(file) : answer_whole(file, lines);
  }
}

sending responder::answer_plain(const std::shared_ptr<served_file>& file) {
  const std::int64_t now = client_.home().unix_time();
  status_ = 200;
  content_ = is_head_ ? 0 : file->size;
  refresh_date(*file, now);
  if (then_ == persistence::keeps && (is_head_ || file->in_memory)) {
    const std::string_view ready = file->ready;
    return client_.send(is_head_ ? ready.substr(0, file->head_length) : ready, content_);
  }
  if (then_ != persistence::keeps) return answer_whole(file, {});
  client_.out().text().append(file->ready);
  client_.out().add_text(false);
  queue_content(file, 0, file->size);
  return send_last();
}

sending responder::answer_whole(const std::shared_ptr<served_file>& file, std::string_view lines) {
  content_ = is_head_ ? 0 : file->size;
  head_writer head = begin_head(200);
  head.describe(*file).add_lines(lines).add("Content-Type", file->media_type).add("Content-Length", file->size).end();
  client_.out().add_text(false);
  if (!is_head_) queue_content(file, 0, file->size);
  return send_last();
}

sending responder::answer_parts(const std::shared_ptr<served_file>& file, const plan& made, std::string_view lines) {
  head_writer head = begin_head(206);
  head.describe(*file).add_lines(lines);
  outgoing& out = client_.out();
  if (made.ranges.size() == 1) {
    const http::byte_range range = made.ranges.front();
    head.add("Content-Type", file->media_type).add_content_range(range, file->size);
    head.add("Content-Length", range.length()).end();
    out.add_text(false);
    content_ = range.length();
    queue_content(file, range.first, range.length());
    return send_last();
  }
  // At random, so that nobody can write a file that contains it.
  const std::string boundary = fmt::format("{:016x}{:016x}", client_.home().random(), client_.home().random());
  content_ = http::multipart_length(boundary, file->media_type, made.ranges, file->size);
  head.add("Content-Type", http::multipart_type(boundary)).add("Content-Length", content_).end();
  out.add_text(false);
  bool is_first = true;
  for (const http::byte_range range : made.ranges) {
    out.text() += http::part_head(boundary, file->media_type, range, file->size, is_first);
    out.add_text(true);
    queue_content(file, range.first, range.length());
    is_first = false;
  }
  out.text() += http::closing(boundary);
  out.add_text(true);
  return send_last();
}

void responder::queue_content(const std::shared_ptr<served_file>& file, std::uint64_t offset, std::uint64_t length) {
  outgoing& out = client_.out();
  if (file->in_memory) {
    out.text().append(file->content().substr(offset, length));
    out.add_text(true);
  } else {
    out.set_file(file->fd, file->state);
    out.add_file(offset, length);
  }
}

// --- folders ----------------------------------------------------------------------------------------------------------

sending responder::answer_folder(base::unique_fd folder) {
  const auto target = http::split_target(head_->method_name, head_->target);
  std::string clean = store::without_dot_segments(name_).value_or("");
  if (!clean.empty()) clean += '/';
  if (name_.empty() || name_.ends_with('/')) return answer_listing(std::move(folder), std::move(clean));
  // From the decoded name, so that no `//` or `\` of the request can name another host.
  std::string location = http::encode_path(clean);
  if (target->has_query) location.append("?").append(target->query);
  return redirect(location);
}

sending responder::redirect(const std::string& location) { return answer_error(301, "Location: " + location + "\r\n"); }

// Of what has no validators, such as a listing: only `*` matches it.
http::verdict responder::conditions_without_validators() const {
  const std::string if_match = head_->combined(known::if_match);
  const std::string if_none_match = head_->combined(known::if_none_match);
  http::conditions conditions;
  if (head_->has(known::if_match)) conditions.if_match = if_match;
  if (head_->has(known::if_none_match)) conditions.if_none_match = if_none_match;
  return http::evaluate(conditions, {}, client_.home().unix_time());
}

sending responder::answer_listing(base::unique_fd folder, std::string clean_path) {
  const auto verdict = conditions_without_validators();
  if (verdict == http::verdict::failed) return answer_error(412);
  if (verdict == http::verdict::not_modified) {
    begin_head(304).add("Vary", "Accept").end();
    client_.out().add_text(false);
    return send_last();
  }
  if (folder_page::too_much_is_held()) return answer_error(503, "Retry-After: 10\r\n");

  const auto target = http::split_target(head_->method_name, head_->target);
  const auto form = target->query == "json"   ? http::listing_form::json
                    : target->query == "text" ? http::listing_form::text
                                              : http::choose_listing(head_->combined(known::accept));
  chunked_ = head_->minor > 0;
  if (!chunked_) then_ = persistence::ends;  // HTTP/1.0 knows no other end of a body of unknown length
  head_writer head = begin_head(200);
  head.add("Content-Type", listing_media_type(form)).add("Vary", "Accept");
  if (form == http::listing_form::html) head.add("Content-Security-Policy", page_policy);
  if (chunked_) head.add("Transfer-Encoding", "chunked");
  head.end();
  client_.out().add_text(false);
  if (is_head_) return send_last();

  const shared_parts& parts = client_.home().parts();
  page_ =
      std::make_shared<folder_page>(parts.files, std::move(folder), std::move(clean_path), form, parts.options.hidden);
  page_is_read_ = false;
  // The page's head goes out before the folder is read: the client sees at once that something is coming.
  std::string begun;
  page_->begin(begun);
  queue_chunk(begun);
  const sending how = client_.send();
  return how == sending::done ? read_folder() : how;
}

void responder::queue_chunk(std::string_view bytes) {
  outgoing& out = client_.out();
  if (bytes.empty()) return;  // an empty chunk would be the last one
  if (chunked_) {
    out.text() += fmt::format("{:x}\r\n", bytes.size());
    out.add_text(false);
  }
  out.text() += bytes;
  out.add_text(true);
  if (chunked_) out.text() += "\r\n";
  out.add_text(false);
  content_ += bytes.size();
}

sending responder::read_folder() {
  client_.wait_for_disk(
      client_.home().parts().walks, [page = page_] { page->read(); },
      [this] {
        page_is_read_ = true;
        client_.resume();
      });
  return sending::later;
}

sending responder::send_piece() {
  if (const auto good = page_->outcome(); !good) {
    const error why = good.error();
    page_.reset();
    if (why.code() == errc::interrupted) return client_.leave(), sending::over;
    return client_.reset(serve_outcome::failed, why.number()), sending::over;
  }
  std::string piece;
  const bool more = page_->write_piece(piece);
  queue_chunk(piece);
  if (!more) {
    if (chunked_) client_.out().text() += "0\r\n\r\n";
    client_.out().add_text(false);
    page_.reset();
    return send_last();
  }
  const sending how = client_.send();
  return how == sending::done ? client_.next_turn() : how;
}

// --- everything else --------------------------------------------------------------------------------------------------

head_writer responder::begin_head(int status) {
  status_ = status;
  return {client_.out().text(), status, client_.home().unix_time(), then_, client_.home().http()};
}

// The connection's end follows at once, and rides on the last segment.
sending responder::send_last() { return client_.send(then_ == persistence::ends); }

sending responder::answer_options() {
  begin_head(204).add_lines(allowed).add_lines(client_.home().http().preflight).end();
  client_.out().add_text(false);
  return send_last();
}

sending responder::answer_health() { return answer_text(200, "text/plain; charset=utf-8", "ok\n", {}); }

sending responder::answer_error(int status, std::string_view lines) {
  const std::string path = head_ == nullptr ? "" : text::percent_decode(path_part(head_->target));
  const std::string page = error_page(status, http::reason_phrase(status), path);
  const std::string policy = fmt::format("Content-Security-Policy: {}\r\n{}", page_policy, lines);
  return answer_text(status, "text/html; charset=utf-8", page, policy);
}

sending responder::answer_text(int status, std::string_view media_type, std::string_view text, std::string_view lines) {
  begin_head(status).add("Content-Type", media_type).add("Content-Length", text.size()).add_lines(lines).end();
  outgoing& out = client_.out();
  out.add_text(false);
  if (!is_head_) {
    out.text() += text;
    out.add_text(true);
    content_ = text.size();
  }
  return send_last();
}

}  // namespace sampan::serving
