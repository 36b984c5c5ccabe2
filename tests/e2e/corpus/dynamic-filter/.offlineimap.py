import os


def test_folder(name):
    path = os.path.expanduser("~/folders")
    with open(path) as wanted:
        return name in [line.rstrip("\n") for line in wanted]
