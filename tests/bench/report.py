#!/usr/bin/env python3
"""Tables and a chart of what was measured.

    report.py results.json ... DIRECTORY    writes them again

Of several goes, what was measured again counts in the place of the first.
"""

import json
import os
import platform
import sys
import types

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../e2e"))

from bars import Bars, met  # noqa: E402
from chart import chart  # noqa: E402
from runs import Results  # noqa: E402

TITLES = {
    "no-op 41": "nothing new, 41 folders",
    "no-op 500": "nothing new, 500 folders",
    "no-op 100,000": "nothing new, one folder of 100,000",
    "new": "{0} new on the server in 10 folders",
    "flags down": "{0} flag changes of 4 kinds on the server",
    "flags up": "{0} flag changes of 4 kinds on disk",
    "uploads": "{0} new on disk in 41 folders",
    "deletions down": "{0} deletions on the server",
    "deletions up": "{0} deletions on disk",
    "moves down": "{0} moves on the server",
    "moves up": "{0} moves on disk",
    "one huge": "one message of 200 MB on disk",
    "one flag": "one flag on the server among 100,000",
}
COUNTS = {"new": 100, "moves down": 500, "moves up": 500}


def title_of(scenario, quick):
    if scenario.startswith("first "):
        what = scenario.removeprefix("first ")
        if "large" in what:
            return "first synchronisation, 200 messages of 1 to 20 MB"
        if "huge" in what:
            return "first synchronisation, one message of 200 MB"
        if "one" in what:
            return "first synchronisation, 100,000 small ones in one folder"
        return f"first synchronisation, {what} messages in 41 folders"
    count = COUNTS.get(scenario, 1000) * (0.2 if quick else 1)
    return TITLES.get(scenario, scenario).format(f"{int(count):,}")


def number(value, digits=2):
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{digits}f}"


def groups(results):
    """((scenario, profile, rtt), [program, ...]), in the order measured,
    but what is of one scenario together."""
    found = {}
    for scenario, profile, rtt, name in results.costs:
        found.setdefault(scenario, {}).setdefault(
            (scenario, profile, rtt), []).append(name)
    return [pair for part in found.values() for pair in part.items()]


def base_of(name, names):
    """Whom a program is compared with: ours with the same fsync."""
    want = "ours fsync" if name.endswith("fsync") else "ours"
    return want if want in names else "ours"


COLUMNS = ("program", "seconds", "of ours", "of the floor", "turns",
           "longest", "connections", "kB up", "kB down", "CPU s", "peak MB",
           "runs")


def rows(results, group, names):
    """Cells of a table, without its heading."""
    for name in sorted(names, key=order):
        def cell(what, of=None):
            return results.median((*group, of or name), what)
        seconds, ours = cell("seconds"), cell("seconds",
                                              base_of(name, names))
        fsync = " fsync" if name.endswith("fsync") else ""
        floor = cell("seconds", "floor" + fsync)
        turns = group[2] > 0
        yield (name, number(seconds, 3),
               number(seconds / ours) if ours else "",
               number(seconds / floor) if floor else "",
               number(cell("turns"), 0) if turns else "",
               number(cell("longest"), 0) if turns else "",
               number(cell("connections"), 0),
               *(number(size and size / 1000, 1)
                 for size in (cell("up"), cell("down"))),
               number(cell("cpu")), number(cell("peak"), 1),
               str(len(results.costs[(*group, name)])))


def order(name):
    first = ("ours", "mbsync", "offlineimap3", "floor")
    return next(n for n, word in enumerate(first)
                if name.startswith(word)), name


def table(heading, cells):
    """Markdown whose columns are aligned."""
    cells = [tuple(heading), *cells]
    widths = [max(len(row[n]) for row in cells) for n in range(len(heading))]

    def line(row):
        return "| " + " | ".join(
            text.ljust(width) if n == 0 else text.rjust(width)
            for n, (text, width) in enumerate(zip(row, widths))) + " |"
    rule = "|" + "|".join(
        ":" + "-" * (width + 1) if n == 0 else "-" * (width + 1) + ":"
        for n, width in enumerate(widths)) + "|"
    return "\n".join([line(cells[0]), rule, *map(line, cells[1:])])


def bars(results, options):
    first = "first 4,000" if options.quick else "first 20,000"
    found, judge = [], Bars(results, first)
    for what, bound, how, value in judge.all(0.2 if options.quick else 1):
        state = "not measured" if value is None else \
            "met" if met(value, how, bound) else "NOT MET"
        found.append((what, f"{how} {bound:g}", number(value), state))
    notes = [f"* {what} would be {share:.2f} of the floor, of which fetching "
             f"alone is {fetch:.2f}" for what, share, fetch
             in judge.below_floor()]
    return "\n".join([table(("what", "bar", "measured", ""), found), "",
                      *notes])


INTRODUCTION = """\
# Measured

By `make bench` in {goes}: {machine}; Dovecot on the same machine, TLS, a delay
line between; {rounds}.  Each program has a mailbox of its own, which is changed
in the same ways; what the programs make of it is checked on both sides after
each run.  Seconds are medians.  "ours" is this program, "of ours" how many
times as long as ours with the same fsync.  A *turn* is a round trip that a
connection waited for (`tests/e2e/support/turns.py`), counted where there is a
delay; "turns" is the sum of all connections, "longest" that of the connection
with the most, and connecting (TCP, TLS, greeting) is three of them.  The floor
is one pipelined fetch of everything into nothing, plus writing the files.  Up
is towards the server.  Memory below 9 MB cannot be told apart.
"""


def markdown(results, options):
    rounds = f"{options.rounds} rounds" if options.rounds > 1 else "one round"
    goes = f"{options.goes} goes" if options.goes > 1 else "one go"
    parts = [INTRODUCTION.format(
        rounds=rounds, goes=goes, machine=f"{os.cpu_count()} cores, "
        f"{platform.system()} {platform.machine()}"),
        "![bar chart](results.svg)\n",
        "## Bars\n", bars(results, options), ""]
    if results.wrong:
        parts += ["## Wrong results\n"]
        parts += [f"* {line.splitlines()[0]}" for line in results.wrong]
        parts += [""]
    heading = None
    for group, names in groups(results):
        title = title_of(group[0], options.quick)
        if title != heading:
            parts += [f"## {title[0].upper() + title[1:]}\n"]
            heading = title
        parts += [f"Server: {group[1]}; round trip {group[2]} ms\n",
                  table(COLUMNS, list(rows(results, group, names))), ""]
    return "\n".join(parts)


def write(results, options):
    text = markdown(results, options)
    print(text)
    for name, content in (
            ("results.md", text),
            ("results.svg", chart(results, lambda scenario: title_of(
                scenario, options.quick))),
            ("results.json", json.dumps({
                "quick": options.quick, "rounds": options.rounds,
                "wrong": results.wrong, "costs": [
                    [*key, costs] for key, costs in results.costs.items()]},
                indent=1))):
        with open(os.path.join(options.out, name), "w") as out:
            out.write(content)


def main():
    *sources, out = sys.argv[1:]
    results, rounds = Results(), 1
    for source in sources:
        with open(source) as text:
            data = json.load(text)
        rounds = max(rounds, data["rounds"])
        results.wrong += data["wrong"]
        for *key, costs in data["costs"]:
            results.costs[tuple(key)] = costs
    write(results, types.SimpleNamespace(
        quick=data["quick"], rounds=rounds, goes=len(sources),
        out=out))


if __name__ == "__main__":
    main()
