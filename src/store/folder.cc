#include "store/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <limits>

#include "text/natural_order.h"

namespace sampan::store {

namespace {

// Names are held in portions of this many bytes: the place in one fits 16 bits.
constexpr std::size_t chunk_bytes = 64UL * 1024;
// What one getdents64 fills: glibc's own size for readdir; 100,000 entries take some 120 calls.
constexpr std::size_t portion_bytes = 32UL * 1024;
// Sorted without looking at `cancelled`: a few milliseconds.
constexpr std::ptrdiff_t calm_sort = 8192;

// Both halves of std::sort's work, cut into steps of at most O(n).
template <class Iterator, class Before>
bool sort_in_steps(Iterator first, Iterator last, const Before& before, const std::atomic<bool>& cancelled) {
  while (last - first > calm_sort) {
    if (cancelled) return false;
    const auto middle = first + (last - first) / 2;
    std::nth_element(first, middle, last, before);
    if (!sort_in_steps(first, middle, before, cancelled)) return false;
    first = middle;
  }
  std::sort(first, last, before);
  return !cancelled;
}

class reader {
 public:
  reader(int folder_fd, const folder_options& options, const std::atomic<bool>& cancelled)
      : folder_fd_(folder_fd), options_(options), cancelled_(cancelled) {}

  result<folder_entries> read() {
    if (lseek(folder_fd_, 0, SEEK_SET) < 0) return error::system(errno, "read", {});
    alignas(dirent64) std::array<char, portion_bytes> portion;
    for (;;) {
      const auto got = getdents64(folder_fd_, portion.data(), portion.size());
      // ENOENT: the folder itself was removed, so it is empty now.
      if (got == 0 || (got < 0 && errno == ENOENT)) break;
      if (got < 0) return error::system(errno, "read", {});
      for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
        const auto* entry = reinterpret_cast<const dirent64*>(portion.data() + at);
        if (cancelled_) return interrupted();
        take(entry->d_name, entry->d_type);
        if (entries_.name_bytes() > options_.name_bytes) return error::system(EOVERFLOW, "read", {});
        at += entry->d_reclen;
      }
    }
    if (!entries_.sort(cancelled_)) return interrupted();
    return std::move(entries_);
  }

 private:
  static error interrupted() { return error::make(errc::interrupted, "read", {}); }

  void take(const char* name, unsigned char type) {
    if (name[0] == '.' && (!options_.hidden || std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0)) return;
    switch (type) {
      case DT_LNK: return take_link(name);
      case DT_REG:
      case DT_DIR:
      case DT_UNKNOWN: return take_plain(name);
      default: return;
    }
  }

  // Whatever the error: the other names are still worth showing, and who asks for this one gets the true answer.
  void take_plain(const char* name) {
    struct statx about {};
    constexpr unsigned wanted = STATX_TYPE | STATX_SIZE | STATX_MTIME;
    if (statx(folder_fd_, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, wanted, &about) != 0) return;
    if (S_ISLNK(about.stx_mode)) return take_link(name);
    if (!S_ISREG(about.stx_mode) && !S_ISDIR(about.stx_mode)) return;
    entries_.add({name, S_ISDIR(about.stx_mode), about.stx_size, about.stx_mtime.tv_sec});
  }

  void take_link(const char* name) {
    if (!options_.follow) return;
    auto target = options_.follow(name);
    if (!target) return;
    target->name = name;
    entries_.add(*target);
  }

  int folder_fd_;
  const folder_options& options_;
  const std::atomic<bool>& cancelled_;
  folder_entries entries_;
};

}  // namespace

std::string_view folder_entries::name_of(const record& r) const {
  return {chunks_[r.name_at / chunk_bytes].get() + r.name_at % chunk_bytes, r.name_length};
}

folder_entry folder_entries::operator[](std::size_t i) const {
  const record& r = records_[i];
  return {name_of(r), r.is_folder, r.size, r.modified};
}

void folder_entries::add(const folder_entry& entry) {
  const auto length = entry.name.size();
  assert(length <= std::numeric_limits<std::uint16_t>::max());
  if (chunks_.empty() || chunk_bytes - used_ < length) {
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_bytes));
    used_ = 0;
  }
  std::copy(entry.name.begin(), entry.name.end(), chunks_.back().get() + used_);
  const auto at = (chunks_.size() - 1) * chunk_bytes + used_;
  records_.push_back({entry.size, entry.modified, static_cast<std::uint32_t>(at), static_cast<std::uint16_t>(length),
                      entry.is_folder});
  used_ += length;
  name_bytes_ += length;
}

bool folder_entries::sort(const std::atomic<bool>& cancelled) {
  const auto before = [this](const record& a, const record& b) {
    if (a.is_folder != b.is_folder) return a.is_folder;
    return text::natural_less(name_of(a), name_of(b));
  };
  if (!sort_in_steps(records_.begin(), records_.end(), before, cancelled)) return false;
  // A file that is replaced while its folder is read may be met under its name twice (tmpfs since Linux 6.6).
  const auto same = [this](const record& a, const record& b) {
    return a.is_folder == b.is_folder && name_of(a) == name_of(b);
  };
  records_.erase(std::unique(records_.begin(), records_.end(), same), records_.end());
  return true;
}

result<folder_entries> read_folder(int folder_fd, const folder_options& options, const std::atomic<bool>& cancelled) {
  return reader(folder_fd, options, cancelled).read();
}

}  // namespace sampan::store
