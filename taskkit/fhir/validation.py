"""Whether a resource is valid FHIR R4.

Structure is checked by the models of `fhir.resources` (its R4B, which has what R4 has for the types
kept here); codes of required bindings, references and invariants are checked besides.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, JsonValue, ValidationError

from taskkit.fhir.element import each, references
from taskkit.fhir.errors import Issue, RefusedError, refused
from taskkit.fhir.index import Resource
from taskkit.fhir.moment import interval
from taskkit.fhir.parameters import types

MOST_DEEP = 24  # objects within one another
MOST_ISSUES = 20  # told of one resource
ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
SURROGATE = re.compile("[\ud800-\udfff]")  # half of a character: no Unicode text
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What the R4 type `string` forbids: what is below U+0020, but for tab, CR and LF."""
KNOWN_SCHEMES = ("http:", "https:", "urn:")
REST = {
    "Observation.status": "final amended corrected cancelled entered-in-error unknown registered "
    "preliminary",
    "DiagnosticReport.status": "registered partial preliminary final amended corrected appended "
    "cancelled entered-in-error unknown",
    "Encounter.status": "planned arrived triaged in-progress onleave finished cancelled "
    "entered-in-error unknown",
    "Encounter.statusHistory.status": "planned arrived triaged in-progress onleave finished "
    "cancelled entered-in-error unknown",
    "Task.status": "draft requested received accepted rejected ready cancelled in-progress on-hold "
    "failed completed entered-in-error",
    "Task.intent": "unknown proposal plan order original-order reflex-order filler-order "
    "instance-order option",
}
"""Codes of required bindings that the models shorten to a `+`."""
Exists = Callable[[str, str], bool]


def resource(text: bytes) -> Resource:
    """The JSON object of a body.

    Raises:
        RefusedError: it is no JSON object, or nested too deep.
    """
    document = parsed(text, "body")
    if not isinstance(document, dict):
        raise refused(400, "structure", "body: need a JSON object")
    return document


def parsed(text: bytes, what: str) -> JsonValue:
    """The JSON value of a text.

    Raises:
        RefusedError: it is no JSON, or nested too deep.
    """
    try:
        document: JsonValue = json.loads(
            text,
            object_pairs_hook=unique,
            parse_constant=no_constant,
            parse_float=finite,
            parse_int=whole,
        )
    except (ValueError, RecursionError) as error:
        raise refused(400, "structure", f"{what} is no JSON: {str(error)[:200]!a}") from error
    if too_deep(document):
        raise refused(400, "structure", f"{what}: need at most {MOST_DEEP} levels")
    for place, one in texts(document, what):
        if SURROGATE.search(one):
            raise refused(400, "structure", f"{place!a}: {one[:80]!a}: need Unicode text")
    return document


def printable(document: JsonValue, place: str) -> None:
    """Check that no text has control characters.

    Raises:
        RefusedError: one has.
    """
    for where, one in texts(document, place):
        found = CONTROL.search(one)
        if found:
            raise refused(
                400,
                "value",
                f"{where}: U+{ord(found[0]):04X} at {found.start()}: "
                "need no control characters but tab, CR and LF",
                where,
            )


def texts(document: JsonValue, place: str) -> Iterator[tuple[str, str]]:
    """Every text of a document, the names of members included, with its place."""
    if isinstance(document, str):
        yield place, document
    elif isinstance(document, dict):
        for name, value in document.items():
            yield place, name
            yield from texts(value, f"{place}.{name}")
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from texts(value, f"{place}[{number}]")


def unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """An object whose names are all different."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def no_constant(name: str) -> float:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is no JSON")


def finite(text: str) -> float:
    """Refuse numbers that are too large for a decimal of FHIR."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]}: too large")
    return number


def whole(text: str) -> int:
    """Refuse whole numbers that are too large as well."""
    finite(text)
    return int(text)


def too_deep(document: JsonValue) -> bool:
    """Whether objects and lists are nested deeper than the limit."""
    layer: list[JsonValue] = [document]
    for _ in range(MOST_DEEP):
        layer = [
            item
            for one in layer
            if isinstance(one, (dict, list))
            for item in (one.values() if isinstance(one, dict) else one)
        ]
        if not layer:
            return False
    return True


def validate(document: Resource, exists: Exists, *, lenient: bool = False) -> None:
    """Check a resource that is to be written.

    Args:
        exists: Whether a resource of a type and id is there.
        lenient: Check type and references alone, for clients of servers that check no more.

    Raises:
        RefusedError: it is not valid; every issue is named.
    """
    kind = document.get("resourceType")
    if kind not in types():
        raise refused(422, "not-supported", f"resource type {kind!r}: not kept by this server")
    id_ = document.get("id")
    if id_ is not None and not (isinstance(id_, str) and ID.fullmatch(id_)):
        raise refused(400, "value", f"id {id_!r}: need 1 to 64 of A-Z a-z 0-9 - .", f"{kind}.id")
    issues = [] if lenient else list(faults(document))
    issues = issues or list(dangling(document, exists))
    if issues:
        raise RefusedError(422, issues[:MOST_ISSUES])


def faults(document: Resource) -> Iterator[Issue]:
    """What is wrong with a resource by itself."""
    kind = str(document["resourceType"])
    yield from bare(document, kind)
    try:
        model(kind).model_validate(document)
    except ValidationError as error:
        for found in error.errors():
            yield issue(kind, found["loc"], str(found["msg"]), found["type"])
        return
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        yield Issue("structure", f"{kind}: {str(error)[:300]}", kind)
        return
    yield from codes(document, kind, kind)
    yield from invariants(document, kind)


def issue(kind: str, place: tuple[int | str, ...], text: str, code: str) -> Issue:
    """The issue of an error of the models."""
    path = kind
    for step in place:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    text = text.removeprefix("Value error, ")
    required = code.endswith("missing")
    return Issue("required" if required else "structure", f"{path}: {text[:300]}", path)


@cache
def model(kind: str) -> type[BaseModel]:
    """The model of a type."""
    from fhir.resources.R4B import get_fhir_model_class

    found: type[BaseModel] = get_fhir_model_class(kind)
    return found


def bare(document: JsonValue, place: str) -> Iterator[Issue]:
    """What R4 forbids everywhere: empty objects, lists and texts, and null outside of lists."""
    if isinstance(document, dict):
        for name, value in document.items():
            if value is None or value == {} or value == [] or value == "":
                yield Issue("structure", f"{place}.{name}: empty: leave it out", f"{place}.{name}")
            else:
                yield from bare(value, f"{place}.{name}")
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from bare(value, f"{place}[{number}]")


@dataclass(frozen=True, slots=True)
class Binding:
    """What an element may hold."""

    model: str | None
    """The model of the element, where it is no primitive."""
    codes: frozenset[str]
    """Codes of a required binding; empty: any."""
    targets: frozenset[str]
    """Types that a reference may name; empty: any."""


ANY = Binding(None, frozenset(), frozenset())


@cache
def bindings(kind: str) -> dict[str, Binding]:
    """The elements of a model by name."""
    from fhir.resources.R4B import get_fhir_model_class

    table: dict[str, Binding] = {}
    fields: dict[str, Any] = get_fhir_model_class(kind).model_fields
    for name, field in fields.items():
        extra = field.json_schema_extra or {}
        inner = re.search(r"abc\.([A-Za-z]+)Type\b", str(field.annotation))
        values = frozenset(extra.get("enum_values") or ())
        coded = "Code()" in str(field.annotation)
        table[field.alias or name] = Binding(
            inner[1] if inner else None,
            values if coded else frozenset(),
            frozenset(extra.get("enum_reference_types") or ()) - {"Resource"},
        )
    return table


def codes(document: JsonValue, kind: str, place: str) -> Iterator[Issue]:
    """Codes and references outside of what their element may have."""
    if not isinstance(document, dict):
        return
    try:
        table = bindings(str(document.get("resourceType", kind)))
    except (KeyError, LookupError):
        return
    for name, value in document.items():
        binding = table.get(name, ANY)
        path = f"{place}.{name}"
        allowed = binding.codes
        if "+" in allowed:
            plain = re.sub(r"\[\d+\]", "", path)
            allowed = frozenset(REST.get(plain, "").split())
        for one in each(value):
            if allowed and isinstance(one, str) and one not in allowed:
                fits = ", ".join(sorted(allowed))
                yield Issue("value", f"{path}: {one!r}: need one of {fits}", path)
            elif binding.model == "Reference" and isinstance(one, dict):
                yield from mistargeted(one, binding.targets, path)
            elif binding.model is not None:
                yield from codes(one, binding.model, path)


def mistargeted(
    reference: dict[str, JsonValue], allowed: frozenset[str], place: str
) -> Iterator[Issue]:
    """A reference to a type that its element does not take."""
    type_, slash, _ = str(reference.get("reference", "")).partition("/")
    if slash and allowed and type_ in types() and type_ not in allowed:
        fits = ", ".join(sorted(allowed))
        yield Issue("value", f"{place}: refers to {type_}: need one of {fits}", place)


def invariants(document: JsonValue, place: str) -> Iterator[Issue]:
    """Rules of R4 between elements: per-1, obs-6, con-4, ait-1, ait-2."""
    if isinstance(document, list):
        for number, value in enumerate(document):
            yield from invariants(value, f"{place}[{number}]")
    if not isinstance(document, dict):
        return
    start, end = document.get("start"), document.get("end")
    if isinstance(start, str) and isinstance(end, str) and backwards(start, end):
        yield Issue("invariant", f"{place}: start is after end (per-1)", place)
    kind = document.get("resourceType")
    valued = any(name.startswith("value") for name in document)
    if kind == "Observation" and valued and "dataAbsentReason" in document:
        yield Issue("invariant", f"{place}: dataAbsentReason beside a value (obs-6)", place)
    mistaken = has_code(document.get("verificationStatus"), "entered-in-error")
    if kind == "AllergyIntolerance" and "clinicalStatus" not in document and not mistaken:
        yield Issue("invariant", f"{place}: need clinicalStatus (ait-1)", place)
    if kind == "Condition" and any(name.startswith("abatement") for name in document):
        status = document.get("clinicalStatus")
        if not any(has_code(status, code) for code in ("inactive", "resolved", "remission")):
            yield Issue("invariant", f"{place}: abated, but not resolved (con-4)", place)
    for name, value in document.items():
        yield from invariants(value, f"{place}.{name}")


def has_code(concept: JsonValue, code: str) -> bool:
    """Whether a CodeableConcept has a code."""
    codings = each(concept.get("coding")) if isinstance(concept, dict) else []
    return any(isinstance(one, dict) and one.get("code") == code for one in codings)


def backwards(start: str, end: str) -> bool:
    """Whether a period ends before it begins."""
    try:
        return interval(start)[0] > interval(end)[1]
    except ValueError:
        return False


def dangling(document: Resource, exists: Exists) -> Iterator[Issue]:
    """References to what is not there."""
    kind = str(document["resourceType"])
    for place, target in references(document, kind):
        if target.startswith("#"):
            continue
        if target.startswith(KNOWN_SCHEMES):
            yield Issue(
                "value", f"{place}.reference: {target!r}: need Type/id of this server", place
            )
            continue
        type_, _, id_ = target.split("/_history/")[0].partition("/")
        if type_ not in types() or not ID.fullmatch(id_):
            yield Issue("value", f"{place}.reference: {target!r}: need Type/id", place)
        elif not exists(type_, id_):
            yield Issue(
                "not-found", f"{place}.reference: {target!r}: there is no such resource", place
            )
