#include "http/negotiate.h"

#include <gtest/gtest.h>

namespace sampan::http {
namespace {

struct row {
  const char* accept;
  coding with_all;   // br, zstd and gzip there
  coding gzip_only;  // only gzip there
};

const row rows[] = {
    {"", coding::identity, coding::identity},
    {"gzip", coding::gzip, coding::gzip},
    {"GZIP", coding::gzip, coding::gzip},
    {"x-gzip", coding::gzip, coding::gzip},
    {"br", coding::br, coding::identity},
    {"gzip, deflate, br, zstd", coding::br, coding::gzip},
    {"gzip, deflate, zstd", coding::zstd, coding::gzip},
    {"deflate", coding::identity, coding::identity},
    {"gzip;q=1.0, br;q=0.5", coding::gzip, coding::gzip},
    {"br;q=0.001, zstd;q=0.002", coding::zstd, coding::identity},
    {"br;q=0, gzip", coding::gzip, coding::gzip},
    {"gzip;q=0", coding::identity, coding::identity},
    {"*", coding::br, coding::gzip},
    {"*;q=0", coding::identity, coding::identity},
    {"gzip, *;q=0", coding::gzip, coding::gzip},
    {"br;q=0, *", coding::zstd, coding::gzip},
    {"gzip;q=0, *", coding::br, coding::identity},
    {"*;q=0.5, gzip;q=0.1", coding::br, coding::identity},
    {"identity", coding::identity, coding::identity},
    {"identity, gzip", coding::gzip, coding::gzip},
    {"identity, gzip;q=0.5", coding::identity, coding::identity},
    {"identity;q=0.5, gzip;q=0.5", coding::gzip, coding::gzip},
    {"identity;q=0.5, gzip;q=0.4", coding::identity, coding::identity},
    {"identity;q=0", coding::identity, coding::identity},
    {"identity;q=0, gzip;q=0", coding::identity, coding::identity},
    {"gzip;q=0.5", coding::gzip, coding::gzip},  // a coding that is asked for at all beats identity, which is not
    {"gzip;q=x", coding::identity, coding::identity},
    {"gzip;q=2, br;q=0.1", coding::br, coding::identity},
    {"gzip;q=0, x-gzip", coding::identity, coding::identity},
    {" , gzip ; q=0.8 ,", coding::gzip, coding::gzip},
    {",;q=1", coding::identity, coding::identity},
};

TEST(Coding, HighestWeightWins) {
  for (const auto& each : rows) {
    EXPECT_EQ(choose_coding(each.accept, true, true, true), each.with_all) << each.accept;
    EXPECT_EQ(choose_coding(each.accept, false, false, true), each.gzip_only) << each.accept;
    EXPECT_EQ(choose_coding(each.accept, false, false, false), coding::identity) << each.accept;
  }
  EXPECT_EQ(choose_coding({}, true, true, true), coding::identity);
  EXPECT_EQ(choose_coding("br, zstd, gzip", false, true, true), coding::zstd);
}

TEST(ListingForm, TakesTheFormThatIsWanted) {
  const auto html = {"",
                     "*/*",
                     "text/html",
                     "TEXT/HTML",
                     "text/*",
                     "image/png",
                     "text/html, application/json",
                     "rubbish",
                     "*",
                     "application/json;q=0",
                     "application/json;q=0.5, */*",
                     "application/json;q=0.9, text/html",
                     "text/html, */*",
                     "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
                     "application/json;q=x",
                     "text/*, text/plain;q=0.5"};
  const auto json = {"application/json",
                     "Application/JSON",
                     "application/*",
                     "application/json, */*;q=0.5",
                     "application/json, */*",
                     "application/json, text/html;q=0.9",
                     "application/json, text/plain, */*",
                     "text/html;q=0, application/json;q=0.1",
                     R"(text/html;q=0.5;x=",", application/json;profile="a,b")",
                     "application/json;q=0.5, text/html;q=0.4",
                     "application/*, */*",
                     "application/json;odata=verbose",
                     "application/json, text/*"};
  const auto text = {"text/plain",
                     "text/plain, */*;q=0.1",
                     "text/plain, text/html;q=0.9",
                     "text/plain;q=0.5, text/html;q=0.4",
                     "text/plain, */*",
                     "text/*, text/html;q=0.5",
                     "application/json;q=0.5, text/plain;q=0.6"};
  for (const auto* accept : html) EXPECT_EQ(choose_listing(accept), listing_form::html) << accept;
  for (const auto* accept : json) EXPECT_EQ(choose_listing(accept), listing_form::json) << accept;
  for (const auto* accept : text) EXPECT_EQ(choose_listing(accept), listing_form::text) << accept;
  EXPECT_EQ(choose_listing({}), listing_form::html);
}

}  // namespace
}  // namespace sampan::http
