"""Replay: the moves of a recorded run, made again in a fresh world, and compared line by line.

A world without clock and chance makes the same lines of the same moves. So each line that the world produces
must be the recorded one, byte for byte in canonical form; the first that is not is the difference, and ends
the replay.

A trace whose last line was cut off is replayed up to there: what the world produces beyond is not held
against it.

Spec: none; see `vsync.sim.moves`. Paper: 2.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from vsync.check.trace import TraceReader
from vsync.check.writer import encoded
from vsync.errors import InputError, VsyncError
from vsync.failure_detector import Pace
from vsync.sim.moves import Move, move_as_json, move_from_json
from vsync.sim.simulation import limits_of
from vsync.sim.world import Line, World

Numbered = tuple[int, Line]


@frozen(kw_only=True)
class Difference:
    """Where a replay first differs from its record.

    ``line`` of the file has ``expected``; ``came`` is what the replay produced there.  None stands for
    nothing.
    """

    line: int
    expected: Line | None
    came: Line | None

    def __str__(self) -> str:
        return f"line {self.line}: expected {_shown(self.expected)}, but came {_shown(self.came)}"


@frozen(kw_only=True)
class Step:
    """One move, made again.

    ``line`` is where the move stands; ``at_ms`` is its virtual time, if it is recorded; ``lines`` are the
    lines that followed from it, as they came; ``error`` is what a machine raised, if it did.
    """

    line: int
    move: Move
    at_ms: int | None
    lines: tuple[Numbered, ...]
    difference: Difference | None
    error: str

    @property
    def exact(self) -> bool:
        """Whether everything went as recorded."""
        return self.difference is None and not self.error


def replay(reader: TraceReader) -> Iterator[Step]:
    """Yields the moves of a trace, made again one after the other, until the end or the first difference.

    Raises ``InputError`` if there are no moves to make, or if a line is none of a trace.
    """
    came: list[Line] = []
    configuration = reader.header.configuration
    pace = Pace() if configuration.get("detector") else None
    links = bool(configuration.get("links"))
    world = World(on_line=came.append, pace=pace, links=links, limits=limits_of(configuration))
    for recorded, last in _by_move(reader):
        line, fields = recorded[0]
        move = _move(reader, line, fields)
        notes = {name: value for name, value in fields.items() if name not in move_as_json(move)}
        came.clear()
        error = ""
        try:
            world.make(move, **notes)
        except Exception as raised:  # a machine's assertion, or a move that cannot be made: both are findings
            error = in_words(raised)
        difference = _difference(recorded, came, cut_off=last and reader.truncated)
        at_ms = notes.get("at_ms")
        step = Step(
            line=line,
            move=move,
            at_ms=at_ms if isinstance(at_ms, int) else None,
            lines=tuple((line + index, each) for index, each in enumerate(came) if index),
            difference=difference,
            error=error,
        )
        yield step
        if not step.exact:
            return


def in_words(error: Exception) -> str:
    """What went wrong inside a machine, in one line: the kind of exception, what it says, and where it was
    raised."""
    if isinstance(error, VsyncError):
        return str(error)
    place, where = error.__traceback__, ""
    while place is not None:
        module = place.tb_frame.f_globals.get("__name__", "?")
        where = f" in {module}.{place.tb_frame.f_code.co_qualname}, line {place.tb_lineno}"
        place = place.tb_next
    return f"{type(error).__name__}{f' ({error})' if str(error) else ''}{where}"


def _by_move(reader: TraceReader) -> Iterator[tuple[list[Numbered], bool]]:
    """Yield each move together with the lines up to the next one, and whether it is the last."""
    recorded: list[Numbered] = []
    for line, fields in reader.objects():
        if "move" in fields:
            if recorded:
                yield recorded, False
            recorded = [(line, fields)]
        elif recorded:
            recorded.append((line, fields))
        else:
            raise InputError(
                f"{reader.name}: line {line}: expected a move of the environment, but came {_shown(fields)}: "
                "only a trace with moves can be replayed; record one with vsync simulate, "
                "without --service-only"
            )
    if not recorded:
        raise InputError(
            f"{reader.name}: expected moves of the environment, but the trace has no lines after its header: "
            "record one with vsync simulate"
        )
    yield recorded, True


def _move(reader: TraceReader, line: int, fields: dict[str, Any]) -> Move:
    try:
        return move_from_json(fields)
    except InputError as error:
        raise InputError(f"{reader.name}: line {line}: {error}; record the trace again") from error


def _difference(recorded: list[Numbered], came: list[Line], *, cut_off: bool) -> Difference | None:
    """The first line at which what came is not what is recorded."""
    for (line, expected), produced in zip(recorded, came, strict=False):
        if encoded(expected) != encoded(produced):
            return Difference(line=line, expected=expected, came=produced)
    if len(came) < len(recorded):
        line, expected = recorded[len(came)]
        return Difference(line=line, expected=expected, came=None)
    if len(came) > len(recorded) and not cut_off:
        return Difference(line=recorded[-1][0] + 1, expected=None, came=came[len(recorded)])
    return None


def _shown(fields: Line | None) -> str:
    return "nothing" if fields is None else encoded(fields).decode().rstrip("\n")
