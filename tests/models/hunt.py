"""Hunting for a mutant: numbered runs of a state machine, each of which makes its choices from its number alone.

Hypothesis makes its own choices by all the constants of all modules that happen to be loaded, so that what it finds in
one process it may not find in another.  Here a run is a number.  So the run that kills a mutant can be written down,
and made again at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random
from typing import Any, ClassVar

from attrs import frozen
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider
from hypothesis.stateful import run_state_machine_as_test

from models.search import Search
from models.witness import Broken

BACKEND = "numbered runs"


class NumberedRuns(PrimitiveProvider):
    """Hypothesis asks this for each choice.  ``number`` is that of the next run."""

    number: ClassVar[int] = 0

    def __init__(self, data: Any, /) -> None:
        super().__init__(data)
        self.chance = Random(0)

    def per_test_case_context_manager(self) -> AbstractContextManager[None]:
        return self._numbered()

    @contextmanager
    def _numbered(self) -> Iterator[None]:
        self.chance = Random(f"run {NumberedRuns.number}")
        NumberedRuns.number += 1
        yield

    def draw_boolean(self, p: float = 0.5) -> bool:
        return self.chance.random() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        least = min_value if min_value is not None else min(-(2**16), max_value or 0)
        most = max_value if max_value is not None else max(2**16, least)
        return self.chance.randint(least, most)

    def draw_bytes(self, min_size: int = 0, max_size: int = 2**16) -> bytes:
        return self.chance.randbytes(self.chance.randint(min_size, min(max_size, min_size + 2**6)))

    def draw_string(self, intervals: Any, *, min_size: int = 0, max_size: int = 2**16) -> str:
        size = self.chance.randint(min_size, min(max_size, min_size + 2**4))
        return "".join(chr(self.chance.choice(intervals)) for _ in range(size))

    def draw_float(self, **bounds: Any) -> float:
        raise NotImplementedError("no state machine draws numbers with a point")


AVAILABLE_PROVIDERS[BACKEND] = NumberedRuns


@frozen(kw_only=True)
class Kill:
    """The run that killed a mutant, and what it broke."""

    run: int
    broken: Broken


def hunted(search: type[Search], killer: str, *, first: int, runs: int, steps: int) -> Kill | None:
    """The first of these runs in which a rule is broken, with nothing else counted; None if there is none."""
    hunt = type("Hunt", (search,), {"only": killer})
    told = settings(
        backend=BACKEND,
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=runs,
        stateful_step_count=steps,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    NumberedRuns.number = first
    try:
        run_state_machine_as_test(hunt, settings=told)
    except Broken as broken:
        return Kill(run=NumberedRuns.number - 1, broken=broken)
    return None
