#include "server/metalink.h"

#include <gtest/gtest.h>

namespace sampan::serving {
namespace {

const file_digests two_pieces{std::string(32, '\x01'), std::string(32, '\xab') + std::string(32, '\xcd'), true};

std::string times(std::string_view pair, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += pair;
  return out;
}

TEST(Metalink, IsWritten) {
  const metalink_subject about{"a.iso", "http://h:7890/d/a.iso", 1'500'000, 981'173'106};
  EXPECT_EQ(write_metalink(about, two_pieces),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">\n"
            "<updated>2001-02-03T04:05:06Z</updated>\n"
            "<file name=\"a.iso\">\n"
            "<size>1500000</size>\n"
            "<hash type=\"sha-256\">" +
                times("01", 32) +
                "</hash>\n"
                "<pieces type=\"sha-256\" length=\"1048576\">\n"
                "<hash>" +
                times("ab", 32) + "</hash>\n<hash>" + times("cd", 32) +
                "</hash>\n"
                "</pieces>\n"
                "<url>http://h:7890/d/a.iso</url>\n"
                "</file>\n"
                "</metalink>\n");
}

TEST(Metalink, OfAnEmptyFileHasNoPieces) {
  const file_digests none{std::string(32, '\0'), "", true};
  EXPECT_EQ(write_metalink({"x", "http://h/x", 0, 0}, none).find("pieces"), std::string::npos);
}

TEST(Metalink, NamesAreInert) {
  const std::string text = write_metalink({"\"><&'\n\xff\x01\xef\xbf\xbf", "http://h'&/\"<", 0, 0}, two_pieces);
  EXPECT_NE(text.find("<file name=\"&quot;&gt;&lt;&amp;&#39;\\n\\xff\\x01\\u{ffff}\">\n"), std::string::npos) << text;
  EXPECT_NE(text.find("<url>http://h&#39;&amp;/&quot;&lt;</url>"), std::string::npos) << text;
}

}  // namespace
}  // namespace sampan::serving
