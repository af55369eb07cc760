// The notes against the servers of this program.
#include "lab/notes.h"

namespace sampan::lab {

namespace {

std::string told(const std::string& text) { return std::to_string(text.size()) + " \"" + text + '"'; }

// Notes 2, 4, 5 and 8, with two clients that are connected at the same time.
void two_clients(stage& on, const server_kind& kind, const net::address& where) {
  actor a(on, "a"), b(on, "b");
  a.open();
  a.connect(where);
  b.open();
  if (!on.sabotaged("no-b")) b.connect(where);
  on.check_states("ours-own-connections", {{{"server", where, {}}, "LISTEN"},
                                           {a.other("server_for_a"), "ESTAB"},
                                           {a.self(), "ESTAB"},
                                           {b.other("server_for_b"), "ESTAB"},
                                           {b.self(), "ESTAB"}});
  if (!on.sabotaged("mute")) b.send(kind.request);
  on.check("ours-answers", told(kind.answer), b.receive());
  on.check("ours-ends", "0", b.receive());
  const end waiting = a.self(), served = a.other("server_for_a");
  if (!on.sabotaged("no-close")) a.close();
  on.check_states("ours-sees-leaving", {{served, "CLOSED"}, {waiting, "TIME-WAIT"}});
}

// Note 7.
void stopped(stage& on, const server_kind& kind, const running_server& server) {
  actor client(on, "client"), late(on, "late");
  client.open();
  client.connect(server.where);
  if (!on.sabotaged("mute-again")) client.send(kind.request);
  const end served = client.other("server");
  // What the server has not read when it stops was never said to it.
  on.wait_until([&] {
    for (const net::table_row& row : on.own_rows()) {
      if (row.local.to_string() == served.local.to_string() && row.remote.to_string() == served.remote.to_string()) {
        return row.receive_queue == 0;
      }
    }
    return true;
  });
  if (!on.sabotaged("no-stop")) {
    server.stop();
    on.tell(call{"server.stop()", "0"});
  }
  on.check_states("ours-stops-listening", {{{"server", server.where, {}}, "CLOSED"}});
  late.open();
  on.check("ours-refuses-after", "ECONNREFUSED", late.connect(server.where));
  on.check("ours-still-answers", told(kind.answer), client.receive());
}

void against(stage& on, const server_kind& kind) {
  const auto server = kind.start();
  if (!server) return on.fail(server.error());
  on.tell(call{"server.start()", server->where.to_string()});
  on.know({"server", server->where, {}});
  if (on.sabotaged("stop-early")) {
    server->stop();
    on.wait_until([&] { return on.own_rows().empty(); });
  }
  on.check_states("ours-listens", {{{"server", server->where, {}}, "LISTEN"}});
  two_clients(on, kind, server->where);
  stopped(on, kind, *server);
}

}  // namespace

void on_listen(stage& on) { against(on, on.how().listen); }
void on_serve(stage& on) { against(on, on.how().serve); }

}  // namespace sampan::lab
