#include "client/small_file.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "client/test_files.h"

namespace sampan::client {
namespace {

namespace fs = std::filesystem;
using trouble = test_files::trouble;

class SmallFile : public testing::Test {
 protected:
  SmallFile() {
    char pattern[] = "/tmp/sampan-small-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~SmallFile() override { fs::remove_all(folder_); }

  std::string content(const std::string& name) {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t names() { return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {})); }
  target_place at(const std::string& name, bool no_clobber = false) { return {folder_, name, no_clobber}; }
  small_publisher::callback noted() {
    return [this](const result<std::string>& path) { path ? ++published_ : ++failed_; };
  }

  fs::path folder_;
  std::atomic<int> published_ = 0;
  std::atomic<int> failed_ = 0;
};

TEST_F(SmallFile, AppearsWholeAtTheFlush) {
  std::ofstream(folder_ / "b") << "old";
  small_publisher publisher;
  std::string path;
  publish_wishes wishes;
  wishes.modified = 1'000'000'000;
  ASSERT_TRUE(
      publisher.add(at("a"), std::string_view("new"), wishes, [&](const auto& at_last) { path = at_last.value(); }));
  ASSERT_TRUE(publisher.add(at("b"), std::string_view("new"), {}, noted()));
  ASSERT_TRUE(publisher.add(at("empty"), {}, {}, noted()));
  EXPECT_EQ(names(), 1u);
  EXPECT_EQ(content("b"), "old");
  ASSERT_TRUE(publisher.flush());
  EXPECT_EQ(published_, 2);
  EXPECT_EQ(path, (folder_ / "a").string());
  EXPECT_EQ(content("a") + content("b") + content("empty"), "newnew");
  EXPECT_EQ(names(), 3u);
  struct stat about {};
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mtim.tv_sec, 1'000'000'000);
}

TEST_F(SmallFile, AppearsAtOnceWhenItNeedNotLast) {
  small_publisher publisher;
  publish_wishes wishes;
  wishes.sync = false;
  ASSERT_TRUE(publisher.add(at("a"), std::string_view("new"), wishes, noted()));
  EXPECT_EQ(published_, 1);
  EXPECT_EQ(content("a"), "new");
}

TEST_F(SmallFile, NeverReplacesFoldersOrWhatMustStay) {
  fs::create_directory(folder_ / "d");
  std::ofstream(folder_ / "a") << "old";
  small_publisher publisher;
  EXPECT_EQ(publisher.add(at("d"), {}, {}, noted()).error().code(), errc::target_is_directory);
  EXPECT_EQ(publisher.add(at("a", true), {}, {}, noted()).error().code(), errc::target_exists);
  ASSERT_TRUE(publisher.add(at("b", true), std::string_view("new"), {}, noted()));
  ASSERT_TRUE(publisher.add(at("c"), std::string_view("new"), {}, noted()));
  std::ofstream(folder_ / "b") << "theirs";
  fs::create_directory(folder_ / "c");
  EXPECT_EQ(publisher.flush().error().code(), errc::target_exists);
  EXPECT_EQ(failed_, 2);
  EXPECT_EQ(content("b"), "theirs");
  EXPECT_EQ(names(), 4u);
}

TEST_F(SmallFile, ComesFromManyThreads) {
  constexpr int each = 200;
  small_publisher publisher;
  const auto writer = [&](const std::string& name) {
    for (int i = 0; i < each; ++i) {
      ASSERT_TRUE(publisher.add(at(name + std::to_string(i)), name, {}, noted()));
    }
  };
  {
    std::vector<std::jthread> writers;
    for (const char* name : {"a", "b", "c"}) writers.emplace_back(writer, name);
  }
  ASSERT_TRUE(publisher.flush());
  EXPECT_EQ(published_, 3 * each);
  EXPECT_EQ(names(), 3u * each);
  EXPECT_EQ(content("c199"), "c");
}

// Three files, one of which is there already. False: an error came.
bool publish_three(test_files& disk) {
  int published = 0;
  small_publisher publisher(disk);
  for (const char* name : {"a", "b", "c"}) {
    if (!publisher.add({"", name}, std::string(100, 'n'), {}, [&](const auto& path) { published += path ? 1 : 0; }))
      return false;
  }
  return publisher.flush() && published == 3;
}

TEST(SmallFileFaults, AnyCallFailsOrThePowerIsCutAndEachIsAbsentOldOrWhole) {
  std::mt19937 choice(1);
  for (const auto what : {trouble::fails, trouble::is_shortened, trouble::power_cut}) {
    for (int round = 0; round < 60; ++round) {
      bool struck = true;
      for (int call = 1; struck; ++call) {
        test_files disk;
        disk.has_unnamed = round % 2 == 0;
        disk.put("b", "old");
        disk.arrange(call, what, round % 3 == 0 ? EINTR : ENOSPC);
        const bool good = publish_three(disk);
        struck = disk.struck();
        EXPECT_EQ(disk.open_descriptors() == 0 || what == trouble::power_cut, true);
        EXPECT_TRUE(good || what != trouble::is_shortened);
        if (what != trouble::power_cut) disk.arrange(0, trouble::fails);
        disk.crash(choice);
        for (const char* name : {"a", "b", "c"}) {
          const auto now = disk.has(name) ? disk.content(name) : "absent";
          const bool whole = now == std::string(100, 'n');
          EXPECT_TRUE(whole || (!good && now == (*name == 'b' ? "old" : "absent")))
              << name << " at call " << call << ": " << now;
        }
      }
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(SmallFileFaults, SaysHowMuchSpaceIsMissing) {
  test_files disk;
  disk.space = 17;
  small_publisher publisher(disk);
  for (int call = 1; call < 9; ++call) {
    disk.arrange(call, trouble::fails, ENOSPC);
    const auto added = publisher.add({"", "a"}, std::string(100, 'n'), {}, [](const auto&) {});
    if (!added && added.error().detail() == "need 100 bytes, have 17") return;
  }
  ADD_FAILURE() << "no call said so";
}

}  // namespace
}  // namespace sampan::client
