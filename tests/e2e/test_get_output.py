"""`sampan get`: what it shows on a terminal, on a pipe and as JSON; several files; lists of URLs and of digests."""
import fcntl
import hashlib
import json
import os
import pathlib
import re
import signal
import struct
import termios
import threading
import unicodedata

import harness
import pytest
import raw
import rig
import tree

PIECE = tree.pattern(64 << 10)


def names_in(folder):
    return sorted(os.listdir(folder))


class Site:
    """A script for a ScriptedServer: gives each path what `pages` has for it, bytes or a function of the socket and the request."""

    def __init__(self, pages):
        self.pages, self.requests = pages, []

    def __call__(self, sock):
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            piece = sock.recv(65536)
            if not piece:
                return
            request += piece
        self.requests.append(request)
        page = self.pages.get(request.split(b" ")[1].decode(), None)
        if page is None:
            sock.sendall(head("404 Not Found", "Content-Length: 0"))
        elif isinstance(page, bytes):
            sock.sendall(head("200 OK", f"Content-Length: {len(page)}") + page)
        else:
            page(sock, request)


def head(status, *fields):
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *fields, "Connection: close", "")).encode()


def slowly(pieces=20, go_on=None):
    """A page that comes in pieces, 100 ms apart, and stops in the middle until `go_on` is set."""
    pause = threading.Event()

    def page(sock, _):
        sock.sendall(head("200 OK", f"Content-Length: {len(PIECE) * pieces}"))
        for i in range(pieces):
            sock.sendall(PIECE)
            if go_on and i == pieces // 2:
                go_on.wait(harness.PATIENCE)
            pause.wait(0.1)
    return page


def in_turn(*answers):
    """A page that is another one each time."""
    left = list(answers)

    def page(sock, request):
        answer = left.pop(0)
        if callable(answer):
            answer(sock, request)
        else:
            sock.sendall(answer)
    return page


def cut(content, size):
    """An answer that ends too early; what comes next is asked for by a range and given."""
    def page(sock, request):
        tag = 'ETag: "one"'
        asked = re.search(rb"Range: bytes=(\d+)-(\d*)", request)
        if not asked:
            return sock.sendall(head("200 OK", tag, f"Content-Length: {len(content)}") + content[:size])
        first, last = int(asked.group(1)), int(asked.group(2) or len(content) - 1)
        sock.sendall(head("206 Partial Content", tag, f"Content-Range: bytes {first}-{last}/{len(content)}",
                          f"Content-Length: {last + 1 - first}") + content[first:last + 1])
    return page


def at(server, path=""):
    return f"http://127.0.0.1:{server.port}/{path}"


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def screen(data, columns):
    """The lines that a terminal without end downwards shows after these bytes: \\r, \\n, `CSI n A`, `CSI K`, `CSI J`. Nothing may wrap."""
    lines, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[\d*[A-Z]|\r|\n|[^\x1b\r\n]+", data.decode("utf-8")):
        if token == "\r":
            column = 0
        elif token == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif token.startswith("\x1b["):
            kind, number = token[-1], int(token[2:-1] or 1)
            assert kind in "AKJ", token
            if kind == "A":
                row -= number
                assert row >= 0, "above the first line"
            else:
                lines[row] = lines[row][:column]
                if kind == "J":
                    del lines[row + 1:]
        else:
            assert column + width(token) < columns, f"would wrap: {token!r}"
            lines[row] = lines[row][:column] + token
            column += width(token)
    return [line.rstrip() for line in lines]


def shots(data, columns):
    """The screens after each drawing of bars."""
    ends = [found.end() for found in re.finditer(rb"\x1b\[J", data)]
    return [screen(data[:end], columns) for end in ends]


# --- a terminal

@pytest.mark.parametrize("columns", [20, 60, 150])
def test_bar_fits_the_terminal_and_goes(on_terminal, target, columns):
    with raw.ScriptedServer(Site({"/a%20file%20with%20a%20long%20name.iso": slowly()})) as server:
        terminal = on_terminal("get", at(server, "a%20file%20with%20a%20long%20name.iso"), cwd=target, columns=columns)
        assert terminal.wait() == 0, terminal.text
    seen = shots(terminal.data[:terminal.data.rfind(b"\x1b[J")], columns)
    assert all(len(shot) == 1 and shot[0].startswith("a file") for shot in seen if shot != [""]), seen
    assert re.search(r"\d%", seen[-1][0]) and ("[#" in seen[-1][0]) == (columns == 150), seen[-1]
    last = re.sub(r"\x1b\[.", "", terminal.text.rpartition("\r\x1b[J")[2])
    assert re.fullmatch(r"a file with a long name.iso: 1310720 bytes in \d+\.\d s, .*B/s\r\n", last), terminal.text


def test_bar_in_chinese(on_terminal, target):
    with raw.ScriptedServer(Site({"/%E6%96%87%E4%BB%B6": slowly()})) as server:
        terminal = on_terminal("get", at(server, "文件"), cwd=target, columns=70, env=harness.CHINESE)
        assert terminal.wait() == 0, terminal.text
    assert any(shot[0].startswith("文件") and "剩余" in shot[0] for shot in shots(terminal.data[:-200], 70)), terminal.text
    assert re.search(r"文件:1310720 字节,用时", terminal.text), terminal.text


def test_next_drawing_fits_a_resized_terminal(on_terminal, target):
    go_on = threading.Event()
    with raw.ScriptedServer(Site({"/file": slowly(go_on=go_on)})) as server:
        terminal = on_terminal("get", at(server, "file"), cwd=target, columns=100)
        terminal.expect(r"5\d%")
        fcntl.ioctl(terminal.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 25, 0, 0))
        resized = len(terminal.data)
        go_on.set()
        assert terminal.wait() == 0, terminal.text
    assert len(shots(terminal.data[:resized], 100)) > 2
    later = terminal.data[resized:].decode().split("\r")
    bars = [re.sub(r"\x1b\[\d*[A-Z]", "", text) for text in later if "%" in text]
    assert len(bars) > 2 and all(width(bar) < 25 for bar in bars[1:]), bars


def test_several_files_have_a_line_each(on_terminal, target):
    go_on = threading.Event()
    with raw.ScriptedServer(Site({f"/file{i}": slowly(go_on=go_on) for i in range(3)})) as server:
        terminal = on_terminal("get", *(at(server, f"file{i}") for i in range(3)), cwd=target, columns=80)
        harness.wait_until(lambda: re.search(rb"file0.*5\d%.*\n.*file1.*5\d%.*\n.*file2.*5\d%", terminal.data),
                           "three lines half-way")
        go_on.set()
        assert terminal.wait() == 0, terminal.text
    seen = shots(terminal.data, 200)
    assert any([line.split()[0] for line in shot[-3:]] == ["file0", "file1", "file2"] for shot in seen if len(shot) == 3), seen
    final = screen(terminal.data, 200)
    assert sorted(line.split(":")[0] for line in final[:3]) == ["file0", "file1", "file2"], final
    assert re.match(r"3 files, 3\.8 MiB in [\d.]+ s$", final[3]) and final[4:] == [""], final


def test_more_files_than_lines(on_terminal, target):
    go_on = threading.Event()
    with raw.ScriptedServer(Site({f"/file{i}": slowly(go_on=go_on) for i in range(6)})) as server:
        terminal = on_terminal("get", "-j6", *(at(server, f"file{i}") for i in range(6)), cwd=target, rows=4)
        terminal.expect("and 4 more")
        go_on.set()
        assert terminal.wait() == 0, terminal.text


def test_waiting_to_try_again_is_told(on_terminal, target):
    busy = head("503 Busy \x1b[31m", "Content-Length: 0", "Retry-After: 1")
    page = in_turn(busy, lambda sock, _: sock.sendall(head("200 OK", "Content-Length: 4") + b"text"))
    with raw.ScriptedServer(Site({"/file": page})) as server:
        terminal = on_terminal("get", at(server, "file"), cwd=target, columns=150)
        assert terminal.wait() == 0, terminal.text
    assert re.search(r"retrying in [12] s: .*503 Busy \\x1b", terminal.text), terminal.text
    assert "\x1b[31m" not in terminal.text and "trying again" not in terminal.text, terminal.text


# --- a pipe

def test_lines_of_a_pipe(run, target):
    """Retries are told there, since no bar does."""
    page = in_turn(head("503 Busy", "Content-Length: 0"), lambda sock, _: sock.sendall(head("200 OK", "Content-Length: 4") + b"text"))
    with raw.ScriptedServer(Site({"/file": page})) as server:
        result = run("get", at(server, "file"), cwd=target)
    assert result.status == 0 and result.out == b"" and b"\r" not in result.err_bytes and b"\x1b" not in result.err_bytes
    assert re.fullmatch(r"get file: .*503 Busy.*; trying again in \d\.\d s\nfile: 4 bytes in .*\n", result.err), result


def test_verbose_tells_of_redirects(run, target):
    page = in_turn(head("302 Found", "Location: /b?x=\u202e", "Content-Length: 0"))
    with raw.ScriptedServer(Site({"/a": page, "/b?x=%E2%80%AE": b"text"})) as server:
        result = run("get", "-v", at(server, "a"), cwd=target)
        assert result.status == 0, result
        assert f"a: redirected to {at(server, 'b')}?x=%E2%80%AE\na: 4 bytes" in result.err, result


def test_quiet_still_tells_errors(run, target):
    with raw.ScriptedServer(Site({"/a": b"text"})) as server:
        result = run("get", "-q", at(server, "a"), at(server, "b"), cwd=target)
    assert result.status == 5 and re.fullmatch(r"sampan: get b: .*404 Not Found.*\n", result.err), result


def test_netrc_that_others_may_read_is_passed_over(run, target, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password geheim\n")
    os.chmod(tmp_path / ".netrc", 0o644)
    site = Site({"/a": b"text"})
    with raw.ScriptedServer(site) as server:
        words = ["get", "--netrc-plain", at(server, "a")]
        result = run(*words, "-v", cwd=target, env={"HOME": str(tmp_path)})
        assert result.status == 0 and "~/.netrc: not used: " in result.err and "geheim" not in result.err, result
        assert "netrc" not in run(*words, cwd=target, env={"HOME": str(tmp_path)}).err
        os.chmod(tmp_path / ".netrc", 0o600)
        assert "netrc" not in run(*words, "-v", cwd=target, env={"HOME": str(tmp_path)}).err
    assert [b"Authorization: Basic" in request for request in site.requests] == [False, False, True]


# --- failures

@pytest.mark.parametrize("name", ["file", "a b'c", "文件", "x$(touch evil)", "bi\u202edi", "-rf"])
def test_the_command_that_goes_on(run, sampan, target, tmp_path, name):
    """The second line of a failure, pasted into a shell, completes the file."""
    content = tree.pattern(300_000)
    site = Site({})
    with raw.ScriptedServer(site) as server:
        site.pages["/" + "".join(f"%{b:02X}" for b in name.encode())] = cut(content, 100_000)
        url = at(server, "".join(f"%{b:02X}" for b in name.encode()))
        result = run("get", "--retries", "0", "-d", "new folder", "--no-mtime", url, cwd=target)
        assert result.status == 9, result
        cause, kept = result.err.splitlines()
        assert re.fullmatch(r"sampan: kept: .*, 100000 of 300000 bytes; go on with: sampan get (.*)", kept), kept
        (tmp_path / "sampan").symlink_to(pathlib.Path(sampan).resolve())
        command = kept.partition("go on with: ")[2]
        again = harness.run(["bash", "-c", command], cwd=target,
                            env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert again.status == 0 and "(97.7 KiB were there)" in again.err, again
    saved = name.replace("\u202e", "_")
    assert names_in(target) == ["new folder"] and names_in(target / "new folder") == [saved]
    assert (target / "new folder" / saved).read_bytes() == content


@pytest.mark.parametrize("words", [["http://me:geheim@{}/file"], ["-u", "me:geheim", "http://{}/file"],
                                   ["-H", "Authorization: Bearer geheim", "http://{}/file"]], ids=["URL", "-u", "-H"])
def test_no_password_is_shown(run, target, words):
    with raw.ScriptedServer(Site({"/file": cut(b"x" * 1000, 10)})) as server:
        words = [word.format(f"127.0.0.1:{server.port}") for word in words]
        result = run("get", "-v", "--retries", "0", *words, cwd=target)
        assert result.status == 9 and "go on with" in result.err and "geheim" not in result.err, result
        assert "'…'" in result.err, "nothing says that something has to be put in"
        told = run("get", "--json", "--retries", "0", *words, cwd=target)
        assert b"geheim" not in told.out and "geheim" not in told.err, told


def test_no_advice_where_the_same_would_happen_again(run, target):
    with raw.ScriptedServer(Site({"/file": b"content"})) as server:
        result = run("get", "--sha256", "0" * 64, at(server, "file"), cwd=target)
    assert result.status == 7 and "kept: file.bad, 7 of 7 bytes\n" in result.err and "go on" not in result.err, result


# --- JSON

def events(result):
    lines = result.out.decode("ascii").splitlines()
    return [json.loads(line) for line in lines]


def test_json_of_a_download(run, target):
    content = PIECE * 20
    digest = hashlib.sha256(content).hexdigest()
    with raw.ScriptedServer(Site({"/file": slowly()})) as server:
        result = run("get", "--json", "--sha256", digest, at(server, "file"), cwd=target)
        about = {"url": at(server, "file"), "file": "file"}
    assert result.status == 0 and result.err == "", result
    first, *moves, verified, done = events(result)
    assert first == {"event": "start", **about, "size": len(content), "resumed": 0}
    assert verified == {"event": "verified", **about, "algorithm": "sha-256"}
    assert 2 <= len(moves) <= 5 * done["seconds"] + 2, moves
    for move in moves:
        assert move.keys() == {"event", "url", "file", "bytes", "size", "speed", "connections"} and move["event"] == "progress"
    assert [move["bytes"] for move in moves] == sorted(move["bytes"] for move in moves) and max(move["speed"] for move in moves) > 0
    assert 1 < done.pop("seconds") < 100
    assert done == {"event": "done", **about, "bytes": len(content), "length_known": True, "verified": True, "sha256": digest}


def test_json_of_a_failure_and_of_going_on(run, target):
    content = tree.pattern(300_000)
    with raw.ScriptedServer(Site({"/file": cut(content, 100_000)})) as server:
        result = run("get", "--json", "--retries", "0", at(server, "file"), cwd=target, env=harness.CHINESE)
        about = {"url": at(server, "file"), "file": "file"}
        failure = events(result)[-1]
        assert result.status == 9 and re.match("get file: |receive from ", failure.pop("message")), result
        assert failure == {"event": "error", **about, "status": 9, "code": "cut_short", "kept": "file.part", "kept_bytes": 100_000,
                           "size": 300_000}
        result = run("get", "--json", at(server, "file"), cwd=target)
    first, *_, done = events(result)
    assert first == {"event": "start", **about, "size": 300_000, "resumed": 100_000} and done["event"] == "done", result
    assert (target / "file").read_bytes() == content


def test_json_of_retries_redirects_and_bad_urls(run, target):
    page = in_turn(head("503 \x1b\"\\", "Content-Length: 0"), head("302 Found", "Location: /b", "Content-Length: 0"))
    with raw.ScriptedServer(Site({"/a": page, "/b": b"text"})) as server:
        result = run("get", "--json", "-j1", "gopher://x/y", at(server, "a"), cwd=target)
        assert result.status == 2, result
        bad, retry, moved, start, done = (event for event in events(result) if event["event"] != "progress")
        assert (bad["event"], bad["status"], bad["code"]) == ("error", 2, "bad_url") and "gopher" in bad["url"]
        assert (retry["event"], retry["code"]) == ("retry", "refused_by_peer") and "503" in retry["error"] and retry["seconds"] >= 0
        assert moved == {"event": "moved", "url": at(server, "a"), "file": "a", "to": at(server, "b")}
        assert (start["event"], done["event"]) == ("start", "done") and "sha256" not in done


def test_json_lines_are_there_at_once(start, target):
    go_on = threading.Event()
    with raw.ScriptedServer(Site({"/file": slowly(go_on=go_on)})) as server:
        process = start("get", "--json", at(server, "file"), cwd=target)
        harness.wait_until(lambda: b'"event":"progress"' in process.stdout.data, "progress")
        go_on.set()
        assert process.wait() == 0


def test_json_whose_reader_has_gone(run, target):
    reader, writer = os.pipe()
    os.close(reader)
    with raw.ScriptedServer(Site({"/file": b"text"})) as server:
        result = run("get", "--json", at(server, "file"), cwd=target, stdout=writer)
    os.close(writer)
    assert result.status == 0 and (target / "file").read_bytes() == b"text", result


def test_interrupt_while_nobody_reads_the_json(sampan, target):
    """A full pipe holds the download up, but does not keep the command from ending."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 512)
    except BlockingIOError:
        pass
    os.set_blocking(writer, True)
    with raw.ScriptedServer(Site({"/file": slowly()})) as server, \
            harness.Process([sampan, "get", "--json", at(server, "file")], cwd=target, stdout=writer) as process:
        harness.wait_until(lambda: server.accepted > 0, "a connection")
        process.signal(signal.SIGINT)
        assert process.wait() == 130
    os.close(reader)
    os.close(writer)


def test_json_and_bytes_do_not_go_to_one_stdout(run, target):
    assert run("get", "--json", "-o", "-", "http://127.0.0.1/x", cwd=target).status == 2


# --- several files

def test_list_of_urls(run, target):
    with raw.ScriptedServer(Site({f"/{i}": str(i).encode() for i in range(5)})) as server:
        (target / "list").write_text(f"# files\r\n{at(server, '1')}\r\n\r\n   \n{at(server, '2')}   \n{at(server, '3')}")
        result = run("get", "-i", "list", at(server, "0"), cwd=target)
        assert result.status == 0 and "4 files, 4 B in " in result.err, result
        assert names_in(target) == ["0", "1", "2", "3", "list"] and (target / "3").read_bytes() == b"3"
        result = run("get", "-i", "-", cwd=target, stdin=f"{at(server, '4')}\n".encode())
        assert result.status == 0 and "files" not in result.err and (target / "4").read_bytes() == b"4", result


@pytest.mark.parametrize("text, words", [("http://127.0.0.1/a\n  out=x\n", "list:2"), ("\n\tdir=/x\n", "list:2"),
                                         ("\n\n" + "x" * 20_000 + "\n", "list:3"), ("# nothing\n\n", "list"), ("", "list")])
def test_bad_lists(run, target, text, words):
    (target / "list").write_text(text)
    result = run("get", "-i", "list", cwd=target)
    assert result.status == 2 and words in result.err and len(result.err) < 300, result


def test_list_that_is_not_there(run, target):
    result = run("get", "-i", "missing", cwd=target)
    assert result.status == 1 and "missing" in result.err, result


@pytest.mark.parametrize("words", [["--sha256", "0" * 64], ["-o", "x"], ["--mirror", "http://127.0.0.1/c"], ["-j", "0"], ["-j", "65"],
                                   ["-n", "17"], ["--sha256", "12"], ["--limit-rate", "fast"], ["-A", "a\r\nX: y"], ["-H", "Authorization geheim"]], ids=" ".join)
def test_wrong_usage_of_several(run, target, words):
    with raw.ScriptedServer(Site({})) as server:
        result = run("get", *words, at(server, "a"), at(server, "b"), cwd=target)
        assert result.status == 2 and result.err.count("\n") == 1 and server.accepted == 0, result
    assert names_in(target) == [] and "geheim" not in result.err


@pytest.mark.parametrize("jobs, together", [([], 4), (["-j", "2"], 2), (["--jobs", "1"], 1)], ids=str)
def test_so_many_at_once(run, target, jobs, together):
    """Each answer waits until as many are asked for; never are there more."""
    lock, barrier, now, most = threading.Lock(), threading.Barrier(together), [0], [0]

    def page(sock, _):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        barrier.wait(harness.PATIENCE)
        with lock:
            now[0] -= 1
        sock.sendall(head("200 OK", "Content-Length: 4") + b"text")

    with raw.ScriptedServer(Site({f"/{i}": page for i in range(4)})) as server:
        result = run("get", *jobs, *(at(server, str(i)) for i in range(4)), cwd=target)
    assert result.status == 0 and names_in(target) == ["0", "1", "2", "3"] and most[0] == together, result


def test_same_names_go_by_the_order_of_the_urls(run, target):
    """However long each takes; and a second run does the same again."""
    others = threading.Event()

    def first(sock, _):
        others.wait(harness.PATIENCE)
        sock.sendall(head("200 OK", "Content-Length: 5") + b"first")

    def last(sock, _):
        sock.sendall(head("200 OK", "Content-Length: 4") + b"last")
        others.set()

    site = Site({"/a/file": first, "/b/file": b"second", "/file.1": b"called so", "/c/file": last})
    with raw.ScriptedServer(site) as server:
        for _ in range(2):
            others.clear()
            result = run("get", *(at(server, path) for path in ("a/file", "b/file", "file.1", "c/file")), cwd=target)
            assert result.status == 0, result
            assert {name: (target / name).read_bytes() for name in names_in(target)} == {
                "file": b"first", "file.1": b"second", "file.1.1": b"called so", "file.2": b"last"}


def test_same_names_from_the_server(run, target):
    def page(content):
        return lambda sock, _: sock.sendall(
            head("200 OK", f"Content-Length: {len(content)}", "Content-Disposition: attachment; filename=named") + content)

    with raw.ScriptedServer(Site({f"/?{i}": page(str(i).encode()) for i in range(4)})) as server:
        assert run("get", *(at(server, f"?{i}") for i in range(4)), cwd=target).status == 0
    assert names_in(target) == ["named", "named.1", "named.2", "named.3"]
    assert sorted((target / name).read_bytes() for name in names_in(target)) == [b"0", b"1", b"2", b"3"]


def test_status_is_the_first_failures_in_order(run, target):
    later = threading.Event()

    def refused(sock, _):
        later.wait(harness.PATIENCE)
        sock.sendall(head("403 Forbidden", "Content-Length: 0"))

    def missing(sock, _):
        sock.sendall(head("404 Not Found", "Content-Length: 0"))
        later.set()

    with raw.ScriptedServer(Site({"/good": b"text", "/refused": refused, "/missing": missing})) as server:
        result = run("get", *(at(server, path) for path in ("good", "refused", "missing")), cwd=target)
    assert result.status == 6 and names_in(target) == ["good"], result
    assert re.search(r"^1 file, 4 B in [\d.]+ s; 2 failed$", result.err, re.MULTILINE), result


def test_several_to_stdout_are_in_order(run, target):
    with raw.ScriptedServer(Site({f"/{i}": bytes([65 + i]) * 100_000 for i in range(4)})) as server:
        result = run("get", "-q", "-o", "-", *(at(server, str(i)) for i in range(4)), cwd=target)
    assert result.status == 0 and result.out == b"".join(bytes([65 + i]) * 100_000 for i in range(4)) and names_in(target) == []


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupt_ends_all(start, target, number, status):
    go_on = threading.Event()
    with raw.ScriptedServer(Site({f"/{i}": slowly(go_on=go_on) for i in range(9)})) as server:
        process = start("get", "-j2", *(at(server, str(i)) for i in range(9)), cwd=target)
        harness.wait_until(lambda: all((target / f"{i}.part").exists() and (target / f"{i}.part").stat().st_size > len(PIECE)
                                       for i in range(2)), "two that have begun")
        process.signal(number)
        assert process.wait() == status
        go_on.set()
        assert server.accepted == 2
    assert names_in(target) == ["0.part", "0.part.sampan", "1.part", "1.part.sampan"]
    assert process.stderr.text.count("go on with: ") == 2 and "0 files, 0 B in " in process.stderr.text


@pytest.mark.full
def test_long_list_costs_little_memory(serve, target, sampan, tmp_path):
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "file").write_bytes(b"text")
    highest = []
    with serve(tmp_path / "served") as server:
        for number in (10, 10_000):
            (tmp_path / "list").write_text(f"http://127.0.0.1:{server.port}/file\n" * number)
            folder = target / str(number)
            reader, writer = os.pipe()
            with os.fdopen(reader) as told:
                result = harness.run([harness.PYTHON, "-ISc", rig.MEASURED, writer, sampan, "get", "-q", "--no-fsync", "-d", folder,
                                      "-i", tmp_path / "list"], cwd=target, timeout=200, pass_fds=[writer])
                os.close(writer)
                highest.append(int(told.read()))
            assert result.status == 0 and len(names_in(folder)) == number, result
    assert harness.is_sanitized(sampan) or highest[1] - highest[0] < 6 * 1024, highest


# --- digests

def sums(**files):
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()).encode()


@pytest.mark.parametrize("where", ["file", "URL"])
def test_checksums(run, target, where):
    listed = sums(a=b"text", b=b"other than it is")
    with raw.ScriptedServer(Site({"/x/a": b"text", "/b": b"text", "/c": b"text", "/SUMS": listed})) as server:
        (target / "sums").write_bytes(listed)
        words = ["--checksums", "sums" if where == "file" else at(server, "SUMS")]
        result = run("get", *words, at(server, "x/a"), at(server, "b"), at(server, "c"), cwd=target)
        assert result.status == 7 and names_in(target) == ["a", "b.bad", "sums"], result
        assert re.search(r"a: 4 bytes.* \(sha-256 is right\)\n", result.err) and "get c: nothing proves" in result.err, result
        result = run("get", *words, at(server, "c"), "-o", "d", cwd=target)
        assert result.status == 7 and "not listed" in result.err and "d" not in names_in(target), result


def test_checksums_that_contradict_each_other(run, target):
    (target / "sums").write_bytes(sums(a=b"text") + sums(a=b"other"))
    with raw.ScriptedServer(Site({"/a": b"text"})) as server:
        result = run("get", "--checksums", "sums", at(server, "a"), cwd=target)
        assert result.status == 2 and "sums" in result.err and server.accepted == 0, result


@pytest.mark.parametrize("where", ["file", "URL", "URL without a length"])
def test_checksums_are_bounded(run, target, where):
    large = b"# nothing\n" * 500_000
    pages = {"/URL": large, "/URL%20without%20a%20length": lambda sock, _: sock.sendall(head("200 OK") + large)}
    (target / "sums").write_bytes(large)
    with raw.ScriptedServer(Site(pages)) as server:
        words = ["--checksums", "sums" if where == "file" else at(server, where)]
        result = run("get", "--retries", "0", *words, at(server, "a"), cwd=target)
    assert result.status == 2 and "4194304" in result.err and names_in(target) == ["sums"], result


def test_checksums_that_are_not_there(run, target):
    with raw.ScriptedServer(Site({"/a": b"text"})) as server:
        assert run("get", "--checksums", at(server, "SUMS"), at(server, "a"), cwd=target).status == 5
        assert run("get", "--checksums", "missing", at(server, "a"), cwd=target).status == 1
    assert names_in(target) == []


# --- help

def test_help_in_both_languages(run):
    """Every option is there, and each one's help is in Chinese there."""
    english, chinese = run("get", "--help").out.decode(), run("get", "--help", env=harness.CHINESE).out.decode()
    for option in ("-o -d -i -n -j -u -H -A -4 -6 -q -v -h --output --dir --input-file --connections --jobs --mirror --sha256 --checksums "
                   "--no-clobber --no-restart --strict --trust-overlap --retries --connect-timeout --timeout --speed-limit "
                   "--speed-time --limit-rate --user --header --user-agent --ipv4 --ipv6 --cacert --proxy --netrc-plain --no-mtime "
                   "--xattr --no-fsync --json --quiet --verbose").split():
        assert re.search(rf"(?m)^ .*{option}\b", english) and re.search(rf"(?m)^ .*{option}\b", chinese), option
    assert all(re.search("[\u4e00-\u9fff]", line) for line in chinese.splitlines() if line.startswith("  ")), chinese
