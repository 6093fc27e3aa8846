"""A site: one protocols process for all the processes that live there.

It agrees with the other sites on their views, multicasts among them, keeps the process groups, and
knows exactly which of its own processes have crashed.  Each layer's effects are the next one's
events: an agreed view is told to the multicast protocols; what these deliver, and the views that
they install, go to the groups; what the groups have to tell goes to the processes, as soon as they
have the states that they wait for.  It does no I/O: whoever drives it carries out its effects in their
order, and calls it back.

Spec: the composition of SiteViews with Gbcast (and Abcast, CbcastLists, Flush), and Groups and
StateTransfer on top.
Paper: Birman and Joseph 1987, sections 2.1 and 4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from vsync.actions import ActionTaken
from vsync.effects import (
    BeginEpoch,
    CallFlush,
    Cease,
    CompleteFlush,
    Deliver,
    FailureDetectorEffect,
    ForProcess,
    GiveState,
    GroupsEffect,
    GroupViewInstalled,
    InstallSiteView,
    InstallView,
    Kill,
    Leave,
    MulticastToSites,
    OpenBulk,
    ProcessEffect,
    Reconfigure,
    RecordMulticast,
    RecordSiteView,
    Send,
    SendToSite,
    SetTimer,
    SetTimerFor,
    SiteEffect,
    SiteViewsEffect,
    StateLost,
    Suspect,
    TakeState,
    TransferEffect,
    Trust,
)
from vsync.failure_detector import BEAT, FailureDetectorMachine, Pace
from vsync.gbcast import GbcastMachine
from vsync.groups import (
    Changing,
    Creating,
    Flushing,
    GroupsMachine,
    Joining,
    Killing,
    Multicasting,
    Request,
)
from vsync.messages import (
    Configure,
    Heartbeat,
    LeaveGroup,
    Message,
    Packet,
    ProcessMessage,
    SiteMessage,
    StateBlock,
    TransferPacket,
)
from vsync.monitors import MonitorsMachine
from vsync.site_views import JOIN, SiteViewsMachine
from vsync.state_transfer import Blocks, Limits, StateTransferMachine
from vsync.types import Address, Group, SiteView, View

_Effect = SiteViewsEffect | FailureDetectorEffect | ProcessEffect | GroupsEffect | TransferEffect

#: What a process sees in its place among the events of its groups, and so after a state that it waits for.
_IN_ORDER = (Deliver, InstallView, Leave, Reconfigure)


class Site:
    """The protocols process of one incarnation of a site.

    Arguments: ``who``, the address of the site; ``founding``, the first view of the system if this
    site is one of its founders; ``recording``, whether actions tell what they did; ``pace``, if the
    site is to detect failures itself: then each input in which time matters has to say what time it is;
    ``limits``, of state transfers.
    """

    def __init__(
        self,
        who: Address,
        founding: SiteView | None = None,
        *,
        recording: bool = True,
        pace: Pace | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.who = who
        self.views = SiteViewsMachine(who, founding, recording=recording)
        self.multicasts = GbcastMachine(who, recording=recording)
        self.groups = GroupsMachine(who, recording=recording)
        self.transfers = StateTransferMachine(who, limits, recording=recording)
        self.monitors = MonitorsMachine()
        self.detector = FailureDetectorMachine(who, pace) if pace else None
        self.now_ms = 0
        self.calls = 0  # of flush, by all processes here
        self.flushes: dict[int, tuple[Address, int]] = {}  # those that have not returned: who, and its ticket
        self.ceased = False

    # -- Looking --------------------------------------------------------------------------------

    @property
    def processes(self) -> list[Address]:
        """The processes that run here, by their numbers."""
        return sorted(self.groups.running)

    def lookup(self, name: str) -> Group | None:
        """The group of this symbolic name, with its view and its configuration, if there is one.

        Paper: Birman and Joseph 1987, sections 3.2 (pg_lookup) and 3.3 (conf_read).
        """
        return self.groups.lookup(name)

    @property
    def may_multicast(self) -> bool:
        """Nothing waits here for earlier multicasts to become stable: a process that multicasts now is not too fast.

        If it is not so, a process may still multicast, but that waits; when too much waits, it is refused.
        """
        return not self.multicasts.held_back() and not self.groups.requests

    # -- Inputs: of the environment -------------------------------------------------------------

    def found(self, now_ms: int = 0) -> list[SiteEffect]:
        """Begin with the founding view."""
        self.now_ms = now_ms
        view = self.views.view
        assert view is not None
        return self._run([*self.groups.found(_as_view(view)), *self._agreed(view, ())])

    def join(self, contacts: tuple[Address, ...]) -> list[SiteEffect]:
        """Ask the sites that are known from before to take this one in."""
        return self._run(self.views.join(contacts))

    def suspect(self, site: Address) -> list[SiteEffect]:
        """The failure detector suspects a site, rightly or wrongly."""
        return self._run(self.views.suspect(site))

    def trust(self, site: Address) -> list[SiteEffect]:
        """The failure detector withdraws a suspicion."""
        return self._run(self.views.trust(site))

    def received(
        self, source: Address, payload: SiteMessage | Packet | TransferPacket | Heartbeat, now_ms: int = 0
    ) -> list[SiteEffect]:
        """Something has come from another site; whatever it is, it shows that the site works."""
        self.now_ms = now_ms
        alive = self._run(self.detector.heard(source, now_ms)) if self.detector else []
        if isinstance(payload, Heartbeat):
            return alive
        if isinstance(payload, TransferPacket):
            return alive + self._passed(self.transfers.packet_received(source, payload))
        if isinstance(payload, Packet):
            return alive + self._run(self.multicasts.packet_received(source, payload))
        return alive + self._run(self.views.message_received(source, payload))

    def timer_fired(self, timer: str, now_ms: int = 0) -> list[SiteEffect]:
        """A timer of this site has fired; a stale one is ignored."""
        self.now_ms = now_ms
        if timer == BEAT:
            return self._run(self.detector.timer_fired(timer, now_ms)) if self.detector else []
        if timer == JOIN:
            return self._run(self.views.timer_fired(timer))
        return self._run(self.multicasts.timer_fired(timer))

    # -- Inputs: of the processes ---------------------------------------------------------------

    def start(self, process: Address) -> list[SiteEffect]:
        """A process starts here, as a client: it is in no group."""
        return self._run(self.groups.start(process))

    def process_crashed(self, process: Address) -> list[SiteEffect]:
        """One of the processes here has crashed.  Its site knows for certain."""
        noticed = self.groups.process_crashed(process)
        self.transfers.process_crashed(process)
        return self._run(noticed)

    def create_group(self, process: Address, name: str, credentials: str = "") -> list[SiteEffect]:
        """A process founds a group, with the credentials that others need to join it.

        The process installs the group's first view; or it is told (``Refuse``) that the name is in use.
        Paper: Birman and Joseph 1987, section 3.2 (pg_create).
        """
        return self._request(Creating(process=process, name=name, credentials=credentials))

    def join_group(
        self, process: Address, name: str, credentials: str = "", *, create: bool = False, with_state: bool = False
    ) -> list[SiteEffect]:
        """A process joins the group of this name.

        Arguments: ``create``, whether to found the group if there is none; ``with_state``, whether to get
        its state.  The process installs a view of the group, after it was given the state (``GiveState``, or
        ``StateLost``) if it asked for that; or it is told (``Refuse``) why it does not.
        Paper: Birman and Joseph 1987, section 3.2 (pg_join, join_and_xfer).
        """
        joining = Joining(process=process, name=name, credentials=credentials, create=create, with_state=with_state)
        return self._request(joining)

    def state_taken(self, process: Address, group: Address, view: int, blocks: Blocks) -> list[SiteEffect]:
        """A process has cut its state into blocks, as ``TakeState`` asked of it in its place."""
        return self._passed(self.transfers.state_taken(process, group, view, blocks))

    def bulk_received(self, block: StateBlock) -> list[SiteEffect]:
        """A block of a state has come through a bulk channel (``OpenBulk``)."""
        return self._passed(self.transfers.bulk_received(block))

    def bulk_broken(self, process: Address, group: Address, *, kept: bool = True) -> list[SiteEffect]:
        """The bulk channel to a joiner here has broken; what has come is kept, or not."""
        return self._passed(self.transfers.bulk_broken(process, group, kept=kept))

    def leave_group(self, process: Address, group: Address) -> list[SiteEffect]:
        """A process leaves a group, after all that it has asked to multicast before."""
        return self._request(Changing(process=process, change=LeaveGroup(group=group, process=process)))

    def kill_group(self, process: Address, group: Address) -> list[SiteEffect]:
        """A process has all members of a group stop.  Paper: Birman and Joseph 1987, section 3.2 (pg_kill)."""
        return self._request(Killing(process=process, group=group))

    def configure(self, process: Address, group: Address, key: str, value: str) -> list[SiteEffect]:
        """Set a part of a group's configuration, when no multicast to the group is pending.

        Paper: Birman and Joseph 1987, section 3.3 (conf_update).
        """
        return self._request(Changing(process=process, change=Configure(group=group, key=key, value=value)))

    def multicast(
        self,
        process: Address,
        to: Iterable[Address],
        payload: str,
        kind: str = "cbcast",
        cached: Iterable[tuple[Address, int]] = (),
    ) -> list[SiteEffect]:
        """A process multicasts, and goes on at once.

        Arguments: groups and processes, in any mixture; the content; ``"cbcast"``, ``"abcast"``, ``"uniform"``
        or ``"gbcast"``; the numbers of the group views that the process believes in: of those that are
        stale it is told (``CorrectCache``), and the message goes to those who are members now.
        Errors: ``LocalProtocolError`` if too many requests wait here; ``may_multicast`` tells before.
        """
        return self._request(
            Multicasting(process=process, to=tuple(to), kind=kind, payload=payload, cached=tuple(cached))
        )

    def flush(self, process: Address, ticket: int) -> list[SiteEffect]:
        """A process waits until all that it has multicast is delivered; ``ticket`` comes back then.

        Paper: Birman and Joseph 1987, section 3.4.
        """
        return self._request(Flushing(process=process, ticket=ticket))

    # -- Helpers --------------------------------------------------------------------------------

    def _request(self, request: Request) -> list[SiteEffect]:
        return self._run(self.groups.request(request))

    def _passed(self, effects: Iterable[TransferEffect]) -> list[SiteEffect]:
        """What transfers let through goes out; then the requests of those who do not wait any more are taken up."""
        return [*effects, *self._run(())]

    def _run(self, effects: Iterable[_Effect]) -> list[SiteEffect]:
        """Carry out what stays inside the site, in order, and return what goes out of it."""
        out = self._settle(effects)
        if self.detector and self.views.known:
            out += self._settle(self.detector.doubt(self.views.suspects, self.now_ms))
        return out

    def _settle(self, effects: Iterable[_Effect]) -> list[SiteEffect]:
        out: list[SiteEffect] = []
        work: deque[_Effect] = deque(effects)
        while not self.ceased:
            if work:
                work.extendleft(reversed(self._carry_out(work.popleft(), out)))
            elif (begun := self._take_up()) is not None:
                work.extend(begun)
            else:
                break
        return out

    def _take_up(self) -> list[GroupsEffect] | None:
        """Have the next request of a process begin, if the multicast protocols take it."""
        if self.multicasts.frozen or self.multicasts.outgoing:
            return None
        return self.groups.take_up(settled=self.multicasts.settled(), waiting=self.transfers.waiting())

    def _carry_out(self, effect: _Effect, out: list[SiteEffect]) -> list[_Effect]:
        """Carry out one effect; return those that follow from it, and come before all others."""
        match effect:
            case ForProcess(effect=for_process) if isinstance(for_process, _IN_ORDER):
                out.extend(self.transfers.pass_on(effect))
            case ForProcess(process=process, effect=Kill()):
                self.transfers.process_crashed(process)
                out.append(effect)
            case ActionTaken() | SendToSite() | ForProcess() | TakeState() | GiveState() | StateLost() | OpenBulk():
                out.append(effect)
            case Send(to=to, packet=packet):
                out.extend(SendToSite(to=site, payload=packet) for site in to)
            case SetTimer() as timer:
                out.append(SetTimerFor(owner=self.who, timer=timer))
            case Cease():
                self.ceased = True
                out.append(effect)
            case Suspect(site=site):
                return [*self.views.suspect(site)]
            case Trust(site=site):
                return [*self.views.trust(site)]
            case InstallSiteView(view=view, previous=previous):
                return self._agreed(view, previous.sites)
            case InstallView(view=view):
                return self._installed(view, out)
            case BeginEpoch():
                return [*self.groups.epoch_over()]
            case Deliver(message=message):
                assert isinstance(message, Message)
                return [*self.groups.delivered(message)]
            case MulticastToSites(kind=kind, to=to, content=content):
                return [*self.multicasts.multicast(content, to, kind)]
            case RecordMulticast(message=message):
                assert isinstance(message, Message)
                if isinstance(message.payload, ProcessMessage):
                    content = message.payload
                    out.append(ForProcess(process=content.id.sender, effect=RecordMulticast(message=content)))
            case CallFlush(process=process, ticket=ticket):
                self.calls += 1
                self.flushes[self.calls] = (process, ticket)
                return [*self.multicasts.flush(self.calls)]
            case CompleteFlush(ticket=number):
                process, ticket = self.flushes.pop(number)
                if process in self.groups.running:
                    out.append(ForProcess(process=process, effect=CompleteFlush(ticket=ticket)))
            case GroupViewInstalled(group=group, view=view, previous=previous, left=left, with_state=with_state):
                out.extend(self.monitors.group_view_installed(group, view, previous, left))
                out.extend(self.transfers.group_view_installed(group, view, previous, with_state, self.groups.running))
        return []

    def _agreed(self, view: SiteView, before: tuple[Address, ...]) -> list[_Effect]:
        """The sites have agreed on their next view: tell the failure detector and the multicast protocols."""
        watched = self.detector.watch(view.sites, self.now_ms) if self.detector else []
        continuing = tuple(site for site in view.sites if site in before)
        return [*watched, *self.multicasts.told(_as_view(view), continuing)]

    def _installed(self, view: View, out: list[SiteEffect]) -> list[_Effect]:
        """All that was multicast in the view before has been delivered."""
        previous = self.groups.site_view
        out.append(RecordSiteView(view=view))
        if 0 < previous.id < view.id:
            out.extend(self.monitors.site_view_installed(_as_site_view(view), _as_site_view(previous)))
        return [*self.groups.site_view_installed(view)]


def _as_view(view: SiteView) -> View:
    """A view of the sites, as the multicast protocols know views."""
    return View(id=view.id, members=view.sites)


def _as_site_view(view: View) -> SiteView:
    return SiteView(id=view.id, sites=view.members)
