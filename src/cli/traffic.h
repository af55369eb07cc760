// Records of traffic as a person or a program reads them: on the screen, in a log, as JSON.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/log_time.h"
#include "cli/log_writer.h"
#include "sampan/talk_forms.h"

namespace sampan::cli {

enum class record_form { text, hex, both, json };

/// What the user wants to see of traffic.
struct traffic_view {
  record_form form = record_form::text;
  bool time = false;
  bool json = false;
  bool raw = false;     ///< what came, byte for byte, where nothing else is asked for
  bool framed = false;  ///< records are cut by a rule, and each is a line of its own
  std::string log;      ///< a file; empty: none
  std::string hex_log;

  /// `text`, `hex`, `both`; false: another word.
  bool set_form(std::string_view name);
  /// Whether records are shown instead of the plain text as it comes.
  bool shows_records() const noexcept { return form != record_form::text || time || json || framed || raw; }
  /// Whether anybody needs records.
  bool wants_records() const noexcept { return shows_records() || !log.empty() || !hex_log.empty(); }
};

/// One record as lines of text with their ends, escaped: safe everywhere. @param label  `#2 127.0.0.1:36850 ` or nothing
std::string render(const talk::record& what, std::chrono::milliseconds delta, record_form form, bool with_time,
                   const std::string& label, log_time& clock);

/// Thread: one at a time.
class traffic {
 public:
  /// Opens the logs. @param put  takes what is to be shown @error errc::system, operation "open"
  static result<std::unique_ptr<traffic>> open(traffic_view view, bool labels, log_writer& notices,
                                               std::function<void(const std::string&)> put);

  void take(const talk::record& what);
  traffic_view& view() noexcept { return view_; }

 private:
  traffic(traffic_view view, bool labels, std::function<void(const std::string&)> put);

  traffic_view view_;
  const bool labels_;
  const std::function<void(const std::string&)> put_;
  std::vector<std::pair<record_form, std::unique_ptr<log_writer>>> logs_;
  log_time clock_;
  std::chrono::system_clock::time_point last_{};
};

}  // namespace sampan::cli
