"""Options that choose what a run is: a folder is deleted, files are given
other names, passwords come from the keyring, the time is measured."""

import fcntl
import glob
import os
import re
import subprocess
import unittest

from support.case import ServerCase, stop_servers
from support.hostile import Fake
from support.judge import fmd5, utf7
from support.mails import many, plain
from support.old import OLD, is_old
from support.program import AUTH, CONFIG, ERROR, LOCKED, OK, PARTIAL, USAGE
from support.terminal import Terminal


def tearDownModule():
    stop_servers()


def has_keyring():
    """Whether the system's Python has the module, and one for tests."""
    return os.path.exists("/usr/bin/python3") and subprocess.run(
        ["/usr/bin/python3", "-c", "import keyring, keyrings.alt.file"],
        stderr=subprocess.DEVNULL).returncode == 0


class DeleteFolder(ServerCase):

    def prepare(self, **options):
        self.fill("INBOX", many("in", 2))
        self.fill("Old stuff", many("old", 3))
        return self.box(self.user, **options)

    def folders(self):
        with self.imap() as imap:
            return imap.folders()

    def test_the_folder_is_gone_from_the_server_only(self):
        """--delete-folder: the remote one; the local one stays, and it is
        said what comes of that."""
        box = self.prepare()
        box.sync()
        out = box.sync("--delete-folder", "Old stuff").out
        self.assertIn("Folder 'Old stuff' deleted.", out)
        self.assertIn("creates the folder on the server again", out)
        self.assertEqual(self.folders(), ["INBOX"])
        self.assertEqual(len(box.maildir.messages("Old stuff")), 3)
        box.sync()
        self.assertSame(box, ["INBOX", "Old stuff"])

    def test_a_failure_is_told_in_the_servers_words(self):
        """OfflineIMAP says 0 then."""
        box = self.prepare()
        result = box.run("--delete-folder", "Nowhere")
        self.assertExit(result, ERROR)
        self.assertIn("folder 'Nowhere'[Rem] could not be deleted",
                      result.out)
        self.assertIn("Mailbox doesn't exist: Nowhere", result.out)
        self.assertNotIn("deleted.", result.out)

    def test_the_inbox_is_for_the_server_to_refuse(self):
        box = self.prepare()
        self.assertExit(box.run("--delete-folder", "INBOX"), ERROR)
        self.assertIn("INBOX", self.folders())

    def test_one_account_must_be_meant(self):
        box = self.prepare()
        box.account("Second", self.server.user())
        result = box.run("--delete-folder", "Old stuff")
        self.assertExit(result, USAGE)
        self.assertIn("only one account", result.out)
        self.assertIn("Old stuff", self.folders())
        self.assertExit(box.run("-a", "Test,Second", "--delete-folder",
                                "Old stuff"), USAGE)
        box.sync("-a", "Test", "--delete-folder", "Old stuff")
        self.assertNotIn("Old stuff", self.folders())

    def test_dry_run_only_says_it(self):
        box = self.prepare()
        for how in (["--dry-run"], ["-k", "dry-run=yes"]):
            with self.subTest(how):
                out = box.sync(*how, "--delete-folder", "Old stuff").out
                self.assertIn("would try to remove 'Old stuff' on remote of "
                              "'Test' account", out)
                self.assertIn("Old stuff", self.folders())

    def test_utf8foldernames_names_it_in_utf8(self):
        with self.imap() as imap:
            imap.create(utf7("Größe"))
        box = self.prepare()
        self.assertExit(box.run("--delete-folder", "Größe"), ERROR)
        box.option("Account Test", utf8foldernames="yes")
        box.sync("--delete-folder", "Größe")
        self.assertNotIn(utf7("Größe"), self.folders())

    def test_another_process_has_the_account(self):
        box = self.prepare()
        os.mkdir(box.metadata, 0o700)
        with open(os.path.join(box.metadata, "Test.lock"), "w") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            self.assertExit(box.run("--delete-folder", "Old stuff"), LOCKED)
        self.assertIn("Old stuff", self.folders())

    def test_info_wins(self):
        box = self.prepare()
        box.sync("--delete-folder", "Old stuff", "--info")
        self.assertIn("Old stuff", self.folders())


class General(ServerCase):

    def test_dry_run_in_the_configuration(self):
        """[general] dry-run is the option --dry-run."""
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        box.option("general", **{"dry-run": "yes"})
        box.sync()
        self.assertEqual(box.maildir.folders(), [])
        box.option("general", **{"dry-run": None})
        box.sync()
        self.assertSame(box, ["INBOX"])

    def denied(self, change, **general):
        """A run on a folder that the server lets nobody change."""
        fake = Fake()
        fake.mailbox("INBOX", [plain("one"), plain("two")])
        self.enter(fake)
        box = self.box(fake)
        for name, value in general.items():
            box.option("general", **{name: value})
        box.sync()
        fake.on("SELECT", lambda session, tag, rest: session.do_examine(
            tag, rest) or True)
        change(box.maildir)
        return box.run()

    def test_ignore_readonly_silences_denied_deletions(self):
        """Not more: that new mail could not be carried over is an error."""
        def remove(maildir):
            maildir.remove("INBOX", "one")

        def add(maildir):
            maildir.add("INBOX", plain("new"))

        result = self.denied(remove)
        self.assertExit(result, PARTIAL)
        self.assertIn("read-only", result.out)
        result = self.denied(remove, **{"ignore-readonly": "yes"})
        self.assertExit(result, OK)
        self.assertNotIn("read-only", result.out)
        result = self.denied(add, **{"ignore-readonly": "yes"})
        self.assertExit(result, PARTIAL)
        self.assertIn("read-only", result.out)


class Profile(ServerCase):

    def files(self, directory):
        return sorted(os.listdir(directory))

    def test_a_profile_of_each_account(self):
        """-P: phases, and the folders with what was done in them."""
        self.fill("INBOX", many("in", 20))
        self.fill("Few", many("few", 2))
        box = self.box(self.user)
        other = self.server.user()
        with self.imap(other) as imap:
            imap.append("INBOX", plain("second"))
        box.account("Second", other)
        box.option("Account Test", presynchook="exit 0")
        directory = os.path.join(box.top, "profile")
        out = box.sync("-P", directory).out
        self.assertNotIn("is there already", out)
        files = self.files(directory)
        self.assertEqual(len(files), 2)
        self.assertRegex(files[0], r"^\d{14}_(Test|Second)\.prof$")
        test = next(name for name in files if name.endswith("_Test.prof"))
        with open(os.path.join(directory, test)) as file:
            text = file.read()
        self.assertRegex(text, r"\Aaccount  Test\nbegan    20")
        self.assertRegex(text, r"(?m)^total +\d+\.\d{3} s$")
        for phase in ("connecting", "listing folders", "hooks",
                      "loading message lists", "copying messages"):
            line = re.search(rf"(?m)^ *(\d+\.\d+) +\S+  {phase}$", text)
            self.assertTrue(line, text)
            if phase in ("connecting", "copying messages"):
                self.assertGreater(float(line.group(1)), 0, text)
        row = re.search(r"(?m)^ *\S+ +\S+ +20 +20 +0 +0 +(\d+) .*  INBOX$",
                        text)
        self.assertTrue(row, text)
        self.assertGreater(int(row.group(1)), 20 * 100)
        self.assertRegex(text, r"(?m) 2 +2 +0 +0 +\d+ .*  Few$")

    def test_a_directory_that_is_there_is_used(self):
        box = self.box(self.user)
        directory = os.path.join(box.top, "profile")
        os.mkdir(directory)
        out = box.sync("-P", directory).out
        self.assertIn("is there already", out)
        self.assertEqual(len(self.files(directory)), 1)

    def test_no_directory_no_run(self):
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        result = box.run("-P", os.path.join(box.top, "no", "such"))
        self.assertExit(result, CONFIG)
        self.assertIn("-P: cannot make the directory", result.out)
        self.assertEqual(box.maildir.folders(), [])


class Migrate(ServerCase):
    """--migrate-fmd5-using-nametrans: OfflineIMAP's ends in a traceback."""

    RULES = (("nametrans", "lambda name: 'Mail/' + name"),
             ("rename", "s,^,Mail/,"))

    def prepare(self, rule):
        self.fill("INBOX", many("in", 3), "S")
        self.fill("Work", many("work", 4))
        box = self.box(self.user)
        box.sync()
        box.maildir.add("INBOX", plain("mine"))
        return box.option("Repository Loc", **dict([rule]))

    def files(self, box):
        """{path: bytes}; each file's FMD5= by its folder."""
        found, sums = {}, {}
        for folder in box.maildir.folders():
            for path in glob.glob(os.path.join(box.root, folder, "[nc]??/*")):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, box.root)] = file.read()
                digest = re.search("FMD5=([0-9a-f]{32})", path)
                sums.setdefault(folder, []).append(
                    digest.group(1) if digest else None)
        return found, sums

    def test_files_get_the_sum_of_the_visible_name(self):
        for rule in self.RULES:
            with self.subTest(rule):
                box = self.prepare(rule)
                before, sums = self.files(box)
                self.assertEqual(sums["Work"], [fmd5("Work")] * 4)
                out = box.sync("--migrate-fmd5-using-nametrans").out
                self.assertIn("7 files migrated, 0 left", out)
                after, sums = self.files(box)
                self.assertEqual(sums["Work"], [fmd5("Mail/Work")] * 4)
                self.assertCountEqual(
                    sums["INBOX"], [None] + [fmd5("Mail/INBOX")] * 3)
                for folder in ("INBOX", "Work"):
                    before = {name.replace(fmd5(folder),
                                           fmd5("Mail/" + folder)): data
                              for name, data in before.items()}
                self.assertEqual(after, before)
                self.assertIn("0 files migrated", box.sync(
                    "--migrate-fmd5-using-nametrans").out)
                self.assertEqual(self.files(box)[0], after)
                self.user = self.server.user()

    def test_migrated_files_are_known_again(self):
        """By us and by the old program."""
        self.fill("Mail/Work", many("work", 4))
        box = self.box(self.user)
        box.option("Repository Rem", nametrans="lambda name: "
                   "re.sub('^Mail/', '', name)",
                   folderfilter="lambda name: name.startswith('Mail/')")
        box.option("Repository Loc", nametrans="lambda name: 'Mail/' + name")
        box.sync()
        for path in glob.glob(os.path.join(box.root, "Work/[nc]??/*")):
            self.assertIn(fmd5("Mail/Work"), path)
            os.rename(path, path.replace(fmd5("Mail/Work"), fmd5("Work")))
        self.assertIn("4 files migrated", box.sync(
            "--migrate-fmd5-using-nametrans").out)
        self.assertQuiet(box)
        if is_old():
            box.binary = OLD
            self.assertQuiet(box)

    def test_dry_run_lists_them(self):
        box = self.prepare(self.RULES[1])
        before = self.files(box)
        out = box.sync("--dry-run", "--migrate-fmd5-using-nametrans").out
        self.assertEqual(out.count("would migrate cur/")
                         + out.count("would migrate new/"), 7)
        self.assertIn("[DRYRUN] 7 files migrated", out)
        self.assertEqual(self.files(box), before)

    def test_no_file_takes_the_uid_of_another(self):
        box = self.prepare(self.RULES[1])
        old = glob.glob(os.path.join(box.root, "INBOX/cur/*,U=2,*"))[0]
        other = "1.x.y,U=2,FMD5=%s:2,S" % fmd5("Mail/INBOX")
        with open(os.path.join(os.path.dirname(old), other), "wb") as file:
            file.write(plain("other"))
        out = box.sync("--migrate-fmd5-using-nametrans").out
        self.assertIn("6 files migrated, 1 left", out)
        self.assertTrue(os.path.exists(old))

    def test_without_rules_there_is_nothing_to_do(self):
        box = self.prepare(self.RULES[1])
        box.option("Repository Loc", rename=None)
        before = self.files(box)
        self.assertIn("0 files migrated", box.sync(
            "--migrate-fmd5-using-nametrans").out)
        self.assertEqual(self.files(box), before)

    def test_a_rule_that_fails_changes_nothing(self):
        box = self.prepare(("nametrans", "lambda name: 1 / 0"))
        before = self.files(box)
        result = box.run("--migrate-fmd5-using-nametrans")
        self.assertExit(result, CONFIG)
        self.assertIn("division by zero", result.out)
        self.assertEqual(self.files(box), before)


@unittest.skipUnless(has_keyring(), "NOT TESTED: python3-keyring and "
                     "python3-keyrings.alt are not installed")
class Keyring(ServerCase):
    """Python's keyring, in a plain file below the box's HOME."""

    def prepare(self, **options):
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user, remote={"remotepass": self.user.password,
                                          **options})
        box.env.update(
            PATH="/usr/bin:/bin", PYTHON_KEYRING_BACKEND=
            "keyrings.alt.file.PlaintextKeyring")
        return box

    def stored(self, box):
        return subprocess.run(
            ["/usr/bin/python3", "-c", "import keyring, sys; "
             "print(keyring.get_password(sys.argv[1], sys.argv[2]))",
             self.user.host, self.user.name], env=box.environment(),
            stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def put(self, box, password):
        subprocess.run(
            ["/usr/bin/python3", "-c", "import keyring, sys; "
             "keyring.set_password(*sys.argv[1:])",
             self.user.host, self.user.name, password],
            env=box.environment(), check=True)

    def forget(self, box):
        """The configuration has no password any more."""
        return box.option("Repository Rem", remotepass=None)

    def test_an_accepted_password_is_stored_and_found_again(self):
        box = self.prepare()
        box.sync()
        self.assertEqual(self.stored(box), "None")
        out = box.sync("--update-keyring").out
        self.assertIn("in the keyring now", out)
        self.assertEqual(self.stored(box), self.user.password)
        self.assertNotIn("in the keyring now",
                         box.sync("--update-keyring").out)
        self.forget(box).sync()
        self.assertSame(box, ["INBOX"])

    def test_the_configuration_can_ask_for_it(self):
        box = self.prepare()
        box.option("general", **{"update-keyring": "yes"})
        box.sync()
        self.assertEqual(self.stored(box), self.user.password)

    def test_a_refused_password_is_not_stored(self):
        box = self.prepare(remotepass="wrong")
        self.assertExit(box.run("--update-keyring"), AUTH)
        self.assertEqual(self.stored(box), "None")
        box.option("Repository Rem", remotepass=self.user.password)
        box.sync("--update-keyring")
        box.option("Repository Rem", remotepass="wrong")
        self.assertExit(box.run("--update-keyring"), AUTH)
        self.assertEqual(self.stored(box), self.user.password)

    def test_a_dry_run_stores_nothing(self):
        box = self.prepare()
        box.sync("--dry-run", "--update-keyring")
        self.assertEqual(self.stored(box), "None")

    def test_the_keyring_can_be_ignored(self):
        box = self.forget(self.prepare())
        self.put(box, self.user.password)
        self.assertExit(box.run("--ignore-keyring"), AUTH)
        self.assertExit(box.run("-k", "ignore-keyring=yes"), AUTH)
        box.sync()

    def test_other_places_come_first(self):
        box = self.prepare()
        self.put(box, "wrong")
        box.sync()
        self.forget(box)
        with open(os.path.join(box.home, ".netrc"), "w") as file:
            file.write(f"machine {self.user.host} login {self.user.name} "
                       f"password {self.user.password}\n")
        os.chmod(file.name, 0o600)
        box.sync()

    def test_a_password_that_is_out_of_date_is_asked_for(self):
        """And the new one takes its place."""
        box = self.forget(self.prepare())
        self.put(box, "wrong")
        self.assertExit(box.run(), AUTH)
        with Terminal(box.command("--update-keyring", ui="ttyui"),
                      box.environment(), box.home) as terminal:
            terminal.wait_for("Enter password")
            terminal.type(self.user.password + "\n")
            self.assertExit(terminal.finish(), OK)
        self.assertEqual(self.stored(box), self.user.password)

    def test_without_python_the_question_comes_at_once(self):
        box = self.forget(self.prepare())
        result = box.run(PATH="/nonexistent")
        self.assertExit(result, AUTH)
        self.assertNotIn("python", result.out)
        self.assertIn("A password is wanted", result.out)


if __name__ == "__main__":
    unittest.main()
