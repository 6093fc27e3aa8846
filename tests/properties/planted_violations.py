"""A recorded run with one violation planted in it: long traces that are bad for one known reason.

The run is one of the simulator, the same everywhere; it is accepted. Each function below changes as little of it
as it can, at the last place where it can.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from vsync.check.record import Record, key_of, record_of
from vsync.check.trace import UNIFORM, Delivered, Installed, Multicasted, ServiceEvent
from vsync.sim.campaign import written_run
from vsync.sim.simulation import Configuration

SEED = 5
CONFIGURATION = Configuration(
    sites=5,
    processes=5,
    clients=0,
    groups=1,
    multicasts=110,
    abcasts=50,
    uniform=50,
    gbcasts=4,
    configurations=0,
    flushes=0,
    joins=2,
    process_crashes=1,
    site_crashes=0,
    wrong_suspicions=0,
    leaves=0,
    recoveries=0,
    storm_ms=4000,
)


def long_run(path: Path) -> Record:
    """Writes the run to a file, and returns it."""
    written_run(CONFIGURATION, SEED, path, recording=False)
    return record_of(path)[1]


def without_a_delivery(run: Record) -> list[ServiceEvent]:
    """A member goes on to the next view without the last message that it delivered in the one before."""
    events = list(run.events)
    installs = defaultdict(list)
    for event in events:
        if isinstance(event, Installed):
            installs[event.group, event.view.id].append(event)
    for together in reversed(list(installs.values())):
        for install in together if len(together) > 1 else ():
            before = run.of_process[install.process][: run.place(install)]
            if sum(isinstance(e, Installed) and e.group == install.group for e in before):
                lost = [e for e in before if isinstance(e, Delivered) and e.group == install.group]
                if lost:
                    return renumbered([event for event in events if event is not lost[-1]])
    raise AssertionError("the run has no two members that go on together")


def across_a_view(run: Record) -> list[ServiceEvent]:
    """A message is delivered to one member only after it has installed the next view."""
    events = list(run.events)
    for place in reversed(range(len(events))):
        install = events[place]
        if isinstance(install, Installed):
            for earlier in reversed(range(place)):
                delivery = events[earlier]
                if delivery.process != install.process:
                    continue
                if isinstance(delivery, Installed):
                    break
                if not isinstance(delivery, Delivered) or delivery.group != install.group:
                    continue
                if len(run.deliveries[key_of(delivery)]) > 1:
                    rest = [*events[:earlier], *events[earlier + 1 : place + 1], delivery, *events[place + 1 :]]
                    return renumbered(rest)
    raise AssertionError("nothing is delivered before a member goes on")


def _exchanged(run: Record, wanted: Callable[[Delivered, Delivered], bool]) -> list[ServiceEvent]:
    """The last two deliveries, one after the other at a process, of which `wanted` is true, in the other order."""
    events = list(run.events)
    last: dict[str, int] = {}
    pairs = []
    for place, event in enumerate(events):
        if isinstance(event, Delivered):
            if event.process in last:
                pairs.append((last[event.process], place))
            last[event.process] = place
        elif isinstance(event, Installed):
            last.pop(event.process, None)
    for one, two in reversed(pairs):
        first, second = events[one], events[two]
        if isinstance(first, Delivered) and isinstance(second, Delivered) and wanted(first, second):
            events[one], events[two] = second, first
            return renumbered(events)
    raise AssertionError("the run has no such deliveries")


def out_of_the_senders_order(run: Record) -> list[ServiceEvent]:
    """One process delivers two messages of a sender in the other order."""
    return _exchanged(run, lambda one, two: _sender(run, one) == _sender(run, two) != one.process)


def before_its_cause(run: Record) -> list[ServiceEvent]:
    """One process delivers an answer before what it answers."""

    def answers(one: Delivered, two: Delivered) -> bool:
        multicast = run.multicasts[key_of(two)][0]
        seen = run.of_process[multicast.process][: run.place(multicast)]
        heard = any(isinstance(e, Delivered) and key_of(e) == key_of(one) for e in seen)
        return heard and len({_sender(run, one), multicast.process, one.process}) == 3

    return _exchanged(run, answers)


def in_another_order(run: Record) -> list[ServiceEvent]:
    """One process delivers two uniform ABCASTs, of two senders, in another order than the others."""

    def both_uniform(one: Delivered, two: Delivered) -> bool:
        sent = [run.multicasts[key_of(each)][0] for each in (one, two)]
        return all(each.primitive == UNIFORM for each in sent) and sent[0].process != sent[1].process

    return _exchanged(run, both_uniform)


def in_anothers_name(run: Record) -> list[ServiceEvent]:
    """A message comes in the name of another sender."""
    events = list(run.events)
    told = [event for event in events if isinstance(event, Delivered) and event.sender][-1]
    events[events.index(told)] = attrs.evolve(told, sender=f"{told.process}0")
    return renumbered(events)


def twice(run: Record) -> list[ServiceEvent]:
    """A message is delivered once more, long after."""
    first = next(event for event in run.events if isinstance(event, Delivered))
    crashed = {event.process for event in run.events if event.kind == "crash"}
    assert first.process not in crashed
    return renumbered([*run.events, first])


def in_a_circle(run: Record) -> list[ServiceEvent]:
    """Two processes multicast, and each delivers what the other multicasts before it does so itself."""
    events = list(run.events)
    last: dict[str, Multicasted] = {}
    for event in events:
        if isinstance(event, Multicasted):
            last[event.process] = event
    for one in last.values():
        for two in last.values():
            if one.process < two.process and all(_receivers(run, m, p) for m, p in ((one, two), (two, one))):
                moved = [_receivers(run, one, two)[0], _receivers(run, two, one)[0]]
                rest = [event for event in events if event not in moved]
                for delivery, multicast in zip(moved, (two, one), strict=True):
                    rest.insert(rest.index(multicast), delivery)
                return renumbered(rest)
    raise AssertionError("no two processes deliver what the other multicasts last")


def _receivers(run: Record, message: Multicasted, at: Multicasted) -> list[Delivered]:
    return [event for event in run.deliveries[key_of(message)] if event.process == at.process]


def _sender(run: Record, delivery: Delivered) -> str:
    return run.multicasts[key_of(delivery)][0].process


def renumbered(events: Sequence[ServiceEvent]) -> list[ServiceEvent]:
    """Returns the events with the line numbers of a file that begins with a header."""
    return [attrs.evolve(event, line=line) for line, event in enumerate(events, start=2)]


PLANTED: dict[str, Callable[[Record], list[ServiceEvent]]] = {
    "VirtualSynchrony": without_a_delivery,
    "SameViewDelivery": across_a_view,
    "FIFO": out_of_the_senders_order,
    "Causal": before_its_cause,
    "StrongTotalOrder": in_another_order,
    "SenderIntegrity": in_anothers_name,
    "NoDuplication": twice,
    "DeliveryIntegrity": in_a_circle,
}
"""How to break a guarantee."""
