"""Mutants of the failure detector: one thing broken, and the rule that has to notice it.

Spec: the planted bugs ``MCFailureDetector_<Bug>``, where there is one of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from models.mutants import Mutant, Patch
from vsync.effects import FailureDetectorEffect, SendToSite
from vsync.failure_detector import FailureDetectorMachine, Record
from vsync.types import Address

MUTANTS: dict[str, Mutant] = {}
Machine = FailureDetectorMachine


def mutant(killer: str) -> Callable[[Patch], Patch]:
    """Register a patch under its name; its docstring says what is broken."""

    def register(patch: Patch) -> Patch:
        assert patch.__doc__
        name = patch.__name__
        MUTANTS[name] = Mutant(name=name, broken=patch.__doc__, search="failure detector", killer=killer, patch=patch)
        return patch

    return register


@mutant("MistakesInv")
def never_adapts(context: pytest.MonkeyPatch) -> None:
    """The time-out stays what it was.  (MCFailureDetector_NeverAdapts.)"""
    context.setattr(Machine, "time_out", lambda self, record: record.timeout)


@mutant("OverloadProp")
def forgets(context: pytest.MonkeyPatch) -> None:
    """Only the last silence counts, not the longest.  (MCFailureDetector_Forgets.)"""
    broken = Machine._broken

    def last(self: Machine, site: Address) -> None:
        self.records[site].longest = 0
        broken(self, site)

    context.setattr(Machine, "_broken", last)


@mutant("OverloadProp")
def jacobson_alone(context: pytest.MonkeyPatch) -> None:
    """The time-out follows the estimator, which forgets."""

    def time_out(self: Machine, record: Record) -> int:
        return min(max(self.pace.floor_ms, record.estimator.estimate_ms), self.pace.cap_ms)

    context.setattr(Machine, "time_out", time_out)


@mutant("MistakesInv")
def no_margin(context: pytest.MonkeyPatch) -> None:
    """A time-out is no longer than the silence that was broken, so the next mistake may be as long."""

    def least(self: Machine, broken: int) -> int:
        return min(max(broken // 2, self.pace.floor_ms), self.pace.cap_ms)

    context.setattr(Machine, "least", least)


@mutant("EventualStrongAccuracyProp")
def never_withdraws(context: pytest.MonkeyPatch) -> None:
    """A suspicion is never withdrawn.  (MCFailureDetector_NeverWithdraws.)"""
    context.setattr(Machine, "_trust", lambda self, t: [])


@mutant("EventualStrongAccuracyProp")
def withdraws_its_own_only(context: pytest.MonkeyPatch) -> None:
    """What others suspect is held for ever."""
    trust = Machine._trust

    def own(self: Machine, t: Address) -> list[FailureDetectorEffect]:
        if self.silence(t) >= self.records[t].timeout:
            return trust(self, t)
        self._broken(t)
        return []

    context.setattr(Machine, "_trust", own)


@mutant("OwnHeartbeatProp")
def takes_an_old_incarnation_for_the_new(context: pytest.MonkeyPatch) -> None:
    """A packet counts for any incarnation of its site.  (MCFailureDetector_OtherIncarnation.)"""

    def heard_as(self: Machine, site: Address) -> Address | None:
        return next((other for other in self.watched if other.site == site.site), None)

    context.setattr(Machine, "heard_as", heard_as)


@mutant("StrongCompletenessProp")
def trusts_for_good(context: pytest.MonkeyPatch) -> None:
    """Who was suspected wrongly is never suspected again, though it crash.  (MCFailureDetector_TrustsForGood.)"""
    overdue = Machine.overdue
    context.setattr(Machine, "overdue", lambda self, site: not self.records[site].withdrawn and overdue(self, site))


@mutant("StrongCompletenessProp")
def no_cap(context: pytest.MonkeyPatch) -> None:
    """A time-out grows without end."""
    context.setattr(Machine, "time_out", lambda self, record: max(self.pace.floor_ms, 5 * record.longest))


@mutant("PatientInv")
def counts_its_sleep(context: pytest.MonkeyPatch) -> None:
    """Who was held up counts that as silence of the others.  (MCFailureDetector_CountsItsSleep.)"""
    context.setattr(Machine, "slept_ms", lambda self, now_ms: 0)


@mutant("ExcludedInv")
def remembers_the_excluded(context: pytest.MonkeyPatch) -> None:
    """A new view adds those who are new, and forgets nobody."""

    def watch(self: Machine, Q: tuple[Address, ...]) -> list[FailureDetectorEffect]:
        self.view = Q
        self.records |= {site: self._new_record() for site in self.watched if site not in self.records}
        return []

    context.setattr(Machine, "_watch", watch)


@mutant("EventualStrongAccuracyProp")
def beats_to_the_trusted(context: pytest.MonkeyPatch) -> None:
    """No heartbeats go to those who are suspected.  (MCFailureDetector_BeatsToTrusted.)"""
    beat = Machine._beat

    def trusted(self: Machine) -> list[FailureDetectorEffect]:
        effects: Iterable[FailureDetectorEffect] = beat(self)
        return [e for e in effects if not isinstance(e, SendToSite) or e.to not in self.suspected]

    context.setattr(Machine, "_beat", trusted)
