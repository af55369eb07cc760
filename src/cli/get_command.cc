// `sampan get`: URLs, lists or prompts, and the downloads that come of them.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "cli/commands.h"
#include "cli/get_flags.h"
#include "cli/get_input.h"
#include "cli/get_report.h"
#include "cli/i18n.h"
#include "cli/messages.h"
#include "cli/prompt.h"
#include "cli/signals.h"
#include "net/address.h"

namespace sampan::cli {

namespace {

// A million URLs, or the digests of 30,000 files: more is rather a mistake than a list.
constexpr std::size_t largest_list = 64 << 20, largest_checksums = 4 << 20;

// The course's three questions, each answer checked before the next is asked.
result<get_source> ask_for_source(int signals) {
  const auto host = ask(_("server ip: "), signals);
  if (!host) return host.error();
  if (auto good = net::check_host(*host); !good) return good.error();
  const auto port_text = ask(_("server port: "), signals);
  if (!port_text) return port_text.error();
  const auto port = net::parse_port(*port_text);
  if (!port) return port.error();
  const auto name = ask(_("name of the file to download: "), signals);
  if (!name) return name.error();
  if (name->empty()) return error::make(errc::bad_name, "get", *name, _("it is empty"));
  get_source made;
  made.host = *host;
  made.port = *port;
  made.name = *name;
  return made;
}

// All downloads of one command, several at once, their names chosen in the order of the URLs.
class batch {
 public:
  batch(get_run& run, const get_wishes& wanted, std::string sums, int signals)
      : run_(run), wanted_(wanted), sums_(std::move(sums)), report_(wanted, signals) {}

  /// @return  the exit status: that of the first failure in the order of the URLs, or of the interrupt that ended them all
  int run(const std::vector<std::string>& urls) {
    // What goes into one stream goes there one after the other.
    const std::size_t workers = wanted_.options.output_fd >= 0 ? 1 : std::min(wanted_.jobs, urls.size());
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < workers; ++i) others.emplace_back([&] { work(urls); });
    work(urls);
    for (std::thread& one : others) one.join();
    run_.flush();
    report_.sum_up();
    return interrupted_ ? 128 + pending_signal() : status_;
  }

  int run(const get_source& source) {
    download(source, 0, nullptr);
    run_.flush();
    return status_;
  }

  get_report& report() noexcept { return report_; }

 private:
  using turn = std::unique_lock<std::mutex>;

  void work(const std::vector<std::string>& urls) {
    for (;;) {
      turn mine(order_);
      if (next_ == urls.size()) return;
      if (interrupted_ || pending_signal() != 0) {
        interrupted_ = true;
        return;
      }
      const std::size_t which = next_++;
      auto source = parse_get_url(urls[which]);
      if (source) {
        download(with_user(std::move(*source)), which, &mine);
      } else {
        ended(which, report_.end_before(source.error()));
      }
    }
  }

  void ended(std::size_t which, int status) {
    const std::lock_guard guard(outcome_);
    if (status > 128) interrupted_ = true;
    if (status == exit_ok || which >= first_failed_) return;
    first_failed_ = which;
    status_ = status;
  }

  get_source with_user(get_source source) const {
    if (!wanted_.has_user || source.protocol == get_protocol::bare) return source;
    source.user = wanted_.user;
    source.password = wanted_.password;
    source.has_credentials = true;
    return source;
  }

  // What the file has to be; empty: nobody said. @error unproved: it is not among those that were to say so
  result<std::string> digest_of(const get_source& source) {
    if (sums_.empty() || !wanted_.options.sha256.empty()) return wanted_.options.sha256;
    auto listed = listed_sha256(sums_, source, wanted_.checksums);
    if (!listed || !listed->empty()) return listed;
    return error::make(errc::unproved, "get", source.name, _("not listed among the digests"));
  }

  // @param mine  the turn to choose a name; given to the next one as soon as that is done
  void download(const get_source& source, std::size_t which, turn* mine) {
    const auto digest = digest_of(source);
    if (!digest) return ended(which, report_.end_before(digest.error()));
    get_options options = wanted_.options;
    options.sha256 = *digest;
    const auto shown = report_.begin(source, *digest);
    options.on_event = [&](const get_event& what) {
      if (mine != nullptr && mine->owns_lock()) mine->unlock();
      // This one takes longer: small ones that are done need not wait for it.
      if (what.now == get_event::kind::progress) flush_now_and_then();
      report_.event(*shown, what);
    };
    run_.get(source, options,
             [this, which, shown](const result<get_outcome>& done) { ended(which, report_.end(*shown, done)); });
    report_.set_aside(*shown);
  }

  void flush_now_and_then() {
    using clock = std::chrono::steady_clock;
    constexpr std::chrono::seconds often{1};
    {
      const std::lock_guard guard(outcome_);
      if (clock::now() - flushed_ < often) return;
      flushed_ = clock::now();
    }
    run_.flush();
  }

  get_run& run_;
  const get_wishes& wanted_;
  const std::string sums_;
  get_report report_;
  std::mutex order_;  // of the next; and who holds it may choose a name
  std::size_t next_ = 0;
  std::mutex outcome_;  // of what follows
  std::size_t first_failed_ = SIZE_MAX;
  int status_ = exit_ok;
  std::atomic<bool> interrupted_ = false;
  std::chrono::steady_clock::time_point flushed_{};
};

result<std::vector<std::string>> all_urls(const arguments& given, const get_wishes& wanted, int signals) {
  std::vector<std::string> urls = given.positional();
  if (!wanted.input_file.empty()) {
    const auto text = read_whole(wanted.input_file, largest_list, signals);
    if (!text) return text.error();
    auto listed = parse_url_list(*text, wanted.input_file);
    if (!listed) return listed.error();
    urls.insert(urls.end(), std::make_move_iterator(listed->begin()), std::make_move_iterator(listed->end()));
    if (urls.empty()) return error::make(errc::bad_value, "read", wanted.input_file, _("no URL in it"));
  }
  if (urls.size() < 2) return urls;
  // What is said of one file cannot be true of several.
  const bool one_name = !wanted.options.output.empty() && wanted.options.output_fd < 0;
  if (one_name) return error::make(errc::bad_value, "read", "--output", _("one name for several files; use --dir"));
  if (given.has("--sha256")) {
    return error::make(errc::bad_value, "read", "--sha256", _("one digest for several files; use --checksums"));
  }
  if (given.has("--mirror"))
    return error::make(errc::bad_value, "read", "--mirror", _("it is of one file, not of several"));
  return urls;
}

result<std::string> read_sums(get_run& run, const get_wishes& wanted, int signals) {
  if (wanted.checksums.empty()) return std::string();
  auto text = wanted.checksums.find("://") != std::string::npos
                  ? fetch_whole(run, wanted.checksums, wanted.options, largest_checksums)
                  : read_whole(wanted.checksums, largest_checksums, signals);
  if (text && text->empty()) return error::make(errc::bad_value, "read", wanted.checksums, _("it is empty"));
  return text;
}

int fail_to_begin(const error& why) {
  return fail(why.code() == errc::interrupted ? why.with_number(pending_signal()) : why);
}

}  // namespace

const command get_command{
    "get", "[URL...]", N_("downloads files; without a URL it asks"), get_flag_table(), 1 << 20, false,
};

int run_get(const arguments& given, int signals) {
  auto wanted = read_get_flags(given);
  if (!wanted) return fail(wanted.error());
  wanted->options.interrupt_fd = signals;
  const auto urls = all_urls(given, *wanted, signals);
  if (!urls) return fail(urls.error());
  auto run = get_run::open(wanted->options);
  if (!run) return fail(run.error());
  auto sums = read_sums(*run, *wanted, signals);
  if (!sums) return fail_to_begin(sums.error());
  if (!urls->empty()) {
    batch all(*run, *wanted, std::move(*sums), signals);
    if (wanted->verbose && !wanted->passed_over.empty()) {
      all.report().note("~/.netrc", fmt::format(fmt::runtime(_("not used: {}")), wanted->passed_over));
    }
    return all.run(*urls);
  }
  const auto source = ask_for_source(signals);
  if (!source) return fail(source.error());
  wanted->options.prefix = "[接收]";
  return batch(*run, *wanted, std::move(*sums), signals).run(*source);
}

}  // namespace sampan::cli
