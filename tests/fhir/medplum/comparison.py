"""Our answers beside those of the independent server, and why they differ where they do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from taskkit.fhir.api import Api
from taskkit.fhir.parameters import parameters
from tests.fhir.ward import get, ids

ALL = "_count=1000"


@dataclass
class Comparison:
    """What came of some searches."""

    asked: int = 0
    agreed: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[tuple[str, object, object]] = field(default_factory=list)


def compare(server: Api, base: str, queries: list[str]) -> Comparison:
    """Ask both servers."""
    found = Comparison()
    with httpx.Client(timeout=30) as client:
        for query in queries:
            text = query if "_count" in query else f"{query}&{ALL}"
            status, ours = get(server, text)
            answer = client.get(f"{base}/{text}")
            theirs = answer.json()
            one, other = shown(status, ours, query), shown(answer.status_code, theirs, query)
            found.asked += 1
            if one == other:
                found.agreed += 1
                continue
            why = reason(query, one, other)
            if why is None:
                found.unexplained.append((query, one, other))
            else:
                found.explained[why] += 1
    return found


def shown(status: int, bundle: dict[str, Any], query: str) -> Any:
    """What counts of an answer."""
    if status != 200:
        return status
    matches, extra = ids(bundle), sorted(ids(bundle, "include"))
    if "_summary=count" in query:
        return bundle.get("total")
    if "_count=" in query:
        return len(matches), bundle.get("total")
    return (matches if "_sort" in query else sorted(matches)), extra


def reason(query: str, ours: Any, theirs: Any) -> str | None:
    """Why two answers differ; None where it is not known. docs/fhir.md explains each."""
    type_, _, text = query.partition("?")
    name, _, value = text.partition("=")
    stem, _, modifier = name.partition(":")
    parameter = parameters()[type_].get(stem)
    kind = parameter.kind if parameter else ""
    if name.startswith("_has:") or "." in name:
        return "chain" if theirs in (400, ([], [])) else None
    if not isinstance(ours, tuple) or not isinstance(theirs, tuple):
        return None
    if name == "_sort":
        return "sort-of-several" if sorted(ours[0]) == sorted(theirs[0]) else None
    less, more = set(ours[0]), set(theirs[0])
    if kind == "reference" and modifier and not more:
        return "reference-type"
    if kind == "quantity" and not more:
        return "quantity"
    if kind == "string" and modifier != "contains" and less < more:
        return "string-part"
    sign = value[:2] if value[:2].isalpha() else "eq"
    if kind == "date" and sign == "ne" and less < more:
        return "date-absent"
    if kind == "date" and sign in ("eq", "ne") and (less < more) is (sign == "eq"):
        return "date-within"
    if kind == "date" and sign in ("ge", "le") and less < more:
        return "date-edge"
    return None
