"""`vsync models --engine apalache`: Apalache on the models that are typed for it, compared with `apalache.toml`.

A name is that of a model, or that of a module, which means all models that check it; without names all are
checked, for there are few. A model is violated if Apalache says something else than is expected, and not judged
if it comes to no verdict, or is not installed: then the table says "not run", and the sentence below it what to
do. If some models are judged and others are not, the command as a whole is not judged: exit code 2, even if one
is violated, for that is the rule of every command here; the table and the JSON tell them apart.

JSON: `models`, a list of objects as `vsync.check.symbolic_models.symbolic_json` describes them; with `--list`
only what is expected; with `--counterexamples` also `counterexamples`, the paths of the traces written.

Spec: `spec/apalache.toml`. Paper: none.
"""

import argparse
import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from vsync.check.symbolic_models import (
    SymbolicModel,
    SymbolicResult,
    expected_json,
    load_symbolic_models,
    run_symbolic_models,
    said,
    symbolic_json,
    symbolic_table,
    write_counterexample,
)
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import InputError
from vsync.locate import spec_directory

TIME_LIMIT_SECONDS = 600


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    if arguments.pin:
        raise InputError("expected --pin with --engine tlc, came apalache, which counts no states; leave it out")
    directory = arguments.spec_directory or spec_directory()
    models = _meant(load_symbolic_models(directory / "apalache.toml"), arguments.name)
    if arguments.list:
        terminal.show(_list(models))
        return Outcome(exit=Exit.HOLDS, fields={"models": [expected_json(model) for model in models]})
    with terminal.progress("models", len(models)) as meter:
        results = run_symbolic_models(
            models,
            timeout_seconds=arguments.time_limit or TIME_LIMIT_SECONDS,
            on_result=lambda result: meter.advance(1, f"{result.model.name}: {said(result)}"),
        )
    terminal.show(symbolic_table(results), Text(_summary(results)))
    fields: dict[str, Any] = {"models": symbolic_json(results)}
    if arguments.counterexamples is not None:
        paths = [write_counterexample(result, arguments.counterexamples) for result in results]
        fields["counterexamples"] = [str(path) for path in paths if path is not None]
        terminal.say(f"counterexamples: {', '.join(fields['counterexamples']) or 'none'}")
    error = next((result.not_run for result in results if result.not_run is not None), None)
    return Outcome(exit=Exit.worst(map(_exit, results)), fields=fields, error=error)


def _meant(models: Sequence[SymbolicModel], names: Sequence[str]) -> tuple[SymbolicModel, ...]:
    """Returns the models that the names mean, or all. Raises InputError for a name that means none."""
    known = dict.fromkeys(name for model in models for name in (model.name, model.checks))
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or list(known)
            raise InputError(
                f"expected the name of a model for Apalache or of a module it checks, came {name!r}; "
                f"there are {', '.join(near)}"
            )
    return tuple(model for model in models if not names or {model.name, model.checks} & set(names))


def _exit(result: SymbolicResult) -> Exit:
    if result.as_expected:
        return Exit.HOLDS
    return Exit.VIOLATED if result.judged else Exit.NOT_JUDGED


def _summary(results: Sequence[SymbolicResult]) -> str:
    """Returns in a sentence or two what the results say."""
    missing = [result for result in results if result.not_run is not None]
    wrong = [result.model.name for result in results if result.reasons]
    sentences = []
    if missing:
        sentences.append(f"{len(missing)} of {len(results)} models were not run. {missing[0].not_run}.")
    if wrong:
        sentences.append(f"{len(wrong)} of {len(results)} models are not as expected: {', '.join(wrong)}.")
    return " ".join(sentences) or f"All {len(results)} models are as expected."


def _list(models: Iterable[SymbolicModel]) -> Table:
    table = Table("Model", "Checks", "Kind", "Expected", "Bounds", "The same by TLC")
    for model in models:
        expected = "holds" if model.fails is None else f"violated ({model.fails})"
        table.add_row(*map(Text, (model.name, model.checks, model.kind, expected, model.note, model.tlc)))
    return table
