"""A trace as one HTML page that needs nothing else: diagrams, what contradicts what, and the line of each event.

The page works from a file and without a network. Without its script all of it can be read and printed; with it,
an event that is pointed at, clicked or reached by the keyboard shows its line, and its message lights up.

Spec: none. Paper: none.
"""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import attrs

from vsync.check.explain import Explanation
from vsync.check.record import Record
from vsync.show.layout import Diagram
from vsync.show.svg import STYLE, drawn


@attrs.frozen(kw_only=True)
class Sheet:
    """A diagram on the page: what it is called, and what is to be said about it."""

    name: str
    note: str
    diagram: Diagram


_PAGE_STYLE: Final = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; font: 14px/1.45 system-ui, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; color: #1b1b1b;
  background: #f4f4f2; }
header { padding: 12px 20px; background: #fff; border-bottom: 1px solid #ccc; display: flex; flex-wrap: wrap;
  gap: 6px 22px; align-items: baseline; }
h1 { font-size: 18px; margin: 0; } h2 { font-size: 15px; margin: 0 0 6px; }
header p { margin: 0; color: #444; } label { margin-right: 6px; }
select { font: inherit; padding: 2px 6px; }
main { display: flex; gap: 16px; padding: 16px 20px; align-items: flex-start; }
.sheets { flex: 1 1 auto; min-width: 0; overflow: auto; background: #fff; border: 1px solid #ccc; border-radius: 6px;
  max-height: calc(100vh - 90px); }
.sheet > p { margin: 10px 14px 0; color: #555; } .sheet[hidden] { display: none; }
aside { flex: 0 0 370px; display: flex; flex-direction: column; gap: 14px; position: sticky; top: 16px;
  max-height: calc(100vh - 90px); overflow: auto; }
aside section { background: #fff; border: 1px solid #ccc; border-radius: 6px; padding: 12px 14px; }
.contradiction { border-left: 5px solid #b3401a; } .contradiction h2 { color: #8f2f0f; }
ol { margin: 8px 0; padding: 0; list-style: none; counter-reset: mark; }
ol li { display: flex; gap: 8px; margin: 3px 0; }
ol .number { flex: 0 0 20px; height: 20px; border-radius: 4px; background: #b3401a; color: #fff; font-weight: 700;
  font-size: 12px; text-align: center; line-height: 20px; }
a { color: #00548a; } .argument p { margin: 6px 0; } .argument .however { font-weight: 600; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f2; padding: 8px; border-radius: 4px;
  font-size: 12px; margin: 6px 0 0; }
.event { cursor: pointer; outline: none; }
.event:focus .label, .event:hover .label, .event.pinned .label { text-decoration: underline; }
.event:focus-visible > :first-of-type, .event.pinned > :nth-child(2) { stroke: #000; stroke-width: 3.5; }
.diagram.lit .event:not(.lit) { opacity: .38; } .diagram.lit .arrow:not(.lit) { opacity: .12; }
.diagram .arrow.lit { opacity: 1; stroke-width: 2.4; }
.legend { display: grid; grid-template-columns: 34px 1fr; gap: 4px 8px; align-items: center; font-size: 13px; }
.legend svg { display: block; }
kbd { border: 1px solid #999; border-radius: 3px; padding: 0 4px; font-size: 12px; background: #f4f4f2; }
@media (max-width: 900px) { main { flex-direction: column; } aside { position: static; flex-basis: auto; width: 100%;
  max-height: none; } .sheets { width: 100%; } }
@media print {
  body { background: #fff; } main { display: block; padding: 0; } select, .keys, .details { display: none; }
  .sheets, aside, aside section { border: 0; max-height: none; overflow: visible; position: static; }
  .sheets svg { max-width: 100%; height: auto; } .event { break-inside: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""

_SCRIPT: Final = """
"use strict";
const told = document.getElementById("told"), source = document.getElementById("source");
const events = () => [...document.querySelectorAll(".sheet:not([hidden]) .event")];
let pinned = null;
function show(event) {
  told.textContent = "Line " + event.dataset.line + ": " + event.dataset.told + ".";
  source.textContent = event.dataset.source; source.hidden = false;
  const diagram = event.closest(".diagram"), message = event.dataset.message;
  dim();
  if (!message) return;
  diagram.classList.add("lit");
  const lines = new Set();
  for (const other of diagram.querySelectorAll(".event"))
    if (other.dataset.message === message) { other.classList.add("lit"); lines.add(other.dataset.line); }
  for (const arrow of diagram.querySelectorAll(".arrow"))
    if (lines.has(arrow.dataset.from) && lines.has(arrow.dataset.to)) arrow.classList.add("lit");
}
function dim() {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
}
function rest() { if (pinned) show(pinned); else dim(); }
function pin(event) {
  if (pinned) pinned.classList.remove("pinned");
  pinned = pinned === event ? null : event;
  if (pinned) { pinned.classList.add("pinned"); }
  rest();
}
for (const event of document.querySelectorAll(".event")) {
  event.addEventListener("mouseenter", () => show(event));
  event.addEventListener("mouseleave", rest);
  event.addEventListener("focus", () => show(event));
  event.addEventListener("blur", rest);
  event.addEventListener("click", () => pin(event));
}
document.addEventListener("keydown", key => {
  const here = document.activeElement;
  if (key.key === "Escape") { if (pinned) pin(pinned); return; }
  if (!here || !here.classList.contains("event")) return;
  if (key.key === "Enter" || key.key === " ") { pin(here); key.preventDefault(); return; }
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[key.key];
  if (!step) return;
  const own = key.key === "ArrowDown" || key.key === "ArrowUp"
    ? events().filter(event => event.dataset.process === here.dataset.process)
    : events().filter(event => event.dataset.message === here.dataset.message);
  const next = own[own.indexOf(here) + step];
  if (next) { next.focus(); next.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  key.preventDefault();
});
for (const link of document.querySelectorAll("a[data-line]"))
  link.addEventListener("click", click => {
    const event = events().find(each => each.dataset.line === link.dataset.line);
    if (!event) return;
    click.preventDefault(); event.focus(); event.scrollIntoView({ block: "center", inline: "center" });
  });
const choice = document.getElementById("group");
if (choice) choice.addEventListener("change", () => {
  for (const sheet of document.querySelectorAll(".sheet")) sheet.hidden = sheet.dataset.name !== choice.value;
});
"""


def as_page(
    sheets: Sequence[Sheet], record: Record, title: str, verdict: str, explanations: Sequence[Explanation]
) -> str:
    """Returns the page; the first of the sheets is the one that is seen at first."""
    chooser = ""
    if len(sheets) > 1:
        options = "".join(f"<option value={quoteattr(sheet.name)}>{escape(sheet.name)}</option>" for sheet in sheets)
        chooser = f'<p><label for="group">Group</label><select id="group">{options}</select></p>'
    return "\n".join(
        (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{STYLE}{_PAGE_STYLE}</style></head><body>",
            f"<header><h1>{escape(title)}</h1><p>{escape(verdict)}</p>{chooser}</header>",
            '<main><div class="sheets">',
            *(_sheet(sheet, record, hidden=place > 0) for place, sheet in enumerate(sheets)),
            "</div><aside>",
            *(_contradiction(each, numbered=each is explanations[0]) for each in explanations),
            '<section class="details"><h2>Event</h2><p id="told" aria-live="polite">Point at an event, or click it, '
            'to see its line.</p><pre id="source" hidden></pre></section>',
            _LEGEND,
            f"</aside></main><script>{_SCRIPT}</script></body></html>\n",
        )
    )


def _sheet(sheet: Sheet, record: Record, *, hidden: bool) -> str:
    note = f"<p>{escape(sheet.note)}</p>" if sheet.note else ""
    svg = drawn(sheet.diagram, record, sheet.name)
    return f'<div class="sheet" data-name={quoteattr(sheet.name)}{" hidden" if hidden else ""}>{note}{svg}</div>'


def _contradiction(explanation: Explanation, *, numbered: bool) -> str:
    group = f" in group {explanation.group}" if explanation.group else ""
    items = "".join(
        f'<li><span class="number">{number if numbered else "·"}</span><span><a href="#line-{event.line}" '
        f'data-line="{event.line}">line {event.line}</a> {escape(event.sentence)}</span></li>'
        for number, event in enumerate(explanation.events, start=1)
    )
    steps = "".join(f"<p>{escape(step)}.</p>" for step in explanation.because)
    return (
        f'<section class="contradiction"><h2>{escape(explanation.guarantee)} is broken{escape(group)}</h2>'
        f"<p>{escape(explanation.rule)}</p><ol>{items}</ol>"
        f'<div class="argument">{steps}<p class="however">However, {escape(explanation.however)}: a contradiction.</p>'
        "</div></section>"
    )


def _key(shape: str, words: str) -> str:
    return f'<svg class="diagram" width="34" height="20" viewBox="0 0 34 20" aria-hidden="true">{shape}</svg>{words}'


_LEGEND: Final = (
    '<section><h2>Legend</h2><div class="legend">'
    + _key('<circle class="multicast" cx="17" cy="10" r="5.5"/>', "<span>multicast</span>")
    + _key('<circle class="deliver" cx="17" cy="10" r="5"/>', "<span>deliver; an arrow leads from the multicast</span>")
    + _key(
        '<rect class="install" x="6" y="7" width="22" height="6" rx="1.5"/>',
        "<span>install a view: a band begins</span>",
    )
    + _key('<path class="crash" d="M10 3 L24 17 M24 3 L10 17"/>', "<span>crash</span>")
    + _key('<rect class="other" x="12" y="5" width="10" height="10"/>', "<span>leave</span>")
    + _key('<path class="other" d="M17 4 L23 15 L11 15 z"/>', "<span>ask to join</span>")
    + _key('<path class="other" d="M17 4 L23 10 L17 16 L11 10 z"/>', "<span>state of the group, or told stable</span>")
    + _key('<rect class="flush" x="13" y="1" width="8" height="18"/>', "<span>flush, until the next view</span>")
    + _key('<circle class="ring" cx="17" cy="10" r="8"/>', "<span>one of the events that contradict</span>")
    + '</div><p class="keys"><kbd>Tab</kbd> to an event; <kbd>↑</kbd> <kbd>↓</kbd> along its process, <kbd>←</kbd> '
    "<kbd>→</kbd> along its message; <kbd>Enter</kbd> keeps it. Time runs downwards, and is logical: what stands "
    "higher did not come later. No clock was used.</p></section>"
)
