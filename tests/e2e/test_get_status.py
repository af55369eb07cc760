"""`sampan get`: status codes, retries, redirects, and servers that take their time."""
import re

import hostile
import pytest
import raw
from hostile import File, answering, by_path, exact, in_turn, message
from rig import A, COMPARED, HELD, SIZE

SMALL = File(b"content")
PAGE = b"<html>a page that says why</html>"


def answer(status, *fields, body=PAGE):
    return message(status, [*fields, f"Content-Length: {len(body)}"], body)


def fetch(rig, behaviour, *words, right=SMALL.content, path="file", **options):
    rig.right.add(right)
    with hostile.Server(behaviour) as server:
        result = rig.get(*words, server.url(path), **options)
        result.requests, result.bytes_asked = server.requests, server.bytes_asked(SIZE)
    return result


# --- failures

FINAL = {"400 Bad Request": 6, "401 Unauthorized": 6, "403 Forbidden": 6, "404 Not Found": 5, "405 Method Not Allowed": 6, "407 Proxy": 6,
         "410 Gone": 5, "451 Unavailable For Legal Reasons": 6, "501 Not Implemented": 6, "505 HTTP Version Not Supported": 6}


@pytest.mark.parametrize("status", FINAL)
def test_failure_leaves_the_target_and_is_not_repeated(rig, status):
    (rig.folder / "file").write_bytes(b"old")
    rig.right.add(b"old")
    result = fetch(rig, exact(answer(status)), "--retries", 3)
    rig.assert_nothing(result, FINAL[status], old=b"old")
    assert len(result.requests) == 1 and status[:3] in result.err and "a page that says why" not in result.err, result


@pytest.mark.parametrize("status", ["404 Not Found", "500 x"])
def test_page_of_a_failure_is_shown_when_asked_for_and_escaped(rig, status):
    result = fetch(rig, exact(answer(status, body=b"why \x1b[31mnot\x07")), "-v", "--retries", 0)
    rig.assert_nothing(result, 5 if status.startswith("404") else 6)


PASSING = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]


@pytest.mark.parametrize("status", PASSING)
def test_failure_that_passes_is_repeated(rig, status):
    result = fetch(rig, in_turn(exact(answer(f"{status} x")), SMALL), "--retries", 1)
    rig.assert_got(result, SMALL.content)
    assert len(result.requests) == 2


@pytest.mark.parametrize("status", PASSING)
def test_failure_that_does_not_pass_keeps_what_is_there(rig, half, status):
    half.behaviour = exact(answer(f"{status} x"))
    rig.assert_kept(rig.get("--retries", 0, half.url()), A.content, 6, least=HELD)
    assert len(half.requests) == 1


@pytest.mark.parametrize("value", ["0", "1", "-5", "soon", "", "1.5", "Thu, 01 Jan 1970 00:00:00 GMT", "99999999999999999999 x"], ids=ascii)
def test_retry_after(rig, value):
    """Past dates and nonsense do not hold it up, nor stop it."""
    result = fetch(rig, in_turn(exact(answer("503 x", f"Retry-After: {value}")), SMALL), "--retries", 1)
    rig.assert_got(result, SMALL.content)


def test_retries_are_counted(rig):
    result = fetch(rig, exact(answer("500 x")), "--retries", 2)
    rig.assert_nothing(result, 6)
    assert len(result.requests) == 3


# --- redirects

def redirect(location, status="302 Found"):
    return answer(status, *([f"Location: {location}"] if location is not None else []))


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"])
@pytest.mark.parametrize("form", ["{url}", "//127.0.0.1:{port}/other", "/other", "other", "./x/../other", "../../other", "other#fragment",
                                  "/other?a=b", "  /other  "])
def test_redirect(rig, status, form):
    rig.right.add(SMALL.content)
    with hostile.Server() as server:
        location = form.format(url=server.url("other"), port=server.port)
        server.behaviour = by_path(file=exact(redirect(location, status), keep=True), other=SMALL)
        rig.assert_got(rig.get("-o", "file", server.url()), SMALL.content)
        assert [request.target.partition("?")[0] for request in server.requests] == ["/file", "/other"]


def test_redirect_to_another_server(rig):
    rig.right.add(SMALL.content)
    with hostile.Server(SMALL) as other, hostile.Server(exact(redirect(other.url("other")))) as server:
        rig.assert_got(rig.get("-o", "file", server.url()), SMALL.content)
        assert other.requests[0].get("host") == f"127.0.0.1:{other.port}"


def test_redirect_while_going_on(rig, half):
    """The unfinished file came from the first server; the second has the same file by its tag."""
    with hostile.Server(A) as other:
        half.behaviour = exact(redirect(other.url("other"), "307 Temporary Redirect"))
        rig.assert_got(rig.get(half.url()), A.content)
        assert all(request.ranged or request.method == "HEAD" for request in other.requests), other.requests


def test_redirect_while_going_on_to_another_file(rig, half):
    other_file = File(A.content[::-1], etag='"other"')
    rig.right.add(other_file.content)
    with hostile.Server(other_file) as other:
        half.behaviour = exact(redirect(other.url("other"), "307 Temporary Redirect"))
        rig.assert_got(rig.get(half.url()), other_file.content)


LOCATIONS = {"none": None, "empty": "", "file": "file:///etc/passwd", "script": "javascript:alert(1)", "ftp": "ftp://127.0.0.1/x",
             "data": "data:,x", "tcp": "tcp://127.0.0.1/x", "no host": "http://", "no host but path": "http:///x",
             "bad port": "http://127.0.0.1:99999/x", "port 0": "http://127.0.0.1:0/x", "controls": "http://127.0.0.1\x01/x",
             "escape": "\x1b]0;title\x07", "long": "http://127.0.0.1/" + "x" * 60_000,
             "quoted file": "FILE:/etc/passwd", "bracket": "http://[::1/x", "blank in host": "http://a b/x"}


@pytest.mark.parametrize("location", LOCATIONS.values(), ids=LOCATIONS.keys())
def test_redirect_that_leads_nowhere(rig, location):
    result = fetch(rig, exact(redirect(location)), "--retries", 0)
    rig.assert_nothing(result, 2, 3, 6, 9)
    assert len(result.requests) <= 21


@pytest.mark.parametrize("location", ["file:///etc/passwd", "javascript:alert(1)", "ftp://127.0.0.1/x", "tcp://127.0.0.1/x"])
def test_other_schemes_are_refused_by_name(rig, location):
    result = fetch(rig, exact(redirect(location)), "--retries", 0)
    rig.assert_nothing(result, 6)
    assert location.partition(":")[0] in result.err, result


@pytest.mark.parametrize("location", ["/file", "/{number}", "//127.0.0.1:{port}/{number}"])
def test_redirects_without_end(rig, location):
    with hostile.Server() as server:
        server.behaviour = answering(lambda request: redirect(location.format(number=request.number, port=server.port)))
        result = rig.get("--retries", 0, server.url())
        rig.assert_nothing(result, 6)
        assert 2 <= len(server.requests) <= 21


def test_redirect_behind_which_the_file_is_not(rig, half):
    """What is held stays."""
    half.behaviour = by_path(file=exact(redirect("/elsewhere"), keep=True))
    rig.assert_kept(rig.get("--retries", 0, half.url()), A.content, 5, least=HELD)


# --- credentials

SECRET = "s3cret-word"


def no_secret(rig, result):
    """The password is in no message and in no file."""
    assert SECRET not in result.err and SECRET.encode() not in result.out, result
    for name in rig.names:
        assert SECRET.encode() not in (rig.folder / name).read_bytes(), name


@pytest.mark.parametrize("how", ["-u", "-H", "url"])
@pytest.mark.parametrize("host", ["same", "another port", "another host"])
def test_credentials_stay_with_their_origin(rig, how, host):
    rig.right.add(SMALL.content)
    with hostile.Server(SMALL) as other, hostile.Server() as server:
        goal = {"same": server.url("other"), "another port": other.url("other"), "another host": f"http://localhost:{other.port}/other"}[host]
        server.behaviour = by_path(file=exact(redirect(goal), keep=True), other=SMALL)
        words = {"-u": ["-u", f"user:{SECRET}"], "-H": ["-H", f"Authorization: Bearer {SECRET}", "-H", f"Cookie: a={SECRET}"], "url": []}[how]
        url = server.url() if how != "url" else server.url().replace("http://", f"http://user:{SECRET}@")
        result = rig.get("-o", "file", *words, url)
        rig.assert_got(result, SMALL.content)
        asked = other.requests + [request for request in server.requests if request.target == "/other"]
    assert server.requests[0].get("authorization"), server.requests[0].data
    assert (asked[0].get("authorization") is not None) == (host == "same"), asked[0].data
    assert (asked[0].get("cookie") is not None) == (host == "same" and how == "-H"), asked[0].data
    no_secret(rig, result)


@pytest.mark.parametrize("how", ["-u", "url"])
def test_password_is_not_written_down(rig, how):
    words = ["-u", f"user:{SECRET}"] if how == "-u" else []
    with hostile.Server(hostile.cut(A, HELD)) as server:
        url = server.url(f"file?token={SECRET}")
        url = url if how == "-u" else url.replace("http://", f"http://user:{SECRET}@")
        result = rig.get("--retries", 0, "-v", "-o", "file", *words, url)
        assert result.status == 9 and "file.part.sampan" in rig.names, result
        for name in rig.names:
            assert SECRET.encode() not in (rig.folder / name).read_bytes(), name


# --- time

def test_server_that_never_answers(rig):
    result = fetch(rig, hostile.silent, "--retries", 0, "--timeout", "500ms")
    rig.assert_nothing(result, 4)


def test_server_that_never_answers_is_asked_again(rig):
    rig.assert_got(fetch(rig, in_turn(hostile.silent, SMALL), "--timeout", "500ms", "--retries", 1), SMALL.content)


def test_server_that_never_answers_keeps_what_is_there(rig, half):
    half.behaviour = hostile.silent
    rig.assert_kept(rig.get("--retries", 0, "--timeout", "500ms", half.url()), A.content, 4, least=HELD)


SLOW = ["--speed-limit", "10K", "--speed-time", "1s"]


def slow_from(size, end):
    """A behaviour: this many bytes at once, then what `end` does, with the whole length announced."""
    def behave(exchange):
        whole = A.answer(exchange.request)
        start = whole.index(b"\r\n\r\n") + 4 + size
        exchange.deliver(whole[:start])
        end(exchange, whole[start:])
    return behave


def drips(exchange, rest):
    exchange.drip(rest, 0.05)


def stops(exchange, _):
    exchange.wait_left()


@pytest.mark.full
@pytest.mark.parametrize("end", [drips, stops])
@pytest.mark.parametrize("size", [HELD, SIZE - 20_000, SIZE - 1])
def test_slow_server_is_left_and_asked_again(rig, end, size):
    result = fetch(rig, in_turn(slow_from(size, end), A), *SLOW, "--timeout", "10s", "--retries", 2, right=A.content)
    rig.assert_got(result, A.content)
    assert result.bytes_asked <= SIZE + SIZE - size + COMPARED, result.requests


@pytest.mark.parametrize("end", [drips, stops])
def test_slow_server_without_retries(rig, end):
    result = fetch(rig, slow_from(HELD, end), *SLOW, "--timeout", "10s", "--retries", 0)
    rig.assert_kept(result, A.content, 4, least=HELD)


def test_idle_server_is_left_by_the_timeout(rig):
    result = fetch(rig, in_turn(slow_from(HELD, stops), A), "--timeout", "600ms", "--retries", 1, right=A.content)
    rig.assert_got(result, A.content)


def test_limit_of_the_own_rate_is_not_a_slow_server(rig):
    """--limit-rate below the low-speed rule would be the user's own doing; a little above it must not end the download."""
    small = File(A.content[:40_000])
    result = fetch(rig, small, "--limit-rate", "20K", "--speed-limit", "5K", "--speed-time", "1s", "--retries", 0, right=small.content)
    rig.assert_got(result, small.content)


def test_connection_refused_is_tried_again_and_told(rig):
    port = raw.free_port()
    result = rig.get("--retries", 1, f"http://127.0.0.1:{port}/file")
    rig.assert_nothing(result, 3)
    assert re.search(str(port), result.err), result


def test_connection_refused_keeps_what_is_there(rig, half):
    url = half.url()
    half.behaviour = A
    half.__exit__(None)
    rig.assert_kept(rig.get("--retries", 0, url), A.content, 3, least=HELD)


def test_some_of_several_fail(rig):
    """The status is that of the first failure; the others still run."""
    rig.right.add(SMALL.content)
    with hostile.Server(by_path(file=SMALL, other=SMALL)) as server:
        result = rig.get(server.url(), server.url("missing"), server.url("other"), server.url("missing2"))
        assert result.status == 5 and rig.names == ["file", "other"], result
