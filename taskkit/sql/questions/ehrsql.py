"""Read question files of EHRSQL.

Source:
    Lee et al., EHRSQL, NeurIPS Datasets and Benchmarks 2022; github.com/glee4810/EHRSQL,
    CC-BY-4.0. Ids are stable between its versions; texts and queries are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taskkit.build.draft import published_split
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.spec.task import Split
from taskkit.sql.questions.published import (
    SPLITS,
    UNANSWERABLE,
    MalformedRecordError,
    Published,
    digest,
    field,
    load_json,
    parse_all,
)


def read_ehrsql(path: Path, *, db_id: str) -> list[Published | Rejection]:
    """Read a file, or every split of a folder.

    Args:
        path: A JSON file, or a folder with any of train.json, valid.json and test.json.
        db_id: The database that the records must be about, such as `mimic_iii`.

    Returns:
        One entry per record, in file order.

    Raises:
        SourceError: no question file, an unreadable one, or one about another database.
    """
    return parse_all(_records(path, db_id), _parse)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(f"{path}: no such file or folder: need EHRSQL question files")
    files = [file for split in SPLITS if (file := path / f"{split}.json").is_file()]
    if not files:
        names = ", ".join(sorted(entry.name for entry in path.iterdir())[:5]) or "nothing"
        raise SourceError(f"{path}: holds {names}: need train.json, valid.json or test.json")
    return files


def _records(path: Path, db_id: str) -> Iterator[tuple[str, object]]:
    for file in _files(path):
        records = load_json(file)
        if not isinstance(records, list):
            raise SourceError(f"{file}: {type(records).__name__}, need a list of records")
        for number, record in enumerate(records):
            where = f"{file.name}#{number}"
            if isinstance(record, dict):
                _check_database(file, number, record, db_id)
                record = {"split": published_split(file), **record}
            yield where, record


def _check_database(file: Path, number: int, record: dict[str, object], db_id: str) -> None:
    found = record.get("db_id")
    if isinstance(found, str) and found != db_id:
        raise SourceError(
            f"{file}: record {number}: db_id is {found!r}, need {db_id!r}: "
            f"give the question files made for {db_id}"
        )


def _parse(where: str, record: object) -> Published:
    if not isinstance(record, dict):
        raise MalformedRecordError(f"{type(record).__name__}, need an object")
    field(record, "db_id", str)
    return Published(
        record=field(record, "id", str),
        sha256=digest({name: value for name, value in record.items() if name != "split"}),
        split=_split(field(record, "split", str)),
        text=field(record, "question", str).strip(),
        sql=_query(record),
        template=str(record.get("template") or ""),
        where=where,
    )


def _split(name: str) -> Split:
    for split in SPLITS:
        if split == name:
            return split
    raise MalformedRecordError(f"split is {name!r}, need one of {', '.join(SPLITS)}")


def _query(record: dict[str, object]) -> str | None:
    impossible = field(record, "is_impossible", bool)
    query = record.get("query")
    absent = not isinstance(query, str) or query.strip().lower() in UNANSWERABLE
    if impossible != absent:
        raise MalformedRecordError(
            f"is_impossible is {impossible}, but there is {'no' if absent else 'a'} query"
        )
    return None if impossible else field(record, "query", str).strip()
