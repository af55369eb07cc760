// Received text on stdout: unbuffered, and never waiting longer than the user wants to.
#pragma once

#include <string_view>

#include "net/wait.h"
#include "sampan/error.h"

namespace sampan::cli {

/// Writes all of it to stdout at once. A reader that does not take it is waited for; signals are blocked in this program, so the
/// wait ends by a descriptor instead.
/// @param interrupt_fd  readable when the user has had enough; -1: none
/// @error errc::system (EPIPE: the reader has gone), errc::interrupted
result<void> write_out(std::string_view text, int interrupt_fd);
/// The same within a time. @error also errc::reply_timeout
result<void> write_out(std::string_view text, const net::patience& limits);

/// Whether stdout's reader has gone.
bool is_closed_pipe(const error& what);

}  // namespace sampan::cli
