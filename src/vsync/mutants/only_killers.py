"""Of each guarantee: the mutants that it alone notices, so that no weaker set of guarantees would do without it.

A mutant of the code counts if in all its runs that the streaming judge has judged, with every guarantee on, this one
alone was violated, apart from what cannot hold where it does not (``vsync.check.properties.FOLLOWS``).  A mutant of a
trace, one of the small bad ones in `traces/bad`, counts likewise.

Spec: VSProperties.
Paper: none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen
from rich.table import Table
from rich.text import Text

from vsync.check.judge import judge_file
from vsync.check.properties import GUARANTEES
from vsync.locate import traces_directory
from vsync.mutants.hunt import Row

NOT_IN_CODE: Final[dict[str, str]] = {
    "DeliveryIntegrity": "the simulator ends a run in which something is delivered that nobody multicast, as an error",
    "SenderIntegrity": "a message is named after its sender, so that one in another's name is another message",
}
"""Guarantees that no mutant of the code can break in the simulator, and why."""


@frozen(kw_only=True)
class OnlyKiller:
    """What one guarantee alone notices: mutants of the code, bad traces; and why there is none of the code."""

    code: tuple[str, ...]
    traces: tuple[str, ...]
    reason: str


def found(rows: Mapping[str, Row]) -> dict[str, OnlyKiller]:
    """Returns for each guarantee of what it is the only killer, among these mutants and all bad traces."""
    traces = _bad_traces()
    return {
        name: OnlyKiller(
            code=tuple(row.mutant for row in rows.values() if set(row.guarantees) == {name}),
            traces=tuple(trace for trace, violated in traces.items() if violated == {name}),
            reason=_reason(name, rows),
        )
        for name in GUARANTEES
    }


def _reason(name: str, rows: Mapping[str, Row]) -> str:
    """Why a guarantee is the only killer of none of these mutants of the code; nothing if it is of some."""
    if any(set(row.guarantees) == {name} for row in rows.values()):
        return ""
    if name in NOT_IN_CODE:
        return NOT_IN_CODE[name]
    with_it = sorted(row.mutant for row in rows.values() if name in row.guarantees)
    if not with_it:
        return "none of these mutants breaks it"
    others = {other for mutant in with_it for other in rows[mutant].guarantees} - {name}
    return f"what breaks it ({', '.join(with_it)}) breaks others, too: {', '.join(sorted(others))}"


def _bad_traces() -> dict[str, set[str]]:
    """Each bad trace, and the guarantees that it violates."""
    bad = traces_directory() / "bad"
    return {
        path.relative_to(bad).with_suffix("").as_posix(): {each.guarantee for each in judge_file(path).violations}
        for path in sorted(bad.rglob("*.jsonl"))
    }


def table(killers: Mapping[str, OnlyKiller]) -> Table:
    """The guarantees with what they alone notice, to be shown."""
    shown = Table("Guarantee", "Alone notices, of the code", "Of bad traces", "Why not in the code")
    for name, killer in killers.items():
        cells = (name, ", ".join(killer.code), ", ".join(killer.traces), killer.reason)
        shown.add_row(*map(Text, cells))
    return shown
