"""Every fuzz target takes every input of its corpus: what was found once, or shows a rule, is tried in each build."""

import os
import pathlib
import subprocess

import pytest

FUZZ = pathlib.Path(__file__).parents[2] / "fuzz"
TARGETS = sorted(path.name.removesuffix("_fuzz.cc") for path in FUZZ.glob("*_fuzz.cc"))
PATIENCE = 120  # seconds: an input that hangs ends well before pytest's own limit, and is then named


def replay(target, *folders):
    """Runs the target's program; it lies beside the tested sampan."""
    if "SAMPAN_UNIT_TESTS" not in os.environ:
        pytest.skip("pytest was not started by ./x test")
    program = pathlib.Path(os.environ["SAMPAN_BIN"]).parent / f"replay_{target}"
    run = subprocess.run(
        ["timeout", "--signal=KILL", str(PATIENCE), program, *folders],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="backslashreplace",
        check=False,
    )
    return run.returncode, run.stdout


def test_each_corpus_has_a_target():
    assert sorted(path.name for path in (FUZZ / "corpus").iterdir()) == TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_corpus_runs_through(target):
    corpus = FUZZ / "corpus" / target
    status, output = replay(target, corpus)
    assert status == 0, f"replay_{target} ended with {status}; the input it ran is the last one named:\n{output}"
    assert output.splitlines()[-1] == f"{sum(1 for _ in corpus.iterdir())} inputs"


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()], ids=["missing", "empty"])
def test_corpus_without_inputs_fails(tmp_path, make):
    make(tmp_path / "corpus")
    assert replay(TARGETS[0], tmp_path / "corpus")[0] == 1


def test_input_is_named_before_it_runs(tmp_path):
    (tmp_path / "input").mkdir()  # the one kind of input that fails with every target
    status, output = replay(TARGETS[0], tmp_path)
    assert status == 1
    assert output.splitlines() == [str(tmp_path / "input"), "cannot be read"]
