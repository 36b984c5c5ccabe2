"""Proxies, versions of TLS, compression."""

import re
import unittest

from support.case import Case, ServerCase, server, stop_servers
from support.hostile import Fake
from support.mails import many
from support.passage import Passage
from support.program import AUTH, CONFIG, NETWORK
from support.proxy import Proxy
from support.tokens import REFRESH, TokenServer, take_token

ZLIB = "\nprotocol imap {\n  mail_plugins = imap_zlib\n}\n"


def tearDownModule():
    stop_servers()


class Proxies(ServerCase):
    def setUp(self):
        super().setUp()
        self.fill("INBOX", many("in", 3))

    def boxed(self, proxy, **remote):
        return self.box(self.user, account={"proxy": proxy}, remote=remote)

    def test_every_kind_carries_the_connections(self):
        for kind in ("SOCKS5", "SOCKS4", "HTTP"):
            with self.subTest(kind=kind), Passage() as passage:
                box = self.boxed(f"{kind}:127.0.0.1:{passage.port}")
                box.sync()
                self.assertSame(box, ["INBOX"])
                self.assertEqual(set(passage.targets),
                                 {("127.0.0.1", self.user.port)})

    def test_the_proxy_resolves_the_name(self):
        for kind in ("SOCKS5", "SOCKS4", "HTTP"):
            with self.subTest(kind=kind), Passage(
                    names={"imap.invalid": "127.0.0.1"}) as passage:
                box = self.boxed(f"{kind}:127.0.0.1:{passage.port}",
                                 remotehost="imap.invalid")
                box.sync()
                self.assertEqual(passage.targets[0][0], "imap.invalid")

    def test_tls_goes_through_it(self):
        with Passage(names={"localhost": "127.0.0.1"}) as passage:
            box = self.boxed(
                f"SOCKS5:127.0.0.1:{passage.port}", remotehost="localhost",
                remoteport=self.user.tls_port, ssl="yes",
                sslcacertfile=self.server.authority.path)
            box.sync()
            self.assertSame(box, ["INBOX"])

    def test_nothing_goes_past_a_proxy_that_fails(self):
        with Passage(refuse=True) as passage:
            for kind in ("SOCKS5", "SOCKS4", "HTTP"):
                with self.subTest(kind=kind):
                    proxy = f"{kind}:127.0.0.1:{passage.port}"
                    result = self.boxed(proxy).sync(expect=NETWORK)
                    self.assertIn("through the proxy " + proxy, result.out)
        with Proxy(self.user.port) as relay:
            box = self.box(self.user, port=relay.port,
                           account={"proxy": "HTTP:127.0.0.1:1"})
            box.env["no_proxy"] = "*"
            box.sync(expect=NETWORK)
            self.assertEqual(relay.links, [])

    def test_the_environment_has_no_say(self):
        box = self.box(self.user)
        box.env.update(http_proxy="http://127.0.0.1:1",
                       all_proxy="http://127.0.0.1:1")
        box.sync()
        self.assertSame(box, ["INBOX"])

    def test_a_bad_value_is_refused_with_its_place(self):
        for value in ("SOCKS5:h", "socks5:h:1", "h:1080", "SOCKS5::1080",
                      "HTTP:h:0", "HTTP:h:x", "HTTP:a/b:1"):
            for option in ("proxy", "authproxy"):
                box = self.box(self.user, account={option: value})
                result = box.run()
                self.assertExit(result, CONFIG)
                self.assertRegex(result.out, r"offlineimaprc:\d+: \[Account "
                                 rf"Test\] {option}: .*TYPE:HOST:PORT")

    def test_an_empty_one_is_none(self):
        for value in ("", "''"):
            self.boxed(value).sync()


class AuthProxies(Case):
    def sync(self, **account):
        tokens = self.enter(TokenServer())
        fake = Fake(capability="IMAP4rev1 AUTH=XOAUTH2")
        fake.mailbox("INBOX", many("in", 1))
        fake.on("AUTHENTICATE", take_token(tokens))
        self.enter(fake)
        self.enter(self.passage)
        box = self.box(fake, account=account, remote={
            "oauth2_request_url": tokens.url,
            "oauth2_refresh_token": REFRESH})
        box.option("Repository Rem", remotepass=None)
        box.sync()
        self.assertEqual(len(tokens.requests), 1)
        return {port for _, port in self.passage.targets}, tokens.port, \
            fake.port

    def setUp(self):
        self.passage = Passage()
        self.proxy = f"SOCKS5:127.0.0.1:{self.passage.port}"

    def test_it_carries_requests_for_tokens_alone(self):
        seen, tokens, _ = self.sync(authproxy=self.proxy)
        self.assertEqual(seen, {tokens})

    def test_it_is_that_of_the_connections_by_default(self):
        seen, tokens, imap = self.sync(proxy=self.proxy)
        self.assertEqual(seen, {tokens, imap})

    def test_empty_is_none(self):
        for none in ("", "''"):
            self.setUp()
            seen, _, imap = self.sync(proxy=self.proxy, authproxy=none)
            self.assertEqual(seen, {imap})


class TlsVersions(ServerCase):
    def version(self, **remote):
        box = self.box(self.user, remote={
            "remotehost": "localhost", "remoteport": self.user.tls_port,
            "ssl": "yes", "ipv6": "no",
            "sslcacertfile": self.server.authority.path, **remote})
        self.fill("INBOX", many("in", 1))
        return re.search(r"TLSv1\.\d", box.sync("-d", "imap").out).group()

    def test_the_newest_is_used_by_default(self):
        self.assertEqual(self.version(), "TLSv1.3")
        for value in ("ssl23", "auto"):
            self.assertEqual(self.version(ssl_version=value), "TLSv1.3")

    def test_tls1_2_is_that_one_alone(self):
        self.assertEqual(self.version(ssl_version="tls1_2"), "TLSv1.2")

    def test_levels_need_no_version(self):
        for level in ("tls_compat", "tls_no_ssl", "tls_secure"):
            self.assertEqual(self.version(tls_level=level), "TLSv1.3")

    def test_older_versions_are_refused_with_the_place(self):
        for value in ("tls1_1", "tls1", "ssl3"):
            box = self.box(self.user, remote={"ssl": "yes",
                                              "ssl_version": value})
            result = box.run()
            self.assertExit(result, CONFIG)
            self.assertRegex(result.out, r"offlineimaprc:\d+: \[Repository "
                             r"Rem\] ssl_version: .*TLS 1\.2")
            box.option("Repository Rem", ssl="no")
            box.sync()


class Compression(ServerCase):
    options = {"extra": ZLIB}

    def test_both_directions_are_compressed(self):
        self.fill("INBOX", many("in", 200))
        with Proxy(self.user.port) as relay:
            box = self.box(self.user, port=relay.port, remote={
                "usecompression": "yes", "maxconnections": "2"})
            self.fill("Other", many("more", 50))
            box.sync()
            self.assertSame(box, ["INBOX", "Other"])
            for data in many("out", 100):
                box.maildir.add("INBOX", data)
            box.sync()
            self.assertSame(box, ["INBOX", "Other"])
            self.assertNotIn(b"SELECT", relay.seen_up)
            self.assertIn(b"COMPRESS DEFLATE", relay.seen_up)
            self.assertQuiet(box)

    def test_it_works_within_tls(self):
        self.fill("INBOX", many("in", 50))
        box = self.box(self.user, remote={
            "remotehost": "localhost", "remoteport": self.user.tls_port,
            "ssl": "yes", "ipv6": "no", "usecompression": "yes",
            "sslcacertfile": self.server.authority.path})
        box.sync()
        self.assertSame(box, ["INBOX"])

    def test_a_cut_is_survived(self):
        self.fill("INBOX", many("in", 300))
        with Proxy(self.user.port) as relay:
            relay.cut_after(down=20000)
            box = self.box(self.user, port=relay.port,
                           remote={"usecompression": "yes"})
            box.run()
            box.sync()
            self.assertSame(box, ["INBOX"])


class NoCompression(ServerCase):
    def test_a_server_without_it_is_noticed_once(self):
        for n in range(4):
            self.fill(f"F{n}", many(f"f{n}", 2))
        box = self.box(self.user, remote={"usecompression": "yes",
                                          "maxconnections": "3"})
        result = box.sync()
        self.assertEqual(result.out.count("usecompression"), 1)
        self.assertSame(box, [f"F{n}" for n in range(4)])


class BadCompression(Case):
    def test_damaged_data_are_an_error(self):
        fake = Fake(capability="IMAP4rev1 COMPRESS=DEFLATE")

        def compress(session, tag, rest):
            session.line(f"{tag} OK now")
            session.send(b"\x07\x07\x07\x07")
            session.until_gone()

        fake.on("COMPRESS", compress)
        with fake:
            box = self.box(fake, remote={"usecompression": "yes"})
            self.assertIn("damaged", box.sync(expect=(NETWORK, AUTH)).out)

    def test_a_refusal_is_none_of_the_users_troubles(self):
        fake = Fake(capability="IMAP4rev1 COMPRESS=DEFLATE")
        fake.mailbox("INBOX", many("in", 2))
        fake.on("COMPRESS", lambda session, tag, rest: session.line(
            f"{tag} NO [COMPRESSIONACTIVE] not here") or True)
        with fake:
            box = self.box(fake, remote={"usecompression": "yes"})
            self.assertIn("not here", box.sync().out)


if __name__ == "__main__":
    unittest.main()
