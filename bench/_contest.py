"""Who takes part in a row of http.py, and what they serve."""

import re
import subprocess
import sys

import _check
import _common as bench
import _load
import _servers

SMALL, LARGE, HUGE, RANGE = 1 << 10, 64 << 10, 1 << 30, 1 << 20  # bytes
FILES, FOLDERS = 100_000, 100  # _load has the same number of folders
BUSY = 0.95  # of a core: a generator with less to spare is what was measured


def share(runs, which):
    """Of a core; `which` is cpu or load_cpu."""
    return bench.median([getattr(run, which) / run.wall for run in runs])


class Contestant:
    """A server of one row, until it fails: `failure` then says why, and nothing of it counts."""

    def __init__(self, name, command, site):
        self.name, self.runs, self.traced, self.failure, self.server = name, [], None, None, None
        self.attempt(self.start, command, site)

    def start(self, command, site):
        self.server = _servers.start(command, site.root, site.folder / re.sub(r"\W+", "-", self.name))

    def attempt(self, action, *words, **load):
        """What the action returns; None when it failed, or something did before."""
        if self.failure:
            return None
        try:
            return action(*words, **load)
        except _load.Refused as failure:
            self.fail(f"REFUSED: {failure}")
        except bench.NotStarted as failure:
            self.fail(str(failure))
        return None

    def fail(self, why):
        self.failure = why
        print(f"bench: {self.name}: {why}", file=sys.stderr)

    def measure(self, run, **load):
        if got := self.attempt(run, self.server, **load):
            self.runs.append(got)

    def stop(self):
        if self.server:
            self.server.stop()

    def judge(self, runs):
        """A server that is not kept busy by a busy generator was not measured: the generator was."""
        if self.failure or share(runs, "load_cpu") <= BUSY or share(runs, "cpu") > BUSY:
            return
        load, own = (f"{share(runs, which):.0%}" for which in ("load_cpu", "cpu"))
        self.fail(f"REFUSED: the load generator took {load} of its core, the server only {own}")

    @property
    def fails_the_bench(self):
        """A peer that is not there does not."""
        return bool(self.failure) and (self.failure.startswith("REFUSED") or self.name.startswith("sampan"))

    def each(self, per_gib, quantity):
        """`cpu`: µs a request, or s/GiB; `rate`: requests/s, or GiB/s. Of every run."""
        units = [run.bytes / bench.GIB if per_gib else run.requests for run in self.runs]
        if quantity == "cpu":
            return [run.cpu / unit * (1 if per_gib else 1e6) for run, unit in zip(self.runs, units)]
        return [unit / run.wall for run, unit in zip(self.runs, units)]

    def calls(self, per_gib):
        if not self.traced:
            return "–"
        unit = self.traced.bytes / bench.GIB if per_gib else self.traced.requests
        most = sorted(self.traced.calls.items(), key=lambda call: -call[1])[:3]
        return f"{sum(self.traced.calls.values()) / unit:.2f} ({', '.join(f'{name} {count / unit:.2f}' for name, count in most)})"


class Site:
    """What is served, made when a row first needs it."""

    def __init__(self, folder):
        self.folder, self.root = folder, folder / "served"
        self.root.mkdir()
        bench.random_file(self.root / "small.txt", SMALL)
        bench.random_file(self.root / "large.bin", LARGE)

    def prepare(self, load):
        huge = self.root / "huge.bin"
        if load.get("path") == "/huge.bin" and not huge.exists():
            bench.random_file(huge, HUGE)
        if "files" in load and not (self.root / "00").exists():
            self.make_files()

    def make_files(self):
        for folder in range(FOLDERS):
            (self.root / f"{folder:02}").mkdir()
        block = (self.root / "small.txt").read_bytes()
        for number in range(FILES):
            with open(self.root / f"{number % FOLDERS:02}/{number:06}", "wb", buffering=0) as file:
                file.write(block)
        # Or the kernel writes them while they are measured.
        subprocess.run(["sync", "-f", self.root], check=True)

    def check(self, server, load):
        """Raises Refused when the server does not answer with the file's bytes."""
        path = "/42/000042" if "files" in load else load["path"]
        file = self.root / path[1:]
        if path == "/huge.bin":
            _check.part(server.port, path, file, HUGE // 3, RANGE)
        else:
            _check.whole(server.port, path, file)
