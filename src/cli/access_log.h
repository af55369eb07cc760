// The line of the access log for one request, in each of its forms.
#pragma once

#include <string>
#include <string_view>

#include "cli/log_time.h"
#include "sampan/serve.h"

namespace sampan::cli {

enum class log_format {
  text,      ///< for people, translated
  combined,  ///< as Apache and nginx write it, for log analysers
  json,      ///< one object a line
};

/// Makes lines: valid UTF-8, without control characters, whatever bytes a client sent. docs/cli.md tells the fields.
/// Thread: one at a time; each thread has its own. Cost: no allocation once the buffers have grown to the longest line so far.
class log_formatter {
 public:
  /// Translates; choose_language() comes first.
  log_formatter();

  /// The line without its end; good until the next call.
  std::string_view line(log_format format, const serve_record& about);

 private:
  void text_line(const serve_record& about);
  void combined_line(const serve_record& about);
  void json_line(const serve_record& about);
  void combined_request(const serve_record& about);
  void json_details(const serve_record& about);
  void quoted(std::string_view bytes);
  void member(std::string_view key, std::string_view bytes);
  std::string_view outcome_text(const serve_record& about);

  const char* bare_pattern_;
  const char* http_pattern_;
  log_time time_;
  std::string line_;
  std::string when_;
  std::string asked_;    // what was asked for, escaped
  std::string scratch_;  // a part that takes two steps
};

}  // namespace sampan::cli
