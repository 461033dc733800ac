"""Worked examples, each computed by hand from its source or printed in it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from taskkit.calculation.calculators import (
    body,
    cardiology,
    electrolytes,
    hepatology,
    metabolism,
    nephrology,
    obstetrics,
    pharmacology,
    qt,
)
from taskkit.calculation.calculators.pharmacology import Prescription


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        # (140 - 50) * 70 / (72 * 1): BMI 22.9, ideal weight 70.46 above actual
        pytest.param(
            nephrology.creatinine_clearance("male", 50, 70, 175, 1), 87.5, id="cockcroft-actual"
        ),
        # BMI 17.6, so actual weight; (140 - 60) * 45 * 0.85 / 144
        pytest.param(
            nephrology.creatinine_clearance("female", 60, 45, 160, 2), 21.25, id="cockcroft-thin"
        ),
        # 70 inches: ideal 73; 73 + 0.4 * 40 = 89; (140 - 40) * 89 / 72
        pytest.param(
            nephrology.creatinine_clearance("male", 40, 113, 177.8, 1),
            123.6111,
            id="cockcroft-heavy",
        ),
        # at kappa both ratios are 1: 142 * 0.9938**50, and 1.012 times that
        pytest.param(nephrology.ckd_epi_2021("male", 50, 0.9), 104.0490, id="ckd-epi-man-at-kappa"),
        pytest.param(
            nephrology.ckd_epi_2021("female", 50, 0.7), 105.2976, id="ckd-epi-woman-at-kappa"
        ),
        # 142 * 2**-1.2 * 0.9938**50
        pytest.param(
            nephrology.ckd_epi_2021("male", 50, 1.8), 45.289963, id="ckd-epi-at-twice-kappa"
        ),
        # 175 * 50**-0.203
        pytest.param(nephrology.mdrd("male", 50, 1), 79.094655, id="mdrd-man"),
        pytest.param(nephrology.mdrd("female", 50, 1, black=True), 71.130140, id="mdrd-race-term"),
        # by an arbitrary-precision calculator, from the coefficients as printed
        pytest.param(nephrology.ckd_epi_2021("male", 50, 0.45), 128.2770676, id="ckd-epi-man-low"),
        pytest.param(nephrology.ckd_epi_2021("female", 50, 0.35), 124.4419209, id="ckd-epi-woman"),
        pytest.param(nephrology.mdrd("female", 60, 2), 25.4149135, id="mdrd-woman"),
        pytest.param(
            cardiology.framingham_hard_chd("male", 55, 220, 45, 140, treated=True, smoker=True),
            21.6800968,
            id="framingham-man",
        ),
        pytest.param(
            cardiology.framingham_hard_chd("male", 75, 220, 45, 140, smoker=True),
            20.3131859,
            id="framingham-man-smoking-capped-at-70",
        ),
        pytest.param(
            cardiology.framingham_hard_chd("female", 55, 220, 45, 140, treated=True, smoker=True),
            9.2404646,
            id="framingham-woman",
        ),
        pytest.param(
            cardiology.framingham_hard_chd("female", 79, 220, 45, 140, smoker=True),
            10.6555224,
            id="framingham-woman-smoking-capped-at-78",
        ),
        pytest.param(
            nephrology.fractional_excretion_of_sodium(140, 2, 40, 100), 0.571429, id="fena"
        ),
        pytest.param(body.body_mass_index(80, 200), 20, id="bmi"),
        pytest.param(body.body_mass_index(81, 180), 25, id="bmi-overweight-edge"),
        pytest.param(body.ideal_body_weight("male", 177.8), 73, id="devine-man-70-inches"),
        pytest.param(body.ideal_body_weight("female", 162.56), 54.7, id="devine-woman-64-inches"),
        pytest.param(body.adjusted_body_weight("male", 113, 177.8), 89, id="adjusted-weight"),
        pytest.param(body.body_surface_area(70, 170), 1.818119, id="mosteller"),
        pytest.param(body.target_weight(25, 200), 100, id="target-weight"),
        pytest.param(body.maintenance_fluids(8), 32, id="fluids-8-kg"),
        pytest.param(body.maintenance_fluids(15), 50, id="fluids-15-kg"),
        pytest.param(body.maintenance_fluids(25), 65, id="fluids-25-kg"),
        pytest.param(electrolytes.corrected_calcium(7.6, 2), 9.2, id="payne"),
        pytest.param(electrolytes.corrected_sodium(130, 600), 142, id="hillier"),
        pytest.param(electrolytes.serum_osmolality(140, 28, 180), 300, id="osmolality"),
        pytest.param(electrolytes.free_water_deficit("male", 40, 70, 160), 6, id="water-man"),
        pytest.param(electrolytes.free_water_deficit("male", 65, 70, 160), 5, id="water-old-man"),
        pytest.param(
            electrolytes.free_water_deficit("female", 70, 70, 160), 4.5, id="water-old-woman"
        ),
        pytest.param(electrolytes.free_water_deficit("female", 5, 20, 154), 1.2, id="water-child"),
        pytest.param(electrolytes.anion_gap(140, 104, 24), 12, id="anion-gap"),
        pytest.param(electrolytes.delta_gap(140, 104, 14), 10, id="delta-gap"),
        pytest.param(electrolytes.delta_ratio(140, 104, 14), 1, id="delta-ratio"),
        pytest.param(
            electrolytes.albumin_corrected_anion_gap(140, 104, 24, 2), 17, id="figge-albumin-2"
        ),
        pytest.param(
            electrolytes.albumin_corrected_delta_ratio(140, 104, 14, 2), 1.5, id="figge-ratio"
        ),
        pytest.param(qt.qtc_bazett(100, 400), 516.3978, id="bazett"),
        pytest.param(qt.qtc_fridericia(100, 400), 474.2521, id="fridericia"),
        pytest.param(qt.qtc_framingham(100, 400), 461.6, id="framingham"),
        pytest.param(qt.qtc_hodges(100, 400), 470, id="hodges"),
        pytest.param(qt.qtc_rautaharju(100, 400), 488.8889, id="rautaharju"),
        pytest.param(cardiology.mean_arterial_pressure(120, 60), 80, id="mean-pressure"),
        pytest.param(metabolism.ldl_cholesterol(200, 50, 150), 120, id="friedewald"),
        # Matthews's normal: 5 µU/mL and 4.5 mmol/L (81 mg/dL) make 1
        pytest.param(metabolism.homa_ir(5, 81), 1, id="matthews-normal"),
        pytest.param(hepatology.fib4(50, 80, 64, 100), 5, id="sterling"),
        # all normal: 10 * 0.6; then the mean case of the OPTN's rule, and its cap
        pytest.param(hepatology.meld_na(1, 1, 1, 140), 6, id="meld-floor"),
        pytest.param(hepatology.meld_na(1, 1.5, 1.5, 135), 15, id="meld-13-sodium-135"),
        # 10 * 1.1: not above 11, so sodium does not count; 10 * 1.2 + 1.32 * 12 - 0.033 * 12 * 12
        pytest.param(hepatology.meld_na(1.6, 1, 1, 120), 11, id="meld-11-ignores-sodium"),
        pytest.param(hepatology.meld_na(1.8, 1, 1, 120), 23, id="meld-12-sodium-125"),
        pytest.param(hepatology.meld_na(9, 40, 9, 120), 40, id="meld-cap"),
        pytest.param(hepatology.meld_na(9, 1, 1, 140), 20, id="meld-creatinine-cap"),
        pytest.param(hepatology.meld_na(1, 1, 1, 137, dialysis=True), 20, id="meld-dialysis"),
        pytest.param(
            pharmacology.steroid_equivalent("prednisone", 5, "hydrocortisone"), 20, id="prednisone"
        ),
        pytest.param(
            pharmacology.steroid_equivalent("methylprednisolone", 32, "dexamethasone"),
            6,
            id="methylprednisolone",
        ),
        pytest.param(
            pharmacology.steroid_equivalent("cortisone", 25, "prednisolone"), 5, id="cortisone"
        ),
    ],
)
def test_example(result: float, expected: float) -> None:
    assert result == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("prescriptions", "expected"),
    [
        ([("oxycodone", 10, 4)], 60),
        ([("fentanyl patch", 25, 1)], 60),
        ([("hydromorphone", 2, 3), ("tramadol", 50, 4)], 70),
        ([("methadone", 10, 2), ("codeine", 30, 2), ("morphine", 15, 2)], 133),
    ],
    ids=["oxycodone-40-mg", "patch-25-ug-h", "two-drugs", "three-drugs"],
)
def test_morphine_equivalents_of_the_guideline_of_2022(
    prescriptions: list[tuple[str, float, float]], expected: float
) -> None:
    given = [
        Prescription(opioid=opioid, dose=dose, per_day=times)  # type: ignore[arg-type]
        for opioid, dose, times in prescriptions
    ]
    assert pharmacology.morphine_equivalents(given) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("patient", "points"),
    [
        # the panel's tables: age 10, cholesterol 1, HDL 1, pressure 1: 13 points are 12 %
        pytest.param(("male", 62, 220, 45, 135, False, False), 12, id="man-13-points"),
        # age 6, cholesterol 4, smoker 3, HDL 1, treated pressure 2: 16 points are 25 %
        pytest.param(("male", 52, 260, 45, 150, True, True), 25, id="man-16-points"),
        # age 10, cholesterol 2, HDL 1, pressure 2: 15 points are 3 %
        pytest.param(("female", 62, 220, 45, 135, False, False), 3, id="woman-15-points"),
    ],
)
def test_framingham_is_near_the_points_of_the_treatment_panel(
    patient: tuple[str, float, float, float, float, bool, bool], points: float
) -> None:
    sex, age, cholesterol, hdl, systolic, treated, smoker = patient
    risk = cardiology.framingham_hard_chd(
        sex,  # type: ignore[arg-type]
        age,
        cholesterol,
        hdl,
        systolic,
        treated=treated,
        smoker=smoker,
    )
    assert risk == pytest.approx(points, rel=0.25)


@pytest.mark.parametrize(
    ("last_period", "cycle", "expected"),
    [
        (date(2023, 1, 1), 28, date(2023, 10, 8)),
        (date(2023, 1, 1), 32, date(2023, 10, 12)),
        (date(2023, 1, 1), 24, date(2023, 10, 4)),
        (date(2024, 2, 29), 28, date(2024, 12, 5)),
    ],
    ids=["naegele", "long-cycle-is-later", "short-cycle-is-earlier", "leap-day"],
)
def test_due_date(last_period: date, cycle: int, expected: date) -> None:
    assert obstetrics.due_date(last_period, cycle) == expected


def test_conception_is_on_day_14() -> None:
    assert obstetrics.conception_date(date(2024, 2, 20)) == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2023, 1, 1), (0, 0)), (date(2023, 3, 15), (10, 3)), (date(2023, 10, 8), (40, 0))],
    ids=["first-day", "73-days", "term"],
)
def test_gestational_age(today: date, expected: tuple[int, int]) -> None:
    assert obstetrics.gestational_age(date(2023, 1, 1), today) == expected


def test_a_body_mass_index_of_just_25_is_overweight() -> None:
    assert body.body_mass_index(81, 180) == 25
    assert nephrology.dosing_weight("male", 81, 180) > body.ideal_body_weight("male", 180)


@pytest.mark.parametrize(
    ("opioid", "factor"),
    [
        ("codeine", 0.15),
        ("fentanyl buccal", 0.13),
        ("fentanyl patch", 2.4),
        ("hydrocodone", 1),
        ("hydromorphone", 5),
        ("methadone", 4.7),
        ("morphine", 1),
        ("oxycodone", 1.5),
        ("oxymorphone", 3),
        ("tapentadol", 0.4),
        ("tramadol", 0.2),
    ],
)
def test_factor_of_each_opioid(opioid: Any, factor: float) -> None:
    one = Prescription(opioid=opioid, dose=100)
    assert pharmacology.morphine_equivalents([one]) == pytest.approx(100 * factor)


@pytest.mark.parametrize(
    ("steroid", "dose"),
    [
        ("cortisone", 25),
        ("hydrocortisone", 20),
        ("prednisone", 5),
        ("prednisolone", 5),
        ("methylprednisolone", 4),
        ("triamcinolone", 4),
        ("dexamethasone", 0.75),
        ("betamethasone", 0.75),
    ],
)
def test_equivalent_of_each_steroid(steroid: Any, dose: float) -> None:
    assert pharmacology.steroid_equivalent("hydrocortisone", 20, steroid) == pytest.approx(dose)


@pytest.mark.parametrize(
    ("weight", "expected"),
    [(59.9, 59.9), (60.0, 60.0), (74, 74), (80, 74.99), (81, 77.40)],
    ids=["underweight", "normal", "lighter-than-ideal", "heavier-than-ideal", "overweight"],
)
def test_dosing_weight_of_a_man_of_180_cm(weight: float, expected: float) -> None:
    assert nephrology.dosing_weight("male", weight, 180) == pytest.approx(expected, abs=0.01)


def test_an_underweight_patient_keeps_the_actual_weight_though_ideal_is_less() -> None:
    # 125 cm: ideal weight 20.7 kg for women; 28 kg are 17.9 kg/m2, 29 kg are 18.56
    assert nephrology.dosing_weight("female", 28, 125) == 28
    assert nephrology.dosing_weight("female", 29, 125) == pytest.approx(20.69, abs=0.01)


@pytest.mark.parametrize(
    ("sex", "age", "share"),
    [
        ("female", 17.9, 0.6),
        ("male", 17.9, 0.6),
        ("female", 18, 0.5),
        ("male", 18, 0.6),
        ("female", 64.9, 0.5),
        ("male", 64.9, 0.6),
        ("female", 65, 0.45),
        ("male", 65, 0.5),
    ],
)
def test_share_of_water(sex: Any, age: float, share: float) -> None:
    deficit = electrolytes.free_water_deficit(sex, age, 100, 154)
    assert deficit == pytest.approx(share * 10)


def test_a_body_mass_index_of_just_18_5_is_normal() -> None:
    # of a woman of 125 cm, whose ideal weight of 20.69 kg is below the actual
    weight = 18.5 * 1.25**2
    assert body.body_mass_index(weight, 125) == 18.5
    assert nephrology.dosing_weight("female", weight, 125) == pytest.approx(20.69, abs=0.01)
