"""Servers that allow so many connections and no more, whatever account they
are of."""

import contextlib
import os
import shutil
import socket
import threading
import unittest

from support.case import Case, ServerCase, stop_servers
from support.hostile import Fake, Gone
from support.judge import Maildir, multiset
from support.mails import many
from support.program import OK
from support.proxy import Proxy

FOLDERS = ["INBOX"] + [f"F{number}" for number in range(11)]
ESTABLISHED = 1  # of tcp_info


def tearDownModule():
    stop_servers()


class Gate(Proxy):
    """Refuses each connection when there are as many as it allows."""

    def __init__(self, port, most):
        self.most = most
        self.change = threading.Condition()
        self.begin()
        super().__init__(port, self._hold)

    def begin(self, together=0, until=None):
        """Counts anew.  The first so many get no word before they are all
        there.  until: nobody gets a message before that is true."""
        with self.change:
            self.together, self.until = together, until
            self.admitted = self.refused = self.peak = 0
            self.busy = set()  # those that ask for messages

    def is_full(self):
        return self.refused > 0 and len(self.busy) >= self.most

    def open(self):
        """Those that the client has not closed, even where that was not
        read yet."""
        with self.lock:
            links = list(self.links)
        return sum(link.client.fileno() >= 0 and link.client.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED
            for link in links)

    def admits(self, client):
        count = self.open()
        if count >= self.most:
            with contextlib.suppress(OSError):
                client.sendall(b"* BYE [LIMIT] Too many connections\r\n")
                client.shutdown(socket.SHUT_WR)
                client.settimeout(60)
                while client.recv(4096):
                    pass
        with self.change:
            self.peak = max(self.peak, min(count + 1, self.most))
            self.admitted += count < self.most
            self.refused += count >= self.most
            self.change.notify_all()
        return count < self.most

    def _hold(self, lines):
        """In the thread of one link."""
        with self.change:
            self._await(lambda: self.admitted >= self.together)
            if self.until and b" FETCH (" in lines:
                self.busy.add(threading.get_ident())
                self.change.notify_all()
                self._await(self.until)
        return lines

    def await_busy(self, count):
        with self.change:
            self._await(lambda: len(self.busy) >= count)

    def _await(self, condition):
        if not self.change.wait_for(condition, 60):
            raise OSError("what is waited for does not come")


class TwoAccounts(ServerCase):
    """Of one host that allows four connections."""

    def setUp(self):
        super().setUp()
        self.gate = self.enter(Gate(self.server.port, 4))
        self.users = {"Test": self.user, "Two": self.server.user()}
        self.both = Case.box(self)
        self.both.option("general", maxsyncaccounts="2")
        for name, self.user in self.users.items():
            for folder in FOLDERS:
                self.fill(folder, many(name + folder, 3))
            self.both.account(name, self.user, port=self.gate.port,
                              remote={"maxconnections": "5"})
        self.memory = os.path.join(self.both.metadata, "offlineimap-hosts")

    def remembered(self):
        with open(self.memory, encoding="utf-8") as file:
            return file.read()

    def sync(self, **how):
        self.gate.begin(**how)
        result = self.both.sync()
        self.assertLessEqual(self.gate.peak, 4)
        self.assertBothSame()
        return result

    def assertBothSame(self):
        for name, user in self.users.items():
            root = self.both.root + ("" if name == "Test" else name)
            with self.imap(user) as imap:
                for folder in FOLDERS:
                    self.assertEqual(
                        multiset(imap.messages(folder)),
                        multiset(Maildir(root).messages(folder)))

    def forget(self):
        """So that the next run has as much to do."""
        for name in self.users:
            shutil.rmtree(os.path.join(self.both.metadata, "Account-" + name,
                                       "LocalStatus-sqlite"))

    def test_share_what_the_host_allows(self):
        result = self.sync(together=2, until=self.gate.is_full)
        self.assertIn("going on with fewer connections", result.out)
        self.assertGreater(self.gate.refused, 0)
        self.assertRegex(self.remembered(), r"\Aofflineimap hosts 1\n4 \d+ "
                         rf"127\.0\.0\.1:{self.gate.port}\n\Z")

        for _ in range(2):
            self.forget()
            result = self.sync()
            self.assertEqual(self.gate.refused, 0, repr(result))
            self.assertGreaterEqual(self.gate.admitted, 4)
            self.assertRegex(self.remembered(), r"\n4 1\d 127\.")

        for lose in (os.remove, lambda path: os.truncate(path, 9)):
            self.forget()
            lose(self.memory)
            self.sync(together=2)

    def test_a_place_is_kept_for_the_one_that_comes_late(self):
        late = os.path.join(self.both.home, "late")
        os.mkfifo(late)
        self.both.option("Account Two", presynchook="cat " + late)
        os.mkdir(self.both.metadata, 0o700)
        with open(self.memory, "w", encoding="utf-8") as file:
            file.write("offlineimap hosts 1\n"
                       f"4 20 127.0.0.1:{self.gate.port}\n")
        self.gate.begin(until=lambda: self.gate.admitted >= 4)
        with self.both.start() as process:
            self.gate.await_busy(3)
            with open(late, "wb"):
                pass
            result = process.finish()
        self.assertExit(result, OK)
        self.assertEqual(self.gate.refused, 0, repr(result))
        self.assertBothSame()

    def test_each_has_one_where_the_host_allows_no_more(self):
        self.gate.most = 2
        self.sync(together=2)
        self.forget()
        result = self.sync()
        self.assertEqual(self.gate.refused, 0, repr(result))


class OneAccount(Case):

    def test_a_dry_run_remembers_nothing(self):
        fake, count = Fake(), 0

        def greeting(session, tag, rest):
            nonlocal count
            count += 1
            if count == 1:
                return False
            session.line("* BYE too many connections")
            raise Gone

        fake.on("GREETING", greeting)
        for name in FOLDERS:
            fake.mailbox(name, many(name, 3))
        with fake:
            box = self.box(fake, remote={"maxconnections": "3"})
            result = box.sync("--dry-run")
        self.assertIn("going on with fewer connections", result.out)
        self.assertGreater(count, 1)
        self.assertFalse(os.path.exists(box.metadata))


if __name__ == "__main__":
    unittest.main()
