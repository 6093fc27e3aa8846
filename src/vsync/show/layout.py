"""Where everything of a space-time diagram stands: processes side by side, time downwards.

Each process is a column, and each moment of logical time a row, so that no two events share a place; the label
of an event stands at its right and is cut to what its column can hold. Views are bands behind the columns of
those who have installed them. A row is as high as its highest label. Rows without anything that is to be seen
are left out, and a note says how many events that are.

Spec: none. Paper: none.
"""

import textwrap
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

import attrs

from vsync.check.explain_words import told
from vsync.check.record import Record, key_of
from vsync.check.trace import (
    CBCAST,
    DEFAULT_GROUP,
    Crashed,
    Delivered,
    Installed,
    JoinAsked,
    Left,
    Marked,
    Multicasted,
    ServiceEvent,
    Stated,
    ToldSafe,
)
from vsync.show.moments import moments

COLUMN_WIDTH: Final = 188
LINE_INSET: Final = 26
"""From the left edge of a column to the line of its process."""
LABEL_INSET: Final = 42
TOP: Final = 62
"""The height of the heads of the columns."""
LEFT: Final = 14
ROW_HEIGHT: Final = 25
LINE_HEIGHT: Final = 14
BAND_RISE: Final = 11
"""How far a band begins above the bar of its install, so that the label stands in it."""
BREAK_HEIGHT: Final = 30
LETTERS_MAX: Final = 21
"""So many letters of a label are sure to fit."""
SMALL_LETTERS_MAX: Final = 24
BAND_COLOURS: Final = 6


@attrs.frozen(kw_only=True)
class Spot:
    """An event: where it stands, what is written beside it, and what is told of it."""

    event: ServiceEvent
    x: int
    y: int
    label: str
    small: tuple[str, ...]
    told: str
    mark: int
    """Which of the marked events it is, beginning with 1; 0 if it is none."""
    foreign: bool
    """Whether the event is one of another group."""


@attrs.frozen(kw_only=True)
class Arrow:
    """A message on its way from a multicast to a delivery."""

    message: str
    lines: tuple[int, int]
    start: tuple[int, int]
    end: tuple[int, int]
    marked: bool


@attrs.frozen(kw_only=True)
class Band:
    """A process in a view: a part of its column."""

    view: int
    colour: int
    x: int
    top: int
    bottom: int
    note: str
    """Which view it is, where the band begins above what is drawn."""


@attrs.frozen(kw_only=True)
class Line:
    """A process: its name, and where its line begins and ends."""

    process: str
    x: int
    top: int
    bottom: int
    ends: bool
    flushes: tuple[tuple[int, int], ...]


@attrs.frozen(kw_only=True)
class Gap:
    """Rows that are left out."""

    y: int
    sentence: str


@attrs.frozen(kw_only=True)
class Diagram:
    """A space-time diagram, laid out."""

    group: str
    width: int
    height: int
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    arrows: tuple[Arrow, ...]
    spots: tuple[Spot, ...]
    gaps: tuple[Gap, ...]


def laid_out(
    record: Record,
    events: Sequence[ServiceEvent],
    *,
    group: str | None = DEFAULT_GROUP,
    rows: Collection[int] | None = None,
    marked: Sequence[int] = (),
    flushes: Sequence[tuple[str, int]] = (),
) -> Diagram:
    """Returns the diagram of `events`.

    `group` is that whose views are drawn as bands, None for none. `rows` limits it to moments, `marked` are the
    lines of events to be marked, and `flushes` are processes with the lines after which they began to flush.
    """
    return _Layout(record, events, group, rows, marked, flushes).diagram()


class _Layout:
    """The places of rows and columns, and what stands there."""

    def __init__(
        self,
        record: Record,
        events: Sequence[ServiceEvent],
        group: str | None,
        rows: Collection[int] | None,
        marked: Sequence[int],
        flushes: Sequence[tuple[str, int]],
    ) -> None:
        self._record, self._group, self._flushes = record, group, flushes
        self._marked = {line: place for place, line in enumerate(marked, start=1)}
        self._row = moments(record, events)
        self._all = events
        self._shown = [e for e in events if rows is None or self._row[e.line] in rows]
        self._columns = {name: place for place, name in enumerate(_in_order(self._shown, record, group))}
        self._of: defaultdict[str, list[ServiceEvent]] = defaultdict(list)
        for event in events:
            self._of[event.process].append(event)
        self._labels = {e.line: _label(e, self._first_install(e), group) for e in self._shown}
        self._y, self._gaps, self._bottom = self._rows()

    def diagram(self) -> Diagram:
        return Diagram(
            group=self._group or "",
            width=2 * LEFT + COLUMN_WIDTH * max(1, len(self._columns)),
            height=self._bottom + LEFT,
            lines=tuple(self._line(name) for name in self._columns),
            bands=tuple(band for name in self._columns for band in self._bands(name)),
            arrows=tuple(self._arrows()),
            spots=tuple(self._spot(event) for event in self._shown),
            gaps=tuple(self._gaps),
        )

    # -- rows

    def _rows(self) -> tuple[dict[int, int], list[Gap], int]:
        """Returns the height at which each row stands, the gaps, and where the last row ends."""
        tall: defaultdict[int, int] = defaultdict(int)
        for event in self._shown:
            row = self._row[event.line]
            tall[row] = max(tall[row], ROW_HEIGHT + LINE_HEIGHT * len(self._labels[event.line][1]))
        left_out: defaultdict[int, int] = defaultdict(int)
        ordered = sorted(tall)
        for event in self._all:
            if self._row[event.line] not in tall:
                left_out[sum(1 for row in ordered if row < self._row[event.line])] += 1
        heights: dict[int, int] = {}
        gaps, y = [], TOP
        for place in range(len(ordered) + 1):
            if left_out[place]:
                many = left_out[place]
                gaps.append(Gap(y=y + BREAK_HEIGHT // 2, sentence=f"{many} event{'s' * (many > 1)} left out"))
                y += BREAK_HEIGHT
            if place < len(ordered):
                heights[ordered[place]] = y + ROW_HEIGHT // 2
                y += tall[ordered[place]]
        return heights, gaps, y + ROW_HEIGHT // 2

    def _x(self, process: str) -> int:
        return LEFT + COLUMN_WIDTH * self._columns[process]

    def _y_of(self, event: ServiceEvent) -> int:
        return self._y[self._row[event.line]]

    # -- events

    def _first_install(self, event: ServiceEvent) -> bool:
        installs = [e for e in self._of[event.process] if isinstance(e, Installed) and e.group == _group_of(event)]
        return bool(installs) and installs[0] is event

    def _spot(self, event: ServiceEvent) -> Spot:
        label, small = self._labels[event.line]
        return Spot(
            event=event,
            x=self._x(event.process) + LINE_INSET,
            y=self._y_of(event),
            label=label,
            small=small,
            told=told(event),
            mark=self._marked.get(event.line, 0),
            foreign=self._group is not None and isinstance(event, Installed | Left) and event.group != self._group,
        )

    def _arrows(self) -> list[Arrow]:
        shown = {event.line: event for event in self._shown}
        arrows = []
        for event in self._shown:
            if not isinstance(event, Delivered):
                continue
            for multicast in self._record.multicasts.get(key_of(event), ())[:1]:
                if multicast.line in shown and multicast.process != event.process:
                    arrows.append(
                        Arrow(
                            message=event.message,
                            lines=(multicast.line, event.line),
                            start=(self._x(multicast.process) + LINE_INSET, self._y_of(multicast)),
                            end=(self._x(event.process) + LINE_INSET, self._y_of(event)),
                            marked=event.line in self._marked and multicast.line in self._marked,
                        )
                    )
        return arrows

    # -- processes and their views

    def _line(self, name: str) -> Line:
        own = self._of[name]
        shown = [event for event in own if self._row[event.line] in self._y]
        begins_here, ends = own[0] is shown[0], isinstance(own[-1], Crashed) and own[-1] is shown[-1]
        return Line(
            process=name,
            x=self._x(name) + LINE_INSET,
            top=self._y_of(shown[0]) if begins_here else TOP,
            bottom=self._y_of(shown[-1]) if ends else self._bottom,
            ends=ends,
            flushes=tuple(self._flushes_of(name, shown)),
        )

    def _flushes_of(self, name: str, shown: Sequence[ServiceEvent]) -> list[tuple[int, int]]:
        """Returns the parts of a line in which the process flushes: until it installs the next view."""
        spans: dict[int, int] = {}
        for actor, line in self._flushes:
            if name != actor and not name.startswith(f"{actor}."):
                continue
            after = next((e for e in self._of[name] if e.line > line and isinstance(e, Installed)), None)
            before = [e for e in shown if e.line < line]
            if after in shown and after is not None and after.group == self._group and before:
                bottom = self._y_of(after) - 4
                top = min(self._y_of(before[-1]) + 7, bottom - 10)
                spans[bottom] = min(top, spans.get(bottom, top))
        return [(top, bottom) for bottom, top in spans.items()]

    def _bands(self, name: str) -> list[Band]:
        bands: list[Band] = []
        view: Installed | None = None
        top, note = TOP, ""
        for event in [*self._of[name], None]:
            ends = event is None or isinstance(event, Crashed)
            ends = ends or (isinstance(event, Installed | Left) and event.group == self._group)
            if not ends:
                continue
            bottom = self._bottom if event is None else self._below(event)
            if view is not None and bottom > top:
                band_note = note if top == TOP else ""
                colour = view.view.id % BAND_COLOURS
                bands.append(
                    Band(view=view.view.id, colour=colour, x=self._x(name), top=top, bottom=bottom, note=band_note)
                )
            view = event if isinstance(event, Installed) else None
            top, note = bottom, f"view {event.view.id}" if isinstance(event, Installed) else ""
        return bands

    def _below(self, event: ServiceEvent) -> int:
        """Returns the height of an event, or of the first row below it that is drawn."""
        row = self._row[event.line]
        if row in self._y:
            return self._y[row] - (BAND_RISE if isinstance(event, Installed) else 0)
        return min((y - ROW_HEIGHT // 2 for each, y in self._y.items() if each > row), default=self._bottom)


def _group_of(event: ServiceEvent) -> str:
    return getattr(event, "group", DEFAULT_GROUP)


def _in_order(shown: Sequence[ServiceEvent], record: Record, group: str | None) -> list[str]:
    """Returns the processes in the order of their columns: the oldest members first, then as they come."""
    present = {event.process for event in shown}
    first = next((e for e in record.events if isinstance(e, Installed) and e.group == (group or e.group)), None)
    oldest = [name for name in first.view.members if name in present] if first else []
    return list(dict.fromkeys([*oldest, *(event.process for event in shown)]))


def _label(event: ServiceEvent, first: bool, group: str | None) -> tuple[str, tuple[str, ...]]:
    """Returns what is written beside an event: a line, and further small ones."""
    match event:
        case Installed():
            where = f"{event.group} " if event.group and event.group != group else ""
            joins = first and event.view.id > 1
            label = f"{where}view {event.view.id}{', joins' if joins else ''}"
            small = textwrap.wrap(", ".join(event.view.members), SMALL_LETTERS_MAX, break_long_words=True)
            if len(small) > 3:
                small = [*small[:2], _cut(small[2], SMALL_LETTERS_MAX - 2) + " …"]
            return _cut(label), tuple(small)
        case Multicasted():
            return _cut(f"{'multicast' if event.primitive == CBCAST else event.primitive} {event.message}"), ()
        case Delivered():
            return _cut(f"deliver {event.message}"), ()
        case ToldSafe():
            return _cut(f"safe {event.message}"), ()
        case Stated():
            return _cut(f"state {event.state}"), ()
        case Left():
            return _cut(f"leave {event.group}".strip()), ()
        case Crashed():
            return "crash", ()
        case JoinAsked():
            return _cut(f"asks to join {event.group}".strip()), ()
        case Marked():
            return _cut(f"mark {event.label}"), ()


def _cut(text: str, letters: int = LETTERS_MAX) -> str:
    """Returns a text that is no longer than that; what is longer keeps its beginning and its end."""
    if len(text) <= letters:
        return text
    end = letters // 3
    return f"{text[: letters - end - 1]}…{text[-end:]}"
