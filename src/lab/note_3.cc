#include "lab/notes.h"

namespace sampan::lab {

void note_3(stage& on) {
  actor server(on, "server"), early(on, "early"), client(on, "client"), accepted(on, "accepted");
  server.open();
  server.bind(any_port());
  if (on.sabotaged("listen-early")) server.listen(128);
  early.open();
  on.check("refused-before", "ECONNREFUSED", early.connect(server.local()));
  on.check("no-accept", "EINVAL", accepted.accept_now(server));
  if (!on.sabotaged("no-listen")) server.listen(128);
  on.check_states("listening", {{server.self(), "LISTEN"}});
  on.check("passive", "EISCONN", server.connect(server.local()));
  client.open();
  on.check("connected", "0", client.connect(server.local()));
}

}  // namespace sampan::lab
