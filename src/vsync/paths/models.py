"""The models whose paths the machines follow: the module, its stage, and the machines that take part.

Spec: `spec/Paths*.tla`.  Paper: none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from vsync.check.tlc import Verdict, run_tlc
from vsync.errors import EngineError
from vsync.locate import spec_directory
from vsync.paths.flush import Bounds, FlushStage
from vsync.paths.graph import Graph, read_graph
from vsync.paths.stage import Stage


@frozen(kw_only=True)
class PathModel:
    """A model for paths: its configuration in `spec/`, what it checks, and a stage of its machines.

    `small` is a model of the same module that takes a second or two, for tests.
    """

    name: str
    module: str
    checks: str
    note: str
    stage: Callable[[], Stage]
    small: bool = False

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
                brief=self.small,
            )
            if result.verdict is not Verdict.HOLDS:
                raise EngineError(f"expected that {self.name} holds, came: {result.message}; correct the module")
            return read_graph(dump)


def _flush(bounds: Bounds) -> Callable[[], Stage]:
    return lambda: FlushStage(bounds)


MODELS = {
    model.name: model
    for model in (
        PathModel(
            name="PathsFlush",
            module="PathsFlush",
            checks="Flush",
            note="3 founders, 2 views, 1 multicast, 1 crash, 1 wrong suspicion",
            stage=_flush(Bounds(processes=3, founders=3, talkers=("p1",), multicasts=1)),
        ),
    )
}
