#!/usr/bin/env python3
"""A look at the program without an account of one's own.

    demo.py [-u interface] [directory]

Starts a Dovecot on loopback with a generated mailbox, writes a configuration
into a fresh directory (by default ./demo.out, or one in /tmp when that
exists), runs the program on it and stops the server.  The Maildir stays.  The
screen of curses stays for a minute; q ends it sooner.  The exit status is the
program's.
"""

import argparse
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../e2e"))

from support import dovecot  # noqa: E402
from support.store import Writer  # noqa: E402

FOLDERS = {"INBOX": 900, "Sent": 500, "Drafts": 20, "Archive": 300,
           "Archive/2024": 400, "Archive/2025": 480,
           "Lists/synchronise": 380, "Entw&APw-rfe": 20}
SIZES = (300, 800, 1500, 2500, 4000, 4000, 6000, 9000, 25_000, 120_000)
SCREEN_SECONDS = 60
FLAGS = ("S", "S", "S", "RS", "FS", "S", "", "")

CONFIG = """\
[general]
accounts = Demo
metadata = {top}/state

[Account Demo]
localrepository = Demo-local
remoterepository = Demo-server

[Repository Demo-local]
type = Maildir
localfolders = {top}/Mail

[Repository Demo-server]
type = IMAP
remotehost = localhost
remoteport = {port}
remoteuser = {user}
remotepass = {password}
ssl = yes
sslcacertfile = {ca}
maxconnections = 3
"""


def program():
    default = os.path.join(HERE, "../../offlineimap")
    return os.path.abspath(os.environ.get("OFFLINEIMAP_BIN", default))


def directory(wanted):
    """A directory that is ours alone."""
    wanted = wanted or "demo.out"
    try:
        os.makedirs(wanted, 0o700)
        return os.path.abspath(wanted)
    except FileExistsError:
        return tempfile.mkdtemp(prefix="offlineimap-demo-")


def generate(server, user):
    writer = Writer(server, user)
    for folder, count in FOLDERS.items():
        for number in range(count):
            writer.add(folder, SIZES[number * 7 % len(SIZES)],
                       FLAGS[number % len(FLAGS)])
    return writer


def run(command, stays):
    """A screen stays to be looked at: until q, or for a while."""
    if not stays:
        return subprocess.run([*command, "-o"]).returncode
    child = subprocess.Popen(
        [*command, "-k", "Account Demo:autorefresh=10"])
    try:
        return child.wait(SCREEN_SECONDS)
    except subprocess.TimeoutExpired:
        child.terminate()
        return child.wait()


def count_files(root):
    return sum(len(names) for path, _, names in os.walk(root)
               if os.path.basename(path) in ("cur", "new"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-u", "--interface")
    parser.add_argument("directory", nargs="?")
    options = parser.parse_args()
    if not dovecot.available():
        sys.exit("demo: needs Dovecot and openssl: "
                 "apt install dovecot-imapd openssl")
    if not os.path.exists(program()):
        sys.exit(f"demo: no program at {program()}: run make first")
    screen = sys.stdin.isatty() and sys.stdout.isatty()
    interface = options.interface or ("curses" if screen else "basic")
    top = directory(options.directory)
    server = dovecot.Dovecot(storage="maildir")
    try:
        user = server.user()
        writer = generate(server, user)
        print(f"Server on 127.0.0.1:{user.tls_port} with {writer.count} "
              f"messages ({writer.bytes / 1e6:.0f} MB) in {len(FOLDERS)} "
              "folders.", flush=True)
        config = os.path.join(top, "offlineimaprc")
        with open(config, "w") as out:
            out.write(CONFIG.format(
                top=top.replace("%", "%%"), port=user.tls_port,
                user=user.name, password=user.password,
                ca=server.authority.path))
        status = run([program(), "-c", config, "-u", interface],
                     interface == "curses")
    finally:
        server.stop()
    print(f"{count_files(os.path.join(top, 'Mail'))} messages are in "
          f"{top}/Mail, the state is in {top}/state; remove {top} when you "
          "have seen enough.")
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
