"""The CapabilityStatement of the server."""

from __future__ import annotations

from pydantic import JsonValue

from taskkit.fhir.parameters import parameters

INTERACTIONS = (
    "read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create",
    "search-type",
)  # fmt: skip


def statement(base: str, date: str) -> dict[str, JsonValue]:
    """What the server can do.

    Args:
        base: Its address.
        date: A FHIR instant.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {"name": "taskkit FHIR server"},
        "implementation": {"description": "FHIR server of one episode", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "resource": [entry(type_) for type_ in parameters()],
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "searchParam": [
                    {"name": "_id", "type": "token"},
                    {"name": "_lastUpdated", "type": "date"},
                ],
            }
        ],
    }


def entry(type_: str) -> dict[str, JsonValue]:
    """What the server can do with one type."""
    table = parameters()[type_]
    links = [f"{type_}:{one.name}" for one in table.values() if one.kind == "reference"]
    back = [
        f"{other}:{one.name}"
        for other, others in parameters().items()
        for one in others.values()
        if one.kind == "reference" and type_ == "Patient" and one.name == "patient"
    ]
    found: dict[str, JsonValue] = {
        "type": type_,
        "interaction": [{"code": code} for code in INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "searchParam": [{"name": one.name, "type": one.kind} for one in table.values()],
    }
    if links:
        found["searchInclude"] = list(links)
    if back:
        found["searchRevInclude"] = list(back)
    return found
