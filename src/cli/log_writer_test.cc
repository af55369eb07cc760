#include "cli/log_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace sampan::cli {
namespace {

namespace fs = std::filesystem;

class LogWriter : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "sampan-log-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return folder_ / name; }

  static std::string content(const std::string& path) {
    std::stringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }

  /// Waits for the writer's thread: there is no event to wait for outside it.
  static bool comes(const std::string& path, const std::string& expected) {
    for (int i = 0; i < 2000; ++i) {
      if (content(path) == expected) return true;
      usleep(5000);
    }
    return false;
  }

  fs::path folder_;
  std::optional<log_writer> notices_{std::in_place};
};

TEST_F(LogWriter, WritesAllThatIsLeftAtTheEnd) {
  std::string expected;
  {
    log_writer log(*open_log(path("a")), path("a"), *notices_);
    for (int i = 0; i < 10'000; ++i) {
      const std::string line = "line " + std::to_string(i);
      log.line(line);
      expected += line + '\n';
    }
  }
  EXPECT_EQ(content(path("a")), expected);
}

TEST_F(LogWriter, AppendsAndWritesTheFirstLineAtOnce) {
  std::ofstream(path("a")) << "before\n";
  log_writer log(*open_log(path("a")), path("a"), *notices_);
  log.line("first");
  EXPECT_TRUE(comes(path("a"), "before\nfirst\n"));
  log.line("second");
  log.line("third");
  EXPECT_TRUE(comes(path("a"), "before\nfirst\nsecond\nthird\n"));
}

TEST_F(LogWriter, GoesOnInANewFileAfterRotation) {
  log_writer log(*open_log(path("a")), path("a"), *notices_);
  log.line("old");
  ASSERT_TRUE(comes(path("a"), "old\n"));
  fs::rename(path("a"), path("b"));
  log.reopen();
  log.line("new");
  EXPECT_TRUE(comes(path("a"), "new\n"));
  EXPECT_EQ(content(path("b")), "old\n");
}

TEST_F(LogWriter, KeepsTheOldFileWhereTheNewOneCannotBeOpened) {
  testing::internal::CaptureStderr();
  {
    log_writer log(*open_log(path("a")), path("a"), *notices_);
    fs::rename(path("a"), path("b"));
    fs::create_directory(path("a"));
    log.reopen();
    log.line("still");
    EXPECT_TRUE(comes(path("b"), "still\n"));
  }
  notices_.reset();  // its lines are out
  EXPECT_NE(testing::internal::GetCapturedStderr().find("Is a directory"), std::string::npos);
}

TEST_F(LogWriter, OpensForOwnerAndGroupAndFollowsLinks) {
  const mode_t before = umask(0);
  EXPECT_TRUE(open_log(path("a")));
  umask(before);
  struct stat state {};
  ASSERT_EQ(stat(path("a").c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 07777, 0640U);
  fs::create_symlink("a", path("link"));
  EXPECT_TRUE(open_log(path("link")));
}

TEST_F(LogWriter, NamesWhatCannotBeOpened) {
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_TRUE(open_log(path("missing/a")).error().is_system(ENOENT));
  EXPECT_TRUE(open_log(folder_).error().is_system(EISDIR));
  EXPECT_TRUE(open_log(path("fifo")).error().is_system(ENXIO)) << "or waits for a reader";
  EXPECT_EQ(open_log(path("missing/a")).error().subject(), path("missing/a"));
}

TEST_F(LogWriter, DropsLinesOfASlowReaderAndNeverWaits) {
  testing::internal::CaptureStderr();
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  const base::unique_fd reader(open(path("fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::size_t lines = 0;
  std::string got;
  {
    std::optional<log_writer> log(std::in_place, *open_log(path("fifo")), path("fifo"), *notices_);
    const std::string line(1023, 'x');
    for (int i = 0; i < 20'000; ++i) log->line(line);  // 20 MiB, which nobody reads: returns all the same
    fcntl(reader.get(), F_SETFL, 0);
    std::thread end([&] { log.reset(); });
    std::string piece(1 << 16, '\0');
    for (;;) {
      const auto size = read(reader.get(), piece.data(), piece.size());
      if (size <= 0) break;
      got.append(piece, 0, static_cast<std::size_t>(size));
    }
    end.join();
  }
  for (std::size_t at = 0; at < got.size(); at += 1024, ++lines) {
    ASSERT_EQ(got.find('\n', at), at + 1023) << "whole lines only";
  }
  EXPECT_GE(lines, 8 * 1024 - 1U);  // what may wait
  notices_.reset();                 // its lines are out
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::to_string(20'000 - lines) + " log lines were dropped: " + path("fifo") + " is too slow\n", told);
}

}  // namespace
}  // namespace sampan::cli
