"""`sampan serve` and the HTTP clients that people use, while others ask the same server for bare names."""
import concurrent.futures
import contextlib
import http.client
import os
import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request

import harness
import peers
import pytest
import raw
import tree
import web

SIZE = 16 << 20


@pytest.fixture(scope="module")
def content():
    return tree.pattern(1 << 20) * (SIZE >> 20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("tools")
    (folder / "sub" / "inner").mkdir(parents=True)
    for name, data in {"ten.txt": tree.TEN, "large": content, "empty": b"", "文件.txt": "你好".encode(), "with space": b"space",
                       "sub/one": b"one", "sub/inner/two": b"two", "<img src=x onerror=document.title=6*7>": b"name",
                       "page.html": b"<p id=x>a page</p>"}.items():
        (folder / name).write_bytes(data)
    os.utime(folder / "ten.txt", (10**9, 10**9))
    return folder


@pytest.fixture(scope="module")
def server(serve, folder):
    with serve(folder) as running:
        yield running


@pytest.fixture
def url(server, content, tmp_path):
    """The server's URL. During the test others ask for bare names, as the course's programs do; all of it has to be right."""
    def bare(number):
        name = ("large", "ten.txt", "文件.txt", "missing")[number % 4]
        expected = {"large": content, "ten.txt": tree.TEN, "文件.txt": "你好".encode()}.get(name, b"")
        ending = (raw.QUIET, raw.HALF_CLOSE, raw.LF, raw.CRLF)[number // 4 % 4]
        course = peers.download("127.0.0.1", server.port, "ten.txt", tmp_path)
        return raw.ask(server.port, name, ending) == expected and course == tree.TEN

    with concurrent.futures.ThreadPoolExecutor(4) as others:
        asked = [others.submit(bare, number) for number in range(16)]
        yield f"http://127.0.0.1:{server.port}"
        assert all(each.result() for each in asked)


@pytest.fixture
def use(tool, target):
    """use(name, *arguments, status=0): runs the tool in the folder `target`."""
    def go(name, *arguments, status=0, timeout=None):
        program = tool(name)
        result = harness.run([program, *arguments], cwd=target, timeout=timeout,
                             env={"HOME": str(target.parent), "no_proxy": "*", **harness.peer_environment(program)})
        assert result.status == status, result
        assert tree.SENTINEL not in result.out
        return result
    return go


# --- curl

def test_curl_downloads(use, url, target, content):
    use("curl", "-sSfO", f"{url}/large")
    assert (target / "large").read_bytes() == content
    assert use("curl", "-sSf", f"{url}/%E6%96%87%E4%BB%B6.txt").out == "你好".encode()
    assert use("curl", "-sSf", "--compressed", f"{url}/ten.txt").out == tree.TEN
    assert use("curl", "-sSf", "--http1.0", f"{url}/ten.txt").out == tree.TEN
    assert use("curl", "-sS", "-o", "out", "-w", "%{http_code}", f"{url}/missing").out == b"404"


def test_curl_resumes_and_takes_ranges(use, url, target, content):
    (target / "part").write_bytes(content[:5_000_000])
    use("curl", "-sSf", "-C", "-", "-o", "part", f"{url}/large")
    assert (target / "part").read_bytes() == content
    assert use("curl", "-sSf", "-r", "2-4", f"{url}/ten.txt").out == tree.TEN[2:5]
    assert use("curl", "-sSf", "-r", "-3", f"{url}/ten.txt").out == tree.TEN[-3:]


def test_curl_conditions(use, url):
    assert use("curl", "-sSf", "-o", "out", "-w", "%{http_code}", "-z", web.date(10**9), f"{url}/ten.txt").out == b"304"
    use("curl", "-sSf", "--etag-save", "tag", "-o", "out", f"{url}/ten.txt")
    assert use("curl", "-sSf", "--etag-compare", "tag", "-o", "out", "-w", "%{http_code}", f"{url}/ten.txt").out == b"304"


def test_curl_head_and_uploads(use, url, folder, content):
    head = use("curl", "-sSfI", f"{url}/large").out
    assert head.startswith(b"HTTP/1.1 200") and b"content-length: %d\r\n" % SIZE in head.lower()
    for words in (["-T", str(folder / "large")], ["-d", "x" * 3000], ["-F", f"file=@{folder / 'large'}"], ["-X", "DELETE"]):
        assert use("curl", "-sS", "-o", "out", "-w", "%{http_code}", *words, f"{url}/large").out == b"405", words
    assert (folder / "large").read_bytes() == content


def test_curl_keeps_its_connection(use, url):
    words = [f"{url}/ten.txt", f"{url}/sub/one", f"{url}/missing", f"{url}/sub/", f"{url}/ten.txt"]
    result = use("curl", "-sS", *sum((["-o", "out", each] for each in words), []), "-w", "%{num_connects} ")
    assert result.out.split() == [b"1", b"0", b"0", b"0", b"0"]


def test_curl_follows_to_the_folder(use, url):
    assert b"one" in use("curl", "-sSfL", f"{url}/sub").out
    assert use("curl", "-sS", "--path-as-is", "-o", "out", "-w", "%{http_code}", f"{url}/../secret").out in (b"400", b"404")


def test_curl_in_parallel(use, url, target, content):
    use("curl", "-sSfZ", *sum((["-o", f"copy-{number}", f"{url}/large"] for number in range(6)), []))
    for number in range(6):
        assert (target / f"copy-{number}").read_bytes() == content


# --- wget, aria2

def test_wget_downloads_and_goes_on(use, url, target, content):
    use("wget", "-q", f"{url}/large")
    assert (target / "large").read_bytes() == content
    os.truncate(target / "large", 7_000_000)
    use("wget", "-q", "-c", f"{url}/large")
    assert (target / "large").read_bytes() == content
    use("wget", "-q", "-c", f"{url}/large")  # complete: 416
    assert (target / "large").read_bytes() == content
    use("wget", "-q", f"{url}/missing", status=8)


def test_wget_takes_the_time_and_compares_it(use, url, target):
    use("wget", "-q", "-N", f"{url}/ten.txt")
    assert (target / "ten.txt").read_bytes() == tree.TEN and int((target / "ten.txt").stat().st_mtime) == 10**9
    assert "304" in use("wget", "-N", f"{url}/ten.txt").err


def test_wget_mirrors_by_the_listing(use, url, target, server):
    use("wget", "-q", "-r", "-np", f"{url}/sub/")
    top = target / f"127.0.0.1:{server.port}" / "sub"
    assert (top / "one").read_bytes() == b"one" and (top / "inner" / "two").read_bytes() == b"two"


def test_aria2_with_four_connections(use, url, target, content):
    use("aria2c", "-q", "-x4", "-s4", "-k1M", "--disable-ipv6=true", f"{url}/large", timeout=60)
    assert (target / "large").read_bytes() == content


def test_aria2_goes_on(use, url, target, content):
    (target / "large").write_bytes(content[:3_000_000])
    use("aria2c", "-q", "-c", "-x4", "-s4", "-k1M", "--disable-ipv6=true", f"{url}/large", timeout=60)
    assert (target / "large").read_bytes() == content


# --- Python

def test_http_client(url, server, content):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=harness.PATIENCE)
    with contextlib.closing(connection):
        connection.connect()
        sock = connection.sock
        for target, expected in (("/ten.txt", tree.TEN), ("/large", content), ("/empty", b""), ("/with%20space", b"space")):
            connection.request("GET", target)
            answer = connection.getresponse()
            assert answer.status == 200 and answer.read() == expected and connection.sock is sock, target
        connection.request("HEAD", "/large")
        answer = connection.getresponse()
        assert answer.read() == b"" and answer.headers["Content-Length"] == str(SIZE) and connection.sock is sock
        connection.request("GET", "/sub/")
        assert b"one" in connection.getresponse().read() and connection.sock is sock


def test_http_client_that_uploads(url, server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=harness.PATIENCE)
    with contextlib.closing(connection):
        for body in (b"x" * 10, iter([b"one", b"two"])):
            connection.request("POST", "/ten.txt", body=body)
            answer = connection.getresponse()
            assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD, OPTIONS"
            answer.read()
            connection.close()


def test_urllib(url, content):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/large", timeout=harness.PATIENCE) as answer:
        assert answer.read() == content
    with opener.open(f"{url}/sub", timeout=harness.PATIENCE) as answer:
        assert answer.url == f"{url}/sub/"
    with pytest.raises(urllib.error.HTTPError) as failure:
        opener.open(f"{url}/missing", timeout=harness.PATIENCE)
    assert failure.value.code == 404


# --- a browser

@pytest.fixture
def shown_by_chromium(use, target):
    """shown_by_chromium(url): the document as the browser has it when it is loaded. It can reach this machine only."""
    def show(url):
        result = use("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
                     "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={target.parent / 'profile'}",
                     "--dump-dom", url, timeout=max(60, harness.PATIENCE))
        return result.out.decode()
    return show


def test_chromium_shows_files(shown_by_chromium, url):
    assert "0123456789" in shown_by_chromium(f"{url}/ten.txt")
    assert '<p id="x">a page</p>' in shown_by_chromium(f"{url}/page.html")
    assert "你好" in shown_by_chromium(f"{url}/文件.txt")


def test_chromium_shows_a_listing(shown_by_chromium, url):
    document = shown_by_chromium(f"{url}/")
    links = {urllib.parse.unquote(link) for link in re.findall(r'href="([^"]*)"', document)}
    assert any(link.endswith("ten.txt") for link in links) and any(link.endswith("sub/") for link in links)
    assert "文件.txt" in document and "<img" not in document and "<title>42" not in document
    assert "&lt;img src=x onerror=document.title=6*7&gt;" in document


def test_everybody_at_once(tool, url, server, content, tmp_path):
    """curl, wget, aria2, raw HTTP and bare names on one server at the same time, in folders of their own."""
    def with_tool(words):
        folder = pathlib.Path(tmp_path / f"with-{words[0]}")
        folder.mkdir()
        program = tool(words[0])
        result = harness.run([program, *words[1:], f"{url}/large"], cwd=folder, env={"HOME": str(folder),
                                                                                     **harness.peer_environment(program)},
                             timeout=60)
        return result.status == 0 and (folder / "large").read_bytes() == content

    jobs = [lambda words=words: with_tool(words) for words in
            (["curl", "-sSfO"], ["wget", "-q"], ["aria2c", "-q", "-x4", "-s4", "-k1M", "--disable-ipv6=true"])]
    jobs += [lambda: web.get(server.port, "/large").body == content, lambda: raw.ask(server.port, "large") == content,
             lambda: raw.ask(server.port, "large", raw.LF) == content]
    assert all(harness.in_parallel(lambda job: job(), jobs))
