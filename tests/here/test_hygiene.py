"""tools/hygiene.py finds what must not be in a file."""

import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))

import hygiene  # noqa: E402

ROOT = pathlib.Path("/data/projects/sampan")


def found_in(line, root=ROOT, host="workbench-7"):
    rules = [(re.compile(pattern), reason) for pattern, reason in hygiene.patterns(root, host)]
    return list(hygiene.check("name", "first\n" + line, rules))


@pytest.mark.parametrize(
    "line",
    [
        "// TO" "DO: the rest",
        "FIX" "ME",
        "<<<<<<" "< HEAD",
        "======" "=",
        "see /data/projects/sampan/docs",
        "see /data/projects",
        "/ho" "me/jane/notes",
        "cp /ro" "ot/x .",
        "ran on workbench-7, 2 cores",
    ],
)
def test_found(line):
    assert len(found_in(line)) == 1
    assert found_in(line)[0].startswith("name:2: ")


@pytest.mark.parametrize(
    "line",
    [
        "todos = methodology",
        "==========",
        "serves https://example.org/home/index.html",
        "open /srv/a.iso: Permission denied",
        "/data/projects2/x",
        "workbench-77",
        "$ROOT/data/projects/sampan",
        "/tmp/x",
    ],
)
def test_not_found(line):
    assert found_in(line) == []


def test_common_names_say_nothing_about_a_machine():
    assert found_in("/usr/src on debian", root=pathlib.Path("/usr/src/sampan"), host="debian") == []
    assert found_in("$1/build, /src/x", root=pathlib.Path("/build/sampan"), host="x1") == []
