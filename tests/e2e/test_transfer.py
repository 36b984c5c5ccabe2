"""Downloads of much mail: what comes first, several connections for one
folder, and going on where it stopped."""

import collections
import json
import os
import re
import signal
import socket
import unittest

from support.case import ServerCase, stop_servers
from support.mails import many, plain
from support.program import INTERRUPTED, OK
from support.proxy import Proxy

MANY = 3500


def tearDownModule():
    stop_servers()


def fill_many(user, folder, count, size=200):
    """Many small messages, in few commands (RFC 3502)."""
    with socket.create_connection((user.host, user.port)) as sock:
        stream = sock.makefile("rwb")

        def call(command):
            stream.write(b"x " + command + b"\r\n")
            stream.flush()
            while not (line := stream.readline()).startswith(b"x "):
                if not line:
                    raise AssertionError("the server has gone")
            if b"x OK" not in line:
                raise AssertionError(line)

        stream.readline()
        call(f'LOGIN "{user.name}" "{user.password}"'.encode())
        for start in range(0, count, 500):
            command = [f"APPEND {folder}".encode()]
            for n in range(start, min(start + 500, count)):
                text = plain(f"{folder}-{n}", size).replace(b"\r\n", b"\n")
                text = text.replace(b"\n", b"\r\n")
                command += [b" {%d+}\r\n" % len(text), text]
            call(b"".join(command))


def copied(out):
    """UIDs in the order told."""
    return [int(uid) for uid in re.findall(r"Copy message UID (\d+)", out)]


class Order(ServerCase):

    def test_inbox_is_the_first_folder(self):
        for name in ("Archive", "INBOX", "Alpha"):
            self.fill(name, many(name, 2))
        result = self.box(self.user).sync()
        self.assertEqual(re.findall(r"Syncing (\S+): IMAP", result.out)[0],
                         "INBOX", result.out)

    def test_then_those_with_few_new_messages(self):
        counts = {"Alpha": 9, "Beta": 3, "INBOX": 20, "Gamma": 6}
        for name in counts:
            self.fill(name, many(name, 2))
        box = self.box(self.user)
        box.sync()
        for name, count in counts.items():
            self.fill(name, many(name + "-more", count))
        begun = re.findall(r"Syncing (\S+): IMAP", box.sync().out)
        self.assertEqual(begun, ["INBOX", "Beta", "Gamma", "Alpha"])
        self.assertSame(box, list(counts))

    def test_the_newest_messages_come_first(self):
        fill_many(self.user, "INBOX", 700)
        box = self.box(self.user)
        uids = copied(box.sync().out)
        self.assertEqual(sorted(uids), list(range(1, 701)))
        self.assertEqual(set(uids[:200]), set(range(501, 701)))
        self.assertEqual(set(uids[-100:]), set(range(1, 101)))
        self.assertSame(box, ["INBOX"])

    def test_of_the_newest_the_big_ones_come_last(self):
        fill_many(self.user, "INBOX", 600)
        big = self.fill("INBOX", [plain("big", 1500000), plain("small")])[0]
        box = self.box(self.user)
        self.assertEqual(copied(box.sync().out)[-1], big)
        self.assertSame(box, ["INBOX"])

    def test_a_folder_asked_for_by_command_comes_first(self):
        names = ["INBOX", "Alpha", "Beta", "Gamma"]
        for name in names:
            self.fill(name, many(name, 2))
        box = self.box(self.user, account={"autorefresh": 10})
        read, write = os.pipe()
        with box.start(ui="json", once=False, stdin=read) as process:
            os.close(read)
            process.wait_for(r'"event":"sleeping"')
            for name in names:
                self.fill(name, [plain(name + "-more")])
            os.write(write, b'{"command":"first","account":"Test",'
                     b'"folder":"Beta"}\n{"command":"sync"}\n')
            process.wait_for(r'"event":"account_end"', count=2)
            process.signal(signal.SIGTERM)
            result = process.finish()
            os.close(write)
        events = [json.loads(line) for line in result.out.splitlines()
                  if line.startswith("{")]
        begun = [event["folder"] for event in events
                 if event["event"] == "folder_start"]
        self.assertEqual(begun[:4], ["INBOX", "Alpha", "Beta", "Gamma"])
        self.assertEqual(begun[4], "Beta", begun)
        self.assertSame(box, names)


class Several(ServerCase):
    """Connections that share one folder."""

    def big_box(self):
        fill_many(self.user, "INBOX", MANY)
        return self.box(self.user, remote={"maxconnections": 3})

    def assertEachOnce(self, box):
        self.assertSame(box, ["INBOX"])
        names = [name for part in ("new", "cur")
                 for name in os.listdir(os.path.join(box.root, "INBOX",
                                                     part))]
        uids = collections.Counter(
            re.search(r",U=(\d+),", name).group(1) for name in names)
        self.assertEqual(len(uids), MANY)
        self.assertEqual(set(uids.values()), {1})
        unique = {name.split(",")[0] for name in names}
        self.assertEqual(len(unique), MANY)

    def test_idle_connections_help_with_a_big_folder(self):
        box = self.big_box()
        result = box.sync("-d", "thread")
        self.assertIn("helps with folder INBOX", result.out)
        told = re.findall(rf"Copy message UID (\d+) \((\d+)/{MANY}\)",
                          result.out)
        self.assertEqual(sorted(int(uid) for uid, _ in told),
                         list(range(1, MANY + 1)))
        self.assertEqual(sorted(int(n) for _, n in told),
                         list(range(1, MANY + 1)))
        self.assertEachOnce(box)
        self.assertQuiet(box)

    def test_one_thread_or_one_connection_has_no_help(self):
        box = self.big_box()
        result = box.sync("-1", "-d", "thread")
        self.assertNotIn("helps with", result.out)
        self.assertEachOnce(box)

    def test_a_server_that_refuses_more_connections(self):
        box = self.big_box()
        with Proxy(self.user.port) as proxy:
            box.option("Repository Rem", remoteport=proxy.port)
            refuse_after_first(proxy)
            result = box.sync()
        self.assertIn("going on with fewer connections", result.out)
        box.option("Repository Rem", remoteport=self.user.port)
        self.assertEachOnce(box)
        self.assertQuiet(box)

    def test_a_stop_in_the_middle_keeps_what_was_delivered(self):
        box = self.big_box()
        with box.start() as process:
            process.wait_for(r"Copy message UID \d+ \(700/")
            process.signal(signal.SIGTERM)
            result = process.finish()
        self.assertIn(result.code, (INTERRUPTED, OK), repr(result))
        first = len(box.maildir.messages("INBOX"))
        second = copied(box.sync().out)
        self.assertEqual(first + len(second), MANY)
        self.assertEachOnce(box)
        self.assertQuiet(box)

    def test_killed_at_any_time(self):
        box = self.big_box()
        box.option("general", fsync="yes")
        for at in (1, 300, 1500):
            with box.start() as process:
                try:
                    process.wait_for(rf"\({at}/")
                except AssertionError:
                    pass
                process.kill()
        box.sync()
        self.assertSame(box, ["INBOX"], killed=True)
        self.assertEqual(len(box.maildir.messages("INBOX")), MANY)
        self.assertQuiet(box)


def refuse_after_first(proxy):
    """Further connections meet a port that is closed."""
    def rewrite(lines):
        proxy.target = ("127.0.0.1", 9)
        return lines

    proxy.rewrite = rewrite


class Resume(ServerCase):

    def test_the_next_run_asks_only_for_the_rest(self):
        fill_many(self.user, "INBOX", 1000, size=2000)
        box = self.box(self.user)
        with Proxy(self.user.port) as proxy:
            box.option("Repository Rem", remoteport=proxy.port)
            with box.start() as process:
                process.wait_for(r"Copy message UID \d+ \(700/")
                process.kill()
            there = len(box.maildir.messages("INBOX"))
            self.assertGreaterEqual(there, 500)
            before = sum(link.down for link in proxy.links)
            result = box.sync()
            down = sum(link.down for link in proxy.links) - before
        self.assertEqual(len(copied(result.out)), 1000 - there)
        self.assertLess(down, (1000 - there) * 2600 + 150000)
        box.option("Repository Rem", remoteport=self.user.port)
        self.assertSame(box, ["INBOX"], killed=True)
        self.assertQuiet(box)


if __name__ == "__main__":
    unittest.main()
