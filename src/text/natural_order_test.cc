#include "text/natural_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace sampan::text {
namespace {

TEST(NaturalOrder, SortsAsPeopleDo) {
  const std::vector<std::string> sorted = {
      "",
      " x",
      "-rf",
      "0",
      "00",
      "1",
      "1.txt",
      "01.txt.gz",  // the number is the same, the rest longer
      "2",
      "10",
      "10a",
      "99999999999999999999999998",
      "99999999999999999999999999",
      "100000000000000000000000000",
      "_",
      "A",
      "a",
      "a1",
      "A2",
      "a2",
      "a10b1",
      "a010b2",  // the numbers are the same as in the next: the bytes decide
      "a10b02",
      "a10b3",
      "aB",
      "ab",
      "b",
      "file9.txt",
      "file10.txt",
      "Zebra",
      "~",
      "\xc3\xa9",
      "\xff\xfe",
  };
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      EXPECT_EQ(natural_less(sorted[i], sorted[j]), i < j) << sorted[i] << " and " << sorted[j];
    }
  }
}

// Few different characters, so that equal beginnings, zeros and runs of digits are frequent.
std::string random_name(std::mt19937& random) {
  static constexpr std::string_view characters = "0019aAb.\xc3";
  std::string name(random() % 7, '\0');
  for (char& c : name) c = characters[random() % characters.size()];
  return name;
}

TEST(NaturalOrder, IsATotalOrder) {
  std::mt19937 random(20261125);
  for (int i = 0; i < 200'000; ++i) {
    const auto a = random_name(random);
    const auto b = random_name(random);
    const auto c = random_name(random);
    ASSERT_FALSE(natural_less(a, a)) << a;
    ASSERT_EQ(natural_less(a, b) + natural_less(b, a), a == b ? 0 : 1) << a << ' ' << b;
    if (natural_less(a, b) && natural_less(b, c)) {
      ASSERT_TRUE(natural_less(a, c)) << a << ' ' << b << ' ' << c;
    }
  }
}

TEST(NaturalOrder, AnyBeginningGivesTheSameList) {
  std::mt19937 random(7);
  std::vector<std::string> names(2000);
  for (auto& name : names) name = random_name(random);
  auto again = names;
  std::shuffle(again.begin(), again.end(), random);
  std::sort(names.begin(), names.end(), natural_less);
  std::sort(again.begin(), again.end(), natural_less);
  EXPECT_EQ(names, again);
}

}  // namespace
}  // namespace sampan::text
