"""What of the machines' code runs reach: each statement inside a function, counted by the package `coverage`.

A statement is known by its module, the function in which it stands, and the text of its first line: not by the
number of that line, which moves.

Spec: none. Paper: none.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from vsync.errors import EngineError


@frozen(kw_only=True, order=True)
class Statement:
    """A statement of a machine's module, ``where`` it stands, and the text of its first line."""

    module: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.module}.{self.where}: {self.text}"


class Reached:
    """The statements of some modules, and which of them runs have reached so far.

    Arguments: the modules, by their names inside the package ``vsync``.
    Errors: ``EngineError`` if the package ``coverage`` is not installed.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        if importlib.util.find_spec("coverage") is None:
            raise EngineError("expected the package coverage, but it is not installed: pip install coverage")
        self.files = {name: _file_of(name) for name in modules}
        self._coverage: Any = importlib.import_module("coverage").Coverage(
            data_file=None, config_file=False, include=[str(path) for path in self.files.values()]
        )

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Whatever is reached in the block counts, in this process and thread."""
        self._coverage.start()
        try:
            yield
        finally:
            self._coverage.stop()

    def amounts(self, module: str) -> tuple[int, int]:
        """How many statements of a module were reached, and how many there are."""
        statements, missing = self._lines(module)
        return len(statements) - len(missing), len(statements)

    def statements(self) -> list[Statement]:
        """All statements."""
        return [each for module in self.files for each in _in_words(module, self.files[module], self._lines(module)[0])]

    def missing(self) -> list[Statement]:
        """The statements that were never reached, in the order of the code."""
        return [each for module in self.files for each in _in_words(module, self.files[module], self._lines(module)[1])]

    def _lines(self, module: str) -> tuple[list[int], list[int]]:
        """The lines of a module's statements inside functions, and of those that were never reached."""
        path = self.files[module]
        _, statements, _, missing, _ = self._coverage.analysis2(str(path))
        inside = _functions(path)
        return [line for line in statements if line in inside], [line for line in missing if line in inside]


def _file_of(module: str) -> Path:
    found = importlib.util.find_spec(f"vsync.{module}")
    if found is None or found.origin is None:
        raise EngineError(f"expected the name of a module of vsync, came {module!r}: correct it")
    return Path(found.origin)


def _in_words(module: str, path: Path, lines: Sequence[int]) -> list[Statement]:
    text, inside = path.read_text(encoding="utf-8").splitlines(), _functions(path)
    return [Statement(module=module, where=inside[line], text=text[line - 1].strip()) for line in lines]


def _functions(path: Path) -> dict[int, str]:
    """The lines inside the functions of a file, each with the name of its function."""
    inside: dict[int, str] = {}

    def visit(node: ast.AST, names: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef):
                within = (*names, child.name)
                if isinstance(child, ast.FunctionDef):
                    last = child.end_lineno or child.lineno
                    inside.update(dict.fromkeys(range(child.body[0].lineno, last + 1), ".".join(within)))
                visit(child, within)
            else:
                visit(child, names)

    visit(ast.parse(path.read_text(encoding="utf-8")), ())
    return inside
