"""Read question files of MIMICSQL, in any of its three phrasings.

Source:
    Wang et al., Text-to-SQL Generation for Question Answering on Electronic Medical Records,
    WWW 2020; github.com/wangpinggl/TREQS, MIT. One JSON object a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from taskkit.build.draft import published_split, split_of
from taskkit.build.published_file import parse_json, read_text
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.sql.questions.published import (
    MalformedRecordError,
    Published,
    digest,
    field,
    parse_all,
)

FILES = ("train", "dev", "test")
"""The published files, without `.json`."""
VERSIONS = ("mimicsql_template", "mimicsql_natural", "mimicsql_natural_v2")
NUMBERS = frozenset(
    {"subject_id", "hadm_id", "icustay_id", "itemid", "age", "days_stay", "expire_flag"}
    | {"dob_year", "dod_year", "admityear"}
)
"""Columns of whole numbers; the publisher writes what they are compared with as texts."""

_VALUE = re.compile(r"(=|<=?|>=?|<>)\s*\"(.*?)\"(?=\s*$|\s+(?:and|or)\b)", re.I | re.S)
_COUNTING = re.compile(r"\b(?:how many|number|count|counts|total|amount|quantity)\b", re.I)
HOW_MANY = "Give the number of patients."
"""Said after a question whose query counts, and whose words ask who."""


def read_mimicsql(path: Path) -> list[Published | Rejection]:
    """Read a file, every split of a folder, or of the three folders of the phrasings.

    Returns:
        One entry per record, in file order.

    Raises:
        SourceError: no question file, or an unreadable one.
    """
    return parse_all(_records(path), _parse)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise SourceError(f"{path}: no such file or folder: need MIMICSQL question files")
    folders = [path, *(path / version for version in VERSIONS)]
    files = [
        file for folder in folders for name in FILES if (file := folder / f"{name}.json").is_file()
    ]
    if not files:
        names = ", ".join(sorted(entry.name for entry in path.iterdir())[:5]) or "nothing"
        raise SourceError(f"{path}: holds {names}: need train.json, dev.json or test.json")
    return files


def _records(path: Path) -> Iterator[tuple[str, object]]:
    for file in _files(path):
        for number, line in enumerate(_lines(file)):
            where = f"{file.parent.name}/{file.name}#{number}"
            try:
                record = parse_json(line)
            except json.JSONDecodeError:
                yield where, None
                continue
            if isinstance(record, dict):
                record = {"split": published_split(file), "record": record}
            yield where, record


def _lines(file: Path) -> Iterator[str]:
    lines = read_text(file).split("\n")  # a text may hold other line ends
    if not any(line.lstrip().startswith("{") for line in lines):
        raise SourceError(f"{file}: no JSON object on any line: need MIMICSQL's JSON lines")
    return (line for line in lines if line.strip())


def _parse(where: str, found: object) -> Published:
    if not isinstance(found, dict):
        raise MalformedRecordError("not a JSON object on one line")
    record = found["record"]
    content = digest(record)
    sql = mended(field(record, "sql", str))
    text = field(record, "question_refine", str).strip()
    if re.match(r"select\s+count\b", sql, re.I) and not _COUNTING.search(text):
        text = f"{text} {HOW_MANY}"
    return Published(
        record=f"{field(record, 'key', str)}-{content[:8]}",  # the phrasings share their keys
        sha256=content,
        split=found["split"] or split_of(content),
        text=text,
        sql=sql,
        where=where,
        verbatim=True,
    )


def mended(sql: str) -> str:
    """Give the query with texts in single quotes, numbers as numbers, and plain names.

    The publisher writes `AGE < "83"` and `LONG_TITLE = "Alzheimer's disease"`. To SQLite a word in
    double quotes is a name, and a text only where there is no such column.

    Raises:
        MalformedRecordError: not one query.
    """
    quoted = _VALUE.sub(lambda m: f"{m[1]} '{m[2].replace(chr(39), chr(39) * 2)}'", sql)
    try:
        tree = parse_one(quoted, dialect="sqlite")
    except (SqlglotError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise MalformedRecordError(f"not a query: {reason}") from error
    for column in tree.find_all(exp.Column):
        if not column.table:
            raise MalformedRecordError(f"{column.sql(dialect='sqlite')}: a name without its table")
    for name in tree.find_all(exp.Identifier):
        name.replace(exp.to_identifier(name.name.lower(), quoted=False))
    for literal in list(tree.find_all(exp.Literal)):
        if _is_number(literal):
            literal.replace(exp.convert(int(float(literal.this))))
    return tree.sql(dialect="sqlite")


def _is_number(literal: exp.Literal) -> bool:
    other = literal.parent.this if isinstance(literal.parent, exp.Predicate) else None
    if not (isinstance(other, exp.Column) and other.name in NUMBERS):
        return False
    return re.fullmatch(r"-?\d+(?:\.0+)?", literal.this) is not None
