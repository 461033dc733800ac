"""The known slips of MedCalc-Bench's labels, found by comparing them with the literature.

Each function gives what its slip adds to our result; the docstring is the audit's text.
"""

from __future__ import annotations

import math
from datetime import timedelta

from taskkit.calculation.calculators import apache
from taskkit.calculation.calculators.cardiology import FRAMINGHAM, framingham_terms
from taskkit.calculation.calculators.hepatology import meld_sum, meld_with_sodium
from taskkit.calculation.calculators.medcalc.entities import input_name, plain
from taskkit.calculation.calculators.medcalc.lexicon import ABSENCES
from taskkit.calculation.calculators.medcalc.slip import Case, Slip
from taskkit.calculation.calculators.pharmacology import EQUIVALENT_STEROID
from taskkit.calculation.calculators.score import band
from taskkit.spec.units import SUBSTANCES, convert, parse

MMOL = 38.665  # mg/dL of cholesterol in a mmol/L


def coarse(value: float) -> float:
    """Round as version 1.0 does between steps: 3 decimals, or 3 figures of a smaller number."""
    if value == 0:
        return 0
    return round(value, 3 if abs(value) >= 0.001 else 2 - math.floor(math.log10(abs(value))))


def rounded(case: Case) -> dict[str, float]:
    """Give the inputs that rounding by way of mol and g changes."""
    changed = {}
    wanted = {item.name: item.quantity for item in case.calculator.inputs if item.quantity}
    for entity, value in case.entities.items():
        name = input_name(case.calculator.number, entity)
        quantity = wanted.get(name)
        if quantity is None or quantity.name not in SUBSTANCES or not isinstance(value, list):
            continue
        factor, unit = parse(value[1])
        amount = (factor * value[0]) * unit
        if not amount.is_compatible_with("mol/L") or quantity.unit == "mmol/L":
            continue
        mol = coarse(float(amount.to("mol/L").magnitude))
        grams = coarse(mol * SUBSTANCES[quantity.name].molar_mass)
        changed[name] = convert(grams, "g/L", quantity)
    return changed


def rounded_amounts(case: Case) -> float:
    """Concentrations in mol were converted by way of mol and g rounded to 3 decimals."""
    changed = rounded(case)
    return float(case.instead(**changed)) if changed else 0.0


def kappa_of_women(case: Case) -> float:
    """Men with a creatinine up to 0.9 mg/dL got the kappa of women, 0.7."""
    low = case.values["sex"] == "male" and case.values["creatinine"] <= 0.9
    return float(case.total * ((0.9 / 0.7) ** -0.302 - 1)) if low else 0.0


def rounded_amounts_and_kappa(case: Case) -> float:
    """Creatinine was converted by way of rounded mol and g, and men up to 0.9 got kappa 0.7."""
    change = rounded_amounts(case)
    creatinine = rounded(case).get("creatinine", math.inf)
    if not change or case.values["sex"] == "female" or round(creatinine, 3) > 0.9:
        return 0.0
    return float((case.total + change) * (0.9 / 0.7) ** -0.302 - case.total)


def late_for_short_cycle(case: Case) -> timedelta:
    """A cycle below 28 days moved the date later, not earlier."""
    late = abs(case.values.get("cycle_length", 28) - 28)
    change = case.instead(cycle_length=28 + late)
    assert isinstance(change, timedelta)
    return change


def ascites_dropped(case: Case) -> float:
    """Ascites got no points."""
    return -case.points("ascites")


def grade_dropped(case: Case) -> float:
    """Encephalopathy of "grade 0" or "grade 3-4" got no points."""
    word = plain(str(case.entity("encephalopathy")))
    return -case.points("encephalopathy") if word in {"grade 0", "grade 3-4"} else 0


def bilirubin_edge(case: Case) -> float:
    """A bilirubin of just 3 got the points of one above."""
    return float(case.values["bilirubin"] == 3)


def albumin_edge(case: Case) -> float:
    """An albumin of just 2.8 got the points of one below."""
    return float(case.values["albumin"] == 2.8)


def second_entity(case: Case) -> float:
    """Two entities contradict each other on cerebrovascular disease; the label took the second."""
    found = "cerebrovascular_disease" in case.values["findings"]
    return -1 if found and case.entity("cerebrovascular disease history") is False else 0


def verbal_twice(case: Case) -> float:
    """The verbal response was added twice."""
    return case.points("verbal")


def whole_sum(case: Case) -> float:
    """The sum of logarithms was rounded to a whole number before it was multiplied by 10."""
    laboratory = {name: case.values[name] for name in ("creatinine", "bilirubin", "inr")}
    logs = meld_sum(**laboratory, dialysis=case.values.get("dialysis", False))
    return meld_with_sodium(10 * round(logs), case.values["sodium"]) - float(case.total)


def factor_rounded(case: Case) -> float:
    """The ratio of two steroids was rounded to 3 decimals, from factors rounded to 2."""
    given, wanted = (
        round(EQUIVALENT_STEROID[case.values[name]] / EQUIVALENT_STEROID["dexamethasone"], 2)
        for name in ("steroid", "target")
    )
    return float(round(wanted / given, 3) * case.values["dose"] - case.total)


def haemoglobin_edge(case: Case) -> float:
    """A haemoglobin of just 13, or of 12 in women, got the point of one below."""
    edge = 13 if case.values["sex"] == "male" else 12
    return float(case.values["haemoglobin"] == edge)


def celsius_as_fahrenheit(case: Case) -> float:
    """A temperature whose unit is misspelt was taken for one in Fahrenheit."""
    value = case.entity("temperature")
    unit = plain(str(value[1])) if isinstance(value, list) else "degrees celsius"
    if unit == "degrees celsius" or "fahr" in unit:
        return 0.0
    cold = (case.values["temperature"] - 32) * 5 / 9
    if case.calculator.number == 29:
        return float(15 * (cold < 35) - case.points("temperature"))
    return float(band(cold, apache.TEMPERATURE, 4) - case.points("temperature"))


def cells_per_cubic_metre(case: Case) -> float:
    """White cells were counted in a cubic metre, so that there were always too many."""
    most = 4.0 if case.calculator.number == 28 else 1.0
    return most - case.points("white_cells")


def coma_score_added(case: Case) -> float:
    """The coma score was added, not what is missing from it to 15."""
    return float(case.values["coma_score"]) - case.points("coma_score")


def ph_band_missing(case: Case) -> float:
    """A pH from 7.25 to 7.32 got no points."""
    return -case.points("ph") if 7.25 <= case.values["ph"] < 7.33 else 0


def chronic_failure_dropped(case: Case) -> float:
    """Severe organ failure or immunocompromise got no points."""
    return -case.points("chronic_failure")


def creatinine_without_failure(case: Case) -> float:
    """A raised creatinine got no points where no renal failure is mentioned."""
    raised = case.values["creatinine"] >= 1.5 and not case.values.get("acute_renal_failure")
    spared = raised and case.entity("chronic renal failure") is not True
    return -case.points("creatinine") if spared else 0


def slow_heart(case: Case) -> float:
    """A heart rate up to 90 got a point too."""
    return 1 - case.points("heart_rate")


def cough_unmentioned(case: Case) -> float:
    """A cough that is not mentioned was taken to be there."""
    silent = not {plain(name) for name in case.entities} & {
        "cough absent",
        "absence of cough or coryza",
    }
    return -1 if silent and ABSENCES[case.calculator.number] in case.values["findings"] else 0


def findings_ignored(case: Case) -> float:
    """No finding got points."""
    return float(case.instead(findings=frozenset()))


def body_mass_index_ignored(case: Case) -> float:
    """The body mass index got no point."""
    return -case.points("body_mass_index")


def grades_as_one(case: Case) -> float:
    """Liver disease, diabetes and tumour got 1 point when graded, whatever the grade."""
    items = {
        "liver disease severity": "liver_disease",
        "diabetes mellitus criteria for cci rule": "diabetes",
        "solid tumor": "solid_tumour",
    }
    graded = {plain(name) for name, value in case.entities.items() if value is not False}
    return sum(1.0 - case.points(item) for name, item in items.items() if name in graded)


def oxygen_per_cent(case: Case) -> float:
    """Oxygen was divided by the inspired per cent, not by the fraction."""
    return (4 if case.values.get("supported") else 2) - case.points("respiration")


def vasopressor_as_two(case: Case) -> float:
    """Any vasopressor got 2 points, whatever the dose."""
    names = ("dopamine", "dobutamine", "adrenaline", "noradrenaline")
    given = any(case.values.get(name, 0) > 0 for name in names)
    return 2 - case.points("circulation") if given else 0


def urine_as_three(case: Case) -> float:
    """Urine below 200 mL a day got the 3 points of one below 500."""
    return 3 - case.points("kidney") if case.values.get("urine_output", 1000) < 200 else 0


def creatinine_beside_urine(case: Case) -> float:
    """Creatinine got no points where there is a urine output too."""
    urine = case.values.get("urine_output")
    if urine is None:
        return 0
    return float(3 * (urine < 500) - case.points("kidney"))


def cholesterol_in_mmol(case: Case) -> float:
    """Cholesterol entered in mmol/L, and the risk is a fraction rounded to one decimal."""
    of = FRAMINGHAM[case.values["sex"]]
    values = {name: value for name, value in case.values.items() if name != "sex"}
    for name in ("cholesterol", "hdl_cholesterol"):
        values[name] = round(values[name] / MMOL, 2)
    power = math.exp(round(framingham_terms(of, **values), 1))
    return float(round(1 - of.survival**power, 1) - case.total)


SLIPS = (
    Slip(rounded_amounts, (2, 3, 7, 9, 44)),
    Slip(kappa_of_women, (3,)),
    Slip(rounded_amounts_and_kappa, (3,)),
    Slip(late_for_short_cycle, (13,)),
    Slip(ascites_dropped, (15,)),
    Slip(grade_dropped, (15,)),
    Slip(bilirubin_edge, (15,)),
    Slip(albumin_edge, (15,)),
    Slip(second_entity, (17,), "entities"),
    Slip(verbal_twice, (21,)),
    Slip(whole_sum, (23,)),
    Slip(factor_rounded, (24,)),
    Slip(haemoglobin_edge, (27,)),
    Slip(celsius_as_fahrenheit, (28, 29)),
    Slip(cells_per_cubic_metre, (28, 51)),
    Slip(coma_score_added, (28,)),
    Slip(ph_band_missing, (28,)),
    Slip(chronic_failure_dropped, (28,)),
    Slip(creatinine_without_failure, (28,)),
    Slip(grades_as_one, (32,)),
    Slip(cough_unmentioned, (20, 33), "variant"),
    Slip(findings_ignored, (36,)),
    Slip(body_mass_index_ignored, (36,)),
    Slip(oxygen_per_cent, (43,)),
    Slip(vasopressor_as_two, (43,)),
    Slip(urine_as_three, (43,)),
    Slip(creatinine_beside_urine, (43,)),
    Slip(cholesterol_in_mmol, (46,)),
    Slip(slow_heart, (51,)),
)
