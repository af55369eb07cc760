"""A TCP relay in front of a server: it can cut the way back after so many bytes, and records what clients asked."""
import contextlib
import select
import socket

import raw


class Relay(raw.ScriptedServer):
    """Passes bytes to 127.0.0.1:`port`. `limit` is how many bytes each connection gets back before it is ended, None: all.

    `asked` holds what the clients sent, in one piece for each connection; `given` counts the bytes they got.
    """

    def __init__(self, port, limit=None, reset=False):
        self._port, self.limit, self.reset = port, limit, reset
        self.forget()
        super().__init__(self._pass)

    def forget(self):
        self.asked, self.given = [], 0

    def _pass(self, client):
        number, left = len(self.asked), self.limit
        self.asked.append(b"")
        with raw.connect(self._port) as server:
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if source is client:
                        if not data:
                            return
                        self.asked[number] += data
                        server.sendall(data)
                        continue
                    if left is not None:
                        data, left = data[:left], left - len(data)
                    client.sendall(data)
                    self.given += len(data)
                    if not data or (left is not None and left <= 0):
                        self._end(client)
                        return

    def _end(self, client):
        raw.wait_delivered_or_left(client)
        if self.reset and self.limit is not None:
            raw.reset(client)
        else:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
