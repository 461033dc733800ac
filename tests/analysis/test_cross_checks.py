"""Programs of the bank agree with the same quantities computed in another way."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2, hypergeom, norm  # type: ignore[import-untyped]

from taskkit.analysis.bank import read_bank
from taskkit.analysis.question import ask
from taskkit.analysis.recipes import BREAST
from taskkit.analysis.solving import run
from tests.analysis.conftest import DOMAIN

Reals = NDArray[np.float64]


def answered(name: str, studies: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the values and the parameters of a question asked of the breast study."""
    question = ask(read_bank(DOMAIN)[name], BREAST, Random(name))
    return run(question, studies), question.parameters


@pytest.fixture(scope="module")
def people(studies: Path) -> pd.DataFrame:
    frame = pd.read_csv(studies / BREAST.file("clinical_patient"), sep="\t", skiprows=4)
    known = frame[frame["OS_MONTHS"].notna()].copy()
    known["died"] = known["OS_STATUS"] == "1:DECEASED"
    known["second"] = known["TREATMENT_ARM"] == BREAST.arms[1]
    return known


def steps(months: Reals, event: NDArray[np.bool_]) -> list[tuple[float, int, int, float]]:
    """Give time, number at risk, events and Kaplan-Meier estimate at every event time."""
    made, survival = [], 1.0
    for time in np.unique(months[event]):
        risk, deaths = int((months >= time).sum()), int((event & (months == time)).sum())
        survival *= 1 - deaths / risk
        made.append((float(time), risk, deaths, survival))
    return made


def test_kaplan_meier_steps(studies: Path, people: pd.DataFrame) -> None:
    found, parameters = answered("curve_steps", studies)
    group = people[people["TREATMENT_ARM"] == parameters["arm"]]
    curve = steps(group["OS_MONTHS"].to_numpy(), group["died"].to_numpy())
    rows = [[time, risk, survival] for time, risk, _, survival in curve[: parameters["steps"]]]
    assert np.allclose(np.array(found["steps"]), np.array(rows), atol=1e-9)


def test_restricted_mean_is_the_area_under_the_curve(studies: Path, people: pd.DataFrame) -> None:
    found, parameters = answered("restricted_mean", studies)
    for name, second in (("first", False), ("second", True)):
        group = people[people["second"] == second]
        curve = steps(group["OS_MONTHS"].to_numpy(), group["died"].to_numpy())
        area, before, height = 0.0, 0.0, 1.0
        for time, _, _, survival in curve:
            if time > parameters["months"]:
                break
            area, before, height = area + height * (time - before), time, survival
        area += height * (parameters["months"] - before)
        assert found[name] == pytest.approx(area, abs=1e-6)


def test_log_rank_by_its_formula(studies: Path) -> None:
    found, _ = answered("progression_by_arm", studies)
    frame = pd.read_csv(studies / BREAST.file("clinical_patient"), sep="\t", skiprows=4)
    frame = frame[frame["PFS_MONTHS"].notna()]
    months = frame["PFS_MONTHS"].to_numpy()
    event = (frame["PFS_STATUS"] == "1:PROGRESSION").to_numpy()
    second = (frame["TREATMENT_ARM"] == BREAST.arms[1]).to_numpy()
    observed = expected = variance = 0.0
    for time in np.unique(months[event]):
        risk, here = months >= time, event & (months == time)
        n, n2, d = risk.sum(), (risk & second).sum(), here.sum()
        observed += (here & second).sum()
        expected += d * n2 / n
        if n > 1:
            variance += d * (n2 / n) * (1 - n2 / n) * (n - d) / (n - 1)
    p_value = chi2.sf((observed - expected) ** 2 / variance, 1)
    assert found["p_value"] == pytest.approx(p_value, rel=1e-8)
    assert found["events_second"] == (event & second).sum()


def test_cox_model_of_another_library(studies: Path, people: pd.DataFrame) -> None:
    from statsmodels.duration.hazard_regression import PHReg  # type: ignore[import-untyped]

    found, _ = answered("cox_age_sex", studies)
    known = people[people["AGE"].notna()]
    frame = np.column_stack([known["AGE"] / 10, known["second"].astype(float)])
    fit = PHReg(known["OS_MONTHS"], frame, status=known["died"].astype(int), ties="efron").fit()
    assert found["patients"] == len(known)
    assert found["hr_decade"] == pytest.approx(math.exp(fit.params[0]), rel=1e-5)
    assert found["hr_arm"] == pytest.approx(math.exp(fit.params[1]), rel=1e-5)


def test_cumulative_hazard_by_hand(studies: Path, people: pd.DataFrame) -> None:
    found, parameters = answered("cumulative_hazard", studies)
    for stage, count, hazard in found["hazards"]:
        group = people[people["STAGE"] == stage]
        curve = steps(group["OS_MONTHS"].to_numpy(), group["died"].to_numpy())
        total = sum(d / risk for time, risk, d, _ in curve if time <= parameters["months"])
        assert count == len(group)
        assert hazard == pytest.approx(total, abs=1e-6)


def test_greenwood_interval_on_the_log_log_scale(studies: Path, people: pd.DataFrame) -> None:
    found, parameters = answered("survival_at_time", studies)
    group = people[people["second"]]
    curve = steps(group["OS_MONTHS"].to_numpy(), group["died"].to_numpy())
    before = [row for row in curve if row[0] <= parameters["months"]]
    survival = before[-1][3]
    spread = sum(d / (risk * (risk - d)) for _, risk, d, _ in before)
    half = norm.ppf(0.975) * math.sqrt(spread) / math.log(survival)
    low, high = survival ** math.exp(-half), survival ** math.exp(half)
    assert found["second_survival"] == pytest.approx(survival, abs=1e-9)
    assert sorted((low, high)) == pytest.approx([found["second_low"], found["second_high"]])


def test_fisher_by_the_hypergeometric_distribution(studies: Path) -> None:
    found, _ = answered("co_occurrence", studies)
    both, only, rest, none = found["counts"]
    total, first, second = both + only + rest + none, both + only, both + rest
    chances = hypergeom.pmf(np.arange(total + 1), total, first, second)
    p_value = chances[chances <= chances[both] * (1 + 1e-7)].sum()
    assert found["p_value"] == pytest.approx(p_value, rel=1e-6)
    assert found["ratio"] == pytest.approx(both * total / (first * second))


def test_wilson_interval_by_its_formula(studies: Path) -> None:
    found, _ = answered("objective_rate", studies)
    n, p, z = found["evaluable"], found["rate"], norm.ppf(0.975)
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert [found["low"], found["high"]] == pytest.approx([middle - half, middle + half])


def test_auroc_is_the_share_of_pairs(studies: Path) -> None:
    area, _ = answered("burden_auc", studies)
    rank, _ = answered("burden_and_response", studies)
    people = pd.read_csv(studies / BREAST.file("clinical_patient"), sep="\t", skiprows=4)
    samples = pd.read_csv(studies / BREAST.file("clinical_sample"), sep="\t", skiprows=4)
    first = samples.sort_values("SAMPLE_ID").drop_duplicates("PATIENT_ID")
    known = first.merge(people, on="PATIENT_ID").dropna(subset=["TMB_NONSYNONYMOUS"])
    known = known[known["BEST_RESPONSE"].isin(["CR", "PR", "SD", "PD"])]
    good = known["BEST_RESPONSE"].isin(["CR", "PR"])
    left, right = (known["TMB_NONSYNONYMOUS"][part].to_numpy() for part in (good, ~good))
    wins = (left[:, None] > right).sum() + 0.5 * (left[:, None] == right).sum()
    assert rank["u_statistic"] == wins
    assert area["auroc"] == pytest.approx(wins / (len(left) * len(right)))
