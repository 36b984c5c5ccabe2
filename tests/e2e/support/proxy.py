"""A TCP relay that can cut a connection, or hold what a client sent and
deliver it after the client is dead.

    with Proxy(server.port) as proxy:
        proxy.cut_after(down=100_000)      cut the next connection there
        proxy.hold_after(up=20_000)        hold what the next one sends on
        ...
        proxy.release()                    the held bytes reach the server
        proxy.drain()                      and the server is done with them
"""

import contextlib
import re
import select
import socket
import struct
import threading

_STEP = 16384


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy, client, rules):
        self.proxy, self.client = proxy, client
        self.server = socket.create_connection(proxy.target)
        for end in (client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cut_up, self.cut_down, self.hold_up = rules
        self.up = self.down = 0
        self.held = bytearray()
        self.holding = False
        self.client_gone = threading.Event()
        self.done = threading.Event()
        for run in (self._up, self._down):
            threading.Thread(target=run, daemon=True).start()

    def _up(self):
        try:
            while data := self.client.recv(_STEP):
                self._from_client(data)
        except OSError:
            pass
        self.client_gone.set()
        with self.proxy.lock:
            if not self.holding:
                self._shut(self.server)

    def _from_client(self, data):
        with self.proxy.lock:
            self.proxy.seen_up += data
            self.up += len(data)
            self.proxy.moved.set()
            if self.cut_up is not None and self.up >= self.cut_up:
                self._cut()
                return
            if self.hold_up is not None and self.up >= self.hold_up:
                self.holding = True
            if self.holding:
                self.held += data
                return
        self.server.sendall(data)

    def _down(self):
        alive = True
        pending = b""
        try:
            while data := self.server.recv(_STEP):
                self.down += len(data)
                if self.cut_down is not None and self.down >= self.cut_down:
                    self._cut()
                    break
                if self.proxy.rewrite:
                    pending, data = self._whole_lines(pending + data)
                    data = self.proxy.rewrite(data)
                    if data is None:
                        self._cut()
                        break
                if alive and data:
                    try:
                        self.client.sendall(data)
                    except OSError:
                        alive = False
        except OSError:
            pass
        with contextlib.suppress(OSError):
            if pending and alive:
                self.client.sendall(pending)
        self._shut(self.client)
        self.done.set()

    @staticmethod
    def _whole_lines(data):
        end = data.rfind(b"\n") + 1
        return data[end:], data[:end]

    def release(self):
        """Sends what was held; then the end of the connection if the client
        is gone."""
        with self.proxy.lock:
            data, self.held = bytes(self.held), bytearray()
            self.holding, self.hold_up = False, None
        try:
            self.server.sendall(data)
        except OSError:
            pass
        if self.client_gone.is_set():
            self._shut(self.server)

    def _cut(self):
        """Both ends see a reset, as from a vanished network."""
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
        self.done.set()

    @staticmethod
    def _shut(end):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_WR)

    def close(self):
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """rewrite: called with whole lines from the server, returns what the
    client is to get; None: the connection is cut.  moved is set whenever a client has sent something."""

    def __init__(self, port, rewrite=None):
        self.target = ("127.0.0.1", port)
        self.rewrite = rewrite
        self.lock = threading.RLock()
        self.seen_up = bytearray()
        self.moved = threading.Event()
        self.links = []
        self._rules = [None, None, None]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._wake.close()
        self._thread.join()
        self._listener.close()
        self._woken.close()
        for link in self.links:
            link.close()

    def _accept(self):
        while True:
            ready, _, _ = select.select([self._listener, self._woken],
                                        [], [])
            if self._woken in ready:
                return
            client, _ = self._listener.accept()
            if not self.admits(client):
                client.close()
                continue
            with self.lock:
                rules, self._rules = self._rules, [None, None, None]
            try:
                self.links.append(_Link(self, client, rules))
            except OSError:
                client.close()

    def admits(self, client):
        """Whether this one is relayed."""
        return True

    def cut_after(self, up=None, down=None):
        """The next connection is cut after so many bytes."""
        with self.lock:
            self._rules = [up, down, None]

    def hold_after(self, up=0):
        """The next connection's bytes are held after so many."""
        with self.lock:
            self._rules = [None, None, up]

    def cut_now(self):
        """All connections there are."""
        for link in list(self.links):
            link._cut()

    def held(self):
        with self.lock:
            return sum(len(link.held) for link in self.links)

    def release(self):
        for link in list(self.links):
            if link.holding:
                link.release()

    def drain(self, timeout=30, all_dead=False):
        """Waits until the server has ended every connection whose client is
        gone: all that it was told has been done then.  all_dead: no client
        is left, though a relayed end may be on its way."""
        for link in list(self.links):
            if all_dead:
                link.client_gone.wait(timeout)
            if link.client_gone.is_set() and not link.holding:
                if not link.done.wait(timeout):
                    raise AssertionError("the server did not finish")


def without_uidplus(lines):
    """For Proxy(rewrite=): a server that does not tell new UIDs."""
    return re.sub(rb"\[(APPENDUID|COPYUID) [^\]]*\] ", b"", lines)
