"""EHRSHOT as it is shipped: CLMBR features in pickles, labels in CSV files.

    clmbr_{train,val,test}.pkl        data_matrix, patient_ids, labeling_time
    <task>/{train,val,test}_labels.csv  patient_id, value, label_type, prediction_time

The last label of each patient counts, as in the publisher's own scoring.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from taskkit.build.origin import Origin
from taskkit.errors import SourceError
from taskkit.prediction.candidate import AbsentError, Files, Material
from taskkit.prediction.definition import Definition, FeatureSet, Findings, Level
from taskkit.prediction.published.pickles import arrays
from taskkit.prediction.published.tables import read_table, write
from taskkit.prediction.sheets import DIGITS
from taskkit.taskset.digest import file_sha256

KEY = "patient_id"
PARTS = {"train": "train", "val": "train", "test": "hidden"}
LICENCE = "Stanford EHRSHOT Data Set License 1.0"
COLUMNS = (KEY, "value", "prediction_time")
NUMBER = re.compile(r"(?:tensor\()?(-?\d+)(?:\.0)?(?:,.*)?\)?")
VECTOR = FeatureSet(kind="vector", hours=1.0)
SELECT = """
import csv
held = load('/data/source.pkl')
with open('/data/wanted.csv', newline='') as file:
    wanted = {(int(row[0]), row[1]) for row in list(csv.reader(file))[1:]}
people = [int(''.join(c for c in str(one).partition('(')[2] or str(one) if c.isdigit()))
          for one in held['patient_ids']]
times = [str(pd.Timestamp(one).floor('min'))[:16] for one in held['labeling_time']]
chosen = [i for i, pair in enumerate(zip(people, times)) if pair in wanted]
np.savez('out.npz', vectors=np.asarray(held['data_matrix'])[chosen].astype('float32'),
         people=np.array([people[i] for i in chosen], dtype='int64'),
         times=np.array([times[i] for i in chosen], dtype='U16'))
"""


def release(folder: Path) -> Material | None:
    """The publisher's files of a folder; None where it holds none."""
    pickles = {part: folder / f"clmbr_{part}.pkl" for part in PARTS}
    if not any(path.is_file() for path in pickles.values()):
        return None
    for path in pickles.values():
        if not path.is_file():
            raise SourceError(
                f"{path}: missing: need clmbr_train.pkl, clmbr_val.pkl, clmbr_test.pkl"
            )
    digest = "".join(file_sha256(path) for path in pickles.values())
    origin = Origin("EHRSHOT", LICENCE, "credentialed", digest[:64])
    return Material(origin, Release(folder), KEY, VECTOR, variants=False)


@dataclass
class Release:
    """Writes the files of a task from the publisher's."""

    folder: Path

    def __call__(self, definition: Definition, folder: Path) -> Files:
        """Write features, training labels, rows and hidden labels.

        Raises:
            AbsentError: the task has no labels here.
            TooFewError: it has too few.
            SourceError: a file cannot be read.
        """
        if not (self.folder / definition.name).is_dir():
            raise AbsentError(f"{definition.name}: no folder of labels in {self.folder.name}")
        tables = {part: self.labels(definition, part) for part in PARTS}
        vectors = pl.concat([self.vectors(part, table, folder) for part, table in tables.items()])
        known = pl.concat([table for part, table in tables.items() if PARTS[part] == "train"])
        asked = tables["test"]
        return write(definition.name, KEY, folder, vectors, known.unique(KEY, keep="last"), asked)

    def labels(self, definition: Definition, part: str) -> pl.DataFrame:
        """The last label of every patient of a part."""
        path = self.folder / definition.name / f"{part}_labels.csv"
        table = read_table(path, COLUMNS)
        numbers = [identifier(cell, path) for cell in table[KEY].to_list()]
        table = table.with_columns(pl.Series(KEY, numbers, dtype=pl.Int64))
        values = [value(cell, definition, path) for cell in table["value"].to_list()]
        names = tuple(values[0]) if values else ()
        columns = {name: [one[name] for one in values] for name in names}
        table = table.with_columns(pl.Series(name, cells) for name, cells in columns.items())
        table = table.with_columns(pl.col("prediction_time").str.replace("T", " ").str.slice(0, 16))
        last = table.sort(KEY, "prediction_time", maintain_order=True).unique(KEY, keep="last")
        return last.sort(KEY).select(KEY, "prediction_time", *names)

    def vectors(self, part: str, table: pl.DataFrame, folder: Path) -> pl.DataFrame:
        """The vectors of the last labels."""
        wanted = folder / "wanted.csv"
        table.select(KEY, "prediction_time").write_csv(wanted)
        path = self.folder / f"clmbr_{part}.pkl"
        found = arrays(path, SELECT, beside={"wanted.csv": wanted})
        wanted.unlink()
        matrix = np.asarray(found["vectors"], dtype=np.float64)
        made = pl.DataFrame({KEY: found["people"], "prediction_time": found["times"].tolist()})
        width = matrix.shape[1] if matrix.ndim == 2 else 0
        return made.with_columns(
            pl.Series(f"f{i:03}", matrix[:, i]).round_sig_figs(DIGITS) for i in range(width)
        )


def identifier(cell: str | None, path: Path) -> int:
    """A patient's number, which may be written as `tensor(115...)`."""
    match = NUMBER.fullmatch((cell or "").strip())
    if match is None:
        raise SourceError(f"{path}: patient_id {cell!r}: need a whole number")
    return int(match[1])


def value(cell: str | None, definition: Definition, path: Path) -> dict[str, int | str]:
    """A label as its columns."""
    text, what = (cell or "").strip(), definition.outcome
    if isinstance(what, Level | Findings):
        size = len(what.names) if isinstance(what, Level) else 2 ** len(what.codes)
        if not text.isdecimal() or int(text) >= size:
            raise SourceError(f"{path}: value {cell!r}: need a whole number below {size}")
        if isinstance(what, Level):
            return {"label": what.names[int(text)]}
        bits = f"{int(text):0{len(what.codes)}b}"
        return {name: int(bit) for name, bit in zip(what.codes, bits, strict=True)}
    if text.lower() not in ("true", "false"):
        raise SourceError(f"{path}: value {cell!r}: need True or False")
    return {"label": int(text.lower() == "true")}
