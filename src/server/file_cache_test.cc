#include "server/file_cache.h"

#include <gtest/gtest.h>

#include "server/test_tree.h"

namespace sampan::serving {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t far_future = 9'000'000'000'000'000'000;  // ns: every change lies long before it
constexpr std::int64_t year_2001 = 1'000'000'000'000'000'000;
const net::clock::time_point start{seconds(1'000)};

class FileCache : public testing::Test {
 protected:
  std::shared_ptr<served_file> open(const std::string& name) const {
    return find_file(files_, name, coding_preference(), etag_kind::full, store::local_dir::may::block, far_future).file;
  }
  // Without witnesses, so that it stays true for ever.
  static std::shared_ptr<served_file> made(std::size_t bytes, bool in_memory = true) {
    auto file = std::make_shared<served_file>();
    file->memorable = true;
    file->in_memory = in_memory;
    file->ready.resize(bytes);
    return file;
  }
  // As for a file that is asked for twice within a moment.
  void remember(std::string_view key, const std::shared_ptr<served_file>& file, net::clock::time_point now = start) {
    cache_.remember(key, file, now);
    cache_.remember(key, file, now);
  }
  bool has(std::string_view key, net::clock::time_point now = start) { return cache_.find(key, now) != nullptr; }

  test_tree tree_;
  store::local_dir files_ = tree_.open();
  file_cache cache_{files_, milliseconds(0), 1};
};

TEST_F(FileCache, RemembersWhatIsAskedForTwiceWithinItsLifetime) {
  cache_.remember("/a", made(1), start);
  EXPECT_FALSE(has("/a"));
  cache_.remember("/a", made(1), start + file_cache::lifetime);
  EXPECT_FALSE(has("/a")) << "too late";
  cache_.remember("/a", made(1), start + file_cache::lifetime + milliseconds(1));
  EXPECT_TRUE(has("/a"));
}

TEST_F(FileCache, LooksOnceARound) {
  tree_.put("a", "old");
  remember("/a", open("a"));
  cache_.begin_round();
  EXPECT_TRUE(has("/a"));
  tree_.put("a", "newer");
  EXPECT_TRUE(has("/a")) << "all requests of the round are older than the change";
  cache_.end_round();
  EXPECT_FALSE(has("/a"));

  remember("/a", open("a"));
  cache_.begin_round();
  EXPECT_TRUE(has("/a"));
  cache_.end_round();
  tree_.put("a", "newest");
  cache_.begin_round();
  EXPECT_FALSE(has("/a")) << "another round";
  cache_.end_round();
}

TEST_F(FileCache, FindsWhatItRemembers) {
  EXPECT_FALSE(has("/a"));
  const auto a = made(1);
  const auto b = made(1);
  remember("/a", a, start);
  remember("/b", b, start);
  ASSERT_TRUE(has("/a"));
  EXPECT_EQ(*cache_.find("/a", start), a);
  EXPECT_EQ(*cache_.find("/b", start), b);
  EXPECT_FALSE(has("/"));
  remember("/a", b, start);
  EXPECT_EQ(*cache_.find("/a", start), b) << "the latest counts";
  EXPECT_EQ(a.use_count(), 1);
  cache_.clear();
  EXPECT_FALSE(has("/a"));
  EXPECT_EQ(b.use_count(), 1);
}

TEST_F(FileCache, KeepsItsOwnCopyOfAKey) {
  std::string key = "/a/name/that/is/longer/than/a/short/string";
  remember(key, made(1), start);
  const std::string same = key;
  key.assign(key.size(), 'x');
  EXPECT_TRUE(has(same));
  EXPECT_FALSE(has(key));
}

TEST_F(FileCache, RemembersOnlyWhatIsMemorable) {
  const auto file = made(1);
  file->memorable = false;
  remember("/a", file, start);
  EXPECT_FALSE(has("/a"));
}

TEST_F(FileCache, ForgetsTheOneUsedLongestAgoForBytes) {
  constexpr std::size_t piece = file_cache::most_bytes / 8;  // with what an entry costs itself, 7 have room
  for (const char* key : {"0", "1", "2", "3", "4", "5", "6"}) remember(key, made(piece), start);
  EXPECT_TRUE(has("0"));  // and so it is the latest
  remember("7", made(piece), start);
  EXPECT_FALSE(has("1"));
  for (const char* key : {"0", "2", "3", "4", "5", "6", "7"}) EXPECT_TRUE(has(key)) << key;
  remember("small", made(piece / 2), start);
  EXPECT_TRUE(has("0")) << "that much room was left";
  // What was forgotten no longer counts.
  for (int i = 0; i < 100; ++i) remember(std::to_string(i), made(piece), start);
  int left = 0;
  for (int i = 0; i < 100; ++i) left += has(std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(left, 7);
}

TEST_F(FileCache, ForgetsTheOneUsedLongestAgoForDescriptors) {
  constexpr int most = file_cache::most_descriptors;
  const auto key = [](int i) { return std::to_string(i); };
  remember("in memory", made(1), start);
  for (int i = 0; i < most; ++i) remember(key(i), made(0, false), start);
  EXPECT_TRUE(has("0"));
  EXPECT_TRUE(has("in memory")) << "it has no descriptor";
  remember(key(most), made(0, false), start);
  EXPECT_FALSE(has("1"));
  int left = 0;
  for (int i = 0; i <= 2 * most; ++i) {
    remember(key(i), made(0, false), start);
  }
  for (int i = 0; i <= 2 * most; ++i) left += has(key(i)) ? 1 : 0;
  EXPECT_EQ(left, most);
}

TEST_F(FileCache, ClosesWhatItForgets) {
  const auto file = made(0, false);
  file->fd = std::make_shared<const base::unique_fd>(dup(0));
  const std::weak_ptr<const base::unique_fd> watched = file->fd;
  remember("/a", file, start);
  file->fd.reset();
  cache_.sweep(start + file_cache::lifetime);
  EXPECT_TRUE(watched.expired());
}

TEST_F(FileCache, SweepsWhatWasNotAskedFor) {
  EXPECT_FALSE(cache_.sweep(start));
  remember("/a", made(1), start);
  remember("/b", made(1), start);
  const auto almost = start + file_cache::lifetime - milliseconds(1);
  EXPECT_TRUE(cache_.sweep(almost));
  EXPECT_TRUE(has("/a", almost));
  EXPECT_TRUE(cache_.sweep(start + file_cache::lifetime));
  EXPECT_FALSE(has("/b", start + file_cache::lifetime));
  EXPECT_TRUE(cache_.sweep(almost + file_cache::lifetime - milliseconds(1)));
  EXPECT_FALSE(cache_.sweep(almost + file_cache::lifetime));
}

TEST_F(FileCache, ChecksEachTimeWithoutATtl) {
  tree_.put("a", "old");
  remember("/a", open("a"), start);
  EXPECT_TRUE(has("/a"));
  tree_.put("a", "newer");
  EXPECT_FALSE(has("/a"));
}

TEST_F(FileCache, ChecksOnceATtl) {
  constexpr milliseconds ttl{500};
  file_cache cache(files_, ttl, 1);
  tree_.put("a", "old");
  for (int i = 0; i < 2; ++i) cache.remember("/a", open("a"), start);
  const auto checked = start + ttl;
  EXPECT_TRUE(cache.find("/a", checked));
  tree_.put("a", "newer");
  EXPECT_TRUE(cache.find("/a", checked));
  EXPECT_TRUE(cache.find("/a", checked + ttl - milliseconds(1))) << "checked a moment ago";
  EXPECT_FALSE(cache.find("/a", checked + ttl));
  EXPECT_FALSE(cache.find("/a", checked)) << "forgotten";
}

class FileCacheChanges : public FileCache {
 protected:
  // The change is noticed; and what it undoes itself is not taken for the old file.
  template <class Change>
  void expect_forgotten(const char* what, Change change) {
    tree_.put("dir/file", "0123456789");
    tree_.set_modified("dir/file", year_2001);
    tree_.wait_for_next_stamp();
    remember("/dir/file", open("dir/file"), start);
    ASSERT_TRUE(has("/dir/file")) << what;
    ASSERT_TRUE(has("/dir/file")) << what;
    change();
    EXPECT_FALSE(has("/dir/file")) << what;
    fs::remove_all(tree_.path("dir"));
    fs::remove_all(tree_.path("away"));
  }
  void move(const char* from, const char* to) const { fs::rename(tree_.path(from), tree_.path(to)); }
  void copy(const char* name) const {
    tree_.put(name, "0123456789");
    tree_.set_modified(name, year_2001);
  }
};

TEST_F(FileCacheChanges, AreAllNoticed) {
  const auto file = tree_.path("dir/file");
  expect_forgotten("rewritten", [&] { tree_.put("dir/file", "9876543210"); });
  expect_forgotten("rewritten, and its time set back", [&] { copy("dir/file"); });
  expect_forgotten("longer", [&] { tree_.put("dir/file", "01234567890"); });
  expect_forgotten("deleted", [&] { fs::remove(file); });
  expect_forgotten("renamed", [&] { move("dir/file", "dir/other"); });
  expect_forgotten("renamed and back", [&] { move("dir/file", "dir/other"), move("dir/other", "dir/file"); });
  expect_forgotten("replaced by its copy", [&] { copy("dir/other"), move("dir/other", "dir/file"); });
  expect_forgotten("closed to all", [&] { fs::permissions(file, fs::perms::none); });
  expect_forgotten("its folder renamed", [&] { move("dir", "away"); });
  expect_forgotten("its folder swapped", [&] { copy("next/file"), move("dir", "away"), move("next", "dir"); });
  expect_forgotten("its folder now a link to it",
                   [&] { move("dir", "away"), fs::create_directory_symlink("away", tree_.path("dir")); });
  expect_forgotten("itself a link", [&] { move("dir/file", "dir/it"), fs::create_symlink("it", file); });
  expect_forgotten("now a folder", [&] { fs::remove(file), fs::create_directory(file); });
}

}  // namespace
}  // namespace sampan::serving
