"""Mutants of the transfer of a group's state to those who join it.

Spec: the planted bugs of StateTransfer.
Paper: Birman and Joseph 1987, section 3.2.
"""

from __future__ import annotations

from vsync.effects import ForProcess, TakeState, TransferEffect
from vsync.mutants.planting import Planting, mutant
from vsync.state_transfer import Blocks, MemberMachine, StateTransferMachine
from vsync.types import Address


@mutant("StateTransfer", "", "Settling")
def asks_one_donor_only(plant: Planting) -> None:
    """A joiner does not ask another member when its donor fails."""
    plant.setattr(MemberMachine, "to_ask", lambda self: self.donor is None and self.oldest != self.who)


@mutant("StateTransfer", "system", "StateAtJoin")
def gives_the_state_of_before(plant: Planting) -> None:
    """A member gives all joiners the state of which it took a snapshot first."""
    state_taken = MemberMachine.state_taken
    first: dict[MemberMachine, Blocks] = {}

    def lazy(self: MemberMachine, view: int, blocks: Blocks) -> None:
        state_taken(self, view, first.setdefault(self, blocks))

    plant.setattr(MemberMachine, "state_taken", lazy)


@mutant("StateTransfer", "system", "StateAtJoin")
def goes_on_without_the_last_block(plant: Planting) -> None:
    """A joiner has its state when all blocks but one are there."""

    def all_received(self: MemberMachine) -> bool:
        return self.total > 0 and len(self.blocks) >= max(1, self.total - 1)

    plant.setattr(MemberMachine, "all_received", property(all_received))


@mutant("StateTransfer", "", "StateAtJoin")
def hands_over_updates_before_the_state(plant: Planting) -> None:
    """What comes for a joiner does not wait for its state."""

    def through(self: StateTransferMachine, effect: ForProcess | TakeState) -> list[TransferEffect]:
        return [effect]

    plant.setattr(StateTransferMachine, "_pass", through)


@mutant("StateTransfer", "", "StateAtJoin")
def drops_what_waits_for_the_state(plant: Planting) -> None:
    """What has come for a joiner before its state is lost."""
    begin = MemberMachine._begin

    def forgetful(self: MemberMachine, origin: int) -> list[TransferEffect]:
        self.buffered.clear()
        return begin(self, origin)

    plant.setattr(MemberMachine, "_begin", forgetful)


@mutant("StateTransfer", "", "StateAtJoin")
def founds_a_state_though_others_have_it(plant: Planting) -> None:
    """A joiner begins with an empty state as soon as its donor is gone."""

    def alone(self: MemberMachine) -> bool:
        return self.oldest == self.who or self.donor not in (None, self.oldest)

    plant.setattr(MemberMachine, "alone", alone)


@mutant("StateTransfer", "system", "Settling")
def says_nothing_when_done(plant: Planting) -> None:
    """A joiner that has its state does not tell the others, who keep what they have for it."""
    plant.setattr(MemberMachine, "audience", lambda self: ())


@mutant("StateTransfer", "", "StateAtJoin")
def takes_blocks_as_they_come(plant: Planting) -> None:
    """A block is taken whatever its number, also one that was taken before."""
    plant.setattr(MemberMachine, "takes", lambda self, number: not self.complete)


@mutant("StateTransfer", "", "Settling")
def a_break_is_not_noticed(plant: Planting) -> None:
    """When the bulk channel breaks, the joiner goes on waiting for it."""

    def broken(self: MemberMachine, kept: bool) -> list[TransferEffect]:
        return []

    plant.setattr(MemberMachine, "break_off", broken)


@mutant("StateTransfer", "", "Settling")
def the_oldest_joiner_is_not_the_first(plant: Planting) -> None:
    """Joiners are served the youngest first: the oldest waits for one that waits for it."""

    def turn(self: MemberMachine, joiner: Address) -> bool:
        return all(self.view.rank(joiner) >= self.view.rank(other) for other in self.pending)

    plant.setattr(MemberMachine, "turn", turn)
