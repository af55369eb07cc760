"""`sampan get` and where a body ends: lengths, chunks, cuts, heads that never end, connections that are used again."""
import hostile
import pytest
import tree
from hostile import File, answering, by_path, exact, in_turn, message
from rig import A, COMPARED, HELD, SIZE

SMALL = File(b"content")
TEXT = tree.pattern(300_000)


def fetch(rig, behaviour, *words, right=A.content, **options):
    """Runs `get` once against a server of that behaviour; gives the result, with the requests in it."""
    rig.right.add(right)
    with hostile.Server(behaviour) as server:
        result = rig.get(*words, server.url(), **options)
        result.requests, result.bytes_asked = server.requests, server.bytes_asked(SIZE)
    return result


# --- cuts

ENDS = pytest.mark.parametrize("end", [None, hostile.resets], ids=["fin", "reset"])
FORMS = {
    "length": lambda size: A.whole()[:-SIZE] + A.content[:size],
    "chunks": lambda size: message("200 OK", [*A.fields(), "Transfer-Encoding: chunked"]) + hostile.chunked(A.content[:size], 65_536)[:-5],
}


@ENDS
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_cut_in_the_middle_is_made_good(rig, form, end):
    """The same run goes on by itself, from what it has."""
    result = fetch(rig, in_turn(exact(form(HELD), b"", end=end), A))
    rig.assert_got(result, A.content)
    assert result.bytes_asked <= SIZE + SIZE - HELD + COMPARED, result.requests


@ENDS
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("size", [1, 200_000, HELD, SIZE - 1])
def test_cut_is_kept_when_there_are_no_retries(rig, form, end, size):
    (rig.folder / "file").write_bytes(b"old")
    rig.right.add(b"old")
    rig.assert_kept(fetch(rig, exact(form(size), b"", end=end), "--retries", 0), A.content, 9, old=b"old", least=size)


@ENDS
def test_cut_every_time(rig, end):
    """A try that brought something is no retry: it goes on as long as there is progress."""
    rig.assert_got(fetch(rig, hostile.cut(A, 500_000, end), "--retries", 1), A.content)


def test_cut_without_progress_comes_to_an_end(rig):
    result = fetch(rig, in_turn(hostile.cut(A, HELD), hostile.cut(A, 0)), "--retries", 2)
    rig.assert_kept(result, A.content, 9, least=HELD)
    assert len(result.requests) <= 8, result.requests


def test_length_unknown(rig):
    """Saved, and told that nobody can know whether it is whole."""
    answer = message("200 OK", [*A.fields(), "Connection: close"], A.content)
    result = fetch(rig, exact(answer))
    rig.assert_got(result, A.content)
    assert "length" in result.err.lower(), result


def test_length_unknown_is_refused_when_strict(rig):
    result = fetch(rig, exact(message("200 OK", [*A.fields(), "Connection: close"], A.content)), "--strict")
    assert result.status == 7 and rig.read() is None, result


def test_length_unknown_and_reset(rig):
    answer = message("200 OK", [*A.fields(), "Connection: close"], A.content[:HELD])
    result = fetch(rig, exact(answer, b"", end=hostile.resets), "--retries", 0)
    rig.assert_kept(result, A.content, 9, least=HELD)


def test_strict_is_content_with_a_length_and_a_strong_tag(rig):
    rig.assert_got(fetch(rig, A, "--strict"), A.content)


# --- chunks

GOOD = b"40000\r\n" + A.content[:0x40000]
BAD_CHUNKS = {"no hex": b"\r\nxyz\r\n", "17 digits": b"\r\n10000000000000000\r\n", "2^63": b"\r\n8000000000000000\r\n",
              "negative": b"\r\n-5\r\n", "plus": b"\r\n+5\r\nhello\r\n",
              "hex prefix": b"\r\n0x5\r\nhello\r\n", "blank before": b"\r\n 5\r\nhello\r\n",
              "no line end after data": b"5\r\nhello\r\n", "bare LF after data": b"\n5\r\nhello\r\n",
              "bare LF after size": b"\r\n5\nhello\r\n",
              "empty size": b"\r\n\r\nhello", "endless extension": b"\r\n5;" + b"x" * 300_000, "NUL": b"\r\n5\0\r\nhello\r\n",
              "endless trailer": b"\r\n0\r\n" + b"X: y\r\n" * 50_000, "garbage in the trailer": b"\r\n0\r\n\0\1\2\r\n\r\n",
              "size cut": b"\r\n4", "trailer cut": b"\r\n0\r\n"}


@pytest.mark.parametrize("tail", BAD_CHUNKS.values(), ids=BAD_CHUNKS.keys())
def test_bad_chunks_keep_the_good_ones(rig, tail):
    answer = message("200 OK", [*A.fields(), "Transfer-Encoding: chunked"], GOOD + tail)
    with hostile.Server(exact(answer)) as server:
        rig.assert_kept(rig.get("--retries", 0, server.url()), A.content, 9, least=0x40000)
        assert len(rig.kept) == 0x40000, "bytes behind the last good chunk were taken"
        rig.right.add(A.content)
        server.behaviour = A
        rig.assert_got(rig.get(server.url()), A.content)


def test_chunks_and_a_length(rig):
    """Chunks count, the length does not; the connection is not used again (RFC 9112 6.3)."""
    answer = message("200 OK", [*SMALL.fields(), "Content-Length: 3", "Transfer-Encoding: chunked"], hostile.chunked(SMALL.content))
    rig.right.add(SMALL.content)
    with hostile.Server(by_path(file=exact(answer, keep=True), other=SMALL)) as server:
        result = rig.get(server.url(), server.url("other"))
        assert result.status == 0 and rig.read() == SMALL.content and rig.read("other") == SMALL.content, result
        assert [request.turn for request in server.requests] == [0, 0], server.requests
    assert len(result.err.splitlines()) >= 1 and "length" in result.err.lower(), result


@pytest.mark.parametrize("codings", ["gzip, chunked", "chunked, gzip", "chunked, chunked", "gzip", "xyz", "identity, chunked", "",
                                     "chunked\r\nTransfer-Encoding: gzip"], ids=ascii)
def test_other_transfer_codings(rig, codings):
    answer = message("200 OK", [f"Transfer-Encoding: {codings}"], hostile.chunked(SMALL.content))
    result = fetch(rig, exact(answer), "--retries", 0)
    rig.assert_nothing(result, 9)
    assert not codings or codings.split("\r\n")[0].split(", ")[0] in result.err, result


# --- lengths

@pytest.mark.parametrize("length", ["7, 7", "7\r\nContent-Length: 7", "7,7", " 7 ", "007"], ids=ascii)
def test_lengths_that_can_be_read(rig, length):
    rig.assert_got(fetch(rig, exact(message("200 OK", [f"Content-Length: {length}"], SMALL.content)), right=SMALL.content), SMALL.content)


@pytest.mark.parametrize("length", ["7, 8", "7\r\nContent-Length: 8", "-1", "+7", "7 7", "0x7", "7.0", "7e0",
                                    "18446744073709551616", "9" * 40, "9223372036854775808", "", "seven", "7;x", "\u0667"], ids=ascii)
def test_lengths_that_make_no_sense(rig, length):
    rig.assert_nothing(fetch(rig, exact(message("200 OK", [f"Content-Length: {length}"], SMALL.content)), "--retries", 0), 9)


def test_length_larger_than_any_disk(rig):
    """A length that is possible, but for which there is no space: said so, or cut short; never allocated."""
    result = fetch(rig, exact(message("200 OK", ["Content-Length: 9000000000000000000"], SMALL.content)), "--retries", 0)
    assert result.status in (8, 9) and rig.read() is None, result


# --- heads

@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 ", b"", b"HTTP/1.1 200 OK\r\n",
                                       b"HTTP/1.1 200 OK\r\nX: y\r\n "], ids=ascii)
@pytest.mark.parametrize("filler", [b"x" * 65_536, b"X: y\r\n" * 10_000, b"X: " + b"y" * 9000 + b"\r\n", b" \r\n x" * 9000],
                         ids=["line", "fields", "long fields", "folds"])
def test_head_without_end(rig, beginning, filler):
    """As fast as the network takes it: refused at a limit, and memory stays bounded."""
    def flood(exchange):
        exchange.send(beginning)
        for _ in range(1 << 30 >> 16):
            exchange.send(filler)
    rig.assert_nothing(fetch(rig, flood, "--retries", 0), 9)


def test_interim_answers_without_end(rig):
    def flood(exchange):
        for _ in range(1 << 20):
            exchange.send(message("103 Early Hints", ["Link: </x>"]) * 500)
    rig.assert_nothing(fetch(rig, flood, "--retries", 0), 9)


def test_head_that_drips(rig):
    """The head as a whole has a time; then it is tried again."""
    def drip(exchange):
        exchange.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000, 0.05)
    result = fetch(rig, in_turn(drip, SMALL), "--timeout", "700ms", right=SMALL.content)
    rig.assert_got(result, SMALL.content)


HEADS = {
    "http 0.9": b"content", "http 0.9 page": b"<html>x</html>", "http 2": b"HTTP/2 200\r\n\r\ncontent",
    "http 9.9": b"HTTP/9.9 200 OK\r\n\r\ncontent",
    "lower case": b"http/1.1 200 OK\r\n\r\ncontent", "ICY": b"ICY 200 OK\r\n\r\ncontent", "status 42": b"HTTP/1.1 42 OK\r\n\r\ncontent",
    "status 999": b"HTTP/1.1 999 OK\r\n\r\ncontent", "status 2000": b"HTTP/1.1 2000 OK\r\n\r\ncontent",
    "status -200": b"HTTP/1.1 -200 OK\r\n\r\ncontent",
    "no status": b"HTTP/1.1 OK\r\n\r\ncontent", "NUL in a field": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 7\r\n\r\ncontent",
    "NUL in a name": b"HTTP/1.1 200 OK\r\nX\0: a\r\nContent-Length: 7\r\n\r\ncontent",
    "blank before the colon": b"HTTP/1.1 200 OK\r\nContent-Length : 7\r\n\r\ncontent", "no colon": b"HTTP/1.1 200 OK\r\nXY\r\n\r\ncontent",
    "empty name": b"HTTP/1.1 200 OK\r\n: x\r\n\r\ncontent", "bare CR": b"HTTP/1.1 200 OK\r\nX: a\rContent-Length: 3\r\n\r\ncontent",
    "blank first line": b"HTTP/1.1 200 OK\r\n X: y\r\n\r\ncontent", "TLS": b"\x15\x03\x03\x00\x02\x02\x28", "SSH": b"SSH-2.0-x\r\n",
    "nothing": b"", "only a line end": b"\r\n",
}


@pytest.mark.parametrize("answer", HEADS.values(), ids=HEADS.keys())
def test_heads_that_make_no_sense(rig, answer):
    rig.assert_nothing(fetch(rig, exact(answer), "--retries", 0), 9)


@pytest.mark.parametrize("separator", [b"\n", b"\r\n\t", b"\r\n "], ids=ascii)
def test_line_ends_never_split_a_field(rig, separator):
    """A bare LF or a fold: refused, or read as one line end or one value; never as another length."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX: a" + separator + b"Content-Length: 3\r\n\r\ncontent"
    result = fetch(rig, exact(answer), "--retries", 0, right=SMALL.content)
    assert result.status in (0, 9), result


# --- answers without a body, connections that are used again

def two_files(rig, behaviour, *words):
    """Fetches `file` and `other` in one run."""
    rig.right.add(SMALL.content)
    with hostile.Server(behaviour) as server:
        result = rig.get("--retries", 0, *words, server.url(), server.url("other"))
        result.requests = server.requests
    return result


FORGED = message("200 OK", ["Content-Length: 6"], b"forged")


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified", "205 Reset Content"])
def test_body_where_there_is_none(rig, status):
    """What follows such an answer is not the next one."""
    result = two_files(rig, by_path(file=exact(message(status, [f"Content-Length: {len(FORGED)}"], FORGED), keep=True), other=SMALL))
    assert result.status == 6 and rig.read() is None and rig.read("other") == SMALL.content, result


def test_answer_behind_the_answer(rig):
    """Bytes behind a body are not the next answer."""
    result = two_files(rig, by_path(file=exact(SMALL.whole() + FORGED, keep=True), other=SMALL))
    assert result.status == 0 and rig.read() == SMALL.content == rig.read("other"), result


def test_connection_that_closes_as_the_next_request_goes_out(rig):
    """One silent try on a new connection, which is no retry (RFC 9112 9.3.1)."""
    result = two_files(rig, lambda exchange: None if exchange.request.turn else SMALL(exchange))
    assert result.status == 0 and rig.read() == SMALL.content == rig.read("other"), result


def test_connection_that_is_reset_as_the_next_request_goes_out(rig):
    result = two_files(rig, lambda exchange: exchange.reset() if exchange.request.turn else SMALL(exchange))
    assert result.status == 0 and rig.read() == SMALL.content == rig.read("other"), result


def test_connection_that_the_server_says_it_closes(rig):
    """But does not: it is not used again."""
    close = answering(lambda request: SMALL.whole("Connection: close"))
    result = two_files(rig, lambda exchange: close(exchange) if exchange.request.turn == 0 else exact(FORGED)(exchange))
    assert result.status == 0 and rig.read() == SMALL.content == rig.read("other"), result


# --- codings of the content

@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "x-gzip", "aes128gcm", "identity, gzip"])
def test_compressed_although_identity_was_asked_for(rig, coding):
    """Refused; a bomb among them is never unpacked."""
    bomb = b"\x1f\x8b\x08\x00" + bytes(300_000)
    result = fetch(rig, exact(message("200 OK", [f"Content-Encoding: {coding}", f"Content-Length: {len(bomb)}"], bomb)), "--retries", 0)
    rig.assert_nothing(result, 6)


def test_coding_that_is_none(rig):
    rig.assert_got(fetch(rig, answering(lambda request: SMALL.whole("Content-Encoding: identity")), right=SMALL.content), SMALL.content)
