"""A delay line: a relay with a round-trip time that counts the round trips
that a client waited for, one after the other.

    with Turns(server.port) as line:        or server.tls_port
        box = self.box(self.user, port=line.port)
        box.sync()
        line.settle()                       its connections are over
        line.turns, line.longest, line.connections
        line.bytes_up, line.bytes_down
        line.reset()

A *turn* is a round trip in which nothing else could be going on.  Bytes are
not looked into, so that TLS and compression count alike.  What the client
sends opens a new turn if, when it reaches the server, the server has sent
nothing that the client had not received before it sent this, and something
since the last turn was opened: the client waited for all there was, and the
server was idle for a whole round trip.  What is sent while answers are still
on their way belongs to the turn in progress, so that a stream that is kept
filled is one turn, however long.  The turn counts when its first byte reaches
the client; one that nobody waits for (LOGOUT, then gone) does not.

Connecting counts as in TCP: one turn for the handshake, and the first answer
is another one, whether it is the greeting or that to a TLS hello.  So login in
clear text ends the third turn, with TLS 1.3 the fourth.

The round trip must be longer than what the client or the server take to think
in the middle of what they say, otherwise pauses look like turns: 40 ms is for
a machine that is busy.  A pause can only add: repeat and take the smallest.
"""

import collections
import contextlib
import selectors
import socket
import threading
import time

_STEP = 1 << 18


class _Way:
    """One direction of a connection: what is under way."""

    def __init__(self, source):
        self.source = source
        self.queue = collections.deque()  # (due, data or None, seen)
        self.out = b""
        self.total = 0
        self.ended = False  # its end has been passed on


class _Link:
    """One connection."""

    def __init__(self, line, client):
        self.line, self.client, self.server = line, client, None
        self.opens = time.monotonic() + 1.5 * line.rtt
        self.up, self.down = _Way(client), _Way(None)
        self.turns = 1
        self.delivered = 0  # bytes that the client was given
        self.mark = 0       # of them, those before the turn in progress
        self.waiting = True  # for the first byte of that turn
        self.gone = False   # the client has closed

    def ways(self):
        return (self.up, self.server), (self.down, self.client)

    def read(self, way):
        """Takes what came; it is due half a round trip from now."""
        try:
            data = way.source.recv(_STEP)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        due = time.monotonic() + self.line.rtt / 2
        if way is self.up:
            due = max(due, self.opens)
            self.gone = self.gone or not data
        way.total += len(data)
        way.queue.append((due, data or None, self.delivered))
        if not data:
            self.line.ignore(way.source)

    def pass_on(self, way, target, now):
        """Hands over what is due."""
        while not way.out and way.queue and way.queue[0][0] <= now:
            _, data, seen = way.queue.popleft()
            if data is None:
                way.ended = True
                with contextlib.suppress(OSError):
                    target.shutdown(socket.SHUT_WR)
                return
            self.count(way, len(data), seen)
            way.out = data
        self.flush(way, target)

    def count(self, way, size, seen):
        if way is self.down:
            self.delivered += size
            if self.waiting and not self.gone:
                self.turns += 1
            self.waiting = False
        elif seen == self.down.total and seen > self.mark:
            self.mark = seen
            self.waiting = True

    @staticmethod
    def flush(way, target):
        try:
            while way.out:
                way.out = way.out[target.send(way.out):]
        except BlockingIOError:
            pass
        except OSError:
            way.out = b""

    def due(self):
        """When something is to be done next, or None."""
        times = [way.queue[0][0] for way, target in self.ways()
                 if way.queue and not way.out and target]
        if not self.server:
            times.append(self.opens)
        return min(times, default=None)

    def over(self):
        return self.up.ended and self.down.ended

    def close(self):
        for end in (self.client, self.server):
            if end:
                self.line.ignore(end)
                end.close()


class Turns:
    """rtt: seconds of a round trip."""

    def __init__(self, port, rtt=0.04):
        self.target, self.rtt = ("127.0.0.1", port), rtt
        self._changed = threading.Condition()
        self._links, self._counted = [], []
        self._events = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._events.register(self._listener, selectors.EVENT_READ)
        self._events.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._wake.close()
        self._thread.join()
        for link in self._links:
            link.close()
        self._events.close()
        self._listener.close()
        self._woken.close()

    def _sum(self, value):
        with self._changed:
            return sum(value(link) for link in self._counted)

    @property
    def turns(self):
        """Of all connections together."""
        return self._sum(lambda link: link.turns)

    @property
    def longest(self):
        """Of the connection that had the most."""
        with self._changed:
            return max((link.turns for link in self._counted), default=0)

    @property
    def connections(self):
        return self._sum(lambda link: 1)

    @property
    def bytes_up(self):
        return self._sum(lambda link: link.up.total)

    @property
    def bytes_down(self):
        return self._sum(lambda link: link.down.total)

    def reset(self):
        """What there is so far counts no longer."""
        with self._changed:
            self._counted = []

    def settle(self, timeout=30):
        """Waits until both ends of every connection are closed."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._links, timeout):
                raise AssertionError("a connection was not closed")

    def ignore(self, sock):
        with contextlib.suppress(KeyError):
            self._events.unregister(sock)

    def _accept(self):
        client, _ = self._listener.accept()
        self._prepare(client)
        link = _Link(self, client)
        self._links.append(link)
        self._counted.append(link)
        self._events.register(client, selectors.EVENT_READ,
                              (link, link.up))

    @staticmethod
    def _prepare(sock):
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _open(self, link):
        try:
            link.server = socket.create_connection(self.target)
        except OSError:
            link.up.ended = link.down.ended = True
            return
        self._prepare(link.server)
        link.down.source = link.server
        self._events.register(link.server, selectors.EVENT_READ,
                              (link, link.down))

    def _step(self):
        """All that is due now."""
        now = time.monotonic()
        for link in self._links[:]:
            if not link.server and link.opens <= now:
                self._open(link)
            for way, target in link.ways() if link.server else ():
                link.pass_on(way, target, now)
            if link.over():
                link.close()
                self._links.remove(link)

    def _timeout(self):
        times = [link.due() for link in self._links]
        soonest = min((t for t in times if t is not None), default=None)
        if any(way.out for link in self._links for way, _ in link.ways()):
            soonest = time.monotonic() + 0.001
        if soonest is None:
            return None
        return max(0, soonest - time.monotonic())

    def _run(self):
        while True:
            ready = self._events.select(self._timeout())
            with self._changed:
                for key, _ in ready:
                    if key.fileobj is self._woken:
                        return
                    if key.fileobj is self._listener:
                        self._accept()
                    else:
                        link, way = key.data
                        link.read(way)
                self._step()
                self._changed.notify_all()
