#include "lab/notes.h"

namespace sampan::lab {

void note_7(stage& on) {
  actor listener(on, "listener"), client(on, "client"), accepted(on, "accepted"), late(on, "late");
  listener.open();
  listener.bind(any_port());
  listener.listen(128);
  client.open();
  client.connect(listener.local());
  accepted.accept_from(listener);
  const end was = listener.self();
  if (!on.sabotaged("keep-listening")) listener.close();
  if (on.sabotaged("close-accepted")) accepted.close();
  on.check_states("only-the-listener", {{was, "CLOSED"}, {accepted.self(), "ESTAB"}, {client.self(), "ESTAB"}});
  late.open();
  on.check("refused-after", "ECONNREFUSED", late.connect(was.local));
  client.send("hello");
  on.check("still-heard", "5 \"hello\"", accepted.receive());
  accepted.send("thank you !");
  on.check("still-answered", "11 \"thank you !\"", client.receive());
}

}  // namespace sampan::lab
