"""Effects: what a machine asks its driver to do.  Values, in the imperative.

The effects of a process come in the order in which they have to happen: a delivery before the
view that follows it, a trace line (``ActionTaken``) before what the action brought about.

Spec: none; an effect is what joins an action to the world outside.
"""

from __future__ import annotations

from attrs import frozen

from vsync.actions import ActionTaken
from vsync.messages import Envelope, Heartbeat, Message, Packet, SiteMessage, StateBlock, TransferPacket
from vsync.types import Address, SiteView, View


@frozen(kw_only=True)
class Send:
    """Send a packet to each of these processes, in this order."""

    to: tuple[Address, ...]
    packet: Packet


@frozen(kw_only=True)
class RecordMulticast:
    """A multicast has begun: the application's call has taken effect."""

    message: Message


@frozen(kw_only=True)
class Deliver:
    """Hand a message to the application."""

    message: Message


@frozen(kw_only=True)
class InstallView:
    """Tell the application, and whoever monitors the group, of the new view."""

    view: View


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


ProcessEffect = ActionTaken | Send | RecordMulticast | Deliver | InstallView | CompleteFlush | SetTimer


@frozen(kw_only=True)
class SendToSite:
    """Send something to another site: what sites say to each other, an envelope, a packet, or a heartbeat."""

    to: Address
    payload: SiteMessage | Envelope | TransferPacket | Heartbeat


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
    """The process is out of the group: the view that follows its request does not have it."""


@frozen(kw_only=True)
class ForProcess:
    """What a site does for one of its processes."""

    process: Address
    effect: RecordMulticast | Deliver | InstallView | CompleteFlush | Leave


@frozen(kw_only=True)
class SetTimerFor:
    """A timer of the site or of one of its processes: who is called back, and when."""

    owner: Address
    timer: SetTimer


SiteEffect = ActionTaken | SendToSite | ForProcess | SetTimerFor | Cease


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
