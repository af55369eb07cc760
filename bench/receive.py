#!/usr/bin/python3
"""What receiving into a file costs by splice, by recv and pwrite, by recv and write; and what turns of sendfile cost.

Measures the kernel's ways, with nothing of sampan's (receive_paths.cc), to decide which of them it takes.
Usage: receive.py [--size MIB] [--rounds N].
"""

import argparse
import pathlib
import subprocess
import tempfile

import _common as bench

WAYS = {
    "discard": "floor: recv with MSG_TRUNC, nothing written",
    "splice": "splice through a 1 MiB pipe, SO_RCVLOWAT 512 KiB",
    "splice-64k": "splice through a 64 KiB pipe, SO_RCVLOWAT 512 KiB",
    "splice-no-lowat": "splice through a 1 MiB pipe",
    "pwrite": "recv 1 MiB + pwrite, SO_RCVLOWAT 512 KiB",
    "write": "recv 256 KiB + write",
}
TURNS = [16, 64, 256, 1024, 4096]  # KiB
SENDER_TURN = 1024  # KiB: sampan serve's


class Runner:
    def __init__(self, scratch, size):
        self.program = scratch / "receive_paths"
        self.source = scratch / "source"
        self.size = size
        # Warnings are for the build of the program, not for a stranger's compiler.
        subprocess.run(["g++", "-std=c++20", "-O2", "-o", self.program, bench.ROOT / "bench/receive_paths.cc"], check=True)
        bench.random_file(self.source, 64 << 20)  # sent again and again: stays in the page cache

    def run(self, way, into, turn):
        """CPU seconds of the receiver, of the sender, and wall seconds, each for 1 GiB."""
        if way != "discard":
            bench.touch_memory(into.parent, self.size)
        argv = [self.program, way, into, self.size, self.source, turn << 10]
        child = bench.Child(argv, stdout=subprocess.PIPE, text=True)
        told = child.process.stdout.read()
        child.finish()
        into.unlink()
        return [float(word) * bench.GIB / self.size for word in told.split()]

    def verify(self, way, into):
        """One pass of the source must arrive as it is."""
        child = bench.Child([self.program, way, into, self.source.stat().st_size, self.source, SENDER_TURN << 10], stdout=subprocess.DEVNULL)
        child.finish()
        if way != "discard" and subprocess.run(["cmp", self.source, into], check=False).returncode != 0:
            raise SystemExit(f"bench: {way} spoils the bytes")
        into.unlink()


def show(column, results, which):
    rows = [
        [name, bench.spread([run[which] for run in runs]), f"{bench.median([run[2] for run in runs]):.2f}"]
        for name, runs in results.items()
    ]
    bench.table([column, "CPU s/GiB", "wall s/GiB"], rows)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--size", type=int, default=1024, metavar="MIB", help="received each time (1024)")
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="of each way (5)")
    given = options.parse_args()
    bench.bounded(900)
    bench.print_facts(f"receive: {given.size} MiB, {given.rounds} rounds", ["g++"])
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as disk, \
            tempfile.TemporaryDirectory(prefix="sampan-bench-", dir="/dev/shm") as memory:
        disk, memory = pathlib.Path(disk), pathlib.Path(memory)
        runner = Runner(disk, given.size << 20)
        for folder in (disk, memory):
            into = folder / "received"
            for way in WAYS:
                runner.verify(way, into)
            ways = {text: lambda way=way: runner.run(way, into, SENDER_TURN) for way, text in WAYS.items()}
            show(f"receiver, into {bench.file_system(folder)}, no fsync", bench.alternate(given.rounds, ways), 0)
        into = memory / "nothing"
        turns = {f"sendfile in turns of {kib} KiB": lambda kib=kib: runner.run("discard", into, kib) for kib in TURNS}
        show("sender", bench.alternate(given.rounds, turns), 1)


main()
