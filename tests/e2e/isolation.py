"""Networks of their own for a program under test, so that nobody outside is ever asked for a name. Needs root."""
import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

_library = ctypes.CDLL(None, use_errno=True)


def _check(status, what):
    if status != 0:
        raise OSError(ctypes.get_errno(), what)


def no_network():
    """For preexec_fn: not even loopback; every question to a resolver fails at once."""
    _check(_library.unshare(CLONE_NEWNET), "unshare")


def silent_resolver(configuration):
    """For preexec_fn, with close_fds=False: loopback only, and a resolver on it that takes questions and never answers.

    `configuration` is a file that is put in the place of /etc/resolv.conf, for this process only.
    """
    def prepare():
        _check(_library.unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            request = struct.pack("16sh22x", b"lo", 0)
            flags = struct.unpack("16sh22x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
            fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))
        _check(_library.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount")
        _check(_library.mount(os.fsencode(configuration), b"/etc/resolv.conf", None, MS_BIND, None), "mount")
        resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        resolver.bind(("127.0.0.1", 53))
        os.set_inheritable(resolver.detach(), True)
    return prepare
