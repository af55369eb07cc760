#include "talk/transcript.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sampan::talk {
namespace {

using std::chrono::sys_days;
constexpr std::chrono::system_clock::time_point moment =
    sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(13) + milliseconds(5007);

TEST(Transcript, OneLine) {
  const record what{moment, direction::in, 2, "127.0.0.1:36850", "\xc4\xe3\n", "你\n"};
  EXPECT_EQ(
      record_to_json(what, milliseconds(12)),
      R"({"time":"2026-03-01T13:00:05.007Z","delta_ms":12,"direction":"in","client":2,"peer":"127.0.0.1:36850","size":3,)"
      R"("hex":"c4e30a","text":"你\n"})"
      "\n");
}

TEST(Transcript, EveryByteComesBack) {
  record what{moment, direction::out, 0, "peer \"\\", {}, {}};
  for (int b = 0; b < 256; ++b) what.bytes += static_cast<char>(b);
  what.text = what.bytes;  // no UTF-8: a shower that did not decode
  const std::string line = record_to_json(what, milliseconds(0));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto read = nlohmann::json::parse(line);
  EXPECT_EQ(read["peer"], "peer \"\\");
  EXPECT_EQ(read["size"], 256);
  const auto again = record_from_json(line).value();
  EXPECT_EQ(again.bytes, what.bytes);
  EXPECT_EQ(again.way, direction::out);
}

TEST(Transcript, ReadTolerantly) {
  const auto got =
      record_from_json(
          R"( { "hex" : "02 45" , "x":"\"}{\\", "direction":"in" ,"y":-1.5e3,"z":null,"client":7,"delta_ms":3 } )")
          .value();
  EXPECT_EQ(got.bytes, "\x02\x45");
  EXPECT_EQ(got.way, direction::in);
  EXPECT_EQ(got.client, 7U);
  EXPECT_EQ(got.delta, milliseconds(3));
}

TEST(Transcript, WhatIsNoRecord) {
  const std::string good = R"({"delta_ms":0,"direction":"out","hex":"00"})";
  ASSERT_TRUE(record_from_json(good));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(record_from_json(good.substr(0, length))) << length;
  for (const char* line :
       {"", "{}", "[]", "null", R"({"delta_ms":0,"direction":"out","hex":"0"})",
        R"({"delta_ms":-1,"direction":"out","hex":"00"})", R"({"delta_ms":0,"direction":"up","hex":"00"})",
        R"({"direction":"out","hex":"00"})", R"({"delta_ms":0,"hex":"00"})",
        R"({"delta_ms":0,"direction":"out","hex":"00"} x)", R"({"delta_ms":0,"direction":"out","hex":"00",})",
        R"({"a":{"delta_ms":0},"direction":"out","hex":"00"})", R"({"delta_ms":0.5,"direction":"out","hex":"00"})"}) {
    EXPECT_FALSE(record_from_json(line)) << line;
  }
}

TEST(Transcript, ALongPauseIsADay) {
  EXPECT_EQ(record_from_json(R"({"delta_ms":9223372036854775807,"direction":"out","hex":""})").value().delta.count(),
            86'400'000);
}

}  // namespace
}  // namespace sampan::talk
