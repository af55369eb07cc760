// One run of the text client: where the peer's text goes, what is told, and how it ends.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/log_writer.h"
#include "cli/peer_screen.h"
#include "cli/prompt_line.h"
#include "cli/text_writer.h"
#include "cli/traffic.h"
#include "sampan/talk.h"

namespace sampan::cli {

/// Each run returns the exit status. Thread: one.
class talk_run {
 public:
  /// @param options  lives longer
  /// @param label    as peer_screen's
  /// @param shows    what the peer says
  talk_run(const talk::client_options& options, traffic_view view, std::string label, bool shows = true);

  int one_shot(const std::string& text);
  /// @param reads     stdin; else only what is said by itself goes out
  /// @param commands  lines of stdin may be commands even if no person types
  int conversation(bool reads, bool commands);

 private:
  int with_output(bool tells, bool records,
                  const std::function<result<talk::ending>(const talk::client_output&)>& talk_on);
  int end(const result<talk::ending>& how);
  result<void> write(const std::string& text);
  void tell(const std::string& line);
  std::optional<error> close_prompt();

  const talk::client_options& options_;
  const traffic_view view_;
  const bool shows_;
  peer_screen shown_;
  log_writer log_;  // notices about the logs of traffic
  std::optional<text_writer> screen_;
  std::optional<prompt_line> prompt_;
};

}  // namespace sampan::cli
