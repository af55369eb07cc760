#include "net/wait.h"

#include <algorithm>
#include <cerrno>
#include <vector>

namespace sampan::net {

namespace {
int milliseconds_left(const patience& limits) {
  using namespace std::chrono;
  if (limits.until == steady_clock::time_point::max()) return -1;
  const auto left = ceil<milliseconds>(limits.until - steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3'600'000));
}
}  // namespace

waited wait_for(int fd, short events, const patience& limits) {
  pollfd one{fd, events, 0};
  return wait_for_any(&one, 1, limits);
}

waited wait_for_any(pollfd* first, nfds_t count, const patience& limits) {
  std::vector<pollfd> all(first, first + count);
  all.push_back({limits.interrupt_fd, POLLIN, 0});  // poll(2) passes over a negative descriptor
  for (;;) {
    const int left = milliseconds_left(limits);
    const int ready = ::poll(all.data(), all.size(), left);
    if (ready < 0 && errno != EINTR) return waited::timeout;  // ENOMEM: nothing better can be said
    if (ready > 0) {
      if (all.back().revents != 0) return waited::interrupted;
      std::copy(all.begin(), all.end() - 1, first);
      return waited::ready;
    }
    if (ready == 0 && milliseconds_left(limits) == 0) return waited::timeout;
  }
}

}  // namespace sampan::net
