"""A group of processes that run an application on simulated sites, and what may happen to it.

Sites found the system, a process at each of them joins the group; then whoever tests asks processes for
multicasts, has packets arrive, crashes, suspects, recovers. Nothing happens by itself: packets wait until they are
told to arrive, one channel at a time or everywhere. ``settle`` is the kind environment that lets all come to rest.

Every service event is judged as it happens; what breaks a guarantee raises ``GuaranteeViolated``. At each view the
states of all that install it are compared, as they are before anything is delivered there; if they differ,
``ReplicasDiffer`` is raised. Virtual synchrony promises that they do not, to an application that is deterministic
and, where messages do not commute, has them ordered.

Spec: none; the environment's moves are those of ``vsync.sim.moves``.
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path

from vsync.check.judge import GuaranteeViolated
from vsync.check.live import LiveJudge
from vsync.check.trace import Header
from vsync.check.writer import TraceWriter
from vsync.errors import InputError
from vsync.messages import ProcessMessage
from vsync.sim import moves
from vsync.sim.application import Applications, Blocks, State
from vsync.sim.moves import Move
from vsync.sim.world import Line, World
from vsync.state_transfer import Limits
from vsync.testing.application import Application, Call
from vsync.types import Address, View

NAME = "group"
BLOCK_BYTES = 64
#: Small ones, so that some states go through a channel of their own, and others do not.
LIMITS = Limits(window=2, bulk_bytes_min=3 * BLOCK_BYTES)
ROUNDS_MAX = 500


class ReplicasDiffer(AssertionError):
    """Two members of the group have different states where virtual synchrony promises the same."""


class SimulatedGroup:
    """A group that runs an application.

    Arguments: ``application`` makes one for a process; ``sites``, how many found the system, with one member each.
    """

    def __init__(self, application: Callable[[Address], Application], *, sites: int = 3) -> None:
        header = Header(source="vsync.testing", configuration={"sites": sites})
        self.lines: list[Line] = []
        self.header = header
        self._judge = LiveJudge(header, name="the simulated group")
        self._replicas = _Replicas(application)
        self.world = World(recording=False, on_line=self._observe, limits=LIMITS, applications=self._replicas)
        self._incarnations: Counter[int] = Counter()
        self._numbers: Counter[Address] = Counter()
        self._contacts: dict[Address, tuple[Address, ...]] = {}
        founders = tuple(self._next_site(number) for number in range(1, sites + 1))
        self._make(moves.Found(sites=founders))
        for site in founders:
            self.join(site)
        self.settle()

    # -- Looking --------------------------------------------------------------------------------

    @property
    def address(self) -> Address | None:
        """The address of the group, if it has a member."""
        return next(iter(self.world.groups()), None)

    def members(self) -> list[Address]:
        """The processes that are in a view of the group."""
        return [process for process, _ in self.world.memberships()]

    def replicas(self) -> dict[Address, Application]:
        """The applications of the members that share the state."""
        states = {process: state for (process, _), state in sorted(self.world.states.items())}
        return {p: state.application for p, state in states.items() if isinstance(state, _Replica)}

    def view_of(self, process: Address) -> View:
        """The view that a member is in."""
        return next(view for (member, _), view in self.world.within.items() if member == process)

    def sites(self) -> list[Address]:
        """The sites that run and have a view."""
        return self.world.operational()

    def channels(self) -> list[tuple[Address, Address]]:
        """From which sites to which others packets are under way."""
        return self.world.network.arriving()

    def majority_left(self) -> bool:
        """Whether of the latest view of the sites more than half run: if not, all that is left waits."""
        views = [state.views.view for state in self.world.sites.values() if state.views.view is not None]
        latest = set(max(views, key=lambda view: view.id).sites) if views else set()
        return 2 * len(latest & self.world.sites.keys()) > len(latest)

    def may_crash(self, site: Address) -> bool:
        """Whether a majority of each view would be left without this site."""
        lasting = self.world.sites.keys() - self.world.crash_after.keys() - {site}
        views = [state.views.view for state in self.world.sites.values() if state.views.view is not None]
        return all(2 * len(lasting & set(view.sites)) > len(view.sites) for view in views)

    # -- What the application is asked for --------------------------------------------------------

    def call(self, process: Address, call: Call) -> None:
        """A member multicasts to the group, and goes on at once."""
        group = self.address
        if group is None or (process, group) not in self.world.within:
            raise InputError(f"expected a member of the group, came {process}: choose from {self.members()}")
        self._make(moves.Multicast(process=process, to=(group,), payload=call.payload, kind=call.kind))

    def join(self, site: Address) -> Address:
        """A new process starts at a site, and joins the group with its state; returns its address."""
        self._numbers[site] += 1
        process = site.process(self._numbers[site])
        self._make(moves.StartProcess(process=process))
        self._make(moves.JoinGroup(process=process, name=NAME, with_state=True))
        return process

    def leave(self, process: Address) -> None:
        """A member leaves the group."""
        for member, group in self.world.memberships():
            if member == process:
                self._make(moves.LeaveGroup(process=process, group=group))

    # -- What happens to it -----------------------------------------------------------------------

    def arrive(self, source: Address, destination: Address, packets: int = 1) -> None:
        """The next packets from one site to another arrive, as far as there are any."""
        for _ in range(packets):
            if self.world.network.waiting(source, destination):
                self._make(moves.Arrive(source=source, destination=destination))

    def arrive_everywhere(self, but: frozenset[tuple[Address, Address]] = frozenset()) -> bool:
        """One packet arrives in each channel, but for those that are held up; returns whether there was any."""
        arriving = [channel for channel in self.channels() if channel not in but]
        for source, destination in arriving:
            self.arrive(source, destination)
        blocks = sorted(self.world.bulk)
        for process, group in blocks:
            if (process, group) in self.world.bulk:
                self._make(moves.ArriveBlock(process=process, group=group))
        return bool(arriving or blocks)

    def fire(self) -> bool:
        """All timers go off; returns whether that set anything going."""
        going = [self._make(moves.Fire(owner=owner, timer=timer)) for owner, timer in sorted(self.world.timers)]
        return any(going)

    def crash(self, process: Address) -> None:
        """A process crashes; its site notices."""
        self._make(moves.CrashProcess(process=process))

    def crash_site(self, site: Address, after: int | None = None, lost: int = 0) -> None:
        """A site crashes, with all its processes.

        Arguments: ``after``, in the middle of its next step, after so many effects; or, at once, ``lost``: so many of
        the last packets under way to each other site have not been sent after all.
        """
        if after is not None:
            self._make(moves.CrashDuring(site=site, effects=after))
            return
        under_way = {q: self.world.network.waiting(site, q) for q in sorted(self.world.sites)}
        shortened = tuple((q, min(lost, packets)) for q, packets in under_way.items() if packets and lost)
        self._make(moves.CrashSite(site=site, lost=shortened))

    def break_bulk(self, *, kept: bool) -> None:
        """The channels of their own break through which states go; what has come is kept, or not."""
        for process, group in sorted(self.world.bulk):
            self._make(moves.BreakBulk(process=process, group=group, kept=kept))

    def recover(self, number: int) -> Address | None:
        """The site of this number, if it is down, starts as its next incarnation; returns its address."""
        contacts = tuple(self.sites())
        if not contacts or any(site.site == number for site in self.world.sites):
            return None
        site = self._next_site(number)
        self._contacts[site] = contacts
        self._make(moves.StartSite(site=site, contacts=contacts))
        return site

    def suspect(self, site: Address, suspected: Address) -> None:
        """A site suspects another, rightly or wrongly."""
        self._make(moves.Suspect(site=site, suspected=suspected))

    def trust(self, site: Address, suspected: Address) -> None:
        """It withdraws the suspicion."""
        self._make(moves.Trust(site=site, suspected=suspected))

    # -- Coming to rest ---------------------------------------------------------------------------

    def settle(self) -> None:
        """Let all arrive, have what is down suspected and what runs trusted, until nothing changes any more.

        Then all members are in one view, with the same state, if a majority of the sites is left.
        Errors: ``AssertionError`` if it does not come to rest.
        """
        for _ in range(ROUNDS_MAX):
            if not self._calm_round():
                break
        else:
            raise AssertionError(f"expected all to come to rest, but after {ROUNDS_MAX} rounds it has not")
        if self.majority_left():
            self._at_rest()

    def _calm_round(self) -> bool:
        if any([self.arrive_everywhere(), self._detect(), self._give_up_joining()]):
            return True
        joining = [site for site, state in self.world.sites.items() if not state.views.known]
        return self.fire() and (self.majority_left() or not joining)

    def _detect(self) -> bool:
        """Each site suspects what is down and trusts what runs; returns whether that changed anything."""
        changed = False
        for site in self.sites():
            state = self.world.sites.get(site)
            for other in state.views.current.sites if state is not None else ():
                if state is None or site not in self.world.sites or state.views.view is None:
                    break
                suspected, runs = other in state.views.suspects, other in self.world.sites
                if suspected == runs:
                    changed = True
                    (self.trust if runs else self.suspect)(site, other)
        return changed

    def _give_up_joining(self) -> bool:
        """Sites that join, and asked only sites that are no more, stop."""
        running = set(self.sites())
        waiting = [site for site, state in sorted(self.world.sites.items()) if state.views.view is None]
        hopeless = [site for site in waiting if running.isdisjoint(self._contacts.get(site, ()))]
        for site in hopeless:
            self.crash_site(site)
        return bool(hopeless)

    def _at_rest(self) -> None:
        views = {str(view) for view in self.world.within.values()}
        assert len(views) <= 1, f"the members are in different views: {sorted(views)}"
        origins: dict[int, tuple[Address, bytes]] = {}
        for (process, _), state in sorted(self.world.states.items()):
            assert isinstance(state, _Replica)
            other, bytes_of_other = origins.setdefault(state.origin, (process, state.application.state()))
            if state.application.state() != bytes_of_other:
                raise ReplicasDiffer(
                    f"at rest {process} has the state {state.application.state()!r}, "
                    f"and {other} has {bytes_of_other!r}; all has been delivered to both"
                )

    # -- Helpers --------------------------------------------------------------------------------

    def write(self, path: Path | str) -> None:
        """Write all that has happened as a trace, for ``vsync check``, ``vsync explain`` and ``vsync show``."""
        with TraceWriter(path, self.header) as writer:
            for line in self.lines:
                writer.write(line)

    def _next_site(self, number: int) -> Address:
        self._incarnations[number] += 1
        return Address.of_site(number, self._incarnations[number])

    def _make(self, move: Move) -> bool:
        """Make a move, then what the applications call for; returns whether that set anything going."""
        going = bool(self.world.make(move))
        while self._replicas.calls:
            process, call = self._replicas.calls.popleft()
            if process in self.members():
                self.call(process, call)
        return going

    def _observe(self, line: Line) -> None:
        self.lines.append(line)
        if violations := self._judge.observe(line):
            raise GuaranteeViolated(violations)


class _Replicas(Applications):
    """The applications, and what they have called for; the states at each view, to be compared."""

    def __init__(self, application: Callable[[Address], Application]) -> None:
        self.application = application
        self.calls: deque[tuple[Address, Call]] = deque()
        self.at_view: dict[tuple[int, int], tuple[Address, bytes]] = {}

    def begin(self, process: Address, group: Address, origin: int = 0) -> State:
        return _Replica(self, self.application(process), origin)

    def restore(self, process: Address, group: Address, blocks: Blocks, origin: int) -> State:
        replica = _Replica(self, self.application(process), origin)
        replica.application.restore(b"".join(blocks))
        return replica


class _Replica:
    """The application of one process, as the world knows states."""

    def __init__(self, replicas: _Replicas, application: Application, origin: int) -> None:
        self.replicas = replicas
        self.application = application
        self.origin = origin

    def installed(self, view: View) -> None:
        process, state = self.application.process, self.application.state()
        other, other_state = self.replicas.at_view.setdefault((view.id, self.origin), (process, state))
        if state != other_state:
            raise ReplicasDiffer(
                f"at view {view.id}, before anything is delivered there, {process} has the state {state!r}, "
                f"and {other} has {other_state!r}"
            )
        self._called(self.application.installed(view))

    def deliver(self, message: ProcessMessage) -> None:
        self._called(self.application.delivered(message.id.sender, message.payload))

    def blocks(self) -> Blocks:
        state = self.application.state()
        return tuple(state[begin : begin + BLOCK_BYTES] for begin in range(0, len(state), BLOCK_BYTES)) or (b"",)

    def digest(self) -> str:
        return hashlib.sha256(self.application.state()).hexdigest()[:16]

    def _called(self, calls: list[Call]) -> None:
        self.replicas.calls.extend((self.application.process, call) for call in calls)
