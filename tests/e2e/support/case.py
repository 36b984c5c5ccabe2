"""Base classes of the suites."""

import atexit
import os
import unittest

from . import dovecot
from .judge import Imap, LETTERS, Maildir, multiset, tree
from .mails import plain
from .program import BINARY, Box
from .proxy import Proxy, without_uidplus

_SERVERS = {}


def stop_servers():
    """For tearDownModule; also when the process ends in another way."""
    while _SERVERS:
        _SERVERS.popitem()[1].stop()


atexit.register(stop_servers)


def server(**options):
    """One server per kind and process, started when first wanted."""
    key = tuple(sorted(options.items()))
    if key not in _SERVERS:
        _SERVERS[key] = dovecot.Dovecot(**options)
    return _SERVERS[key]


class Case(unittest.TestCase):
    """A test with the program; boxes are removed at its end."""

    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(BINARY):
            raise RuntimeError("no program at " + BINARY
                               + "; set OFFLINEIMAP_BIN")

    def box(self, user=None, **options):
        box = Box(user, **options)
        self.addCleanup(box.remove)
        return box

    def enter(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def assertExit(self, result, *codes):
        self.assertIn(result.code, codes, repr(result))

    def assertFailed(self, result):
        """Not well, but by its own decision: no signal, no usage error."""
        self.assertGreater(result.code, 0, repr(result))
        self.assertNotEqual(result.code, 2, repr(result))
        self.assertLess(result.code, 10, repr(result))


@unittest.skipUnless(dovecot.available(), "needs dovecot and openssl")
class ServerCase(Case):
    """A test with the program and a Dovecot.  self.user is fresh."""

    options = {}
    bare = False  # a server with nothing but IMAP4rev1

    def setUp(self):
        options = dict(self.options)
        if self.bare:
            options["capability"] = "IMAP4rev1"
        self.server = server(**options)
        self.user = self.server.user()
        self.proxy = None
        if self.bare:
            self.proxy = self.enter(Proxy(self.server.port,
                                          without_uidplus))

    def box(self, user=None, **options):
        if user and self.proxy:
            options.setdefault("port", self.proxy.port)
        return super().box(user, **options)

    def imap(self, user=None):
        return Imap(user or self.user)

    def fill(self, folder, messages, flags="", create=True):
        """Appends messages; returns their UIDs."""
        with self.imap() as imap:
            if create and folder not in imap.listing():
                imap.create(folder)
            return [imap.append(folder, data, flags) for data in messages]

    def assertSame(self, box, folders, user=None, killed=False):
        """Both sides hold the same, message by message, byte by byte, and
        no temporary file is left (but after a kill).  folders: {server
        name: Maildir name}, or a list when the names are equal."""
        if not isinstance(folders, dict):
            folders = {name: name for name in folders}
        with self.imap(user) as imap:
            for remote, local in folders.items():
                there = multiset(imap.messages(remote))
                here = multiset(box.maildir.messages(local))
                self.assertEqual(there, here, f"{remote} and {local}")
        if not killed:
            self.assertEqual(box.maildir.leftovers(), [])

    def assertQuiet(self, box, *args):
        """A run that has nothing to do changes nothing anywhere."""
        before = tree(box.root)
        with self.imap() as imap:
            there = {name: imap.status(name, "UIDNEXT", "MESSAGES")
                     for name in imap.folders()}
        result = box.sync(*args)
        self.assertEqual(before, tree(box.root), repr(result))
        with self.imap() as imap:
            self.assertEqual(there, {
                name: imap.status(name, "UIDNEXT", "MESSAGES")
                for name in imap.folders()}, repr(result))
        self.assertNotRegex(result.out, r"(?m)^\s*(Copy message|Deleting|"
                            r"Adding flag|Creating folder)", repr(result))
        return result


__all__ = ["Case", "ServerCase", "Imap", "LETTERS", "Maildir", "plain",
           "server", "stop_servers", "tree", "multiset"]
