"""`sampan serve` under thousands of clients at once; the clients are another process."""
import contextlib
import json
import pathlib
import resource

import harness
import pytest
import raw
import tree

pytestmark = pytest.mark.load

CROWD = pathlib.Path(__file__).with_name("crowd.py")

SOURCES = [f"127.0.0.{number}" for number in range(1, 17)]


def crowd(port, clients, request, answer, *, sources=SOURCES, together=True, half_close=False, seconds=120):
    """Runs crowd.py and returns what it counted."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < clients + 500:
        pytest.skip(f"the descriptor limit is {hard}: {clients} clients are not possible here")
    order = {"host": "127.0.0.1", "port": port, "clients": clients, "request": request.hex(), "answer": answer.hex(),
             "sources": sources, "together": together, "half_close": half_close, "seconds": seconds}
    result = harness.run([harness.PYTHON, CROWD], stdin=json.dumps(order).encode(), timeout=seconds + 30)
    assert result.status == 0, result
    return json.loads(result.out)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "small").write_bytes(tree.pattern(3000))
    (tmp_path / "medium").write_bytes(tree.pattern(100_000))
    (tmp_path / "big").write_bytes(tree.pattern(1 << 20) * 64)
    return tmp_path


@pytest.mark.parametrize("together", [True, False], ids=["all connected first", "as they come"])
@pytest.mark.parametrize("request_bytes, half_close", [(b"small", False), (b"small\n", False), (b"small", True)],
                         ids=["silence", "line end", "half-close"])
def test_ten_thousand_clients_at_once(serve, folder, together, request_bytes, half_close):
    """16 addresses, 625 clients each, below the cap per address; every one gets the file byte for byte."""
    with serve("--request-timeout", "120s", folder) as server:
        counts = crowd(server.port, 10_000, request_bytes, tree.pattern(3000), together=together, half_close=half_close)
        assert counts["right"] == 10_000, counts
        harness.wait_until(lambda: raw.file_descriptors_of_sockets(server.pid) < 64, "all sockets are closed")


def test_two_thousand_clients_with_a_file_that_fits_no_segment(serve, folder):
    with serve(folder) as server:
        assert crowd(server.port, 2000, b"medium\n", tree.pattern(100_000))["right"] == 2000


def test_a_crowd_beyond_the_cap_is_refused_and_the_rest_served(serve, folder):
    """One address, 2,000 clients, a cap of 1,024: nobody gets a part of the file."""
    with serve(folder) as server:
        counts = crowd(server.port, 2000, b"small\n", tree.pattern(3000), sources=["127.0.0.1"])
        assert counts["right"] >= 1000 and counts["unfinished"] == 0, counts
        assert raw.ask(server.port, "small") == tree.pattern(3000)


def test_a_stalled_crowd_does_not_hurt(serve, folder):
    """1,500 clients that do not read, 1,500 that say nothing: others are served as if they were not there."""
    harness.allow_descriptors(8000)
    with serve("--request-timeout", "120s", "--send-timeout", "120s", folder) as server, contextlib.ExitStack() as stack:
        for number in range(1500):
            source = SOURCES[number % len(SOURCES)]
            stalled = stack.enter_context(raw.connect(server.port, source=source, receive_buffer=4096))
            stalled.sendall(b"big\n")
            stack.enter_context(raw.connect(server.port, source=source))
        for _ in range(50):
            assert raw.ask(server.port, "small", timeout=10) == tree.pattern(3000)
        before = server.cpu_seconds()
        counts = crowd(server.port, 2000, b"small\n", tree.pattern(3000))
        assert counts["right"] == 2000, counts
        assert server.cpu_seconds() - before < 30
        assert raw.ask(server.port, "big", timeout=60) == tree.pattern(1 << 20) * 64
