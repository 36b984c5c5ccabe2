"""S12, S8, S11: who may read what the program writes."""

import os
import stat
import unittest

from support.case import ServerCase, stop_servers
from support.mails import many


def tearDownModule():
    stop_servers()


class Permissions(ServerCase):

    def test_umask_000(self):
        """State, cache, lock and log are 0600, directories 0700."""
        self.fill("INBOX", many("in", 3))
        self.fill("Work/deep", many("work", 3))
        box = self.box(self.user)
        box.option("general", metadata="~/state")
        box.umask = 0
        log = os.path.join(box.home, "log")
        box.sync("-l", log)
        box.sync("-l", log)
        wrong = {}
        roots = [os.path.join(box.home, "state"), log]
        for root in roots:
            for path in [root, *(os.path.join(where, name)
                                 for where, directories, names in
                                 os.walk(root)
                                 for name in directories + names)]:
                mode = stat.S_IMODE(os.lstat(path).st_mode)
                wanted = 0o700 if os.path.isdir(path) else 0o600
                if mode != wanted:
                    wrong[path] = oct(mode)
        self.assertEqual(wrong, {})

    def test_maildir_directories_are_private(self):
        """compat 3.8: 0700."""
        self.fill("Work", many("work", 3))
        box = self.box(self.user)
        box.umask = 0
        box.sync()
        for path, _, _ in os.walk(box.root):
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o700,
                             path)

    def test_planted_links_are_not_followed(self):
        """S8: links in place of state and lock files."""
        self.fill("INBOX", many("in", 3))
        box = self.box(self.user)
        box.sync()
        victim = os.path.join(box.home, "victim")
        with open(victim, "w") as out:
            out.write("precious")
        lock = os.path.join(box.metadata, "Test.lock")
        if os.path.exists(lock):
            os.unlink(lock)
        os.symlink(victim, lock)
        box.run()
        with open(victim) as kept:
            self.assertEqual(kept.read(), "precious")

    def test_nothing_in_shared_directories(self):
        """S11: nothing is left in TMPDIR."""
        self.fill("INBOX", many("in", 3))
        box = self.box(self.user)
        shared = os.path.join(box.top, "shared")
        os.mkdir(shared)
        box.sync(TMPDIR=shared)
        self.assertEqual(os.listdir(shared), [])

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_maildir_that_cannot_be_written(self):
        """An error that names the path; nothing else is done."""
        self.fill("INBOX", many("in", 3))
        box = self.box(self.user)
        os.makedirs(box.root)
        os.chmod(box.root, 0o500)
        result = box.run()
        self.assertFailed(result)
        self.assertIn(box.root, result.out)


if __name__ == "__main__":
    unittest.main()
