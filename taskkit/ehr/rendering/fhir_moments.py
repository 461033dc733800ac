"""A stay as its FHIR resources tell it, for a timeline beside the tables of other renderings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from taskkit.ehr.rendering import meds, ucum
from taskkit.ehr.rendering.coding import Resource
from taskkit.ehr.rendering.fhir import CULTURE, HEIGHT, WEIGHT, Renderer
from taskkit.ehr.rendering.moments import Moment, shared_names

Row = tuple[str | None, str, str, float | str, str]
"""Time, kind, name, value, and what else is said."""
SIGNS = {code.removeprefix("LOINC/"): name for name, (code, _) in meds.SIGNS.items()} | {
    WEIGHT[0]: "weight", HEIGHT[0]: "height",
}  # fmt: skip
WARD = "ward "


class FhirTelling:
    """The FHIR R4 rendering."""

    title = "FHIR R4"

    def moments(self, folder: Path, patient: int, stay: int, seed: int) -> list[Moment]:
        """What the resources of a stay say; empty without it."""
        renderer, names = Renderer(seed), shared_names()
        places = {f"Location/{one['id']}": one["name"] for one in renderer.locations()}
        units = {
            ucum.code(one.unit): one.unit for one in renderer.hospital.catalogue.drugs.values()
        }
        key = f"Encounter/{stay}"
        found: list[Moment] = []
        admitted = None
        for one in renderer.patient(renderer.hospital.patient(patient)):
            if f"{one['resourceType']}/{one['id']}" == key:
                admitted = datetime.fromisoformat(one["period"]["start"])
                rows = _encounter(one, places)
            elif one.get("encounter") == {"reference": key}:
                rows = _rows(one, units)
            else:
                continue
            for time, kind, name, value, more in rows:
                if admitted is None or time is None:
                    continue
                passed = datetime.fromisoformat(time) - admitted
                read = f"{value:g}" if isinstance(value, float) else value
                alike = names.get(("organism", read), read)
                said = " ".join(filter(None, (name, read, more)))
                meaning = names.get((kind, name), name)
                found.append(Moment(int(passed.total_seconds() // 60), kind, meaning, alike, said))
        return sorted(found)


def _encounter(encounter: Resource, places: dict[str, str]) -> Iterator[Row]:
    """Admission, discharge, and the ways into and out of intensive care."""
    period = encounter["period"]
    yield period["start"], "stay", "admission", "", ""
    yield period.get("end"), "stay", "discharge", "", ""
    before, left = WARD, None
    for part in encounter["location"]:
        name = places[part["location"]["reference"]]
        if name.startswith(WARD) and not before.startswith(WARD):
            yield left, "unit", "out of intensive care", "", before.split()[0]
        elif before.startswith(WARD) and not name.startswith(WARD):
            yield part["period"]["start"], "unit", "into intensive care", "", name.split()[0]
        before, left = name, part["period"].get("end")
    if not before.startswith(WARD):
        yield left, "unit", "out of intensive care", "", before.split()[0]


def _rows(one: Resource, units: dict[str, str]) -> Iterator[Row]:
    """What an Observation or an order says."""
    if one["resourceType"] == "MedicationRequest":
        dosage = one["dosageInstruction"][0]
        dose = dosage["doseAndRate"][0]["doseQuantity"]
        amount = f"{dose['value']:g} {units[dose['code']]}"
        drug = one["medicationCodeableConcept"]["text"]
        yield one["authoredOn"], "order", drug, amount, dosage["route"]["text"]
    if one["resourceType"] != "Observation":
        return
    for part in one.get("component", [one]):
        time, code = one["effectiveDateTime"], part["code"]["coding"][0]["code"]
        number = part.get("valueQuantity")
        if code == CULTURE[0]:
            grown = one["valueCodeableConcept"]["text"]
            yield time, "culture", one["bodySite"]["text"], grown, ""
        elif code in SIGNS:
            yield time, "sign", SIGNS[code], float(number["value"]), number["unit"]
        elif number is None:
            yield time, "result", part["code"]["text"], "no number", ""
        else:
            yield time, "result", part["code"]["text"], float(number["value"]), number["unit"]
