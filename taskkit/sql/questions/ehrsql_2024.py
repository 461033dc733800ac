"""Read the question folders of the EHRSQL-2024 shared task.

Source:
    Lee et al., Overview of the EHRSQL 2024 shared task, ClinicalNLP 2024;
    github.com/glee4810/ehrsql-2024, CC-BY-4.0. The answers that it publishes come with the
    queries, as text.
"""

from __future__ import annotations

import json
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

BESIDE = ("split", "answer")
"""What does not make a record this one: where it lay, and whether its answer lay beside it."""


def read_ehrsql_2024(path: Path) -> list[Published | Rejection]:
    """Read one split's folder, or every split below a folder.

    Args:
        path: A folder with data.json, label.json and perhaps answer.json, or the folder of such
            folders, named train, valid and test.

    Returns:
        One entry per question, and one per label that has no question.

    Raises:
        SourceError: no such folder, or an unreadable file.
    """
    return parse_all(_records(path), _parse)


def _folders(path: Path) -> list[tuple[Split, Path]]:
    if path.is_file():
        raise SourceError(f"{path}: a file: need the folder that holds train, valid or test")
    if (path / "data.json").is_file() and (named := published_split(path)):
        return [(named, path)]
    folders = [(split, path / split) for split in SPLITS if (path / split).is_dir()]
    if not folders:
        raise SourceError(f"{path}: need folders train, valid or test, each with data.json")
    return folders


def _records(path: Path) -> Iterator[tuple[str, object]]:
    for split, folder in _folders(path):
        questions = _questions(folder / "data.json")
        labels = _by_id(folder / "label.json")
        answers = _by_id(folder / "answer.json") if (folder / "answer.json").exists() else {}
        known = set()
        for number, question in enumerate(questions):
            where = f"{split}/data.json#{number}"
            if not isinstance(question, dict) or not isinstance(key := question.get("id"), str):
                yield where, question
                continue
            known.add(key)
            extra = {"label": labels[key]} if key in labels else {}
            yield where, question | extra | {"answer": answers.get(key), "split": split}
        for key in sorted(labels.keys() - known):
            yield f"{split}/label.json#{key}", {"id": key, "label": labels[key]}


def _questions(file: Path) -> list[object]:
    document = load_json(file)
    records = document.get("data") if isinstance(document, dict) else document
    if not isinstance(records, list):
        raise SourceError(f"{file}: need a list of questions under 'data'")
    return records


def _by_id(file: Path) -> dict[str, object]:
    document = load_json(file)
    if not isinstance(document, dict):
        raise SourceError(f"{file}: {type(document).__name__}, need an object from id to value")
    return document


def _parse(where: str, record: object) -> Published:
    if not isinstance(record, dict):
        raise MalformedRecordError(f"{type(record).__name__}, need an object")
    key = field(record, "id", str)
    text = field(record, "question", str).strip()
    query = field(record, "label", str).strip()
    split: Split = record["split"]
    answer = record["answer"]
    return Published(
        record=key,
        sha256=digest({name: said for name, said in record.items() if name not in BESIDE}),
        split=split,
        text=text,
        sql=None if query.lower() in UNANSWERABLE else query,
        answer=answer if answer is None or isinstance(answer, str) else json.dumps(answer),
        where=where,
    )
