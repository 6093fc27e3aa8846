"""One measurement in a process of its own, so that its memory is its own: `python -m vsync.bench.alone WHAT FILE`.

It prints a JSON object: how many `events`, `cpu_seconds`, `peak_mb` (of the whole process, the interpreter included),
and whether the trace was `accepted`, null if it was only decoded.

Spec: none. Paper: none.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import attrs

from vsync.check.judge import judge_file
from vsync.check.trace import open_trace
from vsync.errors import EngineError

STATUS: Final = Path("/proc/self/status")
"""Where Linux says how much memory a program has had at most since it began, and not the one that started it, too."""
PEAK: Final = "VmHWM:"
UNIT: Final = 1 if sys.platform == "darwin" else 1024
"""In how many bytes `getrusage` counts elsewhere."""
DECODE: Final = "decode"
JUDGE: Final = "judge"


@attrs.frozen(kw_only=True)
class Alone:
    """What a process of its own took for a trace."""

    events: int
    cpu_seconds: float
    peak_mb: float
    accepted: bool | None

    @property
    def events_per_second(self) -> float:
        """The events by the seconds of the processor."""
        return self.events / self.cpu_seconds


def measured_alone(what: str, path: Path) -> Alone:
    """Decodes or judges a trace in a process of its own. Raises EngineError if that fails."""
    command = [sys.executable, "-m", "vsync.bench.alone", what, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineError(f"expected to {what} {path}, but it ended with {done.returncode}: {done.stderr[-500:]}")
    return Alone(**json.loads(done.stdout))


def decode(path: Path) -> tuple[int, None]:
    """Reads a trace, and does nothing with it; returns how many events it has."""
    with open_trace(path) as reader:
        return sum(1 for _ in reader), None


def judge(path: Path) -> tuple[int, bool]:
    """Judges a trace by every guarantee; returns how many events it has, and whether it is accepted."""
    judgement = judge_file(path)
    return judgement.counts.events, judgement.accepted


def peak_mb() -> float:
    """Returns how much memory this process has had at most, the interpreter included, in megabytes (of 2**20 bytes)."""
    if STATUS.is_file():
        lines = STATUS.read_text(encoding="ascii", errors="replace").splitlines()
        for line in lines:
            if line.startswith(PEAK):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 2**20


def main(what: str, path: str) -> None:
    """Measures, and prints what was measured."""
    start = time.process_time()
    events, accepted = (decode if what == DECODE else judge)(Path(path))
    seconds = time.process_time() - start
    found: dict[str, Any] = {"events": events, "cpu_seconds": seconds, "peak_mb": peak_mb(), "accepted": accepted}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
