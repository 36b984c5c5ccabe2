#!/usr/bin/env python3
"""Memory and time of a very large folder.

    million.py [--messages N] [--keep]

A Dovecot and a Maildir hold the same N (1,000,000) messages in one folder,
hard links of one file each, and the state says so.  Then the program compares
both sides: nothing new, and a few changes on either side.  Prints seconds,
CPU and peak memory; exits non-zero only when a result is wrong.
The tree is made in TMPDIR, which should be a file system in memory.
"""

import argparse
import ast
import glob
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../e2e"))

from support import dovecot  # noqa: E402

CHANGES = 5
FIRST = 3  # messages that are carried over in the usual way
BAR_MB = 150

CONFIG = """\
[general]
accounts = B
metadata = {top}/state
fsync = no
# Dovecot reads the whole directory before it says a word.
socktimeout = 600
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
"""

# The peak of a process counts for the one that it starts, so that something
# small does the starting.
_SPAWNER = """
import os, sys, time
args, env = eval(sys.stdin.read())
began = time.monotonic()
pid = os.posix_spawn(args[0], args, env)
_, status, usage = os.wait4(pid, 0)
sys.stderr.flush()
print(repr((os.waitstatus_to_exitcode(status), time.monotonic() - began,
            usage.ru_utime, usage.ru_stime, usage.ru_maxrss)))
"""


def program():
    default = os.path.join(HERE, "../../offlineimap")
    return os.path.abspath(os.environ.get("OFFLINEIMAP_BIN", default))


class Case:
    """One account with one folder."""

    def __init__(self, server):
        self.server, self.user = server, server.user()
        self.top = tempfile.mkdtemp(prefix="million-")
        for name in ("state", "Mail"):
            os.mkdir(os.path.join(self.top, name))
        self.config = os.path.join(self.top, "config")
        with open(self.config, "w") as out:
            out.write(CONFIG.format(
                top=self.top, port=self.user.port, user=self.user.name,
                password=self.user.password))
        self.remote = os.path.join(self.user.home, "Maildir")
        self.local = os.path.join(self.top, "Mail", "INBOX")
        self.count = 0
        for part in ("", "cur", "new", "tmp"):
            self._own(self._make(os.path.join(self.remote, part)))

    @staticmethod
    def _make(path):
        os.makedirs(path, 0o700, exist_ok=True)
        return path

    def _own(self, path):
        os.chown(path, self.server.uid, self.server.gid)

    def deliver(self, count):
        """On the server: messages with the flag Seen, links of one file."""
        body = os.path.join(self.top, "body")
        if not os.path.exists(body):
            with open(body, "w") as out:
                out.write("Subject: one of many\n\nhello\n")
            self._own(body)
        for _ in range(count):
            self.count += 1
            os.link(body, os.path.join(
                self.remote, "cur",
                f"{1_700_000_000 + self.count}.{self.count}.million:2,S"))

    def run(self, title):
        """One run, which must succeed."""
        request = ([program(), "-c", self.config, "-u", "quiet", "-o"],
                   dict(os.environ, HOME=self.top, LC_ALL="C.UTF-8"))
        answer = subprocess.run(
            [sys.executable, "-SI", "-c", _SPAWNER], input=repr(request),
            capture_output=True, text=True, check=True)
        code, seconds, user, system, peak = ast.literal_eval(
            answer.stdout.splitlines()[-1])
        print(f"{title:40} {seconds:7.2f} s  user {user:5.2f} s  "
              f"system {system:5.2f} s  peak {peak / 1024:6.1f} MB",
              flush=True)
        if code != 0:
            raise SystemExit(f"million: ended with {code}:\n"
                             f"{answer.stdout}{answer.stderr}")
        return peak / 1024

    def state(self):
        found = glob.glob(os.path.join(
            self.top, "state", "Account-B", "LocalStatus-sqlite", "INBOX"))
        return sqlite3.connect(found[0])

    def in_step(self):
        """The Maildir and the state get what the server has got since the
        last run, as if it had been carried over."""
        sample = os.path.join(self.local, "cur", sorted(
            os.listdir(os.path.join(self.local, "cur")))[0])
        unique, rest = os.path.basename(sample).split(",U=", 1)
        tail = rest[rest.index(","):]
        time, host = unique.split("_")[0], unique.split(".", 1)[1]
        for uid in range(FIRST + 1, self.count + 1):
            os.link(sample, os.path.join(
                self.local, "cur",
                f"{time}_{uid * 4096}.{host},U={uid}{tail}"))
        with self.state() as db:
            db.executemany(
                "INSERT INTO status (id, flags, mtime, labels) "
                "VALUES (?, 'S', 0, '')",
                ((uid,) for uid in range(FIRST + 1, self.count + 1)))

    def flag(self, count):
        """Locally: the first few are flagged."""
        where = os.path.join(self.local, "cur")
        for name in sorted(os.listdir(where))[:count]:
            os.rename(os.path.join(where, name), os.path.join(
                where, name.replace(":2,S", ":2,FS")))

    def rows(self):
        with self.state() as db:
            return db.execute("SELECT count(*), sum(flags LIKE '%F%') "
                              "FROM status").fetchone()

    def files(self):
        return sum(len(os.listdir(os.path.join(self.local, part)))
                   for part in ("cur", "new"))

    def check(self, files, flagged):
        found = (self.files(), *self.rows())
        if found == (files, files, flagged):
            return 0
        print(f"WRONG: files, rows, flagged: {found}, not "
              f"{(files, files, flagged)}")
        return 1

    def remove(self):
        shutil.rmtree(self.top, ignore_errors=True)


def measure(case, messages):
    case.deliver(FIRST)
    case.run("first messages")
    case.deliver(messages - FIRST)
    case.in_step()
    case.run("the server makes its index")
    wrong = case.check(messages, 0)
    peak = case.run(f"{messages} messages, nothing new")
    wrong += case.check(messages, 0)
    case.flag(CHANGES)
    case.deliver(CHANGES)
    peak = max(peak, case.run(f"{messages} messages, {CHANGES} changes each"))
    wrong += case.check(messages + CHANGES, CHANGES)
    case.run("nothing new after that")
    wrong += case.check(messages + CHANGES, CHANGES)
    print(f"peak {peak:.1f} MB (bar {BAR_MB} MB"
          f"{', MISSED' if peak > BAR_MB else ''})")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--keep", action="store_true",
                        help="leave the tree, and the server until a key")
    options = parser.parse_args()
    if not dovecot.available():
        print("million: needs Dovecot and openssl", file=sys.stderr)
        return 77
    # The tree is large: it goes whoever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = dovecot.Dovecot(storage="maildir", extra="""
service imap {
  vsz_limit = 2G
}
mail_max_lock_timeout = 10 mins
""")
    case = Case(server)
    try:
        wrong = measure(case, options.messages)
        if options.keep:
            input(f"{case.config} ")
    finally:
        case.remove()
        server.stop()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
