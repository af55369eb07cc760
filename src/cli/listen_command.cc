// `sampan listen`: options, shown text and signals around the text server.
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.h"
#include "cli/commands.h"
#include "cli/i18n.h"
#include "cli/log_writer.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/text_writer.h"
#include "net/address.h"
#include "net/wait.h"
#include "sampan/talk.h"
#include "text/escape.h"

namespace sampan::cli {

namespace {

// After stop() every client has its own short limit; this one is for a stdout whose reader has stalled.
constexpr std::chrono::seconds longest_stop{10};

const flag listen_flags[] = {
    {"-p,--port", "N", N_("port to listen on, if not given as PORT; 0: any free one (7788)")},
    {"-b,--bind", "ADDR", N_("address to listen on; may be repeated (all, IPv4 and IPv6)"), repeats::words},
    {"-e,--encoding", "NAME", N_("encoding of the text on the wire (gbk)")},
    {"--reply", "TEXT", N_("answer to each message (thank you !; with --stay: none)")},
    {"--stay", nullptr, N_("clients stay, and typed lines go to all of them (when a person types: always)")},
    {"--label", nullptr, N_("show who sent each line, also into a pipe")},
    {"--once", nullptr, N_("end after the first client")},
    {"--backlog", "N", N_("clients that may wait to be accepted (4096; the course's programs: 128)")},
    {"--quiet-time", "TIME", N_("without a byte: a message is complete (50ms)")},
    {"--idle-timeout", "TIME", N_("for a client to send its first byte (60s; with --stay: none)")},
    {"--send-timeout", "TIME", N_("without progress in sending the reply (10s)")},
    {"--linger-timeout", "TIME", N_("for a client to close after the reply (2s)")},
    {"-h,--help", nullptr, N_("show this")},
};

// Reading a terminal from the background would stop the whole program.
bool a_person_types() { return isatty(STDIN_FILENO) != 0 && tcgetpgrp(STDIN_FILENO) == getpgrp(); }

result<std::uint16_t> read_port(const arguments& given) {
  if (given.positional().empty()) return given.port("--port", talk::default_port, 0);
  return net::parse_port(given.positional().front(), 0);
}

result<talk::server_options> read_options(const arguments& given) {
  talk::server_options options;
  const auto port = read_port(given);
  if (!port) return port.error();
  options.port = *port;
  options.bind = given.list("--bind");
  for (const std::string& ip : options.bind) {
    if (!net::address::from_ip(ip, 0)) return error::make(errc::bad_address, "read", given.source("--bind") + ' ' + ip);
  }
  const auto backlog = given.number("--backlog", static_cast<std::uint64_t>(options.backlog), 1);
  if (!backlog) return backlog.error();
  options.backlog = static_cast<int>(*backlog);
  options.encoding = given.text("--encoding", options.encoding);
  if (given.has("--reply")) options.reply = given.text("--reply");
  const bool typing = a_person_types();
  options.stay = given.has("--stay") || typing;
  options.once = given.has("--once");
  if (typing || isatty(STDIN_FILENO) == 0) options.input_fd = STDIN_FILENO;
  options.hold_input = !typing;
  const auto set = [&](const char* name, talk::milliseconds& into) -> result<void> {
    const auto value = given.duration(name, into);
    if (!value) return value.error();
    into = *value;
    return {};
  };
  for (const auto& done : {set("--quiet-time", options.quiet), set("--idle-timeout", options.silence),
                           set("--send-timeout", options.send_stall), set("--linger-timeout", options.drain)}) {
    if (!done) return done.error();
  }
  return options;
}

/// What the server tells: text to stdout, the rest to the log. Its calls come from the server's thread.
class reporter {
 public:
  reporter(text_writer& out, log_writer& log, bool label, bool stay)
      : out_(out), log_(log), terminal_(isatty(STDOUT_FILENO) != 0), label_(label || terminal_), stay_(stay) {}

  void operator()(const talk::event& what) {
    if (what.kind == talk::event_kind::text) return out_.put(label_ ? labelled(what) : what.text);
    if (std::string line = line_about(what); !line.empty()) log_.line(std::move(line));
  }

 private:
  // Every line has its own label, or a peer could write one that looks like another's.
  std::string labelled(const talk::event& what) const {
    std::string_view text = what.text;
    std::string all;
    do {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (terminal_ && line.ends_with('\r')) line.remove_suffix(1);
      all += fmt::format(fmt::runtime(_("#{} {} received: {}")), what.client, what.peer,
                         terminal_ ? text::escape_terminal(line) : std::string(line));
      all += '\n';
    } while (!text.empty());
    return all;
  }

  std::string line_about(const talk::event& what) const {
    const std::string who = fmt::format("#{} {} ", what.client, what.peer);
    switch (what.kind) {
      case talk::event_kind::connected: return stay_ ? who + _("connected") : "";
      case talk::event_kind::left: return stay_ ? who + _("left") : "";
      case talk::event_kind::stopped: return stay_ ? who + _("connection closed: the server stops") : "";
      case talk::event_kind::no_data: return who + _("closed without data");
      case talk::event_kind::reset: return who + _("cut the connection");
      case talk::event_kind::silent: return who + _("sent nothing in time: connection closed");
      case talk::event_kind::too_slow: return who + _("does not take what is sent: connection closed");
      case talk::event_kind::not_sent: return "sampan: " + message_of(*what.cause);
      case talk::event_kind::nobody_here: return _("nobody is connected: the line was not sent");
      case talk::event_kind::accept_paused:
        return fmt::format(fmt::runtime(_("no further clients for now: {}; raise `ulimit -n`")),
                           system_reason(what.cause->number()));
      case talk::event_kind::accept_resumed: return _("clients are accepted again");
      case talk::event_kind::text:
      case talk::event_kind::let_go: break;  // the usual end of a client that leaves closing to us
    }
    return {};
  }

  text_writer& out_;
  log_writer& log_;
  const bool terminal_;
  const bool label_;
  const bool stay_;
};

// Until the server has ended by itself, or a signal or a closed stdout has ended it, and its text is written.
void wait_until_ended(talk::server& running, int ended, text_writer& out, int signals) {
  std::array<pollfd, 3> polled{{{ended, POLLIN, 0}, {out.done(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}}};
  net::patience limits;
  limits.interrupt_fd = signals;
  if (net::wait_for_any(polled.data(), polled.size(), limits) == net::waited::interrupted) next_signal(signals);
  if (polled[0].revents == 0) running.stop();
  const auto until = net::patience::lasting(longest_stop, signals);
  if (net::wait_for(ended, POLLIN, until) == net::waited::ready) {
    out.finish();
    if (net::wait_for(out.done(), POLLIN, until) == net::waited::ready) return;
  }
  running.stop_now();
  out.give_up();  // a server that waits for room goes on, too
  net::wait_for(ended, POLLIN, {});
}

void say_totals(const talk::server_totals& all) {
  say(fmt::format(fmt::runtime(_("clients: {}, messages: {}, bytes received: {}, bytes sent: {}")), all.clients,
                  all.messages, all.bytes_in, all.bytes_out));
}

// A reader of stdout that has gone, or that was waited for in vain, is no failure of the server.
int exit_status_at_end(const std::optional<error>& why) {
  return !why || is_closed_pipe(*why) || why->code() == errc::interrupted ? exit_ok : fail(*why);
}

}  // namespace

const command listen_command{
    "listen", "[PORT]", N_("receives text from any number of clients, and answers"), listen_flags, 1, true,
};

int run_listen(const arguments& given, int signals) {
  const auto options = read_options(given);
  if (!options) return fail(options.error());
  const base::unique_fd ended(eventfd(0, EFD_CLOEXEC));
  std::optional<log_writer> log(std::in_place);
  text_writer out;
  reporter report(out, *log, given.has("--label"), options->stay);
  auto made = talk::server::create(*options, std::ref(report));
  if (!made) return fail(made.error());
  for (const std::string& where : made->addresses()) {
    if (auto told = write_out(fmt::format("listening on {}\n", where), signals); !told)
      return exit_status_at_end(told.error());
  }
  made->start([&ended] { eventfd_write(ended.get(), 1); });
  wait_until_ended(*made, ended.get(), out, signals);
  log.reset();  // its lines come before the last one
  say_totals(made->totals());
  return exit_status_at_end(out.failed());
}

}  // namespace sampan::cli
