"""`sampan get`: names that a server chooses, things in the way, digests it sends, links it offers."""
import base64
import hashlib
import os
import re
import stat
import threading

import harness
import hostile
import pytest
import tree
from hostile import File, by_path, exact, in_turn, message
from rig import A, HELD

CONTENT = b"content"


def named(disposition, content=CONTENT):
    return File(content, fields=[f"Content-Disposition: {disposition}"] if disposition is not None else [])


def plain(name):
    """A name that stays in its folder, and that a terminal can show."""
    return "/" not in name and "\\" not in name and name not in (".", "..") and not re.search("[\x00-\x1f\x7f-\x9f\u202e]", name)


# --- names that the server chooses, where the URL has none

EVIL = {
    '../../evil': "evil", '"../../evil"': "evil", "/etc/x": "x", '"/etc/x"': "x", r'"..\..\x"': "x", r'"..\\..\\x"': "x", "C:x": None,
    r'"C:\\x"': "x", '"."': None, '".."': None, '"/"': None, '"..."': None, '""': None, '" "': None, '".bashrc"': None, '"-rf"': None,
    '"a\x1b[31mb"': None, '"a\x7fb"': None, '"a\tb"': None, '"' + "n" * 5000 + '"': None, '"' + "文" * 300 + '"': None,
    '"CON"': None, '"x.part"': None, '"x.part.sampan"': None, '"a%2fb"': None, '"~/x"': "x", '"a\u202etxt.exe"': None, '"dir/"': None,
}


@pytest.mark.parametrize("form", ["filename={}", "filename*=UTF-8''{}"], ids=["filename", "filename*"])
@pytest.mark.parametrize("value", EVIL, ids=lambda value: ascii(value[:20]))
def test_name_that_would_escape(rig, value, form):
    """The last component only, made safe; or none at all, and then no file."""
    from urllib.parse import quote
    rig.right.add(CONTENT)
    text = value.strip('"').replace("\\\\", "\\")
    file = named("attachment; " + form.format(value if "*" not in form else quote(text, safe="")))
    with hostile.Server(file) as server:
        result = rig.get("--retries", 0, server.url(""))
    assert result.status in (0, 2, 6, 8), result
    names = rig.names
    assert len(names) == (result.status == 0) and all(map(plain, names)), names
    if result.status == 0 and EVIL[value]:
        assert names == [EVIL[value]]


@pytest.mark.parametrize("path", ["file", "file?x=1", "dir/file"])
@pytest.mark.parametrize("value", ['attachment; filename="../../evil"', "attachment; filename*=UTF-8''..%2f..%2fevil"])
def test_name_of_the_url_or_of_the_server_stays_in_the_folder(rig, path, value):
    rig.right.add(CONTENT)
    with hostile.Server(named(value)) as server:
        assert rig.get(server.url(path)).status == 0
    assert rig.names in (["file"], ["evil"]), rig.names


DISPOSITIONS = {
    "attachment; filename=plain.txt": "plain.txt", 'attachment; filename="quoted name.txt"': "quoted name.txt",
    "attachment; filename*=UTF-8''%e6%96%87.txt": "文.txt", "attachment; filename=a.txt; filename*=UTF-8''b.txt": "b.txt",
    "attachment; filename*=UTF-8''b.txt; filename=a.txt": "b.txt", "attachment; filename=a.txt;": "a.txt",
    "attachment; FileName=a.txt": "a.txt", 'attachment; filename="a\\"b.txt"': None, "attachment; filename=two words.txt": "two words.txt",
    "attachment; filename*=iso-8859-1''%e9.txt": "é.txt", "inline; filename=a.txt": "a.txt",
    'attachment; filename="a;b.txt"': "a;b.txt", "attachment ;  filename = a.txt": "a.txt",
    "attachment; filename*=UTF-8''%ff%fe.txt; filename=a.txt": "a.txt",
}


@pytest.mark.parametrize("value", DISPOSITIONS)
def test_name_of_the_server(rig, value):
    """Where the URL has no name; `filename*` wins (RFC 6266 4.3)."""
    rig.right.add(CONTENT)
    with hostile.Server(named(value)) as server:
        result = rig.get(server.url(""))
    assert result.status == 0 and len(rig.names) == 1, result
    assert DISPOSITIONS[value] in (None, rig.names[0]), rig.names


@pytest.mark.parametrize("value", ["attachment; filename==?UTF-8?B?ZXZpbA==?=", "attachment", "", "filename", "attachment; filename*=UTF-8'x",
                                   "attachment; filename*=UTF-8''%zz", None])
def test_name_that_cannot_be_read(rig, value):
    """Without another name there is no file, and the user is told how to give one."""
    rig.right.add(CONTENT)
    with hostile.Server(named(value)) as server:
        result = rig.get(server.url(""))
    assert result.status in (0, 2) and all(map(plain, rig.names)), result
    assert result.status == 0 or "--output" in result.err, result


def test_name_of_the_server_never_replaces(rig):
    rig.right |= {CONTENT, b"mine"}
    (rig.folder / "taken").write_bytes(b"mine")
    with hostile.Server(named("attachment; filename=taken")) as server:
        result = rig.get(server.url(""))
    assert rig.read("taken") == b"mine" and result.status in (0, 8), result
    assert result.status == 8 or rig.read("taken.1") == CONTENT, rig.names


@pytest.mark.parametrize("goal", ["outside", "missing"])
def test_name_of_the_server_never_goes_through_a_link(rig, goal):
    rig.right |= {CONTENT, b"precious"}
    (rig.folder / "taken").symlink_to(rig.around / goal)
    with hostile.Server(named("attachment; filename=taken")) as server:
        rig.get(server.url(""))
    assert os.path.islink(rig.folder / "taken") and not (rig.around / "missing").exists()


def test_names_of_redirects_stay_in_the_folder(rig):
    rig.right.add(CONTENT)
    with hostile.Server() as server:
        server.behaviour = by_path(file=exact(message("302 x", ["Location: /..%2f..%2fevil", "Content-Length: 0"]), keep=True),
                                   **{"..%2f..%2fevil": File(CONTENT)})
        assert rig.get(server.url()).status == 0
    assert rig.names in (["file"], ["evil"]), rig.names


# --- two downloads of one name

def test_two_urls_with_one_name(rig):
    """The second gets another name, or fails; the contents are never mixed."""
    one, two = File(tree.pattern(400_000, b"one")), File(tree.pattern(400_000, b"two"))
    rig.right |= {one.content, two.content}
    with hostile.Server(lambda exchange: (one if exchange.request.target.startswith("/one") else two)(exchange)) as server:
        result = rig.get(server.url("one/file"), server.url("two/file"), connections=None)
    assert result.status in (0, 8) and rig.read() == one.content, result
    assert rig.names == (["file", "file.1"] if result.status == 0 else ["file"]), rig.names


def test_two_runs_with_one_target(rig, start):
    """The second is told that another run holds it; the first completes."""
    go_on = threading.Event()
    rig.right.add(A.content)

    def halting(exchange):
        answer = A.answer(exchange.request)
        exchange.deliver(answer[:-HELD])
        assert go_on.wait(harness.PATIENCE)
        exchange.send(answer[-HELD:])
    with hostile.Server(halting) as server:
        first = start("get", "-n", 1, server.url(), cwd=rig.folder)
        harness.wait_until(lambda: rig.kept, "the first run has the beginning")
        result = rig.get("--retries", 0, server.url())
        assert result.status == 8 and rig.read() is None, result
        go_on.set()
        assert first.wait() == 0
    assert rig.read() == A.content and rig.names == ["file"]


def test_no_clobber(rig):
    (rig.folder / "file").write_bytes(b"mine")
    rig.right |= {b"mine", CONTENT}
    with hostile.Server(File(CONTENT)) as server:
        rig.assert_nothing(rig.get("--no-clobber", server.url()), 8, old=b"mine")


def test_no_clobber_and_a_file_that_appears_meanwhile(rig, start):
    """It is looked at again when the file is put in its place."""
    go_on = threading.Event()

    def halting(exchange):
        exchange.deliver(A.whole()[:-HELD])
        assert go_on.wait(harness.PATIENCE)
        exchange.send(A.content[-HELD:])
    with hostile.Server(halting) as server:
        process = start("get", "--no-clobber", "-n", 1, server.url(), cwd=rig.folder)
        harness.wait_until(lambda: rig.kept, "the beginning is there")
        (rig.folder / "file").write_bytes(b"mine")
        go_on.set()
        assert process.wait() == 8
    assert rig.read() == b"mine" and rig.kept == A.content, rig.names


# --- things in the way

def test_target_is_a_folder(rig):
    (rig.folder / "file").mkdir()
    with hostile.Server(A) as server:
        assert rig.get("-o", "file", server.url()).status == 8
    assert rig.names == ["file"] and os.listdir(rig.folder / "file") == []


def test_target_is_a_fifo(rig):
    """It is streamed into, in order, and stays a fifo."""
    os.mkfifo(rig.folder / "file")
    got = []

    def read():
        with open(rig.folder / "file", "rb") as fifo:
            got.append(fifo.read())
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    with hostile.Server(in_turn(hostile.cut(A, HELD), A)) as server:
        result = rig.get("-o", "file", server.url(), connections=None)
    reader.join(harness.PATIENCE)
    assert result.status == 0 and got == [A.content] and stat.S_ISFIFO(os.lstat(rig.folder / "file").st_mode), result


def test_stdout_is_in_order_over_a_cut(rig):
    """What is out is out: the rest is asked for, by range, and only where the file is provably the same."""
    with hostile.Server(in_turn(hostile.cut(A, HELD), A)) as server:
        result = rig.get("-o", "-", server.url(), connections=None)
    assert result.status == 0 and result.out == A.content, result.status


def test_stdout_never_mixes(rig):
    with hostile.Server(in_turn(hostile.cut(A, HELD), File(A.content[::-1], etag='"B"'))) as server:
        result = rig.get("-o", "-", "--retries", 1, server.url())
    assert result.status in (7, 9) and A.content.startswith(result.out), result.status


TRAPS = {"link": lambda path, victim: path.symlink_to(victim), "hard link": lambda path, victim: os.link(victim, path),
         "fifo": lambda path, victim: os.mkfifo(path), "folder": lambda path, victim: path.mkdir(),
         "dangling link": lambda path, victim: path.symlink_to(str(victim) + " made")}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
@pytest.mark.parametrize("name", ["file.part", "file.part.sampan", "file.part.old", "file.bad"])
def test_trap_in_the_place_of_an_own_file(rig, name, trap):
    """Never written through, never waited for."""
    rig.right.add(A.content)
    trap(rig.folder / name, rig.around / "outside")
    before = os.lstat(rig.folder / name)
    with hostile.Server(in_turn(hostile.cut(A, HELD), A)) as server:
        result = rig.get(*(["--sha256", "00" * 32] if name == "file.bad" else []), server.url())
    assert result.status in ((7, 8) if name == "file.bad" else (0, 8)), result
    if name in rig.names and name != "file.bad":
        assert os.lstat(rig.folder / name).st_ino == before.st_ino, "replaced"


@pytest.mark.parametrize("name", ["file", "file.part"])
def test_link_that_is_put_there_meanwhile(rig, start, name):
    """In the place of the target, or of the unfinished file: what it leads to stays as it was."""
    go_on = threading.Event()

    def halting(exchange):
        exchange.deliver(A.whole()[:-HELD])
        assert go_on.wait(harness.PATIENCE)
        exchange.send(A.content[-HELD:])
    with hostile.Server(halting) as server:
        process = start("get", "-n", 1, server.url(), cwd=rig.folder)
        harness.wait_until(lambda: rig.kept, "the beginning is there")
        (rig.folder / name).unlink(missing_ok=True)
        (rig.folder / name).symlink_to(rig.around / "outside")
        go_on.set()
        status = process.wait()
    assert (rig.around / "outside").read_bytes() == b"precious"
    assert status in (0, 8) and (status == 8 or (not (rig.folder / "file").is_symlink() and rig.read() == A.content)), rig.names


# --- digests

def sha256(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


RIGHT, WRONG = sha256(A.content), sha256(b"x")
DIGESTS = {"Repr-Digest": "Repr-Digest: sha-256=:{}:", "Content-Digest": "Content-Digest: sha-256=:{}:", "Digest": "Digest: SHA-256={}"}


@pytest.mark.parametrize("field", DIGESTS.values(), ids=DIGESTS.keys())
def test_digest_that_matches(rig, field):
    rig.right.add(A.content)
    with hostile.Server(File(A.content, fields=[field.format(RIGHT)])) as server:
        rig.assert_got(rig.get(server.url()), A.content)


@pytest.mark.parametrize("field", DIGESTS.values(), ids=DIGESTS.keys())
@pytest.mark.parametrize("size", [len(A.content), 1000])
def test_digest_that_does_not_match(rig, field, size):
    """The file is put aside as bad, the target stays as it was."""
    (rig.folder / "file").write_bytes(b"old")
    rig.right |= {b"old"}
    with hostile.Server(File(A.content[:size], fields=[field.format(WRONG)])) as server:
        result = rig.get("--retries", 0, server.url())
    assert result.status == 7 and rig.read() == b"old" and rig.names == ["file", "file.bad"], (rig.names, result)


def test_digest_of_a_part_is_of_the_part(rig, half):
    """Content-Digest is of the bytes of this answer, Repr-Digest of the whole (RFC 9530 2, 3)."""
    half.behaviour = hostile.answering(lambda request: A.part(*request.span)[:0] + message(
        "206 Partial Content", [*A.fields(), f"Content-Range: bytes {request.first}-{len(A.content) - 1}/{len(A.content)}",
                                f"Content-Length: {len(A.content) - request.first}", f"Repr-Digest: sha-256=:{RIGHT}:",
                                f"Content-Digest: sha-256=:{sha256(A.content[request.first:])}:"], A.content[request.first:]))
    rig.assert_got(rig.get(half.url()), A.content)


def test_digest_that_does_not_match_after_going_on(rig, half):
    half.behaviour = File(A.content, fields=[DIGESTS["Repr-Digest"].format(WRONG)])
    result = rig.get("--retries", 0, half.url())
    assert result.status == 7 and rig.read() is None, (rig.names, result)


ODD_DIGESTS = ["Repr-Digest: sha-256=:not base64!:", "Repr-Digest: sha-256", "Repr-Digest: md5=:AAAA:, crc32c=:AAAA:",
               "Repr-Digest: " + "x" * 60_000,
               "Repr-Digest: " + ", ".join(f"x{number}=:AAAA:" for number in range(1000)), "Digest: unknown=abc", "Digest: SHA-256=ab",
               "Repr-Digest: sha-256=:AAAA:", "Repr-Digest: ((((", "Content-Digest: ", f"Repr-Digest: xyz=:AAAA:, sha-256=:{RIGHT}:",
               f"Repr-Digest: sha-256=:{RIGHT}:\r\nRepr-Digest: sha-256=:{WRONG}:", f"Digest: SHA-256={RIGHT},SHA-256={WRONG}"]


@pytest.mark.parametrize("field", ODD_DIGESTS, ids=lambda field: field[:40])
def test_digest_that_makes_no_sense_is_passed_over(rig, field):
    rig.right.add(A.content)
    with hostile.Server(File(A.content, fields=[field])) as server:
        rig.assert_got(rig.get(server.url()), A.content)


def test_user_digest_wins(rig):
    rig.right.add(A.content)
    with hostile.Server(A) as server:
        rig.assert_got(rig.get("--sha256", hashlib.sha256(A.content).hexdigest(), server.url()), A.content)
        rig.folder.joinpath("file").unlink()
        result = rig.get("--sha256", "00" * 32, server.url())
        assert result.status == 7 and rig.names == ["file.bad"], (rig.names, result)


def test_bad_file_is_fetched_once_more_from_another_mirror(rig):
    rig.right.add(A.content)
    with hostile.Server(File(A.content[::-1])) as bad, hostile.Server(A) as good:
        result = rig.get("--sha256", hashlib.sha256(A.content).hexdigest(), "--mirror", good.url(), bad.url())
        assert result.status == 0 and rig.read() == A.content and good.requests, result
        assert set(rig.names) <= {"file", "file.bad"}, rig.names


def test_bad_everywhere(rig):
    with hostile.Server(File(A.content[::-1])) as one, hostile.Server(File(A.content[::-1])) as two:
        result = rig.get("--sha256", hashlib.sha256(A.content).hexdigest(), "--mirror", two.url(), one.url())
        assert result.status == 7 and rig.read() is None, result
        assert len(one.requests) + len(two.requests) <= 12


@pytest.mark.parametrize("sums, status", [("{right}  file\n", 0), ("{right} *file\n", 0), ("SHA256 (file) = {right}\n", 0),
                                          ("{wrong}  file\n", 7), ("", 7), ("{right}  file\n{wrong}  file\n", 7), ("{right}  ../file\r\n", 0)])
def test_checksums(rig, sums, status):
    rig.right.add(A.content)
    text = sums.format(right=hashlib.sha256(A.content).hexdigest(), wrong="00" * 32)
    (rig.around / "SUMS").write_text(text)
    with hostile.Server(by_path(file=A, SUMS=File(text.encode(), media_type="text/plain"))) as server:
        for where in (str(rig.around / "SUMS"), server.url("SUMS")):
            result = rig.get("--checksums", where, server.url())
            assert result.status == status or (status == 7 and result.status in (2, 7)), result
            for name in rig.names:
                os.unlink(rig.folder / name)


def test_checksums_that_do_not_name_the_file(rig):
    """Who names a list wants all of it checked: it is not fetched."""
    rig.right.add(A.content)
    (rig.around / "SUMS").write_text(f"{hashlib.sha256(A.content).hexdigest()}  other\n")
    with hostile.Server(A) as server:
        result = rig.get("--checksums", rig.around / "SUMS", server.url())
        rig.assert_nothing(result, 7)
        assert "listed" in result.err and not server.requests, result


# --- links

@pytest.mark.parametrize("fields", [
    ["Link: <{other}>; rel=duplicate"], ["Link: <{other}>; rel=describedby; type=\"application/metalink4+xml\""],
    ["Set-Cookie: a=b; Domain=localhost"],
    ["Link: <file:///etc/passwd>; rel=duplicate; pri=1"], ["Refresh: 0; url={other}"], ["Content-Location: {other}"], ["Location: {other}"],
    ["Link: <{other}>; rel=preload"] * 30, ["Alt-Svc: h2=\":{port}\""]], ids=lambda fields: fields[0].split(">")[-1][:30])
def test_links_are_not_followed_by_themselves(rig, fields):
    """Not to another port of this machine: a file from the net must not make its reader ask around in the local one."""
    rig.right.add(A.content)
    with hostile.Server(File(b"forged")) as other:
        told = [field.format(other=other.url("other"), port=other.port) for field in fields]
        with hostile.Server(File(A.content, fields=told)) as server:
            rig.assert_got(rig.get(server.url()), A.content)
            assert not any(request.get("cookie") for request in server.requests)
        assert other.accepted == 0
