// A reader of our own pages for the tests, stricter than any browser: what it does not know is an error.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sampan::serving {

/// One step of a page: a tag, or the text between two tags.
struct markup {
  std::string tag;  ///< `a`, `/a`; empty: text
  std::map<std::string, std::string> attributes;
  std::string text;  ///< references resolved; of a style as it stands
};

/// Reads a whole page. Tags are lower-case, attributes ` name="value"`; a `<`, `>`, `&`, `"` or `'` that means itself
/// must be a reference wherever it stands, and no control but LF may be there. Whatever else it meets is a test failure.
std::vector<markup> read_markup(std::string_view page);

/// All text between <tag> and </tag>, or of the next text for tags without end.
std::vector<std::string> texts_of(const std::vector<markup>& page, std::string_view tag);

/// Fails unless the page holds only tags and attributes that can neither run nor load anything.
void expect_inert(const std::vector<markup>& page);

}  // namespace sampan::serving
