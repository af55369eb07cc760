"""The main job on real input: a thousand files of this machine, one by one, compared byte for byte."""
import os
import pathlib
import random
import stat
import urllib.parse

import harness
import pytest

FOLDER = pathlib.Path("/usr/share")
NUMBER = 1000
LARGEST = 8 << 20


def plain_files(folder):
    """Readable, visible, non-empty plain files below the folder, as paths relative to it (bytes)."""
    top = os.fsencode(folder)
    for path, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith(b"."))
        for name in sorted(names):
            full = os.path.join(path, name)
            state = os.lstat(full)
            if (stat.S_ISREG(state.st_mode) and 0 < state.st_size <= LARGEST and not name.startswith(b".")
                    and os.access(full, os.R_OK)):
                yield os.path.relpath(full, top)


@pytest.mark.full
def test_a_thousand_real_files(serve, run, target):
    found = list(plain_files(FOLDER))
    chosen = random.Random(7890).sample(found, min(NUMBER, len(found)))
    if not chosen:
        pytest.skip(f"nothing to serve in {FOLDER}")

    with serve(FOLDER) as server:
        def fetch(item):
            number, name = item
            saved = target / str(number)
            result = run("get", f"tcp://127.0.0.1:{server.port}/{urllib.parse.quote(name)}", "-o", saved)
            if result.status != 0:
                return f"{name!r}: {result}"
            same = saved.read_bytes() == (FOLDER / os.fsdecode(name)).read_bytes()
            saved.unlink()
            return None if same else f"{name!r}: differs"

        failures = list(filter(None, harness.in_parallel(fetch, enumerate(chosen), threads=1)))
    assert failures == [] and len(chosen) == min(NUMBER, len(found))
    assert os.listdir(target) == []
