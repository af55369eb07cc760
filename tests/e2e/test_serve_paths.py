"""`sampan serve`: nothing comes out that is not a visible plain file inside the root."""
import os
import pathlib
import subprocess

import harness
import pytest
import raw
import tree

SWAPPER = pathlib.Path(__file__).with_name("swapper.py")


@pytest.fixture(scope="module")
def server(serve, root):
    with serve(root) as running:
        yield running


@pytest.fixture(scope="module")
def server_showing_hidden(serve, root):
    with serve("--hidden", root) as running:
        yield running


def _label(name):
    return ascii(name if len(name) < 40 else name[:20] + b"...%d" % len(name))


@pytest.mark.parametrize("name", tree.NOTHING, ids=_label)
def test_nothing_comes_out(server, name):
    assert raw.exchange(server.port, name) == (b"", raw.FIN)
    assert raw.ask(server.port, "ten.txt") == tree.TEN


def test_nothing_comes_out_by_silence_or_line_end(server):
    def answers(name):
        return [raw.exchange(server.port, name, ending)[0] for ending in (raw.LF, raw.CRLF, raw.QUIET)]

    names = [name for name in tree.NOTHING if name]
    for name, answer in zip(names, harness.in_parallel(answers, names, threads=8)):
        assert answer == [b"", b"", b""], name


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"], ids=ascii)
def test_an_empty_line_is_no_name(server, line):
    assert raw.exchange(server.port, line, raw.HALF_CLOSE)[0] == b""


@pytest.mark.parametrize("name", tree.ROUNDABOUT, ids=ascii)
def test_ways_around_that_stay_inside_work(server, name):
    assert raw.ask(server.port, name) == tree.ROUNDABOUT[name]


@pytest.mark.parametrize("name, content", [(".hidden", b"hidden"), (".git/config", b"config"), ("to-hidden", b"hidden"),
                                           ("dir/../.hidden", b"hidden"), ("to-git/config", b"config"),
                                           ("..three", tree.content_of(b"..three")), ("ten.txt", tree.TEN)])
def test_hidden_option_shows_hidden_files(server_showing_hidden, name, content):
    assert raw.ask(server_showing_hidden.port, name) == content


@pytest.mark.parametrize("name", [n for n in tree.NOTHING if n.startswith((b"..", b"/", b"out", b"updir", b"dead", b"fifo"))
                                  and n not in tree.HIDDEN_ODD_NAMES], ids=_label)
def test_hidden_option_opens_nothing_else(server_showing_hidden, name):
    assert raw.ask(server_showing_hidden.port, name) == b""


def test_fifo_never_blocks_a_worker(serve, root):
    """More clients than workers ask for the fifo; everybody is answered."""
    with serve("--workers", 2, root) as server:
        waiting = [raw.connect(server.port) for _ in range(16)]
        for client in waiting:
            client.sendall(b"fifo\n")
        assert raw.ask(server.port, "ten.txt") == tree.TEN
        for client in waiting:
            assert raw.read_end(client) == (b"", raw.FIN)
            client.close()


def test_fifo_is_not_drained(server, root):
    """What somebody else writes into a fifo is for its own reader."""
    descriptor = os.open(root / "fifo", os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(descriptor, b"for somebody else")
        assert raw.ask(server.port, "fifo") == b""
        assert os.read(descriptor, 100) == b"for somebody else"
    finally:
        os.close(descriptor)


def test_unreadable_files_are_no_such_file(serve, needs_root, sampan_for_all, open_folder):
    root = tree.build(open_folder)
    with serve(root, program=sampan_for_all, user=harness.NOBODY, group=harness.NOBODY, extra_groups=[]) as server:
        assert raw.ask(server.port, "ten.txt") == tree.TEN
        for name in ("noread", "nodir/inner", "nodir"):
            assert raw.ask(server.port, name) == b"", name


def test_root_moved_away_is_still_the_root(serve, tmp_path):
    """The root is one descriptor: it is looked up once, at start."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"first")
    with serve(tmp_path / "a") as server:
        (tmp_path / "a").rename(tmp_path / "moved")
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "file").write_bytes(b"second")
        assert raw.ask(server.port, "file") == b"first"


def test_root_may_be_a_symlink(serve, tmp_path, root):
    (tmp_path / "link").symlink_to(root)
    with serve(tmp_path / "link") as server:
        assert raw.ask(server.port, "ten.txt") == tree.TEN


@pytest.mark.parametrize("swaps, requests", [(10_000, 400), pytest.param(100_000, 8_000, marks=pytest.mark.full)])
def test_folder_swapped_for_a_symlink_while_it_is_asked_for(serve, tmp_path, swaps, requests):
    """A folder and a link to the outside change places all the time; only what is inside ever comes out."""
    inside = tmp_path / "served"
    outside = tmp_path / "outside"
    (inside / "folder").mkdir(parents=True)
    outside.mkdir()
    (inside / "folder" / "file").write_bytes(b"inside")
    (outside / "file").write_bytes(tree.SENTINEL)
    (inside / "link").symlink_to("../outside")
    (inside / "plain").write_bytes(b"inside")
    (inside / "plain-link").symlink_to("../outside/file")
    swapper = subprocess.Popen([harness.PYTHON, SWAPPER, str(swaps), inside / "folder", inside / "link",
                                inside / "plain", inside / "plain-link"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        with serve(inside) as server:
            def several(name):
                return [raw.exchange(server.port, name)[0] for _ in range(requests // 8)]

            names = [b"folder/file", b"plain", b"link/file", b"plain-link"] * 2
            answers = sum(harness.in_parallel(several, names, threads=8), [])
        swapper.stdin.close()
        done = int(swapper.stdout.read())
    finally:
        swapper.stdin.close()
        swapper.stdout.close()
        if swapper.poll() is None:
            swapper.kill()
        swapper.wait()
    assert done >= swaps
    assert set(answers) <= {b"inside", b""}, set(answers)
    assert answers.count(b"inside") > len(answers) // 20, "hardly an answer: the race is not what was tested"
