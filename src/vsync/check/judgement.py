"""What a judge says about a trace: for each guarantee held, violated or not judged, and why.

Three rules make a verdict one that can be relied on and read.

*Not judged is not held.* A guarantee is not judged if the trace lacks the facts for it (kinds of events that
are nowhere recorded: without any multicast nothing can be said about Delivery Integrity), if the header does
not claim it or the caller did not ask for it, or if it was never put to the test (one process alone cannot
break Virtual Synchrony). The reason is given.

*The first violation ends it.* A guarantee is judged up to the first event that breaks it.

*The weakest is reported.* One event often breaks several guarantees, because the weaker one cannot fail
without the stronger. Then only the weaker is reported as violated; the stronger is listed as following from
it. Which follow from which is the table `FOLLOWS` of `vsync.check.properties`.

Spec: VSProperties. Paper: none.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from vsync.check.properties import FOLLOWS, GUARANTEES, Violation
from vsync.check.trace import DEFAULT_GROUP
from vsync.errors import InputError

FirstEvents = Mapping[tuple[str, str], int]
"""For each violated guarantee, by group and name, the line of the first event that breaks it."""


class Status(enum.StrEnum):
    """What is said about one guarantee."""

    HELD = "held"
    VIOLATED = "violated"
    FOLLOWS = "follows"
    NOT_JUDGED = "not judged"


@attrs.frozen(kw_only=True)
class Finding:
    """What is said about one guarantee in one group; of those about messages alone, in all groups together.

    `reason` says why it is not judged, or from which guarantee its violation follows; `cases` is how often it
    was put to the test before it was violated, or in the whole trace.
    """

    guarantee: str
    status: Status
    group: str = DEFAULT_GROUP
    cases: int = 0
    violation: Violation | None = None
    reason: str = ""


@attrs.frozen(kw_only=True)
class Counts:
    """How much there was in a trace to be judged."""

    events: int = 0
    processes: int = 0
    groups: int = 0
    views: int = 0
    multicasts: int = 0
    deliveries: int = 0
    crashes: int = 0


@attrs.frozen(kw_only=True)
class Judgement:
    """The verdict on one trace.

    `truncated` says that the last line was cut off and left out; `unknown` counts the events whose names are
    not known and which were passed over.
    """

    findings: tuple[Finding, ...]
    counts: Counts
    source: str = ""
    truncated: bool = False
    unknown: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def accepted(self) -> bool:
        """Whether no guarantee is violated."""
        return not self.violations

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The violations in the order of the file, without those that follow from others."""
        found = (f.violation for f in self.findings if f.status is Status.VIOLATED and f.violation is not None)
        return tuple(sorted(found, key=lambda violation: violation.line))

    @property
    def first_events(self) -> FirstEvents:
        """The first event that breaks each guarantee, also of those whose violation follows from another."""
        return {(f.group, f.guarantee): f.violation.line for f in self.findings if f.violation is not None}

    def with_status(self, status: Status) -> tuple[str, ...]:
        """Returns the names of the guarantees of which `status` is said in some group."""
        found = {finding.guarantee for finding in self.findings if finding.status is status}
        return tuple(name for name in GUARANTEES if name in found)

    def as_json(self) -> dict[str, Any]:
        """Returns the verdict as a JSON object, for other programs."""
        fields: dict[str, Any] = attrs.asdict(self)
        for finding in fields["findings"]:
            finding["status"] = finding["status"].value
        return {"accepted": self.accepted, **fields, "unknown": dict(self.unknown)}


def selected(asked: Iterable[str] | None, claimed: Iterable[str] | None) -> dict[str, str]:
    """Returns the guarantees that are not to be judged, and why: not asked for, or not claimed.

    Raises InputError if a guarantee is asked for that does not exist; one that the header claims may be one
    of a later version.
    """
    excluded: dict[str, str] = {}
    if claimed is not None:
        claims = set(claimed)
        excluded |= {name: "the header does not claim it" for name in GUARANTEES if name not in claims}
    if asked is not None:
        wanted = set(asked)
        strange = sorted(wanted - GUARANTEES.keys())
        if strange:
            raise InputError(
                f"expected names of guarantees, but came {', '.join(strange)}: choose from {', '.join(GUARANTEES)}"
            )
        excluded |= {name: "it was not asked for" for name in GUARANTEES if name not in wanted}
    return excluded


def lacking(name: str, kinds: Iterable[str]) -> str:
    """Returns why a group with events of these kinds says nothing about a guarantee; "" if it may."""
    recorded = set(kinds)
    missing = [kind for kind in GUARANTEES[name].needs if kind not in recorded]
    return f"no event of this kind is recorded: {', '.join(missing)}" if missing else ""


def unbroken(
    name: str, *, kinds: Iterable[str], cases: int, excluded: Mapping[str, str], group: str = DEFAULT_GROUP
) -> Finding:
    """Returns what is said about a guarantee that nothing has broken: it held, or was not judged, and why.

    `kinds` are those of the recorded events, and `excluded` says of which guarantees it is clear before why
    they are not judged.
    """
    reason = excluded.get(name) or lacking(name, kinds)
    if not reason and cases == 0:
        reason = f"it was not put to the test: {GUARANTEES[name].question}"
    if reason:
        return Finding(guarantee=name, group=group, status=Status.NOT_JUDGED, reason=reason)
    return Finding(guarantee=name, group=group, status=Status.HELD, cases=cases)


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Returns the findings as they are shown: of one group in the order of the guarantees, of more group by group."""
    places = {name: place for place, name in enumerate(GUARANTEES)}
    if len({finding.group for finding in findings if not GUARANTEES[finding.guarantee].across_groups}) > 1:
        return tuple(findings)
    return tuple(sorted(findings, key=lambda finding: places[finding.guarantee]))


def implied(first_events: FirstEvents) -> dict[tuple[str, str], str]:
    """Returns the guarantees, by group and name, whose violation follows from that of another, and which.

    The other is broken in the same group, or in all together, by the same event.
    """
    following: dict[tuple[str, str], str] = {}
    for weaker, stronger in FOLLOWS.items():
        for (group, name), line in first_events.items():
            where = DEFAULT_GROUP if GUARANTEES[weaker].across_groups else group
            if name in stronger and first_events.get((where, weaker)) == line:
                following.setdefault((group, name), weaker)
    return following


def disagreement(judgement: "Judgement | TlcJudgement", other: "Judgement | TlcJudgement") -> str | None:
    """Returns in what two judgements of one trace differ, None if they agree.

    They agree if they find the same guarantees violated, each first by the same event.
    """
    differences = []
    for key in sorted(judgement.first_events.keys() | other.first_events.keys()):
        one, two = judgement.first_events.get(key), other.first_events.get(key)
        if one != two:
            group, name = key
            where = f" in group {group}" if group != DEFAULT_GROUP else ""
            differences.append(f"{name}{where}: {_broken_at(one)} against {_broken_at(two)}")
    return "; ".join(differences) or None


def _broken_at(line: int | None) -> str:
    return "held" if line is None else f"violated at line {line}"


@attrs.frozen(kw_only=True)
class TlcJudgement:
    """What TLC says about one trace: which formulas are false, and at which line each becomes so."""

    first_events: FirstEvents

    @property
    def accepted(self) -> bool:
        """Whether no formula is false."""
        return not self.first_events
