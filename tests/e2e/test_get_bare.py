"""`sampan get tcp://…` and its prompted form: the whole file, under the right name, from both kinds of server."""
import contextlib
import os
import re
import threading
import urllib.parse

import harness
import peers
import pytest
import raw
import tree


def url(port, name, host="127.0.0.1"):
    """tcp://HOST:PORT/NAME with everything percent-encoded that may be."""
    name = name.encode() if isinstance(name, str) else name
    return f"tcp://{f'[{host}]' if ':' in host else host}:{port}/{urllib.parse.quote(name)}"


def names_in(folder):
    return sorted(os.listdir(folder))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What the servers of this module serve."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "dir").mkdir()
    for name, content in {"ten.txt": tree.TEN, "empty": b"", "medium": tree.pattern(3_000_000), "文件.txt": b"named in Chinese",
                          "dir/a.txt": b"in a folder", "with space": b"spaced", "a%20b": b"percent", "q?x=1#frag": b"query",
                          "-rf": b"dash", "1024": tree.pattern(1024), "1025": tree.pattern(1025), "one": b"1"}.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module", params=["course server", "sampan serve"])
def port(request, files, serve):
    """A server's port; every test runs against the course's program and against ours."""
    with contextlib.ExitStack() as stack:
        if request.param == "course server":
            yield stack.enter_context(peers.Background(peers.serve_files, folder=files)).port
        else:
            yield stack.enter_context(serve(files)).port


# --- the file

@pytest.mark.parametrize("name", ["ten.txt", "medium", "文件.txt", "with space", "a%20b", "q?x=1#frag", "-rf", "1024", "1025", "one"])
def test_file_is_saved_whole_under_its_name(run, port, files, target, name):
    result = run("get", url(port, name), cwd=target)
    assert result.status == 0, result
    assert names_in(target) == [name]
    assert (target / name).read_bytes() == (files / name).read_bytes()


def test_raw_utf8_in_the_url(run, port, target):
    result = run("get", f"tcp://127.0.0.1:{port}/文件.txt", cwd=target)
    assert result.status == 0, result
    assert (target / "文件.txt").read_bytes() == b"named in Chinese"


def test_file_of_a_folder_is_saved_under_its_last_component(run, port, target):
    result = run("get", url(port, "dir/a.txt"), cwd=target)
    assert result.status == 0, result
    assert names_in(target) == ["a.txt"] and (target / "a.txt").read_bytes() == b"in a folder"


@pytest.mark.parametrize("option", ["-o", "--output"])
def test_output_file(run, port, target, option):
    result = run("get", url(port, "ten.txt"), option, "other name", cwd=target)
    assert result.status == 0, result
    assert names_in(target) == ["other name"] and (target / "other name").read_bytes() == tree.TEN


def test_output_file_in_another_folder(run, port, target, tmp_path):
    result = run("get", "-o", target / "x", url(port, "medium"), cwd=tmp_path)
    assert result.status == 0, result
    assert (target / "x").read_bytes() == tree.pattern(3_000_000) and names_in(tmp_path) == ["target"]


@pytest.mark.parametrize("name", ["ten.txt", "medium"])
def test_output_to_stdout(run, port, files, target, name):
    result = run("get", "-o", "-", url(port, name), cwd=target)
    assert result.status == 0 and result.out == (files / name).read_bytes(), result.err
    assert names_in(target) == []


@pytest.mark.parametrize("option", ["-d", "--dir"])
def test_directory(run, port, target, tmp_path, option):
    result = run("get", option, target, url(port, "dir/a.txt"), cwd=tmp_path)
    assert result.status == 0, result
    assert names_in(target) == ["a.txt"] and names_in(tmp_path) == ["target"]


def test_nothing_on_stdout_but_results(run, port, target):
    """A file saved is no result to print; a pipe's reader of -o - gets bytes only."""
    result = run("get", url(port, "ten.txt"), cwd=target)
    assert tree.TEN not in result.out and b"\x1b" not in result.out + result.err_bytes and b"\r" not in result.err_bytes


@pytest.mark.parametrize("name", ["missing", "empty", "dir/missing"])
def test_nothing_received_is_status_5_and_no_file(run, port, target, name):
    result = run("get", url(port, name), cwd=target)
    assert result.status == 5 and result.out == b"", result
    assert name.rpartition("/")[2] in result.err
    assert names_in(target) == []


def test_nothing_received_leaves_an_old_target_alone(run, port, target):
    (target / "missing").write_bytes(b"old")
    before = os.stat(target / "missing")
    assert run("get", url(port, "missing"), cwd=target).status == 5
    after = os.stat(target / "missing")
    assert (after.st_ino, after.st_mtime_ns, names_in(target)) == (before.st_ino, before.st_mtime_ns, ["missing"])


def test_several_urls(run, port, target):
    """The status is the first failure's; the others still run."""
    closed = raw.free_port()
    result = run("get", *harness.one_try(), url(port, "ten.txt"), url(port, "missing"), url(closed, "x"), url(port, "dir/a.txt"),
                 cwd=target)
    assert result.status == 5, result
    assert names_in(target) == ["a.txt", "ten.txt"]
    result = run("get", *harness.one_try(), url(closed, "x"), url(port, "missing"), url(port, "one"), cwd=target)
    assert result.status == 3, result
    assert names_in(target) == ["a.txt", "one", "ten.txt"]


def test_existing_target_is_replaced(run, port, target):
    (target / "ten.txt").write_bytes(b"old and longer than the new one")
    assert run("get", url(port, "ten.txt"), cwd=target).status == 0
    assert (target / "ten.txt").read_bytes() == tree.TEN and names_in(target) == ["ten.txt"]


def test_no_clobber(run, port, target):
    (target / "ten.txt").write_bytes(b"old")
    before = os.stat(target / "ten.txt")
    result = run("get", "--no-clobber", url(port, "ten.txt"), cwd=target)
    assert result.status == 8 and "ten.txt" in result.err, result
    assert (target / "ten.txt").read_bytes() == b"old" and os.stat(target / "ten.txt").st_ino == before.st_ino
    assert names_in(target) == ["ten.txt"]
    assert run("get", "--no-clobber", url(port, "one"), cwd=target).status == 0


def test_quiet(run, port, target):
    result = run("get", "-q", url(port, "ten.txt"), cwd=target)
    assert result.status == 0 and result.err == "" and result.out == b"", result


def test_saved_file_has_ordinary_permissions(run, port, target):
    run("get", url(port, "ten.txt"), cwd=target, preexec_fn=lambda: os.umask(0o027))
    assert os.stat(target / "ten.txt").st_mode & 0o777 == 0o640


def test_over_ipv6(serve, run, files, target):
    with serve("-b", "::1", files) as server:
        result = run("get", url(server.port, "ten.txt", "::1"), cwd=target)
    assert result.status == 0, result
    assert (target / "ten.txt").read_bytes() == tree.TEN


def test_host_by_name(run, port, target):
    assert run("get", f"tcp://localhost:{port}/ten.txt", cwd=target).status == 0
    assert (target / "ten.txt").read_bytes() == tree.TEN


def test_default_port_is_7890(serve, run, files, target):
    if raw.listening_on(7890):
        pytest.skip("somebody else listens on port 7890 here")
    with serve(files, port=7890):
        assert run("get", "tcp://127.0.0.1/ten.txt", cwd=target).status == 0
    assert (target / "ten.txt").read_bytes() == tree.TEN


# --- what goes over the wire

class Recorder:
    """A script for a ScriptedServer: notes the whole request, sends the same content to everybody."""

    def __init__(self, content=b"content"):
        self.names, self.content = [], content

    def __call__(self, sock):
        self.names.append(raw.read_end(sock)[0])
        sock.sendall(self.content)


@pytest.mark.parametrize("name", ["ten.txt", "文件.txt", "dir/a.txt", "a%20b", "with space", "ö/ß", "x" * 255, "q?x=1#frag"])
def test_exactly_the_name_is_sent_and_the_write_side_shut(run, target, name):
    recorder = Recorder()
    with raw.ScriptedServer(recorder) as server:
        result = run("get", url(server.port, name), "-o", "saved", cwd=target)
    assert result.status == 0, result
    assert recorder.names == [name.encode()]
    assert (target / "saved").read_bytes() == b"content"


def test_any_byte_can_be_asked_for(run, target):
    name = bytes(range(1, 256)).replace(b"/", b"")
    recorder = Recorder()
    with raw.ScriptedServer(recorder) as server:
        result = run("get", f"tcp://127.0.0.1:{server.port}/{urllib.parse.quote(name)}", "-o", "saved", cwd=target)
    assert result.status == 0 and recorder.names == [name], result


def test_answer_in_small_pieces(run, target):
    content = tree.pattern(5000)

    def script(sock):
        raw.read_end(sock)
        for start in range(0, 5000, 7):
            sock.sendall(content[start:start + 7])

    with raw.ScriptedServer(script) as server:
        assert run("get", url(server.port, "file"), cwd=target).status == 0
    assert (target / "file").read_bytes() == content


@pytest.mark.parametrize("content", [b"H", b"HTTP", b"HTTP/", b"HTTP/2", b"HTTP is a protocol", b"HTTQ/1.1 200", b"\x15", b"\x15\x04",
                                     b"\x16\x03\x01", b"\x03\x15", b"\0"], ids=ascii)
def test_files_that_only_nearly_look_like_another_protocol_are_saved(run, target, content):
    with raw.ScriptedServer(Recorder(content)) as server:
        result = run("get", url(server.port, "file"), cwd=target)
    assert result.status == 0, result
    assert (target / "file").read_bytes() == content


# --- names stay in the folder

HOSTILE_PATHS = ["a/../../evil", "../evil", "..%2f..%2fevil", "%2e%2e/%2e%2e/evil", "dir/%2e%2e%2f%2e%2e%2fevil", "/etc/evil",
                 "%2fevil", "..%5c..%5cevil", ".evil", "..evil", "dir/.evil", "%2e%2e%2e", "ev%0ail", "ev%1b%5b31mil", "ev%7fil", "ev%00il",
                 "%0a", "ev%c2%9bil", "evil%2f", "~", "evil/.", "evil/.."]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
@pytest.mark.parametrize("folder_option", [False, True], ids=["cwd", "--dir"])
def test_no_name_leaves_the_folder(run, tmp_path, path, folder_option):
    inner = tmp_path / "one" / "two" / "target"
    inner.mkdir(parents=True)
    with raw.ScriptedServer(Recorder()) as server:
        words = ["-d", inner] if folder_option else []
        result = run("get", f"tcp://127.0.0.1:{server.port}/{path}", *words, cwd=tmp_path if folder_option else inner)
    assert result.status in (0, 2, 8), result
    assert names_in(tmp_path) == ["one"] and names_in(tmp_path / "one") == ["two"] and names_in(tmp_path / "one/two") == ["target"]
    saved = os.listdir(os.fsencode(inner))
    assert len(saved) == (1 if result.status == 0 else 0), (saved, result)
    for name in saved:
        assert not name.startswith(b".") and not re.search(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]", name), name
        assert (inner / os.fsdecode(name)).is_file() and not (inner / os.fsdecode(name)).is_symlink()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.err), ascii(result.err)


@pytest.mark.parametrize("bad", ["tcp://127.0.0.1:{port}", "tcp://127.0.0.1:{port}/", "tcp://127.0.0.1:{port}/..", "tcp://127.0.0.1:0/x",
                                 "tcp://127.0.0.1:65536/x", "tcp://127.0.0.1:abc/x", "tcp:///x", "tcp://[::1/x", "gopher://127.0.0.1/x",
                                 "tcp://127.0.0.1:-1/x", "tcp://１２７.0.0.1:{port}/x", ""])
def test_bad_url(run, target, bad):
    with raw.ScriptedServer(Recorder()) as server:
        result = run("get", bad.format(port=server.port), cwd=target)
        assert result.status == 2 and result.out == b"" and result.err.strip(), result
        assert server.accepted == 0
    assert names_in(target) == []


@pytest.mark.parametrize("words", [["--no-such-option"], ["-o"], ["--connect-timeout", "soon"], ["--timeout", "-3s"], ["-d"]], ids=" ".join)
def test_wrong_usage(run, target, words):
    with raw.ScriptedServer(Recorder()) as server:
        result = run("get", url(server.port, "x"), *words, cwd=target)
        assert result.status == 2 and server.accepted == 0, result
    assert names_in(target) == []


@pytest.mark.parametrize("link", ["dangling", "to a file", "to another folder"])
def test_a_link_at_the_target_is_not_followed(run, target, tmp_path, link):
    """The name gives way to the new file, or the run is refused; what the link points to stays as it was."""
    victim = tmp_path / "victim"
    if link == "to a file":
        victim.write_bytes(b"old")
    elif link == "to another folder":
        victim.mkdir()
    (target / "file").symlink_to(victim)
    with raw.ScriptedServer(Recorder()) as server:
        result = run("get", url(server.port, "file"), cwd=target)
    assert result.status in (0, 8), result
    if link == "to a file":
        assert victim.read_bytes() == b"old"
    elif link == "to another folder":
        assert names_in(victim) == []
    else:
        assert not victim.exists()
    if result.status == 0:
        assert not (target / "file").is_symlink() and (target / "file").read_bytes() == b"content"


# --- the form without a scheme

def test_fallback_to_the_bare_form(run, files, target):
    with peers.Background(peers.serve_files, folder=files) as server:
        result = run("get", f"127.0.0.1:{server.port}/medium", cwd=target)
    assert result.status == 0, result
    assert names_in(target) == ["medium"] and (target / "medium").read_bytes() == tree.pattern(3_000_000)
    assert re.search(r"(?i)length", result.err), "no note that the length cannot be checked"
    requested = [line for line in server.shown if line.startswith("对方请求下载的文件名为:")]
    assert requested[0].startswith("对方请求下载的文件名为:GET /medium HTTP/1.1") and requested[1:] == ["对方请求下载的文件名为:medium"]


def test_fallback_when_there_is_no_such_file(run, files, target):
    with peers.Background(peers.serve_files, folder=files) as server:
        result = run("get", f"127.0.0.1:{server.port}/missing", cwd=target)
    assert result.status == 5 and names_in(target) == [], result


def test_no_fallback_after_a_reset(run, target):
    """Only a clean end without a byte is taken for a bare-name server's."""
    requests = []

    def script(sock):
        requests.append(sock.recv(65536))
        raw.reset(sock)

    with raw.ScriptedServer(script) as server:
        result = run("get", *harness.one_try(), f"127.0.0.1:{server.port}/file", cwd=target)
    assert result.status == 9 and names_in(target) == [], result
    assert requests and all(request.startswith(b"GET ") for request in requests)


def test_no_fallback_when_something_was_answered(run, target):
    requests = []

    def script(sock):
        requests.append(sock.recv(65536))
        sock.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with raw.ScriptedServer(script) as server:
        result = run("get", *harness.one_try(), f"127.0.0.1:{server.port}/file", cwd=target)
    assert result.status in (6, 9) and names_in(target) == [], result
    assert all(request.startswith(b"GET ") for request in requests)


def test_no_fallback_when_refused(run, target):
    port = raw.free_port()
    assert run("get", *harness.one_try(), f"127.0.0.1:{port}/file", cwd=target).status == 3


# --- the prompted form

def test_prompted_form_on_a_terminal_in_chinese(on_terminal, port, target):
    terminal = on_terminal("get", env=harness.CHINESE, cwd=target)
    terminal.expect("请输入服务器ip:")
    terminal.send("127.0.0.1\n")
    terminal.expect("请输入服务器port:")
    terminal.send(f"{port}\n")
    terminal.expect("请输入要下载的文件名：")
    terminal.send("文件.txt\n")
    assert terminal.wait() == 0 and terminal.restored, terminal.text
    assert names_in(target) == ["[接收]文件.txt"]
    assert (target / "[接收]文件.txt").read_bytes() == b"named in Chinese"


def test_prompted_form_on_a_terminal_in_english(on_terminal, port, target):
    terminal = on_terminal("get", cwd=target)
    terminal.expect("(?i)ip")
    terminal.send("127.0.0.1\n")
    terminal.expect("(?i)port")
    terminal.send(f"{port}\n")
    terminal.expect("(?i)name")
    terminal.send("ten.txt\n")
    assert terminal.wait() == 0, terminal.text
    assert "请输入" not in terminal.text and (target / "[接收]ten.txt").read_bytes() == tree.TEN


@pytest.mark.parametrize("name", ["medium", "dir/a.txt", "with space", "文件.txt"])
@pytest.mark.parametrize("language", [harness.ENGLISH, harness.CHINESE, {"LC_ALL": "C"}], ids=["en", "zh", "C"])
def test_prompted_form_on_a_pipe(run, port, files, target, name, language):
    """No prompts, the whole file (not 1,024 bytes of it), the tutorial's name for it."""
    result = run("get", stdin=f"127.0.0.1\n{port}\n{name}\n".encode(), cwd=target, env=language)
    assert result.status == 0, result
    assert "请输入".encode() not in result.out and b"\x1b" not in result.out
    assert names_in(target) == ["[接收]" + name.rpartition("/")[2]]
    assert (target / names_in(target)[0]).read_bytes() == (files / name).read_bytes()


def test_prompted_form_takes_crlf_and_a_last_line_without_end(run, port, target):
    assert run("get", stdin=f"127.0.0.1\r\n{port}\r\nten.txt".encode(), cwd=target).status == 0
    assert (target / "[接收]ten.txt").read_bytes() == tree.TEN


def test_prompted_form_sends_the_name_as_it_was_typed(run, target):
    """Unlike in a URL, nothing is percent-decoded."""
    recorder = Recorder()
    with raw.ScriptedServer(recorder) as server:
        assert run("get", stdin=f"127.0.0.1\n{server.port}\na%20b\n".encode(), cwd=target).status == 0
    assert recorder.names == [b"a%20b"] and names_in(target) == ["[接收]a%20b"]


def test_prompted_form_makes_no_file_when_nothing_came(run, port, target):
    result = run("get", stdin=f"127.0.0.1\n{port}\nmissing\n".encode(), cwd=target)
    assert result.status == 5 and names_in(target) == [], result


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil", "..", "dir/"])
def test_prompted_form_stays_in_the_folder(run, target, tmp_path, name):
    with raw.ScriptedServer(Recorder()) as server:
        result = run("get", stdin=f"127.0.0.1\n{server.port}\n{name}\n".encode(), cwd=target)
    assert result.status in (0, 2, 8), result
    assert names_in(tmp_path) == ["target"] and not os.path.exists("/tmp/[接收]evil")
    assert set(names_in(target)) <= {"[接收]evil", "[接收]dir"}, names_in(target)
    assert (result.status == 0) == bool(names_in(target))


@pytest.mark.parametrize("typed", [b"", b"127.0.0.1\n", b"127.0.0.1\n7890\n"], ids=["ip", "port", "name"])
def test_end_of_input_at_a_prompt(run, target, typed):
    result = run("get", stdin=typed, cwd=target)
    assert result.status == 2 and result.err.strip() and names_in(target) == [], result


@pytest.mark.parametrize("typed", ["127.0.0\n{port}\nx\n", "127.0.0.1\n0\nx\n", "127.0.0.1\n65536\nx\n", "127.0.0.1\nabc\nx\n",
                                   "127.0.0.1\n{port}\n\n", "\n{port}\nx\n"])
def test_bad_answers_on_a_pipe(run, target, typed):
    with raw.ScriptedServer(Recorder()) as server:
        result = run("get", stdin=typed.format(port=server.port).encode(), cwd=target)
    assert result.status == 2 and result.err.strip() and names_in(target) == [], result


# --- two runs at once

def test_two_downloads_of_different_files_at_once(run, port, target):
    results = harness.in_parallel(lambda name: run("get", url(port, name), cwd=target), ["ten.txt", "medium", "one", "1025"])
    assert [result.status for result in results] == [0, 0, 0, 0]
    assert (target / "medium").read_bytes() == tree.pattern(3_000_000)


def test_same_file_many_times_at_once(run, port, target):
    """Whoever wins: at least one succeeds, the others say so (8), and the file is whole."""
    results = harness.in_parallel(lambda _: run("get", url(port, "medium"), cwd=target), range(8))
    statuses = [result.status for result in results]
    assert 0 in statuses and set(statuses) <= {0, 8}, results
    assert (target / "medium").read_bytes() == tree.pattern(3_000_000) and names_in(target) == ["medium"]


def test_second_run_on_the_same_target_is_refused(run, start, target):
    go_on = threading.Event()
    first_half = tree.pattern(1_000_000)

    def script(sock):
        raw.read_end(sock)
        sock.sendall(first_half)
        assert go_on.wait(harness.PATIENCE)
        sock.sendall(b"second half")

    with raw.ScriptedServer(script) as server:
        first = start("get", url(server.port, "file"), cwd=target)
        harness.wait_until(lambda: (target / "file.part").exists() and server.accepted == 1, "the first run writes file.part")
        second = run("get", url(server.port, "file"), cwd=target)
        assert second.status == 8 and "file" in second.err, second
        go_on.set()
        assert first.wait() == 0
    assert (target / "file").read_bytes() == first_half + b"second half" and names_in(target) == ["file"]


@pytest.mark.full
def test_memory_stays_bounded(start, target, sampan):
    """1 GiB through the bare protocol, measured while the connection is still open."""
    piece = tree.pattern(1 << 20)
    measured = []

    def script(sock):
        raw.read_end(sock)
        for _ in range(1024):
            sock.sendall(piece)
        raw.wait_delivered(sock)
        measured.append(harness.highest_memory(process.pid))

    with raw.ScriptedServer(script) as server:
        process = start("get", url(server.port, "gigabyte"), cwd=target)
        assert process.wait(120) == 0
    assert os.stat(target / "gigabyte").st_size == 1 << 30
    with open(target / "gigabyte", "rb") as file:
        while part := file.read(1 << 20):
            assert part == piece
    os.unlink(target / "gigabyte")
    if not harness.is_sanitized(sampan):
        assert measured[0] < 32
