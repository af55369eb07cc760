// One connection's part in a download: what it asks for next, and what it makes of each answer.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <vector>

#include "client/download.h"
#include "client/verdict.h"

namespace sampan::client {

/// Bytes are joined to others only when nothing that could be seen says that they are another file's. Thread: one.
/// @error (of all calls) changed: what the server has is not what is held; others as origin::ask(), judge(), response::read(), sink
class lane {
 public:
  using teller = std::function<void(const char* what, const error* why)>;
  /// @param number  its name among the lanes; 0 is the first
  /// @param tell    told what is worth knowing
  lane(download& all, unsigned number, watch patience, teller tell, std::uint64_t seed)
      : all_(all),
        number_(number),
        patience_(std::move(patience)),
        tell_(std::move(tell)),
        random_(seed),
        which_(number % all.places()) {}

  /// Asks for the whole file, about which nothing is known.
  result<std::unique_ptr<response>> ask_first();
  /// Takes the body of an answer that is the whole file; the sink has begun. @param from  so much of it has been taken
  result<void> take_from(response& got, std::uint64_t from);
  /// Compares bytes that are held with the server's: at several places, if there are so many.
  result<void> prove();
  /// Fetches parts until there are none for this lane.
  result<void> fetch_parts();

  /// The answer that showed that the file changed, if it was the whole new one.
  std::unique_ptr<response> take_new_file() { return std::move(new_file_); }
  /// When the server last said to ask again.
  std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }
  watch& patience() noexcept { return patience_; }
  /// Whether it asks a mirror, which has not begun the download.
  bool asks_mirror() const noexcept { return which_ != all_.primary; }
  /// Asks the next of the places where the file is. @return  false: there is none
  bool use_next_place();
  std::size_t place() const noexcept { return which_; }
  const std::optional<get_source>& redirected_to() const noexcept { return redirected_to_; }
  /// The connection is another one than before: what follows has to be proved again.
  void begin_again() noexcept { smooth_ = other_proved_ = false; }
  /// So is the file.
  void begin_anew();

 private:
  enum class next { done, again, whole };
  // A body's next byte belongs to `at` of the file; before `write_from` it is compared; `end` is UINT64_MAX while nobody told.
  struct body {
    std::uint64_t at, write_from, end;
  };

  result<std::unique_ptr<response>> ask(const request& what);
  result<void> fetch_part(interval part);
  result<next> ask_part(interval asked, std::uint64_t write_from, std::uint64_t end);
  result<next> take_part(response& got, const verdict& seen, interval asked, std::uint64_t write_from,
                         std::uint64_t end);
  result<next> take_unsatisfied(const response& got, const verdict& seen);
  result<void> fetch_whole();
  result<next> take_whole(std::unique_ptr<response> got, const verdict& seen, bool conditional);
  result<next> go_on_with_whole(response& got, const verdict& seen);
  result<void> receive(response& got, body where);
  result<std::size_t> take_some(response& got, std::uint64_t at, std::uint64_t write_from, std::uint64_t limit);
  result<void> hash_back(std::uint64_t from, std::uint64_t to);
  std::uint64_t limit_of(const body& where) const;
  result<void> compare_held(std::uint64_t at, std::span<const char> bytes);
  result<next> weigh(sameness how, const response& got);
  error changed(const response& got) const;
  next bad_part(const std::string& why);
  result<void> undo(interval part);
  sameness compare_with(const identity& told);
  result<void> prove_other();
  void choose_places(const intervals& held);
  const identity& expected() const { return mine_ ? *mine_ : *all_.known; }
  bool agree_on_total(std::uint64_t size);
  std::uint64_t overlap_before(std::uint64_t at) const;

  download& all_;
  unsigned number_;
  watch patience_;
  teller tell_;
  std::mt19937_64 random_;
  std::vector<char> buffer_, held_buffer_;
  std::vector<interval> to_compare_;  // before anything is joined
  bool places_chosen_ = false;        // in this run, for this file
  bool smooth_ = false;               // the last answer came to its end: what follows it needs no proof
  bool other_tag_seen_ = false;       // once may be the accident of a replica
  int bad_parts_ = 0;
  std::size_t which_;             // of the places that have the file
  std::optional<identity> mine_;  // what the mirror told
  bool other_proved_ = false;
  std::optional<get_source> redirected_to_;
  std::optional<std::chrono::seconds> retry_after_;
  std::unique_ptr<response> new_file_;
};

}  // namespace sampan::client
