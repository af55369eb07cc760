// Errors as people read them: one line, what failed, why, what to do; and the exit status that goes with it.
#pragma once

#include <string>

#include "sampan/error.h"

namespace sampan::cli {

/// The exit statuses of docs/cli.md.
enum exit_status : int {
  exit_ok = 0,
  exit_local = 1,
  exit_usage = 2,
  exit_no_connection = 3,
  exit_timed_out = 4,
  exit_not_there = 5,
  exit_refused = 6,
  exit_integrity = 7,
  exit_disk = 8,
  exit_protocol = 9,
  exit_certificate = 10,
  exit_text = 11,
};

int exit_status_of(const error& what);

/// Translated, escaped, one line without its end. What came before it failed is not in it: kept_text().
std::string message_of(const error& what);

/// The same without what was done to what: `nobody listens there (…)`.
std::string cause_of(const error& what);

/// `kept: a.part, 5 of 10 bytes`; translated and escaped.
std::string kept_text(const unfinished& what);

/// The system's words for an errno value, translated where the catalogue has them.
std::string system_reason(int number);

/// Writes `sampan: MESSAGE` to stderr and returns the exit status.
int fail(const error& what);

/// Writes one line to stderr.
void say(const std::string& line);

}  // namespace sampan::cli
