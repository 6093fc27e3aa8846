"""What travels: messages and packets between sites, and what the messages contain.

A message is what is multicast; its content is what a process multicasts, or what sites tell each
other about the process groups.  A packet is what a protocol sends to one member; it names the view
that it is about.  What sites say to each other about their views shows the views that they know:
those that the receiver may lack.

Spec: Flush!Message, Flush!Packet, Cbcast!AcknowledgementPacket, StateTransfer!Packet,
SiteViews!SitePacket, Groups.
"""

from __future__ import annotations

from attrs import frozen

from vsync.types import Address, Group, MessageId, SiteView


@frozen(kw_only=True)
class Predecessor:
    """A message that others wait for: where they still have to, and its number as far as known.

    Spec: CbcastLists!Predecessor.
    """

    id: MessageId
    to: frozenset[Address]
    number: int = 0


@frozen(kw_only=True)
class Stamp:
    """What a message carries for the sake of order.

    ``kind`` is ``"cbcast"``, ``"abcast"``, ``"uniform"`` or ``"gbcast"``; ``after`` is what it waits
    for; ``clock`` is that of its sender; ``number`` is its place in the total order, 0 as long as it
    has none; ``epoch`` is the one in which it was multicast.  Spec: CbcastLists!Stamp.
    """

    kind: str = "cbcast"
    after: frozenset[Predecessor] = frozenset()
    clock: int = 0
    number: int = 0
    epoch: int = 0


@frozen(kw_only=True)
class ProcessMessage:
    """What a process multicasts: the n-th of its multicasts, how, to which groups and processes.

    ``kind`` is as for ``Stamp``.  Spec: Groups!Multicast.
    """

    id: MessageId
    kind: str
    to: tuple[Address, ...]
    payload: str = ""

    def as_json(self) -> str:
        return str(self.id)


@frozen(kw_only=True)
class CreateGroup:
    """Let there be a group of this name, with this process as its only member."""

    group: Address
    name: str
    credentials: str
    process: Address

    def as_json(self) -> dict[str, object]:
        return {
            "change": "create",
            "process": str(self.process),
            "group": str(self.group),
            "name": self.name,
            "credentials": self.credentials,
        }


@frozen(kw_only=True)
class AddMember:
    """Take a process into a group; ``with_state``, if it is to get the state of the group."""

    group: Address
    process: Address
    with_state: bool = False

    def as_json(self) -> dict[str, object]:
        return {"change": "add", "process": str(self.process), "group": str(self.group), "with_state": self.with_state}


@frozen(kw_only=True)
class LeaveGroup:
    """A process leaves a group, as it wishes."""

    group: Address
    process: Address

    def as_json(self) -> dict[str, object]:
        return {"change": "leave", "process": str(self.process), "group": str(self.group)}


@frozen(kw_only=True)
class FailProcess:
    """A process has crashed: take it out of all its groups."""

    process: Address

    def as_json(self) -> dict[str, object]:
        return {"change": "fail", "process": str(self.process)}


@frozen(kw_only=True)
class Configure:
    """Set a part of the configuration of a group."""

    group: Address
    key: str
    value: str

    def as_json(self) -> dict[str, object]:
        return {"change": "configure", "group": str(self.group), "key": self.key, "value": self.value}


GroupChange = CreateGroup | AddMember | LeaveGroup | FailProcess | Configure


@frozen(kw_only=True)
class GroupChanges:
    """Changes that sites make to the groups, one after the other.  Spec: Groups!ApplyChanges."""

    changes: tuple[GroupChange, ...]


@frozen(kw_only=True)
class JoinAsked:
    """A process asks the members of a group to be taken in.  Spec: Groups!AskToJoin."""

    group: Address
    process: Address
    credentials: str
    with_state: bool = False

    def as_json(self) -> dict[str, object]:
        return {
            "process": str(self.process),
            "group": str(self.group),
            "credentials": self.credentials,
            "with_state": self.with_state,
        }


@frozen(kw_only=True)
class JoinRefused:
    """The oldest member's site refuses that.  Spec: Groups!Verify."""

    group: Address
    process: Address
    credentials: str
    reason: str


@frozen(kw_only=True)
class KillGroup:
    """All members of a group are to stop."""

    group: Address


@frozen(kw_only=True)
class DirectoryShown:
    """All groups that there are, for sites that are new.  Spec: Groups!Inform."""

    groups: tuple[Group, ...]


Content = str | ProcessMessage | GroupChanges | JoinAsked | JoinRefused | KillGroup | DirectoryShown


@frozen(kw_only=True)
class Message:
    """One multicast: its identifier, the view it belongs to, what orders it, its content.

    ``time`` has one count for each member of the view, by rank: how many multicasts of that
    member the sender had delivered, and for the sender the number of this one in the view.  A
    multicast to a destination list has ``to`` and ``stamp`` instead.
    """

    id: MessageId
    view: int
    time: tuple[int, ...] = ()
    payload: Content = ""
    to: frozenset[Address] = frozenset()
    stamp: Stamp = Stamp()

    def as_json(self) -> str:
        return str(self.id)


@frozen(kw_only=True)
class Data:
    """A message, from its sender, and what goes along with it."""

    view: int
    message: Message
    carried: tuple[Message, ...] = ()


@frozen(kw_only=True)
class Flush:
    """Flush(view): "here is all that I hold of the views before this one"."""

    view: int
    unstable: tuple[Message, ...]


@frozen(kw_only=True)
class Ready:
    """Ready(view): "I hold all that anyone held of the views before this one"."""

    view: int


@frozen(kw_only=True)
class Acknowledgement:
    """What its sender has delivered in the view: the count for each rank."""

    view: int
    time: tuple[int, ...]


@frozen(kw_only=True)
class Delivered:
    """What its sender has delivered so far: of each process the number of its last multicast.

    Spec: CbcastLists!AcknowledgementPacket.
    """

    view: int
    time: tuple[tuple[Address, int], ...]


@frozen(kw_only=True)
class NumberProposed:
    """To the sender of an ABCAST: a number for it.  Spec: Abcast!Propose."""

    view: int
    id: MessageId
    number: int


@frozen(kw_only=True)
class NumberGiven:
    """From the sender of an ABCAST: its number.  Spec: Abcast!Order."""

    view: int
    id: MessageId
    number: int


@frozen(kw_only=True)
class NumberNoted:
    """To the sender of a uniform ABCAST: its number is known here.  Spec: Abcast!ReceiveOrder."""

    view: int
    id: MessageId


@frozen(kw_only=True)
class Released:
    """From the sender of a uniform ABCAST: all know its number.  Spec: Abcast!Release."""

    view: int
    id: MessageId


@frozen(kw_only=True)
class Close:
    """Of an epoch of a view: "here is all that I hold of this view".  Spec: Gbcast!ClosePacket."""

    view: int
    epoch: int
    messages: tuple[Message, ...]


@frozen(kw_only=True)
class Settled:
    """Of an epoch of a view: "I know all that anyone knew of it".  Spec: Gbcast!SettlePacket."""

    view: int
    epoch: int


@frozen(kw_only=True)
class StateAsked:
    """To the oldest member of a group: the joiner has the first blocks of the state; please send the rest.

    ``view`` is the one that admits the joiner; ``next`` is how many blocks it has.
    Spec: StateTransfer!AskPacket.
    """

    group: Address
    view: int
    joiner: Address
    donor: Address
    next: int


@frozen(kw_only=True)
class StateBlock:
    """To a joiner: one of the blocks of the state, numbered from 1, and how many there are.

    ``origin`` is the view in which the state was founded anew, 0 if it never was.
    Spec: StateTransfer!BlockPacket.
    """

    group: Address
    view: int
    joiner: Address
    number: int
    total: int
    origin: int
    data: bytes

    def as_json(self) -> list[int]:
        return [self.view, self.number, self.total, self.origin]


@frozen(kw_only=True)
class BlockReceived:
    """To the donor: the joiner has so many blocks.  Spec: StateTransfer!ReceivedPacket."""

    group: Address
    view: int
    joiner: Address
    donor: Address
    next: int


@frozen(kw_only=True)
class TransferDone:
    """To all members: the joiner of this view has its state.  Spec: StateTransfer!DonePacket."""

    group: Address
    view: int
    joiner: Address


TransferPacket = StateAsked | StateBlock | BlockReceived | TransferDone
OrderPacket = Delivered | NumberProposed | NumberGiven | NumberNoted | Released | Close | Settled
Packet = Data | Flush | Ready | Acknowledgement | OrderPacket


@frozen(kw_only=True)
class Change:
    """A change that is wanted: a site fails or joins, a process starts or stops.

    ``change`` is ``"fail"``, ``"join"``, ``"start"`` or ``"stop"``.  Spec: SiteViews!Change.
    """

    change: str
    who: Address

    def as_json(self) -> list[str]:
        return [self.change, str(self.who)]


@frozen(kw_only=True)
class Proposal:
    """A view, and the ballot under which it was proposed.  Spec: SiteViews!Proposal."""

    ballot: int
    view: SiteView

    def as_json(self) -> dict[str, object]:
        return {"ballot": self.ballot, "view": self.view.as_json()}


@frozen(kw_only=True)
class JoinRequest:
    """A new site asks to be taken in."""


@frozen(kw_only=True)
class Report:
    """To the coordinator: the changes that the sender wants."""

    views: tuple[SiteView, ...]
    wanted: tuple[Change, ...]


@frozen(kw_only=True)
class Interrogation:
    """From a coordinator that takes over: what have you accepted?"""

    views: tuple[SiteView, ...]
    ballot: int


@frozen(kw_only=True)
class Response:
    """The proposal last accepted, and the promise to accept none of an earlier ballot."""

    views: tuple[SiteView, ...]
    ballot: int
    proposal: Proposal | None


@frozen(kw_only=True)
class Propounded:
    """From the coordinator: a proposal, to be accepted."""

    views: tuple[SiteView, ...]
    proposal: Proposal


@frozen(kw_only=True)
class Accepted:
    """The proposal of this ballot is accepted.  Spec: SiteViews!Acknowledgement."""

    views: tuple[SiteView, ...]
    ballot: int


@frozen(kw_only=True)
class Refusal:
    """A later ballot has been promised."""

    views: tuple[SiteView, ...]
    ballot: int


@frozen(kw_only=True)
class Commitment:
    """The views are decided: the last of them is the news."""

    views: tuple[SiteView, ...]


ViewsMessage = Report | Interrogation | Response | Propounded | Accepted | Refusal | Commitment
SiteMessage = ViewsMessage | JoinRequest


@frozen(kw_only=True)
class Heartbeat:
    """From one site to another: I work.  Spec: FailureDetector!Beat."""
