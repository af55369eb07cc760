#!/usr/bin/python3
"""Memory of a connection that says nothing, at 10,000 of them: RSS after minus before, divided by their number.

Usage: idle.py [--connections N]. The connections come from another process and 16 addresses of 127/8, since sampan
takes at most 1,024 from one. Kernel memory (sockets, epoll items) is not in a process's RSS.
"""

import argparse
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

import _common as bench

TARGET, AIM = 2048, 640
SOURCES = 16
WARM_UP = 64
WATCHED_SECONDS = 5


def connect(port, number):
    opened = socket.socket()
    opened.bind((f"127.0.0.{1 + number % SOURCES}", 0))
    opened.connect((bench.HOST, port))
    return opened


def client(port, count):
    """The other process: connects, says so, and holds on until its stdin ends."""
    bench.raise_descriptor_limit()
    held = [connect(port, number) for number in range(count)]
    print("connected", flush=True)
    sys.stdin.read()
    del held


def wake_ups(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int(re.search(r"\nvoluntary_ctxt_switches:\s*(\d+)", (task / "status").read_text())[1]) for task in tasks)


def wait_for_descriptors(pid, good, patience=60.0):
    until = time.monotonic() + patience
    while not good(bench.descriptors(pid)):
        if time.monotonic() > until:
            raise SystemExit(f"bench: the server holds {bench.descriptors(pid)} descriptors, which is not what was expected")
        time.sleep(0.05)


def warm_up(port):
    """Some clients that come and go: threads, arenas and caches are there afterwards."""
    for number in range(WARM_UP):
        with connect(port, number) as opened:
            opened.sendall(b"small.txt")
            opened.shutdown(socket.SHUT_WR)
            while opened.recv(65536):
                pass


def measure(server, count):
    """Returns a row of figures."""
    warm_up(server.port)
    time.sleep(0.5)
    base = bench.descriptors(server.pid)
    before = bench.memory(server.pid)
    holder = bench.Child(
        [bench.PYTHON, __file__, "--client", server.port, "--connections", count],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    if holder.process.stdout.readline() != b"connected\n":
        raise SystemExit("bench: the client could not connect")
    wait_for_descriptors(server.pid, lambda now: now >= base + count)
    time.sleep(1.5)  # what a server does after a connection's first second is part of its figure
    after = bench.memory(server.pid)
    woken, cpu = wake_ups(server.pid), bench.thread_cpu(server.pid)
    time.sleep(WATCHED_SECONDS)
    woken, cpu = wake_ups(server.pid) - woken, bench.thread_cpu(server.pid) - cpu
    if bench.descriptors(server.pid) < base + count:
        raise SystemExit("bench: the server closed connections while it was watched")
    holder.process.stdin.close()
    holder.finish()
    wait_for_descriptors(server.pid, lambda now: now <= base)
    time.sleep(0.5)
    gone = bench.memory(server.pid)
    return {
        "before": before["VmRSS"],
        "after": after["VmRSS"],
        "each": (after["VmRSS"] - before["VmRSS"]) / count,
        "anonymous": (after["RssAnon"] - before["RssAnon"]) / count,
        "gone": gone["VmRSS"],
        "wake-ups": woken / WATCHED_SECONDS,
        "cpu": cpu / WATCHED_SECONDS * 1000,
    }


def servers(folder):
    quiet = {"stdin": subprocess.PIPE}
    return {
        "sampan serve": lambda: bench.Sampan(["serve", folder, "--port", 0, "--request-timeout", "300s"], **quiet),
        "sampan listen --stay": lambda: bench.Sampan(["listen", "0", "--stay"], **quiet),
    }


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--connections", type=int, default=10_000, metavar="N")
    options.add_argument("--client", type=int, metavar="PORT", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.client is not None:
        return client(given.client, given.connections)
    bench.bounded(300)
    hard = bench.raise_descriptor_limit()
    if given.connections + 128 > hard:
        raise SystemExit(f"bench: {given.connections} connections need more than the hard descriptor limit, {hard}")
    bench.print_facts(f"idle: {given.connections} connections that sent nothing, from {SOURCES} addresses")
    rows, figures, failed = [], {}, False
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as folder:
        (pathlib.Path(folder) / "small.txt").write_text("small\n")
        for name, start in servers(folder).items():
            try:
                server = start()
            except bench.NotStarted as failure:
                print(f"- {failure}\n")
                failed = True
                continue
            got = figures[name] = measure(server, given.connections)
            server.stop()
            kib = [f"{got[key] / 1024:.0f}" for key in ("before", "after", "gone")]
            rows.append([f"`{name}`", f"{got['each']:.0f}", f"{got['anonymous']:.0f}", *kib, f"{got['wake-ups']:.1f}", f"{got['cpu']:.2f}"])
    headers = ["server", "bytes each (RSS)", "of it anonymous", "RSS KiB before", "with them", "after they left", "wake-ups/s", "CPU ms/s"]
    bench.table(headers, rows)
    for name, got in figures.items():
        bench.verdict(f"{name}, bytes a connection (aim: {AIM})", got["each"], TARGET, "{:.0f}")
    return 1 if failed else 0


sys.exit(main())
