#include "cli/serve_flags.h"

#include <gtest/gtest.h>

#include "cli/commands.h"

namespace sampan::cli {
namespace {

using std::chrono::milliseconds;
using strings = std::vector<std::string>;

result<serve_settings> settings(const strings& words) {
  const auto given = parse(serve_command, words);
  if (!given) return given.error();
  return read_serve_settings(*given);
}

TEST(ServeFlags, DefaultsAreTheLibrarys) {
  const auto made = settings({});
  ASSERT_TRUE(made) << made.error().message();
  const serve_options usual;
  EXPECT_EQ(made->server.port, usual.port);
  EXPECT_EQ(made->server.path, usual.path);
  EXPECT_EQ(made->server.index, usual.index);
  EXPECT_EQ(made->server.links, usual.links);
  EXPECT_EQ(made->server.etag, usual.etag);
  EXPECT_EQ(made->server.cache_ttl, usual.cache_ttl);
  EXPECT_EQ(made->server.idle_timeout, usual.idle_timeout);
  EXPECT_EQ(made->access_log, "-");
  EXPECT_EQ(made->format, log_format::text);
}

TEST(ServeFlags, ReachTheirFields) {
  const auto made =
      settings({"--no-index", "--no-symlinks", "--etag",       "size-mtime", "--cache-ttl",    "1s",   "--header",
                "A: b, c",    "--header=D:e",  "--cors",       "--healthz",  "--body-timeout", "3",    "--idle-timeout",
                "4",          "--hidden",      "--access-log", "x",          "--log-format",   "json", "dir"});
  ASSERT_TRUE(made) << made.error().message();
  const serve_options& options = made->server;
  EXPECT_FALSE(options.index);
  EXPECT_FALSE(options.links);
  EXPECT_EQ(options.etag, etag_kind::size_mtime);
  EXPECT_EQ(options.cache_ttl, milliseconds(1000));
  EXPECT_EQ(options.headers, (strings{"A: b, c", "D:e"}));
  EXPECT_TRUE(options.cors && options.health && options.hidden);
  EXPECT_EQ(options.body_timeout, milliseconds(3000));
  EXPECT_EQ(options.idle_timeout, milliseconds(4000));
  EXPECT_EQ(options.path, "dir");
  EXPECT_EQ(made->access_log, "x");
  EXPECT_EQ(made->format, log_format::json);
}

TEST(ServeFlags, IndexCanBeSaidEitherWay) {
  EXPECT_TRUE(settings({"--index"})->server.index);
  EXPECT_FALSE(settings({"--index=false"})->server.index);
  EXPECT_TRUE(settings({"--no-index=false"})->server.index);
  EXPECT_FALSE(settings({"--index", "--no-index"}));
}

TEST(ServeFlags, OnlyAFileIsAFile) {
  EXPECT_FALSE(settings({})->logs_to_file());
  EXPECT_FALSE(settings({"--access-log", "off"})->logs_to_file());
  EXPECT_TRUE(settings({"--access-log", "./off"})->logs_to_file());
}

TEST(ServeFlags, RefuseWithTheirName) {
  struct {
    strings words;
    const char* subject;
  } const table[] = {
      {{"--etag", "weak"}, "--etag weak"},
      {{"--etag", ""}, "--etag "},
      {{"--log-format", "xml"}, "--log-format xml"},
      {{"--cache-ttl", "x"}, "--cache-ttl x"},
      {{"--body-timeout", "-1"}, "--body-timeout -1"},
      {{"--header", "A: b\r\nC: d"}, "--header A: b\r\nC: d"},
      {{"--header", "A: b", "--header", "no colon"}, "--header no colon"},
      {{"--header", "Content-Length: 5"}, "--header Content-Length: 5"},
      {{"--header", ""}, "--header "},
  };
  for (const auto& row : table) {
    const auto made = settings(row.words);
    ASSERT_FALSE(made) << row.subject;
    EXPECT_EQ(made.error().code(), errc::bad_value);
    EXPECT_EQ(made.error().subject(), row.subject);
    EXPECT_FALSE(made.error().detail().empty()) << row.subject;
  }
}

}  // namespace
}  // namespace sampan::cli
