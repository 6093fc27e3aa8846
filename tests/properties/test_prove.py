"""`vsync prove` proves what it says, says no to planted mistakes, and is about the specification's own actions."""

import json
import re

import attrs
import pytest
import z3

from vsync.cli import main
from vsync.locate import spec_directory
from vsync.prove.induction import Kind, Verdict, judge, questions, refute, unneeded
from vsync.prove.language import Invariant, Proof, Relation, Sort, State, Step, Term, action, forall, put
from vsync.prove.proofs import PROOFS
from vsync.prove.tla import module_name, write

SECONDS = 20

THING = Sort("Thing", "t")


@action("Toy!Mark", "t is marked, and counted", t=THING)
def mark(s: State, t: Term) -> Step:
    """Marks one thing."""
    return Step(guards=[z3.Not(s.marked(t))], changes=[put("marked", t), put("counted", t)])


@action("Toy!Mark", "t is marked, and not counted", t=THING)
def forget_to_count(s: State, t: Term) -> Step:
    """The same with a mistake."""
    return Step(guards=[z3.Not(s.marked(t))], changes=[put("marked", t)])


COUNTED = Invariant(
    "Counted", "what is marked is counted", lambda s: forall(THING)(lambda t: z3.Implies(s.marked(t), s.counted(t)))
)
TRIVIAL = Invariant(
    "Trivial", "what is marked is marked", lambda s: forall(THING)(lambda t: z3.Or(s.marked(t), z3.Not(s.marked(t))))
)

TOY = Proof(
    name="toy",
    title="a toy",
    module="Toy",
    proves="nothing of interest",
    abstracts="all",
    sorts=(THING,),
    relations=(Relation("marked", (THING,), "is marked"), Relation("counted", (THING,), "is counted")),
    axioms={},
    initially={},
    actions=(mark,),
    invariants=(COUNTED, TRIVIAL),
    guarantees=(COUNTED,),
    planted={"ForgetsToCount": forget_to_count},
)


def test_a_proof_holds_only_if_every_pair_does() -> None:
    """Initiation, each pair of action and invariant, the guarantee, and that each action can be taken."""
    report = judge(TOY, timeout_seconds=SECONDS)
    assert report.verdict is Verdict.HOLDS
    assert [report.count(kind) for kind in Kind] == [2, 2, 1, 1]


def test_a_mistake_is_shown_by_the_smallest_state() -> None:
    """One thing is enough to show that a mark was not counted."""
    answer = refute(TOY, "ForgetsToCount", timeout_seconds=SECONDS)
    assert answer is not None
    assert answer.picture is not None
    assert answer.picture.size == 1
    assert answer.picture.lines() == [
        "Thing: t1",
        "then Toy!Mark with t = t1",
        "  marked: + t1",
        "breaks Counted: what is marked is counted",
    ]


def test_a_proof_with_a_mistake_is_refuted() -> None:
    """The verdict on the whole is that of its worst answer."""
    assert judge(TOY.with_bug("ForgetsToCount"), timeout_seconds=SECONDS).verdict is Verdict.REFUTED


def test_an_invariant_that_the_proof_does_without_is_reported() -> None:
    """What follows from nothing is not needed; what the guarantee rests on is."""
    assert unneeded(TOY, timeout_seconds=SECONDS) == ["Trivial"]


def test_total_order_needs_the_invariants_that_carry_it() -> None:
    """Without the one that says what is still to come lies behind what was delivered, there is a counterexample."""
    proof = PROOFS["total_order"].without("ProposedBehind")
    kept = [q for q in questions(proof) if q.name == "consecution Order NoGap"]
    refuted = judge(
        attrs.evolve(
            proof,
            actions=[a for a in proof.actions if a.operator == "Order"],
            invariants=[i for i in proof.invariants if i.name != "ByPlace"],
            guarantees=(),
        ),
        timeout_seconds=5,
    )
    assert len(kept) == 1
    assert refuted.verdict is Verdict.REFUTED


def test_an_action_that_can_never_be_taken_is_no_proof() -> None:
    """Whatever is kept by an action that no state allows says nothing."""
    never = action("Toy!Mark", "never", t=THING)(lambda s, t: Step(guards=[z3.BoolVal(False)], changes=[]))
    report = judge(attrs.evolve(TOY, actions=(never,)), timeout_seconds=SECONDS)
    assert report.verdict is Verdict.REFUTED


def test_contradicting_axioms_are_no_proof() -> None:
    """From a contradiction all would follow."""
    contradicting = attrs.evolve(TOY, axioms={"nonsense": z3.BoolVal(False)})
    assert judge(contradicting, timeout_seconds=SECONDS).verdict is Verdict.REFUTED


def test_a_bound_variable_is_never_taken_for_a_parameter() -> None:
    """Variables of the same name as a parameter would be captured by quantifiers in the state after a step."""
    [question] = [q for q in questions(TOY) if q.kind is Kind.CONSECUTION and q.about == "Counted"]
    assert question.action is not None
    parameter = question.action.arguments()["t"]
    assert "t" in {str(c) for c in _constants(question.claim)}, "the claim speaks of the parameter"
    assert str(parameter) == "t"


def _constants(formula: z3.ExprRef) -> list[z3.ExprRef]:
    if z3.is_quantifier(formula):
        return _constants(formula.body())
    return ([formula] if z3.is_const(formula) else []) + [c for child in formula.children() for c in _constants(child)]


# ----------------------------------------------------------------------------------------------- the four proofs


@pytest.mark.parametrize("name", ["total_order", "causal_order"])
def test_the_quick_proofs_go_through(name: str) -> None:
    """These take a few seconds each; `vsync prove` has the others."""
    assert judge(PROOFS[name], timeout_seconds=SECONDS).verdict is Verdict.HOLDS


@pytest.mark.parametrize("bug", PROOFS["total_order"].planted)
def test_planted_mistakes_are_refuted(bug: str) -> None:
    """By a state of at least two processes or messages, and the action in which the mistake was planted."""
    proof = PROOFS["total_order"]
    answer = refute(proof, bug, timeout_seconds=SECONDS)
    assert answer is not None
    assert answer.picture is not None
    planted = proof.planted[bug]
    assert not isinstance(planted, str)
    assert answer.picture.action == planted.name


@pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS)
def test_each_proof_has_planted_mistakes_and_rests_on_invariants_that_exist(proof: Proof) -> None:
    """At least two mistakes; reasons name invariants of the same proof."""
    assert len(proof.planted) >= 2
    names = {invariant.name for invariant in proof.invariants}
    for invariant in (*proof.invariants, *proof.guarantees):
        assert set(invariant.because) <= names, invariant.name


@pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS)
def test_the_modules_of_the_specification_are_those_that_are_proved(proof: Proof) -> None:
    """What TLC compares with the specification is what z3 is asked about; `vsync prove --write` makes it so."""
    assert (spec_directory() / f"{module_name(proof)}.tla").read_text(encoding="utf-8") == write(proof)


@pytest.mark.parametrize("proof", PROOFS.values(), ids=PROOFS)
def test_actions_bear_the_names_of_the_specification(proof: Proof) -> None:
    """Each action is one of the module that the proof is about, or a case of one (ProposeFirst)."""
    text = (spec_directory() / f"{proof.module}.tla").read_text(encoding="utf-8")
    for each in proof.actions:
        module, _, operator = each.name.partition("!")
        below = text + (spec_directory() / "Flush.tla").read_text(encoding="utf-8")
        assert module == proof.module
        assert re.search(rf"^{operator.removesuffix('First')}\(", below, re.MULTILINE), each.name


# --------------------------------------------------------------------------------------------------- the command


def test_the_command_says_what_is_proved_and_what_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` needs no z3."""
    assert main(["prove", "--list"]) == 0
    said = capsys.readouterr().out
    assert said.count("leaves out:") == len(PROOFS)


def test_the_command_proves_and_writes_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and a verdict for each question."""
    assert main(["prove", "total_order", "--json"]) == 0
    [proof] = json.loads(capsys.readouterr().out)["proofs"]
    assert proof["verdict"] == "holds"
    assert proof["pairs"] == len(proof["actions"]) * len(proof["invariants"])


def test_the_command_does_not_know_other_proofs(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and what there is to choose from."""
    assert main(["prove", "liveness"]) == 2
    assert "choose from flush, site_views" in capsys.readouterr().err
