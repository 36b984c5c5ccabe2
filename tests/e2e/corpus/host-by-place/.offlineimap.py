import os


def mailhost():
    return "127.0.0.1"


def mailport():
    return int(os.environ["MAIL_PORT"])
