#include "lab/notes.h"

namespace sampan::lab {

void note_9(stage& on) {
  actor listener(on, "listener"), client(on, "client"), accepted(on, "accepted");
  listener.open();
  listener.bind(any_port());
  listener.listen(128);
  client.open();
  client.connect(listener.local());
  accepted.accept_from(listener);
  const end left = client.self(), served = accepted.self();
  if (on.sabotaged("close-early")) client.close();
  on.check("waits", "EAGAIN", accepted.receive_now());
  if (!on.sabotaged("no-close") && !on.sabotaged("close-early")) client.close();
  on.check("unblocked", "0", accepted.receive());
  on.check_states("client-left", {{served, "CLOSE-WAIT"}, {left, "FIN-WAIT-2"}});
  accepted.close();
  on.check_states("both-left", {{served, "CLOSED"}, {left, "TIME-WAIT"}});
}

}  // namespace sampan::lab
