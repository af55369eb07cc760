"""`sampan serve`: addresses, ports, options, the environment, and what it says when it cannot start."""
import re

import harness
import pytest
import raw
import tree


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    (folder / "ten.txt").write_bytes(tree.TEN)
    (folder / ".hidden").write_bytes(b"hidden")
    return folder


def one_line(text):
    """The message: one line (after a possible hint how to get help), not a flood, without a program's internals."""
    lines = text.strip().splitlines()
    assert 1 <= len(lines) <= 4, text
    return lines[0]


# --- addresses

@pytest.mark.parametrize("host, other", [("127.0.0.1", "::1"), ("::1", "127.0.0.1")])
def test_bound_address_is_the_only_one(serve, folder, host, other):
    with serve("-b", host, folder) as server:
        assert server.addresses == [(host, server.port)] and server.port != 0
        assert raw.ask(server.port, "ten.txt", host=host) == tree.TEN
        assert raw.refuses(server.port, other)


def test_several_addresses(serve, folder):
    with serve("-b", "127.0.0.1", "--bind", "::1", "-b", "127.0.0.2", folder) as server:
        assert [host for host, _ in server.addresses] == ["127.0.0.1", "::1", "127.0.0.2"]
        for host, port in server.addresses:
            assert raw.ask(port, "ten.txt", host=host) == tree.TEN


def test_default_is_all_addresses_of_both_families(serve, folder):
    with serve(folder, bind=None, addresses=0) as server:
        for host in ("127.0.0.1", "127.0.0.9", "::1"):
            assert raw.ask(server.port_of(host), "ten.txt", host=host) == tree.TEN


def test_address_line_looks_as_documented(serve, folder):
    with serve("-b", "127.0.0.1", "-b", "::1", folder) as server:
        first, second = server.addresses
        assert server.stdout.text == f"listening on 127.0.0.1:{first[1]}\nlistening on [::1]:{second[1]}\n"


def test_address_line_is_the_same_in_chinese(serve, folder):
    """Programs read it: it is not translated."""
    with serve(folder, env=harness.CHINESE) as server:
        assert server.stdout.text == f"listening on 127.0.0.1:{server.port}\n"


def test_chosen_port_is_used(serve, folder):
    port = raw.free_port()
    with serve("--port", port, folder, port=None) as server:
        assert server.port == port


def test_backlog_and_workers_are_accepted(serve, folder):
    with serve("--backlog", 128, "--workers", 3, folder) as server:
        for _ in range(20):
            assert raw.ask(server.port, "ten.txt") == tree.TEN


# --- it cannot start

def test_second_server_on_the_port_is_refused_and_the_holder_named(serve, run, folder):
    with serve(folder) as server:
        result = run("serve", "-b", "127.0.0.1", "-p", server.port, folder)
        assert result.status == 3 and b"listening" not in result.out, result
        message = one_line(result.err)
        assert str(server.port) in message
        assert str(server.pid) in result.err, "the holder (its process) is not named"
        for _ in range(20):
            assert raw.ask(server.port, "ten.txt") == tree.TEN


def test_second_server_on_all_addresses_is_refused(serve, run, folder):
    with serve(folder, bind=None, addresses=0) as server:
        result = run("serve", "-p", server.port, folder)
        assert result.status == 3 and str(server.port) in result.err, result


def test_port_held_by_another_program(run, folder):
    with raw.occupied_port() as port:
        result = run("serve", "-b", "127.0.0.1", "-p", port, folder)
    assert result.status == 3 and str(port) in result.err, result


@pytest.mark.parametrize("port", ["65536", "70000", "abc", "-1", "80x", "", " 80", "1e3", "0x50", "８０", "99999999999999999999"])
def test_bad_port(run, folder, port):
    for words in (["-p", port], [f"--port={port}"]):
        result = run("serve", *words, folder)
        assert result.status == 2 and result.out == b"", result
        assert port.strip() in one_line(result.err) or "65535" in result.err


def test_address_that_is_not_ours(run, folder):
    result = run("serve", "-b", "192.0.2.1", "-p", 0, folder)
    assert result.status == 3 and "192.0.2.1" in result.err and result.out == b"", result


@pytest.mark.parametrize("address", ["127.0.0", "300.1.1.1", "１２７.0.0.1", "", "::g"])
def test_malformed_address(run, folder, address):
    result = run("serve", "-b", address, "-p", 0, folder)
    assert result.status == 2 and result.out == b"", result
    one_line(result.err)


@pytest.mark.parametrize("words", [["--no-such-option"], ["-Z"], ["--port"], ["--workers", "x"],
                                   ["--max-connections", "x"], ["--max-connections", "-5"], ["--backlog", "x"],
                                   ["--request-timeout", "soon"], ["--send-timeout", "-1s"], ["--grace", "5 parsecs"],
                                   ["--hidden=maybe"], ["one", "two"]], ids=" ".join)
def test_wrong_usage(run, folder, words):
    result = run("serve", "-b", "127.0.0.1", "-p", 0, *words, cwd=folder)
    assert result.status == 2 and result.out == b"", result
    assert words[0].split("=")[0].lstrip("-") in result.err or words == ["one", "two"]


def test_missing_folder(run, folder):
    result = run("serve", "-b", "127.0.0.1", "-p", 0, folder / "not-there")
    assert result.status in (1, 2, 5) and result.out == b"", result
    assert "not-there" in one_line(result.err)


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_what_is_neither_folder_nor_file_is_not_served(run, root, kind):
    path = {"fifo": root / "fifo", "socket": root / "sock", "device": "/dev/null"}[kind]
    result = run("serve", "-b", "127.0.0.1", "-p", 0, path)
    assert result.status != 0 and result.out == b"" and result.err, result


def test_folder_without_permission(run, needs_root, sampan_for_all, open_folder):
    (open_folder / "closed").mkdir(mode=0o700)
    result = run("serve", "-b", "127.0.0.1", "-p", 0, open_folder / "closed", program=sampan_for_all,
                 user=harness.NOBODY, group=harness.NOBODY, extra_groups=[])
    assert result.status in (1, 8) and "closed" in result.err, result


def test_port_that_needs_privilege(run, needs_root, sampan_for_all, open_folder):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        if int(file.read()) <= 81:
            pytest.skip("every port is free for everybody here")
    result = run("serve", "-b", "127.0.0.1", "-p", 81, open_folder, program=sampan_for_all,
                 user=harness.NOBODY, group=harness.NOBODY, extra_groups=[])
    assert result.status == 3 and "81" in result.err and re.search(r"102[34]", result.err), result


# --- the environment

def test_port_from_the_environment(serve, folder):
    port = raw.free_port()
    with serve(folder, port=None, env={"SAMPAN_SERVE_PORT": str(port)}) as server:
        assert server.port == port


def test_command_line_wins_over_the_environment(serve, folder):
    other = raw.free_port()
    with serve(folder, env={"SAMPAN_SERVE_PORT": str(other), "SAMPAN_SERVE_BIND": "127.0.0.7"}) as server:
        assert server.addresses == [("127.0.0.1", server.port)] and server.port != other


def test_list_from_the_environment(serve, folder):
    with serve(folder, bind=None, addresses=2, env={"SAMPAN_SERVE_BIND": "127.0.0.1 ::1"}) as server:
        assert [host for host, _ in server.addresses] == ["127.0.0.1", "::1"]
        for host, port in server.addresses:
            assert raw.ask(port, "ten.txt", host=host) == tree.TEN


@pytest.mark.parametrize("value, content", [("1", b"hidden"), ("0", b"")])
def test_flag_from_the_environment(serve, folder, value, content):
    with serve(folder, env={"SAMPAN_SERVE_HIDDEN": value}) as server:
        assert raw.ask(server.port, ".hidden") == content


def test_deadline_from_the_environment(serve, folder):
    with serve(folder, env={"SAMPAN_SERVE_REQUEST_TIMEOUT": "200ms"}) as server, raw.connect(server.port) as client:
        assert raw.read_end(client)[0] == b""


@pytest.mark.parametrize("name, value", [("SAMPAN_SERVE_PORT", "abc"), ("SAMPAN_SERVE_HIDDEN", "perhaps"),
                                         ("SAMPAN_SERVE_BIND", "127.0.0.1 nonsense!"), ("SAMPAN_SERVE_WORKERS", "x")])
def test_bad_value_in_the_environment(run, folder, name, value):
    words = [] if name == "SAMPAN_SERVE_PORT" else ["-p", 0]
    result = run("serve", *words, folder, env={name: value})
    assert result.status == 2 and result.out == b"", result
    assert name in result.err or value in result.err


# --- help

@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["--version"], ["help", "serve"], ["help", "get"],
                                   ["help", "listen"], ["help", "talk"], ["serve", "--help"], ["get", "--help"],
                                   ["listen", "--help"], ["talk", "--help"]], ids=" ".join)
@pytest.mark.parametrize("language", [harness.ENGLISH, harness.CHINESE], ids=["en", "zh"])
def test_help_and_version(run, words, language):
    result = run(*words, env=language)
    assert result.status == 0 and result.out and result.err == "", result
    assert b"\x1b" not in result.out
    if words == ["--version"]:
        assert re.search(rb"\d+\.\d+", result.out)
    elif len(words) == 2:
        command = next(word for word in words if word not in ("help", "--help"))
        assert command.encode() in result.out


@pytest.mark.parametrize("command, options", [
    ("serve", ["--port", "--bind", "--backlog", "--workers", "--hidden", "--max-connections", "--max-per-address",
               "--request-timeout", "--send-timeout", "--grace"]),
    ("get", ["--output", "--dir", "--no-clobber", "--connect-timeout", "--timeout"]),
    ("listen", ["--bind", "--encoding", "--reply", "--stay", "--label", "--once", "--backlog"]),
    ("talk", ["--encoding", "--wait", "--connect-timeout"])])
def test_help_names_the_options(run, command, options):
    text = run("help", command).out.decode()
    assert [option for option in options if option not in text] == []


@pytest.mark.parametrize("words", [["no-such-command"], ["--no-such-option"], ["help", "no-such-command"]])
def test_unknown_command(run, words):
    result = run(*words)
    assert result.status == 2 and result.out == b"" and words[-1].lstrip("-") in result.err, result
