"""The search parameters that the server has, by resource type.

They stand in `parameters.txt`. Names, kinds and elements are those of FHIR R4
(http://hl7.org/fhir/R4/searchparameter-registry.html).
A path is member names with dots; `,` separates alternatives; `(system=phone)` keeps the items with
that member; `deceased?` is whether an element of several types is there and not false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Literal, cast

EVERY = "Resource"
"""Stands for every type."""
Kind = Literal["token", "reference", "string", "date", "quantity", "uri", "number"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A search parameter of one resource type."""

    number: int
    """Its key in the index."""
    type: str
    name: str
    kind: Kind
    paths: tuple[str, ...]


@cache
def parameters() -> Mapping[str, Mapping[str, Parameter]]:
    """All search parameters, by resource type and name; without `_id` and `_lastUpdated`."""
    table: dict[str, dict[str, Parameter]] = {}
    common: dict[str, Parameter] = {}
    type_ = ""
    for number, line in enumerate(text().splitlines()):
        if not line.startswith(" "):
            type_ = line
            continue
        name, kind, paths = line.split()
        parameter = Parameter(number, type_, name, cast(Kind, kind), tuple(paths.split(",")))
        (common if type_ == EVERY else table.setdefault(type_, {}))[name] = parameter
    return {type_: {**own, **common} for type_, own in table.items()}


@cache
def types() -> tuple[str, ...]:
    """The resource types that the server keeps."""
    return tuple(sorted(parameters()))


@cache
def digest() -> str:
    """What the numbers in an index stand on; a store of another digest is not read."""
    return sha256(text().encode()).hexdigest()[:16]


@cache
def text() -> str:
    """The table as it is written, one type or parameter a line."""
    return (files("taskkit.fhir") / "parameters.txt").read_text(encoding="utf-8")
