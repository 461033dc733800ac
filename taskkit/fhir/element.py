"""Elements of a resource by path: the plain part of FHIRPath.

A path is member names with dots, such as `name.family`; lists are walked through. `(system=phone)`
after a name keeps the items whose member has that value; `(type=Patient)` keeps the references
to that type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from pydantic import JsonValue

STEP = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\(([a-z]+)=([A-Za-z]+)\))?")


@cache
def steps(path: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """The parts of a path: name, and the member and value that an item has to have.

    Raises:
        ValueError: it is no such path.
    """
    found = [STEP.fullmatch(part) for part in path.split(".")]
    if not all(found):
        raise ValueError(f"{path!r}: need member names with dots, such as `name.family`")
    return tuple((one[1], one[2], one[3]) for one in found if one)


def values(document: JsonValue, path: str) -> list[JsonValue]:
    """All values at a path, in document order; an absent element has none."""
    found: list[JsonValue] = [document]
    for name, member, wanted in steps(path):
        found = [
            item
            for parent in found
            if isinstance(parent, dict)
            for item in each(parent.get(name))
            if member is None or kept(item, member, wanted)
        ]
    return found


def each(value: JsonValue) -> list[JsonValue]:
    """The items of a list, or the value itself; none of null."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def kept(item: JsonValue, member: str, wanted: str | None) -> bool:
    """Whether an item has the member's value, or refers to the wanted type."""
    if not isinstance(item, dict):
        return False
    if member == "type":
        reference = item.get("reference")
        return isinstance(reference, str) and reference.split("/")[-2:-1] == [wanted]
    return item.get(member) == wanted


def references(document: JsonValue, place: str) -> Iterator[tuple[str, str]]:
    """Every literal reference in a document: the element's place, and what it refers to."""
    if isinstance(document, dict):
        target = document.get("reference")
        if isinstance(target, str):
            yield place, target
        for name, value in document.items():
            yield from references(value, f"{place}.{name}")
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from references(value, f"{place}[{number}]")
