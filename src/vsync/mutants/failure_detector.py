"""Mutants of the failure detector.

Spec: the planted bugs of FailureDetector.
Paper: Birman and Joseph 1987, section 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable

from vsync.effects import FailureDetectorEffect, SendToSite
from vsync.failure_detector import FailureDetectorMachine, Record
from vsync.mutants.planting import Planting, mutant
from vsync.types import Address


@mutant("FailureDetector", "failure detector", "MistakesInv")
def never_adapts(plant: Planting) -> None:
    """The time-out stays what it was.  (MCFailureDetector_NeverAdapts.)"""
    plant.setattr(FailureDetectorMachine, "time_out", lambda self, record: record.timeout)


@mutant("FailureDetector", "failure detector", "OverloadProp")
def forgets(plant: Planting) -> None:
    """Only the last silence counts, not the longest.  (MCFailureDetector_Forgets.)"""
    broken = FailureDetectorMachine._broken

    def last(self: FailureDetectorMachine, site: Address) -> None:
        self.records[site].longest = 0
        broken(self, site)

    plant.setattr(FailureDetectorMachine, "_broken", last)


@mutant("FailureDetector", "failure detector", "OverloadProp")
def jacobson_alone(plant: Planting) -> None:
    """The time-out follows the estimator, which forgets."""

    def time_out(self: FailureDetectorMachine, record: Record) -> int:
        return min(max(self.pace.floor_ms, record.estimator.estimate_ms), self.pace.cap_ms)

    plant.setattr(FailureDetectorMachine, "time_out", time_out)


@mutant("FailureDetector", "failure detector", "MistakesInv")
def no_margin(plant: Planting) -> None:
    """A time-out is no longer than the silence that was broken, so the next mistake may be as long."""

    def least(self: FailureDetectorMachine, broken: int) -> int:
        return min(max(broken // 2, self.pace.floor_ms), self.pace.cap_ms)

    plant.setattr(FailureDetectorMachine, "least", least)


@mutant("FailureDetector", "failure detector", "EventualStrongAccuracyProp")
def never_withdraws(plant: Planting) -> None:
    """A suspicion is never withdrawn.  (MCFailureDetector_NeverWithdraws.)"""
    plant.setattr(FailureDetectorMachine, "_trust", lambda self, t: [])


@mutant("FailureDetector", "failure detector", "EventualStrongAccuracyProp")
def withdraws_its_own_only(plant: Planting) -> None:
    """What others suspect is held for ever."""
    trust = FailureDetectorMachine._trust

    def own(self: FailureDetectorMachine, t: Address) -> list[FailureDetectorEffect]:
        if self.silence(t) >= self.records[t].timeout:
            return trust(self, t)
        self._broken(t)
        return []

    plant.setattr(FailureDetectorMachine, "_trust", own)


@mutant("FailureDetector", "failure detector", "OwnHeartbeatProp")
def takes_an_old_incarnation_for_the_new(plant: Planting) -> None:
    """A packet counts for any incarnation of its site.  (MCFailureDetector_OtherIncarnation.)"""

    def heard_as(self: FailureDetectorMachine, site: Address) -> Address | None:
        return next((other for other in self.watched if other.site == site.site), None)

    plant.setattr(FailureDetectorMachine, "heard_as", heard_as)


@mutant("FailureDetector", "failure detector", "StrongCompletenessProp")
def trusts_for_good(plant: Planting) -> None:
    """Who was suspected wrongly is never suspected again, though it crash.  (MCFailureDetector_TrustsForGood.)"""
    overdue = FailureDetectorMachine.overdue
    plant.setattr(
        FailureDetectorMachine, "overdue", lambda self, site: not self.records[site].withdrawn and overdue(self, site)
    )


@mutant("FailureDetector", "failure detector", "StrongCompletenessProp")
def no_cap(plant: Planting) -> None:
    """A time-out grows without end."""
    plant.setattr(FailureDetectorMachine, "time_out", lambda self, record: max(self.pace.floor_ms, 5 * record.longest))


@mutant("FailureDetector", "failure detector", "PatientInv")
def counts_its_sleep(plant: Planting) -> None:
    """Who was held up counts that as silence of the others.  (MCFailureDetector_CountsItsSleep.)"""
    plant.setattr(FailureDetectorMachine, "slept_ms", lambda self, now_ms: 0)


@mutant("FailureDetector", "failure detector", "ExcludedInv")
def remembers_the_excluded(plant: Planting) -> None:
    """A new view adds those who are new, and forgets nobody."""

    def watch(self: FailureDetectorMachine, Q: tuple[Address, ...]) -> list[FailureDetectorEffect]:
        self.view = Q
        self.records |= {site: self._new_record() for site in self.watched if site not in self.records}
        return []

    plant.setattr(FailureDetectorMachine, "_watch", watch)


@mutant("FailureDetector", "failure detector", "EventualStrongAccuracyProp")
def beats_to_the_trusted(plant: Planting) -> None:
    """No heartbeats go to those who are suspected.  (MCFailureDetector_BeatsToTrusted.)"""
    beat = FailureDetectorMachine._beat

    def trusted(self: FailureDetectorMachine) -> list[FailureDetectorEffect]:
        effects: Iterable[FailureDetectorEffect] = beat(self)
        return [e for e in effects if not isinstance(e, SendToSite) or e.to not in self.suspected]

    plant.setattr(FailureDetectorMachine, "_beat", trusted)
