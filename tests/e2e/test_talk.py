"""`sampan talk`: the text client: one message, the three prompts, and a conversation."""
import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import time

import gbk
import harness
import isolation
import peers
import pytest
import raw

PIPE = subprocess.PIPE


class Peer:
    """A script for a ScriptedServer: reads one message as the course does, answers, ends; notes what it got."""

    def __init__(self, reply=b"", *, before=None, after=None):
        self.received, self.reply, self.before, self.after = [], reply, before, after

    def __call__(self, sock):
        self.received.append(sock.recv(1024))
        if self.before:
            self.before(sock)
        for piece in self.reply if isinstance(self.reply, list) else [self.reply]:
            sock.sendall(piece)
        if self.after:
            self.after(sock)


def until_closed(sock):
    """Keeps the connection until the other side ends it."""
    with contextlib.suppress(ConnectionError):
        while sock.recv(65536):
            pass


# --- one message

def test_one_message_and_its_reply(run):
    """Status 0; the reply and nothing else on stdout, without a line end."""
    with peers.Background(peers.serve_text_once) as server:
        result = run("talk", "127.0.0.1", server.port, "你好")
        assert result.status == 0 and result.out == b"thank you !", result
        assert server.join() == "你好"


def test_course_server_as_a_process(run):
    """The recorded run of the course: 你好啊 gets 我很好，你呢."""
    with peers.Background(peers.serve_text_once, reply="我很好，你呢") as server:
        result = run("talk", "127.0.0.1", server.port, "你好啊", env=harness.CHINESE)
    assert result.status == 0 and result.out.decode() == "我很好，你呢", result


def test_exactly_the_text_is_sent_and_the_write_side_stays_open(run):
    """No terminator, no length, no half-close: the course's server could not tell, but others could."""
    ended_early = []

    def watch(sock):
        sock.settimeout(0.4)
        with contextlib.suppress(TimeoutError):
            ended_early.append(sock.recv(100))

    peer = Peer("收到".encode("gbk"), before=watch)
    with raw.ScriptedServer(peer) as server:
        result = run("talk", "127.0.0.1", server.port, "你好")
    assert result.status == 0 and result.out.decode() == "收到", result
    assert peer.received == [b"\xc4\xe3\xba\xc3"] and ended_early == []


def test_reply_ends_by_silence(run):
    """The peer keeps the connection: 300 ms without a byte after the first one end the reply."""
    with raw.ScriptedServer(Peer("收到".encode("gbk"), after=until_closed)) as server:
        result = run("talk", "127.0.0.1", server.port, "你好")
    assert result.status == 0 and result.out.decode() == "收到", result


def test_reply_in_pieces_is_one_reply(run):
    def slowly(sock):
        for piece in (b"one ", b"two ", b"three"):
            time.sleep(0.1)
            sock.sendall(piece)
        until_closed(sock)

    with raw.ScriptedServer(Peer(after=slowly)) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 0 and result.out == b"one two three", result


def test_reply_does_not_end_within_a_character(run):
    """While half a character is pending, silence is not the end."""
    def slowly(sock):
        for piece in (b"\xc4", b"\xe3\xba", b"\xc3"):
            sock.sendall(piece)
            time.sleep(0.5)
        until_closed(sock)

    with raw.ScriptedServer(Peer(after=slowly)) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 0 and result.out.decode() == "你好", result


def test_late_reply_is_waited_for(run):
    with raw.ScriptedServer(Peer(b"late", before=lambda _: time.sleep(1))) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 0 and result.out == b"late", result


def test_long_reply(run):
    text = "很长的回答" * 100_000
    with raw.ScriptedServer(Peer(text.encode("gbk"))) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 0 and result.out.decode() == text, result.status


@pytest.mark.parametrize("wait", ["500ms", "0.5", "0.5s"])
def test_no_reply(run, wait):
    """Status 4 after --wait, and a message that says so."""
    with raw.ScriptedServer(Peer(after=until_closed)) as server:
        started = time.monotonic()
        result = run("talk", "--wait", wait, "127.0.0.1", server.port, "x")
        assert time.monotonic() - started >= 0.4
    assert result.status == 4 and result.out == b"", result
    assert re.search(r"(?i)no (reply|answer)", result.err) and re.search(r"\b0?\.5|500", result.err), result


def test_default_wait_is_stated(run):
    text = run("help", "talk").out.decode()
    line = next(line for line in text.splitlines() if "--wait" in line)
    assert "10" in text[text.index(line):][:300]


def test_peer_that_closes_without_a_reply(run):
    with raw.ScriptedServer(Peer()) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.out == b"" and result.err.strip() and result.status in (0, 4, 5, 9), result


def test_peer_that_resets(run):
    with raw.ScriptedServer(Peer(after=raw.reset)) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 9 and result.out == b"" and re.search(r"(?i)reset", result.err), result


def test_peer_that_resets_after_a_reply(run):
    """The text is shown, the status is 9."""
    def reset(sock):
        raw.wait_delivered(sock)
        raw.reset(sock)

    with raw.ScriptedServer(Peer("收到".encode("gbk"), after=reset)) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 9 and result.out.decode() == "收到" and result.err.strip(), result


def test_course_server_resets_after_a_long_message(run):
    """It reads 1,024 bytes of it and closes: its reply is readable before the reset."""
    with peers.Background(peers.serve_text_once) as server:
        result = run("talk", "127.0.0.1", server.port, "x" * 5000)
    assert result.status == 9 and result.out == b"thank you !", result


@pytest.mark.parametrize("size", [1025, 70_000, 86_000])
def test_long_message_to_our_own_server(run, listen, size):
    with listen() as server:
        result = run("talk", "127.0.0.1", server.port, "好" * (size // 2))
        assert result.status == 0 and result.out == b"thank you !", result
        server.wait_received(("好" * (size // 2)).encode())


def test_over_ipv6_and_by_name(run, listen):
    with listen("-b", "::1", "-b", "127.0.0.1") as server:
        assert run("talk", "::1", server.addresses[0][1], "x").out == b"thank you !"
        assert run("talk", "localhost", server.addresses[1][1], "x").out == b"thank you !"


def test_stdin_is_not_touched_by_a_single_message(sampan):
    """As in a shell's `while read` loop."""
    with peers.Background(peers.serve_text) as server:
        result = harness.run(["sh", "-c", '"$@" </dev/stdin >/dev/null; cat', "sh", sampan, "talk", "127.0.0.1", server.port, "x"],
                             stdin=b"left over\n")
    assert result.out == b"left over\n", result


# --- characters

def test_every_split_of_a_reply(run):
    """ASCII, GBK and four-byte GB18030 characters, cut at every byte and byte by byte."""
    def script(sock):
        sock.recv(100)
        for cut in range(1, 64):
            sock.sendall(gbk.MIXED[:cut])
            raw.wait_delivered(sock)
            time.sleep(0.003)
            sock.sendall(gbk.MIXED[cut:] + b"\n")
        raw.drip(sock, gbk.MIXED, 0.003)

    with raw.ScriptedServer(script) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 0 and result.out.decode() == (gbk.MIXED_TEXT + "\n") * 63 + gbk.MIXED_TEXT, result


@pytest.mark.parametrize("reply, shown", [(b"A\xffB\n", "A\\xffB\n"), (b"\xc4\n", "\\xc4\n"), (b"end\xc4", "end\\xc4"),
                                          (b"\x81\x30A", "\\x810A"), (b"\x80", "€")], ids=ascii)
def test_invalid_bytes_in_a_reply(run, reply, shown):
    with raw.ScriptedServer(Peer(reply)) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 0 and result.out.decode().lower() == shown.lower(), result


def test_reply_in_a_pipe_is_exact(run):
    reply = b"a\0b\x1b[31m\r\n\x07\x7f" + "\u202ex\u200b\u2028".encode("gb18030") + b"\x0c"
    with raw.ScriptedServer(Peer(reply)) as server:
        result = run("talk", "127.0.0.1", server.port, "x")
    assert result.status == 0 and result.out.decode() == reply.decode("gb18030"), result


def test_whole_repertoire_is_encoded_as_python_does(run):
    """Every character of the basic plane that a strict GBK peer knows, in a few messages."""
    characters = gbk.REPERTOIRE
    received = []

    def script(sock):
        data = bytearray()
        while len(data) < expected:
            data += sock.recv(65536)
        received.append(bytes(data))
        sock.sendall(b"ok")

    with raw.ScriptedServer(script) as server:
        for start in range(0, len(characters), 8000):
            text = characters[start:start + 8000]
            expected = len(text.encode("gbk"))
            result = run("talk", "127.0.0.1", server.port, text)
            assert result.status == 0 and result.out == b"ok", result.err
            assert received.pop() == text.encode("gbk")


@pytest.mark.parametrize("character", gbk.OUTSIDE, ids=ascii)
def test_what_a_strict_peer_could_not_decode_is_refused(run, character):
    """Before anything is sent, status 11, naming the character."""
    peer = Peer(b"ok")
    with raw.ScriptedServer(peer) as server:
        result = run("talk", "127.0.0.1", server.port, f"before {character} after")
    assert result.status == 11 and result.out == b"", result
    assert all(received == b"" for received in peer.received)
    if character.isprintable():
        assert character in result.err
    assert f"{ord(character):04X}" in result.err.upper() or character.isprintable()


def test_argument_that_is_no_text(run):
    """Bytes that are no UTF-8 cannot be encoded to anything."""
    peer = Peer(b"ok")
    with raw.ScriptedServer(peer) as server:
        result = run("talk", "127.0.0.1", server.port, b"abc\xff\xfe")
    assert result.status in (2, 11) and all(received == b"" for received in peer.received), result


def test_chinese_text_works_in_the_c_locale(run):
    with peers.Background(peers.serve_text_once, reply="很好") as server:
        result = run("talk", "127.0.0.1", server.port, "你好", env={"LC_ALL": "C"})
        assert result.status == 0 and result.out.decode() == "很好" and server.join() == "你好", result


@pytest.mark.parametrize("number", [40, pytest.param(1000, marks=pytest.mark.full)])
def test_random_texts_to_python_peers(run, number):
    """The peer decodes with Python's strict codec and answers with the text turned around: equal on both sides."""
    def script(sock):
        text = sock.recv(1024).decode("gbk")
        received.append(text)
        sock.sendall(text[::-1].encode("gbk"))

    received = []
    with raw.ScriptedServer(script) as server:
        for seed in range(number):
            text = gbk.random_text(seed)
            result = run("talk", "--", "127.0.0.1", server.port, text)
            assert result.status == 0 and result.out.decode() == text[::-1], (seed, result)
            assert received.pop() == text


@pytest.mark.parametrize("name, text", [("big5", "你好嗎"), ("shift_jis", "こんにちは"), ("cp932", "①こ"), ("euc-kr", "안녕"),
                                        ("koi8-r", "Привет"), ("utf-16le", "你好 😀"), ("utf-8", "ñ 😀"), ("gb18030", "ñ 😀")])
def test_other_encodings(run, name, text):
    encoded = text.encode(name)
    cut = len(encoded) // 2 | 1  # within a character where there is one of more than a byte
    peer = Peer([encoded[:cut], encoded[cut:]])
    with raw.ScriptedServer(peer) as server:
        result = run("talk", "-e", name, "127.0.0.1", server.port, text)
    assert result.status == 0 and result.out.decode() == text and peer.received == [encoded], result


@pytest.mark.parametrize("name", ["no-such-encoding", "", "utf-7", "GBK//IGNORE"])
def test_unknown_encoding(run, name):
    with raw.ScriptedServer(Peer(b"x")) as server:
        result = run("talk", "-e", name, "127.0.0.1", server.port, "x")
        assert result.status == 2 and server.accepted == 0, result
    for known in ("gbk", "gb18030", "utf-8", "big5"):
        assert known in result.err.lower()


# --- bad input, no connection: each its own message

@pytest.mark.parametrize("port", ["0", "65536", "70000", "abc", "80x", "", "７７８８", " 80", "99999999999999999999", "-1"])
def test_bad_port(run, port):
    result = run("talk", "--", "127.0.0.1", port, "x")
    assert result.status == 2 and result.out == b"" and "65535" in result.err, result


def test_negative_port_without_dashes(run):
    assert run("talk", "127.0.0.1", "-1", "x").status == 2


@pytest.mark.parametrize("host", ["127.0.0", "127.0.0.256", "127.0.0.1.1", "１２７.0.0.1", "127。0。0。1", "", "::g", "[::1", "a b", "2130706433"])
def test_malformed_host(run, host):
    """Not handed to a resolver that would make something of it (127.0.0 is 127.0.0.0 to the old functions)."""
    with raw.ScriptedServer(Peer(b"x")) as server:
        result = run("talk", "--", host, server.port, "x")
        assert result.status == 2 and result.out == b"" and server.accepted == 0, result
    assert result.err.strip() and (host in result.err or not host)


def test_empty_text(run):
    peer = Peer(b"x")
    with raw.ScriptedServer(peer) as server:
        result = run("talk", "127.0.0.1", server.port, "")
    assert result.status == 2 and result.out == b"" and result.err.strip(), result
    assert all(received == b"" for received in peer.received)


def test_refused(run):
    port = raw.free_port()
    result = run("talk", "127.0.0.1", port, "x")
    assert result.status == 3 and str(port) in result.err and len(result.err.strip().splitlines()) <= 3, result


def test_filtered_host(run):
    """Ends at --connect-timeout with status 4, and does not say that it was refused."""
    with raw.full_backlog() as port:
        result = run("talk", "--connect-timeout", "500ms", "127.0.0.1", port, "x")
    assert result.status == 4 and not re.search(r"(?i)refused", result.err), result


def test_unresolvable_host(run, needs_root):
    result = run("talk", "no-such-host.invalid", 7788, "x", preexec_fn=isolation.no_network)
    assert result.status == 3 and "no-such-host.invalid" in result.err and not re.search("(?i)refused", result.err), result


def test_resolver_that_never_answers(run, needs_root, tmp_path):
    """Bounded by --connect-timeout, not by the resolver's own patience (ten seconds and more)."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:10 attempts:3\n")
    prepare = isolation.silent_resolver(tmp_path / "resolv.conf")
    try:
        subprocess.run(["true"], preexec_fn=prepare, close_fds=False, check=True)
    except subprocess.SubprocessError:
        pytest.skip("no mount namespaces here")  # a chroot: its / is no mount point
    result = run("talk", "--connect-timeout", "500ms", "no-such-host.invalid", 7788, "x", close_fds=False, timeout=9,
                 preexec_fn=prepare)
    assert result.status in (3, 4) and "no-such-host.invalid" in result.err, result


def test_messages_differ(run, needs_root):
    """Cause by cause: port, address, text, name, refusal, no answer."""
    closed = raw.free_port()
    with raw.full_backlog() as filtered:
        results = [run("talk", "127.0.0.1", "65536", "x"), run("talk", "127.0.0.1", "abc", "x"), run("talk", "127.0.0", "7788", "x"),
                   run("talk", "１２７.0.0.1", "7788", "x"), run("talk", "127.0.0.1", closed, ""),
                   run("talk", "no-such-host.invalid", "7788", "x", preexec_fn=isolation.no_network), run("talk", "127.0.0.1", closed, "x"),
                   run("talk", "--connect-timeout", "300ms", "127.0.0.1", filtered, "x")]
    assert [result.status for result in results] == [2, 2, 2, 2, 2, 3, 3, 4]
    causes = {re.sub(r"[^A-Za-z ]", "", result.err) for result in results}
    assert len(causes) >= 7, causes  # the two ports may share their words
    assert all(result.err.strip() and result.out == b"" for result in results)


@pytest.mark.parametrize("case", ["port", "address", "text", "refused"])
def test_messages_are_chinese_in_chinese(run, case):
    closed = raw.free_port()
    words = {"port": ["127.0.0.1", "65536", "x"], "address": ["127.0.0", "7788", "x"], "text": ["127.0.0.1", closed, ""],
             "refused": ["127.0.0.1", closed, "x"]}[case]
    for environment in (harness.CHINESE, harness.CHINESE_BY_LANG):
        result = run("talk", *words, env=environment)
        assert result.status in (2, 3) and re.search("[一-鿿]", result.err), result


@pytest.mark.parametrize("words", [["--no-such-option"], ["-Z"], ["--wait", "soon"], ["--wait", "-1"], ["-e"], ["extra"]], ids=" ".join)
def test_wrong_usage_connects_to_nobody(run, words):
    with raw.ScriptedServer(Peer(b"x")) as server:
        result = run("talk", "127.0.0.1", server.port, "x", *words)
        assert result.status == 2 and result.out == b"" and server.accepted == 0, result


def test_host_without_port(run):
    assert run("talk", "127.0.0.1").status == 2


# --- the three prompts

PROMPTS = ["请输入服务器ip:", "请输入服务器port:", "请输入要发送的数据："]


def test_prompts_on_a_terminal_in_chinese(on_terminal):
    """The course's dialogue, word for word; the peer receives the text's GBK bytes and nothing else."""
    peer = Peer("收到".encode("gbk"))
    with raw.ScriptedServer(peer) as server:
        terminal = on_terminal("talk", env=harness.CHINESE)
        for prompt, answer in zip(PROMPTS, ("127.0.0.1", str(server.port), "你好")):
            terminal.expect(prompt)
            terminal.send(answer + "\n")
        terminal.expect("接收到的数据为: 收到")
        assert terminal.wait() == 0 and terminal.restored
    assert peer.received == [b"\xc4\xe3\xba\xc3"]
    positions = [terminal.shown.index(prompt) for prompt in PROMPTS]
    assert positions == sorted(positions) and terminal.text.endswith("\n")


def test_prompts_on_a_terminal_in_english(on_terminal):
    with raw.ScriptedServer(Peer(b"fine")) as server:
        terminal = on_terminal("talk")
        for prompt, answer in zip(("(?i)ip", "(?i)port", "(?i)text|data|message|send"), ("127.0.0.1", str(server.port), "hello")):
            terminal.expect(prompt)
            terminal.send(answer + "\n")
        terminal.expect("fine")
        assert terminal.wait() == 0
    assert not re.search("[一-鿿]", terminal.text)


def test_a_character_can_be_taken_back_at_a_prompt(on_terminal):
    """Backspace removes one whole character, not one byte of it."""
    peer = Peer(b"fine")
    with raw.ScriptedServer(peer) as server:
        terminal = on_terminal("talk", env=harness.CHINESE)
        for prompt, answer in zip(PROMPTS, ("127.0.0.1", str(server.port), "你好坏\x7f吗")):
            terminal.expect(prompt)
            terminal.send(answer + "\n")
        assert terminal.wait() == 0, terminal.text
    assert peer.received == ["你好吗".encode("gbk")]


@pytest.mark.parametrize("language", [harness.ENGLISH, harness.CHINESE, {"LC_ALL": "C"}], ids=["en", "zh", "C"])
def test_prompted_form_on_a_pipe(run, language):
    """No prompts, no escape sequences; the dialogue works."""
    peer = Peer("收到".encode("gbk"))
    with raw.ScriptedServer(peer) as server:
        result = run("talk", stdin=f"127.0.0.1\n{server.port}\n你好\n".encode(), env=language)
    assert result.status == 0 and peer.received == [b"\xc4\xe3\xba\xc3"], result
    assert "收到" in result.out.decode() and "请输入" not in result.out.decode() and b"\x1b" not in result.out


@pytest.mark.parametrize("typed", [b"", b"127.0.0.1\n", b"127.0.0.1\n7788\n"], ids=["ip", "port", "text"])
def test_end_of_input_on_a_pipe(run, typed):
    result = run("talk", stdin=typed)
    assert result.status == 2 and result.err.strip() and result.out == b"", result


def test_closed_stdin(run):
    """`<&-`: as the end of input; the free descriptor 0 is not taken for a terminal or a socket."""
    result = run("talk", stdin=subprocess.DEVNULL, preexec_fn=lambda: os.close(0))
    assert result.status == 2 and result.err.strip(), result


def test_closed_stdin_in_a_conversation(run):
    """As the end of input: the peer's words are shown, then it leaves."""
    def greet(sock):
        sock.sendall(b"hello\n")
        raw.read_end(sock)

    with raw.ScriptedServer(greet) as server:
        result = run("talk", "127.0.0.1", server.port, stdin=subprocess.DEVNULL, preexec_fn=lambda: os.close(0))
    assert result.status == 0 and result.out == b"hello\n", result


def test_closed_stdin_with_a_single_message(run):
    with raw.ScriptedServer(Peer(b"hello")) as server:
        result = run("talk", "127.0.0.1", server.port, "x", stdin=subprocess.DEVNULL, preexec_fn=lambda: os.close(0))
    assert result.status == 0 and result.out == b"hello", result


@pytest.mark.parametrize("step", [0, 1, 2])
def test_end_of_input_on_a_terminal(on_terminal, step):
    terminal = on_terminal("talk", env=harness.CHINESE)
    for prompt, answer in zip(PROMPTS[:step], ("127.0.0.1\n", "7788\n")):
        terminal.expect(prompt)
        terminal.send(answer)
    terminal.expect(PROMPTS[step])
    terminal.send("\x04")
    assert terminal.wait() == 2 and terminal.restored
    assert terminal.shown.count(PROMPTS[step]) == 1, "asked again and again"


@pytest.mark.parametrize("step", [0, 1, 2])
def test_interrupt_at_a_prompt(on_terminal, step):
    """Status 130, terminal restored, a line end printed, nothing sent."""
    with raw.ScriptedServer(Peer(b"x")) as server:
        terminal = on_terminal("talk", env=harness.CHINESE)
        for prompt, answer in zip(PROMPTS[:step], ("127.0.0.1\n", f"{server.port}\n")):
            terminal.expect(prompt)
            terminal.send(answer)
        terminal.expect(PROMPTS[step])
        terminal.send("\x03")
        assert terminal.wait() == 130 and terminal.restored and terminal.text.endswith("\n")
        assert server.accepted == 0


def test_sigterm_at_a_prompt(on_terminal):
    terminal = on_terminal("talk", env=harness.CHINESE)
    terminal.expect(PROMPTS[0])
    terminal.popen.send_signal(signal.SIGTERM)
    assert terminal.wait() == 143 and terminal.restored


@pytest.mark.parametrize("typed", ["127.0.0\n{port}\nx\n", "127.0.0.1\n0\nx\n", "127.0.0.1\n65536\nx\n", "127.0.0.1\nabc\nx\n",
                                   "127.0.0.1\n{port}\n\n", "\n{port}\nx\n", "１２７.0.0.1\n{port}\nx\n"])
def test_bad_answers_on_a_pipe(run, typed):
    peer = Peer(b"x")
    with raw.ScriptedServer(peer) as server:
        result = run("talk", stdin=typed.format(port=server.port).encode())
    assert result.status == 2 and result.err.strip() and all(received == b"" for received in peer.received), result


def test_unencodable_answer_on_a_pipe(run):
    peer = Peer(b"x")
    with raw.ScriptedServer(peer) as server:
        result = run("talk", stdin=f"127.0.0.1\n{server.port}\n€\n".encode())
    assert result.status == 11 and all(received == b"" for received in peer.received), result


# --- on a terminal

def test_single_message_on_a_terminal_ends_its_line(on_terminal):
    with raw.ScriptedServer(Peer("收到".encode("gbk"))) as server:
        terminal = on_terminal("talk", "127.0.0.1", server.port, "你好", stderr=subprocess.DEVNULL)
        assert terminal.wait() == 0
    assert terminal.text == "收到\r\n"


def test_nothing_hostile_reaches_a_terminal(on_terminal):
    reply = b"<a\0b\x1b[31m\x1b]0;title\x07\x7f\x08" + "\u202ex\u200by\u2028\u009b31m".encode("gb18030") + b"\rover>"
    with raw.ScriptedServer(Peer(reply)) as server:
        terminal = on_terminal("talk", "127.0.0.1", server.port, "x")
        assert terminal.wait() == 0
    written = terminal.data.replace(b"\r\n", b"\n").decode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u202e]", written), ascii(written)
    assert re.search(r"<a\\(0|x00)b.*over>", written), ascii(written)


def test_conversation_on_a_terminal(on_terminal):
    def script(sock):
        received.append(raw.read_exactly(sock, 5))
        sock.sendall("很好\n".encode("gbk"))
        received.append(raw.read_end(sock)[0])

    received = []
    with raw.ScriptedServer(script) as server:
        terminal = on_terminal("talk", "127.0.0.1", server.port, env=harness.CHINESE)
        terminal.send("你好\n")
        terminal.expect("很好")
        terminal.send("\x04")
        assert terminal.wait() == 0 and terminal.restored, terminal.text
    assert received == ["你好\n".encode("gbk"), b""]


def test_interrupt_in_a_conversation(on_terminal):
    """A clean close for the peer, status 130."""
    ends = []

    def script(sock):
        sock.sendall(b"welcome\n")
        ends.append(raw.read_end(sock))

    with raw.ScriptedServer(script) as server:
        terminal = on_terminal("talk", "127.0.0.1", server.port)
        terminal.expect("welcome")
        terminal.send("\x03")
        assert terminal.wait() == 130 and terminal.restored
    assert ends == [(b"", raw.FIN)]


# --- a conversation on pipes

def test_conversation_relays_both_directions_exactly(start):
    got = []

    def script(sock):
        got.append(raw.read_exactly(sock, 4))
        sock.sendall(b"def\n")
        got.append(raw.read_end(sock)[0])

    with raw.ScriptedServer(script) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.send(b"abc\n")
        process.stdout.wait_for_bytes(b"def\n")
        process.send("你好\n".encode())
        process.close_stdin()
        assert process.wait() == 0
    assert got == [b"abc\n", "你好\n".encode("gbk")] and process.stdout.data == b"def\n"


def test_input_ends_after_a_line_that_the_peer_took(run):
    with peers.Background(peers.serve_text_once) as server:
        result = run("talk", "127.0.0.1", server.port, stdin=b"abc\n")
        assert result.status == 0 and result.out == b"thank you !", result
        assert server.join() == "abc\n"


def test_end_of_input_reaches_the_peer_at_once(run):
    """The peer sees the end while the client stays for its answer."""
    def script(sock):
        received.append(raw.read_end(sock))
        sock.sendall("听到了".encode("gbk"))

    received = []
    with raw.ScriptedServer(script) as server:
        result = run("talk", "127.0.0.1", server.port, stdin="你好".encode())
    assert result.status == 0 and result.out.decode() == "听到了", result
    assert received == [("你好".encode("gbk"), raw.FIN)]


def test_answer_after_a_second_is_waited_for(run):
    """`printf 你好 | sampan talk …`"""
    with raw.ScriptedServer(Peer("听到了".encode("gbk"), before=lambda _: time.sleep(1))) as server:
        result = run("talk", "127.0.0.1", server.port, stdin="你好".encode())
    assert result.status == 0 and result.out.decode() == "听到了", result


def test_wait_ends_the_wait(run):
    """The peer neither answers nor leaves."""
    done = threading.Event()
    with raw.ScriptedServer(lambda sock: done.wait(harness.PATIENCE)) as server:
        started = time.monotonic()
        result = run("talk", "--wait", "600ms", "127.0.0.1", server.port, stdin=b"hello\n")
        assert time.monotonic() - started >= 0.5
        done.set()
    assert result.status in (0, 4) and result.out == b"", result


def test_wait_zero_leaves_at_once(run):
    """But what was typed has arrived."""
    received = []
    with raw.ScriptedServer(lambda sock: received.append(raw.read_end(sock))) as server:
        result = run("talk", "--wait", "0", "127.0.0.1", server.port, stdin=b"hello\n")
    assert result.status == 0 and received == [(b"hello\n", raw.FIN)], result


def test_half_closed_peer_still_gets_what_is_typed(start):
    """`peer finished sending` is told on stderr; the conversation goes on until stdin ends."""
    received = []

    def script(sock):
        sock.sendall(b"last words\n")
        sock.shutdown(socket.SHUT_WR)
        received.append(raw.read_end(sock))

    with raw.ScriptedServer(script) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.stdout.wait_for("last words\n")
        process.stderr.wait_line(r"(?i:finished sending)")
        assert process.running
        process.send(b"one\n")
        process.send(b"two\n")
        process.close_stdin()
        assert process.wait() == 0
    assert received == [(b"one\ntwo\n", raw.FIN)]


def test_peer_closes_after_the_end_of_input(run):
    """stdout is closed and the status is 0 as soon as the peer is done: a reader behind the pipe finishes."""
    def script(sock):
        raw.read_end(sock)
        sock.sendall(b"all\n")

    with raw.ScriptedServer(script) as server:
        result = run("talk", "--wait", "60", "127.0.0.1", server.port, stdin=b"hello\n")
    assert result.status == 0 and result.out == b"all\n", result


def test_reset_in_a_conversation(start):
    def script(sock):
        raw.read_exactly(sock, 6)
        sock.sendall(b"some\n")
        raw.wait_delivered(sock)
        raw.reset(sock)

    with raw.ScriptedServer(script) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.send(b"hello\n")
        assert process.wait() == 9
    assert process.stdout.data == b"some\n" and re.search("(?i)reset", process.stderr.text)


def test_reset_without_a_byte(run):
    def script(sock):
        sock.recv(100)
        raw.reset(sock)

    with raw.ScriptedServer(script) as server:
        result = run("talk", "127.0.0.1", server.port, stdin=b"hello\n")
    assert result.status == 9 and result.out == b"" and re.search("(?i)reset", result.err), result


def test_who_ended_it_is_told(run):
    """One line on stderr, different for the peer's end and its reset; stdout carries the peer's bytes only."""
    def closes(sock):
        sock.sendall(b"x\n")
        raw.read_end(sock)

    def resets(sock):
        sock.sendall(b"x\n")
        raw.read_end(sock)
        raw.reset(sock)

    told = []
    for script in (closes, resets):
        with raw.ScriptedServer(script) as server:
            result = run("talk", "127.0.0.1", server.port, stdin=b"hello\n")
        assert result.out == b"x\n", result
        told.append(harness.numbers_away(result.err))
    assert told[0] != told[1] and all(text.strip() for text in told), told


def test_half_characters_in_a_conversation(start):
    """c4, a pause, e3 ba, a pause, c3 0a: 你好 once, and never a half."""
    go_on = [threading.Event(), threading.Event()]

    def script(sock):
        for piece, event in ((b"\xc4", go_on[0]), (b"\xe3\xba", go_on[1]), (b"\xc3\n", None)):
            sock.sendall(piece)
            if event:
                time.sleep(0.3)
                assert event.wait(harness.PATIENCE)
        raw.read_end(sock)

    with raw.ScriptedServer(script) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        go_on[0].set()
        process.stdout.wait_for("你")
        assert process.stdout.data == "你".encode()
        go_on[1].set()
        process.stdout.wait_for_bytes("你好\n".encode())
        process.close_stdin()
        assert process.wait() == 0


def test_output_does_not_wait_for_the_end(start):
    """A line is at the reader while the connection goes on."""
    with raw.ScriptedServer(lambda sock: (sock.sendall("行\n".encode("gbk")), until_closed(sock))) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.stdout.wait_for("行\n", timeout=5)
        assert process.running
        process.close_stdin()
        process.wait()


def test_unencodable_line_in_a_conversation(start):
    """It is refused and named; the other lines arrive."""
    received = []
    with raw.ScriptedServer(lambda sock: received.append(raw.read_end(sock)[0])) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.send("good\nbad €\n".encode())
        process.stderr.wait_for("€")
        with contextlib.suppress(BrokenPipeError):
            process.send(b"good again\n")
            process.close_stdin()
        status = process.wait()
    assert status in (0, 11) and received[0].startswith(b"good\n") and b"bad" not in received[0]


def test_encoding_does_not_switch_by_itself(start):
    """UTF-8 decoded as GBK shows as what it is; the GBK line after it is right."""
    def script(sock):
        for text in ("你好\n".encode("utf-8"), "你好\n".encode("gbk")):
            sock.sendall(text)
            raw.wait_delivered(sock)
        raw.read_end(sock)

    with raw.ScriptedServer(script) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.stdout.wait_for_bytes("浣犲ソ\n你好\n".encode())
        process.close_stdin()
        assert process.wait() == 0


def test_closed_stdout_ends_quietly(sampan):
    """`sampan talk … | head -1`: status 0, no complaint."""
    def chatter(sock):
        while True:
            sock.sendall(b"line\n" * 1000)

    with raw.ScriptedServer(chatter) as server:
        words = ["sh", "-c", '{ "$@"; echo "status $?" >&2; } | head -1', "sh", sampan, "talk", "127.0.0.1", server.port]
        with harness.Process(words, stdin=PIPE) as process:
            process.stderr.wait_for(r"status 0\n")
            assert process.stdout.wait_end() == b"line\n"
            assert "roken pipe" not in process.stderr.text


def test_full_disk_behind_stdout(run):
    with raw.ScriptedServer(Peer(b"reply")) as server, open("/dev/full", "wb") as full:
        result = run("talk", "127.0.0.1", server.port, "x", stdout=full)
    assert result.status > 0 and "No space left on device" in result.err, result


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_in_a_conversation(start, number, status):
    ends = []

    def script(sock):
        sock.sendall(b"welcome\n")
        ends.append(raw.read_end(sock))

    with raw.ScriptedServer(script) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.stdout.wait_for("welcome")
        process.signal(number)
        assert process.wait() == status
    assert ends == [(b"", raw.FIN)]


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_while_waiting_for_a_reply(start, number, status):
    there = threading.Event()
    with raw.ScriptedServer(Peer(before=lambda _: there.set(), after=until_closed)) as server:
        process = start("talk", "127.0.0.1", server.port, "x")
        assert there.wait(harness.PATIENCE)
        process.signal(number)
        assert process.wait() == status


# --- our client and our server

def test_talk_to_listen(run, listen):
    with listen("--reply", "你好，客户端") as server:
        result = run("talk", "127.0.0.1", server.port, "你好，服务器")
        assert result.status == 0 and result.out.decode() == "你好，客户端", result
        server.wait_received("你好，服务器".encode())


def test_conversation_with_listen(start, listen):
    with listen("--stay", stdin=PIPE) as server:
        process = start("talk", "127.0.0.1", server.port, stdin=PIPE)
        process.send("在吗\n".encode())
        server.wait_received("在吗\n".encode())
        server.send("在\n".encode())
        process.stdout.wait_for_bytes("在\n".encode())
        process.close_stdin()
        assert process.wait() == 0
