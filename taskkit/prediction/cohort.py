"""A cohort: the events of its patients in MEDS, the Medical Event Data Standard.

A MEDS folder has Parquet files below data/ (subject_id, time, code, numeric_value), and
metadata/ with codes.parquet, dataset.json and, where there are some, subject_splits.parquet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl
from meds import schema as meds

from taskkit.errors import SourceError, blame

BIRTH, DEATH = meds.birth_code, meds.death_code
ADMISSION = "HOSPITAL_ADMISSION"
DISCHARGE = "HOSPITAL_DISCHARGE"
UNIT_ADMISSION = "ICU_ADMISSION"
UNIT_DISCHARGE = "ICU_DISCHARGE"
XRAY = "IMAGING//CHEST_XRAY"

SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    "subject_id": pl.Int64,
    "time": pl.Datetime("us"),
    "code": pl.String,
    "numeric_value": pl.Float32,
}
MAX_BYTES = 1_000_000_000  # of Parquet; about 10^8 events, more than 1 GB of memory
EARLIEST, LATEST = 1850, 2500  # years; shifted and made-up records reach beyond the 22nd century
SPLITS = {meds.train_split: "train", meds.tuning_split: "valid", meds.held_out_split: "test"}


@dataclass(frozen=True)
class Cohort:
    """Events by patient and time, and what their codes mean."""

    events: pl.DataFrame
    """Columns of `SCHEMA`, sorted by patient and time; static facts have no time and come first."""
    names: Mapping[str, str] = field(default_factory=dict)
    """A short name of a code, for columns."""
    splits: Mapping[int, str] = field(default_factory=dict)
    """The publisher's part of each patient; empty where there is none."""
    end: datetime | None = None
    """When the record of every patient ends; none where each has a time of its own."""

    @property
    def subjects(self) -> int:
        """How many patients."""
        return self.events["subject_id"].n_unique()

    @property
    def sha256(self) -> str:
        """Digest of all events, whatever files they came in."""
        total = hashlib.sha256()
        for name in ("subject_id", "time", "numeric_value"):
            column = self.events[name].cast(pl.Float64 if "value" in name else pl.Int64)
            total.update(column.fill_null(0).to_numpy().tobytes())
        total.update("\n".join(self.events["code"].to_list()).encode())
        return total.hexdigest()


def read_meds(folder: Path) -> Cohort:
    """Read a MEDS folder, whatever software made it.

    Raises:
        SourceError: it is none, is too large, or holds what no MEDS event may hold.
    """
    files = sorted((folder / meds.data_subdirectory).rglob("*.parquet"))
    if not files:
        raise SourceError(f"{folder}: no data/*.parquet: need a MEDS folder")
    size = sum(file.stat().st_size for file in files)
    if size > MAX_BYTES:
        raise SourceError(
            f"{folder / 'data'}: {size:,} bytes: need {MAX_BYTES:,} at most: "
            "take a sample of patients"
        )
    events = pl.concat([read_events(file) for file in files]).sort(
        "subject_id", "time", "code", nulls_last=False
    )
    if events.is_empty():
        raise SourceError(f"{folder}: no events: need at least one patient")
    require_times(events, folder)
    return Cohort(events, read_names(folder), read_splits(folder))


def read_events(file: Path) -> pl.DataFrame:
    """Read one Parquet file of events.

    Raises:
        SourceError: it is no Parquet, or a column is absent or of another type.
    """
    with blame(SourceError, str(file)):
        schema = pl.read_parquet_schema(file)
    for name in SCHEMA:
        if name not in schema:
            held = ", ".join(list(schema)[:8])
            raise SourceError(f"{file}: no column {name!r} among {held}: need a MEDS data file")
    require_types(schema, file)
    with blame(SourceError, str(file)):
        table = pl.read_parquet(file, columns=list(SCHEMA))
        return table.cast(SCHEMA)  # type: ignore[arg-type]


def require_types(schema: Mapping[str, pl.DataType], file: Path) -> None:
    """Refuse columns of another type, such as text where numbers belong."""
    value = schema["numeric_value"]
    if not value.is_numeric() and value != pl.Null:
        raise SourceError(
            f"{file}: numeric_value: {value}: need a number (text goes in text_value)"
        )
    if not schema["subject_id"].is_integer():
        raise SourceError(f"{file}: subject_id: {schema['subject_id']}: need a whole number")
    if not isinstance(schema["time"], pl.Datetime | pl.Date):
        raise SourceError(f"{file}: time: {schema['time']}: need a time")


def require_times(events: pl.DataFrame, folder: Path) -> None:
    """Refuse times of no patient's life, such as the year 0."""
    years = events.select("subject_id", "time", year=pl.col("time").dt.year())
    wrong = years.filter((pl.col("year") < EARLIEST) | (pl.col("year") > LATEST))
    if not wrong.is_empty():
        first = wrong.row(0, named=True)
        raise SourceError(
            f"{folder}: {wrong.height} events out of time, the first of subject "
            f"{first['subject_id']} in year {first['year']}: need years {EARLIEST} to {LATEST}"
        )


def read_names(folder: Path) -> dict[str, str]:
    """Names of codes that the folder describes."""
    file = folder / meds.code_metadata_filepath
    if not file.is_file():
        return {}
    with blame(SourceError, str(file)):
        table = pl.read_parquet(file)
        if not {"code", "description"} <= set(table.columns):
            return {}
        return {
            code: name for code, name in table.select("code", "description").iter_rows() if name
        }


def read_splits(folder: Path) -> dict[int, str]:
    """The publisher's parts: train, valid (tuning) and test (held_out)."""
    file = folder / meds.subject_splits_filepath
    if not file.is_file():
        return {}
    with blame(SourceError, str(file)):
        rows = pl.read_parquet(file).select("subject_id", "split").iter_rows()
        return {subject: SPLITS.get(part, part) for subject, part in rows}
