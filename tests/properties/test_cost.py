"""What the primitives cost, in messages between sites before the remote delivery, as the paper has it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from vsync.abcast import AbcastMachine
from vsync.cli import main
from vsync.messages import Message
from vsync.sim.cost import primitives


def before() -> dict[tuple[str, bool], int]:
    """The messages before the last remote delivery, by primitive and whether a site crashed."""
    return {(one.kind, one.crash): one.before for one in primitives()}


def test_costs_are_those_of_the_paper() -> None:
    """Birman and Joseph 1987, section 3.1: CBCAST takes 1 message before the delivery, ABCAST 3, GBCAST 3 or 5."""
    costs = before()
    assert costs["cbcast", False] == 1
    assert costs["abcast", False] == 3
    assert costs["uniform", False] == 5
    assert costs["gbcast", False] == 3
    assert costs["gbcast", True] == 5


def test_an_abcast_that_waits_for_nobody_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted bug: who receives an ABCAST delivers it before it has its number. It then takes one message."""

    def at_once(self: AbcastMachine) -> Message | None:
        return next((m for m in self.queue() if self.deliverable(m)), None)

    monkeypatch.setattr(AbcastMachine, "next_by_number", at_once)
    assert before()["abcast", False] == 1


def test_the_command_tells_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both tables as JSON; the chart is well-formed, and has all sizes and values."""
    path = tmp_path / "growth.svg"
    assert main(["cost", "--json", "--sites", "8", "4", "-o", str(path)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["sites"] for one in said["growth"]] == [4, 8]
    assert said["growth"][0]["messages"] < said["growth"][1]["messages"]
    assert len(said["primitives"]) == 8
    texts = [text.text for text in ElementTree.parse(path).iter() if text.tag.endswith("text")]
    assert {"4", "8", "bytes per multicast"} <= set(texts)


def test_a_size_without_a_majority_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Two sites cannot go on when one of them crashes: nothing could be measured."""
    assert main(["cost", "--sites", "2"]) == 2
    assert "at least 3 sites" in capsys.readouterr().err
