#!/usr/bin/python3
"""`sampan get` against curl, wget2, wget, aria2 and axel, with nginx as the server.

Rows: one large file into ext4 (the build folder) and into memory (/dev/shm), plain and with a digest; system calls; 10,000
small files from a list; a server that caps each connection; packets of 1,500 bytes on a veth instead of loopback's large ones.
Alternates, compares every contestant's bytes, prints medians. A peer that is not there is left out and said so.
Usage: get.py [--size MIB] [--rounds N] [--only large|digest|calls|many|capped|veth].
"""

import argparse
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import _clients
import _common as bench
import _servers
import _veth

MANY, SMALL = 10_000, 4 << 10  # files, bytes
CAP, CONNECTIONS, CAPPED = 8 << 20, 8, 64 << 20  # bytes/s of each connection, connections, bytes
CALLS = 128 << 20  # bytes: strace makes each call slow
PATIENCE = 120  # seconds for one run: a hang ends the bench


class Site:
    """What nginx serves: one large file, one that is capped, many small ones."""

    def __init__(self, folder, size):
        self.root, self.size, self.own = folder / "served", size, folder
        (self.root / "many").mkdir(parents=True)
        bench.random_file(self.root / "large.bin", size)
        bench.random_file(self.root / "capped.bin", CAPPED)
        bench.random_file(self.root / "calls.bin", CALLS)

    def make_many(self):
        for number in range(MANY):
            with open(self.root / "many" / f"{number:04}", "wb", buffering=0) as file:
                file.write(os.urandom(SMALL))
        subprocess.run(["sync", "-f", self.root], check=True)  # or the kernel writes them while they are measured

    def serve(self, host=bench.HOST):
        location = f"location /capped.bin {{ limit_rate {CAP}; }}"
        _servers.bench.HOST = host
        try:
            return _servers.start(_servers.nginx(_servers.TUNED.format(log="off"), location), self.root, self.own / f"nginx-{host}")
        finally:
            _servers.bench.HOST = bench.HOST


class Runner:
    """Runs contestants against one file into one folder."""

    def __init__(self, site, url, folder, name, prefix=()):
        self.source, self.url, self.into, self.prefix = site.root / name, f"{url}/{name}", folder / "got", list(prefix)
        self.env = _clients.environment(str(site.own))
        self.compared = set()

    def argv(self, command):
        return [*self.prefix, *map(str, command(self.url, str(self.into)))]

    def run(self, name, command, core=bench.CLIENT_CORE):
        """One download; gives its Usage, with the seconds that a sync of the file takes afterwards as `synced`."""
        bench.touch_memory(self.into.parent, self.source.stat().st_size)
        argv = self.argv(command)
        env = {**os.environ} if "sampan" in name else self.env
        used = bench.Child(argv, core, cwd=self.into.parent, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).finish()
        used.synced = bench.Child(["sync", self.into]).finish().wall
        if name not in self.compared and subprocess.run(["cmp", self.source, self.into], check=False).returncode != 0:
            raise SystemExit(f"bench: {name} got other bytes")
        self.compared.add(name)
        self.into.unlink()
        return used

    def calls(self, command):
        """System calls of a download, by strace, in a run of its own."""
        summary = self.into.parent / "calls"
        subprocess.run(["strace", "-f", "-c", "-qq", "-o", summary, *self.argv(command)], check=True, env=self.env, cwd=self.into.parent,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=PATIENCE)
        rows = re.findall(r"(?m)^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", summary.read_text())
        self.into.unlink()
        summary.unlink()
        return {name: int(count) for count, name in rows if name != "total"}


def there(contestants):
    """Those whose programs are there; says which are not."""
    left = {}
    for name, command in contestants.items():
        try:
            command("", "")
            left[name] = command
        except bench.NotStarted as failure:
            print(f"bench: {name}: {failure}", file=sys.stderr)
    return left


def compete(runner, contestants, rounds, title):
    """A table of CPU and wall seconds for each GiB."""
    results = bench.alternate(rounds, {name: lambda name=name, command=command: runner.run(name, command)
                                       for name, command in there(contestants).items()})
    scale = bench.GIB / runner.source.stat().st_size
    rows = [[name, bench.spread([run.cpu * scale for run in runs]), bench.spread([run.wall * scale for run in runs]),
             f"{bench.median([(run.wall + run.synced) * scale for run in runs]):.2f}"] for name, runs in results.items()]
    bench.table([title, "CPU s/GiB", "wall s/GiB", "wall, on the disk"], rows)
    return {name: bench.median([run.cpu * scale for run in runs]) for name, runs in results.items()}


def folders():
    """Where downloads go: the build folder's file system, and memory."""
    disk = bench.ROOT / "build/bench"
    disk.mkdir(parents=True, exist_ok=True)
    return [disk, pathlib.Path("/dev/shm")]


def large(site, url, given):
    for place in folders():
        with tempfile.TemporaryDirectory(prefix="sampan-bench-", dir=place) as folder:
            runner = Runner(site, url, pathlib.Path(folder), "large.bin")
            cpu = compete(runner, _clients.plain(), given.rounds, f"into {bench.file_system(folder)}")
            best = min((cost, name) for name, cost in cpu.items() if not name.startswith("sampan"))
            bench.verdict(f"CPU of `sampan get -n 1 --no-fsync` to that of {best[1]}", cpu["sampan get -n 1 --no-fsync"] / best[0], 1.0)
            print()


def digest(site, url, given):
    hasher = hashlib.sha256()
    with open(site.root / "large.bin", "rb") as file:
        while data := file.read(1 << 20):
            hasher.update(data)
    for place in folders():
        with tempfile.TemporaryDirectory(prefix="sampan-bench-", dir=place) as folder:
            (pathlib.Path(folder) / "sums").write_text(f"{hasher.hexdigest()}  got\n")
            runner = Runner(site, url, pathlib.Path(folder), "large.bin")
            compete(runner, _clients.with_sha256(hasher.hexdigest()), given.rounds, f"SHA-256, into {bench.file_system(folder)}")


def calls(site, url, _):
    with tempfile.TemporaryDirectory(prefix="sampan-bench-", dir=folders()[0]) as folder:
        runner = Runner(site, url, pathlib.Path(folder), "calls.bin")
        rows = []
        for name, command in there(_clients.plain()).items():
            counted = runner.calls(command)
            most = sorted(counted.items(), key=lambda call: -call[1])[:4]
            rows.append([name, f"{sum(counted.values()) / (CALLS >> 20):.1f}", ", ".join(f"{call} {count}" for call, count in most)])
        bench.table([f"{CALLS >> 20} MiB", "calls/MiB", "most of them"], rows)


def many(site, url, given):
    site.make_many()
    contestants = _clients.lists(MANY)
    for place in folders():
        with tempfile.TemporaryDirectory(prefix="sampan-bench-", dir=place) as folder:
            listed = pathlib.Path(folder) / "list"
            listed.write_text("".join(f"{url}/many/{number:04}\n" for number in range(MANY)))

            def run(name, command, into=pathlib.Path(folder) / "into"):
                into.mkdir()
                used = bench.Child(command(listed, f"{url}/many"), cwd=into, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL).finish()
                used.synced = bench.Child(["sync", "-f", into]).finish().wall
                for number in range(MANY):
                    if (into / f"{number:04}").read_bytes() != (site.root / "many" / f"{number:04}").read_bytes():
                        raise SystemExit(f"bench: {name} got other bytes")
                shutil.rmtree(into)
                return used
            results = bench.alternate(given.rounds, {name: lambda name=name, command=command: run(name, command)
                                                     for name, command in contestants.items()})
            rows = [[name, bench.spread([used.cpu for used in runs]), bench.spread([used.wall for used in runs]),
                     f"{bench.median([used.wall + used.synced for used in runs]):.2f}"] for name, runs in results.items()]
            bench.table([f"{MANY} files of 4 KiB, into {bench.file_system(folder)}", "CPU s", "wall s", "wall, on the disk"], rows)


def capped(site, url, given):
    """How much of the n-fold speed n connections give."""
    ideal = CAPPED / CAP / CONNECTIONS
    with tempfile.TemporaryDirectory(prefix="sampan-bench-", dir=folders()[1]) as folder:
        runner = Runner(site, url, pathlib.Path(folder), "capped.bin")
        results = bench.alternate(min(given.rounds, 3), {name: lambda name=name, command=command: runner.run(name, command)
                                                         for name, command in there(_clients.split(CONNECTIONS)).items()})
        rows = [[name, bench.spread([run.wall for run in runs]), f"{ideal / bench.median([run.wall for run in runs]):.0%}"]
                for name, runs in results.items()]
    bench.table([f"{CAPPED >> 20} MiB, {CAP >> 20} MiB/s each connection", "wall s", f"of {CONNECTIONS}-fold"], rows)


def veth(site, _, given):
    with _veth.network() as prefix, tempfile.TemporaryDirectory(prefix="sampan-bench-", dir=folders()[1]) as folder:
        server = site.serve(_veth.SERVER)
        try:
            runner = Runner(site, f"http://{_veth.SERVER}:{server.port}", pathlib.Path(folder), "large.bin", prefix)
            compete(runner, _clients.plain(), given.rounds, "1,500-byte packets, into memory")
        finally:
            server.stop()


ROWS = {"large": large, "digest": digest, "calls": calls, "many": many, "capped": capped, "veth": veth}


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--size", type=int, default=1024, metavar="MIB", help="of the large file (1024)")
    options.add_argument("--rounds", type=int, default=5, metavar="N", help="of each contestant (5)")
    options.add_argument("--only", choices=ROWS, help="this part")
    given = options.parse_args()
    bench.bounded(3600)
    bench.raise_descriptor_limit()
    bench.print_facts(f"get: {given.size} MiB, {given.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="sampan-bench-") as scratch:
        os.chmod(scratch, 0o755)
        site = Site(pathlib.Path(scratch), given.size << 20)
        print(f"{', '.join(_clients.versions(scratch) + _servers.versions()[:1])}\n", flush=True)
        server = site.serve()
        for name, row in ROWS.items():
            if given.only in (None, name):
                try:
                    row(site, f"http://{bench.HOST}:{server.port}", given)
                except bench.NotStarted as failure:
                    print(f"{name}: left out: {failure}\n", flush=True)
        server.stop()


main()
