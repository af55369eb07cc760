#include "server/file_cache.h"

namespace sampan::serving {

const std::shared_ptr<served_file>* file_cache::find(std::string_view key, net::clock::time_point now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entry& known = *found->second;
  const bool was_checked = (round_ != 0 && known.round == round_) || (ttl_.count() > 0 && now - known.checked < ttl_);
  if (!was_checked) {
    if (!known.file->is_still_true(files_)) {
      forget(known);
      return nullptr;
    }
    known.checked = now;
    known.round = round_;
  }
  known.used = now;
  by_use_.splice(by_use_.end(), by_use_, by_use_.iterator_to(known));
  return &known.file;
}

void file_cache::remember(std::string_view key, std::shared_ptr<served_file> file, net::clock::time_point now) {
  const std::size_t descriptors = file->in_memory ? 0 : 1;
  if (!file->memorable || descriptors > most_descriptors_ || !seen_lately(key, now)) return;
  if (const auto old = by_key_.find(key); old != by_key_.end()) forget(*old->second);
  auto made = std::make_unique<entry>();
  made->key = key;
  made->bytes = sizeof(entry) + sizeof(served_file) + 2 * key.size() + file->ready.size();
  made->checked = made->used = now;
  made->round = round_;
  while (!by_use_.empty() && (bytes_ + made->bytes > most_bytes || descriptors_ + descriptors > most_descriptors_)) {
    forget(by_use_.front());
  }
  bytes_ += made->bytes;
  descriptors_ += descriptors;
  made->file = std::move(file);
  by_use_.push_back(*made);
  const std::string_view own_key = made->key;
  by_key_.emplace(own_key, std::move(made));
}

bool file_cache::seen_lately(std::string_view key, net::clock::time_point now) {
  const std::size_t hash = std::hash<std::string_view>{}(key);
  sighting& place = sightings_[hash % sightings_.size()];
  if (place.hash == hash && now - place.when < lifetime) return true;
  place = {hash, now};
  return false;
}

bool file_cache::sweep(net::clock::time_point now) {
  while (!by_use_.empty() && now - by_use_.front().used >= lifetime) forget(by_use_.front());
  return !by_use_.empty();
}

void file_cache::clear() {
  while (!by_use_.empty()) forget(by_use_.front());
}

void file_cache::forget(entry& old) {
  by_use_.erase(by_use_.iterator_to(old));
  bytes_ -= old.bytes;
  if (!old.file->in_memory) --descriptors_;
  by_key_.erase(by_key_.find(old.key));  // destroys it
}

}  // namespace sampan::serving
