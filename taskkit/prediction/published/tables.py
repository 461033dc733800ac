"""CSV tables of labels, and the files of a task made of a publisher's tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from taskkit.errors import SourceError, blame
from taskkit.prediction.candidate import Files
from taskkit.prediction.sheets import require_enough

MAX_BYTES = 500_000_000  # of a label file; 100,000 labels have 5 MB


def read_table(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Read a CSV file with these columns and perhaps others, every cell as text.

    Raises:
        SourceError: it is missing, too large, empty, or lacks a column.
    """
    if not path.is_file():
        raise SourceError(f"{path}: missing: need the labels of train, val and test")
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path}: {path.stat().st_size:,} bytes: need {MAX_BYTES:,} at most")
    if not path.stat().st_size:
        raise SourceError(f"{path}: empty: need the columns {', '.join(columns)}")
    with blame(SourceError, str(path)):
        table = pl.read_csv(path, infer_schema=False)
    for name in columns:
        if name not in table.columns:
            raise SourceError(f"{path}: no column {name!r}: need {', '.join(columns)}")
    if table.is_empty():
        raise SourceError(f"{path}: no labels: need at least one row")
    return table


def whole(table: pl.DataFrame, column: str, path: Path) -> pl.DataFrame:
    """The table with a column as whole numbers; `3.0` is one.

    Raises:
        SourceError: a cell is none.
    """
    numbers = table[column].cast(pl.Float64, strict=False)
    wrong = table.filter(numbers.is_null() | (numbers != numbers.round()))
    if not wrong.is_empty():
        raise SourceError(f"{path}: {column} {wrong[column][0]!r}: need a whole number")
    return table.with_columns(numbers.cast(pl.Int64).alias(column))


def write(
    name: str,
    key: str,
    folder: Path,
    features: pl.DataFrame,
    known: pl.DataFrame,
    asked: pl.DataFrame,
) -> Files:
    """Write the four files of a task; patients without features are left out.

    Args:
        name: Of the task.
        key: The column that names a patient.
        folder: Where the files go.
        features: One row or more for each patient.
        known: Training labels, one for each patient; maybe with `prediction_time`.
        asked: Hidden labels, with the same columns.

    Raises:
        SourceError: a patient is in both parts.
        TooFewError: there are too few patients, or only one label.
    """
    files = Files(
        f"features-{name}.csv", f"{name}-train.csv", f"{name}-rows.csv", f"{name}-hidden.csv"
    )
    known = known.join(features, on=key, how="semi").sort(key)
    asked = asked.join(features, on=key, how="semi").sort(key)
    if both := known.join(asked, on=key, how="semi").height:
        raise SourceError(f"{name}: {both} patients in training and test: need each in one part")
    columns = [column for column in known.columns if column not in (key, "prediction_time")]
    require_enough(known, columns, f"{name}: training rows")
    require_enough(asked, columns, f"{name}: hidden rows")
    features.sort(key, maintain_order=True).write_csv(folder / files.features)
    known.write_csv(folder / files.train)
    asked.drop(columns).write_csv(folder / files.rows)
    asked.select(key, *columns).write_csv(folder / files.hidden)
    return files
