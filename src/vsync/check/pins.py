"""Pins: the state counts in `models.toml` and the tables of `spec/README.md`, rewritten from a run, not by hand.

A pin is a fact that was measured once and must come out the same ever after; so it changes only on request,
and then nothing else in the file does. The edit is made line by line, and is checked before it counts: the
new file, read as TOML, must be the old one with the new pins and no other difference.

Spec: `spec/models.toml`. Paper: none.
"""

import os
import re
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vsync.check.models import TIERS, ModelResult
from vsync.check.tlc import Verdict
from vsync.errors import EngineError


def update_pins(path: Path, results: Sequence[ModelResult]) -> tuple[str, ...]:
    """Rewrites states, depth and seconds in `models.toml` from a run, and returns which models changed.

    States and depth are pinned where the verdict "holds" was expected and came, the depth only if it came
    from one worker; seconds wherever the verdict is the expected one. Nothing else in the file changes,
    comments included, and it is replaced in one step: a reader sees the old file or the new one. Raises
    EngineError if the file cannot be written, or if it cannot be edited without changing something else.
    """
    old = path.read_text(encoding="utf-8")
    lines = old.splitlines(keepends=True)
    changed = []
    expected = tomllib.loads(old)
    for result in results:
        pins = _pins(result)
        if any(expected[result.model.name].get(key) != value for key, value in pins.items()):
            changed.append(result.model.name)
            expected[result.model.name] |= pins
            lines = _with_pins(lines, result.model.name, pins)
    new = "".join(lines)
    if _read(new) != expected:
        raise EngineError(f"expected plain `key = value` lines in {path.name}, came others; pin by hand")
    if changed:
        _replace(path, new)
    return tuple(changed)


def update_tables(readme: Path, models: Path) -> bool:
    """Rewrites the tables of the models in `spec/README.md` from `models.toml`; returns whether they changed.

    Raises EngineError if the file cannot be read or written, or has no headings for the tables.
    """
    try:
        old = readme.read_text(encoding="utf-8")
    except OSError as error:
        raise EngineError(f"expected to read {readme}, came: {error}") from error
    tables = tomllib.loads(models.read_text(encoding="utf-8"))
    new = old
    for tier in TIERS:
        heading = f"### {tier.capitalize()} tier"
        before, found, rest = new.partition(f"{heading}\n\n")
        if not found:
            raise EngineError(f"expected the heading {heading!r} in {readme.name}, came none; put it back")
        after = re.sub(r"(\|[^\n]*\n)*", "", rest, count=1)
        new = before + found + "".join(_rows(tables, tier)) + after
    if new != old:
        _replace(readme, new)
    return new != old


def _rows(tables: dict[str, dict[str, Any]], tier: str) -> Iterator[str]:
    """Yields the lines of the table of one tier."""
    yield "| model | of | kind | must say | states | depth | seconds | bounds |\n"
    yield "|---|---|---|---|---|---|---|---|\n"
    for name, model in tables.items():
        if model["tier"] == tier:
            says = "holds" if model["verdict"] == "holds" else f"violates `{model['by']}`"
            counts = " | ".join(str(model.get(key, "")) for key in ("states", "depth", "seconds"))
            yield f"| `{name}` | {model['checks']} | {model['kind']} | {says} | {counts} | {model['note']} |\n"


def _pins(result: ModelResult) -> dict[str, int]:
    """Returns what the result says about the keys that are measured."""
    tlc, model = result.tlc, result.model
    if tlc is None:
        return {}
    pins: dict[str, int] = {}
    if model.verdict == "holds" and tlc.verdict is Verdict.HOLDS:
        if tlc.distinct is not None:
            pins["states"] = tlc.distinct
        if tlc.depth is not None and tlc.workers == 1:
            pins["depth"] = tlc.depth
    if pins or (result.as_expected and model.verdict == "violated"):
        pins["seconds"] = max(1, round(tlc.seconds))
    return pins


def _with_pins(lines: list[str], name: str, pins: dict[str, int]) -> list[str]:
    """Returns the lines with the pins of the table `name`, new ones at its end."""
    header = re.compile(rf"\s*\[\s*[\"']?{re.escape(name)}[\"']?\s*\]")
    start = next((number for number, line in enumerate(lines) if header.match(line)), len(lines)) + 1
    end = next((number for number in range(start, len(lines)) if lines[number].lstrip().startswith("[")), len(lines))
    table, missing = lines[start:end], dict(pins)
    for number, line in enumerate(table):
        found = re.match(r"(\s*(\w+)\s*=\s*)([\d_.]+)(.*)", line, re.DOTALL)
        if found and found[2] in missing:
            table[number] = f"{found[1]}{missing.pop(found[2])}{found[4]}"
    last = max((number for number, line in enumerate(table) if re.match(r"\s*\w+\s*=", line)), default=-1) + 1
    if missing and last and not table[last - 1].endswith("\n"):
        table[last - 1] += "\n"
    table[last:last] = [f"{key} = {value}\n" for key, value in missing.items()]
    return [*lines[:start], *table, *lines[end:]]


def _read(text: str) -> dict[str, Any] | None:
    """Returns the tables of a TOML text; None if it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _replace(path: Path, text: str) -> None:
    """Replaces the content of a file in one step."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as aside:
            try:
                aside.write(text)
                aside.flush()
                os.fsync(aside.fileno())
                os.chmod(aside.name, path.stat().st_mode & 0o7777)
                os.replace(aside.name, path)
            except BaseException:
                os.unlink(aside.name)
                raise
    except OSError as error:
        raise EngineError(f"expected to write {path}, came: {error}; make its directory writable") from error
