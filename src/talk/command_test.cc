#include "talk/command.h"

#include <gtest/gtest.h>

namespace sampan::talk {
namespace {

using kind = command_kind;

TEST(Command, Table) {
  const struct {
    const char* line;
    typed_command wanted;
  } cases[] = {
      {"hello\n", {kind::text, 0, "hello\n"}},
      {"", {kind::text, 0, ""}},
      {"\n", {kind::text, 0, "\n"}},
      {" /quit\n", {kind::text, 0, " /quit\n"}},
      {"/quit\n", {kind::quit, 0, ""}},
      {"/quit", {kind::quit, 0, ""}},
      {"/quit now\n", {kind::wrong, 0, "/quit now"}},
      {"//quit\n", {kind::text, 0, "/quit\n"}},
      {"/who \r\n", {kind::who, 0, ""}},
      {"/kick 12\n", {kind::kick, 12, ""}},
      {"/kick 0\n", {kind::wrong, 0, "/kick 0"}},
      {"/kick\n", {kind::wrong, 0, "/kick"}},
      {"/kick 2x\n", {kind::wrong, 0, "/kick 2x"}},
      {"/kick 99999999999999999999\n", {kind::wrong, 0, "/kick 99999999999999999999"}},
      {"/encoding utf-8\n", {kind::encoding, 0, "utf-8"}},
      {"/encoding  2  utf-8\n", {kind::encoding, 2, "utf-8"}},
      {"/encoding\n", {kind::wrong, 0, "/encoding"}},
      {"/encoding 2\n", {kind::wrong, 0, "/encoding 2"}},
      {"/encoding utf-8 2\n", {kind::wrong, 0, "/encoding utf-8 2"}},
      {"/hex 02 45\n", {kind::hex, 0, "02 45"}},
      {"/hex\n", {kind::wrong, 0, "/hex"}},
      {"/escapes on\n", {kind::escapes, 0, "on"}},
      {"/escapes maybe\n", {kind::wrong, 0, "/escapes maybe"}},
      {"/view hex\n", {kind::other, 0, "/view hex"}},
      {"/\n", {kind::other, 0, "/"}},
      {"@2 hello\n", {kind::text, 2, "hello\n"}},
      {"@2 \n", {kind::text, 2, "\n"}},
      {"@2 /hex 02\n", {kind::hex, 2, "02"}},
      {"@2 //x\n", {kind::text, 2, "/x\n"}},
      {"@2 /quit\n", {kind::wrong, 0, "@2 /quit"}},
      {"@2 /view hex\n", {kind::wrong, 0, "@2 /view hex"}},
      {"@all 大家好\n", {kind::text, 0, "大家好\n", true}},
      {"@bob hi\n", {kind::text, 0, "@bob hi\n"}},
      {"@0 hi\n", {kind::text, 0, "@0 hi\n"}},
      {"@2\n", {kind::text, 0, "@2\n"}},
      {"@\n", {kind::text, 0, "@\n"}},
  };
  for (const auto& c : cases) {
    const auto got = read_command(c.line);
    EXPECT_EQ(got, c.wanted) << c.line << " | " << static_cast<int>(got.kind) << ' ' << got.client << ' ' << got.text;
  }
}

}  // namespace
}  // namespace sampan::talk
