"""A whole trace at hand, for questions that need more than one pass: what came before what, and in which view.

The judges read a trace once and forget most of it. Who explains a violation, makes a trace smaller or draws it
has to look back. A `Record` has the service events of a trace in the order of the file, and knows of each what
stands around it: the view in which it happened, the multicasts of its message, its causal past.

Spec: VSProperties, "Histories". Paper: 2.4; Lamport, Time, Clocks, and the Ordering of Events, 1978.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from vsync.check.groups import MessageKey
from vsync.check.merge import merge
from vsync.check.trace import (
    Crashed,
    Delivered,
    Header,
    Installed,
    Left,
    Moved,
    Multicasted,
    ServiceEvent,
    Stepped,
    ToldSafe,
    open_trace,
)

AboutMessage = Multicasted | Delivered | ToldSafe
"""The events that are about a message."""


def key_of(event: AboutMessage) -> MessageKey:
    """Returns what tells the event's message from all others."""
    return event.group, event.message


class Record:
    """The service events of one trace, in the order of the file, and what stands around each.

    `fields` are the JSON objects of their lines, by line number, where they are known.
    """

    def __init__(self, events: Iterable[ServiceEvent], fields: dict[int, dict[str, Any]] | None = None) -> None:
        self.events = tuple(sorted(events, key=lambda event: event.line))
        self.fields = fields or {}
        self.at_line = {event.line: event for event in self.events}
        self.of_process: defaultdict[str, list[ServiceEvent]] = defaultdict(list)
        self.multicasts: defaultdict[MessageKey, list[Multicasted]] = defaultdict(list)
        self.deliveries: defaultdict[MessageKey, list[Delivered]] = defaultdict(list)
        self._place: dict[int, int] = {}
        for event in self.events:
            self._place[event.line] = len(self.of_process[event.process])
            self.of_process[event.process].append(event)
            if isinstance(event, Multicasted):
                self.multicasts[key_of(event)].append(event)
            elif isinstance(event, Delivered):
                self.deliveries[key_of(event)].append(event)

    def place(self, event: ServiceEvent) -> int:
        """Returns how many events the event's process had before it."""
        return self._place[event.line]

    def turn(self, event: ServiceEvent, group: str) -> Installed | Left | None:
        """Returns the last event before this one by which its process came into a view of a group, or left it."""
        for earlier in reversed(self.of_process[event.process][: self.place(event)]):
            if isinstance(earlier, Installed | Left) and earlier.group == group:
                return earlier
        return None

    def only(self, lines: Collection[int]) -> list[ServiceEvent]:
        """Returns the events on these lines, in the order of the file."""
        return [self.at_line[line] for line in sorted(lines)]

    def cone(self, lines: Iterable[int]) -> list[int]:
        """Returns the lines of these events and of all that happened before them.

        One event happened before another if it came earlier at the same process, if it is the multicast and the
        other a delivery of the same message, or if a chain of such steps leads from the one to the other.
        """
        reached: defaultdict[str, int] = defaultdict(int)
        waiting = [self.at_line[line] for line in lines]
        while waiting:
            event = waiting.pop()
            own, until = self.of_process[event.process], self.place(event) + 1
            for earlier in own[reached[event.process] : until]:
                if isinstance(earlier, Delivered | ToldSafe):
                    waiting += self.multicasts.get(key_of(earlier), [])
            reached[event.process] = max(reached[event.process], until)
        return sorted(event.line for name, until in reached.items() for event in self.of_process[name][:until])

    def around(self, lines: Iterable[int]) -> list[int]:
        """Returns the lines of all that the trace says of the processes and of the messages on these lines.

        These are the events by which the processes came into views and out of them, the multicasts of the
        messages, with the views in which they were made, and the deliveries of the messages to the processes.
        What the trace does not say of them, such as that one delivered a message, these lines do not say
        either; and what these lines do not say, the trace does not say.
        """
        given = self.only(set(lines))
        processes = {event.process for event in given}
        keys = {key_of(event) for event in given if isinstance(event, AboutMessage)}
        kept = {event.line for event in given}
        for name in processes:
            for event in self.of_process[name]:
                turns = isinstance(event, Installed | Left | Crashed)
                if turns or (isinstance(event, Delivered | ToldSafe) and key_of(event) in keys):
                    kept.add(event.line)
        for multicast in (each for key in keys for each in self.multicasts.get(key, ())):
            kept.add(multicast.line)
            if multicast.process not in processes:
                for event in self.of_process[multicast.process][: self.place(multicast)]:
                    if isinstance(event, Installed | Left):
                        kept.add(event.line)
        return sorted(kept)


def record_of(path: Path | str) -> tuple[Header, Record]:
    """Returns the header and the service events of the trace in file `path` ("-" is standard input).

    Raises InputError if the trace cannot be used.
    """
    events: list[ServiceEvent] = []
    kept: dict[int, dict[str, Any]] = {}
    with open_trace(path) as reader:
        for line, fields in reader.objects():
            event = reader.event(line, fields)
            if event is not None and not isinstance(event, Stepped | Moved):
                events.append(event)
                kept[line] = fields
        return reader.header, Record(events, kept)


def causally_sorted(events: Sequence[ServiceEvent]) -> list[ServiceEvent]:
    """Returns the events in the judges' order: each multicast before its deliveries, otherwise as in the file."""
    return list(merge(events))
