"""Logging in: expressions, OAuth2, Kerberos."""

import itertools
import os
import unittest

from support import kerberos
from support.case import Case, ServerCase, plain, stop_servers
from support.hostile import Fake
from support.program import AUTH, CONFIG, NETWORK
from support.tokens import REFRESH, SECRET, TokenServer, take_token


def tearDownModule():
    stop_servers()


class Expressions(ServerCase):
    def setUp(self):
        super().setUp()
        self.fill("INBOX", [plain("one")])

    def test_address_user_and_password_are_evaluated_and_come_first(self):
        box = self.box(self.user, remote={
            "remotehosteval": "host()", "remoteporteval": "port",
            "remoteusereval": "user", "remotepasseval": "password()",
            "remotehost": "none.invalid", "remoteport": "1",
            "remoteuser": "nobody", "remotepass": "wrong"})
        path = os.path.join(box.home, "e.py")
        with open(path, "w") as out:
            out.write(f"host = lambda: '127.0.0.1'\nport = {self.user.port}\n"
                      f"user = b'{self.user.name}'\n"
                      f"password = lambda: '{self.user.password}'\n")
        box.option("general", pythonfile=path)
        box.sync()
        self.assertSame(box, ["INBOX"])
        self.assertIn("127.0.0.1", box.sync("--info").out)

    def test_literals_need_no_python(self):
        box = self.box(self.user, remote={
            "remotehosteval": "'127.0.0.1'", "remotehost": None,
            "remoteporteval": str(self.user.port), "remoteport": None})
        box.option("Repository Rem", remotehost=None, remoteport=None)
        box.env["PATH"] = "/nonexistent"
        box.sync()
        self.assertSame(box, ["INBOX"])

    def test_every_connection_has_what_was_evaluated_once(self):
        for n in range(6):
            self.fill(f"F{n}", [plain(f"m{n}")])
        box = self.box(self.user, remote={
            "maxconnections": "3", "remotepasseval": "password()"})
        path, count = (os.path.join(box.home, name) for name in "ec")
        with open(path, "w") as out:
            out.write(f"def password():\n open({count!r}, 'a').write('x')\n"
                      f" return '{self.user.password}'\n")
        box.option("general", pythonfile=path)
        box.option("Repository Rem", remotepass=None)
        box.sync(once=False)
        self.assertSame(box, [f"F{n}" for n in range(6)])
        with open(count) as calls:
            self.assertEqual(calls.read(), "x")

    def test_none_is_an_error_that_names_the_place(self):
        for option in ("remotehosteval", "remoteusereval", "remotepasseval"):
            box = self.box(self.user, remote={option: "None"})
            result = box.sync(expect=CONFIG)
            self.assertRegex(result.out, r"offlineimaprc:\d+: \[Repository "
                             rf"Rem\] {option}: .*None")

    def test_a_port_that_is_none_is_an_error(self):
        box = self.box(self.user, remote={"remoteporteval": "70000"})
        self.assertRegex(box.sync(expect=CONFIG).out,
                         r"remoteporteval: 70000 is no port")

    def test_a_refused_password_is_evaluated_anew(self):
        box = self.box(self.user, account={"autorefresh": "0.0001"}, remote={
            "remotepasseval": "password()"})
        path, count = (os.path.join(box.home, name) for name in "ec")
        with open(path, "w") as out:
            out.write(
                "import os\ndef password():\n"
                f" first = not os.path.exists({count!r})\n"
                f" open({count!r}, 'a').write('x')\n"
                f" return 'wrong' if first else '{self.user.password}'\n")
        box.option("general", pythonfile=path)
        with box.start(once=False) as process:
            process.wait_for("refused the login")
            process.wait_for("Copy message|Copying", timeout=60)
            process.popen.terminate()
            process.finish()
        self.assertSame(box, ["INBOX"])


class Tokens(Case):
    def setUp(self):
        self.tokens = self.enter(TokenServer())
        self.fake = Fake(capability="IMAP4rev1 SASL-IR AUTH=XOAUTH2 "
                         "AUTH=PLAIN")
        self.fake.mailbox("INBOX", [plain("one")])
        self.fake.on("AUTHENTICATE", take_token(self.tokens))
        self.enter(self.fake)

    def configured(self, **remote):
        box = self.box(self.fake, remote={
            "oauth2_request_url": self.tokens.url,
            "oauth2_client_id": "me&you=1",
            "oauth2_client_secret": SECRET,
            "oauth2_refresh_token": REFRESH, **remote})
        box.option("Repository Rem", remotepass=None)
        box.option("Repository Rem", **{name: None for name, value
                                        in remote.items() if value is None})
        return box

    def test_a_token_is_asked_for_and_used(self):
        box = self.configured()
        box.sync("-d", "imap")
        self.assertEqual(len(box.maildir.messages("INBOX")), 1)
        self.assertEqual(self.tokens.requests, [{
            "client_id": "me&you=1", "client_secret": SECRET,
            "refresh_token": REFRESH, "grant_type": "refresh_token",
            "content-type": "application/x-www-form-urlencoded"}])

    def test_without_sasl_ir_it_works_as_well(self):
        self.fake.capability = "IMAP4rev1 AUTH=XOAUTH2"
        self.configured().sync()

    def test_a_client_without_a_secret_sends_none(self):
        self.configured(oauth2_client_secret=None).sync()
        self.assertNotIn("client_secret", self.tokens.requests[0])

    def test_expressions_stand_for_what_is_absent(self):
        self.configured(
            oauth2_client_id=None, oauth2_client_id_eval="'id\\n'",
            oauth2_client_secret_eval="1/0",
            oauth2_refresh_token=None,
            oauth2_refresh_token_eval=repr(REFRESH + "\n")).sync()
        self.assertEqual(self.tokens.requests[0]["client_id"], "id")
        self.assertEqual(self.tokens.requests[0]["refresh_token"], REFRESH)

    def test_a_given_access_token_needs_no_request(self):
        self.tokens.good = "cAnArY7-given"
        self.configured(oauth2_access_token="cAnArY7-given").sync()
        self.assertEqual(self.tokens.requests, [])

    def test_a_refused_access_token_is_replaced(self):
        self.tokens.good = "cAnArY7-given"
        self.configured(oauth2_access_token="cAnArY7-old").sync()
        self.assertEqual(len(self.tokens.requests), 1)
        self.assertNotIn("LOGIN", self.fake.names())

    def test_a_refused_access_token_alone_is_a_refused_login(self):
        self.tokens.good = "cAnArY7-given"
        box = self.configured(oauth2_access_token="cAnArY7-old",
                              oauth2_refresh_token=None)
        result = box.sync(expect=AUTH)
        self.assertRegex(result.out, "oauth2_refresh_token.*bad token")

    def test_a_refused_refresh_token_says_so_and_shows_none(self):
        self.tokens.refresh = "another"
        result = self.configured().sync(expect=AUTH)
        self.assertIn("invalid_grant", result.out)

    def test_the_servers_words_are_left_out_where_they_repeat_a_secret(self):
        self.tokens.status, self.tokens.error = 401, "invalid_client"
        result = self.configured().sync(expect=AUTH)
        self.assertIn("invalid_client", result.out)

    def test_answers_that_are_none_are_errors(self):
        for status, raw, code in (
                (200, b"<html>", AUTH), (200, b"{}", AUTH),
                (200, b'{"access_token": 7}', AUTH),
                (200, b'{"access_token": "a\\u0001b"}', AUTH),
                (503, b"busy", NETWORK), (302, b"", AUTH),
                (200, b" " * 70000, NETWORK)):
            with self.subTest(raw=raw[:20]):
                self.tokens.status, self.tokens.raw = status, raw
                self.configured().sync(expect=code)

    def test_the_password_has_its_turn_when_there_is_no_token(self):
        self.tokens.error, self.tokens.status = "invalid_grant", 400
        box = self.configured()
        box.option("Repository Rem", remotepass=self.fake.password)
        result = box.sync()
        self.assertIn("logged in without XOAUTH2", result.out)

    def test_a_new_refresh_token_is_used_for_the_next_request(self):
        self.tokens.answer["refresh_token"] = "cAnArY7-second"
        self.tokens.answer["expires_in"] = 1
        box = self.configured()
        box.option("Account Test", autorefresh="0.0001")
        with box.start(once=False) as process:
            process.wait_for("Copy message")
            self.tokens.refresh = "cAnArY7-second"
            for round_number in itertools.count(2):
                process.wait_for("Establishing connection",
                                 count=round_number)
                if len(self.tokens.requests) > 1:
                    break
            process.popen.terminate()
            process.finish()
        self.assertEqual(self.tokens.requests[1]["refresh_token"],
                         "cAnArY7-second")

    def test_a_url_that_is_not_safe_is_refused(self):
        for url in ("http://example.org/token", "ftp://127.0.0.1/", "x y"):
            result = self.configured(oauth2_request_url=url).sync(
                expect=CONFIG)
            self.assertIn("https://", result.out)

    def test_a_refresh_token_needs_an_address(self):
        box = self.configured(oauth2_request_url=None)
        self.assertIn("oauth2_request_url", box.sync(expect=CONFIG).out)

    def test_nobody_is_asked_before_the_server_offers_it(self):
        self.fake.capability = "IMAP4rev1 AUTH=PLAIN"
        box = self.configured()
        box.option("Repository Rem", remotepass=self.fake.password)
        box.sync()
        self.assertEqual(self.tokens.requests, [])


GSSAPI = """
auth_mechanisms = plain gssapi
auth_gssapi_hostname = localhost
auth_krb5_keytab = {keytab}
import_environment = {environment}
service auth {{
  {user}
}}
"""


@unittest.skipUnless(kerberos.available(), "needs krb5-kdc, "
                     "krb5-admin-server, krb5-user and dovecot-gssapi")
class Tickets(ServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.realm = kerberos.Realm()
        cls.realm.__enter__()
        cls.addClassCleanup(cls.realm.__exit__)
        environment = " ".join(f"{name}={value}" for name, value
                               in cls.realm.environment.items())
        cls.options = {"extra": GSSAPI.format(
            keytab=cls.realm.keytab, environment=environment,
            user="user = root" if os.geteuid() == 0 else "")}

    def kerberized(self, **remote):
        self.fill("INBOX", [plain("one")])
        box = self.box(self.user, remote={"remotehost": "localhost",
                                          "ipv6": "no", **remote})
        self.cache = "FILE:" + os.path.join(box.top, "cc")
        box.env.update(self.realm.environment, KRB5CCNAME=self.cache)
        box.option("Repository Rem", remotepass=None)
        return box

    def test_a_ticket_is_all_that_is_needed(self):
        box = self.kerberized()
        self.realm.user(self.user.name, "key")
        self.realm.ticket(self.user.name, "key", self.cache)
        result = box.sync("-d", "imap")
        self.assertSame(box, ["INBOX"])
        self.assertNotIn("assword", result.out)

    def test_every_connection_uses_it(self):
        for n in range(4):
            self.fill(f"F{n}", [plain(f"f{n}")])
        box = self.kerberized(maxconnections="3")
        self.realm.user(self.user.name, "key")
        self.realm.ticket(self.user.name, "key", self.cache)
        box.sync()
        self.assertSame(box, [f"F{n}" for n in range(4)])

    def test_without_a_ticket_the_password_has_its_turn(self):
        box = self.kerberized()
        box.option("Repository Rem", remotepass=self.user.password)
        box.sync()
        self.assertSame(box, ["INBOX"])

    def test_the_ticket_of_another_is_refused(self):
        box = self.kerberized()
        self.realm.user("other", "key")
        self.realm.ticket("other", "key", self.cache)
        result = box.sync(expect=AUTH)
        self.assertIn("GSSAPI", result.out)
        self.assertEqual(box.maildir.messages("INBOX"), [])

    def test_without_ticket_and_password_it_is_said(self):
        box = self.kerberized(auth_mechanisms="GSSAPI")
        box.option("Repository Rem", remotepass=self.user.password)
        self.assertIn("GSSAPI", box.sync(expect=AUTH).out)


if __name__ == "__main__":
    unittest.main()
