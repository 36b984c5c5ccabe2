"""A server that lies.

Whatever it sends: the program ends by itself with an error status, no signal
and no sanitizer report, no file outside the Maildir and the state directory,
and no mail deleted.
"""

import os
import unittest

from support.attack import HostileCase, before, say
from support.hostile import Fake
from support.judge import tree
from support.mails import many, plain
from support.program import HELD, OK, PARTIAL

NAMES = ["..", "../evil", "../../evil", "a/../../evil", "/evil", "/tmp/evil",
         "//evil", "a//evil", ".", "./evil", "a/./b", "", "evil/", "cur",
         "new", "tmp", "evil/cur", "cur/evil", ".hidden", "a/.hidden",
         "e\x1bvil", "e\x07vil", "a\\..\\..\\evil", "..\\evil",
         "a" * 300, "a/" * 300 + "evil", "n\u00e9", "e\udcffvil",
         "&", "&-", "&&&-", "&AAA-", "&AC8-evil", "&AC4ALg-",
         "&AC4ALgAvAGUAdgBpAGw-", "&2D3-", "a.b", "..evil", "evil..",
         "$(touch evil)", "`touch evil`", "evil\ttab", "INBOX/..",
         "INBOX/../evil"]


class Hostile(HostileCase):

    def test_names_that_leave_the_maildir(self):
        """S4, S16: hostile names with the delimiters / \\ . and NIL; the
        good folder beside them is synchronised."""
        for delimiter in ('"/"', '"\\\\"', '"."', "NIL"):
            for sep in ("/", "."):
                with self.subTest(delimiter=delimiter, sep=sep):
                    fake = Fake(delimiter=delimiter)
                    for name in NAMES:
                        fake.mailbox(name, [plain("evil")])
                    fake.mailbox("Good", [plain("good")])
                    box, result = self.run_against(fake, local={"sep": sep})
                    self.assertEqual(len(box.maildir.messages("Good")), 1,
                                     repr(result))
                    self.no_escape(box)

    def no_escape(self, box):
        for path, _, names in os.walk(box.home):
            for name in names:
                if "evil" in name:
                    inside = os.path.relpath(path, box.home).split(os.sep)[0]
                    self.assertIn(inside, ("Mail", ".offlineimap"))
        self.assertFalse(os.path.exists("/tmp/evil"))
        self.assertFalse(os.path.exists("/evil"))
        for part in ("cur", "new", "tmp"):
            self.assertFalse(os.path.isdir(os.path.join(
                box.root, part, "cur")), "a folder inside a Maildir part")

    def test_names_that_leave_the_maildir_as_literals(self):
        """S4: the same as literals, with CR, LF and NUL in them."""
        fake = Fake()
        fake.mailbox("Good", [plain("good")])

        def listing(session, tag, rest):
            if rest.endswith('""'):
                return False
            for name in (b"../evil", b"a\r\nTAG OK evil", b"e\0vil", b"\xff",
                         b"..", b"", b"a\nb"):
                session.send(b'* LIST () "/" {%d}\r\n%s\r\n'
                             % (len(name), name))
            return False

        fake.on("LIST", listing)
        box, _ = self.run_against(fake)
        self.assertEqual(len(box.maildir.messages("Good")), 1)
        self.no_escape(box)

    def test_symbolic_links_in_the_maildir_are_not_followed_out(self):
        """S4: a folder name does not lead through a link that is no
        folder."""
        fake = Fake()
        fake.mailbox("link/evil", [plain("evil")])
        box = self.box(fake, local={"sep": "/"})
        os.makedirs(box.root)
        outside = os.path.join(box.home, ".offlineimap-outside")
        os.mkdir(outside)
        os.symlink(outside, os.path.join(box.root, "link"))
        with fake:
            box.run()
        self.assertEqual(os.listdir(outside), [])

    def synced(self, count=30):
        fake = Fake()
        fake.mailbox("INBOX", many("old", count))
        box = self.box(fake)
        with fake:
            box.sync()
        again = Fake()
        again.boxes = fake.boxes
        return again, box

    def test_short_listing_deletes_nothing(self):
        """N2, D9: fewer FETCH answers than EXISTS: no deletion, an error
        or a second look."""
        fake, box = self.synced(60)
        before = sorted(m.data for m in box.maildir.messages("INBOX"))
        fake.on("MESSAGE", lambda session, tag, args: args[0] % 6 == 0)
        fake.on("UID SEARCH", lambda session, tag, rest: session.line(
            "* SEARCH " + " ".join(str(n) for n in range(1, 61) if n % 6))
            or session.ok(tag) or True)
        self.run_against(fake, box)
        self.assertEqual(before, sorted(
            m.data for m in box.maildir.messages("INBOX")))

    def test_listing_that_ends_in_no_deletes_nothing(self):
        """N2: NO or BYE at the end of the list."""
        for answer in ("TAG NO [SERVERBUG] later\r\n", "* BYE timeout\r\n"):
            with self.subTest(answer):
                fake, box = self.synced()
                fake.on("MESSAGE", lambda s, tag, args: args[0] > 10)

                def fetch(session, tag, rest, by_uid, answer=answer):
                    numbers, _, items = rest.partition(" ")
                    for seq, message in session.box.pick(numbers, by_uid):
                        if seq <= 10:
                            session.send_message(seq, message, items, by_uid)
                    session.send(answer.replace("TAG", tag))
                    return True

                fake.on("UID FETCH", lambda s, t, r: fetch(s, t, r, True))
                fake.on("FETCH", lambda s, t, r: fetch(s, t, r, False))
                for stage in ("STATUS", "UID SEARCH", "SEARCH"):
                    fake.on(stage, say("TAG NO not now\r\n"))
                self.run_against(fake, box)
                self.assertEqual(len(box.maildir.messages("INBOX")), 30)

    def test_empty_list_of_folders_deletes_nothing(self):
        """Q2: no folder at all is a failure, not an empty account."""
        fake, box = self.synced()
        fake.on("LIST", say("TAG OK nothing\r\n"))
        self.run_against(fake, box)
        self.assertEqual(len(box.maildir.messages("INBOX")), 30)

    def test_user_not_connected(self):
        """Q2: OK to LOGIN, BAD to everything behind it."""
        fake, box = self.synced()
        for stage in ("LIST", "SELECT", "EXAMINE", "STATUS", "NAMESPACE",
                      "CAPABILITY"):
            fake.on(stage, say("TAG BAD User is authenticated but not "
                               "connected.\r\n"))
        _, result = self.run_against(fake, box)
        self.assertFailed(result)
        self.assertIn("not connected", result.out)
        self.assertEqual(len(box.maildir.messages("INBOX")), 30)

    def body_hook(self, fake, wanted, answer):
        """Answers a FETCH of this UID's body in its own way."""
        def hook(session, tag, args):
            seq, message, items = args
            if message.uid != wanted or "BODY" not in items.upper() \
                    or "HEADER" in items.upper():
                return False
            answer(session, tag, message)
            return True
        fake.on("MESSAGE", hook)

    def test_message_without_data(self):
        """Q1, N7: OK without the message: 99 of 100 arrive, exit 3, the
        UID is named, and it is no deletion in the next run."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 100))
        self.body_hook(fake, 42, lambda session, tag, message: None)
        box = self.box(fake)
        with fake:
            for _ in range(2):
                result = box.sync(expect=PARTIAL)
                self.assertRegex(result.out, r"\b42\b")
                self.assertEqual(len(box.maildir.messages("INBOX")), 99)
        self.assertEqual(len(fake.boxes["INBOX"].messages), 100)

    def test_message_refused(self):
        """Q43, N7: NO to the fetch of one message."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 50))

        def fetch(session, tag, rest):
            numbers, _, items = rest.partition(" ")
            picked = session.box.pick(numbers, True)
            if "BODY.PEEK[]" not in items.upper() \
                    or all(m.uid != 7 for _, m in picked):
                return False
            for seq, message in picked:
                if message.uid != 7:
                    session.send_message(seq, message, items)
            session.line(f"{tag} NO UID FETCH Server error - Please try "
                         "again later")
            return True

        fake.on("UID FETCH", fetch)
        box = self.box(fake)
        with fake:
            for _ in range(2):
                result = box.sync(expect=PARTIAL)
                self.assertIn("Server error", result.out)
                self.assertEqual(len(box.maildir.messages("INBOX")), 49)
            fake.on("UID FETCH", None)
            box.sync()
            self.assertEqual(len(box.maildir.messages("INBOX")), 50)

    def test_made_up_literal_length(self):
        """Q94: a literal shorter than announced: a deadline, no half file,
        the others in the end."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 5))

        def short(session, tag, message):
            session.send(f"* 1 FETCH (UID {message.uid} BODY[] {{99999}}\r\n",
                         message.data)
            session.until_gone()

        self.body_hook(fake, 3, short)
        box, result = self.run_against(fake, deadline="2")
        self.assertFailed(result)
        for message in box.maildir.messages("INBOX"):
            self.assertIn(message.data, many("in", 5))

    def test_data_in_any_order(self):
        """Q61, Q83, Q95: UID behind the literal, foreign answers between,
        a wrong RFC822.SIZE."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 5))

        def odd(session, tag, message):
            session.send("* 2 FETCH (FLAGS (\\Flagged))\r\n"
                         "* OK Searched 91% of the mailbox\r\n",
                         f"* {message.uid} FETCH (RFC822.SIZE 1 BODY[] "
                         f"{{{len(message.data)}}}\r\n", message.data,
                         f" UID {message.uid})\r\n")

        self.body_hook(fake, 3, odd)
        box, result = self.run_against(fake)
        self.assertExit(result, OK)
        self.assertEqual(
            sorted(m.data for m in box.maildir.messages("INBOX")),
            sorted(many("in", 5)))

    def test_append_that_stores_nothing(self):
        """S21: OK to APPEND and no message: the file stays (D2)."""
        fake = Fake()
        fake.on("APPEND", say("TAG OK stored, or so\r\n"))
        box = self.box(fake)
        box.maildir.make("INBOX")
        for data in many("up", 4):
            box.maildir.add("INBOX", data)
        for _ in range(2):
            again = Fake()
            again.boxes, again.hooks = fake.boxes, fake.hooks
            self.run_against(again, box)
            self.assertEqual(len(box.maildir.messages("INBOX")), 4)

    def test_lying_appenduid(self):
        """S5, S15, D2: APPENDUID with huge ranges, zero, or the UID of
        another message."""
        for code in ("1 1:4294967295", "1 0", "0 5", "1 1", "7 9", "1 *",
                     "1 99999999999999", "1 (1 2)", "1", ""):
            with self.subTest(code):
                fake = Fake("IMAP4rev1 UIDPLUS")
                fake.mailbox("INBOX", many("in", 3))

                def append(session, tag, rest, code=code):
                    session.box = fake.boxes["INBOX"]
                    message = session.box.add(b"")
                    message.data = session.literals[-1]
                    session.line(f"{tag} OK [APPENDUID {code}] stored")
                    return True

                fake.on("APPEND", append)
                box = self.box(fake)
                box.maildir.make("INBOX")
                box.maildir.add("INBOX", plain("up"))
                self.run_against(fake, box)
                again = Fake("IMAP4rev1 UIDPLUS")
                again.boxes = fake.boxes
                self.run_against(again, box)
                here = [m.data for m in box.maildir.messages("INBOX")]
                self.assertIn(plain("up"), here)
                for data in many("in", 3):
                    self.assertEqual(here.count(data), 1)

    def test_store_that_is_ignored(self):
        """Q19, S21: OK to STORE that changes nothing: no endless loop, no
        harm."""
        fake, box = self.synced()
        for stage in ("UID STORE", "STORE"):
            fake.on(stage, say("TAG OK as you say\r\n"))
        box.maildir.flag("INBOX", "old-3", "FS")
        box.maildir.remove("INBOX", "old-4")
        self.run_against(fake, box)
        again = Fake()
        again.boxes = fake.boxes
        self.run_against(again, box)
        self.assertGreaterEqual(len(box.maildir.messages("INBOX")), 29)

    def test_uids_without_order(self):
        """S21: UIDs descending, twice, and zero."""
        fake = Fake()
        inbox = fake.mailbox("INBOX", many("in", 6))
        for message, uid in zip(inbox.messages, (9, 4, 4, 0, 7, 2)):
            message.uid = uid
        inbox.next = 10
        box, _ = self.run_against(fake)
        for message in box.maildir.messages("INBOX"):
            self.assertIn(message.data, many("in", 6))
        self.assertEqual(len(inbox.messages), 6)

    def test_two_names_for_one_folder(self):
        """S21: the same name twice in the list: synchronised once."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 3))
        fake.on("LIST", before('* LIST () "/" INBOX\r\n'
                               '* LIST () "/" "INBOX"\r\n'
                               '* LIST () "/" inbox\r\n'))
        box, _ = self.run_against(fake)
        self.assertEqual(len(box.maildir.messages("INBOX")), 3)

    def test_hostile_texts_are_shown_without_control_characters(self):
        """S20: escape sequences and overrides in the server's words."""
        evil = "\x1b]0;evil\x07\x1b[2J\u202eabc\x9b31m\x7f"
        for stage in ("LOGIN", "SELECT", "UID FETCH"):
            with self.subTest(stage):
                fake = Fake()
                fake.mailbox("INBOX", many("in", 2))
                fake.on(stage, say(f"TAG NO [ALERT] words {evil} end\r\n"))
                if stage == "SELECT":
                    fake.on("EXAMINE", fake.hooks["SELECT"])
                _, result = self.run_against(fake)
                self.assertIn("words", result.out)
                self.assertNotIn("\u202e", result.out)

    def test_quoted_flags_and_other_oddities(self):
        """Q31, Q32, Q91, Q92, Q103: accepted as they are."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 2))
        odd = before('* FLAGS ("\\\\Deleted" \\Answered $x[y] '
                     'OIB-Seen-[Gmail]/All)\r\n'
                     '* OK [PERMANENTFLAGS (OIB-Seen-[Gmail]/All \\*)]\r\n'
                     '* OK [HIGHESTMODSEQ 123]\r\n')
        fake.on("SELECT", odd).on("EXAMINE", odd)
        fake.mailbox("Odd", many("odd", 1), attributes="\\HasChildren \\")
        box, result = self.run_against(fake)
        self.assertExit(result, OK)
        self.assertEqual(len(box.maildir.messages("INBOX")), 2)

    def test_id_refused(self):
        """Q110: BAD or NO to an optional command is no error."""
        fake = Fake("IMAP4rev1 ID NAMESPACE UIDPLUS ENABLE")
        fake.mailbox("INBOX", many("in", 2))
        for stage in ("ID", "NAMESPACE", "ENABLE"):
            fake.on(stage, say("TAG BAD invalid command\r\n"))
        box, result = self.run_against(fake)
        self.assertExit(result, OK)
        self.assertEqual(len(box.maildir.messages("INBOX")), 2)

    def test_million_folders(self):
        """S21: a very long list: an error or patience, no crash."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 2))
        text = b"".join(b'* LIST (\\Noselect) "/" "f%d"\r\n' % n
                        for n in range(100_000))
        fake.on("LIST", lambda session, tag, rest: session.send(text)
                and False)
        self.run_against(fake, deadline="20")

    def test_held_deletion_against_a_hostile_server(self):
        """N1: half of the messages gone at once: held, local mail kept."""
        fake, box = self.synced(60)
        del fake.boxes["INBOX"].messages[:40]
        _, result = self.run_against(fake, box)
        self.assertExit(result, HELD)
        self.assertEqual(len(box.maildir.messages("INBOX")), 60)

    def test_home_stays_as_it_is(self):
        """Nothing but the Maildir and the state is written."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 2))
        box = self.box(fake)
        before_run = tree(box.home)
        with fake:
            box.sync()
        new = {path.split(os.sep)[0] for path in
               set(tree(box.home)) - set(before_run)}
        self.assertEqual(new, {"Mail", ".offlineimap"})


if __name__ == "__main__":
    unittest.main()
