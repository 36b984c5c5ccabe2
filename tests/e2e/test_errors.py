"""What goes wrong outside, and how the program says it."""

import fcntl
import os
import ssl
import threading
import unittest

from support.case import Case, ServerCase, server, stop_servers
from support.dovecot import free_port
from support.hostile import Fake, Gone
from support.mails import large, many, plain
from support.program import (AUTH, CONFIG, ERROR, LOCKED, NETWORK, OK,
                             PARTIAL, USAGE)
from support.proxy import Proxy


def tearDownModule():
    stop_servers()


class Network(ServerCase):

    def test_wrong_password(self):
        """Exit 5 with the server's words; nothing is created (N49)."""
        box = self.box(self.user, remote={"remotepass": "cAnArY7-wrong"})
        result = box.sync(expect=AUTH)
        self.assertIn("[AUTHENTICATIONFAILED] Authentication failed.",
                      result.out)
        self.assertRegex(result.out, "Rem|Test")
        self.assertEqual(box.run(ui="quiet").code, AUTH)

    def test_unknown_host(self):
        """Exit 6; the name is told."""
        box = self.box(self.user,
                       remote={"remotehost": "no-such-host.invalid"})
        self.assertIn("no-such-host.invalid", box.sync(expect=NETWORK).out)

    def test_connection_refused(self):
        """Exit 6; host and port are told."""
        port = free_port()
        box = self.box(self.user, port=port)
        self.assertIn(str(port), box.sync(expect=NETWORK).out)

    def test_user_and_password_with_every_kind_of_character(self):
        """S14: quotes, blanks, backslash, %, braces in both."""
        odd = self.server.odd_user()
        box = self.box(odd)
        box.sync()
        box.option("Repository Rem", auth_mechanisms="LOGIN")
        box.sync()

    def test_password_file(self):
        """remotepassfile: the first line, without its newline."""
        box = self.box(self.user, remote={"remotepass": None,
                                          "remotepassfile": "~/secret"})
        box.option("Repository Rem", remotepass=None)
        with open(os.path.join(box.home, "secret"), "w") as out:
            out.write(self.user.password + "\nsecond line\n")
        box.sync()

    def test_no_password_at_all(self):
        """basic cannot ask: an authentication error, no hang."""
        box = self.box(self.user)
        box.option("Repository Rem", remotepass=None)
        self.assertExit(box.run(), AUTH, CONFIG)

    def cut(self, box, proxy, **where):
        proxy.cut_after(**where)
        result = box.run()
        self.assertExit(result, OK, PARTIAL, NETWORK)
        return result

    def test_server_gone_during_download(self):
        """Cut at many places: exit 3 or 6, the next run completes; every
        message once."""
        self.fill("INBOX", many("in", 60, (4000, 100, 30000)), "S")
        proxy = self.enter(Proxy(self.server.port))
        box = self.box(self.user, port=proxy.port)
        for down in (3, 200, 900, 3000, 20_000, 100_000, 400_000):
            self.fill("INBOX", many(f"more{down}", 3, (9000,)))
            if self.cut(box, proxy, down=down).code == OK:
                self.assertSame(box, ["INBOX"])  # it has connected again
        box.sync()
        self.assertSame(box, ["INBOX"])
        self.assertQuiet(box)

    def test_server_gone_during_upload(self):
        """N5: likewise when the cut falls into an upload."""
        box = self.box(self.user)
        box.maildir.make("INBOX")
        for data in many("up", 60, (4000, 100, 30000)):
            box.maildir.add("INBOX", data, "S")
        proxy = self.enter(Proxy(self.server.port))
        box.account("Test", self.user, port=proxy.port)
        for up in (10, 300, 2000, 20_000, 100_000, 300_000):
            self.cut(box, proxy, up=up)
        proxy.drain()
        box.sync()
        box.sync()
        self.assertSame(box, ["INBOX"])
        self.assertEqual(len(box.maildir.messages("INBOX")), 60)
        self.assertQuiet(box)

    def test_server_gone_in_the_middle_of_a_large_message(self):
        """No half message stays; the next run has the whole."""
        self.fill("INBOX", [large("big", 3_000_000)])
        proxy = self.enter(Proxy(self.server.port))
        box = self.box(self.user, port=proxy.port)
        proxy.cut_after(down=2_000_000)
        box.run()
        for message in box.maildir.messages("INBOX"):
            self.assertEqual(message.data, large("big", 3_000_000))
        box.sync()
        self.assertSame(box, ["INBOX"])


class Certificates(Case):
    """S1, S3: refused before any byte of a credential."""

    def setUp(self):
        self.authority = server().authority

    def attempt(self, pair, codes, starttls, **remote):
        fake = Fake("IMAP4rev1 STARTTLS", cert=pair,
                    implicit_tls=not starttls)
        fake.host = "localhost"
        with fake:
            box = self.box(fake, remote={
                "ssl": "no" if starttls else "yes",
                "starttls": "yes" if starttls else "no",
                "sslcacertfile": self.authority.path, "ipv6": "no",
                **remote})
            for key in [k for k, v in remote.items() if v is None]:
                box.option("Repository Rem", **{key: None})
            result = box.run()
        self.assertExit(result, *codes)
        return fake, result

    def refused(self, pair, **remote):
        for starttls in (False, True):
            with self.subTest(starttls=starttls):
                fake, result = self.attempt(pair, (NETWORK,), starttls,
                                            **remote)
                self.assertNotIn("LOGIN", fake.names())
                self.assertNotIn("AUTHENTICATE", fake.names())
                self.assertFalse(fake.password.encode() in fake.received)
                self.assertRegex(result.out.lower(), "certificate|tls|ssl")

    def accepted(self, pair, **remote):
        for starttls in (False, True):
            with self.subTest(starttls=starttls):
                fake, _ = self.attempt(pair, (OK,), starttls, **remote)
                self.assertTrue({"LOGIN", "AUTHENTICATE"}
                                & set(fake.names()))

    def test_good(self):
        self.accepted(self.authority.issue("good"))

    def test_self_signed(self):
        self.refused(self.authority.self_signed("self"))

    def test_unknown_issuer(self):
        """Our authority is not in the system's store."""
        self.refused(self.authority.issue("unknown"), sslcacertfile=None)

    def test_other_name(self):
        self.refused(self.authority.issue("other",
                                          "DNS:mail.example.org"))

    def test_address_is_not_a_name(self):
        self.refused(self.authority.issue("address", "IP:127.0.0.1"))

    def test_wildcard_is_a_whole_label(self):
        self.refused(self.authority.issue("wild", "DNS:local*"))

    def test_expired(self):
        self.refused(self.authority.issue("expired", days=-1))

    def test_right_fingerprint(self):
        """cert_fingerprint alone is enough for a self-signed one."""
        pair = self.authority.self_signed("finger")
        self.accepted(pair, sslcacertfile=None,
                      cert_fingerprint=fingerprint(pair[0]))

    def test_wrong_fingerprint(self):
        """Both given: both must be right."""
        pair = self.authority.issue("finger2")
        self.refused(pair, cert_fingerprint="ab" * 32)

    def test_plain_server_where_tls_is_expected(self):
        """A greeting in the clear is no TLS: exit 6, no credential."""
        with Fake() as fake:
            box = self.box(fake, remote={"ssl": "yes"})
            self.assertExit(box.run(), NETWORK)
        self.assertFalse(fake.credentials_seen())

    def test_old_protocol_version(self):
        """S2: TLS 1.1 is refused."""
        fake = Fake(cert=self.authority.issue("old"), implicit_tls=True)
        fake.host = "localhost"
        try:
            fake.tls.set_ciphers("ALL:@SECLEVEL=0")
            fake.tls.minimum_version = ssl.TLSVersion.TLSv1
            fake.tls.maximum_version = ssl.TLSVersion.TLSv1_1
        except (ValueError, ssl.SSLError):
            self.skipTest("this OpenSSL has no TLS 1.1")
        with fake:
            box = self.box(fake, remote={
                "ssl": "yes", "sslcacertfile": self.authority.path})
            result = box.run()
        self.assertExit(result, NETWORK)
        self.assertEqual(fake.names(), [])


def fingerprint(path):
    import hashlib
    with open(path) as pem:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(
            pem.read())).hexdigest()


class Encrypted(ServerCase):

    def test_sync_over_tls_and_starttls(self):
        """The real thing, both ways to TLS; the password is not seen."""
        for implicit in (True, False):
            with self.subTest(implicit=implicit):
                self.setUp()
                self.fill("INBOX", many("in", 20, (5000,)))
                port = self.user.tls_port if implicit else self.user.port
                proxy = self.enter(Proxy(port))
                self.user.host = "localhost"
                box = self.box(self.user, port=proxy.port, remote={
                    "ssl": "yes" if implicit else "no", "starttls": "yes",
                    "sslcacertfile": self.server.authority.path,
                    "ipv6": "no"})
                box.maildir.make("Up")
                box.maildir.add("Up", large("up", 300_000))
                box.sync()
                self.user.host = "127.0.0.1"
                self.assertSame(box, ["INBOX", "Up"])
                self.assertQuiet(box)
                self.assertNotIn(b"cAnArY7", proxy.seen_up)


class Configuration(ServerCase):

    def test_missing_file(self):
        """Exit 7; the path is told."""
        box = self.box()
        self.assertIn(".offlineimaprc", box.sync(expect=CONFIG).out)
        self.assertIn("/no/such", box.sync("-c", "/no/such",
                                           expect=CONFIG).out)

    def test_bad_values_name_file_and_line(self):
        """Exit 7; file, line, option and value are told (N38)."""
        for section, option, value in (
                ("Repository Rem", "ssl", "perhaps"),
                ("Repository Rem", "remoteport", "imap!"),
                ("Repository Rem", "type", "POP3"),
                ("Repository Rem", "maxconnections", "many"),
                ("Account Test", "autorefresh", "soon"),
                ("general", "maxsyncaccounts", "x")):
            with self.subTest(option=option):
                box = self.box(self.user)
                box.option(section, **{option: value})
                with open(box.config) as lines:
                    line = 1 + [text.startswith(f"{option} = {value}")
                                for text in lines].index(True)
                result = box.sync(expect=CONFIG, once=False)
                for part in (f"{box.config}:{line}", option, value):
                    self.assertIn(part, result.out)

    def test_misspelt_option_is_named_with_a_suggestion(self):
        """N38: a warning with the nearest right spelling; the sync runs."""
        box = self.box(self.user)
        box.option("general", socktimemout="60")
        result = box.sync()
        self.assertIn("socktimemout", result.out)
        self.assertIn("socktimeout", result.out)

    def test_broken_syntax(self):
        for text in ("accounts = Test\n", "[general\naccounts = Test\n",
                     "[general]\nno delimiter\n",
                     "[general]\naccounts = Test\n[general]\n",
                     "[general]\naccounts = %(nothing)s\n"):
            with self.subTest(text=text):
                box = self.box()
                with open(box.config, "w") as out:
                    out.write(text)
                self.assertIn(box.config, box.sync(expect=CONFIG).out)

    def test_unknown_account(self):
        """-a with an unknown name: nothing is synchronised."""
        box = self.box(self.user)
        self.fill("INBOX", [plain("one")])
        result = box.run("-a", "Test,Tset")
        self.assertExit(result, ERROR, USAGE, CONFIG)
        self.assertIn("Tset", result.out)
        self.assertEqual(box.maildir.folders(), [])

    def test_missing_sections(self):
        for section in ("Account", "Repository Loc", "Repository Rem"):
            with self.subTest(section=section):
                box = self.box(self.user)
                box.accounts["Test"] = [
                    part for part in box.accounts["Test"]
                    if not part[0].startswith(section)]
                box.write_config()
                self.assertExit(box.run(), CONFIG)


class Locks(ServerCase):

    def test_lock_held_by_another_process(self):
        """Exit 8, and the holder is named (N17); both kinds of lock."""
        box = self.box(self.user)
        box.sync()
        path = os.path.join(box.metadata, "Test.lock")
        for lock in (fcntl.lockf, fcntl.flock):
            with self.subTest(lock.__name__), open(path, "a") as held:
                lock(held, fcntl.LOCK_EX)
                result = box.sync(expect=LOCKED)
                if lock is fcntl.lockf:  # the system names its holder
                    self.assertRegex(result.out, r"\b%d\b" % os.getpid())
        box.sync()

    def test_second_instance_is_refused_and_the_first_goes_on(self):
        """Hazard 9.3: a refused instance does not break the lock."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 3))
        fake.on("LIST", lambda session, tag, rest: session.until_gone())
        with fake:
            box = self.box(fake)
            with box.start() as first:
                first.wait_for("onnect")
                while "LIST" not in fake.names():
                    self.assertIsNone(first.popen.poll(), first.text)
                    try:
                        first.popen.wait(0.05)
                    except Exception:
                        pass
                for _ in range(2):
                    result = box.sync(expect=LOCKED)
                    self.assertRegex(result.out,
                                     r"\b%d\b" % first.popen.pid)
                self.assertIsNone(first.popen.poll())
                first.kill()
            fake.on("LIST", None)
            box.sync()
        self.assertEqual(len(box.maildir.messages("INBOX")), 3)


class Refusals(Case):
    """The server says NO to one thing; all others go on (N7)."""

    def test_refused_upload(self):
        """Q5, Q8: one of many APPENDs gets NO: exit 3, its file stays, the
        server's words are shown, the others are there."""
        fake = Fake()

        def refuse(session, tag, rest):
            if b"REFUSE ME" not in session.literals[-1]:
                return False
            session.line(f"{tag} NO [CANNOT] these words say why")
            return True

        fake.on("APPEND", refuse)
        with fake:
            box = self.box(fake)
            box.maildir.make("INBOX")
            for data in many("up", 5):
                box.maildir.add("INBOX", data)
            path = box.maildir.add("INBOX", plain("bad") + b"REFUSE ME\n")
            for data in many("upp", 5):
                box.maildir.add("INBOX", data)
            for _ in range(2):
                result = box.sync(expect=PARTIAL)
                self.assertIn("these words say why", result.out)
                self.assertTrue(os.path.exists(path))
                self.assertEqual(len(fake.boxes["INBOX"].messages), 10)

    def test_refused_before_the_literal(self):
        """Q7: NO instead of a continuation."""
        fake = Fake()

        def refuse(session, tag, rest):
            session.line(f"{tag.split()[0]} NO [TOOBIG] too big for us")
            return True

        fake.on("CONTINUE", lambda session, tag, text: refuse(
            session, text, "") if "APPEND" in text else False)
        with fake:
            box = self.box(fake)
            box.maildir.make("INBOX")
            box.maildir.add("INBOX", plain("bad"))
            # The scripted server waits for the literal all the same.
            box.option("general", socktimeout="5")
            result = box.run()
            self.assertFailed(result)
            self.assertEqual(len(box.maildir.messages("INBOX")), 1)

    def test_read_only_mailbox(self):
        """A mailbox selected READ-ONLY takes nothing; local mail stays."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 3))
        fake.on("SELECT", lambda session, tag, rest: session.do_examine(
            tag, rest) or True)
        for name in ("APPEND", "UID STORE", "EXPUNGE", "UID EXPUNGE"):
            fake.on(name, lambda session, tag, rest: session.line(
                f"{tag} NO [READ-ONLY] mailbox is read-only") or True)
        with fake:
            box = self.box(fake)
            box.sync()
            path = box.maildir.add("INBOX", plain("new"))
            box.maildir.flag("INBOX", "in-0", "FS")
            result = box.run()
            self.assertFailed(result)
            self.assertTrue(os.path.exists(path))
            self.assertEqual(len(box.maildir.messages("INBOX")), 4)

    def test_a_server_that_repeats_the_password(self):
        """D5: some servers quote the command that they refuse.  (That no
        password is in the output is asked of every run.)"""
        for answer in ("{0} NO [ALERT] no such user: LOGIN {1}",
                       "{0} BAD parse error in LOGIN {1}",
                       "* BYE [ALERT] go away with {1}",
                       "* NO [ALERT] {1}\r\n{0} NO no"):
            with self.subTest(answer):
                fake = Fake()
                fake.capability = "IMAP4rev1"
                fake.on("LOGIN", lambda session, tag, rest: session.line(
                    answer.format(tag, rest)) or True)
                with fake:
                    result = self.box(fake, account={}).run("-d", "all")
                self.assertExit(result, AUTH, NETWORK)
                self.assertIn("(hidden)", result.out)

    def test_a_worker_that_gets_no_connection_any_more(self):
        """A server that lost one of two connections and takes no other:
        it costs that worker's folder, the other worker does the rest."""
        fake = Fake()
        names = [f"F{number}" for number in range(8)]
        for name in names:
            fake.mailbox(name, many(name.lower(), 3))
        sessions, refused = [], threading.Event()

        def greeting(session, tag, rest):
            sessions.append(session)
            if len(sessions) <= 2:
                return False
            session.line("* BYE too many connections")
            refused.set()
            raise Gone

        def message(session, tag, args):
            if session is not sessions[0]:
                raise Gone
            refused.wait(60)
            return False

        fake.on("GREETING", greeting)
        fake.on("MESSAGE", message)
        with fake:
            box = self.box(fake, remote={"maxconnections": "2"})
            result = box.run()
        self.assertExit(result, NETWORK)
        got = [name for name in names
               if len(box.maildir.messages(name)) == 3]
        self.assertGreaterEqual(len(got), 7, repr(result))

    def test_one_folder_that_cannot_be_selected(self):
        """A bad folder costs one folder."""
        fake = Fake()
        fake.mailbox("Bad", many("bad", 2))
        fake.mailbox("Good", many("good", 2))
        for name in ("SELECT", "EXAMINE"):
            fake.on(name, lambda session, tag, rest: "Bad" in rest
                    and (session.line(f"{tag} NO [CANNOT] broken mailbox")
                         or True))
        with fake:
            box = self.box(fake)
            result = box.run()
            self.assertExit(result, ERROR, PARTIAL)
            self.assertIn("broken mailbox", result.out)
            self.assertEqual(len(box.maildir.messages("Good")), 2)


if __name__ == "__main__":
    unittest.main()
