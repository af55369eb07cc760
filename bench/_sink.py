"""Receives until the end and throws the bytes away, without copying them: the cheapest receiver there can be.

Usage: _sink.py PORT LOW_WATER [NAME [FILE]]. It sleeps until LOW_WATER bytes are there (1: wakes at every segment, which the
sender's processor pays for). NAME is sent first, and then the end; FILE keeps what came, to compare it.
Prints one JSON object: bytes, and the wall and CPU seconds from connecting to the end.
"""

import json
import socket
import sys
import time

PORTION = 1 << 20


def main():
    port, low_water, name, keep = (sys.argv[1:] + ["", ""])[:4]
    buffer = bytearray(PORTION)
    wall, cpu = time.monotonic(), time.process_time()
    total = 0
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, int(low_water))
        if name:
            connection.sendall(name.encode())
            connection.shutdown(socket.SHUT_WR)
        if keep:
            with open(keep, "wb") as file:
                while got := connection.recv_into(buffer):
                    total += file.write(memoryview(buffer)[:got])
        else:
            # On TCP, MSG_TRUNC discards (tcp(7)).
            while got := connection.recv_into(buffer, PORTION, socket.MSG_TRUNC):
                total += got
    print(json.dumps({"bytes": total, "wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}))


main()
