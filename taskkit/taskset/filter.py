"""Which instances of a taskset are wanted: by id, split and category, or by what was measured."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from taskkit.errors import UsageError

FILTERS = ("id", "split", "category")
MEASURES = ("tables", "words", "reference", "steps", "entropy", "guess")
"""What can be asked for by number, once the set is audited.

Of the instance: tables read, words of the question, characters and steps of the reference. Of its
category: entropy of the answers in bits, and share of the best guess.
"""
COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
TERM = re.compile(r"(?P<field>[a-z]+)(?P<sign><=|>=|<|>|=)(?P<value>.*)", re.DOTALL)
Measures = Mapping[str, Mapping[str, float]]
"""Value by measure by id."""


@dataclass(frozen=True)
class Filter:
    """Which instances to take: every field given must match one of its patterns, and each bound."""

    patterns: tuple[tuple[str, str], ...] = ()
    bounds: tuple[tuple[str, str, float], ...] = ()
    """Measure, sign and number."""
    measured: Measures = field(default_factory=dict)
    """Of every audited instance; needed where there are bounds."""

    @classmethod
    def parse(cls, texts: tuple[str, ...]) -> Filter:
        """Read filters such as ``category=cost*`` or ``tables>=2``.

        Raises:
            UsageError: one has another form or names another field.
        """
        patterns, bounds = [], []
        for text in texts:
            term = TERM.fullmatch(text)
            name, sign, value = term.group("field", "sign", "value") if term else ("", "", "")
            if name in FILTERS and sign == "=":
                patterns.append((name, value))
            elif name in MEASURES and (number := _number(value)) is not None:
                bounds.append((name, sign, number))
            else:
                raise UsageError(
                    f"--filter {text!r}: need FIELD=PATTERN with a field of {', '.join(FILTERS)},"
                    " such as category=cost*, or a number with <, <=, =, >= or > of"
                    f" {', '.join(MEASURES)}, such as tables>=2"
                )
        return cls(tuple(patterns), tuple(bounds))

    def takes(self, file: Path) -> bool:
        """Say whether an instance, by its path, is wanted; one not audited has no measure."""
        values = dict(zip(("category", "split"), (p.name for p in file.parents), strict=False))
        values["id"] = file.stem
        wanted: dict[str, bool] = {}
        for name, pattern in self.patterns:
            wanted[name] = wanted.get(name, False) or fnmatchcase(values[name], pattern)
        known = self.measured.get(file.stem, {})
        within = (
            name in known and COMPARED[sign](known[name], number)
            for name, sign, number in self.bounds
        )
        return all(wanted.values()) and all(within)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
