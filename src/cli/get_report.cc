#include "cli/get_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/i18n.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "text/escape.h"

namespace sampan::cli {

namespace {

// What the library says it does, and notes, so that the catalogue has them.
[[maybe_unused]] const char* const words[] = {
    N_("the server cannot prove that the file is still the same; it is fetched anew"),
    N_("the server cannot prove that the file is still the same; going on, since what was compared is"),
    N_("the unfinished file is of another URL; it is kept until this one is complete"),
    N_("a digest of the server's is passed over"),
    N_("the server tells a length beside chunks; the chunks count"),
    N_("the server ignores ranges, and sends the whole file"),
};

std::string seconds(std::chrono::milliseconds length) {
  return fmt::format("{:.1f}", std::chrono::duration<double>(length).count());
}

std::string what_is_uncertain(const get_source& source, const get_outcome& done) {
  if (done.fell_back) return _("(no HTTP there: fetched by bare name; the length cannot be checked)");
  if (done.surplus) return _("(the server sent more than it announced; the rest was not taken)");
  if (done.length_known || done.verified) return {};
  return source.protocol == get_protocol::bare ? _("(the length is unknown to this protocol and cannot be checked)")
                                               : _("(the server did not tell the length, so it cannot be checked)");
}

}  // namespace

get_report::get_report(const get_wishes& wanted)
    : quiet_(wanted.quiet), verbose_(wanted.verbose), json_(wanted.json), to_stdout_(wanted.options.output_fd >= 0) {}

void get_report::line(const std::string& text) {
  bar_.reset();
  say(text);
}

void get_report::event(const get_source& source, const get_event& what) {
  const std::lock_guard guard(mutex_);
  if (json_) tell_json(source, what);
  if (quiet_) return;
  switch (what.now) {
    case get_event::kind::progress:
      if (!isatty(STDERR_FILENO)) return;
      if (!bar_) {
        bar_ = std::make_unique<ui::progress>(
            STDERR_FILENO, text::escape_terminal(what.path.empty() ? source.name : std::string(what.path)),
            ui::progress::words{.size_unknown = _("(size unknown)"), .time_left = _("{} left")});
      }
      bar_->update(what.bytes, what.size);
      return;
    case get_event::kind::retry:
      return line(fmt::format(fmt::runtime(_("{}; trying again in {} s")), message_of(*what.why), seconds(what.pause)));
    case get_event::kind::restart:
      return line(fmt::format(fmt::runtime(_("{}; it is fetched anew")), message_of(*what.why)));
    case get_event::kind::note:
      return line(what.why ? fmt::format("{}: {}", _(what.what), message_of(*what.why)) : std::string(_(what.what)));
    case get_event::kind::doing:
    case get_event::kind::begin:
    case get_event::kind::verified: return;
  }
}

void get_report::tell_json(const get_source&, const get_event&) {}

int get_report::end(const get_source& source, const result<get_outcome>& done, int signals) {
  const std::lock_guard guard(mutex_);
  bar_.reset();
  if (!done) {
    ++bad_;
    error why = done.error();
    if (why.code() == errc::interrupted) why = why.with_number(next_signal(signals));
    return fail(why);
  }
  ++good_;
  bytes_ += done->bytes;
  if (quiet_) return exit_ok;
  std::string said = to_stdout_
                         ? fmt::format(fmt::runtime(_("{} bytes")), done->bytes)
                         : fmt::format(fmt::runtime(_("{}: {} bytes")), text::escape_terminal(done->path), done->bytes);
  if (const auto unsure = what_is_uncertain(source, *done); !unsure.empty()) said += ' ' + unsure;
  line(said);
  return exit_ok;
}

void get_report::sum_up() {}

}  // namespace sampan::cli
