#include "client/target_folder.h"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>

namespace sampan::client {

void grant(files& system, int fd, const publish_wishes& wishes) {
  if (wishes.modified) again([&] { return system.set_modified(fd, *wishes.modified); });
  if (!wishes.origin_url.empty()) {
    again([&] { return system.set_xattr(fd, "user.xdg.origin.url", wishes.origin_url); });
  }
}

result<target_folder> target_folder::open(files& system, const target_place& where) {
  namespace fs = std::filesystem;
  target_folder made;
  made.system_ = &system;
  const fs::path whole = fs::path(where.directory) / where.name;
  made.path_ = whole.string();
  made.name_ = whole.filename().string();
  made.no_clobber_ = where.no_clobber;
  const std::string folder = whole.has_parent_path() ? whole.parent_path().string() : ".";
  if (!where.directory.empty()) {
    const int there = again([&] { return system.make_folders(where.directory); });
    if (there < 0) return error::system(-there, "create", where.directory);
  }
  const int fd = again([&] { return system.open_folder(folder); });
  if (fd < 0) return error::system(-fd, "open", folder);
  made.folder_ = open_file(system, fd);

  struct stat about {};
  const bool there = made.look_at(made.name_, about) == 0;
  if (made.name_.empty() || made.name_ == "." || made.name_ == ".." || (there && S_ISDIR(about.st_mode))) {
    return error::make(errc::target_is_directory, "write", made.path_);
  }
  if (there && where.no_clobber) return error::make(errc::target_exists, "write", made.path_);
  const int allowed = again([&] { return system.may_write(fd); });
  if (allowed < 0) return error::system(-allowed, "write to", made.path_);
  return made;
}

std::string target_folder::path_of(std::string_view name) const {
  return path_.substr(0, path_.size() - name_.size()).append(name);
}

error target_folder::failed(int number, const char* operation, std::string_view name) const {
  return error::system(-number, operation, path_of(name));
}

result<void> target_folder::rename_to_target(const std::string& from) {
  const auto what = no_clobber_ ? files::existing::refused : files::existing::replaced;
  int done = again([&] { return system_->rename(fd(), from.c_str(), name_.c_str(), what); });
  if (done == -EINVAL && no_clobber_) {
    // Without RENAME_NOREPLACE (some network file systems) a hard link refuses just as surely.
    done = again([&] { return system_->link(fd(), from.c_str(), name_.c_str()); });
    if (done == 0) return remove(from);
  }
  if (done == -EEXIST) return error::make(errc::target_exists, "rename", path_of(from));
  if (done == -EISDIR) return error::make(errc::target_is_directory, "rename", path_of(from));
  if (done < 0) return failed(done, "rename", from);
  return {};
}

result<void> target_folder::sync() {
  const int done = folder_.sync();
  if (done < 0 && done != -EINVAL) return failed(done, "sync", name_);  // EINVAL: this file system has no such thing
  return {};
}

int target_folder::look_at(const std::string& name, struct stat& about) const {
  return again([&] { return system_->stat_at(fd(), name.c_str(), about); });
}

result<void> target_folder::remove(const std::string& name) {
  const int done = again([&] { return system_->unlink(fd(), name.c_str()); });
  if (done < 0 && done != -ENOENT) return failed(done, "remove", name);
  return {};
}

result<void> target_folder::rename(const std::string& from, const std::string& to) {
  const int done = again([&] { return system_->rename(fd(), from.c_str(), to.c_str(), files::existing::replaced); });
  if (done < 0) return failed(done, "rename", from);
  return {};
}

}  // namespace sampan::client
