"""A worked example: the cars of the twenty questions, queried by rank and updated, at all members alike.

Each member has the whole relation. A query goes to the group, and every member answers for its share of the rows:
row R is for the member with rank R mod NMEMBERS, where rank and NMEMBERS are those of the view in which the query is
delivered. That works, without another word between members, because all of them see the same view then. An update
changes a price by some percent, or sets it; as these do not commute, updates have to come in one order everywhere:
ABCAST.

`HastyCars` and `AloofCars` are what one might write instead. The first has its updates go by CBCAST, which is cheaper;
two that cross leave different prices behind. The second takes the number of members at its joining for good. Both are
right as long as nothing happens at the same time; `tests/models/test_application.py` has them found out.

Spec: none. Paper: Birman and Joseph 1987, section 5, steps 2 and 5.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from vsync.testing.application import Application, Call
from vsync.types import Address, View

PRICES = (5, 6, 4995, 6199, 10659, 5799, 15243, 18499, 26775, 35000)


class Cars(Application):
    """One member's copy of the relation, and what it has answered.

    ``answers`` has, for each query, by its sender and number, the view in which it was delivered and the rows that are
    asked for and that this member has answered for.
    """

    update_kind: ClassVar[str] = "abcast"

    def __init__(self, process: Address) -> None:
        super().__init__(process)
        self.prices = list(PRICES)
        self.view = View(id=0, members=())
        self.answers: dict[str, tuple[View, list[int]]] = {}

    # -- What users ask for -----------------------------------------------------------------------

    @classmethod
    def set_price(cls, row: int, price: int) -> Call:
        """An update: this row has another price."""
        return cls._call(cls.update_kind, do="set", row=row, price=price)

    @classmethod
    def raise_price(cls, row: int, percent: int) -> Call:
        """An update: this row becomes dearer."""
        return cls._call(cls.update_kind, do="raise", row=row, percent=percent)

    @classmethod
    def query(cls, name: str, above: int) -> Call:
        """A query, of this name: which cars cost more?"""
        return cls._call("cbcast", do="query", name=name, above=above)

    @staticmethod
    def _call(kind: str, **fields: Any) -> Call:
        return Call(payload=json.dumps(fields, sort_keys=True), kind=kind)

    # -- What happens -----------------------------------------------------------------------------

    def installed(self, view: View) -> list[Call]:
        """Shares are by rank in this view from now on."""
        self.view = view
        return []

    def delivered(self, sender: Address, payload: str) -> list[Call]:
        """An update changes the relation; a query is answered for this member's share of it."""
        asked = json.loads(payload)
        match asked["do"]:
            case "set":
                self.prices[asked["row"]] = asked["price"]
            case "raise":
                self.prices[asked["row"]] = self.prices[asked["row"]] * (100 + asked["percent"]) // 100
            case "query":
                self.answers[f"{sender} {asked['name']}"] = (self.view, self.share())
        return []

    def share(self) -> list[int]:
        """The rows that this member answers for."""
        return self._share_in(self.view)

    def _share_in(self, view: View) -> list[int]:
        rank, members = view.members.index(self.process), len(view.members)
        return [row for row in range(len(self.prices)) if row % members == rank]

    # -- State ------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """The prices; what one has answered is one's own."""
        return json.dumps(self.prices).encode()

    def restore(self, state: bytes) -> None:
        """The prices of the group."""
        self.prices = json.loads(state)


class HastyCars(Cars):
    """Wrong: updates go by CBCAST, so that two may come in different orders at different members."""

    update_kind = "cbcast"


class AloofCars(Cars):
    """Wrong: shares are by the first view that a member sees, whoever comes or goes later."""

    def __init__(self, process: Address) -> None:
        super().__init__(process)
        self.first: View | None = None

    def installed(self, view: View) -> list[Call]:
        """The first view counts."""
        self.first = self.first or view
        return super().installed(view)

    def share(self) -> list[int]:
        """The rows that were this member's share in the beginning."""
        assert self.first is not None, "a member has installed a view"
        return self._share_in(self.first)


def rows_are_answered_once(replicas: dict[Address, Application]) -> None:
    """Assert that of each query that all members of a view have answered, each row has one answer."""
    answers: dict[tuple[str, int], dict[Address, list[int]]] = {}
    views: dict[tuple[str, int], View] = {}
    for process, replica in replicas.items():
        assert isinstance(replica, Cars)
        for query, (view, rows) in replica.answers.items():
            answers.setdefault((query, view.id), {})[process] = rows
            views[query, view.id] = view
    for (query, number), by_member in answers.items():
        if by_member.keys() == set(views[query, number].members):
            rows = sorted(row for rows in by_member.values() for row in rows)
            assert rows == list(range(len(PRICES))), f"query {query} in view {number}: the rows {rows} are answered"
