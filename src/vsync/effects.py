"""Effects: what a machine asks its driver to do.  Values, in the imperative.

The effects of a machine come in the order in which they have to happen: a delivery before the
view that follows it, a trace line (``ActionTaken``) before what the action brought about.

Spec: none; an effect is what joins an action to the world outside.
"""

from __future__ import annotations

from attrs import frozen

from vsync.actions import ActionTaken
from vsync.messages import Content, Heartbeat, Message, Packet, ProcessMessage, SiteMessage, StateBlock, TransferPacket
from vsync.monitors import Notify
from vsync.types import Address, SiteView, View


@frozen(kw_only=True)
class Send:
    """Send a packet to each of these members, in this order."""

    to: tuple[Address, ...]
    packet: Packet


@frozen(kw_only=True)
class RecordMulticast:
    """A multicast has begun: the call for it has taken effect."""

    message: Message | ProcessMessage


@frozen(kw_only=True)
class Deliver:
    """Hand a message to whom it is for."""

    message: Message | ProcessMessage


@frozen(kw_only=True)
class InstallView:
    """Tell a member of the new view of its group, or a site of that of the sites (``group`` is None)."""

    view: View
    group: Address | None = None


@frozen(kw_only=True)
class CompleteFlush:
    """A call of the primitive ``flush`` may return: what came before it is stable."""

    ticket: int


@frozen(kw_only=True)
class SetTimer:
    """Call back once, after a time between these two."""

    timer: str
    min_ms: int
    max_ms: int


@frozen(kw_only=True)
class BeginEpoch:
    """All multicasts of the epoch before this one have been delivered."""

    epoch: int


ProcessEffect = (
    ActionTaken | Send | RecordMulticast | Deliver | BeginEpoch | InstallView | CompleteFlush | SetTimer
)  # fmt: skip


@frozen(kw_only=True)
class SendToSite:
    """Send something to another site."""

    to: Address
    payload: SiteMessage | Packet | TransferPacket | Heartbeat


@frozen(kw_only=True)
class InstallSiteView:
    """The sites have agreed on the next view; ``previous`` is the one it follows."""

    view: SiteView
    previous: SiteView


@frozen(kw_only=True)
class Cease:
    """This site is excluded: it stops, and may come back as a new incarnation only."""


SiteViewsEffect = ActionTaken | SendToSite | InstallSiteView | Cease | SetTimer


@frozen(kw_only=True)
class Leave:
    """The process is out of the group, as it wished."""

    group: Address


@frozen(kw_only=True)
class Refuse:
    """The process does not become a member of the group of this name."""

    name: str
    reason: str


@frozen(kw_only=True)
class CorrectCache:
    """What the process believes about a group is stale: this is its view (without members: it is no more)."""

    group: Address
    view: View


@frozen(kw_only=True)
class LackDestinations:
    """What the process would multicast goes to nobody: these groups are gone, and these processes."""

    to: tuple[Address, ...]
    payload: str


@frozen(kw_only=True)
class Reconfigure:
    """A part of the configuration of a group of the process has another value now."""

    group: Address
    key: str
    value: str


@frozen(kw_only=True)
class Kill:
    """The process is to stop: someone has killed its group."""

    group: Address


ToProcess = (
    RecordMulticast | Deliver | InstallView | CompleteFlush | Leave | Refuse
    | CorrectCache | LackDestinations | Reconfigure | Kill
)  # fmt: skip


@frozen(kw_only=True)
class ForProcess:
    """What a site does for one of its processes."""

    process: Address
    effect: ToProcess


@frozen(kw_only=True)
class MulticastToSites:
    """Multicast to these sites, now, in this kind of order."""

    kind: str
    to: frozenset[Address]
    content: Content


@frozen(kw_only=True)
class CallFlush:
    """Have the process told when all that this site has multicast is stable."""

    process: Address
    ticket: int


@frozen(kw_only=True)
class GroupViewInstalled:
    """A group has its next view at this site.

    ``left`` are those who are gone because they asked to leave; ``with_state`` those members who share the
    state of the group, or are new and are to get it.
    """

    group: Address
    view: View
    previous: View
    left: frozenset[Address]
    with_state: frozenset[Address]


GroupsEffect = ActionTaken | ForProcess | MulticastToSites | CallFlush | GroupViewInstalled


@frozen(kw_only=True)
class RecordSiteView:
    """This site is in the next view of the sites, and its processes have seen all that was multicast before."""

    view: View


@frozen(kw_only=True)
class SetTimerFor:
    """A timer of the site: who is called back, and when."""

    owner: Address
    timer: SetTimer


@frozen(kw_only=True)
class SendDatagram:
    """Hand a datagram to the network, which may lose it."""

    to: Address
    data: bytes


@frozen(kw_only=True)
class DeliverPayload:
    """Hand a message that came over a link to the layer above."""

    source: Address
    payload: bytes


@frozen(kw_only=True)
class ResumeSending:
    """The link was full, and takes messages again."""

    to: Address


@frozen(kw_only=True)
class EndLink:
    """The link with this incarnation is over: its site has a newer one."""

    peer: Address


LinkEffect = ActionTaken | SendDatagram | DeliverPayload | ResumeSending | EndLink | SetTimer


@frozen(kw_only=True)
class Suspect:
    """Take a site for failed: it has been silent for too long.  That may be wrong."""

    site: Address


@frozen(kw_only=True)
class Trust:
    """Withdraw the suspicion of a site: it has been heard."""

    site: Address


FailureDetectorEffect = ActionTaken | SendToSite | Suspect | Trust | SetTimer


@frozen(kw_only=True)
class TakeState:
    """Ask a process for its state, in this place of its events, and hand the blocks to ``state_taken``."""

    process: Address
    group: Address
    view: int


@frozen(kw_only=True)
class GiveState:
    """Give a process the state of the group at the view that admits it, before anything else.

    ``origin`` is the view in which that state was founded anew, 0 if it never was.
    """

    process: Address
    group: Address
    view: int
    blocks: tuple[bytes, ...]
    origin: int


@frozen(kw_only=True)
class StateLost:
    """Tell a joiner that nobody is left who has the state: it founds a new one, in the view ``origin``."""

    process: Address
    group: Address
    view: int
    origin: int


@frozen(kw_only=True)
class OpenBulk:
    """Carry these blocks to a joiner through a channel of its own; it replaces an earlier one for the joiner.

    At the other end each block goes to ``bulk_received``, or ``bulk_broken`` says that no more will come.
    """

    to: Address
    process: Address
    group: Address
    view: int
    from_block: int
    blocks: tuple[StateBlock, ...]


TransferEffect = ActionTaken | SendToSite | TakeState | GiveState | StateLost | OpenBulk | ForProcess

SiteEffect = TransferEffect | SetTimerFor | RecordSiteView | Notify | Cease
