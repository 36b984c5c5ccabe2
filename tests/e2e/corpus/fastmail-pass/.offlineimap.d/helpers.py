import re
import subprocess


def mailpasswd(account):
    """The first line of pass' answer; log lines of a login are skipped."""
    try:
        text = subprocess.check_output(["pass", "show", account])
    except subprocess.CalledProcessError:
        return ""
    return re.split(b"[\r\n]", text)[0].decode("utf-8")
