"""The world: sites, the network between them, and the moves that the environment makes.

A world has no clock and no chance in it.  ``make`` carries out one move, and everything that
follows at once; what was done is recorded as lines of a trace.  The same moves make the same
world, line for line.

Spec: the environment of Flush, SiteViews and Groups; service events as in VSProperties.
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from attrs import frozen

from vsync.actions import ActionTaken
from vsync.effects import (
    Cease,
    CompleteFlush,
    CorrectCache,
    Deliver,
    ForProcess,
    GiveState,
    InstallView,
    Kill,
    LackDestinations,
    Leave,
    OpenBulk,
    Reconfigure,
    RecordMulticast,
    RecordSiteView,
    Refuse,
    SendDatagram,
    SendToSite,
    SetTimer,
    SetTimerFor,
    SiteEffect,
    StateLost,
    TakeState,
    ToProcess,
)
from vsync.errors import InputError
from vsync.failure_detector import Pace
from vsync.linked_site import LinkedEffect, LinkedSite
from vsync.messages import ProcessMessage, StateBlock
from vsync.monitors import Notify
from vsync.sim import moves
from vsync.sim.application import Applications, State
from vsync.sim.moves import Move, move_as_json
from vsync.sim.network import Channel, DatagramNetwork, Network
from vsync.site import Site
from vsync.state_transfer import Limits
from vsync.types import Address, Kind, SiteView, View

Asked = (
    moves.CreateGroup | moves.JoinGroup | moves.LeaveGroup | moves.KillGroup
    | moves.ConfigureGroup | moves.Multicast | moves.CallFlush
)  # fmt: skip
Line = dict[str, Any]

#: What a trace has as the group of the sites themselves, whose views are views like others.
SITES = "sites"

#: Actions of the specification that the environment takes, not a machine.
ENVIRONMENT_ACTIONS = {"Flush!Crash": "vsync.sim.world.World", "SiteViews!Crash": "vsync.sim.world.World"}


@frozen(kw_only=True)
class Sent:
    """A packet has been put on its way, or the datagram of this number."""

    source: Address
    destination: Address
    datagram: int | None = None


@frozen(kw_only=True)
class BulkOpened:
    """So many blocks are on their way to who joins a group, in a channel of their own."""

    process: Address
    group: Address
    blocks: int


@frozen(kw_only=True)
class TimerSet:
    """A timer has been set."""

    owner: Address
    timer: SetTimer


News = Sent | BulkOpened | TimerSet


class World:
    """Sites and processes, driven by moves.

    Arguments: ``recording``, whether protocol actions are written into the trace too;
    ``on_line``, called with each line of the trace as it comes; ``pace``, if the sites are to detect
    failures themselves, for which each move has to say in ``at_ms`` what time it is; ``links``, whether the
    packets between sites go over links and datagrams, for which it has to do so too;
    ``limits``, of state transfers; ``applications``, what runs at the processes.
    """

    def __init__(
        self,
        *,
        recording: bool = True,
        on_line: Callable[[Line], None] | None = None,
        pace: Pace | None = None,
        links: bool = False,
        limits: Limits | None = None,
        applications: Applications | None = None,
    ) -> None:
        self.applications = applications or Applications()
        self.recording = recording
        self.pace = pace
        self.links = links
        self.limits = limits
        self.now_ms = 0
        self.on_line = on_line
        self.sites: dict[Address, Site] = {}
        self.linked: dict[Address, LinkedSite] = {}  # the same sites, if they have links
        self.network = Network()
        self.datagrams = DatagramNetwork()
        self.cut: set[Channel] = set()
        self.primaries: dict[int, SiteView] = {}  # the site views that any site has been in, by number
        self.timers: set[tuple[Address, str]] = set()
        self.crash_after: dict[Address, int] = {}
        self.gone: set[Address] = set()  # sites and processes that have crashed or ceased
        self.within: dict[tuple[Address, Address], View] = {}  # the views that processes are in, by process and group
        self.caches: dict[tuple[Address, Address], int] = {}  # the number of the view in which a process believes
        self.monitors: dict[tuple[Address, int], Callable[[Notify], None]] = {}  # by site and ticket
        self.flushed: set[tuple[Address, int]] = set()  # calls of flush that have returned
        self.states: dict[tuple[Address, Address], State] = {}  # by process and group
        self.bulk: dict[tuple[Address, Address], deque[StateBlock]] = {}  # under way, by joiner and group
        self._cut: list[tuple[TakeState, tuple[bytes, ...]]] = []  # states that were taken, for the site to know
        self._group_of: dict[ProcessMessage, Address | None] = {}  # the group whose member multicast it, to it alone
        self._unsafe: dict[Address, list[ProcessMessage]] = {}  # what a process multicast since its last flush
        self._news: list[News] = []

    # -- Looking --------------------------------------------------------------------------------

    def processes(self) -> list[Address]:
        """The processes that run, whether members of groups or not."""
        return sorted(process for site in self.sites.values() for process in site.processes)

    def memberships(self) -> list[tuple[Address, Address]]:
        """Who is in which group, as processes and groups."""
        return sorted(self.within)

    def groups(self) -> list[Address]:
        """The groups that some process is in."""
        return sorted({group for _, group in self.within})

    def operational(self) -> list[Address]:
        """The sites that run and are in a view."""
        return sorted(site for site, state in self.sites.items() if state.views.known)

    def look_up(self, process: Address, group: Address) -> int:
        """The number of the group's view in which a process believes: looked up once, and kept.

        What is kept goes stale; with a multicast it goes to the site, which corrects it.
        """
        directory = self.sites[process.at].groups.directory
        now = directory[group].view.id if group in directory else 0
        return self.caches.setdefault((process, group), now)

    def monitor(self, site: Address, ticket: int, routine: Callable[[Notify], None]) -> None:
        """Call a routine with what the monitor of this ticket, set at this site, is told.

        Paper: Birman and Joseph 1987, section 3.2.
        """
        self.monitors[site, ticket] = routine

    # -- Moves ----------------------------------------------------------------------------------

    def make(self, move: Move, **notes: Any) -> list[News]:
        """Carry out a move and all that follows from it at once.

        Arguments: the move; notes for the reader of the trace, such as the virtual time.
        Returns what was put on its way and which timers were set, in order.
        Errors: ``InputError`` if the move cannot be made in this world.
        """
        self._news = []
        self.now_ms = int(notes.get("at_ms", self.now_ms))
        if self.recording:
            self._record(move_as_json(move) | notes)
        try:
            self._dispatch(move)
        except KeyError as error:
            raise InputError(f"this move cannot be made here: {move}; there is no {error}") from error
        return self._news

    def _dispatch(self, move: Move) -> None:
        match move:
            case moves.Found(sites=sites):
                self._found(sites)
            case moves.Arrive(source=source, destination=destination):
                if (source, destination) in self.cut:
                    raise InputError(f"nothing passes from {source} to {destination} until it is healed")
                payload = self.network.take(source, destination)
                self._carry_out(destination, self.sites[destination].received(source, payload, self.now_ms))
            case moves.ArriveBlock(process=process, group=group):
                block = self.bulk[process, group].popleft()
                if not self.bulk[process, group]:
                    del self.bulk[process, group]
                self._carry_out(process.at, self.sites[process.at].bulk_received(block))
            case moves.BreakBulk(process=process, group=group, kept=kept):
                del self.bulk[process, group]
                self._carry_out(process.at, self.sites[process.at].bulk_broken(process, group, kept=kept))
            case moves.Delay():
                pass  # the order of the moves that follow is all there is to a delay
            case moves.ArriveDatagram(datagram=number):
                datagram = self.datagrams.take(number)
                linked = self.linked[datagram.destination]
                self._perform(datagram.destination, linked.datagram_received(datagram.data, self.now_ms))
            case moves.LoseDatagram(datagram=number):
                self.datagrams.take(number)
            case moves.DuplicateDatagram(source=source, destination=destination, datagram=number):
                other = self.datagrams.duplicate(number)
                self._news.append(Sent(source=source, destination=destination, datagram=other))
            case moves.DamageDatagram(datagram=number, left=left, bit=bit):
                self.datagrams.damage(number, left, bit)
            case moves.Cut(source=source, destination=destination):
                self.cut.add((source, destination))
                self.datagrams.cut(source, destination)
            case moves.Heal(source=source, destination=destination):
                self.cut.remove((source, destination))
            case moves.Fire(owner=owner, timer=timer):
                self.timers.discard((owner, timer))
                if owner in self.linked:
                    self._perform(owner, self.linked[owner].timer_fired(timer, self.now_ms))
                elif owner in self.sites:
                    self._carry_out(owner, self.sites[owner].timer_fired(timer, self.now_ms))
            case moves.StartProcess(process=process):
                self._new(process)
                self._event("mark", process, label="starts")
                self._carry_out(process.at, self.sites[process.at].start(process))
            case moves.StartSite(site=site, contacts=contacts):
                self._new(site)
                self._set_up(self._site(site))
                self._carry_out(site, self.sites[site].join(contacts))
            case moves.CrashProcess(process=process):
                noticed = self.sites[process.at].process_crashed(process)
                self._process_gone(process)
                self._carry_out(process.at, noticed)
            case moves.CrashSite(site=who, lost=lost):
                self._crash_site(who)
                for destination, packets in lost:
                    self.network.shorten(who, destination, packets)
            case moves.CrashDuring(site=who, effects=count):
                if who not in self.sites:
                    raise KeyError(who)
                self.crash_after[who] = count
            case moves.Suspect(site=who, suspected=suspected):
                self._carry_out(who, self.sites[who].suspect(suspected))
            case moves.Trust(site=who, suspected=suspected):
                self._carry_out(who, self.sites[who].trust(suspected))
            case _:
                self._carry_out(move.process.at, self._asked(self.sites[move.process.at], move))

    def _asked(self, site: Site, move: Asked) -> list[SiteEffect]:
        """Have a process ask its site for something."""
        match move:
            case moves.CreateGroup(process=process, name=name, credentials=credentials):
                return site.create_group(process, name, credentials)
            case moves.JoinGroup(process=process, name=name, credentials=credentials):
                self._event("mark", process, label="would join", name=name)
                return site.join_group(process, name, credentials, create=move.create, with_state=move.with_state)
            case moves.LeaveGroup(process=process, group=group):
                return site.leave_group(process, group)
            case moves.KillGroup(process=process, group=group):
                return site.kill_group(process, group)
            case moves.ConfigureGroup(process=process, group=group, key=key, value=value):
                return site.configure(process, group, key, value)
            case moves.Multicast(process=process, to=to, payload=payload, kind=kind, cached=cached):
                return site.multicast(process, to, payload, kind, cached)
            case moves.CallFlush(process=process, ticket=ticket):
                return site.flush(process, ticket)

    def _found(self, sites: tuple[Address, ...]) -> None:
        founding = SiteView(id=1, sites=sites)
        for site in sites:
            self._new(site)
            self._set_up(self._site(site, founding))
        for site in sites:
            self._carry_out(site, self.sites[site].found(self.now_ms))

    def _site(self, who: Address, founding: SiteView | None = None) -> Site:
        return Site(who, founding, recording=self.recording, pace=self.pace, limits=self.limits)

    def _set_up(self, site: Site) -> None:
        self.sites[site.who] = site
        if self.links:
            self.linked[site.who] = LinkedSite(site, recording=self.recording)

    # -- Effects --------------------------------------------------------------------------------

    def _carry_out(self, site: Address, effects: list[SiteEffect]) -> None:
        """Carry out the effects of a site's step; what goes to other sites goes over its links, if it has any."""
        linked = self.linked.get(site)
        self._perform(site, linked.outgoing(effects, self.now_ms) if linked else [*effects])

    def _perform(self, site: Address, effects: list[LinkedEffect]) -> None:
        """Carry out the effects of a step, in order, unless a crash strikes among them.

        What is only recorded does not count: the world is the same whether it is recorded or not.
        """
        real = sum(not isinstance(effect, ActionTaken) for effect in effects)
        strike = self.crash_after.pop(site, None) if real else None
        for effect in effects:
            if strike == 0:
                break
            if strike is not None and not isinstance(effect, ActionTaken):
                strike -= 1
            self._effect(site, effect)
        if strike is not None and site in self.sites:
            self._crash_site(site)
        while self._cut:
            taking, blocks = self._cut.pop(0)
            if site in self.sites:
                taken = self.sites[site].state_taken(taking.process, taking.group, taking.view, blocks)
                self._carry_out(site, taken)
        if site in self.sites:
            self._check_primary(site)

    def _check_primary(self, site: Address) -> None:
        """No site is in another view than the others are under the same number: there is one primary component."""
        view = self.sites[site].views.view
        if view is not None:
            first = self.primaries.setdefault(view.id, view)
            assert first.sites == view.sites, (
                f"two primary components: {site} is in the site view {view.id} of {view.sites}, "
                f"and others in that of {first.sites}"
            )

    def _effect(self, site: Address, effect: LinkedEffect) -> None:
        match effect:
            case ActionTaken():
                self._record(_action_line(effect))
            case SendToSite(to=to, payload=payload):
                if to in self.sites:
                    self.network.send(site, to, payload)
                    self._news.append(Sent(source=site, destination=to))
            case SendDatagram(to=to, data=data):
                if to in self.sites and (site, to) not in self.cut:
                    number = self.datagrams.send(site, to, data)
                    self._news.append(Sent(source=site, destination=to, datagram=number))
            case SetTimerFor(owner=owner, timer=timer):
                self.timers.add((owner, timer.timer))
                self._news.append(TimerSet(owner=owner, timer=timer))
            case ForProcess(process=process, effect=for_process):
                self._for_process(process, for_process)
            case TakeState():
                self._take_state(effect)
            case GiveState(process=process, group=group, view=view_number, blocks=blocks, origin=origin):
                state = self.applications.restore(process, group, blocks, origin)
                self.states[process, group] = state
                self._show_state(process, group, view_number, state)
            case StateLost(process=process, group=group, origin=origin):
                self.states[process, group] = self.applications.begin(process, group, origin)
                self._event("mark", process, label="founds the state anew", of=str(group))
            case OpenBulk(process=process, group=group, blocks=blocks_sent):
                if process.at in self.sites:
                    self.bulk[process, group] = deque(blocks_sent)
                    self._news.append(BulkOpened(process=process, group=group, blocks=len(blocks_sent)))
            case RecordSiteView(view=view):
                self._event("install", site, group=SITES, view=view.as_json())
            case Notify(ticket=ticket):
                if (site, ticket) in self.monitors:
                    self.monitors[site, ticket](effect)
            case Cease():
                self._stop(site)

    def _for_process(self, process: Address, effect: ToProcess) -> None:
        match effect:
            case RecordMulticast(message=ProcessMessage() as message):
                self._multicast(process, message)
            case Deliver(message=ProcessMessage() as message):
                group = self._group_of[message]
                within = {} if group is None else {"group": str(group)}
                self._event("deliver", process, message=str(message.id), sender=str(message.id.sender), **within)
                for to in message.to:
                    if (process, to) in self.states:
                        self.states[process, to].deliver(message)
            case InstallView(view=view, group=group):
                assert group is not None
                self.within[process, group] = view
                if view.id == 1:
                    self.states[process, group] = self.applications.begin(process, group)
                self._event("install", process, group=str(group), view=view.as_json())
                if (process, group) in self.states:
                    self.states[process, group].installed(view)
            case Leave(group=group):
                del self.within[process, group]
                self.states.pop((process, group), None)
                self._event("leave", process, group=str(group))
            case CompleteFlush(ticket=ticket):
                self.flushed.add((process, ticket))
                self._safe(process)
                self._event("mark", process, label="flush returns", ticket=ticket)
            case Refuse(name=name, reason=reason):
                self._event("mark", process, label="is refused", name=name, reason=reason)
            case CorrectCache(group=group, view=view):
                self.caches[process, group] = view.id
                self._event("mark", process, label="is corrected", of=str(group), view=view.as_json())
            case LackDestinations(to=to, payload=payload):
                self._event("mark", process, label="lacks destinations", to=list(map(str, to)), payload=payload)
            case Reconfigure(group=group, key=key, value=value):
                self._event("mark", process, label="is configured", of=str(group), key=key, value=value)
            case Kill(group=group):
                self._event("mark", process, label="is killed", of=str(group))
                self._process_gone(process)
            case _:
                raise AssertionError(f"a site hands over what processes multicast; {effect} came")

    def _take_state(self, effect: TakeState) -> None:
        """The process cuts its state into blocks, here and now; its site learns of it when this step is done."""
        state = self.states[effect.process, effect.group]
        self._cut.append((effect, state.blocks()))
        self._show_state(effect.process, effect.group, effect.view, state)

    def _show_state(self, process: Address, group: Address, view: int, state: State) -> None:
        """Write down the state at a view, unless the group had another one then, which is lost."""
        if view > state.origin:
            self._event("state", process, group=str(group), view=view, state=state.digest())

    def _multicast(self, process: Address, message: ProcessMessage) -> None:
        """A member that multicasts to its group alone names the group; all else goes to a list."""
        alone = message.to[0] if len(message.to) == 1 and (process, message.to[0]) in self.within else None
        self._group_of[message] = alone
        self._unsafe.setdefault(process, []).append(message)
        where = {"to": list(map(str, message.to))} if alone is None else {"group": str(alone)}
        how = {} if message.kind == "cbcast" else {"primitive": message.kind}
        self._event("multicast", process, message=str(message.id), payload=message.payload, **where, **how)

    def _safe(self, process: Address) -> None:
        """All that the process has multicast before is stable."""
        for message in self._unsafe.pop(process, ()):
            group = self._group_of[message]
            within = {} if group is None else {"group": str(group)}
            self._event("safe", process, message=str(message.id), **within)

    # -- Failures -------------------------------------------------------------------------------

    def _process_gone(self, process: Address) -> None:
        self.gone.add(process)
        for key in [key for key in self.within if key[0] == process]:
            del self.within[key]
        for key in [key for key in self.states if key[0] == process]:
            del self.states[key]
        for key in [key for key in self.bulk if key[0] == process]:
            del self.bulk[key]
        self._event("crash", process)

    def _crash_site(self, who: Address) -> None:
        if who not in self.sites:
            raise KeyError(who)
        for action in sorted(ENVIRONMENT_ACTIONS):
            self._record({"action": action, "site": str(who), "arguments": {}, "variables": {}})
        self._stop(who)

    def _stop(self, who: Address) -> None:
        """A site is no more, and its processes with it."""
        site = self.sites.pop(who)
        self.linked.pop(who, None)
        self.gone.add(who)
        self.crash_after.pop(who, None)
        for process in site.processes:
            self._process_gone(process)
        self._event("crash", who)
        self.timers = {timer for timer in self.timers if timer[0] != who}
        self.network.deafen(who)
        self.datagrams.deafen(who)

    # -- Helpers --------------------------------------------------------------------------------

    def _new(self, who: Address) -> None:
        running = self.sites if who.kind is Kind.SITE else self.processes()
        if who in self.gone or who in running:
            raise InputError(f"{who} has run before; after a crash a new incarnation or number is needed")

    def _event(self, event: str, process: Address, **fields: Any) -> None:
        self._record({"event": event, "process": str(process)} | fields)

    def _record(self, line: Line) -> None:
        if self.on_line is not None and (self.recording or "event" in line):
            self.on_line(line)


def _action_line(taken: ActionTaken) -> Line:
    who = "site" if taken.who.kind is Kind.SITE else "process"
    return {
        "action": taken.name,
        who: str(taken.who),
        **({"group": str(taken.group)} if taken.group else {}),
        "arguments": taken.arguments,
        "variables": taken.variables,
    }
