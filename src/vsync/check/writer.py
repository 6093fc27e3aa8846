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

from vsync.check.trace import CBCAST, DEFAULT_GROUP, FORMAT, STANDARD_STREAM, Event, Header, Moved, Stepped
from vsync.errors import InputError


class TraceWriter:
    """Writes a trace so that equal events become equal bytes, and so that no half of a file is ever seen.

    A context manager: what it writes stands under its final name only when the block has ended without an
    exception. The path "-" is standard output; it, a device and a pipe are written to directly.
    """

    def __init__(self, path: Path | str, header: Header) -> None:
        self._path = None if str(path) == STANDARD_STREAM else Path(path)
        self._header = header
        self._line = 0

    def __enter__(self) -> Self:
        self._aside: Path | None = None
        if self._path is None:
            self._stream: BinaryIO = sys.stdout.buffer
        else:
            target = self._path
            if not target.exists() or target.is_file():
                target = self._aside = target.with_name(f".{target.name}.{os.getpid()}.part")
            try:
                self._stream = open(target, "wb")
            except OSError as problem:
                raise InputError(
                    f"{self._path}: expected a place to write a trace to, but: {problem.strerror}"
                ) from problem
        try:
            self._write(header_fields(self._header))
        except BaseException:
            self._close(keep=False)
            raise
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
        self._close(keep=kind is None)

    def _close(self, keep: bool) -> None:
        """Closes the stream, and gives the file its final name; if that fails, too, no part of it is left."""
        if self._path is None:
            self._stream.flush()
            return
        try:
            self._stream.close()
            if keep and self._aside is not None:
                os.replace(self._aside, self._path)
        finally:
            if self._aside is not None:
                self._aside.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Writes a text file in one step: aside first, and then under its name.

    Raises ``InputError`` if nothing can be written there.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_text(text, encoding="utf-8")
        os.replace(aside, path)
    except OSError as problem:
        raise InputError(f"{path}: expected a place to write to, but: {problem.strerror}: name another") from problem
    finally:
        aside.unlink(missing_ok=True)


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
    if fields.get("primitive") == CBCAST:
        del fields["primitive"]
    return {key: value for key, value in fields.items() if value is not None}
