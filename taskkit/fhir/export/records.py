"""The records of a store, read from its file as a template asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, cast

from taskkit.fhir import query
from taskkit.fhir.bank.question import UnfitError
from taskkit.fhir.element import each, values
from taskkit.fhir.index import Resource
from taskkit.fhir.moment import interval
from taskkit.fhir.search import search
from taskkit.fhir.store import Store

COUNTED = ("final", "amended", "corrected")
"""States of an Observation that count."""
DAY_MS = 86_400_000
Coding = tuple[str, str]
"""System and code."""


class Records:
    """Resources by type and patient, whatever the data are."""

    def __init__(self, path: Path, now: datetime) -> None:
        self.now = now
        self.store = Store(path, now=interval(now.isoformat())[0])

    @cached_property
    def patients(self) -> list[str]:
        """The ids of all patients, in order."""
        return [id_ for (id_,) in self.rows("SELECT id FROM base.resource WHERE type = 'Patient' "
                                            "ORDER BY id")]  # fmt: skip

    @cached_property
    def types(self) -> set[str]:
        """The types that there are resources of."""
        return {kind for (kind,) in self.rows("SELECT DISTINCT type FROM base.resource")}

    def rows(self, sql: str, given: Iterable[object] = ()) -> list[Any]:
        """The rows of a query."""
        return self.store.connection.execute(sql, tuple(given)).fetchall()

    def get(self, kind: str, id_: str) -> Resource:
        """A resource that is there."""
        ((body,),) = self.rows(
            "SELECT body FROM base.resource WHERE type = ? AND id = ?", (kind, id_)
        )
        return cast(Resource, json.loads(body))

    def of(self, patient: str, kind: str, member: str = "subject") -> list[Resource]:
        """The resources of a type whose element refers to a patient, by id."""
        found = self.rows(
            "SELECT body FROM base.resource WHERE type = ? AND rid IN "
            "(SELECT rid FROM base.reference WHERE target = ? AND type = 'Patient') ORDER BY id",
            (kind, patient),
        )
        key = f"Patient/{patient}"
        resources = (json.loads(body) for (body,) in found)
        return [one for one in resources if values(one, f"{member}.reference") == [key]]

    def every(self, kind: str) -> list[Resource]:
        """All resources of a type."""
        found = self.rows("SELECT body FROM base.resource WHERE type = ? ORDER BY id", (kind,))
        return [json.loads(body) for (body,) in found]

    def names_one(self, kind: str, criteria: Mapping[str, str]) -> bool:
        """Whether just one resource matches."""
        asked = query.parse(kind, list(criteria.items()), now=self.store.now)
        return len(search(self.store, asked, size=2).matches) == 1

    @cached_property
    def labels(self) -> dict[Coding, str]:
        """What codes of Observations and Conditions are called, where a name means one code."""
        names: dict[str, set[Coding]] = {}
        for kind in ("Observation", "Condition"):
            for (body,) in self.store.connection.execute(
                "SELECT DISTINCT json_extract(body, '$.code') FROM base.resource WHERE type = ?",
                (kind,),
            ):
                for coding, name in named(json.loads(body or "{}")):
                    names.setdefault(name, set()).add(coding)
        return {min(codings): name for name, codings in sorted(names.items()) if len(codings) == 1}


@lru_cache(1)
def records(path: Path, now: datetime) -> Records:
    """The records of a store; one for each process."""
    return Records(path, now)


def codings(concept: object) -> list[Coding]:
    """System and code of each coding of a concept that has both."""
    return [(system, code) for system, code, _ in coded(concept)]


def named(concept: object) -> list[tuple[Coding, str]]:
    """The codings of a concept with what they are called."""
    return [((system, code), name) for system, code, name in coded(concept) if name]


def coded(concept: object) -> Iterator[tuple[str, str, str]]:
    """System, code and display of the codings that can stand in a search as they are."""
    for one in each(concept.get("coding")) if isinstance(concept, dict) else []:
        if isinstance(one, dict):
            system, code, name = (one.get(member) for member in ("system", "code", "display"))
            if is_searchable(system) and is_searchable(code):
                yield str(system), str(code), name if isinstance(name, str) else ""


def is_searchable(word: object) -> bool:
    """Whether a word can stand in a search as it is."""
    return isinstance(word, str) and bool(word.strip()) and not set(word) & set(",|$\\")


def when(resource: Resource, member: str) -> int:
    """The time of a resource, milliseconds since 1970, where it says at least the day.

    Raises:
        UnfitError: it does not.
    """
    text = resource.get(member)
    if not isinstance(text, str):
        raise UnfitError(f"no {member}")
    low, high = interval(text)
    if high - low >= DAY_MS:
        raise UnfitError(f"{member} says less than a day")
    return low
