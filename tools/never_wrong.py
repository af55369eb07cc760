#!/usr/bin/python3
"""Writes docs/never-wrong.md: what downloaders make of servers that lie, cut, or have another file by now.

Each downloader is interrupted halfway, or not, and then run again, as its manual says, against the server of the end-to-end
tests (tests/e2e/hostile.py). What it leaves and the status that it ends with are put into one word. Needs a release build, and the
peers that `./x test` unpacks. Usage: never_wrong.py [--case WORD] [--print].
"""

import argparse
import collections
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tests/e2e"), str(ROOT / "bench")]  # last: bench/http.py is not the module of that name

import _clients  # noqa: E402
import harness  # noqa: E402
import hostile  # noqa: E402
import raw  # noqa: E402
from hostile import File, answering, by_range, exact, heedless, ignorant, in_turn, message  # noqa: E402
from rig import A, B, HELD, LAST, SIZE  # noqa: E402

PATIENCE = 30  # seconds: longer than every timeout that the downloaders are given
OLD = b"the old file"

#: How each is run; the first time and to go on. They try twice where they can be told to.
TOOLS = {
    "curl -C -": (["curl", "-q", "-sSf", "-m", "20", "-o", "file"], ["-C", "-"]),
    "wget -c": (["wget", "--no-config", "-q", "-t", "2", "-T", "5"], ["-c"]),
    "wget2 -c": (["wget2", "--no-config", "-q", "--tries=2", "--timeout=5"], ["-c"]),
    "aria2c -c": (["aria2c", "--no-conf", "-q", "-x1", "--disable-ipv6=true", "-m2", "--retry-wait=1", "-t5", "-o", "file",
                   "--allow-overwrite=true"], ["-c"]),
    "axel": (["axel", "-q", "-n", "1", "-T", "5", "-o", "file"], []),
    "sampan get": (["sampan", "get", "-q", "-n", "1", "--retries", "2", "--timeout", "5s"], []),
}

PAGE = b"<html><body>Please log in</body></html>"
#: `counts`: the behaviour counts its requests, and is made anew for each run by calling it.
Case = collections.namedtuple("Case", "title behaviour right start counts", defaults=[A.content, "half", False])


def ranged(make):
    """`make(first)` answers a range, the file the rest."""
    return by_range(answering(lambda request: make(request.first), keep=False), A)


def range_of(first, body, *fields, last=LAST):
    return A.partial(f"bytes {first}-{last}/{SIZE}", body, *fields)


def wrapped(first):
    body = b"--x\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes %d-%d/%d\r\n\r\n" % (first, LAST, SIZE) + \
        A.content[first:] + b"\r\n--x--\r\n"
    fields = ['ETag: "A"', "Content-Type: multipart/byteranges; boundary=x", f"Content-Length: {len(body)}"]
    return message("206 Partial Content", fields, body)


GROWN = File(B.content + b"and more", etag='"B"')
SHRUNK = File(B.content[:-500_000], etag='"B"')
SHORT = File(B.content[:HELD // 2], etag='"B"')
WEAK = File(B.content, etag='W/"A"')
REPLICAS = lambda exchange: heedless(File(A.content, etag=f'"{exchange.request.number}"', modified=None))(exchange)  # noqa: E731
CHUNKED = message("200 OK", [*A.fields(), "Transfer-Encoding: chunked"])

CASES = [
    # Interrupted in the middle; then the server:
    Case("keeps the rules; the file is as it was", A),
    Case("keeps the rules; the file is another of the same size", B, B.content),
    Case("keeps the rules; the file has grown", GROWN, GROWN.content),
    Case("gives a range of the new file, of the same size, whatever If-Range says", heedless(B), B.content),
    Case("gives a range of the new file, which is longer", heedless(GROWN), GROWN.content),
    Case("gives a range of the new file, which is shorter", heedless(SHRUNK), SHRUNK.content),
    Case("says 416: the new file is shorter than what is held", heedless(SHORT), SHORT.content),
    Case("gives a range of the new file under the same weak tag", heedless(WEAK), WEAK.content),
    Case("has another tag for each answer, the same bytes", REPLICAS),
    Case("knows no ranges; the file is as it was", ignorant(A)),
    Case("knows no ranges; the file is another", ignorant(B), B.content),
    Case("begins the range before the asked place", ranged(lambda first: A.part(max(0, first - 5000)))),
    Case("begins the range behind the asked place", ranged(lambda first: A.part(min(first + 10, LAST)))),
    Case("ends each range after 100 kB", ranged(lambda first: A.part(first, first + 99_999))),
    Case("gives no Content-Range", ranged(lambda first: A.partial(None, A.content[first:]))),
    Case("wraps the range in multipart", ranged(wrapped)),
    Case("compresses the range, unasked", ranged(lambda first: range_of(first, A.content[first:], "Content-Encoding: gzip",
                                                                        f"Content-Length: {SIZE - first}"))),
    Case("tells a length that is not the range's", ranged(lambda first: range_of(first, A.content[first:-1000]))),
    Case("says 416, with no length, in the middle of the file", by_range(exact(message("416 No", ["Content-Length: 0"])), A)),
    Case("is a portal: 200 and a short page", exact(message("200 OK", ["Content-Type: text/html", f"Content-Length: {len(PAGE)}"], PAGE))),
    Case("is a portal without a length", exact(message("200 OK", ["Content-Type: text/html", "Connection: close"], PAGE))),
    Case("says 404 with a page", exact(message("404 Not Found", [f"Content-Length: {len(PAGE)}"], PAGE))),
    # From nothing; the server:
    Case("cuts the body in half, always", hostile.cut(A, HELD), start="nothing"),
    Case("cuts the body once", lambda: in_turn(hostile.cut(A, HELD), A), start="nothing", counts=True),
    Case("resets in the middle, once", lambda: in_turn(hostile.cut(A, HELD, hostile.resets), A), start="nothing", counts=True),
    Case("ends a chunked body before its last chunk", exact(CHUNKED + hostile.chunked(A.content[:HELD])[:-5]), start="nothing"),
    Case("sends a chunk size that is none", exact(CHUNKED + hostile.chunked(A.content[:HELD])[:-5] + b"xyz\r\n"), start="nothing"),
    Case("tells a wrong length beside its chunks", exact(message("200 OK", ["Content-Length: 100", "Transfer-Encoding: chunked"],
                                                                 hostile.chunked(A.content))), start="nothing"),
    Case("speaks no HTTP", exact(b"<html>hello</html>"), start="nothing"),
    Case("changes the file at the second request", lambda: in_turn(hostile.cut(A, HELD), heedless(B)), B.content, "nothing", True),
    # Over an old file of that name; the server:
    Case("says 404 with a page", exact(message("404 Not Found", [f"Content-Length: {len(PAGE)}"], PAGE)), None, "old"),
    Case("says 500 with a page", exact(message("500 x", [f"Content-Length: {len(PAGE)}"], PAGE)), None, "old"),
    Case("cuts the body in half, always", hostile.cut(A, HELD), start="old"),
]
STARTS = {"half": "Interrupted in the middle, run again; the server …", "nothing": "Run once; the server …",
          "old": "Run over an older, complete file; the server …"}


class Tool:
    def __init__(self, name, home):
        words, self.again = TOOLS[name]
        program = harness.binary() if words[0] == "sampan" else _clients.program(words[0])
        self.argv = [str(program), *words[1:]]
        self.env = harness.environment({"HOME": home}) if words[0] == "sampan" else _clients.environment(home)

    def start(self, url, folder, again=False):
        return subprocess.Popen([*self.argv, *(self.again if again else []), url], cwd=folder, env=self.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def interrupt_halfway(self, server, folder):
        """A first run that gets HELD bytes of A, then nothing, and is ended as Ctrl-C does."""
        delivered, ended = threading.Event(), threading.Event()

        def halting(exchange):
            answer = A.answer(exchange.request)
            exchange.send(answer[:len(answer) - SIZE + HELD])
            sock = exchange.sock
            harness.wait_until(lambda: exchange.left or raw.unacknowledged(sock) + raw.unread_by_peer(sock) == 0, "all is read")
            if not exchange.left:  # axel leaves its first connection once it has seen the head
                delivered.set()
                ended.wait(PATIENCE)
        server.behaviour = forgiving(halting)
        process = self.start(server.url(), folder)
        if not delivered.wait(PATIENCE):
            raise SystemExit(f"never_wrong: {self.argv[0]} did not begin")
        ended.wait(0.3)  # what it has read is on its way to the file; nothing tells when it is there
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        ended.set()

    def run(self, server, folder, again):
        """The status; None for one that went on and on."""
        process = self.start(server.url(), folder, again)
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None


def begins_as_the_first(folder):
    """True when some file holds the beginning of A, as much as was held."""
    return any(path.read_bytes()[:HELD - (64 << 10)] == A.content[:HELD - (64 << 10)] for path in folder.iterdir() if path.is_file())


def outcome(case, status, folder):
    """One word for what was left and told."""
    path = folder / "file"
    got = path.read_bytes() if path.is_file() else None
    if status is None:
        return "never ends"
    if case.right is not None and got == case.right:
        return "right" if status == 0 else "right, but told as a failure"
    if case.start == "old":
        if got == OLD:
            return "kept" if status else "kept, **not told**"
        return "**lost**" if status else "**silent**"
    if status == 0:
        return "**silent**" if got is not None else "**silent**, no file"
    if begins_as_the_first(folder):
        # A longer file than was ever received of A, or one that goes on as another: a next run would build on it.
        spoilt = got is not None and len(got) >= HELD and got != A.content[:len(got)]
        return "caught, **spoilt**" if spoilt else "caught, kept"
    return "caught" if got is None or got == A.content[:len(got)] else "caught, **wrong file left**"


def forgiving(behaviour):
    """A client that reads no further, or is ended, is no failure of the server here."""
    def behave(exchange):
        try:
            return behaviour(exchange)
        except (AssertionError, OSError):
            return False
    return behave


def play(case, name, home):
    with tempfile.TemporaryDirectory() as place, hostile.Server() as server:
        folder, tool = pathlib.Path(place), Tool(name, home)
        if case.start == "half":
            tool.interrupt_halfway(server, folder)
            server.forget()
        elif case.start == "old":
            (folder / "file").write_bytes(OLD)
        server.behaviour = forgiving(case.behaviour() if case.counts else case.behaviour)
        return outcome(case, tool.run(server, folder, case.start == "half"), folder)


TEXT = """# Never wrong

What downloaders make of servers that cut, lie, or have another file by now. Made by `tools/never_wrong.py` from real runs against the
server of the end-to-end tests (`tests/e2e/hostile.py`); to repeat it: `./x test fast -- --co -q` (builds, and unpacks the peers), then
`/usr/bin/python3 tools/never_wrong.py`. The file has {size} bytes, {held} of them are there when a run is interrupted (SIGINT).

{versions}; run as in `TOOLS` there, on one connection.

| word | what was left, and told |
|---|---|
| right | the file as the server has it, status 0 |
| **silent** | another or no file, status 0 |
| caught | a failure was told, and no wrong file left |
| kept | what had been received, or the older file, is still there |
| **spoilt**, **wrong file left** | a failure was told, but the file is a mixture, or something else, which a next run may take for good |
| **lost** | a failure was told, and the older file is gone |
| **not told** | status 0, although the new file was not got |
| never ends | more than {patience} s |

{tables}
## What nobody can observe

- A file that is changed while one answer is sent, when length and validators stay the same, and no digest is known: the bytes of the two are sent as one.
  With `--sha256`, `--checksums` or a digest from the server it is caught.
- Another file under the same strong entity tag, of the same size, that is the same at the places which are compared. Servers of Debian make
  tags from size and time of change; where a tag tells seconds only, `get` takes it for weak.
- The end of an answer without a length, over plain TCP: the network ends a connection as a server does. `get` says so; `--strict` refuses.
- Bytes that are changed on the way, without TLS and without a digest, so that TCP's checksum of 16 bits is right again.
- A disk that says a write has come through when it has not.
"""


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--case", default="", metavar="WORD", help="only cases with this in their title")
    options.add_argument("--print", action="store_true", help="to stdout, instead of into docs/never-wrong.md")
    given = options.parse_args()
    tables = []
    with tempfile.TemporaryDirectory() as home:
        (pathlib.Path(home) / ".axelrc").write_text("reconnect_delay = 1\nmax_redirect = 5\n")
        for start, title in STARTS.items():
            rows = [f"| {title} | {' | '.join(f'`{name}`' for name in TOOLS)} |", "|---" * (len(TOOLS) + 1) + "|"]
            for case in CASES:
                if case.start == start and given.case in case.title:
                    rows.append(f"| {case.title} | {' | '.join(play(case, name, home) for name in TOOLS)} |")
                    print(rows[-1], file=sys.stderr, flush=True)
            tables.append("\n".join(rows) + "\n")
        sampan = _clients.bench.first_line([harness.binary(), "--version"], r"sampan \S+")
        text = TEXT.format(size=f"{SIZE:,}", held=f"{HELD:,}", patience=PATIENCE, tables="\n".join(tables),
                           versions=", ".join([sampan, *_clients.versions(home)]))
    if given.print:
        print(text)
    else:
        (ROOT / "docs/never-wrong.md").write_text(text)


main()
