#include "http/digest_fields.h"

#include <gtest/gtest.h>

#include <vector>

#include "text/base64.h"

namespace sampan::http {
namespace {

using base::digest_algorithm;
using lines = std::vector<std::string_view>;

std::string bytes_of(digest_algorithm algorithm, char fill = 'x') {
  return std::string(base::digest_size(algorithm), fill);
}
std::string base64_of(digest_algorithm algorithm, char fill = 'x') {
  return text::base64_encode(bytes_of(algorithm, fill));
}

const std::string sha512 = base64_of(digest_algorithm::sha512), sha256 = base64_of(digest_algorithm::sha256),
                  other_sha256 = base64_of(digest_algorithm::sha256, 'y'), sha1 = base64_of(digest_algorithm::sha1),
                  md5 = base64_of(digest_algorithm::md5);

void expect(const digest_reading& read, std::optional<digest_algorithm> best, bool has_note, const std::string& value) {
  const auto expected = best ? std::optional(digest{*best, bytes_of(*best)}) : std::nullopt;
  EXPECT_EQ(read.best, expected) << value;
  EXPECT_EQ(!read.note.empty(), has_note) << value << ": " << read.note;
}

struct row {
  std::string value;
  std::optional<digest_algorithm> best;
  bool has_note;
};

TEST(ReprDigest, FindsTheStrongest) {
  const row table[] = {
      {"sha-256=:" + sha256 + ":", digest_algorithm::sha256, false},
      {"sha-256=:" + sha256 + ":,sha-512=:" + sha512 + ":", digest_algorithm::sha512, false},
      {"md5=:" + md5 + ":, sha=:" + sha1 + ":", digest_algorithm::sha1, false},
      {"md5=:" + md5 + ":;x=1", digest_algorithm::md5, false},
      {"sha-256=:" + sha256 + ":, sha-256=:" + sha256 + ":", digest_algorithm::sha256, false},
      {"", std::nullopt, false},
      // What is ignored.
      {"sha3-256=:" + sha256 + ":, sha-256=:" + sha256 + ":", digest_algorithm::sha256, true},
      {"unixsum=5, sha-256=:" + sha256 + ":", digest_algorithm::sha256, true},
      {"unixsum=:AAA=:", std::nullopt, true},
      {"sha-512=:" + sha256 + ":, sha-256=:" + sha256 + ":", digest_algorithm::sha256, true},
      {"sha-512=5, sha-256=:" + sha256 + ":", digest_algorithm::sha256, true},
      {"sha-256=::", std::nullopt, true},
      {"sha-256=:" + sha256 + ":, sha-256=:" + other_sha256 + ":, md5=:" + md5 + ":", digest_algorithm::md5, true},
      {"sha-256=:" + other_sha256 + ":, sha-256=:" + sha256 + ":, sha-256=:" + sha256 + ":", std::nullopt, true},
      {"sha-256=:" + sha256, std::nullopt, true},
      {"sha-256=" + sha256, std::nullopt, true},
      {"SHA-256=:" + sha256 + ":", std::nullopt, true},
      {"sha-256=:" + sha256 + ":, oh no", std::nullopt, true},
      {"sha-256=:" + sha256 + ":,", std::nullopt, true},
  };
  for (const auto& [value, best, has_note] : table) expect(read_repr_digest(lines{value}), best, has_note, value);
}

TEST(ReprDigest, ReadsSeveralLinesAsOne) {
  const std::string strong = "sha-512=:" + sha512 + ":", weak = "md5=:" + md5 + ":";
  expect(read_repr_digest(lines{weak, "", " ", strong}), digest_algorithm::sha512, false, "");
  expect(read_repr_digest(lines{}), std::nullopt, false, "");
  const std::string one = "sha-256=:" + sha256 + ":", two = "sha-256=:" + other_sha256 + ":";
  expect(read_repr_digest(lines{one, two}), std::nullopt, true, "");
}

TEST(ReprDigest, HasLimits) {
  const std::string one = "sha-256=:" + sha256 + ":";
  std::string many = one;
  for (int i = 0; i < 99; ++i) many += ",x=1";
  expect(read_repr_digest(lines{many}), digest_algorithm::sha256, true, "100");
  expect(read_repr_digest(lines{many, "x"}), std::nullopt, true, "101");
  const std::string huge = one + ", x=\"" + std::string(16'400, 'x') + '"';
  expect(read_repr_digest(lines{huge}), std::nullopt, true, "huge");
  const std::string half = "x=\"" + std::string(8'200, 'x') + '"';
  expect(read_repr_digest(lines{one, half, half}), std::nullopt, true, "halves");
}

TEST(Digest, ReadsTheOlderForm) {
  const row table[] = {
      {"SHA-256=" + sha256, digest_algorithm::sha256, false},
      {"sha-256=" + sha256 + ",SHA-512=" + sha512, digest_algorithm::sha512, false},
      {" MD5=" + md5 + " , ,SHA=" + sha1, digest_algorithm::sha1, false},
      {"", std::nullopt, false},
      {"UNIXsum=30637, MD5=" + md5, digest_algorithm::md5, true},
      {"SHA-256=" + std::string(64, 'a') + ", MD5=" + md5, digest_algorithm::md5, true},  // hexadecimal
      {"SHA-256=:" + sha256 + ":", std::nullopt, true},
      {"SHA-256, MD5=" + md5, digest_algorithm::md5, true},
      {"SHA-256=" + sha256 + ", SHA-256=" + other_sha256, std::nullopt, true},
      {"SHA-256=" + sha256 + ";q=1", std::nullopt, true},
      {"=" + sha256, std::nullopt, true},
  };
  for (const auto& [value, best, has_note] : table) expect(read_digest(lines{value}), best, has_note, value);
  std::string many = "MD5=" + md5;
  for (int i = 0; i < 100; ++i) many += ",x=1";
  expect(read_digest(lines{many}), std::nullopt, true, "101");
}

TEST(ReprDigest, ReadsWhatItWrites) {
  for (const auto algorithm :
       {digest_algorithm::sha512, digest_algorithm::sha256, digest_algorithm::sha1, digest_algorithm::md5}) {
    const digest one{algorithm, bytes_of(algorithm)};
    const auto written = format_repr_digest(one);
    expect(read_repr_digest(lines{written}), algorithm, false, written);
  }
  EXPECT_EQ(format_repr_digest({digest_algorithm::sha256, bytes_of(digest_algorithm::sha256)}),
            "sha-256=:" + sha256 + ":");
}

TEST(WantReprDigest, AsksForSha256) {
  for (const char* yes :
       {"sha-256=1", "sha-256=10", "sha-512=3, sha-256=10, unixsum=0", "sha-256=0,sha-256=5", "sha-256=1;x"}) {
    EXPECT_TRUE(wants_sha256(yes)) << yes;
  }
  for (const char* no : {"", "sha-256=0", "sha-256=11", "sha-256=-1", "sha-256", "sha-256=1.0", "sha-512=10",
                         "SHA-256=1", "sha-256=5,", "sha-256=5, sha-256=0", "sha-256:1", "sha-256=:AA==:"}) {
    EXPECT_FALSE(wants_sha256(no)) << no;
  }
}

}  // namespace
}  // namespace sampan::http
