"""What happens to a mailbox between two runs: each function changes the model
of a peer and one of the sides, and returns the folders concerned."""

import itertools
import os

from mail import HUGE, Post, SIZES
from servers import Imap, uids

KINDS = (("+", "S"), ("-", "S"), ("+", "F"), ("+", "R"))


def _share(count, folders):
    """(folder, how many there), evenly."""
    for index, name in enumerate(folders):
        yield name, count // len(folders) + (index < count % len(folders))


def _ten(model):
    return list(model.folders)[:10]


def _new(model, count, folders):
    """Yields (folder, [(mark, flags, data)]), added to the model."""
    mark, post = model.next_mark(), Post(model.next_mark())
    for name, many in _share(count, folders):
        part = []
        for _ in range(many):
            size = SIZES[mark % len(SIZES)]
            part.append((mark, "S", post.message(mark, size)))
            model.folders[name][mark] = "S"
            mark += 1
        yield name, part


def new_on_server(peer, count):
    with Imap(peer.user) as imap:
        for name, part in _new(peer.model, count, _ten(peer.model)):
            imap.append_all(name, [(data, flags) for _, flags, data in part])
    return _ten(peer.model)


def new_on_disk(peer, count):
    folders = list(peer.model.folders)
    for name, part in _new(peer.model, count, folders):
        for _, flags, data in part:
            peer.add(name, data, flags)
    return folders


def huge_on_disk(peer, _):
    name, held = next(iter(peer.model.folders.items()))
    mark = peer.model.next_mark()
    peer.add(name, Post(mark).message(mark, HUGE), "S")
    held[mark] = "S"
    return [name]


def _flag_plan(model, count):
    """{(folder, sign, flag): marks}: a quarter of each kind; the model has
    them afterwards."""
    plan = {}
    for name, many in _share(count, _ten(model)):
        held, used = model.folders[name], set()
        for number, (sign, flag) in enumerate(KINDS):
            want = many // 4 + (number < many % 4)
            fit = (mark for mark, flags in held.items() if mark not in used
                   and (flag in flags) == (sign == "-"))
            marks = list(itertools.islice(fit, want))
            used.update(marks)
            plan[name, sign, flag] = marks
            for mark in marks:
                flags = set(held[mark]) ^ {flag}
                held[mark] = "".join(sorted(flags))
    return plan


def flags_on_server(peer, count):
    with Imap(peer.user) as imap:
        known = {}
        for (name, sign, flag), marks in _flag_plan(peer.model,
                                                    count).items():
            if name not in known:
                known[name] = uids(imap, name)
            if marks:
                imap.flag(name, [known[name][mark] for mark in marks], sign,
                          flag)
    return _ten(peer.model)


def flags_on_disk(peer, count):
    plan = _flag_plan(peer.model, count)
    paths = {name: peer.paths(name) for name in _ten(peer.model)}
    for (name, _, _), marks in plan.items():
        for mark in marks:
            peer.flag(paths[name][mark], peer.model.folders[name][mark])
    return _ten(peer.model)


def _take(model, count):
    """Yields (folder, marks with flags), taken out of the model, few from
    each folder."""
    for name, many in _share(count, list(model.folders)):
        held = model.folders[name]
        marks = list(held)[:many]
        yield name, {mark: held.pop(mark) for mark in marks}


def deletions_on_server(peer, count):
    with Imap(peer.user) as imap:
        for name, marks in _take(peer.model, count):
            known = uids(imap, name)
            if marks:
                imap.remove(name, [known[mark] for mark in marks])
    return list(peer.model.folders)


def deletions_on_disk(peer, count):
    for name, marks in _take(peer.model, count):
        paths = peer.paths(name)
        for mark in marks:
            os.unlink(paths[mark])
    return list(peer.model.folders)


def _moves(model, count):
    """Yields (from, to, marks); the model has them moved at the end."""
    folders = list(model.folders)
    taken = list(_take(model, count))
    for (name, marks), target in zip(taken, folders[1:] + folders[:1]):
        yield name, target, marks
    for (_, marks), target in zip(taken, folders[1:] + folders[:1]):
        model.folders[target].update(marks)


def moves_on_server(peer, count):
    with Imap(peer.user) as imap:
        for name, target, marks in _moves(peer.model, count):
            known = uids(imap, name)
            imap.select(name)
            if marks:
                imap.move([known[mark] for mark in marks], target)
    return list(peer.model.folders)


def moves_on_disk(peer, count):
    paths = {name: peer.paths(name) for name in peer.model.folders}
    for name, target, marks in _moves(peer.model, count):
        for mark in marks:
            peer.move(paths[name][mark], target)
    return list(peer.model.folders)


def one_flag_on_server(peer, _):
    """In the middle of the first folder."""
    name, held = next(iter(peer.model.folders.items()))
    mark = sorted(held)[len(held) // 2]
    sign = "-" if "F" in held[mark] else "+"
    held[mark] = "".join(sorted(set(held[mark]) ^ {"F"}))
    with Imap(peer.user) as imap:
        imap.flag(name, [uids(imap, name)[mark]], sign, "F")
    return [name]


# Name: what is done, how often in a full run, whether writing is much of it.
ALL = {
    "new": (new_on_server, 100, True),
    "flags down": (flags_on_server, 1000, False),
    "flags up": (flags_on_disk, 1000, False),
    "uploads": (new_on_disk, 1000, True),
    "deletions down": (deletions_on_server, 1000, False),
    "deletions up": (deletions_on_disk, 1000, False),
    "moves down": (moves_on_server, 500, False),
    "moves up": (moves_on_disk, 500, False),
}
CHANGES = {
    **ALL,
    "one flag": (one_flag_on_server, 1, False),
    "one huge": (huge_on_disk, 1, True),
}
