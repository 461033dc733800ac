"""The records of BioDSBench: questions on published studies, with reference and assertions."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError

from taskkit.build.published_file import parse_json, read_bytes
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError, blame
from taskkit.play.texttable import read_table

SHOWN = 3  # odd cells in a rejection
FILE = "python_tasks_with_class.jsonl"
MAX_TABLE = 512 * 1024**2  # bytes; the largest of the published ones is a tenth of it


class Row(BaseModel):
    """What is read of a row; other keys are not looked at."""

    model_config = ConfigDict(extra="ignore", strict=True)

    study_ids: str
    unique_question_ids: str
    study_title: str = ""
    dataset_url: str = ""
    queries: str
    cot_instructions: str | None = None
    code_histories: str | None = None
    reference_answer: str
    test_cases: str
    tables: str


@dataclass(frozen=True)
class Record:
    """A published question with the tables that are there."""

    row: Row
    tables: dict[str, Path | None]
    """By file name; None where the source lacks it."""

    @property
    def study(self) -> str:
        """The identifier of the study."""
        return self.row.study_ids

    def missing(self) -> list[str]:
        """Give the tables that are not there."""
        return [name for name, path in self.tables.items() if path is None]

    def asset(self, table: str) -> str:
        """Name the asset of a table: studies share the names of their files."""
        return f"{self.study}_{table}".lower()


def read_records(source: Path) -> Iterator[Record | Rejection]:
    """Read the records of a folder.

    Raises:
        SourceError: the file of tasks is not there or holds nothing, or a table is empty or too
            large.
    """
    path = source / FILE if source.is_dir() else source
    if not path.is_file():
        raise SourceError(f"{source}: no {FILE}: need BioDSBench's folder, or that file")
    lines = read_bytes(path).splitlines()
    if not lines:
        raise SourceError(f"{path}: empty: need one task a line, as JSON")
    for number, line in enumerate(lines, 1):
        yield record(line, f"{path.name}:{number}", path.parent)


def record(line: bytes, where: str, folder: Path) -> Record | Rejection:
    """Read a record; it is rejected where it is none."""
    try:
        row = Row.model_validate(parse_json(line.decode()))
        names = [PurePosixPath(name).name for name in parse_json(row.tables)]
    except ValidationError as error:
        first = error.errors()[0]
        detail = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        return Rejection(where, "malformed_record", detail)
    except (ValueError, TypeError, AttributeError) as error:
        return Rejection(where, "malformed_record", f"no JSON object: {error}")
    return Record(row, {name: table(folder, studies(row), name) for name in names})


def studies(row: Row) -> list[str]:
    """Give the names under which a study's folder may stand: PubMed's, then cBioPortal's."""
    portal = row.dataset_url.rpartition("id=")[2]
    return [row.study_ids, portal] if re.fullmatch(r"\w+", portal) else [row.study_ids]


def table(folder: Path, names: Sequence[str], name: str) -> Path | None:
    """Find a table of a study below a folder, as `.csv` or as cBioPortal's own `.txt`.

    Raises:
        SourceError: it is empty, or larger than a task can carry.
    """
    places = [above / study for study in names for above in (folder / "csv", folder)]
    files = [name, f"{PurePosixPath(name).stem}.txt"]
    found = next((p / file for p in places for file in files if (p / file).is_file()), None)
    if found is None:
        return None
    size = found.stat().st_size
    if size > MAX_TABLE:
        most = f"{MAX_TABLE // 1024**2} MiB"
        raise SourceError(f"{found}: {size / 1024**2:,.0f} MiB: need {most} at most; take a part")
    with found.open("rb") as file:
        line = file.readline()
        while line.startswith(b"#"):
            line = file.readline()
        if not line.strip():
            raise SourceError(f"{found}: empty: need a line of column names, then rows")
        if not file.readline().strip():
            raise SourceError(f"{found}: no rows below the column names: an empty study")
    return found


def converted(path: Path, target: Path) -> Path:
    """Give a table as the published programs read it: with commas, and no comment over it.

    Raises:
        SourceError: it is no text in UTF-8.
    """
    if path.suffix != ".txt":
        return path
    with blame(SourceError, str(path)), path.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows(rows)
    return target


def oddities(record: Record) -> list[str]:
    """Give cells that are not of their column's type, which a program may have stumbled over."""
    found = []
    for name, path in record.tables.items():
        known = None if path is None else read_table(path, name)
        for column in known.columns if known else ():
            found += [
                f"{name}: {column.name}: row {row} is {cell!r} in a column of {column.kind}"
                for row, cell in column.odd
            ]
    return found[:SHOWN]
