"""Many folders over one connection: their commands leave together, and what
goes wrong in one is not felt in the others."""

import re
import unittest

from support.attack import HostileCase
from support.case import ServerCase, stop_servers
from support.hostile import Fake
from support.mails import many, plain
from support.program import OK, PARTIAL
from support.proxy import Proxy

FOLDERS = [f"f{n:02}" for n in range(12)]
ONE = {"maxconnections": "1"}
LISTED = r"flight: \d+ commands of (\d+) folders"


def tearDownModule():
    stop_servers()


class Sharing(ServerCase):

    def filled(self, count=3, **options):
        for name in FOLDERS:
            self.fill(name, many(name, count, sizes=(0, 3000)))
        return self.box(self.user, remote={**ONE, **options.pop(
            "remote", {})}, **options)

    def flights(self, result):
        """For each flight of the folders how many took part."""
        return [int(n) for n in re.findall(LISTED, result.out)]

    def test_the_flights_of_a_first_run_are_shared(self):
        box = self.filled()
        result = box.sync("-d", "imap,thread")
        self.assertSame(box, FOLDERS)
        flights = self.flights(result)
        self.assertIn(len(FOLDERS) + 1, flights)
        self.assertLessEqual(len(flights), 5, flights)

    def test_changes_on_both_sides_of_all_folders_share_flights(self):
        box = self.filled()
        box.sync()
        for name in FOLDERS:
            with self.imap() as imap:
                uids = sorted(imap.messages(name))
                imap.append(name, plain(f"{name}-there"))
            box.maildir.add(name, plain(f"{name}-here"))
        result = box.sync("-d", "imap,thread")
        self.assertSame(box, FOLDERS)
        self.assertLessEqual(len(self.flights(result)), 10)
        self.assertQuiet(box)

    def test_several_connections_share_the_folders(self):
        box = self.filled(remote={"maxconnections": "3"})
        box.sync()
        self.assertSame(box, FOLDERS)
        self.assertQuiet(box)

    def test_a_cut_connection_costs_no_folder(self):
        box = self.filled(count=8)
        with Proxy(self.server.port) as proxy:
            box.option("Repository Rem", remoteport=proxy.port)
            for down in (30_000, 60_000):
                proxy.cut_after(down=down)
            box.sync()
        box.option("Repository Rem", remoteport=self.proxy.port
                   if self.proxy else self.server.port)
        self.assertSame(box, FOLDERS)
        self.assertQuiet(box)


class SharingBare(Sharing):
    bare = True


class Apart(HostileCase):
    """A folder with a fault, among others."""

    def server(self):
        fake = Fake()
        for name in FOLDERS:
            fake.mailbox(name, many(name, 2))
        return fake

    def judge(self, box, but):
        for name in FOLDERS:
            self.assertEqual(len(box.maildir.messages(name)),
                             0 if name == but else 2, name)

    def test_a_folder_that_kills_the_connection_costs_itself(self):
        fake = self.server()

        def kill(session, tag, rest):
            if "f05" in rest:
                session.sock.shutdown(2)
                return True
            return False
        fake.on("SELECT", kill)
        box = self.box(fake, remote=ONE)
        _, result = self.run_against(fake, box)
        self.assertNotEqual(result.code, OK, repr(result))
        self.judge(box, "f05")

    def test_a_folder_that_is_refused_costs_itself(self):
        fake = self.server()

        def refuse(session, tag, rest):
            if "f05" in rest:
                session.send(f"{tag} NO not this one\r\n")
                return True
            return False
        fake.on("SELECT", refuse)
        box = self.box(fake, remote=ONE)
        _, result = self.run_against(fake, box)
        self.assertNotEqual(result.code, OK, repr(result))
        self.judge(box, "f05")

    def test_a_message_that_kills_the_connection_costs_itself(self):
        fake = self.server()
        poison = fake.boxes["f05"].messages[0]

        def kill(session, tag, rest):
            if "BODY" not in rest or session.box is not fake.boxes["f05"]:
                return False
            picked = session.box.pick(rest.split()[0], True)
            if poison not in [message for _, message in picked]:
                return False
            session.sock.shutdown(2)
            return True
        fake.on("UID FETCH", kill)
        box = self.box(fake, remote=ONE)
        _, result = self.run_against(fake, box)
        self.assertEqual(result.code, PARTIAL, repr(result))
        for name in FOLDERS:
            self.assertEqual(len(box.maildir.messages(name)),
                             1 if name == "f05" else 2, name)
        self.assertIn("the connection was lost 2 times at this message",
                      result.out)


if __name__ == "__main__":
    unittest.main()
