"""A row's entities become inputs, or an error that names the entity."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskkit.calculation.calculators.catalogue import CATALOGUE
from taskkit.calculation.calculators.medcalc.entities import EntityError, patient
from taskkit.calculation.calculators.medcalc.lexicon import FINDINGS, HERE, MEASURES
from taskkit.calculation.calculators.pharmacology import Prescription
from taskkit.spec.units import UnitError


def read(number: int, entities: dict[str, Any]) -> dict[str, Any]:
    return patient(CATALOGUE[number], entities)


@pytest.mark.parametrize(
    ("number", "entities", "expected"),
    [
        (6, {"weight": [11.0, "lbs"], "height": [1.5, "m"]}, {"weight": 4.98952, "height": 150}),
        (6, {"weight": [5000, "g"], "height": [5, "ft", 7, "in"]}, {"weight": 5, "height": 170.18}),
        (51, {"White blood cell count": [9000.0, "µL"]}, {"white_cells": 9.0}),
        (51, {"White blood cell count": [9000.0, "m^3"]}, {"white_cells": 9.0}),
        (51, {"Temperature": [98.6, "degrees fahreinheit"]}, {"temperature": 37.0}),
        (51, {"Temperature": [37.0, "degrees celsisus"]}, {"temperature": 37.0}),
        (51, {"PaCO₂": [31, "mm hg"]}, {"arterial_carbon_dioxide": 31}),
        (5, {"Systolic Blood Pressure": [120, "s mm hg"]}, {"systolic": 120}),
        (28, {"FiO₂": [40, "%"], "pH": 7.4}, {"inspired_oxygen": 40, "ph": 7.4}),
        (2, {"age": [18, "months"]}, {"age": 1.5}),
        (9, {"Race": "Black"}, {"black": True}),
        (9, {"Race": "Asian"}, {"black": False}),
        (40, {"Urine sodium": [20, "mEq/L"]}, {"urine_sodium": 20}),
    ],
    ids=str,
)
def test_measures(number: int, entities: dict[str, Any], expected: dict[str, Any]) -> None:
    values = {name: read(number, entities)[name] for name in expected}
    assert values == pytest.approx(expected, rel=1e-5)


def test_pressures_become_the_mean() -> None:
    entities = {"Systolic Blood Pressure": [120, "mm Hg"], "Diastolic Blood Pressure": [90, "mmHg"]}
    assert read(43, entities)["mean_arterial_pressure"] == 100


@pytest.mark.parametrize(("there", "pressure"), [(True, 65), (False, 90)])
def test_a_word_on_hypotension_stands_for_a_pressure(there: bool, pressure: float) -> None:
    assert read(43, {"Hypotension": there})["mean_arterial_pressure"] == pressure
    whole = {"Hypotension": there, "Systolic Blood Pressure": [120, "mm Hg"]}
    whole["Diastolic Blood Pressure"] = [90, "mm Hg"]
    assert read(43, whole)["mean_arterial_pressure"] == 100


@pytest.mark.parametrize(
    "value", ["Unknown", "not documented", "N/A", None, float("nan"), [None, "mm Hg"]], ids=str
)
def test_what_nobody_knows_is_as_if_it_were_not_mentioned(value: Any) -> None:
    assert read(28, {"Mean Arterial Pressure": value})["mean_arterial_pressure"] == 90
    pressures = {
        "Systolic Blood Pressure": [120, "mm Hg"],
        "Diastolic Blood Pressure": [90, "mm Hg"],
        "Mean Arterial Pressure": value,
    }
    assert read(28, pressures)["mean_arterial_pressure"] == 100
    assert read(36, {"Body Mass Index (BMI)": value})["body_mass_index"] == 22
    assert read(4, {"Stroke": value, "Hypertension history": True})["findings"] == {"hypertension"}
    assert "sodium" not in read(28, {"Sodium": value})


@pytest.mark.parametrize("unit", ["K/uL", "x10^3/mm^3", "10^9/L", "thousand/µL", "10*3/uL"])
def test_platelets_in_thousands(unit: str) -> None:
    assert read(19, {"Platelet count": [150, unit]})["platelets"] == 150


def test_sex_is_read_in_any_case() -> None:
    assert read(10, {"sex": "Male", "height": [180, "cm"]})["sex"] == "male"


def test_dates() -> None:
    values = read(13, {"Last menstrual date": "02/29/2024", "cycle length": 30})
    assert values == {"last_period": date(2024, 2, 29), "cycle_length": 30}


def test_findings_are_those_that_are_true() -> None:
    values = read(4, {"Stroke": True, "Hypertension history": False})
    assert values["findings"] == {"stroke"}


@pytest.mark.parametrize(
    ("number", "entities", "present"),
    [
        (20, {}, True),
        (20, {"Cough Absent": False}, False),
        (20, {"Cough Absent": True}, True),
        (33, {}, True),
        (33, {"Absence of cough or coryza": False}, False),
    ],
)
def test_a_cough_that_is_not_mentioned_is_absent(
    number: int, entities: dict[str, Any], present: bool
) -> None:
    assert bool(read(number, entities)["findings"]) is present


def test_either_of_two_entities_makes_a_finding() -> None:
    either = {"History of cerebrovascular disease": True, "Cerebrovascular disease history": False}
    assert "cerebrovascular_disease" in read(17, either)["findings"]
    turned = dict(reversed(either.items()))
    assert "cerebrovascular_disease" in read(17, turned)["findings"]


def test_grades_are_read_in_any_case() -> None:
    values = read(32, {"Liver disease severity": "Moderate", "Solid tumor": True, "age": [50, "a"]})
    assert values["liver_disease"] == "moderate to severe"
    assert values["solid_tumour"] == "localised"


def test_an_attack_is_atherosclerosis_in_the_heart_score_alone() -> None:
    entity = {"Transient Ischemic Attacks History": True}
    assert read(18, entity)["findings"] == {"atherosclerotic_disease"}
    assert read(32, entity)["findings"] == {"transient_ischaemic_attack"}


def test_steroid_and_opioids() -> None:
    values = read(24, {"input steroid": ["PredniSONE PO", 5, "mg"], "target steroid": "Cortisone"})
    assert values == {"steroid": "prednisone", "dose": 5, "target": "cortisone"}
    drugs = {"OxyCODONE Dose": [10, "mg"], "OxyCODONE Dose Per Day": [4, "per day"]}
    assert read(49, drugs)["prescriptions"] == [
        Prescription(opioid="oxycodone", dose=10, per_day=4)
    ]


@pytest.mark.parametrize(
    ("number", "entities", "message"),
    [
        (6, {"wieght": [70, "kg"]}, r"^entity 'wieght': unknown$"),
        (6, {"Sodium": [140, "mEq/L"]}, r"^entity 'Sodium': no input of body_mass_index takes it$"),
        (6, {"weight": "heavy"}, r"^entity 'weight': 'heavy': need a number with its unit$"),
        (6, {"weight": [70]}, r"need a number with its unit"),
        (6, {"weight": [True, "kg"]}, r"need a number with its unit"),
        (6, {"weight": [10**400, "kg"]}, r"need a number with its unit"),
        (6, {"weight": [[70], "kg"]}, r"need a number with its unit"),
        (4, {"Stroke": "yes"}, r"^entity 'Stroke': 'yes': need True or False$"),
        (13, {"Last menstrual date": "31/12/2024"}, r"need a date as 01/31/2024"),
        (13, {"Last menstrual date": 20241231}, r"need a date as 01/31/2024"),
        (15, {"Ascites": "some"}, r"'some': need one of absent, slight, moderate to severe"),
        (24, {"input steroid": "PredniSONE"}, r"need drug, dose and unit"),
        (24, {"input steroid": ["Aspirin", 5, "mg"], "target steroid": "x"}, r"steroid 'Aspirin'"),
        (49, {"Aspirin Dose": [5, "mg"]}, r"entity 'Aspirin Dose': unknown opioid"),
        (49, {"Morphine Dose": [5, "mg"]}, r"opioid 'morphine': need a dose and its times a day"),
    ],
)
def test_what_cannot_be_read_is_named(number: int, entities: dict[str, Any], message: str) -> None:
    with pytest.raises(EntityError, match=message):
        read(number, entities)


def test_a_patch_in_milligrams_is_no_dose() -> None:
    drugs = {"FentANYL patch Dose": [50, "mg"], "FentANYL patch Dose Per Day": [1, "per day"]}
    with pytest.raises(UnitError, match="need ug/h"):
        read(49, drugs)


def test_every_word_of_the_lexicon_is_an_input_of_some_calculator() -> None:
    inputs = {item.name for calculator in CATALOGUE.values() for item in calculator.inputs}
    choices = {
        choice
        for calculator in CATALOGUE.values()
        for item in calculator.inputs
        if item.kind == "findings"
        for choice in item.choices
    }
    names = {*MEASURES.values(), *FINDINGS.values()}
    names |= {name for words in HERE.values() for name in words.values() if name}
    assert names - inputs - choices == set()


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
VALUES = SCALARS | st.lists(SCALARS | st.lists(SCALARS, max_size=2), max_size=4)
NAMES = st.sampled_from(["age", "weight", "Stroke", "Ascites", "Race", "Last menstrual date", "x"])


@given(
    number=st.sampled_from(sorted(CATALOGUE)),
    entities=st.dictionaries(NAMES | st.text(max_size=10), VALUES, max_size=4),
)
def test_any_entities_are_read_or_refused(number: int, entities: dict[str, Any]) -> None:
    try:
        read(number, entities)
    except ValueError:
        return
