"""Drives the load generators against a running server, and measures what one run cost the server.

A run begins when all connections are open, and ends when the last answer is complete: what the server's threads took between
these two moments, divided by the requests, is exact however the clocks of the two programs lie.
"""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import tempfile

import _common as bench
import _servers

STRACE_SECONDS = 10.0  # to attach


class Refused(Exception):
    """A run whose figures mean nothing: another answer than the expected one, or an error of a socket."""


@dataclasses.dataclass
class Run:
    """One run. Seconds; `cpu` is the server's, `load_cpu` the generator's."""

    requests: int
    bytes: int
    wall: float
    cpu: float
    load_cpu: float
    calls: dict = dataclasses.field(default_factory=dict)  # system calls of the server, by name; if they were counted


class Generator:
    """_load, with its connections open (and used once, with warm=1). Raises Refused."""

    def __init__(self, port, **words):
        argv = [_servers.built("_load"), f"port={port}", *(f"{key}={value}" for key, value in words.items())]
        # A pipe for the errors too: there is one line at most.
        self.child = bench.Child(argv, bench.CLIENT_CORE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.line("ready")

    def line(self, what):
        told = self.child.process.stdout.readline().decode().strip()
        if not told.startswith(what):
            failure = self.child.process.stderr.read().decode().strip()
            self.child.finish(expected=None)
            raise Refused(failure or "the load generator failed")
        return told

    def go(self):
        self.child.process.stdin.write(b"go\n")
        self.child.process.stdin.flush()
        told = json.loads(self.line("{"))
        self.leave()
        return told

    def leave(self):
        self.child.process.stdin.close()
        self.child.finish()


def run(server, **words):
    generator = Generator(server.port, **words)
    before = bench.thread_cpu(server.pid)
    told = generator.go()
    return Run(told["requests"], told["bytes"], told["wall"], bench.thread_cpu(server.pid) - before, told["cpu"])


def run_wrk(server, connections, path, seconds, body, **_):
    """The same by a generator that nobody here wrote. It cannot say when its connections are open: they are in the figures."""
    if not shutil.which("wrk"):
        raise bench.NotStarted("not there: wrk")
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", f"http://{bench.HOST}:{server.port}{path}"]
    before = bench.thread_cpu(server.pid)
    child = bench.Child(argv, bench.CLIENT_CORE, stdout=subprocess.PIPE, text=True)
    told = child.process.stdout.read()
    used = child.finish()
    cpu = bench.thread_cpu(server.pid) - before
    if failure := re.search(r"(Socket errors|Non-2xx).*", told):
        raise Refused(failure[0])
    requests, wall = re.search(r"(\d+) requests in ([\d.]+)s", told).groups()
    return Run(int(requests), int(requests) * body, float(wall), cpu, used.cpu)


def run_traced(server, **words):
    """A run under strace, for the system calls: its times mean nothing. None where strace is not there or may not attach."""
    if not shutil.which("strace"):
        return None
    generator = Generator(server.port, **words)
    with tempfile.NamedTemporaryFile("r", prefix="sampan-bench-") as summary:
        argv = ["strace", "-f", "-c", "-U", "calls,name", "-o", summary.name, "-p", server.pid]
        strace = bench.Child(argv, stderr=subprocess.PIPE, text=True)
        if "attached" not in strace.process.stderr.readline():
            strace.finish(expected=None)
            generator.leave()
            return None
        try:
            told = generator.go()
        finally:
            strace.signal(bench.signal.SIGINT)
            strace.finish(expected=None)
        calls = {name: int(count) for count, name in re.findall(r"^ *(\d+) (\w+)$", summary.read(), re.MULTILINE)}
    calls.pop("total", None)
    return Run(told["requests"], told["bytes"], 0.0, 0.0, 0.0, calls)
