"""Random service histories: some that a correct system could have written, bent a little, and some that are
noise.

Both are drawn from small sets of processes, views and messages, so that events meet.
"""

from collections.abc import Callable, Sequence

import attrs
from hypothesis import strategies as st

from vsync.check.trace import (
    PRIMITIVES,
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

NAMES = ("p", "q", "r")
GROUPS = ("g", "h")
MESSAGES = ("a", "b", "c", "d", "e")


def numbered(events: Sequence[ServiceEvent]) -> list[ServiceEvent]:
    """Returns the events with the line numbers of a file that begins with a header."""
    return [attrs.evolve(event, line=line) for line, event in enumerate(events, start=2)]


def without_events_after_crashes(events: Sequence[ServiceEvent]) -> list[ServiceEvent]:
    """Returns the events without those of processes that have crashed, which no trace may have."""
    crashed: set[str] = set()
    kept = []
    for event in events:
        if event.process not in crashed:
            kept.append(event)
        if event.kind == "crash":
            crashed.add(event.process)
    return kept


@st.composite
def noise(draw: st.DrawFn) -> list[ServiceEvent]:
    """Any events in any order."""
    process = st.sampled_from(NAMES)
    message = st.sampled_from(MESSAGES)
    view = st.builds(
        View, id=st.integers(1, 3), members=st.lists(process, min_size=1, max_size=3, unique=True).map(tuple)
    )
    event = st.one_of(
        st.builds(Installed, line=st.just(0), process=process, view=view),
        st.builds(Multicasted, line=st.just(0), process=process, message=message),
        st.builds(Multicasted, line=st.just(0), process=process, message=message),
        st.builds(Delivered, line=st.just(0), process=process, message=message),
        st.builds(Delivered, line=st.just(0), process=process, message=message),
        st.builds(Left, line=st.just(0), process=process),
        st.builds(Crashed, line=st.just(0), process=process),
    )
    weights = draw(st.lists(event, min_size=2, max_size=24))
    return numbered(without_events_after_crashes(weights))


@st.composite
def legal(draw: st.DrawFn) -> list[ServiceEvent]:
    """What a correct system may write: all guarantees hold, those of order because delivery is causal."""
    events: list[ServiceEvent] = []
    members: tuple[str, ...] = NAMES
    messages = 0
    for number in range(1, draw(st.integers(1, 3)) + 1):
        view = View(id=number, members=members)
        events += [Installed(line=0, process=p, view=view) for p in members]
        queue: list[str] = []
        delivered = dict.fromkeys(members, 0)
        for p in draw(st.lists(st.sampled_from(members), max_size=10)):
            if delivered[p] < len(queue) and draw(st.booleans()):
                events.append(Delivered(line=0, process=p, message=queue[delivered[p]]))
                delivered[p] += 1
            elif delivered[p] == len(queue):
                messages += 1
                queue.append(f"m{messages}")
                events.append(Multicasted(line=0, process=p, message=queue[-1]))
        gone = draw(st.sampled_from((None, *members[1:])))
        for p in members:
            if p == gone and draw(st.booleans()):
                events.append(Crashed(line=0, process=p))
                continue
            events += [Delivered(line=0, process=p, message=m) for m in queue[delivered[p] :]]
        members = tuple(p for p in members if p != gone)
    return numbered(without_events_after_crashes(events))


@st.composite
def noise_of_groups(draw: st.DrawFn) -> list[ServiceEvent]:
    """Any events of several groups in any order, with every primitive and mixed destinations."""
    process = st.sampled_from(NAMES)
    members = st.sampled_from((NAMES, ("p", "q"), ("q", "r"), ("q",)))
    view = st.builds(View, id=st.integers(1, 3), members=members)
    lists = st.lists(st.sampled_from((*GROUPS, *NAMES)), min_size=1, max_size=3, unique=True).map(tuple)
    primitive = st.sampled_from(("uniform", *PRIMITIVES))
    multicasts = [
        Multicasted(line=0, process="p", message=name, primitive=draw(primitive), to=to, group=group)
        for name in MESSAGES
        for to in [draw(st.one_of(lists, st.none()))]
        for group in [draw(st.sampled_from(("", *GROUPS))) if to is None else ""]
    ]

    def about(kind: Callable[..., ServiceEvent]) -> st.SearchStrategy[ServiceEvent]:
        messages = st.sampled_from([(m.message, m.group) for m in multicasts])
        return st.builds(lambda p, m: kind(line=0, process=p, message=m[0], group=m[1]), process, messages)

    group = st.sampled_from(GROUPS)
    multicast = st.builds(lambda p, m: attrs.evolve(m, process=p), process, st.sampled_from(multicasts))
    event: st.SearchStrategy[ServiceEvent] = st.one_of(
        st.builds(Installed, line=st.just(0), process=process, view=view, group=group),
        st.builds(Installed, line=st.just(0), process=process, view=view, group=group),
        multicast,
        multicast,
        about(Delivered),
        about(Delivered),
        about(Delivered),
        about(ToldSafe),
        st.builds(
            Stated,
            line=st.just(0),
            process=process,
            view=st.integers(1, 2),
            state=st.sampled_from(("x", "y")),
            group=group,
        ),
        st.builds(Left, line=st.just(0), process=process, group=group),
        st.builds(Crashed, line=st.just(0), process=process),
    )
    return numbered(without_events_after_crashes(draw(st.lists(event, min_size=2, max_size=28))))


@st.composite
def legal_of_groups(draw: st.DrawFn) -> list[ServiceEvent]:
    """What a correct system of two overlapping groups may write: all messages stand in one order."""
    events: list[ServiceEvent] = []
    members = {"g": NAMES, "h": ("q", "r")}
    messages = 0
    for number in range(1, draw(st.integers(1, 3)) + 1):
        for g in GROUPS:
            view = View(id=number, members=members[g])
            for p in view.members:
                events.append(Installed(line=0, process=p, view=view, group=g))
                events.append(Stated(line=0, process=p, view=number, state=f"{g}{messages}", group=g))
        alive = members["g"]
        queue: list[tuple[str, set[str]]] = []
        reached = dict.fromkeys(alive, 0)
        for p in draw(st.lists(st.sampled_from(alive), max_size=12)):
            if reached[p] < len(queue) and draw(st.booleans()):
                events += _next_deliveries(queue, p, reached, reached[p] + 1)
            elif reached[p] == len(queue):
                messages += 1
                to = draw(st.lists(st.sampled_from((*GROUPS, *alive)), min_size=1, max_size=2, unique=True))
                receivers = {q for name in to for q in members.get(name, (name,))}
                queue.append((f"m{messages}", receivers))
                events.append(
                    Multicasted(
                        line=0,
                        process=p,
                        message=f"m{messages}",
                        primitive=draw(st.sampled_from(PRIMITIVES)),
                        to=tuple(to),
                    )
                )
                if draw(st.booleans()):
                    events.append(ToldSafe(line=0, process=p, message=f"m{messages}"))
        gone = draw(st.sampled_from((None, *alive[1:])))
        for p in alive:
            if p == gone and draw(st.booleans()):
                events.append(Crashed(line=0, process=p))
            else:
                events += _next_deliveries(queue, p, reached, len(queue))
        members = {g: tuple(p for p in members[g] if p != gone) for g in GROUPS}
    return numbered(without_events_after_crashes(events))


def _next_deliveries(
    queue: list[tuple[str, set[str]]], p: str, reached: dict[str, int], until: int
) -> list[ServiceEvent]:
    """Has p go on in the queue, and returns its deliveries of what is addressed to it."""
    start, reached[p] = reached[p], until
    return [Delivered(line=0, process=p, message=m) for m, receivers in queue[start:until] if p in receivers]


@st.composite
def bent(draw: st.DrawFn, histories: st.SearchStrategy[list[ServiceEvent]] | None = None) -> list[ServiceEvent]:
    """A legal history with a few events left out, repeated, moved or given to another process."""
    events = draw(legal() if histories is None else histories)
    for _ in range(draw(st.integers(1, 3))):
        if not events:
            break
        i = draw(st.integers(0, len(events) - 1))
        match draw(st.sampled_from(("drop", "repeat", "move", "give"))):
            case "drop":
                del events[i]
            case "repeat":
                events.insert(draw(st.integers(0, len(events))), events[i])
            case "move":
                event = events.pop(i)
                events.insert(draw(st.integers(0, len(events))), event)
            case _:
                events[i] = attrs.evolve(events[i], process=draw(st.sampled_from(NAMES)))
    return numbered(without_events_after_crashes(events))


def by_process(events: Sequence[ServiceEvent]) -> list[ServiceEvent]:
    """Returns the events as a log that holds one process after the other."""
    return numbered([event for name in NAMES for event in events if event.process == name])
