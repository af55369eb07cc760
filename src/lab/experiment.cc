#include "lab/experiment.h"

#include "lab/notes.h"

namespace sampan::lab {

namespace {

constexpr const char* of_0[] = {"no-listen", "no-reply"};
constexpr const char* of_1[] = {"no-bind", "bind-both"};
constexpr const char* of_2[] = {"bind-client", "other-first", "no-second", "free-port"};
constexpr const char* of_3[] = {"no-listen", "listen-early"};
constexpr const char* of_4[] = {"no-connect", "connect-early", "udp-silent"};
constexpr const char* of_5[] = {"no-b", "swapped"};
constexpr const char* of_6[] = {"newcomer-early", "silent", "read-accepted", "no-newcomer"};
constexpr const char* of_7[] = {"keep-listening", "close-accepted"};
constexpr const char* of_8[] = {"no-close", "close-other"};
constexpr const char* of_9[] = {"no-close", "close-early"};
constexpr const char* of_time_wait[] = {"other-order", "reuse-early", "no-reuse"};
constexpr const char* of_unread[] = {"leave-both", "read-both", "no-reply"};
constexpr const char* of_backlog[] = {"shallow-both", "deep-both", "mute"};
constexpr const char* of_ours[] = {"stop-early", "no-b", "mute", "no-close", "mute-again", "no-stop"};

constexpr experiment all[] = {
    {"0", note_0, of_0},
    {"1", note_1, of_1},
    {"2", note_2, of_2},
    {"3", note_3, of_3},
    {"4", note_4, of_4},
    {"5", note_5, of_5},
    {"6", note_6, of_6},
    {"7", note_7, of_7},
    {"8", note_8, of_8},
    {"9", note_9, of_9},
    {"time-wait", time_wait, of_time_wait},
    {"unread", unread, of_unread},
    {"backlog", backlog, of_backlog},
    {"listen", on_listen, of_ours},
    {"serve", on_serve, of_ours},
};

}  // namespace

std::span<const experiment> experiments() { return all; }

result<bool> run(const experiment& which, const options& how) {
  stage on(how);
  which.run(on);
  return on.finish();
}

}  // namespace sampan::lab
