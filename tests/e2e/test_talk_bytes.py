"""`sampan talk` and `sampan listen` for bytes: escapes, hex, checks, views, records, logs, replays."""
import json
import os
import subprocess
import time

import harness
import pytest
import raw

PIPE = subprocess.PIPE


def collect(received):
    """A peer that reads to the end."""
    return lambda sock: received.append(raw.read_end(sock)[0])


def sent_by_talk(start, words, typed):
    """What the peer gets of a conversation."""
    received = []
    with raw.ScriptedServer(collect(received)) as server:
        process = start("talk", "--wait", "0", *words, "127.0.0.1", server.port, stdin=PIPE)
        process.send(typed)
        process.close_stdin()
        assert process.wait() == 0, process.stderr.text
        harness.wait_until(lambda: received, "the end at the peer")
    return received[0]


@pytest.mark.parametrize("words, typed, sent", [
    ([], b"a\\r\n", b"a\\r\n"),
    (["--escapes"], "\\x02你\\r\\0\\xff\n".encode(), b"\x02\xc4\xe3\r\0\xff\n"),
    (["--crlf"], b"a\nb\r\n\n", b"a\r\nb\r\n\r\n"),
    (["-C"], b"a\n", b"a\r\n"),
    (["--checksum", "sum"], b"ab\ncd\n", b"ab\xc3\ncd\xc7\n"),
    (["--checksum", "xor", "-C"], b"ab\n", b"ab\x03\r\n"),
    (["--commands"], b"/hex 02 45 ff\n//x\n/hex 0a\n", b"\x02\x45\xff/x\n\n"),
    (["--commands", "--checksum", "crc16"], b"/hex 01 03 00 00 00 0a\n", b"\x01\x03\x00\x00\x00\x0a\xc5\xcd"),
    (["--commands", "--checksum", "crc32"], b"123456789\n", b"123456789\x26\x39\xf4\xcb\n"),
    (["--commands"], b"/escapes on\n\\x41\n/escapes off\n\\x41\n", b"A\n\\x41\n"),
    (["--commands"], "/encoding utf-8\n你\n/encoding gbk\n你\n".encode(), "你\n".encode() + b"\xc4\xe3\n"),
], ids=lambda value: repr(value)[:40])
def test_what_is_typed_becomes_bytes(start, words, typed, sent):
    assert sent_by_talk(start, words, typed) == sent


def test_one_shot_takes_escapes_and_checks(run):
    received = []

    def script(sock):
        received.append(sock.recv(100))
        sock.sendall(b"ok")

    with raw.ScriptedServer(script) as server:
        result = run("talk", "--escapes", "--checksum", "sum", "127.0.0.1", server.port, "\\x02好")
    assert result.status == 0 and received == [b"\x02\xba\xc3\x7f"], result


@pytest.mark.parametrize("typed", ["a\\", "C:\\qew", "\\x1"])
def test_a_wrong_escape_is_refused_before_anything_is_sent(run, typed):
    with raw.ScriptedServer(lambda sock: raw.read_end(sock)) as server:
        result = run("talk", "--escapes", "127.0.0.1", server.port, typed)
        assert result.status == 2 and "\\xHH" in result.err and server.accepted == 0, result


def test_wrong_commands_send_nothing(start):
    received = []
    with raw.ScriptedServer(collect(received)) as server:
        process = start("talk", "--wait", "0", "--commands", "127.0.0.1", server.port, stdin=PIPE)
        for line in (b"/nonsense\n", b"/hex 0\n", b"/who\n", b"/kick 1\n", b"@2 x\n", b"/encoding klingon\n"):
            process.send(line)
            process.stderr.wait_line(r"(?:command|klingon)")
        process.close_stdin()
        process.wait()
        harness.wait_until(lambda: received, "the end at the peer")
    assert received == [b""]


@pytest.mark.parametrize("words", [["--checksum", "md5"], ["--view", "octal"], ["--frame", "0"], ["--frame", "soon"], ["--every", "0"],
                                   ["--reply", "regex:(=>x"], ["--reply", "a\\q=>x"], ["--reply-limit", "-1"],
                                   ["--replay", os.devnull], ["--replay-side", "up", "--replay", os.devnull]], ids=" ".join)
def test_wrong_usage(run, words):
    with raw.ScriptedServer(lambda sock: raw.read_end(sock)) as server:
        result = run("talk", *words, "127.0.0.1", server.port)
        assert result.status == 2 and result.out == b"" and result.err.strip() and server.accepted == 0, result
    if not words[0].startswith("--replay"):
        assert run("listen", "-b", "127.0.0.1", *words, 0).status == 2


# --- what comes

def test_hex_view_shows_a_record_for_each_read(start):
    """c4, a pause, e3 ba, a pause, c3 0a."""
    def script(sock):
        for piece in (b"\xc4", b"\xe3\xba", b"\xc3\n"):
            sock.sendall(piece)
            raw.wait_read_by_peer(sock)
            time.sleep(0.05)  # so that they are reads of their own
        raw.read_end(sock)

    with raw.ScriptedServer(script) as server:
        process = start("talk", "--view", "both", "127.0.0.1", server.port, stdin=PIPE)
        process.stdout.wait_for(r"c3 0a +\|")
        process.close_stdin()
        assert process.wait() == 0
    lines = process.stdout.text.splitlines()
    headers = [line.split("< ")[1] for line in lines if "< " in line]
    assert [header.split(" ", 1)[1] for header in headers] == ["(1) ", "(2) 你", "(2) 好"] or \
        headers == ["(1) ", "(2) 你", "(2) 好"], process.stdout.text
    assert [line[:14].strip() for line in lines if line.startswith("0000")] == ["00000000  c4", "00000000  e3 b", "00000000  c3 0"]


@pytest.mark.parametrize("frame, shown", [("line", "ab\ncd\n\nrest\n"), ("3", "ab\ncd\n\\nre\nst\n"), ("200ms", "ab\\ncd\\n\\nrest\n")])
def test_frames(run, frame, shown):
    """Each record is a line; its own line end is left out."""
    with raw.ScriptedServer(lambda sock: sock.sendall(b"ab\ncd\n\nrest")) as server:
        result = run("talk", "--frame", frame, "127.0.0.1", server.port)
    assert result.status == 0 and result.out.decode() == shown, result


def test_a_gap_ends_a_record_while_the_connection_goes_on(start):
    with raw.ScriptedServer(lambda sock: (sock.sendall(b"no line end"), raw.read_end(sock))) as server:
        process = start("talk", "--frame", "50ms", "127.0.0.1", server.port, stdin=PIPE)
        process.stdout.wait_for_bytes(b"no line end\n")
        process.close_stdin()
        process.wait()


def test_frames_of_a_server(listen):
    with listen("--stay", "--frame", "50ms", "--label") as server, raw.connect(server.port) as client:
        client.sendall(b"\x01\x02")
        server.stdout.wait_for(rf"< #1 127\.0\.0\.1:{raw.local_port(client)} \\x01\\x02\n")


# --- records and logs

def test_logs_of_both_ends_hold_both_directions(start, listen, tmp_path):
    with listen("--stay", "--log", tmp_path / "server.log", "-x", tmp_path / "server.hex", stdin=PIPE) as server:
        process = start("talk", "--log", tmp_path / "client.log", "127.0.0.1", server.port, stdin=PIPE)
        process.send("abc 你\n".encode())
        server.wait_received("abc 你\n".encode())
        server.send(b"def\n")
        process.stdout.wait_for_bytes(b"def\n")
        process.close_stdin()
        assert process.wait() == 0
    mine = (tmp_path / "client.log").read_text().splitlines()
    theirs = (tmp_path / "server.log").read_text().splitlines()
    assert [line.split(" ", 3)[3].split(" ", 2)[::2] for line in mine] == [[">", "abc 你"], ["<", "def"]], mine
    assert [line.split(" ", 3)[3].split(" ", 3)[::3] for line in theirs] == [["<", "abc 你"], [">", "def"]], theirs
    assert "#1 127.0.0.1:" in theirs[0]
    assert "61 62 63 20 c4 e3 0a" in (tmp_path / "server.hex").read_text()


def test_json_on_stdout(listen):
    with listen("--json") as server:
        assert raw.exchange(server.port, "你\0\x1b".encode("gbk")) == (b"thank you !", raw.FIN)
        server.stdout.wait_for('"out"')
    came, went = map(json.loads, server.received.splitlines())
    assert (came["direction"], came["hex"], came["text"], came["client"]) == ("in", "c4e3001b", "你\0\x1b", 1)
    assert (went["direction"], went["text"], went["size"]) == ("out", "thank you !", 11) and went["delta_ms"] >= 0


def test_log_that_cannot_be_written(run):
    with raw.ScriptedServer(lambda sock: raw.read_end(sock)) as server:
        result = run("talk", "--log", "/nonexistent/log", "127.0.0.1", server.port, "x")
        assert result.status == 8 and server.accepted == 0, result
    assert run("listen", "-b", "127.0.0.1", "--log", "/nonexistent/log", 0).status == 8


def test_replay_sends_one_side_again(start, run, tmp_path):
    """Byte for byte, in order, with the pauses; then the end."""
    log = tmp_path / "talk.json"
    first = []
    with raw.ScriptedServer(lambda sock: (sock.sendall(b"greeting\n"), first.append(raw.read_end(sock)[0]))) as server:
        process = start("talk", "--log", log, "127.0.0.1", server.port, stdin=PIPE)
        process.stdout.wait_for("greeting")
        process.send("你\n".encode())
        time.sleep(0.2)
        process.send(b"end\n")
        process.close_stdin()
        assert process.wait() == 0
    assert first == [b"\xc4\xe3\nend\n"]
    for side, wanted in (("out", first[0]), ("in", b"greeting\n")):
        again, times = [], []

        def script(sock, again=again, times=times):
            while data := sock.recv(100):
                again.append(data)
                times.append(time.monotonic())

        with raw.ScriptedServer(script) as server:
            result = run("talk", "--replay", log, "--replay-side", side, "127.0.0.1", server.port)
            assert result.status == 0, result
        assert b"".join(again) == wanted
        if side == "out":
            assert len(times) == 2 and times[1] - times[0] > 0.1


def test_replay_of_what_is_no_log(run, tmp_path):
    log = tmp_path / "x.json"
    log.write_text('{"delta_ms":0,"direction":"out","hex":"00"}\nnonsense\n')
    result = run("talk", "--replay", log, "127.0.0.1", 1)
    assert result.status == 2 and "x.json:2" in result.err, result


# --- UTF-8 taken for something else, and bytes as they are

def test_hint_at_utf8(start):
    """Said once; nothing is switched."""
    def script(sock):
        for text in ("你好\n".encode("utf-8"), "再见\n".encode("utf-8"), "你好\n".encode("gbk")):
            sock.sendall(text)
            raw.wait_read_by_peer(sock)
        raw.read_end(sock)

    with raw.ScriptedServer(script) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.stdout.wait_for("你好\n")
        process.close_stdin()
        assert process.wait() == 0
    assert process.stdout.text.startswith("浣犲ソ\n") and process.stderr.text.count("UTF-8") == 1


def test_hint_at_utf8_for_each_client_of_a_server(listen):
    with listen() as server:
        for number in (1, 2):
            assert raw.exchange(server.port, "你好".encode()) == (b"thank you !", raw.FIN)
            server.stderr.wait_line(f"#{number} .*UTF-8.*/encoding {number} utf-8")
        assert raw.exchange(server.port, "你好".encode("gbk")) == (b"thank you !", raw.FIN)
        assert "#3" not in server.stderr.text


def test_raw_bytes_both_ways(run, listen):
    """Every byte, in a pipe, whatever the encoding."""
    data = bytes(range(256)) * 100
    received = []

    def script(sock):
        received.append(raw.read_end(sock)[0])
        sock.sendall(data[::-1])

    with raw.ScriptedServer(script) as server:
        result = run("talk", "--raw", "127.0.0.1", server.port, stdin=data)
    assert result.status == 0 and received == [data] and result.out == data[::-1]
    with listen("--stay", "--raw", stdin=PIPE) as server, raw.connect(server.port) as client:
        server.send(data)
        assert raw.read_exactly(client, len(data)) == data
        client.sendall(data)
        server.wait_received(data)
