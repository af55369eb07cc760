#!/usr/bin/python3
"""`listen` and `talk` where they could break: a crowd that comes at once, 10,000 clients that stay, a line that does not end.

Usage: talk.py [--clients N] [--idle N] [--line MB] [--rounds N]. Clients are another process. A wrong count (an answer,
a line or a byte that is missing or came twice) ends the bench; a missed target is printed.
"""

import argparse
import json
import pathlib
import re
import selectors
import socket
import subprocess
import sys
import threading
import time

import _common as bench

MEGABYTE = 1_000_000
WARM_UP = 64
SOURCES = 16  # addresses of 127/8, so that the ports of one last
GREETING = "你好".encode("gbk")
ANSWER = b"thank you !"
FILLER = "Q"  # of the long line; in nothing else that is shown
EACH_TARGET = 2048  # bytes of user memory for an idle client
MORE_TARGET = 16  # MiB
PATIENCE = 60.0
BACKLOGS = {"128": ["--backlog", "128"], "default": []}
LISTENERS = [[], ["--label"], ["--frame", "line"], ["--json"], ["--reply", "contains:never=>x"]]


class Shown:
    """Counts a character in what a sampan shows, and reads all of it, so that it never waits for us."""

    def __init__(self, child, character):
        self.count, self.character = 0, character.encode()
        self.stream = getattr(child.process.stdout, "buffer", child.process.stdout)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while portion := self.stream.read1(1 << 16):
            self.count += portion.count(self.character)


def wait_until(good, told):
    until = time.monotonic() + PATIENCE
    while not good():
        if time.monotonic() > until:
            raise SystemExit(f"bench: not within {PATIENCE:.0f} s: {told()}")
        time.sleep(0.02)


def peak(pid):
    """Bytes: the most that was resident at once."""
    return int(re.search(r"VmHWM:\s*(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def crowd(port, count):
    """The other process: connects all, sends each one's greeting, reads to the end; prints what came back and how long it took."""
    selector, answers, began = selectors.EpollSelector(), {}, time.monotonic()
    for number in range(count):
        client = socket.socket()
        client.bind((f"127.0.0.{1 + number % SOURCES}", 0))
        client.setblocking(False)
        client.connect_ex((bench.HOST, port))
        selector.register(client, selectors.EVENT_WRITE)
        answers[client] = b""
    while selector.get_map():
        for key, ready in selector.select():
            client = key.fileobj
            try:
                if ready & selectors.EVENT_WRITE:
                    client.sendall(GREETING)
                    selector.modify(client, selectors.EVENT_READ)
                elif got := client.recv(4096):
                    answers[client] += got
                else:
                    selector.unregister(client)
            except OSError as failure:
                answers[client] = failure.strerror.encode()
                selector.unregister(client)
    wrong = sorted({answer.decode(errors='replace') for answer in answers.values() if answer != ANSWER})
    print(json.dumps({"answered": sum(answer == ANSWER for answer in answers.values()), "wrong": wrong, "wall": time.monotonic() - began}))


def hold(port, count, say):
    """The other process: connects all, each says a line or nothing; then says so, and holds on until its stdin ends."""
    held = []
    for number in range(count):
        held.append(socket.create_connection((bench.HOST, port), source_address=(f"127.0.0.{1 + number % SOURCES}", 0)))
        if say:
            held[-1].sendall(GREETING + b"\n")
    print("done", flush=True)
    sys.stdin.read()


def other_process(role, port, count, say=0):
    argv = [bench.PYTHON, __file__, "--role", role, "--port", port, "--clients", count, "--say", say]
    return bench.Child(argv, bench.CLIENT_CORE, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def measure_crowd(words, count):
    """Wall seconds until the last answer, and the server's CPU seconds."""
    server = bench.Sampan(["listen", "0", *words], bench.SERVER_CORE, stdin=subprocess.DEVNULL)
    shown, before = Shown(server, GREETING.decode("gbk")[-1]), bench.thread_cpu(server.pid)
    clients = other_process("crowd", server.port, count)
    told = json.loads(clients.process.stdout.read())
    clients.finish()
    if told["answered"] != count:
        raise SystemExit(f"bench: {told['answered']} of {count} clients were answered; others got {told['wrong']}")
    used = bench.thread_cpu(server.pid) - before
    wait_until(lambda: shown.count >= count, lambda: f"{shown.count} of {count} messages were shown")
    server.stop()
    if shown.count != count:
        raise SystemExit(f"bench: {shown.count} messages were shown instead of {count}")
    return told["wall"], used


def show_crowd(count, rounds):
    results = bench.alternate(rounds, {name: lambda words=words: measure_crowd(words, count) for name, words in BACKLOGS.items()})
    rows = [
        [name, bench.spread([wall for wall, _ in runs]), f"{bench.median([used for _, used in runs]) * 1e6 / count:.0f}"]
        for name, runs in results.items()
    ]
    bench.table([f"`--backlog` ({count:,} clients, each answered once)", "wall s", "CPU µs each"], rows)


def measure_idle(count, say):
    """Bytes of user memory for each client that stays."""
    server = bench.Sampan(["listen", "0", "--stay"], stdin=subprocess.PIPE)
    shown, empty = Shown(server, "\n"), bench.descriptors(server.pid)

    def fill(number, lines):
        clients = other_process("hold", server.port, number, say)
        if clients.process.stdout.readline() != b"done\n":
            raise SystemExit("bench: the clients could not connect")
        wait_until(
            lambda: shown.count == lines * say and bench.descriptors(server.pid) == empty + number,
            lambda: f"{shown.count} lines shown, {bench.descriptors(server.pid)} descriptors",
        )
        return clients

    def leave(clients):
        clients.process.stdin.close()
        clients.finish()
        wait_until(lambda: bench.descriptors(server.pid) == empty, lambda: "the clients have left")

    leave(fill(WARM_UP, WARM_UP))
    before = bench.memory(server.pid)["VmRSS"]
    clients = fill(count, WARM_UP + count)
    time.sleep(1.5)  # what a server does after a client's first second is part of its figure
    each = (bench.memory(server.pid)["VmRSS"] - before) / count
    leave(clients)
    server.stop()
    return each


def send_line(client, size):
    for _ in range(size // MEGABYTE):
        client.sendall(FILLER.encode() * MEGABYTE)
    client.close()


def grown(child, before, shown, size):
    """MiB that a sampan took more at its peak, once it has shown the whole line."""
    wait_until(lambda: shown() >= size, lambda: f"{shown()} of {size} bytes were passed on")
    if shown() != size:
        raise SystemExit(f"bench: {shown()} bytes were passed on instead of {size}")
    return (peak(child.pid) - before) / (1 << 20)


def measure_listen(words, size):
    server = bench.Sampan(["listen", "0", "--stay", *words], stdin=subprocess.PIPE)
    shown, before = Shown(server, FILLER), peak(server.pid)
    send_line(socket.create_connection((bench.HOST, server.port)), size)
    more = grown(server, before, lambda: shown.count, size)
    server.stop()
    return more


def measure_talk(size, sends):
    """A talk whose peer sends the line, or that is given it on stdin. Its stdin stays open, so it is there to be looked at."""
    with socket.create_server((bench.HOST, 0)) as listener:
        talk = bench.Child([bench.sampan(), "talk", bench.HOST, listener.getsockname()[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
        peer, _ = listener.accept()
    before, taken = peak(talk.pid), [0]
    if sends:

        def take():
            while got := peer.recv(1 << 16):
                taken[0] += len(got)

        threading.Thread(target=take, daemon=True).start()
        for _ in range(size // MEGABYTE):
            talk.process.stdin.write(FILLER.encode() * MEGABYTE)
        talk.process.stdin.flush()
        more = grown(talk, before, lambda: taken[0], size)
        peer.shutdown(socket.SHUT_WR)
    else:
        shown = Shown(talk, FILLER)
        send_line(peer, size)
        more = grown(talk, before, lambda: shown.count, size)
    talk.process.stdin.close()
    talk.finish()
    return more


def show_line(megabytes):
    size = megabytes * MEGABYTE
    figures = {" ".join(["listen --stay", *words]): measure_listen(words, size) for words in LISTENERS}
    figures["talk, the peer sends"] = measure_talk(size, sends=False)
    figures["talk, from stdin"] = measure_talk(size, sends=True)
    bench.table([f"a line of {megabytes} MB without an end", "MiB more"], [[f"`{name}`", f"{more:.1f}"] for name, more in figures.items()])
    return max(figures.values())


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--clients", type=int, default=1000, metavar="N", help="that come at once (1000)")
    options.add_argument("--idle", type=int, default=10_000, metavar="N", help="that stay (10000)")
    options.add_argument("--line", type=int, default=100, metavar="MB", help="length of the line (100)")
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="of the crowd (5)")
    for name in ("--role", "--port", "--say"):
        options.add_argument(name, type=str if name == "--role" else int, help=argparse.SUPPRESS)
    given = options.parse_args()
    hard = bench.raise_descriptor_limit()
    if given.role:
        return crowd(given.port, given.clients) if given.role == "crowd" else hold(given.port, given.clients, given.say)
    bench.bounded(300)
    if given.idle + 128 > hard:
        raise SystemExit(f"bench: {given.idle} clients need more than the hard descriptor limit, {hard}")
    bench.print_facts(f"talk: {given.clients:,} clients at once, {given.idle:,} that stay, a line of {given.line} MB")
    show_crowd(given.clients, given.rounds)
    each = {name: measure_idle(given.idle, say) for name, say in (("that said nothing", 0), ("that said a line", 1))}
    more = show_line(given.line)
    for name, figure in each.items():
        bench.verdict(f"bytes for each of {given.idle:,} clients {name}", figure, EACH_TARGET, "{:.0f}")
    bench.verdict("MiB more for the line", more, MORE_TARGET, "{:.1f}")
    return 0


sys.exit(main())
