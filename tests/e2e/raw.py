"""Raw TCP peers: clients that send exact bytes in exact segments, servers that follow a script."""
import contextlib
import fcntl
import os
import random
import select
import socket
import struct
import termios
import threading
import time

import harness

FIN, RESET = "fin", "reset"

#: How a bare name can end on the wire.
QUIET, HALF_CLOSE, LF, CRLF = "quiet", "half-close", "lf", "crlf"


def connect(port, host="127.0.0.1", *, source=None, timeout=None, receive_buffer=None):
    """A connected blocking socket with TCP_NODELAY and a deadline on every call."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        sock.settimeout(timeout or harness.PATIENCE)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            sock.bind((source, 0))
        sock.connect((host, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def refuses(port, host="127.0.0.1"):
    """True when nobody accepts connections there."""
    try:
        connect(port, host, timeout=1).close()
    except (ConnectionRefusedError, ConnectionResetError, TimeoutError):
        return True
    return False


def read_end(sock):
    """Reads until the connection ends; returns (bytes, FIN or RESET)."""
    data = bytearray()
    while True:
        try:
            chunk = sock.recv(1 << 20)
        except ConnectionResetError:
            return bytes(data), RESET
        if not chunk:
            return bytes(data), FIN
        data += chunk


def read_exactly(sock, size):
    """Reads exactly `size` bytes."""
    data = bytearray()
    while len(data) < size:
        chunk = sock.recv(size - len(data))
        assert chunk, f"the peer ended after {len(data)} of {size} bytes"
        data += chunk
    return bytes(data)


def drip(sock, data, pause):
    """Sends one byte per segment with a pause after each."""
    for position in range(len(data)):
        sock.sendall(data[position:position + 1])
        time.sleep(pause)


def finish(sock, ending):
    """Ends a name the given way."""
    if ending == HALF_CLOSE:
        sock.shutdown(socket.SHUT_WR)
    elif ending == LF:
        sock.sendall(b"\n")
    elif ending == CRLF:
        sock.sendall(b"\r\n")


def exchange(port, data, ending=HALF_CLOSE, *, host="127.0.0.1", source=None, timeout=None):
    """Sends `data`, ends it the given way, returns (all bytes of the answer, FIN or RESET)."""
    with connect(port, host, source=source, timeout=timeout) as sock:
        line_end = {LF: b"\n", CRLF: b"\r\n"}.get(ending, b"")
        try:
            sock.sendall(data + line_end)
            if ending == HALF_CLOSE:
                sock.shutdown(socket.SHUT_WR)
        except OSError:
            # A reset came first. What had arrived before it can still be read, but the error is told only once: here.
            return read_end(sock)[0], RESET
        return read_end(sock)


def ask(port, name, ending=HALF_CLOSE, **options):
    """Asks for a bare name and returns the file's bytes; the connection has to end cleanly."""
    data, end = exchange(port, name.encode() if isinstance(name, str) else name, ending, **options)
    assert end == FIN, f"{name!r}: reset after {len(data)} bytes"
    return data


def reset(sock):
    """Ends the connection with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def local_port(sock):
    return sock.getsockname()[1]


def unacknowledged(sock):
    """Bytes sent that the other machine's kernel has not confirmed."""
    return struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0\0\0\0"))[0]


def wait_delivered(sock):
    """Waits until all sent bytes are in the other side's kernel."""
    harness.wait_until(lambda: unacknowledged(sock) == 0, "all sent bytes acknowledged")


def has_left(sock):
    """True when the peer has ended the connection."""
    poller = select.poll()
    poller.register(sock, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
    return bool(poller.poll(0))


def wait_delivered_or_left(sock):
    """Waits until all sent bytes are in the other side's kernel, or the peer has ended the connection."""
    harness.wait_until(lambda: unacknowledged(sock) == 0 or has_left(sock), "all sent bytes acknowledged")


NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST = 4, 20, 1


def unread_by_peer(sock):
    """How many received bytes a server on this machine has not read yet; 0 when its socket is gone.

    Asked for this one socket (sock_diag(7)): the tables in /proc get long, and slow to read, with closed connections.
    """
    (own, own_port), (peer, peer_port) = sock.getsockname()[:2], sock.getpeername()[:2]
    addresses = (socket.inet_pton(sock.family, address).ljust(16, b"\0") for address in (peer, own))
    question = (struct.pack("=BBBxI", sock.family, socket.IPPROTO_TCP, 0, 0xFFFFFFFF) + struct.pack(">HH", peer_port, own_port) +
                b"".join(addresses) + b"\0\0\0\0" + b"\xff" * 8)
    head = struct.pack("=IHHII", 16 + len(question), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as kernel:
        kernel.send(head + question)
        answer = kernel.recv(8192)
    kind = struct.unpack_from("=H", answer, 4)[0]
    # 16 bytes of the message's head, 4 of states, 48 of the socket's id, 4 of its timer; then the queue.
    return struct.unpack_from("=I", answer, 72)[0] if kind == SOCK_DIAG_BY_FAMILY else 0


def wait_read_by_peer(sock):
    """Waits until a server on this machine has read all that was sent."""
    wait_delivered(sock)
    harness.wait_until(lambda: unread_by_peer(sock) == 0, "the server has read what was sent", interval=0.001)


def wait_unread(sock, size):
    """Waits until `size` bytes are here to be read."""
    def there():
        return struct.unpack("i", fcntl.ioctl(sock, termios.FIONREAD, b"\0\0\0\0"))[0] >= size
    harness.wait_until(there, f"{size} bytes to read")


def wait_closed_by_peer(sock):
    """Waits until the peer has sent FIN or a reset, without reading; True for a reset."""
    poller = select.poll()
    poller.register(sock, select.POLLRDHUP | select.POLLERR | select.POLLHUP)
    events = poller.poll(harness.PATIENCE * 1000)
    assert events, "the peer did not end the connection"
    return bool(events[0][1] & select.POLLERR)


def listening_on(port):
    """True when a socket listens on this TCP port (told by /proc, so that no connection is used up)."""
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError), open(table) as lines:
            for line in list(lines)[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == "0A":
                    return True
    return False


def wait_listening(port):
    """Waits until some process listens on the port."""
    harness.wait_until(lambda: listening_on(port), f"somebody listens on {port}")


def free_port():
    """A TCP port that nobody uses now, out of the range that the kernel gives to clients."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first, last = map(int, file.read().split())
    candidates = [*range(10_000, first), *range(last + 1, 65_536)] or range(first, last)
    for _ in range(100):
        port = random.choice(candidates)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port found")


class ScriptedServer:
    """A server on loopback that runs `script(sock)` in a thread for each client and closes the socket after it.

    What a script raises is raised at the end of the block, unless the block itself failed; a client that went
    away early is no failure.
    """

    def __init__(self, script, host="127.0.0.1", backlog=128):
        self._script = script
        self._listener = socket.create_server((host, 0), backlog=backlog,
                                              family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self._listener.getsockname()[1]
        self.host = host
        self.accepted = 0
        self.failures = []
        self._threads = []
        self._sockets = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            sock.settimeout(harness.PATIENCE)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock):
        try:
            self._script(sock)
        except (ConnectionError, BrokenPipeError):
            pass
        except BaseException as failure:
            self.failures.append(failure)
        finally:
            sock.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(harness.PATIENCE)  # then all threads there will be have started
        if kind is not None:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(harness.PATIENCE)
        if kind is None and self.failures:
            raise self.failures[0]


@contextlib.contextmanager
def full_backlog():
    """A port on loopback that answers no connection request: its queue is full (as a filtered host would)."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(8):
            client = stack.enter_context(socket.socket())
            client.settimeout(0.3)
            try:
                client.connect(("127.0.0.1", port))
            except TimeoutError:
                break
        else:
            raise AssertionError("the queue of a listener does not fill up here")
        yield port


@contextlib.contextmanager
def occupied_port(host="127.0.0.1"):
    """A port that this process listens on."""
    with socket.create_server((host, 0)) as listener:
        yield listener.getsockname()[1]


def client_hello():
    """The first bytes of a TLS client."""
    import ssl
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    connection = context.wrap_bio(incoming, outgoing)
    with contextlib.suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()


@contextlib.contextmanager
def held_clients(server, number, **options):
    """That many clients that say nothing, all of them accepted by the server (a process with `pid` and `port`)."""
    with contextlib.ExitStack() as stack:
        before = file_descriptors_of_sockets(server.pid)
        clients = [stack.enter_context(connect(server.port, **options)) for _ in range(number)]
        harness.wait_until(lambda: file_descriptors_of_sockets(server.pid) >= before + number, "the clients are accepted")
        yield clients


def file_descriptors_of_sockets(pid):
    """How many sockets a process holds."""
    count = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            count += os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:")
    return count
