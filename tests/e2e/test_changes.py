"""Every pair of changes on the two sides of a folder (compat 4.4)."""

import itertools
import os
import unittest

from support.case import ServerCase, stop_servers
from support.judge import status_rows
from support.mails import many, plain
from support.program import HELD, OK, PARTIAL

# What is done to a message that has the flag S on both sides.
CHANGES = ("keep", "+F", "-S", "+R", "+T", "+F-S", "delete")
BASE = "S"


def tearDownModule():
    stop_servers()


def changed(flags, *changes):
    """The flags after these changes, or None: deleted.  Changes of both
    sides are merged flag by flag; deletion wins."""
    flags = set(flags)
    for change in changes:
        if change == "delete":
            return None
        if change == "keep":
            continue
        sign = ""
        for letter in change:
            if letter in "+-":
                sign = letter
            elif sign == "+":
                flags.add(letter)
            else:
                flags.discard(letter)
    return "".join(sorted(flags))


class Changes(ServerCase):

    folder = "INBOX"
    changes = CHANGES

    def start(self, messages, flags=BASE, **options):
        """Both sides hold these messages, and the state knows them."""
        self.fill(self.folder, messages, flags)
        box = self.box(self.user, **options)
        box.sync()
        with self.imap() as imap:
            self.uids = {
                m.data.split(b"Message-ID: <")[1].split(b"@")[0].decode():
                m.uid for m in imap.messages(self.folder)}
        return box

    def remote(self, imap, mark, change):
        uid = self.uids[mark]
        if change == "delete":
            imap.remove(self.folder, uid)
        elif change != "keep":
            imap.flag(self.folder, uid, "", changed(BASE, change))

    def local(self, box, mark, change):
        if change == "delete":
            box.maildir.remove(self.folder, mark)
        elif change != "keep":
            box.maildir.flag(self.folder, mark, changed(BASE, change))

    def outcome(self, box, mark):
        """Flags on the server and in the Maildir; None: not there."""
        with self.imap() as imap:
            there = [m.flags for m in imap.messages(self.folder)
                     if f"<{mark}@".encode() in m.data]
        here = [m.flags for m in box.maildir.messages(self.folder)
                if f"<{mark}@".encode() in m.data]
        self.assertLessEqual(len(there), 1, mark)
        self.assertLessEqual(len(here), 1, mark)
        return (there or [None])[0], (here or [None])[0]

    def test_every_pair_of_changes(self):
        """Flags merge one by one; a deletion wins over everything."""
        pairs = list(itertools.product(self.changes, repeat=2))
        marks = {f"pair{number}": pair for number, pair in enumerate(pairs)}
        box = self.start([plain(mark) for mark in marks] + many("rest", 30))
        # \Deleted set by +T would go with the expunge of a deletion.
        order = sorted(marks, key=lambda mark: "T" in marks[mark][0])
        with self.imap() as imap:
            for mark in order:
                self.remote(imap, mark, marks[mark][0])
        for mark, (_, local) in marks.items():
            self.local(box, mark, local)
        box.sync()
        for mark, pair in marks.items():
            with self.subTest(remote=pair[0], local=pair[1]):
                wanted = changed(BASE, *pair)
                self.assertEqual(self.outcome(box, mark), (wanted, wanted))
        with self.imap() as imap:
            self.assertEqual(
                status_rows(box.metadata, "Test", self.folder),
                {m.uid: m.flags for m in imap.messages(self.folder)})
        self.assertQuiet(box)

    def test_new_mail_on_both_sides_with_every_other_change(self):
        """New messages arrive though others are changed and deleted."""
        box = self.start(many("old", 40))
        with self.imap() as imap:
            self.remote(imap, "old-1", "delete")
            self.remote(imap, "old-2", "+F")
            imap.append(self.folder, plain("there"), "F")
        self.local(box, "old-3", "delete")
        self.local(box, "old-4", "+R")
        box.maildir.add(self.folder, plain("here"), "RS")
        box.sync()
        self.assertSame(box, [self.folder])
        self.assertEqual(self.outcome(box, "there"), ("F", "F"))
        self.assertEqual(self.outcome(box, "here"), ("RS", "RS"))
        self.assertEqual(len(box.maildir.messages(self.folder)), 40)
        self.assertQuiet(box)

    def test_same_mail_added_on_both_sides_stays_two(self):
        """Without state two equal messages may be one, with state not:
        what the state does not know is carried over both ways, unless it
        is recognised as the same; nothing is lost."""
        box = self.start(many("old", 5))
        with self.imap() as imap:
            imap.append(self.folder, plain("twin"))
        box.maildir.add(self.folder, plain("twin"))
        box.sync()
        with self.imap() as imap:
            count = sum(b"<twin@" in m.data
                        for m in imap.messages(self.folder))
        self.assertIn(count, (1, 2))
        self.assertSame(box, [self.folder])
        self.assertQuiet(box)

    def test_deleted_messages_do_not_come_back(self):
        """Deletions of either side are carried over once and for all."""
        box = self.start(many("old", 30))
        with self.imap() as imap:
            imap.remove(self.folder, [self.uids["old-0"],
                                      self.uids["old-1"]])
        box.maildir.remove(self.folder, "old-2", "old-3")
        box.sync()
        for _ in range(2):
            self.assertSame(box, [self.folder])
            self.assertEqual(len(box.maildir.messages(self.folder)), 26)
            self.assertQuiet(box)

    def test_deleted_flag_is_a_flag(self):
        """T on the server is T in the Maildir; nothing is expunged."""
        box = self.start(many("old", 4))
        with self.imap() as imap:
            imap.flag(self.folder, self.uids["old-0"], "+", "T")
        self.local(box, "old-1", "+T")
        box.sync()
        for mark in ("old-0", "old-1"):
            self.assertEqual(self.outcome(box, mark), ("ST", "ST"))

    def test_unread_again_moves_to_new(self):
        """compat 3.8: a message without S lies in new."""
        box = self.start(many("old", 3))
        with self.imap() as imap:
            imap.flag(self.folder, self.uids["old-0"], "-", "S")
        box.sync()
        path = box.maildir.find(self.folder, "old-0").path
        self.assertEqual(os.path.basename(os.path.dirname(path)), "new")
        self.assertTrue(path.endswith(":2,"), path)

    def test_file_keeps_its_name_when_flags_change(self):
        """compat 3.8: only the part after :2, changes."""
        box = self.start(many("old", 3))
        before = os.path.basename(box.maildir.find(self.folder,
                                                   "old-0").path)
        with self.imap() as imap:
            imap.flag(self.folder, self.uids["old-0"], "+", "F")
        box.sync()
        after = os.path.basename(box.maildir.find(self.folder, "old-0").path)
        self.assertEqual(before.replace(":2,S", ":2,FS"), after)

    def test_keywords_on_the_server_survive(self):
        """Flags without a letter stay as they are."""
        box = self.start(many("old", 3))
        with self.imap() as imap:
            imap.flag(self.folder, self.uids["old-0"], "+",
                      ["$Forwarded", "Work"])
        self.local(box, "old-0", "+F")
        box.sync()
        box.sync()
        with self.imap() as imap:
            self.assertEqual(imap.keywords(self.folder, self.uids["old-0"]),
                             {"\\Seen", "\\Flagged", "$Forwarded", "Work"})

    def test_letters_without_a_flag_stay_local(self):
        """P and a to z of other programs survive (compat 9.A)."""
        box = self.start(many("old", 3))
        path = box.maildir.flag(self.folder, "old-0", "PSa")
        for _ in range(3):
            box.sync()
        self.assertEqual(box.maildir.find(self.folder, "old-0").path, path)

    def test_moved_file_moves_the_message(self):
        """compat 3.8: a file with another folder's FMD5 is a new message
        there, and gone from where it was."""
        self.fill("Other", many("other", 2))
        box = self.start(many("old", 30))
        path = box.maildir.find(self.folder, "old-5").path
        os.rename(path, os.path.join(box.root, "Other", "cur",
                                     os.path.basename(path)))
        box.sync()
        self.assertSame(box, [self.folder, "Other"])
        self.assertEqual(len(box.maildir.messages("Other")), 3)
        self.assertEqual(len(box.maildir.messages(self.folder)), 29)
        self.assertQuiet(box)

    def test_copied_file_is_a_second_message(self):
        """Two files with one U=: none is ignored for ever, none lost."""
        box = self.start(many("old", 5))
        path = box.maildir.find(self.folder, "old-0").path
        name = "1700000001.9_9.copy," + os.path.basename(path).split(
            ",", 1)[1]
        with open(path, "rb") as original:
            with open(os.path.join(os.path.dirname(path), name),
                      "wb") as copy:
                copy.write(original.read())
        box.sync()
        self.assertSame(box, [self.folder])
        self.assertEqual(len(box.maildir.messages(self.folder)), 6)

    def test_readonly_remote_is_left_alone(self):
        """readonly = yes on the remote side: nothing is changed there."""
        box = self.start(many("old", 30), remote={"readonly": "yes"})
        self.local(box, "old-1", "delete")
        self.local(box, "old-2", "+F")
        box.maildir.add(self.folder, plain("here"))
        with self.imap() as imap:
            before = imap.messages(self.folder)
        box.run()
        with self.imap() as imap:
            self.assertEqual(before, imap.messages(self.folder))

    def test_readonly_local_is_left_alone(self):
        box = self.start(many("old", 30))
        box.option("Repository Loc", readonly="yes")
        with self.imap() as imap:
            self.remote(imap, "old-1", "delete")
            self.remote(imap, "old-2", "+F")
            imap.append(self.folder, plain("there"))
        before = box.maildir.messages(self.folder)
        box.run()
        self.assertEqual(before, box.maildir.messages(self.folder))

    def test_sync_deletes_no_keeps_the_other_side(self):
        """compat 2.7: deletions made in that repository stay there."""
        box = self.start(many("old", 30), local={"sync_deletes": "no"})
        self.local(box, "old-1", "delete")
        box.sync()
        box.sync()
        self.assertEqual(self.outcome(box, "old-1"), ("S", None))

    def test_thousands_of_flags_in_one_run(self):
        """Long sets are split; every flag arrives."""
        box = self.start(many("old", 600))
        with self.imap() as imap:
            imap.flag(self.folder, list(self.uids.values())[::2], "+", "F")
        for message in box.maildir.messages(self.folder)[1::2]:
            os.rename(message.path, message.path.replace(":2,S", ":2,RS"))
        box.sync()
        self.assertSame(box, [self.folder])
        self.assertQuiet(box)

    def test_few_deletions_are_not_held(self):
        """20 deletions of a folder, however small, are done at once."""
        box = self.start(many("old", 24))
        box.maildir.remove(self.folder, *[f"old-{n}" for n in range(20)])
        box.sync()
        self.assertSame(box, [self.folder])
        self.assertEqual(len(box.maildir.messages(self.folder)), 4)

    def test_a_quarter_of_many_is_not_held(self):
        """25 of 100 are 25 %, not more."""
        box = self.start(many("old", 100))
        box.maildir.remove(self.folder, *[f"old-{n}" for n in range(25)])
        box.sync()
        self.assertSame(box, [self.folder])
        self.assertEqual(len(box.maildir.messages(self.folder)), 75)

    def test_more_than_a_quarter_is_held(self):
        """26 of 100: exit 4; new mail goes over all the same (N1)."""
        box = self.start(many("old", 100))
        box.maildir.remove(self.folder, *[f"old-{n}" for n in range(26)])
        box.maildir.add(self.folder, plain("here"))
        result = box.run()
        self.assertExit(result, HELD)
        with self.imap() as imap:
            self.assertEqual(len(imap.messages(self.folder)), 101)
        self.assertEqual(self.outcome(box, "here"), ("", ""))
        self.assertExit(box.run(), HELD)
        self.assertNotIn(box.run("--dry-run").code, (OK, PARTIAL))


class ChangesBare(Changes):
    """The same against a server that has nothing but IMAP4rev1."""

    bare = True
    # Foreign \\Deleted flags and an expunge: test_safety, D3.
    changes = tuple(change for change in CHANGES if change != "+T")


class ChangesElsewhere(ServerCase):

    def test_several_connections_and_folders(self):
        """Changes in many folders, four workers."""
        names = [f"F{number}" for number in range(8)]
        for name in names:
            self.fill(name, many(name, 30), "S")
        box = self.box(self.user, remote={"maxconnections": 4})
        box.sync()
        with self.imap() as imap:
            for name in names:
                uids = [m.uid for m in imap.messages(name)]
                imap.flag(name, uids[:5], "+", "F")
                imap.remove(name, uids[5:8])
                imap.append(name, plain("new-" + name))
        for name in names:
            box.maildir.remove(name, f"{name}-20", f"{name}-21")
            box.maildir.add(name, plain("up-" + name), "S")
        box.sync()
        self.assertSame(box, names)
        self.assertQuiet(box)


if __name__ == "__main__":
    unittest.main()
