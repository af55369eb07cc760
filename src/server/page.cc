#include "server/page.h"

#include "text/escape.h"

namespace sampan::serving {

namespace {

// A change here changes the digest in page_policy; the test says what it has to be.
// On a phone nothing is wider than the window: names break anywhere, and a time between its date and its hour.
// The table's layout is fixed, so that a browser can show the first of 100,000 rows before it has the last.
constexpr std::string_view style = R"(
:root { color-scheme: light dark; }
body { font: 1rem/1.4 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.25rem; overflow-wrap: anywhere; }
p { overflow-wrap: anywhere; }
a { text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
table { width: 100%; table-layout: fixed; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #8884; }
td:nth-child(1) { overflow-wrap: anywhere; white-space: pre-wrap; }
td:nth-child(1) a { display: block; }
th:nth-child(2), td:nth-child(2) { width: 6rem; text-align: right; white-space: nowrap; }
th:nth-child(3), td:nth-child(3) { width: 11rem; padding-left: 1rem; }
@media (max-width: 36rem) {
th:nth-child(2), td:nth-child(2) { width: 5rem; font-size: .875rem; }
th:nth-child(3), td:nth-child(3) { width: 6rem; font-size: .875rem; }
}
)";

}  // namespace

void begin_page(std::string_view title, std::string& out) {
  out +=
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  out += text::escape_html(title);
  out += "</title>\n<style>";
  out += style;
  out += "</style>\n";
}

}  // namespace sampan::serving
