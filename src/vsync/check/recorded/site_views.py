"""The steps of sites that agree on views, as TraceSiteViews reads them.

Spec: TraceSiteViews.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vsync.check.recorded.writing import Line, Names, Steps, Writer, actions, record
from vsync.errors import InputError


def _site_steps(trace: Sequence[Line]) -> Steps:
    """The steps of SiteViews, and the sites that founded the system."""
    names = Names()
    founders = next((line["sites"] for line in trace if line.get("move") == "found"), None)
    found = actions(trace, ("SiteViews",), "site")
    if found and founders is None:
        raise InputError("the steps of sites can be judged only if the trace has its move `found`")
    prologue = f"founders |-> {names.sequence(founders or ())}"
    steps = []
    for number, line in found:
        try:
            steps.append((number, _site_step(line, names)))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"line {number} is no step of a site: {error!r} is missing or wrong") from error
    clients = frozenset(names.clients)
    return Steps(prologue=prologue, processes=len(names.numbers), clients=clients, steps=steps)


def _site_step(line: Line, names: Names) -> str:
    arguments, variables = line["arguments"], line["variables"]
    other = arguments.get("q", arguments.get("t"))
    fields = {
        "action": f'"{line["action"]}"',
        "s": names(line["site"]),
        "q": names(other) if other is not None else 0,
        "change": _change(arguments["c"], names) if "c" in arguments else "<<>>",
        "view": _site_view(arguments.get("view"), names),
        "known": _site_view(variables.get("known"), names),
        "wanted": f"{{{', '.join(_change(c, names) for c in variables.get('wanted', ()))}}}",
        "promised": int(variables.get("promised", 0)),
        "accepted": _proposal(variables.get("accepted"), names),
        "found": _proposal(variables.get("found"), names),
        "replies": names.set(variables.get("replies", ())),
    }
    return record(fields)


def _member(name: str, names: Names) -> int:
    """A process as a number that tells its site: SiteOfProcess in the generated module."""
    site, _, number = name.rpartition(".")
    names.clients.add(names(site) * 1000 + int(number))
    return names(site) * 1000 + int(number)


def _change(change: Sequence[str], names: Names) -> str:
    kind, who = change
    number = names(who) if kind in ("fail", "join") else _member(who, names)
    return f'[change |-> "{kind}", who |-> {number}]'


def _site_view(view: Mapping[str, Any] | None, names: Names) -> str:
    """A view, or NoSiteView."""
    if view is None:
        return "[id |-> 0, sites |-> <<>>, group |-> 0, members |-> <<>>]"
    members = ", ".join(str(_member(member, names)) for member in view["members"])
    fields = {
        "id": int(view["id"]),
        "sites": names.sequence(view["sites"]),
        "group": int(view["group"]),
        "members": f"<<{members}>>",
    }
    return record(fields)


def _proposal(proposal: Mapping[str, Any] | None, names: Names) -> str:
    """A proposal, or NoProposal."""
    ballot = 0 if proposal is None else int(proposal["ballot"])
    view = None if proposal is None else proposal["view"]
    return record({"ballot": ballot, "view": _site_view(view, names)})


TRACE_SITE_VIEWS: Final = Writer(module="TraceSiteViews", steps=_site_steps, replaced={"SiteOf": "SiteOfRecorded"})
