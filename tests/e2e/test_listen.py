"""`sampan listen`: the text server, in reply mode and with --stay."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import gbk
import harness
import peers
import pytest
import raw
import terminal

PEERS = str(pathlib.Path(peers.__file__).resolve())
REPLY = b"thank you !"
PIPE = subprocess.PIPE


def say(port, data, ending=raw.QUIET, **options):
    """Sends bytes as one message and returns (reply bytes, FIN or RESET)."""
    return raw.exchange(port, data, ending, **options)


# --- the tutorial's conversation

@pytest.mark.parametrize("ending", [raw.QUIET, raw.HALF_CLOSE])
def test_message_is_shown_and_answered(listen, ending):
    """Exactly `thank you !`, then the end of the connection; the server goes on."""
    with listen() as server:
        for _ in range(3):
            assert say(server.port, "你好".encode("gbk"), ending) == (REPLY, raw.FIN)
        server.wait_received("你好你好你好".encode())


def test_course_client(listen):
    """The course's text client, as a process, with its prompts."""
    with listen() as server:
        result = harness.run([harness.PYTHON, PEERS, "text-client"], stdin=f"127.0.0.1\n{server.port}\n你好啊\n".encode())
        assert result.status == 0 and result.out.decode().endswith("接收到的数据为: thank you !\n"), result
        server.wait_received("你好啊".encode())


def test_a_pipe_gets_the_bare_text_in_the_order_received(listen):
    with listen(env=harness.CHINESE) as server:
        for text in ("一\n", "two\n", "三\n"):
            assert say(server.port, text.encode("gbk")) == (REPLY, raw.FIN)
        server.wait_received("一\ntwo\n三\n".encode())


def test_own_reply(listen):
    with listen("--reply", "我很好，你呢") as server:
        assert say(server.port, "你好啊".encode("gbk")) == ("我很好，你呢".encode("gbk"), raw.FIN)


def test_client_leaves_after_its_message(listen):
    """A client that does not wait for the reply: its message is shown all the same, others are served."""
    with listen() as server:
        with raw.connect(server.port) as client:
            client.sendall(b"gone\n")
        server.wait_received(b"gone\n")
        client = raw.connect(server.port)
        client.sendall(b"reset\n")
        raw.wait_delivered(client)
        raw.reset(client)
        assert say(server.port, b"here\n") == (REPLY, raw.FIN)
        harness.wait_until(lambda: server.received.endswith(b"here\n"), "the last message")
        assert server.received.startswith(b"gone\n")


def test_client_without_a_byte_is_reported(listen):
    with listen() as server:
        with raw.connect(server.port) as client:
            client.shutdown(socket.SHUT_WR)
            data, end = raw.read_end(client)
            assert data in (b"", REPLY) and end == raw.FIN
            server.stderr.wait_line(rf"127\.0\.0\.1:{raw.local_port(client)}\b")
        assert say(server.port, b"x") == (REPLY, raw.FIN)
        server.wait_received(b"x")


def test_clients_reset_before_they_are_accepted(listen):
    with listen() as server:
        for _ in range(200):
            raw.reset(raw.connect(server.port))
        assert say(server.port, b"alive") == (REPLY, raw.FIN)
        server.wait_received(b"alive")


def test_silent_client_is_freed_at_the_idle_limit(listen):
    with listen("--idle-timeout", "300ms") as server, raw.connect(server.port) as client:
        started = time.monotonic()
        data, _ = raw.read_end(client)
        assert data in (b"", REPLY) and time.monotonic() - started > 0.2
        assert say(server.port, b"x") == (REPLY, raw.FIN)


def test_silent_clients_do_not_delay_others(listen):
    with listen() as server, contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(raw.connect(server.port))
        for _ in range(5):
            assert say(server.port, b"x", timeout=5) == (REPLY, raw.FIN)


def test_once(listen):
    """As the course's server: one client, then it ends."""
    with listen("--once") as server:
        assert say(server.port, "你好".encode("gbk")) == (REPLY, raw.FIN)
        assert server.wait() == 0
        assert server.received == "你好".encode()


# --- messages of every length

@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 2000, 65_535, 65_536, 65_537, 200_000, 1_000_000])
def test_long_message_sees_no_reset(listen, size):
    """A client that sends all and then reads gets the whole reply and a clean end; the text is shown whole."""
    text = ("0123456789" * (size // 10 + 1))[:size - 1] + "\n"
    with listen() as server:
        assert say(server.port, text.encode()) == (REPLY, raw.FIN)
        server.wait_received(text.encode())


@pytest.mark.parametrize("offset", [0, 1])
def test_character_across_the_64_kib_border(listen, offset):
    text = "a" * offset + "你好" * 20_000
    with listen() as server:
        assert say(server.port, text.encode("gbk")) == (REPLY, raw.FIN)
        server.wait_received(text.encode())


def test_endless_message_is_ended(listen):
    """More than 1 MiB after the reply is not drained: the client is cut, the server lives."""
    with listen() as server:
        with raw.connect(server.port) as client:
            deadline = time.monotonic() + harness.PATIENCE
            try:
                while time.monotonic() < deadline:
                    client.sendall(b"x" * 65536)
                raise AssertionError("still reading")
            except ConnectionError:
                pass
        assert say(server.port, b"alive") == (REPLY, raw.FIN)


def test_many_small_messages_in_one_segment_and_one_message_in_many_segments(listen):
    text = "".join(f"消息{number}\n" for number in range(200))
    encoded = text.encode("gbk")
    with listen("--stay") as server:
        with raw.connect(server.port) as client:
            client.sendall(encoded)
            server.wait_received(text.encode())
        with raw.connect(server.port) as client:
            for start in range(0, len(encoded), len(encoded) // 200):
                client.sendall(encoded[start:start + len(encoded) // 200])
            server.wait_received(2 * text.encode())


def test_output_does_not_wait_for_the_connection_to_end(listen):
    """What came is at the reader while the client is still there, with --stay and without."""
    with listen("--stay") as server, raw.connect(server.port) as client:
        for number in range(1, 6):
            client.sendall("行\n".encode("gbk"))
            server.wait_received("行\n".encode() * number, timeout=5)


# --- characters in pieces, and bytes that are no characters

def test_every_split_of_a_mixed_text(listen):
    """ASCII, GBK and four-byte GB18030 characters, cut at every byte and byte by byte: the same text."""
    assert len(gbk.MIXED) == 64
    expected = ""
    with listen("--stay") as server, raw.connect(server.port) as client:
        for cut in range(1, len(gbk.MIXED)):
            client.sendall(gbk.MIXED[:cut])
            raw.wait_delivered(client)
            time.sleep(0.003)  # so that the pieces are two reads; what is shown does not depend on it
            client.sendall(gbk.MIXED[cut:] + b"\n")
            expected += gbk.MIXED_TEXT + "\n"
        raw.drip(client, gbk.MIXED + b"\n", 0.003)
        expected += gbk.MIXED_TEXT + "\n"
        server.wait_received(expected.encode())


def test_every_split_within_a_message_of_the_reply_mode(listen):
    def split_at(cut):
        with raw.connect(server.port) as client:
            client.sendall(gbk.MIXED[:cut])
            time.sleep(0.005)
            client.sendall(gbk.MIXED[cut:] + b"\n")
            return raw.read_end(client)

    with listen() as server:
        answers = harness.in_parallel(split_at, range(1, 64), threads=4)
        assert answers == [(REPLY, raw.FIN)] * 63
        harness.wait_until(lambda: len(server.received) >= 63 * len((gbk.MIXED_TEXT + "\n").encode()), "all texts")
        lines = server.received.decode().replace("\t", " ").split("\n")[:-1]
        # Clients at the same time may be mixed by segments: whole characters all the same.
        assert sorted("".join(lines)) == sorted(gbk.MIXED_TEXT.replace("\t", " ") * 63)


def test_half_a_character_is_held_back_until_it_is_whole(listen):
    with listen("--stay") as server, raw.connect(server.port) as client:
        for piece, shown in ((b"\xc4", ""), (b"\xe3\xba", "你"), (b"\xc3\n", "你好\n")):
            client.sendall(piece)
            raw.wait_delivered(client)
            time.sleep(0.2)  # a pause within a character
            server.wait_received(shown.encode())


@pytest.mark.parametrize("data, shown", [(b"A\xffB\n", "A\\xffB\n"), (b"\xc4\n", "\\xc4\n"), (b"\xc4 x\n", "\\xc4 x\n"),
                                         (b"\x81\x30A\n", "\\x810A\n"), (b"\x81\x30\x81\n", "\\x810\\x81\n"),
                                         (b"\xff\xff\xff", "\\xff\\xff\\xff"), (b"\xa1\xa1\xff\xb0\xa1", "\u3000\\xff啊"),
                                         (b"end\xc4", "end\\xc4"), (b"\xfe", "\\xfe"), (b"\x81\x30\x81", "\\x810\\x81")], ids=ascii)
def test_invalid_bytes_are_marked_and_nothing_else_is_lost(listen, data, shown):
    with listen() as server:
        assert say(server.port, data, raw.HALF_CLOSE) == (REPLY, raw.FIN)
        harness.wait_until(lambda: server.received.lower() == shown.lower().encode(), f"{shown!r}, not {server.received!r}")


def test_no_ascii_byte_is_ever_swallowed(listen):
    """After every lead byte, every ASCII byte that is no trail byte stays what it is."""
    data, shown = bytearray(), ""
    for lead in [*range(0x81, 0xFF), 0xFF]:
        for follower in b" \t\n!/:?09":
            if 0x30 <= follower <= 0x39 and lead != 0xFF:
                continue  # may begin a four-byte character; the cases above have it
            data += bytes([lead, follower])
            shown += f"\\x{lead:02x}" + chr(follower)
    with listen("--stay") as server, raw.connect(server.port) as client:
        client.sendall(data)
        harness.wait_until(lambda: len(server.received) >= len(shown), "all of it")
        assert server.received.decode().lower() == shown


def test_every_gbk_character_is_decoded_as_python_does(listen):
    data = b"".join(gbk.PAIRS)
    with listen("--stay") as server, raw.connect(server.port) as client:
        client.sendall(data)
        server.wait_received(data.decode("gbk").encode())


@pytest.mark.parametrize("data, text", [(b"\x80", "€"), ("ñ한😀𠮷".encode("gb18030"), "ñ한😀𠮷"), (b"5\x80\n", "5€\n")], ids=ascii)
def test_gbk_is_decoded_tolerantly(listen, data, text):
    with listen() as server:
        say(server.port, data)
        server.wait_received(text.encode())


def test_text_in_a_pipe_is_exact(listen):
    """Control characters, escape sequences and NUL: for the program that reads the pipe they are data."""
    data = b"a\0b\x1b[31m\x07\x7f\r\n\t" + "\u202ex\u200by\u2028".encode("gb18030") + b"\x0c\x1b]0;title\x07end\n"
    with listen("--stay") as server, raw.connect(server.port) as client:
        client.sendall(data)
        server.wait_received(data.decode("gb18030").encode())


RANDOM_TEXTS = [60, pytest.param(1000, marks=pytest.mark.full)]


@pytest.mark.parametrize("number", RANDOM_TEXTS)
def test_random_texts_from_python_peers(listen, number):
    """Peers with Python's strict gbk codec: no exception on their side, equal text on ours."""
    texts = [f"<{index}>" + gbk.random_text(index) + "</>" for index in range(number)]

    def one(text):
        return peers.exchange_text("127.0.0.1", server.port, text)

    with listen("--reply", "收到，谢谢") as server:
        assert harness.in_parallel(one, texts, threads=16) == ["收到，谢谢"] * number
        size = sum(len(text.encode()) for text in texts)
        harness.wait_until(lambda: len(server.received) >= size, "all texts", timeout=30)
        shown = server.received.decode()
    assert len(shown.encode()) == size
    assert [text for text in texts if text not in shown] == []


ENCODINGS = [("big5", "你好嗎？繁體"), ("shift_jis", "こんにちは、ｱｲｳ漢字"), ("cp932", "①こんにちは"), ("euc-kr", "안녕하세요"),
             ("koi8-r", "Привет, мир"), ("utf-16le", "你好 abc 😀"), ("utf-8", "你好 ñ 😀"), ("gb18030", "你好 ñ 😀"), ("gbk", "你好")]


@pytest.mark.parametrize("name, text", ENCODINGS, ids=[name for name, _ in ENCODINGS])
@pytest.mark.parametrize("option", ["-e", "--encoding"])
def test_other_encodings(listen, name, text, option):
    """One round trip, and a message in two pieces at every place."""
    encoded = (text + "\n").encode(name)
    with listen(option, name, "--reply", text) as server:
        assert say(server.port, encoded) == (text.encode(name), raw.FIN)
        server.wait_received((text + "\n").encode())
    if option == "--encoding":
        return
    with listen(option, name, "--stay") as server, raw.connect(server.port) as client:
        for cut in range(1, len(encoded)):
            client.sendall(encoded[:cut])
            raw.wait_delivered(client)
            time.sleep(0.002)
            client.sendall(encoded[cut:])
        server.wait_received((text + "\n").encode() * (len(encoded) - 1))


@pytest.mark.parametrize("name", ["no-such-encoding", "", "utf-7", "../gbk", "GBK//IGNORE", "iso-2022-cn//TRANSLIT"])
def test_unknown_encoding(run, name):
    result = run("listen", "-b", "127.0.0.1", 0, "-e", name)
    assert result.status == 2 and result.out == b"", result
    for known in ("gbk", "gb18030", "utf-8", "big5"):
        assert known in result.err.lower()


@pytest.mark.parametrize("reply", ["€", "fine ñ"])
def test_reply_that_cannot_be_encoded_is_refused_at_start(run, reply):
    result = run("listen", "-b", "127.0.0.1", 0, "--reply", reply)
    assert result.status == 11 and result.out == b"" and reply[-1] in result.err, result


# --- labels and terminals

def test_labels_in_a_pipe(listen):
    with listen("--label", env=harness.CHINESE) as server, raw.connect(server.port) as first, raw.connect(server.port) as second:
        for client, text in ((first, "你好"), (second, "再见")):
            client.sendall(text.encode("gbk"))
            assert raw.read_end(client) == (REPLY, raw.FIN)
            line = server.stdout.wait_for(rf"#(\d+) 127\.0\.0\.1:{raw.local_port(client)} 接收到的数据为: {text}\n")
            assert line.group(1) in ("1", "2")


def test_labels_in_english(listen):
    with listen("--label", "--stay") as server, raw.connect(server.port) as client:
        client.sendall(b"hello\n")
        server.stdout.wait_for(rf"#1 127\.0\.0\.1:{raw.local_port(client)} .*hello\n")
        assert "接收" not in server.stdout.text


class ListenOnTerminal(terminal.Terminal):
    """`sampan listen` on a terminal; knows its port."""

    def __init__(self, argv, **options):
        super().__init__(argv, **options)
        self.port = int(self.expect(r"listening on 127\.0\.0\.1:(\d+)").group(1))


@pytest.fixture
def listen_on_terminal(sampan):
    """listen_on_terminal(*args, stdin=…): ended by SIGTERM with status 0."""
    with contextlib.ExitStack() as stack:
        def go(*args, **options):
            running = stack.enter_context(ListenOnTerminal([sampan, "listen", "-b", "127.0.0.1", "0", *args], **options))
            return running
        yield go


def test_terminal_shows_number_peer_and_text(listen_on_terminal):
    """stdin is no terminal: the reply mode, with labels because stdout is one."""
    server = listen_on_terminal(stdin=subprocess.DEVNULL, env=harness.CHINESE)
    for number, text in ((1, "你好"), (2, "再见")):
        with raw.connect(server.port) as client:
            client.sendall(text.encode("gbk"))
            assert raw.read_end(client) == (REPLY, raw.FIN)
            server.expect(rf"#{number} 127\.0\.0\.1:{raw.local_port(client)} 接收到的数据为: {text}")
    server.popen.send_signal(signal.SIGTERM)
    assert server.wait() == 0


def test_nothing_hostile_reaches_a_terminal(listen_on_terminal):
    server = listen_on_terminal(stdin=subprocess.DEVNULL)
    mark = len(server.data)
    say(server.port, b"<a\0b\x1b[31m\x1b]0;title\x07\x7f\x08" + "\u202ex\u200by\u2028\u009b31m".encode("gb18030") + b"\rover>")
    server.expect(r"<a.*over>")
    written = server.data[mark:].replace(b"\r\n", b"\n").decode()
    assert not re.search("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u200b\u2028\u202e]", written), ascii(written)
    assert "\x1b[31m" not in written and "\x1b]" not in written
    assert re.search(r"a\\(0|x00)b", written), ascii(written)


def test_terminal_is_a_conversation(listen_on_terminal):
    """With stdin a terminal, clients stay, nothing is sent by itself, and what is typed goes to all of them."""
    server = listen_on_terminal(env=harness.CHINESE)
    with raw.connect(server.port) as first, raw.connect(server.port) as second:
        first.sendall("甲\n".encode("gbk"))
        second.sendall("乙\n".encode("gbk"))
        server.expect("接收到的数据为: [甲乙]")
        server.expect("接收到的数据为: [甲乙]")
        server.send("大家好\n")
        expected = "大家好\n".encode("gbk")
        assert raw.read_exactly(first, len(expected)) == expected == raw.read_exactly(second, len(expected))
        server.popen.send_signal(signal.SIGTERM)
        assert raw.read_end(first) == raw.read_end(second) == (b"", raw.FIN)
    assert server.wait() == 0 and server.restored


def test_interrupt_key_ends_a_conversation(listen_on_terminal):
    server = listen_on_terminal()
    with raw.connect(server.port) as client:
        server.send("\x03")
        assert raw.read_end(client) == (b"", raw.FIN)
    assert server.wait() == 0 and server.restored


# --- conversation mode by --stay

def test_stay_says_nothing_by_itself(listen):
    with listen("--stay") as server, raw.connect(server.port) as client:
        client.sendall(b"hello\n")
        server.wait_received(b"hello\n")
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_stay_with_a_reply_answers_and_keeps_the_client(listen):
    with listen("--stay", "--reply", "好") as server, raw.connect(server.port) as client:
        for number in range(1, 4):
            client.sendall(b"hello\n")
            assert raw.read_exactly(client, 2) == "好".encode("gbk")
            server.wait_received(b"hello\n" * number)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_relay_is_exact_in_both_directions(listen, host):
    with listen("--stay", "-b", host, stdin=PIPE) as server, raw.connect(server.port, host) as client:
        client.sendall(b"abc\n")
        server.wait_received(b"abc\n")
        server.send(b"def\n")
        assert raw.read_exactly(client, 4) == b"def\n"
        server.send("你好\n".encode())
        assert raw.read_exactly(client, 5) == "你好\n".encode("gbk")


def test_typed_lines_go_to_all_clients(listen):
    with listen("--stay", stdin=PIPE) as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(raw.connect(server.port)) for _ in range(5)]
        for client in clients:
            client.sendall(b"here\n")
        server.wait_received(b"here\n" * 5)
        server.send("通知\n".encode())
        for client in clients:
            assert raw.read_exactly(client, 5) == "通知\n".encode("gbk")


def test_end_of_stdin_does_not_end_the_server(listen):
    """A daemon with </dev/null keeps receiving, and so does one whose input ends later."""
    for stdin in (subprocess.DEVNULL, PIPE):
        with listen("--stay", stdin=stdin) as server, raw.connect(server.port) as client:
            client.sendall(b"before\n")
            server.wait_received(b"before\n")
            if stdin == PIPE:
                server.close_stdin()
            client.sendall(b"after\n")
            server.wait_received(b"before\nafter\n")
            with raw.connect(server.port) as second:
                second.sendall(b"new\n")
                server.wait_received(b"before\nafter\nnew\n")


def test_closed_stdin(listen, sampan):
    """`<&-`: the free descriptor is not mistaken for input."""
    with listen("--stay", program=sampan, preexec_fn=lambda: os.close(0)) as server, raw.connect(server.port) as client:
        client.sendall(b"x\n")
        server.wait_received(b"x\n")


def test_one_client_leaves_and_others_are_served(listen):
    with listen("--stay") as server, raw.connect(server.port) as staying:
        with raw.connect(server.port) as first:
            first.sendall(b"first\n")
            server.wait_received(b"first\n")
        with raw.connect(server.port) as second:
            second.sendall(b"second\n")
            server.wait_received(b"first\nsecond\n")
            raw.reset(second)
        staying.sendall(b"staying\n")
        server.wait_received(b"first\nsecond\nstaying\n")


def test_idle_clients_of_a_conversation_stay(listen):
    """They stay until they leave: the deadline for the first byte is not a limit on silence afterwards."""
    with listen("--stay") as server, raw.connect(server.port) as client:
        client.sendall(b"hello\n")
        server.wait_received(b"hello\n")
        client.settimeout(1.5)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(harness.PATIENCE)
        client.sendall(b"still here\n")
        server.wait_received(b"hello\nstill here\n")


# --- its own end

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_all_connections_cleanly(listen, number):
    """No reset for anybody, status 0, a line on stderr, the port free at once."""
    with listen("--stay") as server, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(raw.connect(server.port)) for _ in range(3)]
        for client in clients:
            client.sendall(b"x\n")
        server.wait_received(b"x\n" * 3)
        mark = server.stderr.position
        assert server.stop(number) == 0
        assert [raw.read_end(client) for client in clients] == [(b"", raw.FIN)] * 3
        assert server.stderr.text[mark:].strip(), "no summary"
        with listen("--stay", port=server.port) as again, raw.connect(again.port) as client:
            client.sendall(b"again\n")
            again.wait_received(b"again\n")


def test_what_is_queued_is_delivered_before_the_end(listen):
    with listen("--stay", stdin=PIPE) as server, raw.connect(server.port) as client:
        client.sendall(b"x\n")
        server.wait_received(b"x\n")
        text = "一行字\n" * 2000
        server.send(text.encode())
        assert raw.read_exactly(client, 7) == "一行字\n".encode("gbk")
        server.signal(signal.SIGTERM)
        rest, end = raw.read_end(client)
        assert end == raw.FIN and text.encode("gbk")[7:].startswith(rest)
        assert server.wait() == 0


def test_client_that_does_not_read_does_not_hold_up_the_end(listen):
    with listen("--stay", stdin=PIPE) as server, raw.connect(server.port, receive_buffer=4096) as client:
        client.sendall(b"x\n")
        server.wait_received(b"x\n")
        os.set_blocking(server.popen.stdin.fileno(), False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(1000):
                os.write(server.popen.stdin.fileno(), b"a line nobody reads\n" * 1000)
        assert server.stop(timeout=10) == 0


def test_closed_stdout_ends_quietly(sampan):
    """`sampan listen | head -1`: the address is the first line; with the next text it ends, status 0."""
    pipeline = '{ "$@"; echo "status $?" >&2; } | head -1'
    with harness.Process(["sh", "-c", pipeline, "sh", sampan, "listen", "--stay", "-b", "127.0.0.1", "0"]) as running:
        port = int(running.stdout.wait_for(r"listening on 127\.0\.0\.1:(\d+)\n").group(1))
        with contextlib.suppress(ConnectionError), raw.connect(port) as client:
            deadline = time.monotonic() + harness.PATIENCE
            while "status" not in running.stderr.text and time.monotonic() < deadline:
                client.sendall(b"more\n")
                time.sleep(0.05)
        running.stderr.wait_for(r"status 0\n")
        running.wait()
        assert "roken pipe" not in running.stderr.text


def test_full_disk_behind_stdout(run):
    with open("/dev/full", "wb") as full:
        result = run("listen", "-b", "127.0.0.1", 0, stdout=full)
    assert result.status not in (0, None) and result.status > 0 and "No space left on device" in result.err, result


# --- start

def test_default_port_on_all_addresses(listen):
    if raw.listening_on(7788):
        pytest.skip("somebody else listens on port 7788 here")
    with listen(bind=None, port=None, addresses=0) as server:
        assert server.port_of("127.0.0.1") == server.port_of("::1") == 7788
        assert say(7788, b"abc") == (REPLY, raw.FIN)
        assert say(7788, b"abc", host="::1") == (REPLY, raw.FIN)
        server.wait_received(b"abcabc")


@pytest.mark.parametrize("host, other", [("127.0.0.1", "::1"), ("0.0.0.0", "::1"), ("::1", "127.0.0.1")])
def test_one_family_only(listen, host, other):
    with listen("-b", host) as server:
        assert server.addresses[0] == (host, server.port) and server.port != 0
        assert say(server.port, b"x", host="::1" if ":" in host else "127.0.0.1") == (REPLY, raw.FIN)
        assert raw.refuses(server.port, other)


def test_several_addresses(listen):
    with listen("-b", "127.0.0.1", "-b", "::1") as server:
        assert [host for host, _ in server.addresses] == ["127.0.0.1", "::1"]
        for host, port in server.addresses:
            assert say(port, b"x", host=host) == (REPLY, raw.FIN)


@pytest.mark.parametrize("port", ["65536", "70000", "-1", "abc", "80x", "", "７７８８", " 80"])
def test_bad_port(run, port):
    result = run("listen", "-b", "127.0.0.1", port)
    assert result.status == 2 and result.out == b"" and result.err.strip(), result


@pytest.mark.parametrize("words", [["--no-such-option"], ["-Z"], ["-e"], ["--idle-timeout", "soon"], ["0", "1"]], ids=" ".join)
def test_wrong_usage(run, words):
    result = run("listen", "-b", "127.0.0.1", *words)
    assert result.status == 2 and result.out == b"", result


def test_port_in_use_names_the_holder(listen, run):
    with listen() as server:
        result = run("listen", "-b", "127.0.0.1", server.port)
        assert result.status == 3 and result.out == b"", result
        assert "127.0.0.1" in result.err and str(server.port) in result.err and str(server.pid) in result.err
        assert say(server.port, b"x") == (REPLY, raw.FIN)


def test_address_that_is_not_ours_lists_those_that_are(run):
    result = run("listen", "-b", "192.0.2.1", 0)
    assert result.status == 3 and "192.0.2.1" in result.err and "127.0.0.1" in result.err, result


@pytest.mark.parametrize("address", ["127.0.0", "１２７.0.0.1", "::g", ""])
def test_malformed_address(run, address):
    assert run("listen", "-b", address, 0).status == 2


def test_port_that_needs_privilege(run, needs_root, sampan_for_all):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        first = int(file.read())
    if first <= 81:
        pytest.skip("every port is free for everybody here")
    result = run("listen", "-b", "127.0.0.1", 81, program=sampan_for_all, user=harness.NOBODY, group=harness.NOBODY, extra_groups=[])
    assert result.status == 3 and "81" in result.err and f"ip_unprivileged_port_start = {first}" in result.err, result


def test_environment(listen):
    settings = {"SAMPAN_LISTEN_BIND": "127.0.0.1 ::1", "SAMPAN_LISTEN_REPLY": "好",
                "SAMPAN_LISTEN_ENCODING": "utf-8", "SAMPAN_LISTEN_LABEL": "1"}
    with listen(bind=None, addresses=2, env=settings) as server:
        assert [host for host, _ in server.addresses] == ["127.0.0.1", "::1"]
        assert say(server.port, "早".encode()) == ("好".encode(), raw.FIN)
        server.stdout.wait_for(r"#1 127\.0\.0\.1:\d+ .*早")


def test_command_line_wins_over_the_environment(listen):
    settings = {"SAMPAN_LISTEN_BIND": "127.0.0.7", "SAMPAN_LISTEN_REPLY": "no", "SAMPAN_LISTEN_ENCODING": "big5"}
    with listen("--reply", "好", "-e", "gbk", env=settings) as server:
        assert server.addresses == [("127.0.0.1", server.port)]
        assert say(server.port, b"x") == ("好".encode("gbk"), raw.FIN)


@pytest.mark.parametrize("value, stays", [("1", True), ("0", False)])
def test_flag_from_the_environment(listen, value, stays):
    with listen(env={"SAMPAN_LISTEN_STAY": value}) as server, raw.connect(server.port) as client:
        client.sendall(b"x")
        server.wait_received(b"x")
        if stays:
            client.settimeout(0.5)
            with pytest.raises(TimeoutError):
                client.recv(1)
        else:
            assert raw.read_end(client) == (REPLY, raw.FIN)


# --- many clients

def test_many_clients_talk_at_once(listen):
    with listen() as server:
        answers = harness.in_parallel(lambda number: say(server.port, b"%03d\n" % number), range(200))
        assert answers == [(REPLY, raw.FIN)] * 200
        harness.wait_until(lambda: len(server.received) >= 800, "all texts")
        assert sorted(server.received.split()) == [b"%03d" % number for number in range(200)]


@pytest.mark.load
def test_a_thousand_clients_at_once(listen):
    """They speak first, with the course's backlog: each is answered exactly once and shown exactly once."""
    from test_serve_load import crowd
    with listen("--backlog", "128") as server:
        counts = crowd(server.port, 1000, b"message\n", REPLY, together=False, sources=["127.0.0.1", "127.0.0.2"])
        assert counts["right"] == 1000, counts
        server.wait_received(b"message\n" * 1000)
