"""The options of the command line, each doing what its entry says."""

import os
import unittest

from support.case import ServerCase, stop_servers
from support.mails import many, plain
from support.program import CONFIG, OK, USAGE


def tearDownModule():
    stop_servers()


class Options(ServerCase):

    def prepare(self):
        for name in ("INBOX", "Work", "Play"):
            self.fill(name, many(name, 3))
        return self.box(self.user)

    def two(self):
        box = self.prepare()
        other = self.server.user()
        with self.imap(other) as imap:
            imap.append("INBOX", plain("second"))
        return box.account("Second", other)

    def test_a_chooses_accounts_in_order(self):
        """-a: these accounts, this order; blanks behind commas are fine."""
        box = self.two()
        out = box.sync("-a", "Second").out
        self.assertNotIn("Processing account Test", out)
        out = box.sync("-a", "Second, Test").out
        self.assertLess(out.index("Processing account Second"),
                        out.index("Processing account Test"))

    def test_f_chooses_folders(self):
        """-f: only these, by their names on the server."""
        box = self.prepare()
        box.sync("-f", "Work,Play")
        self.assertEqual(box.maildir.folders(), ["Play", "Work"])
        self.assertSame(box, ["Work", "Play"])

    def test_f_leaves_the_others_alone(self):
        box = self.prepare()
        box.sync()
        box.maildir.add("Play", plain("later"))
        box.sync("-f", "Work")
        with self.imap() as imap:
            self.assertEqual(len(imap.messages("Play")), 3)
        box.sync()
        self.assertSame(box, ["INBOX", "Work", "Play"])

    def test_k_sets_an_option(self):
        """-k: section with _ for blank; repeatable; wins over the file."""
        box = self.prepare()
        other = box.root + "Other"
        box.sync("-k", f"Repository_Loc:localfolders={other}", "-k",
                 "Account_Test:quick=0")
        self.assertEqual(box.maildir.folders(), [])
        self.assertEqual(len(os.listdir(other)), 3)

    def test_k_without_section_is_general(self):
        box = self.prepare()
        self.assertEqual(box.sync("-k", "ui=quiet", ui=None).out, "")
        self.assertNotEqual(box.sync("-k", "ui=quiet", ui="basic").out, "")

    def test_k_with_a_bad_value_or_section(self):
        box = self.prepare()
        for text in ("Account_Nobody:quick=1", "Repository_Rem:ssl=perhaps",
                     "nothing"):
            with self.subTest(text):
                self.assertExit(box.run("-k", text), CONFIG, USAGE)

    def test_q_sees_new_mail(self):
        """-q: folders whose counts have changed are synchronised."""
        box = self.prepare()
        box.sync()
        self.fill("Work", [plain("fresh")])
        box.maildir.add("Play", plain("here"))
        box.sync("-q")
        self.assertSame(box, ["INBOX", "Work", "Play"])

    def test_q_changes_nothing_when_nothing_is_new(self):
        box = self.prepare()
        box.sync()
        self.assertQuiet(box, "-q")

    def test_q_and_then_a_full_run(self):
        """What quick did not see, a full run does."""
        box = self.prepare()
        box.sync()
        with self.imap() as imap:
            imap.flag("Work", 1, "+", "F")
        box.sync("-q")
        box.sync()
        self.assertSame(box, ["INBOX", "Work", "Play"])

    def test_1_does_the_same(self):
        """-1: one worker; the result is the same."""
        box = self.two()
        box.option("Repository Rem", maxconnections=4)
        box.option("general", maxsyncaccounts=3)
        box.sync("-1")
        self.assertSame(box, ["INBOX", "Work", "Play"])
        self.assertQuiet(box, "-1")

    def test_o_ends_in_spite_of_autorefresh(self):
        box = self.prepare()
        box.option("Account Test", autorefresh="1")
        box.sync()
        self.assertSame(box, ["INBOX", "Work", "Play"])

    def test_s_and_l_together(self):
        box = self.prepare()
        log = os.path.join(box.home, "log")
        box.sync("-s", "-l", log, ui="quiet")
        self.assertGreater(os.path.getsize(log), 0)

    def test_bundled_and_long_options(self):
        """-oq, --dry-run, --: as OfflineIMAP's parser takes them."""
        box = self.prepare()
        box.sync("-oq1", "-c" + box.config, ui="quiet", once=False)
        box.sync("-uquiet", "--", ui=None)

    def test_c_names_the_file(self):
        """-c: this file; ~ is expanded."""
        box = self.prepare()
        os.rename(box.config, os.path.join(box.home, "other"))
        self.assertExit(box.run(), CONFIG)
        box.sync("-c", os.path.join(box.home, "other"))
        box.sync("-c", "~/other")

    def test_lookup_order(self):
        """compat 1.2: XDG_CONFIG_HOME, ~/.config, ~/.offlineimaprc; the
        first that exists, never two."""
        box = self.prepare()
        places = [(".config/offlineimap/config", {}),
                  ("xdg/offlineimap/config", {
                      "XDG_CONFIG_HOME": os.path.join(box.home, "xdg")})]
        with open(box.config) as text:
            original = text.read()
        for number, (place, env) in enumerate(places):
            path = os.path.join(box.home, place)
            os.makedirs(os.path.dirname(path))
            with open(path, "w") as out:
                out.write(original.replace("/Mail", f"/Place{number}")
                          .replace("[general]", "[general]\nmetadata = "
                                   f"~/state{number}"))
            box.sync(**env)
            self.assertTrue(os.path.isdir(os.path.join(
                box.home, f"Place{number}")), place)
        self.assertEqual(box.maildir.folders(), [])

    def test_empty_xdg_config_home_is_the_default(self):
        box = self.prepare()
        path = os.path.join(box.home, ".config/offlineimap/config")
        os.makedirs(os.path.dirname(path))
        os.rename(box.config, path)
        box.sync(XDG_CONFIG_HOME="")
        self.assertSame(box, ["INBOX", "Work", "Play"])

    def test_paths_with_home_and_variables(self):
        """compat 2.2: ~ and $VAR in metadata and localfolders."""
        box = self.prepare()
        box.option("general", metadata="$E2E_STATE/deep")
        box.option("Repository Loc", localfolders="~/${E2E_MAIL}")
        os.mkdir(os.path.join(box.home, "state"))
        box.sync(E2E_STATE=os.path.join(box.home, "state"), E2E_MAIL="Mail")
        self.assertSame(box, ["INBOX", "Work", "Play"])
        self.assertTrue(os.path.isdir(os.path.join(
            box.home, "state/deep/Account-Test")))

    def test_hooks(self):
        """compat 4.9: before and after, with the mode; not in a dry run;
        what they return does not matter."""
        box = self.prepare()
        box.option("Account Test",
                   presynchook="echo pre $OFFLINEIMAPSYNCMODE >>hooks",
                   postsynchook="echo post >>hooks; exit 3")
        path = os.path.join(box.home, "hooks")
        box.sync("--dry-run")
        self.assertFalse(os.path.exists(path))
        self.assertEqual(box.sync().code, OK)
        with open(path) as lines:
            self.assertEqual(lines.read(), "pre full\npost\n")


if __name__ == "__main__":
    unittest.main()
