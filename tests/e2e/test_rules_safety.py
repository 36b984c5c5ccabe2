"""Rules that change on a filled set-up: whatever is switched on or off, no
message and no flag is lost, and none is doubled.
"""

import collections
import os
import datetime
import imaplib
import os
import shutil
import unittest

from support.case import ServerCase, stop_servers
from support.mails import many, message_id, plain
from support.old import OLD, WORK, is_old
from support.program import BINARY, CONFIG, ERROR, PARTIAL


def tearDownModule():
    stop_servers()


class RulesCase(ServerCase):

    def world(self, folders, count=4, **options):
        """Folders with messages named after them."""
        with self.imap() as imap:
            for folder in folders:
                if folder not in imap.listing():
                    imap.create(folder)
                for number, data in enumerate(many(folder, count)):
                    imap.append(folder, data, ("S", "", "FS")[number % 3])
        return self.box(self.user, **options)

    def rules(self, box, remote=None, local=None):
        """Other rules; None takes one away."""
        for side, options in (("Rem", remote), ("Loc", local)):
            box.option("Repository " + side, **(options or {}))

    @staticmethod
    def marks(messages):
        return sorted((message_id(m.data).split("@")[0], m.flags)
                      for m in messages)

    def there(self):
        with self.imap() as imap:
            return {name: self.marks(imap.messages(name))
                    for name in imap.folders()}

    def here(self, box):
        return {name: self.marks(box.maildir.messages(name))
                for name in box.maildir.folders()}

    def first_run(self, box, binary=BINARY):
        box.binary = binary
        box.sync()
        box.binary = BINARY


class Translations(RulesCase):
    """nametrans and rename on a filled set-up."""

    THERE = "lambda f: {'A': 'Z'}.get(f, f)"
    BACK = "lambda f: {'Z': 'A'}.get(f, f)"

    def programs(self):
        return [BINARY] + ([OLD] if is_old() else [])

    def fresh(self):
        self.user = self.server.user()

    def with_local_rule(self, before, after, judge):
        """The local rule changes, and with it the name that the files'
        names are made from; the mail stays where it is."""
        for binary in self.programs():
            with self.subTest(binary=binary):
                self.fresh()
                box = self.world(("INBOX", "A"), 30, remote={
                    "nametrans": self.THERE, "createfolders": "no"})
                self.rules(box, local={"nametrans": before})
                self.first_run(box, binary)
                self.rules(box, local={"nametrans": after})
                judge(box)

    def nothing_to_do(self, box):
        there = self.there()
        self.assertNotRegex(box.sync().out, WORK)
        self.assertEqual(self.there(), there)
        self.assertEqual(self.here(box), {"INBOX": there["INBOX"],
                                          "Z": there["A"]})
        self.assertQuiet(box)

    def test_a_local_rule_comes(self):
        self.with_local_rule(None, self.BACK, self.nothing_to_do)

    def test_a_local_rule_goes(self):
        self.with_local_rule(self.BACK, None, self.nothing_to_do)

    def changes_survive(self, box):
        with self.imap() as imap:
            imap.flag("A", 2, "+", "R")
            imap.flag("A", 3, "-", "F")
        box.maildir.flag("Z", "A-3", "FRS")
        box.maildir.remove("Z", "A-7")
        box.maildir.add("Z", plain("new"), "S")
        box.sync(expect=PARTIAL)
        box.sync()
        there = self.there()
        marks = dict(there["A"])
        self.assertEqual(there["A"], self.here(box)["Z"])
        self.assertEqual(len(there["A"]), 30)
        self.assertEqual(marks["A-1"], "R")
        self.assertEqual(marks["A-2"], "S")
        self.assertEqual(marks["A-3"], "FRS")
        self.assertNotIn("A-7", marks)
        self.assertQuiet(box)

    def test_changes_meet_a_change_of_the_rule(self):
        """Deleted and flagged since: deleted one run later, and no flag is
        undone."""
        self.with_local_rule(None, self.BACK, self.changes_survive)

    SWAP = "lambda f: {'A': 'B', 'B': 'A'}.get(f, f)"

    def test_two_folders_change_places(self):
        """Their mail is not mixed; the old rules go on as before."""
        for rules in ({"rename": "s,^A$,C,; s,^B$,A,; s,^C$,B,"},
                      {"nametrans": self.SWAP}):
            with self.subTest(rules=rules):
                self.fresh()
                local = {"nametrans": rules.get("nametrans")}
                box = self.world(("INBOX", "A", "B"))
                box.sync()
                there, here = self.there(), self.here(box)
                self.rules(box, remote=rules, local=local)
                out = box.sync(expect=ERROR).out
                self.assertIn('so far the local folder "A" was that of "A", '
                              'and its messages are not those of "B"', out)
                self.assertEqual((self.there(), self.here(box)),
                                 (there, here))
                self.rules(box, remote=dict.fromkeys(rules),
                           local=dict.fromkeys(local))
                self.assertQuiet(box)

    def test_a_folder_is_renamed_there_and_the_rule_follows(self):
        """Its messages stay where they are."""
        box = self.world(("INBOX", "A"), 30)
        box.sync()
        with self.imap() as imap:
            imap.do("rename", "A", "B")
        self.rules(box, remote={"rename": "s,^B$,A,"})
        self.assertNotRegex(box.sync().out, WORK)
        self.assertSame(box, {"INBOX": "INBOX", "B": "A"})
        self.assertQuiet(box)


class Encodings(RulesCase):
    """utf8foldernames and decodefoldernames, on and off."""

    def switched(self, section, option, first):
        """The folder has another local name; the one that is left behind
        is not sent to the server under a third one."""
        box = self.world(("INBOX", "&AOQ-pfel"))
        names = ["&AOQ-pfel", "\u00e4pfel"]
        if first == "yes":
            names.reverse()
            box.option(section, **{option: "yes"})
        box.sync()
        there = self.there()
        self.assertIn(names[0], box.maildir.folders())
        box.option(section, **{option: "no" if first == "yes" else "yes"})
        result = box.sync(expect=PARTIAL)
        self.assertIn(f'local folder "{names[0]}" is left out: it is '
                      f'"{names[1]}" in another encoding', result.out)
        self.assertEqual(self.there(), there)
        here = self.here(box)
        self.assertEqual(here[names[0]], there["&AOQ-pfel"])
        self.assertEqual(here[names[1]], there["&AOQ-pfel"])
        self.assertNotRegex(box.sync(expect=PARTIAL).out, WORK)

    def test_utf8foldernames_on(self):
        self.switched("Account Test", "utf8foldernames", "no")

    def test_utf8foldernames_off(self):
        self.switched("Account Test", "utf8foldernames", "yes")

    def test_decodefoldernames_on(self):
        self.switched("Repository Rem", "decodefoldernames", "no")


class Overlaps(RulesCase):
    """Two accounts in one directory: nothing is done at all."""

    def second(self, box, where):
        other = self.server.user()
        with self.imap(other) as imap:
            imap.append("INBOX", plain("second"))
        box.account("Two", other, local={"localfolders": where(box)})
        return other

    def refused(self, where, *words):
        box = self.world(("INBOX", "A"))
        other = self.second(box, where)
        result = box.sync(expect=CONFIG)
        for word in words:
            self.assertIn(word, result.out)
        self.assertEqual(self.marks(box.maildir.messages("INBOX")), [])
        with self.imap(other) as imap:
            self.assertEqual(imap.folders(), ["INBOX"])

    def test_the_same_directory(self):
        """In whatever way it is written; it need not be there yet."""
        for where in (lambda box: box.root, lambda box: box.root + "//",
                      lambda box: box.root + "/x/../.",
                      lambda box: box.home + "/./a/b/../../Mail/"):
            with self.subTest(where=where):
                self.user = self.server.user()
                self.refused(where, "account Test and account Two have the "
                             "same directory",
                             "account Two and account Test have the same")

    def test_the_same_directory_through_a_link(self):
        def link(box):
            os.symlink(box.root, os.path.join(box.home, "link"))
            os.mkdir(box.root)
            return os.path.join(box.home, "link")
        self.refused(link, "have the same directory")

    def test_inside_of_a_folder(self):
        self.refused(lambda box: os.path.join(box.root, "A"),
                     'local "A" of Loc is in')


class Filters(RulesCase):
    """Folders that are left out and come back."""

    def narrowed(self, **rule):
        box = self.world(("INBOX", "A"))
        box.sync()
        self.rules(box, remote=rule)
        with self.imap() as imap:
            imap.remove("A", 1)
            imap.append("A", plain("there"))
        box.maildir.remove("A", "A-1")
        box.maildir.add("A", plain("here"), "S")
        there, here = self.there(), self.here(box)
        box.sync()
        self.assertEqual((self.there(), self.here(box)), (there, here))
        self.rules(box, remote=dict.fromkeys(rule))
        box.sync()
        self.assertSame(box, ["INBOX", "A"])
        self.assertEqual([mark for mark, _ in self.there()["A"]],
                         ["A-2", "A-3", "here", "there"])
        self.assertQuiet(box)

    def test_folderfilter(self):
        self.narrowed(folderfilter="lambda f: f != 'A'")

    def test_folders(self):
        self.narrowed(folders="*, !A")

    def test_a_filter_that_flips_at_random(self):
        box = self.world(("INBOX", "A", "B", "C"), remote={
            "folderfilter": "lambda f: f == 'INBOX' or "
            "__import__('random').random() < .5"})
        there = self.there()
        for _ in range(10):
            box.sync()
            self.assertEqual(self.there(), there)
        for name, marks in self.here(box).items():
            self.assertEqual(marks, there[name])


class Sides(RulesCase):
    """readonly, createfolders and sync_deletes, on for a while."""

    RULES = ({}, {"readonly": "yes"}, {"createfolders": "no"},
             {"sync_deletes": "no"})

    def while_on(self, remote, local):
        self.user = self.server.user()
        box = self.world(("INBOX", "A"))
        box.sync()
        self.rules(box, remote, local)
        with self.imap() as imap:
            imap.remove("A", 1)
            imap.append("A", plain("there"))
            imap.flag("A", 4, "+", "R")
            imap.create("Far")
            imap.append("Far", plain("far"))
        box.maildir.remove("A", "A-1")
        box.maildir.add("A", plain("here"), "S")
        box.maildir.flag("A", "A-2", "FRS")
        box.maildir.make("Near")
        box.maildir.add("Near", plain("near"), "S")
        there, here = self.there(), self.here(box)
        box.sync()
        if "readonly" in remote:
            self.assertEqual(self.there(), there)
        if "readonly" in local:
            self.assertEqual(self.here(box), here)
        self.rules(box, dict.fromkeys(remote), dict.fromkeys(local))
        box.sync()
        self.assertEqual(self.here(box), self.there())
        self.assertEqual(self.there()["A"], [
            ("A-2", "FRS"), ("A-3", "RS"), ("here", "S"), ("there", "")])
        self.assertEqual(self.there()["Near"], [("near", "S")])
        self.assertEqual(self.there()["Far"], [("far", "")])
        self.assertQuiet(box)

    def test_all_pairs_of_them(self):
        """Once they are off again, both sides' changes are merged."""
        for remote in self.RULES:
            for local in self.RULES:
                with self.subTest(remote=remote, local=local):
                    self.while_on(remote, local)


class Letters(RulesCase):
    """customflag_a and so on, changed on a filled set-up."""

    def keywords(self):
        with self.imap() as imap:
            return [imap.keywords("INBOX", m.uid)
                    for m in imap.messages("INBOX")]

    def test_no_keyword_is_lost_whatever_letters_stand_for(self):
        with self.imap() as imap:
            for number, words in enumerate((["one"], ["one", "two"],
                                            ["S", "three"], [])):
                imap.append("INBOX", plain(f"k-{number}"), words)
        box = self.box(self.user)
        box.maildir.make("INBOX")
        box.sync()
        box.maildir.flag("INBOX", "k-3", "Sxz")
        box.sync()
        before = self.keywords()
        self.assertEqual(before, [{"one"}, {"one", "two"},
                                  {"\\Seen", "three"}, {"\\Seen"}])
        for rule in ({"customflag_a": "one"}, {"customflag_b": "two"},
                     {"customflag_a": "two", "customflag_b": "one"},
                     {"customflag_a": None},
                     {"customflag_b": None, "customflag_c": "one"},
                     {"customflag_c": None}, {"customflag_a": "one"}):
            self.rules(box, local=rule)
            box.sync()
            self.assertEqual(self.keywords(), before, rule)
            self.assertEqual(dict(self.here(box)["INBOX"])["k-3"], "Sxz")
            self.assertQuiet(box)

    def test_the_other_separator_of_names_and_back(self):
        """maildir-windows-compatible, while both sides change."""
        box = self.world(("INBOX",), 12)
        box.sync()
        for number in range(4):
            box.option("Account Test", **{
                "maildir-windows-compatible": ("yes", "no")[number % 2]})
            with self.imap() as imap:
                imap.flag("INBOX", 1 + number, "+", "R")
                imap.append("INBOX", plain(f"there-{number}"))
            box.maildir.add("INBOX", plain(f"here-{number}"), "S")
            box.maildir.remove("INBOX", f"INBOX-{8 + number}")
            box.sync()
            self.assertSame(box, ["INBOX"])
            self.assertEqual(len(self.there()["INBOX"]), 13 + number)
        self.assertQuiet(box)


class Broken(RulesCase):
    """Rules that fail half-way: nothing is created or deleted."""

    def fails(self, body, *words):
        self.user = self.server.user()
        box = self.world(("INBOX", "A", "B"))
        box.sync()
        with self.imap() as imap:
            imap.remove("A", 1)
            imap.create("New")
        box.maildir.remove("A", "A-2")
        self.rules(box, remote={"nametrans": "there", "createfolders": "no",
                                "folderfilter": "wanted"})
        path = os.path.join(box.home, "rules.py")
        with open(path, "w", encoding="utf-8") as out:
            out.write("import os\nthere = lambda f: f\n"
                      "wanted = lambda f: True\n" + body)
        box.option("general", pythonfile=path)
        there, here = self.there(), self.here(box)
        result = box.sync(expect=CONFIG)
        for word in (".offlineimaprc:", "[Repository Rem] ") + words:
            self.assertIn(word, result.out)
        self.assertEqual((self.there(), self.here(box)), (there, here))

    def test_a_pythonfile_that_gives_up(self):
        for body, *words in (
                ("raise ValueError('x')\n", "rules.py:4: ValueError: x"),
                ("os._exit(0)\n", "ended with status 0"),
                ("raise SystemExit\n", "SystemExit"),
                ("def (\n", "SyntaxError"),
                ("def there(f):\n if f == 'B': os._exit(3)\n return f\n",
                 "nametrans: ", "ended with status 3"),
                ("def there(f):\n if f == 'B': raise KeyError(f)\n"
                 " return f + 'x'\n", "nametrans: for folder 'B': KeyError"),
                ("def wanted(f):\n os.kill(os.getpid(), 9)\n",
                 "folderfilter: ", "signal 9"),
                ("there = lambda f: 7 if f == 'B' else f\n",
                 "for folder 'B': the result must be text"),
                ("there = lambda f: f + chr(0)\n", "holds a NUL")):
            with self.subTest(body=body):
                self.fails(body, *words)

    def test_names_that_are_no_paths(self):
        """Nothing is made outside of the Maildir, nor under a name that
        is another one."""
        for name in (".", "..", "/abs", "a/../b", "a//b", "../x", "x" * 300,
                     "cur", "a/tmp", "a\nb"):
            with self.subTest(name=name):
                self.user = self.server.user()
                box = self.world(("INBOX", "A"), 2, local={"sep": "/"},
                                 remote={"nametrans": "lambda f: %r if "
                                         "f == 'A' else f" % name})
                before = sorted(os.listdir(box.home) + ["Mail",
                                                        ".offlineimap"])
                box.sync(expect=(PARTIAL, CONFIG))
                self.assertLessEqual(set(os.listdir(box.home)), set(before))
                self.assertIn(box.maildir.folders(), ([], ["INBOX"]))
                self.assertEqual(sorted(self.there()), ["A", "INBOX"])


class Windows(RulesCase):
    """maxage, startdate and maxsize, where the numbers change."""

    AGES = (40, 30, 20, 8, 5, 3, 1)

    @staticmethod
    def day(ago):
        now = datetime.datetime.now(datetime.timezone.utc)
        return now.replace(hour=12) - datetime.timedelta(days=ago)

    def put(self, imap):
        for ago in self.AGES:
            imap.append("W", plain(f"age-{ago}", 1000 * ago), "",
                        imaplib.Time2Internaldate(self.day(ago)))

    def renumbered(self, lost=(), account=None, remote=None):
        """The folder is made anew there, or what is remembered is lost;
        each side has lost a message and has a new one."""
        self.user = self.server.user()
        with self.imap() as imap:
            imap.create("W")
            self.put(imap)
        box = self.box(self.user, account=account, remote=remote)
        box.sync()
        if lost:
            for name in lost:
                shutil.rmtree(os.path.join(box.metadata, name))
        else:
            with self.imap() as imap:
                imap.delete_folder("W")
                imap.create("W")
                imap.append("W", plain("pad"))
                imap.remove("W", 1)
                self.put(imap)
        box.maildir.remove("W", "age-1")
        box.maildir.add("W", plain("here"), "S")
        for _ in range(2):
            box.sync()
        self.assertEqual(len(self.there()["W"]), 8)
        box.option("Account Test", **dict.fromkeys(account or ()))
        self.rules(box, remote=dict.fromkeys(remote or ()))
        box.sync()
        self.assertSame(box, ["W"])
        self.assertEqual(len(self.there()["W"]), 8)
        self.assertQuiet(box)

    def test_nothing_is_lost_or_doubled(self):
        state = "Account-Test/LocalStatus-sqlite"
        validity = "Repository-Rem/FolderValidity"
        start = self.day(10).strftime("%Y-%m-%d")
        for rule in ({"account": {"maxage": 10}},
                     {"account": {"maxsize": 9000}},
                     {"account": {"maxage": 10, "maxsize": 4000}},
                     {"remote": {"startdate": start}}):
            for lost in ((), (state,), (validity,), (state, validity)):
                with self.subTest(rule=rule, lost=lost):
                    self.renumbered(lost, **rule)


if __name__ == "__main__":
    unittest.main()
