// `sampan serve`: options, log lines and signals around the server.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/eventfd.h>

#include <cstdio>

#include "base/unique_fd.h"
#include "cli/commands.h"
#include "cli/i18n.h"
#include "cli/log_writer.h"
#include "cli/messages.h"
#include "cli/signals.h"
#include "net/address.h"
#include "net/wait.h"
#include "sampan/serve.h"
#include "text/escape.h"

namespace sampan::cli {

namespace {

const flag serve_flags[] = {
    {"-p,--port", "N", N_("port to listen on; 0: any free one (7890)")},
    {"-b,--bind", "ADDR", N_("address to listen on; may be repeated (all, IPv4 and IPv6)"), true},
    {"--backlog", "N", N_("clients that may wait to be accepted (4096; the course's programs: 128)")},
    {"--workers", "N", N_("threads (one for each core)")},
    {"--hidden", nullptr, N_("serve names that begin with a dot, too")},
    {"--max-connections", "N", N_("clients at once (the descriptor limit less 64)")},
    {"--max-per-address", "N", N_("clients at once from one address (1024)")},
    {"--request-timeout", "TIME", N_("for a client to say what it wants (20s)")},
    {"--send-timeout", "TIME", N_("in which a client must take 64 KiB (60s)")},
    {"--linger-timeout", "TIME", N_("for a client to close after the end (2s)")},
    {"--grace", "TIME", N_("for running transfers after SIGTERM or SIGINT (30s)")},
    {"-h,--help", nullptr, N_("show this")},
};

result<serve_options> read_options(const arguments& given) {
  serve_options options;
  if (!given.positional().empty()) options.path = given.positional().front();
  options.bind = given.list("--bind");
  for (const std::string& ip : options.bind) {
    if (net::address::from_ip(ip, 0)) continue;
    return error::make(errc::bad_address, "read", given.source("--bind") + ' ' + ip);
  }
  options.hidden = given.has("--hidden");
  const auto port = given.port("--port", options.port, 0);
  if (!port) return port.error();
  options.port = *port;

  const auto set = [&]<class T>(const char* name, T& into, std::uint64_t least) -> result<void> {
    const auto value = given.number(name, static_cast<std::uint64_t>(into), least);
    if (!value) return value.error();
    into = static_cast<T>(*value);
    return {};
  };
  const auto set_time = [&](const char* name, std::chrono::milliseconds& into) -> result<void> {
    const auto value = given.duration(name, into);
    if (!value) return value.error();
    into = *value;
    return {};
  };
  for (const auto& done :
       {set("--backlog", options.backlog, 1), set("--workers", options.workers, 0),
        set("--max-connections", options.max_connections, 0), set("--max-per-address", options.max_per_address, 1),
        set_time("--request-timeout", options.request_timeout), set_time("--send-timeout", options.send_timeout),
        set_time("--linger-timeout", options.linger_timeout), set_time("--grace", options.grace)}) {
    if (!done) return done.error();
  }
  return options;
}

std::string outcome_text(const serve_record& about, const std::string& name) {
  switch (about.outcome) {
    case serve_outcome::sent: return about.bytes == 0 ? _("sent (an empty file)") : _("sent");
    case serve_outcome::no_such_file: return fmt::format(fmt::runtime(_("no such file: {}")), name);
    case serve_outcome::client_left: return fmt::format(fmt::runtime(_("client left after {} bytes")), about.bytes);
    case serve_outcome::too_slow: return _("client too slow: reset");
    case serve_outcome::no_name: return _("no file name came");
    case serve_outcome::name_too_long: return _("file name too long");
    case serve_outcome::tls_refused: return _("TLS is not served yet: closed");
    case serve_outcome::file_changed: return _("the file was changed while it was sent: reset");
    case serve_outcome::file_shrank: return _("the file got shorter while it was sent: reset");
    case serve_outcome::failed: return fmt::format(fmt::runtime(_("failed: {}: reset")), system_reason(about.number));
    case serve_outcome::stopped: return _("the server was stopped: reset");
  }
  return {};
}

std::string time_text(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto thousandths = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}", fmt::localtime(std::chrono::system_clock::to_time_t(time)),
                     thousandths);
}

std::string log_line(const serve_record& about) {
  const std::string name = text::escape_log(about.name);
  const double seconds = std::chrono::duration<double>(about.took).count();
  return fmt::format(fmt::runtime(_("{time} {peer} asked for the file:{name} {bytes} bytes {seconds:.3f} s {outcome}")),
                     fmt::arg("time", time_text(about.time)), fmt::arg("peer", about.peer), fmt::arg("name", name),
                     fmt::arg("bytes", about.bytes), fmt::arg("seconds", seconds),
                     fmt::arg("outcome", outcome_text(about, name)));
}

serve_events logging(log_writer& log) {
  serve_events events;
  events.on_request = [&log](const serve_record& about) { log.line(log_line(about)); };
  events.on_refused = [&log](std::size_t count, const std::string& last) {
    log.line(
        fmt::format(fmt::runtime(_("{} connections over the limit were closed, the last one from {}")), count, last));
  };
  events.on_trouble = [&log](int number) {
    log.line(number == 0 ? std::string(_("clients are accepted again"))
                         : fmt::format(fmt::runtime(_("no further clients for now: {}; raise `ulimit -n` or lower "
                                                      "--max-connections")),
                                       system_reason(number)));
  };
  return events;
}

void wait_until_stopped(server& running, int signals) {
  const base::unique_fd ended(eventfd(0, EFD_CLOEXEC));
  net::wait_for(signals, POLLIN, {});
  next_signal(signals);
  running.stop([&ended] { eventfd_write(ended.get(), 1); });
  net::patience limits;
  limits.interrupt_fd = signals;
  if (net::wait_for(ended.get(), POLLIN, limits) != net::waited::interrupted) return;
  running.stop_now();
  net::wait_for(ended.get(), POLLIN, {});
}

}  // namespace

const command serve_command{
    "serve", "[PATH]", N_("serves a folder, or one file"), serve_flags, 1, true,
};

int run_serve(const arguments& given, int signals) {
  const auto options = read_options(given);
  if (!options) return fail(options.error());
  log_writer log;
  auto made = server::create(*options, logging(log));
  if (!made) return fail(made.error());
  for (const std::string& where : made->addresses()) {
    std::fputs(fmt::format("listening on {}\n", where).c_str(), stdout);
  }
  std::fflush(stdout);
  if (auto started = made->start(); !started) return fail(started.error());
  wait_until_stopped(*made, signals);
  return exit_ok;
}

}  // namespace sampan::cli
