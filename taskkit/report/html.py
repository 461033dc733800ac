"""Pieces of a page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --paper: #fff;
  --tint: #f3f5f8; --good: #1a7f4b; --bad: #b3261e; --link: #1a56b0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #323b47;
  --paper: #14181e; --tint: #1c222a; --good: #5fce94; --bad: #ff8a80; --link: #8ab4f8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { max-width: 46rem; } a { color: var(--link); } small, .soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .6rem; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.card b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad { color: var(--bad); }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; overflow-wrap: normal; }
th, td { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid var(--line);
  vertical-align: top; }
.bar { margin-top: .4rem; }
th { background: var(--tint); white-space: nowrap; } tr:last-child td { border-bottom: 0; }
td:last-child:not(.n) { min-width: 11rem; } td:last-child:has(.bar) { min-width: 6rem; }
tbody tr:hover { background: var(--tint); }
.wide { overscroll-behavior-x: contain; }
@media (max-width: 40rem) { body { font-size: 15px; padding: .7rem; } h2 { margin-top: 1.5rem; }
  th, td { padding: .3rem .45rem; } th { white-space: normal; }
  td:first-child { position: sticky; left: 0; background: var(--paper); }
  th:first-child { position: sticky; left: 0; } }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { background: var(--tint); height: .5rem; border-radius: .25rem; min-width: 4rem; }
.bar i { display: block; height: 100%; border-radius: .25rem; background: var(--link); }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .4rem 0; }
summary { cursor: pointer; padding: .45rem .7rem; }
details ul { margin: 0; padding: 0 1rem .6rem 2rem; }
li { margin: .35rem 0; } code { font-size: .85em; }
"""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def shown(value: object) -> str:
    """Write a value into a page."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, float):
        return f"{value:,.3g}"
    return escape(f"{value:,}" if isinstance(value, int) else str(value))


def link(text: object, anchor: str) -> Markup:
    """Write a link to a place of the page; plain text where the text is 0 or empty."""
    written = shown(text)
    plain = text in (0, "")
    return Markup(written if plain else f'<a href="#{escape(anchor)}">{written}</a>')


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Sequence[int]) -> str:
    """Write a table; ``numbers`` are the positions of the columns that stand right."""
    right = dict.fromkeys(numbers, ' class="n"')
    head = "".join(f"<th{right.get(at, '')}>{escape(name)}</th>" for at, name in enumerate(columns))
    body = "".join(
        "<tr>"
        + "".join(f"<td{right.get(at, '')}>{shown(v)}</td>" for at, v in enumerate(row))
        + "</tr>"
        for row in rows
    )
    inner = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="wide"><table>{inner}</table></div>'


def bar(share: float) -> Markup:
    """Draw a share of 1."""
    return Markup(f'<div class="bar"><i style="width:{min(1.0, share):.1%}"></i></div>')


def card(value: object, label: str, kind: str = "") -> str:
    """Write a figure with what it counts."""
    return f'<div class="card"><b class="{kind}">{shown(value)}</b>{escape(label)}</div>'


def page(title: str, body: str) -> str:
    """Write the whole document."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}"
        f"<script>{SCRIPT}</script></body></html>\n"
    )


SCRIPT = """
function open_target() {
  const found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (found && found.tagName === 'DETAILS') { found.open = true; found.scrollIntoView(); }
}
addEventListener('hashchange', open_target);
open_target();
"""
