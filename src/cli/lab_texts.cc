#include "cli/lab_texts.h"

#include <algorithm>
#include <iterator>

#include "cli/i18n.h"

namespace sampan::cli {

namespace {

struct text_of {
  const char* name;
  const char* text;
};

constexpr text_of titles[] = {
    {"0", N_("Five steps make a server, three a client")},
    {"1", N_("Note 1: a server binds, or clients cannot find it")},
    {"2", N_("Note 2: a client does not bind")},
    {"3", N_("Note 3: listen makes the server's socket passive")},
    {"4", N_("Note 4: TCP talks only after connect, UDP without")},
    {"5", N_("Note 5: each client gets a new socket of the server")},
    {"6", N_("Note 6: the listening socket only takes new clients")},
    {"7", N_("Note 7: without the listening socket, nobody new comes")},
    {"8", N_("Note 8: closing the accepted socket ends this client")},
    {"9", N_("Note 9: a client that leaves is a recv of length 0")},
    {"time-wait", N_("TIME-WAIT belongs to who closes first")},
    {"unread", N_("Closing with unread bytes resets the connection")},
    {"backlog", N_("A backlog of 128 and 1,000 silent clients")},
    {"listen", N_("The notes, held against sampan listen")},
    {"serve", N_("The notes, held against sampan serve")},
};

constexpr text_of reasons[] = {
    {"0",
     N_("The server has to be there first: it makes a socket, binds it, listens, accepts, and only then talks. The "
        "client needs no more than a socket and connect.")},
    {"1", N_("A client asks for an address and a port. Without bind the kernel takes any free port for the server, and "
             "nobody was told which.")},
    {"2",
     N_("The client only needs the server's address. The kernel gives it a free port of its own at connect, and the "
        "server learns it from accept. A fixed port would allow one such client at a time.")},
    {"3",
     N_("A new socket is an active one, made to connect. Only listen gives it a queue for clients; before that the "
        "kernel answers them with a reset, and afterwards it can connect to nobody.")},
    {"4", N_("A datagram carries its address with it. TCP's bytes have numbers that both sides agree upon in the three "
             "segments of connect.")},
    {"5", N_("A connection is told by four values: both addresses and both ports. All clients share the server's port, "
             "and still each has a socket of its own.")},
    {"6", N_("The listening socket is connected to nobody, so there is nothing to read from it. What makes it readable "
             "is the next client.")},
    {"7", N_("Connections do not hang on the socket that they came by.")},
    {"8", N_("The client reads the end. What it sends after that is answered by a reset, since nobody is there to read "
             "it; other clients notice nothing.")},
    {"9", N_("The client's FIN takes its place after its last byte. A recv that waited comes back with nothing: there "
             "will never be more.")},
    {"time-wait", N_("Its last ACK may get lost, so who closes first remembers the connection for a minute. If that is "
                     "the server, a restart needs SO_REUSEADDR.")},
    {"unread",
     N_("The kernel tells the peer by a reset that its bytes were never read. A server that closes should have "
        "read everything.")},
    {"backlog", N_("Whoever finds the queue full is dropped, and tries again after a second. Then many are answered at "
                   "once and believe to be connected, but the queue is full before their ACK comes: the server never "
                   "hears of them. Only a client that speaks first finds out.")},
    {"listen", N_("The same kernel, the same rules: the server of this program is seen from outside.")},
    {"serve", N_("The same kernel, the same rules: the server of this program is seen from outside.")},
};

constexpr text_of claims[] = {
    {"two-ends", N_("one socket listens, two are a connection")},
    {"server-hears", N_("the server hears the client")},
    {"client-hears", N_("the client hears the server")},
    {"found", N_("the port that was bound is found")},
    {"bound", N_("the table shows it")},
    {"any-port", N_("without bind the server gets some other port")},
    {"not-found", N_("at the port that clients were told nobody is found")},
    {"no-port-before", N_("before connect the client has no port")},
    {"server-sees-it", N_("accept tells the port that the kernel chose")},
    {"own-ports", N_("the next client gets another port")},
    {"one-only", N_("a port that is bound can be bound by nobody else")},
    {"refused-before", N_("before listen, clients are refused")},
    {"no-accept", N_("before listen, there is nobody to accept")},
    {"listening", N_("listen puts the socket into the table")},
    {"passive", N_("a listening socket cannot connect")},
    {"connected", N_("after listen, a client is connected")},
    {"udp-hears", N_("UDP hears a sender that never connected")},
    {"not-before", N_("TCP cannot send before connect")},
    {"tcp-hears", N_("after connect, TCP's bytes arrive")},
    {"three-sockets", N_("two clients: three different sockets at the server")},
    {"own-connections", N_("one port at the server, two connections")},
    {"only-a", N_("the socket for a hears a")},
    {"only-b", N_("the socket for b hears b")},
    {"not-for-text", N_("text of a client does not wake the listening socket")},
    {"no-text-there", N_("it has no text to read")},
    {"text-here", N_("the accepted socket has it")},
    {"for-newcomers", N_("a new client wakes the listening socket")},
    {"only-the-listener", N_("only the listening socket has gone")},
    {"refused-after", N_("a new client is refused")},
    {"still-heard", N_("who was connected is still heard")},
    {"still-answered", N_("and still answered")},
    {"told-the-end", N_("the client reads the end")},
    {"half-closed", N_("the server's side waits for the client to close, too")},
    {"cut-off", N_("what it sends now resets the connection")},
    {"no-more", N_("then nothing can be sent any more")},
    {"other-goes-on", N_("the other client is still heard")},
    {"waits", N_("while the client is there, recv has to wait")},
    {"unblocked", N_("when it has closed, recv returns length 0")},
    {"client-left", N_("the table shows who closed, and who has not yet")},
    {"both-left", N_("when both have closed, one side remembers")},
    {"client-first", N_("the client closes first: TIME-WAIT is its own")},
    {"server-first", N_("the server closes first: TIME-WAIT is the server's")},
    {"port-held", N_("then its port cannot be bound again")},
    {"port-reused", N_("but with SO_REUSEADDR it can")},
    {"reply-before-end", N_("the server has read all: its reply comes")},
    {"clean-end", N_("and then the end")},
    {"nothing-left", N_("the server left bytes unread: both sides are gone at once")},
    {"reply-before-reset", N_("the reply that came before can still be read")},
    {"reset", N_("but instead of the end comes a reset")},
    {"all-at-once", N_("with a backlog of 4096 all are connected at once")},
    {"queue-full", N_("with 128 the queue takes one more than that")},
    {"only-some", N_("so many clients are connected")},
    {"waits-in-vain", N_("a second later more believe to be, whom the server does not know")},
    {"speaking-helps", N_("one of these speaks first: now the server accepts it")},
    {"ours-listens", N_("notes 1 and 3: it is bound, and listens")},
    {"ours-own-connections", N_("notes 2, 5 and 6: each client has a connection of its own")},
    {"ours-answers", N_("note 4: a connected client is answered")},
    {"ours-ends", N_("note 8: the server closes, and the client reads the end")},
    {"ours-sees-leaving", N_("note 9: a client leaves without a word, and the server closes, too")},
    {"ours-stops-listening", N_("note 7: a server that stops closes its listening socket")},
    {"ours-refuses-after", N_("note 7: a new client is refused")},
    {"ours-still-answers", N_("note 7: who was connected is still answered")},
};

constexpr text_of sabotages[] = {
    {"no-listen", N_("the server does not listen")},
    {"no-reply", N_("the server does not reply")},
    {"no-bind", N_("the server does not bind")},
    {"bind-both", N_("the second server binds, too")},
    {"bind-client", N_("the client binds")},
    {"other-first", N_("another client is the first")},
    {"no-second", N_("there is no second client")},
    {"free-port", N_("the twin binds a free port")},
    {"listen-early", N_("the server listens from the start")},
    {"no-connect", N_("the client does not connect")},
    {"connect-early", N_("the client connects from the start")},
    {"udp-silent", N_("nobody sends a datagram")},
    {"no-b", N_("client b does not connect")},
    {"swapped", N_("each text is read from the other's socket")},
    {"newcomer-early", N_("the new client comes too early")},
    {"silent", N_("the client says nothing")},
    {"read-accepted", N_("the accepted socket is read instead")},
    {"no-newcomer", N_("no new client comes")},
    {"keep-listening", N_("the listening socket stays open")},
    {"close-accepted", N_("the accepted socket is closed, too")},
    {"no-close", N_("who should close does not")},
    {"close-other", N_("the other client's socket is closed, too")},
    {"close-early", N_("the client closes too early")},
    {"other-order", N_("the other side closes first")},
    {"reuse-early", N_("the first restart has SO_REUSEADDR")},
    {"no-reuse", N_("no restart has SO_REUSEADDR")},
    {"leave-both", N_("the server reads nothing from either client")},
    {"read-both", N_("the server reads all from both clients")},
    {"shallow-both", N_("the backlog is 128 both times")},
    {"deep-both", N_("the backlog is 4096 both times")},
    {"mute", N_("the client that should speak does not")},
    {"mute-again", N_("the client that stays asks for nothing")},
    {"stop-early", N_("the server is stopped at once")},
    {"no-stop", N_("the server is not stopped")},
};

template <std::size_t Count>
std::string find(const text_of (&all)[Count], std::string_view name) {
  const auto found = std::find_if(std::begin(all), std::end(all), [&](const text_of& one) { return name == one.name; });
  return found == std::end(all) ? std::string(name) : _(found->text);
}

}  // namespace

std::string lab_title(std::string_view experiment) { return find(titles, experiment); }
std::string lab_reason(std::string_view experiment) { return find(reasons, experiment); }
std::string lab_claim(std::string_view id) { return find(claims, id); }
std::string lab_sabotage(std::string_view name) { return find(sabotages, name); }

}  // namespace sampan::cli
