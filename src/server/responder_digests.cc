// What the responder says about digests: in a field of an answer, and in a Metalink.
#include <fmt/format.h>

#include "http/digest_fields.h"
#include "server/metalink.h"
#include "server/responder.h"
#include "server/worker.h"

namespace sampan::serving {

using http::known;

// Sets the file's digests where they are known, or are so at once. Returns whether the answer waits for them; then answer_file() is
// called again when they have come, or cannot be waited for any longer.
bool responder::hold_back(const std::shared_ptr<served_file>& file, bool pieces, net::deadline_list& until) {
  if (file->digests && (file->digests->has_pieces || !pieces)) return false;
  if (file->in_memory) {  // as short as sending it: not worth a thread's attention
    file->digests = digests_of(file->content());
    return false;
  }
  const bool may_share_its_stamps = file->etag.starts_with("W/");
  if (may_share_its_stamps || file->size > digests::most_hashed) return false;
  worker& home = client_.home();
  wait_ = home.parts().hashes.ask(home.loop(), {file->fd, file->state, pieces}, [this] { client_.resume(); });
  if (!wait_) return false;
  if (wait_->answer()) {
    file->digests = wait_->answer();
    wait_.reset();
    return false;
  }
  held_back_ = file;
  client_.hold_back(until);
  return true;
}

sending responder::go_on_after_hold() {
  const auto file = std::move(held_back_);
  if (wait_ && wait_->answer()) file->digests = wait_->answer();
  if (wait_) wait_->leave_it_running();
  wait_.reset();
  return answer_file(file, true);
}

std::string responder::digest_lines(const served_file& file) {
  std::string lines;
  if (file.digests) {
    const http::digest one{base::digest_algorithm::sha256, file.digests->whole};
    lines.append("Repr-Digest: ").append(http::format_repr_digest(one)).append("\r\n");
  }
  // RFC 6249 6. To those who care for digests, and to nobody else: it would be 70 bytes in every answer. Not beside a
  // compressed neighbour, since the Metalink is about the file itself.
  if (file.size <= digests::most_hashed && file.coding == http::coding::identity) {
    lines.append("Link: <?metalink>; rel=describedby; type=\"").append(metalink_type).append("\"\r\n");
  }
  return lines;
}

sending responder::answer_metalink(const std::shared_ptr<served_file>& file, bool waited) {
  if (file->size > digests::most_hashed) {
    problem_ = "too large for a Metalink";
    return answer_error(404);
  }
  const auto target = http::split_target(head_->method_name, head_->target);
  // RFC 9112 3.2.2: a target with an authority counts before Host.
  const std::string_view host = target->authority.empty() ? head_->value(known::host) : target->authority;
  if (host.empty()) return bad_request("no Host, which a Metalink needs");
  switch (conditions_without_validators()) {
    case http::verdict::failed: return answer_error(412);
    case http::verdict::not_modified:
      begin_head(304).end();
      client_.out().add_text(false);
      return send_last();
    case http::verdict::proceed: break;
  }
  if (!is_head_) {
    if (!waited && hold_back(file, true, client_.home().metalink_deadline())) return sending::later;
    if (!file->digests || !file->digests->has_pieces) {
      problem_ = "its digests did not come in time";
      return answer_error(503, "Retry-After: 5\r\n");
    }
  }
  const std::string& name = file->witnesses.front().name;
  const std::string url = fmt::format("http://{}{}", host, http::encode_path(*store::without_dot_segments(name)));
  const metalink_subject about{std::string_view(name).substr(name.rfind('/') + 1), url, file->size, file->modified};
  // HEAD needs only a document of the same length (RFC 9110 9.3.2), for which nothing has to be read.
  const std::size_t pieces = (file->size + digests::piece_length - 1) / digests::piece_length;
  constexpr std::size_t length = base::digest_size(base::digest_algorithm::sha256);
  const file_digests blank{std::string(length, '\0'), std::string(is_head_ ? pieces * length : 0, '\0'), true};
  return answer_text(200, metalink_type, write_metalink(about, is_head_ ? blank : *file->digests), {});
}

}  // namespace sampan::serving
