"""Peers that nobody here wrote: nc, ncat and socat as clients of our servers and as servers for our clients."""
import contextlib
import subprocess

import harness
import peers
import pytest
import raw
import tree

GREETING = "你好".encode("gbk")
ANSWER = "我很好，你呢".encode("gbk")

#: How each tool is told to connect, to send its stdin, to end its side and to wait for the answer.
CLIENTS = {
    "nc": lambda path, port: [path, "-N", "127.0.0.1", port],
    "ncat": lambda path, port: [path, "127.0.0.1", port],
    "socat": lambda path, port: [path, "-t", "20", "-", f"TCP:127.0.0.1:{port}"],
}

#: How each tool is told to take one client, send it its stdin, and show what comes.
SERVERS = {
    "nc": lambda path, port: [path, "-N", "-l", "127.0.0.1", port],
    "ncat": lambda path, port: [path, "-l", "127.0.0.1", port],
    "socat": lambda path, port: [path, "-t", "20", "-", f"TCP-LISTEN:{port},bind=127.0.0.1"],
}

NAMES = {"nc": ("nc.openbsd", "nc"), "ncat": ("ncat",), "socat": ("socat",)}

every_tool = pytest.mark.parametrize("name", list(CLIENTS))


def client(tool, name, port, stdin):
    """Runs the tool as a client to its end."""
    return harness.run(CLIENTS[name](tool(*NAMES[name]), port), stdin=stdin)


@contextlib.contextmanager
def serving(tool, name, stdin):
    """The tool as a server for one client; gives (process, port)."""
    port = raw.free_port()
    with harness.Process(SERVERS[name](tool(*NAMES[name]), port), stdin=subprocess.PIPE) as process:
        raw.wait_listening(port)
        process.send(stdin)
        process.close_stdin()
        yield process, port


# --- the tools and the course's programs: what fails here is not sampan's

@every_tool
def test_tool_as_client_of_the_course_server(tool, name):
    with peers.Background(peers.serve_text_once) as server:
        result = client(tool, name, server.port, GREETING)
        assert result.out == b"thank you !" and server.join() == "你好", result


@every_tool
def test_tool_as_server_of_the_course_client(tool, name):
    with serving(tool, name, ANSWER) as (process, port):
        assert peers.exchange_text("127.0.0.1", port, "你好") == "我很好，你呢"
        process.stdout.wait_for_bytes(GREETING)


# --- text

@every_tool
def test_tool_talks_to_listen(tool, listen, name):
    with listen("--reply", "我很好，你呢") as server:
        result = client(tool, name, server.port, GREETING)
        assert result.status == 0 and result.out == ANSWER, result
        server.wait_received("你好".encode())


@every_tool
def test_tool_that_keeps_its_side_open_talks_to_listen(tool, listen, name):
    with listen() as server:
        with harness.Process(CLIENTS[name](tool(*NAMES[name]), server.port), stdin=subprocess.PIPE) as process:
            process.send(GREETING)
            process.stdout.wait_for_bytes(b"thank you !")
        server.wait_received("你好".encode())


@every_tool
def test_tool_sends_a_long_text_to_listen(tool, listen, name):
    text = "很长的一行\n" * 10_000
    with listen() as server:
        result = client(tool, name, server.port, text.encode("gbk"))
        assert result.status == 0 and result.out == b"thank you !", result
        server.wait_received(text.encode())


@every_tool
def test_talk_to_a_tool(tool, run, name):
    with serving(tool, name, ANSWER) as (process, port):
        result = run("talk", "127.0.0.1", port, "你好")
        assert result.status in (0, 9) and result.out.decode() == "我很好，你呢", result
        process.stdout.wait_for_bytes(GREETING)


@every_tool
def test_conversation_with_a_tool(tool, start, name):
    """The tool's words first, then the end of input: some tools leave at once when their client half-closes."""
    with serving(tool, name, b"one\ntwo\n") as (process, port):
        talk = start("talk", "127.0.0.1", port, stdin=subprocess.PIPE)
        talk.send("你好\n".encode())
        talk.stdout.wait_for_bytes(b"one\ntwo\n")
        talk.send("再见\n".encode())
        process.stdout.wait_for_bytes("你好\n再见\n".encode("gbk"))
        talk.close_stdin()
        assert talk.wait() == 0


# --- files

@pytest.fixture
def files(tmp_path):
    (tmp_path / "文件").write_bytes(tree.pattern(2_000_000))
    return tmp_path


@every_tool
@pytest.mark.parametrize("line_end", [b"", b"\n"], ids=["bare", "line"])
def test_tool_downloads_from_serve(tool, serve, files, name, line_end):
    with serve(files) as server:
        result = client(tool, name, server.port, "文件".encode() + line_end)
        assert result.status == 0 and result.out == tree.pattern(2_000_000), (result.status, len(result.out), result.err)


@every_tool
def test_tool_that_keeps_its_side_open_downloads_from_serve(tool, serve, files, name):
    """As the course's client does: the name ends by silence."""
    with serve(files) as server:
        with harness.Process(CLIENTS[name](tool(*NAMES[name]), server.port), stdin=subprocess.PIPE) as process:
            process.send("文件".encode())
            process.stdout.wait_for_bytes(tree.pattern(2_000_000))


#: Servers that read the name up to its end and then send a file. nc and ncat cannot be used (neither `< FILE` nor --sh-exec):
#: they leave when their client half-closes, with what they have sent by then.
FILE_SERVERS = {
    "socat": lambda path, port, script: [path, "-t", "20", f"TCP-LISTEN:{port},bind=127.0.0.1", f"SYSTEM:{script}"],
}


@pytest.mark.parametrize("name", list(FILE_SERVERS))
def test_get_from_a_tool(tool, run, tmp_path, target, name):
    (tmp_path / "content").write_bytes(tree.pattern(2_000_000))
    port = raw.free_port()
    script = f"cat > {tmp_path}/name; cat {tmp_path}/content"
    with harness.Process(FILE_SERVERS[name](tool(*NAMES[name]), port, script)):
        raw.wait_listening(port)
        result = run("get", f"tcp://127.0.0.1:{port}/some%20name", cwd=target)
    assert result.status == 0, result
    assert (target / "some name").read_bytes() == tree.pattern(2_000_000)
    assert (tmp_path / "name").read_bytes() == b"some name"
