"""An application as it is tested here: one process's state, changed by views and deliveries, which calls in return.

It is a state machine as the protocols are: no I/O, no clock, no chance inside; what it wants done it returns.

Spec: none. Paper: Birman and Joseph 1987, sections 3.2 and 5.
"""

from __future__ import annotations

from attrs import frozen

from vsync.types import Address, View


@frozen(kw_only=True)
class Call:
    """A multicast to the group: what is in it, and by which primitive.

    ``kind`` is ``"cbcast"``, ``"abcast"``, ``"uniform"`` (an ABCAST ordered also for those who crash) or ``"gbcast"``.
    """

    payload: str
    kind: str = "cbcast"


class Application:
    """What one process of a group keeps and does.  Derive from it.

    A process that joins begins with a new application, which is then given the state of the group.
    """

    def __init__(self, process: Address) -> None:
        self.process = process

    def installed(self, view: View) -> list[Call]:
        """The process has installed a view of the group: members, oldest first, so that the index is the rank."""
        return []

    def delivered(self, sender: Address, payload: str) -> list[Call]:
        """A message is delivered to the process, perhaps its own."""
        raise NotImplementedError("an application says what a delivery does")

    def state(self) -> bytes:
        """The state that all members share: the same bytes for the same state."""
        raise NotImplementedError("an application says what its state is")

    def restore(self, state: bytes) -> None:
        """The process has joined, and this is the state of the group."""
        raise NotImplementedError("an application takes a state that another gave")
