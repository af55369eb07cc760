#include "server/digests.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <vector>

#include "base/digest.h"
#include "server/test_tree.h"

namespace sampan::serving {
namespace {

using ptr = std::shared_ptr<const file_digests>;
using waits = std::vector<std::unique_ptr<digests::wait>>;

std::string sha256(std::string_view bytes) {
  base::hasher hasher(base::digest_algorithm::sha256);
  hasher.update(bytes);
  return hasher.finish();
}

std::string patterned(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 1000);
  return text;
}

class Digests : public testing::Test {
 protected:
  digests::subject subject(const std::string& name, bool pieces = false) const {
    auto fd = std::make_shared<base::unique_fd>(::open(tree_.path(name).c_str(), O_RDONLY | O_CLOEXEC));
    return {fd, store::state_of(fd->get()), pieces};
  }
  // Takes longer to hash than everything else here, and longer than any test stays.
  digests::subject huge(bool pieces = false) const {
    tree_.put("huge", "");
    EXPECT_EQ(truncate(tree_.path("huge").c_str(), digests::most_hashed), 0);
    return subject("huge", pieces);
  }
  std::unique_ptr<digests::wait> ask(const digests::subject& about) {
    return all_.ask(loops_.back(), about, [this] { loops_.back().stop(); });
  }
  // The answer, at once or when it comes.
  ptr answer(const digests::subject& about) {
    loops_.emplace_back();
    const auto wait = ask(about);
    if (!wait) return nullptr;
    if (!wait->answer()) loops_.back().run();
    return wait->answer();
  }
  bool is_known(const digests::subject& about) {
    const auto wait = ask(about);
    return wait && wait->answer();
  }

  test_tree tree_;
  std::deque<net::loop> loops_{1};
  digests all_;
};

TEST_F(Digests, OfTheWholeAndOfEachPiece) {
  constexpr std::size_t piece = digests::piece_length;
  for (const std::size_t size : {std::size_t{1}, piece - 1, piece, piece + 1, 3 * piece + 5}) {
    const std::string text = patterned(size);
    tree_.put("file", text);
    const ptr known = answer(subject("file", true));
    ASSERT_TRUE(known) << size;
    EXPECT_EQ(known->whole, sha256(text)) << size;
    std::string pieces;
    for (std::size_t at = 0; at < size; at += piece) pieces += sha256(std::string_view(text).substr(at, piece));
    EXPECT_EQ(known->pieces, pieces) << size;
  }
}

TEST_F(Digests, OfMemoryAreTheSame) {
  tree_.put("file", patterned(60'000));
  EXPECT_EQ(answer(subject("file", true))->pieces, digests_of(patterned(60'000))->pieces);
  EXPECT_EQ(answer(subject("file"))->whole, digests_of(patterned(60'000))->whole);
  EXPECT_EQ(digests_of("")->pieces, "");
}

TEST_F(Digests, AreRemembered) {
  tree_.put("file", patterned(100'000));
  const ptr whole = answer(subject("file"));
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->has_pieces);
  EXPECT_EQ(answer(subject("file")), whole);
  const ptr both = answer(subject("file", true));
  ASSERT_TRUE(both && both->has_pieces);
  EXPECT_EQ(answer(subject("file")), both);
}

TEST_F(Digests, AreForgottenWhereTheyTakeTooMuch) {
  digests few(1'000);
  const auto is_known = [&](const std::string& name) {
    loops_.emplace_back();
    const auto wait = few.ask(loops_.back(), subject(name), [this] { loops_.back().stop(); });
    if (wait->answer()) return true;
    loops_.back().run();
    EXPECT_TRUE(wait->answer());
    return false;
  };
  for (const char* name : {"a", "b", "c", "d"}) tree_.put(name, name);
  for (const char* name : {"a", "b", "c"}) EXPECT_FALSE(is_known(name));
  EXPECT_TRUE(is_known("a"));
  EXPECT_FALSE(is_known("d"));  // in the place of the one that was asked for longest ago
  for (const char* name : {"a", "c", "d"}) EXPECT_TRUE(is_known(name)) << name;
  EXPECT_FALSE(is_known("b"));
}

TEST_F(Digests, OneJobForAllWhoAsk) {
  auto blocker = ask(huge());
  tree_.put("file", patterned(100'000));
  loops_.emplace_back();
  constexpr int many = 20;
  int told = 0;
  waits all;
  for (int i = 0; i < many; ++i) {
    all.push_back(all_.ask(loops_.back(), subject("file", i < 3), [&] {
      if (++told == many) loops_.back().stop();
    }));
    ASSERT_TRUE(all.back());
    EXPECT_FALSE(all.back()->answer());
  }
  blocker.reset();
  loops_.back().run();
  ASSERT_TRUE(all.front()->answer());
  for (const auto& one : all) EXPECT_EQ(one->answer(), all.front()->answer());
}

TEST_F(Digests, NoneOfAFileThatChanged) {
  tree_.put("file", "before");
  const auto before = subject("file");
  tree_.wait_for_next_stamp();
  tree_.put("file", "behind");
  EXPECT_FALSE(answer(before));
  EXPECT_EQ(answer(subject("file"))->whole, sha256("behind"));
  EXPECT_FALSE(is_known(before));
}

TEST_F(Digests, NoneOfAFileThatChangesMeanwhile) {
  const auto before = huge();
  loops_.emplace_back();
  const auto wait = ask(before);
  const base::unique_fd fd(::open(tree_.path("huge").c_str(), O_WRONLY | O_CLOEXEC));
  tree_.wait_for_next_stamp();
  ASSERT_EQ(pwrite(fd.get(), "x", 1, 0), 1);
  ASSERT_EQ(ftruncate(fd.get(), 1), 0);
  loops_.back().run();
  EXPECT_FALSE(wait->answer());
  EXPECT_EQ(answer(subject("huge"))->whole, sha256("x"));
}

TEST_F(Digests, WhatNobodyWaitsForIsDropped) {
  const auto large = huge();
  auto first = ask(large);
  auto second = ask(large);
  first.reset();
  EXPECT_FALSE(second->answer());
  second.reset();
  tree_.put("file", "x");
  // One thread does one job after the other: if the first had been finished, it would be known before this.
  EXPECT_EQ(answer(subject("file"))->whole, sha256("x"));
  EXPECT_FALSE(is_known(large));
}

TEST_F(Digests, NotTooManyWait) {
  waits all;
  all.push_back(ask(huge()));
  for (std::size_t i = 0; i < digests::most_jobs; ++i) {
    const std::string name = "file" + std::to_string(i);
    tree_.put(name, "x");
    all.push_back(ask(subject(name)));
  }
  for (std::size_t i = 0; i < digests::most_jobs; ++i) EXPECT_TRUE(all[i]) << i;
  tree_.put("last", "x");
  EXPECT_FALSE(ask(subject("last")));
  all.push_back(ask(subject("file0")));
  EXPECT_TRUE(all.back()) << "it is on the list already";
}

}  // namespace
}  // namespace sampan::serving
