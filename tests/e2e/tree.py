"""The folder that the server's tests serve, and what must never come out of it."""
import contextlib
import hashlib
import os
import pathlib
import socket
import stat

SENTINEL = b"SECRET-7f3a"

TEN = b"0123456789"


def pattern(size, seed=b"sampan"):
    """`size` bytes that look random, always the same for a seed."""
    return hashlib.shake_256(seed).digest(size)


#: Odd but legal file names, each served with content_of(name).
ODD_NAMES = [
    b"with space.txt", b" leading", b"trailing ", b" ", b"a%20b", b"a+b", b"q?x=1#frag", b"\"'<>&.csv",
    b"<img src=x onerror=alert(1)>", b"new\nline", b"tab\tx", b"foo\\bar", b"foo:bar", b"-rf", b"*star",
    b"#[]{}()@!$&'+,;= %20.t", "😀.bin".encode(), "\u00e9".encode(), "e\u0301".encode(), b"\xff\xfe.bin",
    "文件.txt".encode(), "文件.txt".encode("gbk"), b"esc\x1b[31m", b"c1\xc2\x9bx", "bidi\u202etxt".encode(),
    "zero\u200bwidth".encode(), "line\u2028end".encode(), b"cr\rx", b"n" * 255, ("文" * 85).encode(),
    b"HTTP", b"x HTTP", b"get ten", b"..three", b"...",
]
#: Of these, hidden by default because they begin with a dot.
HIDDEN_ODD_NAMES = [b"..three", b"..."]

#: Names that are the beginning of an HTTP request: complete only after a longer silence.
METHOD_LIKE_NAMES = [b"G", b"GET", b"P", b"POST", b"GET it", b"CONNECT", b"HEAD x y"]

#: What asks for nothing that may be served: each is answered with an end and no byte.
NOTHING = [
    b"missing", b"empty", b"../secret", b"..", b"../", b"dir/../../secret", b"./../secret", b"dir/./../../secret",
    b"../" * 1024 + b"secret", b"../" * 40 + b"etc/passwd", b"/etc/passwd", b"//etc/passwd", b"/../secret",
    b"..\\secret", b"dir//../../secret", b"%2e%2e/secret", b"..%2fsecret",
    b"out", b"outdir/passwd", b"updir/secret", b"updir/served/ten.txt", b"absolute-inside", b"loop", b"dead", b"loop/x",
    b".hidden", b".git/config", b"dir/../.hidden", b"./.hidden", b"to-hidden", b"to-git/config", b"dir/.nested",
    b"..three", b"fifo", b"sock", b"dir", b"dir/", b".", b"./", b"dir/deep", b"nodir", b"", b"/",
    b"ten.txt/", b"ten.txt/x", b"ten.txt/..", b"ten.txt/../ten.txt", b"ten%2Etxt", b"TEN.TXT", b"m" * 256, b"a/" * 2000 + b"a",
    b"\0", b"ten.txt\0", b"ten.txt\0.png", b"\0ten.txt", b"..\0/secret", b"\xff\xfe", b"\xc0\xae\xc0\xae/secret",
    b"/proc/self/environ", b"/dev/zero", b"null", b"zero",
]

#: Names with a way around that stays inside.
ROUNDABOUT = {b"dir/../ten.txt": TEN, b"./ten.txt": TEN, b"dir/./a.txt": b"a", b"dir/deep/../a.txt": b"a",
              b"dir//a.txt": b"a", b"in": TEN, b"dir/deep/b.txt": b"b", b"dir/back": TEN}


def content_of(name):
    """What the file of this name holds: no two names hold the same."""
    return b"content of " + name


def _write(path, data):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with open(descriptor, "wb") as file:
        file.write(data)


def build(parent):
    """Makes `served/` with the fixture's files, and `secret` beside it; returns the path of `served`."""
    parent = pathlib.Path(parent)
    root = parent / "served"
    (root / "dir" / "deep").mkdir(parents=True)
    (root / ".git").mkdir()
    os.chmod(parent, 0o755)
    _write(parent / "secret", SENTINEL)
    _write(root / "ten.txt", TEN)
    _write(root / "empty", b"")
    _write(root / "medium", pattern(3_000_000))
    _write(root / "noext", bytes(5000) + b"\x00\x01\x02")
    _write(root / "dir" / "a.txt", b"a")
    _write(root / "dir" / "deep" / "b.txt", b"b")
    _write(root / "dir" / ".nested", SENTINEL)
    _write(root / ".hidden", b"hidden")
    _write(root / ".git" / "config", b"config")
    for name in ODD_NAMES + METHOD_LIKE_NAMES:
        _write(os.fsencode(root) + b"/" + name, content_of(name))
    for link, target in {"in": "ten.txt", "out": "/etc/passwd", "outdir": "/etc", "updir": "..", "loop": "loop",
                         "dead": "nope", "to-hidden": ".hidden", "to-git": ".git", "dir/back": "../ten.txt",
                         "absolute-inside": root / "ten.txt"}.items():
        os.symlink(target, root / link)
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as sock:
        # The path of a unix socket is short; the folder's may not be.
        previous = os.open(".", os.O_RDONLY)
        os.chdir(root)
        try:
            sock.bind("sock")
        finally:
            os.fchdir(previous)
            os.close(previous)
    _write(root / "noread", SENTINEL)
    os.chmod(root / "noread", 0)
    (root / "nodir").mkdir()
    _write(root / "nodir" / "inner", SENTINEL)
    os.chmod(root / "nodir", 0)
    with contextlib.suppress(PermissionError):
        os.mknod(root / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.mknod(root / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    return root


MARK_PLACES = (2**32 - 2, 2**32, 5 * 2**30 - 4)


def build_big(path):
    """A sparse file of 5 GiB with four known bytes around 2^32 and at its end; returns {offset: byte}."""
    marks = {}
    with open(path, "wb") as file:
        file.truncate(5 * 2**30)
        for number, place in enumerate(MARK_PLACES):
            word = bytes([0xA0 + number, 0xB0 + number, 0xC0 + number, 0xD0 + number])
            file.seek(place)
            file.write(word)
            for index, byte in enumerate(word):
                marks[place + index] = byte
    return marks
