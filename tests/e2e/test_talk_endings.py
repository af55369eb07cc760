"""How conversations of `sampan talk` and `sampan listen` end, or do not: limits, one-way forms, reconnecting."""
import contextlib
import re
import socket
import subprocess
import threading
import time

import harness
import pytest
import raw

PIPE = subprocess.PIPE


def test_idle_limit_of_a_client(start):
    """Status 4; bytes in either direction count."""
    def script(sock):
        for _ in range(5):
            time.sleep(0.1)
            sock.sendall(b"x")
        raw.read_end(sock)

    with raw.ScriptedServer(script) as server:
        process = start("talk", "--idle-timeout", "400ms", "127.0.0.1", server.port, stdin=PIPE)
        assert process.wait() == 4
    assert process.stdout.data == b"xxxxx" and "400 ms" in process.stderr.text


def test_idle_limit_of_a_server_is_each_clients_own(listen):
    with listen("--stay", "--idle-timeout", "400ms") as server, raw.connect(server.port) as silent, raw.connect(server.port) as talker:
        for _ in range(8):
            talker.sendall(b"x")
            time.sleep(0.1)
        assert raw.read_end(silent) == (b"", raw.FIN)
        talker.sendall(b"y")
        server.wait_received(b"xxxxxxxxy")


def test_max_clients(listen):
    with listen("--stay", "--max-clients", "1") as server:
        with raw.connect(server.port) as first:
            first.sendall(b"a")
            server.wait_received(b"a")
            with raw.connect(server.port) as second:
                assert raw.read_end(second)[0] == b""
            server.stderr.wait_line("turned away|refused")
        server.stderr.wait_line("#1 .* left")
        with raw.connect(server.port) as third:
            third.sendall(b"b")
            server.wait_received(b"ab")


def test_stay_outlasts_the_wait(start):
    """The input has ended; the peer takes longer than --wait."""
    go_on = threading.Event()

    def script(sock):
        raw.read_end(sock)
        assert go_on.wait(60)
        sock.sendall(b"late")

    with raw.ScriptedServer(script) as server:
        process = start("talk", "--stay", "--wait", "50ms", "127.0.0.1", server.port)
        time.sleep(0.3)
        assert process.running
        go_on.set()
        assert process.wait() == 0 and process.stdout.data == b"late"


def test_send_only_client(run):
    """Delivers everything, shows nothing, leaves at the end of the input."""
    received = []

    def script(sock):
        with contextlib.suppress(OSError):
            sock.sendall(b"not shown")
        received.append(raw.read_end(sock)[0])

    with raw.ScriptedServer(script) as server:
        result = run("talk", "--send-only", "127.0.0.1", server.port, stdin=b"all of it\n" * 1000)
    assert result.status == 0 and result.out == b"" and received == [b"all of it\n" * 1000], result


def test_send_only_client_notices_that_the_peer_left(start):
    with raw.ScriptedServer(raw.reset) as server:
        process = start("talk", "--send-only", "127.0.0.1", server.port, stdin=PIPE)
        assert process.wait() == 9


def test_receive_only_client(start):
    """What is piped in is not sent; it ends when the peer does."""
    received = []

    def script(sock):
        sock.sendall(b"shown")
        sock.shutdown(socket.SHUT_WR)
        received.append(raw.read_end(sock)[0])

    with raw.ScriptedServer(script) as server:
        process = start("talk", "--recv-only", "127.0.0.1", server.port, stdin=PIPE)
        with contextlib.suppress(BrokenPipeError):  # it may have ended already
            process.send(b"not sent\n")
        assert process.wait() == 0
    assert process.stdout.data == b"shown" and received == [b""]


def test_receive_only_server_completes_a_pipe(listen, sampan):
    with listen("--once", "--stay", "--recv-only", stdin=PIPE) as server:
        server.send(b"not sent\n")
        with raw.connect(server.port) as client:
            client.sendall(b"bytes")
            client.shutdown(socket.SHUT_WR)
            assert raw.read_end(client) == (b"", raw.FIN)
        assert server.wait() == 0 and server.received == b"bytes"


def test_send_only_broker(listen):
    with listen("--broker", "--send-only", stdin=PIPE) as server, raw.connect(server.port) as one, raw.connect(server.port) as two:
        server.stderr.wait_line("#2 .*connected")
        one.sendall(b"to nobody\n")
        raw.wait_read_by_peer(one)
        server.send(b"from the server\n")
        for sock in (one, two):
            assert raw.read_exactly(sock, 16) == b"from the server\n"
        assert server.received == b""


def test_reconnect_after_the_peer_closed(start):
    """What is typed afterwards reaches the new connection."""
    lines = []

    def script(sock):
        if line := sock.recv(4):  # the last connection may end without one
            lines.append(line)

    with raw.ScriptedServer(script) as server:
        process = start("talk", "--reconnect", "--wait", "0", "127.0.0.1", server.port, stdin=PIPE)
        process.send(b"one\n")
        process.stderr.wait_line(r"again.* 1 s|1 s.*again")
        process.send(b"two\n")
        process.stderr.wait_for(r"connected to(?s:.*)connected to")
        process.close_stdin()
        assert process.wait() == 0
        harness.wait_until(lambda: len(lines) == 2, "the second line")
    assert lines == [b"one\n", b"two\n"]


def test_reconnect_when_nobody_listens_yet(start):
    port = raw.free_port()
    process = start("talk", "--reconnect", "127.0.0.1", port, stdin=PIPE)
    process.stderr.wait_line("again")
    with socket.create_server(("127.0.0.1", port)) as server:
        sock, _ = server.accept()
        with sock:
            process.send(b"hello\n")
            assert raw.read_exactly(sock, 6) == b"hello\n"
            process.close_stdin()
            assert raw.read_end(sock) == (b"", raw.FIN)
    assert process.wait() == 0


def test_interrupt_between_two_connections(start):
    process = start("talk", "--reconnect", "127.0.0.1", raw.free_port(), stdin=PIPE)
    process.stderr.wait_line("again")
    process.signal(2)
    assert process.wait() == 130


@pytest.mark.parametrize("words", [["--idle-timeout", "soon"], ["--max-clients", "-1"]], ids=" ".join)
def test_wrong_usage(run, words):
    assert run("listen", "-b", "127.0.0.1", *words, 0).status == 2


def test_help_names_the_defaults(run):
    text = run("help", "talk").out.decode()
    assert re.search(r"--wait .*10s", text)
