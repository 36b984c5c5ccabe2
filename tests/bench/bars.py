"""What was promised, and what was measured."""

BODY = 10_000  # bytes of a message on average
NOOP, BARE = "no-op 41", "bare"
# How many times faster a first synchronisation is to be.
PEERS = ("mbsync", 4), ("offlineimap3", 30)


class Bars:
    """results, and the name of the first synchronisation's scenario."""

    def __init__(self, results, first):
        self.results, self.first = results, first

    def get(self, title, rtt, name, what="seconds", profile="full"):
        return self.results.median((title, profile, rtt, name), what)

    def ratio(self, over, under):
        """Of two lists of arguments for get; None if one is missing."""
        top, bottom = self.get(*over), self.get(*under)
        return top / bottom if top and bottom else None

    def faster(self, title, rtt, peer, name="ours"):
        return self.ratio((title, rtt, peer), (title, rtt, name))

    def traffic(self, title, rtt, name, profile="full"):
        parts = [self.get(title, rtt, name, way, profile)
                 for way in ("up", "down")]
        return None if None in parts else sum(parts)

    def most_turns(self, minus=0):
        turns = [self.get(NOOP, 50, "ours", "turns", profile)
                 for profile in ("full", "noqresync", BARE)]
        return None if None in turns else max(turns) - minus

    def beyond(self, title):
        """Turns beyond those of a no-op run, on the worst profile."""
        more = []
        for profile in ("full", "noqresync", BARE):
            here = self.get(title, 50, "ours", "turns", profile)
            base = self.get(NOOP, 50, "ours", "turns", profile)
            if here is not None and base is not None:
                more.append(here - base)
        return max(more, default=None)

    def moved(self, title, way, count):
        size = self.get(title, 50, "ours", way)
        return size and size / (count * BODY)

    def below_floor(self):
        """Yields (bar, its share of the floor, that of the fetch alone)
        where a peer is so near to the floor that the bar is below it."""
        for name, bound in PEERS:
            for fsync in ("", " fsync"):
                peer = self.get(self.first, 0, name + fsync)
                floor = self.get(self.first, 0, "floor" + fsync)
                fetch = self.get(self.first, 0, "floor: fetch")
                if peer and floor and peer / bound < floor:
                    yield (f"{bound} times faster than {name}{fsync}",
                           peer / bound / floor, fetch / floor)

    def all(self, scale):
        """Yields (what, bound, how to compare, value or None)."""
        first = self.first
        yield ("first synchronisation, times of the floor, fsync off", 1.5,
               "<=", self.ratio((first, 0, "ours"), (first, 0, "floor")))
        yield ("the same with fsync on", 2, "<=", self.ratio(
            (first, 0, "ours fsync"), (first, 0, "floor fsync")))
        for name, bound in PEERS:
            yield (f"first synchronisation, times faster than {name}", bound,
                   ">=", self.faster(first, 0, name))
            yield ("the same, both with fsync", bound, ">=", self.faster(
                first, 0, name + " fsync", "ours fsync"))
        yield ("first synchronisation at 150 ms on one connection, turns", 6,
               "<=", self.get(first, 150, "ours 1conn", "turns"))
        for name in ("mbsync", "offlineimap3", "offlineimap3 -q"):
            yield (f"no-op of 41 folders at 50 ms, times faster than {name}",
                   10, ">=", self.faster(NOOP, 50, name))
        yield ("no-op, turns from the first packet, worst profile", 4, "<=",
               self.most_turns())
        yield ("no-op, turns after the greeting, worst profile", 1, "<=",
               self.most_turns(3))
        yield ("no-op of 500 folders at 50 ms, times that of 41", 2, "<=",
               self.ratio(("no-op 500", 50, "ours"), (NOOP, 50, "ours")))
        yield ("no-op of 41 folders, peak memory in MB", 16, "<=",
               self.get(NOOP, 50, "ours", "peak"))
        yield ("no-op of 100,000 messages, peak memory in MB", 16, "<=",
               self.get("no-op 100,000", 50, "ours", "peak"))
        for title, way in (("first one huge", "down"), ("one huge", "up")):
            yield (f"a message of 200 MB {way}, peak memory in MB", 40, "<=",
                   self.get(title, 0, "ours", "peak"))
        for name, bound in (("offlineimap3", 10), ("mbsync", 2)):
            yield (f"uploads at 50 ms, times faster than {name}", bound, ">=",
                   self.faster("uploads", 50, name))
        for title in ("flags down", "flags up"):
            yield (f"{title} at 50 ms, turns beyond the no-op, worst profile",
                   3, "<=", self.beyond(title))
        yield ("one flag among 100,000 messages on the bare server, kB", 150,
               "<=", _kilo(self.traffic("one flag", 50, "ours", BARE)))
        for title, way in (("moves up", "up"), ("moves down", "down")):
            yield (f"{title}, bytes that way, share of the bodies", 0.1,
                   "<=", self.moved(title, way, 500 * scale))


def _kilo(size):
    return None if size is None else size / 1000


def met(value, how, bound):
    return value <= bound if how == "<=" else value >= bound
