"""MIMICSQL files are read with their traps handled, and answered on this database."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from taskkit.build.rejection import Rejection
from taskkit.errors import SourceError
from taskkit.sql.publishing import questions
from taskkit.sql.questions.mimicsql import HOW_MANY, mended, read_mimicsql
from taskkit.sql.questions.published import MalformedRecordError, Published
from taskkit.sql.questions.publisher import PublisherOptions, answer_question
from taskkit.sql.questions.question import Question

SCHEMA = Path(__file__).parents[3] / "domains" / "treqs" / "schema.sql"
COUNT = (
    'SELECT COUNT ( DISTINCT DEMOGRAPHIC."SUBJECT_ID" ) FROM DEMOGRAPHIC INNER JOIN DIAGNOSES on '
    "DEMOGRAPHIC.HADM_ID = DIAGNOSES.HADM_ID WHERE {}"
)
OPTIONS = PublisherOptions(current_time="2105-12-31 23:59:00")


def record(sql: str, text: str = "how many patients are there?", key: str = "k1") -> dict[str, str]:
    return {"key": key, "sql": sql, "question_refine": text}


def write(path: Path, *records: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    return path


def only(path: Path) -> Published:
    (found,) = read_mimicsql(path)
    assert isinstance(found, Published)
    return found


@pytest.fixture
def db() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA.read_text())
    for n in range(1, 4):
        connection.execute(
            "insert into demographic values (?, ?, ?, 'MARRIED', ?, '2040-01-01', 'F', 'ENGL',"
            " 'OTHER', 'EMERGENCY', 3, 'Self Pay', 'WHITE', 0, 'CLINIC', 'HOME', 'ACIDOSIS', null,"
            " 2040, null, '2100-01-01 00:00:00', '2100-01-04 00:00:00', 2100)",
            (n, 10 + n, f"Name {n}", 50 + n),
        )
        connection.execute(
            "insert into diagnoses values (?, ?, '3310', 'Alzheimer''s', 'Alzheimer''s disease')",
            (n, 10 + n),
        )
    return connection


def test_texts_in_double_quotes_become_texts() -> None:
    sql = mended(COUNT.format('DIAGNOSES."LONG_TITLE" = "Alzheimer\'s disease"'))
    assert sql.endswith("WHERE diagnoses.long_title = 'Alzheimer''s disease'")
    assert '"' not in sql


def test_a_quote_within_a_text_stays_in_it() -> None:
    sql = mended(
        COUNT.format('DIAGNOSES."SHORT_TITLE" = "so-called "x"" AND DEMOGRAPHIC.AGE < "9"')
    )
    assert sql.endswith("diagnoses.short_title = 'so-called \"x\"' AND demographic.age < 9")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('DEMOGRAPHIC."AGE" < "83"', "demographic.age < 83"),
        ('DEMOGRAPHIC."DOD_YEAR" <= "2131.0"', "demographic.dod_year <= 2131"),
        ('DIAGNOSES."ICD9_CODE" = "0010"', "diagnoses.icd9_code = '0010'"),
    ],
)
def test_numbers_are_numbers_and_codes_are_texts(condition: str, expected: str) -> None:
    assert mended(COUNT.format(condition)).endswith(f"WHERE {expected}")


@pytest.mark.parametrize("sql", ["SELECT (", 'SELECT "A" FROM LAB', "SELECT age FROM demographic"])
def test_what_is_no_query_of_theirs_is_refused(sql: str) -> None:
    with pytest.raises(MalformedRecordError):
        mended(sql)


def test_the_three_phrasings_have_records_of_their_own(tmp_path: Path) -> None:
    sql = COUNT.format('DEMOGRAPHIC."GENDER" = "F"')
    for version in ("mimicsql_template", "mimicsql_natural", "mimicsql_natural_v2"):
        write(tmp_path / version / "dev.json", record(sql, f"how many, in {version}?"))
    found = [one for one in read_mimicsql(tmp_path) if isinstance(one, Published)]
    assert len({one.record for one in found}) == 3
    assert all(one.record.startswith("k1-") for one in found)
    assert {one.split for one in found} == {"valid"}


def test_a_record_is_the_same_whatever_its_file_and_folder_are_called(tmp_path: Path) -> None:
    sql = COUNT.format('DEMOGRAPHIC."GENDER" = "F"')
    places = ("mimicsql_natural/dev.json", "copy/renamed_dev.json", "copy/unnamed.json")
    one, other, third = (only(write(tmp_path / place, record(sql))) for place in places)
    assert (one.record, one.sha256) == (other.record, other.sha256) == (third.record, third.sha256)
    assert (one.split, other.split) == ("valid", "valid")


def test_a_question_that_asks_who_is_told_to_count(tmp_path: Path) -> None:
    sql = COUNT.format('DEMOGRAPHIC."GENDER" = "F"')
    asked = only(write(tmp_path / "dev.json", record(sql, "which patients are women?")))
    assert asked.text == f"which patients are women? {HOW_MANY}"


def test_a_broken_line_is_a_rejection_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path / "dev.json", record(COUNT.format('DEMOGRAPHIC."AGE" < "9"')))
    path.write_text(path.read_text() + "{broken\n" + json.dumps({"key": "k2"}) + "\n")
    found = read_mimicsql(path)
    assert [one.code for one in found if isinstance(one, Rejection)] == ["malformed_record"] * 2


@pytest.mark.parametrize("content", ["", "nothing\n", "[1]\n"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "dev.json").write_text(content)
    with pytest.raises(SourceError, match="no JSON object on any line"):
        read_mimicsql(tmp_path / "dev.json")


def test_a_folder_without_question_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"need train\.json, dev\.json or test\.json"):
        read_mimicsql(tmp_path)


@pytest.mark.parametrize("value", ["Alzheimer's disease", "alzheimer's disease"])
def test_the_case_of_a_value_is_that_of_the_database(
    tmp_path: Path, db: sqlite3.Connection, value: str
) -> None:
    sql = COUNT.format(f'DIAGNOSES."LONG_TITLE" = "{value}" AND DEMOGRAPHIC."AGE" < "53"')
    found = answer_question(only(write(tmp_path / "dev.json", record(sql))), db, OPTIONS)
    assert isinstance(found, Question)
    assert found.expected == 2
    assert "'Alzheimer''s disease'" in str(found.sql)


def test_a_value_that_is_not_there_is_replaced_where_asked(
    tmp_path: Path, db: sqlite3.Connection
) -> None:
    sql = COUNT.format('DIAGNOSES."LONG_TITLE" = "Cholera"')
    asked = only(write(tmp_path / "dev.json", record(sql, "how many patients have cholera?")))
    assert isinstance(answer_question(asked, db, OPTIONS), Rejection)
    other = PublisherOptions(current_time=OPTIONS.current_time, reground=True)
    found = answer_question(asked, db, other)
    assert isinstance(found, Question)
    assert (found.text, found.expected) == ("how many patients have Alzheimer's disease?", 3)


def test_records_of_one_form_are_asked_about_other_values_each(
    tmp_path: Path, db: sqlite3.Connection
) -> None:
    for n in range(4, 14):
        rest = db.execute("select * from demographic where subject_id = 1").fetchone()[3:]
        places = ", ".join("?" * (3 + len(rest)))
        db.execute(f"insert into demographic values ({places})", (n, 10 + n, f"Name {n}", *rest))
        for code, name in enumerate(("Acidosis", "Gout", "Scurvy")):
            title = (n, 10 + n, f"{code}", name, name)
            db.execute("insert into diagnoses values (?, ?, ?, ?, ?)", title)
    texts = ("Cholera", "Typhoid", "Botulism")
    asked = [
        only(
            write(
                tmp_path / f"{text}_dev.json",
                record(
                    COUNT.format(f'DIAGNOSES."LONG_TITLE" = "{text}"'), f"how many have {text}?"
                ),
            )
        )
        for text in texts
    ]
    site = SimpleNamespace(
        connection=db, sift=False, options=replace(OPTIONS, reground=True), trials=None
    )
    found = [one for one in questions(cast(Any, site), asked) if isinstance(one, Question)]
    assert len({one.text for one in found}) == 3
