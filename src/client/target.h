// Where a download goes: `NAME.part` beside the target until it is whole, then the target's name.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/unique_fd.h"
#include "sampan/error.h"

namespace sampan::client {

/// One file being written. The target's name is never touched before publish(). Thread: one.
class target {
 public:
  struct place {
    std::string directory;  ///< empty: the current one
    std::string name;       ///< relative to the directory, may contain folders
    bool no_clobber = false;
  };

  /// Checks before anything is asked for: folder (made when it is missing) writable, target no folder, an old `.part`
  /// ours (a regular file of this user with one link, reached by no link) and not held by another run.
  /// @error target_is_directory, target_exists, part_not_ours, target_busy, errc::system
  static result<target> prepare(const place& where);
  /// A stream that cannot be renamed: a fifo, a device, or (fd >= 0) a descriptor that is open already. Nothing is kept or published.
  static result<target> stream(const std::string& path, int fd = -1);
  /// Whether this path is there and is no regular file or folder.
  static bool is_stream(const std::string& path);

  /// Makes or empties the `.part`; before the first byte is written. @error as prepare()
  result<void> begin();
  result<void> write(std::span<const char> bytes);
  /// Syncs, renames, syncs the folder. @error target_exists; errc::system: the `.part` is kept
  result<void> publish();

  /// The descriptor to write to; -1 before begin().
  int fd() const noexcept { return fd_.get(); }
  bool is_stream() const noexcept { return streams_; }
  const std::string& path() const noexcept { return path_; }
  std::string part_path() const;
  std::uint64_t written() const noexcept { return written_; }
  /// Bytes that went to fd() by other ways than write().
  void count(std::uint64_t bytes) noexcept { written_ += bytes; }

 private:
  enum class part_state { absent, held };
  result<part_state> take_existing_part();
  error failed(const char* operation) const;

  base::unique_fd folder_;
  base::unique_fd fd_;
  std::string path_;  // as the user knows it
  std::string name_;  // in folder_
  std::string part_;  // in folder_
  bool no_clobber_ = false;
  bool streams_ = false;
  std::uint64_t written_ = 0;
};

}  // namespace sampan::client
