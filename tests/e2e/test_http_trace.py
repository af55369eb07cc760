"""`sampan serve` over HTTP, seen from the kernel: which system calls an answer costs, and what they open."""
import collections
import contextlib
import itertools
import os
import re
import subprocess
import threading

import harness
import pytest
import raw
import site_tree
import tree
import web

#: Calls that take a path. Not readlink, which also tells where an open file lies.
PATH_CALLS = "open,openat,openat2,creat,statx,newfstatat,stat,lstat,access,faccessat,faccessat2,chdir"

SENDING_CALLS = "sendfile,sendto,sendmsg,write,writev,splice"

#: What waiting and the time cost is nobody's request.
WAITING = {"epoll_wait", "epoll_pwait", "epoll_pwait2", "clock_gettime", "restart_syscall", "gettimeofday"}

REQUESTS = 100


class Trace:
    """The calls of a trace: `calls` [(name, the rest of the line)], complete once the block is left."""

    def __init__(self):
        self.calls = []

    def read(self, text):
        for line in text.splitlines():
            found = re.match(r"\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)", line)
            if found:
                self.calls.append((found.group(1), found.group(2), "resumed>" in line))

    def count(self):
        """How often each call was made."""
        return collections.Counter(name for name, _, resumed in self.calls if not resumed)

    def transferred(self, *names):
        """The sum of what these calls returned."""
        results = (re.search(r"= (\d+)$", rest) for name, rest, _ in self.calls if name in names)
        return sum(int(found.group(1)) for found in results if found)


@pytest.fixture
def traced(tool, missing, tmp_path):
    """traced(server, calls): a context manager that gives the Trace of a server's system calls."""
    strace = tool("strace")

    @contextlib.contextmanager
    def follow(server, calls="all"):
        trace, output = Trace(), tmp_path / "trace"
        tracer = subprocess.Popen([strace, "-f", "-y", "-s", "300", "-p", str(server.pid), "-e", f"trace={calls}", "-o",
                                   str(output)],
                                  stderr=subprocess.PIPE, text=True)
        try:
            if "attached" not in tracer.stderr.readline():
                missing("no ptrace here")
            yield trace
        finally:
            tracer.terminate()
            tracer.communicate()
        trace.read(output.read_text(errors="replace"))
    return follow


@pytest.fixture(scope="module")
def quiet_server(serve, site):
    """One worker, no log: what is traced is the answers."""
    with serve("--workers", 1, "--access-log", "off", site.root) as running:
        yield running


def warmed(connection, target, *lines):
    for _ in range(50):
        connection.ask(target, *lines)


def test_files_are_opened_below_the_root_only(traced, quiet_server, site):
    """Every path that comes from a request is resolved from the root's descriptor, by whatever call."""
    targets = ["/ten.txt", "/dir/a.txt", "/dir/deep/b.txt", "/in", "/out", "/outdir/passwd", "/updir/secret", "/loop",
               "/missing-name", "/dir/", "/idx/",
               "/?json", "/medium", "/dir", "/.hidden", "/dir/../ten.txt", "/etc/passwd", "/fifo"]
    with traced(quiet_server, PATH_CALLS) as trace, web.Connection(quiet_server.port) as connection:
        for target in targets:
            connection.ask(target)
            connection.ask(target, "Range: bytes=0-0")
    asked = {"ten.txt", "a.txt", "b.txt", "in", "out", "passwd", "secret", "loop", "missing-name", "dir", "idx", "index.html",
             "medium", "fifo"}
    checked = 0
    for name, rest, _ in trace.calls:
        for path in re.findall(r'"((?:[^"\\]|\\.)*)"', rest):
            assert str(site.root) not in path and "/etc/passwd" != path, (name, rest)
            if asked & set(path.split("/")):
                assert re.match(rf"\d+<{re.escape(str(site.root))}[/>]", rest) and not path.startswith("/"), (name, rest)
                checked += 1
    assert checked >= len(targets) // 2, "the trace does not show what was asked for"


def test_large_files_leave_by_sendfile(traced, quiet_server):
    with traced(quiet_server, SENDING_CALLS) as trace, web.Connection(quiet_server.port) as connection:
        assert connection.ask("/medium").body == tree.pattern(3_000_000)
    assert trace.transferred("sendfile") >= 3_000_000 * 0.95, trace.count()
    assert trace.transferred("sendto", "sendmsg", "write", "writev") < 200_000


def test_large_ranges_leave_by_sendfile(traced, quiet_server):
    with traced(quiet_server, SENDING_CALLS) as trace, web.Connection(quiet_server.port) as connection:
        assert connection.ask("/medium", "Range: bytes=1000000-1999999").body == tree.pattern(3_000_000)[1_000_000:2_000_000]
        assert len(connection.ask("/big", f"Range: bytes={2**32 - 500_000}-{2**32 + 499_999}").body) == 1_000_000
    assert trace.transferred("sendfile") >= 2_000_000 * 0.95, trace.count()


@pytest.mark.parametrize("target, lines, status, looks", [
    ("/ten.txt", [], 200, ["statx"]),
    ("/empty", [], 200, ["statx"]),
    ("/ten.txt", ["If-None-Match: *"], 304, ["statx"]),
    # Is there a precompressed neighbour now? Its folder tells.
    ("/ten.txt", ["User-Agent: Mozilla/5.0 (X11; Linux x86_64)", "Accept: */*", "Accept-Encoding: gzip"], 200,
     ["statx", "statx"]),
    # Has a folder on the way become a link?
    ("/dir/deep/b.txt", [], 200, ["openat2", "statx", "close"]),
])
def test_small_answer_costs_few_calls(traced, quiet_server, target, lines, status, looks):
    """Receive, ask whether the file is still the same, send. Nothing is opened for reading."""
    with web.Connection(quiet_server.port) as connection:
        warmed(connection, target, *lines)
        with traced(quiet_server) as trace:
            for _ in range(REQUESTS):
                assert connection.ask(target, *lines).status == status
    count = trace.count()
    received, sent = count.pop("recvfrom", 0), count.pop("sendto", 0)
    looked = {name: count.pop(name, 0) for name in set(looks)}
    assert looked == {name: REQUESTS * looks.count(name) for name in looks}, trace.count()
    # Idle threads start their waits anew when the tracer comes, and a tick of the clock may fall into the trace.
    assert count.pop("futex", 0) <= 10, trace.count()
    others = sum(number for name, number in count.items() if name not in WAITING)
    assert REQUESTS <= received <= REQUESTS + 3 and sent == REQUESTS and others <= 3, trace.count()


def test_pipelined_requests_share_calls(traced, quiet_server):
    """What came in one segment is received once and answered together."""
    with web.Connection(quiet_server.port) as connection:
        warmed(connection, "/ten.txt")
        with traced(quiet_server) as trace:
            connection.send(web.request("/ten.txt") * 10)
            for _ in range(10):
                assert connection.answer().body == tree.TEN
    count = trace.count()
    assert count["recvfrom"] <= 3 and not count["openat2"] and not count["openat"], count


def test_client_that_never_stops_sending_gets_turns(traced, quiet_server):
    """Between its portions the server looks after the others."""
    head = web.request("/missing", *(f"X{number}: {'y' * 300}" for number in range(90)), method="HEAD")
    with traced(quiet_server, "recvfrom,epoll_wait") as trace, web.Connection(quiet_server.port) as connection:
        sender = threading.Thread(target=connection.sock.sendall, args=(head * 1000,))
        sender.start()
        for _ in range(1000):
            assert connection.answer("HEAD").status == 404
        sender.join()
    waits = [name == "epoll_wait" for name, _, resumed in trace.calls if not resumed]
    longest = max(len(list(run)) for waiting, run in itertools.groupby(waits) if not waiting)
    assert len(waits) > 100 and longest <= 32, longest


@pytest.mark.full
def test_client_that_leaves_stops_its_walk(traced, serve, tmp_path):
    folder, names = tmp_path / "folder", 20_000
    folder.mkdir()
    for number in range(names):
        os.close(os.open(folder / str(number), os.O_CREAT | os.O_WRONLY, 0o644))
    with serve("--workers", 1, folder) as server:
        idle = raw.file_descriptors_of_sockets(server.pid)
        with traced(server, "statx") as trace:
            with web.Connection(server.port) as connection:
                connection.send(web.request("/"))
                assert connection.head().status == 200
                raw.reset(connection.sock)
            harness.wait_until(lambda: raw.file_descriptors_of_sockets(server.pid) <= idle, "the connection is closed")
    assert trace.count()["statx"] < names / 2


def test_head_of_a_folder_reads_no_folder(traced, quiet_server):
    with traced(quiet_server, "getdents64,getdents") as trace:
        assert web.head(quiet_server.port, "/dir/").status == 200
    assert not trace.calls, trace.calls


def test_index_page_reads_no_folder(traced, quiet_server):
    with traced(quiet_server, "getdents64,getdents") as trace:
        assert web.get(quiet_server.port, "/idx/").body == site_tree.INDEX
    assert not trace.calls, trace.calls
