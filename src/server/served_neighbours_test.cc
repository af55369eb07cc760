// Compressed forms of a file that lie beside it: which one is chosen, and that every change among them is noticed.
#include <gtest/gtest.h>

#include "server/served_file.h"
#include "server/test_tree.h"

namespace sampan::serving {
namespace {

namespace fs = std::filesystem;
using http::coding;

constexpr std::int64_t ms = 1'000'000;
constexpr std::int64_t second = 1'000 * ms;
constexpr std::int64_t year_2001 = 1'000'000'000 * second;
constexpr std::int64_t settling = 20 * ms;
// Any change that a test makes lies before it.
constexpr std::int64_t far_future = 9'000'000'000 * second;
const coding_preference no_coding;
const coding_preference any_coding("br, zstd, gzip");

class Neighbours : public testing::Test {
 protected:
  Neighbours() {
    put("dir/page.html");
    age_folder();
  }
  // Each file holds its own name.
  void put(const char* name, std::int64_t modified = year_2001) const {
    tree_.put(name, name);
    tree_.set_modified(name, modified);
  }
  void age_folder() const { tree_.set_modified("dir", year_2001); }
  std::shared_ptr<served_file> negotiate(const std::string& name, const coding_preference& accepted = any_coding,
                                         std::int64_t now = far_future) const {
    found what = find_file(files_, name, accepted, etag_kind::full, store::local_dir::may::block, now);
    EXPECT_TRUE(what.file) << name;
    return what.file;
  }
  std::string chosen(const char* accept_encoding) const {
    return std::string(negotiate("dir/page.html", coding_preference(accept_encoding))->content());
  }

  test_tree tree_;
  store::local_dir files_ = tree_.open();
};

TEST_F(Neighbours, AreChosenByPreference) {
  EXPECT_EQ(chosen("br, zstd, gzip"), "dir/page.html");
  put("dir/page.html.gz");
  EXPECT_EQ(chosen("br, zstd, gzip"), "dir/page.html.gz");
  put("dir/page.html.zst");
  EXPECT_EQ(chosen("br, zstd, gzip"), "dir/page.html.zst");
  put("dir/page.html.br");
  const struct {
    const char* accept_encoding;
    const char* name;
    coding which;
  } rows[] = {
      {"", "dir/page.html", coding::identity},
      {"identity", "dir/page.html", coding::identity},
      {"gzip, deflate", "dir/page.html.gz", coding::gzip},
      {"gzip, zstd", "dir/page.html.zst", coding::zstd},
      {"gzip, deflate, br, zstd", "dir/page.html.br", coding::br},
      {"gzip, br;q=0.9, zstd;q=0.8", "dir/page.html.gz", coding::gzip},
      {"br;q=0, *;q=0.1", "dir/page.html.zst", coding::zstd},
  };
  for (const auto& row : rows) {
    const auto file = negotiate("dir/page.html", coding_preference(row.accept_encoding));
    EXPECT_EQ(file->content(), row.name) << row.accept_encoding;
    EXPECT_EQ(file->coding, row.which);
    EXPECT_EQ(file->size, std::string_view(row.name).size());
    EXPECT_EQ(file->media_type, "text/html; charset=utf-8") << "of what is in it";
    EXPECT_EQ(file->state, tree_.state(row.name));
    EXPECT_TRUE(file->varies);
    EXPECT_TRUE(file->memorable);
  }
}

TEST_F(Neighbours, HaveTagsOfTheirOwn) {
  put("dir/page.html.gz");
  const auto plain = negotiate("dir/page.html", no_coding);
  const auto packed = negotiate("dir/page.html");
  EXPECT_NE(plain->etag, packed->etag);
  EXPECT_TRUE(packed->etag.ends_with(".gz\""))
      << packed->etag << ": also where size and time are those of the original";
}

TEST_F(Neighbours, ThatBecomeFitAreNoticed) {
  put("dir/page.html.gz", year_2001 - second);
  const auto plain = negotiate("dir/page.html");
  EXPECT_EQ(plain->coding, http::coding::identity);
  ASSERT_TRUE(plain->is_still_true(files_));
  put("dir/page.html.gz", year_2001 + second);
  EXPECT_FALSE(plain->is_still_true(files_));
}

TEST_F(Neighbours, ThatAreOlderAreNotChosen) {
  put("dir/page.html.gz", year_2001);
  put("dir/page.html.br", year_2001 - 1);
  EXPECT_EQ(chosen("br, gzip"), "dir/page.html.gz");
  // Within one second nothing can be told where the neighbour has whole seconds, as many tools leave them.
  put("dir/page.html", year_2001 + 999 * ms);
  EXPECT_EQ(chosen("br, gzip"), "dir/page.html.gz");
  put("dir/page.html", year_2001 + second);
  EXPECT_EQ(chosen("br, gzip"), "dir/page.html");
}

TEST_F(Neighbours, AreFilesThemselves) {
  fs::create_directory(tree_.path("dir/page.html.br"));
  put("dir/page.html.gz");
  EXPECT_EQ(chosen("br, gzip"), "dir/page.html.gz");
  put("dir/picture.png");
  put("dir/picture.png.gz");
  const auto picture = negotiate("dir/picture.png");
  EXPECT_EQ(picture->content(), "dir/picture.png");
  EXPECT_FALSE(picture->varies);
}

TEST_F(Neighbours, ThroughALinkAreNotMemorable) {
  put("dir/elsewhere");
  fs::create_symlink("elsewhere", tree_.path("dir/page.html.gz"));
  age_folder();
  const auto file = negotiate("dir/page.html");
  EXPECT_EQ(file->content(), "dir/elsewhere");
  EXPECT_FALSE(file->memorable);
}

TEST_F(Neighbours, AreMemorableWhenAllHasSettled) {
  put("dir/page.html.gz");
  for (const char* latest : {"dir/page.html", "dir/page.html.gz", "dir"}) {
    tree_.wait_for_next_stamp();
    tree_.set_modified(latest, year_2001);
    const auto now = tree_.state(latest).changed + settling;
    EXPECT_FALSE(negotiate("dir/page.html", any_coding, now - 1)->memorable) << latest;
    EXPECT_TRUE(negotiate("dir/page.html", any_coding, now)->memorable) << latest;
  }
}

TEST_F(Neighbours, NeedTheFolderToHaveSettledAlsoWhenThereIsNone) {
  tree_.wait_for_next_stamp();
  tree_.put("dir/other", "");
  const auto folder = tree_.state("dir").changed;
  ASSERT_GT(folder, tree_.state("dir/page.html").changed);
  const auto now = folder + settling - 1;
  EXPECT_FALSE(negotiate("dir/page.html", any_coding, now)->memorable);
  EXPECT_TRUE(negotiate("dir/page.html", any_coding, now + 1)->memorable);
}

// Each change has to be noticed by what was remembered before it.
class NeighbourChanges : public Neighbours {
 protected:
  template <class Change>
  void expect_noticed(const char* what, const char* after, Change change) {
    age_folder();
    const auto before = negotiate("dir/page.html");
    ASSERT_TRUE(before->memorable) << what;
    ASSERT_TRUE(before->is_still_true(files_)) << what;
    tree_.wait_for_next_stamp();
    change();
    EXPECT_FALSE(before->is_still_true(files_)) << what;
    EXPECT_EQ(negotiate("dir/page.html")->content(), after) << what;
  }
};

TEST_F(NeighbourChanges, AreNoticed) {
  expect_noticed("added", "dir/page.html.gz", [&] { put("dir/page.html.gz"); });
  expect_noticed("a better one added", "dir/page.html.br", [&] { put("dir/page.html.br"); });
  expect_noticed("changed", "new", [&] { tree_.put("dir/page.html.br", "new"); });
  expect_noticed("grown old", "dir/page.html.gz", [&] { tree_.set_modified("dir/page.html.br", year_2001 - second); });
  expect_noticed("original changed", "xxx", [&] { tree_.put("dir/page.html", "xxx"); });
  put("dir/page.html");
  expect_noticed("removed", "dir/page.html", [&] { fs::remove(tree_.path("dir/page.html.gz")); });
  put("dir/page.html.br");
  expect_noticed("renamed away", "dir/page.html",
                 [&] { fs::rename(tree_.path("dir/page.html.br"), tree_.path("dir/away")); });
}

TEST_F(NeighbourChanges, DoNotMatterToWhomWantsNone) {
  const auto before = negotiate("dir/page.html", no_coding);
  put("dir/page.html.gz");
  EXPECT_TRUE(before->is_still_true(files_));
}

TEST_F(NeighbourChanges, AreNoticedInTheRootToo) {
  put("page.html");
  tree_.set_modified("", year_2001);
  const auto before = negotiate("page.html");
  ASSERT_TRUE(before->is_still_true(files_));
  put("page.html.gz");
  EXPECT_FALSE(before->is_still_true(files_));
  EXPECT_EQ(negotiate("page.html")->content(), "page.html.gz");
}

}  // namespace
}  // namespace sampan::serving
