"""tools/walls.py lets the repository pass and finds each kind of breach."""

import pathlib
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tools"))

import walls  # noqa: E402

CLEAN = {
    "include/sampan/error.h": '#include <boost/system/result.hpp>\n#include <string>\n#include "sampan/version.h"\n',
    "src/base/error.cc": '#include "sampan/error.h"\n#include <netdb.h>\n',
    "src/http/head.cc": '#include "base/bytes.h"\n#include "text/utf8.h"\n#include <chrono>\n',
    "src/net/loop.cc": "#include <sys/epoll.h>\n#include <sys/socket.h>\n#include <boost/asio/io_context.hpp>\n",
    "src/net/task.h": "#include <boost/asio/awaitable.hpp>\n",
    "src/server/session.cc": '#include "text/escape.h"\n#include "net/loop.h"\n'
    '// printf("a comment"), exit(1)\nauto s = "std::cout << getenv(argv[1])"; auto r = R"(exit(1) \' " )";\n'
    "void f() { char b[9]; std::snprintf(b, 9, s); loop.exit(1); shop::exit(2); write(fd, b, 1'000); }\n",
    "src/server/session_test.cc": '#include <sys/socket.h>\nint main() { printf("x"); }\n',
    "src/talk/test_peers.h": "#include <sys/socket.h>\n",
    "src/talk/link_test.cc": '#include "talk/test_peers.h"\n',
    "src/ui/term.cc": "#include <libintl.h>\nauto s = _(\"x\");\n",
    "src/cli/main.cc": '#include "server/server.h"\n#include "net/address.h"\n#include <iostream>\n#include <libintl.h>\n'
    'int main(int argc, char** argv) { std::cout << argv[1] << getenv("X"); exit(1); }\n',
}

BREACHES = [
    # file, text, what the report says
    ("src/base/a.cc", '#include "text/utf8.h"\n', 'base may not include "text/utf8.h"'),
    ("src/text/a.cc", '#include "http/head.h"\n', 'text may not include "http/head.h"'),
    ("src/http/a.cc", '#include "net/loop.h"\n', 'http may not include "net/loop.h"'),
    ("src/http/a.cc", '#include "store/store.h"\n', 'http may not include "store/store.h"'),
    ("src/store/a.cc", '#include "http/date.h"\n', 'store may not include "http/date.h"'),
    ("src/store/a.cc", '#include "net/loop.h"\n', 'store may not include "net/loop.h"'),
    ("src/net/a.h", '#  include "http/head.h"\n', 'net may not include "http/head.h"'),
    ("src/net/a.h", '#include "text/utf8.h"\n', 'net may not include "text/utf8.h"'),
    ("src/ui/a.cc", '#include "net/loop.h"\n', 'ui may not include "net/loop.h"'),
    ("src/lab/a.cc", '#include "text/utf8.h"\n', 'lab may not include "text/utf8.h"'),
    ("src/talk/a.cc", '#include "http/head.h"\n', 'talk may not include "http/head.h"'),
    ("src/server/a.cc", '#include "ui/progress.h"\n', 'server may not include "ui/progress.h"'),
    ("src/server/a.cc", '#include "client/get.h"\n', 'server may not include "client/get.h"'),
    ("src/server/a_test.cc", '#include "ui/progress.h"\n', 'server may not include "ui/progress.h"'),
    ("src/client/a.cc", '#include "ui/progress.h"\n', 'client may not include "ui/progress.h"'),
    ("src/client/a.cc", '#include "store/store.h"\n', 'client may not include "store/store.h"'),
    ("src/talk/a.cc", '#include "cli/flags.h"\n', 'talk may not include "cli/flags.h"'),
    ("src/net/a.cc", '#include "loop.h"\n', "not of the form room/file"),
    ("src/net/a.cc", '#include "../base/clock.h"\n', "not of the form room/file"),
    ("src/cli/a.cc", '#include "attic/a.h"\n', "not of the form room/file"),
    ("src/talk/a.cc", '#include "talk/test_peers.h"\n', "is for tests"),
    ("src/attic/a.cc", "\n", "not in one of the rooms"),
    ("src/net/deep/a.cc", "\n", "not in one of the rooms"),
    ("src/a.cc", "\n", "not in one of the rooms"),
    # System headers.
    ("src/server/a.cc", "#include <sys/socket.h>\n", "only net includes"),
    ("src/client/a.cc", "#include <sys/epoll.h>\n", "only net includes"),
    ("src/lab/a.cc", "#include <netinet/tcp.h>\n", "only net includes"),
    ("src/cli/a.cc", "#include <openssl/ssl.h>\n", "only net includes"),
    ("src/talk/a.cc", "#include <boost/asio.hpp>\n", "only net includes"),
    ("src/http/a.cc", "#include <boost/asio/buffer.hpp>\n", "only net includes"),
    ("src/net/task.h", "#include <boost/asio/co_spawn.hpp>\n", "task.h, which other rooms see"),
    ("src/store/a.cc", "#include <poll.h>\n", "http and store know no network"),
    ("src/http/a.cc", "#include <netdb.h>\n", "http and store know no network"),
    ("src/http/a.cc", "#include <unistd.h>\n", "http knows no descriptor"),
    ("src/http/a.cc", "#include <thread>\n", "http knows no descriptor"),
    ("src/server/a.cc", "#include <iostream>\n", "only cli reads arguments and prints"),
    ("src/talk/a.cc", "#include <libintl.h>\n", "only cli and ui translate"),
    # Calls.
    ("src/server/a.cc", 'void f() { printf("x"); }\n', "only cli prints"),
    ("src/server/a.cc", 'void f() { fmt::print("x"); }\n', "only cli prints"),
    ("src/ui/a.cc", 'void f() { std::cerr << "x"; }\n', "only cli prints"),
    ("src/ui/a.cc", "void f() { fputs(s, stderr); }\n", "only cli chooses where to print"),
    ("src/ui/a.cc", "void f() { isatty(STDOUT_FILENO); }\n", "only cli chooses where to print"),
    ("src/net/a.cc", "void f() { ::write(2, s, n); }\n", "only cli prints"),
    ("src/base/a.cc", 'auto s = std::getenv("HOME");\n', "only cli reads the environment"),
    ("src/base/a.cc", "extern char** environ;\n", "only cli reads the environment"),
    ("src/base/a.h", "inline void f() { std::exit(1); }\n", "only cli exits"),
    ("src/net/a.cc", "void f() { ::_exit(1); }\n", "only cli exits"),
    ("src/talk/a.cc", "void f(char** argv);\n", "only cli reads arguments"),
    ("src/talk/a.cc", 'auto s = _("x");\n', "only cli and ui translate"),
    ("src/server/a.cc", 'auto s = ngettext("x", "y", n);\n', "only cli and ui translate"),
    ("src/http/a.cc", "auto t = std::chrono::system_clock::now();\n", "http knows no clock"),
    ("src/http/a.cc", "auto t = std::time(nullptr);\n", "http knows no clock"),
    # Public headers.
    ("include/sampan/a.h", '#include "net/loop.h"\n', "public headers include no room"),
    ("include/sampan/a.h", "#include <sys/socket.h>\n", "public headers include only std"),
    ("include/sampan/a.h", "#include <fmt/format.h>\n", "public headers include only std"),
    ("include/sampan/a.h", "#include <boost/asio/buffer.hpp>\n", "public headers include only std"),
]


def plant(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def test_this_repository_keeps_its_walls():
    assert walls.check_tree(REPOSITORY) == []


def test_clean_tree_passes(tmp_path):
    plant(tmp_path, CLEAN)
    assert walls.check_tree(tmp_path) == []


@pytest.mark.parametrize("name, text, reason", BREACHES)
def test_breach_is_found(tmp_path, name, text, reason):
    plant(tmp_path, CLEAN | {name: "// first line\n" + text})
    found = walls.check_tree(tmp_path)
    assert len(found) == 1
    assert reason in found[0]
    assert found[0].startswith(f"{name}:{1 if 'rooms' in reason and 'see' not in reason else 2}: ")


def test_every_rule_has_a_breach_above():
    reasons = {reason for *_, reason in walls.HEADER_RULES + walls.CODE_RULES}
    shown = [reason for *_, reason in BREACHES]
    assert [reason for reason in reasons if not any(part in reason for part in shown)] == []


def test_main_fails_on_a_breach(tmp_path, capsys, monkeypatch):
    plant(tmp_path, {"src/http/a.cc": '#include "net/loop.h"\n'})
    monkeypatch.setattr(sys, "argv", ["walls.py", str(tmp_path)])
    assert walls.main() == 1
    assert "src/http/a.cc:1: http may not include" in capsys.readouterr().out


def test_long_files_are_named(tmp_path):
    plant(tmp_path, {"src/base/long.cc": "//\n" * 401, "src/base/short.cc": "//\n" * 400})
    assert [line.split(":")[0] for line in walls.long_files(tmp_path)] == ["src/base/long.cc"]
