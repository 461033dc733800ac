"""The course of one patient: diseases, then what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import concept, day, key, quantity, stamp, status, to
from taskkit.fhir.synthetic.hospital import Hospital

YEARS = 3  # of visits on record
INPATIENT = 0.4  # of patients: in hospital now
MMOL = {"glucose": (1 / 18.016, "mmol/L", 1), "creatinine": (88.42, "umol/L", 0)}
"""Units of another laboratory: factor, UCUM code, decimals."""
VISIT_LABS = ("potassium", "sodium", "creatinine", "glucose", "hemoglobin", "platelets", "leukocytes")
WARD_LABS = ("potassium", "magnesium", "creatinine", "glucose", "hemoglobin", "leukocytes")


@dataclass
class Course:
    """One patient while their record is drawn."""

    seed: int
    number: int
    hospital: Hospital
    now: datetime
    patient: Resource
    age: int
    female: bool
    chance: Random
    diseases: list[terms.Disease] = field(default_factory=list)
    allergens: list[terms.Allergen] = field(default_factory=list)
    written: list[Resource] = field(default_factory=list)
    means: dict[str, float] = field(default_factory=dict)

    def add(self, type_: str, **members: object) -> Resource:
        """Write a resource of the patient."""
        id_ = key(self.seed, self.number, type_, len(self.written))
        resource: Resource = {"resourceType": type_, "id": id_}
        resource.update((name, value) for name, value in members.items() if value is not None)  # type: ignore[misc]
        self.written.append(resource)
        return resource

    def doctor(self) -> Resource:
        """A member of the staff."""
        return self.chance.choice(self.hospital.doctors)

    def ago(self, low: float, high: float) -> datetime:
        """A time between so many days ago."""
        moment = self.now - timedelta(days=self.chance.uniform(low, high))
        return moment.replace(second=0, minute=self.chance.randrange(60))


def record(course: Course) -> list[Resource]:
    """Draw the whole record of a patient."""
    illnesses(course)
    levels(course)
    allergies(course)
    for disease in course.diseases:
        treatment(course, disease)
    visits(course)
    vaccines(course)
    procedures(course)
    if course.chance.random() < INPATIENT:
        stay(course)
    orders(course)
    bookings(course)
    return course.written


def illnesses(course: Course) -> None:
    """Long-lasting conditions by age, and acute ones that are over."""
    chance = course.chance
    for disease in terms.DISEASES.values():
        factor = min(1.6, max(0.25, (course.age - 20) / 45))
        if chance.random() < disease.share * factor:
            course.diseases.append(disease)
            course.add(
                "Condition",
                clinicalStatus=status("condition-clinical", "active"),
                verificationStatus=status("condition-ver-status", "confirmed"),
                category=[status("condition-category", "problem-list-item")],
                code={
                    "coding": [
                        {"system": terms.SNOMED, "code": disease.snomed, "display": disease.name},
                        {"system": terms.ICD10, "code": disease.icd},
                    ],
                    "text": disease.name,
                },
                subject=to(course.patient),
                onsetDateTime=day(course.ago(200, 4000)),
                recordedDate=day(course.ago(30, 190)),
            )
    for snomed, icd, name, _ in terms.ACUTE:
        if chance.random() < 0.15:
            onset = course.ago(60, 1500)
            course.add(
                "Condition",
                clinicalStatus=status("condition-clinical", "resolved"),
                verificationStatus=status("condition-ver-status", "confirmed"),
                category=[status("condition-category", "encounter-diagnosis")],
                code={
                    "coding": [
                        {"system": terms.SNOMED, "code": snomed, "display": name},
                        {"system": terms.ICD10, "code": icd},
                    ],
                    "text": name,
                },
                subject=to(course.patient),
                onsetDateTime=day(onset),
                abatementDateTime=day(onset + timedelta(days=chance.randrange(5, 30))),
                recordedDate=day(onset),
            )


def levels(course: Course) -> None:
    """The patient's own mean of every analyte: what is normal, moved by the diseases."""
    chance = course.chance
    centres = {
        "potassium": 4.2, "sodium": 140, "magnesium": 1.95, "creatinine": 0.78 if course.female else 0.95,
        "glucose": 92, "a1c": 5.3, "hemoglobin": 13.4 if course.female else 14.8, "leukocytes": 7.2,
        "platelets": 245, "ldl": 104, "tsh": 2.0, "alt": 24, "inr": 1.0, "uric": 5.3, "pulse": 75,
        "temperature": 36.7, "saturation": 97, "height": 163 if course.female else 177,
        "weight": 70 if course.female else 83,
    }  # fmt: skip
    for name, centre in centres.items():
        analyte = terms.ANALYTES[name]
        spread = 7 if name == "height" else 13 if name == "weight" else analyte.noise * 0.7
        moved = sum(by for one in course.diseases for at, by in one.shifts if at == name)
        course.means[name] = centre + moved + chance.gauss(0, spread)
    if any(one.key == "fibrillation" for one in course.diseases):
        course.means["inr"] = chance.uniform(1.6, 3.4)


def allergies(course: Course) -> None:
    """Allergies, a few of them refuted."""
    chance = course.chance
    for allergen in terms.ALLERGENS:
        if chance.random() > 0.11:
            continue
        refuted = chance.random() < 0.15
        if not refuted:
            course.allergens.append(allergen)
        code, name = chance.choice(terms.REACTIONS)
        course.add(
            "AllergyIntolerance",
            clinicalStatus=status("allergyintolerance-clinical", "inactive" if refuted else "active"),
            verificationStatus=status(
                "allergyintolerance-verification", "refuted" if refuted else "confirmed"
            ),
            type="allergy",
            category=[allergen.category],
            criticality=chance.choice(("low", "high")),
            code=concept(allergen.system, allergen.code, allergen.name),
            patient=to(course.patient),
            recordedDate=day(course.ago(100, 3500)),
            reaction=[
                {
                    "manifestation": [concept(terms.SNOMED, code, name)],
                    "severity": chance.choice(("mild", "moderate", "severe")),
                }
            ],
        )


def treatment(course: Course, disease: terms.Disease) -> None:
    """The drug of a disease: sometimes one that was given before it, or its dose changed."""
    forbidden = {one.group for one in course.allergens}
    fits = [terms.DRUGS[name] for name in disease.drugs if terms.DRUGS[name].group not in forbidden]
    if not fits or course.chance.random() < 0.08:
        return
    drug = course.chance.choice(fits)
    if course.chance.random() < 0.4:
        earlier = course.ago(400, 1000)
        former = drug if len(fits) < 2 else course.chance.choice(fits)
        prescription(course, former, earlier, "stopped", course.chance.choice(former.doses), disease)
    prescription(course, drug, course.ago(20, 390), "active", course.chance.choice(drug.doses), disease)


def prescription(
    course: Course, drug: terms.Drug, moment: datetime, state: str, dose: float, disease: terms.Disease
) -> Resource:
    """An order of a drug."""
    code, name = terms.ROUTES[drug.route]
    return course.add(
        "MedicationRequest",
        status=state,
        intent="order",
        medicationCodeableConcept=concept(terms.RXNORM, drug.rxnorm, drug.name),
        subject=to(course.patient),
        authoredOn=stamp(moment),
        requester=to(course.doctor()),
        reasonCode=[concept(terms.SNOMED, disease.snomed, disease.name)],
        dosageInstruction=[
            {
                "timing": {"repeat": {"frequency": drug.daily, "period": 1, "periodUnit": "d"}},
                "route": concept(terms.SNOMED, code, name),
                "doseAndRate": [{"doseQuantity": quantity(dose, drug.unit)}],
            }
        ],
    )


def visits(course: Course) -> None:
    """Outpatient visits with vital signs and laboratory values."""
    chance = course.chance
    gap = chance.uniform(90, 200)
    moment = course.now - timedelta(days=365 * YEARS - chance.uniform(0, 90))
    drift = {name: chance.gauss(0, one.noise * 0.8) for name, one in terms.ANALYTES.items()}
    number = 0
    while moment < course.now - timedelta(days=12):
        at = moment.replace(hour=8 + chance.randrange(8), minute=chance.randrange(60), second=0)
        visit = course.add(
            "Encounter",
            status="finished",
            **{"class": {"system": f"{ACT}", "code": "AMB", "display": "ambulatory"}},
            subject=to(course.patient),
            period={"start": stamp(at), "end": stamp(at + timedelta(minutes=40))},
            serviceProvider=to(course.hospital.organization),
        )
        share = number / (YEARS * 365 / gap)
        signs(course, visit, at, drift, share)
        for name in panel(course, number):
            measured(course, name, at + timedelta(minutes=15), visit, drift[name] * share)
        moment += timedelta(days=gap + chance.uniform(-25, 25))
        number += 1


ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def panel(course: Course, number: int) -> list[str]:
    """The laboratory values of a visit."""
    sick = {one.key for one in course.diseases}
    names = list(VISIT_LABS)
    if "diabetes" in sick or number % 3 == 0:
        names.append("a1c")
    if "lipids" in sick or number % 3 == 1:
        names.append("ldl")
    if "thyroid" in sick:
        names.append("tsh")
    if "gout" in sick:
        names.append("uric")
    if "fibrillation" in sick:
        names.append("inr")
    if number % 2:
        names.append("alt")
    return [name for name in names if course.chance.random() < 0.85]


def measured(
    course: Course, name: str, moment: datetime, encounter: Resource, moved: float
) -> Resource:
    """A laboratory value or vital sign; a few of another laboratory, preliminary or in error."""
    analyte = terms.ANALYTES[name]
    value = max(analyte.low * 0.3, course.means[name] + moved + course.chance.gauss(0, analyte.noise))
    unit, decimals = analyte.unit, analyte.decimals
    state = "final"
    draw = course.chance.random()
    if draw < 0.03:
        state = "entered-in-error"
        value *= course.chance.choice((0.5, 1.6))
    elif draw < 0.05:
        state = "cancelled"
    elif draw < 0.12 and name in MMOL:
        factor, unit, decimals = MMOL[name]
        value *= factor
    return course.add(
        "Observation",
        status=state,
        category=[status("observation-category", "vital-signs" if analyte.vital else "laboratory")],
        code=concept(terms.LOINC, analyte.loinc, analyte.name),
        subject=to(course.patient),
        encounter=to(encounter),
        effectiveDateTime=stamp(moment),
        issued=None if analyte.vital else stamp(moment + timedelta(minutes=50)),
        valueQuantity=quantity(value, unit, decimals),
        referenceRange=None if analyte.vital or unit != analyte.unit else [
            {"low": quantity(analyte.low, unit), "high": quantity(analyte.high, unit)}
        ],
    )  # fmt: skip


def signs(
    course: Course, visit: Resource, moment: datetime, drift: dict[str, float], share: float
) -> None:
    """The vital signs of a visit."""
    for name in ("weight", "pulse", "temperature", "saturation"):
        measured(course, name, moment, visit, drift[name] * share * 2)
    if course.chance.random() < 0.3:
        measured(course, "height", moment, visit, 0)
    pressure(course, visit, moment)


def pressure(course: Course, visit: Resource, moment: datetime) -> None:
    """A blood pressure with its two components."""
    high = any(one.key == "hypertension" for one in course.diseases)
    systolic = course.chance.gauss(143 if high else 121, 11)
    diastolic = min(systolic - 25, course.chance.gauss(87 if high else 76, 7))
    course.add(
        "Observation",
        status="final",
        category=[status("observation-category", "vital-signs")],
        code=concept(terms.LOINC, *terms.PRESSURE),
        subject=to(course.patient),
        encounter=to(visit),
        effectiveDateTime=stamp(moment),
        component=[
            {"code": concept(terms.LOINC, *code), "valueQuantity": quantity(value, "mm[Hg]", 0)}
            for code, value in ((terms.SYSTOLIC, systolic), (terms.DIASTOLIC, diastolic))
        ],
    )


def vaccines(course: Course) -> None:
    """Immunizations; some are due."""
    chance = course.chance
    for name, (code, title, _) in terms.VACCINES.items():
        times = 3 if name == "influenza" else 1
        for _ in range(times):
            if chance.random() < (0.7 if course.age >= 50 or name in ("influenza", "tdap") else 0.1):
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


def stay(course: Course) -> None:
    """A stay in hospital that goes on: admission, values every few hours."""
    chance = course.chance
    admitted = course.now - timedelta(days=chance.uniform(1.2, 8))
    stay_ = course.add(
        "Encounter",
        status="in-progress",
        **{"class": {"system": ACT, "code": "IMP", "display": "inpatient encounter"}},
        subject=to(course.patient),
        period={"start": stamp(admitted)},
        serviceProvider=to(course.hospital.organization),
    )
    for name in WARD_LABS:
        if name == "magnesium" and chance.random() < 0.3:
            continue
        moved = chance.gauss(0, terms.ANALYTES[name].noise * 1.6)
        every = chance.choice((6, 8, 12)) if name != "hemoglobin" else 24
        end = course.now - timedelta(hours=chance.choice((1, 3, 5, 7, 26, 30)))
        moment = admitted + timedelta(hours=2)
        while moment < end:
            at = moment + timedelta(minutes=chance.randrange(50))
            measured(course, name, at.replace(second=0), stay_, moved)
            moment += timedelta(hours=every)
    moment = admitted + timedelta(hours=1)
    while moment < course.now - timedelta(hours=1):
        for name in ("pulse", "temperature", "saturation"):
            measured(course, name, moment.replace(second=0), stay_, 0)
        moment += timedelta(hours=8)


def orders(course: Course) -> None:
    """Referrals and examinations asked for."""
    chance = course.chance
    for name, code, specialty in terms.SERVICES:
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
