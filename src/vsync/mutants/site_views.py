"""Mutants of the agreement on the views of the sites.

Spec: the planted bugs of SiteViews.
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from typing import Any

import attrs

import vsync.site_views
from vsync.effects import SiteViewsEffect
from vsync.messages import Change, Proposal
from vsync.mutants.planting import Planting, mutant
from vsync.site_views import SiteViewsMachine
from vsync.types import Address, SiteView


@mutant("SiteViews", "site views", "AgreementInv")
def commits_without_a_majority(plant: Planting) -> None:
    """A coordinator commits what it alone has accepted."""
    plant.setattr(SiteViewsMachine, "may_commit", SiteViewsMachine.proposing)


@mutant("SiteViews", "site views", "MajorityInv")
def a_minority_goes_on(plant: Planting) -> None:
    """A view is proposed although it keeps no majority of the one before."""
    majority = vsync.site_views.majority

    def generous(part: Any, whole: tuple[Address, ...]) -> bool:
        return isinstance(part, tuple) or majority(part, whole)

    plant.setattr(vsync.site_views, "majority", generous)


@mutant("SiteViews", "site views", "AgeInv")
def joiners_come_first(plant: Planting) -> None:
    """Who joins is put at the head of the list, as if it were the oldest."""
    successor = vsync.site_views.successor

    def reversed_age(view: SiteView, changes: tuple[Change, ...]) -> SiteView:
        after = successor(view, changes)
        new = [x for x in after.members if x not in view.members]
        stay = [x for x in after.members if x in view.members]
        return attrs.evolve(after, members=(*new, *stay))

    plant.setattr(vsync.site_views, "successor", reversed_age)


@mutant("SiteViews", "site views", "GroupInv")
def replaces_the_group_at_once(plant: Planting) -> None:
    """Processes start in the view in which all members are gone, so that nobody knows the group's state."""
    successor = vsync.site_views.successor

    def hasty(view: SiteView, changes: tuple[Change, ...]) -> SiteView:
        after = successor(view, changes)
        failed = vsync.site_views.whom(changes, "fail")
        started = tuple(x for x in vsync.site_views.whom(changes, "start") if x.at not in failed)
        return attrs.evolve(after, members=started) if view.members and not after.members else after

    plant.setattr(vsync.site_views, "successor", hasty)


@mutant("SiteViews", "site views", "InstalledInv")
def the_excluded_stay(plant: Planting) -> None:
    """A site that learns of its exclusion does not cease."""

    def stays(self: SiteViewsMachine, q: Address) -> list[Any]:
        self.known = [*self.known[:-1], attrs.evolve(self.known[-1], id=self.known[-1].id + 1)]
        return []

    plant.setattr(SiteViewsMachine, "_cease", stays)


@mutant("SiteViews", "site views", "Settling")
def withholds_reports(plant: Planting) -> None:
    """A site does not tell the coordinator what it wants."""
    plant.setattr(SiteViewsMachine, "_report", lambda self: [])


@mutant("SiteViews", "site views", "AgreementInv")
def forgets_what_was_found(plant: Planting) -> None:
    """A coordinator that takes over does not go on with the proposal that others have accepted already."""
    receive_response = SiteViewsMachine._receive_response

    def forgetful(self: SiteViewsMachine, q: Address, proposal: Proposal | None) -> list[SiteViewsEffect]:
        return receive_response(self, q, None)

    plant.setattr(SiteViewsMachine, "_receive_response", forgetful)


@mutant("SiteViews", "site views", "AgreementInv")
def a_minority_decides(plant: Planting) -> None:
    """Whatever few have replied are taken for a majority."""
    plant.setattr(SiteViewsMachine, "enough", lambda self: True)


@mutant("SiteViews", "site views", "AgreementInv")
def accepts_what_is_old(plant: Planting) -> None:
    """A site accepts the proposal of a coordinator although it has promised to follow a later one."""
    plant.setattr(SiteViewsMachine, "may_accept", lambda self, ballot: True)


@mutant("SiteViews", "site views", "Settling")
def never_takes_over(plant: Planting) -> None:
    """Nobody takes over from a coordinator that fails."""
    plant.setattr(SiteViewsMachine, "may_take_over", lambda self: False)
