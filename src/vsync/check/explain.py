"""Why a trace breaks a guarantee: the smallest set of events that contradict it, and how they do, for people.

An explanation is a short story. It names the rule, tells the events, says one after the other what follows from
them and because of what, and ends with what contradicts that. Its events are few: the judge finds the guarantee
broken by them alone, and none of them can be left out; and they are honest, which `vsync.check.minimise`
explains. Where the violation is that no order exists, z3 has found the events; where it is one of causality, the
chain from the cause to its effect is the shortest that there is.

The manner is that of Elle (Kingsbury and Alvaro 2020): "T1 < T2, because ...; however ...: a contradiction".

Spec: VSProperties. Paper: 2.4.
"""

from collections.abc import Iterable

import attrs

from vsync.check.explain_words import Story, told
from vsync.check.judge import judge_events
from vsync.check.judgement import Judgement
from vsync.check.minimise import Breaks, Progress, reduced, smallest_start, unheard
from vsync.check.orders import circle_of_deliveries, circle_of_logs, shortest_chain
from vsync.check.properties import GUARANTEES, Violation
from vsync.check.record import Record, causally_sorted, key_of
from vsync.check.trace import Delivered, Multicasted, ServiceEvent


@attrs.frozen(kw_only=True)
class Told:
    """An event of an explanation: where it stands, and what happens there."""

    line: int
    process: str
    sentence: str


@attrs.frozen(kw_only=True)
class Explanation:
    """Why a trace breaks a guarantee.

    `rule` is what the guarantee asks for, `events` are those that contradict it, in an order of causes, `because`
    is what follows from them step by step, and `however` what contradicts that.
    """

    guarantee: str
    group: str
    rule: str
    events: tuple[Told, ...]
    because: tuple[str, ...]
    however: str

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines of the events, in the order of the file."""
        return tuple(sorted(event.line for event in self.events))

    @property
    def short(self) -> str:
        """The argument as one sentence."""
        return "; ".join((*self.because, f"however, {self.however}: a contradiction."))


def explanations(
    record: Record, judgement: Judgement | None = None, on_step: Progress = unheard
) -> tuple[Explanation, ...]:
    """Returns the explanation of each violation of a trace, in the order of the file.

    `judgement` is that of the streaming judge, where it is known; what follows from another violation is not
    explained.
    """
    judgement = judge_events(record.events) if judgement is None else judgement
    return tuple(explanation(record, violation, on_step) for violation in judgement.violations)


def explanation(record: Record, violation: Violation, on_step: Progress = unheard) -> Explanation:
    """Returns the explanation of one violation of the trace."""
    lines = contradicting(record, violation, on_step)
    story = Story(record, violation, causally_sorted(record.only(lines)))
    because, however = story.argument()
    return Explanation(
        guarantee=violation.guarantee,
        group=violation.group,
        rule=" ".join((GUARANTEES[violation.guarantee].__doc__ or "").partition("\n\n")[0].split()),
        events=tuple(Told(line=e.line, process=e.process, sentence=told(e, story.view_of(e))) for e in story.events),
        because=tuple(because),
        however=however,
    )


def contradicting(record: Record, violation: Violation, on_step: Progress = unheard) -> list[int]:
    """Returns the lines of few events that break the guarantee honestly, and of which none can be left out."""
    breaks = Breaks(record, violation.guarantee, violation.group)
    seed = [event.line for event in _seed(record, violation)]
    start = record.around(seed) if seed else []
    if not start or not breaks(start):
        start = smallest_start(record, violation, breaks)
    return reduced(start, breaks, on_step)


# ----------------------------------------------------------------------------- where an order or a chain is in question


def _seed(record: Record, violation: Violation) -> list[ServiceEvent]:
    """Returns the events of a shortest contradiction, where the judge's own need not be one; nothing elsewhere."""
    match violation.guarantee:
        case "DeliveryIntegrity":
            return circle_of_logs(record, record.cone(violation.lines))
        case "StrongTotalOrder":
            circle = circle_of_deliveries(causally_sorted(record.only(record.cone(violation.lines))))
            return [*circle, *_multicasts(record, circle)]
        case "Causal":
            return _overtaken(record, violation)
        case "ReliableCausal":
            return _skipped(record, violation)
        case _:
            return []


def _multicasts(record: Record, events: Iterable[ServiceEvent]) -> list[Multicasted]:
    keys = {key_of(event): None for event in events if isinstance(event, Delivered)}
    return [multicast for key in keys for multicast in record.multicasts.get(key, ())[:1]]


def _overtaken(record: Record, violation: Violation) -> list[ServiceEvent]:
    """Returns a shortest chain from a message that came too late to one that its receiver had before."""
    late = record.at_line[violation.line]
    if not isinstance(late, Delivered) or not record.multicasts.get(key_of(late)):
        return []
    earlier = [e for e in record.of_process[late.process][: record.place(late)] if isinstance(e, Delivered)]
    chain = shortest_chain(record, record.multicasts[key_of(late)][0], _multicasts(record, earlier))
    effect = chain[-1] if chain else None
    had = next((e for e in earlier if effect is not None and key_of(e) == key_of(effect)), None)
    return [*chain, had, late] if had else []


def _skipped(record: Record, violation: Violation) -> list[ServiceEvent]:
    """Returns a shortest chain from a message that a process lacks to one that it had when done with a view."""
    end = record.at_line[violation.line]
    had = [e for e in record.of_process[end.process][: record.place(end)] if isinstance(e, Delivered)]
    keys = {key_of(event) for event in had}
    causes = [e for e in record.only(violation.lines) if isinstance(e, Multicasted) and key_of(e) not in keys]
    for cause in causes:
        turn = record.turn(cause, violation.group)
        view = getattr(turn, "view", None)
        effects = [
            m for m in _multicasts(record, had) if getattr(record.turn(m, violation.group), "view", None) == view
        ]
        chain = shortest_chain(record, cause, effects)
        if chain:
            effect = chain[-1]
            delivery = next(e for e in had if key_of(e) == key_of(effect))
            return [*chain, delivery, end]
    return []
