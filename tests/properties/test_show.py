"""Diagrams: everything has a place of its own, time runs downwards, and a page needs nothing else."""

import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest
from histories_at_random import bent, by_process, disordered, legal_of_groups, noise, numbered
from hypothesis import given, settings
from hypothesis import strategies as st

from vsync.check.orders import contradiction, merging
from vsync.check.record import Record, key_of, record_of
from vsync.check.trace import Crashed, Delivered, Installed, Left, Multicasted, ServiceEvent, View
from vsync.cli import main
from vsync.locate import traces_directory
from vsync.show.layout import COLUMN_WIDTH, LETTERS_MAX, SMALL_LETTERS_MAX, laid_out
from vsync.show.moments import moments

BAD = traces_directory() / "bad" / "weak_total_order" / "sequencer_lost_its_number.jsonl"
FOREIGN = traces_directory() / "foreign" / "one_process_after_the_other.jsonl"


def five_processes() -> list[ServiceEvent]:
    """Three views of five processes: one crashes in the first, one joins with the second and leaves the third."""
    names = ("alpha", "beta", "gamma", "delta", "epsilon")
    views = (names[:4], (*names[:3], names[4]), names[:3])
    events: list[ServiceEvent] = []
    for number, members in enumerate(views, start=1):
        if number == 3:
            events.append(Left(line=0, process=names[4]))
        events += [Installed(line=0, process=p, view=View(id=number, members=members)) for p in members]
        for sender in members[:2]:
            events.append(Multicasted(line=0, process=sender, message=f"{sender}-{number}"))
            events += [Delivered(line=0, process=p, message=f"{sender}-{number}") for p in members]
        if number == 1:
            events.append(Crashed(line=0, process=names[3]))
    return numbered(events)


@settings(max_examples=40)
@given(st.one_of(noise(), bent(), bent(legal_of_groups()), disordered().map(by_process)))
def test_time_runs_downwards_and_nothing_overlaps(events: list[ServiceEvent]) -> None:
    """Whatever is drawn: a process's events stand one below the other, and each label fits beside its own."""
    record = Record(events)
    diagram = laid_out(record, record.events)
    assert len(diagram.spots) == len(events)
    by_column: dict[int, list[int]] = {}
    for spot in diagram.spots:
        by_column.setdefault(spot.x, []).append(spot.y)
        assert len(spot.label) <= LETTERS_MAX
        assert all(len(text) <= SMALL_LETTERS_MAX for text in spot.small)
        assert 0 < spot.y < diagram.height
    assert all(two - one >= 20 for heights in by_column.values() for one, two in pairwise(heights))
    columns = sorted(by_column)
    assert all(two - one == COLUMN_WIDTH for one, two in pairwise(columns))


@settings(max_examples=40)
@given(st.one_of(bent(legal_of_groups()), disordered().map(by_process)))
def test_a_delivery_is_later_than_its_multicast(events: list[ServiceEvent]) -> None:
    """Logical time: later at one process, and later than the multicast, unless the events go in a circle."""
    record = Record(events)
    moment = moments(record, record.events)
    for own in record.of_process.values():
        assert all(moment[one.line] < moment[two.line] for one, two in pairwise(own))
    late = [e for e in events if isinstance(e, Delivered) and record.multicasts.get(key_of(e))]
    if not contradiction(merging(events)):
        assert all(moment[record.multicasts[key_of(e)][0].line] < moment[e.line] for e in late if _single(record, e))


def _single(record: Record, event: Delivered) -> bool:
    return len(record.multicasts[key_of(event)]) == 1


def test_views_are_bands_and_installs_stand_side_by_side() -> None:
    """Five processes, three views, a crash: the installs of a view have one height, and each view its bands."""
    record = Record(five_processes())
    diagram = laid_out(record, record.events)
    heights = {(s.event.view.id, s.y) for s in diagram.spots if isinstance(s.event, Installed)}
    assert sorted(number for number, _ in heights) == [1, 2, 3]
    assert sorted(band.view for band in diagram.bands) == [1] * 4 + [2] * 4 + [3] * 3
    crashed = next(line for line in diagram.lines if line.process == "delta")
    assert crashed.ends
    assert crashed.bottom < diagram.height - 100


def test_a_page_needs_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page has no address of anything elsewhere; it marks and numbers what contradicts, and links the lines."""
    page = tmp_path / "page.html"
    assert main(["show", str(BAD), "-o", str(page)]) == 1
    text = page.read_text(encoding="utf-8")
    elsewhere = re.findall(r"https?://[^\"' ]+", text.replace("http://www.w3.org/2000/svg", ""))
    assert not elsewhere
    assert not re.search(r"<(link|img|iframe|script src)|@import|url\((?!#)", text)
    assert text.count('class="event marked"') == 10
    assert "WeakTotalOrder is broken" in text
    assert 'href="#line-14"' in text


@pytest.mark.parametrize("path", [BAD, FOREIGN], ids=["bad", "foreign"])
def test_a_diagram_is_one_svg(path: Path, tmp_path: Path) -> None:
    """The SVG is well-formed XML, the same each time, and has each event."""
    files = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for file in files:
        main(["show", str(path), "-o", str(file)])
    assert files[0].read_bytes() == files[1].read_bytes()
    tree = ET.fromstring(files[0].read_text(encoding="utf-8"))
    events = [each for each in tree.iter() if (each.get("class") or "").startswith("event")]
    assert len(events) == len(record_of(path)[1].events)


def test_a_part_is_chosen_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A group, lines from and to, or the surroundings of a line; what is not there is said to be missing."""
    page = str(tmp_path / "part.svg")
    path = str(traces_directory() / "good" / "service" / "overlapping_groups_in_one_order.jsonl")
    _, record = record_of(path)
    assert main(["show", path, "-o", page, "--group", "g1.1.1", "--json"]) == 0
    of_group = json.loads(capsys.readouterr().out)["events"]
    assert 0 < of_group < len(record.events)
    assert main(["show", path, "-o", page, "--from", "10", "--to", "14", "--json"]) == 0
    assert 0 < json.loads(capsys.readouterr().out)["events"] < len(record.events)
    assert "left out" in Path(page).read_text(encoding="utf-8")
    assert main(["show", path, "-o", page, "--around", "20"]) == 0
    for wrong in (["--group", "none"], ["--from", "900"], ["--around", "3", "--to", "5"], ["-o", "page.png"]):
        assert main(["show", path, "-o", page, *wrong]) == 2
    assert "expected" in capsys.readouterr().err
