"""Runs the scenarios, checks every result, collects what was measured."""

import collections
import os
import shutil
import statistics
import sys
import tempfile

import servers
from changes import CHANGES
from mail import Bulk, HUGE, SIZES, differences
from peers import Peer, Spawner, ours

SLOW = 45    # what takes longer is not repeated
FEW = 1000   # files: their removal costs the next run nothing
NOOP = 5     # no-op runs in each round

# 200 messages of 1 to 20 MB; a hundred thousand small ones.
LARGE = tuple(1_000_000 + n * 100_000 for n in range(191))
TINY = (500, 700, 900)


def is_chosen(options, scenario):
    """By the beginning of its name, without commas."""
    name = scenario.replace(",", "")
    return not options.scenario or any(
        name.startswith(each) for each in options.scenario)


class Results:
    """(scenario, profile, rtt in ms, program) -> the costs of its runs."""

    def __init__(self):
        self.costs = collections.defaultdict(list)
        self.wrong = []

    def median(self, key, what="seconds"):
        values = [cost[what] for cost in self.costs.get(key, ())
                  if what in cost]
        return statistics.median(values) if values else None

    def add(self, key, cost):
        self.costs[key].append(cost)
        print(f"  {key[0]}, {key[1]}, {key[2]} ms, {key[3]}: "
              f"{cost['seconds']:.3f} s, {cost.get('turns', '-')} turns, "
              f"{(cost.get('up', 0) + cost.get('down', 0)) / 1000:.0f} kB",
              file=sys.stderr, flush=True)

    def fail(self, key, lines):
        for line in lines:
            self.wrong.append(f"{', '.join(map(str, key))}: {line}")
            print(f"WRONG: {self.wrong[-1]}", file=sys.stderr, flush=True)


class Bench:
    def __init__(self, site, line, kinds, options, results):
        self.site, self.line, self.options = site, line, options
        self.kinds = {kind.name: kind for kind in kinds}
        self.spawner, self.results = Spawner(), results
        self.digests = {}
        self.failed = set()
        self.retired = []

    def stop(self):
        self.spawner.stop()
        for where in self.retired:
            shutil.rmtree(where, ignore_errors=True)

    def retire(self, *trees):
        """Trees that are done with go at the end: where many files were
        removed, some file systems (ext4 without a journal) make new ones
        many times slower for minutes."""
        self.retired += trees

    def remove(self, peer):
        trees = peer.top, peer.user.home
        self.retire(*trees)
        if len(peer.model.sizes) < FEW:
            for where in trees:
                shutil.rmtree(where, ignore_errors=True)

    # Which of all that there is.

    def chosen(self, *names):
        return [self.kinds[name] for name in names if name in self.kinds]

    def wanted(self, scenario, profile, rtt):
        options = self.options
        return (is_chosen(options, scenario)
                and (not options.profile or profile in options.profile)
                and (options.rtt is None or rtt in options.rtt))

    def tired(self, key):
        """One run of it was enough, or it does not work."""
        costs = self.results.costs.get(key)
        return key[3] in self.failed or bool(
            costs and costs[-1]["seconds"] > SLOW)

    # One run.

    def at(self, profile, rtt):
        self.line.set(self.site.servers[profile].tls_port, rtt / 1000)

    def measure(self, key, peer, kind=None):
        """False: it failed, which is a wrong result."""
        self.at(key[1], key[2])
        self.line.reset()
        try:
            cost = peer.run(kind)
        except RuntimeError as failure:
            self.results.fail(key, [str(failure)])
            self.failed.add(key[3])
            return False
        cost.update(self.line.report())
        self.results.add(key, cost)
        return True

    def settle(self, peer, profile, times=1):
        """Runs that nobody measures, so that the next one starts from a
        state in which nothing is left to be found out."""
        self.at(profile, 0)
        try:
            for _ in range(times):
                peer.run()
        except RuntimeError as failure:
            self.results.fail(("between", profile, 0, peer.kind.name),
                              [str(failure)])
            self.failed.add(peer.kind.name)
        self.line.report()

    def check(self, key, peer, folders):
        for side, seen in (("server", servers.seen(peer.user, folders)),
                           ("disk", peer.seen(folders))):
            self.results.fail(key, [f"{side}: {line}" for line in differences(
                peer.model, seen, folders)])

    def check_bytes(self, key, peer, wanted=None):
        """All of every message on both sides."""
        folders = list(peer.model.folders)
        wanted = wanted or servers.digests(peer.user, folders)
        if peer.kind.exact and peer.digests(folders) != wanted:
            self.results.fail(key, ["contents differ"])

    def peer(self, kind, template, **more):
        user, model = self.site.copy(template)
        return Peer(kind, user, model, self.line.port, self.site.ca,
                    self.spawner, **more)

    # First synchronisation.

    def first(self, template, rtt, kinds, rounds, keep=()):
        """In rounds, in turn, each with a copy of its own.  Those kept are
        returned: {name: peer}."""
        title, kept = f"first {template}", {}
        if not self.wanted(title, "full", rtt):
            return kept
        user, model = self.site.template(template, None)
        if template not in self.digests:
            self.digests[template] = servers.digests(user, model.folders)
        for number in range(rounds):
            self.floor(template, rtt, number)
            for kind in kinds if number % 2 else kinds[::-1]:
                key = (title, "full", rtt, kind.name)
                if self.tired(key):
                    continue
                peer = self.peer(kind, template)
                if self.measure(key, peer):
                    self.check(key, peer, list(model.folders))
                    self.check_bytes(key, peer, self.digests[template])
                if kind.name in keep and kind.name not in kept:
                    kept[kind.name] = peer
                else:
                    self.remove(peer)
        return kept

    def floor(self, template, rtt, number):
        """The same messages, fetched and thrown away; the same files."""
        binary = os.path.join(os.path.dirname(ours()), "bench_floor")
        user, model = self.site.template(template, None)
        text = os.path.join(self.site.top, "floor")
        with open(text, "w") as out:
            out.write("\n".join([user.password, *model.folders]) + "\n")
        self.at("full", rtt)
        self.line.reset()
        fetch = self.spawn([binary, "fetch", str(self.line.port),
                            self.site.ca, user.name], text)
        fetch.update(self.line.report())
        with open(text, "w") as out:
            out.writelines(f"{name} {size}\n" for name, size in model.sizes)
        title = f"first {template}"
        self.results.add((title, "full", rtt, "floor: fetch"), fetch)
        for name, more in (("", ()), (" fsync", ("sync",))):
            where = tempfile.mkdtemp(prefix="written-", dir=self.site.top)
            write = self.spawn([binary, "write", where, *more], text)
            self.retire(where)
            self.results.add((title, "full", rtt, f"floor: write{name}"),
                             write)
            self.results.add((title, "full", rtt, f"floor{name}"), {
                what: fetch[what] + write[what]
                for what in ("seconds", "cpu")})

    def spawn(self, args, text):
        log = os.path.join(self.site.top, "log")
        answer = self.spawner.run(args, log, dict(os.environ), text)
        if answer["code"] != 0:
            with open(log, errors="replace") as lines:
                raise SystemExit(f"bench: {args}: {lines.read()}")
        return answer

    # Later runs.

    def prepared(self, template, kinds, kept=None):
        """Peers in step with the server; those kept are taken over."""
        peers = []
        for kind in kinds:
            peer = (kept or {}).pop(kind.name, None)
            if kind.name in self.failed:
                continue
            if peer is None:
                peer = self.peer(kind, template)
                self.settle(peer, "full")
            peers.append(peer)
        return peers

    def quiet(self, title, profile, rtt, peers, more=()):
        """No-op runs.  more: (peer's name, kind) to run on its state."""
        if not self.wanted(title, profile, rtt):
            return
        runs = [(peer, peer.kind) for peer in peers]
        runs += [(peer, kind) for name, kind in more for peer in peers
                 if peer.kind.name == name]
        for peer in peers:
            self.settle(peer, profile, 2)
        for number in range(1 if self.options.quick else NOOP):
            for peer, kind in runs if number % 2 else runs[::-1]:
                key = (title, profile, rtt, kind.name)
                if not self.tired(key):
                    self.measure(key, peer, kind)
        for peer, kind in runs:
            self.check((title, profile, rtt, kind.name), peer,
                       list(peer.model.folders)[:10])

    def change(self, title, profile, rtt, peers, scale=1):
        if not self.wanted(title, profile, rtt):
            return
        apply, count, writes = CHANGES[title]
        peers = [peer for peer in peers if writes or not peer.kind.fsync]
        for peer in peers:
            self.settle(peer, profile)
        for number in range(self.options.rounds):
            for peer in peers if number % 2 else peers[::-1]:
                key = (title, profile, rtt, peer.kind.name)
                if self.tired(key):
                    continue
                folders = apply(peer, int(count * scale))
                if self.measure(key, peer):
                    self.check(key, peer, folders)
                    self.settle(peer, profile)


def bulks(quick):
    """The templates."""
    if quick:
        return {"4,000": Bulk(4000, 41, SIZES),
                "500 folders": Bulk(500, 500, TINY)}
    return {"20,000": Bulk(20_000, 41, SIZES),
            "500 folders": Bulk(500, 500, TINY),
            "100,000 in one": Bulk(100_000, 1, TINY, ("S",) * 19 + ("",)),
            "200 large": Bulk(200, 1, LARGE),
            "one huge": Bulk(1, 1, (HUGE,))}
