"""The programs that are compared: their configurations, running them, and
their Maildirs as an independent reader and another mail program see them."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile

from mail import MARK, digest

HERE = os.path.dirname(os.path.abspath(__file__))

OFFLINEIMAP = """\
[general]
accounts = B
metadata = {top}/state
fsync = {fsync}
maxsyncaccounts = 1
[Account B]
localrepository = L
remoterepository = R
{account}
[Repository L]
type = Maildir
localfolders = {top}/Mail
[Repository R]
type = IMAP
remotehost = localhost
remoteport = {port}
remoteuser = {user}
remotepass = {password}
ssl = yes
sslcacertfile = {ca}
maxconnections = {connections}
{repository}
"""

# CopyArrivalDate: the others give the files the server's dates too.
MBSYNC = """\
FSync {fsync}

IMAPAccount a
Host localhost
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {ca}
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
Expunge Both
CopyArrivalDate yes
SyncState {top}/state/
"""


# The system counts the memory of the process that starts another one as that
# one's own peak, so that the starting is done by something small.
_SPAWNER = """
import os, sys, time
for line in sys.stdin:
    args, log, env, text = eval(line)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(text or os.devnull, os.O_RDONLY)
    began = time.monotonic()
    pid = os.posix_spawn(args[0], args, env, file_actions=[
        (os.POSIX_SPAWN_DUP2, nothing, 0), (os.POSIX_SPAWN_DUP2, out, 1),
        (os.POSIX_SPAWN_DUP2, out, 2)])
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - began
    os.close(out)
    os.close(nothing)
    print(repr((os.waitstatus_to_exitcode(status), seconds,
                usage.ru_utime + usage.ru_stime, usage.ru_maxrss)),
          flush=True)
"""


class Spawner:
    """Starts programs, waits, and says what they cost."""

    def __init__(self):
        self.process = None

    def run(self, args, log, env, text=None):
        """text: a file for the standard input."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-SI", "-c", _SPAWNER], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.process.stdin.write(repr((args, log, env, text)) + "\n")
        self.process.stdin.flush()
        code, seconds, cpu, peak = ast.literal_eval(
            self.process.stdout.readline())
        return {"code": code, "seconds": seconds, "cpu": cpu,
                "peak": peak / 1024}

    def stop(self):
        if self.process is not None:
            self.process.communicate()


class Kind:
    """One of those compared, with certain options."""

    def __init__(self, name, binary, arguments, template=OFFLINEIMAP,
                 fsync=False, connections=3):
        self.name, self.binary, self.template = name, binary, template
        self.arguments = ["-c", "{config}", *arguments]
        self.fsync, self.connections = fsync, connections
        self.family = name.split()[0]
        # offlineimap3 rewrites messages: its bytes are its own
        self.exact = self.family != "offlineimap3"


def ours():
    default = os.path.join(HERE, "../../offlineimap")
    return os.path.abspath(os.environ.get("OFFLINEIMAP_BIN", default))


def kinds():
    """Those that are installed, and the names of those missing."""
    found, missing = [], []
    quiet = ["-u", "quiet", "-o"]
    own = ours()
    if os.path.exists(own):
        found += [Kind("ours", own, quiet),
                  Kind("ours fsync", own, quiet, fsync=True),
                  Kind("ours 1conn", own, quiet, connections=1)]
    else:
        missing.append(f"our program ({own})")
    mbsync = shutil.which("mbsync")
    if mbsync:
        found += [Kind("mbsync", mbsync, ["-q", "-q", "-a"], MBSYNC),
                  Kind("mbsync fsync", mbsync, ["-q", "-q", "-a"], MBSYNC,
                       fsync=True)]
    else:
        missing.append("mbsync (package isync)")
    old = next((path for path in ("/usr/bin/offlineimap",
                                  shutil.which("offlineimap3"))
                if path and os.path.exists(path) and path != own), None)
    if old:
        found += [Kind("offlineimap3", old, quiet),
                  Kind("offlineimap3 fsync", old, quiet, fsync=True),
                  Kind("offlineimap3 -q", old, [*quiet, "-q"])]
    else:
        missing.append("offlineimap3")
    return found, missing


class Peer:
    """One set-up of one kind: a user on the server, a tree on disk."""

    def __init__(self, kind, user, model, port, ca, spawner, account="",
                 repository=""):
        self.kind, self.user, self.model = kind, user, model
        self.spawner = spawner
        self.top = tempfile.mkdtemp(prefix="bench-")
        self.mail = os.path.join(self.top, "Mail")
        for name in ("state", "Mail"):
            os.mkdir(os.path.join(self.top, name))
        if kind.family == "mbsync":
            os.mkdir(os.path.join(self.mail, "INBOX"))
            for part in ("cur", "new", "tmp"):
                os.mkdir(os.path.join(self.mail, "INBOX", part))
        self.config = os.path.join(self.top, "config")
        with open(self.config, "w") as out:
            out.write(kind.template.format(
                top=self.top, port=port, user=user.name, ca=ca,
                password=user.password, connections=kind.connections,
                account=account, repository=repository,
                fsync="yes" if kind.fsync else "no"))
        os.chmod(self.config, 0o600)
        self.fresh = 0

    def command(self, kind=None, more=()):
        kind = kind or self.kind
        return [kind.binary, *[word.format(config=self.config)
                               for word in kind.arguments], *more]

    def environment(self):
        return dict(os.environ, HOME=self.top, LC_ALL="C.UTF-8")

    def run(self, kind=None, more=()):
        """One run, which must succeed; what it cost."""
        log = os.path.join(self.top, "log")
        answer = self.spawner.run(self.command(kind, more), log,
                                  self.environment())
        if answer["code"] != 0:
            with open(log, errors="replace") as text:
                tail = "".join(text.readlines()[-20:])
            raise RuntimeError(f"{self.kind.name} ended with "
                               f"{answer['code']}:\n{tail}")
        return answer

    def files(self, folder):
        """Yields the paths of the messages in a folder."""
        for part in ("new", "cur"):
            where = os.path.join(self.mail, folder, part)
            if os.path.isdir(where):
                for name in os.listdir(where):
                    if not name.startswith("."):
                        yield os.path.join(where, name)

    def paths(self, folder):
        """{mark: path}."""
        return {_mark(path): path for path in self.files(folder)}

    def seen(self, folders):
        """{folder: {mark: flags}}; a message that is there twice has flags
        of both."""
        found = {}
        for folder in folders:
            found[folder] = {}
            for path in self.files(folder):
                held, mark = found[folder], _mark(path)
                held[mark] = held.get(mark, "") + _flags(path)
        return found

    def digests(self, folders):
        """{folder: {mark: digest}}."""
        found = {}
        for folder in folders:
            found[folder] = {}
            for path in self.files(folder):
                with open(path, "rb") as data:
                    found[folder][_mark(path)] = digest(data.read())
        return found

    # What a mail program does to the files.

    def flag(self, path, flags):
        name = os.path.basename(path).split(":2,")[0]
        where = os.path.dirname(os.path.dirname(path))
        os.rename(path, os.path.join(where, "cur", f"{name}:2,{flags}"))

    def _name(self, flags):
        self.fresh += 1
        return f"{1_700_000_000 + self.fresh}.M{self.fresh}P7.bench:2,{flags}"

    def add(self, folder, data, flags):
        path = os.path.join(self.mail, folder, "cur", self._name(flags))
        with open(path, "xb") as out:
            out.write(data.replace(b"\r\n", b"\n"))

    def move(self, path, folder):
        """Under a new name, as mail programs do."""
        os.rename(path, os.path.join(self.mail, folder, "cur",
                                     self._name(_flags(path))))


def _mark(path):
    with open(path, "rb") as data:
        found = MARK.search(data.read(4000))
    return int(found.group(1)) if found else 0


def _flags(path):
    found = re.search(r":2,([A-Z]*)", os.path.basename(path))
    return "".join(sorted(found.group(1))) if found else ""
