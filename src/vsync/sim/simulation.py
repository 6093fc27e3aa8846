"""A simulation: a world under a seeded environment, in virtual time.

First a stormy phase: processes multicast to groups and lists, call ``flush``, join and leave; sites and
processes crash, also in the middle of a step; sites are suspected, rightly and wrongly, and come back as new
incarnations; packets are held up, and links cut.  Then the environment calms down, what is cut is healed, what
has crashed is suspected and what works is trusted, and the run goes on until nothing is left to happen.
With links, what becomes of each datagram is drawn too, and datagrams are lost to the end.

All chance comes from one generator with the run's seed, and is spent on choosing moves; the world
itself is deterministic.  So the moves that are written into the trace replay the run.

Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from typing import Any, TypeVar

import attrs
from attrs import field, frozen, validators

from vsync.errors import InputError
from vsync.failure_detector import Pace
from vsync.link_format import DATAGRAM_BYTES_MAX
from vsync.linked_site import of_link
from vsync.messages import Heartbeat
from vsync.sim import moves
from vsync.sim.moves import Move, move_name
from vsync.sim.world import BulkOpened, Line, TimerSet, World
from vsync.state_transfer import BULK_BYTES_MIN, Limits
from vsync.types import Address, Kind

T = TypeVar("T")

#: What a process has to present to join a group of the simulation.
CREDENTIALS = "member"

_COUNT = validators.and_(validators.instance_of(int), validators.ge(0), validators.le(1_000_000))
_PERCENT = validators.and_(validators.instance_of(int), validators.ge(0), validators.le(90))
_SOME = validators.and_(validators.instance_of(int), validators.ge(1), validators.le(1000))


@frozen(kw_only=True)
class Configuration:
    """How large a simulated system is, and how rough its environment.

    ``sites``, ``processes`` and ``clients`` (spread over the sites), ``groups``, and ``memberships``, in how
    many of the groups each process is from the beginning (a client is in none); then how often each thing
    happens in the stormy phase of ``storm_ms`` milliseconds of virtual time (``multicasts`` are CBCASTs,
    ``uniform`` are uniform ABCASTs); ``detector``, whether the sites detect failures themselves, by
    heartbeats, and not the environment for them; ``with_state``, what share in percent of those who join
    gets the state of the group; ``bulk_bytes_min``, from what size on it goes through a channel of its own;
    ``migrations``, how often a member goes to another site: it joins there, and leaves here;
    ``cuts``, how often something is cut off from something, for a
    time and in one direction or both.  With ``links`` packets go over links; of the datagrams so many of a
    hundred are lost (``loss``), come twice (``duplication``), overtake others (``reordering``) or are damaged
    (``corruption``).
    """

    sites: int = field(default=4, validator=_SOME)
    processes: int = field(default=4, validator=_SOME)
    clients: int = field(default=1, validator=_COUNT)
    groups: int = field(default=2, validator=_SOME)
    memberships: int = field(default=1, validator=_SOME)
    multicasts: int = field(default=12, validator=_COUNT)
    abcasts: int = field(default=4, validator=_COUNT)
    uniform: int = field(default=1, validator=_COUNT)
    gbcasts: int = field(default=1, validator=_COUNT)
    configurations: int = field(default=1, validator=_COUNT)
    flushes: int = field(default=2, validator=_COUNT)
    process_crashes: int = field(default=1, validator=_COUNT)
    site_crashes: int = field(default=1, validator=_COUNT)
    wrong_suspicions: int = field(default=1, validator=_COUNT)
    joins: int = field(default=1, validator=_COUNT)
    leaves: int = field(default=1, validator=_COUNT)
    kills: int = field(default=0, validator=_COUNT)
    recoveries: int = field(default=1, validator=_COUNT)
    delays: int = field(default=3, validator=_COUNT)
    storm_ms: int = field(default=1500, validator=validators.and_(_COUNT, validators.ge(1)))
    latency_ms_max: int = field(default=20, validator=_SOME)
    with_state: int = field(default=50, validator=validators.and_(_COUNT, validators.le(100)))
    bulk_bytes_min: int = field(default=60, validator=_COUNT)
    migrations: int = field(default=1, validator=_COUNT)
    detector: bool = field(default=False, validator=validators.instance_of(bool))
    cuts: int = field(default=0, validator=_COUNT)
    links: bool = field(default=False, validator=validators.instance_of(bool))
    loss: int = field(default=5, validator=_PERCENT)
    duplication: int = field(default=2, validator=_PERCENT)
    reordering: int = field(default=10, validator=_PERCENT)
    corruption: int = field(default=1, validator=_PERCENT)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Configuration:
        """Read what ``attrs.asdict`` gives.  Raises ``InputError`` if a field is unknown or out of range."""
        known = {each.name for each in attrs.fields(cls)}
        if unknown := sorted(set(given) - known):
            raise InputError(f"a configuration has the fields {', '.join(sorted(known))}; {unknown} came")
        try:
            return cls(**given)
        except (TypeError, ValueError) as error:
            raise InputError(f"the configuration is not usable: {error.args[0]}") from error


def limits_of(configuration: Mapping[str, Any]) -> Limits:
    """The limits of state transfers in a run with this configuration, as a trace's header has it."""
    return Limits(window=2, bulk_bytes_min=int(configuration.get("bulk_bytes_min", BULK_BYTES_MIN)))


@frozen(kw_only=True)
class Outcome:
    """How a run ended.

    ``blocked``: no majority of the last view is left, so that the system waits, as it must.
    ``settled``: what is left works in one view, and all that was multicast there is delivered.
    ``unsettled``: why not, if neither holds.  ``counts``: how many of each move and event there were.
    """

    blocked: bool
    settled: bool
    unsettled: str
    counts: dict[str, int]
    virtual_ms: int


class Simulation:
    """One seeded run.

    Arguments: the configuration; the seed; ``recording`` and ``on_line`` as for ``World``.
    """

    #: How often the failure detectors look, and how long a run may take to calm down.
    DETECT_MS = 100
    CALM_MS_MAX = 20_000
    CALM_MS_MAX_WITH_LINKS = 120_000

    def __init__(
        self,
        configuration: Configuration,
        seed: int,
        *,
        recording: bool = True,
        on_line: Callable[[Line], None] | None = None,
    ) -> None:
        self.configuration = configuration
        self.chance = Random(seed)
        self.counts: Counter[str] = Counter()
        pace = Pace() if configuration.detector else None
        limits = limits_of({"bulk_bytes_min": configuration.bulk_bytes_min})
        self.world = World(
            recording=recording, on_line=self._count(on_line), pace=pace, links=configuration.links, limits=limits
        )
        self.now_ms = 0
        self.agenda: list[tuple[int, int, Callable[[], None]]] = []
        self.entries = 0
        self.of_links = 0  # how many entries of the agenda are timers of links, and datagrams
        self.arrival_ms: dict[tuple[Address, Address], int] = {}
        self.incarnations: Counter[int] = Counter()
        self.numbers: Counter[Address] = Counter()
        self.tickets = 0
        self.payloads = 0
        self.moving: dict[tuple[Address, Address], Address] = {}  # who goes away when another has come to a group
        self.detections: set[tuple[Address, Address]] = set()  # those that are on the agenda

    def run(self) -> Outcome:
        """Run from the founding to the end, and say how it ended."""
        self._found()
        self._plan_storm()
        storm_ends = self.configuration.storm_ms
        ends = storm_ends + (self.CALM_MS_MAX_WITH_LINKS if self.configuration.links else self.CALM_MS_MAX)
        while self.now_ms < ends:
            calm = self.now_ms >= storm_ends
            if calm:
                self._heal_all()
            if self.configuration.detector:
                if calm and self._detected_all():
                    break
            else:
                self._detect(calm)
                if calm and self._at_rest():
                    break
            self._go_on(until_ms=self.now_ms + self.DETECT_MS)
            self._leave_behind()
        return self._outcome()

    # -- The agenda -----------------------------------------------------------------------------

    def _at(self, time_ms: int, what: Callable[[], None], *, of_link: bool = False) -> None:
        """Put something on the agenda; links always have something there, so that it does not count."""
        self.entries += 1
        if of_link:
            what = partial(self._of_link, what)
            self.of_links += 1
        heapq.heappush(self.agenda, (time_ms, self.entries, what))

    def _of_link(self, what: Callable[[], None]) -> None:
        self.of_links -= 1
        what()

    def _go_on(self, until_ms: int) -> None:
        """Do what is on the agenda until then, in the order of its times."""
        while self.agenda and self.agenda[0][0] <= until_ms:
            time_ms, _, what = heapq.heappop(self.agenda)
            self.now_ms = max(self.now_ms, time_ms)
            what()
        self.now_ms = until_ms

    def _make(self, move: Move) -> None:
        """Make a move now, and put on the agenda what it has set going."""
        self.counts[f"move {move_name(move)}"] += 1
        for news in self.world.make(move, at_ms=self.now_ms):
            if isinstance(news, BulkOpened):
                self._schedule_blocks(news)
            elif isinstance(news, TimerSet):
                fire = moves.Fire(owner=news.owner, timer=news.timer.timer)
                after = self.chance.randint(news.timer.min_ms, news.timer.max_ms)
                self._at(self.now_ms + after, partial(self._fire, fire), of_link=of_link(fire.timer))
            elif news.datagram is None:
                self._schedule_arrival(news.source, news.destination)
            else:
                self._schedule_datagram(news.source, news.destination, news.datagram)

    def _schedule_arrival(self, source: Address, destination: Address) -> None:
        latency = self.chance.randint(1, self.configuration.latency_ms_max)
        earliest = self.arrival_ms.get((source, destination), 0)
        self.arrival_ms[source, destination] = max(self.now_ms + latency, earliest)
        self._at(self.arrival_ms[source, destination], partial(self._arrive, source, destination))

    def _schedule_datagram(self, source: Address, destination: Address, number: int) -> None:
        """Mostly a datagram comes after those before it; one that overtakes them does not hold up others."""
        arrival_ms = self.now_ms + self.chance.randint(1, self.configuration.latency_ms_max)
        if not self._happens(self.configuration.reordering):
            arrival_ms = max(arrival_ms, self.arrival_ms.get((source, destination), 0))
            self.arrival_ms[source, destination] = arrival_ms
        self._at(arrival_ms, partial(self._datagram, source, destination, number), of_link=True)

    def _datagram(self, source: Address, destination: Address, number: int) -> None:
        """What becomes of a datagram."""
        datagram = self.world.datagrams.in_flight.get(number)
        if datagram is None:
            return  # lost in a crash, or in a cut
        which: dict[str, Any] = {"source": source, "destination": destination, "datagram": number}
        if self._happens(self.configuration.loss):
            self._make(moves.LoseDatagram(**which))
            return
        if self._happens(self.configuration.duplication):
            self._make(moves.DuplicateDatagram(**which))
        if self._happens(self.configuration.corruption):
            length = len(datagram.data)
            left = length if self.chance.random() < 0.5 else self.chance.randint(0, length)
            bit = self.chance.randint(0, 8 * DATAGRAM_BYTES_MAX)
            self._make(moves.DamageDatagram(left=left, bit=bit, **which))
        self._make(moves.ArriveDatagram(**which))

    def _happens(self, percent: int) -> bool:
        return percent > 0 and self.chance.random() * 100 < percent

    def _arrive(self, source: Address, destination: Address) -> None:
        if not self.world.network.waiting(source, destination) or (source, destination) in self.world.cut:
            return  # lost in a crash, or held until the cut is healed
        if (held_until := self.arrival_ms[source, destination]) > self.now_ms + self.configuration.latency_ms_max:
            self._at(held_until, partial(self._arrive, source, destination))
            return
        self._make(moves.Arrive(source=source, destination=destination))

    def _schedule_blocks(self, opened: BulkOpened) -> None:
        """The blocks arrive one after the other; now and then the channel breaks before."""
        time_ms = self.now_ms
        arrive = partial(self._arrive_block, moves.ArriveBlock(process=opened.process, group=opened.group))
        for _ in range(opened.blocks):
            time_ms += self.chance.randint(1, self.configuration.latency_ms_max)
            self._at(time_ms, arrive)
        if self.chance.random() < 0.5:
            breaks = moves.BreakBulk(process=opened.process, group=opened.group, kept=self.chance.random() < 0.5)
            self._at(self.chance.randint(self.now_ms, time_ms), partial(self._arrive_block, breaks))

    def _arrive_block(self, move: moves.ArriveBlock | moves.BreakBulk) -> None:
        if (move.process, move.group) in self.world.bulk:
            self._make(move)

    def _fire(self, fire: moves.Fire) -> None:
        if (fire.owner, fire.timer) in self.world.timers:
            self._make(fire)

    # -- The storm ------------------------------------------------------------------------------

    def _found(self) -> None:
        sites = tuple(self._next_site(number) for number in range(1, self.configuration.sites + 1))
        self._make(moves.Found(sites=sites))
        for number in range(self.configuration.processes + self.configuration.clients):
            process = self._next_process(sites[number % len(sites)])
            self._make(moves.StartProcess(process=process))
            if number < self.configuration.processes:
                self._join_groups(process, self.configuration.memberships)

    def _join_groups(self, process: Address, how_many: int) -> None:
        """A process joins some of the groups, or founds them."""
        names = [f"group {number}" for number in range(1, self.configuration.groups + 1)]
        for name in sorted(self.chance.sample(names, min(how_many, len(names)))):
            if process in self.world.processes():  # a crash may have struck
                self._make_join(process, name, CREDENTIALS)

    def _make_join(self, process: Address, name: str, credentials: str) -> None:
        with_state = self.chance.randrange(100) < self.configuration.with_state
        self._make(moves.JoinGroup(process=process, name=name, credentials=credentials, with_state=with_state))

    def _plan_storm(self) -> None:
        plan: dict[Callable[[], None], int] = {
            partial(self._multicast, "cbcast"): self.configuration.multicasts,
            partial(self._multicast, "abcast"): self.configuration.abcasts,
            partial(self._multicast, "uniform"): self.configuration.uniform,
            partial(self._multicast, "gbcast"): self.configuration.gbcasts,
            self._configure: self.configuration.configurations,
            self._flush: self.configuration.flushes,
            self._crash_process: self.configuration.process_crashes,
            self._crash_site: self.configuration.site_crashes,
            self._suspect_wrongly: self.configuration.wrong_suspicions,
            self._join: self.configuration.joins,
            self._leave: self.configuration.leaves,
            self._kill: self.configuration.kills,
            self._recover: self.configuration.recoveries,
            self._delay: self.configuration.delays,
            self._migrate: self.configuration.migrations,
            self._cut: self.configuration.cuts,
        }
        for what, times in plan.items():
            for _ in range(times):
                self._at(self.chance.randint(1, self.configuration.storm_ms), what)

    def _multicast(self, kind: str) -> None:
        process = self._choose(self.world.processes())
        if process is None:
            return
        to = self._destinations(process)
        believed = tuple((g, self.world.look_up(process, g)) for g in to if g.kind is Kind.GROUP)
        self.payloads += 1
        payload = f"m{self.payloads}"
        self._make(moves.Multicast(process=process, to=to, payload=payload, kind=kind, cached=believed))

    def _destinations(self, process: Address) -> tuple[Address, ...]:
        """Mostly a group of the process; else another one, or a mixed list."""
        own = [group for member, group in self.world.memberships() if member == process]
        groups = self.world.groups()
        if own and self.chance.random() < 0.6:
            return (self.chance.choice(own),)
        if groups and self.chance.random() < 0.5:
            return (self.chance.choice(groups),)
        some = self.chance.sample(groups, min(len(groups), self.chance.randint(0, 2)))
        others = self.world.processes()
        return (*sorted(some), *sorted(self.chance.sample(others, min(len(others), self.chance.randint(1, 2)))))

    def _configure(self) -> None:
        if membership := self._choose(self.world.memberships()):
            process, group = membership
            self.payloads += 1
            value = f"c{self.payloads}"
            self._make(moves.ConfigureGroup(process=process, group=group, key="key", value=value))

    def _flush(self) -> None:
        if process := self._choose(self.world.processes()):
            self.tickets += 1
            self._make(moves.CallFlush(process=process, ticket=self.tickets))

    def _leave(self) -> None:
        if membership := self._choose(self.world.memberships()):
            self._make(moves.LeaveGroup(process=membership[0], group=membership[1]))

    def _kill(self) -> None:
        if membership := self._choose(self.world.memberships()):
            self._make(moves.KillGroup(process=membership[0], group=membership[1]))

    def _join(self) -> None:
        """A new process joins, or one that runs joins one more group; now and then with wrong credentials."""
        process = self._choose(self.world.processes())
        if process is None or self.chance.random() < 0.5:
            site = self._choose(self.world.operational())
            if site is None:
                return
            process = self._next_process(site)
            self._make(moves.StartProcess(process=process))
        name = f"group {self.chance.randint(1, self.configuration.groups)}"
        credentials = CREDENTIALS if self.chance.random() < 0.9 else "none"
        self._make_join(process, name, credentials)

    def _migrate(self) -> None:
        """A member goes to another site: a new process joins with the state, and it leaves when that is done."""
        sharing = [key for key in self.world.memberships() if key in self.world.states]
        if (moving := self._choose(sharing)) is None:
            return
        site = self._choose([site for site in self.world.operational() if site != moving[0].at])
        if site is None or (group := self.world.sites[site].groups.directory.get(moving[1])) is None:
            return
        process = self._next_process(site)
        self._make(moves.StartProcess(process=process))
        joins = moves.JoinGroup(
            process=process, name=group.name, credentials=CREDENTIALS, create=False, with_state=True
        )
        self._make(joins)
        self.moving[process, group.address] = moving[0]

    def _leave_behind(self) -> None:
        """Those leave whose place another process has taken."""
        for (process, group), old in list(self.moving.items()):
            if (process, group) in self.world.within:
                del self.moving[process, group]
                if (old, group) in self.world.within:
                    self._make(moves.LeaveGroup(process=old, group=group))

    def _crash_process(self) -> None:
        if process := self._choose(self.world.processes()):
            self._make(moves.CrashProcess(process=process))

    def _crash_site(self) -> None:
        site = self._choose(sorted(self.world.sites))
        if site is None:
            return
        if self.chance.random() < 0.5:
            self._make(moves.CrashDuring(site=site, effects=self.chance.randint(0, 6)))
            return
        lost = tuple(
            (destination, self.chance.randint(1, packets))
            for destination in sorted(self.world.sites)
            if (packets := self.world.network.waiting(site, destination)) and self.chance.random() < 0.5
        )
        self._make(moves.CrashSite(site=site, lost=lost))

    def _suspect_wrongly(self) -> None:
        site = self._choose(self.world.operational())
        view = self.world.sites[site].views.view if site else None
        if site is None or view is None:
            return
        if suspected := self._choose([other for other in view.sites if other != site]):
            self.counts["wrong suspicion"] += 1
            self._make(moves.Suspect(site=site, suspected=suspected))
            if self.chance.random() < 0.5:
                after = self.chance.randint(1, 100)
                self._at(self.now_ms + after, partial(self._trust, site, suspected))

    def _trust(self, site: Address, suspected: Address) -> None:
        if site in self.world.sites and suspected in self.world.sites[site].views.suspects:
            self._make(moves.Trust(site=site, suspected=suspected))

    def _recover(self) -> None:
        """A site that is down comes back; if none is, a new one is set up."""
        down = sorted(number for number in self.incarnations if all(site.site != number for site in self.world.sites))
        number = self._choose(down) or max(self.incarnations) + 1
        contacts = tuple(self.world.operational())
        if contacts:
            site = self._next_site(number)
            self._make(moves.StartSite(site=site, contacts=contacts))
            self._at(self.now_ms + self.chance.randint(200, 600), partial(self._start_at, site))

    def _start_at(self, site: Address) -> None:
        if site in self.world.operational():
            process = self._next_process(site)
            self._make(moves.StartProcess(process=process))
            self._join_groups(process, self.configuration.memberships)

    def _delay(self) -> None:
        datagrams = self.world.datagrams.in_flight.values()
        busy = sorted({(datagram.source, datagram.destination) for datagram in datagrams})
        if channel := self._choose(self.world.network.arriving() or busy):
            delay_ms = self.chance.randint(50, 400)
            self.arrival_ms[channel] = max(self.arrival_ms.get(channel, 0), self.now_ms + delay_ms)
            self._make(moves.Delay(source=channel[0], destination=channel[1], delay_ms=delay_ms))

    # -- Cuts -----------------------------------------------------------------------------------

    def _cut(self) -> None:
        """For a time some sites are cut off from others: one from another, or all on two sides; or only one way."""
        sites = sorted(self.world.sites)
        if len(sites) < 2:
            return
        self.chance.shuffle(sites)
        if self.chance.random() < 0.5:
            one, other = sites[:1], sites[1:2]
        else:
            middle = self.chance.randint(1, len(sites) - 1)
            one, other = sites[:middle], sites[middle:]
        channels = [(source, destination) for source in sorted(one) for destination in sorted(other)]
        if self.chance.random() < 0.7:
            channels += [(destination, source) for source, destination in channels]
        for source, destination in channels:
            if (source, destination) not in self.world.cut:
                self._make(moves.Cut(source=source, destination=destination))
        self._at(self.now_ms + self.chance.randint(200, 2000), partial(self._heal, channels))

    def _heal(self, channels: list[tuple[Address, Address]]) -> None:
        for source, destination in channels:
            if (source, destination) not in self.world.cut:
                continue  # it was cut twice, and is healed
            self._make(moves.Heal(source=source, destination=destination))
            for _ in range(self.world.network.waiting(source, destination)):
                self._schedule_arrival(source, destination)

    def _heal_all(self) -> None:
        self._heal(sorted(self.world.cut))

    # -- The calm -------------------------------------------------------------------------------

    def _detect(self, calm: bool) -> None:
        """Have each site suspect, soon, what has crashed; and in the calm trust what works."""
        for site in self.world.operational():
            state = self.world.sites[site].views
            for other in state.current.sites:
                reached = (other, site) not in self.world.cut
                works, suspected = other in self.world.sites and reached, other in state.suspects
                if works == suspected and (calm or not works) and (site, other) not in self.detections:
                    self.detections.add((site, other))
                    after = self.chance.randint(1, 2 * self.DETECT_MS)
                    self._at(self.now_ms + after, partial(self._detected, site, other))

    def _at_rest(self) -> bool:
        """Nothing is left to happen, or the majority is lost and nothing under way."""
        waits = self._blocked() or len(self.agenda) == self.of_links
        return waits and not self.world.network.arriving() and not self._under_way_over_links()

    def _under_way_over_links(self) -> bool:
        """Between sites that work something other than heartbeats waits in a link, or is not acknowledged."""
        return any(
            linked.under_way(to) for site, linked in self.world.linked.items() for to in self.world.sites if to != site
        )

    def _detected_all(self) -> bool:
        """Nothing but heartbeats is under way, and the sites' own detectors are right; heartbeats never end."""
        packets = (packet for channel in self.world.network.channels.values() for packet in channel)
        if self._under_way_over_links() or not all(isinstance(packet, Heartbeat) for packet in packets):
            return False
        for site in self.world.operational():
            state = self.world.sites[site].views
            if set(state.suspects) != {other for other in state.current.sites if other not in self.world.sites}:
                return False
        return self._blocked() or not self._unsettled()

    def _detected(self, site: Address, other: Address) -> None:
        self.detections.discard((site, other))
        if site not in self.world.operational():
            return
        if other in self.world.sites and (other, site) not in self.world.cut:
            self._trust(site, other)
        else:
            self._make(moves.Suspect(site=site, suspected=other))

    def _outcome(self) -> Outcome:
        reason = self._unsettled()
        blocked = bool(reason) and self._blocked()
        return Outcome(
            blocked=blocked,
            settled=not reason,
            unsettled="" if blocked else reason,
            counts=dict(sorted(self.counts.items())),
            virtual_ms=self.now_ms,
        )

    def _blocked(self) -> bool:
        """In each view that some site is in, no majority of its sites is left that is in it too."""
        views = {state.views.view.id: state.views.view for state in self.world.sites.values() if state.views.view}
        if not views:
            return True
        latest = views[max(views)]
        left = [site for site in latest.sites if site in self.world.sites]
        return 2 * len(left) <= len(latest.sites)

    def _unsettled(self) -> str:
        """What has not come to rest, in words, or nothing."""
        views = {site: state.views.view for site, state in sorted(self.world.sites.items())}
        if not views:
            return "no site is left"
        if len({view.id if view else 0 for view in views.values()}) > 1:
            return f"the sites are in different views: { {str(s): v.id if v else 0 for s, v in views.items()} }"
        view = next(iter(views.values()))
        if view is None or set(view.sites) != set(views):
            return f"the view has the sites {view.sites if view else ()}, and {tuple(views)} work"
        return self._unfinished()

    def _unfinished(self) -> str:
        """What a site still waits for, or where the sites differ about the groups, in words, or nothing."""
        directories = set()
        for who, site in sorted(self.world.sites.items()):
            if site.multicasts.frozen or site.multicasts.received:
                return f"{who} waits for others to receive, or for a view: {sorted(site.multicasts.received)}"
            if waits := site.groups.waits_for():
                return f"{who} waits for: {waits}"
            if waiting := site.transfers.waiting():
                return f"at {who}, {sorted(waiting)} wait for the state of a group"
            if site.flushes:
                return f"at {who}, calls of flush have not returned: {sorted(site.flushes.values())}"
            directories.add(tuple(group for _, group in sorted(site.groups.directory.items())))
        if len(directories) > 1:
            return "the sites differ about the groups"
        members = {(p, group.address) for group in next(iter(directories)) for p in group.view.members}
        if members != set(self.world.memberships()):
            return f"the groups have the members {sorted(members)}, but {self.world.memberships()} are in views"
        return ""

    # -- Helpers --------------------------------------------------------------------------------

    def _choose(self, options: list[T]) -> T | None:
        return self.chance.choice(options) if options else None

    def _next_site(self, number: int) -> Address:
        self.incarnations[number] += 1
        return Address.of_site(number, self.incarnations[number])

    def _next_process(self, site: Address) -> Address:
        self.numbers[site] += 1
        return site.process(self.numbers[site])

    def _count(self, on_line: Callable[[Line], None] | None) -> Callable[[Line], None]:
        def counted(line: Line) -> None:
            kind = next((key for key in ("event", "action") if key in line), None)
            if kind:
                self.counts[f"{kind} {line[kind]}"] += 1
            if on_line is not None:
                on_line(line)

        return counted
