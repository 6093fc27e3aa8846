"""Values of TLA+, as TLC writes them, and as Python can compare them.

A sequence is a tuple, a set a frozenset, a record or another function a ``Function``.  Strings and model
values are both text: no model here has a string that is also the name of a model value.  A function without
elements is the empty sequence, as it is in TLA+.

Spec: any.  Paper: none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vsync.errors import EngineError

Value = Any
"""``int``, ``bool``, ``str``, ``tuple``, ``frozenset`` or ``Function``, of such values."""

_TOKEN = re.compile(r'<<|>>|\|->|:>|@@|[\[\](){},]|"(?:[^"\\]|\\.)*"|-?\d+|\w+')


class Function(frozenset[tuple[Value, Value]]):
    """A function that has elements, as the set of its pairs; it equals no set."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and frozenset.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = frozenset.__hash__

    def as_dict(self) -> dict[Value, Value]:
        """The function as a dictionary."""
        return dict(self)


def function(pairs: Mapping[Value, Value]) -> Value:
    """Returns the function with these pairs."""
    return Function(pairs.items()) if pairs else ()


def record(**fields: Value) -> Function:
    """Returns the record with these fields."""
    return Function(fields.items())


def parse(text: str) -> Value:
    """Reads one value.  Raises EngineError for what TLC does not write."""
    tokens = _Tokens(_TOKEN.findall(text))
    value = _value(tokens)
    if tokens.next() is not None:
        raise EngineError(f"expected one value of TLA+, came {text[:200]!r}: report this, with the version of TLC")
    return value


def as_text(value: Value) -> str:
    """Returns a value as TLA+ has it, sets and functions in the order of their texts."""
    match value:
        case bool():
            return str(value).upper()
        case tuple():
            return f"<<{', '.join(map(as_text, value))}>>"
        case Function():
            return f"[{', '.join(sorted(f'{as_text(key)} |-> {as_text(item)}' for key, item in value))}]"
        case frozenset():
            return f"{{{', '.join(sorted(map(as_text, value)))}}}"
        case _:
            return str(value)


class _Tokens:
    """The tokens of a value, one after the other; None behind the last."""

    def __init__(self, tokens: list[str]) -> None:
        self._rest: Iterator[str] = iter(tokens)
        self._back: list[str] = []

    def next(self) -> str | None:
        return self._back.pop() if self._back else next(self._rest, None)

    def back(self, token: str | None) -> None:
        if token is not None:
            self._back.append(token)


def _value(tokens: _Tokens) -> Value:
    token = tokens.next()
    match token:
        case "<<":
            return tuple(_items(tokens, ">>"))
        case "{":
            return frozenset(_items(tokens, "}"))
        case "[":
            return Function(_pairs(tokens, "|->", ",", "]"))
        case "(":
            return Function(_pairs(tokens, ":>", "@@", ")"))
        case "TRUE" | "FALSE":
            return token == "TRUE"
        case None | ">>" | "}" | "]" | ")" | "," | ":>" | "@@" | "|->":
            raise EngineError(f"expected a value of TLA+, came {token!r}: report this, with the version of TLC")
        case _ if token[0] == '"':
            return token[1:-1]
        case _ if token.lstrip("-").isdigit():
            return int(token)
        case _:
            return token


def _items(tokens: _Tokens, close: str) -> Iterator[Value]:
    token = tokens.next()
    while token != close:
        if token != ",":
            tokens.back(token)
        yield _value(tokens)
        token = tokens.next()


def _pairs(tokens: _Tokens, arrow: str, comma: str, close: str) -> Iterator[tuple[Value, Value]]:
    token = comma
    while token == comma:
        key = _value(tokens)
        if (came := tokens.next()) != arrow:
            raise EngineError(f"expected {arrow!r} in a value of TLA+, came {came!r}: report this")
        yield key, _value(tokens)
        token = tokens.next() or ""
    if token != close:
        raise EngineError(f"expected {close!r} in a value of TLA+, came {token!r}: report this")
