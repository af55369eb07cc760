"""A program on a pseudo-terminal of its own: what a person would see and type."""
import contextlib
import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time

import harness

#: The kernel erases whole UTF-8 characters: every terminal emulator sets it, a new pseudo-terminal does not have it.
IUTF8 = 0o40000

CONTROL_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[@-_=>]")


class Terminal:
    """Runs `argv` with stdin, stdout and stderr on a new controlling terminal (each can be replaced)."""

    def __init__(self, argv, *, env=None, cwd=None, columns=100, rows=30, stdin=None, stdout=None, stderr=None,
                 preexec_fn=None):
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        settings = termios.tcgetattr(self.slave)
        settings[0] |= IUTF8
        termios.tcsetattr(self.slave, termios.TCSANOW, settings)
        self.before = termios.tcgetattr(self.slave)
        self._data = bytearray()
        self._cursor = 0
        slave = self.slave

        def take_terminal():
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            if preexec_fn:
                preexec_fn()

        self.argv = [str(a) if not isinstance(a, bytes) else a for a in argv]
        self.popen = subprocess.Popen(
            self.argv, env=harness.environment(env), cwd=cwd, start_new_session=True,
            preexec_fn=take_terminal, stdin=slave if stdin is None else stdin,
            stdout=slave if stdout is None else stdout, stderr=slave if stderr is None else stderr)

    @property
    def pid(self):
        return self.popen.pid

    @property
    def data(self):
        """All bytes the terminal was sent so far."""
        self._read(0)
        return bytes(self._data)

    @property
    def text(self):
        """All of it as text."""
        return self.data.decode("utf-8", "surrogateescape")

    @property
    def shown(self):
        """The text without the sequences that only move the cursor or set colours."""
        return CONTROL_SEQUENCE.sub("", self.text)

    def _read(self, timeout):
        """Reads what is there (waiting at most `timeout` for the first byte); False at the end."""
        if self.master < 0:
            return False
        while select.select([self.master], [], [], timeout)[0]:
            try:
                chunk = os.read(self.master, 65536)
            except OSError:
                return False
            if not chunk:
                return False
            self._data += chunk
            timeout = 0
        return True

    def expect(self, pattern, timeout=None):
        """Waits until the text after the last match contains the regular expression; returns the match."""
        expression = re.compile(pattern)
        deadline = time.monotonic() + (timeout or harness.PATIENCE)
        while True:
            text = CONTROL_SEQUENCE.sub("", self._data.decode("utf-8", "replace"))
            found = expression.search(text, self._cursor)
            if found:
                self._cursor = found.end()
                return found
            left = deadline - time.monotonic()
            ended = self.popen.poll() is not None
            if left <= 0 or (ended and not select.select([self.master], [], [], 0.1)[0]):
                raise AssertionError(f"terminal: no {pattern!r} ({'ended' if ended else 'time is over'}) in "
                                     f"{bytes(self._data)!r}")
            self._read(min(left, 0.1))

    def send(self, text):
        """Types."""
        os.write(self.master, text.encode() if isinstance(text, str) else text)

    def wait(self, timeout=None):
        """Waits for the exit, collects the rest of the output, returns the status."""
        deadline = time.monotonic() + (timeout or harness.PATIENCE)
        while self.popen.poll() is None:
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"still running: {self.argv}\n{bytes(self._data)!r}")
            self._read(0.02)
        self.after = termios.tcgetattr(self.slave)
        os.close(self.slave)
        self.slave = -1
        while self._read(0.1) and time.monotonic() < deadline:
            pass
        report = harness.sanitizer_report(bytes(self._data).decode("utf-8", "replace"))
        assert report is None, report
        return self.popen.returncode

    @property
    def restored(self):
        """True when the terminal's settings are again what they were (after `wait`)."""
        return self.after == self.before

    def kill(self):
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                with contextlib.suppress(OSError):
                    os.close(descriptor)
