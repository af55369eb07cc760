#!/usr/bin/python3
"""The HTTP server against nginx, h2o, lighttpd, caddy, and a floor: CPU, requests and system calls a request, memory.

Usage: http.py [ROW...] [--rounds N] [--seconds S] [--generator load|wrk]. The server has one core, the load generator the
other; contestants alternate, medians are printed. A contestant that answers anything but what was asked for is refused, and the
bench ends with 1. A missed target is printed and is no failure.
"""

import argparse
import dataclasses
import pathlib
import re
import sys
import tempfile
import time

import _common as bench
import _load
import _servers
from _contest import FILES, FOLDERS, HUGE, LARGE, RANGE, SMALL, Contestant, Site, share

CROWD, CROWD_SOURCES = 10_000, 16  # sampan takes at most 1,024 from one address
IDLE_BYTES = 1024  # to reach
FRESH_CONNECTIONS, FRESH_SOURCES = 20_000, 8
WARM_SECONDS, TRACED_SECONDS = 0.3, 0.3
OCCUPIED = 0.9  # of a core: with less on both sides, something else had it
NGINX, OURS = "nginx", "sampan"


@dataclasses.dataclass(frozen=True)
class Target:
    """A ratio of the quantity `of` (cpu or rate) of one contestant to another's."""

    limit: float
    versus: str = NGINX
    who: str = OURS
    of: str = "cpu"


@dataclasses.dataclass(frozen=True)
class Row:
    title: str
    contestants: list
    load: dict
    targets: list
    per_gib: bool = False
    turns: int = 1  # runs for each round: short ones need more
    load_limits: bool = False  # no generator on one core is faster: all get the same load, and requests/s say nothing


PEERS = [NGINX, "h2o", "lighttpd", "caddy"]
ROWS = {
    "small": Row(
        "1 KiB, keep-alive, 64 connections",
        [OURS, "sampan --cache-ttl 1s", NGINX, "nginx-debian", "h2o", "lighttpd", "caddy", "floor"],
        {"connections": 64, "path": "/small.txt", "body": SMALL, "warm": 1},
        [Target(0.75), Target(0.65, who="sampan --cache-ttl 1s"), Target(1.0, "h2o"), Target(1.2, of="rate")],
    ),
    "large": Row(
        "64 KiB, keep-alive, 64 connections",
        [OURS, *PEERS, "floor"],
        {"connections": 64, "path": "/large.bin", "body": LARGE, "warm": 1},
        [Target(0.95)],
    ),
    "download": Row(
        "1 GiB, one connection",
        [OURS, *PEERS],
        {"connections": 1, "path": "/huge.bin", "body": HUGE, "requests": 1},
        [Target(1.0)],
        per_gib=True,
        turns=2,
    ),
    "fresh": Row(
        f"1 KiB, a new connection for each request, 64 at once from {FRESH_SOURCES} addresses",
        [OURS, NGINX, "h2o", "floor"],
        {"connections": 64, "sources": FRESH_SOURCES, "path": "/small.txt", "body": SMALL, "close": 1},
        [Target(0.9)],
        load_limits=True,
    ),
    "range": Row(
        "ranges of 1 MiB from anywhere in 1 GiB, keep-alive, 16 connections",
        [OURS, *PEERS],
        {"connections": 16, "path": "/huge.bin", "body": RANGE, "range": 1, "size": HUGE},
        [Target(0.9)],
    ),
    "many": Row(
        f"{FILES} files of 1 KiB in {FOLDERS} folders, random order, keep-alive, 64 connections",
        # Not lighttpd: it keeps each file open for seconds, and answers 403 when it has no descriptors left.
        [OURS, NGINX, "h2o", "caddy"],
        {"connections": 64, "files": FILES, "body": SMALL, "warm": 1},
        [Target(0.9)],
    ),
    "crowd": None,
    "idle": None,
    "log": Row(
        "as small, with an access log in combined format",
        ["sampan, access log", "nginx, access log", OURS, NGINX],
        {"connections": 64, "path": "/small.txt", "body": SMALL, "warm": 1},
        [Target(0.75, "nginx, access log", "sampan, access log")],
    ),
}


class Bench:
    def __init__(self, given, site):
        self.rounds, self.seconds, self.site, self.failed = given.rounds, given.seconds, site, False
        self.run = _load.run_wrk if given.generator == "wrk" else _load.run

    def contestants(self, names, load):
        self.site.prepare(load)
        commands = _servers.commands(load["body"])
        entered = [Contestant(name, commands[name], self.site) for name in names]
        for each in entered:
            if each.name != "floor":
                each.attempt(self.site.check, each.server, load)
        return entered

    def row(self, name):
        row = ROWS[name]
        print(f"### {name}: {row.title}\n", flush=True)
        entered = self.contestants(row.contestants, row.load)
        load = {"seconds": self.seconds, **row.load}
        if load.get("close"):
            load["requests"] = fresh_connections(len(entered) * (self.rounds * row.turns + 1))
        for number in range(self.rounds * row.turns + 1):
            for each in entered:
                if number == 0:  # threads, caches and large folios are there afterwards
                    each.attempt(self.run, each.server, **{**load, "seconds": min(self.seconds, WARM_SECONDS)})
                else:
                    each.measure(self.run, **load, seed=number)
        for each in entered:
            if not row.load_limits:
                each.judge(each.runs)
            each.traced = each.attempt(_load.run_traced, each.server, **{**load, "seconds": TRACED_SECONDS})
            each.stop()
        self.show(row, entered)
        remark(row, [each for each in entered if not each.failure])
        for target in row.targets:
            self.compare(target, entered, row.per_gib)
        print(flush=True)

    def show(self, row, entered):
        unit, rate = ("CPU s/GiB", "GiB/s") if row.per_gib else ("CPU µs/request", "requests/s")
        headers = ["server", unit, "to nginx", rate, "to nginx", "server's core", "generator's", f"system calls/{'GiB' if row.per_gib else 'request'}"]
        nginx = next(each for each in entered if each.name.startswith(NGINX))
        rows = []
        for each in entered:
            if each.failure:
                self.failed |= each.fails_the_bench
                rows.append([f"`{each.name}`", each.failure, *["–"] * (len(headers) - 2)])
                continue
            cells = [f"`{each.name}`"]
            for quantity, form in (("cpu", "{:.3f}" if row.per_gib else "{:.2f}"), ("rate", "{:.2f}" if row.per_gib else "{:.0f}")):
                values = each.each(row.per_gib, quantity)
                shown = form.format(bench.median(values))
                cells.append(f"{shown} ({form.format(min(values))}–{form.format(max(values))})" if quantity == "cpu" else shown)
                cells.append("–" if nginx.failure else f"{bench.median(values) / bench.median(nginx.each(row.per_gib, quantity)):.2f}")
            rows.append([*cells, f"{share(each.runs, 'cpu'):.0%}", f"{share(each.runs, 'load_cpu'):.0%}", each.calls(row.per_gib)])
        bench.table(headers, rows)

    def compare(self, target, entered, per_gib):
        quantity = "requests/s" if target.of == "rate" else "CPU"
        what = f"{target.who}, {quantity} to {target.versus}'s"
        pair = [next(each for each in entered if each.name == name) for name in (target.who, target.versus)]
        if any(each.failure for each in pair):
            print(f"- {what}: not measured", flush=True)
            return
        ours, theirs = (bench.median(each.each(per_gib, target.of)) for each in pair)
        bench.verdict(what, ours / theirs, target.limit, at_least=target.of == "rate")

    def crowd(self):
        print(f"### crowd: 1 KiB, keep-alive, from 64 to {CROWD} connections, all busy\n", flush=True)
        load = {"path": "/small.txt", "body": SMALL, "warm": 1, "sources": CROWD_SOURCES, "seconds": self.seconds}
        entered = self.contestants([OURS, NGINX], load)
        figures = {each.name: {64: [], CROWD: []} for each in entered}
        for number in range(self.rounds + 1):
            for count in (64, CROWD):
                for each in entered:
                    got = each.attempt(_load.run, each.server, **load, connections=count)
                    if got and number > 0:
                        figures[each.name][count].append(got)
        rows, rise = [], {}
        for each in entered:
            each.stop()
            for runs in figures[each.name].values():
                each.judge(runs)
            if each.failure:
                self.failed |= each.fails_the_bench
                rows.append([f"`{each.name}`", each.failure, "–", "–"])
                continue
            few, many = (bench.median([run.cpu / run.requests * 1e6 for run in figures[each.name][count]]) for count in (64, CROWD))
            rise[each.name] = (many / few, many - few)
            rows.append([f"`{each.name}`", f"{few:.2f}", f"{many:.2f}", f"{many / few:.2f} (+{many - few:.2f} µs)"])
        bench.table(["server", "CPU µs/request, 64", f"CPU µs/request, {CROWD}", "rise"], rows)
        if len(rise) == len(entered):
            for index, what in enumerate(("factor", "µs")):
                bench.verdict(f"sampan's rise in CPU to nginx's, {what}", rise[OURS][index] / rise[NGINX][index], 1.0)
        else:
            print("- sampan's rise in CPU to nginx's: not measured")
        print(flush=True)

    def idle(self):
        print(f"### idle: {CROWD} keep-alive connections after one request each\n", flush=True)
        load = {"path": "/small.txt", "body": SMALL, "warm": 1, "sources": CROWD_SOURCES}
        rows, figures = [], {}
        for each in self.contestants([OURS, NGINX], load):
            got = each.attempt(held_memory, each.server, load)
            each.stop()
            if each.failure:
                self.failed |= each.fails_the_bench
                rows.append([f"`{each.name}`", each.failure, "–", "–"])
                continue
            before, after = got
            figures[each.name] = (after - before) / CROWD
            rows.append([f"`{each.name}`", f"{figures[each.name]:.0f}", f"{before / 1024:.0f}", f"{after / 1024:.0f}"])
        bench.table(["server", "bytes each (RSS)", "RSS KiB before", "with them"], rows)
        if OURS in figures:
            bench.verdict("sampan, bytes a connection", figures[OURS], IDLE_BYTES, "{:.0f}")
        else:
            print("- sampan, bytes a connection: not measured")
        print(flush=True)


def remark(row, counted):
    """What weakens the figures above."""
    if row.load_limits and any(share(each.runs, "load_cpu") > share(each.runs, "cpu") for each in counted):
        print("- the load generator is the limit here: CPU is comparable, requests/s is not")
    elif row.load["connections"] > 1 and any(busiest(each.runs) < OCCUPIED for each in counted):
        print("- at times neither end was busy: other programs had the cores, and requests/s mean little")


def busiest(runs):
    return max(share(runs, which) for which in ("cpu", "load_cpu"))


def fresh_connections(runs):
    """How many a run may make: what the kernel can still remember in TIME_WAIT, where the closed ones stay for 60 s."""
    room = int(pathlib.Path("/proc/sys/net/ipv4/tcp_max_tw_buckets").read_text())
    until = time.monotonic() + 60
    while (waiting := time_wait()) > room // 8 and time.monotonic() < until:
        time.sleep(1)
    return max(1000, min(FRESH_CONNECTIONS, (room - waiting) * 9 // 10 // runs))


def time_wait():
    return int(re.search(r"TCP:.* tw (\d+)", pathlib.Path("/proc/net/sockstat").read_text())[1])


def held_memory(server, load):
    """Bytes of RSS before and with the connections; what the first ones make the server prepare is in `before`."""
    _load.run(server, **load, connections=64, requests=64)
    time.sleep(0.5)
    descriptors, before = bench.descriptors(server.pid), bench.memory(server.pid)["VmRSS"]
    generator = _load.Generator(server.port, **load, connections=CROWD)
    time.sleep(1.5)  # what a server does after a connection's first second is part of its figure
    held, after = bench.descriptors(server.pid) - descriptors, bench.memory(server.pid)["VmRSS"]
    generator.leave()
    if held < CROWD:
        raise _load.Refused(f"it held {held} connections of {CROWD}")
    return before, after


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)} (all)")
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="counted ones (5)")
    options.add_argument("--seconds", type=float, default=1.5, metavar="S", help="of each run (1.5)")
    options.add_argument("--generator", choices=["load", "wrk"], default="load", help="wrk: for small, large and log only (load)")
    given = options.parse_args()
    possible = list(ROWS) if given.generator == "load" else ["small", "large", "log"]
    chosen = given.rows or possible
    if unknown := [name for name in chosen if name not in possible]:
        options.error(f"no such row with this generator: {' '.join(unknown)}; there are {' '.join(possible)}")
    bench.bounded(1800)
    hard = bench.raise_descriptor_limit()
    if {"crowd", "idle"} & set(chosen) and hard < CROWD + 512:
        raise SystemExit(f"bench: {CROWD} connections need more than the hard descriptor limit, {hard}")
    bench.print_facts(f"http: {given.rounds} rounds of {given.seconds:g} s")
    print(f"{', '.join(_servers.versions())}\n")
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as folder:
        running = Bench(given, Site(pathlib.Path(folder)))
        for name in chosen:
            special = {"crowd": running.crowd, "idle": running.idle}
            special[name]() if name in special else running.row(name)
    return 1 if running.failed else 0


sys.exit(main())
