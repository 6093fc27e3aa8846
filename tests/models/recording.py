"""A run as moves: made, observed, and written out as a trace that replays it.

Spec: none; the environment's moves are those of Flush, SiteViews and Groups.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

from models.groups_witness import GroupsWitness
from models.witness import Broken
from vsync.check.judge import Judge
from vsync.check.properties import GUARANTEES
from vsync.check.trace import Header, TraceReader
from vsync.check.writer import TraceWriter, encoded, header_fields
from vsync.effects import Deliver, ForProcess
from vsync.messages import ProcessMessage
from vsync.sim.moves import CallFlush, CreateGroup, JoinGroup, LeaveGroup, Move, Multicast
from vsync.sim.world import Line, News, World
from vsync.state_transfer import Limits
from vsync.types import Address

#: Of state transfers: small ones, so that some states go through a channel of their own and others do not.
LIMITS = Limits(window=2, bulk_bytes_min=30)
HEADER = Header(source="hypothesis")
TRACES = Path(__file__).parents[2] / ".hypothesis" / "traces"


class Observer:
    """Hands each service event to the judge, as the trace's reader reads it, and to the witness.

    ``only``, if given, is the one guarantee that counts: one of VSProperties is then asked of the judge
    alone, another of the witness.
    """

    def __init__(self, only: str | None = None) -> None:
        self.only = only
        self.witness = GroupsWitness(only)
        self.judge = Judge(guarantees=None if only is None else {only} & GUARANTEES.keys())
        self._by_judge = only in GUARANTEES
        self._tape = io.BytesIO(encoded(header_fields(HEADER)))
        self._reader = TraceReader(self._tape, "live")

    def __call__(self, line: Line) -> None:
        """Observe one line; raises ``Broken`` if it breaks something."""
        if "event" not in line:
            return
        place = self._tape.tell()
        self._tape.write(encoded(line))
        self._tape.seek(place)
        for event in self._reader:
            if violations := self.judge.observe(event):
                raise Broken(violations[0].guarantee, violations[0].sentence)
        if not self._by_judge and line["process"].count(".") == 2:
            self._tell(line)

    def _tell(self, line: Line) -> None:
        p = line["process"]
        match line["event"]:
            case "install":
                self.witness.installs(p, line["group"], line["view"]["id"], tuple(line["view"]["members"]))
            case "multicast":
                to = tuple(line.get("to", [line.get("group")]))
                self.witness.multicasts(p, line["message"], line["payload"], to, line.get("primitive", "cbcast"))
            case "deliver":
                self.witness.delivers(p, line["message"])
            case "leave":
                self.witness.leaves(p, line["group"])
            case "crash":
                self.witness.crashes(p)
            case "mark":
                self._mark(p, line)
            case "safe" | "state":
                pass
            case unknown:
                raise AssertionError(f"the witness does not know the event {unknown}")

    def _mark(self, p: str, line: Line) -> None:
        match line["label"]:
            case "starts":
                self.witness.starts(p)
            case "flush returns":
                self.witness.flush_returns(p, line["ticket"])
            case "is refused":
                self.witness.refused(p, line["name"])
            case "lacks destinations":
                self.witness.lacks_destinations(p, line["payload"])
            case _:
                pass


class WatchedWorld(World):
    """A world whose every service event is judged as it happens.  ``only`` as for ``Observer``."""

    def __init__(self, only: str | None = None) -> None:
        self.observer = Observer(only)
        self.witness = self.observer.witness
        super().__init__(recording=False, on_line=self.observer, limits=LIMITS)
        self.witness.holds = self.holds
        self.witness.named = self.named

    def _check_primary(self, site: Address) -> None:
        """Where one guarantee is asked for, what the world itself would notice does not count."""
        if self.observer.only is None:
            super()._check_primary(site)

    def named(self, p: str, group: str) -> str:
        """The symbolic name of a group, as the site of a process knows it."""
        return self.sites[Address.parse(p).at].groups.directory[Address.parse(group)].name

    def holds(self, p: str, m: str) -> bool:
        """The site of a process holds a message."""
        site = self.sites[Address.parse(p).at]
        contents: list[object] = [held.payload for held in site.multicasts.received.values()]
        contents += [
            waits.effect.message
            for (_, process), member in site.transfers.members.items()
            for waits in member.buffered
            if str(process) == p and isinstance(waits, ForProcess) and isinstance(waits.effect, Deliver)
        ]
        return any(isinstance(each, ProcessMessage) and str(each.id) == m for each in contents)

    def make(self, move: Move, **notes: Any) -> list[News]:
        """Make a move, of which the witness knows what the application asks for in it."""
        match move:
            case Multicast(process=process, payload=payload):
                self.witness.asks(str(process), payload)
            case CallFlush(process=process, ticket=ticket):
                self.witness.calls_flush(str(process), ticket)
            case JoinGroup(process=process, name=name, credentials=credentials):
                self.witness.would_join(str(process), name, credentials)
            case CreateGroup(process=process, name=name, credentials=credentials):
                self.witness.would_join(str(process), name, credentials)
            case LeaveGroup(process=process, group=group):
                self.witness.would_leave(str(process), str(group))
            case _:
                pass
        news = super().make(move, **notes)
        self.witness.between_moves()
        return news


def write_trace(moves: list[Move], name: str) -> Path:
    """Make the moves once more in a new world, and write all that happens into a trace; returns where."""
    TRACES.mkdir(parents=True, exist_ok=True)
    path = TRACES / f"{name}.jsonl"
    with TraceWriter(path, HEADER) as writer:

        def write(line: Line) -> None:
            writer.write(line)

        world = World(recording=True, on_line=write, limits=LIMITS)
        with contextlib.suppress(Exception):  # the move at which the run failed is the last line then
            for move in moves:
                world.make(move)
    return path
