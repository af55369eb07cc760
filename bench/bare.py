#!/usr/bin/python3
"""One file through the bare-name protocol: sampan's two ends, each against ncat and socat in the same place.

Senders all feed the same sink (_sink.py); receivers are all fed by `sampan serve`. Usage: bare.py [--size MIB]
[--rounds N] [--only senders|receivers]. Alternates, verifies every
contestant's bytes once (that round is not counted), prints medians.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile

import _common as bench

NAME = "payload.bin"
SENDER_TARGET = 0.5
RECEIVER_TARGET = 0.6
LOW_WATER = 512 * 1024  # what `sampan get` sets: most of the sender's wake-ups of the other end go
SENDER_ROUNDS = 3  # for each of the receivers': a transfer is over sooner, and a neighbour's burst weighs more


@dataclasses.dataclass
class Transfer:
    """Seconds of one transfer. `synced` is `cpu` plus what putting the file on the disk takes afterwards."""

    cpu: float
    wall: float
    other_end: float
    synced: float = 0.0
    synced_wall: float = 0.0


class Senders:
    """Each call sends the file once, to a fresh sink."""

    def __init__(self, source, low_water, keep=None):
        self.source, self.size, self.low_water, self.keep = source, source.stat().st_size, low_water, keep

    def contestants(self):
        file = self.source
        return {
            "sampan serve": self.sampan,
            "ncat -l --send-only < FILE": lambda: self.peer(lambda port: ["ncat", "-l", "--send-only", bench.HOST, port], file),
            "socat -u FILE TCP-LISTEN": lambda: self.peer(self.socat()),
            "socat -u -b 1048576 …": lambda: self.peer(self.socat("-b", 1 << 20)),
        }

    def socat(self, *options):
        return lambda port: ["socat", "-u", *options, f"FILE:{self.source}", f"TCP-LISTEN:{port},bind={bench.HOST},reuseaddr"]

    def sampan(self):
        server = bench.Sampan(["serve", self.source.parent, "--port", 0], bench.SERVER_CORE)
        return self.into_sink(server.port, NAME, server.stop)

    def peer(self, argv, stdin=None):
        port = bench.free_port()
        with open(stdin or os.devnull, "rb") as opened:
            child = bench.Child(argv(port), bench.SERVER_CORE, stdin=opened)
        bench.wait_until_listening(port)
        return self.into_sink(port, "", child.finish)

    def into_sink(self, port, name, end):
        sink = bench.Child(
            [bench.PYTHON, bench.ROOT / "bench/_sink.py", port, self.low_water, name, self.keep or ""],
            bench.CLIENT_CORE,
            stdout=subprocess.PIPE,
        )
        told = json.loads(sink.process.stdout.read())
        sink.finish()
        used = end()
        if told["bytes"] != self.size:
            raise SystemExit(f"bench: {told['bytes']} bytes arrived instead of {self.size}")
        return Transfer(used.cpu, told["wall"], told["cpu"])


class Receivers:
    """Each call fetches the file once, from a fresh `sampan serve`, into a folder."""

    def __init__(self, source, folder, verify):
        self.source, self.folder, self.verify = source, folder, verify
        self.target = folder / "received"
        self.asked = folder / "name"
        self.asked.write_text(NAME)

    def contestants(self):
        return {
            "sampan get -o FILE (with its fsync)": lambda: self.run(self.sampan, syncs=True),
            "ncat HOST PORT < NAME > FILE": lambda: self.run(self.ncat),
            "socat -t 60 NAME!!FILE TCP": lambda: self.run(self.socat()),
            "socat -b 1048576 …": lambda: self.run(self.socat("-b", 1 << 20)),
        }

    def sampan(self, port):
        words = ["get", "-q", "-o", self.target, f"tcp://{bench.HOST}:{port}/{NAME}"]
        return bench.Child([bench.sampan(), *words], bench.CLIENT_CORE)

    # Both peers shut down their side after the name, as `sampan get` does.
    def ncat(self, port):
        with open(self.asked, "rb") as asked, open(self.target, "wb") as into:
            return bench.Child(["ncat", bench.HOST, port], bench.CLIENT_CORE, stdin=asked, stdout=into)

    def socat(self, *options):
        files = f"FILE:{self.asked}!!CREATE:{self.target}"
        return lambda port: bench.Child(["socat", "-t", 60, *options, files, f"TCP:{bench.HOST}:{port}"], bench.CLIENT_CORE)

    def run(self, start, syncs=False):
        server = bench.Sampan(["serve", self.source.parent, "--port", 0], bench.SERVER_CORE)
        bench.touch_memory(self.folder, self.source.stat().st_size)
        used = start(server.port).finish()
        served = server.stop()
        after = bench.Usage(0, 0, 0) if syncs else bench.Child(["sync", self.target], bench.CLIENT_CORE).finish()
        if self.target.stat().st_size != self.source.stat().st_size:
            raise SystemExit(f"bench: {self.target.stat().st_size} bytes arrived")
        if self.verify:
            compare(self.source, self.target)
        self.target.unlink()
        return Transfer(used.cpu, used.wall, served.cpu, used.cpu + after.cpu, used.wall + after.wall)


def compare(source, copy):
    if subprocess.run(["cmp", source, copy], check=False).returncode != 0:
        raise SystemExit("bench: what arrived is not what was sent")


def show(results, gibs, column, synced=False):
    """One row a contestant; returns the CPU ratios of sampan, which is the first, to ncat, the second."""
    names = list(results)

    def middle(name, field):
        return bench.median([getattr(run, field) for run in results[name]])

    def per_gib(name, field):
        return bench.spread([getattr(run, field) / gibs for run in results[name]])

    headers = [column, "CPU s/GiB", "to ncat", "wall s", "other end's CPU s/GiB"]
    fields = ["cpu"]
    if synced:
        headers += ["CPU s/GiB, file synced", "to ncat", "wall s, synced"]
        fields += ["synced"]
    rows = []
    for name in names:
        row = [f"`{name}`", per_gib(name, "cpu"), f"{middle(name, 'cpu') / middle(names[1], 'cpu'):.2f}"]
        row += [f"{middle(name, 'wall'):.2f}", f"{middle(name, 'other_end') / gibs:.3f}"]
        if synced:
            row += [per_gib(name, "synced"), f"{middle(name, 'synced') / middle(names[1], 'synced'):.2f}"]
            row += [f"{middle(name, 'synced_wall'):.2f}"]
        rows.append(row)
    bench.table(headers, rows)
    return [middle(names[0], field) / middle(names[1], field) for field in fields]


def bench_senders(source, rounds, scratch):
    kept = scratch / "kept"
    for run in Senders(source, 1, kept).contestants().values():
        run()
        compare(source, kept)
        kept.unlink()
    ratios = []
    for low_water, column in {1: "sender", LOW_WATER: "sender, sink with SO_RCVLOWAT 512 KiB"}.items():
        results = bench.alternate(rounds, Senders(source, low_water).contestants())
        ratios += show(results, source.stat().st_size / bench.GIB, column)
    bench.verdict("sender, CPU to ncat's", ratios[0], SENDER_TARGET)
    bench.verdict("the same, sink with SO_RCVLOWAT", ratios[1], SENDER_TARGET)


def bench_receivers(source, rounds, folder):
    bench.alternate(1, Receivers(source, folder, True).contestants())
    results = bench.alternate(rounds, Receivers(source, folder, False).contestants())
    return show(results, source.stat().st_size / bench.GIB, f"receiver, into {bench.file_system(folder)}", True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--size", type=int, default=1024, metavar="MIB", help="of the file (1024)")
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="counted ones (5)")
    options.add_argument("--only", choices=["senders", "receivers"])
    given = options.parse_args()
    bench.bounded(1200)
    bench.print_facts(f"bare: a file of {given.size} MiB, {given.rounds} rounds (senders: {given.rounds * SENDER_ROUNDS})", ["ncat", "socat"])
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as disk, \
            tempfile.TemporaryDirectory(prefix="sampan-bench-", dir="/dev/shm") as memory:
        disk, memory = pathlib.Path(disk), pathlib.Path(memory)
        served = disk / "served"
        served.mkdir()
        source = served / NAME
        bench.random_file(source, given.size << 20)
        if given.only != "receivers":
            bench_senders(source, given.rounds * SENDER_ROUNDS, memory)
            print(flush=True)
        for folder in (disk, memory) if given.only != "senders" else ():
            plain, synced = bench_receivers(source, given.rounds, folder)
            kind = bench.file_system(folder)
            bench.verdict(f"receiver into {kind}, CPU to ncat's (ours with fsync, ncat's without)", plain, RECEIVER_TARGET)
            bench.verdict(f"receiver into {kind}, CPU to ncat's + sync", synced, RECEIVER_TARGET)
            print(flush=True)


main()
