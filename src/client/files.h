// The file system as a download sees it: a small interface, so that a test can fail any call and cut the power.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace sampan::client {

/// Calls of the file system. Each gives what the system call gives, at least 0, or -errno; -EINTR too: callers use again().
/// Names are relative to an open folder, and a link at their end is never followed. Thread: any.
class files {
 public:
  virtual ~files() = default;

  /// The folder and those above it; 0 where it is there already.
  virtual int make_folders(const std::string& path) = 0;
  virtual int open_folder(const std::string& path) = 0;
  /// -EACCES, -EROFS: no names can be made or changed in it.
  virtual int may_write(int folder) = 0;
  /// `flags`: O_RDWR, O_CREAT, O_EXCL… O_NOFOLLOW, O_CLOEXEC and O_NONBLOCK (for fifos) are added.
  virtual int open_at(int folder, const char* name, int flags, mode_t mode) = 0;
  /// A file without a name, which link_open() may give it; -EOPNOTSUPP where the system lacks one of the two.
  virtual int open_unnamed(int folder, mode_t mode) = 0;
  virtual int close(int fd) = 0;
  virtual int stat_at(int folder, const char* name, struct stat& about) = 0;
  virtual int stat(int fd, struct stat& about) = 0;
  /// -EWOULDBLOCK: another run has it.
  virtual int lock(int fd) = 0;

  virtual std::int64_t write(int fd, std::span<const char> bytes, std::uint64_t offset) = 0;
  virtual std::int64_t read(int fd, std::span<char> into, std::uint64_t offset) = 0;
  /// Disk blocks for that many bytes; the size stays.
  virtual int allocate(int fd, std::uint64_t size) = 0;
  virtual int set_modified(int fd, std::int64_t seconds) = 0;
  virtual int set_xattr(int fd, const char* name, const std::string& value) = 0;

  virtual int data_sync(int fd) = 0;
  virtual int sync(int fd) = 0;
  /// All of the file system that it lies on.
  virtual int sync_file_system(int fd) = 0;

  enum class existing { replaced, refused };
  /// `refused`: -EEXIST instead of replacing; -EINVAL where the file system cannot promise that.
  virtual int rename(int folder, const char* from, const char* to, existing what) = 0;
  /// -EEXIST instead of replacing.
  virtual int link(int folder, const char* from, const char* to) = 0;
  virtual int link_open(int fd, int folder, const char* to) = 0;
  virtual int unlink(int folder, const char* name) = 0;
  /// Bytes that this user may still write there; -ENOSYS where the file system does not say.
  virtual std::int64_t free_space(int fd) = 0;
};

/// Linux's. Thread: any.
files& real_files();

/// Makes a call until no signal interrupts it.
template <class Call>
auto again(Call call) {
  auto done = call();
  while (done == -EINTR) done = call();
  return done;
}

/// Owner of one descriptor of `files`. Results as there, without -EINTR. Move-only. Thread: like an int.
class open_file {
 public:
  open_file() noexcept = default;
  open_file(files& system, int fd) noexcept : system_(&system), fd_(fd) {}
  open_file(open_file&& other) noexcept : system_(other.system_), fd_(std::exchange(other.fd_, -1)) {}
  open_file& operator=(open_file&& other) noexcept;
  ~open_file() { close(); }

  int fd() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  /// Where a network file system tells what it could not write. Never repeated: Linux has freed the descriptor by then.
  int close() noexcept;

  /// All of it; `done` counts what was written when it failed.
  int write(std::span<const char> bytes, std::uint64_t offset, std::uint64_t& done) const;
  /// Until `into` is full or the file ends.
  std::int64_t read(std::span<char> into, std::uint64_t offset) const;
  int stat(struct stat& about) const;
  int data_sync() const;
  int sync() const;

 private:
  files* system_ = nullptr;
  int fd_ = -1;
};

/// A plain file of this user that nobody can reach by another name.
bool is_ours(const struct stat& about);

}  // namespace sampan::client
