"""A strict reader of machineui, protocol 7.2.0, written from its description
(offlineimap-machineui(7)), not from a program: it reads the lines of both.

    run = read(text)             every line checked, and their order
    run.status                   of the last line
    semantic(run)                what happened, as a multiset

Refused are: a line that is not severity:command:thread:message, an unknown
command, a wrong severity, number or type of arguments, an encoding that is
not the canonical one, and events out of their order.
"""

import collections
import re
from urllib.parse import quote_plus, unquote_plus

Line = collections.namedtuple("Line", "severity command thread args")
Run = collections.namedtuple("Run", "lines banner status title message")

_LINE = re.compile(r"(msg|warn|error|debug|critical):([A-Za-z_]*):"
                   r"([A-Za-z0-9_.~+%-]*):([A-Za-z0-9_.~+%-]*)")
_TYPES = r"IMAP|Gmail|Maildir|GmailMaildir|MappedIMAP"

NAME, TEXT = r"[^\n\f]+", r"(?s:.*)"
NUMBER, UID = r"\d+", r"-?\d+"
TYPE = _TYPES
UIDS = r"\d+(\f\d+)*"
FLAGS = r"[A-Za-z](\f[A-Za-z])*"
TARGET = rf"({_TYPES})\[[^\n]*\]"
FOLDERS = rf"({_TYPES})\t[^\n\f\t]+(\f({_TYPES})\t[^\n\f\t]+)*"

# command: severity, types of the arguments, whether a LF ends them
COMMANDS = {
    "protocol": ("msg", [r"7\.2\.0"], False),
    "initbanner": ("msg", None, False),
    "_display": ("msg", None, False),
    "callhook": ("msg", None, False),
    "threadException": ("warn", None, False),
    "mainException": ("warn", None, False),
    "registerthread": ("msg", [NAME], False),
    "unregisterthread": ("msg", [NAME], False),
    "threadExited": ("msg", [NAME], False),
    "debugging": ("debug", ["imap|maildir|thread|"], False),
    "acct": ("msg", [NAME], False),
    "acctdone": ("msg", [NAME], False),
    "connecting": ("msg", [NAME, NAME, NAME], False),
    "syncfolders": ("msg", [TYPE, TYPE], False),
    "syncingfolder": ("msg", [TYPE, NAME, TYPE, NAME], True),
    "loadmessagelist": ("msg", [TYPE, NAME], False),
    "messagelistloaded": ("msg", [TYPE, NAME, NUMBER], False),
    "syncingmessages": ("msg", [TYPE, NAME, TYPE, NAME], True),
    "copyingmessage": ("msg", [UID, TYPE, NAME, TARGET], False),
    "ignorecopyingmessage": ("msg", [UID, TYPE, NAME, TARGET], False),
    "deletingmessages": ("msg", [UIDS, FOLDERS], False),
    "addingflags": ("msg", [UIDS, FLAGS, NAME], False),
    "deletingflags": ("msg", [UIDS, FLAGS, NAME], False),
    "validityproblem": ("warn", [NAME, NAME, NUMBER, NUMBER], False),
    "sleeping": ("msg", [NUMBER, UID], False),
    "getpass": ("msg", [NAME], False),
    "terminate": ("msg", [NUMBER, TEXT, TEXT], False),
}


class Refused(AssertionError):
    """Not the protocol."""


def _demand(condition, why, line=""):
    if not condition:
        raise Refused(f"{why}: {line!r}")


def _decode(text, line):
    decoded = unquote_plus(text, errors="strict")
    _demand(quote_plus(decoded) == text, "not the canonical encoding", line)
    return decoded


def parse(line):
    """One line, without its end."""
    match = _LINE.fullmatch(line)
    _demand(match, "no line of four fields", line)
    severity, command = match.group(1, 2)
    thread = _decode(match.group(3), line)
    message = _decode(match.group(4), line)
    _demand(thread, "no thread", line)
    if command == "":
        return Line(severity, "", thread, [message])
    _demand(command in COMMANDS, "an unknown command", line)
    wanted, kinds, ends = COMMANDS[command]
    _demand(severity == wanted, "the wrong severity", line)
    if kinds is None:
        return Line(severity, command, thread, [message])
    if ends:
        _demand(message.endswith("\n"), "no line feed at the end", line)
        message = message[:-1]
    args = message.split("\n", len(kinds) - 1)
    _demand(len(args) == len(kinds), "the wrong number of arguments", line)
    for arg, kind in zip(args, kinds):
        _demand(re.fullmatch(kind, arg), f"no {kind}", line)
    return Line(severity, command, thread, args)


class _Order:
    """What must come before what."""

    def __init__(self):
        self.threads = collections.Counter()
        self.exited = None
        self.accounts = set()
        self.folders = {}

    def see(self, line):
        main = line.thread == "MainThread" and line.command
        if self.exited is not None and main:
            _demand(line.command == "unregisterthread"
                    and line.args[0] == self.exited,
                    "threadExited without unregisterthread", line)
            self.exited = None
        handler = getattr(self, "_" + line.command, None)
        if handler:
            handler(line, *line.args)

    def _registerthread(self, line, account):
        self.threads[line.thread] += 1

    def _threadExited(self, line, thread):
        _demand(line.thread == "MainThread", "not from MainThread", line)
        _demand(self.threads[thread] > 0, "never registered", line)
        self.exited = thread

    def _unregisterthread(self, line, thread):
        _demand(line.thread == "MainThread", "not from MainThread", line)
        self.threads[thread] -= 1

    def _acct(self, line, account):
        _demand(account not in self.accounts, "begun twice", line)
        self.accounts.add(account)

    def _acctdone(self, line, account):
        _demand(account in self.accounts, "never begun", line)
        self.accounts.discard(account)

    def _syncingfolder(self, line, *sides):
        self.folders[line.thread] = sides

    def _of_a_folder(self, line, *args):
        _demand(line.thread in self.folders, "no folder is begun", line)

    _loadmessagelist = _messagelistloaded = _syncingmessages = _of_a_folder
    _copyingmessage = _deletingmessages = _of_a_folder
    _addingflags = _deletingflags = _of_a_folder

    def end(self):
        _demand(not self.accounts, "accounts without acctdone",
                self.accounts)
        left = [name for name, count in self.threads.items()
                if count > 0 and not name.startswith("Account sync")]
        _demand(not left or self.single, "threads without an end", left)

    single = False


def read(text, single=False):
    """A whole run.  single: of one thread, which is registered for each
    folder and never ends (debug mode)."""
    lines = text.splitlines()
    _demand(len(lines) >= 5, "too short", text)
    banner = "\n".join(lines[:2])
    _demand(re.fullmatch(r"OfflineIMAP \d+\.\d+\.\d+\n  Licensed under the "
                         r"GNU GPL v2 or any later version \(with an OpenSSL "
                         r"exception\)", banner), "no banner", banner)
    parsed = [parse(line) for line in lines[2:]]
    _demand(parsed[0].command == "protocol", "no protocol first", lines[2])
    _demand(parsed[1].command == "initbanner" and parsed[1].args == [banner],
            "no banner second", lines[3])
    _demand(parsed[-1].command == "terminate", "no end", lines[-1])
    order = _Order()
    order.single = single
    for line in parsed[2:-1]:
        _demand(line.command not in ("protocol", "initbanner", "terminate"),
                "out of place", line)
        order.see(line)
    order.end()
    status, title, message = parsed[-1].args
    return Run(parsed, banner, int(status), title, message)


def of_command(run, *commands):
    return [line for line in run.lines if line.command in commands]


def semantic(run):
    """What happened to accounts, folders and messages, one by one, without
    the threads that did it."""
    found = collections.Counter()
    for line in run.lines:
        command, args = line.command, tuple(line.args)
        if command in ("acct", "acctdone", "connecting", "syncfolders",
                       "syncingfolder", "copyingmessage", "getpass",
                       "ignorecopyingmessage", "validityproblem"):
            found[(command, *args)] += 1
        elif command in ("deletingmessages", "addingflags",
                         "deletingflags"):
            for uid in args[0].split("\f"):
                for part in args[1].split("\f"):
                    found[(command, uid, part, *args[2:])] += 1
        elif command == "" and re.match(r"Creating folder ", args[0]):
            found[("create", args[0])] += 1
        elif command == "callhook":
            found[(command, *args)] += 1
        elif command == "debugging":
            found[(command, *args)] += 1
    return found


def directions(run):
    """Which ways folders were looked at, each once."""
    return {tuple(line.args) for line in of_command(run, "syncingmessages")}


def lists(run):
    """Which lists were read, with their sizes; empty ones are not told by
    everybody."""
    return {tuple(line.args) for line in of_command(run,
                                                    "messagelistloaded")
            if line.args[2] != "0"}


def loading(run):
    """Which lists were begun, by their visible names."""
    return {tuple(line.args) for line in of_command(run, "loadmessagelist")}
