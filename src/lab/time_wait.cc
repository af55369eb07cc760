#include "lab/notes.h"

namespace sampan::lab {

void time_wait(stage& on) {
  const bool swapped = on.sabotaged("other-order");
  actor listener(on, "listener"), a(on, "a"), for_a(on, "for_a");
  listener.open();
  listener.allow_reuse();  // the connections have it from their listening socket, and a later bind asks these
  listener.bind(any_port());
  listener.listen(128);
  a.open();
  a.connect(listener.local());
  for_a.accept_from(listener);
  const end client = a.self(), served = for_a.self();
  (swapped ? for_a : a).close();
  (swapped ? a : for_a).close();
  on.check_states("client-first", {{served, "CLOSED"}, {client, "TIME-WAIT"}});

  actor b(on, "b"), for_b(on, "for_b");
  b.open();
  b.connect(listener.local());
  for_b.accept_from(listener);
  const end second = b.self(), served_second = for_b.self();
  (swapped ? b : for_b).close();
  (swapped ? for_b : b).close();
  on.check_states("server-first", {{served_second, "TIME-WAIT"}, {second, "CLOSED"}});

  const net::address port = listener.local();
  listener.close();
  actor restarted(on, "restarted"), patient(on, "patient");
  restarted.open();
  if (on.sabotaged("reuse-early")) restarted.allow_reuse();
  on.check("port-held", "EADDRINUSE", restarted.bind(port));
  restarted.close();
  patient.open();
  if (!on.sabotaged("no-reuse")) patient.allow_reuse();
  on.check("port-reused", "0", patient.bind(port));
}

}  // namespace sampan::lab
