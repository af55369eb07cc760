"""`sampan get` and answers to a range that are wrong, odd, or other than asked for: no hole, no mixture, no wrapper is stored."""
import hashlib

import hostile
import pytest
import tree
from hostile import File, answering, by_range, ignorant, in_turn, message
from rig import A, COMPARED, HELD, LAST, SIZE

pytestmark = pytest.mark.full


def ranged(make):
    """`make(first, last)` answers a range, the file the rest."""
    return by_range(answering(lambda request: make(request.first, LAST if request.span[1] is None else request.span[1])), A)


def body(first, last=LAST):
    return A.content[first:last + 1]


def told(first, last, size=SIZE):
    """A Content-Range."""
    return f"bytes {first}-{last}/{size}"


# --- what can be used

GOOD = {
    "blocks": lambda first, last: A.part(first // 4096 * 4096, last),
    "large blocks": lambda first, last: A.part(first // (1 << 20) * (1 << 20), last),
    "from the beginning": lambda first, last: A.part(0, last),
    "one byte before": lambda first, last: A.part(max(0, first - 1), last),
    "size not told": lambda first, last: A.part(first, last, total="*"),
    "chunks": lambda first, last: A.partial(told(first, last), hostile.chunked(body(first, last)), "Transfer-Encoding: chunked"),
    "tiny chunks": lambda first, last: A.partial(told(first, last), hostile.chunked(body(first, last), 50), "Transfer-Encoding: chunked"),
    "no unit": lambda first, last: A.partial(f"{first}-{last}/{SIZE}", body(first, last)),
    "blanks": lambda first, last: A.partial(f"  bytes  {first}-{last}/{SIZE} ", body(first, last)),
    "equals sign": lambda first, last: A.partial(f"bytes={first}-{last}/{SIZE}", body(first, last)),
    "unit in capitals": lambda first, last: A.partial(f"BYTES {first}-{last}/{SIZE}", body(first, last)),
    "leading zeros": lambda first, last: A.partial(f"bytes 000{first}-{last}/{SIZE}", body(first, last)),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD.keys())
def test_odd_but_right(rig, half, make):
    """All of the answer that can be proved is used, or the whole is asked for: the file is right."""
    half.behaviour = ranged(make)
    rig.assert_got(rig.get(half.url()), A.content)


@pytest.mark.parametrize("make", [GOOD["blocks"], GOOD["size not told"], GOOD["chunks"], GOOD["from the beginning"]],
                         ids=["blocks", "size not told", "chunks", "from the beginning"])
def test_odd_but_right_is_not_fetched_anew(rig, half, make):
    half.behaviour = ranged(make)
    rig.assert_got(rig.get(half.url()), A.content)
    assert not half.asked_whole, half.requests


def test_overlap_with_other_bytes_means_that_the_file_changed(rig, half):
    """The same tag, but a block that begins before what is asked for differs from what is held."""
    other = File(tree.pattern(SIZE, b"other"))
    rig.right.add(other.content)
    half.behaviour = answering(lambda request: other.part(request.first // 65536 * 65536) if request.ranged else other.whole())
    result = rig.get(half.url())
    assert result.status in (0, 7), result
    assert rig.read() == (other.content if result.status == 0 else None), result


@pytest.mark.parametrize("share", [1 << 20, 65_536, 100_000], ids=str)
@pytest.mark.parametrize("fresh", [False, True], ids=["resumed", "fresh"])
def test_server_that_gives_little_at_a_time(rig, share, fresh):
    """Each 206 ends before the asked end: progress, no failure, whatever --retries says."""
    rig.right.add(A.content)

    def capped(request):
        return A.part(request.first, min(request.first + share, LAST + 1 if request.span[1] is None else request.span[1] + 1) - 1)
    with hostile.Server() as server:
        rig.begin(server, A, HELD if not fresh else 300_000)
        server.behaviour = by_range(answering(capped), A)
        rig.assert_got(rig.get("--retries", 0, server.url()), A.content)
        assert not server.asked_whole and len(server.requests) >= 2 or share == 1 << 20, server.requests


# --- what cannot

def multipart(first, last, parts=1):
    mark = b"--wrapper\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes %d-%d/%d\r\n\r\n%s\r\n"
    wrapped = mark % (first, last, SIZE, body(first, last)) * parts + b"--wrapper--\r\n"
    fields = [field for field in A.fields() if not field.startswith("Content-Type")]
    fields += ["Content-Type: multipart/byteranges; boundary=wrapper", f"Content-Length: {len(wrapped)}"]
    return message("206 Partial Content", fields, wrapped)


BAD = {
    "after the asked place": lambda first, last: A.part(first + 10, last),
    "far behind": lambda first, last: A.part(LAST - 5),
    "no Content-Range": lambda first, last: A.partial(None, body(first, last)),
    "empty Content-Range": lambda first, last: A.partial("", body(first, last)),
    "two that differ": lambda first, last: A.partial(f"{told(first, last)}\r\nContent-Range: {told(0, last)}", body(first, last)),
    "reversed": lambda first, last: A.partial("bytes 5-3/10", body(first, last)),
    "last at the size": lambda first, last: A.partial(f"bytes {first}-{SIZE}/{SIZE}", body(first, last) + b"x"),
    "negative": lambda first, last: A.partial(f"bytes -{first}-{last}/{SIZE}", body(first, last)),
    "minus in the last": lambda first, last: A.partial(f"bytes {first}--{last}/{SIZE}", body(first, last)),
    "20 digits": lambda first, last: A.partial(f"bytes {first}-{last}/99999999999999999999", body(first, last)),
    "2^63": lambda first, last: A.partial(f"bytes {first}-9223372036854775807/9223372036854775808", body(first, last)),
    "2^64": lambda first, last: A.partial(f"bytes {2**64 + first}-{2**64 + last}/{2**64 + SIZE}", body(first, last)),
    "hex": lambda first, last: A.partial(f"bytes 0x{first:x}-0x{last:x}/{SIZE}", body(first, last)),
    "other unit": lambda first, last: A.partial(f"items {first}-{last}/{SIZE}", body(first, last)),
    "garbage": lambda first, last: A.partial("bytes", body(first, last)),
    "huge field": lambda first, last: A.partial("bytes " + "9" * 30_000, body(first, last)),
    "unsatisfied form": lambda first, last: A.partial(f"bytes */{SIZE}", body(first, last)),
    "length too small": lambda first, last: A.partial(told(first, last), body(first, last), f"Content-Length: {last - first - 100}"),
    "length too large": lambda first, last: A.partial(told(first, last), body(first, last) + b"x" * 50,
                                                      f"Content-Length: {last - first + 51}"),
    "chunks too few": lambda first, last: A.partial(told(first, last), hostile.chunked(body(first, last)[:-100]),
                                                    "Transfer-Encoding: chunked"),
    "chunks too many": lambda first, last: A.partial(told(first, last), hostile.chunked(body(first, last) + b"x" * 70_000),
                                                     "Transfer-Encoding: chunked"),
    "multipart": multipart,
    "multipart twice": lambda first, last: multipart(first, last, 2),
    "compressed": lambda first, last: A.partial(told(first, last), body(first, last), f"Content-Length: {last + 1 - first}",
                                                "Content-Encoding: gzip"),
    "another status": lambda first, last: message("203 Non-Authoritative", [*A.fields(), f"Content-Length: {last + 1 - first}"],
                                                  body(first, last)),
    "no bytes": lambda first, last: message("206 Partial Content", [*A.fields(), f"Content-Range: bytes {first}-{last}/{SIZE}",
                                                                    f"Content-Length: {last + 1 - first}", "Connection: close"]),
    "empty": lambda first, last: A.partial(told(first, last), b""),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_answer_that_cannot_be_used(rig, half, make):
    """Every range is answered that way, the whole rightly: the file is got whole, or what is held is kept. No hole, no mixture."""
    def behave(exchange):
        request = exchange.request
        if not request.ranged:
            return A(exchange)
        exchange.send(make(request.first, LAST if request.span[1] is None else request.span[1]))
        return False
    half.behaviour = behave
    result = rig.get("--retries", 2, half.url())
    if result.status == 0:
        rig.assert_got(result, A.content)
    else:
        rig.assert_kept(result, A.content, 6, 7, 9, least=HELD)
    assert len(half.requests) <= 10, half.requests


@pytest.mark.parametrize("name", ["no Content-Range", "after the asked place", "multipart", "other unit", "garbage", "empty Content-Range"])
def test_whole_file_is_asked_for_where_ranges_make_no_sense(rig, half, name):
    half.behaviour = ranged(BAD[name])
    rig.assert_got(rig.get(half.url()), A.content)


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_one_bad_answer_costs_nothing(rig, half, make):
    """The first range is answered that way, all others rightly: by this run or the next the file is there, and not fetched anew."""
    half.behaviour = in_turn(lambda exchange: ranged(make)(exchange) and False, A)
    result = rig.get(half.url())
    if result.status != 0:
        rig.assert_kept(result, A.content, 6, 7, 9, least=HELD)
        result = rig.get(half.url())
    rig.assert_got(result, A.content)


def test_until_the_connection_closes(rig, half):
    """A range without a length is as long as it says."""
    def make(first, last, short=0):
        return A.partial(told(first, last), body(first, last - short), "Connection: close")
    half.behaviour = by_range(in_turn(answering(lambda request: make(request.first, LAST, 500_000), keep=False),
                                      answering(lambda request: make(request.first, LAST), keep=False)), A)
    rig.assert_got(rig.get(half.url()), A.content)
    assert not half.asked_whole


def test_part_of_the_file_although_the_whole_was_asked_for(rig):
    """206 to a request without a range is not the file (RFC 9110 15.3.7)."""
    rig.right.add(A.content)
    with hostile.Server(answering(lambda request: A.part(request.first, min(request.first + 99_999, LAST)))) as server:
        result = rig.get("--retries", 1, server.url())
        if result.status == 0:
            rig.assert_got(result, A.content)
        else:
            assert result.status in (6, 9) and rig.read() is None, result


# --- the whole instead of a range

def test_server_that_ignores_ranges(rig, half):
    """The body is gone through from its beginning; the next cut loses nothing."""
    half.behaviour = ignorant(A)
    result = rig.get(half.url())
    rig.assert_got(result, A.content)
    assert "whole" in result.err.lower() or "range" in result.err.lower(), result


@pytest.mark.parametrize("at", [100, HELD - 1, HELD + 1, SIZE - 1])
def test_whole_body_that_is_cut(rig, half, at):
    """A cut before or after what is held: as much as before at least is kept."""
    half.behaviour = lambda exchange: exchange.deliver(A.whole()[:-SIZE] + A.content[:at])
    rig.assert_kept(rig.get("--retries", 0, half.url()), A.content, 9, least=max(HELD, at) - COMPARED)
    half.behaviour = A
    rig.assert_got(rig.get(half.url()), A.content)


def test_whole_body_with_the_tag_but_other_bytes(rig, half):
    """What is passed over can be compared: never a mixture."""
    other = File(tree.pattern(SIZE, b"other"))
    rig.right.add(other.content)
    half.behaviour = ignorant(other)
    result = rig.get(half.url())
    assert result.status in (0, 7), result
    assert rig.read() == (other.content if result.status == 0 else None), result


def test_condition_that_spoils_the_range(rig, half):
    """A server that answers 200 only because of If-Range: it is asked without."""
    half.behaviour = answering(lambda request: A.part(*request.span) if request.ranged and not request.get("if-range") else A.whole())
    rig.assert_got(rig.get(half.url()), A.content)
    assert any(request.ranged and not request.get("if-range") for request in half.requests), half.requests


# --- what an earlier run left is not what it should be

def _flip(place):
    def change(path):
        data = bytearray(path.read_bytes())
        data[int(len(data) * place)] ^= 0x40
        path.write_bytes(data)
    return change


def _rewrite(change):
    return lambda path: path.write_bytes(change(path.read_bytes()))


#: Nothing that is true can be read there any more.
LOST = {
    "empty": _rewrite(lambda data: b""), "zeros": _rewrite(lambda data: bytes(len(data))), "a byte": _rewrite(lambda data: data[:1]),
    "garbage": _rewrite(lambda data: tree.pattern(len(data))), "missing": lambda path: path.unlink(),
}
DAMAGES = {
    **LOST, "half": _rewrite(lambda data: data[:len(data) // 2]), "all but a byte": _rewrite(lambda data: data[:-1]),
    "zeros at the end": _rewrite(lambda data: data[:len(data) // 2] + bytes(len(data) // 2)),
    "bit at the beginning": _flip(0.02), "bit in the middle": _flip(0.5), "bit near the end": _flip(0.95),
    "garbage behind": _rewrite(lambda data: data + tree.pattern(1000)), "zeros behind": _rewrite(lambda data: data + bytes(4096)),
    "twice": _rewrite(lambda data: data + data), "huge": _rewrite(lambda data: data + bytes(50 << 20)),
}


@pytest.mark.parametrize("serve", [lambda file: file, ignorant], ids=["ranges", "no ranges"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_journal(rig, half, damage, serve):
    damage(rig.folder / "file.part.sampan")
    half.behaviour = serve(A)
    result = rig.get(half.url())
    assert result.status == 0 and rig.read() == A.content, result


@pytest.mark.parametrize("damage", LOST.values(), ids=LOST.keys())
def test_bytes_that_no_journal_vouches_for_are_not_taken(rig, half, damage):
    (rig.folder / "file.part").write_bytes(bytes(HELD))
    damage(rig.folder / "file.part.sampan")
    half.behaviour = A
    result = rig.get(half.url())
    assert result.status == 0 and rig.read() == A.content, result


@pytest.mark.parametrize("change", [
    lambda data: b"", lambda data: data[:1], lambda data: data[:HELD // 2], lambda data: data[:-1], lambda data: data + b"garbage" * 1000],
                         ids=["empty", "1", "half", "all but one", "longer"])
def test_unfinished_file_of_another_size_than_its_journal_says(rig, half, change):
    part = rig.folder / "file.part"
    part.write_bytes(change(part.read_bytes()[:HELD]))
    half.behaviour = A
    rig.assert_got(rig.get(half.url()), A.content)


def test_journal_of_another_url(rig, half):
    """The same name by another URL: the file of that URL, not a mixture."""
    other = File(tree.pattern(SIZE, b"other"))
    rig.right = {other.content}
    half.behaviour = answering(lambda request: other.part(*request.span) if request.ranged else other.whole())
    assert rig.get("-o", "file", half.url("elsewhere")).status == 0
    assert rig.read() == other.content, rig.names


def test_part_without_a_journal_is_not_touched(rig):
    """It may be anybody's: the download takes another name for its own."""
    rig.right.add(A.content)
    (rig.folder / "file.part").write_bytes(b"somebody's")
    with hostile.Server(A) as server:
        result = rig.get(server.url())
    assert result.status in (0, 8) and rig.read("file.part") == b"somebody's", result


@pytest.mark.parametrize("cut_again", [False, True])
def test_digest_over_what_several_requests_brought(rig, half, cut_again):
    half.behaviour = in_turn(hostile.cut(A, 300_000), A) if cut_again else A
    rig.assert_got(rig.get("--sha256", hashlib.sha256(A.content).hexdigest(), half.url()), A.content)
