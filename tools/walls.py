#!/usr/bin/python3
"""Fails on what the walls between the rooms of src/ forbid: include edges, system headers, and calls.

Usage: walls.py [ROOT]. Prints one line per breach, `file:line: reason`; exit status 1 if there is one.
ARCHITECTURE.md says what each wall is for. Tested by tests/here/test_walls.py.
"""

import pathlib
import re
import sys

# room → the rooms it may include. An arrow also opens the rooms behind it; every room has base.
DOORS = {
    "base": [],
    "text": ["base"],
    "http": ["text"],
    "store": ["text"],
    "net": ["base"],
    "ui": ["text"],
    "lab": ["net"],
    "talk": ["net", "text"],
    "client": ["http", "net"],
    "server": ["http", "store", "net"],
    "cli": ["server", "client", "talk", "lab", "ui", "store"],
}

SOCKET_HEADERS = r"sys/(socket|epoll|un)\.h|netinet/.*|arpa/inet\.h|openssl/ssl\.h|boost/asio(/.*|\.hpp)"

# (rooms it holds for, or for "not ROOMS"; pattern of a system header; why)
HEADER_RULES = [
    ("not net", SOCKET_HEADERS, "only net includes sockets, epoll, TLS and Asio"),
    ("http store", r"netdb\.h|poll\.h|sys/(poll|select)\.h", "http and store know no network"),
    (
        "http",
        r"unistd\.h|fcntl\.h|sys/.*|time\.h|ctime|thread|mutex|shared_mutex|condition_variable|future|fstream|filesystem",
        "http knows no descriptor, file, clock or thread",
    ),
    ("not cli", r"iostream|argp\.h|getopt\.h", "only cli reads arguments and prints"),
    ("not cli ui", r"libintl\.h", "only cli and ui translate"),
]

CALL = r"(?<![\w.>:])(?:std::|::)?"  # not a member, not of another namespace, not the tail of a longer name
# (rooms, pattern in code without comments and literals, why)
CODE_RULES = [
    ("not cli", CALL + r"(?:v?printf|puts|putchar|perror|psignal)\s*\(", "only cli prints"),
    ("not cli", r"\bstd::w?(?:cout|cerr|clog)\b|\bfmt::print\b", "only cli prints"),
    ("not cli", r"(?<![\w.>])(?:stdout|stderr|STDOUT_FILENO|STDERR_FILENO)\b", "only cli chooses where to print"),
    ("not cli", CALL + r"(?:write|writev|dprintf)\s*\(\s*[12]\s*,", "only cli prints"),
    ("not cli", CALL + r"(?:secure_getenv|getenv|setenv|putenv|unsetenv)\s*\(|\benviron\b", "only cli reads the environment"),
    ("not cli", CALL + r"(?:exit|_exit|_Exit|quick_exit)\s*\(", "only cli exits"),
    ("not cli", r"\bargv\b", "only cli reads arguments"),
    ("not cli ui", CALL + r"(?:_|d?c?n?p?gettext)\s*\(", "only cli and ui translate"),
    ("http", r"\b(?:clock_gettime|gettimeofday)\s*\(|_clock::now\b|(?<![\w.>:])(?:std::|::)?time\s*\(", "http knows no clock"),
]

ASIO_FOR_ALL = "boost/asio/awaitable.hpp"  # all that net/task.h, which other rooms see, may include of Asio
LONG_FILE = 400  # lines; beyond it a file is asking to be split

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
COMMENT_OR_LITERAL = re.compile(
    r'R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'  # raw strings
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'"  # but 1'000 is a number
    r"|//[^\n]*|/\*.*?\*/",
    re.DOTALL,
)


def reachable():
    """DOORS with the rooms behind each door, and the room itself."""
    opened = {}
    for room, doors in DOORS.items():  # each room comes after those it may include
        opened[room] = {room}.union(*(opened[door] for door in doors))
    return opened


OPEN = reachable()


def holds_for(rooms, room):
    names = rooms.split()
    return room not in names[1:] if names[0] == "not" else room in names


def code_only(text):
    """The text without comments and literals; lines keep their numbers."""

    def blank(match):
        kept = '""' if match[0][0] in "\"R'" else " "
        return kept + "\n" * match[0].count("\n")

    return COMMENT_OR_LITERAL.sub(blank, text)


def includes(text):
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1], match[2]


def for_tests(name):
    """x_test.cc, and test_x.h and .cc, which several of them share."""
    return name.endswith("_test.cc") or name.startswith("test_")


def check_own_include(room, is_test, target):
    """Why a file of `room` may not include "target"; None if it may."""
    first, _, rest = target.partition("/")
    if first == "sampan" and rest:
        return None
    if not rest or first not in DOORS:
        return f'"{target}" is not of the form room/file or sampan/file'
    if for_tests(target.rpartition("/")[2]) and not is_test:
        return f'"{target}" is for tests'
    if first not in OPEN[room]:
        return f'{room} may not include "{target}": it opens only onto {", ".join(sorted(OPEN[room] - {room})) or "nothing"}'
    return None


def check_room_file(room, path, text):
    is_test = for_tests(path.name)
    for number, own, system in includes(text):
        if own:
            reason = check_own_include(room, is_test, own)
            if reason:
                yield number, reason
        elif not is_test:  # a test may open sockets, print and read what it likes
            for rooms, pattern, reason in HEADER_RULES:
                if holds_for(rooms, room) and re.fullmatch(pattern, system):
                    yield number, f"<{system}>: {reason}"
            if path.name == "task.h" and system.startswith("boost/asio") and system != ASIO_FOR_ALL:
                yield number, f"<{system}>: task.h, which other rooms see, includes only <{ASIO_FOR_ALL}>"
    if is_test:
        return
    for number, line in enumerate(code_only(text).splitlines(), 1):
        for rooms, pattern, reason in CODE_RULES:
            match = re.search(pattern, line)
            if match and holds_for(rooms, room):
                yield number, f"{match[0].strip()}: {reason}"


def check_public_header(text):
    for number, own, system in includes(text):
        if own and not own.startswith("sampan/"):
            yield number, f'"{own}": public headers include no room'
        if system and not (re.fullmatch(r"[a-z_]+", system) or system.startswith("boost/system/")):
            yield number, f"<{system}>: public headers include only std, boost/system and each other"


def sources(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in (".h", ".cc") and path.is_file())


def check_tree(root):
    """All breaches in the tree at `root`, as lines of text."""
    found = []

    def report(path, breaches):
        found.extend(f"{path.relative_to(root)}:{number}: {reason}" for number, reason in breaches)

    for path in sources(root / "src"):
        room = path.relative_to(root / "src").parts[0]
        if room in DOORS and path.parent == root / "src" / room:
            report(path, check_room_file(room, path, path.read_text("utf-8")))
        else:
            report(path, [(1, f"not in one of the rooms {', '.join(DOORS)}")])
    for path in sources(root / "include"):
        report(path, check_public_header(path.read_text("utf-8")))
    return found


def long_files(root):
    for path in sources(root / "src") + sources(root / "include"):
        lines = path.read_text("utf-8").count("\n")
        if lines > LONG_FILE:
            yield f"{path.relative_to(root)}: {lines} lines; is this one concept?"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[1]).resolve()
    for line in long_files(root):
        print("warning:", line)
    found = check_tree(root)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
