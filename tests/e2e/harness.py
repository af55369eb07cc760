"""Starting, watching and ending sampan processes.

Everything waits for an event (a line, an exit, a state of /proc) with a deadline; nothing here sleeps for
a fixed time and hopes.
"""
import contextlib
import functools
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"

#: How long anything that should happen soon may take on a busy machine. An upper bound, not a promise.
PATIENCE = float(os.environ.get("SAMPAN_TEST_PATIENCE", "20"))

NOBODY = 65534

ENGLISH = {"LC_ALL": "C.UTF-8"}
#: The locale is not generated on a bare Debian: the value of the variable has to be enough.
CHINESE = {"LC_ALL": "zh_CN.UTF-8"}
CHINESE_BY_LANG = {"LC_ALL": None, "LANG": "zh_CN.UTF-8"}

#: Where `./x test` unpacks programs to compare with (packages/peers.txt).
PEERS = REPOSITORY / "build" / "peers"
PEERS_REQUIRED = os.environ.get("SAMPAN_REQUIRE_PEERS") == "1"


def wait_until(condition, what, timeout=None, interval=0.01):
    """Polls `condition` until it is true and returns its value; fails naming `what` at the deadline."""
    deadline = time.monotonic() + (timeout or PATIENCE)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout or PATIENCE} s: {what}")
        time.sleep(interval)


def binary():
    """The program under test: $SAMPAN_BIN, or the release build of this repository."""
    named = os.environ.get("SAMPAN_BIN")
    path = pathlib.Path(named) if named else REPOSITORY / "build" / "release" / "sampan"
    if not path.is_absolute() and not path.exists():
        path = REPOSITORY / path
    return path.absolute()


def is_sanitized(path):
    """True when the binary was built with a sanitizer: figures about memory mean nothing there."""
    data = pathlib.Path(path).read_bytes()
    return b"__asan_init" in data or b"__tsan_init" in data


def environment(changes=None):
    """A small, fixed environment: no proxies, no settings of the person who runs the tests. None removes."""
    result = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent",
              "TERM": "xterm-256color", **ENGLISH}
    for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        if name in os.environ:
            result[name] = os.environ[name]
    for name, value in (changes or {}).items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def peer(name):
    """Path of a program that is unpacked under build/peers, or None."""
    return shutil.which(name, path=os.pathsep.join(str(PEERS / folder) for folder in ("usr/bin", "usr/sbin", "bin", "sbin")))


def peer_environment(program):
    """What a program needs in its environment to find the libraries that were unpacked with it."""
    if not str(program).startswith(f"{PEERS}/"):
        return {}
    folders = [*PEERS.glob("usr/lib/*-linux-gnu"), *PEERS.glob("lib/*-linux-gnu"), PEERS / "usr/lib"]
    return {"LD_LIBRARY_PATH": os.pathsep.join(map(str, folders))}


def sanitizer_report(stderr_text):
    """The first line of a sanitizer's report in `stderr_text`, or None."""
    found = re.search(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error: ", stderr_text)
    return stderr_text[stderr_text.rfind("\n", 0, found.start()) + 1:].partition("\n")[0] if found else None


class StreamReader:
    """Collects what comes out of a pipe in a thread, so that the process never blocks on it."""

    def __init__(self, stream, name):
        self.name = name
        self._stream = stream
        self._data = bytearray()
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._collect, name=f"read {name}", daemon=True)
        self._thread.start()

    def _collect(self):
        try:
            while chunk := os.read(self._stream.fileno(), 65536):
                with self._changed:
                    self._data += chunk
                    self._changed.notify_all()
        except (OSError, ValueError):
            pass
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def data(self):
        """All bytes so far."""
        with self._changed:
            return bytes(self._data)

    @property
    def text(self):
        """All bytes so far, as UTF-8; what is not UTF-8 becomes lone surrogates."""
        return self.data.decode("utf-8", "surrogateescape")

    @property
    def lines(self):
        """The complete lines so far, without their ends."""
        return self.text.split("\n")[:-1]

    @property
    def position(self):
        """A mark for `wait_for(..., start=)`: characters collected so far."""
        return len(self.text)

    def wait_for(self, pattern, timeout=None, start=0):
        """Waits until the text after `start` contains the regular expression; returns the match."""
        expression = re.compile(pattern, re.MULTILINE) if isinstance(pattern, str) else pattern
        deadline = time.monotonic() + (timeout or PATIENCE)
        with self._changed:
            while True:
                found = expression.search(self._data.decode("utf-8", "surrogateescape"), start)
                if found:
                    return found
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    why = "ended" if self._ended else "time is over"
                    raise AssertionError(f"{self.name}: no {expression.pattern!r} ({why}) in:\n"
                                         f"{self._data.decode('utf-8', 'backslashreplace')[start:]}")
                self._changed.wait(left)

    def wait_line(self, pattern, timeout=None, start=0):
        """Waits for a complete line that contains the regular expression; returns the line without its end."""
        return self.wait_for(rf"^[^\n]*(?:{pattern})[^\n]*\n", timeout, start).group(0).rstrip("\n")

    def wait_for_bytes(self, expected, timeout=None):
        """Waits until at least as many bytes as `expected` came, then compares all that came with it."""
        deadline = time.monotonic() + (timeout or PATIENCE)
        with self._changed:
            while len(self._data) < len(expected) and not self._ended and time.monotonic() < deadline:
                self._changed.wait(max(0.0, deadline - time.monotonic()))
            assert bytes(self._data) == expected, f"{self.name}: {bytes(self._data)!r} != {expected!r}"

    def wait_end(self, timeout=None):
        """Waits for the end of the stream and returns all bytes."""
        self._thread.join(timeout or PATIENCE)
        assert not self._thread.is_alive(), f"{self.name}: still open"
        return self.data


class Process:
    """A running program with its streams being read; ends with the block it is used in."""

    def __init__(self, argv, *, env=None, cwd=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                 preexec_fn=None, **popen):
        self.argv = [str(a) if not isinstance(a, bytes) else a for a in argv]
        self.popen = subprocess.Popen(self.argv, env=environment(env), cwd=cwd, stdin=stdin, stdout=stdout,
                                      stderr=subprocess.PIPE, start_new_session=True, preexec_fn=preexec_fn,
                                      bufsize=0, **popen)
        self.stdout = StreamReader(self.popen.stdout, "stdout") if stdout == subprocess.PIPE else None
        self.stderr = StreamReader(self.popen.stderr, "stderr")

    @property
    def pid(self):
        return self.popen.pid

    @property
    def running(self):
        return self.popen.poll() is None

    def send(self, data):
        """Writes to the process's stdin."""
        self.popen.stdin.write(data)

    def close_stdin(self):
        self.popen.stdin.close()

    def signal(self, number):
        if self.running:
            self.popen.send_signal(number)

    def wait(self, timeout=None):
        """Waits for the exit and returns the status; a process that goes on too long is killed and fails."""
        try:
            status = self.popen.wait(timeout or PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {timeout or PATIENCE} s: {self.argv}\n"
                                 f"{self.stderr.text}") from None
        self.stderr.wait_end()
        if self.stdout:
            self.stdout.wait_end()
        report = sanitizer_report(self.stderr.text)
        assert report is None, f"{report}\n{self.stderr.text}"
        return status

    def kill(self):
        """Ends the process, and what it started in its session, at once; does nothing when it has ended."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self.popen.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


class Server(Process):
    """`sampan serve` or `sampan listen`: knows its addresses, ends by SIGTERM with status 0."""

    ADDRESS = re.compile(r"^listening on (?:\[([0-9a-f:]+)\]|([0-9.]+)):([0-9]+)\n", re.MULTILINE)

    def __init__(self, argv, *, addresses=1, **options):
        super().__init__(argv, **options)
        try:
            self.addresses = self._read_addresses(addresses)
        except BaseException:
            self.kill()
            raise
        self.port = self.addresses[0][1]

    def _read_addresses(self, count):
        """Waits for `count` lines (0: one line, and more if they follow) and returns [(host, port)]."""
        def found():
            return [(six or four, int(port)) for six, four, port in self.ADDRESS.findall(self.stdout.text)]

        wanted = count or 1
        deadline = time.monotonic() + PATIENCE
        while len(found()) < wanted:
            if not self.running or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"no `listening on` line from {self.argv} (status {self.popen.returncode}):\n"
                                     f"{self.stdout.text}{self.stderr.text}")
            time.sleep(0.005)
        if count == 0:
            settle = time.monotonic() + 1
            while len(found()) < 2 and time.monotonic() < settle:
                time.sleep(0.01)
        return found()

    @property
    def received(self):
        """What came on stdout after the addresses (bytes)."""
        return re.sub(rb"^(listening on [^\n]*\n)+", b"", self.stdout.data)

    def wait_received(self, expected, timeout=None):
        """Waits until stdout holds `expected` (bytes) after the addresses and nothing else."""
        wait_until(lambda: len(self.received) >= len(expected) or not self.running, f"{expected[:80]!r} on stdout; "
                   f"stderr: {self.stderr.text[-2000:]}", timeout)
        assert self.received == expected

    def port_of(self, host):
        """The port for clients that connect to `host`: that of its own address, or of the wildcard of its family."""
        wildcard = "::" if ":" in host else "0.0.0.0"
        ports = dict(self.addresses)
        return ports.get(host) or ports.get(wildcard) or ports.get("::") or self.port

    def stop(self, number=signal.SIGTERM, timeout=None):
        """Sends the signal and returns the exit status."""
        self.signal(number)
        return self.wait(timeout)

    def cpu_seconds(self):
        """User plus system time used so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_descriptors(pid):
    """How many descriptors a process holds."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def highest_memory(pid):
    """The most resident memory a process ever had, in MiB (VmHWM)."""
    return _memory(pid, "VmHWM")


def resident_memory(pid):
    """The resident memory of a process now, in MiB (VmRSS)."""
    return _memory(pid, "VmRSS")


def _memory(pid, which):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{which}:\s+(\d+) kB", text).group(1)) / 1024


class Result:
    """How a program ended: `status`, `out` (bytes), `err` (text)."""

    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err.decode("utf-8", "surrogateescape")
        self.err_bytes = err

    def __repr__(self):
        return f"<{self.argv} -> {self.status}\n  out {self.out[:2000]!r}\n  err {self.err[:4000]!r}>"


def run(argv, *, stdin=b"", env=None, cwd=None, timeout=None, preexec_fn=None, **popen):
    """Runs a program to its end, without a terminal; `stdin` is bytes, or a file for Popen."""
    argv = [a if isinstance(a, bytes) else str(a) for a in argv]
    given = isinstance(stdin, bytes)
    popen.setdefault("stdout", subprocess.PIPE)
    process = subprocess.Popen(argv, env=environment(env), cwd=cwd, stdin=subprocess.PIPE if given else stdin,
                               stderr=subprocess.PIPE, start_new_session=True, preexec_fn=preexec_fn,
                               **popen)
    try:
        out, err = process.communicate(stdin if given else None, timeout or PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # and what it started
        out, err = process.communicate()
        raise AssertionError(f"still running after {timeout or PATIENCE} s: {argv}\n{out!r}\n{err!r}") from None
    result = Result(argv, process.returncode, out or b"", err or b"")
    report = sanitizer_report(result.err)
    assert report is None, f"{report}\n{result.err}"
    return result


@functools.lru_cache(maxsize=None)
def one_try():
    """The words that make `get` try once: none for a build that never tries again by itself."""
    return ("--retries", "0") if b"--retries" in run([binary(), "get", "--help"]).out else ()


def limit_descriptors(number):
    """For preexec_fn: soft and hard descriptor limit."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))


def allow_descriptors(number):
    """Raises this process's soft limit to at least `number`; returns what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        soft = number if hard == resource.RLIM_INFINITY else min(number, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft


def in_parallel(function, items, threads=32):
    """Calls `function` for every item in threads; returns the results in order, raises the first failure."""
    import concurrent.futures
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))


def numbers_away(line):
    """A log line with everything that differs between two runs taken out."""
    return re.sub(r"[0-9]+", "N", line)


if __name__ == "__main__":
    sys.exit("a module, not a program")
