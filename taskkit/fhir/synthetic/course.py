"""The course of one patient: diseases, then what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms
from taskkit.fhir.synthetic.build import concept, day, key, quantity, stamp, status, to
from taskkit.fhir.synthetic.hospital import Hospital


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
        "potassium": 4.2, "sodium": 140, "magnesium": 1.95,
        "creatinine": 0.78 if course.female else 0.95,
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
        prescription(
            course, former, earlier, "stopped", course.chance.choice(former.doses), disease
        )
    prescription(
        course, drug, course.ago(20, 390), "active", course.chance.choice(drug.doses), disease
    )


def prescription(
    course: Course,
    drug: terms.Drug,
    moment: datetime,
    state: str,
    dose: float,
    disease: terms.Disease,
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
