"""What of a trace is drawn: which group, and which part of a trace that is too long to be seen at once.

A part is chosen by moments of logical time, and not by lines: in a log that holds one process after the other,
what belongs together stands far apart in the file.

Spec: VSGroups. Paper: none.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final

import attrs

from vsync.check.groups import Groups
from vsync.check.record import AboutMessage, Record, causally_sorted, key_of
from vsync.check.trace import Marked, ServiceEvent
from vsync.errors import InputError
from vsync.show.moments import moments

ROWS_AROUND: Final = 12
"""So many moments before and after a line are drawn with it."""
ROWS_AROUND_MARKED: Final = 3
EVENTS_MAX: Final = 600
"""A trace with more events is not drawn as a whole, if nobody has said which part."""


@attrs.frozen(kw_only=True)
class Part:
    """What is to be drawn: lines from one to another, or around one."""

    first: int | None = None
    last: int | None = None
    around: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing was chosen."""
        return self.first is None and self.last is None and self.around is None


def groups_of(record: Record) -> list[str]:
    """Returns the groups of a trace, that with the most events first."""
    return [group for group, _ in Counter(g for gs in _placed(record).values() for g in gs).most_common()]


def of_group(record: Record, group: str | None) -> list[ServiceEvent]:
    """Returns the events in the trace of a group, and the multicasts from outside that come to it.

    All events, if the group is None or the only one.
    """
    placed = _placed(record)
    if group is None or len({each for groups in placed.values() for each in groups}) == 1:
        return list(record.events)
    lines = {line for line, groups in placed.items() if group in groups}
    keys = {key_of(e) for e in record.only(lines) if isinstance(e, AboutMessage)}
    sent = {multicast.line for key in keys for multicast in record.multicasts.get(key, ())}
    marks = {e.line for e in record.events if isinstance(e, Marked) and e.group == group}
    return record.only(lines | sent | marks)


def _placed(record: Record) -> dict[int, tuple[str, ...]]:
    """Returns the groups in whose trace each event is."""
    places = Groups()
    return {event.line: places.place(event).groups for event in causally_sorted(record.events)}


def rows_of(
    record: Record, events: Sequence[ServiceEvent], part: Part, marked: Collection[int]
) -> tuple[set[int] | None, str]:
    """Returns the moments to be drawn, None for all, and what there is to be said about it.

    Raises InputError if the part that was asked for has no events.
    """
    row = moments(record, events)
    if part.around is not None:
        near = [row[line] for line in _nearest(events, part.around)]
        return _near(near, ROWS_AROUND), f"around line {part.around}"
    if not part.whole:
        chosen = [e.line for e in events if (part.first or 0) <= e.line and (part.last is None or e.line <= part.last)]
        if not chosen:
            raise InputError(
                f"expected events from line {part.first or 1} to {part.last or 'the end'}, but there are none: "
                f"choose lines from {events[0].line} to {events[-1].line}"
            )
        return {row[line] for line in chosen}, f"lines {chosen[0]} to {chosen[-1]}"
    if len(events) <= EVENTS_MAX:
        return None, ""
    if marked:
        near = [row[line] for line in marked if line in row]
        return _near(near, ROWS_AROUND_MARKED), "around the contradiction; --from, --to and --around choose other parts"
    rows: set[int] = set()
    count: Counter[int] = Counter(row.values())
    for each in sorted(count):
        if sum(count[other] for other in rows) >= EVENTS_MAX:
            break
        rows.add(each)
    return rows, "the beginning; --from, --to and --around choose other parts"


def _nearest(events: Sequence[ServiceEvent], line: int) -> list[int]:
    return [min((event.line for event in events), key=lambda other: (abs(other - line), other))]


def _near(rows: Collection[int], distance: int) -> set[int]:
    return {other for each in rows for other in range(each - distance, each + distance + 1)}
