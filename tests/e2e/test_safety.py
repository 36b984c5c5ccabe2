"""Nothing is deleted without proof (safety.md D1 to D3, needs.md N1 to N4)."""

import os
import re
import shlex
import shutil
import unittest

from support.case import Case, ServerCase, stop_servers
from support.hostile import Fake
from support.judge import Message, multiset
from support.mails import many, plain
from support.program import HELD, OK


def tearDownModule():
    stop_servers()


class Validity(ServerCase):
    """D1: UIDVALIDITY changes."""

    def synced(self, count=40):
        self.fill("Box", many("old", count), "S")
        box = self.box(self.user)
        box.sync()
        return box

    def recreate(self, messages, flags="S", pad=0):
        """The folder again, under a new UIDVALIDITY; pad messages come and
        go first, so that the UIDs differ."""
        with self.imap() as imap:
            before = imap.status("Box", "UIDVALIDITY")
            imap.delete_folder("Box")
            imap.create("Box")
            for data in many("pad", pad):
                imap.remove("Box", imap.append("Box", data))
            for data in messages:
                imap.append("Box", data, flags)
            self.assertNotEqual(before, imap.status("Box", "UIDVALIDITY"))
            return imap.messages("Box")

    def test_same_messages_same_uids(self):
        """N4: matched by content; nothing is transferred or deleted."""
        box = self.synced()
        there = self.recreate(many("old", 40))
        result = box.sync()
        self.assertNotIn("Copy message", result.out)
        self.assertNotIn("Deleting", result.out)
        with self.imap() as imap:
            self.assertEqual(imap.messages("Box"), there)
        self.assertSame(box, ["Box"])
        self.assertQuiet(box)

    def test_same_messages_other_uids(self):
        """N4: other UIDs in another order; the files are renamed."""
        box = self.synced()
        there = self.recreate(reversed(many("old", 40)), pad=5)
        result = box.sync()
        self.assertNotIn("Copy message", result.out)
        with self.imap() as imap:
            self.assertEqual(imap.messages("Box"), there)
        self.assertSame(box, ["Box"])
        self.assertEqual(sorted(m.uid for m in there), sorted(
            m.uid for m in box.maildir.messages("Box")))
        self.assertQuiet(box)

    def test_other_messages(self):
        """D1: nothing of the old ones is deleted, on either side."""
        box = self.synced()
        self.recreate(many("other", 10), pad=2)
        for _ in range(2):
            box.run()
        old = multiset(many_messages("old", 40))
        here = multiset(box.maildir.messages("Box"))
        self.assertFalse(old - here, "local mail was lost")
        with self.imap() as imap:
            there = multiset(imap.messages("Box"))
        self.assertFalse(multiset(many_messages("other", 10)) - there)
        self.assertFalse(multiset(many_messages("other", 10)) - here)

    def test_partly_the_same(self):
        """D1: pairs are found, the rest is carried over; none doubled."""
        box = self.synced()
        self.recreate(many("old", 25) + many("other", 10), pad=3)
        for _ in range(2):
            box.run()
        here = multiset(box.maildir.messages("Box"))
        wanted = multiset(many_messages("old", 40)
                          + many_messages("other", 10))
        self.assertEqual(here, wanted)
        self.assertSame(box, ["Box"])

    def test_empty_folder_again(self):
        """D1: an empty folder under a new UIDVALIDITY empties nothing."""
        box = self.synced()
        self.recreate([])
        box.run()
        self.assertEqual(len(box.maildir.messages("Box")), 40)

    def test_local_changes_survive(self):
        """A local flag and a local new message meet a new UIDVALIDITY."""
        box = self.synced()
        box.maildir.flag("Box", "old-3", "FS")
        box.maildir.add("Box", plain("fresh"), "S")
        self.recreate(many("old", 40), pad=1)
        box.sync()
        box.sync()
        self.assertSame(box, ["Box"])
        self.assertEqual(len(box.maildir.messages("Box")), 41)
        self.assertEqual(box.maildir.find("Box", "old-3").flags, "FS")


def many_messages(prefix, count, flags="S"):
    return [Message(0, flags, data) for data in many(prefix, count)]


class ScriptedValidity(Case):
    """D1: what Dovecot does not do."""

    def synced(self, count=30):
        fake = Fake()
        fake.mailbox("INBOX", many("old", count), validity=1000)
        self.enter(fake)
        box = self.box(fake)
        box.sync()
        self.before = box.maildir.messages("INBOX")
        return fake, box

    def assertKept(self, box, fake, count=30):
        here = [m.data for m in box.maildir.messages("INBOX")]
        for data in many("old", count):
            self.assertEqual(here.count(data), 1)

    def test_backwards_zero_and_missing(self):
        """UIDVALIDITY lower than before, 0, or none at all (Q71)."""
        for validity in (7, 0, None):
            with self.subTest(validity=validity):
                fake, box = self.synced()
                inbox = fake.boxes["INBOX"]
                if validity is None:
                    fake.on("SELECT", without_validity)
                    fake.on("EXAMINE", without_validity)
                    fake.on("STATUS", without_status)
                else:
                    inbox.validity = validity
                box.run()
                self.assertKept(box, fake)
                self.assertGreaterEqual(len(inbox.messages), 30)

    def test_restored_from_a_backup(self):
        """The same UIDVALIDITY, a lower UIDNEXT, the newest messages gone:
        too many at once for a deletion, and few are suspicious too."""
        fake, box = self.synced(100)
        inbox = fake.boxes["INBOX"]
        inbox.messages = inbox.messages[:60]
        inbox.next = 61
        box.run()
        self.assertKept(box, fake, 100)

    def test_backup_and_other_mail_under_the_same_uids(self):
        """UIDs that were used before come again with other mail."""
        fake, box = self.synced(30)
        inbox = fake.boxes["INBOX"]
        inbox.messages = inbox.messages[:25]
        inbox.next = 26
        for data in many("other", 3):
            inbox.add(data)
        box.run()
        self.assertKept(box, fake)


def without_validity(session, tag, rest):
    box = session.find(tag, rest)
    if box is not None:
        session.box = box
        session.line(f"* {len(box.messages)} EXISTS")
        session.line("* FLAGS (\\Seen \\Deleted)")
        session.ok(tag)
    return True


def without_status(session, tag, rest):
    session.line(f"{tag} NO not today")
    return True


class State(ServerCase):

    def test_lost_state_transfers_nothing(self):
        """N3: the metadata directory is gone; both sides hold the same."""
        self.fill("Box", many("old", 60), "FS")
        self.fill("INBOX", many("in", 5))
        box = self.box(self.user)
        box.sync()
        before = sorted(os.path.basename(m.path)
                        for m in box.maildir.messages("Box"))
        shutil.rmtree(box.metadata)
        result = box.sync()
        self.assertNotIn("Copy message", result.out)
        self.assertNotIn("Deleting", result.out)
        self.assertEqual(before, sorted(
            os.path.basename(m.path) for m in box.maildir.messages("Box")))
        self.assertSame(box, ["Box", "INBOX"])
        self.assertQuiet(box)

    def test_lost_state_and_changes(self):
        """compat 4.4: what is missing on one side comes back."""
        self.fill("Box", many("old", 60), "S")
        box = self.box(self.user)
        box.sync()
        shutil.rmtree(box.metadata)
        box.maildir.remove("Box", "old-1")
        with self.imap() as imap:
            imap.remove("Box", imap.messages("Box")[5].uid)
        box.sync()
        self.assertSame(box, ["Box"])
        self.assertEqual(len(box.maildir.messages("Box")), 60)

    def test_files_without_names_are_matched_by_content(self):
        """N3: a Maildir from elsewhere with the same mail, no U=, no state:
        nothing is doubled."""
        messages = many("old", 30)
        self.fill("Box", messages, "S")
        box = self.box(self.user)
        box.maildir.make("Box")
        for data in messages:
            box.maildir.add("Box", data, "S")
        box.run()
        box.run()
        with self.imap() as imap:
            there = imap.messages("Box")
        here = box.maildir.messages("Box")
        for data in messages:
            self.assertGreaterEqual([m.data for m in there].count(data), 1)
        self.assertEqual(len(there), len(here))

    def test_damaged_state_is_no_reason_to_delete(self):
        """D7: a state file that is no database: an error or a rebuild."""
        self.fill("Box", many("old", 30), "S")
        box = self.box(self.user)
        box.sync()
        path = os.path.join(box.metadata, "Account-Test",
                            "LocalStatus-sqlite", "Box")
        for rubbish in (b"", b"not a database at all\n" * 500):
            with self.subTest(size=len(rubbish)):
                with open(path, "wb") as out:
                    out.write(rubbish)
                box.run()
                self.assertSame(box, ["Box"])
                self.assertEqual(len(box.maildir.messages("Box")), 30)


class Deletions(ServerCase):
    """N1 and decision 9: mass deletions are held."""

    def synced(self, count=60):
        self.fill("Big box", many("old", count), "S")
        self.fill("INBOX", many("in", 3))
        box = self.box(self.user)
        box.sync()
        return box

    def empty(self, box):
        for part in ("cur", "new"):
            where = os.path.join(box.root, "Big box", part)
            for name in os.listdir(where):
                os.unlink(os.path.join(where, name))

    def approval(self, result):
        """The command that the program suggests."""
        lines = [line for line in result.out.splitlines()
                 if "--approve-deletions" in line]
        self.assertTrue(lines, repr(result))
        match = re.search(r"(\S*offlineimap\b.*--approve-deletions.*)$",
                          lines[0])
        self.assertTrue(match, lines)
        words = shlex.split(match.group(1).rstrip(" ."))
        at = words.index("--approve-deletions") \
            if "--approve-deletions" in words else None
        target = words[at + 1] if at is not None else next(
            word.split("=", 1)[1] for word in words
            if word.startswith("--approve-deletions="))
        self.assertEqual(target, "Test:Big box")
        return words

    def test_emptied_maildir_is_held_until_approved(self):
        """All files gone: exit 4, nothing deleted; the suggested command
        deletes, and does only what it was given."""
        box = self.synced()
        self.empty(box)
        for _ in range(2):
            result = box.sync(expect=HELD)
            self.assertRegex(result.out, r"\b60\b")
            with self.imap() as imap:
                self.assertEqual(len(imap.messages("Big box")), 60)
        words = self.approval(result)
        self.assertTrue(words[0].endswith("offlineimap"), words)
        box.sync(*words[1:])
        with self.imap() as imap:
            self.assertEqual(imap.messages("Big box"), [])
            self.assertEqual(len(imap.messages("INBOX")), 3)
        self.assertQuiet(box)

    def test_approval_of_another_folder_is_none(self):
        box = self.synced()
        self.empty(box)
        box.sync("--approve-deletions", "Test:INBOX", expect=HELD)
        box.sync("--approve-deletions", "Other:Big box", expect=(HELD, 2, 7))
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("Big box")), 60)

    def test_approval_of_the_account(self):
        """--approve-deletions ACCOUNT covers all its folders."""
        box = self.synced()
        self.empty(box)
        box.sync("--approve-deletions", "Test")
        with self.imap() as imap:
            self.assertEqual(imap.messages("Big box"), [])

    def test_approval_is_for_one_run(self):
        """The next mass deletion is held again."""
        box = self.synced()
        self.empty(box)
        box.sync("--approve-deletions", "Test:Big box")
        self.fill("Big box", many("again", 60), "S")
        box.sync()
        self.empty(box)
        box.sync(expect=HELD)

    def test_emptied_on_the_server_is_held_too(self):
        """The other direction: local mail is not deleted."""
        box = self.synced()
        with self.imap() as imap:
            imap.remove("Big box", "1:*")
        result = box.sync(expect=HELD)
        self.assertEqual(len(box.maildir.messages("Big box")), 60)
        box.sync(*self.approval(result)[1:])
        self.assertEqual(box.maildir.messages("Big box"), [])

    def test_held_says_so_in_quiet(self):
        """quiet tells of what is held."""
        box = self.synced()
        self.empty(box)
        result = box.sync(ui="quiet", expect=HELD)
        self.assertIn("Big box", result.out)

    def test_new_mail_and_flags_go_on_while_held(self):
        box = self.synced()
        self.empty(box)
        box.maildir.add("Big box", plain("new"))
        box.maildir.add("INBOX", plain("new2"))
        self.fill("Big box", [plain("there")], create=False)
        box.sync(expect=HELD)
        self.assertSame(box, ["INBOX"])
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("Big box")), 62)
        box.maildir.find("Big box", "there")

    def test_missing_maildir_root(self):
        """N1: known state, but the whole Maildir is gone (not mounted):
        an error, nothing is deleted on the server."""
        box = self.synced()
        shutil.rmtree(box.root)
        result = box.run()
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("Big box")), 60)
            self.assertEqual(len(imap.messages("INBOX")), 3)
        self.assertExit(result, HELD)
        self.assertIn("--approve-deletions", result.out)

    def test_empty_maildir_root(self):
        """N1: the mount point is there and empty: nothing is deleted."""
        box = self.synced()
        shutil.rmtree(box.root)
        os.mkdir(box.root)
        box.run()
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("Big box")), 60)

    def test_half_a_folder_is_gone(self):
        """cur is missing: no folder, so no deletion."""
        box = self.synced()
        shutil.rmtree(os.path.join(box.root, "Big box", "cur"))
        box.run()
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("Big box")), 60)


class Expunge(ServerCase):
    """D3: what other clients have marked is theirs."""

    def one_deletion(self):
        self.fill("INBOX", many("old", 10), "S")
        box = self.box(self.user)
        box.sync()
        with self.imap() as imap:
            uids = [m.uid for m in imap.messages("INBOX")]
            imap.flag("INBOX", uids[3], "+", "T")
        box.maildir.remove("INBOX", "old-7")
        box.run()
        box.run()
        return box, uids

    def test_foreign_deleted_messages_stay(self):
        """Another client's \\Deleted message survives our deletion."""
        box, uids = self.one_deletion()
        with self.imap() as imap:
            there = {m.uid: m.flags for m in imap.messages("INBOX")}
        self.assertIn(uids[3], there)
        self.assertEqual(there[uids[3]], "ST")

    def test_our_deletion_is_done_or_marked(self):
        box, uids = self.one_deletion()
        with self.imap() as imap:
            there = {m.uid: m.flags for m in imap.messages("INBOX")}
        self.assertIn("T", there.get(uids[7], "T"))
        self.assertEqual(len(box.maildir.messages("INBOX")), 9)

    def test_expunge_no(self):
        """expunge = no: marked, not expunged, and it does not come back."""
        self.fill("INBOX", many("old", 10), "S")
        box = self.box(self.user, remote={"expunge": "no"})
        box.sync()
        box.maildir.remove("INBOX", "old-7")
        for _ in range(3):
            box.sync()
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("INBOX")), 10)
        marked = [m for m in box.maildir.messages("INBOX")
                  if b"<old-7@" in m.data]
        self.assertTrue(all("T" in m.flags for m in marked))


class ExpungeBare(Expunge):
    """D3 where there is no UID EXPUNGE."""

    bare = True


class Dates(ServerCase):

    def test_internal_date_of_an_upload(self):
        """N10: the file's time, whatever it is (hazard 9.9)."""
        box = self.box(self.user)
        box.maildir.make("INBOX")
        for mark, mtime in (("old", 86400), ("new", 1_700_000_000),
                            ("far", 4_000_000_000)):
            box.maildir.add("INBOX", plain(mark), mtime=mtime)
        box.sync()
        with self.imap() as imap:
            dates = {}
            for message in imap.messages("INBOX"):
                mark = message.data.split(b"Message-ID: <")[1].split(b"@")[0]
                dates[mark.decode()] = imap.date("INBOX", message.uid)
        self.assertEqual(dates["new"], b"14-Nov-2023 22:13:20 +0000")
        self.assertEqual(dates["old"], b"02-Jan-1970 00:00:00 +0000")


if __name__ == "__main__":
    unittest.main()
