"""Each mutant of the code is killed again by what the kill matrix says has killed it.

The matrix names, for each judge, the run in which it saw the mutant first; here that run alone is made again.  A
mutant that a state machine looks for is killed by the rule that it names, and nothing else counts meanwhile: not
another guarantee, not an assertion of the machine itself.  If the run does not show it, as may be with another version
of Hypothesis, it is looked for anew.
"""

from __future__ import annotations

import pytest

from models.groups_witness import GROUP_RULES
from models.hunters import HUNTERS, hunted_mutant
from models.list_witness import LIST_RULES
from models.witness import OWN_RULES
from vsync.check.properties import GUARANTEES
from vsync.mutants.catalogue import CODE
from vsync.mutants.hunt import STATE_MACHINE
from vsync.mutants.matrix import read_matrix
from vsync.mutants.planting import Mutant

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
