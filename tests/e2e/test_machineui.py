"""machineui of both programs, the old one and ours, through one strict
reader; the same scenario, the same events (compat 8.8)."""

import signal
import subprocess
import unittest

from support import machineui
from support.case import Case, ServerCase, stop_servers
from support.machineui import (Refused, directions, lists, loading,
                               of_command, parse, read, semantic)
from support.mails import many, plain
from support.old import OLD, is_old
from support.program import AUTH, BINARY, INTERRUPTED, OK


def tearDownModule():
    stop_servers()


class Reader(Case):
    """It accepts what the description gives as examples, and no more."""

    GOOD = ("msg:acct:Account+sync+Test:Test",
            "msg:syncingfolder:T:IMAP%0AINBOX%0AMaildir%0AINBOX%0A",
            "msg:deletingmessages:T:1%0C2%0AMaildir%09INBOX",
            "msg:addingflags:T:1%0AF%0AINBOX",
            "msg:copyingmessage:T:-1%0AMaildir%0Aa%0AIMAP%5Ba%5D",
            "warn:validityproblem:T:INBOX%0ARem%0A1%0A2",
            "debug:debugging:MainThread:", "error::T:ERROR%3A+no",
            "msg:terminate:MainThread:0%0A%0A")
    BAD = ("msg:acct:Account sync Test:Test", "info:acct:T:Test",
           "msg:acct:T", "msg:account:T:Test", "warn:acct:T:Test",
           "msg:acct::Test", "msg:acct:T:", "msg:acct:T:a%0ab",
           "msg:acct:T:a%2Eb", "msg:acct:T:a%20b", "msg:acct:T:%FF",
           "msg:syncingfolder:T:IMAP%0AINBOX%0AMaildir%0AINBOX",
           "msg:deletingmessages:T:1%2C2%0AMaildir%09INBOX",
           "msg:deletingmessages:T:1%0AMaildir+INBOX",
           "msg:addingflags:T:1%0AFS%0AINBOX", "msg:sleeping:T:10",
           "msg:copyingmessage:T:1%0AMaildir%0Aa%0AIMAP",
           "msg:protocol:MainThread:7.3.0", "msg:terminate:T:x%0A%0A")

    def test_lines(self):
        for line in self.GOOD:
            parse(line)
        for line in self.BAD:
            with self.subTest(line), self.assertRaises(
                    (Refused, UnicodeDecodeError)):
                parse(line)


@unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is missing")
class Both(ServerCase):
    """Each scenario is played twice, on mailboxes of its own."""

    def play(self, scenario, *args, single=False,
             views=(semantic, directions, lists, loading), **settings):
        """Runs the scenario with both programs; both must say the same.
        Returns the runs, the old one first."""
        runs = []
        for binary in (OLD, BINARY):
            self.user = self.server.user()
            box = self.box(self.user, **settings)
            box.binary = binary
            last = scenario(box)
            if last is None:
                last = box.run(*args, ui="machineui")
            runs.append((read(last.out, single), last))
        for view in views:
            self.assertEqual(view(runs[0][0]),
                             view(runs[1][0]),
                             f"{view.__name__}\n{runs[0][1]}\n{runs[1][1]}")
        self.assertExit(runs[0][1], OK)
        return [run for run, _ in runs]

    def first(self, box):
        self.fill("INBOX", many("in", 3), "S")
        self.fill("Work/deep", many("w", 2))
        self.fill("a:b %41+c", many("odd", 1))
        box.maildir.make("Mine")
        box.maildir.add("Mine", plain("mine"), "S")

    def test_first_sync(self):
        """Folders made on both sides, mail both ways."""
        old, new = self.play(self.first)
        self.assertEqual(new.status, 0)
        self.assertEqual(len(of_command(new, "copyingmessage")), 7)

    def test_nothing_to_do(self):
        def scenario(box):
            self.first(box)
            box.run(ui="quiet")
        # What has nothing new is not read, and so that is not told.
        _, new = self.play(scenario, views=[semantic])
        self.assertEqual(of_command(new, "copyingmessage"), [])

    def changed(self, box):
        self.fill("INBOX", many("in", 12), "S")
        self.fill("Work", many("w", 3))
        box.run(ui="quiet")
        box.maildir.add("INBOX", plain("up"), "S")
        box.maildir.remove("INBOX", "in-3")
        box.maildir.flag("INBOX", "in-4", "FS")
        with self.imap() as imap:
            imap.append("Work", plain("down"), "F")
            imap.remove("INBOX", [7, 8])
            imap.flag("INBOX", [10, 11], "+", "FR")
            imap.flag("INBOX", [12], "-", "S")

    def test_changes_on_both_sides(self):
        _, new = self.play(self.changed)
        for command in ("copyingmessage", "deletingmessages", "addingflags",
                        "deletingflags"):
            self.assertTrue(of_command(new, command), command)

    def test_dry_run(self):
        """Changes are told as in a real run; only copies are summed up by
        the old one, in a text."""
        runs = []
        for binary in (OLD, BINARY):
            self.user = self.server.user()
            box = self.box(self.user)
            box.option("Account Test", presynchook="echo no")
            box.binary = binary
            self.changed(box)
            result = box.run("--dry-run", ui="machineui")
            found = semantic(read(result.out))
            runs.append({key: count for key, count in found.items()
                         if key[0] not in ("copyingmessage", "connecting")})
        self.assertEqual(*runs)
        self.assertIn(("callhook", "Calling hook: echo no"), runs[1])

    def test_hooks(self):
        """Their words to the byte, with empty lines and what looks like a
        line of ours."""
        def scenario(box):
            box.option("Account Test", presynchook=(
                "echo one; echo; echo 'msg:acct:x:y'; echo bad >&2"),
                postsynchook="exit 3")
        _, new = self.play(scenario)
        self.assertEqual(len(of_command(new, "callhook")), 6)

    def test_debug(self):
        """The types are told; everything else is text."""
        def scenario(box):
            self.fill("INBOX", many("in", 2))
            return box.run("-d", "imap,maildir,thread", ui="machineui")
        self.play(scenario, single=True)

    def test_several_accounts(self):
        def scenario(box):
            self.first(box)
            other = self.server.user()
            with self.imap(other) as imap:
                imap.append("INBOX", plain("other"))
            box.account("Other", other)
        _, new = self.play(scenario)
        self.assertEqual({line.args[0] for line in of_command(new, "acct")},
                         {"Test", "Other"})

    def test_a_folder_with_a_separator_of_its_own(self):
        self.play(self.first, local={"sep": "/"})

    def test_translated_names(self):
        """nametrans: lists by their visible names, all else by their
        own."""
        def scenario(box):
            self.fill("INBOX", many("in", 2))
            self.fill("Odd/Sent Items", many("s", 2))
        _, new = self.play(
            scenario,
            remote={"nametrans": "lambda f: f.replace('Odd/Sent Items', "
                    "'Post/Sent')"},
            local={"nametrans": "lambda f: f.replace('Post.Sent', "
                   "'Odd.Sent Items')"})
        self.assertIn(["IMAP", "Post/Sent"], [
            line.args for line in of_command(new, "loadmessagelist")])

    def test_uidvalidity_changed(self):
        """The line is the same; the old one skips the folder then, which
        we need not."""
        problems = []
        for binary in (OLD, BINARY):
            self.user = self.server.user()
            box = self.box(self.user)
            box.binary = binary
            self.fill("Work", many("w", 3))
            box.run(ui="quiet")
            with self.imap() as imap:
                imap.delete_folder("Work")
                imap.create("Work")
            run = read(box.run(ui="machineui").out)
            problems.append([line.args[:2] for line in
                             of_command(run, "validityproblem")])
        self.assertEqual(*problems)
        self.assertEqual(problems[1], [["Work", "Rem"]])

    def asked(self, binary, password=None):
        """A run that asks; the right password unless one is given."""
        self.user = self.server.user()
        password = password or self.user.password
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        box.option("Repository Rem", remotepass=None)
        box.binary = binary
        with box.start(ui="machineui", stdin=subprocess.PIPE) as process:
            process.wait_for(r"(?m)^msg:getpass:.*$")
            process.write(password.encode() + b"\n")
            process.popen.stdin.close()
            result = process.finish()
            process.popen.stdin = None
        return box, result

    def test_getpass(self):
        """One line out, one line in."""
        for binary in (OLD, BINARY):
            with self.subTest(binary):
                box, result = self.asked(binary)
                run = read(result.out)
                self.assertExit(result, OK)
                self.assertEqual(
                    [line.args for line in of_command(run, "getpass")],
                    [[self.user.name]])
                self.assertSame(box, ["INBOX"])

    def test_a_wrong_password(self):
        """Both tell the server's words; only our status is true."""
        runs = []
        for binary in (OLD, BINARY):
            _, result = self.asked(binary, "cAnArY7-wrong")
            runs.append((read(result.out), result))
            self.assertTrue(any(
                line.severity == "error" and "ERROR: " in line.args[0]
                and "Authentication failed" in line.args[0]
                for line in runs[-1][0].lines), repr(result))
        self.assertEqual(runs[1][1].code, AUTH)
        self.assertEqual(runs[1][0].status, AUTH)
        self.assertEqual(runs[0][0].status, 0)

    def test_sleeping_and_term(self):
        """Steps of ten seconds, and 0 0 at the end."""
        for binary in (OLD, BINARY):
            with self.subTest(binary):
                self.user = self.server.user()
                box = self.box(self.user)
                box.option("Account Test", autorefresh=1)
                box.binary = binary
                with box.start(ui="machineui", once=False) as process:
                    process.wait_for(r"(?m)^msg:sleeping:.*$")
                    process.signal(signal.SIGTERM)
                    result = process.finish()
                self.assertExit(result, OK, INTERRUPTED)
                steps = [line.args for line in
                         of_command(read(result.out), "sleeping")]
                self.assertEqual(steps[0], ["10", "60"])
                self.assertEqual(steps[-1], ["0", "0"])


class Ours(ServerCase):
    """What the old program does not do."""

    def test_steps_of_a_sleep(self):
        """The countdown goes on while the core sleeps."""
        box = self.box(self.user)
        box.option("Account Test", autorefresh=0.4)
        with box.start(ui="machineui", once=False) as process:
            process.wait_for(r"(?m)^msg:sleeping:[^:]*:10%0A14$", timeout=60)
            process.signal(signal.SIGTERM)
            result = process.finish()
        steps = [line.args for line in of_command(read(result.out),
                                                  "sleeping")]
        self.assertEqual(steps, [["10", "24"], ["10", "14"], ["0", "0"]])

    def test_errors_are_in_the_status(self):
        box = self.box(self.user, remote={"remotepass": "cAnArY7no"})
        result = box.run(ui="machineui")
        self.assertEqual(machineui.read(result.out).status, result.code)
        self.assertEqual(result.code, AUTH)


if __name__ == "__main__":
    unittest.main()
