// What `sampan get` tells about its downloads: on a terminal, on a pipe, as JSON.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cli/get_flags.h"
#include "sampan/get.h"
#include "ui/progress.h"

namespace sampan::cli {

/// Thread: any.
class get_report {
 public:
  using clock = std::chrono::steady_clock;
  /// One download as it is told about.
  struct file {
    get_source source;
    std::string url;           ///< without credentials; what the user said, where that is none
    std::string path;          ///< the target; empty while it is not known
    std::string sha256;        ///< what it has to be
    const char* checked = "";  ///< the digest's algorithm that was right
    std::uint64_t resumed = 0;
    clock::time_point began = clock::now(), told{}, retry_at{};
    ui::speedometer speed;
    ui::transfer line;
  };

  /// @param signals  ends waiting for a reader of the JSON
  get_report(const get_wishes& wanted, int signals);

  /// A download begins.
  std::shared_ptr<file> begin(const get_source& source, const std::string& sha256);
  void event(file& about, const get_event& what);
  /// Nothing is done for it any more: it is over, or waits to be published together with others.
  void set_aside(const file& about);
  /// It is over. @return  its exit status
  int end(file& about, const result<get_outcome>& done);
  /// One that could not begin. @param why  its subject stands for the URL
  int end_before(const error& why);
  /// All are over.
  void sum_up();
  /// What a person should know. @param about  the subject; empty: none
  void note(const std::string& about, const std::string& text);

 private:
  void line(const std::string& text);
  void remark(const std::string& about, const std::string& text);
  void draw(bool now);
  void tell(const std::string& json);
  void show(file& about, const get_event& what);
  void tell_end(const file& about, const get_outcome& done);
  void tell_end(const file& about, const error& why, int status);

  const bool quiet_, verbose_, json_, to_stdout_;
  const std::string words_to_go_on_;
  const int signals_;
  std::mutex mutex_;
  std::optional<ui::board> board_;          // on a terminal
  std::list<std::shared_ptr<file>> files_;  // those under way, in the order of their URLs
  clock::time_point began_ = clock::now(), drawn_{};
  std::size_t good_ = 0, bad_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace sampan::cli
