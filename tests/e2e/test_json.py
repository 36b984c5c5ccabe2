"""-u json from outside: every line as the manual says, and an indexer that
needs to look at no directory."""

import json
import os
import random
import signal
import subprocess
import unittest

from support.case import ServerCase, stop_servers
from support.events import Index, of_kind, operations, read
from support.mails import many, plain
from support.program import AUTH, HELD, INTERRUPTED, OK

SEED = int(os.environ.get("E2E_SEED", random.randrange(1 << 30)))


def tearDownModule():
    stop_servers()


def paths(box):
    """All message files there are, as bytes."""
    found = set()
    for top, _, files in os.walk(os.fsencode(box.root)):
        if os.path.basename(top) in (b"new", b"cur"):
            found |= {os.path.join(top, name) for name in files}
    return found


class Indexer(ServerCase):
    """Its set of paths comes from the events of our runs and from what it
    is told of the reader's own changes; then it must be the tree."""

    separator = "."

    def setUp(self):
        super().setUp()
        self.index = Index()

    def indexed(self, *folders):
        for name in folders:
            self.fill(name, many(name.replace("/", "-"), 12), "S")
        return self.box(self.user, local={"sep": self.separator})

    def local(self, name):
        return name.replace("/", self.separator)

    def run_indexed(self, box, *args, expect=OK):
        """A run that is followed; the events."""
        self.index.paths = paths(box)
        events = read(box.sync(*args, ui="json", expect=expect).out)
        self.index.follow(events)
        self.assertEqual(self.index.paths, paths(box))
        return events

    def changes(self, events):
        return sorted(event["change"] for event in of_kind(events, "file"))

    def test_first_sync(self):
        box = self.indexed("INBOX", "Work/deep")
        events = self.run_indexed(box)
        self.assertEqual(self.changes(events), ["new"] * 24)
        self.assertEqual({event["uid"] for event in of_kind(events, "file")},
                         set(range(1, 13)))
        self.assertEqual(self.changes(self.run_indexed(box)), [])

    def test_changes_on_both_sides(self):
        box = self.indexed("INBOX", "Work/deep")
        self.run_indexed(box)
        deep = self.local("Work/deep")
        box.maildir.add(deep, plain("up"), "S")
        box.maildir.remove(deep, "Work-deep-3")
        box.maildir.flag("INBOX", "INBOX-4", "FS")
        with self.imap() as imap:
            imap.append("Work/deep", plain("down"), "F")
            imap.remove("INBOX", [2, 3])
            imap.flag("INBOX", [6, 8], "+", "F")
            imap.flag("INBOX", [7], "-", "S")
        events = self.run_indexed(box)
        self.assertEqual(self.changes(events), [
            "deleted", "deleted", "flagged", "flagged", "flagged", "moved",
            "new"])
        moved = of_kind(events, "file")
        flags = {event["uid"]: event["flags"] for event in moved
                 if event["change"] == "flagged"}
        self.assertEqual(flags, {6: "FS", 7: "", 8: "FS"})
        self.assertSame(box, {"INBOX": "INBOX", "Work/deep": deep})

    def test_pairing_by_content(self):
        """UIDVALIDITY changed: the new numbers are new names."""
        box = self.indexed("INBOX", "Work")
        self.run_indexed(box)
        with self.imap() as imap:
            imap.delete_folder("Work")
            imap.create("Work")
            for data in reversed(many("Work", 9)):
                imap.append("Work", data, "S")
        changes = self.changes(self.run_indexed(box))
        self.assertEqual(set(changes), {"moved"})
        self.assertSame(box, ["INBOX", "Work"])

    def test_held_deletions_are_no_file_events(self):
        self.fill("INBOX", many("in", 40), "S")
        box = self.box(self.user, local={"sep": self.separator})
        self.run_indexed(box)
        with self.imap() as imap:
            imap.remove("INBOX", list(range(1, 31)))
        self.assertEqual(self.changes(self.run_indexed(box, expect=HELD)), [])
        events = self.run_indexed(box, "--approve-deletions", "Test:INBOX")
        self.assertEqual(self.changes(events), ["deleted"] * 30)

    def test_after_a_kill(self):
        """A look at the directories, and it is right again."""
        box = self.indexed("INBOX")
        with box.start(ui="json") as process:
            process.wait_for('"event":"copy"')
            process.kill()
        self.run_indexed(box)
        self.assertSame(box, ["INBOX"], killed=True)

    def test_many_random_changes(self):
        rand = random.Random(SEED)
        box = self.indexed("INBOX", "Work/deep")
        self.run_indexed(box)
        names = {"INBOX": "INBOX", "Work/deep": self.local("Work/deep")}
        for turn in range(5):
            for remote, local in names.items():
                here = box.maildir.messages(local)
                for message in rand.sample(here, 3):
                    os.unlink(message.path)
                box.maildir.add(local, plain(f"{turn}-{local}"), "S")
                with self.imap() as imap:
                    there = [m.uid for m in imap.messages(remote)]
                    imap.append(remote, plain(f"t-{turn}-{local}"))
                    imap.flag(remote, rand.sample(there, 3),
                              rand.choice("+-"), rand.choice("SFR"))
                    imap.remove(remote, rand.sample(there, 1))
            self.run_indexed(box)
            self.assertSame(box, names)

    def test_names_that_are_no_utf8(self):
        """The true bytes come beside the shown ones."""
        box = self.indexed("INBOX")
        self.run_indexed(box)
        folder = os.path.join(os.fsencode(box.root), b"INBOX", b"cur")
        name = next(iter(os.listdir(folder)))
        odd = name.replace(b":2,", b",x=\xff\xfe:2,", 1)
        os.rename(os.path.join(folder, name), os.path.join(folder, odd))
        uid = int(name.split(b",U=")[1].split(b",")[0])
        with self.imap() as imap:
            imap.flag("INBOX", [uid], "+", "F")
        events = of_kind(self.run_indexed(box), "file")
        self.assertEqual([event["change"] for event in events], ["flagged"])
        self.assertIn("path_bytes", events[0])
        self.assertIn("\ufffd", events[0]["path"])


class IndexerTree(Indexer):
    """The same with a directory in a directory for each folder."""

    separator = "/"


class Json(ServerCase):

    def test_the_whole_of_a_run(self):
        """Every line is in the manual; nothing is told but once."""
        self.fill("INBOX", many("in", 3))
        box = self.box(self.user)
        box.option("Account Test", presynchook="echo hello")
        events = read(box.sync("-d", "all", ui="json").out)
        kinds = [event["event"] for event in events]
        for kind in ("account_start", "account_end", "connecting",
                     "folder_found", "folder_create", "structure",
                     "folder_start", "folder_end", "loading", "loaded",
                     "plan", "direction", "copy", "file", "hook", "log",
                     "thread_start", "thread_end"):
            self.assertIn(kind, kinds)
        self.assertEqual(kinds.count("account_end"), 1)
        end = of_kind(events, "account_end")[0]
        self.assertEqual((end["outcome"], end["downloaded"]), ("ok", 3))

    def dialogue(self, *answers):
        """Answers the questions in turn; the events."""
        box = self.box(self.user)
        box.option("Repository Rem", remotepass=None)
        with box.start(ui="json", stdin=subprocess.PIPE) as process:
            for number, answer in enumerate(answers, 1):
                process.wait_for(r'"event":"password".*\n', count=number)
                question = [json.loads(line) for line in
                            process.text.splitlines()
                            if '"event":"password"' in line][-1]
                self.assertEqual(question["user"], self.user.name)
                process.write(json.dumps({
                    "answer": question["id"],
                    "password": answer}).encode() + b"\n")
            result = process.finish()
        return box, result

    def test_the_right_password(self):
        self.fill("INBOX", many("in", 2))
        box, result = self.dialogue(self.user.password)
        self.assertExit(result, OK)
        read(result.out)
        self.assertSame(box, ["INBOX"])

    def test_a_wrong_password_then_none(self):
        """The second question has the server's words; no answer, no login;
        the status is true in the last line too."""
        _, result = self.dialogue("cAnArY7-wrong", None)
        self.assertExit(result, AUTH)
        events = read(result.out)
        reasons = [event["reason"] for event in of_kind(events, "password")]
        self.assertEqual(reasons[0], "")
        self.assertIn("Authentication failed", reasons[1])
        self.assertEqual(events[-1]["exit_status"], AUTH)
        self.assertEqual(of_kind(events, "error")[0]["reason"], "auth")

    def test_commands(self):
        """sync ends the sleep, stop the program."""
        box = self.box(self.user)
        box.option("Account Test", autorefresh=60)
        with box.start(ui="json", once=False,
                       stdin=subprocess.PIPE) as process:
            process.wait_for('"event":"sleeping".*"seconds_left":[1-9]')
            self.fill("INBOX", many("in", 2))
            process.write(b'{"command":"sync","account":"Test"}\n')
            process.wait_for('"event":"account_start"', count=2)
            process.wait_for('"seconds_left":[1-9]', count=2)
            process.write(b'{"command":"stop"}\n')
            result = process.finish()
        events = read(result.out)
        self.assertEqual(len(of_kind(events, "copy")), 2)
        self.assertSame(box, ["INBOX"])

    def test_signals_and_the_end(self):
        """TERM in a sleep: the last line is there."""
        box = self.box(self.user)
        box.option("Account Test", autorefresh=60)
        with box.start(ui="json", once=False) as process:
            process.wait_for('"event":"sleeping"')
            process.signal(signal.SIGTERM)
            result = process.finish()
        self.assertExit(result, OK, INTERRUPTED)
        self.assertEqual(read(result.out)[-1]["exit_status"], result.code)

    def test_other_front_ends_are_told_nothing_of_files(self):
        """And what is told of the messages is the same with all."""
        self.fill("INBOX", many("in", 2))
        out = self.box(self.user).sync(ui="machineui").out
        self.assertNotIn("/Mail/", out)
        found = operations(read(self.box(self.user).sync(ui="json").out))
        self.assertEqual(sum(count for key, count in found.items()
                             if key[0] == "copy"), 2)


if __name__ == "__main__":
    unittest.main()
