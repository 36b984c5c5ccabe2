import subprocess


class Secrets(object):
    """One entry of the secret service."""

    def __init__(self, account):
        self.account = account

    @property
    def password(self):
        return subprocess.check_output(
            ["secret-tool", "lookup", "account", self.account]).strip()
