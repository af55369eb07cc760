#include "lab/notes.h"

namespace sampan::lab {

void note_0(stage& on) {
  actor listener(on, "listener"), accepted(on, "accepted"), client(on, "client");
  listener.open();
  listener.bind(any_port());
  if (!on.sabotaged("no-listen")) listener.listen(128);
  client.open();
  client.connect(listener.local());
  accepted.accept_from(listener);
  on.check_states("two-ends", {{listener.self(), "LISTEN"}, {accepted.self(), "ESTAB"}, {client.self(), "ESTAB"}});
  client.send("hello");
  on.check("server-hears", "5 \"hello\"", accepted.receive());
  if (!on.sabotaged("no-reply")) accepted.send("thank you !");
  on.check("client-hears", "11 \"thank you !\"", client.receive());
  accepted.close();
  client.close();
  listener.close();
}

}  // namespace sampan::lab
