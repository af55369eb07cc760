#include "client/test_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sampan::client {

void test_files::arrange(int call, trouble what, int number) {
  calls_ = 0;
  at_ = call;
  what_ = what;
  number_ = number;
}

int test_files::next_call() {
  ++calls_;
  if (at_ == 0 || calls_ < at_) return 0;
  if (what_ == trouble::power_cut) return -EIO;  // and so for all that come after
  return what_ == trouble::fails && calls_ == at_ ? -number_ : 0;
}

void test_files::apply(name_map& names, const renamed& what) {
  if (!what.gone.empty()) names.erase(what.gone);
  if (!what.name.empty()) names[what.name] = what.to;
}

void test_files::apply(std::string& content, const written& what, std::size_t size) {
  if (size == 0) return;
  const auto offset = static_cast<std::size_t>(what.offset);
  content.resize(std::max(content.size(), offset + size));
  content.replace(offset, size, what.bytes, 0, size);
}

void test_files::make_last(file& which) {
  for (const written& one : which.unsynced) apply(which.lasting, one, one.bytes.size());
  which.unsynced.clear();
}

int test_files::change(renamed what) {
  apply(names_, what);
  unsynced_.push_back(std::move(what));
  return 0;
}

int test_files::sync_names() {
  for (const renamed& one : unsynced_) apply(lasting_, one);
  unsynced_.clear();
  return 0;
}

void test_files::crash() { end(lasting_); }

void test_files::crash(std::mt19937& choice) {
  const auto pick = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(choice); };
  name_map left = lasting_;
  for (const renamed& one : unsynced_) {
    if (pick(1) == 0) apply(left, one);
  }
  for (const auto& [name, which] : left) {
    for (const written& one : which->unsynced) {
      const auto survives = pick(2);  // nothing of it, all, or a beginning
      apply(which->lasting, one, survives == 0 ? 0 : survives == 1 ? one.bytes.size() : pick(one.bytes.size()));
    }
    which->unsynced.clear();
  }
  end(std::move(left));
}

void test_files::end(name_map left) {
  names_ = lasting_ = std::move(left);
  unsynced_.clear();
  open_.clear();
  for (const auto& [name, which] : names_) {
    which->content = which->lasting;
    which->unsynced.clear();
    which->locked_by = -1;
  }
  arrange(0, trouble::fails);
}

void test_files::put(const std::string& name, const std::string& content) {
  names_[name] = lasting_[name] = std::make_shared<file>(file{content, content, {}, -1});
}

int test_files::make_folders(const std::string&) { return next_call(); }

int test_files::open_folder(const std::string&) {
  if (const int bad = next_call(); bad < 0) return bad;
  open_[++last_fd_] = nullptr;
  return last_fd_;
}

int test_files::may_write(int) { return next_call(); }

int test_files::open_at(int, const char* name, int flags, mode_t) {
  if (const int bad = next_call(); bad < 0) return bad;
  const auto found = names_.find(name);
  if (found == names_.end() && (flags & O_CREAT) == 0) return -ENOENT;
  if (found != names_.end() && (flags & O_EXCL) != 0) return -EEXIST;
  const auto which = found == names_.end() ? std::make_shared<file>() : found->second;
  if (found == names_.end()) change({{}, name, which});
  open_[++last_fd_] = which;
  return last_fd_;
}

int test_files::open_unnamed(int, mode_t) {
  if (const int bad = next_call(); bad < 0) return bad;
  if (!has_unnamed) return -EOPNOTSUPP;
  open_[++last_fd_] = std::make_shared<file>();
  return last_fd_;
}

int test_files::close(int fd) {
  const int bad = next_call();
  const auto which = open_.find(fd);  // not there: it was opened before a power cut
  if (which == open_.end()) return -EBADF;
  if (which->second && which->second->locked_by == fd) which->second->locked_by = -1;
  open_.erase(which);
  return bad;
}

void test_files::describe(const file_ref& which, struct stat& about) const {
  about = {};
  about.st_mode = which ? S_IFREG : S_IFDIR;
  about.st_uid = ::geteuid();
  about.st_ino = reinterpret_cast<ino_t>(which.get());
  about.st_nlink = static_cast<nlink_t>(
      std::count_if(names_.begin(), names_.end(), [&](const auto& one) { return one.second == which; }));
  about.st_size = which ? static_cast<off_t>(which->content.size()) : 0;
}

int test_files::stat_at(int, const char* name, struct stat& about) {
  if (const int bad = next_call(); bad < 0) return bad;
  const auto found = names_.find(name);
  if (found == names_.end()) return -ENOENT;
  describe(found->second, about);
  return 0;
}

int test_files::stat(int fd, struct stat& about) {
  if (const int bad = next_call(); bad < 0) return bad;
  describe(open_.at(fd), about);
  return 0;
}

int test_files::lock(int fd) {
  if (const int bad = next_call(); bad < 0) return bad;
  int& holder = open_.at(fd)->locked_by;
  if (holder >= 0 && holder != fd) return -EWOULDBLOCK;
  holder = fd;
  return 0;
}

std::int64_t test_files::write(int fd, std::span<const char> bytes, std::uint64_t offset) {
  if (const int bad = next_call(); bad < 0) return bad;
  if (what_ == trouble::is_shortened && calls_ == at_) bytes = bytes.first((bytes.size() + 1) / 2);
  const written one{offset, std::string(bytes.begin(), bytes.end())};
  file& which = *open_.at(fd);
  apply(which.content, one, one.bytes.size());
  which.unsynced.push_back(one);
  return static_cast<std::int64_t>(bytes.size());
}

std::int64_t test_files::read(int fd, std::span<char> into, std::uint64_t offset) {
  if (const int bad = next_call(); bad < 0) return bad;
  const std::string& content = open_.at(fd)->content;
  if (offset >= content.size()) return 0;
  std::size_t size = std::min(into.size(), content.size() - static_cast<std::size_t>(offset));
  if (what_ == trouble::is_shortened && calls_ == at_) size = (size + 1) / 2;
  std::memcpy(into.data(), content.data() + offset, size);
  return static_cast<std::int64_t>(size);
}

int test_files::allocate(int, std::uint64_t) { return next_call(); }
int test_files::set_modified(int, std::int64_t) { return next_call(); }
int test_files::set_xattr(int, const char*, const std::string&) { return next_call(); }

int test_files::data_sync(int fd) { return sync(fd); }

int test_files::sync(int fd) {
  const int bad = next_call();
  const auto which = open_.at(fd);
  if (!which) return bad < 0 ? bad : sync_names();
  if (bad < 0 && bad != -EINTR && what_ != trouble::power_cut) which->unsynced.clear();
  if (bad < 0) return bad;
  make_last(*which);
  if (while_syncing) std::exchange(while_syncing, {})();
  return 0;
}

int test_files::sync_file_system(int) {
  if (const int bad = next_call(); bad < 0) return bad;
  for (const auto& [fd, which] : open_) {
    if (which) make_last(*which);
  }
  for (const auto& [name, which] : names_) make_last(*which);
  return sync_names();
}

int test_files::rename(int, const char* from, const char* to, existing what) {
  if (const int bad = next_call(); bad < 0) return bad;
  if (what == existing::refused && !can_refuse) return -EINVAL;
  if (!has(from)) return -ENOENT;
  if (what == existing::refused && has(to)) return -EEXIST;
  return change({from, to, names_.at(from)});
}

int test_files::link(int, const char* from, const char* to) {
  if (const int bad = next_call(); bad < 0) return bad;
  if (!has(from)) return -ENOENT;
  return has(to) ? -EEXIST : change({{}, to, names_.at(from)});
}

int test_files::link_open(int fd, int, const char* to) {
  if (const int bad = next_call(); bad < 0) return bad;
  return has(to) ? -EEXIST : change({{}, to, open_.at(fd)});
}

int test_files::unlink(int, const char* name) {
  if (const int bad = next_call(); bad < 0) return bad;
  return has(name) ? change({name, {}, nullptr}) : -ENOENT;
}

std::int64_t test_files::free_space(int) {
  if (const int bad = next_call(); bad < 0) return bad;
  return static_cast<std::int64_t>(space);
}

}  // namespace sampan::client
