"""CBCAST, ABCAST and GBCAST to destination lists: one machine with all of them.

The machine alone, over views that the test agrees on, and channels that are first in, first out.  A crash may
strike between any two effects of a step.

Spec: CbcastLists, Abcast, Gbcast (ListProperties, ListLiveness, StabilityInv).
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from models.list_witness import ListWitness
from models.strategies import one_of, some_of
from models.test_cbcast import CbcastSearch
from vsync.effects import ProcessEffect, RecordMulticast
from vsync.errors import InputError
from vsync.gbcast import GbcastMachine
from vsync.messages import Message
from vsync.types import Address

KINDS = ("cbcast", "cbcast", "abcast", "abcast", "uniform", "gbcast")


class OrderingSearch(CbcastSearch):
    """Machines of all the primitives."""

    kinds: tuple[str, ...] = KINDS

    def __init__(self) -> None:
        super().__init__()
        self.witness: ListWitness = ListWitness(self.only)
        self.members_of: dict[Address, GbcastMachine] = {}
        self.witness.holds = lambda q, m: any(
            str(who) == q and m in {str(held) for held in each.received} for who, each in self.members_of.items()
        )

    def carry_out(self, p: Address, effect: ProcessEffect) -> None:
        match effect:
            case RecordMulticast(message=Message() as m):
                to = frozenset(str(q) for q in m.to)
                self.witness.begins(str(p), str(m.id), str(m.payload), to, m.stamp.kind)
            case _:
                super().carry_out(p, effect)

    def check(self, p: Address) -> None:
        """What p has forgotten all its destinations have delivered, unless the epoch is over."""
        machine = self.members_of[p]
        if machine.view is None:
            return
        here = machine.current
        for m in self.witness.deliveries[str(p), here]:
            if m in {str(held) for held in machine.received} or self.witness.kind[m] == "gbcast":
                continue
            lacking = [q for q in sorted(self.witness.to[m]) if m not in self.witness.deliveries[q, here]]
            lost = [q for q in lacking if machine.epoch == 0 or not self.witness.holds(q, m)]
            self.demand("StabilityInv", not lost, f"{p} has forgotten {m}, which {lost} lack")

    def start(self, p: Address) -> None:
        super().start(p)
        self.members_of[p] = GbcastMachine(p, recording=False)
        self.machines[p] = self.members_of[p]  # type: ignore[assignment]

    def multicast_from(self, p: Address) -> None:
        self.multicast_to(p, None, "cbcast")

    def multicast_to(self, p: Address, to: tuple[Address, ...] | None, kind: str) -> None:
        self.payloads += 1
        payload = f"m{self.payloads}"
        self.witness.asks(str(p), payload)
        self.step(p, lambda: self.members_of[p].multicast(payload, to, kind))

    @rule(data=st.data(), times=st.integers(1, 3))
    @precondition(lambda self: self.running)
    def multicast_to_some(self, data: Any, times: int) -> None:
        """Members multicast to lists, in any kind of order."""
        for _ in range(times):
            if not self.running:
                return
            p = one_of(data, self.running, "member")
            kind = data.draw(st.sampled_from(self.kinds), label="kind")
            everyone = data.draw(st.booleans(), label="to all")
            to = None if everyone else some_of(data, self.members, "to") or (p,)
            self.multicast_to(p, to, kind)


class FewKinds(OrderingSearch):
    """CBCAST to lists, and nothing else: chains of causality get long."""

    kinds = ("cbcast",)


def test_all_primitives() -> None:
    """All primitives together keep their orders through crashes, joins and wrong exclusions."""
    run_state_machine_as_test(OrderingSearch, settings=settings(max_examples=settings().max_examples * 2))


def test_cbcast_to_lists() -> None:
    """Causality is kept through chains that cross lists, and outlives crashes."""
    run_state_machine_as_test(FewKinds)


def test_an_unknown_kind_is_refused() -> None:
    """A kind that the machine does not have is named, with those that it has."""
    with pytest.raises(InputError, match="cbcast, abcast, uniform, gbcast"):
        GbcastMachine(Address(1, 1)).multicast("m", None, "broadcast")
