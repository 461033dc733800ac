"""Question files are read whole, or the message says where they are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.sql.questions.ehrsql import read_ehrsql
from taskkit.sql.questions.ehrsql_2024 import read_ehrsql_2024
from taskkit.sql.questions.published import Published
from tests.sql.questions.ward import record, write

OK = record("select 1")


def read(folder: Path, *records: object) -> list[Published | Rejection]:
    return read_ehrsql(write(folder, list(records)), db_id="mimic_iii")


def test_a_record_keeps_id_split_text_and_query(tmp_path: Path) -> None:
    (one,) = read(tmp_path, record("select 1", "  How many?  ", split="test"))
    assert isinstance(one, Published)
    assert (one.record, one.split, one.text, one.sql) == ("q1", "test", "How many?", "select 1")


def test_every_split_of_a_folder_is_read(tmp_path: Path) -> None:
    for split in ("train", "valid", "test"):
        write(tmp_path, [record("select 1", id=split, split=split)], f"{split}.json")
    found = read_ehrsql(tmp_path, db_id="mimic_iii")
    assert [one.record for one in found] == ["train", "valid", "test"]


def test_the_split_of_the_record_wins_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, [record("select 1", split="test")], "train.json")
    (one,) = read_ehrsql(tmp_path / "train.json", db_id="mimic_iii")
    assert isinstance(one, Published)
    assert one.split == "test"


def test_a_record_without_a_split_takes_that_of_its_file(tmp_path: Path) -> None:
    (one,) = read(tmp_path, {k: v for k, v in OK.items() if k != "split"})
    assert isinstance(one, Published)
    assert one.split == "valid"


@pytest.mark.parametrize("query", ["null", "nan", None])
def test_an_impossible_record_has_no_query(tmp_path: Path, query: str | None) -> None:
    (one,) = read(tmp_path, record(None) | {"query": query})
    assert isinstance(one, Published)
    assert one.sql is None


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ([1], "list, need an object"),
        ({k: v for k, v in OK.items() if k != "question"}, "field 'question' is missing"),
        (OK | {"question": " "}, "field 'question' is empty"),
        (OK | {"id": 3}, "field 'id' is int, need str"),
        (OK | {"split": "dev"}, "split is 'dev', need one of train, valid, test"),
        (OK | {"is_impossible": True}, "is_impossible is True, but there is a query"),
        (OK | {"query": "null"}, "is_impossible is False, but there is no query"),
        ({k: v for k, v in OK.items() if k != "db_id"}, "field 'db_id' is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_record_is_rejected_and_the_rest_kept(
    tmp_path: Path, broken: object, says: str
) -> None:
    first, second = read(tmp_path, broken, OK | {"id": "q2"})
    assert isinstance(first, Rejection)
    assert (first.record, first.code) == ("valid.json#0", "malformed_record")
    assert says in first.detail
    assert isinstance(second, Published)


def test_an_id_used_by_another_record_is_rejected(tmp_path: Path) -> None:
    _, second = read(tmp_path, OK, OK | {"question": "Another?"})
    assert isinstance(second, Rejection)
    assert second.code == "malformed_record"
    assert "'q1' was used by another record at valid.json#0" in second.detail


def test_the_same_record_twice_is_a_duplicate(tmp_path: Path) -> None:
    _, second = read(tmp_path, OK, OK)
    assert isinstance(second, Rejection)
    assert second.code == "duplicate"


def test_questions_about_another_database_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"valid\.json: record 0: db_id is 'eicu', need 'mimic_i"):
        read(tmp_path, OK | {"db_id": "eicu"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[{", r"valid\.json:1: not JSON"),
        (b'["\xff"]', r"valid\.json: byte 2: not UTF-8"),
        (b"{}", r"valid\.json: dict, need a list of records"),
        (b"[" * 100_000, r"valid\.json:1: not JSON: nested too deeply"),
    ],
    ids=["cut", "latin-1", "object", "deep"],
)
def test_an_unreadable_file_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "valid.json").write_bytes(content)
    with pytest.raises(SourceError, match=says):
        read_ehrsql(tmp_path, db_id="mimic_iii")


def test_a_folder_without_questions_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SourceError, match=r"holds notes\.txt: need train\.json"):
        read_ehrsql(tmp_path, db_id="mimic_iii")


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        read_ehrsql(tmp_path / "absent", db_id="mimic_iii")


def write_2024(folder: Path, questions: object, labels: object, answers: object = None) -> Path:
    write(folder, {"version": "x", "data": questions}, "data.json")
    write(folder, labels, "label.json")
    if answers is not None:
        write(folder, answers, "answer.json")
    return folder


def ask(key: str) -> dict[str, Any]:
    return {"id": key, "question": f"What is {key}?"}


def test_questions_meet_their_labels_and_answers(tmp_path: Path) -> None:
    write_2024(
        tmp_path / "train",
        [ask("a"), ask("b")],
        {"a": "select 1", "b": "null"},
        {"a": "[['1']]", "b": "null"},
    )
    one, two = read_ehrsql_2024(tmp_path)
    assert isinstance(one, Published)
    assert (one.split, one.sql, one.answer) == ("train", "select 1", "[['1']]")
    assert isinstance(two, Published)
    assert two.sql is None


def test_one_split_of_the_shared_task_can_be_read_alone(tmp_path: Path) -> None:
    write_2024(tmp_path / "test", [ask("a")], {"a": "select 1"})
    (one,) = read_ehrsql_2024(tmp_path / "test")
    assert isinstance(one, Published)
    assert (one.split, one.answer) == ("test", None)


def test_questions_and_labels_without_each_other_are_rejected(tmp_path: Path) -> None:
    write_2024(tmp_path / "valid", [ask("a"), "text"], {"c": "select 1", "b": "select 1"})
    found = read_ehrsql_2024(tmp_path)
    assert [(one.record, type(one)) for one in found] == [
        ("valid/data.json#0", Rejection),
        ("valid/data.json#1", Rejection),
        ("valid/label.json#b", Rejection),
        ("valid/label.json#c", Rejection),
    ]


def test_a_split_without_labels_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "valid", {"data": [ask("a")]}, "data.json")
    with pytest.raises(SourceError, match=r"label\.json: No such file"):
        read_ehrsql_2024(tmp_path)


@pytest.mark.parametrize("target", ["", "valid/data.json"], ids=["empty folder", "file"])
def test_what_is_no_folder_of_splits_is_refused(tmp_path: Path, target: str) -> None:
    if target:
        write(tmp_path / "valid", {}, "data.json")
    with pytest.raises(SourceError, match="need"):
        read_ehrsql_2024(tmp_path / target)


def test_a_label_file_of_another_form_is_refused(tmp_path: Path) -> None:
    write_2024(tmp_path / "valid", [ask("a")], [json.dumps("x")])
    with pytest.raises(SourceError, match=r"label\.json: list, need an object"):
        read_ehrsql_2024(tmp_path)


def identity(one: Published | Rejection) -> tuple[str, str, str]:
    assert isinstance(one, Published)
    return one.record, one.sha256, one.split


def test_a_renamed_file_holds_the_same_records(tmp_path: Path) -> None:
    unsplit = {key: value for key, value in OK.items() if key != "split"}
    for asked in (OK, unsplit):
        paths = [tmp_path / name for name in ("valid.json", "a_copy_of_valid.json")]
        for path in paths:
            path.write_text(json.dumps([asked]))
        (one,), (other,) = (read_ehrsql(path, db_id="mimic_iii") for path in paths)
        assert identity(one) == identity(other)


def test_a_renamed_folder_of_the_shared_task_holds_the_same_records(tmp_path: Path) -> None:
    questions, labels = [ask("a")], {"a": "select 1"}
    write_2024(tmp_path / "valid", questions, labels, {"a": "[['1']]"})
    write_2024(tmp_path / "my_valid_copy", questions, labels)
    (one,), (other,) = (read_ehrsql_2024(tmp_path / name) for name in ("valid", "my_valid_copy"))
    assert identity(one) == identity(other)
