// What is typed at the server, and what it says by itself: texts for clients, and commands.
#include <algorithm>
#include <utility>

#include "talk/server_state.h"
#include "text/hex_dump.h"

namespace sampan::talk {

namespace {
// Input is read on while some client has less than this waiting: then one that keeps up never comes near longest_backlog,
// and piped text goes out at the pace of the fastest client. The others must keep within longest_backlog of it.
constexpr std::size_t roomy_backlog = longest_backlog / 4;
}  // namespace

void server::state::read_on() {
  if (!typing || piece_asked_for || stopping) return;
  bool anybody = false;
  bool room = false;
  for (const auto& [number, client] : clients) {
    if (!client->takes_text()) continue;
    anybody = true;
    if ((room = client->queued() < roomy_backlog)) break;
  }
  if (!room && (anybody || options.hold_input)) return;
  piece_asked_for = true;
  typing->allow();
}

void server::state::typed(std::string piece) {
  if (!options.commands && !anybody_talks() && options.hold_input) {
    kept_piece = std::move(piece);
    return;
  }
  std::string_view rest = piece;
  if (!options.commands) return send_text(rest);
  while (!rest.empty()) {
    const auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    obey(read_command(line));
  }
}

void server::state::obey(const typed_command& line) {
  switch (line.kind) {
    case command_kind::text:
      return line.client == 0 ? send_text(line.text, line.to_all) : send_text_to(line.client, line.text);
    case command_kind::hex: send_hex(line); break;
    case command_kind::quit: begin_stop(); break;
    case command_kind::who: list(); break;
    case command_kind::kick:
      if (session* const client = find(line.client, "/kick")) client->kick();
      break;
    case command_kind::encoding: set_encoding(line); break;
    case command_kind::escapes: tongue.typed.set_escapes(line.text == "on"); break;
    case command_kind::other: tell_about(event_kind::other_command, line.text); break;
    case command_kind::wrong: tell_about(event_kind::wrong_command, line.text); break;
  }
  read_on();
}

// Clients of the server's own encoding share the bytes.
void server::state::send_text(std::string_view utf8, bool to_all) {
  if (!anybody_talks()) {
    tongue.typed.forget();
    tell_about(event_kind::nobody_here, std::string(utf8));
    return read_on();
  }
  std::string bytes;
  for (std::string_view rest = utf8; !rest.empty();) {
    if (auto done = tongue.typed.compose(rest, bytes); !done) {
      tell_about(event_kind::not_sent, tongue.typed.line(), 0, done.error());
    }
  }
  const auto all = everybody();
  if (to_all) tell_about(event_kind::sent_to, {}, all.size());
  for (session* const client : all) {
    if (&client->tongue() == &tongue) {
      client->send(bytes);
    } else if (auto done = client->send_typed(utf8); !done) {
      tell_about(event_kind::not_sent, std::string(utf8), 0, done.error());
    }
  }
  read_on();
}

void server::state::send_text_to(std::uint64_t number, std::string_view utf8) {
  if (session* const client = find(number, std::string(utf8))) {
    if (auto done = client->send_typed(utf8); !done) {
      tell_about(event_kind::not_sent, std::string(utf8), 0, done.error());
    }
  }
  read_on();
}

void server::state::send_hex(const typed_command& line) {
  const auto bytes = text::typed_hex(line.text);
  if (!bytes) return tell_about(event_kind::wrong_command, "/hex " + line.text);
  if (line.client != 0) {
    if (session* const client = find(line.client, "/hex " + line.text)) client->send_sealed(*bytes);
    return;
  }
  if (!anybody_talks()) tell_about(event_kind::nobody_here, "/hex " + line.text);
  for (session* const client : everybody()) client->send_sealed(*bytes);
}

void server::state::set_encoding(const typed_command& line) {
  const auto report = [&](const result<void>& done) {
    if (!done) tell_about(event_kind::not_sent, line.text, 0, done.error());
    return done.has_value();
  };
  if (line.client != 0) {
    session* const client = find(line.client, "/encoding");
    if (!client || !report(client->use_encoding(line.text))) return;
    return tell({.kind = event_kind::encoding_set,
                 .client = line.client,
                 .peer = client->peer(),
                 .text = line.text,
                 .cause = {}});
  }
  auto spoken = voice::open(options, line.text);
  if (!spoken) return static_cast<void>(report(spoken.error()));
  tongue = std::move(*spoken);
  for (session* const client : everybody()) client->use_encoding_of_server();
  options.encoding = line.text;
  tell_about(event_kind::encoding_set, line.text);
}

void server::state::list() {
  std::vector<session*> all = everybody();
  std::sort(all.begin(), all.end(), [](const session* a, const session* b) { return a->number() < b->number(); });
  for (const session* const one : all) {
    tell({.kind = event_kind::listed,
          .client = one->number(),
          .peer = one->peer(),
          .text = one->encoding(),
          .cause = {}});
  }
  tell_about(event_kind::listed, {}, all.size());
}

void server::state::relay(const session& from, std::string_view bytes, std::string_view utf8) {
  for (session* const client : everybody()) {
    if (client == &from) continue;
    if (&client->tongue() == &from.tongue()) {
      client->send(bytes);
    } else if (auto done = client->send_typed(utf8); !done) {
      tell_about(event_kind::not_sent, std::string(utf8), 0, done.error());
    }
  }
}

void server::state::say_periodic() {
  if (stopping) return;
  every.arm(periodic);
  ++periodic_count;
  for (session* const client : everybody()) client->send_periodic(periodic_count);
}

session* server::state::find(std::uint64_t number, const std::string& text) {
  const auto found = clients.find(number);
  if (found != clients.end() && found->second->takes_text()) return found->second.get();
  tell({.kind = event_kind::no_such_client, .client = number, .peer = {}, .text = text, .cause = {}});
  return nullptr;
}

void server::state::tell_about(event_kind kind, std::string text, std::uint64_t count, std::optional<error> cause) {
  tell({.kind = kind, .client = 0, .peer = {}, .text = std::move(text), .cause = std::move(cause), .count = count});
}

}  // namespace sampan::talk
