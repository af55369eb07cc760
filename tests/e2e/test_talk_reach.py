"""Where `sampan talk` and `sampan listen` reach: families, sources, Unix sockets, access lists, port checks, ncat's spellings."""
import os
import socket
import subprocess

import harness
import pytest
import raw

PIPE = subprocess.PIPE
REPLY = b"thank you !"


def local_ports(sock, into):
    into.append(sock.getpeername()[:2])
    raw.read_end(sock)


@pytest.mark.parametrize("spelling", [["-p"], ["--source-port"]], ids=" ".join)
def test_source_port(run, spelling):
    peers = []
    port = raw.free_port()
    for number in (1, 2):  # again at once, to another server: TIME-WAIT does not block it
        with raw.ScriptedServer(lambda sock: local_ports(sock, peers)) as server:
            result = run("talk", *spelling, port, "--wait", "0", "127.0.0.1", server.port, "x")
            assert result.status == 0, result
            harness.wait_until(lambda number=number: len(peers) == number, "the peer")
    assert [number for _, number in peers] == [port] * 2


def test_source_address(run):
    peers = []
    with raw.ScriptedServer(lambda sock: local_ports(sock, peers)) as server:
        assert run("talk", "-s", "127.0.0.9", "--wait", "0", "127.0.0.1", server.port, "x").status == 0
        assert run("talk", "-s", "192.0.2.1", "--wait", "0", "127.0.0.1", server.port, "x").status == 3
        assert run("talk", "-s", "nonsense", "--wait", "0", "127.0.0.1", server.port, "x").status == 2
        assert run("talk", "-s", "::1", "--wait", "0", "127.0.0.1", server.port, "x").status == 3
    assert peers[0][0] == "127.0.0.9" and len(peers) == 1


def test_families(run, listen):
    with listen("-4", bind=None) as server:
        assert server.addresses == [("0.0.0.0", server.port)] and raw.refuses(server.port, "::1")
        assert run("talk", "-4", "localhost", server.port, "x").out == REPLY
        assert run("talk", "-6", "127.0.0.1", server.port, "x").status == 3
    with listen("-6", bind=None) as server:
        assert server.addresses == [("::", server.port)] and raw.refuses(server.port, "127.0.0.1")
        assert run("talk", "-6", "::1", server.port, "x").out == REPLY
        assert run("talk", "-n", "::1", server.port, "x").out == REPLY
    assert run("talk", "-n", "localhost", server.port, "x").status == 2
    assert run("talk", "-4", "-6", "localhost", server.port, "x").status == 2


def test_port_check(run):
    got = []
    with raw.ScriptedServer(lambda sock: got.append(raw.read_end(sock)[0])) as server:
        result = run("talk", "-z", "127.0.0.1", server.port)
        assert result.status == 0 and result.out == b"" and str(server.port) in result.err, result
        harness.wait_until(lambda: got == [b""], "the check without a byte")
    assert run("talk", "-z", "127.0.0.1", raw.free_port()).status == 3


# --- Unix sockets

@pytest.fixture
def unix_server(start, tmp_path):
    """unix_server(*words): a server on the socket, once it is there."""
    path = tmp_path / "socket"

    def go(*words):
        process = start("listen", "-U", path, *words, stdin=PIPE)
        process.stdout.wait_for(f"listening on {path}\n")
        return process, path
    return go


def test_unix_socket(run, unix_server):
    server, path = unix_server()
    assert run("talk", "-U", path, "你好").out == REPLY
    server.stdout.wait_for("你好")
    server.signal(15)
    assert server.wait() == 0 and not path.exists()
    assert run("talk", "-U", path, "x").status != 0


def test_unix_conversation(start, unix_server):
    server, path = unix_server("--stay", "--commands", "--label")
    client = start("talk", "-U", path, stdin=PIPE)
    client.send("在吗\n".encode())
    server.stdout.wait_for(rf"#1 {path} .*在吗\n")
    server.send("@1 在\n".encode())
    client.stdout.wait_for_bytes("在\n".encode())
    client.close_stdin()
    assert client.wait() == 0


def test_stale_and_foreign_paths(run, start, unix_server):
    server, path = unix_server()
    assert run("listen", "-U", path).status == 3
    server.kill()
    assert path.is_socket()
    again, _ = unix_server()  # the killed one's socket is replaced
    again.signal(15)
    assert again.wait() == 0
    path.write_text("precious")
    assert run("listen", "-U", path).status == 3 and path.read_text() == "precious"
    assert run("listen", "-U", "x" * 200).status == 2
    assert run("listen", "-U").status == 2


# --- who may come

def refused(port, host="127.0.0.1"):
    with raw.connect(port, host) as client:
        return raw.read_end(client)[0] == b""


@pytest.mark.parametrize("words, served", [
    (["--allow", "127.0.0.1"], True),
    (["--allow", "1.2.3.4"], False),
    (["--allow", "1.2.3.4", "--allow", "127.0.0.0/8"], True),
    (["--allow", "localhost"], True),
    (["--deny", "127.0.0.0/31"], False),
    (["--deny", "127.0.0.2"], True),
    (["--allow", "127.0.0.1", "--deny", "127.0.0.1"], False),
    (["--allow", "::1"], False),
], ids=str)
def test_access_lists(listen, words, served):
    with listen(*words) as server:
        if served:
            assert raw.exchange(server.port, b"x") == (REPLY, raw.FIN)
        else:
            assert refused(server.port)
            server.stderr.wait_line(r"127\.0\.0\.1")
            assert server.received == b""


def test_access_files(listen, run, tmp_path):
    allowed, denied = tmp_path / "allowed", tmp_path / "denied"
    allowed.write_text("\n1.2.3.4 127.0.0.0/8\n\n::1\n")
    denied.write_text("127.0.0.2\n")
    with listen("--allow-file", allowed, "--deny-file", denied) as server:
        assert raw.exchange(server.port, b"x") == (REPLY, raw.FIN)
        with raw.connect(server.port, source="127.0.0.2") as client:
            assert raw.read_end(client)[0] == b""
    allowed.write_text("127.0.0.0/99")
    assert run("listen", "-b", "127.0.0.1", "--allow-file", allowed, 0).status == 2
    assert run("listen", "-b", "127.0.0.1", "--allow-file", tmp_path / "none", 0).status == 8
    assert run("listen", "-b", "127.0.0.1", "--allow", "no-such-host.invalid/8", 0).status == 2


# --- ncat's spellings

def test_ncat_spelling_of_a_server(start, run):
    process = start("talk", "-lk", "-v", "127.0.0.1", "0", stdin=PIPE)
    port = int(process.stdout.wait_for(r"listening on 127\.0\.0\.1:(\d+)\n").group(1))
    for _ in range(2):
        with raw.connect(port) as client:
            client.sendall(b"hello\n")
            process.stdout.wait_for("hello\n")
            client.shutdown(socket.SHUT_WR)
            assert raw.read_end(client) == (b"", raw.FIN)
    process.signal(15)
    assert process.wait() == 0


def test_ncat_spelling_of_a_client(run, tmp_path):
    received = []

    def script(sock):
        received.append(raw.read_end(sock)[0])
        sock.sendall(b"bye\n")

    dump = tmp_path / "dump"
    with raw.ScriptedServer(script) as server:
        result = run("talk", "-n4Cv", "-w", "5", "-i", "10", "-x", dump, "127.0.0.1", server.port, stdin=b"hello\n")
    assert result.status == 0 and result.out == b"bye\n" and received == [b"hello\r\n"], result
    text = dump.read_text()
    assert "68 65 6c 6c 6f 0d 0a" in text and "62 79 65 0a" in text


@pytest.mark.parametrize("words", [["-p", "0"], ["-U", os.devnull, "x", "y"], ["-z"]], ids=" ".join)
def test_wrong_usage(run, words):
    assert run("talk", *words, "127.0.0.1", "x", "y").status == 2
