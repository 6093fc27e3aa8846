"""Negative traces: what becomes of an accepted trace when one thing in it is changed.

Each operator changes one thing in every place where it can: two events of a process come in the other order, one
is missing, comes twice, comes in another view; a message comes in another's name; the members of a view have other
ranks; and so on. A changed trace either breaks a guarantee or is still legal. Which of both it is, two judges say
that have only the reader and the merger in common, the streaming judge and TLC on the text of the specification; so
each changed trace on which they differ shows a mistake in one of them.

A change is a few edits by place, and cheap; of the many that a trace allows, some are chosen that are spread
evenly over it. All of them leave a trace that the reader takes: nothing comes after a crash.

Spec: VSProperties. Paper: 2.4.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar

import attrs

from vsync.check.agreement import SpecJudgement, judge_by_spec
from vsync.check.groups import MessageKey
from vsync.check.judge import judge_file
from vsync.check.judgement import Judgement
from vsync.check.record import AboutMessage, Record, key_of
from vsync.check.trace import (
    ABCAST,
    UNIFORM,
    Crashed,
    Delivered,
    Header,
    Installed,
    JoinAsked,
    Left,
    Marked,
    Multicasted,
    ServiceEvent,
    Stated,
    View,
)
from vsync.check.writer import TraceWriter

T = TypeVar("T")

UNCHANGED: Final = "nothing"
"""The operator that changes nothing: what it leaves must be legal."""


@attrs.frozen(kw_only=True)
class Change:
    """What is changed, in a sentence, and the events that stand in some places instead of what stood there."""

    sentence: str
    edits: Mapping[int, Sequence[ServiceEvent]]


@attrs.frozen(kw_only=True)
class Negative:
    """A changed trace in a file: by which operator, what was changed, and which trace it was."""

    operator: str
    sentence: str
    of: str
    path: Path


@attrs.frozen(kw_only=True)
class JudgedNegative:
    """A changed trace and what both judges say of it."""

    negative: Negative
    judgement: Judgement
    spec: SpecJudgement

    @property
    def rejected(self) -> bool:
        """Whether the streaming judge finds a guarantee broken; if the judges agree, so does TLC."""
        return not self.judgement.accepted

    @property
    def disagreement(self) -> str:
        """In what the judges differ; nothing if they agree."""
        return self.spec.disagreement(self.judgement)


Operator = Callable[[Record], Iterator[Change]]
OPERATORS: Final[dict[str, Operator]] = {}
"""The operators, by name."""


def operator(name: str) -> Callable[[Operator], Operator]:
    """Registers an operator."""

    def register(changes: Operator) -> Operator:
        OPERATORS[name] = changes
        return changes

    return register


# ---------------------------------------------------------------------------------------- entry points


def negatives_of(name: str, header: Header, run: Record, each: int, directory: Path) -> list[Negative]:
    """Writes changed traces into a directory, at most `each` by every operator, and the unchanged one first.

    `name` is what the trace is called, and begins the names of the files.
    """
    written = [_written(Negative(operator=UNCHANGED, sentence="", of=name, path=directory), header, run.events)]
    for number, (what, operate) in enumerate(OPERATORS.items()):
        for change in spread([*operate(run)], each, number):
            negative = Negative(operator=what, sentence=change.sentence, of=name, path=directory)
            written.append(_written(negative, header, applied(run, change)))
    return written


def judged(
    negatives: Sequence[Negative], *, cores: int | None = None, on_done: Callable[[int], None] = lambda traces: None
) -> list[JudgedNegative]:
    """Has both judges judge changed traces, and returns what they say, in their order.

    Arguments and errors: as for `judge_by_spec`.
    """
    paths = [negative.path for negative in negatives]
    said = judge_by_spec(paths, cores=cores, on_done=on_done)
    return [
        JudgedNegative(negative=negative, judgement=judge_file(negative.path), spec=spec)
        for negative, spec in zip(negatives, said, strict=True)
    ]


def applied(run: Record, change: Change) -> list[ServiceEvent]:
    """Returns the events of a trace with a change, with the line numbers of a file that begins with a header."""
    events = [after for place, event in enumerate(run.events) for after in change.edits.get(place, (event,))]
    return [attrs.evolve(event, line=line) for line, event in enumerate(events, start=2)]


def spread(changes: Sequence[T], most: int, start: int = 0) -> list[T]:
    """Returns at most so many of the changes, evenly spread; `start` shifts them, so that places differ."""
    if len(changes) <= most:
        return list(changes)
    step = len(changes) / most
    offset = start * step / (len(OPERATORS) + 1)
    return [changes[int(offset + index * step) % len(changes)] for index in range(most)]


def _written(negative: Negative, header: Header, events: Sequence[ServiceEvent]) -> Negative:
    """Writes one trace, under the next free number, and returns it with its path."""
    number = sum(1 for _ in negative.path.iterdir()) + 1
    path = negative.path / f"{number:05}.jsonl"
    changed = {"of": negative.of, "changed_by": negative.operator, "change": negative.sentence}
    with TraceWriter(path, attrs.evolve(header, configuration={**header.configuration, **changed})) as writer:
        for event in events:
            writer.write(event)
    return attrs.evolve(negative, path=path)


# ---------------------------------------------------------------------------------------- the operators


@operator("swap")
def swap(run: Record) -> Iterator[Change]:
    """Two events of a process, one right after the other, come in the other order."""
    for own in _by_process(run):
        for one, two in pairwise(place for place in own if not isinstance(run.events[place], Crashed)):
            first, second = run.events[one], run.events[two]
            yield Change(
                sentence=f"line {second.line} ({_told(second)}) comes before line {first.line} ({_told(first)})",
                edits={one: (second,), two: (first,)},
            )


@operator("exchange ABCASTs")
def exchange_abcasts(run: Record) -> Iterator[Change]:
    """Two ABCASTs that a process delivers, with no other between them, are delivered in the other order."""
    ordered = {key for key, sent in run.multicasts.items() if sent[0].primitive in (ABCAST, UNIFORM)}
    for own in _by_process(run):
        places = [place for place in own if _delivers_one_of(ordered, run.events[place])]
        for one, two in pairwise(places):
            first, second = run.events[one], run.events[two]
            yield Change(
                sentence=f"line {second.line} ({_told(second)}) and line {first.line} ({_told(first)}) change places",
                edits={one: (second,), two: (first,)},
            )


@operator("drop")
def drop(run: Record) -> Iterator[Change]:
    """An event is missing."""
    for own in _by_process(run):
        for place in own:
            event = run.events[place]
            yield Change(sentence=f"line {event.line} ({_told(event)}) is missing", edits={place: ()})


@operator("duplicate")
def duplicate(run: Record) -> Iterator[Change]:
    """An event comes twice: once more at once, or at the end of what its process does."""
    for own in _by_process(run):
        lasting = [place for place in own if not isinstance(run.events[place], Crashed)]
        for place in lasting:
            event = run.events[place]
            told = f"line {event.line} ({_told(event)}) comes twice"
            yield Change(sentence=f"{told} at once", edits={place: (event, event)})
            if (last := lasting[-1]) != place:
                yield Change(sentence=f"{told}, at the end again", edits={last: (run.events[last], event)})


@operator("move across a view")
def move_across_a_view(run: Record) -> Iterator[Change]:
    """What is next to the installing of a view comes on its other side, in another view."""
    for own in _by_process(run):
        for one, two in pairwise(own):
            first, second = run.events[one], run.events[two]
            if isinstance(second, Installed) and isinstance(first, AboutMessage):
                edits = {one: (), two: (second, first)}
                yield Change(sentence=f"line {first.line} ({_told(first)}) comes after {second.view}", edits=edits)
            if isinstance(first, Installed) and isinstance(second, AboutMessage):
                edits = {one: (second, first), two: ()}
                yield Change(sentence=f"line {second.line} ({_told(second)}) comes before {first.view}", edits=edits)


@operator("forge a sender")
def forge_a_sender(run: Record) -> Iterator[Change]:
    """A message is delivered in the name of another process."""
    names = sorted(run.of_process)
    for place, event in enumerate(run.events):
        if isinstance(event, Delivered):
            senders = {multicast.process for multicast in run.multicasts.get(key_of(event), ())}
            for name in (name for name in names if name not in senders):
                forged = attrs.evolve(event, sender=name)
                yield Change(
                    sentence=f"line {event.line} ({_told(event)}) says that {name} sent it", edits={place: (forged,)}
                )


@operator("change a rank")
def change_a_rank(run: Record) -> Iterator[Change]:
    """Two members of a view, one right after the other, have each other's ranks at one process."""
    for place, event in enumerate(run.events):
        if isinstance(event, Installed):
            for rank in range(len(event.view.members) - 1):
                members = list(event.view.members)
                members[rank : rank + 2] = reversed(members[rank : rank + 2])
                told = f"line {event.line} ({_told(event)}) has {members[rank]} before {members[rank + 1]}"
                yield Change(sentence=told, edits={place: (_with_view(event, members),)})


@operator("change a membership")
def change_a_membership(run: Record) -> Iterator[Change]:
    """A member of a view is missing there at one process, or one more is in it."""
    names = sorted({name for event in run.events if isinstance(event, Installed) for name in event.view.members})
    for place, event in enumerate(run.events):
        if isinstance(event, Installed):
            told = f"line {event.line} ({_told(event)})"
            for name in event.view.members if len(event.view.members) > 1 else ():
                rest = [member for member in event.view.members if member != name]
                yield Change(sentence=f"{told} is without {name}", edits={place: (_with_view(event, rest),)})
            for name in (name for name in names if name not in event.view.members):
                more = [*event.view.members, name]
                yield Change(sentence=f"{told} is with {name}", edits={place: (_with_view(event, more),)})


@operator("renumber a view")
def renumber_a_view(run: Record) -> Iterator[Change]:
    """One process gives a view the next number."""
    for place, event in enumerate(run.events):
        if isinstance(event, Installed):
            view = View(id=event.view.id + 1, members=event.view.members)
            told = f"line {event.line} ({_told(event)}) has the next number"
            yield Change(sentence=told, edits={place: (attrs.evolve(event, view=view),)})


@operator("deliver elsewhere")
def deliver_elsewhere(run: Record) -> Iterator[Change]:
    """A message is delivered to another process instead."""
    names = sorted(run.of_process)
    crashed = {event.process: place for place, event in enumerate(run.events) if isinstance(event, Crashed)}
    for place, event in enumerate(run.events):
        if isinstance(event, Delivered):
            for name in names:
                if name != event.process and place < crashed.get(name, len(run.events)):
                    other = attrs.evolve(event, process=name)
                    told = f"line {event.line} ({_told(event)}) is at {name} instead"
                    yield Change(sentence=told, edits={place: (other,)})


@operator("change a state")
def change_a_state(run: Record) -> Iterator[Change]:
    """A process has another state at a view."""
    for place, event in enumerate(run.events):
        if isinstance(event, Stated):
            other = attrs.evolve(event, state=f"{event.state}, and more")
            yield Change(sentence=f"line {event.line} ({_told(event)}) is another", edits={place: (other,)})


# ---------------------------------------------------------------------------------------- helpers


def _by_process(run: Record) -> Iterator[list[int]]:
    """Yields for each process the places of its events that guarantees are about."""
    own: dict[str, list[int]] = {name: [] for name in sorted(run.of_process)}
    for place, event in enumerate(run.events):
        if not isinstance(event, JoinAsked | Marked):
            own[event.process].append(place)
    yield from own.values()


def _delivers_one_of(messages: Container[MessageKey], event: ServiceEvent) -> bool:
    return isinstance(event, Delivered) and key_of(event) in messages


def _with_view(event: Installed, members: Sequence[str]) -> Installed:
    return attrs.evolve(event, view=View(id=event.view.id, members=tuple(members)))


def _told(event: ServiceEvent) -> str:
    """Returns an event in a few words."""
    match event:
        case Installed():
            return f"{event.process} installs {event.view}"
        case Multicasted():
            return f"{event.process} multicasts {event.message}"
        case Delivered():
            return f"{event.process} delivers {event.message}"
        case Stated():
            return f"the state of {event.process} at view {event.view}"
        case Left():
            return f"{event.process} leaves"
        case Crashed():
            return f"{event.process} crashes"
        case _:
            return f"{event.kind} at {event.process}"
