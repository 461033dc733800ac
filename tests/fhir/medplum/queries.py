"""Generated searches: for each parameter of each type, values that the resources have."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote

from taskkit.fhir.index import rows
from taskkit.fhir.parameters import Parameter, parameters

PREFIXES = ("", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb")
Resource = dict[str, Any]


def searches(resources: list[Resource], chance: Random, *, each: int = 3) -> Iterator[str]:
    """Searches over some resources, each once; `each` of every parameter and kind."""
    seen: set[str] = set()
    for type_ in sorted({one["resourceType"] for one in resources}):
        found = [one for one in resources if one["resourceType"] == type_]
        for parameter in parameters()[type_].values():
            values = stored(found, parameter)
            for _ in range(each * 2):
                for text in criteria(parameter, values, chance):
                    seen.add(f"{type_}?{text}")
        seen.update(results(type_, found, chance))
    listed = sorted(seen)
    chance.shuffle(listed)
    yield from listed


def stored(found: list[Resource], parameter: Parameter) -> list[tuple[str, tuple[Any, ...]]]:
    """What the index has of a parameter: table and values; systems by name, not by number."""
    systems: dict[object, str] = {label: name for name, label in labels(found).items()}
    kept = {
        (table, tuple(systems.get(value, value) for value in row))
        for one in found
        for table, number, row in rows(one)
        if number == parameter.number
    }
    return sorted(kept, key=repr)


def labels(found: list[Resource]) -> dict[str, int]:
    """The systems of some resources, with their numbers."""
    from taskkit.fhir.index import label

    names: set[str] = set()

    def walk(document: Any) -> None:
        if isinstance(document, dict):
            if isinstance(document.get("system"), str):
                names.add(document["system"])
            for value in document.values():
                walk(value)
        elif isinstance(document, list):
            for value in document:
                walk(value)

    walk(found)
    return {name: label(name) for name in sorted(names)}


def criteria(
    parameter: Parameter, values: list[tuple[str, tuple[Any, ...]]], chance: Random
) -> Iterator[str]:
    """Criteria of one parameter."""
    name = parameter.name
    yield f"{name}:missing={chance.choice(('true', 'false'))}"
    main = [row for table, row in values if table != "string" or parameter.kind == "string"]
    if not main:
        return
    row = chance.choice(main)
    match parameter.kind:
        case "token":
            system, code = row
            yield chance.choice((f"{name}={quote(code)}", f"{name}:not={quote(code)}"))
            if isinstance(system, str):
                yield f"{name}={quote(system)}|{quote(code)}"
            yield f"{name}={quote(code)},{quote(chance.choice(main)[1])}"
        case "reference":
            type_, id_ = row
            yield f"{name}={type_}/{id_}"
            yield chance.choice((f"{name}:{type_}={id_}", f"{name}={type_}/none"))
        case "string":
            exact = row[1]
            size = chance.randrange(1, len(exact) + 1)
            yield f"{name}={quote(exact[:size])}"
            yield f"{name}:{chance.choice(('exact', 'contains'))}={quote(exact)}"
        case "date":
            yield f"{name}={chance.choice(PREFIXES)}{day(row[chance.randrange(2)], chance)}"
        case "quantity" | "number":
            yield f"{name}={chance.choice(PREFIXES)}{row[2]:g}"


def day(moment: int, chance: Random) -> str:
    """A date, in some precision, of a time."""
    from taskkit.fhir.moment import FIRST, LAST, instant

    if moment in (FIRST, LAST):
        moment = 1_700_000_000_000
    text = instant(moment)
    return chance.choice((text[:4], text[:7], text[:10], f"{text[:19]}Z"))


def results(type_: str, found: list[Resource], chance: Random) -> Iterator[str]:
    """Searches that order, cut, sum up, include or follow."""
    sortable = [
        one.name
        for one in parameters()[type_].values()
        if one.kind in ("string", "date") and stored(found, one)
    ]
    for name in sortable:
        yield f"{type_}?_sort={chance.choice(('', '-'))}{name}"
    yield f"{type_}?_summary=count"
    yield f"{type_}?_count={chance.randrange(1, 6)}&_total=accurate"
    yield f"{type_}?_id={found[0]['id']},{found[-1]['id']},none"
    for one in parameters()[type_].values():
        if one.kind != "reference":
            continue
        targets = sorted({row[0] for _, row in stored(found, one)})
        if targets:
            yield f"{type_}?_include={type_}:{one.name}"
            yield f"{targets[0]}?_revinclude={type_}:{one.name}"
        if targets == ["Patient"]:
            yield f"{type_}?{one.name}.gender={chance.choice(('male', 'female'))}"
            yield f"Patient?_has:{type_}:{one.name}:_id={found[0]['id']}"
    if "status" in parameters()[type_] and "patient" in parameters()[type_]:
        owner = next((row[1] for _, row in stored(found, parameters()[type_]["patient"])), "x")
        status = next((row[1] for _, row in stored(found, parameters()[type_]["status"])), "x")
        yield f"{type_}?patient=Patient/{owner}&status={status}"
