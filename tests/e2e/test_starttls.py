"""The attacks on STARTTLS (safety.md 3.2), played by a scripted server."""

import unittest

from support.case import Case, server, stop_servers
from support.hostile import Fake
from support.mails import many
from support.program import AUTH, NETWORK, OK
from support.proxy import Proxy

ALERT = "SHOWN-BEFORE-TLS"

UNTAGGED = {
    "alert": f"* OK [ALERT] {ALERT}\r\n",
    "capability": "* CAPABILITY IMAP4rev1 AUTH=PLAIN XEVIL\r\n",
    "list": '* LIST () "/" "../evil"\r\n',
    "fetch": "* 1 FETCH (FLAGS (\\Deleted))\r\n",
    "exists": "* 5 EXISTS\r\n",
    "expunge": "* 1 EXPUNGE\r\n",
    "bye": "* BYE evil\r\n",
    "referral": f"* NO [REFERRAL imap://evil/] {ALERT}\r\n",
    "preauth": "* PREAUTH evil\r\n",
    "tagged": "A1 OK evil\r\nA2 OK evil\r\nA3 OK evil\r\n",
    "continuation": "+ evil\r\n",
    "half-line": "* OK half",
    "half-literal": '* LIST () "/" {20}\r\nabc',
    "one-byte": "*",
    "nul": "\0",
}


def tearDownModule():
    stop_servers()


class StartTls(Case):

    def fake(self, capability="IMAP4rev1 STARTTLS AUTH=PLAIN", **options):
        authority = server().authority
        fake = Fake(capability, cert=authority.issue("starttls"), **options)
        fake.host = "localhost"
        fake.mailbox("INBOX", many("in", 2))
        return fake

    def settings(self, **more):
        return {"ssl": "no", "starttls": "yes", "ipv6": "no",
                "sslcacertfile": server().authority.path, **more}

    def refused(self, fake, codes=(NETWORK, AUTH), **more):
        with fake:
            box = self.box(fake, remote=self.settings(**more))
            box.option("general", socktimeout="5")
            result = box.run()
        self.assertFailed(result)
        self.assertIn(result.code, codes, repr(result))
        self.assertFalse(fake.credentials_seen(), bytes(fake.received))
        self.assertNotIn(ALERT, result.out)
        self.assertEqual(box.maildir.messages("INBOX"), [])
        return result

    def test_good(self):
        """Nothing but CAPABILITY and STARTTLS before TLS is up."""
        fake = self.fake()
        before = []
        fake.on("STARTTLS", lambda session, tag, rest: before.extend(
            fake.names()) or False)
        with fake:
            box = self.box(fake, remote=self.settings())
            box.sync()
        self.assertLessEqual(set(before), {"CAPABILITY", "STARTTLS"})
        self.assertEqual(len(box.maildir.messages("INBOX")), 2)

    def test_stripped_capability(self):
        """S13a: the capability is missing."""
        self.refused(self.fake("IMAP4rev1 AUTH=PLAIN"))

    def test_nothing_configured_is_not_clear_text(self):
        """S13a: ssl = no alone is no consent to clear text."""
        fake = self.fake("IMAP4rev1 AUTH=PLAIN")
        with fake:
            box = self.box(fake)
            box.option("Repository Rem", starttls=None)
            result = box.run()
        self.assertFailed(result)
        self.assertFalse(fake.credentials_seen())

    def test_answers_other_than_ok(self):
        """S13a: NO, BAD, BYE, close and silence; each an error."""
        answers = {
            "no": lambda s, tag: s.line(f"{tag} NO not today"),
            "bad": lambda s, tag: s.line(f"{tag} BAD what"),
            "bye": lambda s, tag: s.line(f"{tag} BYE"),
            "untagged-bye": lambda s, tag: s.line("* BYE going"),
            "other-tag": lambda s, tag: s.line("ZZ99 OK begin"),
            "silence": lambda s, tag: s.until_gone(),
            "close": lambda s, tag: s.sock.shutdown(2),
        }
        for name, answer in answers.items():
            with self.subTest(name):
                fake = self.fake()
                fake.on("STARTTLS", lambda s, tag, rest, answer=answer:
                        answer(s, tag) or True)
                self.refused(fake)

    def test_injection_behind_the_answer(self):
        """S13b: bytes behind the tagged OK, in one segment."""
        for name, text in UNTAGGED.items():
            with self.subTest(name):
                fake = self.fake()

                def inject(session, tag, rest, text=text):
                    session.send(f"{tag} OK begin\r\n{text}")
                    session.start_tls()
                    return True

                fake.on("STARTTLS", inject)
                self.refused(fake)

    def test_injection_in_the_next_segment(self):
        """S13b: and in a segment of its own."""
        for name, text in UNTAGGED.items():
            with self.subTest(name):
                fake = self.fake()

                def inject(session, tag, rest, text=text):
                    session.send(f"{tag} OK begin\r\n")
                    session.send(text)
                    session.start_tls()
                    return True

                fake.on("STARTTLS", inject)
                self.refused(fake)

    def test_untagged_data_before_tls(self):
        """S13c: it ends the session, and no alert is shown."""
        for name in ("alert", "list", "fetch", "exists", "expunge",
                     "referral", "preauth", "continuation"):
            with self.subTest(name):
                fake = self.fake()
                fake.on("STARTTLS", lambda session, tag, rest, name=name:
                        session.send(UNTAGGED[name]) or False)
                with fake:
                    box = self.box(fake, remote=self.settings())
                    result = box.run()
                self.assertFailed(result)
                self.assertNotIn(ALERT, result.out)
                self.assertNotIn("LIST", fake.names())

    def test_capabilities_from_before_tls_are_forgotten(self):
        """S13c: what was said in the clear counts for nothing: after TLS
        the server has no AUTH=PLAIN, and LOGIN is used or nothing."""
        fake = self.fake("IMAP4rev1 STARTTLS AUTH=XEVIL LITERAL+ UIDPLUS")

        def starttls(session, tag, rest):
            session.do_starttls(tag, rest)
            fake.capability = "IMAP4rev1"
            return True

        def append(session, tag, rest):
            return False

        fake.on("STARTTLS", starttls).on("APPEND", append)
        commands = []
        fake.on("CONTINUE", lambda session, tag, text: commands.append(text)
                and False)
        with fake:
            box = self.box(fake, remote=self.settings())
            box.maildir.make("INBOX")
            box.maildir.add("INBOX", many("up", 1)[0])
            box.sync()
        self.assertTrue(any("APPEND" in text for text in commands),
                        "LITERAL+ from before TLS was believed")

    def test_preauth_before_starttls(self):
        """S13d: PREAUTH in the clear is refused, whatever is configured."""
        for starttls in ("yes", "no"):
            with self.subTest(starttls=starttls):
                fake = self.fake()
                fake.on("GREETING", lambda session, tag, rest: session.line(
                    "* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] in") or True)
                self.refused(fake, starttls=starttls)

    def test_preauth_over_tls_is_accepted(self):
        """S13d: over implicit TLS it is what it says."""
        fake = self.fake("IMAP4rev1", implicit_tls=True)
        fake.on("GREETING", lambda session, tag, rest: session.line(
            "* PREAUTH [CAPABILITY IMAP4rev1] in") or True)
        with fake:
            box = self.box(fake, remote=self.settings(ssl="yes"))
            self.assertExit(box.run(), OK, AUTH, NETWORK)
        self.assertNotIn("LOGIN", fake.names())

    def test_greeting_that_ends(self):
        """BYE as the greeting, or rubbish."""
        for text in ("* BYE too busy", "+ hello", "A1 OK hello", "220 smtp",
                     "* OK"):
            with self.subTest(text):
                fake = self.fake("IMAP4rev1")
                fake.on("GREETING", lambda session, tag, rest, text=text:
                        session.line(text) or True)
                self.refused(fake)

    def test_broken_handshake_leads_to_nothing_weaker(self):
        """S10: TLS cut at many bytes; no credential in the clear, and no
        second connection without TLS."""
        for implicit in (True, False):
            for down in (1, 100, 200, 400, 700, 900, 1200):
                with self.subTest(implicit=implicit, down=down):
                    fake = self.fake(implicit_tls=implicit)
                    with fake, Proxy(fake.port) as proxy:
                        proxy.cut_after(down=down)
                        box = self.box(fake, port=proxy.port,
                                       remote=self.settings(
                                           ssl="yes" if implicit else "no"))
                        box.run()
                        for word in (b"cAnArY7", b"LOGIN", b"AUTHENTICATE"):
                            self.assertNotIn(word, proxy.seen_up)

    def test_logindisabled_is_obeyed(self):
        """LOGINDISABLED in the clear: no LOGIN, no PLAIN."""
        fake = self.fake("IMAP4rev1 LOGINDISABLED")
        self.refused(fake, starttls="no")

    def test_referrals_are_not_followed(self):
        """S19: a refusal with REFERRAL sends the password nowhere else."""
        with Fake() as other:
            fake = Fake()
            for name in ("LOGIN", "AUTHENTICATE"):
                fake.on(name, lambda session, tag, rest: session.line(
                    f"{tag} NO [REFERRAL imap://fake@127.0.0.1:{other.port}/"
                    f"] go there") or True)
            with fake:
                result = self.box(fake).run()
        self.assertExit(result, AUTH)
        self.assertEqual(bytes(other.received), b"")

    def test_a_refused_login_is_told_in_the_servers_words(self):
        """Q26, Q76: verbatim; not tried again and again."""
        fake = Fake()
        for name in ("LOGIN", "AUTHENTICATE"):
            fake.on(name, lambda session, tag, rest: session.line(
                f"{tag} NO [ALERT] LOGIN DENIED -- COUNTRY IS BLACKLISTED")
                or True)
        with fake:
            result = self.box(fake).run()
        self.assertExit(result, AUTH)
        self.assertIn("LOGIN DENIED -- COUNTRY IS BLACKLISTED", result.out)
        tries = sum(name in ("LOGIN", "AUTHENTICATE")
                    for name in fake.names())
        self.assertLessEqual(tries, 3)


if __name__ == "__main__":
    unittest.main()
