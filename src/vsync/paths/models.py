"""The models whose paths the machines follow: the module, its stage, and the machines that take part.

Spec: `spec/Paths*.tla`.  Paper: none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from vsync.abcast import AbcastMachine
from vsync.cbcast_lists import CbcastListsMachine
from vsync.check.tlc import Verdict, run_tlc
from vsync.errors import EngineError
from vsync.flush import FlushMachine
from vsync.locate import spec_directory
from vsync.paths.flush import Bounds, FlushStage
from vsync.paths.graph import Graph, read_graph
from vsync.paths.lists import AbcastStage, ListsStage
from vsync.paths.site_views import SiteViewsStage
from vsync.paths.stage import Stage
from vsync.site_views import SiteViewsMachine


@frozen(kw_only=True)
class PathModel:
    """A model for paths: its configuration in `spec/`, what it checks, and a stage of its machines.

    `machine` is the class of these machines.
    """

    name: str
    module: str
    checks: str
    note: str
    machine: type
    stage: Callable[[], Stage]

    def graph(self, timeout_seconds: float | None = None) -> Graph:
        """Returns the state graph that TLC finds.  Raises EngineError if there is a step too many."""
        directory = spec_directory()
        with tempfile.TemporaryDirectory(prefix="vsync-paths-") as scratch:
            dump = Path(scratch) / "graph.dot"
            result = run_tlc(
                directory / f"{self.module}.tla",
                directory / f"{self.name}.cfg",
                library=(directory,),
                timeout_seconds=timeout_seconds,
                dump=dump,
                brief=True,
            )
            if result.verdict is not Verdict.HOLDS:
                raise EngineError(f"expected that {self.name} holds, came: {result.message}; correct the module")
            return read_graph(dump)


def _played(stage: type[FlushStage], bounds: Bounds) -> Callable[[], Stage]:
    return lambda: stage(bounds)


def _lists(*lists: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(members.split()) for members in lists)


MODELS = {
    model.name: model
    for model in (
        PathModel(
            name="PathsFlush",
            module="PathsFlush",
            checks="Flush",
            note="3 founders, 2 views, 1 multicast, 1 crash, 1 wrong suspicion",
            machine=FlushMachine,
            stage=_played(FlushStage, Bounds(processes=3, founders=3, talkers=("p1",), multicasts=1)),
        ),
        PathModel(
            name="PathsFlushSmall",
            module="PathsFlush",
            checks="Flush",
            note="2 founders, 2 views, 1 multicast, 1 crash, 1 wrong suspicion",
            machine=FlushMachine,
            stage=_played(FlushStage, Bounds(processes=2, founders=2, talkers=("p1",), multicasts=1)),
        ),
        PathModel(
            name="PathsFlushViews",
            module="PathsFlush",
            checks="Flush",
            note="1 founder and 2 joiners, 3 views",
            machine=FlushMachine,
            stage=_played(FlushStage, Bounds(processes=3, founders=1, talkers=("p1",), multicasts=0)),
        ),
        PathModel(
            name="PathsCbcastLists",
            module="PathsCbcastLists",
            checks="CbcastLists",
            note="3 members, 2 lists, 2 multicasts",
            machine=CbcastListsMachine,
            stage=_played(
                ListsStage,
                Bounds(
                    processes=3,
                    founders=3,
                    talkers=("p1", "p2"),
                    multicasts=2,
                    lists=_lists("p1 p2 p3", "p2 p3"),
                    kinds=("cbcast",),
                ),
            ),
        ),
        PathModel(
            name="PathsCbcastListsStable",
            module="PathsCbcastLists",
            checks="CbcastLists",
            note="2 members, 2 lists, 1 multicast, acknowledged, 2 views, 1 crash",
            machine=CbcastListsMachine,
            stage=_played(
                ListsStage,
                Bounds(
                    processes=2,
                    founders=2,
                    talkers=("p1", "p2"),
                    multicasts=1,
                    lists=_lists("p1 p2", "p2"),
                    kinds=("cbcast",),
                    acknowledging=True,
                ),
            ),
        ),
        PathModel(
            name="PathsAbcast",
            module="PathsAbcast",
            checks="Abcast",
            note="2 members, 2 multicasts, each a CBCAST or an ABCAST",
            machine=AbcastMachine,
            stage=_played(
                AbcastStage,
                Bounds(
                    processes=2,
                    founders=2,
                    talkers=("p1", "p2"),
                    multicasts=2,
                    lists=_lists("p1 p2"),
                    kinds=("cbcast", "abcast"),
                ),
            ),
        ),
        PathModel(
            name="PathsAbcastUniform",
            module="PathsAbcast",
            checks="Abcast",
            note="3 members, 2 lists, 1 uniform ABCAST",
            machine=AbcastMachine,
            stage=_played(
                AbcastStage,
                Bounds(
                    processes=3,
                    founders=3,
                    talkers=("p1",),
                    multicasts=1,
                    lists=_lists("p1 p2", "p1 p2 p3"),
                    kinds=("uniform",),
                ),
            ),
        ),
        PathModel(
            name="PathsSiteViews",
            module="PathsSiteViews",
            checks="SiteViews",
            note="3 sites, any suspects any once, wrongly",
            machine=SiteViewsMachine,
            stage=lambda: SiteViewsStage(("s1", "s2", "s3"), 3, {"x": "s3"}),
        ),
        PathModel(
            name="PathsSiteViewsBlocks",
            module="PathsSiteViews",
            checks="SiteViews",
            note="3 sites, the oldest suspects both others",
            machine=SiteViewsMachine,
            stage=lambda: SiteViewsStage(("s1", "s2", "s3"), 3, {"x": "s3"}),
        ),
        PathModel(
            name="PathsSiteViewsJoin",
            module="PathsSiteViews",
            checks="SiteViews",
            note="2 sites, a third joins, one crash",
            machine=SiteViewsMachine,
            stage=lambda: SiteViewsStage(("s1", "s2", "s4"), 2, {"x": "s2"}),
        ),
        PathModel(
            name="PathsSiteViewsGroup",
            module="PathsSiteViews",
            checks="SiteViews",
            note="2 sites, a process starts and stops, another starts",
            machine=SiteViewsMachine,
            stage=lambda: SiteViewsStage(("s1", "s2"), 2, {"x": "s2", "y": "s1"}),
        ),
    )
}
