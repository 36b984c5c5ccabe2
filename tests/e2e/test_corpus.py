"""Whole configurations as people publish them: each is loaded by the program
that ours succeeds and by ours, on copies, and both must see the same settings,
the same folders and the same mail.

corpus/NAME/offlineimaprc is the configuration; other files of the directory go
into the home directory as they are.  case.json says what the servers of the
repositories hold, and how they are reached.
"""

import json
import os
import re
import shutil
import unittest

from support.case import ServerCase, stop_servers
from support.judge import Imap, quote, status_rows, tree
from support.mails import plain
from support.old import OLD, WORK, is_old, settings
from support.program import BINARY, Box

HERE = os.path.dirname(os.path.abspath(__file__))
CORPUS = os.path.join(HERE, "corpus")
FAKES = ("pass", "secret-tool", "emacs", "security", "mutt_oauth2", "gpg",
         "ssh", "notmuch", "notify-send", "afew")


def tearDownModule():
    stop_servers()


def names():
    return sorted(os.listdir(CORPUS))


def normal(value):
    """Values compare as people write them: yes and true are one."""
    if value is None:
        return ""
    text = str(value).strip().removesuffix(".0")
    return {"0": "", "true": "yes", "false": "no", "none": ""}.get(text.lower(), text)


class Home(Box):
    """A home directory with one configuration of the corpus."""

    def __init__(self, name, users):
        super().__init__()
        self.users = users
        with open(os.path.join(CORPUS, name, "case.json")) as text:
            self.case = json.load(text)
        shutil.copytree(os.path.join(CORPUS, name), self.home,
                        dirs_exist_ok=True)
        os.rename(os.path.join(self.home, "offlineimaprc"), self.config)
        for top, _, files in os.walk(self.home):
            for file in files:
                self.fill_in(os.path.join(top, file))
        self.fake_programs()
        self.overrides = [word for repo in self.case
                          for word in self.redirect(repo)]

    def fill_in(self, path):
        """Names and passwords, by the section they stand in."""
        user, out = next(iter(self.users.values())), []
        with open(path, encoding="utf-8") as text:
            for line in text:
                match = re.match(r"\[Repository (.*)\]", line)
                if match:
                    user = self.users.get(match.group(1), user)
                out.append(line.replace("@PASSWORD@", user.password)
                           .replace("@USER@", user.name))
        with open(path, "w", encoding="utf-8") as text:
            text.writelines(out)
        os.chmod(path, 0o600)

    def fake_programs(self):
        where = os.path.join(self.top, "bin")
        os.mkdir(where)
        for name in FAKES:
            os.symlink(os.path.join(HERE, "support/bin/fake"),
                       os.path.join(where, name))
        with open(os.path.join(self.home, ".secrets"), "w") as out:
            for repo, case in self.case.items():
                if "secret" in case:
                    out.write(f"{case['secret']}\t"
                              f"{self.users[repo].password}\n")
        user = next(iter(self.users.values()))
        self.env = {"PATH": where + ":" + os.environ["PATH"],
                    "MAIL_PORT": str(user.port), "MAIL_USER": user.name,
                    "MAIL_PASSWORD": user.password}

    def redirect(self, repo):
        """Overrides that lead to the test's server."""
        case, user = self.case[repo], self.users[repo]
        place = f"Repository_{repo}:"
        if case.get("tunnel"):
            return []
        values = {"ssl": "no", "starttls": "no"}
        if not case.get("eval_host"):
            values.update(remotehost="127.0.0.1", remoteport=user.port)
        if not case.get("eval_host") and not case.get("eval_user") and \
                not case.get("netrc"):
            values["remoteuser"] = user.name
        if case.get("login"):
            values.update(remotepass=user.password, auth_mechanisms="PLAIN")
        return [f"{place}{key}={value}" for key, value in values.items()]

    def arguments(self, *more):
        return [word for override in self.overrides
                for word in ("-k", override)] + list(more)

    def by(self, binary):
        self.binary = binary
        return self


def folder_lists(text):
    """{(account's turn, repository): lines} of --info."""
    found, current, listing = {}, None, False
    for line in text.splitlines():
        line = line.strip()
        match = re.match(r"(Remote|Local) repository '(.*)': type", line)
        if match:
            current, listing = match.group(2), False
        elif line == "Folderlist:":
            listing = True
            found[current] = []
        elif not line:
            listing = False
        elif listing:
            entry = re.sub(r" \((disabled): .*\)$", r" (\1)", line)
            if entry not in found[current]:  # folderincludes adds twins
                found[current].append(entry)
    return found


def info_settings(text):
    """{section: {option: value}} of --info."""
    found, section = {}, None
    for line in text.splitlines():
        match = re.match(r"\s*Settings of \[(.*)\]:$", line)
        if match:
            section = found.setdefault(match.group(1), {})
        match = re.match(r"\s*([a-z0-9_-]+) = ?(.*)$", line)
        if match and section is not None:
            section[match.group(1)] = match.group(2)
    return found


@unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is not installed")
class Corpus(ServerCase):

    def users_of(self, name):
        with open(os.path.join(CORPUS, name, "case.json")) as text:
            case = json.load(text)
        users = {}
        for number, (repo, about) in enumerate(case.items()):
            users[repo] = self.server.user(about.get("separator", "/"))
            with Imap(users[repo]) as imap:
                imap.create(*about["folders"])
                for folder in ["INBOX", *about["folders"]]:
                    imap.do("subscribe", quote(folder))
                    for n in range(2):
                        imap.append(folder, plain(f"{number}-{n}-{folder}"),
                                    "S" * n)
        return users

    def home(self, name, users):
        home = Home(name, users)
        self.addCleanup(home.remove)
        return home

    def info(self, home):
        return home.run(*home.arguments("--info"), ui=None,
                        once=False).out

    @staticmethod
    def evaluated(home, section):
        """Options that have no value of their own, but an expression or an
        entry of netrc; that they work is seen when mail is synchronised."""
        case = home.case.get(section.removeprefix("Repository "), {})
        if case.get("eval_host"):
            return ("remotehost", "remoteport")
        if case.get("eval_user") or case.get("netrc"):
            return ("remoteuser",)
        return ()

    def check_settings(self, name):
        home = self.home(name, self.users_of(name))
        wanted = settings(home, home.overrides)
        found = info_settings(self.info(home.by(BINARY)))
        for section, values in wanted.items():
            for option, value in values.items():
                if option in self.evaluated(home, section):
                    continue
                self.assertEqual(
                    normal(found.get(section, {}).get(option)),
                    normal(value), f"[{section}] {option}")

    def check_folders(self, name):
        home = self.home(name, self.users_of(name))
        wanted = folder_lists(self.info(home.by(OLD)))
        found = folder_lists(self.info(home.by(BINARY)))
        self.assertTrue(wanted)
        self.assertEqual(wanted, found)

    def local_trees(self, home):
        """{root's path from home: its folders and their messages}."""
        found = {}
        for top, directories, _ in os.walk(home.home):
            if "cur" in directories:
                messages = []
                for part in ("new", "cur"):
                    for file in os.listdir(os.path.join(top, part)):
                        with open(os.path.join(top, part, file), "rb") as m:
                            messages.append((
                                part, re.sub(r"^[^,]*", "", file), m.read()))
                found[os.path.relpath(top, home.home)] = sorted(messages)
        return found

    def state(self, home):
        """Rows and files below the metadata directory, and what mbnames
        wrote."""
        found = {}
        for top, _, files in os.walk(home.home):
            for file in files:
                path = os.path.join(top, file)
                name = os.path.relpath(path, home.home)
                if "/LocalStatus-sqlite/" in path:
                    account = re.search(r"/Account-(.*?)/", path).group(1)
                    metadata = path[:path.index("/Account-")]
                    found[name] = status_rows(metadata, account, file)
                elif name == ".mutt/mailboxes":
                    with open(path) as text:
                        found[name] = text.read()
        return found

    def check_sync(self, name):
        """A first run of either makes the same; ours then takes over from
        the old one and hands back."""
        users = self.users_of(name)
        taken, fresh = self.home(name, users), self.home(name, users)
        taken.by(OLD).sync("-1", *taken.arguments())
        fresh.by(BINARY).sync(*fresh.arguments())
        self.assertEqual(self.local_trees(taken), self.local_trees(fresh))
        self.assertEqual(self.state(taken), self.state(fresh))
        for home, binary in ((taken, BINARY), (fresh, OLD)):
            before = self.local_trees(home), self.state(home)
            result = home.by(binary).sync("-1", *home.arguments())
            self.assertNotRegex(result.out, WORK)
            self.assertEqual(before, (self.local_trees(home),
                                      self.state(home)), repr(result))


def add_tests():
    for name in names():
        # Two servers have tests of their own, in test_imap2.
        kinds = ("settings", "folders", "sync")[:2 if "imap-to-imap" in name
                                                else 3]
        for kind in kinds:
            def test(self, kind=kind, name=name):
                getattr(self, "check_" + kind)(name)
            setattr(Corpus, f"test_{kind}_{name.replace('-', '_')}", test)


add_tests()

if __name__ == "__main__":
    unittest.main()
