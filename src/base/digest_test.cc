#include "base/digest.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

namespace sampan::base {
namespace {

using enum digest_algorithm;

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string hex_digest(digest_algorithm algorithm, std::string_view bytes) {
  hasher it(algorithm);
  it.update(bytes);
  return hex(it.finish());
}

// What sha512sum, sha256sum, sha1sum and md5sum say.
TEST(Digest, KnownAnswers) {
  EXPECT_EQ(hex_digest(sha512, "abc"),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_EQ(hex_digest(sha256, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_digest(sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_digest(md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_digest(sha256, ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, HasTheAnnouncedSize) {
  for (const auto algorithm : {sha512, sha256, sha1, md5}) {
    EXPECT_EQ(hasher(algorithm).finish().size(), digest_size(algorithm));
  }
}

TEST(Digest, EverySplitGivesTheSame) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);  // several blocks of each algorithm
  for (const auto algorithm : {sha512, sha256, sha1, md5}) {
    const std::string whole = hex_digest(algorithm, text);
    for (std::size_t at = 0; at <= text.size(); ++at) {
      hasher it(algorithm);
      it.update(std::span(text).first(at));
      it.update(std::span(text).subspan(at));
      ASSERT_EQ(hex(it.finish()), whole) << at;
    }
  }
}

TEST(Digest, BeginsAnewAfterItsEndAndMoves) {
  hasher first(sha256);
  first.update(std::string_view("other bytes"));
  (void)first.finish();
  first.update(std::string_view("ab"));
  hasher second = std::move(first);
  second.update(std::string_view("c"));
  EXPECT_EQ(hex(second.finish()), hex_digest(sha256, "abc"));
}

}  // namespace
}  // namespace sampan::base
