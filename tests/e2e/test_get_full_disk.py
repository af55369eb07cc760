"""`sampan get`: no space, and disks that fail: what is there is kept, an old target too, and the next run goes on."""
import harness
import hostile
import pytest
from rig import A, HELD, SIZE

pytestmark = pytest.mark.full

MOUNT = 'mount -t tmpfs -o size={size} sampan-test "$1" && cd "$1" && shift && '


@pytest.fixture
def in_tmpfs(private_mounts, rig):
    """in_tmpfs(size, script, *words): runs a script in a tmpfs of that size, on the rig's folder; "$@" there is `sampan get WORDS`."""
    def go(size, script, *words):
        argv = [*private_mounts, "sh", "-c", MOUNT.format(size=size) + script, "sh", rig.folder, rig.program, "get", "-n", 1, *words]
        return harness.run(argv, timeout=60)
    return go


def test_full_disk_and_then_there_is_space(in_tmpfs, rig, tmp_path):
    """Something else fills the disk; when it is gone, the next run goes on."""
    (tmp_path / "right").write_bytes(A.content)
    with hostile.Server(A) as server:
        script = ('printf old > file && dd if=/dev/zero of=filler bs=64k count=30 status=none; "$@"; echo first $?; cat file; echo; rm filler;'
                  f' "$@"; echo second $?; cmp file {tmp_path}/right && ls')
        result = in_tmpfs("3m", script, "--retries", 0, server.url())
        assert server.gets[-1].ranged, "what fitted was fetched again"
    assert result.out.split() == [b"first", b"8", b"old", b"second", b"0", b"file"], result
    assert "space" in result.err.lower(), result


def test_space_is_looked_at_before_the_download(in_tmpfs, rig):
    """A file that cannot fit is refused before its bytes are asked for; need and have are named."""
    with hostile.Server(A) as server:
        result = in_tmpfs("1m", '"$@"; echo $?; ls', "--retries", 0, server.url())
    assert result.out.split()[0] == b"8" and b"file\n" not in result.out, result
    assert str(SIZE) in result.err.replace(",", "") or "MiB" in result.err, result


def test_full_disk_of_unknown_length(in_tmpfs, rig, tmp_path):
    """Nobody can know before: what fits is kept, and the run does not go on without an end."""
    answer = hostile.message("200 OK", [*A.fields(), "Transfer-Encoding: chunked"], hostile.chunked(A.content))
    with hostile.Server(hostile.exact(answer)) as server:
        result = in_tmpfs("1m", '"$@"; echo $?; cat file.part | wc -c', "--retries", 2, server.url())
        assert len(server.requests) <= 3
    status, kept = result.out.split()
    assert status == b"8" and 500_000 < int(kept) <= 1 << 20, result


def test_read_only(in_tmpfs):
    with hostile.Server(A) as server:
        assert in_tmpfs("8m", 'mount -o remount,ro . && "$@"; echo $?; ls', server.url()).out == b"8\n"


# --- calls that fail

CALLS = ["fsync", "fdatasync", "rename", "renameat", "renameat2", "linkat", "pwrite64", "pwritev", "ftruncate", "fallocate", "syncfs"]


@pytest.fixture
def traced(tool, rig, missing):
    """traced(call, error, *words, path=None): runs `get` with calls that fail, all or those on one file."""
    if harness.run([tool("strace"), "-qq", "-o", "/dev/null", "true"]).status != 0:
        missing("nobody may be traced here")
    def go(call, error, *words, path=None):
        only = ["-P", path] if path else []
        argv = [tool("strace"), "-qq", "-f", "-o", "/dev/null", *only, "-e", f"trace={call}", "-e", f"inject={call}:error={error}"]
        # Leaks cannot be looked for in a process that is traced.
        return rig.get(*words, prefix=argv, timeout=60, env={"ASAN_OPTIONS": "detect_leaks=0"})
    return go


@pytest.mark.parametrize("error", ["EIO", "EDQUOT", "ENOSPC"])
@pytest.mark.parametrize("call", CALLS)
def test_call_that_fails(rig, traced, call, error):
    """Status 8 and everything kept, or the call is not needed; the next run completes."""
    rig.right |= {A.content, b"old"}
    (rig.folder / "file").write_bytes(b"old")
    with hostile.Server(A) as server:
        result = traced(call, error, "--retries", 0, server.url())
        assert result.status in (0, 8), result
        if result.status == 8:
            assert rig.read() == b"old" and rig.kept is not None, (rig.names, result)
            rig.assert_got(rig.get(server.url()), A.content)
        else:
            rig.assert_got(result, A.content)


@pytest.mark.parametrize("error", ["EIO", "EDQUOT"])
def test_data_that_does_not_reach_the_disk_is_told(rig, traced, error):
    """Whichever of the calls that sync is used: one of them failing for ever is no success."""
    with hostile.Server(A) as server:
        result = traced("fsync,fdatasync,syncfs,sync_file_range", error, "--retries", 0, server.url())
    assert result.status == 8 and rig.read() is None, result


@pytest.mark.parametrize("error", ["EIO", "EROFS"])
def test_file_that_cannot_be_put_in_its_place_is_told(rig, traced, error):
    with hostile.Server(A) as server:
        result = traced("rename,renameat,renameat2,link,linkat", error, "--retries", 0, server.url())
    assert result.status == 8 and rig.read() is None, result


def test_no_preallocation_is_no_failure(rig, traced):
    rig.right.add(A.content)
    with hostile.Server(A) as server:
        rig.assert_got(traced("fallocate", "EOPNOTSUPP", server.url()), A.content)


def test_full_disk_while_going_on(rig, half, traced):
    half.behaviour = A
    result = traced("write,pwrite64,splice,pwritev", "ENOSPC", "--retries", 0, half.url(), path=rig.folder / "file.part")
    assert result.status == 8 and rig.read() is None and rig.kept[:HELD] == A.content[:HELD], (rig.names, result)
