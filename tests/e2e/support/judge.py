"""Independent eyes: what is on the server, what is in the Maildir."""

import collections
import contextlib
import hashlib
import imaplib
import os
import re
import sqlite3

from .mails import crlf, lf, message_id

imaplib._MAXLINE = 50_000_000

LETTERS = {
    "\\Seen": "S", "\\Answered": "R", "\\Flagged": "F", "\\Deleted": "T",
    "\\Draft": "D",
}
NAMES = {letter: name for name, letter in LETTERS.items()}

Message = collections.namedtuple("Message", "uid flags data path",
                                 defaults=[None])


def quote(name):
    """A mailbox name as an IMAP quoted string."""
    if isinstance(name, str):
        name = name.encode("utf-8", "surrogateescape")
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def utf7(name):
    """RFC 3501 5.1.3: a name in modified UTF-7."""
    def shift(match):
        coded = match.group(0).encode("utf-16-be")
        import base64
        text = base64.b64encode(coded).decode().rstrip("=")
        return "&" + text.replace("/", ",") + "-"
    return re.sub(r"[^\x20-\x7e]+", shift, name.replace("&", "&-"))


class Imap:
    """A second client on the server.  Use as a context manager."""

    def __init__(self, user, port=None):
        self.client = imaplib.IMAP4(user.host, port or user.port, timeout=60)
        self.client.authenticate("PLAIN", lambda _: (
            f"\0{user.name}\0{user.password}").encode())

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        with contextlib.suppress(Exception):
            self.client.logout()

    def do(self, kind, *args):
        """A command that must succeed; its untagged data."""
        status, data = getattr(self.client, kind)(*args)
        if status != "OK":
            raise AssertionError(f"{kind} {args}: {status} {data}")
        return data

    def listing(self):
        """{name: set of attributes}, names as sent."""
        found = {}
        for line in self.do("list"):
            literal = None
            if isinstance(line, tuple):
                line, literal = line
            match = re.match(rb'\(([^)]*)\) (?:"(?:\\?.)"|NIL) (.*)$', line,
                             re.S)
            if not match:
                continue
            name = literal if literal is not None else match.group(2)
            if literal is None and name.startswith(b'"'):
                name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
            found[name.decode("utf-8", "surrogateescape")] = {
                word.decode().lower() for word in match.group(1).split()}
        return found

    def folders(self):
        """Names that can be selected."""
        return sorted(name for name, attributes in self.listing().items()
                      if not attributes & {"\\noselect", "\\nonexistent"})

    def create(self, *names):
        for name in names:
            self.do("create", quote(name))

    def delete_folder(self, name):
        self.do("delete", quote(name))

    def append(self, folder, data, flags="", date=None):
        """Uploads what a Maildir file would hold; returns its UID."""
        self.client.literal = None
        names = " ".join(NAMES.get(letter, letter) for letter in flags)
        saved, imaplib.MapCRLF = imaplib.MapCRLF, re.compile(b"\n")
        try:
            answer = self.do("append", quote(folder), f"({names})", date,
                             lf(data))
        finally:
            imaplib.MapCRLF = saved
        match = re.search(rb"APPENDUID \d+ (\d+)", b" ".join(answer))
        return int(match.group(1)) if match else None

    def append_all(self, folder, messages):
        """Uploads (data, flags) many at a time (RFC 3502)."""
        for first in range(0, len(messages), 500):
            parts = [b"all APPEND " + quote(folder)]
            for data, flags in messages[first:first + 500]:
                names = " ".join(NAMES.get(letter, letter)
                                 for letter in flags)
                text = crlf(data)
                parts.append(f" ({names}) {{{len(text)}+}}\r\n".encode()
                             + text)
            self.client.send(b"".join(parts) + b"\r\n")
            while not (line := self.client.readline()).startswith(b"all "):
                if not line:
                    raise AssertionError("the server hung up")
            if not line.startswith(b"all OK"):
                raise AssertionError(f"append: {line}")

    def select(self, folder, readonly=False):
        self.do("select", quote(folder), readonly)

    def messages(self, folder, part=""):
        """All messages of a folder, or a part of each, by UID, with CRLF
        made LF."""
        self.select(folder, True)
        found = []
        answer = self.do("fetch", "1:*", f"(UID FLAGS BODY.PEEK[{part}])") \
            if self.count() else []
        for item in answer:
            if not isinstance(item, tuple):
                continue
            uid = int(re.search(rb"UID (\d+)", item[0]).group(1))
            flags = re.search(rb"FLAGS \(([^)]*)\)", item[0]).group(1)
            found.append(Message(uid, _letters(flags), lf(item[1])))
        return sorted(found, key=lambda m: m.uid)

    def count(self):
        return int(self.client.response("EXISTS")[1][0] or 0) \
            if self.client.untagged_responses.get("EXISTS") else 0

    def raw(self, folder, uid):
        """One message exactly as the server holds it."""
        self.select(folder, True)
        answer = self.do("uid", "FETCH", str(uid), "(BODY.PEEK[])")
        return answer[0][1]

    def date(self, folder, uid):
        self.select(folder, True)
        answer = self.do("uid", "FETCH", str(uid), "(INTERNALDATE)")
        return re.search(rb'INTERNALDATE "([^"]*)"', answer[0]).group(1)

    def flag(self, folder, uids, change, flags):
        """change is + or -; flags are letters or names."""
        self.select(folder)
        names = " ".join(NAMES.get(flag, flag) for flag in flags)
        self.do("uid", "STORE", _set(uids), change + "FLAGS.SILENT",
                f"({names})")

    def keywords(self, folder, uid):
        """All flags of a message by name, without \\Recent."""
        self.select(folder, True)
        answer = self.do("uid", "FETCH", str(uid), "(FLAGS)")
        inside = re.search(rb"FLAGS \(([^)]*)\)", answer[0]).group(1)
        return set(inside.decode().split()) - {"\\Recent"}

    def remove(self, folder, uids):
        self.flag(folder, uids, "+", "T")
        self.do("expunge")

    def move(self, uids, folder):
        """From the folder that is selected."""
        self.do("uid", "MOVE", _set(uids), quote(folder))

    def status(self, folder, *items):
        answer = self.do("status", quote(folder), f"({' '.join(items)})")
        line = b"".join(part if isinstance(part, bytes) else b"".join(part)
                        for part in answer)
        return {item: int(re.search(item.encode() + rb" (\d+)",
                                    line).group(1)) for item in items}


def _set(uids):
    if isinstance(uids, (int, str)):
        return str(uids)
    return ",".join(str(uid) for uid in uids)


def _letters(names):
    return "".join(sorted(LETTERS[name] for name in names.decode().split()
                          if name in LETTERS))


class Maildir:
    """A Maildir tree read by its names, without the mailbox module's help
    where names matter."""

    def __init__(self, root):
        self.root = root

    def folders(self):
        """Names below the root, "" for the root itself."""
        found = []
        for path, names, _ in os.walk(self.root):
            if {"cur", "new", "tmp"} <= set(names):
                found.append(os.path.relpath(path, self.root))
            names[:] = [n for n in names if n not in ("cur", "new", "tmp")]
        return sorted("" if name == "." else name for name in found)

    def messages(self, folder):
        found = []
        for part in ("new", "cur"):
            where = os.path.join(self.root, folder, part)
            if not os.path.isdir(where):
                continue
            for name in os.listdir(where):
                if not name.startswith("."):
                    found.append(_read(os.path.join(where, name)))
        return sorted(found, key=lambda m: (m.uid, m.path))

    def make(self, folder):
        for part in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.root, folder, part), 0o700,
                        exist_ok=True)

    def add(self, folder, data, flags="", name=None, mtime=None):
        """A message as a mail reader would write it; returns its path."""
        self.added = getattr(self, "added", 0) + 1
        name = name or f"1700000000.{self.added}_{os.getpid()}.e2e"
        part = "cur" if "S" in flags else "new"
        if flags:
            name += ":2," + "".join(sorted(flags))
        path = os.path.join(self.root, folder, part, name)
        with open(path, "xb") as out:
            out.write(data)
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        return path

    def flag(self, folder, mark, flags):
        """Sets the flags of the message with this Message-ID mark as mutt
        would; returns the new path."""
        message = self.find(folder, mark)
        base = os.path.basename(message.path).split(":2,")[0]
        path = os.path.join(self.root, folder, "cur",
                            base + ":2," + "".join(sorted(flags)))
        os.rename(message.path, path)
        return path

    def find(self, folder, mark):
        for message in self.messages(folder):
            if message_id(message.data) == f"{mark}@e2e.example.org":
                return message
        raise AssertionError(f"no message {mark} in {folder}")

    def remove(self, folder, *marks):
        for mark in marks:
            os.unlink(self.find(folder, mark).path)

    def leftovers(self):
        """Files in any tmp directory."""
        return [os.path.join(path, name)
                for path, _, names in os.walk(self.root)
                if os.path.basename(path) == "tmp" for name in names]


def _read(path):
    name = os.path.basename(path)
    uid = re.search(r",U=(\d+)", name)
    info = re.search(r"[:!]2,([A-Za-z]*)", name)
    with open(path, "rb") as data:
        return Message(int(uid.group(1)) if uid else 0,
                       info.group(1) if info else "", data.read(), path)


def fmd5(visible_name):
    """compat 3.8: the FMD5 part of a file name."""
    return hashlib.md5(visible_name.encode()).hexdigest()


def status_rows(metadata, account, basename):
    """compat 3.3: {uid: flags} of a folder's status database."""
    path = os.path.join(metadata, "Account-" + account, "LocalStatus-sqlite",
                        basename)
    with contextlib.closing(sqlite3.connect(
            f"file:{path.replace('?', '%3f').replace('#', '%23')}?mode=ro",
            uri=True)) as base:
        return dict(base.execute("SELECT id, flags FROM status"))


def tree(root):
    """{relative path: (kind, size, mtime)} of everything below root."""
    found = {}
    for path, directories, names in os.walk(root):
        for name in directories + names:
            full = os.path.join(path, name)
            info = os.lstat(full)
            found[os.path.relpath(full, root)] = (
                info.st_mode, info.st_size, info.st_mtime_ns)
    return found


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16] + f"/{len(data)}"


def multiset(messages, flags=True):
    """Contents (and flags) with their counts, ready to compare."""
    return collections.Counter(
        (message_id(m.data) or digest(m.data), digest(m.data),
         m.flags if flags else "") for m in messages)
