"""The histories of one group, or of all together, kept so that each guarantee can be judged event by event.

This is the variable `history` of VSProperties with an index: for each process its view and what it delivered,
for each message its multicasts and who delivered it. The checkers read it; it judges nothing.

The histories of a group stand on those of all groups together, `whole`. An event is recorded there first, and
then in the groups to which it belongs. What is no matter of one group, the causal past of a multicast and its
number among those of its sender, a group takes from the whole.

Causal pasts. What may have caused a multicast is a set of messages, and it is kept as a vector: for each
sender, how many of its multicasts are in the set. That is exact, because a set that contains a multicast
contains all earlier ones of its sender. A trace can be wrong, though, and hold a delivery of a message that
nobody has multicast so far. Those are counted like multicasts, in a component of their own for each process
that delivers such a message. A message is therefore known by *marks*, each a component and a count, and a
past contains the message if it contains one of them. A well-formed message has one mark only.

Spec: VSProperties, "Histories"; VSGroups. Paper: 2.4; Birman, Schiper, Stephenson 1991 (vectors as causal pasts).
"""

from collections import defaultdict
from collections.abc import Iterator

import attrs

from vsync.check.groups import MessageKey
from vsync.check.trace import (
    ABCAST,
    CBCAST,
    NO_VIEW,
    UNIFORM,
    Crashed,
    Delivered,
    Installed,
    Left,
    Multicasted,
    ServiceEvent,
    Stated,
    ToldSafe,
    View,
)

ABCASTS = (ABCAST, UNIFORM)

Component = tuple[str, bool]
"""The multicasts of a process or, if True, its deliveries of what nobody had multicast."""

Past = dict[Component, int]
"""A set of messages: the first so many of each component."""


@attrs.define(kw_only=True, eq=False)
class Multicast:
    """A multicast: the number-th of its sender, in the view that `installed` began, with its causal past.

    Of its past it keeps `news`, what was not in that of `previous`, the one before it of the same sender.
    """

    event: Multicasted
    message: "Message"
    number: int
    place: int
    installed: Installed | None
    news: Past
    previous: "Multicast | None" = None
    whole: "Multicast | None" = None
    """In the histories of a group: the same multicast in those of all groups."""

    @property
    def past(self) -> Past:
        """What may have caused it; put together anew each time."""
        past: Past = {}
        add_past(past, self)
        return past

    @property
    def caused(self) -> bool:
        """Whether its past has anything in it."""
        return bool(self.news) or self.previous is not None

    @property
    def sender(self) -> str:
        return self.event.process

    @property
    def view(self) -> View:
        return self.installed.view if self.installed else NO_VIEW


@attrs.define(kw_only=True, eq=False)
class Delivery:
    """A delivery, at a place in its process's history, in the view that `installed` began."""

    event: Delivered
    message: "Message"
    place: int
    installed: Installed | None
    primitive: str = CBCAST

    @property
    def view(self) -> View:
        return self.installed.view if self.installed else NO_VIEW


@attrs.define(kw_only=True, eq=False)
class Message:
    """A message: its multicasts (one, if all is well), and the first delivery at each process."""

    id: str
    key: MessageKey
    multicasts: list[Multicast] = attrs.field(factory=list)
    marks: list[tuple[Component, int]] = attrs.field(factory=list)
    deliveries: dict[str, Delivery] = attrs.field(factory=dict)
    repeated: list[Delivery] = attrs.field(factory=list)

    def within(self, past: Past) -> bool:
        """Says whether `past` contains this message."""
        return any(past.get(component, 0) >= count for component, count in self.marks)


@attrs.frozen(kw_only=True, eq=False)
class Move:
    """A transition: a process went from one view to another, having delivered these messages in the first."""

    process: str
    source: Installed
    target: Installed
    delivered: dict[MessageKey, Delivery]
    abcasts: list[Delivery]
    """Its deliveries of ABCASTs in the first view, to whichever groups, in its order."""


@attrs.define(kw_only=True, eq=False)
class Process:
    """The history of one process: its view, its past, its deliveries, and where it was done with a view."""

    name: str
    whole: "Process | None" = None
    """In the histories of a group: the same process in those of all groups."""
    installed: Installed | None = None
    place: int = 0
    multicasts: list[Multicast] = attrs.field(factory=list)
    deliveries: list[Delivery] = attrs.field(factory=list)
    abcasts: list[Delivery] = attrs.field(factory=list)
    """Its deliveries of ABCASTs; in the histories of all groups only."""
    ends: list[tuple[int, ServiceEvent]] = attrs.field(factory=list)
    past: Past = attrs.field(factory=dict)
    news: Past = attrs.field(factory=dict)
    """What has come into its past since its last multicast."""
    unsent: int = 0
    """How many deliveries it has of messages that nobody had multicast."""
    since_install: int = 0
    """How many deliveries it had when it installed its view."""
    abcasts_since_install: int = 0
    """How many ABCASTs had been delivered to it then, to whichever groups."""

    @property
    def abcasts_of_all_groups(self) -> list[Delivery]:
        return self.whole.abcasts if self.whole else self.abcasts

    def end_after(self, place: int) -> tuple[int, ServiceEvent] | None:
        """Returns the first event after `place` by which the process was done with a view, and its place."""
        return next((end for end in self.ends if end[0] > place), None)


@attrs.define(kw_only=True, eq=False)
class Happening:
    """One event, with what the histories know about it once it has been added to them."""

    event: ServiceEvent
    process: Process
    installed: Installed | None = None
    """The install of the view in which the event happens; for an install, itself."""
    multicast: Multicast | None = None
    delivery: Delivery | None = None
    told_safe: Message | None = None
    """The message of which the process is told that it is stable."""
    move: Move | None = None
    ends: bool = False
    """Whether the process is done with a view by this event."""
    belated: bool = False
    """Whether this is a multicast of a message that was multicast or delivered before."""

    @property
    def view(self) -> View:
        return self.installed.view if self.installed else NO_VIEW


class Histories:
    """The histories of the processes of one group, on top of `whole`; or, without it, of all groups."""

    def __init__(self, whole: "Histories | None" = None) -> None:
        self.whole = whole
        self.processes: dict[str, Process] = {}
        self.messages: dict[MessageKey, Message] = {}
        self.sent: defaultdict[int, dict[str, list[Multicast]]] = defaultdict(dict)
        """The multicasts in the view with a number, by sender, in its order."""
        self._irregular: dict[MessageKey, Message] = {}

    @property
    def irregular(self) -> list[Message]:
        """The messages with more than one mark."""
        if self.whole is None:
            return list(self._irregular.values())
        return [self.messages[key] for key in self.whole._irregular if key in self.messages]

    def record(
        self, event: ServiceEvent, primitive: str = CBCAST, in_whole: Happening | None = None
    ) -> Happening | None:
        """Adds one event and returns what is known about it; None if it is none that concerns a guarantee.

        `primitive` is how the message was multicast that the event is about. In the histories of a group,
        `in_whole` is what those of all groups returned for the event.
        """
        match event:
            case Installed():
                return self._installed(event, self._process(event.process))
            case Multicasted():
                return self._multicasted(event, in_whole)
            case Delivered():
                return self._delivered(event, primitive)
            case ToldSafe():
                process, message = self._process(event.process), self._message(event)
                return Happening(event=event, process=process, installed=process.installed, told_safe=message)
            case Stated():
                process = self._process(event.process)
                return Happening(event=event, process=process, installed=process.installed)
            case Left() | Crashed():
                return self._ended(event, self._process(event.process))
            case _:
                return None

    def chain(self, cause: Message, effect: Multicast) -> tuple[ServiceEvent, ...]:
        """Returns events by which `cause` may have caused `effect`, from the one multicast to the other.

        Each message on the way was delivered to the sender of the next, or multicast by it.
        """
        if self.whole is not None and effect.whole is not None:
            return self.whole.chain(self.whole.messages[cause.key], effect.whole)
        backwards: list[ServiceEvent] = [effect.event]
        passed = {effect}
        while effect.message is not cause:
            earlier = self._earlier_step(cause, effect, passed)
            if earlier is None:
                break
            seen, effect = earlier
            passed.add(effect)
            backwards.append(seen)
            if seen is not effect.event:
                backwards.append(effect.event)
        return tuple(reversed(backwards))

    def _earlier_step(
        self, cause: Message, effect: Multicast, passed: set[Multicast]
    ) -> tuple[ServiceEvent, Multicast] | None:
        """Returns the event by which the sender of `effect` saw `cause`, or a message that it caused."""
        process = self.processes[effect.sender]
        own: list[Multicast | Delivery] = [*process.deliveries, *process.multicasts]
        own = sorted((seen for seen in own if seen.place < effect.place), key=lambda seen: seen.place)
        candidates = [(seen, multicast) for seen in own for multicast in seen.message.multicasts]
        candidates = [(seen, multicast) for seen, multicast in candidates if multicast not in passed]
        for seen, multicast in candidates:
            if multicast.message is cause:
                return seen.event, multicast
        for seen, multicast in candidates:
            if cause.within(multicast.past):
                return seen.event, multicast
        return None

    # -- one method for each kind of event

    def _installed(self, event: Installed, process: Process) -> Happening:
        move = None
        if process.installed is not None:
            move = Move(
                process=process.name,
                source=process.installed,
                target=event,
                delivered={d.message.key: d for d in process.deliveries[process.since_install :]},
                abcasts=process.abcasts_of_all_groups[process.abcasts_since_install :],
            )
        process.installed = event
        process.since_install = len(process.deliveries)
        process.abcasts_since_install = len(process.abcasts_of_all_groups)
        process.ends.append((process.place, event))
        return Happening(event=event, process=process, installed=event, move=move, ends=True)

    def _ended(self, event: Left | Crashed, process: Process) -> Happening:
        happening = Happening(event=event, process=process, installed=process.installed, ends=True)
        process.ends.append((process.place, event))
        if isinstance(event, Left):
            process.installed = None
        return happening

    def _multicasted(self, event: Multicasted, in_whole: Happening | None) -> Happening:
        process, message = self._process(event.process), self._message(event)
        whole = in_whole.multicast if in_whole else None
        last = process.multicasts[-1] if process.multicasts and whole is None else None
        belated = in_whole.belated if in_whole else bool(message.marks)
        multicast = Multicast(
            event=event,
            message=message,
            number=whole.number if whole else len(process.multicasts) + 1,
            place=process.place,
            installed=process.installed,
            news=whole.news if whole else process.news,
            previous=whole.previous if whole else last,
            whole=whole,
        )
        process.multicasts.append(multicast)
        self.sent[multicast.view.id].setdefault(process.name, []).append(multicast)
        message.multicasts.append(multicast)
        if whole is None:
            self._include_own(multicast, process, belated)
        return Happening(
            event=event, process=process, installed=process.installed, multicast=multicast, belated=belated
        )

    def _include_own(self, multicast: Multicast, process: Process, belated: bool) -> None:
        message = multicast.message
        self._mark(message, (process.name, False), multicast.number)
        process.past[process.name, False] = multicast.number
        process.news = {(process.name, False): multicast.number}
        if belated:
            for holder in self._holders(message):
                for each in message.multicasts:
                    _include(holder, each)

    def _delivered(self, event: Delivered, primitive: str) -> Happening:
        process, message = self._process(event.process), self._message(event)
        delivery = Delivery(
            event=event, message=message, place=process.place, installed=process.installed, primitive=primitive
        )
        process.deliveries.append(delivery)
        if message.deliveries.setdefault(process.name, delivery) is not delivery:
            message.repeated.append(delivery)
        if self.whole is None:
            self._include_seen(delivery, process)
        return Happening(event=event, process=process, installed=process.installed, delivery=delivery)

    def _include_seen(self, delivery: Delivery, process: Process) -> None:
        message = delivery.message
        if delivery.primitive in ABCASTS:
            process.abcasts.append(delivery)
        for multicast in message.multicasts:
            _include(process, multicast)
        if not message.multicasts:
            process.unsent += 1
            self._mark(message, (process.name, True), process.unsent)
            process.past[process.name, True] = process.news[process.name, True] = process.unsent

    # -- helpers

    def _process(self, name: str) -> Process:
        process = self.processes.get(name)
        if process is None:
            whole = self.whole.processes[name] if self.whole else None
            process = self.processes[name] = Process(name=name, whole=whole)
        process.place += 1
        return process

    def _message(self, event: Multicasted | Delivered | ToldSafe) -> Message:
        key = (event.group, event.message)
        message = self.messages.get(key)
        if message is None:
            marks = self.whole.messages[key].marks if self.whole else []
            message = self.messages[key] = Message(id=event.message, key=key, marks=marks)
        return message

    def _mark(self, message: Message, component: Component, count: int) -> None:
        message.marks.append((component, count))
        if len(message.marks) > 1:
            self._irregular[message.key] = message

    def _holders(self, message: Message) -> Iterator[Process]:
        """Yields the processes that have multicast or delivered `message`."""
        senders = {multicast.sender for multicast in message.multicasts}
        for name, process in self.processes.items():
            if name in message.deliveries or name in senders:
                yield process


def add_past(past: Past, multicast: Multicast) -> Past:
    """Adds all that may have caused a multicast to `past`, a union of such pasts; returns what was not in it.

    If `past` has an earlier multicast of the sender, it has the past of that one, too: only the news since
    then are looked at, so that a long trace costs no more for each event than a short one.
    """
    has = past.get((multicast.sender, False), 0)
    added: Past = {}
    earlier: Multicast | None = multicast
    while earlier is not None:
        for component, count in earlier.news.items():
            if past.get(component, 0) < count:
                past[component] = added[component] = count
        earlier = earlier.previous
        if earlier is not None and earlier.number <= has:
            break
    return added


def _include(process: Process, multicast: Multicast) -> None:
    """Adds a multicast, and all that may have caused it, to the past of a process."""
    process.news.update(add_past(process.past, multicast))
    own = (multicast.sender, False)
    if process.past.get(own, 0) < multicast.number:
        process.past[own] = process.news[own] = multicast.number
