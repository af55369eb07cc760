#include "server/worker.h"

#include "server/http_exchange.h"

namespace sampan::serving {

namespace {
// A field that is nice to have is worth no delay that a person would feel.
constexpr std::chrono::milliseconds digest_patience{200};
// A Metalink is nothing without its digests: 1 GiB from a hard disk, and its turn before that.
constexpr std::chrono::milliseconds metalink_patience{20'000};
}  // namespace

class worker::timer final : public net::handler {
 public:
  explicit timer(std::function<void()> call) : call_(std::move(call)) {}
  void on_ready(std::uint32_t) override {}
  void on_deadline() override { call_(); }

 private:
  std::function<void()> call_;
};

worker::worker(const shared_parts& parts, std::vector<base::unique_fd> sockets)
    : parts_(parts),
      quiet_short_(loop_, quiet_one_segment),
      quiet_long_(loop_, quiet_several_segments),
      quiet_method_(loop_, quiet_method_line),
      request_(loop_, parts.options.request_timeout),
      body_(loop_, parts.options.body_timeout),
      idle_(loop_, parts.options.idle_timeout),
      send_(loop_, parts.options.send_timeout),
      linger_(loop_, parts.options.linger_timeout),
      digest_(loop_, digest_patience),
      metalink_(loop_, metalink_patience),
      accept_retry_(loop_, net::acceptor::retry_after),
      grace_(loop_, parts.options.grace),
      refusals_(loop_, admission::log_interval),
      sweep_(loop_, file_cache::lifetime),
      grace_timer_(std::make_unique<timer>([this] { loop_.stop(); })),
      refusal_timer_(std::make_unique<timer>([this] {
        if (!parts_.door.flush()) refusals_.arm(*refusal_timer_);
      })),
      sweep_timer_(std::make_unique<timer>([this] {
        if (files_.sweep(loop_.now())) sweep_.arm(*sweep_timer_);
      })),
      files_(parts.files, parts.options.cache_ttl, parts.options.workers),
      random_(std::random_device{}()) {
  loop_.after_events([this] { answer_put_off(); });
  for (base::unique_fd& socket : sockets) {
    acceptors_.push_back(std::make_unique<net::acceptor>(
        loop_, accept_retry_, std::move(socket),
        [this](base::unique_fd fd, const net::address& peer) { accept(std::move(fd), peer); },
        [this](int number) { parts_.events.on_trouble(number); }));
  }
}

worker::~worker() { join(); }

void worker::start(std::function<void()> ended) {
  thread_ = std::thread([this, ended = std::move(ended)] {
    loop_.run();
    acceptors_.clear();
    while (!clients_.empty()) clients_.front().abort();
    ended();
  });
}

void worker::stop() {
  loop_.post([this] { begin_stop(); });
}

void worker::stop_now() { loop_.stop(); }

void worker::join() {
  if (thread_.joinable()) thread_.join();
}

net::deadline_list& worker::quiet(std::chrono::milliseconds length) {
  if (length == quiet_one_segment) return quiet_short_;
  return length == quiet_several_segments ? quiet_long_ : quiet_method_;
}

void worker::accept(base::unique_fd fd, const net::address& peer) {
  if (!parts_.door.enter(peer)) {
    if (!refusal_timer_->armed()) refusals_.arm(*refusal_timer_);
    return;
  }
  auto* client = new connection(*this, std::move(fd), peer);
  clients_.push_back(*client);
  starting_ = client;
  client->begin();
  if (starting_ == client) client->watch();
  starting_ = nullptr;
}

std::unique_ptr<outgoing> worker::take_outgoing() {
  if (stock_.empty()) return std::make_unique<outgoing>();
  auto taken = std::move(stock_.back());
  stock_.pop_back();
  return taken;
}

void worker::give_back(std::unique_ptr<outgoing> used) {
  constexpr std::size_t most_in_stock = 64;  // more are under way at once only with as many slow clients
  used->clear();
  if (stock_.size() < most_in_stock) stock_.push_back(std::move(used));
}

bool worker::can_put_off(std::size_t bytes) const noexcept {
  // Longer heads than browsers send are rare; their copies would be kept.
  constexpr std::size_t longest = 2048;
  return bytes <= longest && (put_off_count_ > 0 || !loop_.is_last_event());
}

void worker::put_off(http_exchange& who, std::string_view request) {
  if (put_off_.size() == put_off_count_) put_off_.emplace_back();
  request_put_off& place = put_off_[put_off_count_++];
  place.who = &who;
  place.request = request;
}

void worker::drop(http_exchange& who) noexcept {
  for (std::size_t i = 0; i < put_off_count_; ++i) {
    if (put_off_[i].who == &who) put_off_[i].who = nullptr;
  }
}

void worker::answer_put_off() {
  if (put_off_count_ == 0) return;
  files_.begin_round();
  for (std::size_t i = 0; i < put_off_count_; ++i) {
    if (put_off_[i].who != nullptr) put_off_[i].who->answer_now(put_off_[i].request);
  }
  put_off_count_ = 0;
  files_.end_round();
}

void worker::remember(std::shared_ptr<served_file> file) {
  files_.remember(key_, std::move(file), loop_.now());
  if (!sweep_timer_->armed()) sweep_.arm(*sweep_timer_);
}

std::int64_t worker::unix_time() noexcept {
  return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

void worker::finished(connection& client) {
  if (starting_ == &client) starting_ = nullptr;
  loop_.forget(client);
  parts_.door.leave(client.peer());
  clients_.erase_and_dispose(clients_.iterator_to(client), std::default_delete<connection>());
  end_when_empty();
}

void worker::begin_stop() {
  for (const auto& one : acceptors_) one->finish();
  stopping_ = true;
  for (auto client = clients_.begin(); client != clients_.end();) (client++)->end_if_idle();
  grace_.arm(*grace_timer_);
  end_when_empty();
}

void worker::end_when_empty() {
  if (stopping_ && clients_.empty()) loop_.stop();
}

}  // namespace sampan::serving
