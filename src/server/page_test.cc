#include "server/page.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "server/error_page.h"
#include "server/test_markup.h"
#include "text/escape.h"

namespace sampan::serving {
namespace {

using namespace std::string_view_literals;

// What openssl and browsers call the digest, computed by coreutils: nothing of ours can do it.
std::string sha256_base64(const std::string& text) {
  char name[] = "/tmp/sampan-style-XXXXXX";
  close(mkstemp(name));
  std::ofstream(name) << text;
  const std::string command =
      "sha256sum " + std::string(name) + " | cut -c-64 | tr a-f A-F | basenc -d --base16 | base64";
  std::array<char, 128> line{};
  FILE* pipe = popen(command.c_str(), "r");
  EXPECT_NE(std::fgets(line.data(), line.size(), pipe), nullptr);
  pclose(pipe);
  std::filesystem::remove(name);
  const std::string digest = line.data();
  return digest.substr(0, digest.find('\n'));
}

TEST(Page, PolicyAllowsItsStyleAlone) {
  std::string page;
  begin_page("x", page);
  const auto styles = texts_of(read_markup(page), "style");
  ASSERT_EQ(styles.size(), 1U);
  EXPECT_NE(page_policy.find("style-src 'sha256-" + sha256_base64(styles[0]) + "';"), page_policy.npos)
      << sha256_base64(styles[0]);
  EXPECT_TRUE(page_policy.starts_with("default-src 'none';"));
  EXPECT_EQ(page_policy.find("unsafe"), page_policy.npos);
}

TEST(Page, TitleIsEscaped) {
  std::string page = "before ";
  begin_page("</title><script>\"&\n", page);
  ASSERT_TRUE(page.starts_with("before "));
  const auto steps = read_markup(page.substr(7));
  expect_inert(steps);
  EXPECT_EQ(texts_of(steps, "title"), std::vector<std::string>{"</title><script>\"&\\n"});
}

TEST(ErrorPage, ShowsStatusAndPath) {
  const auto steps = read_markup(error_page(404, "Not Found", "/<img src=x onerror=alert(1)>\n"));
  expect_inert(steps);
  EXPECT_EQ(texts_of(steps, "title"), std::vector<std::string>{"404 Not Found"});
  EXPECT_EQ(texts_of(steps, "h1"), std::vector<std::string>{"404 Not Found"});
  EXPECT_EQ(texts_of(steps, "bdi"), std::vector<std::string>{"/<img src=x onerror=alert(1)>\\n"});
  EXPECT_TRUE(texts_of(read_markup(error_page(503, "Service Unavailable", "")), "p").empty());
}

TEST(ErrorPage, EveryByteIsInert) {
  for (int a = 0; a < 256; ++a) {
    const std::string path{'/', static_cast<char>(a), '"'};
    const auto steps = read_markup(error_page(404, "Not Found", path));
    expect_inert(steps);
    EXPECT_EQ(texts_of(steps, "bdi"), std::vector<std::string>{text::escape_terminal(path)});
  }
}

TEST(ErrorPage, CutsLongPathsBeforeACharacter) {
  const auto shown = [](const std::string& path) {
    const auto texts = texts_of(read_markup(error_page(404, "Not Found", path)), "bdi");
    return texts.size() == 1 ? texts[0] : "none";
  };
  EXPECT_EQ(shown(std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(shown(std::string(201, 'x')), std::string(200, 'x') + "…");
  EXPECT_EQ(shown(std::string(199, 'x') + "é"), std::string(199, 'x') + "…");
  EXPECT_EQ(shown(std::string(198, 'x') + "éy"), std::string(198, 'x') + "é…");
  EXPECT_EQ(shown(std::string(197, 'x') + "\xf0\x9f\x98\x80"), std::string(197, 'x') + "…");
  EXPECT_EQ(shown(std::string(8000, '&')), std::string(200, '&') + "…");
  std::string broken, escaped;
  for (int i = 0; i < 300; ++i) broken += '\xff';
  for (int i = 0; i < 200; ++i) escaped += "\\xff";
  EXPECT_EQ(shown(broken), escaped + "…");
}

}  // namespace
}  // namespace sampan::serving
