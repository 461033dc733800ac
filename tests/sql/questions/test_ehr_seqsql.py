"""Dialogues of EHR-SeqSQL are read from records in its form, and answered turn by turn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.sql.questions.ehr_seqsql import read_ehr_seqsql
from taskkit.sql.questions.published import Published
from taskkit.sql.questions.publisher import PublisherOptions, answer_question
from taskkit.sql.questions.question import Question
from tests.sql.questions.ward import NOW, hospital

AGES = "SELECT admissions.age FROM admissions WHERE admissions.subject_id = {}"


def record(**changes: Any) -> dict[str, Any]:
    return {
        "id": "s1",
        "department": "[]",
        "importance": "high",
        "seed_question": "give it all away",
        "value": {},
        "question": ["How many stays are there?", "And how many prescriptions?"],
        "question_template": ["", ""],
        "seqsql": ["...", "... [prev_result]"],
        "sql": ["SELECT COUNT(*) FROM admissions", "SELECT COUNT(*) + 100 FROM prescriptions"],
        "random_split": "test",
        "compositional_split": "train",
        **changes,
    }


def read(folder: Path, *records: Any) -> list[Published | Rejection]:
    (folder / "data.json").write_text(json.dumps(records))
    return read_ehr_seqsql(folder)


def test_a_record_is_a_dialogue_without_its_seed(tmp_path: Path) -> None:
    (found,) = read(tmp_path, record())
    assert isinstance(found, Published)
    assert (found.record, found.split) == ("s1", "test")
    assert found.text == "How many stays are there?"
    assert found.follow_ups == (
        ("And how many prescriptions?", "SELECT COUNT(*) + 100 FROM prescriptions"),
    )
    assert "give it all away" not in repr(found)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sql": ["SELECT 1"]}, "2 questions, but 1 queries"),
        ({"question": [], "sql": []}, "0 turns"),
        ({"sql": ["SELECT 1", None]}, "field 'sql': None, need a text"),
        ({"question": "How many?"}, "field 'question' is str, need list"),
        ({"random_split": "later"}, "random_split is 'later'"),
        ({"id": None}, "field 'id' is NoneType"),
    ],
)
def test_a_broken_record_says_why(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    broken, whole = read(tmp_path, record(**changes), record(id="s2"))
    assert isinstance(broken, Rejection)
    assert message in broken.detail
    assert isinstance(whole, Published)


def test_every_turn_is_answered(tmp_path: Path) -> None:
    (published,) = read(tmp_path, record())
    assert isinstance(published, Published)
    db = hospital()
    found = answer_question(published, db, PublisherOptions(current_time=NOW))
    assert isinstance(found, Question)
    (stays,) = db.execute("select count(*) from admissions").fetchone()
    (orders,) = db.execute("select count(*) + 100 from prescriptions").fetchone()
    assert [found.expected, *(one.expected for one in found.follow_ups)] == [stays, orders]


def test_a_turn_without_an_answer_rejects_the_dialogue(tmp_path: Path) -> None:
    (published,) = read(tmp_path, record(sql=["SELECT COUNT(*) FROM admissions", AGES.format(0)]))
    assert isinstance(published, Published)
    found = answer_question(published, hospital(), PublisherOptions(current_time=NOW))
    assert isinstance(found, Rejection)
    assert (found.code, found.detail) == ("empty_answer", "turn 2: no rows")


@pytest.mark.parametrize("content", ["{}", "[", ""])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "data.json").write_text(content)
    with pytest.raises(SourceError):
        read_ehr_seqsql(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"need EHR-SeqSQL's data\.json"):
        read_ehr_seqsql(tmp_path)
