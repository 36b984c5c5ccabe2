"""The front ends from outside: screens, prompts, lines, exit codes."""

import os
import re
import signal
import subprocess
import unittest
from urllib.parse import unquote_plus

from support.case import Case, ServerCase, stop_servers
from support.hostile import Fake
from support.judge import tree
from support.mails import many, plain
from support.old import OLD, is_old
from support.program import (AUTH, BINARY, CONFIG, ERROR, INTERRUPTED,
                             NETWORK, OK, USAGE)
from support.terminal import Terminal

MACHINE = re.compile(r"(msg|warn|error|debug|critical):"
                     r"([a-z_]*|registerthread|threadExited|"
                     r"threadException|unregisterthread):"
                     r"((?:[A-Za-z0-9_.~+-]|%[0-9A-F]{2})*):"
                     r"((?:[A-Za-z0-9_.~+-]|%[0-9A-F]{2})*)")


def tearDownModule():
    stop_servers()


class Plain(ServerCase):

    def test_quiet_says_nothing_on_success(self):
        self.fill("INBOX", many("in", 3))
        box = self.box(self.user)
        for _ in range(2):
            self.assertEqual(box.sync(ui="quiet").out, "")

    def test_quiet_says_what_went_wrong(self):
        box = self.box(self.user, remote={"remotepass": "cAnArY7no"})
        result = box.sync(ui="quiet", expect=AUTH)
        self.assertIn("Authentication failed", result.out)

    def test_basic_lines(self):
        """compat 8.6: the lines that scripts look for."""
        self.fill("INBOX", many("in", 2))
        out = self.box(self.user).sync().out
        for line in (r"^\*\*\* Processing account Test$",
                     r"^Copy message UID 1 \(1/2\) Rem:INBOX -> Loc:INBOX$",
                     r"^\*\*\* Finished account 'Test' in \d+:\d\d$"):
            self.assertRegex(out, re.compile(line, re.M))

    def test_names_of_front_ends(self):
        """Any case; dotted old names; unknown ones are refused."""
        box = self.box(self.user)
        for name in ("BASIC", "Quiet", "Noninteractive.Quiet", "ttyui",
                     "TTY.TTYUI", "syslog", "machineui"):
            with self.subTest(name):
                box.sync(ui=name)
        self.assertExit(box.run(ui="gtk"), ERROR, USAGE, CONFIG)

    def test_ui_from_the_configuration(self):
        """[general] ui; -u wins."""
        box = self.box(self.user)
        box.option("general", ui="quiet")
        self.assertEqual(box.sync(ui=None).out, "")
        self.assertIn("Processing", box.sync(ui="basic").out)

    def test_no_front_end_named_and_no_terminal(self):
        """basic it is."""
        self.assertIn("*** Processing account Test",
                      self.box(self.user).sync(ui=None).out)

    def test_log_file(self):
        """-l: appended, dated, with a level; no password in it."""
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        path = os.path.join(box.home, "log")
        for count in (1, 2):
            box.sync("-l", path, "-d", "all", ui="quiet")
            with open(path) as log:
                text = log.read()
            self.assertEqual(text.count("Processing account Test"), count)
        self.assertRegex(text, r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO: ")
        self.assertNotIn("cAnArY7", text)

    def test_debug_types_tell_of_their_area_alone(self):
        for kind, pattern in (("imap", r"\[imap\]: "),
                              ("maildir", r"\[maildir\]: .*holds"),
                              ("thread", r"\[thread\]: .*takes folder")):
            result = self.box(self.user).sync("-d", kind)
            self.assertRegex(result.out, pattern)
            for other in {"imap", "maildir", "thread"} - {kind}:
                self.assertNotIn(f"[{other}]: ", result.out)

    def test_debug_output_has_no_secret(self):
        """D5: the conversation is shown, the password is not, in whatever
        form it was sent."""
        import base64
        for mechanism in ("LOGIN", "PLAIN"):
            with self.subTest(mechanism):
                box = self.box(self.user,
                               remote={"auth_mechanisms": mechanism})
                result = box.sync("-d", "imap,maildir,thread")
                self.assertRegex(result.out, "(?i)select|examine|status")
                name, password = self.user.name, self.user.password
                for secret in (password, f"\0{name}\0{password}"):
                    self.assertNotIn(base64.b64encode(
                        secret.encode()).decode(), result.out)

    def test_broken_pipe_is_no_crash(self):
        """The reader of our output goes away."""
        self.fill("INBOX", many("in", 50))
        box = self.box(self.user)
        with box.start() as process:
            process.wait_for("Processing")
            process.popen.stdout.close()
            code = process.popen.wait(60)
            process.popen.stdout = open(os.devnull, "rb")
        self.assertIn(code, (*range(10), -signal.SIGPIPE))
        box.sync()
        self.assertSame(box, ["INBOX"])


@unittest.skipUnless(is_old(), "NOT TESTED: offlineimap3 is missing")
class SameLines(ServerCase):
    """What scripts look for in the output of the old program stands in ours,
    word for word; the order of work is our own."""

    LINES = re.compile(r"^ ?(\*\*\* Processing account .*|\*\*\* Finished "
                       r"account .* in (?=\d+:\d\d$)|Establishing .*|"
                       r"Syncing .*|Copy message .*|Deleting .*|Adding .*|"
                       r"Skipping .*|Creating folder .*|\[DRYRUN\] Deleting "
                       r".*|\[DRYRUN\] Calling .*|Calling hook.*|"
                       r"Hook return .*|Folder .* \[acc: .*\]:|"
                       r"Account sync .*:|UID validity problem for .*\))",
                       re.M)

    def both(self, scenario, ui):
        found = []
        for binary in (OLD, BINARY):
            self.user = self.server.user()
            box = self.box(self.user)
            box.binary = binary
            lines = []
            for result in scenario(box, ui):
                lines.append({match.group(1) for match in
                              self.LINES.finditer(result.out)})
            found.append(lines)
        self.assertEqual(*found)
        return found[1]

    def scenario(self, box, ui):
        """A first run, changes both ways, a dry run, -q."""
        self.fill("INBOX", many("in", 5), "S")
        self.fill("Work/deep", many("w", 2))
        box.option("Account Test", presynchook="true")
        yield box.run(ui=ui)
        box.maildir.add("INBOX", plain("up"), "S")
        box.maildir.remove("INBOX", "in-1")
        box.maildir.flag("INBOX", "in-0", "FS")
        with self.imap() as imap:
            imap.flag("INBOX", [3], "-", "S")
            imap.remove("INBOX", [4, 5])
        yield box.run(ui=ui)
        yield box.run("-q", ui=ui)
        with self.imap() as imap:
            imap.remove("INBOX", [1])
        yield box.run("--dry-run", ui=ui)

    def test_basic(self):
        lines = self.both(self.scenario, "basic")
        self.assertIn("Deleting 2 messages (4:5) in Maildir[INBOX]",
                      lines[1])
        self.assertIn("Skipping Work/deep (not changed)", lines[2])

    def test_ttyui(self):
        """The names of the threads too."""
        lines = self.both(self.scenario, "ttyui")
        self.assertIn("Folder Work/deep [acc: Test]:", lines[0])

    def test_uidvalidity(self):
        def scenario(box, ui):
            self.fill("Work", many("w", 2))
            box.run(ui="quiet")
            with self.imap() as imap:
                imap.delete_folder("Work")
                imap.create("Work")
            result = box.run(ui=ui)
            result.out = "\n".join(re.findall("UID val.*", re.sub(
                r"saved \d+; got \d+", "saved n; got m", result.out)))
            yield result
        lines = self.both(scenario, "basic")
        self.assertIn("UID validity problem for folder Work (repo Rem) "
                      "(saved n; got m)", lines[0])


class Arguments(Case):

    def test_version(self):
        box = self.box()
        result = box.sync("--version", ui=None, once=False)
        self.assertRegex(result.out, r"^\d+\.\d+(\.\d+)?\n$")
        long = box.sync("-V", ui=None, once=False)
        self.assertRegex(long.out, r"^offlineimap v" + re.escape(
            result.out.strip()) + r".*OpenSSL")

    def test_help(self):
        """Every option is named, on standard output."""
        box = self.box()
        for option in ("-h", "--help"):
            result = box.sync(option, ui=None, once=False)
            self.assertRegex(result.out, "(?i)^usage: ")
            for name in ("--version", "-V", "--dry-run", "--info", "-1",
                         "-a", "-c", "-d", "-f", "-k", "-l", "-o", "-q",
                         "-s", "-u", "--approve-deletions", "--help"):
                self.assertIn(name, result.out)
            self.assertLessEqual(max(map(len, result.out.splitlines())), 79)

    def test_bad_usage(self):
        """Exit 2, and the wrong word is named."""
        box = self.box()
        for args in (["--no-such"], ["-Z"], ["-c"], ["--approve-deletions"],
                     ["--version=3"]):
            with self.subTest(args):
                result = box.run(*args, ui=None, once=False)
                self.assertExit(result, USAGE)
                self.assertIn(args[0].lstrip("-").split("=")[0], result.out)

    def test_version_needs_no_configuration_and_writes_nothing(self):
        box = self.box()
        before = tree(box.top)
        box.sync("--version", "-c", "/no/such")
        self.assertEqual(before, tree(box.top))


class Looks(ServerCase):

    def prepare(self):
        self.fill("INBOX", many("in", 30), "S")
        self.fill("Work", many("work", 5))
        box = self.box(self.user)
        return box

    def test_info(self):
        """--info: the server's words and the folders; nothing is synced."""
        box = self.prepare()
        result = box.sync("--info", ui=None)
        for word in ("INBOX", "Work", "IMAP4", "Rem", "Loc"):
            self.assertIn(word, result.out)
        self.assertEqual(box.maildir.folders(), [])

    def test_dry_run_before_the_first_sync(self):
        """N11: tells what it would do, does nothing, fails nothing."""
        box = self.prepare()
        box.maildir.make("Mine")
        box.maildir.add("Mine", plain("mine"))
        before = tree(box.root)
        result = box.sync("--dry-run")
        self.assertEqual(before, tree(box.root))
        with self.imap() as imap:
            self.assertEqual(imap.folders(), ["INBOX", "Work"])
        self.assertRegex(result.out, "Work")
        box.sync()
        self.assertSame(box, ["INBOX", "Work", "Mine"])

    def test_dry_run_of_changes(self):
        """N11: the run after it does what was told, no more, no less."""
        box = self.prepare()
        box.sync()
        box.maildir.add("INBOX", plain("up"))
        box.maildir.remove("INBOX", "in-3")
        box.maildir.flag("INBOX", "in-4", "FS")
        with self.imap() as imap:
            imap.append("Work", plain("down"))
            there = [imap.messages(name) for name in ("INBOX", "Work")]
        before = tree(box.top)
        for _ in range(2):
            box.sync("--dry-run")
            changed = {path for path in set(before.items())
                       ^ set(tree(box.top).items())}
            self.assertEqual({path for path, _ in changed
                              if "/Mail/" in path or "sqlite/" in path},
                             set())
            with self.imap() as imap:
                self.assertEqual(there, [imap.messages(name) for name in
                                         ("INBOX", "Work")])
        box.sync()
        self.assertSame(box, ["INBOX", "Work"])


class Machine(ServerCase):

    def lines(self, result):
        """Parsed lines; the banner's two raw lines are allowed."""
        found = []
        for line in result.out.splitlines():
            match = MACHINE.fullmatch(line)
            if match:
                found.append(tuple(unquote_plus(part) for part in
                                   match.groups()))
            else:
                self.assertEqual(found, found[:3], f"no line: {line!r}")
        return found

    def test_grammar_and_events(self):
        """compat 8.8."""
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        found = self.lines(box.sync(ui="machineui"))
        by_name = {}
        for severity, name, thread, text in found:
            by_name.setdefault(name, []).append((severity, thread, text))
        self.assertEqual(by_name["protocol"][0], ("msg", "MainThread",
                                                  "7.2.0"))
        self.assertEqual(by_name["acct"][0][2], "Test")
        self.assertEqual(by_name["acctdone"][0][2], "Test")
        self.assertEqual(by_name["connecting"][0][2].split("\n"),
                         ["127.0.0.1", str(self.user.port), "Rem"])
        self.assertEqual([text for _, _, text in by_name["copyingmessage"]],
                         [f"{uid}\nIMAP\nINBOX\nMaildir[INBOX]"
                          for uid in (1, 2)])
        self.assertEqual(found[-1][1], "terminate")
        self.assertEqual(found[-1][3].split("\n")[0], "0")

    def test_changes(self):
        self.fill("INBOX", many("in", 5), "S")
        box = self.box(self.user)
        box.sync()
        with self.imap() as imap:
            imap.remove("INBOX", 2)
            imap.flag("INBOX", 1, "+", "F")
        found = self.lines(box.sync(ui="machineui"))
        told = {(name, text) for _, name, _, text in found}
        self.assertIn(("deletingmessages", "2\nMaildir\tINBOX"), told)
        self.assertIn(("addingflags", "1\nF\nINBOX"), told)

    def dialogue(self, *passwords):
        box = self.box(self.user)
        box.option("Repository Rem", remotepass=None)
        with box.start(ui="machineui", stdin=subprocess.PIPE) as process:
            for number, password in enumerate(passwords, 1):
                process.wait_for(r"^msg:getpass:[^:]*:.*$", count=number)
                process.write(password.encode() + b"\n")
            process.popen.stdin.close()
            result = process.finish()
            process.popen.stdin = None
        return box, result

    def test_password_dialogue(self):
        """getpass, one line back; right, and the mail comes."""
        self.fill("INBOX", many("in", 2))
        box, result = self.dialogue(self.user.password)
        self.assertExit(result, OK)
        self.assertSame(box, ["INBOX"])
        self.lines(result)

    def test_wrong_password_is_told_and_not_zero(self):
        """N49: the status is true, in the last line too."""
        _, result = self.dialogue("cAnArY7-wrong")
        self.assertExit(result, AUTH)
        last = self.lines(result)[-1]
        self.assertEqual(last[1], "terminate")
        self.assertIn("Authentication failed", unquote_plus(result.out))

    def test_names_are_encoded(self):
        """Folder names with colons, newlines' kin and 8-bit."""
        self.fill("a:b %41+c", many("in", 1))
        found = self.lines(self.box(self.user).sync(ui="machineui"))
        self.assertTrue(any("a:b %41+c" in text for _, name, _, text in found
                            if name == "syncingfolder"))


class Prompt(ServerCase):

    def terminal(self, box, *args, ui, **env):
        return Terminal(box.command(*args, ui=ui),
                        box.environment(**{"TERM": "vt100", **env}),
                        box.home)

    def asked(self):
        self.fill("INBOX", many("in", 2))
        box = self.box(self.user)
        box.option("Repository Rem", remotepass=None)
        return box

    def test_ttyui_asks(self):
        """compat 8.5: Enter password for user; no echo; then the mail."""
        box = self.asked()
        with self.terminal(box, ui="ttyui") as screen:
            screen.wait_for("Enter password for user '%s'" % self.user.name)
            self.assertFalse(screen.echoes())
            screen.type(self.user.password + "\n")
            self.assertExit(screen.finish(), OK)
            self.assertEqual(screen.attributes(), screen.before)
        self.assertSame(box, ["INBOX"])

    def test_wrong_then_right(self):
        """The server's words, and a second chance or exit 5."""
        for ui, pattern in (("ttyui", "Enter password"),
                            ("curses", "(?i)password")):
            with self.subTest(ui):
                box = self.asked() if ui == "ttyui" else self.box(self.user)
                box.option("Repository Rem", remotepass=None)
                with self.terminal(box, ui=ui) as screen:
                    screen.wait_for(pattern)
                    at = len(screen.output)
                    screen.type("cAnArY7-wrong\n")
                    screen.wait_for("(?i)authentication ?failed", 20, at)
                    if screen.popen.poll() is None:
                        screen.type(self.user.password + "\n")
                    self.assertExit(screen.finish(), OK, AUTH)
                    self.assertEqual(screen.attributes(), screen.before)

    def test_curses_asks(self):
        box = self.asked()
        with self.terminal(box, ui="curses") as screen:
            screen.wait_for("(?i)password")
            screen.type(self.user.password + "\n")
            self.assertExit(screen.finish(), OK)
            self.assertEqual(screen.attributes(), screen.before)
        self.assertSame(box, ["INBOX"])

    def test_interrupt_at_the_prompt(self):
        """Ctrl-C: the terminal echoes again."""
        for ui in ("ttyui", "curses"):
            with self.subTest(ui):
                self.setUp()
                box = self.asked()
                with self.terminal(box, ui=ui) as screen:
                    screen.wait_for("(?i)password")
                    screen.popen.send_signal(signal.SIGINT)
                    result = screen.finish()
                    self.assertNotEqual(result.code, OK)
                    self.assertEqual(screen.attributes(), screen.before)


class Curses(Case):

    def screen(self, rows=24, columns=80, stall=True, **env):
        """The screen of a run against a server that stalls in the middle of
        the second folder."""
        fake = Fake()
        fake.mailbox("INBOX", many("in", 8))
        fake.mailbox("Slow", many("slow", 8))

        def message(session, tag, args):
            seq, message, items = args
            if session.box is fake.boxes["Slow"] and seq == 4 \
                    and "BODY" in items.upper():
                session.until_gone()

        if stall:
            fake.on("MESSAGE", message)
        self.enter(fake)
        box = self.box(fake)
        return self.enter(Terminal(
            box.command(ui="curses"),
            box.environment(**{"TERM": "vt100", **env}), box.home, rows,
            columns)), box

    def test_screen_comes_up_and_q_quits(self):
        """Accounts and folders are drawn; q ends it; the terminal is as it
        was (N56)."""
        for env in ({"TERM": "vt100"}, {"TERM": "xterm-256color"},
                    {"TERM": "linux", "LC_ALL": "C"}):
            with self.subTest(env):
                screen, _ = self.screen(**env)
                screen.wait_for("Test")
                screen.wait_for("Slow")
                screen.type("q")
                self.assertExit(screen.finish(20), INTERRUPTED)
                self.assertEqual(screen.attributes(), screen.before)

    def test_every_signal_restores_the_terminal(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number):
                screen, _ = self.screen(TERM="xterm")
                screen.wait_for("Slow")
                screen.popen.send_signal(number)
                self.assertExit(screen.finish(20), INTERRUPTED)
                self.assertEqual(screen.attributes(), screen.before)
                self.assertIn(b"\x1b[?1049l", screen.output)

    def test_control_c(self):
        screen, _ = self.screen()
        screen.wait_for("Slow")
        screen.type("\x03")
        self.assertExit(screen.finish(20), INTERRUPTED)
        self.assertEqual(screen.attributes(), screen.before)

    def test_ends_by_itself(self):
        """With -o it ends when all is done: status 0."""
        screen, box = self.screen(stall=False)
        self.assertExit(screen.finish(), OK)
        self.assertEqual(screen.attributes(), screen.before)
        self.assertEqual(len(box.maildir.messages("Slow")), 8)

    def test_says_what_was_done(self):
        """The screen vanishes; what remains says what happened."""
        screen, _ = self.screen(stall=False, TERM="xterm")
        self.assertExit(screen.finish(), OK)
        self.assertRegex(
            screen.output.split(b"\x1b[?1049l")[-1],
            rb"\*\*\* Finished account 'Test' in \d+:\d\d: 16 messages "
            rb"downloaded")

    def test_a_held_screen_does_not_hold_the_end(self):
        """Ctrl-S is a key like others: TERM still ends it."""
        screen, _ = self.screen(TERM="xterm")
        screen.wait_for("Slow")
        screen.type("\x13")
        screen.popen.send_signal(signal.SIGTERM)
        self.assertExit(screen.finish(20), INTERRUPTED)
        self.assertEqual(screen.attributes(), screen.before)

    def test_any_size(self):
        """1x1, one line, one column, and back: alive, and q still works."""
        screen, _ = self.screen()
        screen.wait_for("Slow")
        for rows, columns in ((1, 1), (1, 80), (24, 1), (2, 2), (3, 10),
                              (200, 300), (5, 20), (1, 1), (24, 80)):
            at = len(screen.output)
            screen.resize(rows, columns)
            screen.wait_for(".", since=at)
        screen.type("q")
        self.assertExit(screen.finish(20), INTERRUPTED)

    def test_starts_tiny(self):
        for rows, columns in ((1, 1), (2, 5)):
            with self.subTest(rows=rows):
                screen, _ = self.screen(rows, columns, stall=False)
                self.assertExit(screen.finish(), OK)

    def test_keys_do_no_harm(self):
        """Every key of the keyboard, known or not, and rubbish."""
        screen, _ = self.screen()
        screen.wait_for("Slow")
        for keys in ("?", "\x1b", "hjkl", "\x1b[A\x1b[B\x1b[5~\x1b[6~",
                     " \t\r\n", "0123456789", "+-", "\x1b[999;999R",
                     "\x7f\x08\x0c\x12", "\u00e4\u4e2d"):
            screen.type(keys)
        screen.popen.send_signal(signal.SIGTERM)
        self.assertExit(screen.finish(20), INTERRUPTED)
        self.assertEqual(screen.attributes(), screen.before)

    def test_terminal_that_cannot(self):
        """TERM=dumb without a name: basic; with the name: an error or
        basic, no crash."""
        fake = self.enter(Fake())
        box = self.box(fake)
        for ui in (None, "curses"):
            with self.subTest(ui):
                screen = self.enter(Terminal(
                    box.command(ui=ui), box.environment(TERM="dumb"),
                    box.home))
                result = screen.finish()
                self.assertExit(result, *((OK,) if ui is None else
                                          (OK, ERROR, USAGE, CONFIG)))

    def test_default_on_a_terminal_is_curses(self):
        fake = self.enter(Fake())
        box = self.box(fake)
        screen = self.enter(Terminal(
            box.command(ui=None), box.environment(TERM="xterm"), box.home))
        self.assertExit(screen.finish(), OK)
        self.assertIn(b"\x1b[?1049h", screen.output)

    def test_errors_stay_visible_after_the_screen(self):
        """What went wrong is told on the plain terminal at the end."""
        fake = Fake()
        fake.on("LOGIN", lambda session, tag, rest: session.line(
            f"{tag} NO [ALERT] these words remain") or True)
        fake.on("AUTHENTICATE", fake.hooks["LOGIN"])
        self.enter(fake)
        box = self.box(fake)
        box.option("general", socktimeout="5")
        screen = self.enter(Terminal(
            box.command(ui="curses"), box.environment(TERM="xterm"),
            box.home))
        while screen.popen.poll() is None \
                and b"\x1b[?1049l" not in screen.output:
            try:
                screen.wait_for("(?i)password", timeout=1)
                screen.type("\n")
            except AssertionError:
                pass
        result = screen.finish()
        self.assertExit(result, AUTH, NETWORK)
        after = screen.output.split(b"\x1b[?1049l")[-1]
        self.assertIn(b"these words remain", after)


if __name__ == "__main__":
    unittest.main()
