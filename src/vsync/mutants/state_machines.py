"""The state machines of the tests as hunters of mutants, where the tests and Hypothesis are there.

Spec: none.
Paper: none.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any, Protocol

from vsync.errors import EngineError
from vsync.locate import tests_directory
from vsync.mutants.planting import Mutant


class Broken(Protocol):
    """What this package needs of the rule that a run has broken."""

    @property
    def guarantee(self) -> str: ...


class Kill(Protocol):
    """What this package needs of the run that has killed a mutant."""

    @property
    def run(self) -> int: ...

    @property
    def broken(self) -> Broken: ...


def hunted_by(mutant: Mutant, first: int = 1, runs: int | None = None) -> Kill | None:
    """Have the state machine that is meant for a mutant look for it, in so many runs from the first on.

    Nothing counts but the rule that the mutant names as its killer.
    Errors: ``EngineError`` if the tests with their state machines are not there.
    """
    kill: Kill | None = _hunters().hunted_mutant(mutant, first, runs)
    return kill


def there() -> bool:
    """Whether there are state machines to ask."""
    try:
        _hunters()
    except EngineError:
        return False
    return True


def _hunters() -> Any:
    """The hunters: those of the tests that run, or of the source checkout."""
    if importlib.util.find_spec("models") is None:
        sys.path.insert(0, str(tests_directory()))
    try:
        return importlib.import_module("models.hunters")
    except ImportError as error:
        raise EngineError(
            f'expected the tests with their state machines, came: {error}; pip install ".[test]"'
        ) from error
