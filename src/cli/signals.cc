#include "cli/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace sampan::cli {

namespace {

// A descriptor of -1 makes a new one.
int take(int descriptor, std::initializer_list<int> numbers) {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : numbers) sigaddset(&wanted, number);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return signalfd(descriptor, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
}

}  // namespace

int take_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  // A shell starts background jobs with SIGINT ignored; whoever sends it by hand means it all the same.
  std::signal(SIGINT, SIG_DFL);
  return take(-1, {SIGINT, SIGTERM});
}

void take_hangup(int descriptor) { take(descriptor, {SIGINT, SIGTERM, SIGHUP}); }

int pending_signal() {
  sigset_t pending;
  sigpending(&pending);
  for (const int number : {SIGINT, SIGTERM}) {
    if (sigismember(&pending, number) == 1) return number;
  }
  return 0;
}

int next_signal(int descriptor) {
  signalfd_siginfo about{};
  return read(descriptor, &about, sizeof about) == sizeof about ? static_cast<int>(about.ssi_signo) : 0;
}

}  // namespace sampan::cli
