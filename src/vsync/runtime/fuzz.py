"""The fuzzer: random and mutated inputs for the decoders, as many as are wanted.

    python -m vsync.runtime.fuzz --inputs 1000000 --seed 1

For each input a decoder either refuses it with ``RemoteProtocolError``, or accepts it, and then the
value, encoded again, gives the same bytes.  Anything else is a finding: the decoder crashes (any
other exception), hangs (no answer within the time-out), allocates more than a small multiple of the
input's size, or accepts what is malformed (the value gives other bytes, or cannot be encoded).

An input follows from seed and number alone; a finding names both, and ``--first N --inputs 1``
repeats it.  ``--planted BUG`` breaks the decoder first, in one of the ways of
``vsync.runtime.planted``, to see that it is found.

Exit codes: 0, no finding; 1, findings; 2, nothing is known: stopped, or one of the decoders has
refused everything or accepted everything.

JSON (``--json``): ``inputs`` (how many were given: it stops after 100 findings), ``seed``, ``first``,
``planted``, ``seconds``, ``accepted``, ``refused``, ``findings`` (how many by symptom, and the first ones with
decoder, number, way, symptom, sentence and input in hexadecimal), ``decoders`` (accepted and refused by decoder
and way), ``slowest_ms``, ``memory`` (the most bytes allocated for one byte of an input of at least 1 kB, and in
all).

Spec: none.
Paper: none.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random
from types import FrameType
from typing import Any

from attrs import define, field, frozen
from rich.table import Table
from rich.text import Text

from vsync.cli.outcome import Exit, Outcome
from vsync.cli.terminal import Terminal
from vsync.errors import RemoteProtocolError
from vsync.interrupts import ended_by_signals
from vsync.runtime import codec, samples
from vsync.runtime.mutations import Material, Span, counts_in, way
from vsync.runtime.planted import ACCEPTS, ALLOCATES, BUGS, CRASHES, HANGS
from vsync.symbol_table import SymbolTable

MEMORY_PER_BYTE = 64
"""How many bytes a decoder may allocate for one byte of its input."""
MEMORY_MORE = 1 << 15
"""How many bytes it may allocate beside, for an error and its traceback."""
TIMEOUT_MS = 5000
"""How long a decoder may take over one input, and the encoder over its value."""
SAMPLES = 500
"""How many valid encodings of each decoder are mutated."""
FINDINGS_SHOWN = 20
FINDINGS_MAX = 100
"""After so many findings the fuzzer stops."""

_STEP = 1000  # inputs between two words of progress
_LONG = 1024  # inputs from so many bytes say how memory grows


def _no_counts(data: bytes) -> tuple[Span, ...]:
    return ()


@frozen(kw_only=True)
class Decoder:
    """What is fuzzed: a decoder, its encoder, random valid encodings, and where in one the counts stand."""

    name: str
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    sample: Callable[[Random], bytes]
    counts: Callable[[bytes], tuple[Span, ...]] = _no_counts


DECODERS: tuple[Decoder, ...] = (
    Decoder(
        name="packets",
        decode=lambda data: codec.decode(data),
        encode=codec.encode,
        sample=samples.packet,
        counts=counts_in,
    ),
    Decoder(
        name="symbol tables",
        decode=lambda data: codec.decode(data, SymbolTable),
        encode=codec.encode,
        sample=samples.symbol_table,
        counts=counts_in,
    ),
)
"""Every decoder of what comes from outside, in turn."""


@frozen(kw_only=True)
class Finding:
    """An input that a decoder does not stand: which, how it was made, what happened."""

    decoder: str
    number: int
    way: str
    symptom: str
    sentence: str
    data: bytes

    def as_json(self) -> dict[str, Any]:
        """The finding as the result has it."""
        return {
            "decoder": self.decoder,
            "number": self.number,
            "way": self.way,
            "symptom": self.symptom,
            "sentence": self.sentence,
            "input": self.data.hex(),
        }


@define(kw_only=True)
class Report:
    """What became of the inputs; ``verdicts`` counts them by decoder, way, and whether it was accepted."""

    verdicts: Counter[tuple[str, str, bool]] = field(factory=Counter)
    found: Counter[str] = field(factory=Counter)
    findings: list[Finding] = field(factory=list)
    seconds: float = 0.0
    slowest_ms: float = 0.0
    memory_per_byte: float = 0.0
    memory_max: int = 0

    def count(self, *, accepted: bool, decoder: str | None = None) -> int:
        """How many inputs were accepted, or refused; of one decoder, if it is named."""
        return sum(
            number
            for (name, _, verdict), number in self.verdicts.items()
            if verdict is accepted and decoder in (None, name)
        )

    @property
    def inputs(self) -> int:
        """How many inputs were given."""
        return self.verdicts.total() + self.found.total()

    @property
    def one_sided(self) -> list[str]:
        """The decoders that have accepted nothing, or refused nothing: of these nothing is known."""
        names = dict.fromkeys(name for name, _, _ in self.verdicts)
        return [
            name for name in names if not all(self.count(accepted=verdict, decoder=name) for verdict in (True, False))
        ]


@frozen(kw_only=True)
class Verdict:
    """What a decoder made of one input: accepted or not, or a symptom and a sentence; time and memory."""

    accepted: bool = False
    symptom: str = ""
    sentence: str = ""
    ms: float = 0.0
    memory: int = 0


class _TimedOut(BaseException):
    """The time of an input is over; no decoder catches it."""


def judge(decoder: Decoder, data: bytes, timeout_ms: int = TIMEOUT_MS) -> Verdict:
    """Give a decoder one input.

    Memory is judged while ``tracemalloc`` traces, time in the main thread only.
    """
    before, _ = tracemalloc.get_traced_memory()
    if tracemalloc.is_tracing():
        tracemalloc.reset_peak()
    began = time.perf_counter()
    verdict = _judge(decoder, data, timeout_ms)
    ms = (time.perf_counter() - began) * 1000
    memory = max(0, tracemalloc.get_traced_memory()[1] - before)
    if not verdict.symptom and memory > MEMORY_PER_BYTE * len(data) + MEMORY_MORE:
        sentence = f"{memory} bytes of memory for {len(data)} bytes of input"
        return Verdict(symptom=ALLOCATES, sentence=sentence, ms=ms, memory=memory)
    return Verdict(accepted=verdict.accepted, symptom=verdict.symptom, sentence=verdict.sentence, ms=ms, memory=memory)


def _judge(decoder: Decoder, data: bytes, timeout_ms: int) -> Verdict:
    try:
        with _time_limit(timeout_ms):
            try:
                value = decoder.decode(data)
            except RemoteProtocolError:
                return Verdict()
            except Exception as error:
                return Verdict(symptom=CRASHES, sentence=f"{type(error).__name__}: {error}"[:200])
            try:
                again = decoder.encode(value)
            except Exception as error:
                return Verdict(symptom=ACCEPTS, sentence=f"but the value cannot be encoded: {error}"[:200])
    except _TimedOut:
        return Verdict(symptom=HANGS, sentence=f"no answer in {timeout_ms} ms")
    if again != data:
        return Verdict(symptom=ACCEPTS, sentence=f"but the value has another encoding, {again.hex()[:100]}")
    return Verdict(accepted=True)


@contextlib.contextmanager
def _time_limit(ms: int) -> Iterator[None]:
    """Ends the block with _TimedOut when this time is over."""
    signal.setitimer(signal.ITIMER_REAL, ms / 1000)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end_of_time(number: int, frame: FrameType | None) -> None:
    raise _TimedOut


# -- A campaign -------------------------------------------------------------------------------------


def fuzz(
    inputs: int,
    seed: int,
    *,
    first: int = 0,
    timeout_ms: int = TIMEOUT_MS,
    findings_max: int = FINDINGS_MAX,
    decoders: Sequence[Decoder] = DECODERS,
    on_progress: Callable[[int, int], None] = lambda done, findings: None,
) -> Report:
    """Give the decoders, in turn, so many inputs, and report what they made of them.

    Arguments: the number of inputs; the seed; the number of the first input; the time-out of one input; after
    how many findings to stop; the decoders; what is called now and then with the inputs and the findings so
    far.  For the main thread.
    """
    report = Report()
    pools = {decoder.name: pool_of(decoder, seed) for decoder in decoders}
    before = signal.signal(signal.SIGALRM, _end_of_time)
    tracing = tracemalloc.is_tracing()
    began = time.monotonic()
    try:
        tracemalloc.start(1)
        for number in range(first, first + inputs):
            decoder = decoders[number % len(decoders)]
            how, data = input_of(pools[decoder.name], seed, number)
            _count(report, decoder, number, how, data, judge(decoder, data, timeout_ms))
            if report.found.total() >= findings_max:
                break
            if (number + 1 - first) % _STEP == 0:
                on_progress(number + 1 - first, report.found.total())
    finally:
        signal.signal(signal.SIGALRM, before)
        if not tracing:
            tracemalloc.stop()
        report.seconds = time.monotonic() - began
    return report


def pool_of(decoder: Decoder, seed: int) -> list[Material]:
    """Returns valid encodings of a decoder, each with what mutations want to know of it."""
    chance = Random(f"{decoder.name} {seed}")
    valid = [decoder.sample(chance) for _ in range(SAMPLES)]
    return [
        Material(valid=data, counts=decoder.counts(data), other=other)
        for data, other in zip(valid, valid[1:] + valid[:1], strict=True)
    ]


def input_of(pool: Sequence[Material], seed: int, number: int) -> tuple[str, bytes]:
    """Returns an input, and the name of the way in which it was made."""
    chance = Random(seed << 40 | number)
    how = way(chance)
    return how.__name__.replace("_", " "), how(chance, chance.choice(pool))


def _count(report: Report, decoder: Decoder, number: int, how: str, data: bytes, verdict: Verdict) -> None:
    report.slowest_ms = max(report.slowest_ms, verdict.ms)
    report.memory_max = max(report.memory_max, verdict.memory)
    if len(data) >= _LONG:
        report.memory_per_byte = max(report.memory_per_byte, verdict.memory / len(data))
    if not verdict.symptom:
        report.verdicts[decoder.name, how, verdict.accepted] += 1
        return
    report.found[verdict.symptom] += 1
    if len(report.findings) < FINDINGS_SHOWN:
        finding = Finding(
            decoder=decoder.name,
            number=number,
            way=how,
            symptom=verdict.symptom,
            sentence=verdict.sentence,
            data=data,
        )
        report.findings.append(finding)


# -- The command ------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, that of the process if None, and return the exit code."""
    arguments = _parser().parse_args(argv)
    terminal = Terminal(json=arguments.json)
    planted = BUGS[arguments.planted].applied() if arguments.planted else contextlib.nullcontext()
    try:
        with ended_by_signals(), planted, terminal.progress("inputs", arguments.inputs) as meter:

            def tell(done: int, findings: int) -> None:
                meter.advance(_STEP)
                meter.note(f"{findings} findings" if findings else "")

            report = fuzz(
                arguments.inputs,
                arguments.seed,
                first=arguments.first,
                timeout_ms=arguments.timeout_ms,
                on_progress=tell,
            )
    except KeyboardInterrupt:
        error = "stopped by Ctrl-C: nothing is known of what was not finished"
        terminal.say(error)
        terminal.finish(Outcome(exit=Exit.NOT_JUDGED, error=error).as_json("fuzz"))
        return Exit.NOT_JUDGED
    outcome = _outcome(arguments, report)
    terminal.show(_table(report))
    for finding in report.findings:
        terminal.show(Text(_in_words(finding)))
    terminal.show(_last_line(report, outcome))
    terminal.finish(outcome.as_json("fuzz"))
    return outcome.exit


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m vsync.runtime.fuzz",
        description="Give the decoders of messages and packets random and mutated inputs.",
        epilog="Exit codes: 0 no finding, 1 findings, 2 nothing is known.",
        allow_abbrev=False,
    )
    parser.add_argument("--inputs", type=_at_least(1), default=100_000, metavar="N", help="how many inputs (100000)")
    parser.add_argument("--seed", type=_at_least(0), default=1, metavar="N", help="where all chance comes from (1)")
    parser.add_argument("--first", type=_at_least(0), default=0, metavar="N", help="number of the first input (0)")
    parser.add_argument(
        "--timeout-ms", type=_at_least(1), default=TIMEOUT_MS, metavar="N", help=f"time for an input ({TIMEOUT_MS})"
    )
    parser.add_argument("--planted", choices=sorted(BUGS), metavar="BUG", help=f"break it: {', '.join(sorted(BUGS))}")
    parser.add_argument("--json", action="store_true", help="write the result as one JSON object")
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"expected a number from {least}, but {text!r} came")
        return value

    return number


def _outcome(arguments: argparse.Namespace, report: Report) -> Outcome:
    silent = report.one_sided
    error = None
    if report.found:
        verdict = Exit.VIOLATED
    elif silent:
        verdict = Exit.NOT_JUDGED
        error = f"expected inputs of each verdict, but {', '.join(silent)} gave one only: take more inputs"
    else:
        verdict = Exit.HOLDS
    return Outcome(exit=verdict, error=error, fields=_as_json(arguments, report))


def _as_json(arguments: argparse.Namespace, report: Report) -> dict[str, Any]:
    decoders: dict[str, dict[str, dict[str, int]]] = {}
    for (name, how, accepted), number in sorted(report.verdicts.items()):
        counts = decoders.setdefault(name, {}).setdefault(how, {"accepted": 0, "refused": 0})
        counts["accepted" if accepted else "refused"] = number
    return {
        "inputs": report.inputs,
        "seed": arguments.seed,
        "first": arguments.first,
        "planted": arguments.planted,
        "seconds": round(report.seconds, 1),
        "accepted": report.count(accepted=True),
        "refused": report.count(accepted=False),
        "findings": {"count": dict(report.found), "shown": [finding.as_json() for finding in report.findings]},
        "decoders": decoders,
        "slowest_ms": round(report.slowest_ms, 1),
        "memory": {"per_byte": round(report.memory_per_byte, 1), "bytes_max": report.memory_max},
    }


def _table(report: Report) -> Table:
    table = Table("Decoder", "Way")
    table.add_column("Accepted", justify="right")
    table.add_column("Refused", justify="right")
    for name, how in dict.fromkeys((name, how) for name, how, _ in sorted(report.verdicts)):
        accepted, refused = (report.verdicts[name, how, verdict] for verdict in (True, False))
        table.add_row(name, how, str(accepted), str(refused))
    return table


def _in_words(finding: Finding) -> str:
    shown = finding.data.hex() if len(finding.data) <= 100 else f"{finding.data[:100].hex()}..."
    return (
        f"input {finding.number} ({finding.decoder}, {finding.way}): {finding.symptom}: {finding.sentence}; "
        f"the {len(finding.data)} bytes are {shown}"
    )


def _last_line(report: Report, outcome: Outcome) -> Text:
    found = report.found.total()
    sums = (
        f"{report.inputs} inputs, {report.count(accepted=True)} accepted, {report.count(accepted=False)} refused, "
        f"{found} findings, "
        f"{report.seconds:.0f} s, slowest {report.slowest_ms:.0f} ms, "
        f"at most {report.memory_per_byte:.0f} bytes of memory a byte"
    )
    if outcome.exit is Exit.HOLDS:
        return Text(f"HOLDS: {sums}.", style="bold green")
    reason = outcome.error or ", ".join(f"{symptom} {count} times" for symptom, count in sorted(report.found.items()))
    return Text(f"{outcome.exit.verdict.upper()}: {reason} ({sums}).", style="bold red")


if __name__ == "__main__":
    sys.exit(main())
