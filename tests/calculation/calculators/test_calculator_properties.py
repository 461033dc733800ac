"""What holds for any patient: directions, identities and symmetries of the formulas."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from taskkit.calculation.calculators import (
    body,
    electrolytes,
    nephrology,
    obstetrics,
    pharmacology,
    qt,
)
from taskkit.calculation.calculators.catalogue import BY_NAME
from taskkit.calculation.calculators.pharmacology import EQUIVALENT_STEROID, Prescription
from taskkit.calculation.calculators.score import band
from tests.calculation.calculators.sample_patients import any_value, anyone

RISES = {
    "creatinine_clearance": (),
    "mean_arterial_pressure": ("systolic", "diastolic"),
    "body_mass_index": ("weight",),
    "corrected_calcium": ("calcium",),
    "ideal_body_weight": ("height",),
    "qtc_bazett": ("heart_rate", "qt"),
    "fib4": ("age", "aspartate_transaminase"),
    "maintenance_fluids": ("weight",),
    "steroid_equivalent": ("dose",),
    "corrected_sodium": ("sodium", "glucose"),
    "serum_osmolality": ("sodium", "urea_nitrogen", "glucose"),
    "homa_ir": ("insulin", "glucose"),
    "free_water_deficit": ("sodium",),
    "anion_gap": ("sodium",),
    "fractional_excretion_of_sodium": ("urine_sodium", "creatinine"),
    "ldl_cholesterol": ("cholesterol",),
    "framingham_hard_chd": ("systolic",),
    "meld_na": ("creatinine", "bilirubin", "inr"),
    "qtc_fridericia": ("heart_rate", "qt"),
    "qtc_framingham": ("heart_rate", "qt"),
    "qtc_hodges": ("heart_rate", "qt"),
    "qtc_rautaharju": ("heart_rate", "qt"),
    "body_surface_area": ("weight", "height"),
    "target_weight": ("body_mass_index", "height"),
    "adjusted_body_weight": ("weight", "height"),
    "delta_gap": ("sodium",),
    "charlson": ("age",),
    "pneumonia_severity": ("age", "heart_rate", "respiratory_rate", "urea_nitrogen", "glucose"),
    "glasgow_blatchford": ("urea_nitrogen", "heart_rate"),
    "child_pugh": ("inr", "bilirubin"),
    "curb65": ("age", "urea_nitrogen", "respiratory_rate"),
    "cha2ds2_vasc": ("age",),
    "sofa": ("bilirubin", "creatinine", "dopamine", "noradrenaline"),
}
"""Inputs with which the result never falls."""
FALLS = {
    "creatinine_clearance": ("age", "creatinine"),
    "ckd_epi_2021": ("age", "creatinine"),
    "mdrd": ("age", "creatinine"),
    "body_mass_index": ("height",),
    "corrected_calcium": ("albumin",),
    "fib4": ("alanine_transaminase", "platelets"),
    "anion_gap": ("chloride", "bicarbonate"),
    "albumin_corrected_anion_gap": ("albumin", "chloride", "bicarbonate"),
    "fractional_excretion_of_sodium": ("sodium", "urine_creatinine"),
    "ldl_cholesterol": ("hdl_cholesterol", "triglycerides"),
    "framingham_hard_chd": ("hdl_cholesterol",),
    "child_pugh": ("albumin",),
    "glasgow_blatchford": ("haemoglobin", "systolic"),
    "pneumonia_severity": ("systolic", "ph", "sodium", "haematocrit", "arterial_oxygen"),
    "perc": ("oxygen_saturation",),
    "sofa": ("platelets", "coma_score", "arterial_oxygen"),
    "apache_ii": ("coma_score",),
    "centor": ("age",),
}
"""Inputs with which the result never rises."""
DIRECTIONS = [
    pytest.param(name, item, sign, id=f"{name}-{item}-{'up' if sign > 0 else 'down'}")
    for table, sign in ((RISES, 1), (FALLS, -1))
    for name, items in table.items()
    for item in items
]


@pytest.mark.parametrize(("name", "item", "sign"), DIRECTIONS)
@settings(max_examples=15)
@given(data=st.data())
def test_the_result_moves_one_way(name: str, item: str, sign: int, data: st.DataObject) -> None:
    calculator = BY_NAME[name]
    values = data.draw(anyone(calculator))
    other = data.draw(any_value(next(one for one in calculator.inputs if one.name == item)))
    low, high = sorted((values[item], other))
    try:
        before = calculator.compute({**values, item: low})
        after = calculator.compute({**values, item: high})
    except ValueError:
        return
    assert sign * (after - before) >= -1e-9 * max(abs(after), abs(before))


@pytest.mark.parametrize(
    "correct",
    [qt.qtc_bazett, qt.qtc_fridericia, qt.qtc_framingham, qt.qtc_hodges, qt.qtc_rautaharju],
)
@settings(max_examples=15)
@given(measured=st.floats(200, 700))
def test_at_60_a_minute_qt_is_left_as_it_is(correct: Any, measured: float) -> None:
    assert correct(60, measured) == pytest.approx(measured)


@given(
    sodium=st.floats(100, 180),
    chloride=st.floats(60, 140),
    bicarbonate=st.floats(2, 50),
    albumin=st.floats(0.5, 8),
)
def test_the_gaps_agree_with_each_other(
    sodium: float, chloride: float, bicarbonate: float, albumin: float
) -> None:
    assume(abs(bicarbonate - 24) > 1e-3)
    ions = (sodium, chloride, bicarbonate)
    gap = electrolytes.anion_gap(*ions)
    corrected = electrolytes.albumin_corrected_anion_gap(*ions, albumin)
    assert electrolytes.delta_gap(*ions) == pytest.approx(gap - 12)
    assert electrolytes.delta_ratio(*ions) * (24 - bicarbonate) == pytest.approx(gap - 12)
    assert corrected - gap == pytest.approx(2.5 * (4 - albumin))
    assert electrolytes.albumin_corrected_delta_gap(*ions, albumin) == pytest.approx(corrected - 12)


@given(weight=st.floats(3, 300), height=st.floats(50, 220))
def test_target_weight_undoes_body_mass_index(weight: float, height: float) -> None:
    index = body.body_mass_index(weight, height)
    assume(5 <= index <= 250)
    assert body.target_weight(index, height) == pytest.approx(weight)


@given(
    steroid=st.sampled_from(sorted(EQUIVALENT_STEROID)),
    target=st.sampled_from(sorted(EQUIVALENT_STEROID)),
    dose=st.floats(0.1, 100),
)
def test_a_steroid_converts_there_and_back(steroid: Any, target: Any, dose: float) -> None:
    there = pharmacology.steroid_equivalent(steroid, dose, target)
    assert pharmacology.steroid_equivalent(target, there, steroid) == pytest.approx(dose)


@given(doses=st.lists(st.tuples(st.floats(0, 500), st.integers(1, 6)), min_size=1, max_size=5))
def test_morphine_equivalents_add_up(doses: list[tuple[float, int]]) -> None:
    given_all = [Prescription(opioid="oxycodone", dose=d, per_day=n) for d, n in doses]
    parts = [pharmacology.morphine_equivalents([one]) for one in given_all]
    assert pharmacology.morphine_equivalents(given_all) == pytest.approx(sum(parts))


@given(last=st.dates(), cycle=st.integers(20, 45))
def test_birth_is_40_weeks_after_a_regular_period(last: Any, cycle: int) -> None:
    assume(last.year < 9000)
    due = obstetrics.due_date(last, cycle)
    assert (due - last).days == 280 + cycle - 28
    weeks, days = obstetrics.gestational_age(last, due)
    assert 7 * weeks + days == 280 + cycle - 28
    assert 0 <= days < 7


@given(age=st.floats(18, 120))
def test_ckd_epi_is_continuous_at_kappa(age: float) -> None:
    below = nephrology.ckd_epi_2021("male", age, 0.9)
    above = nephrology.ckd_epi_2021("male", age, 0.9000001)
    assert below == pytest.approx(above, rel=1e-5)


@given(age=st.floats(18, 120), creatinine=st.floats(0.1, 20))
def test_the_race_term_of_mdrd_is_a_factor(age: float, creatinine: float) -> None:
    plain = nephrology.mdrd("female", age, creatinine)
    assert nephrology.mdrd("female", age, creatinine, black=True) == pytest.approx(1.212 * plain)


@given(value=st.floats(-10, 110))
def test_a_band_is_that_of_the_highest_bound_reached(value: float) -> None:
    expected = "low" if value < 0 else "middle" if value < 50 else "high"
    names = {1: "low", 2: "middle", 3: "high"}
    assert names[int(band(value, {50: 3, 0: 2}, 1))] == expected
