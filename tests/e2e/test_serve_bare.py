"""`sampan serve`, the bare-name protocol: what a name is, how it ends, what comes back, and how."""
import os
import pathlib
import re
import time

import harness
import peers
import pytest
import raw
import tree

PEERS = str(pathlib.Path(peers.__file__).resolve())


@pytest.fixture(scope="module")
def server(serve, root):
    """One server on the fixture's folder for all tests of this module."""
    with serve(root) as running:
        yield running


@pytest.fixture(autouse=True)
def still_alive(request):
    """After each test that used the common server: it serves on."""
    yield
    if "server" in request.fixturenames:
        assert raw.ask(request.getfixturevalue("server").port, "ten.txt") == tree.TEN


# --- what comes back

@pytest.mark.parametrize("ending", [raw.QUIET, raw.HALF_CLOSE, raw.LF, raw.CRLF])
@pytest.mark.parametrize("name, content", [("ten.txt", tree.TEN), ("empty", b""), ("missing", b""),
                                           ("medium", tree.pattern(3_000_000)), ("noext", bytes(5000) + b"\0\1\2")])
def test_file_comes_whole_however_the_name_ends(server, name, content, ending):
    assert raw.ask(server.port, name, ending) == content


@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 4095, 4096, 65535, 65536, 65537, 262144, 1_048_577])
def test_sizes_around_buffers(server, root, size):
    name = f"size-{size}"
    (root / name).write_bytes(tree.pattern(size))
    assert raw.ask(server.port, name) == tree.pattern(size)


def test_file_replaced_between_two_requests_is_never_stale(server, root):
    for number in range(50):
        new = root / "changing.new"
        new.write_bytes(b"version %d" % number)
        new.rename(root / "changing")
        assert raw.ask(server.port, "changing") == b"version %d" % number


def test_file_written_in_place_is_never_stale(server, root):
    for number in range(100, 150):
        (root / "rewritten").write_bytes(b"version %d" % number)
        assert raw.ask(server.port, "rewritten") == b"version %d" % number


# --- how a name arrives

@pytest.mark.parametrize("pause", [0.0, 0.005, 0.020])
@pytest.mark.parametrize("ending", [raw.QUIET, raw.HALF_CLOSE, raw.LF, raw.CRLF])
def test_one_byte_per_segment(server, pause, ending):
    with raw.connect(server.port) as client:
        raw.drip(client, b"dir/deep/b.txt", pause)
        raw.finish(client, ending)
        assert raw.read_end(client) == (b"b", raw.FIN)


def test_multibyte_name_one_byte_per_segment(server):
    name = "文件.txt".encode()
    with raw.connect(server.port) as client:
        raw.drip(client, name, 0.020)
        assert raw.read_end(client) == (tree.content_of(name), raw.FIN)


def test_pause_in_a_name_of_several_segments_does_not_end_it(server):
    """Once a name came in more than one segment, its quiet time is 500 ms: 250 ms are a pause, not the end."""
    for _ in range(10):
        with raw.connect(server.port) as client:
            started = time.monotonic()
            client.sendall(b"t")
            raw.wait_delivered(client)
            time.sleep(0.01)
            client.sendall(b"en")
            if time.monotonic() - started > 0.03:
                continue  # this machine was too slow: the server may rightly have ended the name
            time.sleep(0.25)
            client.sendall(b".txt")
            assert raw.read_end(client) == (tree.TEN, raw.FIN)
            return
    pytest.skip("the machine is too busy to send two bytes within 30 ms")


def test_name_in_two_segments_then_half_close(server):
    with raw.connect(server.port) as client:
        client.sendall(b"ten")
        time.sleep(0.01)
        client.sendall(b".txt")
        raw.finish(client, raw.HALF_CLOSE)
        assert raw.read_end(client) == (tree.TEN, raw.FIN)


@pytest.mark.parametrize("name", tree.ODD_NAMES, ids=ascii)
def test_any_file_name_can_be_asked_for(server, name):
    expected = b"" if name in tree.HIDDEN_ODD_NAMES else tree.content_of(name)
    assert raw.ask(server.port, name, raw.HALF_CLOSE) == expected


def test_any_file_name_can_end_by_silence(server):
    names = [name for name in tree.ODD_NAMES if name not in tree.HIDDEN_ODD_NAMES]
    answers = harness.in_parallel(lambda name: raw.ask(server.port, name, raw.QUIET), names, threads=8)
    assert answers == [tree.content_of(name) for name in names]


def test_only_one_line_end_is_dropped(server, root):
    (root / "ends\n").write_bytes(b"with a line end")
    (root / "ends").write_bytes(b"without")
    assert raw.ask(server.port, b"ends\n\n", raw.HALF_CLOSE) == b"with a line end"
    assert raw.ask(server.port, b"ends\n", raw.HALF_CLOSE) == b"without"
    assert raw.ask(server.port, b"ends\r\n", raw.HALF_CLOSE) == b"without"


def test_newline_in_the_middle_with_a_line_end(server):
    assert raw.ask(server.port, b"new\nline", raw.LF) == tree.content_of(b"new\nline")


def test_bytes_after_the_name_are_not_a_second_request(server):
    """One request per connection: the end of the connection is the end of the file."""
    with raw.connect(server.port) as client:
        client.sendall(b"ten.txt\n")
        assert raw.read_exactly(client, 10) == tree.TEN
        assert client.recv(100) == b""


def test_names_that_look_like_the_beginning_of_http(server):
    """They are answered as names after a longer silence (2 s)."""
    answers = harness.in_parallel(lambda name: raw.ask(server.port, name, raw.QUIET), tree.METHOD_LIKE_NAMES)
    assert answers == [tree.content_of(name) for name in tree.METHOD_LIKE_NAMES]


@pytest.mark.parametrize("name", tree.METHOD_LIKE_NAMES, ids=ascii)
def test_names_that_look_like_the_beginning_of_http_end_by_half_close(server, name):
    assert raw.ask(server.port, name, raw.HALF_CLOSE) == tree.content_of(name)


# --- what is no bare name

HTTP_REQUESTS = [
    *(method + b" /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n" for method in
      (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"CONNECT")),
    b"GET /ten.txt HTTP/1.0\r\n\r\n",
    b"GET /ten.txt HTTP/1.1\nHost: x\n\n",
    b"\r\nGET /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n",
]

#: Requests that are HTTP by their form, but broken or unknown: any of HTTP's errors is right.
BROKEN_HTTP_REQUESTS = [
    b"BREW /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n",
    b"ten.txt HTTP/1.1\r\n\r\n",
    b"ten.txt\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /ten.txt\r\n",
    b"\r\nten.txt HTTP/1.1\r\n\r\n",
]


def _answer_to(server, request):
    """All that comes for one HTTP request, after which the client ends its side: the connection would stay open."""
    with raw.connect(server.port) as client:
        client.sendall(request)
        raw.finish(client, raw.HALF_CLOSE)
        return raw.read_end(client)


@pytest.mark.parametrize("request_bytes", HTTP_REQUESTS, ids=lambda r: ascii(r[:28]))
def test_http_is_answered_as_http(server, request_bytes):
    data, end = _answer_to(server, request_bytes)
    method = request_bytes.split()[0]
    expected = {b"GET": b"200", b"HEAD": b"200", b"OPTIONS": b"204", b"CONNECT": b"400"}.get(method, b"405")
    assert re.match(rb"HTTP/1\.1 %s [^\r\n]+\r\n" % expected, data), data
    assert b"\r\n\r\n" in data and data.endswith(tree.TEN) == (method == b"GET") and end == raw.FIN


@pytest.mark.parametrize("request_bytes", BROKEN_HTTP_REQUESTS, ids=lambda r: ascii(r[:28]))
def test_broken_http_is_answered_with_an_http_error(server, request_bytes):
    data, end = _answer_to(server, request_bytes)
    assert re.match(rb"HTTP/1\.1 (400|405|501|505) ", data), data
    assert tree.TEN not in data and end == raw.FIN


def test_dripped_http_is_answered_as_http(server):
    """One byte per segment, and split with long pauses where the beginning could be a name."""
    request = b"GET /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n"

    def in_pieces(pieces, pause):
        with raw.connect(server.port) as client:
            for piece in pieces:
                client.sendall(piece)
                time.sleep(pause)
            raw.finish(client, raw.HALF_CLOSE)
            return raw.read_end(client)

    cases = [([request[i:i + 1] for i in range(len(request))], 0.02),
             ([b"G", b"ET", b" /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n"], 0.9),
             ([b"GET", b" /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n"], 1.2),
             ([b"GET ", b"/ten.txt HTTP/1.1\r\nHost: x\r\n\r\n"], 1.2),
             ([b"GET /te", b"n.txt HTTP/1.1\r\nHost: x\r\n\r\n"], 1.2),
             ([b"GET /ten.txt HTTP/1.1", b"\r\n", b"Host: x\r\n\r\n"], 0.9)]
    for (pieces, _), (data, _) in zip(cases, harness.in_parallel(lambda case: in_pieces(*case), cases)):
        assert data.startswith(b"HTTP/1.1 200 ") and data.endswith(tree.TEN), (pieces, data)


def test_tls_client_is_closed_cleanly_and_logged(server):
    mark = server.stderr.position
    with raw.connect(server.port) as client:
        client.sendall(raw.client_hello())
        assert raw.read_end(client) == (b"", raw.FIN)
        server.stderr.wait_line(rf"127\.0\.0\.1:{raw.local_port(client)}\b.*(?i:tls)", start=mark)


def test_tls_hello_one_byte_per_segment(server):
    with raw.connect(server.port) as client:
        try:
            raw.drip(client, raw.client_hello()[:40], 0.005)
        except ConnectionError:
            pass
        assert raw.read_end(client)[0] == b""


@pytest.mark.parametrize("size", [4097, 5000, 100_000])
def test_endless_name_is_closed_without_a_byte(server, size):
    with raw.connect(server.port) as client:
        try:
            client.sendall(b"n" * size)
        except ConnectionError:
            pass
        assert raw.read_end(client)[0] == b""


def test_endless_http_line_is_closed(server):
    with raw.connect(server.port) as client:
        try:
            client.sendall(b"GET /" + b"n" * 100_000)
        except ConnectionError:
            pass
        data, _ = raw.read_end(client)
        assert data == b"" or data.startswith(b"HTTP/1.1 "), data[:100]


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_never_hurt(server, seed):
    """Whatever comes: an end within the deadlines, and no file."""
    data = tree.pattern(10 + seed * 37, b"noise %d" % seed)
    answer, _ = raw.exchange(server.port, data)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")


# --- what happens while a file goes out

def test_client_that_leaves_early_is_a_normal_end(server):
    """The course's own client reads once and closes."""
    mark = server.stderr.position
    with raw.connect(server.port, receive_buffer=4096) as client:
        client.sendall(b"medium\n")
        assert raw.read_exactly(client, 1024) == tree.pattern(3_000_000)[:1024]
        port = raw.local_port(client)
    line = server.stderr.wait_line(rf"127\.0\.0\.1:{port}\b.*client left after \d+ bytes", start=mark)
    sent = int(re.search(r"client left after (\d+) bytes", line).group(1))
    assert 1024 <= sent < 3_000_000


def test_client_that_resets_early_is_a_normal_end(server):
    mark = server.stderr.position
    client = raw.connect(server.port, receive_buffer=4096)
    client.sendall(b"medium\n")
    raw.read_exactly(client, 1024)
    port = raw.local_port(client)
    raw.reset(client)
    server.stderr.wait_line(rf"127\.0\.0\.1:{port}\b.*client left after \d+ bytes", start=mark)


@pytest.mark.parametrize("moment", ["before sending", "after the name"])
def test_many_clients_that_reset_at_once(server, moment):
    for _ in range(200):
        client = raw.connect(server.port)
        if moment == "after the name":
            client.sendall(b"medium\n")
        raw.reset(client)
    assert raw.ask(server.port, "ten.txt") == tree.TEN
    harness.wait_until(lambda: raw.file_descriptors_of_sockets(server.pid) < 60, "the sockets are closed again")


def test_file_that_shrinks_while_sent_ends_with_a_reset(server, root):
    """A short file must not look complete."""
    path = root / "shrinking"
    path.write_bytes(tree.pattern(1 << 20) * 64)
    with raw.connect(server.port, receive_buffer=65536) as client:
        client.sendall(b"shrinking\n")
        head = raw.read_exactly(client, 100_000)
        os.truncate(path, 2 << 20)
        rest, end = raw.read_end(client)
    assert end == raw.RESET
    assert head == tree.pattern(1 << 20)[:100_000] and len(head) + len(rest) < 64 << 20


def test_file_that_grows_while_sent_is_sent_as_it_was(server, root):
    path = root / "growing"
    content = tree.pattern(1 << 20) * 16
    path.write_bytes(content)
    with raw.connect(server.port, receive_buffer=65536) as client:
        client.sendall(b"growing\n")
        head = raw.read_exactly(client, 100_000)
        with open(path, "ab") as file:
            file.write(b"more" * 100_000)
        rest, end = raw.read_end(client)
    assert end == raw.FIN and head + rest == content


def test_file_deleted_while_sent_is_sent_whole(server, root):
    path = root / "deleted"
    content = tree.pattern(1 << 20) * 16
    path.write_bytes(content)
    with raw.connect(server.port, receive_buffer=65536) as client:
        client.sendall(b"deleted\n")
        head = raw.read_exactly(client, 100_000)
        path.unlink()
        rest, end = raw.read_end(client)
    assert end == raw.FIN and head + rest == content
    assert raw.ask(server.port, "deleted") == b""


def test_course_client_downloads(server, tmp_path):
    """The course's download client, as a process, with its prompts."""
    result = harness.run([harness.PYTHON, PEERS, "download-client"],
                         stdin=f"127.0.0.1\n{server.port}\n文件.txt\n".encode(), cwd=tmp_path)
    assert result.status == 0, result
    assert (tmp_path / "[接收]文件.txt").read_bytes() == tree.content_of("文件.txt".encode())


def test_course_client_gets_the_first_bytes_of_a_big_file(server, tmp_path):
    got = peers.download("127.0.0.1", server.port, "medium", tmp_path)
    assert got == tree.pattern(3_000_000)[:len(got)] and got


def test_course_client_makes_no_file_when_there_is_none(server, tmp_path):
    assert peers.download("127.0.0.1", server.port, "missing", tmp_path) == b""
    assert list(tmp_path.iterdir()) == []


def test_many_clients_at_once(server):
    """Two hundred clients, connected before the first one asks."""
    clients = [raw.connect(server.port) for _ in range(200)]
    for client in clients:
        client.sendall(b"size-65536\n" if client is clients[0] else b"noext")
    for client in clients[1:]:
        assert raw.read_end(client) == (bytes(5000) + b"\0\1\2", raw.FIN)
    for client in clients:
        client.close()


# --- single file, big file

@pytest.mark.parametrize("name, served", [("ten.txt", True), ("empty", False), ("../secret", False), ("dir/a.txt", False),
                                          ("", False), (".hidden", False), ("./ten.txt", None), ("missing", False)])
def test_single_file_mode_serves_that_file_only(serve, root, name, served):
    with serve(root / "ten.txt") as server:
        answer = raw.ask(server.port, name)
        assert answer == (tree.TEN if served else b"") or served is None and answer in (b"", tree.TEN)


def test_default_folder_is_the_current_one(serve, root):
    with serve(cwd=root) as server:
        assert raw.ask(server.port, "ten.txt") == tree.TEN


@pytest.mark.full
def test_file_over_4_gib(serve, tmp_path, sampan):
    """Length and marks of 5 GiB; the server's memory does not grow with the file."""
    marks = tree.build_big(tmp_path / "big")
    with serve(tmp_path) as server, raw.connect(server.port, timeout=60) as client:
        client.sendall(b"big\n")
        buffer = bytearray(1 << 20)
        seen, offset = {}, 0
        while size := client.recv_into(buffer):
            for place in marks:
                if offset <= place < offset + size:
                    seen[place] = buffer[place - offset]
            offset += size
        assert offset == 5 * 2**30
        assert seen == marks
        if not harness.is_sanitized(sampan):
            assert harness.highest_memory(server.pid) < 64
