"""New mail: the hook for it, connections that are held, folders that are
watched."""

import os
import unittest

from support.case import ServerCase, plain, stop_servers
from support.program import CONFIG, ERROR


def tearDownModule():
    stop_servers()


class NewMail(ServerCase):
    def hooked(self, hook="hook", remote=None, **more):
        box = self.box(self.user, remote={"newmail_hook": hook,
                                          **(remote or {})}, **more)
        self.calls = os.path.join(box.home, "calls")
        path = os.path.join(box.home, "hook.py")
        with open(path, "w") as out:
            out.write(f"def hook():\n open({self.calls!r}, 'a').write('new ')"
                      "\ndef broken():\n raise ValueError('no bell')\n")
        return box.option("general", pythonfile=path)

    def called(self):
        if not os.path.exists(self.calls):
            return ""
        with open(self.calls) as calls:
            return calls.read()

    def test_it_is_called_once_for_a_round_with_new_mail(self):
        self.fill("INBOX", [plain("a"), plain("b")])
        box = self.hooked(account={"postsynchook": "cat calls 1>&2; "
                                   "echo post >>calls"})
        box.sync()
        self.assertEqual(self.called(), "new post\n")
        box.sync()
        self.assertEqual(self.called(), "new post\npost\n")

    def test_what_was_seen_elsewhere_is_not_new(self):
        self.fill("INBOX", [plain("a")], flags="S")
        box = self.hooked()
        box.sync()
        self.assertEqual(self.called(), "")

    def test_other_folders_and_uploads_do_not_count(self):
        self.fill("INBOX", [])
        self.fill("Other", [plain("a")])
        box = self.hooked()
        box.sync()
        box.maildir.add("INBOX", plain("mine"))
        box.sync()
        self.assertEqual(self.called(), "")

    def test_a_dry_run_calls_nothing(self):
        self.fill("INBOX", [plain("a")])
        self.hooked().sync("--dry-run")
        self.assertEqual(self.called(), "")

    def test_a_hook_that_fails_costs_no_mail(self):
        self.fill("INBOX", [plain("a")])
        box = self.hooked("broken")
        result = box.sync(expect=(ERROR, CONFIG))
        self.assertIn("no bell", result.out)
        self.assertSame(box, ["INBOX"])


if __name__ == "__main__":
    unittest.main()
