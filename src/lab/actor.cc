#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "lab/segments.h"
#include "lab/stage.h"
#include "net/tcp_stream.h"

namespace sampan::lab {

namespace calls = net::calls;

namespace {

constexpr std::size_t receive_size = 1024;  // as the course's programs have it

std::string quoted(std::string_view bytes) { return '"' + std::string(bytes) + '"'; }

std::string errno_name(int number) {
  const char* const name = strerrorname_np(number);
  return name ? name : "errno " + std::to_string(number);
}

}  // namespace

net::address any_port() { return net::address::from_ip("127.0.0.1", 0).value(); }

std::string actor::told(const std::string& text, std::string answer) {
  stage_.tell(call{self_.name + '.' + text, answer});
  return answer;
}

std::string actor::told(const std::string& text, int number) {
  return told(text, number == 0 ? "0" : errno_name(number));
}

std::string actor::open(calls::transport how) {
  fd_ = calls::open(how);
  const int number = errno;
  const char* const kind = how == calls::transport::tcp ? "socket(SOCK_STREAM)" : "socket(SOCK_DGRAM)";
  return told(kind, fd_ ? "fd " + std::to_string(fd_.get()) : errno_name(number));
}

void actor::allow_reuse() {
  calls::allow_reuse(fd_.get());
  told("setsockopt(SO_REUSEADDR)", "0");
}

std::string actor::bind(const net::address& where) {
  const int number = calls::bind(fd_.get(), where);
  self_.local = calls::local_address(fd_.get());
  return told("bind(" + where.to_string() + ')', number);
}

std::string actor::listen(int backlog) {
  const int number = calls::listen(fd_.get(), backlog);
  self_.local = calls::local_address(fd_.get());
  if (number == 0) stage_.know(self_);
  return told("listen(" + std::to_string(backlog) + ')', number);
}

std::string actor::connect(const net::address& where) {
  const int number = calls::connect(fd_.get(), where, stage_.limits());
  if (number == 0) {
    self_.local = calls::local_address(fd_.get());
    self_.remote = where;
    stage_.know(other("server"));  // its row comes first
    stage_.know_client(self_.name, self_.local);
  }
  for (auto& one : segments_of_connect(self_.name, number, calls::count(fd_.get()))) stage_.draw(std::move(one));
  return told("connect(" + where.to_string() + ')', number);
}

std::string actor::accept_from(actor& listener) {
  net::wait_for(listener.fd(), POLLIN, stage_.limits());
  return accept_now(listener);
}

std::string actor::accept_now(actor& listener) {
  auto got = calls::accept(listener.fd());
  const std::string answer =
      got.fd ? "fd " + std::to_string(got.fd.get()) + ", " + got.peer.to_string() : errno_name(got.error);
  fd_ = std::move(got.fd);
  if (fd_) self_ = {self_.name, calls::local_address(fd_.get()), got.peer};
  if (fd_) stage_.know_accepted(self_.remote);
  listener.told("accept()", self_.name + ", " + answer);
  return fd_ ? "0" : answer;
}

void actor::draw_sent(const std::optional<calls::counters>& before, std::size_t bytes) {
  const bool to_server = !stage_.client_at(self_.local).empty();
  const std::string client = stage_.client_at(to_server ? self_.local : self_.remote);
  if (!before || client.empty()) return;
  // The acknowledgement may be put off for a moment (RFC 9293 3.8.6.3); it is waited for, so that each run draws the same.
  std::optional<calls::counters> after;
  stage_.wait_until([&] {
    after = calls::count(fd_.get());
    return !after || after->state == net::tcp_state::closed ||
           after->bytes_acknowledged >= before->bytes_acknowledged + bytes;
  });
  if (!after) return;
  for (auto& one : segments_of_send(client, to_server, bytes, *before, *after)) stage_.draw(std::move(one));
}

std::string actor::send(std::string_view text) {
  const auto before = calls::count(fd_.get());
  const net::moved sent = calls::send(fd_.get(), text);
  std::string answer =
      told("send(" + quoted(text) + ')', sent.error ? errno_name(sent.error) : std::to_string(sent.bytes));
  if (sent.error == 0) draw_sent(before, sent.bytes);
  return answer;
}

std::string actor::send_to(std::string_view text, const net::address& where) {
  const net::moved sent = calls::send_to(fd_.get(), text, where);
  return told("sendto(" + quoted(text) + ", " + where.to_string() + ')',
              sent.error ? errno_name(sent.error) : std::to_string(sent.bytes));
}

std::string actor::told_receive(const char* flags) {
  std::array<char, receive_size> buffer;
  const net::moved got = net::receive_some(fd_.get(), buffer);
  std::string answer = got.error ? errno_name(got.error) : std::to_string(got.bytes);
  if (got.bytes > 0) answer += ' ' + quoted({buffer.data(), got.bytes});
  if (got.error == 0) draw_received(got.bytes);
  return told("recv(" + std::to_string(receive_size) + flags + ')', answer);
}

void actor::draw_received(std::size_t bytes) {
  const std::string client = stage_.client_at(self_.local);
  if (client.empty() || stage_.is_accepted(self_.local)) return;
  for (auto& one : segments_of_receive(client, bytes)) stage_.draw(std::move(one));
}

std::string actor::receive() {
  net::wait_for(fd_.get(), POLLIN, stage_.limits());
  return told_receive("");
}

std::string actor::receive_now() { return told_receive(", MSG_DONTWAIT"); }

std::string actor::poll() { return told_poll(stage_.limits()); }
std::string actor::poll_now() { return told_poll({{}, stage_.how().interrupt_fd}); }

std::string actor::told_poll(const net::patience& until) {
  const bool ready = net::wait_for(fd_.get(), POLLIN, until) == net::waited::ready;
  return told("poll(POLLIN)", ready ? "1" : "0");
}

void actor::close() {
  const end was = self_;
  const bool connected = was.remote.port() != 0 && stage::state_in(stage_.own_rows(), was) != "CLOSED";
  fd_.reset();
  told("close()", "0");
  if (connected) draw_closed(was);
}

void actor::draw_closed(const end& was) {
  const bool by_client = !stage_.client_at(was.local).empty();
  const std::string client = stage_.client_at(by_client ? was.local : was.remote);
  const end other_end{{}, was.remote, was.local};
  std::optional<drawing> made;
  stage_.wait_until([&] {
    const table rows = stage_.own_rows();
    made = segments_of_close(client, by_client, stage::state_in(rows, was), stage::state_in(rows, other_end));
    return made.has_value();
  });
  if (!made || client.empty()) return;
  for (auto& one : *made) stage_.draw(std::move(one));
}

net::address actor::ask_local() {
  const net::address found = calls::local_address(fd_.get());
  told("getsockname()", found.to_string());
  return found;
}

}  // namespace sampan::lab
