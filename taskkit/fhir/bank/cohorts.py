"""Questions about many patients at once."""

from __future__ import annotations

from datetime import timedelta
from statistics import mean

from taskkit.fhir.bank.chart import Chart, code_of, coded, moment, mrn_of, staff_number
from taskkit.fhir.bank.question import (
    Draw,
    Question,
    UnfitError,
    integer,
    names,
    number,
    template,
)
from taskkit.fhir.element import values
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms

COMMON = ("diabetes", "hypertension", "kidney", "failure", "fibrillation", "lipids", "coronary",
          "reflux", "arthrosis", "depression", "copd", "gout")  # fmt: skip


def having(chart: Chart, disease: terms.Disease) -> list[Resource]:
    """The patients with an active disease."""
    return [
        one
        for one in chart.patients
        if any(coded(problem, "code", disease.snomed) for problem in chart.problems(one))
    ]


def age(chart: Chart, patient: Resource) -> int:
    """Age in whole years."""
    born, now = moment(str(patient["birthDate"])), chart.now
    return now.year - born.year - ((now.month, now.day) < (born.month, born.day))


@template("both-diseases", "cohort")
def both_diseases(draw: Draw) -> Question:
    """How many patients have two diseases, from an age on."""
    one, two = (terms.DISEASES[name] for name in draw.chance.sample(COMMON, 2))
    least = draw.pick((40, 50, 55, 60, 65, 70))
    second = {str(patient["id"]) for patient in having(draw.chart, two)}
    found = [
        patient
        for patient in having(draw.chart, one)
        if patient["id"] in second and age(draw.chart, patient) >= least
    ]
    if len(found) < 2:
        raise UnfitError("too few")
    slots = {"one": draw.said(one), "two": draw.said(two), "age": str(least)}
    return Question(
        slots, {"one": one.snomed, "two": two.snomed, "least": least}, integer(len(found))
    )


@template("uncontrolled", "cohort")
def uncontrolled(draw: Draw) -> Question:
    """The patients with a disease whose last value is above a limit."""
    disease, analyte = draw.pick(
        (
            ("diabetes", "a1c"), ("diabetes", "glucose"), ("lipids", "ldl"), ("gout", "uric"),
            ("kidney", "creatinine"), ("kidney", "potassium"), ("thyroid", "tsh"),
            ("fibrillation", "inr"), ("hypertension", "potassium"), ("coronary", "ldl"),
            ("hypertension", "creatinine"), ("lipids", "glucose"), ("hypertension", "sodium"),
            ("coronary", "creatinine"), ("reflux", "alt"), ("lipids", "a1c"),
        )
    )  # fmt: skip
    sick, measured = terms.DISEASES[disease], terms.ANALYTES[analyte]
    last = {
        mrn_of(one): value[1]
        for one in having(draw.chart, sick)
        if (value := draw.chart.last(one, measured.loinc))
    }
    if len(last) < 4:
        raise UnfitError("too few")
    limit = round(sorted(last.values())[-draw.pick((2, 3, 4))], measured.decimals)
    limit += 0.5 * 10.0**-measured.decimals
    if any(abs(one - limit) < 0.004 * limit for one in last.values()):
        raise UnfitError("too near the limit")
    found = {name for name, value_ in last.items() if value_ > limit}
    if not found:
        raise UnfitError("none above")
    slots = {
        "disease": draw.said(sick), "analyte": draw.said(measured),
        "limit": f"{limit:g} {measured.unit}",
    }  # fmt: skip
    given = {"snomed": sick.snomed, "loinc": measured.loinc, "limit": limit}
    return Question(slots, given, names(found))


@template("mean-age", "cohort")
def mean_age(draw: Draw) -> Question:
    """The mean age of patients of one sex with a disease."""
    disease, gender = terms.DISEASES[draw.pick(COMMON)], draw.pick(("female", "male"))
    found = [age(draw.chart, one) for one in having(draw.chart, disease) if one["gender"] == gender]
    if len(found) < 3:
        raise UnfitError("too few")
    return Question(
        {"disease": draw.said(disease), "gender": gender},
        {"snomed": disease.snomed, "gender": gender},
        number(mean(found), "a", 1),
    )


@template("on-drug", "cohort")
def on_drug(draw: Draw) -> Question:
    """The patients who take a drug and have a disease for which another drug was given."""
    drug, disease = draw.pick(tuple(terms.DRUGS.values())), terms.DISEASES[draw.pick(COMMON)]
    found = {
        mrn_of(one)
        for one in having(draw.chart, disease)
        if any(
            code_of(order, "medicationCodeableConcept", terms.RXNORM) == drug.rxnorm
            for order in draw.chart.drugs(one)
        )
    }
    if not 1 <= len(found) <= 12:
        raise UnfitError("too few or many")
    return Question(
        {"drug": draw.said(drug), "disease": draw.said(disease)},
        {"rxnorm": drug.rxnorm, "snomed": disease.snomed},
        names(found),
    )


@template("ward-abnormal", "cohort")
def ward_abnormal(draw: Draw) -> Question:
    """The patients in hospital whose last value of the stay is below or above a limit."""
    analyte = terms.ANALYTES[
        draw.pick(("potassium", "creatinine", "glucose", "hemoglobin", "leukocytes"))
    ]
    last: dict[str, float] = {}
    for patient in draw.chart.patients:
        stay = draw.chart.stay(patient)
        found = draw.chart.last(patient, analyte.loinc)
        if stay and found and found[0] >= moment(str(values(stay, "period.start")[0])):
            last[mrn_of(patient)] = found[1]
    if len(last) < 5:
        raise UnfitError("too few")
    limit = round(sorted(last.values())[draw.pick((1, 2, 3))], analyte.decimals)
    limit += 0.5 * 10.0**-analyte.decimals
    if any(abs(one - limit) < 0.004 * limit for one in last.values()):
        raise UnfitError("too near the limit")
    found_ = {name for name, value in last.items() if value < limit}
    if not found_:
        raise UnfitError("none")
    return Question(
        {"analyte": draw.said(analyte), "limit": f"{limit:g} {analyte.unit}"},
        {"loinc": analyte.loinc, "limit": limit},
        names(found_),
    )


@template("screening-gap", "cohort")
def screening_gap(draw: Draw) -> Question:
    """How many patients with a disease have had no examination for some time."""
    disease = terms.DISEASES[draw.pick(COMMON)]
    code, _, said = terms.PROCEDURES[draw.pick(tuple(terms.PROCEDURES))]
    months = draw.pick((12, 18, 24, 36))
    since = draw.now - timedelta(days=months * 30)
    found = [
        one
        for one in having(draw.chart, disease)
        if not any(
            code_of(done, "code", terms.SNOMED) == code
            and moment(str(done["performedDateTime"])) >= since
            for done in draw.chart.of(one, "Procedure", status="completed")
        )
    ]
    if len(found) < 3:
        raise UnfitError("too few")
    slots = {"disease": draw.said(disease), "procedure": draw.pick(said), "days": str(months * 30)}
    given = {"snomed": disease.snomed, "procedure": code, "days": months * 30}
    return Question(slots, given, integer(len(found)))


@template("panel-of", "cohort")
def panel_of(draw: Draw) -> Question:
    """How many patients of a general practitioner take a drug of a class."""
    patient = draw.patient()
    doctor = draw.chart.get(values(patient, "generalPractitioner")[0])
    drug = draw.pick(tuple(terms.DRUGS.values()))
    found = {
        mrn_of(one)
        for one in draw.chart.patients
        if draw.chart.get(values(one, "generalPractitioner")[0]) is doctor
        and any(
            code_of(order, "medicationCodeableConcept", terms.RXNORM) == drug.rxnorm
            for order in draw.chart.drugs(one)
        )
    }
    if not found:
        raise UnfitError("none")
    return Question(
        {"staff": staff_number(doctor), "drug": draw.said(drug)},
        {"staff": staff_number(doctor), "rxnorm": drug.rxnorm},
        names(found),
    )


@template("clinic-list", "cohort")
def clinic_list(draw: Draw) -> Question:
    """The patients who are booked in a department in the next weeks."""
    name, code, _ = draw.pick(terms.SERVICES)
    days = draw.pick((14, 21, 28, 42))
    found = {
        mrn_of(one)
        for one in draw.chart.patients
        for visit in draw.chart.of(one, "Appointment", status="booked")
        if coded(visit, "specialty", code)
        and draw.now <= moment(str(visit["start"])) <= draw.now + timedelta(days=days)
    }
    if not found:
        raise UnfitError("none")
    return Question(
        {"department": name, "days": str(days)}, {"specialty": code, "days": days}, names(found)
    )
