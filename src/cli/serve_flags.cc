#include "cli/serve_flags.h"

#include <fmt/format.h>

#include <initializer_list>
#include <utility>

#include "cli/commands.h"
#include "cli/i18n.h"
#include "net/address.h"

namespace sampan::cli {

namespace {

const flag serve_flags[] = {
    {"-p,--port", "N", N_("port to listen on; 0: any free one (7890)")},
    {"-b,--bind", "ADDR", N_("address to listen on; may be repeated (all, IPv4 and IPv6)"), repeats::words},
    {"--backlog", "N", N_("clients that may wait to be accepted (4096; the course's programs: 128)")},
    {"--workers", "N", N_("threads (one for each core)")},
    {"--hidden", nullptr, N_("serve names that begin with a dot, too")},
    {"--no-symlinks", nullptr, N_("do not follow symbolic links (those that stay inside the folder are followed)")},
    {"--index", nullptr, N_("send a folder's index.html (the default)"), repeats::no, "--no-index"},
    {"--no-index", nullptr, N_("list a folder, also where there is an index.html"), repeats::no, "--index"},
    {"--etag", "KIND",
     N_("what tells versions of a file apart: full, or size-mtime for copies on several machines (full)")},
    {"--cache-ttl", "TIME", N_("how long a file in memory may go unchecked (0: checked for every request)")},
    {"--header", "LINE", N_("'Name: value' sent with every answer; may be repeated"), repeats::lines},
    {"--cors", nullptr, N_("pages of other sites may read what is served")},
    {"--healthz", nullptr, N_("answer GET /healthz with 200")},
    {"--max-connections", "N", N_("clients at once (the descriptor limit less 64)")},
    {"--max-per-address", "N", N_("clients at once from one address (1024)")},
    {"--request-timeout", "TIME", N_("for a client to say what it wants (20s)")},
    {"--body-timeout", "TIME", N_("for the body of an HTTP request (20s)")},
    {"--idle-timeout", "TIME", N_("between two HTTP requests on one connection (60s)")},
    {"--send-timeout", "TIME", N_("in which a client must take 64 KiB (60s)")},
    {"--linger-timeout", "TIME", N_("for a client to close after the end (2s)")},
    {"--grace", "TIME", N_("for running transfers after SIGTERM or SIGINT (30s)")},
    {"--access-log", "FILE", N_("a line for each request; -: to stderr, off: none; SIGHUP reopens a file (-)")},
    {"--log-format", "FORM", N_("text, combined or json (text)")},
    {"--config", "FILE", N_("take what is said neither here nor in the environment from a TOML file")},
    {"-h,--help", nullptr, N_("show this")},
};

template <class T>
using choices = std::initializer_list<std::pair<std::string_view, T>>;

/// Sets `into` where the option was given. @error errc::bad_value with the choices
template <class T>
result<void> choose(const arguments& given, const char* name, choices<T> known, T& into) {
  if (!given.has(name)) return {};
  const std::string word = given.text(name);
  std::string list;
  for (const auto& [known_word, value] : known) {
    if (word == known_word) {
      into = value;
      return {};
    }
    list.append(list.empty() ? "" : ", ").append(known_word);
  }
  return error::make(errc::bad_value, "read", given.source(name) + ' ' + word,
                     fmt::format(fmt::runtime(_("one of {}")), list));
}

result<void> read_addresses(const arguments& given, serve_options& options) {
  options.bind = given.list("--bind");
  for (const std::string& ip : options.bind) {
    if (!net::address::from_ip(ip, 0)) return error::make(errc::bad_address, "read", given.source("--bind") + ' ' + ip);
  }
  const auto port = given.port("--port", options.port, 0);
  if (!port) return port.error();
  options.port = *port;
  return {};
}

result<void> read_numbers(const arguments& given, serve_options& options) {
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
        set_time("--request-timeout", options.request_timeout), set_time("--body-timeout", options.body_timeout),
        set_time("--idle-timeout", options.idle_timeout), set_time("--send-timeout", options.send_timeout),
        set_time("--linger-timeout", options.linger_timeout), set_time("--grace", options.grace),
        set_time("--cache-ttl", options.cache_ttl)}) {
    if (!done) return done.error();
  }
  return {};
}

result<void> read_http(const arguments& given, serve_options& options) {
  options.index = given.on("--index", !given.on("--no-index"));
  options.cors = given.on("--cors");
  options.health = given.on("--healthz");
  options.headers = given.list("--header");
  for (const std::string& line : options.headers) {
    if (auto good = check_header(line); !good) {
      return error::make(errc::bad_value, "read", given.source("--header") + ' ' + line, good.error().detail());
    }
  }
  return choose<etag_kind>(given, "--etag", {{"full", etag_kind::full}, {"size-mtime", etag_kind::size_mtime}},
                           options.etag);
}

}  // namespace

const command serve_command{
    "serve", "[PATH]", N_("serves a folder, or one file"), serve_flags, 1, true, "path",
};

result<serve_settings> read_serve_settings(const arguments& given) {
  serve_settings wanted;
  serve_options& options = wanted.server;
  if (!given.positional().empty()) options.path = given.positional().front();
  options.hidden = given.on("--hidden");
  options.links = !given.on("--no-symlinks");
  wanted.access_log = given.text("--access-log", wanted.access_log);
  const choices<log_format> formats = {
      {"text", log_format::text}, {"combined", log_format::combined}, {"json", log_format::json}};
  for (const auto& done : {read_addresses(given, options), read_numbers(given, options), read_http(given, options),
                           choose(given, "--log-format", formats, wanted.format)}) {
    if (!done) return done.error();
  }
  return wanted;
}

}  // namespace sampan::cli
