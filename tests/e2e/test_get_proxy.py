"""`sampan get` by proxies, and with credentials of ~/.netrc."""
import base64
import contextlib
import selectors
import socket
import threading

import hostile
import pytest
import raw
from hostile import File, answering, exact, message
from rig import A

SMALL = File(b"small")


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@contextlib.contextmanager
def tunnel(port, answer="200 Connection established"):
    """A proxy that knows CONNECT: it leads every tunnel to this port. Yields the server and the heads that it got."""
    heads = []

    def pump(one, other):
        with selectors.DefaultSelector() as ready, one, other:
            ready.register(one, selectors.EVENT_READ, other)
            ready.register(other, selectors.EVENT_READ, one)
            while True:
                for key, _ in ready.select():
                    with contextlib.suppress(OSError):
                        data = key.fileobj.recv(65536)
                        if data:
                            key.data.sendall(data)
                            continue
                    return

    def script(sock):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        heads.append(head.decode())
        sock.sendall(f"HTTP/1.1 {answer}\r\n\r\n".encode())
        if answer.startswith("2"):
            pump(sock, socket.create_connection(("127.0.0.1", port)))

    with raw.ScriptedServer(script) as server:
        yield server, heads


def test_plain_request_by_a_proxy(rig):
    """The whole URL is asked for; where the name leads is the proxy's affair."""
    rig.right.add(SMALL.content)
    with hostile.Server(SMALL) as proxy:
        rig.assert_got(rig.get("http://no-such-host.invalid:8000/file", env={"http_proxy": f"127.0.0.1:{proxy.port}"}), SMALL.content)
    request = proxy.requests[0]
    assert request.target == "http://no-such-host.invalid:8000/file" and request.get("host") == "no-such-host.invalid:8000", request.data


@pytest.mark.parametrize("words, env", [
    (["--proxy", "http://u:p%40w@127.0.0.1:{port}"], {}), ([], {"http_proxy": "http://u:p%40w@127.0.0.1:{port}/"}),
    ([], {"ALL_PROXY": "http://u:p%40w@127.0.0.1:{port}"}), (["--proxy", "http://u:p%40w@127.0.0.1:{port}"], {"http_proxy": "127.0.0.1:1"})], ids=str)
def test_where_a_proxy_comes_from(rig, words, env):
    rig.right.add(SMALL.content)
    with hostile.Server(SMALL) as proxy:
        filled = {name: value.format(port=proxy.port) for name, value in env.items()}
        rig.assert_got(rig.get(*[word.format(port=proxy.port) for word in words], "http://h.invalid/file", env=filled), SMALL.content)
    assert proxy.requests[0].get("proxy-authorization") == basic("u", "p@w"), proxy.requests[0].data
    assert proxy.requests[0].get("authorization") is None


@pytest.mark.parametrize("words, env", [
    ([], {"http_proxy": "127.0.0.1:1", "no_proxy": "127.0.0.1"}), ([], {"http_proxy": "127.0.0.1:1", "NO_PROXY": "*"}),
    (["--proxy", ""], {"http_proxy": "127.0.0.1:1"}), ([], {"HTTP_PROXY": "127.0.0.1:1"})], ids=str)
def test_without_a_proxy(rig, words, env):
    """HTTP_PROXY is passed over: a CGI program's visitor could set it."""
    rig.right.add(SMALL.content)
    with hostile.Server(SMALL) as server:
        rig.assert_got(rig.get(*words, server.url(), env=env), SMALL.content)


def test_proxy_that_is_not_there(rig):
    rig.assert_nothing(rig.get("http://h.invalid/file", env={"http_proxy": f"127.0.0.1:{raw.free_port()}"}), 3)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "https://127.0.0.1:1", "http://"])
def test_proxies_that_are_not_known(rig, proxy):
    rig.assert_nothing(rig.get("http://h.invalid/file", env={"http_proxy": proxy}), 2)


def test_https_goes_through_a_tunnel(rig, certificates):
    """The certificate is that of the server, not the proxy; the server never sees the proxy's credentials."""
    rig.right.add(A.content)
    with hostile.Server(A, tls=certificates.server()) as server, tunnel(server.port) as (proxy, heads):
        result = rig.get("--cacert", certificates.authority, f"https://localhost:{server.port}/file",
                         env={"https_proxy": f"http://u:w@127.0.0.1:{proxy.port}"})
        rig.assert_got(result, A.content)
    assert heads[0].startswith(f"CONNECT localhost:{server.port} HTTP/1.1\r\n") and basic("u", "w") in heads[0], heads
    assert all(request.get("proxy-authorization") is None for request in server.requests)


def test_tunnel_to_another_server_is_no_way_around_its_certificate(rig, certificates):
    with hostile.Server(A, tls=certificates.server("wrong host")) as server, tunnel(server.port) as (proxy, _):
        rig.assert_nothing(rig.get("--cacert", certificates.authority, f"https://localhost:{server.port}/file",
                                   env={"https_proxy": f"127.0.0.1:{proxy.port}"}), 10)
        assert server.requests == []


@pytest.mark.parametrize("answer, status", [("407 Proxy Authentication Required", 6), ("403 Forbidden", 6), ("nonsense", 9)])
def test_tunnel_that_is_refused(rig, answer, status):
    with tunnel(1, answer) as (proxy, heads):
        rig.assert_nothing(rig.get("https://localhost/file", env={"https_proxy": f"127.0.0.1:{proxy.port}"}), status)
    assert len(heads) == 1


# --- ~/.netrc

def netrc(rig, mode=0o600, text="machine 127.0.0.1 login u password w\n"):
    path = rig.around / "home" / ".netrc"
    path.write_text(text)
    path.chmod(mode)


def guarded(request):
    return SMALL.whole() if request.get("authorization") == basic("u", "w") else message("401 Who", ["Content-Length: 0"])


def test_netrc_over_tls(rig, certificates):
    rig.right.add(SMALL.content)
    netrc(rig)
    with hostile.Server(answering(guarded), tls=certificates.server()) as server:
        rig.assert_got(rig.get("--cacert", certificates.authority, server.url()), SMALL.content)


@pytest.mark.parametrize("words, mode, got", [([], 0o600, False), (["--netrc-plain"], 0o600, True), (["--netrc-plain"], 0o644, False),
                                              (["--netrc-plain", "-u", "other:x"], 0o600, False)], ids=str)
def test_netrc_over_plain_http(rig, words, mode, got):
    """Only where it was asked for, and only from a file that nobody else reads; -u goes before it."""
    rig.right.add(SMALL.content)
    netrc(rig, mode)
    with hostile.Server(answering(guarded)) as server:
        result = rig.get(*words, server.url())
        if got:
            rig.assert_got(result, SMALL.content)
        else:
            rig.assert_nothing(result, 6)
        assert basic("u", "w") not in [request.get("authorization") for request in server.requests] or got


def test_netrc_is_not_used_after_a_redirect(rig):
    netrc(rig, text="default login u password w\n")
    with hostile.Server(SMALL) as other:
        with hostile.Server(exact(message("302 Found", [f"Location: {other.url()}", "Content-Length: 0"]), keep=True)) as server:
            rig.right.add(SMALL.content)
            rig.assert_got(rig.get("--netrc-plain", server.url()), SMALL.content)
    assert server.requests[0].get("authorization") == basic("u", "w") and other.requests[0].get("authorization") is None
