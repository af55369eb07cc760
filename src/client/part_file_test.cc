#include "client/part_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

namespace sampan::client {
namespace {

namespace fs = std::filesystem;

journal_header header_of(const std::string& etag) {
  journal_header header;
  header.url = header.final_url = "http://h/a";
  header.etag = etag;
  header.total = 1000;
  return header;
}

class PartFile : public testing::Test {
 protected:
  PartFile() {
    char pattern[] = "/tmp/sampan-part-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  ~PartFile() override { fs::remove_all(folder_); }

  result<part_file> prepare(const std::string& name, bool no_clobber = false) {
    return part_file::prepare(real_files(), {folder_, name, no_clobber});
  }
  errc refusal(const std::string& name, bool no_clobber = false) { return prepare(name, no_clobber).error().code(); }
  void put(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  std::string content(const std::string& name) {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& one : fs::directory_iterator(folder_)) all.push_back(one.path().filename());
    std::sort(all.begin(), all.end());
    return all;
  }
  // An earlier run that was cut off after some bytes.
  void leave(const std::string& name, const std::string& bytes, const std::string& etag = "A") {
    auto part = prepare(name);
    ASSERT_TRUE(part && part->begin(header_of(etag)) && part->write(0, bytes) && part->checkpoint());
  }

  fs::path folder_;
};

using names_list = std::vector<std::string>;

TEST_F(PartFile, ReplacesTheOldFileOnlyAtTheEnd) {
  put("a", "old");
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("A")) && part->write(0, std::string_view("new")));
  EXPECT_EQ(names(), (names_list{"a", "a.part", "a.part.sampan"}));
  EXPECT_EQ(fs::status(folder_ / "a.part.sampan").permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(content("a"), "old");
  publish_wishes wishes;
  wishes.modified = 1'000'000'000;
  wishes.origin_url = "http://h/a";
  ASSERT_TRUE(part->publish(wishes));
  EXPECT_EQ(names(), (names_list{"a"}));
  EXPECT_EQ(content("a"), "new");
  struct stat about {};
  ASSERT_EQ(stat((folder_ / "a").c_str(), &about), 0);
  EXPECT_EQ(about.st_mtim.tv_sec, 1'000'000'000);
  EXPECT_TRUE(prepare("a"));
}

TEST_F(PartFile, GoesOnWithWhatIsJournalled) {
  leave("a", "0123456789");
  auto part = prepare("a");
  ASSERT_TRUE(part && part->found());
  EXPECT_STREQ(part->note(), "");
  EXPECT_EQ(part->found()->header, header_of("A"));
  EXPECT_EQ(part->held().all(), (std::vector<interval>{{0, 10}}));
  char there[20];
  EXPECT_EQ(part->read(3, there).value(), 7u);
  EXPECT_EQ(std::string(there, 7), "3456789");
  ASSERT_TRUE(part->resume(header_of("B")) && part->write(20, std::string_view("uvw")) && part->checkpoint());
  part = part_file::prepare(real_files(), {folder_, "b"});  // closes the other
  auto again = prepare("a");
  ASSERT_TRUE(again && again->found());
  EXPECT_EQ(again->found()->header.etag, "B");
  EXPECT_EQ(again->held().all(), (std::vector<interval>{{0, 10}, {20, 23}}));
}

TEST_F(PartFile, IsHeldByOneRun) {
  auto first = prepare("a");
  auto second = prepare("a");
  ASSERT_TRUE(first && second && first->begin(header_of("A")));
  EXPECT_EQ(refusal("a"), errc::target_busy);
  EXPECT_EQ(second->begin(header_of("A")).error().code(), errc::target_busy);
  ASSERT_TRUE(first->publish({}));
  EXPECT_TRUE(prepare("a"));
}

TEST_F(PartFile, KeepsWhatItCannotGoOnWithUntilTheNewIsWhole) {
  leave("a", "half");
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("B")) && part->write(0, std::string_view("new")));
  EXPECT_EQ(names(), (names_list{"a.part", "a.part.old", "a.part.old.sampan", "a.part.sampan"}));
  EXPECT_EQ(content("a.part.old"), "half");
  ASSERT_TRUE(part->publish({}));
  EXPECT_EQ(names(), (names_list{"a"}));
}

TEST_F(PartFile, KeepsOneOldPartAlsoOverRuns) {
  leave("a", "first", "A");
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("B")) && part->begin(header_of("C")));  // nothing came in between
  EXPECT_EQ(content("a.part.old"), "first");
  ASSERT_TRUE(part->write(0, std::string_view("second")) && part->begin(header_of("D")));
  EXPECT_EQ(content("a.part.old"), "second");
  EXPECT_EQ(part->held().bytes(), 0u);
  part = prepare("b");
  part = prepare("a");
  ASSERT_TRUE(part && part->found() && part->resume(header_of("D")) && part->publish({}));
  EXPECT_EQ(names(), (names_list{"a"}));
}

TEST_F(PartFile, SaysWhyAPartCannotBeGoneOnWith) {
  const std::pair<const char*, std::function<void(std::string&)>> table[] = {
      {"its journal is damaged", [](std::string& journal) { journal.clear(); }},
      {"its journal is damaged", [](std::string& journal) { journal.resize(30); }},
      {"its journal is damaged", [](std::string& journal) { journal.assign(3 << 20, 'x'); }},
      {"its journal is of another version", [](std::string& journal) { journal = "eacfb03d sampan-journal 2\n"; }},
  };
  for (const auto& [why, damage] : table) {
    leave("a", "half");
    std::string journal = content("a.part.sampan");
    damage(journal);
    put("a.part.sampan", journal);
    auto part = prepare("a");
    ASSERT_TRUE(part);
    EXPECT_STREQ(part->note(), why);
    EXPECT_FALSE(part->found());
    ASSERT_TRUE(part->begin(header_of("A")));
    EXPECT_EQ(content("a.part.old"), "half");
  }
  leave("a", "half");
  fs::resize_file(folder_ / "a.part", 3);
  EXPECT_STREQ(prepare("a")->note(), "it is shorter than its journal says");
}

TEST_F(PartFile, LeavesAloneWhatIsNotOurs) {
  put("elsewhere", "x");
  fs::create_symlink("elsewhere", folder_ / "a.part");
  fs::create_hard_link(folder_ / "elsewhere", folder_ / "a.part.1");
  fs::create_directory(folder_ / "a.part.2");
  ASSERT_EQ(mkfifo((folder_ / "a.part.3").c_str(), 0600), 0);
  put("a.part.4", "without a journal");
  put("a.part.5", "mine");
  fs::create_symlink("elsewhere", folder_ / "a.part.5.sampan");
  fs::create_symlink("elsewhere", folder_ / "a.part.6.sampan");
  fs::create_symlink("nowhere", folder_ / "a.part.7");
  put("a.part.8", "somebody's");
  put("a.part.8.sampan", "somebody's");
  const bool root = chown((folder_ / "a.part.8").c_str(), 65534, 65534) == 0;
  const auto before = names();
  leave("a", "half");
  const char* const mine = root ? "a.part.9" : "a.part.8";  // who is not root cannot give files away
  EXPECT_EQ(content(mine), "half");
  auto part = prepare("a");
  ASSERT_TRUE(part);
  EXPECT_EQ(part->found().has_value(), root);
  EXPECT_EQ(part->part_path(), (folder_ / mine).string());
  if (!root) return;
  ASSERT_TRUE(part->resume(header_of("A")) && part->publish({}));
  auto after = names();
  std::erase(after, "a");
  EXPECT_EQ(after, before);
  EXPECT_EQ(content("elsewhere"), "x");
  put("a.part.9", "one more");
  EXPECT_EQ(refusal("a"), errc::part_not_ours);
}

TEST_F(PartFile, TakesAnEmptyPartThatWasLeftBeforeItsJournal) {
  put("a.part", "");
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("A")) && part->write(0, std::string_view("x")) && part->publish({}));
  EXPECT_EQ(names(), (names_list{"a"}));
}

TEST_F(PartFile, RefusesFoldersAndWhatMustStay) {
  fs::create_directory(folder_ / "d");
  put("a", "old");
  EXPECT_EQ(refusal("d"), errc::target_is_directory);
  EXPECT_EQ(refusal("d/"), errc::target_is_directory);
  EXPECT_EQ(refusal("a", true), errc::target_exists);
  auto part = prepare("b", true);
  ASSERT_TRUE(part && part->begin(header_of("A")) && part->write(0, std::string_view("new")));
  put("b", "theirs");
  EXPECT_EQ(part->publish({}).error().code(), errc::target_exists);
  EXPECT_EQ(content("b"), "theirs");
  part = prepare("c");
  EXPECT_EQ(prepare("b")->held().bytes(), 3u);
}

TEST_F(PartFile, DoesNotPublishWhatSomebodyPutInItsPlace) {
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("A")) && part->write(0, std::string_view("new")));
  fs::remove(folder_ / "a.part");
  fs::create_symlink("/etc/passwd", folder_ / "a.part");
  EXPECT_EQ(part->publish({}).error().code(), errc::part_not_ours);
  EXPECT_FALSE(fs::exists(folder_ / "a"));
}

TEST_F(PartFile, KeepsABadFileUnderItsName) {
  put("a.bad", "older");
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("A")) && part->write(0, std::string_view("wrong")) && part->keep_as_bad());
  EXPECT_EQ(names(), (names_list{"a.bad"}));
  EXPECT_EQ(content("a.bad"), "wrong");
}

TEST_F(PartFile, TakesTheLongestNames) {
  for (const std::string& name : {std::string(255, 'x'), std::string(254, 'x') + "y", std::string(240, 'z')}) {
    leave(name, name.substr(230, 5));
  }
  EXPECT_EQ(names().size(), 6u);
  auto part = prepare(std::string(255, 'x'));
  ASSERT_TRUE(part && part->found() && part->begin(header_of("B")) && part->publish({}));
  EXPECT_EQ(names().size(), 5u);
}

TEST_F(PartFile, BeginsALongJournalAnew) {
  constexpr std::uint64_t pieces = 4000;
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("A")) && part->write(0, std::string(2 * pieces, 'x')));
  for (std::uint64_t i = 0; i < pieces; ++i) part->forget({2 * i, 2 * i + 1});
  std::uintmax_t written = 0;
  std::uintmax_t size = 0;
  bool shrank = false;
  for (std::uint64_t i = 0; written < 2 * longest_journal; ++i) {
    ASSERT_LT(i, pieces);
    part->wrote({2 * i, 2 * i + 1});
    ASSERT_TRUE(part->checkpoint());
    const auto now = fs::file_size(part->journal_path());
    ASSERT_LT(now, longest_journal + 1);
    shrank = shrank || (i > 0 && now < size);
    written += now > size ? now - size : now;
    size = now;
  }
  EXPECT_TRUE(shrank);
  const auto held = part->held();
  part = prepare("b");
  part = prepare("a");
  EXPECT_STREQ(part->note(), "");
  EXPECT_EQ(part->held(), held);
}

TEST_F(PartFile, NamesTheSpaceThatIsMissing) {
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("A")));
  EXPECT_TRUE(part->check_space(1 << 20));
  EXPECT_EQ(fs::file_size(part->part_path()), 0u);
  const auto failure = part->check_space(std::uint64_t{1} << 60).error();
  EXPECT_TRUE(failure.is_system(ENOSPC));
  EXPECT_EQ(failure.detail().find("need 11529215046"), 0u) << failure.detail();
}

TEST_F(PartFile, IsWrittenByManyThreads) {
  constexpr std::size_t size = 1 << 20;
  constexpr std::size_t piece = 4096;
  std::string whole(size, ' ');
  for (std::size_t i = 0; i < size; ++i) whole[i] = static_cast<char>(i * 7 + i / 251);
  auto part = prepare("a");
  ASSERT_TRUE(part && part->begin(header_of("A")));
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> good = true;
  const auto writer = [&] {
    for (std::size_t at = piece * next++; at < size; at = piece * next++) {
      if (!part->write(at, std::string_view(whole).substr(at, piece))) good = false;
      if (at % (piece * 16) == 0 && !part->checkpoint()) good = false;
    }
  };
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) writers.emplace_back(writer);
  }
  ASSERT_TRUE(good && part->held().covers({0, size}) && part->publish({}));
  EXPECT_EQ(content("a"), whole);
}

}  // namespace
}  // namespace sampan::client
