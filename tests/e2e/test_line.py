"""The delay line counts what it says it counts."""

import contextlib
import socket
import threading
import unittest

from support.turns import Turns


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


class Counts(unittest.TestCase):
    def line(self, play):
        peer = Peer(play)
        self.addCleanup(peer.__exit__)
        line = Turns(peer.port)
        self.addCleanup(line.__exit__)
        client = socket.create_connection(("127.0.0.1", line.port))
        self.addCleanup(client.close)
        return line, client

    def test_connecting_and_the_greeting_are_two(self):
        line, client = self.line(echo)
        take(client, 5)
        self.assertEqual(line.turns, 2)
        client.close()
        line.settle()
        self.assertEqual((line.turns, line.connections, line.bytes_up,
                          line.bytes_down), (2, 1, 0, 5))

    def test_a_client_that_speaks_first_has_two_as_well(self):
        line, client = self.line(
            lambda sock: (take(sock, 1), sock.sendall(b"x"),
                          sock.recv(1)))
        client.sendall(b"h")
        take(client, 1)
        self.assertEqual(line.turns, 2)

    def test_question_and_answer_is_one_each(self):
        line, client = self.line(echo)
        take(client, 5)
        for number in range(3):
            client.sendall(b"q")
            take(client, 100)
            self.assertEqual(line.turns, 3 + number)

    def test_many_questions_at_once_are_one(self):
        line, client = self.line(echo)
        take(client, 5)
        for _ in range(10):
            client.sendall(b"q")
        take(client, 1000)
        self.assertEqual(line.turns, 3)

    def test_a_stream_that_is_kept_filled_is_one(self):
        def play(sock):
            sock.sendall(b"hello")
            while sock.recv(1):
                for _ in range(10):
                    self.paused.wait(0.01)
                    sock.sendall(b"s" * 100)
        self.paused = threading.Event()
        line, client = self.line(play)
        take(client, 5)
        client.sendall(b"qq")
        for _ in range(5):
            take(client, 1000)
            client.sendall(b"q")
        take(client, 2000)
        self.assertEqual(line.turns, 3)

    def test_a_farewell_that_nobody_waits_for_is_none(self):
        line, client = self.line(echo)
        take(client, 5)
        client.sendall(b"bye")
        client.close()
        line.settle()
        self.assertEqual((line.turns, line.bytes_up), (2, 3))

    def test_what_was_before_a_reset_is_not_counted(self):
        line, client = self.line(echo)
        take(client, 5)
        line.reset()
        client.sendall(b"q")
        take(client, 100)
        self.assertEqual((line.turns, line.connections), (0, 0))


if __name__ == "__main__":
    unittest.main()
