"""Each mutant is killed, and by the guarantee that its line in the table names.

Nothing else counts while a mutant is searched: the judge judges that one guarantee only, the witness demands
that one rule only, and an assertion that a mutant breaks in itself ends the run in peace.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from models.groups_witness import GROUP_RULES
from models.list_witness import LIST_RULES
from models.mutants import MUTANTS, Mutant
from models.search import Search
from models.test_cbcast import CbcastSearch
from models.test_flush import FlushSearch
from models.test_ordering import FewKinds, OrderingSearch
from models.test_site_views import SiteViewsSearch
from models.test_system import SystemSearch
from models.witness import OWN_RULES, Broken
from vsync.check.properties import GUARANTEES

SEARCHES: dict[str, type[Search]] = {
    "flush": FlushSearch,
    "cbcast": CbcastSearch,
    "site views": SiteViewsSearch,
    "system": SystemSearch,
    "lists": FewKinds,
    "ordering": OrderingSearch,
}

#: Killers that are invariants of a specification and no guarantee of the service.
INVARIANTS = {"AgreementInv", "MajorityInv", "AgeInv", "GroupInv", "InstalledInv", "StabilityInv"}

HUNT = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=3000,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
)


#: Hypothesis makes its choices by the constants of all modules that happen to be loaded, too.  So a search that finds
#: something in one process may not in another, and is then made anew with runs of another length.
STEPS = (40, 30, 60, 50)


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_a_mutant_is_killed_by_its_guarantee(mutant: Mutant) -> None:
    """The guarantee that the table names, and no other, notices what is broken."""
    hunt = type("Hunt", (SEARCHES[mutant.search],), {"only": mutant.killer})
    with mutant.applied():
        killed = next(filter(None, (hunted(hunt, steps) for steps in STEPS)), None)
    assert killed is not None, f"{mutant.killer} does not notice {mutant.name}"
    assert killed.guarantee == mutant.killer


def hunted(hunt: type[Search], steps: int) -> Broken | None:
    """What a search finds whose runs have so many steps at most."""
    try:
        run_state_machine_as_test(hunt, settings=settings(HUNT, stateful_step_count=steps))
    except Broken as killed:
        return killed
    return None


def test_killers_exist() -> None:
    """Each killer is a formula of VSProperties, a rule of the witness, or an invariant of a specification."""
    assert {
        mutant.killer for mutant in MUTANTS.values()
    } <= GUARANTEES.keys() | OWN_RULES.keys() | LIST_RULES.keys() | GROUP_RULES.keys() | INVARIANTS
