#include "server/served_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "server/test_tree.h"

namespace sampan::serving {
namespace {

namespace fs = std::filesystem;
using may = store::local_dir::may;
using http::coding;

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t second = 1'000 * ms;
constexpr std::int64_t year_2001 = 1'000'000'000 * second;  // 0xde0b6b3a7640000 ns
constexpr std::int64_t settling = 20 * ms;
// Any change that a test makes lies before it.
constexpr std::int64_t far_future = 9'000'000'000 * second;
const coding_preference no_coding;
const coding_preference any_coding("br, zstd, gzip");

class ServedFile : public testing::Test {
 protected:
  std::shared_ptr<served_file> find(const std::string& name, std::int64_t now = far_future,
                                    const coding_preference& accepted = no_coding,
                                    etag_kind kind = etag_kind::full) const {
    found what = find_file(files_, name, accepted, kind, may::block, now);
    EXPECT_TRUE(what.file) << name;
    return what.file;
  }
  // The bytes, wherever they are.
  static std::string content(const served_file& file) {
    if (file.in_memory) return std::string(file.content());
    std::string text(file.size + 1, '\0');
    const ssize_t length = pread(file.fd->get(), text.data(), text.size(), 0);
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return text;
  }

  test_tree tree_;
  store::local_dir files_ = tree_.open();
};

TEST_F(ServedFile, IsDescribed) {
  tree_.put("dir/ten.txt", "0123456789");
  tree_.set_modified("dir/ten.txt", year_2001 + 999'999'999);
  const auto file = find("dir/ten.txt");
  EXPECT_EQ(file->size, 10U);
  EXPECT_EQ(file->modified, 1'000'000'000);
  EXPECT_EQ(file->media_type, "text/plain; charset=utf-8");
  EXPECT_EQ(file->coding, coding::identity);
  EXPECT_TRUE(file->varies);
  EXPECT_TRUE(file->in_memory);
  EXPECT_EQ(file->content(), "0123456789");
  EXPECT_EQ(file->state, tree_.state("dir/ten.txt"));
}

TEST_F(ServedFile, IsNeverModifiedLaterThanNow) {
  tree_.put("a", "");
  tree_.set_modified("a", year_2001);
  EXPECT_EQ(find("a", year_2001 - 1)->modified, 999'999'999);
  EXPECT_EQ(find("a", year_2001)->modified, 1'000'000'000);
  tree_.set_modified("a", -1);  // rounded down, also before 1970
  EXPECT_EQ(find("a")->modified, -1);
}

TEST_F(ServedFile, HasATagOfItsStamps) {
  tree_.put("ten", "0123456789");
  tree_.set_modified("ten", year_2001);
  const auto state = tree_.state("ten");
  EXPECT_EQ(find("ten")->etag, fmt::format("\"{:x}-a-de0b6b3a7640000-{:x}\"", state.inode, state.changed));
  EXPECT_EQ(find("ten", far_future, no_coding, etag_kind::size_mtime)->etag, "\"a-de0b6b3a7640000\"");
}

TEST_F(ServedFile, HasAWeakTagWhileItIsFresh) {
  tree_.put("ten", "0123456789");
  tree_.set_modified("ten", year_2001);
  const auto changed = tree_.state("ten").changed;
  for (const etag_kind kind : {etag_kind::full, etag_kind::size_mtime}) {
    const std::string strong = find("ten", far_future, no_coding, kind)->etag;
    for (const std::int64_t age : {-second, std::int64_t{0}, settling - 1}) {
      const auto file = find("ten", changed + age, no_coding, kind);
      EXPECT_EQ(file->etag, "W/" + strong) << age;
      EXPECT_FALSE(file->memorable) << age;
    }
    const auto file = find("ten", changed + settling, no_coding, kind);
    EXPECT_EQ(file->etag, strong);
    EXPECT_TRUE(file->memorable);
  }
}

TEST_F(ServedFile, IsNotMemorableThroughALink) {
  tree_.put("dir/a.bin", "a");
  fs::create_symlink("dir/a.bin", tree_.path("link.bin"));
  fs::create_symlink("dir", tree_.path("there"));
  EXPECT_TRUE(find("dir/a.bin")->memorable);
  for (const char* name : {"link.bin", "there/a.bin"}) {
    const auto file = find(name);
    EXPECT_EQ(content(*file), "a");
    EXPECT_FALSE(file->memorable) << name;
  }
}

TEST_F(ServedFile, IsInMemoryWhenItIsSmall) {
  constexpr auto most = served_file::most_content;
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, most - 1, most, most + 1, 3 * most}) {
    std::string text(size, 'x');
    if (size > 0) text.back() = 'y';
    tree_.put("file", text);
    const auto file = find("file");
    EXPECT_EQ(file->in_memory, size <= most) << size;
    EXPECT_EQ(file->fd != nullptr, size > most) << size;
    EXPECT_EQ(file->size, size);
    EXPECT_EQ(file->content().size(), size <= most ? size : 0);
    EXPECT_TRUE(content(*file) == text) << size;
    EXPECT_TRUE(file->memorable);
  }
}

TEST_F(ServedFile, FoldersAndAbsentNamesAreTold) {
  fs::create_directory(tree_.path("dir"));
  const auto folder = find_file(files_, "dir", any_coding, etag_kind::full, may::block, far_future);
  EXPECT_TRUE(folder.folder);
  EXPECT_FALSE(folder.file);
  const auto absent = find_file(files_, "nope", any_coding, etag_kind::full, may::block, far_future);
  EXPECT_FALSE(absent.folder);
  EXPECT_FALSE(absent.file);
  EXPECT_EQ(absent.why.code(), errc::no_such_file);
}

TEST_F(ServedFile, ServesOneFileAlone) {
  tree_.put("one.css", "css");
  tree_.put("one.css.gz", "gz");
  const auto only = *store::local_dir::at(tree_.path("one.css"), {});
  for (const char* name : {"", "one.css"}) {
    const found what = find_file(only, name, any_coding, etag_kind::full, may::block, far_future);
    ASSERT_TRUE(what.file) << name;
    EXPECT_EQ(what.file->media_type, "text/css; charset=utf-8");
    EXPECT_EQ(what.file->content(), "css");
    EXPECT_FALSE(what.file->varies);
    EXPECT_TRUE(what.file->memorable);
    EXPECT_TRUE(what.file->is_still_true(only));
    tree_.put("one.css", "changed");
    EXPECT_FALSE(what.file->is_still_true(only));
    tree_.put("one.css", "css");
  }
  const found other = find_file(only, "one.css.gz", any_coding, etag_kind::full, may::block, far_future);
  EXPECT_EQ(other.why.code(), errc::no_such_file);
}

TEST_F(ServedFile, IsWholeWhenItIsReplacedMeanwhile) {
  constexpr std::size_t sizes[] = {0, 10, 5'000, served_file::most_content, served_file::most_content + 1};
  tree_.put("file", "");
  std::atomic<bool> enough{false};
  std::thread writer([&] {
    for (std::size_t i = 0; !enough; ++i) {
      tree_.put("next", std::string(sizes[i % std::size(sizes)], static_cast<char>('a' + i % 26)));
      rename(tree_.path("next").c_str(), tree_.path("file").c_str());
    }
  });
  for (int i = 0; i < 1'000; ++i) {
    const auto file = find("file");
    const std::string text = content(*file);
    EXPECT_EQ(text.size(), file->size);
    EXPECT_EQ(text.find_first_not_of(text.substr(0, 1)), text.npos) << "half of one file and half of another";
  }
  enough = true;
  writer.join();
}

TEST_F(ServedFile, HasTheSizeOfItsContentWhenItIsCutMeanwhile) {
  tree_.put("file", "");
  std::atomic<bool> enough{false};
  std::thread writer([&] {
    for (int i = 0; !enough; ++i) {
      EXPECT_EQ(truncate(tree_.path("file").c_str(), i % 3 * 10'000), 0);
    }
  });
  for (int i = 0; i < 1'000; ++i) {
    const auto file = find("file");
    EXPECT_EQ(file->content().size(), file->in_memory ? file->size : 0);
    EXPECT_EQ(file->in_memory, file->fd == nullptr);
    EXPECT_LE(file->size, 20'000U);
  }
  enough = true;
  writer.join();
}

TEST_F(ServedFile, WaitsForNoDisk) {
  const test_tree tree(build_folder());
  const auto files = tree.open();
  const std::string text(20'000, 'x');
  tree.put("cold.bin", text);
  if (!tree.make_cold("cold.bin")) GTEST_SKIP() << "this filesystem keeps its files in memory";
  found what = find_file(files, "cold.bin", no_coding, etag_kind::full, may::only_use_caches, far_future);
  EXPECT_FALSE(what.file);
  EXPECT_FALSE(what.folder);
  EXPECT_TRUE(what.why.is_system(EAGAIN));
  what = find_file(files, "cold.bin", no_coding, etag_kind::full, may::block, far_future);
  ASSERT_TRUE(what.file);
  EXPECT_TRUE(what.file->content() == text);
  what = find_file(files, "cold.bin", no_coding, etag_kind::full, may::only_use_caches, far_future);
  ASSERT_TRUE(what.file) << "it is warm now";
  EXPECT_TRUE(what.file->content() == text);
}

TEST_F(ServedFile, WaitsForNoDiskForANeighbour) {
  const test_tree tree(build_folder());
  const auto files = tree.open();
  tree.put("a.css", "css");
  tree.put("a.css.br", std::string(20'000, 'b'));
  if (!tree.make_cold("a.css.br")) GTEST_SKIP() << "this filesystem keeps its files in memory";
  const auto find = [&](may how) { return find_file(files, "a.css", any_coding, etag_kind::full, how, far_future); };
  EXPECT_TRUE(find(may::only_use_caches).why.is_system(EAGAIN));
  const found what = find(may::block);
  ASSERT_TRUE(what.file);
  EXPECT_EQ(what.file->coding, coding::br);
}

TEST_F(ServedFile, WaitsForNoDiskToTellWhetherThereIsANeighbour) {
  tree_.put("a.css", "css");
  const auto find = [&](may how) { return find_file(files_, "a.css", any_coding, etag_kind::full, how, far_future); };
  // The kernel has not heard of the names yet.
  const found what = find(may::only_use_caches);
  EXPECT_FALSE(what.file);
  EXPECT_TRUE(what.why.is_system(EAGAIN));
  ASSERT_TRUE(find(may::block).file);
  EXPECT_EQ(find(may::block).file->content(), "css");
}

TEST(ServedFileWithoutOpenat2, AsksForADiskAlways) {
  const test_tree tree;
  tree.put("a", "a");
  const auto files = *store::local_dir::at(tree.path(), {.force_walk = true});
  const auto find = [&](may how) { return find_file(files, "a", no_coding, etag_kind::full, how, far_future); };
  EXPECT_TRUE(find(may::only_use_caches).why.is_system(EAGAIN));
  ASSERT_TRUE(find(may::block).file);
  EXPECT_EQ(find(may::block).file->content(), "a");
}

TEST(CodingPreference, OrdersWhatIsAccepted) {
  const struct {
    const char* accept_encoding;
    std::vector<coding> order;
  } rows[] = {
      {"", {}},
      {"identity", {}},
      {"deflate", {}},
      {"gzip", {coding::gzip}},
      {"gzip, deflate, br, zstd", {coding::br, coding::zstd, coding::gzip}},
      {"*", {coding::br, coding::zstd, coding::gzip}},
      {"gzip, br;q=0.5", {coding::gzip, coding::br}},
      {"br;q=0, *", {coding::zstd, coding::gzip}},
      {"gzip;q=0.5, identity", {}},
  };
  for (const auto& row : rows) {
    const coding_preference preference(row.accept_encoding);
    const auto order = preference.order();
    EXPECT_EQ(std::vector<coding>(order.begin(), order.end()), row.order) << row.accept_encoding;
  }
}

TEST(HasCompressedForms, IsTrueForText) {
  for (const char* yes : {"text/html", "text/plain; charset=utf-8", "application/json", "image/svg+xml",
                          "application/wasm", "application/x-any; charset=utf-8"}) {
    EXPECT_TRUE(has_compressed_forms(yes)) << yes;
  }
  for (const char* no : {"image/png", "application/octet-stream", "video/mp4", "application/gzip", ""}) {
    EXPECT_FALSE(has_compressed_forms(no)) << no;
  }
}

}  // namespace
}  // namespace sampan::serving
