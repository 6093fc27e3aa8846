"""All mutants of the code: one module for each machine, and the broken decoders of ``vsync.runtime.planted``.

Spec: none.
Paper: none.
"""

from __future__ import annotations

from collections.abc import Sequence

from vsync.mutants import (
    abcast,
    cbcast,
    cbcast_lists,
    failure_detector,
    flush,
    gbcast,
    groups,
    link,
    site_views,
    state_transfer,
)
from vsync.mutants.planting import MUTANTS, Mutant, Patch, Planting
from vsync.runtime.planted import BUGS, Bug

__all__ = ["CODE", "MODULES", "MUTANTS", "chosen"]

MODULES = (
    flush, cbcast, cbcast_lists, abcast, gbcast, site_views, groups, state_transfer, link, failure_detector,
)  # fmt: skip
"""Where the mutants of the machines are."""


def _of_decoder(bug: Bug) -> Mutant:
    def plant(planting: Planting) -> None:
        planting.setattr(bug.owner, bug.attribute, bug.replacement)

    patch: Patch = plant
    return Mutant(name=bug.name, machine="Codec", broken=bug.broken, search="", killer=bug.symptom, patch=patch)


CODE = MUTANTS | {bug.name: _of_decoder(bug) for bug in BUGS.values()}
"""Every mutant of the code, by its name; those of a machine stand together."""


def chosen(names: Sequence[str]) -> list[Mutant]:
    """Returns the mutants that are named, or of a machine that is named; all without names."""
    return [mutant for mutant in CODE.values() if not names or {mutant.name, mutant.machine} & set(names)]
