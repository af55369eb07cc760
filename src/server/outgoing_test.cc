#include "server/outgoing.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/test_allocations.h"
#include "server/test_tcp_pair.h"
#include "server/test_tree.h"
#include "store/cache_probe.h"

namespace sampan::serving {
namespace {

using step = outgoing::step;
using file = std::shared_ptr<const base::unique_fd>;

std::string pattern(std::size_t size, unsigned seed) {
  std::string made(size, '\0');
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<char>((i * 31 + i / 251 + seed) & 0xff);
  return made;
}

// In memory, so that nothing of it is ever cold.
file file_of(std::string_view text) {
  auto made = std::make_shared<const base::unique_fd>(memfd_create("outgoing_test", MFD_CLOEXEC));
  EXPECT_EQ(pwrite(made->get(), text.data(), text.size(), 0), std::ssize(text));
  return made;
}

void set_modified(const file& of, std::int64_t seconds) {
  const timespec times[] = {{0, UTIME_OMIT}, {seconds, 0}};
  ASSERT_EQ(futimens(of->get(), times), 0);
}

void set_file(outgoing& out, const file& of) { out.set_file(of, store::state_of(of->get())); }

// Takes all that sendfile gives it: only the budget ends a turn.
net::tcp_stream bottomless() { return net::tcp_stream(base::unique_fd(memfd_create("bottomless", MFD_CLOEXEC))); }

void add_text(outgoing& out, std::string_view text, bool is_content) {
  out.text() += text;
  out.add_text(is_content);
}

TEST(Outgoing, SendsPiecesInOrder) {
  tcp_pair pair;
  outgoing out;
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(out.send(pair.server()), step::done);
  add_text(out, "head ", false);
  set_file(out, file_of("0123456789"));
  out.add_file(3, 4);
  add_text(out, " between ", true);
  out.text() += "in ";
  out.text() += "two";
  out.add_text(true);
  out.add_text(true);  // nothing new
  out.add_file(0, 0);
  out.add_file(0, 2);
  EXPECT_FALSE(out.empty());
  EXPECT_EQ(out.send(pair.server()), step::done);
  const std::string_view all = "head 3456 between in two01";
  EXPECT_EQ(pair.read_all(all.size()), all);
  EXPECT_EQ(out.sent(), all.size());
  EXPECT_EQ(out.content_sent(), all.size() - 5);
  EXPECT_TRUE(out.empty());

  // Whoever adds more begins anew, and what was sent goes on counting.
  add_text(out, "more", true);
  EXPECT_EQ(out.send(pair.server()), step::done);
  EXPECT_EQ(pair.read_all(4), "more");
  EXPECT_EQ(out.sent(), all.size() + 4);
  EXPECT_EQ(out.content_sent(), all.size() - 1);
}

TEST(Outgoing, SendsTheSameBytesForEveryBuffer) {
  const std::string of_file = pattern(200'000, 1);
  const file source = file_of(of_file);
  const std::string text = pattern(50'000, 2);
  struct {
    std::string bytes;
    bool from_file;
    std::uint64_t offset;
    bool is_content;
  } const pieces[] = {
      {text.substr(0, 300), false, 0, false},
      {of_file.substr(0, 150'000), true, 0, true},
      {"x", false, 0, true},
      {of_file.substr(199'999), true, 199'999, true},
      {text, false, 0, true},
      {of_file.substr(100'000, 70'000), true, 100'000, true},
      {text.substr(100, 20'000), false, 0, false},
  };
  std::string expected;
  std::vector<bool> counts;
  for (const auto& one : pieces) {
    expected += one.bytes;
    counts.insert(counts.end(), one.bytes.size(), one.is_content);
  }
  for (const int buffer : {1, 9'001, 30'000, 0}) {
    for (const std::size_t portion : {1'500UL, 33'333UL, 1'000'000UL}) {
      tcp_pair pair(buffer);
      outgoing out;
      set_file(out, source);
      for (const auto& one : pieces) {
        if (one.from_file) {
          out.add_file(one.offset, one.bytes.size());
        } else {
          add_text(out, one.bytes, one.is_content);
        }
      }
      std::string got;
      int blocked = 0;
      step last = step::blocked;
      std::uint64_t content = 0;
      std::uint64_t counted = 0;
      while (got.size() < expected.size()) {
        if (last != step::done) last = out.send(pair.server());
        for (; counted < out.sent(); ++counted) content += counts[counted] ? 1 : 0;
        ASSERT_EQ(out.content_sent(), content);
        ASSERT_TRUE(last == step::blocked || last == step::done) << static_cast<int>(last);
        blocked += last == step::blocked ? 1 : 0;
        got += pair.read(portion);
      }
      EXPECT_EQ(last, step::done);
      EXPECT_TRUE(got == expected) << buffer << ' ' << portion;
      EXPECT_GT(blocked, buffer > 0 && buffer < 50'000 ? 2 : -1);
    }
  }
}

TEST(Outgoing, EndsATurnAtItsBudget) {
  constexpr auto budget = outgoing::turn_budget;
  const std::string all = pattern(3 * budget + 5, 3);
  auto to = bottomless();
  outgoing out;
  set_file(out, file_of(all));
  out.add_file(0, budget / 2);  // the budget is the turn's, not the piece's
  out.add_file(budget / 2, all.size() - budget / 2);
  for (std::uint64_t turns = 1; turns <= 3; ++turns) {
    EXPECT_EQ(out.send(to), step::turn_over);
    EXPECT_EQ(out.sent(), turns * budget);
  }
  EXPECT_EQ(out.send(to), step::done);
  std::string got(all.size() + 1, '\0');
  EXPECT_EQ(pread(to.fd(), got.data(), got.size(), 0), std::ssize(all));
  got.pop_back();
  EXPECT_TRUE(got == all);
}

TEST(Outgoing, TellsThatTheFileShrank) {
  const file source = file_of(pattern(100, 4));
  auto to = bottomless();
  outgoing out;
  set_file(out, source);
  out.add_file(10, 90);
  ASSERT_EQ(ftruncate(source->get(), 60), 0);
  EXPECT_EQ(out.send(to), step::shrank);
  EXPECT_EQ(out.content_sent(), 50U);
}

TEST(Outgoing, TellsThatTheFileShrankBetweenTwoTurns) {
  constexpr auto budget = outgoing::turn_budget;
  const file source = file_of(pattern(2 * budget, 5));
  auto to = bottomless();
  outgoing out;
  set_file(out, source);
  out.add_file(0, 2 * budget);
  EXPECT_EQ(out.send(to), step::turn_over);
  ASSERT_EQ(ftruncate(source->get(), budget), 0);
  EXPECT_EQ(out.send(to), step::shrank);
  EXPECT_EQ(out.content_sent(), budget);
}

class OutgoingChanges : public testing::Test {
 protected:
  static constexpr auto budget = outgoing::turn_budget;

  OutgoingChanges() {
    set_modified(source_, 1'000'000'000);
    set_file(out_, source_);
  }
  void begin(std::uint64_t length) {
    out_.add_file(0, length);
    ASSERT_EQ(out_.send(to_), step::turn_over);
  }

  file source_ = file_of(pattern(3 * budget, 6));
  net::tcp_stream to_ = bottomless();
  outgoing out_;
};

TEST_F(OutgoingChanges, HoldTheEndBack) {
  begin(2 * budget);
  set_modified(source_, 1'000'000'001);
  EXPECT_EQ(out_.send(to_), step::changed);
  EXPECT_LT(out_.content_sent(), 2 * budget);
}

TEST_F(OutgoingChanges, ArePassedOverWhenTheFileOnlyGrows) {
  begin(2 * budget);
  ASSERT_EQ(ftruncate(source_->get(), 4 * budget), 0);
  set_modified(source_, 1'000'000'001);
  EXPECT_EQ(out_.send(to_), step::done);
  EXPECT_EQ(out_.content_sent(), 2 * budget);
}

TEST_F(OutgoingChanges, DoNotMatterToWhatGoesOutAtOnce) {
  set_modified(source_, 1'000'000'001);
  out_.add_file(0, budget);
  EXPECT_EQ(out_.send(to_), step::done);
}

TEST_F(OutgoingChanges, AreForgottenByClear) {
  begin(2 * budget);
  out_.clear();
  set_file(out_, source_);
  set_modified(source_, 1'000'000'001);
  out_.add_file(0, budget);
  EXPECT_EQ(out_.send(to_), step::done) << "this one goes out at once";
}

TEST(Outgoing, LeavesNothingUnsent) {
  tcp_pair pair;
  outgoing out;
  add_text(out, "held", false);
  EXPECT_EQ(out.send(pair.server(), true), step::done);
  EXPECT_EQ(pair.held_back(), 4) << "what is not measured cannot be tested";
  add_text(out, " sent", false);
  EXPECT_EQ(out.send(pair.server()), step::done);
  EXPECT_EQ(pair.held_back(), 0);

  // The last piece there is decides, also where an empty one was to follow.
  add_text(out, "head", false);
  set_file(out, file_of(""));
  out.add_file(0, 0);
  EXPECT_EQ(out.send(pair.server()), step::done);
  EXPECT_EQ(pair.held_back(), 0);

  add_text(out, "head", false);
  set_file(out, file_of("0123456789"));
  out.add_file(0, 10);
  EXPECT_EQ(out.send(pair.server()), step::done);
  EXPECT_EQ(pair.held_back(), 0);

  add_text(out, "a", false);
  set_file(out, file_of("0123456789"));
  out.add_file(0, 10);
  add_text(out, "b", true);
  EXPECT_EQ(out.send(pair.server()), step::done);
  EXPECT_EQ(pair.held_back(), 0);
  EXPECT_EQ(pair.read_all(9 + 4 + 14 + 12), "held sentheadhead0123456789a0123456789b");
}

TEST(Outgoing, TellsThatTheClientLeft) {
  tcp_pair pair;
  const linger at_once{1, 0};
  setsockopt(pair.client().get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  pair.client().reset();
  outgoing out;
  set_file(out, file_of("0123456789"));
  out.add_file(0, 10);
  EXPECT_EQ(out.send(pair.server()), step::failed);
  EXPECT_TRUE(out.number() == ECONNRESET || out.number() == EPIPE) << out.number();
  EXPECT_EQ(out.sent(), 0U);
  out.clear();
  EXPECT_EQ(out.number(), 0);
}

TEST(Outgoing, AsksForWhatIsCold) {
  const test_tree tree(build_folder());
  const std::string all = pattern(100'000, 7);
  tree.put("cold", all);
  if (!tree.make_cold("cold")) GTEST_SKIP() << "this filesystem keeps its files in memory";
  const auto source = std::make_shared<const base::unique_fd>(open(tree.path("cold").c_str(), O_RDONLY | O_CLOEXEC));
  auto to = bottomless();
  outgoing out;
  set_file(out, source);
  out.add_file(100, 90'000);
  ASSERT_EQ(out.send(to), step::cold);
  EXPECT_EQ(out.file(), source);
  EXPECT_EQ(out.cold_offset(), 100U);
  EXPECT_EQ(out.cold_length(), 90'000U);
  EXPECT_EQ(out.sent(), 0U);
  store::read_into_page_cache(source->get(), out.cold_offset(), out.cold_length());
  out.warmed();
  EXPECT_EQ(out.send(to), step::done);
  std::string got(90'000, '\0');
  EXPECT_EQ(pread(to.fd(), got.data(), got.size(), 0), std::ssize(got));
  EXPECT_TRUE(got == all.substr(100, 90'000));
}

TEST(Outgoing, LetsGoOfTheFile) {
  auto to = bottomless();
  outgoing out;
  for (const bool sent : {true, false}) {
    file source = file_of("0123456789");
    const std::weak_ptr<const base::unique_fd> watched = source;
    set_file(out, source);
    out.add_file(0, 10);
    source.reset();
    EXPECT_FALSE(watched.expired());
    if (sent) {
      EXPECT_EQ(out.send(to), step::done);
    } else {
      out.clear();
    }
    EXPECT_TRUE(watched.expired()) << sent;
  }
}

// The longest text and the most pieces that one use of a queue may leave to the next.
constexpr std::size_t kept_text = 16 * 1024;
constexpr std::size_t kept_pieces = 64;

TEST(Outgoing, KeepsALittleMemory) {
  outgoing out;
  out.text().append(kept_text, 'x');
  out.clear();
  EXPECT_GE(out.text().capacity(), kept_text);
  EXPECT_TRUE(out.text().empty());
  out.text().append(100 * kept_text, 'x');
  out.add_text(true);
  out.clear();
  EXPECT_LE(out.text().capacity(), kept_text);
  EXPECT_TRUE(out.empty());
}

TEST(Outgoing, KeepsAFewPieces) {
  if (!base::allocations_are_counted()) GTEST_SKIP() << "a sanitizer has its own operator new";
  outgoing out;
  const auto use = [&](std::size_t pieces) {
    out.clear();
    const std::size_t before = base::allocations();
    for (std::size_t i = 0; i < pieces; ++i) out.add_file(0, 1);
    return base::allocations() - before;
  };
  EXPECT_GT(use(kept_pieces), 0U);
  EXPECT_EQ(use(kept_pieces), 0U);
  EXPECT_GT(use(10 * kept_pieces), 0U);
  EXPECT_GT(use(kept_pieces), 0U) << "the memory of many pieces was kept";
}

}  // namespace
}  // namespace sampan::serving
