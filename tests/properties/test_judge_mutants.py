"""Mistakes planted in the judge, each of which has to come to light.

A checker that agrees with its formula on some histories is only as good as these histories. So each mistake here
makes a checker, or the sorting of events into groups, differ from the formulas, and one of the traces in the tree,
or else a random history, must show the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from formulas import first_false
from histories_at_random import bent, disordered, legal_of_groups
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

from vsync.check import groups, properties, total_order
from vsync.check.histories import Delivery, Multicast
from vsync.check.judge import Judge
from vsync.check.merge import merge
from vsync.check.trace import Multicasted, ServiceEvent, open_trace
from vsync.locate import traces_directory

TRACES = sorted((traces_directory() / "bad").rglob("*.jsonl"))
HISTORIES = st.one_of(disordered(), bent(legal_of_groups()), legal_of_groups())
SEARCH = settings(
    max_examples=1000,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
Plant = Callable[[pytest.MonkeyPatch], None]
MISTAKES: dict[str, tuple[str, Plant]] = {}


def mistake(guarantee: str) -> Callable[[Plant], Plant]:
    """Registers a mistake, by its name, with the guarantee that is judged wrongly then."""

    def register(plant: Plant) -> Plant:
        MISTAKES[plant.__name__] = (guarantee, plant)
        return plant

    return register


@mistake("WeakTotalOrder")
def only_abcasts_of_the_group_itself(patch: pytest.MonkeyPatch) -> None:
    right = total_order.WeakTotalOrder.check

    def check(self: Any, now: Any, histories: Any) -> Any:
        if now.move is not None:
            own = [each for each in now.move.abcasts if each.message.key in now.move.delivered]
            now = attrs.evolve(now, move=attrs.evolve(now.move, abcasts=own))
        return right(self, now, histories)

    patch.setattr(total_order.WeakTotalOrder, "check", check)


@mistake("WeakTotalOrder")
def neighbours_only(patch: pytest.MonkeyPatch) -> None:
    right = total_order._crossed

    def crossed(one: list[Delivery], two: list[Delivery]) -> list[Delivery] | None:
        return right(one[-2:], two[-2:])

    patch.setattr(total_order, "_crossed", crossed)
    two_only(patch)


@mistake("WeakTotalOrder")
def two_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(total_order._Order, "all_follow", lambda self, deliveries: None)


@mistake("StrongTotalOrder")
def first_seen_is_the_order(patch: pytest.MonkeyPatch) -> None:
    def follows(self: Any, earlier: Delivery, later: Delivery) -> Any:
        in_order = self._place[earlier.message.key] < self._place[later.message.key]
        return None if in_order else [(earlier, later)]

    patch.setattr(total_order._Order, "follows", follows)


@mistake("StrongTotalOrder")
def never_rearranged(patch: pytest.MonkeyPatch) -> None:
    right = total_order._Order.follows

    def follows(self: Any, earlier: Delivery, later: Delivery) -> Any:
        places = dict(self._place)
        circle = right(self, earlier, later)
        self._place.update(places)
        return circle

    patch.setattr(total_order._Order, "follows", follows)


@mistake("ReliableTotalOrder")
def as_many_is_the_same(patch: pytest.MonkeyPatch) -> None:
    right = total_order._Seen.add
    patch.setattr(total_order._Seen, "add", lambda self, delivery: right(self, delivery).bit_count())
    patch.setattr(total_order, "_told_apart", lambda now, *others: ("", now.event))


@mistake("GBCASTOrder")
def any_view_will_do(patch: pytest.MonkeyPatch) -> None:
    right = total_order.GBCASTOrder.check

    def check(self: Any, now: Any, histories: Any) -> Any:
        violation = right(self, now, histories)
        return None if violation and "but only" not in violation.sentence else violation

    patch.setattr(total_order.GBCASTOrder, "check", check)


@mistake("CleanFailure")
def the_view_of_the_sender_counts(patch: pytest.MonkeyPatch) -> None:
    def too_late(multicast: Multicast, delivery: Delivery) -> bool:
        return 0 < multicast.view.id < delivery.view.id and multicast.sender not in multicast.view.members

    patch.setattr(properties, "_heard_too_late", too_late)


@mistake("SafeIndication")
def who_leaves_is_excused(patch: pytest.MonkeyPatch) -> None:
    right = properties.SafeIndication._goes_on
    patch.setattr(
        properties.SafeIndication,
        "_goes_on",
        lambda self, now, view_id: right(self, now, view_id) if now.move else None,
    )


@mistake("SafeIndication")
def told_too_late_to_matter(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(properties.SafeIndication, "_becomes_stable", lambda self, now, delivery, histories: None)


@mistake("StateAtJoin")
def only_the_last_state_counts(patch: pytest.MonkeyPatch) -> None:
    right = properties.StateAtJoin.check

    def check(self: Any, now: Any, histories: Any) -> Any:
        if now.event.kind == "state":
            self._stated = {
                view: stated for view, stated in self._stated.items() if stated.process == now.event.process
            }
        return right(self, now, histories)

    patch.setattr(properties.StateAtJoin, "check", check)


@mistake("SenderIntegrity")
def any_sender_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(properties.SenderIntegrity, "_forged", lambda self, multicast, delivery: False)


@mistake("InitialViewEvent")
def what_goes_astray_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    right = groups.Groups._addressed

    def addressed(self: Any, event: Any, multicast: Any) -> Any:
        placed = right(self, event, multicast)
        if placed.listed:
            own = tuple(group for group in placed.groups if group in self._within[event.process])
            placed = attrs.evolve(placed, groups=own)
        return placed

    patch.setattr(groups.Groups, "_addressed", addressed)


@mistake("InitialViewEvent")
def clients_must_be_members(patch: pytest.MonkeyPatch) -> None:
    right = groups.Groups._addressed

    def addressed(self: Any, event: Any, multicast: Any) -> Any:
        placed = right(self, event, multicast)
        if isinstance(event, Multicasted) and placed.listed:
            placed = attrs.evolve(placed, groups=tuple(group for group in placed.to if group in self.known))
        return placed

    patch.setattr(groups.Groups, "_addressed", addressed)


@mistake("Causal")
def causes_of_causes_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    from vsync.check import histories

    right = histories._include

    def include(process: Any, multicast: Multicast) -> None:
        own = {component: count for component, count in multicast.past.items() if component[0] == multicast.sender}
        right(process, attrs.evolve(multicast, news=own, previous=None))

    patch.setattr(histories, "_include", include)


def wrong(merged: list[ServiceEvent]) -> set[str]:
    """The guarantees that the judge and the formulas do not find broken by the same event."""
    judge = Judge()
    found = {((each.group, each.guarantee), each.line) for event in merged for each in judge.observe(event)}
    return {name for (_, name), _ in found ^ set(first_false(merged).items())}


def read(path: Path) -> list[ServiceEvent]:
    with open_trace(path) as reader:
        return list(merge(reader))


@pytest.mark.parametrize("path", TRACES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_without_a_mistake_the_judge_is_right(path: Path) -> None:
    """The judge as it is agrees with the formulas on each bad trace."""
    assert wrong(read(path)) == set()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_judge_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On some trace or history the judge with the mistake differs from the formula of that guarantee."""
    guarantee, plant = MISTAKES[name]
    plant(monkeypatch)
    if not any(guarantee in wrong(read(path)) for path in TRACES):
        find(HISTORIES, lambda events: guarantee in wrong(list(merge(events))), settings=SEARCH)


def test_each_new_guarantee_has_a_mistake() -> None:
    """None of the guarantees on total order, states, failures and stability goes without."""
    planted = {guarantee for guarantee, _ in MISTAKES.values()}
    own = {"StateAtJoin", "SenderIntegrity", "CleanFailure", "SafeIndication"}
    of_total_order = {
        name for name, checker in properties.GUARANTEES.items() if checker.__module__ == total_order.__name__
    }
    assert own | of_total_order <= planted
