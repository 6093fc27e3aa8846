"""Mutants of ABCAST.

Spec: the planted bugs of Abcast.
Paper: Birman and Joseph 1987, section 3.1.
"""

from __future__ import annotations

from vsync.abcast import AbcastMachine, Place
from vsync.effects import ProcessEffect
from vsync.messages import Message
from vsync.mutants.planting import Planting, mutant


@mutant("Abcast", "ordering", "WeakTotalOrder")
def ignores_what_is_pending(plant: Planting) -> None:
    """What has no number yet holds up nothing."""

    def own_place(self: AbcastMachine, m: Message) -> Place:
        number = self.number(m.id)
        return self.place(1, number, m) if number else self.place(2, 0, m)

    plant.setattr(AbcastMachine, "own_place", own_place)


@mutant("Abcast", "ordering", "WeakTotalOrder")
def orders_by_the_first_proposal(plant: Planting) -> None:
    """The sender waits for one proposal, not for all."""

    def may_order(self: AbcastMachine, m: Message) -> bool:
        return self._unordered_of_mine(m) and bool(self.proposals.get(m.id))

    plant.setattr(AbcastMachine, "may_order", may_order)


@mutant("Abcast", "ordering", "WeakTotalOrder")
def delivers_what_has_a_number(plant: Planting) -> None:
    """A message is delivered as soon as it has its number, although one before it may still get a lower one."""

    def next_by_number(self: AbcastMachine) -> Message | None:
        return next((m for m in self.queue() if m.stamp.number and self.deliverable(m)), None)

    plant.setattr(AbcastMachine, "next_by_number", next_by_number)


@mutant("Abcast", "", "StrongTotalOrder")
def releases_at_once(plant: Planting) -> None:
    """A uniform ABCAST is delivered when it has its number, before all destinations know that number."""

    def next_by_number(self: AbcastMachine) -> Message | None:
        first = min(self.queue(), key=self.own_place, default=None)
        return first if first is not None and first.stamp.number and self.deliverable(first) else None

    plant.setattr(AbcastMachine, "next_by_number", next_by_number)


@mutant("Abcast", "", "WeakTotalOrder")
def forgets_numbers_in_a_flush(plant: Planting) -> None:
    """What a flush completes is ordered as if nothing had been given a number."""
    plant.setattr(AbcastMachine, "final_place", lambda self, m: self.place(2, m.stamp.clock, m))


@mutant("Abcast", "", "WeakTotalOrder")
def proposes_what_is_taken(plant: Planting) -> None:
    """A proposal need not be greater than the numbers that were seen."""
    propose = AbcastMachine.propose

    def low(self: AbcastMachine, m: Message) -> list[ProcessEffect]:
        clock, self.clock = self.clock, 0
        try:
            return propose(self, m)
        finally:
            self.clock = max(self.clock, clock)

    plant.setattr(AbcastMachine, "propose", low)


@mutant("Abcast", "ordering", "Settling")
def never_proposes(plant: Planting) -> None:
    """A destination proposes no number, so that the sender waits for ever."""
    plant.setattr(AbcastMachine, "may_propose", lambda self, m: False)


@mutant("Abcast", "ordering", "Settling")
def never_releases(plant: Planting) -> None:
    """The sender of a uniform ABCAST does not tell that all know its number."""
    plant.setattr(AbcastMachine, "may_release", lambda self, m: False)
