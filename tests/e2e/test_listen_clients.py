"""`sampan listen` as a server one talks from: numbered clients, commands, encodings, and the broker."""
import contextlib
import re
import subprocess

import pytest
import raw

PIPE = subprocess.PIPE


@contextlib.contextmanager
def conversation(listen, clients, *words):
    """A server with commands on a pipe and so many clients, which are known to it in order."""
    with listen("--stay", "--commands", *words, stdin=PIPE) as server, contextlib.ExitStack() as stack:
        socks = []
        for number in range(1, clients + 1):
            socks.append(stack.enter_context(raw.connect(server.port)))
            server.stderr.wait_line(rf"#{number} 127\.0\.0\.1:{raw.local_port(socks[-1])} connected")
        yield server, socks


def nothing_came(sock):
    sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        sock.recv(1)
    sock.settimeout(20)


def test_text_for_one_client_and_for_all(listen):
    with conversation(listen, 3) as (server, socks):
        server.send("@2 你\n".encode())
        assert raw.read_exactly(socks[1], 3) == b"\xc4\xe3\n"
        server.send(b"@all everybody\n")
        for sock in socks:
            assert raw.read_exactly(sock, 10) == b"everybody\n"
        server.stderr.wait_line(r"\b3\b")
        server.send(b"plain\n@3 /hex 02 ff\n")
        for sock in socks:
            assert raw.read_exactly(sock, 6) == b"plain\n"
        assert raw.read_exactly(socks[2], 2) == b"\x02\xff"
        nothing_came(socks[0])


def test_client_that_is_gone(listen):
    """The line is told back; numbers are not used again."""
    with conversation(listen, 2) as (server, socks):
        socks[1].close()
        server.stderr.wait_line("#2 .* closed without data")
        server.send(b"@2 my line\n")
        server.stderr.wait_line("#2.*my line")
        with raw.connect(server.port):
            server.stderr.wait_line("#3 .* connected")
            server.send(b"@9 x\n/kick 9\n")
            server.stderr.wait_line("#9")
            server.stderr.wait_line("#9")


def test_who_and_kick(listen):
    with conversation(listen, 3) as (server, socks):
        server.send(b"/encoding 2 utf-8\n/who\n")
        for number, (sock, encoding) in enumerate(zip(socks, ("gbk", "utf-8", "gbk")), 1):
            server.stderr.wait_line(rf"^#{number} 127\.0\.0\.1:{raw.local_port(sock)} {encoding}")
        server.stderr.wait_line(r"\b3\b")
        server.send(b"bye\n/kick 2\n")
        assert raw.read_end(socks[1]) == (b"bye\n", raw.FIN)
        server.stderr.wait_line("#2 ")
        assert raw.read_exactly(socks[0], 4) == b"bye\n"
        nothing_came(socks[0])


def test_encoding_of_one_client(listen):
    with conversation(listen, 2) as (server, socks):
        server.send(b"/encoding 2 utf-8\n")
        server.stderr.wait_line(r"utf-8")
        server.send("你\n".encode())
        assert raw.read_exactly(socks[0], 3) == b"\xc4\xe3\n"
        assert raw.read_exactly(socks[1], 4) == "你\n".encode()
        socks[1].sendall("好\n".encode())
        server.wait_received("好\n".encode())
        socks[0].sendall("好\n".encode("gbk"))
        server.wait_received("好\n好\n".encode())
        server.send(b"/encoding 2 nonsense\n")
        server.stderr.wait_line(r"nonsense")


def test_encoding_of_all_clients(listen):
    with conversation(listen, 2) as (server, socks):
        server.send("/encoding utf-8\n你\n".encode())
        for sock in socks:
            assert raw.read_exactly(sock, 4) == "你\n".encode()
        with raw.connect(server.port) as third:
            third.sendall("好\n".encode())
            server.wait_received("好\n".encode())


def test_encoding_changes_from_the_next_byte_on(listen):
    with conversation(listen, 1) as (server, socks):
        socks[0].sendall("你好\n".encode("utf-8"))
        server.wait_received("浣犲ソ\n".encode())
        server.send(b"/encoding 1 utf-8\n")
        server.stderr.wait_line(r"utf-8.*#1")
        socks[0].sendall("你好\n".encode("utf-8"))
        server.wait_received("浣犲ソ\n你好\n".encode())


def test_quit(listen):
    with conversation(listen, 2) as (server, socks):
        server.send(b"last\n/quit\n")
        for sock in socks:
            assert raw.read_end(sock) == (b"last\n", raw.FIN)
        assert server.wait() == 0


def test_a_pipe_without_commands_is_exact(listen):
    with listen("--stay", stdin=PIPE) as server, raw.connect(server.port) as client:
        server.send(b"/quit\n@1 x\n")
        assert raw.read_exactly(client, 11) == b"/quit\n@1 x\n"


@pytest.mark.parametrize("hosts", [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "::1")], ids=" ".join)
def test_broker_relays_to_the_others(listen, hosts):
    with listen("--broker", "-b", "127.0.0.1", "-b", "::1", stdin=PIPE) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(raw.connect(server.port, host)) for host in (*hosts, hosts[0])]
        server.stderr.wait_line("#3 .*connected")
        clients[0].sendall("你\n".encode("gbk"))
        for other in clients[1:]:
            assert raw.read_exactly(other, 3) == b"\xc4\xe3\n"
        clients[1].sendall(b"\x00\xff\n")
        for other in (clients[0], clients[2]):
            assert raw.read_exactly(other, 3) == b"\x00\xff\n"
        nothing_came(clients[1])
        server.send(b"from the server\n")
        for client in clients:
            assert raw.read_exactly(client, 16) == b"from the server\n"


def test_broker_between_encodings(listen):
    with conversation(listen, 2, "--broker") as (server, socks):
        server.send(b"/encoding 2 utf-8\n")
        server.stderr.wait_line(r"utf-8")
        socks[0].sendall("你\n".encode("gbk"))
        assert raw.read_exactly(socks[1], 4) == "你\n".encode()
        socks[1].sendall("好€\nx\n".encode())
        assert raw.read_exactly(socks[0], 2) == b"x\n"
        server.stderr.wait_line("€")


def test_slow_client_of_a_broker_is_dropped_and_stalls_nobody(listen):
    with listen("--broker") as server, raw.connect(server.port, receive_buffer=4096) as slow, raw.connect(server.port) as talker, \
            raw.connect(server.port) as reader:
        server.stderr.wait_line("#3 .*connected")
        block = b"x" * 65536
        total = 0
        slow_port = raw.local_port(slow)
        while not re.search(rf":{slow_port} .*does not take", server.stderr.text):
            talker.sendall(block)
            total += len(block)
            assert raw.read_exactly(reader, len(block)) == block
            assert total < 1 << 28
