"""Mutants: the implementation with one thing broken, and the guarantee that has to notice it.

Each mutant replaces one method, or one decision, of a machine.  What kills it is searched for with nothing
else counted: not another guarantee, not an assertion of the machine itself.

Spec: the planted bugs of the models (``MC..._<Bug>``), where there is one of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import pytest

import vsync.cbcast
import vsync.cbcast_lists
import vsync.site_views
from vsync.abcast import AbcastMachine, Place
from vsync.cbcast import CbcastMachine
from vsync.cbcast_lists import CbcastListsMachine
from vsync.effects import (
    CompleteFlush,
    Deliver,
    ForProcess,
    GroupsEffect,
    GroupViewInstalled,
    ProcessEffect,
    Send,
)
from vsync.flush import FlushMachine
from vsync.gbcast import GbcastMachine
from vsync.groups import Changing, GroupsMachine, Multicasting, Request
from vsync.messages import Change, FailProcess, Flush, JoinAsked, Message, Packet, ProcessMessage
from vsync.site_views import SiteViewsMachine
from vsync.types import Address, SiteView, View

Patch = Callable[[pytest.MonkeyPatch], None]

MUTANTS: dict[str, Mutant] = {}


@attrs.frozen(kw_only=True)
class Mutant:
    """One broken implementation.

    ``broken`` says what is broken; ``search`` names the state machine that finds it; ``killer`` is the
    guarantee that notices: one of VSProperties, a rule of the witness, or an invariant of a specification.
    """

    name: str
    broken: str
    search: str
    killer: str
    patch: Patch

    @contextmanager
    def applied(self) -> Iterator[None]:
        """While the block lasts, the implementation is broken."""
        with pytest.MonkeyPatch.context() as context:
            self.patch(context)
            yield


def mutant(search: str, killer: str) -> Callable[[Patch], Patch]:
    """Register a patch under its name; its docstring says what is broken."""

    def register(patch: Patch) -> Patch:
        name = patch.__name__
        assert patch.__doc__
        MUTANTS[name] = Mutant(name=name, broken=patch.__doc__, search=search, killer=killer, patch=patch)
        return patch

    return register


# -- Flush ------------------------------------------------------------------------------------------------


@mutant("cbcast", "VirtualSynchrony")
def installs_after_flush(context: pytest.MonkeyPatch) -> None:
    """The next view is installed after the first round, without Ready (Birman, Schiper, Stephenson 1991)."""
    context.setattr(FlushMachine, "has_readies", FlushMachine.has_flushes)


@mutant("cbcast", "VirtualSynchrony")
def installs_with_some_readies(context: pytest.MonkeyPatch) -> None:
    """The next view is installed with the Ready of some who continue, not of all."""

    def has_readies(self: FlushMachine, k: int) -> bool:
        continuing = self.continuing(k)
        return not continuing or any((q, k) in self.readies for q in continuing)

    context.setattr(FlushMachine, "has_readies", has_readies)


@mutant("cbcast", "VirtualSynchrony")
def forwards_nothing(context: pytest.MonkeyPatch) -> None:
    """Flush carries no messages."""
    forward = FlushMachine.forward

    def forgetful(self: FlushMachine, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        return [
            attrs.evolve(effect, packet=Flush(view=view.id, unstable=())) if isinstance(effect, Send) else effect
            for effect in forward(self, view, continuing)
        ]

    context.setattr(FlushMachine, "forward", forgetful)


@mutant("cbcast", "VirtualSynchrony")
def forwards_its_own_only(context: pytest.MonkeyPatch) -> None:
    """Flush carries what its sender has multicast itself, not what it has got from others."""
    forward = FlushMachine.forward

    def own(self: FlushMachine, effect: ProcessEffect) -> ProcessEffect:
        if isinstance(effect, Send) and isinstance(effect.packet, Flush):
            mine = tuple(m for m in effect.packet.unstable if m.id.sender == self.who)
            return attrs.evolve(effect, packet=attrs.evolve(effect.packet, unstable=mine))
        return effect

    def selfish(self: FlushMachine, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        return [own(self, effect) for effect in forward(self, view, continuing)]

    context.setattr(FlushMachine, "forward", selfish)


@mutant("cbcast", "VirtualSynchrony")
def multicasts_during_a_view_change(context: pytest.MonkeyPatch) -> None:
    """A multicast may begin although a view is on its way."""
    context.setattr(FlushMachine, "blocked", property(lambda self: self.current == 0))


@mutant("cbcast", "VirtualSynchrony")
def listens_to_the_excluded(context: pytest.MonkeyPatch) -> None:
    """What comes from a process that is excluded is not dropped."""
    context.setattr(FlushMachine, "from_excluded", lambda self, q, packet: False)


@mutant("cbcast", "VirtualSynchrony")
def awaits_no_flush_of_the_oldest(context: pytest.MonkeyPatch) -> None:
    """The continuing set is wrong: it lacks the oldest member."""
    told = CbcastMachine.told

    def wrongly(self: CbcastMachine, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        return told(self, view, continuing[1:])

    context.setattr(CbcastMachine, "told", wrongly)


@mutant("cbcast", "AgreementOnViews")
def counts_joiners_as_oldest(context: pytest.MonkeyPatch) -> None:
    """A process that joins sees itself as the oldest member."""
    told = CbcastMachine.told

    def vainly(self: CbcastMachine, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        if self.who not in continuing:
            others = tuple(member for member in view.members if member != self.who)
            view = attrs.evolve(view, members=(self.who, *others))
        return told(self, view, continuing)

    context.setattr(CbcastMachine, "told", vainly)


@mutant("cbcast", "NoViewSkipped")
def skips_views(context: pytest.MonkeyPatch) -> None:
    """A process that may install several views installs the last of them only."""
    advance = FlushMachine.advance

    def last(self: FlushMachine) -> View:
        if self.current:
            self.current = self.known - 1
        return advance(self)

    context.setattr(FlushMachine, "advance", last)


# -- Cbcast -----------------------------------------------------------------------------------------------


@mutant("cbcast", "Causal")
def delivers_before_the_causes(context: pytest.MonkeyPatch) -> None:
    """A message waits for those of its sender only, not for its other causes."""

    def hasty(time: tuple[int, ...], rank: int, delivered: tuple[int, ...]) -> bool:
        return time[rank] == delivered[rank] + 1

    context.setattr(vsync.cbcast, "deliverable", hasty)


@mutant("cbcast", "NoDuplication")
def delivers_what_is_forwarded_again(context: pytest.MonkeyPatch) -> None:
    """What a Flush carries is delivered, even if it has been delivered before."""
    packet_received = CbcastMachine.packet_received

    def again(self: CbcastMachine, q: Address, packet: Packet) -> list[ProcessEffect]:
        current = self.below.current
        effects: list[ProcessEffect] = []
        if isinstance(packet, Flush):
            effects += [Deliver(message=m) for m in packet.unstable if m.view == current]
        return effects + packet_received(self, q, packet)

    context.setattr(CbcastMachine, "packet_received", again)


@mutant("cbcast", "SendingViewDelivery")
def delivers_the_rest_after_the_view(context: pytest.MonkeyPatch) -> None:
    """What comes during a view change is delivered after the next view is installed."""
    install, ready = CbcastMachine.install, CbcastMachine.ready

    def waiting(self: CbcastMachine) -> Message | None:
        return None if self.below.blocked else ready(self)

    def late(self: CbcastMachine) -> list[ProcessEffect]:
        left: list[ProcessEffect] = []
        if self.below.view is not None:
            while (message := ready(self)) is not None:
                left += self.deliver(message)
        return install(self) + left

    context.setattr(CbcastMachine, "ready", waiting)
    context.setattr(CbcastMachine, "install", late)


@mutant("cbcast", "StabilityInv")
def forgets_early(context: pytest.MonkeyPatch) -> None:
    """A message is held for stable when a majority has delivered it."""

    def soon(self: CbcastMachine, message: Message) -> bool:
        view = self.below.view
        if view is None or message.view != view.id:
            return False
        rank = view.rank(message.id.sender)
        have = [q for q in view.members if self._delivered_by(q)[rank] >= message.time[rank]]
        return 2 * len(have) > len(view.members)

    context.setattr(CbcastMachine, "stable", soon)


@mutant("cbcast", "VirtualSynchrony")
def forgets_what_it_has_delivered(context: pytest.MonkeyPatch) -> None:
    """A process forgets a message as soon as it has delivered it itself."""

    def at_once(self: CbcastMachine, message: Message) -> bool:
        view = self.below.view
        if view is None or message.view != view.id:
            return False
        rank = view.rank(message.id.sender)
        return self.time[rank] >= message.time[rank]

    context.setattr(CbcastMachine, "stable", at_once)


@mutant("cbcast", "FlushIsSafe")
def flush_returns_at_once(context: pytest.MonkeyPatch) -> None:
    """The primitive flush does not wait."""

    def complete(self: CbcastMachine) -> list[ProcessEffect]:
        tickets = [ticket for ticket, _ in self.flush_tickets]
        self.flush_tickets.clear()
        return [CompleteFlush(ticket=ticket) for ticket in tickets]

    context.setattr(CbcastMachine, "_complete_flushes", complete)


@mutant("cbcast", "Settling")
def acknowledges_once(context: pytest.MonkeyPatch) -> None:
    """A process tells but once in a view what it has delivered, so that flush waits for ever."""
    may_acknowledge = CbcastMachine._may_acknowledge

    def once(self: CbcastMachine) -> bool:
        return self.who not in self.heard and may_acknowledge(self)

    context.setattr(CbcastMachine, "_may_acknowledge", once)


# -- Site views -------------------------------------------------------------------------------------------


@mutant("site views", "AgreementInv")
def commits_without_a_majority(context: pytest.MonkeyPatch) -> None:
    """A coordinator commits what it alone has accepted."""
    context.setattr(SiteViewsMachine, "may_commit", SiteViewsMachine.proposing)


@mutant("site views", "MajorityInv")
def a_minority_goes_on(context: pytest.MonkeyPatch) -> None:
    """A view is proposed although it keeps no majority of the one before."""
    majority = vsync.site_views.majority

    def generous(part: Any, whole: tuple[Address, ...]) -> bool:
        return isinstance(part, tuple) or majority(part, whole)

    context.setattr(vsync.site_views, "majority", generous)


@mutant("site views", "AgeInv")
def joiners_come_first(context: pytest.MonkeyPatch) -> None:
    """Who joins is put at the head of the list, as if it were the oldest."""
    successor = vsync.site_views.successor

    def reversed_age(view: SiteView, changes: tuple[Change, ...]) -> SiteView:
        after = successor(view, changes)
        new = [x for x in after.members if x not in view.members]
        stay = [x for x in after.members if x in view.members]
        return attrs.evolve(after, members=(*new, *stay))

    context.setattr(vsync.site_views, "successor", reversed_age)


@mutant("site views", "GroupInv")
def replaces_the_group_at_once(context: pytest.MonkeyPatch) -> None:
    """Processes start in the view in which all members are gone, so that nobody knows the group's state."""
    successor = vsync.site_views.successor

    def hasty(view: SiteView, changes: tuple[Change, ...]) -> SiteView:
        after = successor(view, changes)
        failed = vsync.site_views.whom(changes, "fail")
        started = tuple(x for x in vsync.site_views.whom(changes, "start") if x.at not in failed)
        return attrs.evolve(after, members=started) if view.members and not after.members else after

    context.setattr(vsync.site_views, "successor", hasty)


@mutant("site views", "InstalledInv")
def the_excluded_stay(context: pytest.MonkeyPatch) -> None:
    """A site that learns of its exclusion does not cease."""

    def stays(self: SiteViewsMachine, q: Address) -> list[Any]:
        self.known = [*self.known[:-1], attrs.evolve(self.known[-1], id=self.known[-1].id + 1)]
        return []

    context.setattr(SiteViewsMachine, "_cease", stays)


@mutant("site views", "Settling")
def withholds_reports(context: pytest.MonkeyPatch) -> None:
    """A site does not tell the coordinator what it wants."""
    context.setattr(SiteViewsMachine, "_report", lambda self: [])


# -- The whole --------------------------------------------------------------------------------------------


@mutant("site views", "AgreementInv")
def two_lines_of_views(context: pytest.MonkeyPatch) -> None:
    """A coordinator commits what it alone has accepted, and the processes of two parts go separate ways."""
    context.setattr(SiteViewsMachine, "may_commit", SiteViewsMachine.proposing)


# -- Groups -----------------------------------------------------------------------------------------------


@mutant("system", "AgeOrder")
def ranks_by_address(context: pytest.MonkeyPatch) -> None:
    """Who joins is put among the members by its address, not behind them."""
    add = GroupsMachine._add

    def sorted_in(self: GroupsMachine, g: Address, p: Address, with_state: bool, before: tuple[Address, ...]) -> None:
        add(self, g, p, with_state, before)
        group = self.directory[g]
        members = tuple(sorted(group.view.members))
        self.directory[g] = attrs.evolve(group, view=attrs.evolve(group.view, members=members))

    context.setattr(GroupsMachine, "_add", sorted_in)


@mutant("system", "LeaveIsClean")
def leaves_at_once(context: pytest.MonkeyPatch) -> None:
    """A process leaves before what it was asked to multicast earlier has begun."""
    request = GroupsMachine.request

    def hasty(self: GroupsMachine, asked: Request) -> list[GroupsEffect]:
        effects = request(self, asked)
        if isinstance(asked, Changing):
            self.requests.appendleft(self.requests.pop())
        return effects

    context.setattr(GroupsMachine, "request", hasty)


@mutant("system", "Settling")
def failed_sites_keep_their_processes(context: pytest.MonkeyPatch) -> None:
    """When a site fails, its processes stay in their groups."""
    apply_sites = GroupsMachine.apply_sites

    def lasting(self: GroupsMachine, view: View) -> list[GroupsEffect]:
        kept = dict(self.directory)
        effects = apply_sites(self, view)
        self.directory = kept
        return [effect for effect in effects if not isinstance(effect, ForProcess | GroupViewInstalled)]

    context.setattr(GroupsMachine, "apply_sites", lasting)


@mutant("system", "VirtualSynchrony")
def trusts_the_cache(context: pytest.MonkeyPatch) -> None:
    """A message goes to those who were the members when it was asked for, not when it begins."""
    request, begin = GroupsMachine.request, GroupsMachine._begin
    believed: dict[str, frozenset[Address]] = {}

    def remembered(self: GroupsMachine, asked: Request) -> list[GroupsEffect]:
        if isinstance(asked, Multicasting):
            believed[asked.payload] = self.recipients(asked.to)
        return request(self, asked)

    def begun(self: GroupsMachine, asked: Request) -> list[GroupsEffect]:
        if isinstance(asked, Multicasting) and (to := believed[asked.payload]):
            context.setattr(GroupsMachine, "sites_of", lambda self, _: frozenset(p.at for p in to))
            effects = begin(self, asked)
            context.setattr(GroupsMachine, "sites_of", sites_of)
            return effects
        return begin(self, asked)

    sites_of = GroupsMachine.sites_of
    context.setattr(GroupsMachine, "request", remembered)
    context.setattr(GroupsMachine, "_begin", begun)


@mutant("system", "Admission")
def admits_anyone(context: pytest.MonkeyPatch) -> None:
    """Nobody looks at the credentials of those who would join."""
    receive_request = GroupsMachine.receive_request

    def trusting(self: GroupsMachine, p: Address, g: Address, request: JoinAsked) -> list[GroupsEffect]:
        known = self.directory[g].credentials if g in self.directory else request.credentials
        return receive_request(self, p, g, attrs.evolve(request, credentials=known))

    context.setattr(GroupsMachine, "receive_request", trusting)


@mutant("system", "Settling")
def nobody_takes_over_a_join(context: pytest.MonkeyPatch) -> None:
    """A site forgets who would join as soon as its groups change: who stood by does not take over."""
    renew = GroupsMachine._renew

    def forgetting(self: GroupsMachine, *arguments: Any) -> list[GroupsEffect]:
        effects = renew(self, *arguments)
        self.asked.clear()
        return effects

    context.setattr(GroupsMachine, "_renew", forgetting)


@mutant("system", "Settling")
def newcomers_know_of_no_groups(context: pytest.MonkeyPatch) -> None:
    """A site that joins does not wait for the directory, but begins with an empty one."""
    apply_sites = GroupsMachine.apply_sites

    def ignorant(self: GroupsMachine, view: View) -> list[GroupsEffect]:
        self.informed = True
        return apply_sites(self, view)

    context.setattr(GroupsMachine, "apply_sites", ignorant)


@mutant("system", "Addressed")
def delivers_to_everyone_here(context: pytest.MonkeyPatch) -> None:
    """A message is handed to all processes of a site."""

    def deliver(self: GroupsMachine, m: ProcessMessage) -> list[GroupsEffect]:
        return [ForProcess(process=p, effect=Deliver(message=m)) for p in sorted(self.running)]

    context.setattr(GroupsMachine, "deliver", deliver)


@mutant("system", "Settling")
def conceals_crashes(context: pytest.MonkeyPatch) -> None:
    """A site does not tell the others that one of its processes has crashed."""
    process_fails = GroupsMachine.process_fails

    def silent(self: GroupsMachine, p: Address) -> list[GroupsEffect]:
        effects = process_fails(self, p)
        self.changes = [change for change in self.changes if not isinstance(change, FailProcess)]
        return effects

    context.setattr(GroupsMachine, "process_fails", silent)


# -- CBCAST to lists, ABCAST, GBCAST -------------------------------------------------------------------------


@mutant("lists", "Causal")
def waits_for_no_predecessor(context: pytest.MonkeyPatch) -> None:
    """A message is delivered as it comes."""

    def deliverable(self: CbcastListsMachine, m: Message) -> bool:
        return self.who in m.to and not self.has_delivered(m.id)

    context.setattr(CbcastListsMachine, "deliverable", deliverable)


@mutant("ordering", "WeakTotalOrder")
def ignores_what_is_pending(context: pytest.MonkeyPatch) -> None:
    """What has no number yet holds up nothing."""

    def own_place(self: AbcastMachine, m: Message) -> Place:
        number = self.number(m.id)
        return self.place(1, number, m) if number else self.place(2, 0, m)

    context.setattr(AbcastMachine, "own_place", own_place)


@mutant("ordering", "WeakTotalOrder")
def orders_by_the_first_proposal(context: pytest.MonkeyPatch) -> None:
    """The sender waits for one proposal, not for all."""

    def may_order(self: AbcastMachine, m: Message) -> bool:
        return self._unordered_of_mine(m) and bool(self.proposals.get(m.id))

    context.setattr(AbcastMachine, "may_order", may_order)


@mutant("ordering", "FlushIsSafe")
def flush_returns_unsafe(context: pytest.MonkeyPatch) -> None:
    """The primitive flush does not wait for multicasts to lists."""

    def complete(self: CbcastListsMachine) -> list[ProcessEffect]:
        tickets = [ticket for ticket, _ in self.flush_tickets]
        self.flush_tickets.clear()
        return [CompleteFlush(ticket=ticket) for ticket in tickets]

    context.setattr(CbcastListsMachine, "_complete_flushes", complete)


@mutant("ordering", "GBCASTOrder")
def ends_an_epoch_early(context: pytest.MonkeyPatch) -> None:
    """An epoch ends when it is closed here, before all has come from the others."""
    context.setattr(GbcastMachine, "all_settled", lambda self: self.closing)


@mutant("ordering", "Causal")
def ignores_epochs(context: pytest.MonkeyPatch) -> None:
    """A message of the next epoch is delivered in this one."""
    context.setattr(CbcastListsMachine, "present", lambda self, m: m.view == self.current)
