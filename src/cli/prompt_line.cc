#include "cli/prompt_line.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "net/wait.h"

namespace sampan::cli {

namespace {

// A line that never ends is broken here: it is drawn anew with each key.
constexpr std::size_t longest_unfinished = 4096;
// For the screen to show the removed line before the program stops; on a stalled terminal it stops all the same.
constexpr std::chrono::milliseconds longest_drawing{200};

sigset_t terminal_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGWINCH);
  sigaddset(&wanted, SIGCONT);
  return wanted;
}

bool in_foreground() { return tcgetpgrp(STDIN_FILENO) == getpgrp(); }

}  // namespace

bool has_prompt_line() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 && in_foreground() && terminal && *terminal != '\0' &&
         std::strcmp(terminal, "dumb") != 0;
}

void block_terminal_signals() {
  const sigset_t wanted = terminal_signals();
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
}

prompt_line::prompt_line(text_writer& out) : out_(out), stop_(eventfd(0, EFD_CLOEXEC)), view_("> ") {
  const sigset_t wanted = terminal_signals();
  signals_ = base::unique_fd(signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  int ends[2] = {-1, -1};
  if (!stop_ || !signals_ || pipe2(ends, O_CLOEXEC) != 0) throw failure(error::system(errno, "create", "pipe"));
  lines_out_ = base::unique_fd(ends[0]);
  lines_in_ = base::unique_fd(ends[1]);
  fcntl(lines_in_.get(), F_SETFL, O_NONBLOCK);  // this end alone: the thread must not wait for who reads lines
  tcgetattr(STDIN_FILENO, &before_);
}

void prompt_line::begin() {
  const std::lock_guard lock(mutex_);
  shown_ = true;
  take_terminal();
  out_.put(redrawn());
  thread_ = std::thread([this] { read_keys(); });
}

prompt_line::~prompt_line() {
  if (!thread_.joinable()) return;
  eventfd_write(stop_.get(), 1);
  thread_.join();
  out_.put(view_.hide() + left_standing());
  if (in_foreground()) give_terminal_back();
}

// Keys come one by one and are not echoed; Ctrl-C stays a signal, Ctrl-Z is a key, since the line has to be removed first.
void prompt_line::take_terminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) view_.resize(size.ws_col, size.ws_row);
  if (!in_foreground()) return;  // it would stop us
  termios modes = before_;
  modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  modes.c_cc[VMIN] = 1;
  modes.c_cc[VTIME] = 0;
  modes.c_cc[VSUSP] = _POSIX_VDISABLE;
  modes.c_cc[VQUIT] = _POSIX_VDISABLE;
  tcsetattr(STDIN_FILENO, TCSANOW, &modes);
}

void prompt_line::give_terminal_back() const { tcsetattr(STDIN_FILENO, TCSANOW, &before_); }

std::string prompt_line::redrawn() {
  std::string shown = view_.hide();  // before the drawing
  return shown += view_.draw(editor_.line(), editor_.cursor(), unfinished_);
}

// What came without a line end, as a line above.
std::string prompt_line::left_standing() {
  return unfinished_.empty() ? std::string() : std::exchange(unfinished_, {}) + "\r\n";
}

void prompt_line::above(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (!shown_) return out_.put(std::string(text));
  std::string shown = view_.hide();
  unfinished_ += text;
  if (const auto end = unfinished_.rfind('\n'); end != std::string::npos) {
    shown += unfinished_.substr(0, end + 1);
    unfinished_.erase(0, end + 1);
  }
  if (unfinished_.size() > longest_unfinished) shown += left_standing();
  out_.put(shown + redrawn());
}

void prompt_line::read_keys() {
  std::array<char, 4096> keys;
  bool over = false;
  while (!over || !pending_.empty()) {
    const bool full = !pending_.empty();
    std::array<pollfd, 4> polled{{{stop_.get(), POLLIN, 0},
                                  {signals_.get(), POLLIN, 0},
                                  {full ? -1 : STDIN_FILENO, POLLIN, 0},
                                  {full ? lines_in_.get() : -1, POLLOUT, 0}}};
    net::wait_for_any(polled.data(), polled.size(), {});
    if (polled[0].revents != 0) return;
    if (polled[1].revents != 0) redraw();
    if (polled[3].revents != 0) give_lines();
    if (polled[2].revents == 0) continue;
    const ssize_t got = read(STDIN_FILENO, keys.data(), keys.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    ui::typed typed;
    typed.ended = true;  // the terminal has gone
    const std::lock_guard lock(mutex_);
    if (got > 0) typed = editor_.feed({keys.data(), static_cast<std::size_t>(got)});
    obey(typed);
    over = typed.ended;
    give_lines();
  }
  lines_in_.reset();
}

void prompt_line::obey(const ui::typed& keys) {
  std::string shown = view_.hide();
  if (!keys.lines.empty()) shown += left_standing();
  for (const std::string& line : keys.lines) {
    shown += view_.left_behind(line);
    pending_ += line + '\n';
  }
  if (keys.clear) shown += "\x1b[H\x1b[2J";
  if (keys.ended) shown += std::exchange(unfinished_, {});
  shown_ = !keys.ended;
  if (shown_ && !keys.suspend) shown += redrawn();
  out_.put(shown);
  if (keys.suspend) suspend();
}

// The shell wants its terminal back in order. The stop comes soon after kill(), the line back after SIGCONT, or at once where nothing
// could stop us.
void prompt_line::suspend() {
  out_.wait_until_written(longest_drawing);
  give_terminal_back();
  kill(0, SIGTSTP);
  net::wait_for(signals_.get(), POLLIN, net::patience::lasting(longest_drawing));
  take_signals();
  take_terminal();
  if (shown_) out_.put(redrawn());
}

// Returns whether the program was stopped and goes on.
bool prompt_line::take_signals() {
  signalfd_siginfo about{};
  bool continued = false;
  while (read(signals_.get(), &about, sizeof about) == sizeof about) continued |= about.ssi_signo == SIGCONT;
  return continued;
}

void prompt_line::redraw() {
  const std::lock_guard lock(mutex_);
  if (take_signals()) view_.forget();
  take_terminal();
  if (shown_) out_.put(redrawn());
}

void prompt_line::give_lines() {
  while (!pending_.empty()) {
    const ssize_t given = write(lines_in_.get(), pending_.data(), pending_.size());
    if (given < 0 && errno == EAGAIN) return;
    if (given < 0 && errno != EINTR) return pending_.clear();  // nobody reads lines any more
    if (given > 0) pending_.erase(0, static_cast<std::size_t>(given));
  }
}

}  // namespace sampan::cli
