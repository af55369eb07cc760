"""`sampan serve`: the configuration file, what counts before it, and the options of HTTP."""
import re

import harness
import pytest
import raw
import tree


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("config")
    (folder / "ten.txt").write_bytes(tree.TEN)
    (folder / ".hidden").write_bytes(b"hidden")
    (folder / "in").symlink_to("ten.txt")
    (folder / "idx").mkdir()
    (folder / "idx" / "index.html").write_bytes(b"the index")
    return folder


@pytest.fixture
def config(tmp_path):
    """config(text): the path of a configuration file with this text."""
    def write(text):
        path = tmp_path / "sampan.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path
    return write


def get(server, target, *lines):
    """The whole answer to one HTTP request, as text."""
    head = "\r\n".join([f"GET {target} HTTP/1.1", "Host: x", "Connection: close", *lines])
    return raw.exchange(server.port, f"{head}\r\n\r\n".encode())[0].decode("utf-8", "surrogateescape")


def refusal(run, *words, **options):
    """The one line with which serve does not start, for wrong usage."""
    result = run("serve", "-b", "127.0.0.1", "-p", 0, *words, **options)
    assert result.status == 2 and result.out == b"", result
    assert result.err.count("\n") == 1, result
    return result.err


# --- precedence

def test_file_gives_argument_and_options(serve, folder, config):
    port = raw.free_port()
    path = config(f'path = "{folder}"\nbind = ["127.0.0.1", "::1"]\nport = {port}\nhidden = true\nheader = ["X-A: b"]\n')
    with serve("--config", path, bind=None, port=None, addresses=2) as server:
        assert server.addresses == [("127.0.0.1", port), ("::1", port)]
        assert raw.ask(port, ".hidden") == b"hidden"
        assert "\r\nX-A: b\r\n" in get(server, "/ten.txt")


def test_command_line_then_environment_then_file(serve, folder, config):
    path = config('bind = "127.0.0.4"\nhidden = true\npath = "/nonexistent"\nheader = ["X-A: file", "X-B: file"]\n')
    with serve("--config", path, "--header", "X-A: words", folder, bind=None,
               env={"SAMPAN_SERVE_BIND": "127.0.0.3", "SAMPAN_SERVE_HEADER": "X-A: environment"}) as server:
        assert [host for host, _ in server.addresses] == ["127.0.0.3"]
        assert raw.ask(server.port, ".hidden", host="127.0.0.3") == b"hidden"
        answer = raw.exchange(server.port, b"GET /ten.txt HTTP/1.0\r\n\r\n", host="127.0.0.3")[0]
        assert re.findall(rb"X-[AB]: \w+", answer) == [b"X-A: words"]


@pytest.mark.parametrize("words, env, content", [([], {}, b"hidden"), (["--hidden=false"], {}, b""),
                                                 ([], {"SAMPAN_SERVE_HIDDEN": "0"}, b""),
                                                 (["--hidden"], {"SAMPAN_SERVE_HIDDEN": "0"}, b"hidden")])
def test_switch_of_the_file_can_be_turned_off(serve, folder, config, words, env, content):
    with serve("--config", config("hidden = true"), *words, folder, env=env) as server:
        assert raw.ask(server.port, ".hidden") == content


@pytest.mark.parametrize("text, words, env, index", [
    ("no-index = true", [], {}, False), ("index = false", [], {}, False), ("no-index = true", ["--index"], {}, True),
    ("no-index = true", [], {"SAMPAN_SERVE_INDEX": "1"}, True), ("index = true", ["--no-index"], {}, False),
    ("index = true", [], {"SAMPAN_SERVE_NO_INDEX": "1"}, False), ("", [], {}, True)])
def test_index_and_no_index(serve, folder, config, text, words, env, index):
    with serve("--config", config(text), *words, folder, env=env) as server:
        assert ("the index" in get(server, "/idx/")) == index


def test_file_named_in_the_environment(serve, folder, config):
    with serve(folder, env={"SAMPAN_SERVE_CONFIG": str(config("hidden = true"))}) as server:
        assert raw.ask(server.port, ".hidden") == b"hidden"


# --- errors

@pytest.mark.parametrize("text, place", [
    ("prot = 1", ":1 prot: "), ("\nconfig = 'x'", ":2 config: "), ("max-connections = '5'", ":1 max-connections: "),
    ("hidden = true\nbacklog = -5", ":2 backlog -5: "), ("hidden = 'yes'", ":1 hidden: "), ("grace = 'soon'", ":1 grace soon: "),
    ("etag = 'weak'", ":1 etag weak: "), ("log-format = 'xml'", ":1 log-format xml: "), ("header = ['a']", ":1 header a: "),
    (r"header = 'X: a\r\nB: c'", ""), ('header = "X: a\\r\\nB: c"', r":1 header X: a\r\nB: c: "), ("this is no TOML", ":1: "),
    ("hidden = true\nhidden = true", ":2: "), ("index = true\nno-index = true", ":1 index "), (b"path = '\xff'", ":1: "),
    ("[serve]", ":1 serve: "), ('"esc\\u001b[31m" = 1', r":1 esc\x1b[31m: ")], ids=ascii)
def test_wrong_file(run, serve, folder, config, text, place):
    path = config(text)
    if not place:  # a literal string: backslashes are characters like others
        with serve("--config", path, folder):
            return
    line = refusal(run, "--config", path, folder)
    assert f"{path}{place}" in line, line
    assert "\x1b" not in line


def test_port_of_the_file_out_of_range(run, folder, config):
    path = config("port = 70000")
    result = run("serve", "-b", "127.0.0.1", "--config", path, folder)
    assert result.status == 2 and f"{path}:1 port 70000" in result.err, result


def test_wrong_file_in_chinese(run, folder, config):
    path = config("prot = 1")
    result = run("serve", "--config", path, folder, env=harness.CHINESE)
    assert result.status == 2 and f"{path}:1 prot" in result.err and "未知的键" in result.err, result


@pytest.mark.parametrize("name", ["missing.toml", ".", "/dev/zero", ""])
def test_unreadable_file(run, folder, tmp_path, name):
    line = refusal(run, "--config", name, folder, cwd=tmp_path)
    assert name in line


def test_file_from_a_pipe(serve, tool, sampan, folder):
    """A shell's `--config <(…)`."""
    words = ["-c", 'exec "$@" --config <(echo hidden = true)', "-", sampan, "serve", "-b", "127.0.0.1", "-p", "0", str(folder)]
    with harness.Server([tool("bash"), *words]) as server:
        assert raw.ask(server.port, ".hidden") == b"hidden"


# --- options of HTTP

@pytest.mark.parametrize("header", ["X: a\r\nB: c", "X: a\nB: c", "no colon", ": empty", "a b: c", "X: \x1b[31m",
                                    "Content-Length: 5", "transfer-encoding: chunked", ""], ids=ascii)
def test_header_is_refused_at_start(run, folder, header):
    line = refusal(run, "--header", "X-Good: 1", "--header", header, folder)
    assert "--header" in line and "\x1b" not in line


def test_headers_of_the_environment_are_lines(serve, run, folder):
    with serve(folder, env={"SAMPAN_SERVE_HEADER": "X-A: b c, d\nX-E: f"}) as server:
        answer = get(server, "/ten.txt")
        assert "\r\nX-A: b c, d\r\n" in answer and "\r\nX-E: f\r\n" in answer
    assert "SAMPAN_SERVE_HEADER nothing" in refusal(run, folder, env={"SAMPAN_SERVE_HEADER": "X-A: b\nnothing"})


def test_options_reach_the_server(serve, folder):
    with serve("--no-symlinks", "--no-index", "--cors", "--healthz", "--etag", "size-mtime", "--cache-ttl", "1s", folder) as server:
        assert get(server, "/in").startswith("HTTP/1.1 404 ")
        assert "the index" not in get(server, "/idx/")
        assert "\r\nAccess-Control-Allow-Origin: *\r\n" in get(server, "/ten.txt")
        assert get(server, "/healthz").startswith("HTTP/1.1 200 ")


def test_options_are_off_by_default(serve, folder):
    with serve(folder) as server:
        assert get(server, "/in").endswith(tree.TEN.decode())
        assert "Access-Control" not in get(server, "/ten.txt")
        assert get(server, "/healthz").startswith("HTTP/1.1 404 ")


def test_idle_and_body_timeouts(serve, folder):
    with serve("--idle-timeout", "200ms", "--body-timeout", "200ms", folder) as server:
        with raw.connect(server.port) as client:
            client.sendall(b"GET /ten.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            data, end = raw.read_end(client)
            assert data.endswith(tree.TEN) and end == raw.FIN
        with raw.connect(server.port) as client:
            client.sendall(b"GET /ten.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
            assert raw.read_end(client)[1] == raw.FIN


@pytest.mark.parametrize("words", [["--index", "--no-index"], ["--etag", "x"], ["--log-format", "x"], ["--cache-ttl", "x"],
                                   ["--body-timeout", "-1"], ["--idle-timeout", "x"], ["--config"]], ids=" ".join)
def test_wrong_usage(run, folder, words):
    assert words[0] in refusal(run, folder, *words)


def test_help_names_the_options(run):
    text = run("help", "serve").out.decode()
    wanted = ["--index", "--no-index", "--no-symlinks", "--etag", "--cache-ttl", "--header", "--cors", "--healthz", "--body-timeout",
              "--idle-timeout", "--access-log", "--log-format", "--config"]
    assert [option for option in wanted if option not in text] == []
