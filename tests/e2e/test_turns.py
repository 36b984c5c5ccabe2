"""What a run costs, counted in round trips and bytes: properties that seconds
on a machine that is busy cannot show.  Over TLS 1.3, on one connection."""

import os
import signal
import unittest

from support.case import ServerCase, stop_servers
from support.dovecot import PROFILES
from support.mails import many
from support.turns import Turns

COLD = 4   # TCP, TLS, the greeting, and the one flight
TRIES = 3  # a pause of the machine can look like a turn, never hide one


def tearDownModule():
    stop_servers()


def names(count):
    return ["INBOX"] + [f"Folder{n:03}" for n in range(1, count)]


class Turn(ServerCase):
    """Suites on one kind of server; the profiles are subclasses."""

    profile = "full"
    folders = 41
    folder_bytes = 300

    def setUp(self):
        self.options = {"capability": PROFILES[self.profile]}
        super().setUp()

    def prepare(self, folders, messages):
        """A server with so many folders with so many messages, and a line
        to it."""
        self.names = names(folders)
        with self.imap() as imap:
            imap.create(*self.names[1:])
            for name in self.names:
                if messages:
                    imap.append_all(name, [(data, "S") for data in
                                           many(name, messages)])
        self.relay = self.enter(Turns(self.server.tls_port))
        return self.fresh(1)

    def fresh(self, connections):
        """A box that has nothing yet."""
        return self.box(self.user, port=self.relay.port, remote={
            "ssl": "yes", "sslcacertfile": self.server.authority.path,
            "maxconnections": str(connections)})

    def cost(self, box, *args):
        """Turns of one run, all connections together."""
        self.relay.reset()
        self.said = box.sync(*args).out
        self.relay.settle()
        return self.relay.turns

    def settled(self, folders, messages=1):
        """A box with nothing to do.  A second run, since directory times
        that are too fresh are not trusted."""
        box = self.prepare(folders, messages)
        box.sync()
        box.sync()
        return box

    def quiet(self, box):
        """The fewest turns of a run with nothing to do."""
        fewest = self.cost(box)
        for _ in range(TRIES - 1):
            if fewest > COLD:
                fewest = min(fewest, self.cost(box))
        return fewest


class Quiet(Turn):
    def test_nothing_new_costs_one_flight(self):
        self.assertLessEqual(self.quiet(self.settled(self.folders)), COLD,
                             self.said)
        self.assertEqual(self.relay.connections, 1)

    def test_nothing_new_costs_one_turn_on_a_held_connection(self):
        box = self.prepare(self.folders, 1)
        box.option("Account Test", autorefresh="60",
                   postsynchook="echo round done")
        box.option("Repository Rem", holdconnectionopen="yes")
        box.sync()
        costs, before = [], 0
        with box.start(once=False) as process:
            for number in range(1, TRIES + 2):
                process.wait_for("stdout: round done", count=number)
                costs.append(self.relay.turns - before)
                before += costs[-1]
                process.signal(signal.SIGUSR1)
            process.popen.terminate()
            process.finish()
        self.assertLessEqual(min(costs[1:]), 1, costs)

    def test_nothing_new_costs_few_bytes(self):
        box = self.settled(self.folders)
        self.quiet(box)
        size = self.relay.bytes_up + self.relay.bytes_down
        self.assertLess(size, 8000 + self.folder_bytes * self.folders)

    def test_the_number_of_folders_does_not_matter(self):
        self.assertLessEqual(self.quiet(self.settled(500, 0)), COLD)


class QuietWithoutQresync(Quiet):
    profile = "noqresync"
    test_the_number_of_folders_does_not_matter = None  # nothing of its own


class QuietBare(Quiet):
    """Where flags must be asked for, folder by folder."""

    profile = "bare"
    folder_bytes = 800


class First(Turn):
    def test_the_first_synchronisation_is_six_turns(self):
        box = self.prepare(41, 3)
        self.assertLessEqual(self.cost(box), 6)
        self.assertEqual(self.relay.connections, 1)
        self.assertSame(box, self.names)

    def test_more_connections_share_long_waits(self):
        """One folder after the other on each would be twenty turns."""
        self.prepare(41, 3)
        self.relay.rtt = 0.15
        longest = []
        while len(longest) < TRIES and min(longest, default=99) > 12:
            box = self.fresh(3)
            self.cost(box)
            longest.append(self.relay.longest)
        self.assertLessEqual(min(longest), 12)
        self.assertSame(box, self.names)

    def test_what_it_fetched_is_not_looked_at_again(self):
        box = self.prepare(41, 3)
        box.sync()
        box.sync()
        self.assertLessEqual(self.quiet(box), COLD)


class FirstBare(First):
    profile = "bare"


class Flags(Turn):
    """1,000 changes of 4 kinds in 10 folders."""

    # A quarter of the messages each: what they have, and what is done.
    kinds = (("", "+", "S"), ("S", "-", "S"), ("", "+", "F"), ("S", "+", "R"))
    each = 25

    def filled(self):
        box = self.prepare(10, 0)
        with self.imap() as imap:
            for name in self.names:
                imap.append_all(name, [
                    (data, kind[0]) for kind in self.kinds
                    for data in many(f"{name}-{kind[1]}{kind[2]}",
                                     self.each)])
        box.sync()
        box.sync()
        self.least = self.quiet(box)
        return box

    def spans(self):
        """UIDs of each kind, in every folder."""
        return [(f"{1 + n * self.each}:{(n + 1) * self.each}", *kind)
                for n, kind in enumerate(self.kinds)]

    def test_changes_on_the_server_are_three_turns_more(self):
        box = self.filled()
        with self.imap() as imap:
            for name in self.names:
                for span, _, change, flags in self.spans():
                    imap.flag(name, span, change, flags)
        self.assertLessEqual(self.cost(box), self.least + 3)
        self.assertSame(box, self.names)

    def test_changes_in_the_maildirs_are_three_turns_more(self):
        box = self.filled()
        for name in self.names:
            for message in box.maildir.messages(name):
                _, change, flag = self.kinds[(message.uid - 1) // self.each]
                flags = set(message.flags) | {flag}
                if change == "-":
                    flags.remove(flag)
                base = os.path.basename(message.path).split(":2,")[0]
                os.rename(message.path, os.path.join(
                    box.root, name, "cur",
                    base + ":2," + "".join(sorted(flags))))
        self.assertLessEqual(self.cost(box), self.least + 3)
        self.assertSame(box, self.names)
        box.sync()
        self.assertLessEqual(self.quiet(box), COLD)


class FlagsWithoutQresync(Flags):
    profile = "noqresync"


class FlagsBare(Flags):
    profile = "bare"


class Large(Turn):
    """A large folder on a server that tells nothing of changes."""

    profile = "bare"
    count = 5000

    def test_one_flag_costs_less_than_a_byte_and_a_half_a_message(self):
        box = self.prepare(1, 0)
        with self.imap() as imap:
            imap.append_all("INBOX", [
                (data, "" if n % 50 == 0 else "S")
                for n, data in enumerate(many("m", self.count))])
        box.sync()
        box.sync()
        self.quiet(box)
        base = self.relay.bytes_up + self.relay.bytes_down
        with self.imap() as imap:
            imap.flag("INBOX", [7], "+", "F")
            imap.append("INBOX", many("new", 1)[0])
        self.cost(box)
        size = self.relay.bytes_up + self.relay.bytes_down
        self.assertLess(size - base, 1.5 * self.count)
        self.assertSame(box, ["INBOX"])


if __name__ == "__main__":
    unittest.main()
