#include "cli/get_json.h"

#include <gtest/gtest.h>

namespace sampan::cli {
namespace {

const json_subject iso{"http://h/a.iso", "a.iso"};
const std::string begin = R"("url":"http://h/a.iso","file":"a.iso")";

std::string of(get_event what, double speed = 0) { return json_line(iso, what, speed); }

TEST(GetJson, Events) {
  const error why = error::make(errc::refused_by_peer, "get", "a.iso", "503 \"x\"");
  get_event what;
  what.what = "connecting";
  EXPECT_EQ(of(what), "");
  what.now = get_event::kind::begin;
  what.bytes = 5;
  EXPECT_EQ(of(what), "{\"event\":\"start\"," + begin + ",\"resumed\":5}\n");
  what.size = 10;
  EXPECT_EQ(of(what), "{\"event\":\"start\"," + begin + ",\"size\":10,\"resumed\":5}\n");
  what.now = get_event::kind::progress;
  what.connections = 2;
  EXPECT_EQ(of(what, 12.7),
            "{\"event\":\"progress\"," + begin + ",\"bytes\":5,\"size\":10,\"speed\":12,\"connections\":2}\n");
  what.now = get_event::kind::retry;
  what.why = &why;
  what.pause = std::chrono::milliseconds(1500);
  EXPECT_EQ(of(what),
            "{\"event\":\"retry\"," + begin +
                ",\"code\":\"refused_by_peer\",\"error\":\"get a.iso: refused by the server (503 \\\"x\\\")\","
                "\"seconds\":1.500}\n");
  what.now = get_event::kind::verified;
  what.what = "sha-256";
  EXPECT_EQ(of(what), "{\"event\":\"verified\"," + begin + ",\"algorithm\":\"sha-256\"}\n");
}

TEST(GetJson, TheEnd) {
  get_outcome done;
  done.bytes = 10;
  done.length_known = true;
  EXPECT_EQ(
      json_line(iso, done, 0.25, ""),
      "{\"event\":\"done\"," + begin + ",\"bytes\":10,\"seconds\":0.250,\"length_known\":true,\"verified\":false}\n");
  done.verified = true;
  EXPECT_EQ(json_line(iso, done, 0.25, "\xab\xcd"),
            "{\"event\":\"done\"," + begin +
                ",\"bytes\":10,\"seconds\":0.250,\"length_known\":true,\"verified\":true,\"sha256\":\"abcd\"}\n");
  const error why =
      error::make(errc::cut_short, "receive from", "h:80").with_unfinished({"a.iso.part", 5, std::uint64_t{10}});
  EXPECT_EQ(json_line(iso, why, 9),
            "{\"event\":\"error\"," + begin +
                ",\"status\":9,\"code\":\"cut_short\",\"message\":\"receive from h:80: ended too early\","
                "\"kept\":\"a.iso.part\",\"kept_bytes\":5,\"size\":10}\n");
}

TEST(GetJson, WhatAPeerSaysIsEscaped) {
  const json_subject hostile{"http://h/\x1b", "\"\n\xff\u202e"};
  EXPECT_EQ(json_line(hostile, error::make(errc::interrupted, "get", "\x9b"), 130),
            "{\"event\":\"error\",\"url\":\"http://h/\\u001b\",\"file\":\"\\\"\\n\\ufffd\\u202e\",\"status\":130,"
            "\"code\":\"interrupted\",\"message\":\"get \\ufffd: interrupted\"}\n");
}

}  // namespace
}  // namespace sampan::cli
