"""`sampan get`, killed at seeded random moments (SIGKILL) and started again until it is done: never a wrong file."""
import random
import threading
import time

import harness
import hostile
import pytest
import tree
from hostile import File

SIZE = 24 << 20
FILE = File(tree.pattern(1 << 20, b"kills") * (SIZE >> 20))
PIECE = 256 << 10
#: Makes a download last a second or so on one connection, so that what is known of it is written down on the way.
PAUSE = 0.01
SEED = 20_240_607
SMALL = {f"small-{number}": tree.pattern(4096 + number, b"small") for number in range(60)}


class Counted:
    """A behaviour: sends files in pieces, and calls `reached` once when so many bytes have gone out on all connections."""

    def __init__(self, make):
        self._make, self._lock = make, threading.Lock()
        self.watch(None, None)

    def watch(self, threshold, reached):
        self._left, self._reached = threshold, reached

    def _count(self, size):
        with self._lock:
            if self._left is None:
                return
            self._left -= size
            if self._left > 0:
                return
            self._left = None
        self._reached()

    def __call__(self, exchange):
        answer = self._make(exchange.request).answer(exchange.request)
        for start in range(0, len(answer), PIECE):
            exchange.send(answer[start:start + PIECE])
            self._count(PIECE)
            if len(answer) > PIECE:
                time.sleep(PAUSE)
        return True


def killed(rig, server, chance, words, share):
    """One run that is killed after a random share of that many bytes, and a moment more; True when it ended before."""
    with harness.Process([rig.program, "get", "--retries", 0, *words], cwd=rig.folder) as process:
        reached = threading.Event()
        server.behaviour.watch(chance.randrange(int(share * 1.02)), reached.set)
        delay = chance.choice([0, 0, chance.random() * 0.02, chance.random() * 0.2])
        harness.wait_until(lambda: reached.is_set() or not process.running, "enough bytes or the end", interval=0.001)
        time.sleep(delay)
        process.signal(9)
        status = process.popen.wait()
        assert status in (0, -9), process.stderr.text
        return status == 0


def kill_and_complete(rig, seed, kills, connections):
    """That many kills, spread over as many downloads as they take; each download is completed and compared."""
    chance = random.Random(seed)
    rig.right.add(FILE.content)
    ranged = 0
    with hostile.Server(Counted(lambda _: FILE)) as server:
        words = ["-n", connections, server.url()]
        while kills > 0:
            for _ in range(chance.randrange(1, 5)):
                kills -= 1
                if killed(rig, server, chance, words, SIZE):
                    break
                assert rig.read() in (None, FILE.content), "a killed run left a wrong file"
            server.behaviour.watch(None, None)
            server.forget()
            rig.assert_got(rig.get("--retries", 0, server.url(), connections=connections, timeout=60), FILE.content)
            ranged += any(request.ranged and request.first > 0 for request in server.requests)
            (rig.folder / "file").unlink()
    assert ranged, "no run ever went on where a killed one had been"


@pytest.mark.full
@pytest.mark.parametrize("connections", [1, 4])
def test_some_kills(rig, connections):
    kill_and_complete(rig, SEED + connections, 6, connections)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("connections", [1, 4])
def test_many_kills(rig, connections):
    kill_and_complete(rig, SEED + 10 + connections, 100, connections)


def kill_among_small_files(rig, seed, rounds):
    """Many small files from a list: each is absent or right after a kill, and all are there after the run that follows."""
    chance = random.Random(seed)
    rig.right |= set(SMALL.values())
    total = len(SMALL) * PIECE  # as they are counted
    with hostile.Server(Counted(lambda request: File(SMALL[request.target[1:]]))) as server:
        listed = rig.around / "list"
        listed.write_text("".join(server.url(name) + "\n" for name in SMALL))
        for _ in range(rounds):
            killed(rig, server, chance, ["-i", listed], total)
            for name, content in SMALL.items():
                assert rig.read(name) in (None, content), f"{name} is wrong after a kill"
            server.behaviour.watch(None, None)
            result = rig.get("-q", "--retries", 0, "-i", listed, connections=None, timeout=60)
            assert result.status == 0 and all(rig.read(name) == content for name, content in SMALL.items()), result
            for name in SMALL:
                (rig.folder / name).unlink()
        assert rig.names == [], "a killed run left something that the next did not take away"


@pytest.mark.full
def test_kills_among_small_files(rig):
    kill_among_small_files(rig, SEED, 4)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_kills_among_small_files(rig):
    kill_among_small_files(rig, SEED + 1, 60)
