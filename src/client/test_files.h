// A file system in memory that fails any call and cuts the power.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "client/files.h"

namespace sampan::client {

/// One folder of plain files of this user. A file's contents last as of its last sync, names as of the folder's; a sync that fails
/// loses what it should have written, as Linux's does. Thread: one.
class test_files final : public files {
 public:
  // What goes wrong at the call with this number, counted from 1; 0: nothing does.
  enum class trouble { fails, is_shortened, power_cut };
  void arrange(int call, trouble what, int number = EIO);
  /// Calls since arrange().
  int calls() const noexcept { return calls_; }
  /// Whether the arranged call came.
  bool struck() const noexcept { return at_ > 0 && calls_ >= at_; }

  /// Back to what lasts; all descriptors and locks are gone.
  void crash();
  /// The same, but of each change that need not last some have: any of them, and of a write any beginning.
  void crash(std::mt19937& choice);

  bool has(const std::string& name) const { return names_.contains(name); }
  std::string content(const std::string& name) const { return names_.at(name)->content; }
  /// Something that lay there before, and lasts.
  void put(const std::string& name, const std::string& content);
  std::size_t names() const noexcept { return names_.size(); }
  std::size_t open_descriptors() const noexcept { return open_.size(); }

  bool has_unnamed = true;              ///< O_TMPFILE
  bool can_refuse = true;               ///< RENAME_NOREPLACE
  std::uint64_t space = 1 << 20;        ///< bytes that are free
  std::function<void()> while_syncing;  ///< happens once, within the next sync of a file: too late for it to count

  int make_folders(const std::string&) override;
  int open_folder(const std::string&) override;
  int may_write(int) override;
  int open_at(int, const char* name, int flags, mode_t) override;
  int open_unnamed(int, mode_t) override;
  int close(int fd) override;
  int stat_at(int, const char* name, struct stat& about) override;
  int stat(int fd, struct stat& about) override;
  int lock(int fd) override;
  std::int64_t write(int fd, std::span<const char> bytes, std::uint64_t offset) override;
  std::int64_t read(int fd, std::span<char> into, std::uint64_t offset) override;
  int allocate(int, std::uint64_t) override;
  int set_modified(int, std::int64_t) override;
  int set_xattr(int, const char*, const std::string&) override;
  int data_sync(int fd) override;
  int sync(int fd) override;
  int sync_file_system(int) override;
  int rename(int, const char* from, const char* to, existing what) override;
  int link(int, const char* from, const char* to) override;
  int link_open(int fd, int, const char* to) override;
  int unlink(int, const char* name) override;
  std::int64_t free_space(int) override;

 private:
  struct written {
    std::uint64_t offset;
    std::string bytes;
  };
  struct file {
    std::string content;
    std::string lasting;
    std::vector<written> unsynced;
    int locked_by = -1;
  };
  using file_ref = std::shared_ptr<file>;
  using name_map = std::map<std::string, file_ref>;
  struct renamed {  // `gone` (empty: none) is taken away and `name` (likewise) leads to `to`, both or neither
    std::string gone;
    std::string name;
    file_ref to;
  };

  /// 0, or what this call gives instead of doing anything.
  int next_call();
  int change(renamed what);
  int sync_names();
  static void apply(name_map& names, const renamed& what);
  static void apply(std::string& content, const written& what, std::size_t size);
  static void make_last(file& which);
  void describe(const file_ref& which, struct stat& about) const;
  void end(name_map left);

  name_map names_;
  name_map lasting_;
  std::vector<renamed> unsynced_;
  std::map<int, file_ref> open_;  // no file: the folder
  int last_fd_ = 2;
  int calls_ = 0;
  int at_ = 0;
  trouble what_ = trouble::fails;
  int number_ = 0;
};

}  // namespace sampan::client
