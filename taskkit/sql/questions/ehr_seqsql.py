"""Read the question file of EHR-SeqSQL: dialogues over EHRSQL's MIMIC-III database.

Source:
    Ryu et al., EHR-SeqSQL, Findings of ACL 2024; github.com/seonhee99/EHR-SeqSQL, data.json. It
    names no licence, so it is read where the user has it and never passed on by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.spec.task import Split
from taskkit.sql.questions.published import (
    SPLITS,
    MalformedRecordError,
    Published,
    digest,
    field,
    load_json,
    parse_all,
)

FILE = "data.json"
MAX_TURNS = 10


def read_ehr_seqsql(path: Path) -> list[Published | Rejection]:
    """Read data.json, or a folder that holds it.

    `sql` is read, whose queries stand alone; `seqsql` refers to earlier ones by special tokens. The
    split is that of `random_split`. What the dialogue is to lead up to (`seed_question`) is not
    shown: it would give the turns away.

    Returns:
        One entry per record, in file order.

    Raises:
        SourceError: no such file, or one that is no list of records.
    """
    return parse_all(_records(path), _parse)


def _records(path: Path) -> Iterator[tuple[str, object]]:
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise SourceError(f"{file}: no such file: need EHR-SeqSQL's {FILE}")
    records = load_json(file)
    if not isinstance(records, list):
        raise SourceError(f"{file}: {type(records).__name__}, need a list of records")
    for number, record in enumerate(records):
        yield f"{file.name}#{number}", record


def _parse(where: str, record: object) -> Published:
    if not isinstance(record, dict):
        raise MalformedRecordError(f"{type(record).__name__}, need an object")
    texts, queries = _texts(record, "question"), _texts(record, "sql")
    if len(texts) != len(queries):
        raise MalformedRecordError(f"{len(texts)} questions, but {len(queries)} queries")
    if not 1 <= len(texts) <= MAX_TURNS:
        raise MalformedRecordError(f"{len(texts)} turns, need 1 to {MAX_TURNS}")
    return Published(
        record=str(record["id"]) if isinstance(record.get("id"), int) else field(record, "id", str),
        sha256=digest(record),
        split=_split(record),
        text=texts[0],
        sql=queries[0],
        where=where,
        follow_ups=tuple(zip(texts[1:], queries[1:], strict=True)),
    )


def _texts(record: dict[str, object], name: str) -> list[str]:
    values: list[str] = []
    for value in field(record, name, list):
        if not isinstance(value, str) or not value.strip():
            raise MalformedRecordError(f"field {name!r}: {value!r}, need a text")
        values.append(value.strip())
    return values


def _split(record: dict[str, object]) -> Split:
    name = record.get("random_split", "train")
    for split in SPLITS:
        if name == split or (name == "dev" and split == "valid"):
            return split
    raise MalformedRecordError(f"random_split is {name!r}, need one of {', '.join(SPLITS)}")
