"""The Dovecots of the benchmark, one per profile, over the same mail.

Mailboxes are made once, as templates, and copied for each program that is
compared: message files, which never change, as links.
"""

import imaplib
import os
import shutil
import stat
import tempfile

from mail import MARK, Model, digest
from support import dovecot
from support.judge import Imap

imaplib._MAXLINE = 50_000_000

_EXTRA = "mailbox_list_index = yes\n"


class Server(dovecot.Dovecot):
    """With the homes of all in one place."""

    def __init__(self, homes, capability, cert=None):
        self.homes = homes
        super().__init__(capability=capability, cert=cert, extra=_EXTRA)

    def _home(self, name):
        return os.path.join(self.homes, name)


class Site:
    """All profiles; each has the same users and passwords."""

    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="bench-site-")
        os.chmod(self.top, 0o711)
        self.servers = {}
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        self._templates = {}

    def _start(self):
        self.server = Server(self.top, dovecot.PROFILES["full"])
        self.ca = self.server.authority.path
        self.servers["full"] = self.server
        for profile in ("noqresync", "bare"):
            self.servers[profile] = Server(
                self.top, dovecot.PROFILES[profile],
                (self.server.cert, self.server.key))

    def stop(self):
        for server in self.servers.values():
            server.stop()
        shutil.rmtree(self.top, ignore_errors=True)

    def template(self, name, bulk):
        """(user, model) of a mailbox filled with this, made when first
        wanted."""
        if name not in self._templates:
            user = self.server.user()
            self._templates[name] = user, fill(user, bulk)
        return self._templates[name]

    def forget(self, name):
        user, _ = self._templates.pop(name)
        shutil.rmtree(user.home)

    def copy(self, name):
        """A new user with the template's mail, and the model of it."""
        source, model = self._templates[name]
        user = self.server.user()
        self._link(source.home, user.home)
        return user, model.copy()

    def _link(self, source, target):
        for entry in os.scandir(source):
            path = os.path.join(target, entry.name)
            if entry.is_dir(follow_symlinks=False):
                os.mkdir(path)
                self._link(entry.path, path)
            elif entry.name.startswith("u."):
                os.link(entry.path, path)
                continue
            else:
                shutil.copyfile(entry.path, path)
            info = entry.stat()
            os.chown(path, info.st_uid, info.st_gid)
            os.chmod(path, stat.S_IMODE(info.st_mode))


def fill(user, bulk):
    """Uploads it; the server has its indexes afterwards, and the system has
    read the mail."""
    model = Model({name: {} for name in bulk.names})
    with Imap(user) as imap:
        imap.create(*bulk.names[1:])
        for name, part in bulk.parts():
            imap.append_all(name, [(data, flags) for _, flags, data in part])
            model.folders[name].update(
                (mark, flags) for mark, flags, _ in part)
            model.sizes += [(name, len(data) - data.count(b"\r\n"))
                            for _, _, data in part]
        seen(user, bulk.names)
    return model


def seen(user, folders):
    """{folder: {mark: flags}} on the server."""
    with Imap(user) as imap:
        return {name: {mark: flags for mark, flags, _ in
                       _listed(imap, name)} for name in folders}


def _listed(imap, folder):
    """Yields (mark, flags, UID)."""
    for message in imap.messages(folder, "HEADER.FIELDS (MESSAGE-ID)"):
        found = MARK.search(message.data)
        yield (int(found.group(1)) if found else 0, message.flags,
               message.uid)


def uids(imap, folder):
    """{mark: UID}."""
    return {mark: uid for mark, _, uid in _listed(imap, folder)}


def digests(user, folders):
    """{folder: {mark: digest}}: every byte that the server holds."""
    found = {}
    with Imap(user) as imap:
        for name in folders:
            found[name] = {}
            for message in imap.messages(name):
                mark = MARK.search(message.data)
                found[name][int(mark.group(1)) if mark else 0] = digest(
                    message.data)
    return found


__all__ = ["Site", "Imap", "seen", "uids", "digests", "fill"]
