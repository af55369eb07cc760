// A folder's entries as a page, as JSON or as plain text. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/negotiate.h"
#include "store/folder.h"

namespace sampan::serving {

using http::listing_form;

/// The field value of Content-Type.
std::string_view listing_media_type(listing_form form) noexcept;

/// Bytes that one entry can take, with a name of NAME_MAX (255) bytes: nine for each, three in the link and six in the text, and its
/// frame. Who sends pieces of 64 KiB reserves so much more.
constexpr std::size_t longest_listing_entry = 2560;

/// Writes one listing, piece by piece: begin() once, which may be sent before the folder was read, entry() for each, end() once. All
/// append to `out`, which the caller empties when it likes.
///
/// HTML: sent with page_policy (server/page.h). Names are inert, and their links hold the exact bytes.
/// JSON: {"path": "/dir/", "entries": [{"name", "type": "file" or "folder", "size" (files), "modified" (RFC 3339, UTC), "href"}]};
///       "href" is relative to the folder, percent-encoded, with a `/` after a folder; "name" has U+FFFD for bytes that are no UTF-8.
/// Text: a name a line, escaped as text::escape_terminal(), with a `/` after a folder.
///
/// Cost: O(bytes); at most longest_listing_entry for each. Thread: one at a time.
class listing_writer {
 public:
  /// @param clean_path  decoded, without dot segments or a leading slash: "" for the root, else "dir/sub/".
  listing_writer(listing_form form, std::string_view clean_path);

  void begin(std::string& out) const;
  void entry(const store::folder_entry& entry, std::string& out);
  void end(std::string& out) const;

 private:
  void html_begin(std::string& out) const;
  void html_end(std::string& out) const;

  listing_form form_;
  std::string path_;
  std::size_t folders_ = 0;
  std::size_t files_ = 0;
  std::uint64_t bytes_ = 0;  // of the files
};

}  // namespace sampan::serving
