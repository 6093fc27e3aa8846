"""The summary of the kill matrix in README.md, renewed by `vsync mutants --write`.

Spec: none.
Paper: none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from vsync.check.models import load_models
from vsync.check.writer import write_whole
from vsync.errors import EngineError
from vsync.locate import spec_directory
from vsync.mutants.catalogue import CODE
from vsync.mutants.hunt import JUDGES, Row

HEADING: Final = "### The kill matrix"


def renew_summary(rows: Mapping[str, Row]) -> Path | None:
    """Write the table of the matrix into the README of the source checkout; returns where, None if there is none.

    Raises EngineError if the README has no place for it.
    """
    readme = spec_directory().parent / "README.md"
    if not readme.is_file():
        return None
    old = readme.read_text(encoding="utf-8")
    before, found, rest = old.partition(f"{HEADING}\n\n")
    if not found:
        raise EngineError(f"expected the heading {HEADING!r} in {readme.name}, came none; put it back")
    after = re.sub(r"(\|[^\n]*\n)*", "", rest, count=1)
    new = before + found + "".join(lines(rows)) + after
    if new != old:
        write_whole(readme, new)
    return readme


def lines(rows: Mapping[str, Row]) -> Iterator[str]:
    """Yields the lines of the table: of each machine how many mutants of the code each judge is the first to kill."""
    planted: Counter[str] = Counter()
    for model in load_models(spec_directory() / "models.toml"):
        planted[model.checks] += model.kind == "planted bug"
    machines = list(dict.fromkeys(mutant.machine for mutant in CODE.values()))
    yield f"| machine | mutants | {' | '.join(JUDGES)} | none | planted bugs of the specification |\n"
    yield f"|---|---|{'---|' * len(JUDGES)}---|---|\n"
    for machine in machines:
        names = [mutant.name for mutant in CODE.values() if mutant.machine == machine]
        yield _line(machine, names, rows, planted[machine])
    others = sum(planted.values()) - sum(planted[machine] for machine in machines)
    yield _line("together", list(CODE), rows, sum(planted.values()) - others, others)


def _line(what: str, names: list[str], rows: Mapping[str, Row], planted: int, others: int = 0) -> str:
    first = Counter(killed.judge if (killed := rows[name].killed) else "" for name in names if name in rows)
    cells = [str(first[judge] or "") for judge in (*JUDGES, "")]
    more = f" and {others} of other modules" if others else ""
    return f"| {what} | {len(names)} | {' | '.join(cells)} | {planted or ''}{more} |\n"
