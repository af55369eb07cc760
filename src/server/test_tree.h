// A folder of files for the tests, with the times that they need, removed at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "store/local_dir.h"

namespace sampan::serving {

class test_tree {
 public:
  /// @param where  the folder that it is made in
  explicit test_tree(const std::filesystem::path& where = "/tmp");
  ~test_tree();
  test_tree(const test_tree&) = delete;
  test_tree& operator=(const test_tree&) = delete;

  std::filesystem::path path(std::string_view name = "") const { return root_ / name; }
  /// Writes a file, in place if it is there, with the folders on its way.
  void put(std::string_view name, std::string_view text) const;
  /// Sets the time of the last change of content. A change afterwards shows in it on every kernel, however soon.
  void set_modified(std::string_view name, std::int64_t ns) const;
  /// Waits until a change made now gets another ctime than what was changed before: one tick of the kernel's clock at most.
  void wait_for_next_stamp() const;
  /// Throws a file out of the page cache. @return  false: this filesystem keeps it
  bool make_cold(std::string_view name) const;

  store::stamp state(std::string_view name) const;
  store::local_dir open() const { return *store::local_dir::at(path(), {}); }

 private:
  std::filesystem::path root_;
};

/// Where the tests were built: on a disk, where /tmp may be memory.
std::filesystem::path build_folder();

}  // namespace sampan::serving
