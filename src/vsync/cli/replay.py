"""`vsync replay`: make the moves of a recorded run again, in a fresh world, and compare line by line.

With `--step` each move is told with the actions that followed from it, what they changed, and what the
processes saw; on a terminal one at a time, at the pace of the reader. The verdict is "violated" if the replay
differs from its record, or if a machine breaks one of its own assertions, and "not judged" if there is
nothing to replay.

JSON: `file`, `moves` and `lines` (how many were replayed), `truncated` (whether the trace stops in the middle
of a line), `difference` (null, or `line`, `expected` and `came`, each the object of a line or null),
`failure` (null, or `line` and `sentence`: what a machine raised); with `--step` also `steps`, a list of
objects with `line`, `at_ms`, `words`, `move` (its object) and `lines` (the objects of the lines that
followed).

Spec: none. Paper: 2.4.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import attrs
from rich.text import Text

from vsync.check.trace import open_trace
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.steps import Storyteller, in_words
from vsync.cli.terminal import Terminal
from vsync.sim.moves import move_as_json
from vsync.sim.replay import Step, replay

HELP = "run a recorded schedule again and compare; --step walks through it"
DESCRIPTION = "Make the moves of a recorded run again, and compare every line with the record."
PROMPT = "Enter: on, a number: so many, a: all, q: no more > "


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("file", metavar="FILE", help="a trace with moves, as vsync simulate writes it, or -")
    command.add_argument("--step", action="store_true", help="tell each move, its actions and its changes")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    told: list[dict[str, Any]] = []
    moves, lines = 0, 0
    last: Step | None = None
    pace = _pace(arguments)
    storyteller = Storyteller()
    with open_trace(arguments.file) as reader:
        for last in replay(reader):
            moves, lines = moves + 1, lines + 1 + len(last.lines)
            if arguments.step and terminal.json:
                told.append(_step_as_json(last))
            elif arguments.step:
                story = storyteller.tell(last)
                if next(pace):
                    terminal.show(story)
        truncated, name = reader.truncated, reader.name
    assert last is not None, "a trace without moves has been refused"
    fields = {
        "file": name,
        "moves": moves,
        "lines": lines,
        "truncated": truncated,
        "difference": attrs.asdict(last.difference) if last.difference else None,
        "failure": {"line": last.line, "sentence": last.error} if last.error else None,
    }
    terminal.show(_sentence(last, name, moves, lines))
    if truncated:
        terminal.show(Text("The last line stops in its middle: replayed up to there.", style="yellow"))
    if arguments.step and terminal.json:
        fields["steps"] = told
    return Outcome(exit=Exit.HOLDS if last.exact else Exit.VIOLATED, fields=fields)


def _sentence(last: Step, name: str, moves: int, lines: int) -> Text:
    if last.error:
        how = "and it differs from the record" if last.difference else "as in the record"
        return Text(
            f"{name}: the move at line {last.line} ({in_words(last.move)}) ends in an error, {how}: {last.error}",
            style="bold red",
        )
    if last.difference:
        where = f"after the move at line {last.line} ({in_words(last.move)})"
        return Text(f"{name}: the replay differs {where}: {last.difference}", style="bold red")
    return Text(f"{name}: {moves} moves made again, {lines} lines as recorded.", style="green")


def _pace(arguments: argparse.Namespace) -> Iterator[bool]:
    """Yields for each step whether it is to be shown, and asks in between where somebody can answer."""
    interactive = arguments.file != "-" and sys.stdin.isatty() and sys.stdout.isatty() and not arguments.json
    ahead = 0
    while True:
        yield True
        if not interactive:
            continue
        if ahead > 0:
            ahead -= 1
            continue
        answer = _ask()
        if answer == "q":
            break
        if answer == "a":
            interactive = False
        elif answer.isdecimal():
            ahead = int(answer) - 1
    while True:
        yield False


def _ask() -> str:
    try:
        return input(PROMPT).strip().lower()
    except EOFError:
        return "q"


def _step_as_json(step: Step) -> dict[str, Any]:
    return {
        "line": step.line,
        "at_ms": step.at_ms,
        "words": in_words(step.move),
        "move": move_as_json(step.move),
        "lines": [fields for _, fields in step.lines],
    }
