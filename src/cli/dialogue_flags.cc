#include "cli/dialogue_flags.h"

#include <unistd.h>

#include <charconv>

#include "talk/checksum.h"
#include "text/encoding.h"

namespace sampan::cli {

namespace {

error bad_value(const arguments& given, const char* name, const char* expected) {
  return error::make(errc::bad_value, "read", given.source(name) + ' ' + given.text(name), expected);
}

// `line`, `64`, `20ms`: a number alone is a size.
result<talk::framing> read_framing(const arguments& given) {
  talk::framing how;
  if (!given.has("--frame")) return how;
  const std::string text = given.text("--frame");
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), how.size);
  if (text == "line") {
    how.what = talk::framing::by::line;
  } else if (bad == std::errc() && end == text.data() + text.size() && how.size != 0) {
    how.what = talk::framing::by::size;
  } else if (const auto gap = given.duration("--frame", talk::milliseconds(0));
             gap && gap->count() > 0 && how.size != 0) {
    how.what = talk::framing::by::gap;
    how.gap = *gap;
  } else {
    return bad_value(given, "--frame", _("line, a size such as 64, or a gap such as 20ms"));
  }
  return how;
}

result<void> read_view(const arguments& given, traffic_view& view) {
  if (given.has("--view") && !view.set_form(given.text("--view"))) {
    return bad_value(given, "--view", _("text, hex or both"));
  }
  view.time = given.has("--time");
  view.json = given.has("--json");
  view.log = given.text("--log");
  view.hex_log = given.text("--hex-dump");
  return {};
}

result<void> read_periodic(const arguments& given, talk::dialogue_form& form) {
  const auto every = given.duration("--every", form.every);
  if (!every) return every.error();
  form.every = *every;
  form.periodic = given.text("--send");
  if (given.has("--every") && every->count() == 0) return bad_value(given, "--every", _("more than nothing"));
  return {};
}

}  // namespace

result<void> read_dialogue(const arguments& given, talk::dialogue_form& form, traffic_view& view) {
  form.encoding = given.text("--encoding", form.encoding);
  if (const auto known = text::find_encoding(form.encoding); !known) return known.error();
  form.sending.raw = given.has("--raw") && isatty(STDIN_FILENO) == 0;
  view.raw = given.has("--raw") && isatty(STDOUT_FILENO) == 0;
  form.sending.escapes = given.has("--escapes");
  form.sending.crlf = given.has("--crlf");
  const auto check = talk::find_checksum(given.text("--checksum", "none"));
  if (!check) return bad_value(given, "--checksum", _("none, crc16, crc32, sum or xor"));
  form.sending.check = *check;
  const auto frames = read_framing(given);
  if (!frames) return frames.error();
  form.frames = *frames;
  view.framed = frames->what != talk::framing::by::read;
  if (given.has("--reply")) form.replies = given.list("--reply");
  const auto delay = given.duration("--reply-delay", form.reply_delay);
  if (!delay) return delay.error();
  form.reply_delay = *delay;
  const auto limit = given.number("--reply-limit", form.reply_limit);
  if (!limit) return limit.error();
  form.reply_limit = static_cast<unsigned>(*limit);
  if (auto good = read_periodic(given, form); !good) return good.error();
  return read_view(given, view);
}

}  // namespace sampan::cli
