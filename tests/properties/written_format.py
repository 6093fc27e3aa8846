"""A second decoder, which knows the format from the tables of ``FORMAT.md`` alone.

It shares no code with the codec and gives plain values: numbers, text, lists, dictionaries.  The written rules
of a class, which are sentences, are taught to it by hand; a sentence that it has not been taught is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

FORMAT = (files("vsync.runtime") / "FORMAT.md").read_text(encoding="utf-8")

Plain = Any
Parsed = tuple[Plain, int]


class MalformedError(Exception):
    """The bytes are not the encoding of a value."""


def demand(holds: object) -> None:
    """Refuse the bytes unless this holds."""
    if not holds:
        raise MalformedError


def rows(heading: str, header: str) -> list[list[str]]:
    """The cells of the table with this header, under this heading."""
    chapter = re.split(rf"^## {heading}$", FORMAT, flags=re.MULTILINE)[1].split("\n## ")[0]
    lines = chapter[chapter.index(header) :].splitlines()[2:]
    table = lines[: next((place for place, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def cited(cell: str) -> str:
    """The text between the first back quotes of a cell."""
    found = re.search(r"`([^`]*)`", cell)
    assert found is not None, f"{cell} has nothing in back quotes"
    return found[1]


PLAIN_TAGS = {row[1]: int(cited(row[0]), 16) for row in rows("Tags of plain types", "| tag | type |")}
CLASSES = {cited(row[1]): row for row in rows("Classes", "| tag | class |")}
CLASS_TAGS = {name: int(cited(row[0]), 16) for name, row in CLASSES.items()}
FIELD_TYPES = {
    int(cited(row[place]), 16): row[place + 1] for row in rows("Symbol tables", "| type | holds |") for place in (0, 2)
}
SYSTEM_FIELDS = {cited(row[0]): row[1] for row in rows("Symbol tables", "| name | type |")}
LIMITS = {row[0]: row[1] for row in rows("Limits", "| what | limit |")}
VERSION = 1


def limit(what: str) -> int:
    """The number at the beginning of a limit."""
    return int(LIMITS[what].split()[0])


def class_fields(name: str) -> list[tuple[str, str, bool]]:
    """The fields of a class: name, type, whether it is ordering information."""
    text = CLASSES[name][2]
    found = [re.fullmatch(r"`(\w+)`(\*?) (.*)", each) for each in text.split("; ")] if text != "none" else []
    assert all(found), f"{name} has the fields {text}"
    return [(match[1], match[3], bool(match[2])) for match in found if match]


_numbers: list[tuple[int, int, bool]] = []


def numbers_in(data: bytes) -> list[tuple[int, int, bool]]:
    """The naturals of an encoding: where each begins and ends, and whether it is a count."""
    _numbers.clear()
    parse(data)
    return list(_numbers)


def parse(data: bytes) -> Plain:
    """The plain value of these bytes; raises ``MalformedError`` unless they are the encoding of one."""
    demand(2 <= len(data) <= limit("an encoding"))
    demand(data[0] == VERSION)
    tops = {tag: name for name, tag in CLASS_TAGS.items()} | {PLAIN_TAGS["table"]: "table"}
    demand(data[1] in tops)
    value, end = parse_type(tops[data[1]], data, 2, 0)
    demand(end == len(data))
    return value


def parse_type(kind: str, data: bytes, at: int, depth: int) -> Parsed:
    """A value of a type of the written format, and where it ends."""
    if kind.startswith("one of "):
        words = kind.removeprefix("one of ").split(", ")
        demand(at < len(data) and data[at] < len(words))
        return words[data[at]], at + 1
    if kind.startswith("list of "):
        return parse_list(kind.removeprefix("list of "), data, at, depth)
    if kind.startswith("set of "):
        return parse_set(kind.removeprefix("set of "), data, at, depth)
    if kind.startswith("(") and kind.endswith(")"):
        kind = kind[1:-1]
        if ", " in kind:
            return parse_several(kind.split(", "), data, at, depth)
    if " or " in kind:
        demand(at < len(data))
        tags = {(PLAIN_TAGS | CLASS_TAGS)[each]: each for each in kind.split(" or ")}
        demand(data[at] in tags)
        return parse_type(tags[data[at]], data, at + 1, depth)
    return parse_class(kind, data, at, depth) if kind in CLASSES else SIMPLE[kind](data, at, depth)


def parse_natural(data: bytes, at: int, depth: int = 0) -> Parsed:
    demand(at < len(data))
    size = (1, 2, 4, 8)[data[at] // 64]
    demand(at + size <= len(data))
    value = int.from_bytes(bytes([data[at] % 64]) + data[at + 1 : at + size], "big")
    demand(size == next(each for each in (1, 2, 4, 8) if value < 2 ** (8 * each - 2)))
    _numbers.append((at, at + size, False))
    return value, at + size


def parse_count(data: bytes, at: int) -> tuple[int, int]:
    count, end = parse_natural(data, at)
    _numbers[-1] = (at, end, True)
    return count, end


def parse_list(item: str, data: bytes, at: int, depth: int) -> Parsed:
    count, at = parse_count(data, at)
    demand(count <= len(data) - at)  # no item is smaller than a byte
    items = []
    for _ in range(count):
        value, at = parse_type(item, data, at, depth)
        items.append(value)
    return items, at


def parse_set(item: str, data: bytes, at: int, depth: int) -> Parsed:
    count, at = parse_count(data, at)
    demand(count <= len(data) - at)
    items: list[Plain] = []
    before = b""
    for _ in range(count):
        value, end = parse_type(item, data, at, depth)
        demand(before < data[at:end])
        before, at = data[at:end], end
        items.append(value)
    return sorted(items, key=repr), at


def parse_several(kinds: list[str], data: bytes, at: int, depth: int) -> Parsed:
    items = []
    for kind in kinds:
        value, at = parse_type(kind, data, at, depth)
        items.append(value)
    return items, at


def parse_bytes(data: bytes, at: int, depth: int) -> Parsed:
    count, at = parse_count(data, at)
    demand(at + count <= len(data))
    return data[at : at + count], at + count


def parse_text(data: bytes, at: int, depth: int) -> Parsed:
    value, end = parse_bytes(data, at, depth)
    return characters(value), end


def characters(data: bytes) -> str:
    try:
        return data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise MalformedError from error


def parse_fixed(size: int, read: Callable[[bytes], Plain]) -> Callable[[bytes, int, int], Parsed]:
    def parsed(data: bytes, at: int, depth: int) -> Parsed:
        demand(at + size <= len(data))
        return read(data[at : at + size]), at + size

    return parsed


def a_boolean(data: bytes) -> bool:
    demand(data in (b"\x00", b"\x01"))
    return data == b"\x01"


def a_float(data: bytes) -> str:
    number = int.from_bytes(data, "big") % 2**63
    demand(number <= 0x7FF << 52 or data.hex() == "7ff8000000000000")
    return data.hex()


def an_address(data: bytes) -> tuple[int, ...]:
    site, incarnation, number = (int.from_bytes(data[place : place + 2], "big") for place in (0, 2, 4))
    kind, entry = data[6:]
    demand(site and incarnation and kind < 3 and entry == 0)
    demand(number == 0 if kind == 0 else number > 0)
    return site, incarnation, number, kind


def parse_table(data: bytes, at: int, depth: int) -> Parsed:
    demand(depth < limit("tables in each other"))
    count, at = parse_count(data, at)
    demand(count <= (len(data) - at) / 4)  # no field is smaller than that
    table: dict[str, Plain] = {}
    before = b""
    for _ in range(count):
        demand(at < len(data))
        size = data[at]
        name = data[at + 1 : at + 1 + size]
        at += 1 + size
        demand(name > before and at < len(data))
        before = name
        demand(data[at] in FIELD_TYPES)
        kind = FIELD_TYPES[data[at]]
        value, at = parse_type(kind, data, at + 1, depth + 1)
        if name.startswith(b"$"):
            demand(depth == 0 and SYSTEM_FIELDS.get(characters(name)) == kind)
            demand(name != b"$entry" or 0 <= value <= 255)
        table[characters(name)] = value
    return table, at


SIMPLE: dict[str, Callable[[bytes, int, int], Parsed]] = {
    "nothing": lambda data, at, depth: (None, at),
    "natural": parse_natural,
    "integer": parse_fixed(8, lambda data: int.from_bytes(data, "big", signed=True)),
    "float": parse_fixed(8, a_float),
    "boolean": parse_fixed(1, a_boolean),
    "bytes": parse_bytes,
    "text": parse_text,
    "address": parse_fixed(8, an_address),
    "table": parse_table,
}


def parse_class(name: str, data: bytes, at: int, depth: int) -> Parsed:
    values: dict[str, Plain] = {}
    for field, kind, _ in class_fields(name):
        values[field], at = parse_type(kind, data, at, depth)
    for sentence in filter(None, CLASSES[name][3].split("; ")):
        demand(rule(sentence)(values))
    return values, at


SITE, GROUP = 0, 2


def once(items: list[Plain]) -> bool:
    return all(item not in items[:place] for place, item in enumerate(items))


def rule(sentence: str) -> Callable[[Plain], bool]:
    """What a sentence of the column "rules" says."""
    if numbered := re.fullmatch(r"(\w+) from (\d+)", sentence):
        name, least = numbered.groups()
        return lambda value: bool(value[name] >= int(least))
    return RULES[sentence]


RULES: dict[str, Callable[[Plain], bool]] = {
    "a sender that is no group": lambda value: value["sender"][3] != GROUP,
    "members, at least one, each once": lambda value: len(value["members"]) >= 1 and once(value["members"]),
    "sites, at least one, each once": lambda value: (
        len(value["sites"]) >= 1 and once(value["sites"]) and all(site[3] == SITE for site in value["sites"])
    ),
    "members at the sites of the view, each once": lambda value: (
        once(value["members"])
        and all(any(member[:2] == site[:2] for site in value["sites"]) for member in value["members"])
    ),
    "the address of a group": lambda value: value["address"][3] == GROUP,
    "a site that fails or joins, no group that starts or stops": lambda value: (
        value["who"][3] == SITE if value["change"] in ("fail", "join") else value["who"][3] != GROUP
    ),
    "views, at least one, numbered one after the other": lambda value: (
        len(value["views"]) >= 1
        and [view["id"] for view in value["views"]]
        == list(range(value["views"][0]["id"], value["views"][0]["id"] + len(value["views"])))
    ),
}
