"""`sampan serve` over HTTP: request lines, fields, limits, pipelining, and splits."""
import contextlib

import harness
import pytest
import raw
import tree
import web

TARGET_LIMIT = 8192
HEAD_LIMIT = 32768
FIELD_LIMIT = 100


def plain(target=b"/ten.txt", version=b"HTTP/1.1", fields=b"Host: x\r\n"):
    """A request whose every part can be wrong."""
    return b"GET " + target + b" " + version + b"\r\n" + fields + b"\r\n"


# --- Host and the form of the target

@pytest.mark.parametrize("fields", [
    b"", b"Host: x\r\nHost: x\r\n", b"Host: x\r\nHost: y\r\n", b"Host: a b\r\n", b"Host: h:1:2\r\n", b"Host: h:98777\r\n",
    b"Host: .\r\n", b"Host: h:x\r\n", b"Host: [::1\r\n", b"Host: a..b\r\n", b"Host: a/b\r\n", b"Host: u@h\r\n", b"Host: x, y\r\n"],
    ids=ascii)
def test_bad_host(port, fields):
    """RFC 9112 3.2."""
    assert web.last_answer(port, plain(fields=fields)).status == 400


@pytest.mark.parametrize("host", ["h", "h:80", "h:", "h.", "a_b.example", "127.0.0.1:1", "[::1]", "[::1]:65535", "xn--p1ai", ""])
def test_good_host(port, host):
    assert web.get(port, "/ten.txt", host=host).body == tree.TEN


@pytest.mark.parametrize("fields", [b"Host: x\r\nHost: x\r\n", b"Host: a b\r\n"], ids=ascii)
def test_bad_host_of_an_old_client(port, fields):
    assert web.last_answer(port, plain(version=b"HTTP/1.0", fields=fields)).status == 400


@pytest.mark.parametrize("target, status", [
    (b"http://other:81/ten.txt", 200), (b"HTTP://other/ten.txt", 200), (b"http://h", 200), (b"http://h/", 200),
    (b"http://h?x", 200), (b"http://[::1]:81/ten.txt", 200), (b"https://h/ten.txt", None),
    (b"http://u@h/ten.txt", 400), (b"http:///ten.txt", 400), (b"http://h:98777/ten.txt", 400), (b"http://a b/ten.txt", 400),
    (b"ftp://h/ten.txt", 400), (b"ten.txt", 400), (b"h:80", 400), (b"/ten.txt#x", 400), (b"?x", 400)], ids=str)
def test_form_of_the_target(port, target, status):
    """RFC 9112 3.2.1 to 3.2.4."""
    with web.Connection(port) as connection:
        connection.send(plain(target))
        answer = connection.answer()
    assert answer.status == status or (status is None and answer.status in (200, 400, 421))
    if target.endswith(b"/ten.txt") and status == 200:
        assert answer.body == tree.TEN


def test_target_without_a_path_is_the_root(port):
    assert web.get(port, "http://h").body == web.get(port, "/").body


# --- the request line

@pytest.mark.parametrize("data, statuses", [
    (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", {400}), (b"GET /a\x01b HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    (b"GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n", {400}), (b"GET /a\x7fb HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    (b"GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n", {400}), (b"GET /a\rb HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    (b"GET  /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n", {400}), (b"GET /ten.txt  HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    (b"GET /ten.txt HTTP/1.1 \r\nHost: x\r\n\r\n", {400}), (b"GET\t/ten.txt HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    (b"GET /ten.txt\r\n", {400}), (b"GET /ten.txt\r\nHost: x\r\n\r\n", {400}), (b"GET / \r\n\r\n", {400}),
    (b"GARBAGE\r\n\r\n", {400}), (b"GET HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    (b"GET /ten.txt HTTP/9.9\r\nHost: x\r\n\r\n", {400, 505}), (b"GET /ten.txt HTTP/2.0\r\nHost: x\r\n\r\n", {400, 505}),
    (b"GET /ten.txt HTTP/0.9\r\nHost: x\r\n\r\n", {400, 505}), (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    (b"GET /ten.txt http/1.1\r\nHost: x\r\n\r\n", {400}), (b"GET /ten.txt HTTP/1.\r\nHost: x\r\n\r\n", {400}),
    (b"GET /ten.txt HTTP/11.1\r\nHost: x\r\n\r\n", {400}), (b"GET /ten.txt HTTP/1.10\r\nHost: x\r\n\r\n", {400}),
    (b"GET /ten.txt HTTP/1,1\r\nHost: x\r\n\r\n", {400}), (b"GET /ten.txt HTTP/+1.1\r\nHost: x\r\n\r\n", {400}),
    (b"GET /ten.txt HTTPS/1.1\r\nHost: x\r\n\r\n", {400}), (b" GET /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n", {400, 501})],
    ids=lambda value: ascii(value)[:50])
def test_bad_request_line(port, data, statuses):
    answer = web.last_answer(port, data)
    assert answer.status in statuses and tree.TEN not in answer.body


@pytest.mark.parametrize("data", [
    b"GET /ten.txt HTTP/1.9\r\nHost: x\r\n\r\n", b"\r\nGET /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /ten.txt HTTP/1.1\nHost: x\n\n", b"GET /ten.txt HTTP/1.1\r\nHost: x\n\r\n"], ids=ascii)
def test_tolerated_requests(port, data):
    """A higher minor version, an empty line before (RFC 9112 2.2), and LF alone (2.2)."""
    with web.Connection(port) as connection:
        connection.send(data)
        answer = connection.answer()
        assert (answer.status, answer.body) == (200, tree.TEN) and not answer.closes
        assert connection.ask("/ten.txt").body == tree.TEN


# --- fields

@pytest.mark.parametrize("field", [
    b"Name : v\r\n", b"X: a\r\n folded\r\n", b"X: a\r\n\tfolded\r\n", b" X: a\r\n", b"X[]: 1\r\n", b"no colon\r\n", b": v\r\n",
    b"X: a\0b\r\n", b"X: a\ab\r\n", b"X: a\rb\r\n", b"X: a\x7f\r\n", b"X: \r\r\n", b"X\xe9: 1\r\n", b"X\0: 1\r\n", b"X(: 1\r\n",
    b"X\t: 1\r\n", b"\"X\": 1\r\n"], ids=ascii)
@pytest.mark.parametrize("place", ["first", "last"])
def test_bad_field(port, field, place):
    host = b"Host: x\r\n"
    answer = web.last_answer(port, plain(fields=field + host if place == "first" else host + field))
    assert answer.status == 400 and tree.TEN not in answer.body


@pytest.mark.parametrize("fields", [
    b"Host: x\r\nX:\r\n", b"Host: x\r\nX: \t \r\n", b"hoSt:\tx\r\n", b"HOST:x\r\n", b"Host:   x  \t\r\n",
    b"Host: x\r\nX: a\tb  c\r\n", b"Host: x\r\nX: caf\xc3\xa9\r\n", b"Host: x\r\n!#$%&'*+-.^_`|~09Az: v\r\n"], ids=ascii)
def test_good_field(port, fields):
    with web.Connection(port) as connection:
        connection.send(plain(fields=fields))
        assert connection.answer().body == tree.TEN
        assert connection.ask("/ten.txt").body == tree.TEN


# --- limits

def test_long_targets(port):
    def padded(size):
        return b"/ten.txt?" + b"x" * (size - len(b"/ten.txt?"))

    for size in (8000, TARGET_LIMIT):
        with web.Connection(port) as connection:
            connection.send(plain(padded(size)))
            assert connection.answer().body == tree.TEN, size
    assert web.last_answer(port, plain(padded(TARGET_LIMIT + 1))).status == 414


def test_target_without_an_end_is_refused_before_it_ends(port):
    with web.Connection(port) as connection:
        with contextlib.suppress(ConnectionError):
            connection.send(b"GET /" + b"x" * (2 * TARGET_LIMIT))
        assert connection.answer().status == 414
        connection.assert_end()


@pytest.mark.parametrize("field, status", [
    (b"X: %s\r\n" % (b"x" * (HEAD_LIMIT - 200)), 200), (b"X: %s\r\n" % (b"x" * HEAD_LIMIT), 431),
    (b"X: %s\r\n" % (b"x" * 500) * 60, 200), (b"X: %s\r\n" % (b"x" * 500) * 66, 431),
    (b"X: y\r\n" * (FIELD_LIMIT - 1), 200), (b"X: y\r\n" * FIELD_LIMIT, 431)], ids=lambda value: str(value)[:12])
def test_size_of_the_head(port, field, status):
    """RFC 6585 5."""
    data = plain(fields=b"Host: x\r\n" + field)
    if status == 431:
        assert web.last_answer(port, data).status == 431
        return
    with web.Connection(port) as connection:
        for _ in range(2):
            connection.send(data)
            assert connection.answer().body == tree.TEN


def test_head_without_an_end_is_refused(port):
    with web.Connection(port) as connection:
        with contextlib.suppress(ConnectionError):
            connection.send(b"GET /ten.txt HTTP/1.1\r\nHost: x\r\nX: " + b"x" * (4 * HEAD_LIMIT))
        assert connection.answer().status == 431
        connection.assert_end()


# --- framing of request bodies

@pytest.mark.parametrize("fields", [
    b"Content-Length: abc\r\n", b"Content-Length: -1\r\n", b"Content-Length: +5\r\n", b"Content-Length: \r\n",
    b"Content-Length: 5, 6\r\n", b"Content-Length: 5\r\nContent-Length: 6\r\n", b"Content-Length: 18446744073709551616\r\n",
    b"Content-Length: 18446744073709551621\r\n", b"Content-Length: 5 5\r\n", b"Content-Length: 0x5\r\n",
    b"Content-Length: 5.0\r\n", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"], ids=ascii)
@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_bad_framing(port, fields, method):
    """RFC 9112 6.3: what can be read in two ways is not read at all, nor what follows it."""
    data = method + b" /ten.txt HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n" + web.request("/dir/a.txt")
    assert web.last_answer(port, data).status == 400


@pytest.mark.parametrize("value", [b"", b"gzip", b"gzip, chunked", b"chunked, gzip", b"xchunked", b"identity", b"chunked;x=1",
                                   b"\x0bchunked"],
                         ids=ascii)
def test_unknown_transfer_coding(port, value):
    data = b"POST /ten.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + value + b"\r\n\r\n"
    assert web.last_answer(port, data).status in (400, 501)


def test_transfer_coding_of_an_old_client(port):
    data = b"POST /ten.txt HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert web.last_answer(port, data).status == 400


@pytest.mark.parametrize("fields", [b"Content-Length: 5, 5\r\n", b"Content-Length: 5\r\nContent-Length: 5\r\n"], ids=ascii)
def test_the_same_length_twice(port, fields):
    with web.Connection(port) as connection:
        connection.send(b"POST /ten.txt HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\nhello")
        assert connection.answer().status in (400, 405)


# --- several requests, pieces of requests

def test_pipelined_requests_are_answered_in_order(port):
    targets = {"/ten.txt": tree.TEN, "/dir/a.txt": b"a", "/dir/deep/b.txt": b"b"}
    with web.Connection(port) as connection:
        connection.send(b"".join(web.request(target) for target in targets))
        assert [connection.answer().body for _ in targets] == list(targets.values())
        assert connection.ask("/ten.txt").body == tree.TEN


def test_pipelined_methods_keep_their_framing(port):
    with web.Connection(port) as connection:
        connection.send(b"".join(web.request("/medium", method=method) for method in ("GET", "HEAD", "GET", "HEAD")) +
                        web.request("/missing") + web.request("/ten.txt", "Range: bytes=0-0,9-9") + web.request("/dir/"))
        for method in ("GET", "HEAD", "GET", "HEAD"):
            answer = connection.answer(method)
            assert answer["content-length"] == "3000000"
            assert answer.body == (tree.pattern(3_000_000) if method == "GET" else b"")
        assert [connection.answer().status for _ in range(3)] == [404, 206, 200]


def test_garbage_after_a_request(port):
    with web.Connection(port) as connection:
        connection.send(web.request("/ten.txt") + b"\x01\x02garbage\r\n\r\n")
        assert connection.answer().body == tree.TEN
        answer = connection.answer()
        assert answer.status == 400 and answer.closes
        connection.assert_end()


@pytest.mark.parametrize("lines, status", [(1, 200), (100, 400)])
def test_empty_lines_between_requests(port, lines, status):
    """RFC 9112 2.2: some clients send one after a body; nobody needs many."""
    with web.Connection(port) as connection:
        connection.send(web.request("/ten.txt") + b"\r\n" * lines + web.request("/ten.txt"))
        assert connection.answer().body == tree.TEN
        assert connection.answer().status == status


def test_nothing_is_answered_after_close(port):
    with web.Connection(port) as connection:
        connection.send(web.request("/ten.txt", "Connection: close") + web.request("/dir/a.txt"))
        answer = connection.answer()
        assert answer.body == tree.TEN and answer.closes
        connection.assert_end()


def test_many_pipelined_requests(port):
    """More than any buffer holds, sent before anything is read."""
    number = 2000
    with web.Connection(port) as connection:
        connection.send(web.request("/ten.txt") * number)
        connection.sock.shutdown(1)
        for _ in range(number):
            assert connection.answer().body == tree.TEN
        connection.assert_end()


SPLIT = [
    (web.request("/ten.txt"), 200, "GET"),
    (web.request("/ten.txt", "Range: bytes=0-4", "X: y", version="HTTP/1.0", host=None), 206, "GET"),
    (web.request("/ten.txt", method="HEAD"), 200, "HEAD"), (b"\r\n" + web.request("/dir"), 301, "GET"),
    (b"GET /ten.txt HTTP/1.1\nHost: x\n\n", 200, "GET"), (web.request("/ten.txt", "Bad : x"), 400, "GET"),
    (b"GET /ten.txt HTTP/9.9\r\nHost: x\r\n\r\n", 505, "GET"),
]


def in_pieces(port, pieces, method):
    """The answer to a request in pieces, each read by the server before the next is sent; nothing comes before the last."""
    with web.Connection(port) as connection:
        for piece in pieces[:-1]:
            connection.send(piece)
            raw.wait_read_by_peer(connection.sock)
        early = False
        try:
            connection.assert_silent()
        except AssertionError:
            early = True
        with contextlib.suppress(ConnectionError):
            connection.send(pieces[-1])
        return connection.answer(method), early


@pytest.mark.parametrize("data, status, method", SPLIT, ids=lambda value: ascii(value)[:40])
def test_request_split_at_every_place(port, data, status, method):
    def split(place):
        return in_pieces(port, [data[:place], data[place:]], method)

    whole, _ = in_pieces(port, [data], method)
    assert whole.status == status
    first = 2 if data.startswith(b"\r\n") else 1  # half a line end is a bare name after 50 ms of quiet
    for answer, early in harness.in_parallel(split, range(first, len(data)), threads=16):
        assert (answer.status, answer.body) == (status, whole.body)
        assert not early or status >= 400, "answered before the request was complete"


@pytest.mark.parametrize("data, status, method", SPLIT[:3], ids=lambda value: ascii(value)[:40])
def test_request_one_byte_at_a_time(port, data, status, method):
    answer, early = in_pieces(port, [data[place:place + 1] for place in range(len(data))], method)
    assert answer.status == status and not early


def test_pipeline_split_at_every_place(port):
    data = web.request("/ten.txt") + web.request("/dir/a.txt", method="HEAD") + web.request("/dir/a.txt", "Connection: close")

    def split(place):
        with web.Connection(port) as connection:
            connection.send(data[:place])
            raw.wait_read_by_peer(connection.sock)
            connection.send(data[place:])
            answers = [connection.answer(method) for method in ("GET", "HEAD", "GET")]
            connection.assert_end()
            return [answer.body for answer in answers]

    assert all(bodies == [tree.TEN, b"", b"a"] for bodies in harness.in_parallel(split, range(1, len(data)), threads=16))


@pytest.mark.parametrize("begin", [b"GET /" + b"a" * 4000, b"GET " + b"/" * 4092, b"a" * 4096, b"G"])
def test_a_flood_after_an_undecided_beginning(port, begin):
    """What came before it was known to be HTTP and what comes then are more together than the server takes at once."""
    for _ in range(3):
        with raw.connect(port) as sock, contextlib.suppress(ConnectionError):
            sock.sendall(begin)
            raw.wait_read_by_peer(sock)
            sock.sendall(b" HTTP/1.1\r\nHost: x\r\n\r\n" + b"A" * 200_000)
            sock.shutdown(1)
            while sock.recv(1 << 16):
                pass
    assert web.get(port, "/ten.txt").body == tree.TEN
