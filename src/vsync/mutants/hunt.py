"""The hunt for a mutant: runs of the broken implementation, and judges that look at them, until one says no.

A mutant is shown to the judges in the order of ``JUDGES``:

- ``guarantees``: the streaming judge, with every guarantee on, judges seeded runs while they go on;
- ``specification``: TLC replays the recorded steps of such runs on the specification's actions;
- ``assertions``: a machine, or the world, finds its own rules broken;
- ``settling``: a run comes to no good end, or a step to no end at all;
- ``state machine``: a search of the tests finds that the rule is broken which is meant to notice this mutant;
- ``fuzzer``: a decoder does not stand what it is given.

The runs are those of ``vsync campaign``, so that a seed draws its own mix of faults; links are always there for mutants
of links, and detectors for those of the failure detector.  CBCAST to the whole view, which no site runs, has runs of
its own.  All is decided by seeds and numbers: what killed a mutant once kills it again, which the tests make use of.
What the judges say counts only if they say nothing of the same run without the mutant.

Spec: VSProperties, the Trace modules, and the invariants of each module.
Paper: none.
"""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any, Final

import attrs
from attrs import field, frozen

from vsync.check.judgement import Judgement, Status
from vsync.check.live import LiveJudge
from vsync.check.protocol import judge_protocol_with_tlc
from vsync.errors import InputError
from vsync.mutants.planting import Mutant
from vsync.mutants.whole_view import WholeViewRun
from vsync.sim.campaign import configuration_for, header_of, judged_run
from vsync.sim.replay import in_words
from vsync.sim.simulation import Configuration
from vsync.sim.world import Line

GUARANTEES: Final = "guarantees"
SPECIFICATION: Final = "specification"
ASSERTIONS: Final = "assertions"
SETTLING: Final = "settling"
STATE_MACHINE: Final = "state machine"
FUZZER: Final = "fuzzer"
JUDGES: Final = (GUARANTEES, SPECIFICATION, ASSERTIONS, SETTLING, STATE_MACHINE, FUZZER)

RUNS: Final = 200
"""How many seeded runs a mutant may survive before it is shown to the next judge."""
KILLS: Final = 10
"""After how many runs that break a guarantee nothing new is expected."""
RECORDED: Final = 8
"""How many runs of a mutant TLC replays on the specification."""
INPUTS: Final = 20_000
"""How many inputs the fuzzer gives to a broken decoder."""
HANG_SECONDS: Final = 20.0
"""After how much processor time a run, which takes a second at most, will never end."""


@frozen(kw_only=True)
class Sighting:
    """What one judge says against a mutant.

    ``by`` names what is broken: guarantees, an action of the specification, a rule; ``run`` is the number, or the
    seed, of the run, ``runs`` how many there were up to it, ``seconds`` how long they took; ``sentence`` says why.
    """

    judge: str
    by: tuple[str, ...]
    run: int
    runs: int
    seconds: float
    sentence: str


@frozen(kw_only=True)
class Row:
    """What became of a mutant: the first sighting of each judge that saw it, in the order of ``JUDGES``.

    ``runs`` is how many runs the streaming judge has judged; ``guarantees`` says in how many of them each guarantee
    was violated, apart from those whose violation follows from that of another.
    """

    mutant: str
    runs: int = 0
    guarantees: dict[str, int] = field(factory=dict)
    sightings: tuple[Sighting, ...] = ()

    @property
    def killed(self) -> Sighting | None:
        """The sighting that counts: that of the first judge; None if no judge has seen the mutant."""
        return self.sightings[0] if self.sightings else None

    def by(self, judge: str) -> Sighting | None:
        """What this judge says, if it says anything."""
        return next((sighting for sighting in self.sightings if sighting.judge == judge), None)


@frozen(kw_only=True)
class Trial:
    """One run of a broken implementation: what the judge says, and how it ended, if not well."""

    judgement: Judgement
    error: str = ""
    unsettled: str = ""

    @property
    def violated(self) -> tuple[str, ...]:
        """The guarantees that are violated, apart from those that follow."""
        return self.judgement.with_status(Status.VIOLATED)


class _Hang(BaseException):
    """A run takes too long; no machine catches it."""


# -- One run ----------------------------------------------------------------------------------------------


def configuration_of(mutant: Mutant, seed: int) -> Configuration:
    """The configuration of the run with this seed: that of a campaign, with what the mutant's machine needs."""
    drawn = configuration_for(seed)
    match mutant.machine:
        case "Link":
            return attrs.evolve(drawn, links=True, storm_ms=3 * drawn.storm_ms if not drawn.links else drawn.storm_ms)
        case "FailureDetector":
            return attrs.evolve(drawn, links=True, detector=True)
        case "StateTransfer":
            return attrs.evolve(drawn, with_state=100, joins=drawn.joins + 3, migrations=2, bulk_bytes_min=20)
        case _:
            return drawn


def tried(mutant: Mutant, seed: int, lines: list[Line] | None = None, *, planted: bool = True) -> Trial:
    """Run the broken implementation once, and judge what happens.

    Arguments: the mutant, which is ``planted`` meanwhile, unless the implementation as it is should be seen in the
    same run; the seed; where to put the lines, with all protocol steps.
    """
    with mutant.applied() if planted else nullcontext():
        if mutant.machine == "Cbcast":
            return _whole_view(seed, lines)
        configuration = configuration_of(mutant, seed)
        keep = (lambda line: None) if lines is None else lines.append
        try:
            with _not_for_ever():
                run = judged_run(configuration, seed, recording=lines is not None, on_line=keep)
        except _Hang:
            judge = LiveJudge(header_of(configuration, seed))
            return Trial(judgement=judge.judgement(), unsettled="a step comes to no end")
    outcome = run.outcome
    unsettled = outcome.unsettled if outcome is not None and not (run.settled or run.blocked) else ""
    return Trial(judgement=run.judgement, error=run.error, unsettled=unsettled)


def _whole_view(seed: int, lines: list[Line] | None) -> Trial:
    judge = LiveJudge(header_of(configuration_for(seed), seed))

    def observe(line: Line) -> None:
        if lines is not None:
            lines.append(line)
        judge.observe(line)

    unsettled, error = "", ""
    try:
        with _not_for_ever():
            unsettled = WholeViewRun(seed, observe).run()
    except _Hang:
        unsettled = "a step comes to no end"
    except MemoryError:
        raise
    except Exception as raised:
        error = in_words(raised)
    return Trial(judgement=judge.judgement(), error=error, unsettled=unsettled)


@contextmanager
def _not_for_ever() -> Iterator[None]:
    """End what the block does, by an exception, when it has used up its processor time; for the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(number: int, frame: FrameType | None) -> None:
        raise _Hang

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


# -- The judges -------------------------------------------------------------------------------------------


def hunt(
    mutant: Mutant,
    *,
    runs: int = RUNS,
    first: int = 1,
    judges: Collection[str] = JUDGES,
    everyone: bool = False,
    on_run: Callable[[int], None] = lambda run: None,
) -> Row:
    """Show a mutant to one judge after the other, until one says no; or to all of them.

    Arguments: how many seeded runs it may survive, and the first seed; the judges that take part; whether
    ``everyone`` is asked, also when one has seen the mutant; ``on_run``, called with the number of each run.
    Errors: ``EngineError`` if TLC, or a state machine of the tests, is asked and not there.
    """
    row = Row(mutant=mutant.name)
    if mutant.machine == "Codec":
        return attrs.evolve(row, sightings=_of(_fuzzed(mutant))) if FUZZER in judges else row
    row, suspect = _judged(mutant, row, range(first, first + runs), judges, on_run)
    if SPECIFICATION in judges and _judged_by_tlc(mutant) and (everyone or not row.by(GUARANTEES)):
        row = _with(row, _replayed_by_tlc(mutant, (*suspect, *range(first, first + runs))))
    if STATE_MACHINE in judges and (everyone or row.killed is None):
        row = _with(row, searched(mutant))
    return row


def _with(row: Row, sighting: Sighting | None) -> Row:
    known = sorted((*row.sightings, *_of(sighting)), key=lambda each: JUDGES.index(each.judge))
    return attrs.evolve(row, sightings=tuple(known))


def _of(sighting: Sighting | None) -> tuple[Sighting, ...]:
    return (sighting,) if sighting is not None else ()


def _judged(
    mutant: Mutant, row: Row, seeds: Sequence[int], judges: Collection[str], on_run: Callable[[int], None]
) -> tuple[Row, list[int]]:
    """Make seeded runs; returns what is seen in them, and the runs in which something was, but no guarantee."""
    began = time.monotonic()
    found: dict[str, Sighting] = {}
    violated: Counter[str] = Counter()
    suspect: list[int] = []
    kills = count = 0
    for count, seed in enumerate(seeds, start=1):
        trial = tried(mutant, seed)
        on_run(count)
        violated.update(trial.violated)
        kills += bool(trial.violated)
        for judge, by, sentence in _seen(trial):
            if judge in judges and judge not in found and not any(_seen(tried(mutant, seed, planted=False))):
                seconds = round(time.monotonic() - began, 1)
                found.setdefault(
                    judge,
                    Sighting(judge=judge, by=by, run=seed, runs=count, seconds=seconds, sentence=sentence),
                )
        if (trial.error or trial.unsettled) and not trial.violated:
            suspect.append(seed)
        if kills == KILLS or (len(suspect) == KILLS and not kills):
            break
    sightings = tuple(found[judge] for judge in JUDGES if judge in found)
    guarantees = dict(sorted(violated.items()))
    return attrs.evolve(row, runs=count, guarantees=guarantees, sightings=sightings), suspect


def _seen(trial: Trial) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """What the judges of one run say of it: which judge, what is broken, and why."""
    if trial.violated:
        yield GUARANTEES, trial.violated, trial.judgement.violations[0].sentence
    if trial.error:
        yield ASSERTIONS, (_kind(trial.error),), trial.error
    if trial.unsettled:
        yield SETTLING, ("Settling",), trial.unsettled


def _kind(error: str) -> str:
    """What kind of rule an error is about, in a word or two."""
    if "two primary components" in error:
        return "one primary component"
    return "assertion" if error.startswith("AssertionError") else "error"


def _judged_by_tlc(mutant: Mutant) -> bool:
    """The steps of these machines are recorded and replayed on the specification."""
    return mutant.machine not in ("Cbcast", "Link", "FailureDetector", "Codec")


def _replayed_by_tlc(mutant: Mutant, seeds: Sequence[int]) -> Sighting | None:
    """Record some runs, and have TLC replay their steps; the ones that look suspicious come first."""
    began = time.monotonic()
    chosen = list(dict.fromkeys(seeds))[:RECORDED]
    traces: list[list[Line]] = []
    for seed in chosen:
        lines: list[Line] = []
        tried(mutant, seed, lines)
        traces.append(lines)
    for number, judged in enumerate(_rejected(traces)):
        if judged is not None:
            action, sentence = judged
            return Sighting(
                judge=SPECIFICATION,
                by=(action,),
                run=chosen[number],
                runs=len(chosen),
                seconds=round(time.monotonic() - began, 1),
                sentence=sentence,
            )
    return None


def _rejected(traces: Sequence[list[Line]]) -> list[tuple[str, str] | None]:
    """For each trace the action that the specification does not have there, and why; None if it has all."""
    try:
        judgements = judge_protocol_with_tlc(traces)
    except InputError as error:
        if len(traces) == 1:
            return [("no step at all", str(error))]
        return [each for trace in traces for each in _rejected([trace])]
    rejected: list[tuple[str, str] | None] = []
    for trace, judgement in zip(traces, judgements, strict=True):
        if judgement.accepted or judgement.line is None:
            rejected.append(None)
        else:
            line: dict[str, Any] = trace[judgement.line - 2]
            rejected.append((str(line.get("action", judgement.module)), f"{judgement.module}: {judgement.reason}"))
    return rejected


def _fuzzed(mutant: Mutant) -> Sighting | None:
    """Give the broken decoder what the fuzzer makes up."""
    from vsync.runtime import fuzz
    from vsync.runtime.planted import HANGS

    timeout_ms = 100 if mutant.killer == HANGS else fuzz.TIMEOUT_MS
    with mutant.applied():
        report = fuzz.fuzz(INPUTS, seed=1, timeout_ms=timeout_ms, findings_max=1)
    if not report.findings:
        return None
    found = report.findings[0]
    return Sighting(
        judge=FUZZER,
        by=(found.symptom,),
        run=found.number,
        runs=report.inputs,
        seconds=round(report.seconds, 1),
        sentence=found.sentence,
    )


def searched(mutant: Mutant, first: int = 1, runs: int | None = None) -> Sighting | None:
    """Have the state machine of the tests that is meant for this mutant look for it."""
    from vsync.mutants.state_machines import hunted_by

    began = time.monotonic()
    kill = hunted_by(mutant, first, runs)
    if kill is None:
        return None
    return Sighting(
        judge=STATE_MACHINE,
        by=(kill.broken.guarantee,),
        run=kill.run,
        runs=kill.run - first + 1,
        seconds=round(time.monotonic() - began, 1),
        sentence=str(kill.broken),
    )
