"""`sampan serve` over HTTP: what is answered from memory is never older than the file."""
import os
import threading

import harness
import pytest
import raw
import web

SWAPS = 1000


@pytest.fixture
def cached(serve, tmp_path):
    """cached(): a connection on which a small file, tmp_path/folder/file, was asked for until it must be in memory."""
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "file"
    path.write_bytes(b"first")
    web.settle(path)
    with serve("--workers", 1, tmp_path) as server, web.Connection(server.port) as connection:
        for _ in range(50):
            answer = connection.ask("/folder/file")
            assert answer.body == b"first"
        yield connection, path, answer["etag"]


def test_rewritten_in_place_with_the_same_size_and_time(cached):
    connection, path, tag = cached
    before = path.stat()
    with open(path, "r+b") as file:
        file.write(b"other")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    answer = connection.ask("/folder/file")
    assert answer.body == b"other" and answer["etag"] != tag
    assert connection.ask("/folder/file", f"If-None-Match: {tag}").status == 200


def test_replaced_by_rename(cached):
    connection, path, tag = cached
    path.with_name("new").write_bytes(b"other")
    path.with_name("new").rename(path)
    answer = connection.ask("/folder/file")
    assert answer.body == b"other" and answer["etag"] != tag
    assert connection.ask("/folder/file", f"If-Match: {tag}").status == 412


def test_deleted_and_made_again(cached):
    connection, path, tag = cached
    path.unlink()
    assert connection.ask("/folder/file").status == 404
    assert connection.ask("/folder/file", f"If-None-Match: {tag}").status == 404
    path.write_bytes(b"again")
    assert connection.ask("/folder/file").body == b"again"


def test_folder_renamed_away_and_another_in_its_place(cached):
    connection, path, tag = cached
    path.parent.rename(path.parent.with_name("away"))
    assert connection.ask("/folder/file").status == 404
    assert connection.ask("/away/file").body == b"first"
    path.parent.mkdir()
    path.write_bytes(b"other")
    answer = connection.ask("/folder/file")
    assert answer.body == b"other" and answer["etag"] != tag


def test_folder_replaced_by_a_link(cached, tmp_path):
    connection, path, _ = cached
    path.parent.rename(tmp_path.parent / (tmp_path.name + "-outside"))
    (tmp_path / "folder").symlink_to(f"../{tmp_path.name}-outside")
    assert connection.ask("/folder/file").status == 404


def test_file_replaced_by_something_else(cached):
    connection, path, _ = cached
    for make in (lambda: os.mkfifo(path), lambda: path.symlink_to("/etc/passwd"), lambda: path.symlink_to("file")):
        path.unlink()
        make()
        assert connection.ask("/folder/file").status == 404
    path.unlink()
    path.mkdir()
    assert connection.ask("/folder/file").status == 301


def test_truncated_and_grown(cached):
    connection, path, tag = cached
    tags = {tag}
    for content in (b"fir", b"", b"first and more", b"x" * 100_000, b"y"):
        os.truncate(path, 0)
        with open(path, "r+b") as file:
            file.write(content)
        answer = connection.ask("/folder/file")
        assert answer.body == content and answer["content-length"] == str(len(content))
        assert answer["etag"] not in tags
        tags.add(answer["etag"])


def test_index_page_that_comes_and_goes(cached):
    connection, path, _ = cached
    index = path.with_name("index.html")
    for _ in range(3):
        assert b"index.html" not in connection.ask("/folder/").body
        index.write_bytes(b"the index")
        for _ in range(3):
            assert connection.ask("/folder/").body == b"the index"
        index.unlink()


@pytest.mark.parametrize("what", ["file", "folder"])
def test_no_longer_readable(serve, needs_root, sampan_for_all, open_folder, what):
    (open_folder / "folder").mkdir()
    path = open_folder / "folder" / "file"
    path.write_bytes(b"first")
    web.settle(path)
    with serve(open_folder, program=sampan_for_all, user=harness.NOBODY, group=harness.NOBODY, extra_groups=[]) as server:
        with web.Connection(server.port) as connection:
            for _ in range(50):
                assert connection.ask("/folder/file").body == b"first"
            os.chmod(path if what == "file" else path.parent, 0)
            answer = connection.ask("/folder/file")
            assert answer.status in (403, 404) and b"first" not in answer.body
            os.chmod(path if what == "file" else path.parent, 0o755)
            assert connection.ask("/folder/file").body == b"first"


def test_written_right_before_every_request(cached):
    """Faster than the clock of the file system ticks."""
    connection, path, _ = cached
    tags = {}
    for number in range(500):
        content = b"%05d" % number
        with open(path, "r+b") as file:
            file.write(content)
        answer = connection.ask("/folder/file")
        assert answer.body == content
        if web.STRONG_TAG.match(answer["etag"]):
            assert tags.setdefault(answer["etag"], content) == content, "one strong tag for two contents"


def test_replaced_right_before_every_request(cached):
    connection, path, _ = cached
    new = path.with_name("new")
    for number in range(500):
        new.write_bytes(b"%05d" % number)
        new.rename(path)
        assert connection.ask("/folder/file").body == b"%05d" % number


def version(number):
    """Content of many sizes, up to more than is kept in memory, that tells a mixture of two."""
    return (b"%06d " % number) * (1 + number * 37 % 20_000 if number % 10 == 0 else 1 + number % 300)


@pytest.mark.parametrize("pipelined", [1, 4])
def test_replaced_all_the_time(serve, tmp_path, pipelined):
    """Each answer is wholly one version, none older than what was there when it was asked for; a strong tag names one version."""
    path, new = tmp_path / "file", tmp_path / "new"
    path.write_bytes(version(0))
    published, failures = [0], []
    done = threading.Event()

    def write():
        for number in range(1, SWAPS + 1):
            new.write_bytes(version(number))
            new.rename(path)
            published[0] = number
        done.set()

    def read(port):
        tags = {}
        with web.Connection(port) as connection:
            while not failures:
                last_round = done.is_set()
                oldest = published[0]
                connection.send(web.request("/file") * pipelined)
                for _ in range(pipelined):
                    answer = connection.answer()
                    number = int(answer.body[:6])
                    if answer.body != version(number) or number < oldest:
                        failures.append((oldest, number, len(answer.body)))
                    if web.STRONG_TAG.match(answer["etag"]) and tags.setdefault(answer["etag"], number) != number:
                        failures.append(("one tag", tags[answer["etag"]], number))
                if last_round:
                    assert number == SWAPS
                    return

    with serve(tmp_path) as server:
        writer = threading.Thread(target=write)
        writer.start()
        try:
            harness.in_parallel(read, [server.port] * 3)
        finally:
            writer.join()
    assert not failures, failures


def test_bare_names_are_as_fresh(cached):
    connection, path, _ = cached
    port = connection.sock.getpeername()[1]
    for number in range(20):
        path.write_bytes(b"%05d" % number)
        assert raw.ask(port, "folder/file") == connection.ask("/folder/file").body == b"%05d" % number
