"""The scores: their published extremes, their edges, and items that are one."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskkit.calculation.calculators import cardiology, critical_care, pulmonology, thrombosis
from taskkit.calculation.calculators.apache import AcutePhysiology, apache_ii
from taskkit.calculation.calculators.catalogue import BY_NAME
from taskkit.calculation.calculators.comorbidity import charlson
from taskkit.calculation.calculators.critical_care import OrganFunction, sofa
from taskkit.calculation.calculators.hepatology import child_pugh, glasgow_blatchford
from taskkit.calculation.calculators.infection import centor
from taskkit.calculation.calculators.score import Score
from taskkit.calculation.calculators.thrombosis import (
    CapriniFactor,
    caprini,
    wells_embolism,
    wells_thrombosis,
)
from taskkit.spec.quantity import UREA_NITROGEN
from taskkit.spec.units import convert
from tests.calculation.calculators.sample_patients import anyone, typical

EXTREMES = {
    "cha2ds2_vasc": (0, 9),
    "has_bled": (0, 9),
    "revised_cardiac_risk": (0, 6),
    "heart_score": (0, 10),
    "child_pugh": (5, 15),
    "glasgow_blatchford": (0, 23),
    "wells_embolism": (0, 12.5),
    "wells_thrombosis": (-2, 9),
    "perc": (0, 8),
    "curb65": (0, 5),
    "centor": (-1, 5),
    "fever_pain": (0, 5),
    "glasgow_coma": (3, 15),
    "sirs": (0, 4),
    "sofa": (0, 24),
    "apache_ii": (0, 71),
    "charlson": (0, 37),
}
"""Least and most points, as the sources or the usual calculators print them."""
SICKEST: dict[str, dict[str, Any]] = {
    "cha2ds2_vasc": {"sex": "female", "age": 75},
    "has_bled": {"age": 66, "drinks": 8},
    "revised_cardiac_risk": {"creatinine": 2.1},
    "heart_score": {
        "age": 65,
        "suspicion": "high",
        "electrocardiogram": "significant ST deviation",
        "troponin": "above 3 times the limit",
    },
    "child_pugh": {
        "inr": 2.4,
        "bilirubin": 3.1,
        "albumin": 2.7,
        "ascites": "moderate to severe",
        "encephalopathy": "grade 3-4",
    },
    "glasgow_blatchford": {
        "urea_nitrogen": 70,
        "haemoglobin": 9.9,
        "systolic": 89,
        "heart_rate": 100,
    },
    "wells_embolism": {"heart_rate": 101},
    "perc": {"age": 50, "heart_rate": 100, "oxygen_saturation": 94},
    "curb65": {
        "age": 65,
        "urea_nitrogen": 20,
        "respiratory_rate": 30,
        "diastolic": 60,
        "confusion": True,
    },
    "centor": {"age": 14, "temperature": 38.1},
    "sirs": {"temperature": 38.1, "heart_rate": 91, "respiratory_rate": 21, "white_cells": 12.1},
    "sofa": {
        "arterial_oxygen": 40,
        "supported": True,
        "inspired_oxygen": 50,
        "platelets": 19,
        "bilirubin": 12,
        "coma_score": 5,
        "noradrenaline": 0.11,
        "urine_output": 199,
    },
    "apache_ii": {
        "age": 75,
        "chronic_failure": True,
        "acute_renal_failure": True,
        "temperature": 41,
        "mean_arterial_pressure": 49,
        "heart_rate": 39,
        "respiratory_rate": 5,
        "inspired_oxygen": 50,
        "oxygen_gradient": 500,
        "ph": 7.14,
        "sodium": 110,
        "potassium": 7,
        "creatinine": 3.5,
        "haematocrit": 60,
        "white_cells": 40,
        "coma_score": 3,
    },
    "charlson": {
        "age": 80,
        "liver_disease": "moderate to severe",
        "diabetes": "end-organ damage",
        "solid_tumour": "metastatic",
    },
}


@pytest.mark.parametrize("name", sorted(set(SICKEST) - {"centor"}))
def test_the_sickest_patient_has_the_most_points(name: str) -> None:
    calculator = BY_NAME[name]
    values = {**typical(calculator), **SICKEST[name]}
    for item in calculator.inputs:
        if item.kind == "findings":
            values[item.name] = frozenset(item.choices)
    assert calculator.compute(values) == EXTREMES[name][1]


@pytest.mark.parametrize("name", sorted(EXTREMES))
@settings(max_examples=15)
@given(data=st.data())
def test_points_stay_between_the_extremes_and_add_up(name: str, data: st.DataObject) -> None:
    calculator = BY_NAME[name]
    try:
        score = calculator.explain(data.draw(anyone(calculator)))
    except ValueError:
        return
    assert isinstance(score, Score)
    assert EXTREMES[name][0] <= score.total <= EXTREMES[name][1]
    assert score.total == pytest.approx(sum(points for _, points in score.items))
    assert len({name for name, _ in score.items}) == len(score.items)


@pytest.mark.parametrize("name", sorted(set(EXTREMES) - {"glasgow_coma"} | {"caprini"}))
@settings(max_examples=15)
@given(data=st.data())
def test_no_finding_takes_points_off(name: str, data: st.DataObject) -> None:
    calculator = BY_NAME[name]
    findings = [item for item in calculator.inputs if item.kind == "findings"]
    if not findings:
        return
    values = {**typical(calculator), "findings": data.draw(st.frozensets(choice(findings[0])))}
    more = {**values, "findings": values["findings"] | {data.draw(choice(findings[0]))}}
    values.update(sex="female") if "sex" in values else None
    more.update(sex="female") if "sex" in more else None
    assert calculator.compute(more) >= calculator.compute(values)


def choice(findings: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name in findings.choices if name != "alternative_as_likely"])


@pytest.mark.parametrize(
    ("findings", "points"),
    [
        ({"stroke"}, 2),
        ({"stroke", "transient_ischaemic_attack", "thromboembolism"}, 2),
        ({"heart_failure", "hypertension"}, 2),
    ],
)
def test_stroke_tia_and_embolism_are_one_item_of_cha2ds2_vasc(
    findings: set[Any], points: int
) -> None:
    assert cardiology.cha2ds2_vasc("male", 50, findings).total == points


@pytest.mark.parametrize(("age", "points"), [(64, 0), (65, 1), (74, 1), (75, 2)])
def test_age_of_cha2ds2_vasc(age: float, points: int) -> None:
    assert cardiology.cha2ds2_vasc("male", age).total == points


def test_atherosclerosis_alone_is_two_risk_points_of_heart() -> None:
    one = cardiology.heart_score(30, "slight", "normal", "normal", {"smoking"})
    known = cardiology.heart_score(30, "slight", "normal", "normal", {"atherosclerotic_disease"})
    assert (one.total, known.total) == (1, 2)


def test_thrombosis_and_embolism_are_one_item_of_caprini() -> None:
    one = caprini("male", 30, 22, findings={"previous_thrombosis"})
    both = caprini("male", 30, 22, findings={"previous_thrombosis", "previous_embolism"})
    assert (one.total, both.total) == (3, 3)


@pytest.mark.parametrize("finding", sorted(get_args(CapriniFactor)))
def test_every_factor_of_caprini_counts(finding: Any) -> None:
    assert caprini("female", 30, 22, findings={finding}).total in {1, 2, 3, 5}


def test_caprini_of_a_worked_patient() -> None:
    # 61 to 74: 2; arthroplasty 5; BMI 1; family history 3; varicose veins 1
    score = caprini("female", 65, 31, "arthroplasty", findings={"family_history", "varicose_veins"})
    assert score.total == 12


def test_immobility_and_surgery_are_one_item_of_wells() -> None:
    assert wells_embolism(80, {"immobilised", "recent_surgery"}).total == 1.5
    assert wells_embolism(80, {"previous_embolism", "previous_thrombosis"}).total == 1.5
    assert wells_thrombosis({"bedridden", "major_surgery"}).total == 1
    assert thrombosis.perc(30, 80, 99, {"previous_embolism", "previous_thrombosis"}).total == 1


def test_another_diagnosis_takes_two_off_wells_thrombosis() -> None:
    assert wells_thrombosis({"active_cancer", "alternative_as_likely"}).total == -1


def test_psi_of_a_worked_patient() -> None:
    # woman of 70: 60; heart failure 10; 30 breaths 20; pH 30; urea nitrogen 20
    measures = pulmonology.PneumoniaMeasures(
        heart_rate=110,
        respiratory_rate=30,
        systolic=110,
        temperature=38.5,
        ph=7.3,
        urea_nitrogen=30,
    )
    score = pulmonology.pneumonia_severity("female", 70, measures, {"heart_failure"})
    assert score.total == 140


@pytest.mark.parametrize(
    ("temperature", "points"), [(34.9, 15), (35, 0), (39.9, 0), (40, 15)], ids=str
)
def test_temperature_of_psi(temperature: float, points: int) -> None:
    measures = pulmonology.PneumoniaMeasures(
        heart_rate=80, respiratory_rate=16, systolic=120, temperature=temperature
    )
    score = pulmonology.pneumonia_severity("male", 50, measures)
    assert score.points("temperature") == points


@pytest.mark.parametrize(
    ("haemoglobin", "man", "woman"), [(13, 0, 0), (12.9, 1, 0), (12, 1, 0), (11.9, 3, 1), (9, 6, 6)]
)
def test_haemoglobin_of_glasgow_blatchford(haemoglobin: float, man: int, woman: int) -> None:
    assert glasgow_blatchford("male", 10, haemoglobin, 120, 80).total == man
    assert glasgow_blatchford("female", 10, haemoglobin, 120, 80).total == woman


@pytest.mark.parametrize(
    ("inr", "bilirubin", "albumin", "points"),
    [(1.6, 1.9, 3.6, 3), (1.7, 2, 3.5, 6), (2.3, 3, 2.8, 6), (2.4, 3.1, 2.7, 9)],
)
def test_edges_of_child_pugh(inr: float, bilirubin: float, albumin: float, points: int) -> None:
    assert child_pugh(inr, bilirubin, albumin, "absent", "none").total == points + 2


@pytest.mark.parametrize(("age", "points"), [(3, 1), (14.9, 1), (15, 0), (44, 0), (45, -1)])
def test_age_of_centor(age: float, points: int) -> None:
    assert centor(age, 37).total == points


def test_charlson_of_a_worked_patient() -> None:
    # 72 years: 3; heart failure 1; COPD 1; stroke and TIA 1; end-organ diabetes 2; metastases 6
    score = charlson(
        72,
        {"heart_failure", "chronic_lung_disease", "stroke", "transient_ischaemic_attack"},
        diabetes="end-organ damage",
        solid_tumour="metastatic",
    )
    assert score.total == 14


def healthy(**changes: float) -> AcutePhysiology:
    values: dict[str, float] = {
        "temperature": 37,
        "mean_arterial_pressure": 90,
        "heart_rate": 80,
        "respiratory_rate": 16,
        "inspired_oxygen": 21,
        "ph": 7.4,
        "sodium": 140,
        "potassium": 4,
        "creatinine": 1,
        "haematocrit": 42,
        "white_cells": 7,
        "coma_score": 15,
        "arterial_oxygen": 90,
    }
    return AcutePhysiology(**{**values, **changes})


def test_the_healthy_young_have_no_points_of_apache() -> None:
    assert apache_ii(44, healthy()).total == 0


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        *(("temperature", value, points) for value, points in ((41, 4), (39, 3), (38.5, 1))),
        *(("temperature", value, points) for value, points in ((36, 0), (34, 1), (32, 2), (30, 3))),
        *(("temperature", value, points) for value, points in ((29.9, 4),)),
        *(("mean_arterial_pressure", v, p) for v, p in ((160, 4), (130, 3), (110, 2), (109, 0))),
        *(("mean_arterial_pressure", v, p) for v, p in ((70, 0), (69, 2), (50, 2), (49, 4))),
        *(("heart_rate", v, p) for v, p in ((180, 4), (140, 3), (110, 2), (55, 2), (40, 3))),
        *(("respiratory_rate", v, p) for v, p in ((50, 4), (35, 3), (25, 1), (10, 1), (6, 2))),
        *(("ph", v, p) for v, p in ((7.7, 4), (7.6, 3), (7.5, 1), (7.33, 0), (7.32, 2), (7.2, 3))),
        *(("sodium", v, p) for v, p in ((180, 4), (160, 3), (155, 2), (150, 1), (129, 2))),
        *(("sodium", v, p) for v, p in ((119, 3), (110, 4))),
        *(("potassium", v, p) for v, p in ((7, 4), (6, 3), (5.5, 1), (3.4, 1), (2.9, 2), (2.4, 4))),
        *(("creatinine", v, p) for v, p in ((3.5, 4), (2, 3), (1.5, 2), (0.5, 2))),
        *(("haematocrit", v, p) for v, p in ((60, 4), (50, 2), (46, 1), (29, 2), (19, 4))),
        *(("white_cells", v, p) for v, p in ((40, 4), (20, 2), (15, 1), (2.9, 2), (0.9, 4))),
        *(("arterial_oxygen", v, p) for v, p in ((71, 0), (70, 1), (61, 1), (60, 3), (54, 4))),
        *(("coma_score", v, p) for v, p in ((14, 1), (3, 12))),
    ],
)
def test_bands_of_apache(name: str, value: float, points: int) -> None:
    assert apache_ii(30, healthy(**{name: value})).total == points


@pytest.mark.parametrize(("gradient", "points"), [(199, 0), (200, 2), (350, 3), (500, 4)])
def test_gradient_of_apache_counts_from_half_oxygen(gradient: float, points: int) -> None:
    measured = healthy(inspired_oxygen=50, oxygen_gradient=gradient)
    assert apache_ii(30, measured).points("oxygenation") == points


def test_apache_doubles_creatinine_in_acute_failure() -> None:
    score = apache_ii(30, healthy(creatinine=2), acute_renal_failure=True)
    assert score.points("creatinine") == 6


@pytest.mark.parametrize(
    ("admission", "points"),
    [("nonoperative", 5), ("emergency surgery", 5), ("elective surgery", 2)],
)
def test_chronic_failure_of_apache(admission: Any, points: int) -> None:
    score = apache_ii(30, healthy(), admission, chronic_failure=True)
    assert score.points("chronic_failure") == points


def organs(**changes: Any) -> OrganFunction:
    values: dict[str, Any] = {
        "arterial_oxygen": 90,
        "inspired_oxygen": 21,
        "platelets": 250,
        "bilirubin": 0.7,
        "coma_score": 15,
        "mean_arterial_pressure": 90,
        "creatinine": 1,
    }
    return OrganFunction(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({}, 0),
        ({"arterial_oxygen": 63, "inspired_oxygen": 21}, 1),
        ({"arterial_oxygen": 84, "inspired_oxygen": 21}, 0),
        ({"arterial_oxygen": 80, "inspired_oxygen": 40}, 2),
        ({"arterial_oxygen": 79, "inspired_oxygen": 40}, 2),
        ({"arterial_oxygen": 79, "inspired_oxygen": 40, "supported": True}, 3),
        ({"arterial_oxygen": 39, "inspired_oxygen": 40, "supported": True}, 4),
        ({"platelets": 149}, 1),
        ({"platelets": 19}, 4),
        ({"bilirubin": 1.2}, 1),
        ({"bilirubin": 12}, 4),
        ({"coma_score": 14}, 1),
        ({"coma_score": 9}, 3),
        ({"mean_arterial_pressure": 69}, 1),
        ({"mean_arterial_pressure": None, "dobutamine": 1}, 2),
        ({"dopamine": 5}, 2),
        ({"dopamine": 5.1}, 3),
        ({"dopamine": 15.1}, 4),
        ({"noradrenaline": 0.1}, 3),
        ({"adrenaline": 0.11}, 4),
        ({"creatinine": 1.2}, 1),
        ({"creatinine": 3.5}, 3),
        ({"creatinine": 5}, 4),
        ({"urine_output": 499}, 3),
        ({"creatinine": None, "urine_output": 199}, 4),
    ],
    ids=str,
)
def test_bands_of_sofa(changes: dict[str, Any], points: int) -> None:
    assert sofa(organs(**changes)).total == points


def test_urea_of_curb65_is_above_7_mmol() -> None:
    limit = convert(7, "mmol/L", UREA_NITROGEN)
    scores = [pulmonology.curb65(40, urea, 16, 120, 80).total for urea in (limit, limit + 0.1, 20)]
    assert scores == [0, 1, 1]


def test_coma_score_is_the_sum_of_three() -> None:
    score = critical_care.glasgow_coma("to pain", "incomprehensible sounds", "withdraws from pain")
    assert [points for _, points in score.items] == [2, 2, 4]


def test_sirs_takes_low_carbon_dioxide_for_breathing() -> None:
    assert critical_care.sirs(37, 80, 16, 7, 31).total == 1
    assert critical_care.sirs(35.9, 90, 20, 3.9).total == 2
