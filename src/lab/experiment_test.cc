#include "lab/experiment.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <string>

#include "base/unique_fd.h"

namespace sampan::lab {
namespace {

// `listen` and `serve` need servers of other rooms: tests/e2e/test_lab.py runs these, and all under sabotage.
bool is_here(const experiment& one) { return one.name != std::string("listen") && one.name != std::string("serve"); }

class Experiments : public testing::TestWithParam<experiment> {};

TEST_P(Experiments, every_claim_holds) {
  std::size_t claims = 0;
  options how;
  how.patience = std::chrono::milliseconds(10'000);
  how.on_step = [&](const step& told) {
    const auto* claim = std::get_if<observation>(&told);
    if (!claim) return;
    ++claims;
    EXPECT_TRUE(claim->holds) << claim->id << ": expected " << claim->expected << ", seen " << claim->seen;
  };
  EXPECT_TRUE(run(GetParam(), how).value());
  EXPECT_GT(claims, 1u);
}

std::vector<experiment> those_here() {
  std::vector<experiment> chosen;
  for (const experiment& one : experiments()) {
    if (is_here(one)) chosen.push_back(one);
  }
  return chosen;
}

INSTANTIATE_TEST_SUITE_P(Lab, Experiments, testing::ValuesIn(those_here()), [](const auto& about) {
  std::string name = about.param.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  return "of_" + name;
});

TEST(Experiment, interrupted_tells_nothing_more) {
  const base::unique_fd interrupt(eventfd(0, EFD_CLOEXEC));
  std::size_t steps = 0;
  options how;
  how.interrupt_fd = interrupt.get();
  how.on_step = [&](const step&) {
    if (++steps == 3) eventfd_write(interrupt.get(), 1);
  };
  const auto done = run(experiments().front(), how);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), errc::interrupted);
  EXPECT_EQ(steps, 3u);
}

}  // namespace
}  // namespace sampan::lab
