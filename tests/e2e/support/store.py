"""Mail put straight into a Dovecot's store, for demo and benchmark.

A Dovecot Maildir takes files under any name: the server gives them UIDs when
it opens the folder.  That is many times faster than APPEND.
"""

import os
import random
import socket
import time

_WORDS = ("synchronise mail folder server answer question meeting report "
          "network battery window garden coffee morning evening letter "
          "number simple careful result attached please tomorrow").split()


class Writer:
    """Generated mail for one user of Dovecot(storage="maildir")."""

    def __init__(self, server, user, seed=7):
        self.server, self.user = server, user
        self.random = random.Random(seed)
        self.root = os.path.join(user.home, "Maildir")
        self.count = 0
        self.bytes = 0
        pool = " ".join(self.random.choice(_WORDS) for _ in range(30_000))
        self.pool = "\n".join(pool[i:i + 70] for i in
                              range(0, len(pool), 70)).encode()

    def _own(self, path):
        os.chown(path, self.server.uid, self.server.gid)

    def folder(self, name):
        """The folder's directory, made with all above it."""
        path = self.root
        for part in ["", *(name.split("/") if name != "INBOX" else [])]:
            path = os.path.join(path, part) if part else path
            if not os.path.isdir(path):
                os.mkdir(path, 0o700)
                self._own(path)
        for part in ("cur", "new", "tmp"):
            where = os.path.join(path, part)
            if not os.path.isdir(where):
                os.mkdir(where, 0o700)
                self._own(where)
        return path

    def text(self, size):
        """size bytes of lines."""
        data = b""
        while len(data) < size:
            start = self.random.randrange(len(self.pool) // 2)
            data += self.pool[start:start + min(size - len(data),
                                                len(self.pool) // 2)]
        return data

    def message(self, size):
        self.count += 1
        when = time.gmtime(1_600_000_000 + self.count * 1800)
        subject = " ".join(self.random.choice(_WORDS) for _ in range(4))
        head = (f"From: {self.random.choice(_WORDS)}@example.org\n"
                f"To: {self.user.name}@example.org\n"
                f"Subject: {subject}\n"
                f"Date: {time.strftime('%a, %d %b %Y %H:%M:%S', when)}"
                f" +0000\n"
                f"Message-ID: <{self.count}@generated.example.org>\n\n")
        return head.encode() + self.text(size) + b"\n"

    def add(self, folder, size, flags=""):
        """One message of about this size."""
        path = self.folder(folder)
        data = self.message(size)
        self.put(path, data, flags)

    def put(self, path, data, flags):
        self.bytes += len(data)
        name = f"{1_600_000_000 + self.count * 1800}.{self.count}.bench"
        full = os.path.join(path, "cur", f"{name}:2,{flags}")
        with open(full, "xb") as out:
            out.write(data)
        self._own(full)

    def large(self, folder, size):
        """One message of exactly this many bytes, written in pieces."""
        path = os.path.join(self.folder(folder), "cur",
                            f"1.large.{socket.gethostname()}:2,S")
        head = self.message(0)
        block = self.text(1 << 16)
        with open(path, "xb") as out:
            out.write(head)
            left = size - len(head)
            while left > 0:
                out.write(block[:left])
                left -= len(block)
        self._own(path)

    def many(self, folder, count):
        """count tiny messages, as fast as can be."""
        path = self.folder(folder)
        for number in range(count):
            self.count += 1
            self.put(path, b"Subject: tiny\nMessage-ID: <tiny%d@x>\n\nhello\n"
                     % number, "S")
