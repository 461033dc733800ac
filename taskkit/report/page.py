"""A page as plain values; the templates beside this module write it as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from taskkit.report.histogram import Histogram
from taskkit.report.share import Share


@dataclass(frozen=True)
class Link:
    """A value that leads to a place of the page."""

    text: object
    anchor: str

    @property
    def plain(self) -> bool:
        """There is nothing to lead to."""
        return self.text in (0, "")


@dataclass(frozen=True)
class Bar:
    """A share of 1, drawn."""

    share: float

    @property
    def width(self) -> str:
        """The share as a CSS width."""
        return f"{max(0.0, min(1.0, self.share)):.1%}"


@dataclass(frozen=True)
class Noted:
    """A text with a smaller one below."""

    text: str
    note: str


@dataclass(frozen=True)
class Good:
    """A text that is good news."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of cells: plain values, or one of the classes above."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    numbers: Sequence[int]
    """Positions of the columns that stand right."""


@dataclass(frozen=True)
class Card:
    """A figure with what it counts."""

    value: object
    label: str
    kind: str = ""
    """`good`, `bad` or nothing."""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    title: str
    text: str = ""
    table: Table | None = None
    command: str = ""
    """What to type, after the text."""
    summary: str = ""
    """What opens ``each``."""
    each: Table | None = None
    charts: Sequence[Histogram] = ()

    @property
    def anchor(self) -> str:
        """Where the page's navigation leads to."""
        return f"section-{self.title.lower().replace(' ', '-')}"


@dataclass(frozen=True)
class Item:
    """An instance of a list, or a record of the quarantine."""

    id: str
    asked: str
    remark: str


@dataclass(frozen=True)
class Group:
    """The instances behind a number."""

    anchor: str
    title: str
    count: int
    instances: Sequence[Item]
    """The first of them."""

    @property
    def more(self) -> int:
        """How many are not listed."""
        return self.count - len(self.instances)


@dataclass(frozen=True)
class Page:
    """The whole report."""

    title: str
    sources: str
    origin: str
    cards: Sequence[Card]
    sections: Sequence[Section]
    groups: Sequence[Group]

    def html(self) -> str:
        """The document."""
        return _environment().get_template("page.html").render(page=self)


def written(value: object) -> str:
    """A number with its thousands apart, a fraction with three digits; other values as text."""
    if isinstance(value, float):
        return f"{value:,.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("taskkit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["written"] = written
    for kind in (Link, Bar, Noted, Good, Share):
        environment.tests[kind.__name__.lower()] = _is(kind)
    return environment


def _is(kind: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)
