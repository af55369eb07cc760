#include "lab/notes.h"

namespace sampan::lab {

void note_8(stage& on) {
  actor listener(on, "listener"), done(on, "done"), other(on, "other"), for_done(on, "for_done"),
      for_other(on, "for_other");
  listener.open();
  listener.bind(any_port());
  listener.listen(128);
  done.open();
  done.connect(listener.local());
  for_done.accept_from(listener);
  other.open();
  other.connect(listener.local());
  for_other.accept_from(listener);
  const end was = for_done.self();
  if (!on.sabotaged("no-close")) for_done.close();
  if (on.sabotaged("close-other")) for_other.close();
  on.check("told-the-end", "0", done.receive());
  on.check_states(
      "half-closed",
      {{was, "FIN-WAIT-2"}, {done.self(), "CLOSE-WAIT"}, {for_other.self(), "ESTAB"}, {other.self(), "ESTAB"}});
  done.send("more");  // the kernel takes it: it cannot know yet that nobody is there
  on.check_states("cut-off", {{was, "CLOSED"}, {done.self(), "CLOSED"}});
  on.check("no-more", "EPIPE", done.send("more"));
  other.send("hello");
  on.check("other-goes-on", "5 \"hello\"", for_other.receive());
}

}  // namespace sampan::lab
