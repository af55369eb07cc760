#include "net/socket_bio.h"

#include <algorithm>
#include <cerrno>

namespace sampan::net {

namespace {

lent_socket& socket_of(BIO* bio) { return *static_cast<lent_socket*>(BIO_get_data(bio)); }

int receive(BIO* bio, char* into, std::size_t size, std::size_t* got) {
  lent_socket& socket = socket_of(bio);
  const auto most = std::min(size, socket.allowance);
  const moved came = most == 0 ? moved{0, EAGAIN} : receive_some(socket.fd, {into, most});
  BIO_clear_retry_flags(bio);
  if (came.would_block()) {
    BIO_set_retry_read(bio);
  } else if (came.error != 0) {
    if (socket.error == 0) socket.error = came.error;
  } else if (came.bytes == 0) {
    socket.ended = true;
  }
  socket.allowance -= came.bytes;
  *got = came.bytes;
  return came.bytes > 0 ? 1 : came.error != 0 ? -1 : 0;  // as OpenSSL's own does
}

int send(BIO* bio, const char* bytes, std::size_t size, std::size_t* sent) {
  lent_socket& socket = socket_of(bio);
  const moved gone = send_some(socket.fd, {bytes, size});
  BIO_clear_retry_flags(bio);
  if (gone.would_block()) {
    BIO_set_retry_write(bio);
  } else if (gone.error != 0 && socket.error == 0) {
    socket.error = gone.error;
  }
  *sent = gone.bytes;
  return gone.error == 0 ? 1 : -1;
}

long control(BIO* bio, int what, long, void*) {
  switch (what) {
    case BIO_CTRL_FLUSH: return 1;  // nothing is kept back
    case BIO_CTRL_EOF: return socket_of(bio).ended ? 1 : 0;
    default: return 0;
  }
}

const BIO_METHOD* make_method() {
  BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
  if (!made) return nullptr;
  BIO_meth_set_read_ex(made, receive);
  BIO_meth_set_write_ex(made, send);
  BIO_meth_set_ctrl(made, control);
  return made;
}

}  // namespace

BIO* make_bio(lent_socket& socket) {
  static const BIO_METHOD* const method = make_method();
  BIO* const made = method ? BIO_new(method) : nullptr;
  if (!made) return nullptr;
  BIO_set_data(made, &socket);
  BIO_set_init(made, 1);
  return made;
}

}  // namespace sampan::net
