"""The program under test: a home of its own, a configuration, runs.

    box = Box(user)                  a temporary HOME with a configuration
    box.run()                        the program, to its end
    with box.start() as process:     the program, while it runs
        process.wait_for("Copy")
"""

import os
import re
import select
import shutil
import subprocess
import tempfile
import time

from .dovecot import CANARY
from .judge import Maildir

OK, ERROR, USAGE, PARTIAL, HELD = 0, 1, 2, 3, 4
AUTH, NETWORK, CONFIG, LOCKED, INTERRUPTED = 5, 6, 7, 8, 9

SANITIZER_EXIT = 99
_SANITIZER = re.compile(
    r"ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|"
    r"runtime error:|Assertion .* failed")

_HERE = os.path.dirname(os.path.abspath(__file__))
_LEAKS = (":print_suppressions=0:suppressions="
          + os.path.join(_HERE, "../../lsan.supp"))
BINARY = os.path.abspath(os.environ.get(
    "OFFLINEIMAP_BIN", os.path.join(_HERE, "../../../offlineimap")))


def sanitized():
    """Whether the program was built with a sanitizer: it needs more memory
    and more time then."""
    with open(BINARY, "rb") as program:
        data = program.read()
    return b"__asan_init" in data or b"__tsan_init" in data


class Result:
    """How a run ended.  .out holds stdout and stderr together."""

    def __init__(self, args, code, out):
        self.args, self.code, self.out = args, code, out

    def __repr__(self):
        return (f"{' '.join(self.args)}\nexit status {self.code}, output:\n"
                f"{self.out}")


def _check(result):
    """Never acceptable, in whatever test."""
    if result.code == SANITIZER_EXIT or _SANITIZER.search(result.out):
        raise AssertionError(f"a sanitizer or assertion spoke: {result}")
    if CANARY in result.out:
        raise AssertionError(f"D5: a password in the output: {result}")
    return result


class Process:
    """A running program.  Its output is read by wait_for and finish."""

    def __init__(self, args, env, cwd, stdin=None, umask=-1):
        self.args = args
        self.popen = subprocess.Popen(
            args, env=env, cwd=cwd, stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, umask=umask)
        self.output = b""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()
        self.popen.stdout.close()
        if self.popen.stdin:
            self.popen.stdin.close()

    @property
    def text(self):
        return self.output.decode("utf-8", "replace")

    def read(self, deadline):
        """Some more output, until the deadline of the monotonic clock.
        False at its end."""
        left = max(0, deadline - time.monotonic())
        if not select.select([self.popen.stdout], [], [], left)[0]:
            raise AssertionError(f"no more output in time: {self.args}\n"
                                 f"{self.text}")
        data = os.read(self.popen.stdout.fileno(), 65536)
        self.output += data
        return bool(data)

    def wait_for(self, pattern, timeout=60, count=1):
        """Until the output has count matches of the pattern."""
        deadline = time.monotonic() + timeout
        while len(re.findall(pattern, self.text, re.M)) < count:
            if not self.read(deadline):
                raise AssertionError(f"ended without {pattern!r}: "
                                     f"{self.args}\n{self.text}")
        return self

    def write(self, data):
        self.popen.stdin.write(data)
        self.popen.stdin.flush()

    def signal(self, number):
        self.popen.send_signal(number)

    def kill(self):
        """kill -9, and wait until it is gone."""
        self.popen.kill()
        self.popen.wait()

    def finish(self, timeout=120):
        """Its end, as a Result."""
        deadline = time.monotonic() + timeout
        while self.read(deadline):
            pass
        code = self.popen.wait(max(1, deadline - time.monotonic()))
        return _check(Result(self.args, code, self.text))


class Box:
    """A home directory with one account, "Test": local repository "Loc",
    remote repository "Rem"."""

    def __init__(self, user=None, **options):
        self.top = tempfile.mkdtemp(prefix="e2e-box-")
        self.home = os.path.join(self.top, "home")
        os.mkdir(self.home, 0o700)
        self.config = os.path.join(self.home, ".offlineimaprc")
        self.metadata = os.path.join(self.home, ".offlineimap")
        self.root = os.path.join(self.home, "Mail")
        self.maildir = Maildir(self.root)
        self.accounts = {}
        self.general = {"fsync": "no"}
        self.env = {}
        self.binary = BINARY
        self.umask = -1
        if user:
            self.account("Test", user, **options)

    def remove(self):
        subprocess.run(["chmod", "-R", "u+rwX", self.top], check=False)
        shutil.rmtree(self.top, ignore_errors=True)

    def account(self, name, user, port=None, account=None, local=None,
                remote=None):
        """Adds an account, or replaces it, and writes the configuration."""
        suffix = "" if name == "Test" else name
        repo_local, repo_remote = "Loc" + suffix, "Rem" + suffix
        self.accounts[name] = [
            (f"Account {name}", {
                "localrepository": repo_local,
                "remoterepository": repo_remote, **(account or {})}),
            (f"Repository {repo_local}", {
                "type": "Maildir", "localfolders": self.root + suffix,
                **(local or {})}),
            (f"Repository {repo_remote}", {
                "type": "IMAP", "remotehost": user.host,
                "remoteport": port or user.port, "remoteuser": user.name,
                "remotepass": user.password, "ssl": "no", "starttls": "no",
                **(remote or {})}),
        ]
        self.write_config()
        return self

    def option(self, section, **options):
        """Changes options; None removes one."""
        if section == "general":
            target = self.general
        else:
            target = next(values for parts in self.accounts.values()
                          for name, values in parts if name == section)
        target.update(options)
        for key in [k for k, v in target.items() if v is None]:
            del target[key]
        self.write_config()
        return self

    def write_config(self):
        sections = [("general", {"accounts": ", ".join(self.accounts),
                                 **self.general})]
        for parts in self.accounts.values():
            sections += parts
        with open(self.config, "w", encoding="utf-8") as out:
            for name, values in sections:
                out.write(f"[{name}]\n")
                for key, value in values.items():
                    out.write(f"{key} = {str(value).replace('%', '%%')}\n")
                out.write("\n")
        os.chmod(self.config, 0o600)

    def environment(self, **extra):
        env = {key: value for key, value in os.environ.items()
               if not key.startswith(("XDG_", "LC_", "LANG"))}
        env.update(HOME=self.home, LC_ALL="C.UTF-8", TERM="dumb", TZ="UTC")
        for name, more in (("ASAN_OPTIONS", ""), ("TSAN_OPTIONS", ""),
                           ("LSAN_OPTIONS", _LEAKS),
                           ("UBSAN_OPTIONS", ":print_stacktrace=1")):
            env[name] = ":".join(filter(None, [
                os.environ.get(name), f"exitcode={SANITIZER_EXIT}{more}"]))
        env.update(self.env)
        env.update(extra)
        return env

    def command(self, *args, ui="basic", once=True):
        command = [self.binary]
        if ui:
            command += ["-u", ui]
        if once:
            command += ["-o"]
        return command + list(args)

    def start(self, *args, ui="basic", once=True, stdin=None, **env):
        return Process(self.command(*args, ui=ui, once=once),
                       self.environment(**env), self.home, stdin,
                       self.umask)

    def run(self, *args, ui="basic", once=True, timeout=120, **env):
        """Runs to the end; the Result whatever the exit status."""
        with self.start(*args, ui=ui, once=once, **env) as process:
            return process.finish(timeout)

    def sync(self, *args, expect=OK, **more):
        """Runs to the end and demands this exit status."""
        result = self.run(*args, **more)
        wanted = expect if isinstance(expect, (tuple, list, set)) \
            else (expect,)
        if result.code not in wanted:
            raise AssertionError(f"expected exit status {expect}: {result}")
        return result

