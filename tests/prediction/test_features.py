"""Features hold what came before the prediction, and nothing after it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from taskkit.prediction.definition import FeatureSet
from taskkit.prediction.features import features
from tests.prediction.test_prediction_labels import cohort

AT = datetime(2100, 1, 2, 12, 0)
ROWS = pl.DataFrame({"subject_id": [1, 2], "prediction_time": [AT, AT]})
EVENTS: list[tuple[int, str | None, str, float | None]] = [
    (1, None, "GENDER//F", None),
    (1, "2050-01-02 12:00", "MEDS_BIRTH", None),
    (1, "2099-12-01 00:00", "K", 9.0),  # before the window
    (1, "2100-01-01 12:00", "K", 4.0),  # 24 hours before: outside
    (1, "2100-01-02 06:30", "K", 5.0),
    (1, "2100-01-02 06:45", "K", 6.0),
    (1, "2100-01-02 12:00", "K", 7.0),  # at the very moment: known
    (1, "2100-01-02 12:01", "K", 99.0),  # a minute later: not known
    (1, "2100-01-02 03:00", "DX", None),
    (1, "2100-01-02 04:00", "DX", None),
    (1, "2100-01-03 04:00", "DX", None),  # later
    (2, "2060-01-02 12:00", "MEDS_BIRTH", None),
    (2, "2100-01-02 11:00", "K", 3.0),
]


def test_summary_has_last_mean_and_counts_of_the_window() -> None:
    made = features(cohort(EVENTS), ROWS, FeatureSet(kind="summary", hours=24.0, codes=("K", "DX")))
    rows = {row["subject_id"]: row for row in made.iter_rows(named=True)}
    assert rows[1]["k_last"] == 7.0
    assert rows[1]["k_mean"] == 6.0
    assert (rows[1]["dx"], rows[2]["dx"]) == (2, 0)
    assert (rows[1]["age"], rows[1]["female"]) == (50.0, 1)
    assert (rows[2]["age"], rows[2]["female"]) == (40.0, 0)


def test_hourly_has_the_mean_of_each_hour_from_the_oldest() -> None:
    made = features(cohort(EVENTS), ROWS, FeatureSet(kind="hourly", hours=24.0, codes=("K",)))
    held = [(row["subject_id"], row["hour"], row["k"]) for row in made.iter_rows(named=True)]
    assert held == [(1, 18, 5.5), (1, 23, 7.0), (2, 22, 3.0)]


def test_patient_without_a_value_has_an_empty_last_hour() -> None:
    rows = pl.DataFrame({"subject_id": [1, 3], "prediction_time": [AT, AT]})
    made = features(cohort(EVENTS), rows, FeatureSet(kind="hourly", hours=6.0, codes=("K",)))
    held = [(row["subject_id"], row["hour"], row["k"]) for row in made.iter_rows(named=True)]
    assert held == [(1, 0, 5.5), (1, 5, 7.0), (3, 5, None)]
