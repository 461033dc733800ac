"""Writes a cohort as a MEDS folder, by the published schemas."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
from meds import schema as meds

from taskkit.prediction.cohort import SPLITS, Cohort


def write_meds(cohort: Cohort, folder: Path) -> Path:
    """Write it, and give the folder back."""
    for part in ("data", "metadata"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    events = meds.DataSchema.align(cohort.events.to_arrow())
    pq.write_table(events, folder / meds.data_subdirectory / "0.parquet")
    codes = pl.DataFrame({"code": list(cohort.names), "description": list(cohort.names.values())})
    table = meds.CodeMetadataSchema.align(codes.to_arrow())
    pq.write_table(table, folder / meds.code_metadata_filepath)
    facts = {"dataset_name": "made up", "meds_version": "0.4.1"}
    (folder / meds.dataset_metadata_filepath).write_text(json.dumps(facts))
    if cohort.splits:
        back = {ours: theirs for theirs, ours in SPLITS.items()}
        parts = [back[part] for part in cohort.splits.values()]
        rows = pl.DataFrame({"subject_id": list(cohort.splits), "split": parts})
        splits = meds.SubjectSplitSchema.align(rows.to_arrow())
        pq.write_table(splits, folder / meds.subject_splits_filepath)
    return folder
