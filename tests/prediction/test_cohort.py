"""A MEDS folder is read as it is, and what is none is named."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from taskkit.errors import SourceError
from taskkit.prediction import cohort
from taskkit.prediction.cohort import Cohort, read_meds
from tests.prediction.meds_folder import write_meds

ROWS: dict[str, list[Any]] = {
    "subject_id": [7, 7, 9],
    "time": [None, datetime(2101, 5, 1, 8, 30), datetime(2102, 1, 1)],
    "code": ["GENDER//F", "LOINC/2823-3", "MEDS_DEATH"],
    "numeric_value": [None, 4.5, None],
}


def folder(path: Path, **changes: Any) -> Path:
    (path / "data").mkdir(parents=True)
    table = pl.DataFrame(ROWS | changes)
    table.write_parquet(path / "data" / "0.parquet")
    return path


def test_folder_by_the_published_schemas_is_read(tmp_path: Path) -> None:
    events = pl.DataFrame(ROWS, schema=cohort.SCHEMA)
    written = Cohort(events, {"LOINC/2823-3": "potassium"}, {7: "train", 9: "test"})
    read = read_meds(write_meds(written, tmp_path / "meds"))
    assert read.events.equals(events)
    assert read.names == {"LOINC/2823-3": "potassium"}
    assert read.splits == {7: "train", 9: "test"}
    assert read.sha256 == written.sha256


def test_shards_are_read_together_in_the_order_of_patients(tmp_path: Path) -> None:
    path = folder(tmp_path / "meds")
    (path / "data" / "train").mkdir()
    pl.DataFrame(ROWS | {"subject_id": [3, 3, 3]}).write_parquet(path / "data/train/1.parquet")
    assert read_meds(path).events["subject_id"].to_list() == [3, 3, 3, 7, 7, 9]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"numeric_value": ["", "4.5", "high"]}, r"numeric_value: String: need a number"),
        ({"subject_id": ["a", "a", "b"]}, r"subject_id: String: need a whole number"),
        ({"time": ["", "2101-05-01", ""]}, r"time: String: need a time"),
        (
            {"time": [None, datetime(2101, 5, 1), datetime(1, 1, 1)]},
            r"1 events out of time, the first of subject 9 in year 1: need years 1850 to 2500",
        ),
        (
            {"subject_id": [], "time": [], "code": [], "numeric_value": []},
            r"(no events: need at least one patient|need a whole number|need a time)",
        ),
    ],
    ids=["text in a number", "text for a patient", "text for a time", "year 1", "empty"],
)
def test_events_that_no_patient_has_are_named(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        read_meds(folder(tmp_path / "meds", **changes))


def test_empty_cohort_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pl.DataFrame(schema=cohort.SCHEMA).write_parquet(tmp_path / "data" / "0.parquet")
    with pytest.raises(SourceError, match=r"no events: need at least one patient$"):
        read_meds(tmp_path)


def test_folder_without_parquet_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no data/\*\.parquet: need a MEDS folder$"):
        read_meds(tmp_path)


def test_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "0.parquet").write_text("subject_id,time\n")
    with pytest.raises(SourceError, match=r"0\.parquet: "):
        read_meds(tmp_path)


def test_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    pl.DataFrame({"subject_id": [1], "code": ["A"]}).write_parquet(tmp_path / "data" / "0.parquet")
    with pytest.raises(SourceError, match=r"no column 'time' among subject_id, code: need a MEDS"):
        read_meds(tmp_path)


def test_more_than_a_gigabyte_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder(tmp_path / "meds")
    monkeypatch.setattr(cohort, "MAX_BYTES", 100)
    with pytest.raises(SourceError, match=r"bytes: need 100 at most: take a sample of patients$"):
        read_meds(path)
