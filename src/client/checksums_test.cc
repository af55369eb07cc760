#include "client/checksums.h"

#include <gtest/gtest.h>

#include "text/hex.h"

namespace sampan::client {
namespace {

const std::string a_sum(64, 'a'), b_sum(64, 'B'), c_sum(64, '0');
const std::string capitals(64, 'A'), no_digits(64, 'g'), md5_sum(32, 'c'), sha512_sum(128, 'c');

// The sum in hexadecimal; `none`, or `contradictory`.
std::string find(std::string_view sums, std::string_view name = "f") {
  bool contradictory = true;
  const auto found = find_sha256(sums, name, &contradictory);
  EXPECT_EQ(find_sha256(sums, name), found);
  EXPECT_FALSE(found && contradictory);
  return found ? text::hex_encode(*found) : contradictory ? "contradictory" : "none";
}

TEST(Checksums, ReadsEachForm) {
  for (const std::string& good :
       {a_sum + "  f", a_sum + " *f\n", a_sum + " f\n", a_sum + "\tf\n", a_sum + "  ./f\r\n", a_sum + "  d/e/f\n",
        "SHA256 (f) = " + a_sum, "SHA256(f)= " + a_sum + "\r\n", "SHA2-256(f)= " + a_sum,
        "SHA256 (./f) = " + a_sum + "\n", "\xef\xbb\xbf" + a_sum + "  f\n", "\\" + a_sum + "  f\n", capitals + "  f\n",
        "# sums\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + b_sum + "  g\n" + a_sum +
            "  f\n-----END PGP-----\n",
        "MD5 (f) = " + md5_sum + "\nSHA256 (f) = " + a_sum, md5_sum + "  f\n" + a_sum + "  f\n",
        sha512_sum + "  f\n" + a_sum + "  f\n"}) {
    EXPECT_EQ(find(good), a_sum) << good;
  }
}

TEST(Checksums, ComparesNamesAsBytes) {
  EXPECT_EQ(find(a_sum + "   f", " f"), a_sum);
  EXPECT_EQ(find(a_sum + "  a b  ", "a b  "), a_sum);
  EXPECT_EQ(find(a_sum + "  *", "*"), a_sum);
  EXPECT_EQ(find("SHA256 (a (1) = ) b) = " + a_sum, "a (1) = ) b"), a_sum);
  EXPECT_EQ(find("\\" + a_sum + R"(  a\nb\\c\rd\x)", "a\nb\\c\rd\\x"), a_sum);
  EXPECT_EQ(find("\\SHA256 (a\\\\b) = " + a_sum, "a\\b"), a_sum);
  EXPECT_EQ(find(a_sum + R"(  a\nb)", R"(a\nb)"), a_sum);
  EXPECT_EQ(find(a_sum + "  F"), "none");
  EXPECT_EQ(find(a_sum + "  xf"), "none");
}

TEST(Checksums, PrefersTheEqualName) {
  const auto both = a_sum + "  d/f\n" + c_sum + "  f\n";
  EXPECT_EQ(find(both), c_sum);
  EXPECT_EQ(find(both, "./f"), c_sum);
  EXPECT_EQ(find(both, "d/f"), a_sum);
  EXPECT_EQ(find(both, "e/f"), "none");
}

TEST(Checksums, TellsContradictions) {
  EXPECT_EQ(find(a_sum + "  f\n" + b_sum + "  f\n"), "contradictory");
  EXPECT_EQ(find(a_sum + "  f\n" + b_sum + " *./f\n" + a_sum + "  f\n"), "contradictory");
  EXPECT_EQ(find(a_sum + "  d/f\n" + b_sum + "  e/f\n"), "contradictory");
  EXPECT_EQ(find(a_sum + "  d/f\n" + a_sum + "  e/f\n"), a_sum);
  EXPECT_EQ(find(a_sum + "  f\nSHA256 (f) = " + a_sum), a_sum);
}

TEST(Checksums, FindsNone) {
  for (const std::string& none :
       {std::string(), std::string("\n\n"), a_sum, a_sum + " ", a_sum + "  ", a_sum + "xf", a_sum + "a  f",
        no_digits + "  f", " " + a_sum + "  f", "SHA256 (f) = " + a_sum + "0", "SHA256 (f) " + a_sum,
        "SHA256 )f( = " + a_sum, "SHA512 (f) = " + a_sum, "() = " + a_sum, "SHA256 (f) = " + a_sum + " x"}) {
    EXPECT_EQ(find(none), "none") << none;
  }
}

}  // namespace
}  // namespace sampan::client
