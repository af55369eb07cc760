#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <random>

#include "client/fetch.h"
#include "client/file_sink.h"
#include "client/http_origin.h"
#include "client/names.h"
#include "client/stream_sink.h"
#include "client/words.h"
#include "http/characters.h"
#include "sampan/get.h"

namespace sampan {

namespace {

using client::sink;

result<std::unique_ptr<sink>> file_at(const std::string& directory, const std::string& name, bool no_clobber) {
  auto made = client::part_file::prepare(client::real_files(), {directory, name, no_clobber});
  if (!made) return made.error();
  return std::unique_ptr<sink>(
      std::make_unique<client::file_sink>(std::move(*made), client::target_place{directory, name, no_clobber}));
}

// Where the download goes. A name of the server's making replaces nothing.
class sink_chooser {
 public:
  sink_chooser(const get_source& source, const get_options& options) : source_(source), options_(options) {}

  result<std::unique_ptr<sink>> operator()(const std::string& proposed) {
    if (options_.output_fd >= 0 || !options_.output.empty()) return proposed_by_user(proposed);
    const std::string from_url = client::safe_file_name(source_.name, options_.prefix.size());
    if (proposed.empty() && !from_url.empty() && !made_) {
      made_ = true;
      return file_at(options_.directory, options_.prefix + from_url, options_.no_clobber);
    }
    const std::string safe = client::safe_proposed_name(proposed, options_.prefix.size());
    if (safe.empty() || safe == from_url) {
      if (made_) return std::unique_ptr<sink>();
      return asked_++ == 0 ? result<std::unique_ptr<sink>>(std::unique_ptr<sink>())
                           : error::make(errc::bad_name, "get", source_.name, "--output gives it one");
    }
    made_ = true;
    return free_file(options_.prefix + safe);
  }

 private:
  result<std::unique_ptr<sink>> proposed_by_user(const std::string&) {
    if (std::exchange(made_, true)) return std::unique_ptr<sink>();
    if (options_.output_fd >= 0) return client::stream_sink::open(options_.output, options_.output_fd);
    const std::string path = (std::filesystem::path(options_.directory) / options_.output).string();
    if (client::stream_sink::is_stream(path)) return client::stream_sink::open(path);
    return file_at(options_.directory, options_.output, options_.no_clobber);
  }

  // NAME, or NAME.1 and so on where that is taken.
  result<std::unique_ptr<sink>> free_file(const std::string& name) const {
    constexpr int tries = 100;
    for (int i = 0;; ++i) {
      auto made = file_at(options_.directory, i == 0 ? name : name + '.' + std::to_string(i), true);
      const bool taken = !made && (made.error().code() == errc::target_exists || made.error().code() == errc::target_busy);
      if (!taken || options_.no_clobber || i == tries) return made;
    }
  }

  const get_source& source_;
  const get_options& options_;
  bool made_ = false;
  int asked_ = 0;
};

result<void> check_fields(const std::vector<std::string>& fields) {
  for (const auto& field : fields) {
    const auto colon = field.find(':');
    const bool good = colon != field.npos && http::is_token(std::string_view(field).substr(0, colon)) &&
                      http::find_control(field.data(), field.data() + field.size()) == field.data() + field.size();
    if (!good) return error::make(errc::bad_value, "read", field, "not of the form `Name: value`");
  }
  return {};
}

}  // namespace

struct get_run::shared {
  explicit shared(get_options all) : options(std::move(all)), rate(options.rate) {}

  get_options options;
  client::rate_limit rate;
  client::small_publisher small;
  std::unique_ptr<client::http_origin> origin;
};

get_run::get_run(std::unique_ptr<shared> parts) : parts_(std::move(parts)) {}
get_run::get_run(get_run&&) noexcept = default;
get_run& get_run::operator=(get_run&&) noexcept = default;
get_run::~get_run() = default;

result<get_run> get_run::open(get_options options) {
  if (auto good = check_fields(options.fields); !good) return good.error();
  auto parts = std::make_unique<shared>(std::move(options));
  auto origin = client::http_origin::open(parts->options);
  if (!origin) return origin.error();
  parts->origin = std::move(*origin);
  return get_run(std::move(parts));
}

result<get_outcome> get_run::get(const get_source& source) { return get(source, parts_->options); }

void get_run::get(const get_source& source, const get_options& options, std::function<void(result<get_outcome>)> done) {
  client::fetch(*parts_->origin, source, options, parts_->rate, sink_chooser(source, options), parts_->small,
                std::random_device{}())
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
