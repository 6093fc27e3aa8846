"""The second judge, for protocol events: TLC replays recorded steps on the specification itself.

The steps of sites are judged by ``TraceSiteViews``, those of processes by ``TraceCbcast``; many
traces go through one run of TLC.  A trace is accepted if each of its steps is a step of the
specification with those arguments, and leaves the variables as they were recorded.  A trace that
is not accepted is run once more, alone, with TLC telling how far it goes: so the verdict names the
first line that the specification forbids, and the variables that differ if that is why.

Spec: TraceCbcast, TraceSiteViews.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from vsync.check.tlc import Verdict, run_tlc
from vsync.errors import EngineError, InputError
from vsync.locate import spec_directory

Line = Mapping[str, Any]

BATCH_LINES_MAX: Final = 40_000
HEAP_MB: Final = 3072
_PRINTED = re.compile(r'<<\s*"(accepted|passed|differs)",\s*(\d+)(?:,\s*(\d+))?(?:,\s*\{([^}]*)\})?\s*>>')


@frozen(kw_only=True)
class ProtocolJudgement:
    """What TLC says of the protocol events of one trace.

    ``line`` is the line of the file (the header is line 1) that is rejected by ``module``;
    ``steps`` counts the protocol events that were judged.
    """

    accepted: bool
    steps: int
    module: str | None = None
    line: int | None = None
    reason: str = ""


def judge_protocol_with_tlc(
    traces: Sequence[Sequence[Line]],
    *,
    timeout_seconds: float | None = None,
    stop: threading.Event | None = None,
) -> list[ProtocolJudgement]:
    """Judge the protocol events of traces, and return one judgement for each, in their order.

    Arguments: each trace as the lines that follow its header, as JSON objects; ``stop``, which ends
    the judging when it is set from another thread.
    Errors: ``InputError`` if a line cannot be read, ``EngineError`` if TLC gives no complete verdict.
    """
    written = [
        (Recorded("TraceSiteViews", _site_steps(trace)), Recorded("TraceCbcast", _process_steps(trace)))
        for trace in traces
    ]
    for module in (0, 1):
        pending = [pair[module] for pair in written if pair[module].lines]
        while pending:
            batch: list[Recorded] = []
            size = 0
            while pending and (not batch or size + len(pending[0].lines) <= BATCH_LINES_MAX):
                size += len(pending[0].lines)
                batch.append(pending.pop(0))
            _judge(batch, timeout_seconds, stop)
    return [_judgement(pair) for pair in written]


class Recorded:
    """The steps of one trace that one module judges, and what came of it.

    Arguments: the module; the steps, each with its line in the file and its TLA+ text; a prologue
    of the trace record.
    """

    def __init__(self, module: str, steps: _Steps) -> None:
        self.module = module
        self.lines = [number for number, _ in steps.steps]
        self.text = f"[{steps.prologue}, lines |->\n   <<" + ",\n     ".join(t for _, t in steps.steps) + ">>]"
        self.processes = steps.processes
        self.clients = steps.clients
        self.rejected: tuple[int, str] | None = None


@frozen(kw_only=True)
class _Steps:
    """Steps as TLA+ text, with the line of each; and what stands before them in the trace record."""

    prologue: str
    processes: int
    clients: frozenset[int] = frozenset()
    steps: list[tuple[int, str]] = field(factory=list)


def _judgement(recorded: Iterable[Recorded]) -> ProtocolJudgement:
    parts = tuple(recorded)
    steps = sum(len(part.lines) for part in parts)
    rejected = [(part.rejected, part.module) for part in parts if part.rejected is not None]
    if not rejected:
        return ProtocolJudgement(accepted=True, steps=steps)
    (line, reason), module = min(rejected)
    return ProtocolJudgement(accepted=False, steps=steps, module=module, line=line, reason=reason)


# -- Running TLC ------------------------------------------------------------------------------------


def _judge(batch: list[Recorded], timeout_seconds: float | None, stop: threading.Event | None) -> None:
    accepted = {index for what, index, _, _ in _run(batch, False, timeout_seconds, stop) if what == "accepted"}
    for index, recorded in enumerate(batch, start=1):
        if index not in accepted:
            recorded.rejected = _explain(recorded, timeout_seconds, stop)


def _explain(recorded: Recorded, timeout_seconds: float | None, stop: threading.Event | None) -> tuple[int, str]:
    """The line of the file that is rejected, and why."""
    printed = _run([recorded], True, timeout_seconds, stop)
    if any(what == "accepted" for what, *_ in printed):
        raise EngineError("TLC accepts a trace alone that it did not accept among others: report this")
    passed = max((number for what, _, number, _ in printed if what == "passed"), default=0)
    differing = sorted({name for what, _, number, names in printed if what == "differs" for name in names})
    line = recorded.lines[passed]
    if differing:
        return line, f"the step is possible, but leaves other values in: {', '.join(differing)}"
    return line, "the specification does not allow this step here"


def _run(
    batch: list[Recorded], telling: bool, timeout_seconds: float | None, stop: threading.Event | None
) -> list[tuple[str, int, int, tuple[str, ...]]]:
    """Run TLC on the traces; return what it printed of them, as (what, trace, line, names)."""
    module = batch[0].module
    with tempfile.TemporaryDirectory(prefix="vsync-") as scratch:
        written = Path(scratch) / "RecordedTraces.tla"
        written.write_text(_recorded_traces(batch), encoding="utf-8")
        config = Path(scratch) / f"{module}.cfg"
        config.write_text(_configuration(module, telling), encoding="utf-8")
        spec = spec_directory()
        judge = shutil.copy(spec / f"{module}.tla", scratch)  # next to it, the traces are found first
        result = run_tlc(
            Path(judge), config, heap_mb=HEAP_MB, timeout_seconds=timeout_seconds, library=(spec,), stop=stop
        )
    if result.verdict is not Verdict.HOLDS:
        raise EngineError(
            f"expected TLC to replay {len(batch)} traces on {module}, but it says: {result.verdict}: {result.message}"
        )
    return [
        (what, int(index), int(number or 0), tuple(re.findall(r"\w+", names or "")))
        for what, index, number, names in _PRINTED.findall("\n".join(result.printed))
    ]


def _recorded_traces(batch: list[Recorded]) -> str:
    """The module RecordedTraces for one run."""
    clients = sorted(set().union(*(recorded.clients for recorded in batch)))
    return (
        "---- MODULE RecordedTraces ----\nEXTENDS Naturals, Sequences\n"
        f"RecordedProcesses == 1..{max(recorded.processes for recorded in batch)}\n"
        f"SiteOfRecorded == [p \\in {{{', '.join(map(str, clients))}}} |-> p \\div 1000]\n"
        "Traces ==\n  <<" + ",\n  ".join(recorded.text for recorded in batch) + ">>\n====\n"
    )


def _configuration(module: str, telling: bool) -> str:
    sites = "    SiteOf <- SiteOfRecorded\n" if module == "TraceSiteViews" else ""
    return (
        "CONSTANTS\n    Process <- RecordedProcesses\n    Founders <- NoFounders\n"
        f'    Guarantee = "fifo"\n{sites}    Telling = {"TRUE" if telling else "FALSE"}\n'
        "SPECIFICATION TraceSpec\n"
    )


# -- Writing traces as TLA+ -------------------------------------------------------------------------


class _Names:
    """Numbers for names, given out as they come: 1, 2, 3, ..."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.clients: set[int] = set()

    def __call__(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers) + 1)

    def sequence(self, names: Iterable[str]) -> str:
        return f"<<{', '.join(str(self(name)) for name in names)}>>"

    def set(self, names: Iterable[str]) -> str:
        return f"{{{', '.join(str(self(name)) for name in names)}}}"


def _actions(trace: Sequence[Line], modules: tuple[str, ...]) -> list[tuple[int, Line]]:
    """The protocol events of these modules, each with its line in the file."""
    return [
        (number, line)
        for number, line in enumerate(trace, start=2)
        if str(line.get("action", "")).partition("!")[0] in modules
    ]


def _process_steps(trace: Sequence[Line]) -> _Steps:
    """The steps of Flush and Cbcast, and the views of the group that the sites agreed on."""
    names = _Names()
    groups: dict[int, list[str]] = {}
    for number, line in _actions(trace, ("SiteViews",)):
        if line["action"] == "SiteViews!Install":
            view = _get(number, line["variables"], "known")
            groups[view["group"]] = view["members"]
    groups.pop(0, None)
    steps = []
    for number, line in _actions(trace, ("Flush", "Cbcast")):
        try:
            steps.append((number, _process_step(line, names)))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"line {number} is no step of a process: {error!r} is missing or wrong") from error
    if steps and sorted(groups) != list(range(1, len(groups) + 1)):
        raise InputError(f"the group has the views {sorted(groups)}; some of its SiteViews!Install are missing")
    views = ", ".join(_record({"id": k, "members": names.sequence(groups[k])}) for k in sorted(groups))
    return _Steps(prologue=f"views |-> <<{views}>>", processes=len(names.numbers), steps=steps)


def _process_step(line: Line, names: _Names) -> str:
    action, arguments, variables = line["action"], line["arguments"], line["variables"]
    module = action.partition("!")[0]
    n, message, members = 0, "<<>>", "<<>>"
    if action == "Cbcast!Multicast":
        n = int(arguments["n"])
    elif action == "Cbcast!Deliver":
        message = _message(arguments["m"], names)
    elif action == "Flush!Confirm":
        n = int(arguments["k"])
    elif action == "Flush!Forward":
        n = int(arguments["view"]["id"])
        members = names.sequence(arguments["view"]["members"])
    heard = ", ".join(f"<<{names(q)}, {_counts(t)}>>" for q, t in variables.get("heard", {}).items())
    fields = {
        "action": f'"{action}"',
        "p": names(line["process"]),
        "q": names(arguments["q"]) if "q" in arguments else 0,
        "n": n,
        "m": message,
        "time": members,
        "known": int(variables.get("known", 0)),
        "current": int(variables.get("current", 0)),
        "received": f"{{{', '.join(_message(m, names) for m in variables.get('received', ()))}}}",
        "flushes": _marks(variables.get("flushes", ()), names),
        "readies": _marks(variables.get("readies", ()), names),
        "layered": "TRUE" if module == "Cbcast" else "FALSE",
        "after": _counts(variables.get("time", ())),
        "heard": f"{{{heard}}}",
    }
    return _record(fields)


def _site_steps(trace: Sequence[Line]) -> _Steps:
    """The steps of SiteViews, and the sites that founded the system."""
    names = _Names()
    founders = next((line["sites"] for line in trace if line.get("move") == "found"), None)
    found = _actions(trace, ("SiteViews",))
    if found and founders is None:
        raise InputError("the steps of sites can be judged only if the trace has its move `found`")
    prologue = f"founders |-> {names.sequence(founders or ())}"
    steps = []
    for number, line in found:
        try:
            steps.append((number, _site_step(line, names)))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"line {number} is no step of a site: {error!r} is missing or wrong") from error
    clients = frozenset(names.clients)
    return _Steps(prologue=prologue, processes=len(names.numbers), clients=clients, steps=steps)


def _site_step(line: Line, names: _Names) -> str:
    arguments, variables = line["arguments"], line["variables"]
    other = arguments.get("q", arguments.get("t"))
    fields = {
        "action": f'"{line["action"]}"',
        "s": names(line["site"]),
        "q": names(other) if other is not None else 0,
        "change": _change(arguments["c"], names) if "c" in arguments else "<<>>",
        "view": _site_view(arguments.get("view"), names),
        "known": _site_view(variables.get("known"), names),
        "wanted": f"{{{', '.join(_change(c, names) for c in variables.get('wanted', ()))}}}",
        "promised": int(variables.get("promised", 0)),
        "accepted": _proposal(variables.get("accepted"), names),
        "found": _proposal(variables.get("found"), names),
        "replies": names.set(variables.get("replies", ())),
    }
    return _record(fields)


def _member(name: str, names: _Names) -> int:
    """A process as a number that tells its site: SiteOfProcess in the generated module."""
    site, _, number = name.rpartition(".")
    names.clients.add(names(site) * 1000 + int(number))
    return names(site) * 1000 + int(number)


def _change(change: Sequence[str], names: _Names) -> str:
    kind, who = change
    number = names(who) if kind in ("fail", "join") else _member(who, names)
    return f'[change |-> "{kind}", who |-> {number}]'


def _site_view(view: Mapping[str, Any] | None, names: _Names) -> str:
    """A view, or NoSiteView."""
    if view is None:
        return "[id |-> 0, sites |-> <<>>, group |-> 0, members |-> <<>>]"
    members = ", ".join(str(_member(member, names)) for member in view["members"])
    fields = {
        "id": int(view["id"]),
        "sites": names.sequence(view["sites"]),
        "group": int(view["group"]),
        "members": f"<<{members}>>",
    }
    return _record(fields)


def _proposal(proposal: Mapping[str, Any] | None, names: _Names) -> str:
    """A proposal, or NoProposal."""
    ballot = 0 if proposal is None else int(proposal["ballot"])
    view = None if proposal is None else proposal["view"]
    return _record({"ballot": ballot, "view": _site_view(view, names)})


def _message(identifier: str, names: _Names) -> str:
    sender, _, number = identifier.rpartition(":")
    return f"<<{names(sender)}, {int(number)}>>"


def _marks(marks: Iterable[Sequence[Any]], names: _Names) -> str:
    return f"{{{', '.join(f'<<{names(q)}, {int(k)}>>' for q, k in marks)}}}"


def _counts(time: Iterable[int]) -> str:
    return f"<<{', '.join(str(int(count)) for count in time)}>>"


def _record(fields: Mapping[str, Any]) -> str:
    return f"[{', '.join(f'{name} |-> {value}' for name, value in fields.items())}]"


def _get(number: int, variables: Any, name: str) -> Any:
    if not isinstance(variables, Mapping) or not isinstance(variables.get(name), Mapping):
        raise InputError(f"line {number} should have the variable {name}; {variables!r} came")
    return variables[name]
