// A folder (or one file of it) as a store: the one place where a peer's name becomes an open file.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "sampan/error.h"

namespace sampan::store {

/// What tells one state of a file from every other: it changes with the content, with a replacement, with the permissions.
/// (Stores through a shared mapping show only when the kernel gets to them: nobody can see those in time.)
struct stamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;     ///< bytes
  std::int64_t modified = 0;  ///< ns since 1970
  std::int64_t changed = 0;   ///< ns since 1970; content, name count, owner or mode
  bool operator==(const stamp&) const = default;
};

/// A regular file or a folder, open for reading.
struct object {
  base::unique_fd fd;
  bool is_folder = false;
  stamp state;  ///< when it was opened
  /// A link was followed: what the name leads to may change without a change of the object. Not to be remembered.
  bool through_link = false;
};

/// What may be reached.
struct local_dir_options {
  bool hidden = false;      ///< names with a leading dot are shown
  bool links = true;        ///< symbolic links that stay inside are followed
  bool force_walk = false;  ///< test seam: as if the kernel had no openat2
};

/// Opens names below a root, and nothing else, whatever happens to the tree meanwhile. Thread: open() from any.
class local_dir {
 public:
  enum class may { block, only_use_caches };

  /// A folder; or a file, which is then the only name there is.
  /// @error errc::no_such_file, errc::system
  static result<local_dir> at(const std::string& path, const local_dir_options& options);
  local_dir(local_dir&& other) noexcept;

  /// Opens a regular file or a folder by a name of any bytes, relative to the root, with `/` between components. The empty
  /// name is the root; in one-file mode it is the file. A file's name with a `/` after it is absent.
  /// Links are followed while they stay inside the root; absolute ones are not. Hidden is judged both on the name (its
  /// dot segments removed) and on where it led.
  /// @param how    only_use_caches: never waits for a disk. A fifo or a device never blocks in either way.
  /// @error errc::no_such_file: not there, outside, hidden, neither file nor folder, not readable, or no possible name;
  ///        errc::system EAGAIN: would have had to block; errc::system: this machine's own trouble (EMFILE, EIO)
  /// Cost: openat2, fstat; one readlink more where a link was followed. Source: openat2(2), path_resolution(7)
  result<object> open(std::string_view name, may how) const;

  /// Whether the name still leads to the object that open() found without following a link, in the same state. "No" may
  /// also mean that it cannot be told without waiting for the disk. Cost: one statx(2), which waits for the disk only where
  /// the kernel has forgotten the name meanwhile; for a name with folders openat2, statx, close.
  bool is_still(const std::string& name, const stamp& then) const noexcept;

  /// The one name in one-file mode, else empty.
  const std::string& only() const noexcept { return only_; }

 private:
  local_dir(base::unique_fd root, std::string only, const local_dir_options& options);
  int open_below(const std::string& name, std::uint64_t resolve) const;
  int open_resolved(const std::string& name, may how, bool& followed) const;
  int walk(std::string_view clean) const;
  bool leads_to_hidden(int fd) const;

  base::unique_fd root_;
  std::string only_;  // in one-file mode the one name; else empty
  local_dir_options options_;
  mutable std::atomic<bool> walk_only_;
};

/// The state of an open file. All zero if the kernel cannot tell.
stamp state_of(int fd) noexcept;

/// The name with empty and `.` segments dropped and each `x/..` cancelled; nothing when it leads above its start.
std::optional<std::string> without_dot_segments(std::string_view name);
/// Whether a segment begins with a dot.
bool has_hidden_segment(std::string_view clean);

}  // namespace sampan::store
