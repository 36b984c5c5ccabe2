import os


def secret(which):
    return {"client": "s3cr3t", "refresh": "1//token"}[which]


home = os.path.expanduser("~")
