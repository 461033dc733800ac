"""What is done and planned at the clinic: allergies, vaccines, examinations, orders, bookings."""

from __future__ import annotations

from datetime import timedelta

from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import concept, day, stamp, status, to
from taskkit.fhir.synthetic.record import Record

ALLERGIC, REFUTED = 0.16, 0.15  # of patients to each substance; of such entries


def allergies(record: Record) -> None:
    """Allergies, a few of them refuted; none to what somebody was given."""
    chance = record.chance
    given = [
        str(one["medicationCodeableConcept"]["text"])  # type: ignore[index,call-overload]
        for one in record.written
        if one["resourceType"] == "MedicationRequest"
    ]
    for allergen in terms.ALLERGENS:
        known = allergen.forbids and any(name.startswith(allergen.forbids) for name in given)
        if known or chance.random() > ALLERGIC:
            continue
        refuted = chance.random() < REFUTED
        code, name = chance.choice(terms.REACTIONS)
        record.add(
            "AllergyIntolerance",
            clinicalStatus=status(
                "allergyintolerance-clinical", "inactive" if refuted else "active"
            ),
            verificationStatus=status(
                "allergyintolerance-verification", "refuted" if refuted else "confirmed"
            ),
            type="allergy",
            category=[allergen.category],
            criticality=chance.choice(("low", "high")),
            code=concept(allergen.system, allergen.code, allergen.name),
            patient=to(record.person),
            recordedDate=day(record.ago(100, 3500)),
            reaction=[
                {
                    "manifestation": [concept(terms.SNOMED, code, name)],
                    "severity": chance.choice(("mild", "moderate", "severe")),
                }
            ],
        )


def vaccines(record: Record) -> None:
    """Immunizations; some are due."""
    chance = record.chance
    for name, (code, title, _) in terms.VACCINES.items():
        times = 3 if name == "influenza" else 1
        for _ in range(times):
            if chance.random() < (
                0.7 if record.age >= 50 or name in ("influenza", "tdap") else 0.1
            ):
                record.add(
                    "Immunization",
                    status="completed" if chance.random() < 0.94 else "not-done",
                    vaccineCode=concept(terms.CVX, code, title),
                    patient=to(record.person),
                    occurrenceDateTime=day(record.ago(20, 1100 if name == "influenza" else 4600)),
                )


def procedures(record: Record) -> None:
    """Examinations of the last years."""
    chance = record.chance
    sick = record.traits(record.age)
    for name, (code, title, _) in terms.PROCEDURES.items():
        fits = {
            "colonoscopy": record.age >= 45,
            "mammography": record.female and record.age >= 40,
            "echo": bool(sick & {"heart-failure", "fibrillation", "coronary"}),
            "ecg": record.age >= 40,
            "retina": "diabetes" in sick,
        }[name]
        for _ in range(chance.choice((0, 1, 1, 2)) if fits else 0):
            record.add(
                "Procedure",
                status="completed" if chance.random() < 0.92 else "not-done",
                code=concept(terms.SNOMED, code, title),
                subject=to(record.person),
                performedDateTime=day(record.ago(20, 4200 if name == "colonoscopy" else 1400)),
            )


def orders(record: Record) -> None:
    """Referrals and examinations asked for."""
    chance = record.chance
    for _, code, specialty in terms.SERVICES:
        if chance.random() < 0.09:
            record.add(
                "ServiceRequest",
                status=chance.choice(("active", "active", "completed", "revoked")),
                intent="order",
                category=[concept(terms.SNOMED, "3457005", "Patient referral")],
                priority=chance.choice(("routine", "routine", "urgent")),
                code=concept(terms.SNOMED, code, specialty.capitalize()),
                subject=to(record.person),
                authoredOn=stamp(record.ago(3, 300)),
                requester=to(record.doctor()),
            )
    for name in ("a1c", "potassium", "creatinine", "hemoglobin", "tsh"):
        if chance.random() < 0.14:
            analyte = terms.ANALYTES[name]
            record.add(
                "ServiceRequest",
                status=chance.choice(("active", "completed")),
                intent="order",
                category=[concept(terms.SNOMED, "108252007", "Laboratory procedure")],
                priority="routine",
                code=concept(terms.LOINC, analyte.loinc, analyte.name),
                subject=to(record.person),
                authoredOn=stamp(record.ago(1, 120)),
                occurrenceDateTime=day(record.ago(-20, -2)),
                requester=to(record.doctor()),
            )


def bookings(record: Record) -> None:
    """Appointments, past and to come."""
    chance = record.chance
    for _ in range(chance.choice((0, 1, 2, 2, 3))):
        service = chance.choice(record.clinic.services)
        ahead = chance.random() < 0.6
        start = record.ago(-60, -2) if ahead else record.ago(10, 300)
        start = start.replace(hour=8 + chance.randrange(8), minute=chance.choice((0, 15, 30, 45)))
        record.add(
            "Appointment",
            status=chance.choice(("booked", "booked", "cancelled"))
            if ahead
            else chance.choice(("fulfilled", "fulfilled", "noshow")),
            specialty=service["specialty"],
            start=stamp(start),
            end=stamp(start + timedelta(minutes=30)),
            participant=[
                {"actor": to(record.person), "status": "accepted"},
                {"actor": to(service), "status": "accepted"},
            ],
        )
