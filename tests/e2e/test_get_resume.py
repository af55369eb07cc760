"""`sampan get` goes on with an unfinished file: what the server may answer to a range, and what became of the file meanwhile."""
import threading

import hostile
import pytest
import relay
from hostile import File, answering, by_range, exact, heedless, heedless_answer, ignorant, in_turn, message
from rig import A, B, COMPARED, HELD, SIZE


def resumed(server):
    """What was asked for is what was missing, and some places to compare: nothing was fetched anew."""
    return server.bytes_asked(SIZE) <= SIZE - HELD + COMPARED


# --- servers that keep the rules

@pytest.mark.parametrize("file", [A, File(A.content, modified=None), File(A.content, fields=["Accept-Ranges: bytes"])],
                         ids=["both", "tag only", "accept-ranges"])
def test_goes_on(rig, file):
    rig.right.add(A.content)
    with hostile.Server() as server:
        rig.begin(server, file, HELD)
        server.behaviour = file
        rig.assert_got(rig.get(server.url()), A.content)
    assert resumed(server), server.requests


def test_condition_or_check_names_the_validator(rig, half):
    """If-Range or If-Match with the strong tag, so that a server that keeps the rules never mixes (RFC 9110 13.1.5)."""
    half.behaviour = A
    rig.assert_got(rig.get(half.url()), A.content)
    assert all('"A"' in (request.get("if-range"), request.get("if-match")) for request in half.requests if request.ranged)


@pytest.mark.parametrize("size", [0, 1, 100, 300_000, SIZE - 1])
def test_wherever_it_was_cut(rig, size):
    rig.right.add(A.content)
    with hostile.Server(hostile.cut(A, size)) as server:
        result = rig.get("--retries", 0, server.url())
        assert result.status == 9, result
        server.behaviour = A
        rig.assert_got(rig.get(server.url()), A.content)


def test_old_target_stays_until_the_new_one_is_whole(rig):
    rig.right |= {A.content, b"old"}
    (rig.folder / "file").write_bytes(b"old")
    with hostile.Server(hostile.cut(A, HELD)) as server:
        rig.assert_kept(rig.get("--retries", 0, server.url()), A.content, 9, old=b"old", least=HELD)
        server.behaviour = A
        rig.assert_got(rig.get(server.url()), A.content)


def test_cut_again_and_again(rig):
    rig.right.add(A.content)
    with hostile.Server() as server:
        rig.begin(server, A, 300_000)
        for _ in range(5):
            server.behaviour = hostile.cut(A, 250_000)
            before = len(rig.kept)
            rig.assert_kept(rig.get("--retries", 0, server.url()), A.content, 9, least=before + 250_000 - COMPARED)
        server.behaviour = A
        rig.assert_got(rig.get(server.url()), A.content)
    assert not server.asked_whole


@pytest.mark.parametrize("share", [400_000, 500_000])
def test_connections_that_bring_little(rig, share):
    """Each ends after so many bytes, whatever was asked on it: comparing must not use up what could have gone on."""
    rig.right.add(A.content)
    with hostile.Server(A) as server, relay.Relay(server.port, share) as way:
        rig.assert_got(rig.get(f"http://127.0.0.1:{way.port}/file", timeout=100), A.content)


# --- the file changed

GROWN = File(A.content + b"and more", etag='"B"')
ANOTHER_AND_GROWN = File(B.content + b"more", etag='"B"')
SHRUNK = File(B.content[:-500_000], etag='"B"')
SHORT = File(B.content[:HELD // 2], etag='"B"')
#: The file as it is now; the server that has it heeds If-Range, or answers a range whatever the condition says.
CHANGED = {"other bytes": B, "grown": GROWN, "other and grown": ANOTHER_AND_GROWN, "shrunk": SHRUNK, "shorter than what is held": SHORT,
           "no tag any more": File(B.content, etag=None, modified=hostile.LONG_AGO + 5), "now a weak tag": File(B.content, etag='W/"A"'),
           "tag in other case": File(B.content, etag='"a"'), "a longer tag": File(B.content, etag='"AA"'),
           "empty": File(b"", etag='"B"')}


def rules(file):
    """A server that keeps the rules is the file itself."""
    return file


ALL_KINDS = pytest.mark.parametrize("serve", [rules, heedless, ignorant])


@ALL_KINDS
@pytest.mark.parametrize("file", CHANGED.values(), ids=CHANGED.keys())
def test_changed_file_is_fetched_anew(rig, half, file, serve):
    rig.right = {file.content}
    half.behaviour = serve(file)
    rig.assert_got(rig.get(half.url()), file.content)


@ALL_KINDS
@pytest.mark.parametrize("file", CHANGED.values(), ids=CHANGED.keys())
def test_no_restart_keeps_what_is_there(rig, half, file, serve):
    (rig.folder / "file").write_bytes(b"old")
    rig.right.add(b"old")
    half.behaviour = serve(file)
    rig.assert_kept(rig.get("--no-restart", half.url()), A.content, 7, old=b"old", least=HELD)


def test_old_pair_is_kept_until_the_new_file_is_complete(rig, half):
    """A restart that is cut too, and a server that then has the first file again."""
    rig.right.add(B.content)
    half.behaviour = hostile.cut(B, 300_000)
    result = rig.get("--retries", 0, half.url())
    assert result.status == 9 and rig.kept[:300_000] == B.content[:300_000], result
    assert rig.read("file.part.old")[:HELD] == A.content[:HELD], rig.names
    half.behaviour = B
    rig.assert_got(rig.get(half.url()), B.content)


def test_whole_body_of_another_file_is_taken_at_once(rig, half):
    """200 with another tag: this very body is the new file, nothing is asked twice."""
    rig.right.add(B.content)
    half.behaviour = ignorant(B)
    rig.assert_got(rig.get(half.url()), B.content)
    assert len(half.gets) == 1, half.requests


def test_changes_at_each_cut(rig):
    """Within one run: the file is another one at the second request. The bytes of the two are never mixed."""
    rig.right = {B.content}
    with hostile.Server(in_turn(hostile.cut(A, HELD), heedless(B))) as server:
        rig.assert_got(rig.get(server.url()), B.content)


def test_precondition_failed(rig, half):
    """412 to every condition, the file otherwise."""
    rig.right.add(B.content)

    def make(request):
        if request.get("if-range") or request.get("if-match"):
            return message("412 Precondition Failed", [*B.fields(), "Content-Length: 0"])
        return B.part(*request.span) if request.ranged else B.whole()
    half.behaviour = answering(make)
    rig.assert_got(rig.get(half.url()), B.content)
    half.behaviour = A


def test_precondition_failed_for_ever(rig, half):
    half.behaviour = exact(message("412 Precondition Failed", ["Content-Length: 0"]), keep=True)
    rig.assert_kept(rig.get("--retries", 1, half.url()), A.content, 6, 7, least=HELD)
    assert len(half.requests) <= 8


def test_same_tag_but_another_size(rig, half):
    """A server that contradicts itself: never a mixture."""
    file = File(B.content + b"more", etag='"A"')
    rig.right.add(file.content)
    half.behaviour = heedless(file)
    result = rig.get(half.url())
    assert result.status in (0, 7), result
    if result.status:
        rig.assert_kept(result, A.content, 7, least=HELD)


def test_same_tag_but_other_bytes_is_caught_by_a_digest(rig, half):
    half.behaviour = heedless(File(B.content))
    result = rig.get("--sha256", "00" * 32, half.url())
    assert result.status == 7 and rig.read("file") is None and rig.read("file.bad") is not None, (rig.names, result)


# --- validators that prove little

WEAK = {"weak tag": {"etag": 'W/"A"'}, "date of this second": {"etag": None, "modified": "now"}, "nothing": {"etag": None, "modified": None}}


@pytest.mark.parametrize("told", WEAK.values(), ids=WEAK.keys())
@pytest.mark.parametrize("serve", [heedless, ignorant])
def test_weak_validators_and_the_same_file(rig, told, serve):
    file = File(A.content, **told)
    rig.right.add(file.content)
    with hostile.Server() as server:
        rig.begin(server, file, HELD)
        server.behaviour = serve(file)
        rig.assert_got(rig.get(server.url()), file.content)
    for request in server.requests:
        assert not (request.get("if-range") or "").startswith("W/"), "RFC 9110 13.1.5: no weak tag in If-Range"


@pytest.mark.parametrize("told", WEAK.values(), ids=WEAK.keys())
@pytest.mark.parametrize("serve", [heedless, ignorant])
def test_weak_validators_and_another_file(rig, told, serve):
    """Same size, same weak words, other bytes: an overlap, or starting again, shows it."""
    file = File(B.content, **told)
    rig.right.add(file.content)
    with hostile.Server() as server:
        rig.begin(server, File(A.content, **told), HELD)
        server.behaviour = serve(file)
        rig.assert_got(rig.get(server.url()), file.content)


def replicas(content):
    """Another tag for each answer, no date."""
    numbers = iter(range(1000))
    return lambda exchange: File(content, etag=f'"replica-{next(numbers)}"', modified=None)(exchange)


def heedless_replicas(content):
    numbers = iter(range(1000))
    return lambda exchange: heedless(File(content, etag=f'"replica-{next(numbers)}"', modified=None))(exchange)


@pytest.mark.parametrize("serve", [replicas, heedless_replicas])
def test_a_tag_for_each_replica(rig, half, serve):
    half.behaviour = serve(A.content)
    rig.assert_got(rig.get(half.url()), A.content)


@pytest.mark.parametrize("modified", [hostile.LONG_AGO, None], ids=["dated", "no date"])
@pytest.mark.parametrize("begun", [False, True], ids=["fresh", "resumed"])
def test_a_tag_for_each_replica_and_a_slow_one(rig, modified, begun):
    """A download that takes its time is looked at again at its end: another replica's tag is no other file there either."""
    rig.right.add(A.content)
    numbers = iter(range(1000))

    def behave(exchange):
        file = File(A.content, etag=f'"replica-{next(numbers)}"', modified=modified)
        answer = heedless_answer(file, exchange.request)
        exchange.send(answer[:300_000])
        if len(answer) > 300_000:
            threading.Event().wait(1.3)  # longer than what is not worth looking at again
        exchange.send(answer[300_000:])
        return True
    with hostile.Server() as server:
        if begun:
            rig.begin(server, A, HELD)
        server.behaviour = behave
        rig.assert_got(rig.get(server.url()), A.content)


def test_a_tag_for_each_replica_with_trust_in_the_overlap(rig, half):
    half.behaviour = heedless_replicas(A.content)
    rig.assert_got(rig.get("--trust-overlap", half.url()), A.content)
    assert not half.asked_whole, half.requests


def test_trust_in_the_overlap_is_not_blind(rig, half):
    rig.right.add(B.content)
    half.behaviour = heedless_replicas(B.content)
    rig.assert_got(rig.get("--trust-overlap", half.url()), B.content)


def test_trust_in_the_overlap_looks_at_more_than_one_place(rig, half):
    """The same at the end of what is held, another elsewhere."""
    mixed = B.content[:HELD - (128 << 10)] + A.content[HELD - (128 << 10):]
    rig.right = {mixed}
    half.behaviour = heedless_replicas(mixed)
    rig.assert_got(rig.get("--trust-overlap", half.url()), mixed)


# --- the length is known from the range

@pytest.fixture
def all_held(rig):
    """The rig holds all bytes of A, but not that they are all: the chunked body was cut before its last chunk."""
    rig.right.add(A.content)
    with hostile.Server(exact(message("200 OK", [*A.fields(), "Transfer-Encoding: chunked"]) + hostile.chunked(A.content)[:-5])) as server:
        assert rig.get("--retries", 0, server.url()).status == 9
        assert rig.kept == A.content
        server.forget()
        yield server


def test_all_held_and_the_range_says_so(rig, all_held):
    all_held.behaviour = heedless(A)
    rig.assert_got(rig.get(all_held.url()), A.content)
    assert not all_held.asked_whole, all_held.requests


def test_all_held_of_another_file(rig, all_held):
    rig.right = {B.content}
    all_held.behaviour = heedless(B)
    rig.assert_got(rig.get(all_held.url()), B.content)


@pytest.mark.parametrize("file", [File(A.content + b"more"), File(A.content[:-5])], ids=["longer", "shorter"])
def test_all_held_but_the_size_is_another(rig, all_held, file):
    rig.right.add(file.content)
    all_held.behaviour = heedless(file)
    result = rig.get(all_held.url())
    assert result.status in (0, 7), result
    assert result.status == 7 or rig.read() == file.content, result


def test_all_held_and_the_digest_is_another(rig, all_held):
    all_held.behaviour = heedless(A)
    result = rig.get("--sha256", "00" * 32, all_held.url())
    assert result.status == 7 and rig.read() is None and rig.read("file.bad") is not None, (rig.names, result)


@pytest.mark.parametrize("head", ["right", "not allowed", "with a body"])
def test_unsatisfiable_without_a_length(rig, all_held, head):
    """416 that does not tell the size: it is asked for elsewhere; the answer to HEAD may carry a body that is none."""
    def make(request):
        if request.method == "HEAD" and head == "not allowed":
            return message("405 Method Not Allowed", ["Content-Length: 0"])
        if request.method == "HEAD":
            return A.whole(body=b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" if head == "with a body" else b"")
        if request.ranged and request.first >= A.size:
            return message("416 Range Not Satisfiable", ["Content-Length: 0"])
        return A.part(*request.span) if request.ranged else A.whole()
    all_held.behaviour = answering(make)
    rig.assert_got(rig.get(all_held.url()), A.content)


@pytest.mark.parametrize("fields", [[], ["Content-Range: bytes */*"], ["Content-Range: bytes */-1"], ["Content-Range: x"]], ids=str)
def test_unsatisfiable_alone_is_never_success(rig, all_held, fields):
    all_held.behaviour = exact(message("416 Range Not Satisfiable", [*fields, "Content-Length: 0"]), keep=True)
    rig.assert_kept(rig.get("--retries", 1, all_held.url()), A.content, 6, 7, 9, least=HELD)
    assert len(all_held.requests) <= 8, all_held.requests


def test_unsatisfiable_although_there_is_more(rig, half):
    """416 for the middle of the file: a contradiction; the whole is asked for."""
    refusal = message("416 Range Not Satisfiable", ['ETag: "A"', f"Content-Range: bytes */{SIZE}", "Content-Length: 0"])
    half.behaviour = by_range(exact(refusal, keep=True), A)
    rig.assert_got(rig.get(half.url()), A.content)


# --- not the file

PORTAL = b"<html><body>Please log in</body></html>"
NOT_THE_FILE = {
    "portal": message("200 OK", ["Content-Type: text/html", f"Content-Length: {len(PORTAL)}"], PORTAL),
    "portal without a length": message("200 OK", ["Content-Type: text/html; charset=utf-8", "Connection: close"], PORTAL),
    "portal with a tag": message("200 OK", ["Content-Type: text/html", 'ETag: "P"', f"Content-Length: {len(PORTAL)}"], PORTAL),
    "portal in chunks": message("200 OK", ["Content-Type: TEXT/HTML", "Transfer-Encoding: chunked"], hostile.chunked(PORTAL)),
    "login": message("401 Unauthorized", ["WWW-Authenticate: Basic", f"Content-Length: {len(PORTAL)}"], PORTAL),
    "forbidden": message("403 Forbidden", [f"Content-Length: {len(PORTAL)}"], PORTAL),
    "network login": message("511 Network Authentication Required", [f"Content-Length: {len(PORTAL)}"], PORTAL),
}


@pytest.mark.parametrize("answer", NOT_THE_FILE.values(), ids=NOT_THE_FILE.keys())
def test_portal_does_not_take_the_place_of_the_file(rig, half, answer):
    (rig.folder / "file").write_bytes(b"old")
    rig.right.add(b"old")
    half.behaviour = exact(answer)
    rig.assert_kept(rig.get("--retries", 0, half.url()), A.content, 6, old=b"old", least=HELD)
    half.forget()
    half.behaviour = A
    rig.assert_got(rig.get(half.url()), A.content)
    assert resumed(half), "what was held before the portal is worth something after it"


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
def test_gone_meanwhile(rig, half, status):
    half.behaviour = exact(message(status, ["Content-Length: 0"]))
    rig.assert_kept(rig.get("--retries", 0, half.url()), A.content, 5, least=HELD)
