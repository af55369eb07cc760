"""`sampan serve` over HTTP: conditional requests (RFC 9110 13) and the entity tags they rest on."""
import os

import pytest
import site_tree
import tree
import web

LATER, EARLIER, FUTURE = (web.date(site_tree.MODIFIED + 1), web.date(site_tree.MODIFIED - 1), "Fri, 01 Jan 2100 00:00:00 GMT")
SAME = web.date(site_tree.MODIFIED)

#: Fields and the status they lead to; TAG stands for the current entity tag.
CONDITIONS = [
    (["If-None-Match: TAG"], 304), (['If-None-Match: "x", TAG , "y"'], 304), (['If-None-Match: "x",TAG'], 304),
    (["If-None-Match: W/TAG"], 304), (["If-None-Match: *"], 304), (['If-None-Match: "x"', "If-None-Match: TAG"], 304),
    (['If-None-Match: "a,b", TAG'], 304), (["If-None-Match: , ,TAG"], 304),
    (['If-None-Match: "x"'], 200), (["If-None-Match: "], 200), (['If-None-Match: "x", W/"y"'], 200), (["If-None-Match: w/TAG"],
                                                                                                      200),
    # The date is ignored when there is a tag to compare (13.1.3).
    (['If-None-Match: "x"', f"If-Modified-Since: {FUTURE}"], 200), (["If-None-Match: TAG", f"If-Modified-Since: {EARLIER}"], 304),

    ([f"If-Modified-Since: {SAME}"], 304), ([f"If-Modified-Since: {LATER}"], 304), ([f"If-Modified-Since: {FUTURE}"], 304),
    ([f"If-Modified-Since: {EARLIER}"], 200), (["If-Modified-Since: yesterday"], 200), (["If-Modified-Since: "], 200),
    ([f"If-Modified-Since: {SAME}", f"If-Modified-Since: {SAME}"], 200), ([f"If-Modified-Since: {SAME}, {SAME}"], 200),
    (["If-Modified-Since: Sat, 03 Feb 2001 04:05:06 +0000"], 200), (["If-Modified-Since: Sat, 32 Feb 2001 04:05:06 GMT"], 200),
    # The two obsolete forms (5.6.7).
    (["If-Modified-Since: Saturday, 03-Feb-01 04:05:06 GMT"], 304), (["If-Modified-Since: Sat Feb  3 04:05:06 2001"], 304),
    (["If-Modified-Since: Saturday, 03-Feb-01 04:05:05 GMT"], 200), (["If-Modified-Since: Sat Feb  3 04:05:05 2001"], 200),

    (["If-Match: TAG"], 200), (['If-Match: "x", TAG'], 200), (['If-Match: "x"', "If-Match: TAG"], 200), (["If-Match: *"], 200),
    (['If-Match: "x"'], 412), (["If-Match: W/TAG"], 412), (['If-Match: "x", "y"'], 412), (["If-Match: "], 412),

    ([f"If-Unmodified-Since: {SAME}"], 200), ([f"If-Unmodified-Since: {FUTURE}"], 200), ([f"If-Unmodified-Since: {EARLIER}"], 412),
    (["If-Unmodified-Since: yesterday"], 200), (["If-Match: TAG", f"If-Unmodified-Since: {EARLIER}"], 200),
    (['If-Match: "x"', f"If-Unmodified-Since: {FUTURE}"], 412),

    # The order of 13.2.2.
    (['If-Match: "x"', "If-None-Match: TAG"], 412), (["If-Match: TAG", "If-None-Match: TAG"], 304),
    ([f"If-Unmodified-Since: {EARLIER}", f"If-Modified-Since: {SAME}"], 412),
    ([f"If-Unmodified-Since: {SAME}", f"If-Modified-Since: {SAME}"], 304),
]


@pytest.fixture(scope="module")
def current(web_server):
    """The answer without conditions."""
    return web.get(web_server.port, "/ten.txt")


def filled(lines, current):
    return [line.replace("TAG", current["etag"]) for line in lines]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("lines, status", CONDITIONS, ids=lambda value: " + ".join(value) if isinstance(value, list) else value)
def test_condition(port, current, lines, status, method):
    with web.Connection(port) as connection:
        answer = connection.ask("/ten.txt", *filled(lines, current), method=method)
        assert answer.status == status, answer
        assert (tree.TEN in answer.body) == ((status, method) == (200, "GET"))
        if not answer.closes:
            assert connection.ask("/ten.txt").body == tree.TEN


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_not_modified_answer(port, current, method):
    """RFC 9110 15.4.5: no body, no length of one, and the fields that a cache has to bring up to date."""
    answer = web.get(port, "/ten.txt", f"If-None-Match: {current['etag']}", method=method)
    assert answer.status == 304 and answer["etag"] == current["etag"]
    assert answer.get("content-length") in (None, "0") and "transfer-encoding" not in answer
    for name in ("cache-control", "vary", "expires", "content-location"):
        assert answer.get(name) == current.get(name), name


@pytest.mark.parametrize("lines, status", [
    (['If-Match: "x"', "Range: bytes=0-4"], 412), (["If-Match: TAG", "Range: bytes=0-4"], 206),
    (["If-None-Match: TAG", "Range: bytes=0-4"], 304), (["If-None-Match: TAG", "Range: bytes=50-"], 304),
    (['If-None-Match: "x"', "Range: bytes=0-4"], 206), ([f"If-Unmodified-Since: {EARLIER}", "Range: bytes=0-4"], 412),
    ([f"If-Modified-Since: {EARLIER}", "Range: bytes=0-4"], 206), (["If-Match: TAG", "Range: bytes=50-"], 416)])
def test_conditions_come_before_ranges(port, current, lines, status):
    answer = web.get(port, "/ten.txt", *filled(lines, current))
    assert answer.status == status
    assert answer.body == tree.TEN[:5] if status == 206 else tree.TEN[:5] not in answer.body


@pytest.mark.parametrize("line", ['If-Match: "x"', 'If-None-Match: "x"', "If-None-Match: *", f"If-Modified-Since: {FUTURE}"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_on_what_is_not_there(port, line, method):
    assert web.get(port, "/missing", line, method=method).status == 404


# --- entity tags

def versions(serve, tmp_path, *options):
    """The tags of a file and of another of the same size and time that replaced it."""
    path = tmp_path / "file"
    path.write_bytes(b"first")
    os.utime(path, ns=(10**18, 10**18))
    web.settle(path)
    with serve(*options, tmp_path) as server:
        first = web.get(server.port, "/file")
        assert first["etag"] == web.get(server.port, "/file")["etag"]
        path.with_name("new").write_bytes(b"other")
        os.utime(path.with_name("new"), ns=(10**18, 10**18))
        path.with_name("new").rename(path)
        web.settle(path)
        second = web.get(server.port, "/file")
        assert (first.body, second.body) == (b"first", b"other")
        assert first["last-modified"] == second["last-modified"]
        return first["etag"], second["etag"]


@pytest.mark.parametrize("options", [[], ["--etag", "full"]], ids=["default", "full"])
def test_full_tag_tells_files_of_the_same_size_and_time_apart(serve, tmp_path, options):
    first, second = versions(serve, tmp_path, *options)
    assert first != second and web.STRONG_TAG.match(first)


def test_size_and_mtime_tag_is_the_same_on_every_machine(serve, tmp_path):
    """For several servers of copies: nothing of the inode goes into it."""
    first, second = versions(serve, tmp_path, "--etag", "size-mtime")
    assert first == second


def test_tag_survives_a_restart(serve, site):
    tags = set()
    for _ in range(2):
        with serve(site.root) as server:
            tags.add(web.get(server.port, "/ten.txt")["etag"])
    assert len(tags) == 1


def test_files_have_tags_of_their_own(port):
    assert len({web.get(port, target)["etag"] for target in ("/ten.txt", "/in", "/dir/a.txt", "/dir/deep/b.txt", "/empty")}) == 4
