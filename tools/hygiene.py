#!/usr/bin/python3
"""Fails on text that must not be in any file of the repository.

That is: notes of unfinished work, conflict markers, and names of the machine it was written on, which are found out
here and not listed: the checkout's own folder and the one it lies in, home folders, the host's name.
Usage: hygiene.py. Needs git, which says what belongs to the repository.
"""

import pathlib
import re
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
# Folders that a checkout may lie in, and texts speak of, anywhere. Those of one component also look like paths of the
# repository in a sentence or a pattern.
COMMON_FOLDERS = set(
    "/ /app /bin /build /code /data /dev /etc /home /lib /media /mnt /opt /proc /repo /root /run /src /srv /sys /tmp /usr"
    " /usr/local /usr/local/src /usr/src /var /var/lib /var/tmp /workspace".split()
)


def machine_names(root, host):
    """Patterns for this machine's names, each with what it is."""
    for folder in (root, root.parent):
        if str(folder) not in COMMON_FOLDERS:
            yield rf"(?<![\w.~)}}\]-]){re.escape(str(folder))}(?![\w.-])", "a folder of this machine"
    yield r"(?<![\w.~])/(?:home/[a-z][\w-]*|root)/\w", "a home folder"
    if re.search(r"[-.\d]", host) and len(host) > 3:  # a plain word, like localhost or debian, may mean anything
        yield rf"\b{re.escape(host)}\b", "this machine's name"


def patterns(root, host):
    # Written in two parts, or this file would find itself.
    yield r"\b(?:TO" r"DO|FIX" r"ME)\b", "unfinished work"
    yield r"^(?:<{7}|>{7}|={7})(?: |$)", "a conflict marker"
    yield from machine_names(root, host)


def check(name, text, rules):
    for number, line in enumerate(text.splitlines(), 1):
        reason = next((reason for rule, reason in rules if rule.search(line)), None)
        if reason:
            yield f"{name}:{number}: {reason}: {line.strip()[:100]}"


def main():
    rules = [(re.compile(pattern), reason) for pattern, reason in patterns(ROOT, socket.gethostname())]
    listing = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        stdout=subprocess.PIPE,
        check=True,
    )
    found = []
    for name in sorted(filter(None, listing.stdout.decode().split("\0"))):
        path = ROOT / name
        if not path.is_file():  # deleted, and not yet so in the index
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a corpus or a picture
        found.extend(check(name, text, rules))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
