"""Messages to send through.  All with LF; crlf() gives the server's form."""

import random


def crlf(data):
    """What the server holds for what a Maildir file holds.  A LF that has
    its CR already is left alone."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def lf(data):
    """What a Maildir file holds for what the server holds."""
    return data.replace(b"\r\n", b"\n")


def plain(mark, size=0, subject=None):
    """A small message, unique by its Message-ID, with at least size bytes
    of body."""
    head = (f"From: Ann <ann@example.org>\n"
            f"To: Bob <bob@example.org>\n"
            f"Subject: {subject or 'Message ' + mark}\n"
            f"Date: Mon, 02 Mar 2026 10:00:00 +0100\n"
            f"Message-ID: <{mark}@e2e.example.org>\n\n"
            f"Hello from {mark}.\n").encode()
    line = b"0123456789 abcdefghijklmnopqrstuvwxyz and so on and on\n"
    return head + line * (size // len(line))


def many(prefix, count, sizes=(0,)):
    """count messages named prefix-0, prefix-1 ..."""
    return [plain(f"{prefix}-{i}", sizes[i % len(sizes)])
            for i in range(count)]


def message_id(data):
    """The Message-ID of a message made here, or None."""
    at = data.find(b"Message-ID: <")
    if at < 0:
        return None
    return data[at + 13:data.index(b">", at)].decode()


def large(mark, size, seed=1):
    """A message of about size bytes, not compressible to nothing."""
    rng = random.Random(seed)
    block = bytes(rng.choice(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/")
                  for _ in range(76 * 800))
    lines = b"".join(block[i:i + 76] + b"\n"
                     for i in range(0, len(block), 76))
    return plain(mark) + lines * (size // len(lines) + 1)


_HEAD = b"From: a@example.org\nMessage-ID: <%s@e2e.example.org>\n"


def _head(name):
    return _HEAD % name.encode()


# Name and bytes, as a Maildir file holds them (S7, D4).
ODD = {
    "eight-bit-headers":
        b"Subject: \xe4\xf6\xfc \xff\xfe raw\n" + _head("8h") + b"\nbody\n",
    "utf8-body": _head("u8") + "\nÄpfel, 中文, 🎉\n".encode(),
    "latin1-body": _head("l1") + b"\n\xc4pfel \x80\x81\x9f\n",
    "no-final-newline": _head("nn") + b"\nthe end has no newline",
    "empty-body": _head("eb") + b"\n",
    "header-only": _head("ho"),
    "header-only-no-newline": b"Subject: no newline at all",
    "no-header": b"\nThe header is empty.\n",
    "only-newline": b"\n",
    "one-byte": b"x",
    "from-line": b"From ann Mon Mar  2 10:00:00 2026\n" + _head("fl")
        + b"\nbody\n",
    "not-a-header": b"this line is no header\n" + _head("nh") + b"\nb\n",
    "continuation-first": b" folded from nothing\n" + _head("cf") + b"\nb\n",
    "blank-before-colon": b"Subject : odd\n" + _head("bc") + b"\nb\n",
    "empty-header-value": b"Subject:\nX-A:b\n" + _head("ev") + b"\nb\n",
    "open-multipart": _head("om") + b"MIME-Version: 1.0\nContent-Type: "
        b"multipart/mixed; boundary=\"b\"\n\n--b\n\npart\n",
    "bad-message-id": b"Message-ID: <foo@[bar>\n\nbody of bad id\n",
    "controls": _head("ct") + b"\n\x01\x02\x07\x0b\x0c\x1b[31m\x7f\n",
    "form-feed-header": b"X-F: a\x0cb\x1cc\n" + _head("ff") + b"\nb\n",
    "dots": _head("do") + b"\n.\n..\n.x\n",
    "literal-look-alike": _head("ll") + b"\n* 1 FETCH {10}\n)\nA1 OK\n",
    "million-byte-line": _head("ml") + b"\n" + b"L" * 1_000_000 + b"\n",
    "long-header": b"X-Long: " + b"h" * 200_000 + b"\n" + _head("lh")
        + b"\nb\n",
    "trailing-newlines": _head("tn") + b"\nb\n\n\n\n\n",
}
