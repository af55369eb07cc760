#include "client/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <mutex>

#include "client/journal_file.h"
#include "client/names.h"

namespace sampan::client {

namespace {

constexpr int most_names = 10;  // NAME.part, NAME.part.1 … .9: whoever left so many has to look at the folder

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

const char* why_not(journal_condition condition) {
  switch (condition) {
    case journal_condition::whole:
    case journal_condition::torn: return "";
    case journal_condition::other_version: return "its journal is of another version";
    case journal_condition::garbage: break;
  }
  return "its journal is damaged";
}

}  // namespace

struct part_file::state {
  explicit state(target_folder opened) : folder(std::move(opened)) {}

  enum class claim { vacant, taken, foreign };
  result<claim> take(int number);
  result<claim> take_opened();
  result<void> read_found();
  result<void> create();
  result<void> keep_old();
  result<bool> named_part_is_ours() const;
  error no_space(int number, std::uint64_t need) const;
  std::string journal() const { return part + ".sampan"; }
  std::string old() const { return part + ".old"; }
  std::string old_journal() const { return part + ".old.sampan"; }

  target_folder folder;
  std::string part;  // in the folder
  open_file file;    // holds the lock
  std::optional<journal_state> found;
  const char* note = "";
  bool kept_old = false;

  std::mutex checkpoint_lock;  // taken before the other
  journal_file writer;
  journal_header header;

  mutable std::mutex lock;  // for what follows
  intervals held;
  bool changed = false;         // since the last checkpoint
  bool forgot = false;          // so that no older line of the journal is true any more
  std::optional<error> broken;  // the disk lost something, nobody knows what
};

part_file::part_file(std::unique_ptr<state> made) : state_(std::move(made)) {}
part_file::part_file(part_file&&) noexcept = default;
part_file& part_file::operator=(part_file&&) noexcept = default;
part_file::~part_file() = default;

result<part_file> part_file::prepare(files& system, const place& where) {
  auto folder = target_folder::open(system, where);
  if (!folder) return folder.error();
  part_file made(std::make_unique<state>(std::move(*folder)));
  state& self = *made.state_;
  int vacant = most_names;
  for (int number = 0; number < most_names; ++number) {
    const auto claimed = self.take(number);
    if (!claimed) return claimed.error();
    if (*claimed == state::claim::taken) return made;
    if (*claimed == state::claim::vacant) vacant = std::min(vacant, number);
  }
  self.part = neighbour_name(self.folder.name(), ".part");
  if (vacant == most_names) return error::make(errc::part_not_ours, "write", made.part_path());
  if (vacant > 0) self.part += fmt::format(".{}", vacant);
  return made;
}

// Looks before it opens, and again at what it has opened and locked: the name may have changed hands in between, when another
// run renamed its finished file.
result<part_file::state::claim> part_file::state::take(int number) {
  constexpr int tries = 8;
  part = neighbour_name(folder.name(), ".part") + (number == 0 ? "" : fmt::format(".{}", number));
  for (int i = 0; i < tries; ++i) {
    struct stat about {};
    int done = folder.look_at(part, about);
    if (done == -ENOENT) {
      const int journal_there = folder.look_at(journal(), about);
      return journal_there == -ENOENT || (journal_there == 0 && is_ours(about)) ? claim::vacant : claim::foreign;
    }
    if (done < 0) return folder.failed(done, "open", part);
    if (!is_ours(about)) return claim::foreign;
    const int fd = again([&] { return folder.system().open_at(folder.fd(), part.c_str(), O_RDWR, 0); });
    if (fd == -ENOENT || fd == -ELOOP) continue;
    if (fd < 0) return folder.failed(fd, "open", part);
    file = open_file(folder.system(), fd);
    done = again([&] { return folder.system().lock(fd); });
    if (done == -EWOULDBLOCK) return error::make(errc::target_busy, "write", folder.path_of(part));
    if (done < 0) return folder.failed(done, "lock", part);
    const auto ours = named_part_is_ours();
    if (!ours) return ours.error();
    if (*ours) return take_opened();
  }
  return error::make(errc::target_busy, "write", folder.path_of(part));
}

// Its journal says whose it is. An empty part without one is what is left when a run is killed between making the two.
result<part_file::state::claim> part_file::state::take_opened() {
  struct stat about {};
  const int there = folder.look_at(journal(), about);
  if (there < 0 && there != -ENOENT) return folder.failed(there, "open", journal());
  if (there == 0 && is_ours(about)) {
    if (auto read = read_found(); !read) return read.error();
    return claim::taken;
  }
  if (const int known = file.stat(about); known < 0) return folder.failed(known, "open", part);
  if (there == -ENOENT && about.st_size == 0) return claim::taken;
  file = {};
  return claim::foreign;
}

result<void> part_file::state::read_found() {
  auto reading = read_journal_file(folder, journal());
  if (!reading) return reading.error();
  note = why_not(reading->condition);
  if (!reading->state) return {};
  struct stat about {};
  if (const int known = file.stat(about); known < 0) return folder.failed(known, "open", part);
  const auto& all = reading->state->held.all();
  if (!all.empty() && all.back().end > static_cast<std::uint64_t>(about.st_size)) {
    note = "it is shorter than its journal says";
    return {};
  }
  held = reading->state->held;
  found = std::move(*reading->state);
  return {};
}

// Whether the part's name still leads to the file that is open and locked, and to that alone.
result<bool> part_file::state::named_part_is_ours() const {
  struct stat opened {};
  struct stat named {};
  if (const int known = file.stat(opened); known < 0) return folder.failed(known, "open", part);
  const int there = folder.look_at(part, named);
  if (there < 0 && there != -ENOENT) return folder.failed(there, "open", part);
  return there == 0 && same_file(opened, named) && is_ours(opened);
}

result<void> part_file::state::create() {
  files& system = folder.system();
  const int fd = again([&] { return system.open_at(folder.fd(), part.c_str(), O_RDWR | O_CREAT | O_EXCL, 0666); });
  const auto busy = error::make(errc::target_busy, "write", folder.path_of(part));
  if (fd == -EEXIST) return busy;
  if (fd < 0) return folder.failed(fd, "create", part);
  file = open_file(system, fd);
  const int locked = again([&] { return system.lock(fd); });
  if (locked < 0 && locked != -EWOULDBLOCK) return folder.failed(locked, "lock", part);
  const auto ours = named_part_is_ours();
  if (!ours) return ours.error();
  if (locked < 0 || !*ours) return busy;  // another run was quicker to lock what this one has made
  return {};
}

// The old part must have its other name for good before a new one is made: a power cut may keep any of the changes. The old
// journal may then be found beside the new part, but that is still shorter than it says.
result<void> part_file::state::keep_old() {
  if (auto renamed = folder.rename(part, old()); !renamed) return renamed;
  kept_old = true;
  if (auto synced = folder.sync(); !synced) return synced;
  struct stat about {};
  return folder.look_at(journal(), about) == 0 ? folder.rename(journal(), old_journal()) : result<void>();
}

const std::optional<journal_state>& part_file::found() const noexcept { return state_->found; }
const char* part_file::note() const noexcept { return state_->note; }

result<void> part_file::begin(const journal_header& header) {
  state& self = *state_;
  if (self.file) {
    struct stat about {};
    if (const int known = self.file.stat(about); known < 0) return self.folder.failed(known, "open", self.part);
    if (about.st_size > 0) {
      if (auto kept = self.keep_old(); !kept) return kept;
      self.file = {};
    }
  }
  if (!self.file) {
    if (auto made = self.create(); !made) return made;
  }
  self.held.clear();
  self.changed = self.forgot = false;
  self.broken.reset();
  self.header = header;
  return self.writer.start(self.folder, self.journal(), header, {});
}

result<void> part_file::resume(const journal_header& header) {
  state& self = *state_;
  assert(self.found);
  self.header = header;
  return self.writer.start(self.folder, self.journal(), header, self.held);
}

error part_file::state::no_space(int number, std::uint64_t need) const {
  auto failure = folder.failed(number, "write", part);
  if (number != -ENOSPC && number != -EDQUOT) return failure;
  const auto have = folder.system().free_space(file.fd());
  return failure.with_detail(fmt::format("need {} bytes, have {}", need, std::max<std::int64_t>(have, 0)));
}

result<void> part_file::write(std::uint64_t offset, std::span<const char> bytes) {
  std::uint64_t done = 0;
  const int written = state_->file.write(bytes, offset, done);
  wrote({offset, offset + done});
  if (written == 0) return {};
  const std::uint64_t left = bytes.size() - done;
  const auto total = state_->header.total;
  return state_->no_space(written, total ? std::max(left, *total - std::min(*total, held().bytes())) : left);
}

result<std::size_t> part_file::read(std::uint64_t offset, std::span<char> into) const {
  const auto size = state_->file.read(into, offset);
  if (size < 0) return state_->folder.failed(static_cast<int>(size), "read", state_->part);
  return static_cast<std::size_t>(size);
}

int part_file::fd() const noexcept { return state_->file.fd(); }

void part_file::wrote(interval bytes) {
  const std::lock_guard guard(state_->lock);
  state_->held.add(bytes);
  state_->changed = true;
}

void part_file::forget(interval bytes) {
  const std::lock_guard guard(state_->lock);
  state_->held.remove(bytes);
  state_->changed = state_->forgot = true;
}

intervals part_file::held() const {
  const std::lock_guard guard(state_->lock);
  return state_->held;
}

result<void> part_file::checkpoint() {
  state& self = *state_;
  const std::lock_guard one_at_a_time(self.checkpoint_lock);
  intervals snapshot;
  bool forgot = false;
  {
    const std::lock_guard guard(self.lock);
    if (self.broken) return *self.broken;
    if (!self.changed) return {};
    snapshot = self.held;  // before the sync: what is written from now on may not be on the disk after it
    self.changed = false;
    forgot = std::exchange(self.forgot, false);
  }
  if (const int synced = self.file.data_sync(); synced < 0) {
    // The kernel takes what it could not write for written; a second sync would succeed and prove nothing.
    const std::lock_guard guard(self.lock);
    self.broken = self.no_space(synced, 0);
    return *self.broken;
  }
  auto noted = forgot ? self.writer.start(self.folder, self.journal(), self.header, snapshot)
                      : self.writer.append(self.folder, snapshot);
  if (!noted) {
    const std::lock_guard guard(self.lock);
    self.changed = true;
    self.forgot = self.forgot || forgot;
  }
  return noted;
}

result<void> part_file::check_space(std::uint64_t total) const {
  const state& self = *state_;
  files& system = self.folder.system();
  struct stat about {};
  if (const int known = self.file.stat(about); known < 0) return self.folder.failed(known, "open", self.part);
  const auto there = static_cast<std::uint64_t>(about.st_blocks) * 512;
  const std::uint64_t need = total - std::min(total, there);
  const auto have = system.free_space(self.file.fd());
  if (have >= 0 && need > static_cast<std::uint64_t>(have)) return self.no_space(-ENOSPC, need);
  // On ext4 that halves the time of the writes, and four writers leave 5 extents of 512 MiB instead of 34.
  const int done = need == 0 ? 0 : again([&] { return system.allocate(self.file.fd(), total); });
  if (done == -ENOSPC || done == -EDQUOT) return self.no_space(done, need);
  return {};
}

result<void> part_file::publish(const publish_wishes& wishes) {
  state& self = *state_;
  if (self.broken) return *self.broken;
  const auto ours = self.named_part_is_ours();
  if (!ours) return ours.error();
  if (!*ours) return error::make(errc::part_not_ours, "rename", part_path());  // somebody has changed it for another
  grant(self.folder.system(), self.file.fd(), wishes);
  if (wishes.sync) {
    if (const int synced = self.file.sync(); synced < 0) {
      self.broken = self.folder.failed(synced, "sync", self.part);
      return *self.broken;
    }
  }
  if (auto renamed = self.folder.rename_to_target(self.part); !renamed) {
    if (auto noted = checkpoint(); !noted) return noted;
    return renamed;
  }
  if (wishes.sync) {
    if (auto synced = self.folder.sync(); !synced) return synced;
  }
  if (const int closed = self.file.close(); closed < 0) return self.folder.failed(closed, "close", self.folder.name());
  // The file is good, whatever becomes of these.
  struct stat about {};
  const bool old_is_ours = self.kept_old || self.folder.look_at(self.old_journal(), about) == 0;
  self.folder.remove(self.journal());
  if (old_is_ours) self.folder.remove(self.old());
  self.folder.remove(self.old_journal());
  return {};
}

result<void> part_file::keep_as_bad() {
  state& self = *state_;
  if (auto renamed = self.folder.rename(self.part, neighbour_name(self.folder.name(), ".bad")); !renamed)
    return renamed;
  if (auto removed = self.folder.remove(self.journal()); !removed) return removed;
  self.file = {};
  return self.folder.sync();
}

const std::string& part_file::path() const noexcept { return state_->folder.path(); }
std::string part_file::part_path() const { return state_->folder.path_of(state_->part); }
std::string part_file::journal_path() const { return state_->folder.path_of(state_->journal()); }
std::string part_file::bad_path() const {
  return state_->folder.path_of(neighbour_name(state_->folder.name(), ".bad"));
}

}  // namespace sampan::client
