"""`sampan serve` over HTTP: plain GET and HEAD of files, and files that change while they are sent."""
import os
import time

import harness
import pytest
import raw
import site_tree
import tree
import web

BIG = 64 << 20


def test_get_of_a_file(port):
    before = time.time()
    answer = web.get(port, "/ten.txt")
    assert answer.status == 200 and answer.reason == "OK" and answer.body == tree.TEN
    assert answer["content-length"] == "10"
    assert answer["accept-ranges"] == "bytes"
    assert answer["content-type"] == "text/plain; charset=utf-8"
    assert answer["last-modified"] == web.date(site_tree.MODIFIED)
    assert answer["x-content-type-options"] == "nosniff"
    assert web.STRONG_TAG.match(answer["etag"])
    assert int(before) - 2 <= web.seconds(answer["date"]) <= time.time() + 2
    assert "content-encoding" not in answer and "content-range" not in answer and not answer.closes


@pytest.mark.parametrize("target", ["/ten.txt", "/empty", "/medium", "/dir/", "/idx/", "/dir", "/missing", "/..%2fsecret"])
def test_head_has_the_fields_of_get(port, target):
    """RFC 9110 9.3.2; only the length of what is made while it is sent may be left out."""
    def compared(answer):
        return [field for field in answer.fields if field[0] not in ("date", "transfer-encoding")]

    from_head, from_get = web.head(port, target), web.get(port, target)
    assert (from_head.status, from_head.body) == (from_get.status, b"")
    if "content-length" in from_head or "content-length" in from_get:
        assert compared(from_head) == compared(from_get)


def test_head_of_a_folder(port):
    answer = web.head(port, "/dir/")
    assert answer.status == 200 and answer["content-type"] == "text/html; charset=utf-8"


def test_empty_file(port):
    answer = web.get(port, "/empty")
    assert (answer.status, answer.body, answer["content-length"]) == (200, b"", "0") and "etag" in answer


@pytest.mark.parametrize("target, media_type, content", [
    ("/style.css", "text/css; charset=utf-8", site_tree.STYLE), ("/page.html", "text/html; charset=utf-8", site_tree.PAGE),
    ("/noext", "application/octet-stream", bytes(5000) + b"\0\1\2"),
    ("/%F0%9F%98%80.bin", "application/octet-stream", tree.content_of("😀.bin".encode())),
    ("/medium", "application/octet-stream", tree.pattern(3_000_000))])
def test_media_type(port, target, media_type, content):
    answer = web.get(port, target)
    assert (answer.status, answer["content-type"], answer.body) == (200, media_type, content)


@pytest.mark.parametrize("target, lines, status", [
    ("/ten.txt", [], 200), ("/noext", [], 200), ("/dir/", [], 200), ("/dir/", ["Accept: application/json"], 200),
    ("/dir", [], 301), ("/missing", [], 404), ("/ten.txt", ["Range: bytes=0-0"], 206),
    ("/ten.txt", ["Range: bytes=0-0,5-5"], 206), ("/ten.txt", ["Range: bytes=50-"], 416),
    ("/ten.txt", ["If-Match: \"x\""], 412), ("/ten.txt%00", [], None)])
def test_no_answer_may_be_sniffed(port, target, lines, status):
    answer = web.get(port, target, *lines)
    assert answer["x-content-type-options"] == "nosniff"
    assert answer.status in ((400, 404) if status is None else (status,))


@pytest.mark.parametrize("target", ["/missing", "/missing/", "/dir/missing", "/ten.txt/", "/out"])
def test_errors_have_a_short_readable_body(port, target):
    answer = web.get(port, target)
    assert answer.status == 404 and answer["content-type"].split(";")[0] in ("text/html", "text/plain")
    assert b"404" in answer.body and len(answer.body) < 4096
    assert "etag" not in answer and "last-modified" not in answer


@pytest.mark.parametrize("target", ["/ten.txt?x=1&y", "/ten.txt?", "/ten.txt??", "/ten.txt?/../x%zz"])
def test_query_of_a_file_is_ignored(port, target):
    plain, answer = web.get(port, "/ten.txt"), web.get(port, target)
    assert (answer.status, answer.body, answer["etag"]) == (200, tree.TEN, plain["etag"])


def test_many_requests_on_one_connection(port):
    """Small from memory, large by the kernel, nothing at all, in turn: each answer is its own."""
    wanted = [("/ten.txt", 200, tree.TEN), ("/medium", 200, tree.pattern(3_000_000)), ("/empty", 200, b""),
              ("/missing", 404, None), ("/dir/a.txt", 200, b"a"), ("/noext", 200, bytes(5000) + b"\0\1\2")]
    with web.Connection(port) as connection:
        for _ in range(5):
            for target, status, body in wanted:
                answer = connection.ask(target)
                assert answer.status == status and body in (None, answer.body), target


@pytest.mark.parametrize("size", [1, 4095, 4096, 4097, 16383, 16385, 65535, 65536, 65537, 131073, 262144, 1_048_577])
def test_sizes_around_buffers(serve, tmp_path, size):
    (tmp_path / "file").write_bytes(tree.pattern(size))
    with serve(tmp_path) as server, web.Connection(server.port) as connection:
        for _ in range(3):
            assert connection.ask("/file").body == tree.pattern(size)


# --- files that change

@pytest.fixture
def changing(serve, tmp_path):
    """A server, and a big file that changes."""
    (tmp_path / "file").write_bytes(tree.pattern(1 << 20) * (BIG >> 20))
    with serve(tmp_path) as server:
        yield server, tmp_path / "file"


def started(connection):
    """Asks for the file, takes the head, and reads no further."""
    connection.send(web.request("/file"))
    answer = connection.head()
    assert answer["content-length"] == str(BIG)


def test_file_replaced_between_two_requests(changing):
    server, path = changing
    first = web.get(server.port, "/file")
    path.with_name("new").write_bytes(b"new")
    path.with_name("new").rename(path)
    second = web.get(server.port, "/file")
    assert first.body == tree.pattern(1 << 20) * (BIG >> 20) and second.body == b"new"
    assert first["etag"] != second["etag"]


def test_file_replaced_while_it_is_sent(changing):
    """What was begun goes on with the file that was opened."""
    server, path = changing
    with web.Connection(server.port, receive_buffer=4096) as connection:
        started(connection)
        path.with_name("new").write_bytes(b"new")
        path.with_name("new").rename(path)
        assert connection.exactly(BIG) == tree.pattern(1 << 20) * (BIG >> 20)
        assert connection.ask("/file").body == b"new"


def test_file_truncated_while_it_is_sent(changing):
    """No zeros in the place of what is gone, and no end that looks like one."""
    server, path = changing
    with web.Connection(server.port, receive_buffer=4096) as connection:
        started(connection)
        os.truncate(path, 1 << 20)
        data, end = connection.rest()
    assert end == raw.RESET and len(data) < BIG
    assert data == (tree.pattern(1 << 20) * (BIG >> 20))[:len(data)]
    assert web.get(server.port, "/file").body == tree.pattern(1 << 20)


def test_file_grown_while_it_is_sent(changing):
    server, path = changing
    with web.Connection(server.port, receive_buffer=4096) as connection:
        started(connection)
        with open(path, "ab") as file:
            file.write(b"more" * 1000)
        assert connection.exactly(BIG) == tree.pattern(1 << 20) * (BIG >> 20)
        assert len(connection.ask("/file").body) == BIG + 4000


def test_file_deleted_while_it_is_sent(changing):
    server, path = changing
    with web.Connection(server.port, receive_buffer=4096) as connection:
        started(connection)
        path.unlink()
        assert connection.exactly(BIG) == tree.pattern(1 << 20) * (BIG >> 20)
        assert connection.ask("/file").status == 404


def test_unreadable_files_are_not_served(serve, needs_root, sampan_for_all, open_folder):
    root = tree.build(open_folder)
    with serve(root, program=sampan_for_all, user=harness.NOBODY, group=harness.NOBODY, extra_groups=[]) as server:
        assert web.get(server.port, "/ten.txt").body == tree.TEN
        for target in ("/noread", "/nodir/", "/nodir/inner"):
            assert web.get(server.port, target).status in (403, 404), target
            assert web.head(server.port, target).status in (403, 404), target


@pytest.mark.parametrize("target", ["/fifo", "/sock", "/null", "/zero"])
def test_what_is_no_file_is_not_there(port, target):
    assert web.get(port, target).status == 404
    assert web.get(port, target, "Range: bytes=0-0").status == 404
