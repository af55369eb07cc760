#include "text/base64.h"

#include <gtest/gtest.h>

namespace sampan::text {
namespace {

TEST(Base64, KnowsTheExamplesOfTheRfc) {  // RFC 4648 10
  const std::pair<const char*, const char*> table[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : table) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, EveryByteComesBackAtEveryLength) {
  std::string all;
  for (int byte = 255; byte >= 0; --byte) {
    all += static_cast<char>(byte);
    EXPECT_EQ(base64_decode(base64_encode(all)), all);
  }
}

TEST(Base64, RefusesTheRest) {
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zm9v=", "Zg==Zg==", "Z=g=", "Zm 9", "Zm9v\n",
                          "Zm9-", "Zm9_", "Zh==", "Zm9=", "\xc3\xa4==", " Zg=="}) {
    EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(base64_decode(std::string_view("Zg\0=", 4)), std::nullopt);
}

}  // namespace
}  // namespace sampan::text
