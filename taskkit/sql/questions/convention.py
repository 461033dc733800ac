"""What a published question leaves unsaid, and where its words and its query part.

The rules were counted over EHRSQL's and EHRSQL-2024's published queries; the agent's document has
the rest of them (domains/*/documents/published.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

_SPAN = re.compile(
    r"\b(since|until|through|up to) (?:the year )?(2\d{3})\b(?! (?:hours?|days?|months?))", re.I
)
_WITHIN = re.compile(r"\bmore than (\d+) (day|month|year)s? ago\b", re.I)


def unsaid(tree: exp.Query) -> str:
    """Say how ties, percentiles and survival rates are meant; empty where none is asked for."""
    kinds = {node.key for node in tree.find_all(exp.Func)}
    if "percentrank" in kinds:
        return "Give the percentile as a number from 0 to 1, as SQL's percent_rank() does."
    said = []
    if any(case.find_ancestor(exp.Div) for case in tree.find_all(exp.Case)):
        said.append("Survival is a whole percentage, cut off; mortality is 100 less survival.")
    if "denserank" in kinds and (n := _ranks(tree)) is not None:
        said.append(f"What is tied shares a rank: give all of the first {n} ranks.")
    return " ".join(said)


def _ranks(tree: exp.Query) -> int | None:
    """Give how many ranks a query takes; None where it compares none with a number."""
    window = next((node for node in tree.find_all(exp.Window) if node.find(exp.DenseRank)), None)
    name = window.parent.alias.lower() if window and window.parent else ""
    for node in tree.find_all(exp.LTE):
        if isinstance(node.left, exp.Column) and node.left.name.lower() == name:
            return int(node.right.name) if node.right.name.isdigit() else None
    return None


def contradictions(text: str, sql: str) -> Iterator[str]:
    """Say where the words of a question ask for another span of time than its query."""
    for word, year in _SPAN.findall(text):
        sign = ">=" if word.lower() == "since" else "<="
        if f"= '{year}" in sql and f"{sign} '{year}" not in sql:
            yield f"the question says {word} {year}, the query is about {year} alone"
    for number, unit in _WITHIN.findall(text):
        if f"'+{number} {unit}'" in sql and f"'-{number} {unit}'" not in sql:
            yield f"the question says more than {number} {unit}s, the query at most so many"
