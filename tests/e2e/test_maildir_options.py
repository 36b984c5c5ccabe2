"""Options that change how messages look on disk: what offlineimap3 makes of
the same mail and state, and what the server gets (compat 2.6, 2.8, 3.8).
"""

import contextlib
import os
import re
import time
import unittest

from support.case import ServerCase, stop_servers
from support.judge import status_rows
from support.mails import plain
from support.old import OLD, is_old
from support.program import BINARY
from support.proxy import Proxy, without_uidplus

RUNS_LEFT_ALONE = 3


def tearDownModule():
    stop_servers()


def needs_old(test):
    return unittest.skipUnless(
        is_old(), "NOT TESTED: offlineimap3 is not installed")(test)


class OptionCase(ServerCase):
    """A box for each of the two programs, over one account on the server."""

    local = {}
    account = {}

    def make(self, binary=BINARY):
        box = self.box(self.user, local=self.local, account=self.account)
        box.binary = binary
        return box

    def rows(self, box, folder="INBOX"):
        return status_rows(box.metadata, "Test", folder)

    def seen(self, box, folder="INBOX"):
        """{UID: (directory, flags, content)} of a folder's files."""
        return {m.uid: (os.path.basename(os.path.dirname(m.path)), m.flags,
                        m.data) for m in box.maildir.messages(folder)}

    def names(self, box, folder="INBOX"):
        return {m.path for m in box.maildir.messages(folder)}

    def assertAlike(self, one, other, folder="INBOX"):
        self.assertEqual(self.seen(one, folder), self.seen(other, folder))
        self.assertEqual(self.rows(one, folder), self.rows(other, folder))

    def assertHandedOver(self, box):
        """Each program in turn finds nothing to do, and leaves the rows."""
        rows = self.rows(box)
        for binary in (BINARY, OLD, BINARY, OLD):
            box.binary = binary
            self.assertQuiet(box)
            self.assertEqual(rows, self.rows(box))


class Keywords(OptionCase):
    """customflag_a and so on."""

    local = {"customflag_a": "$Forwarded", "customflag_b": "Todo",
             "customflag_q": "two words"}

    def prepare(self):
        with self.imap() as imap:
            for number, flags in enumerate((
                    [], ["S", "$Forwarded"], ["Todo", "NonJunk", "F"],
                    ["todoo"], ["$Forwarded", "Todo", "S", "R"])):
                imap.append("INBOX", plain(f"k-{number}"), flags)

    def letters(self, box, mark):
        return box.maildir.find("INBOX", mark).flags

    def keywords(self, uid):
        with self.imap() as imap:
            return imap.keywords("INBOX", uid)

    def test_keywords_go_both_ways(self):
        self.prepare()
        box = self.make()
        box.sync()
        self.assertEqual(
            [self.letters(box, f"k-{n}") for n in range(5)],
            ["", "Sa", "Fb", "", "RSab"])
        self.assertEqual(self.rows(box), {
            1: "", 2: "Sa", 3: "Fb", 4: "", 5: "RSab"})
        self.assertQuiet(box)
        box.maildir.flag("INBOX", "k-0", "Sb")
        box.maildir.flag("INBOX", "k-1", "S")
        with self.imap() as imap:
            imap.flag("INBOX", 3, "-", ["Todo"])
            imap.flag("INBOX", 5, "-", ["$Forwarded"])
        box.sync()
        self.assertEqual(self.keywords(1), {"\\Seen", "Todo"})
        self.assertEqual(self.keywords(2), {"\\Seen"})
        self.assertEqual(self.keywords(3), {"\\Flagged", "NonJunk"})
        self.assertEqual(
            [self.letters(box, f"k-{n}") for n in range(5)],
            ["Sb", "S", "F", "", "RSb"])
        self.assertQuiet(box)

    def test_different_keywords_changed_on_both_sides_are_merged(self):
        self.prepare()
        box = self.make()
        box.sync()
        box.maildir.flag("INBOX", "k-1", "Sab")
        with self.imap() as imap:
            imap.flag("INBOX", 2, "-", ["$Forwarded"])
            imap.flag("INBOX", 2, "+", ["F", "NonJunk"])
        box.sync()
        self.assertEqual(self.letters(box, "k-1"), "FSb")
        self.assertEqual(self.keywords(2),
                         {"\\Seen", "\\Flagged", "Todo", "NonJunk"})
        self.assertQuiet(box)

    def test_new_mail_takes_its_keywords_along(self):
        box = self.make()
        box.maildir.make("INBOX")
        box.maildir.add("INBOX", plain("here"), "FPbz")
        box.sync()
        self.assertEqual(self.keywords(1), {"\\Flagged", "Todo"})
        self.assertEqual(self.letters(box, "here"), "FPbz")
        self.assertEqual(self.rows(box), {1: "Fb"})
        self.assertQuiet(box)

    def test_other_letters_stay_here_and_are_never_removed(self):
        self.prepare()
        box = self.make()
        box.sync()
        box.maildir.flag("INBOX", "k-0", "Pcq")
        for _ in range(RUNS_LEFT_ALONE):
            box.sync()
            self.assertEqual(self.letters(box, "k-0"), "Pcq")
        self.assertEqual(self.keywords(1), set())

    def test_a_keyword_set_in_another_case_there_is_not_fought_over(self):
        with self.imap() as imap:
            imap.append("INBOX", plain("k-0"), ["todo"])
        box = self.make()
        box.sync()
        box.maildir.flag("INBOX", "k-0", "b")
        for _ in range(RUNS_LEFT_ALONE):
            box.sync()
            self.assertEqual(self.letters(box, "k-0"), "b")
        self.assertEqual(self.keywords(1), {"todo"})

    def test_unknown_keywords_are_mentioned_in_one_line_of_debugging(self):
        self.prepare()
        box = self.make()
        out = box.sync("-d", "imap").out
        self.assertEqual(out.count("that no letter stands for"), 1, out)
        with self.imap() as imap:
            imap.flag("INBOX", "1:*", "+", ["another"])
        self.assertNotIn("eyword", box.sync().out)

    @needs_old
    def test_both_programs_make_the_same_of_keywords(self):
        self.prepare()
        boxes = [self.make(), self.make(OLD)]
        for box in boxes:
            box.sync()
        self.assertAlike(*boxes)
        with self.imap() as imap:
            imap.flag("INBOX", 1, "+", ["Todo"])
            imap.flag("INBOX", 5, "-", ["Todo", "S"])
        for box in boxes:
            box.sync()
        self.assertAlike(*boxes)
        for box in boxes:
            self.assertHandedOver(box)

    @needs_old
    def test_letters_set_here_survive_the_way_back(self):
        """What the other program reverts is on the server with ours."""
        self.prepare()
        box = self.make(OLD)
        box.sync()
        box.binary = BINARY
        self.assertQuiet(box)
        box.maildir.flag("INBOX", "k-0", "ab")
        box.sync()
        self.assertEqual(self.keywords(1), {"$Forwarded", "Todo"})
        self.assertHandedOver(box)
        self.assertEqual(self.letters(box, "k-0"), "ab")


class WindowsNames(OptionCase):
    """maildir-windows-compatible."""

    account = {"maildir-windows-compatible": "yes"}

    def prepare(self):
        with self.imap() as imap:
            for number, flags in enumerate(("", "S", "FS", "R", "DFRST")):
                imap.append("INBOX", plain(f"w-{number}"), flags)

    def base_names(self, box):
        return sorted(os.path.basename(path) for path in self.names(box))

    def switch(self, box, on):
        box.option("Account Test",
                   **{"maildir-windows-compatible": "yes" if on else "no"})

    def test_switching_keeps_names_and_flags(self):
        self.prepare()
        for first in (False, True):
            box = self.make()
            self.switch(box, first)
            box.sync()
            before = self.seen(box)
            self.switch(box, not first)
            self.assertQuiet(box)
            self.assertEqual(before, self.seen(box))
        with self.imap() as imap:
            self.assertEqual(["", "S", "FS", "R", "DFRST"], [
                m.flags for m in imap.messages("INBOX")])

    def test_a_name_that_changes_anyway_gets_the_wanted_separator(self):
        self.prepare()
        box = self.make()
        self.switch(box, False)
        box.sync()
        self.switch(box, True)
        box.maildir.add("INBOX", plain("w-new"), "FS")
        with self.imap() as imap:
            imap.flag("INBOX", 2, "+", "F")
        box.sync()
        self.assertSame(box, ["INBOX"])
        windows = {m.uid for m in box.maildir.messages("INBOX")
                   if "!2," in m.path}
        self.assertEqual(windows, {2, 6})
        self.assertFalse([m.path for m in box.maildir.messages("INBOX")
                          if "!2," in m.path and ":" in m.path])
        self.assertQuiet(box)

    @needs_old
    def test_both_programs_name_files_alike(self):
        self.prepare()
        boxes = [self.make(), self.make(OLD)]
        for box in boxes:
            box.sync()
        self.assertAlike(*boxes)
        for box in boxes:
            for name in self.base_names(box):
                self.assertRegex(name, r"^\d+_\d+\.\d+\.[^,]+,U=\d+,"
                                 r"FMD5=[0-9a-f]{32}!2,[DFRST]*$")
        with self.imap() as imap:
            imap.flag("INBOX", 2, "-", "S")
            imap.flag("INBOX", 3, "+", "R")
        for box in boxes:
            box.sync()
        self.assertAlike(*boxes)
        for box in boxes:
            self.assertHandedOver(box)


def dated(mark, *headers):
    """A message with these headers, and no Date of its own."""
    head, body = plain(mark).split(b"\n\n", 1)
    lines = [line for line in head.split(b"\n")
             if not line.startswith(b"Date:")]
    return b"\n".join([*headers, *lines]) + b"\n\n" + body


@needs_old
class TakingOver(OptionCase):
    """Files as the old program and others leave them: none is renamed."""

    local = {"customflag_a": "$Forwarded"}

    def rename(self, box, mark, change):
        path = box.maildir.find("INBOX", mark).path
        where, name = os.path.split(path)
        os.rename(path, os.path.join(where, change(name)))

    def test_names_that_others_have_changed_stay(self):
        marks = [f"t-{number}" for number in range(7)]
        with self.imap() as imap:
            for mark in marks:
                imap.append("INBOX", plain(mark), ["$Forwarded"]
                            if mark == "t-6" else "S" * (mark == "t-5"))
        box = self.make(OLD)
        box.sync()
        self.rename(box, "t-0", lambda name: name.split(":2,")[0])
        self.rename(box, "t-1", lambda name: name.replace(
            ":2,", ",S=210,W=216:2,"))
        self.rename(box, "t-2", lambda name: name.replace(
            ",U=", ",S=210,U="))
        self.rename(box, "t-3", lambda name: name + "Pk")
        self.rename(box, "t-4", lambda name: "moved-by-hand," +
                    name.split(",", 1)[1])
        self.rename(box, "t-5", lambda name: name + ".bak")
        names = self.names(box)
        rows = self.rows(box)
        box.binary = BINARY
        for _ in range(RUNS_LEFT_ALONE):
            self.assertQuiet(box)
        self.assertEqual(names, self.names(box))
        self.assertEqual(rows, self.rows(box))

    def test_letters_that_it_has_recorded_stay(self):
        """Its second run would remove them."""
        self.fill("INBOX", [plain("t-0"), plain("t-1")])
        box = self.make(OLD)
        box.sync()
        self.rename(box, "t-0", lambda name: name + "Pk")
        box.sync()
        self.assertEqual(self.rows(box), {1: "Pk", 2: ""})
        box.binary = BINARY
        for _ in range(RUNS_LEFT_ALONE):
            self.assertQuiet(box)
        self.assertEqual(self.seen(box)[1][1], "Pk")

    def test_folders_with_names_like_those_of_files_stay(self):
        folders = ["..c", ".d", "a..b", "p,U=1", "w !2,S", "x:2,S"]
        for number, name in enumerate(folders):
            self.fill(name, [plain(f"t-{number}")], "S")
        box = self.make(OLD)
        box.option("Repository Loc", sep="/")
        box.sync()
        box.binary = BINARY
        self.assertQuiet(box)
        self.assertSame(box, folders)
        box.binary = OLD
        self.assertQuiet(box)

    def test_a_change_of_flags_keeps_what_others_have_written(self):
        self.fill("INBOX", [plain("t-0"), plain("t-1")])
        box = self.make(OLD)
        box.sync()
        self.rename(box, "t-0", lambda name: name.replace(
            ":2,", ",S=210,W=216:2,"))
        self.rename(box, "t-1", lambda name: name.split(":2,")[0])
        before = {m.uid: os.path.basename(m.path).split(":2,")[0]
                  for m in box.maildir.messages("INBOX")}
        with self.imap() as imap:
            imap.flag("INBOX", [1, 2], "+", "F")
        box.binary = BINARY
        box.sync()
        self.assertEqual(
            {m.uid: os.path.basename(m.path)
             for m in box.maildir.messages("INBOX")},
            {uid: name + ":2,F" for uid, name in before.items()})
        self.assertHandedOver(box)


class Dates(OptionCase):
    """utime_from_header and filename_use_mail_timestamp."""

    # Everything that both programs take for the same date, or for none.
    headers = (
        [b"Date: Mon, 02 Mar 2026 10:00:00 +0100"],
        [b"Date: 2 Mar 2026 10:00 PST (Pacific)"],
        [b"dAtE: Mon,\n 2 Mar 2026\n 10:00:00 -0330"],
        [b"Date: Monday, 02-Mar-99 10:00:00 GMT"],
        [b"Date: Mon Mar  2 10:00:00 2026"],
        [b"Date: Mon, 02 Mar 2026 10:00:00"],
        [b"Date: Mon, 02 Mar 2026 10:00:00 XYZ"],
        [b"Delivery-date: Mon, 02 Mar 2026 11:00:00 +0000"],
        [b"Date: whenever", b"Delivery-date: 3 Mar 2026 11:00:00 +0000"],
        [b"Date: whenever"],
        [b"X-Nothing: at all"],
    )

    local = {"utime_from_header": "yes", "filename_use_mail_timestamp": "yes"}

    def prepare(self):
        self.fill("INBOX", [dated(f"d-{number}", *headers)
                            for number, headers in enumerate(self.headers)])

    def times(self, box, before):
        """{UID: (time in the name, mtime)}, None for what is not older than
        this test."""
        found = {}
        for m in box.maildir.messages("INBOX"):
            times = (int(os.path.basename(m.path).split("_")[0]),
                     int(os.stat(m.path).st_mtime))
            found[m.uid] = tuple(t if t < before else None for t in times)
        return found

    @needs_old
    def test_both_programs_take_the_same_dates(self):
        self.prepare()
        before = int(time.time()) - 1
        boxes = [self.make(), self.make(OLD)]
        for box in boxes:
            box.sync()
        self.assertAlike(*boxes)
        self.assertEqual(*(self.times(box, before) for box in boxes))
        for box in boxes:
            self.assertHandedOver(box)

    def test_the_defaults_are_those_of_general(self):
        self.prepare()
        before = int(time.time()) - 1
        box = self.make()
        box.option("Repository Loc", utime_from_header=None,
                   filename_use_mail_timestamp=None)
        box.option("general", utime_from_header="yes")
        box.sync()
        self.assertEqual(self.times(box, before)[1], (None, 1772442000))
        box = self.make()
        box.option("Repository Loc", utime_from_header="no",
                   filename_use_mail_timestamp=None)
        box.option("general", utime_from_header="yes",
                   filename_use_mail_timestamp="yes")
        box.sync()
        self.assertEqual(self.times(box, before)[1], (1772442000, None))

    def test_impossible_dates_are_left_alone_and_told(self):
        self.fill("INBOX", [
            dated("old", b"Date: 1 Jan 1969 10:00:00 +0000"),
            dated("feb", b"Date: 30 Feb 2026 10:00:00 +0000")])
        before = int(time.time()) - 1
        box = self.make()
        out = box.sync().out
        self.assertEqual(self.times(box, before),
                         {1: (None, None), 2: (None, None)})
        self.assertRegex(out, r"UID 1: the date of the message")
        self.assertRegex(out, r"UID 2: the date of the message")
        self.assertQuiet(box)

    def test_an_upload_has_the_time_of_its_file(self):
        box = self.make()
        box.option("Repository Loc", type="GmailMaildir")
        box.maildir.make("INBOX")
        box.maildir.add("INBOX", plain("here"), mtime=1600000000)
        box.sync()
        with self.imap() as imap:
            self.assertEqual(imap.date("INBOX", 1),
                             b"13-Sep-2020 12:26:40 +0000")
        self.assertEqual(
            int(os.stat(box.maildir.find("INBOX", "here").path).st_mtime),
            1600000000)


class FilterHeaders(OptionCase):
    """filterheaders: what the server gets."""

    account = {"filterheaders": "X-Private,  bcc , X-Status"}

    private = (b"Bcc: secret@example.org\n"
               b"x-private: one\n two\n\tthree\n")

    def with_private(self, mark, before=b""):
        data = plain(mark)
        return before + self.private + data[:10] + data[10:].replace(
            b"\nDate:", b"\nX-STATUS: RO\nDate:", 1) + b"Bcc: in body\n"

    def without(self, data):
        head, body = data.split(b"\n\n", 1)
        head = re.sub(rb"(?im)^(bcc|x-private|x-status):.*\n([ \t].*\n)*",
                      b"", head + b"\n")
        return head + b"\n" + body

    def files(self, box):
        return sorted(m.data for m in box.maildir.messages("INBOX"))

    def test_the_copy_lacks_them_and_the_file_keeps_them(self):
        box = self.make()
        box.maildir.make("INBOX")
        sent = {mark: self.with_private(mark, before) for mark, before in (
            ("one", b""), ("two", b"Received: x\n y\n"),
            ("large", b"X-Large: " + b"z" * 100000 + b"\n"))}
        for data in sent.values():
            box.maildir.add("INBOX", data, "S")
        box.sync()
        with self.imap() as imap:
            self.assertEqual(
                sorted(m.data for m in imap.messages("INBOX")),
                sorted(self.without(data) for data in sent.values()))
            self.assertNotIn(b"secret", imap.raw("INBOX", 1))
            self.assertIn(b"\r\n\r\nHello", imap.raw("INBOX", 1))
        self.assertEqual(self.files(box), sorted(sent.values()))
        self.assertQuiet(box)

    def test_what_comes_keeps_them(self):
        data = self.with_private("there")
        self.fill("INBOX", [data])
        box = self.make()
        box.sync()
        self.assertEqual(self.files(box), [data])
        self.assertSame(box, ["INBOX"])

    def test_without_uidplus_the_copy_is_found(self):
        self.proxy = self.enter(Proxy(self.server.port, without_uidplus))
        box = self.make()
        box.maildir.make("INBOX")
        box.maildir.add("INBOX", self.with_private("one"))
        box.sync()
        self.assertEqual(self.rows(box), {1: ""})
        self.assertQuiet(box)

    def test_lost_numbers_are_found_again_by_either_form(self):
        """Those that came with the headers, and those that went without."""
        self.fill("INBOX", [self.with_private(f"there-{n}")
                            for n in range(3)])
        box = self.make()
        box.sync()
        for number in range(3):
            box.maildir.add("INBOX", self.with_private(f"here-{number}"))
        box.sync()
        before = self.files(box)
        with self.imap() as imap:
            copies = imap.messages("INBOX")
            for m in copies:
                imap.remove("INBOX", m.uid)
            for m in copies:
                imap.append("INBOX", m.data, m.flags)
        path = os.path.join(box.metadata, "Repository-Rem", "FolderValidity",
                            "INBOX")
        with open(path, "w", encoding="ascii") as out:
            out.write("1\n")
        result = box.run()
        self.assertNotIn("Copy message", result.out)
        self.assertEqual(before, self.files(box), repr(result))
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("INBOX")), 6, repr(result))
        self.assertQuiet(box)

    def test_a_killed_upload_is_not_sent_twice(self):
        self.proxy = self.enter(Proxy(self.server.port))
        box = self.make()
        box.maildir.make("INBOX")
        for number in range(30):
            box.maildir.add("INBOX", self.with_private(f"k-{number}"))
        before = self.files(box)
        for count in (1, 10, 30):
            with box.start() as process:
                # It may have ended, with nothing left to be sent.
                with contextlib.suppress(AssertionError):
                    process.wait_for("Copy message", count=count)
                process.kill()
        self.proxy.drain(all_dead=True)
        box.sync()
        self.assertEqual(before, self.files(box))
        with self.imap() as imap:
            self.assertEqual(
                sorted(m.data for m in imap.messages("INBOX")),
                sorted(self.without(data) for data in before))
        self.assertQuiet(box)

    @needs_old
    def test_both_programs_send_the_same(self):
        sent = []
        for binary in (BINARY, OLD):
            self.user = self.server.user()
            box = self.make(binary)
            box.maildir.make("INBOX")
            for mark in ("one", "two"):
                box.maildir.add("INBOX", self.with_private(mark), "S")
            box.sync()
            with self.imap() as imap:
                sent.append(sorted(m.data for m in imap.messages("INBOX")))
            self.assertHandedOver(box)
        self.assertEqual(*sent)


class AccessTimes(OptionCase):
    """restoreatime."""

    local = {"restoreatime": "yes"}
    folders = ("INBOX", "Work")

    def parts(self, box):
        return [os.path.join(box.root, name, part)
                for name in self.folders for part in ("new", "cur")]

    def atimes(self, box):
        return [int(os.stat(path).st_atime) for path in self.parts(box)]

    def test_access_times_are_as_they_were(self):
        """Older than the last change, as a mail reader looks for."""
        for binary in (BINARY, OLD) if is_old() else (BINARY,):
            for name in self.folders:
                self.fill(name, [plain(f"a-{name}")])
            box = self.make(binary)
            box.sync()
            for number, path in enumerate(self.parts(box)):
                os.utime(path, (1000000000 + number,
                                os.stat(path).st_mtime))
            before = self.atimes(box)
            for name in self.folders:
                self.fill(name, [plain(f"more-{name}")])
            box.sync()
            self.assertEqual(before, self.atimes(box), binary)


if __name__ == "__main__":
    unittest.main()
