#include <set>

#include "lab/notes.h"

namespace sampan::lab {

void note_5(stage& on) {
  actor listener(on, "listener"), a(on, "a"), b(on, "b"), for_a(on, "for_a"), for_b(on, "for_b");
  listener.open();
  listener.bind(any_port());
  listener.listen(128);
  a.open();
  a.connect(listener.local());
  for_a.accept_from(listener);
  b.open();
  if (!on.sabotaged("no-b")) b.connect(listener.local());
  for_b.accept_from(listener);
  const std::set<int> different{listener.fd(), for_a.fd(), for_b.fd()};
  on.check("three-sockets", different.size() == 3 && !different.contains(-1), "3", std::to_string(different.size()));
  on.check_states("own-connections", {{listener.self(), "LISTEN"},
                                      {for_a.self(), "ESTAB"},
                                      {a.self(), "ESTAB"},
                                      {for_b.self(), "ESTAB"},
                                      {b.self(), "ESTAB"}});
  const bool swapped = on.sabotaged("swapped");
  a.send("from a");
  b.send("from b");
  on.check("only-a", "6 \"from a\"", (swapped ? for_b : for_a).receive());
  on.check("only-b", "6 \"from b\"", (swapped ? for_a : for_b).receive());
}

}  // namespace sampan::lab
