"""The words of an explanation: what an event is called, and one argument a guarantee.

An argument is what follows from the few events of a contradiction, step by step with its reason, and what
contradicts it. It is read off the events themselves, for they are not always those that the judge has named.
Where the events do not have the shape that an argument expects, as in a trace that is wrong in many ways, the
judge's own sentence is told.

Spec: VSProperties. Paper: none.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from vsync.check.properties import GUARANTEES, Violation, at
from vsync.check.record import Record, key_of
from vsync.check.trace import (
    ABCAST,
    CBCAST,
    DEFAULT_GROUP,
    GBCAST,
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

Argument = tuple[list[str], str]
"""What follows step by step, and what contradicts it."""

KindOfEvent = TypeVar("KindOfEvent", bound=ServiceEvent)
Found = TypeVar("Found")

_CALLED: Final = {CBCAST: "", ABCAST: "the ABCAST ", UNIFORM: "the uniform ABCAST ", GBCAST: "the GBCAST "}

# ------------------------------------------------------------------------------------------------------ events


def told(event: ServiceEvent, view: View | None = None) -> str:
    """Returns what happens in an event, as a sentence without its full stop; `view` is where it happens."""
    p, where = event.process, _in(view)
    group = getattr(event, "group", DEFAULT_GROUP)
    of_group = f" of group {group}" if group != DEFAULT_GROUP else ""
    match event:
        case Installed():
            members = ", ".join(event.view.members)
            return f"{p} installs view {event.view.id}{of_group}, with the members {members}"
        case Multicasted():
            to = f" to {', '.join(event.to)}" if event.to else f" to group {group}" if group else ""
            return f"{p} multicasts {_CALLED[event.primitive]}{event.message}{to}{where}"
        case Delivered():
            sender = f", and is told that it is from {event.sender}" if event.sender else ""
            return f"{p} delivers {event.message}{where}{sender}"
        case ToldSafe():
            return f"{p} is told that {event.message} is stable"
        case Stated():
            return f"{p} has the state {event.state!r} in view {event.view}{of_group}"
        case Left():
            return f"{p} leaves{' group ' + group if group else ' the group'}"
        case Crashed():
            return f"{p} crashes"
        case _:
            return f"{p}: {event.kind}"


def _in(view: View | None) -> str:
    if view is None:
        return ""
    return f" in view {view.id}" if view.id else " in no view"


# ----------------------------------------------------------------------------------------------------- stories


class Story:
    """The events of a contradiction, in an order of causes, and the trace that they are from."""

    def __init__(self, record: Record, violation: Violation, events: Sequence[ServiceEvent]) -> None:
        self.record = record
        self.violation = violation
        self.events = tuple(events)

    def argument(self) -> Argument:
        """Returns what follows from the events, and what contradicts it."""
        try:
            return _ARGUMENTS[self.violation.guarantee](self)
        except LookupError:
            return [], self.violation.sentence

    def view_of(self, event: ServiceEvent) -> View | None:
        """Returns the view in which an event happens, if the guarantee is one about views."""
        if "install" not in GUARANTEES[self.violation.guarantee].needs or isinstance(event, Installed):
            return None
        turn = self.record.turn(event, self.violation.group)
        return turn.view if isinstance(turn, Installed) else View(id=0, members=())

    def number(self, event: ServiceEvent) -> int:
        """Returns the number of the view in which an event happens."""
        view = self.view_of(event)
        return view.id if view else 0

    def of(self, kind: type[KindOfEvent], process: str | None = None) -> list[KindOfEvent]:
        """Returns the events of a kind, of one process or of all."""
        return [e for e in self.events if isinstance(e, kind) and process in (None, e.process)]

    def one(self, kind: type[KindOfEvent], process: str | None = None) -> KindOfEvent:
        """Returns the first event of a kind. Raises LookupError if there is none."""
        return self.of(kind, process)[0]

    def multicast_of(self, event: Delivered | ToldSafe) -> Multicasted:
        """Returns the multicast of an event's message. Raises LookupError if there is none."""
        return _first(each for each in self.of(Multicasted) if key_of(each) == key_of(event))

    def moves(self) -> list[tuple[Installed, Installed]]:
        """Returns the installs by which two or more processes go from one view to another."""
        return [(i[0], i[1]) for p in self._processes() if len(i := self.of(Installed, p)) == 2]

    def _processes(self) -> list[str]:
        return list(dict.fromkeys(event.process for event in self.events))


def _first(events: Iterable[Found]) -> Found:
    """Returns the first. Raises LookupError if there is none."""
    for each in events:
        return each
    raise LookupError("the events do not have the shape that the argument expects")


def _goes(move: tuple[Installed, Installed]) -> str:
    source, target = move
    return (
        f"{source.process} goes from view {source.view.id} to view {target.view.id}, because it installs the one "
        f"({at(source)}) and next the other ({at(target)})"
    )


def _members(view: View) -> str:
    return ", ".join(view.members)


# ------------------------------------------------------------------------------------------------- membership


def _self_inclusion(story: Story) -> Argument:
    install = story.one(Installed)
    return (
        [f"{install.process} is a member of view {install.view.id}, because it installs it ({at(install)})"],
        f"the members of that view are {_members(install.view)}, and {install.process} is none of them",
    )


def _local_monotonicity(story: Story) -> Argument:
    first, second = sorted(story.of(Installed), key=lambda install: install.line)[:2]
    p, a, b = first.process, first.view.id, second.view.id
    if a == b:
        return [f"{p} is in view {a}, because it has installed it ({at(first)})"], (
            f"it installs the same view once more ({at(second)})"
        )
    return (
        [f"after view {a} comes a later one, because {p} has installed view {a} ({at(first)})"],
        f"the next that it installs here is view {b} ({at(second)}), and {b} is less than {a}",
    )


def _initial_view_event(story: Story) -> Argument:
    event = next((e for e in story.events if e.line == story.violation.line), None)
    if not isinstance(event, Multicasted | Delivered):
        event = [e for e in story.events if isinstance(e, Multicasted | Delivered)][-1]
    turn = story.record.turn(event, story.violation.group)
    does = "multicasts" if isinstance(event, Multicasted) else "delivers"
    why = f"it has left the group before ({at(turn)})" if turn else "it has installed no view before that line"
    return [f"{event.process} is in a view at line {event.line}, because it {does} {event.message} there"], why


def _primary_component(story: Story) -> Argument:
    one, two = story.of(Installed)[:2]
    if one.view.id == two.view.id:
        return (
            [f"view {one.view.id} has the members {_members(one.view)}, because {one.process} installs it ({at(one)})"],
            f"{two.process} installs view {two.view.id} with the members {_members(two.view)} ({at(two)})",
        )
    one, two = sorted((one, two), key=lambda install: install.view.id)
    return (
        [
            f"views {one.view.id} and {two.view.id} have a member in common, because the one follows the other in the "
            f"sequence of views (lines {one.line} and {two.line})"
        ],
        f"the members of the one are {_members(one.view)}, of the other {_members(two.view)}",
    )


def _agreement_on_successors(story: Story) -> Argument:
    one, two = story.moves()
    return (
        [_goes(one), f"whoever leaves view {one[0].view.id} for another leaves it for view {one[1].view.id}"],
        f"{two[0].process}, too, is in view {two[0].view.id} ({at(two[0])}) and goes from there to view "
        f"{two[1].view.id} ({at(two[1])})",
    )


def _rank_agreement(story: Story) -> Argument:
    one, two = story.of(Installed)[:2]
    rank = [a == b for a, b in zip(one.view.members, two.view.members, strict=False)].index(False)
    return (
        [
            f"the member of rank {rank} of view {one.view.id} is {one.view.members[rank]}, because {one.process} sees "
            f"it so ({at(one)})"
        ],
        f"{two.process} installs the same view and sees {two.view.members[rank]} at that rank ({at(two)})",
    )


def _state_at_join(story: Story) -> Argument:
    one, two = story.of(Stated)[:2]
    return (
        [f"the group's state in view {one.view} is {one.state!r}, because {one.process} has it so ({at(one)})"],
        f"{two.process} has the state {two.state!r} in the same view ({at(two)})",
    )


def _transitional_set(story: Story) -> Argument:
    one, two = story.moves()
    if two[0].process not in one[0].view.members:
        one, two = two, one
    return (
        [
            _goes(one),
            f"{two[0].process} comes to view {two[1].view.id} from view {one[0].view.id}, because it is a member of "
            f"that view, and installs view {two[1].view.id} as well ({at(two[1])})",
        ],
        f"the view that it comes from is view {two[0].view.id} ({at(two[0])})",
    )


# -------------------------------------------------------------------------------------------------- multicast


def _delivery_integrity(story: Story) -> Argument:
    multicasts = story.of(Multicasted)
    if not multicasts:
        delivery = story.one(Delivered)
        return (
            [f"{delivery.message} is multicast somewhere, because {delivery.process} delivers it ({at(delivery)})"],
            f"no line of the trace is a multicast of {delivery.message}",
        )
    steps, first = [], multicasts[0]
    multicast = first
    for _ in multicasts:
        awaited = _first(e for e in story.of(Delivered, multicast.process) if e.line < multicast.line)
        cause = story.multicast_of(awaited)
        steps.append(
            f"line {cause.line} < line {awaited.line} < line {multicast.line}, because {cause.process} multicasts "
            f"{cause.message} before {awaited.process} delivers it, and that before it multicasts {multicast.message}"
        )
        multicast = cause
        if multicast is first:
            break
    return steps, f"so line {first.line} comes before itself, and the lines can be merged in no order"


def _no_duplication(story: Story) -> Argument:
    if len(story.of(Delivered)) == 2:
        one, two = story.of(Delivered)
        return (
            [f"{one.process} delivers {one.message} no more after line {one.line}, because it delivers it there"],
            f"it delivers it again ({at(two)})",
        )
    first, second = story.of(Multicasted)[:2]
    return (
        [f"{first.message} is the name of what {first.process} multicasts, because it does so ({at(first)})"],
        f"{second.process} multicasts a message of that name, too ({at(second)})",
    )


def _sender_integrity(story: Story) -> Argument:
    delivery = story.one(Delivered)
    multicast = story.multicast_of(delivery)
    return (
        [f"{multicast.message} is from {multicast.process}, because it has multicast it ({at(multicast)})"],
        f"{delivery.process} is told that it is from {delivery.sender} ({at(delivery)})",
    )


def _sending_view(story: Story) -> Argument:
    delivery = story.one(Delivered)
    multicast = story.multicast_of(delivery)
    return (
        [
            f"{delivery.message} is delivered{_in(story.view_of(multicast))} only, because {multicast.process} has "
            f"multicast it there ({at(multicast)})"
        ],
        f"{delivery.process} delivers it{_in(story.view_of(delivery))} ({at(delivery)})",
    )


def _same_view(story: Story) -> Argument:
    one, two = story.of(Delivered)[:2]
    return (
        [
            f"{one.message} is delivered{_in(story.view_of(one))} only, because {one.process} delivers it there "
            f"({at(one)})"
        ],
        f"{two.process} delivers it{_in(story.view_of(two))} ({at(two)})",
    )


def _virtual_synchrony(story: Story) -> Argument:
    delivery = story.one(Delivered)
    one, two = story.moves()
    having, lacking = (one, two) if one[0].process == delivery.process else (two, one)
    q, view = lacking[0].process, having[0].view.id
    return (
        [
            _goes(having),
            _goes(lacking),
            f"{q} has delivered {delivery.message} in view {view}, because {having[0].process}, which goes with it, "
            f"has ({at(delivery)})",
        ],
        f"between its lines {lacking[0].line} and {lacking[1].line}, {q} does not deliver {delivery.message}",
    )


def _clean_failure(story: Story) -> Argument:
    delivery = story.one(Delivered)
    multicast = story.multicast_of(delivery)
    view = story.view_of(delivery) or View(id=0, members=())
    p = multicast.process
    return (
        [
            f"{p} has failed before view {view.id}, because view {story.number(multicast)} had it as a member "
            f"({at(multicast)}), and view {view.id} ({_members(view)}) has not",
            f"nothing from {p} is delivered in view {view.id}, because it has been seen to fail",
        ],
        f"{delivery.process} delivers {delivery.message}, which {p} has multicast, in that view ({at(delivery)})",
    )


def _safe_indication(story: Story) -> Argument:
    safe, delivery = story.one(ToldSafe), story.one(Delivered)
    view = story.view_of(delivery) or View(id=0, members=())
    end = [e for e in story.events if isinstance(e, Installed | Left) and e.process != delivery.process][-1]
    ways = "leaves" if isinstance(end, Left) else "goes on to the next view"
    return (
        [
            f"all members of view {view.id} ({_members(view)}) that go on from it have delivered {safe.message}, "
            f"because {safe.process} is told that it is stable ({at(safe)}), and {delivery.process} delivers it in "
            f"that view ({at(delivery)})"
        ],
        f"{end.process} {ways} ({at(end)}), and has not delivered {safe.message} before",
    )


# ------------------------------------------------------------------------------------------------------ order


def _fifo(story: Story) -> Argument:
    late, early = _deliveries_of_receiver(story)
    one, two = story.multicast_of(late), story.multicast_of(early)
    return [
        f"{one.message} < {two.message}, because {one.process} multicasts {one.message} ({at(one)}) before "
        f"{two.message} ({at(two)})"
    ], _other_way_round(early, late)


def _deliveries_of_receiver(story: Story) -> tuple[Delivered, Delivered]:
    """Returns what a process delivers too late, and what it delivers before."""
    receiver = [e for e in story.events if isinstance(e, Delivered)][-1].process
    early, late = story.of(Delivered, receiver)[-2:]
    return late, early


def _other_way_round(early: Delivered, late: Delivered) -> str:
    return f"{early.process} delivers {early.message} ({at(early)}) before {late.message} ({at(late)})"


def _chain(story: Story, cause: Multicasted, receiver: str) -> list[str]:
    """Returns why each message on the way from a cause to its effect comes before the next."""
    steps = []
    for _ in story.events:
        follower, seen = _next_of_chain(story, cause, receiver)
        if follower is None:
            break
        how = f"delivers {cause.message} ({at(seen)})" if seen else f"multicasts {cause.message} ({at(cause)})"
        steps.append(
            f"{cause.message} < {follower.message}, because {follower.process} {how} before it multicasts "
            f"{follower.message} ({at(follower)}): the one may have caused the other"
        )
        cause = follower
    return steps


def _next_of_chain(story: Story, cause: Multicasted, receiver: str) -> tuple[Multicasted | None, Delivered | None]:
    for multicast in story.of(Multicasted):
        before = story.events[: story.events.index(multicast)]
        if multicast is cause:
            continue
        for event in before:
            if isinstance(event, Delivered) and key_of(event) == key_of(cause) and event.process == multicast.process:
                return multicast, event
        if multicast.process == cause.process and cause in before:
            return multicast, None
    return None, None


def _reliable_fifo(story: Story) -> Argument:
    one, two = story.of(Multicasted)[:2]
    end, delivery = _end_and_delivery(story, two)
    return [
        f"{one.message} < {two.message}, because {one.process} multicasts {one.message} ({at(one)}) before "
        f"{two.message} ({at(two)}), in the same view",
        _owes(delivery, one),
    ], _done_without(end, one)


def _end_and_delivery(story: Story, effect: Multicasted) -> tuple[ServiceEvent, Delivered]:
    delivery = [e for e in story.of(Delivered) if key_of(e) == key_of(effect)][-1]
    ends = [e for e in story.events if isinstance(e, Installed | Left | Crashed) and e.process == delivery.process]
    return ends[-1], delivery


def _owes(delivery: Delivered, cause: Multicasted) -> str:
    return (
        f"{delivery.process} delivers {cause.message} as well, because it delivers {delivery.message} "
        f"({at(delivery)}), which comes after it"
    )


def _done_without(end: ServiceEvent, cause: Multicasted) -> str:
    match end:
        case Installed():
            how = f"installs view {end.view.id}"
        case Left():
            how = "leaves"
        case _:
            how = "crashes"
    return f"{end.process} {how} ({at(end)}), and has not delivered {cause.message} before"


def _causal(story: Story) -> Argument:
    late, early = _deliveries_of_receiver(story)
    return _chain(story, story.multicast_of(late), late.process), _other_way_round(early, late)


def _reliable_causal(story: Story) -> Argument:
    multicasts = story.of(Multicasted)
    cause, effect = multicasts[0], multicasts[-1]
    end, delivery = _end_and_delivery(story, effect)
    steps = _chain(story, cause, end.process)
    return [*steps, _owes(delivery, cause)], _done_without(end, cause)


# ------------------------------------------------------------------------------------------------ total order


def _weak_total_order(story: Story) -> Argument:
    moves = story.moves()
    if len(moves) > 2:
        steps, however = _ring(story)
        return [*map(_goes, moves), *steps], however
    one, two = moves
    first, second = story.of(Delivered, one[0].process)[:2]
    there = story.of(Delivered, two[0].process)[:2]
    return [
        _goes(one),
        _goes(two),
        f"{first.message} < {second.message} for both, because {first.process} delivers the one ABCAST ({at(first)}) "
        f"before the other ({at(second)})",
    ], _other_way_round(there[0], there[1])


def _ring(story: Story) -> Argument:
    """The argument of deliveries that go in a circle, two of each process."""
    pairs = [pair for p in dict.fromkeys(e.process for e in story.events) if len(pair := story.of(Delivered, p)) == 2]
    ring = [pairs.pop()]
    while pairs:
        follower = _first(pair for pair in pairs if key_of(pair[0]) == key_of(ring[-1][1]))
        pairs.remove(follower)
        ring.append(follower)
    last = ring.pop()
    return [
        f"{a.message} < {b.message}, because {a.process} delivers {a.message} ({at(a)}) before {b.message} ({at(b)})"
        for a, b in ring
    ], _other_way_round(last[0], last[1])


def _told_apart(story: Story) -> Argument:
    """The argument of Reliable Total Order and of GBCAST Order."""
    deliveries = story.of(Delivered)
    pairs = [(d, e) for d in deliveries for e in deliveries if d.process != e.process and key_of(d) == key_of(e)]
    one, two = pairs[0]
    odd = [d for d in deliveries if d not in (one, two)]
    kind = "the GBCAST" if story.violation.guarantee == "GBCASTOrder" else "the uniform ABCAST"
    if not odd:
        return (
            [
                f"{kind} {one.message} is delivered{_in(story.view_of(one))} only, because {one.process} delivers it "
                f"there ({at(one)})"
            ],
            f"{two.process} delivers it{_in(story.view_of(two))} ({at(two)})",
        )
    other = odd[0]
    having, lacking = (one, two) if other.process == one.process else (two, one)
    return (
        [
            f"{other.message} < {having.message}, because {having.process} delivers {other.message} ({at(other)}) "
            f"before {kind} {having.message} ({at(having)}), in view {story.number(having)}",
            f"{lacking.process} delivers {other.message} before {having.message} as well, because it delivers "
            f"{having.message} in the same view ({at(lacking)})",
        ],
        f"{lacking.process} does not deliver {other.message} in that view before line {lacking.line}",
    )


_ARGUMENTS: Final[dict[str, Callable[[Story], Argument]]] = {
    "SelfInclusion": _self_inclusion,
    "LocalMonotonicity": _local_monotonicity,
    "InitialViewEvent": _initial_view_event,
    "PrimaryComponentMembership": _primary_component,
    "AgreementOnSuccessors": _agreement_on_successors,
    "RankAgreement": _rank_agreement,
    "StateAtJoin": _state_at_join,
    "DeliveryIntegrity": _delivery_integrity,
    "NoDuplication": _no_duplication,
    "SenderIntegrity": _sender_integrity,
    "SendingViewDelivery": _sending_view,
    "SameViewDelivery": _same_view,
    "VirtualSynchrony": _virtual_synchrony,
    "TransitionalSet": _transitional_set,
    "CleanFailure": _clean_failure,
    "SafeIndication": _safe_indication,
    "FIFO": _fifo,
    "ReliableFIFO": _reliable_fifo,
    "Causal": _causal,
    "ReliableCausal": _reliable_causal,
    "WeakTotalOrder": _weak_total_order,
    "StrongTotalOrder": _ring,
    "ReliableTotalOrder": _told_apart,
    "GBCASTOrder": _told_apart,
}
