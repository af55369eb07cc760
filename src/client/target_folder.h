// The folder a download goes to: what is checked before anything is asked for, and how a finished file gets its name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/files.h"
#include "sampan/error.h"

namespace sampan::client {

/// Where a download goes.
struct target_place {
  std::string directory;  ///< empty: the current one; made when it is missing
  std::string name;       ///< relative to the directory, may contain folders
  bool no_clobber = false;
};

/// What a published file shall be like.
struct publish_wishes {
  std::optional<std::int64_t> modified;  ///< seconds since 1970
  std::string origin_url;                ///< for the attribute user.xdg.origin.url; empty: none
  bool sync = true;                      ///< lasts through a power cut once it is published
};

/// Sets modification time and attribute. Where the file system has no such thing, the file is good without.
void grant(files& system, int fd, const publish_wishes& wishes);

/// The open folder and the target's name in it. Move-only. Thread: one.
class target_folder {
 public:
  /// The folder can be written to, the name is one, and not that of a folder or, with no_clobber, of anything.
  /// @error target_is_directory, target_exists, errc::system
  static result<target_folder> open(files& system, const target_place& where);

  /// Gives the file `from` the target's name. @error target_exists, target_is_directory, errc::system
  result<void> rename_to_target(const std::string& from);
  /// Names that were given and taken away last through a power cut after this.
  result<void> sync();
  /// -ENOENT: not there; else 0 or -errno.
  int look_at(const std::string& name, struct stat& about) const;
  /// Nothing there is no error.
  result<void> remove(const std::string& name);
  result<void> rename(const std::string& from, const std::string& to);

  files& system() const noexcept { return *system_; }
  int fd() const noexcept { return folder_.fd(); }
  const std::string& path() const noexcept { return path_; }  ///< the target's, as the user knows it
  const std::string& name() const noexcept { return name_; }  ///< in the folder
  bool no_clobber() const noexcept { return no_clobber_; }
  /// A neighbour's path, for messages.
  std::string path_of(std::string_view name) const;
  error failed(int number, const char* operation, std::string_view name) const;

 private:
  files* system_ = nullptr;
  open_file folder_;
  std::string path_;
  std::string name_;
  bool no_clobber_ = false;
};

}  // namespace sampan::client
