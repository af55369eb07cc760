"""A program in a tmux of its own: what stands on a real terminal's screen, also after a resize."""
import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile

import harness


class Screen:
    """Runs a shell command in a new tmux server of its own, which is ended with the block."""

    def __init__(self, command, *, columns=60, rows=20, env=None):
        self._folder = tempfile.mkdtemp(prefix="sampan-tmux-")
        self._socket = os.path.join(self._folder, "socket")
        environment = {**harness.environment(env), "LC_ALL": "C.UTF-8"}
        given = " ".join(f"{name}={shlex.quote(value)}" for name, value in harness.environment(env).items() if name != "TERM")
        self._environment = environment
        self._tmux("-u", "-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), f"env {given} {command}")

    def _tmux(self, *words):
        return subprocess.run(["tmux", "-S", self._socket, *words], env=self._environment, check=True, capture_output=True,
                              timeout=harness.PATIENCE).stdout.decode()

    def type(self, text):
        """Types text as it is, in pieces that a command line can hold."""
        for start in range(0, len(text), 500):
            self._tmux("send-keys", "-l", "--", text[start:start + 500])

    def key(self, *names):
        """Presses keys by tmux's names: `Enter`, `BSpace`, `C-z`."""
        self._tmux("send-keys", *names)

    def paste(self, text):
        """As the middle button does."""
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer")

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    @property
    def rows(self):
        """The screen's rows without trailing blanks, without the empty ones at the end."""
        return self._tmux("capture-pane", "-p").rstrip("\n").split("\n")

    @property
    def history(self):
        """All rows, with those that have left the screen; broken lines joined."""
        return self._tmux("capture-pane", "-p", "-S", "-").rstrip("\n").split("\n")

    @property
    def cursor(self):
        """(column, row)"""
        return tuple(map(int, self._tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()))

    def wait_for(self, condition, what):
        """Waits until condition(rows) holds."""
        harness.wait_until(lambda: condition(self.rows), f"{what}; the screen:\n" + "\n".join(self.rows), interval=0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(subprocess.SubprocessError):
            self._tmux("kill-server")
        shutil.rmtree(self._folder, ignore_errors=True)
