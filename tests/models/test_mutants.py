"""Each mutant of the code is killed again by what the kill matrix says has killed it.

The matrix names, for each judge, the run in which it saw the mutant first; here that run alone is made again.  A
mutant that a state machine looks for is killed by the rule that it names, and nothing else counts meanwhile: not
another guarantee, not an assertion of the machine itself.  If the run does not show it, as may be with another version
of Hypothesis, it is looked for anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.groups_witness import GROUP_RULES
from models.hunters import HUNTERS, hunted_mutant
from models.list_witness import LIST_RULES
from models.witness import OWN_RULES
from vsync.check.properties import GUARANTEES
from vsync.cli import main
from vsync.cli import mutants as cli_mutants
from vsync.locate import spec_directory
from vsync.mutants import only_killers, summary
from vsync.mutants.catalogue import CODE, MODULES
from vsync.mutants.hunt import GUARANTEES as GUARANTEES_BROKEN
from vsync.mutants.hunt import SETTLING, STATE_MACHINE, Row, tried
from vsync.mutants.matrix import read_matrix
from vsync.mutants.planting import Mutant, Planting
from vsync.mutants.unseen import UNSEEN

#: Killers that are invariants of a specification and no guarantee of the service.
INVARIANTS = {
    "AgreementInv", "MajorityInv", "AgeInv", "GroupInv", "InstalledInv", "StabilityInv",
    "SequenceInv", "BoundedInv", "PrefixInv", "DeliveryProp", "RoomProp", "OldIncarnationInv",
    "ExcludedInv", "OverloadProp", "MistakesInv", "OwnHeartbeatProp", "PatientInv", "StrongCompletenessProp",
    "EventualStrongAccuracyProp",
}  # fmt: skip

MATRIX = read_matrix()
SEARCHED = [mutant for mutant in CODE.values() if mutant.search]


@pytest.mark.parametrize("mutant", SEARCHED, ids=lambda mutant: mutant.name)
def test_a_mutant_is_killed_by_its_rule(mutant: Mutant) -> None:
    """The rule that the mutant names, and no other, notices what is broken."""
    seen = MATRIX[mutant.name].by(STATE_MACHINE)
    assert seen is not None, f"no state machine has seen {mutant.name}"
    killed = hunted_mutant(mutant, max(seen.run, 1), 2) or hunted_mutant(mutant)
    assert killed is not None, f"{mutant.killer} does not notice {mutant.name}"
    assert killed.broken.guarantee == mutant.killer


def test_killers_exist() -> None:
    """Each killer is a formula of VSProperties, a rule of the witness, or an invariant of a specification."""
    known = GUARANTEES.keys() | OWN_RULES.keys() | LIST_RULES.keys() | GROUP_RULES.keys() | INVARIANTS
    assert {mutant.killer for mutant in SEARCHED} <= known
    assert {mutant.search for mutant in SEARCHED} == HUNTERS.keys()


def of_judge(judge: str) -> list[Row]:
    """The rows in which this judge has seen the mutant."""
    return [row for row in MATRIX.values() if row.by(judge) is not None]


@pytest.mark.parametrize("row", of_judge(GUARANTEES_BROKEN), ids=lambda row: row.mutant)
def test_a_mutant_breaks_the_guarantees_again(row: Row) -> None:
    """With every guarantee on, the run that the matrix names breaks those that it names, and no others."""
    seen = row.by(GUARANTEES_BROKEN)
    assert seen is not None
    assert tried(CODE[row.mutant], seen.run).violated == seen.by


@pytest.mark.parametrize("row", of_judge(SETTLING), ids=lambda row: row.mutant)
def test_a_mutant_does_not_settle_again(row: Row) -> None:
    """The run that the matrix names comes to no good end; without the mutant it does."""
    seen = row.by(SETTLING)
    assert seen is not None
    assert tried(CODE[row.mutant], seen.run).unsettled
    assert not tried(CODE[row.mutant], seen.run, planted=False).unsettled


def test_no_mutant_survives() -> None:
    """Each mutant was hunted, and seen by some judge, unless it is said why none can see it."""
    assert MATRIX.keys() == CODE.keys()
    assert {row.mutant for row in MATRIX.values() if row.killed is None} == UNSEEN.keys()


def test_each_guarantee_is_the_only_killer_of_something() -> None:
    """Each alone rejects some bad trace; and alone kills some mutant of the code, or it is said why it does not."""
    for name, killer in only_killers.found(MATRIX).items():
        assert killer.traces, f"{name} alone rejects no bad trace"
        assert bool(killer.code) != bool(killer.reason), f"{name}: {killer}"


def test_planted_mutants_are_taken_out_again() -> None:
    """After a mutant everything is as it was, also what a class has only inherited; and what is not there stays out."""
    for mutant in CODE.values():
        owners = [*MODULES, *(vars(module)[name] for module in MODULES for name in vars(module) if name[0].isupper())]
        before = [dict(vars(owner)) for owner in owners if hasattr(owner, "__dict__")]
        with mutant.applied():
            pass
        assert [dict(vars(owner)) for owner in owners if hasattr(owner, "__dict__")] == before, mutant.name
    with pytest.raises(AttributeError, match="correct the mutant"):
        Planting().setattr(Planting, "nothing", None)


def test_the_summary_is_that_of_the_matrix() -> None:
    """README.md has the table that `vsync mutants --write` makes."""
    readme = spec_directory().parent / "README.md"
    if readme.is_file():
        assert "".join(summary.lines(MATRIX)) in readme.read_text(encoding="utf-8")


# -- The command ------------------------------------------------------------------------------------------


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code of `vsync mutants` with these words, and the JSON object that it writes."""
    code = main(["mutants", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_there_are_enough_mutants(capsys: pytest.CaptureFixture[str]) -> None:
    """At least forty of the code, over all machines, and twenty-five of the specification."""
    code, listed = told(capsys, "--list", "--full")
    assert code == 0
    assert len(listed["code"]) >= 40
    assert len(listed["spec"]) >= 25
    machines = {"Flush", "Cbcast", "CbcastLists", "Abcast", "Gbcast", "SiteViews", "Groups", "StateTransfer", "Link"}
    assert machines | {"FailureDetector", "Codec"} == {mutant["machine"] for mutant in listed["code"]}


def test_the_command_tells_what_kills_a_mutant(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A mutant that breaks one guarantee is killed by it; one that nothing sees is told of, by the exit code, too."""
    out = tmp_path / "matrix.json"
    code, found = told(capsys, "leavers_see_the_next_view", "--runs", "12", "--cores", "1", "-o", str(out))
    (row,) = found["code"]
    assert (code, row["judge"], row["killed_by"]) == (0, "guarantees", ["SelfInclusion"])
    assert found["only_killers"]["SelfInclusion"]["code"] == ["leavers_see_the_next_view"]
    assert read_matrix(out).keys() == {"leavers_see_the_next_view"}
    code, found = told(capsys, "jacobson_alone", "--runs", "1", "--cores", "1", "--seed", "12")
    assert code == 0
    assert main(["mutants", "leavers_see_the_nxt_view"]) == 2
    assert "did you mean leavers_see_the_next_view?" in capsys.readouterr().err


def test_a_survivor_is_a_violation(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant that no judge sees makes the command fail, unless it is known to be out of reach."""
    monkeypatch.setattr(cli_mutants, "hunt", lambda mutant, **_: Row(mutant=mutant.name, runs=3))
    assert told(capsys, "skips_views", "--cores", "1")[0] == 1
    monkeypatch.setattr(cli_mutants, "UNSEEN", {"skips_views": "nobody looks"})
    assert told(capsys, "skips_views", "--cores", "1")[0] == 0
