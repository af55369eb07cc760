// Files that were served lately, of one worker: their answers without an open, and never stale ones.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/loop.h"
#include "server/served_file.h"

namespace sampan::serving {

/// Remembers served files by request target and accepted codings. Thread: its worker's.
class file_cache {
 public:
  /// Bytes of content and names in all; a page with its styles, scripts and pictures is 2 MiB.
  static constexpr std::size_t most_bytes = 8 << 20;
  /// Open descriptors of all workers: they are not counted as connections, and there is a limit (server.cc).
  static constexpr std::size_t most_descriptors = 32;
  /// What was not asked for during this long is forgotten: who asks less than once a second does not feel an open.
  static constexpr std::chrono::milliseconds lifetime{1'000};

  /// @param ttl      how long an entry may go unchecked; 0: checked each time
  /// @param workers  how many share most_descriptors
  file_cache(const store::local_dir& files, std::chrono::milliseconds ttl, std::size_t workers)
      : files_(files), ttl_(ttl), most_descriptors_(most_descriptors / workers) {}
  ~file_cache() { clear(); }
  file_cache(const file_cache&) = delete;
  file_cache& operator=(const file_cache&) = delete;

  bool contains(std::string_view key) const { return by_key_.contains(key); }
  /// Requests that find() answers until end_round() have all been received already: one look at a file serves them all.
  void begin_round() { round_ = ++last_round_; }
  void end_round() { round_ = 0; }
  /// The file, if it is remembered and still as it was (a look at each of its witnesses, unless within the ttl or the
  /// round); else null, and it is forgotten. The pointer is good until the next call of anything here.
  const std::shared_ptr<served_file>* find(std::string_view key, net::clock::time_point now);
  /// Remembers a memorable file if it was asked for lately, too: of the many that are asked for once nothing need be kept.
  /// Forgets the oldest ones where there is no room.
  void remember(std::string_view key, std::shared_ptr<served_file> file, net::clock::time_point now);
  /// Forgets what was not asked for during `lifetime`. Returns whether anything is left.
  bool sweep(net::clock::time_point now);
  void clear();

 private:
  struct entry : boost::intrusive::list_base_hook<> {
    std::string key;
    std::shared_ptr<served_file> file;
    std::size_t bytes = 0;
    net::clock::time_point checked;
    std::uint64_t round = 0;  // in which it was checked
    net::clock::time_point used;
  };
  void forget(entry& old);
  bool seen_lately(std::string_view key, net::clock::time_point now);

  const store::local_dir& files_;
  const std::chrono::milliseconds ttl_;
  const std::size_t most_descriptors_;
  std::unordered_map<std::string_view, std::unique_ptr<entry>> by_key_;  // the keys are views of entry::key
  boost::intrusive::list<entry> by_use_;                                 // the one used longest ago first
  std::size_t bytes_ = 0;
  std::size_t descriptors_ = 0;
  std::uint64_t round_ = 0;  // 0: none
  std::uint64_t last_round_ = 0;

  struct sighting {
    std::size_t hash = 0;
    net::clock::time_point when;
  };
  std::array<sighting, 1024> sightings_{};  // by hash; who shares a place with another is remembered a little later
};

}  // namespace sampan::serving
