// One peer's traffic as records.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "sampan/talk_forms.h"
#include "talk/framer.h"
#include "text/decoder.h"

namespace sampan::talk {

/// Thread: one at a time; the sink is called inside the calls.
class recorder {
 public:
  using sink = std::function<void(const record&)>;
  recorder(framing how, text::decoder decoder, std::uint64_t client, std::string peer, sink into);

  void came(std::string_view bytes);
  void went(std::string_view bytes);
  /// The gap has passed, or the connection has ended: what is held is a record.
  void finish();
  /// Whether finish() is to be called when the gap has passed without a byte.
  bool waits_for_gap() const noexcept { return how_.what == framing::by::gap && framer_.holding(); }
  void use(text::decoder decoder) { decoder_ = std::move(decoder); }

 private:
  void put(direction way, std::string bytes, std::string text) const;
  void put_frames();

  const framing how_;
  framer framer_;
  text::decoder decoder_;  // goes on from record to record where they are cut anywhere
  const std::uint64_t client_;
  const std::string peer_;
  const sink into_;
  std::vector<std::string> frames_;
};

}  // namespace sampan::talk
