"""`vsync mutants`: the code and the specification with one thing broken each, and what notices it.

A mutant of the code is shown to the judges of `vsync.mutants.hunt`, one after the other, until one says no: the
streaming judge with every guarantee on, TLC on the specification's actions, the assertions of the machines, whether
runs come to rest, the state machines of the tests, the fuzzer. `--all-judges` asks every one of them. A mutant of the
specification is a model of kind *planted bug*, which TLC must find violated, by the property that is named. The last
table says of each guarantee of which mutants it is the only killer.

It is violated if a mutant survives that is not known to be out of reach, or if TLC does not find a planted bug by its
property; and not judged if TLC gives no verdict. `--write` keeps what was found as the matrix from which the tests
make the runs again; it then also renews the summary in README.md.

JSON: `code`, a list of objects: `mutant`, `machine`, `broken`, `killed_by` (names), `judge`, `run`, `runs`, `seconds`,
`sentence`, `guarantees` (in how many runs each is violated), `judged` (runs), `sightings` (one for each judge that saw
it), `explained` (why no judge is expected to see it, or null); `spec`, as `models` of `vsync models`; `only_killers`,
by guarantee, an object with `code` and `traces` (names), and `reason`. With `--list` only what there is.

Spec: the models of kind planted bug. Paper: none.
"""

import argparse
import difflib
import os
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from rich.table import Table
from rich.text import Text

from vsync.check.models import Model, ModelResult, results_json
from vsync.cli.models import add_spec_directory, checked, exit_of, positive
from vsync.cli.models import chosen as chosen_models
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import InputError
from vsync.mutants import only_killers
from vsync.mutants.catalogue import CODE, chosen
from vsync.mutants.hunt import JUDGES, RUNS, STATE_MACHINE, Row, hunt
from vsync.mutants.matrix import MATRIX, read_matrix, row_as_json, write_matrix
from vsync.mutants.planting import Mutant
from vsync.mutants.state_machines import there
from vsync.mutants.summary import renew_summary
from vsync.mutants.unseen import UNSEEN
from vsync.workers import results_of

HELP = "break the code and the specification, one thing at a time, and see what notices it"
DESCRIPTION = (
    "Run mutants of the code under seeded faults, and models of the specification with a planted bug; say of each what "
    "kills it. All of them, or those named, by mutant, by machine, by model, or by module of the specification."
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("name", nargs="*", metavar="NAME", help="a mutant, a machine, a model, or a module")
    command.add_argument("--list", action="store_true", help="only list the mutants")
    command.add_argument("--code", action="store_true", help="mutants of the code only")
    command.add_argument("--spec", action="store_true", help="mutants of the specification only")
    command.add_argument("--full", action="store_true", help="also models of the full tier, which take long")
    command.add_argument(
        "--runs", type=positive, default=RUNS, metavar="N", help=f"how many runs a mutant may survive ({RUNS})"
    )
    command.add_argument("--seed", type=int, default=1, metavar="N", help="the seed of the first run (1)")
    command.add_argument("--all-judges", action="store_true", help="ask every judge, not only until one says no")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the matrix there, as JSON")
    command.add_argument("--write", action="store_true", help="keep it as the matrix that the tests replay")
    command.add_argument("--cores", type=positive, help="how many cores to use (all)")
    add_spec_directory(command)


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    mutants, models = meant(arguments)
    if arguments.list:
        terminal.show(_list(mutants), _list_of_models(models))
        listed = {"code": list(map(_mutant_json, mutants)), "spec": [{"model": model.name} for model in models]}
        return Outcome(exit=Exit.HOLDS, fields=listed)
    began = time.monotonic()
    rows = hunted(mutants, arguments, terminal)
    results = checked(models, terminal, cores=arguments.cores) if models else []
    killers = only_killers.found({row.mutant: row for row in rows})
    if mutants:
        terminal.show(_table(rows), Text(_summary(rows)))
    if models:
        terminal.show(_models_table(results), Text(_models_summary(results)))
    if not arguments.name and mutants:
        terminal.show(only_killers.table(killers))
    fields = {
        "code": [as_json(row) for row in rows],
        "spec": results_json(results),
        "only_killers": {name: attrs.asdict(each) for name, each in killers.items()},
        "seconds": round(time.monotonic() - began, 1),
    }
    _keep(arguments, rows, terminal)
    survivors = [row.mutant for row in rows if not as_known(row)]
    return Outcome(exit=Exit.worst([Exit.VIOLATED if survivors else Exit.HOLDS, exit_of(results)]), fields=fields)


def meant(arguments: argparse.Namespace) -> tuple[list[Mutant], list[Model]]:
    """Returns the mutants of the code and the models that are meant. Raises InputError for an unknown name."""
    both = arguments.code == arguments.spec
    known = {*CODE, *(mutant.machine for mutant in CODE.values())}
    of_code = [name for name in arguments.name if name in known]
    mutants = chosen(of_code) if of_code or not arguments.name else []
    full = arguments.full or bool(arguments.name)
    _, every = chosen_models(arguments.spec_directory, (), full=full)
    of_spec = {name for model in every for name in (model.name, model.checks)}
    for name in arguments.name:
        if name not in known | of_spec:
            near = difflib.get_close_matches(name, known | of_spec, n=1)
            hint = f"did you mean {near[0]}?" if near else "`vsync mutants --list` shows all"
            raise InputError(f"expected a mutant, a machine, a model or a module, came {name!r}: {hint}")
    models = [
        model
        for model in every
        if model.kind == "planted bug" and (not arguments.name or {model.name, model.checks} & set(arguments.name))
    ]
    if arguments.write and (arguments.name or arguments.spec):
        raise InputError("expected --write with all mutants of the code, came some of them; leave out the names")
    return (mutants if both or arguments.code else []), (models if both or arguments.spec else [])


def hunted(mutants: Sequence[Mutant], arguments: argparse.Namespace, terminal: Terminal) -> list[Row]:
    """Returns what became of the mutants, in their order, with progress on the way."""
    judges = [judge for judge in JUDGES if judge != STATE_MACHINE or there()]
    if len(judges) < len(JUDGES) and mutants:
        terminal.say('The state machines of the tests are not there, and are not asked; pip install ".[test]"')
    work = partial(
        _hunt, runs=arguments.runs, first=arguments.seed, judges=tuple(judges), everyone=arguments.all_judges
    )
    cores = min(arguments.cores or os.cpu_count() or 1, max(1, len(mutants)))
    rows: dict[str, Row] = {}
    with terminal.progress("mutants", len(mutants)) as meter:
        for row in results_of(work, [mutant.name for mutant in mutants], cores=cores):
            rows[row.mutant] = row
            meter.advance(1, f"{row.mutant}: {told(row)}")
    return [rows[mutant.name] for mutant in mutants]


def _hunt(name: str, *, runs: int, first: int, judges: tuple[str, ...], everyone: bool) -> Row:
    return hunt(CODE[name], runs=runs, first=first, judges=judges, everyone=everyone)


def as_known(row: Row) -> bool:
    """A mutant is killed, unless it is known to be out of reach."""
    return (row.killed is None) == (row.mutant in UNSEEN)


def told(row: Row) -> str:
    """What became of a mutant, in a few words."""
    if row.killed is None:
        return UNSEEN.get(row.mutant, "it survives")
    return f"killed by {', '.join(row.killed.by)} ({row.killed.judge}) in run {row.killed.run}"


def as_json(row: Row) -> dict[str, Any]:
    """A row as the result has it."""
    killed, fields = row.killed, row_as_json(row)
    return _mutant_json(CODE[row.mutant]) | {
        "killed_by": list(killed.by) if killed else [],
        "judge": killed.judge if killed else None,
        "run": killed.run if killed else None,
        "runs": killed.runs if killed else row.runs,
        "seconds": killed.seconds if killed else None,
        "sentence": killed.sentence if killed else "",
        "guarantees": fields["guarantees"],
        "judged": row.runs,
        "sightings": fields["sightings"],
        "explained": UNSEEN.get(row.mutant),
    }


def _mutant_json(mutant: Mutant) -> dict[str, Any]:
    return {"mutant": mutant.name, "machine": mutant.machine, "broken": mutant.broken}


def _keep(arguments: argparse.Namespace, rows: Sequence[Row], terminal: Terminal) -> None:
    """Writes the matrix where it is wanted."""
    if arguments.output:
        write_matrix(rows, arguments.output)
    if arguments.write:
        write_matrix(rows)
        where = renew_summary(read_matrix())
        terminal.say(f"written: {MATRIX}{f', {where}' if where else ''}")


def _table(rows: Iterable[Row]) -> Table:
    table = Table("Mutant", "Machine", "What is broken", "Killed by", "Judge", "Run")
    for heading in ("Runs", "Seconds"):
        table.add_column(heading, justify="right")
    table.add_column("Seen too by")
    for row in rows:
        mutant, killed = CODE[row.mutant], row.killed
        if killed is None:
            reason = UNSEEN.get(row.mutant, "nothing: it survives")
            cells = (row.mutant, mutant.machine, mutant.broken, reason, "", "", str(row.runs), "", "")
        else:
            others = ", ".join(each.judge for each in row.sightings[1:])
            numbers = (str(killed.run), str(killed.runs), f"{killed.seconds:.1f}")
            cells = (row.mutant, mutant.machine, mutant.broken, ", ".join(killed.by), killed.judge, *numbers, others)
        table.add_row(*map(Text, cells))
    return table


def _summary(rows: Sequence[Row]) -> str:
    dead = sum(row.killed is not None for row in rows)
    text = f"{dead} of {len(rows)} mutants of the code are killed."
    wrong = [row.mutant for row in rows if not as_known(row)]
    return f"{text} Not as known: {', '.join(wrong)}." if wrong else text


def _models_table(results: Iterable[ModelResult]) -> Table:
    table = Table("Model", "Of", "What is broken", "Killed by")
    for heading in ("States", "Seconds"):
        table.add_column(heading, justify="right")
    for result in results:
        model, tlc = result.model, result.tlc
        killed = (tlc.violated if tlc else None) or "; ".join(result.reasons)
        numbers = (str(tlc.distinct), f"{tlc.seconds:.1f}") if tlc else ("", "")
        table.add_row(*map(Text, (model.name, model.checks, model.note, killed, *numbers)))
    return table


def _models_summary(results: Sequence[ModelResult]) -> str:
    dead = sum(result.as_expected for result in results)
    return f"{dead} of {len(results)} mutants of the specification are killed, by the property that is named."


def _list(mutants: Iterable[Mutant]) -> Table:
    table = Table("Mutant of the code", "Machine", "What is broken", "State machine", "Its rule")
    for mutant in mutants:
        rule = mutant.killer if mutant.search else ""
        table.add_row(*map(Text, (mutant.name, mutant.machine, mutant.broken, mutant.search, rule)))
    return table


def _list_of_models(models: Iterable[Model]) -> Table:
    table = Table("Mutant of the specification", "Of", "What is broken", "Killed by", "Tier")
    for model in models:
        table.add_row(*map(Text, (model.name, model.checks, model.note, model.by or "", model.tier)))
    return table
