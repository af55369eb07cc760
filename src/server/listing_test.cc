#include "server/listing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "server/test_markup.h"
#include "text/escape.h"
#include "text/percent.h"
#include "text/utf8.h"

namespace sampan::serving {
namespace {

using nlohmann::json;
using store::folder_entry;
using list = std::vector<std::string>;

constexpr std::int64_t a_time = 1'795'600'800;  // 2026-11-25 10:00:00 UTC

std::string whole(listing_form form, std::string_view path, const std::vector<folder_entry>& entries) {
  listing_writer writer(form, path);
  std::string out;
  writer.begin(out);
  for (const auto& entry : entries) writer.entry(entry, out);
  writer.end(out);
  return out;
}

// What names have been used for against servers, and every byte that a name may hold: alone, and before and after others.
list nasty_names() {
  list names = {"<img src=x onerror=alert(1)>",
                "\"'<>&.csv",
                "new\nline",
                "tab\tx",
                "javascript:x",
                "foo:bar",
                "-rf",
                "*star",
                "a%20b",
                "a+b",
                "q?x=1#frag",
                "foo\\bar",
                "#[]{}()@!$&'+,;= %20.t",
                "with  two spaces ",
                "a\xe2\x80\xae"
                "fdp.exe",
                "\xe2\x81\xa6\xe2\x81\xa9",
                "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
                "\xff\xfe.bin",
                "\xe4\xbd",
                "\xed\xa0\x80",
                "\xf0\x9f\x98\x80.bin",
                "\xc3\xa9",
                "e\xcc\x81",
                "\xe2\x80\xa8\xef\xbb\xbf",
                "\xc2\x9b"
                "31m",
                "\x1b]0;x\x07",
                "&lt;b&gt;",
                "</td></table><script>alert(1)</script>",
                "]]>-->",
                "..hidden",
                "%2e%2e",
                std::string(255, '"'),
                std::string(255, '\xff')};
  for (int b = 1; b < 256; ++b) {
    const char c = static_cast<char>(b);
    if (c == '/') continue;
    names.push_back(std::string("x") + c);
    names.push_back(c + std::string("\"x>"));
    if (c != '.') names.emplace_back(1, c);
  }
  return names;
}

struct link {
  std::string href, shown;
};

std::vector<link> links(const std::vector<markup>& page) {
  std::vector<link> found;
  const auto texts = texts_of(page, "a");
  for (const auto& step : page)
    if (step.tag == "a") found.push_back({step.attributes.at("href"), texts[found.size()]});
  return found;
}

TEST(ListingHtml, NamesAreInertAndLinksExact) {
  const auto names = nasty_names();
  std::vector<folder_entry> entries;
  for (const auto& name : names) entries.push_back({name, entries.size() % 2 == 0, 1, a_time});
  const auto page = read_markup(whole(listing_form::html, "", entries));
  expect_inert(page);
  const auto found = links(page);
  ASSERT_EQ(found.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string slash = entries[i].is_folder ? "/" : "";
    EXPECT_EQ(found[i].href.find_first_not_of("./-_~%0123456789"
                                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
              std::string::npos);
    EXPECT_EQ(text::percent_decode(found[i].href), "./" + names[i] + slash);
    EXPECT_EQ(found[i].shown, text::escape_terminal(names[i]) + slash);
  }
  // Each name is isolated, so that right-to-left letters in one do not turn what stands beside it.
  const auto isolated = texts_of(page, "bdi");
  ASSERT_EQ(isolated.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(isolated[i], text::escape_terminal(names[i]));
}

TEST(ListingHtml, PathsAreInertToo) {
  for (const auto& name : nasty_names()) {
    const auto page = read_markup(whole(listing_form::html, name + "/sub/", {}));
    expect_inert(page);
    EXPECT_EQ(texts_of(page, "title"), list{text::escape_terminal('/' + name + "/sub/")});
    EXPECT_EQ(texts_of(page, "h1"), list{text::escape_terminal('/' + name + "/sub/")});
  }
}

TEST(ListingHtml, LeadsUp) {
  const auto hrefs = [](std::string_view path) {
    list found;
    for (const auto& each : links(read_markup(whole(listing_form::html, path, {}))))
      found.push_back(each.href + ' ' + each.shown);
    return found;
  };
  EXPECT_EQ(hrefs(""), list{});
  EXPECT_EQ(hrefs("dir/"), (list{"../ /", "../ ../"}));
  EXPECT_EQ(hrefs("dir/a b/c/"), (list{"../../../ /", "../../ dir", "../ a b", "../ ../"}));
}

TEST(ListingHtml, DeepPathsStaySmall) {
  std::string path;
  for (int i = 0; i < 2000; ++i) path += "a/";
  const auto text = whole(listing_form::html, path, {});
  EXPECT_LT(text.size(), 64U * 1024);
  const auto page = read_markup(text);
  EXPECT_EQ(links(page).size(), 33U);  // 32 above, and `../`
  EXPECT_EQ(texts_of(page, "h1"), list{"/" + path});
}

TEST(ListingHtml, ShowsSizesAndTimes) {
  const struct {
    std::uint64_t size;
    std::string_view shown, exact;
  } rows[] = {
      {0, "0 B", "0 bytes"},
      {1, "1 B", "1 byte"},
      {1023, "1023 B", "1023 bytes"},
      {1024, "1.0 KiB", "1024 bytes"},
      {1536, "1.5 KiB", "1536 bytes"},
      {1024 * 1024 - 1, "1.0 MiB", "1048575 bytes"},
      {5ULL << 30, "5.0 GiB", "5368709120 bytes"},
      {(1ULL << 53) + 1, "8.0 PiB", "9007199254740993 bytes"},
      {~0ULL, "16.0 EiB", "18446744073709551615 bytes"},
  };
  for (const auto& row : rows) {
    const auto page = read_markup(whole(listing_form::html, "", {{"n", false, row.size, a_time}}));
    const auto cells = texts_of(page, "td");
    ASSERT_EQ(cells.size(), 3U);
    EXPECT_EQ(cells[1], row.shown);
    EXPECT_EQ(cells[2], "2026-11-25 10:00:00\n");
    const auto exact = std::count_if(page.begin(), page.end(), [&](const markup& step) {
      const auto title = step.attributes.find("title");
      return title != step.attributes.end() && title->second == row.exact;
    });
    EXPECT_EQ(exact, 1);
  }
}

TEST(ListingHtml, CountsAtTheEnd) {
  const auto last = [](const std::vector<folder_entry>& entries) {
    return texts_of(read_markup(whole(listing_form::html, "", entries)), "p").at(0);
  };
  EXPECT_EQ(last({}), "0 folders, 0 files, 0 B");
  EXPECT_EQ(last({{"d", true, 4096, 0}, {"a", false, 1024, 0}, {"b", false, 1024, 0}}), "1 folder, 2 files, 2.0 KiB");
}

TEST(ListingJson, IsReadBackByAnotherHand) {
  const auto names = nasty_names();
  std::vector<folder_entry> entries;
  for (const auto& name : names)
    entries.push_back({name, entries.size() % 3 == 0, ~std::uint64_t{0} - entries.size(), a_time});
  const std::string path = "a\"\n\xff\\/\xe2\x80\xae/";
  const std::string text = whole(listing_form::json, path, entries);
  EXPECT_TRUE(text::is_utf8(text));
  const json page = json::parse(text);
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page["path"], "/a\"\n\xef\xbf\xbd\\/\xe2\x80\xae/");
  ASSERT_EQ(page["entries"].size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const json& row = page["entries"][i];
    const bool folder = entries[i].is_folder;
    EXPECT_EQ(row.size(), folder ? 4U : 5U);
    if (text::is_utf8(names[i])) {
      EXPECT_EQ(row["name"], names[i]);
    }
    EXPECT_EQ(row["type"], folder ? "folder" : "file");
    if (!folder) {
      EXPECT_EQ(row["size"].get<std::uint64_t>(), entries[i].size);
    }
    EXPECT_EQ(row["modified"], "2026-11-25T10:00:00Z");
    EXPECT_EQ(text::percent_decode(row["href"].get<std::string>()), names[i] + (folder ? "/" : ""));
  }
}

TEST(ListingJson, BytesThatAreNoTextAreReplacedOneByOne) {
  const json page = json::parse(whole(listing_form::json, "", {{"\xff\xfe.bin", false, 1, 0}}));
  EXPECT_EQ(page["path"], "/");
  EXPECT_EQ(page["entries"][0]["name"], "\xef\xbf\xbd\xef\xbf\xbd.bin");
  EXPECT_EQ(page["entries"][0]["href"], "%FF%FE.bin");
  EXPECT_EQ(json::parse(whole(listing_form::json, "", {}))["entries"], json::array());
}

TEST(ListingJson, TimesAreThoseThatCanBeWritten) {
  const struct {
    std::int64_t seconds;
    std::string_view written;
  } rows[] = {
      {0, "1970-01-01T00:00:00Z"},
      {-1, "1969-12-31T23:59:59Z"},
      {951'782'400, "2000-02-29T00:00:00Z"},
      {253'402'300'799, "9999-12-31T23:59:59Z"},
      {253'402'300'800, "9999-12-31T23:59:59Z"},
      {-62'167'219'200, "0000-01-01T00:00:00Z"},
      {-62'167'219'201, "0000-01-01T00:00:00Z"},
      {INT64_MAX, "9999-12-31T23:59:59Z"},
      {INT64_MIN, "0000-01-01T00:00:00Z"},
  };
  for (const auto& row : rows) {
    const json page = json::parse(whole(listing_form::json, "", {{"n", false, 1, row.seconds}}));
    EXPECT_EQ(page["entries"][0]["modified"], row.written);
  }
}

TEST(ListingText, IsOneNameALine) {
  const auto names = nasty_names();
  std::vector<folder_entry> entries;
  for (const auto& name : names) entries.push_back({name, entries.size() % 2 == 0, 1, a_time});
  std::istringstream lines(whole(listing_form::text, "dir/", entries));
  std::string line;
  for (const auto& entry : entries) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(line, text::escape_terminal(entry.name) + (entry.is_folder ? "/" : ""));
  }
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(Listing, PiecesAreTheWholeInTheEnd) {
  const std::vector<folder_entry> entries = {{"d", true, 0, a_time}, {"a", false, 1, a_time}, {"b", false, 2, a_time}};
  for (const auto form : {listing_form::html, listing_form::json, listing_form::text}) {
    listing_writer writer(form, "x/");
    std::string sent, piece;
    const auto send = [&] {
      sent += piece;
      piece.clear();
    };
    writer.begin(piece);
    send();
    for (const auto& entry : entries) {
      writer.entry(entry, piece);
      send();
    }
    writer.end(piece);
    send();
    EXPECT_EQ(sent, whole(form, "x/", entries));
  }
}

TEST(Listing, AnEntryIsNeverLongerThanSaid) {
  const std::string longest[] = {std::string(255, '"'), std::string(255, '\xff'), std::string(255, '\x01')};
  for (const auto form : {listing_form::html, listing_form::json, listing_form::text}) {
    for (const auto& name : longest) {
      listing_writer writer(form, "");
      std::string out;
      writer.entry({name, false, ~std::uint64_t{0}, a_time}, out);
      EXPECT_LE(out.size(), longest_listing_entry);
    }
  }
}

}  // namespace
}  // namespace sampan::serving
