"""The hospital as FHIR R4 resources (HL7 FHIR 4.0.1): one dict for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from taskkit.ehr.clock import DAY, NOW, USUAL, Calendar
from taskkit.ehr.course import Hospital, Patient, Stay
from taskkit.ehr.course.catalogue import Analyte
from taskkit.ehr.course.patient import DAYS_PER_YEAR
from taskkit.ehr.course.stay import Culture, Finding, Order, Signs
from taskkit.ehr.rendering import coding, meds, ucum
from taskkit.ehr.rendering.coding import LOINC, TERMINOLOGY, UCUM, Resource, concept, status
from taskkit.ehr.rendering.identity import Identity
from taskkit.ehr.rendering.naming import person, titles, vocabulary
from taskkit.ehr.rendering.scales import weighed
from taskkit.ehr.rendering.vocabulary import Ward, read_wards
from taskkit.ehr.rendering.wards import Wards

MRN = "urn:taskkit:mrn"
EVERYBODY = frozenset({"any", "male", "female", "elderly"})
PRESSURES = ("systolic", "diastolic", "mean")
CLASSES = {"IMP": "inpatient encounter", "AMB": "ambulatory"}
WEIGHT, HEIGHT = ("29463-7", "Body weight"), ("8302-2", "Body height")
PANEL = ("85354-9", "Blood pressure panel with all children optional")
CULTURE = ("11475-1", "Microorganism identified in Specimen by Culture")


def resources(seed: int, patients: int) -> Iterator[Resource]:
    """The resources of the first ``patients`` of a hospital, each after its patient and stay."""
    renderer = Renderer(seed)
    yield from renderer.locations()
    for number in range(patients):
        yield from renderer.patient(renderer.hospital.patient(number))


class Renderer:
    """Writes the patients of one hospital as resources."""

    def __init__(self, seed: int, calendar: Calendar = USUAL) -> None:
        """Open the hospital; the calendar says in which years it lies."""
        self.hospital, self._identity = Hospital(seed), Identity(seed)
        self._seed, self._calendar = seed, calendar
        self._places = read_wards(vocabulary("mimic"))
        self._wards = Wards(self._places)

    def stamp(self, minute: int) -> str:
        """A minute of the hospital as a FHIR dateTime."""
        return self._calendar.text(minute).replace(" ", "T") + "+00:00"

    def date(self, day: int) -> str:
        """A day of the hospital, negative for one before its first, as a FHIR date."""
        return self._calendar.midnight(day)[:10]

    def subject(self, patient: Patient) -> str:
        """The id of a patient's resource."""
        return str(self._identity.subject(patient.number))

    def locations(self) -> Iterator[Resource]:
        """The wards, with the numbers that MIMIC-III knows them by."""
        for ward in self._places:
            yield {
                "resourceType": "Location",
                "id": _location(ward),
                "status": "active",
                "name": f"{ward.careunit or 'ward'} {ward.number}",
                "mode": "instance",
            }

    def patient(self, patient: Patient, *, since: int = 0) -> Iterator[Resource]:
        """A patient, what they have for life, and their stays that ended at a minute or later."""
        subject = self.subject(patient)
        yield self.person(patient)
        problems = self._problems(patient, subject)
        yield from problems.values()
        lasting = {code: f"Condition/{one['id']}" for code, one in problems.items()}
        for place, stay in enumerate(patient.stays):
            if stay.discharged >= since:
                encounter = self._identity.admission(patient.number, place)
                yield from self.stay(patient, stay, str(encounter), lasting)
                yield from self._sizes(patient, stay, encounter)

    def person(self, patient: Patient) -> Resource:
        """Who a patient is."""
        subject = self.subject(patient)
        given, family = person(self._seed, patient.number, patient.sex)
        found: Resource = {
            "resourceType": "Patient",
            "id": subject,
            "identifier": [{"system": MRN, "value": f"S{subject}"}],
            "name": [{"use": "official", "family": family, "given": [given]}],
            "gender": "male" if patient.sex == "m" else "female",
            "birthDate": self.date(patient.birth_day),
        }
        if patient.death is not None:
            found["deceasedDateTime"] = self.stamp(patient.death)
        return found

    def _problems(self, patient: Patient, subject: str) -> dict[str, Resource]:
        """What a stay found that lasts for life, each once, from the age at which it began."""
        began = {one.code: int(one.age * DAYS_PER_YEAR) for one in patient.chronic}
        found: dict[str, Resource] = {}
        for stay in patient.stays:
            for finding in stay.findings:
                code, day = finding.code, finding.onset // DAY
                if not finding.chronic or finding.onset > NOW or code in found:
                    continue
                onset = min(patient.birth_day + began[code], day) if code in began else day
                found[code] = {
                    "resourceType": "Condition",
                    "id": f"{subject}-{len(found)}",
                    "clinicalStatus": status("condition-clinical", "active"),
                    **self._condition(finding, "problem-list-item"),
                    "subject": {"reference": f"Patient/{subject}"},
                    "onsetDateTime": self.date(onset),
                }
        return found

    def _condition(self, finding: Finding, category: str) -> Resource:
        return {
            "verificationStatus": status("condition-ver-status", "confirmed"),
            "category": [status("condition-category", category)],
            "code": self._code(finding.code),
            "recordedDate": self.stamp(finding.onset),
        }

    def _code(self, code: str) -> Resource:
        icd10 = self.hospital.catalogue.conditions[code].icd10
        return coding.condition(code, icd10, titles("diagnoses")[code])

    def stay(
        self, patient: Patient, stay: Stay, encounter: str, lasting: dict[str, str],
        kind: Literal["IMP", "AMB"] = "IMP",
    ) -> Iterator[Resource]:  # fmt: skip
        """An Encounter and all that was found and done in it.

        Args:
            lasting: Code of each chronic condition to the key of its resource.
        """
        said = {
            "subject": {"reference": f"Patient/{self.subject(patient)}"},
            "encounter": {"reference": f"Encounter/{encounter}"},
        }
        named = [finding for finding in stay.findings if finding.onset <= NOW]
        own = {
            finding.code: {
                "resourceType": "Condition",
                "id": f"{encounter}-c{place}",
                **self._acute(stay, finding),
                **said,
            }
            for place, finding in enumerate(named)
            if finding.code not in lasting
        }
        keys = lasting | {code: f"Condition/{one['id']}" for code, one in own.items()}
        yield self._encounter(stay, said, kind, [keys[finding.code] for finding in named])
        yield from own.values()
        for place, resource in enumerate(self._contents(stay)):
            yield {"resourceType": "", "id": f"{encounter}-{place}", **resource, **said}

    def _acute(self, stay: Stay, finding: Finding) -> Resource:
        found = {
            "clinicalStatus": status("condition-clinical", "active"),
            **self._condition(finding, "encounter-diagnosis"),
            "onsetDateTime": self.stamp(finding.onset),
        }
        if not stay.current:
            found["clinicalStatus"] = status("condition-clinical", "resolved")
            found["abatementDateTime"] = self.stamp(stay.discharged)
        return found

    def _encounter(
        self, stay: Stay, said: Resource, kind: Literal["IMP", "AMB"], diagnoses: list[str]
    ) -> Resource:
        found: Resource = {
            "resourceType": "Encounter",
            "id": said["encounter"]["reference"].split("/")[1],
            "status": "in-progress" if stay.current else "finished",
            "class": coding.coding(f"{TERMINOLOGY}/v3-ActCode", kind, CLASSES[kind]),
            "subject": said["subject"],
            "period": {"start": self.stamp(stay.admitted)},
        }
        if not stay.current:
            found["period"]["end"] = self.stamp(stay.discharged)
        if kind == "AMB":
            return found
        found["reasonCode"] = [self._code(stay.principal)]
        found["diagnosis"] = [
            {"condition": {"reference": key}, "rank": rank}
            for rank, key in enumerate(diagnoses, start=1)
        ]
        found["location"] = [
            {
                "location": {"reference": f"Location/{_location(self._wards.ward(part))}"},
                "period": self._period(part.start, part.end),
            }
            for part in stay.places
        ]
        if not stay.current:
            where = "dead/expired" if stay.died else stay.details["discharge_location"]
            found["hospitalization"] = {"dischargeDisposition": {"text": where}}
        return found

    def _period(self, start: int, end: int) -> Resource:
        """A period; open where its end is yet to come."""
        ended = {"end": self.stamp(end)} if end <= NOW else {}
        return {"start": self.stamp(start), **ended}

    def _contents(self, stay: Stay) -> Iterator[Resource]:
        for result in stay.results:
            yield self._laboratory(result.analyte, result.minute, result.value)
        for signs in stay.signs:
            yield from self._vital_signs(signs)
        yield from map(self._culture, stay.cultures)
        for order in stay.orders:
            yield self._request(stay, order)
        for done in stay.procedures:
            if done.minute <= NOW:
                code = f"{done.code[:2]}.{done.code[2:]}"
                yield {
                    "resourceType": "Procedure",
                    "status": "completed",
                    "code": concept(coding.ICD9_PROCEDURES, code, titles("procedures")[done.code]),
                    "performedDateTime": self.stamp(done.minute),
                }

    def _laboratory(self, analyte: Analyte, minute: int, value: float | None) -> Resource:
        found: Resource = {
            "resourceType": "Observation",
            "status": "final" if value is not None else "cancelled",
            "category": [status("observation-category", "laboratory")],
            "code": concept(LOINC, analyte.loinc, analyte.name),
            "effectiveDateTime": self.stamp(minute),
        }
        if value is None:
            found["dataAbsentReason"] = status("data-absent-reason", "error")
            return found
        unit = ucum.laboratory(analyte.unit)
        low, high = analyte.low, analyte.high
        found["valueQuantity"] = quantity(value, unit)
        found["referenceRange"] = [{"low": quantity(low, unit), "high": quantity(high, unit)}]
        code = "L" if value < low else "H" if value > high else "N"
        found["interpretation"] = [status("v3-ObservationInterpretation", code)]
        return found

    def _sign(self, minute: int) -> Resource:
        return {
            "resourceType": "Observation",
            "status": "final",
            "category": [status("observation-category", "vital-signs")],
            "effectiveDateTime": self.stamp(minute),
        }

    def _vital_signs(self, signs: Signs) -> Iterator[Resource]:
        components = []
        for name, value in signs.values.items():
            code, unit = meds.SIGNS[name]
            read = {
                "code": concept(LOINC, code.removeprefix("LOINC/"), ucum.SIGNS[name]),
                "valueQuantity": quantity(value, unit),
            }
            if name in PRESSURES:
                components.append(read)
            else:
                yield {**self._sign(signs.minute), **read}
        if components:
            panel = {"code": concept(LOINC, *PANEL), "component": components}
            yield {**self._sign(signs.minute), **panel}

    def size(self, minute: int, what: tuple[str, str], value: float, unit: str) -> Resource:
        """A weight or a height."""
        return {
            **self._sign(minute),
            "code": concept(LOINC, *what),
            "valueQuantity": quantity(value, unit),
        }

    def _sizes(self, patient: Patient, stay: Stay, encounter: int) -> Iterator[Resource]:
        """Weight and height, once for each stay in intensive care."""
        for unit, minute in stay.first_signs().items():
            weight = round(weighed(patient, encounter, unit), 1)
            for name, one in (
                ("w", self.size(minute, WEIGHT, weight, "kg")),
                ("h", self.size(minute, HEIGHT, float(round(patient.height)), "cm")),
            ):
                yield {
                    **one,
                    "id": f"{encounter}-{name}{unit}",
                    "subject": {"reference": f"Patient/{self.subject(patient)}"},
                    "encounter": {"reference": f"Encounter/{encounter}"},
                }

    def _culture(self, culture: Culture) -> Resource:
        return {
            "resourceType": "Observation",
            "status": "final",
            "category": [status("observation-category", "laboratory")],
            "code": concept(LOINC, *CULTURE),
            "effectiveDateTime": self.stamp(culture.minute),
            "bodySite": {"text": culture.specimen},
            "valueCodeableConcept": coding.growth(culture.organism),
        }

    def _request(self, stay: Stay, order: Order) -> Resource:
        dosage = {
            "timing": {"repeat": {"boundsPeriod": self._period(order.start, order.end)}},
            "route": coding.route(order.route, ucum.ROUTES[order.route]),
            "doseAndRate": [{"doseQuantity": quantity(float(order.dose), ucum.code(order.unit))}],
        }
        return {
            "resourceType": "MedicationRequest",
            "status": "completed" if order.end <= NOW else "active",
            "intent": "order",
            "category": [status("medicationrequest-category", "inpatient")],
            "medicationCodeableConcept": coding.drug(order.drug),
            "authoredOn": self.stamp(order.start),
            **self.reason(stay, order.indication),
            "dosageInstruction": [dosage],
        }

    def reason(self, stay: Stay, indication: str) -> Resource:
        """What an order is for: the finding of the stay that brings the trait, or its word.

        What everybody may be given is ordered for nothing in particular.
        """
        conditions = self.hospital.catalogue.conditions
        for finding in stay.findings:
            if indication in conditions[finding.code].traits and finding.onset <= NOW:
                return {"reasonCode": [self._code(finding.code)]}
        return {} if indication in EVERYBODY else {"reasonCode": [{"text": indication}]}


def quantity(value: float, unit: str) -> Resource:
    """A Quantity; the unit is in UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _location(ward: Ward) -> str:
    return f"ward-{ward.number}"
