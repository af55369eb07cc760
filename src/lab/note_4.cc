#include "lab/notes.h"

namespace sampan::lab {

void note_4(stage& on) {
  using net::calls::transport;
  actor mailbox(on, "mailbox"), sender(on, "sender");
  mailbox.open(transport::udp);
  mailbox.bind(any_port());
  sender.open(transport::udp);
  if (!on.sabotaged("udp-silent")) sender.send_to("hello", mailbox.local());
  on.check("udp-hears", "5 \"hello\"", mailbox.receive());

  actor listener(on, "listener"), client(on, "client"), accepted(on, "accepted");
  listener.open();
  listener.bind(any_port());
  listener.listen(128);
  client.open();
  if (on.sabotaged("connect-early")) client.connect(listener.local());
  on.check("not-before", "EPIPE", client.send("hello"));
  if (!on.sabotaged("no-connect")) client.connect(listener.local());
  client.send("hello");
  accepted.accept_from(listener);
  on.check("tcp-hears", "5 \"hello\"", accepted.receive());
}

}  // namespace sampan::lab
