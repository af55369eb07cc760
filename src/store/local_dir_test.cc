#include "store/local_dir.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sampan::store {
namespace {

namespace fs = std::filesystem;

// A tree with everything that must not be served; removed at the end. Both ways of opening go through the same tests.
class LocalDir : public testing::TestWithParam<bool> {
 protected:
  LocalDir() {
    char pattern[] = "/tmp/sampan-local-dir-XXXXXX";
    base_ = mkdtemp(pattern);
    root_ = base_ / "root";
    fs::create_directories(root_ / "dir/deep");
    fs::create_directories(root_ / ".git");
    put(root_ / "ten.txt", "0123456789");
    put(root_ / "dir/a.txt", "a");
    put(root_ / "dir/deep/b.txt", "bb");
    put(root_ / ".hidden", "h");
    put(root_ / ".git/config", "c");
    put(root_ / "two\nlines", "n");
    put(root_ / "\xff\xfe.bin", "x");
    put(base_ / "secret", "SECRET");
    fs::create_symlink("ten.txt", root_ / "in");
    fs::create_symlink("../secret", root_ / "out");
    fs::create_symlink("..", root_ / "updir");
    fs::create_symlink(root_ / "ten.txt", root_ / "absolute");
    fs::create_symlink(".hidden", root_ / "shown");
    fs::create_symlink("loop", root_ / "loop");
    fs::create_symlink("nope", root_ / "dead");
    mkfifo((root_ / "fifo").c_str(), 0600);
  }
  ~LocalDir() override { fs::remove_all(base_); }

  static void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  local_dir open_root(bool hidden = false) {
    return *local_dir::at(root_, {.hidden = hidden, .force_walk = GetParam()});
  }
  static std::string content(const result<object>& file) {
    if (!file) return file.error().code() == errc::no_such_file ? "none" : file.error().message();
    if (file->is_folder) return "folder";
    std::string text(file->state.size, '\0');
    return read(file->fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? text : "short";
  }

  fs::path base_;
  fs::path root_;
};

TEST_P(LocalDir, OpensWhatIsBelow) {
  const auto files = open_root();
  const auto get = [&](std::string_view name) { return content(files.open(name, local_dir::may::block)); };
  EXPECT_EQ(get("ten.txt"), "0123456789");
  EXPECT_EQ(get("dir/a.txt"), "a");
  EXPECT_EQ(get("./dir//deep/./b.txt"), "bb");
  EXPECT_EQ(get("dir/../ten.txt"), "0123456789");
  EXPECT_EQ(get(".git/../ten.txt"), "0123456789");
  EXPECT_EQ(get("two\nlines"), "n");
  EXPECT_EQ(get("\xff\xfe.bin"), "x");
  EXPECT_EQ(get("in"), GetParam() ? "none" : "0123456789");
}

TEST_P(LocalDir, OpensNothingElse) {
  const auto files = open_root();
  using namespace std::string_literals;
  for (const std::string& name : {".."s,
                                  "/"s,
                                  "../secret"s,
                                  "dir/../../secret"s,
                                  "/etc/passwd"s,
                                  (root_ / "ten.txt").string(),
                                  "out"s,
                                  "updir/secret"s,
                                  "absolute"s,
                                  "loop"s,
                                  "dead"s,
                                  "dir/../.."s,
                                  "ten.txt/"s,
                                  "ten.txt/.."s,
                                  "ten.txt/x"s,
                                  "fifo"s,
                                  "ten.txt\0"s,
                                  "\0"s,
                                  ".hidden"s,
                                  ".git/config"s,
                                  "dir/../.hidden"s,
                                  "shown"s,
                                  std::string(255, 'x'),
                                  std::string(256, 'x'),
                                  std::string(5000, 'x')}) {
    EXPECT_EQ(content(files.open(name, local_dir::may::block)), "none") << name;
  }
}

TEST_P(LocalDir, OpensFolders) {
  const auto files = open_root();
  for (const char* name : {"", ".", "dir", "dir/", "dir/deep/..", "dir/.."}) {
    EXPECT_EQ(content(files.open(name, local_dir::may::block)), "folder") << name;
  }
}

TEST_P(LocalDir, FollowsNoLinksWhenToldSo) {
  const auto files = *local_dir::at(root_, {.links = false, .force_walk = GetParam()});
  EXPECT_EQ(content(files.open("in", local_dir::may::block)), "none");
  EXPECT_EQ(content(files.open("ten.txt", local_dir::may::block)), "0123456789");
}

TEST_P(LocalDir, TellsWhetherANameIsStillTheSame) {
  const auto files = open_root();
  const auto stamp = [&](const char* name) { return files.open(name, local_dir::may::block)->state; };
  const auto before = stamp("dir/a.txt");
  EXPECT_EQ(files.is_still("dir/a.txt", before), !GetParam());  // the walk cannot tell, and does not guess
  EXPECT_TRUE(files.is_still("ten.txt", stamp("ten.txt")));
  EXPECT_FALSE(files.is_still("dir/deep/b.txt", before));

  put(root_ / "dir/a.txt", "b");  // the same size
  EXPECT_FALSE(files.is_still("dir/a.txt", before));

  const auto rewritten = stamp("dir/a.txt");
  fs::rename(root_ / "dir", root_ / "away");
  EXPECT_FALSE(files.is_still("dir/a.txt", rewritten));
  fs::create_directories(root_ / "dir");
  put(root_ / "dir/a.txt", "c");
  EXPECT_FALSE(files.is_still("dir/a.txt", rewritten));
  fs::remove_all(root_ / "dir");
  fs::rename(root_ / "away", base_ / "away");
  fs::create_symlink("../away", root_ / "dir");
  EXPECT_FALSE(files.is_still("dir/a.txt", rewritten)) << "the same file, but outside now";

  const auto file = stamp("ten.txt");
  fs::rename(root_ / "ten.txt", root_ / "eleven.txt");
  fs::create_symlink("eleven.txt", root_ / "ten.txt");
  EXPECT_FALSE(files.is_still("ten.txt", file));
}

TEST_P(LocalDir, ShowsHiddenNamesWhenAsked) {
  const auto files = open_root(true);
  EXPECT_EQ(content(files.open(".hidden", local_dir::may::block)), "h");
  EXPECT_EQ(content(files.open(".git/config", local_dir::may::block)), "c");
}

TEST_P(LocalDir, ServesOneFileAlone) {
  const auto one = *local_dir::at(root_ / "ten.txt", {.force_walk = GetParam()});
  EXPECT_EQ(content(one.open("ten.txt", local_dir::may::block)), "0123456789");
  EXPECT_EQ(content(one.open("", local_dir::may::block)), "0123456789");
  EXPECT_EQ(content(one.open("dir/a.txt", local_dir::may::block)), "none");
  EXPECT_EQ(content(one.open("in", local_dir::may::block)), "none");
}

INSTANTIATE_TEST_SUITE_P(Both, LocalDir, testing::Bool(),
                         [](const auto& how) { return how.param ? "Walk" : "Openat2"; });

TEST(LocalDirAt, RefusesWhatCannotBeServed) {
  EXPECT_FALSE(local_dir::at("/no/such/folder", {}));
  EXPECT_FALSE(local_dir::at("/dev/null", {}));
}

TEST(WithoutDotSegments, NeverLeadsUp) {
  EXPECT_EQ(without_dot_segments("a/./b//c"), "a/b/c");
  EXPECT_EQ(without_dot_segments("a/../b"), "b");
  EXPECT_EQ(without_dot_segments("../a"), std::nullopt);
  EXPECT_EQ(without_dot_segments("a/../../b"), std::nullopt);
  EXPECT_EQ(without_dot_segments(""), "");
  EXPECT_TRUE(has_hidden_segment("a/.b"));
  EXPECT_FALSE(has_hidden_segment("a.b/c."));
}

}  // namespace
}  // namespace sampan::store
