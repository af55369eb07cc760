// A folder's listing on its way to a client: read at once, written piece by piece.
#pragma once

#include <atomic>
#include <string>

#include "base/unique_fd.h"
#include "sampan/error.h"
#include "server/listing.h"
#include "store/folder.h"
#include "store/local_dir.h"

namespace sampan::serving {

/// Thread: read() on the pool, everything else on the worker, never at once; cancel() from any.
class folder_page {
 public:
  /// Bytes of a piece: a client with a small window gets it in a few segments, and a big folder's page never stands in memory.
  static constexpr std::size_t piece = 64 * 1024;

  /// @param folder      open for reading
  /// @param clean_path  its name below the root without dot segments, "" or with a `/` after it
  folder_page(const store::local_dir& files, base::unique_fd folder, std::string clean_path, http::listing_form form,
              bool hidden)
      : files_(files),
        folder_(std::move(folder)),
        clean_path_(std::move(clean_path)),
        hidden_(hidden),
        writer_(form, clean_path_) {}
  ~folder_page();
  folder_page(const folder_page&) = delete;
  folder_page& operator=(const folder_page&) = delete;

  void begin(std::string& out) { writer_.begin(out); }
  /// Reads the folder. Blocks.
  void read();
  result<void> outcome() const { return outcome_; }
  /// Appends the next piece. Returns whether there is another.
  bool write_piece(std::string& out);
  void cancel() noexcept { cancelled_ = true; }

  /// All pages of this process together: entries are held until the slowest client has its page. Any thread.
  static bool too_much_is_held() noexcept { return held_ > most_held; }
  /// Bytes beyond which no further listing is begun; one folder of 100,000 names takes 5 MB.
  static constexpr std::size_t most_held = 64 << 20;

 private:
  const store::local_dir& files_;
  const base::unique_fd folder_;
  const std::string clean_path_;
  const bool hidden_;
  listing_writer writer_;
  std::atomic<bool> cancelled_ = false;
  result<void> outcome_;
  store::folder_entries entries_;
  std::size_t holds_ = 0;  // of held_
  static std::atomic<std::size_t> held_;
  std::size_t next_ = 0;
};

}  // namespace sampan::serving
