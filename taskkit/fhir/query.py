"""A search request: criteria, order, page, and what comes with the matches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from taskkit.fhir import criteria
from taskkit.fhir.criteria import MODIFIERS, MOST_VALUES, Condition
from taskkit.fhir.errors import RefusedError, refused
from taskkit.fhir.parameters import Parameter, types

Pairs = Sequence[tuple[str, str]]
Summary = Literal["true", "text", "data", "count", "false"]
IGNORED = ("_format", "_pretty")
MOST_DEEP = 4  # parts of a chain
LARGEST = 999_999_999  # what a larger _count or _offset is taken for
MOST_KEYS = 10  # of an order


@dataclass(frozen=True, slots=True)
class Chain:
    """A criterion on the resource that a reference names: `subject:Patient.family=X`."""

    parameter: Parameter
    types: tuple[str, ...]
    rest: str
    value: str


@dataclass(frozen=True, slots=True)
class Reverse:
    """A criterion on resources that refer to this one: `_has:Observation:patient:code=X`."""

    parameter: Parameter
    rest: str
    value: str


@dataclass(frozen=True, slots=True)
class Include:
    """Resources that come with the matches."""

    parameter: Parameter
    target: str | None
    """Only resources of this type."""
    reverse: bool
    iterate: bool


@dataclass(slots=True)
class Query:
    """What a search asks for."""

    type: str
    conditions: list[Condition] = field(default_factory=list)
    chains: list[Chain | Reverse] = field(default_factory=list)
    sort: list[tuple[Parameter | str, bool]] = field(default_factory=list)
    """Parameters, or `_id` or `_lastUpdated`, in order; True: descending."""
    includes: list[Include] = field(default_factory=list)
    count: int | None = None
    offset: int = 0
    summary: Summary = "false"
    total: Literal["none", "estimate", "accurate"] = "accurate"
    elements: tuple[str, ...] = ()
    said: list[tuple[str, str]] = field(default_factory=list)
    """What the link `self` repeats: all but the page."""


def parse(type_: str, pairs: Pairs, *, now: int, lenient: bool = False) -> Query:
    """Read the parameters of a search.

    Args:
        lenient: Pass over parameters that are not known, as `Prefer: handling=lenient` asks.

    Raises:
        RefusedError: a parameter is not known, or its value does not fit.
    """
    query = Query(type_)
    if sum(value.count(",") + 1 for _, value in pairs) > MOST_VALUES:
        raise refused(400, "too-costly", f"query: need at most {MOST_VALUES} values in all")
    for name, value in pairs:
        if name in IGNORED:
            continue
        try:
            take(query, name, value, now)
        except RefusedError as error:
            if not lenient or error.issues[0].kind != "not-supported":
                raise
            continue
        if name != "_offset":
            query.said.append((name, value))
    return query


def take(query: Query, name: str, value: str, now: int) -> None:
    """Take one parameter into a query."""
    if name in RESULTS:
        RESULTS[name](query, value)
    elif name.split(":")[0] in ("_include", "_revinclude"):
        query.includes.append(include(query.type, name, value))
    elif name.startswith("_has:"):
        query.chains.append(reverse(name, value))
    elif name == "_id":
        ids = [criteria.bare(one).split("/")[-1] for one in criteria.split(value, ",")]
        query.conditions.append(
            Condition("r.id IN (SELECT value FROM json_each(?))", (criteria.among(ids),), 0)
        )
    elif name == "_lastUpdated":
        query.conditions.extend(updated(word, now) for word in [value])
    elif "." in name:
        query.chains.append(chain(query.type, name, value))
    else:
        query.conditions.append(plain_criterion(query, name, value, now))


def plain_criterion(query: Query, name: str, value: str, now: int) -> Condition:
    """The condition of `name=value` or `name:modifier=value`."""
    stem, colon, modifier = name.partition(":")
    parameter = criteria.known(query.type, stem)
    allowed = MODIFIERS[parameter.kind]
    typed = parameter.kind == "reference" and modifier in types()
    if (colon and modifier not in allowed and not typed) or modifier == "identifier":
        fits = ", ".join(f":{one}" for one in allowed if one != "identifier")
        raise refused(
            400, "invalid", f"search parameter {name!r}: modifier {modifier!r}: need one of {fits}"
        )
    return criteria.condition(parameter, modifier, value, now)


def updated(word: str, now: int) -> Condition:
    """The condition of `_lastUpdated`."""
    made = criteria.date(LAST_UPDATED, "", word, now)
    text = re.sub(r"\b(low|high)\b", "r.updated", made.text)
    return Condition(text, made.values, 8)


LAST_UPDATED = Parameter(0, "", "_lastUpdated", "date", ())


def chain(type_: str, name: str, value: str) -> Chain:
    """A criterion through a reference."""
    head, _, rest = name.partition(".")
    stem, _, target = head.partition(":")
    parameter = criteria.known(type_, stem)
    if parameter.kind != "reference":
        raise refused(400, "invalid", f"search parameter {name!r}: {stem} is no reference")
    if name.count(".") > MOST_DEEP:
        raise refused(400, "too-costly", f"search parameter {name!r}: need a shorter chain")
    if target and target not in types():
        raise refused(400, "invalid", f"search parameter {name!r}: {target!r} is no known type")
    return Chain(parameter, (target,) if target else targets(parameter), rest, value)


def targets(parameter: Parameter) -> tuple[str, ...]:
    """The types that a reference may name, where its name says it; else every type."""
    if parameter.name == "patient" or "(type=Patient)" in parameter.paths[0]:
        return ("Patient",)
    if parameter.name == "subject":
        return ("Patient", "Group")
    return types()


def reverse(name: str, value: str) -> Reverse:
    """A criterion on resources that refer to the match."""
    parts = name.split(":", 3)
    if name.count("_has:") > MOST_DEEP:
        raise refused(400, "too-costly", f"{name[:80]!r}: need at most {MOST_DEEP} _has")
    if len(parts) != 4 or parts[1] not in types():
        raise refused(400, "invalid", f"{name!r}: need _has:Type:reference:parameter")
    parameter = criteria.known(parts[1], parts[2])
    if parameter.kind != "reference":
        raise refused(400, "invalid", f"{name!r}: {parts[2]} is no reference")
    return Reverse(parameter, parts[3], value)


def include(type_: str, name: str, value: str) -> Include:
    """`_include=Type:parameter[:Target]`, or `_revinclude`."""
    stem, _, modifier = name.partition(":")
    parts = value.split(":")
    if modifier not in ("", "iterate") or len(parts) not in (2, 3) or parts[0] not in types():
        raise refused(
            400, "invalid", f"{name}={value!r}: need Type:parameter or Type:parameter:Target"
        )
    parameter = criteria.known(parts[0], parts[1])
    if parameter.kind != "reference":
        raise refused(400, "invalid", f"{name}={value!r}: {parts[1]} is no reference")
    back = stem == "_revinclude"
    if not back and parts[0] != type_ and modifier != "iterate":
        raise refused(400, "invalid", f"{name}={value!r}: need a parameter of {type_}")
    return Include(parameter, parts[2] if len(parts) == 3 else None, back, modifier == "iterate")


def whole(name: str, value: str) -> int:
    """A whole number, at least 0."""
    if not value.isascii() or not value.isdigit():
        raise refused(400, "value", f"{name}={value[:40]!r}: need a whole number, at least 0")
    return int(value) if len(value) <= len(str(LARGEST)) else LARGEST


def set_count(query: Query, value: str) -> None:
    """Take `_count`; 0 asks for the number alone."""
    query.count = whole("_count", value)


def set_offset(query: Query, value: str) -> None:
    """Take `_offset`, which the link `next` has."""
    query.offset = whole("_offset", value)


def set_sort(query: Query, value: str) -> None:
    """Take `_sort`."""
    words = value.split(",")
    if len(words) > MOST_KEYS:
        raise refused(400, "too-costly", f"_sort: need at most {MOST_KEYS} keys")
    for word in words:
        name = word.removeprefix("-")
        key: Parameter | str = name
        if name not in ("_id", "_lastUpdated"):
            key = criteria.known(query.type, name)
        query.sort.append((key, word.startswith("-")))


def set_summary(query: Query, value: str) -> None:
    """Take `_summary`."""
    if value not in ("true", "text", "data", "count", "false"):
        raise refused(400, "value", f"_summary={value!r}: need true, text, data, count or false")
    query.summary = cast(Summary, value)


def set_total(query: Query, value: str) -> None:
    """Take `_total`."""
    if value not in ("none", "estimate", "accurate"):
        raise refused(400, "value", f"_total={value!r}: need none, estimate or accurate")
    query.total = cast(Literal["none", "estimate", "accurate"], value)


def set_elements(query: Query, value: str) -> None:
    """Take `_elements`."""
    query.elements = tuple(one.split(".")[-1] for one in value.split(",") if one)


RESULTS = {
    "_count": set_count,
    "_offset": set_offset,
    "_sort": set_sort,
    "_summary": set_summary,
    "_total": set_total,
    "_elements": set_elements,
}
