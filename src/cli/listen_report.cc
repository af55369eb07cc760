#include "cli/listen_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/i18n.h"
#include "cli/messages.h"
#include "text/escape.h"

namespace sampan::cli {

using talk::event_kind;

listen_report::listen_report(std::function<void(const std::string&)> put, std::function<void(const std::string&)> say,
                             traffic& seen, bool label, bool stay, bool shows)
    : put_(std::move(put)),
      say_(std::move(say)),
      traffic_(seen),
      terminal_(isatty(STDOUT_FILENO) != 0),
      label_(label),
      stay_(stay),
      shows_(shows) {}

void listen_report::operator()(const talk::event& what) {
  if (what.kind == event_kind::text) {
    if (shows_ && !traffic_.view().shows_records()) put_(label_ ? labelled(what) : what.text);
    return;
  }
  const std::string line = what.kind == event_kind::other_command ? obey_view_command(what.text, traffic_.view())
                           : what.kind >= event_kind::listed      ? answer_to_command(what)
                                                                  : line_about(what);
  if (!line.empty()) say_(line);
}

// Every line has its own label, or a peer could write one that looks like another's.
std::string listen_report::labelled(const talk::event& what) const {
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

std::string listen_report::line_about(const talk::event& what) const {
  const std::string who = fmt::format("#{} {} ", what.client, what.peer);
  switch (what.kind) {
    case event_kind::connected: return stay_ ? who + _("connected") : "";
    case event_kind::left: return stay_ ? who + _("left") : "";
    case event_kind::stopped: return stay_ ? who + _("connection closed: the server stops") : "";
    case event_kind::no_data: return who + _("closed without data");
    case event_kind::reset: return who + _("cut the connection");
    case event_kind::silent: return who + _("sent nothing in time: connection closed");
    case event_kind::too_slow: return who + _("does not take what is sent: connection closed");
    case event_kind::kicked: return who + _("was sent away");
    case event_kind::looks_like_utf8:
      return who + fmt::format(fmt::runtime(_("seems to send UTF-8; if so: /encoding {} utf-8, or --encoding utf-8")),
                               what.client);
    case event_kind::replies_dropped:
      return who +
             _("automatic replies stopped: too many in 10 s, as when two programs answer each other (--reply-limit)");
    case event_kind::periodic_skipped: return who + _("does not take the periodic text: it is skipped");
    case event_kind::periodic_resumed:
      return who + fmt::format(fmt::runtime(_("takes the periodic text again; skipped: {}")), what.count);
    case event_kind::not_sent: return "sampan: " + message_of(*what.cause);
    case event_kind::nobody_here: return _("nobody is connected: the line was not sent");
    case event_kind::accept_paused:
      return fmt::format(fmt::runtime(_("no further clients for now: {}; raise `ulimit -n`")),
                         system_reason(what.cause->number()));
    case event_kind::turned_away: return what.peer + ' ' + _("turned away");
    case event_kind::accept_resumed: return _("clients are accepted again");
    default: return {};  // let_go is the usual end of a client that leaves closing to us
  }
}

std::string listen_report::answer_to_command(const talk::event& what) const {
  switch (what.kind) {
    case event_kind::listed:
      return what.client == 0 ? fmt::format(fmt::runtime(_("clients: {}")), what.count)
                              : fmt::format("#{} {} {}", what.client, what.peer, what.text);
    case event_kind::sent_to: return fmt::format(fmt::runtime(_("sent to {} clients")), what.count);
    case event_kind::no_such_client:
      return fmt::format(fmt::runtime(_("no client #{}: not sent: {}")), what.client, text::escape_terminal(what.text));
    case event_kind::encoding_set:
      return fmt::format(fmt::runtime(_("encoding from now on: {}")), what.text) +
             (what.client == 0 ? "" : fmt::format(" (#{})", what.client));
    case event_kind::wrong_command:
      return fmt::format(fmt::runtime(_("not a command that makes sense here: {}; /help lists them")),
                         text::escape_terminal(what.text));
    default: return {};
  }
}

std::string obey_view_command(const std::string& line, traffic_view& view) {
  if (line == "/help") {
    return _(
        "/hex 02 45  /encoding NAME  /escapes on|off  /view text|hex|both  /quit  //text  and as a server: @2 text  "
        "@all text  /who  "
        "/kick 2  /encoding 2 NAME");
  }
  constexpr std::string_view command = "/view ";
  if (line.starts_with(command) && view.set_form(line.substr(command.size()))) return {};
  return fmt::format(fmt::runtime(_("no such command: {}; /help lists them, // sends a line that begins with /")),
                     text::escape_terminal(line));
}

}  // namespace sampan::cli
