// A folder (or one file of it) as a store: the one place where a peer's name becomes an open file.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "sampan/error.h"

namespace sampan::store {

/// A regular file, open for reading.
struct object {
  base::unique_fd fd;
  std::uint64_t size = 0;  ///< bytes, when it was opened
};

/// What may be reached.
struct local_dir_options {
  bool hidden = false;      ///< names with a leading dot are shown
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

  /// Opens a regular file by a name of any bytes, relative to the root, with `/` between components.
  /// Links are followed while they stay inside the root; absolute ones are not. Hidden is judged both on the name (its
  /// dot segments removed) and on where it led.
  /// @param how    only_use_caches: never waits for a disk. A fifo or a device never blocks in either way.
  /// @error errc::no_such_file: not there, outside, hidden, not regular, not readable, or no possible name;
  ///        errc::system EAGAIN: would have had to block; errc::system: this machine's own trouble (EMFILE, EIO)
  /// Cost: openat2, fstat; one readlink more where a link was followed. Source: openat2(2), path_resolution(7)
  result<object> open(std::string_view name, may how) const;

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

/// The name with empty and `.` segments dropped and each `x/..` cancelled; empty when it leads above its start.
std::string without_dot_segments(std::string_view name);
/// Whether a segment begins with a dot.
bool has_hidden_segment(std::string_view clean);

}  // namespace sampan::store
