// `sampan talk`: one text and its reply, a conversation, or the course's three questions.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "cli/commands.h"
#include "cli/i18n.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/prompt.h"
#include "cli/signals.h"
#include "net/address.h"
#include "sampan/talk.h"
#include "text/encoding.h"
#include "text/escape.h"

namespace sampan::cli {

namespace {

const flag talk_flags[] = {
    {"-e,--encoding", "NAME", N_("encoding of the text on the wire (gbk)")},
    {"--wait", "TIME", N_("for the reply to begin, or for more after the end of the input; 0: leave at once (10s)")},
    {"--connect-timeout", "TIME", N_("for the connection to come about (10s)")},
    {"--quiet-time", "TIME", N_("without a byte: the reply is complete (300ms)")},
    {"-h,--help", nullptr, N_("show this")},
};

result<talk::client_options> read_options(const arguments& given, int signals) {
  talk::client_options options;
  options.interrupt_fd = signals;
  options.encoding = given.text("--encoding", options.encoding);
  if (const auto known = text::find_encoding(options.encoding); !known) return known.error();
  const auto wait = given.duration("--wait", options.wait);
  if (!wait) return wait.error();
  options.wait = *wait;
  const auto connect = given.duration("--connect-timeout", options.connect_timeout);
  if (!connect) return connect.error();
  options.connect_timeout = *connect;
  const auto quiet = given.duration("--quiet-time", options.quiet);
  if (!quiet) return quiet.error();
  options.quiet = *quiet;
  return options;
}

/// What the peer says, on stdout: exact into a pipe, escaped on a terminal, where a last line is also ended.
class screen {
 public:
  /// @param label  stands before the first text and makes a line of the whole, also in a pipe; may be empty
  screen(std::string label, int signals)
      : label_(std::move(label)), signals_(signals), terminal_(isatty(STDOUT_FILENO) != 0) {}

  result<void> show(std::string_view text) {
    std::string shown = begun_ ? std::string() : label_;
    begun_ = true;
    if (terminal_) {
      escaper_.feed(text, shown);
    } else {
      shown += text;
    }
    return put(shown);
  }

  result<void> finish() {
    std::string rest;
    if (terminal_) escaper_.finish(rest);
    const char last = rest.empty() ? last_ : rest.back();
    if (begun_ && (terminal_ || !label_.empty()) && last != '\n') rest += '\n';
    return put(rest);
  }

  /// Nothing more will come: a program that reads our pipe may finish now, though we go on.
  void close() {
    if (terminal_) return;
    const base::unique_fd nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
    if (nowhere) dup2(nowhere.get(), STDOUT_FILENO);
  }

 private:
  result<void> put(const std::string& text) {
    if (!text.empty()) last_ = text.back();
    return write_out(text, signals_);
  }

  const std::string label_;
  const int signals_;
  const bool terminal_;
  text::stream_escaper escaper_;
  bool begun_ = false;
  char last_ = '\n';
};

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

void tell(const talk::note& what, screen& shown) {
  switch (what.kind) {
    case talk::note_kind::connected: return say(fmt::format(fmt::runtime(_("connected to {}")), what.text));
    case talk::note_kind::peer_finished: shown.close(); return say(_("the peer finished sending"));
    case talk::note_kind::not_sent: return say("sampan: " + message_of(*what.cause));
  }
}

int end(const result<talk::ending>& how, screen& shown, const talk::client_options& options) {
  auto finished = shown.finish();
  if (finished && how) {
    say(ending_text(*how, options));
    return exit_ok;
  }
  const error why = how ? finished.error() : how.error();
  if (is_closed_pipe(why)) return exit_ok;
  return fail(why.code() == errc::interrupted ? why.with_number(next_signal(options.interrupt_fd)) : why);
}

int one_shot(const talk::client_options& options, const std::string& text, const std::string& label) {
  screen shown(label, options.interrupt_fd);
  const talk::client_output output{[&shown](std::string_view came) { return shown.show(came); }, {}};
  return end(talk::send_text(options, text, output), shown, options);
}

int conversation(const talk::client_options& options) {
  screen shown({}, options.interrupt_fd);
  const talk::client_output output{[&shown](std::string_view came) { return shown.show(came); },
                                   [&shown](const talk::note& what) { tell(what, shown); }};
  return end(talk::converse(options, STDIN_FILENO, isatty(STDIN_FILENO) != 0, output), shown, options);
}

// The course's three questions, each answer checked before the next is asked.
int prompted(talk::client_options options) {
  const auto host = ask(_("server ip: "), options.interrupt_fd);
  if (!host) return fail(host.error());
  if (auto good = net::check_host(*host); !good) return fail(good.error());
  options.host = *host;
  const auto port_text = ask(_("server port: "), options.interrupt_fd);
  if (!port_text) return fail(port_text.error());
  const auto port = net::parse_port(*port_text);
  if (!port) return fail(port.error());
  options.port = *port;
  const auto text = ask(_("text to send: "), options.interrupt_fd);
  if (!text) return fail(text.error());
  return one_shot(options, *text, _("received: "));
}

}  // namespace

const command talk_command{
    "talk",
    "[HOST PORT [TEXT]]",
    N_("sends a text and shows the reply, or holds a conversation; without HOST it asks"),
    talk_flags,
    3,
    false,
};

int run_talk(const arguments& given, int signals) {
  auto options = read_options(given, signals);
  if (!options) return fail(options.error());
  const auto& words = given.positional();
  if (words.empty()) return prompted(*options);
  if (auto good = net::check_host(words[0]); !good) return fail(good.error());
  options->host = words[0];
  if (words.size() == 1)
    return fail(error::make(errc::bad_port, "read the port", "", _("it is missing after the host")));
  const auto port = net::parse_port(words[1]);
  if (!port) return fail(port.error());
  options->port = *port;
  return words.size() == 2 ? conversation(*options) : one_shot(*options, words[2], {});
}

}  // namespace sampan::cli
