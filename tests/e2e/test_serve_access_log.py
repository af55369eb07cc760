"""`sampan serve`: the access log in a file, in each of its forms, and its rotation."""
import json
import os
import re
import signal
import stat

import harness
import pytest
import raw
import tree

NASTY = [b"%0a", b"\x1b[31m", b"\"quoted\"", b"back\\slash", b"\xff\xfe", b"\xe2\x80\xae", b"\xc2\x9b", "文".encode()]
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

COMBINED = re.compile(r'^(\S+) - - \[(\d\d/[A-Z][a-z][a-z]/\d{4}(?::\d\d){3} [+-]\d{4})\] "([^"]*)" ([1-5]\d\d) (\d+) "([^"]*)" "([^"]*)"$')


class LogFile:
    """A log that is being written."""

    def __init__(self, path):
        self.path = path

    @property
    def lines(self):
        data = self.path.read_bytes() if self.path.exists() else b""
        return data.decode("utf-8").split("\n")[:-1]  # fails for what is no UTF-8

    def wait(self, number):
        """Waits for that many lines and returns them; a line comes at most 0.1 s after its request."""
        harness.wait_until(lambda: len(self.lines) >= number, f"{number} lines in {self.path}: {self.lines}")
        return self.lines


@pytest.fixture
def log(tmp_path):
    return LogFile(tmp_path / "access.log")


@pytest.fixture
def logging(serve, root, log):
    """logging(format): a server that logs into `log`; one worker, so that the lines come in the order of the clients."""
    return lambda form, *words, **options: serve("--workers", 1, "--access-log", log.path, "--log-format", form, *words, root, **options)


def request(server, target=b"/ten.txt", *lines, method=b"GET"):
    head = b"\r\n".join([method + b" " + target + b" HTTP/1.1", b"Host: x", b"Connection: close", *lines])
    return raw.exchange(server.port, head + b"\r\n\r\n")[0]


# --- text

def test_text_line_of_http(logging, log):
    with logging("text") as server:
        request(server, b"/ten.txt?x", b"Range: bytes=0-4")
        request(server, b"/missing%0a", method=b"HEAD")
        raw.exchange(server.port, b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n")
        lines = log.wait(3)
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} 127\.0\.0\.1:\d+"
    assert re.fullmatch(time + r" GET /ten\.txt\?x 206 5 bytes \d+\.\d{3} s", lines[0]), lines
    assert re.fullmatch(time + r" HEAD /missing%0a 404 0 bytes \d+\.\d{3} s", lines[1]), lines
    assert re.fullmatch(time + r" GET /a b.* 400 \d+ bytes \d+\.\d{3} s \(.+\)", lines[2]), lines
    assert server.stderr.text == ""


def test_text_line_of_http_in_chinese(logging, log):
    with logging("text", env=harness.CHINESE) as server:
        request(server)
        assert re.search(r" GET /ten\.txt 200 10 字节 \d+\.\d{3} 秒$", log.wait(1)[0])


def test_text_is_the_default_and_goes_to_stderr(serve, root):
    with serve(root) as server:
        request(server)
        server.stderr.wait_line(r"GET /ten\.txt 200 10 bytes \d+\.\d{3} s$")


# --- combined

def test_combined(logging, log):
    with logging("combined") as server:
        request(server, b"/ten.txt", b"Referer: http://r/", b'User-Agent: an "agent" \\ \xff')
        request(server, b"/missing")
        raw.ask(server.port, "with space.txt")
        raw.ask(server.port, "missing")
        raw.exchange(server.port, b"GARBAGE \"\x1b\r\n\r\n")
        rows = [COMBINED.match(line).groups() for line in log.wait(5)]
    assert {row[0] for row in rows} == {"127.0.0.1"}
    assert [row[2:] for row in rows[:1]] == [("GET /ten.txt HTTP/1.1", "200", "10", "http://r/", r"an \x22agent\x22 \x5C \xFF")]
    assert rows[1][2:4] == ("GET /missing HTTP/1.1", "404")
    assert rows[2][2:4] == ("GET /with%20space.txt BARE", "200")
    assert rows[3][2:] == ("GET /missing BARE", "404", "0", "-", "-")
    assert r"\x1B" in rows[4][2] or "%1B" in rows[4][2]


def test_combined_time_is_local_and_english(logging, log):
    with logging("combined", env={**harness.CHINESE, "TZ": "IST-5:30"}) as server:
        request(server)
        found = re.search(r"\[\d\d/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/[0-9:]+ \+0530\]", log.wait(1)[0])
        assert found, log.lines


def test_combined_of_an_ipv6_client(logging, log):
    with logging("combined", bind="::1") as server:
        raw.ask(server.port, "ten.txt", host="::1")
        assert log.wait(1)[0].startswith("::1 - - [")


# --- json

def test_json(logging, log):
    with logging("json") as server:
        request(server, b"/ten.txt", b"User-Agent: an agent", b"Range: bytes=0-4")
        raw.ask(server.port, "ten.txt")
        raw.ask(server.port, "missing")
        raw.exchange(server.port, b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n")
        records = [json.loads(line) for line in log.wait(4)]
    # A bare name's line comes when its client has closed, and so perhaps after the next client's.
    bare, missing = (next(record for record in records if record.get("name") == name) for name in ("ten.txt", "missing"))
    http, refused = (next(record for record in records if record.get("status") == status) for status in (206, 400))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", http.pop("time"))
    assert re.fullmatch(r"127\.0\.0\.1:\d+", http.pop("peer"))
    assert 0 <= http.pop("seconds") < harness.PATIENCE
    assert http == {"protocol": "http", "method": "GET", "target": "/ten.txt", "version": "1.1", "status": 206, "bytes": 5,
                    "outcome": "sent", "user_agent": "an agent"}
    assert sorted(bare) == ["bytes", "name", "outcome", "peer", "protocol", "seconds", "time"]
    assert (bare["protocol"], bare["name"], bare["bytes"], bare["outcome"]) == ("bare", "ten.txt", 10, "sent")
    assert (missing["bytes"], missing["outcome"]) == (0, "no-such-file")
    assert refused["status"] == 400 and refused["problem"]


def test_json_outcomes_are_the_same_in_chinese(logging, log):
    with logging("json", env=harness.CHINESE) as server:
        raw.ask(server.port, "missing")
        assert json.loads(log.wait(1)[0])["outcome"] == "no-such-file"


# --- every form

@pytest.mark.parametrize("form", ["text", "combined", "json"])
def test_nothing_hostile_reaches_the_log_raw(logging, log, form):
    with logging(form) as server:
        for nasty in NASTY:
            request(server, b"/" + nasty)
            request(server, b"/ten.txt", b"User-Agent: " + nasty, b"Referer: " + nasty)
            raw.exchange(server.port, nasty)
        lines = log.wait(3 * len(NASTY))
    assert len(lines) == 3 * len(NASTY)
    assert not HIDDEN.search("".join(lines)), ascii(lines)
    if form == "json":
        assert all(isinstance(json.loads(line), dict) for line in lines)
    if form == "combined":
        assert [line for line in lines if not COMBINED.match(line)] == []


def test_json_texts_read_back(logging, log):
    """A text is escaped as in the text form; after that is undone, it is what was sent."""
    with logging("json") as server:
        for nasty in NASTY:
            raw.exchange(server.port, nasty)
        names = [json.loads(line)["name"] for line in log.wait(len(NASTY))]
    # A line comes when its client has closed, and so perhaps after the next client's.
    assert set(names) == {"%0a", r"\x1b[31m", '"quoted"', r"back\\slash", r"\xff\xfe", r"\u{202e}", r"\u{9b}", "文"}


# --- where to

def test_off_is_silent(serve, root, log):
    with serve("--access-log", "off", root, cwd=log.path.parent) as server:
        for _ in range(5):
            request(server)
            raw.ask(server.port, "missing")
    assert server.stderr.text == "" and os.listdir(log.path.parent) == []


def test_all_is_written_at_the_end(logging, log):
    with logging("text") as server:
        for _ in range(50):
            raw.ask(server.port, "ten.txt")
    assert len(log.lines) == 50


def test_file_is_appended_to_and_not_for_everybody(logging, log):
    with logging("text", preexec_fn=lambda: os.umask(0)) as server:
        raw.ask(server.port, "ten.txt")
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o640
    with logging("text") as server:
        raw.ask(server.port, "empty")
    assert ["ten.txt" in line for line in log.lines] == [True, False]


@pytest.mark.parametrize("name", ["missing/access.log", ".", ""])
def test_log_that_cannot_be_opened(run, root, tmp_path, name):
    result = run("serve", "-b", "127.0.0.1", "-p", 0, "--access-log", name, root, cwd=tmp_path)
    assert result.status == 8 and result.out == b"" and name in result.err and result.err.count("\n") == 1, result


def test_standard_output_as_a_file(serve, root):
    with serve("--access-log", "/dev/stdout", "--log-format", "json", root) as server:
        raw.ask(server.port, "ten.txt")
        server.stdout.wait_line('"name":"ten.txt"')


def test_full_disk_is_told_once_and_serving_goes_on(serve, root):
    with serve("--access-log", "/dev/full", root) as server:
        assert raw.ask(server.port, "ten.txt") == tree.TEN
        server.stderr.wait_line("/dev/full.*No space left on device")
        for _ in range(3):
            assert raw.ask(server.port, "ten.txt") == tree.TEN
    assert server.stderr.text.count("/dev/full") == 1


# --- rotation

def test_hangup_reopens_the_file(logging, log):
    old = LogFile(log.path.with_suffix(".1"))
    with logging("text") as server:
        raw.ask(server.port, "ten.txt")
        log.wait(1)
        log.path.rename(old.path)
        raw.ask(server.port, "empty")
        old.wait(2)
        server.signal(signal.SIGHUP)
        harness.wait_until(log.path.exists, "the new file")
        raw.ask(server.port, "missing")
        assert "missing" in log.wait(1)[0]
        assert len(old.lines) == 2 and len(log.lines) == 1
        assert server.running


def test_hangup_that_cannot_reopen_keeps_the_old_file(logging, log):
    old = LogFile(log.path.with_suffix(".1"))
    with logging("text") as server:
        log.path.rename(old.path)
        log.path.mkdir()
        server.signal(signal.SIGHUP)
        server.stderr.wait_line(re.escape(str(log.path)))
        raw.ask(server.port, "ten.txt")
        assert "ten.txt" in old.wait(1)[0]


def test_hangup_while_stopping_does_not_cut_transfers(serve, log, target):
    with open(target / "big", "wb") as big:
        big.truncate(64 << 20)
    with serve("--access-log", log.path, target) as server, raw.connect(server.port, receive_buffer=4096) as client:
        client.sendall(b"big\n")
        raw.wait_unread(client, 1)
        server.signal(signal.SIGTERM)
        harness.wait_until(lambda: not raw.listening_on(server.port), "no further clients")
        log.path.rename(log.path.with_suffix(".1"))
        server.signal(signal.SIGHUP)
        harness.wait_until(log.path.exists, "the new file")
        assert server.running
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
        assert "big" in log.lines[0]


def test_hangup_without_a_file_ends_the_program(serve, root):
    # Who runs the tests may have told them to ignore hang-ups (nohup), and that is inherited.
    with serve(root, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)) as server:
        server.signal(signal.SIGHUP)
        assert server.wait() == -signal.SIGHUP
