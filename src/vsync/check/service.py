"""The TLC judge: the formulas of VSProperties, evaluated by TLC, for many traces in one run.

The traces are merged by `vsync.check.merge` as for the streaming judge, so both judge the same sequences.
Each trace becomes one sequence of events in a generated TLA+ module, with numbers for processes, groups and
messages; TraceService.tla builds the histories from it, projects them onto each group, and prints what is
false, and from which event on. A verdict counts only if it is complete and there is exactly one for each group
and one for all together; else nothing is known, and that is an `EngineError`.

Spec: TraceService, VSGroups, VSProperties. Paper: 2.4.
"""

import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from re import compile as pattern
from typing import Final

import attrs

import vsync.check.order
import vsync.check.total_order  # noqa: F401 (registers its checkers)
from vsync.check.groups import Groups, Placed
from vsync.check.judgement import TlcJudgement, lacking, selected
from vsync.check.merge import merge
from vsync.check.properties import GUARANTEES
from vsync.check.tlc import Verdict, run_tlc
from vsync.check.trace import (
    DEFAULT_GROUP,
    Crashed,
    Delivered,
    Installed,
    Left,
    Multicasted,
    ServiceEvent,
    Stated,
    ToldSafe,
    open_trace,
)
from vsync.errors import EngineError
from vsync.locate import spec_directory

MODULE: Final = "TraceService"
BATCH_MAX: Final = 1000
BATCH_EVENTS_MAX: Final = 120_000
"""How many sequences one run of TLC judges, and of how many events in all: the heap holds so many."""
UNTOLD: Final = 0
HEAP_MB: Final = 2048

_FALSE = pattern(r'<<"false", (\d+), (\d+), "(\w+)", (\d+)>>')
_JUDGED = pattern(r'<<"judged", (\d+), (\d+), (\d+)>>')
_EVENTS_OF_HISTORIES = (Installed, Multicasted, Delivered, Left, Crashed, Stated, ToldSafe)


@attrs.frozen(kw_only=True)
class _Sequence:
    """The events of one trace that belong to the histories, and its groups."""

    events: list[Placed]
    groups: tuple[str, ...]

    def kinds(self, group: str, across_groups: bool) -> set[str]:
        """Returns the kinds of events in a group, or in all together."""
        return {placed.event.kind for placed in self.events if across_groups or group in placed.groups}


@attrs.define(kw_only=True)
class _Numbers:
    """The numbers that stand for the names of a trace, given out as the names come.

    Those of groups begin after `processes_max`, that of no group is 0.
    """

    processes_max: int
    processes: dict[str, int] = attrs.field(factory=dict)
    groups: dict[str, int] = attrs.field(factory=dict)
    messages: dict[tuple[str, str], int] = attrs.field(factory=dict)
    states: dict[str, int] = attrs.field(factory=dict)
    views: dict[str, int] = attrs.field(factory=dict)
    """The views, and where messages go, as they are written, with their places."""
    addresses: dict[str, int] = attrs.field(factory=dict)

    def process(self, name: str) -> int:
        return self.processes.setdefault(name, len(self.processes) + 1)

    def group(self, name: str) -> int:
        return self.groups.setdefault(name, self.processes_max + len(self.groups) + 1)

    def message(self, event: Multicasted | Delivered | ToldSafe) -> int:
        return self.messages.setdefault((event.group, event.message), len(self.messages) + 1)

    def state(self, name: str) -> int:
        return self.states.setdefault(name, len(self.states) + 1)

    def view(self, written: str) -> int:
        return self.views.setdefault(written, len(self.views) + 1)

    def address(self, written: str) -> int:
        return self.addresses.setdefault(written, len(self.addresses) + 1)


def judge_files_with_tlc(
    paths: Sequence[Path | str],
    guarantees: Iterable[str] | None = None,
    *,
    stop: threading.Event | None = None,
) -> list[TlcJudgement]:
    """Judges the traces in files by TLC and returns one verdict for each, in their order.

    Raises InputError if a trace cannot be used, and EngineError if TLC gives no complete verdicts.
    """
    asked = None if guarantees is None else tuple(guarantees)
    traces, excluded = [], []
    for path in paths:
        with open_trace(path) as reader:
            traces.append(list(merge(reader)))
            excluded.append(set(selected(asked, reader.header.guarantees)))
    judgements = judge_with_tlc(traces, stop=stop)
    return [
        TlcJudgement(first_events={key: line for key, line in judgement.first_events.items() if key[1] not in left_out})
        for judgement, left_out in zip(judgements, excluded, strict=True)
    ]


def judge_with_tlc(
    traces: Sequence[Sequence[ServiceEvent]],
    *,
    timeout_seconds: float | None = None,
    stop: threading.Event | None = None,
) -> list[TlcJudgement]:
    """Judges merged traces by TLC and returns one verdict for each, in their order.

    A guarantee for which a trace lacks the facts is left out, as by the streaming judge. Setting `stop` ends it
    from another thread. Raises EngineError if TLC gives no complete verdicts.
    """
    judgements = []
    for batch in _batches([_sequence(trace) for trace in traces]):
        for sequence, first_false in zip(batch, _judge(batch, timeout_seconds, stop), strict=True):
            judgements.append(TlcJudgement(first_events=_lines(sequence, first_false)))
    return judgements


# ---------------------------------------------------------------------------------------------------- helpers


def _sequence(trace: Sequence[ServiceEvent]) -> _Sequence:
    groups = Groups()
    placed = [groups.place(event) for event in trace if isinstance(event, _EVENTS_OF_HISTORIES)]
    return _Sequence(events=placed, groups=tuple(groups.known))


def _batches(sequences: Sequence[_Sequence]) -> Iterator[list[_Sequence]]:
    """Yields the sequences in batches that are not too large, a sequence that is too large by itself alone."""
    batch: list[_Sequence] = []
    events = 0
    for sequence in sequences:
        if batch and (len(batch) == BATCH_MAX or events + len(sequence.events) > BATCH_EVENTS_MAX):
            yield batch
            batch, events = [], 0
        batch.append(sequence)
        events += len(sequence.events)
    if batch:
        yield batch


def _lines(sequence: _Sequence, first_false: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Returns the line of the event by which each formula becomes false, of those that the trace has facts for."""
    lines = {}
    for (group, name), index in first_false.items():
        if not lacking(name, sequence.kinds(group, GUARANTEES[name].across_groups)):
            lines[group, name] = sequence.events[index - 1].event.line
    return lines


def _judge(
    batch: Sequence[_Sequence], timeout_seconds: float | None, stop: threading.Event | None
) -> list[dict[tuple[str, str], int]]:
    """Returns, for each sequence, the number of the event by which each formula becomes false in each group."""
    with tempfile.TemporaryDirectory(prefix="vsync-") as scratch:
        (Path(scratch) / "RecordedTraces.tla").write_text(_module(batch), encoding="utf-8")
        config = Path(scratch) / f"{MODULE}.cfg"
        config.write_text("CONSTANT Process <- RecordedProcesses\nSPECIFICATION Spec\nVIEW Position\n")
        spec = spec_directory()
        module = Path(shutil.copy(spec / f"{MODULE}.tla", scratch))  # next to it, the traces are found first
        result = run_tlc(module, config, heap_mb=HEAP_MB, timeout_seconds=timeout_seconds, library=(spec,))
    if result.verdict is not Verdict.HOLDS:
        raise EngineError(
            f"expected TLC to evaluate {len(batch)} traces, but it says: {result.verdict}: {result.message}"
        )
    return _verdicts("\n".join(result.printed), batch)


def _verdicts(printed: str, batch: Sequence[_Sequence]) -> list[dict[tuple[str, str], int]]:
    first_false: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for trace, scope, name, index in _FALSE.findall(printed):
        first_false[int(trace), int(scope)][name] = int(index)
    judged = [(int(trace), int(scope), int(count)) for trace, scope, count in _JUDGED.findall(printed)]
    complete = all(len(first_false[trace, scope]) == count for trace, scope, count in judged)
    strange = {name for names in first_false.values() for name in names} - GUARANTEES.keys()
    beyond = _processes_max(batch)
    names = {
        (trace, scope): group
        for trace, sequence in enumerate(batch, start=1)
        for scope, group in [(0, DEFAULT_GROUP), *enumerate(sequence.groups, start=beyond + 1)]
    }
    if sorted((trace, scope) for trace, scope, _ in judged) != sorted(names) or not complete or strange:
        raise EngineError(
            f"expected one complete verdict for each of {len(names)} groups, but TLC printed {len(judged)}: "
            "run it again, and report it if it happens again"
        )
    found: list[dict[tuple[str, str], int]] = [{} for _ in batch]
    for (trace, scope), names_false in first_false.items():
        for name, index in names_false.items():
            found[trace - 1][names[trace, scope], name] = index
    return found


def _processes_max(batch: Sequence[_Sequence]) -> int:
    """Returns how many processes the sequence has that has the most, views included."""
    counts = [1]
    for sequence in batch:
        names = {placed.event.process for placed in sequence.events}
        for placed in sequence.events:
            if isinstance(placed.event, Installed):
                names.update(placed.event.view.members)
            elif isinstance(placed.event, Delivered) and placed.event.sender is not None:
                names.add(placed.event.sender)
        counts.append(len(names))
    return max(counts)


def _module(batch: Sequence[_Sequence]) -> str:
    """Returns the module that holds the sequences."""
    processes_max = _processes_max(batch)
    body = ",\n  ".join(_written_sequence(sequence, processes_max) for sequence in batch)
    return (
        "---- MODULE RecordedTraces ----\nEXTENDS Naturals, Sequences\n"
        f"RecordedProcesses == 1..{processes_max}\nTraces ==\n  <<{body}>>\n====\n"
    )


def _written_sequence(sequence: _Sequence, processes_max: int) -> str:
    """Returns a trace as a TLA+ record, with numbers for names, and views and addresses apart."""
    numbers = _Numbers(processes_max=processes_max)
    groups = ", ".join(str(numbers.group(name)) for name in sequence.groups)
    events = ",\n".join(_written(placed, numbers) for placed in sequence.events)
    views, addresses = (", ".join(known) for known in (numbers.views, numbers.addresses))
    return (
        f"[groups |-> {{{groups}}}, views |-> <<{views}>>, addresses |-> <<{addresses}>>,\n   events |-> <<{events}>>]"
    )


def _written(placed: Placed, numbers: _Numbers) -> str:
    """Returns an event as a TLA+ tuple, with numbers for names, views and addresses."""
    event = placed.event
    match event:
        case Installed():
            members = ", ".join(str(numbers.process(member)) for member in event.view.members)
            view = numbers.view(f"[id |-> {event.view.id}, members |-> <<{members}>>]")
            arguments = [numbers.group(event.group), view]
        case Multicasted() | Delivered() | ToldSafe():
            arguments = [numbers.address(_written_address(placed, event.group, numbers)), numbers.message(event)]
            if isinstance(event, Delivered):
                arguments.append(UNTOLD if event.sender is None else numbers.process(event.sender))
        case Stated():
            arguments = [numbers.group(event.group), event.view, numbers.state(event.state)]
        case Crashed():
            arguments = []
        case _:
            arguments = [numbers.group(event.group)]
    fields = [f'"{event.kind}"', *map(str, (numbers.process(event.process), *arguments))]
    return f"<<{','.join(fields)}>>"


def _written_address(placed: Placed, group: str, numbers: _Numbers) -> str:
    """Returns where a message goes, and how it was multicast."""
    to = ", ".join(str(numbers.groups[name] if name in numbers.groups else numbers.process(name)) for name in placed.to)
    return f'<<{0 if placed.listed else numbers.group(group)}, "{placed.primitive}", {{{to}}}>>'
