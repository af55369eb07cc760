#include "cli/get_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/get_json.h"
#include "cli/i18n.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "client/url.h"
#include "text/escape.h"
#include "text/shell_quote.h"

namespace sampan::cli {

namespace {

// As often as the eye can follow; and as a program wants to be told.
constexpr std::chrono::milliseconds between_draws{100}, between_json{200};
// A speed over less is chance.
constexpr double worth_a_speed = 0.1;

// What the library says it does, and notes, so that the catalogue has them.
[[maybe_unused]] const char* const library_words[] = {
    N_("connecting"),
    N_("the server cannot prove that the file is still the same; it is fetched anew"),
    N_("the server cannot prove that the file is still the same; going on, since what was compared is"),
    N_("the unfinished file is of another URL; it is kept until this one is complete"),
    N_("its journal is of another version"),
    N_("its journal is damaged"),
    N_("it is shorter than its journal says"),
    N_("a digest of the server's is passed over"),
    N_("the server tells a length beside chunks; the chunks count"),
    N_("the server ignores ranges, and sends the whole file"),
    N_("an answer is of no use, and passed over"),
    N_("going on with a mirror"),
    N_("pieces of the file are wrong, and are fetched again"),
};

double since(get_report::clock::time_point then) {
  return std::chrono::duration<double>(get_report::clock::now() - then).count();
}

std::string in_seconds(std::chrono::milliseconds length) {
  return fmt::format("{:.1f}", std::chrono::duration<double>(length).count());
}

std::string speed_of(std::uint64_t bytes, double seconds) {
  return ui::human_bytes(static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds)) + "/s";
}

const std::string& name_of(const get_report::file& about) { return about.path.empty() ? about.url : about.path; }

// What a person should know about a file that is there.
std::string remarks(const get_report::file& about, const get_outcome& done) {
  std::string text;
  const auto add = [&](const std::string& one) { text += " (" + one + ')'; };
  if (about.resumed > 0) add(fmt::format(fmt::runtime(_("{} were there")), ui::human_bytes(about.resumed)));
  if (done.verified) add(fmt::format(fmt::runtime(_("{} is right")), about.checked));
  if (done.fell_back) {
    add(_("no HTTP there: fetched by bare name; the length cannot be checked"));
  } else if (done.surplus) {
    add(_("the server sent more than it announced; the rest was not taken"));
  } else if (!done.length_known && !done.verified) {
    add(about.source.protocol == get_protocol::bare ? _("the length is unknown to this protocol and cannot be checked")
                                                    : _("the server did not tell the length, so it cannot be checked"));
  }
  return text;
}

// The same command would end the same way again after these.
bool can_go_on(errc code) { return code != errc::digest_mismatch && code != errc::changed && code != errc::unproved; }

// As the user wrote it: what has no scheme may be by bare name, and with http:// it is not.
std::string url_to_go_on(const get_source& source) {
  std::string url = client::url_of(source);
  return source.protocol == get_protocol::http_or_bare ? url.substr(std::string_view("http://").size()) : url;
}

}  // namespace

get_report::get_report(const get_wishes& wanted, int signals)
    : quiet_(wanted.quiet || wanted.json),
      verbose_(wanted.verbose && !quiet_),
      json_(wanted.json),
      to_stdout_(wanted.options.output_fd >= 0),
      words_to_go_on_(wanted.words_to_go_on),
      signals_(signals) {
  if (quiet_ || !isatty(STDERR_FILENO)) return;
  board_.emplace(STDERR_FILENO, ui::words{.size_unknown = _("(size unknown)"),
                                          .time_left = _("{} left"),
                                          .connections = _("{} connections"),
                                          .more = _("and {} more")});
}

std::shared_ptr<get_report::file> get_report::begin(const get_source& source, const std::string& sha256) {
  auto made = std::make_shared<file>();
  made->source = source;
  made->url = client::url_of(source);
  made->sha256 = sha256;
  made->line.title = text::escape_terminal(source.name.empty() ? made->url : source.name);
  const std::lock_guard guard(mutex_);
  files_.push_back(made);
  return made;
}

void get_report::set_aside(const file& about) {
  const std::lock_guard guard(mutex_);
  files_.remove_if([&](const auto& one) { return one.get() == &about; });
}

void get_report::line(const std::string& text) {
  if (board_) board_->wipe();
  say(text);
}

void get_report::note(const std::string& about, const std::string& text) {
  const std::lock_guard guard(mutex_);
  if (!quiet_) remark(about, text);
}

void get_report::remark(const std::string& about, const std::string& text) {
  line(about.empty() ? text : fmt::format("{}: {}", text::escape_terminal(about), text));
}

void get_report::tell(const std::string& json) {
  if (!json_ || json.empty()) return;
  net::patience limits;
  limits.interrupt_fd = signals_;
  // How it ended is told after an interrupt, too, but not to a reader that takes nothing.
  if (pending_signal() != 0) limits = net::patience::lasting(std::chrono::seconds(1));
  [[maybe_unused]] const auto told = write_out(json, limits);  // a reader that has gone ends no download
}

void get_report::draw(bool now) {
  const auto time = clock::now();
  if (!board_ || files_.empty() || (!now && time - drawn_ < between_draws)) return;
  drawn_ = time;
  std::vector<ui::transfer> all;
  for (const auto& one : files_) {
    all.push_back(one->line);
    all.back().speed = one->speed.bytes_per_second();
    all.back().elapsed = std::chrono::duration_cast<std::chrono::seconds>(time - one->began);
    if (one->retry_at <= time) continue;
    const auto left = std::chrono::ceil<std::chrono::seconds>(one->retry_at - time).count();
    all.back().doing = fmt::format(fmt::runtime(_("retrying in {} s: {}")), left, one->line.doing);
  }
  board_->draw(all);
}

void get_report::event(file& about, const get_event& what) {
  const std::lock_guard guard(mutex_);
  if (!what.path.empty() && what.path != about.path) {
    about.path = what.path;
    about.line.title = text::escape_terminal(about.path);
  }
  if (what.now == get_event::kind::begin || what.now == get_event::kind::progress) {
    about.speed.see(clock::now(), what.bytes);
    if (what.now == get_event::kind::progress && json_ && clock::now() - about.told < between_json) return;
    if (what.now == get_event::kind::progress) about.told = clock::now();
  }
  tell(json_line({about.url, about.path}, what, about.speed.bytes_per_second()));
  if (!quiet_) show(about, what);
}

void get_report::show(file& about, const get_event& what) {
  const bool both = verbose_ || !board_;  // else the bar tells it
  switch (what.now) {
    case get_event::kind::doing: about.line.doing = _(what.what); break;
    case get_event::kind::moved:
      if (verbose_)
        remark(name_of(about), fmt::format(fmt::runtime(_("redirected to {}")), text::escape_terminal(what.url)));
      break;
    case get_event::kind::begin:
      about.resumed = what.bytes;
      about.line.size = what.size;
      about.line.bytes = what.bytes;
      if (what.bytes == 0) about.line.doing.clear();
      if (what.bytes > 0 && verbose_) {
        remark(name_of(about), fmt::format(fmt::runtime(_("going on after {} bytes")), what.bytes));
      }
      break;
    case get_event::kind::progress:
      if (what.bytes != about.line.bytes) about.line.doing.clear();
      about.line.bytes = what.bytes;
      about.line.size = what.size;
      if (verbose_ && what.connections > about.line.connections) {
        remark(name_of(about), fmt::format(fmt::runtime(_("{} connections")), what.connections));
      }
      about.line.connections = what.connections;
      return draw(what.size == what.bytes);
    case get_event::kind::retry:
      about.line.doing = cause_of(*what.why);
      about.retry_at = clock::now() + what.pause;
      if (both) {
        line(fmt::format(fmt::runtime(_("{}; trying again in {} s")), message_of(*what.why), in_seconds(what.pause)));
      }
      break;
    case get_event::kind::restart:
      line(fmt::format(fmt::runtime(_("{}; it is fetched anew")), message_of(*what.why)));
      break;
    case get_event::kind::note:
      remark(name_of(about), what.why ? fmt::format("{} ({})", _(what.what), message_of(*what.why)) : _(what.what));
      break;
    case get_event::kind::verified: about.checked = what.what; return;
  }
  draw(true);
}

void get_report::tell_end(const file& about, const get_outcome& done) {
  const double seconds = since(about.began);
  tell(json_line({about.url, done.path}, done, seconds, done.verified ? about.sha256 : std::string()));
  if (quiet_) return;
  std::string said = to_stdout_
                         ? fmt::format(fmt::runtime(_("{} bytes")), done.bytes)
                         : fmt::format(fmt::runtime(_("{}: {} bytes")), text::escape_terminal(done.path), done.bytes);
  if (seconds >= worth_a_speed && done.bytes > about.resumed) {
    said += fmt::format(fmt::runtime(_(" in {:.1f} s, {}")), seconds, speed_of(done.bytes - about.resumed, seconds));
  }
  line(said + remarks(about, done));
}

void get_report::tell_end(const file& about, const error& why, int status) {
  tell(json_line({about.url, about.path}, why, status));
  line("sampan: " + message_of(why));
  const auto& came = why.what_came();
  if (!came) return;
  std::string said = kept_text(*came);
  if (!came->path.empty() && can_go_on(why.code())) {
    said += fmt::format(
        fmt::runtime(_("; go on with: {}")),
        fmt::format("sampan get --output {}{}{} {}", text::quote_shell(about.path), words_to_go_on_,
                    about.source.has_credentials ? " --user '…'" : "", text::quote_shell(url_to_go_on(about.source))));
  }
  line("sampan: " + said);
}

int get_report::end(file& about, const result<get_outcome>& done) {
  set_aside(about);
  const std::lock_guard guard(mutex_);
  int status = exit_ok;
  if (done) {
    ++good_;
    bytes_ += done->bytes;
    tell_end(about, *done);
  } else {
    ++bad_;
    error why = done.error();
    if (why.code() == errc::interrupted) why = why.with_number(pending_signal());
    status = exit_status_of(why);
    tell_end(about, why, status);
  }
  return status;
}

int get_report::end_before(const error& why) {
  file nothing;
  nothing.url = why.subject();
  const std::lock_guard guard(mutex_);
  ++bad_;
  tell_end(nothing, why, exit_status_of(why));
  return exit_status_of(why);
}

void get_report::sum_up() {
  if (quiet_ || good_ + bad_ < 2) return;
  const char* const form = good_ == 1 ? _("{} file, {} in {:.1f} s") : _("{} files, {} in {:.1f} s");
  std::string said = fmt::format(fmt::runtime(form), good_, ui::human_bytes(bytes_), since(began_));
  if (bad_ > 0) said += fmt::format(fmt::runtime(_("; {} failed")), bad_);
  line(said);
}

}  // namespace sampan::cli
