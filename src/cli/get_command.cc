// `sampan get`: URLs or prompts, one download after the other, and what is said about them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/i18n.h"
#include "cli/messages.h"
#include "cli/prompt.h"
#include "cli/signals.h"
#include "net/address.h"
#include "net/wait.h"
#include "sampan/get.h"
#include "text/escape.h"
#include "ui/progress.h"

namespace sampan::cli {

namespace {

const flag get_flags[] = {
    {"-o,--output", "FILE", N_("write to FILE; -: to stdout")},
    {"-d,--dir", "DIR", N_("write into DIR, which is made when it is missing")},
    {"--no-clobber", nullptr, N_("never replace an existing file")},
    {"--connect-timeout", "TIME", N_("for the connection to come about (10s)")},
    {"--timeout", "TIME", N_("without a byte (30s)")},
    {"--retries", "N", N_("tries after the first, when the connection fails, stalls or is cut (0)")},
    {"-q,--quiet", nullptr, N_("only errors")},
    {"-h,--help", nullptr, N_("show this")},
};

struct wishes {
  get_options options;
  std::uint64_t retries = 0;
  bool quiet = false;
};

result<wishes> read_options(const arguments& given, int signals) {
  wishes made;
  made.options.output = given.text("--output");
  if (made.options.output == "-") made.options.output_fd = STDOUT_FILENO;
  made.options.directory = given.text("--dir");
  made.options.no_clobber = given.has("--no-clobber");
  made.options.interrupt_fd = signals;
  made.quiet = given.has("--quiet");
  const auto connect = given.duration("--connect-timeout", made.options.connect_timeout);
  if (!connect) return connect.error();
  made.options.connect_timeout = *connect;
  const auto retries = given.number("--retries", made.retries);
  if (!retries) return retries.error();
  made.retries = *retries;
  const auto idle = given.duration("--timeout", made.options.idle_timeout);
  if (!idle) return idle.error();
  made.options.idle_timeout = *idle;
  return made;
}

// The course's three questions, each answer checked before the next is asked.
result<get_source> ask_for_source(int signals) {
  const auto host = ask(_("server ip: "), signals);
  if (!host) return host.error();
  if (auto good = net::check_host(*host); !good) return good.error();
  const auto port_text = ask(_("server port: "), signals);
  if (!port_text) return port_text.error();
  const auto port = net::parse_port(*port_text);
  if (!port) return port.error();
  const auto name = ask(_("name of the file to download: "), signals);
  if (!name) return name.error();
  if (name->empty()) return error::make(errc::bad_name, "get", *name, _("it is empty"));
  return get_source{*host, *port, *name, get_protocol::bare, {}};
}

result<get_outcome> try_once(const get_source& source, const wishes& wanted) {
  const bool draws = !wanted.quiet && isatty(STDERR_FILENO);
  ui::progress bar(draws ? STDERR_FILENO : -1, text::escape_terminal(source.name),
                   {.size_unknown = _("(size unknown)"), .time_left = _("{} left")});
  get_options options = wanted.options;
  options.on_progress = [&bar](std::uint64_t bytes, std::optional<std::uint64_t> size) { bar.update(bytes, size); };
  return get(source, options);
}

bool may_pass(const error& why) {
  const int status = exit_status_of(why);
  const bool cut = why.code() == errc::connection_reset || why.code() == errc::cut_short;
  return status == exit_no_connection || status == exit_timed_out || cut;
}

// A stream that has begun cannot be begun again.
bool may_try_again(const wishes& wanted, const error& why) {
  return may_pass(why) && (wanted.options.output_fd < 0 || exit_status_of(why) == exit_no_connection);
}

int tell_failure(error why, int signals) {
  if (why.code() == errc::interrupted) why = why.with_number(next_signal(signals));
  return fail(why);
}

std::string what_is_uncertain(const get_source& source, const get_outcome& done) {
  if (done.fell_back) return _("(no HTTP there: fetched by bare name; the length cannot be checked)");
  if (done.surplus) return _("(the server sent more than it announced; the rest was not taken)");
  if (done.length_known) return {};
  return source.protocol == get_protocol::bare ? _("(the length is unknown to this protocol and cannot be checked)")
                                               : _("(the server did not tell the length, so it cannot be checked)");
}

int download(const get_source& source, const wishes& wanted, int signals) {
  auto done = try_once(source, wanted);
  for (std::uint64_t i = 0; i < wanted.retries && !done && may_try_again(wanted, done.error()); ++i) {
    // 1, 2, 4 … 32 s: a server that is starting again needs a moment, and one that is gone is not to be hammered.
    const std::chrono::seconds pause(1 << std::min<std::uint64_t>(i, 5));
    say(fmt::format(fmt::runtime(_("{}; trying again in {} s")), message_of(done.error()), pause.count()));
    if (net::wait_for(-1, POLLIN, net::patience::lasting(pause, signals)) == net::waited::interrupted) {
      return tell_failure(error::make(errc::interrupted, "get", source.name), signals);
    }
    done = try_once(source, wanted);
  }
  if (!done) return tell_failure(done.error(), signals);
  if (wanted.quiet) return exit_ok;
  std::string line = wanted.options.output_fd >= 0
                         ? fmt::format(fmt::runtime(_("{} bytes")), done->bytes)
                         : fmt::format(fmt::runtime(_("{}: {} bytes")), text::escape_terminal(done->path), done->bytes);
  if (const auto note = what_is_uncertain(source, *done); !note.empty()) line += ' ' + note;
  say(line);
  return exit_ok;
}

}  // namespace

const command get_command{
    "get", "[URL...]", N_("downloads files; without a URL it asks"), get_flags, 1 << 20, false,
};

int run_get(const arguments& given, int signals) {
  auto wanted = read_options(given, signals);
  if (!wanted) return fail(wanted.error());
  if (given.positional().empty()) {
    const auto source = ask_for_source(signals);
    if (!source) return fail(source.error());
    wanted->options.prefix = "[接收]";
    return download(*source, *wanted, signals);
  }
  if (given.positional().size() > 1 && !wanted->options.output.empty() && wanted->options.output_fd < 0) {
    return fail(error::make(errc::bad_value, "read", "--output", _("one name for several files; use --dir")));
  }
  int status = exit_ok;
  for (const std::string& url : given.positional()) {
    const auto source = parse_get_url(url);
    const int one = source ? download(*source, *wanted, signals) : fail(source.error());
    if (status == exit_ok) status = one;
    if (one > 128) return one;  // interrupted: the rest is not wanted either
  }
  return status;
}

}  // namespace sampan::cli
