"""A file with a row for each label of a source: published, recomputed, and what became of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from taskkit.build.labels import Labelled
from taskkit.draft import drafted
from taskkit.errors import UsageError

COLUMNS = ("record", "category", "published", "recomputed", "verdict", "reason", "party", "detail")
SUFFIXES = (".csv", ".jsonl")


def row(one: Labelled) -> dict[str, str]:
    """Give the row of a label, by the names of `COLUMNS`."""
    values = (
        one.record, one.category, one.label, one.computed, one.status, one.cause, one.party,
        one.detail,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def writing(path: Path, labels: Iterable[Labelled]) -> Iterator[Labelled]:
    """Write each label to a file as it passes; the file is there once all have.

    Raises:
        UsageError: the file's name ends neither in .csv nor in .jsonl.
        MissingError: it cannot be written.
    """
    if path.suffix not in SUFFIXES:
        raise UsageError(f"--rows {path}: need a file that ends in {' or '.join(SUFFIXES)}")
    with drafted(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS) if path.suffix == ".csv" else None
        if table is not None:
            table.writeheader()
        for one in labels:
            if table is not None:
                table.writerow(row(one))
            else:
                file.write(json.dumps(row(one), ensure_ascii=False) + "\n")
            yield one
