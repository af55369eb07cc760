// The journal of an unfinished download as a file: replaced whole, or grown by a line, so that a crash leaves a good one.
#pragma once

#include <string>

#include "client/files.h"
#include "client/journal.h"
#include "client/target_folder.h"
#include "sampan/error.h"

namespace sampan::client {

/// What lies under that name in the folder. Links, and files that are too long to be read, are garbage.
result<journal_reading> read_journal_file(const target_folder& folder, const std::string& name);

/// Writes one journal. Whoever does holds the lock of its `.part`. Thread: one at a time.
class journal_file {
 public:
  /// Instead of what lies under that name, through `NAME.new`. When this is done, all names in the folder last through a power cut.
  /// After an error there is the old journal or the new one.
  result<void> start(target_folder& folder, const std::string& name, const journal_header& header,
                     const intervals& held);
  /// One more state, which must hold all of the one before. After start(). Starts anew when it has grown too long.
  result<void> append(target_folder& folder, const intervals& held);

 private:
  std::string name_;
  journal_header header_;
  journal_writer writer_;
  open_file file_;
  std::uint64_t end_ = 0;
};

}  // namespace sampan::client
