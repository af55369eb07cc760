"""`sampan serve` over HTTP: the log, options and their file, fields of every answer, the end, and what is given back."""
import contextlib
import json
import re
import signal

import harness
import pytest
import raw
import tree
import web

BIG = 64 << 20

#: Nothing of this may reach a log: one line stays one line on every terminal.
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

HOSTILE = [b"/%0a", b"/%0d%0a200%20OK", b"/%1b[31mred", b"/\"quoted\"", b"/%22", b"/%c2%9b31m", "/bidi\u202etxt".encode(),
           b"/%e2%80%ae",
           b"/\xff\xfe", b"/%00", b"/a\\b", b"/?%0a\x1b", b"/?\xe2\x80\xa8", b"/\x01\x02", b"/a b", b"/" + b"x" * 6000]


def small(folder):
    """A folder with ten.txt and a hidden file."""
    (folder / "ten.txt").write_bytes(tree.TEN)
    (folder / ".hidden").write_bytes(b"hidden")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small(tmp_path_factory.mktemp("manners"))


def log_line(server, target, *lines, method="GET"):
    """Sends a request on a connection of its own; returns the answer and the log line that names the target."""
    mark = server.stderr.position
    answer = web.get(server.port, target, *lines, method=method)
    return answer, server.stderr.wait_line(re.escape(target), start=mark)


# --- the log

def test_text_log(serve, folder):
    with serve("--log-format", "text", folder) as server:
        for target, status in (("/ten.txt", "200"), ("/missing", "404")):
            answer, line = log_line(server, target, "User-Agent: tester/1.0")
            assert "127.0.0.1" in line and target in line and re.search(rf"\b{status}\b", line), line
            assert re.search(rf"\b{len(answer.body)}\b", line) and "GET" in line


def test_every_request_of_a_connection_has_its_line(serve, folder):
    with serve(folder) as server:
        with web.Connection(server.port) as connection:
            for number in range(20):
                connection.ask(f"/ten.txt?{number}")
            for number in range(20):
                server.stderr.wait_line(rf"/ten\.txt\?{number}\b")
        web.get(server.port, "/ten.txt?last")
        server.stderr.wait_line("last")
        assert sum("/ten.txt" in line for line in server.stderr.lines) == 21


def test_requests_that_are_none_are_logged(serve, folder):
    with serve(folder) as server:
        mark = server.stderr.position
        web.last_answer(server.port, b"GET /ten.txt HTTP/9.9\r\n\r\n")
        server.stderr.wait_line(r"\b(505|400)\b", start=mark)


COMBINED = re.compile(r'127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-) '
                      r'"((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"\Z')


def test_combined_log(serve, folder):
    with serve("--log-format", "combined", folder) as server:
        for target, lines, status, size in [("/ten.txt?x=1", ["User-Agent: tester/1.0", "Referer: http://here/"], "200", "10"),
                                            ("/ten.txt?y", ["Range: bytes=0-3"], "206", "4")]:
            _, line = log_line(server, target, *lines)
            found = COMBINED.match(line)
            assert found, line
            assert found.groups()[:3] == (f"GET {target} HTTP/1.1", status, size)
            if len(lines) == 2:
                assert found.groups()[3:] == ("http://here/", "tester/1.0")
            else:
                assert found.groups()[3:] == ("-", "-")


def test_json_log(serve, folder):
    with serve("--log-format", "json", folder) as server:
        _, line = log_line(server, "/ten.txt", "User-Agent: tester \"x\"")
        record = json.loads(line)
        values = [str(value) for value in record.values()]
        assert any("/ten.txt" in value for value in values) and "200" in values and "10" in values, record


@pytest.mark.parametrize("log_format", ["text", "combined", "json"])
def test_nothing_hostile_reaches_the_log_raw(serve, folder, log_format):
    with serve("--log-format", log_format, folder) as server:
        for number, target in enumerate(HOSTILE):
            mark = len(server.stderr.data)
            with web.Connection(server.port) as connection:
                connection.send(web.request(target, b"User-Agent: \"ua\"\xff\xe2\x80\xae\\", b"Referer: \"\xc2\x9b31m",
                                            "Connection: close"))
                connection.rest()
            web.get(server.port, f"/mark-{number}-")
            server.stderr.wait_line(f"/mark-{number}-")
            text = server.stderr.data[mark:].decode("utf-8")  # fails when bytes that are no UTF-8 went through
            assert not FORBIDDEN.search(text), ascii(text)
            lines = text.splitlines()
            assert len(lines) == 2, (target, lines)
            for line in lines:
                if log_format == "json":
                    json.loads(line)
                elif log_format == "combined":
                    assert COMBINED.match(line), line


def test_log_file(serve, folder, tmp_path):
    path = tmp_path / "access.log"
    path.write_text("before\n")
    with serve("--access-log", path, folder) as server:
        web.get(server.port, "/ten.txt?in-the-file")
        harness.wait_until(lambda: "in-the-file" in path.read_text(), "the line is in the file")
        assert "in-the-file" not in server.stderr.text and path.read_text().startswith("before\n")


def test_log_to_standard_error(serve, folder):
    with serve("--access-log", "-", folder) as server:
        log_line(server, "/ten.txt")


def test_no_log(serve, folder):
    with serve("--access-log", "off", folder) as server:
        for _ in range(10):
            web.get(server.port, "/ten.txt?x")
        assert raw.ask(server.port, "ten.txt") == tree.TEN
        assert server.stop() == 0
        assert "ten.txt" not in server.stderr.text


def test_log_file_that_cannot_be_written(run, folder, tmp_path):
    result = run("serve", "-p", 0, "-b", "127.0.0.1", "--access-log", tmp_path / "not-there" / "log", folder)
    assert result.status != 0 and result.out == b"" and "not-there" in result.err, result


# --- fields of every answer

def test_header_option(serve, folder):
    with serve("--header", "X-One: 1", "--header", "Cache-Control: no-store, max-age=0", "--header", "X-Empty:", folder) as server:
        for target, lines in (("/ten.txt", []), ("/", []), ("/missing", []), ("/ten.txt", ["Range: bytes=0-0"]),
                              ("/ten.txt", ["If-None-Match: *"]), ("/ten.txt", ["Range: bytes=50-"])):
            answer = web.get(server.port, target, *lines)
            assert answer["x-one"] == "1" and "no-store" in answer["cache-control"], answer
            assert answer["x-empty"] == ""
        assert web.head(server.port, "/ten.txt")["x-one"] == "1"


@pytest.mark.parametrize("value", ["X: a\r\nB: c", "X: a\nB: c", "X: a\rB", "X: a\x01", "X: \x7f", "no colon", ": v", "", "X y: z",
                                   "X : v", " X: v", "X(: v", "é: v"], ids=ascii)
def test_header_option_that_is_none(run, folder, value):
    result = run("serve", "-p", 0, "-b", "127.0.0.1", "--header", value, folder)
    assert result.status == 2 and result.out == b"" and "header" in result.err, result
    assert not FORBIDDEN.search(result.err)


@pytest.mark.parametrize("field", ["Content-Length: 5", "Transfer-Encoding: chunked", "Connection: upgrade"])
def test_header_option_cannot_break_the_framing(serve, run, folder, field):
    """Refused at start, or without effect on it."""
    if run("serve", "-b", "192.0.2.1", "-p", 0, "--header", field, folder).status == 2:
        return  # and not 3, for the address that is not ours
    with serve("--header", field, folder) as server, web.Connection(server.port) as connection:
        for _ in range(2):
            assert connection.ask("/ten.txt").body == tree.TEN


def test_cors(serve, folder):
    origin = "Origin: https://example.org"
    with serve("--cors", folder) as server:
        for target in ("/ten.txt", "/", "/missing"):
            assert web.get(server.port, target, origin)["access-control-allow-origin"] == "*"
        answer = web.get(server.port, "/ten.txt", origin, "Access-Control-Request-Method: GET",
                         "Access-Control-Request-Headers: range",
                         method="OPTIONS")
        assert answer.status == 204 and answer["access-control-allow-origin"] == "*"
        assert "range" in answer["access-control-allow-headers"].lower() or answer["access-control-allow-headers"] == "*"
        assert "access-control-allow-credentials" not in answer
    with serve(folder) as server:
        assert "access-control-allow-origin" not in web.get(server.port, "/ten.txt", origin)


def test_healthz(serve, folder):
    with serve("--healthz", folder) as server:
        answer = web.get(server.port, "/healthz")
        assert answer.status == 200 and answer.body.strip() == b"ok"
        assert web.head(server.port, "/healthz").status == 200
        assert web.get(server.port, "/ten.txt").body == tree.TEN
    with serve(folder) as server:
        assert web.get(server.port, "/healthz").status == 404


def test_cache_ttl(serve, tmp_path):
    """Within the time an answer may be old; after it, it is not."""
    path = small(tmp_path) / "ten.txt"
    with serve("--cache-ttl", "200ms", tmp_path) as server, web.Connection(server.port) as connection:
        for _ in range(10):
            assert connection.ask("/ten.txt").body == tree.TEN
        path.write_bytes(b"new content")
        harness.wait_until(lambda: connection.ask("/ten.txt").body == b"new content", "the new content is served")


# --- the file of options

def test_config_file(serve, folder, tmp_path):
    config = tmp_path / "sampan.toml"
    config.write_text('# options\nhidden = true\nheader = ["X-One: 1", "X-Two: 2"]\nmax-connections = 100\n'
                      'idle-timeout = "5s"\nhealthz = true\n')
    with serve("--config", config, folder) as server:
        answer = web.get(server.port, "/.hidden")
        assert answer.body == b"hidden" and (answer["x-one"], answer["x-two"]) == ("1", "2")
        assert web.get(server.port, "/healthz").status == 200


def test_config_file_says_where_to_listen(serve, folder, tmp_path):
    config = tmp_path / "sampan.toml"
    port = raw.free_port()
    config.write_text(f'port = {port}\nbind = ["127.0.0.1", "127.0.0.2"]\n')
    with serve("--config", config, folder, bind=None, port=None, addresses=2) as server:
        assert server.addresses == [("127.0.0.1", port), ("127.0.0.2", port)]


def test_command_line_wins_over_the_config_file(serve, folder, tmp_path):
    config = tmp_path / "sampan.toml"
    config.write_text(f'port = {raw.free_port()}\nlog-format = "json"\n')
    with serve("--config", config, "--log-format", "combined", folder) as server:
        _, line = log_line(server, "/ten.txt")
        assert COMBINED.match(line) and f"port = {server.port}" not in config.read_text()


@pytest.mark.parametrize("text, key", [("no-such-key = 1\n", "no-such-key"), ('port = "many"\n', "port"),
                                       ("backlog = 0\n", "backlog"), ("hidden = 5\n", "hidden"),
                                       ('idle-timeout = "soon"\n', "idle-timeout"), ('header = ["no colon"]\n', "header"),
                                       ('log-format = "xml"\n', "log-format"), ('etag = "md5"\n', "etag")],
                                       ids=lambda value: value[:20])
def test_bad_config_file(run, folder, tmp_path, text, key):
    config = tmp_path / "sampan.toml"
    config.write_text("healthz = true\n" + text)
    result = run("serve", "-p", 0, "-b", "127.0.0.1", "--config", config, folder)
    assert result.status == 2 and result.out == b"", result
    assert str(config) in result.err and key in result.err, result


@pytest.mark.parametrize("text", ["port = \n", "port 80\n", 'header = ["x\n', "\x00\n"], ids=ascii)
def test_config_file_that_is_none(run, folder, tmp_path, text):
    config = tmp_path / "sampan.toml"
    config.write_text(text)
    result = run("serve", "-p", 0, "-b", "127.0.0.1", "--config", config, folder)
    assert result.status == 2 and result.out == b"" and str(config) in result.err, result
    result = run("serve", "-p", 0, "-b", "127.0.0.1", "--config", tmp_path / "not-there.toml", folder)
    assert result.status == 2 and "not-there.toml" in result.err, result


@pytest.mark.parametrize("words", [["--etag", "md5"], ["--log-format", "xml"], ["--cache-ttl", "soon"], ["--idle-timeout", "-1s"],
                                   ["--body-timeout", "x"]],
                         ids=" ".join)
def test_bad_option(run, folder, words):
    result = run("serve", "-p", 0, "-b", "127.0.0.1", *words, folder)
    assert result.status == 2 and result.out == b"" and words[0].lstrip("-") in result.err, result


def test_help_names_the_options(run):
    text = run("help", "serve").out.decode()
    wanted = ["--no-index", "--no-symlinks", "--etag", "--cache-ttl", "--header", "--cors", "--config", "--access-log",
              "--log-format", "--healthz", "--idle-timeout", "--body-timeout"]
    assert [option for option in wanted if option not in text] == []


# --- addresses

def test_every_printed_address_answers(serve, folder):
    with serve("-b", "127.0.0.1", "-b", "::1", "-b", "127.0.0.2", folder) as server:
        assert len(server.addresses) == 3
        for host, port in server.addresses:
            with web.Connection(port, host=host) as connection:
                assert connection.ask("/ten.txt", host=f"[{host}]:{port}" if ":" in host else f"{host}:{port}").body == tree.TEN


def test_both_families_by_default(serve, folder):
    with serve(folder, bind=None, addresses=0) as server:
        for host in ("127.0.0.1", "::1"):
            with web.Connection(server.port_of(host), host=host) as connection:
                assert connection.ask("/ten.txt").body == tree.TEN


def test_port_in_use(serve, run, folder):
    with serve(folder) as server:
        result = run("serve", "-b", "127.0.0.1", "-p", server.port, folder)
        assert result.status == 3 and str(server.port) in result.err, result
        assert web.get(server.port, "/ten.txt").body == tree.TEN


def test_caps_count_http_clients(serve, folder):
    with serve("--max-connections", 2, "--idle-timeout", "120s", folder) as server, contextlib.ExitStack() as stack:
        kept = [stack.enter_context(web.Connection(server.port)) for _ in range(2)]
        for connection in kept:
            assert connection.ask("/ten.txt").body == tree.TEN
        with web.Connection(server.port) as refused:
            with contextlib.suppress(ConnectionError):
                refused.send(web.request("/ten.txt"))
            data, _ = refused.rest()
            assert tree.TEN not in data
        kept.pop().sock.close()

        def served():
            try:
                return web.get(server.port, "/ten.txt").body == tree.TEN
            except (AssertionError, ConnectionError):
                return False
        harness.wait_until(served, "a place is free again")


# --- the end

@pytest.fixture(scope="module")
def big_folder(tmp_path_factory):
    folder = small(tmp_path_factory.mktemp("big"))
    (folder / "big").write_bytes(tree.pattern(1 << 20) * (BIG >> 20))
    return folder


@contextlib.contextmanager
def downloading(port):
    """A client in the middle of a big answer."""
    with web.Connection(port, receive_buffer=4096) as connection:
        connection.send(web.request("/big"))
        assert connection.head().status == 200
        yield connection


def test_download_is_finished_after_sigterm(serve, big_folder):
    with serve(big_folder) as server, downloading(server.port) as connection:
        server.signal(signal.SIGTERM)
        harness.wait_until(lambda: raw.refuses(server.port), "new clients are refused")
        assert server.running
        assert connection.exactly(BIG) == tree.pattern(1 << 20) * (BIG >> 20)
        connection.assert_end()
        assert server.wait() == 0


def test_second_signal_ends_at_once(serve, big_folder):
    with serve("--grace", "120s", big_folder) as server, downloading(server.port) as connection:
        server.signal(signal.SIGTERM)
        harness.wait_until(lambda: raw.refuses(server.port), "new clients are refused")
        server.signal(signal.SIGTERM)
        assert server.wait() == 0
        data, end = connection.rest()
        assert end == raw.RESET and len(data) < BIG


def test_grace_time_is_bounded(serve, big_folder):
    with serve("--grace", "300ms", big_folder) as server, downloading(server.port) as connection:
        assert server.stop() == 0
        data, end = connection.rest()
        assert end == raw.RESET and len(data) < BIG


def test_idle_connections_do_not_hold_up_the_end(serve, folder):
    with serve("--grace", "120s", "--idle-timeout", "120s", folder) as server, contextlib.ExitStack() as stack:
        idle = [stack.enter_context(web.Connection(server.port)) for _ in range(5)]
        for connection in idle:
            assert connection.ask("/ten.txt").body == tree.TEN
        stack.enter_context(web.Connection(server.port)).send(b"GET /te")
        assert server.stop() == 0
        for connection in idle:
            connection.assert_end()


# --- what is given back

def test_descriptors_and_memory_are_given_back(serve, site):
    """Every kind of answer, many times: as many descriptors as before, and memory that does not grow with them."""
    kinds = [("/ten.txt", []), ("/medium", []), ("/missing", []), ("/dir", []), ("/dir/", []), ("/?json", []),
             ("/..%2fsecret", []), ("/fifo", []),
             ("/ten.txt", ["Range: bytes=0-0,5-5"]), ("/big", ["Range: bytes=-100"]), ("/ten.txt", ["If-None-Match: *"]),
             ("/x%zz", [])]
    with serve("--access-log", "off", site.root) as server:
        def rounds(number):
            with web.Connection(server.port) as connection:
                for _ in range(number):
                    for target, lines in kinds:
                        connection.ask(target, *lines)
        rounds(5)
        descriptors, memory = harness.open_descriptors(server.pid), harness.highest_memory(server.pid)
        for _ in range(4):
            harness.in_parallel(rounds, [10] * 4)
        harness.wait_until(lambda: harness.open_descriptors(server.pid) <= descriptors, "descriptors are closed")
        if not harness.is_sanitized(harness.binary()):
            assert harness.highest_memory(server.pid) - memory < 16
