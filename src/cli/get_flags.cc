#include "cli/get_flags.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

#include "base/unique_fd.h"
#include "cli/i18n.h"
#include "text/hex.h"
#include "text/shell_quote.h"

namespace sampan::cli {

namespace {

const flag get_flags[] = {
    {"-o,--output", "FILE", N_("write to FILE; -: to stdout")},
    {"-d,--dir", "DIR", N_("write into DIR, which is made when it is missing")},
    {"-i,--input-file", "FILE", N_("also the URLs in FILE, one a line; -: on stdin")},
    {"-n,--connections", "N", N_("connections for one file, 1 to 16 (as many as help)")},
    {"-j,--jobs", "N", N_("files fetched at once, where there are several, 1 to 64 (4)")},
    {"--mirror", "URL", N_("another place of the same file; may be repeated"), repeats::words},
    {"--sha256", "HEX", N_("the digest that the file must have")},
    {"--checksums", "FILE", N_("a list of digests as sha256sum writes it, a file or a URL")},
    {"--no-clobber", nullptr, N_("never replace an existing file")},
    {"--no-restart", nullptr, N_("fail where the file changed on the server, instead of fetching it anew")},
    {"--strict", nullptr, N_("fail where nothing proves that the file is whole and the same")},
    {"--trust-overlap", nullptr, N_("go on where only the ETag changed and compared bytes are the same")},
    {"--retries", "N", N_("tries after the first that bring nothing (5)")},
    {"--connect-timeout", "TIME", N_("for the connection to come about (10s)")},
    {"--timeout", "TIME", N_("without a byte (30s)")},
    {"--speed-limit", "SIZE", N_("slower than so many bytes a second is a failure (1k)")},
    {"--speed-time", "TIME", N_("…when it lasts this long (30s)")},
    {"--limit-rate", "SIZE", N_("at most so many bytes a second: 500k, 2M (no limit)")},
    {"-u,--user", "USER:PW", N_("credentials for the server of the URL")},
    {"-H,--header", "LINE", N_("'Name: value' sent with every request; may be repeated"), repeats::lines},
    {"-A,--user-agent", "TEXT", N_("who we say we are")},
    {"-4,--ipv4", nullptr, N_("IPv4 only"), repeats::no, "--ipv6"},
    {"-6,--ipv6", nullptr, N_("IPv6 only"), repeats::no, "--ipv4"},
    {"--cacert", "FILE", N_("trust these certificates, instead of the system's")},
    {"--proxy", "URL", N_("the proxy, instead of http_proxy, https_proxy and all_proxy; empty: none")},
    {"--netrc-plain", nullptr, N_("use ~/.netrc over plain HTTP, too")},
    {"--no-mtime", nullptr, N_("do not give the file the server's time")},
    {"--xattr", nullptr, N_("note the URL in the attribute user.xdg.origin.url")},
    {"--no-fsync", nullptr, N_("do not wait for the disk")},
    {"--json", nullptr, N_("what happens, one JSON object a line, on stdout")},
    {"-q,--quiet", nullptr, N_("only errors")},
    {"-v,--verbose", nullptr, N_("more about what is done")},
    {"-h,--help", nullptr, N_("show this")},
};

error bad_value(const arguments& given, const char* name, const char* why) {
  return error::make(errc::bad_value, "read", given.source(name) + ' ' + given.text(name), why);
}

// `2048`, `500k`, `2M`, `1G`: units of 1024, as curl and wget have them.
result<std::uint64_t> read_size(const arguments& given, const char* name, std::uint64_t otherwise) {
  if (!given.has(name)) return otherwise;
  std::string text = given.text(name);
  unsigned shift = 0;
  if (!text.empty()) {
    const auto unit = std::string_view("kmg").find(static_cast<char>(text.back() | 0x20));
    if (unit != std::string_view::npos) {
      shift = 10 * static_cast<unsigned>(unit + 1);
      text.pop_back();
    }
  }
  constexpr std::size_t most_digits = 9;
  if (text.empty() || text.size() > most_digits || text.find_first_not_of("0123456789") != text.npos) {
    return bad_value(given, name, _("a size such as 500k or 2M"));
  }
  return std::stoull(text) << shift;
}

std::string from_environment(std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

// Only upper case is left out where a CGI program's environment could be a visitor's: the field Proxy would be HTTP_PROXY.
get_proxies proxies_of(const arguments& given) {
  get_proxies made;
  made.none = from_environment({"no_proxy", "NO_PROXY"});
  if (given.has("--proxy")) {
    made.all = given.text("--proxy");
    return made;
  }
  made.http = from_environment({"http_proxy"});
  made.https = from_environment({"https_proxy", "HTTPS_PROXY"});
  made.all = from_environment({"all_proxy", "ALL_PROXY"});
  return made;
}

// A file with passwords counts only if nobody else could have written or read it. @param why_not  set where there is one that does not
std::string private_netrc(std::string& why_not) {
  constexpr off_t largest = 1 << 20;
  const std::string home = from_environment({"HOME"});
  if (home.empty()) return {};
  const base::unique_fd fd(open((home + "/.netrc").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (!fd || fstat(fd.get(), &about) != 0) return {};
  if (!S_ISREG(about.st_mode) || about.st_uid != geteuid()) why_not = _("it is not a plain file of yours");
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) why_not = _("others may read or write it; chmod 600 helps");
  if (about.st_size > largest) why_not = _("it is larger than 1 MiB");
  if (!why_not.empty()) return {};
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  const auto got = read(fd.get(), text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

// What concerns this run alone, or is told beside: the target, the credentials.
bool concerns_one_run(const std::string& name) {
  const std::string_view names[] = {"--output", "--dir",   "--input-file", "--jobs",      "--user",
                                    "--json",   "--quiet", "--verbose",    "--checksums", "--sha256"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// A password must not come into a log or over somebody's shoulder: who goes on puts it in again.
std::string shown_value(const std::string& name, const std::string& value) {
  const bool is_secret =
      name == "--header" || (value.find('@') != value.npos && (name == "--proxy" || name == "--mirror"));
  return is_secret ? "'…'" : text::quote_shell(value);
}

std::string words_to_go_on(const arguments& given) {
  std::string words;
  for (const flag& one : get_flags) {
    const std::string name = long_name(one);
    if (!given.has(name) || concerns_one_run(name)) continue;
    if (one.value == nullptr) words += ' ' + name;
    for (const std::string& value : given.list(name)) words += ' ' + name + ' ' + shown_value(name, value);
  }
  return words;
}

result<void> read_numbers(const arguments& given, get_options& into) {
  const auto connect = given.duration("--connect-timeout", into.connect_timeout);
  if (!connect) return connect.error();
  const auto idle = given.duration("--timeout", into.idle_timeout);
  if (!idle) return idle.error();
  const auto speed_time = given.duration("--speed-time", into.low_speed_time);
  if (!speed_time) return speed_time.error();
  const auto speed = read_size(given, "--speed-limit", into.low_speed);
  if (!speed) return speed.error();
  const auto rate = read_size(given, "--limit-rate", into.rate);
  if (!rate) return rate.error();
  const auto retries = given.number("--retries", into.retries);
  if (!retries) return retries.error();
  const auto connections = given.number("--connections", 0, 1);
  if (!connections) return connections.error();
  constexpr std::uint64_t most_connections = 16;
  if (*connections > most_connections) return bad_value(given, "--connections", _("at most 16"));
  constexpr std::uint64_t most_retries = 1'000'000;
  into.connect_timeout = *connect;
  into.idle_timeout = *idle;
  into.low_speed_time = *speed_time;
  into.low_speed = *speed;
  into.rate = *rate;
  into.retries = static_cast<unsigned>(std::min(*retries, most_retries));
  into.connections = static_cast<unsigned>(*connections);
  return {};
}

}  // namespace

std::span<const flag> get_flag_table() { return get_flags; }

result<get_wishes> read_get_flags(const arguments& given) {
  get_wishes made;
  get_options& options = made.options;
  if (auto good = read_numbers(given, options); !good) return good.error();
  options.output = given.text("--output");
  if (options.output == "-") options.output_fd = STDOUT_FILENO;
  options.directory = given.text("--dir");
  options.no_clobber = given.has("--no-clobber");
  options.no_restart = given.has("--no-restart");
  options.strict = given.has("--strict");
  options.trust_overlap = given.has("--trust-overlap");
  options.sync = !given.has("--no-fsync");
  options.keep_time = !given.has("--no-mtime");
  options.note_origin = given.has("--xattr");
  options.fields = given.list("--header");
  options.user_agent = given.text("--user-agent");
  options.ca_file = given.text("--cacert");
  options.netrc = private_netrc(made.passed_over);
  options.netrc_plain = given.has("--netrc-plain");
  options.proxies = proxies_of(given);
  if (given.has("--ipv4")) options.family = get_family::v4;
  if (given.has("--ipv6")) options.family = get_family::v6;
  for (const std::string& url : given.list("--mirror")) {
    auto mirror = parse_get_url(url);
    if (!mirror) return mirror.error();
    options.mirrors.push_back(std::move(*mirror));
  }
  if (given.has("--sha256")) {
    const auto digest = text::hex_decode(given.text("--sha256"));
    constexpr std::size_t sha256_bytes = 32;
    if (!digest || digest->size() != sha256_bytes) return bad_value(given, "--sha256", _("64 hexadecimal digits"));
    options.sha256 = *digest;
  }
  if (given.has("--user")) {
    const std::string both = given.text("--user");
    made.has_user = true;
    made.user = both.substr(0, both.find(':'));
    if (const auto colon = both.find(':'); colon != both.npos) made.password = both.substr(colon + 1);
  }
  made.checksums = given.text("--checksums");
  made.input_file = given.text("--input-file");
  const auto jobs = given.number("--jobs", made.jobs, 1);
  if (!jobs) return jobs.error();
  constexpr std::uint64_t most_jobs = 64;  // each has a thread, and connections of its own
  if (*jobs > most_jobs) return bad_value(given, "--jobs", _("at most 64"));
  made.jobs = static_cast<std::size_t>(*jobs);
  made.words_to_go_on = words_to_go_on(given);
  made.quiet = given.has("--quiet");
  made.verbose = given.has("--verbose");
  made.json = given.has("--json");
  if (made.json && options.output_fd == STDOUT_FILENO) {
    return bad_value(given, "--output", _("stdout has the events of --json"));
  }
  return made;
}

}  // namespace sampan::cli
