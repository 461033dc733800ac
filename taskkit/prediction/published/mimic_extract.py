"""MIMIC-Extract as it is shipped: frames of hourly measurements in pickles, labels in CSV files.

mortality_los/X_lab_{train,val,test}.pkl              index subject_id, ..., hours_in
mortality_los/{train,val,test}_<task>_labels.csv      subject_id, <task>
vasopressor_ventilation/X_lab_{train,val,test}.pkl    index with 6_hour_window_id
vasopressor_ventilation/{part}_<task>_labels.csv      subject_id, 6_hour_window_id,
                                                      intervention_category
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from taskkit.build.origin import Origin
from taskkit.errors import SourceError
from taskkit.prediction.candidate import AbsentError, Files, Material
from taskkit.prediction.definition import STATUSES, Definition, FeatureSet
from taskkit.prediction.published.pickles import arrays
from taskkit.prediction.published.tables import read_table, whole, write
from taskkit.prediction.sheets import DIGITS
from taskkit.taskset.digest import file_sha256

KEY, WINDOW = "subject_id", "6_hour_window_id"
PARTS = ("train", "val", "test")
DAY, WINDOWS = "mortality_los", "vasopressor_ventilation"
FOLDERS = {
    "mort_icu": DAY,
    "mort_hosp": DAY,
    "los_3": DAY,
    "los_7": DAY,
    "vasopressor": WINDOWS,
    "ventilation": WINDOWS,
}
LICENCE = "PhysioNet Credentialed Health Data License 1.5.0"
BLOCK = 12  # hours of one row: two of them tell where a patient is going
BLOCKS = FeatureSet(kind="hourly", hours=24.0, step=float(BLOCK))
SELECT = f"""
frame = load('/data/source.pkl')
if not isinstance(frame, pd.DataFrame):
    sys.exit(f'{{type(frame).__name__}}, need a DataFrame')
if frame.columns.nlevels > 1:
    means = [place for place, names in enumerate(frame.columns) if 'mean' in names]
    frame = frame.iloc[:, means]
    frame.columns = [str(next(part for part in names if part != 'mean')) for names in frame.columns]
names = [str(name) for name in frame.columns]
levels = {{name: frame.index.get_level_values(name) for name in frame.index.names if name}}
if {KEY!r} not in levels:
    sys.exit(f'index {{list(levels)}}, need {KEY}')
frame.columns = names
if WINDOWED:
    if {WINDOW!r} not in levels:
        sys.exit(f'index {{list(levels)}}, need {WINDOW}')
    block = np.asarray(levels[{WINDOW!r}], dtype='int64')
else:
    hours = levels.get('hours_in')
    if hours is None:
        sys.exit(f'index {{list(levels)}}, need hours_in')
    block = np.asarray(hours, dtype='int64') // {BLOCK} * {BLOCK}
people = np.asarray(levels[{KEY!r}], dtype='int64')
numbers = frame.apply(pd.to_numeric, errors='raise').reset_index(drop=True)
mean = numbers.groupby([people, block]).mean()
np.savez('out.npz', values=mean.to_numpy(dtype='float32'), names=np.array(names, dtype='U'),
         people=np.asarray(mean.index.get_level_values(0), dtype='int64'),
         blocks=np.asarray(mean.index.get_level_values(1), dtype='int64'))
"""


def release(folder: Path) -> Material | None:
    """The publisher's files of a folder; None where it holds none."""
    files = [
        folder / part / f"X_lab_{name}.pkl"
        for part in (DAY, WINDOWS)
        for name in PARTS
        if (folder / part).is_dir()
    ]
    if not files:
        return None
    for path in files:
        if not path.is_file():
            raise SourceError(
                f"{path}: missing: need X_lab_train.pkl, X_lab_val.pkl, X_lab_test.pkl"
            )
    origin = Origin("MIMIC-Extract", LICENCE, "credentialed", file_sha256(files[0]))
    return Material(origin, Release(folder), KEY, BLOCKS, variants=False)


@dataclass
class Release:
    """Writes the files of a task from the publisher's."""

    folder: Path

    def __call__(self, definition: Definition, folder: Path) -> Files:
        """Write features, training labels, rows and hidden labels.

        Raises:
            AbsentError: the publisher has no such task, or its files are not here.
            TooFewError: it has too few labels.
            SourceError: a file cannot be read.
        """
        name = definition.name
        place = self.folder / FOLDERS.get(name, "none")
        if not (place / f"test_{name}_labels.csv").is_file():
            raise AbsentError(f"{name}: no test_{name}_labels.csv in {self.folder.name}")
        labels = {part: self.labels(place, name, part) for part in PARTS}
        tables = [self.features(place, part, labels[part]) for part in PARTS]
        known = pl.concat([labels["train"], labels["val"]]).unique(KEY, keep="last")
        parts = [part.drop(WINDOW, strict=False) for part in (known, labels["test"])]
        return write(name, KEY, folder, pl.concat(tables), *parts)

    def labels(self, place: Path, name: str, part: str) -> pl.DataFrame:
        """The labels of a part: of windows, the last of each patient."""
        path = place / f"{part}_{name}_labels.csv"
        column = "intervention_category" if place.name == WINDOWS else name
        keys = (KEY, WINDOW) if place.name == WINDOWS else (KEY,)
        table = read_table(path, (*keys, column))
        for one in (*keys, column):
            table = whole(table, one, path)
        kinds = 4 if place.name == WINDOWS else 2
        wrong = table.filter(~pl.col(column).is_between(0, kinds - 1))
        if not wrong.is_empty():
            held = wrong[column][0]
            raise SourceError(f"{path}: {column} {held}: need a whole number below {kinds}")
        label = pl.col(column)
        if kinds == 4:
            label = label.replace_strict(dict(enumerate(STATUSES)), return_dtype=pl.String)
        table = table.sort(*keys).unique(KEY, keep="last").sort(KEY)
        return table.select(*keys, label.alias("label"))

    def features(self, place: Path, part: str, labels: pl.DataFrame) -> pl.DataFrame:
        """Mean of every measurement in every block of hours, or in the window of the label."""
        windowed = place.name == WINDOWS
        found = arrays(place / f"X_lab_{part}.pkl", f"WINDOWED = {windowed}\n{SELECT}")
        values = np.asarray(found["values"], dtype=np.float64)
        columns = {
            str(name): pl.Series(values[:, i]).fill_nan(None).round_sig_figs(DIGITS)
            for i, name in enumerate(found["names"])
        }
        table = pl.DataFrame({KEY: found["people"], "hour": found["blocks"], **columns})
        if not windowed:
            return table
        chosen = labels.select(KEY, pl.col(WINDOW).alias("hour"))
        return table.join(chosen, on=[KEY, "hour"], how="semi")
