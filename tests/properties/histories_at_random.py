"""Random service histories: some that a correct system could have written, bent a little, and some that are
noise.

Both are drawn from small sets of processes, views and messages, so that events meet.
"""

from collections.abc import Sequence

import attrs
from hypothesis import strategies as st

from vsync.check.trace import Crashed, Delivered, Installed, Left, Multicasted, ServiceEvent, View

NAMES = ("p", "q", "r")
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
def bent(draw: st.DrawFn) -> list[ServiceEvent]:
    """A legal history with a few events left out, repeated, moved or given to another process."""
    events = draw(legal())
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
