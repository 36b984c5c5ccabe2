"""Rules that change on a filled set-up: whatever is switched on or off, no
message and no flag is lost, and none is doubled.
"""

import collections
import os
import os
import unittest

from support.case import ServerCase, stop_servers
from support.judge import LETTERS, status_rows
from support.mails import many, message_id, plain
from support.old import OLD, WORK, is_old
from support.program import BINARY, CONFIG, ERROR, OK, PARTIAL


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


if __name__ == "__main__":
    unittest.main()
