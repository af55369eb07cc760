"""The hostile server itself: where it is told to keep the rules, clients that nobody here wrote are content with it."""
import harness
import hostile
from rig import A, B, HELD


def curl(tool, folder, *words):
    return harness.run([tool("curl"), "-sS", "-o", "file", *words], cwd=folder)


def test_keeps_the_rules(tool, target):
    with hostile.Server(A) as server:
        assert curl(tool, target, server.url()).status == 0 and (target / "file").read_bytes() == A.content
        (target / "file").write_bytes(A.content[:HELD])
        assert curl(tool, target, "-C", "-", server.url()).status == 0 and (target / "file").read_bytes() == A.content
        assert server.ranges == [None, (HELD, None)]
        told = curl(tool, target, "-w", "%{http_code}", "-H", 'If-Range: "B"', "-r", "5-9", server.url())
        assert told.out == b"200" and (target / "file").read_bytes() == A.content
        assert curl(tool, target, "-w", "%{http_code}", "-H", 'If-Match: "B"', server.url()).out == b"412"
        assert curl(tool, target, "-w", "%{http_code}", "-r", f"{A.size}-", server.url()).out == b"416"
        assert b'ETag: "A"' in harness.run([tool("curl"), "-sSI", server.url()]).out


def test_several_requests_on_one_connection(tool, target):
    with hostile.Server(A) as server:
        assert curl(tool, target, server.url("one"), "-o", "two", server.url("two")).status == 0
        assert [(request.connection, request.turn, request.target) for request in server.requests] == [(0, 0, "/one"), (0, 1, "/two")]


def test_cuts(tool, target):
    for end, status in ((None, 18), (hostile.resets, 56)):
        with hostile.Server(hostile.cut(A, HELD, end)) as server:
            assert curl(tool, target, server.url()).status == status
            assert (target / "file").read_bytes() == A.content[:HELD]


def test_changes_between_two_requests(tool, target):
    with hostile.Server(hostile.in_turn(A, hostile.heedless(B))) as server:
        assert curl(tool, target, "-r", "10-19", server.url(), "-o", "two", server.url()).status == 0
    assert (target / "file").read_bytes() + (target / "two").read_bytes() == A.content[10:20] + B.content[10:20]


def test_certificates(tool, target, certificates):
    """curl's status is 60 for a certificate that it does not accept."""
    for kind in certificates.KINDS:
        with hostile.Server(A, tls=certificates.server(kind)) as server:
            result = curl(tool, target, "--cacert", certificates.authority, server.url())
            assert result.status == (0 if kind == "good" else 60), (kind, result)
            assert len(server.requests) == (kind == "good")
