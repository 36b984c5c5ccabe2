"""The delay lines count what they say they count."""

import contextlib
import os
import socket
import threading
import unittest

from support.delay import Delay
from support.program import BINARY
from support.turns import Turns

DELAY = os.path.join(os.path.dirname(os.path.abspath(BINARY)), "bench_delay")


class Peer:
    """A server that plays a script: for each connection a function."""

    def __init__(self, play):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._play = play
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._listener.close()
        self._thread.join()

    def _serve(self):
        sock, _ = self._listener.accept()
        with sock, contextlib.suppress(OSError):
            self._play(sock)


def take(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise OSError("ended")
        data += more
    return data


def echo(sock):
    """A greeting, then an answer of 100 bytes to every byte."""
    sock.sendall(b"hello")
    while data := sock.recv(1000):
        sock.sendall(b"a" * 100 * len(data))


class InPython(unittest.TestCase):
    def line(self, play):
        peer = Peer(play)
        self.addCleanup(peer.__exit__)
        self.relay = self.make(peer.port)
        self.addCleanup(self.relay.__exit__)
        client = socket.create_connection(("127.0.0.1", self.relay.port))
        self.addCleanup(client.close)
        return client

    def make(self, port):
        return Turns(port)

    def counts(self):
        line = self.relay
        line.settle()
        return {"connections": line.connections, "turns": line.turns,
                "longest": line.longest, "up": line.bytes_up,
                "down": line.bytes_down}

    def assertTurns(self, client, turns):
        client.close()
        self.assertEqual(self.counts()["turns"], turns)

    def test_connecting_and_the_greeting_are_two(self):
        client = self.line(echo)
        take(client, 5)
        client.close()
        self.assertEqual(self.counts(), {
            "connections": 1, "turns": 2, "longest": 2, "up": 0, "down": 5})

    def test_a_client_that_speaks_first_has_two_as_well(self):
        client = self.line(
            lambda sock: (take(sock, 1), sock.sendall(b"x"),
                          sock.recv(1)))
        client.sendall(b"h")
        take(client, 1)
        self.assertTurns(client, 2)

    def test_question_and_answer_is_one_each(self):
        client = self.line(echo)
        take(client, 5)
        for _ in range(3):
            client.sendall(b"q")
            take(client, 100)
        self.assertTurns(client, 5)

    def test_many_questions_at_once_are_one(self):
        client = self.line(echo)
        take(client, 5)
        for _ in range(10):
            client.sendall(b"q")
        take(client, 1000)
        self.assertTurns(client, 3)

    def test_a_stream_that_is_kept_filled_is_one(self):
        def play(sock):
            sock.sendall(b"hello")
            while sock.recv(1):
                for _ in range(10):
                    self.paused.wait(0.01)
                    sock.sendall(b"s" * 100)
        self.paused = threading.Event()
        client = self.line(play)
        take(client, 5)
        client.sendall(b"qq")
        for _ in range(5):
            take(client, 1000)
            client.sendall(b"q")
        take(client, 2000)
        self.assertTurns(client, 3)

    def test_a_farewell_that_nobody_waits_for_is_none(self):
        client = self.line(echo)
        take(client, 5)
        client.sendall(b"bye")
        client.close()
        self.assertEqual(self.counts(), {
            "connections": 1, "turns": 2, "longest": 2, "up": 3, "down": 305})

    def test_what_was_before_a_reset_is_not_counted(self):
        client = self.line(echo)
        take(client, 5)
        client.close()
        self.counts()
        self.relay.reset()
        self.assertEqual(self.counts()["connections"], 0)

    def test_much_arrives_whole_and_in_order(self):
        data = bytes(range(256)) * 40_000

        def play(sock):
            sender = threading.Thread(target=sock.sendall, args=(data,))
            sender.start()
            self.there = take(sock, len(data))
            sender.join()
            sock.shutdown(socket.SHUT_WR)
        client = self.line(play)
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        here = take(client, len(data))
        sender.join()
        self.assertEqual(client.recv(1), b"")
        client.close()
        counts = self.counts()
        self.assertTrue(here == data == self.there)
        self.assertEqual((counts["up"], counts["down"]),
                         (len(data), len(data)))


@unittest.skipUnless(os.path.exists(DELAY), "needs bench_delay")
class AsProgram(InPython):
    def make(self, port):
        return Delay(DELAY, port)

    def counts(self):
        return self.relay.report()


if __name__ == "__main__":
    unittest.main()
