"""The command `vsync`: models, simulations, and the judges of traces, for people and for other programs.

    vsync verify                      everything that can be checked here in a few minutes
    vsync models [NAME...] [--full]   TLC on the models of the specification
    vsync simulate --seed N -o FILE   one seeded run of the implementation, judged, as a trace
    vsync campaign --runs N           many seeded runs, each with faults of its own, each judged
    vsync check FILE... [--spec]      judge traces, of this implementation or of another system
    vsync negatives [FILE...]         accepted traces, changed in one thing each, for both judges
    vsync explain FILE [--minimise]   why a trace breaks a guarantee, by few of its events
    vsync show FILE -o page.html      draw a trace as a space-time diagram
    vsync prove [NAME...] [--planted] inductive invariants, by z3, for any number of processes
    vsync mutants [NAME...]           break code and specification, and see what notices it
    vsync paths [MODULE...]           paths out of TLC's state graph, followed by the machines
    vsync replay FILE [--step]        make the moves of a recorded run again, and compare
    vsync coverage [--runs N]         what of the specification and of the code no run exercises
    vsync cost [-o FILE.svg]          what the primitives cost in messages, and how that grows
    vsync scenario [NAME...]          play stories: exact crashes, exact orders of arrival
    vsync bench [--only PART...]      how fast judges, TLC, simulator and state machines are

Exit codes: 0, what was checked holds; 1, something is violated; 2, something could not be judged. A command
that is stopped (by Ctrl-C, a full disk, a reader that went away) ends with 2, leaves no process and no half
of a file behind, and says so in one line. `--json`, which all of them have, is described in
`vsync.cli.outcome`.

Spec: none. Paper: none.
"""

import argparse
import contextlib
import difflib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType

from vsync.cli import (
    bench,
    campaign,
    check,
    cost,
    coverage,
    explain,
    models,
    mutants,
    negatives,
    paths,
    prove,
    replay,
    scenario,
    show,
    simulate,
    verify,
)
from vsync.cli.outcome import Exit, Outcome, package_version
from vsync.cli.terminal import Terminal
from vsync.errors import VsyncError
from vsync.interrupts import ended_by_signals

__all__ = ["main"]

COMMANDS = {
    "verify": verify,
    "models": models,
    "prove": prove,
    "mutants": mutants,
    "paths": paths,
    "simulate": simulate,
    "campaign": campaign,
    "check": check,
    "negatives": negatives,
    "explain": explain,
    "show": show,
    "replay": replay,
    "scenario": scenario,
    "coverage": coverage,
    "cost": cost,
    "bench": bench,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv`, that of the process if None, and returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    code: int = Exit.NOT_JUDGED
    try:
        with _one_interrupt(), ended_by_signals():
            code = _run(words)
            sys.stdout.flush()
            return code
    except BrokenPipeError:
        pass  # whoever was reading has seen enough
    except (KeyboardInterrupt, MemoryError, OSError) as error:
        _complain(_in_words(error))
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else Exit.NOT_JUDGED
    except Exception:
        _complain("this is a defect of vsync itself, and nothing is known; please report it with these lines:")
        traceback.print_exc()
    _abandon_output()
    return code


def _run(words: list[str]) -> int:
    parser = _parser()
    if not words:
        parser.print_help(sys.stderr)
        return Exit.NOT_JUDGED
    first = next((word for word in words if not word.startswith("-")), None)
    if first is not None and first not in COMMANDS and words[0] == first:
        near = difflib.get_close_matches(first, COMMANDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(COMMANDS)}"
        _complain(f"expected a command, came {first!r}: {hint}")
        return Exit.NOT_JUDGED
    arguments = parser.parse_args(words)
    terminal = Terminal(json=arguments.json)
    try:
        outcome: Outcome = COMMANDS[arguments.command].run(arguments, terminal)
    except (VsyncError, KeyboardInterrupt, MemoryError, OSError) as error:
        if isinstance(error, OSError) and not arguments.json:
            raise  # it may be standard output that cannot be written to
        _complain(_in_words(error))
        outcome = Outcome(exit=Exit.NOT_JUDGED, error=_in_words(error))
    terminal.finish(outcome.as_json(arguments.command))
    return outcome.exit


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vsync",
        description="Virtual synchrony: check the specification, run the implementation, judge traces.",
        epilog="Exit codes: 0 it holds, 1 something is violated, 2 something could not be judged.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"vsync {package_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.DESCRIPTION, allow_abbrev=False)
        command.add_argument("--json", action="store_true", help="write the result as one JSON object")
        module.add_arguments(command)
    return parser


def _in_words(error: BaseException) -> str:
    """Returns what a person should know of an error: what was expected, what came, and what to do."""
    if isinstance(error, KeyboardInterrupt):
        return "stopped by Ctrl-C: nothing is known of what was not finished"
    if isinstance(error, MemoryError):
        return "expected enough memory, but there is no more: use fewer cores, or smaller input"
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        what = error.strerror or str(error)
        return f"{where}expected to read and write, but: {what}: make room, or name another place"
    return str(error)


def _complain(message: str) -> None:
    """Says what is wrong, as long as there is anybody to say it to."""
    with contextlib.suppress(OSError):
        print(f"vsync: {message}", file=sys.stderr, flush=True)


def _abandon_output() -> None:
    """Throws away what standard output has not taken: the interpreter would try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        try:
            sys.stdout.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


@contextlib.contextmanager
def _one_interrupt() -> Iterator[None]:
    """Lets the first Ctrl-C through and ignores further ones, so that they do not disturb the cleaning up."""
    alone = threading.current_thread() is threading.main_thread()
    if not alone or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt
