#!/usr/bin/env python3
"""First and no-op synchronisation, side by side with what others use.

    bench.py [--small] [--rounds N] [--repeat N] [--no-memory] [--only name,...]

In rounds, in turn: 20,000 messages (200 MB) in 41 folders, Dovecot on loopback, plain
text, one connection each unless the program shares work by itself as
configured (3 connections for those that can).  Then the peak memory of ours
with one message of 500 MB and with a folder of 100,000.  The exit status is
not 0 only if a result was wrong; speed is printed, not judged.
"""

import argparse
import ast
import glob
import hashlib
import imaplib
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../e2e"))

from support import dovecot  # noqa: E402
from support.store import Writer  # noqa: E402

SIZES = (400, 900, 1800, 3000, 3000, 5000, 8000, 12_000, 25_000, 41_000)
MEMORY_BAR_MB = 40

OFFLINEIMAP = """\
[general]
accounts = B
metadata = {top}/state
fsync = {fsync}
maxsyncaccounts = 1
[Account B]
localrepository = L
remoterepository = R
[Repository L]
type = Maildir
localfolders = {top}/Mail
[Repository R]
type = IMAP
remotehost = 127.0.0.1
remoteport = {port}
remoteuser = {user}
remotepass = {password}
ssl = no
starttls = no
maxconnections = {connections}
"""

MBSYNC = """\
FSync {fsync}

IMAPAccount a
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore r
Account a

MaildirStore l
Path {top}/Mail/
Inbox {top}/Mail/INBOX
SubFolders Verbatim

Channel c
Far :r:
Near :l:
Patterns *
Create Near
Sync All
Expunge None
SyncState {top}/state/
"""


# The system counts the memory of the process that starts another one as that
# one's own peak, so that the starting is done by something small.
_SPAWNER = """
import os, sys, time
for line in sys.stdin:
    args, log, env = eval(line)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    began = time.monotonic()
    pid = os.posix_spawn(args[0], args, env, file_actions=[
        (os.POSIX_SPAWN_DUP2, nothing, 0), (os.POSIX_SPAWN_DUP2, out, 1),
        (os.POSIX_SPAWN_DUP2, out, 2)])
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - began
    os.close(out)
    os.close(nothing)
    print(repr((os.waitstatus_to_exitcode(status), seconds,
                usage.ru_maxrss)), flush=True)
"""


class Spawner:
    """Starts programs, waits, and says how long and how large they were."""

    def __init__(self):
        self.process = None

    def run(self, args, log, env):
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-SI", "-c", _SPAWNER], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(repr((args, log, env)) + "\n")
        self.process.stdin.flush()
        code, seconds, peak = ast.literal_eval(
            self.process.stdout.readline())
        return {"code": code, "seconds": seconds, "peak": peak}

    def stop(self):
        if self.process is not None:
            self.process.communicate()


SPAWNER = Spawner()


class Program:
    """One of those compared."""

    def __init__(self, name, binary, template, arguments, connections=1):
        self.name, self.binary, self.template = name, binary, template
        self.arguments, self.connections = arguments, connections
        self.first, self.again, self.peak = [], [], 0
        # offlineimap3 rewrites messages: its bytes are its own
        self.exact, self.sum = name != "offlineimap3", None

    def prepare(self, user, fsync):
        self.top = tempfile.mkdtemp(prefix="bench-")
        for name in ("state", "Mail"):
            os.mkdir(os.path.join(self.top, name))
        self.config = os.path.join(self.top, "config")
        with open(self.config, "w") as out:
            out.write(self.template.format(
                top=self.top, port=user.port, user=user.name,
                password=user.password, connections=self.connections,
                fsync="yes" if fsync else "no"))

    def run(self):
        """Seconds and peak memory in MB of one run; it must succeed."""
        log = os.path.join(self.top, "log")
        answer = SPAWNER.run(
            [self.binary, *[word.format(config=self.config)
                            for word in self.arguments]], log,
            dict(os.environ, HOME=self.top, LC_ALL="C.UTF-8"))
        if answer["code"] != 0:
            with open(log, errors="replace") as text:
                tail = "".join(text.readlines()[-20:])
            raise SystemExit(f"bench: {self.name} ended with "
                             f"{answer['code']}:\n{tail}")
        self.peak = max(self.peak, answer["peak"] / 1024)
        return answer["seconds"]

    def files(self):
        return sorted(path for part in ("cur", "new") for path in glob.glob(
            os.path.join(glob.escape(self.top), "Mail", "**", part, "*"),
            recursive=True))

    def contents(self):
        """What it has fetched, as one number; mbsync's X-TUID apart."""
        total = 0
        for path in self.files():
            with open(path, "rb") as data:
                text = re.sub(rb"X-TUID: .*\n", b"", data.read())
            total += int.from_bytes(hashlib.sha256(text).digest()[:8])
        return len(self.files()), total % (1 << 64)

    def remove(self):
        shutil.rmtree(self.top, ignore_errors=True)


def ours():
    default = os.path.join(HERE, "../../offlineimap")
    return os.path.abspath(os.environ.get("OFFLINEIMAP_BIN", default))


def programs(only):
    found = []
    arguments = ["-c", "{config}", "-u", "quiet", "-o"]
    if os.path.exists(ours()):
        found.append(Program("ours", ours(), OFFLINEIMAP, arguments, 3))
        found.append(Program("ours-1", ours(), OFFLINEIMAP, arguments, 1))
    else:
        print(f"bench: no program at {ours()}", file=sys.stderr)
    for path in ("/usr/bin/offlineimap", shutil.which("offlineimap3")):
        if path and os.path.exists(path) and path != ours():
            found.append(Program("offlineimap3", path, OFFLINEIMAP,
                                 arguments, 3))
            break
    if shutil.which("mbsync"):
        found.append(Program("mbsync", shutil.which("mbsync"), MBSYNC,
                             ["-q", "-q", "-c", "{config}", "-a"]))
    return [each for each in found if not only or each.name in only]


def fill(server, small):
    """The mailbox all programs get."""
    user = server.user()
    writer = Writer(server, user)
    total, folders = (1000, 11) if small else (20_000, 41)
    names = ["INBOX"] + [f"Folder{n:02}" for n in range(folders - 1)]
    for number in range(total):
        writer.add(names[number % folders], SIZES[number % len(SIZES)],
                   ("S", "", "FS", "RS")[number % 4])
    open_all(user, names)
    print(f"{writer.count} messages, {writer.bytes / 1e6:.0f} MB, "
          f"{folders} folders")
    return user, writer


def open_all(user, names):
    """The server has its indexes, and the system has read the mail, before
    anybody is measured."""
    client = imaplib.IMAP4(user.host, user.port)
    client.login(user.name, user.password)
    for name in names:
        client.select(name)
        client.fetch("1:*", "(UID FLAGS RFC822.SIZE)")
    client.logout()
    for where, _, files in os.walk(user.home):
        for name in files:
            with open(os.path.join(where, name), "rb") as data:
                while data.read(1 << 20):
                    pass


def compare(server, options):
    user, writer = fill(server, options.small)
    entries = programs(options.only)
    try:
        return measure(entries, user, writer, options)
    finally:
        for entry in entries:
            if hasattr(entry, "top"):
                entry.remove()


def measure(entries, user, writer, options):
    """Rounds in turn, each program in its own fresh tree; the first round
    warms the server and the disk and is not counted."""
    wrong = 0
    for number in range(options.rounds + 1):
        for entry in entries if number % 2 else entries[::-1]:
            entry.prepare(user, options.fsync)
            wrong += one_round(entry, writer, options, number > 0)
    if len({entry.sum for entry in entries if entry.exact}) > 1:
        print("WRONG: contents differ")
        wrong += 1
    table(entries)
    return wrong


def one_round(entry, writer, options, counted):
    wrong = 0
    first = entry.run()
    again = []
    for _ in range(options.repeat):
        before = entry.files()
        again.append(entry.run())
        if entry.files() != before:
            print(f"WRONG: {entry.name}: files changed in a no-op run")
            wrong += 1
    count, entry.sum = entry.contents()
    if count != writer.count:
        print(f"WRONG: {entry.name}: {count} files of {writer.count}")
        wrong += 1
    if counted:
        entry.first.append(first)
        entry.again += again
    entry.remove()
    return wrong


def table(entries):
    base = next((e for e in entries if e.name == "ours"), entries[0])
    base_first = statistics.median(base.first)
    base_again = statistics.median(base.again)
    print(f"{'program':14} {'first sync':>12} {'ratio':>7} "
          f"{'no-op':>12} {'ratio':>7} {'peak RSS':>10}   (medians)")
    for entry in entries:
        first = statistics.median(entry.first)
        again = statistics.median(entry.again)
        print(f"{entry.name:14} {first:10.2f} s {first / base_first:6.2f}x "
              f"{again:10.3f} s {again / base_again:6.2f}x "
              f"{entry.peak:7.1f} MB")
    print(f"ratios: times of {base.name}; above 1, {base.name} is faster")


def memory(server, options):
    """Peak memory of ours where size and number are large."""
    if not os.path.exists(ours()):
        return 0
    wrong = 0
    size = 20_000_000 if options.small else 500_000_000
    count = 5_000 if options.small else 100_000
    cases = [
        (f"one message of {size // 1_000_000} MB, down",
         lambda writer: writer.large("INBOX", size), 1),
        (f"a folder of {count} messages",
         lambda writer: writer.many("INBOX", count), count)]
    for title, generate, wanted in cases:
        user = server.user()
        generate(Writer(server, user))
        open_all(user, ["INBOX"])
        wrong += memory_case(title, user, wanted, size)
    return wrong


def memory_case(title, user, wanted, size):
    wrong = 0
    entry = Program("ours", ours(), OFFLINEIMAP,
                    ["-c", "{config}", "-u", "quiet", "-o"], 3)
    entry.prepare(user, False)
    try:
        seconds = entry.run()
        again = entry.run()
        found = len(entry.files())
        print(f"{title}: {seconds:.1f} s, again {again:.2f} s, peak "
              f"{entry.peak:.1f} MB (bar {MEMORY_BAR_MB} MB"
              f"{', MISSED' if entry.peak > MEMORY_BAR_MB else ''})")
        if found != wanted:
            print(f"WRONG: {found} files of {wanted}")
            wrong += 1
        if wanted == 1:
            wrong += upload_case(entry, size)
    finally:
        entry.remove()
    return wrong


def upload_case(entry, size):
    """The same large message back to the server, from another folder."""
    source = entry.files()[0]
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(entry.top, "Mail", "Up", part))
    os.link(source, os.path.join(entry.top, "Mail", "Up", "cur",
                                 "1.up.bench:2,S"))
    entry.peak = 0
    seconds = entry.run()
    print(f"one message of {size // 1_000_000} MB, up: {seconds:.1f} s, "
          f"peak {entry.peak:.1f} MB (bar {MEMORY_BAR_MB} MB"
          f"{', MISSED' if entry.peak > MEMORY_BAR_MB else ''})")
    up = [path for path in entry.files() if "/Up/" in path]
    if len(up) != 1 or ",U=" not in up[0]:
        print("WRONG: the upload was not recorded")
        return 1
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true",
                        help="1,000 messages, 20 MB: a quick try")
    parser.add_argument("--repeat", type=int, default=5,
                        help="no-op runs in each round (5)")
    parser.add_argument("--rounds", type=int, default=3,
                        help="first synchronisations of each (3)")
    parser.add_argument("--fsync", action="store_true",
                        help="all programs flush to disk")
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--only", type=lambda text: text.split(","),
                        help="ours, ours-1, offlineimap3, mbsync")
    options = parser.parse_args()
    if not dovecot.available():
        print("bench: needs Dovecot and openssl", file=sys.stderr)
        return 77
    server = dovecot.Dovecot(storage="maildir")
    try:
        wrong = compare(server, options)
        if not options.no_memory:
            wrong += memory(server, options)
    finally:
        SPAWNER.stop()
        server.stop()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
