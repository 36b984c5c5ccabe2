"""The old program and ours take turns on one state, ten times, with random
changes on both sides in between: both sides are always what the changes
should have made of them, no message is lost and none is doubled."""

import random
import unittest

from support.case import ServerCase, stop_servers
from support.judge import quote, status_rows
from support.mails import message_id, plain
from support.old import OLD, WORK, is_old
from support.program import BINARY

TURNS = 10


def tearDownModule():
    stop_servers()


def mark_of(message):
    return message_id(message.data).removesuffix("@e2e.example.org")


class Sides:
    """What both sides ought to hold: {folder: {mark: flags}}, and how to
    change it on either of them."""

    def __init__(self, test, box, local_name, seed):
        self.test, self.box, self.local_name = test, box, local_name
        self.random = random.Random(seed)
        self.wanted = {"INBOX": {}, "Work": {}, "Lists/one": {},
                       "Lists/two words": {}}
        self.count = 0

    def new_mark(self, where):
        self.count += 1
        return f"{where}{self.count}"

    def pick(self):
        """A message that nothing was done to in this turn."""
        at = [(folder, mark) for folder, marks in self.wanted.items()
              for mark in marks if (folder, mark) not in self.touched]
        if not at:
            return None, None
        place = self.random.choice(sorted(at))
        self.touched.add(place)
        return place

    def flags(self):
        return "".join(letter for letter in "FRS"
                       if self.random.random() < 0.4)

    def folder(self):
        return self.random.choice(sorted(self.wanted))

    def uid(self, imap, folder, mark):
        return next(m.uid for m in imap.messages(folder)
                    if mark_of(m) == mark)

    def add_remote(self, imap):
        folder, mark, flags = self.folder(), self.new_mark("r"), self.flags()
        imap.append(folder, plain(mark), flags)
        self.keep(folder, mark, flags)

    def add_local(self, imap):
        folder, mark, flags = self.folder(), self.new_mark("l"), self.flags()
        self.box.maildir.add(self.local_name(folder), plain(mark), flags)
        self.keep(folder, mark, flags)

    def keep(self, folder, mark, flags):
        self.wanted[folder][mark] = flags
        self.touched.add((folder, mark))

    def flag_remote(self, imap):
        folder, mark = self.pick()
        if mark:
            uid, flags = self.uid(imap, folder, mark), self.flags()
            imap.flag(folder, uid, "", flags or [])
            self.wanted[folder][mark] = flags

    def flag_local(self, imap):
        folder, mark = self.pick()
        if mark:
            flags = self.flags()
            self.box.maildir.flag(self.local_name(folder), mark, flags)
            self.wanted[folder][mark] = flags

    def remove_remote(self, imap):
        folder, mark = self.pick()
        if mark:
            imap.remove(folder, self.uid(imap, folder, mark))
            del self.wanted[folder][mark]

    def remove_local(self, imap):
        folder, mark = self.pick()
        if mark:
            self.box.maildir.remove(self.local_name(folder), mark)
            del self.wanted[folder][mark]

    def folder_remote(self, imap):
        name = f"Lists/{self.new_mark('made')}"
        imap.create(name)
        imap.do("subscribe", quote(name))
        self.wanted[name] = {}

    def folder_local(self, imap):
        name = self.new_mark("mine")
        self.box.maildir.make(self.local_name(name))
        self.wanted[name] = {}

    CHANGES = ([add_remote] * 4 + [add_local] * 4 + [flag_remote] * 3 +
               [flag_local] * 3 + [remove_remote] * 2 + [remove_local] * 2)

    def change(self, imap, turn):
        self.touched = set()
        for _ in range(25):
            self.random.choice(self.CHANGES)(self, imap)
        (self.folder_remote if turn % 3 else self.folder_local)(imap)

    def check(self, imap, why):
        for folder, marks in self.wanted.items():
            wanted = sorted(marks.items())
            there = sorted((mark_of(m), m.flags)
                           for m in imap.messages(folder))
            here = sorted((mark_of(m), m.flags) for m in
                          self.box.maildir.messages(self.local_name(folder)))
            self.test.assertEqual(wanted, there, f"{folder} there, {why}")
            self.test.assertEqual(wanted, here, f"{folder} here, {why}")


@unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is not installed")
class Alternate(ServerCase):

    def alternate(self, local_name, seed, local=None, remote=None,
                  account=None):
        box = self.box(self.user, local=local, remote=remote,
                       account=account)
        sides = Sides(self, box, local_name, seed)
        with self.imap() as imap:
            imap.create(*[name for name in sides.wanted if name != "INBOX"])
        box.binary = OLD
        box.sync("-1")
        for turn in range(TURNS):
            with self.imap() as imap:
                sides.change(imap, turn)
            box.binary = (BINARY, OLD)[turn % 2]
            result = box.sync("-1")
            with self.imap() as imap:
                sides.check(imap, f"turn {turn}, seed {seed}\n{result!r}")
        rows = self.rows(box, sides)
        for binary in (BINARY, OLD, BINARY):
            box.binary = binary
            self.assertNotRegex(box.sync("-1").out, WORK)
            self.assertEqual(rows, self.rows(box, sides))

    def rows(self, box, sides):
        return {folder: status_rows(
            box.metadata, "Test", sides.local_name(folder).replace("/", "."))
            for folder in sides.wanted}

    def test_dots(self):
        self.alternate(lambda name: name.replace("/", "."), 1)

    def test_nested(self):
        self.alternate(lambda name: name, 2, local={"sep": "/"})

    def test_nametrans(self):
        """Both ways, as the manual of the old program advises."""
        self.alternate(
            lambda name: name.replace("Lists/", "L-"), 3,
            local={"nametrans": "lambda f: re.sub('^L-', 'Lists/', f)"},
            remote={"nametrans": "lambda f: re.sub('^Lists/', 'L-', f)"})

    def test_custom_flags(self):
        self.alternate(lambda name: name.replace("/", "."), 4,
                       local={"customflag_a": "$Forwarded",
                              "customflag_b": "NonJunk"})

    def test_gmail_maildir(self):
        """Its state has columns for labels and times."""
        self.alternate(lambda name: name.replace("/", "."), 5,
                       local={"type": "GmailMaildir"})

    def test_several_connections(self):
        self.alternate(lambda name: name, 6, local={"sep": "/"},
                       remote={"maxconnections": 3})


if __name__ == "__main__":
    unittest.main()
