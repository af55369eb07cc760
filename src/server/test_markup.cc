#include "server/test_markup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "text/utf8.h"

namespace sampan::serving {

namespace {

class reader {
 public:
  explicit reader(std::string_view page) : rest_(page) {}

  std::vector<markup> read() {
    EXPECT_TRUE(take("<!doctype html>"));
    while (!rest_.empty() && !failed_) {
      if (rest_.front() != '<') {
        steps_.push_back({"", {}, plain(rest_.substr(0, rest_.find('<')))});
        rest_.remove_prefix(std::min(rest_.find('<'), rest_.size()));
      } else {
        read_tag();
      }
    }
    return std::move(steps_);
  }

 private:
  bool take(std::string_view wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  void fail(std::string_view why) {
    ADD_FAILURE() << why << " at: " << rest_.substr(0, 80);
    failed_ = true;
  }
  std::string word() {
    const auto end = std::min(rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), rest_.size());
    const std::string taken(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return taken;
  }

  // Text or an attribute's value, with its references resolved.
  std::string plain(std::string_view raw) {
    static const std::map<std::string_view, char> references = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    std::string out;
    while (!raw.empty()) {
      const char c = raw.front();
      if (c == '&') {
        const auto reference = references.find(raw.substr(0, raw.find(';') + 1));
        if (reference == references.end()) {
          fail("an unknown reference");
          return out;
        }
        out += reference->second;
        raw.remove_prefix(reference->first.size());
        continue;
      }
      if (std::string_view("<>\"'").find(c) != std::string_view::npos) fail("raw markup");
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f) fail("a control");
      out += c;
      raw.remove_prefix(1);
    }
    return out;
  }

  void read_tag() {
    rest_.remove_prefix(1);
    markup step;
    if (take("/")) step.tag = "/";
    step.tag += word();
    while (take(" ")) {
      const std::string name = word();
      if (name.empty() || !take("=\"") || rest_.find('"') == rest_.npos) return fail("no attribute");
      const auto value = rest_.substr(0, rest_.find('"'));
      if (!step.attributes.emplace(name, plain(value)).second) fail("an attribute twice");
      rest_.remove_prefix(value.size() + 1);
    }
    if (!take(">")) return fail("no tag");
    steps_.push_back(step);
    if (step.tag == "style") {
      const auto end = std::min(rest_.find("</style>"), rest_.size());
      steps_.push_back({"", {}, std::string(rest_.substr(0, end))});
      rest_.remove_prefix(end);
    }
  }

  std::string_view rest_;
  std::vector<markup> steps_;
  bool failed_ = false;
};

}  // namespace

std::vector<markup> read_markup(std::string_view page) {
  EXPECT_TRUE(text::is_utf8(page));
  return reader(page).read();
}

std::vector<std::string> texts_of(const std::vector<markup>& page, std::string_view tag) {
  std::vector<std::string> texts;
  for (auto step = page.begin(); step != page.end(); ++step) {
    if (step->tag != tag) continue;
    const std::string end = "/" + std::string(tag);
    const bool has_end = std::any_of(step, page.end(), [&](const auto& later) { return later.tag == end; });
    std::string text;
    for (auto inner = std::next(step); inner != page.end() && (has_end ? inner->tag != end : inner->tag.empty());
         ++inner)
      text += inner->text;
    texts.push_back(text);
  }
  return texts;
}

void expect_inert(const std::vector<markup>& page) {
  static const std::set<std::string> tags = {"html", "meta", "title", "/title", "style", "/style", "h1",
                                             "/h1",  "p",    "/p",    "a",      "/a",    "bdi",    "/bdi",
                                             "tr",   "th",   "td",    "/table", "table"};
  static const std::set<std::string> attributes = {"html lang",    "meta charset", "meta name",
                                                   "meta content", "a href",       "td title"};
  std::size_t styles = 0;
  for (const auto& step : page) {
    EXPECT_TRUE(step.tag.empty() || tags.contains(step.tag)) << step.tag;
    for (const auto& [name, value] : step.attributes)
      EXPECT_TRUE(attributes.contains(step.tag + ' ' + name)) << step.tag << ' ' << name;
    const auto href = step.attributes.find("href");
    if (href != step.attributes.end()) {
      EXPECT_TRUE(href->second.starts_with("./") || href->second.starts_with("../")) << href->second;
    }
    if (step.tag == "style") ++styles;
  }
  EXPECT_EQ(styles, 1U);
}

}  // namespace sampan::serving
