"""The streaming judge: every guarantee, in every group of a trace, event by event.

Used on a file, `judge_file(path)` reads, merges and judges it in one pass. Used live, in a test or in a
simulator, `Judge.observe(event)` is called with each service event as it happens, in any order in which a
multicast comes before its deliveries; it returns what that event breaks.

Groups are judged one by one, as if each had a trace of its own; a crash concerns all groups in which the
process has had events. The causes of a message are those inside its group.

Spec: VSProperties. Paper: 2.4.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import attrs

import vsync.check.order  # noqa: F401 (registers its checkers)
from vsync.check.histories import Histories
from vsync.check.judgement import Counts, Finding, Judgement, Status, implied, lacking, selected
from vsync.check.merge import merge
from vsync.check.properties import GUARANTEES, Checker, Violation
from vsync.check.trace import Crashed, Event, Moved, ServiceEvent, Stepped, open_trace


class GuaranteeViolated(AssertionError):
    """An event broke a guarantee, and the judge was asked to raise."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(f"{broken.guarantee}: {broken.sentence}" for broken in violations))
        self.violations = violations


def judge_file(path: Path | str, guarantees: Iterable[str] | None = None) -> Judgement:
    """Judges the trace in file `path` ("-" is standard input) and returns the verdict.

    `guarantees` limits it to those names. Raises InputError if the trace cannot be used.
    """
    with open_trace(path) as reader:
        judge = Judge(guarantees=guarantees, claimed=reader.header.guarantees)
        for event in merge(reader):
            judge.observe(event)
        judgement = judge.judgement()
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
        self._groups: dict[str, _GroupJudge] = {}
        self._kinds: Counter[str] = Counter()
        self._processes: set[str] = set()

    def observe(self, event: Event) -> list[Violation]:
        """Judges one event and returns the guarantees that it is the first to break.

        Raises GuaranteeViolated instead if the judge was asked to raise.
        """
        if isinstance(event, Stepped | Moved):
            return []
        self._kinds[event.kind] += 1
        self._processes.add(event.process)
        violations = [found for group in self._concerned(event) for found in group.observe(event)]
        if violations and self._raising:
            raise GuaranteeViolated(violations)
        return violations

    def judgement(self) -> Judgement:
        """Returns the verdict on what has been observed so far."""
        groups = self._groups or {"": _GroupJudge("", self._excluded)}
        findings = [finding for group in groups.values() for finding in group.findings(self._excluded)]
        first_events = {(f.group, f.guarantee): f.violation.line for f in findings if f.violation is not None}
        following = implied(first_events)
        for index, finding in enumerate(findings):
            weaker = following.get((finding.group, finding.guarantee))
            if weaker is not None:
                reason = f"follows from {weaker}"
                findings[index] = attrs.evolve(finding, status=Status.FOLLOWS, reason=reason)
        return Judgement(findings=tuple(findings), counts=self._counts())

    def _concerned(self, event: ServiceEvent) -> list["_GroupJudge"]:
        if isinstance(event, Crashed):
            return [group for group in self._groups.values() if event.process in group.histories.processes]
        group = self._groups.get(event.group)
        if group is None:
            group = self._groups[event.group] = _GroupJudge(event.group, self._excluded)
        return [group]

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


class _GroupJudge:
    """The histories of one group, and the guarantees that are not broken there yet."""

    def __init__(self, name: str, excluded: Iterable[str]) -> None:
        self.name = name
        self.histories = Histories()
        self.kinds: Counter[str] = Counter()
        self.views: set[int] = set()
        skipped = set(excluded)
        self._checkers: dict[str, Checker] = {
            name: checker() for name, checker in GUARANTEES.items() if name not in skipped
        }
        self._standing = list(self._checkers.items())
        self._violations: dict[str, Violation] = {}

    def observe(self, event: ServiceEvent) -> list[Violation]:
        self.kinds[event.kind] += 1
        now = self.histories.record(event)
        if now is None:
            return []
        if event.kind == "install":
            self.views.add(now.view.id)
        broken = []
        for name, checker in self._standing:
            violation = checker.check(now, self.histories)
            if violation is not None:
                violation = attrs.evolve(violation, group=self.name)
                self._violations[name] = violation
                broken.append(violation)
        if broken:
            self._standing = [(name, c) for name, c in self._standing if name not in self._violations]
        return broken

    def findings(self, excluded: dict[str, str]) -> list[Finding]:
        return [self._finding(name, excluded) for name in GUARANTEES]

    def _finding(self, name: str, excluded: dict[str, str]) -> Finding:
        reason = excluded.get(name) or lacking(name, self.kinds)
        if reason:
            return Finding(guarantee=name, group=self.name, status=Status.NOT_JUDGED, reason=reason)
        checker, violation = self._checkers[name], self._violations.get(name)
        if violation is not None:
            return Finding(
                guarantee=name,
                group=self.name,
                status=Status.VIOLATED,
                cases=checker.cases,
                violation=violation,
            )
        if checker.cases == 0:
            reason = f"it was not put to the test: {checker.question}"
            return Finding(guarantee=name, group=self.name, status=Status.NOT_JUDGED, reason=reason)
        return Finding(guarantee=name, group=self.name, status=Status.HELD, cases=checker.cases)
