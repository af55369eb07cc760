// `sampan get`: URLs, lists or prompts, and the downloads that come of them.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/get_flags.h"
#include "cli/get_report.h"
#include "cli/i18n.h"
#include "cli/messages.h"
#include "cli/prompt.h"
#include "net/address.h"

namespace sampan::cli {

namespace {

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
  get_source made;
  made.host = *host;
  made.port = *port;
  made.name = *name;
  return made;
}

int download(get_run& run, const get_source& source, const get_wishes& wanted, get_report& report, int signals) {
  get_options options = wanted.options;
  options.on_event = [&](const get_event& what) { report.event(source, what); };
  return report.end(source, run.get(source, options), signals);
}

}  // namespace

const command get_command{
    "get", "[URL...]", N_("downloads files; without a URL it asks"), get_flag_table(), 1 << 20, false,
};

int run_get(const arguments& given, int signals) {
  auto wanted = read_get_flags(given);
  if (!wanted) return fail(wanted.error());
  wanted->options.interrupt_fd = signals;
  auto run = get_run::open(wanted->options);
  if (!run) return fail(run.error());
  get_report report(*wanted);
  const auto urls = given.positional();
  if (urls.empty() && wanted->input_file.empty()) {
    const auto source = ask_for_source(signals);
    if (!source) return fail(source.error());
    wanted->options.prefix = "[接收]";
    return download(*run, *source, *wanted, report, signals);
  }
  if (urls.size() > 1 && !wanted->options.output.empty() && wanted->options.output_fd < 0) {
    return fail(error::make(errc::bad_value, "read", "--output", _("one name for several files; use --dir")));
  }
  int status = exit_ok;
  for (const std::string& url : urls) {
    auto source = parse_get_url(url);
    if (source && wanted->has_user && source->protocol != get_protocol::bare) {
      source->user = wanted->user;
      source->password = wanted->password;
      source->has_credentials = true;
    }
    const int one = source ? download(*run, *source, *wanted, report, signals) : fail(source.error());
    if (status == exit_ok) status = one;
    if (one > 128) break;  // interrupted: the rest is not wanted either
  }
  report.sum_up();
  return status;
}

}  // namespace sampan::cli
