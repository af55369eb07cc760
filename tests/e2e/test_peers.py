"""The peers themselves: the four course programs talk to each other, so that a failure elsewhere is sampan's."""
import harness
import peers
import raw
import tree

PEERS = str(harness.REPOSITORY / "tests" / "e2e" / "peers.py")


def test_text_client_and_server_talk_in_gbk():
    with peers.Background(peers.serve_text_once) as server:
        assert peers.exchange_text("127.0.0.1", server.port, "你好啊") == "thank you !"
        assert server.join() == "你好啊"
    assert server.shown == ["接收到的数据为: 你好啊"]


def test_text_client_script_asks_the_three_questions():
    with peers.Background(peers.serve_text) as server:
        result = harness.run([harness.PYTHON, PEERS, "text-client"], stdin=f"127.0.0.1\n{server.port}\n你好\n".encode())
    assert result.status == 0, result
    assert result.out.decode() == "请输入服务器ip:请输入服务器port:请输入要发送的数据：接收到的数据为: thank you !\n"


def test_text_server_script_ends_after_one_client():
    with harness.Process([harness.PYTHON, PEERS, "text-server", "0"]) as server:
        port = int(server.stderr.wait_for(r"ready (\d+)").group(1))
        assert peers.exchange_text("127.0.0.1", port, "你好") == "thank you !"
        assert server.wait() == 0
        assert server.stdout.text == "接收到的数据为: 你好\n"


def test_text_server_reads_once_and_resets_after_a_longer_message():
    with peers.Background(peers.serve_text_once) as server:
        with raw.connect(server.port) as client:
            client.sendall(b"x" * 100_000)
            data, end = raw.read_end(client)
        assert len(server.join()) == 1024
    assert data in (b"thank you !", b"") and end == raw.RESET


def test_download_client_keeps_the_first_1024_bytes(tmp_path):
    (tmp_path / "文件").write_bytes(tree.pattern(5000))
    with peers.Background(peers.serve_files, folder=tmp_path) as server:
        got = peers.download("127.0.0.1", server.port, "文件", tmp_path)
    assert got == tree.pattern(5000)[:1024] == (tmp_path / "[接收]文件").read_bytes()


def test_download_server_closes_without_a_byte_when_there_is_no_file(tmp_path):
    with peers.Background(peers.serve_files, folder=tmp_path) as server:
        assert peers.download("127.0.0.1", server.port, "missing", tmp_path) == b""
        assert raw.exchange(server.port, b"missing") == (b"", raw.FIN)
    assert list(tmp_path.iterdir()) == []
    assert server.shown[:2] == ["对方请求下载的文件名为:missing", "没有下载的文件:missing"]


def test_download_client_script_asks_the_three_questions(tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "into").mkdir()
    with peers.Background(peers.serve_files, folder=tmp_path) as server:
        result = harness.run([harness.PYTHON, PEERS, "download-client"], stdin=f"127.0.0.1\n{server.port}\na\n".encode(),
                             cwd=tmp_path / "into")
    assert result.status == 0, result
    assert (tmp_path / "into" / "[接收]a").read_bytes() == b"content"


def test_a_full_backlog_looks_like_a_filtered_host():
    with raw.full_backlog() as port:
        try:
            raw.connect(port, timeout=0.5).close()
            raise AssertionError("connected")
        except TimeoutError:
            pass


def test_scripted_server_resets_on_demand():
    def script(sock):
        sock.recv(100)
        sock.sendall(b"part")
        raw.wait_delivered(sock)
        raw.reset(sock)

    with raw.ScriptedServer(script) as server:
        assert raw.exchange(server.port, b"name") == (b"part", raw.RESET)


def test_client_hello_begins_as_tls_does():
    hello = raw.client_hello()
    assert hello[:2] == b"\x16\x03" and len(hello) > 100
