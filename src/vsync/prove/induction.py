"""The judge of proofs: are the invariants inductive, do they imply the guarantees, and are they not void?

For a proof, z3 is asked:

- *initiation*: does the initial state satisfy each invariant, whatever the sizes of the sorts;
- *consecution*: does each action, from each state that satisfies the axioms and the invariants, lead to a
  state that satisfies each invariant: one question for each pair;
- *guarantee*: does each state that satisfies the invariants satisfy each guarantee;
- *vacuity*: is there, for each action, a state with at least three processes that satisfies the axioms and the
  invariants and in which the action can be taken.

A question of the first three kinds holds if z3 finds that there is no counterexample. What z3 cannot decide in
its time is *unknown*, and never holds. A counterexample is then looked for among small states, and elements are
taken away from it as long as it remains one. The seeds are fixed.

Spec: none. Paper: none; Padon and others, *Ivy: Safety Verification by Interactive Generalization*, 2016.
"""

import enum
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs
import z3
from z3 import Not

from vsync.prove.language import Action, Formula, Invariant, Proof, State, count_anew
from vsync.prove.picture import Picture, draw
from vsync.prove.small import Small, constants_of, small_sorts

__all__ = ["Answer", "Kind", "Question", "Report", "Verdict", "judge", "questions", "refute", "unneeded", "vacuity"]

SIZES = (2, 3)
"""How many elements of each sort a small state has in which a counterexample is looked for."""
SEEDS = (1, 2, 3, 4)
"""With which seeds z3 tries, one after the other, as long as it comes to no end."""
SOME_EFFORT = 4_000_000
"""How much z3 may do with some of the assumptions, by its own count, which is the same on every machine."""
FEW_SECONDS = 2
"""How long z3 may take to see that a planted mistake does no harm to an invariant."""
AT_LEAST = 3
"""How many processes a state has at least that shows that an action can be taken."""


class Kind(enum.StrEnum):
    """What is asked."""

    INITIATION = "initiation"
    CONSECUTION = "consecution"
    GUARANTEE = "guarantee"
    VACUITY = "vacuity"


class Verdict(enum.StrEnum):
    """What z3 says."""

    HOLDS = "holds"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@attrs.frozen(kw_only=True)
class Question:
    """Whether a claim follows from assumptions; `after` is the state of which the claim speaks."""

    kind: Kind
    about: str
    action: Action | None
    assumed: Sequence[Formula]
    reduced: Sequence[Sequence[Formula]] = ()
    """Fewer assumptions, of which each selection may do: the fewer there are, the sooner z3 sees that they do."""
    claim: Formula
    before: State
    after: State
    invariant: Invariant | None

    @property
    def name(self) -> str:
        """The question in words."""
        return f"{self.kind} {self.action.operator} {self.about}" if self.action else f"{self.kind} {self.about}"


@attrs.frozen(kw_only=True)
class Answer:
    """What z3 says of a question, after so many seconds; `picture` shows the counterexample, if one was found."""

    question: Question
    verdict: Verdict
    seconds: float
    picture: Picture | None = None


@attrs.frozen(kw_only=True)
class Report:
    """All answers about one proof."""

    proof: Proof
    answers: Sequence[Answer]

    @property
    def verdict(self) -> Verdict:
        """Refuted if one answer is; else unknown if one is; else holds."""
        found = {answer.verdict for answer in self.answers}
        return next((v for v in (Verdict.REFUTED, Verdict.UNKNOWN) if v in found), Verdict.HOLDS)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return sum(answer.seconds for answer in self.answers)

    def count(self, kind: Kind) -> int:
        """How many questions of a kind were asked."""
        return sum(answer.question.kind is kind for answer in self.answers)


# ---------------------------------------------------------------------------------------------- entry points


def judge(proof: Proof, *, timeout_seconds: float, on_answer: Callable[[Answer], None] = lambda _: None) -> Report:
    """Returns what z3 says of every question about the proof, asked one after the other.

    `timeout_seconds` bounds each question.
    """
    answers = []
    for question in questions(proof):
        answer = _ask(proof, question, timeout_seconds)
        answers.append(answer)
        on_answer(answer)
    s = proof.state()
    allowed = [*proof.axioms.values(), *(invariant.formula(s) for invariant in proof.invariants)]
    for action in proof.actions:
        answer = vacuity(proof, action, s, allowed, timeout_seconds=timeout_seconds)
        answers.append(answer)
        on_answer(answer)
    return Report(proof=proof, answers=answers)


def refute(proof: Proof, bug: str, *, timeout_seconds: float) -> Answer | None:
    """Returns the smallest counterexample to induction that the bug brings about, or None if none was found.

    Only questions about the action in which it was planted are asked. Of the invariants that it breaks, the first
    is shown for which a small state does.
    """
    mistake = proof.planted[bug]
    proof = proof.with_bug(bug)
    where = None if isinstance(mistake, str) else mistake.name
    started = time.monotonic()
    asked = [q for q in questions(proof) if where is None or (q.action is not None and q.action.name == where)]
    doubtful = [q for q in asked if _decided(q.reduced[0], q.claim, FEW_SECONDS, SEEDS[0], SOME_EFFORT) != z3.unsat]
    for sizes in _sizes(proof):
        for question in doubtful:
            if _within(proof, question, sizes, timeout_seconds):
                picture = _shrunk(proof, question, sizes, timeout_seconds)
                seconds = time.monotonic() - started
                return Answer(question=question, verdict=Verdict.REFUTED, seconds=seconds, picture=picture)
    return None


def unneeded(proof: Proof, *, timeout_seconds: float) -> list[str]:
    """Returns the invariants without which the proof goes through all the same."""
    return [
        invariant.name
        for invariant in proof.invariants
        if all(_decide(question, timeout_seconds) == z3.unsat for question in questions(proof.without(invariant.name)))
    ]


def questions(proof: Proof) -> Iterator[Question]:
    """Yields the questions whose answers make up a proof."""
    count_anew()
    axioms = list(proof.axioms.values())
    start, s = proof.initial(), proof.state()
    for invariant in proof.invariants:
        yield _question(Kind.INITIATION, None, axioms, invariant, start, start, {})
    holding = {i.name: _Held(i, i.formula(s)) for i in proof.invariants}
    for action in proof.actions:
        step = action.step(s, *action.arguments().values())
        then = s.changed_by(step.changes)
        for invariant in proof.invariants:
            yield _question(Kind.CONSECUTION, action, [*axioms, *step.guards], invariant, s, then, holding)
    for guarantee in proof.guarantees:
        yield _question(Kind.GUARANTEE, None, axioms, guarantee, s, s, holding)


def vacuity(proof: Proof, action: Action, s: State, allowed: Sequence[Formula], *, timeout_seconds: float) -> Answer:
    """Returns whether the action can be taken in some state, with at least three processes, that is allowed.

    It holds if such a state was found, and is refuted if there is none among the small ones.
    """
    started = time.monotonic()
    assumed = [*allowed, *action.step(s, *action.arguments().values()).guards]
    for size in SIZES:
        sizes = [AT_LEAST, *[size] * (len(proof.sorts) - 1)]
        _, model = _model(proof, assumed, action, sizes, timeout_seconds)
        if isinstance(model, z3.ModelRef):
            break
    verdict = Verdict.UNKNOWN if model == z3.unknown else Verdict.REFUTED
    if isinstance(model, z3.ModelRef):
        verdict = Verdict.HOLDS
    question = Question(
        kind=Kind.VACUITY,
        about="can be taken",
        action=action,
        assumed=assumed,
        claim=z3.BoolVal(False),
        before=s,
        after=s,
        invariant=None,
    )
    return Answer(question=question, verdict=verdict, seconds=time.monotonic() - started)


# --------------------------------------------------------------------------------------------- one question


@attrs.frozen
class _Held:
    """An invariant, and what it says of the state before a step."""

    invariant: Invariant
    now: Formula


def _question(
    kind: Kind,
    action: Action | None,
    given: Sequence[Formula],
    invariant: Invariant,
    before: State,
    after: State,
    holding: Mapping[str, _Held],
) -> Question:
    itself = [holding[name].now for name in (invariant.name,) if name in holding]
    because = [holding[name].now for name in invariant.because if name in holding]
    also = [holding[name].now for name in invariant.also if name in holding]
    earlier = list(itertools.takewhile(lambda name: name != invariant.name, holding)) if action else []
    names = (*invariant.because, *invariant.also)
    already = [holding[name].invariant.formula(after) for name in names if name in earlier]
    first = [*given, *itself]
    reduced = [first]
    if because:
        reduced += [[*first, *because]] + [[*first, *because, *also]] * bool(also)
        reduced += [[*first, *because, *also, *already]]
    return Question(
        kind=kind,
        about=invariant.name,
        action=action,
        assumed=[*given, *(each.now for each in holding.values())],
        reduced=reduced,
        claim=invariant.formula(after),
        before=before,
        after=after,
        invariant=invariant,
    )


def _ask(proof: Proof, question: Question, timeout_seconds: float) -> Answer:
    started = time.monotonic()
    found = _decide(question, timeout_seconds)
    verdict = Verdict.HOLDS if found == z3.unsat else Verdict.UNKNOWN
    picture = None
    if verdict is not Verdict.HOLDS:
        picture = _smallest(proof, question, min(timeout_seconds, 10))
        if picture is not None:
            verdict = Verdict.REFUTED
    return Answer(question=question, verdict=verdict, seconds=time.monotonic() - started, picture=picture)


def _decide(question: Question, timeout_seconds: float) -> z3.CheckSatResult:
    for seed in SEEDS:
        for assumed in question.reduced:
            if _decided(assumed, question.claim, timeout_seconds, seed, effort=SOME_EFFORT) == z3.unsat:
                return z3.unsat
    return _decided(question.assumed, question.claim, timeout_seconds, SEEDS[0])


def _decided(
    assumed: Sequence[Formula], claim: Formula, timeout_seconds: float, seed: int, effort: int = 0
) -> z3.CheckSatResult:
    context = z3.Context()  # a fresh one, so that the answer does not depend on what was asked before
    solver = z3.Solver(ctx=context)
    solver.set("timeout", max(1, int(timeout_seconds * 1000)))
    solver.set("rlimit", effort)
    solver.set("random_seed", seed)
    solver.add(*(formula.translate(context) for formula in (*assumed, Not(claim))))
    return solver.check()


def _smallest(proof: Proof, question: Question, timeout_seconds: float) -> Picture | None:
    """Returns a counterexample from which no element can be taken away, or None if there is none of some size."""
    sizes = next((s for s in _sizes(proof) if _within(proof, question, s, timeout_seconds)), None)
    return None if sizes is None else _shrunk(proof, question, sizes, timeout_seconds)


def _shrunk(proof: Proof, question: Question, sizes: Sequence[int], timeout_seconds: float) -> Picture | None:
    """Returns a counterexample from which no element can be taken away, given the sizes of one."""
    sizes = list(sizes)
    for i in range(len(sizes)):
        while sizes[i] > 1:
            fewer = [*sizes[:i], sizes[i] - 1, *sizes[i + 1 :]]
            if not _within(proof, question, fewer, timeout_seconds):
                break
            sizes = fewer
    return _within(proof, question, sizes, timeout_seconds)


def _within(proof: Proof, question: Question, sizes: Sequence[int], timeout_seconds: float) -> Picture | None:
    """Returns a counterexample in which the sorts have these sizes, if there is one."""
    small, model = _model(proof, [*question.assumed, Not(question.claim)], question.action, sizes, timeout_seconds)
    if not isinstance(model, z3.ModelRef):
        return None
    return draw(proof, model, small, question.before, question.after, question.action, question.invariant)


def _model(
    proof: Proof, formulas: Sequence[Formula], action: Action | None, sizes: Sequence[int], timeout_seconds: float
) -> tuple[Small, z3.ModelRef | z3.CheckSatResult]:
    """Returns a model of the formulas with sorts of these sizes; or, if there is none, what z3 says."""
    small = small_sorts(tuple(proof.sorts), tuple(sizes))
    parameters = list(action.arguments().values()) if action else []
    constants = [*constants_of(proof), *(c for c in parameters if isinstance(c, z3.ExprRef))]
    solver = _solver(timeout_seconds)
    solver.add(*small.only_these(constants), *(small.spelled_out(formula) for formula in formulas))
    found = solver.check()
    return small, solver.model() if found == z3.sat else found


def _solver(timeout_seconds: float) -> z3.Solver:
    solver = z3.Solver()
    solver.set("timeout", max(1, int(timeout_seconds * 1000)))
    solver.set("random_seed", 1)
    return solver


def _sizes(proof: Proof) -> Iterator[Sequence[int]]:
    """Yields the sizes of the sorts in which small states are looked for, the smallest first."""
    yield from proof.small or ([size] * len(proof.sorts) for size in SIZES)
