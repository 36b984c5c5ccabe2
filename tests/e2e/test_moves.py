"""Messages that move between folders on one side move on the other: no body
crosses the wire, and whatever happens each message is there exactly once.
"""

import collections
import os
import random
import re
import unittest

from support.case import ServerCase, stop_servers
from support.mails import message_id, plain
from support.proxy import Proxy, without_uidplus

SEED = int(os.environ.get("E2E_SEED", random.randrange(1 << 30)))
SIZE = 20_000


def tearDownModule():
    stop_servers()


class Moving(ServerCase):

    folders = ("INBOX", "Archive", "Work")

    def setUp(self):
        super().setUp()
        self.line = self.enter(Proxy(self.server.port, self.rewrite()))
        self.made = self.box(self.user, port=self.line.port)

    def rewrite(self):
        return None

    def start(self, count=10):
        """count messages in INBOX, some in the others, all in step."""
        self.fill("INBOX", [plain(f"m{n}", SIZE) for n in range(count)])
        self.fill("Archive", [plain("a0"), plain("a1")])
        self.fill("Work", [plain("w0")])
        self.made.sync()
        self.assertSame(self.made, self.folders)

    def path(self, folder, mark):
        return self.made.maildir.find(folder, mark).path

    def carry(self, mark, to, source="INBOX", name=None):
        """As a mail reader does: the file goes to another folder."""
        path = self.path(source, mark)
        parent = os.path.dirname(os.path.dirname(os.path.dirname(path)))
        there = os.path.join(parent, to, os.path.basename(
            os.path.dirname(path)), name or os.path.basename(path))
        os.rename(path, there)

    def on_server(self, marks, to, source="INBOX"):
        with self.imap() as imap:
            uids = [m.uid for m in imap.messages(source)
                    if any(f"{mark}@".encode() in m.data for mark in marks)]
            self.assertEqual(len(uids), len(marks))
            imap.select(source)
            imap.do("UID", "MOVE", ",".join(map(str, uids)), to)

    def marks(self):
        """How often each message is where, on both sides."""
        here, there = collections.Counter(), collections.Counter()
        with self.imap() as imap:
            for folder in self.folders:
                there.update((folder, message_id(m.data))
                             for m in imap.messages(folder))
                here.update((folder, message_id(m.data))
                            for m in self.made.maildir.messages(folder))
        self.assertEqual(here, there)
        return here

    def sync(self, *args):
        """A run; returns what went up."""
        before = len(self.line.seen_up)
        self.made.sync(*args)
        self.assertSame(self.made, self.folders)
        return bytes(self.line.seen_up[before:])

    def assertMoved(self, sent):
        self.assertRegex(sent, rb"UID MOVE|UID COPY")
        self.assertNotIn(b"APPEND", sent)
        self.assertNotIn(b"BODY.PEEK[]", sent)


class Moves(Moving):

    def test_a_file_in_another_folder_moves_on_the_server(self):
        self.start()
        self.carry("m3", "Archive")
        self.carry("m4", "Archive", name="1234567890.M1.elsewhere:2,FS")
        self.carry("m5", "Work")
        self.assertMoved(self.sync())
        found = self.marks()
        for folder, mark in (("Archive", "m3"), ("Archive", "m4"),
                             ("Work", "m5")):
            self.assertEqual(found[folder, f"{mark}@e2e.example.org"], 1)
        with self.imap() as imap:
            flags = {message_id(m.data): m.flags
                     for m in imap.messages("Archive")}
        self.assertEqual(flags["m4@e2e.example.org"], "FS")
        self.assertQuiet(self.made)

    def test_a_message_moved_on_the_server_is_renamed(self):
        self.start()
        inode = os.stat(self.path("INBOX", "m7")).st_ino
        self.on_server(["m7", "m8"], "Archive")
        sent = self.sync()
        self.assertNotIn(b"BODY.PEEK[]", sent)
        self.assertEqual(os.stat(self.path("Archive", "m7")).st_ino, inode)
        self.assertEqual(sum(self.marks().values()), 13)
        self.assertQuiet(self.made)

    def test_both_ways_at_once(self):
        self.start()
        self.carry("m1", "Archive")
        self.carry("a0", "INBOX", source="Archive")
        self.on_server(["m2"], "Work")
        self.on_server(["w0"], "INBOX", source="Work")
        sent = self.sync()
        self.assertMoved(sent)
        self.assertEqual(sum(self.marks().values()), 13)
        self.assertQuiet(self.made)

    def test_flags_change_on_the_way(self):
        self.start()
        self.carry("m1", "Archive")
        self.made.maildir.flag("Archive", "m1", "FRS")
        self.on_server(["m2"], "Archive")
        with self.imap() as imap:
            uid = next(m.uid for m in imap.messages("Archive")
                       if b"m2@" in m.data)
            imap.flag("Archive", [uid], "+", "F")
        sent = self.sync()
        self.assertMoved(sent)
        with self.imap() as imap:
            flags = {message_id(m.data).split("@")[0]: m.flags
                     for m in imap.messages("Archive")}
        self.assertEqual(flags["m1"], "FRS")
        self.assertIn("F", flags["m2"])

    def test_most_of_a_folder_moves_and_nothing_is_held(self):
        """So many deletions at once would wait for approval."""
        self.start(60)
        for n in range(0, 50):
            self.carry(f"m{n}", "Archive")
        self.assertMoved(self.sync())
        self.on_server([f"m{n}" for n in range(10, 50)], "Work",
                       source="Archive")
        self.assertNotIn(b"BODY.PEEK[]", self.sync())
        self.assertEqual(sum(self.marks().values()), 63)

    def test_what_is_not_certain_is_copied(self):
        """Two messages that are alike, and one that was changed."""
        self.start()
        twin = plain("twin", 300)
        self.fill("INBOX", [twin, twin])
        self.sync()
        path = self.path("INBOX", "twin")
        self.carry("twin", "Archive")
        self.assertFalse(os.path.exists(path))
        self.carry("twin", "Work")
        self.carry("m1", "Archive")
        with open(self.path("Archive", "m1"), "ab") as message:
            message.write(b"more\n")
        sent = self.sync()
        self.assertIn(b"APPEND", sent)
        self.assertEqual(sum(self.marks().values()), 15)

    def test_a_copy_is_no_move(self):
        self.start()
        with open(self.path("INBOX", "m1"), "rb") as message:
            self.made.maildir.add("Archive", message.read())
        self.sync()
        self.assertEqual(self.marks()["INBOX", "m1@e2e.example.org"], 1)
        self.assertEqual(self.marks()["Archive", "m1@e2e.example.org"], 1)

    def test_a_target_that_may_not_be_written(self):
        """The server refuses to move: it is sent as before."""
        self.start()
        self.carry("m1", "Archive")
        self.line.rewrite = lambda data: re.sub(
            rb"(?m)^(A\d+) OK (\[[^\]]*\] )?Move completed",
            rb"\1 NO not today", data)
        self.made.run()
        self.line.rewrite = None
        self.sync()
        self.sync()
        self.assertEqual(sum(self.marks().values()), 13)

    def test_killed_while_messages_move(self):
        """Any moment; the next run at once."""
        self.start(40)
        choose = random.Random(SEED)
        expected = set(mark for _, mark in self.marks())
        for _ in range(15):
            for folder in self.folders:
                for message in self.made.maildir.messages(folder):
                    if choose.random() < 0.15:
                        mark = message_id(message.data).split("@")[0]
                        self.carry(mark, choose.choice(
                            [f for f in self.folders if f != folder]),
                            source=folder)
            with self.imap() as imap:
                for folder in self.folders:
                    uids = [m.uid for m in imap.messages(folder)
                            if choose.random() < 0.1]
                    if uids:
                        imap.select(folder)
                        imap.do("UID", "MOVE", ",".join(map(str, uids)),
                                choose.choice([f for f in self.folders
                                               if f != folder]))
            limit = len(self.line.seen_up) + choose.randint(50, 6000)
            with self.made.start() as process:
                while process.popen.poll() is None \
                        and len(self.line.seen_up) < limit:
                    self.line.moved.wait(0.02)
                    self.line.moved.clear()
                process.kill()
        for _ in range(3):
            self.made.run()
        found = self.marks()
        names = collections.Counter(mark for _, mark in found.elements())
        self.assertEqual(set(names), expected, f"seed {SEED}")
        # What was moved on both sides at once may be in both places.
        self.assertSame(self.made, self.folders, killed=True)


class MovesWithoutMove(Moves):

    options = {"capability": "IMAP4rev1 LITERAL+ UIDPLUS ESEARCH"}


class MovesUntold(Moving):
    """A server that does not tell where messages are now."""

    options = {"capability": "IMAP4rev1 LITERAL+ UIDPLUS MOVE"}

    def rewrite(self):
        return without_uidplus

    def test_nothing_is_lost_or_doubled(self):
        self.start()
        for n in range(4):
            self.carry(f"m{n}", "Archive")
        for _ in range(3):
            self.made.run()
        self.assertSame(self.made, self.folders)
        self.assertEqual(sum(self.marks().values()), 13)
        self.assertQuiet(self.made)

    def test_a_refusal_that_came_too_late(self):
        """NO, when messages have been moved already."""
        self.start()
        for n in range(4):
            self.carry(f"m{n}", "Archive")
        self.line.rewrite = lambda data: re.sub(
            rb"(?m)^(A\d+) OK Move completed", rb"\1 NO no room",
            without_uidplus(data))
        self.made.run()
        self.line.rewrite = without_uidplus
        for _ in range(2):
            self.made.run()
        self.assertSame(self.made, self.folders)
        self.assertEqual(sum(self.marks().values()), 13)
        self.assertQuiet(self.made)


if __name__ == "__main__":
    unittest.main()
