#include "server/folder_page.h"

#include <malloc.h>

#include <cerrno>

namespace sampan::serving {

using may = store::local_dir::may;

namespace {
void trim() {
#ifndef __SANITIZE_ADDRESS__  // it has an allocator of its own, and glibc's was never set up
  malloc_trim(0);
#endif
}
}  // namespace

std::atomic<std::size_t> folder_page::held_ = 0;

folder_page::~folder_page() {
  held_ -= holds_;
  // The memory was the pool's, which may not need as much again for a long time: the allocator would keep it.
  constexpr std::size_t many = 10'000;
  const bool give_back = entries_.size() > many;
  entries_ = {};
  if (give_back) trim();
}

void folder_page::read() {
  if (too_much_is_held()) {  // those that were begun at the same time
    outcome_ = error::system(ENOMEM, "read", clean_path_);
    return;
  }
  store::folder_options options;
  options.hidden = hidden_;
  options.follow = [this](const std::string& link) -> std::optional<store::folder_entry> {
    const auto target = files_.open(clean_path_ + link, may::block);
    if (!target) return std::nullopt;
    return store::folder_entry{{}, target->is_folder, target->state.size, target->state.modified / 1'000'000'000};
  };
  auto entries = store::read_folder(folder_.get(), options, cancelled_);
  if (!entries) {
    outcome_ = entries.error();
    return;
  }
  entries_ = std::move(*entries);
  holds_ = entries_.bytes();
  held_ += holds_;
}

bool folder_page::write_piece(std::string& out) {
  const std::size_t full = out.size() + piece;
  while (next_ < entries_.size() && out.size() < full) writer_.entry(entries_[next_++], out);
  if (next_ < entries_.size()) return true;
  writer_.end(out);
  return false;
}

}  // namespace sampan::serving
