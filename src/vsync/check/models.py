"""The models that TLC checks: what `models.toml` expects of each, and whether TLC came to the same.

`models.toml` stands beside the specification. Each table is one model, and its name is that of the
configuration:

    [MCFlush]                        # spec/MCFlush.cfg
    module = "MCFlush"               # the module with the bounds; that of the same name if left out
    checks = "Flush"                 # the module under test
    kind = "safety"                  # safety, refinement, liveness, planted bug, reached
    tier = "quick"                   # quick: in every run; full: in thorough runs only
    verdict = "holds"                # holds, violated
    states = 12345                   # distinct states, pinned; only where the verdict is "holds"
    depth = 23                       # depth of the state graph, pinned likewise
    deadlock = false                 # whether a state without successors is an error; false if left out
    note = "3 processes, 1 crash"    # the bounds, in words
    seconds = 5                      # how long it took about, for scheduling
    heap_mb = 1024                   # bound on the Java heap, in megabytes; 1024 if left out

    [MCFlush_NoForward]
    checks = "Flush"
    kind = "planted bug"
    tier = "quick"
    verdict = "violated"
    by = "VirtualSynchronyInv"       # the invariant or property that must be named, or "Deadlock"
    note = "as MCFlush, without forwarding"

A planted bug shows that the property can say no, and a "reached" model, whose invariant says that a case
never happens, that the case does happen; both are as expected only if TLC finds the violation by exactly the
property named.

The number of distinct states of a complete run does not depend on the number of workers. The depth does, so
it is compared only if there was one. Small models run side by side with one worker each; long ones of the
full tier run alone with all workers, except liveness, which is only trusted with one (see `vsync.check.tlc`).

Spec: `spec/models.toml` and `spec/MC*.cfg`. Paper: none.
"""

import difflib
import os
import threading
import tomllib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import attrs
from rich.markup import escape
from rich.table import Table

from vsync.check.tlc import (
    Progress,
    TlcResult,
    Verdict,
    find_jar,
    find_java,
    read_config,
    run_tlc,
)
from vsync.errors import EngineError, InputError
from vsync.interrupts import ended_by_signals

KINDS = ("safety", "refinement", "liveness", "planted bug", "reached")
TIERS = ("quick", "full")
VERDICTS = ("holds", "violated")
DEADLOCK = "Deadlock"

ALONE_FROM_SECONDS = 60
"""A model of the full tier that takes at least so long gets all the cores for itself."""

BRIEF_UP_TO_SECONDS = 8
"""A model that takes at most so long is not worth the JVM's optimizing compiler."""


@attrs.frozen(kw_only=True)
class Model:
    """One model: which files it consists of, and what TLC must say about it."""

    name: str
    module: Path
    config: Path
    checks: str
    kind: str
    tier: str
    verdict: str
    by: str | None
    states: int | None
    depth: int | None
    deadlock: bool
    note: str
    seconds: float | None
    heap_mb: int

    @property
    def runs_alone(self) -> bool:
        """Whether the model is so long that it gets all the cores, and can use them."""
        return self.tier == "full" and self.kind != "liveness" and (self.seconds or 0) >= ALONE_FROM_SECONDS

    @property
    def brief(self) -> bool:
        """Whether it takes a few seconds at most; where nobody knows, a model to be violated does."""
        if self.seconds is None:
            return self.tier == "quick" and self.verdict == "violated"
        return self.seconds <= BRIEF_UP_TO_SECONDS


@attrs.frozen(kw_only=True)
class ModelResult:
    """What became of a model.

    `reasons` says in which ways it is not as expected. `tlc` is None if TLC failed.
    """

    model: Model
    tlc: TlcResult | None
    reasons: tuple[str, ...]

    @property
    def as_expected(self) -> bool:
        """Whether TLC said exactly what `models.toml` says."""
        return not self.reasons

    @property
    def pinned(self) -> bool:
        """Whether the counts that `models.toml` could pin are pinned."""
        return self.model.verdict != "holds" or None not in (self.model.states, self.model.depth)


@attrs.frozen(kw_only=True)
class ModelStarted:
    """TLC begins with a model."""

    model: Model
    workers: int


@attrs.frozen(kw_only=True)
class ModelProgressed:
    """TLC reports how far it has come with a model."""

    model: Model
    progress: Progress


@attrs.frozen(kw_only=True)
class ModelFinished:
    """TLC is done with a model."""

    result: ModelResult


ModelEvent = ModelStarted | ModelProgressed | ModelFinished


# ----------------------------------------------------------------------------------------- reading the models


def load_models(path: Path) -> tuple[Model, ...]:
    """Returns the models of `models.toml` at `path`, in its order.

    Module and configuration of each are beside it. Raises InputError, which names the model, for what is not
    as the head of this module describes.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"expected the list of models at {path}, came: {error}; correct the name") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"expected TOML in {path}, came: {error}; correct the file") from error
    return tuple(_model(path.parent, name, table) for name, table in tables.items())


def select(models: Sequence[Model], names: Iterable[str] = (), tier: str | None = None) -> tuple[Model, ...]:
    """Returns the models that are meant, in their order.

    A name is that of a model, or that of a module, which means all the models that check it; named models are
    meant whatever their tier. Without names, "quick" means the quick models, and "full" or None all. Raises
    InputError for a name that is neither, with the names that come near.
    """
    wanted = tuple(names)
    known = dict.fromkeys(name for model in models for name in (model.name, model.checks))
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(known)}"
            raise InputError(f"expected the name of a model or of a module it checks, came {name!r}; {hint}")
    if tier is not None and tier not in TIERS:
        raise InputError(f"expected a tier, {_one_of(TIERS)}, came {tier!r}")
    if wanted:
        return tuple(model for model in models if {model.name, model.checks} & set(wanted))
    return tuple(model for model in models if tier != "quick" or model.tier == "quick")


_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("module", "checks", "kind", "tier", "verdict", "by", "note"), (str,)),
    **dict.fromkeys(("states", "depth", "heap_mb"), (int,)),
    "seconds": (int, float),
    "deadlock": (bool,),
}
_REQUIRED = ("checks", "kind", "tier", "verdict", "note")


def _model(directory: Path, name: str, table: object) -> Model:
    """Returns the model of one table, or raises InputError."""
    if not isinstance(table, dict):
        raise InputError(f"expected only tables in models.toml, came the key {name}; put it into a table")
    _check_keys(name, table)
    for key, allowed in (("kind", KINDS), ("tier", TIERS), ("verdict", VERDICTS)):
        if table[key] not in allowed:
            raise InputError(f"{name}: expected {key} to be {_one_of(allowed)}, came {table[key]!r}; correct it")
    model = Model(
        name=name,
        module=directory / f"{table.get('module', name)}.tla",
        config=directory / f"{name}.cfg",
        checks=table["checks"],
        kind=table["kind"],
        tier=table["tier"],
        verdict=table["verdict"],
        by=table.get("by"),
        states=table.get("states"),
        depth=table.get("depth"),
        deadlock=table.get("deadlock", False),
        note=table["note"],
        seconds=table.get("seconds"),
        heap_mb=table.get("heap_mb", 1024),
    )
    _check_files(model)
    _check_verdict(model)
    return model


def _check_keys(name: str, table: dict[str, Any]) -> None:
    """Raises InputError for a key that is unknown, missing, or of another type."""
    for key, value in table.items():
        if key not in _TYPES:
            near = difflib.get_close_matches(key, _TYPES, n=1) or sorted(_TYPES)
            raise InputError(f"{name}: expected no key {key!r}; did you mean {_one_of(near)}?")
        if not isinstance(value, _TYPES[key]) or (isinstance(value, bool) and key != "deadlock"):
            wanted = _one_of([kind.__name__ for kind in _TYPES[key]])
            raise InputError(f"{name}: expected {key} to be of type {wanted}, came {value!r}; correct it")
        if isinstance(value, int | float) and key != "deadlock" and value <= 0:
            raise InputError(f"{name}: expected {key} above 0, came {value!r}; correct it or leave it out")
    for key in _REQUIRED:
        if table.get(key, "") == "":
            raise InputError(f"{name}: expected the key {key}, but it is missing or empty; add it")


def _check_files(model: Model) -> None:
    """Raises InputError if the configuration or the module is not there."""
    for path, remedy in (
        (model.config, "add it or rename the table"),
        (model.module, "add it or set `module`"),
    ):
        if not path.is_file():
            raise InputError(f"{model.name}: expected {path.name} beside models.toml, but it is missing; {remedy}")


def _check_verdict(model: Model) -> None:
    """Raises InputError if kind, verdict, `by` and the pinned counts do not go together."""
    must_fail = model.kind in ("planted bug", "reached")
    if must_fail and model.verdict != "violated":
        raise InputError(f"{model.name}: expected a {model.kind} to have the verdict 'violated'; correct one of them")
    if model.verdict == "holds":
        if model.by is not None:
            raise InputError(f"{model.name}: expected no `by` where the verdict is 'holds'; remove one of them")
        return
    if model.states is not None or model.depth is not None:
        raise InputError(f"{model.name}: expected states and depth only where the verdict is 'holds'; remove them")
    listed = read_config(model.config)
    nameable = (*listed.invariants, *listed.properties, *([DEADLOCK] if model.deadlock else []))
    if model.by not in nameable:
        raise InputError(
            f"{model.name}: expected `by` to name what {model.config.name} checks, "
            f"which is {', '.join(nameable) or 'nothing'}, came {model.by!r}; correct one of them"
        )


def _one_of(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


# ----------------------------------------------------------------------------------------- running the models


def run_models(
    models: Sequence[Model],
    *,
    cores: int | None = None,
    on_event: Callable[[ModelEvent], None] | None = None,
    library: Sequence[Path] = (),
) -> list[ModelResult]:
    """Checks the models with TLC, several at a time, and returns the results in the order of the models.

    The longest begin first. `cores` is how many to use, all if None. `on_event` is told what happens, from
    any thread but never from two at once. `library` names further directories of modules. A model on which
    TLC fails is not as expected, and says why. On Ctrl-C and SIGTERM every TLC is ended before this returns.
    Raises EngineError if there is no TLC at all.
    """
    find_java()
    find_jar()
    cores = max(1, cores or os.cpu_count() or 1)
    runner = _Runner(on_event=on_event or (lambda _: None), library=tuple(library))
    longest_first = sorted(models, key=lambda model: -(model.seconds or 0))
    results: dict[str, ModelResult] = {}
    with ended_by_signals():
        for model in longest_first:
            if model.runs_alone:
                results[model.name] = runner.run(model, cores)
        with ThreadPoolExecutor(max_workers=cores) as pool:
            try:
                others = [model for model in longest_first if not model.runs_alone]
                futures: list[Future[ModelResult]] = [pool.submit(runner.run, model, 1) for model in others]
                for future in as_completed(futures):
                    results[future.result().model.name] = future.result()
            except BaseException:
                runner.stop.set()
                pool.shutdown(cancel_futures=True)
                raise
    return [results[model.name] for model in models]


def judge_model(model: Model, tlc: TlcResult) -> tuple[str, ...]:
    """Returns in which ways `tlc` is not what `model` expects: nothing if it is exactly that."""
    if model.verdict == "violated":
        return _judge_violation(model, tlc)
    if tlc.verdict is not Verdict.HOLDS:
        found = f" ({_names(tlc)})" if tlc.verdict.violated and tlc.verdict is not Verdict.DEADLOCK else ""
        return (f"expected holds, came {tlc.verdict.value}{found}: {tlc.message}",)
    reasons = []
    if model.states is not None and tlc.distinct != model.states:
        reasons.append(f"expected {model.states} distinct states, came {tlc.distinct}")
    if model.depth is not None and tlc.workers == 1 and tlc.depth != model.depth:
        reasons.append(f"expected depth {model.depth}, came {tlc.depth}")
    return tuple(reasons)


def _judge_violation(model: Model, tlc: TlcResult) -> tuple[str, ...]:
    """Returns why `tlc` is not the violation that `model` expects."""
    if tlc.verdict is Verdict.HOLDS:
        what = {"planted bug": "the planted bug was not found", "reached": "the case was not reached"}
        return (f"expected a violation of {model.by}, came holds: {what.get(model.kind, 'nothing was violated')}",)
    if not tlc.verdict.violated:
        return (f"expected a violation of {model.by}, came {tlc.verdict.value}: {tlc.message}",)
    if tlc.violated != model.by:
        return (f"expected a violation of {model.by}, came one of {_names(tlc)}",)
    return ()


def _names(tlc: TlcResult) -> str:
    return tlc.violated or " or ".join(tlc.candidates) or "an unnamed property"


@attrs.frozen(kw_only=True)
class _Runner:
    """What the threads of one `run_models` share."""

    on_event: Callable[[ModelEvent], None]
    library: tuple[Path, ...]
    stop: threading.Event = attrs.field(factory=threading.Event)
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def tell(self, event: ModelEvent) -> None:
        with self.lock:
            self.on_event(event)

    def run(self, model: Model, workers: int) -> ModelResult:
        """Checks one model; a failure of TLC becomes a reason, except if it was stopped on purpose."""
        self.tell(ModelStarted(model=model, workers=workers))
        tlc: TlcResult | None = None
        try:
            tlc = run_tlc(
                model.module,
                model.config,
                workers=workers,
                deadlock=model.deadlock,
                liveness=model.kind == "liveness",
                heap_mb=model.heap_mb,
                on_progress=lambda progress: self.tell(ModelProgressed(model=model, progress=progress)),
                library=self.library,
                stop=self.stop,
                brief=model.brief,
            )
            reasons = judge_model(model, tlc)
        except (EngineError, InputError) as error:
            if self.stop.is_set():
                raise
            reasons = (str(error),)
        result = ModelResult(model=model, tlc=tlc, reasons=reasons)
        self.tell(ModelFinished(result=result))
        return result


# ---------------------------------------------------------------------------------------- telling the results


def results_table(results: Sequence[ModelResult]) -> Table:
    """Returns the results as a table to print, with the reasons beneath each that is not as expected."""
    table = Table("", "Model", "Checks", "Kind", "TLC says", "Bounds")
    for heading in ("States", "Depth", "Seconds"):
        table.add_column(heading, justify="right")
    for result in results:
        model, tlc = result.model, result.tlc
        table.add_row(
            "[green]ok[/]" if result.as_expected else "[red]NOT OK[/]",
            model.name,
            model.checks,
            model.kind,
            _said(result),
            model.note,
            "" if tlc is None or tlc.distinct is None else f"{tlc.distinct}",
            "" if tlc is None or tlc.depth is None else f"{tlc.depth}",
            "" if tlc is None else f"{tlc.seconds:.1f}",
        )
        for reason in result.reasons:
            table.add_row("", "", "", "", f"[red]{escape(reason)}[/]")
    return table


def results_json(results: Sequence[ModelResult]) -> list[dict[str, Any]]:
    """Returns the results as values that `json` can write."""
    return [
        {
            "model": result.model.name,
            "checks": result.model.checks,
            "kind": result.model.kind,
            "tier": result.model.tier,
            "note": result.model.note,
            "expected": result.model.verdict,
            "by": result.model.by,
            "as_expected": result.as_expected,
            "reasons": list(result.reasons),
            "pinned": result.pinned,
            "verdict": result.tlc.verdict.value if result.tlc else None,
            "violated": result.tlc.violated if result.tlc else None,
            "states": result.tlc.distinct if result.tlc else None,
            "generated": result.tlc.generated if result.tlc else None,
            "depth": result.tlc.depth if result.tlc else None,
            "counterexample_length": len(result.tlc.counterexample) if result.tlc else None,
            "seconds": round(result.tlc.seconds, 1) if result.tlc else None,
            "workers": result.tlc.workers if result.tlc else None,
            "tlc": result.tlc.version if result.tlc else None,
        }
        for result in results
    ]


def _said(result: ModelResult) -> str:
    """Returns what TLC said, in a few words."""
    if result.tlc is None:
        return "failed"
    if result.tlc.violated:
        return f"violates {escape(result.tlc.violated)}"
    return result.tlc.verdict.value + ("" if result.pinned else ", not pinned")
