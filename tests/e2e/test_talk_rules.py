"""Automatic replies and periodic texts of `sampan listen` and `sampan talk`, and the guard against storms."""
import contextlib
import re
import socket
import subprocess
import threading
import time

import pytest
import raw

PIPE = subprocess.PIPE
RULES = ["--reply", "PING=>PONG {count}\\n", "--reply", "prefix:time=>{time}", "--reply", "regex:^\\d+$=>number\\x00",
         "--reply", "contains:你=>{peer}", "--reply", "=>what?"]


@pytest.mark.parametrize("message, reply", [("PING\n", rb"PONG 1\n"), ("time?", rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), ("123\r\n", b"number\0"),
                                            ("x你x", rb"127\.0\.0\.1:\d+"), ("ping", rb"what\?"), ("PING\nPING\n", rb"PONG 1\nPONG 2\n")])
def test_rules_of_a_server(listen, message, reply):
    with listen(*RULES) as server:
        answer, end = raw.exchange(server.port, message.encode("gbk"))
        assert re.fullmatch(reply, answer) and end == raw.FIN, answer


def test_no_rule_fits(listen):
    with listen("--reply", "PING=>PONG") as server:
        assert raw.exchange(server.port, b"ping") == (b"", raw.FIN)
        server.wait_received(b"ping")


def test_text_without_an_arrow_is_literal(listen):
    with listen("--reply", "{time}\\n") as server:
        assert raw.exchange(server.port, b"x") == (b"{time}\\n", raw.FIN)


def test_rules_in_a_conversation_of_a_server(listen):
    with listen("--stay", "--reply", "PING=>PONG {count}\\n") as server, raw.connect(server.port) as client:
        for number in (1, 2):
            client.sendall(b"PING\n")
            expected = b"PONG %d\n" % number
            assert raw.read_exactly(client, len(expected)) == expected
        client.sendall(b"other\nPI")
        server.wait_received(b"PING\nPING\nother\nPI")


def test_rules_of_a_client(start):
    got = []

    def script(sock):
        sock.sendall("你好\n".encode("gbk"))
        got.append(raw.read_exactly(sock, 4))
        sock.shutdown(socket.SHUT_WR)
        got.append(raw.read_end(sock))

    with raw.ScriptedServer(script) as server:
        process = start("talk", "--reply", "你好=>再见", "127.0.0.1", server.port, stdin=subprocess.DEVNULL)
        assert process.wait() == 0
    assert got == ["再见".encode("gbk"), (b"", raw.FIN)]


def test_delay(listen):
    with listen("--reply", "later", "--reply-delay", "300ms") as server:
        started = time.monotonic()
        assert raw.exchange(server.port, b"x") == (b"later", raw.FIN)
        assert time.monotonic() - started > 0.25
    with listen("--stay", "--reply", "later", "--reply-delay", "100ms") as server, raw.connect(server.port) as client:
        client.sendall(b"x")
        assert raw.read_exactly(client, 5) == b"later"


def test_reply_with_a_check(listen):
    with listen("--reply", "=>ab\\n", "--checksum", "sum") as server:
        assert raw.exchange(server.port, b"x") == (b"ab\xc3\n", raw.FIN)


def test_rules_from_the_environment(listen):
    with listen(env={"SAMPAN_LISTEN_REPLY": "a=>1\nb=>2"}) as server:
        assert raw.exchange(server.port, b"a") == (b"1", raw.FIN)
        assert raw.exchange(server.port, b"b") == (b"2", raw.FIN)


def test_two_servers_that_answer_each_other_come_to_rest(listen):
    """Joined by a relay; the limit ends it, and stderr says why."""
    with listen("--stay", "--reply", "a", "--reply-limit", "5", "--quiet-time", "10ms") as one, \
            listen("--stay", "--reply", "b", "--reply-limit", "0", "--quiet-time", "10ms") as other, \
            raw.connect(one.port) as left, raw.connect(other.port) as right:
        counts = [0, 0]

        def relay(index, source, sink):
            with contextlib.suppress(OSError):
                while data := source.recv(100):
                    counts[index] += len(data)
                    sink.sendall(data)

        threads = [threading.Thread(target=relay, args=words) for words in ((0, left, right), (1, right, left))]
        for thread in threads:
            thread.start()
        left.sendall(b"start")
        one.stderr.wait_line("--reply-limit")
        assert counts[0] == 5
        for sock in (left, right):
            sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def test_two_servers_come_to_rest_by_default(listen):
    with listen("--stay", "--reply", "a", "--quiet-time", "5ms") as one, raw.connect(one.port) as client:
        client.sendall(b"start")
        answers = 0
        while "--reply-limit" not in one.stderr.text:
            client.settimeout(1)
            with contextlib.suppress(TimeoutError):
                answers += len(client.recv(1))
                client.sendall(b"b")
        assert answers == 50


# --- again and again

def test_client_sends_periodically(start):
    got = []

    def script(sock):
        got.append(raw.read_exactly(sock, 24))

    with raw.ScriptedServer(script) as server:
        process = start("talk", "--every", "20ms", "127.0.0.1", server.port, "tick {count}\\n")
        process.wait()
    assert got == [b"tick 1\ntick 2\ntick 3\ntic"]


def test_server_sends_periodically(listen):
    with listen("--stay", "--every", "20ms", "--send", "现在 {count}\\n") as server, raw.connect(server.port) as client:
        first = raw.read_exactly(client, 14).decode("gbk").splitlines()
        numbers = [int(line.split()[1]) for line in first]
        assert all(line.startswith("现在 ") for line in first) and numbers[1] == numbers[0] + 1


def test_peer_that_stops_reading_is_skipped(start):
    """Skipped and counted, not queued without end; when it reads again it gets the text again."""
    go_on = threading.Event()

    def script(sock):
        assert go_on.wait(60)
        while True:
            if not sock.recv(1 << 20):
                return

    with raw.ScriptedServer(script) as server:
        process = start("talk", "--every", "1ms", "--send", "x" * 100_000, "127.0.0.1", server.port, stdin=PIPE)
        process.stderr.wait_line("skipped")
        go_on.set()
        line = process.stderr.wait_line(r"skipped: (\d+)")
        assert line
        process.kill()
