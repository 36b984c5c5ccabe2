"""Another program changes the Maildir all the time (needs.md N26, N32)."""

import os
import random
import threading
import unittest

from support.case import ServerCase, stop_servers
from support.mails import many, plain


def tearDownModule():
    stop_servers()


class Reader(threading.Thread):
    """A mail reader in a hurry: delivers and flags as fast as it can; each
    new message is renamed again and again."""

    def __init__(self, box, folder):
        super().__init__(daemon=True)
        self.box, self.added = box, 0
        self.parts = [os.path.join(box.root, folder, part)
                      for part in ("new", "cur")]
        self.folder, self.over = folder, threading.Event()
        self.random = random.Random(26)

    def run(self):
        while not self.over.is_set():
            if self.added < 400 and self.random.random() < 0.1:
                self.box.maildir.add(self.folder, plain(f"k{self.added}"))
                self.added += 1
            else:
                self.rename()

    def rename(self):
        part = self.random.choice(self.parts)
        names = os.listdir(part)
        fresh = [name for name in names if ",U=" not in name]
        if not names:
            return
        name = self.random.choice(fresh or names)
        base, _, flags = name.partition(":2,")
        flags = set(flags) ^ {self.random.choice("FRS")}
        try:
            os.rename(os.path.join(part, name), os.path.join(
                self.parts[1], base + ":2," + "".join(sorted(flags))))
        except FileNotFoundError:
            pass

    def finish(self):
        self.over.set()
        self.join()


class Mutator(ServerCase):

    def test_nothing_is_lost_or_doubled(self):
        """N26: whatever the runs saw, the one after them settles it."""
        self.fill("Box", many("old", 1500), "S")
        box = self.box(self.user)
        box.sync()
        reader = Reader(box, "Box")
        reader.start()
        try:
            for number in range(6):
                self.fill("Box", [plain(f"s{number}")])
                box.run()
        finally:
            reader.finish()
        box.sync()
        self.assertSame(box, ["Box"])
        marks = [m.data.split(b"Message-ID: <")[1].split(b"@")[0]
                 for m in box.maildir.messages("Box")]
        self.assertEqual(len(marks), len(set(marks)))
        self.assertEqual(len(marks), 1500 + 6 + reader.added)
        self.assertQuiet(box)


class MutatorBare(Mutator):
    """The same against a server that has nothing but IMAP4rev1."""

    bare = True


if __name__ == "__main__":
    unittest.main()
