"""A pytest fixture: groups that run your application, whose traces are kept when the test fails.

Say so in your `conftest.py`::

    pytest_plugins = ["vsync.testing.fixtures"]

It is asked for by name, rather than found by pytest as an entry point: an entry point would be loaded in every session
of every project that has this package installed, whether it tests an application with it or not.

Spec: none. Paper: none.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Protocol

import pytest

from vsync.testing.application import Application
from vsync.testing.group import SimulatedGroup
from vsync.types import Address

FAILED = pytest.StashKey[bool]()


class MakesGroup(Protocol):
    """Makes a group that runs an application."""

    def __call__(self, application: Callable[[Address], Application], *, sites: int = 3) -> SimulatedGroup: ...


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Remembers whether the test itself has failed, for the fixture."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def simulated_group(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[MakesGroup]:
    """Makes groups: `group = simulated_group(Cars, sites=3)`; in the end each of them has to come to rest.

    If the test fails, the trace of each is written into its temporary directory, and the report says where.
    """
    groups: list[SimulatedGroup] = []

    def make(application: Callable[[Address], Application], *, sites: int = 3) -> SimulatedGroup:
        groups.append(SimulatedGroup(application, sites=sites))
        return groups[-1]

    yield make
    if not request.node.stash.get(FAILED, False):
        for group in groups:
            group.settle()
        return
    for number, group in enumerate(groups, start=1):
        path = tmp_path / f"group-{number}.jsonl"
        group.write(path)
        request.node.add_report_section("teardown", "vsync", f"vsync show {path} -o page.html draws what happened")
