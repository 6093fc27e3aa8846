"""The whole system: sites and processes in a world whose every move Hypothesis chooses.

The rules are the moves of the environment and bear their names.  They strike between any two steps, and
crashes also in the middle of one.  Each service event goes to the judge and to the witness as it happens; in
the end the environment calms down, and then all that is left settles, or waits for a lost majority.

A run that fails is written down as a trace with its moves, from which it can be replayed.

Spec: SiteViews, Gbcast and Groups together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.recording import WatchedWorld, write_trace
from models.search import Search
from models.strategies import (
    BUSY,
    FOUNDING_PROCESSES,
    FOUNDING_SITES,
    MAJORITY_MAY_BE_LOST,
    held_up,
    one_of,
    some,
    some_of,
)
from vsync.actions import ACTIONS
from vsync.sim import moves
from vsync.sim.moves import MOVES, Move
from vsync.sim.simulation import Configuration, Simulation
from vsync.sim.world import ENVIRONMENT_ACTIONS
from vsync.types import Address, Kind

OF_DATAGRAMS = {"arrive_datagram", "lose_datagram", "duplicate_datagram", "damage_datagram"}
SITES_MAX = 6
NAMES = ("one", "two")
CREDENTIALS = ("member", "member", "member", "none")
KINDS = ("cbcast", "cbcast", "abcast", "uniform", "gbcast")

#: Actions that the protocols above take under a name of their own.
OVERRIDDEN = {
    "CbcastLists!Multicast", "CbcastLists!Deliver", "CbcastLists!Install", "Abcast!InstallInOrder",
}  # fmt: skip


class SystemSearch(Search):
    """A world, and what may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.moves: list[Move] = []
        self.world = WatchedWorld(self.only)
        self.witness = self.world.witness
        self.contacts: dict[Address, tuple[Address, ...]] = {}  # of the sites that join: whom they asked
        self.incarnations: Counter[int] = Counter()
        self.numbers: Counter[Address] = Counter()
        self.tickets = 0
        self.payloads = 0
        self.majority_may_be_lost = False

    # -- Making moves ---------------------------------------------------------------------------

    def make(self, move: Move) -> bool:
        """Make a move; returns whether it set anything going."""

        def made() -> bool:
            self.moves.append(move)
            return bool(self.world.make(move))

        return self.attempt(made)

    def explain(self, error: Exception) -> None:
        """Say where the run is written down."""
        error.add_note(f"The run is written down in {write_trace(self.moves, 'test_system')}")

    def channels(self) -> list[tuple[Address, Address]]:
        """The channels in which something is under way."""
        under_way = self.world.network.channels
        return sorted((channel for channel, packets in under_way.items() if packets), key=str)

    def every_channel(self) -> list[tuple[Address, Address]]:
        """The channels between the sites that run, whether anything is under way there or not."""
        return [(p, q) for p in sorted(self.world.sites) for q in sorted(self.world.sites) if p != q]

    def joining(self) -> list[Address]:
        """The sites that run and have no view yet."""
        return sorted(site for site, state in self.world.sites.items() if state.views.view is None)

    def in_a_view(self) -> list[Address]:
        """The sites that run and have a view."""
        return sorted(site for site, state in self.world.sites.items() if state.views.view is not None)

    def idle(self) -> list[Address]:
        """The processes that run."""
        return self.world.processes()

    def memberships(self) -> list[tuple[Address, Address]]:
        """Who is in which group."""
        return self.world.memberships()

    # -- The beginning --------------------------------------------------------------------------

    @initialize(
        sites=FOUNDING_SITES,
        processes=FOUNDING_PROCESSES,
        together=st.sampled_from((True, True, False)),
        busy=BUSY,
        majority_may_be_lost=MAJORITY_MAY_BE_LOST,
    )
    def found(
        self, sites: int, processes: list[int], together: bool, busy: list[int], majority_may_be_lost: bool
    ) -> None:
        """Sites found the system, processes start and multicast.

        ``together``: all have joined before the first of them multicasts.
        """
        self.majority_may_be_lost = majority_may_be_lost
        founders = tuple(self.next_site(number) for number in range(1, sites + 1))
        self.make(moves.Found(sites=founders))
        for index, number in enumerate(processes):
            process = self.next_process(founders[(number - 1) % sites])
            self.make(moves.StartProcess(process=process))
            for name in NAMES if index % 3 == 2 else NAMES[index % 2 : index % 2 + 1]:
                self.make(moves.JoinGroup(process=process, name=name, credentials=CREDENTIALS[0]))
        while together and self.deliver() and not self.over:
            pass
        for number in busy:
            if groups := self.world.groups():
                process = self.idle()[number % len(self.idle())]
                self.make_multicast(process, (groups[number % len(groups)],), KINDS[number % len(KINDS)])

    def next_site(self, number: int) -> Address:
        self.incarnations[number] += 1
        return Address(number, self.incarnations[number])

    def next_process(self, site: Address) -> Address:
        self.numbers[site] += 1
        return site.process(self.numbers[site])

    # -- Rules: the moves -----------------------------------------------------------------------

    @rule(data=st.data(), packets=st.integers(1, 6))
    @precondition(some(channels))
    def arrive(self, data: Any, packets: int) -> None:
        """The next packets of one channel arrive."""
        source, destination = one_of(data, self.channels(), "channel")
        for _ in range(min(packets, len(self.world.network.channels.get((source, destination), ())))):
            if (source, destination) in self.channels():
                self.make(moves.Arrive(source=source, destination=destination))

    @rule(data=st.data(), rounds=st.integers(1, 20))
    def arrive_everywhere(self, data: Any, rounds: int) -> None:
        """For so many rounds the next packet arrives in each channel, except where all is held up."""
        held = held_up(data, self.every_channel())
        for _ in range(rounds):
            self.deliver(held)

    @rule(data=st.data())
    @precondition(lambda self: self.world.timers)
    def fire(self, data: Any) -> None:
        """A timer goes off."""
        owner, timer = one_of(data, self.world.timers, "timer")
        self.make(moves.Fire(owner=owner, timer=timer))

    @rule(data=st.data())
    @precondition(some(in_a_view))
    def start_process(self, data: Any) -> None:
        """A process starts, as a client of the groups."""
        self.make(moves.StartProcess(process=self.next_process(one_of(data, self.in_a_view(), "site"))))

    @rule(
        data=st.data(),
        name=st.sampled_from(NAMES),
        credentials=st.sampled_from(CREDENTIALS),
        create=st.booleans(),
        with_state=st.booleans(),
    )
    @precondition(some(idle))
    def join_group(self, data: Any, name: str, credentials: str, create: bool, with_state: bool) -> None:
        """A process asks to join a group, with its state or without, and now and then lacks the credentials."""
        process = one_of(data, self.idle(), "process")
        self.make(
            moves.JoinGroup(process=process, name=name, credentials=credentials, create=create, with_state=with_state)
        )

    def bulk(self) -> list[tuple[Address, Address]]:
        """Who is being sent the state of which group through a channel of its own."""
        return sorted(self.world.bulk)

    @rule(data=st.data())
    @precondition(some(bulk))
    def arrive_block(self, data: Any) -> None:
        """The next block arrives."""
        process, group = one_of(data, self.bulk(), "joiner")
        self.make(moves.ArriveBlock(process=process, group=group))

    @rule(data=st.data(), kept=st.booleans())
    @precondition(some(bulk))
    def break_bulk(self, data: Any, kept: bool) -> None:
        """The channel breaks."""
        process, group = one_of(data, self.bulk(), "joiner")
        self.make(moves.BreakBulk(process=process, group=group, kept=kept))

    @rule(data=st.data(), name=st.sampled_from(NAMES))
    @precondition(some(idle))
    def create_group(self, data: Any, name: str) -> None:
        """A process founds a group, if there is none of this name."""
        process = one_of(data, self.idle(), "process")
        self.make(moves.CreateGroup(process=process, name=name, credentials=CREDENTIALS[0]))

    @rule(data=st.data())
    @precondition(some(memberships))
    def kill_group(self, data: Any) -> None:
        """A member kills its group."""
        process, group = one_of(data, self.memberships(), "membership")
        self.make(moves.KillGroup(process=process, group=group))

    @rule(data=st.data(), value=st.integers(1, 9))
    @precondition(some(memberships))
    def configure_group(self, data: Any, value: int) -> None:
        """A member configures its group."""
        process, group = one_of(data, self.memberships(), "membership")
        self.make(moves.ConfigureGroup(process=process, group=group, key="key", value=str(value)))

    @rule(number=st.integers(1, SITES_MAX))
    @precondition(some(in_a_view))
    def start_site(self, number: int) -> None:
        """A site starts, a new one or the next incarnation of one that is down."""
        if all(site.site != number for site in self.world.sites):
            site, contacts = self.next_site(number), tuple(self.in_a_view())
            self.contacts[site] = contacts
            self.make(moves.StartSite(site=site, contacts=contacts))

    @rule(data=st.data(), times=st.integers(1, 3), kind=st.sampled_from(KINDS))
    @precondition(some(idle))
    def multicast(self, data: Any, times: int, kind: str) -> None:
        """Processes multicast, members or not, to groups and processes."""
        for _ in range(times):
            if idle := self.idle():
                process = one_of(data, idle, "process")
                to = some_of(data, {*self.world.groups(), *idle}, "to", most=3) or (process,)
                self.make_multicast(process, to, kind)

    def make_multicast(self, process: Address, to: tuple[Address, ...], kind: str) -> None:
        self.payloads += 1
        believed = tuple((g, self.world.look_up(process, g)) for g in to if g.kind is Kind.GROUP)
        payload = f"m{self.payloads}"
        self.make(moves.Multicast(process=process, to=to, payload=payload, kind=kind, cached=believed))

    @rule(data=st.data())
    @precondition(some(idle))
    def call_flush(self, data: Any) -> None:
        """A process calls the primitive flush."""
        process = one_of(data, self.idle(), "process")
        self.tickets += 1
        self.make(moves.CallFlush(process=process, ticket=self.tickets))

    @rule(data=st.data())
    @precondition(some(memberships))
    def leave_group(self, data: Any) -> None:
        """A process asks to leave a group."""
        process, group = one_of(data, self.memberships(), "membership")
        self.make(moves.LeaveGroup(process=process, group=group))

    @rule(data=st.data())
    @precondition(lambda self: self.witness.running)
    def crash_process(self, data: Any) -> None:
        """A process crashes, even one that is about to leave."""
        if running := self.idle():
            self.make(moves.CrashProcess(process=one_of(data, running, "process")))

    def may_crash(self) -> list[Address]:
        """The sites that may crash: all, or those without which a majority is left of each view."""
        lasting = self.world.sites.keys() - self.world.crash_after.keys()
        views = [state.views.view for state in self.world.sites.values() if state.views.view is not None]

        def needed(site: Address) -> bool:
            return any(2 * len(lasting & set(view.sites) - {site}) <= len(view.sites) for view in views)

        return sorted(site for site in lasting if self.majority_may_be_lost or not needed(site))

    @rule(data=st.data())
    @precondition(some(may_crash))
    def crash_site(self, data: Any) -> None:
        """A site crashes before it has sent the last of what is under way from it."""
        site = one_of(data, self.may_crash(), "site")
        lost = []
        from_it = [channel for channel in self.channels() if channel[0] == site]
        for channel in some_of(data, from_it, "shortened"):
            most = len(self.world.network.channels[channel])
            lost.append((channel[1], data.draw(st.integers(1, most), label="packets lost")))
        self.make(moves.CrashSite(site=site, lost=tuple(lost)))

    @rule(data=st.data(), effects=st.integers(0, 8))
    @precondition(some(may_crash))
    def crash_during(self, data: Any, effects: int) -> None:
        """A site crashes in the middle of its next step."""
        self.make(moves.CrashDuring(site=one_of(data, self.may_crash(), "site"), effects=effects))

    @rule(data=st.data())
    @precondition(some(in_a_view))
    def suspect(self, data: Any) -> None:
        """Sites suspect another, rightly or wrongly."""
        suspected = one_of(data, self.in_a_view(), "suspected")
        for site in some_of(data, set(self.in_a_view()) - {suspected}, "sites"):
            if site in self.world.sites:
                self.make(moves.Suspect(site=site, suspected=suspected))

    @rule(data=st.data())
    @precondition(lambda self: any(state.views.suspects for state in self.world.sites.values()))
    def trust(self, data: Any) -> None:
        """A site withdraws a suspicion."""
        sites = self.world.sites
        if pairs := [(site, other) for site in self.in_a_view() for other in sites[site].views.suspects]:
            site, other = one_of(data, pairs, "suspicion")
            self.make(moves.Trust(site=site, suspected=other))

    # -- The calm -------------------------------------------------------------------------------

    def deliver(self, held: Collection[tuple[Address, Address]] = ()) -> bool:
        """Let the next packet of each channel arrive, but of these; returns whether there was any."""
        arriving = [channel for channel in self.channels() if channel not in held]
        for source, destination in arriving:
            if self.world.network.channels.get((source, destination)):
                self.make(moves.Arrive(source=source, destination=destination))
        blocks = self.bulk()
        for process, group in blocks:
            if (process, group) in self.world.bulk:
                self.make(moves.ArriveBlock(process=process, group=group))
        return bool(arriving or blocks)

    def detect(self) -> bool:
        """Have each site suspect what is down and trust what runs; returns whether anything changed."""
        changed = False
        for site in self.in_a_view():
            state = self.world.sites.get(site)
            for other in state.views.current.sites if state is not None and state.views.view else ():
                suspected = other in state.views.suspects if state is not None else False
                if site not in self.world.sites or suspected == (other not in self.world.sites):
                    continue
                changed = True
                kind = moves.Trust if suspected else moves.Suspect
                self.make(kind(site=site, suspected=other))
                if state is None or state.views.view is None:
                    break
        return changed

    def fire_all(self) -> bool:
        """Let all timers go off; returns whether that set anything going."""
        timers = sorted(self.world.timers)
        going = [self.make(moves.Fire(owner=owner, timer=timer)) for owner, timer in timers]
        return any(going)

    def give_up_joining(self) -> bool:
        """Sites that join and asked only sites that are no more cannot succeed: they stop."""
        members = set(self.in_a_view())
        hopeless = [site for site in self.joining() if members.isdisjoint(self.contacts[site])]
        for site in hopeless:
            self.make(moves.CrashSite(site=site))
        return bool(hopeless)

    def majority_left(self) -> bool:
        """Of the latest view that a running site has, more than half of the sites run."""
        views = [state.views.view for state in self.world.sites.values() if state.views.view is not None]
        latest = set(max(views, key=lambda view: view.id).sites) if views else set()
        return 2 * len(latest & self.world.sites.keys()) > len(latest)

    def calm_round(self) -> bool:
        """All that is under way arrives; who is down is suspected, and who runs is trusted."""
        if any([self.deliver(), self.detect(), self.give_up_joining()]):
            return True
        ask_for_ever = not self.majority_left() and self.joining()
        return self.fire_all() and not ask_for_ever

    def at_rest(self) -> None:
        """All that runs is in one view of the sites, and the members of each group are together."""
        if not self.majority_left():
            return
        views = {site: state.views.view for site, state in sorted(self.world.sites.items())}
        one = len(set(views.values())) == 1
        self.demand("Settling", one, f"the sites are in different views: {views}")
        view = next(iter(views.values()))
        together = view is not None and set(view.sites) == views.keys()
        self.demand("Settling", together, f"{sorted(views)} run, and the view is {view}")
        waiting = {site: state.groups.waits_for() for site, state in self.world.sites.items()}
        self.demand("Settling", not any(waiting.values()), f"the sites wait for {waiting}")
        stateless = {site: sorted(state.transfers.waiting()) for site, state in self.world.sites.items()}
        self.demand("Settling", not any(stateless.values()), f"processes wait for states: {stateless}")
        directories = {tuple(sorted(state.groups.directory.items())) for state in self.world.sites.values()}
        self.demand("Settling", len(directories) == 1, f"the sites know different groups: {directories}")
        held = {site: sorted(state.multicasts.received) for site, state in self.world.sites.items()}
        self.demand("Settling", not any(held.values()), f"the sites hold what is stable: {held}")
        self.witness.has_settled()


def test_the_system() -> None:
    """Whatever happens, every guarantee holds; in the end all settles, or waits for a lost majority."""
    run_state_machine_as_test(SystemSearch, settings=settings())


def test_the_rules_are_the_moves() -> None:
    """Each move of the environment is a rule of the state machine of its name.

    Founding comes first; a delay is the order of the arrivals; the moves of datagrams and cuts belong to the
    simulator (``tests/models/test_linked_site.py``).
    """
    members = vars(SystemSearch).items()
    rules = {name for name, member in members if hasattr(member, "hypothesis_stateful_rule")}
    assert rules == MOVES.keys() - {"found", "delay"} - OF_DATAGRAMS - {"cut", "heal"} | {"arrive_everywhere"}


def test_every_action_is_reached() -> None:
    """Each action of the machines that sites run is taken in some rough simulated run: none is dead."""
    rough = Configuration(
        sites=5, processes=8, site_crashes=2, wrong_suspicions=12, joins=8, leaves=4, kills=3, abcasts=12,
        uniform=8, gbcasts=4, delays=12, storm_ms=300, migrations=4,
        bulk_bytes_min=8,
    )  # fmt: skip
    counts: Counter[str] = Counter()
    for seed in range(25):
        counts.update(Simulation(rough, seed).run().counts)
    reached = {name.removeprefix("action ") for name in counts if name.startswith("action ")}
    modules = ("Flush", "CbcastLists", "Abcast", "Gbcast", "SiteViews", "Groups", "StateTransfer")
    running = {name for name in ACTIONS if name.partition("!")[0] in modules}
    assert reached == running - OVERRIDDEN | ENVIRONMENT_ACTIONS.keys()
