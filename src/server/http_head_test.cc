#include "server/http_head.h"

#include <gtest/gtest.h>

namespace sampan::serving {
namespace {

constexpr std::int64_t now = 1'772'370'309;  // Sun, 01 Mar 2026 13:05:09 GMT

served_file page() {
  served_file file;
  file.size = 11;
  file.etag = "\"1-b-2-3\"";
  file.modified = 1'700'000'000;
  file.media_type = "text/html; charset=utf-8";
  file.varies = true;
  file.in_memory = true;
  file.ready = "the content";
  return file;
}

served_file picture() {
  served_file file = page();
  file.media_type = "image/png";
  file.varies = false;
  return file;
}

http_settings plain() { return http_settings(serve_options{}); }

std::string ready(served_file file, const http_settings& settings) {
  make_ready(file, now, settings);
  return file.ready;
}

TEST(HttpHead, OfAPlainAnswer) {
  EXPECT_EQ(ready(page(), plain()),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 01 Mar 2026 13:05:09 GMT\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Cache-Control: no-cache\r\n"
            "ETag: \"1-b-2-3\"\r\n"
            "Vary: Accept-Encoding\r\n"
            "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
            "Accept-Ranges: bytes\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Length: 11\r\n"
            "\r\n"
            "the content");
}

TEST(HttpHead, OfWhatHasOneFormOnly) {
  served_file file = picture();
  file.in_memory = false;
  file.ready.clear();
  file.size = 18'446'744'073'709'551'615U;
  EXPECT_EQ(ready(file, plain()),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 01 Mar 2026 13:05:09 GMT\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Cache-Control: no-cache\r\n"
            "ETag: \"1-b-2-3\"\r\n"
            "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
            "Accept-Ranges: bytes\r\n"
            "Content-Type: image/png\r\n"
            "Content-Length: 18446744073709551615\r\n"
            "\r\n");
}

TEST(HttpHead, NamesTheCoding) {
  const struct {
    http::coding coding;
    const char* line;
  } rows[] = {{http::coding::gzip, "\r\nContent-Encoding: gzip\r\n"},
              {http::coding::br, "\r\nContent-Encoding: br\r\n"},
              {http::coding::zstd, "\r\nContent-Encoding: zstd\r\n"}};
  for (const auto& row : rows) {
    served_file file = page();
    file.coding = row.coding;
    const std::string head = ready(file, plain());
    EXPECT_NE(head.find(row.line), head.npos) << head;
  }
  EXPECT_EQ(ready(page(), plain()).find("Content-Encoding"), std::string::npos);
}

TEST(HttpHead, KnowsWhereThingsStand) {
  served_file file = page();
  make_ready(file, now, plain());
  EXPECT_EQ(file.content(), "the content");
  EXPECT_TRUE(file.ready.substr(0, file.head_length).ends_with("\r\n\r\n"));
  EXPECT_EQ(file.ready.substr(file.date_at, 31), "Sun, 01 Mar 2026 13:05:09 GMT\r\n");
}

TEST(HttpHead, GetsANewDateAndNothingElse) {
  served_file file = page();
  make_ready(file, now, plain());
  std::string expected = file.ready;
  refresh_date(file, now);
  EXPECT_EQ(file.ready, expected);
  refresh_date(file, now + 24 * 3600);
  expected.replace(expected.find("Sun, 01"), 7, "Mon, 02");
  EXPECT_EQ(file.ready, expected);
  EXPECT_EQ(file.content(), "the content");
  refresh_date(file, now);  // a clock that was set back
  EXPECT_NE(file.ready, expected);
  EXPECT_EQ(file.ready.substr(file.date_at, 29), "Sun, 01 Mar 2026 13:05:09 GMT");
}

TEST(HttpHead, OfAPart) {
  std::string out = "what there is";
  head_writer head(out, 206, now, persistence::keeps, plain());
  head.describe(picture()).add("Content-Type", "image/png").add_content_range({4, 6}, 11);
  head.add("Content-Length", 3).end();
  EXPECT_EQ(out,
            "what there is"
            "HTTP/1.1 206 Partial Content\r\n"
            "Date: Sun, 01 Mar 2026 13:05:09 GMT\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Cache-Control: no-cache\r\n"
            "ETag: \"1-b-2-3\"\r\n"
            "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
            "Accept-Ranges: bytes\r\n"
            "Content-Type: image/png\r\n"
            "Content-Range: bytes 4-6/11\r\n"
            "Content-Length: 3\r\n"
            "\r\n");
}

TEST(HttpHead, OfWhatTheClientHas) {
  std::string out;
  head_writer(out, 304, now, persistence::keeps, plain()).identify(page()).end();
  EXPECT_EQ(out,
            "HTTP/1.1 304 Not Modified\r\n"
            "Date: Sun, 01 Mar 2026 13:05:09 GMT\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Cache-Control: no-cache\r\n"
            "ETag: \"1-b-2-3\"\r\n"
            "Vary: Accept-Encoding\r\n"
            "\r\n");
}

TEST(HttpHead, TellsHowTheConnectionGoesOn) {
  const auto head = [](persistence then) {
    std::string out;
    head_writer(out, 404, now, then, plain()).end();
    return out;
  };
  const std::string begin = "HTTP/1.1 404 Not Found\r\nDate: Sun, 01 Mar 2026 13:05:09 GMT\r\n";
  const std::string end = "X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\n\r\n";
  EXPECT_EQ(head(persistence::keeps), begin + end);
  EXPECT_EQ(head(persistence::keeps_http10), begin + "Connection: keep-alive\r\n" + end);
  EXPECT_EQ(head(persistence::ends), begin + "Connection: close\r\n" + end);
}

TEST(HttpHead, HasWhatTheOwnerWants) {
  serve_options options;
  options.cors = true;
  options.headers = {"Cache-Control: max-age=60", "X-A:  b"};
  EXPECT_EQ(ready(picture(), http_settings(options)),
            "HTTP/1.1 200 OK\r\n"
            "Date: Sun, 01 Mar 2026 13:05:09 GMT\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Access-Control-Allow-Origin: *\r\n"
            "Access-Control-Expose-Headers: Accept-Ranges, Content-Encoding, Content-Length, Content-Range, ETag, "
            "Repr-Digest\r\n"
            "Cache-Control: max-age=60\r\n"
            "X-A: b\r\n"
            "ETag: \"1-b-2-3\"\r\n"
            "Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
            "Accept-Ranges: bytes\r\n"
            "Content-Type: image/png\r\n"
            "Content-Length: 11\r\n"
            "\r\n"
            "the content");
}

TEST(HttpHead, TakesLinesAsTheyAre) {
  std::string out;
  const http_settings settings = plain();
  head_writer(out, 204, now, persistence::keeps, settings).add_lines("Allow: GET\r\n").add_lines("").end();
  EXPECT_TRUE(out.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_TRUE(out.ends_with("no-cache\r\nAllow: GET\r\n\r\n"));
}

}  // namespace
}  // namespace sampan::serving
