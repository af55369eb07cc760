// What the text server tells: received text to stdout, all else as lines for the log.
#pragma once

#include <functional>
#include <string>

#include "cli/traffic.h"
#include "sampan/talk.h"

namespace sampan::cli {

/// Its calls come from the server's thread.
class listen_report {
 public:
  /// @param put    takes text for stdout
  /// @param say    takes lines, given without their ends
  /// @param seen   shows records, and is asked whether it does
  /// @param shows  received text; else it is dropped
  listen_report(std::function<void(const std::string&)> put, std::function<void(const std::string&)> say, traffic& seen,
                bool label, bool stay, bool shows);

  void operator()(const talk::event& what);

 private:
  std::string labelled(const talk::event& what) const;
  std::string line_about(const talk::event& what) const;
  std::string answer_to_command(const talk::event& what) const;

  const std::function<void(const std::string&)> put_;
  const std::function<void(const std::string&)> say_;
  traffic& traffic_;
  const bool terminal_;
  const bool label_;
  const bool stay_;
  const bool shows_;
};

/// Obeys `/view hex` and `/help`, which are about showing; what to say about it, empty for nothing.
std::string obey_view_command(const std::string& line, traffic_view& view);

}  // namespace sampan::cli
