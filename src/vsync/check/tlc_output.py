"""What TLC writes, read: from its framed messages and its exit code to a verdict that both support.

With `-tool`, TLC frames each message with a numeric code and a severity. Verdicts are read from the codes,
and sentences are only quoted. What stands outside every frame is, before the end of parsing, SANY speaking,
and after it, values that the specification prints. Success needs three things: the message that says so, no
message of an error, and exit code 0; and any other verdict needs its own exit code. Where they disagree
nothing is known, and that is an EngineError.

Spec: any. Paper: none; the codes are those of `tlc2.output.EC` in TLC's source.
"""

import enum
import re
from collections.abc import Iterator, Sequence

import attrs

from vsync.errors import EngineError

# ------------------------------------------------------------------------------------------- what a run tells


class Verdict(enum.StrEnum):
    """What TLC concludes about one model."""

    HOLDS = "holds"
    INVARIANT = "invariant violated"
    ACTION_PROPERTY = "action property violated"
    TEMPORAL = "temporal property violated"
    DEADLOCK = "deadlock reached"
    ASSUMPTION = "assumption false"
    PARSE_ERROR = "module does not parse"
    CONFIG_ERROR = "configuration is wrong"
    EVALUATION_ERROR = "specification cannot be evaluated"

    @property
    def violated(self) -> bool:
        """Whether TLC found a behaviour of the model that contradicts it."""
        return self in (Verdict.INVARIANT, Verdict.ACTION_PROPERTY, Verdict.TEMPORAL, Verdict.DEADLOCK)


@attrs.frozen(kw_only=True)
class State:
    """One state of a counterexample: its number, the action that led to it, and its text as TLC writes it."""

    number: int
    action: str
    text: str


@attrs.frozen(kw_only=True)
class ActionCoverage:
    """How often an action was taken: `distinct` of the `generated` successor states were new.

    Dead if 0 of 0.
    """

    action: str
    module: str
    distinct: int
    generated: int


@attrs.frozen(kw_only=True)
class Evaluated:
    """How often an expression was evaluated, at least once if `count` is not 0, and where it stands in which module.

    The place is the first line and column, and the last line and column.
    """

    module: str
    place: tuple[int, int, int, int]
    count: int


@attrs.frozen(kw_only=True)
class Progress:
    """How far a run has come; TLC says so about once a minute."""

    seconds: float
    depth: int
    generated: int
    distinct: int
    queue: int


@attrs.frozen(kw_only=True)
class TlcResult:
    """The outcome of one run of TLC.

    `violated` names the invariant or property that is violated, as the configuration lists it; None if
    nothing is, or if it cannot be told which of `candidates` it is. `loops_to` is the number of the state to
    which a counterexample of a temporal property returns; its last state's own number if it stutters there
    for ever. Counts that TLC did not give are None.
    """

    verdict: Verdict
    violated: str | None
    candidates: tuple[str, ...]
    message: str
    distinct: int | None
    generated: int | None
    depth: int | None
    seconds: float
    counterexample: tuple[State, ...]
    loops_to: int | None
    printed: tuple[str, ...]
    coverage: tuple[ActionCoverage, ...]
    evaluated: tuple[Evaluated, ...]
    workers: int
    version: str
    exit_code: int
    output: str


@attrs.frozen(kw_only=True)
class Listed:
    """The names that a TLC configuration asks to have checked, in its order."""

    invariants: tuple[str, ...]
    properties: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Done:
    """What is left of a process that has ended: its words, and its exit code."""

    exit_code: int
    stdout: str
    stderr: str


# ----------------------------------------------------------------------------------------- reading the output


@attrs.frozen(kw_only=True)
class _Message:
    """One framed message of TLC. Severity: 0 information, 1 error, 2 defect of TLC, 3 warning, 4 state."""

    code: int
    severity: int
    text: str


_FRAME = re.compile(r"@!@!@(STARTMSG|ENDMSG) (-?\d+)(?::(\d+))? @!@!@\n?")
_TEMPORAL_STARTS = re.compile(r"STARTMSG (?:2212|2192):")
_PROGRESS = re.compile(
    r"^Progress\((\d+)\) at .*?: ([\d,]+) states generated.*?, ([\d,]+) distinct states found.*?, "
    r"([\d,]+) states left on queue",
    re.MULTILINE,
)
_STATS = re.compile(r"([\d,]+) states generated.*?, ([\d,]+) distinct states found.*?, ([\d,]+) states left on queue")
_SANY_COMPLAINT = re.compile(r"\*\*\*Parse Error\*\*\*|Semantic errors:|\*\*\* Errors:|Fatal errors|Cannot find", re.M)
_CRASH = re.compile(r"OutOfMemoryError|Exception in thread|No space left on device|^Error: .*class", re.MULTILINE)
_JAVA_ERROR = re.compile(r"(?:Terminating due to )?java\.lang\.\w*Error|Exception in thread")
_CRASH_IN_MESSAGE = re.compile(r"java\.io\.|java\.lang\.(?!StackOverflow)|No space left on device|OutOfMemory")
_NOT_PRINTED = ("LazyValue is disabled.",)

_SANY_ENDS, _FINISHED, _SUCCESS, _STATISTICS, _DEPTH, _VERSION = 2219, 2186, 2193, 2199, 2194, 2262
_COVERAGE_BEGINS, _EXPRESSION = 2201, (2221, 2775)
_PLACE = re.compile(
    r"\s*\|*line (\d+), col (\d+) to line (\d+), col (\d+) of module (?P<module>\w+): (?P<count>[\d,]+)"
)
_STATE, _STUTTERING, _BACK_TO_STATE, _PROGRESS_STATISTICS, _MODULE_PRINTS = 2217, 2218, 2122, 2200, 20000
_BEHAVIOUR_FOLLOWS = (2121, 2264)
_VERDICT_OF_CODE = {
    2104: Verdict.ASSUMPTION,
    2107: Verdict.INVARIANT,  # in an initial state
    2110: Verdict.INVARIANT,
    2108: Verdict.ACTION_PROPERTY,  # in an initial state
    2112: Verdict.ACTION_PROPERTY,
    2114: Verdict.DEADLOCK,
    2116: Verdict.TEMPORAL,
    2171: Verdict.PARSE_ERROR,
    3002: Verdict.PARSE_ERROR,
    **dict.fromkeys((*range(2222, 2246), 2257, 2280, 2281, *range(5001, 5007)), Verdict.CONFIG_ERROR),
}
# fmt: off
_TLC_ITSELF_FAILED = {
    1001, 1002, 1003, 1101, 1102,  # memory, options
    2100, 2101, 2117, 2123, 2124, 2125, 2126, 2127, 2128, 2129, 2131, 2133, 2134, 2135, 2137, 2138,
    2159, 2160, 2161, 2162, 2163, 2166, 2167, 2173, 2174, 2175, 2254, 2270,  # files and states on disk
}
# fmt: on
_EXIT_CODES = {
    Verdict.HOLDS: (0,),
    Verdict.ASSUMPTION: (10,),
    Verdict.DEADLOCK: (11,),
    Verdict.INVARIANT: (12,),
    Verdict.ACTION_PROPERTY: (12, 13),
    Verdict.TEMPORAL: (13,),
    Verdict.PARSE_ERROR: (150, 255),
    Verdict.CONFIG_ERROR: (151, 255),
    Verdict.EVALUATION_ERROR: (1, 10, 12, 13, 14, 75, 76, 77, 151, 152, 255),
}


def progress_in(text: str, seconds: float) -> Iterator[Progress]:
    """Yields the reports of progress that stand in a piece of the output, read `seconds` after the start."""
    for found in _PROGRESS.finditer(text):
        depth, generated, distinct, queue = map(_count, found.groups())
        yield Progress(seconds=seconds, depth=depth, generated=generated, distinct=distinct, queue=queue)


def checks_temporal_properties(text: str) -> bool:
    """Whether TLC says in this piece of its output that it checks temporal properties."""
    return _TEMPORAL_STARTS.search(text) is not None


def sany_complaint(text: str) -> str | None:
    """Returns what SANY objects to, from its first objection on; None if it objects to nothing."""
    found = _SANY_COMPLAINT.search(text)
    return text[found.start() :].strip() if found else None


def judge(done: Done, listed: Listed, workers: int, seconds: float) -> TlcResult:
    """Returns the result that the output tells, if the exit code tells the same; else raises EngineError."""
    messages, parsing, printed = _unframe(done.stdout)
    verdict, telling = _verdict(done, messages, printed)
    if done.exit_code not in _EXIT_CODES[verdict]:
        raise EngineError(not_understood("TLC", done, f"{verdict.value!r}, which is not what the exit code says"))
    violated, candidates = _violated(verdict, telling, listed)
    counterexample, loops_to = _behaviour(messages, telling)
    statistics = _STATS.search(_last(messages, _STATISTICS, _PROGRESS_STATISTICS))
    generated, distinct, queue = map(_count, statistics.groups()) if statistics else (None, None, None)
    if verdict is Verdict.HOLDS and queue != 0:
        raise EngineError(not_understood("TLC", done, "success before every state was explored"))
    depth = re.search(r"(\d+)\.?\s*$", _last(messages, _DEPTH))
    return TlcResult(
        verdict=verdict,
        violated=violated,
        candidates=candidates,
        message=_explanation(verdict, telling, messages, parsing),
        distinct=distinct,
        generated=generated,
        depth=int(depth[1]) if depth else None,
        seconds=seconds,
        counterexample=counterexample,
        loops_to=loops_to,
        printed=printed,
        coverage=_coverage(messages),
        evaluated=_evaluated(messages),
        workers=workers,
        version=_last(messages, _VERSION).strip(),
        exit_code=done.exit_code,
        output=done.stdout + done.stderr,
    )


def _unframe(text: str) -> tuple[list[_Message], str, tuple[str, ...]]:
    """Splits the output into messages, what SANY wrote, and what the specification printed.

    A message may contain another; the inner one comes first in the list, and its text is also part of the
    outer one.
    """
    messages: list[_Message] = []
    open_frames: list[tuple[int, int, list[str]]] = []
    loose: tuple[list[str], list[str]] = ([], [])  # before and after the end of parsing
    position = 0
    for frame in [*_FRAME.finditer(text), None]:
        between = text[position : frame.start() if frame else len(text)]
        parsed = any(message.code == _SANY_ENDS for message in messages)
        for into in [parts for _, _, parts in open_frames] or [loose[parsed]]:
            into.append(between)
        if frame is None:
            break
        position = frame.end()
        if frame[1] == "STARTMSG":
            open_frames.append((int(frame[2]), int(frame[3] or 0), []))
        elif open_frames:
            code, severity, parts = open_frames.pop()
            messages.append(_Message(code=code, severity=severity, text="".join(parts)))
            if code == _MODULE_PRINTS:
                loose[True].append(messages[-1].text)
    return messages, "".join(loose[False]), _printed_values("".join(loose[True]))


def _printed_values(text: str) -> tuple[str, ...]:
    """Splits what PrintT and Print wrote into values: a value goes on while one of its brackets is open."""
    values: list[str] = []
    open_brackets = 0
    for line in text.splitlines():
        if not line.strip() or line in _NOT_PRINTED:
            continue
        if open_brackets > 0:
            values[-1] += "\n" + line
        else:
            values.append(line)
            open_brackets = 0
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
        open_brackets += len(re.findall(r"<<|[\[{(]", bare)) - len(re.findall(r">>|[\]})]", bare))
    return tuple(values)


def _verdict(done: Done, messages: Sequence[_Message], printed: Sequence[str]) -> tuple[Verdict, _Message]:
    """Returns the verdict and the message that tells it; raises EngineError if TLC did not come to one."""
    crash = _CRASH.search(done.stderr) or next(filter(None, map(_JAVA_ERROR.match, printed)), None)
    failed = next((m for m in messages if m.code in _TLC_ITSELF_FAILED or m.severity == 2), None)
    if crash or failed or not any(message.code == _FINISHED for message in messages):
        raise EngineError(not_understood("TLC", done, "no verdict: it failed before the end"))
    errors = [message for message in messages if message.severity == 1 or message.code in _VERDICT_OF_CODE]
    if not errors:
        success = next((message for message in messages if message.code == _SUCCESS), None)
        if success is None or "No error has been found" not in success.text:
            raise EngineError(not_understood("TLC", done, "neither an error nor success"))
        return Verdict.HOLDS, success
    telling = next((message for message in errors if message.code in _VERDICT_OF_CODE), errors[0])
    if telling.code not in _VERDICT_OF_CODE and _CRASH_IN_MESSAGE.search(telling.text):
        raise EngineError(not_understood("TLC", done, "a failure of TLC itself"))
    return _VERDICT_OF_CODE.get(telling.code, Verdict.EVALUATION_ERROR), telling


def _violated(verdict: Verdict, telling: _Message, listed: Listed) -> tuple[str | None, tuple[str, ...]]:
    """Returns the name of what is violated, or None and the names among which it must be.

    TLC names a property only if the formula it contradicts is the property itself; for a conjunct of a
    refinement it gives a place in a module, and for a temporal property nothing at all.
    """
    if verdict is Verdict.DEADLOCK:
        return "Deadlock", ("Deadlock",)
    if not verdict.violated:
        return None, ()
    named = re.search(r"(?:Invariant|[Pp]ropert(?:y|ies)) (\S+) (?:is|was|were) violated", telling.text)
    if named and named[1] in (*listed.invariants, *listed.properties):
        return named[1], (named[1],)
    return (listed.properties[0] if len(listed.properties) == 1 else None), listed.properties


def _behaviour(messages: Sequence[_Message], telling: _Message) -> tuple[tuple[State, ...], int | None]:
    """Returns the states of the counterexample, and the state to which it returns if it is infinite."""
    states: list[State] = []
    loops_to: int | None = None
    for message in messages:
        first, _, rest = message.text.partition("\n")
        number, _, label = first.partition(": ")
        if message.code == _STATE:
            states.append(State(number=int(number), action=_action(label), text=rest.strip()))
        elif message.code == _STUTTERING:
            loops_to = int(number) - 1
        elif message.code == _BACK_TO_STATE:
            loops_to = int(number)
    if not states and telling.code in (2107, 2108):
        states = [State(number=1, action="Initial predicate", text=telling.text.partition("\n")[2].strip())]
    return tuple(states), loops_to


def _action(label: str) -> str:
    """Returns `Deliver` from the label `<Deliver line 7, col 9 to line 7, col 42 of module Flush>`."""
    found = re.match(r"<(.*?)(?: line \d+.*)?>\s*$", label)
    return found[1] if found else label.strip()


def _coverage(messages: Sequence[_Message]) -> tuple[ActionCoverage, ...]:
    """Returns the last count of every action, in TLC's order."""
    counts: dict[str, ActionCoverage] = {}
    for message in messages:
        found = re.match(r"<(\S+) .*?of module (\w+).*>: (\d+):(\d+)", message.text.strip())
        if message.code in (2772, 2773) and found:
            counts[message.text.partition(">")[0]] = ActionCoverage(
                action=found[1], module=found[2], distinct=int(found[3]), generated=int(found[4])
            )
    return tuple(counts.values())


def _evaluated(messages: Sequence[_Message]) -> tuple[Evaluated, ...]:
    """Returns the last count of every expression. TLC may count one several times, within several others."""
    begin = max((index for index, message in enumerate(messages) if message.code == _COVERAGE_BEGINS), default=None)
    if begin is None:
        return ()
    found = (_PLACE.match(message.text) for message in messages[begin:] if message.code in _EXPRESSION)
    return tuple(
        Evaluated(
            module=each["module"],
            place=(int(each[1]), int(each[2]), int(each[3]), int(each[4])),
            count=_count(each["count"]),
        )
        for each in found
        if each
    )


def _explanation(verdict: Verdict, telling: _Message, messages: Sequence[_Message], parsing: str) -> str:
    """Returns what a person should read: one line for a verdict, all that TLC said about an error."""
    if verdict is Verdict.PARSE_ERROR:
        return sany_complaint(parsing) or parsing.strip()
    if verdict in (Verdict.CONFIG_ERROR, Verdict.EVALUATION_ERROR):
        errors = [m for m in messages if m.severity == 1 and m.code not in _BEHAVIOUR_FOLLOWS]
        texts = dict.fromkeys(message.text.strip() for message in errors)
        return "\n".join(texts)
    return telling.text.strip().partition("\n")[0]


def _count(number: str) -> int:
    """Reads a number as TLC writes it, with commas between thousands."""
    return int(number.replace(",", ""))


def _last(messages: Sequence[_Message], *codes: int) -> str:
    """Returns the text of the last message with the first of `codes` that occurs, or nothing."""
    for code in codes:
        for message in reversed(messages):
            if message.code == code:
                return message.text
    return ""


def not_understood(engine: str, done: Done, came: str) -> str:
    """Composes the text of an EngineError, with the last lines that the engine wrote."""
    text = _FRAME.sub("", done.stdout.rstrip() + "\n" + done.stderr)
    lines = [line for line in text.splitlines() if line.strip()][-12:]
    return (
        f"expected a verdict of {engine}, came {came} (exit code {done.exit_code}); if memory or disk "
        "ran out, give it more, else look at the last lines:\n" + "\n".join(f"    {line}" for line in lines)
    )
