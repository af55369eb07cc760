"""`sampan serve`: one log line per request, in both languages, with nothing of the client's raw in it."""
import re

import harness
import pytest
import raw
import tree

FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


@pytest.fixture(scope="module")
def english(serve, root):
    with serve(root, env=harness.ENGLISH) as running:
        yield running


@pytest.fixture(scope="module")
def chinese(serve, root):
    with serve(root, env=harness.CHINESE) as running:
        yield running


def log_of(server, name, ending=raw.HALF_CLOSE):
    """Asks for the name and returns (the log line for it, the client's port)."""
    mark = server.stderr.position
    with raw.connect(server.port) as client:
        client.sendall(name)
        raw.finish(client, ending)
        raw.read_end(client)
        port = raw.local_port(client)
    return server.stderr.wait_line(rf"127\.0\.0\.1:{port}\b", start=mark), port


def test_line_has_time_peer_name_bytes_and_seconds(english):
    line, port = log_of(english, b"noext")
    assert re.search(r"\b\d\d:\d\d:\d\d", line), line
    assert f"127.0.0.1:{port}" in line and "noext" in line
    rest = line.replace(f"127.0.0.1:{port}", "")
    assert re.search(r"\b5003\b", rest), line
    assert re.search(r"\b\d+\.\d+ ?m?s\b", rest), line


def test_one_line_per_request(english):
    mark = len(english.stderr.lines)
    for number in range(20):
        log_of(english, b"ten.txt" if number % 2 else b"missing")
    assert len(english.stderr.lines) == mark + 20, english.stderr.lines[mark:]


def test_outcomes_differ(english):
    """Sent, missing and empty can be told apart by the log, though two of them look alike on the wire."""
    lines = [harness.numbers_away(log_of(english, name)[0].replace(name.decode(), "NAME"))
             for name in (b"ten.txt", b"missing", b"empty")]
    assert len(set(lines)) == 3, lines


def test_refused_names_are_logged_as_missing(english):
    """An outsider does not learn from the answer, the owner sees the name in the log."""
    for name in (b"../secret", b"out", b".hidden", b"fifo", b"dir"):
        assert name.decode() in log_of(english, name)[0]


def test_chinese_wording(chinese):
    assert "对方请求下载的文件名为:ten.txt" in log_of(chinese, b"ten.txt")[0]
    mark = chinese.stderr.position
    log_of(chinese, b"missing")
    chinese.stderr.wait_for("对方请求下载的文件名为:missing", start=mark)
    chinese.stderr.wait_for("没有下载的文件:missing", start=mark)


def test_chinese_by_lang_alone(serve, root):
    with serve(root, env=harness.CHINESE_BY_LANG) as server:
        assert "对方请求下载的文件名为:ten.txt" in log_of(server, b"ten.txt")[0]


@pytest.mark.parametrize("value, is_chinese", [("zh_CN.UTF-8", True), ("zh_TW.UTF-8", True), ("zh", True), ("C.UTF-8", False),
                                               ("C", False), ("de_DE.UTF-8", False)])
def test_language_follows_the_variable(serve, root, value, is_chinese):
    with serve(root, env={"LC_ALL": value, "LANG": "zh_CN.UTF-8"}) as server:
        assert ("对方请求下载的文件名为:ten.txt" in log_of(server, b"ten.txt")[0]) == is_chinese


def test_chinese_by_lc_messages(serve, root):
    with serve(root, env={"LC_ALL": None, "LC_MESSAGES": "zh_CN.UTF-8", "LANG": "C.UTF-8"}) as server:
        assert "对方请求下载的文件名为:ten.txt" in log_of(server, b"ten.txt")[0]


def test_missing_and_empty_differ_in_chinese_too(chinese):
    mark = chinese.stderr.position
    log_of(chinese, b"empty")
    log_of(chinese, b"ten.txt")
    assert "没有下载的文件" not in chinese.stderr.text[mark:]


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_readable_names_stay_readable(request, language):
    line, _ = log_of(request.getfixturevalue(language), "文件.txt".encode())
    assert "文件.txt" in line


HOSTILE = [b"esc\x1b[31m", b"new\nline", b"tab\tx", b"cr\rx", b"c1\xc2\x9bx", b"del\x7f", b"bell\x07", b"nul\0x",
           "bidi\u202etxt".encode(), "zero\u200bwidth".encode(), "line\u2028end".encode(), "isolate\u2066x".encode(),
           "mark\ufeffx".encode(), b"\xff\xfe.bin", b"\x9b31m", b"a" * 4000]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:20]))
@pytest.mark.parametrize("language", ["english", "chinese"])
def test_nothing_hostile_reaches_the_log_raw(request, language, name):
    server = request.getfixturevalue(language)
    mark = len(server.stderr.data)
    log_of(server, name)
    written = server.stderr.data[mark:]
    text = written.decode("utf-8")  # fails when bytes that are no UTF-8 went through
    assert not FORBIDDEN.search(text), ascii(text)
    assert text.count("\n") <= (2 if language == "chinese" else 1)


def test_two_names_never_look_the_same(english):
    """Escaping is not lossy: a name with an escape sequence in plain letters differs from the real one."""
    real, _ = log_of(english, b"esc\x1b[31m")
    for faked in (rb"esc\x1b[31m", rb"esc\x1B[31m", rb"esc\e[31m", rb"esc\033[31m"):
        line, _ = log_of(english, faked)
        assert harness.numbers_away(line.split("esc", 1)[1]) != harness.numbers_away(real.split("esc", 1)[1])


def test_the_log_keeps_no_content(english):
    log_of(english, b"ten.txt")
    assert tree.TEN.decode() not in english.stderr.text


def test_closed_stderr_does_not_end_the_server(serve, root):
    """A log that nobody reads any more is no reason to stop serving."""
    with serve(root) as server:
        server.popen.stderr.close()
        for _ in range(5):
            assert raw.ask(server.port, "ten.txt") == tree.TEN
