#include "lab/notes.h"

namespace sampan::lab {

void unread(stage& on) {
  actor listener(on, "listener"), a(on, "a"), for_a(on, "for_a"), b(on, "b"), for_b(on, "for_b");
  listener.open();
  listener.bind(any_port());
  listener.listen(128);
  a.open();
  a.connect(listener.local());
  for_a.accept_from(listener);
  a.send("hello");
  if (!on.sabotaged("leave-both")) for_a.receive();
  if (!on.sabotaged("no-reply")) for_a.send("thank you !");
  for_a.close();
  on.check("reply-before-end", "11 \"thank you !\"", a.receive());
  on.check("clean-end", "0", a.receive());
  a.close();

  b.open();
  b.connect(listener.local());
  for_b.accept_from(listener);
  const end client = b.self(), served = for_b.self();
  b.send("hello");
  if (on.sabotaged("read-both")) for_b.receive();
  if (!on.sabotaged("no-reply")) for_b.send("thank you !");
  for_b.close();
  on.check_states("nothing-left", {{served, "CLOSED"}, {client, "CLOSED"}});
  // What came before the reset can still be read on Linux; RFC 9293 3.10.7.4 lets a system throw it away.
  on.check("reply-before-reset", "11 \"thank you !\"", b.receive());
  on.check("reset", "ECONNRESET", b.receive());
}

}  // namespace sampan::lab
