#include "sampan/error.h"

#include <netdb.h>

#include <cstring>

namespace sampan {

error::error(errc code, int number, const char* operation, texts about)
    : code_(code), number_(number), operation_(operation), texts_(std::make_shared<const texts>(std::move(about))) {}

error error::make(errc code, const char* operation, std::string_view subject, std::string_view detail) {
  return {code, 0, operation, {std::string(subject), std::string(detail), {}}};
}

error error::system(int number, const char* operation, std::string_view subject) {
  return numbered(errc::system, number, operation, subject);
}

error error::numbered(errc code, int number, const char* operation, std::string_view subject) {
  return {code, number, operation, {std::string(subject), {}, {}}};
}

error error::with_detail(std::string_view detail) const {
  return {code_, number_, operation_, {subject(), std::string(detail), what_came()}};
}

error error::with_number(int number) const {
  error made = *this;
  made.number_ = number;
  return made;
}

error error::with_unfinished(const unfinished& what) const {
  return {code_, number_, operation_, {subject(), detail(), what}};
}

namespace {
const std::string none;
const std::optional<unfinished> nothing_came;
}  // namespace

const std::string& error::subject() const noexcept { return texts_ ? texts_->subject : none; }
const std::string& error::detail() const noexcept { return texts_ ? texts_->detail : none; }
const std::optional<unfinished>& error::what_came() const noexcept { return texts_ ? texts_->what_came : nothing_came; }

std::string error::message() const {
  std::string text = operation_;
  if (!subject().empty()) text += ' ' + subject();
  text += ": ";
  if (code_ == errc::system) {
    text += strerrordesc_np(number_) ? strerrordesc_np(number_) : "unknown error";
  } else if (code_ == errc::resolve_failed) {
    text += gai_strerror(number_);
  } else {
    text += reason(code_);
  }
  if (!detail().empty()) text += " (" + detail() + ')';
  return text;
}

const char* reason(errc code) noexcept {
  switch (code) {
    case errc::system: return "system error";
    case errc::bad_port: return "not a port number";
    case errc::bad_address: return "neither an IP address nor a host name";
    case errc::bad_url: return "not a usable URL";
    case errc::bad_name: return "not a usable file name";
    case errc::bad_value: return "not a usable value";
    case errc::unknown_encoding: return "unknown encoding";
    case errc::empty_text: return "nothing to send";
    case errc::end_of_input: return "input ended";
    case errc::resolve_failed: return "name not resolved";
    case errc::connect_timeout: return "no answer in time";
    case errc::port_in_use: return "port in use";
    case errc::reply_timeout: return "no reply in time";
    case errc::stalled: return "stalled";
    case errc::connection_reset: return "connection reset by peer";
    case errc::cut_short: return "ended too early";
    case errc::certificate_refused: return "certificate refused";
    case errc::tls_failed: return "TLS failed";
    case errc::no_such_file: return "no such file";
    case errc::nothing_received: return "nothing received: no such file, or an empty one";
    case errc::not_the_file: return "the answer is not the file";
    case errc::malformed_answer: return "malformed answer";
    case errc::unexpected_answer: return "not what was asked for";
    case errc::redirected: return "redirected";
    case errc::refused_by_peer: return "refused by the server";
    case errc::target_is_directory: return "is a directory";
    case errc::target_exists: return "exists already";
    case errc::part_not_ours: return "not a plain file of ours";
    case errc::target_busy: return "held by another run";
    case errc::short_file: return "got shorter while it was sent";
    case errc::changed: return "another file than before";
    case errc::digest_mismatch: return "not what the digest was made of";
    case errc::unproved: return "nothing proves that it is whole";
    case errc::not_encodable: return "not in this encoding";
    case errc::interrupted: return "interrupted";
  }
  return "unknown error";
}

}  // namespace sampan
