#include "talk/recorder.h"

#include <utility>

namespace sampan::talk {

recorder::recorder(framing how, text::decoder decoder, std::uint64_t client, std::string peer, sink into)
    : how_(how),
      framer_(how),
      decoder_(std::move(decoder)),
      client_(client),
      peer_(std::move(peer)),
      into_(std::move(into)) {}

void recorder::came(std::string_view bytes) {
  framer_.feed(bytes, frames_);
  put_frames();
}

void recorder::went(std::string_view bytes) {
  if (bytes.empty()) return;
  std::string text;
  auto fresh = decoder_.another();
  fresh.feed(bytes, text);
  fresh.finish(text);
  put(direction::out, std::string(bytes), std::move(text));
}

void recorder::finish() {
  framer_.finish(frames_);
  put_frames();
}

void recorder::put_frames() {
  const bool whole = how_.what == framing::by::line || how_.what == framing::by::gap;
  for (std::string& bytes : std::exchange(frames_, {})) {
    std::string text;
    decoder_.feed(bytes, text);
    if (whole) decoder_.finish(text);
    put(direction::in, std::move(bytes), std::move(text));
  }
}

void recorder::put(direction way, std::string bytes, std::string text) const {
  into_({std::chrono::system_clock::now(), way, client_, peer_, std::move(bytes), std::move(text)});
}

}  // namespace sampan::talk
