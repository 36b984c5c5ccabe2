"""Certificates made on the spot with the openssl command."""

import hashlib
import os
import ssl
import subprocess

_EXTENSIONS = "subjectAltName={names}\nextendedKeyUsage=serverAuth\n"


def _openssl(*args, cwd):
    subprocess.run(["openssl", *args], cwd=cwd, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _key(directory, name):
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-out", name + ".key", cwd=directory)


class Authority:
    """A certificate authority in a directory of its own."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        _key(directory, "ca")
        _openssl("req", "-x509", "-new", "-key", "ca.key", "-sha256",
                 "-days", "30", "-subj", "/CN=Test authority", "-addext",
                 "basicConstraints=critical,CA:TRUE", "-addext",
                 "keyUsage=critical,keyCertSign,cRLSign",
                 "-out", "ca.pem", cwd=directory)
        self.path = os.path.join(directory, "ca.pem")

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1", days=30):
        """Returns (certificate path, key path).  days may be negative: the
        certificate has expired then."""
        where = self.directory
        _key(where, name)
        with open(os.path.join(where, name + ".ext"), "w") as out:
            out.write(_EXTENSIONS.format(names=names))
        _openssl("req", "-new", "-key", name + ".key", "-subj",
                 "/CN=" + name, "-out", name + ".csr", cwd=where)
        _openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem",
                 "-CAkey", "ca.key", "-CAcreateserial", "-sha256", "-days",
                 str(days), "-extfile", name + ".ext", "-out",
                 name + ".pem", cwd=where)
        return self._pair(name)

    @staticmethod
    def fingerprint(certificate):
        """Its SHA-1 digest in hex."""
        with open(certificate) as text:
            data = ssl.PEM_cert_to_DER_cert(text.read())
        return hashlib.sha1(data).hexdigest()

    def self_signed(self, name, names="DNS:localhost,IP:127.0.0.1"):
        """A certificate that nobody vouches for."""
        _key(self.directory, name)
        _openssl("req", "-x509", "-new", "-key", name + ".key", "-sha256",
                 "-days", "30", "-subj", "/CN=" + name, "-addext",
                 "subjectAltName=" + names, "-out", name + ".pem",
                 cwd=self.directory)
        return self._pair(name)

    def _pair(self, name):
        base = os.path.join(self.directory, name)
        return base + ".pem", base + ".key"
