"""Two servers: the local side is an account on a server too, with
OfflineIMAP's UID maps (compat 3.6, 4.10)."""

import collections
import os
import random
import shutil
import unittest

from support.case import ServerCase, stop_servers, server
from support.judge import multiset, status_rows
from support.mails import ODD, crlf, many, message_id, plain
from support.program import AUTH, BINARY, PARTIAL
from support.proxy import Proxy, without_uidplus

OLD = os.environ.get("OFFLINEIMAP_OLD", "/usr/bin/offlineimap")
KILLS = int(os.environ.get("E2E_KILLS", "50"))
SEED = int(os.environ.get("E2E_SEED", random.randrange(1 << 30)))
WORK = (r"(?m)^\s*(Copy message|Deleting|Adding flag|Removing flag"
        r"|Creating folder)")


def tearDownModule():
    stop_servers()


class Pair(ServerCase):
    """self.user is the remote account, self.near the local one."""

    bare_far = False   # without UIDPLUS
    bare_near = False

    def setUp(self):
        super().setUp()
        self.near = self.server.user()
        self.far_port, self.near_port = self.server.port, self.server.port
        if self.bare_far:
            self.far_port = self.enter(
                Proxy(self.server.port, without_uidplus)).port
        if self.bare_near:
            self.near_port = self.enter(
                Proxy(self.server.port, without_uidplus)).port

    def pair(self, local=None, remote=None, account=None, near_port=None,
             far_port=None):
        """A box whose local repository is the second account."""
        box = self.box(
            self.user, port=far_port or self.far_port, remote=remote,
            account=account, local={
                "type": "IMAP", "localfolders": None,
                "remotehost": self.near.host,
                "remoteport": near_port or self.near_port,
                "remoteuser": self.near.name,
                "remotepass": self.near.password, "ssl": "no",
                "starttls": "no", **(local or {})})
        box.option("Repository Loc", localfolders=None)
        return box

    def put(self, user, folder, *messages, flags=""):
        """Appends messages; the folder is made when missing."""
        with self.imap(user) as imap:
            if folder not in imap.listing():
                imap.create(folder)
            return [imap.append(folder, data, flags) for data in messages]

    def both(self, folder):
        with self.imap(self.user) as imap:
            there = imap.messages(folder)
        with self.imap(self.near) as imap:
            here = imap.messages(folder)
        return there, here

    def assertEven(self, box, folders):
        """Both servers hold the same, and map and rows know all of it."""
        for folder in folders:
            there, here = self.both(folder)
            self.assertEqual(multiset(there), multiset(here), folder)
            pairs = self.map(box, folder)
            # what was deleted in the last run goes with the next
            gone = set(pairs) - {m.uid for m in here}
            pairs = {a: b for a, b in pairs.items() if a not in gone}
            self.assertEqual({m.uid for m in here}, set(pairs), folder)
            self.assertEqual({m.uid for m in there}, set(pairs.values()),
                             folder)
            data = {m.uid: m.data for m in there}
            for m in here:
                self.assertEqual(m.data, data[pairs[m.uid]], folder)
            rows = status_rows(box.metadata, "Test",
                               folder.replace("/", "."))
            self.assertEqual(set(rows), {m.uid for m in there}, folder)

    @staticmethod
    def map(box, folder):
        path = os.path.join(box.metadata, "Repository-Loc", "UIDMapping",
                            folder.replace("/", "."))
        with open(path, encoding="ascii") as text:
            return {int(a): int(b) for a, b in
                    (line.split(":") for line in text)}

    def sizes(self):
        found = {}
        for user in (self.user, self.near):
            with self.imap(user) as imap:
                for name in imap.folders():
                    found[user.name, name] = imap.status(
                        name, "UIDNEXT", "MESSAGES")
        return found

    def assertStill(self, box):
        """A run that has nothing to do."""
        before = self.sizes()
        result = box.sync()
        self.assertEqual(before, self.sizes(), repr(result))
        self.assertNotRegex(result.out, WORK, repr(result))
        return result


class Sync(Pair):

    def start(self):
        self.put(self.user, "INBOX", *many("far", 20), flags="S")
        self.put(self.near, "INBOX", *many("near", 7), flags="F")
        self.put(self.user, "Work/deep", *many("work", 5))
        self.put(self.near, "Home", *many("home", 3), flags="RS")
        return self.pair()

    folders = ("INBOX", "Work/deep", "Home")

    def test_first_sync_both_ways(self):
        """Messages, flags and folders go both ways, byte by byte."""
        box = self.start()
        box.sync()
        self.assertEven(box, self.folders)
        self.assertStill(box)

    def test_many_folders_at_once(self):
        """Over one connection to each side: changes and deletions of either
        side in all of them."""
        folders = [f"part{n}" for n in range(8)]
        for name in folders:
            self.put(self.user, name, *many(f"far-{name}", 6), flags="S")
            self.put(self.near, name, *many(f"near-{name}", 3), flags="F")
        box = self.pair(remote={"maxconnections": 1},
                        local={"maxconnections": 1})
        box.sync()
        self.assertEven(box, folders)
        for name in folders:
            for user, mark in ((self.user, "f"), (self.near, "n")):
                self.put(user, name, plain(f"new-{mark}-{name}"))
                with self.imap(user) as imap:
                    imap.flag(name, 2, "+", "FS")
                    imap.remove(name, 1 if mark == "f" else 5)
        box.sync()
        self.assertEven(box, folders)
        there, _ = self.both(folders[0])
        self.assertEqual(len(there), 6 + 3 + 2 - 2)
        self.assertStill(box)

    def test_equal_content_is_paired_at_first(self):
        """Two copies of one mailbox: nothing is transferred."""
        mails = many("same", 30)
        self.put(self.user, "INBOX", *mails)
        self.put(self.near, "INBOX", *reversed(mails))
        box = self.pair()
        self.assertNotRegex(box.sync().out, WORK)
        self.assertEven(box, ["INBOX"])
        self.assertStill(box)

    def test_changes(self):
        """New mail, flags and deletions on either side."""
        box = self.start()
        box.sync()
        self.put(self.user, "INBOX", plain("new-far"), flags="S")
        self.put(self.near, "INBOX", plain("new-near"))
        with self.imap(self.user) as imap:
            imap.flag("INBOX", 3, "+", "F")
            imap.flag("INBOX", 4, "-", "S")
            imap.remove("INBOX", 5)
        with self.imap(self.near) as imap:
            imap.flag("INBOX", 1, "+", "RS")
            imap.remove("INBOX", 2)
            imap.remove("INBOX", 9)
        box.sync()
        self.assertEven(box, self.folders)
        there, here = self.both("INBOX")
        self.assertEqual(len(there), 20 + 7 + 2 - 3)
        self.assertStill(box)

    def test_any_bytes(self):
        """D4: odd messages come through unchanged, both ways."""
        mails = list(ODD.values())
        self.put(self.user, "far", *mails)
        self.put(self.near, "near", *mails)
        box = self.pair()
        box.sync()
        self.assertEven(box, ["far", "near"])
        self.assertStill(box)

    def test_dates_are_kept(self):
        """INTERNALDATE, both ways."""
        date = '"05-Mar-2011 10:20:30 +0000"'
        with self.imap(self.user) as imap:
            imap.append("INBOX", plain("a"), "", date)
        with self.imap(self.near) as imap:
            imap.append("INBOX", plain("b"), "", date)
        box = self.pair()
        box.sync()
        for user in (self.user, self.near):
            with self.imap(user) as imap:
                for uid in (1, 2):
                    self.assertEqual(imap.date("INBOX", uid).decode(),
                                     date.strip('"'))


class Keywords(Pair):

    def keywords(self, user, uid):
        """What a message has beside the system flags."""
        with self.imap(user) as imap:
            imap.select("INBOX", True)
            answer = imap.do("uid", "FETCH", str(uid), "(FLAGS)")[0]
        return {word.decode() for word in
                answer.split(b"FLAGS (")[1].split(b")")[0].split()
                if not word.startswith(b"\\")}

    def change(self, user, uid, how, *names):
        with self.imap(user) as imap:
            imap.select("INBOX")
            imap.do("uid", "STORE", str(uid), how + "FLAGS",
                    f"({' '.join(names)})")

    def test_both_ways(self):
        """With new messages and later; rows have no letter of them."""
        self.put(self.user, "INBOX", plain("a"),
                 flags=["$Forwarded", "\\Seen"])
        self.put(self.near, "INBOX", plain("b"), flags=["todo", "$Junk"])
        box = self.pair()
        box.sync()
        for user, uids in ((self.user, (1, 2)), (self.near, (2, 1))):
            self.assertEqual(self.keywords(user, uids[0]), {"$Forwarded"})
            self.assertEqual(self.keywords(user, uids[1]),
                             {"todo", "$Junk"})
        self.assertStill(box)
        self.change(self.user, 1, "-", "$Forwarded")
        self.change(self.near, 2, "+", "later")
        self.change(self.near, 1, "-", "todo")
        box.sync()
        for user, uids in ((self.user, (1, 2)), (self.near, (2, 1))):
            self.assertEqual(self.keywords(user, uids[0]), {"later"})
            self.assertEqual(self.keywords(user, uids[1]), {"$Junk"})
        self.assertStill(box)
        rows = status_rows(box.metadata, "Test", "INBOX")
        self.assertEqual(set(rows.values()), {"", "S"})
        if is_old():
            box.binary = OLD
            self.assertStill(box)
            box.binary = BINARY
            self.assertStill(box)

    def test_more_than_there_are_letters_for(self):
        """What fits is carried over; the rest does no harm."""
        self.put(self.user, "INBOX", plain("a"),
                 flags=[f"word{n}" for n in range(40)])
        box = self.pair()
        box.sync()
        self.assertEqual(len(self.keywords(self.near, 1)), 26)
        self.assertStill(box)
        self.assertEqual(len(self.keywords(self.user, 1)), 40)


class SyncBareNear(Sync):
    bare_near = True


class SyncBareFar(Sync):
    bare_far = True


class SyncBareBoth(Sync):
    bare_near = bare_far = True


class Trouble(Pair):
    """What was lost, replaced or refused on the local side."""

    def start(self):
        self.put(self.user, "INBOX", *many("far", 30), flags="S")
        self.put(self.near, "INBOX", *many("near", 10))
        box = self.pair()
        box.sync()
        self.assertEven(box, ["INBOX"])
        return box

    def map_path(self, box):
        return os.path.join(box.metadata, "Repository-Loc", "UIDMapping",
                            "INBOX")

    def test_a_lost_map(self):
        """Pairs are found again by content; new mail goes on its way."""
        box = self.start()
        os.unlink(self.map_path(box))
        self.put(self.near, "INBOX", plain("new-near"))
        self.put(self.user, "INBOX", plain("new-far"))
        box.sync()
        self.assertEven(box, ["INBOX"])
        self.assertEqual(len(self.both("INBOX")[0]), 42)
        self.assertStill(box)

    def test_an_old_map(self):
        """A map restored from a backup lacks pairs: found again."""
        box = self.start()
        with open(self.map_path(box)) as text:
            lines = text.readlines()
        with open(self.map_path(box), "w") as text:
            text.writelines(lines[:20])
        box.sync()
        self.assertEven(box, ["INBOX"])
        self.assertEqual(len(self.both("INBOX")[0]), 40)
        self.assertStill(box)

    def test_a_map_with_garbage(self):
        """Nothing is guessed: the folder is left alone, and says why."""
        box = self.start()
        self.put(self.near, "INBOX", plain("new-near"))
        with open(self.map_path(box), "a") as text:
            text.write("99:\n")
        before = self.sizes()
        result = box.run()
        self.assertFailed(result)
        self.assertIn("UIDMapping/INBOX:41", result.out)
        self.assertEqual(before, self.sizes())

    def test_lost_metadata(self):
        """All state is gone: both sides are paired by content."""
        box = self.start()
        shutil.rmtree(box.metadata)
        box.sync()
        self.assertEven(box, ["INBOX"])
        self.assertEqual(len(self.both("INBOX")[0]), 40)
        self.assertStill(box)

    def test_lost_rows_and_map(self):
        """Only the UIDVALIDITY files are left."""
        box = self.start()
        os.unlink(self.map_path(box))
        os.unlink(os.path.join(box.metadata, "Account-Test",
                               "LocalStatus-sqlite", "INBOX"))
        box.sync()
        self.assertEven(box, ["INBOX"])
        self.assertEqual(len(self.both("INBOX")[0]), 40)
        self.assertStill(box)

    def test_a_folder_made_anew(self):
        """D1: another UIDVALIDITY on the local side, the same mail."""
        self.put(self.user, "Work", *many("work", 25), flags="S")
        box = self.pair()
        box.sync()
        with self.imap(self.near) as imap:
            mails = [m.data for m in imap.messages("Work")]
            imap.delete_folder("Work")
        self.put(self.near, "Work", *reversed(mails[5:]), flags="S")
        box.sync(expect=(0, 2, PARTIAL))
        box.sync()
        self.assertEven(box, ["Work"])
        self.assertEqual(len(self.both("Work")[0]), 25)
        self.assertStill(box)

    def test_wrong_password_on_the_second_server(self):
        """The error names that repository; nothing changes."""
        box = self.pair(local={"remotepass": "wrong"})
        self.put(self.user, "INBOX", plain("a"))
        result = box.sync(expect=AUTH)
        self.assertIn("Loc", result.out)
        self.assertEqual(self.both("INBOX")[1], [])

    def test_connection_to_the_second_server_is_lost(self):
        """In the middle of the delivery: it goes on with another one."""
        proxy = self.enter(Proxy(self.server.port))
        box = self.pair(near_port=proxy.port)
        self.put(self.user, "INBOX",
                 *[plain(f"cut-{n}", 5000) for n in range(100)])
        proxy.cut_after(up=200_000)
        box.sync()
        self.assertEven(box, ["INBOX"])
        self.assertEqual(len(self.both("INBOX")[1]), 100)
        self.assertStill(box)

    def test_info_shows_both_servers(self):
        """--info logs in to both."""
        box = self.pair()
        result = box.sync("--info")
        self.assertIn("Local repository 'Loc': type 'IMAP'", result.out)
        self.assertEqual(result.out.count("Server capabilities:"), 2)

    def test_filterheaders(self):
        """What goes to the remote server lacks them, and is found again."""
        self.put(self.near, "INBOX", plain("a").replace(
            b"From:", b"X-Secret: yes\n  folded\nFrom:", 1))
        box = self.pair(account={"filterheaders": "x-secret"})
        box.sync()
        there, here = self.both("INBOX")
        self.assertEqual([m.data for m in there], [plain("a")])
        self.assertIn(b"X-Secret", here[0].data)
        self.assertStill(box)
        os.unlink(self.map_path(box))
        box.sync()
        self.assertStill(box)
        self.assertEqual(len(self.both("INBOX")[0]), 1)

    def test_readonly_local(self):
        """Nothing changes there; new mail from there is copied."""
        self.put(self.user, "INBOX", *many("far", 3))
        self.put(self.near, "INBOX", *many("near", 4))
        box = self.pair(local={"readonly": "yes"})
        box.sync(expect=(0, PARTIAL))
        there, here = self.both("INBOX")
        self.assertEqual((len(there), len(here)), (7, 4))

    def test_expunge_no_on_the_local_side(self):
        """Deleted mail is marked there, and does not come back."""
        self.put(self.user, "INBOX", *many("far", 5))
        box = self.pair(local={"expunge": "no"})
        box.sync()
        with self.imap(self.user) as imap:
            imap.remove("INBOX", 2)
        box.sync()
        there, here = self.both("INBOX")
        self.assertEqual((len(there), len(here)), (4, 5))
        self.assertEqual([m.flags for m in here if "T" in m.flags], ["T"])
        self.assertStill(box)

    def test_a_large_folder(self):
        """20,000 messages, then one more."""
        mails = [plain(f"n{n}") for n in range(20_000)]
        self.fill_fast(self.user, mails)
        box = self.pair()
        box.sync()
        self.assertEqual(len(self.map(box, "INBOX")), 20_000)
        self.put(self.near, "INBOX", plain("one-more"))
        box.sync()
        self.assertEven(box, ["INBOX"])
        self.assertStill(box)

    def fill_fast(self, user, mails):
        """Pipelined APPENDs."""
        with self.imap(user) as imap:
            sock = imap.client.sock
            for at in range(0, len(mails), 100):
                part = mails[at:at + 100]
                sock.sendall(b"".join(
                    b"x APPEND INBOX {%d+}\r\n%s\r\n"
                    % (len(crlf(m)), crlf(m)) for m in part))
                for _ in part:
                    while not imap.client.readline().startswith(b"x OK"):
                        pass


class Kill(Pair):
    """kill -9 at any moment, the next run at once."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.serial = 0
        self.marks = []

    def add(self, user, folder, count):
        for _ in range(count):
            self.serial += 1
            mark = f"m-{self.serial}"
            self.marks.append(f"{mark}@e2e.example.org")
            self.put(user, folder, plain(mark, self.random.choice(
                (0, 500, 9000))), flags=self.random.choice(("", "S", "FS")))

    def judge(self, box, where):
        for name, found in zip(("far", "near"), self.both("INBOX")):
            ids = collections.Counter(message_id(m.data) for m in found)
            lost = sorted(set(self.marks) - set(ids))
            doubled = sorted(mark for mark, n in ids.items() if n > 1)
            self.assertFalse(lost or doubled, f"seed {SEED}, {where}: {name}"
                             f" lost {lost}, doubled {doubled}")

    def run_killed(self, box, after):
        with box.start() as process:
            try:
                process.wait_for(r"Copy message", count=max(1, after))
            except AssertionError:
                if process.popen.poll() is None:
                    raise
            process.kill()

    def test_random_moments(self):
        box = self.pair()
        box.sync()
        for _ in range(KILLS // 2):
            self.add(self.user, "INBOX", 4)
            self.add(self.near, "INBOX", 4)
            self.run_killed(box, self.random.randint(1, 8))
        for _ in range(2):
            box.sync()
        self.judge(box, "at the end")
        self.assertEven(box, ["INBOX"])
        self.assertStill(box)

    def by_bytes(self, near):
        """Killed when one server has got so many bytes."""
        rewrite = without_uidplus if (
            self.bare_near if near else self.bare_far) else None
        proxy = self.enter(Proxy(self.server.port, rewrite))
        box = self.pair(**{"near_port" if near else "far_port": proxy.port})
        box.sync()
        for _ in range(KILLS // 5):
            self.add(self.user if near else self.near, "INBOX", 12)
            limit = len(proxy.seen_up) + self.random.randint(100, 30_000)
            with box.start() as process:
                while process.popen.poll() is None \
                        and len(proxy.seen_up) < limit:
                    proxy.moved.wait(0.02)
                    proxy.moved.clear()
                process.kill()
        for _ in range(2):
            box.sync()
        self.judge(box, "at the end")
        self.assertEven(box, ["INBOX"])
        self.assertStill(box)

    def test_by_bytes_to_the_near_server(self):
        self.by_bytes(True)

    def test_by_bytes_to_the_far_server(self):
        self.by_bytes(False)

    def late(self, when):
        """D8: what the dead session sent reaches the local server at this
        point of the next run."""
        proxy = self.enter(Proxy(
            self.server.port, without_uidplus if self.bare_near else None))
        box = self.pair(near_port=proxy.port)
        box.sync()
        for number in range(3):
            self.add(self.user, "INBOX", 20)
            proxy.hold_after(up=self.random.randint(300, 30_000))
            with box.start() as process:
                while process.popen.poll() is None and not proxy.held():
                    proxy.moved.wait(0.02)
                    proxy.moved.clear()
                process.kill()
            when(proxy, box)
            proxy.drain()
            for _ in range(2):
                box.sync()
            self.judge(box, f"round {number}")
        self.assertEven(box, ["INBOX"])
        self.assertStill(box)

    def test_late_bytes_before_the_next_run(self):
        self.late(lambda proxy, box: proxy.release())

    def test_late_bytes_after_the_next_run(self):
        def when(proxy, box):
            box.run()
            proxy.release()
        self.late(when)


class KillBareNear(Kill):
    bare_near = True


class KillBareFar(Kill):
    bare_far = True


def is_old():
    """Whether OLD is there, and is the Python program."""
    try:
        with open(OLD, "rb") as text:
            return b"python" in text.read(200) and OLD != BINARY
    except OSError:
        return False


@unittest.skipUnless(is_old(), "needs Debian's offlineimap3")
class Handover(Pair):
    """State and maps are OfflineIMAP's own."""

    folders = ("INBOX", "Work/deep")

    def prepare(self):
        self.put(self.user, "INBOX", *many("far", 20), flags="S")
        self.put(self.near, "INBOX", *many("near", 8), flags="FS")
        self.put(self.user, "Work")
        self.put(self.user, "Work/deep", *many("work", 6))
        return self.pair()

    def by(self, box, binary):
        box.binary = binary
        return box

    def test_taking_over(self):
        box = self.by(self.prepare(), OLD)
        box.sync()
        self.assertStill(self.by(box, BINARY))
        self.assertEven(box, self.folders)

    def test_handing_back(self):
        box = self.prepare()
        box.sync()
        self.assertStill(self.by(box, OLD))
        self.assertStill(self.by(box, BINARY))
        self.assertEven(box, self.folders)

    def test_in_turn(self):
        """Ten runs in turn, with changes on both sides before each."""
        rng = random.Random(SEED)
        box = self.prepare()
        box.sync()
        for number in range(10):
            self.put(self.user, "INBOX", plain(f"a{number}"), flags="S")
            self.put(self.near, "INBOX", plain(f"b{number}"))
            for user in (self.user, self.near):
                with self.imap(user) as imap:
                    uids = [m.uid for m in imap.messages("INBOX")]
                    imap.remove("INBOX", rng.choice(uids[:15]))
                    imap.flag("INBOX", rng.choice(uids[15:]), "+", "FR")
            first, second = (OLD, BINARY) if number % 2 else (BINARY, OLD)
            self.by(box, first).sync()
            self.by(box, second)
            self.assertStill(box)
            there, here = self.both("INBOX")
            self.assertEqual(multiset(there), multiset(here),
                             f"seed {SEED}, round {number}")
        self.assertStill(self.by(box, BINARY))
        self.assertEven(box, self.folders)


if __name__ == "__main__":
    unittest.main()
