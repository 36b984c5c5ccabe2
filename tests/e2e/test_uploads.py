"""Uploads, flags and deletions in few commands, on all kinds of servers.

What one refused message, a dead run or a server without an extension costs is
bounded; nothing is lost, nothing doubled.
"""

import os
import unittest

from support.case import Case, ServerCase, stop_servers
from support.hostile import Fake, Gone
from support.mails import message_id, plain
from support.program import PARTIAL
from support.proxy import Proxy
from support.turns import Turns

_QUOTA = """
mail_plugins = quota
protocol imap {
  mail_plugins = quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_max_mail_size = 60k
}
"""


def tearDownModule():
    stop_servers()


def marks(messages):
    return sorted(message_id(m.data) for m in messages)


def names(numbers):
    return sorted(f"up-{n}@e2e.example.org" for n in numbers)


class OneRefused(ServerCase):
    """N5: the server does not want one message among many."""

    options = {"extra": _QUOTA}
    count = 1000
    most = 40  # APPEND commands of the first run

    def test_the_others_are_uploaded(self):
        proxy = self.proxy or self.enter(Proxy(self.server.port))
        box = self.box(self.user, port=proxy.port)
        box.sync()
        bad = self.count // 2
        for n in range(self.count):
            size = 100_000 if n == bad else 2000
            box.maildir.add("INBOX", plain(f"up-{n}", size), "S")
        before = proxy.seen_up.count(b" APPEND ")
        result = box.sync(expect=PARTIAL)
        sent = proxy.seen_up.count(b" APPEND ") - before
        self.assertLessEqual(sent, self.most)
        self.assertIn("refused message", result.out)
        good = [n for n in range(self.count) if n != bad]
        with self.imap() as imap:
            self.assertEqual(marks(imap.messages("INBOX")), names(good))
        before = proxy.seen_up.count(b" APPEND ")
        box.sync(expect=PARTIAL)
        self.assertEqual(proxy.seen_up.count(b" APPEND ") - before, 1)
        box.maildir.remove("INBOX", f"up-{bad}")
        box.sync()
        self.assertSame(box, ["INBOX"])
        self.assertQuiet(box)


class OneRefusedWithoutMultiappend(OneRefused):
    options = {"extra": _QUOTA,
               "capability": "IMAP4rev1 SASL-IR LITERAL+ UIDPLUS"}
    most = 1000


class OneRefusedWithoutLiteralPlus(OneRefused):
    options = {"extra": _QUOTA, "capability": "IMAP4rev1 UIDPLUS MULTIAPPEND"}
    count = most = 200


class OneRefusedByABareServer(OneRefused):
    bare = True
    count = most = 200


class Halves(Case):
    """MULTIAPPEND is all or nothing (RFC 3502)."""

    def setUp(self):
        super().setUp()
        self.fake = Fake("IMAP4rev1 LITERAL+ UIDPLUS MULTIAPPEND")
        self.inbox = self.fake.mailbox("INBOX")
        self.commands = []

    def store(self, session, tag):
        uids = [self.inbox.add(b"").uid for _ in session.literals]
        for uid, data in zip(uids, session.literals):
            self.inbox.messages[uid - 1].data = data
        told = f"{uids[0]}:{uids[-1]}" if len(uids) > 1 else uids[0]
        session.line(f"{tag} OK [APPENDUID 1 {told}] stored")

    def box_of(self, count):
        box = self.box(self.fake)
        box.sync()
        for n in range(count):
            box.maildir.add("INBOX", plain(f"up-{n}", 500), "S")
        return box

    def assertStored(self, numbers):
        self.assertEqual(marks(self.inbox.messages), names(numbers))

    def test_one_refused_is_found_by_halves(self):
        def append(session, tag, rest):
            self.commands.append(len(session.literals))
            if any(b"<up-77@" in data for data in session.literals):
                session.line(f"{tag} NO one of them is not wanted")
            else:
                self.store(session, tag)
            return True
        self.fake.on("APPEND", append)
        with self.fake:
            box = self.box_of(150)
            result = box.sync(expect=PARTIAL)
            self.assertIn("one of them is not wanted", result.out)
            self.assertStored(n for n in range(150) if n != 77)
            self.assertEqual(self.commands.count(1), 2, self.commands)
            self.assertLess(len(self.commands), 18, self.commands)
            box.sync(expect=PARTIAL)
            self.assertEqual(self.commands[-1], 1)

    def test_what_was_offered_and_is_not_understood(self):
        def append(session, tag, rest):
            if len(session.literals) > 1:
                session.line(f"{tag} BAD too many arguments")
            else:
                self.store(session, tag)
            return True
        self.fake.on("APPEND", append)
        with self.fake:
            box = self.box_of(120)
            box.sync()
            self.assertStored(range(120))

    def test_a_connection_that_dies_of_it(self):
        """Once; then each message is sent alone."""
        def append(session, tag, rest):
            self.commands.append(len(session.literals))
            if len(session.literals) > 1:
                raise Gone()
            self.store(session, tag)
            return True
        self.fake.on("APPEND", append)
        with self.fake:
            box = self.box_of(30)
            box.run()
            box.sync()
            self.assertStored(range(30))
            self.assertEqual(self.commands, [30] + 30 * [1])

    def test_uids_that_do_not_match_are_not_believed(self):
        def append(session, tag, rest):
            uids = [self.inbox.add(b"").uid for _ in session.literals]
            for uid, data in zip(uids, reversed(session.literals)):
                self.inbox.messages[uid - 1].data = data
            told = ",".join(str(uid) for uid in reversed(uids))
            session.line(f"{tag} OK [APPENDUID 1 {told}] stored")
            return True
        self.fake.on("APPEND", append)
        with self.fake:
            box = self.box_of(20)
            box.sync()
            self.assertStored(range(20))
            here = {m.uid: message_id(m.data)
                    for m in box.maildir.messages("INBOX")}
            there = {m.uid: message_id(m.data) for m in self.inbox.messages}
            self.assertEqual(here, there)


class Killed(ServerCase):
    """D8, D10: kill -9 in the middle of a command with many messages."""

    count = 150  # two commands

    def killed(self, up, next_run_first):
        proxy = self.enter(Proxy(self.server.port))
        box = self.box(self.user, port=proxy.port)
        box.sync()
        for n in range(self.count):
            box.maildir.add("INBOX", plain(f"up-{n}", 2000))
        proxy.hold_after(up=up)
        with box.start() as process:
            while process.popen.poll() is None and not proxy.held():
                proxy.moved.wait(0.02)
                proxy.moved.clear()
            process.kill()
        if next_run_first:
            box.sync()
        proxy.release()
        proxy.drain()
        for _ in range(2):
            box.sync()
        with self.imap() as imap:
            self.assertEqual(marks(imap.messages("INBOX")),
                             names(range(self.count)))
        self.assertSame(box, ["INBOX"], killed=True)
        self.assertQuiet(box)

    def test_in_the_first_command_whose_rest_lands_late(self):
        self.killed(100_000, True)

    def test_in_the_second_command_whose_rest_lands_late(self):
        self.killed(270_000, True)

    def test_in_the_second_command_whose_rest_lands_before_the_next_run(self):
        self.killed(270_000, False)


class FourKinds(ServerCase):
    """1,000 changes of flags of four kinds."""

    count = 1000
    kinds = [("", "S"), ("", "F"), ("S", ""), ("", "R")]

    def change(self, box, back):
        where = os.path.join(box.root, "INBOX")
        for m in box.maildir.messages("INBOX"):
            before, after = self.kinds[m.uid % 4]
            base = os.path.basename(m.path).split(":2,")[0]
            os.rename(m.path, os.path.join(
                where, "cur", f"{base}:2,{before if back else after}"))

    def filled(self, port):
        with self.imap() as imap:
            for n in range(self.count):
                imap.append("INBOX", plain(f"up-{n}"),
                            self.kinds[(n + 1) % 4][0])
        box = self.box(self.user, port=port)
        box.sync()
        return box

    def test_are_four_commands(self):
        proxy = self.enter(Proxy(self.server.port))
        box = self.filled(proxy.port)
        self.change(box, False)
        before = proxy.seen_up.count(b" UID STORE ")
        box.sync()
        self.assertEqual(proxy.seen_up.count(b" UID STORE ") - before, 4)
        self.assertSame(box, ["INBOX"])
        self.assertQuiet(box)

    def test_are_three_round_trips_more_than_nothing(self):
        line = self.enter(Turns(self.server.port, rtt=0.1))
        box = self.filled(line.port)
        more = []
        for attempt in range(3):
            line.settle()
            line.reset()
            box.sync()
            line.settle()
            quiet = line.turns
            line.reset()
            self.change(box, attempt % 2 == 1)
            box.sync()
            line.settle()
            more.append(line.turns - quiet)
            if more[-1] <= 3:
                break
        self.assertLessEqual(min(more), 3, more)


class Deletions(ServerCase):
    def test_many_go_in_batches(self):
        """Q14: none of more than 500 messages.  Dovecot 2.3 leaves some at
        the first try, with OK."""
        proxy = self.enter(Proxy(self.server.port))
        with self.imap() as imap:
            for n in range(2200):
                imap.append("INBOX", plain(f"up-{n}"), "S")
        box = self.box(self.user, port=proxy.port)
        box.sync()
        for m in box.maildir.messages("INBOX"):
            if m.uid <= 2100:
                os.unlink(m.path)
        before = proxy.seen_up.count(b" UID EXPUNGE ")
        box.sync("--approve-deletions", "Test:INBOX")
        sent = proxy.seen_up.count(b" UID EXPUNGE ") - before
        self.assertIn(sent, range(5, 11))
        self.assertSame(box, ["INBOX"])
        self.assertQuiet(box)


if __name__ == "__main__":
    unittest.main()
