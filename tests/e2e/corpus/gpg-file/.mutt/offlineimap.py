#!/usr/bin/env python3
import os
from subprocess import Popen, PIPE

_AUTHINFO = os.path.expanduser("~/.authinfo.gpg")


def _entry(machine, what):
    args = ["gpg", "-dq", "--no-tty", _AUTHINFO]
    text = Popen(args, stdout=PIPE).communicate()[0].decode()
    for line in text.splitlines():
        words = line.split()
        entry = dict(zip(words[::2], words[1::2]))
        if entry.get("machine") == machine:
            return entry[what]
    return None


get_username = lambda machine: _entry(machine, "login")


def get_password(machine):
    return _entry(machine, "password")
