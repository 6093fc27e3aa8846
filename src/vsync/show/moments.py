"""Logical time: which events of a trace can be drawn beside one another, and which must come later.

Each event gets a moment, a number: later than that of the event before it at the same process and, if it is a
delivery, later than that of the multicast. Time stamps play no part. The installs of one view get one moment,
for it is the point of virtual synchrony that they can be seen as simultaneous; where a trace is wrong and they
cannot, because a message would have to go back in time, they are drawn where they are. A view is drawn after
the one before it, as long as nothing speaks against that, and a multicast as late as it can be. Where the events
go in a circle, so that there is no order at all, the deliveries of the circle do not wait for their multicasts.

Spec: none. Paper: 2.4; Lamport, Time, Clocks, and the Ordering of Events, 1978.
"""

from collections import defaultdict
from collections.abc import Sequence

from vsync.check.record import Record, key_of
from vsync.check.trace import Delivered, Installed, Multicasted, ServiceEvent, ToldSafe

_Node = tuple[str, int]
"""An event by its line, or the installs of a view by a number that stands for it."""


def moments(record: Record, events: Sequence[ServiceEvent]) -> dict[int, int]:
    """Returns the moment of each of `events`, by its line, beginning with 0."""
    apart: set[tuple[str, int]] = set()
    waiting_for_nothing: set[int] = set()
    in_succession = True
    while True:
        nodes = _nodes(events, apart)
        before = _before(record, events, nodes, waiting_for_nothing)
        if in_succession:
            _succeed(before, events, nodes)
        found, left = _levels(before)
        if not left:
            _delay(found, before, {nodes[event.line] for event in events if isinstance(event, Multicasted)})
            return {event.line: found[nodes[event.line]] for event in events}
        if in_succession:
            in_succession = False
            continue
        blocked = [event for event in events if nodes[event.line] in left]
        views = {_view(event) for event in blocked if isinstance(event, Installed)} - apart
        if views:
            apart |= views
        else:
            waiting_for_nothing |= {event.line for event in blocked if isinstance(event, Delivered | ToldSafe)}


def _view(event: Installed) -> tuple[str, int]:
    return event.group, event.view.id


def _nodes(events: Sequence[ServiceEvent], apart: set[tuple[str, int]]) -> dict[int, _Node]:
    """Returns for each event what it is drawn with: itself, or the installs of its view."""
    first: dict[tuple[str, int], int] = {}
    nodes: dict[int, _Node] = {}
    seen: set[tuple[str, tuple[str, int]]] = set()
    for event in events:
        nodes[event.line] = ("event", event.line)
        if isinstance(event, Installed) and _view(event) not in apart and (event.process, _view(event)) not in seen:
            seen.add((event.process, _view(event)))
            nodes[event.line] = ("view", first.setdefault(_view(event), event.line))
    return nodes


def _before(
    record: Record, events: Sequence[ServiceEvent], nodes: dict[int, _Node], waiting_for_nothing: set[int]
) -> dict[_Node, set[_Node]]:
    """Returns for each node those that come before it."""
    before: dict[_Node, set[_Node]] = {node: set() for node in nodes.values()}
    last: dict[str, ServiceEvent] = {}
    for event in events:
        node = nodes[event.line]
        if event.process in last:
            before[node].add(nodes[last[event.process].line])
        last[event.process] = event
        if isinstance(event, Delivered | ToldSafe) and event.line not in waiting_for_nothing:
            causes = record.multicasts.get(key_of(event), ())[:1]
            before[node] |= {nodes[cause.line] for cause in causes if cause.line in nodes}
    for node, earlier in before.items():
        if node in earlier and node[0] == "event":
            earlier.discard(node)
    return before


def _succeed(before: dict[_Node, set[_Node]], events: Sequence[ServiceEvent], nodes: dict[int, _Node]) -> None:
    """Has each view come after the one before it, also where no process has installed both."""
    views = {_view(event): nodes[event.line] for event in events if isinstance(event, Installed)}
    for (group, number), node in views.items():
        earlier = views.get((group, number - 1))
        if earlier is not None and earlier != node:
            before[node].add(earlier)


def _delay(level: dict[_Node, int], before: dict[_Node, set[_Node]], nodes: set[_Node]) -> None:
    """Moves nodes to right before the first that follows them, so that arrows are short."""
    soonest: dict[_Node, int] = {}
    for node in sorted(level, key=lambda node: -level[node]):
        if node in nodes and node in soonest:
            level[node] = soonest[node] - 1
        for earlier in before[node]:
            soonest[earlier] = min(level[node], soonest.get(earlier, level[node]))


def _levels(before: dict[_Node, set[_Node]]) -> tuple[dict[_Node, int], set[_Node]]:
    """Returns the longest way to each node that can be reached, and the nodes that cannot."""
    after: defaultdict[_Node, list[_Node]] = defaultdict(list)
    awaited = {node: len(earlier) for node, earlier in before.items()}
    for node, earlier in before.items():
        for each in earlier:
            after[each].append(node)
    level = {node: 0 for node, count in awaited.items() if count == 0}
    ready = list(level)
    for node in ready:
        for following in after[node]:
            level[following] = max(level.get(following, 0), level[node] + 1)
            awaited[following] -= 1
            if awaited[following] == 0:
                ready.append(following)
    done = set(ready)
    return {node: level[node] for node in ready}, set(before) - done
