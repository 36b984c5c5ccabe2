"""The mail that is synchronised, and what is known of it.

A message is known by the number in its Message-ID.  A Model says which
messages with which flags a mailbox must hold; changes are made to it first, and
both sides are compared with it afterwards.
"""

import hashlib
import random
import re

SIZES = (400, 900, 1800, 3000, 3000, 5000, 8000, 12_000, 25_000, 41_000)
HUGE = 200_000_000
FLAGS = ("", "S", "FS", "RS")
MARK = re.compile(rb"Message-ID: <(\d+)@bench>", re.I)

_TUID = re.compile(rb"^X-TUID: .*\n", re.M)

_WORDS = ("synchronise mail folder server answer question meeting report "
          "network battery window garden coffee morning evening letter "
          "number simple careful result attached please tomorrow").split()


def digest(data):
    """Of a message with LF, without what mbsync adds."""
    return hashlib.sha256(_TUID.sub(b"", data, count=1)).hexdigest()


def names(folders):
    return ["INBOX"] + [f"Folder{n:03}" for n in range(1, folders)]


class Post:
    """Makes messages with CRLF, the same ones in each run."""

    def __init__(self, seed=7):
        self._random = random.Random(seed)
        words = " ".join(self._random.choice(_WORDS) for _ in range(30_000))
        lines = [words[i:i + 70] for i in range(0, len(words), 70)]
        self._pool = "\r\n".join(lines).encode() + b"\r\n"

    def message(self, mark, size):
        """size bytes in all, or a little more."""
        head = (f"Message-ID: <{mark}@bench>\r\n"
                f"From: {self._random.choice(_WORDS)}@example.org\r\n"
                f"To: me@example.org\r\n"
                f"Subject: {self._random.choice(_WORDS)} {mark}\r\n"
                f"Date: Mon, 02 Mar 2026 10:{mark % 60:02}:00 +0000\r\n"
                "\r\n").encode()
        start = self._random.randrange(len(self._pool) // 2)
        body = self._pool[start:start + max(0, size - len(head))]
        missing = size - len(head) - len(body)
        if missing > 0:
            times = missing // len(self._pool) + 1
            body += (self._pool * times)[:missing]
        # No line feed without its carriage return, and a line at the end.
        return head + body.rstrip(b"\r\n") + b"\r\n"


class Model:
    """folders: {name: {mark: flags}}; sizes: (folder, bytes on disk) of
    each message as it was filled."""

    def __init__(self, folders, sizes=()):
        self.folders, self.sizes = folders, list(sizes)

    def copy(self):
        return Model({name: dict(held)
                      for name, held in self.folders.items()}, self.sizes)

    def count(self):
        return sum(map(len, self.folders.values()))

    def next_mark(self):
        return 1 + max((max(held, default=0)
                        for held in self.folders.values()), default=0)


class Bulk:
    """A mailbox as it is filled: count messages, sizes in turn."""

    def __init__(self, count, folders, sizes, flags=FLAGS):
        self.count, self.names, self.sizes = count, names(folders), sizes
        self.flags = flags

    def parts(self):
        """Yields (folder, [(mark, flags, data)]), a few megabytes each."""
        post = Post()
        for index, name in enumerate(self.names):
            part, size = [], 0
            for mark in range(index + 1, self.count + 1, len(self.names)):
                # By what number it has in its folder, so that all folders
                # are alike.
                nth = (mark - 1) // len(self.names) + index
                data = post.message(mark, self.sizes[nth % len(self.sizes)])
                part.append((mark, self.flags[nth % len(self.flags)], data))
                size += len(data)
                if size > 1 << 22:
                    yield name, part
                    part, size = [], 0
            if part:
                yield name, part


def differences(model, seen, folders=None):
    """Lines that say where what was seen is not what must be."""
    found = []
    for name in folders or model.folders:
        must, has = model.folders[name], seen.get(name, {})
        if must == has:
            continue
        lost = sorted(must.keys() - has.keys())
        more = sorted(has.keys() - must.keys())
        odd = [mark for mark in must.keys() & has.keys()
               if must[mark] != has[mark]]
        found.append(f"{name}: {len(lost)} missing {lost[:3]}, {len(more)} "
                     f"too many {more[:3]}, {len(odd)} with other flags "
                     f"{[(m, must[m], has[m]) for m in odd[:3]]}")
    return found
