"""A proof's transition system as a TLA+ module, so that TLC can compare it with the specification.

The module has the relations as variables, sets of tuples; what is rigid, as constant operators; the axioms as
`Axioms`; and the actions under their names. It is written from the same formulas that z3 is given, so what TLC
finds the specification to refine is what has been proved. `spec/PR*.tla` are these texts; a test compares them.

Spec: `spec/PR*.tla`, with `spec/MCProve*.tla`, which say what each relation is in the specification's terms.
Paper: none.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import z3

from vsync.prove.language import Action, Change, Formula, Proof, Sort, Term

__all__ = ["module_name", "write"]

WIDTH = 76


def module_name(proof: Proof) -> str:
    """Returns the name of the module of a proof."""
    return f"PR{proof.module}"


def write(proof: Proof) -> str:
    """Returns the text of the module."""
    return "\n".join(_Writer(proof).lines()) + "\n"


class _Writer:
    """Writes one proof down."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._state = proof.state()
        self._variables = [relation.name for relation in proof.variables]

    def lines(self) -> list[str]:
        """Returns all lines of the module."""
        proof = self._proof
        head = f" MODULE {module_name(proof)} "
        lines = [head.center(78, "-"), *self._comment(), "CONSTANTS"]
        constants = [(_sort(sort.name), "") for sort in proof.sorts]
        constants += [(c.name, c.meaning) for c in proof.constants]
        constants += [(f"{r.name}({', '.join('_' * len(r.sorts))})", r.meaning) for r in proof.relations if r.rigid]
        lines += _listed(constants)
        lines += ["", "VARIABLES", *_listed([(r.name, r.meaning) for r in proof.variables])]
        lines += ["", f"variables == <<{', '.join(self._variables)}>>", ""]
        lines += ["(* What is known of what never changes.                                     *)", "Axioms =="]
        for name, axiom in proof.axioms.items():
            lines += [f"    /\\ \\* {name}", f"       {self._text(axiom, {})}"]
        lines += [] if proof.axioms else ["    TRUE"]
        lines += ["", "Init ==", *self._initial(), ""]
        for action in proof.actions:
            lines += [*self._action(action), ""]
        operators = [action.operator for action in proof.actions]
        lines += ["Next ==", *(f"    \\/ {name}" for name in operators), "", "Spec == Init /\\ [][Next]_variables", ""]
        for each in (*proof.invariants, *proof.guarantees):
            lines += [
                f"(* {each.sentence} *)",
                f"{each.name}Inv ==",
                f"    {self._text(each.formula(self._state), {})}",
                "",
            ]
        return [*lines, "=" * 78]

    def _comment(self) -> list[str]:
        proof = self._proof
        text = (
            f"The transition system about which src/vsync/prove/{proof.name}.py proves: {proof.proves}. "
            f"Left out: {proof.abstracts}. "
            f"Written by `vsync prove --write` from that module; "
            f"MCProve{proof.module} shows that {proof.module} refines it."
        )
        lines, line = [], ""
        for word in text.split():
            if len(line) + len(word) > 70:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        bar = "(" + "*" * 76 + ")"
        return [bar, *(f"(* {each.ljust(72)} *)" for each in [*lines, line]), bar]

    def _initial(self) -> list[str]:
        lines = []
        for relation in self._proof.variables:
            holds = self._proof.initially.get(relation.name)
            value = "{}" if holds is None else self._set(relation.sorts, holds, {}, frozenset())
            lines.append(f"    /\\ {relation.name} = {value}")
        return lines

    def _action(self, action: Action) -> list[str]:
        """Returns an action: each parameter bound as late, and each guard as early as can be."""
        step = action.step(self._state, *action.arguments().values())
        lines = [f"(* {action.sentence} *)", f"{action.operator} =="]
        bound: dict[str, str] = {}
        waiting = list(step.guards)
        indent = 4
        for name, sort in action.parameters.items():
            prefix = "/\\ " if bound else ""
            lines.append(f"{' ' * indent}{prefix}\\E {name} \\in {_domain(sort)} :")
            indent += 4 + len(prefix)
            bound[name] = name
            for guard in [g for g in waiting if _parameters_in(g, action) <= bound.keys()]:
                waiting = [g for g in waiting if g is not guard]
                lines.append(f"{' ' * indent}/\\ {self._text(guard, bound)}")
        assert not waiting, f"{action.name} has guards about unknown parameters"
        for change in step.changes:
            lines.append(f"{' ' * indent}/\\ {self._change(change, bound)}")
        kept = [name for name in self._variables if name not in {c.relation for c in step.changes}]
        lines.append(f"{' ' * indent}/\\ UNCHANGED <<{', '.join(kept)}>>")
        return lines

    def _change(self, change: Change, bound: Mapping[str, str]) -> str:
        relation = next(r for r in self._proof.relations if r.name == change.relation)
        value = self._set(relation.sorts, change.holds, bound, frozenset(bound))
        return f"{change.relation}' = " + (f"{change.relation} \\cup {value}" if change.grows else value)

    def _set(
        self, sorts: Sequence[Sort], holds: Callable[..., Formula], bound: Mapping[str, str], fixed: frozenset[str]
    ) -> str:
        """Returns the set of those of which a formula holds; what equals a parameter is not searched for."""
        elements = [sort.variable(f"{sort.letter}#{i}") for i, sort in enumerate(sorts)]
        names = dict(bound)
        for i, (sort, element) in enumerate(zip(sorts, elements, strict=True)):
            names[str(element)] = _unused(sort.letter, {*names.values(), *self._variables}, i)
        parts = _conjuncts(holds(*elements))
        domains = [_sort(sort.name) for sort in sorts]
        given: list[str | None] = [None] * len(sorts)
        rest = []
        for part in parts:
            place = _pinned(part, elements, fixed)
            if place is None or given[place[0]] is not None:
                rest.append(part)
            else:
                given[place[0]] = self._text(place[1], names)
                domains[place[0]] = f"{{{given[place[0]]}}}"
        if all(given) and not rest:
            return f"{{{_tuple([g for g in given if g])}}}"
        variables = [names[str(element)] for element in elements]
        body = self._text(z3.And(*rest) if len(rest) > 1 else rest[0] if rest else z3.BoolVal(True), names)
        product = " \\X ".join(domains)
        return f"{{{_tuple(variables)} \\in {product} : {body}}}"

    # ---------------------------------------------------------------------------------------------- formulas

    def _text(self, f: Formula, names: Mapping[str, str]) -> str:
        """Returns a formula or a term as TLA+."""
        if z3.is_quantifier(f):
            return self._quantified(f, names)
        if z3.is_true(f) or z3.is_false(f):
            return "TRUE" if z3.is_true(f) else "FALSE"
        children = [self._text(child, names) for child in f.children()]
        if z3.is_and(f) or z3.is_or(f):
            word = " /\\ " if z3.is_and(f) else " \\/ "
            return f"({word.join(children)})" if children else ("TRUE" if z3.is_and(f) else "FALSE")
        if z3.is_not(f):
            return f"~ {children[0]}" if children[0].startswith("(") else f"~ ({children[0]})"
        if z3.is_implies(f):
            return f"({children[0]} => {children[1]})"
        if z3.is_eq(f):
            return f"{children[0]} = {children[1]}"
        if z3.is_distinct(f):
            return f"{children[0]} # {children[1]}"
        return self._applied(f, children, names)

    def _applied(self, f: Formula, children: list[str], names: Mapping[str, str]) -> str:
        name = f.decl().name()
        if not children:
            return names.get(name, name)
        rigid = any(r.name == name and r.rigid for r in self._proof.relations)
        return f"{name}({', '.join(children)})" if rigid else f"{_tuple(children)} \\in {name}"

    def _quantified(self, f: Formula, names: Mapping[str, str]) -> str:
        inner = dict(names)
        fresh, bindings = [], []
        for i in range(f.num_vars()):
            variable = z3.Const(f"{f.var_name(i)}@{next(_places)}", f.var_sort(i))
            written = _unused(f.var_name(i).partition("!")[0], {*inner.values(), *self._variables}, 1)
            inner[str(variable)] = written
            fresh.append(variable)
            bindings.append(f"{written} \\in {_sort(f.var_sort(i).name())}")
        body = self._text(z3.substitute_vars(f.body(), *reversed(fresh)), inner)
        return f"(\\{'A' if f.is_forall() else 'E'} {', '.join(bindings)} : {body})"


_places = itertools.count()


def _listed(entries: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in entries) + 2
    lines = []
    for i, (name, meaning) in enumerate(entries):
        comma = "," if i < len(entries) - 1 else ""
        comment = f"\\* {meaning}" if meaning else ""
        lines.append(f"    {(name + comma).ljust(width)}{comment}".rstrip())
    return lines


def _sort(name: str) -> str:
    """Returns the name of the set of all elements of a sort: no module of the specification has such a name."""
    return f"{name}Sort"


def _domain(sort: Sort | tuple[Sort, ...]) -> str:
    if isinstance(sort, Sort):
        return _sort(sort.name)
    product = " \\X ".join(_sort(part.name) for part in sort)
    return f"SUBSET {product}" if len(sort) == 1 else f"SUBSET ({product})"


def _tuple(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"<<{', '.join(parts)}>>"


def _unused(name: str, used: set[str], number: int) -> str:
    """Returns a name that is not used yet."""
    candidates = itertools.chain([name], (f"{name}{i}" for i in itertools.count(number)))
    return next(candidate for candidate in candidates if candidate not in used)


def _conjuncts(formula: Formula) -> list[Formula]:
    if z3.is_and(formula):
        return [part for child in formula.children() for part in _conjuncts(child)]
    return [formula]


def _pinned(part: Formula, elements: Sequence[Term], fixed: frozenset[str]) -> tuple[int, Any] | None:
    """Returns which element this equation gives, and as what, if it gives one."""
    if not z3.is_eq(part):
        return None
    left, right = part.children()
    for variable, value in ((left, right), (right, left)):
        for i, element in enumerate(elements):
            constant = z3.is_const(value) and not any(value.eq(e) for e in elements)
            if variable.eq(element) and constant:
                return i, value
    return None


def _parameters_in(formula: Formula, action: Action) -> set[str]:
    """Returns the names of the parameters of an action of which a formula speaks."""
    found: set[str] = set()
    seen: set[int] = set()
    left = [formula]
    while left:
        part = left.pop()
        if part.get_id() in seen:
            continue
        seen.add(part.get_id())
        if z3.is_quantifier(part):
            left.append(part.body())
        elif z3.is_app(part):
            if part.decl().kind() == z3.Z3_OP_UNINTERPRETED and part.decl().name() in action.parameters:
                found.add(part.decl().name())
            left.extend(part.children())
    return found
