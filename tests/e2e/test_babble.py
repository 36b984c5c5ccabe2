"""A server that rambles: strange lines in every state, endless answers.

Whatever it sends: the program ends by itself, with an error status where
something was lost, no signal and no sanitizer report, no mail deleted, and
no memory that grows with what was announced.
"""

import os
import unittest

from support.attack import HostileCase, before, close, flood, say
from support.hostile import Fake
from support.mails import many
from support.program import OK, sanitized

BAR_MB = 100

STAGES = ("GREETING", "CAPABILITY", "LOGIN", "LIST", "STATUS", "SELECT",
          "EXAMINE", "UID FETCH", "FETCH", "UID SEARCH")

# What may come at any time.  Each is tried in every stage, in front of the
# right answer.  True: the run must fail; False: it may shrug.
ANYWHERE = {
    "unknown-tag": ("ZZZZ99 OK who is that\r\n", False),
    "empty-line": ("\r\n", False),
    "rubbish": ("\x01\x02\xff\xfe rubbish \r\n", False),
    "star-only": ("*\r\n", False),
    "lone-close": ("* 1 FETCH )\r\n", False),
    "open-list": ("* LIST (\r\n", False),
    "unknown-response": ("* XYZZY 1 2 (3 (4 \"five\"))\r\n", False),
    "continuation": ("+ nobody asked\r\n", False),
    "half-string": ("* LIST () \"/\" \"no end\r\n", False),
    "appenduid": ("* OK [APPENDUID 1 1:4294967295] S5, S15\r\n", False),
    "copyuid": ("* OK [COPYUID 1 1:4294967295 1:4294967295] set\r\n", False),
    "bad-appenduid": ("* OK [APPENDUID 0 0] zero\r\n", False),
    "exists-huge": ("* 4294967295 EXISTS\r\n", False),
    "number-huge": ("* 99999999999999999999999999 EXISTS\r\n", False),
    "expunge-beyond": ("* 4294967295 EXPUNGE\r\n* 0 EXPUNGE\r\n", False),
    "stray-fetch": ("* 7 FETCH (UID 77777 FLAGS (\\Seen))\r\n", False),
    "fetch-zero": ("* 0 FETCH (UID 0 FLAGS ())\r\n", False),
    "vanished": ("* VANISHED (EARLIER) 1:4294967295\r\n", False),
    "esearch": ("* ESEARCH (TAG \"x\") UID ALL 4294967295:1\r\n", False),
    "bare-lf": ("* OK bare line feed\n", False),
    "nul": ("* OK a\0b\r\n", False),
    "deep": ("* LIST " + "(" * 100_000 + "\r\n", False),
    "deep-fetch": ("* 1 FETCH (BODYSTRUCTURE " + "(" * 100_000
                   + ")" * 100_000 + ")\r\n", False),
    "literal-2^31": ("* LIST () \"/\" {2147483648}\r\nabc", True),
    "literal-2^32": ("* LIST () \"/\" {4294967296}\r\nabc", True),
    "literal-2^63": ("* LIST () \"/\" {9223372036854775808}\r\nabc", True),
    "literal-2^64": ("* LIST () \"/\" {18446744073709551616}\r\nab", True),
    "literal-digits": ("* LIST () \"/\" {" + "9" * 5000 + "}\r\n", True),
    "literal-negative": ("* LIST () \"/\" {-1}\r\n", False),
    "bye": ("* BYE go away\r\n", False),
    "million-digits": ("* " + "1" * 1_000_000 + " EXISTS\r\n", False),
}

# What replaces the answer in one stage.
INSTEAD = {
    "GREETING": {
        "endless-greeting": flood(b"* OK " + b"x" * 65536),
        "endless-lines": flood(b"* OK [X] still coming\r\n" * 1000),
        "bye": say("* BYE no\r\n"),
        "closed": close,
        "no": say("* NO no\r\n"),
        "http": say("HTTP/1.0 400 Bad Request\r\n\r\n"),
    },
    "CAPABILITY": {
        "tagged-no": say("TAG NO never\r\n"),
        "tagged-bad": say("TAG BAD never\r\n"),
        "endless": flood(b"* CAPABILITY " + b"X" * 65536),
        "many": say("* CAPABILITY IMAP4rev1 " + "X " * 200_000
                    + "\r\nTAG OK\r\n"),
        "closed": close,
    },
    "LOGIN": {
        "bad": say("TAG BAD what is that\r\n"),
        "bye": say("* BYE gone\r\n"),
        "closed": close,
        "endless": flood(b"* OK " + b"y" * 65536),
    },
    "LIST": {
        "no": say("TAG NO cannot list\r\n"),
        "bad": say("TAG BAD cannot list\r\n"),
        "line-without-end": flood(b"* LIST () \"/\" \"" + b"n" * 65536),
        "closed": close,
        "infinite": flood(b"* LIST () \"/\" \"a\"\r\n" * 3000),
        "nothing": say("TAG OK empty\r\n"),
        "quoted-newline": say("* LIST () \"/\" \"a\r\nb\"\r\nTAG OK\r\n"),
        "literal-flood": flood(b"* LIST () \"/\" {100000000}\r\n"
                               + b"z" * 65536),
    },
    "SELECT": {
        "closed": close,
        "no-exists": say("TAG OK [READ-WRITE] nothing told\r\n"),
        "bad": say("TAG BAD no\r\n"),
        "exists-shrinks": before("* 500 EXISTS\r\n* 1 EXISTS\r\n"),
        "flags-without-end": flood(b"* FLAGS (" + b"\\A " * 20000),
    },
    "UID FETCH": {
        "closed": close,
        "endless-flags": flood(b"* 1 FETCH (FLAGS (" + b"a " * 30000),
        "bad": say("TAG BAD what\r\n"),
        "no": say("TAG NO not now\r\n"),
        "literal-cut": lambda session, tag, rest: session.send(
            "* 1 FETCH (UID 1 BODY[] {500000}\r\nshort") or close(
                session, tag, rest),
        "literal-2^64": say("* 1 FETCH (UID 1 BODY[] "
                            "{18446744073709551615}\r\nxx"),
        "uid-of-nobody": say("* 1 FETCH (UID 4242 FLAGS () RFC822.SIZE 3 "
                             "INTERNALDATE \"02-Mar-2026 10:00:00 +0000\" "
                             "BODY[] {3}\r\nabc)\r\nTAG OK\r\n"),
        "same-uid-twice": before("* 1 FETCH (UID 1 FLAGS (\\Seen) UID 2)"
                                 "\r\n"),
    },
}
INSTEAD["EXAMINE"] = INSTEAD["SELECT"]
INSTEAD["FETCH"] = INSTEAD["UID FETCH"]
INSTEAD["AUTHENTICATE"] = INSTEAD["LOGIN"]


class Babble(HostileCase):

    def test_anything_anywhere(self):
        """S18, S21, S5, S15: strange lines in front of a right answer, in
        every state; at worst an error, never a loss."""
        for name, (text, must_fail) in ANYWHERE.items():
            for stage in STAGES:
                if name.startswith("literal") \
                        and stage not in ("LIST", "UID FETCH"):
                    continue  # each waits for a deadline
                with self.subTest(name, stage=stage):
                    self.one_line(stage, text, must_fail)

    def one_line(self, stage, text, must_fail):
        reached = []

        def hook(session, tag, rest):
            reached.append(tag)
            session.send(text)
            return False

        fake = Fake()
        fake.mailbox("INBOX", many("in", 3))
        fake.on(stage, hook)
        box, result = self.run_against(fake, deadline="1")
        if reached and must_fail:
            self.assertFailed(result)
        if result.code == OK:
            self.assertEqual(
                sorted(m.data for m in box.maildir.messages("INBOX")),
                sorted(many("in", 3)))
        self.assertEqual(len(fake.boxes["INBOX"].messages), 3)

    def test_broken_answers(self):
        """S18, S21: each stage answered wrongly, or without end."""
        for stage, answers in INSTEAD.items():
            for name, hook in answers.items():
                with self.subTest(name, stage=stage):
                    fake = Fake()
                    if stage == "AUTHENTICATE":
                        fake.capability += " AUTH=PLAIN SASL-IR"
                    fake.mailbox("INBOX", many("in", 3))
                    reached = []

                    def counted(session, tag, rest, hook=hook):
                        reached.append(tag)
                        return hook(session, tag, rest)

                    fake.on(stage, counted)
                    _, result = self.run_against(fake, deadline="1")
                    if reached and name not in (
                            "many", "exists-shrinks", "nothing",
                            "same-uid-twice", "no", "bad", "tagged-no",
                            "tagged-bad"):
                        self.assertFailed(result)
                    self.assertEqual(len(fake.boxes["INBOX"].messages), 3)

    def test_announcements_take_no_memory(self):
        """S6: memory grows with bytes received, not with bytes promised;
        floods are cut off."""
        if sanitized():
            self.skipTest("a sanitizer takes memory of its own")
        for stage, name in (("LIST", "literal-flood"),
                            ("GREETING", "endless-greeting"),
                            ("UID FETCH", "endless-flags"),
                            ("LIST", "line-without-end")):
            with self.subTest(name):
                fake = Fake()
                fake.mailbox("INBOX", many("in", 3))
                fake.on(stage, INSTEAD[stage][name])
                box = self.box(fake)
                box.option("general", socktimeout="2")
                with fake, box.start() as process:
                    code, usage = wait4(process)
                self.assertGreater(code, 0)
                self.assertLess(usage.ru_maxrss, BAR_MB * 1024)


def wait4(process):
    """Reads to the end; exit code and resource usage."""
    while os.read(process.popen.stdout.fileno(), 65536):
        pass
    _, status, usage = os.wait4(process.popen.pid, 0)
    process.popen.returncode = os.waitstatus_to_exitcode(status)
    return process.popen.returncode, usage


if __name__ == "__main__":
    unittest.main()
