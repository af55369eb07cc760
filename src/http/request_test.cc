#include "http/request.h"

#include <gtest/gtest.h>

#include <string>

namespace sampan::http {
namespace {

void add(request_head& head, std::string_view name, std::string_view value) {
  head.add({name, value}, known_field(name));
}

TEST(KnownField, IsFoundInAnyCase) {
  const std::pair<std::string, known> rows[] = {
      {"Host", known::host},
      {"Connection", known::connection},
      {"Content-Length", known::content_length},
      {"Transfer-Encoding", known::transfer_encoding},
      {"Expect", known::expect},
      {"Range", known::range},
      {"If-Range", known::if_range},
      {"If-Match", known::if_match},
      {"If-None-Match", known::if_none_match},
      {"If-Modified-Since", known::if_modified_since},
      {"If-Unmodified-Since", known::if_unmodified_since},
      {"Accept", known::accept},
      {"Accept-Encoding", known::accept_encoding},
      {"User-Agent", known::user_agent},
      {"Referer", known::referer},
      {"Origin", known::origin},
      {"Want-Repr-Digest", known::want_repr_digest},
  };
  ASSERT_EQ(std::size(rows), static_cast<std::size_t>(known::count_));
  for (const auto& [name, which] : rows) {
    EXPECT_EQ(known_field(name), which) << name;
    for (std::size_t i = 0; i < name.size(); ++i) {
      std::string other = name;
      other[i] = static_cast<char>(other[i] ^ 0x20);
      // The bit is the case of a letter; of a hyphen it makes a CR.
      EXPECT_EQ(known_field(other), name[i] == '-' ? known::count_ : which) << other;
      for (const int bit : {1, 2, 4, 8, 0x10, 0x40, 0x80}) {
        other[i] = static_cast<char>(name[i] ^ bit);
        EXPECT_EQ(known_field(other), known::count_) << other;
      }
    }
    EXPECT_EQ(known_field(name + "x"), known::count_) << name;
    EXPECT_EQ(known_field(name + std::string(16, 'x')), known::count_) << name;  // of the same slot
    EXPECT_EQ(known_field(name.substr(1)), known::count_) << name;
  }
  for (const char* name : {"", "a", "Hos", "Via", "Date", "Cookie", "Accept-Language"}) {
    EXPECT_EQ(known_field(name), known::count_) << name;
  }
}

TEST(RequestHead, TellsAbsentFromEmpty) {
  request_head head;
  EXPECT_FALSE(head.has(known::if_match));
  EXPECT_EQ(head.value(known::if_match).data(), nullptr);
  EXPECT_EQ(head.combined(known::if_match), "");
  add(head, "If-Match", "");
  EXPECT_TRUE(head.has(known::if_match));
  EXPECT_NE(head.value(known::if_match).data(), nullptr);
}

TEST(RequestHead, JoinsRepeatedLines) {
  request_head head;
  add(head, "X", "0");
  add(head, "If-None-Match", "\"a\", \"b\"");
  add(head, "if-match", "c");
  EXPECT_FALSE(head.repeated(known::if_none_match));
  EXPECT_EQ(head.combined(known::if_none_match), "\"a\", \"b\"");
  add(head, "if-none-match", "\"d\"");
  add(head, "IF-NONE-MATCH", "");
  EXPECT_TRUE(head.repeated(known::if_none_match));
  EXPECT_FALSE(head.repeated(known::if_match));
  EXPECT_EQ(head.combined(known::if_none_match), "\"a\", \"b\", \"d\", ");
  EXPECT_EQ(head.value(known::if_none_match), "\"a\", \"b\"");
  EXPECT_EQ(head.fields().size(), 5U);
}

TEST(RequestHead, IsEmptyAfterClear) {
  request_head head;
  add(head, "Host", "a");
  add(head, "Host", "b");
  head.clear();
  EXPECT_TRUE(head.fields().empty());
  EXPECT_FALSE(head.has(known::host) || head.repeated(known::host));
}

TEST(RequestHead, HasRoomForSoMany) {
  request_head head;
  for (std::size_t i = 0; i < most_fields; ++i) add(head, "X", "1");
  add(head, "Host", "h");
  EXPECT_EQ(head.fields().size(), most_fields);
  EXPECT_FALSE(head.has(known::host));
}

}  // namespace
}  // namespace sampan::http
