// `sampan serve`: logs and signals around the server.
#include <fmt/format.h>
#include <sys/eventfd.h>

#include <csignal>
#include <cstdio>
#include <optional>

#include "base/unique_fd.h"
#include "cli/access_log.h"
#include "cli/commands.h"
#include "cli/i18n.h"
#include "cli/log_writer.h"
#include "cli/messages.h"
#include "cli/serve_flags.h"
#include "cli/signals.h"
#include "net/wait.h"
#include "sampan/serve.h"

namespace sampan::cli {

namespace {

/// What the server says about itself, and what is amiss with the file: always to stderr, also where no requests are logged.
serve_events noticing(log_writer& notices) {
  serve_events events;
  events.on_refused = [&notices](std::size_t count, const std::string& last) {
    notices.line(
        fmt::format(fmt::runtime(_("{} connections over the limit were closed, the last one from {}")), count, last));
  };
  events.on_trouble = [&notices](int number) {
    notices.line(number == 0 ? std::string(_("clients are accepted again"))
                             : fmt::format(fmt::runtime(_("no further clients for now: {}; raise `ulimit -n` or lower "
                                                          "--max-connections")),
                                           system_reason(number)));
  };
  return events;
}

std::function<void(const serve_record&)> logging(log_writer& log, log_format format) {
  return [&log, format](const serve_record& about) {
    thread_local log_formatter formatter;
    log.line(formatter.line(format, about));
  };
}

/// The next signal that is meant for the server; SIGHUP, which only comes when there is a file, reopens it.
/// `log`: null without a file.
bool is_end(int signals, log_writer* file) {
  const int number = next_signal(signals);
  if (number == SIGHUP && file) file->reopen();
  return number != SIGHUP && number != 0;
}

void wait_until_stopped(server& running, int signals, log_writer* file) {
  // Shared with the worker that ends last, which may still be in its call when this function goes on.
  const auto ended = std::make_shared<base::unique_fd>(eventfd(0, EFD_CLOEXEC));
  do {
    net::wait_for(signals, POLLIN, {});
  } while (!is_end(signals, file));
  running.stop([ended] { eventfd_write(ended->get(), 1); });
  net::patience limits;
  limits.interrupt_fd = signals;
  while (net::wait_for(ended->get(), POLLIN, limits) == net::waited::interrupted) {
    if (!is_end(signals, file)) continue;
    running.stop_now();
    limits.interrupt_fd = -1;
  }
}

}  // namespace

int run_serve(const arguments& given, int signals) {
  const auto settings = read_serve_settings(given);
  if (!settings) return fail(settings.error());
  base::unique_fd file;
  if (settings->logs_to_file()) {
    auto opened = open_log(settings->access_log);
    if (!opened) return fail(opened.error());
    file = std::move(*opened);
    take_hangup(signals);
  }
  log_writer notices;
  std::optional<log_writer> requests;
  if (file) requests.emplace(std::move(file), settings->access_log, notices);
  serve_events events = noticing(notices);
  if (settings->access_log != "off") events.on_request = logging(requests ? *requests : notices, settings->format);
  auto made = server::create(settings->server, std::move(events));
  if (!made) return fail(made.error());
  for (const std::string& where : made->addresses()) {
    std::fputs(fmt::format("listening on {}\n", where).c_str(), stdout);
  }
  std::fflush(stdout);
  if (auto started = made->start(); !started) return fail(started.error());
  wait_until_stopped(*made, signals, requests ? &*requests : nullptr);
  return exit_ok;
}

}  // namespace sampan::cli
