#include "lab/notes.h"

namespace sampan::lab {

void note_1(stage& on) {
  actor server(on, "server"), accepted(on, "accepted"), client(on, "client");
  server.open();
  if (on.sabotaged("bind-both")) server.allow_reuse();  // or TIME-WAIT would keep the port from the second
  if (!on.sabotaged("no-bind")) server.bind(any_port());
  const net::address agreed = server.ask_local();  // what clients are told
  server.listen(128);
  client.open();
  on.check("found", "0", client.connect(agreed));
  on.check_states("bound", {{{"server", agreed, {}}, "LISTEN"}});
  accepted.accept_from(server);
  accepted.close();
  client.close();
  server.close();

  actor nameless(on, "nameless"), lost(on, "lost");
  nameless.open();
  if (on.sabotaged("bind-both")) {
    nameless.allow_reuse();
    nameless.bind(agreed);
  }
  nameless.listen(128);
  const net::address found = nameless.ask_local();
  on.check("any-port", found.port() != agreed.port(), "≠ " + std::to_string(agreed.port()),
           std::to_string(found.port()));
  lost.open();
  on.check("not-found", "ECONNREFUSED", lost.connect(agreed));
}

}  // namespace sampan::lab
