"""The second judge, for protocol events: TLC replays recorded steps on the specification itself.

How sites agree on views is judged by ``TraceSiteViews``, how they multicast by ``TraceGbcast``, and how
processes do by ``TraceCbcast``; many traces go through one run of TLC.  A trace is accepted if each of
its steps is a step of the specification with those arguments, and leaves the variables as they were
recorded.  The traces that are not accepted are run once more, with TLC telling how far they go: so the
verdict names the first line that the specification forbids, and the variables that differ if that is why.

Spec: TraceCbcast, TraceGbcast, TraceSiteViews.
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
    written = [tuple(Recorded(module, steps(trace)) for module, steps in _MODULES.items()) for trace in traces]
    for module in range(len(_MODULES)):
        pending = [parts[module] for parts in written if parts[module].lines]
        while pending:
            batch: list[Recorded] = []
            size = 0
            while pending and (not batch or size + len(pending[0].lines) <= BATCH_LINES_MAX):
                size += len(pending[0].lines)
                batch.append(pending.pop(0))
            _judge(batch, timeout_seconds, stop)
    return [_judgement(parts) for parts in written]


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
    steps = len({line for part in parts for line in part.lines})
    rejected = [(part.rejected, part.module) for part in parts if part.rejected is not None]
    if not rejected:
        return ProtocolJudgement(accepted=True, steps=steps)
    (line, reason), module = min(rejected)
    return ProtocolJudgement(accepted=False, steps=steps, module=module, line=line, reason=reason)


# -- Running TLC ------------------------------------------------------------------------------------


def _judge(batch: list[Recorded], timeout_seconds: float | None, stop: threading.Event | None) -> None:
    accepted = {index for what, index, _, _ in _run(batch, False, timeout_seconds, stop) if what == "accepted"}
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
    replaced = "".join(f"    {name} <- {by}\n" for name, by in _REPLACED.get(module, {}).items())
    return (
        "CONSTANTS\n    Process <- RecordedProcesses\n    Founders <- NoFounders\n"
        f'    Guarantee = "fifo"\n{replaced}    Telling = {"TRUE" if telling else "FALSE"}\n'
        f"SPECIFICATION TraceSpec\n{_VIEWED.get(module, '')}"
    )


#: What a configuration puts in place of definitions of the specification; the head of the module says why.
_REPLACED: Final = {
    "TraceSiteViews": {"SiteOf": "SiteOfRecorded"},
    "TraceGbcast": {
        "CurrentView": "InView",
        "Crashed": "Unwritten",
        **dict.fromkeys(("AtOnce", "Delivered", "Installed", "Multicasted"), "UnwrittenOf"),
        "Number": "NumberFound",
        "NextByNumber": "FirstByNumber",
        "NextOfRest": "FirstOfRest",
        "InTurn": "InTurnByPlace",
    },
}
_VIEWED: Final = {"TraceGbcast": "VIEW Position\n"}


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


def _actions(trace: Sequence[Line], modules: tuple[str, ...], whose: str) -> list[tuple[int, Line]]:
    """The protocol events of these modules, taken by a ``site`` or a ``process``, each with its line in the file."""
    return [
        (number, line)
        for number, line in enumerate(trace, start=2)
        if whose in line and str(line.get("action", "")).partition("!")[0] in modules
    ]


def _process_steps(trace: Sequence[Line]) -> _Steps:
    """The steps of Flush and Cbcast, and the views of the group that the sites agreed on."""
    names = _Names()
    groups: dict[int, list[str]] = {}
    taken = _actions(trace, ("Flush", "Cbcast"), "process")
    for number, line in _actions(trace, ("SiteViews",), "site") if taken else ():
        if line["action"] == "SiteViews!Install":
            view = _get(number, line["variables"], "known")
            groups[view["group"]] = view["members"]
    groups.pop(0, None)
    steps = []
    for number, line in taken:
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
    found = _actions(trace, ("SiteViews",), "site")
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


# -- Steps of sites that multicast ------------------------------------------------------------------

#: The actions that TraceGbcast judges, each with the arguments by which.
_ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Flush!Receive": ("q", "carried"),
    "Flush!Forward": ("view", "continuing"),
    "Flush!ReceiveFlush": ("q", "k", "unstable"),
    "Flush!Confirm": ("k",),
    "Flush!ReceiveReady": ("q", "k"),
    "Flush!Discard": ("q",),
    "Flush!Crash": (),
    "CbcastLists!Acknowledge": (),
    "CbcastLists!ReceiveAcknowledgement": ("q", "k", "time"),
    "CbcastLists!Forget": (),
    "Abcast!MulticastAtOnce": ("n", "to"),
    "Abcast!MulticastInOrder": ("n", "to", "kind"),
    "Abcast!Propose": ("m",),
    "Abcast!ReceiveProposal": ("q", "k", "id", "number"),
    "Abcast!Order": ("m",),
    "Abcast!ReceiveOrder": ("q", "id", "number"),
    "Abcast!ReceiveNoted": ("q", "k", "id"),
    "Abcast!Release": ("m",),
    "Abcast!ReceiveRelease": ("q", "k", "id"),
    "Abcast!DeliverAtOnce": ("m",),
    "Abcast!DeliverInOrder": ("m",),
    "Gbcast!MulticastAlone": ("n", "to"),
    "Gbcast!Close": (),
    "Gbcast!ReceiveClose": ("q", "k", "e", "messages"),
    "Gbcast!Settle": (),
    "Gbcast!ReceiveSettle": ("q", "k", "e"),
    "Gbcast!DeliverRest": ("m",),
    "Gbcast!End": (),
    "Gbcast!InstallNext": (),
}

#: The variables of a site that multicasts, as they are before its first step.
_INITIAL: Final[Mapping[str, Any]] = (
    dict.fromkeys(("known", "current", "epoch", "clock"), 0)
    | {name: {} for name in ("received", "time", "heard")}
    | {name: [] for name in ("flushes", "readies", "context", "proposals", "noted", "released", "closes", "settles")}
    | {"closing": False}
)


def _member_steps(trace: Sequence[Line]) -> _Steps:
    """The steps of Gbcast and what it stands on, and the views that the sites agreed on."""
    names = _Names()
    taken = _actions(trace, ("Flush", "CbcastLists", "Abcast", "Gbcast"), "site")
    members = {line["site"] for _, line in taken}
    told = {line["site"] for _, line in taken if line["action"] == "Flush!Crash"}
    for number, line in _actions(trace, ("SiteViews",), "site"):
        stops = line["action"] in ("SiteViews!Crash", "SiteViews!Cease")
        if stops and line["site"] in members - told:
            taken.append((number, {"action": "Flush!Crash", "site": line["site"], "arguments": {}}))
    before: dict[str, Mapping[str, Any]] = {}
    steps = []
    for number, line in sorted(taken, key=lambda step: step[0]):
        try:
            steps.append((number, _member_step(line, names, before.get(line["site"], _INITIAL))))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"line {number} is no step of a site: {error!r} is missing or wrong") from error
        before[line["site"]] = line.get("variables", {})
    views = _views_of_sites(trace, taken) if steps else []
    prologue = ", ".join(_record({"id": k, "members": names.sequence(sites)}) for k, sites in enumerate(views, 1))
    return _Steps(prologue=f"views |-> <<{prologue}>>", processes=len(names.numbers), steps=steps)


def _views_of_sites(trace: Sequence[Line], taken: list[tuple[int, Line]]) -> list[list[str]]:
    """The views that the sites agreed on; where SiteViews is not recorded, those that they were told of."""
    founding = [line["sites"] for line in trace if line.get("move") == "found"]
    views: dict[int, list[str]] = dict(enumerate(founding, start=1))
    for number, line in _actions(trace, ("SiteViews",), "site"):
        if line["action"] == "SiteViews!Install":
            view = _get(number, line["variables"], "known")
            views.setdefault(view["id"], view["sites"])
    if not views:
        for _, line in taken:
            if line["action"] == "Flush!Forward":
                view = line["arguments"]["view"]
                views.setdefault(view["id"], view["members"])
        for _, line in taken:  # of a view that nobody was told of, those matter who went on to the next
            if line["action"] == "Flush!Forward":
                views.setdefault(line["arguments"]["view"]["id"] - 1, line["arguments"]["continuing"])
        views.pop(0, None)
    if sorted(views) != list(range(1, len(views) + 1)):
        raise InputError(f"the sites have the views {sorted(views)}; some of their SiteViews!Install are missing")
    return [views[k] for k in sorted(views)]


def _member_step(line: Line, names: _Names, before: Mapping[str, Any]) -> str:
    """A step, with those variables that are not as they were before."""
    action, arguments = line["action"], line["arguments"]
    fields: dict[str, Any] = {
        "action": f'"{action}"',
        "module": f'"{action.partition("!")[0]}"',
        "p": names(line["site"]),
        "n": 0,
    }
    for name in _ARGUMENTS[action]:
        fields |= _argument(name, arguments, names)
    now = {}
    if action != "Flush!Crash":
        variables = line["variables"]
        now = {
            name: _variable(name, variables[name], before[name], names)
            for name in _INITIAL
            if variables[name] != before[name]
        }
    return _record(fields | {"now": _record(now) if now else "[x \\in {} |-> 0]"})


def _argument(name: str, arguments: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    """An argument, under the name by which the Trace module knows it."""
    match name:
        case "q":
            return {"q": names(arguments["q"])}
        case "k" | "n" | "e" | "number":
            return {name: int(arguments[name])}
        case "m" | "id":
            return {"m": _message(arguments[name], names)}
        case "to" | "continuing":
            return {name: names.set(arguments[name])}
        case "kind":
            return {"kind": f'"{_word(arguments["kind"])}"'}
        case "view":
            view = arguments["view"]
            return {"k": int(view["id"]), "members": names.sequence(view["members"])}
        case "time":
            return {"time": _by_name(dict(arguments["time"]), names)}
        case "carried":
            return {"ids": _messages((arguments["message"], *arguments.get("carried", ())), names)}
        case _:
            return {"ids": _messages(arguments[name], names)}


def _variable(name: str, value: Any, before: Any, names: _Names) -> Any:
    """A variable of a site, which had another value before."""
    match name:
        case "received":
            return _set(f"<<{_message(m, names)}, {int(number)}>>" for m, number in value.items())
        case "flushes" | "readies":
            return _marks(value, names)
        case "time":
            return _by_name(value, names)
        case "heard":
            changed = {q: value.get(q, {}) for q in {**value, **before} if value.get(q, {}) != before.get(q, {})}
            rows = {names(q): _by_name(row or {q: 0}, names) for q, row in changed.items()}
            return f"<<{', '.join(rows.get(q, '<<>>') for q in range(1, max(rows) + 1))}>>"
        case "context":
            return _set(
                _record({"id": _message(x["id"], names), "to": names.set(x["to"]), "number": int(x["number"])})
                for x in value
            )
        case "proposals":
            return _set(
                _record({"id": _message(x["id"], names), "by": names(x["by"]), "number": int(x["number"])})
                for x in value
            )
        case "noted":
            return _set(f"<<{_message(m, names)}, {names(q)}>>" for m, q in value)
        case "released":
            return _messages(value, names)
        case "closes" | "settles":
            return _set(f"<<{names(q)}, {int(k)}, {int(e)}>>" for q, k, e in value)
        case "closing":
            return "TRUE" if value else "FALSE"
        case _:
            return int(value)


# -- Values ----------------------------------------------------------------------------------------


def _message(identifier: str, names: _Names) -> str:
    sender, _, number = identifier.rpartition(":")
    return f"<<{names(sender)}, {int(number)}>>"


def _messages(identifiers: Iterable[str], names: _Names) -> str:
    return _set(_message(identifier, names) for identifier in identifiers)


def _set(texts: Iterable[str]) -> str:
    return f"{{{', '.join(texts)}}}"


def _word(text: str) -> str:
    if not text.isidentifier():
        raise ValueError(text)
    return text


def _by_name(counts: Mapping[str, int], names: _Names) -> str:
    """Counts by name, as a sequence; what is beyond its end is 0."""
    numbered = {names(q): int(count) for q, count in counts.items()}
    return _counts(numbered.get(q, 0) for q in range(1, max(numbered, default=0) + 1))


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


_MODULES: Final = {"TraceSiteViews": _site_steps, "TraceGbcast": _member_steps, "TraceCbcast": _process_steps}
