"""The steps of sites that keep process groups, as TraceGroups reads them.

What the sites agreed on, changes and site views in one order, stands before the steps: each element as the
first site shows it that applies it.  So do the names and the credentials of the groups.

Spec: TraceGroups.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vsync.check.recorded.writing import Line, Names, Steps, Writer, actions, record, set_of
from vsync.errors import InputError

#: The actions that TraceGroups judges: the family that it looks for them in, and the arguments by which.
_ACTIONS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "Groups!AskToJoin": ("request", ("p", "g", "credentials")),
    "Groups!AskAgain": ("request", ("p", "g")),
    "Groups!ReceiveRequest": ("request", ("request",)),
    "Groups!Verify": ("request", ("p", "g")),
    "Groups!ReceiveRefusal": ("request", ("p", "g", "credentials")),
    "Groups!Create": ("process", ("p", "g")),
    "Groups!Leave": ("process", ("p", "g")),
    "Groups!Configure": ("process", ("p", "g")),
    "Groups!ProcessFails": ("process", ("p",)),
    "Groups!AskToKill": ("process", ("p", "g")),
    "Groups!Kill": ("process", ("g",)),
    "Groups!Multicast": ("process", ("p", "n", "to")),
    "Groups!Deliver": ("process", ("m",)),
    "Groups!ApplyChanges": ("directory", ("changes",)),
    "Groups!ApplySites": ("directory", ("view",)),
    "Groups!TellDirectory": ("directory", ()),
    "Groups!Inform": ("directory", ("groups",)),
}
#: The variables of a site, as they are before its first step.
_INITIAL: Final[Mapping[str, Any]] = {
    "sites": {"id": 0, "members": []},
    "directory": [],
    "informed": [],
    "joining": [],
    "asked": [],
}
_FIRST_GROUP: Final = 1_000_000
_AGREE: Final = record({"action": '"Agree"', "family": '"agree"'})
#: An element of what is agreed on: the site view, and how many elements after it.
Place = tuple[int, int]


class _Known:
    """What is known of the whole trace: numbers for names, what was agreed on, and the groups."""

    def __init__(self, trace: Sequence[Line]) -> None:
        self.sites = Names()
        self.groups = Names()
        self.words = Names()
        self.founders = next((line["sites"] for line in trace if line.get("move") == "found"), None)
        self.taken = actions(trace, ("Groups",), "site")
        self.created = [line["arguments"] for _, line in self.taken if line.get("action") == "Groups!Create"]
        self.group_words: dict[int, tuple[int, int]] = {}  # of each group, the name and the credentials
        self.elements: dict[Place, str] = {}
        self.places: dict[int, Place] = {}  # of the lines that apply an element

    def process(self, name: str) -> int:
        """A process as a number that tells its site: SiteOfProcess in the generated module."""
        site, _, number = name.rpartition(".")
        found = self.sites(site) * 1000 + int(number)
        self.sites.clients.add(found)
        return found

    def group(self, name: str) -> int:
        return _FIRST_GROUP + self.groups(name)

    def view(self, view: Mapping[str, Any]) -> str:
        return record({"id": int(view["id"]), "members": self.sites.sequence(view["members"])})

    def group_view(self, view: Mapping[str, Any]) -> str:
        members = ", ".join(str(self.process(p)) for p in view["members"])
        return record({"id": int(view["id"]), "members": f"<<{members}>>"})

    def listed(self, groups: Sequence[Mapping[str, Any]]) -> str:
        return set_of(f"<<{self.group(group['group'])}, {self.group_view(group['view'])}>>" for group in groups)

    def request(self, process: str, group: str, credentials: str) -> str:
        fields = {
            "process": self.process(process),
            "group": self.group(group),
            "credentials": self.words(credentials),
        }
        return record(fields)

    def changes(self, changes: Sequence[Mapping[str, Any]]) -> str:
        return f"<<{', '.join(self.change(change) for change in changes)}>>"

    def change(self, change: Mapping[str, Any]) -> str:
        """A change; one that concerns all groups names none, and a configuration names no process."""
        kind = change["change"]
        if kind not in ("create", "add", "leave", "fail", "configure"):
            raise ValueError(kind)
        if kind == "create":
            words = self.words(change["name"]), self.words(change["credentials"])
            self.group_words[self.groups(change["group"])] = words
        fields = {
            "change": f'"{kind}"',
            "group": 0 if kind == "fail" else self.group(change["group"]),
            "process": 0 if kind == "configure" else self.process(change["process"]),
        }
        return record(fields)

    def find_what_was_agreed_on(self) -> None:
        """Give each element its place, the same for all sites, by the site views that they install."""
        last: dict[str, Place] = {}
        for number, line in self.taken:
            site, arguments = line["site"], line["arguments"]
            if line["action"] == "Groups!ApplySites":
                place = int(arguments["view"]["id"]), 0
                element = record({"changes": "<<>>", "view": self.view(arguments["view"])})
            elif line["action"] == "Groups!ApplyChanges":
                view, after = last[site]
                place = view, after + 1
                no_view = record({"id": 0, "members": "<<>>"})
                element = record({"changes": self.changes(arguments["changes"]), "view": no_view})
            else:
                continue
            last[site] = self.places[number] = place
            self.elements.setdefault(place, element)


def _group_steps(trace: Sequence[Line]) -> Steps:
    """The steps of Groups, and the crashes of sites."""
    known = _Known(trace)
    if known.taken and known.founders is None:
        raise InputError("the steps of process groups can be judged only if the trace has its move `found`")
    steps: list[tuple[int, str]] = []
    agreed: set[Place] = {(1, 0)}
    before: dict[str, Mapping[str, Any]] = {}
    _read(known)
    crashes = actions(trace, ("SiteViews",), "site")
    stops = [
        (number, line)
        for number, line in crashes
        if known.taken and line["action"] in ("SiteViews!Crash", "SiteViews!Cease")
    ]
    for number, line in sorted((*known.taken, *stops), key=lambda step: step[0]):
        site = line["site"]
        place = known.places.get(number, (1, 0))
        for earlier in [earlier for earlier in sorted(known.elements) if earlier <= place and earlier not in agreed]:
            agreed.add(earlier)  # a site that joins may be the first to apply a view, before others end the last one
            steps.append((number, _AGREE))
        try:
            if line["action"] in _ACTIONS:
                steps.append((number, _step(line, known, before.get(site, _INITIAL), place)))
                before[site] = line["variables"]
            elif line["action"].startswith("Groups!"):
                raise KeyError(line["action"])
            else:
                fields = {"action": '"Crash"', "family": '"directory"', "s": known.sites(site)}
                steps.append((number, record(fields)))
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise InputError(f"line {number} is no step of a process group: {error!r} is missing or wrong") from error
    return Steps(
        prologue=_prologue(known),
        processes=len(known.sites.numbers),
        groups=len(known.groups.numbers),
        clients=frozenset(known.sites.clients),
        steps=steps,
    )


def _read(known: _Known) -> None:
    try:
        known.find_what_was_agreed_on()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"a change of the groups cannot be read: {error!r} is missing or wrong") from error


def _prologue(known: _Known) -> str:
    elements = ", ".join(known.elements[place] for place in sorted(known.elements))
    words = [known.group_words.get(number, (0, 0)) for number in range(1, len(known.groups.numbers) + 1)]
    fields = {
        "founders": known.sites.sequence(known.founders or ()),
        "agreed": f"<<{elements}>>",
        "names": f"<<{', '.join(str(name) for name, _ in words)}>>",
        "credentials": f"<<{', '.join(str(credentials) for _, credentials in words)}>>",
    }
    return record(fields)[1:-1]


def _step(line: Line, known: _Known, before: Mapping[str, Any], place: Place) -> str:
    """A step, with those variables that are not as they were before."""
    action, variables = line["action"], line["variables"]
    family, names = _ACTIONS[action]
    is_founding = action == "Groups!ApplySites" and place == (1, 0)
    fields: dict[str, Any] = {
        "action": '"Found"' if is_founding else f'"{action}"',
        "family": f'"{family}"',
        "s": known.sites(line["site"]),
    }
    for name in names:
        fields |= _argument(name, line, known)
    now = {name: _variable(name, variables[name], known) for name in _INITIAL if variables[name] != before[name]}
    return record(fields | {"now": record(now) if now else "[x \\in {} |-> 0]"})


def _argument(name: str, line: Line, known: _Known) -> dict[str, Any]:
    """An argument, under the name by which the Trace module knows it."""
    arguments = line["arguments"]
    match name:
        case "p":
            return {"p": known.process(arguments["p"])}
        case "g":
            return {"g": known.group(arguments["g"])}
        case "n":
            return {"n": int(arguments["n"])}
        case "credentials":
            return {"credentials": known.words(arguments["credentials"])}
        case "request":
            request = arguments["request"]
            found = {"p": known.process(request["process"]), "g": known.group(request["group"])}
            return found | {"credentials": known.words(request["credentials"])}
        case "m":
            sender, _, number = arguments["m"].rpartition(":")
            return {"p": known.process(sender), "n": int(number)}
        case "to":
            return {
                "to": set_of(str(known.group(q) if q.startswith("g") else known.process(q)) for q in arguments["to"])
            }
        case "changes":
            return {"changes": known.changes(arguments["changes"])}
        case "view":
            return {"view": known.view(arguments["view"])}
        case _:
            return {"groups": known.listed(arguments["groups"])}


def _variable(name: str, value: Any, known: _Known) -> str:
    match name:
        case "sites":
            return known.view(value)
        case "directory":
            return known.listed(value)
        case "informed":
            return known.sites.set(value)
        case "joining":
            return set_of(
                record({"request": known.request(p, g, credentials), "sites": known.sites.set(sites)})
                for p, g, credentials, sites in value
            )
        case _:
            return set_of(known.request(p, g, credentials) for p, g, credentials in value)


TRACE_GROUPS: Final = Writer(
    module="TraceGroups",
    steps=_group_steps,
    constants={
        "Process": "ProcessHere",
        "Site": "RecordedProcesses",
        "FirstSites": "NoSites",
        "SiteOf": "SiteOfHere",
        "GroupList": "GroupListHere",
        "Admits": "NoCredentials",
    },
    replaced={
        "MayBegin": "MayBeginHere",
        "Handed": "HandedHere",
        "Complete": "CompleteHere",
        "Local": "LocalHere",
        "Named": "NamedHere",
        "Accepts": "AcceptsHere",
        "Record": "Unwritten",
        "Orders": "OneOrder",
    },
)
