"""Names of folders: filters, translations, and rules that could hurt.

Where OfflineIMAP can be compared with, both programs get a server and a home
of their own with the same content, and must leave the same behind.
"""

import os
import re
import unittest

from support.case import ServerCase, stop_servers
from support.judge import fmd5, multiset, status_rows, tree
from support.mails import many, plain
from support.old import OLD, is_old
from support.program import BINARY, CONFIG, ERROR, OK, PARTIAL


def tearDownModule():
    stop_servers()


FOLDERS = ("INBOX", "INBOX/Sent Items", "Foo", "Foo/bar baz", "Lists/ham",
           "Lists/spam1", "&AOQ-pfel")
PREFIX = {
    "remote": {"nametrans": "lambda f: re.sub('^INBOX/', '', f)",
               "folderfilter": "lambda f: f.startswith('INBOX')"},
    "local": {"nametrans":
              "lambda f: f if f == 'INBOX' else 'INBOX.' + f"},
}
ROOT = {
    "remote": {"nametrans": "lambda f: '/' if f == 'INBOX' else f"},
    "local": {"nametrans": "lambda f: f or 'INBOX'"},
}


class Names(ServerCase):

    def prepare(self, folders=FOLDERS, **options):
        user = self.server.user()
        with self.imap(user) as imap:
            for number, name in enumerate(folders):
                if name not in imap.listing():
                    imap.create(name)
                for data in many(f"f{number}", 3):
                    imap.append(name, data, ("S", "", "FS")[number % 3])
        return user, self.box(user, **options)

    def left(self, user, box):
        """All that a program leaves behind."""
        state = os.path.join(box.metadata, "Account-Test",
                             "LocalStatus-sqlite")
        found = {"local": {}, "state": {}, "remote": {}, "validity": {}}
        for name in box.maildir.folders():
            found["local"][name] = sorted(
                (m.data, m.flags, "".join(re.findall(
                    r",U=\d+,FMD5=\w+", os.path.basename(m.path))))
                for m in box.maildir.messages(name))
        for name in sorted(os.listdir(state)):
            if not name.endswith("-journal"):
                found["state"][name] = status_rows(box.metadata, "Test", name)
        for repo in ("Loc", "Rem"):
            found["validity"][repo] = sorted(os.listdir(os.path.join(
                box.metadata, "Repository-" + repo, "FolderValidity")))
        with self.imap(user) as imap:
            for name in imap.folders():
                found["remote"][name] = multiset(imap.messages(name))
        return found

    def out_of(self, result):
        return re.sub(r"(?m)^\s+", "", result.out)


@unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is not installed")
class Compared(Names):
    """The same configuration by both programs."""

    def both(self, *args, seed=None, expect=OK, **options):
        """A first run, and one after changes; returns what is left."""
        results = []
        for binary in (OLD, BINARY):
            user, box = self.prepare(**options)
            if seed:
                for name in seed:
                    box.maildir.make(name)
                    box.maildir.add(name, plain("seed-" + name), "S")
            box.binary = binary
            box.sync(*args, expect=OK if binary == OLD else expect)
            box.sync(*args, expect=OK if binary == OLD else expect)
            results.append(self.left(user, box))
        self.assertEqual(*results)
        return results[0]

    def test_nametrans_both_ways(self):
        """Prefix off and on; a local folder is new."""
        left = self.both(seed=["mine"], **PREFIX)
        self.assertIn("Sent Items", left["local"])
        self.assertIn("INBOX/mine", left["remote"])
        name = left["local"]["Sent Items"][0][2]
        self.assertIn(fmd5("INBOX.Sent Items"), name)

    def test_nametrans_other_separators(self):
        """The same with nested directories."""
        self.both(remote=PREFIX["remote"], local={
            "sep": "/", "nametrans":
            "lambda f: f if f == 'INBOX' else 'INBOX/' + f"})

    def test_inbox_is_the_maildir_itself(self):
        """INBOX translated to the empty name."""
        left = self.both(**ROOT)
        self.assertIn("", left["local"])
        self.assertIn("dot", left["state"])

    def test_folderfilter(self):
        left = self.both(remote={
            "folderfilter": "lambda f: not re.search('spam', f)"})
        self.assertNotIn("Lists.spam1", left["local"])

    def test_folderfilter_with_folderincludes(self):
        left = self.both(remote={
            "folderfilter": "lambda f: f.startswith('Foo')",
            "folderincludes": "['INBOX', 'Lists/ham']"})
        self.assertEqual(set(left["local"]),
                         {"Foo", "Foo.bar baz", "INBOX", "Lists.ham"})

    def test_dynamic_folderfilter(self):
        self.both(remote={"folderfilter": "lambda f: f != 'Foo'",
                          "dynamic_folderfilter": "yes"})

    def test_a_local_filter(self):
        """A local folder is kept away from the server."""
        left = self.both(seed=["private", "public"], local={
            "folderfilter": "lambda f: f != 'private'"})
        self.assertIn("public", left["remote"])
        self.assertNotIn("private", left["remote"])

    def test_a_remote_filter_keeps_local_folders_here(self):
        left = self.both(seed=["Lists.mine"], remote={
            "folderfilter": "lambda f: not f.startswith('Lists')"})
        self.assertNotIn("Lists/mine", left["remote"])

    def test_only_some_folders(self):
        """-f names remote folders, whatever the filter says."""
        left = self.both("-f", "INBOX/Sent Items,Foo",
                         remote=dict(PREFIX["remote"],
                                     folderincludes="['Lists/ham']"),
                         local=PREFIX["local"])
        self.assertEqual(set(left["local"]), {"Sent Items", "Foo"}
                         if "Foo" in left["local"] else {"Sent Items"})

    def test_a_filter_in_place_of_the_inverse_rule(self):
        """What many published configurations do."""
        self.both(remote={
            "nametrans": "lambda f: {'INBOX/Sent Items': 'sent'}.get(f, f)",
            "folderfilter": "lambda f: f in ['INBOX', 'INBOX/Sent Items']"})

    def test_no_folder_is_created_remotely(self):
        """A translation without inverse, and createfolders = no."""
        left = self.both(seed=["mine"], remote={
            "nametrans": "lambda f: re.sub('^INBOX/', '', f)",
            "createfolders": "no"})
        self.assertNotIn("mine", left["remote"])

    def test_utf8foldernames_with_a_translation(self):
        left = self.both(account={"utf8foldernames": "yes"}, remote={
            "nametrans": "lambda f: f.replace('\u00e4', 'ae')",
            "folderfilter": "lambda f: f in ('INBOX', '\u00e4pfel')"},
            local={"nametrans": "lambda f: f.replace('ae', '\u00e4')"})
        self.assertIn("aepfel", left["local"])

    def test_subscribed_folders_and_others(self):
        left = self.both(remote={"subscribedonly": "yes",
                                 "createfolders": "no",
                                 "folderincludes": "['Foo']"})
        self.assertIn("Foo", left["local"])

    def test_a_pythonfile(self):
        results = []
        for binary in (OLD, BINARY):
            user, box = self.prepare(
                remote={"nametrans": "there", "folderfilter": "wanted"},
                local={"nametrans": "back"})
            with open(os.path.join(box.home, "rules.py"), "w",
                      encoding="utf-8") as out:
                out.write("def there(name):\n\treturn name.lower()\n"
                          "def wanted(name):\n"
                          "\treturn name in ('INBOX', 'Foo')\n"
                          "def back(name):\n\treturn {'inbox': 'INBOX',"
                          " 'foo': 'Foo'}.get(name, name)\n")
            box.option("general", pythonfile="~/rules.py")
            box.binary = binary
            box.sync()
            results.append(self.left(user, box))
        self.assertEqual(*results)

    def test_the_order_of_folders(self):
        """foldersort, by what each program says first."""
        orders = []
        for binary in (OLD, BINARY):
            _, box = self.prepare(remote={
                "folderfilter": "lambda f: not f.startswith('&')",
                "foldersort": "lambda a, b: (a < b) - (a > b)"})
            box.binary = binary
            out = box.sync("-1").out
            orders.append(re.findall(r"Syncing (.*?):", out))
        self.assertEqual(*orders)
        self.assertEqual(orders[0], sorted(orders[0], reverse=True))

    def test_the_words_of_info(self):
        """--info: the lines of the old program, for both sides."""
        lines = []
        for binary in (OLD, BINARY):
            _, box = self.prepare(
                remote={"folderfilter": "lambda f: not 'spam' in f",
                        "folderincludes": "['INBOX']",
                        "nametrans": "lambda f: f.replace('Foo', 'Fu')"},
                local={"nametrans": "lambda f: f.replace('Fu', 'Foo')"})
            box.maildir.make("mine")
            box.maildir.make("Fu")
            box.binary = binary
            out = box.run("--info").out
            lines.append([line for line in out.split("\n") if re.match(
                r"(Remote|Local) repository|folder\w+=|nametrans=|"
                r"Folderlist:|Server supports|Host:| \S", line)])
        old, new = lines
        # a folder that folderincludes names stands twice there
        old.remove(" INBOX")
        self.assertEqual(old, new[:len(old)])

    def hand_over(self, first, second, options):
        user, box = self.prepare(**options)
        box.binary = first
        box.sync()
        before = self.left(user, box)
        files = tree(box.root)
        box.binary = second
        result = box.sync()
        self.assertEqual(before, self.left(user, box), repr(result))
        self.assertEqual(files, tree(box.root))
        self.assertNotRegex(result.out, r"(?m)^\s*(Copy message|Deleting|"
                            r"Adding flag|Creating folder)")
        return user, box

    def test_taking_over_and_handing_back(self):
        """Nothing is transferred when the programs change."""
        for options in (PREFIX, ROOT):
            for first, second in ((OLD, BINARY), (BINARY, OLD)):
                with self.subTest(options=options, first=first):
                    self.hand_over(first, second, options)

    def test_back_and_forth(self):
        """Each in turn, with changes between."""
        user, box = self.hand_over(OLD, BINARY, PREFIX)
        for number, binary in enumerate((OLD, BINARY, OLD, BINARY)):
            box.binary = binary
            box.maildir.add("Sent Items", plain(f"turn-{number}"), "S")
            with self.imap(user) as imap:
                imap.append("INBOX", plain(f"there-{number}"))
            box.sync()
            self.assertSame(box, {"INBOX": "INBOX",
                                  "INBOX/Sent Items": "Sent Items"},
                            user=user)


class Native(Names):
    """folders and rename, without Python."""

    def test_the_example_of_the_manual(self):
        user, box = self.prepare(
            remote={"folders": "INBOX, INBOX/*, Lists/*, !Lists/spam*",
                    "rename": "s,^INBOX/,,; s,^Sent Items$,Sent,"})
        box.env["PATH"] = "/nonexistent"
        box.sync()
        self.assertEqual(box.maildir.folders(), ["INBOX", "Lists.ham",
                                                 "Sent"])
        self.assertSame(box, {"INBOX": "INBOX", "INBOX/Sent Items": "Sent",
                              "Lists/ham": "Lists.ham"}, user=user)

    def test_the_way_back_needs_no_rule(self):
        """A new local folder gets the prefix that the others lost."""
        user, box = self.prepare(
            folders=("INBOX", "INBOX/Sent Items"),
            remote={"rename": "s,^INBOX/,,; s,^Sent Items$,Sent,"})
        box.maildir.make("new.deep")
        box.maildir.add("new.deep", plain("mine"), "S")
        box.sync()
        box.sync()
        with self.imap(user) as imap:
            self.assertIn("INBOX/new/deep", imap.folders())
        self.assertSame(box, {"INBOX": "INBOX", "INBOX/Sent Items": "Sent",
                              "INBOX/new/deep": "new.deep"}, user=user)

    def test_what_cannot_be_undone_stops(self):
        user, box = self.prepare(
            folders=("INBOX", "a1", "b"),
            remote={"rename": "s,^a(.),A\\1,; s,^b$,(b),"})
        box.maildir.make("a9")
        result = box.sync(expect=CONFIG)
        self.assertIn('local "a9" would be remote "a9", which would be '
                      'local "A9"', result.out)
        self.assertEqual(box.maildir.folders(), ["a9"])

    def test_info_shows_the_effect(self):
        _, box = self.prepare(
            remote={"folders": "*, !Lists/spam*, !\\Trash",
                    "rename": "s,^INBOX/,,"})
        out = box.run("--info", ui=None).out
        self.assertIn(" Lists/spam1 (disabled: folders: !Lists/spam*)", out)
        self.assertIn(" INBOX/Sent Items -> Sent Items", out)
        self.assertIn("rename= s,^INBOX/,,", out)
        self.assertIn("  maxconnections = 1", out)
        self.assertIn("  remotepass = ***", out)
        self.assertEqual(box.maildir.folders(), [])

    def test_info_says_what_the_other_side_has_against_a_folder(self):
        """The rules of the other side, or that it may not get folders."""
        _, box = self.prepare(
            folders=("INBOX", "Work", "Play", "Gone"),
            remote={"createfolders": "no", "folders": "!Gone"},
            local={"folders": "!Play"})
        for name in ("Mine", "Gone"):
            box.maildir.make(name)
        out = box.run("--info", ui=None).out
        for line in ('remote folder "Play": the rules of Loc leave out '
                     '"Play"',
                     'local folder "Gone": the rules of Rem leave it out',
                     'local folder "Mine": Rem lacks it '
                     '(createfolders = no)'):
            self.assertIn(" left out: " + line, out)
        self.assertEqual(out.count(" left out: "), 3, out)
        box.option("Repository Loc", readonly="yes")
        out = box.run("--info", ui=None).out
        self.assertIn(' left out: remote folder "Work": Loc lacks it '
                      '(readonly)', out)

    def test_a_bad_rule_is_told_with_its_place(self):
        _, box = self.prepare(remote={"rename": "s,(,,"})
        result = box.sync(expect=CONFIG)
        self.assertRegex(result.out, r"offlineimaprc:\d+: \[Repository Rem\] "
                         r"rename.*s,\(,,")


class Careful(Names):
    """Rules that could hurt stop the account before any change."""

    def stops(self, *words, seed=(), **options):
        user, box = self.prepare(**options)
        for name in seed:
            box.maildir.make(name)
        before = self.listing(user)
        result = box.sync(expect=CONFIG)
        for word in words:
            self.assertIn(word, result.out)
        self.assertEqual(box.maildir.folders(), sorted(seed))
        self.assertEqual(self.listing(user), before)
        return box, result

    def listing(self, user):
        with self.imap(user) as imap:
            return sorted(imap.folders())

    def test_two_that_meet(self):
        self.stops('remote "Lists/ham" and remote "Lists/spam1" have the '
                   'same local folder', "nothing was changed",
                   remote={"nametrans": "lambda f: f.split('/')[0]",
                           "folderfilter": "lambda f: 'Lists' in f"})

    def test_the_suggested_rule_works(self):
        """A name that does not come back; the table proposes a rule that
        makes it."""
        options = {"folders": ("INBOX", "INBOX/Sent Items", "INBOX/it's"),
                   "remote": {"nametrans":
                              "lambda f: re.sub('^INBOX/', '', f)"}}
        box, result = self.stops(
            'remote "INBOX/Sent Items" is local "Sent Items", which would be '
            'remote "Sent Items"', **options)
        for option in ("nametrans", "rename"):
            rule = re.search(rf"(?m)\b{option} = (.*)$", result.out)[1]
            box.option("Repository Loc", nametrans=None, rename=None)
            box.option("Repository Loc", **{option: rule})
            box.sync()
            self.assertLessEqual({"INBOX", "Sent Items", "it's"},
                                 set(box.maildir.folders()))
            box.maildir.make("new-" + option)
            box.sync()

    def test_folders_without_end(self):
        """OfflineIMAP's INFINITE FOLDER CREATION."""
        self.stops('local "mine" would be remote "mine", which would be '
                   'local "xmine"', seed=["mine"], folders=("INBOX",),
                   remote={"nametrans":
                           "lambda f: f if f == 'INBOX' else 'x' + f"})

    def test_two_with_one_state_file(self):
        self.stops("have the same state file", folders=("INBOX", "A", "B"),
                   remote={"nametrans": "lambda f: {'A': 'X/Y', 'B': 'X.Y'}"
                           ".get(f, f)"}, local={"sep": "/"})

    def test_directories_that_overlap(self):
        """The folders of one repository are in that of another."""
        user, box = self.prepare(folders=("INBOX", "work"),
                                 local={"sep": "/"})
        box.account("Other", user)
        box.option("Repository LocOther", localfolders=box.root + "/work")
        result = box.sync("-a", "Test", expect=CONFIG)
        self.assertIn("the directory of LocOther", result.out)
        self.assertEqual(box.maildir.folders(), [])

    def test_two_accounts_in_one_directory(self):
        user, box = self.prepare(folders=("INBOX",))
        link = os.path.join(box.home, "Link")
        os.makedirs(box.root)
        os.symlink(box.root, link)
        box.account("Other", user)
        box.option("Repository LocOther", localfolders=link)
        result = box.sync(expect=CONFIG)
        self.assertIn("have the same directory", result.out)
        self.assertEqual(box.maildir.folders(), [])
        box.sync("-a", "Test")

    def test_an_expression_that_fails(self):
        """Python's words, the option and the name; nothing is changed."""
        box, result = self.stops(
            "ZeroDivisionError", "nametrans", folders=("INBOX", "Foo"),
            remote={"nametrans": "lambda f: 1 / 0"})
        self.assertRegex(result.out, r"offlineimaprc:\d+")

    def test_a_folder_that_cannot_be_asked_about(self):
        """Not UTF-8: it alone is left out."""
        _, box = self.prepare(
            folders=("INBOX",),
            remote={"nametrans": "lambda f: f"})
        where = os.path.join(os.fsencode(box.root), b"caf\xe9")
        for part in (b"cur", b"new", b"tmp"):
            os.makedirs(os.path.join(where, part))
        result = box.sync(expect=PARTIAL)
        self.assertIn("not UTF-8", result.out)


class Others(Names):

    def test_a_wrong_folderinclude_is_a_warning(self):
        user, box = self.prepare(
            folders=("INBOX", "Foo"),
            remote={"folderfilter": "lambda f: False",
                    "folderincludes": "['INBOX', 'nowhere', 'INBOX']"})
        result = box.sync()
        self.assertIn('"nowhere", which the server does not open',
                      result.out)
        self.assertEqual(box.maildir.folders(), ["INBOX"])
        self.assertEqual(result.out.count("Creating folder"), 1)

    def test_a_missing_local_folder_is_skipped_quietly(self):
        _, box = self.prepare(folders=("INBOX", "Foo"),
                              local={"createfolders": "no"})
        box.maildir.make("INBOX")
        result = box.sync()
        self.assertEqual(box.maildir.folders(), ["INBOX"])
        self.assertNotIn("Foo", result.out)

    def test_folders_outside_of_the_reference_are_left_alone(self):
        user, box = self.prepare(folders=("mail/a",),
                                 remote={"reference": "mail/"})
        box.maildir.make("mine")
        box.maildir.add("mine", plain("mine"), "S")
        for _ in range(2):
            result = box.sync()
            self.assertIn('outside of "mail/"', result.out)
        with self.imap(user) as imap:
            self.assertNotIn("mine", imap.folders())
            self.assertNotIn("mail/mine", imap.folders())
        self.assertSame(box, {"mail/a": "mail.a"}, user=user)

    def test_decodefoldernames(self):
        """UTF-8 here, modified UTF-7 there, both ways."""
        user, box = self.prepare(folders=("INBOX", "&AOQ-pfel"),
                                 remote={"decodefoldernames": "yes"})
        box.maildir.make("m\u00fcll")
        box.sync()
        box.sync()
        with self.imap(user) as imap:
            self.assertIn("m&APw-ll", imap.folders())
        self.assertSame(box, {"INBOX": "INBOX",
                              "&AOQ-pfel": "\u00e4pfel",
                              "m&APw-ll": "m\u00fcll"}, user=user)

    def test_decodefoldernames_with_a_rename(self):
        """The rule sees the server's encoding; the way back is found."""
        user, box = self.prepare(
            folders=("INBOX", "INBOX/&AOQ-pfel"),
            remote={"decodefoldernames": "yes", "rename": "s,^INBOX/,,"})
        box.maildir.make("m\u00fcll & co")
        box.sync()
        box.sync()
        self.assertSame(box, {"INBOX": "INBOX",
                              "INBOX/&AOQ-pfel": "\u00e4pfel",
                              "INBOX/m&APw-ll &- co": "m\u00fcll & co"},
                        user=user)

    def test_a_local_filter_keeps_remote_folders_there(self):
        """Not even an empty directory is made."""
        _, box = self.prepare(
            folders=("INBOX", "Foo", "Bar"),
            local={"folderfilter": "lambda f: f != 'Foo'"})
        box.sync()
        self.assertEqual(box.maildir.folders(), ["Bar", "INBOX"])

    def test_two_decoders_are_refused(self):
        _, box = self.prepare(folders=("INBOX",),
                              account={"utf8foldernames": "yes"},
                              remote={"decodefoldernames": "yes"})
        result = box.sync(expect=CONFIG)
        self.assertIn("decodefoldernames", result.out)

    def test_a_use_that_nobody_has_is_a_warning(self):
        _, box = self.prepare(folders=("INBOX",),
                              remote={"folders": "*, !\\Trash"})
        self.assertIn("folders names \\Trash", box.sync().out)

    def test_no_expression_no_python(self):
        _, box = self.prepare(folders=("INBOX", "Foo"))
        trap = os.path.join(box.home, "bin")
        os.mkdir(trap)
        with open(os.path.join(trap, "python3"), "w",
                  encoding="utf-8") as out:
            out.write(f"#!/bin/sh\ntouch {box.home}/started\n")
        os.chmod(os.path.join(trap, "python3"), 0o755)
        box.env["PATH"] = trap + ":" + os.environ["PATH"]
        box.sync()
        self.assertFalse(os.path.exists(os.path.join(box.home, "started")))


if __name__ == "__main__":
    unittest.main()
