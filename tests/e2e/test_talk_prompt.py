"""The prompt line of `sampan talk` and `sampan listen`, on terminals: text comes in above, what is being typed stays."""
import contextlib
import os
import queue
import re
import shutil
import signal
import subprocess
import threading

import harness
import pytest
import raw
import tmux


class Partner:
    """A script for a ScriptedServer: says what it is told to, notes what it hears."""

    def __init__(self):
        self.heard, self._to_say = bytearray(), queue.Queue()

    def say(self, data):
        self._to_say.put(data)

    def __call__(self, sock):
        def speak():
            with contextlib.suppress(OSError):
                while (data := self._to_say.get()) is not None:
                    sock.sendall(data)
        speaker = threading.Thread(target=speak)
        speaker.start()
        with contextlib.suppress(OSError):
            while data := sock.recv(65536):
                self.heard += data
        self.say(None)
        speaker.join()

    def wait_heard(self, expected):
        harness.wait_until(lambda: len(self.heard) >= len(expected), f"{expected!r}, not {bytes(self.heard)!r}")
        assert self.heard == expected


@pytest.fixture
def partner():
    return Partner()


@pytest.fixture
def screen(sampan, partner):
    """screen(*words, columns=, rows=): `sampan talk` with the partner, in a tmux, connected."""
    if not shutil.which("tmux"):
        pytest.skip("no tmux")
    with raw.ScriptedServer(partner) as server, contextlib.ExitStack() as stack:
        def go(*words, shell="{}", **options):
            command = " ".join([sampan, "talk", *words, "127.0.0.1", str(server.port)])
            made = stack.enter_context(tmux.Screen(shell.format(command), **options))
            made.wait_for(lambda rows: any("connected to" in row for row in rows) and "> " in rows[-1] + " ", "the prompt")
            return made
        yield go


def test_wrapped_chinese_line_while_a_hundred_lines_arrive(screen, partner):
    """200 columns typed in a terminal of 60; then it is edited and sent."""
    s = screen(columns=60, rows=20)
    text = "你好世界" * 25
    s.type(text)
    drawn = ["> " + text[:29], text[29:59], text[59:89], text[89:]]
    s.wait_for(lambda rows: rows[-4:] == drawn, "the typed line")
    for number in range(100):
        partner.say(f"第{number}行\n".encode("gbk"))
    s.wait_for(lambda rows: any("第99行" in row for row in rows), "the last line")
    s.wait_for(lambda rows: rows[-4:] == drawn, "the typed line below")
    above = [row for row in s.history if row.startswith("第")]
    assert above == [f"第{number}行" for number in range(100)]
    assert s.history[-104:-4] == above, "nothing else among them"
    assert s.cursor == (2 * len(text[89:]), s.rows.index(drawn[-1]))
    s.key("BSpace", "BSpace")
    s.wait_for(lambda rows: rows[-1] == text[89:-2], "two characters less")
    s.key("Enter")
    partner.wait_heard((text[:-2] + "\n").encode("gbk"))
    s.wait_for(lambda rows: rows[-1] == ">", "an empty line")


def test_half_typed_line_stays(screen, partner):
    s = screen()
    s.type("你好世")
    partner.say("在吗\n".encode("gbk"))
    s.wait_for(lambda rows: rows[-2:] == ["在吗", "> 你好世"], "the line above")
    s.key("BSpace")
    s.wait_for(lambda rows: rows[-1] == "> 你好", "one whole character less")
    assert s.cursor[0] == 6
    s.key("Left", "Left")
    s.type("x")
    s.wait_for(lambda rows: rows[-1] == "> x你好", "inserted before")
    s.key("End", "Enter")
    partner.wait_heard("x你好\n".encode("gbk"))


def test_text_without_a_line_end_is_continued(screen, partner):
    s = screen()
    partner.say(b"login: ")
    s.wait_for(lambda rows: rows[-2:] == ["login:", ">"], "the question above the prompt")
    partner.say(b"again: ")
    s.wait_for(lambda rows: rows[-2:] == ["login: again:", ">"], "on the same row")
    s.type("me")
    s.key("Enter")
    s.wait_for(lambda rows: rows[-3:] == ["login: again:", "> me", ">"], "the answer below")
    partner.wait_heard(b"me\n")


def test_history(screen, partner):
    s = screen()
    for line in ("one", "two"):
        s.type(line)
        s.key("Enter")
    s.key("Up", "Up")
    s.wait_for(lambda rows: rows[-1] == "> one", "an older line")
    s.key("Down")
    s.type("!")
    s.key("Enter")
    partner.wait_heard(b"one\ntwo\ntwo!\n")


def test_paste_of_many_lines(screen, partner):
    """In order, whole, the last one waiting for its end; no shell's paste brackets."""
    s = screen()
    lines = [f"第{number}行 " + "x" * (number % 70) for number in range(300)]
    s.paste("\n".join(lines))
    partner.wait_heard("".join(line + "\n" for line in lines[:-1]).encode("gbk"))
    s.wait_for(lambda rows: rows[-1].endswith(lines[-1][-5:]), "the last line")
    s.key("Enter")
    partner.wait_heard("".join(line + "\n" for line in lines).encode("gbk"))


@pytest.mark.parametrize("columns, rows", [(30, 20), (100, 20), (60, 4)])
def test_resize(screen, partner, columns, rows):
    s = screen(columns=60, rows=20)
    text = "你好世界" * 15
    s.type(text)
    s.wait_for(lambda found: "".join(found).endswith("> " + text), "the typed line")
    s.resize(columns, rows)
    first = (columns - 2) // 2
    rest = text[first:]
    drawn = ["> " + text[:first], *[rest[i:i + columns // 2] for i in range(0, len(rest), columns // 2)]]
    s.wait_for(lambda found: found[-len(drawn):] == drawn, f"the line for {columns} columns")
    partner.say(b"above\n")
    s.wait_for(lambda found: found[-len(drawn) - 1:] == ["above", *drawn], "what came above")
    assert sum(row.startswith("> ") for row in s.rows) == 1


def test_stop_and_go_on(screen, partner):
    """Ctrl-Z gives the shell a terminal in order; fg brings the line back."""
    s = screen(shell="bash --norc -ic 'PS1=; stty sane; {}; echo status $?; stty -a | grep -o \" icanon\\| echo \"; fg; echo over; sleep 60'")
    s.type("half typed")
    s.key("C-z")
    s.wait_for(lambda rows: any(row.startswith("> half") for row in rows[-1:]), "the line again after fg")
    rows = s.rows
    assert any("Stopped" in row or "status 148" in row for row in rows), rows
    assert any("icanon" in row for row in rows), rows
    s.type("!")
    s.key("Enter")
    partner.wait_heard(b"half typed!\n")
    s.type("/quit")
    s.key("Enter")
    s.wait_for(lambda rows: "over" in rows[-1], "the end")


def test_commands_on_a_terminal(screen, partner):
    s = screen()
    for line in ("/hex 02 45", "/view hex", "/help", "/nonsense"):
        s.type(line)
        s.key("Enter")
    partner.wait_heard(b"\x02\x45")
    s.wait_for(lambda rows: any("/nonsense" in row and "command" in row for row in rows), "a complaint")
    partner.say(b"\xc4\xe3")
    s.wait_for(lambda rows: any("00000000  c4 e3" in row for row in rows), "a dump")


def test_interrupt_restores_the_terminal(on_terminal, partner):
    with raw.ScriptedServer(partner) as server:
        terminal = on_terminal("talk", "127.0.0.1", server.port)
        terminal.expect("> ")
        terminal.send("half typed\x03")
        assert terminal.wait() == 130 and terminal.restored


@pytest.mark.parametrize("typed, status", [("\x04", 0), ("/quit\r", 0), ("text\r/quit\r", 0)], ids=["end", "quit", "both"])
def test_endings_restore_the_terminal(on_terminal, partner, typed, status):
    with raw.ScriptedServer(partner) as server:
        terminal = on_terminal("talk", "--wait", "100ms", "127.0.0.1", server.port)
        terminal.expect("> ")
        terminal.send(typed)
        assert terminal.wait() == status and terminal.restored
        assert not terminal.text.endswith("> ")


def test_terminal_that_goes_away(on_terminal, partner):
    with raw.ScriptedServer(partner) as server:
        terminal = on_terminal("talk", "--wait", "0", "127.0.0.1", server.port)
        terminal.expect("> ")
        os.close(terminal.master)
        terminal.master = -1
        assert terminal.popen.wait(harness.PATIENCE) is not None


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": None}], ids=["dumb", "none"])
def test_terminal_that_cannot_move_its_cursor(on_terminal, partner, environment):
    with raw.ScriptedServer(partner) as server:
        terminal = on_terminal("talk", "127.0.0.1", server.port, env=environment)
        terminal.expect("connected")
        terminal.send("hello\n")
        partner.wait_heard(b"hello\n")
        terminal.send("/quit\n")
        assert terminal.wait() == 0 and terminal.restored and b"\x1b" not in terminal.data and "> " not in terminal.text


def test_no_prompt_where_stdout_is_a_pipe(on_terminal, partner):
    with raw.ScriptedServer(partner) as server:
        terminal = on_terminal("talk", "127.0.0.1", server.port, stdout=subprocess.PIPE)
        terminal.expect("connected")
        terminal.send("hello\n")
        partner.wait_heard(b"hello\n")
        partner.say(b"bytes")
        harness.wait_until(lambda: terminal.popen.stdout.peek(), "the peer's bytes")
        terminal.send("/quit\n")
        assert terminal.popen.stdout.read() == b"bytes"
        assert terminal.wait() == 0


def test_nothing_hostile_reaches_the_prompt_line(on_terminal, partner):
    with raw.ScriptedServer(partner) as server:
        terminal = on_terminal("talk", "-e", "utf-8", "127.0.0.1", server.port)
        terminal.expect("> ")
        mark = len(terminal.data)
        partner.say("\x1b]0;title\x07\x1b[2J\u202e\u009b31m\rend\n".encode())
        terminal.expect("end")
        assert not re.search("\x1b[^\\[]|\x1b\\[[^ABCK0-9]|\x07|\u202e|\u009b|\x1b\\[2J", terminal.data[mark:].decode())
        terminal.send("/quit\r")
        assert terminal.wait() == 0


def test_server_with_a_prompt(sampan, tmp_path):
    if not shutil.which("tmux"):
        pytest.skip("no tmux")
    with tmux.Screen(f"{sampan} listen -b 127.0.0.1 0") as s:
        s.wait_for(lambda rows: rows[-1] == ">", "the prompt")
        port = int(re.search(r":(\d+)", s.rows[0]).group(1))
        with raw.connect(port) as one, raw.connect(port) as two:
            s.type("half")
            one.sendall("你好\n".encode("gbk"))
            s.wait_for(lambda rows: rows[-1] == "> half" and any("你好" in row for row in rows[:-1]), "a client's line above")
            s.key("C-u")
            s.type("@2 only you")
            s.key("Enter")
            assert raw.read_exactly(two, 9) == b"only you\n"
            s.type("/quit")
            s.key("Enter")
            for sock in (one, two):
                assert raw.read_end(sock) == (b"", raw.FIN)


def test_end_of_input_leaves_the_server_running(on_terminal, sampan):
    terminal = on_terminal("listen", "-b", "127.0.0.1", "0")
    port = int(terminal.expect(r"listening on 127\.0\.0\.1:(\d+)").group(1))
    terminal.expect("> ")
    terminal.send("\x04")
    with raw.connect(port) as client:
        client.sendall(b"still here\n")
        terminal.expect("still here")
    terminal.popen.send_signal(signal.SIGTERM)
    assert terminal.wait() == 0 and terminal.restored
