#include "cli/lab_servers.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "sampan/serve.h"
#include "sampan/talk.h"

namespace sampan::cli {

namespace {

constexpr const char* loopback = "127.0.0.1";
constexpr const char* file_name = "note.txt";

result<net::address> address_of(const std::string& text) {
  const auto where = net::parse_endpoint(text, 0);
  if (!where) return where.error();
  return net::address::from_ip(where->host, where->port);
}

result<lab::running_server> start_listen() {
  talk::server_options options;
  options.bind = {loopback};
  options.port = 0;
  auto made = talk::server::create(options, [](const talk::event&) {});
  if (!made) return made.error();
  const auto server = std::make_shared<talk::server>(std::move(*made));
  const auto where = address_of(server->addresses().front());
  if (!where) return where.error();
  server->start([] {});
  return lab::running_server{*where, [server] { server->stop(); }};
}

/// A folder under the system's temporary one that goes with everything in it.
class temporary_folder {
 public:
  temporary_folder() {
    std::error_code failed;
    path_ = (std::filesystem::temp_directory_path(failed) / "sampan-lab-XXXXXX").string();
    made_ = !failed && mkdtemp(path_.data()) != nullptr;
  }
  ~temporary_folder() {
    std::error_code ignored;
    if (made_) std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

struct file_server {
  temporary_folder folder;
  std::optional<server> running;  // ends before the folder goes
};

result<lab::running_server> start_serve() {
  const auto ours = std::make_shared<file_server>();
  if (!(std::ofstream(ours->folder.path() + '/' + file_name) << talk::default_reply << std::flush)) {
    return error::system(errno, "create", ours->folder.path() + '/' + file_name);
  }
  serve_options options;
  options.path = ours->folder.path();
  options.bind = {loopback};
  options.port = 0;
  options.workers = 1;
  auto made = server::create(options, {});
  if (!made) return made.error();
  ours->running.emplace(std::move(*made));
  const auto where = address_of(ours->running->addresses().front());
  if (!where) return where.error();
  if (auto started = ours->running->start(); !started) return started.error();
  return lab::running_server{*where, [ours] { ours->running->stop([] {}); }};
}

}  // namespace

lab::server_kind listen_for_lab() { return {"hello", std::string(talk::default_reply), start_listen}; }
lab::server_kind serve_for_lab() { return {file_name, std::string(talk::default_reply), start_serve}; }

}  // namespace sampan::cli
