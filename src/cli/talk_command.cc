// `sampan talk`: one text and its reply, a conversation, or the course's three questions.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/dialogue_flags.h"
#include "cli/i18n.h"
#include "cli/messages.h"
#include "cli/prompt.h"
#include "cli/prompt_line.h"
#include "cli/replay_file.h"
#include "cli/talk_run.h"
#include "net/address.h"
#include "sampan/talk.h"
#include "text/escape.h"

namespace sampan::cli {

namespace {

constexpr flag talk_flags[] = {
    {"-e,--encoding", "NAME", N_("encoding of the text on the wire (gbk)")},
    {"--wait", "TIME", N_("for the reply to begin, or for more after the end of the input; 0: leave at once (10s)")},
    {"-w,--connect-timeout", "TIME", N_("for the connection to come about (10s)")},
    {"--quiet-time", "TIME", N_("without a byte: the reply is complete (300ms)")},
    {"--stay", nullptr, N_("in a conversation: --wait is for ever")},
    {"-i,--idle-timeout", "TIME", N_("in a conversation, without a byte either way (none)")},
    {"--reconnect", nullptr, N_("connect again when the peer leaves or is not reached")},
    {"--send-only", nullptr, N_("show nothing of what the peer says, and leave when the input ends")},
    {"--recv-only", nullptr, N_("read no input")},
    {"-4,--ipv4", nullptr, N_("IPv4 only")},
    {"-6,--ipv6", nullptr, N_("IPv6 only")},
    {"-n,--numeric", nullptr, N_("HOST is an IP address: no name is resolved")},
    {"-u,--udp", nullptr, N_("UDP instead of TCP")},
    {"-U,--unix", nullptr, N_("HOST is the path of a Unix socket, and there is no PORT")},
    {"-s,--source", "ADDR", N_("IP address to connect from")},
    {"-p,--source-port", "N", N_("port to connect from")},
    {"-z,--check", nullptr, N_("only tell whether somebody listens: status 0 or 3")},
    {"-l,--listen", nullptr, N_("as sampan listen --stay: ncat's spelling, and so are -k and -v, which do nothing")},
    {"-k,--keep-open", nullptr, N_("nothing")},
    {"-v,--verbose", nullptr, N_("nothing")},
    {"--replay", "FILE", N_("send the records of a log in JSON again, with their pauses")},
    {"--replay-side", "SIDE", N_("which of them: in or out (out)")},
    {"-h,--help", nullptr, N_("show this")},
};
constexpr auto all_flags = joined(talk_flags, dialogue_flags);

result<void> read_reach(const arguments& given, talk::client_options& options) {
  if (given.has("--ipv4")) options.only = talk::ip_family::v4;
  if (given.has("--ipv6")) options.only = talk::ip_family::v6;
  if (given.has("--ipv4") && given.has("--ipv6"))
    return error::make(errc::bad_value, "read", "-4 -6", _("they contradict each other"));
  options.datagram = given.has("--udp");
  if (options.datagram && given.has("--unix")) {
    return error::make(errc::bad_value, "read", "-u -U", _("they contradict each other"));
  }
  options.numeric = given.has("--numeric");
  options.source = given.text("--source");
  if (given.has("--source") && !net::address::from_ip(options.source, 0)) {
    return error::make(errc::bad_address, "read", given.source("--source") + ' ' + options.source);
  }
  const auto port = given.port("--source-port", 0, 1);
  if (!port) return port.error();
  options.source_port = *port;
  return {};
}

// Who is talked to; what follows in the words is left.
result<std::vector<std::string>> read_peer(const arguments& given, talk::client_options& options) {
  std::vector<std::string> words = given.positional();
  if (given.has("--unix")) {
    options.unix_path = words[0];
    words.erase(words.begin());
    if (words.size() > 1) return error::make(errc::bad_value, "read", words[1], _("one argument too many"));
    return words;
  }
  if (auto good = net::check_host(words[0]); !good) return good.error();
  options.host = words[0];
  if (words.size() == 1) return error::make(errc::bad_port, "read the port", "", _("it is missing after the host"));
  const auto port = net::parse_port(words[1]);
  if (!port) return port.error();
  options.port = *port;
  words.erase(words.begin(), words.begin() + 2);
  return words;
}

int check(const talk::client_options& options) {
  const auto peer = talk::check_port(options);
  if (!peer) return fail(peer.error());
  say(fmt::format(fmt::runtime(_("{}: somebody listens")), text::escape_terminal(*peer)));
  return exit_ok;
}

result<talk::client_options> read_options(const arguments& given, int signals, traffic_view& view) {
  talk::client_options options;
  options.interrupt_fd = signals;
  if (auto good = read_dialogue(given, options, view); !good) return good.error();
  const auto wait = given.duration("--wait", options.wait);
  if (!wait) return wait.error();
  options.wait = *wait;
  const auto connect = given.duration("--connect-timeout", options.connect_timeout);
  if (!connect) return connect.error();
  options.connect_timeout = *connect;
  const auto quiet = given.duration("--quiet-time", options.quiet);
  if (!quiet) return quiet.error();
  options.quiet = *quiet;
  if (given.has("--quiet-time")) options.message_quiet = *quiet;
  const auto idle = given.duration("--idle-timeout", options.idle);
  if (!idle) return idle.error();
  options.idle = *idle;
  if (auto good = read_reach(given, options); !good) return good.error();
  options.stay = given.has("--stay");
  options.reconnect = given.has("--reconnect");
  if (given.has("--send-only")) options.wait = talk::milliseconds(0);
  if (given.has("--replay")) {
    auto steps = read_replay(given.text("--replay"), given.text("--replay-side", "out"));
    if (!steps) return steps.error();
    options.replay = std::move(*steps);
  }
  return options;
}

// The course's three questions, each answer checked before the next is asked.
int prompted(talk::client_options options, const traffic_view& view) {
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
  return talk_run(options, view, _("received: ")).one_shot(*text);
}

}  // namespace

const command talk_command{
    "talk",
    "[HOST PORT [TEXT]]",
    N_("sends a text and shows the reply, or holds a conversation; without HOST it asks"),
    all_flags,
    3,
    false,
};

int run_talk(const arguments& given, int signals) {
  block_terminal_signals();
  traffic_view view;
  auto options = read_options(given, signals, view);
  if (!options) return fail(options.error());
  if (given.positional().empty()) return prompted(*options, view);
  const auto words = read_peer(given, *options);
  if (!words) return fail(words.error());
  if (given.has("--check")) return check(*options);
  const bool by_itself = options->every.count() > 0 || !options->replay.empty();
  const bool shows = !given.has("--send-only");
  if (!words->empty() && !by_itself) return talk_run(*options, view, {}, shows).one_shot(words->front());
  if (!words->empty() && options->periodic.empty()) options->periodic = words->front();
  const bool reads = !by_itself && !given.has("--recv-only");
  return talk_run(*options, view, {}, shows).conversation(reads, given.has("--commands"));
}

}  // namespace sampan::cli
