// A request and its answer as a download sees them, whatever carries them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "client/intervals.h"
#include "client/watch.h"
#include "http/response.h"
#include "sampan/get.h"

namespace sampan::client {

struct request {
  std::optional<interval> range;  ///< not empty; end UINT64_MAX: to the end of the file
  std::string if_range;           ///< a strong entity tag; empty: none
  bool head = false;              ///< only the head is wanted
  bool redirected = false;        ///< a redirect of before led to whom is asked: none of the user's secrets are for it
};

/// One answer: its head, and the body as it comes. Thread: one.
class response {
 public:
  response() = default;
  response(const response&) = delete;
  response& operator=(const response&) = delete;
  virtual ~response() = default;

  http::response_head head;    ///< status 200 and no fields where the protocol has no heads
  http::body_framing framing;  ///< how the body's end is told; `problem` where it cannot be trusted
  get_source source;           ///< who answered, after redirects
  bool by_name = false;        ///< by bare name: nothing is known but the bytes

  /// The next bytes of the body, at least one; 0: its end. A body whose end is told ends only there.
  /// @error cut_short, connection_reset, malformed_answer, as watch::wait()
  virtual result<std::size_t> read(std::span<char> into, watch& patience) = 0;
  /// Lets the kernel move bytes of the body into a file, where it can. @param most  more than 0
  /// @return  as read(); nothing: it cannot here, now or ever: read()
  /// @error   also errc::system of operation `write`: the file's trouble
  virtual result<std::optional<std::size_t>> move(int file, std::uint64_t offset, std::size_t most,
                                                  watch& patience) = 0;
  /// Whether bytes behind the body were seen.
  virtual bool surplus() = 0;
};

/// Who can be asked. Thread: any, each call on its own.
class origin {
 public:
  virtual ~origin() = default;
  /// Asks, and waits for the head of the final answer. @error connection errors, those of the head, as watch::wait()
  virtual result<std::unique_ptr<response>> ask(const get_source& whom, const request& what, watch& patience) = 0;
};

}  // namespace sampan::client
