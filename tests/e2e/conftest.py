"""Fixtures of the end-to-end tests: the program, running servers, runs, terminals, folders."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
pytest.register_assert_rewrite("raw", "harness", "peers", "web", "hostile", "rig")

import certificates as certificate_files  # noqa: E402
import harness  # noqa: E402  (the folder has to be on the path first)
import hostile  # noqa: E402
import raw  # noqa: E402
import rig as rigs  # noqa: E402
import site_tree  # noqa: E402
import terminal  # noqa: E402
import tree  # noqa: E402
import web  # noqa: E402


def pytest_configure(config):
    """Makes the markers known, also when the tests run without the repository's pytest.ini."""
    config.addinivalue_line("markers", "full: slow or big; run in CI, not before every commit")
    config.addinivalue_line("markers", "load: thousands of clients; not under a sanitizer")
    config.addinivalue_line("markers", "long: kills and soaks, by hand")


@pytest.fixture(scope="session")
def sampan():
    """Path of the program under test."""
    path = harness.binary()
    if not os.access(path, os.X_OK):
        pytest.fail(f"no program at {path}: build it, or name it in SAMPAN_BIN", pytrace=False)
    return str(path)


@pytest.fixture(scope="session")
def sampan_for_all():
    """A copy of the program where an unprivileged user can run it, in a folder where it can read."""
    folder = tempfile.mkdtemp(prefix="sampan-e2e-")
    os.chmod(folder, 0o755)
    copy = os.path.join(folder, "sampan")
    shutil.copyfile(harness.binary(), copy)
    os.chmod(copy, 0o755)
    yield copy
    shutil.rmtree(folder)


@pytest.fixture
def open_folder():
    """An empty folder that every user can enter (pytest's own are for one user only)."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sampan-e2e-"))
    os.chmod(folder, 0o755)
    yield folder
    shutil.rmtree(folder)


def _server_context(sampan):
    @contextlib.contextmanager
    def start(command, args, bind, addresses, status, options):
        args = [str(a) if not isinstance(a, bytes) else a for a in args]
        given_binds = sum(a in ("-b", "--bind") for a in args)
        argv = [options.pop("program", sampan), command]
        if not given_binds and bind:
            argv += ["-b", bind]
        with harness.Server(argv + args, addresses=addresses if addresses is not None else max(1, given_binds),
                            **options) as server:
            yield server
            if server.running:
                found = server.stop()
                assert found == status, f"{server.argv} ended with {found}\n{server.stderr.text}"
    return start


@pytest.fixture(scope="session")
def serve(sampan):
    """serve(*args, env=, cwd=, bind="127.0.0.1", port=0, …): a context manager giving a harness.Server.

    Stopped by SIGTERM at the end of the block, which has to give status 0. `bind=None` and `port=None` leave
    the option out.
    """
    start = _server_context(sampan)

    def make(*args, bind="127.0.0.1", port=0, addresses=None, **options):
        chosen = [] if port is None else ["-p", port]
        return start("serve", [*chosen, *args], bind, addresses, 0, options)
    return make


@pytest.fixture(scope="session")
def listen(sampan):
    """listen(*args, env=, stdin=, bind=, port=0, …): as `serve`, for `sampan listen`."""
    start = _server_context(sampan)

    def make(*args, bind="127.0.0.1", port=0, addresses=None, **options):
        chosen = [] if port is None else [port]
        return start("listen", [*chosen, *args], bind, addresses, 0, options)
    return make


@pytest.fixture(scope="session")
def run(sampan):
    """run(*args, stdin=b"", env=, cwd=, timeout=): runs sampan to its end, gives a harness.Result."""
    def go(*args, program=None, **options):
        return harness.run([program or sampan, *args], **options)
    return go


@pytest.fixture
def start(sampan):
    """start(*args, …): a running sampan (harness.Process) that is killed at the end of the test at the latest."""
    with contextlib.ExitStack() as stack:
        def go(*args, program=None, **options):
            return stack.enter_context(harness.Process([program or sampan, *args], **options))
        yield go


@pytest.fixture
def on_terminal(sampan):
    """on_terminal(*args, env=, cwd=, …): sampan with a terminal of its own (terminal.Terminal)."""
    with contextlib.ExitStack() as stack:
        def go(*args, **options):
            return stack.enter_context(terminal.Terminal([sampan, *args], **options))
        yield go


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """A folder with every kind of entry a server meets, and a sentinel file beside it."""
    return tree.build(tmp_path_factory.mktemp("serve"))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder that the tests of HTTP serve (site_tree.Site)."""
    return site_tree.Site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def web_server(serve, site):
    """One server on that folder for all tests of a module, with `idle_sockets`: how many it has without clients."""
    with serve(site.root) as server:
        server.idle_sockets = raw.file_descriptors_of_sockets(server.pid)
        yield server


@pytest.fixture
def port(web_server):
    """The port of the module's server."""
    return web_server.port


@pytest.fixture(autouse=True)
def watched(request):
    """After each test of HTTP: nothing of the sentinel came out, the common server serves, and holds no connection."""
    web.leaks.clear()
    yield
    assert not web.leaks, web.leaks
    if "web_server" in request.fixturenames:
        server = request.getfixturevalue("web_server")
        assert web.get(server.port, "/ten.txt").body == tree.TEN
        harness.wait_until(lambda: raw.file_descriptors_of_sockets(server.pid) <= server.idle_sockets,
                           "the server has closed every connection")


@pytest.fixture
def target(tmp_path):
    """An empty folder to download into, inside another so that an escape can be seen."""
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


@pytest.fixture
def rig(sampan, tmp_path):
    """`sampan get` in a folder of its own, checked after each run (rig.Rig)."""
    return rigs.Rig(sampan, tmp_path)


@pytest.fixture
def half(rig):
    """A server whose file rig.A the rig has got the first half of."""
    rig.right.add(rigs.A.content)
    with hostile.Server() as server:
        rig.begin(server, rigs.A, rigs.HELD)
        yield server


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Certificates of a server, good and bad (certificates.Certificates)."""
    return certificate_files.Certificates(tmp_path_factory.mktemp("certificates"))


def _missing(message):
    """A visible skip; a failure where every peer has to be there."""
    if harness.PEERS_REQUIRED:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="session")
def missing():
    """missing(message): skips visibly, or fails where everything has to be there."""
    return _missing


@pytest.fixture(scope="session")
def tool():
    """tool(*names): path of the first of these programs that is installed, or unpacked as a peer."""
    def find(*names):
        found = next(filter(None, map(shutil.which, names)), None) or next(filter(None, map(harness.peer, names)), None)
        return found or _missing(f"not there: {' / '.join(names)}")
    return find


@pytest.fixture(scope="session")
def private_mounts():
    """The start of a command line that runs a command with mounts of its own."""
    for words in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        if shutil.which("unshare") and subprocess.run([*words, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            return words
    return _missing("no mount namespaces here")


@pytest.fixture(scope="session")
def needs_root():
    """Skips visibly where the tests do not run as root."""
    if os.geteuid() != 0:
        _missing("needs root: another user, or a private network, has to be made")
