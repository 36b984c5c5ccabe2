"""A Kerberos realm on loopback, with a key for an IMAP server.

    with Realm() as realm:
        realm.environment                for programs, and for the server
        realm.user("ann", "password")
        realm.ticket("ann", "password", cache)
"""

import contextlib
import os
import select
import shutil
import socket
import subprocess
import tempfile

from .dovecot import free_port

NAME = "E2E.TEST"
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
_MODULE = "/usr/lib/dovecot/modules/auth/libmech_gssapi.so"

_KRB5 = """[libdefaults]
 default_realm = {name}
 dns_lookup_realm = false
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
 rdns = false
 qualify_shortname = ""
[realms]
 {name} = {{
  kdc = 127.0.0.1:{port}
 }}
[domain_realm]
 localhost = {name}
"""

_KDC = """[kdcdefaults]
 kdc_listen = 127.0.0.1:{port}
 kdc_tcp_listen = 127.0.0.1:{port}
[realms]
 {name} = {{
  database_name = {top}/principal
  key_stash_file = {top}/stash
  acl_file = {top}/acl
 }}
"""


def _tool(name):
    return shutil.which(name, path=_PATH)


def available():
    return os.path.exists(_MODULE) and all(
        _tool(name) for name in ("krb5kdc", "kdb5_util", "kadmin.local",
                                 "kinit"))


class Realm:
    def __init__(self):
        self.top = tempfile.mkdtemp(prefix="e2e-kerberos-")
        os.chmod(self.top, 0o755)
        self._port = port = free_port()
        for name, text in (("krb5.conf", _KRB5), ("kdc.conf", _KDC)):
            with open(self._path(name), "w") as out:
                out.write(text.format(name=NAME, port=port, top=self.top))
        self.keytab = self._path("keytab")
        self.environment = {"KRB5_CONFIG": self._path("krb5.conf"),
                            "KRB5_KDC_PROFILE": self._path("kdc.conf"),
                            "KRB5RCACHEDIR": self.top,
                            "KRB5RCACHENAME": "none:"}

    def _path(self, name):
        return os.path.join(self.top, name)

    def _run(self, *args, text=""):
        subprocess.run([_tool(args[0]), *args[1:]], input=text.encode(),
                       env={**os.environ, **self.environment}, check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _admin(self, query):
        self._run("kadmin.local", "-r", NAME, "-q", query)

    def __enter__(self):
        self._run("kdb5_util", "create", "-s", "-r", NAME, "-P", "master")
        self._admin("addprinc -randkey imap/localhost")
        self._admin(f"ktadd -k {self.keytab} imap/localhost")
        os.chmod(self.keytab, 0o644)
        self._kdc = subprocess.Popen(
            [_tool("krb5kdc"), "-n", "-r", NAME], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, **self.environment})
        self._wait()
        return self

    def _wait(self):
        """Until it takes connections."""
        end = select.poll()
        end.register(self._kdc.stdout, select.POLLHUP)
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self._port), 5).close()
                return
            if end.poll(50) and self._kdc.poll() is not None:
                break
        raise RuntimeError("the KDC did not start")

    def __exit__(self, *exc):
        self._kdc.terminate()
        self._kdc.wait()
        self._kdc.stdout.close()
        shutil.rmtree(self.top, ignore_errors=True)

    def user(self, name, password):
        self._admin(f"addprinc -pw {password} {name}")

    def ticket(self, name, password, cache):
        self._run("kinit", "-c", cache, f"{name}@{NAME}",
                  text=password + "\n")
