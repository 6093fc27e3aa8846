"""Site views: the sites agree on one sequence of views, whoever crashes, whenever, and whoever is suspected.

The machines alone, over a small network of first in, first out channels.  The rules are the environment's
actions of the specification and its invariants are demanded under their names, of the views that are decided
(those that a commitment shows) and of those that are installed.

Spec: SiteViews (AgreementInv, MajorityInv, AgeInv, GroupInv, InstalledInv).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from models.search import Channels, Search
from models.strategies import FOUNDING_SITES, MAJORITY_MAY_BE_LOST, held_up, one_of, some, some_of
from vsync.actions import ActionTaken
from vsync.effects import Cease, InstallSiteView, SendToSite, SetTimer, SiteViewsEffect
from vsync.messages import Change, Commitment, JoinRequest, SiteMessage
from vsync.site_views import SiteViewsMachine
from vsync.types import Address, SiteView


class SiteViewsSearch(Search):
    """Sites that run, what is under way between them, and the views that they have decided."""

    def __init__(self) -> None:
        super().__init__()
        self.sites: dict[Address, SiteViewsMachine] = {}
        self.channels: Channels[SiteMessage] = Channels()
        self.gone: set[Address] = set()
        self.contacts: dict[Address, tuple[Address, ...]] = {}
        self.timers: set[Address] = set()
        self.crash_after: dict[Address, int] = {}
        #: Every view that was ever committed, by its number; and the one that each site is in.
        self.decided: dict[int, SiteView] = {}
        self.installed: dict[Address, SiteView] = {}
        self.started: set[Address] = set()
        self.stopped: set[Address] = set()
        self.numbers: Counter[Address] = Counter()
        self.incarnations: Counter[int] = Counter()
        self.majority_may_be_lost = False

    # -- Steps ----------------------------------------------------------------------------------

    def step(self, site: Address, take: Callable[[], list[SiteViewsEffect]]) -> None:
        """Let a site take a step, and carry out its effects unless a crash strikes among them."""

        def taken() -> None:
            effects = take()
            strike = self.crash_after.pop(site, None) if effects else None
            for effect in effects[:strike]:
                self.carry_out(site, effect)
            if strike is not None and site in self.sites:
                self.stop_site(site)

        self.attempt(taken)

    def carry_out(self, site: Address, effect: SiteViewsEffect) -> None:
        match effect:
            case SendToSite(to=to, payload=payload):
                assert not isinstance(payload, JoinRequest | Commitment) or to != site
                if isinstance(payload, Commitment):
                    for view in payload.views:
                        self.decide(view)
                self.send(site, to, payload)
            case InstallSiteView(view=view, previous=previous):
                self.decide(view)
                self.install(site, view, previous)
            case Cease():
                told = any(site not in view.sites and view.id > self.installed[site].id for view in self.views())
                self.demand("InstalledInv", told, f"{site} ceases although no view excludes it")
                self.stop_site(site)
            case SetTimer():
                self.timers.add(site)
            case ActionTaken():
                pass

    def send(self, site: Address, to: Address, payload: Any) -> None:
        if to in self.sites:
            self.channels.send(site, to, payload)

    def views(self) -> list[SiteView]:
        """The views that were decided, in order."""
        return [view for _, view in sorted(self.decided.items())]

    def decide(self, view: SiteView) -> None:
        """A view is, or was, decided: it has to go with the others."""
        if self.decided.get(view.id) == view:
            return
        agreed = self.decided.setdefault(view.id, view)
        self.demand("AgreementInv", agreed == view, f"view {view.id} is both {agreed} and {view}")
        before, after = self.decided.get(view.id - 1), self.decided.get(view.id + 1)
        if before is not None:
            self.follow(before, view)
            old = {site for v in self.views() if v.id < view.id for site in v.sites}
            again = (old & set(view.sites)) - set(before.sites)
            self.demand("AgeInv", not again, f"{again} come back in {view}")
        if after is not None:
            self.follow(view, after)

    def follow(self, v: SiteView, w: SiteView) -> None:
        """w is decided to come after v."""
        kept = len(set(v.sites) & set(w.sites))
        self.demand("MajorityInv", 2 * kept > len(v.sites), f"{w} keeps no majority of {v}")
        for old, new in ((v.sites, w.sites), (v.members, w.members)):
            stay = [x for x in old if x in new]
            self.demand("AgeInv", stay == list(new[: len(stay)]), f"{w} does not keep the order of {v}")
        at_home = all(any((x.site, x.incarnation) == (s.site, s.incarnation) for s in w.sites) for x in w.members)
        self.demand("GroupInv", at_home, f"the members of {w} are not all at its sites")
        number = v.group + (v.members != w.members)
        self.demand("GroupInv", w.group == number, f"the group of {w} has not the number {number}")
        common = set(v.members) & set(w.members)
        total = not v.members or not w.members
        self.demand("GroupInv", bool(common) or total, f"the groups of {v} and {w} share no member")

    def install(self, site: Address, view: SiteView, previous: SiteView) -> None:
        """A site installs a view: the next one, or as its first the first that it is in."""
        last = self.installed.get(site)
        self.demand("InstalledInv", site in view.sites, f"{site} installs {view}, which excludes it")
        if last is not None:
            self.demand("InstalledInv", view.id == last.id + 1, f"{site} goes from {last} to {view}")
        self.demand("InstalledInv", previous.id == view.id - 1, f"{previous} comes before {view} at {site}")
        if last is None:
            early = [v for v in self.views() if v.id < view.id and site in v.sites]
            self.demand("InstalledInv", not early, f"{site} begins with {view} and misses {early}")
        self.installed[site] = view

    def stop_site(self, site: Address) -> None:
        del self.sites[site]
        self.gone.add(site)
        self.timers.discard(site)
        self.crash_after.pop(site, None)
        self.channels.deafen(site)

    # -- What there is --------------------------------------------------------------------------

    def members(self) -> list[Address]:
        """The sites that run and have a view."""
        return sorted(site for site in self.sites if site in self.installed)

    def may_crash(self) -> list[Address]:
        lasting = self.sites.keys() - self.crash_after.keys()
        views = [view for site, view in self.installed.items() if site in self.sites]

        def needed(site: Address) -> bool:
            return any(2 * len(lasting & set(view.sites) - {site}) <= len(view.sites) for view in views)

        return sorted(site for site in lasting if self.majority_may_be_lost or not needed(site))

    def suspicions(self) -> list[tuple[Address, Address]]:
        return [(site, other) for site in self.members() for other in self.sites[site].suspects]

    def running(self) -> list[Address]:
        """The processes that have started at sites that run, and were not stopped."""
        return sorted(x for x in self.started - self.stopped if Address(x.site, x.incarnation) in self.sites)

    # -- Rules ----------------------------------------------------------------------------------

    @initialize(sites=FOUNDING_SITES, majority_may_be_lost=MAJORITY_MAY_BE_LOST)
    def found(self, sites: int, majority_may_be_lost: bool) -> None:
        """The founders have view 1."""
        self.majority_may_be_lost = majority_may_be_lost
        founders = tuple(Address(number, 1) for number in range(1, sites + 1))
        view = SiteView(id=1, sites=founders, group=0, members=())
        self.decided[1] = view
        for site in founders:
            self.incarnations[site.site] = 1
            self.sites[site] = SiteViewsMachine(site, view, recording=False)
            self.installed[site] = view

    @rule(data=st.data(), packets=st.integers(1, 4))
    @precondition(lambda self: self.channels.waiting())
    def arrive(self, data: Any, packets: int) -> None:
        """The next packets of a channel arrive.  Spec: SiteViews!Handle."""
        ends = one_of(data, self.channels.waiting(), "channel")
        for _ in range(packets):
            if ends in self.channels.waiting():
                self.take(*ends)

    def take(self, source: Address, destination: Address) -> None:
        """A packet arrives; who gets it knows the views that it shows, or ceases."""
        message, machine = self.channels.take(source, destination), self.sites[destination]
        self.step(destination, lambda: machine.message_received(source, message))
        if destination not in self.sites or isinstance(message, JoinRequest) or self.over:
            return
        shown, last = message.views[-1], self.installed.get(destination)
        knows = last.id >= shown.id if last else destination not in shown.sites
        self.attempt(lambda: self.demand("InstalledInv", knows, f"{destination} is shown {shown} and has {last}"))

    @rule(data=st.data(), rounds=st.integers(1, 12))
    def arrive_everywhere(self, data: Any, rounds: int) -> None:
        """For so many rounds the next packet arrives in each channel, except where all is held up."""
        held = held_up(data, [(p, q) for p in sorted(self.sites) for q in sorted(self.sites) if p != q])
        for _ in range(rounds):
            for ends in self.channels.waiting():
                if ends not in held and self.channels.packets[ends]:
                    self.take(*ends)

    @rule(data=st.data())
    @precondition(some(members))
    def suspect(self, data: Any) -> None:
        """Sites suspect another, rightly or wrongly.  Spec: SiteViews!Suspect."""
        other = one_of(data, self.members(), "suspected")
        for site in some_of(data, set(self.members()) - {other}, "sites"):
            if site in self.sites:
                self.step(site, lambda machine=self.sites[site]: machine.suspect(other))  # type: ignore[misc]

    @rule(data=st.data())
    @precondition(some(suspicions))
    def trust(self, data: Any) -> None:
        """A site withdraws a suspicion.  Spec: SiteViews!Trust."""
        site, other = one_of(data, self.suspicions(), "suspicion")
        self.step(site, lambda: self.sites[site].trust(other))

    @rule(data=st.data())
    @precondition(some(members))
    def ask(self, data: Any) -> None:
        """A process starts, or one that has started stops.  Spec: SiteViews!Ask."""
        site = one_of(data, self.members(), "site")
        own = [x for x in self.running() if (x.site, x.incarnation) == (site.site, site.incarnation)]
        who = one_of(data, [*own, site.process(self.numbers[site] + 1)], "process")
        kind = "stop" if who in own else "start"
        self.numbers[site] += who not in own
        (self.stopped if who in own else self.started).add(who)
        self.step(site, lambda: self.sites[site].ask(Change(change=kind, who=who)))

    @rule(data=st.data(), number=st.integers(1, 6))
    @precondition(some(members))
    def join(self, data: Any, number: int) -> None:
        """A new site, or a new incarnation of one that is down, asks to be taken in."""
        if all(site.site != number for site in self.sites):
            self.incarnations[number] += 1
            site, contacts = Address(number, self.incarnations[number]), tuple(self.members())
            self.sites[site] = SiteViewsMachine(site, recording=False)
            self.contacts[site] = contacts
            self.step(site, lambda: self.sites[site].join(contacts))

    @rule(data=st.data())
    @precondition(lambda self: self.timers)
    def fire(self, data: Any) -> None:
        """The time to ask again has come."""
        self.fire_timer(one_of(data, self.timers, "site"))

    def fire_timer(self, site: Address) -> None:
        self.timers.discard(site)
        self.step(site, lambda: self.sites[site].timer_fired("join"))

    @rule(data=st.data())
    @precondition(some(may_crash))
    def crash(self, data: Any) -> None:
        """A site crashes, and its last packets were not sent.  Spec: SiteViews!Crash, SiteViews!Lose."""
        site = one_of(data, self.may_crash(), "site")
        self.stop_site(site)
        for source, to in some_of(data, self.channels.waiting(site), "shortened"):
            most = len(self.channels.packets[source, to])
            self.channels.shorten(source, to, data.draw(st.integers(1, most), label="packets lost"))

    @rule(data=st.data(), effects=st.integers(0, 6))
    @precondition(some(may_crash))
    def crash_during(self, data: Any, effects: int) -> None:
        """A site will crash in the middle of its next step."""
        self.crash_after[one_of(data, self.may_crash(), "site")] = effects

    # -- The end --------------------------------------------------------------------------------

    def majority_left(self) -> bool:
        """Of the latest view that a running site has, more than half of the sites run."""
        views = [view for site, view in self.installed.items() if site in self.sites]
        latest = set(max(views, key=lambda view: view.id).sites) if views else set()
        return 2 * len(latest & self.sites.keys()) > len(latest)

    def calm_round(self) -> bool:
        """All that is under way arrives; who is down is suspected, and who runs is trusted."""
        waiting = self.channels.waiting()
        for ends in waiting:
            if self.channels.packets[ends]:
                self.take(*ends)
        changed = self.detect()
        hopeless = [
            s for s in self.sites if s not in self.installed and not set(self.contacts[s]) & set(self.members())
        ]
        for site in sorted(hopeless):
            self.stop_site(site)
        if waiting or changed or hopeless:
            return True
        joining = sorted(self.timers - self.installed.keys())
        for site in sorted(self.timers):
            self.fire_timer(site)
        return bool(joining) and self.majority_left()

    def detect(self) -> bool:
        changed = False
        for site in self.members():
            for other in self.installed[site].sites:
                machine = self.sites.get(site)
                if machine is None or other == site or (other in machine.suspects) == (other in self.gone):
                    continue
                if other not in self.installed[site].sites:
                    continue
                changed = True
                take = machine.suspect if other in self.gone else machine.trust
                self.step(site, lambda take=take, other=other: take(other))  # type: ignore[misc]
        return changed

    def at_rest(self) -> None:
        """All sites that run are in one view, and the group is that of the processes that run."""
        if not self.majority_left():
            return
        views = {site: self.installed.get(site) for site in sorted(self.sites)}
        self.demand("Settling", len(set(views.values())) == 1, f"the sites are in different views: {views}")
        view = next(iter(views.values()))
        together = view is not None and set(view.sites) == self.sites.keys()
        self.demand("Settling", together, f"{sorted(self.sites)} run, and the view is {view}")
        members = view is not None and sorted(view.members) == self.running()
        self.demand("Settling", members, f"the processes {self.running()} run, and the view is {view}")


def test_site_views() -> None:
    """There is one sequence of views, each with a majority of the one before; calm brings all into one."""
    run_state_machine_as_test(SiteViewsSearch, settings=settings(max_examples=settings().max_examples * 2))
