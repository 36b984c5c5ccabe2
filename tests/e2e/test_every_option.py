"""Every option of src/conf/option.c is tried beside the program that ours
succeeds.  Each case of the tables is an account with users of its own; all
accounts stand in one configuration, so that a handful of runs tries them all.
"""

import os
import re
import unittest

from support.case import ServerCase, multiset, stop_servers
from support.judge import status_rows
from support.mails import plain
from support.old import OLD, WORK, is_old, settings
from support.program import AUTH, BINARY, CONFIG, OK
from test_corpus import info_settings, normal

HERE = os.path.dirname(os.path.abspath(__file__))
MANUAL = os.path.join(HERE, "../../man/offlineimap.conf.5")
OPTIONS = os.path.join(HERE, "../../src/conf/option.c")

# Options that no test of this directory needs to name.
EXCEPTIONS = {
    "skipsleep": "internal to OfflineIMAP, which sets it itself",
}


def tearDownModule():
    stop_servers()


def option_names():
    with open(OPTIONS, encoding="utf-8") as source:
        return sorted(set(re.findall(r'(?m)^\t\{"([a-z0-9_-]+)",',
                                     source.read())))


class Named(unittest.TestCase):

    def test_every_option_is_tried(self):
        """A new row of option.c needs a test here, or a reason above."""
        text = ""
        for top, _, files in os.walk(HERE):
            for file in files:
                if file.endswith(".py") or file == "offlineimaprc":
                    with open(os.path.join(top, file),
                              encoding="utf-8") as source:
                        text += source.read()
        names = option_names()
        self.assertGreater(len(names), 100)
        self.assertLessEqual(set(EXCEPTIONS), set(names))
        for name in names:
            if name not in EXCEPTIONS:
                with self.subTest(name):
                    self.assertTrue(re.search(
                        rf"[\"']{name}[\"']\s*[:,\])]|"
                        rf"(?<![\w-]){name}\s?=[^=]", text), name)


# name: options of the account, the local and the remote repository.  The text
# in {} is the server's, see Beside.fill_in.
CASES = {
    "defaults": ({}, {}, {}),
    "expansion": ({}, {"localfolders": "$HOME/${{DEEP}}/{name}"}, {}),
    "home": ({}, {"localfolders": "~/Other/{name}"}, {}),
    "slash": ({}, {"sep": "/"}, {"sep": "."}),
    "gmail": ({"synclabels": "no", "labelsheader": "X-Label",
               "ignorelabels": "\\Inbox, b"},
              {"type": "GmailMaildir"},
              {"type": "Gmail", "trashfolder": "[Gmail]/Bin",
               "spamfolder": "[Gmail]/Spam"}),
    "nonstandard": ({}, {}, {"allow_nonstandard_capabilities": "yes"}),
    "sync-deletes-remote": ({}, {}, {"sync_deletes": "no"}),
    "sync-deletes-local": ({}, {"sync_deletes": "no"}, {}),
    "readonly": ({}, {}, {"readonly": "yes"}),
    "createfolders": ({}, {}, {"createfolders": "no"}),
    "quick": ({"quick": "3"}, {}, {}),
    "autorefresh": ({"autorefresh": "0.5"}, {}, {}),
    "hooks": ({"presynchook": "echo pre >> ~/{name}.hook",
               "postsynchook": "echo post >> ~/{name}.hook"}, {}, {}),
    "newmail": ({}, {}, {"newmail_hook": "lambda: __import__('os').system("
                         "'echo new >> ~/{name}.hook')"}),
    "maxsize": ({"maxsize": "1000000"}, {}, {}),
    "connections": ({}, {}, {"maxconnections": "3"}),
    "in-turn": ({}, {}, {"singlethreadperfolder": "yes"}),
    "held": ({}, {}, {"holdconnectionopen": "yes", "keepalive": "60"}),
    "idle": ({}, {}, {"idlefolders": "['INBOX']"}),
    "retries": ({}, {}, {"retrycount": "5"}),
    "ipv4": ({}, {}, {"ipv6": "no"}),
    "plain": ({}, {}, {"auth_mechanisms": "PLAIN"}),
    "login": ({}, {}, {"auth_mechanisms": "CRAM-MD5, LOGIN"}),
    "passfile": ({}, {}, {"remotepass": None,
                          "remotepassfile": "~/{name}.pass"}),
    "evals": ({}, {}, {
        "remotehost": "nowhere.invalid", "remotehosteval": "'{host}'",
        "remoteport": "1", "remoteporteval": "{port}",
        "remoteuser": "nobody", "remoteusereval": "'{user}'",
        "remotepass": None, "remotepasseval":
            "open('{home}/{name}.pass').read().strip()"}),
    "token": ({}, {}, {
        "oauth2_client_id": "id", "oauth2_client_secret": "secret",
        "oauth2_request_url": "https://localhost:1/token",
        "oauth2_access_token": "token"}),
    "token-evals": ({"authproxy": ""}, {}, {
        "oauth2_client_id_eval": "'id'",
        "oauth2_client_secret_eval": "'secret'",
        "oauth2_request_url": "https://localhost:1/token",
        "oauth2_refresh_token_eval": "'token'"}),
    "token-eval": ({}, {}, {"oauth2_access_token_eval": "'to' + 'ken'"}),
    "tls": ({}, {}, {"ssl": "yes", "remoteport": "{tls_port}",
                     "sslcacertfile": "~/{name}.pem"}),
    "tls-variable": ({}, {}, {"ssl": "on", "remoteport": "{tls_port}",
                              "sslcacertfile": "$HOME/{name}.pem"}),
    "tls-fingerprint": ({}, {}, {
        "ssl": "yes", "remoteport": "{tls_port}",
        "cert_fingerprint": "{fingerprint}"}),
    "tls-version": ({}, {}, {
        "ssl": "1", "remoteport": "{tls_port}", "ssl_version": "tls1_2",
        "tls_level": "tls_secure", "sslcacertfile": "{ca}"}),
    "tls-client": ({}, {}, {
        "ssl": "true", "remoteport": "{tls_port}", "sslcacertfile": "{ca}",
        "sslclientcert": "~/{name}.cert", "sslclientkey": "~/{name}.key"}),
    "filters": ({}, {}, {
        "folderfilter": "lambda name: name != 'Work'",
        "folderincludes": "['Work']", "dynamic_folderfilter": "yes",
        "foldersort": "lambda a, b: (a < b) - (a > b)"}),
    "slips": ({"autorefresh": "5 # minutes", "synclabels": "perhaps"},
              {"remotehost": "nowhere"},
              {"keepalive": "soon", "tls_level": "", "ssl_version": "TLS1_3",
               "sslclientkey": "", "remotepassfile": "", "foldersort": "None",
               "newmail_hook": "None", "realdelete": "no"}),
}


@unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is not installed")
class Beside(ServerCase):
    """Both programs, each with a box and users of its own."""

    general = {"maxsyncaccounts": "2", "socktimeout": "60",
               "ignore-readonly": "yes", "fsync": "yes"}

    def setUp(self):
        super().setUp()
        self.sides = [(binary, self.box()) for binary in (OLD, BINARY)]
        self.users = {}
        for binary, box in self.sides:
            box.binary = binary
            box.general.update(self.general)
            box.env = {"DEEP": "Mail/deep"}
            for name in CASES:
                self.users[binary, name] = self.server.user()
                self.add(box, name, self.users[binary, name])

    def fill_in(self, box, name, user, values):
        return {key: value and value.format(
            name=name, home=box.home, host="localhost", port=user.port,
            tls_port=user.tls_port, user=user.name,
            ca=self.server.authority.path,
            fingerprint=self.server.authority.fingerprint(self.server.cert))
            for key, value in values.items()}

    def add(self, box, name, user):
        account, local, remote = (self.fill_in(box, name, user, values)
                                  for values in CASES[name])
        box.account(name, user, account=account, local=local,
                    remote={"remotehost": "localhost", **remote})
        box.option("Repository Rem" + name, **{
            key: None for key, value in remote.items() if value is None})
        files = {"pass": user.password + "\n"}
        for end, path in (("pem", self.server.authority.path),
                          ("cert", self.server.cert),
                          ("key", self.server.key)):
            with open(path) as text:
                files[end] = text.read()
        for end, text in files.items():
            with open(os.path.join(box.home, f"{name}.{end}"), "w") as out:
                out.write(text)

    def fill_servers(self):
        for user in self.users.values():
            with self.imap(user) as imap:
                imap.create("Work", "Work/old")
                for n in range(4):
                    imap.append("INBOX", plain(f"in-{n}"), "S" * (n % 2))
                    imap.append("Work", plain(f"work-{n}"), "F" * (n % 2))

    def change(self):
        """Whatever can happen on both sides between two runs."""
        for (binary, name), user in self.users.items():
            with self.imap(user) as imap:
                imap.append("INBOX", plain("later"))
                imap.flag("INBOX", 1, "+", "F")
                imap.remove("INBOX", 4)
                imap.create("There")
                imap.append("There", plain("there"))
            maildir = self.maildir(binary, name)
            if os.path.isdir(os.path.join(maildir.root, "Work")):
                maildir.add("Work", plain("mine"), "S")
                maildir.flag("Work", "work-0", "RS")
                maildir.remove("Work", "work-3")
            maildir.make("Here")
            maildir.add("Here", plain("here"))

    def maildir(self, binary, name):
        box = dict(self.sides)[binary]
        path = dict(box.accounts[name][1][1])["localfolders"]
        for word, place in (("~", box.home), ("$HOME", box.home),
                            ("${DEEP}", box.env["DEEP"])):
            path = path.replace(word, place)
        return type(box.maildir)(path)

    def seen(self, binary, name):
        """What is on the server, in the Maildir and in the state."""
        box, maildir = dict(self.sides)[binary], self.maildir(binary, name)
        found = {"folders": maildir.folders()}
        for folder in maildir.folders():
            found["local", folder] = [
                (m.uid, m.flags, m.data) for m in maildir.messages(folder)]
            basename = folder.replace("/", ".")
            state = os.path.join(box.metadata, f"Account-{name}",
                                 "LocalStatus-sqlite", basename)
            found["rows", folder] = os.path.exists(state) and \
                status_rows(box.metadata, name, basename)
        with self.imap(self.users[binary, name]) as imap:
            for folder in imap.folders():
                found["remote", folder] = multiset(imap.messages(folder))
        hook = os.path.join(box.home, name + ".hook")
        if os.path.exists(hook):
            with open(hook) as text:
                found["hook"] = text.read()
        return found

    def sync(self):
        for _, box in self.sides:
            box.sync()

    def compare(self):
        for name in CASES:
            with self.subTest(name):
                ours = self.seen(BINARY, name)
                self.assertTrue(ours["local", "INBOX"])
                self.assertEqual(self.seen(OLD, name), ours)

    def test_all_cases(self):
        """The same from the same, at first and after changes; then each
        program finds nothing to do in what the other has left."""
        self.fill_servers()
        self.sync()
        self.compare()
        self.assertEqual(self.seen(BINARY, "newmail")["hook"], "new\n")
        self.change()
        self.sync()
        self.compare()
        before = {key: self.seen(*key) for key in self.users}
        for (_, box), other in zip(self.sides, (BINARY, OLD)):
            box.binary = other
            self.assertNotRegex(box.sync().out, WORK)
        for key in self.users:
            with self.subTest(key):
                self.assertEqual(self.without_hook(before[key]),
                                 self.without_hook(self.seen(*key)))

    @staticmethod
    def without_hook(seen):
        return {key: value for key, value in seen.items() if key != "hook"}


# What both programs can be asked for their settings.
SETTINGS = {
    "general": {"metadata": "~/$WHERE/state", "maxsyncaccounts": "3",
                "socktimeout": "77", "fsync": "no"},
    "Account Test": {
        "autorefresh": "2.5", "quick": "4", "utf8foldernames": "yes",
        "presynchook": "true $A", "postsynchook": "false; true",
        "maxage": "12", "maxsize": "54321", "filterheaders": "X-A, X-B"},
    "Repository Loc": {"localfolders": "~/${WHERE}/mail", "sep": "/",
                       "readonly": "on", "createfolders": "0",
                       "sync_deletes": "False"},
    "Repository Rem": {
        "remotehost": "mail.example.org", "remoteport": "4143",
        "remoteuser": "somebody", "starttls": "off",
        "transporttunnel": "nc $A 143", "subscribedonly": "TRUE",
        "expunge": "No", "maxconnections": "7",
        "auth_mechanisms": "LOGIN, PLAIN", "retrycount": "9"},
}


@unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is not installed")
class Everywhere(ServerCase):
    """Values of the section, of [DEFAULT] and of -k mean the same."""

    def make(self):
        box = self.box(self.user, remote={
            "remotehost": None, "remoteport": None, "remoteuser": None,
            "starttls": None}, local={"localfolders": None})
        box.env = {"WHERE": "some where"}
        os.mkdir(os.path.join(box.home, "some where"))
        for section, values in SETTINGS.items():
            box.option(section, **{option: None for option in values})
        return box

    def write(self, box, text):
        with open(box.config, "a") as out:
            out.write(text)

    def check(self, box, *overrides):
        wanted = settings(box, overrides)
        arguments = [word for text in overrides for word in ("-k", text)]
        found = info_settings(box.run(
            "--info", *arguments, ui=None, once=False).out)
        for section, values in wanted.items():
            for option, value in values.items():
                with self.subTest(f"[{section}] {option}"):
                    self.assertEqual(
                        normal(found[section].get(option)), normal(value))
        return wanted

    def test_in_their_sections(self):
        box = self.make()
        for section, values in SETTINGS.items():
            box.option(section, **values)
        found = self.check(box)
        self.assertEqual(found["Repository Loc"]["localfolders"],
                         box.home + "/some where/mail")
        self.assertEqual(found["Repository Rem"]["maxconnections"], 7)

    def test_in_default(self):
        box = self.make()
        self.write(box, "[DEFAULT]\n" + "".join(
            f"{option} = {value}\n" for values in SETTINGS.values()
            for option, value in values.items()))
        found = self.check(box)
        self.assertEqual(found["Repository Rem"]["remoteport"], 4143)

    def test_by_k(self):
        box = self.make()
        found = self.check(box, *[
            f"{section.replace(' ', '_')}:{option}={value}"
            for section, values in SETTINGS.items()
            for option, value in values.items()])
        self.assertEqual(found["Account Test"]["quick"], 4)

    def test_of_default_by_k(self):
        box = self.make()
        self.write(box, "[DEFAULT]\nretrycount = 1\n")
        found = self.check(
            box, "DEFAULT:retrycount=3", "DEFAULT:localfolders=~/k",
            "Repository_Rem:remotehost=h.example.org",
            "Repository_Rem:RemotePort=99", "Repository_Rem:remoteuser=x")
        self.assertEqual(found["Repository Rem"]["retrycount"], 3)

    def test_defaults(self):
        """What is not set at all, but what must be."""
        box = self.make()
        box.option("general", fsync=None)
        box.option("Repository Loc", localfolders=box.root)
        box.option("Repository Rem", remotehost="h.example.org", ssl=None,
                   remoteuser="x")
        found = self.check(box)
        self.assertEqual(found["Repository Rem"]["maxconnections"], 1)


class Refused(ServerCase):
    """Options that are broken there, and do what its manual says here."""

    def make(self, **options):
        self.fill("INBOX", [plain("a")])
        return self.box(self.user, **options)

    def test_remote_identity(self):
        box = self.make(remote={"remote_identity": self.user.name})
        box.sync()
        self.assertSame(box, ["INBOX"])
        box.option("Repository Rem", remote_identity="somebody-else")
        self.assertExit(box.run(), AUTH)

    def test_status_backend(self):
        for value, warned in (("sqlite", False), ("plain", True)):
            box = self.box(self.user, account={"status_backend": value})
            self.assertEqual("status_backend" in box.sync().out, warned)
        box.option("Account Test", status_backend="sqlite")
        self.assertQuiet(box)


def manual_examples():
    """The displays of offlineimap.conf(5), without their markup."""
    with open(MANUAL, encoding="utf-8") as page:
        text = page.read()
    blocks = re.findall(r"(?ms)^\.Bd -literal.*?\n(.*?)^\.Ed$", text)
    lines = re.findall(r"(?m)^\.Dl (.*)$", text)
    return [example.replace("\\e", "\\").replace("\\&", "")
            for example in blocks + lines]


class Examples(ServerCase):
    """The manual's examples do what it says."""

    SECTIONS = {"Remote": "WorkRemote", "Local": "WorkLocal"}

    def setUp(self):
        super().setUp()
        self.examples = manual_examples()
        with self.imap() as imap:
            imap.create("Lists/c", "Lists/spam", "Sent Items", "Old",
                        "INBOX/fresh", "Spam")
        self.home = self.box()
        with open(self.home.config, "w") as out:
            out.write(self.example("localrepository = WorkLocal"))
        os.chmod(self.home.config, 0o600)
        tools = os.path.join(self.home.top, "bin")
        os.mkdir(tools)
        os.symlink(os.path.join(HERE, "support/bin/fake"),
                   os.path.join(tools, "pass"))
        self.home.env = {"PATH": tools + ":" + os.environ["PATH"]}
        self.write(".secrets", f"mail/work\t{self.user.password}\n")
        self.write(".config/offlineimap/work.pass", self.user.password)

    def write(self, name, text):
        path = os.path.join(self.home.home, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)
        os.chmod(path, 0o600)

    def example(self, words):
        return next(text for text in self.examples if words in text)

    def sync(self, *examples):
        """A run with the options of these examples as well."""
        section, options = "Repository WorkRemote", {
            "remotehost": self.user.host, "remoteport": self.user.port,
            "ssl": "no", "starttls": "no", "remoteuser": self.user.name}
        arguments = [f"Repository_WorkRemote:{key}={value}"
                     for key, value in options.items()]
        for line in "\n".join(examples).splitlines():
            if line.startswith("["):
                section = line.strip("[]")
                for short, name in self.SECTIONS.items():
                    section = section.replace(f" {short}", f" {name}")
            elif line.strip():
                arguments.append(f"{section.replace(' ', '_')}:{line}"
                                 .replace(" = ", "=", 1))
        self.home.sync(*[word for text in arguments
                         for word in ("-k", text)])
        root = os.path.join(self.home.home, "Mail/work")
        return type(self.home.maildir)(root).folders()

    def test_the_first(self):
        self.assertIn("Old", self.sync())

    def test_native_rules(self):
        folders = self.sync(self.example("folders = INBOX"))
        self.assertEqual(folders, ["INBOX", "Lists.c"])

    def test_native_names(self):
        folders = self.sync(self.example("rename = s"))
        self.assertIn("Sent", folders)
        self.assertIn("fresh", folders)

    def test_python(self):
        self.write(".offlineimap.py", self.example("import subprocess"))
        folders = self.sync(self.example("pythonfile ="))
        self.assertEqual(folders, ["INBOX", "INBOX.fresh", "Lists.c",
                                   "Lists.spam", "Sent Items"])

    def test_there_and_back(self):
        with self.imap() as imap:
            for name in ("Lists/c", "Lists/spam", "Sent Items", "Old",
                         "Spam", "Lists"):
                if name in imap.listing():
                    imap.delete_folder(name)
        rules = self.example("[Repository Local]\nnametrans")
        self.assertEqual(self.sync(rules), ["INBOX", "fresh"])
        home = type(self.home.maildir)(
            os.path.join(self.home.home, "Mail/work"))
        home.make("mine")
        self.sync(rules)
        with self.imap() as imap:
            self.assertIn("INBOX/mine", imap.folders())

    def test_list_of_mailboxes(self):
        with open(self.home.config, "a") as out:
            out.write(self.example("[mbnames]"))
        os.mkdir(os.path.join(self.home.home, ".mutt"))
        self.sync(self.example("folders = INBOX"))
        with open(os.path.join(self.home.home, ".mutt/mailboxes")) as text:
            self.assertEqual(text.read(), 'mailboxes "+Work/INBOX" '
                             '"+Work/Lists.c"\n')


# (section, option, value, what the message says of a remedy)
MISTAKES = [
    ("general", "ui", "x11", "there are curses"),
    ("general", "metadata", "%(nowhere)s", "%(nowhere)s names an option"),
    ("general", "fsync", "maybe", "must be yes or no"),
    ("Account Test", "maxage", "3d", "must be a number of days"),
    ("Account Test", "maxsize", "10M", "must be a whole number"),
    ("Account Test", "proxy", "http://x:1", "must be TYPE:HOST:PORT"),
    ("Account Test", "localrepository", "Rem", "is the remote repository"),
    ("Account Test", "remoterepository", "Nope", "repositories are: Loc, Rem"),
    ("Repository Loc", "type", "maildir", "must be one of Maildir"),
    ("Repository Loc", "sep", "ab", "must be a single character"),
    ("Repository Loc", "rename", "s,(,x,", "missing closing parenthesis"),
    ("Repository Rem", "remoteport", "imaps", "from 1 to 65535"),
    ("Repository Rem", "auth_mechanisms", "NTLM", "must be a list of GSSAPI"),
    ("Repository Rem", "cert_fingerprint", "12:34", "must be the hex digits"),
    ("Repository Rem", "startdate", "2024-02-30", "must be a date"),
    ("Repository Rem", "readonly", "", "must be yes or no"),
]


class Mistakes(ServerCase):

    def test_messages_name_place_and_remedy(self):
        """Exit 7, the option and what to do, before anything is touched."""
        for section, option, value, remedy in MISTAKES:
            box = self.box(self.user)
            box.option(section, **{option: value})
            with open(box.config) as text:
                raw = text.read().replace("%%", "%")
            with open(box.config, "w") as out:
                out.write(raw)
            with self.subTest(f"{option} = {value}"):
                result = box.run(ui=None)
                self.assertExit(result, CONFIG)
                self.assertRegex(result.out, rf"offlineimaprc:(\d+:)? "
                                 rf"\[{section}\] {option}: ")
                self.assertIn(remedy, result.out)
                self.assertEqual(os.listdir(box.home), [".offlineimaprc"])


class Leftovers(ServerCase):
    """Sections that OfflineIMAP does not look at."""

    def leave(self, text):
        self.fill("INBOX", [plain("a")])
        box = self.box(self.user)
        with open(box.config, "a") as out:
            out.write(text)
        return box

    def test_an_account_that_is_not_wanted(self):
        box = self.leave("[Account Gone]\nlocalrepository = Nowhere\n"
                         "remoterepository = Rem\n")
        out = box.sync().out
        self.assertRegex(out, r"offlineimaprc:\d+: \[Account Gone\] "
                         r"localrepository: there is no section "
                         r"\[Repository Nowhere\]")
        self.assertSame(box, ["INBOX"])
        result = box.run("-a", "Gone")
        self.assertExit(result, CONFIG)
        self.assertIn("[Repository Nowhere]", result.out)

    def test_a_is_asked_for_another_account(self):
        """-a: what accounts names does not matter."""
        box = self.leave("[Account Gone]\nlocalrepository = Nowhere\n"
                         "remoterepository = Rem\n")
        for accounts in ("Gone, Test", "Unknown"):
            box.option("general", accounts=accounts)
            with open(box.config, "a") as out:
                out.write("[Account Gone]\n")
            self.assertExit(box.run("-a", "Test"), OK)
            self.assertExit(box.run(), CONFIG)

    def test_a_repository_that_nobody_uses(self):
        box = self.leave("[Repository Old]\ntype = MH\nssl = maybe\n"
                         "remoteport = %\n")
        box.sync()
        self.assertSame(box, ["INBOX"])


if __name__ == "__main__":
    unittest.main()
