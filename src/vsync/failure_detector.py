"""Failure detector: who has been silent for longer than a time-out is suspected, and time-outs adapt.

The sites of a view send each other heartbeats; any other packet counts as one too.  What is expected
of a site follows from how it has kept its intervals so far:

- an estimator after Jacobson gives the mean interval between its packets plus four times the mean
  deviation: so the time-out grows *before* a site that becomes slower, or less even, is late;
- beyond that, no silence that a site has broken before is ever taken for its failure: the time-out
  is longer than the longest of them by a quarter.  So a site that is overloaded now and then is
  suspected once for each degree of slowness, and not again and again;
- a floor and a cap: below the floor nothing is noticed, beyond the cap a site is as good as failed.

Silence is measured in the time in which this site ran itself.  If its own timer goes off late then
it was held up, and grants all others the time that it has slept through.

A suspicion is withdrawn by the next packet.  If another site has reported it, the coordinator holds
it too (``doubt``) until it hears from the suspected site itself: time enough to act upon it, and no
reason to wait for ever because two others could not hear each other for a moment.

The crash of a process is no business of time-outs: its site knows it for certain (``Site``).

Spec: FailureDetector.
Paper: Birman and Joseph 1987, sections 2.1 and 2.2; Jacobson 1988, Congestion Avoidance and Control.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define, frozen

from vsync.actions import action
from vsync.effects import FailureDetectorEffect, SendToSite, SetTimer, Suspect, Trust
from vsync.errors import LocalProtocolError
from vsync.messages import Heartbeat
from vsync.types import Address

BEAT = "heartbeat"


@frozen(kw_only=True)
class Pace:
    """How often heartbeats are sent, and how patient a detector is; all in milliseconds.

    ``period_ms`` between two heartbeats; ``floor_ms`` and ``cap_ms`` bound the time-outs; a timer that
    goes off more than ``slack_ms`` late shows that the site itself was held up.
    Errors: ``LocalProtocolError`` unless 0 < period < floor <= cap and 0 <= slack.
    """

    period_ms: int = 100
    floor_ms: int = 400
    cap_ms: int = 10_000
    slack_ms: int = 50

    def __attrs_post_init__(self) -> None:
        if not 0 < self.period_ms < self.floor_ms <= self.cap_ms or self.slack_ms < 0:
            raise LocalProtocolError(f"a pace has 0 < period < floor <= cap and 0 <= slack; {self} came")


@define(kw_only=True)
class Estimator:
    """The intervals at which a site is heard: their mean, and how far they stray from it.

    Jacobson's smoothing: each interval moves the mean by an eighth of the difference, and the mean
    deviation by a quarter of its own; kept in eighths and quarters of a millisecond, so that nothing
    is rounded away and the same intervals give the same estimate everywhere.
    """

    eighths: int
    quarters: int

    @classmethod
    def beginning(cls, interval_ms: int) -> Estimator:
        """Before the first interval: the one that is expected, and half of it either way."""
        return cls(eighths=8 * interval_ms, quarters=2 * interval_ms)

    def learn(self, interval_ms: int) -> None:
        """Take one more interval into account."""
        error = interval_ms - self.eighths // 8
        self.eighths += error
        self.quarters += abs(error) - self.quarters // 4

    @property
    def estimate_ms(self) -> int:
        """The mean interval plus four mean deviations."""
        return self.eighths // 8 + self.quarters


@define(kw_only=True)
class Record:
    """What a detector knows of one site: when it was heard, and which silences it has broken."""

    heard_ms: int
    estimator: Estimator
    longest: int = 0
    timeout: int
    withdrawn: int = 0


class FailureDetectorMachine:
    """The part of a site that suspects others.

    Arguments: ``who``, the address of the site; ``pace``; ``recording``, whether actions tell what
    they did.  The attributes bear the names of the TLA+ variables, those of one watched site together
    in its ``Record``.  There is no clock in it: each input says what time it is.
    """

    def __init__(self, who: Address, pace: Pace | None = None, *, recording: bool = False) -> None:
        self.who = who
        self.pace = pace or Pace()
        self.recording = recording
        self.view: tuple[Address, ...] = ()
        self.suspected: set[Address] = set()
        self.records: dict[Address, Record] = {}
        self.now_ms = 0
        self.due_ms: int | None = None  # when the timer that is set goes off

    # -- Inputs ---------------------------------------------------------------------------------

    def watch(self, sites: tuple[Address, ...], now_ms: int) -> list[FailureDetectorEffect]:
        """The site has a new view, of these sites; watch them from now on.

        Errors: ``LocalProtocolError`` if this site is not among them.
        """
        if self.who not in sites:
            raise LocalProtocolError(f"{self.who} watches the sites of a view that it is in; {sites} came")
        self._wake(now_ms)
        effects = self._watch(sites)
        return effects if self.due_ms is not None else [*effects, self._set_timer()]

    def heard(self, site: Address, now_ms: int) -> list[FailureDetectorEffect]:
        """A packet has come from a site: a heartbeat, or any other."""
        self._wake(now_ms)
        return self._attend(site)

    def doubt(self, sites: Iterable[Address], now_ms: int) -> list[FailureDetectorEffect]:
        """Another site has reported that it suspects these; whoever has done so here knows already."""
        self._wake(now_ms)
        doubted = tuple(site for site in self.watched if site in set(sites) - self.suspected)
        return self._doubt(doubted) if doubted else []

    def timer_fired(self, timer: str, now_ms: int) -> list[FailureDetectorEffect]:
        """The time has come to send heartbeats, and to look who is overdue; a stale timer is ignored."""
        if timer != BEAT or self.due_ms is None or now_ms < self.due_ms:
            return []
        self._wake(now_ms)
        effects: list[FailureDetectorEffect] = []
        for site in self.watched:
            if self.overdue(site):
                effects += self._suspect(site)
        return [*effects, *self._beat()]

    # -- Decisions ------------------------------------------------------------------------------

    @property
    def watched(self) -> tuple[Address, ...]:
        """The sites of the view, but for this one.  Spec: FailureDetector!Watched."""
        return tuple(site for site in self.view if site != self.who)

    def silence(self, site: Address) -> int:
        """For how long, as this site has measured, nothing has come from that one."""
        return self.now_ms - self.records[site].heard_ms

    def overdue(self, site: Address) -> bool:
        """A watched site that is not suspected has been silent for a time-out.  Spec: FailureDetector!Overdue."""
        return site not in self.suspected and self.silence(site) >= self.records[site].timeout

    def heard_as(self, site: Address) -> Address | None:
        """Whose life a packet from this site shows: its own, if it is watched.  Spec: FailureDetector!HeardAs."""
        return site if site in self.records else None

    def least(self, broken: int) -> int:
        """The time-out that is granted at least to who has broken such a silence.  Spec: FailureDetector!Least."""
        margin = broken // 4 + 1
        return min(max(broken + margin, self.pace.floor_ms), self.pace.cap_ms)

    def time_out(self, record: Record) -> int:
        """The time-out that follows from what is known of a site.  Spec: one of FailureDetector!TimeOuts."""
        return min(max(self.least(record.longest), record.estimator.estimate_ms), self.pace.cap_ms)

    def slept_ms(self, now_ms: int) -> int:
        """For how long this site was held up itself: nothing happened in it though its timer was due.

        Spec: FailureDetector!Measures.
        """
        late = 0 if self.due_ms is None else now_ms - max(self.due_ms, self.now_ms)
        return late if late > self.pace.slack_ms else 0

    # -- Actions --------------------------------------------------------------------------------

    @action("FailureDetector!Watch")
    def _watch(self, Q: tuple[Address, ...]) -> list[FailureDetectorEffect]:
        """Watch these sites: go on with those known already, begin anew with all others."""
        self.view = Q
        self.suspected &= set(self.watched)
        self.records = {site: self.records.get(site) or self._new_record() for site in self.watched}
        return []

    @action("FailureDetector!Beat")
    def _beat(self) -> list[FailureDetectorEffect]:
        """Send a heartbeat to each site of the view, and set the timer for the next."""
        beats = [SendToSite(to=site, payload=Heartbeat()) for site in self.watched]
        return [*beats, self._set_timer()]

    @action("FailureDetector!Hear")
    def _hear(self, t: Address) -> list[FailureDetectorEffect]:
        """Hear from a site that is not suspected."""
        self._broken(t)
        return []

    @action("FailureDetector!Trust")
    def _trust(self, t: Address) -> list[FailureDetectorEffect]:
        """Hear from a suspected site: withdraw the suspicion."""
        record = self.records[t]
        if self.silence(t) >= record.timeout:
            record.withdrawn += 1  # it was this site's own, and is proved wrong
        self._broken(t)
        self.suspected.discard(t)
        return [Trust(site=t)]

    @action("FailureDetector!Discard")
    def _discard(self, t: Address) -> list[FailureDetectorEffect]:
        """Hear from a site that is not in the view: it means nothing."""
        return []

    @action("FailureDetector!Suspect")
    def _suspect(self, t: Address) -> list[FailureDetectorEffect]:
        """Suspect a site that has been silent for a time-out."""
        self.suspected.add(t)
        return [Suspect(site=t)]

    @action("FailureDetector!Doubt")
    def _doubt(self, Q: tuple[Address, ...]) -> list[FailureDetectorEffect]:
        """Suspect what another site has reported, until these are heard from."""
        self.suspected.update(Q)
        return []

    # -- Helpers --------------------------------------------------------------------------------

    def _attend(self, site: Address) -> list[FailureDetectorEffect]:
        """What a packet from a site shows.  Spec: FailureDetector!Attend."""
        alive = self.heard_as(site)
        if alive is None:
            return self._discard(site)
        return self._trust(alive) if alive in self.suspected else self._hear(alive)

    def _broken(self, site: Address) -> None:
        """A silence is broken, and the time-out adapts.  Spec: FailureDetector!Broken."""
        record, interval_ms = self.records[site], self.silence(site)
        record.longest = max(record.longest, interval_ms)
        record.estimator.learn(interval_ms)
        record.timeout = self.time_out(record)
        record.heard_ms = self.now_ms

    def _wake(self, now_ms: int) -> None:
        """Let time go on; what this site has slept through counts as nobody's silence.

        Spec: FailureDetector!Tick, as seen by this site.
        Errors: ``LocalProtocolError`` if time goes back.
        """
        if now_ms < self.now_ms:
            raise LocalProtocolError(f"time goes on; it was {self.now_ms} ms, and {now_ms} ms came")
        slept_ms = self.slept_ms(now_ms)
        self.now_ms = now_ms
        if slept_ms:
            assert self.due_ms is not None
            self.due_ms += slept_ms  # it has been counted, and is not counted again
            for record in self.records.values():
                record.heard_ms += slept_ms

    def _set_timer(self) -> SetTimer:
        period = self.pace.period_ms
        self.due_ms = self.now_ms + period
        return SetTimer(timer=BEAT, min_ms=period, max_ms=period)

    def _new_record(self) -> Record:
        estimator = Estimator.beginning(self.pace.period_ms)
        return Record(heard_ms=self.now_ms, estimator=estimator, timeout=self.least(0))

    def snapshot(self) -> dict[str, Any]:
        """The variables of the site under their TLA+ names."""
        watched = sorted(self.records)
        return {
            "view": [str(site) for site in self.view],
            "suspected": sorted(str(site) for site in self.suspected),
            "silence": {str(site): self.silence(site) for site in watched},
            "longest": {str(site): self.records[site].longest for site in watched},
            "timeout": {str(site): self.records[site].timeout for site in watched},
            "withdrawn": {str(site): self.records[site].withdrawn for site in watched},
        }
