"""Charts: how some figures grow, as a small SVG file that stands for itself.

Each panel has one figure on logarithmic axes: there a straight line is a power, and its slope is the exponent.
Points bear their values, so that nothing has to be guessed from a scale.

Spec: none. Paper: none.
"""

from collections.abc import Sequence
from math import log2
from typing import Final
from xml.sax.saxutils import escape

from attrs import frozen

WIDTH: Final = 420
HEIGHT: Final = 260
LEFT, RIGHT, TOP, BOTTOM = 52, 26, 46, 42
STYLE: Final = """
text { font-family: system-ui, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; }
text { font-size: 12px; fill: #1b1b1b; }
.title { font-size: 15px; font-weight: 600; } .panel { font-weight: 600; font-size: 13px; } .small { fill: #555; }
.axis { stroke: #333; stroke-width: 1; } .grid { stroke: #e3e3e3; stroke-width: 1; }
.line { fill: none; stroke: #0067a5; stroke-width: 2; } .point { fill: #0067a5; }
.value { text-anchor: middle; paint-order: stroke; stroke: #fff; stroke-width: 3px; }
"""


@frozen(kw_only=True)
class Panel:
    """One figure: its title with the unit, and its values, one for each place on the horizontal axis."""

    title: str
    values: tuple[float, ...]


def chart(title: str, axis: str, places: Sequence[int], panels: Sequence[Panel], columns: int = 2) -> str:
    """Return the panels, in columns, as an SVG file.

    Arguments: the title; what the horizontal axis counts; its places, rising and positive; the panels, with
    positive values.
    """
    rows = -(-len(panels) // columns)
    width, height = columns * WIDTH, rows * HEIGHT + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>',
    ]
    for index, panel in enumerate(panels):
        x, y = index % columns * WIDTH, index // columns * HEIGHT + 40
        parts.append(f'<g transform="translate({x} {y})">{_panel(panel, axis, places)}</g>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Panel, axis: str, places: Sequence[int]) -> str:
    low, high = min(panel.values) / 2, max(panel.values) * 2
    across = [_between(place, places[0], places[-1], LEFT + 14, WIDTH - RIGHT) for place in places]
    down = [_between(value, low, high, HEIGHT - BOTTOM, TOP) for value in panel.values]
    bottom = HEIGHT - BOTTOM
    parts = [f'<text class="panel" x="{LEFT}" y="24">{escape(panel.title)}</text>']
    for x, place in zip(across, places, strict=True):
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="small" text-anchor="middle" x="{x:.1f}" y="{bottom + 16}">{place}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" y1="{bottom}" x2="{WIDTH - RIGHT + 8}" y2="{bottom}"/>')
    parts.append(f'<text class="small" text-anchor="middle" x="{WIDTH / 2}" y="{bottom + 34}">{escape(axis)}</text>')
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
    parts.append(f'<polyline class="line" points="{points}"/>')
    for x, y, value in zip(across, down, panel.values, strict=True):
        parts.append(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
        parts.append(f'<text class="value" x="{x:.1f}" y="{y - 9:.1f}">{_short(value)}</text>')
    return "".join(parts)


def _between(value: float, low: float, high: float, start: float, end: float) -> float:
    """Where a value stands on a logarithmic axis."""
    share = 0.5 if high == low else (log2(value) - log2(low)) / (log2(high) - log2(low))
    return start + share * (end - start)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
