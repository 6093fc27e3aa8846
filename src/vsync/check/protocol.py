"""The second judge, for protocol events: TLC replays recorded steps on the specification itself.

How sites agree on views is judged by ``TraceSiteViews``, how they multicast by ``TraceGbcast``, how they
keep process groups by ``TraceGroups``, how processes get the state of a group by ``TraceStateTransfer``, and
how they multicast by ``TraceCbcast``; many traces go through one run of TLC.  How steps are written down as
TLA+ is in ``check/recorded``, one writer for each of these modules.  A trace is accepted if each of its steps
is a step of the specification with those arguments, and leaves the variables as they were recorded.  The
traces that are not accepted are run once more, with TLC telling how far they go: so the verdict names the
first line that the specification forbids, and the variables that differ if that is why.

Spec: TraceCbcast, TraceGbcast, TraceGroups, TraceSiteViews, TraceStateTransfer.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from vsync.check.recorded.cbcast import TRACE_CBCAST
from vsync.check.recorded.gbcast import TRACE_GBCAST
from vsync.check.recorded.groups import TRACE_GROUPS
from vsync.check.recorded.site_views import TRACE_SITE_VIEWS
from vsync.check.recorded.state_transfer import TRACE_STATE_TRANSFER
from vsync.check.recorded.writing import Line, Steps, Writer
from vsync.check.tlc import Verdict, run_tlc
from vsync.check.tlc_output import Evaluated
from vsync.errors import EngineError
from vsync.locate import spec_directory

OnEvaluated = Callable[[Sequence[Evaluated]], None]

#: The judges, each by its Trace module.
WRITERS: Final = (TRACE_SITE_VIEWS, TRACE_GBCAST, TRACE_GROUPS, TRACE_STATE_TRANSFER, TRACE_CBCAST)
BATCH_LINES_MAX: Final = 40_000
HEAP_MB: Final = 3072
_PRINTED = re.compile(r'<<\s*"(accepted|passed|differs)",\s*(\d+)(?:,\s*(\d+))?(?:,\s*\{([^}]*)\})?\s*>>')


@frozen(kw_only=True)
class ProtocolJudgement:
    """What TLC says of the protocol events of one trace.

    ``line`` is the line of the file (the header is line 1) that is rejected by ``module``;
    ``steps`` counts the protocol events that were judged, ``unjudged`` those that no Trace module knows.
    """

    accepted: bool
    steps: int
    unjudged: int = 0
    module: str | None = None
    line: int | None = None
    reason: str = ""


def judge_protocol_with_tlc(
    traces: Sequence[Sequence[Line]],
    *,
    timeout_seconds: float | None = None,
    stop: threading.Event | None = None,
    on_evaluated: OnEvaluated | None = None,
) -> list[ProtocolJudgement]:
    """Judge the protocol events of traces, and return one judgement for each, in their order.

    Arguments: each trace as the lines that follow its header, as JSON objects; ``stop``, which ends
    the judging when it is set from another thread; ``on_evaluated``, to be called, for each run of TLC, with what
    of the specification it evaluated, which takes it longer.
    Errors: ``InputError`` if a line cannot be read, ``EngineError`` if TLC gives no complete verdict.
    """
    written = [[part for writer in WRITERS for part in _parts(writer, trace)] for trace in traces]
    for writer in WRITERS:
        pending = [part for parts in written for part in parts if part.writer is writer and part.lines]
        while pending:
            batch: list[Recorded] = []
            size = 0
            while pending and (not batch or size + len(pending[0].lines) <= BATCH_LINES_MAX):
                size += len(pending[0].lines)
                batch.append(pending.pop(0))
            _judge(batch, timeout_seconds, stop, on_evaluated)
    return [_judgement(trace, parts) for trace, parts in zip(traces, written, strict=True)]


class Recorded:
    """The steps of one trace, or of a part of it, that one module judges, and what came of it.

    Arguments: the writer of the module; the steps, each with its line in the file and its TLA+ text; a prologue
    of the trace record.
    """

    def __init__(self, writer: Writer, steps: Steps) -> None:
        self.writer = writer
        self.module = writer.module
        self.lines = [number for number, _ in steps.steps]
        self.text = f"[{steps.prologue}, lines |->\n   <<" + ",\n     ".join(t for _, t in steps.steps) + ">>]"
        self.processes = steps.processes
        self.clients = steps.clients
        self.groups = steps.groups
        self.rejected: tuple[int, str] | None = None


def _parts(writer: Writer, trace: Sequence[Line]) -> list[Recorded]:
    """What a module judges of a trace: most of them the whole at once."""
    steps = writer.steps(trace)
    return [Recorded(writer, part) for part in ([steps] if isinstance(steps, Steps) else steps)]


def _judgement(trace: Sequence[Line], recorded: Iterable[Recorded]) -> ProtocolJudgement:
    parts = tuple(recorded)
    judged = {line for part in parts for line in part.lines}
    actions = {number for number, line in enumerate(trace, start=2) if "action" in line}
    steps, unjudged = len(actions & judged), len(actions - judged)
    rejected = [(part.rejected, part.module) for part in parts if part.rejected is not None]
    if not rejected:
        return ProtocolJudgement(accepted=True, steps=steps, unjudged=unjudged)
    (line, reason), module = min(rejected)
    return ProtocolJudgement(accepted=False, steps=steps, unjudged=unjudged, module=module, line=line, reason=reason)


# -- Running TLC ------------------------------------------------------------------------------------


def _judge(
    batch: list[Recorded],
    timeout_seconds: float | None,
    stop: threading.Event | None,
    on_evaluated: OnEvaluated | None = None,
) -> None:
    printed = _run(batch, False, timeout_seconds, stop, on_evaluated)
    accepted = {index for what, index, _, _ in printed if what == "accepted"}
    if rejected := [recorded for index, recorded in enumerate(batch, start=1) if index not in accepted]:
        _explain(rejected, timeout_seconds, stop)


def _explain(batch: list[Recorded], timeout_seconds: float | None, stop: threading.Event | None) -> None:
    """Find of each the line of the file that is rejected, and why."""
    printed = _run(batch, True, timeout_seconds, stop)
    if any(what == "accepted" for what, *_ in printed):
        raise EngineError("TLC accepts a trace that it did not accept before: report this")
    for trace, recorded in enumerate(batch, start=1):
        told = [(what, number, names) for what, index, number, names in printed if index == trace]
        line = recorded.lines[max((number for what, number, _ in told if what == "passed"), default=0)]
        differing = sorted({name for what, _, names in told if what == "differs" for name in names})
        if differing:
            recorded.rejected = line, f"the step is possible, but leaves other values in: {', '.join(differing)}"
        else:
            recorded.rejected = line, "the specification does not allow this step here"


def _run(
    batch: list[Recorded],
    telling: bool,
    timeout_seconds: float | None,
    stop: threading.Event | None,
    on_evaluated: OnEvaluated | None = None,
) -> list[tuple[str, int, int, tuple[str, ...]]]:
    """Run TLC on the traces; return what it printed of them, as (what, trace, line, names)."""
    module = batch[0].module
    with tempfile.TemporaryDirectory(prefix="vsync-") as scratch:
        written = Path(scratch) / "RecordedTraces.tla"
        written.write_text(_recorded_traces(batch), encoding="utf-8")
        config = Path(scratch) / f"{module}.cfg"
        config.write_text(_configuration(batch[0].writer, telling), encoding="utf-8")
        spec = spec_directory()
        judge = shutil.copy(spec / f"{module}.tla", scratch)  # next to it, the traces are found first
        result = run_tlc(
            Path(judge),
            config,
            heap_mb=HEAP_MB,
            timeout_seconds=timeout_seconds,
            library=(spec,),
            stop=stop,
            coverage=on_evaluated is not None,
        )
    if result.verdict is not Verdict.HOLDS:
        raise EngineError(
            f"expected TLC to replay {len(batch)} traces on {module}, but it says: {result.verdict}: {result.message}"
        )
    if on_evaluated is not None:
        on_evaluated(result.evaluated)
    return [
        (what, int(index), int(number or 0), tuple(re.findall(r"\w+", names or "")))
        for what, index, number, names in _PRINTED.findall("\n".join(result.printed))
    ]


def _recorded_traces(batch: list[Recorded]) -> str:
    """The module RecordedTraces for one run."""
    clients = sorted(set().union(*(recorded.clients for recorded in batch)))
    return (
        "---- MODULE RecordedTraces ----\nEXTENDS Naturals, Sequences\n"
        'FirstInFirstOut == "fifo"\n'
        f"RecordedProcesses == 1..{max(recorded.processes for recorded in batch)}\n"
        f"GroupsRecorded == {max(recorded.groups for recorded in batch)}\n"
        f"SiteOfRecorded == [p \\in {{{', '.join(map(str, clients))}}} |-> p \\div 1000]\n"
        "Traces ==\n  <<" + ",\n  ".join(recorded.text for recorded in batch) + ">>\n====\n"
    )


def _configuration(writer: Writer, telling: bool) -> str:
    assigned = {**writer.constants, **writer.replaced}
    replaced = "".join(f"    {name} <- {by}\n" for name, by in assigned.items())
    view = f"VIEW {writer.view}\n" if writer.view else ""
    return f"CONSTANTS\n{replaced}    Telling = {'TRUE' if telling else 'FALSE'}\nSPECIFICATION TraceSpec\n{view}"
