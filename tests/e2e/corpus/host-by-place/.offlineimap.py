import os


def mailhost():
    return "localhost"


def mailport():
    return int(os.environ["MAIL_PORT"])
