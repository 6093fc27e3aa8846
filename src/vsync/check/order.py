"""The guarantees on the order of delivery, one checker each, named as in VSProperties.

Each keeps, for each process, a summary that answers in constant time (or in the size of the group) whether an
event can break the guarantee. Only when the summary says that it can, the histories are searched for the
events that contradict one another; they decide. So the summary may be coarse where a trace is wrong in other
ways, and still no event is judged wrongly.

"Reliable" means without gaps. A gap shows when a process is done with a view: it installs another, leaves or
crashes, having delivered a message in that view but not one that stands before it.

Spec: VSProperties, "Order". Paper: 3.1 (CBCAST); Chockler, Keidar, Vitenberg 2001, section 6.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from vsync.check.histories import Delivery, Happening, Histories, Message, Multicast, Past, Process, add_past
from vsync.check.properties import Checker, Violation, at, guarantee
from vsync.check.trace import ServiceEvent


@guarantee("VSProperties!FIFO")
class FIFO(Checker):
    """Messages of one sender are delivered in the order in which it multicast them."""

    needs = ("multicast", "deliver")
    concerns = ("belated", "deliver")
    question = "no process delivers two messages of one sender"
    across_groups = True

    def __init__(self) -> None:
        super().__init__()
        self._latest: dict[tuple[str, str], int] = {}
        """Of what a process delivered of a sender, the number of the message that was multicast last."""

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.delivery is not None:
            return self._delivered(now, now.delivery)
        if now.multicast is not None and now.belated:
            return self._multicast_afterwards(now, now.multicast, histories)
        return None

    def _delivered(self, now: Happening, delivery: Delivery) -> Violation | None:
        for multicast in delivery.message.multicasts:
            latest = self._latest.get((now.process.name, multicast.sender), 0)
            self.cases += latest > 0
            if latest > multicast.number:
                for earlier in now.process.deliveries:
                    for after in _others(earlier, multicast.message, multicast.sender):
                        if after.number > multicast.number:
                            return self._out_of_order(now.event, multicast, delivery, after, earlier)
            self._latest[now.process.name, multicast.sender] = max(latest, multicast.number)
        return None

    def _multicast_afterwards(self, now: Happening, multicast: Multicast, histories: Histories) -> Violation | None:
        for name, first in multicast.message.deliveries.items():
            for later in histories.processes[name].deliveries:
                for before in _others(later, multicast.message, multicast.sender):
                    if later.place > first.place:
                        return self._out_of_order(now.event, before, later, multicast, first)
            self._latest[name, multicast.sender] = multicast.number
        return None

    def _out_of_order(
        self,
        now: ServiceEvent,
        first: Multicast,
        last_delivered: Delivery,
        second: Multicast,
        delivered: Delivery,
    ) -> Violation:
        return self.violation(
            f"{first.sender} multicasts {first.message.id} ({at(first.event)}) before {second.message.id} "
            f"({at(second.event)}), but {delivered.event.process} delivers {second.message.id} "
            f"({at(delivered.event)}) before {first.message.id} ({at(last_delivered.event)})",
            now,
            first.event,
            second.event,
            delivered.event,
            last_delivered.event,
        )


def _others(delivery: Delivery, message: Message, sender: str) -> Iterator[Multicast]:
    """Yields the multicasts, by `sender`, of what was delivered, if that is not `message`."""
    if delivery.message is not message:
        for multicast in delivery.message.multicasts:
            if multicast.sender == sender:
                yield multicast


@guarantee("VSProperties!ReliableFIFO")
class ReliableFIFO(Checker):
    """Who delivers a message delivers also what its sender multicast before it in the same view."""

    needs = ("install", "multicast", "deliver")
    concerns = ("install", "leave", "crash", "belated", "deliver")
    question = "no process is done with a view in which it delivered a message that was not its sender's first"

    def __init__(self) -> None:
        super().__init__()
        self._reached: defaultdict[str, dict[tuple[str, int], Multicast]] = defaultdict(dict)
        """The last that a process delivered, since it was done with a view, of a sender in a view."""
        self._complete: dict[tuple[str, str, int], int] = {}
        """How many of a sender's multicasts in a view a process had delivered without a gap."""

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.delivery is not None:
            for multicast in now.delivery.message.multicasts:
                self._reach(now.process.name, multicast)
        elif now.ends:
            return self._done(now, histories)
        elif now.multicast is not None and now.belated:
            return self._multicast_afterwards(now.multicast, histories)
        return None

    def _reach(self, process: str, multicast: Multicast) -> None:
        reached = self._reached[process]
        last = reached.get((multicast.sender, multicast.view.id))
        if last is None or last.number < multicast.number:
            reached[multicast.sender, multicast.view.id] = multicast

    def _done(self, now: Happening, histories: Histories) -> Violation | None:
        name = now.process.name
        for (sender, view_id), last in self._reached.pop(name, {}).items():
            sent = histories.sent[view_id][sender]
            complete = self._complete.get((name, sender, view_id), 0)
            self.cases += sent[0] is not last
            while complete < len(sent) and sent[complete].number < last.number:
                if name not in sent[complete].message.deliveries:
                    delivery = last.message.deliveries[name]
                    return self._skipped(now.event, now.event, sent[complete], last, delivery)
                complete += 1
            self._complete[name, sender, view_id] = complete
        return None

    def _multicast_afterwards(self, multicast: Multicast, histories: Histories) -> Violation | None:
        for name, delivery in multicast.message.deliveries.items():
            end = histories.processes[name].end_after(delivery.place)
            if end is None:
                self._reach(name, multicast)
                continue
            for before in histories.sent[multicast.view.id][multicast.sender]:
                if before is not multicast and not _delivered_by(name, before.message, end[0]):
                    return self._skipped(multicast.event, end[1], before, multicast, delivery)
        return None

    def _skipped(
        self, now: ServiceEvent, end: ServiceEvent, skipped: Multicast, last: Multicast, delivery: Delivery
    ) -> Violation:
        return self.violation(
            f"{skipped.sender} multicasts {skipped.message.id} ({at(skipped.event)}) before "
            f"{last.message.id} ({at(last.event)}) in view {last.view.id}, but {end.process}, done with that "
            f"view at {at(end)}, has delivered {last.message.id} ({at(delivery.event)}) and not "
            f"{skipped.message.id}",
            now,
            end,
            skipped.event,
            last.event,
            delivery.event,
        )


@guarantee("VSProperties!Causal")
class Causal(Checker):
    """Messages are delivered in an order in which a cause comes before what it may have caused."""

    needs = ("multicast", "deliver")
    concerns = ("belated", "deliver")
    question = "no process delivers a message that may have been caused by another"
    across_groups = True

    def __init__(self) -> None:
        super().__init__()
        self._causes: defaultdict[str, Past] = defaultdict(dict)
        """What may have caused the messages that a process delivered."""

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.delivery is not None:
            return self._delivered(now, now.delivery, histories)
        if now.multicast is not None and now.belated:
            return self._multicast_afterwards(now.multicast, histories)
        return None

    def _delivered(self, now: Happening, delivery: Delivery, histories: Histories) -> Violation | None:
        causes, message = self._causes[now.process.name], delivery.message
        if message.multicasts and message.within(causes):
            for earlier in now.process.deliveries:
                effect = _effect(earlier, message)
                if effect is not None:
                    return self._out_of_order(now.event, message, delivery, effect, earlier, histories)
        for multicast in message.multicasts:
            self.cases += multicast.caused
            add_past(causes, multicast)
        return None

    def _multicast_afterwards(self, multicast: Multicast, histories: Histories) -> Violation | None:
        message, past = multicast.message, multicast.past
        for name, first in message.deliveries.items():
            deliveries = histories.processes[name].deliveries
            last = max(place for place, delivery in enumerate(deliveries) if delivery.message is message)
            for place, delivery in enumerate(deliveries):
                cause = delivery.message
                if cause is message or not cause.multicasts:
                    continue
                if delivery.place > first.place and cause.within(past):
                    return self._out_of_order(multicast.event, cause, delivery, multicast, first, histories)
                effect = _effect(delivery, message)
                if place < last and effect is not None:
                    return self._out_of_order(multicast.event, message, deliveries[last], effect, delivery, histories)
            add_past(self._causes[name], multicast)
        return None

    def _out_of_order(
        self,
        now: ServiceEvent,
        cause: Message,
        last_delivered: Delivery,
        effect: Multicast,
        delivered: Delivery,
        histories: Histories,
    ) -> Violation:
        chain = histories.chain(cause, effect)
        return self.violation(
            f"{cause.id} ({at(cause.multicasts[0].event)}) may have caused {effect.message.id} "
            f"({at(effect.event)}), but {delivered.event.process} delivers {effect.message.id} "
            f"({at(delivered.event)}) before {cause.id} ({at(last_delivered.event)})",
            now,
            *chain,
            delivered.event,
            last_delivered.event,
        )


def _effect(delivery: Delivery, cause: Message) -> Multicast | None:
    """Returns the multicast of what was delivered that `cause` may have caused, None if there is none."""
    if delivery.message is cause:
        return None
    return next((effect for effect in delivery.message.multicasts if cause.within(effect.past)), None)


@guarantee("VSProperties!ReliableCausal")
class ReliableCausal(Checker):
    """Who delivers a message delivers also its causes of the same view."""

    needs = ("install", "multicast", "deliver")
    concerns = ("install", "leave", "crash", "belated", "deliver")
    question = "no process is done with a view in which it delivered a message that may have been caused by another"

    def __init__(self) -> None:
        super().__init__()
        self._causes: defaultdict[str, Past] = defaultdict(dict)
        """What may have caused a process's deliveries, whenever they were."""
        self._views: defaultdict[str, dict[int, bool]] = defaultdict(dict)
        """The views in which its deliveries since it was done with a view were multicast; whether any had a cause."""
        self._complete: dict[tuple[str, str, int], int] = {}
        """How many of a sender's multicasts in a view a process had delivered without a gap."""

    def check(self, now: Happening, histories: Histories) -> Violation | None:
        if now.delivery is not None:
            for multicast in now.delivery.message.multicasts:
                self._add_causes(now.process.name, multicast)
        elif now.ends:
            return self._done(now, histories)
        elif now.multicast is not None and now.belated:
            return self._multicast_afterwards(now.multicast, histories)
        return None

    def _add_causes(self, process: str, multicast: Multicast) -> None:
        views, view_id = self._views[process], multicast.view.id
        views[view_id] = multicast.caused or views.get(view_id, False)
        add_past(self._causes[process], multicast)

    def _done(self, now: Happening, histories: Histories) -> Violation | None:
        causes = self._causes[now.process.name]
        for view_id, caused in self._views.pop(now.process.name, {}).items():
            self.cases += caused
            for skipped in self._gaps(now.process, view_id, causes, histories):
                for delivery in now.process.deliveries:
                    for effect in delivery.message.multicasts:
                        if effect.view.id == view_id and skipped.message.within(effect.past):
                            return self._skipped(now.event, now.event, skipped, effect, delivery, histories)
        return None

    def _gaps(self, process: Process, view_id: int, causes: Past, histories: Histories) -> Iterator[Multicast]:
        """Yields the multicasts of the view that are among `causes` and that the process has not delivered."""
        name = process.name
        for sender, sent in histories.sent[view_id].items():
            count = causes.get((sender, False), 0)
            complete = self._complete.get((name, sender, view_id), 0)
            while complete < len(sent) and sent[complete].number <= count:
                if name not in sent[complete].message.deliveries:
                    break
                complete += 1
            self._complete[name, sender, view_id] = complete
            for multicast in islice(sent, complete, None):
                if multicast.number > count:
                    break
                if name not in multicast.message.deliveries:
                    yield multicast
        for message in histories.irregular:
            if name not in message.deliveries and message.within(causes):
                yield from (multicast for multicast in message.multicasts if multicast.view.id == view_id)

    def _multicast_afterwards(self, multicast: Multicast, histories: Histories) -> Violation | None:
        for name, delivery in multicast.message.deliveries.items():
            if histories.processes[name].end_after(delivery.place) is None:
                self._add_causes(name, multicast)
        view_id = multicast.view.id
        of_view = [sent for all_sent in histories.sent[view_id].values() for sent in all_sent]
        pairs = [(cause, multicast) for cause in of_view if cause.message.within(multicast.past)]
        pairs += [(multicast, effect) for effect in of_view if multicast.message.within(effect.past)]
        for cause, effect in pairs:
            for name, delivery in effect.message.deliveries.items():
                end = histories.processes[name].end_after(delivery.place)
                if end is not None and not _delivered_by(name, cause.message, end[0]):
                    return self._skipped(multicast.event, end[1], cause, effect, delivery, histories)
        return None

    def _skipped(
        self,
        now: ServiceEvent,
        end: ServiceEvent,
        cause: Multicast,
        effect: Multicast,
        delivery: Delivery,
        histories: Histories,
    ) -> Violation:
        return self.violation(
            f"{cause.message.id} ({at(cause.event)}) may have caused {effect.message.id} "
            f"({at(effect.event)}) in view {effect.view.id}, but {end.process}, done with that view "
            f"at {at(end)}, has delivered {effect.message.id} ({at(delivery.event)}) and not "
            f"{cause.message.id}",
            now,
            end,
            *histories.chain(cause.message, effect),
            delivery.event,
        )


def _delivered_by(process: str, message: Message, place: int) -> bool:
    """Says whether a process had delivered a message before a place in its history."""
    delivery = message.deliveries.get(process)
    return delivery is not None and delivery.place < place
