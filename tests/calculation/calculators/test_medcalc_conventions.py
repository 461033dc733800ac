"""What a MedCalc-Bench row leaves unsaid is taken as physicians take it, and variants are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskkit.calculation.calculators.catalogue import CATALOGUE
from taskkit.calculation.calculators.medcalc.audit import Label, audit
from taskkit.calculation.calculators.medcalc.entities import patient
from taskkit.calculation.published import MedcalcRow
from taskkit.notes.calculation.lexicon import lexicon
from taskkit.notes.calculation.published import NOT_READ, published

DOMAIN = Path(__file__).parents[3] / "domains" / "medcalc"
OXYGEN: dict[str, Any] = {"FiO2": [50, "%"], "PaO2": [250, "mm Hg"]}
SOFA: dict[str, Any] = {
    **OXYGEN,
    "Glasgow Coma Score": 15,
    "creatinine": [0.9, "mg/dL"],
    "Bilirubin": [0.8, "mg/dL"],
    "Platelet count": [200000, "µL"],
}
APACHE: dict[str, Any] = {
    "age": [40, "years"],
    "Temperature": [37, "degrees celsius"],
    "pH": 7.4,
    "Heart Rate or Pulse": [80, "beats per minute"],
    "Respiratory Rate": [16, "breaths per minute"],
    "Sodium": [140, "mmol/L"],
    "Potassium": [4, "mmol/L"],
    "creatinine": [0.9, "mg/dL"],
    "Hematocrit": [40, "%"],
    "White blood cell count": [8000, "µL"],
    "Glasgow Coma Score": 15,
    "FiO2": [21, "%"],
    "PaO2": [90, "mm Hg"],
}


def status(number: int, entities: dict[str, Any], answer: str) -> str:
    return audit(number, entities, Label(answer, answer, answer)).status


def test_a_caprini_row_without_a_body_mass_index_has_no_point_for_it() -> None:
    assert status(36, {"sex": "Male", "age": [70, "years"]}, "2") == "agrees"


@pytest.mark.parametrize(
    "said", [{}, {"Mean arterial pressure": "unknown"}], ids=["none", "unknown"]
)
def test_an_unknown_pressure_is_normal_to_apache(said: dict[str, Any]) -> None:
    outcome = audit(28, {**APACHE, **said}, Label("0", "0", "0"))
    measured = {**APACHE, "Mean arterial pressure": [90, "mm Hg"]}
    known = audit(28, measured, Label("0", "0", "0"))
    assert outcome.ours is not None, outcome.detail
    assert outcome.ours == known.ours


@pytest.mark.parametrize(("said", "total"), [(True, 1), (False, 0)], ids=["low", "normal"])
def test_hypotension_is_a_point_of_sofa(said: bool, total: int) -> None:
    pressure = {} if said else {"Mean arterial pressure": [90, "mm Hg"]}
    entities = {**SOFA, **pressure, "Hypotension": said}
    assert status(43, entities, str(total)) == "agrees"


def test_a_measured_pressure_goes_before_the_word() -> None:
    entities = {**SOFA, "Hypotension": True, "Mean arterial pressure": [95, "mm Hg"]}
    assert patient(CATALOGUE[43], entities)["mean_arterial_pressure"] == 95


def test_platelets_of_a_tenth_are_a_slip_of_the_unit() -> None:
    liver = {
        "age": [50, "years"],
        "Alanine aminotransferase": [40, "U/L"],
        "aspartate aminotransferase": [40, "U/L"],
        "Platelet count": [0.1, "10^9/L"],
    }
    outcome = audit(19, liver, Label("3162.278", "3000", "3300"))
    assert (outcome.status, outcome.cause) == ("not_computable", ("impossible_value",))


def test_an_unmentioned_cough_is_a_convention_and_no_fault_of_the_label() -> None:
    outcome = audit(33, {"Fever in past 24 hours": True}, Label("1", "1", "1"))
    assert (outcome.status, outcome.cause, outcome.party) == (
        "disagrees",
        ("cough_unmentioned",),
        "variant",
    )


def row(number: int, question: str, entities: dict[str, Any], answer: str) -> MedcalcRow:
    label = Label(answer, answer, answer)
    return MedcalcRow("f:1", "1", number, "n", "Template", "A note.", question, entities, label)


@pytest.mark.parametrize(
    ("number", "entities", "answer", "said"),
    [
        (63, {"Sodium": [140, "mmol/L"], "Chloride": [100, "mmol/L"],
              "Bicarbonate": [20, "mmol/L"]}, "8.0", "the anion gap (without potassium) less 12"),
        (68, {"Last menstrual date": "02/20/2024", "cycle length": 28}, "03/05/2024",
         "14 days after the first day"),
        (49, {"Morphine Dose": [10, "mg"], "Morphine Dose Per Day": [2, "per day"]}, "20",
         "by the CDC guideline of 2022"),
    ],
    ids=["delta gap", "conception", "morphine"],
)  # fmt: skip
def test_the_variant_is_named_and_the_note_said_to_be_unread(
    number: int, entities: dict[str, Any], answer: str, said: str
) -> None:
    made = published(row(number, "What is it?", entities, answer), lexicon(DOMAIN), agrees=True)
    assert made.text.startswith("What is it?\nMeant is the ")
    assert said in made.text
    assert NOT_READ in made.code


def test_a_question_of_one_variant_is_left_as_it_is() -> None:
    entities = {"weight": [80, "kg"], "height": [200, "cm"]}
    made = published(row(6, "What is the BMI?", entities, "20.0"), lexicon(DOMAIN), agrees=True)
    assert made.text == "What is the BMI?\nA note."
