// SIGINT, SIGTERM and SIGHUP as a descriptor, so that waiting for them is waiting like any other.
#pragma once

namespace sampan::cli {

/// Blocks SIGINT and SIGTERM in this thread and those it starts, and ignores SIGPIPE. Once, before any thread.
/// @return a descriptor that is readable while a signal is pending; lives as long as the process
int take_signals();

/// SIGHUP, too, is blocked and comes by the descriptor; until then it ends the program. Before any thread.
void take_hangup(int descriptor);

/// SIGINT or SIGTERM if one is pending, else 0; it stays so, for others that wait for the descriptor. Thread: any.
int pending_signal();

/// The pending signal, taken off the descriptor; 0 when there is none.
int next_signal(int descriptor);

}  // namespace sampan::cli
