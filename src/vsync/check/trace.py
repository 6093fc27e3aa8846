"""The trace format: what a system writes down while it runs, one JSON object a line.

The first line is a header, every other line an event of one of three kinds, told apart by the key that it
has:

- `event`: a *service event*, what a process that uses virtual synchrony sees (the classes `Installed`,
  `Multicasted`, `Delivered`, `Crashed`, `Left`, `JoinAsked`, `Marked`, `Stated`, `ToldSafe`). The guarantees
  concern these only, and a log of nothing else, from any system, can be judged.
- `action`: a *protocol event*, a step of a machine under its TLA+ name (`Stepped`).
- `move`: what the environment did, so that a run can be replayed (`Moved`).

The reader is a stream: it holds one line at a time and believes nothing about time or about the order between
processes. What it cannot use it refuses with an `InputError` that names the line. What a later version may
add, unknown fields and unknown events, it passes over and counts. `traces/README.md` specifies the format for
people, `traces/schema.json` for programs.

Spec: the operators Installed, MulticastedAs, DeliveredAs, Crashed, Left, Stated and ToldSafe of VSProperties.
Paper: 2.4.
"""

import contextlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final, NoReturn

import attrs

from vsync.errors import InputError

FORMAT: Final = "vsync-trace"
VERSION: Final = 1
DEFAULT_GROUP: Final = ""
"""The group of an event that names none."""
STANDARD_STREAM: Final = "-"
LINE_BYTES_MAX: Final = 16 * 1024 * 1024
SHOWN_MAX: Final = 60
CBCAST: Final = "cbcast"
ABCAST: Final = "abcast"
UNIFORM: Final = "uniform"
GBCAST: Final = "gbcast"
PRIMITIVES: Final = (CBCAST, ABCAST, UNIFORM, GBCAST)
"""How a message may be multicast; `UNIFORM` is the ABCAST that is ordered also for those who crash."""

# ------------------------------------------------------------------------------------------------------ data


@attrs.frozen(kw_only=True)
class View:
    """A membership of a group: its number, and its members, oldest first."""

    id: int
    members: tuple[str, ...]

    def __str__(self) -> str:
        return f"view {self.id} ({', '.join(self.members)})" if self.members else "no view"


NO_VIEW: Final = View(id=0, members=())
"""What a process is in before its first view, and after it has left."""


@attrs.frozen(kw_only=True)
class Header:
    """The first line: who wrote the trace, under which configuration and seed.

    `processes`, if given, is the list of all processes that may have events. `guarantees`, if given, names
    the guarantees that the source claims; the others are then not judged.
    """

    source: str = ""
    configuration: Mapping[str, Any] = attrs.field(factory=dict)
    seed: int | None = None
    processes: tuple[str, ...] | None = None
    guarantees: tuple[str, ...] | None = None
    version: int = VERSION


@attrs.frozen(kw_only=True)
class Installed:
    """A process installs a view."""

    kind: ClassVar[str] = "install"
    line: int
    process: str
    view: View
    group: str = DEFAULT_GROUP


@attrs.frozen(kw_only=True)
class Multicasted:
    """A process multicasts a message.

    `to` is the list of groups and processes to which it is addressed; without it, that is its group alone.
    With it, the process need not be a member of any of them.
    """

    kind: ClassVar[str] = "multicast"
    line: int
    process: str
    message: str
    group: str = DEFAULT_GROUP
    payload: Any = None
    primitive: str = CBCAST
    to: tuple[str, ...] | None = None


@attrs.frozen(kw_only=True)
class Delivered:
    """A message is delivered to a process, which may be told who sent it."""

    kind: ClassVar[str] = "deliver"
    line: int
    process: str
    message: str
    group: str = DEFAULT_GROUP
    sender: str | None = None


@attrs.frozen(kw_only=True)
class Left:
    """A process leaves a group; it may come back and install a later view."""

    kind: ClassVar[str] = "leave"
    line: int
    process: str
    group: str = DEFAULT_GROUP


@attrs.frozen(kw_only=True)
class Crashed:
    """A process stops for ever, in all of its groups."""

    kind: ClassVar[str] = "crash"
    line: int
    process: str


@attrs.frozen(kw_only=True)
class JoinAsked:
    """A process asks to join a group. No guarantee concerns it before its first view."""

    kind: ClassVar[str] = "join"
    line: int
    process: str
    group: str = DEFAULT_GROUP


@attrs.frozen(kw_only=True)
class Marked:
    """A mark that the application set, for people and for other tools."""

    kind: ClassVar[str] = "mark"
    line: int
    process: str
    label: Any = None
    group: str = DEFAULT_GROUP


@attrs.frozen(kw_only=True)
class Stated:
    """The state that a process has for a group when it installs a view of it; of a joiner, what it was given.

    `view` is the number of the view. `state` is compared and not read: a digest of the state will do.
    """

    kind: ClassVar[str] = "state"
    line: int
    process: str
    view: int
    state: str
    group: str = DEFAULT_GROUP


@attrs.frozen(kw_only=True)
class ToldSafe:
    """A process is told that a message is stable."""

    kind: ClassVar[str] = "safe"
    line: int
    process: str
    message: str
    group: str = DEFAULT_GROUP


@attrs.frozen(kw_only=True)
class Stepped:
    """A machine took an action; `variables` are those of the process, or of the site, after it."""

    line: int
    action: str
    process: str | None = None
    site: str | None = None
    arguments: Mapping[str, Any] = attrs.field(factory=dict)
    variables: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Moved:
    """The environment made a move, described by `fields`."""

    line: int
    move: str
    fields: Mapping[str, Any] = attrs.field(factory=dict)


KINDS: Final = frozenset(
    kind.kind for kind in (Installed, Multicasted, Delivered, Left, Crashed, JoinAsked, Marked, Stated, ToldSafe)
)
"""The kinds of service events."""
ServiceEvent = Installed | Multicasted | Delivered | Left | Crashed | JoinAsked | Marked | Stated | ToldSafe
Event = ServiceEvent | Stepped | Moved

# ---------------------------------------------------------------------------------------- entry points


@contextlib.contextmanager
def open_trace(path: Path | str) -> Iterator["TraceReader"]:
    """Opens the trace in file `path`, or the one on standard input if `path` is "-".

    Raises InputError if it cannot be opened or has no usable header; iterating raises it for bad lines.
    """
    if str(path) == STANDARD_STREAM:
        yield TraceReader(sys.stdin.buffer, "standard input")
        return
    try:
        stream = open(path, "rb")  # noqa: SIM115 (closed below; the except clause must not cover the caller)
    except FileNotFoundError as missing:
        raise InputError(f"{path}: expected a trace file, but there is no such file: check the path") from missing
    except IsADirectoryError as directory:
        raise InputError(
            f"{path}: expected a trace file, but it is a directory: name a .jsonl file in it"
        ) from directory
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise InputError(f"{path}: expected a readable trace file, but: {reason}") from problem
    with stream:
        yield TraceReader(stream, str(path))


class TraceReader:
    """A trace, read line by line: its header at once, its events by iteration, once.

    After the iteration `truncated` says whether the last line was cut off in the middle, as by a writer that
    crashed (it is then left out), and `unknown` counts the events whose names this version does not know.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.truncated = False
        self.unknown: Counter[str] = Counter()
        self._stream = stream
        self._line = 0
        self._crashed: dict[str, int] = {}
        first = self._next_object()
        if first is None:
            found = "only the beginning of a line" if self.truncated else "nothing"
            raise InputError(
                f"{name}: expected a trace, whose first line is a header, but there is {found}: "
                f'begin with {{"format":"{FORMAT}","version":{VERSION}}}'
            )
        self.header = self._header(first)
        self._known = None if self.header.processes is None else frozenset(self.header.processes)

    def __iter__(self) -> Iterator[Event]:
        """Yields the events in the order of the file. Raises InputError at the first bad line."""
        for _, fields in self.objects():
            event = self._event(fields)
            if event is not None:
                yield event

    def objects(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yields each further line as its number and its JSON object, whatever it says."""
        while (fields := self._next_object()) is not None:
            yield self._line, fields

    def event(self, line: int, fields: dict[str, Any]) -> Event | None:
        """Returns the event that `fields`, the object on line `line`, describe; None if it is not known.

        For whoever has the objects already: from `objects`, or from a system that is running.
        Raises InputError if they describe none.
        """
        self._line = line
        return self._event(fields)

    # -- lines

    def _next_object(self) -> dict[str, Any] | None:
        """Returns the JSON object on the next line that is not blank, None at the end of the trace."""
        while True:
            raw = self._read_line()
            if not raw:
                return None
            self._line += 1
            if len(raw) > LINE_BYTES_MAX:
                self._refuse(f"a line of at most {LINE_BYTES_MAX} bytes", "a longer one", "write one event a line")
            if not raw.strip():
                continue
            try:
                return self._parse(raw)
            except _NotJson as problem:
                if raw.endswith(b"\n"):
                    self._refuse("a JSON object", str(problem), "write one event a line, as JSON in UTF-8")
                self.truncated = True
                return None

    def _read_line(self) -> bytes:
        try:
            return self._stream.readline(LINE_BYTES_MAX + 1)
        except OSError as problem:
            raise InputError(f"{self.name}: expected a readable trace, but: {problem.strerror}") from problem

    def _parse(self, raw: bytes) -> dict[str, Any]:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as problem:
            raise _NotJson(f"bytes that are not UTF-8 (byte {problem.start + 1} of the line)") from problem
        try:
            fields = _DECODER.decode(text)
            if "\\u" in text:
                json.dumps(fields, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError:
            self._refuse("text", "half of a surrogate pair", "write characters outside the BMP as UTF-8")
        except (ValueError, RecursionError) as problem:
            raise _NotJson(_shown(text.strip())) from problem
        if not isinstance(fields, dict):
            self._refuse("a JSON object", _shown(text.strip()), "write one event a line, as an object")
        return fields

    # -- header and events

    def _header(self, fields: dict[str, Any]) -> Header:
        if fields.get("format") != FORMAT:
            self._refuse(
                f'a header, {{"format":"{FORMAT}","version":{VERSION}}}',
                _shown(json.dumps(fields)),
                "put a header before the first event",
            )
        version = self._take(fields, "version", int, "an integer")
        if not 1 <= version <= VERSION:
            self._refuse(f"a version from 1 to {VERSION}", f"version {version}", "install a later virtual-synchrony")
        seed = fields.get("seed")
        if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
            self._refuse('an integer for "seed"', _shown(json.dumps(seed)), "correct it, or leave it out")
        return Header(
            source=self._take(fields, "source", str, "a string", default=""),
            configuration=self._take(fields, "configuration", dict, "an object", default={}),
            seed=seed,
            processes=self._names(fields, "processes", None),
            guarantees=self._names(fields, "guarantees", None),
            version=version,
        )

    def _event(self, fields: dict[str, Any]) -> Event | None:
        """Returns the event that `fields` describe, None if it is one that this version does not know."""
        if ("event" in fields) + ("action" in fields) + ("move" in fields) != 1:
            kinds = [key for key in ("event", "action", "move") if key in fields]
            self._refuse(
                'one of the keys "event", "action" and "move"',
                " and ".join(f'"{kind}"' for kind in kinds) or "none of them",
                "see traces/README.md",
            )
        if "action" in fields:
            return self._stepped(fields)
        if "move" in fields:
            rest = {key: value for key, value in fields.items() if key != "move"}
            return Moved(line=self._line, move=self._name(fields, "move"), fields=rest)
        kind = self._name(fields, "event")
        if kind not in KINDS:
            self.unknown[kind] += 1
            return None
        return self._service_event(kind, fields)

    def _stepped(self, fields: dict[str, Any]) -> Stepped:
        if ("process" in fields) == ("site" in fields):
            self._refuse(
                'either a "process" or a "site"',
                "both" if "site" in fields else "neither",
                "say whose step it is",
            )
        return Stepped(
            line=self._line,
            action=self._name(fields, "action"),
            process=self._name(fields, "process") if "process" in fields else None,
            site=self._name(fields, "site") if "site" in fields else None,
            arguments=self._take(fields, "arguments", dict, "an object", default={}),
            variables=self._take(fields, "variables", dict, "an object", default={}),
        )

    def _service_event(self, kind: str, fields: dict[str, Any]) -> ServiceEvent:
        process = self._name(fields, "process")
        if self._known is not None and process not in self._known:
            self._refuse(
                'a process from the header\'s list "processes"',
                _shown(process),
                "add it to the list, or leave the list out",
            )
        if process in self._crashed:
            self._refuse(
                f"no event of {process} after its crash at line {self._crashed[process]}",
                f"the event {kind}",
                "give a process that recovers a new name: it is a new incarnation",
            )
        if kind == Crashed.kind:
            self._crashed[process] = self._line
            return Crashed(line=self._line, process=process)
        group = self._name(fields, "group") if "group" in fields else DEFAULT_GROUP
        if kind == Delivered.kind:
            sender = self._name(fields, "sender") if "sender" in fields else None
            message = self._name(fields, "message")
            return Delivered(line=self._line, process=process, message=message, group=group, sender=sender)
        where: dict[str, Any] = {"line": self._line, "process": process, "group": group}
        match kind:
            case Installed.kind:
                return Installed(view=self._view(fields), **where)
            case Multicasted.kind:
                return self._multicasted(fields, where)
            case Left.kind:
                return Left(**where)
            case JoinAsked.kind:
                return JoinAsked(**where)
            case Stated.kind:
                return Stated(view=self._number(fields, "view"), state=self._text(fields, "state"), **where)
            case ToldSafe.kind:
                return ToldSafe(message=self._name(fields, "message"), **where)
            case _:
                return Marked(label=fields.get("label"), **where)

    def _multicasted(self, fields: dict[str, Any], where: dict[str, Any]) -> Multicasted:
        primitive = self._take(fields, "primitive", str, "a string", default=CBCAST)
        if primitive not in PRIMITIVES:
            self._refuse(f'one of {", ".join(PRIMITIVES)} for "primitive"', _shown(primitive), "see traces/README.md")
        to = self._names(fields, "to", None)
        if to is not None and (not to or len(set(to)) < len(to)):
            self._refuse('at least one name, and each once, in "to"', _shown(json.dumps(to)), "see traces/README.md")
        if to is not None and "group" in fields:
            self._refuse('either a "group" or a list "to"', "both", 'put the group into "to"')
        return Multicasted(
            message=self._name(fields, "message"),
            payload=fields.get("payload"),
            primitive=sys.intern(primitive),
            to=None if to is None else tuple(map(sys.intern, to)),
            **where,
        )

    def _number(self, fields: dict[str, Any], key: str) -> int:
        """Returns the number of a view."""
        number: int = self._take(fields, key, int, "an integer")
        if number < 1:
            self._refuse(
                f'{"an" if key == "id" else "a"} "{key}" of at least 1',
                str(number),
                "number the views 1, 2, 3, ... (add one if yours begin with 0)",
            )
        return number

    def _view(self, fields: dict[str, Any]) -> View:
        inside = self._take(fields, "view", dict, 'an object with "id" and "members"')
        number = self._number(inside, "id")
        members = self._names(inside, "members", ())
        if not members:
            self._refuse('at least one name in "members"', "none", "list the members of the view, oldest first")
        if len(set(members)) < len(members):
            twice = next(name for name in members if members.count(name) > 1)
            self._refuse('each name once in "members"', f"{_shown(twice)} twice", "list each member once")
        return View(id=number, members=tuple(map(sys.intern, members)))

    # -- fields

    def _take(self, fields: dict[str, Any], key: str, kind: type, expected: str, default: Any = None) -> Any:
        """Returns the value of `key`, which must be of type `kind`; `default` if it is absent."""
        value = fields.get(key, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            came = _shown(json.dumps(fields[key])) if key in fields else "none"
            self._refuse(f'{expected} for "{key}"', came, "see traces/README.md")
        return value

    def _name(self, fields: dict[str, Any], key: str) -> str:
        value = fields.get(key)
        if not isinstance(value, str) or not value:
            came = _shown(json.dumps(value)) if key in fields else "none"
            self._refuse(f'a string, not empty, for "{key}"', came, "see traces/README.md")
        return sys.intern(value)

    def _text(self, fields: dict[str, Any], key: str) -> str:
        text: str = self._take(fields, key, str, "a string")
        return text

    def _names(self, fields: dict[str, Any], key: str, default: Any) -> Any:
        if key not in fields:
            return default
        value = fields[key]
        if not isinstance(value, list) or not all(isinstance(name, str) and name for name in value):
            self._refuse(f'a list of strings for "{key}"', _shown(json.dumps(value)), "see traces/README.md")
        return tuple(value)

    def _refuse(self, expected: str, came: str, remedy: str) -> NoReturn:
        raise InputError(f"{self.name}: line {self._line}: expected {expected}, but came {came}: {remedy}")


# ---------------------------------------------------------------------------------------------------- helpers

_DECODER: Final = json.JSONDecoder(parse_constant=lambda word: _reject_constant(word))


class _NotJson(Exception):
    """A line is no JSON, because it is wrong or because it is incomplete."""


def _reject_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _shown(text: str) -> str:
    """Returns `text`, shortened if it is long, fit to be shown on one line."""
    return ascii(text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "...")
