"""The program that ours succeeds, where Debian's package is installed."""

import json
import os
import subprocess
import sys

from .program import BINARY

OLD = os.environ.get("OFFLINEIMAP_OLD", "/usr/bin/offlineimap")
OLD_PYTHON = "/usr/bin/python3"
WORK = r"(?m)^\s*(Copy message|Deleting|Adding flag|Creating folder)"

# Its settings by its own functions, as {section: {option: value}}.
_SETTINGS = """
import json, os, sys
sys.path.insert(0, "/usr/share/offlineimap3")
from offlineimap import CustomConfig, globals as g
from offlineimap.accounts import SyncableAccount
from offlineimap.repository import Repository
from offlineimap.ui import UI_LIST, setglobalui

config = CustomConfig.CustomConfigParser()
config.read(os.path.expanduser("~/.offlineimaprc"))
config.set("general", "dry-run", "False")
for override in sys.argv[1:]:
    place, value = override.split("=", 1)
    section, option = place.split(":", 1)
    config.set(section.replace("_", " "), option, value)
setglobalui(UI_LIST["quiet"](config))
out = {"general": {
    "metadata": config.getmetadatadir(),
    "accounts": ", ".join(config.get("general", "accounts").replace(
        ",", " ").split()),
    "maxsyncaccounts": config.getdefaultint("general", "maxsyncaccounts", 1),
    "fsync": config.getdefaultboolean("general", "fsync", True),
    "socktimeout": config.getdefaultint("general", "socktimeout", 0),
}}

def repository(repo):
    values = {"readonly": repo.getconfboolean("readonly", False),
              "createfolders": repo.getconfboolean("createfolders", True),
              "sync_deletes": repo.getconfboolean("sync_deletes", True)}
    if repo.getconf("type").strip() in ("Maildir", "GmailMaildir"):
        values["localfolders"] = repo.root
        values["sep"] = repo.getsep()
        return values
    if not repo.getpreauthtunnel():
        values["remotehost"] = repo.gethost()
    for option, ask in (("remoteport", repo.getport),
                        ("remoteuser", repo.getuser),
                        ("ssl", repo.getssl),
                        ("starttls", repo.getstarttls),
                        ("preauthtunnel", repo.getpreauthtunnel),
                        ("transporttunnel", repo.gettransporttunnel),
                        ("subscribedonly", lambda: repo.getconfboolean(
                            "subscribedonly", False)),
                        ("expunge", repo.getexpunge),
                        ("maxconnections", repo.getmaxconnections),
                        ("auth_mechanisms", lambda: ", ".join(
                            repo.get_auth_mechanisms())),
                        ("retrycount", lambda: repo.getconfint(
                            "retrycount", 2))):
        values[option] = ask()
    return values

for name in out["general"]["accounts"].split(", "):
    account = SyncableAccount(config, name)
    out["Account " + name] = {
        "autorefresh": account.refreshperiod or 0,
        "quick": account.getconfint("quick", 0),
        "utf8foldernames": account.utf_8_support,
        "presynchook": account.getconf("presynchook", ""),
        "postsynchook": account.getconf("postsynchook", ""),
        "maxage": account.getconf("maxage", None),
        "maxsize": account.getconfint("maxsize", 0),
        "filterheaders": account.getconf("filterheaders", ""),
    }
    for side in ("remote", "local"):
        repo = Repository(account, side)
        out["Repository " + repo.name] = repository(repo)
print(json.dumps(out))
"""


def is_old():
    """Whether OLD is there, and is the Python program."""
    try:
        with open(OLD, "rb") as text:
            return b"python" in text.read(200) and OLD != BINARY
    except OSError:
        return False


def settings(box, overrides=()):
    """What the old program makes of the configuration of this home."""
    result = subprocess.run(
        [OLD_PYTHON, "-c", _SETTINGS, *overrides], env=box.environment(),
        cwd=box.home, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode != 0:
        sys.stderr.write(result.stderr.decode("utf-8", "replace"))
        raise AssertionError("the old program refused the configuration")
    return json.loads(result.stdout)
