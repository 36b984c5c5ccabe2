"""The mailbox list, beside the one that OfflineIMAP writes."""

import json
import os
import shutil
import subprocess
import unittest

from support.case import ServerCase, stop_servers
from support.mails import plain
from support.old import OLD, is_old
from support.program import BINARY, CONFIG, NETWORK

MUTT = """
header = "mailboxes "
peritem = "+%(accountname)s/%(foldername)s"
sep = " "
footer = "\\n"
"""

# As people publish them.
TEMPLATES = {
    "mutt, one line": MUTT,
    "mutt, a line each": """
header = "# written by offlineimap\\n"
peritem = mailboxes "=%(accountname)s/%(foldername)s"
sep = "\\n"
footer = "\\n"
""",
    "mutt, by a filter and an order of its own": """
header = "mailboxes "
peritem = "+%(accountname)s/%(foldername)s"
sep = " "
footer = "\\n"
folderfilter = lambda accountname, foldername: (
  not re.search("Trash|Spam", foldername))
sort_keyfunc = lambda d: (d["accountname"] != "Test",
  d["foldername"] != "INBOX", d["foldername"].lower())
""",
    "neomutt, named": """
header = ""
peritem = named-mailboxes "%(foldername)-20.15s" "%(localfolders)s"
sep = "\\n"
footer = ""
""",
    "gnus": """
header = '(setq my-boxes \\'('
peritem = ("%(accountname)s" . %(foldername)r)
sep = u'\\n'
footer = '))' + chr(10)
""",
    "percent and ASCII": """
header = ''
peritem = 100%% %(foldername)a|%(foldername)8.3s|
sep = '''
  '''
footer = "end"
incremental = yes
""",
}


def tearDownModule():
    stop_servers()


class Lists(ServerCase):

    folders = ("Work", "Work/deep", "Gr&APYA3w-e", "Spam", "a folder",
               "trash")

    def prepare(self, settings=MUTT, enabled="yes", names=folders):
        with self.imap() as imap:
            imap.create(*names)
            imap.append("INBOX", plain("one"))
        box = self.box(self.user)
        other = self.server.user()
        with self.imap(other) as imap:
            imap.create("Second's box")
        box.account("Second", other)
        for name in ("Test", "Second"):
            box.option(f"Account {name}", utf8foldernames="yes")
        return self.describe(box, settings, enabled)

    def describe(self, box, settings, enabled="yes"):
        box.write_config()
        with open(box.config, "a", encoding="utf-8") as config:
            config.write(f"[mbnames]\nenabled = {enabled}\n"
                         f"filename = ~/$LIST{settings}")
        box.env["LIST"] = "boxes"
        return box

    def list(self, box):
        try:
            with open(os.path.join(box.home, "boxes"),
                      encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def cache(self, box):
        out = {}
        directory = os.path.join(box.metadata, "mbnames")
        for name in sorted(os.listdir(directory)):
            if name.endswith(".json"):
                with open(os.path.join(directory, name)) as file:
                    out[name] = sorted(json.load(file), key=str)
        return out

    @unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is missing")
    def test_it_is_the_one_that_offlineimap_writes(self):
        box = self.prepare()
        for name, settings in TEMPLATES.items():
            seen = []
            self.describe(box, settings)
            for binary in (BINARY, OLD):
                box.binary = binary
                shutil.rmtree(os.path.join(box.metadata, "mbnames"),
                              ignore_errors=True)
                box.sync()
                seen.append((self.list(box), self.cache(box)))
                os.unlink(os.path.join(box.home, "boxes"))
            with self.subTest(name):
                self.assertTrue(seen[0][0])
                self.assertEqual(seen[0], seen[1])

    @unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is missing")
    def test_names_are_those_after_nametrans(self):
        seen = []
        box = self.prepare()
        box.option("Repository Rem", nametrans="lambda name: "
                   "re.sub('^Work', 'Job', name)",
                   folderfilter="lambda name: name != 'Spam'")
        box.option("Repository Loc", sep="/", nametrans="lambda name: "
                   "re.sub('^Job', 'Work', name)")
        self.describe(box, MUTT)
        for binary in (BINARY, OLD):
            box.binary = binary
            box.sync()
            seen.append((self.list(box), self.cache(box)))
            os.unlink(os.path.join(box.home, "boxes"))
        self.assertIn('"+Test/Job/deep"', seen[0][0])
        self.assertNotIn("Spam", seen[0][0])
        self.assertEqual(seen[0], seen[1])

    @unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is missing")
    def test_what_the_old_program_remembers_is_taken_over(self):
        box = self.prepare()
        box.binary = OLD
        box.sync()
        before = self.list(box)
        os.unlink(os.path.join(box.home, "boxes"))
        box.binary = BINARY
        box.sync("-a", "Second")
        self.assertEqual(self.list(box), before)

    def test_all_accounts_are_in_it_whichever_ran(self):
        box = self.prepare()
        box.sync("-a", "Test")
        first = self.list(box)
        self.assertNotIn("Second", first)
        box.sync("-a", "Second")
        both = self.list(box)
        self.assertIn('"+Second/Second\'s box"', both)
        self.assertTrue(both.endswith(first[len("mailboxes "):]))
        box.sync("-a", "Test")
        self.assertEqual(self.list(box), both)

    def test_a_failed_account_keeps_its_folders(self):
        box = self.prepare()
        box.sync()
        before = self.list(box)
        result = box.run("-k", "Repository_Rem:remoteport=1")
        self.assertExit(result, NETWORK)
        self.assertEqual(self.list(box), before)

    def test_a_run_of_some_folders_loses_none(self):
        """-f: OfflineIMAP lists those alone then."""
        box = self.prepare()
        box.sync()
        before = self.list(box)
        box.sync("-f", "INBOX")
        self.assertEqual(self.list(box), before)

    def test_nothing_new_is_not_written(self):
        box = self.prepare()
        box.sync()
        path = os.path.join(box.home, "boxes")
        os.utime(path, (1, 1))
        inode = os.stat(path).st_ino
        box.sync()
        self.assertEqual(os.stat(path).st_mtime, 1)
        self.assertEqual(os.stat(path).st_ino, inode)
        self.assertEqual(sorted(os.listdir(box.home)), [
            ".offlineimap", ".offlineimaprc", "Mail", "MailSecond", "boxes"])

    def test_dry_run_says_what_it_would_write(self):
        box = self.prepare()
        out = box.sync("--dry-run").out
        cache = os.path.join(box.metadata, "mbnames")
        self.assertIn(f"mbnames would write {cache}/Test.json", out)
        self.assertIn(f"mbnames would write {box.home}/boxes", out)
        self.assertIsNone(self.list(box))
        self.assertFalse(os.path.exists(cache))

    def test_literals_need_no_python(self):
        box = self.prepare()
        box.sync(PATH="/nonexistent")
        self.assertTrue(self.list(box).startswith("mailboxes \"+Second/"))

    def test_a_missing_directory_is_named_and_mail_is_carried(self):
        box = self.prepare(enabled="yes")
        box.env["LIST"] = "no/such/boxes"
        result = box.run()
        self.assertExit(result, CONFIG)
        self.assertIn(f"there is no directory {box.home}/no/such", result.out)
        self.assertSame(box, ["INBOX"])

    def test_a_wrong_item_is_told_before_anything_is_done(self):
        box = self.prepare(MUTT.replace("(foldername)", "(folder)"))
        result = box.run()
        self.assertExit(result, CONFIG)
        self.assertRegex(result.out, r"offlineimaprc:\d+: \[mbnames\] "
                         r"peritem: there is no name 'folder'")
        self.assertFalse(os.path.exists(box.root))

    def test_a_wrong_expression_is_told_with_its_place(self):
        box = self.prepare(MUTT.replace('" "', "1 / 0"))
        result = box.run()
        self.assertExit(result, CONFIG)
        self.assertRegex(result.out, r"offlineimaprc:\d+: \[mbnames\] sep")
        self.assertIn("division by zero", result.out)
        self.assertIsNone(self.list(box))

    def test_names_are_no_commands(self):
        """S16: whatever reads the list."""
        names = ["say `touch seen`", "pay $(touch seen)", "a $HOME",
                 "quote \" here", "Bob's", "semi;touch seen"]
        box = self.prepare(names=names)
        for quote in ("'", '"'):
            with self.subTest(quote):
                self.describe(box, f"""
header = "printf '%%s|' "
peritem = {quote}%(foldername)s{quote}
sep = " "
footer = "\\n"
""")
                box.sync()
                shown = subprocess.run(
                    ["sh", os.path.join(box.home, "boxes")], cwd=box.home,
                    stdout=subprocess.PIPE, text=True, check=True).stdout
                self.assertEqual(
                    sorted(shown.strip("|").split("|")),
                    sorted([*names, "INBOX", "INBOX", "Second's box"]))
                self.assertFalse(os.path.exists(
                    os.path.join(box.home, "seen")))

    def test_prune_forgets_accounts_that_are_gone(self):
        box = self.prepare()
        box.option("general", accounts="Test, Second")
        self.describe(box, MUTT)
        box.sync()
        for name in ("Tes", "Gone"):
            shutil.copy(os.path.join(box.metadata, "mbnames/Second.json"),
                        os.path.join(box.metadata, f"mbnames/{name}.json"))
        path = os.path.join(box.metadata, "mbnames/Second.json")
        box.option("general", accounts="Test")
        self.describe(box, MUTT)
        out = box.sync("--dry-run", "--mbnames-prune").out
        self.assertIn(f"mbnames would remove {path}", out)
        self.assertTrue(os.path.exists(path))
        out = box.sync("--mbnames-prune").out
        self.assertIn(f"removed {path}", out)
        self.assertEqual(list(self.cache(box)), ["Test.json"])
        self.assertNotIn("Second", self.list(box))
        self.assertIn("no cache file to remove",
                      box.sync("--mbnames-prune").out)

    def test_prune_without_a_list_forgets_all(self):
        box = self.prepare()
        box.sync()
        before = self.list(box)
        self.describe(box, MUTT, enabled="no")
        box.sync("--mbnames-prune")
        self.assertEqual(self.cache(box), {})
        self.assertEqual(self.list(box), before)


if __name__ == "__main__":
    unittest.main()
