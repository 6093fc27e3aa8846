"""The trace format: what is read, what is refused and with which words, and what is written."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from histories_at_random import disordered, noise
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from vsync.check.judge import judge_events, judge_file
from vsync.check.trace import (
    LINE_BYTES_MAX,
    Crashed,
    Delivered,
    Event,
    Header,
    Installed,
    JoinAsked,
    Left,
    Marked,
    Moved,
    Multicasted,
    ServiceEvent,
    Stated,
    Stepped,
    ToldSafe,
    TraceReader,
    View,
    open_trace,
)
from vsync.check.writer import TraceWriter, encoded, event_fields, header_fields
from vsync.errors import InputError
from vsync.locate import traces_directory

HEADER = '{"format":"vsync-trace","version":1}'
SCHEMA = Draft202012Validator(json.loads((traces_directory() / "schema.json").read_text()))
TRACES = sorted(traces_directory().rglob("*.jsonl"))

EVENTS: list[Event] = [
    JoinAsked(line=2, process="1.1.1"),
    Installed(line=3, process="1.1.1", view=View(id=1, members=("1.1.1", "2.1.1"))),
    Multicasted(line=4, process="1.1.1", message="a", payload={"amount": 3}),
    Delivered(line=5, process="1.1.1", message="a"),
    Marked(line=6, process="1.1.1", label=["any", 1]),
    Left(line=7, process="1.1.1", group="bank"),
    Stepped(line=8, action="Flush!Forward", process="1.1.1", arguments={"k": 2}, variables={"known": 2}),
    Stepped(line=9, action="SiteViews!Propose", site="1.1"),
    Moved(line=10, move="deliver", fields={"packet": 7}),
    Multicasted(line=11, process="1.1.1", message="b", primitive="abcast", to=("g1.1.1", "2.1.1")),
    Stated(line=12, process="1.1.1", view=1, state="", group="g1.1.1"),
    ToldSafe(line=13, process="1.1.1", message="b"),
    Delivered(line=14, process="1.1.1", message="b", sender="2.1.1"),
    Crashed(line=15, process="1.1.1"),
]


def read(text: str | bytes) -> tuple[list[Event], TraceReader]:
    reader = TraceReader(io.BytesIO(text.encode() if isinstance(text, str) else text), "trace")
    return list(reader), reader


def event(**fields: Any) -> str:
    return HEADER + "\n" + json.dumps({"process": "p", **fields}) + "\n"


def test_every_kind_of_event_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Reading what was written gives the same header and the same events, with their lines."""
    header = Header(source="a test", configuration={"members": 2}, seed=7, processes=("1.1.1",))
    with TraceWriter(tmp_path / "trace.jsonl", header) as writer:
        lines = [writer.write(each) for each in EVENTS]
    with open_trace(tmp_path / "trace.jsonl") as reader:
        assert reader.header == header
        assert list(reader) == EVENTS
    assert lines == [each.line for each in EVENTS]


@given(st.one_of(noise(), disordered()))
@settings(max_examples=100, deadline=None)
def test_random_events_are_read_as_they_were_written(events: list[ServiceEvent]) -> None:
    """What is written is read back unchanged, and is what the schema allows."""
    lines = [header_fields(Header()), *map(event_fields, events)]
    for line in lines:
        SCHEMA.validate(json.loads(encoded(line)))
    assert read(b"".join(map(encoded, lines)))[0] == events


@pytest.mark.parametrize("path", TRACES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_trace_in_the_tree_follows_the_schema(path: Path) -> None:
    """Each line of each trace of this project is what the published schema allows."""
    for line in path.read_text(encoding="utf-8").splitlines():
        SCHEMA.validate(json.loads(line))


def test_the_example_of_the_manual_is_accepted_and_then_is_not() -> None:
    """The worked example in traces/README.md is accepted, and rejected as it says when line 8 is removed."""
    manual = (traces_directory() / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```json\n(.*?)```", manual, re.DOTALL)
    assert found is not None
    lines = found.group(1).splitlines(keepends=True)
    for line in lines:
        SCHEMA.validate(json.loads(line))
    assert judge_events(read("".join(lines))[0]).accepted
    (violation,) = judge_events(read("".join(lines[:7] + lines[8:]))[0]).violations
    assert (violation.guarantee, violation.line) == ("VirtualSynchrony", 6)
    assert violation.lines == (2, 5, 6, 7, 9)


REFUSED = {
    "nothing at all": ("", "but there is nothing: begin with"),
    "blank lines only": ("\n\n", "but there is nothing"),
    "no JSON": (HEADER + "\nnot json\n", "line 2: expected a JSON object, but came 'not json'"),
    "no JSON at once": ("hello\n", "line 1: expected a JSON object"),
    "half a header": ('{"format":"vs', "only the beginning of a line"),
    "no object": (HEADER + "\n[1]\n", "line 2: expected a JSON object"),
    "no header": ('{"event":"crash","process":"p"}\n', "line 1: expected a header"),
    "another format": ('{"format":"csv","version":1}\n', "line 1: expected a header"),
    "no version": ('{"format":"vsync-trace"}\n', 'expected an integer for "version", but came none'),
    "a later version": ('{"format":"vsync-trace","version":2}\n', "version 2: install a later"),
    "version zero": ('{"format":"vsync-trace","version":0}\n', "expected a version from 1"),
    "a seed of text": (HEADER[:-1] + ',"seed":"x"}\n', 'an integer for "seed"'),
    "no kind": (event(), "line 2: expected one of the keys"),
    "two kinds": (event(event="crash", action="A!B"), '"event" and "action"'),
    "no process": (HEADER + '\n{"event":"crash"}\n', 'for "process", but came none'),
    "a process of number": (event(event="crash", process=3), "for \"process\", but came '3'"),
    "an empty process": (event(event="crash", process=""), 'a string, not empty, for "process"'),
    "no message": (event(event="deliver"), 'for "message", but came none'),
    "a message of number": (event(event="multicast", message=1), 'for "message"'),
    "an empty group": (event(event="leave", group=""), 'for "group"'),
    "no view": (event(event="install"), 'for "view", but came none'),
    "no number of a view": (event(event="install", view={"members": ["p"]}), 'an integer for "id"'),
    "a true number": (event(event="install", view={"id": True, "members": ["p"]}), 'an integer for "id"'),
    "view zero": (event(event="install", view={"id": 0, "members": ["p"]}), 'an "id" of at least 1'),
    "a view of nobody": (event(event="install", view={"id": 1, "members": []}), "at least one name"),
    "no members": (event(event="install", view={"id": 1}), "at least one name"),
    "a member twice": (event(event="install", view={"id": 1, "members": ["p", "p"]}), "'p' twice"),
    "members of numbers": (event(event="install", view={"id": 1, "members": [1]}), "a list of strings"),
    "an unknown primitive": (event(event="multicast", message="a", primitive="mbcast"), "one of cbcast, abcast, "),
    "a primitive of number": (event(event="multicast", message="a", primitive=1), 'a string for "primitive"'),
    "addressed to nobody": (event(event="multicast", message="a", to=[]), "at least one name, and each once"),
    "addressed to one twice": (event(event="multicast", message="a", to=["g", "g"]), "and each once"),
    "addressed to no list": (event(event="multicast", message="a", to="g"), 'a list of strings for "to"'),
    "a group and a list": (event(event="multicast", message="a", group="g", to=["g"]), 'either a "group" or a list'),
    "a state of no view": (event(event="state", state="x"), 'an integer for "view", but came none'),
    "a state of view zero": (event(event="state", state="x", view=0), 'a "view" of at least 1'),
    "no state": (event(event="state", view=1), 'a string for "state", but came none'),
    "a sender of number": (event(event="deliver", message="a", sender=1), 'a string, not empty, for "sender"'),
    "safe without a message": (event(event="safe"), 'for "message", but came none'),
    "an event after a crash": (
        event(event="crash") + '{"event":"leave","process":"p"}\n',
        "line 3: expected no event of p after its crash at line 2",
    ),
    "an unlisted process": (
        HEADER[:-1] + ',"processes":["q"]}\n{"event":"leave","process":"p"}\n',
        'a process from the header\'s list "processes"',
    ),
    "a step of nobody": (HEADER + '\n{"action":"A!B"}\n', 'either a "process" or a "site"'),
    "no UTF-8": (HEADER.encode() + b'\n{"event":"\xff"}\n', "line 2: .*not UTF-8"),
    "half a character": (event(event="leave").replace('"p"', '"\\ud800"'), "half of a surrogate pair"),
    "no number": (HEADER + '\n{"event":"mark","process":"p","label":NaN}\n', "expected a JSON object"),
    "too deep": (HEADER + "\n" + "[" * 100_000 + "\n", "expected a JSON object"),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_trace_is_refused_with_the_line_and_a_remedy(text: str | bytes, words: str) -> None:
    """What cannot be used is refused, saying what was expected, what came, and what to do."""
    with pytest.raises(InputError, match=words) as refused:
        read(text)
    assert str(refused.value).count(": ") >= 2


def test_an_absurdly_long_line_is_refused() -> None:
    """A line that is longer than any event is refused before it fills the memory."""
    with pytest.raises(InputError, match="line 2: expected a line of at most"):
        read(HEADER + "\n" + " " * (LINE_BYTES_MAX + 10))


def test_a_path_that_is_no_trace_is_refused(tmp_path: Path) -> None:
    """A missing file and a directory are refused with words, not with a traceback."""
    with pytest.raises(InputError, match="no such file"):
        judge_file(tmp_path / "missing.jsonl")
    with pytest.raises(InputError, match="it is a directory"):
        judge_file(tmp_path)
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError, match="there is nothing"):
        judge_file(tmp_path / "empty.jsonl")


@pytest.mark.parametrize("end", ['{"event":"del', '{"event":"mark","process":"p","label":"\u00e9'.encode()[:-1]])
def test_a_trace_whose_writer_crashed_is_judged_up_to_there(tmp_path: Path, end: str | bytes) -> None:
    """A last line without an end is left out, and the verdict says so."""
    path = tmp_path / "trace.jsonl"
    path.write_bytes(event(event="multicast", message="a").encode() + (end.encode() if isinstance(end, str) else end))
    judgement = judge_file(path)
    assert judgement.truncated
    assert judgement.counts.events == 1


def test_a_complete_last_line_needs_no_newline() -> None:
    """A trace that lacks only the last newline is complete."""
    events, reader = read(event(event="leave").rstrip("\n"))
    assert len(events) == 1
    assert not reader.truncated


def test_what_is_unknown_is_passed_over_and_counted(tmp_path: Path) -> None:
    """A later version may add fields and events: the fields are ignored, the events counted."""
    path = tmp_path / "trace.jsonl"
    path.write_text(event(event="suspect", suspected="q") + '{"event":"leave","process":"p","clock":12.5}\n')
    judgement = judge_file(path)
    assert judgement.unknown == {"suspect": 1}
    assert judgement.counts.events == 1
    assert not judgement.truncated


def test_equal_events_are_equal_bytes() -> None:
    """The order in which fields are given does not show in what is written."""
    assert encoded({"b": 1, "a": [2]}) == encoded({"a": [2], "b": 1}) == b'{"a":[2],"b":1}\n'


def test_no_half_of_a_file_is_left_behind(tmp_path: Path) -> None:
    """If writing fails, the file is not there, nor anything beside it."""
    with pytest.raises(TypeError), TraceWriter(tmp_path / "trace.jsonl", Header()) as writer:
        writer.write({"event": object()})
    assert list(tmp_path.iterdir()) == []


def test_a_trace_can_go_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The path "-" is standard output."""
    with TraceWriter("-", Header()) as writer:
        writer.write(EVENTS[0])
    assert capfdbinary.readouterr().out.splitlines()[1] == encoded(event_fields(EVENTS[0])).strip()
