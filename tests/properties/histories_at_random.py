"""Random service histories: some that a correct system could have written, bent a little, and some that are
noise.

Both are drawn from small sets of processes, views and messages, so that events meet.
"""

from collections.abc import Sequence

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
def disordered(draw: st.DrawFn) -> list[ServiceEvent]:
    """Two overlapping groups in orderly views, every primitive, mixed destinations; deliveries in any order."""
    views = {
        (g, number): View(id=number, members=draw(st.sampled_from((NAMES, ("q", "r"), ("q", "r"), ("r", "q")))))
        for g in GROUPS
        for number in (1, 2)
    }
    lists = st.lists(st.sampled_from((*GROUPS, *GROUPS, *NAMES)), min_size=1, max_size=2, unique=True).map(tuple)
    primitive = st.sampled_from(("uniform", "uniform", *PRIMITIVES))
    messages: list[tuple[str, str]] = []
    senders: dict[str, str] = {}
    programs: dict[str, list[ServiceEvent]] = {p: [] for p in NAMES}
    for p in NAMES:
        for g in draw(st.sampled_from((GROUPS, GROUPS, GROUPS, ("g",)))):
            programs[p].append(Installed(line=0, process=p, view=views[g, 1], group=g))
    for name in draw(st.sampled_from((MESSAGES, MESSAGES[:2], MESSAGES[:3]))):
        p, to = draw(st.sampled_from(NAMES)), draw(st.one_of(lists, lists, st.none()))
        group = draw(st.sampled_from(GROUPS)) if to is None else ""
        messages.append((name, group))
        senders[name] = p
        programs[p].append(Multicasted(line=0, process=p, message=name, group=group, to=to, primitive=draw(primitive)))
    for p in NAMES:
        for name, group in draw(st.lists(st.sampled_from(messages), max_size=5, unique=draw(st.integers(0, 9)) > 0)):
            sender = draw(st.sampled_from((None, None, senders[name], senders[name], senders[name], *NAMES[:1])))
            programs[p].append(Delivered(line=0, process=p, message=name, group=group, sender=sender))
            if draw(st.integers(0, 5)) == 0:
                programs[p].append(draw(_now_and_then(p, messages, views)))
        place = draw(st.sampled_from((len(programs[p]), len(programs[p]), len(programs[p]) // 2)))
        programs[p][place:place] = [
            Installed(line=0, process=p, view=views[g, 2], group=g) for g in draw(st.sampled_from(((), ("g",), GROUPS)))
        ]
        for _ in range(draw(st.integers(0, 2))):
            programs[p].append(draw(_now_and_then(p, messages, views)))
    events: list[ServiceEvent] = []
    while left := [p for p in NAMES if programs[p]]:
        p = draw(st.sampled_from(left))
        events += [programs[p].pop(0) for _ in range(min(len(programs[p]), draw(st.integers(1, 4))))]
    return numbered(without_events_after_crashes(events))


def _now_and_then(
    p: str, messages: Sequence[tuple[str, str]], views: dict[tuple[str, int], View]
) -> st.SearchStrategy[ServiceEvent]:
    """What a process may see besides messages."""
    here, group = {"line": st.just(0), "process": st.just(p)}, st.sampled_from(GROUPS)
    state = st.sampled_from(("x", "x", "x", "y"))
    return st.one_of(
        st.sampled_from(messages).map(lambda m: ToldSafe(line=0, process=p, message=m[0], group=m[1])),
        st.builds(Stated, **here, view=st.integers(1, 2), state=state, group=group),
        st.builds(Left, **here, group=group),
        st.builds(Crashed, **here),
        st.sampled_from(sorted(views.items())).map(
            lambda item: Installed(line=0, process=p, view=item[1], group=item[0][0])
        ),
    )


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
