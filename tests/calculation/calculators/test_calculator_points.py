"""Every point of every score, as its source prints it, on both sides of each limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from taskkit.calculation.calculators.catalogue import BY_NAME
from tests.calculation.calculators.sample_patients import typical

Points = Mapping[Any, float]
HEALTHY: dict[str, dict[str, Any]] = {
    "cha2ds2_vasc": {"sex": "male", "age": 40},
    "has_bled": {"age": 40, "drinks": 0},
    "revised_cardiac_risk": {},
    "heart_score": {"age": 40},
    "glasgow_blatchford": {"sex": "male"},
    "wells_embolism": {},
    "wells_thrombosis": {},
    "perc": {"age": 40},
    "caprini": {"sex": "female", "age": 40, "body_mass_index": 22},
    "curb65": {"age": 40},
    "pneumonia_severity": {"sex": "male", "age": 40},
    "centor": {"age": 20},
    "fever_pain": {},
    "child_pugh": {},
    "glasgow_coma": {},
    "sirs": {},
    "sofa": {"dopamine": 0},
    "apache_ii": {"age": 40},
    "charlson": {"age": 40},
}
"""The patient whom each change is made to."""

MEASURES: dict[str, dict[str, Points]] = {
    "cha2ds2_vasc": {"age": {64.9: 0, 65: 1, 74.9: 1, 75: 2}, "sex": {"female": 1}},
    "has_bled": {"age": {65: 0, 65.1: 1}, "drinks": {7: 0, 8: 1}},
    "revised_cardiac_risk": {"creatinine": {2: 0, 2.01: 1}},
    "heart_score": {
        "age": {44: 0, 45: 1, 64: 1, 65: 2},
        "suspicion": {"slight": 0, "moderate": 1, "high": 2},
        "electrocardiogram": {
            "normal": 0,
            "nonspecific repolarisation": 1,
            "significant ST deviation": 2,
        },
        "troponin": {"normal": 0, "up to 3 times the limit": 1, "above 3 times the limit": 2},
    },
    "child_pugh": {
        "inr": {1.69: 0, 1.7: 1, 2.3: 1, 2.31: 2},
        "bilirubin": {1.99: 0, 2: 1, 3: 1, 3.01: 2},
        "albumin": {3.51: 0, 3.5: 1, 2.8: 1, 2.79: 2},
        "ascites": {"absent": 0, "slight": 1, "moderate to severe": 2},
        "encephalopathy": {"none": 0, "grade 1-2": 1, "grade 3-4": 2},
    },
    "glasgow_blatchford": {
        "urea_nitrogen": {18.1: 0, 18.2: 2, 22.3: 2, 22.4: 3, 27.9: 3, 28: 4, 69.9: 4, 70: 6},
        "haemoglobin": {13: 0, 12.9: 1, 12: 1, 11.9: 3, 10: 3, 9.9: 6},
        "systolic": {110: 0, 109: 1, 100: 1, 99: 2, 90: 2, 89: 3},
        "heart_rate": {99: 0, 100: 1},
    },
    "wells_embolism": {"heart_rate": {100: 0, 101: 1.5}},
    "perc": {
        "age": {49: 0, 50: 1},
        "heart_rate": {99: 0, 100: 1},
        "oxygen_saturation": {95: 0, 94: 1},
    },
    "caprini": {
        "age": {40: 0, 41: 1, 60: 1, 61: 2, 74: 2, 75: 3},
        "body_mass_index": {25: 0, 25.1: 1},
        "surgery": {
            "none": 0,
            "minor": 1,
            "major": 2,
            "laparoscopic": 2,
            "arthroscopic": 2,
            "arthroplasty": 5,
        },
        "mobility": {"normal": 0, "bed rest": 1, "bed above 72 h": 2},
    },
    "curb65": {
        "age": {64: 0, 65: 1},
        "urea_nitrogen": {19.61: 0, 19.62: 1, 20: 1},
        "respiratory_rate": {29: 0, 30: 1},
        "systolic": {90: 0, 89: 1},
        "diastolic": {61: 0, 60: 1},
        "confusion": {True: 1},
    },
    "pneumonia_severity": {
        "age": {41: 1, 90: 50},
        "sex": {"female": -10},
        "heart_rate": {124: 0, 125: 10},
        "respiratory_rate": {29: 0, 30: 20},
        "systolic": {90: 0, 89: 20},
        "temperature": {35: 0, 34.9: 15, 39.9: 0, 40: 15},
        "ph": {7.35: 0, 7.34: 30},
        "arterial_oxygen": {60: 0, 59: 10},
        "urea_nitrogen": {29: 0, 30: 20},
        "sodium": {130: 0, 129: 20},
        "glucose": {249: 0, 250: 10},
        "haematocrit": {30: 0, 29: 10},
    },
    "centor": {"age": {3: 1, 14: 1, 15: 0, 44: 0, 45: -1}, "temperature": {38: 0, 38.1: 1}},
    "glasgow_coma": {
        "eye": {"spontaneous": 0, "to voice": -1, "to pain": -2, "none": -3},
        "verbal": {
            "oriented": 0,
            "confused": -1,
            "inappropriate words": -2,
            "incomprehensible sounds": -3,
            "none": -4,
        },
        "motor": {
            "obeys commands": 0,
            "localises pain": -1,
            "withdraws from pain": -2,
            "flexion to pain": -3,
            "extension to pain": -4,
            "none": -5,
        },
    },
    "sirs": {
        "temperature": {38: 0, 38.1: 1, 36: 0, 35.9: 1},
        "heart_rate": {90: 0, 91: 1},
        "respiratory_rate": {20: 0, 21: 1},
        "arterial_carbon_dioxide": {32: 0, 31: 1},
        "white_cells": {12: 0, 12.1: 1, 4: 0, 3.9: 1},
    },
    "sofa": {
        "arterial_oxygen": {84: 0, 83: 1, 63: 1, 62: 2, 42: 2, 40: 2},
        "platelets": {150: 0, 149: 1, 100: 1, 99: 2, 50: 2, 49: 3, 20: 3, 19: 4},
        "bilirubin": {1.19: 0, 1.2: 1, 1.99: 1, 2: 2, 5.99: 2, 6: 3, 11.9: 3, 12: 4},
        "mean_arterial_pressure": {70: 0, 69.9: 1},
        "dopamine": {0.1: 2, 5: 2, 5.1: 3, 15: 3, 15.1: 4},
        "dobutamine": {0.1: 2, 40: 2},
        "adrenaline": {0.01: 3, 0.1: 3, 0.11: 4},
        "noradrenaline": {0.01: 3, 0.1: 3, 0.11: 4},
        "coma_score": {15: 0, 14: 1, 13: 1, 12: 2, 10: 2, 9: 3, 6: 3, 5: 4},
        "creatinine": {1.19: 0, 1.2: 1, 1.99: 1, 2: 2, 3.49: 2, 3.5: 3, 4.99: 3, 5: 4},
        "urine_output": {500: 0, 499: 3, 200: 3, 199: 4},
    },
    "apache_ii": {
        "age": {44: 0, 45: 2, 54: 2, 55: 3, 64: 3, 65: 5, 74: 5, 75: 6},
        "temperature": {
            **{29.9: 4, 30: 3, 31.9: 3, 32: 2, 33.9: 2, 34: 1, 35.9: 1, 36: 0},
            **{38.4: 0, 38.5: 1, 38.9: 1, 39: 3, 40.9: 3, 41: 4},
        },
        "mean_arterial_pressure": {
            **{49: 4, 50: 2, 69: 2, 70: 0, 109: 0, 110: 2, 129: 2, 130: 3, 159: 3, 160: 4}
        },
        "heart_rate": {
            **{39: 4, 40: 3, 54: 3, 55: 2, 69: 2, 70: 0, 109: 0},
            **{110: 2, 139: 2, 140: 3, 179: 3, 180: 4},
        },
        "respiratory_rate": {
            **{5: 4, 6: 2, 9: 2, 10: 1, 11: 1, 12: 0, 24: 0, 25: 1, 34: 1, 35: 3, 49: 3, 50: 4}
        },
        "ph": {
            **{7.14: 4, 7.15: 3, 7.24: 3, 7.25: 2, 7.32: 2, 7.33: 0},
            **{7.49: 0, 7.5: 1, 7.59: 1, 7.6: 3, 7.69: 3, 7.7: 4},
        },
        "sodium": {
            **{110: 4, 111: 3, 119: 3, 120: 2, 129: 2, 130: 0, 149: 0, 150: 1, 154: 1, 155: 2},
            **{159: 2, 160: 3, 179: 3, 180: 4},
        },
        "potassium": {
            **{2.4: 4, 2.5: 2, 2.9: 2, 3: 1, 3.4: 1, 3.5: 0, 5.4: 0, 5.5: 1, 5.9: 1},
            **{6: 3, 6.9: 3, 7: 4},
        },
        "creatinine": {0.59: 2, 0.6: 0, 1.4: 0, 1.5: 2, 1.9: 2, 2: 3, 3.4: 3, 3.5: 4},
        "haematocrit": {
            **{19.9: 4, 20: 2, 29.9: 2, 30: 0, 45.9: 0, 46: 1, 49.9: 1, 50: 2, 59.9: 2, 60: 4}
        },
        "white_cells": {
            **{0.9: 4, 1: 2, 2.9: 2, 3: 0, 14.9: 0, 15: 1, 19.9: 1, 20: 2, 39.9: 2, 40: 4}
        },
        "arterial_oxygen": {71: 0, 70: 1, 60.1: 1, 60: 3, 55: 3, 54: 4},
        "coma_score": {14: 1, 3: 12},
    },
    "charlson": {
        "age": {49: 0, 50: 1, 59: 1, 60: 2, 70: 3, 79: 3, 80: 4, 95: 4},
        "liver_disease": {"none": 0, "mild": 1, "moderate to severe": 3},
        "diabetes": {"none or diet-controlled": 0, "uncomplicated": 1, "end-organ damage": 2},
        "solid_tumour": {"none": 0, "localised": 2, "metastatic": 6},
    },
}
"""What one change adds to the total."""

FINDINGS: dict[str, Mapping[float, str]] = {
    "cha2ds2_vasc": {
        1: "heart_failure hypertension diabetes vascular_disease",
        2: "stroke transient_ischaemic_attack thromboembolism",
    },
    "has_bled": {
        1: "hypertension renal_disease liver_disease stroke bleeding labile_inr medication"
    },
    "revised_cardiac_risk": {
        1: "high_risk_surgery ischaemic_heart_disease heart_failure cerebrovascular_disease insulin"
    },
    "heart_score": {
        1: "hypertension hypercholesterolaemia diabetes obesity smoking family_history",
        2: "atherosclerotic_disease",
    },
    "glasgow_blatchford": {1: "melaena", 2: "syncope liver_disease heart_failure"},
    "wells_embolism": {
        3: "signs_of_thrombosis embolism_most_likely",
        1.5: "immobilised recent_surgery previous_embolism previous_thrombosis",
        1: "haemoptysis malignancy",
    },
    "wells_thrombosis": {
        1: "active_cancer bedridden major_surgery calf_swelling collateral_veins whole_leg_swollen "
        "deep_vein_tenderness pitting_oedema paralysis_or_plaster previous_thrombosis",
        -2: "alternative_as_likely",
    },
    "perc": {
        1: "leg_swelling haemoptysis recent_surgery_or_trauma previous_embolism "
        "previous_thrombosis hormones"
    },
    "caprini": {
        1: "recent_major_surgery heart_failure sepsis pneumonia varicose_veins swollen_legs "
        "inflammatory_bowel_disease myocardial_infarction chronic_lung_disease hormones pregnancy "
        "pregnancy_loss",
        2: "plaster_cast central_line malignancy",
        3: "previous_thrombosis previous_embolism family_history factor_v_leiden "
        "prothrombin_20210a homocysteine lupus_anticoagulant anticardiolipin "
        "heparin_thrombocytopenia other_thrombophilia",
        5: "fracture stroke multiple_trauma spinal_cord_injury",
    },
    "pneumonia_severity": {
        10: "nursing_home heart_failure cerebrovascular_disease renal_disease pleural_effusion",
        20: "liver_disease altered_mental_status",
        30: "neoplasm",
    },
    "centor": {1: "cough_absent tender_nodes tonsil_exudate"},
    "fever_pain": {
        1: "fever_in_24_hours cough_and_coryza_absent onset_within_3_days purulent_tonsils "
        "severe_inflammation"
    },
    "charlson": {
        1: "myocardial_infarction heart_failure peripheral_vascular_disease stroke "
        "transient_ischaemic_attack dementia chronic_lung_disease connective_tissue_disease "
        "peptic_ulcer",
        2: "hemiplegia kidney_disease leukaemia lymphoma",
        6: "aids",
    },
}
"""What each finding adds alone."""


def added(name: str, **changes: Any) -> float:
    calculator = BY_NAME[name]
    healthy = {**typical(calculator), **HEALTHY[name]}
    total: float = calculator.compute({**healthy, **changes}) - calculator.compute(healthy)
    return total


@pytest.mark.parametrize(
    ("name", "item"), [(name, item) for name, items in MEASURES.items() for item in items]
)
def test_points_of_a_measure(name: str, item: str) -> None:
    expected = dict(MEASURES[name][item])
    found = {value: added(name, **{item: value}) for value in expected}
    assert found == expected


@pytest.mark.parametrize("name", sorted(FINDINGS))
def test_points_of_each_finding(name: str) -> None:
    expected = {
        finding: points for points, names in FINDINGS[name].items() for finding in names.split()
    }
    found = {finding: added(name, findings={finding}) for finding in expected}
    assert found == expected
    (item,) = (one for one in BY_NAME[name].inputs if one.kind == "findings")
    assert set(item.choices) == set(expected)


@pytest.mark.parametrize("name", sorted(HEALTHY))
def test_every_input_of_a_score_has_its_points_here(name: str) -> None:
    listed = {*MEASURES.get(name, {}), *(["findings"] if name in FINDINGS else [])}
    elsewhere = {
        "glasgow_blatchford": {"sex"},
        "caprini": {"sex"},
        "sofa": {"inspired_oxygen", "supported"},
        "apache_ii": {
            *("inspired_oxygen", "oxygen_gradient", "admission"),
            *("acute_renal_failure", "chronic_failure"),
        },
    }.get(name, set())
    assert {item.name for item in BY_NAME[name].inputs} - listed == elsewhere


@pytest.mark.parametrize(("count", "points"), [(0, 0), (1, 1), (2, 1), (3, 2), (6, 2)], ids=str)
def test_risk_factors_of_heart_count_in_steps(count: int, points: int) -> None:
    names = FINDINGS["heart_score"][1].split()[:count]
    assert added("heart_score", findings=frozenset(names)) == points


@pytest.mark.parametrize(
    ("oxygen", "unsupported", "supported"),
    [
        (160, 0, 0),
        (159, 1, 1),
        (120, 1, 1),
        (119, 2, 2),
        (80, 2, 2),
        (79, 2, 3),
        (40, 2, 3),
        (39, 2, 4),
    ],
)
def test_respiration_of_sofa_needs_support_for_more_than_two(
    oxygen: float, unsupported: int, supported: int
) -> None:
    given = {"inspired_oxygen": 40, "arterial_oxygen": oxygen}
    assert added("sofa", **given) == unsupported
    assert added("sofa", **given, supported=True) == supported
