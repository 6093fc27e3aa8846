"""The steps of sites that multicast, as TraceGbcast reads them: Gbcast, Abcast, CbcastLists and Flush.

Spec: TraceGbcast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vsync.check.recorded.writing import (
    Line,
    Names,
    Steps,
    Writer,
    actions,
    by_name,
    marks,
    message,
    messages,
    record,
    set_of,
    variable,
    word,
)
from vsync.errors import InputError

#: The actions that TraceGbcast judges, each with the arguments by which.
_ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Flush!Receive": ("q", "carried"),
    "Flush!Forward": ("view", "continuing"),
    "Flush!ReceiveFlush": ("q", "k", "unstable"),
    "Flush!Confirm": ("k",),
    "Flush!ReceiveReady": ("q", "k"),
    "Flush!Discard": ("q",),
    "Flush!Crash": (),
    "CbcastLists!Acknowledge": (),
    "CbcastLists!ReceiveAcknowledgement": ("q", "k", "time"),
    "CbcastLists!Forget": (),
    "Abcast!MulticastAtOnce": ("n", "to"),
    "Abcast!MulticastInOrder": ("n", "to", "kind"),
    "Abcast!Propose": ("m",),
    "Abcast!ReceiveProposal": ("q", "k", "id", "number"),
    "Abcast!Order": ("m",),
    "Abcast!ReceiveOrder": ("q", "id", "number"),
    "Abcast!ReceiveNoted": ("q", "k", "id"),
    "Abcast!Release": ("m",),
    "Abcast!ReceiveRelease": ("q", "k", "id"),
    "Abcast!DeliverAtOnce": ("m",),
    "Abcast!DeliverInOrder": ("m",),
    "Gbcast!MulticastAlone": ("n", "to"),
    "Gbcast!Close": (),
    "Gbcast!ReceiveClose": ("q", "k", "e", "messages"),
    "Gbcast!Settle": (),
    "Gbcast!ReceiveSettle": ("q", "k", "e"),
    "Gbcast!DeliverRest": ("m",),
    "Gbcast!End": (),
    "Gbcast!InstallNext": (),
}

#: The variables of a site that multicasts, as they are before its first step.
_INITIAL: Final[Mapping[str, Any]] = (
    dict.fromkeys(("known", "current", "epoch", "clock"), 0)
    | {name: {} for name in ("received", "time", "heard")}
    | {name: [] for name in ("flushes", "readies", "context", "proposals", "noted", "released", "closes", "settles")}
    | {"closing": False}
)


def _member_steps(trace: Sequence[Line]) -> Steps:
    """The steps of Gbcast and what it stands on, and the views that the sites agreed on."""
    names = Names()
    taken = actions(trace, ("Flush", "CbcastLists", "Abcast", "Gbcast"), "site")
    members = {line["site"] for _, line in taken}
    told = {line["site"] for _, line in taken if line["action"] == "Flush!Crash"}
    for number, line in actions(trace, ("SiteViews",), "site"):
        stops = line["action"] in ("SiteViews!Crash", "SiteViews!Cease")
        if stops and line["site"] in members - told:
            taken.append((number, {"action": "Flush!Crash", "site": line["site"], "arguments": {}}))
    before: dict[str, Mapping[str, Any]] = {}
    steps = []
    for number, line in sorted(taken, key=lambda step: step[0]):
        try:
            steps.append((number, _member_step(line, names, before.get(line["site"], _INITIAL))))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"line {number} is no step of a site: {error!r} is missing or wrong") from error
        before[line["site"]] = line.get("variables", {})
    views = _views_of_sites(trace, taken) if steps else []
    prologue = ", ".join(record({"id": k, "members": names.sequence(sites)}) for k, sites in enumerate(views, 1))
    return Steps(prologue=f"views |-> <<{prologue}>>", processes=len(names.numbers), steps=steps)


def _views_of_sites(trace: Sequence[Line], taken: list[tuple[int, Line]]) -> list[list[str]]:
    """The views that the sites agreed on; where SiteViews is not recorded, those that they were told of."""
    founding = [line["sites"] for line in trace if line.get("move") == "found"]
    views: dict[int, list[str]] = dict(enumerate(founding, start=1))
    for number, line in actions(trace, ("SiteViews",), "site"):
        if line["action"] == "SiteViews!Install":
            view = variable(number, line["variables"], "known")
            views.setdefault(view["id"], view["sites"])
    if not views:
        for _, line in taken:
            if line["action"] == "Flush!Forward":
                view = line["arguments"]["view"]
                views.setdefault(view["id"], view["members"])
        for _, line in taken:  # of a view that nobody was told of, those matter who went on to the next
            if line["action"] == "Flush!Forward":
                views.setdefault(line["arguments"]["view"]["id"] - 1, line["arguments"]["continuing"])
        views.pop(0, None)
    if sorted(views) != list(range(1, len(views) + 1)):
        raise InputError(f"the sites have the views {sorted(views)}; some of their SiteViews!Install are missing")
    return [views[k] for k in sorted(views)]


def _member_step(line: Line, names: Names, before: Mapping[str, Any]) -> str:
    """A step, with those variables that are not as they were before."""
    action, arguments = line["action"], line["arguments"]
    fields: dict[str, Any] = {
        "action": f'"{action}"',
        "module": f'"{action.partition("!")[0]}"',
        "p": names(line["site"]),
        "n": 0,
    }
    for name in _ARGUMENTS[action]:
        fields |= _argument(name, arguments, names)
    now = {}
    if action != "Flush!Crash":
        variables = line["variables"]
        now = {
            name: _variable(name, variables[name], before[name], names)
            for name in _INITIAL
            if variables[name] != before[name]
        }
    return record(fields | {"now": record(now) if now else "[x \\in {} |-> 0]"})


def _argument(name: str, arguments: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """An argument, under the name by which the Trace module knows it."""
    match name:
        case "q":
            return {"q": names(arguments["q"])}
        case "k" | "n" | "e" | "number":
            return {name: int(arguments[name])}
        case "m" | "id":
            return {"m": message(arguments[name], names)}
        case "to" | "continuing":
            return {name: names.set(arguments[name])}
        case "kind":
            return {"kind": f'"{word(arguments["kind"])}"'}
        case "view":
            view = arguments["view"]
            return {"k": int(view["id"]), "members": names.sequence(view["members"])}
        case "time":
            return {"time": by_name(dict(arguments["time"]), names)}
        case "carried":
            return {"ids": messages((arguments["message"], *arguments.get("carried", ())), names)}
        case _:
            return {"ids": messages(arguments[name], names)}


def _variable(name: str, value: Any, before: Any, names: Names) -> Any:
    """A variable of a site, which had another value before."""
    match name:
        case "received":
            return set_of(f"<<{message(m, names)}, {int(number)}>>" for m, number in value.items())
        case "flushes" | "readies":
            return marks(value, names)
        case "time":
            return by_name(value, names)
        case "heard":
            changed = {q: value.get(q, {}) for q in {**value, **before} if value.get(q, {}) != before.get(q, {})}
            rows = {names(q): by_name(row or {q: 0}, names) for q, row in changed.items()}
            return f"<<{', '.join(rows.get(q, '<<>>') for q in range(1, max(rows) + 1))}>>"
        case "context":
            return set_of(
                record({"id": message(x["id"], names), "to": names.set(x["to"]), "number": int(x["number"])})
                for x in value
            )
        case "proposals":
            return set_of(
                record({"id": message(x["id"], names), "by": names(x["by"]), "number": int(x["number"])}) for x in value
            )
        case "noted":
            return set_of(f"<<{message(m, names)}, {names(q)}>>" for m, q in value)
        case "released":
            return messages(value, names)
        case "closes" | "settles":
            return set_of(f"<<{names(q)}, {int(k)}, {int(e)}>>" for q, k, e in value)
        case "closing":
            return "TRUE" if value else "FALSE"
        case _:
            return int(value)


TRACE_GBCAST: Final = Writer(
    module="TraceGbcast",
    steps=_member_steps,
    replaced={
        "CurrentView": "InView",
        "Crashed": "Unwritten",
        **dict.fromkeys(("AtOnce", "Delivered", "Installed", "Multicasted"), "UnwrittenOf"),
        "Number": "NumberFound",
        "NextByNumber": "FirstByNumber",
        "NextOfRest": "FirstOfRest",
        "InTurn": "InTurnByPlace",
    },
    view="Position",
)
