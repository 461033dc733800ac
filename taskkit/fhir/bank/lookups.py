"""Questions about one patient's record: what stands there, across resources and pages."""

from __future__ import annotations

from datetime import timedelta

from taskkit.fhir.bank.chart import code_of, coded, latest, moment, staff_number
from taskkit.fhir.bank.question import (
    Draw,
    Question,
    UnfitError,
    date,
    integer,
    named,
    names,
    number,
    template,
    text,
)
from taskkit.fhir.element import values
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms

LABS = tuple(one for one in terms.ANALYTES.values() if not one.vital)


def about(patient: Resource) -> tuple[str, ...]:
    """The patients of a question about one."""
    return (str(patient["id"]),)


@template("phone", "record")
def phone(draw: Draw) -> Question:
    """The phone number on file."""
    patient = draw.patient()
    (said,) = values(patient, "telecom.value")
    return Question(
        {"who": draw.who(patient)}, named(patient), text(str(said)), patients=about(patient)
    )


@template("practitioner", "record")
def practitioner(draw: Draw) -> Question:
    """The staff number of the general practitioner."""
    patient = draw.patient()
    doctor = draw.chart.get(values(patient, "generalPractitioner")[0])
    return Question(
        {"who": draw.who(patient)},
        named(patient),
        text(staff_number(doctor)),
        patients=about(patient),
    )


@template("last-value", "value")
def last_value(draw: Draw) -> Question:
    """The last value of a laboratory test, in the usual unit."""
    patient, analyte = draw.patient(), draw.pick(LABS)
    found = draw.chart.observed(patient, analyte.loinc)
    if len(found) < 3:
        raise UnfitError("too few values")
    slots = {"who": draw.who(patient), "analyte": draw.said(analyte), "unit": analyte.unit}
    answer = number(found[-1][1], analyte.unit, analyte.decimals, slack=0.006 * found[-1][1])
    return Question(
        slots, {**named(patient), "loinc": analyte.loinc}, answer, patients=about(patient)
    )


@template("last-time", "value")
def last_time(draw: Draw) -> Question:
    """When a laboratory test was last done."""
    patient, analyte = draw.patient(), draw.pick(LABS)
    at, _ = draw.must(draw.chart.last(patient, analyte.loinc))
    return Question(
        {"who": draw.who(patient), "analyte": draw.said(analyte)},
        {**named(patient), "loinc": analyte.loinc},
        date(at, "minute"),
        patients=about(patient),
    )


@template("extreme", "value", decides=True)
def extreme(draw: Draw) -> Question:
    """The highest or the lowest value of some months."""
    patient, analyte = draw.patient(), draw.pick(LABS)
    months = draw.pick((12, 18, 24, 30))
    found = draw.chart.observed(patient, analyte.loinc, within=timedelta(days=months * 30))
    if len(found) < 4:
        raise UnfitError("too few values")
    best = (max if draw.act else min)(one for _, one in found)
    slots = {
        "who": draw.who(patient), "analyte": draw.said(analyte), "days": str(months * 30),
        "extreme": draw.pick(("highest", "maximum", "peak") if draw.act else ("lowest", "minimum")),
        "unit": analyte.unit,
    }  # fmt: skip
    given = {**named(patient), "loinc": analyte.loinc, "days": months * 30, "highest": draw.act}
    answer = number(best, analyte.unit, analyte.decimals, slack=0.006 * best)
    return Question(slots, given, answer, patients=about(patient))


@template("days-measured", "value")
def days_measured(draw: Draw) -> Question:
    """On how many days something was measured."""
    patient = draw.inpatient()
    analyte = draw.pick([one for one in terms.ANALYTES.values() if one.key != "height"])
    found = draw.chart.observed(patient, analyte.loinc)
    days = {at.date() for at, _ in found}
    if len(found) < 6:
        raise UnfitError("too few values")
    return Question(
        {"who": draw.who(patient), "analyte": draw.said(analyte)},
        {**named(patient), "loinc": analyte.loinc},
        integer(len(days)),
        patients=about(patient),
    )


@template("active-drugs", "drugs")
def active_drugs(draw: Draw) -> Question:
    """The RxNorm codes of the drugs that are taken."""
    patient = draw.patient()
    codes = ingredients(draw, patient)
    if len(codes) < 2:
        raise UnfitError("too few drugs")
    return Question(
        {"who": draw.who(patient)}, named(patient), names(codes), patients=about(patient)
    )


def ingredients(draw: Draw, patient: Resource) -> set[str]:
    """The RxNorm codes of what is ordered and active; a few drugs have none."""
    found = draw.chart.drugs(patient)
    codes = (code_of(one, "medicationCodeableConcept", terms.RXNORM) for one in found)
    return {code for code in codes if code is not None}


@template("daily-dose", "drugs")
def daily_dose(draw: Draw) -> Question:
    """The daily dose of a drug that is taken."""
    patient = draw.patient()
    order, drug = only_order(draw, patient)
    dose, times = dose_of(order, drug), daily_of(order)
    return Question(
        {"who": draw.who(patient), "drug": draw.said(drug), "unit": drug.unit},
        {**named(patient), "rxnorm": drug.rxnorm},
        number(dose * times, drug.unit, 1),
        patients=about(patient),
    )


def drug_of(order: Resource) -> terms.Drug:
    """The drug of an order.

    Raises:
        UnfitError: it is not in the formulary.
    """
    code = code_of(order, "medicationCodeableConcept", terms.RXNORM)
    for drug in terms.DRUGS.values():
        if drug.rxnorm == code:
            return drug
    raise UnfitError("not in the formulary")


def only_order(draw: Draw, patient: Resource) -> tuple[Resource, terms.Drug]:
    """An active order of a drug of which there is no other one.

    Raises:
        UnfitError: there is.
    """
    orders = draw.chart.drugs(patient)
    order = draw.pick(orders)
    drug = drug_of(order)
    if sum(coded(one, "medicationCodeableConcept", drug.rxnorm) for one in orders) > 1:
        raise UnfitError("ordered twice")
    return order, drug


def dose_of(order: Resource, drug: terms.Drug) -> float:
    """The single dose of an order.

    Raises:
        UnfitError: it is in another unit than the formulary's.
    """
    for one in values(order, "dosageInstruction.doseAndRate.doseQuantity"):
        if isinstance(one, dict) and one["code"] == drug.unit:
            dose = one["value"]
            assert isinstance(dose, (int, float))
            return float(dose)
    raise UnfitError("in another unit")


def daily_of(order: Resource) -> int:
    """How often a day an order says.

    Raises:
        UnfitError: it does not say.
    """
    for times in values(order, "dosageInstruction.timing.repeat.frequency"):
        assert isinstance(times, int)
        return times
    raise UnfitError("no frequency")


@template("prescriber", "drugs")
def prescriber(draw: Draw) -> Question:
    """Who ordered a drug."""
    patient = draw.patient()
    order, drug = only_order(draw, patient)
    doctor = draw.chart.get(order["requester"])
    return Question(
        {"who": draw.who(patient), "drug": draw.said(drug)},
        {**named(patient), "rxnorm": drug.rxnorm},
        text(staff_number(doctor)),
        patients=about(patient),
    )


@template("former-drug", "drugs")
def former_drug(draw: Draw) -> Question:
    """The drug of a condition that was stopped before the present one."""
    patient = draw.patient()
    order = draw.pick(draw.chart.drugs(patient, state="stopped"))
    disease = disease_of(order)
    stopped = draw.chart.drugs(patient, state="stopped")
    same = [one for one in stopped if coded(one, "reasonCode", disease.snomed)]
    if len(same) > 1:
        raise UnfitError("stopped twice")
    return Question(
        {"who": draw.who(patient), "disease": draw.said(disease)},
        {**named(patient), "snomed": disease.snomed},
        text(drug_of(order).rxnorm),
        patients=about(patient),
    )


def disease_of(order: Resource) -> terms.Disease:
    """The disease that a drug was ordered for.

    Raises:
        UnfitError: none that lasts.
    """
    return _disease(code_of(order, "reasonCode", terms.SNOMED))


@template("allergies", "record")
def allergies(draw: Draw) -> Question:
    """The codes of the substances of active allergies."""
    patient = draw.patient()
    found = draw.chart.allergies(patient)
    if not found or (len(found) == 1 and draw.chance.random() < 0.8):
        raise UnfitError("too few")
    codes = {str(one) for entry in found for one in values(entry, "code.coding.code")}
    return Question(
        {"who": draw.who(patient)}, named(patient), names(codes), patients=about(patient)
    )


@template("problem-list", "record")
def problem_list(draw: Draw) -> Question:
    """The ICD-10-CM codes of the active problems."""
    patient = draw.patient()
    found = draw.chart.problems(patient)
    if len(found) < 2:
        raise UnfitError("too few")
    codes = {str(code_of(one, "code", terms.ICD10)) for one in found}
    return Question(
        {"who": draw.who(patient)}, named(patient), names(codes), patients=about(patient)
    )


@template("onset", "record")
def onset(draw: Draw) -> Question:
    """When a condition began."""
    patient = draw.patient()
    problem = draw.pick(draw.chart.problems(patient))
    disease = known(problem)
    return Question(
        {"who": draw.who(patient), "disease": draw.said(disease)},
        {**named(patient), "snomed": disease.snomed},
        date(str(problem["onsetDateTime"])),
        patients=about(patient),
    )


def known(problem: Resource) -> terms.Disease:
    """The disease of a condition.

    Raises:
        UnfitError: it is none of the long-lasting ones.
    """
    return _disease(code_of(problem, "code", terms.SNOMED))


def _disease(code: str | None) -> terms.Disease:
    for disease in terms.DISEASES.values():
        if disease.snomed == code:
            return disease
    raise UnfitError("no long-lasting disease")


@template("next-visit", "appointments")
def next_visit(draw: Draw) -> Question:
    """When the next booked appointment is."""
    patient = draw.patient()
    booked = draw.chart.of(patient, "Appointment", status="booked")
    ahead = [one for one in latest(booked, "start") if moment(str(one["start"])) > draw.now]
    first = draw.pick(ahead[:1])
    return Question(
        {"who": draw.who(patient)},
        named(patient),
        date(moment(str(first["start"])), "minute"),
        patients=about(patient),
    )


@template("hours-in-hospital", "record")
def hours_in_hospital(draw: Draw) -> Question:
    """How long a stay has lasted."""
    patient = draw.inpatient()
    stay = draw.must(draw.chart.stay(patient))
    (start,) = values(stay, "period.start")
    hours = (draw.now - moment(str(start))).total_seconds() / 3600
    return Question(
        {"who": draw.who(patient)}, named(patient), number(hours, "h", 1), patients=about(patient)
    )


@template("last-procedure", "record")
def last_procedure(draw: Draw) -> Question:
    """When an examination was last done."""
    patient = draw.patient()
    code, _, said = terms.PROCEDURES[draw.pick(tuple(terms.PROCEDURES))]
    last = draw.pick(draw.chart.procedures(patient, code)[-1:])
    return Question(
        {"who": draw.who(patient), "procedure": draw.pick(said)},
        {**named(patient), "snomed": code},
        date(str(last["performedDateTime"])),
        patients=about(patient),
    )


@template("days-since-vaccine", "record")
def days_since_vaccine(draw: Draw) -> Question:
    """How many days ago a vaccine was last given."""
    patient = draw.patient()
    code, _, said = terms.VACCINES[draw.pick(tuple(terms.VACCINES))]
    given = [
        one
        for one in draw.chart.of(patient, "Immunization", status="completed")
        if code_of(one, "vaccineCode", terms.CVX) == code
    ]
    last = draw.pick(latest(given, "occurrenceDateTime")[-1:])
    days = (draw.now.date() - moment(str(last["occurrenceDateTime"])).date()).days
    return Question(
        {"who": draw.who(patient), "vaccine": draw.pick(said)},
        {**named(patient), "cvx": code},
        integer(days),
        patients=about(patient),
    )
