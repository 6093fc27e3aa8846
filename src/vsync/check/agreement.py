"""Both judges on the same traces, and whether they agree.

The streaming judge and TLC judge the service events of a trace by the same guarantees, one written in Python
and one in TLA+. They agree if they find the same guarantees broken, each first by the same event; if not, one
of them is wrong. The protocol events, where a trace has any, are judged by TLC alone: it says whether each
step is one of the specification. A trace whose service events are accepted and whose steps are not is a
disagreement, too: then the implementation does what the specification forbids, or the other way round.

Several runs of TLC go on at a time, each on some of the traces.

Spec: TraceService, TraceCbcast, TraceSiteViews. Paper: 2.4.
"""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import attrs

from vsync.check.judgement import Judgement, TlcJudgement, disagreement
from vsync.check.protocol import OnEvaluated, ProtocolJudgement, judge_protocol_with_tlc
from vsync.check.service import judge_files_with_tlc
from vsync.check.trace import open_trace
from vsync.errors import InputError


@attrs.frozen(kw_only=True)
class SpecJudgement:
    """What TLC says of one trace.

    `service` is about its service events; `protocol` about its protocol events, None if it has none or if
    they cannot be judged, for the reason `unusable`.
    """

    service: TlcJudgement
    protocol: ProtocolJudgement | None = None
    unusable: str = ""

    @property
    def accepted(self) -> bool:
        """Whether no formula is false, and each step is one of the specification."""
        return self.service.accepted and (self.protocol is None or self.protocol.accepted)

    @property
    def rejection(self) -> str:
        """Which step the specification does not have, and where; nothing if it has all."""
        if self.protocol is None or self.protocol.accepted:
            return ""
        return f"line {self.protocol.line} is no step of {self.protocol.module}: {self.protocol.reason}"

    def disagreement(self, judgement: Judgement) -> str:
        """Returns in what it differs from the verdict of the streaming judge; nothing if they agree."""
        differences = disagreement(judgement, self.service)
        if differences:
            return f"the streaming judge and TLC disagree: {differences}"
        if judgement.accepted and self.rejection:
            return f"the guarantees hold, but {self.rejection}"
        return ""

    def as_json(self) -> dict[str, Any]:
        """Returns what TLC says as a JSON object."""
        return {
            "accepted": self.accepted,
            "violated": [
                {"guarantee": name, "group": group, "line": line}
                for (group, name), line in sorted(self.service.first_events.items())
            ],
            "steps": self.protocol.steps if self.protocol else 0,
            "unjudged": self.protocol.unjudged if self.protocol else 0,
            "rejected": {
                "module": self.protocol.module,
                "line": self.protocol.line,
                "reason": self.protocol.reason,
            }
            if self.protocol and not self.protocol.accepted
            else None,
            "unusable": self.unusable or None,
        }


def judge_by_spec(
    paths: Sequence[Path | str],
    guarantees: Iterable[str] | None = None,
    *,
    cores: int | None = None,
    on_done: Callable[[int], None] = lambda traces: None,
    on_evaluated: OnEvaluated | None = None,
) -> list[SpecJudgement]:
    """Judges the traces in files by TLC, several runs at a time, and returns what it says, in their order.

    `guarantees` limits the judging of service events to those names. `cores` is how many to use, all if None.
    `on_done` is called, twice for each trace in the end, with how many are done. `on_evaluated` is called, from any
    thread, with what of the specification the protocol events of some of them exercise. Each run of TLC has ended
    when this returns or raises. Raises InputError if a trace cannot be used, and EngineError if TLC gives no
    complete verdicts.
    """
    cores = max(1, cores or os.cpu_count() or 1)
    asked = None if guarantees is None else tuple(guarantees)
    stop = threading.Event()
    parts = [paths[start::cores] for start in range(min(cores, len(paths)))]
    with ThreadPoolExecutor(max_workers=cores) as pool:
        service = [pool.submit(judge_files_with_tlc, part, asked, stop=stop) for part in parts]
        protocol = [pool.submit(_judge_protocol, part, stop, on_evaluated) for part in parts]
        sizes: dict[Future[Any], int] = dict(zip([*service, *protocol], map(len, [*parts, *parts]), strict=True))
        try:
            for future in as_completed(sizes):
                future.result()
                on_done(sizes[future])
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    judgements: list[SpecJudgement] = []
    for index in range(len(paths)):
        part, place = index % cores, index // cores
        steps, unusable = protocol[part].result()[place]
        judgements.append(SpecJudgement(service=service[part].result()[place], protocol=steps, unusable=unusable))
    return judgements


def _judge_protocol(
    paths: Sequence[Path | str], stop: threading.Event, on_evaluated: OnEvaluated | None
) -> list[tuple[ProtocolJudgement | None, str]]:
    """Returns the judgement of each file's protocol events, if it has any, or why there is none."""
    numbers, traces = [], []
    for path in paths:
        with open_trace(path) as reader:
            lines = list(reader.objects())
        has_steps = any("action" in fields for _, fields in lines)
        numbers.append([number for number, _ in lines] if has_steps else [])
        traces.append([fields for _, fields in lines] if has_steps else [])
    try:
        judgements = [(each, "") for each in judge_protocol_with_tlc(traces, stop=stop, on_evaluated=on_evaluated)]
    except InputError as problem:
        if len(paths) == 1:
            return [(None, str(problem))]
        return [each for path in paths for each in _judge_protocol([path], stop, on_evaluated)]
    return [
        (_at_line_of_file(judgement, lines) if judgement and judgement.steps + judgement.unjudged else None, reason)
        for (judgement, reason), lines in zip(judgements, numbers, strict=True)
    ]


def _at_line_of_file(judgement: ProtocolJudgement, numbers: Sequence[int]) -> ProtocolJudgement:
    """Returns the judgement with the line in the file, where blank lines count."""
    line = None if judgement.line is None else numbers[judgement.line - 2]
    return attrs.evolve(judgement, line=line)
