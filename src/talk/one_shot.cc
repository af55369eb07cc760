// talk::send_text: one text, one reply.
#include <algorithm>

#include "sampan/talk.h"
#include "talk/link.h"
#include "talk/voice.h"

namespace sampan::talk {

namespace {

using clock = std::chrono::steady_clock;

class exchange {
 public:
  exchange(const client_options& options, link& peer, const client_output& output)
      : options_(options), peer_(peer), output_(output), until_(clock::now() + options.wait) {}

  result<ending> run() {
    for (;;) {
      if (peer_.has_queued() && peer_.flush()) until_ = clock::now() + options_.wait;
      if (!peer_.has_queued() && !peer_.broken() && options_.wait.count() == 0) return ending::left_at_once;
      const short events = static_cast<short>(peer_.has_queued() ? POLLIN | POLLOUT : POLLIN);
      switch (net::wait_for(peer_.fd(), events, {until_, options_.interrupt_fd})) {
        case net::waited::interrupted: return error::make(errc::interrupted, "receive from", peer_.peer());
        case net::waited::timeout: return out_of_time();
        case net::waited::ready: break;
      }
      const got what = take();
      if (shown_.has_error()) return shown_.error();
      if (what == got::reset) return reset_by(peer_);
      if (what == got::end) return replied_ ? ending::peer_closed : ending::no_reply;
    }
  }

 private:
  got take() {
    std::string text;
    const got what = peer_.receive(text);
    if (!text.empty()) shown_ = output_.show(text);
    if (what == got::text) {
      replied_ = true;
      // A character in the middle is waited for as long as a reply: its rest is on the way.
      until_ = clock::now() + (peer_.half_character() ? std::max(options_.wait, options_.quiet) : options_.quiet);
    }
    return what;
  }

  result<ending> out_of_time() {
    if (!replied_) return error::make(errc::reply_timeout, "receive from", peer_.peer(), words_for(options_.wait));
    std::string tail;
    peer_.finish_text(tail);
    if (!tail.empty()) shown_ = output_.show(tail);
    if (shown_.has_error()) return shown_.error();
    return ending::reply_quiet;
  }

  const client_options& options_;
  link& peer_;
  const client_output& output_;
  clock::time_point until_;
  bool replied_ = false;
  result<void> shown_;
};

}  // namespace

result<ending> send_text(const client_options& options, std::string_view text, const client_output& output) {
  if (text.empty()) return error::make(errc::empty_text, "send to", options.host);
  auto tongue = voice::open(options, options.encoding);
  if (!tongue) return tongue.error();
  std::string bytes;
  for (std::string_view rest = text; !rest.empty();) {
    if (auto done = tongue->typed.compose(rest, bytes); !done) return done.error();
  }
  if (auto done = tongue->typed.finish(bytes); !done) return done.error();
  auto peer = link::open(options, tongue->decoder, output.on_record);
  if (!peer) return peer.error();
  if (output.tell) output.tell({note_kind::connected, peer->peer(), {}});
  peer->queue(bytes);
  auto how = exchange(options, *peer, output).run();
  peer->leave();
  return how;
}

}  // namespace sampan::talk
