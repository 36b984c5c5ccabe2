"""A run that finds nothing new opens nothing; and whatever did change is
noticed by the next run, with all that is remembered in place."""

import contextlib
import json
import os
import re
import shutil
import time
import unittest

from support.case import Case, ServerCase, stop_servers, tree
from support.hostile import Fake, Gone
from support.judge import quote
from support.mails import many, plain
from support.old import OLD, is_old
from support.program import HELD, OK, PARTIAL
from support.proxy import Proxy

FOLDERS = ["INBOX", "Work", "Lists/one"]


def tearDownModule():
    stop_servers()


def dotted(folders):
    """As they are shown."""
    return [name.replace("/", ".") for name in folders]


def skipped(result):
    """The folders that were told to have nothing new, of a run with the
    front end json."""
    events = [json.loads(line) for line in result.out.splitlines()]
    return sorted(e["folder"] for e in events if e["event"] == "folder_end"
                  and e["outcome"] == "skipped")


class Remembering(ServerCase):
    """Folders on both sides that are equal, and remembered to be so."""

    separator = "."

    def local(self, folder):
        return folder.replace("/", self.separator)

    def pairs(self, *more):
        return {name: self.local(name) for name in [*FOLDERS, *more]}

    def cache(self, box):
        return os.path.join(box.metadata, "Account-Test", "offlineimap-cache")

    def states(self, box):
        return os.path.join(box.metadata, "Account-Test", "LocalStatus-sqlite")

    def prepare(self, **options):
        for folder in FOLDERS:
            self.fill(folder, many(folder.replace("/", "-"), 4), "F")
        self.visible = sorted(dotted(FOLDERS))
        box = self.box(self.user, local={"sep": self.separator}, **options)
        box.sync()
        self.settle(box)
        return box

    def sync(self, box, *args, **more):
        return box.sync(*args, ui="json", **more)

    def settle(self, box):
        """Runs until nothing is opened; one run has to be enough where a
        run has changed the server."""
        for _ in range(3):
            result = self.sync(box)
            if skipped(result) == self.visible:
                return
        self.fail(f"it is never done: {result}")

    def assertUntouched(self, box, before):
        """Nothing was written, made or removed; the lock is held."""
        after = tree(box.home)
        self.assertEqual({name for name in {*before, *after}
                          if before.get(name) != after.get(name)}
                         - {".offlineimap/Test.lock"}, set())

    def assertOpened(self, result, *folders):
        """These were looked into, the others were not."""
        self.assertEqual(skipped(result),
                         sorted(set(self.visible) - set(dotted(folders))),
                         repr(result))


class Changes:
    """Each kind of change, one after the other."""

    # without UIDPLUS offlineimap3 adds a line to what it uploads
    old_uploads = True

    def one(self, folder="Work", local=True):
        """A message of the folder on this side."""
        if local:
            return self.at.maildir.messages(self.local(folder))[0]
        with self.imap() as imap:
            return imap.messages(folder)[0]

    def add_here(self):
        self.serial += 1
        self.at.maildir.add(self.local("Work"), plain(f"new-{self.serial}"))

    def add_read_here(self):
        self.serial += 1
        self.at.maildir.add(self.local("Work"), plain(f"new-{self.serial}"),
                            "S")

    def remove_here(self):
        os.unlink(self.one().path)

    def flag_here(self):
        path = self.one().path
        base = os.path.basename(path).split(":2,")[0]
        os.rename(path, os.path.join(
            self.at.root, self.local("Work"), "cur",
            base + (":2,RS" if path.endswith("F") else ":2,F")))

    def rename_here(self):
        """To another base name, as some readers do."""
        path = self.one().path
        head, tail = os.path.split(path)
        os.rename(path, os.path.join(head, "1" + tail))

    def read_here(self):
        """From new to cur, with the same flags."""
        self.at.maildir.add(self.local("Work"), plain("unread"))
        self.at.sync()
        for part in os.listdir(os.path.join(
                self.at.root, self.local("Work"), "new")):
            head = os.path.join(self.at.root, self.local("Work"))
            os.rename(os.path.join(head, "new", part),
                      os.path.join(head, "cur", part.split(":2,")[0]
                                   + ":2,S"))

    def add_there(self):
        self.serial += 1
        self.fill("Work", [plain(f"new-{self.serial}")])

    def remove_there(self):
        with self.imap() as imap:
            imap.remove("Work", self.one(local=False).uid)

    def replace_there(self):
        """As many as before."""
        self.remove_there()
        self.add_there()

    def flag_there(self):
        message = self.one(local=False)
        with self.imap() as imap:
            imap.flag("Work", message.uid,
                      "-" if "R" in message.flags else "+", "R")

    def unflag_there(self):
        with self.imap() as imap:
            imap.flag("Work", "1:*", "-", "FS")

    def both(self):
        self.add_here()
        self.flag_there()

    def lose_state(self):
        os.unlink(os.path.join(self.states(self.at), "Work"
                               if self.separator == "/" else "Work"))

    def damage_cache(self):
        with open(self.cache(self.at), "r+b") as cache:
            cache.truncate(os.path.getsize(self.cache(self.at)) // 2)
        self.flag_there()

    def lose_cache(self):
        os.unlink(self.cache(self.at))

    def test_every_change_is_noticed(self):
        self.at, self.serial = self.prepare(), 0
        for change in (self.add_here, self.flag_here, self.remove_here,
                       self.rename_here, self.add_read_here, self.read_here,
                       self.add_there, self.flag_there, self.remove_there,
                       self.replace_there, self.unflag_there, self.both,
                       self.lose_state, self.damage_cache, self.lose_cache):
            with self.subTest(change.__name__):
                change()
                self.at.sync()
                self.assertSame(self.at, self.pairs())
                self.settle(self.at)

    def test_a_change_in_the_same_tick_is_noticed(self):
        """The very moment the run has ended."""
        box = self.prepare()
        for n in range(5):
            box.maildir.add(self.local("Work"), plain(f"tick-{n}"))
            box.sync()
            box.maildir.flag(self.local("Work"), f"tick-{n}", "FS")
            box.sync()
            self.assertIn(f"tick-{n}", "".join(
                m.data.decode() for m in box.maildir.messages(
                    self.local("Work")) if m.flags == "FS"))
        self.assertSame(box, self.pairs())

    def test_a_time_put_back_hides_nothing(self):
        """As a backup does that is unpacked over the Maildir."""
        box = self.prepare()
        for part in ("cur", "new"):
            where = os.path.join(box.root, self.local("Work"), part)
            before = os.stat(where)
            with open(os.path.join(where, f"1700000000.{part}.backup:2,"),
                      "wb") as out:
                out.write(plain(f"from-{part}"))
            os.utime(where, ns=(before.st_atime_ns, before.st_mtime_ns))
            box.sync()
        self.assertSame(box, self.pairs())

    def test_a_restored_maildir_is_noticed(self):
        """Everything as it was an hour ago: flags that are gone are taken
        for removed here, as without a cache."""
        box = self.prepare()
        backup = os.path.join(box.top, "backup")
        shutil.copytree(box.root, backup, copy_function=shutil.copy2)
        with self.imap() as imap:
            imap.flag("Work", "1:*", "+", "S")
        box.sync()
        self.settle(box)
        shutil.rmtree(box.root)
        shutil.copytree(backup, box.root, copy_function=shutil.copy2)
        box.sync()
        self.assertSame(box, self.pairs())
        self.assertEqual({m.flags for m in box.maildir.messages(
            self.local("Work"))}, {"F"})

    def test_a_restored_state_is_noticed(self):
        box = self.prepare()
        old = os.path.join(self.states(box), "Work")
        backup = os.path.join(box.top, "state")
        shutil.copy2(old, backup)
        self.fill("Work", [plain("after the backup")])
        box.sync()
        self.settle(box)
        os.unlink(old)
        shutil.copy2(backup, old)
        self.assertOpened(self.sync(box), "Work")
        self.assertSame(box, self.pairs())
        self.settle(box)

    def test_a_folder_made_anew_is_noticed(self):
        """The same messages, the same UIDs, another UIDVALIDITY."""
        box = self.prepare()
        with self.imap() as imap:
            messages = imap.messages("Work")
        with self.imap() as imap:
            imap.delete_folder("Work")
            imap.create("Work")
            for message in messages:
                imap.append("Work", message.data, "S")
        box.sync()
        self.assertSame(box, self.pairs())
        self.assertEqual({m.flags for m in box.maildir.messages(
            self.local("Work"))}, {"S"})
        self.settle(box)

    def test_a_folder_that_took_anothers_name_is_noticed(self):
        box = self.prepare()
        with self.imap() as imap:
            imap.do("rename", quote("Work"), quote("Aside"))
            imap.create("Work")
            imap.append("Work", plain("another"))
        self.visible = sorted(dotted([*FOLDERS, "Aside"]))
        box.sync("--approve-deletions", "Test")
        self.assertSame(box, self.pairs("Aside"))
        self.settle(box)

    def test_a_folder_that_went_away_here_is_noticed(self):
        box = self.prepare()
        shutil.rmtree(os.path.join(box.root, self.local("Work")))
        box.sync(expect=(OK, HELD))
        box.sync("--approve-deletions", "Test")
        self.assertSame(box, self.pairs())
        self.settle(box)

    def test_another_configuration_is_another_matter(self):
        """What was left alone under the old one is done under the new."""
        box = self.prepare(remote={"sync_deletes": "no"})
        with self.imap() as imap:
            imap.remove("Work", self.uids("Work")[0])
        for _ in range(3):
            box.sync()
        self.assertEqual(len(box.maildir.messages(self.local("Work"))), 4)
        box.option("Repository Rem", sync_deletes="yes")
        box.sync()
        self.assertSame(box, self.pairs())

    def uids(self, folder):
        with self.imap() as imap:
            return [m.uid for m in imap.messages(folder)]

    def test_the_cache_of_another_account_is_worthless(self):
        """The same names, the same numbers, another user."""
        box = self.prepare()
        other = self.server.user()
        with self.imap(other) as imap:
            for folder in FOLDERS:
                if folder != "INBOX":
                    imap.create(folder)
                for data in many("other" + folder.replace("/", "-"), 4):
                    imap.append(folder, data, "F")
        twin = self.box(other, local={"sep": self.separator})
        twin.sync()
        shutil.copy2(self.cache(box), self.cache(twin))
        self.visible = sorted(dotted(FOLDERS))
        self.assertEqual(skipped(self.sync(twin)), [])
        self.assertSame(twin, self.pairs(), other)

    def test_without_the_file_all_is_the_same(self):
        box = self.prepare()
        os.unlink(self.cache(box))
        before = tree(box.root)
        result = self.sync(box)
        self.assertEqual(skipped(result), [], repr(result))
        self.assertEqual(tree(box.root), before)
        self.assertEqual(skipped(self.sync(box)), self.visible)

    def test_a_directory_from_the_future_is_never_believed(self):
        """A clock that was set back, or a file server with another one."""
        box = self.prepare()
        where = os.path.join(box.root, self.local("Work"), "cur")
        later = time.time() + 3600
        for n in range(2):
            os.utime(where, (later, later))
            self.assertOpened(self.sync(box), "Work")
            self.assertOpened(self.sync(box), "Work")
            box.maildir.add(self.local("Work"), plain(f"early-{n}"), "S")
            box.sync()
            self.assertSame(box, self.pairs())

    def test_a_run_that_was_killed_is_made_up_for(self):
        box = self.prepare()
        for n in range(3):
            for folder in FOLDERS:
                box.maildir.add(self.local(folder), plain(f"up-{n}-{folder}"))
                self.fill(folder, [plain(f"down-{n}-{folder}")])
            with box.start() as process:
                with contextlib.suppress(AssertionError):
                    process.wait_for("Copy message", count=n + 1)
                process.kill()
            box.sync(expect=(OK, PARTIAL))
            box.sync()
            self.assertSame(box, self.pairs(), killed=True)

    @unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is not installed")
    def test_the_old_program_may_run_in_between(self):
        box = self.prepare()
        old = self.box()
        old.binary, old.home = OLD, box.home
        old.env = box.env
        for n in range(2):
            if self.old_uploads:
                box.maildir.add(self.local("Work"), plain(f"new-{n}"))
            else:
                self.fill("Work", [plain(f"new-{n}")])
            with self.imap() as imap:
                imap.flag("Lists/one", "1:*", "-+"[n], "F")
            self.assertEqual(old.run().code, OK)
            result = self.sync(box)
            self.assertSame(box, self.pairs())
            self.assertOpened(result, "Work", "Lists/one")


class WithDots(Changes, Remembering):
    pass


class WithSlashes(Changes, Remembering):

    separator = "/"


class WithoutExtensions(Changes, Remembering):
    """Flags are known by the sets that the server searches for."""

    bare = True
    old_uploads = False


NO_CONDSTORE = ("IMAP4rev1 UIDPLUS ESEARCH LITERAL+ NAMESPACE LIST-EXTENDED "
                "LIST-STATUS")


class WithoutCondstore(Changes, Remembering):

    options = {"capability": NO_CONDSTORE}


class NothingNew(Remembering):

    def test_the_second_run_opens_nothing(self):
        """Neither on the server nor on the disk."""
        for folder in FOLDERS:
            self.fill(folder, many(folder.replace("/", "-"), 4))
        self.visible = sorted(dotted(FOLDERS))
        box = self.box(self.user)
        box.sync()
        result = box.sync("-d", "imap,maildir")
        self.assertNotRegex(result.out, r"> A\d+ SELECT| holds |FETCH")
        if not self.bare and not self.options:
            self.assertNotRegex(result.out, "EXAMINE")

    def test_a_server_may_offer_less_than_before(self):
        """It goes on to tell HIGHESTMODSEQ, which nobody can ask by."""
        for folder in FOLDERS:
            self.fill(folder, many(folder.replace("/", "-"), 30))
        line = self.enter(Proxy(self.server.port, lambda data: data))
        box = self.box(self.user, port=line.port)
        box.sync()
        box.sync()
        line.rewrite = lambda data: re.sub(
            rb"CAPABILITY [^\]\r\n]*",
            b"CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN", data)
        box.sync()
        box.sync()
        before = len(line.seen_up)
        box.sync()
        self.assertNotIn(b"SELECT", line.seen_up[before:])
        with self.imap() as imap:
            imap.flag("Work", 3, "+", "F")
        box.sync()
        self.assertSame(box, dict(zip(FOLDERS, dotted(FOLDERS))))

    def test_it_writes_nothing(self):
        box = self.prepare()
        before = tree(box.home)
        box.sync()
        self.assertUntouched(box, before)

    def test_only_what_changed_is_opened(self):
        box = self.prepare()
        self.fill("Work", [plain("one more")])
        result = self.sync(box)
        self.assertOpened(result, "Work")
        self.assertSame(box, self.pairs())
        self.assertOpened(self.sync(box))

    def test_what_a_run_changed_is_not_opened_by_the_next(self):
        """Its own work on both sides."""
        box = self.prepare()
        box.maildir.add("Work", plain("up"), "S")
        box.maildir.flag("INBOX", "INBOX-1", "RS")
        self.fill("Lists/one", [plain("down")])
        box.sync()
        self.assertOpened(self.sync(box))
        self.assertSame(box, self.pairs())

    def test_it_is_told_as_any_folder(self):
        """A front end sees each folder begin and end."""
        box = self.prepare()
        events = [json.loads(line) for line in
                  box.sync(ui="json").out.splitlines()]
        ends = [e for e in events if e["event"] == "folder_end"]
        self.assertEqual(sorted(e["folder"] for e in ends),
                         sorted(dotted(FOLDERS)))
        self.assertEqual({e["outcome"] for e in ends}, {"skipped"})
        self.assertEqual([e["outcome"] for e in events
                          if e["event"] == "account_end"], ["ok"])

    def test_a_dry_run_may_believe_but_writes_nothing(self):
        box = self.prepare()
        self.assertOpened(self.sync(box, "--dry-run"))
        self.fill("Work", [plain("one more")])
        before = tree(box.home)
        self.assertOpened(self.sync(box, "--dry-run"), "Work")
        self.assertUntouched(box, before)
        self.assertOpened(self.sync(box), "Work")
        self.assertSame(box, self.pairs())

    def test_one_folder_leaves_the_others_remembered(self):
        box = self.prepare()
        box.sync("-f", "Work")
        self.assertOpened(self.sync(box))

    def test_a_held_folder_is_looked_at_until_it_is_settled(self):
        self.fill("INBOX", many("mail", 40))
        box = self.prepare()
        for message in box.maildir.messages("INBOX"):
            os.unlink(message.path)
        for _ in range(2):
            self.assertOpened(self.sync(box, expect=HELD), "INBOX")
        box.sync("--approve-deletions", "Test:INBOX")
        self.assertSame(box, self.pairs())
        self.settle(box)

    def test_a_window_that_moves_is_never_believed(self):
        for folder in FOLDERS:
            self.fill(folder, many(folder.replace("/", "-"), 2))
        box = self.box(self.user, account={"maxage": "5"})
        for _ in range(3):
            self.assertEqual(skipped(self.sync(box)), [])


class NothingNewWithoutCondstore(NothingNew):

    options = {"capability": NO_CONDSTORE}


class NothingNewWithoutExtensions(NothingNew):

    bare = True


class Connections(Case):

    def test_a_limit_is_remembered(self):
        """What the server has refused is not tried by the next run."""
        fake, sessions = Fake(), []
        names = [f"F{number}" for number in range(8)]

        def greeting(session, tag, rest):
            sessions.append(session)
            if len(sessions) <= 2:
                return False
            session.line("* BYE too many connections")
            raise Gone

        fake.on("GREETING", greeting)
        for name in names:
            fake.mailbox(name, many(name, 3))
        with fake:
            box = self.box(fake, remote={"maxconnections": "5"})
            # who comes after the first refusal does not try at all
            for tried in ({3, 4, 5}, {2}, {2}):
                sessions.clear()
                box.sync()
                self.assertIn(len(sessions), tried)
                # so that the next run has as much to do
                shutil.rmtree(os.path.join(box.metadata, "Account-Test",
                                           "LocalStatus-sqlite"))
        self.assertEqual({len(box.maildir.messages(n)) for n in names}, {3})


if __name__ == "__main__":
    unittest.main()
