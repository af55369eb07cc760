"""`sampan get` over https: certificates, cuts, and never plain text instead."""
import hostile
import pytest
import raw
from certificates import Certificates
from hostile import exact, in_turn, message
from rig import A, B, HELD


@pytest.fixture
def trusted(certificates):
    return ["--cacert", certificates.authority]


def test_good(rig, certificates, trusted):
    rig.right.add(A.content)
    with hostile.Server(A, tls=certificates.server()) as server:
        rig.assert_got(rig.get(*trusted, server.url()), A.content)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_names_and_addresses_of_a_certificate(rig, certificates, trusted, host):
    rig.right.add(A.content)
    with hostile.Server(A, tls=certificates.server(), host="::1" if host == "[::1]" else "127.0.0.1") as server:
        rig.assert_got(rig.get(*trusted, f"https://{host}:{server.port}/file"), A.content)


BAD = [kind for kind in Certificates.KINDS if kind != "good"]


@pytest.mark.parametrize("kind", BAD)
def test_bad_certificate(rig, certificates, trusted, kind):
    """Refused, with the reason; no request was sent, nor plain text tried."""
    with hostile.Server(A, tls=certificates.server(kind)) as server:
        rig.assert_nothing(rig.get("--retries", 3, *trusted, server.url()), 10)
        assert server.requests == [] and server.accepted <= 2


@pytest.mark.parametrize("kind", BAD)
def test_bad_certificate_keeps_what_is_there(rig, certificates, trusted, kind):
    with hostile.Server(tls=certificates.server()) as server:
        rig.begin(server, A, HELD, *trusted)
        server.tls = certificates.server(kind)
        rig.assert_kept(rig.get("--retries", 0, *trusted, server.url()), A.content, 10, least=HELD)
        assert server.requests == []


def test_authority_of_nobody(rig, certificates):
    """Without --cacert the system's authorities count."""
    with hostile.Server(A, tls=certificates.server()) as server:
        rig.assert_nothing(rig.get("--retries", 0, server.url()), 10)


def test_goes_on(rig, certificates, trusted):
    rig.right.add(A.content)
    with hostile.Server(tls=certificates.server()) as server:
        rig.begin(server, A, HELD, *trusted)
        server.behaviour = A
        rig.assert_got(rig.get(*trusted, server.url()), A.content)
        assert not server.asked_whole


def test_changed(rig, certificates, trusted):
    rig.right = {B.content}
    with hostile.Server(tls=certificates.server()) as server:
        rig.right.add(A.content)
        rig.begin(server, A, HELD, *trusted)
        rig.right = {B.content}
        server.behaviour = B
        rig.assert_got(rig.get(*trusted, server.url()), B.content)


@pytest.mark.parametrize("goodbye", [True, False], ids=["close_notify", "cut"])
def test_length_unknown(rig, certificates, trusted, goodbye):
    """A connection that ends without close_notify may have been cut by anybody (RFC 8446 6.1): no end of the file."""
    rig.right |= {A.content} if goodbye else set()
    with hostile.Server(exact(message("200 OK", [*A.fields(), "Connection: close"], A.content)), tls=certificates.server()) as server:
        server.says_goodbye = goodbye
        result = rig.get("--retries", 0, *trusted, server.url())
    if goodbye:
        rig.assert_got(result, A.content)
    else:
        rig.assert_kept(result, A.content, 9)


def test_length_known_and_no_close_notify(rig, certificates, trusted):
    rig.right.add(A.content)
    with hostile.Server(lambda exchange: A(exchange) and False, tls=certificates.server()) as server:
        server.says_goodbye = False
        rig.assert_got(rig.get(*trusted, server.url()), A.content)


@pytest.mark.parametrize("end", [None, hostile.resets], ids=["fin", "reset"])
def test_cut_in_the_middle(rig, certificates, trusted, end):
    rig.right.add(A.content)
    with hostile.Server(in_turn(hostile.cut(A, HELD, end), A), tls=certificates.server()) as server:
        server.says_goodbye = False
        rig.assert_got(rig.get(*trusted, server.url()), A.content)


@pytest.mark.parametrize("script", [raw.reset, lambda sock: sock.recv(10_000) and None, lambda sock: sock.recv(10_000) and raw.reset(sock),
                                    lambda sock: sock.recv(10_000) and sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\nplain"),
                                    lambda sock: sock.recv(10_000) and sock.sendall(b"\x15\x03\x03\x00\x02\x02\x28"),
                                    lambda sock: sock.recv(10_000) and sock.sendall(b"\x16\x03\x03\xff\xff" + bytes(70_000))],
                         ids=["reset", "end", "reset later", "plain HTTP", "alert", "garbage"])
def test_handshake_that_fails(rig, trusted, script):
    """Never plain text instead."""
    with raw.ScriptedServer(script) as server:
        rig.assert_nothing(rig.get("--retries", 0, *trusted, f"https://127.0.0.1:{server.port}/file"), 9)


def test_handshake_that_never_ends(rig, trusted):
    with raw.ScriptedServer(raw.wait_closed_by_peer) as server:
        times = ["--connect-timeout", "500ms", "--timeout", "500ms"]
        result = rig.get("--retries", 0, *times, *trusted, f"https://127.0.0.1:{server.port}/file")
        rig.assert_nothing(result, 4)


# --- redirects between the schemes

def redirect(url):
    return exact(message("302 Found", [f"Location: {url}", "Content-Length: 0"]))


def test_from_http_to_https(rig, certificates, trusted):
    rig.right.add(A.content)
    with hostile.Server(A, tls=certificates.server()) as secure, hostile.Server(redirect(secure.url())) as plain:
        rig.assert_got(rig.get(*trusted, plain.url()), A.content)


def test_from_https_to_http_is_refused(rig, certificates, trusted):
    with hostile.Server(A) as plain, hostile.Server(redirect(plain.url()), tls=certificates.server()) as secure:
        rig.assert_nothing(rig.get("--retries", 0, *trusted, secure.url()), 6, 10)
        assert plain.accepted == 0


def test_from_https_to_a_bad_certificate(rig, certificates, trusted):
    with hostile.Server(A, tls=certificates.server("expired")) as bad, \
            hostile.Server(redirect(bad.url()), tls=certificates.server()) as good:
        rig.assert_nothing(rig.get("--retries", 0, *trusted, good.url()), 10)
        assert bad.requests == []


def test_from_https_to_http_while_going_on(rig, certificates, trusted):
    with hostile.Server(A) as plain, hostile.Server(tls=certificates.server()) as secure:
        rig.begin(secure, A, HELD, *trusted)
        secure.behaviour = redirect(plain.url())
        rig.assert_kept(rig.get("--retries", 0, *trusted, secure.url()), A.content, 6, 10, least=HELD)
        assert plain.accepted == 0
