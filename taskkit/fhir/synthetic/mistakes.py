"""What a careless reader of a record falls over: errors, values taken back, other units.

Clinic visits have a few values that were entered in error, and some that another laboratory
reported in its own unit. Beside the last value of a test, of visits and of stays alike, there may
be a later one that was taken back. What the hospital measured itself is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import quantity, stamp
from taskkit.fhir.synthetic.record import TODAY, Record

RETRACTED = 0.4  # of the last values: a later one was taken back
WRONG, CANCELLED, ELSEWHERE = 0.03, 0.02, 0.15  # of the values of visits
ASKED = frozenset(one.loinc for one in terms.ANALYTES.values())
MMOL = {"2345-7": (1 / 18.016, "mmol/L", 1), "2160-0": (88.42, "umol/L", 0)}
"""Units of another laboratory by LOINC code: factor, UCUM code, decimals."""


def mistakes(record: Record, visited: Iterable[Resource]) -> None:
    """Plant the mistakes of a record.

    Args:
        record: All that is written of the patient so far.
        visited: What visits measured.
    """
    for one in visited:
        if "valueQuantity" in one:
            _spoil(one, record.chance)
    _retract(record)


def _spoil(one: Any, chance: Random) -> None:
    value = one["valueQuantity"]
    code = one["code"]["coding"][0]["code"]
    draw = chance.random()
    if draw < WRONG:
        one["status"] = "entered-in-error"
        value["value"] = round(value["value"] * chance.choice((0.5, 1.6)), 1)
    elif draw < WRONG + CANCELLED:
        one["status"] = "cancelled"
    elif draw < WRONG + CANCELLED + ELSEWHERE and code in MMOL:
        factor, unit, decimals = MMOL[code]
        one["valueQuantity"] = quantity(value["value"] * factor, unit, decimals)
        del one["referenceRange"]


def _retract(record: Record) -> None:
    """Add values that a laboratory took back: after the last one that counts, and far from it."""
    last: dict[str, Any] = {}
    for one in record.written:
        if one["resourceType"] == "Observation" and "valueQuantity" in one:
            code = str(one["code"]["coding"][0]["code"])  # type: ignore[index,call-overload]
            if code not in ASKED:
                continue
            if code not in last or last[code]["effectiveDateTime"] < one["effectiveDateTime"]:
                last[code] = one
    for one in last.values():
        chance, value = record.chance, one["valueQuantity"]
        late = timedelta(minutes=chance.randrange(5, 50))
        at = datetime.fromisoformat(one["effectiveDateTime"]) + late
        if chance.random() > RETRACTED or at > TODAY:
            continue
        wrong = value["value"] * chance.choice((0.55, 0.7, 1.35, 1.6))
        whole = float(value["value"]).is_integer()
        members = {name: said for name, said in one.items() if name not in ("resourceType", "id")}
        members |= {
            "status": chance.choice(("entered-in-error", "cancelled", "preliminary")),
            "effectiveDateTime": stamp(at),
            "valueQuantity": quantity(wrong, value["code"], 0 if whole else 1),
        }
        record.add("Observation", **members)
