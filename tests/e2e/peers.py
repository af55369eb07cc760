#!/usr/bin/python3
"""Peers that behave like the four programs of the TCP course sampan grew out of.

Blocking IPv4 sockets, one recv(1024), Python's gbk codec. Written from the description of their behaviour.
As a module: the `run_…` functions and `Background` for a server in a thread. As a script:

    peers.py text-client                        asks for ip, port, text
    peers.py text-server [PORT] [--keep]        one client, then it ends (--keep: goes on)
    peers.py download-server [PORT] [--once]    serves any path, relative to its folder
    peers.py download-client                    asks for ip, port, name

The servers print `ready PORT` on stderr once they listen, so that a port of 0 can be used.
"""
import contextlib
import os
import socket
import sys
import threading

READ_SIZE = 1024
BACKLOG = 128
REPLY = "thank you !"


def open_listener(port, host=""):
    """Socket, bind, listen: the first three of a TCP server's five steps."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
    listener.bind((host, port))
    listener.listen(BACKLOG)
    return listener


def exchange_text(host, port, text):
    """The text client: one send, one recv(1024); returns the reply."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(60)
        client.connect((host, port))
        client.send(text.encode("gbk"))
        return client.recv(READ_SIZE).decode("gbk")


def run_text_client(ask=input, show=print):
    """The text client with its three questions."""
    host = ask("请输入服务器ip:")
    port = int(ask("请输入服务器port:"))
    text = ask("请输入要发送的数据：")
    show("接收到的数据为:", exchange_text(host, port, text))


def serve_text_once(listener, show=print, reply=REPLY):
    """The text server: one client, one recv(1024), one reply, close."""
    client, _ = listener.accept()
    with client:
        text = client.recv(READ_SIZE).decode("gbk")
        show("接收到的数据为:", text)
        client.send(reply.encode("gbk"))
    return text


def serve_text(listener, show=print, reply=REPLY):
    """The same, for one client after the other, until the listener is closed."""
    while True:
        try:
            serve_text_once(listener, show, reply)
        except OSError:
            return


def serve_file_once(listener, show=print, folder="."):
    """The download server: one recv(1024) is the name; the file's bytes; close."""
    client, _ = listener.accept()
    with client:
        name = client.recv(READ_SIZE).decode("utf-8")
        show(f"对方请求下载的文件名为:{name}")
        try:
            with open(os.path.join(folder, name), "rb") as file:
                while data := file.read(READ_SIZE):
                    client.send(data)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError):
            show(f"没有下载的文件:{name}")
    return name


def serve_files(listener, show=print, folder="."):
    """The same, for one client after the other, until the listener is closed."""
    while True:
        try:
            serve_file_once(listener, show, folder)
        except ConnectionError:
            continue
        except OSError:
            return


def download(host, port, name, folder="."):
    """The download client: one send, one recv(1024); saves `[接收]NAME` when bytes came; returns them."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(60)
        client.connect((host, port))
        client.send(name.encode("utf-8"))
        data = client.recv(READ_SIZE)
    if data:
        with open(os.path.join(folder, "[接收]" + os.path.basename(name)), "wb") as file:
            file.write(data)
    return data


def run_download_client(ask=input):
    """The download client with its three questions."""
    host = ask("请输入服务器ip:")
    port = int(ask("请输入服务器port:"))
    download(host, port, ask("请输入要下载的文件名："))


class Background:
    """A server function running in a thread on a free port of 127.0.0.1; `shown` holds what it printed."""

    def __init__(self, serve, **options):
        self.shown = []
        self._listener = open_listener(0, "127.0.0.1")
        self.port = self._listener.getsockname()[1]
        self.result = None
        self._thread = threading.Thread(target=self._run, args=(serve, options), daemon=True)

    def _run(self, serve, options):
        self.result = serve(self._listener, show=lambda *words: self.shown.append(" ".join(words)), **options)

    def join(self, timeout=20):
        """Waits for a server that ends by itself; returns what its function returned."""
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "the peer still waits for a client"
        return self.result

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(20)


def main(words):
    """The script form."""
    kind, *rest = words
    flags = {word for word in rest if word.startswith("--")}
    ports = [int(word) for word in rest if not word.startswith("--")]
    if kind == "text-client":
        run_text_client()
    elif kind == "download-client":
        run_download_client()
    elif kind == "text-server":
        with open_listener(ports[0] if ports else 7788) as listener:
            print("ready", listener.getsockname()[1], file=sys.stderr, flush=True)
            (serve_text if "--keep" in flags else serve_text_once)(listener)
    elif kind == "download-server":
        with open_listener(ports[0] if ports else 7890) as listener:
            print("ready", listener.getsockname()[1], file=sys.stderr, flush=True)
            (serve_file_once if "--once" in flags else serve_files)(listener)
    else:
        sys.exit(f"unknown peer: {kind}")


if __name__ == "__main__":
    main(sys.argv[1:])
