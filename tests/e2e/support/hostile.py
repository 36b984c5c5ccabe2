"""A scripted IMAP server: well-behaved by itself, nasty where told.

    server = Fake()
    server.mailbox("INBOX", [b"message", ...])
    server.on("FETCH", lambda session, tag, rest: ...)   True: handled
    with server: ...

A hook is called with the command's tag and the text after its name.  When it
returns true the server does nothing further for this command.  Stages that
are no commands: "GREETING" (before anything) and "AFTER:<command>" (the
answer was sent).
"""

import base64
import contextlib
import re
import select
import socket
import ssl
import threading

from .judge import quote
from .mails import crlf

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")
_SELECTED = {"FETCH", "UID FETCH", "STORE", "UID STORE", "SEARCH",
             "UID SEARCH", "EXPUNGE", "UID EXPUNGE", "CLOSE"}
_SPECIAL = re.compile(rb'BODY(?:\.PEEK)?\[[^\]]*\](?:<[\d.]+>)?|[^\s()]+')


class Gone(Exception):
    """The client closed, or a hook ended the session."""


class Msg:
    def __init__(self, uid, data, flags=()):
        self.uid, self.flags = uid, set(flags)
        self.data = crlf(data)


class Box:
    def __init__(self, messages=(), validity=1, attributes=""):
        self.validity, self.attributes = validity, attributes
        self.messages = []
        self.next = 1
        for data in messages:
            self.add(data)

    def add(self, data, flags=()):
        self.messages.append(Msg(self.next, data, flags))
        self.next += 1
        return self.messages[-1]

    def pick(self, text, by_uid):
        """Messages of a set, with their sequence numbers."""
        last = (self.messages[-1].uid if by_uid else len(self.messages)) \
            if self.messages else 0
        ranges = []
        for part in text.split(","):
            ends = [last if end == "*" else int(end)
                    for end in part.split(":")]
            ranges.append((min(ends), max(ends)))
        return [(seq, m) for seq, m in enumerate(self.messages, 1)
                if any(low <= (m.uid if by_uid else seq) <= high
                       for low, high in ranges)]


class Session:
    """One connection.  Methods named do_<command> answer it."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.buffer = b""
        self.box = None
        self.secure = False
        self.commands = []

    # bytes

    def send(self, *parts):
        data = b"".join(part.encode("utf-8", "surrogateescape")
                        if isinstance(part, str) else part
                        for part in parts)
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def line(self, text):
        self.send(text, b"\r\n")

    def fill(self):
        self.wait_readable()
        try:
            data = self.sock.recv(65536)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        self.server.received += data
        self.buffer += data

    def wait_readable(self):
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return
        ready, _, _ = select.select([self.sock, self.server.stopped], [], [])
        if self.server.stopped in ready:
            raise Gone

    def until_gone(self):
        """Says nothing more and reads until the client goes."""
        while True:
            self.buffer = b""
            self.fill()

    def flood(self, data):
        """Sends data again and again until the client goes."""
        while True:
            self.send(data)

    def read_line(self):
        while b"\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line + b"\n"

    def read_exact(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_command(self):
        """(tag, name, rest, literals); rest has the literals' places as
        "{n}"."""
        text, literals = b"", []
        while True:
            line = self.read_line()
            match = _LITERAL.search(line)
            if not match:
                text += line.rstrip(b"\r\n")
                break
            text += line[:match.start()] + b"{%d}" % len(literals)
            if not match.group(2):
                self.server.hook("CONTINUE", self, "", text.decode("latin-1")
                                 ) or self.line("+ go on")
            literals.append(self.read_exact(int(match.group(1))))
        words = text.decode("latin-1").split(" ", 2)
        words += [""] * (3 - len(words))
        return words[0], words[1].upper(), words[2], literals

    # the conversation

    def greet(self):
        if not self.server.hook("GREETING", self, "*", ""):
            self.line(f"* OK [CAPABILITY {self.server.capability}] ready")

    def talk(self):
        self.greet()
        while True:
            tag, name, rest, literals = self.read_command()
            if name == "UID":
                sub, _, rest = rest.partition(" ")
                name = "UID " + sub.upper()
            self.literals = literals
            self.commands.append(name)
            self.server.commands.append((name, rest))
            if self.server.hook(name, self, tag, rest):
                continue
            method = getattr(self, "do_" + name.replace(" ", "_").lower(),
                             None)
            if method is None:
                self.line(f"{tag} BAD unknown command")
            elif self.box is None and name in _SELECTED:
                self.line(f"{tag} BAD no mailbox is selected")
            else:
                method(tag, rest)
            self.server.hook("AFTER:" + name, self, tag, rest)

    def ok(self, tag, text="done"):
        self.line(f"{tag} OK {text}")

    def do_capability(self, tag, rest):
        self.line("* CAPABILITY " + self.server.capability)
        self.ok(tag)

    def do_noop(self, tag, rest):
        self.ok(tag)

    do_check = do_noop

    def do_id(self, tag, rest):
        self.line("* ID NIL")
        self.ok(tag)

    def do_login(self, tag, rest):
        self.ok(tag)

    def do_authenticate(self, tag, rest):
        if " " not in rest:
            self.line("+ ")
            self.read_line()
        self.ok(tag)

    def do_logout(self, tag, rest):
        self.line("* BYE")
        self.ok(tag)
        raise Gone

    def do_namespace(self, tag, rest):
        self.line(f'* NAMESPACE (("" {self.server.delimiter})) NIL NIL')
        self.ok(tag)

    def do_starttls(self, tag, rest):
        self.ok(tag)
        self.start_tls()

    def start_tls(self):
        self.buffer = b""
        try:
            self.sock = self.server.tls.wrap_socket(self.sock,
                                                    server_side=True)
        except (OSError, ssl.SSLError) as error:
            raise Gone from error
        self.secure = True

    def do_list(self, tag, rest):
        if rest.endswith('""'):
            self.line(f'* LIST (\\Noselect) {self.server.delimiter} ""')
        else:
            for name, box in self.server.boxes.items():
                self.send(f"* LIST ({box.attributes}) "
                          f"{self.server.delimiter} ", quote(name), "\r\n")
        self.ok(tag)

    do_lsub = do_list

    def name(self, rest):
        """The mailbox name at the front of a command's arguments."""
        match = re.match(r'"((?:[^"\\]|\\.)*)"|\{(\d+)\}|([^ ]+)', rest)
        if match.group(2) is not None:
            return self.literals[int(match.group(2))].decode("latin-1")
        if match.group(3) is not None:
            return match.group(3)
        return re.sub(r"\\(.)", r"\1", match.group(1))

    def find(self, tag, rest):
        name = self.name(rest).encode("latin-1").decode("utf-8",
                                                        "surrogateescape")
        if name.upper() == "INBOX":
            name = "INBOX"
        box = self.server.boxes.get(name)
        if box is None or "\\Noselect" in box.attributes:
            self.line(f"{tag} NO [NONEXISTENT] no such mailbox")
            return None
        return box

    def do_status(self, tag, rest):
        box = self.find(tag, rest)
        if box is None:
            return
        values = {"MESSAGES": len(box.messages), "UIDNEXT": box.next,
                  "UIDVALIDITY": box.validity, "RECENT": 0,
                  "UNSEEN": sum("\\Seen" not in m.flags
                                for m in box.messages)}
        asked = rest[rest.rindex("(") + 1:].strip(") ").split()
        pairs = " ".join(f"{item} {values[item]}" for item in asked
                         if item in values)
        self.send("* STATUS ", quote(self.name(rest).encode("latin-1")),
                  f" ({pairs})\r\n")
        self.ok(tag)

    def do_select(self, tag, rest, code="READ-WRITE"):
        box = self.find(tag, rest)
        if box is None:
            self.box = None
            return
        self.box = box
        self.line(f"* {len(box.messages)} EXISTS")
        self.line("* 0 RECENT")
        self.line("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)")
        self.line("* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted "
                  "\\Seen \\Draft \\*)] ok")
        self.line(f"* OK [UIDVALIDITY {box.validity}] ok")
        self.line(f"* OK [UIDNEXT {box.next}] ok")
        self.ok(tag, f"[{code}] selected")

    def do_examine(self, tag, rest):
        self.do_select(tag, rest, "READ-ONLY")

    def do_close(self, tag, rest):
        self.box.messages = [m for m in self.box.messages
                             if "\\Deleted" not in m.flags]
        self.box = None
        self.ok(tag)

    def do_unselect(self, tag, rest):
        self.box = None
        self.ok(tag)

    def do_fetch(self, tag, rest, by_uid=False):
        numbers, _, items = rest.partition(" ")
        for seq, message in self.box.pick(numbers, by_uid):
            if self.server.hook("MESSAGE", self, tag, (seq, message, items)):
                continue
            self.send_message(seq, message, items, by_uid)
        self.ok(tag)

    def do_uid_fetch(self, tag, rest):
        self.do_fetch(tag, rest, True)

    def send_message(self, seq, message, items, by_uid=True):
        words = _SPECIAL.findall(items.encode("latin-1"))
        words = [word.decode("latin-1") for word in words]
        if by_uid and "UID" not in words:
            words.insert(0, "UID")
        self.send(f"* {seq} FETCH (")
        for number, word in enumerate(words):
            self.send(" " if number else "", *self.item(message, word))
        self.line(")")

    def item(self, message, word):
        upper = word.upper()
        simple = {
            "UID": str(message.uid), "RFC822.SIZE": str(len(message.data)),
            "FLAGS": f"({' '.join(sorted(message.flags))})",
            "INTERNALDATE": '"02-Mar-2026 10:00:00 +0000"',
        }
        if upper in simple:
            return (f"{upper} {simple[upper]}",)
        if upper.startswith("BODY"):
            return self.body(message, upper)
        return (f"{upper} NIL",)

    def body(self, message, word):
        match = re.match(r"BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?",
                         word)
        data = message.data
        head, blank, _ = data.partition(b"\r\n\r\n")
        if match.group(1).startswith("HEADER.FIELDS"):
            names = re.search(r"\((.*?)\)?$", match.group(1)).group(1)
            data = _fields(head, names.split())
        elif match.group(1) == "HEADER":
            data = head + blank
        elif match.group(1) == "TEXT":
            data = data[len(head) + len(blank):]
        label = f"BODY[{match.group(1)}]"
        if match.group(2):
            start = int(match.group(2))
            data = data[start:start + int(match.group(3))]
            label += f"<{start}>"
        return (f"{label} {{{len(data)}}}\r\n", data)

    def do_store(self, tag, rest, by_uid=False):
        numbers, change, flags = rest.split(" ", 2)
        named = set(flags.strip("()").split())
        for seq, message in self.box.pick(numbers, by_uid):
            if change.startswith("+"):
                message.flags |= named
            elif change.startswith("-"):
                message.flags -= named
            else:
                message.flags = set(named)
            if ".SILENT" not in change.upper():
                self.line(f"* {seq} FETCH (UID {message.uid} FLAGS "
                          f"({' '.join(sorted(message.flags))}))")
        self.ok(tag)

    def do_uid_store(self, tag, rest):
        self.do_store(tag, rest, True)

    def do_expunge(self, tag, rest):
        for seq in range(len(self.box.messages), 0, -1):
            if "\\Deleted" in self.box.messages[seq - 1].flags:
                del self.box.messages[seq - 1]
                self.line(f"* {seq} EXPUNGE")
        self.ok(tag)

    def do_search(self, tag, rest, by_uid=False):
        words = rest.split()
        if words[:1] == ["CHARSET"]:
            words = words[2:]
        found = [str(m.uid if by_uid else seq)
                 for seq, m in enumerate(self.box.messages, 1)
                 if self.matches(seq, m, words)]
        self.line(" ".join(["* SEARCH", *found]))
        self.ok(tag)

    def do_uid_search(self, tag, rest):
        self.do_search(tag, rest, True)

    def matches(self, seq, message, words):
        words = list(words)
        while words:
            word = words.pop(0).strip("()").upper()
            wanted = not word.startswith("UN")
            flag = "\\" + word.removeprefix("UN").capitalize()
            if word == "UID":
                picked = self.box.pick(words.pop(0).strip("()"), True)
            elif word == "HEADER":
                words.pop(0)
                text = words.pop(0).strip('"').encode("latin-1")
                if text not in message.data:
                    return False
                continue
            elif re.fullmatch(r"[\d:,*]+", word):
                picked = self.box.pick(word, False)
            elif flag in ("\\Seen", "\\Deleted", "\\Flagged", "\\Answered",
                          "\\Draft"):
                if (flag in message.flags) != wanted:
                    return False
                continue
            else:
                continue
            if all(m is not message for _, m in picked):
                return False
        return True

    def do_append(self, tag, rest):
        box = self.find(tag, rest)
        if box is None:
            return
        flags = re.search(r" \(([^)]*)\)", rest)
        message = Msg(box.next, b"", flags.group(1).split() if flags else ())
        message.data = self.literals[-1]
        box.messages.append(message)
        box.next += 1
        if box is self.box:
            self.line(f"* {len(box.messages)} EXISTS")
        self.ok(tag)

    def do_create(self, tag, rest):
        name = self.name(rest)
        if name in self.server.boxes:
            self.line(f"{tag} NO [ALREADYEXISTS] it is there")
            return
        self.server.boxes[name] = Box()
        self.ok(tag)


def _fields(head, names):
    """The header lines of these names, and the blank line."""
    wanted = {name.strip('"').lower().encode() for name in names}
    found, keep = b"", False
    for line in head.split(b"\r\n"):
        if line[:1] not in (b" ", b"\t"):
            keep = line.split(b":")[0].strip().lower() in wanted
        if keep:
            found += line + b"\r\n"
    return found + b"\r\n"


class Fake:
    """The server: mailboxes, hooks, and a log of what it got."""

    name, password = "fake", "cAnArY7-fake"
    host = "127.0.0.1"

    def __init__(self, capability="IMAP4rev1", delimiter='"/"', cert=None,
                 implicit_tls=False):
        self.capability, self.delimiter = capability, delimiter
        self.boxes = {"INBOX": Box()}
        self.hooks = {}
        self.received = bytearray()
        self.commands = []
        self.failures = []
        self.implicit_tls = implicit_tls
        self.tls = None
        if cert:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*cert)
        self._listener = socket.create_server((self.host, 0))
        self.port = self.tls_port = self._listener.getsockname()[1]
        self._stop, self.stopped = socket.socketpair()
        self._threads = []

    def mailbox(self, name, messages=(), **options):
        self.boxes[name] = Box(messages, **options)
        return self.boxes[name]

    def on(self, stage, hook):
        """hook None removes it."""
        self.hooks[stage] = hook
        return self

    def hook(self, stage, session, tag, rest):
        hook = self.hooks.get(stage)
        return hook(session, tag, rest) if hook else False

    def names(self):
        """The commands received so far."""
        return [name for name, _ in self.commands]

    def credentials_seen(self):
        """Whether the password, plain or in base64, came in the clear."""
        data = bytes(self.received)
        secret = self.password.encode()
        plain = b"\0" + self.name.encode() + b"\0" + secret
        return secret in data or base64.b64encode(plain) in data \
            or b"AUTHENTICATE" in data.upper() or b"LOGIN" in data.upper()

    def __enter__(self):
        self._thread(self._accept)
        return self

    def __exit__(self, *exc):
        self._stop.close()
        for thread in list(self._threads):
            thread.join(20)
        self._listener.close()
        self.stopped.close()
        if self.failures and exc[0] is None:
            raise AssertionError("the scripted server failed: "
                                 + repr(self.failures[0])) \
                from self.failures[0]

    def _thread(self, run, *args):
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            ready, _, _ = select.select([self._listener, self.stopped],
                                        [], [])
            if self.stopped in ready:
                return
            self._thread(self._serve, self._listener.accept()[0])

    def _serve(self, sock):
        session = Session(self, sock)
        try:
            if self.implicit_tls:
                session.start_tls()
            session.talk()
        except Gone:
            pass
        except Exception as error:
            self.failures.append(error)
        with contextlib.suppress(OSError):
            session.sock.shutdown(socket.SHUT_RDWR)
        session.sock.close()
