"""The TLC judge: the formulas of VSProperties, evaluated by TLC, for many traces in one run.

The traces are merged by `vsync.check.merge` as for the streaming judge, so both judge the same sequences.
Each group of each trace becomes one sequence of events in a generated TLA+ module, with numbers for processes
and messages; TraceService.tla builds the histories from it and prints what is false, and from which event on.
A verdict counts only if it is complete and there is exactly one for each sequence; else nothing is known, and
that is an `EngineError`.

Spec: TraceService, VSProperties. Paper: 2.4.
"""

import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from re import compile as pattern
from typing import Final

import attrs

import vsync.check.order  # noqa: F401 (registers its checkers)
from vsync.check.judgement import TlcJudgement, lacking, selected
from vsync.check.merge import merge
from vsync.check.properties import GUARANTEES
from vsync.check.tlc import Verdict, run_tlc
from vsync.check.trace import Crashed, Delivered, Installed, Left, Multicasted, ServiceEvent, open_trace
from vsync.errors import EngineError
from vsync.locate import spec_directory

MODULE: Final = "TraceService"
BATCH_MAX: Final = 200
"""How many sequences one run of TLC judges; more cost memory and gain nothing."""
HEAP_MB: Final = 2048

_FALSE = pattern(r'<<"false", (\d+), "(\w+)", (\d+)>>')
_JUDGED = pattern(r'<<"judged", (\d+), (\d+)>>')


@attrs.frozen(kw_only=True)
class _Sequence:
    """The events of one group of one trace that belong to the histories."""

    trace: int
    group: str
    events: list[ServiceEvent]


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
    sequences = [
        _Sequence(trace=number, group=group, events=events)
        for number, trace in enumerate(traces)
        for group, events in _by_group(trace).items()
    ]
    found: list[dict[tuple[str, str], int]] = [{} for _ in traces]
    for start in range(0, len(sequences), BATCH_MAX):
        batch = sequences[start : start + BATCH_MAX]
        for sequence, first_false in zip(batch, _judge(batch, timeout_seconds, stop), strict=True):
            kinds = {event.kind for event in sequence.events}
            for name, index in first_false.items():
                if not lacking(name, kinds):
                    found[sequence.trace][sequence.group, name] = sequence.events[index - 1].line
    return [TlcJudgement(first_events=first_events) for first_events in found]


# ---------------------------------------------------------------------------------------------------- helpers


def _by_group(trace: Sequence[ServiceEvent]) -> dict[str, list[ServiceEvent]]:
    """Returns the events of the histories of each group; a crash belongs to all groups of the process."""
    groups: defaultdict[str, list[ServiceEvent]] = defaultdict(list)
    members: defaultdict[str, set[str]] = defaultdict(set)
    for event in trace:
        match event:
            case Crashed():
                for group, events in groups.items():
                    if event.process in members[group]:
                        events.append(event)
            case Installed() | Multicasted() | Delivered() | Left():
                groups[event.group].append(event)
                members[event.group].add(event.process)
            case _:
                pass
    return groups


def _judge(
    batch: Sequence[_Sequence], timeout_seconds: float | None, stop: threading.Event | None
) -> list[dict[str, int]]:
    """Returns, for each sequence, the number of the event by which each formula becomes false."""
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
    return _verdicts("\n".join(result.printed), len(batch))


def _verdicts(printed: str, expected: int) -> list[dict[str, int]]:
    first_false: dict[int, dict[str, int]] = defaultdict(dict)
    for number, name, index in _FALSE.findall(printed):
        first_false[int(number)][name] = int(index)
    judged = [(int(number), int(count)) for number, count in _JUDGED.findall(printed)]
    complete = all(len(first_false[number]) == count for number, count in judged)
    strange = {name for names in first_false.values() for name in names} - GUARANTEES.keys()
    if sorted(number for number, _ in judged) != list(range(1, expected + 1)) or not complete or strange:
        raise EngineError(
            f"expected one complete verdict for each of {expected} traces, but TLC printed {len(judged)}: "
            "run it again, and report it if it happens again"
        )
    return [first_false[number] for number in range(1, expected + 1)]


def _module(batch: Sequence[_Sequence]) -> str:
    """Returns the module that holds the sequences."""
    written, processes_max = [], 1
    for sequence in batch:
        processes: dict[str, int] = {}
        messages: dict[str, int] = {}
        events = [_written(event, processes, messages) for event in sequence.events]
        written.append("<<" + ",\n    ".join(events) + ">>")
        processes_max = max(processes_max, len(processes))
    body = ",\n  ".join(written)
    return (
        "---- MODULE RecordedTraces ----\nEXTENDS Naturals, Sequences\n"
        f"RecordedProcesses == 1..{processes_max}\nTraces ==\n  <<{body}>>\n====\n"
    )


def _written(event: ServiceEvent, processes: dict[str, int], messages: dict[str, int]) -> str:
    """Returns an event as a TLA+ tuple, with numbers for names, which it gives out as they come."""

    def number(name: str) -> int:
        return processes.setdefault(name, len(processes) + 1)

    match event:
        case Installed():
            members = ", ".join(str(number(member)) for member in event.view.members)
            argument = f", [id |-> {event.view.id}, members |-> <<{members}>>]"
        case Multicasted() | Delivered():
            argument = f", {messages.setdefault(event.message, len(messages) + 1)}"
        case _:
            argument = ""
    return f'<<"{event.kind}", {number(event.process)}{argument}>>'
