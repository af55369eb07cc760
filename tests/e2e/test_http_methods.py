"""`sampan serve` over HTTP: methods other than GET, request bodies, Expect."""
import contextlib

import harness
import pytest
import raw
import tree
import web

ALLOWED = "GET, HEAD, OPTIONS"

#: A request that would be answered if a server took a body for the next request.
SMUGGLED = b"GET /dir/a.txt HTTP/1.1\r\nHost: x\r\n\r\n"


def chunked(data, size=10):
    """`data` in chunks."""
    pieces = [data[place:place + size] for place in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("target", ["/ten.txt", "/dir/", "/new-file"])
def test_methods_that_change_something_are_refused(port, site, method, target):
    before = (site.root / "ten.txt").stat()
    with web.Connection(port) as connection:
        connection.send(web.request(target, "Content-Length: 5", method=method) + b"hello")
        answer = connection.answer()
    assert answer.status == 405 and answer["allow"] == ALLOWED
    assert (site.root / "ten.txt").stat() == before and not (site.root / "new-file").exists()
    assert (site.root / "ten.txt").read_bytes() == tree.TEN


@pytest.mark.parametrize("target", ["/ten.txt", "*", "/dir/", "/"])
def test_options(port, target):
    with web.Connection(port) as connection:
        answer = connection.ask(target, method="OPTIONS")
        assert answer.status == 204 and answer["allow"] == ALLOWED
        assert connection.ask("/ten.txt").body == tree.TEN


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_only_options_has_an_asterisk(port, method):
    assert web.get(port, "*", method=method).status in (400, 404, 405)


def test_trace_echoes_nothing(port):
    answer = web.get(port, "/ten.txt", "Cookie: secret-cookie", method="TRACE")
    assert answer.status == 405 and answer["allow"] == ALLOWED
    assert b"secret-cookie" not in answer.head + answer.body


def test_connect(port):
    assert web.get(port, "h:1", method="CONNECT").status in (405, 501)
    assert web.last_answer(port, web.request("/x", method="CONNECT")).status == 400
    assert web.last_answer(port, web.request("h", method="CONNECT")).status == 400


@pytest.mark.parametrize("method", ["BREW", "get", "Get", "GETS", "GE", "PROPFIND", "X" * 64, "X" * 5000])
def test_unknown_methods(port, method):
    assert web.get(port, "/ten.txt", method=method).status == 501


@pytest.mark.parametrize("method", ["GE(T", "G@T", "G\x80T", "\"GET\""])
def test_what_is_no_method(port, method):
    with web.Connection(port) as connection:
        connection.send(web.request("/ten.txt", method=method))
        assert connection.answer().status in (400, 501)


# --- bodies

@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "HEAD", "OPTIONS", "BREW"])
@pytest.mark.parametrize("coding", ["length", "chunked"])
@pytest.mark.parametrize("together", [True, False], ids=["one segment", "two segments"])
def test_a_body_is_never_the_next_request(port, method, coding, together):
    """The body looks like a request; the answers are that to the request, and that to the real next one, if any."""
    line, body = (f"Content-Length: {len(SMUGGLED)}", SMUGGLED) if coding == "length" else \
        ("Transfer-Encoding: chunked", chunked(SMUGGLED))
    with web.Connection(port) as connection:
        head, following = web.request("/ten.txt", line, method=method), body + web.request("/empty")
        connection.send(head + following if together else head)
        first = connection.answer(method)
        if not together:
            with contextlib.suppress(ConnectionError):
                connection.send(following)
        assert first.status == {"GET": 200, "HEAD": 200, "OPTIONS": 204, "BREW": 501}.get(method, 405)
        if first.closes:
            connection.assert_end()
        else:
            second = connection.answer()
            assert (second.status, second.body) == (200, b"")
            connection.sock.shutdown(1)
            connection.assert_end()


@pytest.mark.parametrize("body", [b"zz\r\nhello\r\n0\r\n\r\n", b"5\r\nhelloX\r\n0\r\n\r\n", b"-1\r\n\r\n", b"5;" + b"x" * 100_000,
                                  b"fffffffffffffffff\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n"],
                         ids=lambda body: ascii(body[:20]))
def test_malformed_chunks_end_the_connection(port, body):
    """The answer may have gone out before the body came; nothing after it is taken for a request."""
    with web.Connection(port) as connection:
        with contextlib.suppress(ConnectionError):
            connection.send(web.request("/ten.txt", "Transfer-Encoding: chunked", method="POST") + body + SMUGGLED)
            connection.sock.shutdown(1)
        statuses = [connection.answer().status]
        rest, _ = connection.rest()
        assert statuses[0] in (400, 405) and b"HTTP/1.1 200" not in rest


@pytest.mark.parametrize("size", [150_000, 8 << 20])
@pytest.mark.parametrize("coding", ["length", "chunked"])
@pytest.mark.parametrize("lines", [[], ["Connection: close"]], ids=str)
def test_answer_survives_a_large_unread_body(port, size, coding, lines):
    """RFC 9112 9.6: the client has sent a lot before it reads; the connection is not reset under the answer."""
    framing, body = (f"Content-Length: {size}", bytes(size)) if coding == "length" else \
        ("Transfer-Encoding: chunked", chunked(bytes(size), 1 << 20))
    with web.Connection(port) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            # The server may give up on reading it in the end: the answer was there before.
            connection.send(web.request("/ten.txt", framing, *lines, method="POST") + body)
        answer = connection.answer()
        assert answer.status == 405 and answer["allow"] == ALLOWED
        if answer.closes:
            connection.assert_end()


@pytest.mark.parametrize("chunk", [b"1;" + b"x" * 4000 + b"\r\na\r\n", b"1\r\na\r\n"], ids=["long extensions", "one byte each"])
def test_body_of_much_framing_and_few_bytes(port, chunk):
    """What is thrown away is bounded by what is received, not by what is in it."""
    with web.Connection(port) as connection:
        with contextlib.suppress(ConnectionError):
            connection.send(web.request("/ten.txt", "Transfer-Encoding: chunked", method="POST"))
            connection.send(chunk * ((2 << 20) // len(chunk)) + b"0\r\n\r\n" + web.request("/ten.txt"))
            connection.sock.shutdown(1)
        assert connection.answer().status == 405
        rest, _ = connection.rest()
        assert b"HTTP/1.1 200" not in rest


def test_body_that_never_comes(serve, site):
    """It neither holds back the answer nor keeps the connection longer than its time."""
    with serve("--body-timeout", "300ms", "--idle-timeout", "120s", site.root) as server:
        idle = raw.file_descriptors_of_sockets(server.pid)
        with web.Connection(server.port) as connection:
            connection.send(web.request("/ten.txt", "Content-Length: 10", method="PUT") + b"hal")
            assert connection.answer().status in (405, 408)
            rest, _ = connection.rest()
            assert b"HTTP/1.1 200" not in rest
        harness.wait_until(lambda: raw.file_descriptors_of_sockets(server.pid) <= idle, "the connection is closed")


# --- Expect

def test_expect_continue_with_a_body(port):
    """Either the final answer at once, or 100 and then exactly one final answer."""
    with web.Connection(port) as connection:
        connection.send(web.request("/ten.txt", "Expect: 100-continue", "Content-Length: 5", method="POST"))
        answer = connection.answer()
        if answer.status == 100:
            connection.send(b"hello")
            answer = connection.answer()
        assert answer.status in (405, 417)
        if not answer.closes:
            # The client sends the body, or may skip it: RFC 9110 10.1.1. Here it sends it.
            connection.send(b"hello" + web.request("/ten.txt"))
            assert connection.answer().body == tree.TEN


@pytest.mark.parametrize("value", ["100-continue", "100-Continue"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_expect_continue_without_a_body(port, value, method):
    with web.Connection(port) as connection:
        answer = connection.ask("/ten.txt", f"Expect: {value}", method=method)
        assert answer.status == 200
        assert connection.ask("/ten.txt").body == tree.TEN


def test_old_clients_are_never_told_to_continue(port):
    with web.Connection(port) as connection:
        connection.send(web.request("/ten.txt", "Expect: 100-continue", "Content-Length: 5", method="POST",
                                    version="HTTP/1.0") + b"hello")
        assert connection.answer().status == 405
    assert web.get(port, "/ten.txt", "Expect: 100-continue", version="HTTP/1.0").status == 200


@pytest.mark.parametrize("value", ["200-ok", "100-continue, 200-ok", "nonsense"])
def test_unknown_expectation(port, value):
    assert web.get(port, "/ten.txt", f"Expect: {value}").status == 417
