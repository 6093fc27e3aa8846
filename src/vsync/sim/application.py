"""The application of the simulation: each group has a replicated state, of all that was delivered in it.

The state of a process for a group is the set of messages that it delivered as a member, together with
those behind the state that it was given when it joined.  In what order they came makes no difference,
and so all members have the same state at the same view, if virtual synchrony holds and transfers are right.

A state is cut into blocks of different sizes; and has a digest, which is what a trace shows.

Spec: StateTransfer (``state``).
Paper: Birman and Joseph 1987, section 3.2 (join_and_xfer).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import cycle
from typing import Protocol

from vsync.errors import InputError
from vsync.messages import ProcessMessage
from vsync.types import Address, View

Blocks = tuple[bytes, ...]

#: How many messages go into a block: the first, the second, ..., and so on from the beginning.
SIZES = (1, 4, 2)


class State(Protocol):
    """What an application keeps for one process of one group.  ``origin`` is as for ``GiveState``."""

    @property
    def origin(self) -> int: ...

    def installed(self, view: View) -> None:
        """The process has installed a view of the group."""

    def deliver(self, message: ProcessMessage) -> None:
        """A message of the group is delivered to the process."""

    def blocks(self) -> Blocks:
        """The state, cut into blocks."""

    def digest(self) -> str:
        """What a trace shows of the state: the same for the same state."""


class Applications:
    """What runs at the processes; this one keeps a ``ReplicatedState`` for each of them and each of its groups."""

    def begin(self, process: Address, group: Address, origin: int = 0) -> State:
        """A process begins with the state that a group has when it is new."""
        return ReplicatedState(origin=origin)

    def restore(self, process: Address, group: Address, blocks: Blocks, origin: int) -> State:
        """A process that joins is given the state of the group."""
        return ReplicatedState.of(blocks, origin)


class ReplicatedState:
    """The state of one process for one group: the messages behind it.  ``origin`` is as for ``GiveState``."""

    def __init__(self, delivered: Iterable[str] = (), origin: int = 0) -> None:
        self.delivered = set(delivered)
        self.origin = origin

    def installed(self, view: View) -> None:
        """Views make no difference to it."""

    def deliver(self, message: ProcessMessage) -> None:
        """A message of the group is delivered to the process."""
        self.delivered.add(str(message.id))

    def blocks(self) -> Blocks:
        """The state, cut into blocks; members with the same state cut it in the same way."""
        left = sorted(self.delivered)
        blocks = []
        for size in cycle(SIZES):
            if not left:
                break
            blocks.append("\n".join(left[:size]).encode())
            left = left[size:]
        return tuple(blocks)

    @classmethod
    def of(cls, blocks: Blocks, origin: int) -> ReplicatedState:
        """Put a state together again.  Raises ``InputError`` if these are not the blocks of one."""
        try:
            text = "\n".join(block.decode("ascii") for block in blocks if block)
        except UnicodeDecodeError as error:
            raise InputError(f"expected blocks of names of messages; {blocks!r} came") from error
        return cls(text.split("\n") if text else (), origin)

    def digest(self) -> str:
        """What a trace shows of the state: the same for the same messages, wherever they came from."""
        return hashlib.sha256("\n".join(sorted(self.delivered)).encode()).hexdigest()[:16]
