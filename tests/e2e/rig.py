"""`sampan get` in a folder of its own, and what must hold after each of its runs, whatever a server did.

A name that is no unfinished file holds one of the contents that are right. Nothing was made, changed or removed outside the
output folder. Memory stayed bounded. stderr is a few short lines without a control character, and says something when the run
failed.
"""
import os
import re

import harness
import hostile
import tree

#: The file of most tests, what it may have become, and how much of it an earlier run has got.
SIZE, HELD = 2_000_003, 1_000_001
LAST = SIZE - 1
A = hostile.File(tree.pattern(SIZE))
B = hostile.File(tree.pattern(SIZE, b"another"), etag='"B"')
#: A run may ask again for this much of what it had, to compare it at some places.
COMPARED = 10 * (64 << 10)

#: Resident memory that a run may take, in KiB.
MOST_MEMORY = 48 << 10
#: Lines on stderr that one download may take: its failure or success, and notes.
MOST_LINES = 12
LONGEST_LINE = 800
#: What an unfinished download may leave beside its target.
UNFINISHED = re.compile(r"\.(part(\.\d)?(\.old)?(\.sampan)?(\.old|\.new)?|bad)$")
#: C0, C1, DEL, bidi, zero-width, line separators.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")

# The memory of a child that was forked here counts from this process's: a small one in between starts afresh.
MEASURED = """
import os, resource, sys
told = int(sys.argv[1])
os.set_inheritable(told, False)
status = os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ), 0)[1])
os.write(told, b"%d" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status if status >= 0 else 128 - status)
"""


def snapshot(folder, leave_out):
    """Everything below a folder but for one sub-folder: path → what would tell that it was touched."""
    seen = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(place, name) != str(leave_out)]
        for name in folders + names:
            path = os.path.join(place, name)
            status = os.lstat(path)
            seen[path] = (status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns)
    return seen


class Rig:
    """`folder` is where the downloads go, `around` the folder that it lies in. `right` holds the contents that may be there."""

    def __init__(self, program, around):
        self.program, self.around, self.folder = program, around, around / "target"
        self.folder.mkdir()
        (around / "home").mkdir()
        (around / "outside").write_bytes(b"precious")
        self.right = set()
        self.sanitized = harness.is_sanitized(program)

    # --- what is there

    @property
    def names(self):
        return sorted(os.listdir(self.folder))

    def read(self, name="file"):
        """The bytes of a file, None when it is not there."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    @property
    def kept(self):
        """What the unfinished file holds, None without one."""
        return self.read("file.part")

    # --- runs

    def get(self, *words, env=None, timeout=None, connections=1, **options):
        """Runs `sampan get` with these words; on one connection at a time unless told otherwise (None: as it likes)."""
        limit = [] if connections is None else ["-n", connections]
        before = snapshot(self.around, self.folder)
        reader, writer = os.pipe()
        try:
            argv = [harness.PYTHON, "-ISc", MEASURED, writer, *options.pop("prefix", []), self.program, "get", *limit, *words]
            result = harness.run(argv, cwd=self.folder, timeout=timeout, pass_fds=[writer],
                                 env={"HOME": str(self.around / "home"), **(env or {})}, **options)
            result.memory = int(os.read(reader, 100) or 0)
        finally:
            os.close(reader)
            os.close(writer)
        result.argv = argv[4:]
        self._check(result, before)
        return result

    def _check(self, result, before):
        assert snapshot(self.around, self.folder) == before, f"something outside the folder was touched: {result}"
        for name in self.names:
            if not UNFINISHED.search(name) and (self.folder / name).is_file():
                assert (self.folder / name).read_bytes() in self.right, f"{name} is neither old nor right: {result}"
        assert self.sanitized or result.memory <= MOST_MEMORY, f"{result.memory} KiB: {result}"
        assert not UNSAFE.search(result.err_bytes.decode("utf-8")), f"unsafe on stderr: {result}"
        lines = result.err.splitlines()
        assert len(lines) <= MOST_LINES and all(len(line) <= LONGEST_LINE for line in lines), result
        assert result.status == 0 or lines, f"no reason was told: {result}"
        assert 0 <= result.status < 128 and result.status != 1, result

    def begin(self, server, file, size, *words, path="file", name="file"):
        """Gets into the state of a download that was cut after `size` bytes, and that a next run can go on with.

        The server then has forgotten these requests. It is left to the program how it keeps what it knows.
        """
        server.behaviour = hostile.cut(file, size)
        result = self.get("--retries", 0, *words, server.url(path))
        assert result.status == 9 and name not in self.names, result
        kept = self.read(f"{name}.part")
        assert kept is not None and kept[:size] == file.content[:size] and f"{name}.part.sampan" in self.names, (self.names, result)
        server.forget()

    # --- outcomes

    def assert_got(self, result, content, name="file"):
        """The file is there, complete, and nothing else."""
        assert result.status == 0, result
        assert self.read(name) == content, f"{name} holds other bytes: {result}"
        assert self.names == [name], (self.names, result)

    def assert_kept(self, result, content, *statuses, old=None, least=None):
        """A failure with one of these statuses: what came is kept, the target as it was."""
        assert result.status in statuses, result
        assert self.read("file") == old, result
        kept = self.kept
        assert kept is not None and len(kept) >= (least or 0) and kept == content[:len(kept)], \
            f"{None if kept is None else len(kept)} bytes kept: {result}"

    def assert_nothing(self, result, *statuses, old=None):
        """A failure with one of these statuses that leaves nothing, and an old target as it was."""
        assert result.status in statuses, result
        assert self.names == ([] if old is None else ["file"]) and self.read("file") == old, (self.names, result)
