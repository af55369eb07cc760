#include "talk/voice.h"

#include <algorithm>

#include "text/utf8.h"

namespace sampan::talk {

result<voice> voice::open(const dialogue_form& form, std::string_view encoding, std::string_view otherwise) {
  const auto which = text::find_encoding(encoding);
  if (!which) return which.error();
  auto decoder = text::decoder::open(*which);
  if (!decoder) return decoder.error();
  const auto encoder = text::encoder::open(*which);
  if (!encoder) return encoder.error();
  auto rules = reply_rules::read(form.replies.value_or(std::vector{std::string(otherwise)}), *encoder, *decoder);
  if (!rules) return rules.error();
  auto periodic = reply_text::read(form.periodic, encoder->another());
  if (!periodic) return periodic.error();
  return voice{*which, std::move(*decoder), composer(*encoder, form.sending), std::move(*rules), std::move(*periodic)};
}

bool voice::mistakes_utf8(std::string_view bytes) const noexcept {
  if (which == text::encoding::utf8 || !text::has_ascii(which) || !text::is_utf8(bytes)) return false;
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0xc0; };
  return std::count_if(bytes.begin(), bytes.end(), begins) >= 2;
}

std::string replier::answer(const voice& tongue, std::string_view message, storm_guard::clock::time_point now) {
  std::string bytes;
  reply_facts facts = facts_;
  facts.time = local_time_text();
  if (tongue.rules.answer(message, facts, tongue.typed.encoder(), bytes) == 0) return {};
  if (!guard_.allows(now)) {
    untold_ = untold_ || guard_.tells();
    return {};
  }
  facts_.count = facts.count;
  seal_line(bytes, tongue.typed.form().check);
  return bytes;
}

std::string replier::periodic(const voice& tongue, std::uint64_t count, std::string peer) {
  std::string bytes;
  tongue.periodic.append(bytes, {local_time_text(), count, std::move(peer)}, tongue.typed.encoder().another());
  seal_line(bytes, tongue.typed.form().check);
  return bytes;
}

}  // namespace sampan::talk
