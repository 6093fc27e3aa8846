"""Mutants of the process groups over the sites.

Spec: the planted bugs of Groups.
Paper: Birman and Joseph 1987, section 3.2.
"""

from __future__ import annotations

from typing import Any

import attrs

from vsync.effects import Deliver, ForProcess, GroupsEffect, GroupViewInstalled, InstallView, Leave
from vsync.groups import Changing, GroupsMachine, Multicasting, Request
from vsync.messages import FailProcess, JoinAsked, ProcessMessage
from vsync.mutants.planting import Planting, mutant
from vsync.types import Address, Group, View

Membership = tuple[Address, Address]


@mutant("Groups", "system", "AgeOrder")
def ranks_by_address(plant: Planting) -> None:
    """Who joins is put among the members by its address, not behind them."""
    add = GroupsMachine._add

    def sorted_in(self: GroupsMachine, g: Address, p: Address, with_state: bool, before: tuple[Address, ...]) -> None:
        add(self, g, p, with_state, before)
        group = self.directory[g]
        members = tuple(sorted(group.view.members))
        self.directory[g] = attrs.evolve(group, view=attrs.evolve(group.view, members=members))

    plant.setattr(GroupsMachine, "_add", sorted_in)


@mutant("Groups", "system", "LeaveIsClean")
def leaves_at_once(plant: Planting) -> None:
    """A process leaves before what it was asked to multicast earlier has begun."""
    request = GroupsMachine.request

    def hasty(self: GroupsMachine, asked: Request) -> list[GroupsEffect]:
        effects = request(self, asked)
        if isinstance(asked, Changing):
            self.requests.appendleft(self.requests.pop())
        return effects

    plant.setattr(GroupsMachine, "request", hasty)


@mutant("Groups", "system", "Settling")
def failed_sites_keep_their_processes(plant: Planting) -> None:
    """When a site fails, its processes stay in their groups."""
    apply_sites = GroupsMachine.apply_sites

    def lasting(self: GroupsMachine, view: View) -> list[GroupsEffect]:
        kept = dict(self.directory)
        effects = apply_sites(self, view)
        self.directory = kept
        return [effect for effect in effects if not isinstance(effect, ForProcess | GroupViewInstalled)]

    plant.setattr(GroupsMachine, "apply_sites", lasting)


@mutant("Groups", "system", "VirtualSynchrony")
def trusts_the_cache(plant: Planting) -> None:
    """A message goes to those who were the members when it was asked for, not when it begins."""
    request, begin = GroupsMachine.request, GroupsMachine._begin
    believed: dict[str, frozenset[Address]] = {}

    def remembered(self: GroupsMachine, asked: Request) -> list[GroupsEffect]:
        if isinstance(asked, Multicasting):
            believed[asked.payload] = self.recipients(asked.to)
        return request(self, asked)

    def begun(self: GroupsMachine, asked: Request) -> list[GroupsEffect]:
        if isinstance(asked, Multicasting) and (to := believed[asked.payload]):
            plant.setattr(GroupsMachine, "sites_of", lambda self, _: frozenset(p.at for p in to))
            effects = begin(self, asked)
            plant.setattr(GroupsMachine, "sites_of", sites_of)
            return effects
        return begin(self, asked)

    sites_of = GroupsMachine.sites_of
    plant.setattr(GroupsMachine, "request", remembered)
    plant.setattr(GroupsMachine, "_begin", begun)


@mutant("Groups", "system", "Admission")
def admits_anyone(plant: Planting) -> None:
    """Nobody looks at the credentials of those who would join."""
    receive_request = GroupsMachine.receive_request

    def trusting(self: GroupsMachine, p: Address, g: Address, request: JoinAsked) -> list[GroupsEffect]:
        known = self.directory[g].credentials if g in self.directory else request.credentials
        return receive_request(self, p, g, attrs.evolve(request, credentials=known))

    plant.setattr(GroupsMachine, "receive_request", trusting)


@mutant("Groups", "system", "Settling")
def nobody_takes_over_a_join(plant: Planting) -> None:
    """A site forgets who would join as soon as its groups change: who stood by does not take over."""
    renew = GroupsMachine._renew

    def forgetting(self: GroupsMachine, *arguments: Any) -> list[GroupsEffect]:
        effects = renew(self, *arguments)
        self.asked.clear()
        return effects

    plant.setattr(GroupsMachine, "_renew", forgetting)


@mutant("Groups", "system", "Settling")
def newcomers_know_of_no_groups(plant: Planting) -> None:
    """A site that joins does not wait for the directory, but begins with an empty one."""
    apply_sites = GroupsMachine.apply_sites

    def ignorant(self: GroupsMachine, view: View) -> list[GroupsEffect]:
        self.informed = True
        return apply_sites(self, view)

    plant.setattr(GroupsMachine, "apply_sites", ignorant)


@mutant("Groups", "system", "Addressed")
def delivers_to_everyone_here(plant: Planting) -> None:
    """A message is handed to all processes of a site."""

    def deliver(self: GroupsMachine, m: ProcessMessage) -> list[GroupsEffect]:
        return [ForProcess(process=p, effect=Deliver(message=m)) for p in sorted(self.running)]

    plant.setattr(GroupsMachine, "deliver", deliver)


@mutant("Groups", "system", "Settling")
def conceals_crashes(plant: Planting) -> None:
    """A site does not tell the others that one of its processes has crashed."""
    process_fails = GroupsMachine.process_fails

    def silent(self: GroupsMachine, p: Address) -> list[GroupsEffect]:
        effects = process_fails(self, p)
        self.changes = [change for change in self.changes if not isinstance(change, FailProcess)]
        return effects

    plant.setattr(GroupsMachine, "process_fails", silent)


@mutant("Groups", "", "Settling")
def corrects_no_cache(plant: Planting) -> None:
    """Who believes in a view of a group that is over is not told."""
    plant.setattr(GroupsMachine, "_correct", lambda self, p, cached: [])


@mutant("Groups", "system", "SelfInclusion")
def leavers_see_the_next_view(plant: Planting) -> None:
    """Who leaves a group is shown the view without it, and then leaves."""
    tell = GroupsMachine._tell

    def polite(self: GroupsMachine, group: Group, old: View, left: frozenset[Membership]) -> list[GroupsEffect]:
        effects: list[GroupsEffect] = []
        for effect in tell(self, group, old, left):
            if isinstance(effect, ForProcess) and isinstance(effect.effect, Leave) and group.view.members:
                shown = InstallView(view=group.view, group=group.address)
                effects.append(ForProcess(process=effect.process, effect=shown))
            effects.append(effect)
        return effects

    plant.setattr(GroupsMachine, "_tell", polite)


@mutant("Groups", "system", "LocalMonotonicity")
def tells_a_view_twice(plant: Planting) -> None:
    """Who is told of the view with which it joins is told of it twice."""
    tell = GroupsMachine._tell

    def again(self: GroupsMachine, group: Group, old: View, left: frozenset[Membership]) -> list[GroupsEffect]:
        effects = tell(self, group, old, left)
        shown = [
            effect
            for effect in effects
            if isinstance(effect, ForProcess)
            and isinstance(effect.effect, InstallView)
            and effect.process not in old.members
        ]
        return effects + shown

    plant.setattr(GroupsMachine, "_tell", again)


@mutant("Groups", "system", "AgeOrder")
def ranks_itself_first(plant: Planting) -> None:
    """A process sees itself as the oldest member of the view with which it joins."""
    tell = GroupsMachine._tell

    def vain(self: GroupsMachine, group: Group, old: View, left: frozenset[Membership]) -> list[GroupsEffect]:
        effects: list[GroupsEffect] = []
        for effect in tell(self, group, old, left):
            if isinstance(effect, ForProcess) and isinstance(effect.effect, InstallView):
                p, view = effect.process, effect.effect.view
                if p not in old.members:
                    members = (p, *(q for q in view.members if q != p))
                    shown = attrs.evolve(effect.effect, view=attrs.evolve(view, members=members))
                    effect = attrs.evolve(effect, effect=shown)
            effects.append(effect)
        return effects

    plant.setattr(GroupsMachine, "_tell", vain)


@mutant("Groups", "", "AgreementOnSuccessors")
def skips_a_view_of_a_group(plant: Planting) -> None:
    """The youngest member is not told of a view in which somebody has joined behind it."""
    tell = GroupsMachine._tell

    def sparing(self: GroupsMachine, group: Group, old: View, left: frozenset[Membership]) -> list[GroupsEffect]:
        effects = tell(self, group, old, left)
        joins = set(old.members) < set(group.view.members)
        return [
            effect
            for effect in effects
            if not (
                joins
                and isinstance(effect, ForProcess)
                and isinstance(effect.effect, InstallView)
                and effect.process == old.members[-1]
                and len(old.members) > 1
            )
        ]

    plant.setattr(GroupsMachine, "_tell", sparing)


@mutant("Groups", "system", "SendingViewDelivery")
def views_come_late(plant: Planting) -> None:
    """Processes are told of a view of their group after the next message, not before it."""
    tell, deliver = GroupsMachine._tell, GroupsMachine.deliver
    late: dict[int, list[GroupsEffect]] = {}

    def slow(self: GroupsMachine, group: Group, old: View, left: frozenset[Membership]) -> list[GroupsEffect]:
        effects = tell(self, group, old, left)
        shown = [e for e in effects if isinstance(e, ForProcess) and e.process in old.members]
        waiting = late.setdefault(id(self), [])
        before, waiting[:] = waiting[:], shown
        return before + [e for e in effects if e not in shown]

    def deliver_first(self: GroupsMachine, m: ProcessMessage) -> list[GroupsEffect]:
        waiting = late.pop(id(self), [])
        return deliver(self, m) + waiting

    plant.setattr(GroupsMachine, "_tell", slow)
    plant.setattr(GroupsMachine, "deliver", deliver_first)
