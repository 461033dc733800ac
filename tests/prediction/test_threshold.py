"""The threshold lies where the reference passes and nothing trivial does, or there is none."""

from __future__ import annotations

import numpy as np
import pytest

from taskkit.prediction.leakage import LeakError, require_no_leak
from taskkit.prediction.threshold import NoThresholdError, threshold
from taskkit.prediction.trivial import Ground, predictors

ROWS = 800
CHANCE = np.random.default_rng(11)
MARKS = CHANCE.random(ROWS) < 0.3
TRUTH = {"marks": MARKS[None], "labels": np.where(MARKS, "1", "0")}
GOOD = (MARKS + CHANCE.normal(0, 0.7, ROWS))[None]
WEAK = (MARKS + CHANCE.normal(0, 3, ROWS))[None]


def ground(**features: np.ndarray) -> Ground:
    columns = np.array(list(features.values()), dtype=float).T
    return Ground("auroc", "binary", TRUTH, columns, columns, tuple(features))


def test_reference_passes_in_99_of_100_bootstraps_and_nothing_trivial_in_1() -> None:
    found = threshold("auroc", TRUTH, GOOD, [("weak", WEAK), ("nothing", WEAK * 0)])
    assert found.reference.value > found.value > found.trivial[0].value
    assert found.reference.passes >= 0.99
    assert all(figure.passes <= 0.01 for figure in found.trivial)
    assert found.bootstraps == 1000


def test_planted_predictor_as_good_as_the_reference_leaves_no_threshold() -> None:
    with pytest.raises(
        NoThresholdError, match=r"'copy' reaches 0\.\d+: no threshold between them$"
    ):
        threshold("auroc", TRUTH, GOOD, [("weak", WEAK), ("copy", GOOD)])


def test_too_few_outcomes_leave_no_threshold() -> None:
    marks = np.zeros((1, 30), dtype=bool)
    marks[0, 0] = True
    with pytest.raises(NoThresholdError, match="too few hidden rows with the outcome"):
        threshold("auroc", {"marks": marks}, CHANCE.random((1, 30)), [])


def test_all_trivial_predictors_are_tried() -> None:
    names = [name for name, _ in predictors(ground(noise=WEAK[0]), GOOD)]
    assert names == [
        "majority",
        "prevalence",
        "order of rows",
        "order of rows, reversed",
        "training labels copied",
        "rows permuted",
        "one feature: noise",
    ]


def test_planted_good_feature_is_the_one_feature() -> None:
    planted = -GOOD[0]  # lower where the label is true
    found = dict(predictors(ground(noise=WEAK[0], planted=planted), GOOD))
    assert np.array_equal(found["one feature: planted"][0], GOOD[0])


def test_honest_features_leak_nothing() -> None:
    require_no_leak(ground(noise=WEAK[0], good=GOOD[0]))


@pytest.mark.parametrize(
    ("planted", "what"),
    [
        (MARKS.astype(float) * -3 + CHANCE.normal(0, 0.01, ROWS), "its value"),
        (np.where(MARKS, np.nan, CHANCE.normal(size=ROWS)), "where it is missing"),
    ],
    ids=["the label with noise", "missing where the label is true"],
)
def test_planted_leak_is_named(planted: np.ndarray, what: str) -> None:
    with pytest.raises(LeakError, match=rf"^feature 'planted': {what} parts the labels with AUROC"):
        require_no_leak(ground(noise=WEAK[0], planted=planted))
