"""`sampan serve` over HTTP: digests, in Repr-Digest and in Metalinks. They are right, never stale, and hold nobody up."""
import base64
import hashlib
import os
import pathlib
import re
import socket
import xml.etree.ElementTree

import harness
import pytest
import raw
import site_tree
import tree
import web

WANT = "Want-Repr-Digest: sha-256=5"
PIECE = 1 << 20
MOST = 1 << 30
LINK = '<?metalink>; rel=describedby; type="application/metalink4+xml"'
SIZES = (0, 1, 65535, 65536, 65537, 10 << 20)


def field(data):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def hexadecimal(data):
    return hashlib.sha256(data).hexdigest()


def sparse(path, size):
    with open(path, "wb") as file:
        file.truncate(size)
    web.settle(path)


@pytest.fixture(scope="module")
def contents():
    return {f"of-{size}": tree.pattern(min(size, PIECE), b"%d" % size) * max(1, size // PIECE) for size in SIZES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, contents):
    folder = tmp_path_factory.mktemp("digests")
    files = {**contents, "ten.txt": tree.TEN, "page.html": b"<p>a page</p>", "page.html.gz": b"stands for it",
             "idx/index.html": b"index"}
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    for name in tree.ODD_NAMES:
        site_tree.path_in(folder, name).write_bytes(tree.content_of(name))
    web.settle(*map(folder.joinpath, files))
    return folder


@pytest.fixture(scope="module")
def server(serve, folder):
    with serve("--workers", 2, folder) as running:
        yield running


@pytest.fixture
def port(server):
    return server.port


def settled(port, target, *lines, **options):
    """The answer once it has a digest: on a busy machine one that is no longer waited for comes the next time."""
    def once():
        answer = web.get(port, target, WANT, *lines, **options)
        assert answer.status in (200, 206), answer
        return answer if "repr-digest" in answer else None
    return harness.wait_until(once, f"a digest of {target}")


def metalink(port, target, **options):
    """The answer, and its file element as {tag: [element]}."""
    def once():
        answer = web.get(port, target + "?metalink", **options)
        assert answer.status == 200 or (answer.status == 503 and int(answer["retry-after"]) > 0), answer
        return answer if answer.status == 200 else None
    answer = harness.wait_until(once, f"a Metalink of {target}")
    assert answer["content-type"] == "application/metalink4+xml"
    root = xml.etree.ElementTree.fromstring(answer.body)
    space = "{urn:ietf:params:xml:ns:metalink}"
    assert root.tag == space + "metalink" and [each.tag for each in root] == [space + "updated", space + "file"]
    found = {}
    for each in root[1]:
        found.setdefault(each.tag.removeprefix(space), []).append(each)
    return answer, root, found


def bytes_read(server):
    """What the server has read from files and pipes since it began."""
    return int(re.search(r"^rchar: (\d+)", pathlib.Path(f"/proc/{server.pid}/io").read_text(), re.MULTILINE).group(1))


# --- the field

@pytest.mark.parametrize("size", SIZES)
def test_right_digests(port, contents, size):
    data = contents[f"of-{size}"]
    assert len(data) == size
    answer = settled(port, f"/of-{size}")
    assert answer.body == data and answer["repr-digest"] == field(data) and answer["link"] == LINK
    answer = settled(port, f"/of-{size}", method="HEAD")
    assert answer["repr-digest"] == field(data) and answer["content-length"] == str(size) and answer["link"] == LINK


def test_only_who_asks_gets_it(port):
    for lines in ((), ("Want-Repr-Digest: sha-512=5",), ("Want-Repr-Digest: sha-256=0",), ("Want-Repr-Digest: sha-256",),
                  ("Want-Repr-Digest:",), ("Want-Repr-Digest: ,",), ("Want-Repr-Digest: sha-256=5;",), ("Want-Repr-Digest: SHA-256=5",),
                  ("Want-Repr-Digest: sha-256=5 sha-512=1",), ("Want-Repr-Digest: " + "a=1, " * 4000 + "sha-256=1",),
                  ("Want-Content-Digest: sha-256=5",), ("Want-Digest: sha-256",)):
        answer = web.get(port, "/of-65537", *lines)
        assert answer.status == 200 and "repr-digest" not in answer and "link" not in answer, lines
    for lines in (("want-repr-digest: unixsum=10, sha-256=1",), ("Want-Repr-Digest: md5=3", "Want-Repr-Digest: sha-256=10")):
        assert web.get(port, "/of-1", *lines)["repr-digest"] == settled(port, "/of-1")["repr-digest"], lines


def test_of_the_whole_for_ranges(port, contents):
    for size in (65535, 65537):
        data = contents[f"of-{size}"]
        answer = settled(port, f"/of-{size}", "Range: bytes=5-9")
        assert answer.status == 206 and answer.body == data[5:10] and answer["repr-digest"] == field(data)
        answer = settled(port, f"/of-{size}", "Range: bytes=5-9,20-29")
        assert answer["content-type"].startswith("multipart/byteranges") and answer["repr-digest"] == field(data)


def test_none_for_what_is_no_content(port):
    answer = web.get(port, "/of-1", WANT)
    tag = answer["etag"]
    for target, lines, status in (("/of-1", (f"If-None-Match: {tag}",), 304), ("/of-1", ('If-Match: "x"',), 412), ("/", (), 200),
                                  ("/of-1", ("Range: bytes=9-",), 416), ("/missing", (), 404), ("/idx", (), 301)):
        answer = web.get(port, target, WANT, *lines)
        assert answer.status == status and "repr-digest" not in answer and "link" not in answer, target


def test_of_the_neighbour_that_is_sent(port):
    answer = settled(port, "/page.html", "Accept-Encoding: gzip")
    assert answer["content-encoding"] == "gzip" and answer["repr-digest"] == field(b"stands for it") == field(answer.body)
    assert "link" not in answer  # the Metalink is about the file itself
    assert settled(port, "/page.html")["repr-digest"] == field(b"<p>a page</p>")
    _, _, found = metalink(port, "/page.html")
    assert found["hash"][0].text == hexadecimal(b"<p>a page</p>")


def test_answers_stay_in_order_and_connections_alive(port, contents):
    targets = ("/of-10485760", "/of-1", "/of-65537", "/of-0", "/of-65536", "/ten.txt") * 5
    with web.Connection(port) as connection:
        connection.send(b"".join(web.request(target, WANT) for target in targets))
        for target in targets:
            answer = connection.answer()
            assert answer.body == contents.get(target[1:], tree.TEN) and answer.get("repr-digest") in (None, field(answer.body))


def test_http_10_and_closing(port):
    answer = web.last_answer(port, web.request("/of-1", WANT, "Connection: close"))
    assert answer["repr-digest"] == field(answer.body)
    answer = web.last_answer(port, web.request("/of-1", WANT, version="HTTP/1.0"))
    assert answer["repr-digest"] == field(answer.body)


def test_a_client_that_has_shut_down_its_side_is_answered(port, contents):
    for target in ("/of-65537", "/of-10485760"):
        with web.Connection(port) as connection:
            connection.send(web.request(target, WANT))
            connection.sock.shutdown(socket.SHUT_WR)
            answer = connection.answer()
            assert answer.body == contents[target[1:]] and answer.get("repr-digest") in (None, field(answer.body))


# --- files that change

@pytest.mark.parametrize("size", [100, 100_000])
def test_never_a_stale_digest(serve, tmp_path, size):
    path, other = tmp_path / "file", tmp_path / "other"
    with serve("--workers", 1, tmp_path) as server, web.Connection(server.port) as connection:
        for turn in range(60):
            data = tree.pattern(size, b"%d" % turn)
            if turn % 3 == 0:
                path.write_bytes(data)
            elif turn % 3 == 1:
                other.write_bytes(data)
                other.rename(path)
            else:
                with open(path, "r+b") as file:
                    file.write(data)
            for _ in range(3):
                answer = connection.ask("/file", WANT)
                assert answer.body == data and answer.get("repr-digest") in (None, field(data))
            if turn % 10 == 9:
                assert settled(server.port, "/file")["repr-digest"] == field(data)


@pytest.mark.full
def test_written_to_while_it_is_hashed(serve, tmp_path):
    """The writes begin when the request has been sent: hashing is under way, or about to be. No mixture gets a digest."""
    size, path = 64 << 20, tmp_path / "file"
    sparse(path, size)

    def expected(number):
        return field(bytes([number]) + bytes(size - 2) + bytes([number]))

    before = expected(0)
    with serve("--workers", 1, tmp_path) as server, web.Connection(server.port) as connection:
        for number in range(1, 8):
            now = expected(number)
            os.utime(path)  # another state: its digest is not known
            web.settle(path)
            read = bytes_read(server)
            connection.send(web.request("/file", WANT, method="HEAD"))
            if number % 2:
                harness.wait_until(lambda: bytes_read(server) > read, "it is being hashed", interval=0)
            with open(path, "r+b") as file:
                file.write(bytes([number]))
                file.seek(size - 1)
                file.write(bytes([number]))
            assert connection.answer("HEAD").get("repr-digest") in (None, before, now)
            answer = connection.ask("/file", WANT, method="HEAD")
            assert answer.get("repr-digest") in (None, now)
            assert settled(server.port, "/file", method="HEAD")["repr-digest"] == now
            before = now


# --- what it may cost

@pytest.fixture
def large(serve, tmp_path):
    """A server with a file of the largest size that is hashed, and one that is larger."""
    sparse(tmp_path / "most", MOST)
    sparse(tmp_path / "more", MOST + 1)
    (tmp_path / "small").write_bytes(bytes(100_000))
    web.settle(tmp_path / "small")
    with serve("--workers", 2, tmp_path) as server:
        yield server


def test_none_of_what_is_too_large(large):
    read = bytes_read(large)
    answer = web.get(large.port, "/more", WANT, "Range: bytes=0-9")
    assert answer.status == 206 and "repr-digest" not in answer and "link" not in answer
    assert "repr-digest" not in web.get(large.port, "/more", WANT, method="HEAD")
    assert web.get(large.port, "/more?metalink").status == 404
    assert bytes_read(large) - read < PIECE


@pytest.mark.full
def test_nobody_waits_for_a_large_one_but_the_next_has_it(large):
    answer = web.get(large.port, "/most", WANT, method="HEAD")
    assert answer.status == 200 and "repr-digest" not in answer and answer["link"] == LINK
    assert settled(large.port, "/most", method="HEAD")["repr-digest"] == field(bytes(MOST))


def test_one_job_for_many_clients(serve, tmp_path):
    size, clients = 32 << 20, 50
    sparse(tmp_path / "file", size)
    with serve("--workers", 2, tmp_path) as server:
        read = bytes_read(server)
        connections = [web.Connection(server.port) for _ in range(clients)]
        for connection in connections:
            connection.send(web.request("/file?metalink"))
        answers = [connection.answer() for connection in connections]
        assert {answer.status for answer in answers} == {200} and len({answer.body for answer in answers}) == 1
        for connection in connections:
            connection.send(web.request("/file", WANT, method="HEAD"))
            assert connection.answer("HEAD")["repr-digest"] == field(bytes(size))
            connection.sock.close()
        assert size <= bytes_read(server) - read < size + PIECE


@pytest.mark.parametrize("leave", ["end", "reset"])
def test_a_job_is_dropped_when_its_client_leaves(large, leave):
    read = bytes_read(large)
    with web.Connection(large.port) as connection:
        connection.send(web.request("/most?metalink"))
        harness.wait_until(lambda: bytes_read(large) - read > PIECE, "it is being hashed", interval=0)
        if leave == "reset":
            raw.reset(connection.sock)
    # One job after the other: had the first been finished, its bytes would all have been read before this answer.
    assert settled(large.port, "/small", method="HEAD")["repr-digest"] == field(bytes(100_000))
    assert bytes_read(large) - read < MOST


# --- Metalinks

def test_metalink(port, contents):
    for size in SIZES:
        name, data = f"of-{size}", contents[f"of-{size}"]
        answer, root, found = metalink(port, "/" + name, host="example.org:8080")
        assert root[0].text.endswith("Z") and root[1].get("name") == name
        assert [each.text for each in found["size"]] == [str(size)]
        assert [(each.get("type"), each.text) for each in found["hash"]] == [("sha-256", hexadecimal(data))]
        assert [each.text for each in found["url"]] == [f"http://example.org:8080/{name}"]
        pieces = [hexadecimal(data[at:at + PIECE]) for at in range(0, size, PIECE)]
        if pieces:
            (all_pieces,) = found["pieces"]
            assert (all_pieces.get("type"), all_pieces.get("length")) == ("sha-256", str(PIECE))
            assert [each.text for each in all_pieces] == pieces
        else:
            assert "pieces" not in found
        head = web.get(port, f"/{name}?metalink", method="HEAD", host="example.org:8080")
        assert head.status == 200 and head["content-length"] == str(len(answer.body))


def test_metalinks_of_odd_names_lead_to_their_files(port):
    for name in tree.ODD_NAMES:
        if name in tree.HIDDEN_ODD_NAMES:
            continue
        _, root, found = metalink(port, "/" + site_tree.quoted(name))
        assert found["hash"][0].text == hexadecimal(tree.content_of(name)), name
        shown = root[1].get("name")
        assert "/" not in shown and shown.isprintable(), shown
        url = found["url"][0].text
        assert url.startswith("http://localhost/") and url.isascii()
        assert web.get(port, url.removeprefix("http://localhost")).body == tree.content_of(name)


def test_metalink_of_an_index_and_of_one_file(port, serve, folder):
    _, root, found = metalink(port, "/idx/")
    assert root[1].get("name") == "index.html" and found["url"][0].text == "http://localhost/idx/index.html"
    assert web.get(port, "/idx?metalink")["location"] == "/idx/?metalink"
    assert b"of-0" in web.get(port, "/?metalink").body  # a folder has none
    with serve(folder / "ten.txt") as server:
        _, root, found = metalink(server.port, "/")
        assert root[1].get("name") == "ten.txt" and found["url"][0].text == "http://localhost/ten.txt"


def test_metalink_needs_to_know_its_host(port):
    with web.Connection(port) as connection:
        for options in ({"host": ""}, {"host": None, "version": "HTTP/1.0"}):
            assert connection.ask("/of-1?metalink", "Connection: keep-alive", **options).status == 400
        answer = connection.ask("http://named:1/of-1?metalink")
        assert b"<url>http://named:1/of-1</url>" in answer.body
        assert connection.ask("/missing?metalink").status == 404
        assert connection.ask("/of-1?metalink", "If-None-Match: *").status == 304
        assert connection.ask("/of-1?metalink", 'If-Match: "x"').status == 412
        assert connection.ask("/of-1?metalinks").body == connection.ask("/of-1").body


def use_aria2(tool, target, *words):
    program = tool("aria2c")
    return harness.run([program, "--no-conf", "--disable-ipv6=true", "--log=-", "--log-level=info", "-d", str(target), *words], cwd=target,
                       env={"HOME": str(target), **harness.peer_environment(program)}, timeout=60)


def test_aria2_checks_pieces_by_a_metalink(tool, port, contents, target):
    result = use_aria2(tool, target, "--follow-metalink=mem", "-j2", "-s2", "-x2", "-k1M", f"http://127.0.0.1:{port}/of-10485760?metalink")
    assert result.status == 0, result.out
    assert (target / "of-10485760").read_bytes() == contents["of-10485760"]
    assert os.listdir(target) == ["of-10485760"]
    assert len(re.findall(r"Good chunk checksum", result.out.decode())) == 10, result.out


def test_aria2_finds_the_piece_that_is_wrong(tool, port, contents, target, tmp_path):
    answer, _, found = metalink(port, "/of-10485760", host=f"127.0.0.1:{port}")
    wrong = found["pieces"][0][3].text.encode()
    (tmp_path / "wrong.meta4").write_bytes(answer.body.replace(wrong, hexadecimal(b"another").encode()))
    result = use_aria2(tool, target, "-M", str(tmp_path / "wrong.meta4"), "--max-tries=1")
    assert result.status != 0 and b"hecksum" in result.out, result.out
