// Where the bytes of a download go.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "client/intervals.h"
#include "client/journal.h"
#include "client/part_file.h"

namespace sampan::client {

/// A place for one file's bytes. Thread: write(), wrote(), read(), held() and checkpoint() from several, disjoint places.
class sink {
 public:
  sink() = default;
  sink(const sink&) = delete;
  sink& operator=(const sink&) = delete;
  virtual ~sink() = default;

  /// What an earlier run left.
  virtual const std::optional<journal_state>& found() const = 0;
  /// Why something that lies there is not used; empty: nothing does.
  virtual const char* note() const = 0;
  /// A new, empty file. @error as part_file
  virtual result<void> begin(const journal_header& about) = 0;
  /// Goes on with what was found.
  virtual result<void> resume(const journal_header& about) = 0;
  virtual result<void> write(std::uint64_t offset, std::span<const char> bytes) = 0;
  /// Reads back what is held, from readable_from() on.
  virtual result<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;
  virtual std::uint64_t readable_from() const = 0;
  /// For splice(2); -1: there is none with offsets.
  virtual int fd() const = 0;
  virtual void wrote(interval part) = 0;
  virtual void forget(interval part) = 0;
  virtual intervals held() const = 0;
  virtual result<void> checkpoint() = 0;
  virtual result<void> check_space(std::uint64_t total) = 0;
  virtual result<void> publish(const publish_wishes& wishes) = 0;
  virtual result<void> keep_as_bad() = 0;
  /// The file as the user knows it, and where its bytes are until then; empty: nowhere.
  virtual const std::string& path() const = 0;
  virtual std::string kept_path() const = 0;
  virtual std::string bad_path() const = 0;
  /// Where a small file may be published in one go; null: bytes that were there before are in the way.
  virtual const target_place* place() const = 0;
  /// Bytes can only be added at the end.
  virtual bool in_order() const = 0;
};

}  // namespace sampan::client
