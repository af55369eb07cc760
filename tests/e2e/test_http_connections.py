"""`sampan serve` over HTTP: how connections go on, how they end, and clients that misbehave on them."""
import contextlib

import harness
import pytest
import raw
import tree
import web

BIG = 64 << 20


@pytest.mark.parametrize("version, lines, kept", [
    ("HTTP/1.1", [], True), ("HTTP/1.1", ["Connection: close"], False), ("HTTP/1.1", ["Connection: Close"], False),
    ("HTTP/1.1", ["Connection: keep-alive"], True), ("HTTP/1.1", ["Connection: x, close"], False),
    ("HTTP/1.1", ["Connection: keep-alive", "Connection: close"], False), ("HTTP/1.1", ["Connection: closed"], True),
    ("HTTP/1.0", [], False), ("HTTP/1.0", ["Connection: close"], False), ("HTTP/1.0", ["Connection: Keep-Alive"], True),
    ("HTTP/1.0", ["Connection: keep-alive, close"], False)])
@pytest.mark.parametrize("target", ["/ten.txt", "/missing", "/dir", "/medium", "/empty"])
def test_persistence(port, version, lines, kept, target):
    """RFC 9112 9.3."""
    with web.Connection(port) as connection:
        answer = connection.ask(target, *lines, version=version)
        if kept:
            assert not answer.closes
            if version == "HTTP/1.0":
                assert answer["connection"].lower() == "keep-alive"
            assert connection.ask("/ten.txt").body == tree.TEN
        else:
            assert answer.closes
            connection.assert_end()


def test_old_client_without_host(port):
    with web.Connection(port) as connection:
        answer = connection.ask("/ten.txt", version="HTTP/1.0", host=None)
        assert (answer.status, answer.body) == (200, tree.TEN)
        connection.assert_end()


def test_old_client_gets_a_listing_without_chunks(port):
    answer = web.get(port, "/dir/", version="HTTP/1.0")
    assert answer.status == 200 and "transfer-encoding" not in answer and b"a.txt" in answer.body


def test_client_that_half_closes_after_its_request_gets_the_file(port):
    for target in ("/ten.txt", "/medium"):
        with web.Connection(port) as connection:
            connection.send(web.request(target))
            connection.sock.shutdown(1)
            assert connection.answer().body == (tree.TEN if target == "/ten.txt" else tree.pattern(3_000_000))
            connection.assert_end()


def test_client_that_half_closes_in_the_middle_of_a_request(port):
    with web.Connection(port) as connection:
        connection.send(b"GET /ten.txt HTTP/1.1\r\nHost: x\r\n")
        connection.sock.shutdown(1)
        data, _ = connection.rest()
        assert tree.TEN not in data and (data == b"" or data.startswith(b"HTTP/1.1 400 "))


def test_idle_connection_is_closed_at_its_time(serve, site):
    with serve("--idle-timeout", "300ms", site.root) as server, web.Connection(server.port) as connection:
        assert connection.ask("/ten.txt").body == tree.TEN
        connection.assert_end()


def test_idle_connection_is_kept_until_its_time(serve, site):
    """The time for a request's head is not that between requests."""
    with serve("--idle-timeout", "120s", "--request-timeout", "300ms", site.root) as server:
        with web.Connection(server.port) as kept, web.Connection(server.port) as slow:
            assert kept.ask("/ten.txt").body == tree.TEN
            slow.send(b"GET /ten.txt HTT")
            data, _ = slow.rest()  # meanwhile the other one is idle for longer than a head may take
            assert data == b"" or data.startswith(b"HTTP/1.1 408 ")
            kept.assert_silent()
            assert kept.ask("/ten.txt").body == tree.TEN


def test_second_head_has_its_time_too(serve, site):
    with serve("--request-timeout", "300ms", "--idle-timeout", "120s", site.root) as server:
        with web.Connection(server.port) as connection:
            assert connection.ask("/ten.txt").body == tree.TEN
            connection.send(b"GET /ten.txt HTTP/1.1\r\n")
            data, _ = connection.rest()
            assert data == b"" or data.startswith(b"HTTP/1.1 408 ")


# --- clients that misbehave while they are served

@pytest.fixture(scope="module")
def big_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("big")
    (folder / "big").write_bytes(tree.pattern(1 << 20) * (BIG >> 20))
    (folder / "ten.txt").write_bytes(tree.TEN)
    return folder


def stalled(port):
    """A client that has seen the head of a big answer and reads no further."""
    connection = web.Connection(port, receive_buffer=4096)
    connection.send(web.request("/big"))
    assert connection.head().status == 200
    return connection


def test_client_that_reads_nothing_loses_its_place(serve, big_folder):
    with serve("--send-timeout", "500ms", "--max-connections", 1, big_folder) as server, stalled(server.port) as connection:
        def served():
            try:
                return web.get(server.port, "/ten.txt").body == tree.TEN
            except (AssertionError, ConnectionError):
                return False
        harness.wait_until(served, "the place is free again")
        data, end = connection.rest()
        assert end == raw.RESET and len(data) < BIG


def test_slow_reader_of_many_answers_loses_its_place(serve, big_folder):
    """It pipelines requests and never reads: neither memory nor a place is kept for it."""
    with serve("--send-timeout", "500ms", big_folder) as server:
        idle = raw.file_descriptors_of_sockets(server.pid)
        with web.Connection(server.port, receive_buffer=4096) as connection:
            with contextlib.suppress(TimeoutError, ConnectionError):
                connection.sock.settimeout(2)  # longer than the send deadline: by then the server has ended it
                for _ in range(1000):
                    connection.send(web.request("/ten.txt") * 1000)
            harness.wait_until(lambda: raw.file_descriptors_of_sockets(server.pid) <= idle, "the connection is closed")
        if not harness.is_sanitized(harness.binary()):
            assert harness.highest_memory(server.pid) < 64


def test_client_that_resets_in_the_middle(serve, big_folder):
    with serve(big_folder) as server:
        idle = raw.file_descriptors_of_sockets(server.pid)
        for _ in range(20):
            raw.reset(stalled(server.port).sock)
        harness.wait_until(lambda: raw.file_descriptors_of_sockets(server.pid) <= idle, "the connections are closed")
        assert web.get(server.port, "/ten.txt").body == tree.TEN


def test_stalled_clients_do_not_delay_others(serve, big_folder):
    with serve("--workers", 1, big_folder) as server, contextlib.ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(stalled(server.port))
            stack.enter_context(web.Connection(server.port)).send(b"GET /te")
        with web.Connection(server.port, timeout=5) as connection:
            for _ in range(20):
                assert connection.ask("/ten.txt").body == tree.TEN
            assert len(connection.ask("/big").body) == BIG
