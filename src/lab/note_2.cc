#include "lab/notes.h"

namespace sampan::lab {

void note_2(stage& on) {
  actor listener(on, "listener"), accepted(on, "accepted"), client(on, "client"), second(on, "second");
  listener.open();
  listener.bind(any_port());
  listener.listen(128);

  second.open();
  if (on.sabotaged("other-first")) second.connect(listener.local());
  client.open();
  if (on.sabotaged("bind-client")) client.bind(any_port());
  on.check("no-port-before", "0.0.0.0:0", client.ask_local().to_string());
  client.connect(listener.local());
  accepted.accept_from(listener);
  on.check("server-sees-it", client.ask_local().to_string(), accepted.remote().to_string());

  if (!on.sabotaged("no-second") && !on.sabotaged("other-first")) second.connect(listener.local());
  const std::string own = second.ask_local().to_string();
  on.check("own-ports", second.local().port() != 0 && own != client.local().to_string(),
           "≠ " + client.local().to_string(), own);

  actor bound(on, "bound"), twin(on, "twin");
  bound.open();
  bound.bind(any_port());
  twin.open();
  on.check("one-only", "EADDRINUSE", twin.bind(on.sabotaged("free-port") ? any_port() : bound.local()));
}

}  // namespace sampan::lab
