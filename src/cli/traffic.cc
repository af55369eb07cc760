#include "cli/traffic.h"

#include <fmt/format.h>

#include <algorithm>

#include "talk/transcript.h"
#include "text/escape.h"
#include "text/hex_dump.h"

namespace sampan::cli {

namespace {

// A record is a line: its own line end is left out.
std::string one_line(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text::escape_terminal(text);
}

record_form form_of_log(const std::string& path) {
  for (const char* const ending : {".json", ".jsonl", ".ndjson"}) {
    if (path.ends_with(ending)) return record_form::json;
  }
  return record_form::text;
}

}  // namespace

bool traffic_view::set_form(std::string_view name) {
  if (name != "text" && name != "hex" && name != "both") return false;
  form = name == "text" ? record_form::text : name == "hex" ? record_form::hex : record_form::both;
  return true;
}

std::string render(const talk::record& what, std::chrono::milliseconds delta, record_form form, bool with_time,
                   const std::string& label, log_time& clock) {
  if (form == record_form::json) return talk::record_to_json(what, delta);
  std::string out;
  if (with_time) {
    clock.append(out, time_style::local, what.time);
    out += fmt::format(" +{}.{:03} ", delta.count() / 1000, delta.count() % 1000);
  }
  out += what.way == talk::direction::in ? "< " : "> ";
  out += label;
  if (form == record_form::text) return out + one_line(what.text) + '\n';
  out += fmt::format("({})", what.bytes.size());
  if (form == record_form::both) out += ' ' + one_line(what.text);
  return out + '\n' + text::hex_dump(what.bytes);
}

traffic::traffic(traffic_view view, bool labels, std::function<void(const std::string&)> put)
    : view_(std::move(view)), labels_(labels), put_(std::move(put)) {}

result<std::unique_ptr<traffic>> traffic::open(traffic_view view, bool labels, log_writer& notices,
                                               std::function<void(const std::string&)> put) {
  std::unique_ptr<traffic> made(new traffic(std::move(view), labels, std::move(put)));
  const auto add = [&](const std::string& path, record_form form) -> result<void> {
    if (path.empty()) return {};
    auto file = open_log(path);
    if (!file) return file.error();
    made->logs_.emplace_back(form, std::make_unique<log_writer>(std::move(*file), path, notices));
    return {};
  };
  if (auto done = add(made->view_.log, form_of_log(made->view_.log)); !done) return done.error();
  if (auto done = add(made->view_.hex_log, record_form::hex); !done) return done.error();
  return made;
}

void traffic::take(const talk::record& what) {
  using namespace std::chrono;
  // The wall clock may be set back.
  const auto since =
      last_ == system_clock::time_point() ? milliseconds(0) : duration_cast<milliseconds>(what.time - last_);
  const auto delta = std::max(since, milliseconds(0));
  last_ = what.time;
  const std::string who = (what.client != 0 ? fmt::format("#{} ", what.client) : "") + what.peer + ' ';
  for (const auto& [form, log] : logs_) {
    std::string text = render(what, delta, form, true, who, clock_);
    text.pop_back();  // line() ends it
    log->line(text);
  }
  if (!view_.shows_records()) return;
  if (view_.json) return put_(render(what, delta, record_form::json, true, who, clock_));
  const bool plain = view_.form == record_form::text && !view_.time;
  if (plain && view_.raw && what.way == talk::direction::in) return put_(what.bytes);
  if (plain && what.way == talk::direction::out) return;  // whoever typed it has seen it
  if (plain && !labels_) return put_(one_line(what.text) + '\n');
  put_(render(what, delta, view_.form, !plain, labels_ ? who : std::string(), clock_));
}

}  // namespace sampan::cli
