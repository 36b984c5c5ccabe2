"""Taking over from OfflineIMAP and handing back (compat section 10)."""

import unittest

from support.case import ServerCase, stop_servers
from support.judge import status_rows
from support.mails import many, plain
from support.old import OLD, is_old
from support.program import BINARY


def tearDownModule():
    stop_servers()


@unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is not installed")
class Handover(ServerCase):

    folders = {"INBOX": "INBOX", "Work": "Work", "Work/deep": "Work.deep",
               "with blank": "with blank"}

    def prepare(self):
        for number, name in enumerate(self.folders):
            self.fill(name, many(f"f{number}", 30), ("S", "", "FS",
                                                     "R")[number])
        return self.box(self.user)

    def by(self, box, binary):
        box.binary = binary
        return box

    def change(self, box):
        """Something on both sides."""
        with self.imap() as imap:
            imap.append("Work", plain("there"), "S")
            imap.flag("Work", 1, "+", "F")
            imap.remove("Work", 2)
        box.maildir.add("INBOX", plain("here"), "S")
        box.maildir.remove("INBOX", "f0-5")
        box.maildir.flag("INBOX", "f0-6", "RS")

    def test_taking_over(self):
        """Set up by the old program: nothing is transferred, no file is
        changed; then changes go both ways."""
        box = self.by(self.prepare(), OLD)
        box.sync()
        self.by(box, BINARY)
        self.assertQuiet(box)
        self.change(box)
        box.sync()
        self.assertSame(box, self.folders)
        self.assertQuiet(box)

    def test_handing_back(self):
        """Set up by us: the old program finds nothing to do."""
        box = self.prepare()
        box.sync()
        self.change(box)
        box.sync()
        rows = {name: status_rows(box.metadata, "Test", name)
                for name in self.folders.values()}
        self.assertQuiet(self.by(box, OLD))
        self.assertEqual(rows, {
            name: status_rows(box.metadata, "Test", name)
            for name in self.folders.values()})

    def test_back_and_forth(self):
        """Each in turn, with changes between."""
        box = self.prepare()
        for number, binary in enumerate((OLD, BINARY, OLD, BINARY, OLD)):
            self.by(box, binary)
            box.maildir.make("Extra")
            box.maildir.add("Extra", plain(f"turn-{number}"), "S")
            with self.imap() as imap:
                imap.append("INBOX", plain(f"there-{number}"))
            box.sync()
            self.assertSame(box, {**self.folders, "Extra": "Extra"})
        for binary in (BINARY, OLD):
            self.assertQuiet(self.by(box, binary))


if __name__ == "__main__":
    unittest.main()
