#include "server/bare_exchange.h"

#include <cerrno>

#include "server/worker.h"

namespace sampan::serving {

using may = store::local_dir::may;

void bare_exchange::on_input(bool) {
  if (asked_) return;  // what the client sends after its name means nothing
  asked_ = true;
  client_.disarm();
  const auto& parts = client_.home().parts();
  auto file = parts.files.open(name_, may::only_use_caches);
  if (file || !file.error().is_system(EAGAIN)) return opened(std::move(file));
  auto answer = std::make_shared<result<store::object>>(file.error());
  client_.wait_for_disk(
      parts.disk, [answer, &files = parts.files, name = name_] { *answer = files.open(name, may::block); },
      [this, answer] { opened(std::move(*answer)); });
}

void bare_exchange::opened(result<store::object> file) {
  // A clean close says "no such file": this machine's own trouble must not look like that.
  if (!file && file.error().code() != errc::no_such_file) {
    return client_.reset(serve_outcome::failed, file.error().number());
  }
  if (!file || file->is_folder || name_.empty()) return client_.linger(serve_outcome::no_such_file);
  outgoing& out = client_.out();
  out.set_file(std::make_shared<const base::unique_fd>(std::move(file->fd)), file->state);
  out.add_file(0, file->state.size);
  if (client_.send() == sending::done) client_.linger(serve_outcome::sent);
}

bool bare_exchange::describe(serve_record& about) {
  about.name = name_;
  return true;
}

}  // namespace sampan::serving
