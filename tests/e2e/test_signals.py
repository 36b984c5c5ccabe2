"""Signals: stop, stop after, now."""

import signal
import subprocess
import time
import unittest

from support.case import Case, ServerCase, stop_servers
from support.hostile import Fake
from support.mails import large, many, plain
from support.program import INTERRUPTED, OK
from support.proxy import Proxy

# Two seconds are promised; a loaded machine gets more.
SOON = 10


def tearDownModule():
    stop_servers()


class Stalled:
    """A server that stops talking at the given stage."""

    def __init__(self, stage, messages):
        self.fake = Fake()
        self.fake.mailbox("INBOX", messages)
        self.fake.on(stage, self.hook)
        self.reached = False

    def hook(self, session, tag, rest):
        if isinstance(rest, tuple):
            seq, _, items = rest
            if seq < 5 or "BODY" not in items.upper():
                return False
        self.reached = True
        session.until_gone()


class Signals(Case):

    def stop_at(self, stage, number):
        stalled = Stalled(stage, many("in", 30))
        box = self.box(stalled.fake)
        with stalled.fake, box.start() as process:
            while not stalled.reached:
                try:
                    process.popen.wait(0.02)
                    self.fail(f"ended early: {process.finish()}")
                except subprocess.TimeoutExpired:
                    pass
            process.signal(number)
            result = process.finish(SOON)
        return stalled, box, result

    def test_stop_in_every_stage(self):
        """N16: TERM, INT and HUP end it at once, wherever it waits; exit 9;
        no temporary file; the next run completes."""
        for stage in ("GREETING", "LOGIN", "LIST", "SELECT", "MESSAGE"):
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                with self.subTest(stage=stage, number=number):
                    stalled, box, result = self.stop_at(stage, number)
                    if stage == "SELECT" and result.code == OK:
                        continue
                    self.assertExit(result, INTERRUPTED)
                    self.assertEqual(box.maildir.leftovers(), [])
                    again = Fake()
                    again.boxes = stalled.fake.boxes
                    with again:
                        box.account("Test", again)
                        box.sync()
                    self.assertEqual(
                        sorted(m.data for m in
                               box.maildir.messages("INBOX")),
                        sorted(many("in", 30)))

    def test_second_signal(self):
        """A second one does not make it slower."""
        stalled = Stalled("LIST", many("in", 3))
        box = self.box(stalled.fake)
        with stalled.fake, box.start() as process:
            process.wait_for("onnect")
            process.signal(signal.SIGTERM)
            process.signal(signal.SIGTERM)
            while process.read(time.monotonic() + 60):
                pass
            self.assertNotEqual(process.popen.wait(SOON), OK)


class Transfers(ServerCase):

    def test_stop_in_a_transfer(self):
        """N16: in the middle of a large download and a large upload; the
        state is valid, and the next run completes."""
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                self.setUp()
                self.fill("INBOX", many("in", 20, (2000,)))
                self.fill("INBOX", [large("big", 20_000_000)])
                proxy = self.enter(Proxy(self.server.port))
                box = self.box(self.user, port=proxy.port)
                box.maildir.make("Up")
                box.maildir.add("Up", large("up", 20_000_000))
                proxy.hold_after(up=1_000_000)
                with box.start() as process:
                    process.wait_for("Copy message")
                    process.signal(number)
                    result = process.finish(SOON)
                self.assertExit(result, INTERRUPTED, OK)
                self.assertEqual(box.maildir.leftovers(), [])
                proxy.release()
                proxy.drain()
                for _ in range(2):
                    box.sync()
                self.assertSame(box, ["INBOX", "Up"])
                self.assertEqual(len(box.maildir.messages("Up")), 1)
                self.assertQuiet(box)

    def sleeping(self):
        box = self.box(self.user, account={"autorefresh": "60"})
        process = self.enter(box.start(once=False))
        process.wait_for("Finished account 'Test'")
        return box, process

    def test_usr1_wakes(self):
        """USR1: synchronise now; what came meanwhile is there."""
        box, process = self.sleeping()
        for number in (1, 2):
            self.fill("INBOX", [plain(f"now-{number}")])
            process.signal(signal.SIGUSR1)
            process.wait_for("Finished account 'Test'", count=number + 1)
            self.assertSame(box, ["INBOX"])
        process.signal(signal.SIGUSR2)
        self.assertExit(process.finish(SOON), OK)

    def test_usr2_ends_a_sleep(self):
        """USR2 in a sleep: there is nothing to wait for; exit 0."""
        _, process = self.sleeping()
        process.signal(signal.SIGUSR2)
        self.assertExit(process.finish(SOON), OK)

    def test_usr2_ends_after_the_running_sync(self):
        """USR2 in a sync: it is completed first; exit 0."""
        self.fill("INBOX", many("in", 300, (3000,)))
        box = self.box(self.user, account={"autorefresh": "60"})
        with box.start(once=False) as process:
            process.wait_for("Copy message")
            process.signal(signal.SIGUSR2)
            self.assertExit(process.finish(60), OK)
        self.assertSame(box, ["INBOX"])

    def test_term_ends_a_sleep(self):
        """TERM in a sleep: at once."""
        _, process = self.sleeping()
        process.signal(signal.SIGTERM)
        self.assertExit(process.finish(SOON), OK, INTERRUPTED)


if __name__ == "__main__":
    unittest.main()
