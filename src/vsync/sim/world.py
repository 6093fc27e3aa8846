"""The world: sites, the network between them, and the moves that the environment makes.

A world has no clock and no chance in it.  ``make`` carries out one move, and everything that
follows at once; what was done is recorded as lines of a trace.  The same moves make the same
world, line for line.

Spec: the environment of Flush and SiteViews; service events as in VSProperties.
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from vsync.actions import ActionTaken
from vsync.effects import (
    Cease,
    CompleteFlush,
    Deliver,
    ForProcess,
    InstallView,
    Leave,
    RecordMulticast,
    SendToSite,
    SetTimer,
    SetTimerFor,
    SiteEffect,
)
from vsync.errors import InputError
from vsync.failure_detector import Pace
from vsync.sim import moves
from vsync.sim.moves import Move, move_as_json
from vsync.sim.network import Network
from vsync.site import Site
from vsync.types import Address, Kind, SiteView, View

Line = dict[str, Any]

#: Actions of the specification that the environment takes, not a machine.
ENVIRONMENT_ACTIONS = {"Flush!Crash": "vsync.sim.world.World", "SiteViews!Crash": "vsync.sim.world.World"}


@frozen(kw_only=True)
class Sent:
    """A packet has been put on its way."""

    source: Address
    destination: Address


@frozen(kw_only=True)
class TimerSet:
    """A timer has been set."""

    owner: Address
    timer: SetTimer


class World:
    """Sites and processes, driven by moves.

    Arguments: ``recording``, whether protocol actions are written into the trace too;
    ``on_line``, called with each line of the trace as it comes; ``pace``, if the sites are to detect
    failures themselves, for which each move has to say in ``at_ms`` what time it is.
    """

    def __init__(
        self,
        *,
        recording: bool = True,
        on_line: Callable[[Line], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.recording = recording
        self.pace = pace
        self.now_ms = 0
        self.on_line = on_line
        self.sites: dict[Address, Site] = {}
        self.network = Network()
        self.timers: set[tuple[Address, str]] = set()
        self.crash_after: dict[Address, int] = {}
        self.gone: set[Address] = set()  # sites and processes that have crashed, ceased or left
        self.monitors: dict[Address, list[Callable[[View], None]]] = {}
        self.flushed: set[tuple[Address, int]] = set()  # calls of flush that have returned
        self._news: list[Sent | TimerSet] = []

    # -- Looking --------------------------------------------------------------------------------

    def processes(self) -> list[Address]:
        """The processes that run, whether members of the group already or not."""
        return sorted(process for site in self.sites.values() for process in site.processes)

    def members(self) -> list[Address]:
        """The processes that run, are in a view, and are not leaving."""
        return sorted(
            process
            for site in self.sites.values()
            for process, machine in site.processes.items()
            if machine.below.current and process not in site.leaving
        )

    def operational(self) -> list[Address]:
        """The sites that run and are in a view."""
        return sorted(site for site, state in self.sites.items() if state.views.known)

    def monitor(self, process: Address, routine: Callable[[View], None]) -> None:
        """Call a routine on every membership change that the process sees, in its order among deliveries.

        Paper: Birman and Joseph 1987, section 3.2.
        """
        self.monitors.setdefault(process, []).append(routine)

    # -- Moves ----------------------------------------------------------------------------------

    def make(self, move: Move, **notes: Any) -> list[Sent | TimerSet]:
        """Carry out a move and all that follows from it at once.

        Arguments: the move; notes for the reader of the trace, such as the virtual time.
        Returns what was put on its way and which timers were set, in order.
        Errors: ``InputError`` if the move cannot be made in this world.
        """
        self._news = []
        self.now_ms = int(notes.get("at_ms", self.now_ms))
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
                payload = self.network.take(source, destination)
                self._carry_out(destination, self.sites[destination].received(source, payload, self.now_ms))
            case moves.Delay():
                pass  # the order of the moves that follow is all there is to a delay
            case moves.Fire(owner=owner, timer=timer):
                self.timers.discard((owner, timer))
                if owner.at in self.sites:
                    self._carry_out(owner.at, self.sites[owner.at].timer_fired(owner, timer, self.now_ms))
            case moves.StartProcess(process=process):
                self._start_process(process)
            case moves.StartSite(site=site, contacts=contacts):
                self._new(site)
                self.sites[site] = Site(site, recording=self.recording, pace=self.pace)
                self._carry_out(site, self.sites[site].join(contacts))
            case moves.Multicast(process=process, payload=payload_text):
                self._carry_out(process.at, self.sites[process.at].multicast(process, payload_text))
            case moves.CallFlush(process=process, ticket=ticket):
                self._carry_out(process.at, self.sites[process.at].flush(process, ticket))
            case moves.LeaveGroup(process=process):
                self._carry_out(process.at, self.sites[process.at].leave(process))
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

    def _found(self, sites: tuple[Address, ...]) -> None:
        founding = SiteView(id=1, sites=sites, group=0, members=())
        for site in sites:
            self._new(site)
            self.sites[site] = Site(site, founding, recording=self.recording, pace=self.pace)
        for site in sites if self.pace else ():
            self._carry_out(site, self.sites[site].found(self.now_ms))

    def _start_process(self, process: Address) -> None:
        self._new(process)
        effects = self.sites[process.at].start(process)
        self._event("join", process)
        self._carry_out(process.at, effects)

    # -- Effects --------------------------------------------------------------------------------

    def _carry_out(self, site: Address, effects: list[SiteEffect]) -> None:
        """Carry out the effects of a site's step, in order, unless a crash strikes among them.

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

    def _effect(self, site: Address, effect: SiteEffect) -> None:
        match effect:
            case ActionTaken():
                self._record(_action_line(effect))
            case SendToSite(to=to, payload=payload):
                if to in self.sites:
                    self.network.send(site, to, payload)
                    self._news.append(Sent(source=site, destination=to))
            case SetTimerFor(owner=owner, timer=timer):
                self.timers.add((owner, timer.timer))
                self._news.append(TimerSet(owner=owner, timer=timer))
            case ForProcess(process=process, effect=for_process):
                self._for_process(process, for_process)
            case Cease():
                self._stop(site)

    def _for_process(
        self, process: Address, effect: RecordMulticast | Deliver | InstallView | CompleteFlush | Leave
    ) -> None:
        match effect:
            case RecordMulticast(message=message):
                self._event("multicast", process, message=str(message.id), payload=message.payload)
            case Deliver(message=message):
                self._event("deliver", process, message=str(message.id))
            case InstallView(view=view):
                self._event("install", process, view=view.as_json())
                for routine in self.monitors.get(process, ()):
                    routine(view)
            case CompleteFlush(ticket=ticket):
                self.flushed.add((process, ticket))
                self._event("mark", process, label="flush returns", ticket=ticket)
            case Leave():
                self.gone.add(process)
                self._event("leave", process)

    # -- Failures -------------------------------------------------------------------------------

    def _process_gone(self, process: Address) -> None:
        self.gone.add(process)
        self._record({"action": "Flush!Crash", "process": str(process), "arguments": {}, "variables": {}})
        self._event("crash", process)

    def _crash_site(self, who: Address) -> None:
        if who not in self.sites:
            raise KeyError(who)
        self._record({"action": "SiteViews!Crash", "site": str(who), "arguments": {}, "variables": {}})
        self._stop(who)

    def _stop(self, who: Address) -> None:
        """A site is no more, and its processes with it."""
        site = self.sites.pop(who)
        self.gone.add(who)
        self.crash_after.pop(who, None)
        for process in sorted(site.processes):
            self._process_gone(process)
        self.timers = {timer for timer in self.timers if timer[0].at != who}
        self.network.deafen(who)

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
        "arguments": taken.arguments,
        "variables": taken.variables,
    }
