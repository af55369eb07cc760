// Whole downloads against servers that misbehave by a seeded dice, without sockets or disks. What must hold whatever they do: the target
// is absent, old, or one version of the file from its first byte to its last.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "client/fetch.h"
#include "client/file_sink.h"
#include "client/test_files.h"

namespace sampan::client {
namespace {

using dice = std::mt19937;

std::uint64_t below(dice& random, std::uint64_t limit) {
  return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random);
}
bool one_in(dice& random, unsigned n) { return below(random, n) == 0; }

// The versions of a file differ at every byte, so that one byte of another is seen.
std::string content_of(unsigned version, std::size_t size) {
  std::string made(size, '\0');
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>((i * 31 + i / 251 + version * 101) & 0xff);
  return made;
}

class canned : public response {
 public:
  canned(const std::string& status_and_fields, std::string body, bool cut) : body_(std::move(body)), cut_(cut) {
    http::response_parser parser;
    parser.feed("HTTP/1.1 " + status_and_fields + "\n");
    head = parser.head();
    framing = http::framing_of(head);
    if (framing.end == http::body_end::length && body_.size() > framing.length) body_.resize(framing.length);
    if (framing.end == http::body_end::none) body_.clear();
  }

  result<std::size_t> read(std::span<char> into, watch&) override {
    const bool short_of_length = framing.end == http::body_end::length && at_ == body_.size() && at_ < framing.length;
    if (at_ == body_.size() && (cut_ || short_of_length))
      return error::make(errc::cut_short, "receive from", "the dice");
    const std::size_t bytes = std::min({into.size(), body_.size() - at_, std::size_t{20'000}});
    std::memcpy(into.data(), body_.data() + at_, bytes);
    at_ += bytes;
    return bytes;
  }
  result<std::optional<std::size_t>> move(int, std::uint64_t, std::size_t, watch&) override {
    return std::optional<std::size_t>();
  }
  bool surplus() override { return false; }

 private:
  std::string body_;
  bool cut_;
  std::size_t at_ = 0;
};

// What a server is like; some of it is drawn once, some for each answer.
struct manners {
  enum class tags { strong, same_for_all, weak, none, replicas } tag = tags::strong;
  bool dates = true;
  bool has_ranges = true;
  bool heeds_if_range = true;
  unsigned trouble = 3;  // one answer in so many is bad
  unsigned change = 6;   // one answer in so many is of a new version
};

class dicey_server : public origin {
 public:
  dicey_server(dice& random, manners like, std::size_t size) : random_(random), like_(like) { add_version(size); }

  const std::vector<std::string>& versions() const { return versions_; }

  result<std::unique_ptr<response>> ask(const get_source& whom, const request& what, watch&) override {
    auto made = answer(what);
    if (made) (*made)->source = whom;
    return made;
  }

 private:
  void add_version(std::size_t size) { versions_.push_back(content_of(static_cast<unsigned>(versions_.size()), size)); }

  std::string tag() {
    const std::string number = std::to_string(versions_.size());
    switch (like_.tag) {
      case manners::tags::strong: return "\"v" + number + '"';
      case manners::tags::same_for_all: return "\"v\"";
      case manners::tags::weak: return "W/\"v" + number + '"';
      case manners::tags::replicas: return "\"v" + number + "-r" + std::to_string(below(random_, 2)) + '"';
      case manners::tags::none: break;
    }
    return {};
  }

  std::string validators(const std::string& etag) {
    std::string made = etag.empty() ? "" : "ETag: " + etag + '\n';
    if (like_.dates)
      made += "Last-Modified: Mon, 13 Nov 2023 10:00:0" + std::to_string(versions_.size() % 10) + " GMT\n";
    return made + "Content-Type: application/octet-stream\n";
  }

  result<std::unique_ptr<response>> make(const std::string& head, std::string body, bool cut = false) {
    return std::unique_ptr<response>(std::make_unique<canned>(head, std::move(body), cut));
  }

  result<std::unique_ptr<response>> whole(const std::string& etag, bool head) {
    const std::string& file = versions_.back();
    const bool cut = one_in(random_, like_.trouble);
    std::string body = head ? "" : file.substr(0, cut ? below(random_, file.size() + 1) : file.size());
    const std::string fields = "200 OK\n" + validators(etag);
    if (one_in(random_, 8)) return make(fields + "Transfer-Encoding: chunked\n", body, cut);
    return make(fields + "Content-Length: " + std::to_string(file.size()) + '\n', body, cut);
  }

  result<std::unique_ptr<response>> part(const std::string& etag, interval asked) {
    const std::string& file = versions_.back();
    const std::uint64_t size = file.size();
    const auto unsatisfied = "416 x\nContent-Length: 0\nContent-Range: bytes */" + std::to_string(size) + '\n';
    if (asked.begin >= size) return make(unsatisfied, "");
    std::uint64_t first = asked.begin, end = std::min(asked.end, size);
    std::uint64_t told_first = first, told_end = end, told_size = size;
    std::string body;
    bool cut = false;
    std::string more;
    if (one_in(random_, like_.trouble)) {
      switch (below(random_, 10)) {
        case 0:
          first = told_first = below(random_, size);
          end = told_end = std::max(first + 1, end);
          break;
        case 1: end = told_end = first + 1 + below(random_, end - first); break;
        case 2: end = told_end = std::min(size, end + below(random_, 1000)); break;
        case 3: cut = true; break;
        case 4: told_size += 1; break;
        case 5: told_end = end + 1; break;  // more than it sends
        case 6: more = "Content-Encoding: gzip\n"; break;
        case 7: return make("206 x\n" + validators(etag) + "Content-Length: 3\n", "abc");
        case 8: return make(one_in(random_, 2) ? "503 x\nContent-Length: 0\n" : unsatisfied, "");
        default: return make("412 x\nContent-Length: 0\n", "");
      }
    }
    body = file.substr(first, end - first);
    const std::string length =
        one_in(random_, 4) ? "Transfer-Encoding: chunked\n" : "Content-Length: " + std::to_string(body.size()) + '\n';
    if (cut) body.resize(below(random_, body.size() + 1));
    return make("206 x\n" + validators(etag) + more + length + "Content-Range: bytes " + std::to_string(told_first) +
                    '-' + std::to_string(told_end - 1) + '/' + std::to_string(told_size) + '\n',
                body, cut);
  }

  result<std::unique_ptr<response>> answer(const request& what) {
    if (one_in(random_, 40)) return error::make(errc::connection_reset, "receive from", "the dice");
    if (one_in(random_, like_.change) && versions_.size() < 6) {
      const std::size_t size = versions_.back().size();
      add_version(one_in(random_, 2) ? size : 1 + below(random_, 2 * size));
    }
    const std::string etag = tag();
    const bool holds = what.if_range.empty() || what.if_range == etag || !like_.heeds_if_range;
    if (!what.range || !like_.has_ranges || !holds) return whole(etag, what.head);
    return part(etag, *what.range);
  }

  dice& random_;
  const manners like_;
  std::vector<std::string> versions_;
};

manners drawn(dice& random) {
  manners made;
  made.tag = static_cast<manners::tags>(below(random, 5));
  made.dates = !one_in(random, 3);
  made.has_ranges = !one_in(random, 5);
  made.heeds_if_range = !one_in(random, 3);
  made.trouble = 1 + static_cast<unsigned>(below(random, 6));
  made.change = 2 + static_cast<unsigned>(below(random, 30));
  return made;
}

// Several runs over one folder, with power cuts between them, until one succeeds.
void simulate(unsigned seed, unsigned& good, unsigned& bad) {
  dice random(seed);
  const std::size_t size = 1 + below(random, one_in(random, 3) ? 1'500'000 : 300'000);
  dicey_server server(random, drawn(random), size);
  test_files disk;
  disk.space = 1 << 28;
  const bool has_old = one_in(random, 2);
  if (has_old) disk.put("file", "old");
  get_source source;
  source.host = "h";
  source.name = "file";
  source.request_target = "/file";
  source.protocol = get_protocol::http;
  get_options options;
  options.retry_pause = std::chrono::milliseconds(0);
  options.retries = static_cast<unsigned>(below(random, 6));
  options.connections = 1;
  options.strict = one_in(random, 4);
  options.no_restart = one_in(random, 4);
  options.trust_overlap = one_in(random, 4);
  rate_limit rate(0);
  for (int run = 0; run < 4; ++run) {
    const auto make = [&](const std::string&) -> result<std::unique_ptr<sink>> {
      auto file = part_file::prepare(disk, {"", "file", false});
      if (!file) return file.error();
      return std::unique_ptr<sink>(std::make_unique<file_sink>(std::move(*file), target_place{"", "file", false}));
    };
    bool made = false;
    const auto once = [&](const std::string& name) -> result<std::unique_ptr<sink>> {
      return std::exchange(made, true) ? std::unique_ptr<sink>() : make(name);
    };
    std::optional<result<get_outcome>> told;
    small_publisher small(disk);
    fetch(server, source, options, rate, once, small, random()).run([&](result<get_outcome> outcome) {
      ASSERT_FALSE(told) << seed;
      told = std::move(outcome);
    });
    small.flush();
    ASSERT_TRUE(told) << seed;
    const auto& done = *told;
    const std::string now = disk.has("file") ? disk.content("file") : "";
    if (!done) {
      ++bad;
      ASSERT_TRUE(has_old ? now == "old" : !disk.has("file")) << "seed " << seed << ": a failed run touched the target";
      if (one_in(random, 3)) disk.crash(random);
      continue;
    }
    ++good;
    const auto& all = server.versions();
    const bool whole = std::find(all.begin(), all.end(), now) != all.end();
    ASSERT_TRUE(whole) << "seed " << seed << ": " << now.size()
                       << " bytes of no version; the first that differs from the last is "
                       << std::mismatch(
                              now.begin(),
                              now.begin() + static_cast<std::ptrdiff_t>(std::min(now.size(), all.back().size())),
                              all.back().begin())
                                  .first -
                              now.begin();
    ASSERT_FALSE(disk.has("file.part")) << seed;
    return;
  }
}

TEST(FetchSimulation, NeverMixesVersions) {
  unsigned good = 0;
  unsigned bad = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    simulate(seed, good, bad);
    if (HasFatalFailure()) return;
  }
  // Neither all too kind nor hopeless: both ends of a download are visited.
  EXPECT_GT(good, 1000U);
  EXPECT_GT(bad, 500U);
}

}  // namespace
}  // namespace sampan::client
