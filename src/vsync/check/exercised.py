"""What of the specification traces exercise: its actions, and each expression in them.

While TLC replays recorded steps, it counts how often it evaluates each expression of the modules: each conjunct and
disjunct of an action, each branch of a choice, each operator that these use. As TLC goes from left to right, and stops
where a conjunct is false, the last conjunct of a disjunct is evaluated only if that disjunct is taken. So an
expression that no trace has TLC evaluate belongs to something that no trace does.

An expression is known by its module, the definition in which it stands, and its text: not by its lines, which move.
Of expressions inside each other the outermost counts. Definitions for which a Trace module has others of its own, such
as those that write histories, are not among them; the models check these.

Spec: the Trace modules. Paper: none; TLC's statistics are described with its option `-coverage`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import attrs

from vsync.check.tlc_output import Evaluated
from vsync.locate import spec_directory

_DEFINITION: Final = re.compile(r"^(\w+)(?:\([^)]*\))? *==")
_Place = tuple[int, int, int, int]


@attrs.frozen(kw_only=True, order=True)
class Expression:
    """An expression of the specification."""

    module: str
    definition: str
    text: str

    def __str__(self) -> str:
        return f"{self.module}!{self.definition}: {self.text}"


class Exercised:
    """What of the specification has been exercised so far: sums over any number of traces and runs of TLC."""

    def __init__(self) -> None:
        self.actions: Counter[str] = Counter()
        """How often each recorded action was taken."""
        self._counts: defaultdict[str, dict[_Place, int]] = defaultdict(dict)

    def take(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Counts the recorded actions among the lines of a trace."""
        self.actions.update(line["action"] for line in lines if "action" in line)

    def evaluated(self, expressions: Sequence[Evaluated]) -> None:
        """Adds what a run of TLC evaluated."""
        for each in expressions:
            counts = self._counts[each.module]
            counts[each.place] = max(counts.get(each.place, 0), each.count)

    def modules(self) -> list[str]:
        """Returns the modules of which TLC has said something."""
        return sorted(self._counts)

    def amounts(self, module: str) -> tuple[int, int]:
        """Returns how many expressions of a module were evaluated, and how many there are."""
        counts = self._counts[module].values()
        return sum(count > 0 for count in counts), len(counts)

    def missing(self, modules: Iterable[str]) -> list[Expression]:
        """Returns the expressions of these modules that were never evaluated."""
        return sorted({each for module in modules for each in self._missing(module)})

    def _missing(self, module: str) -> list[Expression]:
        never = [place for place, count in self._counts[module].items() if not count]
        outermost = [place for place in never if not any(_within(place, other) for other in never)]
        return [_expression(module, place) for place in outermost]


def _within(place: _Place, other: _Place) -> bool:
    return place != other and other[:2] <= place[:2] and place[2:] <= other[2:]


def _expression(module: str, place: _Place) -> Expression:
    lines = _lines_of(spec_directory() / f"{module}.tla")
    first, begin, last, end = place
    text = list(lines[first - 1 : last])
    text[-1] = text[-1][:end]
    text[0] = text[0][begin - 1 :]
    names = [found[1] for line in lines[:first] if (found := _DEFINITION.match(line))]
    return Expression(module=module, definition=names[-1] if names else "", text=" ".join(" ".join(text).split()))


@lru_cache
def _lines_of(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines())
