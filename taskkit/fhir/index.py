"""What a resource is found by: the rows of the search index."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

from pydantic import JsonValue

from taskkit.fhir.element import each, steps, values
from taskkit.fhir.moment import FIRST, LAST, interval
from taskkit.fhir.parameters import Parameter, parameters

Resource = dict[str, JsonValue]
Row = tuple[object, ...]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "token": ("system", "code"),
    "reference": ("type", "target"),
    "string": ("plain", "exact"),
    "date": ("low", "high"),
    "quantity": ("low", "high", "value", "system", "code", "unit"),
}
"""The index tables and their columns after `rid` and `param`."""


def rows(resource: Resource) -> Iterator[tuple[str, int, Row]]:
    """The index rows of a resource: table, number of the parameter, values."""
    for parameter in parameters()[str(resource["resourceType"])].values():
        seen: dict[tuple[str, Row], None] = {}  # a set that keeps its order
        for path in parameter.paths:
            if path.endswith("?"):
                seen.update(dict.fromkeys(entries(parameter, said(resource, path[:-1]))))
                continue
            if steps(path)[0][0] not in resource:
                continue
            for value in values(resource, path):
                seen.update(dict.fromkeys(entries(parameter, value)))
        for table, row in seen:
            yield table, parameter.number, row


def said(resource: Resource, stem: str) -> bool:
    """Whether an element of several types is there and not false: `deceased.exists() and ...`."""
    found = [value for name, value in resource.items() if name.startswith(stem)]
    return any(value is not False for value in found)


def entries(parameter: Parameter, value: JsonValue) -> Iterator[tuple[str, Row]]:
    """The index rows of one value of an element."""
    match parameter.kind:
        case "token":
            yield from (("token", row) for row in tokens(value))
            yield from (("string", (search_text(text), text)) for text in displays(value))
        case "reference":
            row = pointer(value)
            if row is not None:
                yield "reference", row
        case "string":
            yield from (("string", (search_text(text), text)) for text in texts(value))
        case "date":
            row = period(value)
            if row is not None:
                yield "date", row
        case "quantity" | "number":
            row = quantity(value)
            if row is not None:
                yield "quantity", row
        case "uri":
            if isinstance(value, str):
                yield "token", (label(""), value)


def tokens(value: JsonValue) -> Iterator[Row]:
    """System and code of a Coding, CodeableConcept, Identifier, ContactPoint, code or boolean."""
    if isinstance(value, bool):
        yield label(""), "true" if value else "false"
    elif isinstance(value, str):
        yield label(""), value
    elif isinstance(value, dict):
        if "coding" in value:
            for coding in each(value["coding"]):
                yield from tokens(coding)
        code = value.get("code", value.get("value"))
        if isinstance(code, str):
            system = value.get("system")
            yield label(system if isinstance(system, str) else ""), code
        elif "coding" not in value and isinstance(value.get("text"), str):
            yield label(""), ""  # words alone are no code, but not missing either


def displays(value: JsonValue) -> Iterator[str]:
    """The texts of a concept, for the modifier `:text`."""
    if isinstance(value, dict):
        for text in (value.get("text"), value.get("display")):
            if isinstance(text, str):
                yield text
        for coding in each(value.get("coding")):
            if isinstance(coding, dict) and isinstance(coding.get("display"), str):
                yield str(coding["display"])


def pointer(value: JsonValue) -> Row | None:
    """Type and id that a Reference names."""
    target = value.get("reference") if isinstance(value, dict) else None
    if not isinstance(target, str):
        return None
    parts = target.split("/_history/")[0].split("/")
    return (parts[-2], parts[-1]) if len(parts) > 1 else ("", target)


def texts(value: JsonValue) -> Iterator[str]:
    """The text of a string element."""
    if isinstance(value, str) and value.strip():
        yield value


def period(value: JsonValue) -> Row | None:
    """First and last millisecond of a date, dateTime, instant or Period."""
    with suppress(ValueError):
        if isinstance(value, str):
            return interval(value)
        if isinstance(value, dict) and ("start" in value or "end" in value):
            start, end = value.get("start"), value.get("end")
            return (
                interval(str(start))[0] if start else FIRST,
                interval(str(end))[1] if end else LAST,
            )
    return None


def quantity(value: JsonValue) -> Row | None:
    """Value with its range of rounding, and unit, of a Quantity or a number."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = {"value": value}
    number = value.get("value") if isinstance(value, dict) else None
    if not isinstance(value, dict) or isinstance(number, bool):
        return None
    if not isinstance(number, (int, float)):
        return None
    exact = float(number)
    low, high = exact, exact
    with suppress(ArithmeticError):
        low, high = spread(Decimal(repr(number)))
    words = (value.get("system"), value.get("code"), value.get("unit"))
    system, code, unit = (word if isinstance(word, str) else "" for word in words)
    return low, high, exact, label(system), code, unit


@lru_cache(4096)
def label(system: str) -> int:
    """A number that stands for a code system in the index, where its address would be long."""
    return int.from_bytes(sha256(system.encode()).digest()[:6], "big") if system else 0


def spread(number: Decimal) -> tuple[float, float]:
    """The range that rounds to a number as it is written: 5.4 stands for 5.35 to 5.45."""
    exponent = number.as_tuple().exponent
    half = Decimal(5).scaleb(int(exponent) - 1)
    return float(number - half), float(number + half)


def search_text(text: str) -> str:
    """A text without case, accents and repeated spaces, as strings are searched."""
    parts = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())
