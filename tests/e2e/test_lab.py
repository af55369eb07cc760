"""`sampan lab`: every claim holds, in both languages; under sabotage it fails by name; what is left behind is nothing."""
import collections
import json
import os
import re
import signal
import subprocess
import unicodedata

import harness
import pytest

EXPERIMENTS = [*"0123456789", "time-wait", "unread", "backlog", "listen", "serve"]
WIDTH = 60
DOCUMENTS = [("tcp-notes.md", harness.ENGLISH), ("tcp-notes.zh-CN.md", harness.CHINESE)]


def steps(result):
    return [json.loads(line) for line in result.out.splitlines()]


def claims(result):
    return {step["claim"]: step for step in steps(result) if "claim" in step}


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("language", [harness.ENGLISH, harness.CHINESE], ids=["en", "zh"])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_claim_holds(run, name, language):
    """Status 0, a tick for each claim, nothing wider than 60 columns, and no escape codes in a pipe."""
    result = run("lab", name, env=language)
    assert result.status == 0 and result.err == "", result
    text = result.out.decode()
    assert "✓" in text and "✗" not in text, text
    assert "\x1b" not in text and "\r" not in text
    assert [line for line in text.splitlines() if width(line) > WIDTH] == []
    assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (language is harness.CHINESE)


def test_all_in_one_go(run):
    """Without a name all of them run, in order, and each claim has a name of its own within its experiment."""
    result = run("lab", "--json")
    assert result.status == 0, result
    order = list(dict.fromkeys(step["experiment"] for step in steps(result)))
    assert order == EXPERIMENTS
    names = collections.Counter((s["experiment"], s["claim"]) for s in steps(result) if "claim" in s)
    assert len(names) >= 60 and set(names.values()) == {1}
    assert [s for s in steps(result) if "claim" in s and s["text"] == s["claim"]] == []  # each has its sentence


@pytest.mark.full
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_claim_fails_under_a_sabotage(run, name):
    """Each sabotage makes a claim fail, and each claim fails under one; status 1."""
    whole = claims(run("lab", name, "--json"))
    result = run("lab", name, "--sabotage", "--json", timeout=5 * harness.PATIENCE)
    assert result.status == 1, result
    failed = collections.defaultdict(set)
    for step in steps(result):
        failed[step["sabotage"]] |= {step["claim"]} if step.get("holds") is False else set()
    assert all(failed.values()), failed
    assert set.union(*failed.values()) == set(whole)


@pytest.mark.parametrize("language", [harness.ENGLISH, harness.CHINESE], ids=["en", "zh"])
def test_a_failed_claim_is_named(run, language):
    result = run("lab", "3", "--sabotage", env=language)
    text = result.out.decode()
    assert result.status == 1 and "✗" in text
    assert re.search(r"\[connected\]\n.*[:：] ?0\n.*[:：] ?ECONNREFUSED\n", text), text
    assert re.search(r"(noticed: |已察觉：).*connected", text), text


def test_the_table_is_the_kernels(run):
    """Rows have the states in ss's spelling; a listening socket shows its backlog."""
    rows = [row for step in steps(run("lab", "9", "--json")) for row in step.get("table", [])]
    assert {row["state"] for row in rows} == {"LISTEN", "CLOSE-WAIT", "FIN-WAIT-2", "TIME-WAIT"}
    assert {row["send_q"] for row in rows if row["state"] == "LISTEN"} == {128}


def test_without_sock_diag_the_table_comes_from_proc(sampan, tool):
    """Note 9 sends nothing but the question to sock_diag, so that sendto can be made to fail."""
    argv = [tool("strace"), "-f", "-o", "/dev/null", "-e", "inject=sendto:error=EPERM", sampan, "lab", "9", "--json"]
    result = harness.run(argv, env={"ASAN_OPTIONS": "detect_leaks=0"})
    assert result.status == 0, result
    listening = [r for step in steps(result) for r in step.get("table", []) if r["state"] == "LISTEN"]
    assert listening and {row["send_q"] for row in listening} == {0}  # /proc does not tell it


def test_drawn_segments(run):
    """Who closes first sends the first FIN; unread bytes make it a reset."""
    def drawn(name, client):
        segments = next(step["segments"] for step in steps(run("lab", name, "--json")) if "segments" in step)
        return [(s["kind"], s["to_server"]) for s in segments if s["client"] == client]

    hands = [("syn", True), ("syn-ack", False), ("ack", True)]
    assert drawn("9", "client") == hands + [("fin", True), ("ack", False), ("fin", False), ("ack", True)]
    assert drawn("time-wait", "b") == hands + [("fin", False), ("ack", True), ("fin", True), ("ack", False)]
    assert drawn("unread", "b")[-1] == ("rst", False)
    assert drawn("3", "early") == [("syn", True), ("rst", False)]


# --- arguments

@pytest.mark.parametrize("args", [["10"], ["nine"], ["--json", "--markdown"], ["--step"], ["1", "2"]])
def test_wrong_usage(run, args):
    result = run("lab", *args)
    assert result.status == 2 and result.out == b"" and result.err.startswith("sampan: "), result


def test_unknown_name_lists_the_names(run):
    assert all(name in run("lab", "10").err for name in EXPERIMENTS)


# --- by hand

def test_step_waits_for_a_key(on_terminal):
    """Each step waits; the terminal is as before at the end, and has shown no control sequence."""
    terminal = on_terminal("lab", "9", "--step")
    terminal.expect(r"listener\.socket\(SOCK_STREAM\) = fd")
    assert "listener.bind" not in terminal.text
    terminal.send(" ")
    terminal.expect(r"listener\.bind")
    assert "listener.listen" not in terminal.text
    terminal.send("x" * 40)
    assert terminal.wait() == 0
    assert terminal.restored and "\x1b" not in terminal.text and "xx" not in terminal.text


def test_interrupted_at_a_step(on_terminal, tmp_path):
    """While a server of our own runs: 130, the terminal as before, and no file left."""
    terminal = on_terminal("lab", "serve", "--step", env={"TMPDIR": str(tmp_path)})
    terminal.expect(r"server\.start")
    assert [path.name for folder in tmp_path.iterdir() for path in folder.iterdir()] == ["note.txt"]
    terminal.send("\x03")
    assert terminal.wait() == 130
    assert terminal.restored and not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_leaves_nothing(start, tmp_path, number):
    """While 1,000 clients wait: 128 + N, soon, and neither a socket nor a file is left."""
    process = start("lab", "backlog", env={"TMPDIR": str(tmp_path)})
    port = process.stdout.wait_for(r"1000 × client\.connect\(127\.0\.0\.1:(\d+)\)[^\0]*LISTEN").group(1)
    process.signal(number)
    assert process.wait() == 128 + number
    assert "✗" not in process.stdout.text
    assert not list(tmp_path.iterdir())
    table = subprocess.run(["ss", "-Htan4"], stdout=subprocess.PIPE, text=True, check=True).stdout
    left = [row for row in table.splitlines() if f":{port} " in row and "TIME-WAIT" not in row]
    assert left == []


def test_temporary_folder_of_serve_is_removed(run, tmp_path):
    assert run("lab", "serve", env={"TMPDIR": str(tmp_path)}).status == 0
    assert not list(tmp_path.iterdir())


def test_nowhere_for_the_file_of_serve(run, tmp_path):
    """The failure is told; it is none of the claims."""
    result = run("lab", "serve", env={"TMPDIR": str(tmp_path / "missing")})
    assert result.status == 8 and "note.txt" in result.err, result


def test_closed_stdout_is_no_failure(sampan):
    """`sampan lab | head -1`."""
    reading, writing = os.pipe()
    process = harness.Process([sampan, "lab", "0"], stdout=writing)
    with process:
        os.close(writing)
        os.read(reading, 1)
        os.close(reading)
        assert process.popen.wait(harness.PATIENCE) == 0


# --- the document

def observed(text):
    """Titles, claims with what was seen, and reasons; numbers that differ from run to run are N."""
    text = re.sub(r"^(?:  .*\n|```.*\n|\n)+", "\n", text, flags=re.MULTILINE)
    return re.sub(r"\d{3,}", "N", text)


@pytest.mark.parametrize("name, language", DOCUMENTS, ids=["en", "zh"])
def test_document_is_what_a_run_shows(run, name, language):
    """docs/tcp-notes*.md: `sampan lab --markdown` gives the same observations."""
    result = run("lab", "--markdown", env=language)
    assert result.status == 0, result
    committed = (harness.REPOSITORY / "docs" / name).read_text("utf-8")
    assert observed(committed) == observed(result.out.decode())
    assert committed.count("\n## ") == len(EXPERIMENTS)
