"""New mail: the hook for it, connections that are held, folders that are
watched."""

import os
import re
import signal
import threading
import unittest

from support.case import Case, ServerCase, plain, stop_servers
from support.hostile import Fake
from support.program import CONFIG, ERROR
from support.proxy import Proxy


def tearDownModule():
    stop_servers()


class NewMail(ServerCase):
    def hooked(self, hook="hook", remote=None, **more):
        box = self.box(self.user, remote={"newmail_hook": hook,
                                          **(remote or {})}, **more)
        self.calls = os.path.join(box.home, "calls")
        path = os.path.join(box.home, "hook.py")
        with open(path, "w") as out:
            out.write(f"def hook():\n open({self.calls!r}, 'a').write('new ')"
                      "\ndef broken():\n raise ValueError('no bell')\n")
        return box.option("general", pythonfile=path)

    def called(self):
        if not os.path.exists(self.calls):
            return ""
        with open(self.calls) as calls:
            return calls.read()

    def test_it_is_called_once_for_a_round_with_new_mail(self):
        self.fill("INBOX", [plain("a"), plain("b")])
        box = self.hooked(account={"postsynchook": "cat calls 1>&2; "
                                   "echo post >>calls"})
        box.sync()
        self.assertEqual(self.called(), "new post\n")
        box.sync()
        self.assertEqual(self.called(), "new post\npost\n")

    def test_what_was_seen_elsewhere_is_not_new(self):
        self.fill("INBOX", [plain("a")], flags="S")
        box = self.hooked()
        box.sync()
        self.assertEqual(self.called(), "")

    def test_other_folders_and_uploads_do_not_count(self):
        self.fill("INBOX", [])
        self.fill("Other", [plain("a")])
        box = self.hooked()
        box.sync()
        box.maildir.add("INBOX", plain("mine"))
        box.sync()
        self.assertEqual(self.called(), "")

    def test_a_dry_run_calls_nothing(self):
        self.fill("INBOX", [plain("a")])
        self.hooked().sync("--dry-run")
        self.assertEqual(self.called(), "")

    def test_a_hook_that_fails_costs_no_mail(self):
        self.fill("INBOX", [plain("a")])
        box = self.hooked("broken")
        result = box.sync(expect=(ERROR, CONFIG))
        self.assertIn("no bell", result.out)
        self.assertSame(box, ["INBOX"])


class Held(ServerCase):
    def looping(self, **remote):
        for n in range(4):
            self.fill(f"F{n}", [plain(f"f{n}")])
        return self.box(self.user, port=self.relay.port,
                        account={"autorefresh": "0.001",
                                 "postsynchook": "echo round done"},
                        remote={"holdconnectionopen": "yes", **remote})

    def setUp(self):
        super().setUp()
        self.relay = self.enter(Proxy(self.server.port))

    def test_held_connections_serve_the_next_rounds(self):
        box = self.looping(maxconnections="2")
        with box.start(once=False) as process:
            process.wait_for("stdout: round done", count=3)
            self.fill("F0", [plain("later")])
            process.wait_for("Copy message", count=5)
            process.wait_for("stdout: round done", count=3 + len(
                re.findall("stdout: round done", process.text)))
            process.popen.terminate()
            result = process.finish()
        self.assertEqual(result.out.count("Establishing connection"), 2)
        self.assertSame(box, [f"F{n}" for n in range(4)])

    def test_without_the_option_each_round_connects(self):
        box = self.looping(holdconnectionopen="no")
        with box.start(once=False) as process:
            process.wait_for("Establishing connection", count=3)
            process.popen.terminate()
            process.finish()

    def test_a_held_connection_that_was_lost_is_replaced(self):
        box = self.looping()
        with box.start(once=False) as process:
            process.wait_for("stdout: round done", count=2)
            self.relay.cut_now()
            process.wait_for("Establishing connection", count=2)
            done = len(re.findall("stdout: round done", process.text))
            process.wait_for("stdout: round done", count=done + 2)
            process.popen.terminate()
            process.finish()
        self.assertSame(box, [f"F{n}" for n in range(4)])

    def test_one_run_holds_nothing(self):
        box = self.looping()
        box.sync()
        self.relay.drain()


class KeepAlive(Case):
    def test_there_are_signs_of_life_during_the_sleep(self):
        fake = Fake()
        fake.mailbox("INBOX", [plain("a")])
        alive = threading.Event()
        fake.on("NOOP", lambda *args: fake.names().count("NOOP") > 1
                and alive.set())
        with fake:
            box = self.box(fake, account={"autorefresh": "60"}, remote={
                "holdconnectionopen": "yes", "keepalive": "1"})
            with box.start(once=False) as process:
                self.assertTrue(alive.wait(60))
                process.popen.terminate()
                process.finish()
        self.assertEqual(fake.names().count("LOGIN"), 1)


class Watched(ServerCase):
    def watching(self, folders, port=None, **remote):
        self.fill("INBOX", [plain("first")])
        return self.box(self.user, port=port, account={
            "autorefresh": "60",
            "postsynchook": "echo after $OFFLINEIMAPSYNCMODE"},
            remote={"idlefolders": folders, **remote})

    def rounds(self, process, count):
        process.wait_for("stdout: after idle", count=count)

    def finish(self, process):
        process.popen.terminate()
        return process.finish(30)

    def test_new_mail_comes_while_the_account_sleeps(self):
        box = self.watching("['INBOX']")
        with box.start(once=False) as process:
            self.rounds(process, 1)
            self.fill("INBOX", [plain("second")])
            self.rounds(process, 2)
            self.assertSame(box, ["INBOX"])
            self.fill("INBOX", [plain("third")])
            self.rounds(process, 3)
            self.assertSame(box, ["INBOX"])
            result = self.finish(process)
        self.assertEqual(result.out.count("stdout: after full"), 1)

    def test_only_the_folder_with_news_is_synchronised(self):
        self.fill("Other", [plain("o1")])
        box = self.watching("['INBOX']")
        with box.start(once=False) as process:
            self.rounds(process, 1)
            self.fill("Other", [plain("o2")])
            self.fill("INBOX", [plain("second")])
            self.rounds(process, 2)
            self.finish(process)
        self.assertEqual(len(box.maildir.messages("INBOX")), 2)
        self.assertEqual(len(box.maildir.messages("Other")), 1)

    def test_flags_and_deletions_are_news(self):
        box = self.watching("['INBOX']")
        uids = self.fill("INBOX", [plain("second")])
        with box.start(once=False) as process:
            self.rounds(process, 1)
            with self.imap() as imap:
                imap.flag("INBOX", uids, "+", "F")
            self.rounds(process, 2)
            self.assertSame(box, ["INBOX"])
            with self.imap() as imap:
                imap.remove("INBOX", uids)
            process.wait_for("Deleting")
            self.rounds(process, 3)
            self.assertSame(box, ["INBOX"])
            self.finish(process)

    def test_several_folders_and_names_with_quotes(self):
        self.fill("Sent Mail", [plain("s1")])
        self.fill("B&AOQ-r", [plain("b1")])
        box = self.watching("['\"Sent Mail\"', 'INBOX', 'B&AOQ-r']")
        box.option("Account Test", utf8foldernames="yes")
        with box.start(once=False) as process:
            self.rounds(process, 3)
            for n, name in enumerate(("Sent Mail", "INBOX", "B&AOQ-r")):
                self.fill(name, [plain(f"more-{n}")])
                process.wait_for("Copy message", count=4 + n)
            self.rounds(process, 6)
            self.finish(process)
        self.assertSame(box, {"Sent Mail": "Sent Mail", "INBOX": "INBOX",
                              "B&AOQ-r": "B\u00e4r"})

    def test_a_lost_connection_is_opened_again(self):
        relay = self.enter(Proxy(self.server.port))
        box = self.watching("['INBOX']", port=relay.port)
        with box.start(once=False) as process:
            self.rounds(process, 1)
            relay.cut_now()
            self.fill("INBOX", [plain("second")])
            process.wait_for("not watched for now")
            self.rounds(process, 2)
            self.assertSame(box, ["INBOX"])
            self.fill("INBOX", [plain("third")])
            self.rounds(process, 3)
            self.assertSame(box, ["INBOX"])
            self.finish(process)

    def test_mail_for_the_hook_is_told(self):
        box = self.watching("['INBOX']", newmail_hook="hook")
        path = os.path.join(box.home, "e.py")
        with open(path, "w") as out:
            out.write("def hook():\n open('bell', 'a').write('!')\n")
        box.option("general", pythonfile=path)
        with box.start(once=False) as process:
            self.rounds(process, 1)
            self.fill("INBOX", [plain("second")])
            self.rounds(process, 2)
            self.finish(process)
        with open(os.path.join(box.home, "bell")) as bell:
            self.assertEqual(bell.read(), "!!")

    def test_folders_that_are_not_there_are_warned_about(self):
        self.fill("Other", [plain("o")])
        box = self.watching("['None', 'Other']")
        box.option("Repository Rem",
                   folderfilter="lambda name: name != 'Other'")
        with box.start(once=False) as process:
            process.wait_for("'None' cannot be watched")
            process.wait_for("'Other' is no folder that is synchronised")
            self.finish(process)

    def test_a_bad_list_is_told_and_rounds_go_on(self):
        box = self.watching("nothing + 1")
        with box.start(once=False) as process:
            process.wait_for("idlefolders.*nothing")
            self.finish(process)
        self.assertSame(box, ["INBOX"])

    def test_a_wake_up_still_means_a_whole_round(self):
        box = self.watching("['INBOX']")
        with box.start(once=False) as process:
            self.rounds(process, 1)
            process.signal(signal.SIGUSR1)
            process.wait_for("stdout: after full", count=2)
            self.finish(process)

    def test_a_gentle_end_does_not_wait_for_the_server(self):
        box = self.watching("['INBOX']")
        with box.start(once=False) as process:
            self.rounds(process, 1)
            process.signal(signal.SIGUSR2)
            self.assertEqual(process.finish(30).code, 0)

    def test_without_autorefresh_nothing_is_watched(self):
        box = self.watching("['INBOX']")
        box.option("Account Test", autorefresh=None)
        result = box.sync(once=False)
        self.assertEqual(result.out.count("Establishing connection"), 1)


class NoIdle(Case):
    def test_a_server_without_idle_is_asked_by_the_clock(self):
        fake = Fake()
        box_there = fake.mailbox("INBOX", [plain("a")])
        told = []

        def noop(session, tag, rest):
            """Each connection is told, the held one too."""
            if session.box is box_there and session not in told:
                if not told:
                    box_there.add(plain("b"))
                told.append(session)
                session.line("* 2 EXISTS")
            return False

        fake.on("NOOP", noop)
        with fake:
            box = self.box(fake, account={"autorefresh": "60"}, remote={
                "idlefolders": "['INBOX']", "keepalive": "1"})
            with box.start(once=False) as process:
                process.wait_for("has no IDLE")
                process.wait_for("Copy message", count=2)
                process.popen.terminate()
                process.finish(30)


if __name__ == "__main__":
    unittest.main()
