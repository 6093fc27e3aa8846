"""The kill matrix: what became of each mutant of the code when it was hunted last, as a file beside this module.

`vsync mutants --write` makes it anew.  The tests make the runs again that it names.

    {"mutants": [{"mutant": "installs_after_flush",
                  "runs": 12,                                # judged by the streaming judge
                  "guarantees": {"VirtualSynchrony": 10},    # in how many of them each is violated
                  "sightings": [{"judge": "guarantees", "by": ["VirtualSynchrony"], "run": 3, "runs": 3,
                                 "seconds": 0.4, "sentence": "..."}]}]}

Spec: none.
Paper: none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from vsync.check.writer import write_whole
from vsync.errors import InputError
from vsync.mutants.catalogue import CODE
from vsync.mutants.hunt import Row, Sighting

MATRIX: Final = Path(__file__).with_name("matrix.json")


def read_matrix(path: Path = MATRIX) -> dict[str, Row]:
    """Returns the rows of the matrix by the names of the mutants; raises InputError if the file is no matrix."""
    try:
        rows = [_row(row) for row in json.loads(path.read_text(encoding="utf-8"))["mutants"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"expected the kill matrix at {path}, came {error!r}: make it anew with `vsync mutants --write`"
        ) from error
    return {row.mutant: row for row in rows}


def write_matrix(rows: Iterable[Row], path: Path = MATRIX) -> None:
    """Write a matrix, in the order of the catalogue."""
    known = {row.mutant: row for row in rows}
    text = json.dumps({"mutants": [row_as_json(known[name]) for name in CODE if name in known]}, indent=1)
    write_whole(path, text + "\n")


def row_as_json(row: Row) -> dict[str, Any]:
    """A row as a JSON object."""
    return attrs.asdict(row)


def _row(fields: Mapping[str, Any]) -> Row:
    sightings = tuple(Sighting(**{**sighting, "by": tuple(sighting["by"])}) for sighting in fields["sightings"])
    return Row(**{**fields, "sightings": sightings})
