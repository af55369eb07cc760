// A file as HTTP serves it: the chosen representation with its validators and, when small, its bytes.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "http/negotiate.h"
#include "sampan/serve.h"
#include "server/digests.h"
#include "store/local_dir.h"

namespace sampan::serving {

/// The codings that a client would rather have than the file itself, the best first.
class coding_preference {
 public:
  coding_preference() = default;
  explicit coding_preference(std::string_view accept_encoding) noexcept;
  std::span<const http::coding> order() const noexcept { return {order_.data(), count_}; }

 private:
  std::array<http::coding, 3> order_{};
  std::size_t count_ = 0;
};

struct served_file {
  /// Longest content that is kept in memory: up to here one send of a copy is cheaper than sendfile (docs/benchmarks.md).
  static constexpr std::uint64_t most_content = 64 * 1024;

  std::uint64_t size = 0;
  std::string etag;           ///< with quotes; weak while the file is so new that a second write could share its stamps
  std::int64_t modified = 0;  ///< Last-Modified, s since 1970
  std::string_view media_type;
  http::coding coding = http::coding::identity;
  bool varies = false;  ///< Accept-Encoding may choose another representation

  bool in_memory = false;
  std::shared_ptr<const base::unique_fd> fd;  ///< open, unless in_memory
  store::stamp state;
  std::shared_ptr<const file_digests> digests;  ///< once somebody wanted them

  /// The answer to a plain GET: its head, once somebody has put it there, and the content when in_memory.
  std::string ready;
  std::size_t head_length = 0;
  std::size_t date_at = 0;  ///< where the head's Date stands
  std::int64_t date = 0;    ///< what it says, s since 1970
  std::string_view content() const noexcept { return std::string_view(ready).substr(head_length); }

  /// Names below the root that must still lead to the same objects for all of this to be true.
  struct witness {
    std::string name;
    store::stamp state;
  };
  std::vector<witness> witnesses;
  bool memorable = false;  ///< may be kept for other requests as long as the witnesses agree

  /// Whether it is as it was: local_dir::is_still() for each witness, of which there is mostly one.
  bool is_still_true(const store::local_dir& files) const noexcept;
};

/// What a name turned out to be.
struct found {
  std::shared_ptr<served_file> file;  ///< a file, else null
  base::unique_fd folder;             ///< a folder, open for reading
  error why;  ///< neither: errc::no_such_file; errc::system EAGAIN: ask again with may::block; trouble
};

/// Opens a name and, when the file is small, reads it. A neighbour `NAME.br`, `.zst` or `.gz` that the client can take and that is
/// not older than the file is chosen in its place.
/// @param now  ns since 1970 by the system's clock
/// Thread: any.
found find_file(const store::local_dir& files, const std::string& name, const coding_preference& accepted,
                etag_kind kind, store::local_dir::may how, std::int64_t now);

/// Whether Accept-Encoding can matter for a name: text and its like. Pure.
bool has_compressed_forms(std::string_view media_type) noexcept;

}  // namespace sampan::serving
