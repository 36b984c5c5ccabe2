"""The program on a pseudo terminal, and a small reading of its screen."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from .program import Result, _check

_ESCAPES = re.compile(
    rb"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78MDEHc]|[\x00\x0e"
    rb"\x0f]")


def strip(data):
    """Terminal output with its control sequences taken out."""
    return _ESCAPES.sub(b" ", data).decode("utf-8", "replace")


class Terminal:
    """A child on a terminal of the given size."""

    def __init__(self, args, env, cwd, rows=24, columns=80):
        self.args = args
        self.master, self.slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.slave)
        env = dict(env, NCURSES_NO_PADDING="1")
        env.setdefault("TERM", "vt100")
        self.popen = subprocess.Popen(
            args, env=env, cwd=cwd, stdin=self.slave, stdout=self.slave,
            stderr=self.slave, start_new_session=True,
            preexec_fn=self._control)
        self.output = b""

    def _control(self):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()
        os.close(self.master)
        os.close(self.slave)

    def resize(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def text(self):
        return strip(self.output)

    def attributes(self):
        return termios.tcgetattr(self.slave)

    def echoes(self):
        return bool(self.attributes()[3] & termios.ECHO)

    def type(self, text):
        os.write(self.master, text.encode())

    def _read(self, deadline, what):
        left = max(0, min(0.05, deadline - time.monotonic()))
        if select.select([self.master], [], [], left)[0]:
            self.output += os.read(self.master, 65536)
        elif time.monotonic() > deadline:
            raise AssertionError(f"{what}: {self.args}\n{self.text}")
        else:
            return False
        return True

    def wait_for(self, pattern, timeout=60, since=0):
        """Until the text drawn since then (an offset in .output) matches."""
        deadline = time.monotonic() + timeout
        while not re.search(pattern, strip(self.output[since:])):
            if not self._read(deadline, f"no {pattern!r} in time") \
                    and self.popen.poll() is not None:
                raise AssertionError(f"ended with {self.popen.poll()} "
                                     f"without {pattern!r}:\n{self.text}")
        return self

    def finish(self, timeout=60):
        deadline = time.monotonic() + timeout
        while True:
            more = self._read(deadline, "not ended in time")
            if not more and self.popen.poll() is not None:
                break
        return _check(Result(self.args, self.popen.returncode, self.text))
