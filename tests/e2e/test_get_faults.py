"""`sampan get`: servers that fail, stall, lie or are not there; interruptions."""
import os
import re
import signal
import threading

import harness
import isolation
import pytest
import raw
import tree


def names_in(folder):
    return sorted(os.listdir(folder))


def url(port, name="file"):
    return f"tcp://127.0.0.1:{port}/{name}"


def part_then(data, action=None):
    """A script: takes the name, sends `data`, waits until it was delivered, does the rest."""
    def script(sock):
        raw.read_end(sock)
        sock.sendall(data)
        raw.wait_delivered(sock)
        if action:
            action(sock)
    return script


# --- resets

@pytest.mark.parametrize("size", [1, 1000, 100_000, 3_000_000])
def test_reset_midway_keeps_what_came(run, target, size):
    """Status 9; NAME.part holds every byte that was received and is named; an old target is untouched."""
    (target / "file").write_bytes(b"old")
    before = os.stat(target / "file")
    data = tree.pattern(size)
    with raw.ScriptedServer(part_then(data, raw.reset)) as server:
        result = run("get", *harness.one_try(), url(server.port), cwd=target)
    assert result.status == 9 and "file.part" in result.err, result
    assert (target / "file.part").read_bytes() == data
    after = os.stat(target / "file")
    assert (target / "file").read_bytes() == b"old" and (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_reset_to_stdout(run, target):
    with raw.ScriptedServer(part_then(b"some bytes", raw.reset)) as server:
        result = run("get", *harness.one_try(), "-o", "-", url(server.port), cwd=target)
    assert result.status == 9 and result.out == b"some bytes" and names_in(target) == [], result


def test_reset_before_any_byte(run, target):
    def script(sock):
        sock.recv(100)
        raw.reset(sock)

    with raw.ScriptedServer(script) as server:
        result = run("get", *harness.one_try(), url(server.port), cwd=target)
    assert result.status == 9 and "file" not in names_in(target), result


def test_next_run_after_a_reset_completes(run, target):
    """The bare protocol cannot go on in the middle: the file is fetched anew and the old part goes."""
    content = tree.pattern(200_000)
    scripts = [part_then(content[:100_000], raw.reset), part_then(content)]
    with raw.ScriptedServer(lambda sock: scripts.pop(0)(sock)) as server:
        assert run("get", *harness.one_try(), url(server.port), cwd=target).status == 9
        result = run("get", *harness.one_try(), url(server.port), cwd=target)
    assert result.status == 0, result
    assert (target / "file").read_bytes() == content and names_in(target) == ["file"]


def test_a_shorter_second_answer_leaves_nothing_of_the_first(run, target):
    scripts = [part_then(b"long first answer", raw.reset), part_then(b"short")]
    with raw.ScriptedServer(lambda sock: scripts.pop(0)(sock)) as server:
        assert run("get", *harness.one_try(), url(server.port), cwd=target).status == 9
        assert run("get", *harness.one_try(), url(server.port), cwd=target).status == 0
    assert (target / "file").read_bytes() == b"short"


def test_existing_target_is_replaced_only_when_the_new_one_is_whole(start, target):
    (target / "file").write_bytes(b"old")
    before = os.stat(target / "file")
    go_on = threading.Event()

    def script(sock):
        raw.read_end(sock)
        sock.sendall(tree.pattern(1_000_000))
        assert go_on.wait(harness.PATIENCE)
        sock.sendall(b"end")

    with raw.ScriptedServer(script) as server:
        process = start("get", url(server.port), cwd=target)
        harness.wait_until(lambda: (target / "file.part").exists() and (target / "file.part").stat().st_size > 0, "bytes in file.part")
        during = os.stat(target / "file")
        assert during.st_ino == before.st_ino and (target / "file").read_bytes() == b"old"
        go_on.set()
        assert process.wait() == 0
    assert (target / "file").read_bytes() == tree.pattern(1_000_000) + b"end"
    assert os.stat(target / "file").st_ino != before.st_ino and names_in(target) == ["file"]


# --- not the file

@pytest.mark.parametrize("pieces", [[b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"], [b"HTTP/1.0 200 OK\r\n\r\nbody"],
                                    [b"HTT", b"P/1.1 501 Not Implemented\r\n\r\n"], [b"H", b"T", b"T", b"P", b"/", b"1", b".", b"1"],
                                    [b"\x15\x03\x01\x00\x02\x02\x16"], [b"\x15", b"\x03\x03\x00\x02\x02\x28"]], ids=ascii)
@pytest.mark.parametrize("output", ["file", "stdout"])
def test_answer_of_another_protocol_is_not_saved(run, target, pieces, output):
    def script(sock):
        raw.read_end(sock)
        for piece in pieces:
            sock.sendall(piece)
            raw.wait_delivered(sock)

    with raw.ScriptedServer(script) as server:
        result = run("get", *harness.one_try(), url(server.port), *(["-o", "-"] if output == "stdout" else []), cwd=target)
    assert result.status == 9 and result.out == b"" and names_in(target) == [], result


# --- no answer

def test_refused(run, target):
    port = raw.free_port()
    result = run("get", *harness.one_try(), url(port), cwd=target)
    assert result.status == 3 and str(port) in result.err and names_in(target) == [], result


def test_host_that_does_not_answer(run, target):
    with raw.full_backlog() as port:
        result = run("get", *harness.one_try(), "--connect-timeout", "500ms", url(port), cwd=target)
    assert result.status == 4 and str(port) in result.err and names_in(target) == [], result


def test_server_that_never_answers(run, target):
    done = threading.Event()
    with raw.ScriptedServer(lambda sock: done.wait(harness.PATIENCE)) as server:
        result = run("get", *harness.one_try(), "--timeout", "500ms", url(server.port), cwd=target)
        done.set()
    assert result.status == 4 and names_in(target) == [], result


def test_server_that_stops_midway(run, target):
    done = threading.Event()
    with raw.ScriptedServer(part_then(tree.pattern(50_000), lambda sock: done.wait(harness.PATIENCE))) as server:
        result = run("get", *harness.one_try(), "--timeout", "500ms", url(server.port), cwd=target)
        done.set()
    assert result.status == 4 and "file.part" in result.err, result
    assert (target / "file.part").read_bytes() == tree.pattern(50_000) and "file" not in names_in(target)


def test_slow_server_is_waited_for(run, target):
    """The stall deadline counts from the last byte: pauses shorter than it, together longer, are fine."""
    pause = threading.Event()

    def script(sock):
        raw.read_end(sock)
        for _ in range(6):
            pause.wait(0.4)
            sock.sendall(b"piece")

    with raw.ScriptedServer(script) as server:
        result = run("get", "--timeout", "1500ms", url(server.port), cwd=target)
    assert result.status == 0 and (target / "file").read_bytes() == b"piece" * 6, result


def test_unresolvable_host(run, target, needs_root):
    """In a network of its own, so that no resolver is asked."""
    result = run("get", "tcp://no-such-host.invalid:7890/x", cwd=target, preexec_fn=isolation.no_network)
    assert result.status == 3 and "no-such-host.invalid" in result.err and names_in(target) == [], result


def test_causes_are_told_apart(run, target):
    """Refused, no answer, nothing received: three messages."""
    closed = raw.free_port()
    done = threading.Event()
    with raw.full_backlog() as filtered, raw.ScriptedServer(lambda sock: None) as empty, \
            raw.ScriptedServer(lambda sock: done.wait(harness.PATIENCE)) as silent:
        results = [run("get", *harness.one_try(), "--connect-timeout", "300ms", "--timeout", "300ms", url(port), cwd=target)
                   for port in (closed, filtered, empty.port, silent.port)]
        done.set()
    assert len({harness.numbers_away(result.err) for result in results}) == 4, results


# --- interruptions

def bytes_on_disk(target, size=1_000_000):
    """True when file.part holds that much."""
    return (target / "file.part").exists() and (target / "file.part").stat().st_size >= size


def is_kept(target, data, size=1_000_000):
    """True when file.part holds the beginning of `data`, and no less than `size` of it."""
    kept = (target / "file.part").read_bytes()
    return len(kept) >= size and kept == data[:len(kept)]


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(start, target, number, status):
    (target / "file").write_bytes(b"old")
    done = threading.Event()
    data = tree.pattern(3_000_000)
    with raw.ScriptedServer(part_then(data, lambda sock: done.wait(harness.PATIENCE))) as server:
        process = start("get", url(server.port), cwd=target)
        harness.wait_until(lambda: bytes_on_disk(target), "bytes on disk")
        process.signal(number)
        assert process.wait() == status
        done.set()
    assert is_kept(target, data) and (target / "file").read_bytes() == b"old"
    assert "file.part" in process.stderr.text


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_while_connecting(start, target, number, status):
    with raw.full_backlog() as port:
        before = _connecting_to(port)  # those that filled the backlog
        process = start("get", url(port), cwd=target)
        harness.wait_until(lambda: _connecting_to(port) > before, "a connection request is on its way")
        process.signal(number)
        assert process.wait() == status
    assert names_in(target) == []


def _connecting_to(port):
    """How many sockets in state SYN_SENT have this remote port."""
    with open("/proc/net/tcp") as lines:
        return sum(fields[2].endswith(f":{port:04X}") and fields[3] == "02" for fields in map(str.split, list(lines)[1:]))


# --- a terminal

def test_progress_bar_on_a_terminal(on_terminal, target):
    """Bytes, speed and time; that the size is unknown is said."""
    pause = threading.Event()
    piece = tree.pattern(64 << 10)

    def script(sock):
        raw.read_end(sock)
        for _ in range(20):
            sock.sendall(piece)
            pause.wait(0.1)

    with raw.ScriptedServer(script) as server:
        terminal = on_terminal("get", url(server.port), cwd=target)
        assert terminal.wait() == 0, terminal.text
    assert (target / "file").read_bytes() == piece * 20
    text = terminal.text
    assert len(re.findall(r"\r(?!\n)|\x1b\[\d*G", text)) >= 2, "no bar that is drawn again"
    assert re.search(r"\d+([.,]\d+)? ?([kKMG]i?)?B/s", text), "no speed"
    assert re.search(r"\d+([.,]\d+)? ?([kKMG]i?)?B\b(?!/)", text) or re.search(r"\d+ bytes", text), "no bytes"
    assert re.search(r"(?i)unknown", text), "nothing about the unknown size"
    assert re.search(r"\d+:\d\d|\d+(\.\d+)? ?s\b", text), "no time"
    assert not re.search(r"\d ?%", text), "a percentage of an unknown size"


def test_hostile_name_does_not_reach_the_terminal(on_terminal, target):
    with raw.ScriptedServer(part_then(b"content")) as server:
        terminal = on_terminal("get", url(server.port, "a%1b%5d0;title%07b"), "-o", "saved", cwd=target)
        assert terminal.wait() == 0, terminal.text
    assert b"\x07" not in terminal.data and b"\x1b]0;title" not in terminal.data


def test_no_bar_on_a_pipe(run, target):
    pause = threading.Event()

    def script(sock):
        raw.read_end(sock)
        for _ in range(10):
            sock.sendall(b"x" * 10_000)
            pause.wait(0.1)

    with raw.ScriptedServer(script) as server:
        result = run("get", url(server.port), cwd=target)
    assert result.status == 0 and b"\r" not in result.err_bytes and b"\x1b" not in result.err_bytes, result
    assert len(result.err.splitlines()) <= 3, result


def test_interrupt_on_a_terminal(on_terminal, target):
    done = threading.Event()
    data = tree.pattern(3_000_000)
    with raw.ScriptedServer(part_then(data, lambda sock: done.wait(harness.PATIENCE))) as server:
        terminal = on_terminal("get", url(server.port), cwd=target)
        harness.wait_until(lambda: bytes_on_disk(target), "bytes on disk")
        terminal.send("\x03")
        assert terminal.wait() == 130 and terminal.restored
        done.set()
    assert is_kept(target, data)
    assert terminal.text.endswith("\n"), "the shell's prompt would stand behind the bar"


@pytest.mark.parametrize("step", [0, 1, 2])
def test_interrupt_at_a_prompt(on_terminal, target, step):
    terminal = on_terminal("get", env=harness.CHINESE, cwd=target)
    with raw.ScriptedServer(part_then(b"content")) as server:
        answers = ["127.0.0.1\n", f"{server.port}\n"]
        prompts = ["请输入服务器ip:", "请输入服务器port:", "请输入要下载的文件名："]
        for prompt, answer in zip(prompts[:step], answers):
            terminal.expect(prompt)
            terminal.send(answer)
        terminal.expect(prompts[step])
        terminal.send("\x03")
        assert terminal.wait() == 130 and terminal.restored and terminal.text.endswith("\n"), terminal.text
        assert names_in(target) == []


def test_end_of_input_at_a_prompt_on_a_terminal(on_terminal, target):
    terminal = on_terminal("get", env=harness.CHINESE, cwd=target)
    terminal.expect("请输入服务器ip:")
    terminal.send("\x04")
    assert terminal.wait() == 2 and terminal.restored, terminal.text
    assert terminal.text.count("请输入服务器ip:") == 1
