#include "http/multipart.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace sampan::http {
namespace {

TEST(ContentRange, Writes) {
  EXPECT_EQ(content_range({0, 4}, 10), "bytes 0-4/10");
  EXPECT_EQ(content_range({9, 9}, 10), "bytes 9-9/10");
  EXPECT_EQ(content_range({4'294'967'294, 4'294'967'299}, 5'368'709'120), "bytes 4294967294-4294967299/5368709120");
  EXPECT_EQ(content_range_unsatisfied(10), "bytes */10");
  EXPECT_EQ(content_range_unsatisfied(std::numeric_limits<std::uint64_t>::max()), "bytes */18446744073709551615");
}

TEST(Multipart, BodyIsFramed) {
  const std::string_view file = "0123456789";
  const std::array<byte_range, 2> ranges = {{{8, 9}, {0, 0}}};
  std::string body;
  for (const auto& range : ranges) {
    body += part_head("b0", "text/plain", range, file.size(), body.empty());
    body += file.substr(range.first, range.length());
  }
  body += closing("b0");
  EXPECT_EQ(body,
            "--b0\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89"
            "\r\n--b0\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/10\r\n\r\n0"
            "\r\n--b0--\r\n");
  EXPECT_EQ(multipart_length("b0", "text/plain", ranges, file.size()), body.size());
  EXPECT_EQ(multipart_type("b0"), "multipart/byteranges; boundary=b0");
}

TEST(Multipart, LengthHas64Bits) {
  const std::array<byte_range, 2> ranges = {{{0, 3'000'000'000}, {4'000'000'000, 7'999'999'999}}};
  const auto bytes = std::uint64_t{3'000'000'001} + 4'000'000'000;
  const auto framing = part_head("b", "a/b", ranges[0], 8'000'000'000, true).size() +
                       part_head("b", "a/b", ranges[1], 8'000'000'000, false).size() + closing("b").size();
  EXPECT_EQ(multipart_length("b", "a/b", ranges, 8'000'000'000), bytes + framing);
}

}  // namespace
}  // namespace sampan::http
