"""`sampan get` and a file of which pieces came wrong: only those are fetched again."""
import base64
import hashlib

import hostile
import pytest
import tree
from hostile import File, answering

PIECE = 256 * 1024
CONTENT = tree.pattern(8 * PIECE + 1000)
DIGEST = hashlib.sha256(CONTENT).digest()


def metalink(content=CONTENT, size=None):
    pieces = "".join(f"<hash>{hashlib.sha256(content[start:start + PIECE]).hexdigest()}</hash>" for start in range(0, len(content), PIECE))
    return (f'<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="file"><size>{size or len(content)}</size>'
            f'<pieces length="{PIECE}" type="sha-256">{pieces}</pieces></file></metalink>').encode()


FILE = File(CONTENT, fields=[f"Repr-Digest: sha-256=:{base64.b64encode(DIGEST).decode()}:",
                             'Link: <?metalink>; rel=describedby; type="application/metalink4+xml"'])


def damaged(*places):
    spoiled = bytearray(CONTENT)
    for place in places:
        spoiled[place] ^= 1
    return bytes(spoiled)


def server_of(spoiled, document, mends=True):
    """The first whole answer is spoiled; parts are right where it `mends`."""
    def answer(request):
        if request.target.endswith("?metalink"):
            return hostile.message("200 OK", ["Content-Type: application/metalink4+xml", f"Content-Length: {len(document)}"], document)
        if request.ranged:
            first, last = request.span
            source = CONTENT if mends else spoiled
            return File(source, fields=FILE.more).part(first, len(CONTENT) - 1 if last is None else last)
        return FILE.whole(body=b"" if request.method == "HEAD" else spoiled)
    return hostile.Server(answering(answer))


@pytest.mark.parametrize("places", [(5,), (PIECE, 3 * PIECE - 1), (8 * PIECE + 999,)], ids=str)
def test_only_wrong_pieces_are_fetched_again(rig, places):
    rig.right.add(CONTENT)
    with server_of(damaged(*places), metalink()) as server:
        result = rig.get(server.url())
        rig.assert_got(result, CONTENT)
        asked = [request.span for request in server.requests if request.ranged]
    assert "fetched again" in result.err, result
    wrong = sorted({place // PIECE for place in places})
    bytes_asked = sum((len(CONTENT) if last is None else last + 1) - first for first, last in asked)
    assert asked and bytes_asked <= len(wrong) * (PIECE + 65_536), asked


@pytest.mark.parametrize("document", [metalink(size=len(CONTENT) - 1), b"<metalink", metalink(CONTENT[:-PIECE])],
                         ids=["another size", "broken", "too few pieces"])
def test_description_that_does_not_fit_helps_nobody(rig, document):
    with server_of(damaged(7), document) as server:
        result = rig.get(server.url())
    assert result.status == 7 and rig.read() is None and rig.read("file.bad") == damaged(7), (rig.names, result)


def test_pieces_that_stay_wrong_end_it(rig):
    with server_of(damaged(7), metalink(), mends=False) as server:
        result = rig.get(server.url())
    assert result.status == 7 and rig.read() is None and rig.read("file.bad") is not None, (rig.names, result)
