"""Bytes in equal bytes out: CRLF and LF are the only difference."""

import os
import unittest

from support.case import Case, ServerCase, stop_servers
from support.hostile import Fake
from support.judge import digest
from support.mails import ODD, crlf, large, lf, many, plain
from support.program import OK, PARTIAL

MEGABYTE = 1_000_000


def tearDownModule():
    stop_servers()


class Bytes(ServerCase):

    def test_odd_messages_down(self):
        """D4, S7, N8: a corpus of broken mail arrives byte by byte."""
        self.fill("Odd", ODD.values())
        box = self.box(self.user)
        box.sync()
        self.assertSame(box, ["Odd"])
        here = {digest(m.data) for m in box.maildir.messages("Odd")}
        for name, data in ODD.items():
            with self.subTest(name):
                self.assertIn(digest(data), here)
        self.assertQuiet(box)

    def test_odd_messages_up(self):
        """D4, S7: and the other way; the server holds LF made CRLF."""
        box = self.box(self.user)
        box.maildir.make("Odd")
        for name, data in ODD.items():
            box.maildir.add("Odd", data)
        box.sync()
        self.assertSame(box, ["Odd"])
        with self.imap() as imap:
            there = {digest(imap.raw("Odd", m.uid))
                     for m in imap.messages("Odd")}
        for name, data in ODD.items():
            with self.subTest(name):
                self.assertIn(digest(crlf(data)), there)
        self.assertQuiet(box)

    def test_bare_cr_both_ways(self):
        """A CR that no LF follows is a byte like others."""
        data = plain("cr") + b"a\rb\rc\n\r\rend\n"
        self.fill("INBOX", [data])
        box = self.box(self.user)
        box.maildir.make("Up")
        box.maildir.add("Up", data.replace(b"<cr@", b"<up@"))
        box.sync()
        self.assertEqual(box.maildir.messages("INBOX")[0].data, data)
        self.assertSame(box, ["INBOX", "Up"])

    def test_large_message_both_ways(self):
        """50 MB, each way."""
        down, up = large("down", 50 * MEGABYTE), large("up", 50 * MEGABYTE, 2)
        self.fill("INBOX", [down])
        box = self.box(self.user)
        box.maildir.make("Up")
        box.maildir.add("Up", up, "S")
        box.sync()
        self.assertEqual(digest(box.maildir.messages("INBOX")[0].data),
                         digest(down))
        with self.imap() as imap:
            self.assertEqual(digest(imap.messages("Up")[0].data),
                             digest(up))

    def test_ten_megabytes_in_one_line(self):
        """S7: a line is not a unit of anything."""
        data = plain("line") + b"x" * (10 * MEGABYTE)
        box = self.box(self.user)
        box.maildir.make("Up")
        box.maildir.add("Up", data)
        self.fill("Down", [data])
        box.sync()
        self.assertEqual(digest(box.maildir.messages("Down")[0].data),
                         digest(data))
        with self.imap() as imap:
            self.assertEqual(digest(imap.messages("Up")[0].data),
                             digest(data))

    def test_local_nul_is_carried_or_named(self):
        """A NUL cannot stand in an IMAP literal: the message arrives as it
        is, or the run says which one did not; never a changed one."""
        data = plain("nul") + b"a\0b\n"
        box = self.box(self.user)
        box.maildir.make("INBOX")
        path = box.maildir.add("INBOX", data)
        for other in many("other", 3):
            box.maildir.add("INBOX", other)
        result = box.run()
        self.assertExit(result, OK, PARTIAL)
        with self.imap() as imap:
            there = [m.data for m in imap.messages("INBOX")]
        self.assertEqual(sum(b"<other-" in each for each in there), 3)
        if result.code == OK:
            self.assertIn(data, there)
            return
        self.assertFalse(any(b"<nul@" in each for each in there))
        self.assertIn(os.path.basename(path).split(":")[0], result.out)
        with open(path, "rb") as kept:
            self.assertEqual(kept.read(), data)

    def test_local_empty_file_hinders_nobody(self):
        """S7: Dovecot refuses an empty message; others go, the file stays,
        the next run does no harm."""
        box = self.box(self.user)
        box.maildir.make("INBOX")
        path = box.maildir.add("INBOX", b"")
        for other in many("other", 3):
            box.maildir.add("INBOX", other)
        for _ in range(2):
            self.assertExit(box.run(), PARTIAL)
            self.assertTrue(os.path.exists(path))
            with self.imap() as imap:
                self.assertEqual(len(imap.messages("INBOX")), 3)


class BytesBare(Bytes):
    """The same without UIDPLUS, LITERAL+ and all the rest."""

    bare = True


class ScriptedBytes(Case):
    """What Dovecot does not keep, from a scripted server."""

    RAW = {
        "nul": b"Subject: nul\r\n\r\na\0b\0\0\r\n",
        "bare-lf": b"Subject: lf\r\n\r\na\nb\r\nc\n",
        "cr-cr-lf": b"Subject: cr\r\n\r\na\r\r\nb\r\n",
        "ends-in-cr": b"Subject: cr at end\r\n\r\na\r",
        "starts-with-lf": b"\nno header\r\n",
        "all-bytes": b"\r\n" + bytes(range(256)) + b"\r\n",
    }

    def test_raw_bytes_arrive(self):
        """S7, D4: NUL, bare LF and CR in a literal reach the file."""
        server = Fake()
        inbox = server.boxes["INBOX"]
        for data in self.RAW.values():
            inbox.add(b"").data = data
        with server:
            box = self.box(server)
            box.sync()
            here = {digest(m.data) for m in box.maildir.messages("INBOX")}
            for name, data in self.RAW.items():
                with self.subTest(name):
                    self.assertIn(digest(lf(data)), here)
            self.assertEqual(len(box.maildir.messages("INBOX")),
                             len(self.RAW))

    def test_empty_message_is_stored_once(self):
        """Q97: zero bytes, kept once, no loop."""
        server = Fake()
        server.boxes["INBOX"].add(b"")
        server.boxes["INBOX"].add(plain("other"))
        with server:
            box = self.box(server)
            for _ in range(3):
                box.sync()
                self.assertEqual(
                    sorted(m.data for m in box.maildir.messages("INBOX")),
                    [b"", plain("other")])
        self.assertEqual(len(server.boxes["INBOX"].messages), 2)

    def test_upload_sends_exactly_the_bytes(self):
        """The literal is the file with LF made CRLF, its length exact."""
        server = Fake()
        with server:
            box = self.box(server)
            box.maildir.make("INBOX")
            for data in ODD.values():
                box.maildir.add("INBOX", data)
            box.sync()
        self.assertEqual(
            sorted(digest(m.data) for m in server.boxes["INBOX"].messages),
            sorted(digest(crlf(data)) for data in ODD.values()))


if __name__ == "__main__":
    unittest.main()
