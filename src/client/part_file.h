// The unfinished file `NAME.part` and its journal `NAME.part.sampan`, until the file is whole and gets the target's name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "client/files.h"
#include "client/intervals.h"
#include "client/journal.h"
#include "client/target_folder.h"
#include "sampan/error.h"

namespace sampan::client {

/// One download into a regular file, which a later run can go on with. The target's name is not touched before publish().
/// After any error the pair stays; what the journal says is there is there, also after a power cut.
/// Thread: write(), wrote(), read(), held() and checkpoint() from any, several at once; the rest alone.
class part_file {
 public:
  using place = target_place;

  /// Checks before anything is asked for, as target_folder::open(). Takes the pair that an earlier run left, and its lock. A `.part`
  /// that is none of ours, or has no journal beside it, is left alone, and `NAME.part.1` to `.9` are tried.
  /// @error as target_folder::open(); part_not_ours: all ten names; target_busy: another run holds the pair
  static result<part_file> prepare(files& system, const place& where);
  part_file(part_file&&) noexcept;
  part_file& operator=(part_file&&) noexcept;
  ~part_file();

  /// What an earlier run left and journalled.
  const std::optional<journal_state>& found() const noexcept;
  /// Why a `.part` that lies there cannot be gone on with; empty: none lies there, or it can.
  const char* note() const noexcept;

  /// A new empty part. One that holds something is kept as `NAME.part.old`, instead of the last one so kept, until publish().
  /// Before the first write(). @error target_busy, part_not_ours, errc::system
  result<void> begin(const journal_header& header);
  /// Goes on with found(). `header`: as it is now. Before the first write().
  result<void> resume(const journal_header& header);

  /// Writes all of it there and counts it as held. @error errc::system, without space with detail "need N bytes, have M"
  result<void> write(std::uint64_t offset, std::span<const char> bytes);
  /// What is there; less than asked for only at the end of the file.
  result<std::size_t> read(std::uint64_t offset, std::span<char> into) const;
  /// To write to by other ways; wrote() then says where something came. -1 before begin() or resume(), unless found().
  int fd() const noexcept;
  void wrote(interval bytes);
  /// These bytes have proved wrong. checkpoint() makes the journal forget them too: before they are written again.
  void forget(interval bytes);
  intervals held() const;

  /// Makes what is held last, then says so in the journal. Cheap when nothing is new. @error errc::system; when the disk has lost
  /// something, the same for ever: nothing that came since the last good checkpoint can be trusted
  result<void> checkpoint();
  /// Whether a file of `total` bytes has room, given what is there. @error errc::system ENOSPC, "need N bytes, have M"
  result<void> check_space(std::uint64_t total) const;

  /// All is held: syncs, renames, syncs the folder, and removes journal and `NAME.part.old`. @error target_exists; errc::system
  result<void> publish(const publish_wishes& wishes);
  /// The whole file is wrong: keeps it as `NAME.bad`, instead of the last one, without a journal.
  result<void> keep_as_bad();

  const std::string& path() const noexcept;  ///< the target's
  std::string part_path() const;
  std::string journal_path() const;
  std::string bad_path() const;

 private:
  struct state;
  explicit part_file(std::unique_ptr<state> made);

  std::unique_ptr<state> state_;
};

}  // namespace sampan::client
