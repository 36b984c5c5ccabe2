"""kill -9 at any moment, the next run at once: nothing lost, nothing doubled.

Every message has a Message-ID of its own, so that a lost or doubled one can
be named (D7, D8, D10, N5).
"""

import collections
import os
import random
import unittest

from support.case import ServerCase, stop_servers
from support.mails import message_id, plain
from support.proxy import Proxy

ROUNDS = int(os.environ.get("E2E_KILLS", "50"))
SEED = int(os.environ.get("E2E_SEED", random.randrange(1 << 30)))


def tearDownModule():
    stop_servers()


class Kill(ServerCase):

    rounds = ROUNDS

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.serial = 0

    def relay(self):
        """The relay in front of the server, the bare server's too."""
        return self.proxy or self.enter(Proxy(self.server.port))

    def mark(self, side):
        self.serial += 1
        return f"{side}-{self.serial}"

    def add_local(self, box, folder, count):
        for _ in range(count):
            size = self.random.choice((0, 500, 9000))
            box.maildir.add(folder, plain(self.mark("up"), size),
                            self.random.choice(("", "S", "FS")))

    def add_remote(self, folder, count):
        with self.imap() as imap:
            for _ in range(count):
                size = self.random.choice((0, 500, 9000))
                imap.append(folder, plain(self.mark("down"), size),
                            self.random.choice(("", "S", "FS")))

    def judge(self, box, folders, expected, where):
        """Each expected Message-ID once on each side."""
        with self.imap() as imap:
            there = collections.Counter(
                message_id(m.data) for folder in folders
                for m in imap.messages(folder))
        here = collections.Counter(
            message_id(m.data) for folder in folders
            for m in box.maildir.messages(folder))
        for name, found in (("server", there), ("Maildir", here)):
            lost = sorted(set(expected) - set(found))
            doubled = sorted(mark for mark, n in found.items() if n > 1)
            self.assertFalse(lost or doubled, f"seed {SEED}, {where}: on the "
                             f"{name} lost {lost}, doubled {doubled}")
            self.assertEqual(set(found), set(expected))

    def run_killed(self, box, after):
        """Starts a run, kills it when it has told of so many messages, or
        in the middle of the silence behind that."""
        with box.start() as process:
            try:
                process.wait_for(r"Copy message", count=max(1, after))
            except AssertionError:
                process.popen.wait(timeout=30)  # it has come to its end
            process.kill()

    def test_fifty_moments(self):
        """50 rounds: new mail on both sides, killed at a random moment,
        and the next round begins at once."""
        self.fill("Work", [])
        self.proxy = relay = self.relay()
        box = self.box(self.user, remote={"maxconnections": 2})
        box.sync()
        marks = []
        for _ in range(self.rounds):
            for folder in ("INBOX", "Work"):
                first = self.serial
                self.add_local(box, folder, 4)
                marks += [f"up-{n + 1}" for n in range(first, self.serial)]
                first = self.serial
                self.add_remote(folder, 2)
                marks += [f"down-{n + 1}" for n in range(first, self.serial)]
            self.run_killed(box, self.random.randint(1, 12))
        relay.drain(all_dead=True)
        for _ in range(2):
            box.sync()
        self.judge(box, ["INBOX", "Work"],
                   [f"{mark}@e2e.example.org" for mark in marks],
                   "after all rounds")
        self.assertSame(box, ["INBOX", "Work"], killed=True)
        self.assertQuiet(box)

    def test_many_folders_on_one_connection(self):
        """Their commands leave together, and so they are cut off together.
        Deletions on the server go on besides; one of a message whose
        receipt was not recorded may be undone."""
        folders = [f"part{n}" for n in range(6)]
        for folder in folders:
            self.fill(folder, [])
        self.proxy = relay = self.relay()
        box = self.box(self.user, remote={"maxconnections": 1})
        box.sync()
        marks, deleted = [], []
        for _ in range(max(1, self.rounds // 4)):
            first = self.serial
            for folder in folders:
                self.add_local(box, folder, 2)
            marks += [f"up-{n + 1}" for n in range(first, self.serial)]
            first = self.serial
            for folder in folders:
                self.add_remote(folder, 2)
            marks += [f"down-{n + 1}" for n in range(first, self.serial)]
            for folder in self.random.sample(folders, 3):
                deleted += self.remove_remote(folder)
            self.run_killed(box, self.random.randint(1, 24))
        relay.drain(all_dead=True)
        for _ in range(2):
            box.sync()
        with self.imap() as imap:
            there = {message_id(m.data) for folder in folders
                     for m in imap.messages(folder)}
        expected = {f"{mark}@e2e.example.org" for mark in marks}
        self.judge(box, folders, expected - (set(deleted) - there),
                   "after all rounds")
        self.assertSame(box, folders, killed=True)
        self.assertQuiet(box)

    def remove_remote(self, folder):
        """One message, if there is any; its Message-ID."""
        with self.imap() as imap:
            there = imap.messages(folder)
            if not there:
                return []
            chosen = self.random.choice(there)
            imap.remove(folder, chosen.uid)
        return [message_id(chosen.data)]

    def test_by_bytes_on_the_wire(self):
        """Killed when the server has got so many bytes, wherever in a
        command that is."""
        proxy = self.relay()
        box = self.box(self.user, port=proxy.port)
        box.sync()
        total = 0
        for number in range(self.rounds // 3):
            self.add_local(box, "INBOX", 12)
            total += 12
            limit = len(proxy.seen_up) + self.random.randint(100, 30_000)
            with box.start() as process:
                while process.popen.poll() is None \
                        and len(proxy.seen_up) < limit:
                    proxy.moved.wait(0.02)
                    proxy.moved.clear()
                process.kill()
        for _ in range(2):
            box.sync()
        self.judge(box, ["INBOX"], [f"up-{n}@e2e.example.org"
                                    for n in range(1, total + 1)],
                   "after all rounds")
        self.assertQuiet(box)

    def late(self, when):
        """The dead session's bytes are held by the network and reach the
        server at this point of the next run; at most two further runs."""
        proxy = self.relay()
        box = self.box(self.user, port=proxy.port)
        box.sync()
        total = 0
        for number in range(4):
            self.add_local(box, "INBOX", 20)
            total += 20
            proxy.hold_after(up=self.random.randint(300, 30_000))
            with box.start() as process:
                while process.popen.poll() is None and not proxy.held():
                    proxy.moved.wait(0.02)
                    proxy.moved.clear()
                process.kill()
            when(proxy, box)
            proxy.drain()
            for _ in range(2):
                box.sync()
            self.judge(box, ["INBOX"], [
                f"up-{n}@e2e.example.org" for n in range(1, total + 1)],
                f"round {number}")
        self.assertSame(box, ["INBOX"], killed=True)
        self.assertQuiet(box)

    def test_late_bytes_before_the_next_run(self):
        """D8: the dead session is served, then comes the next run."""
        def when(proxy, box):
            proxy.release()
        self.late(when)

    def test_late_bytes_while_the_next_run_starts(self):
        """D8: the next run has connected when they arrive."""
        def when(proxy, box):
            with box.start() as process:
                process.wait_for("onnect")
                proxy.release()
                process.finish()
        self.late(when)

    def test_late_bytes_while_the_next_run_uploads(self):
        """D8: the next run is in the middle of its work."""
        def when(proxy, box):
            links = len(proxy.links)
            with box.start() as process:
                while process.popen.poll() is None and not any(
                        link.up > 400 for link in proxy.links[links:]):
                    proxy.moved.wait(0.02)
                    proxy.moved.clear()
                proxy.release()
                process.finish()
        self.late(when)

    def test_late_bytes_after_the_next_run(self):
        """D8: the next run has done everything when they arrive."""
        def when(proxy, box):
            box.run()
            proxy.release()
        self.late(when)

    def test_killed_while_deleting(self):
        """N6: an interrupted deletion goes on as a deletion."""
        self.fill("INBOX", [plain(f"del-{n}") for n in range(120)], "S")
        box = self.box(self.user)
        box.sync()
        left = 120
        for number in range(6):
            box.maildir.remove("INBOX", *[
                f"del-{n}" for n in range(number * 15, number * 15 + 15)])
            left -= 15
            with box.start() as process:
                process.wait_for("Deleting|Syncing")
                process.kill()
            box.sync()
            self.assertEqual(len(box.maildir.messages("INBOX")), left)
            self.assertSame(box, ["INBOX"], killed=True)

    def test_killed_while_flags_change(self):
        """Flags arrive after all."""
        self.fill("INBOX", [plain(f"flag-{n}") for n in range(60)], "S")
        box = self.box(self.user)
        box.sync()
        for number in range(5):
            for n in range(number * 10, number * 10 + 10):
                box.maildir.flag("INBOX", f"flag-{n}", "FRS")
            with box.start() as process:
                process.wait_for("Adding flag|Syncing")
                process.kill()
            box.sync()
            self.assertSame(box, ["INBOX"], killed=True)

    def test_killed_during_the_first_sync(self):
        """The first download resumes; nothing twice, no half file."""
        self.fill("INBOX", [plain(f"in-{n}", 3000) for n in range(150)])
        box = self.box(self.user)
        for _ in range(6):
            self.run_killed(box, self.random.randint(1, 60))
        box.sync()
        self.assertSame(box, ["INBOX"], killed=True)
        self.assertEqual(len(box.maildir.messages("INBOX")), 150)
        self.assertQuiet(box)


class KillBare(Kill):
    """The same against a server that tells no new UIDs."""

    bare = True
    rounds = ROUNDS // 3


if __name__ == "__main__":
    unittest.main()
