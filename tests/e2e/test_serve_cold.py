"""A file that is not in the page cache: the disk is waited for by the pool's threads, never by a worker."""
import os
import re
import shutil
import subprocess

import harness
import pytest
import raw

SIZE = 8 << 20


def evict(path):
    """Drops the file's pages; only a real file system has a disk to fetch them from again."""
    descriptor = os.open(path, os.O_RDWR)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def test_cold_file_is_read_ahead_on_the_pool(serve, tmp_path):
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("no strace here")
    content = os.urandom(SIZE)
    (tmp_path / "cold").write_bytes(content)
    trace = tmp_path / "trace"
    with serve(tmp_path, "--workers", 1) as server:
        tracer = subprocess.Popen([strace, "-f", "-p", str(server.pid), "-e", "trace=preadv2,pread64,sendfile", "-o", str(trace)],
                                  stderr=subprocess.PIPE, text=True)
        try:
            if "attached" not in tracer.stderr.readline():
                pytest.skip("no ptrace here")
            evict(tmp_path / "cold")
            assert raw.exchange(server.port, b"cold", timeout=harness.PATIENCE)[0] == content
        finally:
            tracer.terminate()
            tracer.wait()
    calls = trace.read_text()
    if "EAGAIN" not in "\n".join(re.findall(r".*preadv2.*", calls)):
        pytest.skip("this file system keeps everything in memory")
    senders = set(re.findall(r"^(\d+) +sendfile", calls, re.MULTILINE))
    readers = set(re.findall(r"^(\d+) +pread64", calls, re.MULTILINE))
    assert len(senders) == 1 and readers and not senders & readers, calls
