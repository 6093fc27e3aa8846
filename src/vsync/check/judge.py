"""The streaming judge: every guarantee, in every group of a trace, event by event.

Used on a file, `judge_file(path)` reads, merges and judges it in one pass, and forgets what is no longer needed, as
long as the trace is regular (`vsync.check.regular`); if it is not, it is judged once more, by `Judge`, which keeps
everything. Used live, in a test or in a simulator, `Judge.observe(event)` is called with each service event as it
happens, in any order in which a multicast comes before its deliveries; it returns what that event breaks.

The guarantees about messages alone are judged on all groups together, so that a message's causes may come
through other groups; those about views on each group, as if it had a trace of its own. `vsync.check.groups`
says which events are in it. A crash concerns all groups in which the process has had events.

Spec: VSProperties, VSGroups. Paper: 2.4.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import attrs

import vsync.check.order
import vsync.check.total_order  # noqa: F401 (registers its checkers)
from vsync.check.groups import Groups, Placed
from vsync.check.histories import Happening, Histories
from vsync.check.judgement import Counts, Finding, Judgement, Status, implied, in_order, lacking, selected, unbroken
from vsync.check.merge import merge
from vsync.check.open_views import Irregular
from vsync.check.properties import GUARANTEES, Checker, Violation
from vsync.check.regular import RegularJudge
from vsync.check.trace import DEFAULT_GROUP, KINDS, Event, Moved, Stepped, TraceReader, open_trace

BATCH_EVENTS: Final = 256
"""How many events are read before they are judged."""


class GuaranteeViolated(AssertionError):
    """An event broke a guarantee, and the judge was asked to raise."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(f"{broken.guarantee}: {broken.sentence}" for broken in violations))
        self.violations = violations


def judge_file(path: Path | str, guarantees: Iterable[str] | None = None) -> Judgement:
    """Judges the trace in file `path` ("-" is standard input) and returns the verdict.

    `guarantees` limits it to those names. Raises InputError if the trace cannot be used.
    """
    try:
        return judge_regular_file(path, guarantees) if Path(path).is_file() else judge_irregular_file(path, guarantees)
    except Irregular:
        return judge_irregular_file(path, guarantees)


def judge_regular_file(path: Path | str, guarantees: Iterable[str] | None = None) -> Judgement:
    """Judges the trace in file `path` as long as it is regular, keeping no more of it than is needed.

    Raises Irregular if the trace is not, and InputError if it cannot be used.
    """
    with open_trace(path) as reader:
        judge = RegularJudge(guarantees=guarantees, claimed=reader.header.guarantees)
        for event in merge(_in_batches(reader), judge.multicast):
            judge.observe(event)
        return _with_facts(judge.judgement(), reader)


def judge_irregular_file(path: Path | str, guarantees: Iterable[str] | None = None) -> Judgement:
    """Judges the trace in file `path`, keeping all of it.

    Raises InputError if it cannot be used.
    """
    with open_trace(path) as reader:
        judge = Judge(guarantees=guarantees, claimed=reader.header.guarantees)
        for event in merge(reader):
            judge.observe(event)
        return _with_facts(judge.judgement(), reader)


def _in_batches(events: Iterable[Event]) -> Iterator[Event]:
    """Yields the events, reading many at once: reading and judging in turns, event by event, is slower by a tenth."""
    stream = iter(events)
    while batch := list(islice(stream, BATCH_EVENTS)):
        yield from batch


def _with_facts(judgement: Judgement, reader: TraceReader) -> Judgement:
    return attrs.evolve(
        judgement, source=reader.header.source, truncated=reader.truncated, unknown=dict(reader.unknown)
    )


def judge_events(events: Iterable[Event], guarantees: Iterable[str] | None = None) -> Judgement:
    """Judges events in any order that a trace may have, and returns the verdict."""
    judge = Judge(guarantees=guarantees)
    for event in merge(events):
        judge.observe(event)
    return judge.judgement()


class Judge:
    """Judges events as they come, in causal order.

    `guarantees` limits the judge to those names, `claimed` to those that the trace's header claims. With
    `raising`, the event that breaks a guarantee raises GuaranteeViolated.
    """

    def __init__(
        self,
        guarantees: Iterable[str] | None = None,
        claimed: Iterable[str] | None = None,
        raising: bool = False,
    ) -> None:
        self._excluded = selected(guarantees, claimed)
        self._raising = raising
        self._places = Groups()
        self._whole = _ScopeJudge(DEFAULT_GROUP, self._excluded)
        self._groups: dict[str, _ScopeJudge] = {}
        self._kinds: Counter[str] = Counter()
        self._processes: set[str] = set()

    def observe(self, event: Event) -> list[Violation]:
        """Judges one event and returns the guarantees that it is the first to break.

        Raises GuaranteeViolated instead if the judge was asked to raise.
        """
        if isinstance(event, (Stepped, Moved)):
            return []
        self._kinds[event.kind] += 1
        self._processes.add(event.process)
        placed = self._places.place(event)
        happening, violations = self._whole.observe(placed)
        for group in placed.groups:
            violations += self._group(group).observe(placed, happening)[1]
        if violations and self._raising:
            raise GuaranteeViolated(violations)
        return violations

    def judgement(self) -> Judgement:
        """Returns the verdict on what has been observed so far."""
        groups = list(self._groups.values()) or [_ScopeJudge(DEFAULT_GROUP, self._excluded, self._whole)]
        findings = [finding for scope in (self._whole, *groups) for finding in scope.findings(self._excluded)]
        findings = list(in_order(findings))
        first_events = {(f.group, f.guarantee): f.violation.line for f in findings if f.violation is not None}
        following = implied(first_events)
        for index, finding in enumerate(findings):
            weaker = following.get((finding.group, finding.guarantee))
            if weaker is not None:
                reason = f"follows from {weaker}"
                findings[index] = attrs.evolve(finding, status=Status.FOLLOWS, reason=reason)
        return Judgement(findings=tuple(findings), counts=self._counts())

    def _group(self, name: str) -> "_ScopeJudge":
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = _ScopeJudge(name, self._excluded, self._whole)
        return group

    def _counts(self) -> Counts:
        return Counts(
            events=self._kinds.total(),
            processes=len(self._processes),
            groups=len(self._groups),
            views=sum(len(group.views) for group in self._groups.values()),
            multicasts=self._kinds["multicast"],
            deliveries=self._kinds["deliver"],
            crashes=self._kinds["crash"],
        )


class _ScopeJudge:
    """The histories of one group, or of all together, and the guarantees that are not broken there yet."""

    def __init__(self, name: str, excluded: Iterable[str], whole: "_ScopeJudge | None" = None) -> None:
        self.name = name
        self.histories: Histories = Histories(whole.histories if whole else None)
        self.kinds: Counter[str] = Counter()
        self.views: set[int] = set()
        skipped = set(excluded)
        self._guarantees = [name for name, checker in GUARANTEES.items() if checker.across_groups == (whole is None)]
        self._checkers: dict[str, Checker] = {
            name: GUARANTEES[name]() for name in self._guarantees if name not in skipped
        }
        self._standing: dict[str, list[tuple[str, Checker]]] = {}
        """The checkers of what is not broken yet, by the kind of events that concern them."""
        self._sort(self._checkers)
        self._violations: dict[str, Violation] = {}

    def observe(self, placed: Placed, in_whole: Happening | None = None) -> tuple[Happening | None, list[Violation]]:
        event = placed.event
        self.kinds[event.kind] += 1
        now = self.histories.record(event, placed.primitive, in_whole)
        if now is None:
            return None, []
        if event.kind == "install":
            self.views.add(now.view.id)
        broken: list[Violation] = []
        for name, checker in self._standing.get("belated" if now.belated else event.kind, ()):
            violation = checker.check(now, self.histories)
            if violation is not None:
                violation = attrs.evolve(violation, group=self.name)
                self._violations[name] = violation
                broken.append(violation)
        if broken:
            self._sort({name: c for name, c in self._checkers.items() if name not in self._violations})
        return now, broken

    def _sort(self, standing: Mapping[str, Checker]) -> None:
        self._standing = {}
        for kind in (*KINDS, "belated"):
            concerned = {kind, "multicast"} if kind == "belated" else {kind}
            self._standing[kind] = [(n, c) for n, c in standing.items() if not concerned.isdisjoint(c.concerns)]

    def findings(self, excluded: dict[str, str]) -> list[Finding]:
        return [self._finding(name, excluded) for name in self._guarantees]

    def _finding(self, name: str, excluded: dict[str, str]) -> Finding:
        cases = self._checkers[name].cases if name in self._checkers else 0
        violation = self._violations.get(name)
        if violation is None or lacking(name, self.kinds):
            return unbroken(name, kinds=self.kinds, cases=cases, excluded=excluded, group=self.name)
        return Finding(guarantee=name, group=self.name, status=Status.VIOLATED, cases=cases, violation=violation)
