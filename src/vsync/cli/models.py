"""`vsync models`: TLC on the models of the specification, compared with what `models.toml` expects.

Without names the quick models are checked, with `--full` all; a name is that of a model, or that of a module,
which means all models that check it. A model is violated if TLC says something else than is expected, and not
judged if TLC comes to no verdict at all. With `--engine apalache` it is another checker and other models:
see `vsync.cli.symbolic`.

JSON: `models`, a list of objects as `vsync.check.models.results_json` describes them; with `--list` only what
is expected (`model`, `checks`, `kind`, `tier`, `note`, `expected`, `by`, `states`, `depth`); with `--pin`
also `pinned`, the names of the models whose counts were rewritten.

Spec: `spec/models.toml`. Paper: none.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from vsync.check.models import (
    Model,
    ModelEvent,
    ModelFinished,
    ModelProgressed,
    ModelResult,
    ModelStarted,
    load_models,
    results_json,
    results_table,
    run_models,
    select,
)
from vsync.check.pins import update_pins, update_tables
from vsync.check.tlc import Verdict
from vsync.cli import symbolic
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Meter, Terminal
from vsync.errors import InputError
from vsync.locate import spec_directory

HELP = "check the models of the specification with TLC"
DESCRIPTION = (
    "Check models of the specification with TLC: the quick ones, or those named, by model or by module. "
    "Each must give the verdict, and where it is pinned the number of states, that models.toml expects."
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("name", nargs="*", help="a model, or a module of which all models are meant")
    command.add_argument("--full", action="store_true", help="all models, not only the quick ones")
    command.add_argument("--list", action="store_true", help="only list them, with what is expected of each")
    command.add_argument("--pin", action="store_true", help="write the counts that came into models.toml")
    command.add_argument("--cores", type=positive, help="how many cores to use (all)")
    command.add_argument("--engine", choices=("tlc", "apalache"), default="tlc", help="which model checker (tlc)")
    command.add_argument(
        "--time-limit", type=positive, metavar="SECONDS", help="with apalache: for each question (600)"
    )
    command.add_argument(
        "--counterexamples", type=Path, metavar="DIR", help="with apalache: write them there, as traces"
    )
    add_spec_directory(command)


def add_spec_directory(command: argparse.ArgumentParser) -> None:
    """Declares where the models are."""
    command.add_argument(
        "--spec-directory",
        type=Path,
        metavar="DIR",
        help="the directory of models.toml (that of this package)",
    )


def positive(word: str) -> int:
    """Reads a number of at least 1."""
    number = int(word) if word.isascii() and word.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, came {word!r}")
    return number


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    if arguments.engine == "apalache":
        return symbolic.run(arguments, terminal)
    if arguments.time_limit or arguments.counterexamples:
        raise InputError("expected --time-limit and --counterexamples with --engine apalache only; leave them out")
    path, models = chosen(arguments.spec_directory, arguments.name, full=arguments.full)
    if arguments.list:
        terminal.show(_list(models))
        return Outcome(exit=Exit.HOLDS, fields={"models": [_as_json(model) for model in models]})
    results = checked(models, terminal, cores=arguments.cores)
    terminal.show(results_table(results), Text(summary(results)))
    fields: dict[str, Any] = {"models": results_json(results)}
    if arguments.pin:
        fields["pinned"] = list(update_pins(path, results))
        readme = path.with_name("README.md")
        if readme.is_file():
            update_tables(readme, path)
        terminal.say(f"pinned in {path}: {', '.join(fields['pinned']) or 'nothing new'}")
    return Outcome(exit=exit_of(results), fields=fields)


def chosen(directory: Path | None, names: Iterable[str], *, full: bool) -> tuple[Path, tuple[Model, ...]]:
    """Returns the list of models, and those of them that are meant. Raises InputError for unknown names."""
    path = (directory or spec_directory()) / "models.toml"
    return path, select(load_models(path), names, None if full else "quick")


def checked(models: Sequence[Model], terminal: Terminal, *, cores: int | None) -> list[ModelResult]:
    """Returns the results of the models, with progress on the way."""
    with terminal.progress("models", len(models)) as meter:
        return run_models(
            models, cores=cores, on_event=_Told(meter).tell, library=(spec_directory(),) if models else ()
        )


def exit_of(results: Iterable[ModelResult]) -> Exit:
    """Returns the exit code for results."""
    return Exit.worst(map(_exit, results))


def summary(results: Sequence[ModelResult]) -> str:
    """Returns in a sentence what the results say."""
    wrong = [result.model.name for result in results if not result.as_expected]
    if not results:
        return "There is no such model."
    if wrong:
        return f"{len(wrong)} of {len(results)} models are not as expected: {', '.join(wrong)}."
    return f"All {len(results)} models are as expected."


def _exit(result: ModelResult) -> Exit:
    if result.as_expected:
        return Exit.HOLDS
    judged = result.tlc is not None and (result.tlc.verdict is Verdict.HOLDS or result.tlc.verdict.violated)
    return Exit.VIOLATED if judged else Exit.NOT_JUDGED


class _Told:
    """Tells a meter what happens to the models."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._running: dict[str, str] = {}

    def tell(self, event: ModelEvent) -> None:
        match event:
            case ModelStarted(model=model):
                self._running[model.name] = model.name
            case ModelProgressed(model=model, progress=progress):
                self._running[model.name] = f"{model.name} ({progress.distinct} states)"
            case ModelFinished(result=result):
                self._running.pop(result.model.name, None)
                self._meter.advance(1, f"{result.model.name}: {_told(result)}")
        self._meter.note(", ".join(self._running.values()))


def _told(result: ModelResult) -> str:
    if not result.as_expected:
        return "; ".join(result.reasons)
    assert result.tlc is not None, "what is as expected has been judged"
    said = f"violates {result.tlc.violated}, as it must" if result.tlc.violated else "holds"
    return f"{said}, {result.tlc.distinct} states, {result.tlc.seconds:.1f} s"


def _list(models: Iterable[Model]) -> Table:
    table = Table("Model", "Checks", "Kind", "Tier", "Expected", "Bounds")
    table.add_column("States", justify="right")
    for model in models:
        expected = f"violates {model.by}" if model.by else model.verdict
        states = "" if model.states is None else str(model.states)
        cells = (model.name, model.checks, model.kind, model.tier, expected, model.note, states)
        table.add_row(*map(Text, cells))
    return table


def _as_json(model: Model) -> dict[str, Any]:
    return {
        "model": model.name,
        "checks": model.checks,
        "kind": model.kind,
        "tier": model.tier,
        "note": model.note,
        "expected": model.verdict,
        "by": model.by,
        "states": model.states,
        "depth": model.depth,
    }
