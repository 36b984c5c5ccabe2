"""Folders: names, nesting, creating."""

import os
import shutil
import unittest

from support.case import ServerCase, stop_servers
from support.judge import utf7
from support.mails import many, plain

# Accepted by Dovecot as they stand (after modified UTF-7).
NAMES = ["with blank", 'quo"te', "back\\slash", "per%cent", "star*",
         "am&per", "Entw\u00fcrfe", "\u4e2d\u6587", "\U0001f389", "[br]",
         "(p)", "{10}", "#hash", "a'b", "a;b", "$HOME", "`id`", "-dash",
         "NIL", "trail ", " lead", "a|b", "<x>", "a,b", "a:b", "a=b",
         "%s%n%d", "%(home)s", "ends&", "semi\u00e4&\u00f6mixed",
         "\u05e9\u05dc\u05d5\u05dd"]


def tearDownModule():
    stop_servers()


class Folders(ServerCase):

    def test_awkward_names_both_ways(self):
        """Names with blanks, quotes, backslashes, %, &, 8-bit (N42)."""
        for number, name in enumerate(NAMES):
            self.fill(utf7(name), [plain(f"m{number}")])
        box = self.box(self.user)
        box.sync()
        folders = {utf7(name): utf7(name) for name in NAMES}
        self.assertSame(box, folders)
        for number, name in enumerate(NAMES):
            box.maildir.add(utf7(name), plain(f"up{number}"), "S")
        box.sync()
        self.assertSame(box, folders)
        self.assertQuiet(box)
        with self.imap() as imap:
            self.assertEqual(set(imap.folders()), {*folders, "INBOX"})

    def test_awkward_local_folders_are_created(self):
        """A Maildir folder with such a name is created on the server under
        exactly that name."""
        box = self.box(self.user)
        names = [utf7(name) for name in NAMES]
        for number, name in enumerate(names):
            box.maildir.make(name)
            box.maildir.add(name, plain(f"up{number}"))
        box.sync()
        self.assertSame(box, names)
        with self.imap() as imap:
            self.assertEqual(set(imap.folders()), {*names, "INBOX"})
        self.assertQuiet(box)

    def test_utf8foldernames(self):
        """utf8foldernames = yes: real names on disk, mUTF-7 on the wire."""
        names = ["Entw\u00fcrfe", "\u4e2d\u6587", "am&per", "plain"]
        for number, name in enumerate(names):
            self.fill(utf7(name), [plain(f"m{number}")])
        box = self.box(self.user, account={"utf8foldernames": "yes"})
        box.maildir.make("Gel\u00f6scht")
        box.maildir.add("Gel\u00f6scht", plain("up"))
        box.sync()
        names.append("Gel\u00f6scht")
        self.assertSame(box, {utf7(name): name for name in names})
        self.assertQuiet(box)

    def test_nested_with_dots(self):
        """sep = . : A/B on the server is A.B in the Maildir."""
        for name in ("A", "A/B", "A/B/C", "INBOX/sub"):
            self.fill(name, [plain(name.replace("/", "-"))])
        box = self.box(self.user)
        box.sync()
        self.assertSame(box, {name: name.replace("/", ".") for name in
                              ("A", "A/B", "A/B/C", "INBOX/sub")})
        self.assertQuiet(box)

    def test_local_nested_folders_are_created_with_parents(self):
        """A local X/Y/Z becomes X/Y/Z on the server, parents or not."""
        for sep in "/.":
            with self.subTest(sep=sep):
                self.setUp()
                box = self.box(self.user, local={"sep": sep})
                name = sep.join("XYZ")
                box.maildir.make(name)
                box.maildir.add(name, plain("deep"))
                box.sync()
                self.assertSame(box, {"X/Y/Z": name})
                box.sync()
                self.assertQuiet(box)

    def test_server_with_dot_separator(self):
        """The server's separator is translated to the local one."""
        self.user = self.server.user(separator=".")
        for name in ("A", "A.B", "A.B.C"):
            self.fill(name, [plain(name.replace(".", "-"))])
        box = self.box(self.user, local={"sep": "/"})
        box.maildir.make("L/M")
        box.maildir.add("L/M", plain("up"))
        box.sync()
        self.assertSame(box, {"A": "A", "A.B": "A/B", "A.B.C": "A/B/C",
                              "L.M": "L/M"})
        box.sync()
        self.assertQuiet(box)

    def test_noselect_parents_are_not_opened(self):
        """A parent that holds no mail is no folder and no error (Q59)."""
        self.fill("Parent/child", [plain("child")])
        with self.imap() as imap:
            self.assertIn("\\noselect", imap.listing()["Parent"])
        for sep in "/.":
            with self.subTest(sep=sep):
                box = self.box(self.user, local={"sep": sep})
                box.sync()
                self.assertSame(box, {"Parent/child":
                                      f"Parent{sep}child"})
                self.assertNotIn("Parent", box.maildir.folders())
                self.assertQuiet(box)

    def test_new_folders_on_both_sides(self):
        """Folders that appear later are created on the other side."""
        self.fill("Old", many("old", 3))
        box = self.box(self.user)
        box.sync()
        self.fill("There", many("there", 3), "F")
        box.maildir.make("Here")
        box.maildir.add("Here", plain("here"), "S")
        box.sync()
        self.assertSame(box, ["Old", "There", "Here", "INBOX"])
        self.assertQuiet(box)

    def test_removed_local_folder_is_created_again(self):
        """compat 4.3: a folder is never deleted; it is filled again."""
        self.fill("Keep", many("keep", 30))
        box = self.box(self.user)
        box.sync()
        shutil.rmtree(os.path.join(box.root, "Keep"))
        box.sync()
        self.assertSame(box, ["Keep"])
        self.assertEqual(len(box.maildir.messages("Keep")), 30)
        self.assertQuiet(box)

    def test_removed_remote_folder_is_created_again(self):
        """compat 4.3: refilled from the Maildir."""
        self.fill("Keep", many("keep", 30), "S")
        box = self.box(self.user)
        box.sync()
        with self.imap() as imap:
            imap.delete_folder("Keep")
        box.sync()
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("Keep")), 30)
        self.assertSame(box, ["Keep"])
        self.assertQuiet(box)

    def test_createfolders_no(self):
        """createfolders = no: nothing is created on that side."""
        self.fill("There", many("there", 2))
        box = self.box(self.user, remote={"createfolders": "no"})
        box.maildir.make("Here")
        box.maildir.add("Here", plain("here"))
        box.run()
        with self.imap() as imap:
            self.assertNotIn("Here", imap.listing())
        self.assertSame(box, ["There"])

    def test_names_that_share_a_file_are_not_mixed(self):
        """Hazard 9.2: A.B and A/B would share state; nothing is lost."""
        self.fill("A.B", many("dot", 3))
        self.fill("A/B", many("slash", 4))
        box = self.box(self.user, local={"sep": "/"})
        for _ in range(3):
            box.run()
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("A.B")), 3)
            self.assertEqual(len(imap.messages("A/B")), 4)

    def test_name_with_the_local_separator_breaks_nothing(self):
        """Hazard 9.6: a remote A.B with sep = . makes no A/B there."""
        self.fill("A.B", many("dot", 3))
        self.fill("Fine", many("fine", 2))
        box = self.box(self.user)
        for _ in range(3):
            box.run()
        with self.imap() as imap:
            self.assertNotIn("A", imap.listing())
            self.assertNotIn("A/B", imap.listing())
            self.assertEqual(len(imap.messages("A.B")), 3)
        self.assertSame(box, ["Fine"])

    def test_server_folders_named_like_maildir_parts(self):
        """S4: cur, new and tmp are no folder names in a Maildir tree."""
        for name in ("cur", "x/new"):
            self.fill(name, [plain(name.replace("/", "-"))])
        self.fill("Fine", many("fine", 2))
        box = self.box(self.user, local={"sep": "/"})
        box.run()
        self.assertSame(box, ["Fine"])
        self.assertFalse(os.path.exists(os.path.join(box.root, "cur/cur")))
        self.assertFalse(os.path.exists(os.path.join(box.root, "x/new/cur")))

    def test_inbox_in_any_case(self):
        """N41: a local folder named inbox is not created beside INBOX."""
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        box.sync()
        box.run()
        with self.imap() as imap:
            self.assertEqual(imap.folders(), ["INBOX"])

    def test_subscribedonly(self):
        """subscribedonly = yes: LSUB decides."""
        self.fill("Yes", many("yes", 2))
        self.fill("No", many("no", 2))
        with self.imap() as imap:
            imap.do("subscribe", "Yes")
        box = self.box(self.user, remote={"subscribedonly": "yes"})
        box.sync()
        self.assertSame(box, ["Yes"])
        self.assertNotIn("No", box.maildir.folders())

    def test_unsubscribed_later_is_left_alone(self):
        """N43: no folder is made, nothing is carried over; what is made here
        is subscribed there."""
        self.fill("Yes", many("yes", 2))
        with self.imap() as imap:
            imap.do("subscribe", "Yes")
        box = self.box(self.user, remote={"subscribedonly": "yes"})
        box.sync()
        with self.imap() as imap:
            imap.do("unsubscribe", "Yes")
        box.maildir.add("Yes", plain("here"))
        box.maildir.make("Made")
        box.maildir.add("Made", plain("made"))
        for _ in range(2):
            result = box.sync()
            self.assertNotIn("Creating folder Yes", result.out)
        self.assertSame(box, ["Made"])
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("Yes")), 2)
        box.maildir.add("Made", plain("more"))
        self.assertNotIn("Creating", box.sync().out)
        self.assertSame(box, ["Made"])


if __name__ == "__main__":
    unittest.main()
