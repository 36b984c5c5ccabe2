import subprocess

_NAMES = [
    ("[Gmail]/Sent Mail", "sent"),
    ("[Gmail]/Trash", "trash"),
    ("[Gmail]/All Mail", "all"),
    ("[Gmail]/Starred", "starred"),
]


def remote_to_local(folder):
    return dict(_NAMES).get(folder, folder)


def local_to_remote(folder):
    return {local: remote for remote, local in _NAMES}.get(folder, folder)


def authinfo(host, port):
    program = '(print (authinfo "%s" %d))' % (host, port)
    return subprocess.check_output(
        ["emacs", "--batch", "--eval", program]).decode().strip().strip('"')
