// One download from its first request to the published file: beginning, trying again, beginning anew, checking, ending.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "client/crew.h"
#include "client/download.h"
#include "client/journal_keeper.h"
#include "client/lane.h"
#include "client/small_file.h"

namespace sampan::client {

/// Opens the sink for a name that the server proposes; empty: it proposes none.
/// @return  null where the name would be the server's to say, and it was not asked yet
using sink_maker = std::function<result<std::unique_ptr<sink>>(const std::string& server_name)>;

/// Thread: one, which runs it; it has others of its own.
class fetch {
 public:
  /// @param seed  of what is random: the places that are compared, the pauses
  /// @param small     publishes files that come in one go
  fetch(origin& whom, const get_source& source, const get_options& options, rate_limit& rate, sink_maker make,
        small_publisher& small, std::uint64_t seed);

  using callback = std::function<void(result<get_outcome>)>;
  /// @param done  called once: within run(), or for a small file when `small` publishes it
  /// @error as get_run::get()
  void run(callback done);

 private:
  std::optional<result<get_outcome>> fetch_it();
  result<void> attempt();
  result<std::size_t> take_small(response& got);
  result<void> take_first(std::unique_ptr<response> got);
  result<bool> choose_sink(const response& got);
  void know(response& got, const identity& seen);
  result<void> begin(const identity& seen);
  bool take_up_journal();
  result<void> fetch_rest();
  result<void> look_again();
  result<identity> ask_for_identity(bool head);

  bool may_restart() const;
  bool may_go_elsewhere(const error& why) const;
  bool go_elsewhere(const error& why);
  result<bool> mend();
  void restart(const error& why);
  bool may_try_again(const error& why) const;
  result<void> pause(const error& why, unsigned tries);
  bool begins_anew_on_weak_evidence();
  result<get_outcome> finish();
  error failed(const error& why);

  result<void> glance();
  void tell_bytes(get_event::kind now);
  void tell(get_event what);
  void note(const char* what, const error* why = nullptr);
  journal_header header() const;

  download all_;
  sink_maker make_;
  small_publisher& small_;
  callback done_;
  std::optional<std::string> body_;  // of a small file that came in one go
  std::mt19937_64 random_;
  crew crew_;
  journal_keeper keeper_;
  lane first_;
  bool begun_ = false;
  bool proved_ = true;  // the bytes held are the server's, as far as that can be seen
  bool by_name_ = false;
  bool looked_again_ = false;
  bool began_anew_on_weak_ = false;
  bool joined_on_weak_ = false;
  unsigned restarts_ = 0;
  unsigned mismatches_ = 0;
  unsigned mended_ = 0;
  http::response_head first_head_;      // of the answer that began the file
  std::unique_ptr<response> new_file_;  // that showed that the file changed
  std::chrono::steady_clock::time_point body_began_{};
};

}  // namespace sampan::client
