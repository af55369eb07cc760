"""`sampan get` and the servers that people run: nginx, Apache, lighttpd, Caddy, Python's, and `sampan serve`."""
import os
import pathlib
import sys
import tempfile

import harness
import pytest
import relay
import tree

sys.path.append(str(harness.REPOSITORY / "bench"))  # last: its http.py is not the module of that name

import _servers  # noqa: E402

pytestmark = pytest.mark.full

SIZE, HELD = 2_000_003, 1_000_001
ONE, TWO = tree.pattern(SIZE), tree.pattern(SIZE + 1000, b"two")
#: Of all that is fetched, heads and what is compared again included.
OVERHEAD = 10 * (64 << 10)


def python(_, root, port):
    return [harness.PYTHON, "-m", "http.server", port, "--bind", "127.0.0.1", "-d", root]


def lighttpd(own, root, port):
    """Without its cache, which takes a second to see that a file is another."""
    words = _servers.lighttpd(own, root, port)
    with open(own / "lighttpd.conf", "a") as configuration:
        configuration.write('server.stat-cache-engine = "disable"\n')
    return words


SERVERS = {"nginx": _servers.nginx("access_log off;"), "nginx without ranges": _servers.nginx("access_log off; max_ranges 0;"),
           "apache": _servers.apache, "lighttpd": lighttpd, "caddy": _servers.caddy, "python": python,
           "sampan": _servers.sampan()}
NO_RANGES = ("nginx without ranges", "python")


@pytest.fixture(scope="module")
def served():
    """An empty folder that every user may read (Apache's will), and one for the servers' own files."""
    with tempfile.TemporaryDirectory(prefix="sampan-e2e-") as folder:
        os.chmod(folder, 0o755)
        (pathlib.Path(folder) / "root").mkdir()
        yield pathlib.Path(folder)


@pytest.fixture(scope="module")
def serving(served, missing):
    """serving(name, command): a running server (bench/_servers.py), ended with the module."""
    running = []

    def go(name, command):
        try:
            running.append(_servers.start(command, served / "root", served / name.replace(" ", "-")))
        except _servers.bench.NotStarted as failure:
            missing(str(failure))
        return running[-1]
    yield go
    for server in running:
        server.stop()


@pytest.fixture(scope="module", params=SERVERS)
def server(request, serving):
    """Each of the servers in turn; `name` is its name."""
    started = serving(request.param, SERVERS[request.param])
    started.name = request.param
    return started


def put(served, content, moment=1_600_000_000):
    """The file at /file, of that time of change; in a new inode."""
    path = served / "root" / "file"
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    os.utime(path, (moment, moment))


@pytest.fixture
def halfway(rig, served, server):
    """A relay to the server, after a first run that it cut in the middle; it cuts no more."""
    put(served, ONE)
    rig.right.add(ONE)
    with relay.Relay(server.port, HELD) as way:
        result = rig.get("--retries", 0, url(way))
        assert result.status == 9 and rig.kept and rig.kept == ONE[:len(rig.kept)], result
        way.limit = None
        way.forget()
        yield way


def url(way, path="file"):
    return f"http://127.0.0.1:{way.port}/{path}"


# --- all of them

@pytest.mark.parametrize("size", [0, 1, 5000, SIZE])
@pytest.mark.parametrize("connections", [1, 4, None])
def test_whole(rig, served, server, size, connections):
    put(served, ONE[:size])
    rig.right.add(ONE[:size])
    rig.assert_got(rig.get(url(server), connections=connections), ONE[:size])
    assert int((rig.folder / "file").stat().st_mtime) == 1_600_000_000


def test_missing(rig, server):
    rig.assert_nothing(rig.get("--retries", 0, url(server, "missing")), 5)


def test_goes_on(rig, server, halfway):
    rig.assert_got(rig.get(url(halfway)), ONE)
    # Where the tag is no more than a second and a size, so small a file is fetched anew.
    anew = server.name in NO_RANGES or server.name != "lighttpd"
    assert anew or halfway.given < SIZE - HELD + OVERHEAD, f"{halfway.given} bytes were fetched"


@pytest.mark.parametrize("connections", [1, 4])
def test_goes_on_with_a_large_file(rig, served, server, connections):
    """So large that fetching it again would be worse than what validators of seconds leave open."""
    if server.name in NO_RANGES:
        pytest.skip("it gives no ranges")
    content = tree.pattern(1 << 20) * 80
    put(served, content)
    rig.right.add(content)
    with relay.Relay(server.port, 40 << 20) as way:
        rig.assert_kept(rig.get("--retries", 0, url(way), timeout=60), content, 9, least=30 << 20)
        way.limit = None
        way.forget()
        rig.assert_got(rig.get(url(way), connections=connections, timeout=60), content)
        assert way.given < 45 << 20, f"{way.given} bytes were fetched"


@pytest.mark.parametrize("reset", [False, True], ids=["fin", "reset"])
def test_goes_on_by_itself(rig, served, server, reset):
    """Cut again and again: one run gets there, each try from where the one before ended."""
    put(served, ONE)
    rig.right.add(ONE)
    with relay.Relay(server.port, 1_500_000, reset) as way:
        result = rig.get("--retries", 3, url(way))
        if server.name in NO_RANGES:
            rig.assert_kept(result, ONE, 9, least=1_400_000)
        else:
            rig.assert_got(result, ONE)


@pytest.mark.parametrize("connections", [1, 4])
def test_one_run_after_another(rig, served, server, connections):
    """Each gets some more, besides what it compares."""
    if server.name != "lighttpd":
        pytest.skip("its tag is no more than a second and a size, or it gives no ranges: so small a file is fetched anew each time")
    put(served, ONE)
    rig.right.add(ONE)
    with relay.Relay(server.port, 1_200_000) as way:
        for _ in range(8):
            result = rig.get("--retries", 0, url(way), connections=connections)
            if result.status == 0:
                break
            rig.assert_kept(result, rig.kept, 9)
        rig.assert_got(result, ONE)


CHANGES = {
    "same size, another time": (TWO[:SIZE], 1_600_000_005), "same size, same second": (TWO[:SIZE], 1_600_000_000.5),
    "same size, same time": (TWO[:SIZE], 1_600_000_000), "another and longer": (TWO, 1_600_000_005),
    "grown": (ONE + b"more", 1_600_000_005), "grown in the same second": (ONE + b"more", 1_600_000_000),
    "shrunk": (TWO[:SIZE - 1000], 1_600_000_005), "shrunk in the same second": (TWO[:SIZE - 1000], 1_600_000_000),
    "shorter than what is held": (TWO[:1000], 1_600_000_005), "empty": (b"", 1_600_000_005), "older": (TWO[:SIZE], 1_500_000_000),
    "touched": (ONE, 1_600_000_005),
}


@pytest.mark.parametrize("content, moment", CHANGES.values(), ids=CHANGES.keys())
def test_changed_meanwhile(rig, served, halfway, content, moment):
    """The new file is got whole, also where neither tag nor date can tell it (all of its bytes are others)."""
    put(served, content, moment)
    rig.right = {content}
    rig.assert_got(rig.get(url(halfway)), content)


@pytest.mark.parametrize("content, moment", [CHANGES["same size, another time"], CHANGES["same size, same time"], CHANGES["grown"]],
                         ids=["another time", "same time", "grown"])
def test_changed_meanwhile_and_no_restart(rig, served, halfway, content, moment):
    put(served, content, moment)
    rig.assert_kept(rig.get("--no-restart", url(halfway)), ONE, 7, least=HELD - OVERHEAD)


def test_gone_meanwhile(rig, served, halfway):
    os.unlink(served / "root" / "file")
    rig.assert_kept(rig.get("--retries", 0, url(halfway)), ONE, 5, least=HELD - OVERHEAD)


# --- nginx: TLS, passwords, redirects, limits

@pytest.fixture(scope="module")
def secure(serving, served, certificates):
    """An nginx with a port for https, a folder behind a password (user:word), redirects, and places with limits."""
    folder = served / "root" / "secret"
    folder.mkdir()
    (folder / "file").write_bytes(ONE)
    passwords = served / "passwords"
    passwords.write_text("user:{PLAIN}word\n")
    port = _servers.bench.free_port()
    put(served, ONE)
    more = f"""access_log off;
        limit_conn_zone $server_port zone=few:1m;
        server {{ listen 127.0.0.1:{port} ssl; root {served / 'root'};
          ssl_certificate '{certificates.folder / 'good.pem'}'; ssl_certificate_key '{certificates.folder / 'key'}';
          location /down {{ return 302 http://127.0.0.1:$arg_port/file; }} }}"""
    location = f"""
        location /secret {{ auth_basic x; auth_basic_user_file {passwords}; }}
        location /moved {{ return 301 /file; }}
        location /moved/secret {{ return 302 /secret/file; }}
        location /up {{ return 308 https://127.0.0.1:{port}/file; }}
        location /loop {{ return 302 /loop; }}
        location /busy {{ return 503; }}
        location /few/ {{ alias {served / 'root'}/; limit_conn few 1; limit_rate 3m; }}
        location /slow/ {{ alias {served / 'root'}/; limit_rate 500k; }}"""
    started = serving("nginx secure", _servers.nginx(more.replace("{", "{{").replace("}", "}}"), location))
    started.tls_port = port
    return started


def test_https(rig, secure, certificates, served):
    put(served, ONE)
    rig.right.add(ONE)
    address = f"https://127.0.0.1:{secure.tls_port}/file"
    rig.assert_got(rig.get("--cacert", certificates.authority, address), ONE)
    os.unlink(rig.folder / "file")
    rig.assert_nothing(rig.get("--retries", 0, address), 10)


@pytest.mark.parametrize("connections", [1, 4])
def test_https_goes_on(rig, secure, certificates, served, connections):
    put(served, ONE)
    rig.right.add(ONE)
    with relay.Relay(secure.tls_port, HELD) as way:
        words = ["--cacert", certificates.authority, f"https://127.0.0.1:{way.port}/file"]
        rig.assert_kept(rig.get("--retries", 0, *words), ONE, 9)
        way.limit = None
        way.forget()
        rig.assert_got(rig.get(*words, connections=connections), ONE)


def test_password(rig, secure):
    rig.right.add(ONE)
    address = url(secure, "secret/file")
    rig.assert_nothing(rig.get("--retries", 0, address), 6)
    rig.assert_nothing(rig.get("--retries", 0, "-u", "user:wrong", address), 6)
    rig.assert_got(rig.get("-u", "user:word", address), ONE)
    os.unlink(rig.folder / "file")
    rig.assert_got(rig.get(address.replace("http://", "http://user:word@"), connections=4), ONE)


def test_password_and_redirect_to_the_same_server(rig, secure):
    rig.right.add(ONE)
    rig.assert_got(rig.get("-o", "file", "-u", "user:word", url(secure, "moved/secret")), ONE)


@pytest.mark.parametrize("path", ["moved", "up"])
def test_redirect(rig, secure, served, certificates, path):
    put(served, ONE)
    rig.right.add(ONE)
    rig.assert_got(rig.get("-o", "file", "--cacert", certificates.authority, url(secure, path), connections=4), ONE)


def test_redirects_that_are_refused(rig, secure, certificates):
    rig.assert_nothing(rig.get("-o", "file", "--retries", 0, url(secure, "loop")), 6)
    address = f"https://127.0.0.1:{secure.tls_port}/down?port={secure.port}"
    rig.assert_nothing(rig.get("-o", "file", "--retries", 0, "--cacert", certificates.authority, address), 6, 10)


def test_busy(rig, secure):
    rig.assert_nothing(rig.get("--retries", 1, url(secure, "busy")), 6)


def test_one_connection_is_allowed(rig, secure, served):
    """The others get 503: the one goes on."""
    put(served, ONE)
    rig.right.add(ONE)
    rig.assert_got(rig.get(url(secure, "few/file"), connections=4, timeout=60), ONE)


def test_each_connection_is_slow(rig, secure, served):
    put(served, ONE)
    rig.right.add(ONE)
    rig.assert_got(rig.get(url(secure, "slow/file"), connections=4, timeout=60), ONE)
