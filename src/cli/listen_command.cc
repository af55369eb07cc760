// `sampan listen`: options, shown text and signals around the text server.
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <optional>

#include "base/unique_fd.h"
#include "cli/commands.h"
#include "cli/dialogue_flags.h"
#include "cli/i18n.h"
#include "cli/listen_report.h"
#include "cli/log_writer.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/prompt_line.h"
#include "cli/signals.h"
#include "cli/text_writer.h"
#include "net/address.h"
#include "net/wait.h"
#include "sampan/talk.h"

namespace sampan::cli {

namespace {

// After stop() every client has its own short limit; this one is for a stdout whose reader has stalled.
constexpr std::chrono::seconds longest_stop{10};

constexpr flag listen_flags[] = {
    {"-p,--port", "N", N_("port to listen on, if not given as PORT; 0: any free one (7788)")},
    {"-b,--bind", "ADDR", N_("address to listen on; may be repeated (all, IPv4 and IPv6)"), repeats::words},
    {"-e,--encoding", "NAME", N_("encoding of the text on the wire (gbk)")},
    {"--stay", nullptr, N_("clients stay, and typed lines go to all of them (when a person types: always)")},
    {"--label", nullptr, N_("show who sent each line, also into a pipe")},
    {"--once", nullptr, N_("end after the first client")},
    {"--backlog", "N", N_("clients that may wait to be accepted (4096; the course's programs: 128)")},
    {"--quiet-time", "TIME", N_("without a byte: a message is complete (50ms)")},
    {"-i,--idle-timeout", "TIME",
     N_("for a client to send its first byte (60s); with --stay: without a byte either way (none)")},
    {"--send-timeout", "TIME", N_("without progress in sending the reply (10s)")},
    {"--linger-timeout", "TIME", N_("for a client to close after the reply (2s)")},
    {"-4,--ipv4", nullptr, N_("IPv4 only")},
    {"-6,--ipv6", nullptr, N_("IPv6 only")},
    {"-u,--udp", nullptr, N_("UDP instead of TCP")},
    {"-U,--unix", nullptr, N_("PORT is the path of a Unix socket")},
    {"--allow", "NET", N_("only clients from networks such as 10.0.0.0/8, addresses or names; may be repeated"),
     repeats::words},
    {"--deny", "NET", N_("no clients from there; counts before --allow; may be repeated"), repeats::words},
    {"--allow-file", "FILE", N_("a file with networks for --allow")},
    {"--deny-file", "FILE", N_("a file with networks for --deny")},
    {"--max-clients", "N", N_("clients at once; 0: as many as there are descriptors (0)")},
    {"--send-only", nullptr, N_("show and relay nothing of what clients say")},
    {"--recv-only", nullptr, N_("read no input, relay nothing")},
    {"--broker", nullptr, N_("what a client says goes to all others; clients stay")},
    {"-h,--help", nullptr, N_("show this")},
};
constexpr auto all_flags = joined(listen_flags, dialogue_flags);

// Reading a terminal from the background would stop the whole program.
bool a_person_types() { return isatty(STDIN_FILENO) != 0 && tcgetpgrp(STDIN_FILENO) == getpgrp(); }

result<std::uint16_t> read_port(const arguments& given) {
  if (given.positional().empty()) return given.port("--port", talk::default_port, 0);
  return net::parse_port(given.positional().front(), 0);
}

result<void> read_place(const arguments& given, talk::server_options& options) {
  if (given.has("--ipv4")) options.only = talk::ip_family::v4;
  if (given.has("--ipv6")) options.only = talk::ip_family::v6;
  if (given.has("--ipv4") && given.has("--ipv6"))
    return error::make(errc::bad_value, "read", "-4 -6", _("they contradict each other"));
  options.datagram = given.has("--udp");
  if (options.datagram && given.has("--unix")) {
    return error::make(errc::bad_value, "read", "-u -U", _("they contradict each other"));
  }
  if (given.has("--unix")) {
    if (given.positional().empty()) return error::make(errc::bad_value, "read", "--unix", _("a path is needed"));
    options.unix_path = given.positional().front();
    return {};
  }
  const auto port = read_port(given);
  if (!port) return port.error();
  options.port = *port;
  return {};
}

result<void> add_file(const arguments& given, const char* name, std::vector<std::string>& list) {
  if (!given.has(name)) return {};
  constexpr std::size_t largest = 1 << 20;  // tens of thousands of networks
  const std::string path = given.text(name);
  std::ifstream file(path, std::ios::binary);
  if (!file) return error::system(errno, "open", path);
  std::string text(largest + 1, '\0');
  file.read(text.data(), std::ssize(text));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest) return error::make(errc::bad_value, "read", path, _("too long"));
  list.push_back(std::move(text));
  return {};
}

result<void> read_access(const arguments& given, talk::server_options& options) {
  options.allow = given.list("--allow");
  options.deny = given.list("--deny");
  if (auto done = add_file(given, "--allow-file", options.allow); !done) return done.error();
  return add_file(given, "--deny-file", options.deny);
}

result<talk::server_options> read_options(const arguments& given, traffic_view& view) {
  talk::server_options options;
  if (auto good = read_place(given, options); !good) return good.error();
  if (auto good = read_access(given, options); !good) return good.error();
  options.bind = given.list("--bind");
  for (const std::string& ip : options.bind) {
    if (!net::address::from_ip(ip, 0)) return error::make(errc::bad_address, "read", given.source("--bind") + ' ' + ip);
  }
  const auto backlog = given.number("--backlog", static_cast<std::uint64_t>(options.backlog), 1);
  if (!backlog) return backlog.error();
  options.backlog = static_cast<int>(*backlog);
  if (auto good = read_dialogue(given, options, view); !good) return good.error();
  const bool typing = a_person_types();
  const bool both_ways = !given.has("--send-only") && !given.has("--recv-only");
  options.stay = given.has("--stay") || given.has("--broker") || typing;
  options.broker = given.has("--broker") && both_ways;
  const auto most = given.number("--max-clients", 0);
  if (!most) return most.error();
  options.max_clients = *most;
  options.commands = given.has("--commands") || typing;
  options.once = given.has("--once");
  if (!given.has("--recv-only") && (typing || isatty(STDIN_FILENO) == 0)) options.input_fd = STDIN_FILENO;
  options.hold_input = !options.commands;
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
  if (given.has("--idle-timeout")) options.idle = options.silence;
  return options;
}

// Until the server has ended by itself, or a signal or a closed stdout has ended it, and its text is written.
void wait_until_ended(talk::server& running, int ended, text_writer& out, std::optional<prompt_line>& prompt,
                      int signals) {
  std::array<pollfd, 3> polled{{{ended, POLLIN, 0}, {out.done(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}}};
  net::patience limits;
  limits.interrupt_fd = signals;
  if (net::wait_for_any(polled.data(), polled.size(), limits) == net::waited::interrupted) next_signal(signals);
  if (polled[0].revents == 0) running.stop();
  const auto until = net::patience::lasting(longest_stop, signals);
  if (net::wait_for(ended, POLLIN, until) == net::waited::ready) {
    running.join();
    prompt.reset();
    out.finish();
    if (net::wait_for(out.done(), POLLIN, until) == net::waited::ready) return;
  }
  running.stop_now();
  out.give_up();  // a server that waits for room goes on, too
  running.join();
  prompt.reset();
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
    "listen", "[PORT]", N_("receives text from any number of clients, and answers"), all_flags, 1, true,
};

int run_listen(const arguments& given, int signals) {
  block_terminal_signals();
  traffic_view view;
  auto options = read_options(given, view);
  if (!options) return fail(options.error());
  const bool label = given.has("--label") || isatty(STDOUT_FILENO) != 0;
  const base::unique_fd ended(eventfd(0, EFD_CLOEXEC));
  std::optional<log_writer> log(std::in_place);
  text_writer out;
  std::optional<prompt_line> prompt;
  const auto put = [&](const std::string& text) { prompt ? prompt->above(text) : out.put(text); };
  const bool prompt_hides_log = isatty(STDERR_FILENO) != 0;
  const auto tell = [&](const std::string& line) {
    if (prompt && prompt_hides_log) {
      prompt->above(line + '\n');
    } else {
      log->line(line);
    }
  };
  auto seen = traffic::open(view, label, *log, put);
  if (!seen) return fail(seen.error());
  // A person may ask for records later.
  if (view.wants_records() || options->commands) {
    options->on_record = [&seen](const talk::record& what) { (*seen)->take(what); };
  }
  listen_report report(put, tell, **seen, label, options->stay, !given.has("--send-only"));
  if (options->input_fd >= 0 && has_prompt_line()) {
    prompt.emplace(out);
    options->input_fd = prompt->lines();
  }
  auto made = talk::server::create(*options, std::ref(report));
  if (!made) return fail(made.error());
  for (const std::string& where : made->addresses()) {
    if (auto told = write_out(fmt::format("listening on {}\n", where), signals); !told)
      return exit_status_at_end(told.error());
  }
  if (prompt) prompt->begin();
  made->start([&ended] { eventfd_write(ended.get(), 1); });
  wait_until_ended(*made, ended.get(), out, prompt, signals);
  seen->reset();
  log.reset();  // its lines come before the last one
  say_totals(made->totals());
  return exit_status_at_end(out.failed());
}

}  // namespace sampan::cli
