"""Looks once at what a server answers, byte by byte, before anything is measured."""

import re
import socket

import _common as bench
from _load import Refused

# By hand: in this folder, where a bench is called http, Python's own http package cannot be imported.


def get(port, path, field=""):
    """Status, head and body of one answer."""
    request = f"GET {path} HTTP/1.1\r\nHost: {bench.HOST}:{port}\r\nConnection: close\r\n{field}\r\n"
    answer = bytearray()
    try:
        with socket.create_connection((bench.HOST, port), timeout=10) as connection:
            connection.sendall(request.encode())
            while got := connection.recv(1 << 20):
                answer += got
    except OSError as failure:
        raise Refused(f"no answer: {failure}") from None
    head, _, body = bytes(answer).partition(b"\r\n\r\n")
    found = re.match(r"HTTP/1\.1 (\d{3})", head.decode("latin-1"))
    if not found:
        raise Refused("no answer in HTTP/1.1")
    return int(found[1]), head.decode("latin-1"), body


def whole(port, path, file):
    status, _, body = get(port, path)
    if status != 200:
        raise Refused(f"answered {status}")
    if body != file.read_bytes():
        raise Refused(f"{len(body)} bytes that are not the file")


def part(port, path, file, first, length):
    last = first + length - 1
    status, head, body = get(port, path, f"Range: bytes={first}-{last}\r\n")
    if status != 206:
        raise Refused(f"answered {status} to a range")
    with open(file, "rb") as opened:
        opened.seek(first)
        wanted = opened.read(length)
    # RFC 9110 14.4
    if body != wanted or not re.search(rf"(?im)^Content-Range: bytes {first}-{last}/{file.stat().st_size}\r?$", head):
        raise Refused(f"{len(body)} bytes that are not the range")
