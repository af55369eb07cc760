"""`sampan talk -u` and `sampan listen -u`: the same text over UDP."""
import contextlib
import socket
import subprocess

import gbk
import harness
import pytest
import raw

PIPE = subprocess.PIPE
REPLY = b"thank you !"


@contextlib.contextmanager
def udp_client(port, host="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(harness.PATIENCE)
        sock.connect((host, port))
        yield sock


@contextlib.contextmanager
def udp_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(harness.PATIENCE)
        sock.bind(("127.0.0.1", 0))
        yield sock, sock.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_each_datagram_is_answered(listen, host):
    with listen("-u", "-b", host) as server, udp_client(server.port, host) as one, udp_client(server.port, host) as two:
        for _ in range(3):
            one.send("你".encode("gbk"))
            two.send("好".encode("gbk"))
            assert one.recv(100) == two.recv(100) == REPLY
        harness.wait_until(lambda: sorted(server.received.decode()) == sorted("你好" * 3), "all texts")


def test_longest_and_empty_datagrams(listen):
    with listen("-u") as server, udp_client(server.port) as client:
        client.send(b"")
        client.send(b"x" * 65_507)
        assert client.recv(100) == REPLY
        server.wait_received(b"x" * 65_507)


def test_conversation_of_a_server(listen):
    with listen("-u", "--stay", "--commands", "--reply", "PING=>PONG", stdin=PIPE) as server, \
            udp_client(server.port) as one, udp_client(server.port) as two:
        for number, client in enumerate((one, two), 1):
            client.send(b"hello\n")
            server.stderr.wait_line(rf"#{number} 127\.0\.0\.1:{client.getsockname()[1]} connected")
        server.send("大家好\n@2 你\n".encode())
        assert one.recv(100) == "大家好\n".encode("gbk")
        assert [two.recv(100), two.recv(100)] == ["大家好\n".encode("gbk"), b"\xc4\xe3\n"]
        one.send(b"PING")
        assert one.recv(100) == b"PONG"
        server.wait_received(b"hello\nhello\nPING")


def test_idle_client_is_forgotten(listen):
    with listen("-u", "--stay", "--idle-timeout", "200ms") as server, udp_client(server.port) as client:
        client.send(b"a")
        server.stderr.wait_line("#1 .*closed")
        client.send(b"b")
        server.stderr.wait_line("#2 .*connected")


def test_at_most_so_many_clients(listen):
    with listen("-u", "--stay", "--max-clients", "2") as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(udp_client(server.port)) for _ in range(3)]
        for number, client in enumerate(clients):
            client.send(b"%d" % number)
            if number < 2:
                server.stderr.wait_line(f"#{number + 1} ")
        clients[0].send(b"again")
        server.wait_received(b"01again")


def test_denied_sender_is_not_heard(listen):
    with listen("-u", "--deny", "127.0.0.1") as server, udp_client(server.port) as client:
        client.send(b"x")
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)
        assert server.received == b""


def test_one_message_and_its_reply(start):
    with udp_server() as (sock, port):
        process = start("talk", "-u", "127.0.0.1", port, "你好")
        data, where = sock.recvfrom(100)
        assert data == "你好".encode("gbk")
        sock.sendto("收到".encode("gbk"), where)
        assert process.wait() == 0 and process.stdout.data.decode() == "收到"


def test_conversation_of_a_client(start):
    """A line is a datagram; an empty one is no end."""
    with udp_server() as (sock, port):
        process = start("talk", "-u", "--wait", "300ms", "127.0.0.1", port, stdin=PIPE)
        process.send("一\n".encode())
        data, where = sock.recvfrom(100)
        assert data == "一\n".encode("gbk")
        sock.sendto(b"", where)
        sock.sendto(gbk.MIXED, where)
        process.stdout.wait_for_bytes(gbk.MIXED_TEXT.encode())
        process.send(b"two\n")
        assert sock.recv(100) == b"two\n"
        process.close_stdin()
        assert process.wait() == 0


def test_port_check(run):
    with udp_server() as (sock, port):
        assert run("talk", "-u", "-z", "127.0.0.1", port).status == 0
        assert sock.recv(10) == b"\0"
    assert run("talk", "-u", "-z", "127.0.0.1", port).status == 3


def test_nobody_listens(run):
    with udp_server() as (_, port):
        pass
    result = run("talk", "-u", "127.0.0.1", port, "x")
    assert result.status != 0 and result.err.strip(), result


def test_port_in_use(listen, run):
    with listen("-u") as server:
        assert run("listen", "-u", "-b", "127.0.0.1", server.port).status == 3


def test_the_same_number_is_another_port_over_tcp(listen):
    with listen() as tcp:
        try:
            udp = listen("-u", port=tcp.port)
        except AssertionError as why:  # somebody else has that one
            assert "in use" in str(why)
            return
        with udp:
            assert raw.exchange(tcp.port, b"x") == (REPLY, raw.FIN)


def test_ncat(tool, listen):
    with listen("-u") as server, harness.Process([tool("ncat"), "-u", "127.0.0.1", server.port], stdin=PIPE) as ncat:
        ncat.send("你好".encode("gbk"))
        ncat.stdout.wait_for_bytes(REPLY)
        server.wait_received("你好".encode())
