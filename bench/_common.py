"""What the benches share: children that are pinned, measured and always ended, medians, Markdown tables.

CPU seconds are user + system of one process as wait4(2) tells when it has ended, so they include its start (a few
milliseconds). Loopback runs the receiving half of TCP inside the sender's send call: a sender's figure holds part of the
network's work whoever the receiver is, and ratios between senders are nearer to 1 than the programs alone would be.
"""

import atexit
import dataclasses
import os
import pathlib
import platform
import re
import resource
import signal
import socket
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
GIB = 1 << 30
HOST = "127.0.0.1"
PYTHON = "/usr/bin/python3"

_cores = sorted(os.sched_getaffinity(0))
# One end on each core, so that neither waits for the other's time slice.
SERVER_CORE, CLIENT_CORE = _cores[0], _cores[-1]
_alive = {}  # pid → Child


@dataclasses.dataclass
class Usage:
    """What a child took, in seconds."""

    cpu: float
    wall: float
    status: int


class Child:
    """A child process on one core. It is killed by its pid when the bench ends before it."""

    def __init__(self, argv, core=None, **popen):
        pin = (lambda: os.sched_setaffinity(0, {core})) if core is not None else None
        self.argv = [str(a) for a in argv]
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.argv, preexec_fn=pin, **popen)
        self.pid = self.process.pid
        _alive[self.pid] = self

    def signal(self, number):
        os.kill(self.pid, number)  # not yet waited for, so the number is still this process's

    def finish(self, expected=0):
        """Waits for its end; raises when the status is not the expected one (None: any)."""
        _, status, used = os.wait4(self.pid, 0)
        wall = time.monotonic() - self.started
        del _alive[self.pid]
        self.process.returncode = code = os.waitstatus_to_exitcode(status)
        if expected is not None and code != expected:
            raise SystemExit(f"bench: {' '.join(self.argv)} ended with {code}")
        return Usage(used.ru_utime + used.ru_stime, wall, code)


class Sampan(Child):
    """`sampan serve` or `listen`, started: `port` is where it listens."""

    def __init__(self, words, core=None, **popen):
        popen = {"stderr": subprocess.DEVNULL, **popen}
        super().__init__([sampan(), *words, "--bind", HOST], core, stdout=subprocess.PIPE, text=True, **popen)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on .*:(\d+)", line.strip())
        if not found:
            self.stop(expected=None)
            raise NotStarted(f"sampan {words[0]} did not say where it listens")
        self.port = int(found[1])

    def stop(self, expected=0):
        self.signal(signal.SIGTERM)
        return self.finish(expected)


class NotStarted(SystemExit):
    """A server is not there or did not start; ends the bench where nobody goes on without it."""


def bounded(seconds):
    """Ends the bench, and its children, when it takes longer."""

    def too_long(*_):
        raise SystemExit(f"bench: not done after {seconds} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)


@atexit.register
def _end_children():
    for child in list(_alive.values()):
        child.signal(signal.SIGKILL)
        os.waitpid(child.pid, 0)


def sampan():
    return os.environ.get("SAMPAN_BIN") or str(ROOT / "build/release/sampan")


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def wait_until_listening(port, child=None, patience=10.0):
    """Looks in /proc, since a connection made only to find out would be the one that a peer serves. A child that ended
    meanwhile is not waited for any longer."""
    wanted = f":{port:04X} 00000000:0000 0A"
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if wanted in pathlib.Path("/proc/net/tcp").read_text():
            return
        if child is not None and os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.005)
    raise NotStarted(f"nothing listens on port {port}")


def raise_descriptor_limit():
    """To the hard limit, for this process and its children; returns it."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def memory(pid):
    """Bytes: the resident set, and its part that is no file's."""
    told = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {key: int(re.search(rf"{key}:\s*(\d+) kB", told)[1]) * 1024 for key in ("VmRSS", "RssAnon")}


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def thread_cpu(pid):
    """CPU seconds that all threads of a running process took: user + system, in nanoseconds instead of stat's 10 ms."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def alternate(rounds, contestants):
    """Runs each once a round, in turn, so that a busy minute hits all; returns {name: [result, …]}."""
    results = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            results[name].append(run())
    return results


def median(values):
    return statistics.median(values)


def spread(values):
    """`median (least–most)`, in seconds."""
    return f"{median(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def table(headers, rows):
    """Prints a Markdown table; the first column is text, the others are figures."""
    print("| " + " | ".join(headers) + " |")
    print("|---" + "|---:" * (len(headers) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)


def verdict(what, figure, limit, form="{:.2f}", at_least=False):
    reached = "reached" if (figure >= limit if at_least else figure <= limit) else "NOT reached"
    sign = "≥" if at_least else "≤"
    print(f"- {what}: {form.format(figure)}, to reach: {sign} {form.format(limit)} — {reached}", flush=True)


def file_system(path):
    """The type of the file system that holds a path."""
    path = os.path.realpath(path)
    best = ("", "unknown")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, point, kind, *_ = line.split()
        if (path + "/").startswith(point.rstrip("/") + "/"):
            best = max(best, (point, kind), key=lambda mount: len(mount[0]))
    return best[1]


def random_file(path, size):
    """Random bytes, on the disk and in the page cache."""
    with open(path, "wb") as file:
        left = size
        while left > 0:
            left -= file.write(os.urandom(min(left, 4 << 20)))
        file.flush()
        os.fsync(file.fileno())
    with open(path, "rb") as file:
        while file.read(4 << 20):
            pass


def touch_memory(folder, size):
    """Lets the kernel's next file pages be ones that were in use a moment ago, by writing a file and removing it.

    A virtual machine with free page reporting gives memory back to its host after 2 s; the next to use it pays for getting
    it again, up to 2 CPU seconds per GiB, which would be charged to whoever fills the page cache first. It has to be a file
    of the same file system: pages of anonymous memory are not the ones that its large folios are made of.
    """
    path = pathlib.Path(folder) / "touched"
    portion = bytes(1 << 20)
    with open(path, "wb", buffering=0) as file:
        for _ in range((size + size // 4) >> 20):
            file.write(portion)
    path.unlink()


def first_line(argv, pattern, env=None):
    try:
        told = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=env).stdout
    except FileNotFoundError:
        return "not there"
    found = re.search(pattern, told)
    return found[0] if found else "unknown"


def print_facts(title, peers=()):
    """What the figures below it depend on."""
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    facts = [
        time.strftime("%Y-%m-%d"),
        f"Linux {platform.release()}",
        f"{len(_cores)} cores of {cpu[1] if cpu else platform.machine()}",
        f"load {os.getloadavg()[0]:.1f}",
        first_line([sampan(), "--version"], r"sampan \S+"),
    ]
    versions = {
        "ncat": lambda: first_line(["ncat", "--version"], r"Version \S+").replace("Version", "ncat"),
        "socat": lambda: first_line(["socat", "-V"], r"version \S+").replace("version", "socat"),
        "g++": lambda: "g++ " + first_line(["g++", "-dumpfullversion"], r"\S+"),
    }
    print(f"## {title}\n\n{', '.join(facts + [versions[peer]() for peer in peers])}\n", flush=True)
