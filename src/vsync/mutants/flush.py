"""Mutants of Flush: what makes a view virtually synchronous, broken.

Spec: the planted bugs of Flush.
Paper: Birman and Joseph 1987, section 2.4.
"""

from __future__ import annotations

import attrs

from vsync.effects import ProcessEffect, Send
from vsync.flush import FlushMachine
from vsync.messages import Flush, Message
from vsync.mutants.planting import Planting, mutant
from vsync.types import Address, View


@mutant("Flush", "cbcast", "VirtualSynchrony")
def installs_after_flush(plant: Planting) -> None:
    """The next view is installed after the first round, without Ready (Birman, Schiper, Stephenson 1991)."""
    plant.setattr(FlushMachine, "has_readies", FlushMachine.has_flushes)


@mutant("Flush", "cbcast", "VirtualSynchrony")
def installs_with_some_readies(plant: Planting) -> None:
    """The next view is installed with the Ready of some who continue, not of all."""

    def has_readies(self: FlushMachine, k: int) -> bool:
        continuing = self.continuing(k)
        return not continuing or any((q, k) in self.readies for q in continuing)

    plant.setattr(FlushMachine, "has_readies", has_readies)


@mutant("Flush", "cbcast", "VirtualSynchrony")
def forwards_nothing(plant: Planting) -> None:
    """Flush carries no messages."""
    forward = FlushMachine.forward

    def forgetful(self: FlushMachine, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        return [
            attrs.evolve(effect, packet=Flush(view=view.id, unstable=())) if isinstance(effect, Send) else effect
            for effect in forward(self, view, continuing)
        ]

    plant.setattr(FlushMachine, "forward", forgetful)


@mutant("Flush", "cbcast", "VirtualSynchrony")
def forwards_its_own_only(plant: Planting) -> None:
    """Flush carries what its sender has multicast itself, not what it has got from others."""
    forward = FlushMachine.forward

    def own(self: FlushMachine, effect: ProcessEffect) -> ProcessEffect:
        if isinstance(effect, Send) and isinstance(effect.packet, Flush):
            mine = tuple(m for m in effect.packet.unstable if m.id.sender == self.who)
            return attrs.evolve(effect, packet=attrs.evolve(effect.packet, unstable=mine))
        return effect

    def selfish(self: FlushMachine, view: View, continuing: tuple[Address, ...]) -> list[ProcessEffect]:
        return [own(self, effect) for effect in forward(self, view, continuing)]

    plant.setattr(FlushMachine, "forward", selfish)


@mutant("Flush", "cbcast", "VirtualSynchrony")
def multicasts_during_a_view_change(plant: Planting) -> None:
    """A multicast may begin although a view is on its way."""
    plant.setattr(FlushMachine, "blocked", property(lambda self: self.current == 0))


@mutant("Flush", "cbcast", "VirtualSynchrony")
def listens_to_the_excluded(plant: Planting) -> None:
    """What comes from a process that is excluded is not dropped."""
    plant.setattr(FlushMachine, "from_excluded", lambda self, q, packet: False)


@mutant("Flush", "cbcast", "NoViewSkipped")
def skips_views(plant: Planting) -> None:
    """A process that may install several views installs the last of them only."""
    advance = FlushMachine.advance

    def last(self: FlushMachine) -> View:
        if self.current:
            self.current = self.known - 1
        return advance(self)

    plant.setattr(FlushMachine, "advance", last)


@mutant("Flush", "ordering", "VirtualSynchrony")
def confirms_before_it_has_all(plant: Planting) -> None:
    """A process says Ready when the Flush of somebody else has come, not when those of all have."""

    def has_flushes(self: FlushMachine, k: int) -> bool:
        others = [q for q in self.continuing(k) if q != self.who]
        return not others or any((q, k) in self.flushes for q in others)

    plant.setattr(FlushMachine, "has_flushes", has_flushes)


@mutant("Flush", "", "Settling")
def forgets_a_flush_that_comes_early(plant: Planting) -> None:
    """A Flush for a view of which this process was not told yet is dropped."""
    receive_flush = FlushMachine.receive_flush

    def deaf(self: FlushMachine, q: Address, k: int, unstable: tuple[Message, ...]) -> list[ProcessEffect]:
        before = set(self.flushes)
        effects = receive_flush(self, q, k, unstable)
        if k > self.known:
            self.flushes = before
        return effects

    plant.setattr(FlushMachine, "receive_flush", deaf)
