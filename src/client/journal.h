// The journal of an unfinished download as bytes: what is being fetched, and which of its bytes are there.
#pragma once

#include <boost/crc.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/intervals.h"

namespace sampan::client {

/// What is being fetched. Values are bytes as the server sent them; empty: it sent none.
struct journal_header {
  std::string url;        ///< as journal_url() gives it
  std::string final_url;  ///< likewise, after redirections
  std::string etag;
  std::string last_modified;
  std::string date;
  std::string media_type;
  std::optional<std::uint64_t> total;  ///< bytes, where it was announced

  bool operator==(const journal_header&) const = default;
};

struct journal_state {
  journal_header header;
  intervals held;

  bool operator==(const journal_state&) const = default;
};

/// A URL as a file may keep it: without user and password, and with a digest for the query, since both may be secrets.
/// Without fragment. Cost: O(n). Thread: pure.
std::string journal_url(std::string_view url);

/// A longer value is written as an empty one, so that it matches nothing: no honest server or URL comes near it.
constexpr std::size_t longest_journal_value = 16 * 1024;
/// More than any download has gaps. What is beyond is written as not there, and fetched again.
constexpr std::size_t most_journal_intervals = 10'000;
/// A journal that is longer is begun anew; one of double this length is not read at all.
constexpr std::size_t longest_journal = 1024 * 1024;

/// Writes a journal: lines of text `CRC WORDS`. First `sampan-journal 1`, then what is known of the header (`url …`, `etag …`, `total …`; control
/// characters, `%` and bytes from 0x80 as %XX), then `held 0-4096 8192-9000`: all that is there by then, ends not included; one more
/// such line for each checkpoint. Each CRC-32 goes over the words of all lines up to its own: a line counts only behind those it was
/// written behind. Thread: one.
class journal_writer {
 public:
  /// The beginning of a new journal, its first `held` line included.
  std::string begin(const journal_header& header, const intervals& held);
  /// The next line. What is held must only have grown, else begin() anew: after a torn end an earlier line is believed.
  std::string next(const intervals& held);

 private:
  std::string line(std::string_view words);

  boost::crc_32_type checksum_;
};

enum class journal_condition {
  whole,
  torn,           ///< it ends in something else, as after a power cut; the state is that of the last good line
  other_version,  ///< of sampan's journals
  garbage         ///< none of sampan's journals, or damaged before its first state
};

struct journal_reading {
  journal_condition condition = journal_condition::garbage;
  std::optional<journal_state> state;  ///< with `whole` and `torn`
};

/// Cost: O(n), n at most 2 * longest_journal. Thread: pure.
journal_reading read_journal(std::string_view bytes);

}  // namespace sampan::client
