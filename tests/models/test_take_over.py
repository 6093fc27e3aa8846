"""Take-over, step by step: what a search finds seldom is played here as a schedule of moves.

Three sites, and a fourth that would join.  The coordinator's proposal is accepted by the second site; the
coordinator commits it, installs it, and crashes before its Commit has left.  The second site takes over, and
must complete the proposal that it finds: the view was decided.

Spec: SiteViews!TakeOver, SiteViews!Proposals; planted bug MCSiteViews_ForgetsProposal.
"""

from __future__ import annotations

from typing import Any

import pytest

from vsync.check.protocol import judge_protocol_with_tlc
from vsync.sim import moves
from vsync.sim.moves import Move
from vsync.sim.world import World
from vsync.site_views import SiteViewsMachine
from vsync.types import Address, SiteView

ONE, TWO, THREE, FOUR = (Address.of_site(number) for number in (1, 2, 3, 4))

SCHEDULE: list[Move] = [
    moves.Found(sites=(ONE, TWO, THREE)),
    moves.StartSite(site=FOUR, contacts=(ONE,)),
    moves.Arrive(source=FOUR, destination=ONE),
    moves.Arrive(source=ONE, destination=TWO),
    moves.Arrive(source=TWO, destination=ONE),
    moves.CrashSite(site=ONE, lost=((TWO, 2), (THREE, 3), (FOUR, 1))),
    moves.Suspect(site=TWO, suspected=ONE),
    moves.Arrive(source=TWO, destination=THREE),
    moves.Arrive(source=THREE, destination=TWO),
    moves.Arrive(source=TWO, destination=THREE),
    moves.Arrive(source=THREE, destination=TWO),
]


def played() -> list[dict[str, Any]]:
    """The lines of the schedule."""
    lines: list[dict[str, Any]] = []
    world = World(on_line=lines.append)
    for move in SCHEDULE:
        world.make(move)
    return lines


def second_views(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """View 2, as each site that installed it did."""
    installed = [line["variables"]["known"] for line in lines if line.get("action") == "SiteViews!Install"]
    return [view for view in installed if view["id"] == 2]


def test_a_take_over_completes_the_proposal_that_it_finds() -> None:
    """AgreementInv: the view that the crashed coordinator installed is the one that its successor decides."""
    views = second_views(played())
    assert len(views) == 2
    assert views[0] == views[1]
    assert views[0]["sites"] == ["1.1", "2.1", "3.1", "4.1"]


def test_a_take_over_that_forgets_the_proposal_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: the new coordinator proposes what it wants itself. AgreementInv is broken, and TLC says where."""
    to_propose = SiteViewsMachine.to_propose

    def stubborn(self: SiteViewsMachine) -> SiteView | None:
        self.found = None
        return to_propose(self)

    monkeypatch.setattr(SiteViewsMachine, "to_propose", stubborn)
    monkeypatch.setattr(World, "_check_primary", lambda self, site: None)  # which would notice it, too
    lines = played()
    views = second_views(lines)
    assert len(views) == 2
    assert views[0] != views[1]
    judgement = judge_protocol_with_tlc([lines])[0]
    assert not judgement.accepted
    assert judgement.line is not None
    assert lines[judgement.line - 2]["action"] in {"SiteViews!ReceiveResponse", "SiteViews!Propose"}
