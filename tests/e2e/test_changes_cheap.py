"""A changed folder costs its changes, on every kind of server, and what a
server says wrongly of its changes deletes nothing."""

import os
import random
import re
import socket
import unittest

from support.attack import HostileCase, say
from support.case import ServerCase, stop_servers
from support.hostile import Fake
from support.mails import many, plain
from support.program import OK
from support.proxy import Proxy

PROFILES = {
    "all": None,
    "no QRESYNC": "IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE NAMESPACE "
                  "UIDPLUS LIST-EXTENDED LIST-STATUS ESEARCH CONDSTORE MOVE",
    "UIDPLUS alone": "IMAP4rev1 UIDPLUS LITERAL+",
    "nothing": "IMAP4rev1",
}
FLAGS = "DFRST"


def tearDownModule():
    stop_servers()


def pour(user, folder, messages):
    """Many messages in one command.  messages: [(data, "\\Seen")]."""
    with socket.create_connection((user.host, user.port)) as sock:
        stream = sock.makefile("rwb")

        def until(tag):
            stream.flush()
            for line in stream:
                if line.startswith(tag):
                    assert b" OK" in line, line
                    return
        stream.write(b'a LOGIN "%s" "%s"\r\n' % (user.name.encode(),
                                                 user.password.encode()))
        until(b"a ")
        stream.write(b'b APPEND "%s"' % folder.encode())
        for data, flags in messages:
            stream.write(b" (%s) {%d+}\r\n" % (flags.encode(), len(data)))
            stream.write(data)
        stream.write(b"\r\n")
        until(b"b ")


class Profile(ServerCase):
    """A server with these capabilities, and a count of what it sends."""

    profile = "all"

    def setUp(self):
        capability = PROFILES[self.profile]
        self.options = {"capability": capability} if capability else {}
        super().setUp()
        self.line = self.enter(Proxy(self.server.port))

    def box(self, user=None, **options):
        options.setdefault("port", self.line.port)
        return super().box(user, **options)

    def bytes_down(self, box):
        """What the server sends in a run."""
        before = len(self.line.links)
        result = box.sync()
        return sum(link.down for link in self.line.links[before:]), result


class Changes:
    """Random changes on both sides, and a look by others."""

    def change_there(self, imap, chance):
        for folder in ("INBOX", "Work"):
            uids = [m.uid for m in imap.messages(folder)]
            chance.shuffle(uids)
            for uid in uids[:3]:
                imap.flag(folder, uid, chance.choice("+-"),
                          chance.choice(FLAGS))
            if len(uids) > 8 and chance.random() < 0.7:
                imap.remove(folder, uids[3])
            if chance.random() < 0.5:
                self.count += 1
                imap.append(folder, plain(f"there{self.count}"),
                            chance.choice(FLAGS))

    def change_here(self, box, chance):
        for folder in ("INBOX", "Work"):
            messages = box.maildir.messages(folder)
            chance.shuffle(messages)
            for message in messages[:3]:
                flags = set(message.flags) ^ {chance.choice(FLAGS)}
                name = re.sub(r"2,[A-Za-z]*$", "2," + "".join(sorted(flags)),
                              os.path.basename(message.path))
                os.rename(message.path, os.path.join(
                    os.path.dirname(os.path.dirname(message.path)), "cur",
                    name))
            if len(messages) > 8 and chance.random() < 0.7:
                os.unlink(box.maildir.messages(folder)[3].path)
            if chance.random() < 0.5:
                self.count += 1
                box.maildir.add(folder, plain(f"here{self.count}"),
                                chance.choice(FLAGS))

    def test_random_changes_arrive_as_with_a_full_comparison(self):
        chance = random.Random(7)
        self.count = 0
        for folder in ("INBOX", "Work"):
            self.fill(folder, many(folder.lower(), 50), "S")
        box = self.box(self.user)
        box.sync()
        self.assertSame(box, ["INBOX", "Work"])
        for _ in range(12):
            side = chance.randrange(3)
            if side != 1:
                with self.imap() as imap:
                    self.change_there(imap, chance)
            if side != 0:
                self.change_here(box, chance)
            sent = len(self.line.seen_up)
            result = box.sync()
            self.assertNotIn(b" 1:4294967295", self.line.seen_up[sent:],
                             "the long way")
            self.assertNotIn("not to be relied upon", result.out)
            self.assertSame(box, ["INBOX", "Work"])
        self.assertQuiet(box)


class ChangesAll(Changes, Profile):
    pass


class ChangesCondstore(Changes, Profile):
    profile = "no QRESYNC"


class ChangesUidplus(Changes, Profile):
    profile = "UIDPLUS alone"


class ChangesBare(Changes, Profile):
    profile = "nothing"


class Big(Profile):
    """What a change of one flag costs in a folder with many messages."""

    count = 2000
    limit = None

    def start(self):
        with self.imap() as imap:
            imap.create("Big")
        pour(self.user, "Big", [
            (plain(f"m{i}"), " ".join(filter(None, [
                "" if i % 30 == 0 else "\\Seen",
                "\\Flagged" if i % 50 == 0 else "",
                "\\Answered" if i % 100 == 0 else ""])))
            for i in range(self.count)])
        box = self.box(self.user)
        box.sync()
        return box

    def check(self, box, change):
        with self.imap() as imap:
            change(imap)
        self.measure(box)

    def measure(self, box, more=0):
        down, result = self.bytes_down(box)
        self.assertLess(down, self.limit + more, repr(result))

    def look(self):
        box = self.start()
        self.check(box, lambda imap: imap.flag("Big", 77, "+", "F"))
        self.check(box, lambda imap: imap.flag("Big", 78, "-", "S"))
        self.check(box, lambda imap: imap.append("Big", plain("new"), "S"))
        # the server is told of a change here, and that costs no list either
        box.maildir.flag("Big", "m200", "F")
        self.measure(box, more=1000)
        self.check(box, lambda imap: imap.flag("Big", 79, "+", "F"))
        return box


class BigAll(Big):
    limit = 2000

    def test_a_change_costs_the_change(self):
        box = self.look()
        self.check(box, lambda imap: imap.remove("Big", 80))
        self.assertSame(box, ["Big"])


class BigCondstore(Big):
    profile = "no QRESYNC"
    limit = 2000

    def test_a_change_costs_the_change(self):
        box = self.look()
        self.check(box, lambda imap: imap.remove("Big", 80))
        self.assertSame(box, ["Big"])


class BigSets(Big):
    """1.5 bytes a message where a list takes 41."""

    profile = "UIDPLUS alone"
    count = 5000
    limit = 7500

    def test_a_change_costs_the_sets_of_exceptions(self):
        self.assertSame(self.look(), ["Big"])


class Liar(HostileCase):
    """A server that lies about what has changed since the last run, but
    lists its messages truly when it is asked for all of them."""

    count = 30
    # the EXISTS that comes with it, what is told, whether it is a lie that
    # can be proven
    lies = {
        "some vanished": (30, "* VANISHED (EARLIER) 3,5:7\r\n", True),
        "some vanished, and a count to it":
            (26, "* VANISHED (EARLIER) 3,5:7\r\n", True),
        "most vanished, and a count to it":
            (4, "* VANISHED (EARLIER) 5:4294967295\r\n", True),
        "all vanished": (0, "* VANISHED (EARLIER) 1:4294967295\r\n", True),
        "rubbish": (30, "* VANISHED (EARLIER) 1:*\r\n", True),
        "more rubbish": (30, "* VANISHED (EARLIER) 0:,,9\r\n", True),
        "a message from nowhere":
            (31, "* 31 FETCH (UID 12345 FLAGS (\\Seen))\r\n", False),
        "all of it twice":
            (60, "* VANISHED (EARLIER) 1:30,1:30,7\r\n", True),
        "the count alone": (25, "", False),
    }

    def serve(self, capability="IMAP4rev1 ENABLE CONDSTORE QRESYNC"):
        fake = Fake(capability=capability)
        fake.mailbox("INBOX", [plain(f"m{i}") for i in range(self.count)])
        self.modseq, self.lie = 100, None
        fake.on("ENABLE", say("* ENABLED QRESYNC\r\nTAG OK done\r\n"))
        fake.on("SELECT", self.select)
        return fake

    def select(self, session, tag, rest):
        session.box = box = session.find(tag, rest)
        exists, told = len(box.messages), ""
        if self.lie and "(" in rest:
            exists, told = self.lie
        for line in (f"* {exists} EXISTS", "* FLAGS (\\Seen \\Flagged)",
                     "* OK [PERMANENTFLAGS (\\Seen \\Flagged \\*)] ok",
                     f"* OK [UIDVALIDITY {box.validity}] ok",
                     f"* OK [UIDNEXT {box.next}] ok",
                     f"* OK [HIGHESTMODSEQ {self.modseq}] ok"):
            session.line(line)
        session.send(told)
        session.ok(tag, "[READ-WRITE] selected")
        return True

    def run_twice(self, fake):
        box = self.box(fake)
        with fake:
            result = box.run()
            self.assertEqual(len(box.maildir.messages("INBOX")), self.count,
                             repr(result))
            was = len(fake.commands)
            self.lie, self.modseq = self.telling, 105
            fake.boxes["INBOX"].add(plain("new"))
            result = box.run()
            asked = [rest for name, rest in fake.commands[was:]
                     if name == "SELECT"]
        self.assertTrue(any("(" in rest for rest in asked), asked)
        return box, result

    def test_nothing_is_deleted_on_the_word_of_a_shortcut(self):
        for name, (exists, told, provable) in self.lies.items():
            with self.subTest(name):
                self.telling = (exists, told)
                box, result = self.run_twice(self.serve())
                self.assertEqual(len(box.maildir.messages("INBOX")),
                                 self.count + 1, repr(result))
                self.assertExit(result, OK)
                if provable:
                    self.assertIn("not to be relied upon", result.out)


if __name__ == "__main__":
    unittest.main()
