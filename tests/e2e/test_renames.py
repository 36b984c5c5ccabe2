"""Folders that are renamed on one side are renamed on the other: no body
crosses the wire, nothing is created, and each message is there exactly once.
"""

import collections
import os
import random
import unittest

from support.case import ServerCase, stop_servers
from support.judge import quote
from support.mails import message_id, plain
from support.program import PARTIAL
from support.proxy import Proxy

SEED = int(os.environ.get("E2E_SEED", random.randrange(1 << 30)))
SIZE = 20_000


def tearDownModule():
    stop_servers()


class Renaming(ServerCase):

    separator = "."

    def setUp(self):
        super().setUp()
        self.line = self.enter(Proxy(self.server.port))
        self.made = self.box(self.user, port=self.line.port,
                             local={"sep": self.separator})

    def here(self, name):
        """The local name of a server's folder."""
        return name.replace("/", self.separator)

    def both(self, *names):
        return {name: self.here(name) for name in names}

    def start(self, *names, count=30):
        """count messages in each, INBOX with two, all in step."""
        self.fill("INBOX", [plain("i0"), plain("i1")])
        for name in names:
            with self.imap() as imap:
                imap.create(name)
                imap.append_all(name, [(plain(f"{name}{n}", SIZE), "")
                                       for n in range(count)])
        self.made.sync()
        self.made.sync()
        self.assertSame(self.made, self.both("INBOX", *names))

    def on_server(self, old, new):
        with self.imap() as imap:
            imap.do("rename", quote(old), quote(new))

    def carry(self, old, new):
        """As a mail reader does: the directory gets another name."""
        there = os.path.join(self.made.root, self.here(new))
        os.makedirs(os.path.dirname(there), exist_ok=True)
        os.rename(os.path.join(self.made.root, self.here(old)), there)

    def inodes(self, folder):
        return sorted(os.stat(m.path).st_ino
                      for m in self.made.maildir.messages(self.here(folder)))

    def sync(self, *args, **more):
        """A run; returns what went up."""
        before = len(self.line.seen_up)
        self.made.sync(*args, **more)
        return bytes(self.line.seen_up[before:])

    def marks(self):
        """How often each message is on either side."""
        here, there = collections.Counter(), collections.Counter()
        with self.imap() as imap:
            for folder in imap.folders():
                there.update(message_id(m.data)
                             for m in imap.messages(folder))
        for folder in self.made.maildir.folders():
            here.update(message_id(m.data)
                        for m in self.made.maildir.messages(folder))
        self.assertEqual(here, there)
        return here

    def assertOnce(self, count):
        found = self.marks()
        self.assertEqual(set(found.values()), {1}, found)
        self.assertEqual(len(found), count)

    def assertFolders(self, *names):
        """These beside INBOX, on both sides."""
        with self.imap() as imap:
            self.assertEqual(sorted(imap.folders()),
                             sorted(["INBOX", *names]))
        self.assertEqual(self.made.maildir.folders(), sorted(
            self.here(name) for name in ["INBOX", *names]))

    def assertRenamed(self, sent):
        for word in (b"BODY.PEEK[]", b"APPEND", b"CREATE"):
            self.assertNotIn(word, sent)

    def settle(self, *folders):
        self.made.sync()
        self.assertSame(self.made, self.both("INBOX", *folders))
        self.assertFolders(*folders)
        self.assertQuiet(self.made)


class Renames(Renaming):

    def test_a_folder_renamed_on_the_server_is_renamed_here(self):
        self.start("Old")
        inodes = self.inodes("Old")
        self.on_server("Old", "New/Name")
        self.assertRenamed(self.sync())
        self.assertEqual(self.inodes("New/Name"), inodes)
        self.assertOnce(32)
        self.settle("New/Name")

    def test_a_folder_renamed_here_is_renamed_on_the_server(self):
        self.start("Old")
        inodes = self.inodes("Old")
        self.carry("Old", "New/Name")
        sent = self.sync()
        self.assertRenamed(sent)
        self.assertIn(b"RENAME", sent)
        self.assertEqual(self.inodes("New/Name"), inodes)
        self.assertOnce(32)
        self.settle("New/Name")

    def test_a_renamed_parent_takes_its_children_along(self):
        names = "Old", "Old/a", "Old/a/b"
        self.start(*names, count=5)
        inodes = [self.inodes(name) for name in names]
        self.on_server("Old", "New")
        self.assertRenamed(self.sync())
        self.assertEqual([self.inodes(name.replace("Old", "New"))
                          for name in names], inodes)
        self.assertOnce(17)
        self.settle("New", "New/a", "New/a/b")

    def test_a_parent_renamed_here_takes_its_children_along(self):
        names = "Old", "Old/a", "Old/a/b"
        self.start(*names, count=5)
        for name in names if self.separator == "." else names[:1]:
            self.carry(name, name.replace("Old", "New"))
        sent = self.sync()
        self.assertRenamed(sent)
        self.assertEqual(sent.count(b"RENAME"), 1)
        self.assertOnce(17)
        self.settle("New", "New/a", "New/a/b")

    def test_what_changed_here_at_the_same_time_is_carried_over(self):
        self.start("Old")
        self.on_server("Old", "New")
        self.made.maildir.add("Old", plain("fresh"), "S")
        self.made.maildir.flag("Old", "Old3", "FS")
        sent = self.sync()
        self.assertNotIn(b"BODY.PEEK[]", sent)
        self.assertNotIn(b"CREATE", sent)
        self.assertOnce(33)
        self.settle("New")
        with self.imap() as imap:
            self.assertEqual({m.flags for m in imap.messages("New")
                              if b"Old3@" in m.data}, {"FS"})

    def test_flags_changed_on_the_server_at_the_same_time_stay(self):
        self.start("Old")
        with self.imap() as imap:
            imap.flag("Old", [4], "+", "F")
        self.on_server("Old", "New")
        self.assertRenamed(self.sync())
        with self.imap() as imap:
            self.assertEqual([m.flags for m in imap.messages("New")
                              if m.uid == 4], ["F"])
        self.settle("New")

    def test_a_folder_renamed_and_changed_here(self):
        """What is deleted on the server meanwhile comes back: its local
        message has lost its number with the name.  The others wait."""
        self.start("Old")
        self.carry("Old", "New")
        self.made.maildir.add("New", plain("fresh"))
        self.made.maildir.flag("New", "Old3", "FS")
        self.made.maildir.remove("New", "Old5", "Old6")
        with self.imap() as imap:
            imap.append("Old", plain("late"))
            imap.remove("Old", [8])
        sent = self.sync(expect=PARTIAL)
        self.assertIn(b"RENAME", sent)
        self.assertNotIn(b"CREATE", sent)
        self.settle("New")
        self.assertOnce(32)

    def test_new_mail_in_a_folder_renamed_on_the_server_is_not_lost(self):
        self.start("Old", count=5)
        self.on_server("Old", "New")
        self.fill("New", [plain("late")])
        self.sync()
        self.made.sync()
        self.assertEqual(len(self.marks()), 8)

    def test_swapped_names_lose_nothing(self):
        self.start("One", "Two", count=5)
        self.on_server("One", "Three")
        self.on_server("Two", "One")
        self.made.run()
        self.made.run()
        self.assertEqual(len(self.marks()), 12)

    def test_empty_folders_and_other_mail_are_no_renames(self):
        self.start("Gone", count=4)
        with self.imap() as imap:
            imap.create("Empty", "Void")
        self.made.sync()
        with self.imap() as imap:
            imap.delete_folder("Empty")
            imap.delete_folder("Void")
            imap.delete_folder("Gone")
            imap.create("Other", "Hollow", "Blank")
        self.fill("Other", [plain(f"other{n}") for n in range(4)])
        self.assertNotIn(b"RENAME", self.sync())
        self.made.sync()
        self.assertOnce(10)

    def test_without_what_is_remembered_nothing_is_lost(self):
        self.start("Old", count=5)
        os.unlink(os.path.join(self.made.metadata, "Account-Test",
                               "offlineimap-cache"))
        self.on_server("Old", "New")
        self.sync()
        self.made.sync()
        self.assertEqual(len(self.marks()), 7)

    def test_dry_runs_rename_nothing(self):
        self.start("Old", count=3)
        self.on_server("Old", "New")
        self.assertRenamed(self.sync("--dry-run"))
        self.assertEqual(self.made.maildir.folders(),
                         sorted(["INBOX", "Old"]))


class RenamesWithSlash(Renames):
    separator = "/"


class Killed(Renaming):

    def test_killed_in_between_each_message_is_there_once(self):
        """kill -9 after each number of writes to the server."""
        choose = random.Random(SEED)
        self.start("f0", count=10)
        name = "f0"
        for n in range(1, 9):
            turn = f"f{n}"
            (self.on_server if n % 2 else self.carry)(name, turn)
            name = turn
            before = len(self.line.seen_up)
            with self.made.start() as process:
                for _ in range(choose.randrange(1, 12)):
                    self.line.moved.clear()
                    if process.popen.poll() is not None or \
                            not self.line.moved.wait(1):
                        break
                process.kill()
            for link in list(self.line.links):
                link.close()
            self.made.sync()
            self.made.sync()
            self.assertGreater(len(self.line.seen_up), before)
            with self.subTest(seed=SEED, turn=n):
                self.assertOnce(12)
                self.assertFolders(name)


if __name__ == "__main__":
    unittest.main()
