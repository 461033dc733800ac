"""A question that somebody else published, as it was read and before it is answered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, get_args

from taskkit.build.published_file import has_half, parse_json, read_text
from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.spec.task import Split

Flavour = Literal["ehrsql", "ehrsql-2024", "mimicsql", "ehr-seqsql"]
Value = TypeVar("Value")
SPLITS: tuple[Split, ...] = get_args(Split)
MAX_QUERY = 10_000  # characters; the longest published one has 2,030
UNANSWERABLE = frozenset({"null", "nan"})  # how the publishers write that there is no query


@dataclass(frozen=True, slots=True)
class Published:
    """A record of a question file."""

    record: str
    """Identifier given by the publisher."""
    sha256: str
    """Digest of the record as published, in canonical JSON."""
    split: Split
    text: str
    sql: str | None
    """The query as published; None where the publisher says that the data cannot answer."""
    template: str = ""
    """The question before it was reworded, where the publisher gives it; never shown."""
    answer: str | None = None
    """The answer as published, where there is one; compared with, never copied."""
    where: str = ""
    """File and position, for messages."""
    follow_ups: tuple[tuple[str, str], ...] = ()
    """Text and query of the questions that follow it in a dialogue."""
    verbatim: bool = False
    """The query has no placeholders, and its texts are in the case of the database."""


class MalformedRecordError(Exception):
    """A single record that is not what its publisher's format says."""


def digest(record: object) -> str:
    """Give the SHA-256 of a record's canonical JSON."""
    text = json.dumps(record, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_json(path: Path) -> object:
    """Read a JSON file.

    Raises:
        SourceError: unreadable, too large, not UTF-8 or not JSON.
    """
    text = read_text(path)
    try:
        value: object = parse_json(text, halves=True)
    except json.JSONDecodeError as error:
        start = text.lstrip()
        if error.msg == "Extra data":
            what = "several JSON documents, one on each line: need a file with one"
        elif not start.startswith(("[", "{")):
            what = f"begins with {start[:30]!r}: need JSON" if start else "empty: need JSON"
        else:
            what = f"not JSON: {error.msg}: fetch the file again"
        raise SourceError(f"{path}:{error.lineno}: {what}") from error
    return value


def field(record: dict[str, object], name: str, kind: type[Value]) -> Value:
    """Give a field of a record.

    Raises:
        MalformedRecordError: it is missing, of another type, or an empty text.
    """
    if name not in record:
        raise MalformedRecordError(f"field {name!r} is missing")
    value = record[name]
    if not isinstance(value, kind):
        raise MalformedRecordError(
            f"field {name!r} is {type(value).__name__}, need {kind.__name__}"
        )
    if isinstance(value, str) and not value.strip():
        raise MalformedRecordError(f"field {name!r} is empty")
    return value


def parse_all(
    records: Iterable[tuple[str, object]], parse: Callable[[str, object], Published]
) -> list[Published | Rejection]:
    """Parse every record, each to itself or to the reason why not.

    Args:
        records: Where each record stands, such as `valid.json#12`, and the record.
        parse: Raises `MalformedRecordError` for a record that cannot be used.
    """
    result: list[Published | Rejection] = []
    seen: dict[str, Published] = {}
    for where, record in records:
        try:
            if has_half(record):
                raise MalformedRecordError("half a character (a lone surrogate)")
            published = parse(where, record)
            _require_short(published)
        except MalformedRecordError as error:
            result.append(Rejection(where, "malformed_record", f"{where}: {error}"))
            continue
        first = seen.setdefault(published.record, published)
        result.append(published if first is published else _repeated(first, published))
    return result


def _require_short(published: Published) -> None:
    for sql in (published.sql or "", *(query for _, query in published.follow_ups)):
        if len(sql) > MAX_QUERY:
            size = f"a query of {len(sql):,} characters"
            raise MalformedRecordError(f"{size}: need {MAX_QUERY:,} at most")


def _repeated(first: Published, second: Published) -> Rejection:
    same = first.sha256 == second.sha256
    return Rejection(
        second.where,
        "duplicate" if same else "malformed_record",
        f"{second.where}: id {second.record!r} was used by "
        f"{'the same' if same else 'another'} record at {first.where}",
    )
