"""`vsync paths`: paths through TLC's state graph of small models, followed by the machines, state by state.

TLC explores each model and writes its state graph. Paths that together take every step of the graph become
schedules: lists of actions with their arguments. The machines take exactly these, one at a time, and after each
of them every variable of the specification, of every process, and every packet in flight have to have the value
that TLC says; and the machines have to offer exactly the steps that the specification allows there. With
`--mutants` the same schedules are run on machines with one thing broken, those of `vsync.mutants`.

It is violated if a schedule differs, or if all schedules of all models let a mutant through that is not known to be
out of reach, or kill one that is; and not judged if TLC cannot explore a model.

JSON: `models`, a list of objects: `model`, `checks`, `note`, `states`, `edges`, `covered` (edges that the
schedules take), `schedules`, `steps`, `seconds`, and `difference`, null or an object with `schedule`, `step` (a
number, 0 for the initial state), `action`, `variable`, `specified`, `implemented`; with `--mutants` also
`mutants`: `mutant`, `models`, `killed`, `by` (the model), `difference`, `unseen` (why none is expected to kill
it, or null). With `--list` only `model`, `checks` and `note`.

Spec: `spec/Paths*.tla`. Paper: none.
"""

import argparse
import difflib
import time
from collections.abc import Iterable, Sequence
from typing import Any

import attrs
from rich.table import Table
from rich.text import Text

from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Meter, Terminal
from vsync.errors import InputError
from vsync.paths.conformance import UNSEEN, Found, Schedules, first_difference, killed_by, mutants_of, schedules_of
from vsync.paths.models import MODELS, PathModel
from vsync.paths.stage import step_text

HELP = "schedules out of the specification, followed by the machines"
DESCRIPTION = (
    "Turn paths that cover TLC's state graph of small models into schedules, run them on the machines of the "
    "implementation, and compare state by state. All models, or those named, by model or by module."
)


@attrs.frozen(kw_only=True)
class Result:
    """What became of the schedules of a model."""

    schedules: Schedules
    found: Found | None
    seconds: float


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("name", nargs="*", metavar="MODULE", help="a module, or one of the models")
    command.add_argument("--list", action="store_true", help="only list the models")
    command.add_argument("--mutants", action="store_true", help="also run the schedules on broken machines")
    command.add_argument("--schedules", type=positive, metavar="N", help="at most N of each model (all)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    models = chosen(arguments.name)
    if arguments.list:
        table = Table("Model", "Checks", "Bounds")
        for model in models:
            table.add_row(*map(Text, (model.name, model.checks, model.note)))
        terminal.show(table)
        return Outcome(exit=Exit.HOLDS, fields={"models": [_model_json(model) for model in models]})
    mutants = mutants_of(models) if arguments.mutants else {}
    results: list[Result] = []
    with terminal.progress("models", len(models)) as meter:
        for model in models:
            results.append(_followed(model, arguments.schedules, meter))
    terminal.show(_table(results), Text(_summary(results)))
    fields: dict[str, Any] = {"models": [_result_json(result) for result in results]}
    exits = [Exit.VIOLATED if result.found else Exit.HOLDS for result in results]
    if arguments.mutants and Exit.VIOLATED not in exits:
        killed = _hunt(mutants, results, terminal)
        wrong = (
            []
            if arguments.name or arguments.schedules
            else [name for name in killed if not _as_known(name, killed[name])]
        )
        terminal.show(_mutants_table(killed), Text(_mutants_summary(killed, wrong)))
        fields["mutants"] = [_mutant_json(name, mutants[name][1], found) for name, found in killed.items()]
        exits.append(Exit.VIOLATED if wrong else Exit.HOLDS)
    return Outcome(exit=Exit.worst(exits), fields=fields)


def chosen(names: Sequence[str]) -> list[PathModel]:
    """Returns the models that are meant, all of them without names. Raises InputError for an unknown name."""
    known = {model.name for model in MODELS.values()} | {model.checks for model in MODELS.values()}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(sorted(known))}"
            raise InputError(f"expected a model for paths, or a module that has one, came {name!r}: {hint}")
    return [model for model in MODELS.values() if not names or {model.name, model.checks} & set(names)]


def _followed(model: PathModel, limit: int | None, meter: Meter) -> Result:
    """Has the schedules of a model made and run."""
    started = time.monotonic()
    meter.note(f"{model.name}: TLC")
    schedules = schedules_of(model, limit)
    found = first_difference(schedules, lambda number: meter.note(f"{model.name}: {number} of {len(schedules.walks)}"))
    result = Result(schedules=schedules, found=found, seconds=time.monotonic() - started)
    meter.advance(1, f"{model.name}: {len(schedules.walks)} schedules, {'differs' if found else 'conforms'}")
    return result


def _hunt(mutants: dict[str, Any], results: Iterable[Result], terminal: Terminal) -> dict[str, Found | None]:
    """Returns for each mutant where the first schedule that finds it out differs."""
    by_model = {result.schedules.model.name: result.schedules for result in results}
    killed: dict[str, Found | None] = {}
    with terminal.progress("mutants", len(mutants)) as meter:
        for name, (mutant, models) in mutants.items():
            meter.note(name)
            killed[name] = killed_by(mutant, [by_model[model.name] for model in models])
            meter.advance(1, f"{name}: {'killed' if killed[name] else 'not killed'}")
    return killed


def _as_known(name: str, found: Found | None) -> bool:
    """A mutant is killed, unless it is known to be out of reach."""
    return (found is None) == (name in UNSEEN)


def _table(results: Iterable[Result]) -> Table:
    table = Table(
        "Model", "Bounds", "States", "Steps between", "Covered", "Schedules", "Their steps", "Seconds", "Verdict"
    )
    for result in results:
        schedules = result.schedules
        counts = (len(schedules.graph.states), schedules.graph.edges, schedules.covered)
        cells = (schedules.model.name, schedules.model.note, *counts, len(schedules.walks), schedules.steps)
        verdict = str(result.found) if result.found else "conforms"
        table.add_row(*(Text(str(cell)) for cell in (*cells, f"{result.seconds:.0f}", verdict)))
    return table


def _summary(results: Sequence[Result]) -> str:
    total = sum(len(result.schedules.walks) for result in results)
    wrong = [result.schedules.model.name for result in results if result.found]
    if wrong:
        return f"The machines differ from the specification in {', '.join(wrong)}."
    return f"All {total} schedules of {len(results)} models conform."


def _mutants_table(killed: dict[str, Found | None]) -> Table:
    table = Table("Mutant", "Model", "Schedule", "Step", "Variable", "Specification", "Implementation")
    for name, found in killed.items():
        if found is None:
            table.add_row(
                name, "", "", "", Text(f"not killed: {UNSEEN.get(name, 'by none of these schedules')}"), "", ""
            )
            continue
        difference = found.difference
        step = f"{difference.number} {step_text(difference.step)}"
        cells = (found.model, str(found.schedule), step, difference.variable)
        table.add_row(name, *map(Text, (*cells, _short(difference.specified), _short(difference.implemented))))
    return table


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."


def _mutants_summary(killed: dict[str, Found | None], wrong: Sequence[str]) -> str:
    dead = sum(found is not None for found in killed.values())
    text = f"{dead} of {len(killed)} mutants of these machines are killed."
    return f"{text} Not as known: {', '.join(wrong)}." if wrong else text


def _model_json(model: PathModel) -> dict[str, Any]:
    return {"model": model.name, "checks": model.checks, "note": model.note}


def _result_json(result: Result) -> dict[str, Any]:
    schedules = result.schedules
    return _model_json(schedules.model) | {
        "states": len(schedules.graph.states),
        "edges": schedules.graph.edges,
        "covered": schedules.covered,
        "schedules": len(schedules.walks),
        "steps": schedules.steps,
        "seconds": round(result.seconds, 1),
        "difference": _found_json(result.found),
    }


def _found_json(found: Found | None) -> dict[str, Any] | None:
    if found is None:
        return None
    difference = found.difference
    return {
        "schedule": found.schedule,
        "step": difference.number,
        "action": step_text(difference.step),
        "variable": difference.variable,
        "specified": difference.specified,
        "implemented": difference.implemented,
    }


def _mutant_json(name: str, models: Iterable[PathModel], found: Found | None) -> dict[str, Any]:
    return {
        "mutant": name,
        "models": [model.name for model in models],
        "killed": found is not None,
        "by": found.model if found else None,
        "difference": _found_json(found),
        "unseen": UNSEEN.get(name),
    }
