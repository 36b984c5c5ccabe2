#!/usr/bin/env python3
"""Runs the end-to-end suites: all of them, or those named.

    run.py [-j N] [--profile P] [[profile:]module[.Class[.test]] ...]

Each module runs in a process of its own, N (2) of them at a time.  With a
profile, Dovecot offers no more than that (support/dovecot.py); without names,
some modules run over each of them.  Details
of what failed are printed as they come; the last line is always
"N passed, N failed, N skipped".  Exit status 0: nothing failed; 77: nothing
ran; else 1.  OFFLINEIMAP_BIN names the program under test.
"""

import argparse
import glob
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
MARK = "e2e-result "


class Tally(unittest.TextTestResult):
    """Counts what passed too.  A subtest that failed fails its test."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.passed = 0
        self.slow = []

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        self.slow.append((time.monotonic() - self.began, test.id()))
        super().stopTest(test)

    def addSuccess(self, test):
        self.passed += 1
        super().addSuccess(test)

    def failed(self):
        return len({str(getattr(test, "test_case", test)) for test, _ in
                    self.failures + self.errors}
                   | {str(test) for test in self.unexpectedSuccesses})


def run_one(name):
    """In the child: the tests of one module; the counts as JSON."""
    sys.path.insert(0, HERE)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    suite = unittest.defaultTestLoader.loadTestsFromName(name)
    runner = unittest.TextTestRunner(sys.stdout, resultclass=Tally,
                                     verbosity=0)
    result = runner.run(suite)
    print(MARK + json.dumps({
        "passed": result.passed, "failed": result.failed(),
        "skipped": len(result.skipped),
        "slow": sorted(result.slow, reverse=True)[:3]}))
    return 1 if result.failed() else 0


class Child:
    """name: profile:module."""

    def __init__(self, name):
        self.name, self.output = name.removeprefix("full:"), b""
        self.began = time.monotonic()
        profile, module = name.split(":")
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), "--one", module],
            env={**os.environ, "OFFLINEIMAP_E2E_PROFILE": profile},
            cwd=HERE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def counts(self):
        """After its end.  A child without a result is one failure."""
        for line in self.output.decode("utf-8", "replace").splitlines():
            if line.startswith(MARK):
                return json.loads(line[len(MARK):])
        return {"passed": 0, "failed": 1, "skipped": 0, "slow": []}

    def report(self, counts):
        seconds = time.monotonic() - self.began
        print(f"{self.name}: {counts['passed']} passed, "
              f"{counts['failed']} failed, {counts['skipped']} skipped "
              f"in {seconds:.0f} s", flush=True)
        if counts["failed"]:
            text = self.output.decode("utf-8", "replace")
            print("\n".join(line for line in text.splitlines()
                            if not line.startswith(MARK)), flush=True)


def run_all(names, jobs):
    """In a directory for all that is temporary, which is removed."""
    events = selectors.DefaultSelector()
    with tempfile.TemporaryDirectory(prefix="e2e-",
                                     ignore_cleanup_errors=True) as top:
        os.chmod(top, 0o711)
        os.environ["TMPDIR"] = top
        try:
            return run_children(list(names), jobs, events)
        finally:
            for key in list(events.get_map().values()):
                key.data.process.terminate()
                key.data.process.wait()


def run_children(waiting, jobs, events):
    total = {"passed": 0, "failed": 0, "skipped": 0}
    while waiting or events.get_map():
        while waiting and len(events.get_map()) < jobs:
            child = Child(waiting.pop(0))
            events.register(child.process.stdout, selectors.EVENT_READ, child)
        for key, _ in events.select():
            child = key.data
            data = os.read(key.fd, 65536)
            child.output += data
            if data:
                continue
            events.unregister(child.process.stdout)
            child.process.wait()
            counts = child.counts()
            child.report(counts)
            for name in total:
                total[name] += counts[name]
    return total


# What is run over the other profiles too: all the ways that a change can take.
PROFILED = ("test_changes", "test_first_sync", "test_folders")


def modules():
    names = [os.path.basename(path)[:-3] for path in
             glob.glob(os.path.join(HERE, "test_*.py"))]
    heavy = ["test_imap2", "test_kill", "test_hostile", "test_corpus",
             "test_babble"]
    names.sort(key=lambda name: (
        heavy.index(name) if name in heavy else len(heavy), name))
    return names + [f"{profile}:{name}" for profile in ("noqresync", "bare")
                    for name in PROFILED]


def full_name(name, profile):
    name = name.removesuffix(".py")
    return name if ":" in name else f"{profile}:{name}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    # They mostly wait for each other's programs.
    parser.add_argument("-j", "--jobs", type=int,
                        default=(os.cpu_count() or 1) + 2)
    parser.add_argument("--profile", default="full")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.one:
        return run_one(options.one)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    names = [full_name(name, options.profile)
             for name in options.names or modules()]
    total = run_all(names, options.jobs)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(
        **total))
    if total["failed"]:
        return 1
    return 0 if total["passed"] else 77


if __name__ == "__main__":
    sys.exit(main())
