"""Making a bad trace smaller: what is left breaks the same guarantee, and for a reason that the trace has.

First the causal cone: only what happened before the violation can matter to it. Then, if that is enough, what
the trace says of the processes and messages of the violation alone. Then delta debugging (ddmin): parts are
left out as long as the judge still finds the guarantee broken, until no event, and no pair of events, can be
left out.

The judge alone would be a bad guide there. Leave out a delivery, and a message is missing that nobody missed:
the judge says that Virtual Synchrony is broken, and of the trace that is not true. So a smaller trace has to be
*honest* as well:

- put back what the trace says of the same processes and messages, and the guarantee is still broken;
- deliveries, and multicasts where the guarantee asks for them, are in the view in which they were, and a view
  follows, at one process, the one that it followed or none;
- where the guarantee asks for multicasts, a delivered message that was multicast still is.

Spec: VSProperties. Paper: none; Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002
(ddmin).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

import attrs

from vsync.check.judge import Judge, judge_events
from vsync.check.merge import merge
from vsync.check.properties import GUARANTEES, Violation
from vsync.check.record import Record, key_of
from vsync.check.trace import Delivered, Header, Installed, Left, Multicasted, ServiceEvent
from vsync.check.writer import TraceWriter, event_fields

PAIRS_MAX: Final = 24
"""Of so many events at most, pairs are tried as well."""

Progress = Callable[[int, int], None]
"""Told how many events are left, and how often the judge was asked."""


def unheard(left: int, asked: int) -> None:
    """Tells nobody."""


class Breaks:
    """Whether some of a trace's events break one guarantee of it, honestly.

    With `alone` they are also fit for a file of their own: the kinds of events that the guarantee needs are among
    them, so that it is judged there, and they break no guarantee that the trace does not break.
    """

    def __init__(self, record: Record, guarantee: str, group: str, *, alone: bool = False) -> None:
        needs = set(GUARANTEES[guarantee].needs)
        self._record = record
        self._guarantee, self._group = guarantee, group
        self._deliveries_in_view = "install" in needs
        self._multicasts_in_view = {"install", "multicast"} <= needs
        self._with_multicasts = "multicast" in needs
        self._turns: dict[int, ServiceEvent | None] = {}
        self._broken = {name for _, name in judge_events(record.events).first_events} if alone else None

    def __call__(self, lines: Collection[int]) -> bool:
        """Says whether the events on these lines break the guarantee, and honestly."""
        events = self._record.only(lines)
        return (
            self._in_their_views(events)
            and self._multicast_if_they_were(events)
            and is_broken(events, self._guarantee, self._group)
            and is_broken(self._record.only(self._record.around(lines)), self._guarantee, self._group)
            and (self._broken is None or self._judged_alone(events, self._broken))
        )

    def _judged_alone(self, events: Sequence[ServiceEvent], broken: Collection[str]) -> bool:
        judgement = judge_events(events)
        found = {(violation.group, violation.guarantee) for violation in judgement.violations}
        return (self._group, self._guarantee) in found and all(name in broken for _, name in judgement.first_events)

    def _in_their_views(self, events: Sequence[ServiceEvent]) -> bool:
        now: dict[str, ServiceEvent] = {}
        for event in events:
            turn, is_turn = now.get(event.process), isinstance(event, Installed | Left) and event.group == self._group
            asked = (isinstance(event, Delivered) and self._deliveries_in_view) or (
                isinstance(event, Multicasted) and self._multicasts_in_view
            )
            if is_turn and isinstance(turn, Installed) and turn is not self._turn(event):
                return False
            if asked and turn is not self._turn(event) and (turn or isinstance(self._turn(event), Installed)):
                return False
            if is_turn:
                now[event.process] = event
        return True

    def _multicast_if_they_were(self, events: Sequence[ServiceEvent]) -> bool:
        if not self._with_multicasts:
            return True
        multicast = {key_of(event) for event in events if isinstance(event, Multicasted)}
        delivered = {key_of(event) for event in events if isinstance(event, Delivered)}
        return all(key in multicast for key in delivered if self._record.multicasts.get(key))

    def _turn(self, event: ServiceEvent) -> ServiceEvent | None:
        if event.line not in self._turns:
            self._turns[event.line] = self._record.turn(event, self._group)
        return self._turns[event.line]


def is_broken(events: Iterable[ServiceEvent], guarantee: str, group: str) -> bool:
    """Says whether the streaming judge finds a guarantee broken by these events.

    Unlike in a verdict, kinds of events that the guarantee needs may be missing: they are recorded, but not here.
    """
    judge = Judge(guarantees=(guarantee,))
    return any(violation.group == group for event in merge(events) for violation in judge.observe(event))


def reduced(lines: Iterable[int], breaks: Callable[[Collection[int]], bool], on_step: Progress = unheard) -> list[int]:
    """Returns a part of `lines` for which `breaks` holds, and of which no line and no pair can be left out.

    It has to hold for `lines` themselves. The same arguments give the same result.
    """
    left, asked, parts = sorted(lines), 0, 2
    while len(left) >= 2:
        size = max(1, len(left) // parts)
        for start in range(0, len(left), size):
            rest = left[:start] + left[start + size :]
            asked += 1
            on_step(len(left), asked)
            if rest and breaks(rest):
                left, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(left))
    return _without_pairs(left, breaks, on_step, asked)


def _without_pairs(
    left: list[int], breaks: Callable[[Collection[int]], bool], on_step: Progress, asked: int
) -> list[int]:
    if len(left) > PAIRS_MAX:
        return left
    for pair in combinations(left, 2):
        rest = [line for line in left if line not in pair]
        asked += 1
        if rest and breaks(rest):
            return reduced(rest, breaks, on_step)
    on_step(len(left), asked)
    return left


def smallest_start(record: Record, violation: Violation, breaks: Breaks) -> list[int]:
    """Returns few lines that break the guarantee, to begin with.

    What the trace says of the processes and messages of the violation, if that is enough; else its causal cone;
    else, where it breaks a guarantee because its events go in a circle, the whole.
    """
    for part in (record.around, record.cone):
        lines = part(violation.lines)
        if breaks(lines):
            return lines
    return [event.line for event in record.events]


def minimised(record: Record, violation: Violation, explained: Iterable[int], on_step: Progress = unheard) -> list[int]:
    """Returns the lines of a smallest part of the trace that the judge rejects as it rejects the trace.

    It breaks the same guarantee in the same group, no other that the trace does not break, and can stand in a
    file of its own. `explained` are the lines of the explanation, with which it begins: what the trace says of
    their processes and messages, and an event of each kind that the guarantee needs.
    """
    breaks = Breaks(record, violation.guarantee, violation.group, alone=True)
    start = set(record.around(explained))
    for kind in GUARANTEES[violation.guarantee].needs:
        start |= {next(event.line for event in record.events if event.kind == kind)}
    start = set(record.around(start))
    if not breaks(start):
        start = set(smallest_start(record, violation, breaks))
    return reduced(start, breaks, on_step) if breaks(start) else sorted(start)


def write_minimised(path: Path | str, header: Header, record: Record, lines: Iterable[int], guarantee: str) -> int:
    """Writes the events on these lines as a trace, each with the line where it stood; returns how many.

    The same trace and lines give the same bytes.
    """
    story = {**header.configuration, "minimised": guarantee}
    count = 0
    with TraceWriter(path, attrs.evolve(header, configuration=story)) as writer:
        for event in record.only(set(lines)):
            writer.write({**record.fields.get(event.line, event_fields(event)), "line": event.line})
            count += 1
    return count
