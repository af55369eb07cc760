#include "ui/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "text/utf8.h"

namespace sampan::ui {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const words english{"(size unknown)", "{} left", "{} connections", "and {} more"};

TEST(HumanBytes, ThreeDigitsAndAUnit) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(200ULL << 30), "200 GiB");
}

TEST(Speedometer, TellsTheLastSecondsOnly) {
  speedometer speed;
  speedometer::clock::time_point now{};
  EXPECT_EQ(speed.bytes_per_second(), 0);
  std::uint64_t bytes = 1'000'000'000;  // there before
  speed.see(now, bytes);
  EXPECT_EQ(speed.bytes_per_second(), 0);
  for (int i = 0; i < 100; ++i) speed.see(now += milliseconds(100), bytes += 1000);
  EXPECT_NEAR(speed.bytes_per_second(), 10'000, 100);
  for (int i = 0; i < 100; ++i) speed.see(now += milliseconds(100), bytes += 50);
  EXPECT_NEAR(speed.bytes_per_second(), 500, 10) << "the quick seconds of before still count";
  for (int i = 0; i < 100; ++i) speed.see(now += milliseconds(100), bytes);
  EXPECT_EQ(speed.bytes_per_second(), 0) << "it stands still";
}

TEST(Speedometer, BeginsAnewWithFewerBytes) {
  speedometer speed;
  speed.see({}, 5'000'000);
  speed.see(speedometer::clock::time_point(seconds(1)), 0);
  EXPECT_EQ(speed.bytes_per_second(), 0);
  speed.see(speedometer::clock::time_point(seconds(2)), 100);
  EXPECT_EQ(speed.bytes_per_second(), 100);
}

transfer half() {
  transfer made;
  made.title = "file.iso";
  made.bytes = 50 << 20;
  made.size = 100 << 20;
  made.speed = 5 << 20;
  made.connections = 3;
  return made;
}

TEST(LineOf, WideOneTellsAll) {
  EXPECT_EQ(line_of(half(), english, 120, 8),
            "file.iso  [##############..............]  50%  50.0 MiB / 100 MiB  5.0 MiB/s  0:10 left  3 connections");
}

TEST(LineOf, LeavesOutWhatMattersLeast) {
  EXPECT_EQ(line_of(half(), english, 79, 8), "file.iso  50%  50.0 MiB / 100 MiB  5.0 MiB/s  0:10 left  3 connections");
  EXPECT_EQ(line_of(half(), english, 69, 8), "file.iso  [#####.....]  50%  50.0 MiB / 100 MiB  5.0 MiB/s  0:10 left");
  EXPECT_EQ(line_of(half(), english, 60, 8), "file.iso  50%  50.0 MiB / 100 MiB  5.0 MiB/s  0:10 left");
  EXPECT_EQ(line_of(half(), english, 30, 8), "file.iso  50%  5.0 MiB/s");
  EXPECT_EQ(line_of(half(), english, 19, 8), "file.iso  50%");
}

TEST(LineOf, UnknownSize) {
  transfer one = half();
  one.size.reset();
  one.elapsed = seconds(65);
  one.connections = 1;
  EXPECT_EQ(line_of(one, english, 80, 8), "file.iso  50.0 MiB  5.0 MiB/s  1:05  (size unknown)");
  EXPECT_EQ(line_of(one, english, 19, 8), "file.iso  50.0 MiB");
}

TEST(LineOf, WhatIsDoneStandsForTheSpeed) {
  transfer one = half();
  one.doing = "retrying in 3 s: the server refused or failed";
  EXPECT_EQ(line_of(one, english, 100, 8), "file.iso  50%  50.0 MiB / 100 MiB  " + one.doing);
  EXPECT_EQ(line_of(one, english, 70, 8), "file.iso  50%  " + one.doing);
}

TEST(LineOf, AllIsOnlyAllOfIt) {
  transfer one = half();
  one.bytes = *one.size - 1;
  EXPECT_NE(line_of(one, english, 19, 8).find("99%"), std::string::npos);
  one.bytes = *one.size;
  EXPECT_NE(line_of(one, english, 19, 8).find("100%"), std::string::npos);
  one.bytes = one.size.emplace(0);
  EXPECT_NE(line_of(one, english, 19, 8).find("100%"), std::string::npos);
}

TEST(LineOf, NeverWiderThanTheTerminal) {
  const words chinese{"(大小未知)", "剩余 {}", "{} 个连接", "另有 {} 个"};
  for (const bool known : {true, false}) {
    for (const char* const doing : {"", "3 秒后重试:服务器拒绝"}) {
      transfer one = half();
      one.title = "一个名字很长的文件,用来看看宽度.tar.gz";
      one.doing = doing;
      if (!known) one.size.reset();
      for (std::size_t columns = 0; columns < 150; ++columns) {
        const std::string line = line_of(one, chinese, columns, text::display_width(one.title));
        EXPECT_LE(text::display_width(line), columns) << line;
        EXPECT_TRUE(text::is_utf8(line)) << "cut within a character";
        EXPECT_TRUE(columns < 20 || line.starts_with("一个名")) << line;
      }
    }
  }
}

class Terminal : public testing::Test {
 protected:
  void SetUp() override {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    ASSERT_EQ(grantpt(master_), 0);
    ASSERT_EQ(unlockpt(master_), 0);
    slave_ = open(ptsname(master_), O_RDWR | O_NOCTTY);
    ASSERT_GE(slave_, 0);
  }
  void TearDown() override {
    close(slave_);
    close(master_);
  }
  void resize(unsigned short columns, unsigned short rows) const {
    const winsize size{rows, columns, 0, 0};
    ASSERT_EQ(ioctl(slave_, TIOCSWINSZ, &size), 0);
  }
  // What was written since, with CR LF as LF.
  std::string written() const {
    std::string all(65536, '\0');
    const auto got = read(master_, all.data(), all.size());
    all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    std::erase(all, '\r');
    return all;
  }
  static std::vector<transfer> files(int count) {
    std::vector<transfer> made;
    for (int i = 0; i < count; ++i) {
      made.push_back(half());
      made.back().title = "file" + std::to_string(i);
    }
    return made;
  }

  int master_ = -1, slave_ = -1;
};

TEST_F(Terminal, LinesAreDrawnOverTheLastOnes) {
  resize(30, 10);
  board lines(slave_, english);
  lines.draw(files(2));
  EXPECT_EQ(written(), "\x1b[Kfile0  50%  5.0 MiB/s\n\x1b[Kfile1  50%  5.0 MiB/s\x1b[J");
  lines.draw(files(1));
  EXPECT_EQ(written(), "\x1b[1A\x1b[Kfile0  50%  5.0 MiB/s\x1b[J");
  lines.wipe();
  EXPECT_EQ(written(), "\x1b[J");
  lines.wipe();
  EXPECT_EQ(written(), "") << "nothing is there to wipe";
}

TEST_F(Terminal, TakesItsSizeAsItIsNow) {
  board lines(slave_, english);
  resize(30, 10);
  lines.draw(files(1));
  EXPECT_EQ(written(), "\x1b[Kfile0  50%  5.0 MiB/s\x1b[J");
  resize(14, 10);
  lines.draw(files(1));
  EXPECT_EQ(written(), "\x1b[Kfile0  50%\x1b[J");
}

TEST_F(Terminal, FilesWithoutALineAreSummedUp) {
  resize(40, 4);
  board lines(slave_, english);
  lines.draw(files(5));
  const std::string all = written();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2);
  EXPECT_TRUE(all.ends_with("and 3 more  150 MiB  15.0 MiB/s\x1b[J")) << all;
  resize(40, 1);
  lines.draw(files(5));
  EXPECT_EQ(written(), "\x1b[2A\x1b[Kand 5 more  250 MiB  25.0 MiB/s\x1b[J");
}

}  // namespace
}  // namespace sampan::ui
