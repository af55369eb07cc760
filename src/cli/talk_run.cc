#include "cli/talk_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/i18n.h"
#include "cli/listen_report.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "net/wait.h"
#include "text/escape.h"

namespace sampan::cli {

namespace {

std::string ending_text(talk::ending how, const talk::client_options& options) {
  switch (how) {
    case talk::ending::peer_closed: return _("the peer closed the connection");
    case talk::ending::no_reply: return _("the peer closed the connection without a reply");
    case talk::ending::reply_quiet: return _("the reply is complete: connection closed");
    case talk::ending::wait_over:
      return fmt::format(fmt::runtime(_("nothing came for {} s: connection closed")),
                         static_cast<double>(options.wait.count()) / 1000);
    case talk::ending::quit: return _("connection closed by /quit");
    case talk::ending::left_at_once: return _("connection closed without waiting for a reply");
  }
  return {};
}

std::string line_about(const talk::note& what, traffic_view& view) {
  switch (what.kind) {
    case talk::note_kind::connected: return fmt::format(fmt::runtime(_("connected to {}")), what.text);
    case talk::note_kind::peer_finished: return _("the peer finished sending");
    case talk::note_kind::not_sent: return "sampan: " + message_of(*what.cause);
    case talk::note_kind::encoding_set: return fmt::format(fmt::runtime(_("encoding from now on: {}")), what.text);
    case talk::note_kind::other_command: return obey_view_command(what.text, view);
    case talk::note_kind::wrong_command:
      return fmt::format(fmt::runtime(_("not a command that makes sense here: {}; /help lists them")),
                         text::escape_terminal(what.text));
    case talk::note_kind::looks_like_utf8:
      return _("the peer seems to send UTF-8; if so: /encoding utf-8, or --encoding utf-8");
    case talk::note_kind::replies_dropped:
      return _("automatic replies stopped: too many in 10 s, as when two programs answer each other (--reply-limit)");
    case talk::note_kind::periodic_skipped: return _("the peer does not take the periodic text: it is skipped");
    case talk::note_kind::periodic_resumed:
      return fmt::format(fmt::runtime(_("the peer takes the periodic text again; skipped: {}")), what.count);
    case talk::note_kind::reconnecting:
      return (what.cause ? "sampan: " + message_of(*what.cause) + "; " : "") +
             fmt::format(fmt::runtime(_("connecting again in {} s")), what.count / 1000);
  }
  return {};
}

}  // namespace

talk_run::talk_run(const talk::client_options& options, traffic_view view, std::string label, bool shows)
    : options_(options),
      view_(std::move(view)),
      shows_(shows),
      shown_(std::move(label), [this](const std::string& text) { return write(text); }) {}

int talk_run::one_shot(const std::string& text) {
  return with_output(false, false, [&](const auto& output) { return talk::send_text(options_, text, output); });
}

int talk_run::conversation(bool reads, bool commands) {
  const bool person = reads && isatty(STDIN_FILENO) != 0;
  if (person && has_prompt_line()) {
    screen_.emplace();
    prompt_.emplace(*screen_);
    prompt_->begin();
  }
  const int input = !reads ? -1 : prompt_ ? prompt_->lines() : STDIN_FILENO;
  return with_output(true, person || commands, [&](const auto& output) {
    return talk::converse(options_, input, reads && (person || commands), output);
  });
}

int talk_run::with_output(bool tells, bool records,
                          const std::function<result<talk::ending>(const talk::client_output&)>& talk_on) {
  auto seen = traffic::open(view_, false, log_, [this](const std::string& text) { shown_.put_record(text); });
  if (!seen) {
    close_prompt();
    return fail(seen.error());
  }
  talk::client_output output;
  output.show = [&](std::string_view came) {
    return !shows_ || (*seen)->view().shows_records() ? shown_.failed() : shown_.show(came);
  };
  if (tells) {
    output.tell = [&](const talk::note& what) {
      if (what.kind == talk::note_kind::peer_finished) shown_.close();
      if (const std::string line = line_about(what, (*seen)->view()); !line.empty()) tell(line);
    };
  }
  // A person may ask for records later.
  if (view_.wants_records() || records) output.on_record = [&](const talk::record& what) { (*seen)->take(what); };
  return end(talk_on(output));
}

int talk_run::end(const result<talk::ending>& how) {
  auto finished = shown_.finish();
  if (const auto why = close_prompt(); why && finished) finished = *why;
  if (finished && how) {
    say(ending_text(*how, options_));
    return exit_ok;
  }
  const error why = how ? finished.error() : how.error();
  if (is_closed_pipe(why)) return exit_ok;
  return fail(why.code() == errc::interrupted ? why.with_number(next_signal(options_.interrupt_fd)) : why);
}

result<void> talk_run::write(const std::string& text) {
  if (!prompt_) return write_out(text, options_.interrupt_fd);
  if (!text.empty()) prompt_->above(text);
  if (const auto why = screen_->failed()) return *why;
  return {};
}

void talk_run::tell(const std::string& line) {
  if (prompt_ && isatty(STDERR_FILENO) != 0) return prompt_->above(line + '\n');
  say(line);
}

// Gives the terminal back when all is on the screen; why stdout took no more, if so.
std::optional<error> talk_run::close_prompt() {
  if (!prompt_) return {};
  prompt_.reset();
  screen_->finish();
  net::patience limits;
  limits.interrupt_fd = options_.interrupt_fd;
  net::wait_for(screen_->done(), POLLIN, limits);
  auto why = screen_->failed();
  screen_.reset();
  return why;
}

}  // namespace sampan::cli
