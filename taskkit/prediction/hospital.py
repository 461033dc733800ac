"""Cohorts of the embedded hospital, as its MEDS rendering tells them."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice

import polars as pl

from taskkit.ehr.clock import NOW
from taskkit.ehr.course.practice import INTENSIVE
from taskkit.ehr.course.reading import PRACTICES, TABLES
from taskkit.ehr.rendering import meds
from taskkit.prediction.cohort import SCHEMA, Cohort

BATCH = 500_000  # events that are held as rows at a time


def draw(patients: int, seed: int) -> Cohort:
    """The events of the first patients of a hospital; the same seed gives the same."""
    events = pl.concat(frames(meds.rows(seed, patients, INTENSIVE)))
    events = events.sort("subject_id", "time", "code", nulls_last=False)
    return Cohort(events, meds.names(), end=meds.moment(NOW))


def tables_sum(domain: str) -> str:
    """Digest of a domain's own digest and of the tables that the hospital is drawn from."""
    digest = sha256(domain.encode())
    for file in sorted((*TABLES.iterdir(), *PRACTICES.iterdir())):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def frames(rows: Iterator[meds.Row]) -> Iterator[pl.DataFrame]:
    """Rows as tables of MEDS, some at a time."""
    first = pl.lit(meds.moment(0))
    while batch := list(islice(rows, BATCH)):
        table = pl.DataFrame(
            {
                "subject_id": [row.subject for row in batch],
                "minute": [row.minute for row in batch],
                "code": [row.code for row in batch],
                "numeric_value": [row.value for row in batch],
            },
            schema_overrides={"minute": pl.Int64, "numeric_value": pl.Float64},
        )
        table = table.with_columns(time=first + pl.duration(minutes="minute"))
        yield table.select(*SCHEMA).cast(SCHEMA)  # type: ignore[arg-type]
