"""`vsync explain`: why a trace breaks a guarantee, by the smallest set of events that contradict it.

For each violation: the rule, the events with their lines, and the argument from the one to the other. With
`--minimise` the trace is made smaller as well, until what is left breaks the same guarantee, nothing that the
trace does not break, and no event can be spared; each of its lines says, as `line`, where it stood. The same
trace gives the same bytes.

The verdict is "violated" if there is something to explain, "holds" if no guarantee is violated, and "not judged"
if the trace puts none to the test.

JSON: `file`, `explanations`, a list of objects with `guarantee`, `group`, `rule`, `events` (objects with `line`,
`process`, `sentence`), `because` (a list of sentences) and `however` (a sentence); `minimised`, null or an object
with `guarantee`, `file` and `lines` (where its events stood).

Spec: VSProperties. Paper: 2.4.
"""

import argparse
from pathlib import Path
from typing import Any

import attrs
from rich.text import Text

from vsync.check.explain import Explanation, explanations
from vsync.check.judge import judge_events
from vsync.check.judgement import Judgement, Status, selected
from vsync.check.minimise import Progress, minimised, write_minimised
from vsync.check.properties import Violation
from vsync.check.record import Record, record_of
from vsync.check.trace import STANDARD_STREAM, Header
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Meter, Terminal
from vsync.errors import InputError

HELP = "say why a trace breaks a guarantee, by at most a handful of its events"
DESCRIPTION = (
    "Explain each violation of a trace: the rule, the smallest set of events that contradicts it, and the argument. "
    "With --minimise, write the smallest part of the trace that is rejected for the same reason."
)
STEPS_A_NOTE = 50
"""So many questions to the judge are told at a time."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("file", metavar="FILE", help="a trace, or - for standard input")
    command.add_argument("--guarantee", metavar="NAME", help="explain only the violation of this one")
    command.add_argument("--minimise", action="store_true", help="make the trace smaller, too; needs --output")
    command.add_argument("-o", "--output", metavar="FILE", help="where the smaller trace goes")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    if arguments.minimise != (arguments.output is not None):
        raise InputError("expected both --minimise and --output FILE, or neither: say where the smaller trace is to go")
    if arguments.output == STANDARD_STREAM:
        terminal.results_to_messages()
    asked = None if arguments.guarantee is None else [arguments.guarantee]
    selected(asked, None)
    header, record = record_of(arguments.file)
    judgement = judge_events(record.events, _claimed(asked, header))
    with terminal.progress("asking the judge", None) as meter:
        found = explanations(record, judgement, _noted(meter, "explaining"))
    for each in found:
        terminal.show(told(each))
    small = None
    if arguments.minimise:
        violation = _first(judgement, arguments.file)
        small = _minimise(arguments.output, header, record, violation, found[0], terminal)
    if not found:
        terminal.show(Text(_nothing(judgement), style="green" if judgement.with_status(Status.HELD) else "yellow"))
    fields = {"file": str(arguments.file), "explanations": [attrs.asdict(each) for each in found], "minimised": small}
    return Outcome(exit=_exit(judgement), fields=fields)


def told(explanation: Explanation) -> Text:
    """Returns an explanation for people: the rule, the events, the argument."""
    group = f" in group {explanation.group}" if explanation.group else ""
    text = Text.assemble((f"{explanation.guarantee}", "bold red"), f" is broken{group}. {explanation.rule}\n")
    width = len(str(max(explanation.lines)))
    for event in explanation.events:
        text.append(f"  line {event.line:>{width}}", style="bold")
        text.append(f"  {event.sentence}\n")
    for step in explanation.because:
        text.append(f"  - {step}.\n")
    text.append(f"  - However, {explanation.however}: a contradiction.", style="bold")
    return text


def _claimed(asked: list[str] | None, header: Header) -> list[str] | None:
    """Returns the guarantees to be judged: those that are asked for and that the header claims."""
    if header.guarantees is None:
        return asked
    known = set(selected(None, ())) & set(header.guarantees)
    return sorted(known if asked is None else known & set(asked))


def _first(judgement: Judgement, name: str) -> Violation:
    if not judgement.violations:
        raise InputError(f"{name}: expected a trace that breaks a guarantee, but it breaks none: nothing to minimise")
    return judgement.violations[0]


def _minimise(
    path: str,
    header: Header,
    record: Record,
    violation: Violation,
    explanation: Explanation,
    terminal: Terminal,
) -> dict[str, Any]:
    with terminal.progress("asking the judge", None) as meter:
        lines = minimised(record, violation, explanation.lines, _noted(meter, "minimising"))
    write_minimised(path, header, record, lines, violation.guarantee)
    name = "standard output" if path == STANDARD_STREAM else Path(path)
    terminal.show(
        Text(f"{name}: {len(lines)} of {len(record.events)} service events, which break {violation.guarantee} as well.")
    )
    return {"guarantee": violation.guarantee, "file": None if path == STANDARD_STREAM else path, "lines": lines}


def _noted(meter: Meter, doing: str) -> Progress:
    def on_step(left: int, asked: int) -> None:
        meter.advance()
        if asked % STEPS_A_NOTE == 1:
            meter.note(f"{doing}: {left} events left")

    return on_step


def _nothing(judgement: Judgement) -> str:
    held = judgement.with_status(Status.HELD)
    if held:
        return f"There is nothing to explain: {len(held)} guarantees held, none is violated."
    return "There is nothing to explain: the trace puts no guarantee to the test."


def _exit(judgement: Judgement) -> Exit:
    if not judgement.accepted:
        return Exit.VIOLATED
    return Exit.HOLDS if judgement.with_status(Status.HELD) else Exit.NOT_JUDGED
