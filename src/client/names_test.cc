#include "client/names.h"

#include <gtest/gtest.h>

namespace sampan::client {
namespace {

TEST(SafeFileName, NeverLeavesTheFolder) {
  EXPECT_EQ(safe_file_name("a.txt"), "a.txt");
  EXPECT_EQ(safe_file_name("dir/sub/a.txt"), "a.txt");
  EXPECT_EQ(safe_file_name("/etc/passwd"), "passwd");
  EXPECT_EQ(safe_file_name("../../evil"), "evil");
  EXPECT_EQ(safe_file_name(".bashrc"), "bashrc");
  EXPECT_EQ(safe_file_name("..."), "");
  EXPECT_EQ(safe_file_name("a/.."), "");
  EXPECT_EQ(safe_file_name("dir/"), "");
  EXPECT_EQ(safe_file_name(""), "");
  EXPECT_EQ(safe_file_name("a\nb\x1b\x7f"), "a_b__");
  EXPECT_EQ(safe_file_name("a\xc2\x9b"
                           "b"),
            "a_b");
  EXPECT_EQ(safe_file_name("foo\\bar"), "foo\\bar");
  EXPECT_EQ(safe_file_name("\xff\xfe.bin"), "\xff\xfe.bin");
}

TEST(SafeFileName, IsCutBeforeTheExtensionAndBetweenCharacters) {
  EXPECT_EQ(safe_file_name(std::string(300, 'x').append(".tar")), std::string(251, 'x').append(".tar"));
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "\xe4\xbd\xa0";
  EXPECT_EQ(safe_file_name(wide).size(), 255U);
  EXPECT_EQ(safe_file_name(wide, 1).size(), 252U);
  EXPECT_EQ(safe_file_name(std::string(300, '\x80')).size(), 255U);
}

TEST(PartName, FitsIntoAFolder) {
  EXPECT_EQ(part_name("a"), "a.part");
  EXPECT_EQ(part_name(std::string(255, 'x')), std::string(250, 'x').append(".part"));
}

}  // namespace
}  // namespace sampan::client
