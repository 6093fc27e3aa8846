"""Runs that once failed, as moves: each stays here and must hold for ever.

A file of ``found`` is a trace with nothing in it but the header and the moves.  The state machines write such
traces when they fail; what is kept is the shortest run.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from models.recording import WatchedWorld
from vsync.check.trace import Moved, open_trace
from vsync.sim.moves import move_from_json

FOUND = sorted(Path(__file__).with_name("found").glob("*.jsonl"))


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_a_run_that_once_failed_holds(path: Path) -> None:
    """Every guarantee and every rule of the witness holds, move by move."""
    world = WatchedWorld()
    with open_trace(path) as trace:
        moves = [{**event.fields, "move": event.move} for event in trace if isinstance(event, Moved)]
    for move in moves:
        world.make(move_from_json(move))


def test_there_are_runs_that_once_failed() -> None:
    """The directory is found, and holds what was found."""
    assert FOUND
