"""`sampan get` over several connections at once: servers that allow fewer, answer the others otherwise, or change the file."""
import itertools
import threading

import harness
import hostile
import pytest
import tree
from hostile import File, answering, exact, heedless, message, one_at_a_time

pytestmark = pytest.mark.full

#: Large enough that it is worth more than one connection.
SIZE = 24 << 20
FILE = File(tree.pattern(1 << 20) * (SIZE >> 20))
OTHER = File(tree.pattern(1 << 20, b"other") * (SIZE >> 20), etag='"B"')
SLOW = ["--speed-limit", "10K", "--speed-time", "1s", "--timeout", "5s"]


def slowly(behaviour):
    """The server's first connections wait for more of them, so that one does not get all before the next begins."""
    gate = threading.Event()

    def behave(exchange):
        if exchange.request.connection > 0:
            gate.set()
        exchange.send(b"")
        gate.wait(0.5)
        return behaviour(exchange)
    return behave


def fetch(rig, behaviour, *words, connections=4, right=FILE.content, **options):
    rig.right.add(right)
    with hostile.Server(behaviour) as server:
        result = rig.get(*words, server.url(), connections=connections, timeout=60, **options)
        result.requests = server.requests
    return result


@pytest.mark.parametrize("connections", [None, 1, 2, 4, 16])
def test_whole(rig, connections):
    rig.assert_got(fetch(rig, FILE, connections=connections), FILE.content)


def test_more_than_one_is_used(rig):
    result = fetch(rig, slowly(FILE))
    rig.assert_got(result, FILE.content)
    assert len({request.connection for request in result.requests}) > 1, result.requests


OTHERS = {
    "503": exact(message("503 Busy", ["Retry-After: 1", "Content-Length: 0"]), keep=True),
    "429": exact(message("429 Slow", ["Content-Length: 0"])),
    "403": exact(message("403 Forbidden", ["Content-Length: 0"])), "404": exact(message("404 Not Found", ["Content-Length: 0"])),
    "closes": hostile.drop, "resets": hostile.resets, "garbage": exact(b"garbage\r\n\r\n"), "whole": exact(FILE.whole()),
    "portal": exact(message("200 OK", ["Content-Type: text/html", "Content-Length: 4"], b"page")),
    "no Content-Range": answering(lambda request: FILE.partial(None, FILE.content[request.first:])),
    "cut": hostile.cut(FILE, 10_000), "416": exact(message("416 No", [f"Content-Range: bytes */{SIZE}", "Content-Length: 0"])),
    "another place": answering(lambda request: FILE.part(min(request.first + 1, SIZE - 1), request.span[1]), keep=False),
    "to the end": answering(lambda request: FILE.part(request.first), keep=False),
    "little": answering(lambda request: FILE.part(request.first, request.first + 99_999)),
    "multipart": answering(lambda request: message("206 Partial Content", ["Content-Type: multipart/byteranges; boundary=x", 'ETag: "A"',
                                                                           "Content-Length: 8"], b"--x--\r\n\r\n"[:8]), keep=False),
}


@pytest.mark.parametrize("others", OTHERS.values(), ids=OTHERS.keys())
def test_other_connections_get_another_answer(rig, others):
    """The one that works goes on; the file is whole."""
    rig.assert_got(fetch(rig, one_at_a_time(slowly(FILE), others)), FILE.content)


@pytest.mark.parametrize("others", [hostile.silent, hostile.cut(FILE, 60_000, hostile.stays_open)], ids=["silent", "stops"])
def test_other_connections_stop(rig, others):
    """Given up after a while; what was theirs is fetched by the one that works."""
    rig.assert_got(fetch(rig, one_at_a_time(slowly(FILE), others), *SLOW), FILE.content)


def test_last_piece_stops_for_ever(rig):
    """The connection that has the file's end stops just before it: its range is given to another."""
    turns = itertools.count()

    def behave(exchange):
        answer = FILE.answer(exchange.request)
        if answer.endswith(FILE.content[-1000:]) and next(turns) == 0:
            exchange.send(answer[:-1000])
            exchange.wait_left()
            return False
        exchange.send(answer)
        return True
    rig.assert_got(fetch(rig, behave, *SLOW), FILE.content)


@pytest.mark.parametrize("others", [OTHER, heedless(OTHER), File(OTHER.content, etag=None), File(OTHER.content + b"more", etag='"B"'),
                                    heedless(File(OTHER.content, etag='W/"A"')), heedless(File(OTHER.content[:-5], etag='"B"'))],
                         ids=["keeps the rules", "heedless", "no tag", "longer", "weak tag", "shorter"])
def test_other_connections_have_another_file(rig, others):
    """Two servers behind one address that do not have the same file: never a mixture."""
    right = others.content if isinstance(others, File) else OTHER.content
    rig.right |= {right, OTHER.content, OTHER.content[:-5]}
    result = fetch(rig, one_at_a_time(slowly(heedless(FILE)), others), "--retries", 2)
    assert result.status in (0, 6, 7, 9), result
    assert result.status or rig.read() is not None


def test_file_changes_at_the_third_request(rig):
    rig.right.add(OTHER.content)
    result = fetch(rig, lambda exchange: heedless(FILE if exchange.request.number < 2 else OTHER)(exchange), "--retries", 3)
    assert result.status in (0, 7), result


def test_tag_for_each_connection(rig):
    """The same bytes under other tags."""
    result = fetch(rig, lambda exchange: heedless(File(FILE.content, etag=f'"{exchange.request.connection}"'))(exchange), "--retries", 3)
    rig.assert_got(result, FILE.content)


def test_cut_of_all_is_kept_and_gone_on_with(rig):
    """Each connection ends after 2 MiB: what came on all of them is worth something in the next run."""
    rig.right.add(FILE.content)
    with hostile.Server(slowly(hostile.cut(FILE, 2 << 20))) as server:
        assert rig.get("--retries", 0, server.url(), connections=4, timeout=60).status == 9
        first = len(server.requests)
        server.behaviour = FILE
        server.forget()
        rig.assert_got(rig.get(server.url(), connections=4, timeout=60), FILE.content)
        asked = sum((request.span[1] if request.span[1] is not None else SIZE - 1) + 1 - request.first
                    for request in server.requests if request.method == "GET")
    assert first and asked < SIZE + (4 << 20), "bytes of the first run were asked for again"


def test_interrupted_and_gone_on_with(rig, start):
    rig.right.add(FILE.content)
    go_on = threading.Event()

    def halting(exchange):
        exchange.deliver(FILE.answer(exchange.request)[:3 << 20])
        go_on.wait(harness.PATIENCE)
    with hostile.Server(halting) as server:
        process = start("get", "-n", 3, server.url(), cwd=rig.folder)
        harness.wait_until(lambda: rig.kept and server.requests, "the download has begun")
        process.signal(2)
        assert process.wait() == 130
        go_on.set()
        server.behaviour = FILE
        rig.assert_got(rig.get(server.url(), connections=3, timeout=60), FILE.content)


# --- mirrors

def test_mirrors_share_the_work_or_one_does_it(rig):
    rig.right.add(FILE.content)
    with hostile.Server(slowly(FILE)) as one, hostile.Server(FILE) as two:
        rig.assert_got(rig.get("--mirror", two.url(), one.url(), connections=4, timeout=60), FILE.content)


@pytest.mark.parametrize("bad", [exact(message("404 Not Found", ["Content-Length: 0"])), hostile.drop, OTHER,
                                 exact(message("500 x", ["Content-Length: 0"])), File(b"short", etag='"A"')],
                         ids=["404", "closes", "another file", "500", "short"])
@pytest.mark.parametrize("order", ["bad mirror", "bad first"])
def test_bad_mirror(rig, bad, order):
    """One of two does not have the file: the other one's, or a failure; never a mixture."""
    rig.right |= {FILE.content, OTHER.content, b"short"}
    with hostile.Server(slowly(FILE)) as good, hostile.Server(bad) as other:
        urls = [good.url(), other.url()] if order == "bad mirror" else [other.url(), good.url()]
        result = rig.get("--retries", 1, "--mirror", urls[1], urls[0], connections=4, timeout=60)
    assert result.status in (0, 7), result
    if not isinstance(bad, File):
        rig.assert_got(result, FILE.content)


def test_mirror_that_dies_on_the_way(rig):
    rig.right.add(FILE.content)
    with hostile.Server(FILE) as good, hostile.Server(hostile.cut(FILE, 5 << 20)) as dying:
        rig.assert_got(rig.get("--retries", 2, "--mirror", good.url(), dying.url(), timeout=60), FILE.content)
