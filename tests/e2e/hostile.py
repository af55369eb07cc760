"""An HTTP server that does as it is told, request by request: exact bytes, cuts, silence, lies. It records what was asked.

A behaviour is a function of an Exchange that sends what it likes; it returns True where the connection takes another
request, else the connection ends. A `File` is itself a behaviour, that of a server that keeps the rules.
"""
import email.utils
import itertools
import re
import ssl
import threading
import time

import raw

#: A time of change that is long past: a strong validator by RFC 9110 8.8.2.2.
LONG_AGO = 1_600_000_000
LONGEST_REQUEST = 65536


class Request:
    """A request without body: `method`, `target`, `fields` [(lower-case name, value)].

    `connection` counts the server's connections, `turn` the requests on this one, `number` all; each from 0.
    """

    def __init__(self, data, connection, turn, number):
        lines = data.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = lines[0].split(" ")
        self.fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)]
        self.connection, self.turn, self.number, self.data = connection, turn, number, data

    def get(self, name):
        """The value of a field, or None."""
        return next((value for found, value in self.fields if found == name.lower()), None)

    @property
    def ranged(self):
        return self.get("range") is not None

    @property
    def span(self):
        """The one range that was asked for: (first, last); last is None for an open end. (0, None) without a range."""
        if not self.ranged:
            return 0, None
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.get("range"))
        assert found, f"no single range: {self.get('range')!r}"
        return int(found[1]), int(found[2]) if found[2] else None

    @property
    def first(self):
        return self.span[0]

    def __repr__(self):
        return f"<{self.method} {self.target} {self.get('range') or 'whole'} if-range={self.get('if-range')} on {self.connection}>"


class Exchange:
    """One request and the connection to answer it on."""

    def __init__(self, server, sock, request):
        self.server, self.sock, self.request = server, sock, request

    def send(self, data):
        self.sock.sendall(data)

    @property
    def left(self):
        """True when the client has ended the connection."""
        return raw.has_left(self.sock)

    def deliver(self, data):
        """Sends, and waits until it is in the client's kernel, or the client has left."""
        self.send(data)
        raw.wait_delivered_or_left(self.sock)

    def reset(self):
        self.deliver(b"")
        raw.reset(self.sock)

    def wait_left(self):
        """Waits until the client has ended the connection, and sends nothing."""
        raw.wait_closed_by_peer(self.sock)

    def drip(self, data, pause):
        """Sends a byte at a time until the client has left, or all is sent; `pause` is in seconds."""
        left = threading.Event()
        for position in range(len(data)):
            self.send(data[position:position + 1])
            left.wait(pause)


# --- answers

def message(status, fields=(), body=b""):
    """The bytes of an answer; Date and framing are the caller's."""
    lines = [f"HTTP/1.1 {status}", *fields, "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + body


def chunked(body, size=16_384):
    """A body in chunks of that size, with the last chunk."""
    pieces = (body[start:start + size] for start in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class File:
    """What a server has at a URL. `etag` and `modified` (seconds since 1970, or "now") may be None: not told."""

    def __init__(self, content, etag='"A"', modified=LONG_AGO, media_type="application/octet-stream", fields=()):
        self.content, self.etag, self.modified, self.media_type, self.more = content, etag, modified, media_type, list(fields)

    @property
    def size(self):
        return len(self.content)

    @property
    def last(self):
        return self.size - 1

    def fields(self):
        """Date, type and validators."""
        now = time.time()
        told = [f"Date: {email.utils.formatdate(now, usegmt=True)}", f"Content-Type: {self.media_type}"]
        if self.etag:
            told.append(f"ETag: {self.etag}")
        if self.modified:
            told.append(f"Last-Modified: {email.utils.formatdate(now if self.modified == 'now' else self.modified, usegmt=True)}")
        return told + self.more

    def whole(self, *fields, body=None):
        return message("200 OK", [*self.fields(), f"Content-Length: {self.size}", *fields], self.content if body is None else body)

    def partial(self, content_range, body, *fields):
        """A 206 with that Content-Range (None: without) and the length of `body`, unless `fields` frame it."""
        framing = [] if any(re.match("(?i)content-length|transfer-encoding|connection: close", field) for field in fields) else \
            [f"Content-Length: {len(body)}"]
        told = [f"Content-Range: {content_range}"] if content_range is not None else []
        return message("206 Partial Content", [*self.fields(), *told, *framing, *fields], body)

    def part(self, first, last=None, *fields, total=None):
        """A 206 as it should be: `last` None is the file's end, `total` what is said instead of the size."""
        last = self.last if last is None else min(last, self.last)
        return self.partial(f"bytes {first}-{last}/{self.size if total is None else total}", self.content[first:last + 1], *fields)

    def answer(self, request):
        """What a server that keeps the rules answers (RFC 9110 13.2.2, 14.2)."""
        head_only = request.method == "HEAD"
        if request.get("if-match") not in (None, "*", self.etag):
            return message("412 Precondition Failed", [*self.fields(), "Content-Length: 0"])
        applies = request.ranged and not head_only and self.unchanged(request.get("if-range"))
        if not applies:
            return self.whole(body=b"" if head_only else None)
        if request.first >= self.size:
            return message("416 Range Not Satisfiable", [*self.fields(), f"Content-Range: bytes */{self.size}", "Content-Length: 0"])
        return self.part(*request.span)

    def unchanged(self, condition):
        """If-Range: a strong entity tag, or the very date (RFC 9110 13.1.5)."""
        if condition is None:
            return True
        if condition.startswith(('"', "W/")):
            return condition == self.etag and condition.startswith('"')
        return self.modified not in (None, "now") and condition == email.utils.formatdate(self.modified, usegmt=True)

    def __call__(self, exchange):
        exchange.send(self.answer(exchange.request))
        return True


# --- behaviours

def heedless_answer(file, request):
    """A range of the file as it is now, whatever the conditions say."""
    if request.ranged and request.first >= file.size:
        return message("416 Range Not Satisfiable", [*file.fields(), f"Content-Range: bytes */{file.size}", "Content-Length: 0"])
    return file.part(*request.span) if request.ranged else file.whole(body=b"" if request.method == "HEAD" else None)


def heedless(file):
    """Answers so."""
    return answering(lambda request: heedless_answer(file, request))


def ignorant(file):
    """Knows no ranges."""
    return answering(lambda request: file.whole(body=b"" if request.method == "HEAD" else None))


def exact(*pieces, end=None, keep=False):
    """Sends these bytes, whatever was asked; each piece is delivered before the next. `end` gets the exchange."""
    def behave(exchange):
        for piece in pieces:
            (exchange.deliver if len(pieces) > 1 else exchange.send)(piece)
        if end:
            end(exchange)
        return keep
    return behave


def answering(make, keep=True):
    """Sends what `make(request)` gives."""
    def behave(exchange):
        exchange.send(make(exchange.request))
        return keep
    return behave


def cut(file, size, end=None):
    """Answers as `file` does, but ends after `size` bytes of the body: by FIN, or as `end` does it."""
    def behave(exchange):
        answer = file.answer(exchange.request)
        exchange.deliver(answer[:answer.index(b"\r\n\r\n") + 4 + size])
        if end:
            end(exchange)
        return False
    return behave


def in_turn(*behaviours):
    """The n-th request is answered by the n-th of them, all further ones by the last."""
    turns = itertools.count()

    def behave(exchange):
        return behaviours[min(next(turns), len(behaviours) - 1)](exchange)
    return behave


def by_range(ranged, whole):
    """One behaviour for requests with a range, one for those without."""
    return lambda exchange: (ranged if exchange.request.ranged else whole)(exchange)


def by_path(**behaviours):
    """A behaviour for each name at the end of the path; others are not there."""
    missing = exact(message("404 Not Found", ["Content-Length: 0"]), keep=True)
    return lambda exchange: behaviours.get(exchange.request.target.rpartition("/")[2].partition("?")[0], missing)(exchange)


def one_at_a_time(good, others):
    """One behaviour on the connection that is open for longest, another on those beside it."""
    return lambda exchange: (good if exchange.server.oldest == exchange.request.connection else others)(exchange)


def silent(exchange):
    """Never answers."""
    exchange.wait_left()


def drop(_):
    """Ends the connection instead of an answer."""


resets = Exchange.reset
stays_open = Exchange.wait_left


class Server(raw.ScriptedServer):
    """The server; `behaviour` may be changed between two runs. `tls` is an ssl.SSLContext for a server of https."""

    def __init__(self, behaviour=None, tls=None, **options):
        self.behaviour, self.tls, self.requests = behaviour, tls, []
        self.says_goodbye = True  # TLS: close_notify before FIN
        self._lock = threading.Lock()
        self._connections = itertools.count()
        self._open = {}  # connection → socket, in the order in which they came
        super().__init__(self._converse, **options)

    def url(self, path="file"):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}/{path}"

    def forget(self):
        """Counts requests from 0 again."""
        self.requests.clear()
        self.accepted = 0

    @property
    def oldest(self):
        """The connection that is open for longest, of those that their client has not ended."""
        with self._lock:
            return next((connection for connection, sock in self._open.items() if sock.fileno() >= 0 and not raw.has_left(sock)), None)

    @property
    def ranges(self):
        """What was asked for: `(first, last)` for a range, None for the whole."""
        return [request.span if request.ranged else None for request in self.requests]

    @property
    def gets(self):
        """The requests for content."""
        return [request for request in self.requests if request.method == "GET"]

    @property
    def asked_whole(self):
        """True when the whole file was asked for."""
        return not all(request.ranged for request in self.gets)

    def bytes_asked(self, size):
        """How many bytes of a file of that size were asked for, all requests together."""
        return sum((size - 1 if request.span[1] is None else min(request.span[1], size - 1)) + 1 - request.first for request in self.gets)

    def _converse(self, sock):
        connection, buffer = next(self._connections), bytearray()
        with self._lock:
            self._open[connection] = sock
        try:
            if self.tls:
                sock = self._open[connection] = self.tls.wrap_socket(sock, server_side=True)
            for turn in itertools.count():
                data = self._read_request(sock, buffer)
                if not data:
                    break
                with self._lock:
                    request = Request(data, connection, turn, len(self.requests))
                    self.requests.append(request)
                if not self.behaviour(Exchange(self, sock, request)):
                    break
            if self.tls and self.says_goodbye:
                sock.unwrap()
        except (ssl.SSLError, ConnectionError):
            pass  # a client that does not accept the certificate leaves in the handshake
        except (OSError, ValueError):
            if sock.fileno() >= 0:  # else the behaviour ended the connection itself
                raise
        finally:
            with self._lock:
                del self._open[connection]
            sock.close()

    @staticmethod
    def _read_request(sock, buffer):
        """The next request up to its empty line; b"" when the client ends instead. `buffer` keeps what came behind it."""
        while (place := buffer.find(b"\r\n\r\n")) < 0:
            try:
                piece = sock.recv(LONGEST_REQUEST)
            except TimeoutError:
                piece = b""  # an idle connection is closed, as servers do
            if not piece:
                assert not buffer, f"the client ended within its request: {bytes(buffer)!r}"
                return b""
            buffer += piece
            assert len(buffer) <= LONGEST_REQUEST, bytes(buffer[:200])
        data = bytes(buffer[:place + 4])
        del buffer[:place + 4]
        return data
