// Answers HTTP requests: finds what is asked for, and queues the answer on the connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/request.h"
#include "http/target.h"
#include "server/connection.h"
#include "server/decide.h"
#include "server/digests.h"
#include "server/folder_page.h"
#include "server/http_head.h"
#include "server/look_up.h"

namespace sampan::serving {

/// One answer at a time. A call that returns sending::over has ended the connection, and with it this object.
/// Source: RFC 9110.
class responder {
 public:
  explicit responder(connection& client) : client_(client) {}
  ~responder() { cancel(); }
  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;

  /// Answers a request whose head is in order.
  /// @param may_put_off  `put_off` is a possible answer, for files that can be looked at once for many requests
  sending answer(const http::request_head& head, persistence then, bool may_put_off);
  /// Answers a request that makes no sense, or took too long; the connection ends with it.
  sending refuse(int status, const char* why, bool is_head);
  /// What was queued is sent, or the disk has answered: goes on if there is more to do.
  /// @param head  as for answer(), possibly at another place
  sending go_on(const http::request_head& head);
  /// Nobody waits for the answer any more.
  void cancel();

  // Of the last answer.
  int status() const noexcept { return status_; }
  const char* problem() const noexcept { return problem_; }
  /// Bytes of content sent.
  std::uint64_t content() const noexcept { return content_; }
  /// Its end is the connection's end.
  bool ends_connection() const noexcept { return then_ == persistence::ends; }

 private:
  sending answer_target(const http::target& target, bool may_put_off);
  sending answer_found(found what);
  /// @param waited  for the digests, as long as can be asked of a client
  sending answer_file(const std::shared_ptr<served_file>& file, bool waited = false);
  sending answer_plain(const std::shared_ptr<served_file>& file);
  sending answer_whole(const std::shared_ptr<served_file>& file, std::string_view lines);
  sending answer_parts(const std::shared_ptr<served_file>& file, const plan& made, std::string_view lines);
  bool hold_back(const std::shared_ptr<served_file>& file, bool pieces, net::deadline_list& until);
  sending go_on_after_hold();
  static std::string digest_lines(const served_file& file);
  sending answer_metalink(const std::shared_ptr<served_file>& file, bool waited);
  http::verdict conditions_without_validators() const;
  void queue_content(const std::shared_ptr<served_file>& file, std::uint64_t offset, std::uint64_t length);
  sending answer_folder(base::unique_fd folder);
  sending answer_listing(base::unique_fd folder, std::string clean_path);
  void queue_chunk(std::string_view bytes);
  sending read_folder();
  sending send_piece();
  sending redirect(const std::string& location);
  sending answer_options();
  sending answer_health();
  sending answer_error(int status, std::string_view lines = {});
  sending send_last();
  sending bad_request(const char* why);
  sending answer_text(int status, std::string_view media_type, std::string_view text, std::string_view lines);
  head_writer begin_head(int status);

  connection& client_;
  const http::request_head* head_ = nullptr;  // during a call
  persistence then_ = persistence::ends;
  bool is_head_ = false;
  bool metalink_ = false;  // is asked for
  bool chunked_ = false;   // of the listing under way
  int status_ = 0;
  const char* problem_ = "";
  std::uint64_t content_ = 0;
  std::string name_;                        // below the root
  std::shared_ptr<found> found_;            // what the disk is asked for
  std::shared_ptr<served_file> held_back_;  // until its digests are known
  std::unique_ptr<digests::wait> wait_;
  std::shared_ptr<folder_page> page_;
  bool page_is_read_ = false;
};

}  // namespace sampan::serving
