"""A diagram as SVG: a file that stands for itself, without scripts, fonts or anything from elsewhere.

Kinds of events differ in shape and not in colour alone; the colours are those of Okabe and Ito, which people see
who do not see all colours. What contradicts a guarantee has a ring and a flag.

Spec: none. Paper: none.
"""

import json
import textwrap
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from vsync.check.explain import Explanation
from vsync.check.record import Record
from vsync.check.trace import Crashed, Delivered, Installed, JoinAsked, Left, Marked, Multicasted, Stated, ToldSafe
from vsync.check.writer import event_fields
from vsync.show.layout import COLUMN_WIDTH, LABEL_INSET, LINE_INSET, TOP, Arrow, Band, Diagram, Gap, Line, Spot

STYLE: Final = """
.diagram { font-family: system-ui, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; background: #fff; }
.diagram text { fill: #1b1b1b; font-size: 12px; }
.diagram .name { font-weight: 600; font-size: 13px; }
.diagram .small { font-size: 10.5px; fill: #444; }
.diagram .label { paint-order: stroke; stroke: #fff; stroke-width: 3.5px; stroke-linejoin: round; stroke-opacity: .85; }
.diagram .lifeline { stroke: #333; stroke-width: 1.6; }
.diagram .gone { stroke-dasharray: 2 4; stroke: #999; }
.diagram .flush { fill: url(#hatch); stroke: #333; stroke-width: .8; }
.diagram .band-0 { fill: #dcebf7; } .diagram .band-1 { fill: #fdeed6; } .diagram .band-2 { fill: #dbf1e8; }
.diagram .band-3 { fill: #f6e3ee; } .diagram .band-4 { fill: #f7f5d0; } .diagram .band-5 { fill: #e6e6f4; }
.diagram .arrow { stroke: #0067a5; stroke-width: 1.3; fill: none; opacity: .6; }
.diagram .arrow.marked { stroke: #b3401a; stroke-width: 2.2; opacity: 1; }
.diagram .multicast { fill: #0067a5; stroke: #0067a5; }
.diagram .deliver { fill: #fff; stroke: #0067a5; stroke-width: 2; }
.diagram .install { fill: #333; }
.diagram .crash { stroke: #a01010; stroke-width: 3; fill: none; }
.diagram .other { fill: #fff; stroke: #333; stroke-width: 1.6; }
.diagram .ring { fill: none; stroke: #b3401a; stroke-width: 3; }
.diagram .flag { fill: #b3401a; } .diagram .flagged { fill: #fff; font-weight: 700; font-size: 10.5px; }
.diagram .marked .label { font-weight: 700; }
.diagram .gap { fill: #555; font-style: italic; font-size: 11.5px; }
.diagram .torn { stroke: #777; stroke-width: 1; stroke-dasharray: 1 4; }
"""
_DEFINITIONS: Final = (
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="5" height="5" fill="#fff"/><rect width="2" height="5" fill="#333"/></pattern>'
    '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 1 L10 5 L0 9 z" fill="#0067a5"/></marker>'
    '<marker id="head-marked" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" orient="auto">'
    '<path d="M0 1 L10 5 L0 9 z" fill="#b3401a"/></marker></defs>'
)


def drawn(diagram: Diagram, record: Record, title: str) -> str:
    """Returns the diagram as an SVG element, without the style that it needs."""
    parts = [
        f'<svg class="diagram" xmlns="http://www.w3.org/2000/svg" width="{diagram.width}" height="{diagram.height}" '
        f'viewBox="0 0 {diagram.width} {diagram.height}" role="group" aria-label={quoteattr(title)}>',
        _DEFINITIONS,
        *map(_band, diagram.bands),
        *map(_line, diagram.lines),
        *(_gap(gap, diagram.width) for gap in diagram.gaps),
        *(_arrow(arrow) for arrow in sorted(diagram.arrows, key=lambda arrow: arrow.marked)),
        *(_spot(spot, record) for spot in diagram.spots),
        "</svg>",
    ]
    return "\n".join(parts)


def as_file(diagram: Diagram, record: Record, title: str, explanation: Explanation | None) -> str:
    """Returns a whole SVG file: the diagram, below its title, and above the explanation if there is one."""
    words = [] if explanation is None else _wrapped(explanation, max(60, diagram.width // 7))
    width = max(diagram.width, 640)
    height = diagram.height + 40 + 18 * len(words) + (20 if words else 0)
    inner = drawn(diagram, record, title).replace("<svg ", '<svg y="36" ', 1)
    texts = "".join(
        f'<text{" class=" + quoteattr("name") if bold else ""} x="14" y="{diagram.height + 62 + 18 * place}">'
        f"{escape(piece)}</text>"
        for place, (piece, bold) in enumerate(words)
    )
    return (
        f'<svg class="diagram" xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="14" y="24" style="font-size:15px;font-weight:600">{escape(title)}</text>\n{inner}\n{texts}</svg>\n'
    )


def _wrapped(explanation: Explanation, letters: int) -> list[tuple[str, bool]]:
    lines = [(f"{explanation.guarantee} is broken. {explanation.rule}", True)]
    lines += [(f"{step}.", False) for step in explanation.because]
    lines.append((f"However, {explanation.however}: a contradiction.", True))
    return [(piece, bold) for text, bold in lines for piece in textwrap.wrap(text, letters)]


# ------------------------------------------------------------------------------------------------- the parts


def _band(band: Band) -> str:
    text = f'<text class="small" x="{band.x + 6}" y="{TOP - 22}">in {escape(band.note)}</text>'
    return (
        f'<rect class="band band-{band.colour}" x="{band.x}" y="{band.top}" width="{COLUMN_WIDTH - 8}" '
        f'height="{band.bottom - band.top}" rx="3"/>' + (text if band.note else "")
    )


def _line(line: Line) -> str:
    parts = [
        f'<text class="name" x="{line.x - LINE_INSET + 6}" y="24">{escape(line.process)}</text>',
        f'<line class="lifeline" x1="{line.x}" y1="{line.top}" x2="{line.x}" y2="{line.bottom}"/>',
    ]
    if line.top > TOP + 20:
        parts.append(f'<line class="lifeline gone" x1="{line.x}" y1="{TOP - 14}" x2="{line.x}" y2="{line.top}"/>')
    parts += [
        f'<rect class="flush" x="{line.x - 4}" y="{top}" width="8" height="{bottom - top}"><title>flush</title></rect>'
        for top, bottom in line.flushes
    ]
    return "".join(parts)


def _gap(gap: Gap, width: int) -> str:
    return (
        f'<rect x="0" y="{gap.y - 11}" width="{width}" height="22" fill="#fff" opacity=".92"/>'
        f'<line class="torn" x1="8" y1="{gap.y - 11}" x2="{width - 8}" y2="{gap.y - 11}"/>'
        f'<line class="torn" x1="8" y1="{gap.y + 11}" x2="{width - 8}" y2="{gap.y + 11}"/>'
        f'<text class="gap" x="{width // 2}" y="{gap.y + 4}" text-anchor="middle">{escape(gap.sentence)}</text>'
    )


def _arrow(arrow: Arrow) -> str:
    (x1, y1), (x2, y2) = arrow.start, arrow.end
    away = 8 if x2 > x1 else -8
    mark = "-marked" if arrow.marked else ""
    return (
        f'<line class="arrow{" marked" if arrow.marked else ""}" x1="{x1}" y1="{y1}" x2="{x2 - away}" y2="{y2}" '
        f'marker-end="url(#head{mark})" data-from="{arrow.lines[0]}" data-to="{arrow.lines[1]}">'
        f"<title>{escape(arrow.message)}</title></line>"
    )


def _spot(spot: Spot, record: Record) -> str:
    event = spot.event
    fields = record.fields.get(event.line, event_fields(event))
    source = json.dumps(fields, ensure_ascii=False, sort_keys=True)
    label_x, y = spot.x - LINE_INSET + LABEL_INSET, spot.y + 4
    small = "".join(
        f'<text class="small label" x="{label_x}" y="{y + 14 * place}">{escape(text)}</text>'
        for place, text in enumerate(spot.small, start=1)
    )
    mark = (
        f'<circle class="ring" cx="{spot.x}" cy="{spot.y}" r="10"/>'
        f'<rect class="flag" x="{spot.x - 26}" y="{spot.y - 8}" width="15" height="15" rx="3"/>'
        f'<text class="flagged" x="{spot.x - 18.5}" y="{spot.y + 3.5}" text-anchor="middle">{spot.mark}</text>'
        if spot.mark
        else ""
    )
    spoken = f"line {event.line}: {spot.told}"
    message = getattr(event, "message", None)
    return (
        f'<g class="event{" marked" if spot.mark else ""}" id="line-{event.line}" tabindex="0" role="img" '
        f'aria-label={quoteattr(spoken)} data-line="{event.line}" data-told={quoteattr(spot.told)} '
        f"data-process={quoteattr(event.process)} data-source={quoteattr(source)}"
        + (f" data-message={quoteattr(message)}" if message else "")
        + f"><title>{escape(spoken)}</title>{_shape(spot)}{mark}"
        f'<text class="label" x="{label_x}" y="{y}">{escape(spot.label)}</text>{small}</g>'
    )


def _shape(spot: Spot) -> str:
    x, y = spot.x, spot.y
    match spot.event:
        case Installed():
            kind = "other" if spot.foreign else "install"
            return f'<rect class="{kind}" x="{x - 11}" y="{y - 3}" width="22" height="6" rx="1.5"/>'
        case Multicasted():
            return f'<circle class="multicast" cx="{x}" cy="{y}" r="5.5"/>'
        case Delivered():
            return f'<circle class="deliver" cx="{x}" cy="{y}" r="5"/>'
        case Crashed():
            return f'<path class="crash" d="M{x - 7} {y - 7} L{x + 7} {y + 7} M{x + 7} {y - 7} L{x - 7} {y + 7}"/>'
        case Left():
            return f'<rect class="other" x="{x - 5}" y="{y - 5}" width="10" height="10"/>'
        case JoinAsked():
            return f'<path class="other" d="M{x} {y - 6} L{x + 6} {y + 5} L{x - 6} {y + 5} z"/>'
        case Stated() | ToldSafe():
            return f'<path class="other" d="M{x} {y - 6} L{x + 6} {y} L{x} {y + 6} L{x - 6} {y} z"/>'
        case Marked():
            return f'<line class="lifeline" x1="{x - 6}" y1="{y}" x2="{x + 6}" y2="{y}"/>'
