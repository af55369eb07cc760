#include "client/metalink.h"

#include <gtest/gtest.h>

namespace sampan::client {
namespace {

using base::digest_algorithm;

const std::string sha256_hex(64, 'a'), sha1_hex(40, 'b'), md5_hex(32, 'c');

std::string document(std::string_view inside) {
  return R"(<?xml version="1.0" encoding="UTF-8"?><metalink xmlns="urn:ietf:params:xml:ns:metalink">)" +
         std::string(inside) + "</metalink>";
}
std::string file(std::string_view inside, std::string_view name = "f") {
  return "<file name=\"" + std::string(name) + "\">" + std::string(inside) + "</file>";
}

// What a document with this in its only file says of it.
metalink_file only_file(std::string_view inside) {
  const auto read = parse_metalink(document(file(inside)));
  if (!read || read->size() != 1) {
    ADD_FAILURE() << inside;
    return {};
  }
  return read->front();
}

std::string pieces(std::string_view type, std::string_view length, std::initializer_list<std::string> hashes) {
  std::string made = "<pieces type=\"" + std::string(type) + "\" length=\"" + std::string(length) + "\">";
  for (const auto& hash : hashes) made += "<hash>" + hash + "</hash>";
  return made + "</pieces>";
}

TEST(Metalink, ReadsADocument) {
  const auto read = parse_metalink(document(
      "<generator>x/1</generator><published>2026-01-01T00:00:00Z</published>" +
      file("<identity>example</identity><size> 300 </size><os>Linux</os>"
           "<hash type=\"sha-256\">\n  " +
               sha256_hex + "\n</hash><hash type=\"MD5\">" + md5_hex + "</hash>" +
               pieces("sha-1", "256", {sha1_hex, sha1_hex}) +
               "<url location=\"de\" priority=\"2\">http://b/f</url><url>https://d/f?x=1&amp;y=%20</url>"
               "<metaurl mediatype=\"torrent\">http://b/f.torrent</metaurl><url priority=\"1\"> http://a/f\n</url>",
           "d/f.iso") +
      file("", "g")));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  const auto& first = read->front();
  EXPECT_EQ(first.name, "d/f.iso");
  EXPECT_EQ(first.size, 300U);
  ASSERT_EQ(first.hashes.size(), 2U);
  EXPECT_EQ(first.hashes[0], (http::digest{digest_algorithm::sha256, std::string(32, '\xaa')}));
  EXPECT_EQ(first.hashes[1], (http::digest{digest_algorithm::md5, std::string(16, '\xcc')}));
  EXPECT_EQ(first.piece_algorithm, digest_algorithm::sha1);
  EXPECT_EQ(first.piece_length, 256U);
  EXPECT_EQ(first.piece_hashes, (std::vector<std::string>(2, std::string(20, '\xbb'))));
  EXPECT_EQ(first.urls, (std::vector<std::string>{"http://a/f", "http://b/f", "https://d/f?x=1&y=%20"}));
  EXPECT_EQ((*read)[1].name, "g");
  EXPECT_EQ((*read)[1].size, std::nullopt);
  EXPECT_TRUE((*read)[1].hashes.empty() && (*read)[1].urls.empty() && (*read)[1].piece_hashes.empty());
}

TEST(Metalink, KnowsItsElementsByNamespaceAndPlace) {
  const auto read = parse_metalink(
      R"(<m:metalink xmlns:m="urn:ietf:params:xml:ns:metalink" xmlns:o="urn:other"><m:file name="f" o:name="g">)"
      R"(<o:size>1</o:size><size>2</size><m:x><m:size>3</m:size></m:x><m:size>4</m:size></m:file>)"
      R"(<o:file name="h"/><m:x><m:file name="i"/></m:x></m:metalink>)");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->front().name, "f");
  EXPECT_EQ(read->front().size, 4U);
}

TEST(Metalink, KeepsOnlyUrlsThatCanBeAsked) {
  for (const char* bad : {"", "ftp://a/f", "file:///etc/passwd", "a/f", "tcp://a/f", "http://", "http://u:p@a/f",
                          "javascript:x", "http://a b/f"}) {
    EXPECT_TRUE(only_file("<url>" + std::string(bad) + "</url>").urls.empty()) << bad;
  }
  EXPECT_TRUE(only_file("<url>http://a/" + std::string(9000, 'f') + "</url>").urls.empty());
  // Text on both sides of a child is not put together: who means that?
  EXPECT_EQ(only_file("<url>http://evil<x/>http://a/f</url>").urls, std::vector<std::string>{"http://a/f"});
}

TEST(Metalink, SortsUrlsByPriority) {
  EXPECT_EQ(
      only_file(
          "<url priority=\"3\">http://c/</url><url priority=\"x\">http://y/</url><url priority=\"0\">http://z/</url>"
          "<url priority=\"1\">http://a/</url><url priority=\"1\">http://b/</url><url "
          "priority=\"999998\">http://x/</url>")
          .urls,
      (std::vector<std::string>{"http://a/", "http://b/", "http://c/", "http://x/", "http://y/", "http://z/"}));
}

TEST(Metalink, LeavesOutWhatIsWrong) {
  for (const char* bad : {"", "-1", "1.5", "1000000000000000000", "ten"}) {
    EXPECT_EQ(only_file("<size>" + std::string(bad) + "</size>").size, std::nullopt) << bad;
  }
  for (const std::string& bad :
       {"<hash type=\"sha-256\">" + sha1_hex + "</hash>", "<hash>" + sha256_hex + "</hash>",
        "<hash type=\"sha-224\">" + sha256_hex + "</hash>", "<hash type=\"sha-256\">x" + sha256_hex + "</hash>",
        std::string("<hash type=\"md5\"/>"), "<hash type=\"sha-256\"><x>" + sha256_hex + "</x></hash>"}) {
    EXPECT_TRUE(only_file(bad).hashes.empty()) << bad;
  }
  for (const std::string& bad :
       {pieces("sha-1", "256", {sha1_hex, md5_hex}), pieces("sha-1", "0", {sha1_hex}), pieces("sha-1", "", {sha1_hex}),
        pieces("crc", "256", {sha1_hex}), pieces("sha-1", "256", {}), pieces("sha-1", "-1", {sha1_hex}),
        "<size>256</size>" + pieces("sha-1", "256", {sha1_hex, sha1_hex}),
        "<size>257</size>" + pieces("sha-1", "256", {sha1_hex}),
        "<size>0</size>" + pieces("sha-1", "256", {sha1_hex})}) {
    const auto read = only_file(bad);
    EXPECT_TRUE(read.piece_length == 0 && read.piece_hashes.empty()) << bad;
  }
  EXPECT_EQ(only_file(pieces("sha-1", "256", {sha1_hex}) + "<size>256</size>").piece_length, 256U);
}

TEST(Metalink, KeepsTheStrongestPieces) {
  const auto weak = pieces("sha-1", "256", {sha1_hex}), strong = pieces("sha-256", "512", {sha256_hex});
  for (const std::string& both :
       {weak + strong, strong + weak, strong + pieces("sha-256", "1024", {sha256_hex}), weak + strong + "<pieces/>"}) {
    const auto read = only_file(both);
    EXPECT_EQ(read.piece_algorithm, digest_algorithm::sha256);
    EXPECT_EQ(read.piece_length, 512U) << both;
    EXPECT_EQ(read.piece_hashes.size(), 1U);
  }
}

TEST(Metalink, PassesOverNamesThatLeadElsewhere) {
  for (const char* bad : {"", "/etc/passwd", "..", "../f", "d/../f", "d/..", ".", "./f", "d/./f"}) {
    const auto read = parse_metalink(document(file("", bad)));
    ASSERT_TRUE(read) << bad;
    EXPECT_TRUE(read->empty()) << bad;
  }
  EXPECT_EQ(parse_metalink(document("<file/>"))->size(), 0U);
  EXPECT_EQ(parse_metalink(document(file("", "..f/.g/h..")))->size(), 1U);
}

void expect_refused(std::string_view xml, std::string_view why) {
  const auto read = parse_metalink(xml);
  ASSERT_FALSE(read) << xml.substr(0, 200);
  EXPECT_EQ(read.error().code(), errc::bad_value);
  EXPECT_EQ(read.error().detail(), why) << xml.substr(0, 200);
}

TEST(Metalink, RefusesWhatIsNone) {
  for (const char* broken : {"", "x", "<metalink", "<a></b>", "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">"}) {
    EXPECT_FALSE(parse_metalink(broken)) << broken;
  }
  expect_refused("", "not well-formed XML");
  expect_refused(document("<file name=\"f\">"), "not well-formed XML");
  expect_refused(document("&nbsp;"), "not well-formed XML");
  expect_refused(document("\xff"), "not well-formed XML");
  expect_refused(document("") + "<x/>", "not well-formed XML");
  expect_refused("<html/>", "no Metalink");
  expect_refused("<metalink/>", "no Metalink");
  expect_refused(R"(<metalink xmlns="http://www.metalinker.org/" version="3.0"/>)", "no Metalink");
  expect_refused(R"(<file xmlns="urn:ietf:params:xml:ns:metalink"/>)", "no Metalink");
}

TEST(Metalink, RefusesDocumentTypes) {
  for (const char* type : {"<!DOCTYPE metalink>", "<!DOCTYPE metalink SYSTEM \"file:///etc/passwd\">",
                           "<!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>"}) {
    expect_refused(type + std::string(R"(<metalink xmlns="urn:ietf:params:xml:ns:metalink">&b;</metalink>)"),
                   "a document type is not read");
  }
}

TEST(Metalink, HasLimits) {
  expect_refused(std::string(longest_metalink + 1, ' '), "too long");
  std::string files;
  for (std::size_t i = 0; i < most_metalink_files; ++i) files += "<file name='f'/>";
  EXPECT_EQ(parse_metalink(document(files))->size(), most_metalink_files);
  expect_refused(document(files + "<file name='f'/>"), "too many files");
  std::string open, close;
  for (std::size_t i = 1; i < deepest_metalink; ++i) {
    open += "<a>";
    close += "</a>";
  }
  EXPECT_TRUE(parse_metalink(document(open + close)));
  expect_refused(document(open + "<a/>" + close), "nested too deeply");
  std::string urls;
  for (std::size_t i = 0; i < most_metalink_urls + 9; ++i) urls += "<url>http://a/</url>";
  EXPECT_EQ(only_file(urls).urls.size(), most_metalink_urls);
}

}  // namespace
}  // namespace sampan::client
