"""A label is recomputed, compared by its own rule, and a difference traced to a slip."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskkit.calculation.calculators.catalogue import CATALOGUE, Calculator
from taskkit.calculation.calculators.medcalc.audit import Label, audit
from taskkit.calculation.calculators.medcalc.lexicon import FINDINGS as OTHER_WORDS
from taskkit.calculation.calculators.medcalc.lexicon import MEASURES as MEASURED
from taskkit.calculation.calculators.medcalc.slips import SLIPS
from tests.calculation.calculators.sample_patients import anyone

MEASURES = {"weight": [80, "kg"], "height": [200, "cm"]}
COMA = {
    "Best eye response": "eye opening to pain",
    "Best verbal response": "confused",
    "Best motor response": "obeys commands",
}


def label(answer: str, lower: str = "0", upper: str = "0") -> Label:
    return Label(answer, lower, upper)


@pytest.mark.parametrize(
    ("number", "entities", "given", "status"),
    [
        (6, MEASURES, label("20.5", "19", "21"), "agrees"),
        (6, MEASURES, label("20.5", "20.4", "20.6"), "disagrees"),
        (6, MEASURES, label("20.0", "20.0", "20.0"), "agrees"),
        (21, COMA, label("12"), "agrees"),
        (21, COMA, label("12.0"), "agrees"),
        (21, COMA, label("11"), "disagrees"),
        (68, {"Last menstrual date": "02/20/2024"}, label("03/05/2024"), "agrees"),
        (68, {"Last menstrual date": "02/20/2024"}, label("03/06/2024"), "disagrees"),
        (
            69,
            {"Last menstrual date": "01/01/2023", "Current Date": "03/15/2023"},
            label("('10 weeks', '3 days')"),
            "agrees",
        ),
        (
            69,
            {"Last menstrual date": "01/01/2023", "Current Date": "03/15/2023"},
            label("('10 weeks', '4 days')"),
            "disagrees",
        ),
        # limits that the label is outside of say nothing
        (6, MEASURES, label("20.0", "19", "21"), "agrees"),
        (6, MEASURES, label("200.0", "19", "21"), "disagrees"),
        # limits of a negative label may be the wrong way round
        (38, {"sex": "Male", "age": [40, "years"], "weight": [70, "kg"], "Sodium": [130, "mmol/L"]},
         label("-3.0", "-2.85", "-3.15"), "agrees"),
    ],
)  # fmt: skip
def test_the_rule_of_each_kind(
    number: int, entities: dict[str, Any], given: Label, status: str
) -> None:
    assert audit(number, entities, given).status == status


def test_an_outcome_has_both_values() -> None:
    outcome = audit(6, MEASURES, label("25", "24", "26"))
    assert (outcome.ours, outcome.label, outcome.cause) == (20, 25, ())


@pytest.mark.parametrize(
    ("number", "entities", "given", "code"),
    [
        (6, {**MEASURES, "weight": [8000, "kg"]}, label("20"), "impossible_value"),
        (6, {**MEASURES, "weight": [80, "mmol/L"]}, label("20"), "wrong_unit"),
        (6, {**MEASURES, "weight": "heavy"}, label("20"), "unreadable_entity"),
        (6, {"weight": [80, "kg"]}, label("20"), "missing_input"),
        (3, {"sex": "Male", "age": [9, "years"], "creatinine": [1, "mg/dL"]}, label("90"),
         "out_of_scope"),
        (21, {**COMA, "Best verbal response": "not testable"}, label("12"), "out_of_scope"),
        (6, MEASURES, label("twenty"), "unreadable_label"),
        (6, MEASURES, label("20", "a", "b"), "unreadable_label"),
        (68, {"Last menstrual date": "02/20/2024"}, label("2024"), "unreadable_label"),
        (69, {}, label("ten weeks"), "unreadable_label"),
        (70, {}, label("20"), "unknown_calculator"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_says_why(
    number: int, entities: dict[str, Any], given: Label, code: str
) -> None:
    outcome = audit(number, entities, given)
    assert (outcome.status, outcome.cause) == ("not_computable", (code,))


@pytest.mark.parametrize(
    ("number", "entities", "given", "ours", "cause"),
    [
        pytest.param(
            21, COMA, label("16"), 12, ("verbal_twice",), id="verbal response twice: 12 + 4"
        ),
        pytest.param(
            3,
            {"sex": "Male", "age": [50, "years"], "creatinine": [0.9, "mg/dL"]},
            label("96.44", "94", "98"),
            pytest.approx(104.05, rel=1e-3),
            ("kappa_of_women",),
            id="kappa: 104.05 * (0.9 / 0.7) ** -0.302",
        ),
        pytest.param(
            13,
            {"Last menstrual date": "01/01/2023", "cycle length": 24},
            label("10/12/2023"),
            date(2023, 10, 4),
            ("late_for_short_cycle",),
            id="short cycle: 4 days late, not early",
        ),
        pytest.param(
            33,
            {"Fever in past 24 hours": True},
            label("1"),
            2,
            ("cough_unmentioned",),
            id="cough not mentioned",
        ),
        pytest.param(
            24,
            {"input steroid": ["Hydrocortisone IV", 200, "mg"], "target steroid": "Dexamethasone"},
            label("7.4", "7.4", "7.4"),
            7.5,
            ("factor_rounded",),
            id="0.0375 as 0.037",
        ),
        pytest.param(
            7,
            {"Calcium": [2.7, "mmol/L"], "Albumin": [4, "g/dL"]},
            label("12.0", "11.4", "12.6"),
            pytest.approx(10.82, rel=1e-3),
            ("rounded_amounts",),
            id="0.0027 mol as 0.003",
        ),
        pytest.param(
            51,
            {
                "Temperature": [37.0, "degrees celsius"],
                "Heart Rate or Pulse": [80, "beats per minute"],
                "respiratory rate": [16, "breaths per minute"],
                "White blood cell count": [7000, "µL"],
            },
            label("2"),
            0,
            ("cells_per_cubic_metre", "slow_heart"),
            id="two slips together",
        ),
        pytest.param(
            23,
            {
                "creatinine": [1, "mg/dL"],
                "Bilirubin": [1, "mg/dL"],
                "international normalized ratio": 1.0,
                "Sodium": [140, "mEq/L"],
                "Dialysis at least twice in the past week": False,
            },
            label("10", "9.5", "10.5"),
            6,
            ("whole_sum",),
            id="0.643 as 1",
        ),
    ],
)
def test_a_slip_that_makes_the_label_is_its_cause(
    number: int, entities: dict[str, Any], given: Label, ours: Any, cause: tuple[str, ...]
) -> None:
    outcome = audit(number, entities, given)
    assert (outcome.status, outcome.ours, outcome.cause) == ("disagrees", ours, cause)


def test_a_label_that_no_slip_makes_has_no_cause() -> None:
    assert audit(21, COMA, label("9")).cause == ()


def test_every_slip_says_what_it_is_and_where() -> None:
    assert len({slip.code for slip in SLIPS}) == len(SLIPS)
    for slip in SLIPS:
        assert slip.text.endswith(".")
        assert slip.numbers
        assert set(slip.numbers) <= set(CATALOGUE)


ENTITY = {
    **{name: entity for entity, name in MEASURED.items()},
    **{name: entity for entity, name in OTHER_WORDS.items()},
}
ENTITY |= {"dialysis": "dialysis at least twice in the past week", "admission": "surgery type"}


def row(calculator: Calculator, values: dict[str, Any]) -> dict[str, Any]:
    """Give a row's entities for inputs, in the data set's own shape."""
    entities: dict[str, Any] = {}
    for item in calculator.inputs:
        value = values[item.name]
        if item.name == "mean_arterial_pressure":
            for name in ("Systolic Blood Pressure", "Diastolic Blood Pressure"):
                entities[name] = [value, "mm hg"]
        elif item.kind == "findings":
            for name in sorted(item.choices):
                entities[ENTITY.get(name, name)] = name in value
        elif item.quantity is not None:
            unit = {"10*9/L": "µL", "Cel": "degrees celsisus"}.get(
                item.quantity.unit, item.quantity.unit
            )
            entities[ENTITY[item.name]] = [value * 1000 if unit == "µL" else value, unit]
        elif item.kind == "date":
            entities[ENTITY[item.name]] = value.strftime("%m/%d/%Y")
        else:
            entities[ENTITY[item.name]] = value
    return entities


@pytest.mark.parametrize("number", sorted({n for slip in SLIPS for n in slip.numbers} - {24}))
@settings(max_examples=15)
@given(data=st.data())
def test_any_row_with_a_wrong_label_is_audited(number: int, data: st.DataObject) -> None:
    calculator = CATALOGUE[number]
    entities = row(calculator, data.draw(anyone(calculator)))
    kept = data.draw(st.sets(st.sampled_from(sorted(entities))))
    some = {name: value for name, value in entities.items() if name in kept}
    wrong = label("01/01/1990" if calculator.kind == "date" else "-77", "-77", "-77")
    for given_entities in (entities, some, {k.upper(): v for k, v in entities.items()}):
        outcome = audit(number, given_entities, wrong)
        assert outcome.status in {"disagrees", "not_computable"}
