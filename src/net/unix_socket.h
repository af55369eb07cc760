// Stream sockets that are named by a path on this machine.
#pragma once

#include <string>

#include "base/unique_fd.h"
#include "net/wait.h"
#include "sampan/error.h"

namespace sampan::net {

/// @error errc::bad_name (longer than a socket's name can be, or empty), errc::system (ENOENT, ECONNREFUSED …), errc::interrupted,
///        errc::connect_timeout (the listener's queue is full)
result<base::unique_fd> connect_unix(const std::string& path, const patience& until);

/// Binds, listens. A socket that nobody listens on any more is replaced; any other file is not.
/// @error errc::bad_name, errc::port_in_use (somebody listens there), errc::system
result<base::unique_fd> listen_unix(const std::string& path, int backlog);

/// Removes a socket's path at its listener's end; leaves any other file.
void remove_unix(const std::string& path) noexcept;

}  // namespace sampan::net
