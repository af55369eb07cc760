// What lies in a folder: the one place where a folder's entries are read, held and sorted.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sampan/error.h"

namespace sampan::store {

/// One name of a folder: a regular file or a folder.
struct folder_entry {
  std::string_view name;      ///< any bytes but NUL and `/`
  bool is_folder = false;     ///< else a regular file
  std::uint64_t size = 0;     ///< bytes; of a folder: what its filesystem says
  std::int64_t modified = 0;  ///< seconds since 1970, rounded down
};

/// The most bytes of names held: over a million entries even when each has 255 bytes, and a page that no browser shows.
constexpr std::size_t most_name_bytes = 256UL * 1024 * 1024;

struct folder_options {
  bool hidden = false;  ///< names with a leading dot are listed
  /// What a symbolic link of the folder leads to, its `name` unused; nothing: not to be shown. Empty: no link is listed.
  /// Called on the thread that reads, once for each link; it may block.
  std::function<std::optional<folder_entry>(const std::string& name)> follow = nullptr;
  std::size_t name_bytes = most_name_bytes;  ///< test seam: a smaller limit
};

/// The entries of a folder, in about 25 bytes each and its name's. Thread: one at a time; reading from any.
class folder_entries {
 public:
  std::size_t size() const noexcept { return records_.size(); }
  /// @param i  less than size(). The name lives as long as this object, also when it is moved.
  folder_entry operator[](std::size_t i) const;

  /// @param entry  name: at most 65,535 bytes. The name is copied. Cost: no allocation of its own.
  void add(const folder_entry& entry);
  /// About the memory that it takes.
  std::size_t bytes() const noexcept { return name_bytes_ + records_.size() * sizeof(record); }
  /// Bytes of names so far.
  std::size_t name_bytes() const noexcept { return name_bytes_; }
  /// Folders first, then by text::natural_less(); a name that is there twice is kept once.
  /// @return  false: `cancelled` became true, and the order is anything. Cost: O(n log n), no memory.
  bool sort(const std::atomic<bool>& cancelled);

 private:
  struct record {
    std::uint64_t size;
    std::int64_t modified;
    std::uint32_t name_at;  // chunk and place in it
    std::uint16_t name_length;
    bool is_folder;
  };
  std::string_view name_of(const record& r) const;

  // Both grow by portions: a vector would hold everything twice while it grows.
  std::deque<record> records_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = 0;  // bytes of the last chunk
  std::size_t name_bytes_ = 0;
};

/// Reads and sorts a folder: regular files, folders, and links as what they lead to; neither fifos, sockets and devices nor what
/// cannot be looked at. Files that nobody may read are listed. The folder may change meanwhile: what vanishes is left out.
/// @param folder_fd  open for reading (not O_PATH), at any position; the position is used, so no two at once. Not closed.
/// @param cancelled  looked at for every entry.
/// @error errc::interrupted: cancelled; errc::system: the folder cannot be read, or EOVERFLOW: it holds too many names.
///        The subject is empty: a descriptor has no name.
/// Blocks: one statx an entry. Cost: about 2 µs an entry from warm caches. Thread: any. Source: getdents(2), statx(2)
result<folder_entries> read_folder(int folder_fd, const folder_options& options, const std::atomic<bool>& cancelled);

}  // namespace sampan::store
