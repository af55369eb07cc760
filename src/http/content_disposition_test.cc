#include "http/content_disposition.h"

#include <gtest/gtest.h>

#include "text/utf8.h"

namespace sampan::http {
namespace {

struct row {
  std::string value, name;
};

void check(const std::vector<row>& table) {
  for (const auto& [value, name] : table) EXPECT_EQ(disposition_file_name(value), name) << value;
}

TEST(ContentDisposition, ReadsNames) {
  check({
      {"attachment; filename=a.txt", "a.txt"},
      {R"(attachment; filename="a.txt")", "a.txt"},
      {R"(inline; filename="a.txt")", "a.txt"},
      {R"(ATTACHMENT;FileName = "a.txt")", "a.txt"},
      {R"(attachment; filename="a;b, c=d.txt")", "a;b, c=d.txt"},
      {R"(attachment; filename="a \"b\" \\ c.txt")", R"(a "b" \ c.txt)"},
      {R"(attachment; creation-date="x"; filename=a; size=5)", "a"},
      {"attachment; filename=\"\xe4\xbd\xa0.txt\"", "\xe4\xbd\xa0.txt"},
      {"attachment; filename=\"\xe4.txt\"", "\xc3\xa4.txt"},  // ISO-8859-1
      {R"(attachment; filename="a%20b.txt")", "a%20b.txt"},   // percent signs mean something only in filename*
      {"attachment; filename=../../evil", "../../evil"},      // made safe elsewhere
  });
}

TEST(ContentDisposition, ReadsExtendedNames) {
  check({
      {"attachment; filename*=UTF-8''a%20b.txt", "a b.txt"},
      {"attachment; filename*=utf-8'en'%e2%82%ac", "\xe2\x82\xac"},
      {"attachment; filename*=iso-8859-1''%e4%80", "\xc3\xa4\xc2\x80"},
      {R"(attachment; filename="old"; filename*=UTF-8''new)", "new"},
      {R"(attachment; filename*=UTF-8''new; filename="old")", "new"},
      {R"(attachment; filename*="UTF-8''new"; filename="old")", "new"},
      {"attachment; FILENAME*=UTF-8''new", "new"},
      {"attachment; filename*=UTF-8''a'b", "a'b"},
      {"attachment; filename*=UTF-8''..%2f..%2fx", "../../x"},
  });
}

TEST(ContentDisposition, FallsBackFromBrokenExtendedNames) {
  for (const char* broken : {"", "x", "UTF-8'x", "UTF-8''", "UTF-8''%", "UTF-8''%4", "UTF-8''a%zz", "UTF-8''%e4",
                             "UTF-8''a%00b", "GBK''%c4%e3", "''x", "UTF-16''%00x", "UTF-8''\xe4"}) {
    EXPECT_EQ(disposition_file_name(std::string("attachment; filename=old; filename*=") + broken), "old") << broken;
    EXPECT_EQ(disposition_file_name(std::string("attachment; filename*=") + broken), "") << broken;
  }
  EXPECT_EQ(disposition_file_name("attachment; filename*=x; filename*=UTF-8''second; filename=old"), "old");
}

TEST(ContentDisposition, ToleratesWhatServersSend) {
  check({
      {"attachment; filename=a.txt;", "a.txt"},
      {"attachment;;; filename=a.txt ; ;", "a.txt"},
      {"attachment; filename=my file (1).txt", "my file (1).txt"},
      {"filename=a.txt", "a.txt"},
      {R"(filename="a.txt"; attachment)", "a.txt"},
      {R"(attachment; filename="a.txt)", "a.txt"},
      {R"(attachment; filename="a.txt" junk)", "a.txt"},
      {"attachment; filename=first; filename=second", "first"},
      {"attachment; filename*=UTF-8''first; filename*=UTF-8''second", "first"},
      {"attachment; filename=a=b", "a=b"},
      {R"(attachment; filename="a\)", R"(a\)"},
  });
}

TEST(ContentDisposition, FindsNone) {
  for (const char* none : {"", ";", "=", "attachment", "attachment; filename",
                           "attachment; filename=", R"(attachment; filename="")", "attachment; name=x",
                           R"(attachment; foo="filename=x")", "filename", R"(attachment; filename="=?UTF-8?B?5L2g?=")",
                           "attachment; filename==?utf-8?q?a?=.txt", "attachment; filename*0=a; filename*1=b"}) {
    EXPECT_EQ(disposition_file_name(none), "") << none;
  }
  EXPECT_EQ(disposition_file_name(std::string("filename=a\0b", 12)), "");
  EXPECT_EQ(disposition_file_name("filename=" + std::string(longest_disposition, 'a')), "");
  EXPECT_EQ(disposition_file_name("filename=" + std::string(8000, 'a')), std::string(8000, 'a'));
}

TEST(ContentDisposition, IsAlwaysUtf8) {
  for (int byte = 1; byte < 256; ++byte) {
    for (const char* before : {"filename=", "filename=\"\\", "filename*=UTF-8''", "filename*=iso-8859-1''"}) {
      EXPECT_TRUE(text::is_utf8(disposition_file_name(before + std::string(1, static_cast<char>(byte)) + 'x'))) << byte;
    }
  }
}

}  // namespace
}  // namespace sampan::http
