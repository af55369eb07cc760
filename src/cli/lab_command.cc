// `sampan lab`: runs the experiments, shows them step by step, and says whether every claim held.
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <optional>

#include "cli/commands.h"
#include "cli/i18n.h"
#include "cli/lab_render.h"
#include "cli/lab_servers.h"
#include "cli/lab_texts.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "lab/experiment.h"
#include "net/listener.h"
#include "net/wait.h"

namespace sampan::cli {

namespace {

const flag lab_flags[] = {
    {"--sabotage", nullptr, N_("take away what each claim rests on; then the claims have to fail")},
    {"--step", nullptr, N_("wait for a key after each step")},
    {"--json", nullptr, N_("one line of JSON for each step")},
    {"--markdown", nullptr, N_("as a document")},
    {"-h,--help", nullptr, N_("show this")},
};

// What was taken away does not come, so there is less to wait for; but a SYN is sent again only after a second.
constexpr std::chrono::milliseconds sabotage_patience{1500};

/// While it lives, keys of the terminal on stdin come one by one and unseen.
class single_keys {
 public:
  single_keys() {
    termios modes{};
    if (tcgetattr(STDIN_FILENO, &modes) != 0) return;
    before_ = modes;
    modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
  }
  ~single_keys() {
    if (before_) tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
  }
  single_keys(const single_keys&) = delete;
  single_keys& operator=(const single_keys&) = delete;

 private:
  std::optional<termios> before_;
};

enum class form { text, markdown, json };

/// Shows a run on stdout and counts.
class audience {
 public:
  audience(form chosen, bool step, int signals) : form_(chosen), step_(step), signals_(signals) {}

  void begin(const lab::experiment& which, const std::string& sabotage) {
    experiment_ = which.name;
    sabotage_ = sabotage;
    failed_.clear();
    if (form_ == form::json) return;
    const std::string title = lab_title(which.name);
    if (form_ == form::markdown) return put(fmt::format("## {}\n\n```text\n", title));
    put(wrapped(title, "", 0));
    if (!sabotage.empty()) {
      put(wrapped(fmt::format(fmt::runtime(_("sabotage {}: {}")), sabotage, lab_sabotage(sabotage)), "", 0));
    }
    put("\n");
  }

  void take(const lab::step& one) {
    if (const auto* claim = std::get_if<lab::observation>(&one)) {
      ++claims_;
      if (!claim->holds) failed_.push_back(claim->id);
    }
    put(form_ == form::json ? lab_json(experiment_, sabotage_, one) : lab_text(one));
    if (step_) wait_for_key();
  }

  void end() {
    if (form_ == form::json) return;
    const std::string reason = lab_reason(experiment_);
    if (form_ == form::markdown) return put(fmt::format("```\n\n{}\n", reason) + "\n");
    if (sabotage_.empty()) put('\n' + wrapped(reason, "", 0));
    put("\n");
  }

  const std::vector<std::string>& failed() const noexcept { return failed_; }
  std::size_t claims() const noexcept { return claims_; }
  bool talks() const noexcept { return form_ != form::json; }
  const std::optional<error>& trouble() const noexcept { return trouble_; }

  void put(const std::string& text) {
    if (trouble_) return;
    if (auto written = write_out(text, signals_); !written) trouble_ = written.error();
  }

 private:
  void wait_for_key() const {
    net::patience limits;
    limits.interrupt_fd = signals_;
    char key = 0;
    if (net::wait_for(STDIN_FILENO, POLLIN, limits) == net::waited::ready) {
      [[maybe_unused]] const auto got = read(STDIN_FILENO, &key, 1);
    }
  }

  const form form_;
  const bool step_;
  const int signals_;
  std::string experiment_;
  std::string sabotage_;
  std::vector<std::string> failed_;
  std::size_t claims_ = 0;
  std::optional<error> trouble_;  // with stdout
};

std::string names_of(std::span<const lab::experiment> all) {
  std::string text;
  for (const lab::experiment& one : all) text += (text.empty() ? "" : ", ") + std::string(one.name);
  return text;
}

/// All experiments, or the one that was asked for.
result<std::span<const lab::experiment>> choose(const arguments& given) {
  const auto all = lab::experiments();
  if (given.positional().empty()) return all;
  const std::string& wanted = given.positional().front();
  for (const lab::experiment& one : all) {
    if (wanted == one.name) return std::span(&one, 1);
  }
  return error::make(errc::bad_value, "read", wanted, fmt::format(fmt::runtime(_("there are: {}")), names_of(all)));
}

result<form> read_form(const arguments& given) {
  if (given.has("--json") && given.has("--markdown")) {
    return error::make(errc::bad_value, "read", "--json --markdown", _("they contradict each other"));
  }
  if (given.has("--step") && isatty(STDIN_FILENO) == 0) {
    return error::make(errc::bad_value, "read", "--step", _("it needs a terminal"));
  }
  if (given.has("--json")) return form::json;
  return given.has("--markdown") ? form::markdown : form::text;
}

std::string document_head() {
  return fmt::format(
      "# {}\n\n{}\n\n", _("TCP in fifteen experiments"),
      _("Written by `sampan lab --markdown`. Each call was made, and each answer and each row of the socket table "
        "came from the kernel; a tick marks a claim that was held against these. Drawn is only what the "
        "kernel's counters, states and answers bear witness of."));
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Whether every claim held.
result<bool> play(std::span<const lab::experiment> chosen, lab::options& how, audience& seen) {
  std::vector<std::string> failed;
  for (const lab::experiment& one : chosen) {
    seen.begin(one, {});
    const auto held = lab::run(one, how);
    if (!held) return held.error();
    for (const std::string& id : seen.failed()) failed.push_back(one.name + ('/' + id));
    seen.end();
  }
  if (!seen.talks()) return failed.empty();
  seen.put(
      failed.empty()
          ? fmt::format(fmt::runtime(_("{} claims, and all of them hold\n")), seen.claims())
          : wrapped(fmt::format(fmt::runtime(_("{} claims; these failed: {}")), seen.claims(), joined(failed)), "", 0));
  return failed.empty();
}

// Whether a sabotage went unnoticed.
result<bool> play_sabotaged(std::span<const lab::experiment> chosen, lab::options& how, audience& seen) {
  bool unnoticed = false;
  for (const lab::experiment& one : chosen) {
    for (const char* const sabotage : one.sabotages) {
      how.sabotage = sabotage;
      seen.begin(one, sabotage);
      const auto held = lab::run(one, how);
      if (!held) return held.error();
      unnoticed = unnoticed || *held;
      const std::string noticed = *held ? std::string(_("nothing was noticed"))
                                        : fmt::format(fmt::runtime(_("noticed: {}")), joined(seen.failed()));
      if (seen.talks()) seen.put('\n' + wrapped(noticed, "", 0));
      seen.end();
    }
  }
  return unnoticed;
}

}  // namespace

const command lab_command{
    "lab", "[NAME]", N_("shows how TCP behaves: live experiments that check their own claims"), lab_flags, 1, false,
};

int run_lab(const arguments& given, int signals) {
  const auto chosen = choose(given);
  if (!chosen) return fail(chosen.error());
  const auto as = read_form(given);
  if (!as) return fail(as.error());
  const bool sabotaged = given.has("--sabotage");
  const bool step = given.has("--step");
  net::raise_descriptor_limit();
  std::optional<single_keys> keys;
  if (step) keys.emplace();
  audience seen(*as, step, signals);
  if (*as == form::markdown) seen.put(document_head());
  lab::options how;
  how.on_step = [&seen](const lab::step& one) { seen.take(one); };
  how.interrupt_fd = signals;
  how.listen = listen_for_lab();
  how.serve = serve_for_lab();
  if (sabotaged) how.patience = sabotage_patience;
  const auto good = sabotaged ? play_sabotaged(*chosen, how, seen) : play(*chosen, how, seen);
  if (!good) {
    const error& why = good.error();
    return fail(why.code() == errc::interrupted ? why.with_number(next_signal(signals)) : why);
  }
  if (seen.trouble() && !is_closed_pipe(*seen.trouble())) return fail(*seen.trouble());
  return *good ? exit_ok : exit_local;
}

}  // namespace sampan::cli
