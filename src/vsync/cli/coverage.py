"""`vsync coverage`: what of the specification no trace exercises, and what of the code no run reaches.

The scenarios are run again, and seeded runs as of a campaign: those that `spec/coverage.toml` names, or `--runs N`. It
is counted which actions they take, and which statements of the machines they reach. TLC judges the traces of the
scenarios, with `--sample N` also those of the first N runs, and counts which expressions of the specification it
evaluates. What is missing has to be explained in `spec/coverage.toml`; an explanation of what is not missing is out of
date. The statements are counted by the Python package `coverage`, which is in the extra `test`.

JSON: `modules` and `machines`, lists of objects (`name`, `exercised` or `reached`, `of`); `actions`, how often each
was taken; `explained`, a list of sentences and reasons; `gaps`, a list of sentences.

Spec: the Trace modules. Paper: none.
"""

import argparse
import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from vsync.check.agreement import judge_by_spec
from vsync.check.exercised import Exercised
from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import EngineError
from vsync.sim.campaign import configuration_for, written_run
from vsync.sim.coverage import (
    Explained,
    all_actions,
    gaps_of_runs,
    gaps_of_traces,
    golden_traces,
    judged_traces,
    load_explained,
    run_again,
    run_seeds,
)
from vsync.sim.reached import Reached

HELP = "what of the specification no trace exercises, and what of the code no run reaches"
DESCRIPTION = (
    "Run the scenarios and seeded runs, and say which actions they take, which statements of the machines they reach, "
    "and which expressions of the specification TLC evaluates for their traces. What is missing must be explained."
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("--runs", type=positive, metavar="N", help="so many seeded runs (those of coverage.toml)")
    command.add_argument("--seed", type=int, default=0, metavar="N", help="with --runs, the first seed (0)")
    command.add_argument("--sample", type=int, default=0, metavar="N", help="how many of the runs TLC judges, too (0)")
    command.add_argument("--explained", action="store_true", help="also list what is missing for a reason")
    command.add_argument("--cores", type=positive, help="how many cores TLC may use (all)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    explained = load_explained()
    first = arguments.seed
    seeds = range(first, first + arguments.runs) if arguments.runs else explained.seeds
    exercised, reached = Exercised(), Reached(explained.machines)
    with terminal.progress("runs", len(seeds)) as meter:
        run_again(golden_traces(), exercised, reached)
        for _ in run_seeds(seeds, exercised, reached):
            meter.advance()
    _judge(explained, seeds[: max(0, arguments.sample)], arguments.cores, exercised, terminal)
    gaps = [*gaps_of_runs(exercised, reached, explained).sentences()]
    gaps += gaps_of_traces(exercised, explained).sentences()
    terminal.show(_table(explained, exercised, reached))
    if arguments.explained:
        for each in explained.explanations:
            terminal.show(Text(f"{each}: {each.reason}"))
    for gap in gaps:
        terminal.show(Text(gap, style="bold red"))
    if not gaps:
        terminal.show(Text(f"What is missing is explained, by {len(explained.explanations)} reasons."))
    fields = {
        "modules": [_amount(name, "exercised", exercised.amounts(name)) for name in explained.modules],
        "machines": [_amount(name, "reached", reached.amounts(name)) for name in explained.machines],
        "actions": dict(sorted(exercised.actions.items())),
        "explained": [f"{each}: {each.reason}" for each in explained.explanations],
        "gaps": gaps,
    }
    return Outcome(exit=Exit.VIOLATED if gaps else Exit.HOLDS, fields=fields)


def _judge(
    explained: Explained, seeds: Sequence[int], cores: int | None, exercised: Exercised, terminal: Terminal
) -> None:
    """Has TLC judge the traces. Raises EngineError if it does not accept one: then nothing is exercised."""
    with tempfile.TemporaryDirectory(prefix="vsync-coverage-") as scratch:
        paths = judged_traces(explained)
        for seed in seeds:
            path = Path(scratch) / f"{seed}.jsonl"
            written_run(configuration_for(seed), seed, path)
            paths.append(path)
        with terminal.progress("traces judged by TLC, twice each", 2 * len(paths)) as meter:
            said = judge_by_spec(paths, cores=cores, on_done=meter.advance, on_evaluated=exercised.evaluated)
    for path, each in zip(paths, said, strict=True):
        if not each.accepted or each.unusable:
            raise EngineError(
                f"expected TLC to accept {path.name}, but: {each.rejection or each.unusable}: see vsync check --spec"
            )


def _table(explained: Explained, exercised: Exercised, reached: Reached) -> Table:
    table = Table("Specification", "Code")
    for column in ("Actions taken", "Expressions evaluated", "Statements reached"):
        table.add_column(column, justify="right")
    machines = {name.replace("_", ""): name for name in explained.machines}
    modules = {name.lower(): name for name in explained.modules}
    for key in dict.fromkeys(itertools.chain(modules, machines)):
        module, machine = modules.get(key, ""), machines.get(key, "")
        known = [name for name in all_actions() if name.partition("!")[0].lower() == key]
        taken = f"{sum(exercised.actions[name] > 0 for name in known)} of {len(known)}" if known else ""
        cells = (module, machine, taken, _of(exercised.amounts(module)) if module else "")
        table.add_row(*map(Text, (*cells, _of(reached.amounts(machine)) if machine else "")))
    return table


def _of(amounts: tuple[int, int]) -> str:
    return f"{amounts[0]} of {amounts[1]}"


def _amount(name: str, what: str, amounts: tuple[int, int]) -> dict[str, str | int]:
    return {"name": name, what: amounts[0], "of": amounts[1]}
