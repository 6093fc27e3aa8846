"""Long traces for measuring: what a system writes that runs again and again, and each time crashes in the end.

Some runs of the implementation are simulated, with all kinds of multicasts, joins, leaves, crashes and states. They
are written one after the other, over and over, until there are enough events. Each time processes, groups and
messages have other names, and when the run has come to rest all that still works crashes. So the trace is legal, and
no part of it says anything of another.

Spec: none. Paper: none.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, count, cycle, islice
from pathlib import Path
from typing import Any, Final

from vsync.check.trace import Crashed, Header
from vsync.check.writer import TraceWriter
from vsync.sim.simulation import Configuration, Simulation

RUNS: Final = 8
"""How many different runs there are."""
MULTICASTS_MAX: Final = 1000
Fields = dict[str, Any]


def write_long_trace(path: Path, events: int, *, on_run: Callable[[], object] = lambda: None) -> None:
    """Writes a legal trace of so many service events to a file; `on_run` is called after each simulated run."""
    with TraceWriter(path, Header(source="vsync bench")) as writer:
        for fields in islice(_again_and_again(_runs(events, on_run)), events):
            writer.write(fields)


def events_of_run(configuration: Configuration, seed: int, *, recording: bool = False) -> list[Fields]:
    """Returns the service events of one simulated run, as the fields of their lines."""
    events: list[Fields] = []

    def keep(line: Mapping[str, Any]) -> None:
        if "event" in line:
            events.append(dict(line))

    Simulation(configuration, seed, recording=recording, on_line=keep).run()
    return events


def _runs(events: int, on_run: Callable[[], object]) -> list[list[Fields]]:
    """Returns the simulated runs: not more than are needed, and none much longer than that."""
    multicasts = max(20, min(MULTICASTS_MAX, events // 10))
    configuration = Configuration(
        sites=5,
        processes=8,
        groups=3,
        memberships=2,
        multicasts=multicasts,
        abcasts=multicasts // 4,
        uniform=multicasts // 8,
        gbcasts=multicasts // 50,
        flushes=multicasts // 50,
        joins=4,
        process_crashes=3,
        leaves=2,
        recoveries=2,
        storm_ms=30 * multicasts,
    )
    runs: list[list[Fields]] = []
    for seed in range(1, RUNS + 1):
        if sum(map(len, runs)) < events:
            runs.append(events_of_run(configuration, seed))
            on_run()
    return runs


def _again_and_again(runs: list[list[Fields]]) -> Iterator[Fields]:
    """Yields the events of the runs, over and over, each time under other names and with crashes in the end."""
    for number, run in zip(count(1), cycle(runs), strict=False):
        names = {fields["process"]: None for fields in run}
        for fields in run:
            if fields["event"] == Crashed.kind:
                del names[fields["process"]]
        crashes = [{"event": Crashed.kind, "process": process} for process in names]
        for fields in chain(run, crashes):
            yield _renamed(fields, f"{number}/")


def _renamed(fields: Fields, prefix: str) -> Fields:
    renamed = dict(fields)
    for key in ("process", "group", "message", "sender"):
        if key in renamed:
            renamed[key] = prefix + renamed[key]
    if "to" in renamed:
        renamed["to"] = [prefix + name for name in renamed["to"]]
    if renamed["event"] == "install":
        view = renamed["view"]
        renamed["view"] = view | {"members": [prefix + name for name in view["members"]]}
    return renamed
