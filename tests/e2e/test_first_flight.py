"""What leaves together with the login, and servers that do not bear it."""

import base64
import re
import unittest

from support.case import Case, ServerCase, server, stop_servers
from support.hostile import Fake, Gone
from support.judge import quote
from support.mails import many, plain
from support.program import AUTH, NETWORK
from support.proxy import Proxy
from support.turns import Turns

FOLDERS = 12


def tearDownModule():
    stop_servers()


class Turn(ServerCase):
    """A connection from its begin to its end; a fresh start, then nothing
    new."""

    def line(self, port):
        return self.enter(Turns(port, rtt=0.1))

    def fill_all(self):
        for number in range(FOLDERS):
            self.fill(f"box{number}", many(f"m{number}", 2))

    def fewest(self, line, box, tries=3):
        """A machine that is busy adds turns, it takes none away."""
        counts = []
        for _ in range(tries):
            line.reset()
            box.sync()
            line.settle()
            counts.append(line.turns)
        return min(counts)

    def tls(self, line, **more):
        return {"remotehost": "localhost", "remoteport": line.port,
                "ssl": "yes", "ipv6": "no", "maxconnections": "1",
                "sslcacertfile": self.server.authority.path, **more}

    def test_nothing_new_is_the_end_of_the_first_flight(self):
        """TCP, TLS, the greeting, and all the rest."""
        self.fill_all()
        line = self.line(self.server.tls_port)
        box = self.box(self.user, remote=self.tls(line))
        box.sync()
        self.assertSame(box, [f"box{n}" for n in range(FOLDERS)])
        self.assertLessEqual(self.fewest(line, box), 4)

    def test_nothing_new_in_clear_text(self):
        self.fill_all()
        line = self.line(self.user.port)
        box = self.box(self.user, port=line.port)
        box.sync()
        self.assertLessEqual(self.fewest(line, box), 3)

    def test_a_first_sync_is_few_flights(self):
        self.fill_all()
        line = self.line(self.server.tls_port)
        counts = []
        for _ in range(3):
            box = self.box(self.user, remote=self.tls(line))
            counts.append(self.fewest(line, box, 1))
        self.assertLessEqual(min(counts), 6)


class BareTurn(Turn):
    bare = True

    def line(self, port):
        """The bare server's answers are rewritten, in clear text."""
        return super().line(self.proxy.port
                            if port == self.user.port else port)


class Login(ServerCase):
    """Dovecot counts the commands that come before a login, and goes."""

    def known(self, **options):
        for number in range(20):
            self.fill(f"box{number}", [plain(f"m{number}")])
        box = self.box(self.user, **options)
        box.sync()
        return box

    def test_a_password_that_is_wrong_by_now(self):
        for capability in (None, "IMAP4rev1"):
            self.server = server(capability=capability)
            self.user = self.server.user()
            with self.subTest(capability=capability):
                box = self.known()
                box.option("Repository Rem", remotepass="wrong-by-now")
                self.assertIn("refused the login",
                              box.sync(expect=AUTH).out)
                box.option("Repository Rem", remotepass=self.user.password)
                self.fill("box3", [plain("new")])
                box.sync()
                self.assertSame(box, [f"box{n}" for n in range(20)])

    def test_capabilities_that_come_and_go(self):
        """What is sent by the old ones is asked again by the new ones."""
        gone = re.compile(rb" (LIST-STATUS|CONDSTORE|QRESYNC|ESEARCH|ENABLE"
                          rb"|UNSELECT|LIST-EXTENDED)(?=[ \]\r])")
        hide = []

        def rewrite(lines):
            return gone.sub(b"", lines) if hide else lines

        with Proxy(self.user.port, rewrite) as relay:
            box = self.known(port=relay.port)
            for number in range(6):
                hide[:] = [] if hide else [True]
                self.fill(f"box{number}", [plain(f"new{number}")])
                self.fill(f"fresh{number}", [plain(f"fresh{number}")])
                box.sync()
                self.assertSame(box, [f"box{n}" for n in range(20)]
                                + [f"fresh{n}" for n in range(number + 1)])

    def test_a_folder_that_is_gone_and_one_that_has_come(self):
        for capability in (None, "IMAP4rev1"):
            self.server = server(capability=capability)
            self.user = self.server.user()
            with self.subTest(capability=capability):
                box = self.known()
                with self.imap() as imap:
                    imap.delete_folder("box7")
                    imap.create("box99")
                    imap.append("box99", plain("new"))
                box.run()
                self.assertSame(box, ["box6", "box99"])


class Odd(Case):
    """Servers that do not bear commands behind a login."""

    def fake(self, capability="IMAP4rev1 SASL-IR AUTH=PLAIN"):
        fake = Fake(capability)
        fake.mailbox("INBOX", many("in", 2))
        fake.mailbox("Other", many("other", 2))
        fake.logins = 0
        return self.enter(fake)

    def assertWorks(self, fake, box):
        """In three runs, of which the last needs one connection."""
        for number in range(3):
            fake.boxes["INBOX"].add(plain(f"new{number}"))
            fake.logins = 0
            box.sync()
            self.assertEqual(len(box.maildir.messages("INBOX")), 3 + number)
        self.assertEqual(fake.logins, 1)

    def test_what_comes_with_the_login_is_dropped(self):
        fake = self.fake()

        def login(session, tag, rest):
            fake.logins += 1
            session.buffer = b""
            session.line(f"{tag} OK in")
            return True

        fake.on("AUTHENTICATE", login)
        box = self.box(fake, remote={"maxconnections": "1"})
        box.option("general", socktimeout="2")
        self.assertWorks(fake, box)

    def test_what_comes_with_the_login_ends_the_connection(self):
        fake = self.fake()

        def login(session, tag, rest):
            fake.logins += 1
            if session.buffer:
                session.line("* BYE one command at a time")
                raise Gone
            return False

        fake.on("AUTHENTICATE", login)
        self.assertWorks(fake, self.box(fake, remote={
            "maxconnections": "1"}))

    def test_a_login_that_wants_more_than_a_line(self):
        fake = self.fake()

        def login(session, tag, rest):
            fake.logins += 1
            session.line("+ ")
            answer = session.read_line().strip()
            try:
                base64.b64decode(answer, validate=True)
            except ValueError:
                session.line(f"{tag} NO that is no answer")
            else:
                session.line(f"{tag} OK in")
            return True

        fake.on("AUTHENTICATE", login)
        box = self.box(fake, remote={"maxconnections": "1"})
        for _ in range(3):
            box.sync()
        self.assertEqual(len(box.maildir.messages("INBOX")), 2)

    def test_a_list_from_before_the_login_is_not_believed(self):
        """S5: it may be anybody's."""
        fake = self.fake()

        def login(session, tag, rest):
            fake.logins += 1
            lines = session.buffer.splitlines(True)
            for line in lines:
                if b" LIST " in line:
                    session.line('* LIST () "/" evil')
                    session.line(line.split()[0].decode() + " OK listed")
            session.buffer = b"".join(line for line in lines
                                      if b" LIST " not in line)
            session.line(f"{tag} OK in")
            return True

        fake.on("AUTHENTICATE", login)
        box = self.box(fake, remote={"maxconnections": "1"})
        for _ in range(2):
            box.sync()
        self.assertEqual(box.maildir.folders(), ["INBOX", "Other"])

    def test_the_servers_list_grows_too_long_to_be_one(self):
        fake = self.fake()

        def flood(session, tag, rest):
            session.flood(b"".join(b"* LIST () \"/\" " + quote(f"x{n}")
                                   + b"\r\n" for n in range(1000)))

        fake.on("LIST", flood)
        box = self.box(fake)
        box.sync(expect=(NETWORK, AUTH, 1))
        self.assertEqual(box.maildir.folders(), [])


class Stripped(Case):
    """S13: a memory of the server does not weaken STARTTLS."""

    def test_starttls_that_is_gone_by_now(self):
        authority = server().authority
        fake = Fake("IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN",
                    cert=authority.issue("starttls"))
        fake.host = "localhost"
        fake.mailbox("INBOX", many("in", 2))
        with fake:
            box = self.box(fake, remote={
                "ssl": "no", "starttls": "yes", "ipv6": "no",
                "sslcacertfile": authority.path})
            box.sync()
            fake.capability = "IMAP4rev1 SASL-IR AUTH=PLAIN"
            del fake.received[:]
            box.sync(expect=(NETWORK, AUTH))
            self.assertFalse(fake.credentials_seen(), bytes(fake.received))
            self.assertNotIn(b"LIST", bytes(fake.received))


if __name__ == "__main__":
    unittest.main()
