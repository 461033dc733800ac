"""What is done and planned: vaccines, procedures, orders, appointments."""

from __future__ import annotations

from datetime import timedelta

from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import concept, day, stamp, to
from taskkit.fhir.synthetic.course import Course


def vaccines(course: Course) -> None:
    """Immunizations; some are due."""
    chance = course.chance
    for name, (code, title, _) in terms.VACCINES.items():
        times = 3 if name == "influenza" else 1
        for _ in range(times):
            if chance.random() < (
                0.7 if course.age >= 50 or name in ("influenza", "tdap") else 0.1
            ):
                course.add(
                    "Immunization",
                    status="completed" if chance.random() < 0.94 else "not-done",
                    vaccineCode=concept(terms.CVX, code, title),
                    patient=to(course.patient),
                    occurrenceDateTime=day(course.ago(20, 1100 if name == "influenza" else 4600)),
                )


def procedures(course: Course) -> None:
    """Examinations of the last years."""
    chance = course.chance
    sick = {one.key for one in course.diseases}
    for name, (code, title, _) in terms.PROCEDURES.items():
        fits = {
            "colonoscopy": course.age >= 45,
            "mammography": course.female and course.age >= 40,
            "echo": bool(sick & {"failure", "fibrillation", "coronary"}),
            "ecg": course.age >= 40,
            "retina": "diabetes" in sick,
        }[name]
        for _ in range(chance.choice((0, 1, 1, 2)) if fits else 0):
            course.add(
                "Procedure",
                status="completed" if chance.random() < 0.92 else "not-done",
                code=concept(terms.SNOMED, code, title),
                subject=to(course.patient),
                performedDateTime=day(course.ago(20, 4200 if name == "colonoscopy" else 1400)),
            )


def orders(course: Course) -> None:
    """Referrals and examinations asked for."""
    chance = course.chance
    for _, code, specialty in terms.SERVICES:
        if chance.random() < 0.09:
            course.add(
                "ServiceRequest",
                status=chance.choice(("active", "active", "completed", "revoked")),
                intent="order",
                category=[concept(terms.SNOMED, "3457005", "Patient referral")],
                priority=chance.choice(("routine", "routine", "urgent")),
                code=concept(terms.SNOMED, code, specialty.capitalize()),
                subject=to(course.patient),
                authoredOn=stamp(course.ago(3, 300)),
                requester=to(course.doctor()),
            )
    for name in ("a1c", "potassium", "creatinine", "hemoglobin", "tsh"):
        if chance.random() < 0.14:
            analyte = terms.ANALYTES[name]
            course.add(
                "ServiceRequest",
                status=chance.choice(("active", "completed")),
                intent="order",
                category=[concept(terms.SNOMED, "108252007", "Laboratory procedure")],
                priority="routine",
                code=concept(terms.LOINC, analyte.loinc, analyte.name),
                subject=to(course.patient),
                authoredOn=stamp(course.ago(1, 120)),
                occurrenceDateTime=day(course.ago(-20, -2)),
                requester=to(course.doctor()),
            )


def bookings(course: Course) -> None:
    """Appointments, past and to come."""
    chance = course.chance
    for _ in range(chance.choice((0, 1, 2, 2, 3))):
        service = chance.choice(course.hospital.services)
        ahead = chance.random() < 0.6
        start = course.ago(-60, -2) if ahead else course.ago(10, 300)
        start = start.replace(hour=8 + chance.randrange(8), minute=chance.choice((0, 15, 30, 45)))
        course.add(
            "Appointment",
            status=chance.choice(("booked", "booked", "cancelled"))
            if ahead
            else chance.choice(("fulfilled", "fulfilled", "noshow")),
            specialty=service["specialty"],
            start=stamp(start),
            end=stamp(start + timedelta(minutes=30)),
            participant=[
                {"actor": to(course.patient), "status": "accepted"},
                {"actor": to(service), "status": "accepted"},
            ],
        )
