"""Scenarios: stories that a teacher can read aloud, and that a machine can play.

A scenario is a text file: a title, some sentences of prose with a ``Source:``, a line ``---``, and then one
step a line. A step is a sentence of a fixed form; the forms are the tables ``STEPS`` and ``FACTS`` below,
and there are no others; what they say is in ``vsync.sim.sentences``. This module reads them;
``vsync.sim.stage`` plays them.

In a form, ``{name}`` stands for a word or a list of words (``1.1, 2.1 and 3.1``), ``[...]`` may be left out,
``(s)`` and ``are`` agree with their subject.

Spec: the environment's actions, as for `vsync.sim.moves`.
Paper: Birman and Joseph 1987, sections 2.1 and 2.4.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

from attrs import frozen

from vsync.errors import InputError
from vsync.messages import Heartbeat, Packet, SiteMessage, TransferPacket
from vsync.sim.sentences import (
    EVERYTHING,
    ArriveAt,
    Begin,
    Blocks,
    CallFlush,
    ComesBefore,
    ComesBy,
    Configure,
    Corrected,
    Crash,
    CrashSite,
    Create,
    Delivers,
    Expect,
    Fact,
    FlushReturns,
    Gone,
    GoOff,
    HasLeft,
    HasState,
    Hold,
    InOneOrder,
    Installs,
    InView,
    Join,
    Kill,
    Leave,
    LookUp,
    Multicast,
    Refused,
    Release,
    Run,
    SeesSetting,
    Sends,
    Start,
    StartSite,
    Step,
    StoryBegins,
    Suspect,
    Takes,
    Trust,
    UnderWay,
)
from vsync.types import Address

#: Every kind of packet that a step may name.
KINDS: Final = frozenset(
    kind.__name__ for kind in (*get_args(SiteMessage), *get_args(Packet), *get_args(TransferPacket), Heartbeat)
)
PRIMITIVES: Final = {"CBCAST": "cbcast", "ABCAST": "abcast", "uniform ABCAST": "uniform", "GBCAST": "gbcast"}

# -- Forms --------------------------------------------------------------------------------------------

STEPS: Final[Mapping[str, type[Any]]] = {
    "the system begins with {sites}": Begin,
    "{processes} start(s)": Start,
    "{site} starts": StartSite,
    "{process} creates {group} [with credentials {word}]": Create,
    "{processes} join(s) {group} [with credentials {word}] [with {state:its state}]": Join,
    "{process} leaves {group}": Leave,
    "{process} kills {group}": Kill,
    "{process} sets {setting} in {group}": Configure,
    "{process} looks up {group}": LookUp,
    "{process} multicasts {message} to {targets} [by {primitive}]": Multicast,
    "{process} calls flush": CallFlush,
    "{processes} crash(es)": Crash,
    "{site} crashes [losing {kind} to {sites}]": CrashSite,
    "{sites} suspect(s) {site}": Suspect,
    "{sites} trust(s) {site}": Trust,
    "{kind} from {site} arrives at {sites}": ArriveAt,
    "hold {kind} from {sources} [to {sites}]": Hold,
    "release": Release,
    "the timer {timer} of {site} goes off": GoOff,
    "run [with {timers:timers}] [until {fact}]": Run,
    "the story begins": StoryBegins,
    "expect [{manner:not|never}] {fact}": Expect,
}
FACTS: Final[Mapping[str, type[Any]]] = {
    "{processes} deliver(s) {message}": Delivers,
    "{processes} deliver(s) {message} before {item}": Delivers,
    "{processes} deliver(s) {message} in view {number} of {group}": Delivers,
    "{processes} deliver(s) {message} and {item} in one order": InOneOrder,
    "{who} are in view {number} of {group} [with {members}]": InView,
    "{who} install(s) view {number} of {group}": Installs,
    "{who} are no more": Gone,
    "{processes} are out of {group}": HasLeft,
    "{process} is refused {group}: {reason}": Refused,
    "{process} is corrected about {group}": Corrected,
    "{processes} see(s) {setting}": SeesSetting,
    "the flush of {process} returns": FlushReturns,
    "{process} has the state of {group}": HasState,
    "{sites} block(s)": Blocks,
    "{message} comes to {site} by {kind} from {source}": ComesBy,
    "{message} comes to {site} before {item}": ComesBefore,
    "{who} take(s) {action}": Takes,
    "{source} sends {kind} [to {site}]": Sends,
    "{kind} is under way from {source} to {site}": UnderWay,
}

_AND = r"(?:, and |, | and )"
_SITE, _PROCESS, _NAME = r"\d+\.\d+", r"\d+\.\d+\.\d+", r"[a-z]\w*"


def _list_of(word: str) -> str:
    return rf"{word}(?:{_AND}{word})*"


_WORDS: Final[Mapping[str, str]] = (
    dict.fromkeys(("site", "source"), _SITE)
    | dict.fromkeys(("sites", "sources"), _list_of(_SITE))
    | dict.fromkeys(("process",), _PROCESS)
    | dict.fromkeys(("processes",), _list_of(_PROCESS))
    | dict.fromkeys(("who", "members"), rf"(?:{_list_of(_PROCESS)}|{_list_of(_SITE)})")
    | dict.fromkeys(("group", "message"), _NAME)
    | {
        "targets": _list_of(rf"(?:{_NAME}|{_PROCESS})"),
        "setting": rf"{_NAME}=\w+",
        "item": rf"{_NAME}(?:=\w+)?",
        "kind": r"[A-Z]\w+|everything",
        "number": r"\d+",
        "word": r"\S+",
        "timer": r"\w+",
        "reason": r".+",
        "action": r"\w+!\w+",
        "primitive": "|".join(PRIMITIVES),
        "fact": r".+",
    }
)
_LISTS = {"sites", "sources", "processes", "who", "members"}


def _pattern(form: str) -> re.Pattern[str]:
    """The regular expression of a form."""
    pieces = re.split(r"\{(\w+)(?::([^}]*))?\}", form)
    out = ""
    for index in range(0, len(pieces), 3):
        plain = re.sub(r" ?\[", lambda found: f"(?:{found[0][:-1]}", pieces[index]).replace("]", ")?")
        plain = re.sub(r"\((s|es)\)", r"(?:\1)?", plain)
        out += re.sub(r"\bare\b", "(?:is|are)", plain)
        if index + 1 < len(pieces):
            name, fixed = pieces[index + 1], pieces[index + 2]
            out += f"(?P<{name}>{fixed or _WORDS[name]})"
    return re.compile(out.replace("(?: (?:", "(?:(?: "))


_STEP_PATTERNS = {form: _pattern(form) for form in STEPS}
_FACT_PATTERNS = {form: _pattern(form) for form in FACTS}

# -- Reading ------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Numbered:
    """A step, with its line of the file and its text."""

    line: int
    text: str
    step: Step


@frozen(kw_only=True)
class Scenario:
    """A story: its title, its prose, where it comes from, and its steps."""

    title: str
    prose: str
    source: str
    steps: tuple[Numbered, ...]

    @property
    def expectations(self) -> int:
        """How many of the steps expect something."""
        return sum(isinstance(numbered.step, Expect) for numbered in self.steps)


def read_scenario(path: Path) -> Scenario:
    """Read the scenario in a file.  Raises ``InputError``, with the line, if it is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{path}: expected a scenario, but: {reason}: correct the name or the file") from error
    return parse_scenario(text, str(path))


def parse_scenario(text: str, name: str) -> Scenario:
    """Read a scenario; ``name`` is what it is called in messages.

    Raises ``InputError`` if a part is missing, or a step has none of the forms.
    """
    lines = text.splitlines()
    if "---" not in lines:
        raise InputError(f"{name}: expected a line --- between the prose and the steps, but there is none: add it")
    rule = lines.index("---")
    head = [line.strip() for line in lines[:rule] if line.strip()]
    source = next((index for index, line in enumerate(head) if line.startswith("Source: ")), None)
    if source is None or source < 2:
        raise InputError(
            f"{name}: expected, above the line ---, a title, sentences that say what happens and what must be seen, "
            f"and a line that begins with 'Source: '; came {len(head)} lines: add what is missing"
        )
    return Scenario(
        title=head[0],
        prose=" ".join(head[1:source]),
        source=" ".join(head[source:]).removeprefix("Source: "),
        steps=tuple(_steps(lines, rule, name)),
    )


def _steps(lines: Sequence[str], rule: int, name: str) -> Iterator[Numbered]:
    said: dict[str, int] = {}
    for number, line in enumerate(lines[rule + 1 :], start=rule + 2):
        words = " ".join(line.partition("#")[0].split())
        if not words:
            continue
        try:
            step = _step(words)
        except InputError as error:
            raise InputError(f"{name}: line {number}: {error}") from error
        if isinstance(step, Multicast):
            if step.message in said:
                raise InputError(
                    f"{name}: line {number}: expected a message that is new, but {step.message} is multicast in "
                    f"line {said[step.message]}: give each message a name of its own"
                )
            said[step.message] = number
        yield Numbered(line=number, text=words, step=step)
    if not said and rule + 1 >= len(lines):
        raise InputError(f"{name}: expected steps below the line ---, but there are none: write some")


def _step(words: str) -> Step:
    step: Step = _sentence(words, _STEP_PATTERNS, STEPS)
    return step


def _fact(words: str) -> Fact:
    fact: Fact = _sentence(words, _FACT_PATTERNS, FACTS)
    return fact


def _sentence(words: str, patterns: Mapping[str, re.Pattern[str]], forms: Mapping[str, type[Any]]) -> Any:
    """What a sentence says.  Raises ``InputError``, with the forms that come near, if it has none of them."""
    for form, pattern in patterns.items():
        if (found := pattern.fullmatch(words)) is not None:
            given = {field: _value(field, text) for field, text in found.groupdict().items() if text}
            return forms[form](**given)
    near = difflib.get_close_matches(_bare(words), [_bare(form) for form in forms], n=3, cutoff=0.3)
    meant = [form for form in forms if _bare(form) in near] or list(forms)
    raise InputError(f"expected a sentence of a known form, came {words!r}; did you mean: {'; or: '.join(meant)}?")


def _bare(words: str) -> str:
    """The words of a sentence or form without those that differ from one sentence to the next."""
    plain = re.sub(r"\{[^}]*\}|\[|\]|\((?:s|es)\)|\d+(?:\.\d+)+", "", words)
    return " ".join(plain.replace(" are ", " is ").split())


def _value(field: str, text: str) -> Any:
    """A word, or a list of words, as what it stands for.  Raises ``InputError`` if it stands for nothing."""
    if field in _LISTS:
        return tuple(Address.parse(word) for word in re.split(_AND, text))
    match field:
        case "site" | "source" | "process":
            return Address.parse(text)
        case "targets":
            return tuple(re.split(_AND, text))
        case "number":
            return int(text)
        case "fact":
            return _fact(text)
        case "kind" if text not in KINDS and text != EVERYTHING:
            near = difflib.get_close_matches(text, KINDS, n=1) or sorted(KINDS)
            raise InputError(f"expected a kind of packet, or everything; came {text}: did you mean {', '.join(near)}?")
        case _:
            return text
