// Each call fails once, and the power is cut at each call: what is found afterwards is true, and leads to the right file.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "client/part_file.h"
#include "client/test_files.h"

namespace sampan::client {
namespace {

using trouble = test_files::trouble;

constexpr std::size_t size = 1000;
constexpr std::size_t piece = 150;

// The file as each version of it on the server is.
std::string version(const std::string& etag) {
  std::string whole(size, ' ');
  for (std::size_t i = 0; i < size; ++i)
    whole[i] = static_cast<char>(static_cast<unsigned char>(etag[0]) + i * 7 + i / 41);
  return whole;
}

journal_header header_of(const std::string& etag) {
  journal_header header;
  header.url = header.final_url = "http://h/a";
  header.etag = etag;
  header.total = size;
  return header;
}

// What is held is what came, bit by bit; false: it could not be read.
bool check_held(const part_file& part) {
  const std::string whole = version(part.found()->header.etag);
  for (const interval& one : part.held().all()) {
    std::string there(one.end - one.begin, '\0');
    const auto got = part.read(one.begin, there);
    if (!got) return false;
    EXPECT_EQ(*got, there.size());
    EXPECT_EQ(there, whole.substr(one.begin, there.size())) << one.begin << '-' << one.end;
  }
  return true;
}

// One run that fetches this version: goes on with what fits and begins anew otherwise. Two connections fetch, one from the middle.
// False: an error came, or it stopped half way as it was told.
bool run(files& system, const std::string& etag, bool whole_way = true) {
  auto part = part_file::prepare(system, {"", "a"});
  if (!part || (part->found() && !check_held(*part))) return false;
  const bool goes_on = part->found() && part->found()->header.etag == etag;
  if (!(goes_on ? part->resume(header_of(etag)) : part->begin(header_of(etag)))) return false;
  if (!part->check_space(size)) return false;
  const std::string whole = version(etag);
  for (std::uint64_t at = 0; at < size / 2; at += piece) {
    for (const std::uint64_t from : {at, at + size / 2}) {
      const auto gap = part->held().first_gap(from, std::min(from + piece, size));
      if (gap.empty()) continue;
      if (!part->write(gap.begin, std::string_view(whole).substr(gap.begin, gap.end - gap.begin))) return false;
    }
    if (!whole_way && at > size / 4) return part->checkpoint() && false;
    if (at + piece < size / 2 && !part->checkpoint())
      return false;  // that the last ones last is for publish() to see to
  }
  return part->held().covers({0, size}) && static_cast<bool>(part->publish({1, "http://h/a", true}));
}

void expect_absent_old_or_whole(const test_files& disk) {
  const std::string now = disk.has("a") ? disk.content("a") : "old";
  EXPECT_TRUE(now == "old" || now == version("B"));
}

// What lies there at first: nothing; a target; half of an older version; half of the right one, and the target.
constexpr int beginnings = 4;
std::unique_ptr<test_files> make_disk(int beginning) {
  auto disk = std::make_unique<test_files>();
  if (beginning % 2 == 1) disk->put("a", "old");
  if (beginning >= 2) run(*disk, beginning == 2 ? "A" : "B", false);
  return disk;
}

// Of what the earlier run had brought nothing goes before the new file is there, and what is right is gone on with.
void expect_nothing_lost(test_files& disk, int beginning) {
  if (beginning < 2 || (disk.has("a") && disk.content("a") == version("B"))) return;
  const std::string whole = version(beginning == 2 ? "A" : "B");
  const auto brought = [&](const char* name) {
    const std::string there = disk.has(name) ? disk.content(name) : "";
    return there.size() >= 950 && there.substr(0, 450) == whole.substr(0, 450) &&
           there.substr(500, 450) == whole.substr(500, 450);
  };
  EXPECT_TRUE(brought("a.part") || (beginning == 2 && brought("a.part.old")));
  if (beginning == 2) return;
  disk.arrange(0, trouble::fails);
  const auto part = part_file::prepare(disk, {"", "a"});
  ASSERT_TRUE(part && part->found());
  EXPECT_TRUE(part->held().covers({0, 450}) && part->held().covers({500, 950}));
}

void expect_that_a_second_run_succeeds(test_files& disk) {
  disk.arrange(0, trouble::fails);
  EXPECT_TRUE(run(disk, "B"));
  EXPECT_EQ(disk.content("a"), version("B"));
  EXPECT_EQ(disk.open_descriptors(), 0u);
  disk.crash();
  EXPECT_EQ(disk.content("a"), version("B"));
}

// Runs with trouble at call 1, 2, 3… until it no longer comes. `after` gets what is left then, and brings back the power.
template <class After>
void with_trouble_everywhere(trouble what, int number, After after) {
  for (int beginning = 0; beginning < beginnings; ++beginning) {
    for (int call = 1;; ++call) {
      SCOPED_TRACE(testing::Message() << "beginning " << beginning << ", call " << call);
      const auto disk = make_disk(beginning);
      disk->arrange(call, what, number);
      const bool good = run(*disk, "B");
      expect_absent_old_or_whole(*disk);
      EXPECT_TRUE(!good || disk->content("a") == version("B"));
      const bool struck = disk->struck();
      after(*disk, good);
      expect_nothing_lost(*disk, beginning);
      expect_that_a_second_run_succeeds(*disk);
      if (!struck || testing::Test::HasFailure()) {
        EXPECT_TRUE(testing::Test::HasFailure() || call > 40) << call;
        break;
      }
    }
  }
}

TEST(PartFileFaults, AnyCallFailsAndTheNextRunSucceeds) {
  for (const int number : {EIO, ENOSPC, EDQUOT, EROFS}) {
    with_trouble_everywhere(trouble::fails, number, [](test_files&, bool) {});
  }
}

TEST(PartFileFaults, AnyCallFailsAndThenThePowerToo) {
  std::mt19937 choice(1);
  for (int round = 0; round < 8; ++round) {
    with_trouble_everywhere(trouble::fails, EIO, [&](test_files& disk, bool) {
      round == 0 ? disk.crash() : disk.crash(choice);
      expect_absent_old_or_whole(disk);
    });
  }
}

TEST(PartFileFaults, InterruptedOrShortCallsAreMadeAgain) {
  for (const auto what : {trouble::fails, trouble::is_shortened}) {
    with_trouble_everywhere(what, EINTR, [](test_files& disk, bool good) {
      EXPECT_TRUE(good);
      EXPECT_EQ(disk.names(), 1u);
    });
  }
}

TEST(PartFileFaults, ThePowerIsCutAtAnyCall) {
  with_trouble_everywhere(trouble::power_cut, EIO, [](test_files& disk, bool) {
    disk.crash();
    expect_absent_old_or_whole(disk);
  });
}

TEST(PartFileFaults, ThePowerIsCutAtAnyCallAndAnythingUnsyncedMayBeLost) {
  std::mt19937 choice(2);
  for (int round = 0; round < 40; ++round) {
    with_trouble_everywhere(trouble::power_cut, EIO, [&](test_files& disk, bool good) {
      disk.crash(choice);
      expect_absent_old_or_whole(disk);
      EXPECT_TRUE(!good || disk.content("a") == version("B"));
    });
    if (HasFailure()) break;
  }
}

TEST(PartFileFaults, ThePowerIsCutAgainAndAgain) {
  for (unsigned seed = 0; seed < 3000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 choice(seed);
    const auto disk = make_disk(static_cast<int>(seed % beginnings));
    for (int cut = 0; cut < 4; ++cut) {
      disk->arrange(std::uniform_int_distribution<int>(1, 90)(choice), trouble::power_cut);
      run(*disk, "B");
      disk->crash(choice);
      expect_absent_old_or_whole(*disk);
    }
    expect_that_a_second_run_succeeds(*disk);
  }
}

TEST(PartFileFaults, WhatWasJournalledIsNotLost) {
  test_files disk;
  run(disk, "B", false);
  disk.crash();
  const auto part = part_file::prepare(disk, {"", "a"});
  ASSERT_TRUE(part && part->found());
  EXPECT_EQ(part->held().bytes(), 6 * piece);
}

TEST(PartFileFaults, WhatIsWrittenDuringACheckpointCountsOnlyAtTheNext) {
  for (const bool next : {false, true}) {
    test_files disk;
    {
      auto part = part_file::prepare(disk, {"", "a"});
      ASSERT_TRUE(part && part->begin(header_of("B")) && part->write(0, version("B").substr(0, 100)));
      disk.while_syncing = [&] { EXPECT_TRUE(part->write(100, version("B").substr(100, 100))); };
      ASSERT_TRUE(part->checkpoint() && (!next || part->checkpoint()));
    }
    disk.crash();
    const auto part = part_file::prepare(disk, {"", "a"});
    ASSERT_TRUE(part && part->found() && check_held(*part));
    EXPECT_EQ(part->held().bytes(), next ? 200u : 100u);
  }
}

TEST(PartFileFaults, WhatProvedWrongStaysForgotten) {
  std::mt19937 choice(3);
  for (int round = 0; round < 200; ++round) {
    test_files disk;
    {
      auto part = part_file::prepare(disk, {"", "a"});
      ASSERT_TRUE(part && part->begin(header_of("B")) && part->write(0, std::string(500, 'x')) && part->checkpoint());
      part->forget({100, 200});
      ASSERT_TRUE(part->checkpoint() && part->write(120, version("B").substr(120, 50)));
    }
    disk.crash(choice);
    const std::string journal = disk.content("a.part.sampan");
    for (std::size_t length = 0; length <= journal.size(); ++length) {
      disk.put("a.part.sampan", journal.substr(0, length));
      const auto part = part_file::prepare(disk, {"", "a"});
      ASSERT_TRUE(part);
      ASSERT_EQ(part->held().first_gap(100, 200), (interval{100, 200}));
    }
  }
}

TEST(PartFileFaults, ADiskThatLostSomethingIsNotBelievedAgain) {
  test_files disk;
  auto part = part_file::prepare(disk, {"", "a"});
  ASSERT_TRUE(part && part->begin(header_of("B")) && part->write(0, version("B")));
  disk.arrange(1, trouble::fails);
  EXPECT_TRUE(part->checkpoint().error().is_system(EIO));
  EXPECT_TRUE(part->checkpoint().error().is_system(EIO));
  EXPECT_TRUE(part->publish({}).error().is_system(EIO));
}

TEST(PartFileFaults, AStateThatCouldNotBeJournalledIsAtTheNextCheckpoint) {
  for (const int call : {2, 3}) {
    test_files disk;
    {
      auto part = part_file::prepare(disk, {"", "a"});
      ASSERT_TRUE(part && part->begin(header_of("B")) && part->write(0, version("B").substr(0, 500)));
      disk.arrange(call, trouble::fails);
      EXPECT_FALSE(part->checkpoint());
      EXPECT_TRUE(part->checkpoint());
    }
    disk.crash();
    const auto part = part_file::prepare(disk, {"", "a"});
    ASSERT_TRUE(part && part->found() && check_held(*part));
    EXPECT_EQ(part->held().bytes(), 500u);
  }
}

TEST(PartFileFaults, WithoutSpaceItSaysHowMuchIsMissing) {
  test_files disk;
  auto part = part_file::prepare(disk, {"", "a"});
  ASSERT_TRUE(part && part->begin(header_of("B")) && part->write(0, std::string(300, 'x')));
  disk.space = 17;
  EXPECT_EQ(part->check_space(size).error().detail(), "need 1000 bytes, have 17");
  disk.arrange(1, trouble::fails, ENOSPC);
  const auto failure = part->write(300, std::string(100, 'x')).error();
  EXPECT_TRUE(failure.is_system(ENOSPC));
  EXPECT_EQ(failure.detail(), "need 700 bytes, have 17");
  disk.arrange(1, trouble::is_shortened);
  EXPECT_TRUE(part->write(300, std::string(100, 'x')));
}

TEST(PartFileFaults, NeverReplacesWithNoClobberAlsoWhereThatTakesALink) {
  for (const bool there : {false, true}) {
    test_files disk;
    disk.can_refuse = false;
    auto part = part_file::prepare(disk, {"", "a", true});
    ASSERT_TRUE(part && part->begin(header_of("B")) && part->write(0, version("B")));
    if (there) disk.put("a", "theirs");
    EXPECT_EQ(static_cast<bool>(part->publish({})), !there);
    EXPECT_EQ(disk.content("a"), there ? "theirs" : version("B"));
    EXPECT_EQ(disk.names(), there ? 3u : 1u);
  }
}

}  // namespace
}  // namespace sampan::client
