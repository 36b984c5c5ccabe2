"""Servers that are reached by a command, by both programs alike."""

import os
import unittest

from support.case import ServerCase, stop_servers
from support.judge import status_rows
from support.mails import many, plain
from support.old import OLD, is_old
from support.program import BINARY

FAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "support/bin/fake")


def tearDownModule():
    stop_servers()


class Tunnel(ServerCase):

    def tunnel(self, option, program, binary):
        """A home whose server is behind that program."""
        box = self.box(self.user, remote={option: program + " mail 143",
                                          "remotehost": None})
        box.option("Repository Rem", remotehost=None)
        where = os.path.join(box.top, "bin")
        os.mkdir(where)
        os.symlink(FAKE, os.path.join(where, program))
        box.env = {"PATH": where + ":" + os.environ["PATH"],
                   "MAIL_PORT": str(self.user.port),
                   "MAIL_USER": self.user.name,
                   "MAIL_PASSWORD": self.user.password}
        box.binary = binary
        return box

    def check(self, option, program):
        self.fill("INBOX", many("m", 5), "S")
        self.fill("Work", many("w", 3))
        box = self.tunnel(option, program, BINARY)
        box.sync()
        box.maildir.add("INBOX", plain("here"), "S")
        box.sync()
        self.assertSame(box, ["INBOX", "Work"])
        self.assertQuiet(box)
        if not is_old():
            self.skipTest("NOT TESTED: offlineimap3 is not installed")
        other = self.tunnel(option, program, OLD)
        other.sync()
        for name in ("INBOX", "Work"):
            self.assertEqual(status_rows(box.metadata, "Test", name),
                             status_rows(other.metadata, "Test", name))

    def test_transporttunnel_logs_in_inside(self):
        self.check("transporttunnel", "nc")

    def test_preauthtunnel_has_logged_in(self):
        self.check("preauthtunnel", "ssh")


if __name__ == "__main__":
    unittest.main()
