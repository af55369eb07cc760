"""`sampan get` and the disk: no space, no permission, things in the way, parts that are somebody else's."""
import errno
import os
import re
import resource
import select
import signal
import stat
import threading

import harness
import pytest
import raw
import tree


def names_in(folder):
    return sorted(os.listdir(folder))


def url(port, name="file"):
    return f"tcp://127.0.0.1:{port}/{name}"


def content_server(content=b"content"):
    """A bare-name server that sends the same content for every name."""
    def script(sock):
        raw.read_end(sock)
        sock.sendall(content)
    return raw.ScriptedServer(script)


# --- things in the way

@pytest.mark.parametrize("words", [[], ["-o", "file"], ["-d", ".", "-o", "file"]], ids=lambda words: " ".join(map(str, words)) or "plain")
def test_target_is_a_directory(run, target, words):
    (target / "file").mkdir()
    with content_server() as server:
        result = run("get", url(server.port), *words, cwd=target)
    assert result.status == 8 and "file" in result.err, result
    assert names_in(target / "file") == [] and "file" in names_in(target)


def test_folder_does_not_exist(run, target):
    with content_server() as server:
        result = run("get", "-d", "missing folder", url(server.port), cwd=target)
        assert result.status in (0, 8), result
        if result.status == 0:  # creating it would be fine too, but then with the file in it
            assert (target / "missing folder" / "file").read_bytes() == b"content"
        result = run("get", "-o", "missing/too/file", url(server.port), cwd=target)
        assert result.status == 8 and "missing/too" in result.err, result


def test_no_permission(run, needs_root, sampan_for_all, open_folder):
    with content_server() as server:
        result = run("get", url(server.port), cwd=open_folder, program=sampan_for_all, user=harness.NOBODY, group=harness.NOBODY,
                     extra_groups=[])
    assert result.status == 8 and "file" in result.err and names_in(open_folder) == [], result


def test_existing_target_without_permission_to_its_folder(run, needs_root, sampan_for_all, open_folder):
    (open_folder / "file").write_bytes(b"old")
    os.chmod(open_folder / "file", 0o666)
    with content_server() as server:
        result = run("get", url(server.port), cwd=open_folder, program=sampan_for_all, user=harness.NOBODY, group=harness.NOBODY,
                     extra_groups=[])
    assert result.status == 8 and (open_folder / "file").read_bytes() == b"old", result


def test_read_only_file_system(private_mounts, sampan, target):
    script = 'mount -t tmpfs -o ro sampan-test "$1" && cd "$1" && shift && exec "$@"'
    with content_server() as server:
        result = harness.run([*private_mounts, "sh", "-c", script, "sh", target, sampan, "get", url(server.port)])
    assert result.status == 8, result


# --- no space

def test_disk_full(private_mounts, sampan, target):
    """A file system of 1 MiB, a file of 3: status 8, what fits is kept as file.part and named."""
    script = 'mount -t tmpfs -o size=1m sampan-test "$1" && cd "$1" && shift && { "$@"; status=$?; stat -c "%n %s" *; exit $status; }'
    with content_server(tree.pattern(3 << 20)) as server:
        result = harness.run([*private_mounts, "sh", "-c", script, "sh", target, sampan, "get", *harness.one_try(), url(server.port)])
    assert result.status == 8 and "file.part" in result.err, result
    sizes = dict(re.findall(r"(?m)^(\S+) (\d+)$", result.out.decode()))
    assert "file" not in sizes and 500_000 < int(sizes["file.part"]) <= 1 << 20, sizes


def test_disk_full_leaves_an_old_target_alone(private_mounts, sampan, target):
    script = ('mount -t tmpfs -o size=1m sampan-test "$1" && cd "$1" && shift && printf old > file && '
              '{ "$@"; status=$?; cat file; exit $status; }')
    with content_server(tree.pattern(3 << 20)) as server:
        result = harness.run([*private_mounts, "sh", "-c", script, "sh", target, sampan, "get", *harness.one_try(), url(server.port)])
    assert result.status == 8 and result.out == b"old", result


def test_file_size_limit(run, target):
    """The same by RLIMIT_FSIZE, which needs no privileges."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    with content_server(tree.pattern(3 << 20)) as server:
        result = run("get", *harness.one_try(), url(server.port), cwd=target, preexec_fn=limit)
    assert result.status == 8 and "file.part" in result.err and "file" not in names_in(target), result
    kept = (target / "file.part").read_bytes()
    assert kept and kept == tree.pattern(3 << 20)[:len(kept)]


def test_no_space_on_stdout(run, target):
    with content_server(tree.pattern(100_000)) as server, open("/dev/full", "wb") as full:
        result = run("get", *harness.one_try(), "-o", "-", url(server.port), cwd=target, stdout=full)
    assert result.status == 8 and os.strerror(errno.ENOSPC) in result.err, result


def test_closed_stdout(run, target):
    """`get -o - | head -1`: nobody reads any more, status 8."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        with content_server(tree.pattern(1 << 20) * 8) as server:
            result = run("get", *harness.one_try(), "-o", "-", url(server.port), stdout=writer, cwd=target)
    finally:
        os.close(writer)
    assert result.status == 8 and names_in(target) == [], result


# --- a part that is not ours

def assert_left_alone(result, target):
    """The file came by way of another part; the one that was there still is."""
    assert result.status == 0 and names_in(target) == ["file", "file.part"], result
    assert (target / "file").read_bytes() == b"content"


def _symlink(part, victim):
    part.symlink_to(victim)


def _hard_link(part, victim):
    os.link(victim, part)


@pytest.mark.parametrize("make", [_symlink, _hard_link])
def test_part_that_leads_to_another_file_is_never_opened(run, target, tmp_path, make):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    os.utime(victim, (1, 1))
    make(target / "file.part", victim)
    before, link_before = os.stat(victim), os.lstat(target / "file.part")
    with content_server() as server:
        result = run("get", url(server.port), cwd=target)
    assert_left_alone(result, target)
    after, link_after = os.stat(victim), os.lstat(target / "file.part")
    assert victim.read_bytes() == b"precious" and after.st_mtime_ns == before.st_mtime_ns and after.st_mode == before.st_mode
    assert link_after.st_ino == link_before.st_ino


def test_dangling_symlink_as_part_creates_nothing(run, target, tmp_path):
    (target / "file.part").symlink_to(tmp_path / "made through the link")
    with content_server() as server:
        result = run("get", url(server.port), cwd=target)
    assert_left_alone(result, target)
    assert names_in(tmp_path) == ["target"]


def test_fifo_as_part_is_never_opened_for_writing(run, target):
    os.mkfifo(target / "file.part")
    reader = os.open(target / "file.part", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with content_server() as server:
            result = run("get", url(server.port), cwd=target)
        assert_left_alone(result, target)
        poller = select.poll()
        poller.register(reader, select.POLLIN)
        assert poller.poll(0) == [], "somebody wrote into the fifo, or had it open for writing"
        assert stat.S_ISFIFO(os.lstat(target / "file.part").st_mode)
    finally:
        os.close(reader)


def test_fifo_as_part_does_not_block(run, target):
    os.mkfifo(target / "file.part")
    with content_server() as server:
        result = run("get", url(server.port), cwd=target)
    assert_left_alone(result, target)


def test_directory_as_part(run, target):
    (target / "file.part").mkdir()
    with content_server() as server:
        result = run("get", url(server.port), cwd=target)
    assert_left_alone(result, target)
    assert names_in(target / "file.part") == []


def test_part_of_another_user(run, target, needs_root):
    (target / "file.part").write_bytes(b"somebody else's")
    os.chown(target / "file.part", harness.NOBODY, harness.NOBODY)
    before = os.stat(target / "file.part")
    with content_server() as server:
        result = run("get", url(server.port), cwd=target)
    after = os.stat(target / "file.part")
    assert_left_alone(result, target)
    assert (target / "file.part").read_bytes() == b"somebody else's"
    assert (after.st_ino, after.st_uid, after.st_mtime_ns) == (before.st_ino, harness.NOBODY, before.st_mtime_ns)


def test_part_swapped_while_running_is_not_what_becomes_the_target(start, target, tmp_path):
    """Somebody replaces file.part by a link during the download: the link's goal stays as it was."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    go_on = threading.Event()

    def script(sock):
        raw.read_end(sock)
        sock.sendall(tree.pattern(1_000_000))
        assert go_on.wait(harness.PATIENCE)
        sock.sendall(b"second half")

    with raw.ScriptedServer(script) as server:
        process = start("get", url(server.port), cwd=target)
        part = target / "file.part"
        harness.wait_until(lambda: part.exists() and part.stat().st_size > 0, "bytes in file.part")
        part.unlink()
        part.symlink_to(victim)
        go_on.set()
        process.wait()
    assert victim.read_bytes() == b"precious"
