#include "http/media_type.h"

#include <gtest/gtest.h>

namespace sampan::http {
namespace {

constexpr const char* plain = "text/plain; charset=utf-8";
constexpr const char* unknown = "application/octet-stream";

TEST(MediaType, IsToldByTheEnding) {
  const char* const rows[][2] = {
      {"page.html", "text/html; charset=utf-8"},
      {"page.htm", "text/html; charset=utf-8"},
      {"style.css", "text/css; charset=utf-8"},
      {"app.js", "text/javascript; charset=utf-8"},
      {"app.mjs", "text/javascript; charset=utf-8"},
      {"a.json", "application/json; charset=utf-8"},
      {"a.xml", "application/xml; charset=utf-8"},
      {"a.svg", "image/svg+xml; charset=utf-8"},
      {"a.wasm", "application/wasm"},
      {"a.csv", "text/csv; charset=utf-8"},
      {"README.zh-CN.md", "text/markdown; charset=utf-8"},
      {"ten.txt", plain},
      {"a.png", "image/png"},
      {"a.avif", "image/avif"},
      {"a.webp", "image/webp"},
      {"a.woff2", "font/woff2"},
      {"a.mp4", "video/mp4"},
      {"list.m3u8", "application/vnd.apple.mpegurl"},
      {"piece.ts", "video/mp2t"},
      {"app.tsx", plain},
      {"a.tar.gz", "application/gzip"},
      {"a.pdf", "application/pdf"},
      {"a.3g2", "video/3gpp2"},  // the table's first
      {"a.zst", "application/zstd"},
      {"main.cc", plain},
      {"a.zsh", plain},
  };
  for (const auto& [name, type] : rows) EXPECT_EQ(media_type(name), type) << name;
}

TEST(MediaType, LettersCountWithoutCase) {
  EXPECT_EQ(media_type("DSC_0001.JPG"), "image/jpeg");
  EXPECT_EQ(media_type("a.HtMl"), "text/html; charset=utf-8");
  EXPECT_EQ(media_type("ReadMe"), plain);
}

TEST(MediaType, KnownWholeNames) {
  for (const auto* name :
       {"README", "LICENSE", "Makefile", "Dockerfile", "CHANGELOG", "COPYING", ".gitignore", "dir/README"}) {
    EXPECT_EQ(media_type(name), plain) << name;
  }
}

TEST(MediaType, UnknownOnes) {
  for (const auto* name : {"",
                           "noext",
                           "txt",
                           "html",
                           ".html",
                           "a.",
                           "a.html.",
                           "a.unknown",
                           "a.htmlx",
                           "a.htm l",
                           "a.html/b",
                           "a.html/",
                           "a.readme",
                           "/",
                           ".",
                           "..",
                           "a.averyveryverylongending",
                           "averyveryverylongname",
                           "a.b@ml",
                           "x.H\x54ML\x01"}) {
    EXPECT_EQ(media_type(name), unknown) << name;
  }
}

TEST(MediaType, OnlyTheLastNameOfAPathCounts) {
  EXPECT_EQ(media_type("a.css/b.html"), "text/html; charset=utf-8");
  EXPECT_EQ(media_type("a.css/noext"), unknown);
}

}  // namespace
}  // namespace sampan::http
