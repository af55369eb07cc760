#include "cli/access_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/test_allocations.h"
#include "text/utf8.h"

namespace sampan::cli {
namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;
using namespace std::string_view_literals;

constexpr log_format formats[] = {log_format::text, log_format::combined, log_format::json};

serve_record http_record() {
  serve_record about;
  about.time = system_clock::time_point(std::chrono::milliseconds(1'772'370'309'649));
  about.peer = "127.0.0.1:36850";
  about.http = true;
  about.method = "GET";
  about.name = "/a/b.txt?x";
  about.status = 206;
  about.bytes = 1'048'576;
  about.took = microseconds(12'345);
  return about;
}

serve_record bare_record() {
  serve_record about = http_record();
  about.http = false;
  about.method = {};
  about.name = "a b.txt";
  about.status = 0;
  return about;
}

std::string line(log_format format, const serve_record& about) {
  log_formatter formatter;
  return std::string(formatter.line(format, about));
}

/// The line without its time, whose zone is the machine's.
std::string text_after_time(const serve_record& about) {
  return line(log_format::text, about).substr("2026-03-01 13:05:09.649 "sv.size());
}

std::string combined_after_time(const serve_record& about) {
  const std::string whole = line(log_format::combined, about);
  return whole.substr(whole.find(']') + 2);
}

TEST(AccessLogText, ShowsRequests) {
  serve_record about = http_record();
  EXPECT_EQ(text_after_time(about), "127.0.0.1:36850 GET /a/b.txt?x 206 1048576 bytes 0.012 s");
  about.outcome = serve_outcome::client_left;
  EXPECT_EQ(text_after_time(about),
            "127.0.0.1:36850 GET /a/b.txt?x 206 1048576 bytes 0.012 s client left after 1048576 bytes");
  about.status = 0;
  about.method = about.name = {};
  about.bytes = 0;
  EXPECT_EQ(text_after_time(about), "127.0.0.1:36850 - - 0 bytes 0.012 s client left after 0 bytes");
  about = http_record();
  about.status = 400;
  about.problem = "no\ntarget";
  EXPECT_EQ(text_after_time(about), "127.0.0.1:36850 GET /a/b.txt?x 400 1048576 bytes 0.012 s (no\\ntarget)");
}

TEST(AccessLogText, ShowsBareNames) {
  serve_record about = bare_record();
  EXPECT_EQ(text_after_time(about), "127.0.0.1:36850 asked for the file:a b.txt 1048576 bytes 0.012 s sent");
  about.bytes = 0;
  EXPECT_EQ(text_after_time(about), "127.0.0.1:36850 asked for the file:a b.txt 0 bytes 0.012 s sent (an empty file)");
  about.outcome = serve_outcome::no_such_file;
  about.name = "a\x1b\\b";
  EXPECT_EQ(text_after_time(about),
            "127.0.0.1:36850 asked for the file:a\\x1b\\\\b 0 bytes 0.012 s no such file: a\\x1b\\\\b");
  about.outcome = serve_outcome::failed;
  about.number = EIO;
  about.name = {};
  EXPECT_EQ(text_after_time(about),
            "127.0.0.1:36850 asked for the file: 0 bytes 0.012 s failed: Input/output error: reset");
}

TEST(AccessLogCombined, IsWhatAnalysersRead) {
  serve_record about = http_record();
  EXPECT_EQ(line(log_format::combined, about).find("127.0.0.1 - - ["), 0);
  EXPECT_EQ(combined_after_time(about), R"("GET /a/b.txt?x HTTP/1.1" 206 1048576 "-" "-")");
  about.referer = "http://r/";
  about.user_agent = R"(an "agent" \ 文)";
  about.minor_version = 0;
  about.bytes = 0;
  EXPECT_EQ(combined_after_time(about), R"("GET /a/b.txt?x HTTP/1.0" 206 0 "http://r/" "an \x22agent\x22 \x5C 文")");
  about.peer = "[2001:db8::1]:36850";
  EXPECT_EQ(line(log_format::combined, about).find("2001:db8::1 - - ["), 0);
  about = http_record();
  about.method = {};
  about.name = "GARB\tAGE";
  about.status = 400;
  EXPECT_EQ(combined_after_time(about), R"("GARB\x09AGE" 400 1048576 "-" "-")");
  about.name = {};
  about.status = 0;
  about.outcome = serve_outcome::client_left;
  EXPECT_EQ(combined_after_time(about), R"("-" 499 1048576 "-" "-")");
}

TEST(AccessLogCombined, GivesBareNamesAPathAndAStatus) {
  struct {
    serve_outcome outcome;
    std::string_view name;
    std::uint64_t bytes;
    const char* line;
  } const table[] = {
      {serve_outcome::sent, "dir/a b.txt", 5, R"("GET /dir/a%20b.txt BARE" 200 5 "-" "-")"},
      {serve_outcome::sent, "\xff\"%\n", 0, R"("GET /%FF%22%25%0A BARE" 200 0 "-" "-")"},
      {serve_outcome::no_such_file, "x", 0, R"("GET /x BARE" 404 0 "-" "-")"},
      {serve_outcome::no_such_file, "", 0, R"("-" 404 0 "-" "-")"},
      {serve_outcome::client_left, "x", 5, R"("GET /x BARE" 200 5 "-" "-")"},
      {serve_outcome::client_left, "x", 0, R"("GET /x BARE" 499 0 "-" "-")"},
      {serve_outcome::too_slow, "x", 5, R"("GET /x BARE" 200 5 "-" "-")"},
      {serve_outcome::no_name, "", 0, R"("-" 408 0 "-" "-")"},
      {serve_outcome::name_too_long, "x", 0, R"("GET /x BARE" 414 0 "-" "-")"},
      {serve_outcome::tls_refused, "\x16\x03\x01", 0, R"("\x16\x03\x01" 400 0 "-" "-")"},
      {serve_outcome::failed, "x", 0, R"("GET /x BARE" 500 0 "-" "-")"},
  };
  for (const auto& row : table) {
    serve_record about = bare_record();
    about.outcome = row.outcome;
    about.name = row.name;
    about.bytes = row.bytes;
    EXPECT_EQ(combined_after_time(about), row.line);
  }
}

TEST(AccessLogJson, LeavesOutWhatIsAbsent) {
  serve_record about = http_record();
  EXPECT_EQ(
      line(log_format::json, about),
      R"({"time":"2026-03-01T13:05:09.649Z","peer":"127.0.0.1:36850","protocol":"http","method":"GET",)"
      R"("target":"/a/b.txt?x","version":"1.1","status":206,"bytes":1048576,"seconds":0.012345,"outcome":"sent"})");
  about = bare_record();
  about.outcome = serve_outcome::no_such_file;
  EXPECT_EQ(line(log_format::json, about),
            R"({"time":"2026-03-01T13:05:09.649Z","peer":"127.0.0.1:36850","protocol":"bare","name":"a b.txt",)"
            R"("bytes":1048576,"seconds":0.012345,"outcome":"no-such-file"})");
}

TEST(AccessLogJson, HasAllThereIs) {
  serve_record about = http_record();
  about.user_agent = "an \"agent\" \\";
  about.referer = "r\xff";
  about.problem = "why";
  about.outcome = serve_outcome::failed;
  about.number = ENOSPC;
  about.took = std::chrono::seconds(75);
  const std::string made = line(log_format::json, about);
  EXPECT_EQ(made.substr(made.find("\"seconds\"")),
            R"("seconds":75.000000,"outcome":"failed","user_agent":"an \"agent\" \\\\","referer":"r\\xff",)"
            R"("problem":"why","error":"No space left on device"})");
}

const std::string_view nasty[] = {"\0"sv,
                                  "\n",
                                  "\r\n",
                                  "\t",
                                  "\x1b[31m",
                                  "\x7f",
                                  "\xff\xfe",
                                  "\xc2\x9b",
                                  "\xe2\x80\xae",
                                  "\xe2\x80\xa8",
                                  "\"",
                                  "\\",
                                  "\\\"",
                                  "\\x1b",
                                  "\\n",
                                  "\xe6\x96",
                                  "\xed\xa0\x80",
                                  "\xf0\x9f\x98\x80",
                                  "%0a",
                                  "{}",
                                  "{time}",
                                  "%s",
                                  "\xef\xbb\xbf",
                                  " ",
                                  "]",
                                  "x\" 200 0 \"-\" \"-"};

serve_record nasty_record(bool http, std::string_view bytes) {
  serve_record about = http ? http_record() : bare_record();
  about.name = bytes;
  if (!http) return about;
  about.method = about.user_agent = about.referer = about.problem = bytes;
  return about;
}

TEST(AccessLog, LetsNothingThroughThatHides) {
  for (const bool http : {false, true}) {
    for (const std::string_view bytes : nasty) {
      for (const log_format format : formats) {
        const std::string made = line(format, nasty_record(http, bytes));
        EXPECT_TRUE(text::is_utf8(made)) << made;
        for (const char c : made) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) << made;
        for (const auto hidden : {"\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\xa8", "\xef\xbb\xbf"}) {
          EXPECT_EQ(made.find(hidden), made.npos) << made;
        }
      }
    }
  }
}

TEST(AccessLog, GivesDifferentRequestsDifferentLines) {
  for (const bool http : {false, true}) {
    for (const log_format format : formats) {
      std::set<std::string> lines;
      for (const std::string_view bytes : nasty) lines.insert(line(format, nasty_record(http, bytes)));
      EXPECT_EQ(lines.size(), std::size(nasty));
    }
  }
}

TEST(AccessLogCombined, HasSixQuotesInEveryLine) {
  for (const bool http : {false, true}) {
    for (const std::string_view bytes : nasty) {
      const std::string made = line(log_format::combined, nasty_record(http, bytes));
      EXPECT_EQ(std::count(made.begin(), made.end(), '"'), 6) << made;
    }
  }
}

TEST(AccessLog, AllocatesNothingOnceWarm) {
  if (!base::allocations_are_counted()) GTEST_SKIP() << "a sanitizer has its own operator new";
  log_formatter formatter;
  std::size_t length = 0;
  const auto format_all = [&](int second) {
    for (const log_format format : formats) {
      for (const bool http : {false, true}) {
        serve_record about =
            nasty_record(http, "/a \"name\"\xff of some length, longer than what a short string holds itself");
        about.time += std::chrono::seconds(second);
        about.outcome = second % 2 == 0 ? serve_outcome::sent : serve_outcome::client_left;
        length += formatter.line(format, about).size();
      }
    }
  };
  for (int second = 0; second < 10; ++second) format_all(second);
  const std::size_t before = base::allocations();
  for (int second = 0; second < 1000; ++second) format_all(second);
  EXPECT_EQ(base::allocations(), before);
  EXPECT_GT(length, 0);
  const std::string counted(100, 'x');
  EXPECT_EQ(base::allocations(), before + 1) << "what counts must count";
}

}  // namespace
}  // namespace sampan::cli
