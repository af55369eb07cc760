"""The folder that the tests of the HTTP server serve: that of `tree`, and what only HTTP tells apart."""
import os
import pathlib

import tree
import web

#: When ten.txt was last changed: 2001-02-03 04:05:06 UTC, long ago, so that its date is a strong validator.
MODIFIED = 981173106

STYLE = b"body { color: green }\n"
PAGE = b"<!doctype html><title>page</title>\n"
INDEX = b"<!doctype html><title>index</title>\n"

#: What a listing of the root has to name, besides what `tree.build` may have been able to make unreadable.
FOLDERS = [b"dir", b"idx"]
FILES = [b"ten.txt", b"empty", b"medium", b"noext", b"page.html", b"style.css", b"big", b"in",
         *(name for name in tree.ODD_NAMES if name not in tree.HIDDEN_ODD_NAMES), *tree.METHOD_LIKE_NAMES]
#: Not readable for everybody: a listing may name them or not.
UNREADABLE = [b"noread", b"nodir"]
#: Never in a listing: hidden, leading out, leading nowhere, no files.
UNLISTED = [b".hidden", b".git", b"out", b"outdir", b"updir", b"absolute-inside", b"loop", b"dead", b"to-hidden",
            b"to-git", b"fifo", b"sock", b"null", b"zero", *tree.HIDDEN_ODD_NAMES]


class Site:
    """`root` is the served folder (a Path), `marks` the known bytes {offset: byte} of its file `big`."""

    def __init__(self, parent):
        self.root = tree.build(parent)
        (self.root / "style.css").write_bytes(STYLE)
        (self.root / "page.html").write_bytes(PAGE)
        (self.root / "idx").mkdir()
        (self.root / "idx" / "index.html").write_bytes(INDEX)
        self.marks = tree.build_big(self.root / "big")
        os.utime(self.root / "ten.txt", (MODIFIED, MODIFIED))
        web.settle(self.root / "ten.txt")


def path_in(folder, name):
    """The path of an entry whose name is bytes."""
    return pathlib.Path(os.fsdecode(os.path.join(os.fsencode(folder), name)))


def quoted(name):
    """A name as one component of a URL path, every byte but letters and digits escaped."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 0x80 else f"%{byte:02X}" for byte in name)
