// What `sampan get` tells about its downloads: on a terminal, on a pipe, as JSON.
#pragma once

#include <mutex>
#include <string>

#include "cli/get_flags.h"
#include "sampan/get.h"
#include "ui/progress.h"

namespace sampan::cli {

/// Thread: event() and end() from several.
class get_report {
 public:
  explicit get_report(const get_wishes& wanted);

  void event(const get_source& source, const get_event& what);
  /// One download is over. @return  its exit status
  int end(const get_source& source, const result<get_outcome>& done, int signals);
  /// All are.
  void sum_up();

 private:
  void line(const std::string& text);
  void tell_json(const get_source& source, const get_event& what);

  const bool quiet_, verbose_, json_, to_stdout_;
  std::mutex mutex_;
  std::unique_ptr<ui::progress> bar_;
  std::size_t good_ = 0, bad_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sampan::cli
