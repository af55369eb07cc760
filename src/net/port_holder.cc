#include <dirent.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>

#include "net/listener.h"

namespace sampan::net {

namespace {

using directory = std::unique_ptr<DIR, int (*)(DIR*)>;

// The inode of a listening socket on this port, as /proc/net/tcp{,6} shows it; empty: none.
std::string listening_inode(const char* table, std::uint16_t port) {
  std::ifstream lines(table);
  std::string line;
  std::getline(lines, line);  // the heading
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
    fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
    const auto colon = local.rfind(':');
    unsigned number = 0;
    if (colon == std::string::npos || state != "0A") continue;  // 0A: TCP_LISTEN
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), number, 16);
    if (number == port) return inode;
  }
  return {};
}

bool holds(const std::string& process, const std::string& link_text) {
  const std::string fds = "/proc/" + process + "/fd";
  const directory open(opendir(fds.c_str()), closedir);
  if (!open) return false;
  while (const dirent* entry = readdir(open.get())) {
    char target[64];
    const auto length = readlink((fds + '/' + entry->d_name).c_str(), target, sizeof target);
    if (length > 0 && std::string_view(target, static_cast<std::size_t>(length)) == link_text) return true;
  }
  return false;
}

}  // namespace

std::string port_holder(std::uint16_t port) {
  std::string inode = listening_inode("/proc/net/tcp", port);
  if (inode.empty()) inode = listening_inode("/proc/net/tcp6", port);
  const directory processes(opendir("/proc"), closedir);
  if (inode.empty() || !processes) return {};
  const std::string link_text = "socket:[" + inode + ']';
  while (const dirent* entry = readdir(processes.get())) {
    const std::string process = entry->d_name;
    if (process.find_first_not_of("0123456789") != std::string::npos || !holds(process, link_text)) continue;
    std::string name;
    std::ifstream comm("/proc/" + process + "/comm");
    std::getline(comm, name);
    return name + " (pid " + process + ')';
  }
  return {};
}

}  // namespace sampan::net
