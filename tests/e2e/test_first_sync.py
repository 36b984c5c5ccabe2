"""The first synchronisation, and the second that has nothing to do."""

import os
import re
import unittest

from support.case import ServerCase, stop_servers
from support.judge import fmd5, status_rows, tree
from support.mails import many, plain


def tearDownModule():
    stop_servers()


class FirstSync(ServerCase):

    def prepare(self):
        self.fill("INBOX", many("in", 12, (0, 3000)))
        self.fill("Archive", many("ar", 5), "S")
        self.fill("Archive/2025", many("a5", 4), "FS")
        self.fill("Empty", [])
        return self.box(self.user)

    folders = {"INBOX": "INBOX", "Archive": "Archive",
               "Archive/2025": "Archive.2025", "Empty": "Empty"}

    def test_everything_is_downloaded(self):
        """All folders, all messages, all flags; status 0."""
        box = self.prepare()
        box.sync()
        self.assertSame(box, self.folders)
        self.assertEqual(box.maildir.folders(),
                         sorted(self.folders.values()))

    def test_local_mail_and_folders_are_uploaded(self):
        """A folder and mail that only the Maildir has go to the server."""
        box = self.box(self.user)
        box.maildir.make("Mine")
        for number, flags in enumerate(("", "S", "FS", "RS", "D", "F")):
            box.maildir.add("Mine", plain(f"up-{number}"), flags)
        box.sync()
        self.assertSame(box, ["INBOX", "Mine"])

    def test_both_directions_in_one_run(self):
        """Mail on both sides of the same folder is exchanged."""
        self.fill("INBOX", many("there", 7))
        box = self.box(self.user)
        box.maildir.make("INBOX")
        for data in many("here", 7):
            box.maildir.add("INBOX", data)
        box.sync()
        self.assertSame(box, ["INBOX"])
        self.assertEqual(len(box.maildir.messages("INBOX")), 14)
        self.assertQuiet(box)

    def test_second_run_transfers_nothing_and_changes_no_file(self):
        """No-op: names, sizes and times of every file stay (N27)."""
        box = self.prepare()
        box.sync()
        state = {name: status_rows(box.metadata, "Test", name)
                 for name in self.folders.values()}
        self.assertQuiet(box)
        self.assertEqual(state, {
            name: status_rows(box.metadata, "Test", name)
            for name in self.folders.values()})

    def test_second_run_after_uploads_is_quiet_too(self):
        box = self.box(self.user)
        box.maildir.make("INBOX")
        for number in range(9):
            box.maildir.add("INBOX", plain(f"u-{number}"), "S")
        box.sync()
        self.assertQuiet(box)

    def test_file_names_are_offlineimaps(self):
        """compat 3.8: U=, FMD5=, info part, new for unseen, cur for seen."""
        self.fill("Archive/2025", [plain("seen")], "FS")
        self.fill("Archive/2025", [plain("unseen")], "F")
        box = self.box(self.user)
        box.sync()
        for message in box.maildir.messages("Archive.2025"):
            where, name = os.path.split(message.path)
            part = "cur" if "S" in message.flags else "new"
            self.assertEqual(os.path.basename(where), part)
            self.assertRegex(name, r"^\d+_\d+\.\d+\.[^,/]+,U=%d,FMD5=%s:2,%s$"
                             % (message.uid, fmd5("Archive.2025"),
                                message.flags))
        with self.imap() as imap:
            uids = [m.uid for m in imap.messages("Archive/2025")]
        self.assertEqual(sorted(uids), sorted(
            m.uid for m in box.maildir.messages("Archive.2025")))

    def test_state_is_offlineimaps(self):
        """compat 3.1 to 3.5: metadata tree, status rows, validity."""
        box = self.prepare()
        box.sync()
        with self.imap() as imap:
            rows = {m.uid: m.flags for m in imap.messages("Archive/2025")}
            validity = imap.status("Archive/2025", "UIDVALIDITY")
        self.assertEqual(status_rows(box.metadata, "Test", "Archive.2025"),
                         rows)
        for repo, number in (("Rem", validity["UIDVALIDITY"]), ("Loc", 42)):
            path = os.path.join(box.metadata, "Repository-" + repo,
                                "FolderValidity", "Archive.2025")
            with open(path) as saved:
                self.assertEqual(saved.readline(), f"{number}\n")

    def test_uploaded_file_gets_its_uid_and_keeps_its_bytes(self):
        """compat 3.8: the name changes, the content does not."""
        box = self.box(self.user)
        box.maildir.make("INBOX")
        box.maildir.add("INBOX", plain("renamed"), "F", mtime=1_500_000_000)
        box.sync()
        message = box.maildir.find("INBOX", "renamed")
        self.assertGreater(message.uid, 0)
        self.assertEqual(message.data, plain("renamed"))
        self.assertIn("FMD5=" + fmd5("INBOX"), message.path)
        with self.imap() as imap:
            self.assertEqual(imap.date("INBOX", message.uid),
                             b"14-Jul-2017 02:40:00 +0000")

    def test_files_of_other_programs_stay(self):
        """Only cur and new are read; dot files and strange files stay."""
        box = self.prepare()
        box.sync()
        for name in ("INBOX/.uidvalidity", "INBOX/notes.txt", "notes",
                     "INBOX/cur/.hidden"):
            with open(os.path.join(box.root, name), "w") as out:
                out.write("mine")
        before = tree(box.root)
        box.sync()
        self.assertEqual(before, tree(box.root))

    def test_sep_slash_nests_directories(self):
        """compat 3.8: sep=/ makes nested directories."""
        self.fill("A", [plain("a")])
        self.fill("A/B", [plain("ab")])
        self.fill("A/B/C", [plain("abc")])
        box = self.box(self.user, local={"sep": "/"})
        box.sync()
        self.assertSame(box, ["A", "A/B", "A/B/C"])
        self.assertTrue(os.path.isdir(os.path.join(box.root, "A/B/C/cur")))
        self.assertQuiet(box)

    def test_several_connections(self):
        """maxconnections shares the work and doubles nothing."""
        for number in range(6):
            self.fill(f"F{number}", many(f"f{number}", 20))
        box = self.box(self.user, remote={"maxconnections": 4})
        box.sync()
        self.assertSame(box, [f"F{n}" for n in range(6)])
        self.assertQuiet(box)

    def test_two_accounts(self):
        """Each account has its own folders and state."""
        self.fill("INBOX", many("one", 3))
        other = self.server.user()
        with self.imap(other) as imap:
            imap.append("INBOX", plain("two"))
        box = self.box(self.user)
        box.account("Second", other)
        box.option("general", maxsyncaccounts=2)
        box.sync()
        self.assertSame(box, ["INBOX"])
        box.maildir.root = box.root + "Second"
        self.assertSame(box, ["INBOX"], other)

    def test_the_accounts_fail_apart(self):
        """N58: one broken account does not hinder another; status not 0."""
        self.fill("INBOX", many("good", 3))
        other = self.server.user()
        box = self.box(self.user)
        box.account("Broken", other, remote={"remotepass": "wrong"})
        result = box.run("-a", "Broken,Test")
        self.assertFailed(result)
        self.assertSame(box, ["INBOX"])
        self.assertTrue(re.search("Broken", result.out))


class FirstSyncBare(FirstSync):
    """The same against a server that has nothing but IMAP4rev1."""

    bare = True


if __name__ == "__main__":
    unittest.main()
