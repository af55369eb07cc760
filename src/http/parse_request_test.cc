#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "http/request.h"

namespace sampan::http {
namespace {

using namespace std::string_literals;

// What a head comes to, as one text: so that two answers can be compared, and shown.
std::string told(const parse_result& got, const request_head& head) {
  if (got.status == parse_status::incomplete) return "incomplete";
  std::string text = got.status == parse_status::refused ? std::to_string(got.code) : "done";
  text += '|' + std::string(head.method_name) + '|' + std::string(head.target);
  if (got.status == parse_status::refused) return text;
  text += "|1." + std::to_string(head.minor) + '|' + std::to_string(head.length);
  text += '|' + std::to_string(static_cast<int>(head.verb)) + '|' + std::to_string(static_cast<int>(head.body));
  text += '|' + std::to_string(head.content_length) + (head.keep_alive ? "|keep" : "|close");
  text += (head.expects_continue ? "|100" : "") + (head.unknown_expectation ? "|417"s : ""s);
  for (const auto& line : head.fields()) text += '|' + std::string(line.name) + '=' + std::string(line.value);
  return text;
}

std::string parse_whole(std::string_view bytes, const limits& allowed = {}) {
  request_head head;
  parse_progress progress;
  const auto got = parse_request(bytes, allowed, progress, head);
  return told(got, head);
}

// Only the status: "done", "incomplete", or the code.
std::string status_of(std::string_view bytes, const limits& allowed = {}) {
  const std::string text = parse_whole(bytes, allowed);
  return text.substr(0, text.find('|'));
}

std::string get_with(const std::string& lines) { return "GET / HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n"; }

TEST(ParseRequest, ReadsAHead) {
  request_head head;
  parse_progress progress;
  const std::string bytes = "\r\nGET /a?b HTTP/1.1\r\nhoSt:\th:1 \t\r\nEmpty:\r\nRange: bytes=0-1\r\n\r\nGET /next";
  const auto got = parse_request(bytes, {}, progress, head);
  ASSERT_EQ(got.status, parse_status::done) << got.why;
  EXPECT_EQ(head.verb, method::get);
  EXPECT_EQ(head.method_name, "GET");
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.minor, 1);
  EXPECT_EQ(head.length, bytes.find("GET /next"));
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.body, body_kind::none);
  EXPECT_EQ(head.value(known::host), "h:1");
  EXPECT_EQ(head.value(known::range), "bytes=0-1");
  ASSERT_EQ(head.fields().size(), 3U);
  EXPECT_EQ(head.fields()[1].name, "Empty");
  EXPECT_EQ(head.fields()[1].value, "");
  EXPECT_EQ(progress.line, 0U);
}

TEST(ParseRequest, TellsMethodsApart) {
  const std::pair<const char*, method> rows[] = {
      {"GET", method::get},     {"HEAD", method::head},    {"OPTIONS", method::options},
      {"POST", method::other},  {"PUT", method::other},    {"DELETE", method::other},
      {"PATCH", method::other}, {"TRACE", method::other},  {"CONNECT", method::other},
      {"get", method::unknown}, {"BREW", method::unknown}, {"!#$%&'*+-.^_`|~9", method::unknown},
  };
  for (const auto& [name, verb] : rows) {
    request_head head;
    parse_progress progress;
    const std::string bytes = std::string(name) + " / HTTP/1.1\r\nHost: h\r\n\r\n";
    EXPECT_EQ(parse_request(bytes, {}, progress, head).status, parse_status::done) << name;
    EXPECT_EQ(head.verb, verb) << name;
    EXPECT_EQ(head.method_name, name);
  }
}

TEST(ParseRequest, JudgesTheRequestLineWhenItIsComplete) {
  const std::pair<std::string, const char*> rows[] = {
      {"GET / HTTP/1.1", "incomplete"},
      {"GET / HTTP/1.1\r\n", "incomplete"},
      {"GET / HTTP/1.9\n", "incomplete"},
      {"GET /\x80\xff\"<>|#{}[]\\^`% HTTP/1.0\n", "incomplete"},
      {"GET /x\r\n", "400"},
      {"GET /x\n", "400"},
      {"GET / \r\n", "400"},
      {"GARBAGE\r\n", "400"},
      {"GET\r\n", "400"},
      {"GET  / HTTP/1.1\n", "400"},
      {"GET /  HTTP/1.1\n", "400"},
      {"GET / HTTP/1.1 \n", "400"},
      {" GET / HTTP/1.1\n", "400"},
      {"GET  HTTP/1.1\n", "400"},
      {" / HTTP/1.1\n", "400"},
      {"G@T / HTTP/1.1\n", "400"},
      {"GET\t/\tHTTP/1.1\n", "400"},
      {"GET /a b HTTP/1.1\n", "400"},
      {"GET /a\tb HTTP/1.1\n", "400"},
      {"GET /a\rb HTTP/1.1\n", "400"},
      {"GET /a\0b HTTP/1.1\n"s, "400"},
      {"GET /a\x7f HTTP/1.1\n", "400"},
      {"GET /long-enough-for-words\x01 HTTP/1.1\n", "400"},
      {"GET / HTTP/1.1\r\r\n", "400"},
      {"\rGET / HTTP/1.1\r\n", "400"},
      {"GET / http/1.1\n", "400"},
      {"GET / HTTP/1.\n", "400"},
      {"GET / HTTP/11.1\n", "400"},
      {"GET / HTTP/1.10\n", "400"},
      {"GET / HTTP/1,1\n", "400"},
      {"GET / HTTP/x.1\n", "400"},
      {"GET / HTTP/1.x\n", "400"},
      {"GET / HTTPS/1.1\n", "400"},
      {"GET / HTTP/9.9\n", "505"},
      {"GET / HTTP/2.0\n", "505"},
      {"GET / HTTP/0.9\n", "505"},
      {"PRI * HTTP/2.0\r\n", "505"},
  };
  for (const auto& [bytes, status] : rows) EXPECT_EQ(status_of(bytes), status) << testing::PrintToString(bytes);
}

TEST(ParseRequest, TakesMinorVersions) {
  EXPECT_NE(parse_whole("GET / HTTP/1.0\r\n\r\n").find("|1.0|"), std::string::npos);
  for (const std::string minor : {"1", "2", "9"}) {
    EXPECT_NE(parse_whole("GET / HTTP/1." + minor + "\r\nHost: h\r\n\r\n").find("|1.1|"), std::string::npos) << minor;
  }
}

TEST(ParseRequest, PassesOverTwoEmptyLines) {
  const std::string rest = "GET / HTTP/1.0\r\n\r\n";
  for (const std::string before : {"", "\r\n", "\n", "\r\n\r\n", "\n\n", "\r\n\n"}) {
    request_head head;
    parse_progress progress;
    EXPECT_EQ(parse_request(before + rest, {}, progress, head).status, parse_status::done);
    EXPECT_EQ(head.length, before.size() + rest.size());
  }
  for (const std::string before : {"\r\n\r\n\r\n", "\n\n\n", "\r\n\r\n\n"}) EXPECT_EQ(status_of(before), "400");
}

TEST(ParseRequest, JudgesEachFieldLineWhenItIsComplete) {
  const std::pair<std::string, const char*> rows[] = {
      {"X: 1", "incomplete"},
      {"X: 1\n", "incomplete"},
      {"X:\r\n", "incomplete"},
      {"X: \t \r\n", "incomplete"},
      {"X: a\tb \xc3\xa9 \x80\xff :,;\"\r\n", "incomplete"},
      {"!#$%&'*+-.^_`|~09azAZ: 1\r\n", "incomplete"},
      {"Name : v\r\n", "400"},
      {"Name\t: v\r\n", "400"},
      {"X[]: 1\r\n", "400"},
      {"X\x80: 1\r\n", "400"},
      {"no colon\r\n", "400"},
      {"X\r\n", "400"},
      {": v\r\n", "400"},
      {"X: a\0b\r\n"s, "400"},
      {"X: a\x07\r\n", "400"},
      {"X: a\x7f\r\n", "400"},
      {"X: a\rb\r\n", "400"},
      {"X: a\r\r\n", "400"},
      {"X: \tlong enough for words, and a tab before\x1f\r\n", "400"},
      {"X\r: 1\r\n", "400"},
      {"If\rRange: 1\r\n", "400"},
      {"\r\r\n", "400"},
      {"X: 1\r\n folded\r\n", "400"},
      {"X: 1\r\n\tfolded: 1\r\n", "400"},
  };
  const std::string before = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (const auto& [lines, status] : rows)
    EXPECT_EQ(status_of(before + lines), status) << testing::PrintToString(lines);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n Host: h\r\n"), "400");
}

TEST(ParseRequest, EveryControlCharacterIsRefusedAtEveryPlace) {
  for (int c = 0; c < 256; ++c) {
    const auto byte = static_cast<char>(c);
    const bool control = (c < 0x20 && byte != '\t' && byte != '\n') || c == 0x7f;
    for (std::size_t place = 0; place < 20; ++place) {
      std::string value(20, 'x');
      value[place] = byte;
      if (byte == '\n') continue;
      EXPECT_EQ(status_of(get_with("X: " + value + "\r\n")), control ? "400" : "done") << c << ' ' << place;
      const bool in_target = !control && byte != '\t' && byte != ' ';
      EXPECT_EQ(status_of("GET /" + value + " HTTP/1.0\r\n\r\n"), in_target ? "done" : "400") << c << ' ' << place;
    }
  }
}

TEST(ParseRequest, RefusesTooMuch) {
  const auto line = [](std::size_t target) { return "GET /" + std::string(target - 1, 'a') + " HTTP/1.0"; };
  EXPECT_EQ(status_of(line(8192) + "\r\n\r\n"), "done");
  EXPECT_EQ(status_of(line(8193) + "\r\n\r\n"), "414");
  EXPECT_EQ(status_of("GET /" + std::string(8191, 'a')), "incomplete");
  EXPECT_EQ(status_of("GET /" + std::string(8192, 'a')), "414");
  EXPECT_EQ(status_of(line(8192) + "\r"), "incomplete");
  EXPECT_EQ(status_of(line(8192) + "ab"), "400");

  EXPECT_EQ(status_of(std::string(64, 'A') + " / HTTP/1.0\r\n\r\n"), "done");
  EXPECT_EQ(status_of(std::string(65, 'A') + " / HTTP/1.0\r\n\r\n"), "501");
  EXPECT_EQ(status_of(std::string(64, 'A')), "incomplete");
  EXPECT_EQ(status_of(std::string(65, 'A')), "501");
  EXPECT_EQ(status_of(std::string(65, '@')), "400");

  std::string lines;
  for (std::size_t i = 0; i < most_fields; ++i) lines += "X: " + std::to_string(i) + "\r\n";
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n" + lines + "\r\n"), "done");
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n" + lines + "X: 1\r\n"), "431");
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n" + lines + "X: 1\r\n", {8192, 32768, 1000}), "431");
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nX: 1\r\nX: 2\r\n\r\n", {8192, 32768, 1}), "431");

  const std::string head = "GET / HTTP/1.0\r\nX: 123456\r\n\r\n";
  EXPECT_EQ(status_of(head, {8192, head.size(), 100}), "done");
  EXPECT_EQ(status_of(head, {8192, head.size() - 1, 100}), "431");
  EXPECT_EQ(status_of(head.substr(0, 20), {8192, 20, 100}), "incomplete");
  EXPECT_EQ(status_of(head.substr(0, 21), {8192, 20, 100}), "431");
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\nX: " + std::string(32768, 'x')), "431");
}

TEST(ParseRequest, NamesMethodAndTargetOfARefusedRequest) {
  EXPECT_EQ(parse_whole("PUT /a HTTP/1.1\r\n\r\n"), "400|PUT|/a");
  EXPECT_EQ(parse_whole("PUT /a HTTP/1.1\r\nbad\r\n"), "400|PUT|/a");
  EXPECT_EQ(parse_whole("PUT /a HTTP/2.0\r\n\r\n"), "505||");
}

// Heads, good and bad, with the limits they are read under.
struct sample {
  std::string bytes;
  limits allowed = {};
};

std::vector<sample> samples() {
  const limits small{40, 100, 3};
  return {
      {get_with("")},
      {get_with("Accept: */*\r\nUser-Agent: x\r\nRange: bytes=0-1\r\nConnection: close\r\n")},
      {get_with("X: 1\nY:2\n")},
      {get_with("Content-Length: 5\r\ncontent-length: 5, 5\r\n") + "hello"},
      {"\r\n\nPOST /p HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\nExpect: 100-continue\n\n5\r\n"},
      {"\n\n\nGET / HTTP/1.0\r\n\r\n"},
      {"GET / HTTP/1.0\r\n\r\nGET /next HTTP/1.1\r\n"},
      {"GET /x\r\n\r\n"},
      {"GET / HTTP/2.0\r\n\r\n"},
      {"GET / HTTP/1.1\r\n\r\n"},
      {"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"},
      {get_with("Transfer-Encoding: gzip\r\n")},
      {get_with("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {get_with("folded:\r\n line\r\n")},
      {get_with("X: a\rb\r\nno colon\r\n")},
      {get_with("X: a\r\r\n")},
      {"GET /a\r\r\n\r\n"},
      {std::string(64, 'A') + "\r\n\r\n"},
      {std::string(70, 'A') + " / HTTP/1.1\r\n"},
      {std::string(70, '@')},
      {"GET /" + std::string(39, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", small},
      {"GET /" + std::string(39, 'a') + "\r\n", small},
      {"GET /" + std::string(40, 'a') + "\r\n", small},
      {"GET /\x01" + std::string(40, 'a') + " HTTP/1.1\r\n", small},
      {"GET / " + std::string(60, 'a') + "\x01\r\n", small},
      {"GET / HTTP/1.1\r\na: 1\r\nb: 1\r\nc: 1\r\nd\r\n\r\n", small},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(80, 'x') + "\x01\r\n\r\n", small},
      {"GET / HTTP/1.1\r\nHost: h\r\nbad" + std::string(80, 'x') + "\r\n\r\n", small},
  };
}

// Reads the first `cut` bytes, then the rest; or, without a cut, one byte more each time. What is read lies in memory of its
// own size each time, and another head comes between, as on a server.
std::string parse_split(const sample& one, std::size_t cut) {
  request_head head;
  parse_progress progress;
  for (std::size_t size = cut > 0 ? cut : 1;; size = cut > 0 ? one.bytes.size() : size + 1) {
    const auto bytes = std::make_unique<char[]>(size);
    one.bytes.copy(bytes.get(), size);
    const auto got = parse_request({bytes.get(), size}, one.allowed, progress, head);
    if (got.status != parse_status::incomplete || size == one.bytes.size()) return told(got, head);
    parse_progress others;
    parse_request(get_with("Other: request\r\nContent-Length: 77\r\nExpect: 100-continue\r\n"), {}, others, head);
  }
}

TEST(ParseRequest, EverySplitGivesTheSameAnswer) {
  for (const auto& one : samples()) {
    const std::string whole = parse_whole(one.bytes, one.allowed);
    EXPECT_NE(whole, "incomplete") << one.bytes;
    EXPECT_EQ(parse_split(one, 0), whole) << one.bytes;
    for (std::size_t cut = 1; cut < one.bytes.size(); ++cut)
      EXPECT_EQ(parse_split(one, cut), whole) << cut << one.bytes;
  }
}

TEST(ParseRequest, NothingYetIsIncomplete) {
  EXPECT_EQ(status_of({}), "incomplete");
  EXPECT_EQ(status_of("\r"), "incomplete");
}

// What was seen is not looked at again until the head is complete: it may have changed meanwhile, and no one notices.
TEST(ParseRequest, ADrippedHeadIsNotReadAgainForEachByte) {
  request_head head;
  parse_progress progress;
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\nX: 1";
  ASSERT_EQ(parse_request(bytes, {}, progress, head).status, parse_status::incomplete);
  EXPECT_EQ(progress.line, bytes.find("X: "));
  EXPECT_EQ(progress.searched, bytes.size());
  EXPECT_EQ(progress.fields, 1);
  bytes.replace(0, bytes.size(), bytes.size(), '\n');
  EXPECT_EQ(parse_request(bytes + "2", {}, progress, head).status, parse_status::incomplete);
}

}  // namespace
}  // namespace sampan::http
