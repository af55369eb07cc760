#include "server/http_exchange.h"

#include <algorithm>
#include <cstring>

#include "server/worker.h"

namespace sampan::serving {

namespace {
// A body that comes with a GET means nothing (RFC 9110 9.3.1): up to here it is read and thrown away after the answer, so that the
// connection can go on; beyond it the connection ends.
constexpr std::uint64_t longest_body = 1 << 20;
// Receives, and requests, of one connection before the other clients have their turn.
constexpr int receives_per_turn = 16;
constexpr int requests_per_turn = 64;
constexpr http::limits head_limits;
// Content that leaves at once, with its head, on any fresh connection: ten segments of 1,460 bytes (RFC 6928).
constexpr std::uint64_t sent_at_once = 12 * 1024;

// Of what is no request so much is logged: enough to see what it was.
constexpr std::size_t longest_logged = 256;

std::string_view first_line(std::string_view bytes) {
  return bytes.substr(0, std::min(longest_logged, bytes.find_first_of("\r\n")));
}
}  // namespace

http_exchange::~http_exchange() {
  if (put_off_) client_.home().drop(*this);
}

void http_exchange::on_input(bool ended) {
  const std::span<char> scratch = client_.home().scratch();
  int taken = 0;
  for (int i = 0; i < receives_per_turn; ++i) {
    std::size_t have = held_.size();
    std::memcpy(scratch.data(), held_.data(), have);
    drained_ = false;
    if (!unseen_) {
      const auto got = client_.stream().receive(scratch.subspan(have));
      if (got.would_block()) return;
      if (got.error != 0) return client_.leave();
      if (got.bytes == 0) return client_.close(have == 0 ? serve_outcome::sent : serve_outcome::no_name);
      have += got.bytes;
      drained_ = !ended && have < scratch.size();
    }
    unseen_ = false;
    if (process({scratch.data(), have}, taken) != after::starved || drained_) return;
  }
  client_.look_again();
}

http_exchange::after http_exchange::process(std::string_view bytes, int& taken) {
  held_.clear();
  for (; !bytes.empty(); ++taken) {
    if (taken >= requests_per_turn && phase_ == phase::head) {
      held_ = bytes;
      unseen_ = true;
      client_.look_again();
      return after::later;
    }
    const after what = phase_ == phase::body ? skip_body(bytes) : take_request(bytes);
    if (what != after::next) return what;
  }
  std::string().swap(held_);
  return after::starved;
}

http_exchange::after http_exchange::take_request(std::string_view& bytes) {
  http::request_head& head = client_.home().head();
  const bool begins = progress_.searched == 0;
  const auto parsed = http::parse_request(bytes, head_limits, progress_, head);
  if (parsed.status == http::parse_status::incomplete) {
    if (begins) client_.home().request_deadline().arm(client_);
    held_ = bytes;
    return after::starved;
  }
  client_.request_begins();
  head_ = &head;
  if (parsed.status == http::parse_status::refused) return refuse(parsed.code, parsed.why, bytes);
  const std::string_view current = bytes.substr(0, head.length);
  bytes.remove_prefix(head.length);
  closing_ = !head.keep_alive || client_.home().stopping();
  if (head.body != http::body_kind::none) expect_body(head);
  return answer(head, current, bytes, true);
}

// The answer to a GET does not depend on its body (RFC 9110 9.3.1), nor does the refusal of other methods: it is sent at once, and
// the body is read and thrown away afterwards, so that it is never taken for a request.
void http_exchange::expect_body(const http::request_head& head) {
  body_ = head.content_length;
  if (head.body == http::body_kind::chunked) chunks_ = std::make_unique<http::chunked_decoder>();
  // Who waited for "100 Continue" need not send anything now (RFC 9110 10.1.1): whether there is a body cannot be known.
  if (head.expects_continue || body_is_too_long()) closing_ = true;
}

bool http_exchange::body_is_too_long() const noexcept { return body_ > longest_body; }

http_exchange::after http_exchange::skip_body(std::string_view& bytes) {
  bool complete = false;
  if (chunks_) {
    while (!complete && !bytes.empty()) {
      const auto step = chunks_->feed(bytes);
      bytes.remove_prefix(step.taken);
      body_ += step.taken;  // with its framing, which may be most of it
      if (step.now == http::chunked_decoder::state::malformed || body_is_too_long()) {
        return client_.linger(serve_outcome::sent), after::over;  // where the next request begins is unknown
      }
      complete = step.now == http::chunked_decoder::state::done;
    }
  } else {
    const auto length = std::min<std::uint64_t>(body_, bytes.size());
    bytes.remove_prefix(length);
    body_ -= length;
    complete = body_ == 0;
  }
  if (!complete) return after::starved;
  end_body();
  return after::next;
}

bool http_exchange::ends_here() const { return responder_.ends_connection() || client_.home().stopping(); }

void http_exchange::begin_next() {
  const bool has_body = body_ > 0 || chunks_ != nullptr;
  phase_ = has_body ? phase::body : phase::head;
  auto& deadline = has_body ? client_.home().body_deadline() : client_.home().idle_deadline();
  deadline.arm(client_);
}

void http_exchange::end_body() {
  chunks_.reset();
  body_ = 0;
  phase_ = phase::head;
  client_.home().idle_deadline().arm(client_);
}

http_exchange::after http_exchange::refuse(int status, const char* why, std::string_view current) {
  closing_ = true;
  const std::string request(current);  // which may be held_
  held_ = request;
  const bool is_head = head_ != nullptr && head_->verb == http::method::head;
  const sending how = responder_.refuse(status, why, is_head);
  return how == sending::over ? after::over : settle(how, request, {});
}

http_exchange::after http_exchange::answer(const http::request_head& head, std::string_view current,
                                           std::string_view rest, bool may_put_off) {
  const auto then = closing_ ? persistence::ends : head.minor == 0 ? persistence::keeps_http10 : persistence::keeps;
  worker& home = client_.home();
  const bool can_put_off = may_put_off && rest.empty() && home.can_put_off(current.size());
  const sending how = responder_.answer(head, then, can_put_off);
  if (how == sending::over) return after::over;
  if (how != sending::put_off) return settle(how, current, rest);
  home.put_off(*this, current);
  put_off_ = true;
  phase_ = phase::answering;
  head_ = nullptr;
  return after::later;
}

void http_exchange::answer_now(std::string_view request) {
  put_off_ = false;
  http::request_head& head = client_.home().head();
  http::parse_progress fresh;
  http::parse_request(request, head_limits, fresh, head);
  head_ = &head;
  const bool drained = drained_;
  // Not at once: what is received now is younger than the looks at files that this round relies on.
  if (answer(head, request, {}, false) == after::next && !drained) client_.look_again();
}

http_exchange::after http_exchange::settle(sending how, std::string_view current, std::string_view rest) {
  if (how == sending::later) {
    std::string both;
    both.reserve(current.size() + rest.size());
    both.append(current).append(rest);
    held_ = std::move(both);
    head_length_ = current.size();
    phase_ = phase::answering;
    head_ = nullptr;
    return after::later;
  }
  client_.request_ends(responder_.content());
  const bool nothing_unread = rest.empty() && head_ != nullptr && head_->body == http::body_kind::none;
  head_ = nullptr;
  held_.clear();
  if (ends_here()) {
    // What came after closing would turn into a reset that takes away what has not left yet: so at once only where all has.
    if (nothing_unread && responder_.status() < 400 && responder_.content() <= sent_at_once) {
      return client_.close(), after::over;
    }
    return client_.linger(serve_outcome::sent), after::over;
  }
  begin_next();
  return after::next;
}

void http_exchange::settle_held(sending how) {
  head_ = nullptr;
  if (how == sending::later) return;
  client_.request_ends(responder_.content());
  if (ends_here()) return client_.linger(serve_outcome::sent);
  begin_next();
  held_.erase(0, head_length_);
  unseen_ = !held_.empty();
  on_input(true);
}

void http_exchange::on_sent() {
  head_ = &held_head();
  const sending how = responder_.go_on(*head_);
  if (how != sending::over) settle_held(how);
}

void http_exchange::on_deadline() {
  if (phase_ == phase::body) return client_.linger(serve_outcome::sent);  // it was answered
  if (held_.empty()) return client_.close();
  refuse(408, "the head did not come in time", held_);
}

const http::request_head& http_exchange::held_head() {
  http::request_head& head = client_.home().head();
  http::parse_progress fresh;
  const auto parsed = http::parse_request(held_, head_limits, fresh, head);
  if (parsed.status == http::parse_status::incomplete) head.clear();
  return head;
}

bool http_exchange::describe(serve_record& about) {
  if (head_ == nullptr && held_.empty()) return false;
  const http::request_head& head = head_ != nullptr ? *head_ : held_head();
  about.http = true;
  about.name = head.target.empty() ? first_line(held_) : head.target;
  about.method = head.method_name;
  about.minor_version = head.minor;
  about.user_agent = head.value(http::known::user_agent);
  about.referer = head.value(http::known::referer);
  about.status = responder_.status();
  about.problem = responder_.problem();
  return true;
}

}  // namespace sampan::serving
