"""The delay line of the benchmark: as Turns, but a program (bench_delay) that
is fast enough to be timed.

    with Delay(binary, server.port, rtt=0.05) as line:
        ...                             line.port
        counts = line.report()          when its connections are over
        line.reset()
        line.set(port=another, rtt=0)
"""

import json
import select
import subprocess


class Delay:
    def __init__(self, binary, port, rtt=0.04):
        self._process = subprocess.Popen(
            [binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.port = int(self._line())
        self.set(port, rtt)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _line(self, timeout=60):
        if not select.select([self._process.stdout], [], [], timeout)[0]:
            raise RuntimeError("the delay line's connections do not end")
        return self._process.stdout.readline()

    def _say(self, text):
        self._process.stdin.write(text.encode() + b"\n")

    def set(self, port=None, rtt=None):
        """For the connections to come."""
        if port is not None:
            self._say(f"target {port}")
        if rtt is not None:
            self._say(f"rtt {round(rtt * 1e6)}")

    def reset(self):
        self._say("reset")

    def report(self):
        """connections, turns, longest, up, down."""
        self._say("report")
        return json.loads(self._line())
