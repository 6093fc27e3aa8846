"""Many groups: to which of them an event belongs.

A process may be in several groups, each with views of its own. The guarantees about views speak of one group,
and are judged on the projection of a trace onto it; those about messages alone speak of all groups together.

A message is known by its name in the group that its events name, and is addressed to that group alone; or, if
it was multicast to a list of destinations, by its name alone. Such a message may come from a client, a process
that is no member: its multicast then belongs to no group, for it has no view there. A delivery belongs to the
groups of the list that the process is in at that moment. If there is none, and the list does not name the
process either, the message has gone astray: then it belongs to all groups of the list, as a delivery in no
view.

Nothing is judged here. The judges in Python use it, and the TLC judge for writing a trace down; the projection
itself is defined once more, in the specification.

Spec: VSGroups. Paper: Birman and Joseph 1987, sections 3.1 and 4 (destination lists).
"""

from collections import defaultdict

import attrs

from vsync.check.trace import (
    CBCAST,
    Crashed,
    Delivered,
    Installed,
    Left,
    Multicasted,
    ServiceEvent,
    Stated,
    ToldSafe,
)

MessageKey = tuple[str, str]
"""What tells a message from all others: the group that its events name, and its name."""


@attrs.define(kw_only=True)
class Placed:
    """An event, and where it belongs.

    `groups` are those in whose projection it is. For an event about a message, `primitive` is how it was
    multicast, `listed` whether it has a list of destinations, and `to` the groups, of those known so far, and
    perhaps the event's own process, to which it is addressed; all as far as its multicast has come.
    """

    event: ServiceEvent
    groups: tuple[str, ...]
    primitive: str = CBCAST
    listed: bool = False
    to: tuple[str, ...] = ()


class Groups:
    """The groups of a trace, who is in which of them, and where each message goes."""

    def __init__(self) -> None:
        self.known: dict[str, None] = {}
        """The groups that events have named, in that order."""
        self._within: defaultdict[str, set[str]] = defaultdict(set)
        """The groups of which a process has a view."""
        self._seen_by: defaultdict[str, dict[str, None]] = defaultdict(dict)
        """The groups in which a process has had events."""
        self._first: dict[MessageKey, Multicasted] = {}

    def place(self, event: ServiceEvent) -> Placed:
        """Returns where the next event belongs; a mark, and the wish to join, belong nowhere."""
        placed = self._placed(event)
        for group in placed.groups:
            self._seen_by[event.process].setdefault(group)
        return placed

    def _placed(self, event: ServiceEvent) -> Placed:
        match event:
            case Installed():
                self._within[event.process].add(event.group)
                return self._named(event, event.group)
            case Left():
                self._within[event.process].discard(event.group)
                return self._named(event, event.group)
            case Stated():
                return self._named(event, event.group)
            case Multicasted():
                self._first.setdefault((event.group, event.message), event)
                return self._addressed(event, event)
            case Delivered() | ToldSafe():
                return self._addressed(event, self._first.get((event.group, event.message)))
            case Crashed():
                return Placed(event=event, groups=tuple(self._seen_by[event.process]))
            case _:
                return Placed(event=event, groups=())

    def _named(self, event: ServiceEvent, group: str, primitive: str = CBCAST) -> Placed:
        self.known.setdefault(group)
        return Placed(event=event, groups=(group,), primitive=primitive, to=(group,))

    def _addressed(self, event: Multicasted | Delivered | ToldSafe, multicast: Multicasted | None) -> Placed:
        if multicast is None:
            return self._named(event, event.group)
        if multicast.to is None:
            return self._named(event, event.group, multicast.primitive)
        process = event.process
        groups = tuple(name for name in multicast.to if name in self.known)
        own = tuple(group for group in groups if group in self._within[process])
        named = process in multicast.to
        if not own and not named and not isinstance(event, Multicasted):
            own = groups
        return Placed(
            event=event,
            groups=own,
            primitive=multicast.primitive,
            listed=True,
            to=(*groups, process) if named else groups,
        )
