#include "client/target.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace sampan::client {
namespace {

namespace fs = std::filesystem;

class Target : public testing::Test {
 protected:
  Target() {
    char pattern[] = "/tmp/sampan-target-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~Target() override { fs::remove_all(folder_); }

  result<target> prepare(const std::string& name, bool no_clobber = false) {
    return target::prepare({folder_, name, no_clobber});
  }
  void put(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  std::string content(const std::string& name) {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  errc refusal(const std::string& name, bool no_clobber = false) { return prepare(name, no_clobber).error().code(); }

  fs::path folder_;
};

TEST_F(Target, ReplacesTheOldFileOnlyAtTheEnd) {
  put("a", "old");
  auto into = prepare("a");
  ASSERT_TRUE(into && into->begin() && into->write(std::string_view("new")));
  EXPECT_EQ(content("a"), "old");
  EXPECT_EQ(content("a.part"), "new");
  ASSERT_TRUE(into->publish());
  EXPECT_EQ(content("a"), "new");
  EXPECT_FALSE(fs::exists(folder_ / "a.part"));
}

TEST_F(Target, KeepsAnOldPartUntilTheFirstByte) {
  put("a.part", "half");
  auto into = prepare("a");
  ASSERT_TRUE(into);
  EXPECT_EQ(content("a.part"), "half");
  ASSERT_TRUE(into->begin());
  EXPECT_EQ(content("a.part"), "");
}

TEST_F(Target, IsHeldByOneRun) {
  auto first = prepare("a");
  ASSERT_TRUE(first && first->begin());
  EXPECT_EQ(refusal("a"), errc::target_busy);
  ASSERT_TRUE(first->publish());
  EXPECT_TRUE(prepare("a"));
}

TEST_F(Target, NeverOpensAPartThatIsNotOurs) {
  put("elsewhere", "x");
  fs::create_symlink("elsewhere", folder_ / "link.part");
  fs::create_hard_link(folder_ / "elsewhere", folder_ / "hard.part");
  fs::create_directory(folder_ / "dir.part");
  for (const char* name : {"link", "hard", "dir"}) EXPECT_EQ(refusal(name), errc::part_not_ours) << name;
  EXPECT_EQ(content("elsewhere"), "x");
}

TEST_F(Target, RefusesFoldersAndWhatMustStay) {
  fs::create_directory(folder_ / "d");
  put("a", "old");
  EXPECT_EQ(refusal("d"), errc::target_is_directory);
  EXPECT_EQ(refusal("d/"), errc::target_is_directory);
  EXPECT_EQ(refusal("a", true), errc::target_exists);
}

TEST_F(Target, DoesNotReplaceAFileThatCameMeanwhile) {
  auto into = prepare("a", true);
  ASSERT_TRUE(into && into->begin() && into->write(std::string_view("new")));
  put("a", "theirs");
  EXPECT_EQ(into->publish().error().code(), errc::target_exists);
  EXPECT_EQ(content("a"), "theirs");
  EXPECT_EQ(content("a.part"), "new");
}

}  // namespace
}  // namespace sampan::client
