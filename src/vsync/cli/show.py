"""`vsync show`: a trace as a space-time diagram, an HTML page or an SVG, that needs nothing else to be looked at.

Processes are lines, views bands, messages arrows; time runs downwards and is logical. Where the trace breaks a
guarantee, the events that contradict one another are marked, and the explanation stands beside them. Of a trace
that is too long the surroundings of the contradiction are drawn, or the beginning; `--from`, `--to` and
`--around` choose another part.

The verdict is that of the trace: "violated" if it breaks a guarantee. A trace that breaks none "holds".

JSON: `file`, `output`, `group` (the one that is drawn first, null for all), `groups` (the names of all that are
drawn), `events` (how many are drawn first), `explanations` (as those of `vsync explain`).

Spec: VSProperties, VSGroups. Paper: none.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import attrs
from rich.text import Text

from vsync.check.explain import Explanation, explanations
from vsync.check.judge import judge_events
from vsync.check.judgement import Judgement, Status, selected
from vsync.check.properties import GUARANTEES
from vsync.check.record import Record, record_of
from vsync.check.trace import DEFAULT_GROUP, STANDARD_STREAM, Stepped, open_trace
from vsync.cli.models import positive
from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import InputError
from vsync.show.choice import Part, groups_of, of_group, rows_of
from vsync.show.layout import laid_out
from vsync.show.page import Sheet, as_page
from vsync.show.svg import as_file

HELP = "draw a trace as a space-time diagram: an HTML page or an SVG"
DESCRIPTION = (
    "Draw a trace: processes as lines, views as bands, messages as arrows, and what contradicts a guarantee marked. "
    "The page is one file and needs no network."
)
ALL = "all groups"
SHEETS_MAX = 12
"""So many groups are drawn on a page at most, if none is chosen."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declares the arguments of the command."""
    command.add_argument("file", metavar="FILE", help="a trace")
    command.add_argument("-o", "--output", metavar="FILE", help="a .html page or a .svg (FILE with .html)")
    command.add_argument("--group", metavar="NAME", help="draw this group only")
    command.add_argument("--guarantee", metavar="NAME", help="mark what contradicts this one, if several are broken")
    command.add_argument("--from", dest="first", type=positive, metavar="LINE", help="begin with this line")
    command.add_argument("--to", dest="last", type=positive, metavar="LINE", help="end with this line")
    command.add_argument("--around", type=positive, metavar="LINE", help="draw what happened around this line")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Outcome:
    """Runs the command."""
    output = _output(arguments)
    if str(output) == STANDARD_STREAM:
        terminal.results_to_messages()
    header, record = record_of(arguments.file)
    if not record.events:
        raise InputError(f"{arguments.file}: expected service events to draw, but there are none")
    judgement = judge_events(record.events, header.guarantees and _known(header.guarantees))
    found = _explained(record, judgement, arguments.guarantee)
    groups = _groups(record, arguments.group, found)
    part = Part(first=arguments.first, last=arguments.last, around=arguments.around)
    flushes = _flushes(arguments.file)
    sheets = [_sheet(record, group, part, found, flushes) for group in groups]
    name = Path(arguments.file).name
    if str(output).endswith(".svg"):
        text = as_file(
            sheets[0].diagram, record, f"{name}: {sheets[0].note or _verdict(judgement)}", next(iter(found), None)
        )
    else:
        text = as_page(sheets, record, name, _verdict(judgement), found)
    _write(output, text)
    shown = len(sheets[0].diagram.spots)
    terminal.show(Text(f"{output}: {shown} of {len(record.events)} events drawn. {_verdict(judgement)}"))
    fields = {
        "file": str(arguments.file),
        "output": str(output),
        "group": groups[0],
        "groups": [group for group in groups if group is not None],
        "events": shown,
        "explanations": [attrs.asdict(each) for each in found],
    }
    return Outcome(exit=Exit.HOLDS if judgement.accepted else Exit.VIOLATED, fields=fields)


def _explained(record: Record, judgement: Judgement, asked: str | None) -> list[Explanation]:
    """Returns the explanations, that of the guarantee that was asked for first."""
    selected(None if asked is None else [asked], None)
    return sorted(explanations(record, judgement), key=lambda each: each.guarantee != asked)


def _output(arguments: argparse.Namespace) -> Path | str:
    if arguments.around is not None and (arguments.first is not None or arguments.last is not None):
        raise InputError("expected either --around or --from and --to, but came both: choose one")
    if arguments.file == STANDARD_STREAM:
        raise InputError("expected a file, but came standard input, which cannot be read twice: write it to a file")
    output = arguments.output or Path(arguments.file).with_suffix(".html").name
    if output != STANDARD_STREAM and not str(output).endswith((".html", ".htm", ".svg")):
        raise InputError(f"expected an output that ends with .html or .svg, but came {output}: name it so")
    return output


def _known(claimed: Sequence[str]) -> list[str]:
    return [name for name in claimed if name in GUARANTEES]


def _groups(record: Record, asked: str | None, found: Sequence[Explanation]) -> list[str | None]:
    """Returns the groups to be drawn, the most interesting first; None is all of them together."""
    groups = groups_of(record) or [DEFAULT_GROUP]
    if asked is not None:
        if asked not in groups:
            named = ", ".join(group for group in groups if group) or "none with a name"
            raise InputError(f"expected a group of the trace, but came {asked}: there are {named}")
        return [asked]
    if len(groups) == 1:
        return list(groups)
    ordered: list[str | None] = [*groups[:SHEETS_MAX], None]
    first = found[0].group if found else groups[0]
    first_of_all = None if first not in groups or (found and GUARANTEES[found[0].guarantee].across_groups) else first
    return [first_of_all, *(group for group in ordered if group != first_of_all)]


def _sheet(
    record: Record,
    group: str | None,
    part: Part,
    found: Sequence[Explanation],
    flushes: Sequence[tuple[str, int]],
) -> Sheet:
    events = of_group(record, group)
    marked = [event.line for event in found[0].events] if found else []
    missing = [line for line in marked if line not in {event.line for event in events}]
    if found and group == found[0].group:
        events = sorted([*events, *record.only(missing)], key=lambda event: event.line)
    rows, said = rows_of(record, events, part, marked)
    diagram = laid_out(record, events, group=group, rows=rows, marked=marked, flushes=flushes)
    name = ALL if group is None else group or "the group"
    note = f"{len(diagram.spots)} of {len(events)} events: {said}" if said else ""
    return Sheet(name=name, note=note, diagram=diagram)


def _flushes(path: str) -> list[tuple[str, int]]:
    """Returns when processes began to flush, as far as the trace has protocol events: a process, or a site."""
    with open_trace(path) as reader:
        return [
            (event.process or event.site or "", event.line)
            for event in reader
            if isinstance(event, Stepped) and event.action == "Flush!Forward"
        ]


def _verdict(judgement: Judgement) -> str:
    if not judgement.accepted:
        broken = ", ".join(dict.fromkeys(violation.guarantee for violation in judgement.violations))
        return f"Violated: {broken}."
    held = len(judgement.with_status(Status.HELD))
    return f"No guarantee is violated, {held} held."


def _write(output: Path | str, text: str) -> None:
    if str(output) == STANDARD_STREAM:
        sys.stdout.write(text)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise InputError(f"{output}: expected a place to write a diagram to, but: {problem.strerror}") from problem
