#include "lab/notes.h"

namespace sampan::lab {

void note_6(stage& on) {
  actor listener(on, "listener"), client(on, "client"), accepted(on, "accepted"), newcomer(on, "newcomer");
  listener.open();
  listener.bind(any_port());
  listener.listen(128);
  client.open();
  client.connect(listener.local());
  accepted.accept_from(listener);
  newcomer.open();
  if (on.sabotaged("newcomer-early")) newcomer.connect(listener.local());
  if (!on.sabotaged("silent")) client.send("hello");
  on.check("not-for-text", "0", listener.poll_now());
  on.check("no-text-there", "ENOTCONN", (on.sabotaged("read-accepted") ? accepted : listener).receive_now());
  on.check("text-here", "5 \"hello\"", accepted.receive());
  if (!on.sabotaged("no-newcomer")) newcomer.connect(listener.local());
  on.check("for-newcomers", "1", listener.poll());
}

}  // namespace sampan::lab
