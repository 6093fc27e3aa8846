"""The models that Apalache checks: what `apalache.toml` expects of each, and whether Apalache came to the same.

`apalache.toml` stands beside the specification. Each table is one model:

    [APFlush]                        # spec/APFlush.tla, unless `module` names another
    checks = "Flush"                 # the module under test
    kind = "bounded"                 # bounded or inductive: see vsync.check.apalache
    constants = "CInit"              # gives the constants their values
    init = "Init"
    next = "Next"
    invariant = "VirtualSynchrony"
    length = 11                      # of bounded ones: how many steps at most
    verdict = "holds"                # holds, violated
    tlc = "MCAPFlush"                # the model in models.toml that has TLC check the same
    note = "3 processes, 1 crash"

An inductive model has, in place of `length`, `start`: the invariant again, as a predicate that assigns every
variable first; and it may have `implies`: what follows from the invariant. Where it must be violated, `fails`
says which of its questions is answered with no: "at first", "step" or "implies".

Spec: `spec/apalache.toml` and `spec/AP*.tla`. Paper: none.
"""

import threading
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
from rich.markup import escape
from rich.table import Table

from vsync.check.apalache import (
    ApalacheResult,
    ApalacheVerdict,
    EngineMissing,
    Question,
    ask,
    find_apalache,
)
from vsync.check.itf import service_events, trace_header
from vsync.check.writer import TraceWriter
from vsync.errors import EngineError, InputError

KINDS = ("bounded", "inductive")
VERDICTS = ("holds", "violated")
AT_FIRST, STEP, IMPLIES = "at first", "step", "implies"


@attrs.frozen(kw_only=True)
class SymbolicModel:
    """One model for Apalache: the questions to be asked, and which of them must be answered with no."""

    name: str
    module: Path
    checks: str
    kind: str
    constants: str
    next: str
    questions: tuple[Question, ...]
    fails: str | None
    tlc: str
    note: str

    @property
    def verdict(self) -> str:
        """The verdict that is expected."""
        return "holds" if self.fails is None else "violated"


@attrs.frozen(kw_only=True)
class SymbolicResult:
    """What became of a model.

    `answers` are those to its questions, as far as they came: after the first no, none is asked any more.
    `reasons` says in which ways the model is not as expected; `not_run` why Apalache was not even started.
    """

    model: SymbolicModel
    answers: tuple[ApalacheResult, ...] = ()
    reasons: tuple[str, ...] = ()
    not_run: str | None = None

    @property
    def as_expected(self) -> bool:
        """Whether Apalache said exactly what `apalache.toml` says."""
        return self.not_run is None and not self.reasons

    @property
    def judged(self) -> bool:
        """Whether Apalache came to a verdict: to a no, or to a yes on every question."""
        return self.refuted is not None or len(self.answers) == len(self.model.questions)

    @property
    def refuted(self) -> ApalacheResult | None:
        """The answer that is no, if there is one."""
        return next((answer for answer in self.answers if answer.verdict is not ApalacheVerdict.HOLDS), None)


# ----------------------------------------------------------------------------------------- reading the models

_COMMON = ("checks", "kind", "constants", "init", "next", "invariant", "verdict", "tlc", "note")
_OF_KIND = {"bounded": ("length",), "inductive": ("start",)}
_OPTIONAL = {"bounded": ("module",), "inductive": ("module", "implies", "fails")}


def load_symbolic_models(path: Path) -> tuple[SymbolicModel, ...]:
    """Returns the models of `apalache.toml` at `path`, in its order.

    Raises InputError, which names the model, for what is not as the head of this module describes.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"expected the list of models for Apalache at {path}, came: {error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"expected TOML in {path}, came: {error}; correct the file") from error
    return tuple(_model(path.parent, name, table) for name, table in tables.items())


def _model(directory: Path, name: str, table: Any) -> SymbolicModel:
    """Returns the model of one table, or raises InputError."""
    _check_keys(name, table)
    module = directory / f"{table.get('module', name)}.tla"
    if not module.is_file():
        raise InputError(f"{name}: expected {module.name} beside apalache.toml, but it is missing; set `module`")
    questions = _questions(table)
    fails = table.get("fails", questions[-1].name if len(questions) == 1 else STEP)
    if fails not in {question.name for question in questions}:
        raise InputError(f"{name}: expected fails to be one of its questions, came {fails!r}; correct it")
    return SymbolicModel(
        name=name,
        module=module,
        checks=table["checks"],
        kind=table["kind"],
        constants=table["constants"],
        next=table["next"],
        questions=questions,
        fails=fails if table["verdict"] == "violated" else None,
        tlc=table["tlc"],
        note=table["note"],
    )


def _questions(table: dict[str, Any]) -> tuple[Question, ...]:
    """Returns what Apalache is asked about a model."""
    init, invariant = table["init"], table["invariant"]
    if table["kind"] == "bounded":
        return (Question("bounded", init, invariant, table["length"]),)
    start, implies = table["start"], table.get("implies")
    induction = (Question(AT_FIRST, init, invariant, 0), Question(STEP, start, invariant, 1))
    return induction if implies is None else (*induction, Question(IMPLIES, start, implies, 0))


def _check_keys(name: str, table: object) -> None:
    """Raises InputError for a key that is unknown, missing, or of a value that it cannot have."""
    if not isinstance(table, dict):
        raise InputError(f"expected only tables in apalache.toml, came the key {name}; put it into a table")
    for key, allowed in (("kind", KINDS), ("verdict", VERDICTS)):
        if table.get(key) not in allowed:
            raise InputError(f"{name}: expected {key} to be {' or '.join(allowed)}, came {table.get(key)!r}")
    required = (*_COMMON, *_OF_KIND[table["kind"]])
    for key in required:
        if key not in table:
            raise InputError(f"{name}: expected the key {key}, but it is missing; add it")
    for key, value in table.items():
        if key not in (*required, *_OPTIONAL[table["kind"]]):
            raise InputError(f"{name}: expected no key {key!r} in a {table['kind']} model; remove it")
        if key == "length":
            if type(value) is not int or value < 1:
                raise InputError(f"{name}: expected length to be a number of steps above 0, came {value!r}")
        elif not isinstance(value, str) or not value:
            raise InputError(f"{name}: expected {key} to be a text, came {value!r}; correct it")
    if table["verdict"] == "holds" and "fails" in table:
        raise InputError(f"{name}: expected no key 'fails' where the verdict is holds; remove it")


# ------------------------------------------------------------------------------------------------ running them


def run_symbolic_models(
    models: Sequence[SymbolicModel],
    *,
    timeout_seconds: float | None = None,
    on_result: Callable[[SymbolicResult], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> list[SymbolicResult]:
    """Asks Apalache about each of `models` in turn, and returns what became of them.

    Where it is not installed, each is "not run", and the result says why. `timeout_seconds` bounds each
    question. Raises EngineError if what `VSYNC_APALACHE` names cannot be run, and EngineStopped for `stop`.
    """
    results = []
    try:
        command: tuple[str, ...] | None = find_apalache()
        missing = None
    except EngineMissing as error:
        command, missing = None, str(error)
    for model in models:
        if command is None:
            result = SymbolicResult(model=model, not_run=missing)
        else:
            result = _run(command, model, timeout_seconds, stop)
        results.append(result)
        on_result(result)
    return results


def _run(
    command: tuple[str, ...], model: SymbolicModel, timeout_seconds: float | None, stop: threading.Event | None
) -> SymbolicResult:
    """Asks the questions of one model; where Apalache fails, that becomes a reason, unless it was stopped."""
    answers: list[ApalacheResult] = []
    try:
        for question in model.questions:
            answer = ask(
                command,
                model.module,
                question,
                constants=model.constants,
                step=model.next,
                timeout_seconds=timeout_seconds,
                stop=stop,
            )
            answers.append(answer)
            if answer.verdict is not ApalacheVerdict.HOLDS:
                break
    except (EngineError, InputError) as error:
        if stop is not None and stop.is_set():
            raise
        return SymbolicResult(model=model, answers=tuple(answers), reasons=(str(error),))
    return SymbolicResult(model=model, answers=tuple(answers), reasons=_reasons(model, answers[-1]))


def _reasons(model: SymbolicModel, last: ApalacheResult) -> tuple[str, ...]:
    """Returns why the last answer is not the one that is expected."""
    came = "holds" if last.verdict is ApalacheVerdict.HOLDS else f"{last.verdict.value} ({last.question.name})"
    expected = "holds" if model.fails is None else f"violated ({model.fails})"
    return () if came == expected else (f"expected {expected}, came {came}",)


# ---------------------------------------------------------------------------------------- telling the results


def write_counterexample(result: SymbolicResult, directory: Path) -> Path | None:
    """Writes the counterexample of a model as a trace, and returns its path; None if there is no counterexample.

    Beside it stands what Apalache wrote, as `.itf.json`. Raises InputError if the module has no histories, of
    which a trace could be made, or if it cannot be written there.
    """
    refuted = result.refuted
    if refuted is None or refuted.counterexample is None or refuted.itf is None:
        return None
    path = directory / f"{result.model.name}.jsonl"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{result.model.name}.itf.json").write_bytes(refuted.itf)
    except OSError as error:
        raise InputError(f"{directory}: expected a place to write counterexamples to, came: {error}") from error
    name = f"the counterexample of {result.model.name}"
    events = list(service_events(refuted.counterexample, name=name))
    source = f"Apalache, {result.model.module.stem}, {refuted.question.invariant}"
    with TraceWriter(path, trace_header(refuted.counterexample, source=source)) as writer:
        for event in events:
            writer.write(event)
    return path


def symbolic_table(results: Sequence[SymbolicResult]) -> Table:
    """Returns the results as a table to print, with the reasons beneath each that is not as expected."""
    table = Table("", "Model", "Checks", "Kind", "Apalache says", "Bounds")
    table.add_column("Seconds", justify="right")
    for result in results:
        model = result.model
        table.add_row(
            _mark(result),
            model.name,
            model.checks,
            model.kind,
            said(result),
            escape(model.note),
            f"{sum(answer.seconds for answer in result.answers):.1f}" if result.answers else "",
        )
        for reason in result.reasons:
            table.add_row("", "", "", "", f"[red]{escape(reason)}[/]")
    return table


def _mark(result: SymbolicResult) -> str:
    if result.not_run is not None:
        return "[yellow]not run[/]"
    return "[green]ok[/]" if result.as_expected else "[red]NOT OK[/]"


def said(result: SymbolicResult) -> str:
    """Returns what Apalache said, in a few words."""
    if result.not_run is not None:
        return "not run"
    if not result.judged:
        return "failed"
    if result.refuted is not None:
        return f"violates {result.refuted.question.invariant} ({result.refuted.question.name})"
    if result.model.kind == "inductive":
        return "holds, inductively"
    return f"holds up to {result.model.questions[0].length} steps"


def symbolic_json(results: Sequence[SymbolicResult]) -> list[dict[str, Any]]:
    """Returns the results as values that `json` can write."""
    return [
        {
            **expected_json(result.model),
            "as_expected": result.as_expected,
            "reasons": list(result.reasons),
            "not_run": result.not_run,
            "verdict": None if not result.judged else "holds" if result.refuted is None else "violated",
            "answers": [
                {
                    "question": answer.question.name,
                    "verdict": answer.verdict.value,
                    "seconds": round(answer.seconds, 1),
                    "counterexample_length": len(answer.counterexample.states) if answer.counterexample else None,
                    "apalache": answer.version,
                }
                for answer in result.answers
            ],
        }
        for result in results
    ]


def expected_json(model: SymbolicModel) -> dict[str, Any]:
    """Returns what is expected of a model, as values that `json` can write."""
    return {
        "model": model.name,
        "checks": model.checks,
        "kind": model.kind,
        "note": model.note,
        "expected": model.verdict,
        "fails": model.fails,
        "tlc": model.tlc,
    }
