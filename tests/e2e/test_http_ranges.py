"""`sampan serve` over HTTP: Range and If-Range (RFC 9110 13.1.5, 14)."""
import re
import time

import harness
import pytest
import site_tree
import tree
import web

MOST_RANGES = 64


def assert_part(answer, first, last, content=tree.TEN):
    """A 206 with this one range (inclusive)."""
    assert answer.status == 206 and answer["content-range"] == f"bytes {first}-{last}/{len(content)}", answer
    assert answer["content-length"] == str(last - first + 1) and answer.body == content[first:last + 1]
    assert "multipart" not in answer["content-type"]


def assert_whole(answer, content=tree.TEN):
    """A 200 as if nobody had asked for a range."""
    assert answer.status == 200 and answer.body == content and "content-range" not in answer, answer
    assert answer["content-length"] == str(len(content))


def assert_unsatisfiable(answer, size=10):
    assert answer.status == 416 and answer["content-range"] == f"bytes */{size}", answer
    assert tree.TEN not in answer.body


def parts_of(answer):
    """The parts of a multipart/byteranges body [(content type, content range, bytes)]; strict about its framing."""
    boundary = re.fullmatch(r'multipart/byteranges; boundary="?([0-9A-Za-z\'()+_,./:=? -]{0,69}[0-9A-Za-z\'()+_,./:=?-])"?',
                            answer["content-type"]).group(1).encode()
    assert "content-range" not in answer  # RFC 9110 15.3.7.2
    assert answer["content-length"] == str(len(answer.body))
    body = answer.body if answer.body.startswith(b"\r\n") else b"\r\n" + answer.body
    before, *parts, after = body.split(b"\r\n--" + boundary)
    assert before == b"" and after in (b"--", b"--\r\n"), answer.body
    found = []
    for part in parts:
        head, data = re.fullmatch(rb"\r\n(.*?)\r\n\r\n(.*)", part, re.DOTALL).groups()
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n"))
        fields = {name.lower(): value.decode() for name, value in fields.items()}
        found.append((fields[b"content-type"], fields[b"content-range"], data))
    return found


def ranged(port, value, target="/ten.txt", *lines):
    return web.get(port, target, f"Range: {value}", *lines)


# --- one range

@pytest.mark.parametrize("value, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=0-4", 0, 4), ("bytes=3-7", 3, 7), ("bytes=2-", 2, 9), ("bytes=0-", 0, 9),
    ("bytes=0-9", 0, 9), ("bytes=-3", 7, 9), ("bytes=-1", 9, 9), ("bytes=-10", 0, 9), ("bytes=-9999", 0, 9),
    ("bytes=5-1000", 5, 9), ("bytes=0-10", 0, 9), ("bytes=9-9", 9, 9), ("bytes=9-", 9, 9), ("bytes=9-10", 9, 9),
    ("Bytes=0-4", 0, 4), ("bytes=000-0004", 0, 4), ("bytes=0-99999999999999999999999999", 0, 9),
    ("bytes=-99999999999999999999999999", 0, 9), ("bytes=0-18446744073709551616", 0, 9)])
def test_one_range(port, value, first, last):
    assert_part(ranged(port, value), first, last)


def test_every_range(port):
    """All of ten bytes' ranges, on one connection."""
    with web.Connection(port) as connection:
        for first in range(10):
            for last in range(first, 12):
                assert_part(connection.ask("/ten.txt", f"Range: bytes={first}-{last}"), first, min(last, 9))
        for length in range(1, 12):
            assert_part(connection.ask("/ten.txt", f"Range: bytes=-{length}"), max(0, 10 - length), 9)


@pytest.mark.parametrize("value", ["bytes=10-", "bytes=10-20", "bytes=100-1000", "bytes=20-,30-40", "bytes=-0",
                                   "bytes=99999999999999999999999-", "bytes=18446744073709551616-18446744073709551617",
                                   "bytes=5-4"])
def test_unsatisfiable(port, value):
    assert_unsatisfiable(ranged(port, value))


@pytest.mark.parametrize("value", ["items=0-4", "seconds=1-2", "none=0-4", "bytes", "bytes=", "bytes 0-4", "bytes:0-4",
                                   "bytes=a-b", "bytes=0-4x", "bytes=0-4-5", "bytes=--5", "bytes=1", "bytes=+1-2",
                                   "bytes=0x0-0x4", "bytes=-", "bytes=0-4;5-6", "0-4", "", "=0-4", "bytes=0-1,x",
                                   "bytes=0.0-4"])
def test_what_is_no_range_of_bytes_is_ignored(port, value):
    """RFC 9110 14.2: unknown unit or malformed is as if the field were not there."""
    assert_whole(ranged(port, value))


def test_range_of_head_is_ignored(port):
    """RFC 9110 14.2: it is defined for GET only."""
    answer = web.head(port, "/ten.txt", "Range: bytes=0-4")
    assert answer.status == 200 and answer["content-length"] == "10" and "content-range" not in answer
    assert web.head(port, "/ten.txt", "Range: bytes=50-").status == 200


@pytest.mark.parametrize("value", ["bytes=0-", "bytes=0-128", "bytes=-5"])
def test_range_of_an_empty_file(port, value):
    assert_whole(ranged(port, value, "/empty"), b"")


@pytest.mark.parametrize("target, status", [("/dir/", 200), ("/missing", 404), ("/dir", 301), ("/idx", 301)])
def test_range_of_what_is_no_file(port, target, status):
    answer = ranged(port, "bytes=0-0", target)
    assert answer.status == status and "content-range" not in answer
    assert answer.body == web.get(port, target).body


@pytest.mark.parametrize("value", ["bytes=0-4", "bytes=0-0,5-5"])
def test_partial_answer_repeats_the_fields_of_the_whole(port, value):
    """RFC 9110 15.3.7."""
    whole, part = web.get(port, "/ten.txt"), ranged(port, value)
    for name in ("etag", "cache-control", "vary", "expires", "content-location", "last-modified"):
        assert part.get(name) == whole.get(name), name
    assert "date" in part and "etag" in part


def test_parallel_ranges_make_the_file(port):
    answers = harness.in_parallel(lambda value: ranged(port, value), ["bytes=0-2", "bytes=3-5", "bytes=6-9"])
    assert b"".join(answer.body for answer in answers) == tree.TEN
    assert len({answer["etag"] for answer in answers}) == 1


def test_ranges_of_a_larger_file_on_one_connection(port):
    content = tree.pattern(3_000_000)
    with web.Connection(port) as connection:
        for first, last in [(0, 0), (4095, 4096), (65535, 131072), (1, 2_999_999), (2_999_999, 2_999_999), (1_000_000, 2_000_000)]:
            assert_part(connection.ask("/medium", f"Range: bytes={first}-{last}"), first, last, content)
        assert_whole(connection.ask("/medium"), content)


@pytest.mark.parametrize("first, last", [(2**32 - 2, 2**32 + 3), (2**32 - 1, 2**32 - 1), (2**32, 2**32), (2**31 - 1, 2**31 + 1),
                                         (5 * 2**30 - 4, 5 * 2**30 - 1)])
def test_offsets_beyond_32_bits(port, site, first, last):
    size = 5 * 2**30
    expected = bytes(site.marks.get(place, 0) for place in range(first, last + 1))
    answer = ranged(port, f"bytes={first}-{last}", "/big")
    assert answer["content-range"] == f"bytes {first}-{last}/{size}" and answer.body == expected
    if last == size - 1:
        assert ranged(port, f"bytes=-{size - first}", "/big").body == expected
        assert ranged(port, f"bytes={first}-", "/big").body == expected


def test_length_beyond_32_bits_is_announced(port):
    answer = web.head(port, "/big")
    assert answer["content-length"] == str(5 * 2**30)
    assert_unsatisfiable(ranged(port, f"bytes={5 * 2**30}-", "/big"), 5 * 2**30)


# --- several ranges

@pytest.mark.parametrize("value, ranges", [
    ("bytes=0-0,-2", [(0, 0), (8, 9)]), ("bytes=0-1,5-8", [(0, 1), (5, 8)]), ("bytes=5-6,0-1", [(5, 6), (0, 1)]),
    ("bytes=9-,3-3,6-6", [(9, 9), (3, 3), (6, 6)]), ("bytes=0-0 ,\t5-5", [(0, 0), (5, 5)]), ("bytes=0-0,,5-5,", [(0, 0), (5, 5)]),
    ("bytes=0-1,50-60,5-5", [(0, 1), (5, 5)])])
def test_several_ranges(port, value, ranges):
    """In the order of the request, each with the fields of a part."""
    answer = ranged(port, value)
    assert answer.status == 206
    assert parts_of(answer) == [("text/plain; charset=utf-8", f"bytes {first}-{last}/10", tree.TEN[first:last + 1])
                                for first, last in ranges]


@pytest.mark.parametrize("value, first, last", [("bytes=0-4,5-9", 0, 9), ("bytes=0-6,4-9", 0, 9), ("bytes=5-9,0-4", 0, 9),
                                                ("bytes=3-3,3-3,3-3", 3, 3), ("bytes=2-4,50-", 2, 4), ("bytes=0-,0-,0-,0-", 0, 9)])
def test_ranges_that_make_one_are_one(port, value, first, last):
    """RFC 9110 15.3.7.2: overlapping ones are merged, and one range is never answered in parts."""
    assert_part(ranged(port, value), first, last)


def test_sum_of_the_parts_never_exceeds_the_file(port):
    """CVE-2011-3192: overlapping ranges make no answer larger than the file."""
    answer = ranged(port, "bytes=0-," + ",".join(f"5-{last}" for last in range(5, 60)))
    assert_part(answer, 0, 9)


def test_number_of_ranges_is_bounded(port):
    content = tree.pattern(3_000_000)
    spread = [(number * 1000, number * 1000 + 9) for number in range(MOST_RANGES + 1)]

    def value(ranges):
        return "bytes=" + ",".join(f"{first}-{last}" for first, last in ranges)

    answer = ranged(port, value(spread[:MOST_RANGES]), "/medium")
    assert [data for _, _, data in parts_of(answer)] == [content[first:last + 1] for first, last in spread[:MOST_RANGES]]
    assert_whole(ranged(port, value(spread), "/medium"), content)


def test_large_parts(port):
    content = tree.pattern(3_000_000)
    answer = ranged(port, "bytes=2000000-2999999,0-999999", "/medium")
    assert [data for _, _, data in parts_of(answer)] == [content[2_000_000:], content[:1_000_000]]


def test_connection_goes_on_after_parts(port):
    with web.Connection(port) as connection:
        for _ in range(3):
            assert len(parts_of(connection.ask("/ten.txt", "Range: bytes=0-0,9-9"))) == 2
            assert_unsatisfiable(connection.ask("/ten.txt", "Range: bytes=10-"))
            assert_whole(connection.ask("/ten.txt"))


# --- If-Range

@pytest.fixture
def current(port):
    """The current answer for ten.txt: its validators."""
    return web.get(port, "/ten.txt")


def test_if_range_with_the_current_tag(port, current):
    assert_part(ranged(port, "bytes=0-4", "/ten.txt", f"If-Range: {current['etag']}"), 0, 4)


def test_if_range_with_the_current_date(port, current):
    """Changed years ago: the date is a strong validator (RFC 9110 8.8.2.2)."""
    assert_part(ranged(port, "bytes=0-4", "/ten.txt", f"If-Range: {current['last-modified']}"), 0, 4)


def test_if_range_with_any_other_tag(port, current):
    tag = current["etag"]
    for value in ('"other"', f"W/{tag}", tag.strip('"'), tag[:-1], f"{tag}, {tag}", "*", "", "garbage", tag[:-2] + '"'):
        assert_whole(ranged(port, "bytes=0-4", "/ten.txt", f"If-Range: {value}"))
        assert_whole(ranged(port, "bytes=50-", "/ten.txt", f"If-Range: {value}"))


@pytest.mark.parametrize("difference", [-1, 1, -86400, 86400, 10**9])
def test_if_range_with_another_date(port, difference):
    """An exact match, not "not changed since" (RFC 9110 13.1.5)."""
    assert_whole(ranged(port, "bytes=0-4", "/ten.txt", f"If-Range: {web.date(site_tree.MODIFIED + difference)}"))


def test_if_range_with_the_date_of_a_file_changed_just_now(serve, tmp_path):
    """It may change again within that second: the date is a weak validator, which If-Range must not use."""
    (tmp_path / "file").write_bytes(tree.TEN)
    with serve(tmp_path) as server:
        modified = web.get(server.port, "/file")["last-modified"]
        assert abs(web.seconds(modified) - time.time()) < 50, "too slow a machine for this test"
        assert_whole(ranged(server.port, "bytes=0-4", "/file", f"If-Range: {modified}"))


def test_if_range_without_range(port, current):
    assert_whole(web.get(port, "/ten.txt", f"If-Range: {current['etag']}"))
    assert_whole(web.get(port, "/ten.txt", 'If-Range: "other"'))


def test_unsatisfiable_range_with_the_current_tag(port, current):
    assert_unsatisfiable(ranged(port, "bytes=10-", "/ten.txt", f"If-Range: {current['etag']}"))
