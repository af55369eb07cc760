#!/usr/bin/python3
"""Runs clang-tidy over src/, two files at a time, leaving out those that passed before and did not change since.

Usage: tidy.py BUILD_FOLDER [FILE...]. A file's pass is remembered in BUILD_FOLDER/tidy under a digest of all that went
into it: the checks, the compiler's command line, the file, and every header of ours that it includes. Tests are left
out: their macros make most of the findings, and most of the time.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def own_headers(path, seen):
    """Adds `path` and, through its includes, every header of ours to `seen`."""
    if path in seen or not path.exists():
        return
    seen.add(path)
    for name in INCLUDE.findall(path.read_text("utf-8")):
        for folder in (ROOT / "src", ROOT / "include"):
            own_headers(folder / name, seen)


def digest(entry):
    files = set()
    own_headers(pathlib.Path(entry["file"]), files)
    state = hashlib.sha256(entry["command"].encode())
    for path in [ROOT / ".clang-tidy", *sorted(files)]:
        state.update(b"\0" + str(path).encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def tidy(build, entry):
    """The findings in one file; empty if there are none."""
    passed = build / "tidy" / digest(entry)
    if passed.exists():
        return ""
    run = subprocess.run(
        ["clang-tidy", "--quiet", "-p", str(build), entry["file"]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,  # counts of suppressed warnings, and why clang-tidy could not run
        text=True,
        check=False,
    )
    if run.returncode == 0:
        passed.touch()
        return ""
    return run.stdout or run.stderr


def chosen(build, names):
    entries = json.loads((build / "compile_commands.json").read_text("utf-8"))
    for entry in entries:
        path = pathlib.Path(entry["file"])
        ours = path.is_relative_to(ROOT / "src") and not path.name.endswith("_test.cc") and not path.name.startswith("test_")
        if ours and (not names or path in names):
            yield entry


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    (build / "tidy").mkdir(exist_ok=True)
    names = {pathlib.Path(name).resolve() for name in sys.argv[2:]}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [text for text in pool.map(lambda entry: tidy(build, entry), chosen(build, names)) if text]
    for text in found:
        print(text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
