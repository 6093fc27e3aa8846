"""The streaming judge beside a system that runs: each line of its trace is judged as it is written.

Spec: VSProperties. Paper: 2.4.
"""

import io
from typing import Any

from vsync.check.judge import Judge
from vsync.check.judgement import Judgement
from vsync.check.properties import Violation
from vsync.check.trace import Header, TraceReader
from vsync.check.writer import encoded, header_fields


class LiveJudge:
    """Judges the lines of one trace, in any order in which a multicast comes before its deliveries.

    `header` is the first line, and `name` what the trace is called in messages.
    """

    def __init__(self, header: Header, name: str = "the running system") -> None:
        self._reader = TraceReader(io.BytesIO(encoded(header_fields(header))), name)
        self._judge = Judge(claimed=header.guarantees)
        self._line = 1

    def observe(self, fields: dict[str, Any]) -> list[Violation]:
        """Judges the next line, and returns the guarantees that it is the first to break.

        Raises InputError if the trace format does not allow the line here.
        """
        self._line += 1
        event = self._reader.event(self._line, fields) if "event" in fields else None
        return [] if event is None else self._judge.observe(event)

    def judgement(self) -> Judgement:
        """Returns the verdict on what has been observed so far."""
        return self._judge.judgement()
