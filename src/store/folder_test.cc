#include "store/folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "base/unique_fd.h"
#include "text/natural_order.h"

namespace sampan::store {
namespace {

namespace fs = std::filesystem;

const std::atomic<bool> not_cancelled{false};

class Folder : public testing::Test {
 protected:
  explicit Folder(const char* where = "/tmp") {
    std::string pattern = std::string(where) + "/sampan-folder-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    fd_ = base::unique_fd(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~Folder() override { fs::remove_all(folder_); }

  void put(const std::string& name, const std::string& text = "") const { std::ofstream(folder_ / name) << text; }
  void touch(const std::string& name, std::int64_t seconds, long nanoseconds) const {
    const timespec times[] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    ASSERT_EQ(utimensat(fd_.get(), name.c_str(), times, 0), 0);
  }
  result<folder_entries> read(const folder_options& options = {}) const {
    return read_folder(fd_.get(), options, not_cancelled);
  }
  // Folders with a slash, as `ls -p` has them.
  static std::vector<std::string> names(const result<folder_entries>& read) {
    std::vector<std::string> list;
    if (!read) return {read.error().message()};
    for (std::size_t i = 0; i < read->size(); ++i) {
      const auto entry = (*read)[i];
      list.push_back(std::string(entry.name) + (entry.is_folder ? "/" : ""));
    }
    return list;
  }
  using list = std::vector<std::string>;

  fs::path folder_;
  base::unique_fd fd_;
};

TEST_F(Folder, IsEmptyAtFirst) { EXPECT_EQ(names(read()), list{}); }

TEST_F(Folder, ListsFilesAndFoldersInOrder) {
  for (const char* name : {"f10", "f2", "F1", "new\nline", "\xff\xfe.bin", "-rf", ".hidden"}) put(name);
  for (const char* name : {"z", "dir10", "dir9", ".git"}) fs::create_directory(folder_ / name);
  const list visible = {"dir9/", "dir10/", "z/", "-rf", "F1", "f2", "f10", "new\nline", "\xff\xfe.bin"};
  EXPECT_EQ(names(read()), visible);
  EXPECT_EQ(names(read()), visible);  // the descriptor's position does not matter
  EXPECT_EQ(names(read({.hidden = true})),
            (list{".git/", "dir9/", "dir10/", "z/", "-rf", ".hidden", "F1", "f2", "f10", "new\nline", "\xff\xfe.bin"}));
}

TEST_F(Folder, TellsSizeAndTime) {
  put("ten", "0123456789");
  ASSERT_EQ(truncate((folder_ / "ten").c_str(), std::int64_t{5} << 30), 0);
  touch("ten", 1'700'000'000, 999'999'999);
  put("old");
  touch("old", -1, 5);
  const auto entries = read().value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].modified, -1);
  EXPECT_EQ(entries[0].size, 0U);
  EXPECT_EQ(entries[1].modified, 1'700'000'000);
  EXPECT_EQ(entries[1].size, std::uint64_t{5} << 30);
}

TEST_F(Folder, LeavesOutWhatIsNeitherFileNorFolder) {
  put("file");
  ASSERT_EQ(mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  const base::unique_fd peer(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder_ / "sock").string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(peer.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_TRUE(fs::exists(folder_ / "sock"));
  EXPECT_EQ(names(read()), list{"file"});
}

TEST_F(Folder, KeepsFilesThatNobodyMayRead) {
  put("noread", "x");
  fs::create_directory(folder_ / "nodir");
  fs::permissions(folder_ / "noread", fs::perms::none);
  fs::permissions(folder_ / "nodir", fs::perms::none);
  EXPECT_EQ(names(read()), (list{"nodir/", "noread"}));
  fs::permissions(folder_ / "nodir", fs::perms::owner_all);
}

TEST_F(Folder, LinksAreWhatTheyLeadTo) {
  for (const char* name : {"to_file", "to_folder", "out"}) fs::create_symlink("anywhere", folder_ / name);
  put("plain");
  EXPECT_EQ(names(read()), list{"plain"});

  list asked;
  folder_options options;
  options.follow = [&](const std::string& name) -> std::optional<folder_entry> {
    asked.push_back(name);
    if (name == "to_file") return folder_entry{"", false, 7, 42};
    if (name == "to_folder") return folder_entry{"", true, 0, 43};
    return {};
  };
  const auto entries = read(options);
  ASSERT_EQ(names(entries), (list{"to_folder/", "plain", "to_file"}));
  EXPECT_EQ((*entries)[2].size, 7U);
  EXPECT_EQ((*entries)[2].modified, 42);
  std::sort(asked.begin(), asked.end());
  EXPECT_EQ(asked, (list{"out", "to_file", "to_folder"}));
}

TEST_F(Folder, VanishesWhileItIsRead) {
  // The judge of the first link met removes everything: what comes after it is gone when it is looked at.
  for (int i = 0; i < 50; ++i) {
    put("file" + std::to_string(i));
    fs::create_symlink("anywhere", folder_ / ("link" + std::to_string(i)));
  }
  folder_options options;
  int judged = 0;
  options.follow = [&](const std::string&) -> std::optional<folder_entry> {
    if (judged++ == 0) fs::remove_all(folder_);
    return {};
  };
  const auto entries = read(options);
  ASSERT_TRUE(entries) << entries.error().message();
  EXPECT_LT(entries->size(), 50U);
  EXPECT_EQ(names(read()), list{});  // a removed folder is an empty one
}

TEST_F(Folder, ChangesWhileItIsRead) {
  list steady;
  for (int i = 0; i < 1000; ++i) {
    steady.push_back("steady" + std::to_string(i));
    put(steady.back());
    put("passing" + std::to_string(i));
  }
  std::atomic<bool> enough{false};
  std::thread other([&] {
    std::mt19937 random(1);
    while (!enough) {
      const auto number = std::to_string(random() % 1000);
      rename((folder_ / ("passing" + number)).c_str(), (folder_ / ("passing_" + number)).c_str());
      unlink((folder_ / ("passing" + std::to_string(random() % 1000))).c_str());
      put("passing" + number);
    }
  });
  for (int i = 0; i < 30; ++i) {
    const auto seen = names(read());
    EXPECT_EQ(std::count_if(seen.begin(), seen.end(), [](const auto& name) { return name.starts_with("steady"); }),
              1000);
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const auto& name) {
      return name.starts_with("steady") || name.starts_with("passing");
    }));
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end(), text::natural_less));
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
  }
  enough = true;
  other.join();
}

TEST_F(Folder, EndsWhenCancelled) {
  put("file");
  const std::atomic<bool> at_once{true};
  const auto before = read_folder(fd_.get(), {}, at_once);
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().code(), errc::interrupted);

  // In the middle: the judge of a link cancels; no further link is judged.
  for (int i = 0; i < 10; ++i) fs::create_symlink("anywhere", folder_ / ("link" + std::to_string(i)));
  std::atomic<bool> cancelled{false};
  int judged = 0;
  folder_options options;
  options.follow = [&](const std::string&) -> std::optional<folder_entry> {
    ++judged;
    cancelled = true;
    return {};
  };
  const auto during = read_folder(fd_.get(), options, cancelled);
  ASSERT_FALSE(during);
  EXPECT_EQ(during.error().code(), errc::interrupted);
  EXPECT_EQ(judged, 1);
}

TEST_F(Folder, TellsWhyItCannotBeRead) {
  put("file");
  const base::unique_fd file(open((folder_ / "file").c_str(), O_RDONLY));
  EXPECT_TRUE(read_folder(file.get(), {}, not_cancelled).error().is_system(ENOTDIR));
  EXPECT_TRUE(read_folder(-1, {}, not_cancelled).error().is_system(EBADF));
  EXPECT_TRUE(read({.name_bytes = 3}).error().is_system(EOVERFLOW));
  EXPECT_EQ(names(read({.name_bytes = 4})), list{"file"});
}

// In memory where there is such a filesystem: a disk takes seconds to make so many files and to remove them.
class FullFolder : public Folder {
 protected:
  FullFolder() : Folder(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") {}
};

TEST_F(FullFolder, IsHeldInSixMegabytes) {
  constexpr int many = 100'000;
  for (int i = 0; i < many; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "picture_of_%05d.jpg", i * 7 % many);  // 20 bytes
    ASSERT_EQ(mknodat(fd_.get(), name, S_IFREG | 0600, 0), 0);
  }
  const auto in_use = [] {
    const auto heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
  };
  const auto before = in_use();
  const auto entries = read().value();
  // All is allocated before sorting, and sorting needs nothing: what is held now is the peak.
  const auto held = in_use() - before;
  RecordProperty("heap", std::to_string(held));
  EXPECT_LE(held, 6'000'000U);
#ifndef __SANITIZE_ADDRESS__  // its heap is not asked by mallinfo2()
  EXPECT_GE(held, many * 20U);
#endif
  ASSERT_EQ(entries.size(), std::size_t{many});
  for (std::size_t i = 1; i < entries.size(); ++i) {
    ASSERT_TRUE(text::natural_less(entries[i - 1].name, entries[i].name)) << i;
  }
}

TEST(FolderEntries, AreSortedAndEachOnce) {
  constexpr unsigned distinct = 30'000;  // enough for several steps of sorting
  folder_entries entries;
  for (unsigned i = 0; i < 2 * distinct; ++i) {
    const unsigned number = i * 7919 % distinct;
    entries.add({std::to_string(number), number % 5 == 0, number, -std::int64_t{number}});
  }
  ASSERT_TRUE(entries.sort(not_cancelled));
  ASSERT_EQ(entries.size(), distinct);
  for (unsigned i = 0; i < distinct; ++i) {
    const unsigned folders = distinct / 5;
    const unsigned number = i < folders ? i * 5 : i - folders + (i - folders) / 4 + 1;
    ASSERT_EQ(entries[i].name, std::to_string(number));
    ASSERT_EQ(entries[i].is_folder, i < folders);
    ASSERT_EQ(entries[i].size, number);
    ASSERT_EQ(entries[i].modified, -std::int64_t{number});
  }
}

TEST(FolderEntries, SortingEndsWhenCancelled) {
  folder_entries entries;
  for (int i = 0; i < 100'000; ++i) entries.add({std::to_string(i), false, 0, 0});
  EXPECT_FALSE(entries.sort(std::atomic<bool>{true}));
}

}  // namespace
}  // namespace sampan::store
