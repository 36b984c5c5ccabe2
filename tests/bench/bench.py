#!/usr/bin/env python3
"""How fast this program is, side by side with what others use.

    bench.py [--quick] [--only NAME,..] [--scenario NAME,..] [--rtt MS,..]
             [--profile NAME,..] [--rounds N] [--out DIRECTORY]

Starts Dovecots of its own (all extensions; without QRESYNC; bare IMAP4rev1),
makes their mail, puts a delay line between, and runs this program, mbsync and
offlineimap3 in turn, each on a mailbox of its own that is changed in the same
ways.  Every result is checked by an independent client on both sides.  Prints
tables, and writes results.md, results.svg and results.json.  The exit status
is not 0 only if a result was wrong: speed is printed, not judged.

A full run takes more than an hour, a quick one (a fifth of the mail, one
round) some minutes.
"""

import argparse
import os
import signal
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../e2e"))

import report  # noqa: E402
import runs  # noqa: E402
from changes import ALL  # noqa: E402
from peers import kinds, ours  # noqa: E402
from servers import Site  # noqa: E402
from support import dovecot  # noqa: E402
from support.delay import Delay  # noqa: E402

# Quick or not.
CHANGE_RTT = {True: (50,), False: (0, 50)}


def first_and_changes(bench, rounds):
    """20,000 messages in 41 folders, and what happens to them."""
    quick = bench.options.quick
    template = "4,000" if quick else "20,000"
    scale = 0.2 if quick else 1
    bench.site.template(template, runs.bulks(quick)[template])
    synced = bench.chosen("ours", "ours fsync", "mbsync", "mbsync fsync",
                          "offlineimap3")
    kept = bench.first(
        template, 0, synced + bench.chosen("offlineimap3 fsync"), rounds,
        [kind.name for kind in synced])
    for rtt in (50, 150):
        bench.first(template, rtt,
                    bench.chosen("ours", "ours 1conn", "mbsync"), rounds)
    peers = bench.prepared(template, synced, kept)
    plain = [peer for peer in peers if not peer.kind.fsync]
    old = [("offlineimap3", kind) for kind in bench.chosen("offlineimap3 -q")]
    for rtt in (0, 50) if quick else (0, 20, 50, 150):
        bench.quiet("no-op 41", "full", rtt, plain, old)
    # Removing files makes the runs behind it slower (runs.py).
    removing = [title for title in ALL if title.startswith("deletions")]
    for title in ALL:
        for rtt in CHANGE_RTT[quick] if title not in removing else ():
            bench.change(title, "full", rtt, peers, scale)
    for profile in ("noqresync", "bare"):
        bench.quiet("no-op 41", profile, 50, plain)
        for title in ("new", "flags down", "flags up"):
            bench.change(title, profile, 50, plain, scale)
    for title in removing:
        for rtt in CHANGE_RTT[quick]:
            bench.change(title, "full", rtt, peers, scale)
    for peer in peers:
        key = ("in the end", "full", 0, peer.kind.name)
        bench.check(key, peer, list(peer.model.folders))
        bench.check_bytes(key, peer)
        bench.remove(peer)


def many_folders(bench, _):
    template = "500 folders"
    bench.site.template(template, runs.bulks(True)[template])
    peers = bench.prepared(template,
                           bench.chosen("ours", "mbsync", "offlineimap3"))
    old = [("offlineimap3", kind) for kind in bench.chosen("offlineimap3 -q")]
    for rtt in (50,) if bench.options.quick else (0, 50):
        bench.quiet("no-op 500", "full", rtt, peers, old)
    for peer in peers:
        bench.remove(peer)


def one_large_folder(bench, rounds):
    """100,000 messages; one flag on a server that says nothing of it."""
    template, names = "100,000 in one", ("ours", "mbsync")
    bench.site.template(template, runs.bulks(False)[template])
    kept = bench.first(template, 0, bench.chosen(*names), rounds, names)
    peers = bench.prepared(template, bench.chosen(*names), kept)
    for profile in ("full", "bare"):
        bench.change("one flag", profile, 50, peers)
    bench.quiet("no-op 100,000", "full", 50, peers)
    for peer in peers:
        bench.remove(peer)


def large_messages(bench, rounds):
    template = "200 large"
    bench.site.template(template, runs.bulks(False)[template])
    bench.first(template, 0, bench.chosen("ours", "mbsync", "offlineimap3"),
                rounds)
    bench.site.forget(template)


def one_huge_message(bench, _):
    """For the memory that it takes, down and up."""
    template, names = "one huge", ("ours", "mbsync")
    bench.site.template(template, runs.bulks(False)[template])
    kept = bench.first(template, 0, bench.chosen(*names), 1, names)
    peers = bench.prepared(template, bench.chosen(*names), kept)
    bench.change("one huge", "full", 0, peers)
    for peer in peers:
        bench.remove(peer)
    bench.site.forget(template)


def scenarios(options):
    """(function, titles it gives results for)."""
    size = "4,000" if options.quick else "20,000"
    yield first_and_changes, [f"first {size}", "no-op 41", *ALL]
    yield many_folders, ["no-op 500"]
    if not options.quick:
        yield one_large_folder, ["first 100,000", "one flag", "no-op 100,000"]
        yield large_messages, ["first 200 large"]
        yield one_huge_message, ["first one huge", "one huge"]


def parse():
    def words(text):
        return text.split(",")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", type=words, help="programs")
    parser.add_argument("--scenario", type=words,
                        help="beginnings of their names, without commas")
    parser.add_argument("--profile", type=words, help="full,noqresync,bare")
    parser.add_argument("--rtt", help="round trips in ms: 0,20,50,150",
                        type=lambda text: [int(n) for n in words(text)])
    parser.add_argument("--out", default="bench.out")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.goes = 1
    return options


def compare(site, options, results):
    """All that was asked for."""
    found, missing = kinds()
    for name in missing:
        print(f"bench: without {name}", file=sys.stderr)
    found = [kind for kind in found
             if not options.only or kind.name in options.only]
    delay = os.path.join(os.path.dirname(ours()), "bench_delay")
    with Delay(delay, site.server.tls_port) as line:
        bench = runs.Bench(site, line, found, options, results)
        try:
            for run, titles in scenarios(options):
                if any(runs.is_chosen(options, title) for title in titles):
                    run(bench, options.rounds)
        finally:
            bench.stop()


def main():
    options = parse()
    if not dovecot.available():
        print("bench: needs Dovecot and openssl", file=sys.stderr)
        return 77
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    results, site = runs.Results(), Site()
    try:
        compare(site, options, results)
    finally:
        site.stop()
        os.makedirs(options.out, exist_ok=True)
        report.write(results, options)
    return 1 if results.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
