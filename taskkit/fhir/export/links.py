"""Ids and references of an export: kept or renumbered, resolved where they can be."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from pydantic import JsonValue

from taskkit.fhir.element import each
from taskkit.fhir.index import Resource
from taskkit.fhir.validation import ID

Key = tuple[str, str]
DIRECTORY = ("Patient", "Practitioner", "PractitionerRole", "Organization", "Location")
"""Types that exports refer to by identifier, as `Practitioner?identifier=system|value`."""


@dataclass
class Links:
    """The resources of an export by type and id."""

    renumber: bool
    places: dict[Key, str] = field(default_factory=dict)
    """File and line of each resource."""
    by_identifier: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Ids by type and `system|value`."""
    by_id: dict[str, set[str]] = field(default_factory=dict)
    """Types by id."""
    dangling: Counter[str] = field(default_factory=Counter)
    """What references lead to and is not there, with their number."""
    examples: dict[str, str] = field(default_factory=dict)
    """The resource and element of the first such reference."""

    def add(self, document: Resource, place: str) -> None:
        """Enter a resource."""
        kind, id_ = str(document["resourceType"]), str(document["id"])
        self.places[kind, id_] = place
        self.by_id.setdefault(id_, set()).add(kind)
        if kind in DIRECTORY:
            for one in each(document.get("identifier")):
                if isinstance(one, dict) and "value" in one:
                    name = f"{one.get('system', '')}|{one['value']}"
                    self.by_identifier.setdefault((kind, name), set()).add(id_)

    def id(self, kind: str, id_: str) -> str:
        """The id that a resource gets."""
        if not self.renumber:
            return id_
        return hashlib.sha256(f"{kind}/{id_}".encode()).hexdigest()[:16]

    def rewritten(self, document: Resource) -> Resource:
        """A resource with its id and references as they are in the store."""
        kind, id_ = str(document["resourceType"]), str(document["id"])
        document["id"] = self.id(kind, id_)
        self.walk(document, f"{kind}/{document['id']}")
        return document

    def walk(self, document: JsonValue, place: str) -> None:
        """Rewrite all references of a document, in place."""
        if isinstance(document, dict):
            target = document.get("reference")
            if isinstance(target, str):
                document["reference"] = self.resolved(target, place)
            for name, value in document.items():
                self.walk(value, f"{place}.{name}")
        elif isinstance(document, list):
            for value in document:
                self.walk(value, place)

    def resolved(self, target: str, place: str) -> str:
        """A reference as it is in the store; what leads nowhere is counted, and stays."""
        if target.startswith("#"):
            return target
        key = self.key(target)
        if key in self.places:
            return f"{key[0]}/{self.id(*key)}"
        if key[0] and self.renumber:
            target = f"{key[0]}/{self.id(*key)}"
        self.dangling[target] += 1
        self.examples.setdefault(target, place)
        return target

    def key(self, target: str) -> Key:
        """Type and id that a reference means; empty where it cannot be said."""
        kind, mark, condition = target.partition("?")
        if mark:
            found = self.by_identifier.get((kind, dict(parse_qsl(condition)).get("identifier", "")))
            return (kind, *found) if found and len(found) == 1 else ("", "")  # type: ignore[return-value]
        if target.startswith("urn:"):
            id_ = target.rpartition(":")[2]
            kinds = self.by_id.get(id_, set())
            return (*kinds, id_) if len(kinds) == 1 else ("", "")  # type: ignore[return-value]
        parts = target.split("/_history/")[0].split("/")
        if len(parts) < 2 or not ID.fullmatch(parts[-1]):
            return "", ""
        return parts[-2], parts[-1]
