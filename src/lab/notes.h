// The experiments, one file each (the notes) or one a question; experiments() in experiment.cc has their sabotages.
#pragma once

#include "lab/stage.h"

namespace sampan::lab {

void note_0(stage& on);  ///< the five steps of a server and the three of a client
void note_1(stage& on);  ///< a server binds
void note_2(stage& on);  ///< a client does not
void note_3(stage& on);  ///< listen makes a socket passive
void note_4(stage& on);  ///< TCP needs connect, UDP does not
void note_5(stage& on);  ///< a new socket for each client
void note_6(stage& on);  ///< the listening socket only takes clients
void note_7(stage& on);  ///< closing the listening socket
void note_8(stage& on);  ///< closing an accepted socket
void note_9(stage& on);  ///< a client that leaves is a recv of length 0

void time_wait(stage& on);  ///< TIME-WAIT belongs to who closes first
void unread(stage& on);     ///< closing with unread bytes resets
void backlog(stage& on);    ///< 128 may wait, 1,000 come
void on_listen(stage& on);  ///< the notes against `sampan listen`
void on_serve(stage& on);   ///< the notes against `sampan serve`

}  // namespace sampan::lab
