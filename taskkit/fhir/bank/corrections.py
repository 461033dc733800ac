"""What stands there already and has to be changed, not deleted."""

from __future__ import annotations

from datetime import timedelta

from taskkit.fhir.bank import changes
from taskkit.fhir.bank.chart import COUNTED, coded, latest, measure, moment, staff_number
from taskkit.fhir.bank.decisions import order, plain
from taskkit.fhir.bank.entries import keeper
from taskkit.fhir.bank.lookups import about, daily_of, dose_of, known, only_order
from taskkit.fhir.bank.question import (
    Draw,
    Question,
    UnfitError,
    date,
    named,
    number,
    template,
    text,
)
from taskkit.fhir.element import values
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms


@template("stop-drug", "correction")
def stop_drug(draw: Draw) -> Question:
    """An order of a drug to stop."""
    patient = draw.patient()
    found, drug = only_order(draw, patient)
    made = changes.updated(found, changes.value("status", "stopped"), free=("statusReason",))
    return Question(
        {"who": draw.who(patient), "drug": draw.said(drug)},
        {**named(patient), "rxnorm": drug.rxnorm},
        date(moment(str(found["authoredOn"])), "minute"),
        (made,),
        about(patient),
    )


@template("change-dose", "correction")
def change_dose(draw: Draw) -> Question:
    """A dose to change: the old order stopped, a new one made."""
    patient = draw.patient()
    found, drug = only_order(draw, patient)
    old, daily = dose_of(found, drug), daily_of(found)
    if not coded(found, "dosageInstruction.route", terms.ROUTES[drug.route][0]):
        raise UnfitError("by another route")
    fits = [one for one in drug.doses if one != old]
    dose = draw.pick(fits)
    stopped = changes.updated(found, changes.value("status", "stopped"), free=("statusReason",))
    made = order(draw, patient, drug, dose, daily)
    for path in ("priorPrescription", "basedOn"):
        old_one = [changes.reference(path, found)]
        made["elements"].append(changes.either([changes.count(path, 0)], old_one))
    slots = {
        "who": draw.who(patient), "drug": draw.said(drug), "dose": f"{dose:g} {drug.unit}",
        "unit": drug.unit,
    }  # fmt: skip
    given = {**named(patient), **plain(drug), "dose": dose}
    answer = number((dose - old) / old * 100, "%", 0, slack=1e-6)
    return Question(slots, given, answer, (stopped, made), about(patient))


@template("correct-value", "correction")
def correct_value(draw: Draw) -> Question:
    """A value that was typed wrong: put right, and marked as corrected."""
    patient = draw.patient()
    analyte = terms.ANALYTES[draw.pick(("weight", "pulse", "temperature", "height"))]
    found = of(draw, patient, analyte)
    wrong = draw.pick(found)
    day = str(wrong["effectiveDateTime"])[:10]
    if len([one for one in found if str(one["effectiveDateTime"])[:10] == day]) > 1:
        raise UnfitError("two on that day")
    old = measure(wrong, analyte.loinc)
    right = round(
        old + draw.chance.choice((-1, 1)) * draw.chance.randrange(2, 9) / 10**analyte.decimals,
        analyte.decimals,
    )
    made = changes.updated(
        wrong,
        changes.value("status", "corrected"),
        changes.quantity("valueQuantity", right, analyte.unit),
    )
    slots = {
        "who": draw.who(patient), "analyte": draw.said(analyte), "day": day,
        "value": f"{right:g} {analyte.unit}", "unit": analyte.unit,
    }  # fmt: skip
    given = {**named(patient), "loinc": analyte.loinc, "day": day, "value": right}
    answer = number(old, analyte.unit, analyte.decimals)
    return Question(slots, given, answer, (made,), about(patient))


def of(draw: Draw, patient: Resource, analyte: terms.Analyte) -> list[Resource]:
    """The Observations of an analyte that count, the earliest first."""
    found = [
        one
        for one in draw.chart.of(patient, "Observation")
        if one["status"] in COUNTED and coded(one, "code", analyte.loinc)
    ]
    return latest(found, "effectiveDateTime")


@template("retract-value", "correction")
def retract_value(draw: Draw) -> Question:
    """The last value was another patient's: marked as an error; the one before it is said."""
    patient = draw.patient()
    analyte = draw.pick([one for one in terms.ANALYTES.values() if one.key != "height"])
    found = of(draw, patient, analyte)
    if len(found) < 3 or found[-1]["effectiveDateTime"] == found[-2]["effectiveDateTime"]:
        raise UnfitError("too few values")
    before = measure(found[-2], analyte.loinc)
    made = changes.updated(found[-1], changes.value("status", "entered-in-error"))
    slots = {"who": draw.who(patient), "analyte": draw.said(analyte), "unit": analyte.unit}
    given = {**named(patient), "loinc": analyte.loinc}
    answer = number(before, analyte.unit, analyte.decimals, slack=0.006 * before)
    return Question(slots, given, answer, (made,), about(patient))


@template("resolve-problem", "correction")
def resolve_problem(draw: Draw) -> Question:
    """A problem that is over."""
    patient = draw.patient()
    problem = draw.pick(draw.chart.problems(patient))
    disease = known(problem)
    ended = f"{draw.now - timedelta(days=draw.chance.randrange(1, 25)):%Y-%m-%d}"
    made = changes.updated(
        problem,
        changes.hl7("clinicalStatus", "condition-clinical", "resolved"),
        changes.moment("abatementDateTime", ended),
    )
    slots = {"who": draw.who(patient), "disease": draw.said(disease), "ended": ended}
    given = {**named(patient), "snomed": disease.snomed, "ended": ended}
    answer = date(str(problem["onsetDateTime"]))
    return Question(slots, given, answer, (made,), about(patient))


@template("cancel-visit", "appointments")
def cancel_visit(draw: Draw) -> Question:
    """The next booked appointment in a department to cancel."""
    patient = draw.patient()
    name, code, _ = draw.pick(terms.SERVICES)
    booked = [
        one
        for one in draw.chart.of(patient, "Appointment", status="booked")
        if coded(one, "specialty", code) and moment(str(one["start"])) > draw.now
    ]
    first = draw.pick(latest(booked, "start")[:1])
    made = changes.updated(
        first, changes.value("status", "cancelled"), free=("cancelationReason", "comment")
    )
    slots = {"who": draw.who(patient), "department": name}
    given = {**named(patient), "specialty": code}
    answer = date(moment(str(first["start"])), "minute")
    return Question(slots, given, answer, (made,), about(patient))


@template("new-phone", "correction")
def new_phone(draw: Draw) -> Question:
    """A phone number to replace; the old one is said."""
    patient = draw.patient()
    (old,) = values(patient, "telecom.value")
    new = f"555-{draw.chance.randrange(100, 999)}-{draw.chance.randrange(1000, 9999)}"
    made = changes.updated(
        patient,
        changes.count("telecom", 1),
        changes.value("telecom.value", new),
    )
    slots = {"who": draw.who(patient), "phone": new}
    given = {**named(patient), "phone": new}
    return Question(slots, given, text(str(old)), (made,), about(patient))


@template("new-practitioner", "correction")
def new_practitioner(draw: Draw) -> Question:
    """Another general practitioner, by staff number; the old one's is said."""
    patient = draw.patient()
    old = draw.chart.get(values(patient, "generalPractitioner")[0])
    new = draw.pick([one for one in draw.chart.by_type["Practitioner"] if one is not old])
    made = changes.updated(
        patient,
        changes.count("generalPractitioner", 1),
        changes.reference("generalPractitioner", new),
    )
    slots = {"who": draw.who(patient), "staff": staff_number(new)}
    given = {**named(patient), "staff": staff_number(new)}
    return Question(slots, given, keeper(draw, patient), (made,), about(patient))


@template("revoke-referral", "correction")
def revoke_referral(draw: Draw) -> Question:
    """An active referral to revoke."""
    patient = draw.patient()
    name, code, _ = draw.pick(terms.SERVICES)
    found = [
        one
        for one in draw.chart.of(patient, "ServiceRequest", status="active")
        if coded(one, "code", code)
    ]
    if len(found) != 1:
        raise UnfitError("not one")
    made = changes.updated(found[0], changes.value("status", "revoked"))
    doctor = draw.chart.get(found[0]["requester"])
    slots = {"who": draw.who(patient), "department": name}
    given = {**named(patient), "specialty": code}
    return Question(slots, given, text(staff_number(doctor)), (made,), about(patient))


@template("refute-allergy", "correction")
def refute_allergy(draw: Draw) -> Question:
    """An allergy that a test has refuted."""
    patient = draw.patient()
    found = draw.pick(draw.chart.allergies(patient))
    allergen = next(one for one in terms.ALLERGENS if coded(found, "code", one.code))
    made = changes.updated(
        found,
        changes.hl7("clinicalStatus", "allergyintolerance-clinical", "inactive"),
        changes.hl7("verificationStatus", "allergyintolerance-verification", "refuted"),
    )
    slots = {"who": draw.who(patient), "allergen": allergen.said}
    given = {**named(patient), "substance": allergen.code}
    return Question(slots, given, date(str(found["recordedDate"])), (made,), about(patient))


@template("raise-priority", "correction")
def raise_priority(draw: Draw) -> Question:
    """An active laboratory order whose priority has to be raised."""
    patient = draw.patient()
    analyte = terms.ANALYTES[draw.pick(("a1c", "potassium", "creatinine", "hemoglobin", "tsh"))]
    found = [
        one
        for one in draw.chart.of(patient, "ServiceRequest", status="active")
        if coded(one, "code", analyte.loinc)
    ]
    if len(found) != 1:
        raise UnfitError("not one")
    priority = draw.pick(("urgent", "asap", "stat"))
    made = changes.updated(found[0], changes.value("priority", priority))
    slots = {"who": draw.who(patient), "analyte": draw.said(analyte), "priority": priority}
    given = {**named(patient), "loinc": analyte.loinc, "priority": priority}
    return Question(
        slots, given, date(str(found[0]["occurrenceDateTime"])), (made,), about(patient)
    )
