"""The files of a prediction task: features, training labels, rows to predict, hidden labels."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from taskkit.errors import SourceError
from taskkit.oracles.predictions import Sheet, read_labels
from taskkit.prediction.bootstrap import Floats
from taskkit.prediction.candidate import Files, TooFewError
from taskkit.prediction.cohort import Cohort
from taskkit.prediction.definition import Definition, Definitions, FeatureSet
from taskkit.prediction.features import features
from taskkit.prediction.labels import KEY, anchored, label_columns, labels

DIGITS = 4  # significant, of a feature
FEWEST = 20  # rows on each side; fewer say nothing of a predictor
TIME = "%Y-%m-%d %H:%M"
NOT_FEATURES = ("prediction_time", "hour")


def feature_file(stem: str, definition: Definition) -> str:
    """The name of a feature file: shared by all definitions with the anchor and the features."""
    anchor = definition.anchor
    code = "".join(c if c.isalnum() else "_" for c in anchor.code.lower()).strip("_")
    when = "day" if anchor.day_end else f"{anchor.offset:g}h".replace("-", "m")
    return f"{stem}features-{definition.features}-{code}-{anchor.which}-{when}.csv"


def write_features(
    cohort: Cohort, definition: Definition, what: FeatureSet, key: str, target: Path
) -> None:
    """Write the features of every patient with the anchor."""
    rows = anchored(cohort, definition.anchor)
    table = features(cohort, rows, what).rename({KEY: key})
    table.write_csv(target, datetime_format=TIME)


def write_labels(
    cohort: Cohort,
    definition: Definition,
    definitions: Definitions,
    hidden: set[int],
    folder: Path,
    stem: str,
) -> Files:
    """Write training labels, rows to predict and hidden labels.

    Raises:
        TooFewError: there are not enough patients, or only one label.
    """
    table = labels(cohort, definition)
    masked = table[KEY].is_in(list(hidden))
    known, asked = table.filter(~masked), table.filter(masked)
    columns = label_columns(definition)
    for name, part in (("training", known), ("hidden", asked)):
        require_enough(part, columns, f"{definition.name}: {name} rows")
    name = f"{stem}{definition.name}"
    files = Files(
        feature_file(stem, definition),
        f"{name}-train.csv",
        f"{name}-rows.csv",
        f"{name}-hidden.csv",
    )
    key = definitions.key
    known.rename({KEY: key}).write_csv(folder / files.train, datetime_format=TIME)
    asked.select(pl.col(KEY).alias(key), "prediction_time").write_csv(
        folder / files.rows, datetime_format=TIME
    )
    asked.select(pl.col(KEY).alias(key), *columns).write_csv(folder / files.hidden)
    return files


def require_enough(part: pl.DataFrame, columns: Sequence[str], what: str) -> None:
    """Refuse a part in which nothing can be learned or scored.

    Raises:
        TooFewError: fewer rows than `FEWEST`, or one value only.
    """
    if part.height < FEWEST:
        raise TooFewError(f"{what}: {part.height}: need {FEWEST} or more")
    for column in columns:
        if part[column].n_unique() < 2:
            value = part[column][0]
            raise TooFewError(
                f"{what}: {column} is {value!r} in all {part.height}: need two values"
            )


@dataclass(frozen=True)
class Matrix:
    """Features as numbers, a line for each row; hourly ones as their mean over the hours."""

    names: tuple[str, ...]
    rows: Mapping[str, int]
    values: Floats

    def of(self, keys: Sequence[str]) -> Floats:
        """The lines of these rows."""
        return self.values[[self.rows[key] for key in keys]]


def read_matrix(path: Path, key: str) -> Matrix:
    """Read a feature file.

    Raises:
        SourceError: a column that is no feature holds text.
    """
    table = pl.read_csv(path, infer_schema_length=None, null_values=[""])
    columns = [name for name in table.columns if name not in (key, *NOT_FEATURES)]
    for name in columns:
        if not table[name].dtype.is_numeric() and table[name].null_count() < table.height:
            raise SourceError(
                f"{path.name}: column {name!r}: text ({first_text(table[name])!r}): need numbers"
            )
    table = table.with_columns(pl.col(columns).cast(pl.Float64), pl.col(key).cast(pl.String))
    table = table.group_by(key, maintain_order=True).agg(pl.col(columns).mean())
    keys = table[key].to_list()
    values: Any = table.select(columns).to_numpy()
    return Matrix(tuple(columns), {one: i for i, one in enumerate(keys)}, values.astype(np.float64))


def first_text(column: pl.Series) -> str:
    """The first cell that is no number."""
    numbers = column.cast(pl.Float64, strict=False)
    wrong = column.filter(numbers.is_null() & column.is_not_null())
    return str(wrong[0])[:40] if len(wrong) else ""


def read_train(path: Path, key: str) -> Sheet:
    """Read training labels as the hidden ones are read: without the time of the prediction."""
    sheet = read_labels(path, key)
    if "prediction_time" not in sheet.columns:
        return sheet
    place = sheet.columns.index("prediction_time")
    columns = sheet.columns[:place] + sheet.columns[place + 1 :]
    rows = {name: cells[:place] + cells[place + 1 :] for name, cells in sheet.rows.items()}
    return Sheet(columns, rows)


def read_keys(path: Path) -> list[str]:
    """The rows to predict, in the order of the file."""
    with path.open(newline="", encoding="utf-8") as file:
        return [line[0] for line in csv.reader(file)][1:]
