"""The fuzzer: it finds nothing in the decoders as they are, finds each planted bug, and repeats what it found."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from vsync.errors import RemoteProtocolError
from vsync.runtime import fuzz
from vsync.runtime.fuzz import DECODERS, Decoder, main
from vsync.runtime.mutations import WAYS
from vsync.runtime.planted import BUGS, HANGS, Bug

ENOUGH = 20_000
"""Inputs in which each planted bug is found."""


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code of a command line, and the JSON object that it writes."""
    code = main([*words, "--json"])
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, result


def test_the_decoders_stand_what_comes() -> None:
    """Nothing crashes, hangs, allocates without bound, or is accepted though malformed; and both verdicts occur."""
    report = fuzz.fuzz(6000, seed=2)
    assert report.findings == []
    assert report.one_sided == []
    assert report.inputs == 6000
    assert {how for _, how, _ in report.verdicts} == {way.__name__.replace("_", " ") for way in WAYS}


def test_what_is_valid_is_accepted() -> None:
    """An encoding that is left as it is, is accepted: the decoders do not refuse everything."""
    report = fuzz.fuzz(3000, seed=3)
    for decoder in DECODERS:
        assert report.verdicts[decoder.name, "unchanged", True] > 0
        assert report.verdicts[decoder.name, "unchanged", False] == 0


@pytest.mark.parametrize("bug", BUGS.values(), ids=lambda bug: bug.name)
def test_each_planted_bug_is_found(bug: Bug) -> None:
    """A decoder that is broken is found out, by the symptom that the bug is known to have."""
    timeout_ms = 100 if bug.symptom == HANGS else fuzz.TIMEOUT_MS
    with bug.applied():
        report = fuzz.fuzz(ENOUGH, seed=1, timeout_ms=timeout_ms, findings_max=3)
    assert bug.symptom in report.found
    assert report.inputs < ENOUGH


def test_a_finding_is_repeated_by_its_number() -> None:
    """Seed and number alone give the input again."""
    with BUGS["bytes_after_the_end"].applied():
        found = fuzz.fuzz(ENOUGH, seed=1, findings_max=1).findings[0]
        again = fuzz.fuzz(1, seed=1, first=found.number).findings[0]
    assert again == found


def test_the_same_seed_gives_the_same_inputs() -> None:
    """Nothing but seed and number decides what is given."""

    def given(seed: int) -> list[tuple[str, bytes]]:
        pool = fuzz.pool_of(DECODERS[0], seed)
        return [fuzz.input_of(pool, seed, number) for number in range(300)]

    assert given(5) == given(5)
    assert given(5) != given(6)


def greeting(data: bytes) -> str:
    """A decoder of one word."""
    if data != b"hello":
        raise RemoteProtocolError("expected hello")
    return "hello"


def test_a_decoder_is_added_by_a_line() -> None:
    """Whatever decodes what comes from outside is fuzzed as these are."""
    more = Decoder(name="greetings", decode=greeting, encode=str.encode, sample=lambda chance: b"hello")
    report = fuzz.fuzz(3000, seed=1, decoders=(*DECODERS, more))
    assert report.findings == []
    assert report.count(accepted=True, decoder="greetings") > 0
    assert report.count(accepted=False, decoder="greetings") > 0


def picky(data: bytes) -> str:
    """A decoder that refuses everything."""
    raise RemoteProtocolError("no")


def test_a_decoder_that_refuses_everything_is_not_said_to_hold() -> None:
    """Of a decoder that gives one verdict only nothing is known."""
    deaf = Decoder(name="deaf", decode=picky, encode=str.encode, sample=lambda chance: chance.randbytes(3))
    assert fuzz.fuzz(200, seed=1, decoders=(deaf,)).one_sided == ["deaf"]


def test_the_value_must_give_the_same_bytes() -> None:
    """A decoder that ignores the case accepts what is not canonical."""
    lenient = Decoder(
        name="lenient",
        decode=lambda data: greeting(data.lower()),
        encode=str.encode,
        sample=lambda chance: Random(chance.random()).choice((b"hello", b"HELLO")),
    )
    found = fuzz.fuzz(500, seed=1, decoders=(lenient,), findings_max=1).findings[0]
    assert found.symptom == "accepts"
    assert found.sentence == "but the value has another encoding, 68656c6c6f"


# -- The command ------------------------------------------------------------------------------------------


def test_the_command_ends_with_0_if_nothing_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, and a JSON object with how many inputs were accepted and refused."""
    code, result = told(capsys, "--inputs", "2000", "--seed", "4")
    assert (code, result["verdict"], result["error"]) == (0, "holds", None)
    assert result["accepted"] + result["refused"] == result["inputs"] == 2000
    assert result["findings"] == {"count": {}, "shown": []}
    assert result["memory"]["per_byte"] < fuzz.MEMORY_PER_BYTE


def test_the_command_ends_with_1_if_something_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; a finding says how to repeat it and what happened."""
    code, result = told(capsys, "--inputs", "2000", "--seed", "1", "--planted", "any_version")
    assert (code, result["verdict"]) == (1, "violated")
    first = result["findings"]["shown"][0]
    assert first["symptom"] == "accepts"
    with BUGS["any_version"].applied():
        verdict = fuzz.judge(DECODERS[0], bytes.fromhex(first["input"]))
    assert verdict.symptom == "accepts"
    code, result = told(capsys, "--inputs", "1", "--first", str(first["number"]), "--planted", "any_version")
    assert result["findings"]["shown"] == [first]


def test_the_command_ends_with_2_if_nothing_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 if a decoder has given one verdict only."""
    code, result = told(capsys, "--inputs", "1", "--seed", "1")
    assert (code, result["verdict"]) == (2, "not judged")
    assert result["error"].endswith("take more inputs")


@pytest.mark.parametrize("words", [["--inputs", "0"], ["--seed", "-1"], ["--inputs", "many"], ["--planted", "none"]])
def test_a_wrong_command_line_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be done is refused in words."""
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_people_are_told_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json there is a table, each finding, and the verdict in the last line."""
    assert main(["--inputs", "2000", "--seed", "1", "--planted", "any_version"]) == 1
    out = capsys.readouterr().out
    assert "bits flipped" in out
    assert "accepts: but the value has another encoding" in out
    assert out.splitlines()[-1].startswith("VIOLATED: accepts ")
