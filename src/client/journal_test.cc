#include "client/journal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sampan::client {
namespace {

// A journal with some lines, and what it said after each.
struct example {
  std::string bytes;
  std::vector<std::size_t> ends;
  std::vector<journal_state> states;
};

example make_example() {
  example made;
  journal_state now;
  now.header = {
      "http://h/a%20b", "https://h2/ü", "W/\"\x01%\"", "Mon, 01 Jan 2024 00:00:00 GMT", "", "text/plain", 9000};
  journal_writer writer;
  const auto note = [&](const std::string& bytes) {
    made.bytes += bytes;
    made.ends.push_back(made.bytes.size());
    made.states.push_back(now);
  };
  note(writer.begin(now.header, now.held));
  for (const interval one : {interval{0, 100}, {8000, 9000}, {100, 200}}) {
    now.held.add(one);
    note(writer.next(now.held));
  }
  return made;
}

TEST(Journal, IsTextForPeople) {
  journal_writer writer;
  EXPECT_EQ(writer.begin({"http://h/a", "", "\"x\ny\"", "", "", "", 10}, {}),
            "73c6e187 sampan-journal 1\n58b2a0c3 url http://h/a\ncb91c831 etag \"x%0ay\"\n5374ca43 total 10\nbef5d028 "
            "held\n");
}

TEST(Journal, GivesBackWhatWasWritten) {
  const auto made = make_example();
  for (std::size_t i = 0; i < made.ends.size(); ++i) {
    const auto reading = read_journal(std::string_view(made.bytes).substr(0, made.ends[i]));
    EXPECT_EQ(reading.condition, journal_condition::whole);
    EXPECT_EQ(reading.state, made.states[i]) << i;
  }
}

// How much was good: the last line that ends at or before `intact`.
void expect_prefix(const example& made, const std::string& damaged, std::size_t intact) {
  const auto reading = read_journal(damaged);
  const auto good = std::upper_bound(made.ends.begin(), made.ends.end(), intact) - made.ends.begin();
  if (good == 0) {
    ASSERT_FALSE(reading.state) << intact;
    ASSERT_NE(reading.condition, journal_condition::whole);
  } else {
    ASSERT_EQ(reading.state, made.states[static_cast<std::size_t>(good - 1)]) << intact;
  }
}

TEST(Journal, TruncatedAnywhereItSaysWhatItSaidBefore) {
  const auto made = make_example();
  for (std::size_t size = 0; size <= made.bytes.size(); ++size) expect_prefix(made, made.bytes.substr(0, size), size);
}

TEST(Journal, WithAnyBitFlippedItSaysWhatItSaidBefore) {
  const auto made = make_example();
  for (std::size_t bit = 0; bit < made.bytes.size() * 8; ++bit) {
    std::string damaged = made.bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    expect_prefix(made, damaged, bit / 8);
  }
}

TEST(Journal, WithAHoleOrARepeatedLineItSaysWhatItSaidBefore) {
  const auto made = make_example();
  std::string zeros = made.bytes;
  std::fill(zeros.begin() + static_cast<std::ptrdiff_t>(made.ends[1]), zeros.end(), '\0');
  expect_prefix(made, zeros, made.ends[1]);
  const auto last = made.bytes.substr(made.ends[2]);
  const auto without_one = made.bytes.substr(0, made.ends[1]) + last;
  expect_prefix(made, without_one, made.ends[1]);
  EXPECT_EQ(read_journal(made.bytes + last).state, made.states.back());
  EXPECT_EQ(read_journal(made.bytes + last).condition, journal_condition::torn);
}

// The checksum of each line is put in front of it, as a writer does.
std::string sealed(const std::vector<std::string>& lines) {
  boost::crc_32_type checksum;
  std::string bytes;
  for (const auto& line : lines) {
    checksum.process_bytes(line.data(), line.size());
    char digits[16];
    std::snprintf(digits, sizeof digits, "%08x ", checksum.checksum());
    bytes += digits + line + '\n';
  }
  return bytes;
}

TEST(Journal, TellsWhatItIsNot) {
  EXPECT_EQ(read_journal("").condition, journal_condition::garbage);
  EXPECT_EQ(read_journal(std::string(5000, '\0')).condition, journal_condition::garbage);
  EXPECT_EQ(read_journal(sealed({"another-journal 1", "held"})).condition, journal_condition::garbage);
  EXPECT_EQ(read_journal(sealed({"sampan-journal 1"})).condition, journal_condition::garbage);
  EXPECT_EQ(read_journal(sealed({"sampan-journal 2", "held"})).condition, journal_condition::other_version);
  EXPECT_EQ(read_journal(sealed({"sampan-journal 1", "held"})).condition, journal_condition::whole);
}

TEST(Journal, RefusesLinesThatNoWriterWrites) {
  for (const char* line :
       {"held 5-5", "held 5-4", "held 1-2 2-3", "held 4-5 1-2", "held -", "held 1", "held 1-", "held x-3",
        "held 1-2  4-5", "held 0-99999999999999999999", "held 1-2-3", "total 10", "what 1", ""}) {
    const auto reading = read_journal(sealed({"sampan-journal 1", "total 10", "held 0-1", line}));
    ASSERT_TRUE(reading.state) << line;
    EXPECT_EQ(reading.state->held.bytes(), 1u) << line;
    EXPECT_EQ(reading.condition, journal_condition::torn) << line;
  }
  for (const char* line : {"total", "total x", "url", "url ", "unknown x", "etag a"}) {
    EXPECT_FALSE(read_journal(sealed({"sampan-journal 1", "etag a", line, "held"})).state) << line;
  }
}

TEST(Journal, HasLimits) {
  journal_header header;
  header.etag = std::string(longest_journal_value + 1, 'x');
  header.url = std::string(longest_journal_value, '\x01');
  intervals held;
  for (std::uint64_t i = 0; i < most_journal_intervals + 5; ++i) held.add({10 * i, 10 * i + 1});
  journal_writer writer;
  const auto bytes = writer.begin(header, held);
  EXPECT_LT(bytes.size(), longest_journal);
  const auto reading = read_journal(bytes);
  ASSERT_TRUE(reading.state);
  EXPECT_EQ(reading.state->header.etag, "");
  EXPECT_EQ(reading.state->header.url, header.url);
  EXPECT_EQ(reading.state->held.bytes(), most_journal_intervals);
}

TEST(Journal, KeepsNoSecretsOfAUrl) {
  const std::string digest = "?sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";  // of nothing
  const std::pair<const char*, std::string> table[] = {
      {"http://h/a", "http://h/a"},
      {"http://h/a#part", "http://h/a"},
      {"http://user:secret@h:80/a@b", "http://h:80/a@b"},
      {"http://user:se@cret@h/a", "http://h/a"},
      {"http://user@h", "http://h"},
      {"http://user@h?", "http://h" + digest},
      {"http://h/a?#x?y", "http://h/a" + digest},
      {"user@h/a", "h/a"},
      {"", ""},
  };
  for (const auto& [url, kept] : table) EXPECT_EQ(journal_url(url), kept) << url;
  EXPECT_EQ(journal_url("http://h/a?t=1").find("t=1"), std::string::npos);
  EXPECT_NE(journal_url("http://h/a?t=1"), journal_url("http://h/a?t=2"));
}

}  // namespace
}  // namespace sampan::client
