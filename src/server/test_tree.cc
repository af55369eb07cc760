#include "server/test_tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/unique_fd.h"
#include "store/cache_probe.h"

namespace sampan::serving {

namespace fs = std::filesystem;

test_tree::test_tree(const fs::path& where) {
  std::string pattern = where / "sampan-tree-XXXXXX";
  root_ = mkdtemp(pattern.data());
}

test_tree::~test_tree() { fs::remove_all(root_); }

void test_tree::put(std::string_view name, std::string_view text) const {
  fs::create_directories(path(name).parent_path());
  std::ofstream(path(name)) << text;
}

void test_tree::set_modified(std::string_view name, std::int64_t ns) const {
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t seconds = ns / second - (ns % second < 0 ? 1 : 0);
  const timespec times[] = {{0, UTIME_OMIT}, {seconds, ns - seconds * second}};
  ASSERT_EQ(utimensat(AT_FDCWD, path(name).c_str(), times, 0), 0);
}

void test_tree::wait_for_next_stamp() const {
  const test_tree elsewhere(root_.parent_path());
  elsewhere.put("x", "");
  const auto now = elsewhere.state("x").changed;
  while (elsewhere.state("x").changed == now) fs::permissions(elsewhere.path("x"), fs::perms::owner_all);
}

bool test_tree::make_cold(std::string_view name) const {
  const base::unique_fd fd(::open(path(name).c_str(), O_RDONLY | O_CLOEXEC));
  const auto size = store::state_of(fd.get()).size;
  // Pages that are dirty, or that another thread has its hands on, stay.
  for (int i = 0; i < 10 && store::in_page_cache(fd.get(), 0, size); ++i) {
    fsync(fd.get());
    posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
  return !store::in_page_cache(fd.get(), 0, size);
}

store::stamp test_tree::state(std::string_view name) const {
  const base::unique_fd fd(::open(path(name).c_str(), O_PATH | O_CLOEXEC));
  return store::state_of(fd.get());
}

fs::path build_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

}  // namespace sampan::serving
