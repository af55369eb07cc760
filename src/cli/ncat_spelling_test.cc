#include "cli/ncat_spelling.h"

#include <gtest/gtest.h>

namespace sampan::cli {
namespace {

using words = std::vector<std::string>;

TEST(NcatSpelling, Listening) {
  const struct {
    words given;
    words wanted;
  } cases[] = {
      {{"-l", "7788"}, {"--stay", "--", "7788"}},
      {{"--listen"}, {"--stay", "--"}},
      {{"-lk", "7788"}, {"--stay", "--", "7788"}},
      {{"-klvn", "-p", "80"}, {"--stay", "-p", "80", "--"}},
      {{"-lp80"}, {"--stay", "-p", "80", "--"}},
      {{"-l", "-C4", "::1", "80"}, {"--stay", "-C", "-4", "-b", "::1", "--", "80"}},
      {{"-w", "5", "-l", "-i", "3", "80"}, {"--stay", "-i", "3", "--", "80"}},
      {{"-U", "-l", "/run/x"}, {"--stay", "-U", "--", "/run/x"}},
      {{"-l", "--reply", "-l", "--send-only", "--log=x", "80"},
       {"--stay", "--reply", "-l", "--send-only", "--log=x", "--", "80"}},
      {{"-l", "--", "-80"}, {"--stay", "--", "-80"}},
      {{"-lp"}, {"--stay", "-p", "", "--"}},
  };
  for (const auto& c : cases) EXPECT_EQ(as_listen(c.given), c.wanted) << c.given[0];
}

TEST(NcatSpelling, TheClient) {
  for (const words& given : {words{}, words{"host", "80"}, words{"--", "-l"}, words{"-e", "-l", "host", "80"},
                             words{"-p", "-l"}, words{"--reply", "-l", "h", "1"}, words{"-elatin1", "h", "1"}}) {
    EXPECT_EQ(as_listen(given), std::nullopt);
  }
}

}  // namespace
}  // namespace sampan::cli
