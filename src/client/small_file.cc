#include "client/small_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <utility>

#include "client/names.h"

namespace sampan::client {

struct small_publisher::waiting {
  explicit waiting(target_folder opened) : folder(std::move(opened)) {}
  waiting(const waiting&) = delete;
  ~waiting() {
    if (!temporary.empty()) folder.remove(temporary);
  }

  target_folder folder;
  open_file file;
  std::string temporary;  // its name until it has the target's; empty: none
  struct stat about {};   // of the folder
  publish_wishes wishes;
  callback published;
  result<void> outcome;
};

namespace {

// A name beside the target's that nobody has, made by `make`, which gives -EEXIST when somebody has. Files of runs that were killed
// may lie there, and in a container each run has the same number.
template <class Make>
int make_temporary(const target_folder& folder, std::string& name, Make make) {
  static std::atomic<unsigned> last;
  constexpr int tries = 1000;
  int made = -EEXIST;
  for (int i = 0; i < tries && made == -EEXIST; ++i) {
    name = neighbour_name(folder.name(), fmt::format(".new-{}-{}", ::getpid(), ++last % 100'000'000));
    made = again([&] { return make(name.c_str()); });
  }
  return made;
}

// Without a name a file vanishes by itself when the run is killed.
result<void> give_name(target_folder& folder, const open_file& file, std::string& temporary) {
  files& system = folder.system();
  if (temporary.empty()) {
    int done = again([&] { return system.link_open(file.fd(), folder.fd(), folder.name().c_str()); });
    if (done == 0) return {};
    if (done == -EEXIST && folder.no_clobber()) return error::make(errc::target_exists, "write", folder.path());
    if (done == -EEXIST) {
      done = make_temporary(folder, temporary,
                            [&](const char* name) { return system.link_open(file.fd(), folder.fd(), name); });
    }
    if (done < 0) return folder.failed(done, "write", folder.name());
  }
  auto renamed = folder.rename_to_target(temporary);
  if (renamed) temporary.clear();
  return renamed;
}

}  // namespace

small_publisher::small_publisher(files& system) : system_(&system) {}
small_publisher::~small_publisher() = default;

result<std::unique_ptr<small_publisher::waiting>> small_publisher::write(const target_place& where,
                                                                         std::span<const char> body) const {
  constexpr mode_t mode = 0666;
  auto folder = target_folder::open(*system_, where);
  if (!folder) return folder.error();
  auto made = std::make_unique<waiting>(std::move(*folder));
  const target_folder& in = made->folder;
  int done = again([&] { return system_->stat(in.fd(), made->about); });
  if (done < 0) return in.failed(done, "open", in.name());
  done = again([&] { return system_->open_unnamed(in.fd(), mode); });
  if (done == -EOPNOTSUPP) {
    done = make_temporary(in, made->temporary, [&](const char* name) {
      return system_->open_at(in.fd(), name, O_RDWR | O_CREAT | O_EXCL, mode);
    });
  }
  if (done < 0) return in.failed(done, "create", in.name());
  made->file = open_file(*system_, done);
  std::uint64_t written = 0;
  done = made->file.write(body, 0, written);
  if (done == 0) return made;
  auto failure = in.failed(done, "write", in.name());
  if (done != -ENOSPC && done != -EDQUOT) return failure;
  const auto have = system_->free_space(in.fd());
  return failure.with_detail(
      fmt::format("need {} bytes, have {}", body.size() - written, std::max<std::int64_t>(have, 0)));
}

result<void> small_publisher::add(const target_place& where, std::span<const char> body, const publish_wishes& wishes,
                                  callback published) {
  auto made = write(where, body);
  if (!made) return made.error();
  grant(*system_, (*made)->file.fd(), wishes);
  (*made)->wishes = wishes;
  (*made)->published = std::move(published);
  group ready;
  if (wishes.sync) {
    const std::lock_guard guard(lock_);
    const auto now = std::chrono::steady_clock::now();
    if (waiting_.empty()) oldest_ = now;
    waiting_.push_back(std::move(*made));
    if (waiting_.size() >= most_waiting || now - oldest_ >= longest_wait) std::swap(ready, waiting_);
  } else {
    ready.push_back(std::move(*made));
  }
  publish(ready);  // failures are told to those they are for
  return {};
}

result<void> small_publisher::flush() {
  group ready;
  {
    const std::lock_guard guard(lock_);
    std::swap(ready, waiting_);
  }
  return publish(ready);
}

// First all contents, then all names, then all folders: one wait for the disk serves all of each.
result<void> small_publisher::publish(const group& ready) const {
  std::map<dev_t, int> file_systems;
  for (const auto& one : ready) {
    if (!one->wishes.sync) continue;
    const auto [synced, first] = file_systems.try_emplace(one->about.st_dev);
    if (first) synced->second = again([&] { return system_->sync_file_system(one->file.fd()); });
    if (synced->second < 0) one->outcome = one->folder.failed(synced->second, "sync", one->folder.name());
  }
  for (const auto& one : ready) {
    if (one->outcome) one->outcome = give_name(one->folder, one->file, one->temporary);
  }
  std::map<std::pair<dev_t, ino_t>, result<void>> folders;
  for (const auto& one : ready) {
    if (!one->wishes.sync || !one->outcome) continue;
    const auto [synced, first] = folders.try_emplace({one->about.st_dev, one->about.st_ino});
    if (first) synced->second = one->folder.sync();
    one->outcome = synced->second;
  }
  result<void> all;
  for (const auto& one : ready) {
    const int closed = one->file.close();
    if (closed < 0 && one->outcome) one->outcome = one->folder.failed(closed, "close", one->folder.name());
    if (all && !one->outcome) all = one->outcome;
    one->published(one->outcome ? result<std::string>(one->folder.path()) : one->outcome.error());
  }
  return all;
}

}  // namespace sampan::client
