#include "client/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace sampan::client {

namespace {

template <class Number>
Number or_errno(Number done) {
  return done < 0 ? static_cast<Number>(-errno) : done;
}

class linux_files final : public files {
 public:
  int make_folders(const std::string& path) override {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    return -failure.value();
  }
  int open_folder(const std::string& path) override {
    return or_errno(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  int may_write(int folder) override { return or_errno(::faccessat(folder, ".", W_OK | X_OK, AT_EACCESS)); }
  int open_at(int folder, const char* name, int flags, mode_t mode) override {
    return or_errno(::openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode));
  }
  int open_unnamed(int folder, mode_t mode) override {
    if (::access(names_of_descriptors, F_OK) != 0) return -EOPNOTSUPP;  // link_open() needs it
    const int fd = or_errno(::openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
    return fd == -EISDIR || fd == -ENOENT || fd == -EINVAL ? -EOPNOTSUPP : fd;  // what older systems say to it
  }
  int close(int fd) override { return or_errno(::close(fd)); }
  int stat_at(int folder, const char* name, struct stat& about) override {
    return or_errno(::fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW));
  }
  int stat(int fd, struct stat& about) override { return or_errno(::fstat(fd, &about)); }
  int lock(int fd) override { return or_errno(::flock(fd, LOCK_EX | LOCK_NB)); }

  std::int64_t write(int fd, std::span<const char> bytes, std::uint64_t offset) override {
    return or_errno(::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)));
  }
  std::int64_t read(int fd, std::span<char> into, std::uint64_t offset) override {
    return or_errno(::pread(fd, into.data(), into.size(), static_cast<off_t>(offset)));
  }
  int allocate(int fd, std::uint64_t size) override {
    return or_errno(::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)));
  }
  int set_modified(int fd, std::int64_t seconds) override {
    const timespec times[2] = {{0, UTIME_OMIT}, {static_cast<time_t>(seconds), 0}};
    return or_errno(::futimens(fd, times));
  }
  int set_xattr(int fd, const char* name, const std::string& value) override {
    return or_errno(::fsetxattr(fd, name, value.data(), value.size(), 0));
  }

  int data_sync(int fd) override { return or_errno(::fdatasync(fd)); }
  int sync(int fd) override { return or_errno(::fsync(fd)); }
  int sync_file_system(int fd) override { return or_errno(::syncfs(fd)); }

  int rename(int folder, const char* from, const char* to, existing what) override {
    if (what == existing::replaced) return or_errno(::renameat(folder, from, folder, to));
    return or_errno(::renameat2(folder, from, folder, to, RENAME_NOREPLACE));
  }
  int link(int folder, const char* from, const char* to) override {
    return or_errno(::linkat(folder, from, folder, to, 0));
  }
  int link_open(int fd, int folder, const char* to) override {
    const std::string name = std::string(names_of_descriptors) + std::to_string(fd);
    return or_errno(::linkat(AT_FDCWD, name.c_str(), folder, to, AT_SYMLINK_FOLLOW));
  }
  int unlink(int folder, const char* name) override { return or_errno(::unlinkat(folder, name, 0)); }
  std::int64_t free_space(int fd) override {
    struct statfs about {};
    if (::fstatfs(fd, &about) != 0) return -errno;
    if (about.f_blocks == 0) return -ENOSYS;  // some that lie on a network
    return static_cast<std::int64_t>(about.f_bavail) * static_cast<std::int64_t>(about.f_bsize);
  }

 private:
  static constexpr const char* names_of_descriptors = "/proc/self/fd/";  // what linkat(2) says to use
};

}  // namespace

files& real_files() {
  static linux_files only;
  return only;
}

open_file& open_file::operator=(open_file&& other) noexcept {
  if (this != &other) {
    close();
    system_ = other.system_;
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

int open_file::close() noexcept {
  const int done = fd_ < 0 ? 0 : system_->close(std::exchange(fd_, -1));
  return done == -EINTR ? 0 : done;
}

int open_file::write(std::span<const char> bytes, std::uint64_t offset, std::uint64_t& done) const {
  for (done = 0; done < bytes.size();) {
    const auto some =
        again([&] { return system_->write(fd_, bytes.subspan(static_cast<std::size_t>(done)), offset + done); });
    if (some < 0) return static_cast<int>(some);
    if (some == 0) return -EIO;  // for ever, else
    done += static_cast<std::uint64_t>(some);
  }
  return 0;
}

std::int64_t open_file::read(std::span<char> into, std::uint64_t offset) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto some = again([&] { return system_->read(fd_, into.subspan(done), offset + done); });
    if (some < 0) return some;
    if (some == 0) break;
    done += static_cast<std::size_t>(some);
  }
  return static_cast<std::int64_t>(done);
}

int open_file::stat(struct stat& about) const {
  return again([&] { return system_->stat(fd_, about); });
}
int open_file::data_sync() const {
  return again([&] { return system_->data_sync(fd_); });
}
int open_file::sync() const {
  return again([&] { return system_->sync(fd_); });
}

bool is_ours(const struct stat& about) {
  return S_ISREG(about.st_mode) && about.st_uid == ::geteuid() && about.st_nlink == 1;
}

}  // namespace sampan::client
