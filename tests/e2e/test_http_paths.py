"""`sampan serve` over HTTP: from the path of a URL to a file below the root, and to nothing else."""
import json
import os
import pathlib
import re
import subprocess

import harness
import pytest
import site_tree
import tree
import web

SWAPPER = pathlib.Path(__file__).with_name("swapper.py")


def assert_inside(answer):
    """A redirect leads to a path of this server, whatever reads it (RFC 3986 4.2, WHATWG URL)."""
    for location in answer.all("location"):
        assert re.match(r"/(?![/\\])[\x21-\x7e]*\Z", location) and "\\" not in location, location


def assert_not_served(answer):
    assert answer.status in (400, 404), answer
    assert_inside(answer)
    assert tree.SENTINEL not in answer.body and b"root:" not in answer.body


# --- decoding

@pytest.mark.parametrize("target", ["/ten%2Etxt", "/ten%2etxt", "/%74en.txt", "/%74%65%6E%2e%74%78%74", "/%74%65%6e%2E%74%78%74"])
def test_percent_encoding(port, target):
    assert web.get(port, target).body == tree.TEN


def test_decoding_happens_once(port):
    assert web.get(port, "/a%2520b").body == tree.content_of(b"a%20b")
    assert web.get(port, "/a%20b").status == 404
    assert web.get(port, "/a%252520b").status == 404


@pytest.mark.parametrize("target", ["/x%", "/x%1", "/x%zz", "/%", "/%2", "/ten.txt%", "/ten%2gtxt", "/%%32e"])
def test_malformed_encoding(port, target):
    assert web.get(port, target).status == 400


@pytest.mark.parametrize("target", ["/%00", "/ten.txt%00", "/ten.txt%00.png", "/..%00", "/%00ten.txt", "/dir/%00/a.txt"])
def test_nul(port, target):
    assert_not_served(web.get(port, target))


def test_plus_is_a_plus(port):
    assert web.get(port, "/a+b").body == web.get(port, "/a%2Bb").body == tree.content_of(b"a+b")
    assert web.get(port, "/with+space.txt").status == 404


@pytest.mark.parametrize("target", ["/dir%2Fa.txt", "/dir%2fa.txt", "/%2Ften.txt", "/ten.txt%2F", "/dir%2F", "/dir%5Ca.txt",
                                    "/dir\\a.txt"])
def test_encoded_slash_is_no_slash(port, target):
    assert_not_served(web.get(port, target))


@pytest.mark.parametrize("name", [name for name in tree.ODD_NAMES if name not in tree.HIDDEN_ODD_NAMES],
                         ids=lambda name: ascii(name[:24]))
def test_odd_names(port, name):
    target = "/" + site_tree.quoted(name)
    assert web.get(port, target).body == tree.content_of(name)
    assert web.get(port, target, "Range: bytes=-3").body == tree.content_of(name)[-3:]
    assert web.head(port, target)["content-length"] == str(len(tree.content_of(name)))


@pytest.mark.parametrize("target, name", [
    ("/foo:bar", b"foo:bar"), ("/-rf", b"-rf"), ("/*star", b"*star"), ("/foo%5cbar", b"foo\\bar"), ("/foo\\bar", b"foo\\bar"),
    (b"/" + "文件.txt".encode(), "文件.txt".encode()), (b"/\xff\xfe.bin", b"\xff\xfe.bin"), ("/\"'<>&.csv", b"\"'<>&.csv"),
    ("/%23[]{}()@!$&'+,;=%20%2520.t", b"#[]{}()@!$&'+,;= %20.t")], ids=lambda value: ascii(value)[:24])
def test_names_that_are_not_escaped_as_they_should_be(port, target, name):
    """What browsers and scripts send anyway."""
    assert web.get(port, target).body == tree.content_of(name)


# --- dots and slashes

@pytest.mark.parametrize("target", [
    "/../secret", "/..", "/../", "/dir/../../secret", "/%2e%2e/secret", "/.%2e/secret", "/%2E./secret", "/..%2fsecret",
    "/%2e%2e%2fsecret",
    "/..%5csecret", "/..\\secret", "/..;/secret", "/%252e%252e/secret", "/%c0%ae%c0%ae/secret", "/%e0%80%ae%e0%80%ae/secret",
    "/" + "../" * 1024 + "secret", "/" + "../" * 40 + "etc/passwd", "//etc/passwd", "///etc/passwd", "/dir//../../secret",
    "/dir/deep/../../../secret", "/./../secret", "/dir/./../../secret", "/../served/ten.txt", "/%2fetc%2fpasswd",
    "/dir/..%2f..%2fsecret",
    "/..?x", "/../?x", "http://h/../secret", "/etc/passwd", "/proc/self/environ", "/dev/zero", "/.../secret", "/..secret",
    "/secret", "/ten.txt/../../secret", "/nope/../../secret"], ids=lambda target: target[:40])
def test_nothing_outside(port, target):
    for method in ("GET", "HEAD"):
        assert_not_served(web.get(port, target, method=method))
    assert_not_served(web.get(port, target, "Range: bytes=0-9"))
    assert_not_served(web.get(port, target, "Accept: application/json"))


@pytest.mark.parametrize("target, content", [
    ("/dir/../ten.txt", tree.TEN), ("/./ten.txt", tree.TEN), ("/dir/./a.txt", b"a"), ("/dir/deep/../a.txt", b"a"),
    ("/dir//a.txt", b"a"), ("//ten.txt", tree.TEN), ("///dir///deep//b.txt", b"b"), ("/dir/%2e%2e/ten.txt", tree.TEN),
    ("/%2e/ten.txt", tree.TEN), ("/dir/%2E/a.txt", b"a"), ("/dir/deep/../../ten.txt", tree.TEN)])
def test_ways_around_that_stay_inside(port, target, content):
    """Answered, or sent on to the clean path once."""
    answer = web.get(port, target)
    if answer.status in (301, 302, 307, 308):
        assert_inside(answer)
        answer = web.get(port, answer["location"])
    assert (answer.status, answer.body) == (200, content)


@pytest.mark.parametrize("target", ["/dir/..", "/dir/../", "/dir/..?x", "/.", "/./", "/dir/deep/../.."])
def test_way_back_to_the_root(port, target):
    answer = web.get(port, target)
    if answer.status in (301, 308):
        assert_inside(answer)
        answer = web.get(port, answer["location"])
    assert answer.status == 200 and b"ten.txt" in answer.body


# --- redirects

@pytest.mark.parametrize("target, locations", [
    ("/dir", ["/dir/"]), ("/dir?x=1&y=%20", ["/dir/?x=1&y=%20"]), ("/dir?", ["/dir/", "/dir/?"]), ("/dir/deep", ["/dir/deep/"]),
    ("//dir", ["/dir/"]), ("/dir/../dir", ["/dir/", "/dir/../dir/"]), ("/d%69r", ["/dir/"]), ("/idx?a?b", ["/idx/?a?b"]),
    ("http://h/dir?q", ["/dir/?q"])])
def test_folder_without_slash(port, target, locations):
    """To where relative links of the listing are right; the query is kept."""
    for method in ("GET", "HEAD"):
        answer = web.get(port, target, method=method)
        assert answer.status == 301
        assert_inside(answer)
        assert answer["location"] in locations


@pytest.mark.parametrize("target", [
    "//evil.com/dir/..", "//evil.com/..%2f..%2fdir", "/%2fevil.com/%2e%2e/dir", "/\\evil.com/../dir", "//dir", "///dir",
    "/%5cevil.com/..%2fdir",
    "/..%2F%5cevil.com%2F%3f%2F..%2F..", "//evil.com/../dir", "/.//evil.com/../dir", "/dir/..//evil.com", "//evil.com/%2e%2e/dir",
    "/%09/evil.com/../dir", "//\\evil.com/../dir", "/./\\/../dir", "http://h//evil.com/../dir", "/https:/evil.com/../../dir",
    "/https:%2f%2fevil.com",
    "/dir%0d%0aX-Injected:%20yes", "/dir?%0d%0aX-Injected:%20yes", "/dir/%0d%0aX-Injected:%20yes/../../dir"])
def test_no_redirect_leads_elsewhere(port, target):
    """CVE-2021-28861 and its relatives."""
    answer = web.get(port, target)
    assert answer.status < 500 and "x-injected" not in answer
    assert_inside(answer)


def test_redirect_of_an_odd_name_can_be_followed(serve, tmp_path):
    names = [b"with space", b"\xff\xfe", b"new\nline", b"a%20b", b"q?x#y", "文件夹".encode(), b"foo:bar", b"\"<>&'", b"back\\slash"]
    for name in names:
        folder = site_tree.path_in(tmp_path, name)
        folder.mkdir()
        (folder / "inner").write_bytes(tree.content_of(name))
    with serve(tmp_path) as server:
        for name in names:
            answer = web.get(server.port, "/" + site_tree.quoted(name) + "?q")
            assert answer.status == 301, name
            assert_inside(answer)
            path, _, query = answer["location"].partition("?")
            assert query == "q" and web.get(server.port, path + "inner").body == tree.content_of(name), name


# --- trailing slashes, long names

@pytest.mark.parametrize("target", ["/ten.txt/", "/ten.txt/x", "/ten.txt/..", "/ten.txt/.", "/ten.txt//", "/ten.txt/../ten.txt",
                                    "/in/", "/empty/x/y"])
def test_file_is_no_folder(port, target):
    assert web.get(port, target).status in (404, 400)


def test_file_with_a_slash_is_not_there(port):
    assert web.get(port, "/ten.txt/").status == 404


def test_long_names(port):
    assert web.get(port, "/" + "n" * 255).body == tree.content_of(b"n" * 255)
    assert web.get(port, "/" + "%E6%96%87" * 85).body == tree.content_of(("文" * 85).encode())
    assert web.get(port, "/" + "n" * 256).status == 404
    assert web.get(port, "/" + "n" * 5000).status in (404, 414)
    assert web.get(port, "/a" * 2000).status == 404
    assert web.get(port, "/dir/.." * 1000 + "/ten.txt").status in (200, 404, 414)
    assert web.get(port, "/" * 4000 + "ten.txt").status in (200, 301, 404, 414)


# --- hidden files and links

@pytest.mark.parametrize("target", ["/.hidden", "/.git/config", "/.git/", "/.git", "/dir/../.hidden", "/dir/.nested", "/%2ehidden",
                                    "/to-hidden", "/to-git/config", "/..three", "/..."])
def test_hidden_files_are_not_there(port, target):
    assert_not_served(web.get(port, target))
    assert_not_served(web.get(port, target, "Range: bytes=0-3"))


def test_hidden_option(serve, site):
    with serve("--hidden", site.root) as server:
        for target, content in {"/.hidden": b"hidden", "/.git/config": b"config", "/dir/../.hidden": b"hidden",
                                "/to-hidden": b"hidden", "/..three": tree.content_of(b"..three"), "/ten.txt": tree.TEN}.items():
            assert web.get(server.port, target).body == content, target
        names = [entry["name"] for entry in json.loads(web.get(server.port, "/?json").body)["entries"]]
        assert {".hidden", ".git", "..three", "..."} <= set(names)
        for target in ("/../secret", "/out", "/updir/secret"):
            assert_not_served(web.get(server.port, target))


OUTSIDE_LINKS = ["/out", "/outdir/passwd", "/outdir/", "/outdir", "/updir/secret", "/updir/", "/updir", "/updir/served/ten.txt",
                 "/dead", "/loop", "/loop/x", "/absolute-inside"]


@pytest.mark.parametrize("target", OUTSIDE_LINKS)
@pytest.mark.parametrize("lines", [[], ["Range: bytes=0-3"], ["Accept: application/json"], ["If-None-Match: *"]], ids=str)
def test_links_that_lead_out_are_not_there(port, target, lines):
    assert web.get(port, target, *lines).status == 404
    assert web.head(port, target, *lines).status == 404
    assert web.get(port, target + "?json", *lines).status == 404


@pytest.mark.parametrize("target", ["/in", "/dir/back"])
def test_links_that_stay_inside_are_followed(port, target):
    answer = web.get(port, target)
    assert answer.body == tree.TEN and answer["last-modified"] == web.date(site_tree.MODIFIED)
    assert web.get(port, target, "Range: bytes=0-3").body == tree.TEN[:4]
    assert web.head(port, target)["content-length"] == "10"


def test_links_to_folders_are_followed(serve, tmp_path):
    (tmp_path / "real" / "sub").mkdir(parents=True)
    (tmp_path / "real" / "sub" / "file").write_bytes(b"file")
    (tmp_path / "link").symlink_to("real")
    with serve(tmp_path) as server:
        assert web.get(server.port, "/link/sub/file").body == b"file"
        assert web.get(server.port, "/link")["location"] == "/link/"
        assert [entry["name"] for entry in json.loads(web.get(server.port, "/link/?json").body)["entries"]] == ["sub"]
    with serve("--no-symlinks", tmp_path) as server:
        for target in ("/link/sub/file", "/link", "/link/", "/link/?json"):
            assert web.get(server.port, target).status == 404
        assert web.get(server.port, "/real/sub/file").body == b"file"


def test_no_symlinks_option(serve, site):
    with serve("--no-symlinks", site.root) as server:
        for target in ["/in", "/dir/back", *OUTSIDE_LINKS]:
            assert web.get(server.port, target).status == 404, target
            assert web.get(server.port, target, "Range: bytes=0-3").status == 404, target
        assert web.get(server.port, "/ten.txt").body == tree.TEN
        names = [entry["name"] for entry in json.loads(web.get(server.port, "/?json").body)["entries"]]
        assert "in" not in names and "ten.txt" in names


def test_folder_swapped_for_a_link_while_it_is_asked_for(serve, tmp_path):
    """A folder and a link to the outside change places all the time; only what is inside ever comes out."""
    inside, outside = tmp_path / "served", tmp_path / "outside"
    (inside / "folder").mkdir(parents=True)
    outside.mkdir()
    (inside / "folder" / "file").write_bytes(b"inside")
    (outside / "file").write_bytes(tree.SENTINEL)
    (inside / "link").symlink_to("../outside")
    (inside / "plain").write_bytes(b"inside")
    (inside / "plain-link").symlink_to("../outside/file")
    with serve(inside) as server, harness.Process([harness.PYTHON, SWAPPER, "5000", inside / "folder", inside / "link",
                                                   inside / "plain",
                                                   inside / "plain-link"], stdin=subprocess.PIPE) as swapper:
        def several(target):
            with web.Connection(server.port) as connection:
                return [connection.ask(target) for _ in range(100)]

        answers = sum(harness.in_parallel(several, ["/folder/file", "/plain", "/link/file", "/plain-link", "/folder/?json"] * 2,
                                          threads=10), [])
        swapper.close_stdin()
        assert swapper.wait() == 0
    assert {answer.status for answer in answers} <= {200, 404}
    found = [answer for answer in answers if answer.status == 200]
    assert all(answer.body == b"inside" or answer.body.startswith(b"{") for answer in found)
    assert len(found) > len(answers) // 20, "hardly an answer: the race is not what was tested"


# --- index pages, one file

def test_index_page(port):
    for target in ("/idx/", "/idx/?x", "/idx/index.html"):
        answer = web.get(port, target)
        assert (answer.status, answer.body) == (200, site_tree.INDEX) and answer["content-type"] == "text/html; charset=utf-8"
        assert "etag" in answer
    assert web.get(port, "/idx/", f"If-None-Match: {web.get(port, '/idx/')['etag']}").status == 304
    assert web.get(port, "/idx/", "Range: bytes=0-3").body == site_tree.INDEX[:4]
    assert web.get(port, "/idx")["location"] == "/idx/"


def test_folder_without_an_index_page_is_listed(port):
    answer = web.get(port, "/dir/")
    assert answer.status == 200 and b"a.txt" in answer.body


def test_index_options(serve, site):
    with serve("--no-index", site.root) as server:
        answer = web.get(server.port, "/idx/")
        assert answer.status == 200 and answer.body != site_tree.INDEX and b"index.html" in answer.body
        assert web.get(server.port, "/idx/index.html").body == site_tree.INDEX
    with serve("--index", site.root) as server:
        assert web.get(server.port, "/idx/").body == site_tree.INDEX


@pytest.mark.parametrize("kind", ["link out", "folder", "fifo", "dead link"])
def test_index_page_that_is_none(serve, tmp_path, kind):
    """It obeys the same rules as any other name: what is not served is as if it were not there."""
    root = tmp_path / "served"
    root.mkdir()
    (tmp_path / "secret").write_bytes(tree.SENTINEL)
    (root / "ten.txt").write_bytes(tree.TEN)
    index = root / "index.html"
    {"link out": lambda: index.symlink_to("../secret"), "folder": index.mkdir, "fifo": lambda: os.mkfifo(index),
     "dead link": lambda: index.symlink_to("nope")}[kind]()
    with serve(root) as server:
        answer = web.get(server.port, "/")
        assert answer.status == 200 and b"ten.txt" in answer.body


def test_single_file(serve, site):
    with serve(site.root / "ten.txt") as server:
        for target in ("/", "/ten.txt", "/ten%2Etxt", "/?x", "/ten.txt?x"):
            answer = web.get(server.port, target)
            assert (answer.status, answer.body) == (200, tree.TEN), target
            assert answer["content-type"] == "text/plain; charset=utf-8"
        assert web.get(server.port, "/", "Range: bytes=-3").body == b"789"
        assert web.head(server.port, "/ten.txt")["content-length"] == "10"
        for target in ("/empty", "/dir/", "/dir/a.txt", "/../secret", "/ten.txt/", "/ten.tx", "/in", "/index.html"):
            assert_not_served(web.get(server.port, target))
