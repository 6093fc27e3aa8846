"""One sequence out of many: the events of all processes, merged by causality.

A trace fixes the order of each process's own events and no other; it may even hold one process after the
other. The merged sequence keeps the order of each process, puts each multicast before its deliveries, and
follows the order of the file otherwise. Both judges judge this sequence, so that "the first event that breaks
a guarantee" means the same to both.

The merger is a stream: an event waits only while its cause, the multicast of the message that it delivers (or
calls stable) or an earlier event of its own process, has not come. Nothing ever waits in a trace that is
already in causal order. When the input has ended and all that is left waits, for a multicast that never comes
or in a circle, then the waiting event with the smallest line goes through as it is, and merging goes on. It
then breaks Delivery Integrity.

Spec: VSProperties, "there is no order between the histories of two processes but the one that their messages
make". Paper: 2.4; Lamport, Time, Clocks, and the Ordering of Events, 1978.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Protocol

from vsync.check.groups import MessageKey
from vsync.check.trace import Delivered, Event, Moved, Multicasted, ServiceEvent, Stepped, ToldSafe


class Multicasts(Protocol):
    """The messages that have been multicast, by group and name."""

    def add(self, element: MessageKey, /) -> None:
        """Adds a message."""

    def __contains__(self, element: MessageKey, /) -> bool: ...


def merge(events: Iterable[Event], multicast: Multicasts | None = None) -> Iterator[ServiceEvent]:
    """Yields the service events among `events` in one causal order; other events are left out.

    `multicast` is where it is kept what has been multicast, a set if it is not given.
    """
    merger = Merger(multicast)
    for event in events:
        if isinstance(event, (Stepped, Moved)):
            continue
        if merger.passes(event):
            yield event
        else:
            yield from merger.feed(event)
    yield from merger.finish()


class Merger:
    """The events that wait for their causes, and what they wait for."""

    def __init__(self, multicast: Multicasts | None = None) -> None:
        self._multicast: Multicasts = set() if multicast is None else multicast
        self._queues: dict[str, deque[ServiceEvent]] = {}
        self._waiting: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._ready: list[tuple[int, str]] = []

    @property
    def waiting(self) -> int:
        """How many events wait now."""
        return sum(map(len, self._queues.values()))

    def passes(self, event: ServiceEvent) -> bool:
        """Says whether an event, the next of the input, goes at once and alone; if so, it has gone."""
        if self._queues:
            return False
        if isinstance(event, (Delivered, ToldSafe)):
            return (event.group, event.message) in self._multicast
        if isinstance(event, Multicasted):
            self._multicast.add((event.group, event.message))
        return True

    def feed(self, event: ServiceEvent) -> Iterator[ServiceEvent]:
        """Yields the events that can go when `event`, the next of the input, has come."""
        queue = self._queues.get(event.process)
        if queue is not None:
            queue.append(event)
        elif self._lacks_cause(event):
            self._queues[event.process] = deque([event])
            self._await_cause(event)
        else:
            yield self._released(event)
            yield from self._drain()

    def finish(self) -> Iterator[ServiceEvent]:
        """Yields the events that still wait when the input has ended."""
        while self._queues:
            process = min(self._queues, key=lambda name: self._queues[name][0].line)
            yield self._released(self._pop(process))
            yield from self._drain()

    def _drain(self) -> Iterator[ServiceEvent]:
        """Yields, smallest line first, the events whose causes have come, until no further one can go."""
        while self._ready:
            _, process = heappop(self._ready)
            yield self._released(self._pop(process))

    def _lacks_cause(self, event: ServiceEvent) -> bool:
        return isinstance(event, (Delivered, ToldSafe)) and (event.group, event.message) not in self._multicast

    def _await_cause(self, event: ServiceEvent) -> None:
        assert isinstance(event, Delivered | ToldSafe), "only these have their cause elsewhere"
        self._waiting[event.group, event.message].append(event.process)

    def _released(self, event: ServiceEvent) -> ServiceEvent:
        """Returns `event` as it goes; those that waited for it are ready now."""
        if isinstance(event, Multicasted):
            self._multicast.add((event.group, event.message))
            for process in self._waiting.pop((event.group, event.message), ()):
                heappush(self._ready, (self._queues[process][0].line, process))
        return event

    def _pop(self, process: str) -> ServiceEvent:
        """Takes the first event from the queue of `process`, and finds out whether the next one waits."""
        queue = self._queues[process]
        event = queue.popleft()
        if isinstance(event, Delivered | ToldSafe) and process in self._waiting.get((event.group, event.message), ()):
            self._waiting[event.group, event.message].remove(process)
        if not queue:
            del self._queues[process]
        elif self._lacks_cause(queue[0]):
            self._await_cause(queue[0])
        else:
            heappush(self._ready, (queue[0].line, process))
        return event
