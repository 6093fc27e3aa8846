"""The terminal: results go to standard output, progress and complaints to standard error.

Where standard error is a terminal, progress is a bar that vanishes; elsewhere, as in the log of a build, it
is a line now and then. Where standard output is none, tables are as wide as they need, unless COLUMNS says
otherwise.

Spec: none. Paper: none.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

WIDTH_ELSEWHERE = 150
"""How many columns a table may have where there is no terminal."""
LINES_OF_PROGRESS = 10
"""How often progress without notes is told where there is no terminal."""


class Terminal:
    """Where a command speaks.

    With `json` results are not shown to people: only `finish` writes to standard output.
    """

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.results = _console(sys.stdout)
        self.messages = _console(sys.stderr)

    def results_to_messages(self) -> None:
        """Sends results to standard error, because standard output has another use."""
        self.results = self.messages

    def show(self, *results: RenderableType) -> None:
        """Shows results to people."""
        if not self.json:
            for result in results:
                self.results.print(result, soft_wrap=isinstance(result, str | Text))

    def say(self, message: str, style: str = "") -> None:
        """Tells people something that is no result."""
        self.messages.print(Text(message, style=style), soft_wrap=True)

    def finish(self, fields: Mapping[str, Any]) -> None:
        """Writes the JSON object of a command, if it is wanted."""
        if self.json:
            print(json.dumps(fields, indent=2), file=self.results.file)

    @contextlib.contextmanager
    def progress(self, what: str, total: int | None) -> Iterator["Meter"]:
        """Gives a meter of `total` steps, None if nobody knows how many there are."""
        if not self.messages.is_terminal:
            yield _Lines(self.messages, what, total)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False),
        )
        with Progress(*columns, console=self.messages, transient=True) as bar:
            yield _Bar(bar, what, total)


class Meter:
    """Tells how far a command has come."""

    def advance(self, steps: int = 1, done: str = "") -> None:
        """Goes on by so many steps; `done` says what is done, if that is worth a line of its own."""
        raise NotImplementedError

    def note(self, doing: str) -> None:
        """Says what is being done."""


class _Bar(Meter):
    def __init__(self, bar: Progress, what: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(what, total=total, note="")

    def advance(self, steps: int = 1, done: str = "") -> None:
        self._bar.advance(self._task, steps)
        if done:
            self._bar.console.print(Text(done, style="dim"), soft_wrap=True)

    def note(self, doing: str) -> None:
        self._bar.update(self._task, note=doing)


class _Lines(Meter):
    def __init__(self, console: Console, what: str, total: int | None) -> None:
        self._console = console
        self._what = what
        self._total = total
        self._reached = 0

    def advance(self, steps: int = 1, done: str = "") -> None:
        before, self._reached = self._reached, self._reached + steps
        if self._total is None:
            return
        tenths = [reached * LINES_OF_PROGRESS // max(1, self._total) for reached in (before, self._reached)]
        if done or tenths[0] != tenths[1]:
            text = f"{self._what}: {self._reached} of {self._total}" + (f": {done}" if done else "")
            self._console.print(Text(text), soft_wrap=True)


class _Console(Console):
    """A console that leaves it to its caller what to do when its reader goes away."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _console(stream: TextIO) -> Console:
    wide = None if stream.isatty() or os.environ.get("COLUMNS") else WIDTH_ELSEWHERE
    return _Console(file=stream, width=wide, highlight=False, emoji=False)
