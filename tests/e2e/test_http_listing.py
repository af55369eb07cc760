"""`sampan serve` over HTTP: what a folder looks like in HTML, JSON and plain text."""
import datetime
import html.parser
import json
import os
import re
import tempfile
import threading
import urllib.parse

import harness
import pytest
import site_tree
import tree
import web

#: What must not reach a page or a terminal as it is.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


class Page(html.parser.HTMLParser):
    """What a browser would make of a listing: `links` [(href, text)], `tags`, `attributes`, `title`, all `text`."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.links, self.tags, self.attributes, self.text, self.title = [], set(), [], "", ""
        self._open = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self._open.append(tag)
        if tag == "a":
            self.links.append([dict(attrs)["href"], ""])

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        self.text += data
        if "title" in self._open:
            self.title += data
        if "a" in self._open:
            self.links[-1][1] += data


def page_of(port, target="/", *lines):
    answer = web.get(port, target, *lines)
    assert answer.status == 200 and answer["content-type"] == "text/html; charset=utf-8", answer
    return Page(answer.body.decode())


def json_of(port, target="/?json", *lines):
    answer = web.get(port, target, *lines)
    assert answer.status == 200 and answer["content-type"].split(";")[0] == "application/json", answer
    return json.loads(answer.body)


def name_behind(href, folder="/"):
    """The name (bytes, folders with their slash) of the entry of `folder` that a link leads to; None: to elsewhere."""
    assert href.isascii() and not re.search(r"[\s<>\"'\\]", href), href
    url = urllib.parse.urlsplit(urllib.parse.urljoin("http://h" + folder, href))
    assert (url.scheme, url.netloc) == ("http", "h"), href
    if not url.path.startswith(folder) or url.path == folder:
        return None
    rest = url.path[len(folder):]
    assert not url.query and not url.fragment and "/" not in rest[:-1], href
    return urllib.parse.unquote_to_bytes(rest)


def entries(hrefs, folder="/"):
    """The names that links lead to, in their order, without those that lead elsewhere (crumbs, the parent)."""
    return [name for name in (name_behind(href, folder) for href in hrefs) if name is not None]


EXPECTED = {*site_tree.FILES, *(name + b"/" for name in site_tree.FOLDERS)}
TOLERATED = {b"noread", b"nodir/"}


# --- which entries

@pytest.fixture(scope="module")
def forms(web_server):
    """The root's entries by their links, in each form that has links."""
    return {"html": entries(href for href, _ in page_of(web_server.port).links),
            "json": entries(entry["href"] for entry in json_of(web_server.port)["entries"])}


@pytest.mark.parametrize("form", ["html", "json"])
def test_every_visible_entry_is_listed_once(forms, form):
    names = forms[form]
    assert set(names) - TOLERATED == EXPECTED
    assert len(names) == len(set(names))


def test_forms_agree(forms):
    assert forms["html"] == forms["json"]


@pytest.mark.parametrize("form", ["html", "json"])
def test_what_is_not_served_is_not_listed(forms, form):
    found = {name.rstrip(b"/") for name in forms[form]}
    assert found.isdisjoint(site_tree.UNLISTED)


@pytest.mark.parametrize("form", ["html", "json"])
def test_every_link_fetches_its_file(port, forms, form):
    """The href as it stands in the page, by a client that changes nothing in it."""
    hrefs = [href for href, _ in page_of(port).links] if form == "html" else [entry["href"] for entry in json_of(port)["entries"]]
    checked = set()
    with web.Connection(port) as connection:
        for href in hrefs:
            name = name_behind(href)
            if name in tree.ODD_NAMES + tree.METHOD_LIKE_NAMES:
                target = urllib.parse.urlsplit(urllib.parse.urljoin("http://h/", href)).path
                assert connection.ask(target).body == tree.content_of(name), href
                checked.add(name)
    assert checked == EXPECTED & {*tree.ODD_NAMES, *tree.METHOD_LIKE_NAMES}


def test_links_are_relative_and_no_scheme(port):
    """`foo:bar` is a name: an entry's link works wherever the listing is mounted, and is never read as `foo:`."""
    for href, _ in page_of(port).links:
        if name_behind(href) is not None:
            assert not href.startswith("/") and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", href), href


def test_parent_of_a_folder(port):
    assert "../" in [href for href, _ in page_of(port, "/dir/").links]
    assert not [href for href, _ in page_of(port).links if ".." in urllib.parse.unquote(href).split("/")]


def test_entries_of_a_sub_folder(port):
    """A link inside is listed as what it leads to."""
    assert entries((href for href, _ in page_of(port, "/dir/").links), "/dir/") == [b"deep/", b"a.txt", b"back"]
    listed = json_of(port, "/dir/?json")
    assert listed["path"] == "/dir/"
    assert [(entry["name"], entry["type"]) for entry in listed["entries"]] == [("deep", "folder"), ("a.txt", "file"),
                                                                               ("back", "file")]
    assert listed["entries"][2]["size"] == 10


def test_empty_folder(serve, tmp_path):
    with serve(tmp_path) as server:
        assert entries(href for href, _ in page_of(server.port).links) == []
        assert json_of(server.port) == {"path": "/", "entries": []}
        assert web.get(server.port, "/?text").body == b""


def test_folders_first_then_natural_order(serve, tmp_path):
    files = [b"f1", b"f2", b"f10", b"f20", b"f100", b"f100a", b"img2-3", b"img2-12", b"img10-1"]
    folders = [b"z2", b"z10"]
    for name in reversed(files):
        (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    for name in reversed(folders):
        (tmp_path / os.fsdecode(name)).mkdir()
    with serve(tmp_path) as server:
        expected = [b"z2/", b"z10/", *files]
        assert entries(href for href, _ in page_of(server.port).links) == expected
        assert entries(entry["href"] for entry in json_of(server.port)["entries"]) == expected
        assert web.get(server.port, "/?text").body.split(b"\n")[:-1] == expected


# --- HTML

def test_page_runs_nothing(port):
    answer = web.get(port, "/")
    policy = dict(directive.split(None, 1) for directive in answer["content-security-policy"].split(";"))
    assert policy.get("script-src", policy["default-src"]) == "'none'"
    page = Page(answer.body.decode())
    assert page.tags.isdisjoint({"script", "img", "iframe", "object", "embed", "svg", "form", "base"}), page.tags
    assert not [found for found in page.attributes if found[1].startswith("on")
                or (found[2] or "").lower().startswith("javascript:")]
    assert answer["x-content-type-options"] == "nosniff" and "accept" in answer["vary"].lower()


def test_names_are_text_to_a_browser(port):
    page = page_of(port)
    shown = {urllib.parse.unquote_to_bytes(href)[2 if href.startswith("./") else 0:]: text for href, text in page.links}
    for name in ("<img src=x onerror=alert(1)>", "\"'<>&.csv", "q?x=1#frag", "a%20b", "foo\\bar", "文件.txt", "😀.bin", "n" * 255,
                 "\u00e9", "e\u0301"):
        assert shown[name.encode()].strip() == name, name


def test_no_invisible_character_is_on_the_page(port):
    """Controls, bidi overrides and what is no UTF-8 are shown, not obeyed."""
    text = web.get(port, "/").body.decode()  # fails when bytes that are no UTF-8 went through
    assert not INVISIBLE.search(text.replace("\r\n", "\n")), ascii(INVISIBLE.search(text))
    shown = [text for _, text in page_of(port).links]
    assert len(set(shown)) >= len(EXPECTED), "two names look the same"
    assert not [text for text in shown if "\n" in text.strip() or "\t" in text.strip()]


@pytest.mark.parametrize("target", ["/%3Cimg%20src=x%20onerror=alert(1)%3E", "/%22'%3E%3Cscript%3Ealert(1)%3C/script%3E",
                                    "/%0a%1b[31m%ff",
                                    "/?%3Cscript%3E", "/dir/?<script>alert(1)</script>", "/" + "%3Cb%3E" * 60 + "/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_error_pages_are_inert(port, target, method):
    """The path may be shown, never as markup."""
    answer = web.get(port, target + "x", method=method)
    text = answer.body.decode()
    assert not INVISIBLE.search(text.replace("\r\n", "\n"))
    if answer["content-type"].startswith("text/html"):
        assert Page(text).tags.isdisjoint({"script", "img", "b"}), text
        assert "'none'" in answer["content-security-policy"]


def test_names_of_folders_are_escaped_in_titles(serve, tmp_path):
    name = "<img src=x onerror=alert(1)>\"'&"
    (tmp_path / name).mkdir()
    (tmp_path / name / "<b>").mkdir()
    with serve(tmp_path) as server:
        target = "/" + site_tree.quoted(name.encode()) + "/%3Cb%3E/"
        page = page_of(server.port, target)
        assert name in page.title and "<b>" in page.title and name in page.text
        assert page.tags.isdisjoint({"img", "b"})
        crumbs = [urllib.parse.urlsplit(urllib.parse.urljoin("http://h" + target, href)).path for href, _ in page.links]
        assert "/" in crumbs
        for path in crumbs:
            assert web.get(server.port, path).status == 200, path


# --- JSON, text, and which of them

def test_json_fields(port, site):
    found = {entry["href"]: entry for entry in json_of(port)["entries"]}
    by_name = {name_behind(href): entry for href, entry in found.items()}
    ten = by_name[b"ten.txt"]
    assert (ten["name"], ten["type"], ten["size"], ten["modified"]) == ("ten.txt", "file", 10, "2001-02-03T04:05:06Z")
    assert (by_name[b"big"]["size"], by_name[b"empty"]["size"], by_name[b"in"]["size"]) == (5 * 2**30, 0, 10)
    assert (by_name[b"dir/"]["name"], by_name[b"dir/"]["type"]) == ("dir", "folder")
    for name, entry in by_name.items():
        assert set(entry) <= {"name", "type", "size", "modified", "href"} and entry["type"] in ("file", "folder")
        path = site_tree.path_in(site.root, name.rstrip(b"/"))
        moment = datetime.datetime.fromtimestamp(int(path.stat().st_mtime), datetime.timezone.utc)
        assert entry["modified"] == moment.strftime("%Y-%m-%dT%H:%M:%SZ"), name


def test_json_names_are_exact(port):
    names = {entry["name"] for entry in json_of(port)["entries"]}
    for name in tree.ODD_NAMES:
        if name in tree.HIDDEN_ODD_NAMES:
            continue
        try:
            assert name.decode() in names
        except UnicodeDecodeError:
            assert any("\ufffd" in found for found in names)


def test_json_escapes_controls(port):
    body = web.get(port, "/?json").body
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", body.replace(b"\r\n", b"\n"))
    assert b"new\\n" in body or b"new\\u000a" in body.lower()


def test_json_sizes_are_exact_beyond_what_a_double_holds(serve):
    """2^53 + 1: more than most file systems allow, but not that of shared memory."""
    with tempfile.TemporaryDirectory(prefix="sampan-e2e-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        try:
            with open(os.path.join(folder, "huge"), "wb") as file:
                file.truncate(2**53 + 1)
        except OSError:
            pytest.skip("no file system here has files of that size")
        with serve(folder) as server:
            assert b"9007199254740993" in web.get(server.port, "/?json").body
            with web.Connection(server.port) as connection:
                assert connection.ask("/huge", method="HEAD")["content-length"] == "9007199254740993"
                answer = connection.ask("/huge", "Range: bytes=-1")
                assert answer["content-range"] == "bytes 9007199254740992-9007199254740992/9007199254740993"


def test_text(port):
    answer = web.get(port, "/?text")
    assert answer["content-type"] == "text/plain; charset=utf-8"
    lines = answer.body.decode().split("\n")
    assert lines.pop() == "" and len(lines) == len(set(lines))
    assert len(EXPECTED) <= len(lines) <= len(EXPECTED | TOLERATED)
    assert {"ten.txt", "dir/", "idx/", "with space.txt", "文件.txt", "<img src=x onerror=alert(1)>", "-rf"} <= set(lines)
    assert not INVISIBLE.search(answer.body.decode())


@pytest.mark.parametrize("target, lines, media_type", [
    ("/dir/", [], "text/html"), ("/dir/", ["Accept: */*"], "text/html"), ("/dir/", ["Accept: application/json"],
                                                                          "application/json"),
    ("/dir/", ["Accept: text/plain"], "text/plain"), ("/dir/", ["Accept: text/html"], "text/html"),
    ("/dir/", ["Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], "text/html"),
    ("/dir/", ["Accept: application/json, text/plain;q=0.5, */*;q=0.1"], "application/json"),
    ("/dir/", ["Accept: application/json;q=0.5, text/html"], "text/html"), ("/dir/", ["Accept: image/png"], "text/html"),
    ("/dir/", ["Accept: application/json;q=0"], "text/html"), ("/dir/", ["Accept: Application/JSON"], "application/json"),
    ("/dir/", ["Accept: garbage;;;q=x"], "text/html"), ("/dir/", ["Accept:"], "text/html"),
    ("/dir/?json", [], "application/json"), ("/dir/?json", ["Accept: text/html"], "application/json"),
    ("/dir/?text", [], "text/plain")])
def test_which_form(port, target, lines, media_type):
    answer = web.get(port, target, *lines)
    assert answer.status == 200 and answer["content-type"].split(";")[0] == media_type
    assert "accept" in answer["vary"].lower()
    assert web.head(port, target, *lines)["content-type"] == answer["content-type"]


def test_listing_is_never_stale(serve, tmp_path):
    with serve(tmp_path) as server, web.Connection(server.port) as connection:
        for number in range(30):
            (tmp_path / str(number)).write_bytes(b"x")
            answer = connection.ask("/?json")
            assert [entry["name"] for entry in json.loads(answer.body)["entries"]] == [str(n) for n in range(number + 1)]
            assert "max-age" not in (answer.get("cache-control") or "")


# --- large and changing folders

def test_entries_that_vanish_while_they_are_read(serve, tmp_path):
    """Every listing is complete in itself and holds all that was there all the time."""
    kept = [f"kept-{number}" for number in range(500)]
    for name in kept:
        (tmp_path / name).write_bytes(b"x")
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            for number in range(100):
                (tmp_path / f"passing-{number}").write_bytes(b"x")
            for number in range(100):
                (tmp_path / f"passing-{number}").unlink()

    with serve(tmp_path) as server:
        thread = threading.Thread(target=churn)
        thread.start()
        try:
            for _ in range(20):
                names = [entry["name"] for entry in json_of(server.port)["entries"]]
                assert [name for name in names if name.startswith("kept")] == kept
                assert len(names) == len(set(names))
        finally:
            stop.set()
            thread.join()


@pytest.mark.full
def test_a_hundred_thousand_entries(serve, tmp_path):
    """In memory that does not grow with every client, while others are served."""
    number = 100_000
    for index in range(number):
        os.close(os.open(tmp_path / f"entry number {index}", os.O_CREAT | os.O_WRONLY, 0o644))
    (tmp_path / "ten.txt").write_bytes(tree.TEN)
    with serve("--workers", 1, tmp_path) as server:
        before = harness.highest_memory(server.pid)
        measured = not harness.is_sanitized(harness.binary())
        links = re.findall(rb'<a href="(\./entry[^"]*|\./ten[^"]*)"', web.get(server.port, "/").body)  # a parser takes a minute
        names = entries(link.decode() for link in links)
        assert names == [*(b"entry number %d" % index for index in range(number)), b"ten.txt"]
        if measured:
            assert harness.highest_memory(server.pid) - before < 24
            harness.wait_until(lambda: harness.resident_memory(server.pid) - before < 4, "its memory is given back")
        assert len(json_of(server.port)["entries"]) == number + 1
        with web.Connection(server.port, receive_buffer=4096) as waiting:
            waiting.send(web.request("/"))
            assert waiting.head().status == 200
            for _ in range(20):
                assert web.get(server.port, "/ten.txt", "Connection: close").body == tree.TEN
        listings = harness.in_parallel(lambda _: len(web.get(server.port, "/?text").body.splitlines()), range(4))
        assert listings == [number + 1] * 4
        if measured:
            assert harness.highest_memory(server.pid) - before < 64


@pytest.mark.full
def test_client_that_leaves_during_a_long_listing(serve, tmp_path):
    for index in range(20_000):
        os.close(os.open(tmp_path / f"{index}", os.O_CREAT | os.O_WRONLY, 0o644))
    with serve(tmp_path) as server:
        before = harness.open_descriptors(server.pid)
        for _ in range(20):
            with web.Connection(server.port, receive_buffer=4096) as connection:
                connection.send(web.request("/"))
                assert connection.head().status == 200
        harness.wait_until(lambda: harness.open_descriptors(server.pid) <= before, "everything is given back")
        assert len(json_of(server.port)["entries"]) == 20_000
