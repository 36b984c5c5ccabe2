"""What is synchronised at all: maxage, startdate, maxsize, copy_ignore_eval,
and state that old releases of OfflineIMAP left.

Each option beside the old program, on copies of the same mail and state.
"""

import datetime
import imaplib
import os
import shutil
import sqlite3
import unittest

from support.case import ServerCase, stop_servers
from support.judge import status_rows
from support.mails import crlf, message_id, plain
from support.old import OLD, is_old
from support.program import BINARY, PARTIAL
from support.proxy import Proxy

QUICK = "Quick syncs (-q) not supported in conjunction with maxage"


def tearDownModule():
    stop_servers()


def day(ago):
    """INTERNALDATE of noon, so many days ago."""
    now = datetime.datetime.now(datetime.timezone.utc)
    then = (now - datetime.timedelta(days=ago)).replace(
        hour=12, minute=0, second=0, microsecond=0)
    return imaplib.Time2Internaldate(then)


def date(ago):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now - datetime.timedelta(days=ago)).strftime("%Y-%m-%d")


class WindowCase(ServerCase):

    def there(self, *ages, folder="INBOX", size=0):
        """Messages of these ages in days, named after them."""
        with self.imap() as imap:
            for ago in ages:
                imap.append(folder, plain(f"age-{ago}", size), "",
                            day(ago))

    def names(self, box, folder="INBOX"):
        return self.marks(box.maildir.messages(folder))

    def server_names(self, folder="INBOX"):
        with self.imap() as imap:
            return self.marks(imap.messages(folder))

    @staticmethod
    def marks(messages):
        return sorted(message_id(m.data).split("@")[0] for m in messages)

    def rows(self, box, folder="INBOX"):
        return status_rows(box.metadata, "Test", folder)

    def of_age(self, *ages):
        return sorted(f"age-{ago}" for ago in ages)


class Maxage(WindowCase):

    def test_only_recent_messages_come(self):
        self.there(40, 30, 3, 2, 20, 0)
        box = self.box(self.user, account={"maxage": 10})
        box.sync()
        # the one of 20 days has a number above that of 3 days
        self.assertEqual(self.names(box), self.of_age(3, 2, 20, 0))
        self.assertQuiet(box)
        box.maildir.add("INBOX", plain("new"), "S")
        with self.imap() as imap:
            imap.flag("INBOX", 1, "+", "F")
            imap.flag("INBOX", 3, "+", "F")
            imap.remove("INBOX", 2)
        box.maildir.remove("INBOX", "age-2")
        box.sync()
        self.assertEqual(self.server_names(),
                         sorted(self.of_age(40, 3, 20, 0) + ["new"]))
        self.assertEqual(self.rows(box), {3: "F", 5: "", 6: "", 7: "S"})
        self.assertQuiet(box)

    def test_a_date_is_as_good(self):
        self.there(40, 11, 10, 9)
        box = self.box(self.user, account={"maxage": date(10)})
        box.sync()
        self.assertEqual(self.names(box), self.of_age(10, 9))

    def test_a_window_that_moves_neither_deletes_nor_doubles(self):
        self.there(40, 30, 20, 5)
        box = self.box(self.user)
        box.sync()
        for maxage in (25, 10, 3, 1):
            box.option("Account Test", maxage=maxage)
            self.assertQuiet(box)
        self.assertEqual(self.rows(box), {})
        # gone on one side while nobody looked
        with self.imap() as imap:
            imap.remove("INBOX", 1)
        box.maildir.remove("INBOX", "age-30")
        self.assertQuiet(box)
        for maxage in (10, 35, None):
            box.option("Account Test", maxage=maxage)
            self.assertNotRegex(box.sync().out, "Deleting")
        self.assertEqual(self.names(box), self.of_age(40, 30, 20, 5))
        self.assertSame(box, ["INBOX"])
        self.assertQuiet(box)

    def test_the_last_recent_message_is_deleted_here_too(self):
        self.there(40, 30, 2)
        box = self.box(self.user, account={"maxage": 10})
        box.sync()
        with self.imap() as imap:
            imap.remove("INBOX", 3)
        box.sync()
        self.assertEqual(self.names(box), [])
        self.assertEqual(self.server_names(), self.of_age(40, 30))

    def test_a_dry_run_tells_what_the_real_one_does(self):
        self.there(40, 3, 2)
        box = self.box(self.user, account={"maxage": 10, "maxsize": 5000})
        with self.imap() as imap:
            imap.append("INBOX", plain("large", 6000), "", day(1))
        box.maildir.make("INBOX")
        box.maildir.add("INBOX", plain("small here"), "S")
        box.maildir.add("INBOX", plain("large here", 6000), "S")
        lines = []
        for args in (["--dry-run"], []):
            out = box.sync(*args).out.replace("[DRYRUN] ", "")
            lines.append(sorted(line.strip() for line in out.splitlines()
                                if "Copy message" in line))
        self.assertEqual(len(lines[0]), 3)
        self.assertEqual(lines[0], lines[1])

    def test_quick_is_ignored_with_a_warning(self):
        self.there(3)
        box = self.box(self.user, account={"maxage": 10})
        box.sync()
        with self.imap() as imap:
            imap.flag("INBOX", 1, "+", "F")
        self.assertIn(QUICK, box.sync("-q").out)
        self.assertEqual(self.rows(box), {1: "F"})


class Startdate(WindowCase):

    def start(self, box, repository="Rem", folder="INBOX"):
        path = os.path.join(box.metadata, "Repository-" + repository,
                            "StartUID", folder)
        with open(path, encoding="ascii") as text:
            return text.read()

    def test_a_remote_start(self):
        self.there(40, 5, 20, 2)
        box = self.box(self.user, remote={"startdate": date(10)})
        box.sync()
        self.assertEqual(self.names(box), self.of_age(5, 20, 2))
        self.assertEqual(self.start(box), "2\n")
        # later the date is nothing, the number is all
        self.there(50)
        with self.imap() as imap:
            imap.remove("INBOX", 2)
        box.sync()
        self.assertEqual(self.names(box), self.of_age(20, 2, 50))
        self.assertEqual(self.start(box), "2\n")
        self.assertQuiet(box)

    def test_the_other_side_must_be_empty_at_first(self):
        self.there(5)
        box = self.box(self.user, remote={"startdate": date(10)})
        box.maildir.make("INBOX")
        box.maildir.add("INBOX", plain("here"), "S")
        result = box.run()
        self.assertFailed(result)
        self.assertIn("to use startdate on repository Rem, repository Loc "
                      "must be empty", result.out)
        self.assertEqual(self.server_names(), ["age-5"])

    def test_a_local_start(self):
        box = self.box(self.user, local={"startdate": "2020-01-01"})
        box.maildir.make("INBOX")
        box.maildir.add("INBOX", plain("new"), "S")
        path = os.path.join(box.root, "INBOX", "cur", "1000000000.old:2,S")
        with open(path, "wb") as out:
            out.write(plain("old"))
        box.sync()
        self.assertEqual(self.server_names(), ["new"])
        self.assertEqual(self.start(box, "Loc"), "1\n")
        self.there(40)
        box.sync()
        self.assertEqual(self.names(box), ["age-40", "new", "old"])
        self.assertEqual(self.server_names(), ["age-40", "new"])
        self.assertQuiet(box)


class Maxsize(WindowCase):

    def test_the_limit_is_the_same_on_both_sides(self):
        """Hazard 9.8: a message between the LF and the CRLF size was
        deleted; here the size is that of the server's form."""
        text = plain("edge", 300)
        size = len(crlf(text))
        with self.imap() as imap:
            imap.append("INBOX", text)
            imap.append("INBOX", plain("edge+1", 300))
        box = self.box(self.user, account={"maxsize": size})
        box.maildir.make("INBOX")
        box.maildir.add("INBOX", plain("egde", 300), "S")
        box.maildir.add("INBOX", plain("egde+1", 300), "S")
        for _ in range(2):
            box.sync()
            self.assertEqual(self.names(box), ["edge", "egde", "egde+1"])
            self.assertEqual(self.server_names(),
                             ["edge", "edge+1", "egde"])
        self.assertQuiet(box)

    def test_what_both_have_is_synchronised_whatever_its_size(self):
        self.there(3, 2, 1, size=3000)
        box = self.box(self.user)
        box.sync()
        box.option("Account Test", maxsize=100)
        self.assertQuiet(box)
        self.assertEqual(len(self.rows(box)), 3)
        with self.imap() as imap:
            imap.flag("INBOX", 1, "+", "F")
            imap.remove("INBOX", 2)
        box.maildir.remove("INBOX", "age-1")
        box.sync()
        self.assertEqual(self.rows(box), {1: "F"})
        self.assertSame(box, ["INBOX"])

    def test_a_limit_that_is_raised(self):
        self.there(2, size=3000)
        box = self.box(self.user, account={"maxsize": 2000})
        box.sync("-q")
        self.assertEqual(self.names(box), [])
        box.option("Account Test", maxsize=4000)
        box.sync("-q")
        self.assertSame(box, ["INBOX"])


IGNORE = """
def ignored(folder):
    with open("asked", "a") as out:
        out.write(folder + "\\n")
    return {"INBOX": [1, 3], "Work/deep": (2,)}.get(folder)
"""


class Ignore(WindowCase):

    def prepare(self, box):
        """The expression, and what it names; how it was asked."""
        with open(os.path.join(box.home, "rules.py"), "w",
                  encoding="ascii") as out:
            out.write(IGNORE)
        box.option("general", pythonfile=os.path.join(box.home, "rules.py"))
        box.option("Repository Rem", copy_ignore_eval="ignored")
        self.there(4, 3, 2, 1)
        with self.imap() as imap:
            imap.create("Work/deep")
        self.there(8, 7, 6, folder="Work/deep")
        return box

    def asked(self, box):
        with open(os.path.join(box.home, "asked"), encoding="ascii") as text:
            return sorted(set(text.read().split()))

    def test_ignored_messages_are_told_and_not_copied(self):
        box = self.prepare(self.box(self.user))
        for args in (["--dry-run"], [], []):
            out = box.sync(*args).out
            for line in ("UID 1 Rem:INBOX", "UID 3 Rem:INBOX",
                         "UID 2 Rem:Work/deep"):
                self.assertIn(f"IGNORED: Copy message {line} -> Loc", out)
            self.assertEqual(out.count("IGNORED"), 3, out)
        self.assertEqual(self.names(box), self.of_age(3, 1))
        self.assertEqual(self.names(box, "Work.deep"), self.of_age(8, 6))
        self.assertEqual(self.asked(box), ["INBOX", "Work/deep"])
        self.assertQuiet(box)
        box.option("Repository Rem", copy_ignore_eval="lambda name: None")
        box.sync()
        self.assertSame(box, {"INBOX": "INBOX", "Work/deep": "Work.deep"})

    def test_machineui_tells_them(self):
        box = self.prepare(self.box(self.user))
        self.assertIn("msg:ignorecopyingmessage:Folder+INBOX+%5Bacc%3A+Test"
                      "%5D:1%0AIMAP%0AINBOX%0AMaildir%5BINBOX%5D\n",
                      box.sync(ui="machineui").out)

    def test_a_wrong_expression_stops_before_any_change(self):
        box = self.prepare(self.box(self.user))
        box.option("Repository Rem", copy_ignore_eval="lambda name: [None]")
        result = box.run()
        self.assertFailed(result)
        self.assertIn("copy_ignore_eval", result.out)
        self.assertFalse(os.path.exists(os.path.join(box.root, "INBOX")))


class RetryCount(WindowCase):

    def poisoned(self, marks, **remote):
        """A proxy that loses the connection at these messages."""
        self.lost = []

        def rewrite(lines):
            for mark in marks:
                if f"Hello from {mark}.".encode() in lines:
                    self.lost.append(mark)
                    return None
            return lines
        proxy = self.enter(Proxy(self.server.port, rewrite))
        return self.box(self.user, port=proxy.port, remote=remote)

    def test_one_message_costs_one_message(self):
        self.there(6, 5, 4, 3, 2)
        box = self.poisoned(["age-4"], retrycount=3)
        result = box.sync(expect=PARTIAL)
        # what came in the same packet before it was lost too, and blamed
        self.assertGreaterEqual(len(self.lost), 3)
        self.assertIn("the connection was lost 3 times at this message",
                      result.out)
        self.assertEqual(self.names(box), self.of_age(6, 5, 3, 2))
        box.option("Repository Rem", remoteport=self.server.port)
        box.sync()
        self.assertSame(box, ["INBOX"])

    def test_where_nothing_comes_the_folder_is_given_up(self):
        self.there(*range(9))
        box = self.poisoned([f"age-{i}" for i in range(9)])
        self.assertFailed(box.run())
        self.assertEqual(self.lost, 2 * ["age-0"] + 2 * ["age-1"]
                         + 2 * ["age-2"])


def write_legacy(box, version, folder="INBOX"):
    """The rows of the database as the text that old releases wrote; the
    database goes."""
    account = os.path.join(box.metadata, "Account-Test")
    database = os.path.join(account, "LocalStatus-sqlite", folder)
    with sqlite3.connect(database) as base:
        rows = base.execute("SELECT id, flags, mtime, labels FROM status "
                            "ORDER BY id").fetchall()
    base.close()
    os.unlink(database)
    os.makedirs(os.path.join(account, "LocalStatus"), exist_ok=True)
    path = os.path.join(account, "LocalStatus", folder)
    with open(path, "w", encoding="ascii") as out:
        out.write("OFFLINEIMAP LocalStatus CACHE DATA - DO NOT MODIFY - "
                  f"FORMAT {version}\n")
        for row in rows:
            out.write("{}:{}\n".format(*row) if version == 1
                      else "{}|{}|{}|{}\n".format(*row))
    return path


class OldState(WindowCase):

    def test_plain_text_is_taken_over(self):
        for version in (1, 2):
            with self.subTest(version=version):
                user = self.user = self.server.user()
                self.there(4, 3, 2, 1)
                box = self.box(user)
                box.sync()
                rows = self.rows(box)
                path = write_legacy(box, version)
                with open(path, "rb") as text:
                    before = text.read()
                # deleted on either side before the programs were changed
                box.maildir.remove("INBOX", "age-4")
                with self.imap() as imap:
                    imap.remove("INBOX", 2)
                dry = box.sync("--dry-run").out
                self.assertEqual(dry.count("Deleting 1 messages"), 2, dry)
                box.sync()
                self.assertEqual(self.names(box), self.of_age(2, 1))
                self.assertSame(box, ["INBOX"])
                self.assertEqual(self.rows(box), {
                    uid: rows[uid] for uid in (3, 4)})
                with open(path, "rb") as text:
                    self.assertEqual(before, text.read())
                self.assertQuiet(box)

    def test_damaged_text_is_left_alone(self):
        self.there(4, 3)
        box = self.box(self.user)
        box.sync()
        path = write_legacy(box, 1)
        with open(path, "r+b") as text:
            text.truncate(os.path.getsize(path) - 1)
        box.maildir.remove("INBOX", "age-4")
        result = box.sync()
        self.assertIn("is damaged in line 3", result.out)
        self.assertEqual(self.names(box), self.of_age(4, 3))
        self.assertSame(box, ["INBOX"])

    def test_a_missing_maildir_is_no_deletion(self):
        self.there(4, 3)
        box = self.box(self.user)
        box.sync()
        write_legacy(box, 2)
        shutil.rmtree(box.root)
        self.assertFailed(box.run())
        self.assertEqual(self.server_names(), self.of_age(4, 3))
        os.mkdir(box.root, 0o700)
        self.assertFailed(box.run())
        self.assertEqual(self.server_names(), self.of_age(4, 3))


@unittest.skipUnless(is_old(), "needs Debian's offlineimap3")
class BesideTheOld(WindowCase):
    """The same mail, the same option, in a home of each program's own."""

    def both(self, *actions, **options):
        """Runs each program after each action, with a mailbox of its own;
        the names here, the names there and the rows must agree."""
        results = []
        for binary in (OLD, BINARY):
            self.user = self.server.user()
            box = self.box(self.user, **options)
            box.binary = binary
            states = []
            for action in actions:
                action(box)
                box.sync()
                states.append((self.names(box), self.server_names(),
                               self.rows(box)))
            results.append(states)
        self.assertEqual(*results)
        return results[0]

    def test_maxage(self):
        """Our window is one day longer, so no message is of that day."""
        def begin(_):
            self.there(40, 30, 6, 3, 20, 0)

        def change(box):
            with self.imap() as imap:
                imap.append("INBOX", plain("more"), "S", day(1))
                imap.append("INBOX", plain("more old"), "S", day(50))
                imap.flag("INBOX", [1, 4], "+", "F")
                imap.remove("INBOX", [2, 6])
            box.maildir.add("INBOX", plain("here"), "S")
            box.maildir.remove("INBOX", "age-20")

        def widen(box):
            box.option("Account Test", maxage=35)

        def narrow(box):
            box.option("Account Test", maxage=4)

        def none(box):
            box.option("Account Test", maxage=None)

        self.both(begin, change, widen, narrow, none,
                  account={"maxage": 10})

    def test_maxage_with_nothing_recent(self):
        """When the last recent message goes again, the old program asks for
        "UID 3:*", which names the last message too: it brings one that is
        too old.  Ours: test_the_last_recent_message_is_deleted_here_too."""
        def begin(_):
            self.there(40, 30)

        def recent(_):
            self.there(3)

        self.both(begin, recent, account={"maxage": 10})

    def test_remote_startdate(self):
        """Old messages with high numbers come to the old program in the
        second run, to ours in the first: here there is none at first."""
        def begin(_):
            self.there(40, 20, 5, 2)

        def change(box):
            self.there(50)
            with self.imap() as imap:
                imap.remove("INBOX", [1, 3])
            box.maildir.add("INBOX", plain("here"), "S")

        self.both(begin, change, remote={"startdate": date(10)})

    def test_maxsize_away_from_the_edge(self):
        """At the edge the old program deletes (hazard 9.8), and what both
        have it forgets when the limit is lowered."""
        def begin(box):
            self.there(5, 3, size=100)
            self.there(4, size=5000)

        def change(box):
            self.there(2, size=5000)
            box.maildir.add("INBOX", plain("small"), "S")
            box.maildir.add("INBOX", plain("large", 5000), "S")

        self.both(begin, change, account={"maxsize": 2000})

    def test_copy_ignore_eval(self):
        def begin(box):
            Ignore.prepare(self, box)

        def change(box):
            self.there(9)
            box.maildir.add("INBOX", plain("here"), "S")
            self.assertEqual(Ignore.asked(self, box),
                             ["INBOX", "Work/deep"])

        self.both(begin, change)

    def test_taking_turns_with_maxage(self):
        """Ten turns, changes on both sides, and a window that moves."""
        self.there(40, 30, 20, 5, 4, 3)
        box = self.box(self.user, account={"maxage": 10})
        for number in range(10):
            box.binary = (OLD, BINARY)[number % 2]
            box.option("Account Test", maxage=(10, 25, 10, 8)[number % 4])
            box.sync()
            box.maildir.add("INBOX", plain(f"here-{number}"), "S")
            with self.imap() as imap:
                imap.append("INBOX", plain(f"there-{number}"), "",
                            day(number % 3))
        box.maildir.remove("INBOX", "there-5")
        box.sync()
        box.option("Account Test", maxage=None)
        for binary in (BINARY, OLD):
            box.binary = binary
            box.sync()
            names = self.names(box)
            self.assertEqual(names, self.server_names())
            self.assertEqual(names, sorted(set(names)))
            self.assertEqual(len(names), 6 + 19)


if __name__ == "__main__":
    unittest.main()
