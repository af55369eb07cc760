#!/usr/bin/python3
"""A crowd of clients in one process: reads one JSON object from stdin, prints one with what happened.

In:  host, port, clients, request (hex), sources (addresses the clients connect from; [] = any), together (true: all are
     connected before the first one asks), half_close, answer (hex: what each has to get), seconds (limit).
Out: right, wrong, reset, refused, unfinished: how many clients ended each way; seconds.
"""
import errno
import json
import resource
import selectors
import socket
import sys
import time


class Crowd:
    """All clients, one selector."""

    def __init__(self, order):
        self.order = order
        self.request = bytes.fromhex(order["request"])
        self.answer = bytes.fromhex(order["answer"])
        self.selector = selectors.DefaultSelector()
        self.counts = dict.fromkeys(("right", "wrong", "reset", "refused", "unfinished"), 0)
        self.got = {}
        self.connected = []
        self.connecting = 0

    def start(self, source):
        """Begins to connect one client."""
        sock = socket.socket()
        sock.setblocking(False)
        if source:
            sock.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT: the port is chosen at connect
            sock.bind((source, 0))
        state = sock.connect_ex((self.order["host"], self.order["port"]))
        if state not in (0, errno.EINPROGRESS):
            self.counts["refused"] += 1
            sock.close()
            return
        self.connecting += 1
        self.selector.register(sock, selectors.EVENT_WRITE)

    def ask(self, sock):
        """Sends the request and waits for the answer from here on."""
        try:
            sock.send(self.request)
            if self.order["half_close"]:
                sock.shutdown(socket.SHUT_WR)
        except OSError:
            return self.end(sock, "reset")
        self.got[sock] = bytearray()
        self.selector.modify(sock, selectors.EVENT_READ)

    def is_connected(self, sock):
        """The connection is made, or has failed."""
        self.connecting -= 1
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0:
            return self.end(sock, "refused")
        if not self.order["together"]:
            return self.ask(sock)
        self.selector.modify(sock, selectors.EVENT_READ)
        self.connected.append(sock)

    def read(self, sock):
        """Takes what there is; at the end compares."""
        try:
            data = sock.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            return self.end(sock, "reset")
        if sock not in self.got:  # closed before it asked
            return self.end(sock, "wrong")
        if data:
            self.got[sock] += data
        else:
            self.end(sock, "right" if self.got[sock] == self.answer else "wrong")

    def end(self, sock, how):
        self.counts[how] += 1
        self.got.pop(sock, None)
        self.selector.unregister(sock)
        sock.close()

    def run(self):
        started = time.monotonic()
        sources = self.order["sources"] or [None]
        for number in range(self.order["clients"]):
            self.start(sources[number % len(sources)])
        asked = not self.order["together"]
        while self.selector.get_map() and time.monotonic() - started < self.order["seconds"]:
            for key, events in self.selector.select(1):
                if events & selectors.EVENT_WRITE:
                    self.is_connected(key.fileobj)
                else:
                    self.read(key.fileobj)
            if not asked and self.connecting == 0:
                asked = True
                for sock in self.connected:
                    if sock.fileno() >= 0:
                        self.ask(sock)
        self.counts["unfinished"] = len(self.selector.get_map())
        self.counts["seconds"] = round(time.monotonic() - started, 2)
        return self.counts


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(Crowd(json.load(sys.stdin)).run()))
