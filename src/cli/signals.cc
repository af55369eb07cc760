#include "cli/signals.h"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace sampan::cli {

int take_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  // A shell starts background jobs with SIGINT ignored; whoever sends it by hand means it all the same.
  std::signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
}

int next_signal(int descriptor) {
  signalfd_siginfo about{};
  return read(descriptor, &about, sizeof about) == sizeof about ? static_cast<int>(about.ssi_signo) : 0;
}

}  // namespace sampan::cli
