#include "sampan/get.h"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <random>
#include <unordered_map>

#include "client/fetch.h"
#include "client/file_sink.h"
#include "client/http_origin.h"
#include "client/names.h"
#include "client/stream_sink.h"
#include "client/words.h"
#include "http/characters.h"

namespace sampan {

namespace {

using client::sink;

result<std::unique_ptr<sink>> file_at(const std::string& directory, const std::string& name, bool no_clobber) {
  auto made = client::part_file::prepare(client::real_files(), {directory, name, no_clobber});
  if (!made) return made.error();
  return std::unique_ptr<sink>(
      std::make_unique<client::file_sink>(std::move(*made), client::target_place{directory, name, no_clobber}));
}

// The files that downloads of one run have chosen, so that two of the same name do not meet. Thread: any.
class claimed_names {
 public:
  /// The first of NAME, NAME.1, … that no other download has. @param number  where to begin; set to that of the name
  std::string claim(const std::string& directory, const std::string& name, unsigned& number) {
    const auto path_of = [&](const std::string& file) { return (std::filesystem::path(directory) / file).string(); };
    const std::lock_guard guard(mutex_);
    unsigned& next = next_[path_of(name)];
    for (number = std::max(number, next);; ++number) {
      std::string chosen = numbered(name, number);
      if (number > 0 && !next_.try_emplace(path_of(chosen), 1).second) continue;
      next = number + 1;
      return chosen;
    }
  }

 private:
  static std::string numbered(const std::string& name, unsigned number) {
    if (number == 0) return name;
    const std::string ending = '.' + std::to_string(number);
    return client::safe_file_name(name, ending.size()) + ending;
  }

  std::mutex mutex_;
  std::unordered_map<std::string, unsigned> next_;  // of each path that is taken: the number for the next that wants it
};

// Where the download goes. A name of the server's making replaces nothing.
class sink_chooser {
 public:
  sink_chooser(const get_source& source, const get_options& options, claimed_names& claimed)
      : source_(source), options_(options), claimed_(claimed) {}

  result<std::unique_ptr<sink>> operator()(const std::string& proposed) {
    auto made = choose(proposed);
    if (!std::exchange(told_, true) && options_.on_event) {
      get_event event;
      event.what = "connecting";
      const std::string path = made && *made ? (*made)->path() : std::string();
      event.path = path;
      options_.on_event(event);
    }
    return made;
  }

 private:
  result<std::unique_ptr<sink>> choose(const std::string& proposed) {
    if (options_.output_fd >= 0 || !options_.output.empty()) return chosen_by_user();
    const std::string from_url = client::safe_file_name(source_.name, options_.prefix.size());
    if (proposed.empty() && !from_url.empty() && !made_) {
      made_ = true;
      unsigned number = 0;
      const std::string name = claimed_.claim(options_.directory, options_.prefix + from_url, number);
      return file_at(options_.directory, name, options_.no_clobber);
    }
    const std::string safe = client::safe_proposed_name(proposed, options_.prefix.size());
    if (safe.empty() || safe == from_url) {
      if (made_) return std::unique_ptr<sink>();
      const bool may_be_told = asked_++ == 0 && source_.protocol != get_protocol::bare;
      return may_be_told ? result<std::unique_ptr<sink>>(std::unique_ptr<sink>())
                         : error::make(errc::bad_name, "get", source_.name, "--output gives it one");
    }
    made_ = true;
    return free_file(options_.prefix + safe);
  }

  result<std::unique_ptr<sink>> chosen_by_user() {
    if (std::exchange(made_, true)) return std::unique_ptr<sink>();
    if (options_.output_fd >= 0) return client::stream_sink::open(options_.output, options_.output_fd);
    const std::string path = (std::filesystem::path(options_.directory) / options_.output).string();
    if (client::stream_sink::is_stream(path)) return client::stream_sink::open(path);
    return file_at(options_.directory, options_.output, options_.no_clobber);
  }

  // NAME, or NAME.1 and so on where that is taken.
  result<std::unique_ptr<sink>> free_file(const std::string& name) const {
    constexpr int tries = 100;
    unsigned number = 0;
    for (int i = 0;; ++i, ++number) {
      auto made = file_at(options_.directory, claimed_.claim(options_.directory, name, number), true);
      const bool taken =
          !made && (made.error().code() == errc::target_exists || made.error().code() == errc::target_busy);
      if (!taken || options_.no_clobber || i == tries) return made;
    }
  }

  const get_source& source_;
  const get_options& options_;
  claimed_names& claimed_;
  bool made_ = false;
  bool told_ = false;
  int asked_ = 0;
};

bool has_control(const std::string& text) {
  const char* const end = text.data() + text.size();
  return http::find_control(text.data(), end) != end;
}

result<void> check_words(const get_options& options) {
  if (has_control(options.user_agent)) {
    return error::make(errc::bad_value, "read", options.user_agent, "it holds a control character");
  }
  for (const auto& field : options.fields) {
    const auto colon = field.find(':');
    const bool named = colon != field.npos && http::is_token(std::string_view(field).substr(0, colon));
    // Of what is no field only the beginning is told: the rest may be a password.
    const std::string start = field.substr(0, field.find_first_of(": "));
    if (!named || has_control(field))
      return error::make(errc::bad_value, "read", start, "not of the form `Name: value`");
  }
  return {};
}

}  // namespace

struct get_run::shared {
  explicit shared(get_options all) : options(std::move(all)), rate(options.rate) {}

  get_options options;
  client::rate_limit rate;
  claimed_names claimed;
  client::small_publisher small;
  std::unique_ptr<client::http_origin> origin;
};

get_run::get_run(std::unique_ptr<shared> parts) : parts_(std::move(parts)) {}
get_run::get_run(get_run&&) noexcept = default;
get_run& get_run::operator=(get_run&&) noexcept = default;
get_run::~get_run() = default;

result<get_run> get_run::open(get_options options) {
  if (auto good = check_words(options); !good) return good.error();
  auto parts = std::make_unique<shared>(std::move(options));
  auto origin = client::http_origin::open(parts->options);
  if (!origin) return origin.error();
  parts->origin = std::move(*origin);
  return get_run(std::move(parts));
}

result<get_outcome> get_run::get(const get_source& source) { return get(source, parts_->options); }

void get_run::get(const get_source& source, const get_options& options, std::function<void(result<get_outcome>)> done) {
  client::fetch(*parts_->origin, source, options, parts_->rate, sink_chooser(source, options, parts_->claimed),
                parts_->small, std::random_device{}())
      .run(std::move(done));
}

void get_run::flush() { parts_->small.flush(); }

result<get_outcome> get_run::get(const get_source& source, const get_options& options) {
  // Shared with the publisher: another thread's flush may be the one that tells.
  struct outcome {
    std::mutex mutex;
    std::condition_variable told;
    std::optional<result<get_outcome>> value;
  };
  const auto made = std::make_shared<outcome>();
  get(source, options, [made](result<get_outcome> done) {
    const std::lock_guard guard(made->mutex);
    made->value = std::move(done);
    made->told.notify_one();
  });
  flush();
  std::unique_lock lock(made->mutex);
  made->told.wait(lock, [&] { return made->value.has_value(); });
  return *made->value;
}

result<get_outcome> get(const get_source& source, const get_options& options) {
  auto run = get_run::open(options);
  if (!run) return run.error();
  return run->get(source);
}

}  // namespace sampan
