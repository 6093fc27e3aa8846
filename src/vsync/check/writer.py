"""Writing traces: equal events become equal bytes, and no half of a file is ever seen.

Spec: none. Paper: none. The format: traces/README.md.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import attrs

from vsync.check.trace import DEFAULT_GROUP, FORMAT, STANDARD_STREAM, Event, Header, Moved, Stepped
from vsync.errors import InputError


class TraceWriter:
    """Writes a trace so that equal events become equal bytes, and so that no half of a file is ever seen.

    A context manager: what it writes stands under its final name only when the block has ended without an
    exception. The path "-" is standard output, written to directly.
    """

    def __init__(self, path: Path | str, header: Header) -> None:
        self._path = None if str(path) == STANDARD_STREAM else Path(path)
        self._header = header
        self._line = 0

    def __enter__(self) -> Self:
        if self._path is None:
            self._stream: BinaryIO = sys.stdout.buffer
        else:
            self._aside = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
            try:
                self._stream = open(self._aside, "wb")
            except OSError as problem:
                raise InputError(
                    f"{self._path}: expected a place to write a trace to, but: {problem.strerror}"
                ) from problem
        self._write(header_fields(self._header))
        return self

    def write(self, event: Event | Mapping[str, Any]) -> int:
        """Writes one event, given as an event (its own line number is ignored) or as the fields of one.

        Returns the number of the line that it is written to.
        """
        self._write(event if isinstance(event, Mapping) else event_fields(event))
        return self._line

    def _write(self, fields: Mapping[str, Any]) -> None:
        self._stream.write(encoded(fields))
        self._line += 1

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._path is None:
            self._stream.flush()
            return
        self._stream.close()
        if kind is None:
            os.replace(self._aside, self._path)
        else:
            self._aside.unlink(missing_ok=True)


def encoded(fields: Mapping[str, Any]) -> bytes:
    """Returns the line that stands for `fields`: keys sorted, no spaces, UTF-8, one newline at the end."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8") + b"\n"


def header_fields(header: Header) -> dict[str, Any]:
    """Returns the JSON object of a header, without what it leaves open."""
    fields = {"format": FORMAT, **attrs.asdict(header)}
    return {key: value for key, value in fields.items() if value is not None}


def event_fields(event: Event) -> dict[str, Any]:
    """Returns the JSON object of an event, without its line number and without what it leaves open."""
    if isinstance(event, Moved):
        return {**event.fields, "move": event.move}
    fields = attrs.asdict(event)
    del fields["line"]
    if isinstance(event, Stepped):
        return {key: value for key, value in fields.items() if value is not None}
    fields["event"] = event.kind
    if fields.get("group") == DEFAULT_GROUP:
        del fields["group"]
    return {key: value for key, value in fields.items() if value is not None}
