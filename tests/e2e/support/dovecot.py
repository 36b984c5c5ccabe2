"""A private Dovecot on loopback, run by root or by anybody else.

    server = Dovecot()              starts it
    user = server.user()            a new, empty mailbox
    server.stop()

Each test uses a user of its own, so that one server serves a whole module.
"""

import grp
import os
import pwd
import select
import shutil
import socket
import ssl
import subprocess
import tempfile

from .certs import Authority

CANARY = "cAnArY7"
ODD_USER = "odd user"
ODD_PASSWORD = CANARY + ' "quoted\\" (50%) {5} *'
_USERS = 240

# What a server of each kind says that it can; None: all that Dovecot can.
PROFILES = {
    "full": None,
    "noqresync": "IMAP4rev1 SASL-IR ID ENABLE IDLE MULTIAPPEND UNSELECT "
        "CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED CONDSTORE ESEARCH SEARCHRES "
        "WITHIN LIST-STATUS MOVE STATUS=SIZE LITERAL+",
    "bare": "IMAP4rev1 SASL-IR",
}


def default_capability():
    """The profile that the suites are run over."""
    return PROFILES[os.environ.get("OFFLINEIMAP_E2E_PROFILE", "full")]

_CONFIG = """
base_dir = {run}
state_dir = {run}
instance_name = e2e-{name}
log_path = {top}/dovecot.log
{identity}
first_valid_uid = 0
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_chars =
auth_failure_delay = 0
mail_max_userip_connections = 100
mail_fsync = never
mail_save_crlf = yes
mail_location = {location}
{capability}
mailbox_list_index = no
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {top}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {top}/users
}}
protocol imap {{
  mail_max_userip_connections = 100
  imap_idle_notify_interval = 29 mins
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  {chroot}
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  {chroot}
}}
service imap {{
  process_limit = 200
}}
"""


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _binary():
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    return shutil.which("dovecot", path=path)


def available():
    return _binary() is not None and shutil.which("openssl") is not None


class User:
    """An account on a server."""

    def __init__(self, server, name, password, home):
        self.server = server
        self.name = name
        self.password = password
        self.home = home
        self.host = "127.0.0.1"
        self.port = server.port
        self.tls_port = server.tls_port


class Dovecot:
    """capability: replaces the advertised list, "IMAP4rev1" for a bare
    server; without it that of $OFFLINEIMAP_E2E_PROFILE.  storage: "sdbox" or "maildir".  extra: more configuration."""

    def __init__(self, capability=None, storage="sdbox", cert=None, extra="",
                 environment=()):
        self.top = tempfile.mkdtemp(prefix="e2e-dovecot-")
        os.chmod(self.top, 0o711)
        self.authority = Authority(os.path.join(self.top, "ca"))
        self.cert, self.key = cert or self.authority.issue("server")
        self.capability = capability or default_capability()
        self.storage = storage
        self._extra, self._environment = extra, dict(environment)
        self._log = os.path.join(self.top, "dovecot.log")
        self._identity()
        self._write_users()
        self._start_somewhere()

    def _start_somewhere(self):
        """A port that was free may have been taken since."""
        for _ in range(5):
            self.port, self.tls_port = free_port(), free_port()
            self._configure()
            if self._start():
                return
            self._end()
        raise RuntimeError("dovecot did not start:\n" + self.log())

    def _identity(self):
        if os.geteuid() == 0:
            owner = pwd.getpwnam("nobody")
            self.uid, self.gid = owner.pw_uid, owner.pw_gid
            self._settings, self._chroot = "", ""
            return
        self.uid, self.gid = os.geteuid(), os.getegid()
        user = pwd.getpwuid(self.uid).pw_name
        group = grp.getgrgid(self.gid).gr_name
        self._settings = (f"default_internal_user = {user}\n"
                          f"default_login_user = {user}\n"
                          f"default_internal_group = {group}")
        self._chroot = "chroot ="

    def _configure(self):
        location = {
            "sdbox": "sdbox:%h/sdbox",
            "maildir": "maildir:%h/Maildir:LAYOUT=fs",
        }[self.storage]
        capability = ""
        if self.capability:
            capability = "imap_capability = " + self.capability
        self._config = os.path.join(self.top, "dovecot.conf")
        with open(self._config, "w") as out:
            out.write(_CONFIG.format(
                top=self.top, run=os.path.join(self.top, "run"),
                name=os.path.basename(self.top), identity=self._settings,
                chroot=self._chroot, cert=self.cert, key=self.key,
                location=location, capability=capability, port=self.port,
                tls_port=self.tls_port) + self._extra)

    def _start(self):
        self._process = subprocess.Popen(
            [_binary(), "-F", "-c", self._config], stdin=subprocess.DEVNULL,
            env={**os.environ, **self._environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        deadline = select.poll()
        deadline.register(self._process.stdout, select.POLLIN)
        for _ in range(200):
            if self._greets(self.port):
                return self._process.poll() is None
            if deadline.poll(50) and self._process.poll() is not None:
                break
        return False

    def _greets(self, port):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as sock:
                return sock.recv(100).startswith(b"* OK")
        except OSError:
            return False

    def log(self):
        """What the server wrote, for a failing test."""
        try:
            with open(self._log, errors="replace") as log:
                return log.read()
        except FileNotFoundError:
            return "(no log)"

    def _write_users(self):
        """All at once: the server looks for a changed file only when a
        second has gone by."""
        names = [(f"user{n}", "/") for n in range(_USERS)]
        names += [(f"dot{n}", ".") for n in range(_USERS // 4)]
        with open(os.path.join(self.top, "users"), "w") as out:
            for name, separator in names:
                out.write(f"{name}:{self._password(name)}:{self.uid}"
                          f":{self.gid}::{self._home(name)}::userdb_"
                          f"namespace/inbox/separator={separator}\n")
            out.write(f"{ODD_USER}:{ODD_PASSWORD}:{self.uid}:{self.gid}::"
                      f"{self._home('odd')}\n")
        os.mkdir(os.path.join(self.top, "home"), 0o711)
        self._names = {kind: iter([name for name, separator in names
                                   if separator == kind]) for kind in "/."}

    @staticmethod
    def _password(name):
        return f"{CANARY}-{name}"

    def _home(self, name):
        return os.path.join(self.top, "home", name)

    def _user(self, name, password, home):
        os.mkdir(home)
        os.chown(home, self.uid, self.gid)
        return User(self, name, password, home)

    def user(self, separator="/"):
        """A new user with an empty mailbox."""
        name = next(self._names[separator])
        return self._user(name, self._password(name), self._home(name))

    def odd_user(self):
        """Name and password that want careful quoting."""
        return self._user(ODD_USER, ODD_PASSWORD, self._home("odd"))

    def tls_context(self):
        return ssl.create_default_context(cafile=self.authority.path)

    def _end(self):
        """The master, which ends its children."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()

    def stop(self):
        """Ends it and removes everything."""
        self._end()
        shutil.rmtree(self.top, ignore_errors=True)
