"""`sampan get` over plain HTTP/1.1: bodies of each framing, status codes, servers that lie, and the form without a scheme."""
import contextlib
import functools
import http.server
import os
import re
import socket
import threading
import urllib.parse

import harness
import peers
import pytest
import raw
import tree


#: What is left of a download that was broken off.
KEPT = ["file.part", "file.part.sampan"]


def names_in(folder):
    return sorted(os.listdir(folder))


def url(port, path="file", host="127.0.0.1"):
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/{path}"


def read_request(sock):
    """The bytes of a request without body, up to its empty line."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        piece = sock.recv(65536)
        assert piece, f"the client ended within its request: {data!r}"
        data += piece
    return data


class Answer:
    """A script for a ScriptedServer: takes a request, sends the pieces, each in its own segment, and ends as told."""

    def __init__(self, *pieces, end=None):
        self.pieces, self.end, self.requests = pieces, end, []

    def __call__(self, sock):
        self.requests.append(read_request(sock))
        for piece in self.pieces:
            sock.sendall(piece)
            if len(self.pieces) > 1:
                raw.wait_delivered(sock)
        if self.end:
            self.end(sock)


def head(status="200 OK", *fields):
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *fields, "")).encode()


def sized(content):
    return head("200 OK", f"Content-Length: {len(content)}") + content


def chunked(content, sizes):
    """The content in chunks whose sizes are taken from the list in turn."""
    made, start, turn = b"", 0, 0
    while start < len(content):
        piece = content[start:start + sizes[turn % len(sizes)]]
        made += b"%x\r\n%s\r\n" % (len(piece), piece)
        start, turn = start + len(piece), turn + 1
    return made + b"0\r\n\r\n"


def resets(sock):
    raw.wait_delivered(sock)
    raw.reset(sock)


def stays_open(sock):
    """Ends only when the client has: a client that waits for the end would wait until its timeout."""
    raw.wait_closed_by_peer(sock)


def fetch(run, target, script, *words, host="127.0.0.1", path="file", **options):
    with raw.ScriptedServer(script, host=host) as server:
        return run("get", *harness.one_try(), *words, url(server.port, path, host), cwd=target, **options)


def assert_saved(result, target, content, name="file"):
    assert result.status == 0, result
    assert names_in(target) == [name] and (target / name).read_bytes() == content, names_in(target)


def assert_refused(result, target, status, *words):
    """Nothing was made, and the message has the words."""
    assert result.status == status and result.out == b"" and names_in(target) == [], result
    for word in words:
        assert word in result.err, result


# --- bodies

CONTENT = tree.pattern(300_000)


@pytest.mark.parametrize("size", [0, 1, 1000, 20_000, 300_000, 3_000_000])
@pytest.mark.parametrize("end", [None, stays_open], ids=["closes", "stays open"])
def test_content_length(run, target, size, end):
    content = tree.pattern(size)
    assert_saved(fetch(run, target, Answer(sized(content), end=end)), target, content)


def test_content_length_in_small_segments(run, target):
    whole = sized(b"content")
    script = Answer(*(whole[i:i + 1] for i in range(len(whole))))
    assert_saved(fetch(run, target, script), target, b"content")


@pytest.mark.parametrize("sizes", [[300_000], [1], [7, 1, 4096], [16_384], [65_536, 3]], ids=str)
@pytest.mark.parametrize("end", [None, stays_open], ids=["closes", "stays open"])
def test_chunked(run, target, sizes, end):
    content = CONTENT if sizes != [1] else CONTENT[:5000]
    script = Answer(head("200 OK", "Transfer-Encoding: chunked") + chunked(content, sizes), end=end)
    result = fetch(run, target, script)
    assert_saved(result, target, content)
    assert not re.search("(?i)length", result.err), "the end of a chunked body is certain"


def test_chunked_in_odd_segments(run, target):
    """Cut within the head, within sizes, between CR and LF, within data and within the trailer."""
    whole = head("200 OK", "Transfer-Encoding: chunked") + b"5;ext=\"a\"\r\nhello\r\n00a\r\n, chunked!\r\n0\r\nTrailer: x\r\n\r\n"
    for step in (3, 7):
        script = Answer(*(whole[i:i + step] for i in range(0, len(whole), step)))
        assert_saved(fetch(run, target, script), target, b"hello, chunked!")


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/1.0"])
def test_until_the_connection_closes(run, target, version):
    answer = f"{version} 200 OK\r\nContent-Type: text/plain\r\n\r\n".encode()
    result = fetch(run, target, Answer(answer + CONTENT))
    assert_saved(result, target, CONTENT)
    assert re.search("(?i)length", result.err), "no note that the length cannot be checked"


def test_http_1_0_with_a_length(run, target):
    result = fetch(run, target, Answer(b"HTTP/1.0 200 OK\nContent-Length: 7\n\ncontent"))
    assert_saved(result, target, b"content")


def test_interim_answers_are_passed_over(run, target):
    script = Answer(head("100 Continue"), head("103 Early Hints", "Link: </x>"), head("102 Processing") + sized(b"content"))
    assert_saved(fetch(run, target, script), target, b"content")


def test_endless_interim_answers(run, target):
    assert_refused(fetch(run, target, Answer(head("100 Continue") * 1000, end=stays_open)), target, 9)


def test_empty_file(run, target):
    """Unlike by bare name, an empty file is told from a missing one."""
    assert_saved(fetch(run, target, Answer(sized(b""))), target, b"")


def test_to_stdout(run, target):
    result = fetch(run, target, Answer(sized(CONTENT)), "-o", "-")
    assert result.status == 0 and result.out == CONTENT and names_in(target) == [], result
    result = fetch(run, target, Answer(head("200 OK", "Transfer-Encoding: chunked") + chunked(CONTENT, [999])), "-o", "-")
    assert result.status == 0 and result.out == CONTENT and names_in(target) == [], result


def test_tolerated_heads(run, target):
    """Folded fields, fields of any case, the same length twice, no reason."""
    answer = b"HTTP/1.1 200\r\nX: a\r\n  folded\r\ncONTENT-lENGTH: 7\r\nContent-Length: 7,7\r\ncontent-encoding: identity\r\n\r\ncontent"
    assert_saved(fetch(run, target, Answer(answer)), target, b"content")


# --- ends that come too early or too late

@pytest.mark.parametrize("size", [0, 10, 100_000])
def test_fewer_bytes_than_announced(run, target, size):
    """Status 9; both sizes are named, the part is kept, an old target is untouched."""
    (target / "file").write_bytes(b"old")
    result = fetch(run, target, Answer(head("200 OK", "Content-Length: 300000") + CONTENT[:size]))
    assert result.status == 9 and "file.part" in result.err, result
    assert re.search(rf"\b{size}\b.*\b300000\b", result.err), result
    assert (target / "file.part").read_bytes() == CONTENT[:size] and (target / "file").read_bytes() == b"old"


def test_fewer_bytes_to_stdout(run, target):
    result = fetch(run, target, Answer(head("200 OK", "Content-Length: 100") + b"1234567"), "-o", "-")
    assert result.status == 9 and result.out == b"1234567" and re.search(r"\b7\b.*\b100\b", result.err), result


@pytest.mark.parametrize("fields", [["Content-Length: 300000"], ["Transfer-Encoding: chunked"], []], ids=str)
def test_reset_in_the_body(run, target, fields):
    data = b"20000\r\n" + CONTENT[:100_000] if "Transfer-Encoding: chunked" in fields else CONTENT[:100_000]
    result = fetch(run, target, Answer(head("200 OK", *fields) + data, end=resets))
    assert result.status == 9 and "file.part" in result.err and names_in(target) == KEPT, result
    assert (target / "file.part").read_bytes() == CONTENT[:100_000]


@pytest.mark.parametrize("tail", [b"", b"\r", b"\r\n", b"\r\n0\r\n", b"\r\n0\r\n\r", b"\r\n0\r\nX: y\r\n"], ids=ascii)
def test_chunked_that_ends_before_its_last_chunk(run, target, tail):
    result = fetch(run, target, Answer(head("200 OK", "Transfer-Encoding: chunked") + b"5\r\nhello" + tail))
    assert result.status == 9 and "file.part" in result.err and names_in(target) == KEPT, result
    assert (target / "file.part").read_bytes() == b"hello"


@pytest.mark.parametrize("tail", [b"x\r\n", b"\r\n-1\r\n", b"\r\n0x5\r\nhello\r\n0\r\n\r\n", b"\n0\r\n\r\n", b"\r\n5\nhello\r\n0\r\n\r\n",
                                  b"\r\n10000000000000000\r\n", b"\r\n8000000000000000\r\n", b"\r\n5;" + b"x" * 100_000 + b"\r\n",
                                  b"\r\n0\r\n" + b"X: y\r\n" * 10_000], ids=lambda tail: ascii(tail[:30]))
def test_malformed_chunks(run, target, tail):
    """The bytes before the fault are kept, none behind it are taken."""
    result = fetch(run, target, Answer(head("200 OK", "Transfer-Encoding: chunked") + b"5\r\nhello" + tail, end=stays_open))
    assert result.status == 9 and names_in(target) == KEPT, result
    assert (target / "file.part").read_bytes() == b"hello"


@pytest.mark.parametrize("answer", [sized(b"content"), head("200 OK", "Transfer-Encoding: chunked") + chunked(b"content", [3])],
                         ids=["length", "chunked"])
def test_bytes_behind_the_end_are_not_taken(run, target, answer):
    result = fetch(run, target, Answer(answer + b"HTTP/1.1 200 OK\r\n\r\nmore"))
    assert_saved(result, target, b"content")
    assert "more than it announced" in result.err, result


def test_many_bytes_behind_the_end_are_not_taken(run, target):
    """The client leaves at the end instead of reading on."""
    result = fetch(run, target, Answer(sized(CONTENT), CONTENT * 30))
    assert_saved(result, target, CONTENT)


@pytest.mark.parametrize("fields, data", [(["Content-Length: 300000"], b"hello"), (["Transfer-Encoding: chunked"], b"20\r\nhello"),
                                          ([], b"hello")], ids=["length", "chunked", "to the end"])
def test_server_that_stops_midway(run, target, fields, data):
    result = fetch(run, target, Answer(head("200 OK", *fields) + data, end=stays_open), "--timeout", "400ms")
    assert result.status == 4 and "file.part" in result.err, result
    assert (target / "file.part").read_bytes() == b"hello" and names_in(target) == KEPT


# --- status codes

@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
@pytest.mark.parametrize("old", [False, True], ids=["no target", "old target"])
def test_not_there(run, target, status, old):
    if old:
        (target / "file").write_bytes(b"old")
        before = os.stat(target / "file")
    result = fetch(run, target, Answer(head(status, "Content-Length: 9") + b"not there"))
    assert result.status == 5 and status in result.err, result
    assert names_in(target) == (["file"] if old else [])
    if old:
        after = os.stat(target / "file")
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "501 Not Implemented", "503 Service Unavailable", "400 Bad Request",
                                    "403 Forbidden", "401 Unauthorized", "416 Range Not Satisfiable", "599 x", "206 Partial Content",
                                    "204 No Content", "201 Created", "304 Not Modified", "300 Multiple Choices",
                                    "101 Switching Protocols"])
def test_answers_that_are_not_the_file(run, target, status):
    assert_refused(fetch(run, target, Answer(head(status, "Content-Length: 4") + b"text")), target, 6, status)


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 x"])
def test_redirects_are_followed(run, target, status):
    """The name stays that of the URL the user gave."""
    with raw.ScriptedServer(Answer(sized(b"elsewhere"))) as other:
        script = Answer(head(status, f"Location: http://127.0.0.1:{other.port}/other", "Content-Length: 0"))
        assert_saved(fetch(run, target, script), target, b"elsewhere")
        assert other.accepted == 1


@pytest.mark.parametrize("place", ["file:///etc/passwd", "javascript:alert(1)", "ftp://127.0.0.1/x", "tcp://127.0.0.1:7890/x", ""])
def test_redirects_to_other_schemes_are_refused(run, target, place):
    script = Answer(head("302 Found", f"Location: {place}", "Content-Length: 0"))
    assert_refused(fetch(run, target, script), target, 6, place)


def test_endless_redirects(run, target):
    script = Answer(head("302 Found", "Location: /again", "Content-Length: 0", "Connection: close"))
    with raw.ScriptedServer(script) as server:
        assert_refused(run("get", *harness.one_try(), url(server.port), cwd=target), target, 6, "redirect")
        assert server.accepted <= 21


@pytest.mark.parametrize("answer", [head("500 \x1b[31mred\x07\u202e"), head("302 Found", "Location: \x1b]0;title\x07\u202e"),
                                    head("200 OK", "Content-Encoding: \x1b[31m"), head("200 OK", "Transfer-Encoding: \x1b[31m")])
def test_words_of_the_server_are_escaped(run, target, answer):
    result = fetch(run, target, Answer(answer))
    assert result.status in (6, 9) and names_in(target) == [], result
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", result.err), ascii(result.err)
    assert len(result.err) < 300 and result.err.count("\n") == 1, result


def test_long_words_of_the_server_are_cut(run, target):
    result = fetch(run, target, Answer(head("302 Found", "Location: http://h/" + "x" * 60_000)))
    assert result.status == 6 and len(result.err) < 2000, result


@pytest.mark.parametrize("coding", ["gzip", "br", "x-gzip", "identity\r\nContent-Encoding: deflate"])
def test_compressed_answers_are_refused(run, target, coding):
    script = Answer(head("200 OK", f"Content-Encoding: {coding}", "Content-Length: 4") + b"\x1f\x8b\x08\x00")
    assert_refused(fetch(run, target, script), target, 6, coding.rpartition(" ")[2])


# --- no HTTP, or broken

GARBAGE = {
    "html": b"<html>hello</html>", "tls alert": b"\x15\x03\x01\x00\x02\x02\x16", "http 2": b"HTTP/2.0 200 OK\r\n\r\n",
    "http 9": b"HTTP/9.9 200 OK\r\n\r\n", "status 42": b"HTTP/1.1 42 x\r\n\r\n", "status 999": b"HTTP/1.1 999 x\r\n\r\n",
    "no status": b"HTTP/1.1\r\n\r\n", "nul": b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n", "bare cr": b"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
    "no colon": b"HTTP/1.1 200 OK\r\nX\r\n\r\n", "blank before colon": b"HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\ntext",
    "two lengths": head("200 OK", "Content-Length: 4", "Content-Length: 5") + b"text",
    "lengths in a list": head("200 OK", "Content-Length: 4, 5") + b"text", "negative": head("200 OK", "Content-Length: -1"),
    "plus": head("200 OK", "Content-Length: +4") + b"text", "too large": head("200 OK", "Content-Length: 18446744073709551616"),
    "unknown coding": head("200 OK", "Transfer-Encoding: gzip, chunked") + b"4\r\ntext\r\n0\r\n\r\n",
    "huge field": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", "many fields": head("200 OK", *["A: b"] * 1000),
    "endless line": b"HTTP/1.1 200 " + b"x" * 200_000,
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_malformed_answers(run, target, answer):
    """Refused as soon as it is certain, although the connection stays open."""
    assert_refused(fetch(run, target, Answer(answer, end=stays_open)), target, 9)


def test_chunks_count_more_than_a_length_beside_them(run, target):
    answer = head("200 OK", "Content-Length: 9", "Transfer-Encoding: chunked") + b"4\r\ntext\r\n0\r\n\r\n"
    result = fetch(run, target, Answer(answer, end=stays_open))
    assert_saved(result, target, b"text")
    assert "the chunks count" in result.err, result


def test_unknown_transfer_coding_is_named(run, target):
    assert "gzip, chunked" in fetch(run, target, Answer(GARBAGE["unknown coding"])).err


@pytest.mark.parametrize("beginning", [b"", b"H", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n", head("100 Continue")],
                         ids=ascii)
@pytest.mark.parametrize("end", ["fin", "reset"])
def test_connection_that_ends_before_the_head_does(run, target, beginning, end):
    assert_refused(fetch(run, target, Answer(beginning, end=resets if end == "reset" else None)), target, 9)


def test_head_that_never_ends(run, target):
    """The head as a whole has the timeout: a server that drips it cannot hold the client for ever."""
    pause = threading.Event()

    def script(sock):
        read_request(sock)
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000:
            sock.sendall(bytes([byte]))
            pause.wait(0.05)

    assert_refused(fetch(run, target, script, "--timeout", "600ms"), target, 4)


def test_server_that_never_answers(run, target):
    assert_refused(fetch(run, target, Answer(end=stays_open), "--timeout", "400ms"), target, 4)


def test_refused_connection(run, target):
    assert_refused(run("get", *harness.one_try(), url(raw.free_port()), cwd=target), target, 3)


def test_answer_before_the_request_was_read(run, target):
    def script(sock):
        sock.sendall(head("503 Busy", "Content-Length: 0", "Connection: close"))
        raw.wait_delivered(sock)
        sock.shutdown(socket.SHUT_WR)
        raw.read_end(sock)

    assert_refused(fetch(run, target, script), target, 6, "503 Busy")


def test_retries_after_a_cut(run, target):
    scripts = [Answer(head("200 OK", "Content-Length: 7") + b"con"), Answer(sized(b"content"))]
    with raw.ScriptedServer(lambda sock: scripts.pop(0)(sock)) as server:
        result = run("get", "--retries", "1", url(server.port), cwd=target)
    assert_saved(result, target, b"content")


# --- requests

def test_request(run, target):
    script = Answer(sized(b"content"))
    with raw.ScriptedServer(script) as server:
        assert run("get", url(server.port, "dir/a%20b?x=1&y#fragment"), cwd=target).status == 0
    lines = script.requests[0].decode().split("\r\n")
    assert lines[0] == "GET /dir/a%20b?x=1&y HTTP/1.1"
    fields = dict(line.split(": ", 1) for line in lines[1:-2])
    agent = fields.pop("User-Agent")
    assert re.fullmatch(r"sampan/[0-9.]+", agent), agent
    assert fields == {"Host": f"127.0.0.1:{server.port}", "Accept": "*/*", "Accept-Encoding": "identity",
                      "Want-Repr-Digest": "sha-256=10, sha-512=5"}
    assert names_in(target) == ["a b"]


@pytest.mark.parametrize("path, sent, name", [
    ("文件.txt", "/%E6%96%87%E4%BB%B6.txt", "文件.txt"), ("%E6%96%87%e4%bb%b6.txt", "/%E6%96%87%e4%bb%b6.txt", "文件.txt"),
    ("a b", "/a%20b", "a b"), ("a%2520b", "/a%2520b", "a%20b"), ("100%.txt", "/100%25.txt", "100%.txt"), ("a+b", "/a+b", "a+b"),
    ("dir/sub/x?y", "/dir/sub/x?y", "x"), ("..%2f..%2fevil", "/..%2f..%2fevil", "evil"), ("a%0Db%1b", "/a%0Db%1b", "a_b_"),
    ("a\r\nX: y", "/a%0D%0AX:%20y", "a__X: y")])
def test_paths_and_names(run, target, path, sent, name):
    script = Answer(sized(b"content"))
    result = fetch(run, target, script, path=path)
    assert_saved(result, target, b"content", name)
    assert script.requests[0].startswith(f"GET {sent} HTTP/1.1\r\nHost: ".encode()), script.requests


def test_url_without_a_file_name(run, target):
    script = Answer(sized(b"content"))
    with raw.ScriptedServer(script) as server:
        for path in ("", "/", "/dir/", "/?q"):
            result = run("get", f"http://127.0.0.1:{server.port}{path}", cwd=target)
            assert_refused(result, target, 2, "--output")
        assert_saved(run("get", f"http://127.0.0.1:{server.port}", "-o", "index", cwd=target), target, b"content", "index")
    assert script.requests[0].startswith(b"GET / HTTP/1.1\r\n")


def test_https_of_a_server_without_tls(run, target):
    """Never by plain HTTP instead."""
    def script(sock):
        assert sock.recv(65536)[:1] == b"\x16"
        sock.sendall(head("400 Bad Request", "Connection: close"))

    with raw.ScriptedServer(script) as server:
        result = run("get", *harness.one_try(), f"https://127.0.0.1:{server.port}/file", cwd=target)
        assert_refused(result, target, 9, "TLS")
        assert server.accepted == 1


def test_the_server_may_name_the_file(run, target):
    script = Answer(head("200 OK", "Content-Length: 7", 'Content-Disposition: attachment; filename="../named"') + b"content")
    assert_saved(fetch(run, target, script, path="?id=1"), target, b"content", "named")


def test_over_ipv6(run, target):
    script = Answer(sized(b"content"))
    assert_saved(fetch(run, target, script, host="::1"), target, b"content")
    assert re.search(rb"\r\nHost: \[::1\]:\d+\r\n", script.requests[0])


def test_messages_in_chinese(run, target):
    result = fetch(run, target, Answer(head("404 Not Found")), env=harness.CHINESE)
    assert result.status == 5 and "404 Not Found" in result.err and re.search("[\u4e00-\u9fff]", result.err), result


# --- the form without a scheme

def bare_url(port, name="file"):
    return f"127.0.0.1:{port}/{urllib.parse.quote(name)}"


@pytest.mark.parametrize("answer", [sized(CONTENT), head("200 OK", "Transfer-Encoding: chunked") + chunked(CONTENT, [5000])],
                         ids=["length", "chunked"])
def test_without_a_scheme_http_is_taken(run, target, answer):
    script = Answer(answer)
    with raw.ScriptedServer(script) as server:
        result = run("get", bare_url(server.port, "dir/q?x=1#文"), cwd=target)
        assert server.accepted == 1
    assert_saved(result, target, CONTENT, "q?x=1#文")
    assert script.requests[0].startswith(b"GET /dir/q%3Fx%3D1%23%E6%96%87 HTTP/1.1\r\n")
    assert not re.search("(?i)length", result.err), result


@pytest.mark.parametrize("answer, status", [(head("404 Not Found"), 5), (head("500 x"), 6),
                                            (b"garbage", 9), (b"HTTP/1.1 200 OK\r\n", 9), (head("100 Continue"), 9)])
def test_no_second_try_by_bare_name_once_something_came(run, target, answer, status):
    with raw.ScriptedServer(Answer(answer)) as server:
        assert_refused(run("get", *harness.one_try(), bare_url(server.port), cwd=target), target, status)
        assert server.accepted == 1


def test_http_url_never_falls_back(run, files, target):
    with peers.Background(peers.serve_files, folder=files) as server:
        assert_refused(run("get", *harness.one_try(), url(server.port, "ten.txt"), cwd=target), target, 9)


# --- a real server

@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "dir").mkdir()
    for name, content in {"ten.txt": tree.TEN, "empty": b"", "medium": tree.pattern(3_000_000), "文件.txt": b"named in Chinese",
                          "dir/a.txt": b"in a folder", "with space": b"spaced", "a%20b": b"percent"}.items():
        (folder / name).write_bytes(content)
    return folder


@contextlib.contextmanager
def python_server(folder, protocol):
    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = protocol

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module", params=["HTTP/1.0", "HTTP/1.1"])
def python_port(request, files):
    with python_server(files, request.param) as port:
        yield port


@pytest.mark.parametrize("scheme", ["http://", ""], ids=["http", "no scheme"])
@pytest.mark.parametrize("name", ["ten.txt", "empty", "medium", "文件.txt", "dir/a.txt", "with space", "a%20b"])
def test_from_pythons_server(run, python_port, files, target, scheme, name):
    result = run("get", f"{scheme}127.0.0.1:{python_port}/{urllib.parse.quote(name)}", cwd=target)
    assert_saved(result, target, (files / name).read_bytes(), name.rpartition("/")[2])


def test_missing_at_pythons_server(run, python_port, target):
    assert_refused(run("get", url(python_port, "missing"), cwd=target), target, 5, "404")


# --- a terminal

def test_progress_bar_tells_share_and_time_left(on_terminal, target):
    pause = threading.Event()
    piece = tree.pattern(64 << 10)

    def script(sock):
        read_request(sock)
        sock.sendall(head("200 OK", f"Content-Length: {len(piece) * 20}"))
        for _ in range(20):
            sock.sendall(piece)
            pause.wait(0.1)

    with raw.ScriptedServer(script) as server:
        terminal = on_terminal("get", url(server.port), cwd=target)
        assert terminal.wait() == 0, terminal.text
    assert (target / "file").read_bytes() == piece * 20
    shares = [int(share) for share in re.findall(r"(\d+) ?%", terminal.text)]
    assert len(shares) >= 3 and shares == sorted(shares) and shares[-1] == 100 and shares[0] < 50, terminal.text
    assert re.search(r"/ 1\.2 MiB .*B/s .*\d:\d\d left", terminal.text), terminal.text
    assert "unknown" not in terminal.text


@pytest.mark.full
def test_memory_stays_bounded(start, target, sampan):
    """256 MiB in chunks, measured while the connection is still open."""
    piece = tree.pattern(1 << 20)
    measured = []

    def script(sock):
        read_request(sock)
        sock.sendall(head("200 OK", "Transfer-Encoding: chunked"))
        for _ in range(256):
            sock.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        raw.wait_delivered(sock)
        measured.append(harness.highest_memory(process.pid))
        sock.sendall(b"0\r\n\r\n")

    with raw.ScriptedServer(script) as server:
        process = start("get", url(server.port), cwd=target)
        assert process.wait(120) == 0
    assert os.stat(target / "file").st_size == 256 << 20
    os.unlink(target / "file")
    if not harness.is_sanitized(sampan):
        assert measured[0] < 32
