"""A strict reader of -u json, from offlineimap-json(7) alone.

    events = read(result.out)        every line, checked
    operations(events)               what was done, as a multiset
    Index().follow(events)           the files that are there
"""

import base64
import collections
import json

TEXT, NUMBER, BOOL = str, int, bool
_SIDES = dict(from_type=TEXT, from_folder=TEXT, to_type=TEXT, to_folder=TEXT)
_LIST = dict(type=TEXT, name=TEXT, visible=TEXT, count=NUMBER)
_END = dict(outcome={"ok", "skipped", "held", "partial", "interrupted",
                     "failed"},
            reason=TEXT, elapsed_ms=NUMBER, downloaded=NUMBER,
            uploaded=NUMBER, deleted=NUMBER, flagged=NUMBER)
_CHANGE = dict(type=TEXT, name=TEXT, repository=TEXT, uids=TEXT, count=NUMBER,
               dry_run=BOOL)
_COPY = dict(uid=NUMBER, index=NUMBER, count=NUMBER, from_type=TEXT,
             from_repository=TEXT, from_folder=TEXT, to_type=TEXT,
             to_repository=TEXT, to_folder=TEXT, bytes=NUMBER, dry_run=BOOL)
FIELDS = {
    "hello": dict(version=NUMBER, program=TEXT, program_version=TEXT),
    "finished": dict(exit_status=NUMBER),
    "log": dict(level={"debug", "info", "notice", "warning", "error"},
                area={"general", "imap", "maildir", "thread"}, text=TEXT),
    "thread_start": {}, "thread_end": {}, "account_start": {},
    "account_end": _END, "folder_end": dict(_END, name=TEXT), "folder_found": {},
    "connecting": dict(host=TEXT, port=TEXT, repository=TEXT),
    "structure": dict(from_type=TEXT, to_type=TEXT),
    "folder_create": dict(name=TEXT, repository=TEXT, dry_run=BOOL),
    "folder_start": _SIDES, "direction": _SIDES,
    "loading": _LIST, "loaded": _LIST,
    "plan": dict(download=NUMBER, upload=NUMBER, delete_remote=NUMBER,
                 delete_local=NUMBER, flag_remote=NUMBER, flag_local=NUMBER,
                 download_bytes=NUMBER, upload_bytes=NUMBER, dry_run=BOOL),
    "copy": _COPY, "ignored": _COPY,
    "delete": _CHANGE, "flags": dict(_CHANGE, flags=TEXT, add=BOOL),
    "file": dict(change={"new", "moved", "flagged", "deleted"}, path=TEXT,
                 old_path=TEXT, uid=NUMBER, flags=TEXT),
    "held": dict(repository=TEXT, count=NUMBER, total=NUMBER, command=TEXT),
    "validity": dict(name=TEXT, repository=TEXT, saved=NUMBER,
                     current=NUMBER),
    "sleeping": dict(seconds_left=NUMBER),
    "password": dict(id=NUMBER, repository=TEXT, host=TEXT, user=TEXT,
                     reason=TEXT),
    "hook": dict(text=TEXT, dry_run=BOOL),
    "error": dict(severity=TEXT, reason=TEXT, uid=NUMBER, text=TEXT),
    "progress": dict(phase=TEXT, done=NUMBER, total=NUMBER,
                     bytes_done=NUMBER, bytes_total=NUMBER),
}


def _demand(condition, line):
    if not condition:
        raise AssertionError(f"not as the manual says: {line!r}")


def _is(value, wanted):
    if isinstance(wanted, set):
        return value in wanted
    if wanted is NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, wanted)


def parse(line):
    """One line, checked."""
    event = json.loads(line)
    _demand(isinstance(event, dict) and event.get("event") in FIELDS, line)
    fields = dict(FIELDS[event["event"]], event=TEXT, time_ms=NUMBER)
    if event["event"] not in ("hello", "finished"):
        fields["thread"] = TEXT
    for name, kind in fields.items():
        _demand(name in event and _is(event[name], kind), line)
    for name, value in event.items():
        if name.endswith("_bytes") and name not in fields:
            _demand(name[:-6] in event, line)
            _demand(base64.b64decode(value, validate=True), line)
        else:
            _demand(name in fields or name in ("account", "folder"), line)
    return event


def read(text):
    """All lines; the first and the last are what they must be."""
    events = [parse(line) for line in text.splitlines()]
    _demand(events and events[0]["event"] == "hello"
            and events[0]["version"] == 1, text)
    _demand(events[-1]["event"] == "finished", text)
    for event in events[1:-1]:
        _demand(event["event"] not in ("hello", "finished"), event)
    return events


def of_kind(events, *kinds):
    return [event for event in events if event["event"] in kinds]


def uids(text):
    """1:3,7 as a list."""
    found = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition(":")
        found += range(int(first), int(last or first) + 1)
    return found


def operations(events):
    """Every change of a folder or a message, one by one."""
    found = collections.Counter()
    for event in events:
        kind = event["event"]
        if kind == "folder_create":
            found[kind, event["repository"], event["name"]] += 1
        elif kind in ("copy", "ignored"):
            found[kind, event["uid"], event["from_repository"],
                  event["from_folder"], event["to_repository"],
                  event["to_folder"]] += 1
        elif kind in ("delete", "flags"):
            numbers = uids(event["uids"])
            _demand(len(numbers) == event["count"], event)
            for uid in numbers:
                for flag in event.get("flags", "-"):
                    found[kind, event["repository"], event["name"], uid,
                          flag, event.get("add")] += 1
        elif kind == "held":
            found[kind, event["repository"], event["folder"],
                  event["count"]] += 1
    return found


def path(event, field="path"):
    """A path as bytes."""
    coded = event.get(field + "_bytes")
    return base64.b64decode(coded) if coded else event[field].encode()


class Index:
    """What an indexer knows: the paths, from the events alone."""

    def __init__(self, paths=()):
        self.paths = set(paths)

    def follow(self, events):
        for event in of_kind(events, "file"):
            new, old = path(event), path(event, "old_path")
            if event["change"] == "new":
                self._add(new, event)
            elif event["change"] == "deleted":
                self._drop(new, event)
            else:
                self._drop(old, event)
                self._add(new, event)
        return self

    def _add(self, name, event):
        _demand(name.startswith(b"/") and name not in self.paths, event)
        self.paths.add(name)

    def _drop(self, name, event):
        _demand(name in self.paths, event)
        self.paths.discard(name)
