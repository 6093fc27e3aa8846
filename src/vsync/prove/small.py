"""Small states: formulas over sorts of a few elements each, in which nothing is left to quantify over.

Over so many elements "for all" is a conjunction and "there is" a disjunction. What z3 then has to decide is
propositional, and it always does.

Spec: none. Paper: none.
"""

import functools
import itertools
from collections.abc import Mapping, Sequence

import z3

from vsync.prove.language import Formula, Proof, Sort, Term

__all__ = ["Small", "constants_of", "small_sorts"]


class Small:
    """Sorts of given sizes."""

    def __init__(self, sorts: Sequence[Sort], sizes: Sequence[int]) -> None:
        self.elements: Mapping[str, list[Term]] = {
            sort.name: [sort.variable(f"{sort.letter}!{i}") for i in range(size)]
            for sort, size in zip(sorts, sizes, strict=True)
        }
        self._spelled_out: dict[int, tuple[Formula, Formula]] = {}

    def spelled_out(self, formula: Formula) -> Formula:
        """Returns the formula without quantifiers."""
        if formula.get_id() not in self._spelled_out:
            self._spelled_out[formula.get_id()] = (formula, self._spelled(formula))
        return self._spelled_out[formula.get_id()][1]

    def _spelled(self, formula: Formula) -> Formula:
        if z3.is_quantifier(formula):
            return self._instances(formula)
        if z3.is_app(formula) and formula.num_args() and _has_quantifier(formula):
            return formula.decl()(*(self._spelled(child) for child in formula.children()))
        return formula

    def _instances(self, formula: Formula) -> Formula:
        """Returns all instances of a quantified formula, joined."""
        sorts = [formula.var_sort(i).name() for i in range(formula.num_vars())]
        instances = [
            self._spelled(z3.substitute_vars(formula.body(), *reversed(chosen)))
            for chosen in itertools.product(*(self.elements[name] for name in sorts))
        ]
        return z3.And(*instances) if formula.is_forall() else z3.Or(*instances)

    def only_these(self, constants: Sequence[Term]) -> list[Formula]:
        """Returns that the elements are different, and that each constant is one of them."""
        different = [z3.Distinct(*each) for each in self.elements.values() if len(each) > 1]
        return different + [z3.Or(*(c == e for e in self.elements[c.sort().name()])) for c in constants]


@functools.lru_cache(maxsize=16)
def small_sorts(sorts: tuple[Sort, ...], sizes: tuple[int, ...]) -> Small:
    """Returns sorts of these sizes, the same each time, with what has been spelled out over them."""
    return Small(sorts, sizes)


def constants_of(proof: Proof) -> list[Term]:
    """Returns the constants of a proof, in z3."""
    return [constant.z3 for constant in proof.constants]


def _has_quantifier(formula: Formula) -> bool:
    return z3.is_quantifier(formula) or any(_has_quantifier(child) for child in formula.children())
