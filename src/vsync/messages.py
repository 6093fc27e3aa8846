"""What travels: messages and packets between processes, and messages between sites.

A message is what an application multicasts.  A packet is what a protocol sends to one process; it
names the view that it is about.  What sites say to each other about their views shows the views
that they know: those that the receiver may lack.

Spec: Flush!Message, Flush!Packet, Cbcast!AcknowledgementPacket, SiteViews!SitePacket.
"""

from __future__ import annotations

from attrs import frozen

from vsync.types import Address, MessageId, SiteView


@frozen(kw_only=True)
class Message:
    """One multicast: its identifier, the view it belongs to, its vector time, its content.

    ``time`` has one count for each member of the view, by rank: how many multicasts of that
    member the sender had delivered, and for the sender the number of this one in the view.
    """

    id: MessageId
    view: int
    time: tuple[int, ...]
    payload: str = ""

    def as_json(self) -> str:
        return str(self.id)


@frozen(kw_only=True)
class Data:
    """A message, from its sender."""

    view: int
    message: Message


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


Packet = Data | Flush | Ready | Acknowledgement


@frozen(kw_only=True)
class Envelope:
    """A packet from a process to some of the processes at one site."""

    source: Address
    to: tuple[Address, ...]
    packet: Packet


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
