"""The views of one group that are not over, their messages, and what a regular trace has to keep of them.

A view is *over* for a process that has installed a later one, has left the group from it or a later one, or has
crashed. The other members *stay*: they may still deliver a message of the view. A message of which all who stay
have delivered is complete, for nobody can deliver it any more without breaking a guarantee. What is kept of
a view is who stays, and its messages that are not complete, each with those who have delivered it.

Spec: VSProperties. Paper: 2.4.
"""

from collections import Counter
from typing import Final

import attrs

from vsync.check.groups import MessageKey
from vsync.check.names import Name, Names, Numbers
from vsync.check.one_order import Place

FIRST_ABCASTS_MAX: Final = 32
"""Of how many ABCASTs in a view it is known which they are, to say whether two processes have delivered the same."""


class Irregular(Exception):
    """A trace is not regular at this event: whether it breaks a guarantee only a judge can say that keeps all."""


@attrs.define(eq=False)
class FirstAbcasts:
    """The ABCASTs, to whichever groups, that a process delivers in a view: the first of them, and how many."""

    first: set[Place] = attrs.field(factory=set)
    count: int = 0

    def add(self, place: Place) -> None:
        """Adds one."""
        self.count += 1
        if len(self.first) < FIRST_ABCASTS_MAX:
            self.first.add(place)

    def two_in_common(self, other: "FirstAbcasts") -> bool | None:
        """Says whether two processes have delivered the same two, None if that is not known."""
        if len(self.first & other.first) >= 2:
            return True
        return False if self.count == len(self.first) and other.count == len(other.first) else None


@attrs.define(eq=False)
class Message:
    """A message that somebody may still deliver, and its causal past.

    `news` is what was in its past and not in that of its sender's message before it.
    """

    key: MessageKey
    name: Name
    sender: str
    number: int
    primitive: str
    to: tuple[str, ...] | None
    news: dict[str, int]
    past: dict[str, int]
    caused: bool
    parts: "dict[str, Part]" = attrs.field(factory=dict)
    """By group: the message in the view in which it was multicast or first delivered."""
    by: set[str] = attrs.field(factory=set)
    """Who has delivered it; of a message without a list, the same set as that of its only part."""
    place: Place | None = None
    """Its place in the order of ABCASTs."""
    told_safe_in: tuple[str, ...] = ()
    """The groups in which it was told to be stable before it was multicast or delivered there."""


@attrs.define(eq=False)
class Part:
    """A message in a view: the number-th of the view."""

    message: Message
    view: "OpenView"
    number: int
    sent_here: bool
    """Whether it was multicast in the view."""
    by: set[str]
    """Who has delivered it in the view."""
    complete: bool = False
    told_safe: bool = False
    rank: int = 0
    """Of a uniform ABCAST: how many others are delivered before it in the view."""
    before: int = 0
    """Of a GBCAST: how many messages its first receiver had delivered in the view before it, ..."""
    known: int = 0
    """... of the first so many ..."""
    without: frozenset[int] = frozenset()
    """... all that are kept but those with these numbers."""


@attrs.define(eq=False)
class OpenView:
    """A view that somebody has installed, and that is not over for all its members."""

    id: int
    members: tuple[str, ...]
    group: "Group"
    excluding: bool
    """Whether it lacks a member of an earlier view."""
    staying: set[str]
    messages: int = 0
    """How many messages have been in it."""
    kept: set[Part] = attrs.field(factory=set)
    """The messages that are not complete."""
    complete: Names = attrs.field(factory=Names)
    """The complete ones, but those that somebody skipped who went on."""
    told_safe: Names = attrs.field(factory=Names)
    """The complete ones of which somebody was told that they are stable."""
    first_sent: dict[str, int] = attrs.field(factory=dict)
    """The number of each sender's first multicast in the view, ..."""
    second_sent: dict[str, int] = attrs.field(factory=dict)
    """... of its second, ..."""
    first_caused: dict[str, int] = attrs.field(factory=dict)
    """... and of its first that something may have caused."""
    uniform: int = 0
    """How many uniform ABCASTs somebody has delivered in it."""
    gone_on: set[str] = attrs.field(factory=set)
    """Who has gone on from it, to another view or out of the group."""
    stable: int = 0
    """How many messages delivered in it somebody was told to be stable."""
    successor: int = 0
    """The view to which processes go from it, 0 if none has so far."""
    first_mover: str = ""
    first_delivered: int = 0
    """How many messages the first who went on to another view had delivered in it, ..."""
    abcasts_of_moves: list["FirstAbcasts"] = attrs.field(factory=list)
    """The ABCASTs of those who went on to another view."""
    origin: int = 0
    """The view from which processes come to it, 0 if none has so far."""

    def holds(self, message: Message, sent_here: bool) -> Part:
        """Adds a message; it is multicast, or delivered for the first time, in the view."""
        by = message.by if message.to is None else set()
        part = Part(message, self, self.messages, sent_here, by)
        self.messages += 1
        self.kept.add(part)
        message.parts[self.group.name] = part
        part.told_safe = self.group.name in message.told_safe_in
        if sent_here:
            sender, number = message.sender, message.number
            if sender not in self.first_sent:
                self.first_sent[sender] = number
            elif sender not in self.second_sent:
                self.second_sent[sender] = number
            if message.caused and sender not in self.first_caused:
                self.first_caused[sender] = number
        return part

    def drop_complete(self, part: Part) -> bool:
        """Forgets a message if all who stay have delivered it; says whether it is complete."""
        if not part.complete and self.staying <= part.by:
            part.complete = True
            self.kept.remove(part)
            self.group.count(part)
            if self.gone_on <= part.by:
                self.complete.add(part.message.name)
            else:
                self.group.skipped.add(part.message.name)
            if part.told_safe:
                self.told_safe.add(part.message.name)
        return part.complete


@attrs.define(eq=False)
class Group:
    """A group: its views that are not over, and how often each guarantee was put to the test."""

    name: str
    views: dict[int, OpenView] = attrs.field(factory=dict)
    over: Numbers = attrs.field(factory=Numbers)
    """The views that are forgotten."""
    skipped: Names = attrs.field(factory=Names)
    """The complete messages that somebody has not delivered who went on from their view, ..."""
    last: Names = attrs.field(factory=Names)
    """... and those of views from which nobody went on."""
    states: dict[int, str] = attrs.field(factory=dict)
    member_since: dict[str, int] = attrs.field(factory=dict)
    """The first view of which a process was a member."""
    cases: Counter[str] = attrs.field(factory=Counter)
    installs: int = 0
    stated: int = 0
    safe: int = 0
    multicasts: int = 0
    deliveries: int = 0
    """Of complete messages; ..."""
    deliveries_sent_here: int = 0
    """... those of what was multicast in the view, ..."""
    deliveries_repeated: int = 0
    """... and those of what somebody had delivered before."""
    views_ever: int = 0
    doubtful: bool = False
    """Whether more cases of Weak Total Order may have come up than were counted."""

    @property
    def kinds(self) -> set[str]:
        """The kinds of events that have been recorded in the group, of those that a guarantee may need."""
        counts = {
            "install": self.installs,
            "multicast": self.multicasts,
            "deliver": self.deliveries,
            "state": self.stated,
            "safe": self.safe,
        }
        return {kind for kind, count in counts.items() if count}

    def count(self, part: Part) -> None:
        """Counts the deliveries of a message."""
        deliveries = len(part.by)
        self.deliveries += deliveries
        self.deliveries_sent_here += deliveries * part.sent_here
        self.deliveries_repeated += max(0, deliveries - 1)

    def count_kept(self) -> None:
        """Counts the deliveries of the messages that are kept, when no more will come."""
        for view in self.views.values():
            for part in view.kept:
                self.count(part)

    def knows(self, view_id: int) -> bool:
        """Says whether somebody has installed a view."""
        return view_id in self.views or view_id in self.over

    def drop_over(self) -> list[OpenView]:
        """Forgets the views that are over for all their members; returns them.

        One is kept until its neighbours are known, for it must have a member in common with each.
        """
        dropped = [
            view
            for view in self.views.values()
            if not view.staying and self.knows(view.id + 1) and (view.id == 1 or self.knows(view.id - 1))
        ]
        for view in dropped:
            del self.views[view.id]
            self.over.add(view.id)
            self.states.pop(view.id, None)
            if not view.gone_on:
                self.last.update(view.complete)
        return dropped


@attrs.define(eq=False)
class Member:
    """A process in a group: its view, and what it has delivered in it."""

    group: Group
    view: OpenView | None = None
    last_view: int = 0
    delivered: int = 0
    uniform: int = 0
    """How many of these were uniform ABCASTs."""
    abcasts: FirstAbcasts = attrs.field(factory=FirstAbcasts)


@attrs.define(eq=False)
class Process:
    """A process that has not crashed."""

    name: str
    multicasts: int = 0
    seen: dict[str, int] = attrs.field(factory=dict)
    """For each sender, how many of its messages this process has delivered, or may have caused what it has."""
    news: dict[str, int] = attrs.field(factory=dict)
    """What has come to `seen` since its last multicast."""
    heard: set[str] = attrs.field(factory=set)
    """The senders of what it has delivered, ..."""
    heard_of_forgotten: int = 0
    """... and how many of them are forgotten."""
    memberships: dict[str, Member] = attrs.field(factory=dict)
    last_abcast: Place | None = None
    by_of_last_uniform: set[str] = attrs.field(factory=set)
    """Who has delivered the last uniform ABCAST that it has delivered."""

    @property
    def pairs(self) -> int:
        """Of how many senders it has delivered something."""
        return len(self.heard) + self.heard_of_forgotten


def must(holds: bool, guarantees: str) -> None:
    """Raises Irregular if a condition does not hold from which these guarantees would follow."""
    if not holds:
        raise Irregular(guarantees)
