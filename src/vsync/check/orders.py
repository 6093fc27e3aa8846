"""Whether some order exists, decided by z3; and the shortest way from a cause to its effect.

Three questions about a trace ask for an order that nobody recorded: one of the events of all logs, in which each
message is multicast before it is delivered (merging without clocks); one of all uniform ABCASTs (Strong Total
Order); one of the ABCASTs of the processes that go together (Weak Total Order). Each thing that has to be
ordered is a variable, each reason to put one before another a constraint, and z3 says whether all of them can
be satisfied. If not, it names constraints that contradict one another, none of which can be spared: they are the
explanation.

The streaming judge answers the same questions by other means, and the two must agree.

Spec: VSProperties, DeliveryIntegrity, StrongTotalOrder, WeakTotalOrder. Paper: 2.4, 3.1.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

import attrs
import z3

from vsync.check.groups import MessageKey
from vsync.check.record import Record, key_of
from vsync.check.trace import ABCAST, CBCAST, UNIFORM, Delivered, Installed, Left, Multicasted, ServiceEvent

# ------------------------------------------------------------------------------------------- is there an order?


@attrs.frozen(kw_only=True)
class Before:
    """A reason for `later` to stand after one of `earlier`, and the events that are the reason."""

    earlier: tuple[Hashable, ...]
    later: Hashable
    events: tuple[ServiceEvent, ...]


def contradiction(reasons: Sequence[Before]) -> list[Before]:
    """Returns reasons that no order satisfies, of which none can be left out; nothing if there is an order.

    Only reasons between things that stand in circles with one another are given to z3: where the circles
    themselves can be put into an order, and they can, the other reasons are satisfied. z3 is asked again about
    what it names, as long as that gets less; only then to leave out what can be spared, which takes it long.
    """
    given = _in_circles(reasons)
    core = _core(given, minimal=False)
    while core and len(core) < len(given):
        given = _in_circles(core)
        core = _core(given, minimal=False)
    return _core(core, minimal=True) if core else []


def _core(reasons: Sequence[Before], *, minimal: bool) -> list[Before]:
    """Returns reasons that z3 names as contradictory, nothing if all can be satisfied."""
    solver = z3.Solver()
    solver.set("core.minimize", minimal)
    solver.set("random_seed", 0)
    places: dict[Hashable, z3.ArithRef] = {}
    named: dict[str, Before] = {}
    for number, reason in enumerate(reasons):
        for each in (*reason.earlier, reason.later):
            places.setdefault(each, z3.Int(f"place {len(places)}"))
        named[f"reason {number}"] = reason
        earlier = [places[each] < places[reason.later] for each in reason.earlier]
        solver.assert_and_track(z3.Or(earlier), z3.Bool(f"reason {number}"))
    verdict = solver.check()
    assert verdict != z3.unknown, "orders are decidable"
    if verdict == z3.sat:
        return []
    return [named[name] for name in sorted(map(str, solver.unsat_core()), key=lambda name: int(name.split()[1]))]


def _in_circles(reasons: Sequence[Before]) -> list[Before]:
    """Returns the reasons, each once, whose things are all in one circle, or in circles that share something."""
    after: defaultdict[Hashable, dict[Hashable, None]] = defaultdict(dict)
    for reason in reasons:
        for each in reason.earlier:
            after[each].setdefault(reason.later)
    circle = _circles(after)
    kept: dict[tuple[tuple[Hashable, ...], Hashable], Before] = {}
    for reason in reasons:
        if all(circle[each] == circle[reason.later] for each in reason.earlier):
            kept.setdefault((reason.earlier, reason.later), reason)
    return list(kept.values())


def _circles(after: Mapping[Hashable, Iterable[Hashable]]) -> dict[Hashable, int]:
    """Returns for each thing a number that those have in common that can be reached from one another."""
    finished: list[Hashable] = []
    before: defaultdict[Hashable, list[Hashable]] = defaultdict(list)
    for each, following in after.items():
        for other in following:
            before[other].append(each)
    seen: set[Hashable] = set()
    for start in [*after, *before]:
        waiting = [(start, iter(after.get(start, ())))] if start not in seen else []
        seen.add(start)
        while waiting:
            each, rest = waiting[-1]
            other = next((other for other in rest if other not in seen), None)
            if other is None:
                finished.append(each)
                waiting.pop()
            else:
                seen.add(other)
                waiting.append((other, iter(after.get(other, ()))))
    circle: dict[Hashable, int] = {}
    for number, start in enumerate(reversed(finished)):
        reached = [start] if start not in circle else []
        while reached:
            each = reached.pop()
            if circle.setdefault(each, number) == number:
                reached += [other for other in before[each] if other not in circle]
    return circle


# --------------------------------------------------------------------------------- the three questions about orders


def merging(events: Iterable[ServiceEvent]) -> list[Before]:
    """Returns why one event stands before another when logs are merged: its process saw it so, or it is the cause."""
    reasons: list[Before] = []
    last: dict[str, ServiceEvent] = {}
    multicasts: defaultdict[MessageKey, list[Multicasted]] = defaultdict(list)
    given = list(events)
    for event in given:
        if event.process in last:
            earlier = last[event.process]
            reasons.append(Before(earlier=(earlier.line,), later=event.line, events=(earlier, event)))
        last[event.process] = event
        if isinstance(event, Multicasted):
            multicasts[key_of(event)].append(event)
    for event in given:
        if isinstance(event, Delivered):
            causes = multicasts.get(key_of(event), [])
            lines = tuple(cause.line for cause in causes)
            reasons.append(Before(earlier=lines, later=event.line, events=(*causes, event)))
    return reasons


def delivering(sequences: Iterable[Sequence[Delivered]]) -> list[Before]:
    """Returns why one message stands before another: a process delivers it so."""
    return [
        Before(earlier=(key_of(one),), later=key_of(two), events=(one, two))
        for sequence in sequences
        for one, two in pairwise(sequence)
        if key_of(one) != key_of(two)
    ]


def uniform_deliveries(events: Sequence[ServiceEvent]) -> list[list[Delivered]]:
    """Returns what each process delivers of uniform ABCASTs, given the events in the judges' order."""
    return [[event for event, primitive in seen if primitive == UNIFORM] for seen in _with_primitives(events).values()]


def abcasts_together(events: Sequence[ServiceEvent], group: str) -> list[list[list[Delivered]]]:
    """Returns, for all that go together from a view of `group` to the next, the ABCASTs that each delivers in it.

    `events` are in the judges' order.
    """
    primitives = {name: dict(_lines(seen)) for name, seen in _with_primitives(events).items()}
    moves: defaultdict[tuple[int, int], list[list[Delivered]]] = defaultdict(list)
    source: dict[str, Installed] = {}
    since: defaultdict[str, list[Delivered]] = defaultdict(list)
    for event in events:
        if isinstance(event, Installed | Left) and event.group == group:
            left = source.pop(event.process, None)
            if isinstance(event, Installed):
                if left is not None:
                    moves[left.view.id, event.view.id].append(since[event.process])
                source[event.process], since[event.process] = event, []
        elif isinstance(event, Delivered) and primitives[event.process][event.line] in (ABCAST, UNIFORM):
            since[event.process].append(event)
    return list(moves.values())


def _with_primitives(events: Sequence[ServiceEvent]) -> dict[str, list[tuple[Delivered, str]]]:
    """Returns what each process delivers, and how it was multicast, as far as that has come."""
    primitives: dict[MessageKey, str] = {}
    seen: defaultdict[str, list[tuple[Delivered, str]]] = defaultdict(list)
    for event in events:
        if isinstance(event, Multicasted):
            primitives.setdefault(key_of(event), event.primitive)
        elif isinstance(event, Delivered):
            seen[event.process].append((event, primitives.get(key_of(event), CBCAST)))
    return seen


def _lines(seen: Iterable[tuple[Delivered, str]]) -> list[tuple[int, str]]:
    return [(event.line, primitive) for event, primitive in seen]


# ----------------------------------------------------------------------------------- the events of a contradiction


def circle_of_logs(record: Record, lines: Iterable[int]) -> list[ServiceEvent]:
    """Returns events among those on `lines` that cannot be merged, because each waits for another."""
    core = contradiction(merging(record.only(set(lines))))
    return _events(core)


def circle_of_deliveries(events: Sequence[ServiceEvent]) -> list[ServiceEvent]:
    """Returns deliveries of uniform ABCASTs that go in a circle, given the events in the judges' order.

    A first circle may follow one process through many deliveries; so the messages at which it turns from one
    process to another are taken, and z3 is asked again, of all orders in which anyone delivers these.
    """
    sequences = uniform_deliveries(events)
    turns: set[MessageKey] = set()
    while core := contradiction(delivering(sequences)):
        counts: defaultdict[MessageKey, set[str]] = defaultdict(set)
        for reason in core:
            for event in reason.events:
                if isinstance(event, Delivered):
                    counts[key_of(event)].add(event.process)
        found = {key for key, processes in counts.items() if len(processes) > 1} or set(counts)
        if found == turns:
            return _events(core)
        turns = found
        sequences = [[event for event in sequence if key_of(event) in turns] for sequence in sequences]
    return []


def _events(core: Iterable[Before]) -> list[ServiceEvent]:
    found = {event.line: event for reason in core for event in reason.events}
    return [found[line] for line in sorted(found)]


# --------------------------------------------------------------------------------------- causes and their effects


def shortest_chain(record: Record, cause: Multicasted, effects: Iterable[Multicasted]) -> list[Multicasted | Delivered]:
    """Returns the shortest chain of events by which `cause` may have caused one of `effects`, both included.

    Each message of the chain is delivered by the sender of the next before it multicasts that, or multicast by
    it. Nothing if there is no chain.
    """
    wanted = {effect.line for effect in effects}
    came_by: dict[int, tuple[Multicasted | Delivered, Multicasted]] = {}
    earliest: dict[str, int] = {}
    level = [cause]
    while level:
        following: list[Multicasted] = []
        for multicast in level:
            for seen in (multicast, *record.deliveries.get(key_of(multicast), ())):
                following += _sent_after(record, seen, multicast, came_by, earliest)
        for effect in following:
            if effect.line in wanted:
                return _chain_to(cause, effect, came_by)
        level = following
    return []


def _sent_after(
    record: Record,
    seen: Multicasted | Delivered,
    multicast: Multicasted,
    came_by: dict[int, tuple[Multicasted | Delivered, Multicasted]],
    earliest: dict[str, int],
) -> list[Multicasted]:
    """Returns what a process multicasts after it has seen a message, and did not after what it saw of the chain."""
    place = record.place(seen)
    own = record.of_process[seen.process]
    sent: list[Multicasted] = []
    for event in own[place + 1 : earliest.get(seen.process, len(own))]:
        if isinstance(event, Multicasted) and event.line not in came_by:
            came_by[event.line] = (seen, multicast)
            sent.append(event)
    earliest[seen.process] = min(place + 1, earliest.get(seen.process, place + 1))
    return sent


def _chain_to(
    cause: Multicasted, effect: Multicasted, came_by: dict[int, tuple[Multicasted | Delivered, Multicasted]]
) -> list[Multicasted | Delivered]:
    chain: list[Multicasted | Delivered] = [effect]
    while effect is not cause:
        seen, effect = came_by[effect.line]
        chain += [seen] if seen is effect else [seen, effect]
    return chain[::-1]
