#include "client/target.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "client/names.h"
#include "net/wait.h"

namespace sampan::client {

namespace {

bool ours(const struct stat& about) {
  return S_ISREG(about.st_mode) && about.st_uid == geteuid() && about.st_nlink == 1;
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

}  // namespace

bool target::is_stream(const std::string& path) {
  struct stat about {};
  return stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

result<target> target::stream(const std::string& path, int fd) {
  target made;
  made.path_ = path;
  made.streams_ = true;
  made.fd_ = base::unique_fd(fd >= 0 ? dup(fd) : open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!made.fd_) return made.failed("open");
  return made;
}

result<target> target::prepare(const place& where) {
  namespace fs = std::filesystem;
  target made;
  const fs::path whole = fs::path(where.directory) / where.name;
  made.path_ = whole.string();
  made.name_ = whole.filename().string();
  made.no_clobber_ = where.no_clobber;
  const std::string folder = whole.has_parent_path() ? whole.parent_path().string() : ".";
  std::error_code failure;
  if (!where.directory.empty()) fs::create_directories(where.directory, failure);
  if (failure) return error::system(failure.value(), "create", where.directory);
  made.folder_ = base::unique_fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!made.folder_) return error::system(errno, "open", folder);

  struct stat about {};
  const bool there = fstatat(made.folder_.get(), made.name_.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
  if (made.name_.empty() || made.name_ == "." || made.name_ == ".." || (there && S_ISDIR(about.st_mode))) {
    return error::make(errc::target_is_directory, "write", made.path_);
  }
  if (there && where.no_clobber) return error::make(errc::target_exists, "write", made.path_);
  if (faccessat(made.folder_.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) return made.failed("write to");
  made.part_ = part_name(made.name_);
  if (auto held = made.take_existing_part(); !held) return held.error();
  return made;
}

std::string target::part_path() const { return path_.substr(0, path_.size() - name_.size()) + part_; }

error target::failed(const char* operation) const { return error::system(errno, operation, path_); }

// Looks before it opens, and again at what it has opened and locked: the name may have changed hands in between, when another
// run renamed its finished file.
result<target::part_state> target::take_existing_part() {
  constexpr int tries = 8;
  for (int i = 0; i < tries; ++i) {
    struct stat before {};
    if (fstatat(folder_.get(), part_.c_str(), &before, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return part_state::absent;
      return error::system(errno, "open", part_path());
    }
    if (!ours(before)) return error::make(errc::part_not_ours, "write", part_path());
    base::unique_fd fd(openat(folder_.get(), part_.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd && errno == ENOENT) continue;
    if (!fd) return error::system(errno, "open", part_path());
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return error::make(errc::target_busy, "write", part_path());
    struct stat opened {};
    struct stat after {};
    if (fstat(fd.get(), &opened) != 0) return error::system(errno, "open", part_path());
    const bool still_there = fstatat(folder_.get(), part_.c_str(), &after, AT_SYMLINK_NOFOLLOW) == 0;
    if (!still_there || !same_file(opened, after)) continue;
    if (!ours(opened)) return error::make(errc::part_not_ours, "write", part_path());
    fd_ = std::move(fd);
    return part_state::held;
  }
  return error::make(errc::target_busy, "write", part_path());
}

result<void> target::begin() {
  if (streams_) return {};
  if (!fd_) {
    base::unique_fd fd(
        openat(folder_.get(), part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (fd) {
      if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return error::make(errc::target_busy, "write", part_path());
      fd_ = std::move(fd);
      return {};
    }
    if (errno != EEXIST) return error::system(errno, "create", part_path());
    const auto taken = take_existing_part();
    if (!taken) return taken.error();
    if (*taken == part_state::absent) return error::make(errc::target_busy, "write", part_path());
  }
  if (ftruncate(fd_.get(), 0) != 0) return error::system(errno, "write", part_path());
  return {};
}

result<void> target::write(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const auto done = ::write(fd_.get(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0 && errno == EAGAIN) {
      net::wait_for(fd_.get(), POLLOUT, {});  // stdout, made non-blocking by whoever shares it
      continue;
    }
    if (done < 0) return failed("write");
    written_ += static_cast<std::uint64_t>(done);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

result<void> target::publish() {
  if (streams_) return {};
  if (fsync(fd_.get()) != 0) return failed("sync");
  const int folder = folder_.get();
  // Without RENAME_NOREPLACE (some network file systems) a hard link refuses just as surely.
  const int renamed = no_clobber_ ? renameat2(folder, part_.c_str(), folder, name_.c_str(), RENAME_NOREPLACE)
                                  : renameat(folder, part_.c_str(), folder, name_.c_str());
  if (renamed != 0 && no_clobber_ && errno == EINVAL && linkat(folder, part_.c_str(), folder, name_.c_str(), 0) == 0) {
    unlinkat(folder, part_.c_str(), 0);
  } else if (renamed != 0) {
    if (errno == EEXIST) return error::make(errc::target_exists, "rename", part_path());
    if (errno == EISDIR) return error::make(errc::target_is_directory, "rename", part_path());
    return failed("rename");
  }
  if (fsync(folder) != 0 && errno != EINVAL) return failed("sync");  // EINVAL: this file system has no such thing
  return {};
}

}  // namespace sampan::client
