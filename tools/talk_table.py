#!/usr/bin/python3
"""Prints the first table of the comparison in docs/talk.md: what sampan, ncat, socat and nc (OpenBSD's) do with the same peer.

Each is started on loopback, as a server or as a client, and the peer is a script here; the cells are what was seen. What should
come and does not within `PATIENCE` counts as not coming. Needs a release build, and the tools that `./x test` installs.
"""

import contextlib
import pathlib
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests/e2e"))

import harness  # noqa: E402
import raw  # noqa: E402
import terminal  # noqa: E402

HOST = "127.0.0.1"
PATIENCE = 2.0  # seconds; loopback takes milliseconds, and socat lets go after 0.5
PAUSE = 1.0  # seconds; a slow answer
CLIENTS = 3
PORTION = 1 << 16
PLENTY = 256  # portions: 16 MiB, more than the kernel keeps for a client that does not read

#: As a server for several clients, and as a client. Ports are put in.
SERVERS = {
    "sampan": [harness.binary(), "listen", "--stay", "-b", HOST, "{}"],
    "ncat": ["ncat", "-l", "-k", HOST, "{}"],
    "socat": ["socat", "-", f"TCP-LISTEN:{{}},bind={HOST},fork"],
    "nc": ["nc.openbsd", "-l", "-k", HOST, "{}"],
}
TALKERS = {
    "sampan": [harness.binary(), "talk", HOST, "{}"],
    "ncat": ["ncat", HOST, "{}"],
    "socat": ["socat", "-", f"TCP:{HOST}:{{}}"],
    "nc": ["nc.openbsd", "-N", HOST, "{}"],
}


def with_port(words, port):
    return [str(word).format(port) for word in words]


def comes(condition):
    """Whether it is so within PATIENCE."""
    with contextlib.suppress(AssertionError):
        return harness.wait_until(condition, "it", timeout=PATIENCE)
    return False


@contextlib.contextmanager
def listening(name, start=harness.Process, **options):
    """The tool as a server: (process, port)."""
    port = raw.free_port()
    with start(with_port(SERVERS[name], port), **options) as process:
        raw.wait_listening(port)
        yield process, port


def connect(port):
    return raw.connect(port, timeout=PATIENCE)


def received(sock, wanted):
    """Whether all of `wanted` comes."""
    try:
        return raw.read_exactly(sock, len(wanted)) == wanted
    except (AssertionError, OSError):
        return False


def split_character(name):
    with listening(name, stdin=subprocess.PIPE) as (process, port), connect(port) as peer:
        peer.sendall("你".encode("gbk")[:1])
        raw.wait_delivered(peer)
        time.sleep(0.1)
        peer.sendall("你end".encode("gbk")[1:])
        comes(lambda: b"end" in process.stdout.data)
        shown = process.stdout.data
    return "the character, in UTF-8" if "你end".encode() in shown else "its two bytes" if "你end".encode("gbk") in shown else "neither"


def escape_sequence(name):
    sequence = b"\x1b]0;title\x07"
    with listening(name, terminal.Terminal) as (screen, port), connect(port) as peer:
        peer.sendall(sequence + b"end\n")
        comes(lambda: b"end" in screen.data)
        return "reaches the terminal" if sequence in screen.data else "is shown escaped" if b"]0;title" in screen.data else "is left out"


def several_clients(name):
    with listening(name, stdin=subprocess.PIPE) as (process, port), contextlib.ExitStack() as stack:
        peers = [stack.enter_context(connect(port)) for _ in range(CLIENTS)]
        for number, peer in enumerate(peers):
            peer.sendall(b"from %d\n" % number)
        heard = sum(bool(comes(lambda number=number: b"from %d\n" % number in process.stdout.data)) for number in range(CLIENTS))
        process.send(b"to all\n")
        return f"{heard} heard, {sum(received(peer, b'to all' + bytes([10])) for peer in peers)} get what is typed"


def client_that_does_not_read(name):
    """Another one reads, and each portion is only typed when it has the one before."""
    with listening(name, stdin=subprocess.PIPE) as (process, port), connect(port) as stalled, connect(port) as reader:
        stalled.sendall(b"1\n")
        reader.sendall(b"2\n")
        if not comes(lambda: b"1\n" in process.stdout.data and b"2\n" in process.stdout.data):
            return "serves one client at a time"
        for number in range(PLENTY):
            process.send(b"x" * PORTION)
            if not received(reader, b"x" * PORTION):
                return f"the other gets {number * PORTION >> 10:,} KiB of it" if number else "the other does not get the first 64 KiB"
        return "the other gets all of it"


def answer_after_half_close(name):
    """The server's answer to a client that has shut its side, typed when its question was shown."""
    with listening(name, stdin=subprocess.PIPE) as (process, port), connect(port) as peer:
        peer.sendall(b"question\n")
        peer.shutdown(socket.SHUT_WR)
        comes(lambda: b"question" in process.stdout.data)
        time.sleep(PAUSE)
        with contextlib.suppress(OSError):
            process.send(b"answer\n")
        return "arrives" if received(peer, b"answer\n") else "does not arrive"


def talking(name, script, act):
    """The tool as a client of a server that does `script(sock)`; returns `act(process)`."""
    with raw.ScriptedServer(script) as server:
        with harness.Process(with_port(TALKERS[name], server.port), stdin=subprocess.PIPE) as process:
            return act(process)


def slow_answer(name):
    """It comes a second after the client's input has ended."""

    def script(sock):
        raw.read_end(sock)
        time.sleep(PAUSE)
        sock.sendall(b"answer\n")

    def act(process):
        process.send(b"question\n")
        process.close_stdin()
        return "is shown" if comes(lambda: b"answer" in process.stdout.data) else "is lost"

    return talking(name, script, act)


def typed_after_half_close(name):
    """What the client types a second after the server has shut its side."""
    came = []

    def script(sock):
        sock.sendall(b"hello\n")
        sock.shutdown(socket.SHUT_WR)
        came.append(raw.read_end(sock)[0])

    def act(process):
        comes(lambda: b"hello" in process.stdout.data)
        time.sleep(PAUSE)
        with contextlib.suppress(OSError):
            process.send(b"typed late\n")
            process.close_stdin()
        return "arrives" if comes(lambda: came and b"typed late\n" in came[0]) else "does not arrive"

    return talking(name, script, act)


ROWS = {
    "a GBK character in two segments": split_character,
    "an escape sequence from the peer, on a terminal": escape_sequence,
    f"server, {CLIENTS} clients at once": several_clients,
    "server, two clients, one does not read, 16 MiB are typed": client_that_does_not_read,
    "server, a client half-closes; what is typed a second later": answer_after_half_close,
    "client, the server half-closes; what is typed a second later": typed_after_half_close,
    "client, input has ended; an answer a second later": slow_answer,
}


def main():
    print(f"| what happens | {' | '.join(SERVERS)} |")
    print("|---" * (len(SERVERS) + 1) + "|")
    for what, see in ROWS.items():
        print(f"| {what} | {' | '.join(see(name) for name in SERVERS)} |", flush=True)


main()
