"""A raw HTTP/1.1 client: exact bytes out, strict parsing in, on a connection that is kept.

Everything that arrives through it is searched for the sentinel of `tree`; what was found waits in `leaks`.
"""
import email.utils
import re
import time

import harness
import raw
import tree

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([\t\x20-\x7e]*)\Z")
FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ?((?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?)\Z")
#: RFC 9110 8.8.3: the characters of an entity tag.
STRONG_TAG = re.compile(r'"[\x21\x23-\x7e]+"\Z')

#: Fields that a client may see once at most.
SINGLE = ("content-length", "content-type", "content-range", "date", "etag", "last-modified", "location", "server",
          "transfer-encoding", "allow", "accept-ranges", "x-content-type-options")

#: Larger than any head that a server of files has reason to send.
LONGEST_HEAD = 16384

#: The pieces in which the sentinel was seen; cleared before each test.
leaks = []


class Answer:
    """One response: `status`, `reason`, `fields` [(lower-case name, value)], `body`."""

    def __init__(self, head):
        lines = head.split(b"\r\n")
        found = STATUS_LINE.match(lines[0])
        assert found, f"no status line: {lines[0]!r}"
        self.status, self.reason = int(found.group(1)), found.group(2).decode()
        self.fields = []
        for line in lines[1:]:
            parts = FIELD.match(line)
            assert parts, f"no header field: {line!r}"
            self.fields.append((parts.group(1).decode().lower(), parts.group(2).decode()))
        self.head = head
        self.body = b""
        for name in SINGLE:
            assert len(self.all(name)) <= 1, f"{name} twice: {head!r}"

    def all(self, name):
        """The values of all fields of this name."""
        return [value for found, value in self.fields if found == name.lower()]

    def get(self, name):
        """The value of a field, lines joined, or None."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def __getitem__(self, name):
        value = self.get(name)
        assert value is not None, f"no {name} in {self.head!r}"
        return value

    def __contains__(self, name):
        return self.get(name) is not None

    @property
    def closes(self):
        """True when the server says that this is the connection's last answer."""
        return "close" in (self.get("connection") or "").lower()

    def __repr__(self):
        return f"<{self.head!r} + {len(self.body)} bytes {self.body[:200]!r}>"


def request(target, *lines, method="GET", version="HTTP/1.1", host="localhost"):
    """The bytes of a request; `lines` are further fields (`"Name: value"`), text or bytes. host=None: no Host."""
    parts = [b" ".join(map(_bytes, (method, target, version)))]
    if host is not None:
        parts.append(b"Host: " + _bytes(host))
    return b"\r\n".join([*parts, *map(_bytes, lines)]) + b"\r\n\r\n"


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()


class Connection:
    """A client's connection; use it as a context manager."""

    def __init__(self, port, **options):
        self.sock = raw.connect(port, **options)
        self._buffer = bytearray()
        self._tail = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    # --- sending

    def send(self, data):
        self.sock.sendall(_bytes(data))

    def ask(self, target, *lines, method="GET", **options):
        """Sends a request and returns its answer."""
        self.send(request(target, *lines, method=method, **options))
        return self.answer(method)

    # --- receiving

    def _receive(self, size=1 << 20):
        """One more piece into the buffer; False at a clean end. A reset is the caller's."""
        piece = self.sock.recv(size)
        if tree.SENTINEL in self._tail + piece:
            leaks.append(bytes(self._buffer[:200]) + piece[:200])
        self._tail = (self._tail + piece)[-len(tree.SENTINEL):]
        self._buffer += piece
        return bool(piece)

    def _take(self, size):
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _until(self, mark, limit):
        """Bytes up to and without `mark`, which is taken too."""
        while (place := self._buffer.find(mark)) < 0:
            assert len(self._buffer) <= limit, f"no {mark!r} in {bytes(self._buffer[:500])!r}"
            assert self._receive(), f"the server ended in the middle of {bytes(self._buffer[:500])!r}"
        data = self._take(place)
        self._take(len(mark))
        return data

    def head(self):
        """The next answer without its body."""
        answer = Answer(self._until(b"\r\n\r\n", LONGEST_HEAD))
        # RFC 9110 6.6.1: a server with a clock says the time.
        assert answer.status < 200 or answer.status >= 500 or "date" in answer, answer
        return answer

    def exactly(self, size):
        """The next `size` bytes."""
        while len(self._buffer) < size:
            assert self._receive(), f"the server ended after {len(self._buffer)} of {size} bytes"
        return self._take(size)

    def body_of(self, answer, method="GET"):
        """The body that belongs to a head, by the framing of RFC 9112 6.3."""
        length, coding = answer.get("content-length"), answer.get("transfer-encoding")
        assert length is None or coding is None, answer
        if answer.status < 200 or answer.status == 204:
            assert length is None and coding is None, answer  # RFC 9110 8.6, RFC 9112 6.1
        if method == "HEAD" or answer.status < 200 or answer.status in (204, 304):
            return b""
        if coding is not None:
            assert coding == "chunked", answer
            return self._chunks()
        if length is not None:
            assert length.isascii() and length.isdigit(), answer
            return self.exactly(int(length))
        assert answer.closes, f"a body without an end: {answer}"
        data, end = self.rest()
        assert end == raw.FIN
        return data

    def _chunks(self):
        body = bytearray()
        while True:
            size = self._until(b"\r\n", 100)
            assert re.fullmatch(rb"[0-9A-Fa-f]+", size), f"chunk size {size!r}"
            body += self.exactly(int(size, 16))
            assert self.exactly(2) == b"\r\n"
            if int(size, 16) == 0:
                assert tree.SENTINEL not in body
                return bytes(body)

    def answer(self, method="GET"):
        """The next answer with its body."""
        answer = self.head()
        answer.body = self.body_of(answer, method)
        return answer

    def rest(self):
        """All that still comes, and how it ends: (bytes, FIN or RESET)."""
        try:
            while self._receive():
                pass
            end = raw.FIN
        except ConnectionResetError:
            end = raw.RESET
        return self._take(len(self._buffer)), end

    def assert_end(self):
        """The server closes cleanly and says nothing more."""
        rest = self.rest()
        assert rest == (b"", raw.FIN), rest

    def assert_silent(self):
        """Nothing has come so far."""
        self.sock.setblocking(False)
        try:
            ended = not self._receive()
        except BlockingIOError:
            ended = False
        finally:
            self.sock.settimeout(harness.PATIENCE)
        assert not ended and not self._buffer, bytes(self._buffer[:500])


def get(port, target, *lines, method="GET", **options):
    """One request on a connection of its own."""
    with Connection(port) as connection:
        return connection.ask(target, *lines, method=method, **options)


def head(port, target, *lines, **options):
    """A HEAD request, followed by another request that shows that no body came."""
    with Connection(port) as connection:
        answer = connection.ask(target, *lines, method="HEAD", **options)
        if not answer.closes:
            assert connection.ask("/ten.txt").body == tree.TEN
        else:
            connection.assert_end()
        return answer


def last_answer(port, data, method="GET"):
    """Sends these bytes; returns the one answer, after which the server has to close cleanly."""
    with Connection(port) as connection:
        connection.send(data)
        answer = connection.answer(method)
        assert answer.closes, f"closed without saying so: {answer}"
        connection.assert_end()
        return answer


def seconds(date):
    """The time of an HTTP date, which has to be in the one form that servers may send (RFC 9110 5.6.7)."""
    moment = email.utils.parsedate_to_datetime(date).timestamp()
    assert email.utils.formatdate(moment, usegmt=True) == date, date
    return int(moment)


def date(moment):
    """Seconds since 1970 as an HTTP date."""
    return email.utils.formatdate(moment, usegmt=True)


def settle(*paths):
    """Waits until the last change of these files is old enough that two changes cannot share a time stamp."""
    last = max(path.stat().st_ctime for path in paths)
    harness.wait_until(lambda: time.time() > last + 0.1, "the files are a little old")
