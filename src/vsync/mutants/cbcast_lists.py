"""Mutants of CBCAST to destination lists.

Spec: the planted bugs of CbcastLists.
Paper: Birman and Joseph 1987, section 3.1.
"""

from __future__ import annotations

from vsync.cbcast_lists import CbcastListsMachine
from vsync.effects import CompleteFlush, Deliver, ProcessEffect
from vsync.messages import Message
from vsync.mutants.planting import Planting, mutant


@mutant("CbcastLists", "lists", "Causal")
def waits_for_no_predecessor(plant: Planting) -> None:
    """A message is delivered as it comes."""

    def deliverable(self: CbcastListsMachine, m: Message) -> bool:
        return self.who in m.to and not self.has_delivered(m.id)

    plant.setattr(CbcastListsMachine, "deliverable", deliverable)


@mutant("CbcastLists", "ordering", "FlushIsSafe")
def flush_returns_unsafe(plant: Planting) -> None:
    """The primitive flush does not wait for multicasts to lists."""

    def complete(self: CbcastListsMachine) -> list[ProcessEffect]:
        tickets = [ticket for ticket, _ in self.flush_tickets]
        self.flush_tickets.clear()
        return [CompleteFlush(ticket=ticket) for ticket in tickets]

    plant.setattr(CbcastListsMachine, "_complete_flushes", complete)


@mutant("CbcastLists", "ordering", "Causal")
def ignores_epochs(plant: Planting) -> None:
    """A message of the next epoch is delivered in this one."""
    plant.setattr(CbcastListsMachine, "present", lambda self, m: m.view == self.current)


@mutant("CbcastLists", "", "Causal")
def carries_nothing(plant: Planting) -> None:
    """What a multicast comes after, and its destinations may lack, does not go along with it."""
    plant.setattr(CbcastListsMachine, "carried", lambda self, to: ())


@mutant("CbcastLists", "ordering", "StabilityInv")
def takes_one_for_all(plant: Planting) -> None:
    """A message is stable when one other destination is known to have delivered it."""

    def stable(self: CbcastListsMachine, m: Message) -> bool:
        heard = (self.heard.get(q, {}).get(m.id.sender, 0) for q in m.to if q != self.who)
        return m.view == self.current and any(number >= m.id.number for number in heard)

    plant.setattr(CbcastListsMachine, "stable", stable)


@mutant("CbcastLists", "lists", "Causal")
def knows_only_its_own_causes(plant: Planting) -> None:
    """A message comes after what its sender multicast, and not after what its sender delivered."""

    def complete(self: CbcastListsMachine, m: Message) -> list[ProcessEffect]:
        self.time[m.id.sender] = m.id.number
        return [Deliver(message=m)]

    plant.setattr(CbcastListsMachine, "complete", complete)


@mutant("CbcastLists", "ordering", "NoDuplication")
def delivers_again(plant: Planting) -> None:
    """A message that comes once more, because another one carries it, is delivered once more."""
    hold = CbcastListsMachine._hold

    def forgetful(self: CbcastListsMachine, messages: tuple[Message, ...]) -> None:
        for m in messages[:-1]:
            if m.view == self.current and m.id.sender != self.who and self.time.get(m.id.sender) == m.id.number:
                self.time[m.id.sender] -= 1
        hold(self, messages)

    plant.setattr(CbcastListsMachine, "_hold", forgetful)


@mutant("CbcastLists", "ordering", "Settling")
def never_acknowledges(plant: Planting) -> None:
    """A site does not tell the others what it has delivered, so that nothing becomes stable."""
    plant.setattr(CbcastListsMachine, "may_acknowledge", lambda self: False)
