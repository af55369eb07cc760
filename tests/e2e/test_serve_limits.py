"""`sampan serve`: deadlines, caps, lack of descriptors, slow clients, and how it ends."""
import contextlib
import re
import resource
import signal
import time

import harness
import pytest
import raw
import tree

BIG = 64 << 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a small file and one that no socket buffer takes whole."""
    folder = tmp_path_factory.mktemp("limits")
    (folder / "ten.txt").write_bytes(tree.TEN)
    (folder / "big").write_bytes(big_content())
    return folder


def big_content():
    return tree.pattern(1 << 20) * (BIG >> 20)


def stalled_client(port, **options):
    """A client that asked for the big file, saw its beginning, and reads no further."""
    client = raw.connect(port, receive_buffer=4096, **options)
    client.sendall(b"big\n")
    raw.wait_unread(client, 1)
    return client


# --- deadlines

def test_silent_client_is_closed_at_the_request_deadline(serve, folder):
    with serve("--request-timeout", "300ms", folder) as server, raw.connect(server.port) as client:
        started = time.monotonic()
        data, _ = raw.read_end(client)
        assert data == b"" and time.monotonic() - started >= 0.25
        assert raw.ask(server.port, "ten.txt") == tree.TEN


def test_silent_client_is_not_closed_before_the_request_deadline(serve, folder):
    with serve("--request-timeout", "60s", folder) as server, raw.connect(server.port) as client:
        time.sleep(1.5)  # longer than any quiet time
        client.sendall(b"ten.txt\n")
        assert raw.read_end(client) == (tree.TEN, raw.FIN)


def test_unfinished_http_line_does_not_wait_for_ever(serve, folder):
    with serve("--request-timeout", "3s", folder) as server, raw.connect(server.port) as client:
        client.sendall(b"GET /ten.txt HTTP/1.1")
        data, _ = raw.read_end(client)
        assert tree.TEN not in data


def test_client_that_reads_nothing_is_cut_at_the_send_deadline(serve, folder):
    """And it sees a reset: what it has must not look like the whole file."""
    with serve("--send-timeout", "1s", folder) as server, stalled_client(server.port) as client:
        mark = server.stderr.position
        started = time.monotonic()
        server.stderr.wait_line(rf"127\.0\.0\.1:{raw.local_port(client)}\b", start=mark)
        assert time.monotonic() - started >= 0.5
        data, end = raw.read_end(client)
        assert end == raw.RESET and len(data) < BIG
        assert raw.ask(server.port, "ten.txt") == tree.TEN


def test_client_that_reads_a_trickle_is_cut_too(serve, folder):
    """Progress is 64 KiB per deadline, not any byte: 1 KiB every 50 ms is none."""
    with serve("--send-timeout", "1s", folder) as server, stalled_client(server.port) as client:
        mark = server.stderr.position
        pattern = re.compile(rf"127\.0\.0\.1:{raw.local_port(client)}\b")
        deadline = time.monotonic() + harness.PATIENCE
        while not pattern.search(server.stderr.text, mark):
            assert time.monotonic() < deadline, "still being served"
            with contextlib.suppress(ConnectionResetError):
                client.recv(1024)
            time.sleep(0.05)


def test_slow_but_steady_client_is_not_cut(serve, folder):
    """Longer than the send deadline in all, but never without progress."""
    with serve("--send-timeout", "1500ms", folder) as server, raw.connect(server.port, receive_buffer=65536) as client:
        client.sendall(b"big\n")
        received, started = bytearray(), time.monotonic()
        while time.monotonic() - started < 3:
            received += raw.read_exactly(client, 256 << 10)
            time.sleep(0.05)
        rest, end = raw.read_end(client)
        assert end == raw.FIN and bytes(received) + rest == big_content()


# --- nobody costs anybody else anything

def test_stalled_clients_do_not_delay_others(serve, folder):
    """One worker, many clients that do not read, many that say nothing, one that says half a name."""
    with serve("--workers", 1, folder) as server, contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(stalled_client(server.port))
            stack.enter_context(raw.connect(server.port))
        stack.enter_context(raw.connect(server.port)).sendall(b"GET /te")
        for _ in range(20):
            assert raw.ask(server.port, "ten.txt", timeout=5) == tree.TEN
        assert raw.ask(server.port, "big") == big_content()


def test_big_transfer_does_not_delay_a_small_one(serve, folder):
    """A fast client of one worker's does not keep that worker to itself: it has a turn budget."""
    with serve("--workers", 1, folder) as server:
        def big(_):
            return raw.ask(server.port, "big") == big_content()

        def small(_):
            return [raw.ask(server.port, "ten.txt", timeout=10) for _ in range(10)] == [tree.TEN] * 10

        assert all(harness.in_parallel(lambda job: job(None), [big, small, big, small, big]))


# --- caps

def _refused(port, **options):
    """True when the connection is closed at once without a byte; False when it stays open."""
    with raw.connect(port, **options) as client:
        client.settimeout(0.5)
        try:
            return client.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False


def test_max_connections(serve, folder):
    with serve("--max-connections", 4, folder) as server, raw.held_clients(server, 4) as held:
        assert _refused(server.port)
        for client in held:
            client.sendall(b"ten.txt\n")
            assert raw.read_end(client) == (tree.TEN, raw.FIN)
            client.close()
        harness.wait_until(lambda: raw.exchange(server.port, b"ten.txt")[0] == tree.TEN, "a slot is free again")


def test_refusals_are_logged_at_most_once_a_second(serve, folder):
    with serve("--max-connections", 1, folder) as server, raw.held_clients(server, 1):
        started = time.monotonic()
        for _ in range(500):
            with contextlib.suppress(ConnectionError), raw.connect(server.port) as client:
                client.recv(1)
        server.stderr.wait_line(r"(?i:refus|max-connections|limit|too many)")
        elapsed = time.monotonic() - started
        assert len(server.stderr.lines) <= elapsed + 2, server.stderr.text


def test_refused_clients_are_counted_in_the_log(serve, folder):
    """At most a line a second, but no refusal is forgotten: the numbers in the lines add up."""
    with serve("--max-connections", 1, folder) as server, raw.held_clients(server, 1):
        for _ in range(100):
            with contextlib.suppress(ConnectionError), raw.connect(server.port) as client:
                client.recv(1)

        def counted():
            lines = [re.sub(r"\S*\d:\d\d\S*", "", line) for line in server.stderr.lines]
            return sum(max([int(n) for n in re.findall(r"(?<![\d.:])\d+(?![\d.:])", line)], default=1) for line in lines)
        harness.wait_until(lambda: counted() >= 100, f"100 refusals counted in the log: {server.stderr.text}")


def test_max_per_address(serve, folder):
    with serve("--max-per-address", 3, folder) as server, raw.held_clients(server, 3, source="127.0.0.1") as held:
        assert _refused(server.port, source="127.0.0.1")
        assert raw.ask(server.port, "ten.txt", source="127.0.0.2") == tree.TEN
        held[0].close()
        harness.wait_until(lambda: raw.exchange(server.port, b"ten.txt", source="127.0.0.1")[0] == tree.TEN,
                           "the address has a free slot again")
        server.stderr.wait_line(r"127\.0\.0\.1")


def test_max_per_address_counts_clients_that_leave_in_every_way(serve, folder):
    """After many clients that end by FIN, by reset and by being served, the address's count is what it was."""
    with serve("--max-per-address", 3, folder) as server:
        for number in range(60):
            client = raw.connect(server.port)
            if number % 3 == 0:
                raw.reset(client)
            elif number % 3 == 1:
                client.close()
            else:
                with contextlib.suppress(ConnectionError):
                    client.sendall(b"ten.txt\n")
                    raw.read_end(client)
                client.close()
            harness.wait_until(lambda: raw.exchange(server.port, b"ten.txt")[0] == tree.TEN, f"served after {number}")


# --- no descriptors left

def test_out_of_descriptors(serve, folder):
    """It says so once, does not spin, and recovers when clients leave."""
    with serve(folder) as server, contextlib.ExitStack() as stack:
        assert raw.ask(server.port, "ten.txt") == tree.TEN
        few = harness.open_descriptors(server.pid) + 6
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (few, few))
        for _ in range(40):
            stack.enter_context(raw.connect(server.port))
        server.stderr.wait_line(r"(?i:descriptor|too many open files|EMFILE)")
        before, started = server.cpu_seconds(), time.monotonic()
        time.sleep(2)  # the time over which CPU use is measured
        assert server.cpu_seconds() - before < 0.25 * (time.monotonic() - started)
        said = [line for line in server.stderr.lines if re.search(r"(?i)descriptor|too many open files|EMFILE", line)]
        assert len(said) <= 2, said
        stack.close()
        harness.wait_until(lambda: raw.exchange(server.port, b"ten.txt", timeout=5)[0] == tree.TEN, "served again")


def test_low_descriptor_limit_from_the_start(serve, folder):
    """A hard limit of 100: clients beyond it are refused or wait; those that are served get their file."""
    with serve(folder, preexec_fn=harness.limit_descriptors(100)) as server:
        with contextlib.ExitStack() as stack:
            for _ in range(150):
                stack.enter_context(raw.connect(server.port))
            before, started = server.cpu_seconds(), time.monotonic()
            time.sleep(1)  # the time over which CPU use is measured
            assert server.cpu_seconds() - before < 0.35 * (time.monotonic() - started)
        harness.wait_until(lambda: raw.exchange(server.port, b"ten.txt", timeout=5)[0] == tree.TEN, "served again")


def test_soft_descriptor_limit_is_raised(serve, folder):
    """Started with a soft limit of 64 and a hard one of 512, it holds 200 clients at once."""
    with serve(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 512))) as server:
        assert resource.prlimit(server.pid, resource.RLIMIT_NOFILE) == (512, 512)
        clients = [raw.connect(server.port) for _ in range(200)]
        for client in clients:
            client.sendall(b"ten.txt\n")
        for client in clients:
            assert raw.read_end(client) == (tree.TEN, raw.FIN)
            client.close()


def test_descriptors_are_given_back(serve, folder):
    with serve(folder) as server:
        raw.ask(server.port, "ten.txt")
        before = harness.open_descriptors(server.pid)
        for name in (b"ten.txt", b"missing", b"../x") * 20 + (b"big",) * 3:
            raw.exchange(server.port, name)
        harness.wait_until(lambda: harness.open_descriptors(server.pid) <= before + 4, "descriptors closed")


def test_idle_server_uses_no_cpu(serve, folder):
    with serve(folder) as server:
        before = server.cpu_seconds()
        time.sleep(1.5)  # the time over which CPU use is measured
        assert server.cpu_seconds() - before <= 0.1


# --- how it ends

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_idle_server_ends_at_once(serve, folder, number):
    with serve(folder) as server:
        assert server.stop(number) == 0


def test_running_transfer_is_finished_after_sigterm(serve, folder):
    with serve(folder) as server, stalled_client(server.port) as client:
        server.signal(signal.SIGTERM)
        harness.wait_until(lambda: raw.refuses(server.port), "new clients are refused")
        assert server.running
        data, end = raw.read_end(client)
        assert end == raw.FIN and data == big_content()
        assert server.wait() == 0


def test_second_signal_ends_at_once(serve, folder):
    with serve("--grace", "120s", folder) as server, stalled_client(server.port) as client:
        server.signal(signal.SIGTERM)
        harness.wait_until(lambda: raw.refuses(server.port), "new clients are refused")
        assert server.running
        server.signal(signal.SIGTERM)
        assert server.wait(10) == 0
        data, end = raw.read_end(client)
        assert end == raw.RESET and len(data) < BIG


def test_grace_time_is_bounded(serve, folder):
    with serve("--grace", "500ms", folder) as server, stalled_client(server.port) as client:
        assert server.stop(timeout=10) == 0
        data, end = raw.read_end(client)
        assert end == raw.RESET and len(data) < BIG


def test_silent_clients_do_not_hold_up_the_end(serve, folder):
    """Only running transfers are waited for, not clients that have not asked for anything."""
    with serve("--grace", "120s", "--request-timeout", "120s", folder) as server, raw.connect(server.port):
        raw.ask(server.port, "ten.txt")
        assert server.stop(timeout=10) == 0


def test_port_is_free_again_at_once(serve, folder):
    with serve(folder) as server:
        port = server.port
        assert raw.ask(port, "ten.txt") == tree.TEN
        with raw.connect(port):
            server.stop()
    with serve(folder, port=port) as server:
        assert server.port == port and raw.ask(port, "ten.txt") == tree.TEN
