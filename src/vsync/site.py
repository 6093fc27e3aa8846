"""A site: one protocols process for all the processes that live there.

It runs the site views, holds the multicast protocols of each of its processes, packs what they
send (one envelope to a site, however many of its processes are to have it), and knows exactly
which of its own processes have crashed.  It does no I/O: whoever drives it carries out its effects
in their order, and calls it back.

Spec: the composition of SiteViews with Cbcast; a site tells its processes of the agreed views.
Paper: Birman and Joseph 1987, sections 2.1 and 4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from vsync.actions import ActionTaken
from vsync.cbcast import CbcastMachine
from vsync.effects import (
    Cease,
    CompleteFlush,
    FailureDetectorEffect,
    ForProcess,
    InstallSiteView,
    Leave,
    ProcessEffect,
    Send,
    SendToSite,
    SetTimer,
    SetTimerFor,
    SiteEffect,
    SiteViewsEffect,
    Suspect,
    Trust,
)
from vsync.errors import LocalProtocolError
from vsync.failure_detector import BEAT, FailureDetectorMachine, Pace
from vsync.messages import Envelope, Heartbeat, SiteMessage
from vsync.site_views import SiteViewsMachine, start, stop
from vsync.types import Address, SiteView

_Work = deque[SiteViewsEffect | FailureDetectorEffect | Envelope | tuple[Address, ProcessEffect | Leave]]

_LEAVING = -1  # the ticket of the flush that comes before a process leaves


class Site:
    """The protocols process of one incarnation of a site.

    Arguments: ``who``, the address of the site; ``founding``, the first view of the system if this
    site is one of its founders; ``recording``, whether actions tell what they did; ``pace``, if the
    site is to detect failures itself: then each input in which time matters has to say what time it is.
    """

    def __init__(
        self, who: Address, founding: SiteView | None = None, *, recording: bool = True, pace: Pace | None = None
    ) -> None:
        self.who = who
        self.recording = recording
        self.views = SiteViewsMachine(who, founding, recording=recording)
        self.detector = FailureDetectorMachine(who, pace) if pace else None
        self.now_ms = 0
        self.processes: dict[Address, CbcastMachine] = {}
        self.leaving: set[Address] = set()
        self.ceased = False

    # -- Inputs ---------------------------------------------------------------------------------

    def found(self, now_ms: int = 0) -> list[SiteEffect]:
        """Begin with the founding view: its processes at this site are told of it."""
        self.now_ms = now_ms
        view = self.views.view
        assert view is not None
        nothing = SiteView(id=0, sites=(), group=0, members=())
        for process in view.members:
            if process.at == self.who:
                self._create(process)
        return self._run(deque([InstallSiteView(view=view, previous=nothing)]))

    def join(self, contacts: tuple[Address, ...]) -> list[SiteEffect]:
        """Ask the sites that are known from before to take this one in."""
        return self._site(self.views.join(contacts))

    def start(self, process: Address) -> list[SiteEffect]:
        """A process at this site joins the group."""
        if process.at != self.who or process in self.processes:
            raise LocalProtocolError(f"{process} is not a new process of site {self.who}")
        self._create(process)
        return self._site(self.views.ask(start(process)))

    def process_crashed(self, process: Address) -> list[SiteEffect]:
        """One of the processes here has crashed.  Its site knows for certain."""
        self._machine(process)
        self._forget(process)
        return self._site(self.views.ask(stop(process)))

    def multicast(self, process: Address, payload: str) -> list[SiteEffect]:
        """A process multicasts to its group, and goes on at once."""
        return self._process(process, self._active(process).multicast(payload))

    def flush(self, process: Address, ticket: int) -> list[SiteEffect]:
        """A process waits until all that it has multicast is delivered; ``ticket`` comes back then."""
        if ticket < 0:
            raise LocalProtocolError(f"a flush ticket is 0 or more; {ticket} came")
        return self._process(process, self._active(process).flush(ticket))

    def leave(self, process: Address) -> list[SiteEffect]:
        """A process leaves its group, once all that it has multicast is delivered."""
        machine = self._active(process)
        self.leaving.add(process)
        return self._process(process, machine.flush(_LEAVING))

    def suspect(self, site: Address) -> list[SiteEffect]:
        """The failure detector suspects a site, rightly or wrongly."""
        return self._site(self.views.suspect(site))

    def trust(self, site: Address) -> list[SiteEffect]:
        """The failure detector withdraws a suspicion."""
        return self._site(self.views.trust(site))

    def received(
        self, source: Address, payload: SiteMessage | Envelope | Heartbeat, now_ms: int = 0
    ) -> list[SiteEffect]:
        """Something has come from another site; whatever it is, it shows that the site works."""
        self.now_ms = now_ms
        alive = self._run(deque(self.detector.heard(source, now_ms))) if self.detector else []
        if isinstance(payload, Heartbeat):
            return alive
        if isinstance(payload, Envelope):
            return alive + self._envelope(payload)
        return alive + self._site(self.views.message_received(source, payload))

    def timer_fired(self, owner: Address, timer: str, now_ms: int = 0) -> list[SiteEffect]:
        """A timer of this site or of one of its processes has fired; a stale one is ignored."""
        self.now_ms = now_ms
        if owner == self.who and timer == BEAT:
            return self._run(deque(self.detector.timer_fired(timer, now_ms))) if self.detector else []
        if owner == self.who:
            return self._site(self.views.timer_fired(timer))
        if owner not in self.processes:
            return []
        return self._process(owner, self.processes[owner].timer_fired(timer))

    # -- Helpers --------------------------------------------------------------------------------

    def _create(self, process: Address) -> None:
        self.processes[process] = CbcastMachine(process, recording=self.recording)

    def _forget(self, process: Address) -> None:
        del self.processes[process]
        self.leaving.discard(process)

    def _machine(self, process: Address) -> CbcastMachine:
        if process not in self.processes:
            raise LocalProtocolError(f"no process {process} at site {self.who}; there are {sorted(self.processes)}")
        return self.processes[process]

    def _active(self, process: Address) -> CbcastMachine:
        machine = self._machine(process)
        if process in self.leaving:
            raise LocalProtocolError(f"{process} is leaving its group and can ask for nothing more")
        return machine

    def _site(self, effects: Iterable[SiteViewsEffect]) -> list[SiteEffect]:
        out = self._run(deque(effects))
        if self.detector and self.views.known:
            out += self._run(deque(self.detector.doubt(self.views.suspects, self.now_ms)))
        return out

    def _process(self, process: Address, effects: Iterable[ProcessEffect]) -> list[SiteEffect]:
        return self._run(deque((process, effect) for effect in effects))

    def _envelope(self, envelope: Envelope) -> list[SiteEffect]:
        return self._run(deque([envelope]))

    def _run(self, work: _Work) -> list[SiteEffect]:
        """Carry out what stays inside the site, in order, and return what goes out of it."""
        out: list[SiteEffect] = []
        while work and not self.ceased:
            match work.popleft():
                case (process, effect):
                    self._for_process(process, effect, work, out)
                case Envelope(source=source, to=to, packet=packet):
                    for process in to:
                        if process in self.processes:
                            effects = self.processes[process].packet_received(source, packet)
                            work.extend((process, effect) for effect in effects)
                case InstallSiteView(view=view, previous=previous):
                    if self.detector:
                        work.extend(self.detector.watch(view.sites, self.now_ms))
                    self._tell(view, previous, work)
                case Suspect(site=site):
                    work.extend(self.views.suspect(site))
                case Trust(site=site):
                    work.extend(self.views.trust(site))
                case Cease() as effect:
                    self.ceased = True
                    out.append(effect)
                case SetTimer() as timer:
                    out.append(SetTimerFor(owner=self.who, timer=timer))
                case ActionTaken() | SendToSite() as effect:
                    out.append(effect)
        return out

    def _for_process(self, process: Address, effect: ProcessEffect | Leave, work: _Work, out: list[SiteEffect]) -> None:
        match effect:
            case Send(to=to, packet=packet):
                for site in dict.fromkeys(member.at for member in to):
                    there = tuple(member for member in to if member.at == site)
                    envelope = Envelope(source=process, to=there, packet=packet)
                    if site == self.who:
                        work.append(envelope)
                    else:
                        out.append(SendToSite(to=site, payload=envelope))
            case CompleteFlush(ticket=ticket) if ticket == _LEAVING:
                work.extend(self.views.ask(stop(process)))
            case SetTimer() as timer:
                out.append(SetTimerFor(owner=process, timer=timer))
            case ActionTaken():
                out.append(effect)
            case _:
                out.append(ForProcess(process=process, effect=effect))

    def _tell(self, view: SiteView, previous: SiteView, work: _Work) -> None:
        """Tell the processes here of the group's view, if it has changed."""
        if view.group == previous.group:
            return
        continuing = tuple(member for member in view.members if member in previous.members)
        for process in sorted(self.processes):
            if process in view.members:
                effects = self.processes[process].told(view.group_view, continuing)
                work.extend((process, effect) for effect in effects)
            elif process in previous.members:
                work.append((process, Leave()))  # after what it has still to do
                self._forget(process)
