"""--dry-run: the list of all that a real run would do, and nothing else.

Each test makes a situation, asks what would be done, sees that nothing was,
and runs: the operations must be the same, one by one (N11).
"""

import os
import re
import unittest

from support.case import ServerCase, stop_servers
from support.events import of_kind, operations, read
from support.judge import tree
from support.mails import many, plain
from support.program import HELD, OK, PARTIAL
from support.proxy import Proxy
from test_window import write_legacy


def tearDownModule():
    stop_servers()


class DryRun(ServerCase):

    def everything(self):
        """The server's side: messages, flags and UIDNEXT, without opening
        anything for change."""
        with self.imap() as imap:
            return {name: (imap.status(name, "UIDNEXT", "MESSAGES",
                                       "UNSEEN", "RECENT", "UIDVALIDITY"),
                           imap.messages(name)) for name in imap.folders()}

    def disk(self, box):
        """All of the disk but the time of the lock, which is taken."""
        return {path: state for path, state in tree(box.top).items()
                if not path.endswith("Test.lock")}

    def assertExact(self, box, *args, expect=OK, some=True):
        """A dry run tells what the next run does; returns it."""
        there, here = self.everything(), self.disk(box)
        dry = box.sync("--dry-run", *args, ui="json", expect=expect)
        self.assertEqual(there, self.everything(), repr(dry))
        self.assertEqual(here, self.disk(box), repr(dry))
        told = read(dry.out)
        self.assertEqual(of_kind(told, "file"), [])
        for event in of_kind(told, "plan", "copy", "delete", "flags",
                             "folder_create"):
            self.assertTrue(event["dry_run"], event)
        real = box.sync(*args, ui="json", expect=expect)
        done = read(real.out)
        for event in of_kind(done, "plan", "copy", "delete", "flags",
                             "folder_create"):
            self.assertFalse(event["dry_run"], event)
        self.assertEqual(operations(told), operations(done),
                         f"{dry}\n{real}")
        if some:
            self.assertTrue(operations(done), repr(real))
        return operations(done)

    def test_before_the_first_sync(self):
        """Folders of both sides, nested ones too, and their mail."""
        self.fill("INBOX", many("in", 5), "S")
        self.fill("Work/deep/er", many("w", 3))
        box = self.box(self.user)
        box.maildir.make("Mine")
        box.maildir.add("Mine", plain("mine"), "FS")
        box.maildir.make("Mine.sub")
        done = self.assertExact(box)
        self.assertIn(("folder_create", "Rem", "Mine/sub"), done)
        self.assertIn(("folder_create", "Loc", "Work.deep.er"), done)
        self.assertIn(("copy", -1, "Loc", "Mine", "Rem", "Mine"), done)
        self.assertExact(box, some=False)

    def test_nothing_is_made_on_the_disk(self):
        """No directory, no state, not even a lock; INBOX stays recent."""
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        proxy = self.enter(Proxy(self.server.port))
        box.account("Test", self.user, port=proxy.port)
        box.sync("--dry-run")
        self.assertEqual(os.listdir(box.home), [".offlineimaprc"])
        sent = re.findall(rb"(?m)^\S+ (?:UID )?([A-Z]+)",
                          bytes(proxy.seen_up))
        self.assertFalse({b"SELECT", b"STORE", b"APPEND", b"CREATE",
                          b"EXPUNGE", b"DELETE", b"SUBSCRIBE", b"MOVE",
                          b"COPY"} & set(sent), sent)

    def prepared(self, count=40, **options):
        self.fill("INBOX", many("in", count), "S")
        self.fill("Work", many("w", 5))
        box = self.box(self.user, **options)
        box.sync()
        return box

    def change(self, box):
        """Something of each kind on both sides, some of it twice."""
        for name in ("up", "up2"):
            box.maildir.add("INBOX", plain(name), "S")
        box.maildir.remove("INBOX", "in-3", "in-7")
        box.maildir.flag("INBOX", "in-4", "FRS")
        box.maildir.flag("INBOX", "in-5", "")
        with self.imap() as imap:
            imap.append("Work", plain("down"), "F")
            imap.append("INBOX", plain("down2"))
            imap.remove("INBOX", [7, 8, 9])
            imap.flag("INBOX", [4, 10, 11, 12], "+", "F")
            imap.flag("INBOX", [13], "-", "S")
            imap.flag("Work", [1, 2, 3], "+", "RS")

    def test_changes_on_both_sides(self):
        box = self.prepared()
        self.change(box)
        done = self.assertExact(box)
        kinds = {key[0] for key in done}
        self.assertEqual(kinds, {"copy", "delete", "flags"})
        self.assertSame(box, ["INBOX", "Work"])
        self.assertExact(box, some=False)

    def test_options_that_leave_things_out(self):
        """Each side's rules are those of the real run."""
        for local, remote in (({"readonly": "yes"}, {}),
                              ({}, {"readonly": "yes"}),
                              ({"sync_deletes": "no"}, {}),
                              ({}, {"sync_deletes": "no"}),
                              ({}, {"expunge": "no"}),
                              ({"createfolders": "no"}, {}),
                              ({}, {"createfolders": "no"})):
            with self.subTest(local=local, remote=remote):
                self.user = self.server.user()
                box = self.prepared()
                box.option("Repository Loc", **local)
                box.option("Repository Rem", **remote)
                self.change(box)
                box.maildir.make("Mine")
                with self.imap() as imap:
                    imap.create("Theirs")
                self.assertExact(box, expect=(OK, PARTIAL))

    def test_windows_and_messages_left_out(self):
        """maxage, maxsize, customflag letters: what is not synchronised is
        in neither list."""
        old = "01-Jan-2020 12:00:00 +0000"
        for account, local in (({"maxage": 5}, {}), ({"maxsize": 3000}, {}),
                               ({}, {"customflag_a": "Todo"})):
            with self.subTest(account=account, local=local):
                self.user = self.server.user()
                self.fill("INBOX", many("in", 20), "S")
                self.fill("Work", many("w", 5))
                box = self.box(self.user, account=account, local=local)
                self.assertExact(box)
                self.change(box)
                with self.imap() as imap:
                    imap.append("INBOX", plain("old"), "", f'"{old}"')
                    imap.append("INBOX", plain("big", 9000))
                    imap.flag("INBOX", [1], "+", ["Todo"])
                box.maildir.add("INBOX", plain("bigger", 9000))
                self.assertExact(box, expect=(OK, PARTIAL))

    def test_state_of_an_old_release(self):
        """Plain text is read, and not taken over before the real run."""
        box = self.prepared()
        write_legacy(box, 2)
        self.change(box)
        self.assertExact(box)

    def test_the_list_of_mailboxes(self):
        """[mbnames] is said, not written."""
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        with open(box.config, "a", encoding="utf-8") as config:
            config.write("[mbnames]\nenabled = yes\nfilename = ~/boxes\n"
                         "header = 'mailboxes '\nperitem = '%(foldername)s'"
                         "\nsep = ' '\nfooter = '\\n'\n")
        self.assertExact(box)
        self.assertTrue(os.path.exists(os.path.join(box.home, "boxes")))

    def test_quick(self):
        """What is skipped is skipped in both."""
        box = self.prepared()
        box.maildir.add("INBOX", plain("up"))
        with self.imap() as imap:
            imap.flag("Work", [1], "+", "F")
        done = self.assertExact(box, "-q")
        self.assertEqual({key[0] for key in done}, {"copy"})

    def test_held_deletions(self):
        """Held in both, and done in both when approved."""
        box = self.prepared()
        box.maildir.remove("INBOX", *[f"in-{n}" for n in range(5, 36)])
        box.maildir.add("INBOX", plain("up"))
        done = self.assertExact(box, expect=HELD)
        self.assertIn(("held", "Rem", "INBOX", 31), done)
        done = self.assertExact(box, "--approve-deletions", "Test:INBOX")
        self.assertEqual(sum(done.values()), 31)

    def test_uidvalidity_changed(self):
        """Paired by content: what is left is copied."""
        box = self.prepared()
        with self.imap() as imap:
            imap.delete_folder("Work")
            imap.create("Work")
            imap.append("Work", plain("new"))
            for data in many("w", 5)[:3]:
                imap.append("Work", data)
        self.assertExact(box)
        self.assertSame(box, ["INBOX", "Work"])

    def test_a_folder_is_gone_on_one_side(self):
        box = self.prepared()
        with self.imap() as imap:
            imap.delete_folder("Work")
        done = self.assertExact(box)
        self.assertIn(("folder_create", "Rem", "Work"), done)
        self.assertSame(box, ["INBOX", "Work"])

    def killed_while_sending(self):
        """A run dies with its uploads on the wire; the box behind the
        relay."""
        proxy = self.proxy or self.enter(Proxy(self.server.port))
        box = self.box(self.user, port=proxy.port)
        self.fill("INBOX", many("in", 3))
        box.sync()
        for n in range(12):
            box.maildir.add("INBOX", plain(f"up-{n}", 4000), "S")
        proxy.hold_after(up=30_000)
        with box.start() as process:
            while process.popen.poll() is None and not proxy.held():
                proxy.moved.wait(0.02)
                proxy.moved.clear()
            process.kill()
        return proxy, box

    def test_after_a_kill_that_sent_all(self):
        """What a dead session stored is found, not sent again."""
        proxy, box = self.killed_while_sending()
        proxy.release()
        proxy.drain()
        self.assertExact(box, some=False)
        self.assertSame(box, ["INBOX"], killed=True)
        self.assertEqual(len(box.maildir.messages("INBOX")), 15)

    def test_after_a_kill_that_sent_a_part(self):
        """What never arrived is sent, and only that."""
        proxy, box = self.killed_while_sending()
        for link in proxy.links:
            link.held.clear()
        proxy.release()
        proxy.drain()
        done = self.assertExact(box)
        self.assertLessEqual(len(done), 12)
        self.assertSame(box, ["INBOX"], killed=True)
        self.assertEqual(len(box.maildir.messages("INBOX")), 15)

    def test_a_second_copy_is_told(self):
        """A straggler that lands late is removed by both lists."""
        proxy, box = self.killed_while_sending()
        box.run()
        proxy.release()
        proxy.drain()
        done = self.assertExact(box, some=False)
        self.assertFalse([key for key in done if key[0] == "copy"], done)
        self.assertSame(box, ["INBOX"], killed=True)
        self.assertEqual(len(box.maildir.messages("INBOX")), 15)

    def test_text_and_machineui_tell_the_same(self):
        """[DRYRUN] in front of each sentence; machineui as OfflineIMAP,
        without."""
        box = self.prepared()
        self.change(box)
        box.maildir.make("Mine")
        text = box.sync("--dry-run").out
        lines = re.findall(r"(?m)^.*(?:Copy message|Deleting|Adding flag|"
                           r"Creating folder).*$", text)
        self.assertTrue(lines)
        for line in lines:
            self.assertTrue(line.startswith("[DRYRUN] "), line)
        real = box.sync().out
        done = re.findall(r"(?m)^.*(?:Copy message|Deleting|Adding flag|"
                          r"Creating folder).*$", real)
        self.assertEqual(sorted(line[9:] for line in lines), sorted(done))


class DryRunBare(DryRun):
    """The same against a server that tells no new UIDs."""

    bare = True

    test_nothing_is_made_on_the_disk = None
    test_options_that_leave_things_out = None
    test_windows_and_messages_left_out = None
    test_state_of_an_old_release = None
    test_the_list_of_mailboxes = None


if __name__ == "__main__":
    unittest.main()
