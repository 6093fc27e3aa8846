"""The guarantees on total order, one checker each: those of ABCAST, of its uniform variant, and of GBCAST.

Two of them compare what processes had delivered in a view before a message. Such a set is kept as a number
with a bit for each message of the view, so that comparing two is cheap.

Weak and Strong Total Order ask for one order: of what those delivered who go together from a view to the next,
and of what anyone ever delivered. The deliveries are kept as a graph: whatever is delivered follows what the same
process delivered before it. The messages stand in a list in which no one stands before what it follows; a
delivery that contradicts the list has it rearranged, between the two places concerned, and if that cannot be done
there is a circle.

Spec: VSProperties, "Total order". Paper: 3.1 (ABCAST, GBCAST); Chockler, Keidar, Vitenberg 2001, section 6;
Pearce and Kelly, A Dynamic Topological Sort Algorithm for Directed Acyclic Graphs, 2006 (the list).
"""

from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

from vsync.check.groups import MessageKey
from vsync.check.histories import Delivery, Happening, Histories, Move
from vsync.check.properties import Checker, Violation, at, guarantee
from vsync.check.trace import GBCAST, UNIFORM, ServiceEvent

_Pair = tuple[Delivery, Delivery]
"""Two deliveries by one process, one after the other."""


def _told_round(circle: list[_Pair]) -> str:
    """Returns a circle in words."""
    return "; ".join(
        f"{a.event.process} delivers {a.message.id} ({at(a.event)}) before {b.message.id} ({at(b.event)})"
        for a, b in circle
    )


class _Together:
    """Those who went from one view to another: one for each sequence of ABCASTs, and the order of them all."""

    def __init__(self) -> None:
        self.moves: dict[tuple[MessageKey, ...], Move] = {}
        self.order = _Order()

    def have_two_of(self, sequence: tuple[MessageKey, ...]) -> bool:
        """Two of these ABCASTs have been delivered by someone else who went."""
        return sequence in self.moves or sum(map(self.order.has, set(sequence))) >= 2


@guarantee("VSProperties!WeakTotalOrder")
class WeakTotalOrder(Checker):
    """There is one order in which those who go together from a view to the next have delivered ABCASTs in it."""

    needs = ("install", "deliver")
    concerns = ("install",)
    question = "no one goes from a view to a next one, having delivered two ABCASTs that others who go there have, too"

    def __init__(self) -> None:
        super().__init__()
        self._moves: defaultdict[tuple[int, int], _Together] = defaultdict(_Together)

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        move = now.move
        if move is None or len(move.abcasts) < 2:
            return None
        together = self._moves[move.source.view.id, move.target.view.id]
        sequence = tuple(delivery.message.key for delivery in move.abcasts)
        self.cases += together.have_two_of(sequence)
        if sequence in together.moves:
            return None
        together.moves[sequence] = move
        for other in together.moves.values():
            crossed = _crossed(move.abcasts, other.abcasts)
            if crossed is not None:
                return self._in_different_orders(now, move, other, crossed)
        circle = together.order.all_follow(move.abcasts)
        return None if circle is None else self._in_a_circle(now, move, together, circle)

    def _in_different_orders(self, now: Happening, move: Move, other: Move, crossed: list[Delivery]) -> Violation:
        first, second, *_ = (delivery.message.id for delivery in crossed)
        here, there = crossed[:2], crossed[2:]
        return self.violation(
            f"{move.process} and {other.process} go together from view {move.source.view.id} to "
            f"{move.target.view} ({at(move.target)} and {at(other.target)}), but {move.process} has delivered "
            f"{first} before {second} ({at(here[0].event)} and {at(here[1].event)}), and {other.process} "
            f"{second} before {first} ({at(there[0].event)} and {at(there[1].event)})",
            now.event,
            move.source,
            other.source,
            other.target,
            *(delivery.event for delivery in crossed),
        )

    def _in_a_circle(self, now: Happening, move: Move, together: _Together, circle: list[_Pair]) -> Violation:
        involved = {pair[0].event.process for pair in circle}
        others = [other for other in together.moves.values() if other.process in involved and other is not move]
        names = ", ".join(each.process for each in (move, *others))
        return self.violation(
            f"{names} go together from view {move.source.view.id} to {move.target.view}, but these deliveries of "
            f"ABCASTs in the first go in a circle: {_told_round(circle)}",
            now.event,
            move.source,
            *(event for other in others for event in (other.source, other.target)),
            *(each.event for pair in circle for each in pair),
        )


def _crossed(one: list[Delivery], two: list[Delivery]) -> list[Delivery] | None:
    """Returns two deliveries in `one` and two in `two` of the same messages in the other order, if any."""
    first: dict[MessageKey, int] = {}
    last: dict[MessageKey, int] = {}
    for place, delivery in enumerate(two):
        first.setdefault(delivery.message.key, place)
        last[delivery.message.key] = place
    common = [delivery for delivery in one if delivery.message.key in first]
    places = [(first[d.message.key], last[d.message.key]) for d in common]
    if all(before[1] < after[0] for before, after in pairwise(places)):
        return None
    for i, earlier in enumerate(common):
        for later in common[i + 1 :]:
            a, b = earlier.message.key, later.message.key
            if a != b and first[b] < last[a]:
                return [earlier, later, two[first[b]], two[last[a]]]
    return None


@guarantee("VSProperties!StrongTotalOrder")
class StrongTotalOrder(Checker):
    """There is one order in which all processes, also those that crash, deliver uniform ABCASTs."""

    needs = ("multicast", "deliver")
    concerns = ("deliver",)
    question = "no two processes deliver the same uniform ABCAST after another that both deliver"
    across_groups = True

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, Delivery] = {}
        self._order = _Order()

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        delivery = now.delivery
        if delivery is None or delivery.primitive != UNIFORM:
            return None
        last = self._last.get(now.process.name)
        self._last[now.process.name] = delivery
        self._order.add(delivery.message.key)
        if last is None or last.message is delivery.message:
            return None
        both = last.message.deliveries.keys() & delivery.message.deliveries.keys()
        self.cases += len(both) > 1
        circle = self._order.follows(last, delivery)
        if circle is None:
            return None
        return self.violation(
            f"these deliveries of uniform ABCASTs go in a circle: {_told_round(circle)}",
            now.event,
            *(each.event for pair in circle for each in pair),
        )


class _Order:
    """The messages, in a list in which no one stands before what it follows."""

    def __init__(self) -> None:
        self._place: dict[MessageKey, int] = {}
        self._after: defaultdict[MessageKey, dict[MessageKey, _Pair]] = defaultdict(dict)
        self._before: defaultdict[MessageKey, dict[MessageKey, _Pair]] = defaultdict(dict)

    def add(self, message: MessageKey) -> None:
        """Puts a message at the end of the list, if it is not there."""
        self._place.setdefault(message, len(self._place))

    def has(self, message: MessageKey) -> bool:
        """Whether a message stands in the list."""
        return message in self._place

    def all_follow(self, deliveries: list[Delivery]) -> list[_Pair] | None:
        """Has each of one process' deliveries follow the one before; returns the circle if that closes one."""
        for delivery in deliveries:
            self.add(delivery.message.key)
        different = [pair for pair in pairwise(deliveries) if pair[0].message is not pair[1].message]
        return next((circle for pair in different if (circle := self.follows(*pair)) is not None), None)

    def follows(self, earlier: Delivery, later: Delivery) -> list[_Pair] | None:
        """Has the message of `later` follow that of `earlier`; returns the circle if this closes one."""
        a, b = earlier.message.key, later.message.key
        self._after[a].setdefault(b, (earlier, later))
        self._before[b].setdefault(a, (earlier, later))
        if self._place[a] < self._place[b]:
            return None
        beyond = self._reached(b, self._after, lambda place: place <= self._place[a])
        if a in beyond:
            return _turns([(earlier, later), *self._path(b, a, beyond)])
        behind = self._reached(a, self._before, lambda place: place >= self._place[b])
        moved = [*sorted(behind, key=self._place.__getitem__), *sorted(beyond, key=self._place.__getitem__)]
        for message, place in zip(moved, sorted(self._place[each] for each in moved), strict=True):
            self._place[message] = place
        return None

    def _reached(
        self,
        start: MessageKey,
        steps: defaultdict[MessageKey, dict[MessageKey, _Pair]],
        within: Callable[[int], bool],
    ) -> dict[MessageKey, MessageKey]:
        """Returns what can be reached from `start` at places that are `within`, each with the step before it."""
        reached = {start: start}
        waiting = [start]
        while waiting:
            message = waiting.pop()
            for following in steps[message]:
                if following not in reached and within(self._place[following]):
                    reached[following] = message
                    waiting.append(following)
        return reached

    def _path(self, start: MessageKey, end: MessageKey, reached: dict[MessageKey, MessageKey]) -> list[_Pair]:
        pairs: list[_Pair] = []
        while end != start:
            pairs.append(self._after[reached[end]][end])
            end = reached[end]
        return pairs[::-1]


def _turns(circle: list[_Pair]) -> list[_Pair]:
    """Returns a circle with what one process delivers in a row drawn together."""
    turns: list[_Pair] = []
    for earlier, later in circle:
        if turns and turns[-1][1] is earlier:
            turns[-1] = (turns[-1][0], later)
        else:
            turns.append((earlier, later))
    if len(turns) > 1 and turns[-1][1] is turns[0][0]:
        turns[0] = (turns.pop()[0], turns[0][1])
    return turns


class _Seen:
    """What each process delivered in each view: sets of messages, as numbers with a bit for each."""

    def __init__(self) -> None:
        self._bits: defaultdict[int, dict[MessageKey, int]] = defaultdict(dict)
        self._of: defaultdict[tuple[str, int], int] = defaultdict(int)

    def add(self, delivery: Delivery) -> int:
        """Adds a delivery, and returns what its process had delivered before it in the same view."""
        bits, owner = self._bits[delivery.view.id], (delivery.event.process, delivery.view.id)
        before = self._of[owner]
        self._of[owner] = before | 1 << bits.setdefault(delivery.message.key, len(bits))
        return before

    def in_one_only(self, one: int, two: int, view_id: int) -> MessageKey:
        """Returns the first message that is in one of two different sets and not in the other."""
        odd = one ^ two
        bit = (odd & -odd).bit_length() - 1
        return list(self._bits[view_id])[bit]


def _earlier_delivery(delivery: Delivery, message: MessageKey, histories: Histories) -> Delivery | None:
    """Returns the delivery of `message` by the same process in the same view before another, if there is one."""
    process = histories.processes[delivery.event.process]
    for earlier in process.deliveries:
        if earlier.message.key == message and earlier.view.id == delivery.view.id and earlier.place < delivery.place:
            return earlier
    return None


@guarantee("VSProperties!ReliableTotalOrder")
class ReliableTotalOrder(Checker):
    """Who delivers a uniform ABCAST has delivered before it what anyone delivers before it in that view."""

    needs = ("install", "deliver")
    concerns = ("deliver",)
    question = "no uniform ABCAST is delivered twice in one view, after another"

    def __init__(self) -> None:
        super().__init__()
        self._seen = _Seen()
        self._first: dict[tuple[int, MessageKey], tuple[Delivery, int]] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        delivery = now.delivery
        if delivery is None or delivery.primitive != UNIFORM:
            return None
        before = self._seen.add(delivery)
        key = (delivery.view.id, delivery.message.key)
        first, before_first = self._first.setdefault(key, (delivery, before))
        if first is delivery:
            return None
        self.cases += bool(before | before_first)
        if before == before_first:
            return None
        odd = self._seen.in_one_only(before, before_first, delivery.view.id)
        return self.violation(*_told_apart(now, delivery, first, odd, histories))


def _told_apart(
    now: Happening, delivery: Delivery, first: Delivery, odd: MessageKey, histories: Histories
) -> tuple[str, ServiceEvent, ServiceEvent, ServiceEvent | None]:
    """Returns the words for one having delivered `odd` before a message, and the other not, and the events."""
    earlier = _earlier_delivery(delivery, odd, histories) or _earlier_delivery(first, odd, histories)
    assert earlier is not None, "one of the two has delivered it"
    sentence = (
        f"{delivery.event.process} ({at(delivery.event)}) and {first.event.process} ({at(first.event)}) deliver "
        f"{delivery.message.id} in view {delivery.view.id}, but only {earlier.event.process} has delivered "
        f"{earlier.message.id} before it in that view ({at(earlier.event)})"
    )
    return sentence, now.event, first.event, earlier.event


@guarantee("VSProperties!GBCASTOrder")
class GBCASTOrder(Checker):
    """Those who deliver a GBCAST do so in the same view, after the same multicasts of the group in it."""

    needs = ("install", "deliver")
    concerns = ("deliver",)
    question = "no GBCAST is delivered twice"

    def __init__(self) -> None:
        super().__init__()
        self._seen = _Seen()
        self._first: dict[MessageKey, tuple[Delivery, int]] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        delivery = now.delivery
        if delivery is None:
            return None
        before = self._seen.add(delivery)
        if delivery.primitive != GBCAST:
            return None
        first, before_first = self._first.setdefault(delivery.message.key, (delivery, before))
        if first is delivery:
            return None
        self.cases += 1
        if first.view.id != delivery.view.id:
            return self.violation(
                f"{delivery.event.process} delivers the GBCAST {delivery.message.id} ({at(delivery.event)}) in "
                f"{delivery.view}, but {first.event.process} has delivered it ({at(first.event)}) in {first.view}",
                now.event,
                delivery.installed,
                first.event,
                first.installed,
            )
        if before == before_first:
            return None
        odd = self._seen.in_one_only(before, before_first, delivery.view.id)
        return self.violation(*_told_apart(now, delivery, first, odd, histories))
