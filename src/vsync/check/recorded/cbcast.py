"""The steps of processes of one group, as TraceCbcast reads them: Flush and Cbcast.

Spec: TraceCbcast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vsync.check.recorded.writing import (
    Line,
    Names,
    Steps,
    Writer,
    actions,
    counts,
    marks,
    message,
    record,
    variable,
)
from vsync.errors import InputError


def _process_steps(trace: Sequence[Line]) -> Steps:
    """The steps of Flush and Cbcast, and the views of the group that the sites agreed on."""
    names = Names()
    groups: dict[int, list[str]] = {}
    taken = actions(trace, ("Flush", "Cbcast"), "process")
    for number, line in actions(trace, ("SiteViews",), "site") if taken else ():
        if line["action"] == "SiteViews!Install":
            view = variable(number, line["variables"], "known")
            groups[view["group"]] = view["members"]
    groups.pop(0, None)
    steps = []
    for number, line in taken:
        try:
            steps.append((number, _process_step(line, names)))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"line {number} is no step of a process: {error!r} is missing or wrong") from error
    if steps and sorted(groups) != list(range(1, len(groups) + 1)):
        raise InputError(f"the group has the views {sorted(groups)}; some of its SiteViews!Install are missing")
    views = ", ".join(record({"id": k, "members": names.sequence(groups[k])}) for k in sorted(groups))
    return Steps(prologue=f"views |-> <<{views}>>", processes=len(names.numbers), steps=steps)


def _process_step(line: Line, names: Names) -> str:
    action, arguments, variables = line["action"], line["arguments"], line["variables"]
    module = action.partition("!")[0]
    n, identifier, members = 0, "<<>>", "<<>>"
    if action == "Cbcast!Multicast":
        n = int(arguments["n"])
    elif action == "Cbcast!Deliver":
        identifier = message(arguments["m"], names)
    elif action == "Flush!Confirm":
        n = int(arguments["k"])
    elif action == "Flush!Forward":
        n = int(arguments["view"]["id"])
        members = names.sequence(arguments["view"]["members"])
    heard = ", ".join(f"<<{names(q)}, {counts(t)}>>" for q, t in variables.get("heard", {}).items())
    fields = {
        "action": f'"{action}"',
        "p": names(line["process"]),
        "q": names(arguments["q"]) if "q" in arguments else 0,
        "n": n,
        "m": identifier,
        "time": members,
        "known": int(variables.get("known", 0)),
        "current": int(variables.get("current", 0)),
        "received": f"{{{', '.join(message(m, names) for m in variables.get('received', ()))}}}",
        "flushes": marks(variables.get("flushes", ()), names),
        "readies": marks(variables.get("readies", ()), names),
        "layered": "TRUE" if module == "Cbcast" else "FALSE",
        "after": counts(variables.get("time", ())),
        "heard": f"{{{heard}}}",
    }
    return record(fields)


TRACE_CBCAST: Final = Writer(module="TraceCbcast", steps=_process_steps)
