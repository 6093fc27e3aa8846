"""`vsync negatives`: accepted traces, changed in one thing each, and what both judges say of them.

A changed trace breaks a guarantee, or is still legal. Both judges have to find the same: the same guarantees broken,
each first by the same event, or none. Where they differ, one of them is wrong, and the changed trace is kept. The
traces are the good ones of the project, or those named; `--each` says how many changes of each kind are made in
each of them, spread evenly over the trace.

JSON: `traces` (how many), `operators`, a list of objects: `operator`, `changed` (how many traces it changed),
`rejected`, `legal`, `guarantees` (how many of them break which) ; and `disagreements`, a list of objects: `of`,
`operator`, `change`, `sentence`, `trace`.

Spec: VSProperties. Paper: 2.4.
"""

import argparse
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from vsync.check.judge import judge_file
from vsync.check.negatives import OPERATORS, UNCHANGED, JudgedNegative, Negative, judged, negatives_of
from vsync.check.record import record_of
from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import InputError
from vsync.locate import traces_directory

HELP = "change accepted traces in one thing each, and have both judges judge them"
DESCRIPTION = (
    "Change accepted traces in one thing each: two events exchanged, one dropped, doubled, moved across a view, in "
    "another's name, with other ranks. Both judges have to reject a changed trace, or both have to accept it."
)
EACH = 4
KEEP = Path("vsync-negatives")
NAMED_MAX = 4
"""How many of the guarantees that an operator breaks are named, those that it breaks most often."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("file", nargs="*", type=Path, metavar="FILE", help="an accepted trace (the good ones)")
    command.add_argument(
        "--each", type=positive, default=EACH, metavar="N", help=f"how many changes of a kind in a trace ({EACH})"
    )
    command.add_argument(
        "--keep", type=Path, default=KEEP, metavar="DIR", help=f"where traces go on which the judges differ ({KEEP})"
    )
    command.add_argument("--cores", type=positive, help="how many cores TLC may use (all)")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    paths = arguments.file or sorted((traces_directory() / "good").rglob("*.jsonl"))
    with tempfile.TemporaryDirectory(prefix="vsync-negatives-") as scratch:
        changed = [each for path in paths for each in _changed(path, arguments.each, Path(scratch))]
        with terminal.progress("changed traces judged by TLC, twice each", 2 * len(changed)) as meter:
            said = judged(changed, cores=arguments.cores, on_done=meter.advance)
        differing = [(each, _kept(each, arguments.keep)) for each in said if each.disagreement]
    terminal.show(_table(said))
    for each, kept in differing:
        text = f"{each.negative.of}: {each.negative.sentence or 'unchanged'}: {each.disagreement}; see {kept}"
        terminal.show(Text(text, style="bold red"))
    if not differing:
        terminal.show(Text(f"Of {len(said)} traces, {len(paths)} of them unchanged, both judges say the same."))
    fields = {
        "traces": len(paths),
        "operators": [_as_json(name, said) for name in (UNCHANGED, *OPERATORS)],
        "disagreements": [_difference_as_json(each, kept) for each, kept in differing],
    }
    return Outcome(exit=Exit.VIOLATED if differing else Exit.HOLDS, fields=fields)


def _changed(path: Path, each: int, directory: Path) -> list[Negative]:
    """Returns the changed traces of a file. Raises InputError if the trace itself is not accepted."""
    broken = {violation.guarantee for violation in judge_file(path).violations}
    if broken:
        raise InputError(f"{path}: expected an accepted trace, but it breaks {', '.join(sorted(broken))}: leave it out")
    header, run = record_of(path)
    return negatives_of(str(path), header, run, each, directory)


def _kept(each: JudgedNegative, keep: Path) -> Path:
    keep.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(each.negative.path, keep / each.negative.path.name))


def _table(said: Sequence[JudgedNegative]) -> Table:
    table = Table("Changed")
    for column in ("Traces", "Rejected", "Still legal"):
        table.add_column(column, justify="right")
    table.add_column("Guarantees broken most often")
    for name in (UNCHANGED, *OPERATORS):
        own = [each for each in said if each.negative.operator == name]
        rejected = sum(each.rejected for each in own)
        most = ", ".join(f"{name} {count}" for name, count in _guarantees(own).most_common(NAMED_MAX))
        table.add_row(*map(Text, (name, str(len(own)), str(rejected), str(len(own) - rejected), most)))
    return table


def _guarantees(said: Sequence[JudgedNegative]) -> Counter[str]:
    return Counter(name for each in said for name in {broken.guarantee for broken in each.judgement.violations})


def _as_json(name: str, said: Sequence[JudgedNegative]) -> dict[str, Any]:
    own = [each for each in said if each.negative.operator == name]
    rejected = sum(each.rejected for each in own)
    return {
        "operator": name,
        "changed": len(own),
        "rejected": rejected,
        "legal": len(own) - rejected,
        "guarantees": dict(_guarantees(own).most_common()),
    }


def _difference_as_json(each: JudgedNegative, kept: Path) -> dict[str, Any]:
    return {
        "of": each.negative.of,
        "operator": each.negative.operator,
        "change": each.negative.sentence,
        "sentence": each.disagreement,
        "trace": str(kept),
    }
