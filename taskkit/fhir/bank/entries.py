"""New entries: vital signs, problems, allergies, referrals, appointments, admissions."""

from __future__ import annotations

from datetime import timedelta

from taskkit.fhir.bank import changes
from taskkit.fhir.bank.chart import coded, latest, moment, staff_number
from taskkit.fhir.bank.decisions import referral
from taskkit.fhir.bank.lookups import about
from taskkit.fhir.bank.question import (
    Answer,
    Draw,
    Question,
    UnfitError,
    date,
    named,
    number,
    template,
    text,
)
from taskkit.fhir.bank.trends import pressures
from taskkit.fhir.element import values
from taskkit.fhir.index import Resource
from taskkit.fhir.synthetic import terms

VITAL = ("pulse", "temperature", "saturation", "weight")
STEP = {"pulse": 1, "temperature": 0.1, "saturation": 1, "weight": 0.1}


def keeper(draw: Draw, patient: Resource) -> Answer:
    """The staff number of the patient's general practitioner, as an answer."""
    return text(staff_number(draw.chart.get(values(patient, "generalPractitioner")[0])))


@template("record-vital", "entry")
def record_vital(draw: Draw) -> Question:
    """A vital sign to record, and its change from the last one."""
    patient, analyte = draw.patient(), terms.ANALYTES[draw.pick(VITAL)]
    _, last = draw.must(draw.chart.last(patient, analyte.loinc))
    steps = draw.chance.choice((-1, 1)) * draw.chance.randrange(2, 12)
    taken = round(last + steps * STEP[analyte.key], analyte.decimals)
    if analyte.key == "saturation" and taken > 100:
        raise UnfitError("out of range")
    at = draw.now - timedelta(minutes=draw.chance.randrange(5, 120))
    made = changes.created(
        "Observation",
        changes.value("status", "final"),
        changes.code("code", analyte.loinc, system=terms.LOINC),
        changes.reference("subject", patient),
        changes.moment("effectiveDateTime", at, slack_s=59),
        changes.quantity("valueQuantity", taken, analyte.unit),
    )
    slots = {
        "who": draw.who(patient), "analyte": draw.said(analyte), "loinc": analyte.loinc,
        "value": f"{taken:g} {analyte.unit}", "at": f"{at:%H:%M}",
    }  # fmt: skip
    given = {
        **named(patient), "loinc": analyte.loinc, "taken": taken, "unit": analyte.unit,
        "at": f"{at:%Y-%m-%dT%H:%M:00+00:00}",
    }  # fmt: skip
    answer = number(taken - last, analyte.unit, analyte.decimals, slack=1e-6)
    return Question(slots, given, answer, (made,), about(patient))


@template("record-pressure", "entry")
def record_pressure(draw: Draw) -> Question:
    """A blood pressure to record, and the change of its pulse pressure."""
    patient = draw.patient()
    high, low = draw.pick(pressures(draw, patient)[-1:])
    systolic, diastolic = (round(one + draw.chance.randrange(-9, 10)) for one in (high, low))
    if systolic - diastolic < 20:
        raise UnfitError("no pulse")
    part = "component.where(code.coding.code='{}')"
    made = changes.created(
        "Observation",
        changes.value("status", "final"),
        changes.code("code", terms.PRESSURE[0], system=terms.LOINC),
        changes.reference("subject", patient),
        changes.moment("effectiveDateTime", draw.now, slack_s=59),
        changes.count("component", 2),
        changes.quantity(part.format(terms.SYSTOLIC[0]) + ".valueQuantity", systolic, "mm[Hg]"),
        changes.quantity(part.format(terms.DIASTOLIC[0]) + ".valueQuantity", diastolic, "mm[Hg]"),
        free=("component.code",),
    )
    slots = {"who": draw.who(patient), "value": f"{systolic}/{diastolic} mm[Hg]"}
    given = {**named(patient), "systolic": systolic, "diastolic": diastolic}
    answer = number((systolic - diastolic) - (high - low), "mm[Hg]", 0, slack=1e-6)
    return Question(slots, given, answer, (made,), about(patient))


@template("refer", "entry")
def refer(draw: Draw) -> Question:
    """A referral to a department."""
    patient = draw.patient()
    name, code, _ = draw.pick(terms.SERVICES)
    priority = draw.pick(("routine", "urgent", "asap", "stat"))
    made = referral(draw, patient, code, priority)
    slots = {"who": draw.who(patient), "department": name, "priority": priority}
    given = {**named(patient), "department_name": name, "priority": priority}
    return Question(slots, given, keeper(draw, patient), (made,), about(patient))


@template("add-problem", "entry", decides=True)
def add_problem(draw: Draw) -> Question:
    """A problem that is added where it is not yet active on the list."""
    patient, disease = draw.patient(), draw.pick(tuple(terms.DISEASES.values()))
    found = draw.chart.problems(patient)
    if not found:
        raise UnfitError("no problem")
    draw.right(act=not any(coded(one, "code", disease.snomed) for one in found))
    days = [str(one["onsetDateTime"])[:10] for one in latest(found, "onsetDateTime")]
    first = days[0]
    if days.count(first) > 1:
        raise UnfitError("two at once")
    started = f"{draw.now - timedelta(days=draw.chance.randrange(5, 300)):%Y-%m-%d}"
    made: tuple[changes.Part, ...] = ()
    if draw.act:
        made = (
            changes.created(
                "Condition",
                changes.hl7("clinicalStatus", "condition-clinical", "active"),
                changes.hl7("verificationStatus", "condition-ver-status", "confirmed"),
                changes.code("code", disease.snomed, system=terms.SNOMED),
                changes.reference("subject", patient),
                changes.moment("onsetDateTime", started),
            ),
        )
    slots = {
        "who": draw.who(patient), "disease": draw.said(disease), "onset": started,
        "snomed": disease.snomed,
    }  # fmt: skip
    given = {**named(patient), "snomed": disease.snomed, "name": disease.name, "onset": started}
    word = "act" if draw.act else "leave"
    return Question(slots, given, date(first), made, about(patient), word)


@template("add-allergy", "entry", decides=True)
def add_allergy(draw: Draw) -> Question:
    """An allergy that is added where no active one to the substance is there."""
    patient, allergen = draw.patient(), draw.pick(terms.ALLERGENS)
    known = any(coded(one, "code", allergen.code) for one in draw.chart.allergies(patient))
    draw.right(act=not known)
    reaction, name = draw.pick(terms.REACTIONS)
    severity = draw.pick(("mild", "moderate", "severe"))
    risk = draw.pick(("low", "high"))
    made: tuple[changes.Part, ...] = ()
    if draw.act:
        made = (
            changes.created(
                "AllergyIntolerance",
                changes.hl7("clinicalStatus", "allergyintolerance-clinical", "active"),
                changes.hl7("verificationStatus", "allergyintolerance-verification", "confirmed"),
                changes.value("criticality", risk),
                changes.code("code", allergen.code, system=allergen.system),
                changes.reference("patient", patient),
                changes.count("reaction", 1),
                changes.code("reaction.manifestation", reaction, system=terms.SNOMED),
                changes.value("reaction.severity", severity),
            ),
        )
    system = "RxNorm" if allergen.system == terms.RXNORM else "SNOMED CT"
    slots = {
        "who": draw.who(patient), "allergen": allergen.said, "code": f"{system} {allergen.code}",
        "reaction": f"{name.lower()} (SNOMED CT {reaction})", "severity": severity, "risk": risk,
    }  # fmt: skip
    given = {
        **named(patient), "system": allergen.system, "substance": allergen.code,
        "reaction": reaction, "severity": severity, "risk": risk,
    }  # fmt: skip
    word = "act" if draw.act else "leave"
    return Question(slots, given, keeper(draw, patient), made, about(patient), word)


@template("book", "appointments")
def book(draw: Draw) -> Question:
    """An appointment in the first free slot of a department from a day on."""
    patient = draw.patient()
    service = draw.pick(draw.chart.by_type["HealthcareService"])
    after = draw.now + timedelta(days=draw.chance.randrange(1, 16))
    day = f"{after:%Y-%m-%d}"
    schedule = next(
        one
        for one in draw.chart.by_type["Schedule"]
        if f"HealthcareService/{service['id']}" in values(one, "actor.reference")
    )
    free = [
        one
        for one in draw.chart.by_type["Slot"]
        if values(one, "schedule.reference") == [f"Schedule/{schedule['id']}"]
        and one["status"] == "free"
        and str(one["start"])[:10] >= day
    ]
    slot = draw.pick(latest(free, "start")[:1])
    made = changes.created(
        "Appointment",
        changes.value("status", "booked"),
        changes.moment("start", str(slot["start"])),
        changes.moment("end", str(slot["end"])),
        changes.reference("slot", slot),
        changes.count("participant", 2),
        changes.reference(
            f"participant.where(actor.reference='Patient/{patient['id']}').actor", patient
        ),
        changes.reference(
            f"participant.where(actor.reference='HealthcareService/{service['id']}').actor", service
        ),
        changes.value("participant.status", "accepted"),
    )
    taken = changes.updated(slot, changes.value("status", "busy"))
    slots = {"who": draw.who(patient), "department": str(service["name"]), "day": day}
    given = {**named(patient), "department_name": str(service["name"]), "day": day}
    answer = date(moment(str(slot["start"])), "minute")
    return Question(slots, given, answer, (made, taken), about(patient))


@template("admit", "transaction")
def admit(draw: Draw) -> Question:
    """An admission and a weight that refers to it, in one transaction."""
    patient, weight = draw.patient(), terms.ANALYTES["weight"]
    if draw.chart.stay(patient) is not None:
        raise UnfitError("in hospital")
    _, last = draw.must(draw.chart.last(patient, weight.loinc))
    taken = round(last + draw.chance.randrange(-30, 31) / 10, 1)
    if taken == round(last, 1):
        raise UnfitError("no change")
    stay = changes.created(
        "Encounter",
        changes.value("status", "in-progress"),
        changes.code("class", "IMP"),
        changes.reference("subject", patient),
        changes.moment("period.start", draw.now, slack_s=60),
    )
    measured = changes.created(
        "Observation",
        changes.value("status", "final"),
        changes.code("code", weight.loinc, system=terms.LOINC),
        changes.reference("subject", patient),
        {"kind": "reference", "path": "encounter", "targets": [], "created": "Encounter"},
        changes.moment("effectiveDateTime", draw.now, slack_s=60),
        changes.quantity("valueQuantity", taken, weight.unit),
    )
    slots = {"who": draw.who(patient), "weight": f"{taken:g} kg"}
    given = {**named(patient), "loinc": weight.loinc, "taken": taken}
    answer = number((taken - last) / last * 100, "%", 1, slack=1e-6)
    return Question(slots, given, answer, (stay, measured), about(patient))
