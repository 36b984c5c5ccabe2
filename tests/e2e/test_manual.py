"""The manual pages are clean, and name every option that --help names."""

import glob
import os
import re
import shutil
import subprocess
import unittest

from support.program import BINARY

PAGES = sorted(glob.glob(os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../man/*.[1-9]")))


class Manual(unittest.TestCase):

    @unittest.skipUnless(shutil.which("mandoc"), "needs mandoc")
    def test_pages_are_clean(self):
        self.assertEqual(len(PAGES), 5)
        lint = subprocess.run(
            ["mandoc", "-Tlint", "-Wwarning", *PAGES],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(lint.stdout, "")

    def test_every_option_of_help_is_explained(self):
        usage = subprocess.run([BINARY, "--help"], stdout=subprocess.PIPE,
                               text=True, check=True).stdout
        options = re.findall(r"(?m)^  (?:-(\w)(?:, )?)?(?:--([\w-]+))?", usage)
        with open(next(page for page in PAGES
                       if page.endswith("offlineimap.1"))) as page:
            items = "\n".join(line for line in page
                              if line.startswith(".It Fl"))
        self.assertGreater(len(options), 15)
        for letter, name in options:
            if letter:
                self.assertRegex(items, rf"\bFl {re.escape(letter)}\b")
            if name:
                self.assertRegex(items, rf"Fl Fl {re.escape(name)}\b|"
                                 rf"Fl -{re.escape(name)}\b")


if __name__ == "__main__":
    unittest.main()
