"""The guarantees of virtual synchrony, one checker each, named as in VSProperties.

A checker is fed one event after the other, together with the histories up to and including it, and answers
with a `Violation` at the first event at which the TLA+ formula of its name is false. It relies on no other
checker and on none of the implementation. `cases` counts how often the guarantee was put to the test: a
guarantee for which it is 0 has not been judged, however long the trace.

This module has the guarantees on membership and on multicast; those on order are in `vsync.check.order`, and
those on total order, of ABCAST and GBCAST, in `vsync.check.total_order`.

Spec: VSProperties. Paper: 2.4, 3.1, 3.2; names of Chockler, Keidar, Vitenberg, Group Communication
Specifications, ACM Computing Surveys 33(4), 2001.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Final

import attrs

from vsync.check.groups import MessageKey
from vsync.check.histories import Delivery, Happening, Histories, Message, Move, Multicast, Process
from vsync.check.trace import (
    DEFAULT_GROUP,
    Delivered,
    Installed,
    Left,
    Multicasted,
    ServiceEvent,
    Stated,
    ToldSafe,
    View,
)

# ---------------------------------------------------------------------------------------- vocabulary


@attrs.frozen(kw_only=True)
class Violation:
    """A guarantee is broken, by which event, and against which others.

    `line` is where the event stands that breaks it, `others` are the lines of the further events without
    which it would not be broken, and `sentence` says so to a person.
    """

    guarantee: str
    line: int
    others: tuple[int, ...]
    sentence: str
    group: str = DEFAULT_GROUP

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the contradiction, in the order of the file."""
        return tuple(sorted({self.line, *self.others}))


class Checker(ABC):
    """One guarantee, judged event by event in one group; with `across_groups`, in all groups together.

    `formula` is its name in the specification, `needs` are the kinds of service events without which a trace
    says nothing about it, `concerns` the kinds of those that it has to see, and `question` is what must come
    up in a trace for the guarantee to be judged. The kind `belated` is a
    multicast of what was multicast or delivered before; whom multicasts concern, all of them do.
    """

    formula: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    concerns: ClassVar[tuple[str, ...]]
    question: ClassVar[str]
    across_groups: ClassVar[bool] = False

    def __init__(self) -> None:
        self.cases = 0

    @abstractmethod
    def check(self, now: Happening, histories: Histories) -> Violation | None:
        """Returns the violation if the formula becomes false by the event `now`."""

    def violation(self, sentence: str, now: ServiceEvent, *others: ServiceEvent | None) -> Violation:
        """Returns the violation by the event `now`; absent events among `others` are left out."""
        lines = {other.line for other in others if other is not None} - {now.line}
        return Violation(
            guarantee=guarantee_name(type(self)),
            line=now.line,
            others=tuple(sorted(lines)),
            sentence=sentence,
            group=getattr(now, "group", DEFAULT_GROUP),
        )


GUARANTEES: Final[dict[str, type[Checker]]] = {}
"""The checkers by the names of their formulas in VSProperties."""

FOLLOWS: Final[dict[str, tuple[str, ...]]] = {
    "NoDuplication": (
        "SenderIntegrity",
        "SendingViewDelivery",
        "SameViewDelivery",
        "CleanFailure",
        "FIFO",
        "Causal",
        "StrongTotalOrder",
        "ReliableTotalOrder",
        "GBCASTOrder",
    ),
    "InitialViewEvent": ("SendingViewDelivery", "SameViewDelivery", "GBCASTOrder"),
    "SameViewDelivery": ("SendingViewDelivery", "CleanFailure", "GBCASTOrder"),
    "CleanFailure": ("SendingViewDelivery",),
    "AgreementOnSuccessors": ("TransitionalSet",),
    "FIFO": ("Causal",),
    "ReliableFIFO": ("ReliableCausal",),
}
"""What cannot hold at an event that breaks the guarantee on the left: if both are broken by the same event,
the one on the right is reported as following. A second delivery is in the wrong view, or behind what came
after the first; a delivery in no view is not in that of others; who has been excluded from a view did not
multicast in it; the order of causes contains the order of each sender."""


def guarantee(formula: str) -> Callable[[type[Checker]], type[Checker]]:
    """Registers a checker as that of a formula, for instance "VSProperties!VirtualSynchrony"."""

    def register(checker: type[Checker]) -> type[Checker]:
        checker.formula = formula
        assert guarantee_name(checker) == checker.__name__, "a checker bears the name of its formula"
        GUARANTEES[checker.__name__] = checker
        return checker

    return register


def guarantee_name(checker: type[Checker]) -> str:
    """Returns the name of the formula without that of its module."""
    return checker.formula.partition("!")[2]


def at(event: ServiceEvent) -> str:
    """Returns where an event stands, as part of a sentence."""
    return f"line {event.line}"


# ---------------------------------------------------------------------------------------- membership


@guarantee("VSProperties!SelfInclusion")
class SelfInclusion(Checker):
    """A process is a member of each view that it installs."""

    needs = ("install",)
    concerns = ("install",)
    question = "no process installs a view"

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if not isinstance(now.event, Installed):
            return None
        self.cases += 1
        if now.event.process in now.view.members:
            return None
        return self.violation(
            f"{now.event.process} installs {now.view} at {at(now.event)} and is no member of it", now.event
        )


@guarantee("VSProperties!LocalMonotonicity")
class LocalMonotonicity(Checker):
    """A process installs views in increasing order."""

    needs = ("install",)
    concerns = ("install",)
    question = "no process installs a second view"

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, Installed] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if not isinstance(now.event, Installed):
            return None
        last = self._last.get(now.event.process)
        self._last[now.event.process] = now.event
        if last is None:
            return None
        self.cases += 1
        if last.view.id < now.view.id:
            return None
        return self.violation(
            f"{now.event.process} installs {now.view} at {at(now.event)} "
            f"although it has installed {last.view} at {at(last)}",
            now.event,
            last,
        )


@guarantee("VSProperties!InitialViewEvent")
class InitialViewEvent(Checker):
    """Every multicast and every delivery happens in some view."""

    needs = ("install",)
    concerns = ("multicast", "deliver")
    question = "nothing is multicast or delivered"

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if not isinstance(now.event, Multicasted | Delivered):
            return None
        self.cases += 1
        if now.installed is not None:
            return None
        does = "multicasts" if isinstance(now.event, Multicasted) else "delivers"
        return self.violation(
            f"{now.event.process} {does} {now.event.message} at {at(now.event)} in no view: "
            "it has installed none, or has left",
            now.event,
        )


@guarantee("VSProperties!PrimaryComponentMembership")
class PrimaryComponentMembership(Checker):
    """There is one sequence of views, and each shares a member with the next."""

    needs = ("install",)
    concerns = ("install",)
    question = "no view is installed twice, and no two that follow one another"

    def __init__(self) -> None:
        super().__init__()
        self._installed: dict[int, Installed] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        event = now.event
        if not isinstance(event, Installed):
            return None
        same = self._installed.setdefault(event.view.id, event)
        if same is not event:
            self.cases += 1
            if set(same.view.members) != set(event.view.members):
                return self.violation(
                    f"{event.process} installs {event.view} at {at(event)}, but {same.process} has installed "
                    f"other members under the same number, {same.view}, at {at(same)}",
                    event,
                    same,
                )
        for neighbour in (self._installed.get(event.view.id - 1), self._installed.get(event.view.id + 1)):
            if neighbour is None:
                continue
            self.cases += 1
            if set(neighbour.view.members).isdisjoint(event.view.members):
                return self.violation(
                    f"{event.process} installs {event.view} at {at(event)}, which shares no member with "
                    f"{neighbour.view}, installed by {neighbour.process} at {at(neighbour)}",
                    event,
                    neighbour,
                )
        return None


@guarantee("VSProperties!AgreementOnSuccessors")
class AgreementOnSuccessors(Checker):
    """Processes that leave one view for another leave it for the same one."""

    needs = ("install",)
    concerns = ("install",)
    question = "no two processes leave the same view for another"

    def __init__(self) -> None:
        super().__init__()
        self._move_from: dict[int, Move] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        move = now.move
        if move is None:
            return None
        other = self._move_from.setdefault(move.source.view.id, move)
        if other is move:
            return None
        self.cases += 1
        if other.target.view.id == move.target.view.id:
            return None
        return self.violation(
            f"{move.process} goes from view {move.source.view.id} ({at(move.source)}) to {move.target.view} "
            f"({at(move.target)}), but {other.process} goes from the same view ({at(other.source)}) to "
            f"{other.target.view} ({at(other.target)})",
            now.event,
            move.source,
            other.source,
            other.target,
        )


@guarantee("VSProperties!RankAgreement")
class RankAgreement(Checker):
    """All who install a view see its members in the same order."""

    needs = ("install",)
    concerns = ("install",)
    question = "no view is installed twice"

    def __init__(self) -> None:
        super().__init__()
        self._installed: dict[tuple[int, frozenset[str]], Installed] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        event = now.event
        if not isinstance(event, Installed):
            return None
        same = self._installed.setdefault((event.view.id, frozenset(event.view.members)), event)
        if same is event:
            return None
        self.cases += 1
        if same.view.members == event.view.members:
            return None
        return self.violation(
            f"{event.process} installs {event.view} at {at(event)}, but {same.process} has installed it with "
            f"the members in another order, {same.view}, at {at(same)}",
            event,
            same,
        )


@guarantee("VSProperties!StateAtJoin")
class StateAtJoin(Checker):
    """All for whom the state of the group in a view is recorded have the same."""

    needs = ("state",)
    concerns = ("state",)
    question = "of no view the state is recorded twice"

    def __init__(self) -> None:
        super().__init__()
        self._stated: dict[int, Stated] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        event = now.event
        if not isinstance(event, Stated):
            return None
        other = self._stated.setdefault(event.view, event)
        if other is event:
            return None
        self.cases += 1
        if other.state == event.state:
            return None
        return self.violation(
            f"{event.process} has the state {event.state!r} in view {event.view} ({at(event)}), "
            f"but {other.process} has the state {other.state!r} in it ({at(other)})",
            event,
            other,
        )


# ---------------------------------------------------------------------------------------- multicast


@guarantee("VSProperties!DeliveryIntegrity")
class DeliveryIntegrity(Checker):
    """What is delivered was multicast before."""

    needs = ("multicast", "deliver")
    concerns = ("deliver",)
    question = "nothing is delivered"
    across_groups = True

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.delivery is None:
            return None
        self.cases += 1
        if now.delivery.message.multicasts:
            return None
        return self.violation(
            f"{now.process.name} delivers {now.delivery.message.id} at {at(now.event)}, "
            "but nobody can have multicast it before",
            now.event,
        )


@guarantee("VSProperties!NoDuplication")
class NoDuplication(Checker):
    """A message is multicast once, and delivered at most once by each process."""

    needs = ()
    concerns = ("multicast", "deliver")
    question = "nothing is multicast or delivered"
    across_groups = True

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.multicast is not None:
            self.cases += 1
            message = now.multicast.message
            if len(message.multicasts) == 1:
                return None
            first = message.multicasts[0]
            return self.violation(
                f"{now.process.name} multicasts {message.id} at {at(now.event)}, "
                f"but {first.sender} has multicast it at {at(first.event)}",
                now.event,
                first.event,
            )
        if now.delivery is not None:
            self.cases += 1
            earlier = now.delivery.message.deliveries[now.process.name]
            if earlier is now.delivery:
                return None
            return self.violation(
                f"{now.process.name} delivers {now.delivery.message.id} at {at(now.event)}, "
                f"but it has delivered it at {at(earlier.event)}",
                now.event,
                earlier.event,
            )
        return None


@guarantee("VSProperties!SenderIntegrity")
class SenderIntegrity(Checker):
    """Who is told, with a message, who sent it, is told who multicast it."""

    needs = ("multicast", "deliver")
    concerns = ("belated", "deliver")
    question = "with no message that was multicast its sender is told"
    across_groups = True

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.delivery is not None:
            for multicast in now.delivery.message.multicasts:
                if self._forged(multicast, now.delivery):
                    return self._other_sender(now, multicast, now.delivery)
        elif now.multicast is not None and now.belated:
            for delivery in (*now.multicast.message.deliveries.values(), *now.multicast.message.repeated):
                if self._forged(now.multicast, delivery):
                    return self._other_sender(now, now.multicast, delivery)
        return None

    def _forged(self, multicast: Multicast, delivery: Delivery) -> bool:
        self.cases += delivery.event.sender is not None
        return delivery.event.sender not in (None, multicast.sender)

    def _other_sender(self, now: Happening, multicast: Multicast, delivery: Delivery) -> Violation:
        return self.violation(
            f"{delivery.event.process} is told that {multicast.message.id} is from {delivery.event.sender} "
            f"({at(delivery.event)}), but {multicast.sender} has multicast it ({at(multicast.event)})",
            now.event,
            multicast.event,
            delivery.event,
        )


@guarantee("VSProperties!SendingViewDelivery")
class SendingViewDelivery(Checker):
    """A message is delivered in the view in which it was multicast."""

    needs = ("install", "multicast", "deliver")
    concerns = ("belated", "deliver")
    question = "no message that was multicast is delivered"

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.delivery is not None:
            message, view = now.delivery.message, now.view
            self.cases += bool(message.multicasts)
            for multicast in message.multicasts:
                if multicast.view.id != view.id:
                    return self._in_different_views(now, now.event, now.installed, multicast)
        elif now.multicast is not None and now.belated:
            for delivery in (*now.multicast.message.deliveries.values(), *now.multicast.message.repeated):
                self.cases += 1
                if delivery.view.id != now.view.id:
                    return self._in_different_views(now, delivery.event, delivery.installed, now.multicast)
        return None

    def _in_different_views(
        self, now: Happening, delivered: ServiceEvent, installed: Installed | None, multicast: Multicast
    ) -> Violation:
        view = installed.view.id if installed else None
        return self.violation(
            f"{delivered.process} delivers {multicast.message.id} at {at(delivered)} in {_numbered(view)}, "
            f"but {multicast.sender} has multicast it at {at(multicast.event)} "
            f"in {_numbered(multicast.view.id)}",
            now.event,
            delivered,
            installed,
            multicast.event,
            multicast.installed,
        )


@guarantee("VSProperties!SameViewDelivery")
class SameViewDelivery(Checker):
    """All who deliver a message deliver it in the same view."""

    needs = ("install", "deliver")
    concerns = ("deliver",)
    question = "no message is delivered twice"

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.delivery is None:
            return None
        message = now.delivery.message
        first = next(iter(message.deliveries.values()))
        if first is now.delivery:
            return None
        self.cases += 1
        if first.view.id == now.view.id:
            return None
        return self.violation(
            f"{now.process.name} delivers {message.id} at {at(now.event)} in {_numbered(now.view.id)}, but "
            f"{first.event.process} has delivered it at {at(first.event)} in {_numbered(first.view.id)}",
            now.event,
            now.installed,
            first.event,
            first.installed,
        )


@guarantee("VSProperties!VirtualSynchrony")
class VirtualSynchrony(Checker):
    """Processes that go together from one view to the next have delivered the same messages in the first."""

    needs = ("install", "deliver")
    concerns = ("install",)
    question = "no two processes go from the same view to the same next one"

    def __init__(self) -> None:
        super().__init__()
        self._moves: dict[tuple[int, int], Move] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        move = now.move
        if move is None:
            return None
        other = self._moves.setdefault((move.source.view.id, move.target.view.id), move)
        if other is move:
            return None
        self.cases += 1
        if move.delivered.keys() == other.delivered.keys():
            return None
        odd = move.delivered.keys() ^ other.delivered.keys()
        having, lacking = (move, other) if odd & move.delivered.keys() else (other, move)
        delivery = min(
            (having.delivered[message] for message in odd & having.delivered.keys()),
            key=lambda candidate: candidate.event.line,
        )
        return self.violation(
            f"{having.process} and {lacking.process} go together from view {move.source.view.id} to "
            f"{move.target.view} ({at(having.target)} and {at(lacking.target)}), but only {having.process} "
            f"has delivered {delivery.message.id} in view {move.source.view.id}, at {at(delivery.event)}",
            now.event,
            having.source,
            having.target,
            lacking.source,
            lacking.target,
            delivery.event,
        )


@guarantee("VSProperties!TransitionalSet")
class TransitionalSet(Checker):
    """Members of a view who go to the same next view come from that view."""

    needs = ("install",)
    concerns = ("install",)
    question = "no two processes go to the same view from another"

    def __init__(self) -> None:
        super().__init__()
        self._moves_to: dict[int, dict[View, dict[str, Move]]] = {}

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        move = now.move
        if move is None:
            return None
        by_source = self._moves_to.setdefault(move.target.view.id, {})
        self.cases += bool(by_source)
        for source, others in by_source.items():
            if source.id != move.source.view.id:
                for other in others.values():
                    if move.process in source.members or other.process in move.source.view.members:
                        return self._from_different_views(now, move, other)
        by_source.setdefault(move.source.view, {}).setdefault(move.process, move)
        return None

    def _from_different_views(self, now: Happening, move: Move, other: Move) -> Violation:
        return self.violation(
            f"{move.process} goes to {move.target.view} ({at(move.target)}) from {move.source.view} "
            f"({at(move.source)}), but {other.process} goes there ({at(other.target)}) from "
            f"{other.source.view} ({at(other.source)}), although one of them is a "
            "member of the view that the other came from",
            now.event,
            move.source,
            other.source,
            other.target,
        )


@guarantee("VSProperties!CleanFailure")
class CleanFailure(Checker):
    """What a member multicast is not delivered in a later view that has excluded it."""

    needs = ("install", "multicast", "deliver")
    concerns = ("install", "leave", "belated", "deliver")
    question = "nothing is delivered in a view that has excluded a member"

    def __init__(self) -> None:
        super().__init__()
        self._earliest: dict[str, int] = {}
        """The first view of which a process was a member."""
        self._excluding: dict[View, bool] = {}
        """Whether a view lacks a member of an earlier one."""
        self._within: set[str] = set()
        """The processes that are in such a view now."""

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if isinstance(now.event, Installed):
            self._installed(now.process.name, now.view)
        elif isinstance(now.event, Left):
            self._within.discard(now.process.name)
        elif now.delivery is not None:
            self.cases += now.process.name in self._within
            for multicast in now.delivery.message.multicasts:
                if _heard_too_late(multicast, now.delivery):
                    return self._too_late(now, multicast, now.delivery)
        elif now.multicast is not None and now.belated:
            for delivery in (*now.multicast.message.deliveries.values(), *now.multicast.message.repeated):
                if _heard_too_late(now.multicast, delivery):
                    return self._too_late(now, now.multicast, delivery)
        return None

    def _installed(self, process: str, view: View) -> None:
        if view not in self._excluding:
            earlier = (name for name, first in self._earliest.items() if first < view.id)
            self._excluding[view] = not set(earlier) <= set(view.members)
            for name in view.members:
                self._earliest[name] = min(view.id, self._earliest.get(name, view.id))
        if self._excluding[view]:
            self._within.add(process)
        else:
            self._within.discard(process)

    def _too_late(self, now: Happening, multicast: Multicast, delivery: Delivery) -> Violation:
        return self.violation(
            f"{multicast.sender} multicasts {multicast.message.id} ({at(multicast.event)}) in view "
            f"{multicast.view.id}, but {delivery.event.process} delivers it ({at(delivery.event)}) in "
            f"{delivery.view}, which has excluded {multicast.sender}",
            now.event,
            multicast.event,
            multicast.installed,
            delivery.event,
            delivery.installed,
        )


def _heard_too_late(multicast: Multicast, delivery: Delivery) -> bool:
    """Says whether a delivery is in a later view than the multicast, and one that has excluded its sender."""
    return 0 < multicast.view.id < delivery.view.id and multicast.sender not in delivery.view.members


@guarantee("VSProperties!SafeIndication")
class SafeIndication(Checker):
    """No member goes on from a view without a message delivered in it of which someone was told it is stable."""

    needs = ("install", "deliver", "safe")
    concerns = ("install", "leave", "deliver", "safe")
    question = "no process goes on from a view in which a message was delivered that was told to be stable"

    def __init__(self) -> None:
        super().__init__()
        self._safe: dict[MessageKey, ToldSafe] = {}
        self._delivered: dict[MessageKey, dict[View, Delivery]] = {}
        """The first delivery of a message in each view."""
        self._stable: dict[int, dict[View, dict[MessageKey, Delivery]]] = {}
        """The messages delivered in a view of which someone was told that they are stable."""
        self._gone: dict[tuple[str, int], list[tuple[int, ServiceEvent]]] = {}
        """The places at which a process went on from a view."""

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if isinstance(now.event, ToldSafe) and now.told_safe is not None:
            return self._told(now, now.event, now.told_safe, histories)
        if now.delivery is not None:
            return self._delivered_in(now, now.delivery, histories)
        if now.move is not None:
            return self._goes_on(now, now.move.source.view.id)
        if isinstance(now.event, Left) and now.installed is not None:
            return self._goes_on(now, now.view.id)
        return None

    def _told(self, now: Happening, event: ToldSafe, message: Message, histories: Histories) -> Violation | None:
        if self._safe.setdefault(message.key, event) is event:
            for delivery in self._delivered.get(message.key, {}).values():
                violation = self._becomes_stable(now, delivery, histories)
                if violation is not None:
                    return violation
        return None

    def _delivered_in(self, now: Happening, delivery: Delivery, histories: Histories) -> Violation | None:
        key = delivery.message.key
        first = self._delivered.setdefault(key, {}).setdefault(delivery.view, delivery)
        if first is delivery and key in self._safe:
            return self._becomes_stable(now, delivery, histories)
        return None

    def _becomes_stable(self, now: Happening, delivery: Delivery, histories: Histories) -> Violation | None:
        view, message = delivery.view, delivery.message
        self._stable.setdefault(view.id, {}).setdefault(view, {})[message.key] = delivery
        for member in view.members:
            for place, end in self._gone.get((member, view.id), ()):
                self.cases += 1
                if not _had_delivered(histories.processes[member], message, place):
                    return self._without_it(now, end, delivery)
        return None

    def _goes_on(self, now: Happening, view_id: int) -> Violation | None:
        place = now.process.ends[-1][0]
        self._gone.setdefault((now.process.name, view_id), []).append((place, now.event))
        for view, messages in self._stable.get(view_id, {}).items():
            if now.process.name in view.members:
                for delivery in messages.values():
                    self.cases += 1
                    if not _had_delivered(now.process, delivery.message, place):
                        return self._without_it(now, now.event, delivery)
        return None

    def _without_it(self, now: Happening, end: ServiceEvent, delivery: Delivery) -> Violation:
        safe, message = self._safe[delivery.message.key], delivery.message
        return self.violation(
            f"{safe.process} is told that {message.id} is stable ({at(safe)}), which {delivery.event.process} "
            f"delivers ({at(delivery.event)}) in {delivery.view}, but {end.process} goes on from that view "
            f"({at(end)}) without having delivered it",
            now.event,
            safe,
            delivery.event,
            delivery.installed,
            end,
        )


def _had_delivered(process: Process, message: Message, place: int) -> bool:
    delivery = message.deliveries.get(process.name)
    return delivery is not None and delivery.place < place


def _numbered(view_id: int | None) -> str:
    return f"view {view_id}" if view_id else "no view"
