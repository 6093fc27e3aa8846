"""Which state machine looks for which mutants, and how long its runs are.

Spec: none.
"""

from __future__ import annotations

from models.hunt import Kill, hunted
from models.search import Search
from models.test_cbcast import CbcastSearch
from models.test_failure_detector import FailureDetectorSearch
from models.test_link import LinkSearch
from models.test_ordering import FewKinds, OrderingSearch
from models.test_site_views import SiteViewsSearch
from models.test_system import SystemSearch
from vsync.mutants.planting import Mutant

#: The state machines, by the names that mutants have for them, each with the steps of a run.
HUNTERS: dict[str, tuple[type[Search], int]] = {
    "cbcast": (CbcastSearch, 40),
    "site views": (SiteViewsSearch, 40),
    "system": (SystemSearch, 40),
    "lists": (FewKinds, 40),
    "ordering": (OrderingSearch, 40),
    "failure detector": (FailureDetectorSearch, 30),
    "link": (LinkSearch, 40),
}

RUNS_MAX = 3000


def hunted_mutant(mutant: Mutant, first: int = 1, runs: int | None = None) -> Kill | None:
    """The first run, of so many from a number on, that breaks the rule which is meant to notice the mutant."""
    if not mutant.search:
        return None
    search, steps = HUNTERS[mutant.search]
    with mutant.applied():
        return hunted(search, mutant.killer, first=first, runs=runs or RUNS_MAX, steps=steps)
