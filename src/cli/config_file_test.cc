#include "cli/config_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sampan::cli {
namespace {

using strings = std::vector<std::string>;

const flag flags[] = {{"-p,--port", "N"}, {"-b,--bind", "ADDR", "", repeats::words},
                      {"--deep-water"},   {"--wait", "TIME"},
                      {"--log", "FILE"},  {"--config", "FILE"},
                      {"-h,--help"}};
const command about{"float", "[A]", "", flags, 1, true, "path"};

TEST(ConfigFile, GivesWhatTheCommandLineWould) {
  const auto given = parse_config(
      "# a comment\n"
      "port = 8_080\n"
      "bind = [\"a\",\n  \"b c\"]\n"
      "deep-water = true\n"
      "wait = \"500ms\"\n"
      "path = '/srv/文'\n",
      "F", about);
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->text("--port"), "8080");
  EXPECT_EQ(given->list("--bind"), (strings{"a", "b c"}));
  EXPECT_TRUE(given->on("--deep-water"));
  EXPECT_EQ(given->text("--wait"), "500ms");
  EXPECT_EQ(given->positional(), (strings{"/srv/文"}));
  EXPECT_EQ(given->source("--port"), "F:2 port");
  EXPECT_EQ(given->source("--deep-water"), "F:5 deep-water");
  EXPECT_FALSE(given->has("--log"));
}

TEST(ConfigFile, TakesTheTypesOfTheTable) {
  const auto text = [](const char* line, const char* name) {
    return parse_config(line, "F", about)->text(name, "none");
  };
  EXPECT_EQ(text("wait = 2", "--wait"), "2");
  EXPECT_EQ(text("wait = 0.5", "--wait"), "0.5");
  EXPECT_EQ(text("port = -1", "--port"), "-1");
  EXPECT_EQ(text("bind = \"a b\"", "--bind"), "a b");
  EXPECT_EQ(text("bind = []", "--bind"), "none");
  EXPECT_EQ(text("\"log\" = \"x\"", "--log"), "x");
  EXPECT_EQ(text("", "--log"), "none");
  const auto off = parse_config("deep-water = false", "F", about);
  EXPECT_FALSE(off->on("--deep-water", true));
}

TEST(ConfigFile, NamesLineAndKeyOfWhatIsWrong) {
  struct {
    const char* text;
    const char* subject;
  } const table[] = {
      {"port = 1\nprot = 2", "F:2 prot"},
      {"config = 'x'", "F:1 config"},
      {"help = true", "F:1 help"},
      {"p = 1", "F:1 p"},
      {"--port = 1", "F:1 --port"},
      {"\n\n[serve]\nport = 1", "F:3 serve"},
      {"port = '8080'", "F:1 port"},
      {"port = 1.0", "F:1 port"},
      {"port = true", "F:1 port"},
      {"port = [1]", "F:1 port"},
      {"bind = 5", "F:1 bind"},
      {"bind = ['a', 5]", "F:1 bind"},
      {"bind = [['a']]", "F:1 bind"},
      {"deep-water = 1", "F:1 deep-water"},
      {"deep-water = 'yes'", "F:1 deep-water"},
      {"wait = true", "F:1 wait"},
      {"wait = ['1s']", "F:1 wait"},
      {"log = 1", "F:1 log"},
      {"log = \"a\\u0000b\"", "F:1 log"},
      {"log = 2026-03-01", "F:1 log"},
      {"path = 1", "F:1 path"},
      {"path = ['a']", "F:1 path"},
      {"port = 1\nport = 2", "F:2"},
      {"port = ", "F:1"},
      {"port = 1\nwhat is this", "F:2"},
      {"port = 99999999999999999999", "F:1"},
      {"log = '\xff'", "F:1"},
      {"log = 'open", "F:1"},
  };
  for (const auto& row : table) {
    const auto given = parse_config(row.text, "F", about);
    ASSERT_FALSE(given) << row.text;
    EXPECT_EQ(given.error().code(), errc::bad_value);
    EXPECT_EQ(given.error().subject(), row.subject) << row.text;
    EXPECT_FALSE(given.error().detail().empty()) << row.text;
  }
}

TEST(ConfigFile, IsRead) {
  std::string name = testing::TempDir() + "sampan-config-XXXXXX";
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const std::filesystem::path folder = name;
  const std::string path = folder / "a.toml";
  std::ofstream(path) << std::string(5000, '#') << "\nport = 7\n";
  const auto given = read_config_file(path, about);
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->source("--port"), path + ":2 port");
  for (const std::string& bad :
       {(folder / "missing").string(), folder.string(), std::string("/dev/zero"), std::string()}) {
    const auto read = read_config_file(bad, about);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code(), errc::bad_value);
    EXPECT_EQ(read.error().subject(), bad);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace sampan::cli
