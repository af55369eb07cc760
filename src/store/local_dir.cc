#include "store/local_dir.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <vector>

namespace sampan::store {

namespace {

constexpr int open_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

// openat2 answers EAGAIN when a rename raced with a `..` (measured: 1.5 % under a permanent race); this many in a row do not
// happen by chance.
constexpr int race_retries = 64;

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> list;
  while (!path.empty()) {
    const auto slash = path.find('/');
    list.push_back(path.substr(0, slash));
    path = slash == path.npos ? std::string_view() : path.substr(slash + 1);
  }
  return list;
}

// Errors that say something about the name rather than about this machine.
bool means_absent(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case EXDEV:
    case ENAMETOOLONG:
    case EACCES:
    case EPERM:
    case EINVAL:
    case EILSEQ:
    case ENXIO:
    case ENODEV:
    case EOVERFLOW: return true;
    default: return false;
  }
}

// Beyond the years 1678 to 2261 the nearest second of them: further ns do not fit into 64 bits.
std::int64_t nanoseconds(std::int64_t seconds, std::int64_t rest) {
  constexpr std::int64_t furthest = 9'223'372'035;
  return std::clamp(seconds, -furthest, furthest) * 1'000'000'000 + rest;
}
std::int64_t nanoseconds(const timespec& time) { return nanoseconds(time.tv_sec, time.tv_nsec); }
std::int64_t nanoseconds(const statx_timestamp& time) { return nanoseconds(time.tv_sec, time.tv_nsec); }

stamp stamp_of(const struct stat& about) {
  return {about.st_dev, about.st_ino, static_cast<std::uint64_t>(about.st_size), nanoseconds(about.st_mtim),
          nanoseconds(about.st_ctim)};
}

std::string link_target(const std::string& link) {
  char text[PATH_MAX];
  const auto length = readlink(link.c_str(), text, sizeof text);
  return length < 0 ? std::string() : std::string(text, static_cast<std::size_t>(length));
}

std::string opened_path(int fd) { return link_target("/proc/self/fd/" + std::to_string(fd)); }

}  // namespace

std::optional<std::string> without_dot_segments(std::string_view name) {
  std::vector<std::string_view> kept;
  for (const auto part : segments(name)) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(part);
    } else if (kept.empty()) {
      return std::nullopt;
    } else {
      kept.pop_back();
    }
  }
  std::string clean;
  for (const auto part : kept) {
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

namespace {
// Most names are as they come out of without_dot_segments(), which costs several allocations.
bool is_clean(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.front() != '/' && name.back() != '/' &&
         name.find("/.") == name.npos && name.find("//") == name.npos;
}
}  // namespace

stamp state_of(int fd) noexcept {
  struct stat about {};
  return fstat(fd, &about) == 0 ? stamp_of(about) : stamp{};
}

bool has_hidden_segment(std::string_view clean) { return clean.starts_with('.') || clean.find("/.") != clean.npos; }

result<local_dir> local_dir::at(const std::string& path, const local_dir_options& options) {
  const std::unique_ptr<char, void (*)(void*)> real(realpath(path.c_str(), nullptr), std::free);
  struct stat about {};
  if (!real || stat(real.get(), &about) != 0) return error::system(errno, "serve", path);
  std::string folder = real.get();
  std::string only;
  if (S_ISREG(about.st_mode)) {
    only = folder.substr(folder.rfind('/') + 1);
    folder.resize(folder.rfind('/') + 1);
    if (::access(real.get(), R_OK) != 0) return error::system(errno, "serve", path);
  } else if (!S_ISDIR(about.st_mode)) {
    return error::make(errc::bad_value, "serve", path, "neither a folder nor a regular file");
  }
  base::unique_fd root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return error::system(errno, "serve", path);
  return local_dir(std::move(root), std::move(only), options);
}

local_dir::local_dir(base::unique_fd root, std::string only, const local_dir_options& options)
    : root_(std::move(root)), only_(std::move(only)), options_(options), walk_only_(options.force_walk) {}

local_dir::local_dir(local_dir&& other) noexcept
    : root_(std::move(other.root_)),
      only_(std::move(other.only_)),
      options_(other.options_),
      walk_only_(other.walk_only_.load()) {}

// A descriptor, or -errno.
int local_dir::open_below(const std::string& name, std::uint64_t resolve) const {
  open_how how{};
  how.flags = open_flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve;
  long fd = 0;
  do {
    fd = syscall(SYS_openat2, root_.get(), name.c_str(), &how, sizeof how);
  } while (fd < 0 && errno == EINTR);
  return fd >= 0 ? static_cast<int>(fd) : -errno;
}

int local_dir::open_resolved(const std::string& name, may how, bool& followed) const {
  const std::uint64_t cached = how == may::only_use_caches ? RESOLVE_CACHED : 0;
  const int tries = how == may::only_use_caches ? 1 : race_retries;
  followed = false;
  int fd = -EAGAIN;
  for (int i = 0; i < tries && fd == -EAGAIN; ++i) {
    // Without links first: then the name itself tells whether it is hidden, and nothing need be read back.
    fd = open_below(name, cached | RESOLVE_NO_SYMLINKS);
    followed = fd == -ELOOP && options_.links;
    if (followed) fd = open_below(name, cached);
  }
  if (fd == -EINVAL && cached != 0) fd = -EAGAIN;  // Linux 5.6 to 5.11 have no RESOLVE_CACHED
  return fd;
}

// For kernels (and seccomp rules) without openat2: one component at a time and no links at all, so that a name without
// dot segments cannot lead out.
int local_dir::walk(std::string_view clean) const {
  const auto parts = segments(clean);
  base::unique_fd folder;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int from = folder ? folder.get() : root_.get();
    const int flags = i + 1 < parts.size() ? O_PATH | O_DIRECTORY | O_CLOEXEC : open_flags;
    base::unique_fd next(openat(from, std::string(parts[i]).c_str(), flags | O_NOFOLLOW));
    if (!next) return -errno;
    folder = std::move(next);
  }
  return folder ? folder.release() : -ENOENT;
}

bool local_dir::leads_to_hidden(int fd) const {
  const std::string root = opened_path(root_.get());
  const std::string path = opened_path(fd);
  if (root.empty() || !path.starts_with(root)) return true;  // without /proc, or moved away: better not shown
  const auto below = std::string_view(path).substr(root == "/" ? 1 : root.size() + 1);
  return has_hidden_segment(below);
}

result<object> local_dir::open(std::string_view name, may how) const {
  const auto absent = [&] { return error::make(errc::no_such_file, "open", name); };
  if (name.size() >= PATH_MAX || name.find('\0') != name.npos || name.starts_with('/')) return absent();
  const auto clean = is_clean(name) ? std::optional<std::string>(name) : without_dot_segments(name);
  if (!clean || (!options_.hidden && has_hidden_segment(*clean))) return absent();
  if (!only_.empty() && !clean->empty() && *clean != only_) return absent();
  // The kernel resolves the name as it was given: in `file.txt/..` it finds that there is no such folder.
  const std::string wanted = !only_.empty() ? only_ : name.empty() ? "." : std::string(name);

  bool followed = false;
  int number = walk_only_ ? -ENOSYS : open_resolved(wanted, how, followed);
  if (number == -ENOSYS || number == -EPERM) {
    if (number == -ENOSYS) walk_only_ = true;
    number = how == may::only_use_caches ? -EAGAIN : walk(clean->empty() ? wanted : *clean);  // openat() may wait
  }
  if (number == -EAGAIN) return error::system(EAGAIN, "open", name);
  if (number < 0) return means_absent(-number) ? absent() : error::system(-number, "open", name);

  object opened;
  opened.fd = base::unique_fd(number);
  struct stat about {};
  if (fstat(number, &about) != 0) return error::system(errno, "open", name);
  opened.is_folder = S_ISDIR(about.st_mode);
  opened.state = stamp_of(about);
  opened.through_link = followed;
  if (!S_ISREG(about.st_mode) && !opened.is_folder) return absent();
  if (!opened.is_folder && name.ends_with('/')) return absent();
  if (followed && !options_.hidden && leads_to_hidden(number)) return absent();
  if (!only_.empty() && (followed || opened.is_folder)) return absent();
  return opened;
}

bool local_dir::is_still(const std::string& name, const stamp& then) const noexcept {
  int at = root_.get();
  const char* path = name.c_str();
  base::unique_fd held;
  // A folder on the way may have become a link, which statx would follow.
  if (name.find('/') != name.npos) {
    if (walk_only_) return false;
    open_how how{};
    how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_CACHED;
    held = base::unique_fd(static_cast<int>(syscall(SYS_openat2, at, path, &how, sizeof how)));
    if (!held) return false;
    at = held.get();
    path = "";
  }
  struct statx about {};
  constexpr unsigned wanted = STATX_INO | STATX_SIZE | STATX_MTIME | STATX_CTIME;
  if (statx(at, path, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, wanted, &about) != 0) return false;
  return then.inode == about.stx_ino && then.size == about.stx_size && then.modified == nanoseconds(about.stx_mtime) &&
         then.changed == nanoseconds(about.stx_ctime) &&
         then.device == makedev(about.stx_dev_major, about.stx_dev_minor);
}

}  // namespace sampan::store
