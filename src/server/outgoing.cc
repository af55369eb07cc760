#include "server/outgoing.h"

#include <algorithm>
#include <span>

#include "store/cache_probe.h"

namespace sampan::serving {

namespace {
// How much is asked of the disk at once, and how far one look at the page cache reaches.
constexpr std::uint64_t warm_piece = 1 << 20;
// What a queue may keep for its next use; a listing's pieces grow larger.
constexpr std::size_t kept_text = 16 * 1024;
constexpr std::size_t kept_pieces = 64;
}  // namespace

void outgoing::clear() {
  text_.clear();
  if (text_.capacity() > kept_text) text_.shrink_to_fit();
  pieces_.clear();
  if (pieces_.capacity() > kept_pieces) pieces_.shrink_to_fit();
  queued_text_ = next_ = 0;
  file_.reset();
  warm_from_ = warm_until_ = sent_ = content_sent_ = 0;
  interrupted_ = false;
  number_ = 0;
}

void outgoing::add_text(bool is_content) {
  if (text_.size() > queued_text_) pieces_.push_back({queued_text_, text_.size() - queued_text_, false, is_content});
  queued_text_ = text_.size();
}

void outgoing::set_file(std::shared_ptr<const base::unique_fd> owner, const store::stamp& state) {
  file_ = std::move(owner);
  state_ = state;
}

void outgoing::add_file(std::uint64_t offset, std::uint64_t length) {
  if (length > 0) pieces_.push_back({offset, length, true, true});
}

outgoing::step outgoing::send(net::tcp_stream& to, bool more_follows) {
  std::uint64_t budget = turn_budget;
  while (next_ < pieces_.size()) {
    if (pieces_[next_].length == 0) {
      ++next_;
      continue;
    }
    const step took = pieces_[next_].from_file ? send_file(pieces_[next_], to, budget) : send_text(to, more_follows);
    if (took != step::done) return took;
  }
  // All text has gone: whoever adds more begins anew.
  text_.clear();
  pieces_.clear();
  queued_text_ = next_ = 0;
  file_.reset();
  return step::done;
}

void outgoing::advance(piece& next, std::uint64_t bytes) noexcept {
  next.offset += bytes;
  next.length -= bytes;
  sent_ += bytes;
  if (next.is_content) content_sent_ += bytes;
}

// Pieces of text that follow each other lie side by side: they go in one call.
outgoing::step outgoing::send_text(net::tcp_stream& to, bool more_follows) {
  std::size_t end = next_;
  std::uint64_t length = 0;
  for (; end < pieces_.size() && !pieces_[end].from_file; ++end) length += pieces_[end].length;
  const bool last = end == pieces_.size();
  const auto moved = to.send(std::string_view(text_).substr(pieces_[next_].offset, length), more_follows || !last);
  if (moved.would_block()) return step::blocked;
  if (moved.error != 0) return number_ = moved.error, step::failed;
  for (std::uint64_t left = moved.bytes; left > 0;) {
    const auto of_this = std::min(left, pieces_[next_].length);
    advance(pieces_[next_], of_this);
    left -= of_this;
    if (pieces_[next_].length == 0) ++next_;
  }
  return step::done;
}

outgoing::step outgoing::send_file(piece& next, net::tcp_stream& to, std::uint64_t& budget) {
  while (next.length > 0) {
    if (budget == 0) return interrupted_ = true, step::turn_over;
    const bool is_warm = warm_from_ <= next.offset && next.offset < warm_until_;
    if (!is_warm) {
      if (!store::in_page_cache(file_->get(), next.offset, cold_length())) return interrupted_ = true, step::cold;
      warmed();
    }
    const auto length = std::min({budget, warm_until_ - next.offset, next.length});
    // The end is held back while a mixture of old and new bytes may have gone out.
    if (interrupted_ && length == next.length && is_last_of_file() && was_changed()) return step::changed;
    std::uint64_t offset = next.offset;
    const auto moved = to.send_file(file_->get(), offset, length);
    if (moved.would_block()) return interrupted_ = true, step::blocked;
    if (moved.error != 0) return number_ = moved.error, step::failed;
    if (moved.bytes == 0) return step::shrank;
    advance(next, moved.bytes);
    budget -= std::min<std::uint64_t>(budget, moved.bytes);
  }
  return step::done;
}

bool outgoing::is_last_of_file() const noexcept {
  const auto rest = std::span(pieces_).subspan(next_ + 1);
  return std::none_of(rest.begin(), rest.end(), [](const piece& one) { return one.from_file; });
}

// A file that grows is a log, and its beginning is as good as before.
bool outgoing::was_changed() const noexcept {
  const store::stamp now = store::state_of(file_->get());
  return now.size == state_.size && now.modified != state_.modified;
}

void outgoing::warmed() noexcept {
  warm_from_ = cold_offset();
  warm_until_ = warm_from_ + cold_length();
}

std::uint64_t outgoing::cold_offset() const noexcept { return pieces_[next_].offset; }

std::uint64_t outgoing::cold_length() const noexcept { return std::min(warm_piece, pieces_[next_].length); }

}  // namespace sampan::serving
