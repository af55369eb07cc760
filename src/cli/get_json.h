// The lines of `sampan get --json`: one event each, as docs/cli.md promises them.
#pragma once

#include <string>

#include "sampan/get.h"

namespace sampan::cli {

/// Which download an event is of.
struct json_subject {
  std::string url;   ///< without credentials
  std::string file;  ///< the target; empty while it is not known
};

/// What happened; empty where that is no event of the contract. With its line end, safe on a terminal. Thread: pure, as all here.
/// @param speed  bytes a second
std::string json_line(const json_subject& about, const get_event& what, double speed);
/// The end of a download that came. @param sha256  32 bytes where they are known and right, else empty
std::string json_line(const json_subject& about, const get_outcome& done, double seconds, const std::string& sha256);
/// The end of one that failed.
std::string json_line(const json_subject& about, const error& why, int status);

}  // namespace sampan::cli
