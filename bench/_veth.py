"""A network namespace with an Ethernet of its own towards this one: packets of at most 1,500 bytes, cut by the stack itself."""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import subprocess

import _common as bench

SERVER, CLIENT = "198.18.7.1", "198.18.7.2"  # RFC 2544: for benchmarks
SIOCETHTOOL = 0x8946
# Set to 0: packets stay as large as the MTU says, as on a card without help.
OFFLOADS = {"TSO": 0x1F, "GSO": 0x24, "GRO": 0x2C}


def without_offloads(name):
    with socket.socket() as control:
        for command in OFFLOADS.values():
            value = ctypes.create_string_buffer(struct.pack("=II", command, 0), 8)  # struct ethtool_value
            fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sP16x", name.encode(), ctypes.addressof(value)))


@contextlib.contextmanager
def network():
    """Gives the start of a command line that runs a client in the namespace; raises NotStarted where none can be made."""
    name, link = f"sampan-bench-{os.getpid()}", f"sb{os.getpid()}"

    def ip(*words):
        subprocess.run(["ip", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    try:
        ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as failure:
        raise bench.NotStarted(f"no network namespace: {getattr(failure, 'stderr', failure)}") from None
    try:
        ip("link", "add", link, "mtu", "1500", "type", "veth", "peer", "name", "eth0", "mtu", "1500", "netns", name)
        ip("address", "add", f"{SERVER}/30", "dev", link)
        ip("link", "set", link, "up")
        ip("-n", name, "address", "add", f"{CLIENT}/30", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        without_offloads(link)
        yield ["nsenter", f"--net=/run/netns/{name}"]
    finally:
        subprocess.run(["ip", "link", "delete", link], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["ip", "netns", "delete", name], check=False)
